(* SPDX-License-Identifier: Apache-2.0 *)
(* How far a buffer that is kept in floating point drifts, where one step leads to the next by a
   product: its drift is bounded for ever.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean.

   Contractive recurrences are x' = b x + y with x~_0 = x_0, |x| <= X and |y| <= Y.
   - [contractive_drift]: if every step is computed with b~, |b~ - b| <= d, with relative error ks
     on the state's path b~ x, ky on the input y, and absolute error c, then for all t
       |x~ - x| <= (ks (b + d) X + d X + ky Y + c) / (1 - b - ks (b + d) - d),
     a sum of one part for the state's path, one for the coefficient, one for the input and one for
     underflow. Needs a positive denominator.
   - [contractive_range]: |x| <= Y / (1 - b).
   - [velocity_drift]: v' = mu v - alpha g with |g| <= G:
       |v~ - v| <= (K alpha G / (1 - mu) + (3 + 2 u) eta) / (1 - mu (1 + K)),
     K = (1 + kappa u) (1 + u)^2 - 1, which is 3 u and a little; needs mu (1 + K) < 1.
   - [gathered_drift]: a buffer of gradients, v' = mu v + gain g, has the same with |gain| in alpha's
     place.
   - [buffer_of_inputs_drift]: a buffer whose inputs are off by e, themselves, lies off by
     e / (1 - mu) more. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Expression Rounding.
Open Scope R_scope.

(** * Contractive recurrences *)

Theorem contractive_range b X Y (x y : nat -> R) :
  0 <= b < 1 -> X = Y / (1 - b) ->
  Rabs (x 0%nat) <= X ->
  (forall t, Rabs (y t) <= Y) ->
  (forall t, x (S t) = b * x t + y t) ->
  forall t, Rabs (x t) <= X.
Proof.
  intros Hb HX H0 Hy Hx t.
  assert (fixed : b * X + Y = X) by (rewrite HX; field; lra).
  induction t as [|t IH]; [exact H0|].
  rewrite Hx, <- fixed.
  apply Rabs_plus; [|apply Hy].
  apply Rabs_times; [rewrite Rabs_pos_eq|]; lra.
Qed.

Theorem contractive_drift b bt d ks ky c X Y (x xt y : nat -> R) :
  0 <= b -> 0 <= ks -> 0 <= ky ->
  Rabs (bt - b) <= d ->
  0 < 1 - b - ks * (b + d) - d ->
  0 <= c ->
  xt 0%nat = x 0%nat ->
  (forall t, Rabs (x t) <= X) ->
  (forall t, Rabs (y t) <= Y) ->
  (forall t, x (S t) = b * x t + y t) ->
  (forall t, Rabs (xt (S t) - (bt * xt t + y t))
             <= ks * Rabs (bt * xt t) + ky * Rabs (y t) + c) ->
  forall t, Rabs (xt t - x t)
            <= (ks * (b + d) * X + d * X + ky * Y + c) / (1 - b - ks * (b + d) - d).
Proof.
  intros Hb Hks Hky Hd Hden Hc H0 HX HY Hx Hxt.
  assert (d0 : 0 <= d) by (generalize (Rabs_pos (bt - b)); lra).
  assert (X0 : 0 <= X) by (generalize (Rabs_pos (x 0%nat)) (HX 0%nat); lra).
  assert (Y0 : 0 <= Y) by (generalize (Rabs_pos (y 0%nat)) (HY 0%nat); lra).
  assert (A0 : 0 <= ks * (b + d)) by (apply Rmult_le_pos; lra).
  set (A := ks * (b + d)) in *.
  set (D := (A * X + d * X + ky * Y + c) / (1 - b - A - d)).
  assert (fixed : (b + A + d) * D + A * X + d * X + ky * Y + c = D) by (unfold D; field; lra).
  assert (D0 : 0 <= D).
  { apply Rmult_le_pos; [nra|]. apply Rlt_le, Rinv_0_lt_compat; lra. }
  induction t as [|t IH].
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by reflexivity; exact D0.
  - assert (Bx : Rabs (xt t) <= X + D) by (apply Rabs_near with (x t); auto).
    assert (Bb : Rabs bt <= b + d) by (apply Rabs_near with b; [rewrite Rabs_pos_eq; lra|auto]).
    assert (Bbx := Rabs_times _ _ _ _ Bb Bx).
    rewrite Hx.
    replace (xt (S t) - (b * x t + y t))
      with ((xt (S t) - (bt * xt t + y t)) + ((bt - b) * xt t + b * (xt t - x t))) by ring.
    eapply Rle_trans.
    + apply Rabs_plus; [apply Hxt|].
      apply Rabs_plus; [exact (Rabs_times _ _ _ _ Hd Bx)|].
      apply Rabs_times; [apply Rle_refl|exact IH].
    + rewrite (Rabs_pos_eq b) by exact Hb.
      assert (ks * Rabs (bt * xt t) <= A * (X + D)).
      { unfold A; rewrite Rmult_assoc; apply Rmult_le_compat_l; auto. }
      assert (ky * Rabs (y t) <= ky * Y) by (apply Rmult_le_compat_l; auto).
      nra.
Qed.

(** v' = mu v - alpha g, in the lanes' order. *)
Definition velocity (rnd : R -> R) mu alpha v g := rnd (rnd (mu * v) - rnd (alpha * g)).

Lemma velocity_of_the_lane rnd f mu alpha v g :
  rounded rnd f (Sub (Mul mu v) (Mul alpha g))
  = velocity rnd (rounded rnd f mu) (rounded rnd f alpha) (rounded rnd f v) (rounded rnd f g).
Proof. reflexivity. Qed.

(** A buffer that takes pushes pt for p, each within the error of such a product. *)
Lemma buffer_drift u eta rnd mu mut P (v vt p pt : nat -> R) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  rounding u eta rnd ->
  0 <= mu -> mu * (1 + K) < 1 ->
  Rabs (mut - mu) <= kappa * u * mu ->
  (forall t, Rabs (p t) <= P) ->
  (forall t, Rabs (pt t - p t) <= ((1 + u) * (1 + kappa * u) - 1) * Rabs (p t) + eta) ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t + p t) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = rnd (rnd (mut * vt t) + pt t)) ->
  forall t, Rabs (vt t - v t) <= (K * (P / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).
Proof.
  intros K Hr Hmu HK Hmut HP Hpt H0 Hv Ht0 Hvt.
  assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (KU : 0 <= kappa * u) by (generalize kappa_pos; nra).
  assert (K0 : 0 <= K) by (unfold K; nra).
  assert (P0 : 0 <= P) by (generalize (Rabs_pos (p 0%nat)) (HP 0%nat); lra).
  assert (mu1 : mu < 1) by nra.
  set (V := P / (1 - mu)).
  assert (fixed : mu * V + P = V) by (unfold V; field; lra).
  assert (V0 : 0 <= V).
  { apply Rmult_le_pos; [exact P0|]. apply Rlt_le, Rinv_0_lt_compat; lra. }
  assert (range : forall t, Rabs (v t) <= V).
  { apply (contractive_range mu V P v p); try easy. rewrite H0, Rabs_R0; exact V0. }
  assert (local : forall t, Rabs (vt (S t) - (mu * vt t + p t))
            <= K * Rabs (mu * vt t) + K * Rabs (p t) + (3 + 2 * u) * eta).
  { intros t.
    rewrite Hvt.
    assert (A := product_error _ _ _ _ _ (vt t) Hr Hmu Hmut).
    rewrite !Rabs_mult, (Rabs_pos_eq mu) by assumption.
    assert (D := Rabs_plus _ _ _ _ A (Hpt t)).
    eapply Rle_trans.
    { eapply rounded_near; [exact Hr|].
      eapply Rle_trans; [|exact D]; apply Req_le; f_equal; ring. }
    assert (T : Rabs (mu * vt t + p t) <= mu * Rabs (vt t) + Rabs (p t)).
    { apply Rabs_plus; rewrite ?Rabs_mult, ?(Rabs_pos_eq mu); lra. }
    apply Rmult_le_compat_l with (r := u) in T; [|exact U].
    unfold K; nra. }
  intros t.
  replace ((K * V + (3 + 2 * u) * eta) / (1 - mu * (1 + K)))
    with ((K * (mu + 0) * V + 0 * V + K * P + (3 + 2 * u) * eta)
          / (1 - mu - K * (mu + 0) - 0)).
  2: { replace (K * V) with (K * (mu * V + P)) by (rewrite fixed; ring); f_equal; ring. }
  apply (contractive_drift mu mu 0 K K _ V P v vt p); try assumption; try lra.
  - rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra.
  - nra.
Qed.

Corollary velocity_drift u eta rnd mu mut alpha alphat G (v vt g : nat -> R) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  rounding u eta rnd ->
  0 <= mu -> 0 <= alpha ->
  mu * (1 + K) < 1 ->
  Rabs (mut - mu) <= kappa * u * mu ->
  Rabs (alphat - alpha) <= kappa * u * alpha ->
  (forall t, Rabs (g t) <= G) ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t - alpha * g t) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = velocity rnd mut alphat (vt t) (g t)) ->
  forall t, Rabs (vt t - v t)
            <= (K * (alpha * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).
Proof.
  intros K Hr Hmu Halpha HK Hmut Halphat HG H0 Hv Ht0 Hvt.
  apply (buffer_drift u eta rnd mu mut (alpha * G) v vt (fun t => - (alpha * g t))
           (fun t => - rnd (alphat * g t))); try assumption; try exact Hvt; try exact Hv.
  - intros t; rewrite Rabs_Ropp; apply Rabs_times; [rewrite Rabs_pos_eq; lra|apply HG].
  - intros t; assert (Q := product_error _ _ _ _ _ (g t) Hr Halpha Halphat).
    rewrite <- Rabs_Ropp in Q; rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq alpha) by exact Halpha.
    replace (- rnd (alphat * g t) - - (alpha * g t))
      with (- (rnd (alphat * g t) - alpha * g t)) by ring; exact Q.
