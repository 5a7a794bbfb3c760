(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adam, with underflow: how far theta drifts, for any gradients.

   Rounding.v says what a rounding is, and what u, eta and a tilde mean. beta1 and beta2 are exact
   in the rule; 1 - beta1, 1 - beta2 and each step's alpha_t, c_t and epsilon are stored within
   relative k. beta1 is in (0, 1), 1 - beta2 <= (1 - beta1)^2. A step's epsilon is at least epsilon
   and at most epsilon + rise: it differs between steps where it stands before the correction.

   Results:
   - [theta_near]: after t <= T steps with gradients of at most G
       |theta~ - theta| <= t (1 + u)^t (E + u (|theta_0| + T L) + eta),
     where L = alpha sqrt K is Adam's longest step (rules/adam_theory.v) and E = [update_error],
     the largest error of an update:
       E = ((1 + n) (1 + u) / (1 - (d + r)) - 1) L + (1 + u) e / ((1 - (d + r)) epsilon) + eta.
     n and d are the relative parts of numerator and denominator, which grow as 2 T u and T u. e
     and r come from underflow alone: without it (eta = 0) they are 0, and the bound depends neither
     on G nor on epsilon. d + r < 1 has to hold; r is the denominator's absolute part relative to
     epsilon. What is under the root may be v or AMSGrad's largest v;
   - [step_sizes]: no number that a step computes is larger than [adam_peak] and 4 rise;
   - [theta_drift_from], [adam_peak_from]: from a larger theta_0 both are at least as large. *)

Require Import Reals Psatz Lia.
From Truestep Require Import adam_theory Rounding Means Underflow RelativeDrift.
Open Scope R_scope.

(* The relative parts after t steps, and the absolute ones. *)
Definition m_part (u k beta1 : R) (t : nat) : R := (1 + k) * growth u k beta1 ^ t - 1.
Definition v_part (u k beta2 : R) (t : nat) : R := (1 + k) * (1 + u) * growth u k beta2 ^ t - 1.
Definition m_absolute (u eta k beta1 : R) : R := kept_of_underflow u eta k 0 beta1.
Definition v_absolute (u eta k beta2 G : R) : R := kept_of_underflow u eta k (eta * G) beta2.

Definition numerator_part (u k beta1 : R) (t : nat) : R :=
  (1 + k) * (1 + m_part u k beta1 t) * (1 + u) - 1.
Definition numerator_absolute (u eta k alpha beta1 : R) : R :=
  (1 + u) * ((1 + k) * (alpha / (1 - beta1)) * m_absolute u eta k beta1) + eta.
Definition denominator_part (u k beta2 : R) (t : nat) : R :=
  (1 + k) * (2 - sqrt (1 - v_part u k beta2 t)) * (1 + u) ^ 2 - 1.
Definition denominator_absolute (u eta k beta2 G : R) : R :=
  (1 + u) * ((1 + k) * / sqrt (1 - beta2) * ((1 + u) * sqrt (v_absolute u eta k beta2 G) + eta))
  + eta.

(* What the denominator is off by, relative to itself. *)
Definition denominator_error (u eta k beta2 epsilon G : R) (t : nat) : R :=
  denominator_part u k beta2 t + denominator_absolute u eta k beta2 G / epsilon.

Definition longest_step (alpha beta1 beta2 : R) : R := alpha * sqrt (longest_squared beta1 beta2).

Definition update_error (u eta k alpha beta1 beta2 epsilon G : R) (t : nat) : R :=
  let rest := 1 - denominator_error u eta k beta2 epsilon G t in
  ((1 + numerator_part u k beta1 t) * (1 + u) / rest - 1) * longest_step alpha beta1 beta2
  + ((1 + u) * (numerator_absolute u eta k alpha beta1 / (rest * epsilon)) + eta).

(* The largest number of a run, generously. *)
Definition m_peak (u eta k beta1 G : R) (T : nat) : R :=
  (1 + m_part u k beta1 T) * G + m_absolute u eta k beta1.
Definition v_peak (u eta k beta2 G : R) (T : nat) : R :=
  (1 + v_part u k beta2 T) * (G * G) + v_absolute u eta k beta2 G.
Definition theta_drift (u eta k alpha beta1 beta2 epsilon G theta0 : R) (T : nat) : R :=
  INR T * (1 + u) ^ T
  * (update_error u eta k alpha beta1 beta2 epsilon G T
     + u * (theta0 + INR T * longest_step alpha beta1 beta2) + eta).
Definition adam_peak (u eta k alpha beta1 beta2 epsilon G theta0 : R) (T : nat) : R :=
  4 * (1 + alpha / (1 - beta1)) * (m_peak u eta k beta1 G T + G)
  + 2 * v_peak u eta k beta2 G T + 8 / sqrt (1 - beta2) * (sqrt (v_peak u eta k beta2 G T) + 1)
  + 4 * epsilon + 1
  + longest_step alpha beta1 beta2 + update_error u eta k alpha beta1 beta2 epsilon G T
  + theta0 + INR T * longest_step alpha beta1 beta2
  + theta_drift u eta k alpha beta1 beta2 epsilon G theta0 T.

