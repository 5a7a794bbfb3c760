(* SPDX-License-Identifier: Apache-2.0 *)
(* What is recorded of proofs/numbers/ball.hpp is what BallArithmetic.v speaks of.

   Every operation of Ball is run over numbers that write down what is made of them, on every way
   through its comparisons (generated/NumberOperations.v). Not recorded are NaN and infinity, where
   nothing is claimed, [half_ulp] itself, which stands there by its name, the coefficient's radius,
   and the yardstick `magnitude`, which no theorem speaks of.

   Results:
   - [ball_sum_reads] and the others: what was recorded, in words, with any roundings;
   - [ball_code_is_ball]: a whole expression, run through the recorded operations, comes to the
     value and the radius of BallArithmetic.v;
   - [ball_code_sound], [ball_code_sound_in_W]: so the value lies within that radius of the exact one,
     where the type of the radius has 53 bits or more. *)

From Coq Require Import Reals Psatz Bool String.
From Flocq Require Import Core Relative.
From Truestep Require Import Expression Choices RunningError BallArithmetic.
From TruestepGenerated Require Import NumberOperations.
Open Scope R_scope.

(* What the recorded variables are. *)
Definition ball_inputs (a b c : R * R) (half infinity : R) (name : string) : R :=
  match name with
  | "a" => fst a
  | "a_radius" => snd a
  | "b" => fst b
  | "b_radius" => snd b
  | "c" => fst c
  | "c_radius" => snd c
  | "half_ulp" => half
  | "infinity" => infinity
  | "0" => 0
  | "1" => 1
  | "1.0000000000000036" => inflation
  | _ => 0
  end%string.

Section Any_rounding.

Variables rnd fl : R -> R.
Variable infinity : R.

Notation zero x := (exactly_zero (fst x) (snd x)).
Notation code of a b c half := (chosen rnd fl (ball_inputs a b c half infinity) of).

Lemma absolute x : Rmax x (- x) = Rabs x.
Proof. unfold Rmax, Rabs. destruct Rle_dec, Rcase_abs; lra. Qed.

Lemma smaller x y : - Rmax (- x) (- y) = Rmin x y.
Proof. unfold Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Ltac recorded :=
  intros; unfold ball_radius, ball_product, ball_quotient, ball_root, ball_decay, exactly_zero;
  cbn [chosen rounded ball_inputs ball_negation_code ball_sum_code ball_difference_code
    ball_product_code ball_quotient_code ball_root_code ball_fused_code ball_decay_code
    ball_maximum_code ball_at_least_zero_code ball_where_positive_code];
  rewrite ?absolute, ?smaller;
  repeat match goal with
  | |- context [Req_EM_T ?x ?y] => destruct (Req_EM_T x y)
  | |- context [Req_bool ?x ?y] => case (Req_bool_spec x y); intros
  | |- context [Rlt_bool ?x ?y] => case (Rlt_bool_spec x y); intros
  | |- context [Rlt_dec ?x ?y] => destruct (Rlt_dec x y)
  end; try (exfalso; lra); try reflexivity.

Theorem ball_negation_reads a b c half : code ball_negation_code a b c half = (- fst a, snd a).
Proof. reflexivity. Qed.

Theorem ball_sum_reads a b c half :
  code ball_sum_code a b c half =
  (rnd (fst a + fst b),
   ball_radius fl (fl (snd a + snd b)) (if zero a || zero b then 0 else half)).
Proof. recorded. Qed.

Theorem ball_difference_reads a b c half :
  code ball_difference_code a b c half =
  (rnd (fst a - fst b),
   ball_radius fl (fl (snd a + snd b)) (if zero a || zero b then 0 else half)).
Proof. recorded. Qed.

Theorem ball_product_reads a b c half :
  code ball_product_code a b c half =
  (rnd (fst a * fst b),
   ball_radius fl (ball_product fl (fst a) (snd a) (fst b) (snd b))
     (if zero a || zero b then 0 else half)).
Proof. recorded. Qed.

Theorem ball_quotient_reads a b c half :
  0 < fl (Rabs (fst b) - snd b) ->
  code ball_quotient_code a b c half =
  (rnd (fst a / fst b),
   ball_radius fl (ball_quotient fl (fst a) (snd a) (fst b) (snd b))
     (if zero a then 0 else half)).
Proof. recorded. Qed.

Theorem ball_root_reads a b c half :
  code ball_root_code a b c half =
  (rnd (sqrt (fst a)),
   ball_radius fl (ball_root fl (fst a) (snd a)) (if zero a then 0 else half)).
Proof. recorded. Qed.

Theorem ball_fused_reads a b c half :
  code ball_fused_code a b c half =
  (rnd (fst a * fst b + fst c),
   ball_radius fl (fl (ball_product fl (fst a) (snd a) (fst b) (snd b) + snd c))
     (if zero a || zero b then 0 else half)).
Proof. recorded. Qed.

Theorem ball_decay_reads a b c half :
  code ball_decay_code a b c half =
  (rnd ((1 - fst a) * fst b),
   ball_radius fl (ball_decay fl (fst a) (snd a) (fst b) (snd b))
     (if zero a || zero b then 0 else half)).
Proof.
  replace ((1 - fst a) * fst b) with (- fst a * fst b + fst b) by ring. recorded.
Qed.

Theorem ball_maximum_reads a b c half :
  code ball_maximum_code a b c half = (Rmax (fst a) (fst b), Rmax (snd a) (snd b)).
Proof. recorded; f_equal; unfold Rmax; destruct Rle_dec; lra. Qed.

