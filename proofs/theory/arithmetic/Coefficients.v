(* SPDX-License-Identifier: Apache-2.0 *)
(* A coefficient known within 2^-94 is within (1/2 + 2^-41) ulp once rounded, and 1 - beta^t is known
   so for every t below 2^64 and every beta in [0, 1 - 2^-53].

   fast/coefficients/double_double.hpp evaluates a coefficient as a double-double, and rounds it
   once. What its operations are off by is a hypothesis here, which DoubleDouble.v proves of the
   recorded code.

   Results:
   - [one_minus_is_exact]: for every number beta of the format in [1/2, 1], 1 - beta is one too, in
     any precision with an exponent range that reaches 1.
   - [power_doubles], [power_adds]: with q_n = 1 - b^n, q_2n = 2 q_n - q_n^2 and
     q_(m+n) = q_n + (1 - q_n) q_m.
   - [doubling_keeps_relative_error], [adding_keeps_relative_error]: for exact operands in [0, 1]
     known to a relative error e <= 1, neither recurrence makes it larger.
   - [one_minus_power_error]: if a doubling has a relative error of at most d1 and an adding one of
     d2, one_minus_power returns 1 - b^t within ((1 + d1) (1 + d2))^k - 1 of itself, k being the
     number of binary digits of t below the first, for b in [0, 1 - 2^-53], as long as that error is
     at most 2^-40. [one_minus_power_close]: for d1 = 14 x 2^-106, d2 = 17 x 2^-106 and t < 2^64,
     within 2^-95.
   - [quotient_close], [inverse_root_close]: from a number within 2^-95, a quotient and an inverse
     root whose operations are within 2^-98 come out within 2^-94.
   - [rounded_once]: a number known to a relative error of 2^-94, rounded to nearest in a format of
     at most 53 bits, is within (1/2 + 2^-41) ulp of the result, subnormal or not.
     [coefficient_relative]: in the normal range, within (1 + 2^-40) u of the exact number, where
     u = 2^-p for p bits.
   - [float_by_way_of_odd]: rounding to odd in 53 bits, then to binary32, is rounding once. *)

From Coq Require Import Reals Psatz Lia PArith.
From Flocq Require Import Core Relative Round_odd Sterbenz.
Open Scope R_scope.

(* 1 - beta. *)

Theorem one_minus_is_exact (emin prec : Z) (beta : R) :
  (0 < prec)%Z -> (emin <= 0)%Z ->
  generic_format radix2 (FLT_exp emin prec) beta -> / 2 <= beta <= 1 ->
  generic_format radix2 (FLT_exp emin prec) (1 - beta).
Proof.
  intros prec_pos reaches_1 format_beta range. change (Prec_gt_0 prec) in prec_pos.
  apply sterbenz; auto with typeclass_instances; [| lra].
  apply (generic_format_bpow radix2 _ 0). unfold FLT_exp. red in prec_pos. lia.
Qed.

(* Powering. *)

Definition q (b : R) (n : nat) : R := 1 - b ^ n.

Lemma power_doubles (b : R) (n : nat) : q b (n + n) = 2 * q b n - q b n * q b n.
Proof. unfold q. rewrite pow_add. ring. Qed.

Lemma power_adds (b : R) (m n : nat) : q b (m + n) = q b n + (1 - q b n) * q b m.
Proof. unfold q. rewrite pow_add. ring. Qed.

Lemma q_between (b : R) (n : nat) : 0 <= b <= 1 -> 0 <= q b n <= 1.
Proof.
  intros [b_pos b_most]. unfold q.
  pose proof (pow_le b n b_pos). pose proof (pow_incr b 1 n (conj b_pos b_most)) as most.
  rewrite pow1 in most. lra.
Qed.

