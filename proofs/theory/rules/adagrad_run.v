(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adagrad's recorded lanes, with underflow: how far theta drifts.

   run/QuotientRuns.v says what the bounds are made of, Rounding.v what u, eta and kappa mean; k =
   kappa u. No step is longer than alpha. After t <= T steps theta is off by at most
   [quotient_drift]:
   - [adagrad_theta_with_underflow]: epsilon under the root;
   - [adagrad_outside_theta_with_underflow]: epsilon outside of it. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Runs Underflow RelativeDrift QuotientRuns.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The parts of the sum after T steps, no less than a coefficient's. *)
Definition adagrad_part (u k : R) (T : nat) : R := (1 + k) * (1 + u) ^ T - 1.
Definition adagrad_absolute (u eta : R) (T : nat) : R := INR T * (1 + u) ^ T * eta.

Lemma adagrad_step_at_most alpha g s d :
  0 <= alpha -> 0 < d -> g * g <= s -> sqrt s <= d -> alpha * Rabs g / d <= alpha.
Proof.
  intros A D S R. assert (large : Rabs g <= d).
  { eapply Rle_trans; [| exact R]. rewrite <- sqrt_Rsqr_abs. now apply sqrt_le_1_alt. }
  apply Rmult_le_reg_r with d; [exact D |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

Section Adagrad.

Variables (u eta alpha epsilon G alphat epsilont : R) (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Hypothesis Hr : rounding u eta rnd.
Hypothesis E0 : 0 < epsilon.
Hypothesis Ca : constant_within u alpha alphat "learning_rate" f r.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis exact_state : follows_from_zero exact "sum" adagrad_sum r.
Hypothesis stored_state : follows_from_zero (rounded rnd) "sum" adagrad_sum f.

Lemma k_at_least_0 : 0 <= k.
Proof. assert (U := u_nonneg _ _ _ Hr). assert (P := kappa_pos). unfold k. nra. Qed.

Lemma part_at_least : k <= adagrad_part u k T.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (P : 1 <= (1 + u) ^ T) by (apply pow_R1_Rle; lra). unfold adagrad_part. nra.
Qed.

Lemma absolute_at_least_0 : 0 <= adagrad_absolute u eta T.
Proof.
  assert (U := u_nonneg _ _ _ Hr). apply Rmult_le_pos; [| apply (eta_nonneg _ _ _ Hr)].
  apply Rmult_le_pos; [apply pos_INR | apply pow_le; lra].
Qed.

Lemma sum_near t : (t <= T)%nat ->
  near (adagrad_part u k T) (adagrad_absolute u eta T) (f t "sum") (r t "sum") (r t "sum").
Proof.
  intro H. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (K := k_at_least_0). destruct exact_state as [r0 Hs], stored_state as [f0 Hst].
  assert (P : 1 <= (1 + u) ^ t) by (apply pow_R1_Rle; lra).
  assert (Q : (1 + u) ^ t <= (1 + u) ^ T) by (apply Rle_pow; [lra | exact H]).
  destruct (sum_stays_near u eta rnd (fun t => r t "sum") (fun t => f t "sum")
    (fun t => r t "gradient") Hr r0) with (t := t) as [_ S].
  - intro i. rewrite Hs. simpl. ring.
  - exact f0.
  - intro i. rewrite Hst. simpl. now rewrite (proj1 (HG i)).
  - eapply near_weaken; [| | exact S].
    + unfold adagrad_part. nra.
    + apply Rmult_le_compat_r; [exact N |]. apply Rmult_le_compat; try lra; [apply pos_INR |].
      now apply le_INR.
Qed.

Lemma sum_at_least t :
  0 <= r (S t) "sum" /\ r t "gradient" * r t "gradient" <= r (S t) "sum".
Proof.
  destruct exact_state as [r0 Hs].
  assert (step : forall t, r (S t) "sum" = r t "gradient" * r t "gradient" + r t "sum")
    by (intro i; now rewrite Hs).
  assert (P : forall t, 0 <= r t "sum").
  { induction t0 as [| i IH]; [rewrite r0; lra |]. rewrite step.
    generalize (Rle_0_sqr (r i "gradient")). unfold Rsqr. lra. }
  rewrite step. specialize (P t). generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. lra.
Qed.

Theorem adagrad_theta_with_underflow :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt epsilon) alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  destruct exact_state as [_ Hs], stored_state as [_ Hst].
  destruct Ca as (Va & A & Ha), Ce as (Ve & _ & He).
  assert (kpart := part_at_least). assert (d0 := absolute_at_least_0).
  assert (dd : 0 <= d) by (unfold d; nra). assert (pp : 0 <= part) by (unfold part; nra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root : 0 < sqrt epsilon) by now apply sqrt_lt_R0.
  apply (quotient_run u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
    (root_absolute u eta d / sqrt epsilon) (sqrt epsilon) alpha T (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "sum" + epsilon)) (fun t => rnd (sqrt (rnd (f (S t) "sum" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - now apply root_part_at_least_0.
  - apply Rmult_le_pos; [exact abs0 |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - intros t Ht. destruct (sum_at_least t) as (L1 & L2).
    assert (S0 : sqrt epsilon <= sqrt (r (S t) "sum" + epsilon)) by (apply sqrt_le_1_alt; lra).
    split; [exact S0 |]. split.
    + apply root_inside with (k := k); auto; try lra. now apply sum_near.
    + apply (adagrad_step_at_most alpha _ (r (S t) "sum" + epsilon)); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Va t)), (proj1 (Ve t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Va t)), (proj2 (Ve t)), (proj1 (HG t)).
Qed.

Theorem adagrad_outside_theta_with_underflow :
  let part := adagrad_part u k T in
  let d := adagrad_absolute u eta T in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_outside_theta r ->
  follows (rounded rnd) "theta" adagrad_outside_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest epsilon alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d l rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  destruct exact_state as [_ Hs], stored_state as [_ Hst].
  destruct Ca as (Va & A & Ha), Ce as (Ve & _ & He).
  assert (kpart := part_at_least). assert (d0 := absolute_at_least_0). fold d in d0.
  assert (part0 : 0 <= part) by (unfold part; lra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root0 := root_part_at_least_0 u part U part0).
  apply (quotient_run u eta rnd k alpha alphat l (root_absolute u eta d * (1 + u) + eta)
    ((root_absolute u eta d * (1 + u) + eta) / epsilon) epsilon alpha T (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "sum") + epsilon)
    (fun t => rnd (rnd (sqrt (f (S t) "sum")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - unfold l. assert (1 <= (1 + k) * (1 + root_part u part)) by nra. nra.
  - apply Rmult_le_pos; [nra |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - intros t Ht. destruct (sum_at_least t) as (L1 & L2). assert (S0 := sqrt_pos (r (S t) "sum")).
    split; [lra |]. split.
    + apply root_outside; auto; try lra. now apply sum_near.
    + apply (adagrad_step_at_most alpha _ (r (S t) "sum")); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Va t)), (proj1 (Ve t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Va t)), (proj2 (Ve t)), (proj1 (HG t)).
Qed.

End Adagrad.
