(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of theta' = theta - alpha g / d, with underflow, d being what is kept of the
   gradients' squares.

   Results, with the words of run/Underflow.v and drift/Rounding.v:
   - [quotient_steps]: if each d is near within l and e, at least [least], and no step alpha |g| / d
     is longer than L, then after t <= T steps theta is off by at most [quotient_drift]; d stays
     positive, and what a step computes of theta is at most this large;
   - [root_of_state], [root_outside], [root_inside]: how near d is, as the root of a state, the root
     and epsilon, the root of the state and epsilon;
   - [squares_stay_near]: a decayed mean of squares, and [squares_and_epsilon_stay_near] with
     epsilon added at each step; the first step may weigh its square by 1 ([weights]), and the mean
     may start above 0 where none does ([mean_starts]);
   - [quotient_drift_from], [quotient_peak_from]: from a larger theta_0 both are at least as large;
   - [quotients_machine_run]: in IEEE arithmetic theta is as near, and nothing overflows while
     [quotient_peak] is below the largest number, where S bounds what is under the root and G the
     gradients. [root_in_range], [root_inside_in_range], [root_outside_in_range]: so it is of d. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Underflow RelativeDrift
  MovingParameters.
From Truestep Require Import Overflow.
Open Scope string_scope.
Open Scope R_scope.

(* What an update is off by: rest is what errors leave of a divisor. *)
Definition quotient_error_bound (u eta k rest least L : R) : R :=
  ((1 + k) * (1 + u) ^ 2 / rest - 1) * L + ((1 + u) * (eta / (rest * least)) + eta).

Definition quotient_drift (u eta k rest least L theta0 : R) (T : nat) (t : nat) : R :=
  INR t * (1 + u) ^ t
  * (quotient_error_bound u eta k rest least L + u * (theta0 + INR T * L) + eta).

Definition quotient_peak (u eta k rest least alpha G L S theta0 : R) (T : nat) : R :=
  8 * S + 8 + ((1 + k) * (1 + u) * (alpha * G) + eta)
  + (L + quotient_error_bound u eta k rest least L)
  + (theta0 + INR T * L + quotient_drift u eta k rest least L theta0 T T).

Theorem quotient_drift_from u eta k rest least L x y T t :
  0 <= u -> x <= y ->
  quotient_drift u eta k rest least L x T t <= quotient_drift u eta k rest least L y T t.
Proof.
  intros U H. unfold quotient_drift.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [apply pos_INR | apply pow_le; lra] | nra].
Qed.

Theorem quotient_peak_from u eta k rest least alpha G L S x y T :
  0 <= u -> x <= y ->
  quotient_peak u eta k rest least alpha G L S x T
  <= quotient_peak u eta k rest least alpha G L S y T.
Proof.
  intros U H. assert (D := quotient_drift_from u eta k rest least L x y T T U H).
  unfold quotient_peak. lra.
Qed.

(* Theta is near, and the numbers of a step are at most this large. *)
Definition stays_by_quotients (u eta : R) (rnd : R -> R) (k alpha alphat rest least L : R) (T : nat)
    (g dt theta thetat : nat -> R) : Prop :=
  (forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= quotient_drift u eta k rest least L (Rabs (theta O)) T t)
  /\ forall t, (t < T)%nat ->
    0 < dt t /\ Rabs (rnd (alphat * g t)) <= (1 + k) * (1 + u) * (alpha * Rabs (g t)) + eta
    /\ Rabs (rnd (rnd (alphat * g t) / dt t)) <= L + quotient_error_bound u eta k rest least L
    /\ Rabs (thetat (S t))
       <= Rabs (theta O) + INR T * L + quotient_drift u eta k rest least L (Rabs (theta O)) T T.

