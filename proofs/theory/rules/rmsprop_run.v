(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of RMSprop's recorded lanes, with underflow and for any epsilon > 0: how far theta
   drifts.

   run/QuotientRuns.v says what the bounds are made of, Rounding.v what u, eta and kappa mean; k =
   kappa u. After t <= T steps theta is off by at most [quotient_drift], which grows as T t (u +
   what underflows), L = alpha / sqrt (1 - rho) being the longest step:
   - [rmsprop_theta_stays_near]: epsilon in the state;
   - [rmsprop_inside_theta_stays_near]: epsilon under the root, not in the state;
   - [rmsprop_outside_theta_stays_near]: epsilon outside of the root. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Runs Underflow RelativeDrift QuotientRuns.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* What an exact and a computed run have in common. *)
Definition rmsprop_runs (u rho alpha epsilon G wt alphat epsilont : R) (f r : run) : Prop :=
  constant_within u (1 - rho) wt "w" f r /\ constant_within u alpha alphat "learning_rate" f r
  /\ constant_within u epsilon epsilont "epsilon" f r /\ same_gradients G f r
  /\ f O "theta" = r O "theta".

Definition rmsprop_longest (rho alpha : R) : R := alpha / sqrt (1 - rho).

(* No step is longer, whatever is under the root besides (1 - rho) g^2. *)
Lemma rmsprop_step_at_most rho alpha g s d :
  0 < rho < 1 -> 0 <= alpha -> 0 < d -> (1 - rho) * (g * g) <= s -> sqrt s <= d ->
  alpha * Rabs g / d <= rmsprop_longest rho alpha.
Proof.
  intros B A D S R. assert (W : 0 < sqrt (1 - rho)) by (apply sqrt_lt_R0; lra).
  assert (large : sqrt (1 - rho) * Rabs g <= d).
  { eapply Rle_trans; [| exact R]. rewrite <- sqrt_Rsqr_abs, <- sqrt_mult by (try apply Rle_0_sqr;
    lra).
    now apply sqrt_le_1_alt. }
  unfold rmsprop_longest, Rdiv. rewrite Rmult_assoc. apply Rmult_le_compat_l; [exact A |].
  apply Rmult_le_reg_r with (sqrt (1 - rho) * d); [now apply Rmult_lt_0_compat |].
  replace (Rabs g * / d * (sqrt (1 - rho) * d)) with (sqrt (1 - rho) * Rabs g) by (field; lra).
  replace (/ sqrt (1 - rho) * (sqrt (1 - rho) * d)) with d by (field; lra). exact large.
Qed.

Lemma rmsprop_longest_at_least_0 rho alpha :
  0 < rho < 1 -> 0 <= alpha -> 0 <= rmsprop_longest rho alpha.
Proof.
  intros B A. apply Rmult_le_pos; [exact A |]. apply Rlt_le, Rinv_0_lt_compat, sqrt_lt_R0. lra.
Qed.

Section Rmsprop.

Variables (u eta rho alpha epsilon G wt alphat epsilont : R) (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Let L := rmsprop_longest rho alpha.
Hypothesis Hr : rounding u eta rnd.
Hypothesis B : 0 < rho < 1.
Hypothesis Q : growth u k rho * rho < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis Hruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont f r.

Lemma k_at_least_0 : 0 <= k.
Proof. assert (U := u_nonneg _ _ _ Hr). assert (P := kappa_pos). unfold k. nra. Qed.

Lemma gradient_at_most t : Rabs (r t "gradient") <= G.
Proof. apply Hruns. Qed.

Lemma G_at_least_0 : 0 <= G.
Proof. generalize (Rabs_pos (r O "gradient")) (gradient_at_most O). lra. Qed.

Lemma one_at_most_growth : 1 <= growth u k rho.
Proof. apply growth_at_least_one; [apply (u_nonneg _ _ _ Hr) | apply k_at_least_0 | lra]. Qed.

(* Epsilon in the state. *)

Theorem rmsprop_theta_stays_near :
  let part := squares_and_epsilon_part u k rho T in
  let d := squares_and_epsilon_absolute u eta k rho G in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows_from_zero exact "s" rmsprop_s r -> follows_from_zero (rounded rnd) "s" rmsprop_s f ->
  follows exact "theta" rmsprop_theta r -> follows (rounded rnd) "theta" rmsprop_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt epsilon) L (Rabs (r O "theta")) T t.
