(* SPDX-License-Identifier: Apache-2.0 *)
(* From rounding with unbounded exponents to a machine's numbers.

   Results, for a format of p bits and exponents below emax (binary32: 24 and 128):
   - [ieee_value]: if every value that IEEE 754 arithmetic computes for an expression is finite,
     then it is the value of [rounded] under round-to-nearest-even with gradual underflow;
   - [rounded_without_underflow]: if no exact argument of a product, quotient, root or fused sum is
     below the smallest normal number, 0 excepted, then rounding with unbounded exponents gives the
     same value; sums and differences need no such condition;
   - [relative_error_of_format]: rounding has relative error u at such arguments;
   - [constant_in_ieee_arithmetic]: under both conditions a constant that was proved for every
     rounding of relative error u ([one_step_error]) bounds what the machine computes;
   - [binary32_constant], [binary64_constant], [fp16_constant], [bfloat16_constant]: so do the
     constants of generated/Bounds.v. *)

Require Import Reals ZArith QArith Qreals String Psatz.
From Flocq Require Import Core Relative Plus_error IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs.
Open Scope R_scope.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Notation format := (generic_format radix2 (FLT_exp emin p)).
Notation near := (round radix2 (FLT_exp emin p) ZnearestE).
Notation near_unbounded := (round radix2 (FLX_exp p) ZnearestE).

(* Underflow. *)

Definition normal_or_zero (x : R) : Prop := x = 0 \/ bpow radix2 (emin + p - 1) <= Rabs x.

Fixpoint no_underflow (f : environment) (e : expression) : Prop :=
  let value := rounded near f in
  match e with
  | Var _ => True
  | Neg a => no_underflow f a
  | Add a b | Sub a b => no_underflow f a /\ no_underflow f b
  | Mul a b => no_underflow f a /\ no_underflow f b /\ normal_or_zero (value a * value b)
  | Div a b => no_underflow f a /\ no_underflow f b /\ normal_or_zero (value a / value b)
  | Sqrt a => no_underflow f a /\ normal_or_zero (sqrt (value a))
  | Fma a b c =>
      no_underflow f a /\ no_underflow f b /\ no_underflow f c
      /\ normal_or_zero (value a * value b + value c)
  | Decay w v =>
      no_underflow f w /\ no_underflow f v /\ normal_or_zero ((1 - value w) * value v)
  | Max a b => no_underflow f a /\ no_underflow f b
  | AtLeast0 x => no_underflow f x
  | IfPositive x v => no_underflow f x /\ (0 < value x -> no_underflow f v)
  end.

Lemma near_normal x : normal_or_zero x -> near x = near_unbounded x.
Proof. intros [-> | H]; [now rewrite !round_0 by apply valid_rnd_N | now apply round_FLT_FLX]. Qed.

Lemma near_sum x y : format x -> format y -> near (x + y) = near_unbounded (x + y).
Proof.
  intros Fx Fy.
  destruct (Rle_or_lt (bpow radix2 (emin + p - 1)) (Rabs (x + y))) as [H | H].
  - now apply round_FLT_FLX.
  - assert (F : format (x + y)).
    { apply FLT_format_plus_small; auto. apply Rlt_le, Rlt_le_trans with (1 := H).
      apply bpow_le. lia. }
    rewrite !round_generic; auto using valid_rnd_N. eapply generic_format_FLX_FLT, F.
Qed.

Lemma rounded_in_format f : (forall x, format (f x)) -> forall e, format (rounded near f e).
Proof.
  intros F e.
  induction e; simpl; try (apply generic_format_round; auto with typeclass_instances).
  - apply F.
  - now apply generic_format_opp.
  - now apply Rmax_case.
  - apply Rmax_case; [easy | apply generic_format_0].
  - destruct Rlt_dec; [easy | apply generic_format_0].
Qed.

Theorem rounded_without_underflow f e :
  (forall x, format (f x)) -> no_underflow f e ->
  rounded near f e = rounded near_unbounded f e.
