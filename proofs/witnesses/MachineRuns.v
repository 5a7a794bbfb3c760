(* SPDX-License-Identifier: Apache-2.0 *)
(* Runs of a machine's numbers, for witnesses: the number nearest to a real one, and a lane's run
   from inputs that are nearest to given ones.

   - [nearest_number_value], [nearest_number_close], [nearest_number_within]: it is finite and within
     u of a normal number;
   - [machine_steps]: what a lane keeps follows its term, all else is nearest to what is given;
   - [given_machine], [given_rule]: such a run in binary32, from inputs between 0 and 1 that stay,
     and the exact run beside it, with what the theorems of runs ask of the two. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Formats Runs Overflow.
From TruestepRules Require Import GivenRuns SingleSteps.
Open Scope string_scope.
Open Scope R_scope.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Notation exponent := (FLT_exp emin p).
Notation nearest := (round radix2 exponent ZnearestE).
Notation number := (binary_float p emax).

Definition nearest_number (x : R) : number :=
  binary_normalize p emax positive below mode_NE
    (Ztrunc (scaled_mantissa radix2 exponent (nearest x))) (cexp radix2 exponent (nearest x)) false.

Theorem nearest_number_value x :
  Rabs (nearest x) < bpow radix2 emax ->
  is_finite (nearest_number x) = true /\ B2R (nearest_number x) = nearest x.
Proof.
  intro H. unfold nearest_number.
  assert (F : generic_format radix2 exponent (nearest x))
    by (apply generic_format_round; auto with typeclass_instances).
  assert (C := binary_normalize_correct p emax positive below mode_NE
    (Ztrunc (scaled_mantissa radix2 exponent (nearest x))) (cexp radix2 exponent (nearest x))
      false).
  rewrite <- F in C.
  change (SpecFloat.fexp p emax) with exponent in C.
  cbv zeta in C. rewrite (round_generic radix2 exponent (round_mode mode_NE) (nearest x)) in C
    by exact F.
  rewrite Rlt_bool_true in C by exact H. tauto.
Qed.

Theorem nearest_number_close x :
  x = 0 \/ bpow radix2 (emin + p - 1) <= Rabs x -> 2 * Rabs x < bpow radix2 emax ->
  is_finite (nearest_number x) = true
  /\ Rabs (B2R (nearest_number x) - x) <= kappa * bpow radix2 (- p) * Rabs x.
Proof.
  intros N L. assert (u0 := bpow_gt_0 radix2 (- p)). assert (X := Rabs_pos x).
  assert (small : bpow radix2 (- p) <= 1)
    by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (E : Rabs (nearest x - x) <= bpow radix2 (- p) * Rabs x)
    by (apply (relative_error_of_format p emax positive); left; exact N).
  destruct (nearest_number_value x) as [F V].
  - eapply Rle_lt_trans; [| exact L]. generalize (Rabs_near _ _ _ _ (Rle_refl (Rabs x)) E). nra.
  - split; [exact F |]. rewrite V. unfold kappa. nra.
Qed.

Theorem nearest_number_within x :
  0 <= x -> x = 0 \/ bpow radix2 (emin + p - 1) <= x -> 2 * x < bpow radix2 emax ->
  is_finite (nearest_number x) = true
  /\ Rabs (B2R (nearest_number x) - x) <= kappa * bpow radix2 (- p) * x.
Proof.
  intros X N L. rewrite <- (Rabs_pos_eq x) in N at 2 by exact X.
  rewrite <- (Rabs_pos_eq x) in L by exact X. rewrite <- (Rabs_pos_eq x) at 4 by exact X.
  now apply nearest_number_close.
Qed.

Fixpoint machine_steps (kept : list (string * expression)) (given : run) (t : nat)
    : string -> number := fun x =>
  match t, term_of kept x with
  | S t, Some e => ieee p emax positive below (machine_steps kept given t) e
  | _, _ => nearest_number (given t x)
  end.

Lemma machine_steps_given kept given t x :
  term_of kept x = None -> machine_steps kept given t x = nearest_number (given t x).
Proof. intro H. destruct t; simpl; now rewrite ?H. Qed.

Lemma machine_steps_kept kept given t x e :
  term_of kept x = Some e ->
  machine_steps kept given (S t) x = ieee p emax positive below (machine_steps kept given t) e.
Proof. intro H. simpl. now rewrite H. Qed.

End Format.

Section Given.

Variables (kept : list (string * expression)) (start : environment).
Hypothesis range : forall x, 0 <= start x <= 1 /\ (start x = 0 \/ / 10 ^ 9 <= start x).

Definition given_machine : nat -> string -> single :=
  machine_steps 24 128 eq_refl eq_refl kept (fun _ => start).

Let stored t x := B2R (given_machine t x).

(* The rule from the same theta, with the same gradients. *)
Definition given_rule : run :=
  steps exact kept (fun x =>
    if String.eqb x "gradient" then stored O x else if String.eqb x "theta" then stored O x
    else start x).

Lemma given_input t x :
  t = O \/ term_of kept x = None ->
  is_finite (given_machine t x) = true /\ Rabs (stored t x - start x) <= kappa * u * start x.
Proof.
  intro H. unfold stored. replace (given_machine t x)
    with (nearest_number 24 128 eq_refl eq_refl (start x)).
  - destruct (range x) as (R & N).
    apply nearest_number_within; [easy | destruct N as [N | N]; [now left | right] |].
    + eapply Rle_trans; [| exact N]. simpl. lra.
    + eapply Rle_lt_trans with 2; simpl; lra.
  - destruct H as [-> | H]; [reflexivity |]. symmetry. now apply machine_steps_given.
Qed.

Lemma given_machine_follows : machine_follows 24 128 eq_refl eq_refl kept given_machine.
Proof.
  split; [intros i x H; now apply given_input |]. intros i x e H. now apply machine_steps_kept.
Qed.

Lemma given_stays t x : term_of kept x = None -> stored t x = stored O x.
Proof. intro N. unfold stored, given_machine. now rewrite !machine_steps_given. Qed.

Lemma given_constant x c :
  term_of kept x = None -> found kept x = None -> x <> "gradient" -> x <> "theta" -> start x = c ->
  constant_within u c (stored O x) x stored given_rule.
Proof.
  intros N M X1 X2 C. split; [| split; [rewrite <- C; apply range |]].
  - intro t. split; [| now apply given_stays]. unfold given_rule. rewrite steps_keep by exact M.
    now rewrite (proj2 (String.eqb_neq _ _) X1), (proj2 (String.eqb_neq _ _) X2).
  - rewrite <- C. apply given_input. now left.
Qed.

Lemma given_starts x c :
  x <> "gradient" -> x <> "theta" -> start x = c ->
  starts_within u c (stored O x) x stored given_rule.
Proof.
  intros X1 X2 C. split; [split; [| reflexivity] |].
  - unfold given_rule. simpl.
    now rewrite (proj2 (String.eqb_neq _ _) X1), (proj2 (String.eqb_neq _ _) X2).
  - rewrite <- C. split; [apply range |]. apply given_input. now left.
Qed.

Lemma given_size x : Rabs (stored O x) <= 2.
Proof.
  destruct (range x) as (R & _). assert (W := proj2 (given_input O x (or_introl eq_refl))).
  assert (A : Rabs (start x) <= 1) by (rewrite Rabs_pos_eq; lra).
  assert (S := Rabs_near _ _ _ _ A W).
  assert (K : 0 <= kappa * u <= 1) by (rewrite u_value; unfold kappa; lra). nra.
Qed.

Lemma given_weight x : start x <= 9 / 10 -> 0 <= stored O x <= 1.
Proof.
  intro L. destruct (range x) as (R & _).
  assert (W := proj2 (given_input O x (or_introl eq_refl))). apply Rabs_le_inv in W.
  assert (K : 0 <= kappa * u <= / 10) by (rewrite u_value; unfold kappa; lra). nra.
Qed.

Lemma given_zero x : start x = 0 -> stored O x = 0.
Proof.
  intro Z. assert (W := proj2 (given_input O x (or_introl eq_refl))).
  rewrite Z, Rminus_0_r, Rmult_0_r in W. revert W. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma given_gradients :
  term_of kept "gradient" = None -> found kept "gradient" = None ->
  same_gradients 2 stored given_rule.
Proof.
  intros N M i. assert (same : given_rule i "gradient" = stored O "gradient")
    by (unfold given_rule; now rewrite steps_keep by exact M).
  rewrite same. split; [now apply given_stays | apply given_size].
Qed.

Lemma given_rule_follows x e : found kept x = Some e -> follows exact x e given_rule.
Proof. apply steps_follow. Qed.

Lemma given_rule_from_zero x e :
  found kept x = Some e -> x <> "gradient" -> x <> "theta" -> start x = 0 ->
  follows_from_zero exact x e given_rule.
Proof.
  intros H X1 X2 Z. split; [| now apply steps_follow]. unfold given_rule. simpl.
  now rewrite (proj2 (String.eqb_neq _ _) X1), (proj2 (String.eqb_neq _ _) X2).
Qed.

End Given.

(* Inputs by name, each between 10^-9 and 1. *)
Ltac inputs_in_range start :=
  intro x; unfold start, given; simpl found; repeat (case String.eqb; [lra |]); lra.

(* Shows one hypothesis of a theorem on such a run. *)
Ltac given_shown range :=
  first
    [ now apply (given_machine_follows _ _ range)
    | now apply (given_zero _ _ range)
    | apply (given_constant _ _ range); easy
    | apply (given_starts _ _ range); easy
    | now apply (given_gradients _ _ range)
    | now apply given_rule_from_zero
    | now apply given_rule_follows
    | reflexivity ].
