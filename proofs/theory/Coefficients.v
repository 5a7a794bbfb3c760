(* The coefficients of every rule are within (1/2 + 2^-41) ulp, for every t and every beta.

   fast/double_double.hpp evaluates a coefficient as a double-double, and rounds it once. That its
   quotient and root have a relative error of at most 2^-102 is a hypothesis here (Joldes, Muller,
   Popescu 2017; Lefevre, Louvet, Muller, Picot, Rideau 2023 for the root), and that each step of
   one_minus_power has one of at most 17 x 2^-106: PoweringSteps.v proves it.

   Results:
   - [one_minus_is_exact]: for every number beta of the format in [1/2, 1], 1 - beta is one too, in
     any precision with an exponent range that reaches 1.
   - [power_doubles], [power_adds]: with q_n = 1 - b^n, q_2n = 2 q_n - q_n^2 and
     q_(m+n) = q_n + (1 - q_n) q_m.
   - [doubling_keeps_relative_error], [adding_keeps_relative_error]: for exact operands in [0, 1]
     known to a relative error e <= 1, neither recurrence makes it larger.
   - [step_compounds]: a step that adds a relative error d of its own leads from (1 + d)^k - 1 to
     (1 + d)^(k + 1) - 1. [compound_error]: at most 2^-95 if k d <= 126 x 2^-102.
   - [one_minus_power_error]: if each step of one_minus_power has a relative error of at most d, its
     loop returns 1 - b^t within (1 + d)^k - 1 of itself, k being the number of binary digits of t,
     for b in [0, 1 - 2^-53], as long as that error is at most 2^-40. [one_minus_power_close]: for
     d = 17 x 2^-106 and t <= 2^63, within 2^-95.
   - [quotient_close], [inverse_root_close], [adam_coefficients_close]: a / (1 - b^t) and
     1 / sqrt (1 - b^t) are within 2^-94 for every such b and t.
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

(* The relative error after k steps that add d each. *)
Definition compound (d : R) (k : nat) : R := (1 + d) ^ k - 1.

Lemma step_compounds (d : R) (k : nat) (x x' x'' : R) :
  0 <= d -> close (compound d k) x' x -> close d x'' x' -> close (compound d (S k)) x'' x.
Proof.
  unfold close, compound. intros d_pos near' near''.
  replace (x'' - x) with ((x'' - x') + (x' - x)) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  apply Rabs_le_inv in near' as most. destruct most as [_ most].
  apply (Rmult_le_compat_l d) in most; [simpl; lra | assumption].
Qed.

Lemma compound_pos (d : R) (k : nat) : 0 <= d -> 0 <= compound d k.
Proof.
  intros d_pos. unfold compound.
  pose proof (pow_R1_Rle (1 + d) k ltac:(lra)). lra.
Qed.

Lemma compound_grows (d : R) (j k : nat) : 0 <= d -> (j <= k)%nat -> compound d j <= compound d k.
Proof.
  intros d_pos fewer.
  apply Rplus_le_compat_r, Rle_pow; [lra | assumption].
Qed.

Lemma close_weaken (d e x x' : R) : 0 <= x -> d <= e -> close d x' x -> close e x' x.
Proof.
  unfold close. intros x_pos less near.
  apply Rle_trans with (1 := near). now apply Rmult_le_compat_r.
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
  0 <= d -> INR k * d <= 126 / 2 ^ 102 -> compound d k <= / 2 ^ 95.
Proof.
  intros d_pos few. unfold compound.
  pose proof (compound_at_most d k d_pos). pose proof (pow_R1_Rle (1 + d) k ltac:(lra)).
  assert ((1 - 126 / 2 ^ 102) * (1 + d) ^ k <= (1 - INR k * d) * (1 + d) ^ k).
  { apply Rmult_le_compat_r; lra. }
  lra.
Qed.

(* The two steps of one_minus_power: only operands that it meets matter. *)
Definition steps_close (d : R) (doubled : R -> R) (added : R -> R -> R) : Prop :=
  forall x, / 2 ^ 54 <= x <= 1 + / 2 ^ 40 ->
  close d (doubled x) (2 * x - x * x) /\
  forall y, 0 <= y <= 1 + / 2 ^ 40 -> close d (added x y) (x + (1 - x) * y).

Section Powering.

Variable d : R.
Variable doubled : R -> R.
Variable added : R -> R -> R.
Hypothesis d_pos : 0 <= d.
Hypothesis steps : steps_close d doubled added.

(* The loop: a turn for each binary digit of t, the lowest first. *)
Fixpoint loop (power result : R) (t : positive) : R :=
  match t with
  | xH => added power result
  | xO half => loop (doubled power) result half
  | xI half => loop (doubled power) (added power result) half
  end.

Variable b : R.
Hypothesis b_range : 0 <= b <= 1 - / 2 ^ 53.

Lemma operand_range (k n : nat) (x : R) :
  compound d k <= / 2 ^ 40 -> close (compound d k) x (q b n) ->
  0 <= x <= 1 + / 2 ^ 40 /\ ((0 < n)%nat -> / 2 ^ 54 <= x).
Proof.
  intros small [least most] % close_between.
  pose proof (compound_pos d k d_pos).
  assert (0 <= q b n <= 1) by (apply q_between; lra).
  repeat split; [nra | nra |].
  intros n_pos. destruct n as [| n]; [lia |].
  assert (1 - b <= q b (S n)).
  { pose proof (q_between b n ltac:(lra)). unfold q in *. simpl. nra. }
  nra.
Qed.

Lemma double_error (k n : nat) (power : R) :
  (0 < n)%nat -> compound d k <= / 2 ^ 40 -> close (compound d k) power (q b n) ->
  close (compound d (S k)) (doubled power) (q b (n + n)).
Proof.
  intros n_pos small near. pose proof (compound_pos d k d_pos).
  destruct (operand_range k n power small near) as [range least].
  apply step_compounds with (2 * power - power * power); auto.
  - rewrite power_doubles. apply doubling_keeps_relative_error; [lra | apply q_between; lra | auto].
  - apply steps. split; [auto | lra].
Qed.

Lemma add_error (k n m : nat) (power result : R) :
  (0 < n)%nat -> compound d k <= / 2 ^ 40 ->
  close (compound d k) power (q b n) -> close (compound d k) result (q b m) ->
  close (compound d (S k)) (added power result) (q b (m + n)).
Proof.
  intros n_pos small near_power near_result. pose proof (compound_pos d k d_pos).
  destruct (operand_range k n power small near_power) as [range least].
  destruct (operand_range k m result small near_result) as [range_result _].
  apply step_compounds with (power + (1 - power) * result); auto.
  - rewrite power_adds.
    apply adding_keeps_relative_error; auto; [lra | apply q_between; lra | apply q_between; lra].
  - apply steps; [split; [auto | lra] | assumption].
Qed.

(* From any turn of the loop on; n is a power of two, and m what the digits seen so far say. *)
Lemma loop_error (t : positive) : forall (k n m : nat) (power result : R),
  (0 < n)%nat -> close (compound d k) power (q b n) -> close (compound d k) result (q b m) ->
  compound d (k + Pos.size_nat t) <= / 2 ^ 40 ->
  close (compound d (k + Pos.size_nat t)) (loop power result t) (q b (m + n * Pos.to_nat t)).
Proof.
  induction t as [t IH | t IH |]; intros k n m power result n_pos near_power near_result bound;
    assert (small : compound d k <= / 2 ^ 40)
      by (eapply Rle_trans; [apply compound_grows | exact bound]; auto; lia);
    simpl loop; simpl Pos.size_nat in *;
    try (rewrite Nat.add_succ_r in bound |- *; rewrite <- Nat.add_succ_l in bound |- *).
  - replace (m + n * Pos.to_nat t~1)%nat with (m + n + (n + n) * Pos.to_nat t)%nat by nia.
    apply IH; auto using double_error, add_error; lia.
  - replace (m + n * Pos.to_nat t~0)%nat with (m + (n + n) * Pos.to_nat t)%nat by nia.
    apply IH; auto using double_error; [lia |].
    apply close_weaken with (compound d k); auto;
      [apply q_between; lra | apply compound_grows; auto].
  - rewrite Nat.add_0_r, Nat.mul_1_r. now apply add_error.
Qed.

Definition one_minus_power (t : positive) : R := loop (1 - b) 0 t.

Theorem one_minus_power_error (t : positive) :
  compound d (Pos.size_nat t) <= / 2 ^ 40 ->
  close (compound d (Pos.size_nat t)) (one_minus_power t) (1 - b ^ Pos.to_nat t).
Proof.
  intros small. replace (Pos.to_nat t) with (0 + 1 * Pos.to_nat t)%nat by lia.
  apply (loop_error t 0 1 0 (1 - b) 0); auto; unfold close, compound, q; simpl;
    rewrite ?Rmult_1_r, Rminus_diag_eq, Rabs_R0; lra.
Qed.

Corollary one_minus_power_close (t : positive) :
  d <= 17 / 2 ^ 106 -> (t <= 2 ^ 63)%positive ->
  close (/ 2 ^ 95) (one_minus_power t) (1 - b ^ Pos.to_nat t).
Proof.
  intros d_most t_most.
  assert (few : (Pos.size_nat t <= 64)%nat).
  { apply (Pos.size_nat_monotone t (2 ^ 63 + 1)). lia. }
  assert (small : compound d (Pos.size_nat t) <= / 2 ^ 95).
  { apply compound_error; [assumption |].
    apply le_INR in few. rewrite (INR_IZR_INZ 64) in few. simpl Z.of_nat in few.
    apply Rle_trans with (64 * d); [now apply Rmult_le_compat_r | lra]. }
  apply close_weaken with (2 := small).
  - apply (q_between b). lra.
  - apply one_minus_power_error. lra.
Qed.

End Powering.

(* What Adam makes of q: one operation more, or two. *)

Lemma close_trans (d e : R) (x x' x'' : R) :
  0 <= d -> close e x' x -> close d x'' x' -> close (e + d * (1 + e)) x'' x.
Proof.
  unfold close. intros d_pos near' near''.
  replace (x'' - x) with ((x'' - x') + (x' - x)) by ring.
  eapply Rle_trans; [apply Rabs_triang |].
  apply Rabs_le_inv in near' as most. destruct most as [_ most].
  apply (Rmult_le_compat_l d) in most; [lra | assumption].
Qed.

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
  0 <= a -> 0 < x -> close (/ 2 ^ 95) x' x -> close (/ 2 ^ 102) result (a / x') ->
  close (/ 2 ^ 94) result (a / x).
Proof.
  intros a_pos x_pos near quotient.
  pose proof (Rinv_0_lt_compat x x_pos).
  apply close_inverse in near; [| lra | assumption].
  apply (close_scale _ a) in near; [| assumption].
  eapply (close_trans (/ 2 ^ 102)) in quotient; [| lra | exact near].
  eapply close_weaken with (3 := quotient); [apply Rmult_le_pos |]; lra.
Qed.

Theorem inverse_root_close (x x' root result : R) :
  0 < x -> close (/ 2 ^ 95) x' x ->
  close (/ 2 ^ 102) root (sqrt x') -> close (/ 2 ^ 102) result (/ root) ->
  close (/ 2 ^ 94) result (/ sqrt x).
Proof.
  intros x_pos near near_root near_result.
  pose proof (sqrt_lt_R0 x x_pos) as root_pos. pose proof (Rinv_0_lt_compat _ root_pos).
  apply close_root in near; [| lra | assumption].
  eapply (close_trans (/ 2 ^ 102)) in near_root; [| lra | exact near].
  apply close_inverse in near_root; [| lra | assumption].
  eapply (close_trans (/ 2 ^ 102)) in near_result; [| lra | exact near_root].
  eapply close_weaken with (3 := near_result); lra.
Qed.

Corollary adam_coefficients_close
    (doubled : R -> R) (added : R -> R -> R) (b a alpha root c : R) (t : positive) :
  steps_close (17 / 2 ^ 106) doubled added -> 0 <= b <= 1 - / 2 ^ 53 -> (t <= 2 ^ 63)%positive ->
  let x := one_minus_power doubled added b t in
  0 <= a -> close (/ 2 ^ 102) alpha (a / x) ->
  close (/ 2 ^ 102) root (sqrt x) -> close (/ 2 ^ 102) c (/ root) ->
  close (/ 2 ^ 94) alpha (a / (1 - b ^ Pos.to_nat t)) /\
  close (/ 2 ^ 94) c (/ sqrt (1 - b ^ Pos.to_nat t)).
Proof.
  intros steps b_range t_range x a_pos near_alpha near_root near_c.
  assert (near : close (/ 2 ^ 95) x (1 - b ^ Pos.to_nat t)).
  { apply one_minus_power_close with (17 / 2 ^ 106); auto; lra. }
  assert (positive : 0 < 1 - b ^ Pos.to_nat t).
  { pose proof (pow_lt_1_compat b (Pos.to_nat t) ltac:(lra) ltac:(lia)). lra. }
  split; [now apply quotient_close with x | now apply inverse_root_close with x root].
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
