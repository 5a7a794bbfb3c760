(* SPDX-License-Identifier: Apache-2.0 *)
(* Sums and products in any order, fused or not, factors distributed over a sum or not: how far apart
   two such evaluations of one polynomial may be. numbers/any_order.hpp argues this of more.

   [same_polynomial] relates expressions that these rules turn into each other, [roundings] is the
   largest number of roundings that a term meets on its way, [terms_size] the sum of the sizes of
   the terms.

   Results, where nothing underflows:
   - [same_value], [same_size]: related expressions have one exact value and one size of terms;
   - [any_order_within]: rounded in any of these orders, with at most n roundings of a term, the
     value is within ((1 + u)^n - 1) times the size of the terms of the exact one. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Underflow.
Open Scope R_scope.

Inductive same_polynomial : expression -> expression -> Prop :=
  | same_itself a : same_polynomial a a
  | same_back a b : same_polynomial a b -> same_polynomial b a
  | same_chain a b c : same_polynomial a b -> same_polynomial b c -> same_polynomial a c
  | sum_turned a b : same_polynomial (Add a b) (Add b a)
  | sum_grouped a b c : same_polynomial (Add (Add a b) c) (Add a (Add b c))
  | product_turned a b : same_polynomial (Mul a b) (Mul b a)
  | product_grouped a b c : same_polynomial (Mul (Mul a b) c) (Mul a (Mul b c))
  | distributed a b c : same_polynomial (Mul a (Add b c)) (Add (Mul a b) (Mul a c))
  | difference a b : same_polynomial (Sub a b) (Add a (Neg b))
  | sign_of_product a b : same_polynomial (Neg (Mul a b)) (Mul (Neg a) b)
  | sign_of_sum a b : same_polynomial (Neg (Add a b)) (Add (Neg a) (Neg b))
  | sign_twice a : same_polynomial (Neg (Neg a)) a
  | fused a b c : same_polynomial (Fma a b c) (Add (Mul a b) c)
  | within_sign a b : same_polynomial a b -> same_polynomial (Neg a) (Neg b)
  | within_sum a b c d :
      same_polynomial a b -> same_polynomial c d -> same_polynomial (Add a c) (Add b d)
  | within_product a b c d :
      same_polynomial a b -> same_polynomial c d -> same_polynomial (Mul a c) (Mul b d).

Fixpoint is_polynomial (e : expression) : Prop :=
  match e with
  | Var _ => True
  | Neg a => is_polynomial a
  | Add a b | Sub a b | Mul a b => is_polynomial a /\ is_polynomial b
  | Fma a b c => is_polynomial a /\ is_polynomial b /\ is_polynomial c
  | _ => False
  end.

Fixpoint roundings (e : expression) : nat :=
  match e with
  | Neg a => roundings a
  | Add a b | Sub a b => S (Nat.max (roundings a) (roundings b))
  | Mul a b => S (roundings a + roundings b)
  | Fma a b c => S (Nat.max (roundings a + roundings b) (roundings c))
  | _ => 0
  end.

(* What is no polynomial is a term of its own. *)
Fixpoint terms_size (r : environment) (e : expression) : R :=
  match e with
  | Neg a => terms_size r a
  | Add a b | Sub a b => terms_size r a + terms_size r b
  | Mul a b => terms_size r a * terms_size r b
  | Fma a b c => terms_size r a * terms_size r b + terms_size r c
  | _ => Rabs (exact r e)
  end.

Theorem same_value r a b : same_polynomial a b -> exact r a = exact r b.
Proof. induction 1; simpl; try ring; congruence. Qed.

Theorem same_size r a b : same_polynomial a b -> terms_size r a = terms_size r b.
Proof. induction 1; simpl; try ring; congruence. Qed.

Lemma near_at_most u n m a A M :
  0 <= u -> (n <= m)%nat -> near ((1 + u) ^ n - 1) 0 a A M -> near ((1 + u) ^ m - 1) 0 a A M.
Proof.
  intros U H. apply near_weaken; [| apply Rle_refl].
  assert ((1 + u) ^ n <= (1 + u) ^ m) by (apply Rle_pow; [lra | exact H]). lra.
Qed.

Lemma near_rounded_again u rnd n a A M :
  rounding u 0 rnd -> near ((1 + u) ^ n - 1) 0 a A M -> near ((1 + u) ^ S n - 1) 0 (rnd a) A M.
Proof.
  intros Hr H. apply (near_round u 0 rnd) in H; [| exact Hr].
  eapply near_weaken; [| | exact H]; right; simpl; ring.
Qed.

Lemma near_product u n m a A M b B N :
  near ((1 + u) ^ n - 1) 0 a A M -> near ((1 + u) ^ m - 1) 0 b B N ->
  near ((1 + u) ^ (n + m) - 1) 0 (a * b) (A * B) (M * N).
Proof.
  intros H1 H2. assert (P := near_mul _ _ _ _ _ _ _ _ _ _ H1 H2).
  eapply near_weaken; [| | exact P]; right; [rewrite pow_add |]; ring.
Qed.

Lemma near_sum u n a A M b B N :
  near ((1 + u) ^ n - 1) 0 a A M -> near ((1 + u) ^ n - 1) 0 b B N ->
  near ((1 + u) ^ n - 1) 0 (a + b) (A + B) (M + N).
Proof.
  intros H1 H2. eapply near_weaken; [apply Rle_refl | | exact (near_add _ _ _ _ _ _ _ _ _ H1 H2)].
  lra.
Qed.

Lemma polynomial_near u rnd f e :
  rounding u 0 rnd -> is_polynomial e ->
  near ((1 + u) ^ roundings e - 1) 0 (rounded rnd f e) (exact f e) (terms_size f e).
Proof.
  intro Hr. assert (U := u_nonneg _ _ _ Hr).
  induction e; simpl is_polynomial; intro P; try easy; cbn [roundings rounded exact terms_size].
  - eapply near_weaken; [| | apply near_exact]; simpl; lra.
  - apply near_neg. auto.
  - destruct P as [P1 P2]. apply near_rounded_again; [exact Hr |]. apply near_sum.
    + eapply near_at_most; [exact U | | now apply IHe1]. lia.
    + eapply near_at_most; [exact U | | now apply IHe2]. lia.
  - destruct P as [P1 P2]. apply near_rounded_again; [exact Hr |]. unfold Rminus. apply near_sum.
    + eapply near_at_most; [exact U | | now apply IHe1]. lia.
    + apply near_neg. eapply near_at_most; [exact U | | now apply IHe2]. lia.
  - destruct P as [P1 P2]. apply near_rounded_again; [exact Hr |]. apply near_product; auto.
  - destruct P as (P1 & P2 & P3). apply near_rounded_again; [exact Hr |]. apply near_sum.
    + eapply near_at_most; [exact U | | apply near_product; [now apply IHe1 | now apply IHe2]]. lia.
    + eapply near_at_most; [exact U | | now apply IHe3]. lia.
Qed.

Theorem any_order_within u rnd f a b n :
  rounding u 0 rnd -> same_polynomial a b -> is_polynomial b -> (roundings b <= n)%nat ->
  Rabs (rounded rnd f b - exact f a) <= ((1 + u) ^ n - 1) * terms_size f a.
Proof.
  intros Hr S P H. rewrite (same_value f a b S), (same_size f a b S).
  assert (N := near_at_most u _ n _ _ _ (u_nonneg _ _ _ Hr) H (polynomial_near u rnd f b Hr P)).
  destruct N as [_ N]. lra.
Qed.
