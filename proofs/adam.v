(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Adam, in one place. The terms are those recorded from fast/lanes/adam.lane.hpp
   (generated/Lanes.v); u is half a unit in the last place of 1. *)

Require Import Reals QArith String Psatz.
From Truestep Require Import Expression Apriori Inputs Formats Invariants ClosedForms.
From Truestep Require Import RecordedFormulas.
From Truestep Require Import Rounding Means Runs adam_theory adam_printed.
From Truestep Require Import Gradual adam_step adam_run adam_machine adam_defaults
  adam_amsgrad_run adam_decoupled_run adam_decay_run.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants Formulas.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
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

(* The same with gradual underflow: step/Apriori.v's constants, and an absolute part that underflow
   alone makes (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 adam adam_theta 11.001
  /\ gradual_in_binary64 binary64 adam adam_theta 10.001.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

(* With weight decay in the gradient, whose sum with the gradient may cancel below the root: every
   form's theta. What the sum lacks from its size is in the absolute part. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient in
  let forms := (adam_theta :: adam_two_epsilons_theta :: adam_amsgrad_theta
                :: adam_amsgrad_two_epsilons_theta :: nil)%list in
  List.Forall (fun e =>
    gradual_in_binary32 binary32 (with_kinds weight_decay adam) (decayed e) 14.501
    /\ gradual_in_binary64 binary64 (with_kinds weight_decay adam) (decayed e) 11.001) forms.
Proof. each_gradually. Qed.

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

(* The rule of the runs below is what reference/ computes, as it was recorded: step t + 1 from the
   states of step t. So are its other forms. *)
Theorem rule_is_the_formula alpha beta1 beta2 epsilon g m v theta :
  adam_rule alpha beta1 beta2 epsilon g m v theta <->
  m O = adam_m_start /\ v O = adam_v_start /\
  forall t,
    m (S t) = adam_m_formula beta1 (m t) (g t) /\
    v (S t) = adam_v_formula beta2 (v t) (g t) /\
    theta (S t) = adam_theta_formula alpha beta1 beta2 epsilon t (theta t) (m t) (v t) (g t).
Proof. unfold adam_rule. is_the_rule. Qed.

Theorem before_correction_is_the_formula alpha beta1 beta2 epsilon g m v theta :
  before_correction_rule alpha beta1 beta2 epsilon g m v theta <->
  m O = adam_m_start /\ v O = adam_v_start /\
  forall t,
    m (S t) = adam_epsilon_frame_before_correction_m_formula beta1 (m t) (g t) /\
    v (S t) = adam_epsilon_frame_before_correction_v_formula beta2 (v t) (g t) /\
    theta (S t) = adam_epsilon_frame_before_correction_theta_formula alpha beta1 beta2 epsilon t
                    (theta t) (m t) (v t) (g t).
Proof. unfold before_correction_rule. is_the_rule. Qed.

(* The largest v of AMSGrad starts where v does. *)
Theorem amsgrad_is_the_formula alpha beta1 beta2 epsilon g m v v_max theta :
  amsgrad_rule alpha beta1 beta2 epsilon g m v v_max theta <->
  m O = adam_m_start /\ v O = adam_v_start /\ v_max O = adam_v_start /\
  forall t,
    m (S t) = adam_amsgrad_m_formula beta1 (m t) (g t) /\
    v (S t) = adam_amsgrad_v_formula beta2 (v t) (g t) /\
    v_max (S t) = adam_amsgrad_v_max_formula beta2 (v t) (v_max t) (g t) /\
    theta (S t) = adam_amsgrad_theta_formula alpha beta1 beta2 epsilon t
                    (theta t) (m t) (v t) (v_max t) (g t).
Proof. unfold amsgrad_rule. is_the_rule. Qed.

Theorem amsgrad_before_correction_is_the_formula alpha beta1 beta2 epsilon g m v v_max theta :
  amsgrad_before_correction_rule alpha beta1 beta2 epsilon g m v v_max theta <->
  m O = adam_m_start /\ v O = adam_v_start /\ v_max O = adam_v_start /\
  forall t,
    m (S t) = adam_epsilon_frame_before_correction_amsgrad_m_formula beta1 (m t) (g t) /\
    v (S t) = adam_epsilon_frame_before_correction_amsgrad_v_formula beta2 (v t) (g t) /\
    v_max (S t) = adam_epsilon_frame_before_correction_amsgrad_v_max_formula beta2
                    (v t) (v_max t) (g t) /\
    theta (S t) = adam_epsilon_frame_before_correction_amsgrad_theta_formula alpha beta1 beta2
                    epsilon t (theta t) (m t) (v t) (v_max t) (g t).
Proof. unfold amsgrad_before_correction_rule. is_the_rule. Qed.

(* The amount of decoupled weight decay is learning rate times weight decay; with
   DecayScale::one it is weight decay alone. *)
Theorem decoupled_is_the_formula alpha beta1 beta2 epsilon lambda g m v theta :
  decoupled_rule alpha beta1 beta2 epsilon (alpha * lambda) g m v theta <->
  m O = adam_m_start /\ v O = adam_v_start /\
  forall t,
    m (S t) = adam_weight_decay_place_decoupled_m_formula beta1 (m t) (g t) /\
    v (S t) = adam_weight_decay_place_decoupled_v_formula beta2 (v t) (g t) /\
    theta (S t) = adam_weight_decay_place_decoupled_theta_formula alpha beta1 beta2 epsilon lambda t
                    (theta t) (m t) (v t) (g t).
Proof. unfold decoupled_rule. is_the_rule. Qed.

Theorem decoupled_by_one_is_the_formula alpha beta1 beta2 epsilon lambda g m v theta :
  decoupled_rule alpha beta1 beta2 epsilon lambda g m v theta <->
  m O = adam_m_start /\ v O = adam_v_start /\
  forall t,
    m (S t) = adam_weight_decay_place_decoupled_weight_decay_scale_one_m_formula beta1
                (m t) (g t) /\
    v (S t) = adam_weight_decay_place_decoupled_weight_decay_scale_one_v_formula beta2
                (v t) (g t) /\
    theta (S t) = adam_weight_decay_place_decoupled_weight_decay_scale_one_theta_formula
                    alpha beta1 beta2 epsilon lambda t (theta t) (m t) (v t) (g t).
Proof. unfold decoupled_rule. is_the_rule. Qed.

Theorem decoupled_before_correction_is_the_formula alpha beta1 beta2 epsilon lambda g m v theta :
  decoupled_before_correction_rule alpha beta1 beta2 epsilon (alpha * lambda) g m v theta <->
  m O = adam_m_start /\ v O = adam_v_start /\
  forall t,
    m (S t) = adam_epsilon_frame_before_correction_weight_decay_place_decoupled_m_formula beta1
                (m t) (g t) /\
    v (S t) = adam_epsilon_frame_before_correction_weight_decay_place_decoupled_v_formula beta2
                (v t) (g t) /\
    theta (S t) = adam_epsilon_frame_before_correction_weight_decay_place_decoupled_theta_formula
                    alpha beta1 beta2 epsilon lambda t (theta t) (m t) (v t) (g t).
Proof. unfold decoupled_before_correction_rule. is_the_rule. Qed.

(* With weight decay in the gradient the formulas are the rule's at the gradient g + lambda theta. *)
Theorem decayed_is_the_formula alpha beta1 beta2 epsilon lambda t theta m v g :
  let decayed := g + lambda * theta in
  adam_m_formula beta1 m decayed
  = adam_weight_decay_place_gradient_m_formula beta1 lambda theta m g
  /\ adam_v_formula beta2 v decayed
     = adam_weight_decay_place_gradient_v_formula beta2 lambda theta v g
  /\ adam_theta_formula alpha beta1 beta2 epsilon t theta m v decayed
     = adam_weight_decay_place_gradient_theta_formula alpha beta1 beta2 epsilon lambda t theta m v g.
Proof. easy. Qed.

(* In exact arithmetic the recorded lane is the rule: m, v and theta of step t + 1, at the exact
   coefficients. *)
Theorem lane_is_the_rule alpha beta1 beta2 epsilon t r :
  0 < beta1 < 1 -> 0 < beta2 < 1 -> 0 <= r "v" ->
  adam_coefficients alpha beta1 beta2 epsilon t r ->
  let m := beta1 * r "m" + (1 - beta1) * r "gradient" in
  let v := beta2 * r "v" + (1 - beta2) * (r "gradient" * r "gradient") in
  exact r adam_m = m /\ exact r adam_v = v
  /\ exact r adam_theta = r "theta" - alpha * (m / (1 - beta1 ^ S t))
                                      / (sqrt (v / (1 - beta2 ^ S t)) + epsilon).
Proof. exact (adam_lane_is_the_rule alpha beta1 beta2 epsilon t r). Qed.

(* So one step of theta in binary32 is within 11.001 u of the rule at the hyperparameters, each
   coefficient being nearly the nearest number to its exact one. *)
Theorem one_step_of_the_rule alpha beta1 beta2 epsilon t (f : string -> binary_float 24 128) :
  let stored x := B2R (f x) in
  let inputs := adam_inputs alpha beta1 beta2 epsilon t stored in
  let m := beta1 * stored "m" + (1 - beta1) * stored "gradient" in
  let v := beta2 * stored "v" + (1 - beta2) * (stored "gradient" * stored "gradient") in
  1 / 2 < beta1 < 1 -> 1 / 2 < beta2 < 1 -> 0 <= alpha -> 0 < epsilon ->
  0 <= stored "v" /\ 0 <= stored "v_max" /\ 0 <= stored "epsilon_root" ->
  (forall x, adam_coefficient x = true -> nearly_nearest 24 (stored x) (inputs x)) ->
  finite_throughout 24 128 eq_refl eq_refl f adam_theta -> no_underflow 24 128 stored adam_theta ->
  Rabs (B2R (ieee 24 128 eq_refl eq_refl f adam_theta)
        - (stored "theta" - alpha * (m / (1 - beta1 ^ S t))
                            / (sqrt (v / (1 - beta2 ^ S t)) + epsilon)))
  <= Q2R 11.001 * bpow radix2 (- (24)) * magnitude inputs adam_theta.
Proof.
  intros stored inputs m v B1 B2 A E V C F N.
  assert (R := adam_inputs_represented alpha beta1 beta2 epsilon t stored B1 B2 A E V C).
  apply (adam_step_is_near_the_rule alpha beta1 beta2 epsilon t stored B1 B2 V).
  apply (proj1 one_step); auto. apply adam_theta_divisors; [| exact E].
  intro x. assert (S := R x). destruct (adam x); tauto.
Qed.

(* A run: the recorded lane step after step, under any rounding, against the rule. After t steps
   with gradients of at most G theta is off by at most [theta_drift], underflow included; without
   underflow the bound depends neither on G nor on epsilon. rules/adam_run.v says what it is made
   of. *)
Theorem theta_stays_near u eta k alpha beta1 beta2 epsilon G rnd T f m v theta :
  rounding u eta rnd ->
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  follows_adam (rounded rnd) f -> adam_coefficients_within k alpha beta1 beta2 epsilon f ->
  (forall t, Rabs (f t "gradient") <= G) ->
  adam_rule alpha beta1 beta2 epsilon (fun t => f t "gradient") m v theta ->
  f O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - theta t)
    <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros Hr Hc Hf Hk HG Hrule Hstart.
  now apply (adam_run_rounded u eta k alpha beta1 beta2 epsilon G rnd T f m v theta).
Qed.

(* The same of a run in IEEE arithmetic, in which nothing overflows while [adam_peak] is below the
   largest number. *)
Check adam_run_in_ieee.

(* The same where epsilon stands before the correction, beside the raw root, as in TensorFlow 1 and
   Keras: each step has its own epsilon, and the largest, epsilon / sqrt (1 - beta2), counts for what
   may overflow. How far theta drifts is bounded by the same number. *)
Check adam_before_correction_run_in_ieee.

(* A run in binary32 at beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 and a learning rate of at most 1:
   for up to 100 000 steps with gradients of at most 2^20 nothing overflows, and theta is within
   t (u (1.01 |theta_0| + alpha (31 t + 67)) + 2^-100) of the rule's. *)
Theorem run_in_binary32 alpha G T (f : nat -> string -> binary_float 24 128) m v theta :
  let u := bpow radix2 (- (24)) in
  let stored t x := B2R (f t x) in
  0 <= alpha <= 1 -> G <= 2 ^ 20 -> Rabs (theta O) <= 2 ^ 20 -> INR T <= 100000 ->
  adam_machine_run 24 128 eq_refl eq_refl f ->
  adam_coefficients_within (kappa * u) alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  adam_rule alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout 24 128 eq_refl eq_refl (f i) adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= INR t * (u * (101 / 100 * Rabs (theta O) + alpha * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intros u stored A HG H0 HT Hf Hk Hg Hrule Hstart. assert (T0 := pos_INR T).
  apply (default_run_in_ieee 24 128 eq_refl eq_refl alpha G T f m v theta); auto;
    unfold u; simpl; lra.
Qed.

(* The same in binary64, for up to 10^12 steps. *)
Theorem run_in_binary64 alpha G T (f : nat -> string -> binary_float 53 1024) m v theta :
  let u := bpow radix2 (- (53)) in
  let stored t x := B2R (f t x) in
  0 <= alpha <= 1 -> G <= 2 ^ 20 -> Rabs (theta O) <= 2 ^ 20 -> INR T <= 10 ^ 12 ->
  adam_machine_run 53 1024 eq_refl eq_refl f ->
  adam_coefficients_within (kappa * u) alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  adam_rule alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout 53 1024 eq_refl eq_refl (f i) adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= INR t * (u * (101 / 100 * Rabs (theta O) + alpha * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intros u stored A HG H0 HT Hf Hk Hg Hrule Hstart. assert (T0 := pos_INR T).
  apply (default_run_in_ieee 53 1024 eq_refl eq_refl alpha G T f m v theta); auto;
    unfold u; simpl; lra.
Qed.

(* AMSGrad's theta drifts no further in a run, and overflows no sooner, wherever epsilon stands. *)
Check amsgrad_run_in_ieee.
Check amsgrad_before_correction_run_in_ieee.

(* So it is with decoupled weight decay, by a factor 1 - a at each step: a run drifts by at most
   [decoupled_drift], and nothing overflows while [decoupled_peak] is below the largest number. *)
Check decoupled_run_in_ieee.
Check decoupled_before_correction_run_in_ieee.

(* With the hyperparameters above, for up to 100 000 steps in binary32, that is at most
   t (u (3.1 |theta_0| + alpha (47 t + 67)) + 2^-100), and 2^101. *)
Check default_decoupled_drift.
Check default_decoupled_peak.

(* With weight decay in the gradient a run is one at the gradients that the machine has formed, and
   the rule's own gradients differ from these as theta does. So what comes back grows by 1 + C q a
   step ([gradient_feedback]), C = (alpha + [longest_step]) / sigma, q about lambda, while the
   rule's divisor is at least sigma; nothing overflows. Two such rules are apart as their gradients
   are. *)
Check decayed_adam_run_in_ieee.
Check adam_updates_apart.

(* Not proved: a run of the forms with epsilon under the root, or of AMSGrad with weight decay. The
   bound of a run is loose: it
   grows as t^2 and lets every rounding err in one direction. With gradient 1, learning rate 0.001
   and theta_0 = 1, a run in binary32 was seen to drift by 1/19 of it in 100 steps, 1/300 in 1000
   and 1/430 in 100 000; with random gradients by far less. *)
