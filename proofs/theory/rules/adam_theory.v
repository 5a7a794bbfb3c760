(* SPDX-License-Identifier: Apache-2.0 *)
(* Adam: its inputs, what is true of its formulas, and how far AMSGrad's largest v drifts. Its m
   and v drift as every decayed mean does (drift/Means.v); printed forms are in adam_printed.v.

   Results:
   - [amsgrad_drift]: AMSGrad's largest v drifts no further than v does, whose bound is
     [second_moment_drift]'s;
   - [adam_constant_step]: for a constant gradient g the step is alpha g / (|g| + epsilon) at every
     t >= 1;
   - [p_is_h]: P, m_hat / (sqrt(v_hat) + epsilon_P), equals H, which corrects the learning rate,
     sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon_H), if and only if m = 0 or
     epsilon_H = epsilon_P sqrt(1 - beta2^t); for v >= 0 and epsilons > 0;
   - [adam_moments]: in exact arithmetic m^2 <= K v after any gradients, if beta1^2 < beta2, with
     K = (1 - beta1)^2 / ((1 - beta2) (1 - beta1^2 / beta2)) (Cauchy and Schwarz);
   - [adam_step]: if moreover 1 - beta2 <= (1 - beta1)^2, no step is longer than
     learning_rate sqrt K, about 7.27 learning rates for beta1 = 0.9, beta2 = 0.999. *)

Require Import Reals String List Psatz Lia.
From Truestep Require Import Expression Apriori Rounding Means ClosedForms.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition adam :=
  inputs (("w1", Weight) :: ("w2", Weight) :: ("alpha_t", Coefficient) :: ("c_t", Coefficient)
          :: ("epsilon", Hyperparameter) :: ("epsilon_root", Hyperparameter)
          :: ("v", Moment) :: ("v_max", Moment) :: nil).

