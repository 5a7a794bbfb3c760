(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Nesterov's accelerated gradient, in one place. The terms are those recorded
   from fast/lanes/nag.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats.
From Truestep Require Import Rounding Recurrences Sums Runs nag_theory.
From Truestep Require Import Gradual momentum_run momentum_begun_run momentum_decay_run.
From Truestep Require Import momentum_decay_machine nag_look_ahead_run nag_look_ahead_machine.
From Truestep Require Import RecordedFormulas.
From TruestepGenerated Require Import Lanes Bounds Formulas.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 4.001 u of the exact step at the hyperparameters,
   relative to the size that the step would have if no sum cancelled; in binary64 within 3.001 u.
   It needs no underflow, no overflow, exact states, and takes the gradient as it is given. *)
Theorem one_step :
  in_binary32 binary32 nag nag_theta 4.001 /\ in_binary64 binary64 nag nag_theta 3.001
  /\ in_fp16 fp16 nag nag_theta 4.003 /\ in_bfloat16 bfloat16 nag nag_theta 4.024.
Proof.
  exact (conj (binary32_constant _ _ _ nag_theta_binary32)
        (conj (binary64_constant _ _ _ nag_theta_binary64)
        (conj (fp16_constant _ _ _ nag_theta_fp16)
              (bfloat16_constant _ _ _ nag_theta_bfloat16)))).
Qed.

(* The point where the gradient is taken is within 3.001 u of theta + momentum v. *)
Theorem one_look_ahead :
  in_binary32 binary32 nag_look_ahead nag_look_ahead_look_ahead 3.001
  /\ in_binary64 binary64 nag_look_ahead nag_look_ahead_look_ahead 2.001.
Proof.
  exact (conj (binary32_constant _ _ _ nag_look_ahead_look_ahead_binary32)
              (binary64_constant _ _ _ nag_look_ahead_look_ahead_binary64)).
Qed.

