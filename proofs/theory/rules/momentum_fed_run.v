(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum, and so of Nesterov's forms, with weight decay in the gradient: how far
   theta drifts, with gradients that are given. The decayed gradient h = g + lambda theta feeds
   theta's error back.

   The lanes differ in what moves theta: v' = m v + c h, theta' = theta + w, where |c| is at most A
   and |w| at most p |v'| + q |h|. The coefficients may change from step to step, so that the first
   buffer may be the gradient; mu bounds the momentum, Theta the exact theta, G the gradients. Then
   h is at most D = lambda Theta + G ([fed_gradient]), the buffer at most V = A D / (1 - mu)
   ([fed_buffer]).

   Results, underflow included, for T steps:
   - [fed_run]: theta is off by at most [fed_drift], which grows as t z^t, z being a little more
     than 1 + (p A + q) lambda / (1 - mu);
   - [fed_theta_at_most]: the exact theta is at most [fed_top], which grows alike;
   - [fed_stored]: no stored number is larger than this;
   - [fed_top_from], [fed_drift_from], [fed_peak_from]: from a larger theta_0 and for a larger Theta
     these are at least as large. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Runs DecayedGradients.
From Truestep Require Import momentum_run momentum_decay_run nag_look_ahead_run.
Open Scope string_scope.
Open Scope R_scope.

Definition fed_gradient (lambda Theta G : R) : R := lambda * Theta + G.
Definition fed_buffer (mu A lambda Theta G : R) : R :=
  buffer_top mu (A * fed_gradient lambda Theta G).

(* How far a decayed gradient is off: what theta's error makes of it, and the rest. *)
Definition returned (u lambda : R) : R := (1 + u) * (lambda * (1 + kappa * u)).
Definition formed_error (u eta lambda Theta G : R) : R :=
  (1 + u) * (lambda * (kappa * u * Theta)) + u * fed_gradient lambda Theta G + eta.

(* What rounding adds to two products of sizes x and y and their sum. *)
Definition sum_local (u eta x y : R) : R := product_growth u * (x + y) + (3 + 2 * u) * eta.

Definition fed_feedback (u A p q lambda : R) : R :=
  (1 + product_growth u) * (p * (A * ((1 + product_growth u) * returned u lambda))
                            + q * returned u lambda).
Definition fed_buffer_local (u eta mu A lambda Theta G e : R) : R :=
  let V := fed_buffer mu A lambda Theta G in
  sum_local u eta (mu * V) (A * fed_gradient lambda Theta G)
  + A * ((1 + product_growth u) * e).
Definition fed_move_error (u eta mu A p q lambda Theta G e d : R) : R :=
  sum_local u eta (p * fed_buffer mu A lambda Theta G) (q * fed_gradient lambda Theta G)
  + (1 + product_growth u) * (p * e + q * d).
Definition fed_local (u eta mu A p q lambda Theta G : R) : R :=
  let y := formed_error u eta lambda Theta G in
  fed_move_error u eta mu A p q lambda Theta G
    (fed_buffer_local u eta mu A lambda Theta G y) y.
Definition fed_drift (u eta mu A p q lambda G Theta : R) (t : nat) : R :=
  fed_back_drift u (mu * (1 + product_growth u)) (fed_feedback u A p q lambda)
    (fed_local u eta mu A p q lambda Theta G) (u * Theta + eta) t.

(* In T steps: how far a decayed gradient and the buffer are off, and the largest number. *)
Definition fed_gradient_error (u eta mu A p q lambda G Theta : R) (T : nat) : R :=
  returned u lambda * fed_drift u eta mu A p q lambda G Theta T
  + formed_error u eta lambda Theta G.
Definition fed_buffer_error (u eta mu A p q lambda G Theta : R) (T : nat) : R :=
  fed_buffer_local u eta mu A lambda Theta G (fed_gradient_error u eta mu A p q lambda G Theta T)
  / (1 - mu * (1 + product_growth u)).
Definition fed_move (u eta mu A p q lambda G Theta : R) (T : nat) : R :=
  p * fed_buffer mu A lambda Theta G + q * fed_gradient lambda Theta G
  + fed_move_error u eta mu A p q lambda Theta G
      (fed_buffer_error u eta mu A p q lambda G Theta T)
      (fed_gradient_error u eta mu A p q lambda G Theta T).
Definition fed_peak (u eta mu A p q lambda G Theta : R) (T : nat) : R :=
  let h := fed_gradient lambda Theta G + fed_gradient_error u eta mu A p q lambda G Theta T in
  let v := fed_buffer mu A lambda Theta G + fed_buffer_error u eta mu A p q lambda G Theta T in
  4 * (v + A * h + p * v + q * h) + 2 + h + fed_move u eta mu A p q lambda G Theta T
  + Theta + fed_drift u eta mu A p q lambda G Theta T.

(* The exact theta. *)
Definition fed_top (mu A p q lambda G theta0 : R) (T : nat) : R :=
  theta0 + fed_back_drift 0 mu ((p * A + q) * lambda) ((p * A + q) * (lambda * theta0 + G)) 0 T.

(* From a larger theta_0, and for a larger bound of theta, all of this is at least as large: so one
   bound does for all parameters. *)

Section From.

Variables (u eta mu A p q lambda G : R).
Hypothesis U : 0 <= u.
Hypothesis M : 0 <= mu.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis nonnegative : 0 <= A /\ 0 <= p /\ 0 <= q /\ 0 <= lambda.

Let K := product_growth u.

Lemma from_ranges : 0 <= K /\ mu < 1 /\ 0 < / (1 - mu) /\ 0 < / (1 - mu * (1 + K)).
Proof.
  assert (P := product_growth_at_least_0 u U). fold K in P, HK.
  assert (mu < 1) by nra. repeat split; try lra; apply Rinv_0_lt_compat; lra.
Qed.

Lemma fed_back_drift_from a b c c' d d' t :
  a < 1 -> 0 <= b -> c <= c' -> d <= d' ->
  fed_back_drift u a b c d t <= fed_back_drift u a b c' d' t.
Proof.
  intros HA B C D. unfold fed_back_drift.
  assert (I : 0 < / (1 - a)) by (apply Rinv_0_lt_compat; lra).
  assert (ba : 0 <= b / (1 - a)) by (apply Rmult_le_pos; lra).
  apply Rmult_le_compat_l.
  - apply Rmult_le_pos; [apply pos_INR | apply pow_le]. unfold fed_back_growth.
    apply Rmult_le_pos; lra.
  - apply Rplus_le_compat; [| exact D]. apply Rmult_le_compat_l; [lra |].
    apply Rmult_le_compat_r; lra.
Qed.

Theorem fed_top_from x y T :
  x <= y -> fed_top mu A p q lambda G x T <= fed_top mu A p q lambda G y T.
Proof.
  intro H. destruct from_ranges as (_ & M1 & I & _). destruct nonnegative as (A0 & P & Q & L).
  assert (pA : 0 <= p * A) by now apply Rmult_le_pos. unfold fed_top.
  set (g := p * A + q). assert (g0 : 0 <= g) by (unfold g; lra).
  apply Rplus_le_compat; [exact H |]. unfold fed_back_drift. apply Rmult_le_compat_l.
  - apply Rmult_le_pos; [apply pos_INR | apply pow_le]. unfold fed_back_growth.
    assert (0 <= g * lambda / (1 - mu))
      by (apply Rmult_le_pos; [now apply Rmult_le_pos | lra]). lra.
  - apply Rplus_le_compat_r. apply Rmult_le_compat_l; [lra |]. apply Rmult_le_compat_r; [lra |].
    apply Rmult_le_compat_l; [exact g0 |]. apply Rplus_le_compat_r. now apply Rmult_le_compat_l.
Qed.

Lemma fed_gradient_from x y :
  x <= y -> fed_gradient lambda x G <= fed_gradient lambda y G.
Proof. intro H. apply Rplus_le_compat_r, Rmult_le_compat_l; [apply nonnegative | exact H]. Qed.

Lemma fed_buffer_from x y :
  x <= y -> fed_buffer mu A lambda x G <= fed_buffer mu A lambda y G.
Proof.
  intro H. destruct from_ranges as (_ & M1 & I & _). apply Rmult_le_compat_r; [lra |].
  apply Rmult_le_compat_l; [apply nonnegative | now apply fed_gradient_from].
Qed.

Lemma formed_error_from x y :
  x <= y -> formed_error u eta lambda x G <= formed_error u eta lambda y G.
Proof.
  intro H. assert (C := kappa_pos). assert (k0 : 0 <= kappa * u) by (apply Rmult_le_pos; lra).
  apply Rplus_le_compat_r, Rplus_le_compat.
  - apply Rmult_le_compat_l; [lra |]. apply Rmult_le_compat_l; [apply nonnegative |].
    now apply Rmult_le_compat_l.
  - apply Rmult_le_compat_l; [exact U | now apply fed_gradient_from].
Qed.

Lemma sum_local_from a b a' b' :
  a <= a' -> b <= b' -> sum_local u eta a b <= sum_local u eta a' b'.
Proof.
  intros HA HB. destruct from_ranges as (K0 & _).
  apply Rplus_le_compat_r, Rmult_le_compat_l; [exact K0 | lra].
Qed.

Lemma fed_buffer_local_from x y e e' :
  x <= y -> e <= e' ->
  fed_buffer_local u eta mu A lambda x G e <= fed_buffer_local u eta mu A lambda y G e'.
Proof.
  intros H E. destruct from_ranges as (K0 & _). assert (A0 := proj1 nonnegative).
  apply Rplus_le_compat.
  - apply sum_local_from; apply Rmult_le_compat_l; auto; [now apply fed_buffer_from |].
    now apply fed_gradient_from.
  - apply Rmult_le_compat_l; [exact A0 |]. apply Rmult_le_compat_l; [fold K; lra | exact E].
Qed.

Lemma fed_move_error_from x y e e' d d' :
  x <= y -> e <= e' -> d <= d' ->
  fed_move_error u eta mu A p q lambda x G e d <= fed_move_error u eta mu A p q lambda y G e' d'.
Proof.
  intros H E D. destruct from_ranges as (K0 & _). destruct nonnegative as (A0 & P & Q & L).
  apply Rplus_le_compat.
  - apply sum_local_from; apply Rmult_le_compat_l; auto; [now apply fed_buffer_from |].
    now apply fed_gradient_from.
  - apply Rmult_le_compat_l; [fold K; lra |].
    apply Rplus_le_compat; now apply Rmult_le_compat_l.
Qed.

Lemma returned_at_least_0 : 0 <= returned u lambda.
Proof.
  assert (C := kappa_pos). assert (k0 : 0 <= kappa * u) by (apply Rmult_le_pos; lra).
  apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [apply nonnegative | lra].
Qed.

Theorem fed_drift_from x y t :
  x <= y -> fed_drift u eta mu A p q lambda G x t <= fed_drift u eta mu A p q lambda G y t.
Proof.
  intro H. destruct from_ranges as (K0 & _). destruct nonnegative as (A0 & P & Q & L).
  assert (R0 := returned_at_least_0). apply fed_back_drift_from; [exact HK | | |].
  - unfold fed_feedback. fold K. set (x' := returned u lambda) in *.
    assert (X1 : 0 <= (1 + K) * x') by (apply Rmult_le_pos; lra).
    assert (X2 : 0 <= A * ((1 + K) * x')) by now apply Rmult_le_pos.
    assert (X3 : 0 <= p * (A * ((1 + K) * x'))) by now apply Rmult_le_pos.
    assert (X4 : 0 <= q * x') by now apply Rmult_le_pos. apply Rmult_le_pos; lra.
  - assert (F := formed_error_from x y H).
    apply fed_move_error_from; auto. now apply fed_buffer_local_from.
  - apply Rplus_le_compat_r. now apply Rmult_le_compat_l.
Qed.

Theorem fed_peak_from x y T :
  x <= y -> fed_peak u eta mu A p q lambda G x T <= fed_peak u eta mu A p q lambda G y T.
Proof.
  intro H. destruct from_ranges as (K0 & _ & _ & I). destruct nonnegative as (A0 & P & Q & L).
  assert (R0 := returned_at_least_0).
  assert (D := fed_gradient_from x y H). assert (V := fed_buffer_from x y H).
  assert (drift := fed_drift_from x y T H).
  assert (d : fed_gradient_error u eta mu A p q lambda G x T
              <= fed_gradient_error u eta mu A p q lambda G y T)
    by (apply Rplus_le_compat; [now apply Rmult_le_compat_l | now apply formed_error_from]).
  assert (e : fed_buffer_error u eta mu A p q lambda G x T
              <= fed_buffer_error u eta mu A p q lambda G y T)
    by (apply Rmult_le_compat_r; [fold K; lra | now apply fed_buffer_local_from]).
  assert (m := fed_move_error_from x y _ _ _ _ H e d). unfold fed_peak, fed_move. cbv zeta.
  set (d1 := fed_gradient_error _ _ _ _ _ _ _ _ x _) in *.
  set (d2 := fed_gradient_error _ _ _ _ _ _ _ _ y _) in *.
  set (e1 := fed_buffer_error _ _ _ _ _ _ _ _ x _) in *.
  set (e2 := fed_buffer_error _ _ _ _ _ _ _ _ y _) in *.
  set (D1 := fed_gradient lambda x G) in *. set (D2 := fed_gradient lambda y G) in *.
  set (V1 := fed_buffer _ _ _ x _) in *. set (V2 := fed_buffer _ _ _ y _) in *.
  assert (A * (D1 + d1) <= A * (D2 + d2)) by (apply Rmult_le_compat_l; lra).
  assert (p * (V1 + e1) <= p * (V2 + e2)) by (apply Rmult_le_compat_l; lra).
  assert (q * (D1 + d1) <= q * (D2 + d2)) by (apply Rmult_le_compat_l; lra).
  assert (p * V1 <= p * V2) by (apply Rmult_le_compat_l; lra).
  assert (q * D1 <= q * D2) by (apply Rmult_le_compat_l; lra). lra.
Qed.

End From.

Section Fed.

Variables (u eta mu A p q lambda wd G Theta : R) (rnd : R -> R) (f r : run) (T : nat).
Variables (c pushed w wt : nat -> R).
Let h t := r t "weight_decay" * r t "theta" + r t "gradient".
Let ht t := rnd (f t "weight_decay" * f t "theta" + f t "gradient").
Let D := fed_gradient lambda Theta G.
Let V := fed_buffer mu A lambda Theta G.
Let K := product_growth u.

Hypothesis Hr : rounding u eta rnd.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hmu : coefficient_within u mu "momentum" f r.
Hypothesis Hl : constant_within u lambda wd "weight_decay" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis Hc : forall t, Rabs (c t) <= A.
Hypothesis Hpushed : forall t, Rabs (pushed t - c t * ht t)
  <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs (c t) * Rabs (ht t)) + eta.
Hypothesis v0 : r O "v" = 0.
Hypothesis vt0 : f O "v" = 0.
Hypothesis exact_v : forall t, r (S t) "v" = r t "momentum" * r t "v" + c t * h t.
Hypothesis stored_v : forall t,
  f (S t) "v" = rnd (rnd (f t "momentum" * f t "v") + pushed t).
Hypothesis exact_theta : forall t, r (S t) "theta" = r t "theta" + w t.
Hypothesis stored_theta : forall t, f (S t) "theta" = rnd (f t "theta" + wt t).
Hypothesis Hp : 0 <= p.
Hypothesis Hq : 0 <= q.
Hypothesis move_at_most : forall t, Rabs (w t) <= p * Rabs (r (S t) "v") + q * Rabs (h t).

Lemma fed_ranges : 0 <= mu < 1 /\ 0 <= A /\ 0 <= lambda /\ 0 <= G /\ 0 <= K.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (P := product_growth_at_least_0 u U). fold K in P, HK.
  assert (M := proj1 (Hmu O)). assert (M0 := Rabs_pos (r O "momentum")).
  assert (A0 := Rabs_pos (c O)). assert (A1 := Hc O).
  assert (L := proj1 (proj2 Hl)). assert (G1 := proj2 (HG O)).
  assert (G0 := Rabs_pos (r O "gradient")).
  repeat split; try lra. nra.
Qed.

Fixpoint path (t : nat) : R := match t with O => 0 | S t => path t + Rabs (w t) end.

Lemma path_at_least t : 0 <= path t /\ Rabs (r t "theta") <= Rabs (r O "theta") + path t.
Proof.
  induction t as [| t [P IH]]; simpl; [lra |]. assert (W := Rabs_pos (w t)).
  split; [lra |]. rewrite exact_theta. generalize (Rabs_triang (r t "theta") (w t)). lra.
Qed.

Lemma formed_at_most t X :
  Rabs (r t "theta") <= X -> Rabs (h t) <= lambda * X + G.
Proof.
  intro H. unfold h. rewrite (proj1 (proj1 Hl t)). apply Rabs_plus; [| apply HG].
  apply Rabs_times; [| exact H]. rewrite Rabs_pos_eq by apply Hl. apply Rle_refl.
Qed.

Theorem fed_theta_at_most t : (t <= T)%nat ->
  Rabs (r t "theta") <= fed_top mu A p q lambda G (Rabs (r O "theta")) T.
Proof.
  intro Ht. destruct fed_ranges as (M & A0 & L & G0 & _). assert (R0 := Rabs_pos (r O "theta")).
  set (theta0 := Rabs (r O "theta")) in *. unfold fed_top.
  set (g := p * A + q). assert (pA : 0 <= p * A) by now apply Rmult_le_pos.
  assert (g0 : 0 <= g) by (unfold g; lra).
  assert (lt : 0 <= lambda * theta0) by now apply Rmult_le_pos.
  assert (b0 : 0 <= g * lambda) by now apply Rmult_le_pos.
  assert (c0 : 0 <= g * (lambda * theta0 + G)) by (apply Rmult_le_pos; lra).
  set (step t := match t with
    | O => 0
    | S t => p * Rabs (r (S t) "v") + q * (lambda * (theta0 + path t) + G) end).
  assert (gradient : forall i, 0 <= lambda * (theta0 + path i) + G).
  { intro i. destruct (path_at_least i) as [P _].
    assert (0 <= lambda * (theta0 + path i)) by (apply Rmult_le_pos; lra). lra. }
  assert (buffer : forall i, p * Rabs (r i "v") <= step i).
  { intros [| i]; simpl; [rewrite v0, Rabs_R0; lra |].
    generalize (Rmult_le_pos _ _ Hq (gradient i)). lra. }
  assert (F := fed_back_until 0 mu (g * lambda) (g * (lambda * theta0 + G)) 0 T step path
    (Rle_refl 0) M b0 c0 (Rle_refl 0) eq_refl eq_refl).
  apply Rle_trans with (theta0 + path t); [apply path_at_least |]. apply Rplus_le_compat_l.
  eapply Rle_trans; [apply F with (t := t); [..| exact Ht] |].
  - intro i. split; [| apply path_at_least]. eapply Rle_trans; [| apply buffer].
    apply Rmult_le_pos; [exact Hp | apply Rabs_pos].
  - intros i _. cbn [step].
    assert (H := formed_at_most i (theta0 + path i) (proj2 (path_at_least i))).
    assert (Vs : Rabs (r (S i) "v") <= mu * Rabs (r i "v") + A * (lambda * (theta0 + path i) + G)).
    { rewrite exact_v. apply Rabs_plus; rewrite Rabs_mult.
      - apply Rmult_le_compat_r; [apply Rabs_pos | apply Hmu].
      - apply Rmult_le_compat; auto using Rabs_pos. }
    apply Rmult_le_compat_l with (r := p) in Vs; [| exact Hp].
    assert (B := Rmult_le_compat_l mu _ _ (proj1 M) (buffer i)).
    unfold g. lra.
  - intros i _. cbn [step path]. assert (W := move_at_most i).
    assert (H := formed_at_most i (theta0 + path i) (proj2 (path_at_least i))).
    apply Rmult_le_compat_l with (r := q) in H; [| exact Hq]. lra.
  - apply fed_back_drift_grows; auto; lra.
Qed.

Hypothesis HTheta : forall t, (t <= T)%nat -> Rabs (r t "theta") <= Theta.

Lemma fed_sizes : 0 <= Theta /\ 0 <= D /\ 0 <= V /\ mu * V + A * D = V.
Proof.
  destruct fed_ranges as (M & A0 & L & G0 & _).
  assert (T0 : 0 <= Theta) by (generalize (Rabs_pos (r O "theta")) (HTheta O ltac:(lia)); lra).
  assert (D0 : 0 <= D).
  { unfold D, fed_gradient. assert (0 <= lambda * Theta) by now apply Rmult_le_pos. lra. }
  assert (AD : 0 <= A * D) by now apply Rmult_le_pos.
  repeat split; try easy.
  - apply Rmult_le_pos; [exact AD |]. apply Rlt_le, Rinv_0_lt_compat. lra.
  - unfold V, fed_buffer, buffer_top. fold D. field. lra.
Qed.

Lemma fed_h_at_most t : (t <= T)%nat -> Rabs (h t) <= D.
Proof. intro Ht. apply formed_at_most. now apply HTheta. Qed.

Lemma fed_v_at_most t : (t <= S T)%nat -> Rabs (r t "v") <= V.
Proof.
  destruct fed_sizes as (_ & D0 & V0 & fixed). induction t as [| t IH]; intro Ht.
  - rewrite v0, Rabs_R0. exact V0.
  - rewrite exact_v, <- fixed. apply Rabs_plus; apply Rabs_times; auto.
    + apply Hmu.
    + apply IH. lia.
    + apply fed_h_at_most. lia.
Qed.

Let e t := Rabs (f t "v" - r t "v").
Let E t := Rabs (f t "theta" - r t "theta").
Let d t := Rabs (ht t - h t).
Let x := returned u lambda.
Let y := formed_error u eta lambda Theta G.

Lemma fed_constants : 0 <= x /\ 0 <= y /\ 0 <= (3 + 2 * u) * eta.
Proof.
  destruct fed_ranges as (_ & _ & L & _). destruct fed_sizes as (T0 & D0 & _).
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (C := kappa_pos).
  assert (k0 : 0 <= kappa * u) by (apply Rmult_le_pos; lra).
  repeat split.
  - unfold x, returned. repeat apply Rmult_le_pos; lra.
  - unfold y, formed_error. fold D. assert (0 <= u * D) by now apply Rmult_le_pos.
    assert (0 <= (1 + u) * (lambda * (kappa * u * Theta))) by (repeat apply Rmult_le_pos; lra). lra.
  - apply Rmult_le_pos; lra.
Qed.

Lemma fed_formed_near t : (t <= T)%nat -> d t <= x * E t + y.
Proof.
  intro Ht. assert (U := u_nonneg _ _ _ Hr). assert (C := kappa_pos).
  assert (k0 : 0 <= kappa * u) by (apply Rmult_le_pos; lra). destruct Hl as (same & L & W).
  assert (F := formed_near u eta rnd (kappa * u) lambda wd (r t "gradient") (r t "theta")
    (f t "theta") (E t) Theta G Hr k0 L W (proj2 (HG t)) (HTheta t Ht) (Rle_refl _)).
  unfold d, h, ht. rewrite (proj1 (same t)), (proj2 (same t)), (proj1 (HG t)).
  rewrite (Rplus_comm (lambda * _)). eapply Rle_trans; [exact F |]. right.
  unfold x, returned, y, formed_error, fed_gradient. ring.
Qed.

Lemma fed_v_near t : (t <= T)%nat ->
  e (S t) <= mu * (1 + K) * e t + sum_local u eta (mu * V) (A * D) + A * ((1 + K) * d t).
Proof.
  intro Ht. destruct fed_ranges as (M & A0 & L & G0 & K0). destruct fed_sizes as (T0 & D0 & V0 & _).
  unfold e at 1. rewrite exact_v, stored_v. destruct (Hmu t) as [Mt Wt].
  assert (X := signed_product_error u eta rnd _ _ (f t "v") Hr Wt).
  assert (Q := products_near _ _ _ _ _ _ _ _ _ _ _ (e t) (d t) _ _ Hr X (Hpushed t)
    (Rle_refl _) (Rle_refl _) (fed_v_at_most t ltac:(lia)) (fed_h_at_most t Ht)).
  eapply Rle_trans; [exact Q |]. fold K. unfold sum_local. fold K.
  assert (e0 : 0 <= e t) by apply Rabs_pos. assert (d0 : 0 <= d t) by apply Rabs_pos.
  assert (a1 : Rabs (r t "momentum") * V <= mu * V) by now apply Rmult_le_compat_r.
  assert (a2 : Rabs (c t) * D <= A * D) by (apply Rmult_le_compat_r; auto).
  assert (a3 : Rabs (r t "momentum") * e t <= mu * e t) by now apply Rmult_le_compat_r.
  assert (a4 : Rabs (c t) * d t <= A * d t) by (apply Rmult_le_compat_r; auto).
  assert (K * (Rabs (r t "momentum") * V + Rabs (c t) * D) <= K * (mu * V + A * D))
    by (apply Rmult_le_compat_l; lra).
  assert ((1 + K) * (Rabs (r t "momentum") * e t + Rabs (c t) * d t)
          <= (1 + K) * (mu * e t + A * d t)) by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

Hypothesis move_near : forall t, (t < T)%nat -> Rabs (wt t - w t)
  <= sum_local u eta (p * V) (q * D) + (1 + product_growth u) * (p * e (S t) + q * d t).

Lemma fed_buffer_local_at_least_0 : 0 <= sum_local u eta (mu * V) (A * D).
Proof.
  destruct fed_ranges as (M & A0 & _ & _ & K0). destruct fed_sizes as (_ & D0 & V0 & _).
  assert (mV : 0 <= mu * V) by (apply Rmult_le_pos; lra).
  assert (AD : 0 <= A * D) by now apply Rmult_le_pos. destruct fed_constants as (_ & _ & n0).
  unfold sum_local. fold K. generalize (Rmult_le_pos K (mu * V + A * D) K0 ltac:(lra)). lra.
Qed.

Lemma fed_move_local_at_least_0 : 0 <= sum_local u eta (p * V) (q * D).
Proof.
  destruct fed_ranges as (_ & _ & _ & _ & K0). destruct fed_sizes as (_ & D0 & V0 & _).
  assert (pV : 0 <= p * V) by now apply Rmult_le_pos.
  assert (qD : 0 <= q * D) by now apply Rmult_le_pos. destruct fed_constants as (_ & _ & n0).
  unfold sum_local. fold K. generalize (Rmult_le_pos K (p * V + q * D) K0 ltac:(lra)). lra.
Qed.

Lemma fed_feedback_at_least_0 : 0 <= fed_feedback u A p q lambda.
Proof.
  destruct fed_ranges as (_ & A0 & _ & _ & K0). destruct fed_constants as (x0 & _).
  assert (qx : 0 <= q * x) by now apply Rmult_le_pos.
  assert (pAx : 0 <= p * (A * ((1 + K) * x)))
    by (apply Rmult_le_pos; [exact Hp |]; apply Rmult_le_pos; [exact A0 |];
        apply Rmult_le_pos; [lra | exact x0]).
  unfold fed_feedback. fold K x. apply Rmult_le_pos; lra.
Qed.

Lemma fed_local_at_least_0 : 0 <= fed_local u eta mu A p q lambda Theta G.
Proof.
  destruct fed_ranges as (_ & A0 & _ & _ & K0). destruct fed_constants as (_ & y0 & _).
  assert (lb := fed_buffer_local_at_least_0). assert (lm := fed_move_local_at_least_0).
  assert (qy : 0 <= q * y) by now apply Rmult_le_pos.
  assert (Ay : 0 <= A * ((1 + K) * y)) by (apply Rmult_le_pos; [| apply Rmult_le_pos]; lra).
  assert (pl : 0 <= p * (sum_local u eta (mu * V) (A * D) + A * ((1 + K) * y)))
    by (apply Rmult_le_pos; lra).
  unfold fed_local, fed_move_error, fed_buffer_local. fold K D V y.
  generalize (Rmult_le_pos (1 + K)
    (p * (sum_local u eta (mu * V) (A * D) + A * ((1 + K) * y)) + q * y) ltac:(lra) ltac:(lra)).
    lra.
Qed.

Theorem fed_run t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta") <= fed_drift u eta mu A p q lambda G Theta t.
Proof.
  destruct fed_ranges as (M & A0 & L & G0 & K0). destruct fed_sizes as (T0 & D0 & V0 & _).
  destruct fed_constants as (x0 & y0 & n0). assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr). fold K in HK.
  assert (lm := fed_move_local_at_least_0).
  assert (mp : 0 <= mu * (1 + K)) by (apply Rmult_le_pos; lra).
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  set (step t := match t with
    | O => 0
    | S t => sum_local u eta (p * V) (q * D) + (1 + K) * (p * e (S t) + q * (x * E t + y)) end).
  assert (e0 : forall i, 0 <= e i) by (intro; apply Rabs_pos).
  assert (E0 : forall i, 0 <= E i) by (intro; apply Rabs_pos).
  assert (back : forall i, 0 <= q * (x * E i + y)).
  { intro i. apply Rmult_le_pos; [exact Hq |]. generalize (Rmult_le_pos _ _ x0 (E0 i)). lra. }
  assert (pe : forall i, 0 <= p * e i) by (intro i; apply Rmult_le_pos; auto).
  assert (buffer : forall i, (1 + K) * (p * e i) <= step i).
  { intros [| i]; simpl.
    - unfold e. rewrite v0, vt0, Rminus_diag_eq, Rabs_R0 by easy. lra.
    - assert (0 <= (1 + K) * (q * (x * E i + y))) by (apply Rmult_le_pos; [lra | apply back]). lra.
    }
  assert (step0 : forall i, 0 <= step i).
  { intro i. eapply Rle_trans; [| apply buffer]. apply Rmult_le_pos; [lra | apply pe]. }
  apply (fed_back_until u (mu * (1 + K)) (fed_feedback u A p q lambda)
    (fed_local u eta mu A p q lambda Theta G) (u * Theta + eta) T step E); auto.
  - apply fed_feedback_at_least_0.
  - apply fed_local_at_least_0.
  - lra.
  - unfold E. rewrite Hstart, Rminus_diag_eq, Rabs_R0; reflexivity.
  - intros i Hi. cbn [step].
    assert (near := fed_v_near i ltac:(lia)). assert (form := fed_formed_near i ltac:(lia)).
    assert (Ad : A * ((1 + K) * d i) <= A * ((1 + K) * (x * E i + y)))
      by (apply Rmult_le_compat_l; [easy |]; apply Rmult_le_compat_l; lra).
    assert (next : e (S i) <= mu * (1 + K) * e i + sum_local u eta (mu * V) (A * D)
      + A * ((1 + K) * (x * E i + y))) by lra.
    apply Rmult_le_compat_l with (r := p) in next; [| exact Hp].
    assert (B := Rmult_le_compat_l _ _ _ mp (buffer i)).
    apply Rmult_le_compat_l with (r := 1 + K) in next; [| lra].
    unfold fed_feedback, fed_local, fed_move_error, fed_buffer_local. fold K D V x y. lra.
  - intros i Hi. unfold E at 1. rewrite exact_theta, stored_theta.
    assert (near := move_near i Hi). assert (form := fed_formed_near i ltac:(lia)).
    assert (qd : q * d i <= q * (x * E i + y)) by now apply Rmult_le_compat_l.
    assert (W : Rabs (wt i - w i) <= step (S i)).
    { eapply Rle_trans; [exact near |]. cbn [step]. fold K. apply Rplus_le_compat_l.
      apply Rmult_le_compat_l; lra. }
    assert (S := Rabs_plus _ _ _ _ (Rle_refl (Rabs (f i "theta" - r i "theta"))) W).
    replace (f i "theta" - r i "theta" + (wt i - w i))
      with (f i "theta" + wt i - (r i "theta" + w i)) in S by ring.
    apply (rounded_error_bounds u eta rnd _ _ _ Theta Hr) in S;
      [| rewrite <- exact_theta; apply HTheta; lia].
    fold (E i) in S. unfold rounded_error in S. lra.
Qed.

(* What is stored in T steps. *)

Lemma fed_drift_grows t : (t <= T)%nat ->
  0 <= fed_drift u eta mu A p q lambda G Theta t <= fed_drift u eta mu A p q lambda G Theta T.
Proof.
  intro Ht. destruct fed_ranges as (M & A0 & L & G0 & K0).
  destruct fed_sizes as (T0 & D0 & V0 & _). destruct fed_constants as (x0 & y0 & n0).
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). fold K in HK.
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  apply fed_back_drift_grows; try exact Ht; try lra.
  - split; [apply Rmult_le_pos; fold K; lra | exact HK].
  - apply fed_feedback_at_least_0.
  - apply fed_local_at_least_0.
Qed.

Let dT := fed_gradient_error u eta mu A p q lambda G Theta T.
Let eT := fed_buffer_error u eta mu A p q lambda G Theta T.

Lemma fed_d_at_most t : (t <= T)%nat -> d t <= dT.
Proof.
  intro Ht. destruct fed_constants as (x0 & y0 & n0).
  eapply Rle_trans; [now apply fed_formed_near |].
  apply Rplus_le_compat_r. apply Rmult_le_compat_l; [exact x0 |].
  eapply Rle_trans; [now apply fed_run | now apply fed_drift_grows].
Qed.

Lemma fed_e_at_most t : (t <= T)%nat -> e t <= eT.
Proof.
  destruct fed_ranges as (M & A0 & L & G0 & K0). destruct fed_sizes as (T0 & D0 & V0 & _).
  fold K in HK. assert (mp : 0 <= mu * (1 + K)) by (apply Rmult_le_pos; lra).
  assert (dT0 : 0 <= dT) by (eapply Rle_trans; [apply Rabs_pos | apply (fed_d_at_most O); lia]).
  set (l := fed_buffer_local u eta mu A lambda Theta G dT).
  assert (AdT : 0 <= A * ((1 + K) * dT)) by (apply Rmult_le_pos; [| apply Rmult_le_pos]; lra).
  assert (l0 : 0 <= l).
  { unfold l, fed_buffer_local. fold D V K. generalize fed_buffer_local_at_least_0. lra. }
  assert (fixed : eT = mu * (1 + K) * eT + l) by (unfold eT, fed_buffer_error; fold K dT l; field;
    lra).
  assert (eT0 : 0 <= eT)
    by (apply Rmult_le_pos; [exact l0 |]; apply Rlt_le, Rinv_0_lt_compat; fold K; lra).
  induction t as [| t IH]; intro Ht.
  - unfold e. rewrite v0, vt0, Rminus_diag_eq, Rabs_R0 by easy. exact eT0.
  - eapply Rle_trans; [apply fed_v_near; lia |]. rewrite fixed.
    assert (B := Rmult_le_compat_l _ _ _ mp (IH ltac:(lia))).
    assert (A * ((1 + K) * d t) <= A * ((1 + K) * dT)).
    { apply Rmult_le_compat_l; [exact A0 |]. apply Rmult_le_compat_l; [lra |].
      apply fed_d_at_most. lia. }
    unfold l, fed_buffer_local. fold D V K. lra.
Qed.

Theorem fed_stored t : (t <= T)%nat ->
  Rabs (ht t) <= D + dT /\ Rabs (f t "v") <= V + eT
  /\ Rabs (f t "theta") <= Theta + fed_drift u eta mu A p q lambda G Theta T
  /\ ((t < T)%nat -> Rabs (wt t) <= fed_move u eta mu A p q lambda G Theta T).
Proof.
  intro Ht. destruct fed_ranges as (M & A0 & L & G0 & K0).
  split; [| split; [| split]].
  - apply Rabs_near with (h t); [now apply fed_h_at_most | now apply fed_d_at_most].
  - apply Rabs_near with (r t "v"); [apply fed_v_at_most; lia | now apply fed_e_at_most].
  - apply Rabs_near with (r t "theta"); [now apply HTheta |].
    eapply Rle_trans; [now apply fed_run | now apply fed_drift_grows].
  - intro Hi. apply Rabs_near with (w t).
    + eapply Rle_trans; [apply move_at_most |]. fold D V.
      apply Rplus_le_compat; apply Rmult_le_compat_l; auto; [apply fed_v_at_most; lia |].
      now apply fed_h_at_most.
    + eapply Rle_trans; [now apply move_near |]. unfold fed_move_error. fold D V K dT eT.
      apply Rplus_le_compat_l. apply Rmult_le_compat_l; [lra |].
      apply Rplus_le_compat; apply Rmult_le_compat_l; auto; [apply fed_e_at_most; lia |].
      now apply fed_d_at_most.
Qed.

End Fed.
