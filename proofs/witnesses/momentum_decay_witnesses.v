(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses can hold of the theorems of Momentum's and Nesterov's runs with weight decay in
   the gradient: the runs of momentum_begun_witnesses.v, with a decay of 10^-4, in 100 steps. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Formats Runs RelativeDrift Overflow.
From Truestep Require Import DecayedGradients momentum_run momentum_decay_run momentum_fed_run.
From Truestep Require Import momentum_decay_machine.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps MachineRuns RunNumbers.
From TruestepRules Require Import momentum_begun_witnesses.
Open Scope string_scope.
Open Scope R_scope.

(* How large the parts of such runs are. *)

Lemma between_products a b A B : 0 <= a <= A -> 0 <= b <= B -> 0 <= a * b <= A * B.
Proof. intros HA HB. split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra. Qed.

Lemma quotient_between n d N D : 0 <= n <= N -> 0 < D <= d -> 0 <= n / d <= N / D.
Proof.
  intros HN HD. assert (I : / d <= / D) by (apply Rinv_le_contravar; lra).
  assert (P : 0 < / d) by (apply Rinv_0_lt_compat; lra).
  apply between_products; [exact HN | lra].
Qed.

Lemma hundred : INR 100 = 100.
Proof. rewrite INR_IZR_INZ. reflexivity. Qed.

Lemma fed_back_is_small v a b c d C :
  0 <= v <= / 1000000 -> 0 <= a <= 91 / 100 -> 0 <= b <= 5 / 10000 -> 0 <= c <= C -> 0 <= d <= 1 ->
  0 <= fed_back_drift v a b c d 100 <= 300 * (12 * C + 1).
Proof.
  intros V A B HC D. unfold fed_back_drift. rewrite hundred.
  assert (Q := quotient_between b (1 - a) (5 / 10000) (9 / 100) B ltac:(lra)).
  assert (R := quotient_between c (1 - a) C (9 / 100) HC ltac:(lra)).
  set (z := fed_back_growth v a b). assert (Z : 1 <= z <= 1 + 6 / 1000).
  { unfold z, fed_back_growth. set (x := b / (1 - a)) in *. clearbody x.
    assert (0 <= v * x <= / 1000000 * 1) by (apply between_products; lra). lra. }
  assert (P : 1 <= z ^ 100 <= 3).
  { split; [apply pow_R1_Rle; lra |]. replace z with (1 + (z - 1)) by ring.
    eapply Rle_trans; [apply power_at_most; rewrite ?hundred; lra |]. rewrite hundred.
    rewrite <- (Rinv_inv 3). apply Rinv_le_contravar; lra. }
  set (y := c / (1 - a)) in *. clearbody y z.
  assert (W : 0 <= v * y <= / 1000000 * (C / (9 / 100))) by (apply between_products; lra).
  assert (S : 0 <= (1 + v) * y + d <= 12 * C + 1) by lra.
  assert (T : 0 <= 100 * z ^ 100 <= 300) by lra. now apply between_products.
Qed.

Lemma fed_top_is_small A p q theta0 :
  0 <= A <= 1 -> 0 <= p <= 1 -> 0 <= q <= 1 -> 0 <= theta0 <= 2 ->
  0 <= fed_top (9 / 10) A p q (1 / 10000) 2 theta0 100 <= 20000.
Proof.
  intros HA P Q H. unfold fed_top. assert (pA := between_products p A 1 1 P HA).
  set (g := p * A + q). assert (G : 0 <= g <= 2) by (unfold g; lra).
  assert (B : 0 <= g * (1 / 10000) <= 2 * (1 / 10000)) by (apply between_products; lra).
  assert (C : 0 <= g * (1 / 10000 * theta0 + 2) <= 2 * (201 / 100))
    by (apply between_products; lra).
  assert (D := fed_back_is_small 0 (9 / 10) (g * (1 / 10000)) (g * (1 / 10000 * theta0 + 2)) 0
    (2 * (201 / 100)) ltac:(lra) ltac:(lra) ltac:(lra) C ltac:(lra)). lra.
Qed.

Lemma fed_peak_is_small A p q Theta :
  0 <= A <= 1 -> 0 <= p <= 1 -> 0 <= q <= 1 -> 0 <= Theta <= 20000 ->
  fed_peak u eta (9 / 10) A p q (1 / 10000) 2 Theta 100 <= 10 ^ 9.
Proof.
  intros HA P Q HT. destruct tiny_numbers as [U N]. assert (HK := growth_is_small).
  assert (k0 : 0 <= kappa * u <= / 100000) by (rewrite u_value; unfold kappa; lra).
  set (D := fed_gradient (1 / 10000) Theta 2).
  assert (HD : 0 <= D <= 4) by (unfold D, fed_gradient; lra).
  set (V := fed_buffer (9 / 10) A (1 / 10000) Theta 2).
  assert (HV : 0 <= V <= 40).
  { unfold V, fed_buffer, buffer_top. fold D. assert (AD := between_products A D 1 4 HA HD).
    assert (X := quotient_between (A * D) (1 - 9 / 10) 4 (1 / 10) ltac:(lra) ltac:(lra)). lra. }
  set (x := returned u (1 / 10000)). set (y := formed_error u eta (1 / 10000) Theta 2).
  assert (HX : 0 <= x <= 11 / 100000).
  { unfold x, returned. assert (X := between_products u (kappa * u) _ _ U k0).
    set (k := kappa * u) in *. clearbody k. lra. }
  assert (HY : 0 <= y <= 1).
  { unfold y, formed_error. fold D. assert (kT := between_products _ Theta _ _ k0 HT).
    set (kt := kappa * u * Theta) in *. clearbody kt.
    assert (ukt := between_products u kt _ _ U kT). assert (uD := between_products u D _ _ U HD).
    lra. }
  set (K := product_growth u) in *.
  assert (local : forall a b, 0 <= a <= 100 -> 0 <= b <= 100 -> 0 <= sum_local u eta a b <= 1).
  { intros a b HA' HB'. unfold sum_local. fold K.
    assert (Z := between_products K (a + b) _ 200 HK ltac:(lra)).
    assert (ue := between_products u eta _ _ U N). lra. }
  set (c := fed_local u eta (9 / 10) A p q (1 / 10000) Theta 2).
  set (b := fed_feedback u A p q (1 / 10000)).
  assert (grown : forall z Z, 0 <= z <= Z -> 0 <= (1 + K) * z <= 2 * Z)
    by (intros z Z HZ; apply between_products; [lra | exact HZ]).
  assert (HB : 0 <= b <= 5 / 10000).
  { unfold b, fed_feedback. fold K x.
    assert (Kx := between_products K x _ _ HK HX).
    assert (X1 : 0 <= (1 + K) * x <= 12 / 100000) by lra.
    assert (X2 := between_products A ((1 + K) * x) _ _ HA X1).
    assert (X3 := between_products p (A * ((1 + K) * x)) _ _ P X2).
    assert (X4 := between_products q x _ _ Q HX).
    assert (X5 := between_products K (p * (A * ((1 + K) * x)) + q * x) _ 1 HK ltac:(lra)). lra. }
  assert (buffer : forall e E, 0 <= e <= E ->
    0 <= fed_buffer_local u eta (9 / 10) A (1 / 10000) Theta 2 e <= 1 + 2 * E).
  { intros e E HE. unfold fed_buffer_local. fold D V K.
    assert (AD := between_products A D 1 4 HA HD).
    assert (L := local (9 / 10 * V) (A * D) ltac:(lra) ltac:(lra)).
    assert (M := between_products A ((1 + K) * e) _ _ HA (grown e E HE)). lra. }
  assert (move : forall e d E F, 0 <= e <= E -> 0 <= d <= F ->
    0 <= fed_move_error u eta (9 / 10) A p q (1 / 10000) Theta 2 e d <= 1 + 2 * (E + F)).
  { intros e d E F HE HF. unfold fed_move_error. fold D V K.
    assert (pV := between_products p V 1 40 P HV). assert (qD := between_products q D 1 4 Q HD).
    assert (L := local (p * V) (q * D) ltac:(lra) ltac:(lra)).
    assert (pe := between_products p e _ _ P HE). assert (qd := between_products q d _ _ Q HF).
    assert (M := grown (p * e + q * d) (E + F) ltac:(lra)). lra. }
  assert (HC : 0 <= c <= 9) by (unfold c, fed_local; fold y;
    assert (M := move _ _ _ _ (buffer y 1 HY) HY); lra).
  assert (uT := between_products u Theta _ _ U HT).
  set (drift := fed_drift u eta (9 / 10) A p q (1 / 10000) 2 Theta 100).
  assert (HDr : 0 <= drift <= 33000).
  { unfold drift, fed_drift. fold K b c.
    assert (F := fed_back_is_small u (9 / 10 * (1 + K)) b c (u * Theta + eta) 9 U ltac:(lra) HB HC
      ltac:(lra)). lra. }
  set (d := fed_gradient_error u eta (9 / 10) A p q (1 / 10000) 2 Theta 100).
  assert (Hd : 0 <= d <= 10).
  { unfold d, fed_gradient_error. fold x y drift.
    assert (xd := between_products x drift _ _ HX HDr). lra. }
  set (e := fed_buffer_error u eta (9 / 10) A p q (1 / 10000) 2 Theta 100).
  assert (He : 0 <= e <= 300).
  { unfold e, fed_buffer_error. fold d K. assert (B := buffer d 10 Hd).
    assert (X := quotient_between _ (1 - 9 / 10 * (1 + K)) _ (9 / 100) B ltac:(lra)). lra. }
  assert (M := move e d 300 10 He Hd). assert (pV := between_products p V 1 40 P HV).
  assert (qD := between_products q D 1 4 Q HD).
  unfold fed_peak, fed_move. fold D V d e drift. cbv zeta.
  assert (AH := between_products A (D + d) 1 14 HA ltac:(lra)).
  assert (pv := between_products p (V + e) 1 340 P ltac:(lra)).
  assert (qh := between_products q (D + d) 1 14 Q ltac:(lra)). lra.
Qed.

Lemma below_the_largest x : x <= 10 ^ 9 -> x < bpow radix2 128.
Proof. intro H. eapply Rle_lt_trans; [exact H |]. simpl. lra. Qed.

Lemma decayed_inputs_hold first kept (first_is : first = 0 \/ first = 9 / 10) :
  term_of kept "momentum" = None -> term_of kept "weight_decay" = None ->
  term_of kept "gradient" = None -> (exists e, term_of kept "v" = Some e) ->
  let f t x := B2R (begun_machine first kept t x) in
  decayed_inputs 24 (9 / 10) (1 / 10000) (f O "weight_decay") 2 f (begun_rule first kept).
Proof.
  intros M W N [e V] f. split; [now apply (begun_zero _ first_is) |].
  split; [now apply (begun_rule_from_zero first kept "v" e) |].
  split; [reflexivity |]. split.
  - apply (begun_coefficient _ first_is); try easy.
    intros []; unfold begun_given; simpl; [destruct first_is as [-> | ->]; rewrite ?Rabs_R0 |];
      rewrite ?Rabs_pos_eq; lra.
  - split; [| now apply (begun_gradients _ first_is)].
    apply (begun_constant _ first_is); try easy; lra.
Qed.

Lemma begun_theta first kept (first_is : first = 0 \/ first = 9 / 10) :
  0 <= Rabs (begun_rule first kept O "theta") <= 2.
Proof. split; [apply Rabs_pos |]. now apply (begun_size _ first_is). Qed.

Lemma growth_allows : 9 / 10 * (1 + product_growth u) < 1.
Proof. generalize growth_is_small. lra. Qed.

(* PyTorch's Momentum. *)
Theorem decayed_scaled_can_run t :
  let f := begun_machine 0 (all_decayed scaled_states) in
  let r := begun_rule 0 (all_decayed scaled_states) in
  let Theta := fed_top (9 / 10) 1 (1 / 100) 0 (1 / 10000) 2 (Rabs (r O "theta")) 100 in
  (t <= 100)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= fed_drift u eta (9 / 10) 1 (1 / 100) 0 (1 / 10000) 2 Theta t.
Proof.
  intros f r Theta Ht. assert (start := begun_theta 0 (all_decayed scaled_states) zero_first).
  destruct (decayed_scaled_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) 1 (1 / 100) (1 / 10000)
    (B2R (f O "weight_decay")) 2 100 f r) with (t := t) as (_ & F & D); try exact Ht.
  - exact growth_allows.
  - apply (begun_follows _ zero_first).
  - apply (decayed_inputs_hold _ _ zero_first); try easy. now eexists.
  - apply (begun_coefficient _ zero_first); try easy. intros []; unfold begun_given; simpl; rewrite Rabs_R1; lra.
  - apply (begun_coefficient _ zero_first); try easy.
    intros []; unfold begun_given; simpl; rewrite Rabs_pos_eq; lra.
  - now apply begun_rule_follows.
  - now apply begun_rule_follows.
  - apply below_the_largest, fed_peak_is_small; try lra. apply fed_top_is_small; try lra.
    exact start.
  - exact (conj F D).
Qed.

(* The learning rate in the buffer, with the recurrence from the first step on. *)
Theorem decayed_buffer_can_run t :
  let f := begun_machine (9 / 10) (all_decayed momentum_states) in
  let r := begun_rule (9 / 10) (all_decayed momentum_states) in
  let Theta := fed_top (9 / 10) (1 / 100) 1 0 (1 / 10000) 2 (Rabs (r O "theta")) 100 in
  (t <= 100)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= fed_drift u eta (9 / 10) (1 / 100) 1 0 (1 / 10000) 2 Theta t.
Proof.
  intros f r Theta Ht.
  assert (start := begun_theta (9 / 10) (all_decayed momentum_states) same_first).
  destruct (decayed_buffer_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (1 / 100) (1 / 10000)
    (B2R (f O "weight_decay")) 2 100 f r) with (t := t) as (_ & F & D); try exact Ht.
  - exact growth_allows.
  - apply (begun_follows _ same_first).
  - apply (decayed_inputs_hold _ _ same_first); try easy. now eexists.
  - apply (begun_coefficient _ same_first); try easy.
    intros []; unfold begun_given; simpl; rewrite Rabs_pos_eq; lra.
  - now apply begun_rule_follows.
  - now apply begun_rule_follows.
  - apply below_the_largest, fed_peak_is_small; try lra. apply fed_top_is_small; try lra.
    exact start.
  - exact (conj F D).
Qed.

(* PyTorch's form of Nesterov's accelerated gradient. *)
Theorem decayed_sum_can_run t :
  let f := begun_machine 0 (all_decayed (sum_states "p" "q")) in
  let r := begun_rule 0 (all_decayed (sum_states "p" "q")) in
  let Theta := fed_top (9 / 10) 1 (9 / 1000) (1 / 100) (1 / 10000) 2 (Rabs (r O "theta")) 100 in
  (t <= 100)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= fed_drift u eta (9 / 10) 1 (9 / 1000) (1 / 100) (1 / 10000) 2 Theta t.
Proof.
  intros f r Theta Ht.
  assert (start := begun_theta 0 (all_decayed (sum_states "p" "q")) zero_first).
  destruct (decayed_sum_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) 1 (9 / 1000) (1 / 100)
    (1 / 10000) (B2R (f O "weight_decay")) 2 100 f r) with (t := t) as (_ & F & D); try exact Ht.
  - exact growth_allows.
  - apply (begun_follows _ zero_first).
  - apply (decayed_inputs_hold _ _ zero_first); try easy. now eexists.
  - apply (begun_coefficient _ zero_first); try easy. intros []; unfold begun_given; simpl; rewrite Rabs_R1; lra.
  - apply (begun_coefficient _ zero_first); try easy.
    intros []; unfold begun_given; simpl; rewrite Rabs_Ropp, Rabs_pos_eq; lra.
  - apply (begun_coefficient _ zero_first); try easy.
    intros []; unfold begun_given; simpl; rewrite Rabs_Ropp, Rabs_pos_eq; lra.
  - now apply begun_rule_follows.
  - now apply begun_rule_follows.
  - apply below_the_largest, fed_peak_is_small; try lra. apply fed_top_is_small; try lra.
    exact start.
  - exact (conj F D).
