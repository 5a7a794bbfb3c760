(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of RMSprop's recorded lanes, with underflow and for any epsilon > 0: how far theta
   drifts.

   run/QuotientRuns.v says what the bounds are made of, Rounding.v what u, eta and kappa mean; k =
   kappa u. The first step may weigh its square by 1, as the lecture note's does: so the state starts
   at the first square ([weighs_within]). Where it does not, the state may start at any number that
   is not negative, as TensorFlow 1's does at 1 ([rmsprop_starts]). After t <= T steps theta is off
   by at most [quotient_drift], which grows as T t (u + what underflows), L = alpha / sqrt (1 - rho)
   being the longest step:
   - [rmsprop_theta_stays_near]: epsilon in the state;
   - [rmsprop_inside_theta_stays_near]: epsilon under the root, not in the state;
   - [rmsprop_outside_theta_stays_near]: epsilon outside of the root;
   - [rmsprop_run_in_ieee], [rmsprop_inside_run_in_ieee], [rmsprop_outside_run_in_ieee]: so it is in
     IEEE arithmetic, in which nothing overflows while [quotient_peak] is below the largest
     number. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Means Runs Underflow RelativeDrift.
From Truestep Require Import QuotientRuns MovingParameters Overflow.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The weight is 1 - rho at every step, or 1 at the first one, as where the state starts at the first
   square; what is stored for 1 - rho is within relative kappa u. *)
Definition weighs_within (u rho wt : R) (f r : run) : Prop :=
  weights rho wt (fun t => r t "w") (fun t => f t "w")
  /\ Rabs (wt - (1 - rho)) <= kappa * u * (1 - rho).

Lemma constant_weighs u rho wt f r :
  constant_within u (1 - rho) wt "w" f r -> weighs_within u rho wt f r.
Proof. intros (C & _ & W). split; [intro t; left; apply C | exact W]. Qed.

(* What an exact and a computed run have in common. *)
Definition rmsprop_runs (u rho alpha epsilon G wt alphat epsilont : R) (f r : run) : Prop :=
  weighs_within u rho wt f r /\ constant_within u alpha alphat "learning_rate" f r
  /\ constant_within u epsilon epsilont "epsilon" f r /\ same_gradients G f r
  /\ f O "theta" = r O "theta".

(* The state starts at [initial], which is 0 where the first step forgets it. *)
Definition rmsprop_starts (u initial initialt : R) (f r : run) : Prop :=
  starts_within u initial initialt "s" f r /\ (initial = 0 \/ r O "w" < 1).

Lemma starts_at_zero u f r : r O "s" = 0 -> f O "s" = 0 -> rmsprop_starts u 0 0 f r.
Proof. intros R F. split; [now apply from_zero_starts | now left]. Qed.

Lemma starts_as_a_mean u initial initialt f r :
  rmsprop_starts u initial initialt f r ->
  mean_starts (kappa * u) (fun t => r t "w") (fun t => r t "s") (fun t => f t "s").
Proof.
  intros (((R & F) & A & H) & W). split; [| now rewrite R]. rewrite R, F. now apply
    near_coefficient.
Qed.

Definition rmsprop_longest (rho alpha : R) : R := alpha / sqrt (1 - rho).

(* No stored state with epsilon is larger, nor the gradient and its square: s is at most top, its
   relative and absolute parts are the first two. *)
Definition rmsprop_largest (part absolute top epsilon G : R) : R :=
  (1 + part) * top + absolute + 2 * epsilon + G + G * G.

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

