(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Adadelta's theorems can hold: rho = 0.95, epsilon 1e-6. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs adadelta_theory.
From Truestep Require Import Underflow RelativeDrift QuotientRuns MovingParameters.
From Truestep Require Import adadelta_steps adadelta_step adadelta_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps MachineRuns RunNumbers.
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
  intros i; fold (next_u (larger_u i)); simpl; specialize (positive i); specialize (grows _
    positive).
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

(* A run of 100 steps in binary32 at these hyperparameters, with gradient 1, from theta = 1. *)

Definition adadelta_given : environment :=
  given (("w", 5 / 100) :: ("epsilon", 1 / 10 ^ 6) :: ("learning_rate", 1 / 1000)
         :: ("gradient", 1) :: ("theta", 1) :: nil).
Definition adadelta_machine := given_machine adadelta_states adadelta_given.
Definition adadelta_ruled := given_rule adadelta_states adadelta_given.

Lemma adadelta_inputs x :
  0 <= adadelta_given x <= 1 /\ (adadelta_given x = 0 \/ / 10 ^ 9 <= adadelta_given x).
Proof. revert x. inputs_in_range adadelta_given. Qed.

(* What the conditions are made of. *)

Lemma hundred : INR 100 = 100.
Proof. rewrite INR_IZR_INZ. reflexivity. Qed.

Lemma power_of_100 x : 0 <= x <= / 200 -> 1 <= (1 + x) ^ 100 <= / (1 - 100 * x).
Proof.
  intro H. split; [apply pow_R1_Rle; lra |]. rewrite <- hundred. apply power_at_most; [lra |].
  rewrite hundred. lra.
Qed.

Lemma largest_value : adadelta_largest (95 / 100) (1 / 10 ^ 6) 2 100 = 6 * (4 + 1 / 10 ^ 6).
Proof. unfold adadelta_largest. rewrite hundred. lra. Qed.

Lemma longest_at_most : 0 <= adadelta_longest (95 / 100) (1 / 10 ^ 6) 2 100 <= 30.
Proof.
  unfold adadelta_longest. rewrite largest_value. split; [apply sqrt_pos |].
  rewrite <- (sqrt_square 30) by lra. apply sqrt_le_1_alt. lra.
Qed.

Lemma tiny_eta : 0 <= eta <= / 10 ^ 40.
Proof. unfold eta. split; [apply bpow_ge_0 |]. simpl. lra. Qed.

Lemma adadelta_growth : 1 <= growth u (kappa * u) (95 / 100) <= 1 + 3 * u.
Proof. rewrite k_value, u_value. unfold growth. split; lra. Qed.

Lemma state_part_at_most :
  0 <= adadelta_state_part u eta (95 / 100) (1 / 10 ^ 6) 2 100 <= / 10000.
Proof.
  assert (T := tiny_eta). assert (G := adadelta_growth). unfold adadelta_state_part.
  assert (U : 0 <= u <= / 10 ^ 7) by (rewrite u_value; lra).
  assert (K : 0 <= kappa * u <= / 10 ^ 6) by (rewrite k_value; lra).
  assert (part : 0 <= squares_part u (kappa * u) (95 / 100) 100 <= / 20000).
  { unfold squares_part. set (q := growth _ _ _) in *. set (k := kappa * u) in *.
    replace q with (1 + (q - 1)) by ring. clearbody q k.
    destruct (power_of_100 (q - 1) ltac:(lra)) as (P1 & P2).
    assert (I : / (1 - 100 * (q - 1)) <= 1 + / 30000).
    { apply Rmult_le_reg_l with (1 - 100 * (q - 1)); [lra |]. rewrite Rinv_r by lra. nra. }
    set (z := (1 + (q - 1)) ^ 100) in *. clearbody z.
    assert (c : 1 <= (1 + k) * (1 + u) <= 1 + 2 / 10 ^ 6) by (split; nra). nra. }
  assert (absolute : 0 <= squares_absolute u eta (kappa * u) (95 / 100) 2 / (1 / 10 ^ 6) <= / 10 ^
    10).
  { unfold squares_absolute, kept_of_underflow. set (q := growth _ _ _) in *.
    assert (I : 0 < / (1 - q * (95 / 100)) <= 30).
    { split; [apply Rinv_0_lt_compat; nra |]. apply Rmult_le_reg_l with (1 - q * (95 / 100)); [nra
      |].
      rewrite Rinv_r by nra. nra. }
    set (n := (2 + u) * eta + (1 + u) * (eta * 2)). set (i := / (1 - q * (95 / 100))) in *.
    change (0 <= n * i * / (1 / 10 ^ 6) <= / 10 ^ 10).
    replace (/ (1 / 10 ^ 6)) with (10 ^ 6) by field. clearbody i.
    assert (N : 0 <= n <= / 10 ^ 30) by (unfold n; split; nra). clearbody n.
    assert (0 <= n * i <= / 10 ^ 30 * 30) by (split; [apply Rmult_le_pos | apply Rmult_le_compat];
      lra).
    lra. }
  lra.
Qed.

Lemma factor_at_most :
  1 <= adadelta_step_factor u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2 100 <= 1 + / 1000.
Proof.
  assert (T := tiny_eta). assert (S := state_part_at_most). assert (L := longest_at_most).
  unfold adadelta_step_factor. set (h := adadelta_state_part _ _ _ _ _ _) in *.
  set (l := adadelta_longest _ _ _ _) in *. clearbody h l. generalize dependent eta. intros e T.
  assert (I : 1 <= / (1 - h) <= 1 + 2 / 10000).
  { split; [rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra |].
    apply Rmult_le_reg_l with (1 - h); [lra |]. rewrite Rinv_r by lra. nra. }
  assert (Y : 1 <= (/ (1 - / 10 ^ 6)) ^ 11 <= 1 + / 10000) by (split; lra).
  set (i := / (1 - h)) in *. set (y := (/ (1 - / 10 ^ 6)) ^ 11) in *. clearbody i y.
  assert (rest : 0 <= (32 * l + 52) * e / (1 / 10 ^ 6) <= / 10 ^ 10).
  { assert (0 <= (32 * l + 52) * e <= 2000 * / 10 ^ 40)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). lra. }
  nra.