Lemma stays_by_quotients_same u eta rnd k alpha alphat rest least L T g dt dt' theta thetat :
  (forall t, dt t = dt' t) ->
  stays_by_quotients u eta rnd k alpha alphat rest least L T g dt theta thetat ->
  stays_by_quotients u eta rnd k alpha alphat rest least L T g dt' theta thetat.
Proof. intros H (D & S). split; [exact D |]. intros t Ht. rewrite <- H. now apply S. Qed.

Theorem quotient_steps u eta rnd k alpha alphat l e j least L T (g d dt theta thetat : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= alpha -> Rabs (alphat - alpha) <= k * alpha ->
  0 < least -> 0 <= l -> 0 <= j -> l + j < 1 -> e <= j * least -> 0 <= L ->
  (forall t, (t < T)%nat ->
    least <= d t /\ near l e (dt t) (d t) (d t) /\ alpha * Rabs (g t) / d t <= L) ->
  thetat O = theta O ->
  (forall t, theta (S t) = theta t - alpha * g t / d t) ->
  (forall t, thetat (S t) = rnd (thetat t - rnd (rnd (alphat * g t) / dt t))) ->
  stays_by_quotients u eta rnd k alpha alphat (1 - (l + j)) least L T g dt theta thetat.
Proof.
  intros Hr K A Ha F L0 J LJ E HL Hd Hstart Htheta Hthetat.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  set (update t := alpha * g t / d t). set (updatet t := rnd (rnd (alphat * g t) / dt t)).
  assert (rest : 1 <= / (1 - (l + j))) by (rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (pushed : forall t, near ((1 + k) * (1 + u) - 1) eta (rnd (alphat * g t)) (alpha * g t)
      (alpha * Rabs (g t))).
  { intro t.
    assert (P := near_mul _ _ _ _ _ _ _ _ _ _ (near_coefficient _ _ _ A Ha) (near_exact (g t))).
    apply (near_round u eta rnd) in P; [| exact Hr].
    eapply near_weaken; [| | exact P]; right; ring. }
  assert (near_update : forall t, (t < T)%nat ->
    Rabs (updatet t - update t) <= quotient_error_bound u eta k (1 - (l + j)) least L).
  { intros t Ht. destruct (Hd t Ht) as (D1 & D2 & D3). assert (Q := pushed t).
    unfold quotient_error_bound. replace ((1 + k) * (1 + u) ^ 2)
      with ((1 + ((1 + k) * (1 + u) - 1)) * (1 + u)) by ring.
    apply (near_quotient u eta rnd _ _ j e l least L _ (alpha * Rabs (g t))); auto; nra. }
  assert (at_most : forall t, (t < T)%nat -> Rabs (update t) <= L).
  { intros t Ht. destruct (Hd t Ht) as (D1 & D2 & D3). unfold update, Rdiv.
    rewrite !Rabs_mult, Rabs_inv, (Rabs_pos_eq (d t)), (Rabs_pos_eq alpha) by lra. exact D3. }
  assert (error0 : 0 <= quotient_error_bound u eta k (1 - (l + j)) least L).
  { unfold quotient_error_bound. apply Rplus_le_le_0_compat.
    + apply Rmult_le_pos; [| exact HL]. assert (1 <= (1 + k) * (1 + u) ^ 2) by nra.
      unfold Rdiv. nra.
    + apply Rplus_le_le_0_compat; [| exact N]. apply Rmult_le_pos; [lra |].
      apply Rmult_le_pos; [exact N |]. apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; lra. }
  split; [now apply (moving_run u eta rnd _ L T theta thetat update updatet) |].
  intros t Ht. destruct (Hd t Ht) as (D1 & (_ & D2) & D3). split; [| split; [| split]].
  - apply Rabs_le_inv in D2. assert (j * least <= j * d t) by (apply Rmult_le_compat_l; lra).
    assert ((l + j) * d t < 1 * d t) by (apply Rmult_lt_compat_r; lra). lra.
  - assert (P := near_size _ _ _ _ _ (pushed t)). lra.
  - now apply Rabs_near with (update t); [apply at_most | apply near_update].
  - now apply (moved_size u eta rnd _ L T theta thetat update updatet).
Qed.

(* Divisors: the part of a root, [part] being its radicand's. *)
Definition root_part (u part : R) : R := (2 - sqrt (1 - part)) * (1 + u) - 1.
Definition root_absolute (u eta d : R) : R := (1 + u) * sqrt d + eta.

Lemma root_of_state u eta rnd part d st s :
  rounding u eta rnd -> 0 <= s -> 0 <= part <= 1 -> 0 <= d -> near part d st s s ->
  near (root_part u part) (root_absolute u eta d) (rnd (sqrt st)) (sqrt s) (sqrt s).
Proof.
  intros Hr S P D N. apply near_root in N; auto. apply (near_round u eta rnd) in N; [| exact Hr].
  eapply near_weaken; [| apply Rle_refl | exact N]. right. unfold root_part. ring.
Qed.

Lemma root_part_at_least_0 u part : 0 <= u -> 0 <= part -> 0 <= root_part u part.
Proof.
  intros U P. assert (sqrt (1 - part) <= 1) by (rewrite <- sqrt_1 at 2; apply sqrt_le_1_alt; lra).
  unfold root_part. nra.
Qed.

Lemma root_outside u eta rnd k part d st s epsilont epsilon :
  rounding u eta rnd -> 0 <= k -> 0 <= s -> 0 <= part <= 1 -> 0 <= d -> 0 <= epsilon ->
  Rabs (epsilont - epsilon) <= k * epsilon -> near part d st s s ->
  near ((1 + k) * (1 + root_part u part) * (1 + u) - 1) (root_absolute u eta (d) * (1 + u) + eta)
    (rnd (rnd (sqrt st) + epsilont)) (sqrt s + epsilon) (sqrt s + epsilon).
Proof.
  intros Hr K S P D E He N. assert (U := u_nonneg _ _ _ Hr).
  assert (R := root_of_state u eta rnd part d st s Hr S P D N).
  assert (R0 := root_part_at_least_0 u part U (proj1 P)).
  apply near_weaken with (k' := (1 + k) * (1 + root_part u part) - 1)
    (d' := root_absolute u eta d) in R; [| nra | lra].
  assert (C := near_coefficient _ _ _ E He).
  apply near_weaken with (k' := (1 + k) * (1 + root_part u part) - 1) (d' := 0) in C; [| nra | lra].
  assert (A := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ R C)).
  eapply near_weaken; [| | exact A]; right; ring.
Qed.

Lemma root_inside u eta rnd k part d st s epsilont epsilon :
  rounding u eta rnd -> 0 <= k <= part -> 0 <= s -> (1 + part) * (1 + u) - 1 <= 1 -> 0 <= d ->
  0 <= epsilon -> Rabs (epsilont - epsilon) <= k * epsilon -> near part d st s s ->
  near (root_part u ((1 + part) * (1 + u) - 1)) (root_absolute u eta ((1 + u) * d + eta))
    (rnd (sqrt (rnd (st + epsilont)))) (sqrt (s + epsilon)) (sqrt (s + epsilon)).
Proof.
  intros Hr K S P D E He N. assert (U := u_nonneg _ _ _ Hr). assert (N0 := eta_nonneg _ _ _ Hr).
  assert (C := near_coefficient _ _ _ E He).
  apply near_weaken with (k' := part) (d' := 0) in C; [| lra | lra].
  assert (A := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ N C)).
  rewrite Rplus_0_r in A. apply (root_of_state u eta rnd); auto; try lra; [nra |].
  apply Rplus_le_le_0_compat; [apply Rmult_le_pos; lra | exact N0].
Qed.

(* The states under the root. *)

Lemma weighted_square_near u eta rnd k w beta g G :
  rounding u eta rnd -> 0 <= beta <= 1 -> Rabs (w - (1 - beta)) <= k * (1 - beta) -> Rabs g <= G ->
  near ((1 + k) * (1 + u) - 1) (eta * G) (rnd (w * g) * g) ((1 - beta) * (g * g))
    ((1 - beta) * (g * g)).
Proof.
  intros Hr B Hw HG. assert (N := eta_nonneg _ _ _ Hr).
  assert (C := near_coefficient k w (1 - beta) ltac:(lra) Hw).
  assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C (near_exact g)).
  apply (near_round u eta rnd) in P; [| exact Hr].
  assert (S := near_mul _ _ _ _ _ _ _ _ _ _ P (near_exact g)).
  assert (A : (1 - beta) * Rabs g * Rabs g = (1 - beta) * (g * g)).
  { rewrite Rmult_assoc, <- Rabs_mult, (Rabs_pos_eq (g * g)); [easy | apply Rle_0_sqr]. }
  rewrite A, (Rmult_assoc (1 - beta) g g) in S. eapply near_weaken; [| | exact S]; [right; ring |].
  assert (eta * Rabs g <= eta * G) by (apply Rmult_le_compat_l; easy). lra.
Qed.

Definition squares_part (u k beta : R) (t : nat) : R := (1 + k) * (1 + u) * growth u k beta ^ t - 1.
Definition squares_absolute (u eta k beta G : R) : R := kept_of_underflow u eta k (eta * G) beta.

(* The weight of a mean at each step, and the stored one: 1 - beta, or 1 at the first step, which
   then forgets what was before it. *)
Definition weights (beta w : R) (c ct : nat -> R) : Prop :=
  forall t, (c t = 1 - beta /\ ct t = w) \/ (t = O /\ c t = 1 /\ ct t = 1).

Lemma same_weights beta w : weights beta w (fun _ => 1 - beta) (fun _ => w).
Proof. intro t. now left. Qed.

Lemma weights_range beta w c ct t :
  0 < beta < 1 -> weights beta w c ct -> 1 - beta <= c t <= 1.
Proof. intros B W. destruct (W t) as [(-> & _) | (_ & -> & _)]; lra. Qed.

Lemma stored_weights_range beta w c ct t :
  0 <= w <= 1 -> weights beta w c ct -> 0 <= ct t <= 1.
Proof. intros B W. destruct (W t) as [(_ & ->) | (_ & _ & ->)]; lra. Qed.

(* A mean starts near itself, and at 0 where its first step would forget a start. *)
Definition mean_starts (k : R) (c x xt : nat -> R) : Prop :=
  near k 0 (xt O) (x O) (x O) /\ (x O = 0 \/ c O < 1).

Lemma weights_keep beta w k c ct (x xt : nat -> R) t :
  weights beta w c ct -> mean_starts k c x xt ->
  (1 - c t) * x t = beta * x t /\ (1 - ct t) * xt t = (1 - w) * xt t.
Proof.
  intros W ((_ & N) & start). destruct (W t) as [(-> & ->) | (-> & C & ->)]; [split; ring |].
  destruct start as [x0 | L]; [| rewrite C in L; lra].
  rewrite x0, Rminus_0_r, Rmult_0_r, Rplus_0_r in N. assert (t0 := Rabs_pos (xt O)).
  assert (z : xt O = 0).
  { destruct (Req_dec (xt O) 0) as [z | z]; [exact z |]. apply Rabs_pos_lt in z. lra. }
  rewrite C, x0, z. split; ring.
Qed.

Lemma weighted_at_most beta w c ct top (x y : nat -> R) :
  0 < beta < 1 -> weights beta w c ct -> x O <= top -> (forall t, y t <= top) ->
  (forall t, x (S t) <= (1 - c t) * x t + c t * y t) -> forall t, x t <= top.
Proof.
  intros B W x0 Y Hx. induction t as [| t IH]; [lra |].
  assert (C := weights_range _ _ _ _ t B W). specialize (Y t). eapply Rle_trans; [apply Hx |]. nra.
Qed.

Lemma weights_near u eta rnd k beta w c ct g G t :
  rounding u eta rnd -> 0 <= k -> 0 < beta < 1 -> Rabs (w - (1 - beta)) <= k * (1 - beta) ->
  weights beta w c ct -> Rabs g <= G ->
  near ((1 + k) * (1 + u) - 1) (eta * G) (rnd (ct t * g) * g) (c t * (g * g)) (c t * (g * g)).
Proof.
  intros Hr K B Hw W HG. assert (C := weights_range _ _ _ _ t B W).
  assert (N := weighted_square_near u eta rnd k (ct t) (1 - c t) g G Hr ltac:(lra)).
  replace (1 - (1 - c t)) with (c t) in N by ring. apply N; [| exact HG].
  destruct (W t) as [(-> & ->) | (_ & -> & ->)]; [exact Hw |].
  rewrite Rminus_diag_eq, Rabs_R0 by easy. lra.
Qed.

Theorem squares_stay_near u eta rnd k beta w c ct G (g s st : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 < beta < 1 -> growth u k beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k * (1 - beta) -> weights beta w c ct -> (forall t, Rabs (g t) <= G) ->
  mean_starts k c s st -> (forall t, s (S t) = (1 - c t) * s t + c t * (g t * g t)) ->
  (forall t, st (S t) = rnd (rnd (ct t * g t) * g t + rnd ((1 - ct t) * st t))) ->
  forall t, near (squares_part u k beta t) (squares_absolute u eta k beta G) (st t) (s t) (s t).
Proof.
  intros Hr K B Q Hw W HG start Hs Hst t.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g O)) (HG O); lra).
  replace (squares_part u k beta t)
    with ((1 + ((1 + k) * (1 + u) - 1)) * growth u k beta ^ t - 1) by (unfold squares_part; ring).
  set (y i := c i * (g i * g i) / (1 - beta)).
  assert (Y : forall i, (1 - beta) * y i = c i * (g i * g i)) by (intro i; unfold y; field; lra).
  assert (keep := fun i => weights_keep beta w k c ct s st i W start).
  apply (started_mean_stays_near u eta rnd ((1 + k) * (1 + u) - 1) k (eta * G) beta w s s y y
    (fun t => rnd (ct t * g t) * g t)); try easy; try nra.
  - intro i. rewrite Y. now apply (weights_near u eta rnd k beta w).
  - apply near_weaken with k 0; [nra | lra | apply start].
  - intro i. now rewrite Hs, Y, (proj1 (keep i)).
  - intro i. now rewrite Hs, Y, (proj1 (keep i)).
  - intro i. now rewrite Hst, (proj2 (keep i)).
Qed.

Lemma part_grows c q t T : 1 <= c -> 1 <= q -> (t <= T)%nat -> 0 <= c * q ^ t - 1 <= c * q ^ T - 1.
Proof.
  intros C Q H. assert (1 <= q ^ t) by now apply pow_R1_Rle.
  assert (q ^ t <= q ^ T) by now apply Rle_pow. split; nra.
Qed.

(* With epsilon in the state. *)
Definition squares_and_epsilon_part (u k beta : R) (t : nat) : R :=
  (1 + k) * (1 + u) ^ 2 * growth u k beta ^ t - 1.
Definition squares_and_epsilon_absolute (u eta k beta G : R) : R :=
  kept_of_underflow u eta k ((1 + u) * (eta * G) + eta) beta.

Theorem squares_and_epsilon_stay_near u eta rnd k beta w c ct epsilont epsilon G
    (g s st : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 < beta < 1 -> growth u k beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k * (1 - beta) -> weights beta w c ct -> (forall t, Rabs (g t) <= G) ->
  0 <= epsilon -> Rabs (epsilont - epsilon) <= k * epsilon ->
  mean_starts k c s st -> (forall t, s (S t) = (1 - c t) * s t + c t * (g t * g t) + epsilon) ->
  (forall t, st (S t)
     = rnd (rnd ((1 - ct t) * st t) + rnd (rnd (ct t * g t) * g t + epsilont))) ->
  forall t, near (squares_and_epsilon_part u k beta t) (squares_and_epsilon_absolute u eta k beta G)
              (st t) (s t) (s t).
Proof.
  intros Hr K B Q Hw W HG E He start Hs Hst t.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g O)) (HG O); lra).
  set (y i := c i * (g i * g i) / (1 - beta) + epsilon / (1 - beta)).
  assert (Y : forall i, (1 - beta) * y i = c i * (g i * g i) + epsilon)
    by (intro i; unfold y; field; lra).
  assert (keep := fun i => weights_keep beta w k c ct s st i W start).
  replace (squares_and_epsilon_part u k beta t)
    with ((1 + ((1 + k) * (1 + u) ^ 2 - 1)) * growth u k beta ^ t - 1)
    by (unfold squares_and_epsilon_part; ring).
  apply (started_mean_stays_near u eta rnd ((1 + k) * (1 + u) ^ 2 - 1) k ((1 + u) * (eta * G) + eta)
    beta w
    s s
    y y (fun t => rnd (rnd (ct t * g t) * g t + epsilont))); try easy; try nra.
  - assert (0 <= eta * G) by nra. nra.
  - intro i. rewrite Y.
    assert (V := weights_near u eta rnd k beta w c ct (g i) G i Hr K B Hw W (HG i)).
    assert (C := near_coefficient _ _ _ E He).
    apply near_weaken with (k' := (1 + k) * (1 + u) - 1) (d' := 0) in C; [| nra | lra].
    assert (A := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ V C)).
    eapply near_weaken; [| | exact A]; right; ring.
  - apply near_weaken with k 0; [nra | lra | apply start].
  - intro i. rewrite Hs, Y, (proj1 (keep i)). ring.
  - intro i. rewrite Hs, Y, (proj1 (keep i)). ring.
  - intro i. rewrite Hst, (proj2 (keep i)). f_equal. ring.
