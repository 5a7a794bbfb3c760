(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of a parameter that moves by an update, with decoupled weight decay or without.

   E bounds what an update is off by, L its length; Rounding.v says what u, eta and a tilde mean.

   Results, for T steps:
   - [moving_run]: theta' = theta - update is off by at most [moved_drift];
   - [decaying_run]: theta' = (1 - a) theta - update, the decay first and rounded for itself, is off
     by at most [decayed_drift], a being stored within relative k. The bound lets no error decay;
   - [moved_drift_from]: from a larger theta_0 the bound is at least as large;
   - [moved_size], [decayed_size]: no stored theta is larger than this. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Rounding Underflow RelativeDrift.
Open Scope R_scope.

(* The size of a rounded number, generously. *)
Lemma rounded_at_most u eta rnd x b :
  rounding u eta rnd -> u <= 1 -> eta <= 1 -> Rabs x <= b -> Rabs (rnd x) <= 2 * b + 1.
Proof.
  intros Hr U1 N1 H. assert (E := error_bound _ _ _ Hr x). assert (U := u_nonneg _ _ _ Hr).
  assert (S := Rabs_near _ _ _ _ H E). assert (P := Rabs_pos x). nra.
Qed.

Definition moved_drift (u eta E L theta0 : R) (T t : nat) : R :=
  INR t * (1 + u) ^ t * (E + u * (theta0 + INR T * L) + eta).

Theorem moved_drift_from u eta E L x y T t :
  0 <= u -> x <= y -> moved_drift u eta E L x T t <= moved_drift u eta E L y T t.
Proof.
  intros U H. unfold moved_drift.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [apply pos_INR | apply pow_le; lra] | nra].
Qed.

Lemma moved_at_most L T (theta update : nat -> R) :
  0 <= L -> (forall t, theta (S t) = theta t - update t) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat -> Rabs (theta t) <= Rabs (theta O) + INR T * L.
Proof.
  intros L0 Htheta HL t Ht. apply Rle_trans with (Rabs (theta O) + INR t * L).
  - induction t as [| t IH]; [simpl; lra |]. rewrite Htheta, S_INR. specialize (IH ltac:(lia)).
    assert (B := HL t ltac:(lia)). rewrite <- Rabs_Ropp in B.
    unfold Rminus. generalize (Rabs_plus _ _ _ _ IH B). lra.
  - apply Rplus_le_compat_l, Rmult_le_compat_r; [exact L0 | now apply le_INR].
Qed.

Theorem moving_run u eta rnd E L T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd -> 0 <= E -> 0 <= L -> thetat O = theta O ->
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t) = rnd (thetat t - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= moved_drift u eta E L (Rabs (theta O)) T t.
Proof.
  intros Hr E0 L0 H0 Htheta Hthetat HE HL.
  apply (parameter_stays_near u eta rnd E _ T theta thetat update updatet); auto.
  now apply (moved_at_most L T theta update).
Qed.

Lemma moved_drift_grows u eta E L theta0 T t :
  0 <= u -> 0 <= eta -> 0 <= E -> 0 <= L -> 0 <= theta0 -> (t <= T)%nat ->
  0 <= moved_drift u eta E L theta0 T t <= moved_drift u eta E L theta0 T T.
Proof.
  intros U N E0 L0 P H. assert (T0 := pos_INR T). assert (t0 := pos_INR t).
  assert (C : 0 <= E + u * (theta0 + INR T * L) + eta).
  { assert (0 <= INR T * L) by now apply Rmult_le_pos.
    assert (0 <= u * (theta0 + INR T * L)) by (apply Rmult_le_pos; lra). lra. }
  assert (Q : 0 <= (1 + u) ^ t) by (apply pow_le; lra).
  unfold moved_drift. split; [apply Rmult_le_pos; [now apply Rmult_le_pos | exact C] |].
  apply Rmult_le_compat_r; [exact C |]. apply Rmult_le_compat; auto; [now apply le_INR |].
  apply Rle_pow; [lra | exact H].
Qed.

Corollary moved_size u eta rnd E L T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd -> 0 <= E -> 0 <= L -> thetat O = theta O ->
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t) = rnd (thetat t - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t)
    <= Rabs (theta O) + INR T * L + moved_drift u eta E L (Rabs (theta O)) T T.