Qed.

Lemma adadelta_conditions_hold :
  adadelta_conditions u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2 100.
Proof.
  assert (T := tiny_eta). assert (G := adadelta_growth). assert (S := state_part_at_most).
  assert (F := factor_at_most). assert (K : 0 <= kappa * u <= / 10 ^ 7) by (rewrite k_value; lra).
  assert (U : 0 <= u <= / 10 ^ 7) by (rewrite u_value; lra).
  split; [lra |]. split; [lra |]. split; [lra |]. split; [nra |]. split.
  - unfold adadelta_floor. rewrite largest_value. split; [| lra].
    assert (0 <= eta / (1 / 10 ^ 6 / (32 * (1 + 6 * (4 + 1 / 10 ^ 6)))) <= / 10 ^ 10); [| lra].
    replace (eta / (1 / 10 ^ 6 / (32 * (1 + 6 * (4 + 1 / 10 ^ 6)))))
      with (eta * (10 ^ 6 * (32 * (1 + 6 * (4 + 1 / 10 ^ 6))))) by (field; lra). lra.
  - split; [lra |]. split; [lra |]. split; [lra |].
    set (q := adadelta_step_factor _ _ _ _ _ _ _) in *. replace q with (1 + (q - 1)) by ring.
    clearbody q. eapply Rle_trans; [apply (power_of_100 (q - 1)); lra |].
    rewrite <- (Rinv_inv 2). apply Rinv_le_contravar; lra.
Qed.

(* How large numbers may become. *)

Lemma error_at_most :
  0 <= adadelta_error u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2 100 <= 200.