Proof.
  intros F. assert (G := rounded_in_format f F).
  induction e; simpl; intros N; repeat match goal with H : _ /\ _ |- _ => destruct H end;
    rewrite <- ?IHe, <- ?IHe1, <- ?IHe2, <- ?IHe3 by auto; auto using near_normal, near_sum.
  - unfold Rminus. apply near_sum; auto using generic_format_opp.
  - destruct Rlt_dec; auto.
Qed.

Lemma unbounded_relative_error x :
  Rabs (near_unbounded x - x) <= bpow radix2 (- p) * Rabs x.
Proof.
  replace (bpow radix2 (- p)) with (/ 2 * bpow radix2 (- p + 1))
    by (rewrite bpow_plus; change (bpow radix2 1) with 2; lra).
  now apply relative_error_N_FLX.
Qed.

Theorem relative_error_of_format x :
  normal_or_zero x \/ (exists y z, format y /\ format z /\ x = y + z) ->
  Rabs (near x - x) <= bpow radix2 (- p) * Rabs x.
Proof.
  intros [N | (y & z & Fy & Fz & ->)].
  - rewrite near_normal by easy. apply unbounded_relative_error.
  - rewrite near_sum by easy. apply unbounded_relative_error.
Qed.

(* IEEE 754 arithmetic, as Flocq specifies it. *)

Notation number := (binary_float p emax).

Definition zero : number := B754_zero false.

Fixpoint ieee (f : string -> number) (e : expression) : number :=
  let value := ieee f in
  match e with
  | Var x => f x
  | Neg a => Bopp (value a)
  | Add a b => Bplus mode_NE (value a) (value b)
  | Sub a b => Bminus mode_NE (value a) (value b)
  | Mul a b => Bmult mode_NE (value a) (value b)
  | Div a b => Bdiv mode_NE (value a) (value b)
  | Sqrt a => Bsqrt mode_NE (value a)
  | Fma a b c => Bfma mode_NE (value a) (value b) (value c)
  | Decay w v => Bfma mode_NE (Bopp (value w)) (value v) (value v)
  | Max a b => if Bltb (value a) (value b) then value b else value a
  | AtLeast0 x => if Bltb (value x) zero then zero else value x
  | IfPositive x v => if Bltb zero (value x) then value v else zero
  end.

Fixpoint finite_throughout (f : string -> number) (e : expression) : Prop :=
  is_finite (ieee f e) = true /\
  match e with
  | Var _ => True
  | Neg a | Sqrt a => finite_throughout f a
  | Add a b | Sub a b | Mul a b | Div a b | Decay a b =>
      finite_throughout f a /\ finite_throughout f b
  | Fma a b c => finite_throughout f a /\ finite_throughout f b /\ finite_throughout f c
  | Max a b => finite_throughout f a /\ finite_throughout f b
  | AtLeast0 x => finite_throughout f x
  | IfPositive x v =>
      finite_throughout f x /\ (Bltb zero (ieee f x) = true -> finite_throughout f v)
  end.

(* What overflows is infinite. *)
Lemma finite_value (z : number) (x : R) (P overflow : Prop) :
  is_finite z = true ->
  (if Rlt_bool (Rabs (round radix2 (SpecFloat.fexp p emax) (round_mode mode_NE) x))
        (bpow radix2 emax)
   then B2R z = round radix2 (SpecFloat.fexp p emax) (round_mode mode_NE) x /\ P
   else overflow) ->
  (overflow -> exists s, B2SF z = binary_overflow p emax mode_NE s) ->
  B2R z = near x.
Proof.
  intros F C O. destruct Rlt_bool; [now destruct C |].
  destruct (O C) as [s E]. now destruct z.
Qed.

Lemma finite_quotient (x y : number) :
  is_finite x = true -> is_finite y = true -> is_finite (Bdiv mode_NE x y) = true -> B2R y <> 0.
Proof.
  destruct x, y; try easy; simpl; intros _ _ F; try easy;
    now apply F2R_neq_0; destruct s0.
Qed.

Theorem ieee_value f e :
  finite_throughout f e -> B2R (ieee f e) = rounded near (fun x => B2R (f x)) e.