Qed.

(* Nesterov's sum with the recurrence's factors. *)
Theorem decayed_nesterov_can_run t :
  let f := begun_machine (9 / 10) (all_decayed (sum_states "momentum" "gain")) in
  let r := begun_rule (9 / 10) (all_decayed (sum_states "momentum" "gain")) in
  let Theta := fed_top (9 / 10) 1 (9 / 10) 1 (1 / 10000) 2 (Rabs (r O "theta")) 100 in
  (t <= 100)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= fed_drift u eta (9 / 10) 1 (9 / 10) 1 (1 / 10000) 2 Theta t.
Proof.
  intros f r Theta Ht.
  assert (start := begun_theta (9 / 10) (all_decayed (sum_states "momentum" "gain")) same_first).
  destruct (decayed_nesterov_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) 1 (1 / 10000)
    (B2R (f O "weight_decay")) 2 100 f r) with (t := t) as (_ & F & D); try exact Ht.
  - exact growth_allows.
  - apply (begun_follows _ same_first).
  - apply (decayed_inputs_hold _ _ same_first); try easy. now eexists.
  - apply (begun_coefficient _ same_first); try easy. intros []; unfold begun_given; simpl; rewrite Rabs_R1; lra.
  - now apply begun_rule_follows.
  - now apply begun_rule_follows.
  - apply below_the_largest, fed_peak_is_small; try lra. apply fed_top_is_small; try lra.
    exact start.
  - exact (conj F D).
Qed.
