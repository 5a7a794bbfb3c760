(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Momentum's theorems can hold: momentum 0.9, learning rate 0.01. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs momentum_theory.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require momentum.
Open Scope string_scope.
Open Scope R_scope.

Definition momentum_start :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("gradient", 1) :: nil).

Definition momentum_kept := (("v", momentum_v) :: ("theta", momentum_theta) :: nil).
Definition momentum_exact := steps exact momentum_kept momentum_start.
Definition momentum_computed :=
  steps (rounded binary32_nearest) momentum_kept (stored momentum_start).

Theorem momentum_can_drift t :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (1 / 100 * 1 / (1 - 9 / 10)) + (3 + 2 * u) * eta) / (1 - 9 / 10 * (1 + K)) in
  Rabs (momentum_computed t "v" - momentum_exact t "v") <= E
  /\ ((t <= 1)%nat ->
      Rabs (momentum_computed t "theta" - momentum_exact t "theta")
      <= INR t * (E + (u * first_two momentum_computed + eta) / (1 - u))).
Proof.
  split.
  - apply (momentum.v_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100))); shown momentum_start.
  - apply (momentum.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two momentum_computed) 1);
      shown momentum_start.
Qed.

(* One step at these hyperparameters, from v = 1/16, theta = 1 and a gradient of 1. *)

Definition momentum_step_computed :=
  stored_singles
    (("momentum", normal_number 15099494 (- (24)) eq_refl)
     :: ("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("v", normal_number 8388608 (- (27)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition momentum_step_exact :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("v", 1 / 16)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem momentum_step_can_be_taken :
  Rabs (B2R (in_single momentum_step_computed momentum_theta)
        - exact momentum_step_exact momentum_theta)
  <= Q2R 4.001 * bpow radix2 (- (24)) * magnitude momentum_step_exact momentum_theta.
Proof.
  apply (proj1 momentum.one_step).
  - represented momentum_step_computed momentum_step_exact momentum; represented_numbers.
  - unfold momentum_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.
