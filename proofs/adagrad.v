(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Adagrad, in one place. The terms are those recorded from
   fast/lanes/adagrad.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats Invariants.
From Truestep Require Import Rounding Directions Runs adagrad_theory.
From Truestep Require Import Gradual adagrad_run decaying_adagrad_run.
From Truestep Require Import RecordedFormulas.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants Formulas.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 6.001 u of the exact step at the hyperparameters,
   relative to the size that the step would have if no sum cancelled; in binary64 within 5.001 u.
   It needs no underflow, no overflow and exact states. All other quantities, forms and formats are
   in generated/Bounds.v. *)
Theorem one_step :
  in_binary32 binary32 adagrad adagrad_theta 6.001
  /\ in_binary64 binary64 adagrad adagrad_theta 5.001
  /\ in_fp16 fp16 adagrad adagrad_theta 6.010
  /\ in_bfloat16 bfloat16 adagrad adagrad_theta 6.080.
Proof.
  exact (conj (binary32_constant _ _ _ adagrad_theta_binary32)
        (conj (binary64_constant _ _ _ adagrad_theta_binary64)
        (conj (fp16_constant _ _ _ adagrad_theta_fp16)
              (bfloat16_constant _ _ _ adagrad_theta_bfloat16)))).
Qed.

(* The same with gradual underflow, and in the forms that decay the sum's gradient, where
   g + weight_decay theta may cancel below the root: what it lacks from its size is in the absolute
   part (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 adagrad adagrad_theta 6.001
  /\ gradual_in_binary64 binary64 adagrad adagrad_theta 5.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

Theorem one_step_of_the_forms_that_decay_the_sum :
  let forms := (adagrad_decays_sum_theta :: adagrad_outside_decays_sum_theta
    :: adagrad_no_step_at_zero_decays_sum_theta
    :: adagrad_outside_no_step_at_zero_decays_sum_theta :: nil)%list in
  List.Forall (fun e => gradual_in_binary32 binary32 adagrad e 8.501
                        /\ gradual_in_binary64 binary64 adagrad e 6.501) forms.
Proof. each_gradually. Qed.

(* With weight decay in the gradient. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient in
  let forms := (adagrad_theta :: adagrad_outside_theta :: adagrad_no_step_at_zero_theta
    :: adagrad_outside_no_step_at_zero_theta :: adagrad_averaged_theta
    :: adagrad_outside_averaged_theta :: adagrad_no_step_at_zero_averaged_theta
    :: adagrad_outside_no_step_at_zero_averaged_theta :: nil)%list in
  List.Forall (fun e =>
    gradual_in_binary32 binary32 (with_kinds weight_decay adagrad) (decayed e) 12.501
    /\ gradual_in_binary64 binary64 (with_kinds weight_decay adagrad) (decayed e) 8.501) forms.
Proof. each_gradually. Qed.

(* Rounding never makes the sum or the denominator negative, and with epsilon > 0 the step divides
   by no zero. *)
Theorem signs_are_kept :
  never_negative adagrad adagrad_sum /\ always_positive adagrad "epsilon" adagrad_denominator
  /\ forall r, signs adagrad r -> (0 < r "epsilon")%R -> divisors_nonzero r adagrad_theta.
Proof.
  exact (conj adagrad_sum_never_negative
        (conj adagrad_denominator_positive adagrad_theta_divisors)).
Qed.

Open Scope R_scope.

(* The stored sum drifts by (1 + u)^t - 1 of itself, for all t: nothing contracts. *)
Theorem sum_stays_near u eta rnd G (f r : run) :
  rounding u eta rnd -> 0 < u ->
  same_gradients G f r ->
  follows_from_zero exact "sum" adagrad_sum r ->
  follows_from_zero (rounded rnd) "sum" adagrad_sum f ->
  forall t, Rabs (f t "sum" - r t "sum") <= ((1 + u) ^ t - 1) * (r t "sum" + eta / u).
Proof.
  intros Hr U HG [r0 Hs] [f0 Hst].
  apply (adagrad_drift u eta rnd (fun t => r t "sum") (fun t => f t "sum")
           (fun t => r t "gradient")); try assumption; intros t.
  - rewrite Hs; simpl; ring.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)).
Qed.

(* Without underflow the stored theta drifts by a known amount in each of T steps, as long as
   (1 + u)^T < 2 and theta is at most Theta. *)
Theorem theta_stays_near u rnd alpha alphat epsilon epsilont G Theta T (f r : run) :
  let K := (1 + u) * (1 + kappa * u) - 1 in
  let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ T) in
  let e := (1 + u) * (1 + K) / a - 1 in
  rounding u 0 rnd -> 0 < u -> kappa * u < 1 -> (1 + u) ^ T < 2 ->
  constant_within u alpha alphat "learning_rate" f r ->
  constant_within u epsilon epsilont "epsilon" f r -> 0 < epsilon ->
  same_gradients G f r ->
  follows_from_zero exact "sum" adagrad_sum r ->
  follows_from_zero (rounded rnd) "sum" adagrad_sum f ->
  f 0%nat "theta" = r 0%nat "theta" ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  (forall t, (t <= T)%nat -> Rabs (f t "theta") <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta") <= INR t * (e * alpha + u * Theta / (1 - u)).
Proof.
  intros K a e Hr U KU HT (Ha & a0 & Hat) (He & e0 & Het) e1 HG [r0 Hs] [f0 Hst] Hstart Hx Hxt HX.
  assert (sums : forall t, r (S t) "sum" = r t "sum" + r t "gradient" * r t "gradient")
    by (intros t; rewrite Hs; simpl; ring).
  assert (positive : forall t, 0 <= r t "sum").
  { induction t as [|t IH]; [rewrite r0; apply Rle_refl|].
    rewrite sums; apply Rplus_le_le_0_compat; [exact IH|apply Rle_0_sqr]. }
  apply (adagrad_theta_drift u epsilon epsilont rnd inside T (fun t => r t "sum")
           (fun t => f t "sum") (fun t => r t "gradient")) with (alphat := alphat);
    try assumption; try (now left); try intros t.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)).
  - apply sqrt_lt_R0, Rplus_le_lt_0_compat; [apply positive|exact e1].
  - rewrite Hx; simpl; rewrite (proj1 (Ha t)), (proj1 (He t)); unfold inside, id.
    replace (r t "gradient" * r t "gradient" + r t "sum") with (r (S t) "sum")
      by (rewrite sums; ring); reflexivity.
  - rewrite Hxt, Hst; simpl; now rewrite (proj2 (Ha t)), (proj2 (He t)), <- (proj1 (HG t)).
