(* SPDX-License-Identifier: Apache-2.0 *)
(* One step in IEEE arithmetic: what a theorem on one step supposes of it can be computed. *)

From Coq Require Import SpecFloat.
Require Import Reals QArith Qreals Bool String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats.
From TruestepRules Require Import GivenRuns.
Open Scope string_scope.
Open Scope R_scope.

Notation single := (binary_float 24 128).
Notation in_single := (ieee 24 128 eq_refl eq_refl).

(* 2^-126, the smallest normal number. *)
Definition normal_number (m : positive) (e : Z)
    (valid : valid_binary 24 128 (S754_finite false m e) = true) : single :=
  SF2B (S754_finite false m e) valid.

Definition smallest_normal : single := normal_number 8388608 (- (149)) eq_refl.

Definition is_large (x : single) : bool := is_finite x && Bltb smallest_normal (Babs x).

Fixpoint is_normal_throughout (f : string -> single) (e : expression) : bool :=
  match e with
  | Var x => is_finite (f x)
  | Neg a => is_normal_throughout f a
  | Add a b | Sub a b =>
      is_normal_throughout f a && is_normal_throughout f b && is_finite (in_single f e)
  | Mul a b | Div a b | Decay a b =>
      is_normal_throughout f a && is_normal_throughout f b && is_large (in_single f e)
  | Sqrt a => is_normal_throughout f a && is_large (in_single f e)
  | Fma a b c =>
      is_normal_throughout f a && is_normal_throughout f b && is_normal_throughout f c
      && is_large (in_single f e)
  | _ => false
  end.

Lemma finite_by_computation f e :
  is_normal_throughout f e = true -> finite_throughout 24 128 eq_refl eq_refl f e.
Proof.
  assert (head : forall a, finite_throughout 24 128 eq_refl eq_refl f a ->
                 is_finite (in_single f a) = true) by (intros []; simpl; tauto).
  assert (large : forall x, is_large x = true -> is_finite x = true)
    by (intros x; unfold is_large; rewrite andb_true_iff; tauto).
  induction e; simpl; rewrite ?andb_true_iff; intros H;
    repeat match goal with H : _ /\ _ |- _ => destruct H end; try discriminate; auto.
  rewrite is_finite_Bopp; auto.
Qed.

Lemma large_is_normal (z : single) x :
  is_large z = true ->
  B2R z = round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE x -> normal_or_zero 24 128 x.
Proof.
  unfold is_large; rewrite andb_true_iff; intros [F L] E; right.
  rewrite Bltb_correct in L by (try rewrite is_finite_Babs; easy).
  rewrite B2R_Babs in L; revert L; case Rlt_bool_spec; [intros L _|easy].
  assert (S : B2R smallest_normal = bpow radix2 (3 - 128 - 24 + 24 - 1))
    by (unfold smallest_normal, normal_number; rewrite B2R_SF2B; unfold SF2R, F2R; simpl; lra).
  rewrite S, E in L; apply Rnot_lt_le; intros small.
  apply (Rlt_irrefl (bpow radix2 (3 - 128 - 24 + 24 - 1))), (Rlt_le_trans _ _ _ L).
  assert (Valid_exp (FLT_exp (3 - 128 - 24) 24)) by now apply FLT_exp_valid.
  apply abs_round_le_generic; auto with typeclass_instances; try (now apply Rlt_le).
  apply generic_format_bpow; unfold FLT_exp; simpl; lia.
Qed.

Lemma no_underflow_by_computation f e :
  is_normal_throughout f e = true -> no_underflow 24 128 (fun x => B2R (f x)) e.
Proof.
  intros N; assert (V := fun a (H : is_normal_throughout f a = true) =>
    ieee_value 24 128 eq_refl eq_refl f a (finite_by_computation f a H)).
  revert N; induction e; intros N; assert (E := V _ N); simpl in N, E |- *;
    rewrite ?andb_true_iff in N; repeat match goal with H : _ /\ _ |- _ => destruct H end;
    try discriminate; repeat split; auto; eapply large_is_normal; eassumption.
Qed.

(* Inputs as they are stored, by name; what has no name is 0. *)
Definition stored_singles (named : list (string * single)) : string -> single := fun x =>
  match found named x with Some z => z | None => B754_zero false end.

(* Shows that the stored inputs represent the exact ones, a case for each name. *)
Ltac represented singles reals kinds :=
  refine (_ : represents binary32 kinds (fun x => B2R (singles x)) reals); intros x; unfold singles, reals, stored_singles, given, kinds, inputs; simpl found;
  repeat match goal with |- context [String.eqb x ?y] =>
    destruct (String.eqb_spec x y) as [->|?]; simpl String.eqb end; simpl;
    unfold normal_number; rewrite ?B2R_SF2B; unfold SF2R, F2R; simpl;
    fold (coefficient_rounding 24); rewrite ?Q2R_coefficient_rounding;
    try rewrite (Q2R_decay_rounding 24); simpl bpow;
    repeat match goal with |- context [Z.pow_pos ?a ?b] =>
      let v := eval vm_compute in (Z.pow_pos a b) in change (Z.pow_pos a b) with v end.

Ltac represented_numbers :=
  rewrite ?(Rabs_pos_eq (_ / _)), ?RMicromega.Q2R_0, ?Rabs_R0, ?Rabs_R1 by lra;
  repeat split; try lra; try (apply Rabs_le; lra).
