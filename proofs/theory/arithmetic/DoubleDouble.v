(* SPDX-License-Identifier: Apache-2.0 *)
(* The operations of fast/coefficients/double_double.hpp, recorded from the code, compute what the
   theorems speak of, rounding by rounding, in binary64 with ties to even. Nothing may overflow;
   gradual underflow is included.

   A double-double is [normal] if its high part is its value, rounded.

   Results:
   - [complement_reads], [doubled_reads], [added_reads], [product_reads], [quotient_reads],
     [root_reads], [sum_reads]: what was recorded, in words.
   - [two_sum_exact], [fast_two_sum_exact]: a sum and its error (Knuth 1969; Dekker 1971), by
     Flocq's proofs.
   - [complement_value]: two_sum(1, -b) is 1 - b exactly.
   - [doubled_value], [added_value]: what was recorded of doubled and added is what
     PoweringSteps.v says, for the operands that one_minus_power meets.
   - [one_minus_power_within]: one_minus_power, for every double b in [0, 1) and t < 2^64, returns
     1 - b^t within 2^-95 of itself.
   - [quotient_within], [root_within]: the quotient and root that were recorded are within 2^-98.
   - [product_of_two_within]: the product is within 2^-102, where its operands are in [2^-20, 2^64].
   - [sum_of_two_within]: the sum of two positive numbers is within 2^-104, from 2^-60 on.
   - [corrections_within]: hence a / (1 - b^t) and 1 / sqrt (1 - b^t) are within 2^-94. *)

From Coq Require Import Reals Psatz Lia PArith String.
From Flocq Require Import Core Relative Sterbenz Mult_error.
From Flocq Require Pff2Flocq.
From Truestep Require Import Expression RunningError Coefficients PoweringSteps.
From TruestepGenerated Require Import CoefficientOperations.
Open Scope R_scope.

Notation fexp := (FLT_exp (-1074) 53).
Notation fl := (round radix2 fexp (Znearest ties_to_even)).
Notation format := (generic_format radix2 fexp).

#[local] Instance prec_positive : Prec_gt_0 53 := eq_refl.

Record double_double := { high : R; low : R }.

Definition value (x : double_double) : R := high x + low x.

Definition normal (x : double_double) : Prop :=
  format (high x) /\ format (low x) /\ high x = fl (value x).

(* A double. *)
Definition single (x : R) : double_double := {| high := x; low := 0 |}.

(* What was recorded, computed. *)

Definition operands (x y : double_double) (name : string) : R :=
  match name with
  | "0" => 0
  | "1" => 1
  | "2" => 2
  | "x_high" => high x
  | "x_low" => low x
  | "y_high" => high y
  | "y_low" => low y
  | _ => 0
  end%string.

Definition computed (e_high e_low : expression) (x y : double_double) : double_double :=
  {| high := rounded fl (operands x y) e_high; low := rounded fl (operands x y) e_low |}.

Definition complement (b : R) := computed complement_high complement_low (single b) (single 0).
Definition doubled (x : double_double) := computed doubled_high doubled_low x (single 0).
Definition added := computed added_high added_low.
Definition product := computed product_high product_low.
Definition quotient := computed quotient_high quotient_low.
Definition root (x : double_double) := computed root_high root_low x (single 0).

(* The same in words: these read like the code, and are equal by evaluation. *)

Definition two_sum (a b : R) : double_double :=
  let sum := fl (a + b) in
  let b_part := fl (sum - a) in
  {| high := sum; low := fl (fl (a - fl (sum - b_part)) + fl (b - b_part)) |}.

Definition fast_two_sum (a b : R) : double_double :=
  let sum := fl (a + b) in
  {| high := sum; low := fl (b - fl (sum - a)) |}.

Definition two_product (a b : R) : double_double :=
  let product := fl (a * b) in
  {| high := product; low := fl (a * b + - product) |}.

Definition negated (x : double_double) : double_double := {| high := - high x; low := - low x |}.

Definition one_minus (x : double_double) : double_double :=
  let sum := two_sum 1 (- high x) in
  fast_two_sum (high sum) (fl (low sum - low x)).

Definition sum (x y : double_double) : double_double :=
  let highs := two_sum (high x) (high y) in
  let lows := two_sum (low x) (low y) in
  let sum := fast_two_sum (high highs) (fl (low highs + high lows)) in
  fast_two_sum (high sum) (fl (low sum + low lows)).

(* With any rounding: a particular one would be evaluated too. *)
Ltac by_evaluation :=
  unfold complement, doubled, added, product, quotient, root, computed;
  unfold one_minus, sum, negated, two_product, fast_two_sum, two_sum;
  generalize fl; intros; vm_compute; reflexivity.

Theorem complement_reads (b : R) : complement b = two_sum 1 (- b).
Proof. by_evaluation. Qed.

Theorem doubled_reads (x : double_double) :
  doubled x =
  let square := two_product (high x) (high x) in
  let sum := fast_two_sum (fl (2 * high x)) (- high square) in
  let cross := fl (2 * fl (low x - fl (high x * low x))) in
  fast_two_sum (high sum) (fl (fl (low sum - low square) + cross)).
Proof. by_evaluation. Qed.

Theorem added_reads (x y : double_double) :
  added x y =
  let rest := one_minus x in
  let product := two_product (high rest) (high y) in
  let sum := two_sum (high x) (high product) in
  let cross := fl (fl (high rest * low y) + fl (low rest * high y)) in
  fast_two_sum (high sum) (fl (low sum + fl (low x + fl (low product + cross)))).
