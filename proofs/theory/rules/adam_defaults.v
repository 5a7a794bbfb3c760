(* SPDX-License-Identifier: Apache-2.0 *)
(* What the theorem of a run of Adam says at beta1 = 0.9, beta2 = 0.999 and epsilon = 1e-8.

   For rounding of relative error u <= 2^-24 and absolute error eta <= 2^-101 u^2, as in binary32
   and binary64, coefficients within kappa u, T steps with T u <= 0.006 (100 000 steps in binary32),
   at most 2^60 of them, gradients of at most 2^20, a learning rate alpha in [0, 1] and
   |theta_0| <= 2^20:
   - [default_conditions]: the conditions hold;
   - [default_drift]: theta_drift <= T (u (1.01 |theta_0| + alpha (31 T + 67)) + 2^-100);
   - [default_peak]: no number is larger than 2^100;
   - [default_raw_epsilon]: nor is one with epsilon before the correction larger than 2^100 + 1;
   - [default_run_in_ieee]: so a run in such a format overflows nowhere, and drifts by no more;
   - [default_decoupled_drift], [default_decoupled_peak]: with decoupled weight decay the drift is at
     most T (u (3.1 |theta_0| + alpha (47 T + 67)) + 2^-100), and the peak below 2^101. *)

Require Import Reals ZArith String Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Runs.
From Truestep Require Import adam_theory Rounding RelativeDrift MovingParameters.
From Truestep Require Import adam_run adam_machine adam_decoupled_run.
From TruestepGenerated Require Lanes.
Open Scope string_scope.
Open Scope R_scope.

Section Defaults.

Variables (u eta alpha G theta0 : R) (T : nat).
Hypothesis U : 0 < u <= / 2 ^ 24.
Hypothesis N : 0 <= eta <= u * u / 2 ^ 101.
Hypothesis HT : INR T * u <= 6 / 1000.
Hypothesis HA : 0 <= alpha <= 1.
Hypothesis HG : 0 <= G <= 2 ^ 20.
Hypothesis H0 : 0 <= theta0 <= 2 ^ 20.

Let k := kappa * u.
Let beta1 := 9 / 10.
Let beta2 := 999 / 1000.
Let epsilon := / 10 ^ 8.
Let y := INR T * u.

Lemma k_size : u <= k <= 1001 / 1000 * u.
Proof. unfold k, kappa. nra. Qed.

Lemma y_size : 0 <= y <= 6 / 1000.
Proof. split; [apply Rmult_le_pos; [apply pos_INR | lra] | exact HT]. Qed.

Lemma u_small : 0 < u <= 6 / 10 ^ 8.
Proof. lra. Qed.

Lemma growth1 : 0 <= growth u k beta1 - 1 <= 2112 / 1000 * u.
Proof.
  assert (K := k_size). assert (S := u_small). unfold growth, beta1.
  replace (k * ((1 - 9 / 10) / (9 / 10))) with (k / 9) by field. split; nra.
Qed.

Lemma growth2 : 0 <= growth u k beta2 - 1 <= 2002 / 1000 * u.
Proof.
  assert (K := k_size). assert (S := u_small). unfold growth, beta2.
  replace (k * ((1 - 999 / 1000) / (999 / 1000))) with (k / 999) by field. split; nra.
Qed.

Lemma power1 : 1 <= growth u k beta1 ^ T <= 1 + 214 / 100 * y.
Proof.
  assert (Y := y_size). split; [apply pow_R1_Rle; generalize growth1; lra |].
  replace (growth u k beta1) with (1 + (growth u k beta1 - 1)) by ring.
  eapply Rle_trans; [apply (power_linear (2112 / 1000) (128 / 10000) _ T u growth1); fold y; lra |].
  fold y. lra.
Qed.

Lemma power2 : 1 <= growth u k beta2 ^ T <= 1 + 203 / 100 * y.
Proof.
  assert (Y := y_size). split; [apply pow_R1_Rle; generalize growth2; lra |].
  replace (growth u k beta2) with (1 + (growth u k beta2 - 1)) by ring.
  eapply Rle_trans; [apply (power_linear (2002 / 1000) (121 / 10000) _ T u growth2); fold y; lra |].
  fold y. lra.
