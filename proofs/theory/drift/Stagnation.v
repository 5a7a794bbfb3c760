(* SPDX-License-Identifier: Apache-2.0 *)
(* When a step moves nothing: the new value rounds back to the old one.

   In every format of Flocq with base 2, rounding to nearest, whichever way ties go, unless said.

   Steps that are lost.
   - [step_is_lost], [step_is_taken]: x + d rounds to x if d is less than half of the gap to x's
     neighbour on that side, and moves to the neighbour or beyond if d is more.
   - [update_is_lost]: theta - d rounds to theta <> 0 if |d| < ulp(theta) / 2 and |theta| is no
     power of 2, below which the gap is half of the gap above; [update_is_lost_at_a_power]: in a
     format of p bits with gradual underflow, for every theta <> 0 if |d| < ulp(theta) / 4.
   - [small_update_is_lost]: in such a format, if |d| < 2^-(p+1) |theta|. So a rule whose steps are
     at most alpha moves no parameter beyond 2^(p+1) alpha: 2 at alpha = 2^-8 in bfloat16.
   - [tiny_step_is_lost]: in such a format, if |d| < eta, half of the smallest subnormal number.

   Accumulators that stop.
   - [square_is_lost]: fma(g, g, sum) is sum >= 0 if g^2 < ulp(sum) / 2, at powers of 2 too;
     [small_square_is_lost]: in a format of p bits, if g^2 <= 2^-(p+1) sum.
   - [decay_is_lost]: (1 - w) v rounds to v if w v is less than half of the gap below v >= 0.
   - [small_weight_never_decays]: in a format of p bits, (1 - w) x rounds to x for every x if
     |w| < 2^-(p+1): in bfloat16 beta2 = 0.999 is that near to 1.
   - [decay_stops]: (1 - w) x rounds to x if |w x| < eta: a mean does not decay to zero;
     [second_moment_stops]: so v under zero gradients keeps such a value for good.

   Counters.
   - [counter_sticks]: a counter that adds 1 in a format with p >= 2 bits, ties to even, counts to
     2^p and stays there; [bfloat16_counter]: at 256; [binary16_counter]: at 2048;
     [binary32_counter]: at 16777216. *)

Require Import Reals ZArith Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Rounding Means Sums.
Open Scope R_scope.

Section Any_format.

Variable fexp : Z -> Z.
Context {valid : Valid_exp fexp}.
Variable choice : Z -> bool.

Notation format := (generic_format radix2 fexp).
Notation nearest := (round radix2 fexp (Znearest choice)).
Notation ulp := (ulp radix2 fexp).
Notation succ := (succ radix2 fexp).
Notation pred := (pred radix2 fexp).

Theorem step_is_lost x d :
  format x -> (pred x - x) / 2 < d < (succ x - x) / 2 -> nearest (x + d) = x.
Proof.
  intros Fx Hd; apply Rle_antisym.
  - apply round_N_le_midp; [exact valid|exact Fx|lra].
  - apply round_N_ge_midp; [exact valid|exact Fx|lra].
Qed.

Theorem step_is_taken x d :
  format x ->
  ((succ x - x) / 2 < d -> succ x <= nearest (x + d))
  /\ (d < (pred x - x) / 2 -> nearest (x + d) <= pred x).
Proof.
  intros Fx; split; intros Hd.
  - apply round_N_ge_midp; [exact valid|now apply generic_format_succ|].
    rewrite pred_succ by assumption; lra.
  - apply round_N_le_midp; [exact valid|now apply generic_format_pred|].
    rewrite succ_pred by assumption; lra.
Qed.

(** The neighbours of a positive number. *)
Lemma gap_above x : 0 <= x -> succ x - x = ulp x.
Proof. intros Hx; rewrite succ_eq_pos by exact Hx; ring. Qed.

Lemma gap_below x :
  0 < x -> (forall e, x <> bpow radix2 e) -> x - pred x = ulp x.
Proof.
  intros Hx Hpower; rewrite pred_eq_pos by lra; unfold pred_pos.
  rewrite Req_bool_false by apply Hpower; ring.
Qed.

Theorem update_is_lost theta d :
  format theta -> theta <> 0 -> (forall e, Rabs theta <> bpow radix2 e) ->
  Rabs d < / 2 * ulp theta -> nearest (theta - d) = theta.
Proof.
  intros F nonzero Hpower Hd; apply Rabs_def2 in Hd.
  apply step_is_lost; [exact F|].
  destruct (Rle_or_lt 0 theta) as [sign|sign].
  - rewrite Rabs_pos_eq in Hpower by exact sign.
    assert (above := gap_above theta sign).
    assert (below := gap_below theta ltac:(lra) Hpower); lra.
  - rewrite Rabs_left in Hpower by exact sign.
    assert (above := gap_above (- theta) ltac:(lra)).
    assert (below := gap_below (- theta) ltac:(lra) Hpower).
    rewrite succ_opp, ulp_opp in above; rewrite pred_opp, ulp_opp in below; lra.
