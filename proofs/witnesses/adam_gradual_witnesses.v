(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a step with underflow can hold: Adam's second step at its
   default hyperparameters (adam_witnesses.v), without weight decay and with weight decay 1/128. *)

Require Import Reals QArith Qreals String List Psatz.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Rounding Expression Apriori Inputs Formats Gradual.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps GradualSteps adam_witnesses.
From TruestepRules Require adam.
Open Scope string_scope.
Open Scope R_scope.

Lemma second_step_conditions :
  gradual_conditions binary32 adam smallest_half second_step_exact nearest_single
    (fun x => B2R (second_step_computed x)) adam_theta.
Proof.
  assert (V : 7 / 100 * (7 / 100) <= exact second_step_exact adam_v)
    by (unfold second_step_exact, given; simpl; lra).
  assert (D : made_absolute binary32 adam second_step_exact
    (absolute binary32 adam smallest_half second_step_exact adam_v) adam_v <= / 1000 * / 1000)
    by (unfold adam_v; rational_parts ltac:(unfold second_step_exact, given)).
  assert (C : 1 <= second_step_exact "c_t").
  { unfold second_step_exact, given. simpl. generalize first_correction. lra. }
  assert (S := scaled_condition binary32 adam smallest_half second_step_exact adam_v (/ 1000)
    (7 / 100) ltac:(unfold Q2R; simpl; lra) ltac:(simpl; lra) D ltac:(lra) ltac:(lra) "c_t" "epsilon"
    ltac:(unfold second_step_exact, given; simpl; lra) C
    ltac:(vm_compute; split; lra) ltac:(vm_compute; split; lra)).
  change adam_theta with (Sub (Var "theta") (Div (Mul (Var "alpha_t") adam_m)
    (Fma (Var "c_t") (Sqrt adam_v) (Var "epsilon")))).
  cbn [gradual_conditions]. repeat split; try apply S. lra.
Qed.

Theorem adam_step_can_underflow :
  Rabs (B2R (in_single second_step_computed adam_theta) - exact second_step_exact adam_theta)
  <= Q2R 11.001 * bpow radix2 (- (24)) * size second_step_exact adam_theta
     + absolute binary32 adam smallest_half second_step_exact adam_theta.
Proof.
  apply (proj1 adam.one_step_with_underflow).
  - exact second_step_represents.
  - exact second_step_conditions.
  - apply finite_by_computation; vm_compute; reflexivity.
Qed.

Definition decayed_exact : environment := fun x =>
  if String.eqb x "weight_decay" then 1 / 128 else second_step_exact x.
Definition decayed_computed : string -> single := fun x =>
  if String.eqb x "weight_decay" then normal_number 8388608 (- (30)) eq_refl
  else second_step_computed x.
Definition decayed := put "gradient" weight_decay_decayed_gradient.
Definition decayed_theta := decayed adam_theta.

Lemma decayed_step_represents :
  represents binary32 (with_kinds weight_decay adam) (fun x => B2R (decayed_computed x))
    decayed_exact.
Proof.
  assert (P := precision_nonnegative binary32 adam). destruct P as (_ & _ & E).
  intro x. unfold decayed_computed, decayed_exact, with_kinds, weight_decay, inputs.
  destruct (String.eqb_spec x "weight_decay") as [-> | N].
  - assert (V : B2R (normal_number 8388608 (- (30)) eq_refl) = 1 / 128)
      by (unfold normal_number; rewrite B2R_SF2B; unfold SF2R, F2R; simpl; lra).
    rewrite V, Rminus_diag_eq, Rabs_R0 by easy. split; [| lra].
    apply Rmult_le_pos; [apply E | apply Rabs_pos].
  - destruct (String.eqb_spec x "amount") as [-> | A]; [| exact (second_step_represents x)].
    assert (V : B2R (second_step_computed "amount") = 0) by reflexivity.
    assert (W : second_step_exact "amount" = 0) by reflexivity.
    rewrite V, W, Rminus_0_r, Rabs_R0, Rmult_0_r. split; [lra |]. split; [lra |].
    rewrite Rminus_0_r, Rmult_1_r. unfold kept_error, Qdiv. rewrite Q2R_mult.
    assert (C := E Coefficient). simpl error in C. change (Q2R (/ 2)) with (1 * / 2).
    simpl coefficient_error in *. lra.
Qed.

Lemma decayed_step_conditions :
  gradual_conditions binary32 (with_kinds weight_decay adam) smallest_half decayed_exact
    nearest_single
    (fun x => B2R (decayed_computed x)) decayed_theta.
Proof.
  set (ks := with_kinds weight_decay adam).
  assert (V : 7 / 100 * (7 / 100) <= exact decayed_exact (decayed adam_v))
    by (unfold decayed_exact, second_step_exact, given; simpl; lra).
  assert (D : made_absolute binary32 ks decayed_exact
    (absolute binary32 ks smallest_half decayed_exact (decayed adam_v)) (decayed adam_v)
    <= / 1000 * / 1000).
  { unfold ks, decayed, adam_v, weight_decay_decayed_gradient. cbn [put]. simpl String.eqb. cbv iota.
    rational_parts ltac:(unfold decayed_exact, second_step_exact, given). }
  assert (C : 1 <= decayed_exact "c_t").
  { unfold decayed_exact, second_step_exact, given. simpl. generalize first_correction. lra. }
  assert (S := scaled_condition binary32 ks smallest_half decayed_exact (decayed adam_v) (/ 1000)
    (7 / 100) ltac:(unfold Q2R; simpl; lra) ltac:(simpl; lra) D ltac:(lra) ltac:(lra) "c_t" "epsilon"
    ltac:(unfold decayed_exact, second_step_exact, given; simpl; lra) C
    ltac:(vm_compute; split; lra) ltac:(vm_compute; split; lra)).
  change decayed_theta with (Sub (Var "theta") (Div (Mul (Var "alpha_t") (decayed adam_m))
    (Fma (Var "c_t") (Sqrt (decayed adam_v)) (Var "epsilon")))).
  cbn [gradual_conditions]. repeat split; try apply S. lra.
Qed.

Theorem adam_step_can_decay :
  Rabs (B2R (in_single decayed_computed decayed_theta) - exact decayed_exact decayed_theta)
  <= Q2R 14.501 * bpow radix2 (- (24)) * size decayed_exact decayed_theta
     + absolute binary32 (with_kinds weight_decay adam) smallest_half decayed_exact decayed_theta.
Proof.
  apply (proj1 (List.Forall_inv adam.one_step_with_weight_decay)).
  - exact decayed_step_represents.
  - exact decayed_step_conditions.
  - apply finite_by_computation; vm_compute; reflexivity.
Qed.