Proof. by_evaluation. Qed.

Theorem product_reads (x y : double_double) :
  product x y =
  let high_product := two_product (high x) (high y) in
  let cross := fl (fl (high x * low y) + fl (low x * high y)) in
  fast_two_sum (high high_product) (fl (low high_product + cross)).
Proof. by_evaluation. Qed.

Theorem quotient_reads (x y : double_double) :
  quotient x y =
  let estimate := fl (high x / high y) in
  let back := product y (single estimate) in
  let rest := fl (fl (high x - high back) + fl (low x - low back)) in
  fast_two_sum estimate (fl (rest / high y)).
Proof. by_evaluation. Qed.

Theorem root_reads (x : double_double) :
  root x =
  let estimate := fl (sqrt (high x)) in
  let rest := sum x (negated (two_product estimate estimate)) in
  fast_two_sum estimate (fl (high rest / fl (2 * estimate))).
Proof. by_evaluation. Qed.

Theorem sum_reads (x y : double_double) : computed sum_high sum_low x y = sum x y.
Proof. by_evaluation. Qed.

(* Error-free sums. *)

Lemma ties_are_symmetric (n : Z) : ties_to_even n = negb (ties_to_even (- (n + 1))).
Proof.
  unfold ties_to_even. rewrite Z.even_opp, Z.add_1_r, Z.even_succ, <- Z.negb_even.
  now rewrite Bool.negb_involutive.
Qed.

Lemma fl_format (x : R) : format (fl x).
Proof. apply generic_format_round; auto with typeclass_instances. Qed.

Lemma fl_opp (x : R) : fl (- x) = - fl x.
Proof. apply Pff2Flocq.round_N_opp_sym, ties_are_symmetric. Qed.

Lemma fl_same (x : R) : format x -> fl x = x.
Proof. intros format_x. apply round_generic; auto with typeclass_instances. Qed.

Lemma format_double (x : R) : format x -> format (2 * x).
Proof.
  intros format_x. rewrite Rmult_comm. apply (mult_bpow_pos_exact_FLT radix2 (-1074) 53 x 1); easy.
Qed.

Theorem two_sum_exact (a b : R) : format a -> format b -> value (two_sum a b) = a + b.
Proof.
  intros format_a format_b.
  now apply (Pff2Flocq.TwoSum_correct (-1074) 53 ties_to_even ltac:(easy) ltac:(easy)
    ties_are_symmetric).
Qed.

Theorem fast_two_sum_exact (a b : R) :
  format a -> format b -> a = 0 \/ Rabs b <= Rabs a -> value (fast_two_sum a b) = a + b.
Proof.
  intros format_a format_b [-> | larger].
  - unfold value, fast_two_sum. simpl.
    rewrite Rplus_0_l, Rminus_0_r, !(fl_same b), Rminus_diag_eq by easy.
    rewrite fl_same by apply generic_format_0. apply Rplus_0_r.
  - rewrite <- (Pff2Flocq.Fast2Sum_correct (-1074) 53 ties_to_even ltac:(easy) ltac:(easy)
      ties_are_symmetric a b format_a format_b larger).
    unfold value, fast_two_sum. simpl. do 2 f_equal.
    replace (a - fl (a + b)) with (- (fl (a + b) - a)) by ring. rewrite fl_opp. ring.
Qed.

Lemma two_sum_normal (a b : R) :
  format a -> format b -> normal (two_sum a b) /\ value (two_sum a b) = a + b.
Proof.
  intros format_a format_b. pose proof (two_sum_exact a b format_a format_b) as exact.
  split; [| assumption]. split; [apply fl_format | split; [apply fl_format |]]. now rewrite exact.
Qed.

Lemma fast_two_sum_normal (a b : R) :
  format a -> format b -> a = 0 \/ Rabs b <= Rabs a ->
  normal (fast_two_sum a b) /\ value (fast_two_sum a b) = a + b.
Proof.
  intros format_a format_b larger.
  pose proof (fast_two_sum_exact a b format_a format_b larger) as exact.
  split; [| assumption]. split; [apply fl_format | split; [apply fl_format |]]. now rewrite exact.
Qed.

Lemma normal_parts (x : double_double) :
  normal x -> fl (value x) = high x /\ value x - high x = low x.
Proof.
  intros (_ & _ & same). split; [now symmetry | unfold value; ring].
Qed.

Lemma low_of_exact (x : double_double) (exact : R) : value x = exact -> low x = exact - high x.
Proof. unfold value. lra. Qed.

Lemma single_normal (x : R) : format x -> normal (single x).
Proof.
  intros format_x. repeat split; simpl; auto using generic_format_0.
  unfold value. simpl. rewrite Rplus_0_r. now rewrite fl_same.
Qed.

(* The steps of one_minus_power. *)

Theorem complement_value (b : R) :
  format b -> normal (complement b) /\ value (complement b) = 1 - b.
Proof.
  intros format_b. rewrite complement_reads. apply two_sum_normal.
  - apply (generic_format_bpow radix2 fexp 0). easy.
  - now apply generic_format_opp.
Qed.

Theorem doubled_value (x : double_double) :
  normal x -> / 2 ^ 54 <= value x <= 1 + / 2 ^ 40 ->
  normal (doubled x) /\
  value (doubled x) = PoweringSteps.doubled fl (PoweringSteps.product_low ties_to_even) (value x).
