(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of RMSprop, in one place. The terms are those recorded from
   fast/lanes/rmsprop.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats Invariants.
From Truestep Require Import Rounding Runs rmsprop_theory.
From Truestep Require Import Gradual rmsprop_run rmsprop_centered_run decaying_adagrad_run.
From Truestep Require Import RecordedFormulas.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants Formulas.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 7.001 u of the exact step at the hyperparameters,
   relative to the size that the step would have if no sum cancelled; in binary64 within 5.501 u.
   It needs no underflow and no overflow, rho of at least 1/2 (or a weight of 1 held exactly), and
   exact states. All other quantities, forms and formats are in generated/Bounds.v. *)
Theorem one_step :
  in_binary32 binary32 rmsprop rmsprop_theta 7.001
  /\ in_binary64 binary64 rmsprop rmsprop_theta 5.501
  /\ in_fp16 fp16 rmsprop rmsprop_theta 7.017
  /\ in_bfloat16 bfloat16 rmsprop rmsprop_theta 7.136.
Proof.
  exact (conj (binary32_constant _ _ _ rmsprop_theta_binary32)
        (conj (binary64_constant _ _ _ rmsprop_theta_binary64)
        (conj (fp16_constant _ _ _ rmsprop_theta_fp16)
              (bfloat16_constant _ _ _ rmsprop_theta_bfloat16)))).
Qed.