Qed.

Theorem square_is_lost sum g :
  format sum -> 0 <= sum -> g * g < / 2 * ulp sum -> nearest (g * g + sum) = sum.
Proof.
  intros F Hsum Hg; rewrite Rplus_comm; apply step_is_lost; [exact F|].
  assert (0 <= g * g) by apply Rle_0_sqr.
  rewrite gap_above by exact Hsum.
  destruct (Req_dec sum 0) as [->|nonzero].
  - rewrite pred_0; generalize (ulp_ge_0 radix2 fexp 0); intros.
    assert (ulp 0 <> 0) by (intros E; rewrite E in *; lra); lra.
  - assert (below := pred_lt_id radix2 fexp sum nonzero); lra.
Qed.

Theorem decay_is_lost w v :
  format v -> 0 <= v -> 0 <= w -> w * v < (v - pred v) / 2 -> nearest ((1 - w) * v) = v.
Proof.
  intros F Hv Hw Hgap.
  replace ((1 - w) * v) with (v + - (w * v)) by ring.
  apply step_is_lost; [exact F|].
  rewrite gap_above by exact Hv.
  assert (0 <= w * v) by (apply Rmult_le_pos; assumption).
  split; [lra|].
  destruct (Req_dec v 0) as [->|nonzero].
  - rewrite pred_0, Rmult_0_r in *; lra.
  - assert (0 < ulp v) by (rewrite ulp_neq_0 by exact nonzero; apply bpow_gt_0); lra.
Qed.

End Any_format.

Section Gradual_underflow.