Proof.
  intros normal_x range. destruct (normal_parts x normal_x) as [high_x low_x].
  destruct normal_x as (format_high & format_low & _).
  destruct (doubled_close fl (fl_within_eta ties_to_even) (PoweringSteps.product_low ties_to_even)
    (product_low_of_rounded ties_to_even) (value x) range) as (_ & square_small & low_small).
  unfold PoweringSteps.doubled, doubled_parts in *. cbv zeta in *. simpl fst in *. simpl snd in *.
  rewrite high_x, low_x in *. rewrite doubled_reads. cbv zeta.
  rewrite (fl_same (2 * high x)), (fl_same (2 * fl (low x - fl (high x * low x))))
    by auto using format_double, fl_format.
  set (square := two_product (high x) (high x)) in *.
  change (fl (high x * high x)) with (high square) in *.
  change (PoweringSteps.product_low ties_to_even (high x) (high x)) with (low square) in *.
  destruct (fast_two_sum_normal (2 * high x) (- high square)) as [_ exact];
    [auto using format_double | apply generic_format_opp, fl_format | right; now rewrite Rabs_Ropp
    |].
  set (sum := fast_two_sum (2 * high x) (- high square)) in *.
  change (fl (2 * high x - high square)) with (high sum) in *.
  rewrite (low_of_exact sum _ exact) in *.
  replace (2 * high x + - high square) with (2 * high x - high square) in * by ring.
  apply fast_two_sum_normal; [apply fl_format | apply fl_format | now right].
Qed.

Lemma format_1 : format 1.
Proof. apply (generic_format_bpow radix2 fexp 0). easy. Qed.

Lemma above_one (b : R) : format b -> 1 < b -> 1 + / 2 ^ 52 <= b.
Proof.
  intros format_b above.
  apply (succ_le_lt radix2 fexp _ _ format_1 format_b) in above.
  rewrite succ_eq_pos in above by lra. change 1 with (bpow radix2 0) in above at 2.
  rewrite ulp_bpow in above. simpl in above. lra.
Qed.

(* The low part, where the rounding of the value meets no underflow. *)
Lemma low_small (x : double_double) :
  normal x -> / 2 ^ 60 <= value x -> Rabs (low x) <= u * value x.
Proof.
  intros normal_x large. destruct (normal_parts x normal_x) as [high_x low_x].
  assert (positive : Rabs (value x) = value x) by (apply Rabs_pos_eq; lra).
  rewrite <- low_x, <- high_x, Rabs_minus_sym.
  eapply Rle_trans; [apply relative_error_N_FLT; [easy |] |].
  - rewrite positive. apply Rle_trans with (2 := large).
    apply Rle_trans with (bpow radix2 (-60)); [apply bpow_le; lia | simpl; lra].
  - rewrite positive. apply Rmult_le_compat_r; simpl; lra.
Qed.

(* Where 1 - x is inexact it is at least 1/2; where it is exact it is 0, or at least u. *)
Lemma one_minus_value (x : double_double) :
  normal x -> / 2 ^ 54 <= value x <= 1 + / 2 ^ 40 ->
  normal (one_minus x) /\ value (one_minus x) = PoweringSteps.one_minus fl (value x).
Proof.
  intros normal_x range. destruct (normal_parts x normal_x) as [high_x low_x].
  pose proof normal_x as (format_high & format_low & _).
  unfold PoweringSteps.one_minus, one_minus. cbv zeta. rewrite high_x, low_x.
  destruct (two_sum_normal 1 (- high x)) as [_ exact];
    [apply format_1 | now apply generic_format_opp |].
  set (sum := two_sum 1 (- high x)) in *.
  change (fl (1 - high x)) with (high sum).
  assert (low_sum : low sum = 1 - high x - high sum) by (rewrite (low_of_exact sum _ exact); ring).
  rewrite <- low_sum.
  apply fast_two_sum_normal; [apply fl_format | apply fl_format |].
  pose proof (low_small x normal_x ltac:(lra)) as low_bound.
  apply Rabs_le_inv in low_bound as low_range.
  assert (split : value x = high x + low x) by reflexivity.
  destruct (Rlt_or_le (high x) (/ 2)) as [less | more].
  - right.
    pose proof (fl_within fl (fl_within_eta ties_to_even) (1 - high x) 1.01 ltac:(lra)) as part.
    change (fl (1 - high x)) with (high sum) in part.
    pose proof (fl_within fl (fl_within_eta ties_to_even) (low sum - low x) (3 * u) ltac:(lra)).
    rewrite (Rabs_pos_eq (high sum)) by lra. apply Rabs_le. lra.
  - assert (exact_high : high sum = 1 - high x).
    { apply fl_same, sterbenz; auto using format_1 with typeclass_instances. lra. }
    replace (low sum - low x) with (- low x) by lra.
    rewrite fl_same, Rabs_Ropp, exact_high by now apply generic_format_opp.
    destruct (Rtotal_order (high x) 1) as [below | [same | above]]; [| left; lra |]; right.
    + assert (value x < 1).
      { destruct (Rlt_or_le (value x) 1) as [| above]; [assumption |].
        apply (round_ge_generic radix2 fexp (Znearest ties_to_even)) in above;
          auto using format_1 with typeclass_instances. lra. }
      apply (below_one _ format_high) in below. rewrite (Rabs_pos_eq (1 - _)); lra.
    + apply (above_one _ format_high) in above. rewrite (Rabs_left (1 - _)); lra.
