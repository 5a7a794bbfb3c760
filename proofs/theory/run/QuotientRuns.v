(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of theta' = theta - alpha g / d, with underflow, d being what is kept of the
   gradients' squares.

   Results, with the words of run/Underflow.v and drift/Rounding.v:
   - [quotient_run]: if each d is near within l and e, at least [least], and no step alpha |g| / d
     is longer than L, then after t <= T steps theta is off by at most [quotient_drift];
   - [root_of_state], [root_outside], [root_inside]: how near d is, as the root of a state, the root
     and epsilon, the root of the state and epsilon;
   - [squares_stay_near]: a decayed mean of squares, and [squares_and_epsilon_stay_near] with
     epsilon added at each step. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Rounding Underflow RelativeDrift.
Open Scope R_scope.

(* What an update is off by: rest is what errors leave of a divisor. *)
Definition quotient_error_bound (u eta k rest least L : R) : R :=
  ((1 + k) * (1 + u) ^ 2 / rest - 1) * L + ((1 + u) * (eta / (rest * least)) + eta).

Definition quotient_drift (u eta k rest least L theta0 : R) (T : nat) (t : nat) : R :=
  INR t * (1 + u) ^ t
  * (quotient_error_bound u eta k rest least L + u * (theta0 + INR T * L) + eta).

Theorem quotient_run u eta rnd k alpha alphat l e j least L T (g d dt theta thetat : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= alpha -> Rabs (alphat - alpha) <= k * alpha ->
  0 < least -> 0 <= l -> 0 <= j -> l + j < 1 -> e <= j * least -> 0 <= L ->
  (forall t, (t < T)%nat ->
    least <= d t /\ near l e (dt t) (d t) (d t) /\ alpha * Rabs (g t) / d t <= L) ->
  thetat O = theta O ->
  (forall t, theta (S t) = theta t - alpha * g t / d t) ->
  (forall t, thetat (S t) = rnd (thetat t - rnd (rnd (alphat * g t) / dt t))) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t)
    <= quotient_drift u eta k (1 - (l + j)) least L (Rabs (theta O)) T t.
Proof.
  intros Hr K A Ha F L0 J LJ E HL Hd Hstart Htheta Hthetat.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  set (update t := alpha * g t / d t). set (updatet t := rnd (rnd (alphat * g t) / dt t)).
  assert (rest : 1 <= / (1 - (l + j))) by (rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (near_update : forall t, (t < T)%nat ->
    Rabs (updatet t - update t) <= quotient_error_bound u eta k (1 - (l + j)) least L).
  { intros t Ht. destruct (Hd t Ht) as (D1 & D2 & D3).
    assert (P := near_mul _ _ _ _ _ _ _ _ _ _ (near_coefficient _ _ _ A Ha) (near_exact (g t))).
    apply (near_round u eta rnd) in P; [| exact Hr].
    assert (Q : near ((1 + k) * (1 + u) - 1) eta (rnd (alphat * g t)) (alpha * g t)
      (alpha * Rabs (g t))) by (eapply near_weaken; [| | exact P]; right; ring).
    unfold quotient_error_bound. replace ((1 + k) * (1 + u) ^ 2)
      with ((1 + ((1 + k) * (1 + u) - 1)) * (1 + u)) by ring.
    apply (near_quotient u eta rnd _ _ j e l least L _ (alpha * Rabs (g t))); auto; nra. }
  assert (at_most : forall t, (t < T)%nat -> Rabs (update t) <= L).
  { intros t Ht. destruct (Hd t Ht) as (D1 & D2 & D3). unfold update, Rdiv.
    rewrite !Rabs_mult, Rabs_inv, (Rabs_pos_eq (d t)), (Rabs_pos_eq alpha) by lra. exact D3. }
  apply (parameter_stays_near u eta rnd _ _ T theta thetat update updatet); try easy.
  - unfold quotient_error_bound. apply Rplus_le_le_0_compat.
    + apply Rmult_le_pos; [| exact HL]. assert (1 <= (1 + k) * (1 + u) ^ 2) by nra.
      unfold Rdiv. nra.
    + apply Rplus_le_le_0_compat; [| exact N]. apply Rmult_le_pos; [lra |].
      apply Rmult_le_pos; [exact N |]. apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; lra.
  - induction t as [| t IH]; intro Ht; [assert (0 <= INR T) by apply pos_INR; nra |].
    apply Rle_trans with (Rabs (theta O) + INR (S t) * L).
    + rewrite Htheta, S_INR. fold (update t).
      assert (P : Rabs (theta t) <= Rabs (theta O) + INR t * L).
      { clear IH. induction t as [| t IH]; [simpl; lra |].
        rewrite Htheta, S_INR. fold (update t). specialize (IH ltac:(lia)).
        assert (B := at_most t ltac:(lia)). rewrite <- Rabs_Ropp in B.
        unfold Rminus. generalize (Rabs_plus _ _ _ _ IH B). lra. }
      assert (B := at_most t ltac:(lia)). rewrite <- Rabs_Ropp in B.
      unfold Rminus. generalize (Rabs_plus _ _ _ _ P B). lra.
    + apply Rplus_le_compat_l, Rmult_le_compat_r; [exact HL | now apply le_INR].
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

Theorem squares_stay_near u eta rnd k beta w G (g s st : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 < beta <= 1 -> growth u k beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k * (1 - beta) -> (forall t, Rabs (g t) <= G) ->
  s O = 0 -> (forall t, s (S t) = beta * s t + (1 - beta) * (g t * g t)) ->
  st O = 0 -> (forall t, st (S t) = rnd (rnd (w * g t) * g t + rnd ((1 - w) * st t))) ->
  forall t, near (squares_part u k beta t) (squares_absolute u eta k beta G) (st t) (s t) (s t).
Proof.
  intros Hr K B Q Hw HG s0 Hs st0 Hst t.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g O)) (HG O); lra).
  replace (squares_part u k beta t)
    with ((1 + ((1 + k) * (1 + u) - 1)) * growth u k beta ^ t - 1) by (unfold squares_part; ring).
  apply (mean_stays_near u eta rnd ((1 + k) * (1 + u) - 1) k (eta * G) beta w s s
    (fun t => g t * g t) (fun t => g t * g t) (fun t => rnd (w * g t) * g t)); try easy; try nra.
  intro i. apply weighted_square_near; auto; lra.
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