(* The computed x' is within a relative error e of x, which is not negative. *)
Definition close (e x' x : R) : Prop := Rabs (x' - x) <= e * x.

Lemma close_between (e x' x : R) : close e x' x <-> (1 - e) * x <= x' <= (1 + e) * x.
Proof.
  unfold close. split; intros near.
  - apply Rabs_le_inv in near. lra.
  - apply Rabs_le. lra.
Qed.

(* With errors g of x and h of y, the result is off by g (1 - y) + h (1 - x) - g h. *)
Lemma adding_keeps_relative_error (e x x' y y' : R) :
  0 <= e <= 1 -> 0 <= x <= 1 -> 0 <= y <= 1 -> close e x' x -> close e y' y ->
  close e (x' + (1 - x') * y') (x + (1 - x) * y).
Proof.
  unfold close. intros e_range x_range y_range near_x near_y.
  set (g := x' - x) in *. set (h := y' - y) in *.
  replace (_ - _) with (g * (1 - y) + h * (1 - x) + - (g * h)) by (unfold g, h; ring).
  assert (Rabs g * Rabs h <= e * (x * y)).
  { apply Rle_trans with (e * x * (e * y)).
    - apply Rmult_le_compat; auto using Rabs_pos.
    - assert (0 <= e * (1 - e) * (x * y)) by (repeat apply Rmult_le_pos; lra). lra. }
  eapply Rle_trans; [apply Rabs_triang |].
  rewrite Rabs_Ropp, (Rabs_mult g h).
  assert (Rabs (g * (1 - y) + h * (1 - x)) <= e * x * (1 - y) + e * y * (1 - x)); [| lra].
  eapply Rle_trans; [apply Rabs_triang |].
  rewrite !Rabs_mult, (Rabs_pos_eq (1 - y)), (Rabs_pos_eq (1 - x)) by lra.
  apply Rplus_le_compat; apply Rmult_le_compat_r; lra.
Qed.

Lemma doubling_keeps_relative_error (e x x' : R) :
  0 <= e <= 1 -> 0 <= x <= 1 -> close e x' x -> close e (2 * x' - x' * x') (2 * x - x * x).
Proof.
  intros e_range x_range near.
  replace (2 * x' - x' * x') with (x' + (1 - x') * x') by ring.
  replace (2 * x - x * x) with (x + (1 - x) * x) by ring.
  now apply adding_keeps_relative_error.
Qed.

Lemma close_weaken (d e x x' : R) : 0 <= x -> d <= e -> close d x' x -> close e x' x.
Proof.
  unfold close. intros x_pos less near.
  apply Rle_trans with (1 := near). now apply Rmult_le_compat_r.
Qed.

Lemma close_trans (d e : R) (x x' x'' : R) :
  0 <= d -> close e x' x -> close d x'' x' -> close (e + d * (1 + e)) x'' x.
Proof.
  unfold close. intros d_pos near' near''.
  replace (x'' - x) with ((x'' - x') + (x' - x)) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  apply Rabs_le_inv in near' as most. destruct most as [_ most].
  apply (Rmult_le_compat_l d) in most; [lra | assumption].
Qed.

(* (1 - (k + 1) d) (1 + d) <= 1 - k d. *)
Lemma compound_at_most (d : R) (k : nat) : 0 <= d -> (1 - INR k * d) * (1 + d) ^ k <= 1.
Proof.
  intros d_pos. induction k as [| k IH]; [simpl; lra |].
  apply Rle_trans with (2 := IH). rewrite S_INR. simpl ((1 + d) ^ S k). rewrite <- Rmult_assoc.
  apply Rmult_le_compat_r; [apply pow_le; lra |].
  pose proof (pos_INR k). assert (0 <= INR k * (d * d)) by (apply Rmult_le_pos; nra). nra.
Qed.

Lemma compound_error (d : R) (k : nat) :
  0 <= d -> INR k * d <= 126 / 2 ^ 102 -> (1 + d) ^ k - 1 <= / 2 ^ 95.
Proof.
  intros d_pos few.
  pose proof (compound_at_most d k d_pos). pose proof (pow_R1_Rle (1 + d) k ltac:(lra)).
  assert ((1 - 126 / 2 ^ 102) * (1 + d) ^ k <= (1 - INR k * d) * (1 + d) ^ k).
  { apply Rmult_le_compat_r; lra. }
  lra.
Qed.

Section Powering.

(* What the steps compute with, what stands for what, and what a step may be given. *)
Context {number : Type}.
Variable value : number -> R.
Variable valid : number -> Prop.
Variable doubled : number -> number.
Variable added : number -> number -> number.

(* A digit t below the first: [power] is the square that belongs to it, [rest] are those before. *)
Fixpoint one_minus_power (power : number) (t : positive) : number :=
  match t with
  | xH => power
  | xO rest => one_minus_power (doubled power) rest
  | xI rest => added power (one_minus_power (doubled power) rest)
  end.

(* Only operands that one_minus_power meets matter. *)
Definition steps_close (d_doubled d_added : R) : Prop :=
  forall x, valid x -> / 2 ^ 54 <= value x <= 1 + / 2 ^ 40 ->
  valid (doubled x) /\
  close d_doubled (value (doubled x)) (2 * value x - value x * value x) /\
  forall y, valid y -> 0 <= value y <= 1 + / 2 ^ 40 ->
  valid (added x y) /\
  close d_added (value (added x y)) (value x + (1 - value x) * value y).

Variables d_doubled d_added : R.
Hypothesis d_doubled_pos : 0 <= d_doubled.
Hypothesis d_added_pos : 0 <= d_added.
Hypothesis steps : steps_close d_doubled d_added.

(* The relative error after j doublings and k addings. *)
Definition compound (j k : nat) : R := (1 + d_doubled) ^ j * (1 + d_added) ^ k - 1.

Lemma compound_grows (j j' k k' : nat) :
  (j <= j')%nat -> (k <= k')%nat -> compound j k <= compound j' k'.
Proof.
  intros fewer_doublings fewer_addings.
  apply Rplus_le_compat_r, Rmult_le_compat; try (apply pow_le; lra); apply Rle_pow; lra || lia.
Qed.

Lemma compound_pos (j k : nat) : 0 <= compound j k.
Proof.
  apply Rle_trans with (compound 0 0); [unfold compound; simpl; lra | apply compound_grows; lia].
Qed.

Lemma doubling_compounds (j k : nat) (x x' x'' : R) :
  close (compound j k) x' x -> close d_doubled x'' x' -> close (compound (S j) k) x'' x.
Proof.
  intros near' near''.
  replace (compound (S j) k) with (compound j k + d_doubled * (1 + compound j k))
    by (unfold compound; simpl; ring).
  now apply close_trans with x'.
Qed.

Lemma adding_compounds (j k : nat) (x x' x'' : R) :
  close (compound j k) x' x -> close d_added x'' x' -> close (compound j (S k)) x'' x.
Proof.
  intros near' near''.
  replace (compound j (S k)) with (compound j k + d_added * (1 + compound j k))
    by (unfold compound; simpl; ring).
  now apply close_trans with x'.
Qed.

Variable b : R.
Hypothesis b_range : 0 <= b <= 1 - / 2 ^ 53.

Lemma operand_range (j k n : nat) (x : R) :
  (0 < n)%nat -> compound j k <= / 2 ^ 40 -> close (compound j k) x (q b n) ->
  / 2 ^ 54 <= x <= 1 + / 2 ^ 40.
Proof.
  intros n_pos small [least most] % close_between.
  pose proof (compound_pos j k).
  assert (0 <= q b n <= 1) by (apply q_between; lra).
  split; [| nra]. destruct n as [| n]; [lia |].
  assert (1 - b <= q b (S n)).
  { pose proof (q_between b n ltac:(lra)). unfold q in *. simpl. nra. }
  nra.
Qed.

Lemma double_error (j k n : nat) (power : number) :
  (0 < n)%nat -> compound j k <= / 2 ^ 40 ->
  valid power -> close (compound j k) (value power) (q b n) ->
  valid (doubled power) /\ close (compound (S j) k) (value (doubled power)) (q b (n + n)).
Proof.
  intros n_pos small valid_power near. pose proof (compound_pos j k).
  destruct (steps power valid_power (operand_range j k n _ n_pos small near))
    as (valid' & step & _).
  split; [assumption |]. eapply doubling_compounds; [| exact step].
  rewrite power_doubles. apply doubling_keeps_relative_error; auto; [lra | apply q_between; lra].
Qed.

Lemma add_error (j k n m : nat) (power result : number) :
  (0 < n)%nat -> (0 < m)%nat -> compound j k <= / 2 ^ 40 ->
  valid power -> close (compound j k) (value power) (q b n) ->
  valid result -> close (compound j k) (value result) (q b m) ->
  valid (added power result) /\
  close (compound j (S k)) (value (added power result)) (q b (m + n)).
Proof.
  intros n_pos m_pos small valid_power near_power valid_result near_result.
  pose proof (compound_pos j k).
  destruct (steps power valid_power (operand_range j k n _ n_pos small near_power))
    as (_ & _ & step).
  pose proof (operand_range j k m _ m_pos small near_result).
  destruct (step result valid_result ltac:(lra)) as [valid' step'].
  split; [assumption |]. eapply adding_compounds; [| exact step'].
  rewrite power_adds.
  apply adding_keeps_relative_error; auto; [lra | apply q_between; lra | apply q_between; lra].
Qed.

Definition digits_below_the_first (t : positive) : nat := Nat.pred (Pos.size_nat t).

Theorem one_minus_power_error (t : positive) : forall (j n : nat) (power : number),
  let k := digits_below_the_first t in
  (0 < n)%nat -> compound (j + k) k <= / 2 ^ 40 ->
  valid power -> close (compound j 0) (value power) (q b n) ->
  valid (one_minus_power power t) /\
  close (compound (j + k) k) (value (one_minus_power power t)) (q b (n * Pos.to_nat t)).
Proof.
  assert (more : forall t, Pos.size_nat t = S (digits_below_the_first t)) by now intros [].
  induction t as [t IH | t IH |]; intros j n power k n_pos bound valid_power near.
  3: { simpl in *. now rewrite Nat.add_0_r, Nat.mul_1_r. }
  all: change k with (Pos.size_nat t) in *; rewrite more in bound |- *; clear k.
  all: set (m := digits_below_the_first t) in *; rewrite Nat.add_succ_r in bound |- *.
  all: assert (small : forall j' k', (j' <= S (j + m))%nat -> (k' <= S m)%nat ->
    compound j' k' <= / 2 ^ 40)
    by (intros; eapply Rle_trans; [apply compound_grows; eassumption | exact bound]).
  all: pose proof (small j 0%nat ltac:(lia) ltac:(lia)).
  all: destruct (double_error j 0 n power) as [valid_square near_square]; auto.
  all: pose proof (small (S j + m)%nat m ltac:(lia) ltac:(lia)).
  all: destruct (IH (S j) (n + n)%nat (doubled power)) as [valid_rest near_rest]; auto; [lia |].
  all: simpl (S j + m)%nat in near_rest.
  - replace (n * Pos.to_nat t~1)%nat with ((n + n) * Pos.to_nat t + n)%nat by nia.
    apply add_error; auto; [nia |].
    apply close_weaken with (3 := near); [apply q_between; lra | apply compound_grows; lia].
  - replace (n * Pos.to_nat t~0)%nat with ((n + n) * Pos.to_nat t)%nat by nia.
    split; [assumption |].
    apply close_weaken with (3 := near_rest); [apply q_between; lra | apply compound_grows; lia].
Qed.

Corollary one_minus_power_close (power : number) (t : positive) :
  d_doubled <= 14 / 2 ^ 106 -> d_added <= 17 / 2 ^ 106 -> (t < 2 ^ 64)%positive ->
  valid power -> value power = 1 - b ->
  valid (one_minus_power power t) /\
  close (/ 2 ^ 95) (value (one_minus_power power t)) (1 - b ^ Pos.to_nat t).
Proof.
  intros d_doubled_most d_added_most t_most valid_power exact.
  set (k := digits_below_the_first t).
  assert (few : (k <= 63)%nat).
  { assert (last : t = (2 ^ 64 - 1)%positive \/ (t < 2 ^ 64 - 1)%positive) by lia.
    destruct last as [-> | fewer]; [easy |].
    apply Pos.size_nat_monotone in fewer. unfold k, digits_below_the_first. simpl in fewer. lia. }
  assert (small : compound k k <= / 2 ^ 95).
  { apply Rle_trans with ((1 + 32 / 2 ^ 106) ^ k - 1).
    - unfold compound. rewrite <- Rpow_mult_distr. apply Rplus_le_compat_r, pow_incr.
      split; [apply Rmult_le_pos; lra |].
      apply Rle_trans with ((1 + 14 / 2 ^ 106) * (1 + 17 / 2 ^ 106)); [| lra].
      apply Rmult_le_compat; lra.
    - apply le_INR in few. rewrite (INR_IZR_INZ 63) in few. simpl Z.of_nat in few.
      apply compound_error; lra. }
  destruct (one_minus_power_error t 0 1 power) as [valid' near]; auto; [simpl; fold k; lra | |].
  { unfold close, compound, q. simpl. rewrite exact, Rmult_1_r, Rminus_diag_eq, Rabs_R0; lra. }
  split; [assumption |]. simpl in near. fold k in near. rewrite Nat.add_0_r in near.
  apply close_weaken with (3 := near); [apply (q_between b); lra | assumption].
Qed.

End Powering.

(* What a bias correction makes of q: one operation more, or two. *)

Lemma close_scale (e a x' x : R) : 0 <= a -> close e x' x -> close e (a * x') (a * x).
Proof.
  unfold close. intros a_pos near.
  rewrite <- Rmult_minus_distr_l, Rabs_mult, (Rabs_pos_eq a) by assumption.
  apply (Rmult_le_compat_l a) in near; lra.
Qed.

Lemma close_inverse (e x' x : R) :
  0 <= e <= / 2 -> 0 < x -> close e x' x -> close (e * (1 + 2 * e)) (/ x') (/ x).
Proof.
  intros e_range x_pos [least most] % close_between.
  assert (x'_pos : 0 < x') by nra.
  assert (ratio : 1 - e <= x' / x <= 1 + e).
  { split; apply Rmult_le_reg_r with x; try lra;
      unfold Rdiv; rewrite (Rmult_assoc x'), Rinv_l by lra; lra. }
  apply close_between. split; apply Rmult_le_reg_r with x'; try lra; rewrite Rinv_l by lra.
  - replace (_ * / x * x') with ((1 - e * (1 + 2 * e)) * (x' / x)) by (unfold Rdiv; ring). nra.
  - replace (_ * / x * x') with ((1 + e * (1 + 2 * e)) * (x' / x)) by (unfold Rdiv; ring). nra.
Qed.

Lemma close_root (e x' x : R) :
  0 <= e <= 1 -> 0 < x -> close e x' x -> close e (sqrt x') (sqrt x).
Proof.
  intros e_range x_pos near.
  apply close_between in near as bounds. destruct bounds as [least _].
  assert (x'_pos : 0 <= x') by nra.
  pose proof (sqrt_pos x'). pose proof (sqrt_lt_R0 x x_pos) as root_pos.
  unfold close in *. apply Rmult_le_reg_r with (sqrt x' + sqrt x); [lra |].
  rewrite <- (Rabs_pos_eq (sqrt x' + sqrt x)) at 1 by lra. rewrite <- Rabs_mult.
  replace (_ * (sqrt x' + sqrt x)) with (sqrt x' * sqrt x' - sqrt x * sqrt x) by ring.
  rewrite Rmult_plus_distr_l, (Rmult_assoc e (sqrt x) (sqrt x)), !sqrt_sqrt by lra.
  assert (0 <= e * sqrt x * sqrt x') by (repeat apply Rmult_le_pos; lra). lra.
Qed.

Theorem quotient_close (a x x' result : R) :
  0 <= a -> 0 < x -> close (/ 2 ^ 95) x' x -> close (/ 2 ^ 98) result (a / x') ->
  close (/ 2 ^ 94) result (a / x).
Proof.
  intros a_pos x_pos near quotient.
  pose proof (Rinv_0_lt_compat x x_pos).
  apply close_inverse in near; [| lra | assumption].
  apply (close_scale _ a) in near; [| assumption].
  eapply (close_trans (/ 2 ^ 98)) in quotient; [| lra | exact near].
  eapply close_weaken with (3 := quotient); [apply Rmult_le_pos |]; lra.
Qed.

Theorem inverse_root_close (x x' root result : R) :
  0 < x -> close (/ 2 ^ 95) x' x ->
  close (/ 2 ^ 98) root (sqrt x') -> close (/ 2 ^ 98) result (/ root) ->
  close (/ 2 ^ 94) result (/ sqrt x).
Proof.
  intros x_pos near near_root near_result.
  pose proof (sqrt_lt_R0 x x_pos) as root_pos. pose proof (Rinv_0_lt_compat _ root_pos).
  apply close_root in near; [| lra | assumption].
  eapply (close_trans (/ 2 ^ 98)) in near_root; [| lra | exact near].
  apply close_inverse in near_root; [| lra | assumption].
  eapply (close_trans (/ 2 ^ 98)) in near_result; [| lra | exact near_root].
  eapply close_weaken with (3 := near_result); lra.
Qed.

(* Rounding once. *)

Section Rounding.

Variables emin prec : Z.
Hypothesis prec_range : (0 < prec <= 53)%Z.
Variable choice : Z -> bool.

#[local] Instance prec_positive : Prec_gt_0 prec := proj1 prec_range.

Notation fexp := (FLT_exp emin prec).
Notation rnd := (round radix2 fexp (Znearest choice)).
Notation ulp := (ulp radix2 fexp).

Lemma size_in_ulps (z : R) :
  generic_format radix2 fexp z -> Rabs z <= (bpow radix2 prec - 1) * ulp z.
Proof.
  intros format_z. destruct (Req_dec z 0) as [-> | nonzero].
  { rewrite Rabs_R0. apply Rmult_le_pos; [| apply ulp_ge_0].
    pose proof (bpow_le radix2 0 prec ltac:(lia)) as least. simpl in least. lra. }
  rewrite ulp_neq_0 by assumption.
  set (c := cexp radix2 fexp z). set (m := Ztrunc (scaled_mantissa radix2 fexp z)).
  assert (digits : z = IZR m * bpow radix2 c) by exact format_z.
  pose proof (bpow_gt_0 radix2 c) as c_pos.
  assert (size : Rabs z < bpow radix2 prec * bpow radix2 c).
  { rewrite <- bpow_plus. eapply Rlt_le_trans; [apply bpow_mag_gt |].
    apply bpow_le. unfold c, cexp, FLT_exp. lia. }
  rewrite digits, Rabs_mult, (Rabs_pos_eq (bpow radix2 c)) in size |- * by lra.
  apply Rmult_lt_reg_r in size; [| assumption].
  apply Rmult_le_compat_r; [lra |].
  rewrite <- abs_IZR, <- IZR_Zpower in size |- * by lia.
  apply lt_IZR in size. rewrite <- minus_IZR. apply IZR_le. lia.
Qed.

Theorem rounded_once (x' x : R) :
  0 <= x -> close (/ 2 ^ 94) x' x -> Rabs (rnd x' - x) <= (/ 2 + / 2 ^ 41) * ulp (rnd x').
Proof.
  intros x_pos near.
  assert (half : Rabs (rnd x' - x') <= / 2 * ulp (rnd x')).
  { apply error_le_half_ulp_round; auto with typeclass_instances. }
  assert (size : Rabs (rnd x') <= (bpow radix2 prec - 1) * ulp (rnd x')).
  { apply size_in_ulps, generic_format_round; auto with typeclass_instances. }
  pose proof (ulp_ge_0 radix2 fexp (rnd x')) as ulp_pos.
  assert (digits : bpow radix2 prec * ulp (rnd x') <= 2 ^ 53 * ulp (rnd x')).
  { apply Rmult_le_compat_r; [assumption |].
    apply Rle_trans with (bpow radix2 53); [apply bpow_le; lia | simpl; lra]. }
  unfold close in near. apply Rabs_le_inv in near, half, size. apply Rabs_le. lra.
Qed.

Corollary coefficient_relative (x' x : R) :
  0 <= x -> close (/ 2 ^ 94) x' x -> bpow radix2 (emin + prec - 1) <= x' ->
  close ((1 + / 2 ^ 40) * bpow radix2 (- prec)) (rnd x') x.
Proof.
  intros x_pos near normal.
  pose proof (bpow_gt_0 radix2 (emin + prec - 1)).
  assert (rounding : close (bpow radix2 (- prec)) (rnd x') x').
  { unfold close. rewrite <- (Rabs_pos_eq x') at 3 by lra.
    eapply Rle_trans; [apply relative_error_N_FLT; [apply prec_positive |] |].
    - rewrite Rabs_pos_eq; lra.
    - rewrite bpow_plus. simpl (bpow radix2 1). lra. }
  assert (unit : / 2 ^ 53 <= bpow radix2 (- prec) <= 1).
  { pose proof (bpow_le radix2 (-53) (- prec) ltac:(lia)) as least.
    pose proof (bpow_le radix2 (- prec) 0 ltac:(lia)) as most.
    simpl bpow at 1 in least. simpl bpow at 2 in most. lra. }
  eapply (close_trans (bpow radix2 (- prec))) in rounding; [| lra | exact near].
  eapply close_weaken with (3 := rounding); lra.
Qed.

End Rounding.

(* A double-double becomes a float by way of a double rounded to odd, as round_to has it. *)
Theorem float_by_way_of_odd (choice : Z -> bool) (x : R) :
  let to_float := round radix2 (FLT_exp (-149) 24) (Znearest choice) in
  to_float (round radix2 (FLX_exp 53) Zrnd_odd x) = to_float x.
Proof.
  assert (Prec_gt_0 24) by easy. assert (Prec_gt_0 53) by easy.
  apply round_N_odd; auto with typeclass_instances.
  intros e. unfold FLX_exp, FLT_exp. lia.
Qed.