Qed.

Lemma power_of_u : 1 <= (1 + u) ^ T <= 1 + 101 / 100 * y.
Proof.
  assert (Y := y_size). split; [apply pow_R1_Rle; lra |].
  eapply Rle_trans; [apply (power_linear 1 (6 / 1000) u T u); fold y; lra |]. fold y. lra.
Qed.

Lemma numerator_size : 0 <= numerator_part u k beta1 T <= 215 / 100 * y + 302 / 100 * u.
Proof.
  assert (P := power1). assert (K := k_size). assert (S := u_small). assert (Y := y_size).
  unfold numerator_part, m_part.
  replace (1 + ((1 + k) * growth u k beta1 ^ T - 1)) with ((1 + k) * growth u k beta1 ^ T) by ring.
  replace ((1 + k) * ((1 + k) * growth u k beta1 ^ T) * (1 + u) - 1)
    with ((1 + k) ^ 2 * (1 + u) * growth u k beta1 ^ T - 1) by ring.
  assert (A : 1 <= (1 + k) ^ 2 * (1 + u) <= 1 + 3003 / 1000 * u) by (split; nra).
  split; nra.
Qed.

Lemma v_size : 0 <= v_part u k beta2 T <= 204 / 100 * y + 201 / 100 * u.
Proof.
  assert (P := power2). assert (K := k_size). assert (S := u_small). assert (Y := y_size).
  unfold v_part. assert (A : 1 <= (1 + k) * (1 + u) <= 1 + 2002 / 1000 * u) by (split; nra).
  split; nra.
Qed.

Lemma denominator_size : 0 <= denominator_part u k beta2 T <= 104 / 100 * y + 41 / 10 * u.
Proof.
  assert (V := v_size). assert (K := k_size). assert (S := u_small). assert (Y := y_size).
  unfold denominator_part. set (v := v_part u k beta2 T) in *.
  assert (R : 1 - 507 / 1000 * v <= sqrt (1 - v) <= 1).
  { split; [| apply sqrt_at_most_1; lra]. apply Rsqr_incr_0_var; [| apply sqrt_pos].
    unfold Rsqr. rewrite sqrt_sqrt by lra. nra. }
  assert (A : 1 <= (1 + k) * (1 + u) ^ 2 <= 1 + 3003 / 1000 * u) by (split; nra).
  replace ((1 + k) * (2 - sqrt (1 - v)) * (1 + u) ^ 2)
    with ((1 + k) * (1 + u) ^ 2 * (2 - sqrt (1 - v))) by ring.
  split; nra.
Qed.
Lemma v_absolute_size : 0 <= v_absolute u eta k beta2 G <= u * u / 2 ^ 70.
Proof.
  assert (Q := growth2). assert (S := u_small). unfold v_absolute, kept_of_underflow.
  set (rest := 1 - growth u k beta2 * beta2).
  assert (R : 99 / 100000 <= rest) by (unfold rest, beta2 in *; lra).
  assert (I : 0 < / rest <= 1011) by
    (split; [apply Rinv_0_lt_compat; lra |]; apply Rmult_le_reg_l with rest; [lra |];
     rewrite Rinv_r; lra).
  assert (P : 0 <= eta * G <= eta * 2 ^ 20) by (split; [| apply Rmult_le_compat_l]; nra).
  assert (A : 0 <= (2 + u) * eta + (1 + u) * (eta * G) <= 1049000 * eta) by (split; nra).
  unfold Rdiv at 1 2. split; [apply Rmult_le_pos; lra |].
  apply Rle_trans with (1049000 * eta * 1011); [apply Rmult_le_compat; lra | lra].
Qed.