Qed.

Theorem added_value (x y : double_double) :
  normal x -> / 2 ^ 54 <= value x <= 1 + / 2 ^ 40 ->
  normal y -> 0 <= value y <= 1 + / 2 ^ 40 ->
  normal (added x y) /\
  value (added x y) =
  PoweringSteps.added fl (PoweringSteps.product_low ties_to_even) (value x) (value y).
Proof.
  intros normal_x x_range normal_y y_range.
  destruct (normal_parts x normal_x) as [high_x low_x].
  destruct (normal_parts y normal_y) as [high_y low_y].
  destruct (one_minus_value x normal_x x_range) as [normal_rest rest_value].
  destruct (normal_parts _ normal_rest) as [high_rest low_rest].
  destruct (added_close fl (fl_within_eta ties_to_even) (PoweringSteps.product_low ties_to_even)
    (product_low_of_rounded ties_to_even) (value x) (value y) x_range y_range) as (_ & low_small).
  unfold PoweringSteps.added, added_parts in *. cbv zeta in *. simpl fst in *. simpl snd in *.
  rewrite <- rest_value in *.
  rewrite high_x, low_x, high_y, low_y, high_rest, low_rest in *.
  rewrite added_reads. cbv zeta.
  set (rest := one_minus x) in *. set (product := two_product (high rest) (high y)) in *.
  change (fl (high rest * high y)) with (high product) in *.
  change (PoweringSteps.product_low ties_to_even (high rest) (high y)) with (low product) in *.
  destruct (two_sum_normal (high x) (high product)) as [_ exact];
    [apply normal_x | apply fl_format |].
  set (sum := two_sum (high x) (high product)) in *.
  change (fl (high x + high product)) with (high sum) in *.
  rewrite <- (low_of_exact sum _ exact) in *.
  apply fast_two_sum_normal; [apply fl_format | apply fl_format | now right].
Qed.

(* one_minus_power. *)

Lemma steps_close_binary64 : steps_close value normal doubled added (14 / 2 ^ 106) (17 / 2 ^ 106).
Proof.
  intros x normal_x x_range.
  destruct (doubled_value x normal_x x_range) as [normal_doubled ->].
  split; [assumption | split].
  - apply (doubled_close fl (fl_within_eta ties_to_even) _ (product_low_of_rounded ties_to_even)
      _ x_range).
  - intros y normal_y y_range.
    destruct (added_value x y normal_x x_range normal_y y_range) as [normal_added ->].
    split; [assumption |].
    apply (added_close fl (fl_within_eta ties_to_even) _ (product_low_of_rounded ties_to_even)
      _ _ x_range y_range).
Qed.

Theorem one_minus_power_within (b : R) (t : positive) :
  format b -> 0 <= b < 1 -> (t < 2 ^ 64)%positive ->
  let x := one_minus_power doubled added (complement b) t in
  normal x /\ close (/ 2 ^ 95) (value x) (1 - b ^ Pos.to_nat t).
Proof.
  intros format_b [b_pos b_most] t_range. apply below_one in b_most; [| assumption].
  destruct (complement_value b format_b) as [normal_power exact].
  apply (one_minus_power_close value normal doubled added (14 / 2 ^ 106) (17 / 2 ^ 106));
    auto using steps_close_binary64; lra.
Qed.

(* Quotient and root: every operation is rounded, and no sum need be exact but the last. *)

Lemma fl_near (x size : R) :
  - size <= x <= size -> - (u * size + eta) <= fl x - x <= u * size + eta.
Proof. apply fl_within, fl_within_eta. Qed.

Ltac rounded_within x size := pose proof (fl_near x size ltac:(lra)).

Ltac bound_product x y size_x size_y :=
  pose proof (product_within x y size_x size_y ltac:(lra) ltac:(lra)).

Lemma two_product_low_near (x y : R) : format x -> format y ->
  - eta <= low (two_product x y) - (x * y - high (two_product x y)) <= eta.
Proof. intros. apply Rabs_le_inv. now apply product_low_close_binary64. Qed.

(* With a = value x, b = value y and q the rounded quotient of the high parts: the rest is a - b q
   but for 60 u^2 a, and the second quotient takes it in. *)
Theorem quotient_within (x y : double_double) :
  normal x -> / 2 <= value x <= 1 -> normal y -> / 2 ^ 54 <= value y <= 1 + / 2 ^ 40 ->
  normal (quotient x y) /\ close (/ 2 ^ 98) (value (quotient x y)) (value x / value y).