Variables (u eta rho alpha epsilon G wt alphat epsilont initial initialt : R).
Variables (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Let L := rmsprop_longest rho alpha.
Hypothesis Hr : rounding u eta rnd.
Hypothesis B : 0 < rho < 1.
Hypothesis Q : growth u k rho * rho < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis Hruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont f r.
Hypothesis begins : rmsprop_starts u initial initialt f r.

Lemma k_at_least_0 : 0 <= k.
Proof. assert (U := u_nonneg _ _ _ Hr). assert (P := kappa_pos). unfold k. nra. Qed.

Lemma gradient_at_most t : Rabs (r t "gradient") <= G.
Proof. apply Hruns. Qed.

Lemma G_at_least_0 : 0 <= G.
Proof. generalize (Rabs_pos (r O "gradient")) (gradient_at_most O). lra. Qed.

Lemma stored_start_at_least_0 : k <= 1 -> 0 <= initialt.
Proof.
  intro K1. destruct begins as ((_ & A & H) & _). fold k in H. apply Rabs_le_inv in H.
  assert (k * initial <= 1 * initial) by now apply Rmult_le_compat_r. lra.
Qed.

Lemma one_at_most_growth : 1 <= growth u k rho.
Proof. apply growth_at_least_one; [apply (u_nonneg _ _ _ Hr) | apply k_at_least_0 | lra]. Qed.

(* Epsilon in the state. *)

Lemma rmsprop_steps :
  let part := squares_and_epsilon_part u k rho T in
  let d := squares_and_epsilon_absolute u eta k rho G in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "s" rmsprop_s r -> follows (rounded rnd) "s" rmsprop_s f ->
  follows exact "theta" rmsprop_theta r -> follows (rounded rnd) "theta" rmsprop_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest (sqrt epsilon) L T (fun t => r t "gradient")
    (fun t => rnd (sqrt (f (S t) "s")))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros part d rest P1 R0 Hs Hst Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (G0 := G_at_least_0). assert (Q1 := one_at_most_growth).
  destruct Hruns as ((Cw & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  assert (exact_s : forall t, r (S t) "s" = (1 - r t "w") * r t "s"
    + r t "w" * (r t "gradient" * r t "gradient") + epsilon).
  { intro t. rewrite Hs. simpl. rewrite (proj1 (Ce t)). ring. }
  assert (Hnear : forall t, near (squares_and_epsilon_part u k rho t) d (f t "s") (r t "s") (r t
    "s")).
  { apply (squares_and_epsilon_stay_near u eta rnd k rho wt (fun t => r t "w") (fun t => f t "w")
      epsilont epsilon G (fun t => r t "gradient") (fun t => r t "s") (fun t => f t "s"));
      auto; try apply HG; try lra; [now apply starts_as_a_mean with initial initialt |].
    intro t. rewrite Hst. simpl. now rewrite (proj2 (Ce t)), (proj1 (HG t)). }
  assert (least : forall t, epsilon <= r (S t) "s"
    /\ (1 - rho) * (r t "gradient" * r t "gradient") <= r (S t) "s").
  { assert (nonneg : forall t, 0 <= r t "s").
    { intro t. exact (near_nonnegative _ _ _ _ _ (Hnear t)). }
    intro t. rewrite exact_s. specialize (nonneg t). assert (W := weights_range _ _ _ _ t B Cw).
    cbv beta in W. generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. intro.
    assert (0 <= (1 - r t "w") * r t "s") by (apply Rmult_le_pos; lra). split; nra. }
  assert (d0 : 0 <= d).
  { apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
    assert (0 <= eta * G) by nra. nra. }
  assert (root : 0 < sqrt epsilon) by now apply sqrt_lt_R0.
  assert (c1 : 1 <= (1 + k) * (1 + u) ^ 2) by nra.
  assert (part0 : 0 <= part) by (apply (part_grows _ _ T T c1 Q1); lia).
  assert (abs0 : 0 <= root_absolute u eta d).
  { unfold root_absolute. generalize (sqrt_pos d). nra. }
  apply (quotient_steps u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
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

Theorem rmsprop_theta_stays_near :
  let part := squares_and_epsilon_part u k rho T in
  let d := squares_and_epsilon_absolute u eta k rho G in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "s" rmsprop_s r -> follows (rounded rnd) "s" rmsprop_s f ->
  follows exact "theta" rmsprop_theta r -> follows (rounded rnd) "theta" rmsprop_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt epsilon) L (Rabs (r O "theta")) T t.
Proof. intros. now apply rmsprop_steps. Qed.

(* Epsilon under the root or outside: the state is a mean of squares. *)

Section Squares.

Hypothesis exact_state : follows exact "s" rmsprop_inside_s r.
Hypothesis stored_state : follows (rounded rnd) "s" rmsprop_inside_s f.

Lemma squares_near t :
  near (squares_part u k rho t) (squares_absolute u eta k rho G) (f t "s") (r t "s") (r t "s").
Proof.
  destruct Hruns as ((Cw & Hw) & _ & _ & HG & _).
  apply (squares_stay_near u eta rnd k rho wt (fun t => r t "w") (fun t => f t "w") G
    (fun t => r t "gradient") (fun t => r t "s") (fun t => f t "s")); auto using k_at_least_0;
    try apply HG; try lra.
  - now apply starts_as_a_mean with initial initialt.
  - intro i. rewrite exact_state. simpl. ring.
  - intro i. rewrite stored_state. simpl. now rewrite (proj1 (HG i)).
Qed.

Lemma squares_at_least t :
  0 <= r (S t) "s" /\ (1 - rho) * (r t "gradient" * r t "gradient") <= r (S t) "s".
Proof.
  assert (P := near_nonnegative _ _ _ _ _ (squares_near t)).
  destruct Hruns as ((Cw & _) & _).
  assert (W := weights_range _ _ _ _ t B Cw). cbv beta in W. rewrite exact_state. simpl.
  generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. intro.
  assert (0 <= (1 - r t "w") * r t "s") by (apply Rmult_le_pos; lra). split; nra.
Qed.

Lemma squares_at_most t : r t "s" <= initial + G * G.
Proof.
  destruct Hruns as ((Cw & _) & _ & _ & HG & _), begins as (((r0 & _) & A & _) & _).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  apply (weighted_at_most rho wt (fun t => r t "w") (fun t => f t "w") (initial + G * G)
    (fun i => r i "s") (fun i => r i "gradient" * r i "gradient")); auto.
  - rewrite r0. lra.
  - intro i. assert (S := square_bound _ _ (proj2 (HG i))). lra.
  - intro i. rewrite exact_state. simpl. lra.
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

Lemma rmsprop_outside_steps :
  let part := squares_part u k rho T in
  let d := squares_absolute u eta k rho G in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" rmsprop_outside_theta r ->
  follows (rounded rnd) "theta" rmsprop_outside_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest epsilon L T (fun t => r t "gradient")
    (fun t => rnd (rnd (sqrt (f (S t) "s")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros part d l rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (Hs := exact_state). assert (Hst := stored_state). assert (runs := Hruns).
  destruct runs as ((Cw & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  assert (part0 : 0 <= part) by (apply (squares_part_grows T); lia).
  assert (d0 : 0 <= d) by apply squares_absolute_at_least_0.
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root0 := root_part_at_least_0 u part U part0).
  apply (quotient_steps u eta rnd k alpha alphat l (root_absolute u eta d * (1 + u) + eta)
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
Proof. intros. now apply rmsprop_outside_steps. Qed.

Lemma rmsprop_inside_steps :
  let part := (1 + squares_part u k rho T) * (1 + u) - 1 in
  let d := (1 + u) * squares_absolute u eta k rho G + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" rmsprop_inside_theta r ->
  follows (rounded rnd) "theta" rmsprop_inside_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest (sqrt epsilon) L T (fun t => r t "gradient")
    (fun t => rnd (sqrt (rnd (f (S t) "s" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros part d rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (Hs := exact_state). assert (Hst := stored_state). assert (runs := Hruns).
  destruct runs as ((Cw & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  destruct (squares_part_grows T (le_n T)) as (part0 & kpart).
  assert (d0 := squares_absolute_at_least_0).
  assert (dd : 0 <= d) by (unfold d; nra). assert (pp : 0 <= part) by (unfold part; nra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root : 0 < sqrt epsilon) by now apply sqrt_lt_R0.
  apply (quotient_steps u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
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
Proof. intros. now apply rmsprop_inside_steps. Qed.

Lemma squares_size t : (t <= T)%nat -> 0 <= wt <= 1 -> k <= 1 ->
  0 <= f t "s" /\ 0 <= epsilont
  /\ f t "s" + epsilont
     <= rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G)
          (initial + G * G) epsilon G
  /\ 0 <= G /\ G + G * G
     <= rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G)
          (initial + G * G) epsilon G.
Proof.
  intros H W K1. assert (size := fun t => Rle_trans _ _ _ (Rle_abs _) (proj1 (squares_near t))).
  assert (N := proj2 (squares_near t)). assert (start := stored_start_at_least_0 K1).
  destruct begins as (((_ & f0) & A0 & _) & _).
  destruct Hruns as ((Cw & Hw) & _ & (_ & _ & He) & HG & _). fold k in He.
  assert (G0 := G_at_least_0). destruct (squares_part_grows t H) as (P & _).
  assert (A := squares_absolute_at_least_0).
  assert (top := squares_at_most).
  assert (nonneg : forall i, 0 <= f i "s").
  { induction i as [| i IH]; [now rewrite f0 |]. rewrite stored_state. simpl.
    assert (Wi := stored_weights_range _ _ _ _ i W Cw). cbv beta in Wi.
    apply (keeps_nonneg _ _ _ Hr). apply Rplus_le_le_0_compat;
      [apply (weighted_square_nonneg u eta); [exact Hr | lra] |].
    apply (keeps_nonneg _ _ _ Hr). apply Rmult_le_pos; lra. }
  specialize (nonneg t). specialize (top t).
  assert (s0 := near_nonnegative _ _ _ _ _ (squares_near t)).
  apply Rabs_le_inv in He, N. assert (K := k_at_least_0).
  assert (ke : 0 <= k * epsilon <= epsilon) by (split; [apply Rmult_le_pos; lra | nra]).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  assert (p1 : squares_part u k rho t * r t "s" <= squares_part u k rho T * (initial + G * G))
    by (apply Rmult_le_compat; lra).
  assert (p0 : 0 <= squares_part u k rho t * r t "s") by (apply Rmult_le_pos; lra).
  unfold rmsprop_largest. repeat split; lra.
Qed.

End Squares.

(* Epsilon in the state: its size. *)

Lemma state_size t :
  follows exact "s" rmsprop_s r -> follows (rounded rnd) "s" rmsprop_s f ->
  (t <= T)%nat -> 0 <= wt <= 1 -> k <= 1 ->
  0 <= f t "s" /\ 0 <= epsilont
  /\ f t "s" + epsilont
     <= rmsprop_largest (squares_and_epsilon_part u k rho T)
          (squares_and_epsilon_absolute u eta k rho G) (initial + (G * G + epsilon / (1 - rho)))
            epsilon G
  /\ 0 <= G /\ G + G * G
     <= rmsprop_largest (squares_and_epsilon_part u k rho T)
          (squares_and_epsilon_absolute u eta k rho G) (initial + (G * G + epsilon / (1 - rho)))
            epsilon G.
Proof.
  intros Hs Hst H W K1. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (start := stored_start_at_least_0 K1). assert (bs := begins).
  destruct bs as (((r0 & f0) & A0 & _) & _).
  destruct Hruns as ((Cw & Hw) & _ & (Ce & _ & He) & HG & _). fold k in He.
  assert (G0 := G_at_least_0). assert (K := k_at_least_0). assert (Q1 := one_at_most_growth).
  assert (e1 : 0 <= epsilon / (1 - rho))
    by (apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra).
  assert (exact_s : forall t, r (S t) "s" = (1 - r t "w") * r t "s"
    + r t "w" * (r t "gradient" * r t "gradient") + epsilon).
  { intro i. rewrite Hs. simpl. rewrite (proj1 (Ce i)). ring. }
  assert (Hnear : near (squares_and_epsilon_part u k rho t)
    (squares_and_epsilon_absolute u eta k rho G) (f t "s") (r t "s") (r t "s")).
  { apply (squares_and_epsilon_stay_near u eta rnd k rho wt (fun t => r t "w") (fun t => f t "w")
      epsilont epsilon G (fun t => r t "gradient") (fun t => r t "s") (fun t => f t "s"));
      auto; try apply HG; try lra; [now apply starts_as_a_mean with initial initialt |].
    intro i. rewrite Hst. simpl. now rewrite (proj2 (Ce i)), (proj1 (HG i)). }
  assert (s0 := near_nonnegative _ _ _ _ _ Hnear). destruct Hnear as [_ M].
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  assert (top : forall i, r i "s" <= initial + (G * G + epsilon / (1 - rho))).
  { apply (weighted_at_most rho wt (fun t => r t "w") (fun t => f t "w")
      (initial + (G * G + epsilon / (1 - rho))) (fun i => r i "s")
      (fun i => r i "gradient" * r i "gradient" + epsilon / (1 - rho))); auto; [rewrite r0; lra |
        |].
    - intro i. assert (S := square_bound _ _ (proj2 (HG i))). lra.
    - intro i. rewrite exact_s. assert (Wi := weights_range _ _ _ _ i B Cw). cbv beta in Wi.
      assert (E1 : (1 - rho) * (epsilon / (1 - rho)) = epsilon) by (field; lra). nra. }
  apply Rabs_le_inv in He, M.
  assert (ke : 0 <= k * epsilon <= epsilon) by (split; [apply Rmult_le_pos; lra | nra]).
  assert (nonneg : forall i, 0 <= f i "s").
  { induction i as [| i IH]; [now rewrite f0 |]. rewrite Hst. simpl. rewrite (proj2 (Ce i)).
    assert (Wi := stored_weights_range _ _ _ _ i W Cw). cbv beta in Wi.
    apply (keeps_nonneg _ _ _ Hr). apply Rplus_le_le_0_compat;
      apply (keeps_nonneg _ _ _ Hr); [apply Rmult_le_pos; lra |].
    apply Rplus_le_le_0_compat; [apply (weighted_square_nonneg u eta); [exact Hr | lra] | lra]. }
  assert (c1 : 1 <= (1 + k) * (1 + u) ^ 2) by nra.
  assert (P := part_grows _ _ t T c1 Q1 H). specialize (nonneg t). specialize (top t).
  fold (squares_and_epsilon_part u k rho t) (squares_and_epsilon_part u k rho T) in P.
  assert (p1 : squares_and_epsilon_part u k rho t * r t "s"
    <= squares_and_epsilon_part u k rho T * (initial + (G * G + epsilon / (1 - rho))))
    by (apply Rmult_le_compat; lra).
  assert (p0 : 0 <= squares_and_epsilon_part u k rho t * r t "s") by (apply Rmult_le_pos; lra).
  assert (A : 0 <= squares_and_epsilon_absolute u eta k rho G).
  { apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
    assert (0 <= eta * G) by now apply Rmult_le_pos. nra. }
  unfold rmsprop_largest. repeat split; lra.
Qed.

End Rmsprop.

(* In IEEE 754 arithmetic. *)

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Let k := kappa * u.
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Variables (rho alpha epsilon G wt alphat epsilont initial initialt : R) (T : nat).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let L := rmsprop_longest rho alpha.
Hypothesis B : 0 < rho < 1.
Hypothesis Q : growth u k rho * rho < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis weight : 0 <= wt <= 1.
Hypothesis Hruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont stored r.
Hypothesis begins : rmsprop_starts u initial initialt stored r.

Lemma shadow_inputs a e :
  let sh := shadow p emax (("s", a) :: ("theta", e) :: nil)%list stored in
  rounding u eta nearest
  /\ follows (rounded nearest) "s" a sh /\ follows (rounded nearest) "theta" e sh
  /\ rmsprop_runs u rho alpha epsilon G wt alphat epsilont sh r
  /\ rmsprop_starts u initial initialt sh r.
Proof.
  intro sh. destruct Hruns as (Cw & Ca & Ce & HG & Hstart).
  split; [apply (nearest_is_rounding emin p positive) |].
  split; [now apply shadow_follows |]. split; [now apply shadow_follows |].
  split; [| split; [apply shadow_starts |]; apply begins].
  split; [split; [intro t; unfold sh; rewrite shadow_given by easy; apply Cw | apply Cw] |].
  split; [now apply shadow_constant |].
  split; [now apply shadow_constant |]. split; [now apply shadow_gradients |].
  unfold sh. now rewrite shadow_start.
Qed.

(* What a step computes of a state that is at most S. *)
Section State.

Variables (g : environment) (S : R).
Hypothesis room : 8 * S + 8 < bpow radix2 emax.
Hypothesis small : G + G * G <= S.
Hypothesis G0 : 0 <= G.
Hypothesis Hs : 0 <= g "s" <= S.
Hypothesis Hg : Rabs (g "gradient") <= G.
Hypothesis Hw : 0 <= g "w" <= 1.

Lemma parts_in_range :
  Rabs (nearest (g "w" * g "gradient")) <= 2 * G + 1
  /\ Rabs (nearest ((1 - g "w") * g "s")) <= 2 * S + 1.
Proof.
  destruct (format_is_fine p emax positive below) as (U & N & _).
  assert (Hr := nearest_rounds p emax positive).
  split.
  - apply (rounded_at_most u eta nearest); auto. rewrite <- (Rmult_1_l G).
    apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact Hg].
  - apply (rounded_at_most u eta nearest); auto. rewrite <- (Rmult_1_l S).
    apply Rabs_times; rewrite Rabs_pos_eq; lra.
Qed.

Lemma squares_in_range :
  0 <= rounded nearest g rmsprop_inside_s <= S -> in_range p emax g rmsprop_inside_s.
Proof.
  intro H. destruct parts_in_range as (P1 & P2). assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  split; [change (Rabs (rounded nearest g rmsprop_inside_s) < bpow radix2 emax);
    rewrite Rabs_pos_eq; lra |].
  cbn [in_range rounded]. fold emin. repeat split; lra.
Qed.

Lemma state_in_range :
  0 <= epsilont <= S -> g "epsilon" = epsilont ->
  0 <= rounded nearest g rmsprop_s <= S -> in_range p emax g rmsprop_s.
Proof.
  intros He Ee H. destruct parts_in_range as (P1 & P2). assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  destruct (format_is_fine p emax positive below) as (U & N & _).
  assert (P3 := Rabs_times _ _ _ _ P1 Hg).
  assert (P4 : Rabs (nearest (g "w" * g "gradient") * g "gradient" + epsilont)
    <= (2 * G + 1) * G + epsilont) by (apply Rabs_plus; [exact P3 | rewrite Rabs_pos_eq; lra]).
  assert (P5 := rounded_at_most u eta nearest _ _ (nearest_rounds p emax positive) U N P4).
  split; [change (Rabs (rounded nearest g rmsprop_s) < bpow radix2 emax); rewrite Rabs_pos_eq; lra
    |].
  cbn [in_range rounded]. fold emin. rewrite Ee. repeat split; lra.
Qed.

End State.

Definition rmsprop_states : list (string * expression) :=
  (("s", rmsprop_s) :: ("theta", rmsprop_theta) :: nil)%list.
Definition rmsprop_inside_states : list (string * expression) :=
  (("s", rmsprop_inside_s) :: ("theta", rmsprop_inside_theta) :: nil)%list.
Definition rmsprop_outside_states : list (string * expression) :=
  (("s", rmsprop_inside_s) :: ("theta", rmsprop_outside_theta) :: nil)%list.

Theorem rmsprop_run_in_ieee :
  let part := squares_and_epsilon_part u k rho T in
  let d := squares_and_epsilon_absolute u eta k rho G in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  let S := rmsprop_largest part d (initial + (G * G + epsilon / (1 - rho))) epsilon G in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below rmsprop_states f ->
  follows exact "s" rmsprop_s r -> follows exact "theta" rmsprop_theta r ->
  quotient_peak u eta k rest (sqrt epsilon) alpha G L S (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) rmsprop_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt epsilon) L (Rabs (r O "theta")) T t.
Proof.
  intros part d rest S P1 R0 Hf Hs Hx Hpeak.
  destruct (shadow_inputs rmsprop_s rmsprop_theta) as (Hr & Ss & St & Sruns & Sbegins).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  assert (runs := Hruns). destruct runs as (_ & Ca & _ & HG & _).
  set (sh := shadow p emax _ stored) in *.
  assert (sizes : forall t, (t <= T)%nat -> 0 <= sh t "s" /\ 0 <= epsilont
    /\ sh t "s" + epsilont <= S /\ 0 <= G /\ G + G * G <= S).
  { intros t H. exact (state_size u eta rho alpha epsilon G wt alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins t Hs Ss H weight K). }
  assert (G0 := proj1 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (GS := proj2 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  apply (quotient_machine_run p emax positive below "s" rmsprop_s (Sqrt rmsprop_s)
    k alpha alphat rest (sqrt epsilon) L G S T f r); try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - lra.
  - eapply stays_by_quotients_same; [| exact (rmsprop_steps u eta rho alpha epsilon G wt alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins P1 R0 Hs Ss Hx St)].
    intro i. cbn [rounded]. now rewrite Ss.
  - intros i Hi room. destruct (sizes i ltac:(lia)) as (A1 & A2 & A3 & _).
    destruct (sizes (Datatypes.S i) Hi) as (C1 & C2 & C3 & _).
    rewrite (Ss i) in C1, C3. destruct Sruns as (Cw & _ & Ce & Sg & _).
    destruct (Sg i) as (Eg & g1). rewrite <- Eg in g1.
    assert (Ew := stored_weights_range _ _ _ _ i weight (proj1 Cw)). assert (Ee := proj2 (proj1 Ce i)).
    assert (Ra := state_in_range (sh i) S room GS G0 ltac:(split; lra) g1 Ew
      ltac:(split; lra) Ee ltac:(split; lra)). split; [exact Ra |].
    now apply (root_in_range p emax positive below _ _ epsilont S Ra).
Qed.

Theorem rmsprop_inside_run_in_ieee :
  let part := (1 + squares_part u k rho T) * (1 + u) - 1 in
  let d := (1 + u) * squares_absolute u eta k rho G + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  let S := rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G)
    (initial + G * G) epsilon G in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below rmsprop_inside_states f ->
  follows exact "s" rmsprop_inside_s r -> follows exact "theta" rmsprop_inside_theta r ->
  quotient_peak u eta k rest (sqrt epsilon) alpha G L S (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) rmsprop_inside_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt epsilon) L (Rabs (r O "theta")) T t.
Proof.
  intros part d rest S P1 R0 Hf Hs Hx Hpeak.
  destruct (shadow_inputs rmsprop_inside_s rmsprop_inside_theta) as (Hr & Ss & St & Sruns &
    Sbegins).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  assert (runs := Hruns). destruct runs as (_ & Ca & _ & HG & _).
  set (sh := shadow p emax _ stored) in *.
  assert (sizes : forall t, (t <= T)%nat -> 0 <= sh t "s" /\ 0 <= epsilont
    /\ sh t "s" + epsilont <= S /\ 0 <= G /\ G + G * G <= S).
  { intros t H. exact (squares_size u eta rho alpha epsilon G wt alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins Hs Ss t H weight K). }
  assert (G0 := proj1 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (GS := proj2 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  apply (quotient_machine_run p emax positive below "s" rmsprop_inside_s (Sqrt (Add
    rmsprop_inside_s (Var "epsilon")))
    k alpha alphat rest (sqrt epsilon) L G S T f r); try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - lra.
  - eapply stays_by_quotients_same; [| exact (rmsprop_inside_steps u eta rho alpha epsilon G wt
    alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins Hs Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. destruct Sruns as (_ & _ & Ce & _).
    now rewrite Ss, <- (proj2 (proj1 Ce i)).
  - intros i Hi room. destruct (sizes i ltac:(lia)) as (A1 & A2 & A3 & _).
    destruct (sizes (Datatypes.S i) Hi) as (C1 & C2 & C3 & _).
    rewrite (Ss i) in C1, C3. destruct Sruns as (Cw & _ & Ce & Sg & _).
    destruct (Sg i) as (Eg & g1). rewrite <- Eg in g1.
    assert (Ew := stored_weights_range _ _ _ _ i weight (proj1 Cw)). assert (Ee := proj2 (proj1 Ce i)).
    assert (Ra := squares_in_range (sh i) S room GS ltac:(split; lra) g1 Ew
      ltac:(split; lra)). split; [exact Ra |].
    now apply (root_inside_in_range p emax positive below _ _ epsilont S Ra).
Qed.

Theorem rmsprop_outside_run_in_ieee :
  let part := squares_part u k rho T in
  let d := squares_absolute u eta k rho G in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  let S := rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G)
    (initial + G * G) epsilon G in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below rmsprop_outside_states f ->
  follows exact "s" rmsprop_inside_s r -> follows exact "theta" rmsprop_outside_theta r ->
  quotient_peak u eta k rest epsilon alpha G L S (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) rmsprop_outside_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest epsilon L (Rabs (r O "theta")) T t.
Proof.
  intros part d l rest S P1 R0 Hf Hs Hx Hpeak.
  destruct (shadow_inputs rmsprop_inside_s rmsprop_outside_theta) as (Hr & Ss & St & Sruns &
    Sbegins).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  assert (runs := Hruns). destruct runs as (_ & Ca & _ & HG & _).
  set (sh := shadow p emax _ stored) in *.
  assert (sizes : forall t, (t <= T)%nat -> 0 <= sh t "s" /\ 0 <= epsilont
    /\ sh t "s" + epsilont <= S /\ 0 <= G /\ G + G * G <= S).
  { intros t H. exact (squares_size u eta rho alpha epsilon G wt alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins Hs Ss t H weight K). }
  assert (G0 := proj1 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (GS := proj2 (proj2 (proj2 (proj2 (sizes O ltac:(lia)))))).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  apply (quotient_machine_run p emax positive below "s" rmsprop_inside_s (Add (Sqrt
    rmsprop_inside_s) (Var "epsilon"))
    k alpha alphat rest epsilon L G S T f r); try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - lra.
  - eapply stays_by_quotients_same; [| exact (rmsprop_outside_steps u eta rho alpha epsilon G wt
    alphat
      epsilont initial initialt nearest _ r T Hr B Q E0 Sruns Sbegins Hs Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. destruct Sruns as (_ & _ & Ce & _).
    now rewrite Ss, <- (proj2 (proj1 Ce i)).
  - intros i Hi room. destruct (sizes i ltac:(lia)) as (A1 & A2 & A3 & _).
    destruct (sizes (Datatypes.S i) Hi) as (C1 & C2 & C3 & _).
    rewrite (Ss i) in C1, C3. destruct Sruns as (Cw & _ & Ce & Sg & _).
    destruct (Sg i) as (Eg & g1). rewrite <- Eg in g1.
    assert (Ew := stored_weights_range _ _ _ _ i weight (proj1 Cw)). assert (Ee := proj2 (proj1 Ce i)).
    assert (Ra := squares_in_range (sh i) S room GS ltac:(split; lra) g1 Ew
      ltac:(split; lra)). split; [exact Ra |].
    now apply (root_outside_in_range p emax positive below _ _ epsilont S Ra).
Qed.

End Format.
