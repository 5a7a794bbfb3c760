(* SPDX-License-Identifier: Apache-2.0 *)
(* How large Adadelta's u and its steps become in exact arithmetic. The state that the lane calls u
   is x here.

   Results, for gradients of at most G:
   - [u_at_most]: x + epsilon <= (1 + (1 - rho) t) (s + epsilon) after t steps;
   - [u_largest]: so in T steps it is at most [adadelta_largest] =
     (1 + (1 - rho) T) (G^2 + epsilon);
   - [step_at_most]: and no step is longer than [adadelta_longest], the root of that over 1 - rho. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding RelativeDrift.
Open Scope R_scope.

Definition adadelta_largest (rho epsilon G : R) (T : nat) : R :=
  (1 + INR T * (1 - rho)) * (G * G + epsilon).
Definition adadelta_longest (rho epsilon G : R) (T : nat) : R :=
  sqrt (adadelta_largest rho epsilon G T / (1 - rho)).

Section Exact.

Variables (rho epsilon G : R) (g s x delta : nat -> R).
Hypothesis B : 0 < rho < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis HG : forall t, Rabs (g t) <= G.
Hypothesis s0 : s O = 0.
Hypothesis Hs : forall t, s (S t) = rho * s t + (1 - rho) * (g t * g t).
Hypothesis x0 : x O = 0.
Hypothesis Hx : forall t, x (S t) = rho * x t + (1 - rho) * (delta t * delta t).
Hypothesis Hdelta : forall t,
  delta t = - (sqrt ((x t + epsilon) / (s (S t) + epsilon)) * g t).

Lemma s_range t : 0 <= s t <= G * G.
Proof.
  split.
  - apply (mean_nonnegative_of_inputs rho s (fun t => g t * g t)); auto; try lra.
    intro i. apply Rle_0_sqr.
  - apply (mean_at_most rho (G * G) s (fun t => g t * g t)); auto; try lra; [apply Rle_0_sqr |].
    intro i. now apply square_bound.
Qed.

Lemma x_at_least_0 t : 0 <= x t.
Proof.
  apply (mean_nonnegative_of_inputs rho x (fun t => delta t * delta t)); auto; try lra.
  intro i. apply Rle_0_sqr.
Qed.

Lemma delta_squared t :
  delta t * delta t = (x t + epsilon) / (s (S t) + epsilon) * (g t * g t).
Proof.
  rewrite Hdelta. destruct (s_range (S t)) as [S1 _]. assert (X := x_at_least_0 t).
  assert (Q : 0 <= (x t + epsilon) / (s (S t) + epsilon))
    by (apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat]; lra).
  rewrite <- (sqrt_sqrt _ Q) at 3. ring.
Qed.

(* How s grows, to the power rho. *)
Let power t := exp (rho * ln ((s t + epsilon) / epsilon)).

Lemma ratio_at_least_1 t : 1 <= (s t + epsilon) / epsilon.
Proof.
  destruct (s_range t) as [P _]. apply Rmult_le_reg_r with epsilon; [exact E0 |].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma ln_at_most y : 0 < y -> ln y <= y - 1.
Proof.
  intro Y. rewrite <- (exp_ln y Y) at 2. generalize (exp_ineq1_le (ln y)). lra.
Qed.

Lemma ln_at_least_0 y : 1 <= y -> 0 <= ln y.
Proof.
  intro Y. rewrite <- ln_1. destruct (Rle_lt_or_eq_dec _ _ Y) as [P | <-]; [| apply Rle_refl].
  left. apply ln_increasing; lra.
Qed.

Lemma power_at_least_1 t : 1 <= power t.
Proof.
  assert (R := ratio_at_least_1 t). unfold power.
  assert (N : 0 <= ln ((s t + epsilon) / epsilon)) by now apply ln_at_least_0.
  generalize (exp_ineq1_le (rho * ln ((s t + epsilon) / epsilon))). nra.
Qed.

Lemma power_at_most_ratio t : power t <= (s t + epsilon) / epsilon.
Proof.
  assert (R := ratio_at_least_1 t).
  apply Rle_trans with (exp (ln ((s t + epsilon) / epsilon))); [| right; apply exp_ln; lra].
  assert (N : 0 <= ln ((s t + epsilon) / epsilon)) by now apply ln_at_least_0.
  unfold power. set (l := ln _) in *. destruct (Rle_lt_or_eq_dec _ _ N) as [P | P].
  - left. apply exp_increasing. nra.
  - right. f_equal. rewrite <- P. ring.
Qed.

Lemma power_grows t :
  (1 + rho * (1 - (s t + epsilon) / (s (S t) + epsilon))) * power t <= power (S t).