Proof.
  intros Hr E0 L0 H0 Htheta Hthetat HE HL t Ht. apply Rabs_near with (theta t).
  - now apply (moved_at_most L T theta update).
  - eapply Rle_trans; [now apply (moving_run u eta rnd E L T theta thetat update updatet) |].
    apply moved_drift_grows; auto using Rabs_pos; [apply (u_nonneg _ _ _ Hr) |].
    apply (eta_nonneg _ _ _ Hr).
Qed.

(* Decoupled weight decay. *)

(* What one step adds. *)
Definition decayed_step_error (u eta k a E Theta : R) : R :=
  (1 + u) * (((1 + u) * (k * a) + u) * Theta + eta + E) + u * Theta + eta.

Definition decayed_drift (u eta k a E L theta0 : R) (T t : nat) : R :=
  INR t * ((1 + u) ^ 2) ^ t * decayed_step_error u eta k a E (theta0 + INR T * L).

Lemma decayed_at_most a L T (theta update : nat -> R) :
  0 <= a <= 1 -> 0 <= L -> (forall t, theta (S t) = (1 - a) * theta t - update t) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat -> Rabs (theta t) <= Rabs (theta O) + INR T * L.
Proof.
  intros A L0 Htheta HL t Ht. apply Rle_trans with (Rabs (theta O) + INR t * L).
  - induction t as [| t IH]; [simpl; lra |]. rewrite Htheta, S_INR. specialize (IH ltac:(lia)).
    assert (B := HL t ltac:(lia)). rewrite <- Rabs_Ropp in B.
    assert (D : Rabs ((1 - a) * theta t) <= 1 * (Rabs (theta O) + INR t * L))
      by (apply Rabs_times; [rewrite Rabs_pos_eq |]; lra).
    replace ((1 - a) * theta t - update t) with ((1 - a) * theta t + - update t) by ring.
    generalize (Rabs_plus _ _ _ _ D B). lra.
  - apply Rplus_le_compat_l, Rmult_le_compat_r; [exact L0 | now apply le_INR].
Qed.

