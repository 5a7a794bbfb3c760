(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Nesterov's recorded lane whose gradient is taken at its own look-ahead, as in
   training: the gradient answers to the errors of theta and of the buffer.

   Rounding.v says what u, eta, kappa and a tilde mean, momentum_run.v what [product_growth] and
   [buffer_top] are. The gradient is at most G, and a stored run's is within
   slope |look-ahead~ - look-ahead| + spread of the exact one's: slope is a Lipschitz constant of
   the gradient, spread what its own computation is off by.

   - [fed_back_until]: [fed_back] of momentum_decay_run.v, for T steps;
   - [answering_momentum_run]: with underflow, theta is off by at most [fed_back_drift] after each
     of T steps, while mu, which the answer makes larger ([answering_decay]), stays below 1;
   - [answering_steps]: so it is after the first N of T steps, if their gradients answer. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Recurrences Runs momentum_run momentum_decay_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Corollary fed_back_until u a b c d T (e E : nat -> R) :
  0 <= u -> 0 <= a < 1 -> 0 <= b -> 0 <= c -> 0 <= d -> e O = 0 -> E O = 0 ->
  (forall t, 0 <= e t /\ 0 <= E t) ->
  (forall t, (t < T)%nat -> e (S t) <= a * e t + b * E t + c) ->
  (forall t, (t < T)%nat -> E (S t) <= (1 + u) * (E t + e (S t)) + d) ->
  forall t, (t <= T)%nat -> E t <= fed_back_drift u a b c d t.
Proof.
  intros U A B C D e0 E0 P He HE t Ht.
  set (until := fun (x : nat -> R) t => if (t <=? T)%nat then x t else 0).
  assert (in_time : forall x i, (i <= T)%nat -> until x i = x i)
    by (intros x i H; unfold until; now rewrite (proj2 (Nat.leb_le i T)) by exact H).
  assert (later : forall x i, (T < i)%nat -> until x i = 0)
    by (intros x i H; unfold until; now rewrite (proj2 (Nat.leb_gt i T)) by exact H).
  assert (Q : forall i, 0 <= until e i /\ 0 <= until E i).
  { intro i. unfold until. destruct (i <=? T)%nat; [apply P | lra]. }
  assert (F := fed_back u a b c d (until e) (until E) U A B C D). rewrite <- (in_time E t Ht).
  apply F.
  - now rewrite in_time by lia.
  - now rewrite in_time by lia.
  - intro i. destruct (Q i) as [Q1 Q2]. destruct (Nat.lt_ge_cases i T) as [H | H].
    + rewrite !in_time by lia. now apply He.
    + rewrite (later e (S i)) by lia.
      assert (0 <= a * until e i) by (apply Rmult_le_pos; lra).
      assert (0 <= b * until E i) by (apply Rmult_le_pos; lra). lra.
  - intro i. destruct (Q i) as [Q1 Q2]. destruct (Q (S i)) as [Q3 Q4].
    destruct (Nat.lt_ge_cases i T) as [H | H].
    + rewrite !in_time by lia. now apply HE.
    + rewrite (later E (S i)) by lia.
      assert (0 <= (1 + u) * (until E i + until e (S i))) by (apply Rmult_le_pos; lra). lra.
Qed.

Section LookAhead.

(* T steps bound theta; the gradients of the first N of them are known to answer. *)
Variables (u eta mu mut alpha alphat G slope spread : R) (rnd : R -> R) (f r : run) (N T : nat).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hmu : constant_within u mu mut "momentum" f r.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" f r.
Hypothesis HG : forall t, Rabs (r t "gradient") <= G.
Hypothesis Hslope : 0 <= slope.
Hypothesis Hspread : 0 <= spread.
Hypothesis HN : (N <= T)%nat.
Hypothesis answers : forall t, (t < N)%nat ->
  Rabs (f t "gradient" - r t "gradient")
  <= slope * Rabs (rounded rnd (f t) nag_look_ahead_look_ahead
                   - exact (r t) nag_look_ahead_look_ahead) + spread.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis exact_v : follows_from_zero exact "v" nag_v r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" nag_v f.
Hypothesis exact_theta : follows exact "theta" nag_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" nag_theta f.

Let k := kappa * u.
Let V := buffer_top mu (alpha * G).
Let Theta := Rabs (r O "theta") + INR T * V.

(* What the look-ahead and the gradient are off by when neither theta nor the buffer is. *)
Definition look_ahead_local : R :=
  rounded_error u eta (rounded_error u eta (mu * (k * V)) (mu * V)) (Theta + mu * V).
Definition answering_local : R :=
  rounded_error u eta
    (rounded_error u eta (mu * (k * V)) (mu * V)
     + rounded_error u eta
         (alpha * ((1 + k) * (slope * look_ahead_local + spread) + k * G)) (alpha * G)) V.
Definition answering_decay : R :=
  mu * (1 + product_growth u) * (1 + alpha * ((1 + k) * (1 + u) ^ 2 * slope)).
Definition answering_feedback : R := (1 + u) ^ 3 * (1 + k) * (alpha * slope).
Hypothesis HK : answering_decay < 1.

Let e t := Rabs (f t "v" - r t "v").
Let E t := Rabs (f t "theta" - r t "theta").

(* What the look-ahead is off by, and the gradient. *)
Let point_error (x y : R) : R :=
  rounded_error u eta (y + rounded_error u eta (mu * ((1 + k) * x + k * V)) (mu * V))
    (Theta + mu * V).

Lemma answering_ranges :
  0 <= u /\ 0 <= eta /\ 0 <= k /\ 0 <= alpha /\ 0 <= G /\ 0 <= mu < 1 /\ 0 <= answering_decay
  /\ 0 <= V /\ 0 <= Theta.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (H := eta_nonneg _ _ _ Hr). assert (K0 := kappa_pos).
  assert (k0 : 0 <= k) by (apply Rmult_le_pos; lra).
  destruct Hmu as (_ & M & _), Ha as (_ & A & _).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (r O "gradient")) (HG O); lra).
  assert (pg := product_growth_at_least_0 u U).
  assert (mp : 0 <= mu * (1 + product_growth u)) by (apply Rmult_le_pos; lra).
  assert (ans : 0 <= alpha * ((1 + k) * (1 + u) ^ 2 * slope)).
  { apply Rmult_le_pos; [easy |]. apply Rmult_le_pos; [| easy].
    apply Rmult_le_pos; [lra | apply pow2_ge_0]. }
  assert (D0 : 0 <= answering_decay) by (apply Rmult_le_pos; lra).
  assert (M1 : 0 <= mu < 1).
  { split; [easy |]. assert (mu * (1 + product_growth u) <= answering_decay)
      by (unfold answering_decay; nra). nra. }
  assert (V0 : 0 <= V).
  { apply Rmult_le_pos; [now apply Rmult_le_pos |]. apply Rlt_le, Rinv_0_lt_compat; lra. }
  repeat split; try easy. apply Rplus_le_le_0_compat; [apply Rabs_pos |].
  apply Rmult_le_pos; [apply pos_INR | exact V0].