Proof.
  assert (T := tiny_eta). assert (S := state_part_at_most). assert (L := longest_at_most).
  assert (P := factor_at_most). unfold adadelta_error.
  set (h := adadelta_state_part _ _ _ _ _ _) in *. set (l := adadelta_longest _ _ _ _) in *.
  set (q := adadelta_step_factor _ _ _ _ _ _ _) in *.
  assert (Q : 1 <= q ^ 100 <= 2).
  { replace q with (1 + (q - 1)) by ring. destruct (power_of_100 (q - 1) ltac:(lra)) as (Q1 & Q2).
    split; [exact Q1 |]. eapply Rle_trans; [exact Q2 |].
    rewrite <- (Rinv_inv 2). apply Rinv_le_contravar; lra. }
  assert (Y : 1 <= (/ (1 - / 10 ^ 6)) ^ 8 <= 2) by (split; lra).
  assert (I : 1 <= / (1 - h) <= 2).
  { split; [rewrite <- Rinv_1 at 1 | rewrite <- (Rinv_inv 2)]; apply Rinv_le_contravar; lra. }
  set (a := q ^ 100) in *. set (i := / (1 - h)) in *.
  set (y := (/ (1 - / 10 ^ 6)) ^ 8) in *. clearbody a i y l.
  revert T L Q Y I. clear. generalize eta. intros e T L Q Y I.
  assert (ay : 1 <= a * y <= 4) by (split; nra).
  assert (ayi : 1 <= a * y * i <= 8) by (split; nra). split; nra.
Qed.

Lemma drift_at_most E L theta :
  0 <= E <= 201 -> 0 <= L <= 30 -> 0 <= theta <= 2 ->
  0 <= moved_drift u eta E L theta 100 100 <= 10 ^ 5.
Proof.
  intros HE HL Ht. assert (T := tiny_eta). assert (U : 0 <= u <= / 10 ^ 7) by (rewrite u_value;
    lra).
  assert (V : 1 <= (1 + u) ^ 100 <= 2).
  { destruct (power_of_100 u ltac:(lra)) as (Q1 & Q2). split; [exact Q1 |].
    eapply Rle_trans; [exact Q2 |]. rewrite <- (Rinv_inv 2). apply Rinv_le_contravar; lra. }
  unfold moved_drift. rewrite hundred. set (v := (1 + u) ^ 100) in *. clearbody v.
  revert T U V. generalize eta u. intros e w T U V.
  assert (W : 0 <= w * (theta + 100 * L) <= 1) by (split; nra).
  assert (M : 100 * v * (E + w * (theta + 100 * L) + e) <= 100 * 2 * 300)
    by (apply Rmult_le_compat; lra).
  split; [apply Rmult_le_pos; lra | lra].
Qed.

Lemma states_peak_at_most : adadelta_states_peak (95 / 100) (1 / 10 ^ 6) 2 100 <= 10 ^ 10.
Proof.
  assert (L := longest_at_most). unfold adadelta_states_peak. rewrite largest_value.
  replace (6 * (4 + 1 / 10 ^ 6) / (1 / 10 ^ 6)) with (6 * (4 * 10 ^ 6 + 1)) by field. lra.
Qed.

Theorem adadelta_can_run t :
  let stored t x := B2R (adadelta_machine t x) in
  (t <= 100)%nat ->
  (forall x, is_finite (adadelta_machine t x) = true)
  /\ Rabs (stored t "theta" - adadelta_ruled t "theta")
     <= moved_drift u eta (adadelta_error u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2 100)
          (adadelta_longest (95 / 100) (1 / 10 ^ 6) 2 100) (Rabs (adadelta_ruled O "theta")) 100 t.