Qed.

(* So does the stored mean of directions of the averaged form, for T steps. *)
Theorem v_stays_near u rnd w wt epsilon epsilont G T (f r : run) :
  let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ T) in
  let e := (1 + u) / a - 1 in
  let c := 2 + u + 2 * kappa * w in
  rounding u 0 rnd -> 0 < u -> kappa * u < 1 -> (1 + u) ^ T < 2 ->
  constant_within u w wt "w" f r -> 0 < w <= 1 -> c * u < w -> 0 <= wt <= 1 ->
  constant_within u epsilon epsilont "epsilon" f r -> 0 < epsilon ->
  same_gradients G f r ->
  follows_from_zero exact "sum" adagrad_sum r ->
  follows_from_zero (rounded rnd) "sum" adagrad_sum f ->
  follows_from_zero exact "v" adagrad_averaged_v r ->
  follows_from_zero (rounded rnd) "v" adagrad_averaged_v f ->
  forall t, (t <= T)%nat -> Rabs (f t "v" - r t "v") <= c * u * (1 + e) / (w - c * u) + e.
Proof.
  intros a e c Hr U KU HT (Hw & w0 & Hwt) w1 Hc wt1 (He & e0 & Het) e1 HG [r0 Hs] [f0 Hst]
    [rv0 Hv] [fv0 Hvt].
  assert (sums : forall t, r (S t) "sum" = r t "sum" + r t "gradient" * r t "gradient")
    by (intros t; rewrite Hs; simpl; ring).
  assert (positive : forall t, 0 <= r t "sum").
  { induction t as [|t IH]; [rewrite r0; apply Rle_refl|].
    rewrite sums; apply Rplus_le_le_0_compat; [exact IH|apply Rle_0_sqr]. }
  apply (adagrad_mean_drift u epsilon epsilont rnd inside T (fun t => r t "sum")
           (fun t => f t "sum") (fun t => r t "gradient")) with (wt := wt);
    try assumption; try (now left); try intros t.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)).
  - apply sqrt_lt_R0, Rplus_le_lt_0_compat; [apply positive|exact e1].
  - rewrite Hv; simpl; rewrite (proj1 (Hw t)), (proj1 (He t)); unfold inside, id.
    replace (r t "gradient" * r t "gradient" + r t "sum") with (r (S t) "sum")
      by (rewrite sums; ring); ring.
  - rewrite Hvt, Hst; simpl; now rewrite (proj2 (Hw t)), (proj2 (He t)), <- (proj1 (HG t)).
