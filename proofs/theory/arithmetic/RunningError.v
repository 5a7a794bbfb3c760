(* SPDX-License-Identifier: Apache-2.0 *)
(* Running-error analysis: every rounded value carries a radius, made of rounded values alone,
   within which the exact value lies (Wilkinson 1986; Higham, Accuracy and Stability of Numerical
   Algorithms, section 3.3).

   The radii are those of proofs/numbers/ball.hpp, operation by operation; BallArithmetic.v shows
   that they survive being computed in floating point themselves.

   Setting: a format with unbounded exponents above and any underflow whose spacing grows with the
   magnitude (gradual underflow included); round to nearest with any rule for ties. Overflow is
   excluded: where an operation overflows, ball.hpp makes the radius infinite and claims nothing.

   Results:
   - [sum_within], [difference_within], [product_within], [quotient_within], [root_within],
     [fused_within], [decay_within]: if each operand is a number of the format within its radius of
     an exact one, the rounded result lies within the operation's radius of the exact result. A
     quotient needs a divisor larger than its radius; a root needs a rounded and an exact radicand
     that are not negative.
   - [larger_within]: a selection rounds nothing; the larger of two numbers, or of one and 0, moves
     by no more than the one that moves more.
   - [sign_known]: where a number is larger than its radius, or exactly zero, the exact one has its
     sign, and a selection by sign chooses alike.
   - [radius_sound]: if every variable is a number of the format within its radius, and the side
     conditions hold at every quotient and root, a rounded expression lies within its radius of its
     exact value. All side conditions but that on exact radicands are about computed numbers.
   - [radius_sound_binary32], [radius_sound_binary64], [radius_sound_fp16],
     [radius_sound_bfloat16]: the same in four formats, ties to even.

   An operation with an operand that is exactly zero (value 0, radius 0) is exact, and adds no half
   unit in the last place. *)

From Coq Require Import Reals Psatz Bool.
From Flocq Require Import Core.
From Truestep Require Import Expression.
Open Scope R_scope.

(* What the radii ra of a and rb of b alone make of the error of an operation. *)

Definition error_of_product (a ra b rb : R) : R := Rabs a * rb + Rabs b * ra + ra * rb.

Definition error_of_quotient (a ra b rb : R) : R :=
  (Rabs a * rb + Rabs b * ra) / (Rabs b * (Rabs b - rb)).

Definition error_of_root (a ra : R) : R :=
  if Rlt_bool 0 a
  then Rmin (sqrt ra) (ra / (sqrt a + sqrt (Rmax (a - ra) 0)))
  else sqrt ra.

Definition error_of_decay (w rw v rv : R) : R := Rabs (1 - w) * rv + rw * (Rabs v + rv).

Definition exactly_zero (x r : R) : bool := Req_bool x 0 && Req_bool r 0.

Lemma value_of_zero (x r : R) : exactly_zero x r = true -> x = 0.
Proof. unfold exactly_zero. now case Req_bool_spec. Qed.

(* The triangle inequality in the form that every operation uses. *)
Lemma errors_add (x X y Y rx ry : R) :
  Rabs (x - X) <= rx -> Rabs (y - Y) <= ry -> Rabs (x + y - (X + Y)) <= rx + ry.
Proof.
  intros close_x close_y.
  replace (x + y - (X + Y)) with ((x - X) + (y - Y)) by ring.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(* a b - A B = a (b - B) + b (a - A) - (a - A) (b - B). *)
Lemma error_of_product_bounds (a A ra b B rb : R) :
  Rabs (a - A) <= ra -> Rabs (b - B) <= rb ->
  Rabs (a * b - A * B) <= error_of_product a ra b rb.
Proof.
  intros close_a close_b. unfold error_of_product.
  replace (a * b - A * B) with (a * (b - B) + b * (a - A) + - ((a - A) * (b - B))) by ring.
  pose proof (Rabs_pos (a - A)). pose proof (Rabs_pos (b - B)).
  eapply Rle_trans; [apply Rabs_triang | apply Rplus_le_compat].
  - eapply Rle_trans; [apply Rabs_triang |].
    rewrite !Rabs_mult.
    apply Rplus_le_compat; apply Rmult_le_compat_l; auto using Rabs_pos.
  - rewrite Rabs_Ropp, Rabs_mult. now apply Rmult_le_compat.
Qed.

