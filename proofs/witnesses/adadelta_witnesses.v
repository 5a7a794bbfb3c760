(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Adadelta's theorems can hold: rho = 0.95, epsilon 1e-6. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs adadelta_theory.
From Truestep Require Import adadelta_steps.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require adadelta.
Open Scope string_scope.
Open Scope R_scope.

Definition adadelta_start := given (("w", 5 / 100) :: ("gradient", 1) :: nil).

Definition adadelta_kept := (("s", adadelta_s) :: nil).

Theorem adadelta_s_can_drift t :
  let r := steps exact adadelta_kept adadelta_start in
  let f := steps (rounded binary32_nearest) adadelta_kept (stored adadelta_start) in
  let c := 2 + u + kappa * (5 / 100) in
  0 <= f t "s"
  /\ Rabs (f t "s" - r t "s")
     <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (5 / 100 - c * u).
Proof. apply (adadelta.s_stays_near u eta binary32_nearest); shown adadelta_start. Qed.

(* Its u, for s = g = 1, computed a hundredth too large at every step. *)

Definition next_u := adadelta_theory.adadelta_u (95 / 100) (1 / 10 ^ 6) 1 1.

Fixpoint exact_u (t : nat) : R := match t with O => 0 | S t => next_u (exact_u t) end.
Fixpoint larger_u (t : nat) : R :=
  match t with O => 0 | S t => (1 + 1 / 100) * next_u (larger_u t) end.

Theorem adadelta_u_can_drift t :
  0 <= exact_u t
  /\ larger_u t <= (1 + 1 / 100) ^ t * exact_u t /\ exact_u t <= (1 + 1 / 100) ^ t * larger_u t.
Proof.
  assert (grows : forall x, 0 <= x -> 0 <= next_u x).
  { intros x Hx; unfold next_u, adadelta_theory.adadelta_u.
    replace ((x + 1 / 10 ^ 6) / (1 + 1 / 10 ^ 6)) with ((x + 1 / 10 ^ 6) * (1000000 / 1000001))
      by field.
    lra. }
  assert (positive : forall t, 0 <= larger_u t).
  { intros i; induction i as [|i IH]; simpl; [lra|]; specialize (grows _ IH); lra. }
  apply (adadelta_u_drift (95 / 100) (1 / 10 ^ 6) (1 / 100) (fun _ => 1) (fun _ => 1));
    try reflexivity; try (intros; lra); try (simpl; lra).
  intros i; fold (next_u (larger_u i)); simpl; specialize (positive i); specialize (grows _ positive).
  fold (next_u (larger_u i)); repeat split; lra.
Qed.

(* Its steps, with gradient 1. *)

Definition adadelta_steps_start :=
  given (("w", 5 / 100) :: ("epsilon", 1 / 10 ^ 6) :: ("gradient", 1) :: nil).

Definition adadelta_steps_kept := (("s", adadelta_s) :: ("u", Lanes.adadelta_u) :: nil).

Theorem adadelta_steps_can_be_short T t :
  (t < T)%nat ->
  Rabs (exact (steps exact adadelta_steps_kept adadelta_steps_start t) adadelta_delta)
  <= adadelta_longest (95 / 100) (1 / 10 ^ 6) 1 T.
Proof.
  apply (adadelta.steps_are_short (95 / 100) (1 / 10 ^ 6) 1 T
    (steps exact adadelta_steps_kept adadelta_steps_start)); try lra.
  - intro i. rewrite !steps_keep by reflexivity. reads adadelta_steps_start. rewrite Rabs_R1. lra.
  - now apply starts_from_zero.
  - now apply starts_from_zero.
Qed.

(* One step at these hyperparameters, from s = u = 1/256, theta = 1 and a gradient of 1. *)

Definition adadelta_step_computed :=
  stored_singles
    (("w", normal_number 13421773 (- (28)) eq_refl)
     :: ("epsilon", normal_number 8796093 (- (43)) eq_refl)
     :: ("s", normal_number 8388608 (- (31)) eq_refl)
     :: ("u", normal_number 8388608 (- (31)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition adadelta_step_exact :=
  given (("w", 5 / 100) :: ("epsilon", 1 / 10 ^ 6) :: ("s", 1 / 256) :: ("u", 1 / 256)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem adadelta_step_can_be_taken :
  Rabs (B2R (in_single adadelta_step_computed adadelta_theta)
        - exact adadelta_step_exact adadelta_theta)
  <= Q2R 6.501 * bpow radix2 (- (24)) * magnitude adadelta_step_exact adadelta_theta.
Proof.
  apply (proj1 adadelta.one_step).
  - represented adadelta_step_computed adadelta_step_exact adadelta; represented_numbers.
  - unfold adadelta_step_exact, given; simpl; repeat split; lra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.
