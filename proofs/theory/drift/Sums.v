(* SPDX-License-Identifier: Apache-2.0 *)
(* How far sums and parameters drift, where nothing is forgotten.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean.

   Results:
   - [sum_drift]: a sum of terms s >= 0, each addition within k of itself and a:
       |h~ - h| <= ((1 + k)^t - 1) (h + a).
   - [theta_drift]: theta's error is at most its initial error + the sum over the steps of (the
     update's error + half an ulp of the parameter stored); [theta_drift_bound]: hence at most the
     initial error + t (e + u Theta + eta), e bounding the updates' errors and Theta |theta~|.
   - [parameter_drift]: for T steps and any rounding, t (e + (u Theta + eta) / (1 - u)).
   - [velocity_theta_drift]: a theta that moves by its buffer has it, e being what
     [velocity_drift] says of v~. *)

Require Import Reals Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Expression Rounding Recurrences.
Open Scope R_scope.

(** * Sums *)

Theorem sum_drift k a (h ht s : nat -> R) :
  0 <= k -> 0 <= a ->
  ht 0%nat = h 0%nat -> 0 <= h 0%nat ->
  (forall t, 0 <= s t) ->
  (forall t, h (S t) = h t + s t) ->
  (forall t, Rabs (ht (S t) - (ht t + s t)) <= k * (Rabs (ht t + s t) + a)) ->
  forall t, 0 <= h t /\ Rabs (ht t - h t) <= ((1 + k) ^ t - 1) * (h t + a).
Proof.
  intros Hk Ha H0 P0 Hs Hh Hht.
  induction t as [|t [P IH]].
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by reflexivity; simpl; lra.
  - specialize (Hs t); specialize (Hht t); rewrite Hh; split; [lra|].
    assert (q : 1 <= (1 + k) ^ t) by (apply pow_R1_Rle; lra).
    assert (B : Rabs (ht t + s t) <= h t + s t + ((1 + k) ^ t - 1) * (h t + a)).
    { apply Rabs_near with (h t + s t); [rewrite Rabs_pos_eq; lra|].
      replace (ht t + s t - (h t + s t)) with (ht t - h t) by ring; exact IH. }
    replace (ht (S t) - (h t + s t)) with ((ht (S t) - (ht t + s t)) + (ht t - h t)) by ring.
    eapply Rle_trans; [exact (Rabs_plus _ _ _ _ Hht IH)|].
    assert (k * Rabs (ht t + s t) <= k * (h t + s t + ((1 + k) ^ t - 1) * (h t + a)))
      by (apply Rmult_le_compat_l; lra).
    assert (0 <= (1 + k) * ((1 + k) ^ t - 1) * s t)
      by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
    simpl; lra.
Qed.

(** * Parameters *)

(** f 0 + ... + f (t - 1). *)
Fixpoint total (f : nat -> R) t := match t with O => 0 | S t => total f t + f t end.

(** theta is stored as the nearest number to theta - update, in any format; e bounds the error of
    the update that each step computed. *)
Theorem theta_drift fexp (valid : Valid_exp fexp) (monotone : Monotone_exp fexp) choice
    (theta thetat update updatet e : nat -> R) :
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t) = round radix2 fexp (Znearest choice) (thetat t - updatet t)) ->
  (forall t, Rabs (updatet t - update t) <= e t) ->
  forall t, Rabs (thetat t - theta t)
            <= Rabs (thetat 0%nat - theta 0%nat)
               + total (fun i => e i + / 2 * ulp radix2 fexp (thetat (S i))) t.
Proof.
  intros Htheta Hthetat He.
  induction t as [|t IH]; simpl; [lra|].
  assert (half_ulp := error_le_half_ulp_round radix2 fexp choice (thetat t - updatet t)).
  rewrite <- Hthetat in half_ulp.
  specialize (He t); rewrite <- Rabs_Ropp in He.
  rewrite Htheta.
  replace (thetat (S t) - (theta t - update t))
    with ((thetat (S t) - (thetat t - updatet t))
          + ((thetat t - theta t) + - (updatet t - update t))) by ring.
  assert (T := Rabs_plus _ _ _ _ half_ulp (Rabs_plus _ _ _ _ IH He)).
  lra.
Qed.

(** Half an ulp in terms of its number. *)
Lemma half_ulp emin prec (positive : Prec_gt_0 prec) x :
  / 2 * ulp radix2 (FLT_exp emin prec) x <= bpow radix2 (- prec) * Rabs x + bpow radix2 (emin - 1).
Proof.
  assert (normal := half_bpow (- prec)); assert (tiny := half_bpow (emin - 1)).
  replace (emin - 1 + 1)%Z with emin in tiny by lia.
  replace (- prec + 1)%Z with (1 - prec)%Z in normal by lia.
  destruct (Rle_or_lt (bpow radix2 (emin + prec - 1)) (Rabs x)) as [big|small].
  - assert (U := ulp_FLT_le radix2 emin prec x big).
    generalize (bpow_ge_0 radix2 (emin - 1)); nra.
  - rewrite ulp_FLT_small.
    + generalize (bpow_ge_0 radix2 (- prec)) (Rabs_pos x); nra.
    + exact positive.
    + eapply Rlt_le_trans; [exact small|apply bpow_le; lia].
