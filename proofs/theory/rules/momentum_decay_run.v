(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum's recorded lane with weight decay in the gradient, and so of Nesterov's,
   whose terms are the same: how far theta drifts, with gradients that are given.

   The decay feeds theta's error back into the buffer. Rounding.v says what u, eta, kappa and a
   tilde mean, momentum_run.v what [product_growth] and [buffer_top] are. Theta bounds the exact
   theta; G the gradients; D = lambda Theta + G is then the largest decayed gradient.

   Results, underflow included:
   - [fed_back]: two errors that feed each other, e' <= a e + b E + c and E' <= (1 + u) (E + e') +
   d, stay below (b E + c) / (1 - a) and t q^t r, q = (1 + u) (1 + b / (1 - a));
   - [decayed_momentum_run]: so theta is off by at most [fed_back_drift] after t steps. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Recurrences Runs Gradual momentum_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition fed_back_growth (u a b : R) : R := (1 + u) * (1 + b / (1 - a)).
Definition fed_back_drift (u a b c d : R) (t : nat) : R :=
  INR t * fed_back_growth u a b ^ t * ((1 + u) * (c / (1 - a)) + d).

Theorem fed_back u a b c d (e E : nat -> R) :
  0 <= u -> 0 <= a < 1 -> 0 <= b -> 0 <= c -> 0 <= d -> e O = 0 -> E O = 0 ->
  (forall t, e (S t) <= a * e t + b * E t + c) ->
  (forall t, E (S t) <= (1 + u) * (E t + e (S t)) + d) ->
  forall t, e t <= (b * fed_back_drift u a b c d t + c) / (1 - a)
            /\ E t <= fed_back_drift u a b c d t.
Proof.
  intros U A B C D e0 E0 He HE.
  set (q := fed_back_growth u a b). set (r := (1 + u) * (c / (1 - a)) + d).
  set (bound t := fed_back_drift u a b c d t).
  assert (I : 0 < / (1 - a)) by (apply Rinv_0_lt_compat; lra).
  assert (ba : 0 <= b / (1 - a)) by (apply Rmult_le_pos; lra).
  assert (ca : 0 <= c / (1 - a)) by (apply Rmult_le_pos; lra).
  assert (q1 : 1 <= q).
  { unfold q, fed_back_growth. set (x := b / (1 - a)) in *.
    assert (0 <= u * x) by now apply Rmult_le_pos. lra. }
  assert (r0 : 0 <= r).
  { unfold r. assert (0 <= (1 + u) * (c / (1 - a))) by (apply Rmult_le_pos; lra). lra. }
  assert (step : forall t, q * bound t + r <= bound (S t)).
  { intro t. unfold bound, fed_back_drift. fold q r. rewrite S_INR. change (q ^ S t) with (q * q ^
    t).
    assert (Q : 1 <= q ^ t) by now apply pow_R1_Rle.
    assert (P : 1 * 1 <= q * q ^ t) by (apply Rmult_le_compat; lra).
    assert (1 * r <= q * q ^ t * r) by (apply Rmult_le_compat_r; lra).
    replace (q * (INR t * q ^ t * r)) with (INR t * (q * q ^ t) * r) by ring. lra. }
  assert (positive : forall t, 0 <= bound t).
  { intro t. unfold bound, fed_back_drift. fold q r. repeat apply Rmult_le_pos;
      [apply pos_INR | apply pow_le; lra | exact r0]. }
  induction t as [| t (IHe & IHE)].
  - rewrite e0, E0. fold (bound O). split; [| apply positive].
    apply Rmult_le_pos; [| lra]. assert (0 <= b * bound O) by (apply Rmult_le_pos; auto). lra.
  - fold (bound t) in IHe, IHE. fold (bound (S t)).
    assert (next : e (S t) <= (b * bound t + c) / (1 - a)).
    { eapply Rle_trans; [apply He |].
      assert (a * e t <= a * ((b * bound t + c) / (1 - a))) by (apply Rmult_le_compat_l; lra).
      assert (b * E t <= b * bound t) by (apply Rmult_le_compat_l; lra).
      replace ((b * bound t + c) / (1 - a))
        with (a * ((b * bound t + c) / (1 - a)) + b * bound t + c) by (field; lra). lra. }
    assert (grows : bound t <= bound (S t)).
    { assert (S1 := step t). assert (P := positive t). nra. }
    split.
    + eapply Rle_trans; [exact next |]. apply Rmult_le_compat_r; [lra |].
      assert (b * bound t <= b * bound (S t)) by (apply Rmult_le_compat_l; lra). lra.
    + eapply Rle_trans; [apply HE |]. eapply Rle_trans; [| apply step].
      assert (Q : q * bound t + r = (1 + u) * (bound t + (b * bound t + c) / (1 - a)) + d)
        by (unfold q, r, fed_back_growth; field; lra).
      rewrite Q. assert ((1 + u) * (E t + e (S t))
        <= (1 + u) * (bound t + (b * bound t + c) / (1 - a))) by (apply Rmult_le_compat_l; lra).
          lra.
Qed.

Lemma fed_back_drift_grows u a b c d t T :
  0 <= u -> 0 <= a < 1 -> 0 <= b -> 0 <= c -> 0 <= d -> (t <= T)%nat ->
  0 <= fed_back_drift u a b c d t <= fed_back_drift u a b c d T.
Proof.
  intros U A B C D H. unfold fed_back_drift.
  assert (I : 0 < / (1 - a)) by (apply Rinv_0_lt_compat; lra).
  assert (ba : 0 <= b / (1 - a)) by (apply Rmult_le_pos; lra).
  assert (ca : 0 <= c / (1 - a)) by (apply Rmult_le_pos; lra).
  assert (Q : 1 <= fed_back_growth u a b) by (unfold fed_back_growth; nra).
  assert (Qt : 0 <= fed_back_growth u a b ^ t) by (apply pow_le; lra).
  assert (r0 : 0 <= (1 + u) * (c / (1 - a)) + d)
    by (assert (0 <= (1 + u) * (c / (1 - a))) by (apply Rmult_le_pos; lra); lra).
  assert (t0 := pos_INR t).
  split; [apply Rmult_le_pos; [now apply Rmult_le_pos | exact r0] |].
  apply Rmult_le_compat_r; [exact r0 |]. apply Rmult_le_compat; auto; [now apply le_INR |].
  apply Rle_pow; [exact Q | exact H].
Qed.

(* What one rounding makes of an error e of a number that is at most m. *)
Definition rounded_error (u eta e m : R) : R := (1 + u) * e + u * m + eta.

Lemma rounded_error_bounds u eta rnd x X e m :
  rounding u eta rnd -> Rabs (x - X) <= e -> Rabs X <= m ->
  Rabs (rnd x - X) <= rounded_error u eta e m.
Proof.
  intros Hr He Hm. eapply Rle_trans; [now apply (rounded_near u eta rnd x X e) |].
  assert (U := u_nonneg _ _ _ Hr). assert (u * Rabs X <= u * m) by (apply Rmult_le_compat_l; lra).
  unfold rounded_error. lra.
Qed.

(* A product with a coefficient c, stored as ct, of what is at most m and off by at most e. *)
Lemma scaled_near u c ct x xt e m :
  0 <= c -> Rabs (ct - c) <= kappa * u * c -> Rabs x <= m -> Rabs (xt - x) <= e ->
  Rabs (ct * xt - c * x) <= c * ((1 + kappa * u) * e + kappa * u * m).
Proof.
  intros C Hc Hx He. assert (S := Rabs_near _ _ _ _ Hx He).
  replace (ct * xt - c * x) with ((ct - c) * xt + c * (xt - x)) by ring.
  assert (A := Rabs_times _ _ _ _ Hc S).
  assert (B : Rabs (c * (xt - x)) <= c * e)
    by (rewrite Rabs_mult, (Rabs_pos_eq c) by easy; now apply Rmult_le_compat_l).
  generalize (Rabs_plus _ _ _ _ A B). lra.
Qed.

Section Decayed.

Variables (u eta mu mut alpha alphat lambda lambdat G Theta : R) (rnd : R -> R) (f r : run).
Let decayed := put "gradient" weight_decay_decayed_gradient.
Hypothesis Hr : rounding u eta rnd.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hmu : constant_within u mu mut "momentum" f r.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" f r.
Hypothesis Hl : constant_within u lambda lambdat "weight_decay" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis exact_v : follows_from_zero exact "v" (decayed momentum_v) r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" (decayed momentum_v) f.
Hypothesis exact_theta : follows exact "theta" (decayed momentum_theta) r.
Hypothesis stored_theta : follows (rounded rnd) "theta" (decayed momentum_theta) f.
Hypothesis HTheta : forall t, Rabs (r t "theta") <= Theta.

Let k := kappa * u.
Let D := lambda * Theta + G.
Let V := buffer_top mu (alpha * D).

(* What is off in the buffer, besides what the two errors bring. *)
Definition decayed_local : R :=
  rounded_error u eta
    (rounded_error u eta (mu * (k * V)) (mu * V)
     + rounded_error u eta
         (alpha * ((1 + k) * rounded_error u eta (lambda * (k * Theta)) D + k * D)) (alpha * D)) V.
Definition decayed_feedback : R := (1 + u) ^ 3 * (1 + k) ^ 2 * (alpha * lambda).

Lemma theta_moves t : r (S t) "theta" = r t "theta" + r (S t) "v"
  /\ f (S t) "theta" = rnd (f t "theta" + f (S t) "v").
Proof.
  rewrite exact_theta, stored_theta, (proj2 exact_v), (proj2 stored_v). split; reflexivity.
Qed.

Lemma v_moves t :
  r (S t) "v" = mu * r t "v" - alpha * (lambda * r t "theta" + r t "gradient")
  /\ f (S t) "v" = rnd (rnd (mut * f t "v")
                       - rnd (alphat * rnd (lambdat * f t "theta" + r t "gradient"))).
Proof.
  split.
  - rewrite (proj2 exact_v). cbn.
    now rewrite (proj1 (proj1 Hmu t)), (proj1 (proj1 Ha t)), (proj1 (proj1 Hl t)).
  - rewrite (proj2 stored_v). cbn.
    now rewrite (proj2 (proj1 Hmu t)), (proj2 (proj1 Ha t)), (proj2 (proj1 Hl t)), (proj1 (HG t)).
Qed.

Theorem decayed_momentum_run t :
  Rabs (f t "theta" - r t "theta")
  <= fed_back_drift u (mu * (1 + product_growth u)) decayed_feedback decayed_local
       (u * Theta + eta) t.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K0 := kappa_pos).
  assert (k0 : 0 <= k) by (apply Rmult_le_pos; lra).
  destruct Hmu as (_ & M & Hm), Ha as (_ & A & Hat), Hl as (_ & L & Hlt). fold k in Hm, Hat, Hlt.
  assert (T0 : 0 <= Theta) by (generalize (Rabs_pos (r O "theta")) (HTheta O); lra).
  assert (G0 : 0 <= G) by (destruct (HG O) as [_ H]; generalize (Rabs_pos (r O "gradient")); lra).
  assert (lT : 0 <= lambda * Theta) by now apply Rmult_le_pos.
  assert (D0 : 0 <= D) by (unfold D; lra).
  assert (aD : 0 <= alpha * D) by now apply Rmult_le_pos.
  assert (pg := product_growth_at_least_0 u U).
  assert (mp : 0 <= mu * product_growth u) by (apply Rmult_le_pos; lra).
  assert (M1 : 0 <= mu < 1) by lra.
  assert (V0 : 0 <= V)
    by (apply Rmult_le_pos; [easy |]; apply Rlt_le, Rinv_0_lt_compat; lra).
  assert (decay_size : forall i, Rabs (lambda * r i "theta" + r i "gradient") <= D).
  { intro i. apply Rabs_plus; [| apply HG]. apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply
    HTheta]. }
  assert (v_size : forall i, Rabs (r i "v") <= V).
  { apply (contractive_range mu V (alpha * D) (fun i => r i "v")
      (fun i => - (alpha * (lambda * r i "theta" + r i "gradient")))); auto.
    - rewrite (proj1 exact_v), Rabs_R0. exact V0.
    - intro i. rewrite Rabs_Ropp. apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply decay_size].
    - intro i. rewrite (proj1 (v_moves i)). ring. }
  apply (fed_back u (mu * (1 + product_growth u)) decayed_feedback decayed_local (u * Theta + eta)
    (fun i => Rabs (f i "v" - r i "v")) (fun i => Rabs (f i "theta" - r i "theta"))).
  - exact U.
  - split; [apply Rmult_le_pos; lra | exact HK].
  - unfold decayed_feedback. repeat apply Rmult_le_pos; try apply pow_le; lra.
  - unfold decayed_local, rounded_error. fold k D V. clearbody k V. clearbody D.
    assert (0 <= mu * (k * V)) by (repeat apply Rmult_le_pos; lra).
    assert (0 <= mu * V) by (apply Rmult_le_pos; lra).
    assert (0 <= lambda * (k * Theta)) by (repeat apply Rmult_le_pos; lra).
    assert (0 <= k * D) by now apply Rmult_le_pos.
    repeat first [assumption | apply Rplus_le_le_0_compat | apply Rmult_le_pos]; lra.
  - assert (0 <= u * Theta) by now apply Rmult_le_pos. lra.
  - rewrite (proj1 exact_v), (proj1 stored_v). rewrite Rminus_diag_eq, Rabs_R0; reflexivity.
  - rewrite Hstart, Rminus_diag_eq, Rabs_R0; reflexivity.
  - intro i. destruct (v_moves i) as (-> & ->). set (e := Rabs (f i "v" - r i "v")).
    set (E := Rabs (f i "theta" - r i "theta")).
    assert (e0 : 0 <= e) by apply Rabs_pos. assert (E0 : 0 <= E) by apply Rabs_pos.
    assert (P1 := scaled_near u mu mut (r i "v") (f i "v") e V M Hm (v_size i) (Rle_refl _)).
    apply (rounded_error_bounds u eta rnd _ _ _ (mu * V) Hr) in P1;
      [| apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply v_size]].
    assert (P2 := scaled_near u lambda lambdat (r i "theta") (f i "theta") E Theta L Hlt (HTheta i)
      (Rle_refl _)).
    assert (P3 : Rabs (lambdat * f i "theta" + r i "gradient"
      - (lambda * r i "theta" + r i "gradient")) <= lambda * ((1 + kappa * u) * E + kappa * u *
        Theta)).
    { replace (lambdat * f i "theta" + r i "gradient" - (lambda * r i "theta" + r i "gradient"))
        with (lambdat * f i "theta" - lambda * r i "theta") by ring. exact P2. }
    apply (rounded_error_bounds u eta rnd _ _ _ D Hr) in P3; [| apply decay_size].
    assert (P4 := scaled_near u alpha alphat _ _ _ D A Hat (decay_size i) P3).
    apply (rounded_error_bounds u eta rnd _ _ _ (alpha * D) Hr) in P4;
      [| apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply decay_size]].
    rewrite <- Rabs_Ropp in P4. assert (P5 := Rabs_plus _ _ _ _ P1 P4).
    set (x := rnd (mut * f i "v")) in *. set (z := rnd (alphat * rnd _)) in *.
    replace (x - mu * r i "v" + - (z - alpha * (lambda * r i "theta" + r i "gradient")))
      with (x - z - (mu * r i "v" - alpha * (lambda * r i "theta" + r i "gradient"))) in P5 by ring.
    apply (rounded_error_bounds u eta rnd _ _ _ V Hr) in P5;
      [| rewrite <- (proj1 (v_moves i)); apply v_size].
    eapply Rle_trans; [exact P5 |]. right.
    unfold decayed_local, decayed_feedback, rounded_error, product_growth, k. ring.
  - intro i. destruct (theta_moves i) as (-> & ->).
    assert (near : Rabs (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v"))
      <= Rabs (f i "theta" - r i "theta") + Rabs (f (S i) "v" - r (S i) "v")).
    { replace (f i "theta" + f (S i) "v" - (r i "theta" + r (S i) "v"))
        with ((f i "theta" - r i "theta") + (f (S i) "v" - r (S i) "v")) by ring. apply
          Rabs_triang. }
    apply (rounded_error_bounds u eta rnd _ _ _ Theta Hr) in near;
      [| rewrite <- (proj1 (theta_moves i)); apply HTheta].
    eapply Rle_trans; [exact near |]. unfold rounded_error. lra.
Qed.

End Decayed.