(* a / b - A / B = (a (B - b) + b (a - A)) / (b B), and |B| >= |b| - rb. *)
Lemma error_of_quotient_bounds (a A ra b B rb : R) :
  Rabs (a - A) <= ra -> Rabs (b - B) <= rb -> rb < Rabs b ->
  Rabs (a / b - A / B) <= error_of_quotient a ra b rb.
Proof.
  intros close_a close_b apart. unfold error_of_quotient.
  pose proof (Rabs_pos (a - A)). pose proof (Rabs_pos (b - B)).
  assert (least : Rabs b - rb <= Rabs B).
  { pose proof (Rabs_triang_inv b (b - B)) as triangle.
    replace (b - (b - B)) with B in triangle by ring. lra. }
  assert (b <> 0) by (intros ->; rewrite Rabs_R0 in apart; lra).
  assert (B <> 0) by (intros ->; rewrite Rabs_R0 in least; lra).
  replace (a / b - A / B) with ((a * (B - b) + b * (a - A)) / (b * B)) by now field.
  unfold Rdiv. rewrite Rabs_mult, Rabs_inv, Rabs_mult.
  apply Rmult_le_compat; auto using Rabs_pos.
  - apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; lra.
  - eapply Rle_trans; [apply Rabs_triang |].
    rewrite !Rabs_mult, (Rabs_minus_sym B b).
    apply Rplus_le_compat; apply Rmult_le_compat_l; auto using Rabs_pos.
  - apply Rinv_le.
    + apply Rmult_lt_0_compat; lra.
    + apply Rmult_le_compat_l; lra.
Qed.

(* (sqrt a - sqrt A) (sqrt a + sqrt A) = a - A, where sqrt a + sqrt A >= |sqrt a - sqrt A|, and
   A >= max (a - ra) 0. *)
Lemma error_of_root_bounds (a A ra : R) :
  0 <= a -> 0 <= A -> Rabs (a - A) <= ra ->
  Rabs (sqrt a - sqrt A) <= error_of_root a ra.
Proof.
  intros a_pos A_pos close.
  pose proof (Rabs_pos (a - A)). pose proof (sqrt_pos a). pose proof (sqrt_pos A).
  pose proof (sqrt_sqrt a a_pos). pose proof (sqrt_sqrt A A_pos).
  set (gap := Rabs (sqrt a - sqrt A)).
  assert (product : gap * (sqrt a + sqrt A) <= ra).
  { apply Rle_trans with (2 := close).
    rewrite <- (Rabs_pos_eq (sqrt a + sqrt A)) by lra.
    unfold gap. rewrite <- Rabs_mult. right. f_equal. lra. }
  assert (gap_pos : 0 <= gap) by apply Rabs_pos.
  assert (by_root : gap <= sqrt ra).
  { apply Rsqr_incr_0_var; [unfold Rsqr | apply sqrt_pos].
    rewrite sqrt_sqrt by lra. apply Rle_trans with (2 := product).
    apply Rmult_le_compat_l; [assumption |].
    unfold gap, Rabs. destruct Rcase_abs; lra. }
  unfold error_of_root. case Rlt_bool_spec; intros a_sign; [| assumption].
  apply Rmin_glb; [assumption |].
  pose proof (sqrt_lt_R0 a a_sign). pose proof (sqrt_pos (Rmax (a - ra) 0)).
  assert (sqrt (Rmax (a - ra) 0) <= sqrt A).
  { apply sqrt_le_1_alt, Rmax_lub; [apply Rabs_le_inv in close; lra | assumption]. }
  apply Rmult_le_reg_r with (sqrt a + sqrt (Rmax (a - ra) 0)); [lra |].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply Rle_trans with (2 := product). apply Rmult_le_compat_l; lra.
Qed.

(* (1 - w) v - (1 - W) V = (1 - w) (v - V) + (W - w) V, and |V| <= |v| + rv. *)
Lemma error_of_decay_bounds (w W rw v V rv : R) :
  Rabs (w - W) <= rw -> Rabs (v - V) <= rv ->
  Rabs ((1 - w) * v - (1 - W) * V) <= error_of_decay w rw v rv.
Proof.
  intros close_w close_v. unfold error_of_decay.
  replace ((1 - w) * v - (1 - W) * V) with ((1 - w) * (v - V) + (W - w) * V) by ring.
  eapply Rle_trans; [apply Rabs_triang |]. rewrite !Rabs_mult.
  apply Rplus_le_compat; apply Rmult_le_compat; auto using Rabs_pos, Rle_refl.
  - now rewrite Rabs_minus_sym.
  - pose proof (Rabs_triang_inv V v) as triangle.
    rewrite (Rabs_minus_sym V v) in triangle. lra.
