(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum's recorded lanes, and so of Nesterov's, with weight decay in the
   gradient, in IEEE 754 arithmetic: how far theta drifts, and that nothing overflows.

   momentum_fed_run.v has the numbers: A bounds the coefficient of the gradient in the buffer, alpha
   the learning rate outside of it, a and b the factors of Nesterov's sum. All coefficients but the
   weight decay may change from step to step, so that the first buffer may be the gradient.

   Results, underflow included, for theta after each of T steps, in which nothing overflows while
   [fed_peak] is below the largest number:
   - [decayed_buffer_run_in_range], [decayed_scaled_run_in_range], [decayed_sum_run_in_range]: theta
     is off by at most [fed_drift] while the exact theta is at most Theta;
   - [decayed_buffer_run_in_ieee], [decayed_scaled_run_in_ieee], [decayed_nesterov_run_in_ieee],
     [decayed_sum_run_in_ieee]: so it is with [fed_top] for Theta, which bounds any such run. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Gradual Overflow DecayedGradients.
From Truestep Require Import momentum_run momentum_fed_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

(* What is asked of a run with decay. *)
Definition decayed_inputs (mu lambda wd G : R) (f r : run) : Prop :=
  f O "v" = 0 /\ r O "v" = 0 /\ f O "theta" = r O "theta"
  /\ coefficient_within u mu "momentum" f r /\ constant_within u lambda wd "weight_decay" f r
  /\ same_gradients G f r.

Lemma shadow_inputs kept mu lambda wd G given r :
  term_of kept "momentum" = None -> term_of kept "weight_decay" = None ->
  term_of kept "gradient" = None -> decayed_inputs mu lambda wd G given r ->
  decayed_inputs mu lambda wd G (shadow p emax kept given) r.
Proof.
  intros M W N (v0 & rv & Hstart & Hm & Hl & HG). unfold decayed_inputs.
  rewrite !shadow_start. split; [easy |]. split; [easy |]. split; [easy |].
  split; [now apply shadow_coefficient |]. split; [now apply shadow_constant |].
  now apply shadow_gradients.
Qed.

(* Each number of a step is below the peak. *)
Lemma below_fed_peak mu A a b lambda G Theta T h v :
  0 <= A -> 0 <= a -> 0 <= b -> 0 <= h -> 0 <= v ->
  h <= fed_gradient lambda Theta G + fed_gradient_error u eta mu A a b lambda G Theta T ->
  v <= fed_buffer mu A lambda Theta G + fed_buffer_error u eta mu A a b lambda G Theta T ->
  0 <= fed_move u eta mu A a b lambda G Theta T ->
  0 <= Theta + fed_drift u eta mu A a b lambda G Theta T ->
  let peak := fed_peak u eta mu A a b lambda G Theta T in
  h <= peak /\ v <= peak /\ 4 * v + 1 <= peak /\ 4 * (A * h) + 1 <= peak /\ 4 * (a * v) + 1 <= peak
  /\ 4 * (b * h) + 1 <= peak /\ fed_move u eta mu A a b lambda G Theta T <= peak
  /\ Theta + fed_drift u eta mu A a b lambda G Theta T <= peak.
Proof.
  intros A0 a0 b0 h0 v0 Hh Hv M D. unfold fed_peak.
  set (hT := fed_gradient _ _ _ + _) in *. set (vT := fed_buffer _ _ _ _ _ + _) in *.
  set (move := fed_move _ _ _ _ _ _ _ _ _ _) in *.
  set (drift := fed_drift _ _ _ _ _ _ _ _ _ _) in *.
  assert (Ah : 0 <= A * h <= A * hT) by (split; [now apply Rmult_le_pos | now apply
    Rmult_le_compat_l]).
  assert (av : 0 <= a * v <= a * vT) by (split; [now apply Rmult_le_pos | now apply
    Rmult_le_compat_l]).
  assert (bh : 0 <= b * h <= b * hT) by (split; [now apply Rmult_le_pos | now apply
    Rmult_le_compat_l]).
  cbv zeta. repeat split; lra.
Qed.

Section Run.

Variables (mu A a b lambda wd G Theta : R) (T : nat).
Variables (f : nat -> string -> number) (r : run) (kept : list (string * expression)).
Variables (c pushed w wt : nat -> R).
Let stored t x := B2R (f t x).
Let sh := shadow p emax kept stored.
Let h t := r t "weight_decay" * r t "theta" + r t "gradient".
Let ht t := nearest (sh t "weight_decay" * sh t "theta" + sh t "gradient").

Definition fed_machine_run : Prop :=
  forall t, (t <= T)%nat ->
    (forall i x e, (i < t)%nat -> term_of kept x = Some e ->
       finite_throughout p emax positive below (f i) e)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A a b lambda G Theta t.

Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hf : machine_follows p emax positive below kept f.
Hypothesis Hin : decayed_inputs mu lambda wd G stored r.
Hypothesis others : term_of kept "momentum" = None /\ term_of kept "weight_decay" = None
  /\ term_of kept "gradient" = None.
Hypothesis a0 : 0 <= a.
Hypothesis b0 : 0 <= b.
Hypothesis Hc : forall t, Rabs (c t) <= A.
Hypothesis Hpushed : forall t, Rabs (pushed t - c t * ht t)
  <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs (c t) * Rabs (ht t)) + eta.
