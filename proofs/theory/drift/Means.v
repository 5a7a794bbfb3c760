(* SPDX-License-Identifier: Apache-2.0 *)
(* How far a decayed mean that is kept in floating point drifts, for all t at once: of gradients, of
   their squares, its largest value, or of inputs that carry errors.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean.

   Decayed means are x' = (1 - w) x + w y from |x_0| <= Y, |y| <= Y, in the lanes' order: the
   product (1 - w~) x is rounded once, then added to the input by fma. Each step may have a weight
   of its own, in [w, 1], and w~ is in [0, 1]. All need c u < w. Their main term is 2 u Y / w, the
   price of rounding the state twice: Y is G and G^2 below.
   - [decayed_mean_drift]: the general statement; the rounding of w~ moves a mean only in proportion
     to y - x, so that it costs a multiple of u Y and not of u Y / w.
   - [first_moment_drift], a mean of gradients with |g| <= G:
       |m~ - m| <= (c u G + (2 + u) eta) / (w - c u),                   c = 2 + u + 2 kappa w.
   - [second_moment_drift], a mean of squares with |g| <= G:
       |v~ - v| <= (c u G^2 + (2 + u + (1 + u) G) eta) / (w - c u),     c = 2 + u + kappa w.
   - [maximum_drift]: a running maximum drifts no further than what it is of.
   - [mean_of_inputs_drift]: a mean whose inputs are off by e, themselves, lies off by e more. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Expression Rounding.
Open Scope R_scope.

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

(** A mean of gradients, in the lanes' order. *)
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

(** A mean of squares, in the lanes' order. *)
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

(** * A running maximum *)

(** A maximum rounds nothing, so that it drifts no further than v has. *)
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

(** * Inputs that carry errors *)

(** A decayed mean whose inputs are off by e lies off by e more, since its weights sum to one. It is
    so for T steps only, since the errors of what it is of may grow. *)
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