Qed.

Lemma answering_moves t :
  r (S t) "v" = mu * r t "v" - alpha * r t "gradient"
  /\ f (S t) "v" = rnd (rnd (mut * f t "v") - rnd (alphat * f t "gradient"))
  /\ r (S t) "theta" = r t "theta" + r (S t) "v"
  /\ f (S t) "theta" = rnd (f t "theta" + f (S t) "v").
Proof.
  destruct Hmu as (Same_mu & _), Ha as (Same_a & _).
  rewrite exact_theta, stored_theta, (proj2 exact_v), (proj2 stored_v). cbn.
  now rewrite (proj1 (Same_mu t)), (proj1 (Same_a t)), (proj2 (Same_mu t)), (proj2 (Same_a t)).
Qed.

Lemma answering_v_at_most t : Rabs (r t "v") <= V.
Proof.
  destruct answering_ranges as (_ & _ & _ & A & _ & M & _ & V0 & _).
  apply (contractive_range mu V (alpha * G) (fun i => r i "v")
    (fun i => - (alpha * r i "gradient"))); auto.
  - rewrite (proj1 exact_v), Rabs_R0. exact V0.
  - intro i. rewrite Rabs_Ropp. apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply HG].
  - intro i. rewrite (proj1 (answering_moves i)). ring.