Qed.

(* In IEEE 754 arithmetic. *)

Lemma root_size u eta rnd x S :
  rounding u eta rnd -> u <= 1 -> eta <= 1 -> 0 <= x <= S -> Rabs (rnd (sqrt x)) <= 2 * S + 3.
Proof.
  intros Hr U N X. assert (root : sqrt x <= x + 1).
  { rewrite <- (sqrt_square (x + 1)) by lra. apply sqrt_le_1_alt. nra. }
  assert (P := rounded_at_most u eta rnd (sqrt x) (x + 1) Hr U N
    ltac:(rewrite Rabs_pos_eq; [exact root | apply sqrt_pos])). lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Lemma nearest_rounds : rounding u eta nearest.
Proof. apply (nearest_is_rounding emin p positive). Qed.

Lemma format_is_fine : u <= 1 /\ eta <= 1 /\ kappa * u <= 1.
Proof.
  assert (small : u <= / 2).
  { apply (bpow_le radix2 (- p) (- (1))). unfold Prec_gt_0 in positive. lia. }
  assert (P : 0 <= u) by apply bpow_ge_0. unfold kappa. repeat split; try lra.
  apply (bpow_le radix2 (emin - 1) 0). unfold emin, Prec_gt_0, Prec_lt_emax in *. lia.