Theorem theta_drift_from u eta k alpha beta1 beta2 epsilon G x y T :
  0 <= u -> x <= y ->
  theta_drift u eta k alpha beta1 beta2 epsilon G x T
  <= theta_drift u eta k alpha beta1 beta2 epsilon G y T.
Proof.
  intros U H. unfold theta_drift.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [apply pos_INR | apply pow_le; lra] | nra].
Qed.

Theorem adam_peak_from u eta k alpha beta1 beta2 epsilon G x y T :
  0 <= u -> x <= y ->
  adam_peak u eta k alpha beta1 beta2 epsilon G x T
  <= adam_peak u eta k alpha beta1 beta2 epsilon G y T.
Proof.
  intros U H. assert (D := theta_drift_from u eta k alpha beta1 beta2 epsilon G x y T U H).
  unfold adam_peak. lra.
Qed.

Lemma sqrt_at_most_1 x : x <= 1 -> sqrt x <= 1.
Proof. intro H. rewrite <- sqrt_1. now apply sqrt_le_1_alt. Qed.

Section Adam.

Variables (u eta k alpha epsilon beta1 beta2 w1 w2 G : R) (rnd : R -> R).
Variables (g rate correction epsilons epsilonst : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis K : 0 <= k.
Hypothesis B1 : 0 < beta1 < 1.
Hypothesis B2 : 0 < beta2 < 1.
Hypothesis B12 : 1 - beta2 <= (1 - beta1) ^ 2.
Hypothesis Q1 : growth u k beta1 * beta1 < 1.
Hypothesis Q2 : growth u k beta2 * beta2 < 1.
Hypothesis HA : 0 <= alpha.
Hypothesis HE : 0 < epsilon.
Hypothesis HG : forall t, Rabs (g t) <= G.
Hypothesis Hw1 : Rabs (w1 - (1 - beta1)) <= k * (1 - beta1).
Hypothesis Hw2 : Rabs (w2 - (1 - beta2)) <= k * (1 - beta2).
(* Those of step t + 1. *)
Hypothesis Hleast : forall t, epsilon <= epsilons (S t).
Hypothesis Hepsilon : forall t, Rabs (epsilonst t - epsilons (S t)) <= k * epsilons (S t).
Hypothesis Hrate : forall t,
  Rabs (rate t - alpha / (1 - beta1 ^ S t)) <= k * (alpha / (1 - beta1 ^ S t)).
Hypothesis Hcorrection : forall t,
  Rabs (correction t - / sqrt (1 - beta2 ^ S t)) <= k * / sqrt (1 - beta2 ^ S t).

Let m := mean beta1 g.
Let v := mean beta2 (fun t => g t * g t).
Let M := mean beta1 (fun t => Rabs (g t)).

Variables mt vt : nat -> R.
Hypothesis m0 : mt 0%nat = 0.
Hypothesis v0 : vt 0%nat = 0.
Hypothesis Hm : forall t, mt (S t) = rnd (w1 * g t + rnd ((1 - w1) * mt t)).
Hypothesis Hv : forall t, vt (S t) = rnd (rnd (w2 * g t) * g t + rnd ((1 - w2) * vt t)).

Lemma u_at_least_0 : 0 <= u. Proof. exact (u_nonneg _ _ _ Hr). Qed.
Lemma eta_at_least_0 : 0 <= eta. Proof. exact (eta_nonneg _ _ _ Hr). Qed.
Lemma G_at_least_0 : 0 <= G.
Proof. generalize (Rabs_pos (g 0%nat)) (HG 0%nat). lra. Qed.

(* The moments. *)

Lemma m_near t : near (m_part u k beta1 t) (m_absolute u eta k beta1) (mt t) (m t) (M t).
Proof.
  assert (U := u_at_least_0).
  apply (mean_stays_near u eta rnd k k 0 beta1 w1 m M g (fun t => Rabs (g t))
    (fun t => w1 * g t)); try easy; try lra.
  intro i. assert (C := near_coefficient k w1 (1 - beta1) ltac:(lra) Hw1).
  assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C (near_exact (g i))).
  eapply near_weaken; [| | exact P]; right; ring.
Qed.

