(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum's recorded lanes whose first buffer is the gradient, as in PyTorch: in
   the first step the momentum is 0 and the gradient is not dampened. And runs of Nesterov's sum by
   the names of its coefficients.

   momentum_run.v has such runs for coefficients that change. The buffer is at most [begun_top]: the
   first push, or what later pushes make of it for ever.

   Results, underflow included, for theta after each of T steps in IEEE arithmetic, in which nothing
   overflows while a peak is below the largest number:
   - [begun_run_in_ieee]: the learning rate in the buffer;
   - [begun_scaled_run_in_ieee]: the learning rate outside of the buffer, PyTorch's Momentum;
   - [begun_sum_run_in_ieee]: Nesterov's sum, PyTorch's NAG;
   - [nesterov_run_in_ieee], [weighted_sum_run_in_ieee]: Nesterov's sum, with the recurrence from
     the first step on;
   - [moved_peak_from], [sum_peak_from]: from a larger theta_0 a peak is at least as large. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs MovingParameters Overflow.
From Truestep Require Import momentum_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* A coefficient of the first step, and that of all later ones. *)
Definition begins_within (u first later : R) (x : string) (f r : run) : Prop :=
  forall t, r t x = match t with O => first | S _ => later end
            /\ Rabs (f t x - r t x) <= kappa * u * Rabs (r t x).

Definition begun_top (mu first later G : R) : R :=
  Rmax (Rabs first * G) (buffer_top mu (Rabs later * G)).

Lemma begun_buffer_within u mu first later a G f r :
  0 <= mu < 1 -> begins_within u 0 mu "momentum" f r -> begins_within u first later a f r ->
  same_gradients G f r -> buffer_within u mu (begun_top mu first later G) G a f r.
Proof.
  intros M Hm Ha HG. set (V := begun_top mu first later G). split; intro t.
  - destruct (Hm t) as [E W]. split; [| exact W]. rewrite E.
    destruct t; [rewrite Rabs_R0 | rewrite Rabs_pos_eq]; lra.
  - destruct (Hm t) as [E _], (Ha t) as [A W]. split; [| exact W]. rewrite E, A. destruct t.
    + rewrite Rabs_R0, Rmult_0_l, Rplus_0_l. apply Rmax_l.
    + rewrite (Rabs_pos_eq mu) by lra.
      assert (P : buffer_top mu (Rabs later * G) <= V) by apply Rmax_r.
      assert (Q : Rabs later * G = (1 - mu) * buffer_top mu (Rabs later * G))
        by (unfold buffer_top; field; lra).
      rewrite Q. assert ((1 - mu) * buffer_top mu (Rabs later * G) <= (1 - mu) * V)
        by (apply Rmult_le_compat_l; lra). lra.
Qed.

Theorem moved_peak_from u eta E L x y T :
  0 <= u -> x <= y -> moved_peak u eta E L x T <= moved_peak u eta E L y T.
Proof.
  intros U H. unfold moved_peak. generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Theorem sum_peak_from u eta mu gain p q G x y T :
  0 <= u -> x <= y ->
  sum_peak u eta mu gain p q G x T <= sum_peak u eta mu gain p q G y T.
Proof.
  intros U H. unfold sum_peak. set (E := sum_error _ _ _ _ _ _ _). set (L := sum_step _ _ _ _ _).
  generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation number := (binary_float p emax).

Lemma momentum_range mu :
  0 <= mu -> mu * (1 + product_growth u) < 1 -> 0 <= mu < 1.
Proof.
  intros M HK. assert (U : 0 <= u) by apply bpow_ge_0.
  assert (K := product_growth_at_least_0 u U). nra.
Qed.