Qed.

(* Selections. *)

Lemma larger_within (a A ra b B rb : R) :
  Rabs (a - A) <= ra -> Rabs (b - B) <= rb -> Rabs (Rmax a b - Rmax A B) <= Rmax ra rb.
Proof.
  intros close_a % Rabs_le_inv close_b % Rabs_le_inv. apply Rabs_le.
  unfold Rmax. repeat destruct Rle_dec; lra.
Qed.

Lemma at_least_zero_within (a A ra : R) :
  Rabs (a - A) <= ra -> Rabs (Rmax a 0 - Rmax A 0) <= ra.
Proof.
  intros close. pose proof (Rabs_pos (a - A)).
  rewrite <- (Rmax_left ra 0) by lra. apply larger_within; [assumption |].
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply Rle_refl.
Qed.

Definition sign_certain (x r : R) : Prop := r < Rabs x \/ exactly_zero x r = true.

Lemma sign_known (x X r : R) :
  Rabs (x - X) <= r -> sign_certain x r -> (0 < x <-> 0 < X).
Proof.
  intros close [apart | zero].
  - apply Rabs_le_inv in close. revert apart. unfold Rabs. destruct Rcase_abs; split; lra.
  - revert zero. unfold exactly_zero.
    case Req_bool_spec; intros x_zero; [| discriminate].
    case Req_bool_spec; intros r_zero; [| discriminate]. intros _.
    subst. apply Rabs_le_inv in close. split; lra.
Qed.

Section Format.

Variable fexp : Z -> Z.
Context { valid : Valid_exp fexp } { monotone : Monotone_exp fexp }.
Variable choice : Z -> bool.

Notation rnd := (round radix2 fexp (Znearest choice)).
Notation format := (generic_format radix2 fexp).

(* Half a unit in the last place of the result z, unless the operation is exact. *)
Definition half_ulp_unless (exact : bool) (z : R) : R :=
  if exact then 0 else / 2 * ulp radix2 fexp z.

Lemma half_ulp_pos (exact : bool) (z : R) : 0 <= half_ulp_unless exact z.
Proof. destruct exact; simpl; pose proof (ulp_ge_0 radix2 fexp z); lra. Qed.

Lemma rounding_within (exact : bool) (x X error : R) :
  (exact = true -> format x) -> Rabs (x - X) <= error ->
  Rabs (rnd x - X) <= error + half_ulp_unless exact (rnd x).
Proof.
  intros format_x close.
  assert (Rabs (rnd x - x) <= half_ulp_unless exact (rnd x)).
  { destruct exact; simpl.
    - rewrite round_generic by (auto with typeclass_instances).
      rewrite Rminus_diag_eq, Rabs_R0; auto with real.
    - now apply error_le_half_ulp_round. }
  replace (rnd x - X) with ((x - X) + (rnd x - x)) by ring.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.

(* One operation. *)

Lemma sum_within (a A ra b B rb : R) :
  format a -> format b -> Rabs (a - A) <= ra -> Rabs (b - B) <= rb ->
  Rabs (rnd (a + b) - (A + B)) <=
  ra + rb + half_ulp_unless (exactly_zero a ra || exactly_zero b rb) (rnd (a + b)).
Proof.
  intros format_a format_b close_a close_b.
  apply rounding_within; [| now apply errors_add].
  intros [zero | zero] % orb_prop; apply value_of_zero in zero; subst.
  - now rewrite Rplus_0_l.
  - now rewrite Rplus_0_r.
Qed.

Lemma difference_within (a A ra b B rb : R) :
  format a -> format b -> Rabs (a - A) <= ra -> Rabs (b - B) <= rb ->
  Rabs (rnd (a - b) - (A - B)) <=
  ra + rb + half_ulp_unless (exactly_zero a ra || exactly_zero b rb) (rnd (a - b)).
Proof.
  intros format_a format_b close_a close_b.
  apply rounding_within.
  - intros [zero | zero] % orb_prop; apply value_of_zero in zero; subst.
    + rewrite Rminus_0_l. now apply generic_format_opp.
    + now rewrite Rminus_0_r.
  - apply errors_add; [assumption |].
    replace (- b - - B) with (- (b - B)) by ring. now rewrite Rabs_Ropp.