Lemma v_near t : near (v_part u k beta2 t) (v_absolute u eta k beta2 G) (vt t) (v t) (v t).
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0). assert (G0 := G_at_least_0).
  set (kv := (1 + k) * (1 + u) - 1). assert (K1 : 0 <= kv) by (unfold kv; nra).
  replace (v_part u k beta2 t) with ((1 + kv) * growth u k beta2 ^ t - 1)
    by (unfold v_part, kv; ring).
  apply (mean_stays_near u eta rnd kv k (eta * G) beta2 w2 v v (fun t => g t * g t)
    (fun t => g t * g t) (fun t => rnd (w2 * g t) * g t)); try easy; try lra; [nra |].
  intro i. assert (C := near_coefficient k w2 (1 - beta2) ltac:(lra) Hw2).
  assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C (near_exact (g i))).
  apply (near_round u eta rnd) in P; [| exact Hr].
  assert (S := near_mul _ _ _ _ _ _ _ _ _ _ P (near_exact (g i))).
  specialize (HG i). assert (E : eta * Rabs (g i) <= eta * G) by (apply Rmult_le_compat_l; easy).
  destruct S as [S1 S2]. split; [rewrite Rabs_pos_eq; [lra | apply Rmult_le_pos; [lra | nra]] |].
  rewrite <- (Rmult_assoc (1 - beta2)). eapply Rle_trans; [exact S2 |].
  assert (A : (1 - beta2) * Rabs (g i) * Rabs (g i) = (1 - beta2) * (g i * g i))
    by (rewrite Rmult_assoc, <- Rabs_mult, (Rabs_pos_eq (g i * g i)); [easy | nra]).
  rewrite A. unfold kv. rewrite Rmult_assoc. lra.
Qed.

Lemma v_at_least_0 t : 0 <= v t.
Proof. apply mean_nonnegative; [lra | intro; apply Rle_0_sqr]. Qed.

(* What is under the root: v, or AMSGrad's largest v. *)
Variables second secondt : nat -> R.
Hypothesis Hsecond : forall t, v t <= second t.
Hypothesis Hsecondt : forall t,
  near (v_part u k beta2 t) (v_absolute u eta k beta2 G) (secondt t) (second t) (second t).

Definition denominator t := / sqrt (1 - beta2 ^ t) * sqrt (second t) + epsilons t.
Definition update t := alpha / (1 - beta1 ^ t) * m t / denominator t.
Definition denominatort t := rnd (correction t * rnd (sqrt (secondt (S t))) + epsilonst t).
Definition updatet t := rnd (rnd (rate t * mt (S t)) / denominatort t).

Lemma correction_positive beta t : 0 < beta < 1 -> 0 < 1 - beta <= 1 - beta ^ S t.
Proof.
  intro B. assert (beta ^ t <= 1) by (rewrite <- (pow1 t); apply pow_incr; lra).
  simpl. split; [lra | nra].
Qed.

Lemma denominator_at_least t : epsilon <= denominator (S t).
Proof.
  destruct (correction_positive beta2 t B2) as [P1 P2]. unfold denominator.
  assert (R : 0 < sqrt (1 - beta2 ^ S t)) by (apply sqrt_lt_R0; lra).
  apply Rinv_0_lt_compat in R. generalize (sqrt_pos (second (S t))) (Hleast t). nra.
Qed.

Lemma epsilon_positive t : 0 < epsilons (S t).
Proof. specialize (Hleast t). lra. Qed.

Lemma v_absolute_at_least_0 : 0 <= v_absolute u eta k beta2 G.
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0). assert (G0 := G_at_least_0).
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  apply Rplus_le_le_0_compat; repeat apply Rmult_le_pos; lra.
Qed.

Lemma denominator_absolute_at_least_0 : 0 <= denominator_absolute u eta k beta2 G.
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0).
  assert (C : 0 < / sqrt (1 - beta2)) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
  assert (A := sqrt_pos (v_absolute u eta k beta2 G)).
  unfold denominator_absolute. apply Rplus_le_le_0_compat; [| easy].
  apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [apply Rmult_le_pos; lra | nra].
Qed.

Lemma m_absolute_at_least_0 : 0 <= m_absolute u eta k beta1.
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0).
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra]. nra.
Qed.

Lemma m_part_at_least_0 t : 0 <= m_part u k beta1 t.
Proof.
  assert (P : 1 <= growth u k beta1 ^ t)
    by (apply pow_R1_Rle, growth_at_least_one; [apply u_at_least_0 | easy | lra]).
  unfold m_part. nra.
Qed.

Lemma v_part_at_least_0 t : 0 <= v_part u k beta2 t.
Proof.
  assert (U := u_at_least_0).
  assert (P : 1 <= growth u k beta2 ^ t) by (apply pow_R1_Rle, growth_at_least_one; lra).
  unfold v_part. assert (1 <= (1 + k) * (1 + u)) by nra. nra.
Qed.

Lemma numerator_part_at_least_0 t : 0 <= numerator_part u k beta1 t.
Proof.
  assert (U := u_at_least_0). assert (M1 := m_part_at_least_0 t). unfold numerator_part.
  assert (1 <= (1 + k) * (1 + m_part u k beta1 t)) by nra. nra.
Qed.

Lemma numerator_absolute_at_least_0 : 0 <= numerator_absolute u eta k alpha beta1.
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0).
  assert (A : 0 <= alpha / (1 - beta1))
    by (apply Rmult_le_pos; [easy | apply Rlt_le, Rinv_0_lt_compat; lra]).
  unfold numerator_absolute. apply Rplus_le_le_0_compat; [| easy].
  apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [nra | apply m_absolute_at_least_0].
Qed.

