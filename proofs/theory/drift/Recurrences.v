(* How far a state that is kept in floating point drifts from the exact one, for all t at once.

   A rounding here has relative error u and absolute error eta, and keeps signs. Round to nearest in
   a format of p bits with gradual underflow has u = 2^-p and eta half of the smallest subnormal
   number, eta = 2^(emin-1): [nearest_is_rounding]; p = 24 and emin = -149 in binary32, 53 and -1074
   in binary64. Without a smallest exponent eta = 0: [nearest_is_rounding_unbounded]. Overflow is
   not modelled. A tilde marks what is stored. A coefficient w~ is within relative kappa u of its
   exact w, kappa = 1 + 2^-40 ([kappa]). The states of the rules start at zero.

   Contractive recurrences x' = b x + y with x~_0 = x_0, |x| <= X and |y| <= Y.
   - [contractive_drift]: if every step is computed with b~, |b~ - b| <= d, with relative error ks
     on the state's path b~ x, ky on the input y, and absolute error c, then for all t
       |x~ - x| <= (ks (b + d) X + d X + ky Y + c) / (1 - b - ks (b + d) - d),
     a sum of one part for the state's path, one for the coefficient, one for the input and one for
     underflow. Needs a positive denominator.
   - [contractive_range]: |x| <= Y / (1 - b).
   - [momentum_drift]: v' = mu v - alpha g with |g| <= G:
       |v~ - v| <= (K alpha G / (1 - mu) + (3 + 2 u) eta) / (1 - mu (1 + K)),
     K = (1 + kappa u) (1 + u)^2 - 1, which is 3 u and a little; needs mu (1 + K) < 1.
   - [gathered_drift]: a buffer of gradients, v' = mu v + gain g, has the same with |gain| for alpha.

   Decayed means x' = (1 - w) x + w y from |x_0| <= Y, |y| <= Y, in the lanes' order: the product
   (1 - w~) x is rounded once, then added to the input by fma. Each step may have a weight of its
   own, in [w, 1], and w~ is in [0, 1]. All need c u < w. Their main term is 2 u Y / w, the
   price of rounding the state twice: Y is G, G^2 and B below.
   - [decayed_mean_drift]: the general statement; the rounding of w~ moves a mean only in proportion
     to y - x, so that it costs a multiple of u Y and not of u Y / w.
   - [first_moment_drift], Adam's m with |g| <= G:
       |m~ - m| <= (c u G + (2 + u) eta) / (w - c u),                   c = 2 + u + 2 kappa w.
   - [second_moment_drift], Adam's v and Adadelta's s with |g| <= G:
       |v~ - v| <= (c u G^2 + (2 + u + (1 + u) G) eta) / (w - c u),     c = 2 + u + kappa w.
     RMSprop's s without epsilon has it too, and the mean of a centered form has m's.
   - [maximum_drift]: a running maximum drifts no further than what it is of, so that AMSGrad's has
     v's bound: [amsgrad_drift].
   - [rmsprop_drift], RMSprop's s, which is at most B = G^2 + epsilon / w, its first step included:
       |s~ - s| <= (c u B + ((1 + u)^2 G + 3 + 2 u) eta) / (w - c u),
       c = 2 + u + (((1 + u)^2 + 1) (1 + kappa u) + 2 kappa) w.

   Sums and parameters, where nothing is forgotten.
   - [sum_drift]: a sum of terms s >= 0, each addition within k of itself and a:
       |h~ - h| <= ((1 + k)^t - 1) (h + a).
   - [adagrad_drift]: Adagrad's sum, with k = u and a = eta / u, the smallest normal number.
   - [theta_drift]: theta's error is at most its initial error + the sum over the steps of (the
     update's error + half an ulp of the parameter stored); [theta_drift_bound]: hence at most the
     initial error + t (e + u Theta + eta), e bounding the updates' errors and Theta |theta~|.
   - [parameter_drift]: for T steps and any rounding, t (e + (u Theta + eta) / (1 - u)).
   - [momentum_theta_drift]: Momentum's theta has it, e being what [momentum_drift] says of v~.

   Inputs that are off themselves, by at most e: a recurrence drifts from the exact one over the
   inputs as they come, which lies off by what it makes of e.
   - [buffer_of_inputs_drift], [mean_of_inputs_drift]: in general.
   The inputs are quotients by the root of a state that drifts ([denominator_within],
   [quotient_error]). Without underflow, K = (1 + kappa u) (1 + u) - 1:
   - [adagrad_mean_drift], Adagrad's mean of directions, epsilon inside the root or outside:
       |v~ - v| <= c u (1 + e) / (w - c u) + e after t <= T steps,       c = 2 + u + 2 kappa w,
       e = (1 + u) / a - 1, a = (1 - u)^2 (1 - kappa u) sqrt (2 - (1 + u)^T);
     e is (T / 2 + 4) u and a little, the price of the sum's own drift.
   - [adagrad_theta_drift]: Adagrad's theta has e = ((1 + u) (1 + K) / a - 1) alpha.
   - [rmsprop_buffer_drift], RMSprop's buffer, epsilon in the state, D the bound of s~ above,
     D < epsilon:
       |v~ - v| <= (K mu V + u (P + e)) / (1 - mu (1 + K)) + e / (1 - mu) for all t,
       P = push / sqrt w, V = (P + e) / (1 - mu),
       e = ((1 + u) (1 + K) / ((1 - u) sqrt (1 - D / epsilon)) - 1) P, mainly P D / (2 epsilon).
   - [rmsprop_theta_drift]: without the buffer theta has that e, push being the learning rate.

   Adadelta's u' = rho u + (1 - rho) (u + epsilon) / (s' + epsilon) g^2, which its own update feeds.
   - [adadelta_u_slope]: two values of u move apart or together by the factor
       rho + (1 - rho) g^2 / (s' + epsilon).
   - [adadelta_u_does_not_contract]: the factor is >= 1 as soon as g^2 >= s' + epsilon.
   - [adadelta_u_relative_factor]: their relative distance shrinks by a factor in
     [1 - epsilon / u, 1], which tends to 1 as u outgrows epsilon.
   - [adadelta_u_drift]: so nothing better is claimed than: if each step, from the same u, is within
     a factor 1 + k of the exact one, either way, then u~ is within a factor (1 + k)^t of u. *)

Require Import Reals Psatz Lia.
From Flocq Require Import Core Relative.
From Truestep Require Import Expression.
Open Scope R_scope.

(** * Rounding *)

Record rounding (u eta : R) (rnd : R -> R) : Prop := {
  u_nonneg : 0 <= u;
  eta_nonneg : 0 <= eta;
  error_bound : forall x, Rabs (rnd x - x) <= u * Rabs x + eta;
  keeps_nonneg : forall x, 0 <= x -> 0 <= rnd x;
  keeps_nonpos : forall x, x <= 0 -> rnd x <= 0
}.

Lemma half_bpow e : / 2 * bpow radix2 (e + 1) = bpow radix2 e.
Proof. rewrite bpow_plus; simpl; lra. Qed.

Theorem nearest_is_rounding emin prec (positive : Prec_gt_0 prec) choice :
  rounding (bpow radix2 (- prec)) (bpow radix2 (emin - 1))
           (round radix2 (FLT_exp emin prec) (Znearest choice)).
Proof.
  split.
  - apply bpow_ge_0.
  - apply bpow_ge_0.
  - intros x.
    destruct (error_N_FLT radix2 emin prec positive choice x) as (e & h & He & Hh & _ & ->).
    rewrite half_bpow in He.
    replace emin with (emin - 1 + 1)%Z in Hh by lia; rewrite half_bpow in Hh.
    replace (x * (1 + e) + h - x) with (e * x + h) by ring.
    eapply Rle_trans; [apply Rabs_triang|].
    rewrite Rabs_mult; generalize (Rabs_pos x); nra.
  - intros x Hx; apply round_ge_generic; auto with typeclass_instances; apply generic_format_0.
  - intros x Hx; apply round_le_generic; auto with typeclass_instances; apply generic_format_0.
Qed.

Theorem nearest_is_rounding_unbounded prec (positive : Prec_gt_0 prec) choice :
  rounding (bpow radix2 (- prec)) 0 (round radix2 (FLX_exp prec) (Znearest choice)).
Proof.
  split.
  - apply bpow_ge_0.
  - apply Rle_refl.
  - intros x; rewrite Rplus_0_r, <- half_bpow; apply relative_error_N_FLX; exact positive.
  - intros x Hx; apply round_ge_generic; auto with typeclass_instances; apply generic_format_0.
  - intros x Hx; apply round_le_generic; auto with typeclass_instances; apply generic_format_0.
Qed.

(** The bound of a coefficient's relative error, in u. *)
Definition kappa := 1 + / 2 ^ 40.

Lemma kappa_pos : 0 < kappa.
Proof. unfold kappa; lra. Qed.

(** |a + b| <= A + B, as a step of a proof. *)
Lemma Rabs_plus a b A B : Rabs a <= A -> Rabs b <= B -> Rabs (a + b) <= A + B.
Proof. intros; eapply Rle_trans; [apply Rabs_triang|lra]. Qed.

Lemma Rabs_times a b A B : Rabs a <= A -> Rabs b <= B -> Rabs (a * b) <= A * B.
Proof.
  intros; rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos.
Qed.

Lemma Rabs_near a b A D : Rabs b <= A -> Rabs (a - b) <= D -> Rabs a <= A + D.
Proof. intros; replace a with (b + (a - b)) by ring; now apply Rabs_plus. Qed.

Lemma square_bound g G : Rabs g <= G -> 0 <= g * g <= G * G.
Proof.
  intros H; generalize (Rabs_times g g G G H H); unfold Rabs at 1; destruct Rcase_abs; nra.
Qed.

(** What a rounding does to an argument that is itself known up to e. *)
Lemma rounded_near u eta rnd a b e :
  rounding u eta rnd -> Rabs (a - b) <= e ->
  Rabs (rnd a - b) <= (1 + u) * e + u * Rabs b + eta.
Proof.
  intros Hr He.
  assert (U := u_nonneg _ _ _ Hr).
  assert (A : Rabs a <= Rabs b + e) by (apply Rabs_near with b; auto with real).
  replace (rnd a - b) with ((rnd a - a) + (a - b)) by ring.
  eapply Rle_trans; [apply Rabs_plus; [apply (error_bound _ _ _ Hr)|exact He]|].
  nra.
Qed.

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

(** Momentum's v' = mu v - alpha g, in the lane's order. *)
Definition velocity (rnd : R -> R) mu alpha v g := rnd (rnd (mu * v) - rnd (alpha * g)).

Lemma velocity_of_the_lane rnd f mu alpha v g :
  rounded rnd f (Sub (Mul mu v) (Mul alpha g))
  = velocity rnd (rounded rnd f mu) (rounded rnd f alpha) (rounded rnd f v) (rounded rnd f g).
Proof. reflexivity. Qed.

(** A product with a coefficient that is itself within relative kappa u. *)
Lemma product_error u eta rnd wt w v :
  rounding u eta rnd -> 0 <= w -> Rabs (wt - w) <= kappa * u * w ->
  Rabs (rnd (wt * v) - w * v) <= ((1 + u) * (1 + kappa * u) - 1) * (w * Rabs v) + eta.
Proof.
  intros Hr Hw Hwt.
  assert (E : Rabs (wt * v - w * v) <= kappa * u * w * Rabs v).
  { replace (wt * v - w * v) with ((wt - w) * v) by ring.
    apply Rabs_times; auto with real. }
  assert (S := rounded_near _ _ _ _ _ _ Hr E).
  rewrite Rabs_mult, (Rabs_pos_eq w) in S by exact Hw.
  lra.
Qed.

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

Corollary momentum_drift u eta rnd mu mut alpha alphat G (v vt g : nat -> R) :
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

(** * Decayed means *)

(** One step from the stored x~, against the exact step with the stored w~. *)
Lemma mean_step_error u eta rnd M p wt x y z :
  rounding u eta rnd ->
  0 <= wt <= 1 -> Rabs x <= M -> Rabs y <= M ->
  Rabs (z - wt * y) <= u * wt * M + p ->
  Rabs (rnd (z + rnd ((1 - wt) * x)) - ((1 - wt) * x + wt * y))
  <= (2 + u) * u * M + (1 + u) * p + (2 + u) * eta.
Proof.
  intros Hr Hw Hx Hy Hz.
  assert (U := u_nonneg _ _ _ Hr).
  assert (Sx : Rabs ((1 - wt) * x) <= (1 - wt) * M).
  { apply Rabs_times; [rewrite Rabs_pos_eq|]; lra. }
  assert (Sy : Rabs (wt * y) <= wt * M) by (apply Rabs_times; [rewrite Rabs_pos_eq|]; lra).
  assert (E1 := error_bound _ _ _ Hr ((1 - wt) * x)).
  assert (E2 := Rabs_plus _ _ _ _ Hz E1).
  assert (T := Rabs_plus _ _ _ _ Sx Sy).
  eapply Rle_trans.
  - apply (rounded_near u eta); [exact Hr|].
    eapply Rle_trans; [|exact E2]; apply Req_le; f_equal; ring.
  - nra.
Qed.

(** The largest drift E at which the weight's pull balances what a step can add: a step that pulls
    with w >= w0 leaves a drift of E at most E. *)
Lemma balance u k a Y w w0 E :
  0 <= u -> 0 <= k -> 0 <= a -> 0 <= Y -> 0 < w0 <= w ->
  0 < w0 - (2 + u + k * w0) * u ->
  E = ((2 + u + k * w0) * u * Y + a) / (w0 - (2 + u + k * w0) * u) ->
  0 <= E /\ (1 - w) * E + ((2 + u) * u * (Y + E) + a) + k * u * w * (Y + E) <= E.
Proof.
  intros Hu Hk Ha HY Hw Hden HE.
  assert (E0 : 0 <= E).
  { rewrite HE; apply Rmult_le_pos; [|apply Rlt_le, Rinv_0_lt_compat; lra].
    assert (0 <= (2 + u + k * w0) * u) by (apply Rmult_le_pos; nra); nra. }
  split; [exact E0|].
  assert (fixed : w0 * (E - k * u * (Y + E)) = (2 + u) * u * (Y + E) + a).
  { rewrite HE; field; lra. }
  assert (0 <= (2 + u) * u * (Y + E) + a).
  { assert (0 <= (2 + u) * u * (Y + E)) by (apply Rmult_le_pos; nra); lra. }
  assert (0 <= E - k * u * (Y + E)) by (apply Rmult_le_reg_l with w0; lra).
  assert (w0 * (E - k * u * (Y + E)) <= w * (E - k * u * (Y + E))).
  { apply Rmult_le_compat_r; lra. }
  lra.
Qed.

Theorem decayed_mean_drift u eta rnd h p w0 Y (w wt x xt y z : nat -> R) :
  let c := 2 + u + h * kappa * w0 in
  rounding u eta rnd ->
  0 <= h -> 0 <= p ->
  0 < w0 -> c * u < w0 ->
  (forall t, w0 <= w t <= 1) ->
  (forall t, 0 <= wt t <= 1) ->
  (forall t, Rabs (wt t - w t) <= kappa * u * w t) ->
  (forall t, Rabs (y t) <= Y) ->
  (forall t, Rabs (z t - wt t * y t) <= u * wt t * Y + p) ->
  (forall t M, Y <= M -> Rabs (xt t) <= M -> Rabs (y t - xt t) <= h * M) ->
  xt 0%nat = x 0%nat -> Rabs (x 0%nat) <= Y ->
  (forall t, x (S t) = (1 - w t) * x t + w t * y t) ->
  (forall t, xt (S t) = rnd (z t + rnd ((1 - wt t) * xt t))) ->
  forall t, Rabs (x t) <= Y
            /\ Rabs (xt t - x t) <= (c * u * Y + ((1 + u) * p + (2 + u) * eta)) / (w0 - c * u).
Proof.
  intros c Hr Hh Hp Hw0 Hc Hw Hwt Hd HY Hz Hspread H0 Hx0 Hx Hxt t.
  assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (Y0 : 0 <= Y) by (generalize (Rabs_pos (y 0%nat)) (HY 0%nat); lra).
  assert (k0 : 0 <= h * kappa) by (generalize kappa_pos; nra).
  assert (a0 : 0 <= (1 + u) * p + (2 + u) * eta) by nra.
  set (E := (c * u * Y + _) / _).
  assert (pull : forall t, 0 <= E /\ _)
    by (intros i; apply (balance u (h * kappa) ((1 + u) * p + (2 + u) * eta) Y (w i) w0 E);
        unfold c in *; try lra; [specialize (Hw i); lra|reflexivity]).
  induction t as [|t [IHx IH]].
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by reflexivity; split; [exact Hx0|apply (pull 0%nat)].
  - specialize (pull t); specialize (Hw t); specialize (Hd t).
    destruct pull as [E0 pull].
    rewrite Hx; split.
    { replace Y with ((1 - w t) * Y + w t * Y) by ring.
      apply Rabs_plus; apply Rabs_times; auto; rewrite Rabs_pos_eq; lra. }
    assert (Bx : Rabs (xt t) <= Y + E) by (apply Rabs_near with (x t); auto).
    assert (By : Rabs (y t) <= Y + E) by (specialize (HY t); lra).
    assert (Bz : Rabs (z t - wt t * y t) <= u * wt t * (Y + E) + p).
    { specialize (Hz t); assert (0 <= u * wt t * E); [|lra].
      specialize (Hwt t); apply Rmult_le_pos; [apply Rmult_le_pos|]; lra. }
    assert (step := mean_step_error _ _ _ _ _ _ _ _ _ Hr (Hwt t) Bx By Bz).
    assert (weight : Rabs ((wt t - w t) * (y t - xt t)) <= kappa * u * w t * (h * (Y + E))).
    { apply Rabs_times; [exact Hd|apply Hspread; lra]. }
    assert (past : Rabs ((1 - w t) * (xt t - x t)) <= (1 - w t) * E).
    { apply Rabs_times; [rewrite Rabs_pos_eq|]; lra. }
    rewrite Hxt.
    replace (rnd (z t + rnd ((1 - wt t) * xt t)) - ((1 - w t) * x t + w t * y t))
      with (rnd (z t + rnd ((1 - wt t) * xt t)) - ((1 - wt t) * xt t + wt t * y t)
            + ((wt t - w t) * (y t - xt t) + (1 - w t) * (xt t - x t))) by ring.
    assert (T := Rabs_plus _ _ _ _ step (Rabs_plus _ _ _ _ weight past)).
    lra.
Qed.

(** Adam's m, in the lane's order. *)
Definition first_moment (rnd : R -> R) w m g := rnd (w * g + rnd ((1 - w) * m)).

Lemma first_moment_of_the_lane rnd f w m g :
  rounded rnd f (Fma w g (Decay w m))
  = first_moment rnd (rounded rnd f w) (rounded rnd f m) (rounded rnd f g).
Proof. reflexivity. Qed.

Corollary first_moment_drift u eta rnd w0 G (w wt m mt g : nat -> R) :
  let c := 2 + u + 2 * kappa * w0 in
  rounding u eta rnd ->
  0 < w0 -> c * u < w0 ->
  (forall t, w0 <= w t <= 1) ->
  (forall t, 0 <= wt t <= 1) ->
  (forall t, Rabs (wt t - w t) <= kappa * u * w t) ->
  (forall t, Rabs (g t) <= G) ->
  m 0%nat = 0 -> (forall t, m (S t) = (1 - w t) * m t + w t * g t) ->
  mt 0%nat = 0 -> (forall t, mt (S t) = first_moment rnd (wt t) (mt t) (g t)) ->
  forall t, Rabs (mt t - m t) <= (c * u * G + (2 + u) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw Hwt Hd HG H0 Hm Ht0 Hmt t.
  assert (U := u_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g 0%nat)) (HG 0%nat); lra).
  replace ((2 + u) * eta) with ((1 + u) * 0 + (2 + u) * eta) by ring.
  apply (decayed_mean_drift u eta rnd 2 0 w0 G w wt m mt g (fun t => wt t * g t));
    try assumption; try lra; try exact Hmt.
  - intros i; rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; specialize (Hwt i).
    assert (0 <= u * wt i * G) by (apply Rmult_le_pos; [apply Rmult_le_pos|]; lra); lra.
  - intros i M HM Hmi; specialize (HG i); revert HG Hmi.
    unfold Rabs; repeat destruct Rcase_abs; lra.
  - rewrite H0, Rabs_R0; exact G0.
Qed.

(** Adam's v and Adadelta's s, in the lanes' order. *)
Definition second_moment (rnd : R -> R) w v g := rnd (rnd (w * g) * g + rnd ((1 - w) * v)).

Lemma second_moment_of_the_lane rnd f w v g :
  rounded rnd f (Fma (Mul w g) g (Decay w v))
  = second_moment rnd (rounded rnd f w) (rounded rnd f v) (rounded rnd f g).
Proof. reflexivity. Qed.

(** w g rounded, times g: within u of w g^2, non-negative. *)
Lemma weighted_square_error u eta rnd w g G :
  rounding u eta rnd -> 0 <= w -> Rabs g <= G ->
  Rabs (rnd (w * g) * g - w * (g * g)) <= u * w * (G * G) + eta * G.
Proof.
  intros Hr Hw Hg.
  assert (U := u_nonneg _ _ _ Hr).
  assert (E := error_bound _ _ _ Hr (w * g)).
  rewrite Rabs_mult, (Rabs_pos_eq w) in E by exact Hw.
  replace (rnd (w * g) * g - w * (g * g)) with ((rnd (w * g) - w * g) * g) by ring.
  eapply Rle_trans; [exact (Rabs_times _ _ _ _ E Hg)|].
  assert (0 <= u * w) by nra.
  assert (u * w * Rabs g <= u * w * G) by (apply Rmult_le_compat_l; assumption).
  generalize (Rabs_pos g); nra.
Qed.

Lemma weighted_square_nonneg u eta rnd w g :
  rounding u eta rnd -> 0 <= w -> 0 <= rnd (w * g) * g.
Proof.
  intros Hr Hw; destruct (Rle_or_lt 0 g) as [Hg|Hg].
  - apply Rmult_le_pos; [apply (keeps_nonneg _ _ _ Hr)|]; nra.
  - assert (rnd (w * g) <= 0) by (apply (keeps_nonpos _ _ _ Hr); nra); nra.
Qed.

Corollary second_moment_drift u eta rnd w0 G (w wt v vt g : nat -> R) :
  let c := 2 + u + kappa * w0 in
  rounding u eta rnd ->
  0 < w0 -> c * u < w0 ->
  (forall t, w0 <= w t <= 1) ->
  (forall t, 0 <= wt t <= 1) ->
  (forall t, Rabs (wt t - w t) <= kappa * u * w t) ->
  (forall t, Rabs (g t) <= G) ->
  v 0%nat = 0 -> (forall t, v (S t) = (1 - w t) * v t + w t * (g t * g t)) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = second_moment rnd (wt t) (vt t) (g t)) ->
  forall t, 0 <= vt t
            /\ Rabs (vt t - v t)
               <= (c * u * (G * G) + (2 + u + (1 + u) * G) * eta) / (w0 - c * u).
Proof.
  intros c Hr Hw0 Hc Hw Hwt Hd HG H0 Hv Ht0 Hvt.
  assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g 0%nat)) (HG 0%nat); lra).
  assert (P : forall t, 0 <= vt t).
  { induction t as [|t IH]; [lra|].
    specialize (Hwt t); rewrite Hvt; apply (keeps_nonneg _ _ _ Hr), Rplus_le_le_0_compat.
    - apply (weighted_square_nonneg u eta); tauto.
    - apply (keeps_nonneg _ _ _ Hr), Rmult_le_pos; lra. }
  intros t; split; [apply P|].
  replace ((2 + u + (1 + u) * G) * eta) with ((1 + u) * (eta * G) + (2 + u) * eta) by ring.
  unfold c; replace (kappa * w0) with (1 * kappa * w0) by ring.
  apply (decayed_mean_drift u eta rnd 1 (eta * G) w0 (G * G) w wt v vt (fun t => g t * g t)
           (fun t => rnd (wt t * g t) * g t)); try assumption; try lra; try exact Hvt.
  - nra.
  - unfold c in Hc; lra.
  - intros i; specialize (square_bound _ _ (HG i)); intros B; rewrite Rabs_pos_eq; lra.
  - intros i; apply weighted_square_error; auto; apply Hwt.
  - intros i M HM; specialize (P i); specialize (square_bound _ _ (HG i)).
    intros B; unfold Rabs; repeat destruct Rcase_abs; lra.
  - rewrite H0, Rabs_R0; nra.
