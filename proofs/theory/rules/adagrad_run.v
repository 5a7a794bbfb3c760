(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adagrad's recorded lanes, with underflow: how far theta drifts.

   run/QuotientRuns.v says what the bounds are made of, Rounding.v what u, eta and kappa mean; k =
   kappa u. The sum starts at [initial], 0 or more, as it is stored; so epsilon may be 0 where that
   is not. No step is longer than alpha. After t <= T steps theta is off by at most
   [quotient_drift]:
   - [adagrad_theta_with_underflow]: epsilon under the root;
     [adagrad_outside_theta_with_underflow]: epsilon outside of it;
   - [adagrad_run_in_ieee], [adagrad_outside_run_in_ieee]: so it is in IEEE arithmetic, in which
     nothing overflows while [quotient_peak] is below the largest number;
   - [adagrad_no_step_at_zero_run_in_ieee]: so it is of the form that makes no step where the sum is
     0, from a start above 0. *)

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
Definition adagrad_largest (u eta k epsilon initial G : R) (T : nat) : R :=
  (1 + adagrad_part u k T) * (initial + INR T * (G * G)) + adagrad_absolute u eta T + 2 * epsilon.

Lemma adagrad_step_at_most alpha g s d :
  0 <= alpha -> 0 < d -> g * g <= s -> sqrt s <= d -> alpha * Rabs g / d <= alpha.