(* The same of a lane with Nesterov's gradient ahead of m, and of one that decays after the step. *)
Definition adam_further :=
  inputs (("w1", Weight) :: ("w2", Weight) :: ("alpha_t", Coefficient) :: ("c_t", Coefficient)
          :: ("epsilon", Hyperparameter) :: ("epsilon_root", Hyperparameter)
          :: ("p", Coefficient) :: ("q", Coefficient) :: ("amount", Amount)
          :: ("v", Moment) :: nil).

Open Scope R_scope.

Corollary amsgrad_drift u eta rnd w0 G (w wt v vt m mt g : nat -> R) :
  let c := 2 + u + kappa * w0 in
  rounding u eta rnd ->
  0 < w0 -> c * u < w0 ->
  (forall t, w0 <= w t <= 1) ->
  (forall t, 0 <= wt t <= 1) ->
  (forall t, Rabs (wt t - w t) <= kappa * u * w t) ->
  (forall t, Rabs (g t) <= G) ->
  v 0%nat = 0 -> (forall t, v (S t) = (1 - w t) * v t + w t * (g t * g t)) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = second_moment rnd (wt t) (vt t) (g t)) ->
  m 0%nat = 0 -> (forall t, m (S t) = Rmax (m t) (v (S t))) ->
  mt 0%nat = 0 -> (forall t, mt (S t) = Rmax (mt t) (vt (S t))) ->
  forall t, Rabs (mt t - m t)
            <= (c * u * (G * G) + (2 + u + (1 + u) * G) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw Hwt Hd HG H0 Hv Ht0 Hvt Hm0 Hm Hmt0 Hmt.
  apply (maximum_drift _ v vt); try assumption.
  intros i; now apply (second_moment_drift u eta rnd w0 G w wt v vt g).
Qed.

(** * Constant gradients, and epsilon *)

Corollary adam_constant_step alpha beta1 beta2 epsilon g t :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
  alpha * (decayed_mean beta1 (fun _ => g) t / (1 - beta1 ^ t))
  / (sqrt (decayed_mean beta2 (fun _ => g ^ 2) t / (1 - beta2 ^ t)) + epsilon)
  = alpha * g / (Rabs g + epsilon).
Proof.
  intros H1 H2 Ht; rewrite corrected_first_moment, corrected_second_moment by assumption.
  replace (g ^ 2) with (Rsqr g) by (unfold Rsqr; ring); now rewrite sqrt_Rsqr_abs.
Qed.

Definition adam_p beta1 beta2 epsilon m v t :=
  m / (1 - beta1 ^ t) / (sqrt (v / (1 - beta2 ^ t)) + epsilon).

Definition adam_h beta1 beta2 epsilon m v t :=
  sqrt (1 - beta2 ^ t) / (1 - beta1 ^ t) * m / (sqrt v + epsilon).

Theorem p_is_h beta1 beta2 epsilon_p epsilon_h m v t :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
  0 <= v -> 0 < epsilon_p -> 0 < epsilon_h ->
  adam_p beta1 beta2 epsilon_p m v t = adam_h beta1 beta2 epsilon_h m v t
  <-> m = 0 \/ epsilon_h = epsilon_p * sqrt (1 - beta2 ^ t).
Proof.
  intros H1 H2 Ht Hv Hp Hh.
  assert (C1 := correction_positive beta1 t H1 Ht).
  assert (C2 := correction_positive beta2 t H2 Ht).
  unfold adam_p, adam_h; rewrite sqrt_div by assumption.
  assert (Q := sqrt_lt_R0 _ C2); assert (P := sqrt_pos v).
  set (q := sqrt (1 - beta2 ^ t)) in *; set (r := sqrt v) in *; set (k := 1 - beta1 ^ t) in *.
  assert (Pq : 0 < r + epsilon_p * q) by nra.
  assert (L : m / k / (r / q + epsilon_p) = q / k * m / (r + epsilon_p * q)).
  { field; repeat split; try lra; apply Rgt_not_eq; nra. }
  rewrite L; split.
  - intros E; destruct (Req_dec m 0) as [->|nonzero]; [now left|right].
    assert (F : (r + epsilon_p * q) * (q / k * m / (r + epsilon_p * q))
                = (r + epsilon_p * q) * (q / k * m / (r + epsilon_h))) by now rewrite E.
    assert (D : q / k * m * (epsilon_h - epsilon_p * q) = 0).
    { replace (q / k * m * (epsilon_h - epsilon_p * q))
        with ((r + epsilon_h) * ((r + epsilon_p * q) * (q / k * m / (r + epsilon_p * q)))
              - (r + epsilon_p * q) * (q / k * m)) by (field; lra).
      rewrite F; field; lra. }
    apply Rmult_integral in D; destruct D as [D|D]; [exfalso|lra].
    apply Rmult_integral in D; destruct D as [D|D]; [|contradiction].
    assert (0 < q / k) by (apply Rdiv_lt_0_compat; lra); lra.
  - intros [->| ->]; [unfold Rdiv; ring|reflexivity].
Qed.

(** * The longest step, in exact arithmetic *)

Section Adam.

Variables (beta1 beta2 : R) (g : nat -> R).

Fixpoint mean (beta : R) (x : nat -> R) (t : nat) : R :=
  match t with
  | O => 0
  | S n => beta * mean beta x n + (1 - beta) * x n
  end.

Definition m := mean beta1 g.
Definition v := mean beta2 (fun i => g i * g i).

Definition longest_squared : R :=
  (1 - beta1) ^ 2 / ((1 - beta2) * (1 - beta1 ^ 2 / beta2)).

Lemma square_of_sum q x y : 0 < q < 1 -> (x + y) ^ 2 <= x ^ 2 / q + y ^ 2 / (1 - q).
Proof.
  intro H. assert (0 <= ((1 - q) * x - q * y) ^ 2 / (q * (1 - q)))
    by (apply Rmult_le_pos; [apply pow2_ge_0 | apply Rlt_le, Rinv_0_lt_compat; nra]).
  replace (x ^ 2 / q + y ^ 2 / (1 - q))
    with ((x + y) ^ 2 + ((1 - q) * x - q * y) ^ 2 / (q * (1 - q))) by (field; lra).
  lra.
Qed.

Theorem adam_moments :
  0 < beta1 -> beta1 ^ 2 < beta2 < 1 -> forall t, m t ^ 2 <= longest_squared * v t.
Proof.
  intros H1 H2. set (q := beta1 ^ 2 / beta2).
  assert (Q : 0 < q < 1).
  { unfold q. split; [apply Rdiv_lt_0_compat; nra | apply Rmult_lt_reg_r with beta2; [nra |]].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l; nra. }
  induction t as [| t IH]; [unfold m, v; simpl; lra |].
  change (m (S t)) with (beta1 * m t + (1 - beta1) * g t).
  change (v (S t)) with (beta2 * v t + (1 - beta2) * (g t * g t)).
  eapply Rle_trans; [now apply (square_of_sum q) |].
  replace ((beta1 * m t) ^ 2 / q) with (beta2 * m t ^ 2) by (unfold q; field; nra).
  replace (longest_squared * (beta2 * v t + (1 - beta2) * (g t * g t)))
    with (beta2 * (longest_squared * v t) + ((1 - beta1) * g t) ^ 2 / (1 - q))
    by (unfold longest_squared; fold q; field; lra).
  apply Rplus_le_compat_r, Rmult_le_compat_l; nra.
Qed.

Lemma mean_nonnegative beta x t : 0 <= beta <= 1 -> (forall i, 0 <= x i) -> 0 <= mean beta x t.
Proof. intros H X. induction t; simpl; [lra |]. specialize (X t). nra. Qed.

(* m's correction makes up for v's. *)
Lemma corrections t :
  0 < beta1 < 1 -> 1 - (1 - beta1) ^ 2 <= beta2 -> 1 - beta2 ^ t <= (1 - beta1 ^ t) ^ 2.
Proof.
  intros H1 H2. set (a := 2 - beta1).
  assert (C : 2 <= a ^ t + beta1 ^ t /\ beta1 ^ t <= a ^ t).
  { induction t as [| t [I J]]; simpl; [lra |].
    assert (0 < beta1 ^ t) by (apply pow_lt; lra). unfold a in *. split; nra. }
  assert (P : (beta1 * a) ^ t <= beta2 ^ t) by (apply pow_incr; unfold a; nra).
  rewrite Rpow_mult_distr in P. assert (0 < beta1 ^ t) by (apply pow_lt; lra). nra.
Qed.

Theorem adam_step learning_rate epsilon t :
  0 < beta1 < 1 -> beta2 < 1 -> 1 - beta2 <= (1 - beta1) ^ 2 ->
  0 <= learning_rate -> 0 < epsilon -> (0 < t)%nat ->
  let m_hat := m t / (1 - beta1 ^ t) in
  let v_hat := v t / (1 - beta2 ^ t) in
  Rabs (learning_rate * m_hat / (sqrt v_hat + epsilon)) <= learning_rate * sqrt longest_squared.
Proof.
  intros H1 H2 H3 HL HE HT m_hat v_hat.
  assert (M := adam_moments ltac:(lra) ltac:(nra) t).
  assert (C := corrections t H1 ltac:(lra)).
  assert (B1 : 0 < 1 - beta1 ^ t) by (generalize (pow_lt_1_compat beta1 t ltac:(lra) HT); lra).
  assert (B2 : 0 < 1 - beta2 ^ t) by (generalize (pow_lt_1_compat beta2 t ltac:(nra) HT); lra).
  assert (V : 0 <= v t) by (apply mean_nonnegative; [nra | intro; apply Rle_0_sqr]).
  assert (Vh : 0 <= v_hat) by (apply Rmult_le_pos; [easy | now apply Rlt_le, Rinv_0_lt_compat]).
  assert (K : 0 <= longest_squared).
  { apply Rmult_le_pos; [apply pow2_ge_0 |].
    apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; [lra |].
    assert (beta1 ^ 2 / beta2 < 1); [| lra]. apply Rmult_lt_reg_r with beta2; [nra |].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l; nra. }
  assert (S : Rabs m_hat <= sqrt longest_squared * sqrt v_hat).
  { rewrite <- sqrt_mult, <- sqrt_Rsqr_abs by easy. apply sqrt_le_1_alt.
    unfold m_hat, v_hat, Rsqr.
    replace (m t / (1 - beta1 ^ t) * (m t / (1 - beta1 ^ t)))
      with (m t ^ 2 / (1 - beta1 ^ t) ^ 2) by (field; lra).
    unfold Rdiv. rewrite <- Rmult_assoc.
    apply Rmult_le_compat; [nra | apply Rlt_le, Rinv_0_lt_compat; nra | easy |].
    now apply Rinv_le_contravar. }
  assert (0 <= sqrt v_hat) by apply sqrt_pos. assert (0 <= sqrt longest_squared) by apply sqrt_pos.
  unfold Rdiv.
  rewrite !Rabs_mult, Rabs_inv, (Rabs_pos_eq learning_rate), (Rabs_pos_eq (_ + _)) by lra.
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy |].
  apply Rmult_le_reg_r with (sqrt v_hat + epsilon); [lra |].
  rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

End Adam.
