(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Adam's theorems can hold: beta1 = 0.9, beta2 = 0.999. *)

From Coq Require Import SpecFloat.
Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs adam_theory.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require adam.
Open Scope string_scope.
Open Scope R_scope.

Definition adam_start := given (("w1", 1 / 10) :: ("w2", 1 / 1000) :: ("gradient", 1) :: nil).

Definition adam_kept := (("m", adam_m) :: ("v", adam_v) :: ("v_max", adam_amsgrad_v_max) :: nil).
Definition adam_exact := steps exact adam_kept adam_start.
Definition adam_computed := steps (rounded binary32_nearest) adam_kept (stored adam_start).

Theorem adam_m_can_drift t :
  let c := 2 + u + 2 * kappa * (1 / 10) in
  Rabs (adam_computed t "m" - adam_exact t "m")
  <= (c * u * 1 + (2 + u) * eta) / (1 / 10 - c * u).
Proof. apply (adam.m_stays_near u eta binary32_nearest); shown adam_start. Qed.

Theorem adam_v_can_drift t :
  let c := 2 + u + kappa * (1 / 1000) in
  0 <= adam_computed t "v"
  /\ Rabs (adam_computed t "v" - adam_exact t "v")
     <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (1 / 1000 - c * u).
Proof. apply (adam.v_stays_near u eta binary32_nearest); shown adam_start. Qed.

Theorem adam_v_max_can_drift t :
  let c := 2 + u + kappa * (1 / 1000) in
  Rabs (adam_computed t "v_max" - adam_exact t "v_max")
  <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (1 / 1000 - c * u).
Proof. apply (adam.v_max_stays_near u eta binary32_nearest); shown adam_start. Qed.

(* The second step of Adam at its default hyperparameters, from m = 1/16, v = 1/256, theta = 1 and
   a gradient of 1. *)

Definition second_step_computed :=
  stored_singles
    (("w1", normal_number 13421773 (- (27)) eq_refl)
     :: ("w2", normal_number 8589935 (- (33)) eq_refl)
     :: ("alpha_t", normal_number 11302546 (- (31)) eq_refl)
     :: ("c_t", normal_number 11726368 (- (19)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("m", normal_number 8388608 (- (27)) eq_refl)
     :: ("v", normal_number 8388608 (- (31)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition second_step_exact : environment :=
  given (("w1", 1 / 10) :: ("w2", 1 / 1000)
         :: ("alpha_t", 1 / 1000 / (1 - (9 / 10) ^ 2))
         :: ("c_t", / sqrt (1 - (999 / 1000) ^ 2)) :: ("epsilon", 1 / 10 ^ 8)
         :: ("m", 1 / 16) :: ("v", 1 / 256) :: ("theta", 1) :: ("gradient", 1) :: nil).

(* 1 / sqrt (1 - beta2^2), to eight digits. *)
Lemma first_correction :
  22.366272 <= / sqrt (1 - 999 / 1000 * (999 / 1000 * 1)) <= 22.3662721.
Proof.
  set (x := 1 - 999 / 1000 * (999 / 1000 * 1)); assert (X : x = 1999 / 1000000) by (unfold x; lra).
  assert (root : 0 < sqrt x) by (apply sqrt_lt_R0; lra).
  assert (square := sqrt_sqrt x ltac:(lra)).
  assert (inverse : / sqrt x * sqrt x = 1) by (apply Rinv_l; lra).
  assert (0 < / sqrt x) by now apply Rinv_0_lt_compat.
  assert (whole : / sqrt x * / sqrt x * x = 1) by (rewrite <- square at 3; nra).
  rewrite X in whole; split; apply Rnot_lt_le; intros; nra.
Qed.

Lemma second_step_represents :
  represents binary32 adam (fun x => B2R (second_step_computed x)) second_step_exact.
Proof.
  represented second_step_computed second_step_exact adam.
  all: try replace (1 / 1000 / (1 - 9 / 10 * (9 / 10 * 1))) with (1 / 190) by field.
  all: try (generalize first_correction; set (c := / sqrt _); intros).
  all: rewrite ?(Rabs_pos_eq (1 / _)), ?(Rabs_pos_eq c), ?RMicromega.Q2R_0, ?Rabs_R0 by lra.
  all: repeat split; try lra; try (apply Rabs_le; lra).
Qed.

Theorem adam_step_can_be_taken :
  Rabs (B2R (in_single second_step_computed adam_theta) - exact second_step_exact adam_theta)
  <= Q2R 11.001 * bpow radix2 (- (24)) * magnitude second_step_exact adam_theta.
Proof.
  apply (proj1 adam.one_step).
  - exact second_step_represents.
  - unfold second_step_exact, given; simpl; repeat split; try lra.
    generalize first_correction; intros.
    assert (0 <= sqrt (1 / 1000 * 1 * 1 + (1 - 1 / 1000) * (1 / 256))) by apply sqrt_pos.
    apply Rgt_not_eq; nra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* The longest step. *)

Theorem adam_steps_are_short (g : nat -> R) t :
  (0 < t)%nat ->
  let m_hat := adam_theory.m (9 / 10) g t / (1 - (9 / 10) ^ t) in
  let v_hat := adam_theory.v (999 / 1000) g t / (1 - (999 / 1000) ^ t) in
  Rabs (1 / 1000 * m_hat / (sqrt v_hat + 1 / 10 ^ 8))
  <= 1 / 1000 * sqrt (adam_theory.longest_squared (9 / 10) (999 / 1000)).
Proof. intros Ht; apply adam_theory.adam_step; try assumption; simpl; lra. Qed.