Proof.
  intros part d rest P1 R0 [r0 Hs] [f0 Hst] Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (G0 := G_at_least_0). assert (Q1 := one_at_most_growth).
  destruct Hruns as ((Cw & _ & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  assert (exact_s : forall t, r (S t) "s"
    = rho * r t "s" + (1 - rho) * (r t "gradient" * r t "gradient") + epsilon).
  { intro t. rewrite Hs. simpl. rewrite (proj1 (Cw t)), (proj1 (Ce t)). ring. }
  assert (Hnear : forall t, near (squares_and_epsilon_part u k rho t) d (f t "s") (r t "s") (r t
    "s")).
  { apply (squares_and_epsilon_stay_near u eta rnd k rho wt epsilont epsilon G
      (fun t => r t "gradient") (fun t => r t "s") (fun t => f t "s")); auto; try apply HG; try lra.
    intro t. rewrite Hst. simpl.
    now rewrite (proj2 (Cw t)), (proj2 (Ce t)), (proj1 (HG t)). }
  assert (least : forall t, epsilon <= r (S t) "s"
    /\ (1 - rho) * (r t "gradient" * r t "gradient") <= r (S t) "s").
  { assert (nonneg : forall t, 0 <= r t "s").
    { intro t. exact (near_nonnegative _ _ _ _ _ (Hnear t)). }
    intro t. rewrite exact_s. specialize (nonneg t).
    generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. intro. split; nra. }
  assert (d0 : 0 <= d).
  { apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
    assert (0 <= eta * G) by nra. nra. }
  assert (root : 0 < sqrt epsilon) by now apply sqrt_lt_R0.
  assert (c1 : 1 <= (1 + k) * (1 + u) ^ 2) by nra.
  assert (part0 : 0 <= part) by (apply (part_grows _ _ T T c1 Q1); lia).
  assert (abs0 : 0 <= root_absolute u eta d).
  { unfold root_absolute. generalize (sqrt_pos d). nra. }
  apply (quotient_run u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
    (root_absolute u eta d / sqrt epsilon) (sqrt epsilon) L T (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "s")) (fun t => rnd (sqrt (f (S t) "s"))) (fun t => r t "theta")
    (fun t => f t "theta")); auto.
  - now apply root_part_at_least_0.
  - apply Rmult_le_pos; [exact abs0 |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - now apply rmsprop_longest_at_least_0.
  - intros t Ht. destruct (least t) as (L1 & L2).
    assert (S0 : sqrt epsilon <= sqrt (r (S t) "s")) by now apply sqrt_le_1_alt.
    split; [exact S0 |]. split.
    + apply root_of_state; auto; try lra. specialize (Hnear (S t)).
      eapply near_weaken; [| apply Rle_refl | exact Hnear].
      apply (part_grows _ _ (S t) T c1 Q1). lia.
    + apply (rmsprop_step_at_most rho alpha _ (r (S t) "s")); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Ca t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Ca t)), (proj1 (HG t)).
Qed.

(* Epsilon under the root or outside: the state is a mean of squares. *)

Section Squares.

Hypothesis exact_state : follows_from_zero exact "s" rmsprop_inside_s r.
Hypothesis stored_state : follows_from_zero (rounded rnd) "s" rmsprop_inside_s f.

Lemma squares_near t :
  near (squares_part u k rho t) (squares_absolute u eta k rho G) (f t "s") (r t "s") (r t "s").
Proof.
  destruct exact_state as [r0 Hs], stored_state as [f0 Hst].
  destruct Hruns as ((Cw & _ & Hw) & _ & _ & HG & _).
  apply (squares_stay_near u eta rnd k rho wt G (fun t => r t "gradient") (fun t => r t "s")
    (fun t => f t "s")); auto using k_at_least_0; try apply HG; try lra.
  - intro i. rewrite Hs. simpl. rewrite (proj1 (Cw i)). ring.
  - intro i. rewrite Hst. simpl. now rewrite (proj2 (Cw i)), (proj1 (HG i)).
Qed.

Lemma squares_at_least t :
  0 <= r (S t) "s" /\ (1 - rho) * (r t "gradient" * r t "gradient") <= r (S t) "s".
Proof.
  assert (P := near_nonnegative _ _ _ _ _ (squares_near t)).
  destruct exact_state as [_ Hs], Hruns as ((Cw & _ & _) & _).
  rewrite Hs. simpl. rewrite (proj1 (Cw t)).
  generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. intro. split; nra.
Qed.