Proof.
  assert (P : 0 < s t + epsilon) by (destruct (s_range t); lra).
  assert (Q : 0 < s (S t) + epsilon) by (destruct (s_range (S t)); lra).
  assert (R : 0 < (s t + epsilon) / (s (S t) + epsilon)) by now apply Rdiv_lt_0_compat.
  unfold power.
  replace (rho * ln ((s (S t) + epsilon) / epsilon))
    with (- (rho * ln ((s t + epsilon) / (s (S t) + epsilon)))
          + rho * ln ((s t + epsilon) / epsilon)).
  - rewrite exp_plus. apply Rmult_le_compat_r; [apply Rlt_le, exp_pos |].
    eapply Rle_trans; [| apply exp_ineq1_le]. assert (L := ln_at_most _ R). nra.
  - unfold Rdiv. rewrite !ln_mult, !ln_Rinv; try lra; try apply Rinv_0_lt_compat; lra.
Qed.

Theorem u_at_most t : x t + epsilon <= (1 + INR t * (1 - rho)) * (s t + epsilon).
Proof.
  assert (claim : x t + epsilon <= epsilon * (1 + INR t * (1 - rho)) * power t).
  { induction t as [| t IH].
    - rewrite x0. simpl. assert (P := power_at_least_1 O). nra.
    - rewrite Hx, delta_squared, S_INR.
      assert (S0 := s_range t). assert (S1 := s_range (S t)). assert (X := x_at_least_0 t).
      assert (P := power_at_least_1 t). assert (Q := power_at_least_1 (S t)).
      assert (grows := power_grows t). assert (n := pos_INR t).
      set (U := x t + epsilon) in *. set (D := s (S t) + epsilon) in *.
      assert (D0 : 0 < D) by (unfold D; lra). assert (U0 : 0 < U) by (unfold U; lra).
      assert (input : (1 - rho) * (g t * g t) <= D - rho * (s t + epsilon)).
      { unfold D. rewrite Hs. nra. }
      set (a := 1 + rho * (1 - (s t + epsilon) / D)) in *.
      assert (slope : rho + (1 - rho) * (g t * g t) / D <= a).
      { apply Rmult_le_reg_r with D; [exact D0 |]. unfold a.
        replace ((rho + (1 - rho) * (g t * g t) / D) * D) with (rho * D + (1 - rho) * (g t * g t))
          by (field; lra).
        replace ((1 + rho * (1 - (s t + epsilon) / D)) * D)
          with (D + rho * (D - (s t + epsilon))) by (field; lra). lra. }
      replace (rho * x t + (1 - rho) * (U / D * (g t * g t)) + epsilon)
        with ((rho + (1 - rho) * (g t * g t) / D) * U + (1 - rho) * epsilon)
        by (unfold U; field; lra).
      assert (A1 : (rho + (1 - rho) * (g t * g t) / D) * U <= a * U)
        by (apply Rmult_le_compat_r; lra).
      assert (a0 : 0 <= a).
      { eapply Rle_trans; [| exact slope]. assert (0 <= (1 - rho) * (g t * g t) / D).
        { apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
          generalize (Rle_0_sqr (g t)). unfold Rsqr. nra. } lra. }
      assert (A2 : a * U <= a * (epsilon * (1 + INR t * (1 - rho)) * power t))
        by (apply Rmult_le_compat_l; lra).
      assert (c0 : 0 <= epsilon * (1 + INR t * (1 - rho))) by (apply Rmult_le_pos; nra).
      assert (A3 : epsilon * (1 + INR t * (1 - rho)) * (a * power t)
        <= epsilon * (1 + INR t * (1 - rho)) * power (S t)) by (apply Rmult_le_compat_l; lra).
      assert (A4 : (1 - rho) * epsilon * 1 <= (1 - rho) * epsilon * power (S t))
        by (apply Rmult_le_compat_l; nra).
      nra. }
  eapply Rle_trans; [exact claim |]. assert (P := power_at_most_ratio t).
  assert (n := pos_INR t). assert (c0 : 0 <= epsilon * (1 + INR t * (1 - rho)))
    by (apply Rmult_le_pos; nra).
  apply Rle_trans with (epsilon * (1 + INR t * (1 - rho)) * ((s t + epsilon) / epsilon)).
  - now apply Rmult_le_compat_l.
  - right. field. lra.
Qed.

Theorem u_largest T t : (t <= T)%nat -> x t + epsilon <= adadelta_largest rho epsilon G T.
Proof.
  intro H. eapply Rle_trans; [apply u_at_most |]. destruct (s_range t) as [S0 S1].
  assert (n := pos_INR t). assert (m := le_INR _ _ H).
  apply Rmult_le_compat; nra.
Qed.

Theorem step_at_most T t : (t < T)%nat -> Rabs (delta t) <= adadelta_longest rho epsilon G T.
Proof.
  intro H. assert (U := u_largest T (S t) H). rewrite Hx in U. assert (X := x_at_least_0 t).
  rewrite <- sqrt_Rsqr_abs. apply sqrt_le_1_alt. unfold Rsqr.
  apply Rmult_le_reg_r with (1 - rho); [lra |].
  replace (adadelta_largest rho epsilon G T / (1 - rho) * (1 - rho))
    with (adadelta_largest rho epsilon G T) by (field; lra).
  nra.
Qed.

End Exact.