Lemma denominator_absolute_size : 0 <= denominator_absolute u eta k beta2 G <= 93 / 10 ^ 11 * u.
Proof.
  assert (V := v_absolute_size). assert (K := k_size). assert (S := u_small).
  unfold denominator_absolute, beta2 in *. set (v := v_absolute _ _ _ _ _) in *.
  assert (R : 0 <= sqrt v <= u / 2 ^ 35).
  { split; [apply sqrt_pos |]. rewrite <- (sqrt_square (u / 2 ^ 35)) by lra.
    apply sqrt_le_1_alt. lra. }
  assert (C : 0 <= / sqrt (1 - 999 / 1000) <= 3163 / 100).
  { assert (L : 100 / 3163 <= sqrt (1 - 999 / 1000)).
    { rewrite <- (sqrt_square (100 / 3163)) by lra. apply sqrt_le_1_alt. lra. }
    split; [apply Rlt_le, Rinv_0_lt_compat; lra |].
    replace (3163 / 100) with (/ (100 / 3163)) by field. apply Rinv_le_contravar; lra. }
  assert (A : 0 <= (1 + u) * sqrt v + eta <= 2911 / 10 ^ 14 * u) by (split; nra).
  assert (B : 0 <= (1 + k) * / sqrt (1 - 999 / 1000) <= 3164 / 100) by (split; nra).
  set (a := (1 + u) * sqrt v + eta) in *. set (b := (1 + k) * _) in *.
  assert (M : 0 <= b * a <= 3164 / 100 * (2911 / 10 ^ 14 * u))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  split; nra.
Qed.

Lemma denominator_error_size :
  0 <= denominator_error u eta k beta2 epsilon G T <= 104 / 100 * y + 42 / 10 * u.
Proof.
  assert (D := denominator_size). assert (A := denominator_absolute_size).
  assert (S := u_small). unfold denominator_error, epsilon.
  replace (denominator_absolute u eta k beta2 G / / 10 ^ 8)
    with (denominator_absolute u eta k beta2 G * 10 ^ 8) by field.
  lra.
Qed.

Lemma longest_size : 0 <= longest_step alpha beta1 beta2 <= 728 / 100 * alpha.
Proof.
  unfold longest_step. assert (R : 0 <= sqrt (longest_squared beta1 beta2) <= 728 / 100).
  { split; [apply sqrt_pos |]. rewrite <- (sqrt_square (728 / 100)) by lra.
    apply sqrt_le_1_alt. unfold longest_squared, beta1, beta2.
    replace ((1 - 9 / 10) ^ 2 / ((1 - 999 / 1000) * (1 - (9 / 10) ^ 2 / (999 / 1000))))
      with (1110 / 21) by field. lra. }
  split; nra.
Qed.

Lemma m_absolute_size : 0 <= m_absolute u eta k beta1 <= 2001 / 100 * eta.
Proof.
  assert (Q := growth1). assert (S := u_small). unfold m_absolute, kept_of_underflow.
  set (rest := 1 - growth u k beta1 * beta1).
  assert (R : 99999 / 1000000 <= rest) by (unfold rest, beta1 in *; lra).
  assert (I : 0 < / rest <= 10001 / 1000) by
    (split; [apply Rinv_0_lt_compat; lra |]; apply Rmult_le_reg_l with rest; [lra |];
     rewrite Rinv_r; lra).
  unfold Rdiv at 1 2. rewrite Rmult_0_r, Rplus_0_r.
  assert (A : 0 <= (2 + u) * eta <= 20001 / 10000 * eta) by (split; nra).
  split; [apply Rmult_le_pos; lra |].
  apply Rle_trans with (20001 / 10000 * eta * (10001 / 1000)); [apply Rmult_le_compat; lra | lra].
Qed.

Lemma numerator_absolute_size : 0 <= numerator_absolute u eta k alpha beta1 <= 202 * eta.
Proof.
  assert (M := m_absolute_size). assert (K := k_size). assert (S := u_small).
  unfold numerator_absolute. replace (alpha / (1 - beta1)) with (10 * alpha)
    by (unfold beta1; field).
  set (m := m_absolute u eta k beta1) in *.
  assert (A : 0 <= (1 + k) * (10 * alpha) <= 10001 / 1000) by (split; nra).
  assert (B : 0 <= (1 + k) * (10 * alpha) * m <= 10001 / 1000 * (2001 / 100 * eta))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  split; nra.
Qed.

