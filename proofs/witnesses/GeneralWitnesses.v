(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems about no rule can hold: on coefficients, and on what stands still.
   Sums in any order have theirs in OrderWitnesses.v, the radius of a step in the file of a rule. *)

Require Import Reals ZArith String List Psatz Lia.
From Coq Require Import SpecFloat.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression RunningError Formats Rounding Means Stagnation.
From Truestep Require Import RecordedRoots RecordedFormulas.
From Truestep Require DoubleDouble Coefficients SquareRoot.
From TruestepGenerated Require Import NumberOperations.
From TruestepRules Require Import GivenRuns SingleSteps.
Open Scope R_scope.

(* 1 - beta2^1000 as it is computed, for the double nearest to 0.999. *)

Definition double_beta2 : R := IZR 8998192055486251 / IZR (2 ^ 53).

Lemma double_beta2_format : generic_format radix2 (FLT_exp (-1074) 53) double_beta2.
Proof.
  apply generic_format_FLT; exists (Float radix2 8998192055486251 (- (53))); [|easy|easy].
  unfold double_beta2, F2R; simpl; lra.
Qed.

Theorem correction_can_be_computed :
  let x := Coefficients.one_minus_power DoubleDouble.doubled DoubleDouble.added
             (DoubleDouble.complement double_beta2) 1000 in
  DoubleDouble.normal x
  /\ Coefficients.close (/ 2 ^ 95) (DoubleDouble.value x) (1 - double_beta2 ^ Pos.to_nat 1000).
Proof.
  apply (DoubleDouble.one_minus_power_within double_beta2 1000);
    [exact double_beta2_format|unfold double_beta2; lra|easy].
Qed.

Theorem product_and_sum_can_be_computed :
  let x := DoubleDouble.single double_beta2 in
  Coefficients.close (/ 2 ^ 102) (DoubleDouble.value (DoubleDouble.product x x))
    (double_beta2 * double_beta2)
  /\ Coefficients.close (/ 2 ^ 104) (DoubleDouble.value (DoubleDouble.sum x x))
       (double_beta2 + double_beta2).
Proof.
  intro x.
  assert (V : DoubleDouble.value x = double_beta2)
    by (unfold DoubleDouble.value; simpl; ring).
  assert (N : DoubleDouble.normal x)
    by exact (DoubleDouble.single_normal double_beta2 double_beta2_format).
  assert (R : / 2 <= double_beta2 <= 1) by (unfold double_beta2; lra).
  rewrite <- V in *. split.
  - apply (DoubleDouble.product_of_two_within x x); auto; lra.
  - apply (DoubleDouble.sum_of_two_within x x); auto; lra.
Qed.

(* The root of 4 off the divider, from seeds that are off by 2^-15. *)

Lemma sum_of_powers_in_format (emin prec i j : Z) :
  (0 < prec)%Z -> (emin <= j <= i)%Z -> (i - j < prec - 1)%Z ->
  generic_format radix2 (FLT_exp emin prec) (bpow radix2 i + bpow radix2 j).
Proof.
  intros P [E J] I. apply generic_format_FLT.
  exists (Float radix2 (2 ^ (i - j) + 1) j); [| | exact E].
  - unfold F2R. cbn [Fnum Fexp]. rewrite plus_IZR, (IZR_Zpower radix2) by lia.
    rewrite Rmult_plus_distr_r, <- bpow_plus. replace (i - j + j)%Z with i by lia. ring.
  - cbn [Fnum]. assert (0 < 2 ^ (i - j))%Z by (apply Z.pow_pos_nonneg; lia).
    rewrite Z.abs_eq by lia. apply Z.lt_le_trans with (2 ^ (i - j + 1) + 1)%Z.
    + rewrite Z.pow_add_r by lia. change (2 ^ 1)%Z with 2%Z. lia.
    + assert (2 ^ (i - j + 1) < 2 ^ prec)%Z by (apply Z.pow_lt_mono_r; lia).
      change (radix_val radix2) with 2%Z. lia.
Qed.

Theorem roots_can_be_made :
  let t := / 2 + / 2 ^ 16 in
  off_divider binary32 root_of_14_bits_binary32_below root_of_14_bits_binary32_test 4 t = 2 /\
  off_divider binary32 root_of_11_bits_binary32_below root_of_11_bits_binary32_test 4 t = 2 /\
  off_divider binary64 root_of_14_bits_binary64_below root_of_14_bits_binary64_test 4 t = 2 /\
  off_divider binary64 root_of_11_bits_binary64_below root_of_11_bits_binary64_test 4 t = 2.
Proof.
  intro t.
  assert (E : t = bpow radix2 (- (1)) + bpow radix2 (- (16))) by (unfold t; simpl; lra).
  assert (root : sqrt 4 = 2) by (replace 4 with (2 * 2) by ring; apply sqrt_square; lra).
  assert (near : forall eps, / 2 ^ 15 <= eps -> Rabs (t * sqrt 4 - 1) <= eps).
  { intros eps H. rewrite root. replace (t * 2 - 1) with (/ 2 ^ 15) by (unfold t; field).
    rewrite Rabs_pos_eq; lra. }
  assert (V32 : Valid_exp binary32) by (apply FLT_exp_valid; reflexivity).
  assert (V64 : Valid_exp binary64) by (apply FLT_exp_valid; reflexivity).
  assert (power : forall fexp n, Valid_exp fexp -> (fexp n <= n)%Z ->
    round radix2 fexp ZnearestE (bpow radix2 n) = bpow radix2 n).
  { intros. apply round_generic; auto with typeclass_instances. now apply generic_format_bpow'. }
  assert (two : 2 = bpow radix2 1) by reflexivity.
  assert (four : 4 = bpow radix2 2) by reflexivity.
  assert (range : forall i j, (i <= 2)%Z -> (2 < j)%Z -> bpow radix2 i <= 4 < bpow radix2 j).
  { intros. rewrite four. split; [now apply bpow_le | now apply bpow_lt]. }
  assert (F32 : generic_format radix2 binary32 4)
    by (rewrite four; now apply generic_format_bpow').
  assert (F64 : generic_format radix2 binary64 4)
    by (rewrite four; now apply generic_format_bpow').
  assert (T : generic_format radix2 binary32 t)
    by (rewrite E; now apply sum_of_powers_in_format).
  rewrite root_of_14_bits_in_binary32, root_of_11_bits_in_binary32, root_of_14_bits_in_binary64,
    root_of_11_bits_in_binary64 by (auto; try (apply near; lra); now apply range).
  rewrite root, two, !power; auto; easy.
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