Proof.
  intros A D S R. assert (large : Rabs g <= d).
  { eapply Rle_trans; [| exact R]. rewrite <- sqrt_Rsqr_abs. now apply sqrt_le_1_alt. }
  apply Rmult_le_reg_r with d; [exact D |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

Section Adagrad.

Variables (u eta alpha epsilon initial G alphat epsilont initialt : R).
Variables (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Hypothesis Hr : rounding u eta rnd.
Hypothesis E0 : 0 < initial + epsilon.
Hypothesis Ca : constant_within u alpha alphat "learning_rate" f r.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis begins : starts_within u initial initialt "sum" f r.
Hypothesis exact_state : follows exact "sum" adagrad_sum r.
Hypothesis stored_state : follows (rounded rnd) "sum" adagrad_sum f.

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
  assert (K := k_at_least_0). destruct begins as ((r0 & f0) & A & W).
  assert (P : 1 <= (1 + u) ^ t) by (apply pow_R1_Rle; lra).
  assert (Q : (1 + u) ^ t <= (1 + u) ^ T) by (apply Rle_pow; [lra | exact H]).
  assert (S : near ((1 + k) * (1 + u) ^ t - 1) (INR t * (1 + u) ^ t * eta) (f t "sum") (r t "sum")
    (r t "sum")).
  { apply (sum_stays_near u eta rnd k (fun t => r t "sum") (fun t => f t "sum")
      (fun t => r t "gradient") Hr K).
    - rewrite r0, f0. now apply near_coefficient.
    - intro i. rewrite exact_state. simpl. ring.
    - intro i. rewrite stored_state. simpl. now rewrite (proj1 (HG i)). }
  eapply near_weaken; [| | exact S].
  - unfold adagrad_part. nra.
  - apply Rmult_le_compat_r; [exact N |]. apply Rmult_le_compat; try lra; [apply pos_INR |].
    now apply le_INR.
Qed.

Lemma sum_at_least t :
  initial <= r (S t) "sum" /\ r t "gradient" * r t "gradient" <= r (S t) "sum".
Proof.
  destruct begins as ((r0 & _) & A & _).
  assert (step : forall t, r (S t) "sum" = r t "gradient" * r t "gradient" + r t "sum")
    by (intro i; now rewrite exact_state).
  assert (P : forall t, initial <= r t "sum").
  { induction t0 as [| i IH]; [lra |]. rewrite step.
    generalize (Rle_0_sqr (r i "gradient")). unfold Rsqr. lra. }
  rewrite step. specialize (P t). generalize (Rle_0_sqr (r t "gradient")). unfold Rsqr. lra.
Qed.

Lemma adagrad_steps :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest (sqrt (initial + epsilon)) alpha T (fun t => r t
    "gradient")
    (fun t => rnd (sqrt (rnd (f (S t) "sum" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros part d rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (Hs := exact_state). assert (Hst := stored_state).
  destruct Ca as (Va & A & Ha), Ce as (Ve & Ee & He).
  assert (kpart := part_at_least). assert (d0 := absolute_at_least_0).
  assert (dd : 0 <= d) by (unfold d; nra). assert (pp : 0 <= part) by (unfold part; nra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (root : 0 < sqrt (initial + epsilon)) by now apply sqrt_lt_R0.
  apply (quotient_steps u eta rnd k alpha alphat (root_part u part) (root_absolute u eta d)
    (root_absolute u eta d / sqrt (initial + epsilon)) (sqrt (initial + epsilon)) alpha T (fun t =>
      r t "gradient")
    (fun t => sqrt (r (S t) "sum" + epsilon)) (fun t => rnd (sqrt (rnd (f (S t) "sum" + epsilont))))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - now apply root_part_at_least_0.
  - apply Rmult_le_pos; [exact abs0 |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - intros t Ht. destruct (sum_at_least t) as (L1 & L2).
    assert (S0 : sqrt (initial + epsilon) <= sqrt (r (S t) "sum" + epsilon)) by (apply
      sqrt_le_1_alt; lra).
    assert (begun := proj1 (proj2 begins)). split; [exact S0 |]. split.
    + apply root_inside with (k := k); auto; try lra. now apply sum_near.
    + apply (adagrad_step_at_most alpha _ (r (S t) "sum" + epsilon)); auto; lra.
  - intro t. rewrite Hx, Hs. simpl. now rewrite (proj1 (Va t)), (proj1 (Ve t)).
  - intro t. rewrite Hxt, Hst. simpl. now rewrite (proj2 (Va t)), (proj2 (Ve t)), (proj1 (HG t)).
Qed.

Theorem adagrad_theta_with_underflow :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_theta r -> follows (rounded rnd) "theta" adagrad_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt (initial + epsilon)) alpha (Rabs (r O "theta")) T t.
Proof. intros. now apply adagrad_steps. Qed.

Lemma adagrad_outside_steps :
  let part := adagrad_part u k T in
  let d := adagrad_absolute u eta T in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_outside_theta r ->
  follows (rounded rnd) "theta" adagrad_outside_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest (sqrt initial + epsilon) alpha T (fun t => r t
    "gradient")
    (fun t => rnd (rnd (sqrt (f (S t) "sum")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros part d l rest P1 R0 Hx Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (Hs := exact_state). assert (Hst := stored_state).
  destruct Ca as (Va & A & Ha), Ce as (Ve & Ee & He).
  assert (kpart := part_at_least). assert (d0 := absolute_at_least_0). fold d in d0.
  assert (part0 : 0 <= part) by (unfold part; lra).
  assert (abs0 : 0 <= root_absolute u eta d) by (unfold root_absolute; generalize (sqrt_pos d);
    nra).
  assert (begun := proj1 (proj2 begins)).
  assert (least : 0 < sqrt initial + epsilon).
  { destruct (Req_dec initial 0) as [-> | N0]; [rewrite sqrt_0; lra |].
    assert (0 < sqrt initial) by (apply sqrt_lt_R0; lra). lra. }
  assert (root0 := root_part_at_least_0 u part U part0).
  apply (quotient_steps u eta rnd k alpha alphat l (root_absolute u eta d * (1 + u) + eta)
    ((root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) (sqrt initial + epsilon)
      alpha T
    (fun t => r t "gradient")
    (fun t => sqrt (r (S t) "sum") + epsilon)
    (fun t => rnd (rnd (sqrt (f (S t) "sum")) + epsilont))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - unfold l. assert (1 <= (1 + k) * (1 + root_part u part)) by nra. nra.
  - apply Rmult_le_pos; [nra |]. now apply Rlt_le, Rinv_0_lt_compat.
  - unfold rest in R0. lra.
  - right. field. lra.
  - intros t Ht. destruct (sum_at_least t) as (L1 & L2). assert (S0 := sqrt_pos (r (S t) "sum")).
    assert (L3 : sqrt initial <= sqrt (r (S t) "sum")) by (apply sqrt_le_1_alt; lra).
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
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  follows exact "theta" adagrad_outside_theta r ->
  follows (rounded rnd) "theta" adagrad_outside_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest (sqrt initial + epsilon) alpha (Rabs (r O "theta")) T t.
Proof. intros. now apply adagrad_outside_steps. Qed.

(* The stored sum. *)

Lemma sum_size t : (t <= T)%nat -> k <= 1 ->
  0 <= f t "sum" /\ 0 <= epsilont
  /\ f t "sum" + epsilont <= adagrad_largest u eta k epsilon initial G T.
Proof.
  intros H K1. destruct begins as ((r0 & f0) & A0 & W), Ce as (_ & Ee & He).
  fold k in He, W. apply Rabs_le_inv in He, W.
  assert (K := k_at_least_0).
  assert (ke : 0 <= k * epsilon <= epsilon) by (split; [apply Rmult_le_pos; lra | nra]).
  assert (ki : 0 <= k * initial <= initial) by (split; [apply Rmult_le_pos; lra | nra]).
  assert (nonneg : 0 <= f t "sum").
  { clear H. induction t as [| t IH]; [lra |]. rewrite stored_state. simpl.
    apply (keeps_nonneg _ _ _ Hr). generalize (Rle_0_sqr (f t "gradient")). unfold Rsqr. lra. }
  assert (size : forall i, 0 <= r i "sum" <= initial + INR i * (G * G)).
  { induction i as [| i IH]; [simpl; lra |]. rewrite exact_state, S_INR. simpl.
    destruct (HG i) as [_ A]. assert (S := square_bound _ _ A).
    generalize (Rle_0_sqr (r i "gradient")). unfold Rsqr. lra. }
  destruct (sum_near t H) as [_ N]. apply Rabs_le_inv in N. specialize (size t).
  assert (P := part_at_least). assert (A := absolute_at_least_0).
  assert (grows : INR t * (G * G) <= INR T * (G * G))
    by (apply Rmult_le_compat_r; [apply Rle_0_sqr | now apply le_INR]).
  assert (ps : adagrad_part u k T * r t "sum" <= adagrad_part u k T * (initial + INR T * (G * G)))
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

Variables (alpha epsilon initial G alphat epsilont initialt : R) (T : nat).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let largest := adagrad_largest u eta k epsilon initial G T.
Hypothesis E0 : 0 < initial + epsilon.
Hypothesis Ca : constant_within u alpha alphat "learning_rate" stored r.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" stored r.
Hypothesis HG : same_gradients G stored r.
Hypothesis Hstart : stored O "theta" = r O "theta".
Hypothesis begins : starts_within u initial initialt "sum" stored r.
Hypothesis exact_state : follows exact "sum" adagrad_sum r.

(* A lane that keeps the sum and theta. *)
Section Kept.

Variable e : expression.
Let kept : list (string * expression) := (("sum", adagrad_sum) :: ("theta", e) :: nil)%list.
Let sh := shadow p emax kept stored.

Lemma shadow_inputs :
  rounding u eta nearest
  /\ starts_within u initial initialt "sum" sh r /\ follows (rounded nearest) "sum" adagrad_sum sh
  /\ follows (rounded nearest) "theta" e sh
  /\ constant_within u alpha alphat "learning_rate" sh r
  /\ constant_within u epsilon epsilont "epsilon" sh r /\ same_gradients G sh r
  /\ sh O "theta" = r O "theta".
Proof.
  split; [apply (nearest_is_rounding emin p positive) |].
  split; [now apply shadow_starts |]. split; [now apply shadow_follows |].
  split; [now apply shadow_follows |].
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
  intros Hi sum. destruct shadow_inputs as (Hr & Sb & Ss & _ & Sa & Se & Sg & S0).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  destruct (sum_size u eta epsilon initial G epsilont initialt nearest sh r T Hr Se Sg Sb
    exact_state
    Ss (S i) Hi K) as (P & Q & L). rewrite (Ss i) in P, L. fold sum k in P, L. fold largest in L.
  split; [easy |]. split; [| split; [symmetry; apply Ss | apply Se]].
  intro room. split; [| simpl; tauto].
  change (Rabs sum < bpow radix2 emax). rewrite Rabs_pos_eq by easy. lra.
Qed.

End Kept.

Lemma largest_at_least_0 : 0 <= largest.
Proof.
  destruct (shadow_inputs (Var "theta")) as (Hr & Sb & Ss & _ & Sa & Se & Sg & S0).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  destruct (sum_size u eta epsilon initial G epsilont initialt nearest _ r T Hr Se Sg Sb exact_state
    Ss T (le_n T) K) as (P & Q & L). unfold largest, k. lra.
Qed.

Definition adagrad_states : list (string * expression) :=
  (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil)%list.
Definition adagrad_outside_states : list (string * expression) :=
  (("sum", adagrad_sum) :: ("theta", adagrad_outside_theta) :: nil)%list.

Theorem adagrad_run_in_ieee :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below adagrad_states f -> follows exact "theta" adagrad_theta r ->
  quotient_peak u eta k rest (sqrt (initial + epsilon)) alpha G alpha largest (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adagrad_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt (initial + epsilon)) alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d rest P1 R0 Hf Hx Hpeak.
  destruct (shadow_inputs adagrad_theta) as (Hr & Sb & Ss & St & Sa & Se & Sg & S0).
  apply (quotient_machine_run p emax positive below "sum" adagrad_sum
    (Sqrt (Add adagrad_sum (Var "epsilon"))) k alpha alphat rest (sqrt (initial + epsilon)) alpha G
      largest T
      f r);
    try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - exact largest_at_least_0.
  - eapply stays_by_quotients_same; [| exact (adagrad_steps u eta alpha epsilon initial G
      alphat epsilont initialt nearest _ r T Hr E0 Sa Se Sg S0 Sb exact_state Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. now rewrite Ss, <- (proj2 (proj1 Se i)).
  - intros i Hi room. destruct (sums_in_range adagrad_theta i Hi) as (size & Rs & _ & Ee).
    split; [now apply Rs |].
    now apply (root_inside_in_range p emax positive below _ _ epsilont largest (Rs room)).
Qed.

Theorem adagrad_outside_run_in_ieee :
  let part := adagrad_part u k T in
  let d := adagrad_absolute u eta T in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) in
  part <= 1 -> 0 < rest ->
  machine_follows p emax positive below adagrad_outside_states f ->
  follows exact "theta" adagrad_outside_theta r ->
  quotient_peak u eta k rest (sqrt initial + epsilon) alpha G alpha largest (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adagrad_outside_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt initial + epsilon) alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d l rest P1 R0 Hf Hx Hpeak.
  destruct (shadow_inputs adagrad_outside_theta) as (Hr & Sb & Ss & St & Sa & Se & Sg & S0).
  apply (quotient_machine_run p emax positive below "sum" adagrad_sum
    (Add (Sqrt adagrad_sum) (Var "epsilon")) k alpha alphat rest (sqrt initial + epsilon) alpha G
      largest T f r);
    try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - exact largest_at_least_0.
  - eapply stays_by_quotients_same; [| exact (adagrad_outside_steps u eta alpha epsilon initial
      G alphat epsilont initialt nearest _ r T Hr E0 Sa Se Sg S0 Sb exact_state Ss P1 R0 Hx St)].
    intro i. cbn [rounded]. now rewrite Ss, <- (proj2 (proj1 Se i)).
  - intros i Hi room. destruct (sums_in_range adagrad_outside_theta i Hi) as (size & Rs & _ & Ee).
    split; [now apply Rs |].
    now apply (root_outside_in_range p emax positive below _ _ epsilont largest (Rs room)).
Qed.

(* From a start above 0 the sum is above 0 at every step, so that the form which makes no step where
   it is 0 makes the steps of the one that has no such case. *)

Definition adagrad_no_step_at_zero_states : list (string * expression) :=
  (("sum", adagrad_sum) :: ("theta", adagrad_no_step_at_zero_theta) :: nil)%list.

Lemma stored_sum_stays_above i :
  let sh := shadow p emax adagrad_no_step_at_zero_states stored in
  initialt <= rounded nearest (sh i) adagrad_sum.
Proof.
  intro sh. destruct (shadow_inputs adagrad_no_step_at_zero_theta) as (_ & ((_ & b0) & _) & Ss & _).
  fold adagrad_no_step_at_zero_states in b0, Ss. fold sh in b0, Ss.
  assert (above : forall i, initialt <= sh i "sum"); [| rewrite <- Ss; apply above].
  assert (representable : generic_format radix2 (FLT_exp emin p) initialt).
  { destruct begins as ((_ & <-) & _). exact (generic_format_B2R p emax (f O "sum")). }
  intro j. induction j as [| j IH]; [right; symmetry; exact b0 |]. rewrite Ss.
  change (rounded nearest (sh j) adagrad_sum)
    with (nearest (sh j "gradient" * sh j "gradient" + sh j "sum")).
  apply round_ge_generic; auto with typeclass_instances.
  generalize (Rle_0_sqr (sh j "gradient")). unfold Rsqr. lra.
Qed.

Theorem adagrad_no_step_at_zero_run_in_ieee :
  let part := (1 + adagrad_part u k T) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta T + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  0 < initial -> part <= 1 -> 0 < rest ->
  machine_follows p emax positive below adagrad_no_step_at_zero_states f ->
  follows exact "theta" adagrad_no_step_at_zero_theta r ->
  quotient_peak u eta k rest (sqrt (initial + epsilon)) alpha G alpha largest (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) adagrad_no_step_at_zero_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest (sqrt (initial + epsilon)) alpha (Rabs (r O "theta")) T t.
Proof.
  intros part d rest I0 P1 R0 Hf Hx Hpeak.
  destruct (shadow_inputs adagrad_no_step_at_zero_theta) as (Hr & Sb & Ss & St & Sa & Se & Sg & S0).
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  set (sh := shadow p emax _ stored) in *.
  assert (stored_above : forall i, 0 < rounded nearest (sh i) adagrad_sum).
  { intro i. eapply Rlt_le_trans; [| apply stored_sum_stays_above].
    destruct begins as (_ & _ & W). apply Rabs_le_inv in W.
    assert (H : kappa * u < 1).
    { assert (small : u <= / 2).
      { apply (bpow_le radix2 (- p) (- (1))). unfold Prec_gt_0 in positive. lia. }
      assert (0 <= u) by apply bpow_ge_0. unfold kappa. lra. }
    assert (kappa * u * initial < 1 * initial) by (apply Rmult_lt_compat_r; lra). lra. }
  assert (exact_above : forall i, 0 < exact (r i) adagrad_sum).
  { intro i. rewrite <- exact_state.
    generalize (proj1 (sum_at_least u initial initialt sh r Sb exact_state i)). lra. }
  assert (same : forall i, comes_to_the_same p emax (sh i) adagrad_no_step_at_zero_theta
    (by_quotient (Sqrt (Add adagrad_sum (Var "epsilon"))))).
  { intro i. assert (A := stored_above i).
    change adagrad_no_step_at_zero_theta with (Sub (Var "theta") (IfPositive adagrad_sum
      (Div (Mul (Var "learning_rate") (Var "gradient")) (Sqrt (Add adagrad_sum (Var "epsilon")))))).
    unfold by_quotient. set (q := Div _ _).
    assert (chosen : rounded nearest (sh i) (IfPositive adagrad_sum q) = rounded nearest (sh i) q)
      by (cbn [rounded]; now destruct Rlt_dec).
    split; [change (nearest (sh i "theta" - rounded nearest (sh i) (IfPositive adagrad_sum q))
      = nearest (sh i "theta" - rounded nearest (sh i) q)); now rewrite chosen |].
    intros (L & _ & Q). assert (parts := Q). destruct parts as (_ & _ & (_ & (_ & Rs & _) & _) & _).
    split; [| split; [easy |]].
    - change (Rabs (nearest (sh i "theta" - rounded nearest (sh i) (IfPositive adagrad_sum q)))
        < bpow radix2 emax). rewrite chosen. exact L.
    - split; [change (Rabs (rounded nearest (sh i) (IfPositive adagrad_sum q)) < bpow radix2 emax);
        rewrite chosen; apply Q |].
      now split. }
  assert (Hx' : follows exact "theta" adagrad_theta r).
  { intro i. rewrite Hx. cbn [exact adagrad_no_step_at_zero_theta].
    assert (A := exact_above i). cbn [exact adagrad_sum] in A.
    destruct Rlt_dec as [_ | N]; [reflexivity | contradiction]. }
  assert (St' : follows (rounded nearest) "theta" adagrad_theta sh)
    by (intro i; rewrite St; exact (proj1 (same i))).
  apply (quotients_machine_run p emax positive below adagrad_no_step_at_zero_states
    adagrad_no_step_at_zero_theta (Sqrt (Add adagrad_sum (Var "epsilon"))) k alpha alphat rest
    (sqrt (initial + epsilon)) alpha G largest T f r); try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - exact largest_at_least_0.
  - eapply stays_by_quotients_same; [| exact (adagrad_steps u eta alpha epsilon initial G alphat
      epsilont initialt nearest _ r T Hr E0 Sa Se Sg S0 Sb exact_state Ss P1 R0 Hx' St')].
    intro i. cbn [rounded]. now rewrite Ss, <- (proj2 (proj1 Se i)).
  - intros i Hi room.
    destruct (sums_in_range adagrad_no_step_at_zero_theta i Hi) as (size & Rs & _ & Ee).
    split; [now apply (root_inside_in_range p emax positive below _ _ epsilont largest (Rs room))
      |].
    intros y c other. simpl. case String.eqb_spec; [intros _ [= <-]; now apply Rs | intros _].
    case String.eqb_spec; easy.
Qed.

End Format.