Lemma eta_small : 0 <= eta <= / 2 ^ 148.
Proof. assert (S := u_small). split; [lra |]. nra. Qed.

Lemma update_error_size :
  0 <= update_error u eta k alpha beta1 beta2 epsilon G T
  <= alpha * (2345 / 100 * y + 656 / 10 * u) + / 2 ^ 110.
Proof.
  assert (D := denominator_error_size). assert (P := numerator_size). assert (Y := y_size).
  assert (S := u_small). assert (L := longest_size). assert (A := numerator_absolute_size).
  assert (E := eta_small).
  unfold update_error. set (d := denominator_error _ _ _ _ _ _ _) in *.
  set (n := numerator_part u k beta1 T) in *. set (a := numerator_absolute _ _ _ _ _) in *.
  assert (I : 1 <= / (1 - d) <= 1 + 10064 / 10000 * d).
  { split; [rewrite <- Rinv_1; apply Rinv_le_contravar; lra |].
    apply Rmult_le_reg_l with (1 - d); [lra |]. rewrite Rinv_r by lra. nra. }
  assert (F : 0 <= (1 + n) * (1 + u) / (1 - d) - 1 <= 322 / 100 * y + 9 * u).
  { unfold Rdiv. set (i := / (1 - d)) in *.
    assert (Hn : 1 <= (1 + n) * (1 + u) <= 1 + 2151 / 1000 * y + 403 / 100 * u) by (split; nra).
    set (z := (1 + n) * (1 + u)) in *.
    assert (Hi : 1 <= i <= 1 + 1047 / 1000 * y + 423 / 100 * u) by lra.
    split; [nra |].
    apply Rle_trans with ((1 + 2151 / 1000 * y + 403 / 100 * u)
      * (1 + 1047 / 1000 * y + 423 / 100 * u) - 1); [| nra].
    apply Rplus_le_compat_r, Rmult_le_compat; lra. }
  assert (B : 0 <= ((1 + n) * (1 + u) / (1 - d) - 1) * longest_step alpha beta1 beta2
    <= (322 / 100 * y + 9 * u) * (728 / 100 * alpha))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (C : 0 <= a / ((1 - d) * epsilon) <= 204 / 10 ^ 2 * 10 ^ 10 * eta).
  { replace (a / ((1 - d) * epsilon)) with (a * 10 ^ 8 * / (1 - d)) by (unfold epsilon; field; lra).
    split; [apply Rmult_le_pos; lra |].
    apply Rle_trans with (202 * eta * 10 ^ 8 * (1007 / 1000)); [| lra].
    apply Rmult_le_compat; lra. }
  set (c := a / _) in *. split; [nra |]. nra.
Qed.

Theorem default_drift :
  theta_drift u eta k alpha beta1 beta2 epsilon G theta0 T
  <= INR T * (u * (101 / 100 * theta0 + alpha * (31 * INR T + 67)) + / 2 ^ 100).