(* The same with gradual underflow, and in the centered forms, where s - mean^2 may cancel below the
   root: what it lacks from its size is in the absolute part (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 rmsprop rmsprop_theta 7.001
  /\ gradual_in_binary64 binary64 rmsprop rmsprop_theta 5.501.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

Theorem one_step_of_the_centered_forms :
  let unbuffered := (rmsprop_inside_centered_theta :: rmsprop_outside_centered_theta
    :: rmsprop_inside_corrected_centered_theta :: rmsprop_outside_corrected_centered_theta
    :: nil)%list in
  let buffered := (rmsprop_inside_centered_buffered_theta :: rmsprop_outside_centered_buffered_theta
    :: rmsprop_inside_corrected_centered_buffered_theta
    :: rmsprop_outside_corrected_centered_buffered_theta :: nil)%list in
  List.Forall (fun e => gradual_in_binary32 binary32 rmsprop e 11.001
                        /\ gradual_in_binary64 binary64 rmsprop e 9.501) unbuffered
  /\ List.Forall (fun e => gradual_in_binary32 binary32 rmsprop e 14.001
                           /\ gradual_in_binary64 binary64 rmsprop e 11.501) buffered.
Proof. cbv zeta. split; each_gradually. Qed.

(* With weight decay in the gradient, whose sum with the gradient may cancel too. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient in
  let forms := (rmsprop_theta :: rmsprop_inside_theta :: rmsprop_outside_theta
                :: rmsprop_outside_centered_theta :: nil)%list in
  List.Forall (fun e =>
    gradual_in_binary32 binary32 (with_kinds weight_decay rmsprop) (decayed e) 12.501
    /\ gradual_in_binary64 binary64 (with_kinds weight_decay rmsprop) (decayed e) 8.501) forms.
Proof. each_gradually. Qed.

(* Rounding never makes s or sigma negative, and with epsilon > 0 the step divides by no zero, the
   centered forms included. *)
Theorem signs_are_kept :
  never_negative rmsprop Lanes.rmsprop_s /\ always_positive rmsprop "epsilon" rmsprop_sigma
  /\ (forall r, signs rmsprop r -> (0 < r "epsilon")%R -> divisors_nonzero r rmsprop_theta)
  /\ (forall r, signs rmsprop r -> (0 < r "epsilon")%R ->
      divisors_nonzero r rmsprop_inside_centered_theta).
Proof.
  exact (conj rmsprop_s_never_negative (conj rmsprop_sigma_positive
        (conj rmsprop_theta_divisors rmsprop_inside_centered_theta_divisors))).
Qed.

Open Scope R_scope.

(* The stored s, with epsilon in it, stays near the exact one, for all t and any gradients of at
   most G. *)
Theorem s_stays_near u eta rnd w0 epsilon epsilont G (f r : run) :
  let B := G * G + epsilon / w0 in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * w0 in
  rounding u eta rnd -> 0 < w0 -> c * u < w0 ->
  constant_within u epsilon epsilont "epsilon" f r -> 0 <= epsilont ->
  weights_within u w0 "w" f r -> same_gradients G f r ->
  follows_from_zero exact "s" Lanes.rmsprop_s r ->
  follows_from_zero (rounded rnd) "s" Lanes.rmsprop_s f ->
  forall t, Rabs (f t "s" - r t "s")
            <= (c * u * B + ((1 + u) ^ 2 * G + 3 + 2 * u) * eta) / (w0 - c * u).
Proof.
  intros B c Hr Hw0 Hc (He & e0 & Het) e1 Hw HG [r0 Hs] [f0 Hst].
  apply (rmsprop_drift u eta rnd w0 epsilon epsilont G (fun t => r t "w") (fun t => f t "w")
           (fun t => r t "s") (fun t => f t "s") (fun t => r t "gradient"));
    try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hs; simpl; rewrite (proj1 (He t)); ring.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)), (proj2 (He t)).
Qed.

(* Without underflow, and while s drifts by less than epsilon, the stored theta drifts by a known
   amount in each of T steps in which it is at most Theta. *)
Theorem theta_stays_near u rnd w0 epsilon epsilont alpha alphat G Theta T (f r : run) :
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * w0 in
  let D := c * u * (G * G + epsilon / w0) / (w0 - c * u) in
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let a := (1 - u) * sqrt (1 - D / epsilon) in
  let e := ((1 + u) * (1 + K) / a - 1) * (alpha / sqrt w0) in
  rounding u 0 rnd -> u < 1 -> D / epsilon < 1 -> 0 < w0 -> c * u < w0 ->
  constant_within u epsilon epsilont "epsilon" f r -> 0 < epsilon -> 0 <= epsilont ->
  constant_within u alpha alphat "learning_rate" f r ->
  weights_within u w0 "w" f r -> same_gradients G f r ->
  follows_from_zero exact "s" Lanes.rmsprop_s r ->
  follows_from_zero (rounded rnd) "s" Lanes.rmsprop_s f ->
  f 0%nat "theta" = r 0%nat "theta" ->
  follows exact "theta" rmsprop_theta r -> follows (rounded rnd) "theta" rmsprop_theta f ->
  (forall t, (t <= T)%nat -> Rabs (f t "theta") <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta") <= INR t * (e + u * Theta / (1 - u)).
Proof.
  intros c D K a e Hr U1 HD Hw0 Hc (He & e0 & Het) e1 e2 (Ha & a0 & Hat) Hw HG [r0 Hs] [f0 Hst]
    Hstart Hx Hxt HX.
  apply (rmsprop_theta_drift u w0 epsilon epsilont alpha alphat G rnd (fun t => r t "w")
           (fun t => f t "w") (fun t => r t "s") (fun t => f t "s") (fun t => r t "gradient"));
    try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hs; simpl; rewrite (proj1 (He t)); ring.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)), (proj2 (He t)).
  - rewrite Hx, Hs; simpl; now rewrite (proj1 (Ha t)).
  - rewrite Hxt, Hst; simpl; now rewrite (proj1 (HG t)), (proj2 (Ha t)).
Qed.