Variables emin prec : Z.
Context {positive : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation fexp := (FLT_exp emin prec).
Notation format := (generic_format radix2 fexp).
Notation nearest := (round radix2 fexp (Znearest choice)).
Notation ulp := (ulp radix2 fexp).
Notation succ := (succ radix2 fexp).
Notation pred := (pred radix2 fexp).

(** Below a power of 2 the gap halves, and never more than that. *)
Lemma gap_below_at_least_half x : 0 < x -> / 2 * ulp x <= x - pred x.
Proof.
  intros Hx; rewrite pred_eq_pos by lra; unfold pred_pos.
  case Req_bool_spec; intros Hpower.
  2: { generalize (ulp_ge_0 radix2 fexp x); lra. }
  rewrite ulp_neq_0 by lra; unfold cexp.
  replace (x - (x - _)) with (bpow radix2 (fexp (mag radix2 x - 1))) by ring.
  replace (fexp (mag radix2 x)) with (fexp (mag radix2 x) - 1 + 1)%Z by lia.
  rewrite half_bpow; apply bpow_le; unfold FLT_exp; lia.
Qed.

Theorem update_is_lost_at_a_power theta d :
  format theta -> theta <> 0 -> Rabs d < / 4 * ulp theta -> nearest (theta - d) = theta.
Proof.
  intros F nonzero Hd; apply Rabs_def2 in Hd.
  apply step_is_lost; [auto with typeclass_instances|exact F|].
  destruct (Rle_or_lt 0 theta) as [sign|sign].
  - assert (above := gap_above fexp theta sign).
    assert (below := gap_below_at_least_half theta ltac:(lra)); lra.
  - assert (above := gap_above fexp (- theta) ltac:(lra)).
    assert (below := gap_below_at_least_half (- theta) ltac:(lra)).
    rewrite succ_opp, ulp_opp in above; rewrite pred_opp, ulp_opp in below; lra.
Qed.

(** An ulp is more than 2^-p of its number. *)
Lemma ulp_relative x : x <> 0 -> bpow radix2 (- prec) * Rabs x < ulp x.
Proof. intros Hx; rewrite Rmult_comm; now apply ulp_FLT_gt. Qed.

(** A power of 2 has an ulp of at least 2^(1-p) of itself. *)
Lemma ulp_of_a_power x e : Rabs x = bpow radix2 e -> bpow radix2 (- prec + 1) * Rabs x <= ulp x.
Proof.
  intros Hx; rewrite <- (ulp_abs radix2 fexp x), Hx, ulp_bpow, <- bpow_plus.
  apply bpow_le; unfold FLT_exp; lia.
Qed.

Theorem small_update_is_lost theta d :
  format theta -> Rabs d < bpow radix2 (- prec - 1) * Rabs theta -> nearest (theta - d) = theta.
Proof.
  intros F Hd.
  assert (nonzero : theta <> 0).
  { intros ->; rewrite Rabs_R0, Rmult_0_r in Hd; generalize (Rabs_pos d); lra. }
  assert (half := half_bpow (- prec - 1)); assert (unit := half_bpow (- prec)).
  replace (- prec - 1 + 1)%Z with (- prec)%Z in half by lia.
  destruct (Req_dec (Rabs theta) (bpow radix2 (mag radix2 theta - 1))) as [power|no_power].
  - apply update_is_lost_at_a_power; try assumption.
    assert (U := ulp_of_a_power _ _ power); nra.
  - apply update_is_lost; try assumption; [auto with typeclass_instances|..].
    + intros e He; apply no_power.
      rewrite He; f_equal; rewrite <- mag_abs, He, mag_bpow; lia.
    + assert (U := ulp_relative _ nonzero); nra.
Qed.

Theorem small_square_is_lost sum g :
  format sum -> 0 < sum -> g * g <= bpow radix2 (- prec - 1) * sum ->
  nearest (g * g + sum) = sum.
Proof.
  intros F Hsum Hg; apply square_is_lost; auto with typeclass_instances; try lra.
  assert (U := ulp_relative sum ltac:(lra)); rewrite Rabs_pos_eq in U by lra.
  assert (half := half_bpow (- prec - 1)).
  replace (- prec - 1 + 1)%Z with (- prec)%Z in half by lia; nra.
Qed.

(** No gap is smaller than the smallest subnormal number, 2^emin. *)
Lemma ulp_at_least x : bpow radix2 emin <= ulp x.
Proof.
  destruct (Req_dec x 0) as [->|nonzero].
  - rewrite ulp_FLT_0; [apply Rle_refl|exact positive].
  - rewrite ulp_neq_0 by exact nonzero; apply bpow_le; unfold cexp, FLT_exp; lia.
Qed.

Lemma gap_below_at_least x : 0 <= x -> bpow radix2 emin <= x - pred x.
Proof.
  intros Hx; destruct (Req_dec x 0) as [->|nonzero].
  - rewrite pred_0; generalize (ulp_at_least 0); lra.
  - rewrite pred_eq_pos by exact Hx; unfold pred_pos.
    destruct Req_bool.
    + replace (x - (x - _)) with (bpow radix2 (fexp (mag radix2 x - 1))) by ring.
      apply bpow_le; unfold FLT_exp; lia.
    + generalize (ulp_at_least x); lra.
Qed.

Theorem tiny_step_is_lost x d :
  format x -> Rabs d < bpow radix2 (emin - 1) -> nearest (x - d) = x.
Proof.
  intros F Hd; apply Rabs_def2 in Hd.
  assert (half := half_bpow (emin - 1)); replace (emin - 1 + 1)%Z with emin in half by lia.
  apply step_is_lost; [auto with typeclass_instances|exact F|].
  destruct (Rle_or_lt 0 x) as [sign|sign].
  - assert (above := gap_above fexp x sign); assert (U := ulp_at_least x).
    assert (below := gap_below_at_least x sign); lra.
  - assert (above := gap_above fexp (- x) ltac:(lra)); assert (U := ulp_at_least (- x)).
    assert (below := gap_below_at_least (- x) ltac:(lra)).
    rewrite succ_opp in above; rewrite pred_opp in below; lra.
Qed.

Theorem small_weight_never_decays w x :
  format x -> Rabs w < bpow radix2 (- prec - 1) -> nearest ((1 - w) * x) = x.
Proof.
  intros F Hw.
  destruct (Req_dec x 0) as [->|nonzero].
  - rewrite Rmult_0_r; apply round_0; auto with typeclass_instances.
  - replace ((1 - w) * x) with (x - w * x) by ring.
    apply small_update_is_lost; [exact F|].
    rewrite Rabs_mult; apply Rmult_lt_compat_r; [now apply Rabs_pos_lt|exact Hw].
Qed.

Theorem decay_stops w x :
  format x -> Rabs (w * x) < bpow radix2 (emin - 1) -> nearest ((1 - w) * x) = x.
Proof.
  intros F Hw; replace ((1 - w) * x) with (x - w * x) by ring.
  now apply tiny_step_is_lost.
Qed.

Theorem second_moment_stops w (v : nat -> R) :
  format (v 0%nat) -> Rabs (w * v 0%nat) < bpow radix2 (emin - 1) ->
  (forall t, v (S t) = second_moment nearest w (v t) 0) ->
  forall t, v t = v 0%nat.
Proof.
  intros F Hw Hv; induction t as [|t IH]; [reflexivity|].
  rewrite Hv, IH; unfold second_moment.
  rewrite decay_stops, Rmult_0_r, Rplus_0_l by assumption.
  apply round_generic; auto with typeclass_instances.
Qed.

End Gradual_underflow.

Section Counters.

Variables emin prec : Z.
Context {positive : Prec_gt_0 prec}.

Notation fexp := (FLT_exp emin prec).
Notation format := (generic_format radix2 fexp).
Notation to_even := (round radix2 fexp ZnearestE).

Lemma integers_are_exact n :
  (emin <= 0)%Z -> (0 <= n <= 2 ^ prec)%Z -> format (IZR n).
Proof.
  intros Hemin Hn.
  destruct (Z.eq_dec n (2 ^ prec)) as [->|below].
  - rewrite (IZR_Zpower radix2) by (generalize positive; unfold Prec_gt_0; lia).
    apply generic_format_bpow; unfold FLT_exp; generalize positive; unfold Prec_gt_0; lia.
  - apply generic_format_FLT; exists (Float radix2 n 0).
    + unfold F2R; simpl; ring.
    + simpl; lia.
    + exact Hemin.
Qed.

(** 2^p + 1 lies half-way between 2^p and 2^p + 2, and of the two 2^p is the even one. *)
Lemma next_count_rounds_back :
  (emin <= 0)%Z -> (2 <= prec)%Z -> to_even (IZR (2 ^ prec) + 1) = IZR (2 ^ prec).
Proof.
  intros Hemin Hprec.
  set (half := (2 ^ (prec - 1))%Z).
  assert (Hhalf : (2 ^ prec = 2 * half)%Z).
  { unfold half; rewrite <- Z.pow_succ_r by lia; f_equal; lia. }
  assert (even : Z.even half = true).
  { unfold half; apply Z.even_pow; lia || reflexivity. }
  assert (size : mag radix2 (IZR (2 ^ prec) + 1) = (prec + 1)%Z :> Z).
  { apply mag_unique_pos.
    replace (prec + 1 - 1)%Z with prec by lia.
    rewrite bpow_plus, <- (IZR_Zpower radix2) by lia; simpl.
    assert (4 <= IZR (2 ^ prec)); [|lra].
    apply IZR_le; change 4%Z with (2 ^ 2)%Z; apply Z.pow_le_mono_r; lia. }
  unfold round, scaled_mantissa, cexp; rewrite size.
  replace (fexp (prec + 1)) with 1%Z by (unfold FLT_exp; lia).
  rewrite Hhalf, mult_IZR.
  replace ((2 * IZR half + 1) * bpow radix2 (- (1))) with (IZR half + / 2) by (simpl; lra).
  assert (floor : Zfloor (IZR half + / 2) = half).
  { apply Zfloor_imp; rewrite plus_IZR; lra. }
  unfold Znearest; rewrite floor.
  rewrite Rcompare_Eq by lra.
  rewrite even; simpl.
  unfold F2R; simpl; change (Z.pow_pos 2 1) with 2%Z; ring.
Qed.

Theorem counter_sticks (count : nat -> R) :
  (emin <= 0)%Z -> (2 <= prec)%Z ->
  count 0%nat = 0 -> (forall t, count (S t) = to_even (count t + 1)) ->
  forall t, count t = IZR (Z.min (Z.of_nat t) (2 ^ prec)).
Proof.
  intros Hemin Hprec H0 Hcount.
  assert (P : (0 < 2 ^ prec)%Z) by (apply Z.pow_pos_nonneg; lia).
  induction t as [|t IH].
  - rewrite H0; f_equal; lia.
  - rewrite Hcount, IH.
    destruct (Z.le_gt_cases (2 ^ prec) (Z.of_nat t)).
    + rewrite !Z.min_r by lia; now apply next_count_rounds_back.
    + rewrite !Z.min_l by lia.
      rewrite <- plus_IZR, round_generic.
      * f_equal; lia.
      * auto with typeclass_instances.
      * apply integers_are_exact; [exact Hemin|lia].
Qed.

End Counters.

Corollary bfloat16_counter (count : nat -> R) :
  count 0%nat = 0 ->
  (forall t, count (S t) = round radix2 (FLT_exp (-133) 8) ZnearestE (count t + 1)) ->
  forall t, count t = IZR (Z.min (Z.of_nat t) 256).
Proof. now apply (counter_sticks (-133) 8 (positive := eq_refl)). Qed.

Corollary binary16_counter (count : nat -> R) :
  count 0%nat = 0 ->
  (forall t, count (S t) = round radix2 (FLT_exp (-24) 11) ZnearestE (count t + 1)) ->
  forall t, count t = IZR (Z.min (Z.of_nat t) 2048).
Proof. now apply (counter_sticks (-24) 11 (positive := eq_refl)). Qed.

Corollary binary32_counter (count : nat -> R) :
  count 0%nat = 0 ->
  (forall t, count (S t) = round radix2 (FLT_exp (-149) 24) ZnearestE (count t + 1)) ->
  forall t, count t = IZR (Z.min (Z.of_nat t) 16777216).
Proof. now apply (counter_sticks (-149) 24 (positive := eq_refl)). Qed.
