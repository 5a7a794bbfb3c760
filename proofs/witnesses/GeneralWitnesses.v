(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems about no rule can hold: on coefficients, and on what stands still.
   Sums in any order have theirs in OrderWitnesses.v, the radius of a step in the file of a rule. *)

Require Import Reals ZArith String List Psatz Lia.
From Coq Require Import SpecFloat.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Means Stagnation.
From Truestep Require DoubleDouble Coefficients SquareRoot RecordedFormulas.
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

(* The root of 1 off the divider, from a lowered seed of 1 - 2^-13. *)

Theorem root_can_be_made :
  let nearest := round radix2 (FLX_exp 24) ZnearestE in
  let g := nearest (1 * (1 - / 2 ^ 13)) in
  SquareRoot.root_by_one_test 24 1 (g + nearest (1 - g * g) * ((1 - / 2 ^ 13) / 2)) = 1.
Proof.
  intros nearest g.
  assert (one : generic_format radix2 (FLX_exp 24) 1)
    by now apply (generic_format_bpow radix2 (FLX_exp 24) 0).
  assert (R := SquareRoot.square_root_of_14_bits 1 (1 - / 2 ^ 13) (/ 2 ^ 13) one).
  rewrite sqrt_1, (round_generic radix2 (FLX_exp 24) ZnearestE 1 one) in R.
  apply R; simpl; lra.
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

(* What the pages' [lanes_are_the_formulas] ask of a lane's inputs are numbers for distinct names, and
   any such can be given. *)
Theorem inputs_can_be_given (inputs : list (string * R)) :
  NoDup (map fst inputs) ->
  forall name value, In (name, value) inputs -> RecordedFormulas.given inputs name = value.
Proof.
  induction inputs as [| [other its] inputs IH]; intros D name value I; [easy |].
  inversion D as [| other' inputs' Other D' E]; subst. simpl.
  destruct I as [I | I].
  - injection I as -> ->. now rewrite String.eqb_refl.
  - destruct (String.eqb_spec name other) as [-> |].
    + now destruct Other; apply (in_map fst) in I.
    + now apply IH.
Qed.