Proof.
  assert (E := update_error_size). assert (L := longest_size). assert (W := power_of_u).
  assert (Y := y_size). assert (S := u_small). assert (Z := eta_small).
  unfold theta_drift. rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply pos_INR |].
  set (e := update_error _ _ _ _ _ _ _ _ _) in *. set (l := longest_step _ _ _) in *.
  replace (u * (theta0 + INR T * l)) with (u * theta0 + y * l) by (unfold y; ring).
  replace (u * (101 / 100 * theta0 + alpha * (31 * INR T + 67)))
    with (101 / 100 * (u * theta0) + alpha * (31 * y + 67 * u)) by (unfold y; ring).
  assert (yl : 0 <= y * l <= y * (728 / 100 * alpha)) by (split; nra).
  assert (ut : 0 <= u * theta0) by nra. assert (ay : 0 <= alpha * y) by nra.
  assert (au : 0 <= alpha * u) by nra.
  set (w := (1 + u) ^ T) in *. assert (W' : 1 <= w <= 100606 / 100000) by lra.
  apply Rle_trans with (100606 / 100000 * (alpha * (2345 / 100 * y + 656 / 10 * u) + / 2 ^ 110
    + (u * theta0 + y * (728 / 100 * alpha)) + / 2 ^ 148)).
  - apply Rmult_le_compat; lra.
  - lra.
Qed.

Theorem default_conditions : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Proof.
  assert (D := denominator_error_size). assert (Q1 := growth1). assert (Q2 := growth2).
  assert (K := k_size). assert (S := u_small). assert (Y := y_size).
  unfold adam_conditions. unfold beta1, beta2, epsilon in *. repeat split; lra.
Qed.

Theorem default_peak :
  INR T <= 2 ^ 60 ->
  adam_peak u eta k alpha beta1 beta2 epsilon G theta0 T < 2 ^ 100.
Proof.
  intro HT60. assert (X := default_drift). assert (E := update_error_size).
  assert (L := longest_size). assert (V := v_size). assert (VA := v_absolute_size).
  assert (MA := m_absolute_size). assert (Y := y_size). assert (S := u_small).
  assert (Z := eta_small). assert (P := power1). assert (K := k_size).
  assert (T0 := pos_INR T).
  unfold adam_peak, m_peak, v_peak.
  set (vp := (1 + v_part u k beta2 T) * (G * G) + _).
  assert (GG : 0 <= G * G <= 2 ^ 20 * 2 ^ 20) by (split; nra).
  assert (VP : 0 <= vp <= 2 ^ 41).
  { unfold vp. assert (M : 0 <= (1 + v_part u k beta2 T) * (G * G) <= 102 / 100 * (2 ^ 20 * 2 ^ 20))
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (u * u / 2 ^ 70 <= 1) by nra. lra. }
  assert (MP : 0 <= (1 + m_part u k beta1 T) * G <= 2 ^ 21).
  { unfold m_part. assert (M : 0 <= 1 + ((1 + k) * growth u k beta1 ^ T - 1) <= 2) by (split; nra).
    split; [apply Rmult_le_pos; lra |].
    apply Rle_trans with (2 * 2 ^ 20); [apply Rmult_le_compat; lra | lra]. }
  assert (R : 0 <= sqrt vp <= 2 ^ 41).
  { split; [apply sqrt_pos |]. rewrite <- (sqrt_square (2 ^ 41)) by lra. apply sqrt_le_1_alt. lra. }
  assert (C : 0 <= 8 / sqrt (1 - beta2) <= 256).
  { assert (Q : / 32 <= sqrt (1 - beta2)).
    { rewrite <- (sqrt_square (/ 32)) by lra. apply sqrt_le_1_alt. unfold beta2. lra. }
    assert (I : 0 < / sqrt (1 - beta2) <= 32).
    { split; [apply Rinv_0_lt_compat; lra |]. rewrite <- (Rinv_inv 32).
      apply Rinv_le_contravar; lra. }
    unfold Rdiv. lra. }
  assert (CR : 8 / sqrt (1 - beta2) * (sqrt vp + 1) <= 256 * (2 ^ 41 + 1))
    by (apply Rmult_le_compat; lra).
  replace (alpha / (1 - beta1)) with (10 * alpha) by (unfold beta1; field).
  assert (MM : 4 * (1 + 10 * alpha) * ((1 + m_part u k beta1 T) * G + m_absolute u eta k beta1 + G)
    <= 44 * (2 ^ 21 + 1 + 2 ^ 20)) by (apply Rmult_le_compat; lra).
  assert (TL : 0 <= INR T * longest_step alpha beta1 beta2 <= 2 ^ 60 * 8)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (A0 : 0 <= alpha * (31 * INR T + 67) <= 31 * 2 ^ 60 + 67)
    by (split; [apply Rmult_le_pos; lra |]; rewrite <- (Rmult_1_l (31 * 2 ^ 60 + 67));
        apply Rmult_le_compat; lra).
  replace (INR T * (u * (101 / 100 * theta0 + alpha * (31 * INR T + 67)) + / 2 ^ 100))
    with (y * (101 / 100 * theta0 + alpha * (31 * INR T + 67)) + INR T / 2 ^ 100) in X
    by (unfold y; field).
  assert (TD : y * (101 / 100 * theta0 + alpha * (31 * INR T + 67))
    <= 6 / 1000 * (2 ^ 21 + 31 * 2 ^ 60 + 67)) by (apply Rmult_le_compat; lra).
  assert (EE : alpha * (2345 / 100 * y + 656 / 10 * u) <= 1 * 1) by (apply Rmult_le_compat; lra).
  set (drift := theta_drift _ _ _ _ _ _ _ _ _ _) in *.
  unfold epsilon in *. lra.
Qed.

Theorem default_decoupled_drift a :
  0 <= a <= 1 ->
  decoupled_drift u eta k alpha beta1 beta2 epsilon a G theta0 T T
  <= INR T * (u * (31 / 10 * theta0 + alpha * (47 * INR T + 67)) + / 2 ^ 100).
Proof.
  intro A. assert (E := update_error_size). assert (L := longest_size). assert (K := k_size).
  assert (Y := y_size). assert (S := u_small). assert (Z := eta_small). assert (T0 := pos_INR T).
  unfold decoupled_drift, decayed_drift, decayed_step_error. rewrite Rmult_assoc.
  apply Rmult_le_compat_l; [exact T0 |].
  set (e := update_error _ _ _ _ _ _ _ _ _) in *. set (l := longest_step _ _ _) in *.
  assert (W : 1 <= ((1 + u) ^ 2) ^ T <= 1 + 203 / 100 * y).
  { split; [apply pow_R1_Rle; nra |]. replace ((1 + u) ^ 2) with (1 + (2 * u + u * u)) by ring.
    eapply Rle_trans; [apply (power_linear (2001 / 1000) (121 / 10000) _ T u); fold y; nra |].
    fold y. lra. }
  set (w := ((1 + u) ^ 2) ^ T) in *.
  assert (ka : 0 <= (1 + u) * (k * a) <= 1002 / 1000 * u).
  { assert (0 <= k * a <= k) by (split; nra). split; nra. }
  assert (uTheta : 0 <= u * (theta0 + INR T * l) <= u * theta0 + 728 / 100 * (alpha * y)).
  { assert (yl : 0 <= y * l <= y * (728 / 100 * alpha)) by (split; nra).
    replace (u * (theta0 + INR T * l)) with (u * theta0 + y * l) by (unfold y; ring).
    assert (0 <= u * theta0) by nra. lra. }
  set (Theta := theta0 + INR T * l) in *.
  assert (Theta0 : 0 <= Theta) by (unfold Theta; nra).
  assert (B : 0 <= ((1 + u) * (k * a) + u) * Theta <= 2002 / 1000 * (u * Theta)) by (split; nra).
  set (b := ((1 + u) * (k * a) + u) * Theta) in *. set (c := u * Theta) in *.
  assert (C : 0 <= (1 + u) * (b + eta + e) + c + eta
    <= 10001 / 10000 * (b + eta + e) + c + eta) by (split; nra).
  set (step := (1 + u) * (b + eta + e) + c + eta) in *.
  apply Rle_trans with (10122 / 10000 * step); [apply Rmult_le_compat_r; lra |].
  replace (u * (31 / 10 * theta0 + alpha * (47 * INR T + 67)))
    with (31 / 10 * (u * theta0) + alpha * (47 * y + 67 * u)) by (unfold y; ring).
  assert (0 <= alpha * y) by nra. assert (0 <= alpha * u) by nra. lra.
Qed.

End Defaults.

Theorem default_decoupled_peak u eta alpha G theta0 a T :
  0 < u <= / 2 ^ 24 -> 0 <= eta <= u * u / 2 ^ 101 -> INR T * u <= 6 / 1000 -> 0 <= alpha <= 1 ->
  0 <= G <= 2 ^ 20 -> 0 <= theta0 <= 2 ^ 20 -> INR T <= 2 ^ 60 -> 0 <= a <= 1 ->
  decoupled_peak u eta (kappa * u) alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) a G theta0 T < 2 ^ 101.
