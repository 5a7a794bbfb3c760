(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem on a step of Adam against the rule can hold: the second step at its
   default hyperparameters (adam_witnesses.v). *)

Require Import Reals QArith Qreals String List Psatz.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats adam_theory adam_machine adam_step.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps adam_witnesses.
From TruestepRules Require adam.
Open Scope string_scope.
Open Scope R_scope.

Lemma nearly_nearest_below_power e x X :
  bpow radix2 (e - 1) <= X < bpow radix2 e -> Rabs (x - X) <= / 2 * bpow radix2 (e - 24) ->
  nearly_nearest 24 x X.
Proof.
  intros P H. unfold nearly_nearest.
  assert (X0 : 0 < X) by (generalize (bpow_gt_0 radix2 (e - 1)); lra).
  rewrite ulp_neq_0 by lra. unfold cexp, FLX_exp. rewrite (mag_unique_pos radix2 X e) by exact P.
  generalize (bpow_gt_0 radix2 (e - 24)) (bpow_gt_0 radix2 (- 41)). nra.
Qed.

Lemma second_step_coefficients x :
  adam_coefficient x = true ->
  nearly_nearest 24 (B2R (second_step_computed x))
    (adam_inputs (1 / 1000) (9 / 10) (999 / 1000) (1 / 10 ^ 8) 1
      (fun x => B2R (second_step_computed x)) x).
Proof.
  unfold adam_coefficient. rewrite !Bool.orb_true_iff, !String.eqb_eq.
  intros [[[[-> | ->] | ->] | ->] | ->]; unfold adam_inputs, second_step_computed, stored_singles;
    simpl found; simpl String.eqb; cbv iota; unfold normal_number; rewrite B2R_SF2B;
    unfold SF2R, F2R; simpl Fnum; simpl Fexp.
  - apply (nearly_nearest_below_power (- 3)); simpl; [lra | apply Rabs_le; lra].
  - apply (nearly_nearest_below_power (- 9)); simpl; [lra | apply Rabs_le; lra].
  - replace (1 / 1000 / (1 - (9 / 10) ^ 2)) with (1 / 190) by field.
    apply (nearly_nearest_below_power (- 7)); simpl; [lra | apply Rabs_le; lra].
  - assert (c := first_correction). simpl pow. set (y := / sqrt _) in *.
    apply (nearly_nearest_below_power 5); simpl; [lra | apply Rabs_le; lra].
  - apply (nearly_nearest_below_power (- 26)); simpl; [lra | apply Rabs_le; lra].
Qed.

Theorem adam_step_can_be_of_the_rule :
  let stored x := B2R (second_step_computed x) in
  let m := 9 / 10 * stored "m" + (1 - 9 / 10) * stored "gradient" in
  let v := 999 / 1000 * stored "v" + (1 - 999 / 1000) * (stored "gradient" * stored "gradient") in
  Rabs (B2R (in_single second_step_computed adam_theta)
        - (stored "theta" - 1 / 1000 * (m / (1 - (9 / 10) ^ 2))
                            / (sqrt (v / (1 - (999 / 1000) ^ 2)) + 1 / 10 ^ 8)))
  <= Q2R 11.001 * bpow radix2 (- (24))
     * magnitude (adam_inputs (1 / 1000) (9 / 10) (999 / 1000) (1 / 10 ^ 8) 1 stored) adam_theta.
Proof.
  apply (adam.one_step_of_the_rule (1 / 1000) (9 / 10) (999 / 1000) (1 / 10 ^ 8) 1
    second_step_computed); try lra.
  - assert (z : B2R (second_step_computed "v_max") = 0) by reflexivity.
    assert (y : B2R (second_step_computed "epsilon_root") = 0) by reflexivity.
    rewrite z, y. repeat split; try lra. unfold second_step_computed, stored_singles. simpl found.
    cbv iota. unfold normal_number. rewrite B2R_SF2B. unfold SF2R, F2R. simpl. lra.
  - exact second_step_coefficients.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.
