(* SPDX-License-Identifier: Apache-2.0 *)
(* Runs of a machine's numbers, for witnesses: the number nearest to a real one, and a lane's run
   from inputs that are nearest to given ones.

   - [nearest_number_value], [nearest_number_within]: it is finite and within u of a normal number;
   - [machine_steps]: what a lane keeps follows its term, all else is nearest to what is given. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Formats Runs Overflow.
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

Theorem nearest_number_within x :
  0 <= x -> x = 0 \/ bpow radix2 (emin + p - 1) <= x -> 2 * x < bpow radix2 emax ->
  is_finite (nearest_number x) = true
  /\ Rabs (B2R (nearest_number x) - x) <= kappa * bpow radix2 (- p) * x.
Proof.
  intros X N L. assert (u0 := bpow_gt_0 radix2 (- p)).
  assert (small : bpow radix2 (- p) <= 1)
    by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (E : Rabs (nearest x - x) <= bpow radix2 (- p) * x).
  { rewrite <- (Rabs_pos_eq x) at 3 by easy. apply (relative_error_of_format p emax positive). left.
    destruct N as [-> | N]; [now left | right]. rewrite Rabs_pos_eq by easy. exact N. }
  destruct (nearest_number_value x) as [F V].
  - eapply Rle_lt_trans; [| exact L].
    assert (S : Rabs x <= x) by (rewrite Rabs_pos_eq; lra).
    generalize (Rabs_near _ _ _ _ S E). nra.
  - split; [exact F |]. rewrite V. unfold kappa. nra.
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
