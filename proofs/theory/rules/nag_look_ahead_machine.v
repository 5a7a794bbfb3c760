(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Nesterov's recorded lane whose gradient is taken at its own look-ahead, in IEEE
   754 arithmetic: nothing overflows, the look-ahead included, while [answering_peak] is below the
   largest number ([answering_run_in_range]).

   nag_look_ahead_run.v has how far such a run drifts. The stored gradient is within
   slope |look-ahead~ - look-ahead| + spread of the exact one's. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Overflow momentum_run.
From Truestep Require Import momentum_decay_run nag_look_ahead_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* No number of T steps is larger. *)
Definition answering_peak (u eta mu alpha G slope spread : R) (r : run) (T : nat) : R :=
  let V := buffer_top mu (alpha * G) in
  let v := V + answering_buffer_error u eta mu alpha G slope spread r T in
  let point := answering_point_error u eta mu alpha G slope spread r T in
  4 * v + 4 * (alpha * (G + (slope * point + spread))) + 2
  + 2 * (Rabs (r O "theta") + INR T * V) + mu * V + point
  + answering_drift u eta mu alpha G slope spread r T T.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Definition nag_states : list (string * expression) :=
  (("v", nag_v) :: ("theta", nag_theta) :: nil)%list.

Section Run.

Variables (mu mut alpha alphat G slope spread : R) (T : nat).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let sh := shadow p emax nag_states stored.
Hypothesis Hf : machine_follows p emax positive below nag_states f.
Hypothesis v0 : stored O "v" = 0.
Hypothesis Hmu : constant_within u mu mut "momentum" stored r.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" stored r.
Hypothesis HG : forall t, Rabs (r t "gradient") <= G.
Hypothesis Hslope : 0 <= slope.
Hypothesis Hspread : 0 <= spread.
Hypothesis answers : forall t, (t < T)%nat ->
  Rabs (stored t "gradient" - r t "gradient")
  <= slope * Rabs (rounded nearest (stored t) nag_look_ahead_look_ahead
                   - exact (r t) nag_look_ahead_look_ahead) + spread.
Hypothesis Hstart : stored O "theta" = r O "theta".
Hypothesis exact_v : follows_from_zero exact "v" nag_v r.
Hypothesis exact_theta : follows exact "theta" nag_theta r.
Hypothesis HK : answering_decay u mu alpha slope < 1.
Hypothesis Hpeak : answering_peak u eta mu alpha G slope spread r T < bpow radix2 emax.

Let V := buffer_top mu (alpha * G).
Let Theta := Rabs (r O "theta") + INR T * V.
Let eT := answering_buffer_error u eta mu alpha G slope spread r T.
Let point := answering_point_error u eta mu alpha G slope spread r T.
Let drift := answering_drift u eta mu alpha G slope spread r T T.

(* What is in range at step n, if the machine's states are the shadow's up to there. *)
Lemma answering_in_range n :
  (n < T)%nat -> (forall i x, (i <= n)%nat -> stored i x = sh i x) ->
  in_range p emax (sh n) nag_theta /\ in_range p emax (sh n) nag_v
  /\ in_range p emax (sh n) nag_look_ahead_look_ahead.
