(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Nesterov's recorded lane whose gradient is taken at its own look-ahead, as in
   training: the gradient answers to the errors of theta and of the buffer.

   Rounding.v says what u, eta, kappa and a tilde mean, momentum_run.v what [product_growth] and
   [buffer_top] are. The gradient is at most G, and a stored run's is within
   slope |look-ahead~ - look-ahead| + spread of the exact one's: slope is a Lipschitz constant of
   the gradient, spread what its own computation is off by.

   - [fed_back_until]: [fed_back] of momentum_decay_run.v, for T steps;
   - [answering_momentum_run]: with underflow, theta is off by at most [fed_back_drift] after each
     of T steps, while mu, which the answer makes larger ([answering_decay]), stays below 1. *)

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

Variables (u eta mu mut alpha alphat G slope spread : R) (rnd : R -> R) (f r : run) (T : nat).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hmu : constant_within u mu mut "momentum" f r.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" f r.
Hypothesis HG : forall t, Rabs (r t "gradient") <= G.
Hypothesis Hslope : 0 <= slope.
Hypothesis Hspread : 0 <= spread.
Hypothesis answers : forall t, (t < T)%nat ->
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

Theorem answering_momentum_run t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= fed_back_drift u answering_decay answering_feedback answering_local (u * Theta + eta) t.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K0 := kappa_pos).
  assert (k0 : 0 <= k) by (apply Rmult_le_pos; lra).
  destruct Hmu as (Same_mu & M & Hm), Ha as (Same_a & A & Hat). fold k in Hm, Hat.
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (r O "gradient")) (HG O); lra).
  assert (aG : 0 <= alpha * G) by now apply Rmult_le_pos.
  assert (pg := product_growth_at_least_0 u U).
  assert (mp : 0 <= mu * (1 + product_growth u)) by (apply Rmult_le_pos; lra).
  assert (ans : 0 <= alpha * ((1 + k) * (1 + u) ^ 2 * slope)).
  { apply Rmult_le_pos; [easy |]. apply Rmult_le_pos; [| easy].
    apply Rmult_le_pos; [lra | apply pow2_ge_0]. }
  assert (D0 : 0 <= answering_decay) by (apply Rmult_le_pos; lra).
  assert (M1 : 0 <= mu < 1).
  { split; [easy |]. assert (mu * (1 + product_growth u) <= answering_decay)
      by (unfold answering_decay; nra). nra. }
  assert (V0 : 0 <= V)
    by (apply Rmult_le_pos; [easy |]; apply Rlt_le, Rinv_0_lt_compat; lra).
  assert (mV : 0 <= mu * V) by now apply Rmult_le_pos.
  assert (exact_moves : forall i, r (S i) "v" = mu * r i "v" - alpha * r i "gradient").
  { intro i. rewrite (proj2 exact_v). cbn. now rewrite (proj1 (Same_mu i)), (proj1 (Same_a i)). }
  assert (stored_moves : forall i,
    f (S i) "v" = rnd (rnd (mut * f i "v") - rnd (alphat * f i "gradient"))).
  { intro i. rewrite (proj2 stored_v). cbn. now rewrite (proj2 (Same_mu i)), (proj2 (Same_a i)). }
  assert (theta_moves : forall i, r (S i) "theta" = r i "theta" + r (S i) "v"
    /\ f (S i) "theta" = rnd (f i "theta" + f (S i) "v")).
  { intro i. rewrite exact_theta, stored_theta, (proj2 exact_v), (proj2 stored_v). now split. }
  assert (v_size : forall i, Rabs (r i "v") <= V).
  { apply (contractive_range mu V (alpha * G) (fun i => r i "v")
      (fun i => - (alpha * r i "gradient"))); auto.
    - rewrite (proj1 exact_v), Rabs_R0. exact V0.
    - intro i. rewrite Rabs_Ropp. apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply HG]. }
  assert (theta_size : forall i, (i <= T)%nat -> Rabs (r i "theta") <= Theta).
  { intros i Hi. apply Rle_trans with (Rabs (r O "theta") + INR i * V).
    - clear Hi. induction i as [| i IH]; [simpl; lra |]. rewrite (proj1 (theta_moves i)), S_INR.
      generalize (Rabs_plus _ _ _ _ IH (v_size (S i))). lra.
    - apply Rplus_le_compat_l, Rmult_le_compat_r; [exact V0 | now apply le_INR]. }
  assert (T0 : 0 <= Theta) by (generalize (Rabs_pos (r O "theta")) (theta_size O ltac:(lia)); lra).
  assert (re : forall e m, 0 <= e -> 0 <= m -> 0 <= rounded_error u eta e m).
  { intros e m E0 m0. unfold rounded_error.
    assert (0 <= (1 + u) * e) by (apply Rmult_le_pos; lra).
    assert (0 <= u * m) by now apply Rmult_le_pos. lra. }
  assert (kV : 0 <= mu * (k * V)) by (apply Rmult_le_pos; [easy | now apply Rmult_le_pos]).
  assert (l0 : 0 <= look_ahead_local) by (apply re; [now apply re | lra]).
  assert (sl : 0 <= slope * look_ahead_local) by now apply Rmult_le_pos.
  assert (c0 : 0 <= answering_local).
  { apply re; [| exact V0]. apply Rplus_le_le_0_compat; apply re; auto.
    apply Rmult_le_pos; [easy |]. assert (0 <= (1 + k) * (slope * look_ahead_local + spread))
      by (apply Rmult_le_pos; lra). assert (0 <= k * G) by now apply Rmult_le_pos. lra. }
  apply (fed_back_until u answering_decay answering_feedback answering_local (u * Theta + eta) T
    (fun i => Rabs (f i "v" - r i "v")) (fun i => Rabs (f i "theta" - r i "theta"))).
  - exact U.
  - split; [exact D0 | exact HK].
  - unfold answering_feedback. assert (0 <= alpha * slope) by now apply Rmult_le_pos.
    apply Rmult_le_pos; [| easy]. apply Rmult_le_pos; [apply pow_le |]; lra.
  - exact c0.
  - assert (0 <= u * Theta) by now apply Rmult_le_pos. lra.
  - rewrite (proj1 exact_v), (proj1 stored_v). rewrite Rminus_diag_eq, Rabs_R0; reflexivity.
  - rewrite Hstart, Rminus_diag_eq, Rabs_R0; reflexivity.
  - intro i. split; apply Rabs_pos.
  - intros i Hi. set (e := Rabs (f i "v" - r i "v")). set (E := Rabs (f i "theta" - r i "theta")).
    assert (P1 := scaled_near u mu mut (r i "v") (f i "v") e V M Hm (v_size i) (Rle_refl _)).
    apply (rounded_error_bounds u eta rnd _ _ _ (mu * V) Hr) in P1;
      [| apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply v_size]].
    assert (P2 : Rabs (f i "theta" + rnd (mut * f i "v") - (r i "theta" + mu * r i "v"))
      <= E + rounded_error u eta (mu * ((1 + kappa * u) * e + kappa * u * V)) (mu * V)).
    { replace (f i "theta" + rnd (mut * f i "v") - (r i "theta" + mu * r i "v"))
        with ((f i "theta" - r i "theta") + (rnd (mut * f i "v") - mu * r i "v")) by ring.
      apply Rabs_plus; [apply Rle_refl | exact P1]. }
    apply (rounded_error_bounds u eta rnd _ _ _ (Theta + mu * V) Hr) in P2.
    2: { apply Rabs_plus; [apply theta_size; lia |].
         apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply v_size]. }
    assert (P3 := answers i Hi). cbn [rounded exact nag_look_ahead_look_ahead] in P3.
    rewrite (proj1 (Same_mu i)), (proj2 (Same_mu i)) in P3.
    assert (P4 := Rmult_le_compat_l _ _ _ Hslope P2).
    assert (P5 : Rabs (f i "gradient" - r i "gradient")
      <= slope * rounded_error u eta (E + rounded_error u eta
           (mu * ((1 + kappa * u) * e + kappa * u * V)) (mu * V)) (Theta + mu * V) + spread) by lra.
    assert (P6 := scaled_near u alpha alphat _ _ _ G A Hat (HG i) P5).
    apply (rounded_error_bounds u eta rnd _ _ _ (alpha * G) Hr) in P6;
      [| apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply HG]].
    rewrite <- Rabs_Ropp in P6. assert (P7 := Rabs_plus _ _ _ _ P1 P6).
    rewrite exact_moves, stored_moves.
    set (x := rnd (mut * f i "v")) in *. set (z := rnd (alphat * f i "gradient")) in *.
    replace (x - mu * r i "v" + - (z - alpha * r i "gradient"))
      with (x - z - (mu * r i "v" - alpha * r i "gradient")) in P7 by ring.
    apply (rounded_error_bounds u eta rnd _ _ _ V Hr) in P7;
      [| rewrite <- exact_moves; apply v_size].
    eapply Rle_trans; [exact P7 |]. right.
    unfold answering_local, answering_decay, answering_feedback, look_ahead_local, rounded_error,
      product_growth, k. ring.
  - intros i Hi. destruct (theta_moves i) as (-> & ->).
    assert (near : Rabs (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v"))
      <= Rabs (f i "theta" - r i "theta") + Rabs (f (S i) "v" - r (S i) "v")).
    { replace (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v"))
        with ((f i "theta" - r i "theta") + (f (S i) "v" - r (S i) "v")) by ring.
      apply Rabs_triang. }
    apply (rounded_error_bounds u eta rnd _ _ _ Theta Hr) in near;
      [| rewrite <- (proj1 (theta_moves i)); apply theta_size; lia].
    eapply Rle_trans; [exact near |]. unfold rounded_error. lra.
Qed.

End LookAhead.
