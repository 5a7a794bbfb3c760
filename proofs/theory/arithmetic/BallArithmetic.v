(* SPDX-License-Identifier: Apache-2.0 *)
(* The radii of RunningError.v may be computed in floating point, as proofs/numbers/ball.hpp does.

   ball.hpp computes each radius in a type W of 53 significant bits or more, and multiplies it by
   1 + 2^-48. Here its formulas stand in its own order of operations, with a rounding [fl] around
   every operation of W; [fl] is known only by its relative error, at most 2^-53.

   Argued in words: no operation of W underflows, so that the relative error holds. A value is zero
   or at least the smallest subnormal of T, a radius zero or at least half of that if the variables'
   radii are, and no formula goes below a product of two of these divided by the square of the
   largest T: 2^-556 for float, where W is double and reaches down to 2^-1022; 2^-4198 for double,
   where a long double reaches down to 2^-16382. The differences |b| - rb and a - ra are of numbers
   of W, far above its underflow. Conversions from T to W, signs, minima, maxima and half units in
   the last place, which are powers of two, are exact. Where an operation of W overflows, the radius
   is infinite or NaN and nothing is claimed.

   Results:
   - [inflation_covers]: 1 + 2^-49 <= (1 - 2^-53)^k (1 + 2^-48) for k <= 15 operations;
     [inflation_covers_17]: for k <= 17 the product is still at least 1.
   - [covers_sum] .. [covers_root]: an expression of k operations on numbers that are not negative
     is computed as at least (1 - 2^-53)^k times its exact value.
   - [ball_sum_covers], [ball_product_covers], [ball_quotient_covers], [ball_root_covers],
     [ball_fused_covers], [ball_decay_covers]: for the same operands, the radius that ball.hpp
     computes is at least 1 + 2^-49 times the radius of RunningError.v. A quotient needs a divisor
     larger than its radius.
   - [ball_sound]: under the hypotheses of [radius_sound], a rounded expression lies within its
     computed radius of its exact value, and if it has an operation, within the radius divided by
     1 + 2^-49.
   - [ball_sound_in_W]: so it is where [fl] rounds to nearest, with any rule for ties, in a format
     of p >= 53 bits. *)

From Coq Require Import Reals Psatz Bool.
From Flocq Require Import Core Relative.
From Truestep Require Import Expression RunningError.
Open Scope R_scope.

Definition u : R := / 2 ^ 53.
Definition inflation : R := 1 + / 2 ^ 48.
Definition surplus : R := / 2 ^ 49.

(* What one operation leaves of its exact result at least. *)
Definition kept : R := 1 - u.

Lemma kept_between : 0 < kept < 1.
Proof. unfold kept, u. lra. Qed.

Lemma kept_power_between (k : nat) : 0 < kept ^ k <= 1.
Proof. pose proof kept_between. induction k; simpl; nra. Qed.

Lemma kept_power_at_least (k : nat) : 1 - INR k * u <= kept ^ k.
Proof.
  induction k as [| k IH]; [simpl; lra |].
  assert (u_between : 0 < u < 1) by (unfold u; lra).
  assert (0 <= INR k * (u * u)) by (apply Rmult_le_pos; [apply pos_INR | nra]).
  rewrite S_INR. simpl (kept ^ S k).
  apply Rle_trans with (kept * (1 - INR k * u)); [unfold kept; lra |].
  apply Rmult_le_compat_l; [unfold kept; lra | assumption].
Qed.

Lemma inflation_covers (k : nat) : (k <= 15)%nat -> 1 + surplus <= kept ^ k * inflation.
Proof.
  intros few. apply le_INR in few. simpl (INR 15) in few.
  pose proof (kept_power_at_least k). unfold surplus, inflation, u in *. lra.
Qed.

Lemma inflation_covers_17 (k : nat) : (k <= 17)%nat -> 1 <= kept ^ k * inflation.
Proof.
  intros few. apply le_INR in few. simpl (INR 17) in few.
  pose proof (kept_power_at_least k). unfold surplus, inflation, u in *. lra.
Qed.

(* Up to k roundings, y is at least x, which is not negative. *)
Definition covers (k : nat) (x y : R) : Prop := 0 <= x /\ kept ^ k * x <= y.

Lemma covers_self (x : R) : 0 <= x -> covers 0 x x.
Proof. split; simpl; lra. Qed.

