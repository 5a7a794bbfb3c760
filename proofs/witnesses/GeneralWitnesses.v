(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on coefficients can hold: 1 - beta2^1000 as it is computed, for the
   double nearest to 0.999. *)

Require Import Reals Psatz Lia.
From Flocq Require Import Core.
From Truestep Require DoubleDouble Coefficients.
Open Scope R_scope.

Definition double_beta2 : R := IZR 8998192055486251 / IZR (2 ^ 53).

Theorem correction_can_be_computed :
  let x := Coefficients.one_minus_power DoubleDouble.doubled DoubleDouble.added
             (DoubleDouble.complement double_beta2) 1000 in
  DoubleDouble.normal x
  /\ Coefficients.close (/ 2 ^ 95) (DoubleDouble.value x) (1 - double_beta2 ^ Pos.to_nat 1000).
Proof.
  apply (DoubleDouble.one_minus_power_within double_beta2 1000); [|unfold double_beta2; lra|easy].
  apply generic_format_FLT; exists (Float radix2 8998192055486251 (- (53))); [|easy|easy].
  unfold double_beta2, F2R; simpl; lra.
Qed.
