(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Adadelta, in one place. The terms are those recorded from
   fast/lanes/adadelta.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1, and
   Adadelta's own u is called "u". *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats Invariants.
From Truestep Require Import Rounding Means Runs adadelta_theory adadelta_steps adadelta_run.
From Truestep Require Import Gradual.
From Truestep Require Import RecordedFormulas.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants Formulas.
Open Scope string_scope.

(* One step of theta in IEEE arithmetic is within 6.501 u of the exact step at the hyperparameters,
   relative to the size that the step would have if no sum cancelled; in binary64 within 5.501 u.
   It needs no underflow and no overflow, rho of at least 1/2 (or a weight of 1 held exactly), and
   exact states. All other quantities, forms and formats are in generated/Bounds.v. *)
Theorem one_step :
  in_binary32 binary32 adadelta adadelta_theta 6.501
  /\ in_binary64 binary64 adadelta adadelta_theta 5.501
  /\ in_fp16 fp16 adadelta adadelta_theta 6.519
  /\ in_bfloat16 bfloat16 adadelta adadelta_theta 6.654.
Proof.
  exact (conj (binary32_constant _ _ _ adadelta_theta_binary32)
        (conj (binary64_constant _ _ _ adadelta_theta_binary64)
        (conj (fp16_constant _ _ _ adadelta_theta_fp16)
              (bfloat16_constant _ _ _ adadelta_theta_bfloat16)))).
Qed.

(* One step of the two states is within 3.001 u and 14.001 u in binary32. *)
Theorem one_step_of_the_states :
  in_binary32 binary32 adadelta adadelta_s 3.001
  /\ in_binary32 binary32 adadelta Lanes.adadelta_u 14.001.
Proof.
  exact (conj (binary32_constant _ _ _ adadelta_s_binary32)
              (binary32_constant _ _ _ adadelta_u_binary32)).
Qed.

(* The same with gradual underflow: an absolute part that underflow alone makes (run/Gradual.v). *)
Theorem one_step_with_underflow :
  gradual_in_binary32 binary32 adadelta adadelta_theta 6.501
  /\ gradual_in_binary64 binary64 adadelta adadelta_theta 5.501.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

(* With weight decay in the gradient, whose sum with the gradient may cancel below the root. *)
Theorem one_step_with_weight_decay :
  let decayed := put "gradient" weight_decay_decayed_gradient adadelta_theta in
  gradual_in_binary32 binary32 (with_kinds weight_decay adadelta) decayed 10.501
  /\ gradual_in_binary64 binary64 (with_kinds weight_decay adadelta) decayed 7.501.
Proof. split; [gradually 24%positive | gradually 53%positive]. Qed.

(* Rounding never makes a state negative, and with epsilon > 0 the step divides by no zero. *)
Theorem signs_are_kept :
  never_negative adadelta adadelta_s /\ never_negative adadelta Lanes.adadelta_u
  /\ forall r, signs adadelta r -> (0 < r "epsilon")%R -> divisors_nonzero r adadelta_theta.
Proof.
  exact (conj adadelta_s_never_negative
        (conj adadelta_u_never_negative adadelta_theta_divisors)).
Qed.

Open Scope R_scope.

(* The stored s stays near the exact one, for all t and any gradients of at most G. *)
Theorem s_stays_near u eta rnd w0 G (f r : run) :
  let c := 2 + u + kappa * w0 in
  rounding u eta rnd -> 0 < w0 -> c * u < w0 ->
  weights_within u w0 "w" f r -> same_gradients G f r ->
  follows_from_zero exact "s" adadelta_s r -> follows_from_zero (rounded rnd) "s" adadelta_s f ->
  forall t, 0 <= f t "s"
    /\ Rabs (f t "s" - r t "s") <= (c * u * (G * G) + (2 + u + (1 + u) * G) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw HG [r0 Hs] [f0 Hst].
  apply (second_moment_drift u eta rnd w0 G (fun t => r t "w") (fun t => f t "w")
           (fun t => r t "s") (fun t => f t "s") (fun t => r t "gradient"));
    try assumption; intros t; try apply Hw; try apply HG.
  - rewrite Hs; simpl; ring.
  - rewrite Hst; simpl; now rewrite (proj1 (HG t)).
Qed.

(* Its own mean square of updates does not contract as soon as g^2 >= s + epsilon. *)
Check adadelta_u_does_not_contract.

(* So nothing better is proved of it than a factor (1 + k)^t, if each step, from the same "u", is
   within a factor 1 + k. *)
Check adadelta_u_drift.

(* In exact arithmetic no step of the recorded lane is longer than [adadelta_longest]: the root of
   (1 + (1 - rho) T) (G^2 + epsilon) / (1 - rho) in T steps. *)
Theorem steps_are_short rho epsilon G T (r : run) :
  0 < rho < 1 -> 0 < epsilon ->
  (forall t, r t "w" = 1 - rho /\ r t "epsilon" = epsilon /\ Rabs (r t "gradient") <= G) ->
  follows_from_zero exact "s" adadelta_s r ->
  follows_from_zero exact "u" Lanes.adadelta_u r ->
  forall t, (t < T)%nat ->
    Rabs (exact (r t) adadelta_delta) <= adadelta_longest rho epsilon G T.
Proof.
  intros B E Hi [s0 Hs] [u0 Hu] t Ht.
  apply (step_at_most rho epsilon G (fun t => r t "gradient") (fun t => r t "s")
    (fun t => r t "u") (fun t => exact (r t) adadelta_delta)); try assumption;
    intro i; destruct (Hi i) as (W & Ee & HG).
  - exact HG.
  - rewrite Hs. simpl. rewrite W. ring.
  - rewrite Hu. change (exact (r i) Lanes.adadelta_u) with (r i "w" * exact (r i) adadelta_delta
      * exact (r i) adadelta_delta + (1 - r i "w") * r i "u"). rewrite W. ring.
  - rewrite Hs, <- Ee. reflexivity.
Qed.

(* The lecture note's printed first step is without bound in g; the published one has a bound. *)
Check printed_adadelta_first_step.
Check adadelta_first_step_bound.

(* In exact arithmetic the recorded lane is the rule, at the coefficient w = 1 - rho. *)
Theorem lane_is_the_rule (rho : R) (r : environment) :
  r "w" = 1 - rho ->
  let s := rho * r "s" + (1 - rho) * (r "gradient" * r "gradient") in
  let delta := - (sqrt ((r "u" + r "epsilon") / (s + r "epsilon")) * r "gradient") in
  exact r adadelta_s = s /\ exact r adadelta_delta = delta
  /\ exact r adadelta_u = rho * r "u" + (1 - rho) * (delta * delta)
  /\ exact r adadelta_theta = r "theta" + delta.
Proof.
  intros E s delta.
  assert (S : exact r adadelta_s = s) by (unfold s; simpl; rewrite E; ring).
  assert (D : exact r adadelta_delta = delta).
  { change (exact r adadelta_delta) with (- (sqrt ((r "u" + r "epsilon")
      / (exact r adadelta_s + r "epsilon")) * r "gradient")). now rewrite S. }
  split; [exact S |]. split; [exact D |]. split.
  - change (exact r adadelta_u) with (r "w" * exact r adadelta_delta * exact r adadelta_delta
      + (1 - r "w") * r "u"). rewrite D, E. ring.
  - change (exact r adadelta_theta) with (r "theta" + exact r adadelta_delta). now rewrite D.
Qed.

(* The exact lanes of the runs are what reference/ computes, as it was recorded, with a learning rate
   and without: there the lane takes one root of a quotient, and the reference two. *)
Theorem lanes_are_the_formulas (rho : R) (r : environment) :
  0 <= rho < 1 -> 0 <= r "epsilon" -> 0 <= r "s" -> r "w" = 1 - rho ->
  let alpha := r "learning_rate" in let epsilon := r "epsilon" in
  let theta := r "theta" in let s := r "s" in let u := r "u" in let g := r "gradient" in
  exact r adadelta_s = adadelta_s_formula rho s g
  /\ exact r adadelta_delta = adadelta_delta_formula rho epsilon s u g
  /\ exact r adadelta_u = adadelta_u_formula rho epsilon s u g
  /\ exact r adadelta_theta = adadelta_theta_formula rho epsilon theta s u g
  /\ exact r adadelta_scaled_theta
     = adadelta_learning_rate_theta_formula alpha rho epsilon theta s u g.
Proof. repeat split; is_the_formula. Qed.

(* In IEEE arithmetic, underflow included, the stored "u" + epsilon stays within a factor of the
   exact one, theta stays near for T steps, and nothing overflows while [adadelta_peak] is below
   the largest number. The conditions let the error of s + epsilon grow with T, and that of "u" by
   as much at every step: at rho = 0.95 and moderate gradients they allow some 2000 steps in
   binary32 and some 5 * 10^7 in binary64, as we reckon. *)
Check adadelta_run_in_ieee.

(* The same where a learning rate scales what theta moves by, as in Keras and TensorFlow 1, and "u"
   gathers the squares before that. *)
Check adadelta_scaled_run_in_ieee.

(* Not proved: a run of the form that gathers the squares of the scaled steps; a run with weight
   decay. *)
