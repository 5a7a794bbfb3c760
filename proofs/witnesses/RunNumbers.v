(* SPDX-License-Identifier: Apache-2.0 *)
(* Numbers of a run in binary32, for witnesses: how large the parts of run/QuotientRuns.v are in
   1000 steps. *)

Require Import Reals Psatz.
From Flocq Require Import Core.
From Truestep Require Import Rounding RelativeDrift QuotientRuns.
From TruestepRules Require Import GivenRuns.
Open Scope R_scope.

Lemma eta_value : eta = / 2 ^ 150.
Proof. unfold eta. simpl. lra. Qed.

Lemma steps_counted : INR 1000 = 1000.
Proof. rewrite INR_IZR_INZ. reflexivity. Qed.

Lemma k_value : kappa * u = (1 + / 2 ^ 40) / 16777216.
Proof. rewrite u_value. reflexivity. Qed.

(* A factor of at most 1 + 3 u per step. *)
Lemma power_of_1000 q : 1 <= q <= 1 + 3 * u -> 1 <= q ^ 1000 <= 1 + / 2000.
Proof.
  rewrite u_value. intro H. split; [apply pow_R1_Rle; lra |].
  replace q with (1 + (q - 1)) by ring.
  eapply Rle_trans; [apply power_at_most; rewrite ?steps_counted; lra |].
  rewrite steps_counted. apply Rmult_le_reg_l with (1 - 1000 * (q - 1)); [lra |].
  rewrite Rinv_r by lra. nra.
Qed.

Lemma root_part_at_most part b : 0 <= part <= b -> b <= 1 / 100 -> root_part u part <= 2 * b + 2 *
  u.
Proof.
  intros P B. assert (S : 1 - part <= sqrt (1 - part)).
  { rewrite <- (sqrt_square (1 - part)) at 1 by lra. apply sqrt_le_1_alt. nra. }
  unfold root_part. rewrite u_value. nra.
Qed.

Lemma root_absolute_at_most d x : 0 <= x -> d <= x * x -> root_absolute u eta d <= 2 * x + / 2 ^
  150.
Proof.
  intros X D. assert (S : sqrt d <= x).
  { rewrite <- (sqrt_square x) by easy. now apply sqrt_le_1_alt. }
  unfold root_absolute. rewrite eta_value, u_value. generalize (sqrt_pos d). lra.
Qed.

Lemma root_of_epsilon : sqrt (1 / 10 ^ 8) = 1 / 10 ^ 4.
Proof. rewrite <- (sqrt_square (1 / 10 ^ 4)) by lra. f_equal. lra. Qed.

(* The growth of a mean with beta = 0.9, and what it keeps of underflow. *)
Lemma growth_at_most : 1 <= growth u (kappa * u) (9 / 10) <= 1 + 3 * u.
Proof.
  rewrite k_value, u_value. unfold growth. split; lra.
Qed.

Lemma kept_at_most d : 0 <= d <= / 2 ^ 148 ->
  0 <= kept_of_underflow u eta (kappa * u) d (9 / 10) <= / 2 ^ 140.
Proof.
  intro D. assert (G := growth_at_most). revert G. unfold kept_of_underflow.
  set (q := growth _ _ _). rewrite eta_value, u_value. intro G.
  assert (I : 0 < / (1 - q * (9 / 10)) <= 11).
  { split; [apply Rinv_0_lt_compat; lra |]. apply Rmult_le_reg_l with (1 - q * (9 / 10)); [lra |].
    rewrite Rinv_r by lra. lra. }
  unfold Rdiv at 1 2. split; [apply Rmult_le_pos; lra |].
  apply Rle_trans with ((2 * / 2 ^ 148) * 11); [apply Rmult_le_compat; lra | lra].
Qed.

(* An update's error and theta's drift in such a run, if its divisors lose at most half of
   themselves. *)
Lemma small_error rest least L :
  / 2 <= rest <= 1 -> / 10 ^ 9 <= least -> 0 <= L <= 1 ->
  0 <= quotient_error_bound u eta (kappa * u) rest least L <= 6.