Qed.

Lemma answering_theta_at_most t : (t <= T)%nat -> Rabs (r t "theta") <= Theta.
Proof.
  intros Ht. apply Rle_trans with (Rabs (r O "theta") + INR t * V).
  - clear Ht. induction t as [| t IH]; [simpl; lra |].
    rewrite (proj1 (proj2 (proj2 (answering_moves t)))), S_INR.
    generalize (Rabs_plus _ _ _ _ IH (answering_v_at_most (S t))). lra.
  - apply Rplus_le_compat_l, Rmult_le_compat_r; [apply answering_ranges | now apply le_INR].
Qed.

Lemma kept_product_near t :
  Rabs (rnd (mut * f t "v") - mu * r t "v")
  <= rounded_error u eta (mu * ((1 + kappa * u) * e t + kappa * u * V)) (mu * V).
Proof.
  destruct answering_ranges as (_ & _ & _ & _ & _ & M & _). destruct Hmu as (_ & _ & Hm).
  apply (rounded_error_bounds u eta rnd _ _ _ (mu * V) Hr).
  - now apply (scaled_near u mu mut (r t "v") (f t "v") (e t) V (proj1 M) Hm
      (answering_v_at_most t) (Rle_refl _)).
  - apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply answering_v_at_most].
Qed.

Lemma look_ahead_near t : (t <= T)%nat ->
  Rabs (rounded rnd (f t) nag_look_ahead_look_ahead - exact (r t) nag_look_ahead_look_ahead)
  <= point_error (e t) (E t).
Proof.
  intro Ht. destruct answering_ranges as (_ & _ & _ & _ & _ & M & _).
  destruct Hmu as (Same_mu & _). cbn [rounded exact nag_look_ahead_look_ahead].
  rewrite (proj1 (Same_mu t)), (proj2 (Same_mu t)).
  apply (rounded_error_bounds u eta rnd _ _ _ (Theta + mu * V) Hr).
  - replace (f t "theta" + rnd (mut * f t "v") - (r t "theta" + mu * r t "v"))
      with ((f t "theta" - r t "theta") + (rnd (mut * f t "v") - mu * r t "v")) by ring.
    apply Rabs_plus; [apply Rle_refl | apply kept_product_near].
  - apply Rabs_plus; [now apply answering_theta_at_most |].
    apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply answering_v_at_most].
Qed.

Lemma answering_gradient_near t : (t < N)%nat ->
  Rabs (f t "gradient" - r t "gradient") <= slope * point_error (e t) (E t) + spread.
Proof.
  intro Ht. eapply Rle_trans; [now apply answers |]. apply Rplus_le_compat_r.
  apply Rmult_le_compat_l; [exact Hslope |]. apply look_ahead_near. lia.
Qed.

Lemma answering_step t : (t < N)%nat ->
  e (S t) <= answering_decay * e t + answering_feedback * E t + answering_local.
Proof.
  intro Ht. destruct answering_ranges as (_ & _ & _ & A & _ & M & _). destruct Ha as (_ & _ & Hat).
  assert (P1 := kept_product_near t).
  assert (P6 := scaled_near u alpha alphat _ _ _ G A Hat (HG t) (answering_gradient_near t Ht)).
  apply (rounded_error_bounds u eta rnd _ _ _ (alpha * G) Hr) in P6;
    [| apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply HG]].
  rewrite <- Rabs_Ropp in P6. assert (P7 := Rabs_plus _ _ _ _ P1 P6).
  unfold e at 1. destruct (answering_moves t) as (moved & -> & _). rewrite moved.
  set (x := rnd (mut * f t "v")) in *. set (z := rnd (alphat * f t "gradient")) in *.
  replace (x - mu * r t "v" + - (z - alpha * r t "gradient"))
    with (x - z - (mu * r t "v" - alpha * r t "gradient")) in P7 by ring.
  apply (rounded_error_bounds u eta rnd _ _ _ V Hr) in P7;
    [| rewrite <- moved; apply answering_v_at_most].
  eapply Rle_trans; [exact P7 |]. right.
  unfold answering_local, answering_decay, answering_feedback, look_ahead_local, point_error,
    rounded_error, product_growth, k. ring.
