(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Momentum's theorems can hold: momentum 0.9, learning rate 0.01. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs momentum_theory.
From Truestep Require Import BallArithmetic RecordedBalls.
From Truestep Require Import RelativeDrift MovingParameters Overflow momentum_run.
From Truestep Require Import Gradual momentum_decay_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps MachineRuns RunNumbers.
From TruestepRules Require momentum.
Open Scope string_scope.
Open Scope R_scope.

Definition momentum_start :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("gradient", 1) :: nil).

Definition momentum_kept := (("v", momentum_v) :: ("theta", momentum_theta) :: nil).
Definition momentum_exact := steps exact momentum_kept momentum_start.
Definition momentum_computed :=
  steps (rounded binary32_nearest) momentum_kept (stored momentum_start).

Theorem momentum_can_drift t :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (1 / 100 * 1 / (1 - 9 / 10)) + (3 + 2 * u) * eta) / (1 - 9 / 10 * (1 + K)) in
  Rabs (momentum_computed t "v" - momentum_exact t "v") <= E
  /\ ((t <= 1)%nat ->
      Rabs (momentum_computed t "theta" - momentum_exact t "theta")
      <= INR t * (E + (u * first_two momentum_computed + eta) / (1 - u))).
Proof.
  split.
  - apply (momentum.v_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100))); shown momentum_start.
  - apply (momentum.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two momentum_computed) 1);
      shown momentum_start.
Qed.

(* One step at these hyperparameters, from v = 1/16, theta = 1 and a gradient of 1. *)

Definition momentum_step_computed :=
  stored_singles
    (("momentum", normal_number 15099494 (- (24)) eq_refl)
     :: ("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("v", normal_number 8388608 (- (27)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition momentum_step_exact :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("v", 1 / 16)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem momentum_step_can_be_taken :
  Rabs (B2R (in_single momentum_step_computed momentum_theta)
        - exact momentum_step_exact momentum_theta)
  <= Q2R 4.001 * bpow radix2 (- (24)) * magnitude momentum_step_exact momentum_theta.
Proof.
  apply (proj1 momentum.one_step).
  - represented momentum_step_computed momentum_step_exact momentum; represented_numbers.
  - unfold momentum_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* A run in binary32 at these hyperparameters, with gradient 1, from theta = 1. *)

Definition momentum_given : environment :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("gradient", 1) :: ("theta", 1)
         :: nil).
Definition momentum_machine := given_machine momentum_states momentum_given.
Definition momentum_ruled := given_rule momentum_states momentum_given.

Lemma momentum_inputs x :
  0 <= momentum_given x <= 1 /\ (momentum_given x = 0 \/ / 10 ^ 9 <= momentum_given x).
Proof. revert x. inputs_in_range momentum_given. Qed.

Lemma small_quotient k n :
  0 <= k <= / 1000 -> 0 <= n <= / 1000 -> 0 <= n / (1 - 9 / 10 * (1 + k)) <= 1.
Proof.
  intros K N. set (d := 1 - 9 / 10 * (1 + k)). assert (D : / 20 <= d) by (unfold d; lra).
  split; [apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra |].
  apply Rmult_le_reg_r with d; [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma small_numbers : 0 <= u <= / 1000000 /\ 0 <= eta <= / 1000000.
Proof.
  split; [rewrite u_value; lra |]. unfold eta. split; [apply bpow_ge_0 |].
  apply Rle_trans with (bpow radix2 (- (20))); [apply bpow_le; lia | simpl; lra].
Qed.

Lemma small_growth : 0 <= product_growth u <= / 1000.
Proof. unfold product_growth. rewrite u_value. unfold kappa. lra. Qed.

Lemma small_buffer_error : 0 <= buffer_error u eta (9 / 10) (1 / 100 * 2) <= 1.
Proof.
  destruct small_numbers as [U N]. assert (K := small_growth).
  unfold buffer_error, kept_error, buffer_top.
  set (k := product_growth u) in *. clearbody k. revert U N. generalize u eta. intros v e U N.
  apply small_quotient; [exact K |].
  assert (0 <= v * e <= / 1000000) by (split; [apply Rmult_le_pos |]; nra). lra.
Qed.

Theorem momentum_can_run t :
  let stored t x := B2R (momentum_machine t x) in
  (t <= 1000)%nat ->
  (forall x, is_finite (momentum_machine t x) = true)
  /\ Rabs (stored t "theta" - momentum_ruled t "theta")
     <= moved_drift u eta (buffer_error u eta (9 / 10) (1 / 100 * 2))
          (buffer_top (9 / 10) (1 / 100 * 2)) (Rabs (momentum_ruled O "theta")) 1000 t.
Proof.
  intros stored Ht.
  destruct small_numbers as [U N]. assert (K := small_growth).
  assert (start : Rabs (momentum_ruled O "theta") <= 2) by apply given_size, momentum_inputs.
  destruct (momentum_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (B2R (momentum_machine O
    "momentum"))
    (1 / 100) (B2R (momentum_machine O "learning_rate")) 2 1000 momentum_machine momentum_ruled)
    with (t := t) as (_ & F & D); try given_shown momentum_inputs.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - assert (P := power_of_1000 (1 + u) ltac:(rewrite u_value; lra)).
    change (momentum_peak u eta (9 / 10) (1 / 100) 2 (Rabs (momentum_ruled O "theta")) 1000
      < bpow radix2 128).
    assert (B := small_buffer_error).
    assert (V : buffer_top (9 / 10) (1 / 100 * 2) = 1 / 5) by (unfold buffer_top; field).
    unfold momentum_peak, buffer_peak, moved_drift. rewrite V, steps_counted.
    set (b := buffer_error _ _ _ _) in *. set (q := (1 + u) ^ 1000) in *.
    set (theta := Rabs (momentum_ruled O "theta")) in *.
    assert (theta0 : 0 <= theta) by apply Rabs_pos.
    clearbody b q theta. revert U N P B start theta0. clear. generalize u eta.
    intros v e U N P B start theta0.
    assert (vt : 0 <= v * (theta + 1000 * (1 / 5)) <= / 1000000 * 300)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (E : 0 <= b + v * (theta + 1000 * (1 / 5)) + e <= 2) by lra.
    assert (M : 1000 * q * (b + v * (theta + 1000 * (1 / 5)) + e) <= 1000 * 2 * 2)
      by (apply Rmult_le_compat; lra).
    apply Rle_lt_trans with 5000; [lra | simpl; lra].
  - exact Ht.
  - exact (conj F D).
Qed.

(* With weight decay 0.01 in the gradient, from theta = 0: theta falls towards -100. *)

Definition momentum_decay_start :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("weight_decay", 1 / 100)
         :: ("gradient", 1) :: nil).