Hypothesis exact_v : forall t, r (S t) "v" = r t "momentum" * r t "v" + c t * h t.
Hypothesis stored_v : forall t,
  sh (S t) "v" = nearest (nearest (sh t "momentum" * sh t "v") + pushed t).
Hypothesis exact_theta : forall t, r (S t) "theta" = r t "theta" + w t.
Hypothesis stored_theta : forall t, sh (S t) "theta" = nearest (sh t "theta" + wt t).
Hypothesis move_at_most : forall t, Rabs (w t) <= a * Rabs (r (S t) "v") + b * Rabs (h t).
Hypothesis HTheta : forall t, (t <= T)%nat -> Rabs (r t "theta") <= Theta.
Hypothesis move_near : forall t, (t < T)%nat ->
  Rabs (r (S t) "v") <= fed_buffer mu A lambda Theta G ->
  Rabs (h t) <= fed_gradient lambda Theta G ->
  Rabs (wt t - w t)
  <= sum_local u eta (a * fed_buffer mu A lambda Theta G) (b * fed_gradient lambda Theta G)
     + (1 + product_growth u)
       * (a * Rabs (sh (S t) "v" - r (S t) "v") + b * Rabs (ht t - h t)).
(* What the lane computes, if the numbers of a step are below the peak. *)
Hypothesis Hrange : forall i x e, (i < T)%nat -> term_of kept x = Some e ->
  fed_peak u eta mu A a b lambda G Theta T < bpow radix2 emax ->
  (forall z, List.In z (ht i :: sh (S i) "v" :: nearest (sh i "momentum" * sh i "v") :: pushed i
                        :: wt i :: sh (S i) "theta" :: nil)%list ->
     Rabs z <= fed_peak u eta mu A a b lambda G Theta T) ->
  (forall k ct, Rabs k <= a -> Rabs (ct - k) <= kappa * u * Rabs k ->
     Rabs (nearest (ct * sh (S i) "v")) <= fed_peak u eta mu A a b lambda G Theta T) ->
  (forall k ct, Rabs k <= b -> Rabs (ct - k) <= kappa * u * Rabs k ->
     Rabs (nearest (ct * ht i)) <= fed_peak u eta mu A a b lambda G Theta T) ->
  in_range p emax (sh i) e.

Theorem fed_run_in_range :
  fed_peak u eta mu A a b lambda G Theta T < bpow radix2 emax -> fed_machine_run.