Proof.
  intros normal_x x_range normal_y y_range.
  pose proof (low_small x normal_x ltac:(lra)) as low_x % Rabs_le_inv.
  pose proof (low_small y normal_y ltac:(lra)) as low_y % Rabs_le_inv.
  pose proof normal_y as (format_y & _).
  assert (split_x : value x = high x + low x) by reflexivity.
  assert (split_y : value y = high y + low y) by reflexivity.
  rewrite quotient_reads. cbv zeta. rewrite product_reads. cbv zeta.
  change (high (single (fl (high x / high y)))) with (fl (high x / high y)).
  change (low (single (fl (high x / high y)))) with 0.
  set (a := value x) in *. set (b := value y) in *. clearbody a b.
  set (w := / high y).
  assert (w_pos : 0 < w) by (apply Rinv_0_lt_compat; lra).
  assert (w_y : w * high y = 1) by (unfold w; field; lra).
  assert (ratio_pos : 0 <= high x * w) by (apply Rmult_le_pos; lra).
  change (high x / high y) with (high x * w) in *.
  rounded_within (high x * w) (high x * w).
  assert (format_q : format (fl (high x * w))) by apply fl_format.
  set (q := fl (high x * w)) in *. clearbody q.
  assert (exact : high x * w * high y = high x) by (rewrite Rmult_assoc, w_y; ring).
  assert (back : - (1.001 * u * a) <= high y * q - high x <= 1.001 * u * a).
  { assert (0 <= (q - high x * w + (u * (high x * w) + eta)) * high y) by (apply Rmult_le_pos; lra).
    assert (0 <= (u * (high x * w) + eta - (q - high x * w)) * high y) by (apply Rmult_le_pos; lra).
    lra. }
  assert (q_pos : 0 < q) by (apply Rmult_lt_reg_r with (high y); lra).
  assert (low_back : - (1.003 * u * a) <= low y * q <= 1.003 * u * a).
  { assert (0 <= (low y + 1.001 * u * high y) * q) by (apply Rmult_le_pos; lra).
    assert (0 <= (1.001 * u * high y - low y) * q) by (apply Rmult_le_pos; lra).
    lra. }
  pose proof (two_product_low_near (high y) q format_y format_q) as error_near.
  set (product := two_product (high y) q) in *.
  change (high product) with (fl (high y * q)) in *.
  rounded_within (high y * q) (1.001 * a).
  set (p := fl (high y * q)) in *. clearbody p. set (e := low product) in *. clearbody e.
  rounded_within (high y * 0) 0. set (zero := fl (high y * 0)) in *. clearbody zero.
  rounded_within (low y * q) (1.003 * u * a).
  set (cross := fl (low y * q)) in *. clearbody cross.
  rounded_within (zero + cross) (1.004 * u * a).
  set (crosses := fl (zero + cross)) in *. clearbody crosses.
  rounded_within (e + crosses) (2.1 * u * a).
  set (l := fl (e + crosses)) in *. clearbody l.
  unfold fast_two_sum at 2 3 5 6. simpl high. simpl low.
  rounded_within (p + l) (1.002 * a). set (sum := fl (p + l)) in *. clearbody sum.
  rounded_within (sum - p) (4 * u * a). set (moved := fl (sum - p)) in *. clearbody moved.
  rounded_within (l - moved) (4 * u * a). set (sum_low := fl (l - moved)) in *. clearbody sum_low.
  rounded_within (high x - sum) (5 * u * a). set (d := fl (high x - sum)) in *. clearbody d.
  rounded_within (low x - sum_low) (5 * u * a). set (f := fl (low x - sum_low)) in *. clearbody f.
  rounded_within (d + f) (9 * u * a). set (rest := fl (d + f)) in *. clearbody rest.
  assert (rest_near : - (60 * u * u * a) <= rest - (a - b * q) <= 60 * u * u * a).
  { rewrite split_x, split_y at 1 2. lra. }
  assert (rest_small : - (4 * u * a) <= rest <= 4 * u * a) by lra.
  change (rest / high y) with (rest * w).
  assert (ratio : rest * w * high y = rest) by (rewrite Rmult_assoc, w_y; ring).
  set (ratio_size := 4 * u * a * w).
  assert (ratio_within : - ratio_size <= rest * w <= ratio_size).
  { assert (0 <= (4 * u * a - rest) * w) by (apply Rmult_le_pos; lra).
    assert (0 <= (4 * u * a + rest) * w) by (apply Rmult_le_pos; lra). unfold ratio_size. lra. }
  assert (size_y : ratio_size * high y = 4 * u * a)
    by (unfold ratio_size; rewrite Rmult_assoc, w_y; ring).
  assert (size_pos : 0 <= ratio_size) by lra.
  rounded_within (rest * w) ratio_size.
  assert (format_c : format (fl (rest * w))) by apply fl_format.
  set (c := fl (rest * w)) in *. clearbody c.
  assert (c_y : - (5 * u * u * a) <= c * high y - rest <= 5 * u * u * a).
  { assert (0 <= (c - rest * w + (u * ratio_size + eta)) * high y) by (apply Rmult_le_pos; lra).
    assert (0 <= (u * ratio_size + eta - (c - rest * w)) * high y) by (apply Rmult_le_pos; lra).
    lra. }
  assert (c_small : Rabs c <= Rabs q).
  { rewrite (Rabs_pos_eq q) by lra. apply Rabs_le.
    split; apply Rmult_le_reg_r with (high y); lra. }
  assert (c_low : - (5 * u * u * a) <= c * low y <= 5 * u * u * a).
  { assert (size : 0 <= (1.1 * ratio_size + eta) * high y) by (apply Rmult_le_pos; lra).
    assert (0 <= (1.1 * ratio_size + eta - c) * (1.001 * u * high y + low y))
      by (apply Rmult_le_pos; lra).
    assert (0 <= (1.1 * ratio_size + eta + c) * (1.001 * u * high y - low y))
      by (apply Rmult_le_pos; lra).
    assert (0 <= (1.1 * ratio_size + eta - c) * (1.001 * u * high y - low y))
      by (apply Rmult_le_pos; lra).
    assert (0 <= (1.1 * ratio_size + eta + c) * (1.001 * u * high y + low y))
      by (apply Rmult_le_pos; lra).
    lra. }
  destruct (fast_two_sum_normal q c) as [normal_result ->]; auto.
  split; [assumption |].
  assert (error : Rabs ((q + c) * b - a) <= / 2 ^ 98 * a).
  { apply Rabs_le. rewrite split_y. lra. }
  unfold close. apply Rmult_le_reg_r with b; [lra |].
  replace (Rabs (q + c - a / b) * b) with (Rabs ((q + c) * b - a)).
  - replace (/ 2 ^ 98 * (a / b) * b) with (/ 2 ^ 98 * a) by (field; lra). assumption.
  - replace ((q + c) * b - a) with ((q + c - a / b) * b) by (field; lra).
    now rewrite Rabs_mult, (Rabs_pos_eq b) by lra.