Qed.

Lemma answering_constants : 0 <= answering_feedback /\ 0 <= answering_local.
Proof.
  destruct answering_ranges as (U & H & k0 & A & G0 & M & D0 & V0 & T0).
  assert (re : forall x m, 0 <= x -> 0 <= m -> 0 <= rounded_error u eta x m).
  { intros x m X0 m0. unfold rounded_error.
    assert (0 <= (1 + u) * x) by (apply Rmult_le_pos; lra).
    assert (0 <= u * m) by now apply Rmult_le_pos. lra. }
  assert (mV : 0 <= mu * V) by now apply Rmult_le_pos.
  assert (aG : 0 <= alpha * G) by now apply Rmult_le_pos.
  assert (kV : 0 <= mu * (k * V)) by (apply Rmult_le_pos; [easy | now apply Rmult_le_pos]).
  assert (l0 : 0 <= look_ahead_local) by (apply re; [now apply re | lra]).
  assert (sl : 0 <= slope * look_ahead_local) by now apply Rmult_le_pos. split.
  - unfold answering_feedback. assert (0 <= alpha * slope) by now apply Rmult_le_pos.
    apply Rmult_le_pos; [| easy]. apply Rmult_le_pos; [apply pow_le |]; lra.
  - apply re; [| exact V0]. apply Rplus_le_le_0_compat; apply re; auto.
    apply Rmult_le_pos; [easy |]. assert (0 <= (1 + k) * (slope * look_ahead_local + spread))
      by (apply Rmult_le_pos; lra). assert (0 <= k * G) by now apply Rmult_le_pos. lra.
Qed.

Definition answering_drift (t : nat) : R :=
  fed_back_drift u answering_decay answering_feedback answering_local (u * Theta + eta) t.

Theorem answering_steps t : (t <= N)%nat ->
  Rabs (f t "theta" - r t "theta") <= answering_drift t.
