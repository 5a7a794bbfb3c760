(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of RMSprop's theorems can hold: rho = 0.9, learning rate 0.001, epsilon 1e-8. The
   theorem on theta needs s to drift by less than epsilon, which holds for gradients of at most
   1/16, and not for gradients of 1. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs rmsprop_theory.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require rmsprop.
Open Scope string_scope.
Open Scope R_scope.

Definition rmsprop_start g :=
  given (("w", 1 / 10) :: ("learning_rate", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8)
         :: ("gradient", g) :: nil).

Definition rmsprop_kept := (("s", rmsprop_s) :: ("theta", rmsprop_theta) :: nil).

Theorem rmsprop_s_can_drift t :
  let r := steps exact rmsprop_kept (rmsprop_start 1) in
  let f := steps (rounded binary32_nearest) rmsprop_kept (stored (rmsprop_start 1)) in
  let B := 1 * 1 + 1 / 10 ^ 8 / (1 / 10) in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * (1 / 10) in
  Rabs (f t "s" - r t "s")
  <= (c * u * B + ((1 + u) ^ 2 * 1 + 3 + 2 * u) * eta) / (1 / 10 - c * u).
Proof.
  apply (rmsprop.s_stays_near u eta binary32_nearest (1 / 10) (1 / 10 ^ 8)
           (unbounded_nearest (1 / 10 ^ 8)) 1); shown rmsprop_start.
Qed.

Theorem rmsprop_theta_can_drift t :
  let r := steps exact rmsprop_kept (rmsprop_start (1 / 16)) in
  let f := steps (rounded unbounded_nearest) rmsprop_kept (stored (rmsprop_start (1 / 16))) in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * (1 / 10) in
  let D := c * u * (1 / 16 * (1 / 16) + 1 / 10 ^ 8 / (1 / 10)) / (1 / 10 - c * u) in
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let a := (1 - u) * sqrt (1 - D / (1 / 10 ^ 8)) in
  let e := ((1 + u) * (1 + K) / a - 1) * (1 / 1000 / sqrt (1 / 10)) in
  (t <= 1)%nat ->
  Rabs (f t "theta" - r t "theta") <= INR t * (e + u * first_two f / (1 - u)).
Proof.
  intros r f c D K a e.
  apply (rmsprop.theta_stays_near u unbounded_nearest (1 / 10) (1 / 10 ^ 8)
           (unbounded_nearest (1 / 10 ^ 8)) (1 / 1000) (unbounded_nearest (1 / 1000)) (1 / 16)
           (first_two f) 1); shown rmsprop_start.
Qed.

(* The buffered form: momentum 0.9, the push of the learning rate 0.001. *)

Definition rmsprop_buffered_start :=
  given (("w", 1 / 10) :: ("push", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8) :: ("momentum", 9 / 10)
         :: ("gradient", 1 / 16) :: nil).
Definition rmsprop_buffered_kept := (("s", rmsprop_s) :: ("v", rmsprop_buffered_v) :: nil).

Theorem rmsprop_v_can_drift t :
  let r := steps exact rmsprop_buffered_kept rmsprop_buffered_start in
  let f := steps (rounded unbounded_nearest) rmsprop_buffered_kept
             (stored rmsprop_buffered_start) in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * (1 / 10) in
  let D := c * u * (1 / 16 * (1 / 16) + 1 / 10 ^ 8 / (1 / 10)) / (1 / 10 - c * u) in
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let a := (1 - u) * sqrt (1 - D / (1 / 10 ^ 8)) in
  let P := 1 / 1000 / sqrt (1 / 10) in
  let e := ((1 + u) * (1 + K) / a - 1) * P in
  let V := (P + e) / (1 - 9 / 10) in
  Rabs (f t "v" - r t "v")
  <= (K * (9 / 10) * V + u * (P + e)) / (1 - 9 / 10 * (1 + K)) + e / (1 - 9 / 10).
Proof.
  intros r f c D K a P e V.
  apply (rmsprop.v_stays_near u unbounded_nearest (1 / 10) (1 / 10 ^ 8)
           (unbounded_nearest (1 / 10 ^ 8)) (1 / 1000) (unbounded_nearest (1 / 1000)) (9 / 10)
           (unbounded_nearest (9 / 10)) (1 / 16)); shown rmsprop_buffered_start.
Qed.

(* One step at these hyperparameters, from s = 1/256, theta = 1 and a gradient of 1. *)

Definition rmsprop_step_computed :=
  stored_singles
    (("w", normal_number 13421773 (- (27)) eq_refl)
     :: ("learning_rate", normal_number 8589935 (- (33)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("s", normal_number 8388608 (- (31)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition rmsprop_step_exact :=
  given (("w", 1 / 10) :: ("learning_rate", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8)
         :: ("s", 1 / 256) :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem rmsprop_step_can_be_taken :
  Rabs (B2R (in_single rmsprop_step_computed rmsprop_theta)
        - exact rmsprop_step_exact rmsprop_theta)
  <= Q2R 7.001 * bpow radix2 (- (24)) * magnitude rmsprop_step_exact rmsprop_theta.
Proof.
  apply (proj1 rmsprop.one_step).
  - represented rmsprop_step_computed rmsprop_step_exact rmsprop; represented_numbers.
  - unfold rmsprop_step_exact, given; simpl; repeat split.
    apply Rgt_not_eq, sqrt_lt_R0; lra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.
