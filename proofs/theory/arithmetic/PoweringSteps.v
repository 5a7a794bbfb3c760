(* SPDX-License-Identifier: Apache-2.0 *)
(* The two steps of one_minus_power in fast/coefficients/double_double.hpp have a relative error
   below 14 and 17 x 2^-106.

   A double-double is given by its value: a sum ends in fast_two_sum, which makes the high part the
   value rounded to a double, and the low part the rest. The steps stand here in the order of the
   code, with a rounding [fl] around each operation but those of two_sum, fast_two_sum and
   two_product, which return a sum or a product together with its exact error; only that of a
   product may itself be off, by underflow. DoubleDouble.v proves that the recorded code computes
   these values.

   Results:
   - [doubled_close], [added_close]: if [fl] is off by at most 2^-53 of its argument plus 2^-200,
     the steps are within 14 and 17 x 2^-106 for operands x in [2^-54, 1 + 2^-40] and y in
     [0, 1 + 2^-40], and the first argument of their last fast_two_sum is the larger one.
   - [fl_within_eta], [product_low_of_rounded]: so it is in binary64, gradual underflow included,
     with any rule for ties. *)

From Coq Require Import Reals Psatz Lia PArith.
From Flocq Require Import Core Relative Mult_error.
From Truestep Require Import Coefficients.
Open Scope R_scope.

Notation u := (/ 2 ^ 53).
Notation eta := (/ 2 ^ 200).

Section Steps.

Variable fl : R -> R.
Hypothesis fl_close : forall x, Rabs (fl x - x) <= u * Rabs x + eta.

(* What two_product returns beside the product of two doubles. *)
Variable product_low : R -> R -> R.
Hypothesis product_low_close : forall x y,
  Rabs (product_low (fl x) (fl y) - (fl x * fl y - fl (fl x * fl y))) <= eta.

(* The arguments of the last fast_two_sum. *)
Definition doubled_parts (x : R) : R * R :=
  let high := fl x in
  let low := x - high in
  let square := fl (high * high) in
  let sum := fl (2 * high - square) in
  let sum_low := 2 * high - square - sum in
  (sum, fl (fl (sum_low - product_low high high) + 2 * fl (low - fl (high * low)))).

Definition doubled (x : R) : R := fst (doubled_parts x) + snd (doubled_parts x).

(* 1 - x as a double-double. *)
Definition one_minus (x : R) : R :=
  let high := fl x in
  let low := x - high in
  let part := fl (1 - high) in
  part + fl (1 - high - part - low).

Definition added_parts (x y : R) : R * R :=
  let x_high := fl x in
  let x_low := x - x_high in
  let y_high := fl y in
  let y_low := y - y_high in
  let rest := one_minus x in
  let rest_high := fl rest in
  let rest_low := rest - rest_high in
  let product := fl (rest_high * y_high) in
  let sum := fl (x_high + product) in
  let sum_low := x_high + product - sum in
  let cross := fl (fl (rest_high * y_low) + fl (rest_low * y_high)) in
  let low := fl (product_low rest_high y_high + cross) in
  (sum, fl (sum_low + fl (x_low + low))).

Definition added (x y : R) : R := fst (added_parts x y) + snd (added_parts x y).

Lemma fl_within (x size : R) :
  - size <= x <= size -> - (u * size + eta) <= fl x - x <= u * size + eta.
Proof.
  intros range. apply Rabs_le in range. apply Rabs_le_inv.
  eapply Rle_trans; [apply fl_close | lra].
Qed.

Lemma product_within (x y size_x size_y : R) :
  - size_x <= x <= size_x -> - size_y <= y <= size_y ->
  - (size_x * size_y) <= x * y <= size_x * size_y.
Proof.
  intros range_x range_y. apply Rabs_le in range_x, range_y. apply Rabs_le_inv.
  rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos.
Qed.

(* fl x is within u size + eta of x, and |x| <= size follows from the context. *)
Ltac rounding x size := pose proof (fl_within x size ltac:(lra)).
Ltac product x y size_x size_y :=
  pose proof (product_within x y size_x size_y ltac:(lra) ltac:(lra)).

Theorem doubled_close (x : R) :
  / 2 ^ 54 <= x <= 1 + / 2 ^ 40 ->
  close (14 / 2 ^ 106) (doubled x) (2 * x - x * x) /\
  Rabs (fl (fl x * fl x)) <= Rabs (2 * fl x) /\
  Rabs (snd (doubled_parts x)) <= Rabs (fst (doubled_parts x)).