Proof.
  intros Hn same. assert (Hr := rounds p emax positive).
  assert (Sm : constant_within u mu mut "momentum" sh r) by now apply shadow_constant.
  assert (Sa : constant_within u alpha alphat "learning_rate" sh r) by now apply shadow_constant.
  assert (S0 : sh O "theta" = r O "theta") by (unfold sh; now rewrite shadow_start).
  assert (Sv : follows_from_zero (rounded nearest) "v" nag_v sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" nag_theta sh) by now apply shadow_follows.
  assert (Sg : forall t, (t < S n)%nat -> Rabs (sh t "gradient" - r t "gradient")
    <= slope * Rabs (rounded nearest (sh t) nag_look_ahead_look_ahead
                     - exact (r t) nag_look_ahead_look_ahead) + spread).
  { intros t Ht. assert (L : rounded nearest (sh t) nag_look_ahead_look_ahead
      = rounded nearest (stored t) nag_look_ahead_look_ahead)
      by (apply (rounded_same p emax); intro x; symmetry; apply same; lia).
    rewrite L, <- (same t "gradient") by lia. apply answers. lia. }
  destruct (answering_ranges u eta mu mut alpha alphat G slope nearest sh r T Hr Sm Sa HG Hslope HK)
    as (U & H & k0 & A & G0 & M & D0 & V0 & T0). fold V in V0, T0. fold Theta in T0.
  assert (exact_size := answering_v_at_most u eta mu mut alpha alphat G slope nearest sh r T Hr Sm
    Sa
    HG Hslope exact_v Sv exact_theta St HK). fold V in exact_size.
  assert (theta_size := answering_theta_at_most u eta mu mut alpha alphat G slope nearest sh r T Hr
    Sm
    Sa HG Hslope exact_v Sv exact_theta St HK). fold V in theta_size. fold Theta in theta_size.
  assert (v_near := answering_v_near u eta mu mut alpha alphat G slope spread nearest sh r (S n) T
    Hr
    Sm Sa HG Hslope Hspread Hn Sg S0 exact_v Sv exact_theta St HK). fold eT in v_near.
  assert (theta_near := answering_steps u eta mu mut alpha alphat G slope spread nearest sh r (S n)
    T
    Hr Sm Sa HG Hslope Hspread Hn Sg S0 exact_v Sv exact_theta St HK).
  assert (grows := answering_drift_grows u eta mu mut alpha alphat G slope spread nearest sh r T Hr
    Sm
    Sa HG Hslope Hspread HK). fold drift in grows.
  assert (pt := answering_point_near u eta mu mut alpha alphat G slope spread nearest sh r (S n) T
    Hr
    Sm Sa HG Hslope Hspread Hn Sg S0 exact_v Sv exact_theta St HK n ltac:(lia)). fold point in pt.
  assert (V1 := Rabs_near _ _ _ _ (exact_size n) (v_near n ltac:(lia))).
  assert (V2 := Rabs_near _ _ _ _ (exact_size (S n)) (v_near (S n) ltac:(lia))).
  assert (T2 : Rabs (sh (S n) "theta") <= Theta + drift).
  { apply Rabs_near with (r (S n) "theta"); [now apply theta_size |].
    eapply Rle_trans; [now apply theta_near | now apply grows]. }
  assert (point0 : 0 <= point) by (eapply Rle_trans; [apply Rabs_pos | exact pt]).
  assert (eT0 : 0 <= eT) by (eapply Rle_trans; [apply Rabs_pos | apply (v_near n); lia]).
  assert (drift0 := proj1 (grows T (Nat.le_refl T))). fold drift in drift0.
  assert (g1 : Rabs (sh n "gradient") <= G + (slope * point + spread)).
  { apply Rabs_near with (r n "gradient"); [apply HG |].
    eapply Rle_trans; [apply Sg; lia |]. apply Rplus_le_compat_r.
    now apply Rmult_le_compat_l. }
  assert (sp : 0 <= slope * point) by now apply Rmult_le_pos.
  assert (ag : 0 <= alpha * (G + (slope * point + spread))) by (apply Rmult_le_pos; lra).
  assert (mV : 0 <= mu * V) by now apply Rmult_le_pos.
  assert (P2 : Rabs (rounded nearest (sh n) nag_look_ahead_look_ahead) <= Theta + mu * V + point).
  { apply Rabs_near with (exact (r n) nag_look_ahead_look_ahead); [| exact pt].
    cbn [exact nag_look_ahead_look_ahead]. rewrite (proj1 (proj1 Sm n)).
    apply Rabs_plus; [apply theta_size; lia |].
    apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply exact_size]. }
  destruct Sm as (Vm & _ & Wm), Sa as (Va & _ & Wa).
  assert (m1 : Rabs mu <= 1) by (rewrite Rabs_pos_eq; lra).
  assert (a1 : Rabs alpha <= alpha) by (rewrite Rabs_pos_eq; lra).
  rewrite <- (Rabs_pos_eq mu) in Wm at 2 by easy. rewrite <- (Rabs_pos_eq alpha) in Wa at 2 by easy.
  assert (S1 := product_size p emax positive below _ _ _ _ _ m1 Wm V1).
  assert (S2 := product_size p emax positive below _ _ _ _ _ a1 Wa g1).
  rewrite <- (proj2 (Vm n)) in S1. rewrite <- (proj2 (Va n)) in S2. rewrite Rmult_1_l in S1.
  unfold answering_peak in Hpeak. fold V eT point drift in Hpeak. cbv zeta in Hpeak.
  fold Theta in Hpeak. rewrite (St n) in T2. rewrite (proj2 Sv n) in V2.
  unfold nag_theta, nag_v, nag_look_ahead_look_ahead in *. cbn [in_range rounded] in *.
  repeat split; eapply Rle_lt_trans; try exact Hpeak;
    first [eapply Rle_trans; [exact T2 | lra] | eapply Rle_trans; [exact V2 | lra]
          | eapply Rle_trans; [exact S1 | lra] | eapply Rle_trans; [exact S2 | lra]
          | eapply Rle_trans; [exact P2 | lra]].