Qed.

(* With a = value x and r the rounded root of the high part: the rest is a - r^2 but for
   60 u^2 a. *)
Theorem root_within (x : double_double) :
  normal x -> / 2 ^ 54 <= value x <= 1 + / 2 ^ 40 ->
  normal (root x) /\ close (/ 2 ^ 98) (value (root x)) (sqrt (value x)).
Proof.
  intros normal_x range.
  pose proof (low_small x normal_x ltac:(lra)) as low_x % Rabs_le_inv.
  pose proof normal_x as (format_x & format_low_x & _).
  assert (split : value x = high x + low x) by reflexivity.
  rewrite root_reads. cbv zeta. set (a := value x) in *. clearbody a.
  pose proof (sqrt_sqrt (high x) ltac:(lra)) as square_exact.
  pose proof (sqrt_pos (high x)). set (s := sqrt (high x)) in *. clearbody s.
  rounded_within s s.
  assert (s_range : / 2 ^ 28 <= s <= 2) by (split; nra).
  assert (format_r : format (fl s)) by apply fl_format.
  set (r := fl s) in *. clearbody r.
  rewrite (fl_same (2 * r)) by now apply format_double.
  assert (square_near : - (2.01 * u * a) <= r * r - high x <= 2.01 * u * a) by nra.
  pose proof (two_product_low_near r r format_r format_r) as error_near.
  assert (format_e : format (low (two_product r r))) by apply fl_format.
  set (product := two_product r r) in *.
  rounded_within (r * r) (1.001 * a).
  change (fl (r * r)) with (high product) in *.
  assert (format_p : format (high product)) by apply fl_format.
  unfold sum. cbv zeta.
  change (high (negated product)) with (- high product).
  change (low (negated product)) with (- low product).
  set (p := high product) in *. set (e := low product) in *. clearbody p e.
  destruct (two_sum_normal (high x) (- p)) as [_ exact_highs];
    [assumption | now apply generic_format_opp |].
  destruct (two_sum_normal (low x) (- e)) as [_ exact_lows];
    [assumption | now apply generic_format_opp |].
  rounded_within (high x + - p) (3.02 * u * a). rounded_within (low x + - e) (2.02 * u * a).
  set (highs := two_sum (high x) (- p)) in *. set (lows := two_sum (low x) (- e)) in *.
  change (fl (high x + - p)) with (high highs) in *.
  change (fl (low x + - e)) with (high lows) in *.
  pose proof (low_of_exact _ _ exact_highs). pose proof (low_of_exact _ _ exact_lows).
  set (d := high highs) in *. set (d_low := low highs) in *. set (f := high lows) in *.
  set (f_low := low lows) in *. clearbody d d_low f f_low.
  unfold fast_two_sum at 2 3 4 6 7 8. simpl high. simpl low.
  rounded_within (d_low + f) (2.1 * u * a). set (l := fl (d_low + f)) in *. clearbody l.
  rounded_within (d + l) (6 * u * a). set (sum := fl (d + l)) in *. clearbody sum.
  rounded_within (sum - d) (3 * u * a). set (moved := fl (sum - d)) in *. clearbody moved.
  rounded_within (l - moved) (u * a). set (sum_low := fl (l - moved)) in *. clearbody sum_low.
  rounded_within (sum_low + f_low) (u * a).
  set (lowest := fl (sum_low + f_low)) in *. clearbody lowest.
  rounded_within (sum + lowest) (7 * u * a). set (rest := fl (sum + lowest)) in *. clearbody rest.
  assert (rest_near : - (60 * u * u * a) <= rest - (a - r * r) <= 60 * u * u * a) by lra.
  assert (rest_small : - (4 * u * a) <= rest <= 4 * u * a) by lra.
  assert (r_range : / 2 ^ 29 <= r <= 3) by lra.
  set (w := / (2 * r)).
  assert (w_pos : 0 < w) by (apply Rinv_0_lt_compat; lra).
  assert (w_r : w * (2 * r) = 1) by (unfold w; field; lra).
  change (rest / (2 * r)) with (rest * w).
  assert (ratio : rest * w * (2 * r) = rest) by (rewrite Rmult_assoc, w_r; ring).
  set (size := 4 * u * a * w).
  assert (size_r : size * (2 * r) = 4 * u * a) by (unfold size; rewrite Rmult_assoc, w_r; ring).
  assert (ratio_within : - size <= rest * w <= size).
  { assert (0 <= (4 * u * a - rest) * w) by (apply Rmult_le_pos; lra).
    assert (0 <= (4 * u * a + rest) * w) by (apply Rmult_le_pos; lra). unfold size. lra. }
  rounded_within (rest * w) size.
  assert (format_c : format (fl (rest * w))) by apply fl_format.
  set (c := fl (rest * w)) in *. clearbody c.
  assert (c_r : - (5 * u * u * a) <= c * (2 * r) - rest <= 5 * u * u * a).
  { assert (0 <= (c - rest * w + (u * size + eta)) * (2 * r)) by (apply Rmult_le_pos; lra).
    assert (0 <= (u * size + eta - (c - rest * w)) * (2 * r)) by (apply Rmult_le_pos; lra).
    lra. }
  assert (c_small : - r <= c <= r).
  { split; apply Rmult_le_reg_r with (2 * r); lra. }
  assert (c_square : 0 <= c * c <= 5 * u * u * a).
  { split; [apply Rle_0_sqr |]. apply Rmult_le_reg_r with (2 * r * (2 * r)); [nra |].
    replace (c * c * (2 * r * (2 * r))) with (c * (2 * r) * (c * (2 * r))) by ring.
    bound_product (c * (2 * r)) (c * (2 * r)) (4.1 * u * a) (4.1 * u * a).
    assert (a * (0.99 * a) <= a * (r * r)) by (apply Rmult_le_compat_l; lra). lra. }
  destruct (fast_two_sum_normal r c) as [normal_result ->]; auto.
  { right. rewrite (Rabs_pos_eq r) by lra. now apply Rabs_le. }
  split; [assumption |].
  pose proof (sqrt_sqrt a ltac:(lra)) as a_square. pose proof (sqrt_lt_R0 a ltac:(lra)).
  set (z := sqrt a) in *. clearbody z.
  unfold close. apply Rmult_le_reg_r with z; [assumption |].
  rewrite (Rmult_assoc _ z), a_square.
  apply Rle_trans with (Rabs (r + c - z) * (r + c + z)).
  { apply Rmult_le_compat_l; [apply Rabs_pos | lra]. }
  rewrite <- (Rabs_pos_eq (r + c + z)), <- Rabs_mult by lra.
  replace ((r + c - z) * (r + c + z)) with (r * r + c * (2 * r) + c * c - z * z) by ring.
  rewrite a_square. apply Rabs_le. lra.