Proof.
  intros range. unfold doubled, doubled_parts. cbv zeta. simpl fst. simpl snd.
  pose proof (product_low_close x x) as square_low. apply Rabs_le_inv in square_low.
  rounding x x. set (high := fl x) in *. set (low := x - high).
  assert (split : x = high + low) by (unfold low; ring).
  clearbody low high.
  assert (square_size : 0 <= high * high <= 1.0001 * (1.0001 * x)).
  { split; [apply Rle_0_sqr | apply Rmult_le_compat; lra]. }
  rounding (high * high) (1.001 * x). set (square := fl (high * high)) in *.
  clearbody square.
  rounding (2 * high - square) (2.002 * x). set (sum := fl (2 * high - square)) in *.
  clearbody sum.
  rounding (2 * high - square - sum - product_low high high) (3.01 * u * x).
  set (part := fl (2 * high - square - sum - product_low high high)) in *.
  product high low 1.001 (1.001 * u * x).
  product (1 - high) low 1.001 (1.001 * u * x).
  product low low (1.001 * u) (1.001 * u * x).
  rounding (high * low) (1.003 * u * x).
  rounding (low - fl (high * low)) (1.004 * u * x).
  set (cross := fl (low - fl (high * low))) in *.
  rounding (part + 2 * cross) (5.03 * u * x).
  assert (x * x = high * high + 2 * (high * low) + low * low) by (rewrite split; ring).
  assert (x * x <= 1.001 * x) by (apply Rmult_le_compat_r; lra).
  repeat split.
  - apply Rabs_le. lra.
  - rewrite (Rabs_pos_eq (2 * high)) by lra. apply Rabs_le. lra.
  - rewrite (Rabs_pos_eq sum) by lra. apply Rabs_le. lra.
Qed.

Lemma one_minus_close (x : R) :
  / 2 ^ 54 <= x <= 1 + / 2 ^ 40 ->
  - (1.001 * u * u) <= one_minus x - (1 - x) <= 1.001 * u * u.
Proof.
  intros range. unfold one_minus. cbv zeta.
  rounding x x. set (high := fl x) in *. clearbody high.
  set (size := Rabs (1 - high)).
  assert (size_bounds : - size <= 1 - high <= size) by apply Rabs_le_inv, Rle_refl.
  assert (size_most : size + x <= 1.0001) by (unfold size, Rabs; destruct Rcase_abs; lra).
  clearbody size.
  rounding (1 - high) size. set (part := fl (1 - high)) in *. clearbody part.
  rounding (1 - high - part - (x - high)) (1.0002 * u).
  lra.
Qed.

(* The error is in proportion to x, y and m y, where m is the size of 1 - x as computed. *)
Theorem added_close (x y : R) :
  / 2 ^ 54 <= x <= 1 + / 2 ^ 40 -> 0 <= y <= 1 + / 2 ^ 40 ->
  close (17 / 2 ^ 106) (added x y) (x + (1 - x) * y) /\
  Rabs (snd (added_parts x y)) <= Rabs (fst (added_parts x y)).
Proof.
  intros x_range y_range. unfold added, added_parts. cbv zeta. simpl fst. simpl snd.
  pose proof (one_minus_close x x_range) as rest_close.
  set (rest := one_minus x) in *. clearbody rest.
  pose proof (product_low_close rest y) as product_low_y. apply Rabs_le_inv in product_low_y.
  rounding x x. set (x_high := fl x) in *. clearbody x_high.
  rounding y y. set (y_high := fl y) in *. set (y_low := y - y_high).
  assert (split_y : y = y_high + y_low) by (unfold y_low; ring). clearbody y_low y_high.
  set (m := Rabs rest).
  assert (rest_size : - m <= rest <= m) by apply Rabs_le_inv, Rle_refl.
  assert (m_range : 0 <= m <= Rabs (1 - x) + 1.001 * u * u /\ m <= 1.01).
  { repeat split; [apply Rabs_pos | |]; unfold m, Rabs; repeat destruct Rcase_abs; lra. }
  assert (positive_part : m * y - / 2 ^ 36 * x <= rest * y).
  { unfold m, Rabs. destruct Rcase_abs; [| lra].
    product rest y (/ 2 ^ 39) 1.0001. lra. }
  clearbody m.
  assert (m_y : 0 <= m * y <= (Rabs (1 - x) + 1.001 * u * u) * y).
  { split; [apply Rmult_le_pos | apply Rmult_le_compat_r]; lra. }
  rounding rest m. set (rest_high := fl rest) in *. set (rest_low := rest - rest_high).
  assert (split_rest : rest = rest_high + rest_low) by (unfold rest_low; ring).
  clearbody rest_low rest_high.
  product rest_high y_high ((1 + u) * m + eta) ((1 + u) * y + eta).
  product rest_high y_low ((1 + u) * m + eta) (u * y + eta).
  product rest_low y_high (u * m + eta) ((1 + u) * y + eta).
  product rest_low y_low (u * m + eta) (u * y + eta).
  product (rest - (1 - x)) y (1.001 * u * u) y.
  assert (rest * y = rest_high * y_high + rest_high * y_low + rest_low * y_high + rest_low * y_low).
  { rewrite split_rest, split_y. ring. }
  rounding (rest_high * y_high) (1.001 * (m * y) + 9 * eta).
  set (product := fl (rest_high * y_high)) in *. clearbody product.
  rounding (rest_high * y_low) (1.001 * u * (m * y) + 9 * eta).
  rounding (rest_low * y_high) (1.001 * u * (m * y) + 9 * eta).
  set (cross1 := fl (rest_high * y_low)) in *. set (cross2 := fl (rest_low * y_high)) in *.
  clearbody cross1 cross2.
  rounding (cross1 + cross2) (2.003 * u * (m * y) + 99 * eta).
  set (cross := fl (cross1 + cross2)) in *. clearbody cross.
  set (product_error := product_low rest_high y_high) in *. clearbody product_error.
  rounding (product_error + cross) (3.006 * u * (m * y) + 999 * eta).
  set (low := fl (product_error + cross)) in *. clearbody low.
  rounding (x - x_high + low) (u * x + 3.007 * u * (m * y) + 9999 * eta).
  set (lows := fl (x - x_high + low)) in *. clearbody lows.
  rounding (x_high + product) (1.001 * (x + m * y) + 99 * eta).
  set (sum := fl (x_high + product)) in *. clearbody sum.
  rounding (x_high + product - sum + lows) (u * (2.003 * x + 4.01 * (m * y)) + 99999 * eta).
  set (last := fl (x_high + product - sum + lows)) in *. clearbody last.
  assert (error : Rabs (sum + last - (x + (1 - x) * y)) <=
    u * u * (3.01 * x + 15.05 * (m * y) + 1.001 * y) + 999999 * eta) by (apply Rabs_le; lra).
  split.
  - unfold close. eapply Rle_trans; [exact error |].
    destruct (Rle_or_lt x 1) as [below | above].
    + rewrite Rabs_pos_eq in m_y by lra. product x y x 1.0001.
      assert (0 <= (1 - x) * y) by (apply Rmult_le_pos; lra). lra.
    + rewrite Rabs_left in m_y by lra. product (1 - x) y (/ 2 ^ 40) 1.0001. lra.
  - rewrite (Rabs_pos_eq sum) by lra. apply Rabs_le. lra.