Lemma denominator_part_at_least_0 t : 0 <= denominator_part u k beta2 t.
Proof.
  assert (U := u_at_least_0). unfold denominator_part.
  assert (sqrt (1 - v_part u k beta2 t) <= 1)
    by (apply sqrt_at_most_1; generalize (v_part_at_least_0 t); lra).
  assert (1 <= (1 + k) * (1 + u) ^ 2) by nra. nra.
Qed.

Lemma denominator_rest_at_least_0 : 0 <= denominator_absolute u eta k beta2 G / epsilon.
Proof.
  apply Rmult_le_pos; [apply denominator_absolute_at_least_0 |].
  apply Rlt_le, Rinv_0_lt_compat, HE.
Qed.

Lemma second_at_least_0 t : 0 <= second t.
Proof. generalize (v_at_least_0 t) (Hsecond t). lra. Qed.

Lemma denominator_near t :
  v_part u k beta2 (S t) <= 1 ->
  near (denominator_part u k beta2 (S t)) (denominator_absolute u eta k beta2 G)
    (denominatort t) (denominator (S t)) (denominator (S t)).
Proof.
  intro V1. assert (U := u_at_least_0). assert (N := eta_at_least_0).
  destruct (correction_positive beta2 t B2) as [P1 P2].
  assert (C0 : 0 < / sqrt (1 - beta2 ^ S t)) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
  assert (C1 : / sqrt (1 - beta2 ^ S t) <= / sqrt (1 - beta2)).
  { apply Rinv_le_contravar; [apply sqrt_lt_R0; lra | apply sqrt_le_1_alt; lra]. }
  assert (V0 := v_part_at_least_0 (S t)).
  assert (R := near_root _ _ _ _ (second_at_least_0 (S t)) (conj V0 V1) v_absolute_at_least_0
    (Hsecondt (S t))).
  apply (near_round u eta rnd) in R; [| exact Hr].
  assert (C := near_coefficient _ _ _ (Rlt_le _ _ C0) (Hcorrection t)).
  assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C R).
  assert (E := near_coefficient _ _ _ (Rlt_le _ _ (epsilon_positive t)) (Hepsilon t)).
  set (s := sqrt (1 - v_part u k beta2 (S t))) in *.
  assert (S1 : s <= 1) by (apply sqrt_at_most_1; lra).
  apply near_weaken with (k' := (1 + k) * (1 + ((1 + (1 - s)) * (1 + u) - 1)) - 1) (d' := 0) in E;
    [| | lra].
  2: { assert (1 <= (1 + (1 - s)) * (1 + u)) by nra. nra. }
  assert (D := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ P E)).
  eapply near_weaken; [| | exact D].
  - unfold denominator_part. fold s. right. ring.
  - unfold denominator_absolute. apply Rplus_le_compat_r, Rmult_le_compat_l; [lra |].
    rewrite Rmult_0_l, Rplus_0_l, Rplus_0_r. apply Rmult_le_compat_r.
    + generalize (sqrt_pos (v_absolute u eta k beta2 G)). nra.
    + apply Rmult_le_compat_l; lra.
Qed.

Lemma numerator_near t :
  near (numerator_part u k beta1 (S t)) (numerator_absolute u eta k alpha beta1)
    (rnd (rate t * mt (S t))) (alpha / (1 - beta1 ^ S t) * m (S t))
    (alpha / (1 - beta1 ^ S t) * M (S t)).
Proof.
  assert (U := u_at_least_0). destruct (correction_positive beta1 t B1) as [P1 P2].
  assert (A : 0 <= alpha / (1 - beta1 ^ S t) <= alpha / (1 - beta1)).
  { split.
    - apply Rmult_le_pos; [easy |]. apply Rlt_le, Rinv_0_lt_compat. lra.
    - apply Rmult_le_compat_l; [easy |]. apply Rinv_le_contravar; lra. }
  assert (C := near_coefficient _ _ _ (proj1 A) (Hrate t)).
  assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C (m_near (S t))).
  apply (near_round u eta rnd) in P; [| exact Hr]. eapply near_weaken; [| | exact P].
  - unfold numerator_part. right. ring.
  - unfold numerator_absolute. apply Rplus_le_compat_r, Rmult_le_compat_l; [lra |].
    rewrite Rmult_0_l, Rplus_0_l. apply Rmult_le_compat_r; [apply m_absolute_at_least_0 |].
    apply Rmult_le_compat_l; lra.
Qed.

(* Even a step without cancellation is no longer than the longest. *)
Lemma step_without_cancellation t :
  alpha / (1 - beta1 ^ S t) * M (S t) / denominator (S t) <= longest_step alpha beta1 beta2.