Proof.
  intros U N HT A HG H0 HT60 Ha. assert (T0 := pos_INR T).
  assert (P := default_peak u eta alpha G 0 T U N HT A HG ltac:(lra) HT60).
  assert (D := default_decoupled_drift u eta alpha G theta0 T U N HT A HG H0 a Ha).
  assert (L := longest_size alpha A).
  unfold decoupled_peak. set (peak := adam_peak _ _ _ _ _ _ _ _ _ _) in *.
  set (drift := decoupled_drift _ _ _ _ _ _ _ _ _ _ _ _) in *.
  set (l := longest_step _ _ _) in *.
  assert (TL : 0 <= INR T * l <= 2 ^ 60 * 8)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  set (y := INR T * u) in *.
  replace (INR T * (u * (31 / 10 * theta0 + alpha * (47 * INR T + 67)) + / 2 ^ 100))
    with (y * (31 / 10 * theta0 + alpha * (47 * INR T + 67)) + INR T / 2 ^ 100) in D
    by (unfold y; field).
  assert (A0 : 0 <= alpha * (47 * INR T + 67) <= 47 * 2 ^ 60 + 67)
    by (split; [apply Rmult_le_pos; lra |]; rewrite <- (Rmult_1_l (47 * 2 ^ 60 + 67));
        apply Rmult_le_compat; lra).
  assert (y0 : 0 <= y) by (apply Rmult_le_pos; lra).
  assert (TD : y * (31 / 10 * theta0 + alpha * (47 * INR T + 67))
    <= 6 / 1000 * (2 ^ 22 + 47 * 2 ^ 60 + 67)) by (apply Rmult_le_compat; lra).
  lra.