Lemma squares_absolute_at_least_0 : 0 <= squares_absolute u eta k rho G.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (G0 := G_at_least_0).
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  assert (0 <= eta * G) by nra. nra.
Qed.

Lemma squares_part_grows t : (t <= T)%nat ->
  0 <= squares_part u k rho t <= squares_part u k rho T /\ k <= squares_part u k rho T.
Proof.
  intro H. assert (U := u_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (Q1 := one_at_most_growth). assert (C : 1 <= (1 + k) * (1 + u)) by nra.
  split; [now apply part_grows |]. assert (P : 1 <= growth u k rho ^ T) by now apply pow_R1_Rle.
  unfold squares_part. assert (1 + k <= (1 + k) * (1 + u)) by nra. nra.
Qed.

Theorem rmsprop_outside_theta_stays_near :
  let part := squares_part u k rho T in
  let d := squares_absolute u eta k rho G in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" rmsprop_outside_theta r ->
  follows (rounded rnd) "theta" rmsprop_outside_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest epsilon L (Rabs (r O "theta")) T t.
Proof.
  intros part d l rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  destruct exact_state as [_ Hs], stored_state as [_ Hst].
  assert (runs := Hruns).
  destruct runs as ((Cw & _ & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  assert (part0 : 0 <= part) by (apply (squares_part_grows T); lia).
  assert (d0 : 0 <= d) by apply squares_absolute_at_least_0.
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root0 := root_part_at_least_0 u part U part0).
  apply (quotient_run u eta rnd k alpha alphat l (root_absolute u eta d * (1 + u) + eta)
    ((root_absolute u eta d * (1 + u) + eta) / epsilon) epsilon L T (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "s") + epsilon) (fun t => rnd (rnd (sqrt (f (S t) "s")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - unfold l. assert (1 <= (1 + k) * (1 + root_part u part)) by nra. nra.
  - apply Rmult_le_pos; [nra |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - now apply rmsprop_longest_at_least_0.
  - intros t Ht. destruct (squares_at_least t) as (L1 & L2). assert (S0 := sqrt_pos (r (S t) "s")).
    split; [lra |]. split.
    + apply root_outside; auto; try lra. eapply near_weaken; [| apply Rle_refl | apply
      squares_near].
      apply (squares_part_grows (S t)). lia.
    + apply (rmsprop_step_at_most rho alpha _ (r (S t) "s")); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Ca t)), (proj1 (Ce t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Ca t)), (proj2 (Ce t)), (proj1 (HG t)).
Qed.

Theorem rmsprop_inside_theta_stays_near :
  let part := (1 + squares_part u k rho T) * (1 + u) - 1 in
  let d := (1 + u) * squares_absolute u eta k rho G + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" rmsprop_inside_theta r ->
  follows (rounded rnd) "theta" rmsprop_inside_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt epsilon) L (Rabs (r O "theta")) T t.
Proof.
  intros part d rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  destruct exact_state as [_ Hs], stored_state as [_ Hst].
  assert (runs := Hruns).
  destruct runs as ((Cw & _ & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  destruct (squares_part_grows T (le_n T)) as (part0 & kpart).
  assert (d0 := squares_absolute_at_least_0).
  assert (dd : 0 <= d) by (unfold d; nra). assert (pp : 0 <= part) by (unfold part; nra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root : 0 < sqrt epsilon) by now apply sqrt_lt_R0.
  apply (quotient_run u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
    (root_absolute u eta d / sqrt epsilon) (sqrt epsilon) L T (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "s" + epsilon)) (fun t => rnd (sqrt (rnd (f (S t) "s" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - now apply root_part_at_least_0.
  - apply Rmult_le_pos; [exact abs0 |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - now apply rmsprop_longest_at_least_0.
  - intros t Ht. destruct (squares_at_least t) as (L1 & L2).
    assert (S0 : sqrt epsilon <= sqrt (r (S t) "s" + epsilon)) by (apply sqrt_le_1_alt; lra).
    split; [exact S0 |]. split.
    + apply root_inside with (k := k); auto; try lra.
      eapply near_weaken; [| apply Rle_refl | apply squares_near].
      apply (squares_part_grows (S t)). lia.
    + apply (rmsprop_step_at_most rho alpha _ (r (S t) "s" + epsilon)); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Ca t)), (proj1 (Ce t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Ca t)), (proj2 (Ce t)), (proj1 (HG t)).
Qed.

End Squares.

End Rmsprop.