Qed.

(** A buffer of gradients, in the lanes' order; the gain of a gradient may be negative. *)
Definition gathered (rnd : R -> R) mu gain v g := rnd (rnd (mu * v) + rnd (gain * g)).

Lemma gathered_of_the_lane rnd f mu gain v g :
  rounded rnd f (Add (Mul mu v) (Mul gain g))
  = gathered rnd (rounded rnd f mu) (rounded rnd f gain) (rounded rnd f v) (rounded rnd f g).
Proof. reflexivity. Qed.

Corollary gathered_drift u eta rnd mu mut gain gaint G (v vt g : nat -> R) :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  rounding u eta rnd ->
  0 <= mu -> mu * (1 + K) < 1 ->
  Rabs (mut - mu) <= kappa * u * mu ->
  Rabs (gaint - gain) <= kappa * u * Rabs gain ->
  (forall t, Rabs (g t) <= G) ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t + gain * g t) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = gathered rnd mut gaint (vt t) (g t)) ->
  forall t, Rabs (vt t - v t)
            <= (K * (Rabs gain * G / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).
Proof.
  intros K Hr Hmu HK Hmut Hgain HG H0 Hv Ht0 Hvt.
  apply (buffer_drift u eta rnd mu mut (Rabs gain * G) v vt (fun t => gain * g t)
           (fun t => rnd (gaint * g t))); try assumption.
  - intros t; apply Rabs_times; [apply Rle_refl|apply HG].
  - intros t.
    assert (E : Rabs (gaint * g t - gain * g t) <= kappa * u * Rabs gain * Rabs (g t)).
    { replace (gaint * g t - gain * g t) with ((gaint - gain) * g t) by ring.
      apply Rabs_times; auto with real. }
    assert (Q := rounded_near _ _ _ _ _ _ Hr E). rewrite Rabs_mult in *. lra.
Qed.

(** A buffer whose inputs p~ are off by e: the exact buffer of p~ lies e / (1 - mu) off, and from
    that the computed one drifts. *)
Theorem buffer_of_inputs_drift u eta rnd mu mut P e (v vt p pt : nat -> R) :
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let V := (P + e) / (1 - mu) in
  rounding u eta rnd ->
  0 <= mu -> mu * (1 + K) < 1 ->
  Rabs (mut - mu) <= kappa * u * mu ->
  (forall t, Rabs (p t) <= P) -> (forall t, Rabs (pt t - p t) <= e) ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t + p t) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = rnd (mut * vt t + pt t)) ->
  forall t, Rabs (vt t - v t)
            <= (K * mu * V + u * (P + e) + eta) / (1 - mu * (1 + K)) + e / (1 - mu).