Proof.
  assert (Fin : forall a, finite_throughout f a -> is_finite (ieee f a) = true)
    by (intros []; simpl; tauto).
  induction e; simpl; intros [F D]; repeat match goal with H : _ /\ _ |- _ => destruct H end;
    rewrite <- ?IHe, <- ?IHe1, <- ?IHe2, <- ?IHe3 by auto.
  - easy.
  - apply B2R_Bopp.
  - eapply finite_value; [easy | now apply Bplus_correct; apply Fin |].
    intros [O _]. eexists. apply O.
  - eapply finite_value; [easy | now apply Bminus_correct; apply Fin |].
    intros [O _]. eexists. apply O.
  - eapply finite_value; [easy | apply Bmult_correct | eauto].
  - eapply finite_value; [easy | apply Bdiv_correct | eauto].
    now apply finite_quotient with (ieee f e1); auto.
  - apply Bsqrt_correct.
  - eapply finite_value; [easy | now apply Bfma_correct; apply Fin | eauto].
  - replace ((1 - B2R (ieee f e1)) * B2R (ieee f e2))
      with (B2R (Bopp (ieee f e1)) * B2R (ieee f e2) + B2R (ieee f e2))
      by (rewrite B2R_Bopp; ring).
    eapply finite_value; [easy | apply Bfma_correct; rewrite ?is_finite_Bopp; auto | eauto].
  - rewrite Bltb_correct by auto. unfold Rmax.
    case Rlt_bool_spec; destruct Rle_dec; intros; lra.
  - rewrite Bltb_correct by auto. unfold Rmax.
    case Rlt_bool_spec; destruct Rle_dec; simpl; intros; lra.
  - revert F H0. rewrite Bltb_correct by auto. simpl (B2R zero).
    case Rlt_bool_spec; destruct Rlt_dec; intros; auto; lra.
Qed.

(* The constants. *)

Definition machine_error (a : precision) (ks : kinds) (e : expression) (c : Q) : Prop :=
  forall f r,
    represents a ks (fun x => B2R (f x)) r ->
    divisors_nonzero r e ->
    finite_throughout f e ->
    no_underflow (fun x => B2R (f x)) e ->
    Rabs (B2R (ieee f e) - exact r e) <= Q2R c * bpow radix2 (- p) * magnitude r e.

Theorem constant_in_ieee_arithmetic a ks e c :
  Q2R (unit_roundoff a) = bpow radix2 (- p) ->
  one_step_error a ks e c -> machine_error a ks e c.
Proof.
  intros U C f r I D F N.
  rewrite ieee_value, rounded_without_underflow; auto.
  - rewrite <- U. apply C; auto. intro x. rewrite U. apply unbounded_relative_error.
  - intro x. apply generic_format_B2R.
Qed.

End Format.

(* In the four formats: bits, and the exponent that overflows. *)

Definition in_binary32 := machine_error 24 128 eq_refl eq_refl.
Definition in_binary64 := machine_error 53 1024 eq_refl eq_refl.
Definition in_fp16 := machine_error 11 16 eq_refl eq_refl.
Definition in_bfloat16 := machine_error 8 128 eq_refl eq_refl.

Corollary binary32_constant ks e c : one_step_error binary32 ks e c -> in_binary32 binary32 ks e c.
Proof. apply constant_in_ieee_arithmetic, (Q2R_half_ulp 24). Qed.

Corollary binary64_constant ks e c : one_step_error binary64 ks e c -> in_binary64 binary64 ks e c.
Proof. apply constant_in_ieee_arithmetic, (Q2R_half_ulp 53). Qed.

Corollary fp16_constant ks e c : one_step_error fp16 ks e c -> in_fp16 fp16 ks e c.
Proof. apply constant_in_ieee_arithmetic, (Q2R_half_ulp 11). Qed.

Corollary bfloat16_constant ks e c : one_step_error bfloat16 ks e c -> in_bfloat16 bfloat16 ks e c.
Proof. apply constant_in_ieee_arithmetic, (Q2R_half_ulp 8). Qed.