Qed.

Corollary theta_drift_bound emin prec (positive : Prec_gt_0 prec) choice Theta E
    (theta thetat update updatet : nat -> R) :
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t)
             = round radix2 (FLT_exp emin prec) (Znearest choice) (thetat t - updatet t)) ->
  (forall t, Rabs (updatet t - update t) <= E) ->
  (forall t, Rabs (thetat t) <= Theta) ->
  forall t, Rabs (thetat t - theta t)
            <= Rabs (thetat 0%nat - theta 0%nat)
               + INR t * (E + (bpow radix2 (- prec) * Theta + bpow radix2 (emin - 1))).
Proof.
  intros Htheta Hthetat HE Hrange t.
  assert (valid : Valid_exp (FLT_exp emin prec)) by auto with typeclass_instances.
  assert (monotone : Monotone_exp (FLT_exp emin prec)) by auto with typeclass_instances.
  eapply Rle_trans.
  - now apply (theta_drift _ valid monotone choice theta thetat update updatet (fun _ => E)).
  - apply Rplus_le_compat_l; induction t as [|t IH]; [simpl; lra|].
    rewrite S_INR; simpl total.
    assert (half := half_ulp emin prec positive (thetat (S t))).
    assert (bpow radix2 (- prec) * Rabs (thetat (S t)) <= bpow radix2 (- prec) * Theta)
      by (apply Rmult_le_compat_l; [apply bpow_ge_0|apply Hrange]).
    lra.
Qed.

(** For T steps whose updates are off by at most E. *)
Theorem parameter_drift u eta rnd E Theta T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd -> u < 1 ->
  thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t) = rnd (thetat t - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t <= T)%nat -> Rabs (thetat t) <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= INR t * (E + (u * Theta + eta) / (1 - u)).
Proof.
  intros Hr U1 H0 Htheta Hthetat HE HTheta.
  assert (U := u_nonneg _ _ _ Hr).
  induction t as [|t IH]; intros HT.
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by reflexivity; simpl; lra.
  - specialize (IH ltac:(lia)); specialize (HE t ltac:(lia)); specialize (HTheta (S t) HT).
    assert (N := error_bound _ _ _ Hr (thetat t - updatet t)); rewrite <- Hthetat in N.
    assert (size : Rabs (thetat t - updatet t) <= (Theta + eta) / (1 - u)).
    { apply Rmult_le_reg_r with (1 - u); [lra|]; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra.
      assert (Rabs (thetat t - updatet t)
              <= Rabs (thetat (S t)) + Rabs (thetat (S t) - (thetat t - updatet t))).
      { rewrite (Rabs_minus_sym (thetat (S t))).
        eapply Rle_trans; [|apply Rabs_triang]; apply Req_le; f_equal; ring. }
      lra. }
    assert (half : Rabs (thetat (S t) - (thetat t - updatet t)) <= (u * Theta + eta) / (1 - u)).
    { replace ((u * Theta + eta) / (1 - u)) with (u * ((Theta + eta) / (1 - u)) + eta)
        by (field; lra).
      assert (u * Rabs (thetat t - updatet t) <= u * ((Theta + eta) / (1 - u)))
        by (apply Rmult_le_compat_l; assumption).
      lra. }
    rewrite <- Rabs_Ropp in HE.
    rewrite Htheta, S_INR.
    replace (thetat (S t) - (theta t - update t))
      with ((thetat (S t) - (thetat t - updatet t))
            + ((thetat t - theta t) + - (updatet t - update t))) by ring.
    assert (sum := Rabs_plus _ _ _ _ half (Rabs_plus _ _ _ _ IH HE)); lra.
Qed.

(** Parameters that move by a buffer. *)
Corollary velocity_theta_drift u eta rnd mu mut alpha alphat G Theta T
    (theta thetat v vt g : nat -> R) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (alpha * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)) in
  rounding u eta rnd -> u < 1 ->
  0 <= mu -> 0 <= alpha ->
  mu * (1 + K) < 1 ->
  Rabs (mut - mu) <= kappa * u * mu ->
  Rabs (alphat - alpha) <= kappa * u * alpha ->
  (forall t, Rabs (g t) <= G) ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t - alpha * g t) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = velocity rnd mut alphat (vt t) (g t)) ->
  thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t + v (S t)) ->
  (forall t, thetat (S t) = rnd (thetat t + vt (S t))) ->
  (forall t, (t <= T)%nat -> Rabs (thetat t) <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= INR t * (E + (u * Theta + eta) / (1 - u)).
Proof.
  intros K E Hr U1 Hmu Halpha HK Hmut Halphat HG H0 Hv Ht0 Hvt Hstart Htheta Hthetat HTheta.
  apply (parameter_drift u eta rnd E Theta T theta thetat (fun t => - v (S t))
           (fun t => - vt (S t))); try assumption.
  - intros t; rewrite Htheta; ring.
  - intros t; rewrite Hthetat; f_equal; ring.
  - intros t _; replace (- vt (S t) - - v (S t)) with (- (vt (S t) - v (S t))) by ring.
    rewrite Rabs_Ropp; now apply (velocity_drift u eta rnd mu mut alpha alphat G v vt g).
Qed.