Qed.

Theorem default_raw_epsilon : 4 * (/ 10 ^ 8 / sqrt (1 - 999 / 1000)) <= 1.
Proof.
  assert (L : / 32 <= sqrt (1 - 999 / 1000)).
  { rewrite <- (sqrt_square (/ 32)) by lra. apply sqrt_le_1_alt. lra. }
  assert (I : / sqrt (1 - 999 / 1000) <= 32).
  { rewrite <- (Rinv_inv 32). apply Rinv_le_contravar; lra. }
  unfold Rdiv. lra.
Qed.

Theorem default_run_in_ieee p emax (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax)
    alpha G T (f : nat -> string -> binary_float p emax) (m v theta : nat -> R) :
  let u := bpow radix2 (- p) in
  let stored t x := B2R (f t x) in
  u <= / 2 ^ 24 -> bpow radix2 (3 - emax - p - 1) <= u * u / 2 ^ 101 -> 2 ^ 100 <= bpow radix2 emax
    ->
  0 <= alpha <= 1 -> G <= 2 ^ 20 -> Rabs (theta O) <= 2 ^ 20 ->
  INR T * u <= 6 / 1000 -> INR T <= 2 ^ 60 ->
  adam_machine_run p emax positive below f ->
  adam_coefficients_within (kappa * u) alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  adam_rule alpha (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) Lanes.adam_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= INR t * (u * (101 / 100 * Rabs (theta O) + alpha * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intros u stored U N Large A HG H0 HT T60 Hf Hk Hg Hrule Hstart t Ht.
  assert (u0 : 0 < u) by apply bpow_gt_0.
  assert (eta0 : 0 <= bpow radix2 (3 - emax - p - 1)) by apply bpow_ge_0.
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (stored O "gradient")) (Hg O); lra).
  assert (theta0 := Rabs_pos (theta O)). assert (Tt := le_INR _ _ Ht).
  destruct (adam_run_in_ieee p emax positive below (kappa * u) alpha (9 / 10) (999 / 1000) (/ 10 ^
    8)
    G T f m v theta) with (t := t) as (F & Fx & D); auto.
  - apply default_conditions with (theta0 := Rabs (theta O)); auto.
  - eapply Rlt_le_trans; [apply default_peak; auto | exact Large].
  - split; [exact F |]. split; [exact Fx |]. eapply Rle_trans; [exact D |].
    apply default_drift; auto. apply Rle_trans with (INR T * u); [| exact HT].
    apply Rmult_le_compat_r; lra.
Qed.
