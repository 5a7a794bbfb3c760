(* SPDX-License-Identifier: Apache-2.0 *)
(* One step with underflow: what run/Gradual.v supposes of it can be computed. *)

Require Import Reals String.
From Flocq Require Import Core.
From Interval Require Import Tactic.
From Truestep Require Import Expression Apriori Gradual.
Open Scope R_scope.

Notation smallest_half := (bpow radix2 (3 - 128 - 24 - 1)).
Notation nearest_single := (round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE).

(* Computes the parts, then compares. *)
Ltac conditions_by_interval reals :=
  unfold made_absolute; cbn [absolute size exact];
  unfold made_absolute, rounded_once_more, of_product, of_inverse;
  repeat match goal with |- context [Apriori.kappa ?p ?ks ?e] =>
    let v := eval vm_compute in (Apriori.kappa p ks e) in
    replace (Apriori.kappa p ks e) with v by (vm_compute; reflexivity) end;
  cbn [cost_of_decay]; reals; unfold Q2R; simpl;
  repeat match goal with
  | |- context [Z.pow_pos ?a ?b] =>
      let v := eval vm_compute in (Z.pow_pos a b) in change (Z.pow_pos a b) with v
  | |- context [Z.pos (2 ^ 24)] => change (Z.pos (2 ^ 24)) with 16777216%Z end;
  repeat match goal with |- context [Rmax ?x 0] => rewrite (Rmax_left x 0) by interval end;
  interval with (i_prec 200).
