(* SPDX-License-Identifier: Apache-2.0 *)
(* Expressions over + - * / sqrt fma and selections, their exact and their rounded value.

   A lane of fast/lanes/*.lane.hpp, run through the recording number type of
   proofs/numbers/expression.hpp, becomes a term of this type; every theorem about a kernel is a
   theorem about such terms.

   Results:
   - [rounded_is_exact_without_rounding]: if rounding changes nothing, the two values agree. *)

Require Import Reals String.
Open Scope R_scope.

Inductive expression :=
| Var (name : string)
| Neg (a : expression)
| Add (a b : expression)
| Sub (a b : expression)
| Mul (a b : expression)
| Div (a b : expression)
| Sqrt (a : expression)
| Fma (a b c : expression)
(* (1 - w) v rounded once, as the fused operation v - w v: v is one number, seen twice. *)
| Decay (w v : expression)
(* Selections, which round nothing: the larger of two, x or 0 where x is negative, v where x > 0 and
   else 0. *)
| Max (a b : expression)
| AtLeast0 (x : expression)
| IfPositive (x v : expression).

Definition environment := string -> R.

Fixpoint exact (r : environment) (e : expression) : R :=
  match e with
  | Var x => r x
  | Neg a => - exact r a
  | Add a b => exact r a + exact r b
  | Sub a b => exact r a - exact r b
  | Mul a b => exact r a * exact r b
  | Div a b => exact r a / exact r b
  | Sqrt a => sqrt (exact r a)
  | Fma a b c => exact r a * exact r b + exact r c
  | Decay w v => (1 - exact r w) * exact r v
  | Max a b => Rmax (exact r a) (exact r b)
  | AtLeast0 x => Rmax (exact r x) 0
  | IfPositive x v => if Rlt_dec 0 (exact r x) then exact r v else 0
  end.

(* Every operation is rounded; a change of sign and a selection are exact. *)
Fixpoint rounded (rnd : R -> R) (f : environment) (e : expression) : R :=
  let value := rounded rnd f in
  match e with
  | Var x => f x
  | Neg a => - value a
  | Add a b => rnd (value a + value b)
  | Sub a b => rnd (value a - value b)
  | Mul a b => rnd (value a * value b)
  | Div a b => rnd (value a / value b)
  | Sqrt a => rnd (sqrt (value a))
  | Fma a b c => rnd (value a * value b + value c)
  | Decay w v => rnd ((1 - value w) * value v)
  | Max a b => Rmax (value a) (value b)
  | AtLeast0 x => Rmax (value x) 0
  | IfPositive x v => if Rlt_dec 0 (value x) then value v else 0
  end.

Theorem rounded_is_exact_without_rounding (rnd : R -> R) (r : environment) :
  (forall x, rnd x = x) -> forall e, rounded rnd r e = exact r e.
Proof.
  intros same e.
  induction e; simpl; rewrite ?same, ?IHe1, ?IHe2, ?IHe3, ?IHe; congruence.
Qed.