Proof.
  intros K V Hr Hmu HK Hmut HP He H0 Hv Ht0 Hvt t.
  assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (KU : 0 <= kappa * u) by (generalize kappa_pos; nra).
  assert (K0 : 0 <= K) by (unfold K; nra).
  assert (mu1 : 0 <= mu < 1) by nra.
  assert (P0 : 0 <= P) by (generalize (Rabs_pos (p 0%nat)) (HP 0%nat); lra).
  assert (e0 : 0 <= e) by (generalize (Rabs_pos (pt 0%nat - p 0%nat)) (He 0%nat); lra).
  assert (inverse : 0 <= / (1 - mu)) by (apply Rlt_le, Rinv_0_lt_compat; lra).
  set (x := fix x t := match t with O => 0 | S t => mu * x t + pt t end).
  assert (inputs : forall t, Rabs (pt t) <= P + e) by (intros i; now apply Rabs_near with (p i)).
  replace (vt t - v t) with ((vt t - x t) + (x t - v t)) by ring.
  apply Rabs_plus.
  - replace (K * mu * V + u * (P + e) + eta)
      with (u * (mu + kappa * u * mu) * V + kappa * u * mu * V + u * (P + e) + eta)
      by (unfold K; ring).
    replace (1 - mu * (1 + K)) with (1 - mu - u * (mu + kappa * u * mu) - kappa * u * mu)
      by (unfold K; ring).
    apply (contractive_drift mu mut (kappa * u * mu) u u eta V (P + e) x vt pt);
      try assumption; try easy.
    + replace (1 - mu - u * (mu + kappa * u * mu) - kappa * u * mu) with (1 - mu * (1 + K))
        by (unfold K; ring); lra.
    + apply (contractive_range mu V (P + e) x pt); try easy.
      simpl; rewrite Rabs_R0; unfold V; apply Rmult_le_pos; lra.
    + intros i; rewrite Hvt; eapply Rle_trans; [apply (error_bound _ _ _ Hr)|].
      assert (u * Rabs (mut * vt i + pt i) <= u * (Rabs (mut * vt i) + Rabs (pt i)))
        by (apply Rmult_le_compat_l; [exact U|apply Rabs_triang]).
      lra.
  - apply (contractive_range mu (e / (1 - mu)) e (fun t => x t - v t) (fun t => pt t - p t));
      try easy.
    + simpl; rewrite H0, Rminus_diag_eq, Rabs_R0 by reflexivity; apply Rmult_le_pos; assumption.
    + intros i; simpl; rewrite Hv; ring.
Qed.