Lemma covers_pos (k : nat) (x y : R) : covers k x y -> 0 <= y.
Proof. intros [x_pos above]. pose proof (kept_power_between k). nra. Qed.

Lemma covers_weaken (k more : nat) (x y : R) : covers k x y -> kept ^ (k + more) * x <= y.
Proof.
  intros [x_pos above]. rewrite pow_add.
  pose proof (kept_power_between k). pose proof (kept_power_between more).
  apply Rle_trans with (2 := above). apply Rmult_le_compat_r; [assumption | nra].
Qed.

Section Computed.

(* The rounding of W. *)
Variable fl : R -> R.
Hypothesis fl_close : forall x, Rabs (fl x - x) <= u * Rabs x.

Lemma fl_between (x : R) : 0 <= x -> kept * x <= fl x /\ kept * fl x <= x.
Proof.
  intros x_pos. pose proof (fl_close x) as close.
  rewrite (Rabs_pos_eq x) in close by assumption. apply Rabs_le_inv in close.
  unfold kept, u in *. split; nra.
Qed.

Lemma fl_positive (x : R) : 0 < x -> 0 < fl x.
Proof. intros sign. destruct (fl_between x); pose proof kept_between; nra. Qed.

Lemma fl_not_negative (x : R) : 0 <= x -> 0 <= fl x.
Proof. intros sign. destruct (fl_between x sign). pose proof kept_between. nra. Qed.

Lemma covers_fl (k : nat) (x y : R) : covers k x y -> covers (S k) x (fl y).
Proof.
  intros [x_pos above]. split; [assumption |].
  destruct (fl_between y) as [least _]; [now apply (covers_pos k x) |].
  simpl. pose proof kept_between. nra.
Qed.

Lemma fl_covers (k : nat) (x y : R) : 0 <= y -> covers k y x -> covers (S k) (fl y) x.
Proof.
  intros y_pos [_ above].
  destruct (fl_between y y_pos) as [least most].
  pose proof kept_between. pose proof (kept_power_between k). split.
  - nra.
  - replace (kept ^ S k * fl y) with (kept ^ k * (kept * fl y)) by (simpl; ring). nra.
Qed.

Lemma covers_sum (j k : nat) (x x' y y' : R) :
  covers j x x' -> covers k y y' -> covers (S (j + k)) (x + y) (fl (x' + y')).