(* So does the stored buffer of the buffered form, for all t: it takes quotients that drift. *)
Theorem v_stays_near u rnd w0 epsilon epsilont push pusht mu mut G (f r : run) :
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * w0 in
  let D := c * u * (G * G + epsilon / w0) / (w0 - c * u) in
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let a := (1 - u) * sqrt (1 - D / epsilon) in
  let P := push / sqrt w0 in
  let e := ((1 + u) * (1 + K) / a - 1) * P in
  let V := (P + e) / (1 - mu) in
  rounding u 0 rnd -> u < 1 -> D / epsilon < 1 -> 0 < w0 -> c * u < w0 -> mu * (1 + K) < 1 ->
  constant_within u epsilon epsilont "epsilon" f r -> 0 < epsilon -> 0 <= epsilont ->
  constant_within u push pusht "push" f r -> constant_within u mu mut "momentum" f r ->
  weights_within u w0 "w" f r -> same_gradients G f r ->
  follows_from_zero exact "s" Lanes.rmsprop_s r ->
  follows_from_zero (rounded rnd) "s" Lanes.rmsprop_s f ->
  follows_from_zero exact "v" rmsprop_buffered_v r ->
  follows_from_zero (rounded rnd) "v" rmsprop_buffered_v f ->
  forall t, Rabs (f t "v" - r t "v")
            <= (K * mu * V + u * (P + e)) / (1 - mu * (1 + K)) + e / (1 - mu).
Proof.
  intros c D K a P e V Hr U1 HD Hw0 Hc HK (He & e0 & Het) e1 e2 (Hp & p0 & Hpt) (Hm & m0 & Hmt)
    Hw HG [r0 Hs] [f0 Hst] [rv0 Hv] [fv0 Hvt].
  apply (rmsprop_buffer_drift u w0 epsilon epsilont push pusht G rnd (fun t => r t "w")
           (fun t => f t "w") (fun t => r t "s") (fun t => f t "s") (fun t => r t "gradient"))
    with (mut := mut); try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hs; simpl; rewrite (proj1 (He t)); ring.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)), (proj2 (He t)).
  - rewrite Hv, Hs; simpl; now rewrite (proj1 (Hp t)), (proj1 (Hm t)).
  - rewrite Hvt, Hst; simpl; now rewrite (proj1 (HG t)), (proj2 (Hp t)), (proj2 (Hm t)).
Qed.

(* In exact arithmetic an epsilon in the state adds epsilon / (1 - rho) in the end. *)
Check rmsprop_epsilon_limit.

