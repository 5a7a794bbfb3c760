(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adagrad's recorded lanes, with underflow: how far theta drifts.

   run/QuotientRuns.v says what the bounds are made of, Rounding.v what u, eta and kappa mean; k =
   kappa u. No step is longer than alpha. After t <= T steps theta is off by at most
   [quotient_drift]:
   - [adagrad_theta_with_underflow]: epsilon under the root;
     [adagrad_outside_theta_with_underflow]: epsilon outside of it;
   - [adagrad_run_in_ieee], [adagrad_outside_run_in_ieee]: so it is in IEEE arithmetic, in which
     nothing overflows while [quotient_peak] is below the largest number. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Means Runs Underflow RelativeDrift.
From Truestep Require Import QuotientRuns MovingParameters Overflow.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The parts of the sum after T steps, no less than a coefficient's. *)
Definition adagrad_part (u k : R) (T : nat) : R := (1 + k) * (1 + u) ^ T - 1.
Definition adagrad_absolute (u eta : R) (T : nat) : R := INR T * (1 + u) ^ T * eta.

(* No stored sum with epsilon is larger. *)
Definition adagrad_largest (u eta k epsilon G : R) (T : nat) : R :=
  (1 + adagrad_part u k T) * (INR T * (G * G)) + adagrad_absolute u eta T + 2 * epsilon.

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

Lemma adagrad_steps :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest (sqrt epsilon) alpha T (fun t => r t "gradient")
    (fun t => rnd (sqrt (rnd (f (S t) "sum" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta").
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
  apply (quotient_steps u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
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

Theorem adagrad_theta_with_underflow :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt epsilon) alpha (Rabs (r O "theta")) T t.
Proof. intros. now apply adagrad_steps. Qed.

Lemma adagrad_outside_steps :
  let part := adagrad_part u k T in
  let d := adagrad_absolute u eta T in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_outside_theta r ->
  follows (rounded rnd) "theta" adagrad_outside_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest epsilon alpha T (fun t => r t "gradient")
    (fun t => rnd (rnd (sqrt (f (S t) "sum")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta").
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
  apply (quotient_steps u eta rnd k alpha alphat l (root_absolute u eta d * (1 + u) + eta)
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
Proof. intros. now apply adagrad_outside_steps. Qed.

(* The stored sum. *)

Lemma sum_size t : (t <= T)%nat -> k <= 1 ->
  0 <= f t "sum" /\ 0 <= epsilont
  /\ f t "sum" + epsilont <= adagrad_largest u eta k epsilon G T.
Proof.
  intros H K1. destruct exact_state as [r0 Hs], stored_state as [f0 Hst], Ce as (_ & _ & He).
  fold k in He. apply Rabs_le_inv in He.
  assert (ke : 0 <= k * epsilon <= epsilon).
  { assert (K := k_at_least_0). split; [apply Rmult_le_pos; lra |]. nra. }
  assert (nonneg : 0 <= f t "sum").
  { clear H. induction t as [| t IH]; [lra |]. rewrite Hst. simpl. apply (keeps_nonneg _ _ _ Hr).
    generalize (Rle_0_sqr (f t "gradient")). unfold Rsqr. lra. }
  assert (size : forall i, 0 <= r i "sum" <= INR i * (G * G)).
  { induction i as [| i IH]; [rewrite r0; simpl; lra |]. rewrite Hs, S_INR. simpl.
    destruct (HG i) as [_ A]. assert (S := square_bound _ _ A).
    generalize (Rle_0_sqr (r i "gradient")). unfold Rsqr. lra. }
  destruct (sum_near t H) as [_ N]. apply Rabs_le_inv in N. specialize (size t).
  assert (P := part_at_least). assert (K := k_at_least_0). assert (A := absolute_at_least_0).
  assert (grows : INR t * (G * G) <= INR T * (G * G))
    by (apply Rmult_le_compat_r; [apply Rle_0_sqr | now apply le_INR]).
  assert (ps : adagrad_part u k T * r t "sum" <= adagrad_part u k T * (INR T * (G * G)))
    by (apply Rmult_le_compat_l; lra).
  unfold adagrad_largest. repeat split; lra.
Qed.

End Adagrad.

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

Variables (alpha epsilon G alphat epsilont : R) (T : nat) (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let largest := adagrad_largest u eta k epsilon G T.
Hypothesis E0 : 0 < epsilon.
Hypothesis sum0 : stored O "sum" = 0.
Hypothesis Ca : constant_within u alpha alphat "learning_rate" stored r.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" stored r.
Hypothesis HG : same_gradients G stored r.
Hypothesis Hstart : stored O "theta" = r O "theta".
Hypothesis exact_state : follows_from_zero exact "sum" adagrad_sum r.

(* A lane that keeps the sum and theta. *)
Section Kept.

Variable e : expression.
Let kept : list (string * expression) := (("sum", adagrad_sum) :: ("theta", e) :: nil)%list.
Let sh := shadow p emax kept stored.

Lemma shadow_inputs :
  rounding u eta nearest
  /\ follows_from_zero (rounded nearest) "sum" adagrad_sum sh /\ follows (rounded nearest) "theta"
    e sh
  /\ constant_within u alpha alphat "learning_rate" sh r
  /\ constant_within u epsilon epsilont "epsilon" sh r /\ same_gradients G sh r
  /\ sh O "theta" = r O "theta".
Proof.
  split; [apply (nearest_is_rounding emin p positive) |].
  split; [now apply shadow_follows_from_zero |]. split; [now apply shadow_follows |].
  split; [now apply shadow_constant |]. split; [now apply shadow_constant |].
  split; [now apply shadow_gradients |]. unfold sh. now rewrite shadow_start.
Qed.

Lemma sums_in_range i :
  (i < T)%nat ->
  let sum := rounded nearest (sh i) adagrad_sum in
  (0 <= sum /\ 0 <= epsilont /\ sum + epsilont <= largest)
  /\ (8 * largest + 8 < bpow radix2 emax -> in_range p emax (sh i) adagrad_sum)
  /\ sum = sh (S i) "sum" /\ sh i "epsilon" = epsilont.
Proof.
  intros Hi sum. destruct shadow_inputs as (Hr & Ss & _ & Sa & Se & Sg & S0).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  destruct (sum_size u eta epsilon G epsilont nearest sh r T Hr E0 Se Sg exact_state Ss (S i) Hi K)
    as (P & Q & L). rewrite (proj2 Ss i) in P, L. fold sum k in P, L. fold largest in L.
  split; [easy |]. split; [| split; [symmetry; apply Ss | apply Se]].
  intro room. split; [| simpl; tauto].
  change (Rabs sum < bpow radix2 emax). rewrite Rabs_pos_eq by easy. lra.
Qed.

End Kept.

Lemma largest_at_least_0 : 0 <= largest.
Proof.
  destruct (shadow_inputs (Var "theta")) as (Hr & Ss & _ & Sa & Se & Sg & S0).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  destruct (sum_size u eta epsilon G epsilont nearest _ r T Hr E0 Se Sg exact_state Ss T (le_n T) K)
    as (P & Q & L). unfold largest, k. lra.
Qed.

Definition adagrad_states : list (string * expression) :=
  (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil)%list.
Definition adagrad_outside_states : list (string * expression) :=
  (("sum", adagrad_sum) :: ("theta", adagrad_outside_theta) :: nil)%list.

Theorem adagrad_run_in_ieee :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt epsilon) in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below adagrad_states f -> follows exact "theta" adagrad_theta r ->
  quotient_peak u eta k rest (sqrt epsilon) alpha G alpha largest (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adagrad_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt epsilon) alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d rest P1 R0 Hf Hx Hpeak.
  destruct (shadow_inputs adagrad_theta) as (Hr & Ss & St & Sa & Se & Sg & S0).
  apply (quotient_machine_run p emax positive below "sum" adagrad_sum
    (Sqrt (Add adagrad_sum (Var "epsilon"))) k alpha alphat rest (sqrt epsilon) alpha G largest T
      f r);
    try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - exact largest_at_least_0.
  - eapply stays_by_quotients_same; [| exact (adagrad_steps u eta alpha epsilon G alphat epsilont
      nearest _ r T Hr E0 Sa Se Sg S0 exact_state Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. now rewrite (proj2 Ss), <- (proj2 (proj1 Se i)).
  - intros i Hi room. destruct (sums_in_range adagrad_theta i Hi) as (size & Rs & _ & Ee).
    split; [now apply Rs |].
    now apply (root_inside_in_range p emax positive below _ _ epsilont largest (Rs room)).
Qed.

Theorem adagrad_outside_run_in_ieee :
  let part := adagrad_part u k T in
  let d := adagrad_absolute u eta T in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below adagrad_outside_states f ->
  follows exact "theta" adagrad_outside_theta r ->
  quotient_peak u eta k rest epsilon alpha G alpha largest (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adagrad_outside_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest epsilon alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d l rest P1 R0 Hf Hx Hpeak.
  destruct (shadow_inputs adagrad_outside_theta) as (Hr & Ss & St & Sa & Se & Sg & S0).
  apply (quotient_machine_run p emax positive below "sum" adagrad_sum
    (Add (Sqrt adagrad_sum) (Var "epsilon")) k alpha alphat rest epsilon alpha G largest T f r);
    try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - exact largest_at_least_0.
  - eapply stays_by_quotients_same; [| exact (adagrad_outside_steps u eta alpha epsilon G alphat
      epsilont nearest _ r T Hr E0 Sa Se Sg S0 exact_state Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. now rewrite (proj2 Ss), <- (proj2 (proj1 Se i)).
  - intros i Hi room. destruct (sums_in_range adagrad_outside_theta i Hi) as (size & Rs & _ & Ee).
    split; [now apply Rs |].
    now apply (root_outside_in_range p emax positive below _ _ epsilont largest (Rs room)).
Qed.

End Format.