Qed.

(* The three divisors, made of a state a. *)

Section Divisors.

Variables (f : environment) (a : expression) (epsilont S : R).
Hypothesis Ra : in_range p emax f a.
Hypothesis size :
  0 <= rounded nearest f a /\ 0 <= epsilont /\ rounded nearest f a + epsilont <= S.
Hypothesis Ee : f "epsilon" = epsilont.
Hypothesis room : 8 * S + 8 < bpow radix2 emax.

Lemma root_in_range : in_range p emax f (Sqrt a).
Proof.
  destruct size as (A & E & L), format_is_fine as (U & N & _).
  assert (L' : rounded nearest f a <= S) by lra.
  cbn [in_range rounded]. fold emin.
  assert (R := root_size u eta nearest (rounded nearest f a) S nearest_rounds U N (conj A L')).
  fold emin in R. split; [lra |]. now split.
Qed.

Lemma root_inside_in_range : in_range p emax f (Sqrt (Add a (Var "epsilon"))).
Proof.
  destruct size as (A & E & L), format_is_fine as (U & N & _).
  assert (L' : rounded nearest f a <= S) by lra.
  assert (Hr := nearest_rounds).
  cbn [in_range rounded]. fold emin. rewrite Ee.
  assert (v0 : 0 <= nearest (rounded nearest f a + epsilont)) by (apply (keeps_nonneg _ _ _ Hr);
    lra).
  assert (v1 := rounded_at_most u eta nearest (rounded nearest f a + epsilont) S Hr U N
    ltac:(rewrite Rabs_pos_eq; lra)).
  assert (v2 := root_size u eta nearest _ _ Hr U N (conj v0 (Rle_trans _ _ _ (Rle_abs _) v1))).
  repeat first [exact Ra | exact v0 | split]; try easy; lra.
Qed.

Lemma root_outside_in_range : in_range p emax f (Add (Sqrt a) (Var "epsilon")).
Proof.
  destruct size as (A & E & L), format_is_fine as (U & N & _).
  assert (L' : rounded nearest f a <= S) by lra.
  assert (Hr := nearest_rounds).
  assert (R := root_in_range). cbn [in_range rounded] in R |- *. fold emin in R |- *. rewrite Ee.
  assert (v0 : 0 <= nearest (sqrt (rounded nearest f a)))
    by (apply (keeps_nonneg _ _ _ Hr), sqrt_pos).
  assert (v1 := root_size u eta nearest (rounded nearest f a) S Hr U N (conj A L')).
  rewrite Rabs_pos_eq in v1 by exact v0.
  assert (v2 := rounded_at_most u eta nearest (nearest (sqrt (rounded nearest f a)) + epsilont)
    (3 * S + 3) Hr U N ltac:(rewrite Rabs_pos_eq; lra)).
  split; [lra |]. split; [exact R | easy].
Qed.

End Divisors.

Definition by_quotient (e : expression) : expression :=
  Sub (Var "theta") (Div (Mul (Var "learning_rate") (Var "gradient")) e).

(* A lane that keeps theta and other states, which stay in range; theta's term is that quotient's,
   or comes to the same at every step. *)

Definition comes_to_the_same (g : environment) (m n : expression) : Prop :=
  rounded nearest g m = rounded nearest g n /\ (in_range p emax g n -> in_range p emax g m).

Theorem quotients_machine_run kept m e k alpha alphat rest least L G S T
    (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let sh := shadow p emax kept stored in
  0 <= k -> 0 <= S -> term_of kept "theta" = Some m ->
  (forall i, comes_to_the_same (sh i) m (by_quotient e)) ->
  term_of kept "learning_rate" = None -> term_of kept "gradient" = None ->
  machine_follows p emax positive below kept f ->
  constant_within u alpha alphat "learning_rate" stored r -> same_gradients G stored r ->
  quotient_peak u eta k rest least alpha G L S (Rabs (r O "theta")) T < bpow radix2 emax ->
  stays_by_quotients u eta nearest k alpha alphat rest least L T (fun t => r t "gradient")
    (fun t => rounded nearest (sh t) e) (fun t => r t "theta") (fun t => sh t "theta") ->
  (forall i, (i < T)%nat -> 8 * S + 8 < bpow radix2 emax ->
     in_range p emax (sh i) e
     /\ forall y c, y <> "theta" -> term_of kept y = Some c -> in_range p emax (sh i) c) ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) m)
    /\ (forall y, is_finite (f t y) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest least L (Rabs (r O "theta")) T t.
Proof.
  intros stored sh K0 S0 kept_theta same O1 O2 Hf Ca HG Hpeak (D & sizes) range t Ht.
  assert (given : forall y, term_of kept y = None -> forall i, sh i y = stored i y)
    by (intros; now apply shadow_given).
  assert (u0 : 0 <= u) by apply bpow_ge_0. assert (N := eta_nonneg _ _ _ nearest_rounds).
  assert (ranges : forall i y c, (i < T)%nat -> term_of kept y = Some c -> in_range p emax (sh i)
    c).
  { intros i y c Hi. destruct (sizes i Hi) as (D0 & N1 & N2 & N3). cbv beta in *.
    assert (Ea : sh i "learning_rate" = alphat) by (rewrite given by easy; apply Ca).
    assert (Eg : sh i "gradient" = r i "gradient") by (rewrite given by easy; apply HG).
    assert (E4 : sh (Datatypes.S i) "theta" = rounded nearest (sh i) (by_quotient e))
      by (rewrite <- (proj1 (same i)); now apply shadow_kept).
    assert (push : (1 + k) * (1 + u) * (alpha * Rabs (r i "gradient")) + eta
      <= (1 + k) * (1 + u) * (alpha * G) + eta).
    { apply Rplus_le_compat_r, Rmult_le_compat_l; [apply Rmult_le_pos; lra |].
      apply Rmult_le_compat_l; [apply Ca | apply HG]. }
    assert (S1 := Rle_trans _ _ _ (Rabs_pos _) N1). assert (S2 := Rle_trans _ _ _ (Rabs_pos _) N2).
    assert (S3 := Rle_trans _ _ _ (Rabs_pos _) N3). unfold quotient_peak in Hpeak.
    destruct (range i Hi ltac:(lra)) as (Re & Rest).
    destruct (String.eqb_spec y "theta") as [-> | other]; [| now apply Rest].
    rewrite kept_theta. intros [= <-]. apply (proj2 (same i)).
    rewrite E4 in N3. unfold by_quotient in N3 |- *. cbn [rounded in_range] in N3 |- *.
    fold emin in N3 |- *. rewrite Ea, Eg in *.
    repeat first [exact Re | split]; try easy; try lra. }
  destruct (machine_run_in_range p emax positive below kept f T Hf ranges t Ht) as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3. now apply D.
Qed.

(* One that keeps one state and theta. *)
Corollary quotient_machine_run x a e k alpha alphat rest least L G S T
    (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let kept := ((x, a) :: ("theta", by_quotient e) :: nil)%list in
  let sh := shadow p emax kept stored in
  0 <= k -> 0 <= S -> x <> "learning_rate" -> x <> "gradient" -> x <> "theta" ->
  machine_follows p emax positive below kept f ->
  constant_within u alpha alphat "learning_rate" stored r -> same_gradients G stored r ->
  quotient_peak u eta k rest least alpha G L S (Rabs (r O "theta")) T < bpow radix2 emax ->
  stays_by_quotients u eta nearest k alpha alphat rest least L T (fun t => r t "gradient")
    (fun t => rounded nearest (sh t) e) (fun t => r t "theta") (fun t => sh t "theta") ->
  (forall i, (i < T)%nat ->
     8 * S + 8 < bpow radix2 emax -> in_range p emax (sh i) a /\ in_range p emax (sh i) e) ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (by_quotient e))
    /\ (forall y, is_finite (f t y) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest least L (Rabs (r O "theta")) T t.
Proof.
  intros stored kept sh K0 S0 X1 X2 X3 Hf Ca HG Hpeak D range.
  apply (quotients_machine_run kept (by_quotient e) e k alpha alphat rest least L G S T f r); auto.
  - unfold kept. cbn [term_of]. now rewrite (proj2 (String.eqb_neq "theta" x)) by congruence.
  - now split.
  - unfold kept. cbn [term_of]. now rewrite (proj2 (String.eqb_neq _ x)) by congruence.
  - unfold kept. cbn [term_of]. now rewrite (proj2 (String.eqb_neq _ x)) by congruence.
  - intros i Hi room. destruct (range i Hi room) as (Ra & Re). split; [exact Re |].
    intros y c other. unfold kept. cbn [term_of].
    case String.eqb; [now intros [= <-] |]. case String.eqb_spec; [easy | easy].
Qed.

End Format.
