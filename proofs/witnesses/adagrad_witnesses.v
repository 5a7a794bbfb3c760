(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Adagrad's theorems can hold: learning rate 0.01, epsilon 1e-8. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs adagrad_theory.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require adagrad.
Open Scope string_scope.
Open Scope R_scope.

Definition adagrad_start :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: nil).

Definition adagrad_kept := (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil).

Theorem adagrad_sum_can_drift t :
  let r := steps exact adagrad_kept adagrad_start in
  let f := steps (rounded binary32_nearest) adagrad_kept (stored adagrad_start) in
  Rabs (f t "sum" - r t "sum") <= ((1 + u) ^ t - 1) * (r t "sum" + eta / u).
Proof. apply (adagrad.sum_stays_near u eta binary32_nearest 1); shown adagrad_start. Qed.

Theorem adagrad_theta_can_drift t :
  let r := steps exact adagrad_kept adagrad_start in
  let f := steps (rounded unbounded_nearest) adagrad_kept (stored adagrad_start) in
  let K := (1 + u) * (1 + kappa * u) - 1 in
  let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ 1) in
  let e := (1 + u) * (1 + K) / a - 1 in
  (t <= 1)%nat ->
  Rabs (f t "theta" - r t "theta") <= INR t * (e * (1 / 100) + u * first_two f / (1 - u)).
Proof.
  intros r f K a e.
  apply (adagrad.theta_stays_near u unbounded_nearest (1 / 100) (unbounded_nearest (1 / 100))
           (1 / 10 ^ 8) (unbounded_nearest (1 / 10 ^ 8)) 1 (first_two f) 1); shown adagrad_start.
Qed.

(* One step at these hyperparameters, from sum = 1, theta = 1 and a gradient of 1. *)

Definition adagrad_step_computed :=
  stored_singles
    (("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("sum", normal_number 8388608 (- (23)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition adagrad_step_exact :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("sum", 1)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem adagrad_step_can_be_taken :
  Rabs (B2R (in_single adagrad_step_computed adagrad_theta)
        - exact adagrad_step_exact adagrad_theta)
  <= Q2R 6.001 * bpow radix2 (- (24)) * magnitude adagrad_step_exact adagrad_theta.
Proof.
  apply (proj1 adagrad.one_step).
  - represented adagrad_step_computed adagrad_step_exact adagrad; represented_numbers.
  - unfold adagrad_step_exact, given; simpl; repeat split.
    apply Rgt_not_eq, sqrt_lt_R0; lra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.
