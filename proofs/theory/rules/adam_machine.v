(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adam in IEEE 754 arithmetic, against the rule: the recorded lane, step after step,
   from the first number to the last.

   [adam_run_in_ieee], for a format of p bits and exponents below emax, u = 2^-p and k = kappa u: if
   the coefficients are within k, no gradient exceeds G and [adam_peak] is below 2^emax, then for T
   steps nothing overflows, and after each of them theta is within [theta_drift] of the rule's.
   Underflow is allowed; that the denominator's error stays below 1 and the growth of the means
   below their decay are conditions on the hyperparameters, the format, T and G alone
   (rules/adam_run.v).

   [adam_before_correction_run_in_ieee] says the same of the rule that adds epsilon to the raw root:
   its lane is the same, with an epsilon for each step, at most epsilon / sqrt (1 - beta2), which
   counts for [adam_peak]. The lemmas in between are about any such epsilons.

   [adam_lane_is_the_rule]: in exact arithmetic the recorded lane is the rule, at the coefficients
   1 - beta1, 1 - beta2, alpha / (1 - beta1^t), 1 / sqrt (1 - beta2^t) and epsilon. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Formats Rounding Runs Underflow RelativeDrift.
From Truestep Require Import Overflow adam_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The rule: step t + 1 makes number t + 1 of number t. *)
Definition adam_rule (alpha beta1 beta2 epsilon : R) (g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / (sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilon).

(* The same with epsilon before the correction, beside the raw root. *)
Definition before_correction_rule (alpha beta1 beta2 epsilon : R) (g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / ((sqrt (v (S t)) + epsilon) / sqrt (1 - beta2 ^ S t)).

(* What that is after the correction, at step t. *)
Definition raw_epsilon (beta2 epsilon : R) (t : nat) : R := epsilon / sqrt (1 - beta2 ^ t).

(* Both, with an epsilon for each step. *)
Definition stepwise_rule (alpha beta1 beta2 : R) (epsilons g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / (sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilons (S t)).

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

(* The same where each step has its epsilon, step t the t-th. *)
Definition stepwise_coefficients_within (k alpha beta1 beta2 : R) (epsilons : nat -> R) (f : run)
  : Prop :=
  (forall t, f t "w1" = f O "w1" /\ f t "w2" = f O "w2")
  /\ 0 <= f O "w1" <= 1 /\ 0 <= f O "w2" <= 1
  /\ Rabs (f O "w1" - (1 - beta1)) <= k * (1 - beta1)
  /\ Rabs (f O "w2" - (1 - beta2)) <= k * (1 - beta2)
  /\ forall t,
       Rabs (f t "alpha_t" - alpha / (1 - beta1 ^ S t)) <= k * (alpha / (1 - beta1 ^ S t))
       /\ Rabs (f t "c_t" - / sqrt (1 - beta2 ^ S t)) <= k * / sqrt (1 - beta2 ^ S t)
       /\ Rabs (f t "epsilon" - epsilons (S t)) <= k * epsilons (S t).

Lemma stepwise_of_one k alpha beta1 beta2 epsilon f :
  adam_coefficients_within k alpha beta1 beta2 epsilon f ->
  stepwise_coefficients_within k alpha beta1 beta2 (fun _ => epsilon) f.
Proof.
  intros (Same & W1 & W2 & W1k & W2k & Ek & Steps).
  split; [intro t; split; apply Same |]. repeat (split; [assumption |]).
  intro t. split; [apply Steps |]. split; [apply Steps |].
  rewrite (proj2 (proj2 (Same t))). exact Ek.
Qed.

(* The coefficients are not among what a run keeps. *)
Lemma stepwise_same k alpha beta1 beta2 epsilons (f h : run) :
  (forall x, In x ("w1" :: "w2" :: "alpha_t" :: "c_t" :: "epsilon" :: nil)%list ->
     forall t, h t x = f t x) ->
  stepwise_coefficients_within k alpha beta1 beta2 epsilons f ->
  stepwise_coefficients_within k alpha beta1 beta2 epsilons h.
Proof.
  intros E (Same & H).
  assert (e1 : forall t, h t "w1" = f t "w1") by (apply E; simpl; tauto).
  assert (e2 : forall t, h t "w2" = f t "w2") by (apply E; simpl; tauto).
  assert (e3 : forall t, h t "alpha_t" = f t "alpha_t") by (apply E; simpl; tauto).
  assert (e4 : forall t, h t "c_t" = f t "c_t") by (apply E; simpl; tauto).
  assert (e5 : forall t, h t "epsilon" = f t "epsilon") by (apply E; simpl; tauto).
  split; [intro t; rewrite !e1, !e2; apply Same |]. rewrite e1, e2.
  destruct H as (W1 & W2 & W1k & W2k & Steps). repeat (split; [assumption |]).
  intro t. rewrite e3, e4, e5. apply Steps.
Qed.

(* The conditions on hyperparameters, format, number of steps and largest gradient. *)
Definition adam_conditions (u eta k alpha beta1 beta2 epsilon G : R) (T : nat) : Prop :=
  0 < beta1 < 1 /\ 0 < beta2 < 1 /\ 1 - beta2 <= (1 - beta1) ^ 2 /\ 0 <= alpha /\ 0 < epsilon
  /\ 0 <= k <= 1 /\ growth u k beta1 * beta1 < 1 /\ growth u k beta2 * beta2 < 1
  /\ denominator_error u eta k beta2 epsilon G T < 1.

Lemma power_below_one beta t : 0 < beta < 1 -> 0 < 1 - beta ^ S t.
Proof. intro B. assert (beta ^ S t < 1) by (apply pow_lt_1_compat; [lra | lia]). lra. Qed.

(* A step's epsilon, where it stands before the correction. *)
Lemma raw_epsilon_size beta2 epsilon t : 0 < beta2 < 1 -> 0 < epsilon ->
  epsilon <= raw_epsilon beta2 epsilon (S t) <= epsilon / sqrt (1 - beta2).
Proof.
  intros B E. assert (P := power_below_one beta2 t B).
  assert (Q : 1 - beta2 <= 1 - beta2 ^ S t <= 1).
  { assert (0 <= beta2 ^ t <= 1)
      by (split; [apply pow_le; lra | rewrite <- (pow1 t); apply pow_incr; lra]).
    simpl. split; nra. }
  assert (L : 0 < sqrt (1 - beta2)) by (apply sqrt_lt_R0; lra).
  assert (M : sqrt (1 - beta2) <= sqrt (1 - beta2 ^ S t)) by now apply sqrt_le_1_alt.
  assert (R1 := sqrt_at_most_1 (1 - beta2 ^ S t) (proj2 Q)).
  unfold raw_epsilon, Rdiv. split.
  - rewrite <- (Rmult_1_r epsilon) at 1. apply Rmult_le_compat_l; [lra |].
    apply Rle_trans with (/ 1); [rewrite Rinv_1; lra | apply Rinv_le_contravar; lra].
  - apply Rmult_le_compat_l; [lra |]. now apply Rinv_le_contravar.
Qed.

Lemma corrected_divisor beta2 epsilon v t : 0 < beta2 < 1 ->
  (sqrt v + epsilon) / sqrt (1 - beta2 ^ S t)
  = sqrt (v / (1 - beta2 ^ S t)) + raw_epsilon beta2 epsilon (S t).
Proof.
  intro B. assert (P := power_below_one beta2 t B). assert (L := sqrt_lt_R0 _ P).
  rewrite sqrt_div_alt by exact P. unfold raw_epsilon. field. lra.
Qed.

Lemma before_correction_is_stepwise alpha beta1 beta2 epsilon g m v theta : 0 < beta2 < 1 ->
  before_correction_rule alpha beta1 beta2 epsilon g m v theta ->
  stepwise_rule alpha beta1 beta2 (raw_epsilon beta2 epsilon) g m v theta.
Proof.
  intros B (m0 & v0 & Rule). split; [exact m0 |]. split; [exact v0 |]. intro t.
  destruct (Rule t) as (Rm & Rv & Rt). rewrite corrected_divisor in Rt by exact B. auto.
Qed.

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
Variables (f : run) (epsilons m v theta : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_adam (rounded rnd) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t).
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule : stepwise_rule alpha beta1 beta2 epsilons (fun t => f t "gradient") m v theta.
Hypothesis Hstart : f O "theta" = theta O.

Let g t := f t "gradient".
Let mt t := f t "m".
Let vt t := f t "v".
Let square_mean := mean beta2 (fun t => g t * g t).

Lemma stored_m t : mt (S t) = rnd (f O "w1" * g t + rnd ((1 - f O "w1") * mt t)).
Proof.
  destruct Hf as ((_ & Hm) & _ & _), Hk as (Same & _). destruct (Same t) as (<- & _).
  unfold mt at 1. now rewrite Hm.
Qed.

Lemma stored_v t :
  vt (S t) = rnd (rnd (f O "w2" * g t) * g t + rnd ((1 - f O "w2") * vt t)).
Proof.
  destruct Hf as (_ & (_ & Hv) & _), Hk as (Same & _). destruct (Same t) as (_ & <-).
  unfold vt at 1. now rewrite Hv.
Qed.

Let stored_update := updatet rnd (fun t => f t "alpha_t") (fun t => f t "c_t")
  (fun t => f t "epsilon") mt vt.

Lemma stored_theta t : f (S t) "theta" = rnd (f t "theta" - stored_update t).
Proof.
  destruct Hf as ((_ & Hm) & (_ & Hv) & Ht).
  unfold stored_update, updatet, denominatort, mt, vt. rewrite Ht, Hm, Hv. reflexivity.
Qed.

Lemma exact_theta t :
  theta (S t) = theta t - update alpha beta1 beta2 g epsilons square_mean (S t).
Proof.
  destruct Hc as (B1 & B2 & _), Hrule as (m0 & v0 & Rule).
  assert (P2 := power_below_one beta2 t B2).
  rewrite (proj2 (proj2 (Rule t))).
  rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
  rewrite (rule_is_mean beta2 v (fun t => g t * g t) v0 ltac:(apply Rule)). fold square_mean.
  rewrite sqrt_div_alt by easy. unfold update, denominator, Rdiv.
  rewrite (Rmult_comm (/ sqrt _)). f_equal. ring.
Qed.

Lemma stepwise_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - theta t)
  <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intro H. assert (Hv := stored_v). assert (Hm := stored_m). assert (Ht := stored_theta).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & Steps).
  destruct Hf as ((m0 & _) & (v0 & _) & _).
  apply (theta_near u eta k alpha epsilon beta1 beta2 (f O "w1") G rnd g
    (fun t => f t "alpha_t") (fun t => f t "c_t") epsilons (fun t => f t "epsilon") Hr) with (mt := mt) (second := square_mean)
    (secondt := vt) (T := t) (theta := theta) (thetat := fun t => f t "theta"); try easy;
    try apply Steps; try (intro i; apply Rle_refl).
  - intro i. now apply (v_near u eta k beta2 (f O "w2") G rnd g).
  - eapply Rle_lt_trans; [| exact D1]. now apply (denominator_error_grows u eta k epsilon beta1
    beta2 G rnd).
  - exact exact_theta.
Qed.

End Rounded.

Theorem adam_run_rounded u eta k alpha beta1 beta2 epsilon G rnd T f m v theta :
  rounding u eta rnd ->
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  follows_adam (rounded rnd) f ->
  adam_coefficients_within k alpha beta1 beta2 epsilon f ->
  (forall t, Rabs (f t "gradient") <= G) ->
  adam_rule alpha beta1 beta2 epsilon (fun t => f t "gradient") m v theta ->
  f O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - theta t)
    <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros Hr Hc Hf Hk HG Hrule Hstart.
  apply (stepwise_run_rounded u eta k alpha beta1 beta2 epsilon G rnd T f (fun _ => epsilon) m v);
    auto using stepwise_of_one, Rle_refl.
Qed.

(* In IEEE 754 arithmetic. *)

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).
Notation ieee := (ieee p emax positive below).