Proof.
  assert (A := adam_step beta1 beta2 (fun i => Rabs (g i)) alpha (epsilons (S t)) (S t)
    B1 ltac:(lra) B12 HA (epsilon_positive t) ltac:(lia)).
  cbv zeta in A. eapply Rle_trans; [| exact A]. eapply Rle_trans; [| apply Rle_abs].
  replace (adam_theory.v beta2 (fun i => Rabs (g i)) (S t)) with (v (S t)).
  2: { unfold v, adam_theory.v. generalize (S t). clear. induction n as [| n IH]; simpl; [easy |].
       rewrite IH, <- Rabs_mult, (Rabs_pos_eq (g n * g n)); [easy | apply Rle_0_sqr]. }
  change (adam_theory.m beta1 (fun i => Rabs (g i)) (S t)) with (M (S t)).
  destruct (correction_positive beta2 t B2) as [P1 P2].
  destruct (correction_positive beta1 t B1) as [P3 P4].
  assert (M0 : 0 <= M (S t)) by (apply mean_nonnegative; [lra | intro; apply Rabs_pos]).
  rewrite sqrt_div_alt by lra. replace (alpha * (M (S t) / (1 - beta1 ^ S t)))
    with (alpha / (1 - beta1 ^ S t) * M (S t)) by (unfold Rdiv; ring).
  assert (N0 : 0 <= alpha / (1 - beta1 ^ S t) * M (S t)).
  { apply Rmult_le_pos; [| easy]. apply Rmult_le_pos; [easy |]. apply Rlt_le, Rinv_0_lt_compat. lra.
    }
  apply Rmult_le_compat_l; [exact N0 |].
  assert (C0 : 0 < / sqrt (1 - beta2 ^ S t)) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
  assert (S0 := sqrt_pos (v (S t))).
  assert (E0 := epsilon_positive t).
  apply Rinv_le_contravar; unfold Rdiv, denominator; [nra |].
  assert (sqrt (v (S t)) <= sqrt (second (S t))) by (apply sqrt_le_1_alt; auto). nra.
Qed.

Lemma parts_grow t T : (t <= T)%nat ->
  m_part u k beta1 t <= m_part u k beta1 T /\ v_part u k beta2 t <= v_part u k beta2 T.
Proof.
  intro H. assert (U := u_at_least_0). unfold m_part, v_part. split.
  - apply Rplus_le_compat_r, Rmult_le_compat_l; [lra |]. apply Rle_pow; [| easy].
    apply growth_at_least_one; lra.
  - apply Rplus_le_compat_r, Rmult_le_compat_l; [nra |]. apply Rle_pow; [| easy].
    apply growth_at_least_one; lra.
Qed.

Lemma denominator_part_grows t T : (t <= T)%nat ->
  denominator_part u k beta2 t <= denominator_part u k beta2 T.
Proof.
  intro H. destruct (parts_grow t T H) as [_ Gv]. unfold denominator_part.
  apply Rplus_le_compat_r, Rmult_le_compat_r; [apply pow2_ge_0 |].
  apply Rmult_le_compat_l; [lra |]. apply Rplus_le_compat_l, Ropp_le_contravar, sqrt_le_1_alt. lra.
Qed.

Lemma denominator_error_grows t T : (t <= T)%nat ->
  denominator_error u eta k beta2 epsilon G t <= denominator_error u eta k beta2 epsilon G T.
Proof. intro H. apply Rplus_le_compat_r. now apply denominator_part_grows. Qed.

(* v's part is below the denominator's. *)
Lemma v_part_small t : denominator_error u eta k beta2 epsilon G t < 1 -> v_part u k beta2 t <= 1.
Proof.
  intro H. destruct (Rle_or_lt (v_part u k beta2 t) 1) as [L | L]; [easy | exfalso].
  assert (U := u_at_least_0). assert (N := eta_at_least_0).
  revert H. unfold denominator_error, denominator_part.
  rewrite (sqrt_neg_0 (1 - v_part u k beta2 t)) by lra.
  assert (A := denominator_rest_at_least_0).
  assert (1 <= (1 + k) * (1 + u) ^ 2) by nra. nra.
Qed.

Section Steps.

Variable T : nat.
Hypothesis HT : denominator_error u eta k beta2 epsilon G T < 1.

Lemma update_near t : (t < T)%nat ->
  Rabs (updatet t - update (S t)) <= update_error u eta k alpha beta1 beta2 epsilon G T.
Proof.
  intro Ht. assert (U := u_at_least_0). assert (N := eta_at_least_0).
  destruct (parts_grow (S t) T Ht) as [Gm Gv]. assert (V1 := v_part_small T HT).
  assert (DT := denominator_part_grows (S t) T Ht).
  assert (NT : numerator_part u k beta1 (S t) <= numerator_part u k beta1 T).
  { unfold numerator_part. apply Rplus_le_compat_r, Rmult_le_compat_r; [lra |].
    apply Rmult_le_compat_l; lra. }
  apply (near_quotient u eta rnd _ _ (denominator_absolute u eta k beta2 G / epsilon)
    (denominator_absolute u eta k beta2 G) _ epsilon _ _ (alpha / (1 - beta1 ^ S t) * M (S t)));
    try easy.
  - apply numerator_part_at_least_0.
  - apply numerator_absolute_at_least_0.
  - split; [easy | apply denominator_at_least].
  - apply denominator_part_at_least_0.
  - apply denominator_rest_at_least_0.
  - right. field. lra.
  - apply step_without_cancellation.
  - eapply near_weaken; [exact NT | apply Rle_refl | apply numerator_near].
  - eapply near_weaken; [exact DT | apply Rle_refl | apply denominator_near; lra].