Qed.

End Steps.

Section Binary64.

Variable choice : Z -> bool.

Notation fexp := (FLT_exp (-1074) 53).
Notation fl := (round radix2 fexp (Znearest choice)).
Notation format := (generic_format radix2 fexp).

#[local] Instance prec_positive : Prec_gt_0 53 := eq_refl.

(* A fused multiply-add of the product and of its negated rounding. *)
Definition product_low (x y : R) : R := fl (x * y - fl (x * y)).

Lemma fl_close_binary64 (x : R) : Rabs (fl x - x) <= u * Rabs x + / 2 ^ 300.
Proof.
  destruct (error_N_FLT radix2 (-1074) 53 eq_refl choice x)
    as (relative & absolute & relative_small & absolute_small & _ & ->).
  replace (x * (1 + relative) + absolute - x) with (relative * x + absolute) by ring.
  eapply Rle_trans; [apply Rabs_triang |]. rewrite Rabs_mult. apply Rplus_le_compat.
  - apply Rmult_le_compat_r; [apply Rabs_pos |]. simpl in relative_small. lra.
  - pose proof (bpow_le radix2 (-1074) (-300) ltac:(lia)) as small.
    simpl (bpow radix2 (-300)) in small. lra.
Qed.

Corollary fl_within_eta (x : R) : Rabs (fl x - x) <= u * Rabs x + eta.
Proof. pose proof (fl_close_binary64 x). lra. Qed.

Lemma product_low_close_binary64 (x y : R) :
  format x -> format y -> Rabs (product_low x y - (x * y - fl (x * y))) <= eta.
Proof.
  intros format_x format_y. unfold product_low. set (rest := x * y - fl (x * y)).
  destruct (Rle_or_lt (bpow radix2 (-969)) (Rabs (x * y))) as [normal | tiny].
  - rewrite round_generic, Rminus_diag_eq, Rabs_R0; [lra | easy | apply valid_rnd_N |].
    unfold rest. replace (x * y - fl (x * y)) with (- (fl (x * y) - x * y)) by ring.
    apply generic_format_opp, mult_error_FLT; auto with typeclass_instances.
  - pose proof (bpow_le radix2 (-969) (-300) ltac:(lia)) as small.
    simpl (bpow radix2 (-300)) in small.
    pose proof (fl_close_binary64 rest). pose proof (fl_close_binary64 (x * y)) as rest_tiny.
    rewrite Rabs_minus_sym in rest_tiny. fold rest in rest_tiny. lra.
Qed.

Lemma product_low_of_rounded (x y : R) :
  Rabs (product_low (fl x) (fl y) - (fl x * fl y - fl (fl x * fl y))) <= eta.
Proof.
  apply product_low_close_binary64; apply generic_format_round; auto with typeclass_instances.
Qed.

Lemma below_one (b : R) : format b -> b < 1 -> b <= 1 - / 2 ^ 53.
Proof.
  intros format_b below.
  assert (format_1 : format (bpow radix2 0)) by (apply generic_format_bpow; easy).
  apply (pred_ge_gt radix2 fexp _ _ format_b format_1) in below.
  rewrite pred_bpow in below. simpl in below. lra.
Qed.

End Binary64.
