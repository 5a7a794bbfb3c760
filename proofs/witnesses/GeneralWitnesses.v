(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems about no rule can hold: on coefficients, on what stands still, and
   on sums in any order. The radius of a step has its witness in the file of a rule. *)

Require Import Reals ZArith String List Psatz Lia.
From Coq Require Import SpecFloat.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Means Stagnation AnyOrder.
From Truestep Require DoubleDouble Coefficients.
From TruestepRules Require Import GivenRuns SingleSteps.
Open Scope R_scope.

(* 1 - beta2^1000 as it is computed, for the double nearest to 0.999. *)

Definition double_beta2 : R := IZR 8998192055486251 / IZR (2 ^ 53).

Theorem correction_can_be_computed :
  let x := Coefficients.one_minus_power DoubleDouble.doubled DoubleDouble.added
             (DoubleDouble.complement double_beta2) 1000 in
  DoubleDouble.normal x
  /\ Coefficients.close (/ 2 ^ 95) (DoubleDouble.value x) (1 - double_beta2 ^ Pos.to_nat 1000).
Proof.
  apply (DoubleDouble.one_minus_power_within double_beta2 1000); [|unfold double_beta2; lra|easy].
  apply generic_format_FLT; exists (Float radix2 8998192055486251 (- (53))); [|easy|easy].
  unfold double_beta2, F2R; simpl; lra.
Qed.

(* In bfloat16 an update of 0.001 leaves 1 as it is, and so does a decay by 0.001. *)

Definition bfloat16_nearest : R -> R := round radix2 (FLT_exp (- (133)) 8) ZnearestE.

Lemma one_in_bfloat16 : generic_format radix2 (FLT_exp (- (133)) 8) 1.
Proof. now apply (generic_format_bpow radix2 (FLT_exp (- (133)) 8) 0). Qed.

Theorem update_can_be_lost : bfloat16_nearest (1 - 1 / 1000) = 1.
Proof.
  apply (small_update_is_lost (- (133)) 8 (positive := eq_refl)); [exact one_in_bfloat16|].
  rewrite Rabs_R1, Rabs_pos_eq; simpl; lra.
Qed.

Theorem weight_can_be_too_small : bfloat16_nearest ((1 - 1 / 1000) * 1) = 1.
Proof.
  apply (small_weight_never_decays (- (133)) 8 (positive := eq_refl)); [exact one_in_bfloat16|].
  rewrite Rabs_pos_eq; simpl; lra.
Qed.

Theorem square_can_be_lost : bfloat16_nearest (1 / 32 * (1 / 32) + 1) = 1.
Proof.
  apply (small_square_is_lost (- (133)) 8 (positive := eq_refl)); [exact one_in_bfloat16|lra|].
  simpl; lra.
Qed.

(* In binary32 the smallest subnormal number does not decay to zero. *)

Fixpoint kept_square (t : nat) : R :=
  match t with
  | O => bpow radix2 (- (149))
  | S t => second_moment binary32_nearest (1 / 1000) (kept_square t) 0
  end.

Theorem mean_can_stop t : kept_square t = bpow radix2 (- (149)).
Proof.
  apply (second_moment_stops (- (149)) 24 (positive := eq_refl) (fun z => negb (Z.even z))
           (1 / 1000) kept_square); [..|reflexivity].
  - now apply (generic_format_bpow radix2 (FLT_exp (- (149)) 24)).
  - change (bpow radix2 (- (149) - 1)) with (bpow radix2 (- (150))).
    assert (half := half_bpow (- (150))); change (- (150) + 1)%Z with (- (149))%Z in half.
    assert (0 < bpow radix2 (- (149))) by apply bpow_gt_0.
    cbn [kept_square]; rewrite Rabs_pos_eq; lra.
Qed.

(* A counter in bfloat16. *)

Fixpoint count (t : nat) : R :=
  match t with O => 0 | S t => bfloat16_nearest (count t + 1) end.

Theorem counter_can_stick t : count t = IZR (Z.min (Z.of_nat t) 256).
Proof. now apply bfloat16_counter. Qed.

(* 1 and three numbers just below half a unit in its last place: added one by one each is lost. So a
   term may meet three roundings where the formula adds the sum of the three to it, and two of its
   size are too few. *)

Open Scope string_scope.

Definition at_once : expression := Add (Var "x") (Add (Var "a") (Add (Var "b") (Var "c"))).
Definition one_by_one : expression := Add (Add (Add (Var "x") (Var "a")) (Var "b")) (Var "c").

Lemma orders_of_one_sum : same_polynomial at_once one_by_one.
Proof. apply same_back. eapply same_chain; apply sum_grouped. Qed.

Definition lost_number : single := normal_number 16252928 (- (48)) eq_refl.
Definition numbers_of_a_sum : string -> single :=
  stored_singles (("x", normal_number 8388608 (- (23)) eq_refl) :: ("a", lost_number)
                  :: ("b", lost_number) :: ("c", lost_number) :: nil).

Theorem order_of_a_sum_can_be_bounded f :
  Rabs (rounded unbounded_nearest f one_by_one - exact f at_once)
  <= ((1 + u) ^ 3 - 1) * terms_size f at_once.
Proof.
  apply (any_order_within u unbounded_nearest f at_once one_by_one 3 unbounded_rounds
    orders_of_one_sum); [simpl; tauto | simpl; lia].
Qed.

Theorem two_roundings_are_too_few :
  let f x := B2R (numbers_of_a_sum x) in
  29 / 10 * u * terms_size f at_once
  < Rabs (rounded binary32_nearest f one_by_one - exact f at_once).
Proof.
  intro f.
  assert (V : rounded binary32_nearest f one_by_one = 1).
  { assert (E := ieee_value 24 128 eq_refl eq_refl numbers_of_a_sum one_by_one).
    change (rounded binary32_nearest f one_by_one)
      with (rounded (round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE)
              (fun x => B2R (numbers_of_a_sum x)) one_by_one).
    rewrite <- E.
    - rewrite <- SF2R_B2SF.
      replace (B2SF (in_single numbers_of_a_sum one_by_one)) with (S754_finite false 8388608 (- (23)))
        by (vm_compute; reflexivity).
      unfold SF2R, F2R. simpl. lra.
    - apply finite_by_computation. vm_compute. reflexivity. }
  rewrite V.
  assert (A : forall x, x = "a" \/ x = "b" \/ x = "c" -> f x = 31 / 2 ^ 29).
  { intros x H. replace (f x) with (B2R lost_number).
    - unfold lost_number, normal_number. rewrite B2R_SF2B. unfold SF2R, F2R. simpl. lra.
    - destruct H as [-> | [-> | ->]]; reflexivity. }
  assert (X : f "x" = 1).
  { change (f "x") with (B2R (normal_number 8388608 (- (23)) eq_refl)). unfold normal_number.
    rewrite B2R_SF2B. unfold SF2R, F2R. simpl. lra. }
  simpl. rewrite X, !A by tauto. rewrite u_value.
  rewrite (Rabs_pos_eq 1), (Rabs_pos_eq (31 / _)) by lra.
  rewrite Rabs_left; lra.
Qed.
