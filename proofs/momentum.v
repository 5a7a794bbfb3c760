(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Momentum, in one place. The terms are those recorded from
   fast/lanes/momentum.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats.
From Truestep Require Import Rounding Recurrences Sums Runs momentum_theory nag_theory.
From Truestep Require Import Gradual momentum_run momentum_begun_run momentum_decay_run.
From Truestep Require Import momentum_fed_run momentum_decay_machine.
From Truestep Require Import RecordedFormulas.
From TruestepGenerated Require Import Lanes Bounds Formulas.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 4.001 u of the exact step at the hyperparameters,
   relative to the size that the step would have if no sum cancelled; in binary64 within 3.001 u.
   It needs no underflow, no overflow and exact states. All other quantities, forms and formats are
   in generated/Bounds.v. *)
Theorem one_step :
  in_binary32 binary32 momentum momentum_theta 4.001
  /\ in_binary64 binary64 momentum momentum_theta 3.001
  /\ in_fp16 fp16 momentum momentum_theta 4.003
  /\ in_bfloat16 bfloat16 momentum momentum_theta 4.024.
Proof.
  exact (conj (binary32_constant _ _ _ momentum_theta_binary32)
        (conj (binary64_constant _ _ _ momentum_theta_binary64)
        (conj (fp16_constant _ _ _ momentum_theta_fp16)
              (bfloat16_constant _ _ _ momentum_theta_bfloat16)))).
Qed.

(* Where the learning rate stays outside of the buffer theta has 6.001 u, with Nesterov's sum
   7.001 u. *)
Theorem one_step_of_the_forms :
  in_binary32 binary32 momentum momentum_scaled_theta 6.001
  /\ in_binary32 binary32 momentum momentum_nesterov_theta 7.001
  /\ in_binary32 binary32 momentum momentum_sum_theta 7.001.
Proof.
  exact (conj (binary32_constant _ _ _ momentum_scaled_theta_binary32)
        (conj (binary32_constant _ _ _ momentum_nesterov_theta_binary32)
              (binary32_constant _ _ _ momentum_sum_theta_binary32))).
Qed.

