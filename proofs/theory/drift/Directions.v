(* SPDX-License-Identifier: Apache-2.0 *)
(* How far what is made of quotients by the root of a drifting state drifts itself: Adagrad's mean
   of directions and theta, RMSprop's buffer and theta.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean. Underflow is
   excluded here: eta = 0.

   Such an input is off by at most e, and the recurrence drifts from the exact one over the inputs
   as they come ([buffer_of_inputs_drift], [mean_of_inputs_drift]).
   - [denominator_within], [quotient_error]: what the root of a state, and a quotient by it, are
     off.
   With K = (1 + kappa u) (1 + u) - 1:
   - [adagrad_mean_drift], Adagrad's mean of directions, epsilon inside the root or outside:
       |v~ - v| <= c u (1 + e) / (w - c u) + e after t <= T steps,       c = 2 + u + 2 kappa w,
       e = (1 + u) / a - 1, a = (1 - u)^2 (1 - kappa u) sqrt (2 - (1 + u)^T);
     e is (T / 2 + 4) u and a little, the price of the sum's own drift.
   - [adagrad_theta_drift]: Adagrad's theta has e = ((1 + u) (1 + K) / a - 1) alpha.
   - [rmsprop_buffer_drift], RMSprop's buffer, epsilon in the state, D the bound of s~ by
     [rmsprop_drift], D < epsilon:
       |v~ - v| <= (K mu V + u (P + e)) / (1 - mu (1 + K)) + e / (1 - mu) for all t,
       P = push / sqrt w, V = (P + e) / (1 - mu),
       e = ((1 + u) (1 + K) / ((1 - u) sqrt (1 - D / epsilon)) - 1) P, mainly P D / (2 epsilon).
   - [rmsprop_theta_drift]: without the buffer theta has that e, push being the learning rate. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Expression Rounding Recurrences Means Sums.
Open Scope R_scope.

(** * Within a factor *)

(** x is X within a factor, either way; nothing is negative. *)
Definition within a x X := 0 < a <= 1 /\ 0 <= X /\ a * X <= x /\ a * x <= X.

Lemma within_nonneg a x X : within a x X -> 0 <= x.
Proof. intros (Ha & HX & L & _); nra. Qed.

Lemma within_relative r x X : 0 <= X -> 0 <= r < 1 -> Rabs (x - X) <= r * X -> within (1 - r) x X.
Proof.
  intros HX Hr H; assert (L : - (r * X) <= x - X <= r * X)
    by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  repeat split; try lra; try nra.
Qed.

Lemma within_weaken a b x X : 0 < b <= a -> within a x X -> within b x X.
Proof.
  intros Hb W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  repeat split; try lra; nra.
Qed.

Lemma within_sum a b x X y Y :
  within a x X -> within b y Y -> within (a * b) (x + y) (X + Y).
Proof.
  intros Wx Wy.
  assert (Ha := proj1 Wx); assert (Hb := proj1 Wy).
  assert (P : 0 < a * b <= a /\ a * b <= b) by nra.
  apply (within_weaken a (a * b)) in Wx; [|lra].
  apply (within_weaken b (a * b)) in Wy; [|lra].
  destruct Wx as (_ & HX & L & H), Wy as (_ & HY & L' & H').
  repeat split; lra.
Qed.

Lemma within_root a x X : within a x X -> within (sqrt a) (sqrt x) (sqrt X).
Proof.
  intros W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  repeat split.
  - apply sqrt_lt_R0; lra.
  - rewrite <- sqrt_1; apply sqrt_le_1_alt; lra.
  - apply sqrt_pos.
  - rewrite <- sqrt_mult by lra; apply sqrt_le_1_alt; exact L.
  - rewrite <- sqrt_mult by lra; apply sqrt_le_1_alt; exact H.
Qed.

Lemma within_rounded u rnd a x X :
  rounding u 0 rnd -> u < 1 -> within a x X -> within ((1 - u) * a) (rnd x) X.
Proof.
  intros Hr U1 W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  assert (U := u_nonneg _ _ _ Hr).
  assert (E := error_bound _ _ _ Hr x); rewrite (Rabs_pos_eq x) in E by exact x0.
  assert (D : - (u * x) <= rnd x - x <= u * x)
    by (revert E; unfold Rabs; destruct Rcase_abs; lra).
  repeat split; try nra.
  assert ((1 - u) * rnd x <= (1 - u) * ((1 + u) * x)) by (apply Rmult_le_compat_l; lra).
  assert ((1 - u) * ((1 + u) * x) <= x) by nra.
  assert (a * ((1 - u) * rnd x) <= a * x) by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

(** The two places of epsilon, in the lanes' order. *)
Definition inside (rnd : R -> R) s epsilon := rnd (sqrt (rnd (s + epsilon))).
Definition outside (rnd : R -> R) s epsilon := rnd (rnd (sqrt s) + epsilon).

Lemma inside_of_the_lane rnd f s epsilon :
  rounded rnd f (Sqrt (Add s epsilon)) = inside rnd (rounded rnd f s) (rounded rnd f epsilon).
Proof. reflexivity. Qed.

Lemma outside_of_the_lane rnd f s epsilon :
  rounded rnd f (Add (Sqrt s) epsilon) = outside rnd (rounded rnd f s) (rounded rnd f epsilon).
Proof. reflexivity. Qed.

(** With [id] for the rounding they are the exact denominators. *)
Theorem denominator_within u rnd a epsilon epsilont s st place :
  place = inside \/ place = outside ->
  rounding u 0 rnd -> kappa * u < 1 ->
  0 <= epsilon -> Rabs (epsilont - epsilon) <= kappa * u * epsilon ->
  within a st s ->
  within ((1 - u) ^ 2 * (1 - kappa * u) * sqrt a) (place rnd st epsilont) (place id s epsilon).
Proof.
  intros Hplace Hr KU1 He Hepsilon W.
  assert (U := u_nonneg _ _ _ Hr).
  assert (KU : u <= kappa * u) by (unfold kappa; nra).
  assert (We : within (1 - kappa * u) epsilont epsilon) by (apply within_relative; lra).
  assert (Ha := proj1 W).
  destruct (within_root _ _ _ W) as (Hroot & _).
  set (b := (1 - u) * (1 - kappa * u)).
  assert (Hb : 0 < b <= 1) by (unfold b; split; [apply Rmult_lt_0_compat|]; nra).
  replace ((1 - u) ^ 2 * (1 - kappa * u) * sqrt a) with ((1 - u) * (b * sqrt a))
    by (unfold b; ring).
  assert (Hbroot : 0 < b * sqrt a) by (apply Rmult_lt_0_compat; lra).
  assert (positive : 0 < (1 - u) * (b * sqrt a)) by (apply Rmult_lt_0_compat; lra).
  destruct Hplace as [-> | ->].
  - assert (sum := within_sum _ _ _ _ _ _ W We).
    apply (within_rounded u rnd) in sum; [|exact Hr|lra].
    apply within_root, (within_rounded u rnd) in sum; [|exact Hr|lra].
    refine (within_weaken _ _ _ _ _ sum); split; [exact positive|].
    replace ((1 - u) * (a * (1 - kappa * u))) with (b * a) by (unfold b; ring).
    rewrite sqrt_mult by lra.
    assert (b <= sqrt b).
    { rewrite <- (sqrt_square b) at 1 by lra; apply sqrt_le_1_alt; nra. }
    apply Rmult_le_compat_l; [lra|]; apply Rmult_le_compat_r; lra.
  - apply within_root, (within_rounded u rnd) in W; [|exact Hr|lra].
    assert (sum := within_sum _ _ _ _ _ _ W We).
    apply (within_rounded u rnd) in sum; [|exact Hr|lra].
    refine (within_weaken _ _ _ _ _ sum); split; [exact positive|].
    apply Req_le; unfold b; ring.
Qed.

(** A quotient, its divisor within a factor a, its dividend within relative k. *)
Theorem quotient_error u rnd a k n nt d dt :
  rounding u 0 rnd -> 0 < d -> within a dt d -> Rabs (nt - n) <= k * Rabs n ->
  Rabs (rnd (nt / dt) - n / d) <= ((1 + u) * (1 + k) / a - 1) * Rabs (n / d).
Proof.
  intros Hr Hd (Ha & _ & L & H) Hn.
  assert (U := u_nonneg _ _ _ Hr).
  assert (dt0 : 0 < dt) by nra.
  assert (I : 0 < / d) by now apply Rinv_0_lt_compat.
  assert (J : 0 < / dt) by now apply Rinv_0_lt_compat.
  assert (Ia : 0 < / a) by (apply Rinv_0_lt_compat; lra).
  assert (above : / dt <= / a * / d).
  { rewrite <- Rinv_mult; apply Rinv_le_contravar; [nra|exact L]. }
  assert (below : a * / d <= / dt).
  { apply Rmult_le_reg_r with (d * dt); [now apply Rmult_lt_0_compat|].
    replace (a * / d * (d * dt)) with (a * dt) by (field; lra).
    replace (/ dt * (d * dt)) with d by (field; lra); exact H. }
  assert (1 - a <= / a - 1).
  { assert (a * / a = 1) by (apply Rinv_r; lra); nra. }
  assert ((1 - a) * / d <= (/ a - 1) * / d) by (apply Rmult_le_compat_r; lra).
  assert (spread : Rabs (/ dt - / d) <= (/ a - 1) * / d).
  { unfold Rabs; destruct Rcase_abs; lra. }
  assert (dividend : Rabs nt <= (1 + k) * Rabs n).
  { replace ((1 + k) * Rabs n) with (Rabs n + k * Rabs n) by ring.
    apply Rabs_near with n; [apply Rle_refl|exact Hn]. }
  assert (k0 : 0 <= (1 + k) * Rabs n) by (generalize (Rabs_pos nt); lra).
  replace (Rabs (n / d)) with (Rabs n * / d)
    by (unfold Rdiv; rewrite Rabs_mult, (Rabs_pos_eq (/ d)); lra).
  assert (E : Rabs (nt / dt - n / d) <= k * Rabs n * (/ a * / d) + Rabs n * ((/ a - 1) * / d)).
  { replace (nt / dt - n / d) with ((nt - n) * / dt + n * (/ dt - / d)) by (unfold Rdiv; ring).
    apply Rabs_plus; apply Rabs_times; try assumption; try apply Rle_refl.
    rewrite Rabs_pos_eq; lra. }
  assert (Q : Rabs (nt / dt) <= (1 + k) * Rabs n * (/ a * / d)).
  { apply Rabs_times; [exact dividend|rewrite Rabs_pos_eq; lra]. }
  assert (F := error_bound _ _ _ Hr (nt / dt)).
  replace (rnd (nt / dt) - n / d) with ((rnd (nt / dt) - nt / dt) + (nt / dt - n / d)) by ring.
  eapply Rle_trans; [exact (Rabs_plus _ _ _ _ F E)|].
  assert (u * Rabs (nt / dt) <= u * ((1 + k) * Rabs n * (/ a * / d)))
    by (apply Rmult_le_compat_l; assumption).
  unfold Rdiv; nra.
Qed.

Lemma mean_of_the_lane rnd f w v g d :
  rounded rnd f (Fma w (Div g d) (Decay w v))
  = first_moment rnd (rounded rnd f w) (rounded rnd f v) (rnd (rounded rnd f g / rounded rnd f d)).
Proof. reflexivity. Qed.

Lemma factor_nonneg u k a : 0 <= u -> 0 <= k -> 0 < a <= 1 -> 0 <= (1 + u) * (1 + k) / a - 1.
Proof.
  intros Hu Hk Ha.
  assert (1 <= / a) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (1 <= (1 + u) * (1 + k)) by nra.
  unfold Rdiv; nra.
Qed.

Lemma update_of_the_lane rnd f theta n g d :
  rounded rnd f (Sub theta (Div (Mul n g) d))
  = rnd (rounded rnd f theta
         - rnd (rnd (rounded rnd f n * rounded rnd f g) / rounded rnd f d)).
Proof. reflexivity. Qed.

(** * Adagrad *)

(** Adagrad's directions: none exceeds 1, since its square is in the sum. *)
Section AdagradDirections.

Variables (u epsilon epsilont : R) (rnd : R -> R) (place : (R -> R) -> R -> R -> R) (T : nat).
Variables h ht g : nat -> R.
Hypothesis Hplace : place = inside \/ place = outside.
Hypothesis Hr : rounding u 0 rnd.
Hypothesis U : 0 < u.
Hypothesis KU : kappa * u < 1.
Hypothesis HT : (1 + u) ^ T < 2.
Hypothesis He : 0 <= epsilon.
Hypothesis Hepsilon : Rabs (epsilont - epsilon) <= kappa * u * epsilon.
Hypothesis H0 : h 0%nat = 0.
Hypothesis Hh : forall t, h (S t) = h t + g t * g t.
Hypothesis Ht0 : ht 0%nat = 0.
Hypothesis Hht : forall t, ht (S t) = square_sum rnd (ht t) (g t).
Hypothesis Hpositive : forall t, 0 < place id (h (S t)) epsilon.

Let d t := place id (h (S t)) epsilon.
Let dt t := place rnd (ht (S t)) epsilont.
Let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ T).

Lemma sum_nonneg t : 0 <= h t.
Proof. induction t as [|t IH]; [lra|]; rewrite Hh; nra. Qed.

Lemma direction_at_most_one t : Rabs (g t / d t) <= 1.
Proof.
  assert (h0 := sum_nonneg t); specialize (Hpositive t); fold (d t) in Hpositive.
  assert (large : Rabs (g t) <= d t).
  { rewrite <- sqrt_Rsqr_abs; unfold d, Rsqr; rewrite Hh.
    destruct Hplace as [-> | ->]; unfold inside, outside, id.
    - apply sqrt_le_1_alt; lra.
    - assert (sqrt (g t * g t) <= sqrt (h t + g t * g t)) by (apply sqrt_le_1_alt; lra); lra. }
  unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (d t)) by lra.
  apply Rmult_le_reg_r with (d t); [exact Hpositive|].
  rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma divisor_within t : (t < T)%nat -> within a (dt t) (d t).
Proof.
  intros Ht; apply (denominator_within u rnd); try assumption.
  assert (D := adagrad_drift u 0 rnd h ht g Hr U H0 Hh Ht0 Hht (S t)).
  assert (p : (1 + u) ^ S t <= (1 + u) ^ T) by (apply Rle_pow; [lra|lia]).
  assert (q : 1 <= (1 + u) ^ S t) by (apply pow_R1_Rle; lra).
  assert (h0 := sum_nonneg (S t)).
  replace (2 - (1 + u) ^ T) with (1 - ((1 + u) ^ T - 1)) by ring.
  apply within_relative; [exact h0|lra|].
  replace (h (S t) + 0 / u) with (h (S t)) in D by (field; lra); nra.
Qed.

Lemma factor_in_range : 0 < a <= 1.
Proof.
  assert (q : 1 <= (1 + u) ^ T) by (apply pow_R1_Rle; lra).
  assert (W : within (2 - (1 + u) ^ T) 0 0) by (repeat split; lra).
  now destruct (denominator_within u rnd _ epsilon epsilont 0 0 place Hplace Hr KU He Hepsilon W).
Qed.

(** Its dividend n g is off by relative k. *)
Lemma direction_error k n nt t :
  (t < T)%nat -> 0 <= k -> Rabs (nt - n * g t) <= k * Rabs (n * g t) ->
  Rabs (rnd (nt / dt t) - n * g t / d t) <= ((1 + u) * (1 + k) / a - 1) * Rabs n.
Proof.
  intros Ht Hk Hn; assert (W := divisor_within t Ht).
  assert (Q := quotient_error u rnd a k _ _ _ _ Hr (Hpositive t) W Hn); fold (d t) in Q.
  eapply Rle_trans; [exact Q|]; destruct W as (Ha & _).
  apply Rmult_le_compat_l; [apply factor_nonneg; lra|].
  replace (n * g t / d t) with (n * (g t / d t)) by (unfold Rdiv; ring).
  rewrite <- (Rmult_1_r (Rabs n)); apply Rabs_times; [apply Rle_refl|apply direction_at_most_one].
Qed.

Theorem adagrad_mean_drift w wt (v vt : nat -> R) :
  let e := (1 + u) / a - 1 in
  let c := 2 + u + 2 * kappa * w in
  0 < w <= 1 -> c * u < w -> 0 <= wt <= 1 -> Rabs (wt - w) <= kappa * u * w ->
  v 0%nat = 0 -> (forall t, v (S t) = (1 - w) * v t + w * (g t / d t)) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = first_moment rnd wt (vt t) (rnd (g t / dt t))) ->
  forall t, (t <= T)%nat -> Rabs (vt t - v t) <= c * u * (1 + e) / (w - c * u) + e.