Qed.

Lemma longest_step_at_least_0 : 0 <= longest_step alpha beta1 beta2.
Proof. apply Rmult_le_pos; [easy | apply sqrt_pos]. Qed.

Lemma update_error_at_least_0 : 0 <= update_error u eta k alpha beta1 beta2 epsilon G T.
Proof.
  assert (U := u_at_least_0). assert (N := eta_at_least_0). assert (L := longest_step_at_least_0).
  assert (NP := numerator_part_at_least_0 T). assert (NA := numerator_absolute_at_least_0).
  assert (DP := denominator_part_at_least_0 T). assert (DR := denominator_rest_at_least_0).
  unfold update_error. unfold denominator_error in *.
  set (rest := 1 - _). assert (R : 0 < rest <= 1) by (unfold rest; lra).
  assert (I : 1 <= / rest) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (P : 1 <= (1 + numerator_part u k beta1 T) * (1 + u)) by nra.
  assert (0 <= numerator_absolute u eta k alpha beta1 / (rest * epsilon)).
  { apply Rmult_le_pos; [easy |]. apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; lra. }
  apply Rplus_le_le_0_compat; [| nra]. apply Rmult_le_pos; [| easy]. unfold Rdiv. nra.
Qed.

Variables theta thetat : nat -> R.
Hypothesis Hstart : thetat 0%nat = theta 0%nat.
Hypothesis Htheta : forall t, theta (S t) = theta t - update (S t).
Hypothesis Hthetat : forall t, thetat (S t) = rnd (thetat t - updatet t).

Lemma update_at_most t : Rabs (update (S t)) <= longest_step alpha beta1 beta2.
Proof.
  eapply Rle_trans; [| apply (step_without_cancellation t)].
  assert (D := denominator_at_least t). destruct (numerator_near t) as [H _].
  unfold update, Rdiv. rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (denominator (S t))) by lra.
  apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat; lra | exact H].
Qed.

Lemma theta_at_most t : Rabs (theta t) <= Rabs (theta 0%nat) + INR t * longest_step alpha beta1
  beta2.
Proof.
  induction t as [| t IH]; [simpl; lra |]. rewrite Htheta, S_INR.
  assert (H := update_at_most t). rewrite <- Rabs_Ropp in H.
  unfold Rminus. generalize (Rabs_plus _ _ _ _ IH H). lra.
Qed.

Theorem theta_near t :
  (t <= T)%nat ->
  Rabs (thetat t - theta t)
  <= INR t * (1 + u) ^ t
     * (update_error u eta k alpha beta1 beta2 epsilon G T
        + u * (Rabs (theta 0%nat) + INR T * longest_step alpha beta1 beta2) + eta).
Proof.
  apply (parameter_stays_near u eta rnd _ _ T theta thetat (fun t => update (S t)) updatet);
    try easy.
  - apply update_error_at_least_0.
  - exact update_near.
  - intros i Hi. eapply Rle_trans; [apply theta_at_most |].
    apply Rplus_le_compat_l, Rmult_le_compat_r; [apply longest_step_at_least_0 |].
    now apply le_INR.
Qed.

(* How large anything becomes that a step computes. *)

Hypothesis U1 : u <= 1.
Hypothesis N1 : eta <= 1.
Hypothesis K1 : k <= 1.
Hypothesis W1 : 0 <= w1 <= 1.
Hypothesis W2 : 0 <= w2 <= 1.

Variable rise : R.
Hypothesis R0 : 0 <= rise.
Hypothesis Hrise : forall t, epsilons (S t) <= epsilon + rise.

Let peak := adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta 0%nat)) T + 4 * rise.

Lemma rounded_size x b : Rabs x <= b -> Rabs (rnd x) <= 2 * b + 1.
Proof.
  intro H. assert (E := error_bound _ _ _ Hr x). assert (U := u_at_least_0).
  assert (S := Rabs_near _ _ _ _ H E). assert (P := Rabs_pos x). nra.
Qed.

Lemma m_size t : (t <= T)%nat -> Rabs (mt t) <= m_peak u eta k beta1 G T.
Proof.
  intro H. destruct (parts_grow t T H) as [P _]. assert (S := near_size _ _ _ _ _ (m_near t)).
  assert (L : M t <= G) by (apply (mean_at_most beta1 G M (fun t => Rabs (g t))); try easy; try lra;
    apply G_at_least_0).
  assert (M0 := near_nonnegative _ _ _ _ _ (m_near t)). assert (P0 := m_part_at_least_0 t).
  unfold m_peak. assert ((1 + m_part u k beta1 t) * M t <= (1 + m_part u k beta1 T) * G)
    by (apply Rmult_le_compat; lra). lra.
Qed.

Lemma v_at_most t : v t <= G * G.
Proof.
  apply (mean_at_most beta2 (G * G) v (fun t => g t * g t)); try easy; try lra; [nra |].
  intro i. now apply square_bound.