Theorem ball_at_least_zero_reads a b c half :
  code ball_at_least_zero_code a b c half = (Rmax (fst a) 0, snd a).
Proof. recorded; f_equal; unfold Rmax; destruct Rle_dec; lra. Qed.

Theorem ball_where_positive_reads a b c half :
  sign_certain (fst a) (snd a) ->
  code ball_where_positive_code a b c half = (if Rlt_dec 0 (fst a) then b else (0, 0)).
Proof.
  destruct b as [b rb]. intros [apart | exact]; [now recorded |].
  assert (both : fst a = 0 /\ snd a = 0).
  { revert exact. unfold exactly_zero. now do 2 case Req_bool_spec. }
  now recorded; destruct both.
Qed.

(* A whole expression. *)

Variable fexp : Z -> Z.

(* half_ulp is half a unit in the last place of the value that is returned. *)
Definition ball_operation (of : choices) (a b c : R * R) : R * R :=
  let value := fst (code of a b c 0) in code of a b c (/ 2 * ulp radix2 fexp value).

Fixpoint ball_code (f d : environment) (e : expression) : R * R :=
  let none := (0, 0) in
  let run := ball_code f d in
  match e with
  | Var x => (f x, d x)
  | Neg a => ball_operation ball_negation_code (run a) none none
  | Add a b => ball_operation ball_sum_code (run a) (run b) none
  | Sub a b => ball_operation ball_difference_code (run a) (run b) none
  | Mul a b => ball_operation ball_product_code (run a) (run b) none
  | Div a b => ball_operation ball_quotient_code (run a) (run b) none
  | Sqrt a => ball_operation ball_root_code (run a) none none
  | Fma a b c => ball_operation ball_fused_code (run a) (run b) (run c)
  | Decay w v => ball_operation ball_decay_code (run w) (run v) none
  | Max a b => ball_operation ball_maximum_code (run a) (run b) none
  | AtLeast0 x => ball_operation ball_at_least_zero_code (run x) none none
  | IfPositive x v => ball_operation ball_where_positive_code (run x) (run v) none
  end.

End Any_rounding.

Section Sound.

Variable fl : R -> R.
Hypothesis fl_close : forall x, Rabs (fl x - x) <= u * Rabs x.
Variable infinity : R.
Variable fexp : Z -> Z.
Variable choice : Z -> bool.

Notation rnd := (round radix2 fexp (Znearest choice)).
Notation model f d := (ball fl fexp choice f d).

(* What is not chosen may be anything. *)
Theorem ball_code_is_ball (f d env : environment) (e : expression) :
  side_conditions fexp choice f env (model f d) e ->
  ball_code rnd fl infinity fexp f d e = (rounded rnd f e, model f d e).
Proof.
  induction e; simpl side_conditions; intros conditions; cbn [ball_code];
    unfold ball_operation; try reflexivity.
  - rewrite IHe by assumption. now rewrite !ball_negation_reads.
  - rewrite IHe1, IHe2 by tauto. now rewrite !ball_sum_reads.
  - rewrite IHe1, IHe2 by tauto. now rewrite !ball_difference_reads.
  - rewrite IHe1, IHe2 by tauto. now rewrite !ball_product_reads.
  - rewrite IHe1, IHe2 by tauto.
    destruct conditions as (_ & _ & apart).
    assert (positive : 0 < fl (Rabs (rounded rnd f e2) - model f d e2))
      by (apply (fl_positive fl fl_close); lra).
    now rewrite !ball_quotient_reads by exact positive.
  - rewrite IHe by tauto. now rewrite !ball_root_reads.
  - rewrite IHe1, IHe2, IHe3 by tauto. now rewrite !ball_fused_reads.
  - rewrite IHe1, IHe2 by tauto. now rewrite !ball_decay_reads.
  - rewrite IHe1, IHe2 by tauto. now rewrite !ball_maximum_reads.
  - rewrite IHe by tauto. now rewrite !ball_at_least_zero_reads.
  - destruct conditions as (holds_x & certain & holds_v). rewrite IHe1 by assumption.
    rewrite !ball_where_positive_reads by exact certain. cbn [fst rounded ball].
    destruct Rlt_dec as [above | below]; [now apply IHe2, holds_v | reflexivity].
Qed.

Context { valid : Valid_exp fexp } { monotone : Monotone_exp fexp }.

Theorem ball_code_sound (f d env : environment) (e : expression) :
  (forall x, generic_format radix2 fexp (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  side_conditions fexp choice f env (model f d) e ->
  let result := ball_code rnd fl infinity fexp f d e in
  Rabs (fst result - exact env e) <= snd result.
Proof.
  intros format_f close conditions result. unfold result.
  rewrite (ball_code_is_ball f d env e conditions).
  now apply (ball_sound fl fl_close fexp choice f d env).
Qed.

End Sound.

Theorem ball_code_sound_in_W (p : Z) (choice_W : Z -> bool) (infinity : R) (fexp : Z -> Z)
    (choice : Z -> bool) (f d env : environment) (e : expression) :
  (53 <= p)%Z -> Valid_exp fexp -> Monotone_exp fexp ->
  (forall x, generic_format radix2 fexp (f x)) ->
  (forall x, Rabs (f x - env x) <= d x) ->
  let fl := round radix2 (FLX_exp p) (Znearest choice_W) in
  side_conditions fexp choice f env (ball fl fexp choice f d) e ->
  let result := ball_code (round radix2 fexp (Znearest choice)) fl infinity fexp f d e in
  Rabs (fst result - exact env e) <= snd result.
Proof. intros. apply ball_code_sound; auto. intro x. now apply close_in_W. Qed.