Qed.

(* The sum stops growing once no g^2 reaches half of its last place. *)
Check adagrad_stops.

(* The lecture note's printed form divides by the root of the sum twice. *)
Check printed_adagrad_divides_twice.

(* In exact arithmetic the recorded lane is the rule. *)
Theorem lane_is_the_rule (r : environment) :
  let sum := r "sum" + r "gradient" * r "gradient" in
  exact r adagrad_sum = sum
  /\ exact r adagrad_theta
     = r "theta" - r "learning_rate" * r "gradient" / sqrt (sum + r "epsilon")
  /\ exact r adagrad_outside_theta
     = r "theta" - r "learning_rate" * r "gradient" / (sqrt sum + r "epsilon").
Proof. simpl. rewrite (Rplus_comm (r "sum")). easy. Qed.

(* The exact lanes of the runs are what reference/ computes, as it was recorded: with epsilon under the
   root, outside of it, and without a step where the sum is 0. *)
Theorem lanes_are_the_formulas (r : environment) :
  let alpha := r "learning_rate" in let epsilon := r "epsilon" in
  let theta := r "theta" in let sum := r "sum" in let g := r "gradient" in
  exact r adagrad_sum = adagrad_sum_formula sum g
  /\ exact r adagrad_theta = adagrad_theta_formula alpha epsilon theta sum g
  /\ exact r adagrad_outside_theta
     = adagrad_epsilon_place_outside_theta_formula alpha epsilon theta sum g
  /\ exact r adagrad_no_step_at_zero_theta
     = adagrad_zero_denominator_no_step_theta_formula alpha epsilon theta sum g.
Proof. repeat split; is_the_formula. Qed.

(* With weight decay in the gradient they are the formulas at the gradient g + lambda theta. *)
Theorem decayed_is_the_formula alpha epsilon lambda theta sum g :
  let decayed := g + lambda * theta in
  adagrad_sum_formula sum decayed
  = adagrad_epsilon_place_outside_weight_decay_place_gradient_sum_formula lambda theta sum g
  /\ adagrad_epsilon_place_outside_theta_formula alpha epsilon theta sum decayed
     = adagrad_epsilon_place_outside_weight_decay_place_gradient_theta_formula alpha epsilon lambda
         theta sum g.
Proof. easy. Qed.

(* A run with underflow: after t of T steps theta is off by at most [quotient_drift], with epsilon
   under the root and outside of it. The sum starts at 0, or at a number above 0 as Keras, Optax and
   TensorFlow 1 have it; then epsilon may be 0. *)
Check adagrad_theta_with_underflow.
Check adagrad_outside_theta_with_underflow.

(* So it is in IEEE arithmetic, in which nothing overflows while [quotient_peak] is below the
   largest number. *)
Check adagrad_run_in_ieee.
Check adagrad_outside_run_in_ieee.

(* So it is of the form that makes no step where the sum is 0, from a start above 0: there it makes
   the steps of the other. *)
Check adagrad_no_step_at_zero_run_in_ieee.

(* With weight decay in the gradient and epsilon outside of the root, as long as the exact divisor
   is at least sigma: theta's error comes back in the gradient, and an update follows its gradients
   within alpha (1 + sqrt T) / sigma. *)
Check decayed_adagrad_outside_run_in_ieee.

(* Not proved: the run of the forms that average, slow down or decay the sum; and of those that make
   no step where the sum is 0 from a start at 0, or with epsilon outside of the root. *)
