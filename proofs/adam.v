(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Adam, in one place. The terms are those recorded from fast/lanes/adam.lane.hpp
   (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats Invariants ClosedForms.
From Truestep Require Import Rounding Means Runs adam_theory adam_printed.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 11.001 u of the exact step at the
   hyperparameters, relative to the size that the step would have if no sum cancelled; in binary64
   within 10.001 u. It needs no underflow and no overflow, beta1 and beta2 of at least 1/2 (or a
   weight of 1 held exactly), and exact states. All other quantities, forms and formats are in
   generated/Bounds.v. *)
Theorem one_step :
  in_binary32 binary32 adam adam_theta 11.001 /\ in_binary64 binary64 adam adam_theta 10.001
  /\ in_fp16 fp16 adam adam_theta 11.039 /\ in_bfloat16 bfloat16 adam adam_theta 11.312.
Proof.
  exact (conj (binary32_constant _ _ _ adam_theta_binary32)
        (conj (binary64_constant _ _ _ adam_theta_binary64)
        (conj (fp16_constant _ _ _ adam_theta_fp16)
              (bfloat16_constant _ _ _ adam_theta_bfloat16)))).
Qed.

(* The moments of one step are within 2.501 u and 3.001 u in binary32. *)
Theorem one_step_of_the_moments :
  in_binary32 binary32 adam adam_m 2.501 /\ in_binary32 binary32 adam adam_v 3.001.
Proof.
  exact (conj (binary32_constant _ _ _ adam_m_binary32) (binary32_constant _ _ _ adam_v_binary32)).
Qed.

(* AMSGrad, and epsilons before and after the correction, have theta's constant too. *)
Theorem one_step_of_the_forms :
  in_binary32 binary32 adam adam_amsgrad_theta 11.001
  /\ in_binary32 binary32 adam adam_two_epsilons_theta 11.001.
Proof.
  exact (conj (binary32_constant _ _ _ adam_amsgrad_theta_binary32)
              (binary32_constant _ _ _ adam_two_epsilons_theta_binary32)).
Qed.

(* Rounding never makes v or the denominator negative, and with epsilon > 0 the step divides by
   no zero. *)
Theorem signs_are_kept :
  never_negative adam adam_v /\ always_positive adam "epsilon" adam_denominator
  /\ forall r, signs adam r -> (0 < r "epsilon")%R -> divisors_nonzero r adam_theta.
Proof.
  exact (conj adam_v_never_negative (conj adam_denominator_positive adam_theta_divisors)).
Qed.

Open Scope R_scope.

(* The stored m stays near the exact one, for all t and any gradients of at most G. *)
Theorem m_stays_near u eta rnd w0 G (f r : run) :
  let c := 2 + u + 2 * kappa * w0 in
  rounding u eta rnd -> 0 < w0 -> c * u < w0 ->
  weights_within u w0 "w1" f r -> same_gradients G f r ->
  follows_from_zero exact "m" adam_m r -> follows_from_zero (rounded rnd) "m" adam_m f ->
  forall t, Rabs (f t "m" - r t "m") <= (c * u * G + (2 + u) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw HG [r0 Hm] [f0 Hmt].
  apply (first_moment_drift u eta rnd w0 G (fun t => r t "w1") (fun t => f t "w1")
           (fun t => r t "m") (fun t => f t "m") (fun t => r t "gradient"));
    try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hm; simpl; ring.
  - rewrite Hmt; simpl; now rewrite (proj1 (HG t)).
Qed.

(* So does the stored v, which is never negative. *)
Theorem v_stays_near u eta rnd w0 G (f r : run) :
  let c := 2 + u + kappa * w0 in
  rounding u eta rnd -> 0 < w0 -> c * u < w0 ->
  weights_within u w0 "w2" f r -> same_gradients G f r ->
  follows_from_zero exact "v" adam_v r -> follows_from_zero (rounded rnd) "v" adam_v f ->
  forall t, 0 <= f t "v"
    /\ Rabs (f t "v" - r t "v") <= (c * u * (G * G) + (2 + u + (1 + u) * G) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw HG [r0 Hv] [f0 Hvt].
  apply (second_moment_drift u eta rnd w0 G (fun t => r t "w2") (fun t => f t "w2")
           (fun t => r t "v") (fun t => f t "v") (fun t => r t "gradient"));
    try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hv; simpl; ring.
  - rewrite Hvt; simpl; now rewrite (proj1 (HG t)).
Qed.

(* AMSGrad's largest v drifts no further than v does. *)
Theorem v_max_stays_near u eta rnd w0 G (f r : run) :
  let c := 2 + u + kappa * w0 in
  rounding u eta rnd -> 0 < w0 -> c * u < w0 ->
  weights_within u w0 "w2" f r -> same_gradients G f r ->
  follows_from_zero exact "v" adam_v r -> follows_from_zero (rounded rnd) "v" adam_v f ->
  follows_from_zero exact "v_max" adam_amsgrad_v_max r ->
  follows_from_zero (rounded rnd) "v_max" adam_amsgrad_v_max f ->
  forall t, Rabs (f t "v_max" - r t "v_max")
            <= (c * u * (G * G) + (2 + u + (1 + u) * G) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw HG Hv Hvt [r0 Hm] [f0 Hmt].
  apply (maximum_drift _ (fun t => r t "v") (fun t => f t "v")); try assumption.
  - intros t; now apply (v_stays_near u eta rnd w0 G f r).
  - intros t; rewrite Hm, (proj2 Hv t); reflexivity.
  - intros t; rewrite Hmt, (proj2 Hvt t); reflexivity.
Qed.

(* In exact arithmetic no step is longer than learning_rate (1 - beta1) /
   sqrt ((1 - beta2) (1 - beta1^2 / beta2)), if 1 - beta2 <= (1 - beta1)^2. *)
Check adam_step.

(* For a constant gradient the corrected moments are g and g^2. *)
Check corrected_first_moment.
Check corrected_second_moment.

(* Epsilon after the correction is epsilon before it, scaled by sqrt (1 - beta2^t). *)
Check p_is_h.

(* The lecture note's printed form is another rule from the second step on. *)
Check printed_adam_is_not_adam.

(* Not proved: a bound for the drift of theta, whose updates' errors are taken as they come
   ([theta_drift] in drift/Sums.v); that nothing overflows; and a constant of one step where
   something underflows. *)