Theorem begun_run_in_ieee mu first later G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let V := begun_top mu first later G in
  let E := kept_error u eta mu V in
  0 <= mu -> mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below momentum_states f -> stored O "v" = 0 ->
  begins_within u 0 mu "momentum" stored r ->
  begins_within u first later "learning_rate" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_v r -> follows exact "theta" momentum_theta r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + moved_peak u eta E V (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E V (Rabs (r O "theta")) T t.
Proof.
  intros stored V E M HK Hf v0 Hm Ha HG.
  assert (B := begun_buffer_within u mu first later _ G stored r (momentum_range mu M HK) Hm Ha HG).
  now apply (momentum_run_in_range p emax positive below mu V G T f r).
Qed.

Theorem begun_scaled_run_in_ieee mu gain alpha alphat G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let V := begun_top mu 1 gain G in
  let E := rate_error u eta alpha V (kept_error u eta mu V) in
  let L := alpha * V in
  0 <= mu -> mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below scaled_states f -> stored O "v" = 0 ->
  begins_within u 0 mu "momentum" stored r -> begins_within u 1 gain "gain" stored r ->
  constant_within u alpha alphat "learning_rate" stored r -> same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r ->
  follows exact "theta" momentum_scaled_theta r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + L + E + moved_peak u eta E L (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_scaled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) T t.
Proof.
  intros stored V E L M HK Hf v0 Hm Hgain Ha HG.
  assert (B := begun_buffer_within u mu 1 gain _ G stored r (momentum_range mu M HK) Hm Hgain HG).
  assert (A := constant_coefficient _ _ _ _ _ _ (constant_is_signed _ _ _ _ _ _ Ha)).
  rewrite (Rabs_pos_eq alpha) in A by apply Ha.
  now apply (scaled_run_in_range p emax positive below mu V G alpha T f r).
Qed.

Theorem begun_sum_run_in_ieee mu first later a at' b bt G T (f : nat -> string -> number)
    (r : run) :
  let stored t x := B2R (f t x) in
  let V := begun_top mu first later G in
  let E := two_product_error u eta G (Rabs a) (Rabs b) V (kept_error u eta mu V) in
  let L := two_product_step G (Rabs a) (Rabs b) V in
  0 <= mu -> mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (sum_states "p" "q") f -> stored O "v" = 0 ->
  begins_within u 0 mu "momentum" stored r -> begins_within u first later "gain" stored r ->
  signed_constant_within u a at' "p" stored r -> signed_constant_within u b bt "q" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r -> follows exact "theta" momentum_sum_theta r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + two_product_peak u eta mu G (Rabs a) (Rabs b) V + L + E
    + moved_peak u eta E L (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_sum_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) T t.
Proof.
  intros stored V E L M HK Hf v0 Hm Hgain Hp Hq HG Hv Hx.
  assert (B := begun_buffer_within u mu first later _ G stored r (momentum_range mu M HK) Hm Hgain
    HG).
  apply (sum_run_in_range p emax positive below "p" "q" mu V G (Rabs a) (Rabs b) T f r); auto.
  - repeat split; discriminate.
  - now apply constant_coefficient with at'.
  - now apply constant_coefficient with bt.
Qed.

(* Nesterov's sum with the recurrence from the first step on. *)

Theorem nesterov_run_in_ieee mu mut gain gaint G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (sum_states "momentum" "gain") f -> stored O "v" = 0 ->
  constant_within u mu mut "momentum" stored r ->
  signed_constant_within u gain gaint "gain" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r ->
  follows exact "theta" momentum_nesterov_theta r ->
  stored O "theta" = r O "theta" ->
  sum_peak u eta mu gain mu gain G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_nesterov_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (sum_error u eta mu G gain mu gain) (sum_step mu G gain mu gain)
            (Rabs (r O "theta")) T t.
Proof.
  intros stored HK Hf v0 Hm Hgain HG Hv Hx Hstart Hpeak.
  apply (sum_run_in_ieee p emax positive below "momentum" "gain" mu mut gain gaint mu mut gain gaint
    G T f r); auto using constant_is_signed.
  repeat split; discriminate.
Qed.

Theorem weighted_sum_run_in_ieee mu mut gain gaint a at' b bt G T (f : nat -> string -> number)
    (r : run) :
  let stored t x := B2R (f t x) in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (sum_states "p" "q") f -> stored O "v" = 0 ->
  constant_within u mu mut "momentum" stored r ->
  signed_constant_within u gain gaint "gain" stored r ->
  signed_constant_within u a at' "p" stored r -> signed_constant_within u b bt "q" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r -> follows exact "theta" momentum_sum_theta r ->
  stored O "theta" = r O "theta" ->
  sum_peak u eta mu gain a b G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_sum_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (sum_error u eta mu G gain a b) (sum_step mu G gain a b)
            (Rabs (r O "theta")) T t.
Proof.
  intros stored HK Hf v0 Hm Hgain Hp Hq HG Hv Hx Hstart Hpeak.
  apply (sum_run_in_ieee p emax positive below "p" "q" mu mut gain gaint a at' b bt G T f r); auto.
  repeat split; discriminate.
Qed.

End Format.