(* The same with gradual underflow: an absolute part that underflow alone makes (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 momentum momentum_theta 4.001
  /\ gradual_in_binary64 binary64 momentum momentum_theta 3.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

(* With weight decay in the gradient. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient momentum_theta in
  gradual_in_binary32 binary32 (with_kinds weight_decay momentum) decayed 6.001
  /\ gradual_in_binary64 binary64 (with_kinds weight_decay momentum) decayed 4.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

Open Scope R_scope.

(* The stored buffer stays near the exact one, for all t and any gradients of at most G. *)
Theorem v_stays_near u eta rnd mu mut alpha alphat G (f r : run) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  rounding u eta rnd -> mu * (1 + K) < 1 ->
  constant_within u mu mut "momentum" f r -> constant_within u alpha alphat "learning_rate" f r ->
  same_gradients G f r ->
  follows_from_zero exact "v" momentum_v r ->
  follows_from_zero (rounded rnd) "v" momentum_v f ->
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

(* So does the stored theta, for T steps in which it is at most Theta: each step adds the buffer's
   drift E and one rounding. *)
Theorem theta_stays_near u eta rnd mu mut alpha alphat G Theta T (f r : run) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (alpha * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)) in
  rounding u eta rnd -> u < 1 -> mu * (1 + K) < 1 ->
  constant_within u mu mut "momentum" f r -> constant_within u alpha alphat "learning_rate" f r ->
  same_gradients G f r ->
  follows_from_zero exact "v" momentum_v r ->
  follows_from_zero (rounded rnd) "v" momentum_v f ->
  f 0%nat "theta" = r 0%nat "theta" ->
  follows exact "theta" momentum_theta r -> follows (rounded rnd) "theta" momentum_theta f ->
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

(* In IEEE arithmetic theta stays near for T steps without a bound given for it, and nothing
   overflows while [momentum_peak] is below the largest number; underflow is allowed. So it is in
   the forms whose learning rate is outside of the buffer, and in Nesterov's. *)
Check momentum_run_in_ieee.
Check scaled_run_in_ieee.
Check sum_run_in_ieee.
Check nesterov_is_a_sum.
Check sum_is_a_sum.

(* So it is where the first buffer is the gradient, undampened, as in PyTorch; and where
   coefficients change from step to step, as long as the buffer keeps within V. *)
Check begun_run_in_ieee.
Check begun_scaled_run_in_ieee.
Check momentum_run_in_range.
Check scaled_run_in_range.

(* In exact arithmetic a learning rate in the buffer or outside of it gives the same theta while it
   is constant, and another as soon as it changes. *)
Check learning_rate_in_or_out.
Check learning_rate_in_is_not_out.

(* Nesterov's forms are one map of nag.v's, for constant momentum and learning rate. *)
Check nesterov_out_is_nesterov_in.

(* In exact arithmetic the recorded lane is the rule. *)
Theorem lane_is_the_rule (r : environment) :
  let v := r "momentum" * r "v" - r "learning_rate" * r "gradient" in
  exact r momentum_v = v /\ exact r momentum_theta = r "theta" + v.
Proof. easy. Qed.

(* The exact lanes of the runs are what reference/ computes, as it was recorded: with the learning rate
   in the buffer; outside of it, dampened; and in a first step whose buffer is the gradient. *)
Theorem lanes_are_the_formulas (dampening : R) (r : environment) :
  let alpha := r "learning_rate" in let mu := r "momentum" in
  let theta := r "theta" in let v := r "v" in let g := r "gradient" in
  (exact r momentum_v = momentum_v_formula alpha mu v g
   /\ exact r momentum_theta = momentum_theta_formula alpha mu theta v g)
  /\ (r "gain" = 1 - dampening ->
      exact r momentum_scaled_v
      = momentum_learning_rate_site_step_dampening_v_formula mu dampening v g
      /\ exact r momentum_scaled_theta
         = momentum_learning_rate_site_step_dampening_theta_formula alpha mu dampening theta v g)
  /\ (r "momentum" = 0 ->
      exact r momentum_v = momentum_first_buffer_gradient_first_v_formula alpha g
      /\ exact r momentum_theta = momentum_first_buffer_gradient_first_theta_formula alpha theta g)
  /\ (r "momentum" = 0 -> r "gain" = 1 ->
      exact r momentum_scaled_v
      = momentum_learning_rate_site_step_first_buffer_gradient_first_v_formula g
      /\ exact r momentum_scaled_theta
         = momentum_learning_rate_site_step_first_buffer_gradient_first_theta_formula alpha theta g).
Proof. repeat split; is_the_formula. Qed.

(* With weight decay in the gradient they are the formulas at the gradient g + lambda theta. *)
Theorem decayed_is_the_formula alpha mu lambda theta v g :
  let decayed := g + lambda * theta in
  momentum_v_formula alpha mu v decayed
  = momentum_weight_decay_place_gradient_v_formula alpha mu lambda theta v g
  /\ momentum_theta_formula alpha mu theta v decayed
     = momentum_weight_decay_place_gradient_theta_formula alpha mu lambda theta v g.
Proof. easy. Qed.

(* A run with weight decay in the gradient, underflow included: theta stays near while the exact
   theta is at most Theta. The decay feeds theta's error back, so the bound grows as t q^t, q
   being a little more than 1 + alpha lambda / (1 - mu). *)
Check decayed_momentum_run.

(* In IEEE arithmetic such a run does not overflow while [fed_peak] is below the largest number,
   whatever the first buffer and the place of the learning rate. [fed_top] bounds the exact theta;
   it grows as t q^t too, so that a bound that is known for another reason may be far better. *)
Check decayed_buffer_run_in_range.
Check decayed_scaled_run_in_range.
Check decayed_buffer_run_in_ieee.
Check decayed_scaled_run_in_ieee.

(* Not proved: a run with decoupled weight decay, or with weight decay that is not a constant. *)