Theorem decaying_run u eta rnd k a decayt E L T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= a <= 1 -> 0 <= decayt <= 1 -> Rabs (decayt - a) <= k * a ->
  0 <= E -> 0 <= L -> thetat O = theta O ->
  (forall t, theta (S t) = (1 - a) * theta t - update t) ->
  (forall t, thetat (S t) = rnd (rnd ((1 - decayt) * thetat t) - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= decayed_drift u eta k a E L (Rabs (theta O)) T t.
Proof.
  intros Hr K A At Ha E0 L0 H0 Htheta Hthetat HE HL t Ht.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (size := decayed_at_most a L T theta update A L0 Htheta HL).
  set (Theta := Rabs (theta O) + INR T * L) in *.
  assert (T0 : 0 <= Theta) by (generalize (Rabs_pos (theta O)) (size O ltac:(lia)); lra).
  assert (kaT : 0 <= k * a * Theta) by (repeat apply Rmult_le_pos; lra).
  set (c := decayed_step_error u eta k a E Theta).
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  assert (c0 : 0 <= c).
  { unfold c, decayed_step_error. assert (0 <= ((1 + u) * (k * a) + u) * Theta) by nra. nra. }
  unfold decayed_drift. fold Theta c. induction t as [| t IH].
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by easy. simpl. lra.
  - specialize (IH ltac:(lia)). assert (Ti := size t ltac:(lia)). assert (Ts := size (S t) Ht).
    set (d := INR t * ((1 + u) ^ 2) ^ t * c) in *.
    assert (D0 : 0 <= d) by (generalize (Rabs_pos (thetat t - theta t)); lra).
    assert (kept : Rabs ((1 - decayt) * thetat t - (1 - a) * theta t) <= d + k * a * Theta).
    { replace ((1 - decayt) * thetat t - (1 - a) * theta t)
        with ((1 - decayt) * (thetat t - theta t) + - (decayt - a) * theta t) by ring.
      apply Rabs_plus.
      - rewrite <- (Rmult_1_l d). apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact IH].
      - apply Rabs_times; [now rewrite Rabs_Ropp | exact Ti]. }
    apply (rounded_near u eta rnd) in kept; [| exact Hr].
    assert (B : Rabs ((1 - a) * theta t) <= 1 * Theta)
      by (apply Rabs_times; [rewrite Rabs_pos_eq |]; lra).
    assert (B' : u * Rabs ((1 - a) * theta t) <= u * Theta) by (apply Rmult_le_compat_l; lra).
    assert (HEt := HE t ltac:(lia)). rewrite <- Rabs_Ropp in HEt.
    assert (D := Rabs_plus _ _ _ _ kept HEt).
    assert (same : rnd ((1 - decayt) * thetat t) - (1 - a) * theta t + - (updatet t - update t)
      = rnd ((1 - decayt) * thetat t) - updatet t - theta (S t)) by (rewrite Htheta; ring).
    rewrite same in D. apply (rounded_near u eta rnd) in D; [| exact Hr].
    rewrite Hthetat. eapply Rle_trans; [exact D |].
    assert (u * Rabs (theta (S t)) <= u * Theta) by (apply Rmult_le_compat_l; lra).
    apply Rle_trans with ((1 + u) ^ 2 * d + c).
    + unfold c, decayed_step_error. nra.
    + rewrite S_INR. unfold d. set (q := (1 + u) ^ 2). change (q ^ S t) with (q * q ^ t).
      assert (q1 : 1 <= q) by (unfold q; nra).
      assert (P : 1 <= q ^ t) by now apply pow_R1_Rle.
      assert (Q : 1 <= q * q ^ t) by nra.
      assert (C : 1 * c <= q * q ^ t * c) by (apply Rmult_le_compat_r; lra).
      replace (q * (INR t * q ^ t * c)) with (INR t * (q * q ^ t) * c) by ring. lra.
Qed.

Lemma decayed_drift_grows u eta k a E L theta0 T t :
  0 <= u -> 0 <= eta -> 0 <= k -> 0 <= a -> 0 <= E -> 0 <= L -> 0 <= theta0 -> (t <= T)%nat ->
  decayed_drift u eta k a E L theta0 T t <= decayed_drift u eta k a E L theta0 T T.
Proof.
  intros U N K A E0 L0 P H. assert (T0 := pos_INR T).
  assert (TL : 0 <= theta0 + INR T * L) by (apply Rplus_le_le_0_compat; auto using Rmult_le_pos).
  set (Theta := theta0 + INR T * L) in *.
  assert (ka : 0 <= k * a) by now apply Rmult_le_pos.
  assert (kaT : 0 <= ((1 + u) * (k * a) + u) * Theta) by (apply Rmult_le_pos; nra).
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  unfold decayed_drift. fold Theta. apply Rmult_le_compat_r.
  - unfold decayed_step_error. assert (0 <= (1 + u) * (((1 + u) * (k * a) + u) * Theta + eta + E))
      by (apply Rmult_le_pos; lra). lra.
  - apply Rmult_le_compat; [apply pos_INR | apply pow_le; nra | now apply le_INR |].
    apply Rle_pow; [nra | exact H].
Qed.

Corollary decayed_size u eta rnd k a decayt E L T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= a <= 1 -> 0 <= decayt <= 1 -> Rabs (decayt - a) <= k * a ->
  0 <= E -> 0 <= L -> thetat O = theta O ->
  (forall t, theta (S t) = (1 - a) * theta t - update t) ->
  (forall t, thetat (S t) = rnd (rnd ((1 - decayt) * thetat t) - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t < T)%nat -> Rabs (update t) <= L) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t)
    <= Rabs (theta O) + INR T * L + decayed_drift u eta k a E L (Rabs (theta O)) T T.
Proof.
  intros Hr K A At Ha E0 L0 H0 Htheta Hthetat HE HL t Ht. apply Rabs_near with (theta t).
  - now apply (decayed_at_most a L T theta update).
  - eapply Rle_trans;
      [now apply (decaying_run u eta rnd k a decayt E L T theta thetat update updatet) |].
    apply decayed_drift_grows; auto using Rabs_pos; [apply (u_nonneg _ _ _ Hr) | | apply A].
    apply (eta_nonneg _ _ _ Hr).
Qed.