Qed.

Lemma vt_size t : (t <= T)%nat -> Rabs (vt t) <= v_peak u eta k beta2 G T.
Proof.
  intro H. destruct (parts_grow t T H) as [_ P]. assert (S := near_size _ _ _ _ _ (v_near t)).
  assert (P0 := v_part_at_least_0 t). assert (S0 := v_at_least_0 t). assert (L := v_at_most t).
  unfold v_peak. assert ((1 + v_part u k beta2 t) * v t <= (1 + v_part u k beta2 T) * (G * G))
    by (apply Rmult_le_compat; lra). lra.
Qed.

Lemma vt_at_least_0 t : 0 <= vt t.
Proof.
  induction t as [| t IH]; [lra |]. rewrite Hv.
  apply (keeps_nonneg _ _ _ Hr), Rplus_le_le_0_compat.
  - apply (weighted_square_nonneg u eta); tauto.
  - apply (keeps_nonneg _ _ _ Hr), Rmult_le_pos; lra.
Qed.

Lemma denominatort_positive t : (t < T)%nat -> 0 < denominatort t.
Proof.
  intro H. destruct (parts_grow (S t) T H) as [_ P]. assert (V1 := v_part_small T HT).
  destruct (denominator_near t ltac:(lra)) as [_ N]. assert (D := denominator_at_least t).
  assert (R := denominator_rest_at_least_0).
  assert (A : denominator_absolute u eta k beta2 G
    <= denominator_absolute u eta k beta2 G / epsilon * denominator (S t)).
  { replace (denominator_absolute u eta k beta2 G)
      with (denominator_absolute u eta k beta2 G / epsilon * epsilon) at 1 by (field; lra).
    now apply Rmult_le_compat_l. }
  assert (Q : denominator_part u k beta2 (S t) <= denominator_part u k beta2 T)
    by now apply denominator_part_grows.
  assert (denominator_error u eta k beta2 epsilon G T * denominator (S t) < denominator (S t))
    by nra.
  assert (L : - (denominator_error u eta k beta2 epsilon G T * denominator (S t))
    <= denominatort t - denominator (S t)); [| lra].
  assert (B : Rabs (denominatort t - denominator (S t))
    <= denominator_error u eta k beta2 epsilon G T * denominator (S t)).
  { eapply Rle_trans; [exact N |]. unfold denominator_error. nra. }
  revert B. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma update_size t : (t < T)%nat ->
  Rabs (updatet t) <= longest_step alpha beta1 beta2
    + update_error u eta k alpha beta1 beta2 epsilon G T.
Proof. intro H. apply Rabs_near with (update (S t)); [apply update_at_most | now apply update_near].
  Qed.

Hypothesis Hlargest : forall t, second t <= G * G.
Hypothesis Hsign : forall t, 0 <= secondt t.

Lemma secondt_size t : (t <= T)%nat -> Rabs (secondt t) <= v_peak u eta k beta2 G T.
Proof.
  intro H. destruct (parts_grow t T H) as [_ P]. assert (S := near_size _ _ _ _ _ (Hsecondt t)).
  assert (P0 := v_part_at_least_0 t). assert (S0 := second_at_least_0 t).
  specialize (Hlargest t).
  unfold v_peak. assert ((1 + v_part u k beta2 t) * second t <= (1 + v_part u k beta2 T) * (G * G))
    by (apply Rmult_le_compat; lra). lra.
Qed.

Lemma coefficient_size x X top : 0 <= X <= top -> Rabs (x - X) <= k * X -> Rabs x <= 2 * top.
Proof.
  intros B H. assert (A : Rabs X <= top) by (rewrite Rabs_pos_eq; lra).
  generalize (Rabs_near _ _ _ _ A H). nra.
Qed.

Lemma step_sizes t : (t < T)%nat ->
  Rabs (rnd ((1 - w1) * mt t)) <= peak /\ Rabs (mt (S t)) <= peak
  /\ Rabs (rnd (rate t * mt (S t))) <= peak
  /\ Rabs (rnd (w2 * g t)) <= peak /\ Rabs (rnd ((1 - w2) * vt t)) <= peak
  /\ Rabs (vt (S t)) <= peak
  /\ Rabs (secondt (S t)) <= peak /\ Rabs (rnd (sqrt (secondt (S t)))) <= peak
  /\ Rabs (denominatort t) <= peak /\ Rabs (updatet t) <= peak /\ Rabs (thetat (S t)) <= peak.