Proof.
  intros e c Hw Hc Hwt Hd Hv0 Hv Hvt0 Hvt t Ht.
  replace (c * u * (1 + e)) with (c * u * (1 + e) + (2 + u) * 0) by ring.
  apply (mean_of_inputs_drift u 0 rnd w wt 1 e T v vt (fun t => g t / d t)
           (fun t => rnd (g t / dt t))); try assumption; try apply direction_at_most_one.
  - unfold e; replace ((1 + u) / a) with ((1 + u) * (1 + 0) / a) by (f_equal; ring).
    apply factor_nonneg; try lra; apply factor_in_range.
  - intros i Hi.
    assert (Q := direction_error 0 1 (g i) i Hi ltac:(lra)).
    rewrite !Rmult_1_l, Rabs_R1, Rplus_0_r, !Rmult_1_r in Q; apply Q.
    rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra.
Qed.

Theorem adagrad_theta_drift alpha alphat Theta (theta thetat : nat -> R) :
  let K := (1 + u) * (1 + kappa * u) - 1 in
  let e := (1 + u) * (1 + K) / a - 1 in
  0 <= alpha -> Rabs (alphat - alpha) <= kappa * u * alpha ->
  thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t - alpha * g t / d t) ->
  (forall t, thetat (S t) = rnd (thetat t - rnd (rnd (alphat * g t) / dt t))) ->
  (forall t, (t <= T)%nat -> Rabs (thetat t) <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= INR t * (e * alpha + u * Theta / (1 - u)).
Proof.
  intros K e Halpha Halphat Hstart Htheta Hthetat HTheta t Ht.
  replace (u * Theta) with (u * Theta + 0) by ring.
  assert (U1 : u < 1) by (unfold kappa in KU; lra).
  apply (parameter_drift u 0 rnd (e * alpha) Theta T theta thetat (fun t => alpha * g t / d t)
           (fun t => rnd (rnd (alphat * g t) / dt t))); try assumption.
  intros i Hi; rewrite <- (Rabs_pos_eq alpha) at 2 by exact Halpha.
  apply direction_error; [exact Hi|unfold K, kappa; nra|].
  assert (P := product_error _ _ _ _ _ (g i) Hr Halpha Halphat).
  rewrite Rabs_mult, (Rabs_pos_eq alpha) by exact Halpha; fold K in P; lra.
Qed.

End AdagradDirections.

(** * RMSprop *)

Definition directed (rnd : R -> R) mu push v g s :=
  rnd (mu * v + rnd (rnd (push * g) / rnd (sqrt s))).

Lemma directed_of_the_lane rnd f mu push v g s :
  rounded rnd f (Fma mu v (Div (Mul push g) (Sqrt s)))
  = directed rnd (rounded rnd f mu) (rounded rnd f push) (rounded rnd f v) (rounded rnd f g)
      (rounded rnd f s).
Proof. reflexivity. Qed.

(** RMSprop's directions, epsilon in the state: none exceeds 1 / sqrt w0. *)
Section RmspropDirections.

Variables (u w0 epsilon epsilont push pusht G : R) (rnd : R -> R).
Variables w wt s st g : nat -> R.

Let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * w0.
Let r := c * u * (G * G + epsilon / w0) / (w0 - c * u) / epsilon.
Let a := (1 - u) * sqrt (1 - r).
Let K := (1 + kappa * u) * (1 + u) - 1.
Let P := push / sqrt w0.
Let e := ((1 + u) * (1 + K) / a - 1) * P.

Hypothesis Hr : rounding u 0 rnd.
Hypothesis U1 : u < 1.
Hypothesis r1 : r < 1.
Hypothesis Hw0 : 0 < w0.
Hypothesis Hc : c * u < w0.
Hypothesis He : 0 < epsilon.
Hypothesis Het : 0 <= epsilont.
Hypothesis Hed : Rabs (epsilont - epsilon) <= kappa * u * epsilon.
Hypothesis Hw : forall t, w0 <= w t <= 1.
Hypothesis Hwt : forall t, 0 <= wt t <= 1.
Hypothesis Hd : forall t, Rabs (wt t - w t) <= kappa * u * w t.
Hypothesis Hpush : 0 <= push.
Hypothesis Hpusht : Rabs (pusht - push) <= kappa * u * push.
Hypothesis HG : forall t, Rabs (g t) <= G.
Hypothesis H0 : s 0%nat = 0.
Hypothesis Hs : forall t, s (S t) = (1 - w t) * s t + w t * (g t * g t) + epsilon.
Hypothesis Ht0 : st 0%nat = 0.
Hypothesis Hst : forall t, st (S t) = rmsprop_state rnd (wt t) epsilont (st t) (g t).

Let p t := push * g t / sqrt (s (S t)).
Let pt t := rnd (rnd (pusht * g t) / rnd (sqrt (st (S t)))).

Lemma state_drift t : 0 <= s t /\ Rabs (st t - s t) <= r * epsilon.
Proof.
  assert (D := rmsprop_drift u 0 rnd w0 epsilon epsilont G w wt s st g Hr Hw0 Hc
                 ltac:(lra) Het Hed Hw Hwt Hd HG H0 Hs Ht0 Hst t).
  fold c in D; rewrite Rmult_0_r, Rplus_0_r in D.
  replace (r * epsilon) with (c * u * (G * G + epsilon / w0) / (w0 - c * u))
    by (unfold r; field; lra).
  tauto.
Qed.

Lemma state_at_least t : epsilon <= s (S t) /\ w0 * (g t * g t) <= s (S t).
Proof.
  destruct (state_drift t) as (s0 & _); specialize (Hw t); rewrite Hs.
  assert (0 <= (1 - w t) * s t) by (apply Rmult_le_pos; lra).
  assert (0 <= g t * g t) by apply Rle_0_sqr.
  assert (w0 * (g t * g t) <= w t * (g t * g t)) by (apply Rmult_le_compat_r; lra).
  assert (0 <= w0 * (g t * g t)) by (apply Rmult_le_pos; lra).
  lra.
Qed.

Lemma sigma_within t : within a (rnd (sqrt (st (S t)))) (sqrt (s (S t))).
Proof.
  destruct (state_drift (S t)) as (_ & D), (state_at_least t) as (L & _).
  assert (r0 : 0 <= r) by (generalize (Rabs_pos (st (S t) - s (S t))); nra).
  apply within_rounded; [exact Hr|exact U1|].
  apply within_root, within_relative; [lra|lra|].
  eapply Rle_trans; [exact D|]; apply Rmult_le_compat_l; lra.
Qed.

Lemma push_at_most t : Rabs (p t) <= P.
Proof.
  destruct (state_at_least t) as (L & L').
  assert (root : 0 < sqrt w0) by now apply sqrt_lt_R0.
  assert (positive : 0 < sqrt (s (S t))) by (apply sqrt_lt_R0; lra).
  assert (large : sqrt w0 * Rabs (g t) <= sqrt (s (S t))).
  { rewrite <- sqrt_Rsqr_abs, <- sqrt_mult by (try apply Rle_0_sqr; lra).
    apply sqrt_le_1_alt; exact L'. }
  unfold p, P, Rdiv.
  rewrite !Rabs_mult, Rabs_inv, (Rabs_pos_eq push), (Rabs_pos_eq (sqrt _)) by lra.
  rewrite (Rmult_assoc push); apply Rmult_le_compat_l; [exact Hpush|].
  apply Rmult_le_reg_r with (sqrt w0 * sqrt (s (S t))); [now apply Rmult_lt_0_compat|].
  replace (Rabs (g t) * / sqrt (s (S t)) * (sqrt w0 * sqrt (s (S t))))
    with (sqrt w0 * Rabs (g t)) by (field; lra).
  replace (/ sqrt w0 * (sqrt w0 * sqrt (s (S t)))) with (sqrt (s (S t))) by (field; lra).
  exact large.
Qed.

Lemma push_error t : Rabs (pt t - p t) <= e.
Proof.
  destruct (state_at_least t) as (L & _).
  assert (U := u_nonneg _ _ _ Hr).
  assert (K0 : 0 <= K) by (unfold K, kappa; nra).
  assert (dividend : Rabs (rnd (pusht * g t) - push * g t) <= K * Rabs (push * g t)).
  { assert (D := product_error _ _ _ _ _ (g t) Hr Hpush Hpusht).
    rewrite Rabs_mult, (Rabs_pos_eq push) by exact Hpush; unfold K; lra. }
  assert (positive : 0 < sqrt (s (S t))) by (apply sqrt_lt_R0; lra).
  assert (Q := quotient_error u rnd _ _ _ _ _ _ Hr positive (sigma_within t) dividend).
  eapply Rle_trans; [exact Q|]; apply Rmult_le_compat_l; [|apply push_at_most].
  destruct (sigma_within t) as (Ha & _); now apply factor_nonneg.
Qed.

Theorem rmsprop_buffer_drift mu mut (v vt : nat -> R) :
  let V := (P + e) / (1 - mu) in
  0 <= mu -> mu * (1 + K) < 1 -> Rabs (mut - mu) <= kappa * u * mu ->
  v 0%nat = 0 -> (forall t, v (S t) = mu * v t + push * g t / sqrt (s (S t))) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = directed rnd mut pusht (vt t) (g t) (st (S t))) ->
  forall t, Rabs (vt t - v t)
            <= (K * mu * V + u * (P + e)) / (1 - mu * (1 + K)) + e / (1 - mu).
Proof.
  intros V Hmu HK Hmut Hv0 Hv Hvt0 Hvt.
  replace (K * mu * V + u * (P + e)) with (K * mu * V + u * (P + e) + 0) by ring.
  apply (buffer_of_inputs_drift u 0 rnd mu mut P e v vt p pt); try assumption.
  - exact push_at_most.
  - exact push_error.
Qed.

Theorem rmsprop_theta_drift Theta T (theta thetat : nat -> R) :
  thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t - push * g t / sqrt (s (S t))) ->
  (forall t, thetat (S t)
             = rnd (thetat t - rnd (rnd (pusht * g t) / rnd (sqrt (st (S t)))))) ->
  (forall t, (t <= T)%nat -> Rabs (thetat t) <= Theta) ->
  forall t, (t <= T)%nat -> Rabs (thetat t - theta t) <= INR t * (e + u * Theta / (1 - u)).
Proof.
  intros Hstart Htheta Hthetat HTheta t Ht.
  replace (u * Theta) with (u * Theta + 0) by ring.
  apply (parameter_drift u 0 rnd e Theta T theta thetat p pt); try assumption.
  intros i _; apply push_error.
Qed.

End RmspropDirections.