(* The lecture note's printed first step goes uphill if the gradient is negative. *)
Check printed_rmsprop_steps_uphill.

(* In exact arithmetic the recorded lane is the rule, at the coefficient w = 1 - rho. *)
Theorem lane_is_the_rule (rho : R) (r : environment) :
  r "w" = 1 - rho ->
  let mean := rho * r "s" + (1 - rho) * (r "gradient" * r "gradient") in
  let step d := r "theta" - r "learning_rate" * r "gradient" / d in
  exact r Lanes.rmsprop_s = mean + r "epsilon" /\ exact r rmsprop_inside_s = mean
  /\ exact r rmsprop_theta = step (sqrt (mean + r "epsilon"))
  /\ exact r rmsprop_inside_theta = step (sqrt (mean + r "epsilon"))
  /\ exact r rmsprop_outside_theta = step (sqrt mean + r "epsilon").
Proof.
  intros E mean step.
  assert (S : exact r Lanes.rmsprop_s = mean + r "epsilon") by (unfold mean; simpl; rewrite E;
    ring).
  assert (I : exact r rmsprop_inside_s = mean) by (unfold mean; simpl; rewrite E; ring).
  split; [exact S |]. split; [exact I |].
  change (exact r rmsprop_theta) with (step (sqrt (exact r Lanes.rmsprop_s))).
  change (exact r rmsprop_inside_theta) with (step (sqrt (exact r rmsprop_inside_s + r "epsilon"))).
  change (exact r rmsprop_outside_theta) with (step (sqrt (exact r rmsprop_inside_s) + r
    "epsilon")).
  now rewrite S, I.
Qed.

(* The exact lanes of the runs are what reference/ computes, as it was recorded: with epsilon in the
   state, under the root, outside of it, and centered. *)
Theorem lanes_are_the_formulas (rho : R) (r : environment) :
  r "w" = 1 - rho ->
  let alpha := r "learning_rate" in let epsilon := r "epsilon" in
  let theta := r "theta" in let s := r "s" in let g := r "gradient" in
  exact r Lanes.rmsprop_s = rmsprop_s_formula rho epsilon s g
  /\ exact r rmsprop_theta = rmsprop_theta_formula alpha rho epsilon theta s g
  /\ exact r rmsprop_inside_s = rmsprop_epsilon_place_inside_s_formula rho s g
  /\ exact r rmsprop_inside_theta
     = rmsprop_epsilon_place_inside_theta_formula alpha rho epsilon theta s g
  /\ exact r rmsprop_outside_theta
     = rmsprop_epsilon_place_outside_theta_formula alpha rho epsilon theta s g
  /\ (r "w_of_mean" = 1 - rho ->
      exact r rmsprop_inside_centered_mean
      = rmsprop_epsilon_place_outside_centered_mean_formula rho (r "mean") g
      /\ exact r rmsprop_outside_centered_theta
         = rmsprop_epsilon_place_outside_centered_theta_formula alpha rho epsilon theta s
             (r "mean") g).
Proof. repeat split; is_the_formula. Qed.

(* The first step stores the square that it sees: there the weight is 1, whatever the state. *)
Theorem first_step_is_the_formula (r : environment) :
  r "w" = 1 ->
  let alpha := r "learning_rate" in let epsilon := r "epsilon" in let g := r "gradient" in
  exact r Lanes.rmsprop_s = rmsprop_first_s_formula epsilon g
  /\ exact r rmsprop_theta = rmsprop_first_theta_formula alpha epsilon (r "theta") g.
Proof. repeat split; is_the_formula. Qed.

(* With weight decay in the gradient they are the formulas at the gradient g + lambda theta. *)
Theorem decayed_is_the_formula alpha rho epsilon lambda theta s g :
  let decayed := g + lambda * theta in
  rmsprop_epsilon_place_outside_s_formula rho s decayed
  = rmsprop_epsilon_place_outside_weight_decay_place_gradient_s_formula rho lambda theta s g
  /\ rmsprop_epsilon_place_outside_theta_formula alpha rho epsilon theta s decayed
     = rmsprop_epsilon_place_outside_weight_decay_place_gradient_theta_formula alpha rho epsilon
         lambda theta s g.
Proof. easy. Qed.

(* A run: after t of T steps, for any epsilon > 0 and with underflow, theta is off by at most
   [quotient_drift], with epsilon in the state, under the root, and outside of it. The weight is
   1 - rho, or 1 at the first step, as in the lecture note ([weighs_within]). The mean square starts
   at 0, or, where no step weighs 1, at any number above 0 ([rmsprop_starts]). *)
Check rmsprop_theta_stays_near.
Check rmsprop_inside_theta_stays_near.
Check rmsprop_outside_theta_stays_near.

(* So it is in IEEE arithmetic, in which nothing overflows while [quotient_peak] is below the
   largest number. *)
Check rmsprop_run_in_ieee.
Check rmsprop_inside_run_in_ieee.
Check rmsprop_outside_run_in_ieee.

(* Centered, with epsilon outside of the root, and as long as the exact variance is at least
   sigma^2: errors of the variance are errors of G^2, which the root divides by sigma. The means
   start at 0. *)
Check centered_theta_stays_near.
Check centered_run_in_ieee.

(* With weight decay in the gradient and epsilon outside of the root, as long as the exact divisor
   is at least sigma: theta's error comes back in the gradient, and an update follows its gradients
   within (alpha + L) / sigma. *)
Check decayed_rmsprop_outside_run_in_ieee.

(* Not proved: the run of the other centered forms, and of the corrected and buffered forms beyond
   what is above. *)
