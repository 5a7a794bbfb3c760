(* The operations of fast/double_double.hpp, recorded from the code: each computed value is the one
   that the theorems speak of, rounding by rounding, in binary64 with ties to even. Nothing may
   overflow; gradual underflow is included.

   A double-double is [normal] if its high part is its value, rounded.

   Results:
   - [complement_reads], [doubled_reads], [added_reads], [product_reads], [quotient_reads],
     [root_reads]: what was recorded, in words.
   - [two_sum_exact], [fast_two_sum_exact]: a sum and its error (Knuth 1969; Dekker 1971), by Flocq's
     proofs.
   - [complement_value]: two_sum(1, -b) is 1 - b exactly.
   - [doubled_value], [added_value]: what was recorded of doubled and added is what
     PoweringSteps.v says, for the operands that one_minus_power meets.
   - [one_minus_power_within]: one_minus_power, for every double b in [0, 1) and t < 2^64, returns
     1 - b^t within 2^-95 of itself.
   - [adam_coefficients_within]: hence a / (1 - b^t) and 1 / sqrt (1 - b^t) are within 2^-94, if the
     quotients and the root that were recorded have a relative error of at most 2^-98 (they have
     2^-102 by Joldes, Muller, Popescu 2017 and Lefevre, Louvet, Muller, Picot, Rideau 2023). *)

From Coq Require Import Reals Psatz Lia PArith String.
From Flocq Require Import Core Relative Sterbenz Mult_error.
From Flocq Require Pff2Flocq.
From Truestep Require Import Expression RunningError Coefficients PoweringSteps.
From TruestepGenerated Require Import Operations.
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
    [auto using format_double | apply generic_format_opp, fl_format | right; now rewrite Rabs_Ropp |].
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

Corollary adam_coefficients_within (a b : R) (t : positive) :
  0 <= a -> format b -> 0 <= b < 1 -> (t < 2 ^ 64)%positive ->
  let x := one_minus_power doubled added (complement b) t in
  let alpha := quotient (single a) x in
  let c := quotient (single 1) (root x) in
  close (/ 2 ^ 98) (value alpha) (a / value x) ->
  close (/ 2 ^ 98) (value (root x)) (sqrt (value x)) ->
  close (/ 2 ^ 98) (value c) (/ value (root x)) ->
  close (/ 2 ^ 94) (value alpha) (a / (1 - b ^ Pos.to_nat t)) /\
  close (/ 2 ^ 94) (value c) (/ sqrt (1 - b ^ Pos.to_nat t)).
Proof.
  intros a_pos format_b b_range t_range x alpha c near_alpha near_root near_c.
  destruct (one_minus_power_within b t format_b b_range t_range) as [_ near]. fold x in near.
  assert (0 < 1 - b ^ Pos.to_nat t).
  { pose proof (pow_lt_1_compat b (Pos.to_nat t) ltac:(lra) ltac:(lia)). lra. }
  split; [now apply quotient_close with (value x) |].
  now apply inverse_root_close with (value x) (value (root x)).
Qed.