Qed.

(** * RMSprop, whose epsilon is in the state *)

(** AMSGrad's largest v: a maximum rounds nothing, so that it drifts no further than v has. *)
Theorem maximum_drift D (v vt m mt : nat -> R) :
  (forall t, Rabs (vt t - v t) <= D) ->
  m 0%nat = 0 -> (forall t, m (S t) = Rmax (m t) (v (S t))) ->
  mt 0%nat = 0 -> (forall t, mt (S t) = Rmax (mt t) (vt (S t))) ->
  forall t, Rabs (mt t - m t) <= D.
Proof.
  intros HD H0 Hm Ht0 Hmt.
  induction t as [|t IH].
  - rewrite H0, Ht0, Rminus_diag_eq, Rabs_R0 by reflexivity.
    generalize (Rabs_pos (vt 0%nat - v 0%nat)) (HD 0%nat); lra.
  - rewrite Hm, Hmt; specialize (HD (S t)); revert IH HD.
    unfold Rmax, Rabs; repeat destruct Rle_dec; repeat destruct Rcase_abs; lra.
Qed.

Lemma maximum_of_the_lane rnd f m v :
  rounded rnd f (Max m v) = Rmax (rounded rnd f m) (rounded rnd f v).
Proof. reflexivity. Qed.

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

Definition rmsprop_state (rnd : R -> R) w epsilon s g :=
  rnd (rnd ((1 - w) * s) + rnd (rnd (w * g) * g + epsilon)).

Lemma rmsprop_state_of_the_lane rnd f w epsilon s g :
  rounded rnd f (Add (Decay w s) (Fma (Mul w g) g epsilon))
  = rmsprop_state rnd (rounded rnd f w) (rounded rnd f epsilon)
      (rounded rnd f s) (rounded rnd f g).
Proof. reflexivity. Qed.

(** One step from the stored s~, against the exact step with the stored coefficients; V bounds what
    enters. *)
Lemma rmsprop_step_error u eta rnd M V G wt epsilon s g :
  rounding u eta rnd ->
  0 <= wt <= 1 -> 0 <= epsilon -> 0 <= s <= M -> Rabs g <= G -> G * G <= M ->
  wt * (G * G) + epsilon <= V ->
  Rabs (rmsprop_state rnd wt epsilon s g - ((1 - wt) * s + (wt * (g * g) + epsilon)))
  <= (2 + u) * u * M + ((1 + u) ^ 2 + 1) * u * V + ((1 + u) ^ 2 * G + 3 + 2 * u) * eta.
Proof.
  intros Hr Hw He Hs Hg HM HV.
  assert (U := u_nonneg _ _ _ Hr).
  destruct (square_bound _ _ Hg) as [Hy0 Hy].
  assert (product := weighted_square_error _ _ _ _ _ _ Hr (proj1 Hw) Hg).
  set (y := g * g) in *.
  assert (P : 0 <= (1 - wt) * s) by nra.
  assert (Q : 0 <= wt * y) by nra.
  assert (Qy : wt * y <= wt * (G * G)) by (apply Rmult_le_compat_l; lra).
  assert (mix : (1 - wt) * s + wt * y <= M).
  { assert ((1 - wt) * s <= (1 - wt) * M) by (apply Rmult_le_compat_l; lra).
    assert (wt * y <= wt * M) by (apply Rmult_le_compat_l; lra).
    lra. }
  assert (decay := error_bound _ _ _ Hr ((1 - wt) * s)).
  rewrite (Rabs_pos_eq _ P) in decay.
  assert (input : Rabs (rnd (rnd (wt * g) * g + epsilon) - (wt * y + epsilon))
                  <= (1 + u) * (u * wt * (G * G) + eta * G) + u * (wt * y + epsilon) + eta).
  { rewrite <- (Rabs_pos_eq (wt * y + epsilon)) at 2 by lra.
    apply rounded_near; [exact Hr|].
    eapply Rle_trans; [|exact product]; apply Req_le; f_equal; ring. }
  unfold rmsprop_state; eapply Rle_trans.
  { apply (rounded_near u eta); [exact Hr|].
    eapply Rle_trans; [|exact (Rabs_plus _ _ _ _ decay input)].
    apply Req_le; f_equal; ring. }
  rewrite (Rabs_pos_eq ((1 - wt) * s + (wt * y + epsilon))) by lra.
  assert (A : u * (wt * (G * G)) + u * epsilon <= u * V).
  { rewrite <- Rmult_plus_distr_l; apply Rmult_le_compat_l; assumption. }
  assert (0 <= u * (wt * (G * G))) by (apply Rmult_le_pos; lra).
  assert (C : u * ((1 - wt) * s + wt * y) <= u * M) by (apply Rmult_le_compat_l; assumption).
  assert (D : u * epsilon <= u * V) by lra.
  assert (F : 0 <= u * epsilon) by (apply Rmult_le_pos; assumption).
  assert (A' : (1 + u) ^ 2 * (u * (wt * (G * G)) + u * epsilon) <= (1 + u) ^ 2 * (u * V)).
  { apply Rmult_le_compat_l; [apply pow2_ge_0|exact A]. }
  assert (C' : (1 + u) * (u * ((1 - wt) * s + wt * y)) <= (1 + u) * (u * M)).
  { apply Rmult_le_compat_l; [lra|exact C]. }
  assert (F' : (1 + u) * (u * epsilon) <= (1 + u) ^ 2 * (u * epsilon)).
  { apply Rmult_le_compat_r; [exact F|nra]. }
  lra.
Qed.

(** The first step is one with w = w~ = 1: it forgets the state. *)
Theorem rmsprop_drift u eta rnd w0 epsilon epsilont G (w wt s st g : nat -> R) :
  let B := G * G + epsilon / w0 in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * w0 in
  rounding u eta rnd ->
  0 < w0 -> c * u < w0 ->
  0 <= epsilon -> 0 <= epsilont -> Rabs (epsilont - epsilon) <= kappa * u * epsilon ->
  (forall t, w0 <= w t <= 1) ->
  (forall t, 0 <= wt t <= 1) ->
  (forall t, Rabs (wt t - w t) <= kappa * u * w t) ->
  (forall t, Rabs (g t) <= G) ->
  s 0%nat = 0 -> (forall t, s (S t) = (1 - w t) * s t + w t * (g t * g t) + epsilon) ->
  st 0%nat = 0 -> (forall t, st (S t) = rmsprop_state rnd (wt t) epsilont (st t) (g t)) ->
  forall t, 0 <= st t /\ 0 <= s t <= B
            /\ Rabs (st t - s t)
               <= (c * u * B + ((1 + u) ^ 2 * G + 3 + 2 * u) * eta) / (w0 - c * u).
Proof.
  intros B c Hr Hw0 Hc He Het Hed Hw Hwt Hd HG H0 Hs Ht0 Hst.
  assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (KU : 0 <= kappa * u) by (generalize kappa_pos; nra).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (g 0%nat)) (HG 0%nat); lra).
  assert (P : forall t, 0 <= st t).
  { induction t as [|t IH]; [lra|].
    specialize (Hwt t); rewrite Hst; apply (keeps_nonneg _ _ _ Hr), Rplus_le_le_0_compat.
    - apply (keeps_nonneg _ _ _ Hr), Rmult_le_pos; lra.
    - apply (keeps_nonneg _ _ _ Hr), Rplus_le_le_0_compat; [|exact Het].
      apply (weighted_square_nonneg u eta); tauto. }
  assert (filled : w0 * (B - G * G) = epsilon) by (unfold B; field; lra).
  assert (BG : 0 <= B - G * G) by (apply Rmult_le_reg_l with w0; lra).
  assert (B0 : 0 <= B) by nra.
  set (a := ((1 + u) ^ 2 * G + 3 + 2 * u) * eta).
  assert (a0 : 0 <= a) by (unfold a; apply Rmult_le_pos; nra).
  set (k := ((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) in *.
  assert (k0 : 0 <= k).
  { unfold k; generalize kappa_pos (pow2_ge_0 (1 + u)); intros; nra. }
  set (E := (c * u * B + a) / (w0 - c * u)).
  assert (pull : forall t, 0 <= E /\ _)
    by (intros t; apply (balance u k a B (w t) w0 E);
        unfold c in *; try lra; [specialize (Hw t); lra|reflexivity]).
  induction t as [|t (_ & IHs & IH)].
  { rewrite H0, Ht0, Rminus_diag_eq, Rabs_R0 by reflexivity.
    generalize (proj1 (pull 0%nat)); lra. }
  destruct (pull t) as [E0 pull_t].
  specialize (Hw t); specialize (Hwt t); specialize (Hd t).
  destruct (square_bound _ _ (HG t)) as [Hy0 Hy].
  assert (enters : w t * (G * G) + epsilon <= w t * B).
  { assert (w0 * (B - G * G) <= w t * (B - G * G)) by (apply Rmult_le_compat_r; lra); lra. }
  split; [apply P|]; split.
  { rewrite Hs; split; [nra|].
    assert ((1 - w t) * s t <= (1 - w t) * B) by (apply Rmult_le_compat_l; lra).
    assert (w t * (g t * g t) <= w t * (G * G)) by (apply Rmult_le_compat_l; lra).
    lra. }
  assert (Bs : 0 <= st t <= B + E).
  { generalize (P t) (Rle_abs (st t - s t)); lra. }
  assert (BM : w t * B <= w t * (B + E)) by (apply Rmult_le_compat_l; lra).
  set (M := B + E) in *.
  assert (enters_t : wt t * (G * G) + epsilont <= (1 + kappa * u) * (w t * M)).
  { assert (wt t * (G * G) <= (1 + kappa * u) * w t * (G * G)).
    { apply Rmult_le_compat_r; [nra|]; generalize (Rle_abs (wt t - w t)); lra. }
    assert (epsilont <= (1 + kappa * u) * epsilon).
    { generalize (Rle_abs (epsilont - epsilon)); lra. }
    assert ((1 + kappa * u) * (w t * (G * G) + epsilon) <= (1 + kappa * u) * (w t * M)).
    { apply Rmult_le_compat_l; lra. }
    lra. }
  assert (step := rmsprop_step_error _ _ _ M _ _ _ _ _ _ Hr Hwt Het Bs (HG t)
                    ltac:(unfold M; lra) enters_t).
  assert (weight : Rabs ((wt t - w t) * (g t * g t - st t)) <= kappa * u * w t * M).
  { apply Rabs_times; [exact Hd|]; unfold M; unfold Rabs; destruct Rcase_abs; unfold M in Bs; lra. }
  assert (stored : Rabs (epsilont - epsilon) <= kappa * u * (w t * M)).
  { eapply Rle_trans; [exact Hed|]; apply Rmult_le_compat_l; [exact KU|nra]. }
  assert (past : Rabs ((1 - w t) * (st t - s t)) <= (1 - w t) * E).
  { apply Rabs_times; [rewrite Rabs_pos_eq|]; lra. }
  rewrite Hs, Hst.
  replace (rmsprop_state rnd (wt t) epsilont (st t) (g t) - _)
    with (rmsprop_state rnd (wt t) epsilont (st t) (g t)
          - ((1 - wt t) * st t + (wt t * (g t * g t) + epsilont))
          + ((wt t - w t) * (g t * g t - st t)
             + ((epsilont - epsilon) + (1 - w t) * (st t - s t)))) by ring.
  assert (T := Rabs_plus _ _ _ _ step
                 (Rabs_plus _ _ _ _ weight (Rabs_plus _ _ _ _ stored past))).
  fold a in T; unfold k in pull_t; lra.
Qed.

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

(** Adagrad's sum, in the lane's order. *)
Definition square_sum (rnd : R -> R) h g := rnd (g * g + h).

Lemma square_sum_of_the_lane rnd f h g :
  rounded rnd f (Fma g g h) = square_sum rnd (rounded rnd f h) (rounded rnd f g).
Proof. reflexivity. Qed.

Corollary adagrad_drift u eta rnd (h ht g : nat -> R) :
  rounding u eta rnd -> 0 < u ->
  h 0%nat = 0 -> (forall t, h (S t) = h t + g t * g t) ->
  ht 0%nat = 0 -> (forall t, ht (S t) = square_sum rnd (ht t) (g t)) ->
  forall t, Rabs (ht t - h t) <= ((1 + u) ^ t - 1) * (h t + eta / u).
Proof.
  intros Hr U H0 Hh Ht0 Hht t.
  apply (sum_drift u (eta / u) h ht (fun t => g t * g t)); try assumption; try lra.
  - apply Rmult_le_pos; [apply (eta_nonneg _ _ _ Hr)|]; apply Rlt_le, Rinv_0_lt_compat, U.
  - intros i; apply Rle_0_sqr.
  - intros i; rewrite Hht; unfold square_sum.
    replace (u * (Rabs (ht i + g i * g i) + eta / u)) with (u * Rabs (ht i + g i * g i) + eta)
      by (field; lra).
    rewrite (Rplus_comm (g i * g i)); apply (error_bound _ _ _ Hr).
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

(** Momentum's parameters move by its buffer. *)
Corollary momentum_theta_drift u eta rnd mu mut alpha alphat G Theta T
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
    rewrite Rabs_Ropp; now apply (momentum_drift u eta rnd mu mut alpha alphat G v vt g).
Qed.

(** * Inputs that carry errors *)

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

(** The same of a decayed mean, whose weights sum to one; for T steps, since the errors of what it
    is of may grow. *)
Theorem mean_of_inputs_drift u eta rnd w wt Y e T (x xt y yt : nat -> R) :
  let c := 2 + u + 2 * kappa * w in
  rounding u eta rnd ->
  0 < w <= 1 -> c * u < w -> 0 <= wt <= 1 -> Rabs (wt - w) <= kappa * u * w ->
  0 <= e ->
  (forall t, Rabs (y t) <= Y) -> (forall t, (t < T)%nat -> Rabs (yt t - y t) <= e) ->
  x 0%nat = 0 -> (forall t, x (S t) = (1 - w) * x t + w * y t) ->
  xt 0%nat = 0 -> (forall t, xt (S t) = first_moment rnd wt (xt t) (yt t)) ->
  forall t, (t <= T)%nat ->
    Rabs (xt t - x t) <= (c * u * (Y + e) + (2 + u) * eta) / (w - c * u) + e.
Proof.
  intros c Hr Hw Hc Hwt Hd He HY Hyt H0 Hx Ht0 Hxt.
  set (yT := fun t => if Nat.ltb t T then yt t else y t).
  assert (near : forall t, Rabs (yT t - y t) <= e).
  { intros t; unfold yT; destruct (Nat.ltb_spec t T); [now apply Hyt|].
    rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; exact He. }
  set (m := fix m t := match t with O => 0 | S t => (1 - w) * m t + w * yT t end).
  set (mt := fix mt t := match t with O => 0 | S t => first_moment rnd wt (mt t) (yT t) end).
  assert (same : forall t, (t <= T)%nat -> mt t = xt t).
  { induction t as [|t IH]; intros HT; [now rewrite Ht0|].
    simpl; rewrite Hxt, IH by lia; unfold yT; destruct (Nat.ltb_spec t T); [easy|lia]. }
  assert (inputs : forall t, Rabs (yT t) <= Y + e) by (intros t; now apply Rabs_near with (y t)).
  intros t HT; rewrite <- same by exact HT.
  replace (mt t - x t) with ((mt t - m t) + (m t - x t)) by ring.
  apply Rabs_plus.
  - apply (first_moment_drift u eta rnd w (Y + e) (fun _ => w) (fun _ => wt) m mt yT);
      try easy; intros; lra.
  - clear HT; induction t as [|t IH].
    + rewrite H0; simpl; rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; exact He.
    + simpl; rewrite Hx.
      replace ((1 - w) * m t + w * yT t - ((1 - w) * x t + w * y t))
        with ((1 - w) * (m t - x t) + w * (yT t - y t)) by ring.
      replace e with ((1 - w) * e + w * e) by ring.
      apply Rabs_plus; apply Rabs_times; auto; rewrite Rabs_pos_eq; lra.
Qed.

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

(** * Adadelta's mean square of its own updates *)

Definition adadelta_u rho epsilon s g u :=
  rho * u + (1 - rho) * ((u + epsilon) / (s + epsilon) * (g * g)).

Definition slope rho epsilon s g := rho + (1 - rho) * (g * g / (s + epsilon)).

Theorem adadelta_u_slope rho epsilon s g u1 u2 :
  s + epsilon <> 0 ->
  adadelta_u rho epsilon s g u1 - adadelta_u rho epsilon s g u2
  = slope rho epsilon s g * (u1 - u2).
Proof. intros; unfold adadelta_u, slope; field; assumption. Qed.

Theorem adadelta_u_does_not_contract rho epsilon s g u1 u2 :
  0 <= rho <= 1 -> 0 < s + epsilon -> s + epsilon <= g * g ->
  Rabs (u1 - u2) <= Rabs (adadelta_u rho epsilon s g u1 - adadelta_u rho epsilon s g u2).
Proof.
  intros Hrho Hs Hg.
  rewrite adadelta_u_slope, Rabs_mult by lra.
  assert (1 <= g * g / (s + epsilon)).
  { apply Rmult_le_reg_r with (s + epsilon); [exact Hs|].
    unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra. }
  assert (1 <= slope rho epsilon s g) by (unfold slope; nra).
  rewrite (Rabs_pos_eq (slope _ _ _ _)) by lra.
  generalize (Rabs_pos (u1 - u2)); nra.
Qed.

(** The map is a u + b with a, b >= 0 and b <= a epsilon. *)
Lemma adadelta_u_affine rho epsilon s g :
  0 <= rho <= 1 -> 0 <= epsilon -> 0 < s + epsilon ->
  exists b, 0 <= slope rho epsilon s g /\ 0 <= b <= slope rho epsilon s g * epsilon
            /\ forall u, adadelta_u rho epsilon s g u = slope rho epsilon s g * u + b.
Proof.
  intros Hrho He Hs.
  assert (r : 0 <= g * g / (s + epsilon)).
  { apply Rmult_le_pos; [apply Rle_0_sqr|]; apply Rlt_le, Rinv_0_lt_compat, Hs. }
  exists ((1 - rho) * (g * g / (s + epsilon)) * epsilon).
  unfold slope; set (ratio := g * g / (s + epsilon)) in *.
  assert (0 <= (1 - rho) * ratio) by nra.
  split; [|split]; [lra|nra|].
  intros u; unfold adadelta_u, ratio; field; lra.
Qed.

Theorem adadelta_u_relative_factor rho epsilon s g u1 u2 :
  0 < rho <= 1 -> 0 <= epsilon -> 0 < s + epsilon -> 0 < u1 ->
  let f := adadelta_u rho epsilon s g in
  let factor := slope rho epsilon s g * u1 / f u1 in
  Rabs (f u1 - f u2) / f u1 = factor * (Rabs (u1 - u2) / u1)
  /\ 1 - epsilon / u1 <= factor <= 1.
Proof.
  intros Hrho He Hs Hu1 f factor.
  assert (a : 0 < slope rho epsilon s g).
  { unfold slope; assert (0 <= g * g / (s + epsilon)); [|nra].
    apply Rmult_le_pos; [apply Rle_0_sqr|]; apply Rlt_le, Rinv_0_lt_compat, Hs. }
  destruct (adadelta_u_affine rho epsilon s g) as (b & _ & Hb & Hf); try lra.
  assert (positive : 0 < f u1) by (unfold f; rewrite Hf; nra).
  split.
  - unfold factor, f in *.
    rewrite adadelta_u_slope, Rabs_mult, (Rabs_pos_eq (slope _ _ _ _)) by lra.
    field; lra.
  - assert (E : 1 - factor = b / f u1).
    { unfold factor, f in *; rewrite Hf in *; field; lra. }
    assert (L : 0 <= b / f u1).
    { apply Rmult_le_pos; [lra|]; apply Rlt_le, Rinv_0_lt_compat, positive. }
    assert (H : b / f u1 <= epsilon / u1).
    { apply Rmult_le_reg_r with (f u1 * u1); [apply Rmult_lt_0_compat; assumption|].
      replace (b / f u1 * (f u1 * u1)) with (b * u1) by (field; lra).
      replace (epsilon / u1 * (f u1 * u1)) with (epsilon * f u1) by (field; lra).
      unfold f; rewrite Hf; nra. }
    lra.
Qed.

Theorem adadelta_u_drift rho epsilon k (s g u ut : nat -> R) :
  0 <= rho <= 1 -> 0 <= epsilon -> 0 <= k ->
  (forall t, 0 < s t + epsilon) ->
  0 <= u 0%nat -> ut 0%nat = u 0%nat ->
  (forall t, u (S t) = adadelta_u rho epsilon (s t) (g t) (u t)) ->
  (forall t, 0 <= ut t
             /\ ut (S t) <= (1 + k) * adadelta_u rho epsilon (s t) (g t) (ut t)
             /\ adadelta_u rho epsilon (s t) (g t) (ut t) <= (1 + k) * ut (S t)) ->
  forall t, 0 <= u t /\ ut t <= (1 + k) ^ t * u t /\ u t <= (1 + k) ^ t * ut t.
Proof.
  intros Hrho He Hk Hs Hu0 H0 Hu Hut.
  induction t as [|t (P & IH1 & IH2)]; [simpl; lra|].
  destruct (Hut t) as (Pt & Above & Below).
  destruct (adadelta_u_affine rho epsilon (s t) (g t)) as (b & Ha & Hb & Hf); try easy.
  assert (q : 1 <= (1 + k) ^ t) by (apply pow_R1_Rle; lra).
  rewrite Hf in Above, Below; rewrite Hu, Hf.
  set (a := slope rho epsilon (s t) (g t)) in *.
  assert (scale : forall x y, y <= (1 + k) ^ t * x -> a * y + b <= (1 + k) ^ t * (a * x + b)).
  { intros x y H; assert (a * y <= a * ((1 + k) ^ t * x)) by (apply Rmult_le_compat_l; assumption).
    nra. }
  assert (A := scale _ _ IH1); assert (B := scale _ _ IH2).
  simpl; repeat split; [nra| |].
  - assert ((1 + k) * (a * ut t + b) <= (1 + k) * ((1 + k) ^ t * (a * u t + b)))
      by (apply Rmult_le_compat_l; lra).
    lra.
  - assert ((1 + k) ^ t * (a * ut t + b) <= (1 + k) ^ t * ((1 + k) * ut (S t)))
      by (apply Rmult_le_compat_l; lra).
    lra.
Qed.