Proof.
  intros stored Ht.
  assert (start : Rabs (adadelta_ruled O "theta") <= 2) by apply given_size, adadelta_inputs.
  destruct (adadelta_run_in_ieee 24 128 eq_refl eq_refl (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2
    (B2R (adadelta_machine O "w")) (B2R (adadelta_machine O "epsilon")) 100 adadelta_machine
    adadelta_ruled) with (t := t) as (_ & F & _ & D); try given_shown adadelta_inputs.
  - exact adadelta_conditions_hold.
  - replace (1 - 95 / 100) with (5 / 100) by lra. given_shown adadelta_inputs.
  - apply (given_weight _ _ adadelta_inputs). unfold adadelta_given, given. simpl. lra.
  - change (adadelta_peak u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2
      (Rabs (adadelta_ruled O "theta")) 100 < bpow radix2 128).
    assert (L := longest_at_most). assert (P := states_peak_at_most).
    assert (E : 0 <= adadelta_error u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) 2 100 <= 201)
      by (generalize error_at_most; lra).
    assert (D := drift_at_most _ _ _ E L
      (conj (Rabs_pos (adadelta_ruled O "theta")) start)).
    unfold adadelta_peak. rewrite hundred. set (d := moved_drift _ _ _ _ _ _ _) in *.
    apply Rle_lt_trans with (10 ^ 11); [lra | simpl; lra].
  - exact Ht.
  - exact (conj F D).
Qed.

(* With a learning rate of 0.001. *)

Definition adadelta_scaled_machine := given_machine adadelta_scaled_states adadelta_given.
Definition adadelta_scaled_ruled := given_rule adadelta_scaled_states adadelta_given.

Theorem adadelta_scaled_can_run t :
  let stored t x := B2R (adadelta_scaled_machine t x) in
  (t <= 100)%nat ->
  (forall x, is_finite (adadelta_scaled_machine t x) = true)
  /\ Rabs (stored t "theta" - adadelta_scaled_ruled t "theta")
     <= moved_drift u eta
          (adadelta_scaled_error u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) (1 / 1000) 2 100)
          (1 / 1000 * adadelta_longest (95 / 100) (1 / 10 ^ 6) 2 100)
          (Rabs (adadelta_scaled_ruled O "theta")) 100 t.
Proof.
  intros stored Ht.
  assert (start : Rabs (adadelta_scaled_ruled O "theta") <= 2) by apply given_size, adadelta_inputs.
  destruct (adadelta_scaled_run_in_ieee 24 128 eq_refl eq_refl (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6)
    (1 / 1000) 2 (B2R (adadelta_scaled_machine O "w")) (B2R (adadelta_scaled_machine O "epsilon"))
    (B2R (adadelta_scaled_machine O "learning_rate")) 100 adadelta_scaled_machine
    adadelta_scaled_ruled) with (t := t) as (_ & F & _ & D); try given_shown adadelta_inputs.
  - exact adadelta_conditions_hold.
  - replace (1 - 95 / 100) with (5 / 100) by lra. given_shown adadelta_inputs.
  - apply (given_weight _ _ adadelta_inputs). unfold adadelta_given, given. simpl. lra.
  - change (adadelta_scaled_peak u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) (1 / 1000) 2
      (Rabs (adadelta_scaled_ruled O "theta")) 100 < bpow radix2 128).
    assert (L := longest_at_most). assert (P := states_peak_at_most).
    assert (E : 0 <= adadelta_scaled_error u eta (/ 10 ^ 6) (95 / 100) (1 / 10 ^ 6) (1 / 1000) 2 100
      <= 201).
    { assert (E := error_at_most). assert (T := tiny_eta). unfold adadelta_scaled_error. cbv zeta.
      set (l := adadelta_longest _ _ _ _) in *. set (e := adadelta_error _ _ _ _ _ _ _) in *.
      rewrite k_value, u_value. lra. }
    assert (D := drift_at_most _ (1 / 1000 * adadelta_longest (95 / 100) (1 / 10 ^ 6) 2 100) _ E
      ltac:(lra) (conj (Rabs_pos (adadelta_scaled_ruled O "theta")) start)).
    unfold adadelta_scaled_peak. rewrite hundred. set (d := moved_drift _ _ _ _ _ _ _) in *.
    set (e := adadelta_scaled_error _ _ _ _ _ _ _ _) in *.
    apply Rle_lt_trans with (10 ^ 11); [lra | simpl; lra].
  - exact Ht.
  - exact (conj F D).
Qed.