Proof.
  intros R E HL.
  assert (U : 0 <= u <= / 10 ^ 6) by (rewrite u_value; lra).
  assert (K : 0 <= kappa * u <= / 10 ^ 6) by (rewrite k_value; lra).
  assert (N : 0 <= eta <= / 10 ^ 10).
  { rewrite eta_value. clear. split; lra. }
  assert (I : 1 <= / rest <= 2).
  { split; [rewrite <- Rinv_1 at 1 | rewrite <- (Rinv_inv 2)]; apply Rinv_le_contravar; lra. }
  assert (J : 0 <= / least <= 10 ^ 9).
  { split; [apply Rlt_le, Rinv_0_lt_compat; lra |]. rewrite <- (Rinv_inv (10 ^ 9)).
    apply Rinv_le_contravar; lra. }
  unfold quotient_error_bound, Rdiv. rewrite Rinv_mult.
  set (i := / rest) in *. set (j := / least) in *. set (k := kappa * u) in *. clearbody i j k.
  revert U N. generalize u eta. intros v e U N. clear - U N K I J HL.
  assert (c : 1 <= (1 + k) * (1 + v) ^ 2 <= 1 + / 1000) by (split; nra).
  set (z := (1 + k) * (1 + v) ^ 2) in *. clearbody z.
  assert (zi : 1 <= z * i <= 3) by (split; nra).
  assert (zl : 0 <= (z * i - 1) * L <= 2) by (split; nra).
  assert (ij : 0 <= i * j <= 2 * 10 ^ 9) by (split; [apply Rmult_le_pos | apply
    Rmult_le_compat]; lra).
  assert (eij : 0 <= e * (i * j) <= 1).
  { split; [apply Rmult_le_pos; lra |].
    apply Rle_trans with (/ 10 ^ 10 * (2 * 10 ^ 9)); [apply Rmult_le_compat; lra | lra]. }
  assert (veij : 0 <= (1 + v) * (e * (i * j)) <= 2) by (split; nra). lra.
Qed.

Lemma small_drift rest least L theta0 t :
  / 2 <= rest <= 1 -> / 10 ^ 9 <= least -> 0 <= L <= 1 -> 0 <= theta0 <= 2 -> (t <= 1000)%nat ->
  0 <= quotient_drift u eta (kappa * u) rest least L theta0 1000 t <= 16000.
Proof.
  intros R E HL Ht T. assert (error := small_error rest least L R E HL).
  unfold quotient_drift. rewrite steps_counted. set (q := quotient_error_bound _ _ _ _ _ _) in *.
  clearbody q. assert (U : 0 <= u <= / 10 ^ 6) by (rewrite u_value; lra).
  assert (P : 1 <= (1 + u) ^ t <= 2).
  { split; [apply pow_R1_Rle; lra |]. apply Rle_trans with ((1 + u) ^ 1000).
    - apply Rle_pow; [lra | exact T].
    - assert (Q := power_of_1000 (1 + u) ltac:(rewrite u_value; lra)).
      set (b := (1 + u) ^ 1000) in *. clearbody b. lra. }
  apply le_INR in T. rewrite steps_counted in T. assert (T0 := pos_INR t).
  set (b := (1 + u) ^ t) in *. clearbody b. set (n := INR t) in *. clearbody n.
  assert (N : 0 <= eta <= / 10 ^ 10).
  { rewrite eta_value. clear. split; lra. }
  assert (uT : 0 <= u * (theta0 + 1000 * L) <= 1) by (split; nra).
  assert (nb : 0 <= n * b <= 1000 * 2)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  split; [apply Rmult_le_pos; lra |].
  replace 16000 with (1000 * 2 * 8) by lra. apply Rmult_le_compat; lra.
Qed.

(* The largest number of such a run. *)
Lemma small_peak rest least alpha G L S theta0 :
  / 2 <= rest <= 1 -> / 10 ^ 9 <= least -> 0 <= alpha <= 1 -> 0 <= G <= 3 -> 0 <= L <= 1 ->
  0 <= S <= 10 ^ 4 -> 0 <= theta0 <= 2 ->
  quotient_peak u eta (kappa * u) rest least alpha G L S theta0 1000 < bpow radix2 128.
Proof.
  intros R E A HG HL HS Ht. assert (error := small_error rest least L R E HL).
  assert (drift := small_drift rest least L theta0 1000 R E HL Ht (le_n _)).
  unfold quotient_peak. rewrite steps_counted.
  set (d := quotient_drift _ _ _ _ _ _ _ _ _) in *.
  set (q := quotient_error_bound _ _ _ _ _ _) in *. clearbody d q.
  assert (U : 0 <= u <= / 10 ^ 6) by (rewrite u_value; lra).
  assert (K : 0 <= kappa * u <= / 10 ^ 6) by (rewrite k_value; lra).
  assert (N : 0 <= eta <= / 10 ^ 10).
  { rewrite eta_value. clear. split; lra. }
  set (k := kappa * u) in *. clearbody k. clear R E.
  apply Rle_lt_trans with (10 ^ 6); [| simpl; lra].
  assert (aG : 0 <= alpha * G <= 3) by (split; nra).
  assert (ku : 0 <= (1 + k) * (1 + u) <= 2) by (split; nra).
  assert (kuaG : (1 + k) * (1 + u) * (alpha * G) <= 2 * 3) by (apply Rmult_le_compat; lra).
  lra.
Qed.
