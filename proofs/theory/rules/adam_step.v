(* SPDX-License-Identifier: Apache-2.0 *)
(* One step of Adam in IEEE 754 arithmetic against the rule at the hyperparameters, the coefficients
   as fast/coefficients/ promises them.

   [adam_inputs_represented]: if w1, w2, alpha_t, c_t and epsilon are nearly nearest to 1 - beta1,
   1 - beta2, alpha / (1 - beta1^t), 1 / sqrt (1 - beta2^t) and epsilon, and beta1 and beta2 lie
   between 1/2 and 1, they represent them: so a constant of generated/Bounds.v, which is against the
   lane in exact arithmetic, is one against the rule ([adam_step_is_near_the_rule]). *)

Require Import Reals QArith Qreals String List Psatz.
From Truestep Require Import Expression Apriori Inputs adam_theory adam_machine.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* What the coefficients stand for at step t + 1; the states are as they are stored. *)
Definition adam_inputs (alpha beta1 beta2 epsilon : R) (t : nat) (stored : environment) :
  environment :=
  fun x =>
  if String.eqb x "w1" then 1 - beta1
  else if String.eqb x "w2" then 1 - beta2
  else if String.eqb x "alpha_t" then alpha / (1 - beta1 ^ S t)
  else if String.eqb x "c_t" then / sqrt (1 - beta2 ^ S t)
  else if String.eqb x "epsilon" then epsilon
  else stored x.

Definition adam_coefficient (x : string) : bool :=
  (String.eqb x "w1" || String.eqb x "w2" || String.eqb x "alpha_t" || String.eqb x "c_t"
   || String.eqb x "epsilon")%bool.

Section Step.

Variables (alpha beta1 beta2 epsilon : R) (t : nat) (stored : environment).
Let r := adam_inputs alpha beta1 beta2 epsilon t stored.
Hypothesis B1 : 1 / 2 < beta1 < 1.
Hypothesis B2 : 1 / 2 < beta2 < 1.
Hypothesis A : 0 <= alpha.
Hypothesis E : 0 < epsilon.
Hypothesis V : 0 <= stored "v" /\ 0 <= stored "v_max" /\ 0 <= stored "epsilon_root".
Hypothesis C : forall x, adam_coefficient x = true -> nearly_nearest 24 (stored x) (r x).

Theorem adam_inputs_represented : represents binary32 adam stored r.
Proof.
  assert (P1 := power_below_one beta1 t ltac:(lra)). assert (P2 := power_below_one beta2 t
    ltac:(lra)).
  assert (weight : forall x beta, adam_coefficient x = true -> r x = 1 - beta -> 1 / 2 < beta < 1 ->
    Rabs (stored x - r x) <= Q2R (coefficient_rounding 24) * Rabs (r x) /\ 0 <= r x <= 1
    /\ Rabs (stored x - r x) <= Q2R (coefficient_rounding 24 / 2) * (1 - r x)).
  { intros x beta I S H. split; [now apply coefficient_within, C |].
    split; [rewrite S; lra | apply weight_within; [rewrite S; lra | now apply C]]. }
  assert (coefficient : forall x, adam_coefficient x = true -> 0 <= r x ->
    Rabs (stored x - r x) <= Q2R (coefficient_rounding 24) * Rabs (r x) /\ 0 <= r x)
    by (intros; split; [now apply coefficient_within, C | easy]).
  assert (same : forall k y, Rabs (y - y) <= Q2R (error binary32 k) * Rabs y).
  { intros k y. rewrite Rminus_diag_eq, Rabs_R0 by easy. apply Rmult_le_pos; [| apply Rabs_pos].
    apply (precision_nonnegative binary32 (fun _ => k)). }
  intro x. unfold adam, inputs.
  destruct (String.eqb_spec x "w1") as [-> | N1]; [now apply (weight "w1" beta1) |].
  destruct (String.eqb_spec x "w2") as [-> | N2]; [now apply (weight "w2" beta2) |].
  destruct (String.eqb_spec x "alpha_t") as [-> | N3].
  { apply (coefficient "alpha_t"); [easy |]. apply Rmult_le_pos; [easy |].
    now apply Rlt_le, Rinv_0_lt_compat. }
  destruct (String.eqb_spec x "c_t") as [-> | N4].
  { apply (coefficient "c_t"); [easy |]. now apply Rlt_le, Rinv_0_lt_compat, sqrt_lt_R0. }
  destruct (String.eqb_spec x "epsilon") as [-> | N5].
  { apply (coefficient "epsilon"); [easy | now apply Rlt_le]. }
  assert (S : r x = stored x).
  { unfold r, adam_inputs. now rewrite !(proj2 (String.eqb_neq _ _)) by assumption. }
  rewrite S.
  destruct (String.eqb_spec x "epsilon_root") as [-> |]; [split; [apply (same Hyperparameter) |
    tauto] |].
  destruct (String.eqb_spec x "v") as [-> |]; [split; [apply (same Moment) | tauto] |].
  destruct (String.eqb_spec x "v_max") as [-> |]; [split; [apply (same Moment) | tauto] |].
  split; [apply (same State) | exact I].
Qed.

(* What a bound against the exact lane says of the rule. *)
Theorem adam_step_is_near_the_rule x bound :
  Rabs (x - exact r adam_theta) <= bound ->
  let m := beta1 * stored "m" + (1 - beta1) * stored "gradient" in
  let v := beta2 * stored "v" + (1 - beta2) * (stored "gradient" * stored "gradient") in
  Rabs (x - (stored "theta" - alpha * (m / (1 - beta1 ^ S t))
                              / (sqrt (v / (1 - beta2 ^ S t)) + epsilon))) <= bound.
Proof.
  intros H m v.
  destruct (adam_lane_is_the_rule alpha beta1 beta2 epsilon t r) as (_ & _ & R); try lra.
  - apply V.
  - now repeat split.
  - now rewrite R in H.
Qed.

End Step.
