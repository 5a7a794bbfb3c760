(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem on a step of centered RMSprop can hold: rho = 0.9, learning rate
   0.001, epsilon 1e-8 outside of the root, from s = 1/256, mean = 1/16, theta = 1 and a gradient of
   1. *)

Require Import Reals QArith Qreals String List Psatz.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import rmsprop_theory Expression Apriori Inputs Formats Gradual.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps GradualSteps.
From TruestepRules Require rmsprop.
Open Scope string_scope.
Open Scope R_scope.

Definition centered_computed :=
  stored_singles
    (("w", normal_number 13421773 (- (27)) eq_refl)
     :: ("w_of_mean", normal_number 13421773 (- (27)) eq_refl)
     :: ("learning_rate", normal_number 8589935 (- (33)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("s", normal_number 8388608 (- (31)) eq_refl)
     :: ("mean", normal_number 8388608 (- (27)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition centered_exact :=
  given (("w", 1 / 10) :: ("w_of_mean", 1 / 10) :: ("learning_rate", 1 / 1000)
         :: ("epsilon", 1 / 10 ^ 8) :: ("s", 1 / 256) :: ("mean", 1 / 16) :: ("theta", 1)
         :: ("gradient", 1) :: nil).

Definition variance : expression :=
  match rmsprop_outside_centered_sigma with Add (Sqrt V) _ => V | e => e end.

Lemma centered_conditions :
  gradual_conditions binary32 rmsprop smallest_half centered_exact nearest_single
    (fun x => B2R (centered_computed x)) rmsprop_outside_centered_theta.
Proof.
  assert (V : 1 / 4 * (1 / 4) <= exact centered_exact variance).
  { unfold variance. cbn [exact]. unfold centered_exact, given. simpl. rewrite Rmax_left; lra. }
  assert (D : made_absolute binary32 rmsprop centered_exact
    (absolute binary32 rmsprop smallest_half centered_exact variance) variance <= / 1000 * / 1000).
  { unfold variance. rational_parts ltac:(unfold centered_exact, given). }
  assert (S := sum_condition binary32 rmsprop smallest_half centered_exact variance (/ 1000) (1 / 4)
    ltac:(unfold Q2R; simpl; lra) ltac:(simpl; lra) D ltac:(lra) ltac:(lra) "epsilon"
    ltac:(unfold centered_exact, given; simpl; lra)).
  change rmsprop_outside_centered_theta with (Sub (Var "theta")
    (Div (Mul (Var "learning_rate") (Var "gradient")) (Add (Sqrt variance) (Var "epsilon")))).
  cbn [gradual_conditions]. repeat split; try lra; try (apply S; vm_compute; split; lra).
Qed.

Theorem centered_step_can_be_taken :
  Rabs (B2R (in_single centered_computed rmsprop_outside_centered_theta)
        - exact centered_exact rmsprop_outside_centered_theta)
  <= Q2R 11.001 * bpow radix2 (- (24)) * size centered_exact rmsprop_outside_centered_theta
     + absolute binary32 rmsprop smallest_half centered_exact rmsprop_outside_centered_theta.
Proof.
  apply (proj1 (List.Forall_inv (List.Forall_inv_tail (proj1
    rmsprop.one_step_of_the_centered_forms)))).
  - represented centered_computed centered_exact rmsprop; represented_numbers.
  - exact centered_conditions.
  - repeat split; vm_compute; reflexivity.
Qed.