Definition momentum_decay_kept :=
  (("v", put "gradient" weight_decay_decayed_gradient momentum_v)
   :: ("theta", put "gradient" weight_decay_decayed_gradient momentum_theta) :: nil).
Definition momentum_decay_exact := steps exact momentum_decay_kept momentum_decay_start.

Lemma momentum_decay_falls t :
  0 <= momentum_decay_exact t "theta" + 100 <= 100
  /\ - (momentum_decay_exact t "theta" + 100) / 100 <= momentum_decay_exact t "v" <= 0.
Proof.
  assert (Hv : follows exact "v" (put "gradient" weight_decay_decayed_gradient momentum_v)
    momentum_decay_exact) by now apply steps_follow.
  assert (Ht : follows exact "theta" (put "gradient" weight_decay_decayed_gradient momentum_theta)
    momentum_decay_exact) by now apply steps_follow.
  assert (kept : forall x, found momentum_decay_kept x = None -> forall i,
    momentum_decay_exact i x = momentum_decay_start x) by (intros; now apply steps_keep).
  induction t as [| t IH].
  - unfold momentum_decay_exact, momentum_decay_start, given. simpl. lra.
  - rewrite Ht, Hv. simpl. rewrite !(kept "momentum"), !(kept "learning_rate"),
      !(kept "weight_decay"), !(kept "gradient") by reflexivity.
    unfold momentum_decay_start, given. simpl.
    set (theta := momentum_decay_exact t "theta") in *.
    set (v := momentum_decay_exact t "v") in *. lra.
Qed.

Theorem momentum_decay_can_run t :
  let f := steps (rounded binary32_nearest) momentum_decay_kept (stored momentum_decay_start) in
  Rabs (f t "theta" - momentum_decay_exact t "theta")
  <= fed_back_drift u (9 / 10 * (1 + product_growth u))
       (decayed_feedback u (1 / 100) (1 / 100))
       (decayed_local u eta (9 / 10) (1 / 100) (1 / 100) 1 100) (u * 100 + eta) t.
Proof.
  intro f. apply (decayed_momentum_run u eta (9 / 10) (unbounded_nearest (9 / 10)) (1 / 100)
    (unbounded_nearest (1 / 100)) (1 / 100) (unbounded_nearest (1 / 100)) 1 100 binary32_nearest);
    try shown momentum_decay_start.
  - generalize small_growth. lra.
  - intro i. destruct (momentum_decay_falls i) as (H & _). apply Rabs_le. lra.
Qed.

(* The radius of a step, computed in floating point. *)
Theorem momentum_radius_can_be_computed :
  let f x := binary32_nearest (momentum_step_exact x) in
  let d x := Rabs (f x - momentum_step_exact x) in
  Rabs (rounded binary32_nearest f momentum_theta - exact momentum_step_exact momentum_theta)
  <= ball (round radix2 (FLX_exp 53) ZnearestE) (FLT_exp (- (149)) 24)
       (fun z => negb (Z.even z)) f d momentum_theta.
Proof.
  intros f d. apply (ball_sound_in_W 53 (fun z => negb (Z.even z))); try easy.
  - now apply FLT_exp_valid.
  - apply FLT_exp_monotone.
  - intro x. apply generic_format_round; auto with typeclass_instances. now apply FLT_exp_valid.
  - intro x. apply Rle_refl.
Qed.

(* The same by the code of ball.hpp, as it is recorded. *)
Theorem momentum_radius_can_be_run :
  let f x := binary32_nearest (momentum_step_exact x) in
  let d x := Rabs (f x - momentum_step_exact x) in
  let result := ball_code binary32_nearest (round radix2 (FLX_exp 53) ZnearestE) 0
                  (FLT_exp (- (149)) 24) f d momentum_theta in
  Rabs (fst result - exact momentum_step_exact momentum_theta) <= snd result.
Proof.
  intros f d. apply (ball_code_sound_in_W 53 (fun z => negb (Z.even z))); try easy.
  - now apply FLT_exp_valid.
  - apply FLT_exp_monotone.
  - intro x. apply generic_format_round; auto with typeclass_instances. now apply FLT_exp_valid.
  - intro x. apply Rle_refl.
Qed.
