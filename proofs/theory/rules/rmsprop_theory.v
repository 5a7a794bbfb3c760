(* SPDX-License-Identifier: Apache-2.0 *)
(* RMSprop: its inputs, how far its states and theta drift, its epsilon, its printed form. The mean
   of a centered form drifts as every decayed mean does (drift/Means.v).

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean.

   - [rmsprop_drift]: s with epsilon in it is at most B = G^2 + epsilon / w, its first step
     included, and if c u < w
       |s~ - s| <= (c u B + ((1 + u)^2 G + 3 + 2 u) eta) / (w - c u),
       c = 2 + u + (((1 + u)^2 + 1) (1 + kappa u) + 2 kappa) w.
   - [rmsprop_buffer_drift]: the buffer, epsilon in the state, without underflow, D the bound of s~
     by [rmsprop_drift], D < epsilon, K = (1 + kappa u) (1 + u) - 1:
       |v~ - v| <= (K mu V + u (P + e)) / (1 - mu (1 + K)) + e / (1 - mu) for all t,
       P = push / sqrt w, V = (P + e) / (1 - mu),
       e = ((1 + u) (1 + K) / ((1 - u) sqrt (1 - D / epsilon)) - 1) P, mainly P D / (2 epsilon).
   - [rmsprop_theta_drift]: without the buffer theta has that e, push being the learning rate.
   - [rmsprop_epsilon]: with epsilon in the state s is the decayed mean of g^2 plus
     epsilon (1 - beta^t) / (1 - beta); [rmsprop_epsilon_limit]: which tends to
     epsilon / (1 - beta).
   - Printed, sigma_0 = g. [printed_rmsprop_first_step]: the first step is -alpha whatever g <> 0
     is; [printed_rmsprop_steps_uphill]: on a linear loss that goes uphill if g < 0. *)

Require Import Reals String List Psatz Lia.
From Truestep Require Import Expression Apriori Rounding Recurrences Means Sums Directions.
From Truestep Require Import ClosedForms.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition rmsprop :=
  inputs (("w", Weight) :: ("w_of_mean", Weight) :: ("learning_rate", Hyperparameter)
          :: ("epsilon", Hyperparameter) :: ("k", Coefficient) :: ("root_of_k", Coefficient)
          :: ("momentum", Hyperparameter) :: ("push", Hyperparameter) :: ("pull", Hyperparameter)
          :: ("s", Moment) :: nil).

Open Scope R_scope.

(** * Epsilon in the state *)

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

(** * Directions *)

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

(** * What epsilon adds *)

Fixpoint rmsprop_s beta epsilon (g2 : nat -> R) t :=
  match t with
  | O => 0
  | S t => beta * rmsprop_s beta epsilon g2 t + (1 - beta) * g2 t + epsilon
  end.

Theorem rmsprop_epsilon beta epsilon g2 t :
  beta <> 1 ->
  rmsprop_s beta epsilon g2 t
  = decayed_mean beta g2 t + epsilon * (1 - beta ^ t) / (1 - beta).
Proof.
  intros Hb; unfold decayed_mean.
  induction t as [|t IH]; simpl; [|rewrite IH]; field; lra.
Qed.

Theorem rmsprop_epsilon_limit beta epsilon :
  0 <= beta < 1 ->
  Un_cv (fun t => epsilon * (1 - beta ^ t) / (1 - beta)) (epsilon / (1 - beta)).
Proof.
  intros Hb; set (limit := epsilon / (1 - beta)).
  intros bound Hbound.
  destruct (pow_lt_1_zero beta) with (y := bound / (Rabs limit + 1)) as [N HN].
  - rewrite Rabs_pos_eq; lra.
  - apply Rdiv_lt_0_compat; [exact Hbound|generalize (Rabs_pos limit); lra].
  - exists N; intros t Ht; specialize (HN t Ht); unfold R_dist.
    replace (epsilon * (1 - beta ^ t) / (1 - beta) - limit) with (- (limit * beta ^ t))
      by (unfold limit; field; lra).
    rewrite Rabs_Ropp, Rabs_mult.
    assert (P := Rabs_pos limit).
    apply Rmult_lt_compat_r with (r := Rabs limit + 1) in HN; [|lra].
    replace (bound / (Rabs limit + 1) * (Rabs limit + 1)) with bound in HN by (field; lra).
    generalize (Rabs_pos (beta ^ t)); nra.
Qed.

(** * The printed form *)

(** sigma_0 = g with its sign. *)
Definition printed_rmsprop_first alpha theta g := theta - alpha / g * g.

Theorem printed_rmsprop_first_step alpha theta g :
  g <> 0 -> printed_rmsprop_first alpha theta g = theta - alpha.
Proof. intros; unfold printed_rmsprop_first; field; assumption. Qed.

(** The loss g theta has the gradient g everywhere. *)
Corollary printed_rmsprop_steps_uphill alpha theta g :
  0 < alpha -> g < 0 -> g * theta < g * printed_rmsprop_first alpha theta g.
Proof. intros; rewrite printed_rmsprop_first_step by lra; nra. Qed.