Qed.

(* With a = value x and b = value y: the product of the high parts is exact in two numbers, and the
   cross products are rounded in five places. *)
Theorem product_of_two_within (x y : double_double) :
  normal x -> / 2 ^ 20 <= value x <= 2 ^ 64 -> normal y -> / 2 ^ 20 <= value y <= 2 ^ 64 ->
  normal (product x y) /\ close (/ 2 ^ 102) (value (product x y)) (value x * value y).
Proof.
  intros normal_x x_range normal_y y_range.
  pose proof (low_small x normal_x ltac:(lra)) as low_x % Rabs_le_inv.
  pose proof (low_small y normal_y ltac:(lra)) as low_y % Rabs_le_inv.
  pose proof normal_x as (format_x & _). pose proof normal_y as (format_y & _).
  assert (split_x : value x = high x + low x) by reflexivity.
  assert (split_y : value y = high y + low y) by reflexivity.
  rewrite product_reads. cbv zeta.
  pose proof (two_product_low_near (high x) (high y) format_x format_y) as error_near.
  set (a := value x) in *. set (b := value y) in *. clearbody a b.
  assert (least : / 2 ^ 40 <= a * b).
  { replace (/ 2 ^ 40) with (/ 2 ^ 20 * / 2 ^ 20) by field. apply Rmult_le_compat; lra. }
  bound_product a (low y) a (u * b).
  bound_product (low x) b (u * a) b.
  bound_product (low x) (low y) (u * a) (u * b).
  assert (highs : high x * high y = a * b - a * low y - low x * b + low x * low y)
    by (replace (high x) with (a - low x) by lra; replace (high y) with (b - low y) by lra; ring).
  assert (cross_1 : high x * low y = a * low y - low x * low y)
    by (replace (high x) with (a - low x) by lra; ring).
  assert (cross_2 : low x * high y = low x * b - low x * low y)
    by (replace (high y) with (b - low y) by lra; ring).
  set (product := two_product (high x) (high y)) in *.
  assert (format_p : format (high product)) by apply fl_format.
  rounded_within (high x * high y) (1.001 * (a * b)).
  change (fl (high x * high y)) with (high product) in *.
  set (p := high product) in *. set (e := low product) in *. clearbody p e.
  rounded_within (high x * low y) (1.001 * u * (a * b)).
  set (c_1 := fl (high x * low y)) in *. clearbody c_1.
  rounded_within (low x * high y) (1.001 * u * (a * b)).
  set (c_2 := fl (low x * high y)) in *. clearbody c_2.
  rounded_within (c_1 + c_2) (2.01 * u * (a * b)). set (c := fl (c_1 + c_2)) in *. clearbody c.
  rounded_within (e + c) (3.1 * u * (a * b)).
  assert (format_l : format (fl (e + c))) by apply fl_format.
  set (l := fl (e + c)) in *. clearbody l.
  destruct (fast_two_sum_normal p l) as [normal_result ->]; auto.
  { right. rewrite (Rabs_pos_eq p) by lra. apply Rabs_le. lra. }
  split; [assumption |]. unfold close. apply Rabs_le. lra.
