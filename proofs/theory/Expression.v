(* Expressions over + - * / sqrt fma, their exact and their rounded value.

   A lane of fast/*.lane.hpp, run through the recording number type of proofs/expression.hpp, becomes
   a term of this type; every theorem about a kernel is a theorem about such terms.

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
| Decay (w v : expression).

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
  end.

(* Every operation is rounded; a change of sign is exact. *)
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
  end.

Theorem rounded_is_exact_without_rounding (rnd : R -> R) (r : environment) :
  (forall x, rnd x = x) -> forall e, rounded rnd r e = exact r e.
Proof.
  intros same e.
  induction e; simpl; rewrite ?same; congruence.
Qed.