Section Steps.

Variables (k alpha beta1 beta2 epsilon rise G : R) (T : nat) (f : run).
Variables (epsilons m v theta : nat -> R).
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_adam (rounded nearest) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t) <= epsilon + rise.
Hypothesis Hrise : 0 <= rise.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule : stepwise_rule alpha beta1 beta2 epsilons (fun t => f t "gradient") m v theta.
Hypothesis Hstart : f O "theta" = theta O.
Hypothesis Hpeak :
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T + 4 * rise < bpow radix2 emax.

Lemma adam_steps_in_range t : (t < T)%nat ->
  in_range p emax (f t) adam_m /\ in_range p emax (f t) adam_v /\ in_range p emax (f t) adam_theta.
Proof.
  intro H. assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  assert (Hv := stored_v k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Hm := stored_m k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Ht := stored_theta nearest f Hf).
  assert (Hx := exact_theta u eta k alpha beta1 beta2 epsilon G T f epsilons m v theta Hc Hrule).
  assert (small : u <= 1) by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (tiny : eta <= 1).
  { apply (bpow_le radix2 (emin - 1) 0). unfold emin, Prec_gt_0, Prec_lt_emax in *. lia. }
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (Same & W1 & W2 & W1k & W2k & Steps).
  destruct Hf as ((m0 & Hm') & (v0 & Hv') & Ht'). destruct (Same t) as (S1 & S2).
  assert (L1 : forall i, epsilon <= epsilons (S i)) by apply Hleast.
  assert (L2 : forall i, epsilons (S i) <= epsilon + rise) by apply Hleast.
  assert (near_v : forall i, near (v_part u k beta2 i) (v_absolute u eta k beta2 G) (f i "v")
    (mean beta2 (fun t => f t "gradient" * f t "gradient") i)
    (mean beta2 (fun t => f t "gradient" * f t "gradient") i)).
  { intro i. now apply (v_near u eta k beta2 (f O "w2") G nearest (fun t => f t "gradient"))
      with (vt := fun t => f t "v"). }
  destruct (step_sizes u eta k alpha epsilon beta1 beta2 (f O "w1") (f O "w2") G
    nearest (fun t => f t "gradient") (fun t => f t "alpha_t") (fun t => f t "c_t") epsilons
    (fun t => f t "epsilon")) with (rise := rise) (mt := fun t => f t "m") (vt := fun t => f t "v") (second := mean beta2
      (fun t => f t "gradient" * f t "gradient")) (secondt := fun t => f t "v") (T := T)
    (theta := theta) (thetat := fun t => f t "theta") (t := t)
    as (b1 & b2 & b3 & b4 & b5 & b6 & b7 & b8 & b9 & b10 & b11);
    try easy; try apply Steps; try (intro i; apply Rle_refl).
  { now apply v_at_most. }
  assert (L := fun x (b : Rabs x <= _) => Rle_lt_trans _ _ _ b Hpeak).
  cbv beta in *.
  assert (pos : 0 < denominatort nearest (fun t => f t "c_t") (fun t => f t "epsilon")
    (fun t => f t "v") t).
  { apply (denominatort_positive u eta k epsilon beta1 beta2 G nearest
      (fun t => f t "gradient") (fun t => f t "c_t") epsilons) with (second := mean beta2
      (fun t => f t "gradient" * f t "gradient")) (T := T); try easy; try apply Steps;
      try (intro i; apply Rle_refl). }
  assert (nonneg : 0 <= f (S t) "v").
  { apply (vt_at_least_0 u eta beta1 beta2 (f O "w1") (f O "w2") nearest
      (fun t => f t "gradient")) with (vt := fun t => f t "v"); try easy. }
  assert (Em : rounded nearest (f t) adam_m = f (S t) "m") by now rewrite Hm'.
  assert (Ev : rounded nearest (f t) adam_v = f (S t) "v") by now rewrite Hv'.
  assert (Rm : in_range p emax (f t) adam_m).
  { split; [change (Rabs (rounded nearest (f t) adam_m) < bpow radix2 emax); rewrite Em; auto |].
    cbn [in_range rounded]. rewrite S1. auto 10. }
  assert (Rv : in_range p emax (f t) adam_v).
  { split; [change (Rabs (rounded nearest (f t) adam_v) < bpow radix2 emax); rewrite Ev; auto |].
    cbn [in_range rounded]. rewrite S2. auto 10. }
  split; [exact Rm |]. split; [exact Rv |].
  change adam_theta with (Sub (Var "theta") (Div (Mul (Var "alpha_t") adam_m)
    (Fma (Var "c_t") (Sqrt adam_v) (Var "epsilon")))).
  cbn [in_range rounded]. fold emin. rewrite Em, Ev.
  set (d := nearest (f t "c_t" * nearest (sqrt (f (S t) "v")) + f t "epsilon")).
  set (n := nearest (nearest (f t "alpha_t" * f (S t) "m") / d)).
  assert (Rt := Ht t). unfold updatet, denominatort in b9, b10, pos, Rt. fold d in b9, b10, pos, Rt.
  fold n in b10, Rt. rewrite <- Rt.
  repeat first [exact Rm | exact Rv | split]; auto using Rgt_not_eq.
Qed.

End Steps.

Definition adam_states : list (string * expression) :=
  (("m", adam_m) :: ("v", adam_v) :: ("theta", adam_theta) :: nil)%list.

(* A run of the machine: finite inputs, zero moments at first, the recorded lane at every step. *)
Definition adam_machine_run (f : nat -> string -> number) : Prop :=
  (forall t x, t = O \/ term_of adam_states x = None -> is_finite (f t x) = true)
  /\ B2R (f O "m") = 0 /\ B2R (f O "v") = 0
  /\ forall t, f (S t) "m" = ieee (f t) adam_m /\ f (S t) "v" = ieee (f t) adam_v
               /\ f (S t) "theta" = ieee (f t) adam_theta.

Lemma stepwise_run_in_ieee k alpha beta1 beta2 epsilon rise G T (f : nat -> string -> number)
    (epsilons m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  adam_machine_run f ->
  stepwise_coefficients_within k alpha beta1 beta2 epsilons stored ->
  (forall t, epsilon <= epsilons (S t) <= epsilon + rise) -> 0 <= rise ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  stepwise_rule alpha beta1 beta2 epsilons (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T + 4 * rise < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc (Hin & m0 & v0 & Hf) Hk Hleast Hrise HG Hrule Hstart Hpeak t Ht.
  assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  set (sh := shadow p emax adam_states stored).
  assert (given : forall x, term_of adam_states x = None -> forall i, sh i x = stored i x)
    by (intros; now apply shadow_given).
  assert (sh0 : forall x, sh O x = stored O x) by (intro x; unfold sh; cbn [shadow]; now destruct
    term_of).
  assert (run : follows_adam (rounded nearest) sh).
  { repeat split; try (rewrite sh0; easy); intro i; now apply shadow_kept. }
  assert (Kk : stepwise_coefficients_within k alpha beta1 beta2 epsilons sh).
  { apply stepwise_same with stored; [| exact Hk]. simpl.
    intuition (subst; now apply given). }
  assert (Gk : forall i, Rabs (sh i "gradient") <= G) by (intro i; now rewrite given).
  assert (Rk : stepwise_rule alpha beta1 beta2 epsilons (fun i => sh i "gradient") m v theta).
  { destruct Hrule as (M0 & V0 & Rule). split; [easy |]. split; [easy |]. intro i.
    rewrite given by easy. apply Rule. }
  assert (Sk : sh O "theta" = theta O) by now rewrite sh0.
  assert (range := adam_steps_in_range k alpha beta1 beta2 epsilon rise G T sh epsilons m v theta Hc run
    Kk Hleast Hrise Gk Rk Sk Hpeak).
  assert (same := machine_run p emax positive below adam_states f T).
  cbv zeta in same. fold stored sh in same.
  assert (S : forall i, (i <= T)%nat -> forall x, is_finite (f i x) = true /\ B2R (f i x) = sh i x).
  { apply same.
    - intro x. apply Hin. now left.
    - intros i x N. apply Hin. now right.
    - intros i x e. simpl. destruct (Hf i) as (Fm & Fv & Ft).
      repeat (case String.eqb_spec; [intros -> [= <-]; assumption | intros _]). easy.
    - intros i x e Hi. destruct (range i Hi) as (Rm & Rv & Rt). simpl.
      repeat (case String.eqb_spec; [intros _ [= <-]; assumption | intros _]). easy. }
  split; [| split].
  - intros i Hi. apply finite_in_range; [apply S; lia |].
    apply in_range_same with (sh i); [intro x; apply S; lia | apply range; lia].
  - apply S, Ht.
  - unfold stored. rewrite (proj2 (S t Ht "theta")).
    apply (stepwise_run_rounded u eta k alpha beta1 beta2 epsilon G nearest T sh epsilons m v theta);
      auto. intro i. apply Hleast.
Qed.

Theorem adam_run_in_ieee k alpha beta1 beta2 epsilon G T (f : nat -> string -> number)
    (m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  adam_machine_run f ->
  adam_coefficients_within k alpha beta1 beta2 epsilon stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  adam_rule alpha beta1 beta2 epsilon (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc Hf Hk HG Hrule Hstart Hpeak.
  apply (stepwise_run_in_ieee k alpha beta1 beta2 epsilon 0 G T f (fun _ => epsilon) m v theta);
    auto using stepwise_of_one; intros; lra.
Qed.

Theorem adam_before_correction_run_in_ieee k alpha beta1 beta2 epsilon G T
    (f : nat -> string -> number) (m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  adam_machine_run f ->
  stepwise_coefficients_within k alpha beta1 beta2 (raw_epsilon beta2 epsilon) stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  before_correction_rule alpha beta1 beta2 epsilon (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T
    + 4 * (epsilon / sqrt (1 - beta2)) < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc Hf Hk HG Hrule Hstart Hpeak.
  assert (B2 : 0 < beta2 < 1) by apply Hc. assert (E : 0 < epsilon) by apply Hc.
  assert (size := fun t => raw_epsilon_size beta2 epsilon t B2 E).
  apply (stepwise_run_in_ieee k alpha beta1 beta2 epsilon (epsilon / sqrt (1 - beta2)) G T f
    (raw_epsilon beta2 epsilon) m v theta); auto using before_correction_is_stepwise.
  - intro t. specialize (size t). lra.
  - specialize (size O). lra.
Qed.

End Format.