Qed.

(* With a = value x and b = value y: two sums are exact, and two roundings of low parts are left. *)
Theorem sum_of_two_within (x y : double_double) :
  normal x -> / 2 ^ 60 <= value x -> normal y -> / 2 ^ 60 <= value y ->
  normal (sum x y) /\ close (/ 2 ^ 104) (value (sum x y)) (value x + value y).
Proof.
  intros normal_x x_range normal_y y_range.
  pose proof (low_small x normal_x ltac:(lra)) as low_x % Rabs_le_inv.
  pose proof (low_small y normal_y ltac:(lra)) as low_y % Rabs_le_inv.
  pose proof normal_x as (format_x & format_low_x & _).
  pose proof normal_y as (format_y & format_low_y & _).
  assert (split_x : value x = high x + low x) by reflexivity.
  assert (split_y : value y = high y + low y) by reflexivity.
  set (a := value x) in *. set (b := value y) in *. clearbody a b.
  unfold sum. cbv zeta.
  destruct (two_sum_normal (high x) (high y)) as [_ exact_highs]; auto.
  destruct (two_sum_normal (low x) (low y)) as [_ exact_lows]; auto.
  rounded_within (high x + high y) (1.001 * (a + b)).
  rounded_within (low x + low y) (u * (a + b)).
  set (highs := two_sum (high x) (high y)) in *. set (lows := two_sum (low x) (low y)) in *.
  assert (format_s : format (high highs)) by apply fl_format.
  change (fl (high x + high y)) with (high highs) in *.
  change (fl (low x + low y)) with (high lows) in *.
  pose proof (low_of_exact _ _ exact_highs). pose proof (low_of_exact _ _ exact_lows).
  set (s := high highs) in *. set (s_low := low highs) in *. set (f := high lows) in *.
  set (f_low := low lows) in *. clearbody s s_low f f_low.
  rounded_within (s_low + f) (2.1 * u * (a + b)).
  assert (format_c : format (fl (s_low + f))) by apply fl_format.
  set (c := fl (s_low + f)) in *. clearbody c.
  destruct (fast_two_sum_normal s c) as [_ exact_sum]; auto.
  { right. rewrite (Rabs_pos_eq s) by lra. apply Rabs_le. lra. }
  rounded_within (s + c) (1.002 * (a + b)).
  set (sum := fast_two_sum s c) in *.
  assert (format_v : format (high sum)) by apply fl_format.
  change (fl (s + c)) with (high sum) in *.
  pose proof (low_of_exact _ _ exact_sum).
  set (v := high sum) in *. set (v_low := low sum) in *. clearbody v v_low.
  rounded_within (v_low + f_low) (1.1 * u * (a + b)).
  assert (format_w : format (fl (v_low + f_low))) by apply fl_format.
  set (w := fl (v_low + f_low)) in *. clearbody w.
  destruct (fast_two_sum_normal v w) as [normal_result ->]; auto.
  { right. rewrite (Rabs_pos_eq v) by lra. apply Rabs_le. lra. }
  split; [assumption |]. unfold close. apply Rabs_le. lra.
Qed.

(* The learning rate is a times a power of two, or 0. *)
Corollary corrections_within (a b : R) (t : positive) :
  format a -> / 2 <= a <= 1 -> format b -> 0 <= b < 1 -> (t < 2 ^ 64)%positive ->
  let x := one_minus_power doubled added (complement b) t in
  close (/ 2 ^ 94) (value (quotient (single a) x)) (a / (1 - b ^ Pos.to_nat t)) /\
  close (/ 2 ^ 94) (value (quotient (single 1) (root x))) (/ sqrt (1 - b ^ Pos.to_nat t)).
Proof.
  intros format_a a_range format_b b_range t_range x.
  destruct (one_minus_power_within b t format_b b_range t_range) as [normal_x near].
  fold x in normal_x, near. clearbody x.
  pose proof (below_one b format_b ltac:(lra)).
  assert (power_small : 0 <= b ^ Pos.to_nat t <= b).
  { split; [now apply pow_le |]. destruct (Pos2Nat.is_succ t) as [n ->]. simpl.
    pose proof (pow_incr b 1 n ltac:(lra)) as most. rewrite pow1 in most. nra. }
  apply close_between in near as x_range.
  assert (single_value : forall z, value (single z) = z) by (intros; unfold value; simpl; ring).
  destruct (root_within x normal_x ltac:(lra)) as [normal_root near_root].
  apply close_between in near_root as root_range.
  assert (/ 2 ^ 27 <= sqrt (value x) <= 1 + / 2 ^ 41).
  { pose proof (sqrt_sqrt (value x) ltac:(lra)). pose proof (sqrt_pos (value x)). split; nra. }
  destruct (quotient_within (single a) x) as [_ near_alpha];
    rewrite ?single_value; auto using single_normal; [lra |].
  destruct (quotient_within (single 1) (root x)) as [_ near_c];
    rewrite ?single_value; auto using single_normal, format_1; [lra | lra |].
  rewrite single_value in near_alpha, near_c.
  split; [apply quotient_close with (value x); auto; lra |].
  apply inverse_root_close with (value x) (value (root x)); auto; [lra |].
  now rewrite <- (Rmult_1_l (/ value (root x))).
Qed.
