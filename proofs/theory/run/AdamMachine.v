(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adam in IEEE 754 arithmetic, against the rule: the recorded lane, step after step,
   from the first number to the last.

   [adam_run_in_ieee], for a format of p bits and exponents below emax, u = 2^-p and k = kappa u: if
   the coefficients are within k, no gradient exceeds G and [adam_peak] is below 2^emax, then for T
   steps nothing overflows, and after each of them theta is within [theta_drift] of the rule's.
   Underflow is allowed; that the denominator's error stays below 1 and the growth of the means below
   their decay are conditions on the hyperparameters, the format, T and G alone (run/AdamRun.v).

   [adam_lane_is_the_rule]: in exact arithmetic the recorded lane is the rule, at the coefficients
   1 - beta1, 1 - beta2, alpha / (1 - beta1^t), 1 / sqrt (1 - beta2^t) and epsilon. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Invariants Underflow RelativeDrift.
From Truestep Require Import Overflow AdamRun.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The rule, as the lecture note's source states it: step t + 1 makes number t + 1 of number t. *)
Definition adam_rule (alpha beta1 beta2 epsilon : R) (g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / (sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilon).

Definition adam_coefficients (alpha beta1 beta2 epsilon : R) (t : nat) (r : environment) : Prop :=
  r "w1" = 1 - beta1 /\ r "w2" = 1 - beta2 /\ r "epsilon" = epsilon
  /\ r "alpha_t" = alpha / (1 - beta1 ^ S t) /\ r "c_t" = / sqrt (1 - beta2 ^ S t).

(* The coefficients of the steps, each within relative k. *)
Definition adam_coefficients_within (k alpha beta1 beta2 epsilon : R) (f : run) : Prop :=
  (forall t, f t "w1" = f O "w1" /\ f t "w2" = f O "w2" /\ f t "epsilon" = f O "epsilon")
  /\ 0 <= f O "w1" <= 1 /\ 0 <= f O "w2" <= 1
  /\ Rabs (f O "w1" - (1 - beta1)) <= k * (1 - beta1)
  /\ Rabs (f O "w2" - (1 - beta2)) <= k * (1 - beta2)
  /\ Rabs (f O "epsilon" - epsilon) <= k * epsilon
  /\ forall t,
       Rabs (f t "alpha_t" - alpha / (1 - beta1 ^ S t)) <= k * (alpha / (1 - beta1 ^ S t))
       /\ Rabs (f t "c_t" - / sqrt (1 - beta2 ^ S t)) <= k * / sqrt (1 - beta2 ^ S t).

(* The conditions on hyperparameters, format, number of steps and largest gradient. *)
Definition adam_conditions (u eta k alpha beta1 beta2 epsilon G : R) (T : nat) : Prop :=
  0 < beta1 < 1 /\ 0 < beta2 < 1 /\ 1 - beta2 <= (1 - beta1) ^ 2 /\ 0 <= alpha /\ 0 < epsilon
  /\ 0 <= k <= 1 /\ growth u k beta1 * beta1 < 1 /\ growth u k beta2 * beta2 < 1
  /\ denominator_error u eta k beta2 epsilon G T < 1.

Lemma power_below_one beta t : 0 < beta < 1 -> 0 < 1 - beta ^ S t.
Proof. intro B. assert (beta ^ S t < 1) by (apply pow_lt_1_compat; [lra | lia]). lra. Qed.

Theorem adam_lane_is_the_rule alpha beta1 beta2 epsilon t r :
  0 < beta1 < 1 -> 0 < beta2 < 1 -> 0 <= r "v" ->
  adam_coefficients alpha beta1 beta2 epsilon t r ->
  let m := beta1 * r "m" + (1 - beta1) * r "gradient" in
  let v := beta2 * r "v" + (1 - beta2) * (r "gradient" * r "gradient") in
  exact r adam_m = m /\ exact r adam_v = v
  /\ exact r adam_theta = r "theta" - alpha * (m / (1 - beta1 ^ S t))
                                      / (sqrt (v / (1 - beta2 ^ S t)) + epsilon).
Proof.
  intros B1 B2 V (E1 & E2 & Ee & Ea & Ec) m v.
  assert (P1 := power_below_one beta1 t B1). assert (P2 := power_below_one beta2 t B2).
  assert (Em : exact r adam_m = m) by (unfold m; simpl; rewrite E1; ring).
  assert (Ev : exact r adam_v = v) by (unfold v; simpl; rewrite E2; ring).
  repeat split; [exact Em | exact Ev |].
  change (exact r adam_theta) with (r "theta" - r "alpha_t" * exact r adam_m
    / (r "c_t" * sqrt (exact r adam_v) + r "epsilon")).
  rewrite Em, Ev, Ea, Ec, Ee.
  assert (V0 : 0 <= v) by (unfold v; generalize (Rle_0_sqr (r "gradient")); unfold Rsqr; nra).
  assert (R0 : 0 < sqrt (1 - beta2 ^ S t)) by now apply sqrt_lt_R0.
  rewrite sqrt_div_alt by easy. unfold Rdiv. rewrite (Rmult_comm (sqrt v)). f_equal. ring.
Qed.

(* The recorded lane under a rounding, step after step. *)
Definition follows_adam (value : environment -> expression -> R) (f : run) : Prop :=
  follows_from_zero value "m" adam_m f /\ follows_from_zero value "v" adam_v f
  /\ follows value "theta" adam_theta f.

Lemma rule_is_mean beta (x y : nat -> R) :
  x O = 0 -> (forall t, x (S t) = beta * x t + (1 - beta) * y t) -> forall t, x t = mean beta y t.
Proof. intros x0 Hx. induction t as [| t IH]; simpl; [easy |]. now rewrite Hx, IH. Qed.

Section Rounded.

Variables (u eta k alpha beta1 beta2 epsilon G : R) (rnd : R -> R) (T : nat).
Variables (f : run) (m v theta : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_adam (rounded rnd) f.
Hypothesis Hk : adam_coefficients_within k alpha beta1 beta2 epsilon f.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule : adam_rule alpha beta1 beta2 epsilon (fun t => f t "gradient") m v theta.
Hypothesis Hstart : f O "theta" = theta O.

Let g t := f t "gradient".
Let mt t := f t "m".
Let vt t := f t "v".
Let square_mean := mean beta2 (fun t => g t * g t).

Lemma stored_m t : mt (S t) = rnd (f O "w1" * g t + rnd ((1 - f O "w1") * mt t)).
Proof.
  destruct Hf as ((_ & Hm) & _ & _), Hk as (Same & _). destruct (Same t) as (<- & _ & _).
  unfold mt at 1. now rewrite Hm.
Qed.

Lemma stored_v t :
  vt (S t) = rnd (rnd (f O "w2" * g t) * g t + rnd ((1 - f O "w2") * vt t)).
Proof.
  destruct Hf as (_ & (_ & Hv) & _), Hk as (Same & _). destruct (Same t) as (_ & <- & _).
  unfold vt at 1. now rewrite Hv.
Qed.

Let stored_update := updatet (f O "epsilon") rnd (fun t => f t "alpha_t") (fun t => f t "c_t") mt vt.

Lemma stored_theta t : f (S t) "theta" = rnd (f t "theta" - stored_update t).
Proof.
  destruct Hf as ((_ & Hm) & (_ & Hv) & Ht), Hk as (Same & _). destruct (Same t) as (_ & _ & E).
  unfold stored_update, updatet, denominatort, mt, vt. rewrite Ht, Hm, Hv, <- E. reflexivity.
Qed.

Lemma exact_theta t :
  theta (S t) = theta t - update alpha epsilon beta1 beta2 g square_mean (S t).
Proof.
  destruct Hc as (B1 & B2 & _), Hrule as (m0 & v0 & Rule).
  assert (P2 := power_below_one beta2 t B2).
  rewrite (proj2 (proj2 (Rule t))).
  rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
  rewrite (rule_is_mean beta2 v (fun t => g t * g t) v0 ltac:(apply Rule)). fold square_mean.
  rewrite sqrt_div_alt by easy. unfold update, denominator, Rdiv.
  rewrite (Rmult_comm (/ sqrt _)). f_equal. ring.
Qed.

Theorem adam_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - theta t)
  <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intro H. assert (Hv := stored_v). assert (Hm := stored_m). assert (Ht := stored_theta).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & Ek & Steps).
  destruct Hf as ((m0 & _) & (v0 & _) & _).
  apply (theta_near u eta k alpha epsilon (f O "epsilon") beta1 beta2 (f O "w1") G rnd g
    (fun t => f t "alpha_t") (fun t => f t "c_t") Hr) with (mt := mt) (second := square_mean)
    (secondt := vt) (T := t) (theta := theta) (thetat := fun t => f t "theta"); try easy;
    try apply Steps; try (intro i; apply Rle_refl).
  - intro i. now apply (v_near u eta k beta2 (f O "w2") G rnd g).
  - eapply Rle_lt_trans; [| exact D1]. now apply (denominator_error_grows u eta k epsilon beta1 beta2 G rnd).
  - exact exact_theta.
Qed.

End Rounded.