Proof.
  intro H. assert (U := u_at_least_0). assert (N := eta_at_least_0). assert (G0 := G_at_least_0).
  assert (Mt := m_size t ltac:(lia)). assert (Ms := m_size (S t) H).
  assert (Vt := vt_size t ltac:(lia)). assert (Vs := vt_size (S t) H).
  assert (Ss := secondt_size (S t) H). assert (Up := update_size t H).
  set (mp := m_peak u eta k beta1 G T) in *. set (vp := v_peak u eta k beta2 G T) in *.
  assert (mp0 : 0 <= mp) by (generalize (Rabs_pos (mt t)); lra).
  assert (vp0 : 0 <= vp) by (generalize (Rabs_pos (vt t)); lra).
  set (a := alpha / (1 - beta1)). set (c := / sqrt (1 - beta2)).
  assert (a0 : 0 <= a) by (apply Rmult_le_pos; [easy | apply Rlt_le, Rinv_0_lt_compat; lra]).
  assert (c0 : 0 < c) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
  assert (c1 : 1 <= c).
  { unfold c. rewrite <- Rinv_1. apply Rinv_le_contravar; [apply sqrt_lt_R0; lra |].
    apply sqrt_at_most_1. lra. }
  assert (Th : Rabs (thetat (S t)) <= Rabs (theta 0%nat) + INR T * longest_step alpha beta1 beta2
    + theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta 0%nat)) T).
  { apply Rabs_near with (theta (S t)).
    - eapply Rle_trans; [apply theta_at_most |].
      apply Rplus_le_compat_l, Rmult_le_compat_r; [apply longest_step_at_least_0 | now apply
        le_INR].
    - eapply Rle_trans; [now apply theta_near |]. unfold theta_drift. apply Rmult_le_compat_r.
      + assert (L := longest_step_at_least_0). assert (E := update_error_at_least_0).
        assert (0 <= u * (Rabs (theta 0%nat) + INR T * longest_step alpha beta1 beta2)); [| lra].
        apply Rmult_le_pos; [easy |]. apply Rplus_le_le_0_compat; [apply Rabs_pos |].
        apply Rmult_le_pos; [apply pos_INR | easy].
      + apply Rmult_le_compat; [apply pos_INR | apply pow_le; lra | now apply le_INR |].
        apply Rle_pow; [lra | easy]. }
  assert (L0 := longest_step_at_least_0). assert (E0 := update_error_at_least_0).
  assert (D0 : 0 <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta 0%nat)) T).
  { eapply Rle_trans; [apply Rabs_pos | apply (theta_near T); auto]. }
  assert (T0 : 0 <= INR T * longest_step alpha beta1 beta2)
    by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (P := Rabs_pos (theta 0%nat)). assert (R := sqrt_pos vp).
  assert (cr : sqrt vp <= c * sqrt vp) by nra. assert (am : 0 <= a * mp) by nra.
  assert (ag : 0 <= a * G) by nra.
  unfold peak, adam_peak. fold mp vp a. change (8 / sqrt (1 - beta2)) with (8 * c).
  assert (kept1 : Rabs ((1 - w1) * mt t) <= mp).
  { rewrite <- (Rmult_1_l mp). apply Rabs_times; [rewrite Rabs_pos_eq |]; lra. }
  assert (kept2 : Rabs ((1 - w2) * vt t) <= vp).
  { rewrite <- (Rmult_1_l vp). apply Rabs_times; [rewrite Rabs_pos_eq |]; lra. }
  assert (input : Rabs (w2 * g t) <= G).
  { rewrite <- (Rmult_1_l G). apply Rabs_times; [rewrite Rabs_pos_eq; lra | easy]. }
  destruct (correction_positive beta1 t B1) as [P1 P2].
  destruct (correction_positive beta2 t B2) as [P3 P4].
  assert (ra : Rabs (rate t) <= 2 * a).
  { eapply coefficient_size; [| apply Hrate]. split.
    - apply Rmult_le_pos; [easy | apply Rlt_le, Rinv_0_lt_compat; lra].
    - apply Rmult_le_compat_l; [easy |]. apply Rinv_le_contravar; lra. }
  assert (co : Rabs (correction t) <= 2 * c).
  { eapply coefficient_size; [| apply Hcorrection]. split.
    - apply Rlt_le, Rinv_0_lt_compat, sqrt_lt_R0. lra.
    - apply Rinv_le_contravar; [apply sqrt_lt_R0 | apply sqrt_le_1_alt]; lra. }
  assert (ep : Rabs (epsilonst t) <= 2 * (epsilon + rise)).
  { eapply coefficient_size; [| apply Hepsilon].
    split; [apply Rlt_le, epsilon_positive | apply Hrise]. }
  assert (ro : Rabs (sqrt (secondt (S t))) <= sqrt vp).
  { rewrite Rabs_pos_eq by apply sqrt_pos. apply sqrt_le_1_alt.
    eapply Rle_trans; [apply Rle_abs | exact Ss]. }
  apply rounded_size in kept1, kept2, input, ro.
  assert (nu := rounded_size _ _ (Rabs_times _ _ _ _ ra Ms)).
  assert (de := rounded_size _ _ (Rabs_plus _ _ _ _ (Rabs_times _ _ _ _ co ro) ep)).
  fold (denominatort t) in de.
  set (lt := longest_step alpha beta1 beta2) in *.
  set (ue := update_error u eta k alpha beta1 beta2 epsilon G T) in *.
  repeat split; lra.
Qed.

End Steps.
End Adam.