Qed.

Lemma product_within (a A ra b B rb : R) :
  Rabs (a - A) <= ra -> Rabs (b - B) <= rb ->
  Rabs (rnd (a * b) - A * B) <=
  error_of_product a ra b rb +
  half_ulp_unless (exactly_zero a ra || exactly_zero b rb) (rnd (a * b)).
Proof.
  intros close_a close_b.
  apply rounding_within; [| now apply error_of_product_bounds].
  intros [zero | zero] % orb_prop; apply value_of_zero in zero; subst;
    rewrite ?Rmult_0_l, ?Rmult_0_r; apply generic_format_0.
Qed.

Lemma quotient_within (a A ra b B rb : R) :
  Rabs (a - A) <= ra -> Rabs (b - B) <= rb -> rb < Rabs b ->
  Rabs (rnd (a / b) - A / B) <=
  error_of_quotient a ra b rb + half_ulp_unless (exactly_zero a ra) (rnd (a / b)).
Proof.
  intros close_a close_b apart.
  apply rounding_within; [| now apply error_of_quotient_bounds].
  intros zero % value_of_zero. subst. unfold Rdiv. rewrite Rmult_0_l. apply generic_format_0.
Qed.

Lemma root_within (a A ra : R) :
  0 <= a -> 0 <= A -> Rabs (a - A) <= ra ->
  Rabs (rnd (sqrt a) - sqrt A) <=
  error_of_root a ra + half_ulp_unless (exactly_zero a ra) (rnd (sqrt a)).
Proof.
  intros a_pos A_pos close.
  apply rounding_within; [| now apply error_of_root_bounds].
  intros zero % value_of_zero. subst. rewrite sqrt_0. apply generic_format_0.
Qed.

Lemma fused_within (a A ra b B rb c C rc : R) :
  format c -> Rabs (a - A) <= ra -> Rabs (b - B) <= rb -> Rabs (c - C) <= rc ->
  Rabs (rnd (a * b + c) - (A * B + C)) <=
  error_of_product a ra b rb + rc +
  half_ulp_unless (exactly_zero a ra || exactly_zero b rb) (rnd (a * b + c)).
Proof.
  intros format_c close_a close_b close_c.
  apply rounding_within; [| apply errors_add; [now apply error_of_product_bounds | assumption]].
  intros [zero | zero] % orb_prop; apply value_of_zero in zero; subst;
    now rewrite ?Rmult_0_l, ?Rmult_0_r, Rplus_0_l.
Qed.

Lemma decay_within (w W rw v V rv : R) :
  format v -> Rabs (w - W) <= rw -> Rabs (v - V) <= rv ->
  Rabs (rnd ((1 - w) * v) - (1 - W) * V) <=
  error_of_decay w rw v rv +
  half_ulp_unless (exactly_zero w rw || exactly_zero v rv) (rnd ((1 - w) * v)).
Proof.
  intros format_v close_w close_v.
  apply rounding_within; [| now apply error_of_decay_bounds].
  intros [zero | zero] % orb_prop; apply value_of_zero in zero; subst.
  - now rewrite Rminus_0_r, Rmult_1_l.
  - rewrite Rmult_0_r. apply generic_format_0.
Qed.

(* A whole expression, at the rounded values f and the radii d of its variables. *)

Fixpoint radius (f d : environment) (e : expression) : R :=
  let value := rounded rnd f in
  let r := radius f d in
  let zero a := exactly_zero (value a) (r a) in
  match e with
  | Var x => d x
  | Neg a => r a
  | Add a b | Sub a b => r a + r b + half_ulp_unless (zero a || zero b) (value e)
  | Mul a b =>
      error_of_product (value a) (r a) (value b) (r b)
      + half_ulp_unless (zero a || zero b) (value e)
  | Div a b =>
      error_of_quotient (value a) (r a) (value b) (r b) + half_ulp_unless (zero a) (value e)
  | Sqrt a => error_of_root (value a) (r a) + half_ulp_unless (zero a) (value e)
  | Fma a b c =>
      error_of_product (value a) (r a) (value b) (r b) + r c
      + half_ulp_unless (zero a || zero b) (value e)
  | Decay w v =>
      error_of_decay (value w) (r w) (value v) (r v)
      + half_ulp_unless (zero w || zero v) (value e)
  | Max a b => Rmax (r a) (r b)
  | AtLeast0 x => r x
  | IfPositive x v => if Rlt_dec 0 (value x) then r v else 0
  end.