Proof.
  intros Hpeak t Ht. assert (Hr := rounds p emax positive).
  destruct others as (N1 & N2 & N3).
  destruct (shadow_inputs kept mu lambda wd G stored r N1 N2 N3 Hin)
    as (s0 & r0 & S0 & Sm & Sl & Sg). fold sh in s0, S0, Sm, Sl, Sg.
  assert (vr := fed_v_at_most u eta mu A lambda wd G Theta nearest sh r T c Hr HK Sm Sl Sg Hc r0
    exact_v HTheta).
  assert (hr := fed_h_at_most u lambda wd G Theta sh r T Sl Sg HTheta).
  assert (near : forall i, (i < T)%nat -> Rabs (wt i - w i)
    <= sum_local u eta (a * fed_buffer mu A lambda Theta G) (b * fed_gradient lambda Theta G)
       + (1 + product_growth u)
         * (a * Rabs (sh (S i) "v" - r (S i) "v") + b * Rabs (ht i - h i))).
  { intros i Hi. apply move_near; [exact Hi | apply vr; lia | apply hr; lia]. }
  assert (run := fed_run u eta mu A a b lambda wd G Theta nearest sh r T c pushed w wt Hr HK Sm Sl
    Sg
    S0 Hc Hpushed r0 s0 exact_v stored_v exact_theta stored_theta a0 b0 HTheta near).
  assert (all := fed_stored u eta mu A a b lambda wd G Theta nearest sh r T c pushed w wt Hr HK Sm
    Sl
    Sg S0 Hc Hpushed r0 s0 exact_v stored_v exact_theta stored_theta a0 b0 move_at_most HTheta
      near).
  assert (A0 : 0 <= A) by (eapply Rle_trans; [apply Rabs_pos | apply (Hc O)]).
  assert (ranges : forall i x e, (i < T)%nat -> term_of kept x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi K. destruct (all i ltac:(lia)) as (Hh & Hv & _ & Hw). specialize (Hw Hi).
    destruct (all (S i) ltac:(lia)) as (_ & Hs & Ht' & _).
    assert (M0 : 0 <= fed_move u eta mu A a b lambda G Theta T)
      by (eapply Rle_trans; [apply Rabs_pos | exact Hw]).
    assert (D0 : 0 <= Theta + fed_drift u eta mu A a b lambda G Theta T)
      by (eapply Rle_trans; [apply Rabs_pos | exact Ht']).
    assert (P1 := below_fed_peak mu A a b lambda G Theta T (Rabs (ht i)) (Rabs (sh i "v")) A0 a0 b0
      (Rabs_pos _) (Rabs_pos _) Hh Hv M0 D0).
    assert (P2 := below_fed_peak mu A a b lambda G Theta T (Rabs (ht i)) (Rabs (sh (S i) "v")) A0
      a0 b0 (Rabs_pos _) (Rabs_pos _) Hh Hs M0 D0).
    cbv zeta in P1, P2. set (peak := fed_peak u eta mu A a b lambda G Theta T) in *.
    destruct (Sm i) as [m1 Wm].
    assert (mu1 : mu <= 1).
    { assert (K0 := product_growth_at_least_0 u (bpow_ge_0 radix2 (- p))).
      assert (U0 : 0 <= u) by apply bpow_ge_0. assert (m0 := Rabs_pos (r i "momentum")). nra. }
    assert (S1 := product_size p emax positive below _ _ _ _ _ (Rle_trans _ _ _ m1 mu1) Wm
      (Rle_refl (Rabs (sh i "v")))).
    assert (S2 : Rabs (pushed i) <= 4 * (A * Rabs (ht i)) + 1).
    { assert (Q := Hpushed i). assert (Ci := Hc i). assert (C0 := Rabs_pos (c i)).
      destruct (format_is_fine p emax positive below) as (U1 & E1 & K1).
      fold emin u eta in U1, E1, K1. assert (U0 : 0 <= u) by apply bpow_ge_0.
      assert (B := Rabs_near _ _ _ _ (Rle_refl (Rabs (c i * ht i))) Q). rewrite Rabs_mult in B.
      assert (CH : 0 <= Rabs (c i) * Rabs (ht i) <= A * Rabs (ht i)).
      { split; [apply Rmult_le_pos; apply Rabs_pos | apply Rmult_le_compat_r; auto using
          Rabs_pos]. }
      assert (G1 : (1 + u) * (1 + kappa * u) - 1 <= 3)
        by (assert (0 <= kappa * u) by (generalize kappa_pos; nra); nra).
      assert (((1 + u) * (1 + kappa * u) - 1) * (Rabs (c i) * Rabs (ht i))
              <= 3 * (Rabs (c i) * Rabs (ht i))) by (apply Rmult_le_compat_r; lra). lra. }
    apply (Hrange i x e Hi K Hpeak).
    - intros z I. simpl in I. rewrite Rmult_1_l in S1.
      repeat destruct I as [<- | I]; try easy; try lra. eapply Rle_trans; [exact S1 | lra].
    - intros k ct B W. eapply Rle_trans;
        [exact (product_size p emax positive below _ _ _ _ _ B W (Rle_refl _)) | lra].
    - intros k ct B W. eapply Rle_trans;
        [exact (product_size p emax positive below _ _ _ _ _ B W (Rle_refl _)) | lra]. }
  destruct (machine_run_in_range p emax positive below kept f T Hf ranges t Ht) as (F1 & F2 & F3).
  split; [exact F1 |]. split; [exact F2 |]. unfold stored. rewrite F3. now apply run.
Qed.

End Run.

(* The lanes. *)

Lemma growth_covers : 0 <= (1 + u) * (1 + kappa * u) - 1 <= product_growth u.
Proof.
  unfold product_growth. assert (U : 0 <= u) by apply bpow_ge_0.
  assert (0 <= kappa * u) by (generalize kappa_pos; nra). nra.
Qed.

(* The move by one product with v. *)
Lemma one_product_near m V D e w W :
  0 <= m -> 0 <= V -> 0 <= D -> 0 <= e ->
  Rabs (w - W) <= ((1 + u) * (1 + kappa * u) - 1) * (m * (V + e)) + eta + m * e ->
  Rabs (w - W) <= sum_local u eta (m * V) (0 * D) + (1 + product_growth u) * (m * e + 0 * D).
Proof.
  intros M HV HD He H. eapply Rle_trans; [exact H |]. assert (C := growth_covers).
  assert (U0 : 0 <= u) by apply bpow_ge_0. assert (N0 : 0 <= eta) by apply bpow_ge_0.
  assert (mV : 0 <= m * V) by now apply Rmult_le_pos.
  assert (me : 0 <= m * e) by now apply Rmult_le_pos.
  assert (((1 + u) * (1 + kappa * u) - 1) * (m * (V + e)) <= product_growth u * (m * (V + e)))
    by (apply Rmult_le_compat_r; lra).
  assert (ue : 0 <= u * eta) by now apply Rmult_le_pos. unfold sum_local. lra.
Qed.

Section Buffer.

Variables (mu A lambda wd G : R) (T : nat) (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hf : machine_follows p emax positive below (all_decayed momentum_states) f.
Hypothesis Hin : decayed_inputs mu lambda wd G stored r.
Hypothesis Ha : coefficient_within u A "learning_rate" stored r.
Hypothesis exact_v : follows exact "v" (decayed momentum_v) r.
Hypothesis exact_theta : follows exact "theta" (decayed momentum_theta) r.

Let h t := r t "weight_decay" * r t "theta" + r t "gradient".

Lemma buffer_moves t :
  r (S t) "v" = r t "momentum" * r t "v" + - r t "learning_rate" * h t
  /\ r (S t) "theta" = r t "theta" + r (S t) "v".
Proof. rewrite exact_theta, exact_v. split; [| reflexivity]. cbn. unfold h. ring. Qed.

Theorem decayed_buffer_run_in_range Theta :
  (forall t, (t <= T)%nat -> Rabs (r t "theta") <= Theta) ->
  fed_peak u eta mu A 1 0 lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (decayed
      momentum_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A 1 0 lambda G Theta t.
Proof.
  intros HTheta Hpeak. set (sh := shadow p emax (all_decayed momentum_states) stored).
  set (ht t := nearest (sh t "weight_decay" * sh t "theta" + sh t "gradient")).
  assert (Sa : coefficient_within u A "learning_rate" sh r) by now apply shadow_coefficient.
  assert (Sv : follows (rounded nearest) "v" (decayed momentum_v) sh) by now apply shadow_follows.
  assert (St : follows (rounded nearest) "theta" (decayed momentum_theta) sh)
    by now apply shadow_follows.
  assert (run : fed_machine_run mu A 1 0 lambda G Theta T f r (all_decayed momentum_states)).
  { apply (fed_run_in_range mu A 1 0 lambda wd G Theta T f r (all_decayed momentum_states)
      (fun t => - r t "learning_rate") (fun t => - nearest (sh t "learning_rate" * ht t))
      (fun t => r (S t) "v") (fun t => sh (S t) "v")); auto; try lra.
    - intro t. rewrite Rabs_Ropp. apply Sa.
    - intro t. rewrite Rabs_Ropp. fold stored sh (ht t).
      replace (- nearest (sh t "learning_rate" * ht t) - - r t "learning_rate" * ht t)
        with (- (nearest (sh t "learning_rate" * ht t) - r t "learning_rate" * ht t)) by ring.
      rewrite Rabs_Ropp. apply signed_product_error; [exact (rounds p emax positive) | apply Sa].
    - intro t. apply buffer_moves.
    - intro t. apply buffer_moves.
    - intro t. lra.
    - intros t _ Hv Hh. fold stored sh.
      assert (V0 := Rle_trans _ _ _ (Rabs_pos _) Hv).
      assert (D0 := Rle_trans _ _ _ (Rabs_pos _) Hh).
      assert (near := one_product_near 1 (fed_buffer mu A lambda Theta G)
        (fed_gradient lambda Theta G) (Rabs (sh (S t) "v" - r (S t) "v")) (sh (S t) "v") (r (S t)
          "v")
        Rle_0_1 V0 D0 (Rabs_pos _)).
      rewrite !Rmult_0_l in *. apply near. assert (C := growth_covers).
      assert (N0 : 0 <= eta) by apply bpow_ge_0. rewrite !Rmult_1_l.
      assert (0 <= ((1 + u) * (1 + kappa * u) - 1)
                   * (fed_buffer mu A lambda Theta G + Rabs (sh (S t) "v" - r (S t) "v")))
        by (apply Rmult_le_pos; [| apply Rplus_le_le_0_compat]; auto using Rabs_pos; lra). lra.
    - intros i x e Hi K _ small _ _. fold stored sh in small |- *. fold (ht i) in small.
      assert (B := fun z I => Rle_lt_trans _ _ _ (small z I) Hpeak).
      assert (B1 := B (sh (S i) "theta") ltac:(simpl; tauto)). rewrite (St i) in B1.
      assert (B2 := B (sh (S i) "v") ltac:(simpl; tauto)). rewrite (Sv i) in B2.
      assert (B3 := B (ht i) ltac:(simpl; tauto)).
      assert (B4 := B (nearest (sh i "momentum" * sh i "v")) ltac:(simpl; tauto)).
      assert (B5 := B (- nearest (sh i "learning_rate" * ht i)) ltac:(simpl; tauto)).
      rewrite Rabs_Ropp in B5.
      assert (R : in_range p emax (sh i) (decayed momentum_theta)) by (repeat split; assumption).
      revert K. simpl.
      repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  intros t Ht. destruct (run t Ht) as (F & X & D).
  split; [intros i Hi; now apply (F i "theta") |]. now split.
Qed.

(* With the bound of theta that the numbers give. *)
Theorem decayed_buffer_run_in_ieee :
  let Theta := fed_top mu A 1 0 lambda G (Rabs (r O "theta")) T in
  fed_peak u eta mu A 1 0 lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (decayed
      momentum_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A 1 0 lambda G Theta t.
Proof.
  apply decayed_buffer_run_in_range. intros t Ht.
  destruct Hin as (_ & v0 & _ & Hm & Hl & HG).
  apply (fed_theta_at_most u eta mu A 1 0 lambda wd G nearest stored r T
    (fun t => - r t "learning_rate") (fun t => r (S t) "v")); auto; try lra;
    try (intro i; apply buffer_moves).
  - exact (rounds p emax positive).
  - intro i. rewrite Rabs_Ropp. apply Ha.
  - intro i. lra.
Qed.

End Buffer.

Section Scaled.

Variables (mu A alpha lambda wd G : R) (T : nat) (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hf : machine_follows p emax positive below (all_decayed scaled_states) f.
Hypothesis Hin : decayed_inputs mu lambda wd G stored r.
Hypothesis Hgain : coefficient_within u A "gain" stored r.
Hypothesis Ha : coefficient_within u alpha "learning_rate" stored r.
Hypothesis exact_v : follows exact "v" (decayed momentum_scaled_v) r.
Hypothesis exact_theta : follows exact "theta" (decayed momentum_scaled_theta) r.

Let h t := r t "weight_decay" * r t "theta" + r t "gradient".

Lemma scaled_decayed_moves t :
  r (S t) "v" = r t "momentum" * r t "v" + r t "gain" * h t
  /\ r (S t) "theta" = r t "theta" + - (r t "learning_rate" * r (S t) "v").
Proof. rewrite exact_theta, exact_v. split; reflexivity. Qed.

Lemma scaled_decayed_move t :
  Rabs (- (r t "learning_rate" * r (S t) "v")) <= alpha * Rabs (r (S t) "v") + 0 * Rabs (h t).
Proof.
  rewrite Rabs_Ropp, Rmult_0_l, Rplus_0_r, Rabs_mult.
  apply Rmult_le_compat_r; [apply Rabs_pos | apply Ha].
Qed.

Lemma scaled_rate : 0 <= alpha.
Proof. destruct (Ha O) as [A0 _]. generalize (Rabs_pos (r O "learning_rate")). lra. Qed.

Theorem decayed_scaled_run_in_range Theta :
  (forall t, (t <= T)%nat -> Rabs (r t "theta") <= Theta) ->
  fed_peak u eta mu A alpha 0 lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) (decayed momentum_scaled_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A alpha 0 lambda G Theta t.
Proof.
  intros HTheta Hpeak. set (sh := shadow p emax (all_decayed scaled_states) stored).
  set (ht t := nearest (sh t "weight_decay" * sh t "theta" + sh t "gradient")).
  assert (Sg : coefficient_within u A "gain" sh r) by now apply shadow_coefficient.
  assert (Sa : coefficient_within u alpha "learning_rate" sh r) by now apply shadow_coefficient.
  assert (Sv : follows (rounded nearest) "v" (decayed momentum_scaled_v) sh)
    by now apply shadow_follows.
  assert (St : follows (rounded nearest) "theta" (decayed momentum_scaled_theta) sh)
    by now apply shadow_follows.
  assert (st : forall t, sh (S t) "theta"
    = nearest (sh t "theta" + - nearest (sh t "learning_rate" * sh (S t) "v")))
    by (intro t; now rewrite (St t), (Sv t)).
  assert (run : fed_machine_run mu A alpha 0 lambda G Theta T f r (all_decayed scaled_states)).
  { apply (fed_run_in_range mu A alpha 0 lambda wd G Theta T f r (all_decayed scaled_states)
      (fun t => r t "gain") (fun t => nearest (sh t "gain" * ht t))
      (fun t => - (r t "learning_rate" * r (S t) "v"))
      (fun t => - nearest (sh t "learning_rate" * sh (S t) "v"))); auto using scaled_rate;
      try lra; try exact scaled_decayed_move; try (intro t; apply scaled_decayed_moves).
    - intro t. apply Sg.
    - intro t. apply signed_product_error; [exact (rounds p emax positive) | apply Sg].
    - intros t _ Hv Hh. fold stored sh. destruct (Sa t) as [A1 W].
      assert (V0 := Rle_trans _ _ _ (Rabs_pos _) Hv).
      assert (D0 := Rle_trans _ _ _ (Rabs_pos _) Hh).
      assert (near := one_product_near alpha (fed_buffer mu A lambda Theta G)
        (fed_gradient lambda Theta G) (Rabs (sh (S t) "v" - r (S t) "v"))
        (- nearest (sh t "learning_rate" * sh (S t) "v")) (- (r t "learning_rate" * r (S t) "v"))
        scaled_rate V0 D0 (Rabs_pos _)).
      rewrite !Rmult_0_l in *. apply near. clear near.
      assert (P := signed_product_error u eta nearest _ _ (sh (S t) "v") (rounds p emax positive)
        W).
      assert (S := Rabs_near _ _ _ _ Hv (Rle_refl (Rabs (sh (S t) "v" - r (S t) "v")))).
      assert (D := Rabs_times _ _ _ _ A1 (Rle_refl (Rabs (sh (Datatypes.S t) "v"
        - r (Datatypes.S t) "v")))).
      assert (Q := Rabs_plus _ _ _ _ P D). rewrite <- Rabs_Ropp in Q.
      match type of Q with Rabs ?a <= _ => match goal with |- Rabs ?b <= _ =>
        replace b with a by ring end end.
      eapply Rle_trans; [exact Q |]. apply Rplus_le_compat_r, Rplus_le_compat_r.
      apply Rmult_le_compat_l; [apply growth_covers |].
      apply Rmult_le_compat; auto using Rabs_pos.
    - intros i x e Hi K _ small _ _. fold stored sh in small |- *. fold (ht i) in small.
      assert (B := fun z I => Rle_lt_trans _ _ _ (small z I) Hpeak).
      assert (B1 := B (sh (S i) "theta") ltac:(simpl; tauto)). rewrite (St i) in B1.
      assert (B2 := B (sh (S i) "v") ltac:(simpl; tauto)). rewrite (Sv i) in B2.
      assert (B3 := B (ht i) ltac:(simpl; tauto)).
      assert (B4 := B (nearest (sh i "momentum" * sh i "v")) ltac:(simpl; tauto)).
      assert (B5 := B (nearest (sh i "gain" * ht i)) ltac:(simpl; tauto)).
      assert (B6 := B (- nearest (sh i "learning_rate" * sh (S i) "v")) ltac:(simpl; tauto)).
      rewrite Rabs_Ropp, (Sv i) in B6.
      assert (R : in_range p emax (sh i) (decayed momentum_scaled_theta))
        by (repeat split; assumption).
      revert K. simpl.
      repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  intros t Ht. destruct (run t Ht) as (F & X & D).
  split; [intros i Hi; now apply (F i "theta") |]. now split.
Qed.

Theorem decayed_scaled_run_in_ieee :
  let Theta := fed_top mu A alpha 0 lambda G (Rabs (r O "theta")) T in
  fed_peak u eta mu A alpha 0 lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) (decayed momentum_scaled_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A alpha 0 lambda G Theta t.
Proof.
  apply decayed_scaled_run_in_range. intros t Ht.
  destruct Hin as (_ & v0 & _ & Hm & Hl & HG).
  apply (fed_theta_at_most u eta mu A alpha 0 lambda wd G nearest stored r T
    (fun t => r t "gain") (fun t => - (r t "learning_rate" * r (S t) "v")));
    auto; try lra; try exact scaled_rate; try exact scaled_decayed_move;
    try (intro i; apply scaled_decayed_moves).
  - exact (rounds p emax positive).
  - intro i. apply Hgain.
Qed.

End Scaled.

Section Sum.

Variables (x y : string).
Variables (mu A a b lambda wd G : R) (T : nat) (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Hypothesis names : x <> "v" /\ x <> "theta" /\ x <> "gradient"
  /\ y <> "v" /\ y <> "theta" /\ y <> "gradient".
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hf : machine_follows p emax positive below (all_decayed (sum_states x y)) f.
Hypothesis Hin : decayed_inputs mu lambda wd G stored r.
Hypothesis Hgain : coefficient_within u A "gain" stored r.
Hypothesis Hp : coefficient_within u a x stored r.
Hypothesis Hq : coefficient_within u b y stored r.
Hypothesis exact_v : follows exact "v" (decayed momentum_scaled_v) r.
Hypothesis exact_theta : follows exact "theta" (decayed (sum_of x y)) r.

Let h t := r t "weight_decay" * r t "theta" + r t "gradient".

Lemma decayed_sum : decayed (sum_of x y)
  = Add (Var "theta") (Add (Mul (Var x) (decayed momentum_scaled_v))
                           (Mul (Var y) weight_decay_decayed_gradient)).
Proof.
  destruct names as (_ & _ & X & _ & _ & Y). unfold decayed. simpl.
  now rewrite (proj2 (String.eqb_neq _ _) X), (proj2 (String.eqb_neq _ _) Y).
Qed.

Lemma sum_decayed_moves t :
  r (S t) "v" = r t "momentum" * r t "v" + r t "gain" * h t
  /\ r (S t) "theta" = r t "theta" + (r t x * r (S t) "v" + r t y * h t).
Proof. rewrite exact_theta, exact_v, decayed_sum. split; reflexivity. Qed.

Lemma sum_decayed_move t :
  Rabs (r t x * r (S t) "v" + r t y * h t) <= a * Rabs (r (S t) "v") + b * Rabs (h t).
Proof.
  apply Rabs_plus; rewrite Rabs_mult; apply Rmult_le_compat_r; try apply Rabs_pos;
    [apply Hp | apply Hq].
Qed.

Lemma sum_factors : 0 <= a /\ 0 <= b.
Proof.
  destruct (Hp O) as [P _], (Hq O) as [Q _].
  generalize (Rabs_pos (r O x)) (Rabs_pos (r O y)). lra.
Qed.

Theorem decayed_sum_run_in_range Theta :
  (forall t, (t <= T)%nat -> Rabs (r t "theta") <= Theta) ->
  fed_peak u eta mu A a b lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (decayed (sum_of x y)))
    /\ (forall z, is_finite (f t z) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A a b lambda G Theta t.
Proof.
  intros HTheta Hpeak. set (kept := all_decayed (sum_states x y)) in *.
  set (sh := shadow p emax kept stored).
  set (ht t := nearest (sh t "weight_decay" * sh t "theta" + sh t "gradient")).
  destruct sum_factors as [a0 b0].
  assert (given : forall z, z <> "v" -> z <> "theta" -> term_of kept z = None).
  { intros z Z1 Z2. simpl. now rewrite !(proj2 (String.eqb_neq _ _)) by auto. }
  assert (Sg : coefficient_within u A "gain" sh r) by now apply shadow_coefficient.
  assert (Sp : coefficient_within u a x sh r) by now apply shadow_coefficient; [apply given |].
  assert (Sq : coefficient_within u b y sh r) by now apply shadow_coefficient; [apply given |].
  assert (Sv : follows (rounded nearest) "v" (decayed momentum_scaled_v) sh)
    by now apply shadow_follows.
  assert (St : follows (rounded nearest) "theta" (decayed (sum_of x y)) sh)
    by now apply shadow_follows.
  assert (st : forall t, sh (S t) "theta" = nearest (sh t "theta"
    + nearest (nearest (sh t x * sh (S t) "v") + nearest (sh t y * ht t))))
    by (intro t; now rewrite (St t), (Sv t), decayed_sum).
  assert (run : fed_machine_run mu A a b lambda G Theta T f r kept).
  { apply (fed_run_in_range mu A a b lambda wd G Theta T f r kept
      (fun t => r t "gain") (fun t => nearest (sh t "gain" * ht t))
      (fun t => r t x * r (S t) "v" + r t y * h t)
      (fun t => nearest (nearest (sh t x * sh (S t) "v") + nearest (sh t y * ht t)))); auto;
      try exact sum_decayed_move; try (intro t; apply sum_decayed_moves).
    - intro t. apply Sg.
    - intro t. apply signed_product_error; [exact (rounds p emax positive) | apply Sg].
    - intros t _ Hv Hh. fold stored sh (ht t). destruct (Sp t) as [P Wp], (Sq t) as [Q Wq].
      assert (Hr := rounds p emax positive).
      assert (X := signed_product_error u eta nearest _ _ (sh (S t) "v") Hr Wp).
      assert (Y := signed_product_error u eta nearest _ _ (ht t) Hr Wq).
      eapply Rle_trans; [exact (products_near u eta nearest _ _ _ _ _ _ _ _ _ _ _ _ Hr X Y
        (Rle_refl _) (Rle_refl _) Hv Hh) |].
      assert (V0 := Rle_trans _ _ _ (Rabs_pos _) Hv).
      assert (D0 := Rle_trans _ _ _ (Rabs_pos _) Hh).
      assert (K0 : 0 <= product_growth u) by (generalize growth_covers; lra).
      unfold sum_local. apply Rplus_le_compat.
      + apply Rplus_le_compat_r. apply Rmult_le_compat_l; [exact K0 |].
        apply Rplus_le_compat; now apply Rmult_le_compat_r.
      + apply Rmult_le_compat_l; [lra |].
        apply Rplus_le_compat; apply Rmult_le_compat_r; auto using Rabs_pos.
    - intros i z e Hi K _ small Small1 Small2. fold stored sh in small, Small1, Small2 |- *.
      fold (ht i) in small, Small2.
      assert (B := fun z I => Rle_lt_trans _ _ _ (small z I) Hpeak).
      assert (B1 := B (sh (S i) "theta") ltac:(simpl; tauto)). rewrite (St i), decayed_sum in B1.
      assert (B2 := B (sh (S i) "v") ltac:(simpl; tauto)). rewrite (Sv i) in B2.
      assert (B3 := B (ht i) ltac:(simpl; tauto)).
      assert (B4 := B (nearest (sh i "momentum" * sh i "v")) ltac:(simpl; tauto)).
      assert (B5 := B (nearest (sh i "gain" * ht i)) ltac:(simpl; tauto)).
      assert (B6 := B (nearest (nearest (sh i x * sh (S i) "v") + nearest (sh i y * ht i)))
        ltac:(simpl; tauto)). rewrite (Sv i) in B6.
      assert (B7 := Rle_lt_trans _ _ _ (Small1 _ _ (proj1 (Sp i)) (proj2 (Sp i))) Hpeak).
      rewrite (Sv i) in B7.
      assert (B8 := Rle_lt_trans _ _ _ (Small2 _ _ (proj1 (Sq i)) (proj2 (Sq i))) Hpeak).
      assert (R : in_range p emax (sh i) (decayed (sum_of x y)))
        by (rewrite decayed_sum; repeat split; assumption).
      assert (Rv : in_range p emax (sh i) (decayed momentum_scaled_v))
        by (repeat split; assumption).
      revert K. unfold kept. simpl.
      repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [exact Rv | exact R | easy]. }
  intros t Ht. destruct (run t Ht) as (F & X & D).
  split; [intros i Hi; now apply (F i "theta") |]. now split.
Qed.

Lemma decayed_sum_at_most t : (t <= T)%nat ->
  Rabs (r t "theta") <= fed_top mu A a b lambda G (Rabs (r O "theta")) T.
Proof.
  intro Ht. destruct Hin as (_ & v0 & _ & Hm & Hl & HG). destruct sum_factors as [a0 b0].
  apply (fed_theta_at_most u eta mu A a b lambda wd G nearest stored r T
    (fun t => r t "gain") (fun t => r t x * r (S t) "v" + r t y * h t));
    auto; try exact sum_decayed_move; try (intro i; apply sum_decayed_moves).
  - exact (rounds p emax positive).
  - intro i. apply Hgain.
Qed.

End Sum.

Theorem decayed_nesterov_run_in_ieee mu A lambda wd G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let Theta := fed_top mu A mu A lambda G (Rabs (r O "theta")) T in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (all_decayed (sum_states "momentum" "gain")) f ->
  decayed_inputs mu lambda wd G stored r -> coefficient_within u A "gain" stored r ->
  follows exact "v" (decayed momentum_scaled_v) r ->
  follows exact "theta" (decayed momentum_nesterov_theta) r ->
  fed_peak u eta mu A mu A lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) (decayed momentum_nesterov_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A mu A lambda G Theta t.
Proof.
  intros stored Theta HK Hf Hin Hgain Hv Hx Hpeak.
  apply (decayed_sum_run_in_range "momentum" "gain" mu A mu A lambda wd G T f r); auto;
    try (repeat split; discriminate); try apply Hin.
  intros t Ht. apply (decayed_sum_at_most "momentum" "gain" mu A mu A lambda wd G T f r); auto;
    try (repeat split; discriminate); apply Hin.
Qed.

Theorem decayed_sum_run_in_ieee mu A a b lambda wd G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let Theta := fed_top mu A a b lambda G (Rabs (r O "theta")) T in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (all_decayed (sum_states "p" "q")) f ->
  decayed_inputs mu lambda wd G stored r -> coefficient_within u A "gain" stored r ->
  coefficient_within u a "p" stored r -> coefficient_within u b "q" stored r ->
  follows exact "v" (decayed momentum_scaled_v) r ->
  follows exact "theta" (decayed momentum_sum_theta) r ->
  fed_peak u eta mu A a b lambda G Theta T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) (decayed momentum_sum_theta))
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= fed_drift u eta mu A a b lambda G Theta t.
Proof.
  intros stored Theta HK Hf Hin Hgain Hp Hq Hv Hx Hpeak.
  apply (decayed_sum_run_in_range "p" "q" mu A a b lambda wd G T f r); auto;
    try (repeat split; discriminate).
  intros t Ht. apply (decayed_sum_at_most "p" "q" mu A a b lambda wd G T f r); auto.
  repeat split; discriminate.
Qed.

End Format.