Proof.
  intros cover_x cover_y. apply covers_fl.
  pose proof (covers_weaken j k x x' cover_x).
  pose proof (covers_weaken k j y y' cover_y) as at_y. rewrite Nat.add_comm in at_y.
  destruct cover_x, cover_y. split; lra.
Qed.

Lemma covers_product (j k : nat) (x x' y y' : R) :
  covers j x x' -> covers k y y' -> covers (S (j + k)) (x * y) (fl (x' * y')).
Proof.
  intros [x_pos above_x] [y_pos above_y]. apply covers_fl. split; [now apply Rmult_le_pos |].
  rewrite pow_add. replace (_ * (x * y)) with (kept ^ j * x * (kept ^ k * y)) by ring.
  pose proof (kept_power_between j). pose proof (kept_power_between k).
  apply Rmult_le_compat; nra.
Qed.

(* The divisor may be too large by its own k roundings. *)
Lemma covers_quotient (j k : nat) (x x' y y' : R) :
  covers j x x' -> covers k y' y -> 0 < y' -> covers (S (j + k)) (x / y) (fl (x' / y')).
Proof.
  intros [x_pos above_x] [_ below_y] y'_pos. apply covers_fl.
  pose proof (kept_power_between j). pose proof (kept_power_between k).
  assert (0 < y) by nra.
  pose proof (Rinv_0_lt_compat y). split.
  - apply Rmult_le_pos; lra.
  - apply Rmult_le_reg_r with y'; [assumption |].
    replace (x' / y' * y') with x' by (field; lra).
    apply Rle_trans with (2 := above_x). rewrite pow_add.
    replace (_ * (x / y) * y') with (kept ^ j * x * (kept ^ k * y' * / y)) by (field; lra).
    rewrite <- (Rmult_1_r (kept ^ j * x)) at 2. apply Rmult_le_compat_l; [nra |].
    rewrite <- (Rinv_r y) by lra. apply Rmult_le_compat_r; lra.
Qed.

Lemma root_covers (k : nat) (x y : R) : covers k x y -> covers k (sqrt x) (sqrt y).
Proof.
  intros [x_pos above]. split; [apply sqrt_pos |].
  pose proof (kept_power_between k) as power.
  apply Rle_trans with (sqrt (kept ^ k * x)); [| now apply sqrt_le_1_alt].
  rewrite sqrt_mult by lra. apply Rmult_le_compat_r; [apply sqrt_pos |].
  apply Rsqr_incr_0_var; [unfold Rsqr; rewrite sqrt_sqrt by lra; nra | apply sqrt_pos].
Qed.

Lemma covers_root (k : nat) (x y : R) : covers k x y -> covers (S k) (sqrt x) (fl (sqrt y)).
Proof. intros cover. now apply covers_fl, root_covers. Qed.

(* The errors of the operands, in the order of ball.hpp. *)

Definition ball_product (a ra b rb : R) : R :=
  fl (fl (fl (Rabs a * rb) + fl (Rabs b * ra)) + fl (ra * rb)).

Definition ball_quotient (a ra b rb : R) : R :=
  fl (fl (fl (Rabs a * rb) + fl (Rabs b * ra)) / fl (Rabs b * fl (Rabs b - rb))).

Definition ball_root (a ra : R) : R :=
  if Rlt_bool 0 a
  then Rmin (fl (sqrt ra)) (fl (ra / fl (fl (sqrt a) + fl (sqrt (Rmax (fl (a - ra)) 0)))))
  else fl (sqrt ra).

Definition ball_decay (w rw v rv : R) : R :=
  fl (fl (Rabs (fl (1 - w)) * rv) + fl (rw * fl (Rabs v + rv))).

(* Ball's constructor, where half is half a unit in the last place or 0. *)
Definition ball_radius (error half : R) : R := fl (fl (error + half) * inflation).

Lemma ball_radius_covers (k : nat) (error error' half : R) :
  (k <= 13)%nat -> covers k error error' -> 0 <= half ->
  (1 + surplus) * (error + half) <= ball_radius error' half.
Proof.
  intros few cover half_pos.
  assert (inflation_pos : 0 < inflation) by (unfold inflation; lra).
  destruct (covers_sum k 0 error error' half half cover (covers_self half half_pos))
    as [sum_pos above].
  destruct (covers_fl (S (k + 0)) ((error + half) * inflation) (fl (error' + half) * inflation))
    as [_ all].
  { split; [nra |]. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; lra. }
  apply Rle_trans with (2 := all).
  pose proof (inflation_covers (S (S (k + 0))) ltac:(lia)).
  replace (_ * (_ * inflation)) with (kept ^ S (S (k + 0)) * inflation * (error + half)) by ring.
  now apply Rmult_le_compat_r.
Qed.

Ltac operands := repeat apply covers_self; auto using Rabs_pos.

Lemma product_covered (a ra b rb : R) :
  0 <= ra -> 0 <= rb -> covers 5 (error_of_product a ra b rb) (ball_product a ra b rb).
Proof.
  intros. apply (covers_sum 3 1); [apply (covers_sum 1 1) |]; apply (covers_product 0 0); operands.
Qed.

Lemma quotient_covered (a ra b rb : R) :
  0 <= ra -> 0 <= rb -> rb < Rabs b ->
  covers 6 (error_of_quotient a ra b rb) (ball_quotient a ra b rb).
Proof.
  intros ra_pos rb_pos apart. pose proof (Rabs_pos b).
  destruct (fl_between (Rabs b - rb)) as [_ nearest_zero]; [lra |].
  assert (product : 0 < Rabs b * fl (Rabs b - rb)).
  { apply Rmult_lt_0_compat; [| apply fl_positive]; lra. }
  apply (covers_quotient 3 2); [| | now apply fl_positive].
  - apply (covers_sum 1 1); apply (covers_product 0 0); operands.
  - apply fl_covers; [lra |]. split; [lra |].
    rewrite pow_1. replace (kept * (_ * _)) with (Rabs b * (kept * fl (Rabs b - rb))) by ring.
    now apply Rmult_le_compat_l.
Qed.

(* The computed a - ra has the sign of the exact one. *)
Lemma least_covers (a ra : R) : covers 1 (Rmax (fl (a - ra)) 0) (Rmax (a - ra) 0).
Proof.
  split; [apply Rmax_r |].
  destruct (Rle_or_lt 0 (a - ra)) as [sign | sign].
  - destruct (fl_between (a - ra) sign) as [least most].
    rewrite !Rmax_left by auto using fl_not_negative. now rewrite pow_1.
  - pose proof (fl_close (a - ra)) as close.
    rewrite (Rabs_left (a - ra)) in close by assumption. apply Rabs_le_inv in close.
    unfold u in close. rewrite !Rmax_right by lra. lra.
Qed.

Lemma root_covered (a ra : R) : 0 <= ra -> covers 6 (error_of_root a ra) (ball_root a ra).
Proof.
  intros ra_pos. unfold error_of_root, ball_root.
  assert (by_root : covers 1 (sqrt ra) (fl (sqrt ra))) by (apply covers_root; operands).
  pose proof (covers_weaken 1 5 _ _ by_root) as above.
  case Rlt_bool_spec; intros sign; [| split; [apply sqrt_pos | exact above]].
  set (divisor := sqrt a + sqrt (Rmax (a - ra) 0)).
  set (divisor' := fl (fl (sqrt a) + fl (sqrt (Rmax (fl (a - ra)) 0)))).
  set (least' := sqrt (Rmax (fl (a - ra)) 0)) in divisor'.
  pose proof (sqrt_lt_R0 a sign) as root_pos.
  assert (least_pos : 0 <= least') by apply sqrt_pos.
  assert (positive : 0 < divisor').
  { pose proof (fl_positive _ root_pos). pose proof (fl_not_negative _ least_pos).
    apply fl_positive. lra. }
  assert (below : covers 3 divisor' divisor).
  { destruct (fl_between (sqrt a)) as [_ first]; [lra |].
    destruct (fl_covers 1 (sqrt (Rmax (a - ra) 0)) least' least_pos) as [_ second].
    { apply root_covers, least_covers. }
    pose proof (fl_positive _ root_pos). pose proof (fl_not_negative _ least_pos).
    pose proof kept_between.
    apply fl_covers; [lra |]. split; [lra |].
    simpl in second |- *. unfold divisor. nra. }
  assert (quotient : covers 4 (ra / divisor) (fl (ra / divisor'))).
  { apply (covers_quotient 0 3); operands. }
  apply (covers_weaken 4 2) in quotient as above_quotient. destruct quotient as [quotient_pos _].
  pose proof (kept_power_between 6).
  split; [apply Rmin_glb; [apply sqrt_pos | assumption] |].
  apply Rmin_glb.
  - apply Rle_trans with (2 := above), Rmult_le_compat_l; [simpl; lra | apply Rmin_l].
  - apply Rle_trans with (2 := above_quotient), Rmult_le_compat_l; [simpl; lra | apply Rmin_r].
Qed.

Lemma decay_covered (w rw v rv : R) :
  0 <= rw -> 0 <= rv -> covers 5 (error_of_decay w rw v rv) (ball_decay w rw v rv).
Proof.
  intros rw_pos rv_pos.
  assert (covers 1 (Rabs (1 - w)) (Rabs (fl (1 - w)))).
  { split; [apply Rabs_pos |].
    pose proof (fl_close (1 - w)) as close.
    pose proof (Rabs_triang_inv (1 - w) (1 - w - fl (1 - w))) as triangle.
    replace (1 - w - (1 - w - fl (1 - w))) with (fl (1 - w)) in triangle by ring.
    rewrite (Rabs_minus_sym (1 - w)) in triangle. rewrite pow_1. unfold kept. lra. }
  apply (covers_sum 2 2); [apply (covers_product 1 0) | apply (covers_product 0 1)]; operands.
  apply (covers_sum 0 0); operands.
Qed.

(* One operation of Ball. *)

Lemma ball_sum_covers (ra rb half : R) :
  0 <= ra -> 0 <= rb -> 0 <= half ->
  (1 + surplus) * (ra + rb + half) <= ball_radius (fl (ra + rb)) half.
Proof.
  intros. apply (ball_radius_covers 1); [lia | apply (covers_sum 0 0); operands | assumption].
Qed.

Lemma ball_product_covers (a ra b rb half : R) :
  0 <= ra -> 0 <= rb -> 0 <= half ->
  (1 + surplus) * (error_of_product a ra b rb + half) <=
  ball_radius (ball_product a ra b rb) half.
Proof.
  intros. apply (ball_radius_covers 5); [lia | now apply product_covered | assumption].
Qed.

Lemma ball_quotient_covers (a ra b rb half : R) :
  0 <= ra -> 0 <= rb -> rb < Rabs b -> 0 <= half ->
  (1 + surplus) * (error_of_quotient a ra b rb + half) <=
  ball_radius (ball_quotient a ra b rb) half.
Proof.
  intros. apply (ball_radius_covers 6); [lia | now apply quotient_covered | assumption].
Qed.

Lemma ball_root_covers (a ra half : R) :
  0 <= ra -> 0 <= half ->
  (1 + surplus) * (error_of_root a ra + half) <= ball_radius (ball_root a ra) half.
Proof.
  intros. apply (ball_radius_covers 6); [lia | now apply root_covered | assumption].
Qed.

Lemma ball_fused_covers (a ra b rb rc half : R) :
  0 <= ra -> 0 <= rb -> 0 <= rc -> 0 <= half ->
  (1 + surplus) * (error_of_product a ra b rb + rc + half) <=
  ball_radius (fl (ball_product a ra b rb + rc)) half.
Proof.
  intros. apply (ball_radius_covers 6); [lia | | assumption].
  apply (covers_sum 5 0); [now apply product_covered | operands].
Qed.

Lemma ball_decay_covers (w rw v rv half : R) :
  0 <= rw -> 0 <= rv -> 0 <= half ->
  (1 + surplus) * (error_of_decay w rw v rv + half) <= ball_radius (ball_decay w rw v rv) half.
Proof.
  intros. apply (ball_radius_covers 5); [lia | now apply decay_covered | assumption].
Qed.

(* A whole expression: T's format and rounding are those of RunningError.v. *)

Variable fexp : Z -> Z.
Context { valid : Valid_exp fexp } { monotone : Monotone_exp fexp }.
Variable choice : Z -> bool.

Notation rnd := (round radix2 fexp (Znearest choice)).
Notation half_ulp_unless := (half_ulp_unless fexp).

Fixpoint ball (f d : environment) (e : expression) : R :=
  let value := rounded rnd f in
  let r := ball f d in
  let zero a := exactly_zero (value a) (r a) in
  match e with
  | Var x => d x
  | Neg a => r a
  | Add a b | Sub a b =>
      ball_radius (fl (r a + r b)) (half_ulp_unless (zero a || zero b) (value e))
  | Mul a b =>
      ball_radius (ball_product (value a) (r a) (value b) (r b))
        (half_ulp_unless (zero a || zero b) (value e))
  | Div a b =>
      ball_radius (ball_quotient (value a) (r a) (value b) (r b))
        (half_ulp_unless (zero a) (value e))
  | Sqrt a => ball_radius (ball_root (value a) (r a)) (half_ulp_unless (zero a) (value e))
  | Fma a b c =>
      ball_radius (fl (ball_product (value a) (r a) (value b) (r b) + r c))
        (half_ulp_unless (zero a || zero b) (value e))
  | Decay w v =>
      ball_radius (ball_decay (value w) (r w) (value v) (r v))
        (half_ulp_unless (zero w || zero v) (value e))
  | Max a b => Rmax (r a) (r b)
  | AtLeast0 x => r x
  | IfPositive x v => if Rlt_dec 0 (value x) then r v else 0
  end.

(* That rounds; of a selection, in all that it chooses from. *)
Fixpoint has_operation (e : expression) : Prop :=
  match e with
  | Var _ => False
  | Neg a | AtLeast0 a | IfPositive _ a => has_operation a
  | Max a b => has_operation a /\ has_operation b
  | _ => True
  end.

Lemma with_surplus (distance error r : R) (P : Prop) :
  0 <= distance -> distance <= error -> (1 + surplus) * error <= r ->
  distance <= r /\ (P -> (1 + surplus) * distance <= r).
Proof. unfold surplus. intros. split; intros; lra. Qed.

Lemma larger_with_surplus (a A ra b B rb : R) :
  (1 + surplus) * Rabs (a - A) <= ra -> (1 + surplus) * Rabs (b - B) <= rb ->
  (1 + surplus) * Rabs (Rmax a b - Rmax A B) <= Rmax ra rb.
Proof.
  intros close_a close_b. assert (surplus_pos : 0 < 1 + surplus) by (unfold surplus; lra).
  eapply Rle_trans.
  - apply Rmult_le_compat_l; [lra |]. apply larger_within; apply Rle_refl.
  - rewrite <- RmaxRmult by lra. apply Rmax_lub.
    + now apply Rle_trans with (2 := Rmax_l ra rb).
    + now apply Rle_trans with (2 := Rmax_r ra rb).
Qed.

Ltac operation within covers :=
  eapply with_surplus;
  [apply Rabs_pos | apply within; eauto | apply covers; eauto using half_ulp_pos].

Theorem ball_sound (f d env : environment) :
  (forall x, generic_format radix2 fexp (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  forall e, side_conditions fexp choice f env (ball f d) e ->
  Rabs (rounded rnd f e - exact env e) <= ball f d e /\
  (has_operation e -> (1 + surplus) * Rabs (rounded rnd f e - exact env e) <= ball f d e).
Proof.
  intros format_f close e.
  pose proof (rounded_format fexp choice f format_f) as formats.
  assert (radius_pos : forall a x X, Rabs (x - X) <= ball f d a -> 0 <= ball f d a).
  { intros a x X near. pose proof (Rabs_pos (x - X)). lra. }
  induction e; intros conditions; simpl in conditions |- *.
  - split; [apply close | contradiction].
  - replace (- rounded rnd f e - - exact env e) with (- (rounded rnd f e - exact env e)) by ring.
    rewrite Rabs_Ropp. auto.
  - destruct conditions as [[close1 _] % IHe1 [close2 _] % IHe2].
    operation sum_within ball_sum_covers.
  - destruct conditions as [[close1 _] % IHe1 [close2 _] % IHe2].
    operation difference_within ball_sum_covers.
  - destruct conditions as [[close1 _] % IHe1 [close2 _] % IHe2].
    operation product_within ball_product_covers.
  - destruct conditions as ([close1 _] % IHe1 & [close2 _] % IHe2 & apart).
    operation quotient_within ball_quotient_covers.
  - destruct conditions as ([close1 _] % IHe & value_pos & exact_pos).
    operation root_within ball_root_covers.
  - destruct conditions as ([close1 _] % IHe1 & [close2 _] % IHe2 & [close3 _] % IHe3).
    operation fused_within ball_fused_covers.
  - destruct conditions as [[close1 _] % IHe1 [close2 _] % IHe2].
    operation decay_within ball_decay_covers.
  - destruct conditions as [[close1 surplus1] % IHe1 [close2 surplus2] % IHe2].
    split; [now apply larger_within |]. intros [operation1 operation2].
    apply larger_with_surplus; auto.
  - destruct (IHe conditions) as [close1 surplus1].
    split; [now apply at_least_zero_within |]. intros operation1.
    assert (surplus_pos : 0 < 1 + surplus) by (unfold surplus; lra).
    rewrite <- (Rmax_left (ball f d e) 0) by eauto.
    apply larger_with_surplus; auto.
    rewrite Rminus_diag_eq, Rabs_R0, Rmult_0_r by reflexivity. apply Rle_refl.
  - destruct conditions as ([close1 _] % IHe1 & certain & holds_v).
    pose proof (sign_known _ _ _ close1 certain).
    destruct Rlt_dec, Rlt_dec; try tauto.
    rewrite Rminus_diag_eq, Rabs_R0, Rmult_0_r by reflexivity. split; intros; apply Rle_refl.
Qed.

End Computed.

Lemma close_in_W (p : Z) (choice : Z -> bool) (x : R) :
  (53 <= p)%Z -> Rabs (round radix2 (FLX_exp p) (Znearest choice) x - x) <= u * Rabs x.
Proof.
  intros precision. eapply Rle_trans; [apply relative_error_N_FLX; lia |].
  apply Rmult_le_compat_r; [apply Rabs_pos |].
  apply Rle_trans with (/ 2 * bpow radix2 (-52)); [| unfold u; simpl; lra].
  apply Rmult_le_compat_l; [lra | apply bpow_le; lia].
Qed.

Theorem ball_sound_in_W (p : Z) (choice_W : Z -> bool) (fexp : Z -> Z) (choice : Z -> bool)
    (f d env : environment) :
  (53 <= p)%Z -> Valid_exp fexp -> Monotone_exp fexp ->
  (forall x, generic_format radix2 fexp (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  let r := ball (round radix2 (FLX_exp p) (Znearest choice_W)) fexp choice f d in
  forall e, side_conditions fexp choice f env r e ->
  Rabs (rounded (round radix2 fexp (Znearest choice)) f e - exact env e) <= r e.
Proof.
  intros precision valid monotone format_f close r e conditions.
  eapply proj1, ball_sound; eauto using close_in_W.
Qed.