Qed.

Theorem answering_run_in_range t : (t <= T)%nat ->
  (forall i, (i < t)%nat ->
     finite_throughout p emax positive below (f i) nag_theta
     /\ finite_throughout p emax positive below (f i) nag_look_ahead_look_ahead)
  /\ (forall x, is_finite (f t x) = true)
  /\ Rabs (stored t "theta" - r t "theta") <= answering_drift u eta mu alpha G slope spread r T t.
Proof.
  assert (ranges : forall n, (n <= T)%nat -> forall i, (i < n)%nat ->
    in_range p emax (sh i) nag_theta /\ in_range p emax (sh i) nag_v
    /\ in_range p emax (sh i) nag_look_ahead_look_ahead).
  { induction n as [| n IH]; intros Hn i Hi; [lia |].
    destruct (Nat.eq_dec i n) as [-> | N]; [| apply IH; lia].
    apply answering_in_range; [exact Hn |]. intros j x Hj.
    apply (machine_run_in_range p emax positive below nag_states f n Hf); [| exact Hj].
    intros t' y e Ht'. destruct (IH ltac:(lia) t' Ht') as (R1 & R2 & _). simpl.
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [exact R2 | exact R1 | easy]. }
  intro Ht.
  assert (states : forall t' y e, (t' < T)%nat -> term_of nag_states y = Some e ->
    in_range p emax (shadow p emax nag_states (fun t x => B2R (f t x)) t') e).
  { intros t' y e Ht'. destruct (ranges T (Nat.le_refl T) t' Ht') as (R1 & R2 & _). simpl.
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [exact R2 | exact R1 | easy]. }
  assert (run := machine_run_in_range p emax positive below nag_states f T Hf states).
  destruct (run t Ht) as (F1 & F2 & F3). split; [| split; [exact F2 |]].
  - intros i Hi. split; [now apply (F1 i "theta") |].
    destruct (run i ltac:(lia)) as (_ & Fi & Si). apply finite_in_range; [exact Fi |].
    apply in_range_same with (sh i); [exact Si |]. apply (ranges T (Nat.le_refl T)). lia.
  - change (B2R (f t "theta")) with (stored t "theta"). unfold stored. rewrite F3.
    assert (Sg : forall i, (i < T)%nat -> Rabs (sh i "gradient" - r i "gradient")
      <= slope * Rabs (rounded nearest (sh i) nag_look_ahead_look_ahead
                       - exact (r i) nag_look_ahead_look_ahead) + spread).
    { intros i Hi. destruct (run i ltac:(lia)) as (_ & _ & Si).
      assert (L : rounded nearest (sh i) nag_look_ahead_look_ahead
        = rounded nearest (stored i) nag_look_ahead_look_ahead)
        by (apply (rounded_same p emax); intro x; symmetry; apply Si).
      rewrite L. change (sh i "gradient") with (shadow p emax nag_states stored i "gradient").
      rewrite <- Si. now apply answers. }
    apply (answering_steps u eta mu mut alpha alphat G slope spread nearest sh r T T); auto;
      first [exact (rounds p emax positive) | now apply shadow_constant
            | now apply shadow_follows_from_zero | now apply shadow_follows].
Qed.

End Run.
End Format.
