(* SPDX-License-Identifier: Apache-2.0 *)
(* What is proved of Adadelta, in one place. The terms are those recorded from
   fast/lanes/adadelta.lane.hpp (generated/Lanes.v); u is half a unit in the last place of 1, and
   Adadelta's own u is called "u". *)

Require Import Reals QArith String.
From Truestep Require Import Expression Apriori Inputs Formats Invariants.
From Truestep Require Import Rounding Means Runs adadelta_theory.
From TruestepGenerated Require Import Lanes Bounds LaneInvariants.
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

(* The lecture note's printed first step is without bound in g; the published one has a bound. *)
Check printed_adadelta_first_step.
Check adadelta_first_step_bound.

(* Not proved: an explicit constant for the drift of "u", and of theta, whose updates' errors are
   taken as they come ([theta_drift] in drift/Sums.v); that nothing overflows; and a constant of
   one step where something underflows. *)