Theorem squares_and_epsilon_stay_near u eta rnd k beta w epsilont epsilon G (g s st : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 < beta < 1 -> growth u k beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k * (1 - beta) -> (forall t, Rabs (g t) <= G) ->
  0 <= epsilon -> Rabs (epsilont - epsilon) <= k * epsilon ->
  s O = 0 -> (forall t, s (S t) = beta * s t + (1 - beta) * (g t * g t) + epsilon) ->
  st O = 0 ->
  (forall t, st (S t) = rnd (rnd ((1 - w) * st t) + rnd (rnd (w * g t) * g t + epsilont))) ->
  forall t, near (squares_and_epsilon_part u k beta t) (squares_and_epsilon_absolute u eta k beta G)
              (st t) (s t) (s t).
Proof.
  intros Hr K B Q Hw HG E He s0 Hs st0 Hst t.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g O)) (HG O); lra).
  set (y i := g i * g i + epsilon / (1 - beta)).
  assert (Y : forall i, (1 - beta) * y i = (1 - beta) * (g i * g i) + epsilon)
    by (intro i; unfold y; field; lra).
  replace (squares_and_epsilon_part u k beta t)
    with ((1 + ((1 + k) * (1 + u) ^ 2 - 1)) * growth u k beta ^ t - 1)
    by (unfold squares_and_epsilon_part; ring).
  apply (mean_stays_near u eta rnd ((1 + k) * (1 + u) ^ 2 - 1) k ((1 + u) * (eta * G) + eta) beta w
    s s
    y y (fun t => rnd (rnd (w * g t) * g t + epsilont))); try easy; try nra.
  - assert (0 <= eta * G) by nra. nra.
  - intro i. rewrite Y.
    assert (W := weighted_square_near u eta rnd k w beta (g i) G Hr ltac:(lra) Hw (HG i)).
    assert (C := near_coefficient _ _ _ E He).
    apply near_weaken with (k' := (1 + k) * (1 + u) - 1) (d' := 0) in C; [| nra | lra].
    assert (A := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ W C)).
    eapply near_weaken; [| | exact A]; right; ring.
  - intro i. rewrite Hs, Y. ring.
  - intro i. rewrite Hs, Y. ring.
  - intro i. rewrite Hst. f_equal. ring.
Qed.