(* The same with gradual underflow: an absolute part that underflow alone makes (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 nag nag_theta 4.001
  /\ gradual_in_binary64 binary64 nag nag_theta 3.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

(* With weight decay in the gradient. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient nag_theta in
  gradual_in_binary32 binary32 (with_kinds weight_decay nag) decayed 6.001
  /\ gradual_in_binary64 binary64 (with_kinds weight_decay nag) decayed 4.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

Open Scope R_scope.

(* Over one sequence of gradients the stored buffer stays near the exact one, for all t. *)
Theorem v_stays_near u eta rnd mu mut alpha alphat G (f r : run) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  rounding u eta rnd -> mu * (1 + K) < 1 ->
  constant_within u mu mut "momentum" f r -> constant_within u alpha alphat "learning_rate" f r ->
  same_gradients G f r ->
  follows_from_zero exact "v" nag_v r -> follows_from_zero (rounded rnd) "v" nag_v f ->
  forall t, Rabs (f t "v" - r t "v")
            <= (K * (alpha * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).
Proof.
  intros K Hr HK (Hmu & mu0 & Hmut) (Ha & a0 & Hat) HG [r0 Hv] [f0 Hvt].
  apply (velocity_drift u eta rnd mu mut alpha alphat G (fun t => r t "v") (fun t => f t "v")
           (fun t => r t "gradient")); try assumption; intros t.
  - apply HG.
  - rewrite Hv; simpl; now rewrite (proj1 (Hmu t)), (proj1 (Ha t)).
  - rewrite Hvt; simpl; now rewrite (proj2 (Hmu t)), (proj2 (Ha t)), (proj1 (HG t)).
Qed.

(* So does the stored theta, for T steps in which it is at most Theta. *)
Theorem theta_stays_near u eta rnd mu mut alpha alphat G Theta T (f r : run) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (alpha * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)) in
  rounding u eta rnd -> u < 1 -> mu * (1 + K) < 1 ->
  constant_within u mu mut "momentum" f r -> constant_within u alpha alphat "learning_rate" f r ->
  same_gradients G f r ->
  follows_from_zero exact "v" nag_v r -> follows_from_zero (rounded rnd) "v" nag_v f ->
  f 0%nat "theta" = r 0%nat "theta" ->
  follows exact "theta" nag_theta r -> follows (rounded rnd) "theta" nag_theta f ->
  (forall t, (t <= T)%nat -> Rabs (f t "theta") <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta") <= INR t * (E + (u * Theta + eta) / (1 - u)).
Proof.
  intros K E Hr U1 HK (Hmu & mu0 & Hmut) (Ha & a0 & Hat) HG [r0 Hv] [f0 Hvt] Hstart Hx Hxt HT.
  apply (velocity_theta_drift u eta rnd mu mut alpha alphat G Theta T (fun t => r t "theta")
           (fun t => f t "theta") (fun t => r t "v") (fun t => f t "v")
           (fun t => r t "gradient")); try assumption; intros t.
  - apply HG.
  - rewrite Hv; simpl; now rewrite (proj1 (Hmu t)), (proj1 (Ha t)).
  - rewrite Hvt; simpl; now rewrite (proj2 (Hmu t)), (proj2 (Ha t)), (proj1 (HG t)).
  - rewrite Hx, Hv; reflexivity.
  - rewrite Hxt, Hvt; reflexivity.
Qed.

(* The recorded terms are Momentum's, so that its theorem of a run is about this rule too: nothing
   overflows, and theta needs no bound of its own. *)
Theorem terms_are_momentums : nag_v = momentum_v /\ nag_theta = momentum_theta.
Proof. now split. Qed.
Check momentum_run_in_ieee.

(* Where the gradient is taken at the stored point, theta moves by Nesterov's sum. Nothing overflows
   and theta stays near, with the recurrence from the first step on or with a first buffer that is
   the gradient, as in PyTorch. *)
Check nesterov_run_in_ieee.
Check weighted_sum_run_in_ieee.
Check begun_sum_run_in_ieee.
Check sum_run_in_range.

(* With weight decay in the gradient, the gradients given, Momentum's theorems of a run are this
   rule's too; and nothing overflows in Nesterov's sum with weight decay. *)
Check decayed_momentum_run.
Check decayed_buffer_run_in_ieee.
Check decayed_nesterov_run_in_ieee.
Check decayed_sum_run_in_ieee.
Check decayed_sum_run_in_range.

(* Where the gradient is taken at the run's own look-ahead, as in training, it answers to the errors
   of theta and of the buffer. With a gradient of Lipschitz constant [slope] the run drifts by at
   most [fed_back_drift], while [answering_decay] stays below 1; the bound grows as q^t. *)
Check answering_momentum_run.

(* In IEEE arithmetic nothing overflows in it, the look-ahead included, while [answering_peak] is
   below the largest number. *)
Check answering_run_in_range.

(* In exact arithmetic the look-ahead form, Nesterov's with the learning rate in the buffer, and
   Bengio's are one map, for constant momentum and learning rate. *)
Check look_ahead_is_nesterov_in.
Check bengio_is_nesterov_in.

(* In exact arithmetic the recorded lane is the rule, the gradient taken at the look-ahead. *)
Theorem lane_is_the_rule (r : environment) :
  let v := r "momentum" * r "v" - r "learning_rate" * r "gradient" in
  exact r nag_v = v /\ exact r nag_theta = r "theta" + v
  /\ exact r nag_look_ahead_look_ahead = r "theta" + r "momentum" * r "v".
Proof. easy. Qed.

(* The exact lanes of the runs are what reference/ computes, as it was recorded: the look-ahead and the
   step from it; and with the gradient at the stored point, the learning rate in the buffer or
   outside of it. *)
Theorem lanes_are_the_formulas (alpha : R) (r : environment) :
  let mu := r "momentum" in
  let theta := r "theta" in let v := r "v" in let g := r "gradient" in
  exact r nag_look_ahead_look_ahead = nag_point_look_ahead_formula mu theta v
  /\ (r "learning_rate" = alpha ->
      exact r nag_v = nag_v_formula alpha mu v g
      /\ exact r nag_theta = nag_theta_formula alpha mu theta v g)
  /\ (r "gain" = - alpha ->
      exact r momentum_scaled_v = nag_nesterov_stored_point_v_formula alpha mu v g
      /\ exact r momentum_nesterov_theta
         = nag_nesterov_stored_point_theta_formula alpha mu theta v g)
  /\ (r "gain" = 1 -> r "p" = - alpha * mu -> r "q" = - alpha ->
      exact r momentum_scaled_v = nag_nesterov_stored_point_learning_rate_site_step_v_formula mu v g
      /\ exact r momentum_sum_theta
         = nag_nesterov_stored_point_learning_rate_site_step_theta_formula alpha mu theta v g).
Proof. repeat split; is_the_formula. Qed.

(* Not proved: a run whose gradient answers and is decayed; a run whose gradient is taken at the
   stored point and answers; weight decay of another point than the stored one. *)