Proof.
  intro Ht. destruct answering_ranges as (U & H & _ & _ & _ & _ & D0 & _ & T0).
  destruct answering_constants as (b0 & c0).
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  apply (fed_back_until u answering_decay answering_feedback answering_local (u * Theta + eta) N
    e E); auto; try lra.
  - unfold e. rewrite (proj1 exact_v), (proj1 stored_v), Rminus_diag_eq, Rabs_R0; reflexivity.
  - unfold E. rewrite Hstart, Rminus_diag_eq, Rabs_R0; reflexivity.
  - intro i. split; apply Rabs_pos.
  - exact answering_step.
  - intros i Hi. unfold E at 1. destruct (answering_moves i) as (_ & _ & moved & ->).
    rewrite moved.
    assert (near : Rabs (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v")) <= E i + e (S i)).
    { replace (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v"))
        with ((f i "theta" - r i "theta") + (f (S i) "v" - r (S i) "v")) by ring.
      apply Rabs_triang. }
    apply (rounded_error_bounds u eta rnd _ _ _ Theta Hr) in near;
      [| rewrite <- moved; apply answering_theta_at_most; lia].
    eapply Rle_trans; [exact near |]. unfold rounded_error. lra.
Qed.

(* How far the buffer, the look-ahead and the gradient are off in T steps. *)
Definition answering_buffer_error : R :=
  (answering_feedback * answering_drift T + answering_local) / (1 - answering_decay).
Definition answering_point_error : R := point_error answering_buffer_error (answering_drift T).

Lemma answering_drift_grows t : (t <= T)%nat -> 0 <= answering_drift t <= answering_drift T.
Proof.
  intro Ht. destruct answering_ranges as (U & H & _ & _ & _ & _ & D0 & _ & T0).
  destruct answering_constants as (b0 & c0).
  assert (uT : 0 <= u * Theta) by now apply Rmult_le_pos.
  apply fed_back_drift_grows; auto; lra.
Qed.

Lemma answering_v_near t : (t <= N)%nat -> e t <= answering_buffer_error.
Proof.
  destruct answering_ranges as (_ & _ & _ & _ & _ & _ & D0 & _).
  destruct answering_constants as (b0 & c0).
  destruct (answering_drift_grows T (Nat.le_refl T)) as [F0 _].
  assert (n0 : 0 <= answering_feedback * answering_drift T) by now apply Rmult_le_pos.
  set (eT := answering_buffer_error).
  assert (fixed : eT = answering_decay * eT + (answering_feedback * answering_drift T
    + answering_local)) by (unfold eT, answering_buffer_error; field; lra).
  induction t as [| t IH]; intro Ht.
  - unfold e. rewrite (proj1 exact_v), (proj1 stored_v), Rminus_diag_eq, Rabs_R0 by easy.
    apply Rmult_le_pos; [lra |]. apply Rlt_le, Rinv_0_lt_compat. lra.
  - eapply Rle_trans; [apply answering_step; lia |]. rewrite fixed.
    assert (A := Rmult_le_compat_l _ _ _ D0 (IH ltac:(lia))).
    assert (Et : E t <= answering_drift T)
      by (eapply Rle_trans; [apply answering_steps; lia | apply answering_drift_grows; lia]).
    assert (B := Rmult_le_compat_l _ _ _ b0 Et). lra.
Qed.

Lemma answering_point_near t : (t <= N)%nat ->
  Rabs (rounded rnd (f t) nag_look_ahead_look_ahead - exact (r t) nag_look_ahead_look_ahead)
  <= answering_point_error.
Proof.
  intro Ht. destruct answering_ranges as (U & _ & k0 & _ & _ & M & _).
  eapply Rle_trans; [apply look_ahead_near; lia |].
  assert (e1 := answering_v_near t Ht).
  assert (E1 : E t <= answering_drift T)
    by (eapply Rle_trans; [now apply answering_steps | apply answering_drift_grows; lia]).
  assert (e2 : mu * ((1 + k) * e t + k * V) <= mu * ((1 + k) * answering_buffer_error + k * V)).
  { apply Rmult_le_compat_l; [easy |]. apply Rplus_le_compat_r, Rmult_le_compat_l; lra. }
  assert (e3 := Rmult_le_compat_l (1 + u) _ _ ltac:(lra) e2).
  unfold answering_point_error, point_error, rounded_error.
  apply Rplus_le_compat_r, Rplus_le_compat_r, Rmult_le_compat_l; lra.
Qed.

End LookAhead.

Theorem answering_momentum_run u eta mu mut alpha alphat G slope spread (rnd : R -> R) (f r : run)
    T :
  rounding u eta rnd ->
  constant_within u mu mut "momentum" f r -> constant_within u alpha alphat "learning_rate" f r ->
  (forall t, Rabs (r t "gradient") <= G) -> 0 <= slope -> 0 <= spread ->
  (forall t, (t < T)%nat ->
    Rabs (f t "gradient" - r t "gradient")
    <= slope * Rabs (rounded rnd (f t) nag_look_ahead_look_ahead
                     - exact (r t) nag_look_ahead_look_ahead) + spread) ->
  f O "theta" = r O "theta" ->
  follows_from_zero exact "v" nag_v r -> follows_from_zero (rounded rnd) "v" nag_v f ->
  follows exact "theta" nag_theta r -> follows (rounded rnd) "theta" nag_theta f ->
  answering_decay u mu alpha slope < 1 ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= fed_back_drift u (answering_decay u mu alpha slope) (answering_feedback u alpha slope)
         (answering_local u eta mu alpha G slope spread r T)
         (u * (Rabs (r O "theta") + INR T * buffer_top mu (alpha * G)) + eta) t.
Proof.
  intros. now apply (answering_steps u eta mu mut alpha alphat G slope spread rnd f r T T).
Qed.
