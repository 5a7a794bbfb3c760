(* SPDX-License-Identifier: Apache-2.0 *)
(* One step with underflow: what run/Gradual.v supposes of its divisor, sqrt V + epsilon or
   c sqrt V + epsilon, follows from rational numbers: sqrt V is at least y, V's absolute part at most
   x^2. *)

Require Import Reals QArith Qreals String List Psatz.
From Flocq Require Import Core.
From Truestep Require Import Expression Apriori Gradual.
Open Scope R_scope.

Notation smallest_half := (bpow radix2 (3 - 128 - 24 - 1)).
Notation nearest_single := (round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE).

Section Divisor.

Variables (p : precision) (ks : kinds) (eta : R) (r : environment) (V : expression) (x y : R).
Let u := Q2R (unit_roundoff p).
Let d := made_absolute p ks r (absolute p ks eta r V) V.
Hypothesis U : 0 <= u <= 1 / 100.
Hypothesis N : 0 <= eta <= x.
Hypothesis X : d <= x * x.
Hypothesis Y : 0 <= y /\ y * y <= exact r V.
Hypothesis XY : 10 * x < y.

Lemma root_above : y <= sqrt (exact r V).
Proof. rewrite <- (sqrt_square y) by tauto. now apply sqrt_le_1_alt. Qed.

Lemma root_of_absolute : 0 <= sqrt d <= x.
Proof.
  split; [apply sqrt_pos |]. rewrite <- (sqrt_square x) by lra. now apply sqrt_le_1_alt.
Qed.

Lemma sum_condition e :
  0 <= r e -> 0 <= Q2R (kappa p ks (Add (Sqrt V) (Var e))) <= 1 / 2 ->
  0 < exact r (Add (Sqrt V) (Var e))
  /\ made_absolute p ks r (absolute p ks eta r (Add (Sqrt V) (Var e))) (Add (Sqrt V) (Var e))
     < (1 - Q2R (kappa p ks (Add (Sqrt V) (Var e)))) * exact r (Add (Sqrt V) (Var e)).
Proof.
  intros E K. assert (S := root_above). assert (D := root_of_absolute).
  destruct Y as [Y0 Y1]. unfold made_absolute.
  set (k := Q2R (kappa p ks (Add _ _))) in *. cbn [absolute size exact]. fold d.
  rewrite (Rabs_pos_eq (r e)), (Rabs_pos_eq (sqrt (exact r V) + r e)) by lra.
  unfold rounded_once_more. fold u. split; [lra |].
  assert (one : 1 <= 1 + u <= 101 / 100) by lra. set (o := 1 + u) in *.
  assert (P : 0 <= o * sqrt d <= 101 / 100 * x)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (A : o * (o * sqrt d + eta) <= 101 / 100 * (201 / 100 * x))
    by (apply Rmult_le_compat; lra).
  assert (G : 1 / 2 * y <= (1 - k) * (sqrt (exact r V) + r e)).
  { apply Rmult_le_compat; lra. }
  lra.
Qed.

Lemma scaled_condition c e :
  0 <= r e -> 1 <= r c -> 0 <= Q2R (error p (ks c)) <= 1 / 100 ->
  0 <= Q2R (kappa p ks (Fma (Var c) (Sqrt V) (Var e))) <= 1 / 2 ->
  0 < exact r (Fma (Var c) (Sqrt V) (Var e))
  /\ made_absolute p ks r (absolute p ks eta r (Fma (Var c) (Sqrt V) (Var e)))
       (Fma (Var c) (Sqrt V) (Var e))
     < (1 - Q2R (kappa p ks (Fma (Var c) (Sqrt V) (Var e))))
       * exact r (Fma (Var c) (Sqrt V) (Var e)).
Proof.
  intros E C KC K. assert (S := root_above). assert (D := root_of_absolute).
  destruct Y as [Y0 Y1]. unfold made_absolute.
  set (k := Q2R (kappa p ks (Fma _ _ _))) in *. cbn [absolute size exact]. fold d.
  change (kappa p ks (Var c)) with (error p (ks c)).
  assert (P : r c * y <= r c * sqrt (exact r V)) by (apply Rmult_le_compat_l; lra).
  assert (cy : y <= r c * y) by nra.
  rewrite (Rabs_pos_eq (r e)), (Rabs_pos_eq (r c)), (Rabs_pos_eq (_ + _)) by lra.
  unfold rounded_once_more, of_product. fold u. set (kc := Q2R (error p (ks c))) in *.
  split; [lra |].
  assert (one : 1 <= 1 + u <= 101 / 100) by lra. set (o := 1 + u) in *.
  assert (O : 0 <= o * sqrt d <= 101 / 100 * x)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (A : 0 <= o * sqrt d + eta <= 201 / 100 * x) by lra.
  assert (C1 : 1 <= (1 + kc) * r c <= 101 / 100 * r c) by (split; nra).
  assert (B : 0 <= (1 + kc) * r c * (o * sqrt d + eta) <= 101 / 100 * r c * (201 / 100 * x))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (cx : r c * (10 * x) < r c * y) by (apply Rmult_lt_compat_l; lra).
  assert (xc : 1 * x <= r c * x) by (apply Rmult_le_compat_r; lra).
  assert (F : o * ((1 + kc) * r c * (o * sqrt d + eta))
    <= 101 / 100 * (101 / 100 * r c * (201 / 100 * x))) by (apply Rmult_le_compat; lra).
  assert (G : 1 / 2 * (r c * y) <= (1 - k) * (r c * sqrt (exact r V) + r e))
    by (apply Rmult_le_compat; lra).
  lra.
Qed.

End Divisor.

(* Computes the parts of V, of rational numbers alone. *)
Ltac rational_parts reals :=
  unfold made_absolute; cbn [absolute size exact];
  unfold made_absolute, rounded_once_more, of_product;
  repeat match goal with |- context [kappa ?p ?ks ?e] =>
    let v := eval vm_compute in (kappa p ks e) in
    replace (kappa p ks e) with v by (vm_compute; reflexivity) end;
  cbn [cost_of_decay]; reals; unfold Q2R; simpl;
  repeat match goal with
  | |- context [Z.pow_pos ?a ?b] =>
      let v := eval vm_compute in (Z.pow_pos a b) in change (Z.pow_pos a b) with v
  | |- context [Z.pos (2 ^ 24)] => change (Z.pos (2 ^ 24)) with 16777216%Z end;
  repeat match goal with |- context [Rmax ?x 0] => rewrite (Rmax_left x 0) by lra end;
  rewrite ?Rabs_pos_eq by lra; lra.