(* Divisors are larger than their radius r, radicands not negative, and signs that choose certain: of
   the exact values, at the exact variables env, only the radicands matter. What is not chosen may be
   anything. *)
Fixpoint side_conditions (f env : environment) (r : expression -> R) (e : expression) : Prop :=
  let holds := side_conditions f env r in
  match e with
  | Var _ => True
  | Neg a => holds a
  | Add a b | Sub a b | Mul a b | Decay a b => holds a /\ holds b
  | Div a b => holds a /\ holds b /\ r b < Rabs (rounded rnd f b)
  | Sqrt a => holds a /\ 0 <= rounded rnd f a /\ 0 <= exact env a
  | Fma a b c => holds a /\ holds b /\ holds c
  | Max a b => holds a /\ holds b
  | AtLeast0 x => holds x
  | IfPositive x v =>
      holds x /\ sign_certain (rounded rnd f x) (r x) /\ (0 < rounded rnd f x -> holds v)
  end.

Lemma rounded_format (f : environment) :
  (forall x, format (f x)) -> forall e, format (rounded rnd f e).
Proof.
  intros format_f e.
  induction e; simpl; auto using generic_format_opp, generic_format_0;
    try (apply generic_format_round; auto with typeclass_instances).
  - now apply Rmax_case.
  - apply Rmax_case; [assumption | apply generic_format_0].
  - destruct Rlt_dec; [assumption | apply generic_format_0].
Qed.

Theorem radius_sound (f d env : environment) :
  (forall x, format (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  forall e, side_conditions f env (radius f d) e ->
  Rabs (rounded rnd f e - exact env e) <= radius f d e.
Proof.
  intros format_f close e.
  pose proof (rounded_format f format_f) as formats.
  induction e; intros conditions; simpl in conditions |- *.
  - apply close.
  - replace (- rounded rnd f e - - exact env e) with (- (rounded rnd f e - exact env e)) by ring.
    rewrite Rabs_Ropp. auto.
  - apply sum_within; auto; tauto.
  - apply difference_within; auto; tauto.
  - apply product_within; tauto.
  - apply quotient_within; tauto.
  - apply root_within; tauto.
  - apply fused_within; auto; tauto.
  - apply decay_within; auto; tauto.
  - apply larger_within; tauto.
  - apply at_least_zero_within; tauto.
  - destruct conditions as (holds_x & certain & holds_v).
    pose proof (sign_known _ _ _ (IHe1 holds_x) certain).
    destruct Rlt_dec, Rlt_dec; try tauto.
    rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply Rle_refl.
Qed.

End Format.

(* Four formats: the exponent of the smallest subnormal number, and the precision. *)

Definition binary32 : Z -> Z := FLT_exp (-149) 24.
Definition binary64 : Z -> Z := FLT_exp (-1074) 53.
Definition fp16 : Z -> Z := FLT_exp (-24) 11.
Definition bfloat16 : Z -> Z := FLT_exp (-133) 8.

Definition ties_to_even (z : Z) : bool := negb (Z.even z).

Definition sound_in (fexp : Z -> Z) : Prop :=
  forall f d env : environment,
  (forall x, generic_format radix2 fexp (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  forall e, side_conditions fexp ties_to_even f env (radius fexp ties_to_even f d) e ->
  Rabs (rounded (round radix2 fexp (Znearest ties_to_even)) f e - exact env e)
  <= radius fexp ties_to_even f d e.

Lemma sound_with_gradual_underflow (emin prec : Z) : (0 < prec)%Z -> sound_in (FLT_exp emin prec).
Proof.
  intros positive f d env. change (Prec_gt_0 prec) in positive.
  apply radius_sound; auto with typeclass_instances.
Qed.

Corollary radius_sound_binary32 : sound_in binary32.
Proof. now apply sound_with_gradual_underflow. Qed.

Corollary radius_sound_binary64 : sound_in binary64.
Proof. now apply sound_with_gradual_underflow. Qed.

Corollary radius_sound_fp16 : sound_in fp16.
Proof. now apply sound_with_gradual_underflow. Qed.

Corollary radius_sound_bfloat16 : sound_in bfloat16.
Proof. now apply sound_with_gradual_underflow. Qed.
