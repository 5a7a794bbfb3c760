(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of NAG's theorems can hold: momentum 0.9, learning rate 0.01. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs.
From Truestep Require Import momentum_theory nag_theory momentum_run momentum_decay_run.
From Truestep Require Import nag_look_ahead_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps momentum_witnesses.
From TruestepRules Require nag.
Open Scope string_scope.
Open Scope R_scope.

Definition nag_kept := (("v", nag_v) :: ("theta", nag_theta) :: nil).
Definition nag_exact := steps exact nag_kept momentum_start.
Definition nag_computed := steps (rounded binary32_nearest) nag_kept (stored momentum_start).

Theorem nag_can_drift t :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (1 / 100 * 1 / (1 - 9 / 10)) + (3 + 2 * u) * eta) / (1 - 9 / 10 * (1 + K)) in
  Rabs (nag_computed t "v" - nag_exact t "v") <= E
  /\ ((t <= 1)%nat ->
      Rabs (nag_computed t "theta" - nag_exact t "theta")
      <= INR t * (E + (u * first_two nag_computed + eta) / (1 - u))).
Proof.
  split.
  - apply (nag.v_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100))); shown momentum_start.
  - apply (nag.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two nag_computed) 1);
      shown momentum_start.
Qed.

(* One step at these hyperparameters, from v = 1/16, theta = 1 and a gradient of 1. *)

Definition nag_step_computed :=
  stored_singles
    (("momentum", normal_number 15099494 (- (24)) eq_refl)
     :: ("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("v", normal_number 8388608 (- (27)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition nag_step_exact :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("v", 1 / 16)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem nag_step_can_be_taken :
  Rabs (B2R (in_single nag_step_computed nag_theta)
        - exact nag_step_exact nag_theta)
  <= Q2R 4.001 * bpow radix2 (- (24)) * magnitude nag_step_exact nag_theta.
Proof.
  apply (proj1 nag.one_step).
  - represented nag_step_computed nag_step_exact momentum.
    all: represented_numbers.
  - unfold nag_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* Its look-ahead. *)
Theorem nag_look_ahead_step_can_be_taken :
  Rabs (B2R (in_single nag_step_computed nag_look_ahead_look_ahead)
        - exact nag_step_exact nag_look_ahead_look_ahead)
  <= Q2R 3.001 * bpow radix2 (- (24)) * magnitude nag_step_exact nag_look_ahead_look_ahead.
Proof.
  apply (proj1 nag.one_look_ahead).
  - represented nag_step_computed nag_step_exact momentum.
    all: represented_numbers.
  - unfold nag_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* A run whose gradient is its look-ahead, clipped to [-1, 1], from theta = 1. *)

Definition clipped (x : R) : R := Rmax (-1) (Rmin x 1).

Lemma clipped_at_most x : Rabs (clipped x) <= 1.
Proof. unfold clipped, Rmax, Rmin, Rabs. repeat destruct Rle_dec; destruct Rcase_abs; lra. Qed.

Lemma clipped_answers x y : Rabs (clipped x - clipped y) <= Rabs (x - y).
Proof.
  unfold clipped, Rmax, Rmin, Rabs. repeat destruct Rle_dec; repeat destruct Rcase_abs; lra.
Qed.

Definition answering (value : environment -> expression -> R) (e : environment) : environment :=
  fun x => if String.eqb x "gradient" then clipped (value e nag_look_ahead_look_ahead) else e x.

Fixpoint trained (value : environment -> expression -> R) (start : environment) (t : nat)
    : environment :=
  answering value
    match t with
    | O => start
    | S t => fun x => match found nag_kept x with
             | Some e => value (trained value start t) e
             | None => start x
             end
    end.

Definition trained_start : environment :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("theta", 1) :: nil).

Theorem nag_can_answer t :
  let f := trained (rounded binary32_nearest) (stored trained_start) in
  let r := trained exact trained_start in
  (t <= 100)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= fed_back_drift u (answering_decay u (9 / 10) (1 / 100) 1) (answering_feedback u (1 / 100) 1)
       (answering_local u eta (9 / 10) (1 / 100) 1 1 0 r 100)
       (u * (Rabs (r O "theta") + INR 100 * buffer_top (9 / 10) (1 / 100 * 1)) + eta) t.
Proof.
  intros f r.
  assert (one : unbounded_nearest 1 = 1).
  { apply round_generic; auto with typeclass_instances.
    apply (generic_format_bpow radix2 _ 0). easy. }
  apply (answering_momentum_run u eta (9 / 10) (unbounded_nearest (9 / 10)) (1 / 100)
    (unbounded_nearest (1 / 100)) 1 1 0 binary32_nearest f r 100).
  - exact binary32_rounds.
  - split; [intro i; now destruct i | split; [lra | now apply stored_within; lra]].
  - split; [intro i; now destruct i | split; [lra | now apply stored_within; lra]].
  - intro i. destruct i; apply clipped_at_most.
  - lra.
  - lra.
  - intros i _. rewrite Rmult_1_l, Rplus_0_r. destruct i; apply clipped_answers.
  - unfold f, r. simpl. exact one.
  - split; [reflexivity | now intro i].
  - split; [exact stored_zero | now intro i].
  - now intro i.
  - now intro i.
  - unfold answering_decay, product_growth, kappa. rewrite u_value. lra.
Qed.
