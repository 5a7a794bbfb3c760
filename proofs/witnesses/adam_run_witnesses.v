(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem of a run of Adam can hold: a run in binary32 at beta1 = 0.9,
   beta2 = 0.999, epsilon = 1e-8 and learning rate 0.001, with gradient 1 at every step, from theta
   = 1, its coefficients the numbers nearest to the exact ones. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Rounding Formats Runs.
From Truestep Require Import RelativeDrift Overflow adam_run adam_machine adam_defaults.
From Truestep Require Import adam_amsgrad_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import MachineRuns.
Open Scope string_scope.
Open Scope R_scope.

Definition adam_given (t : nat) : environment := fun x =>
  if String.eqb x "w1" then 1 - 9 / 10
  else if String.eqb x "w2" then 1 - 999 / 1000
  else if String.eqb x "epsilon" then / 10 ^ 8
  else if String.eqb x "alpha_t" then / 1000 / (1 - (9 / 10) ^ S t)
  else if String.eqb x "c_t" then / sqrt (1 - (999 / 1000) ^ S t)
  else if String.eqb x "gradient" then 1
  else if String.eqb x "theta" then 1
  else 0.

Lemma inverse_between a b x : 0 < a -> a <= x <= b -> / b <= / x <= / a.
Proof. intros A H. split; apply Rinv_le_contravar; lra. Qed.

Lemma adam_given_in_range t x :
  0 <= adam_given t x /\ (adam_given t x = 0 \/ / 2 ^ 40 <= adam_given t x)
  /\ adam_given t x <= 2 ^ 10.
Proof.
  assert (P1 := correction_positive (9 / 10) t ltac:(lra)).
  assert (P2 := correction_positive (999 / 1000) t ltac:(lra)).
  assert (Q1 := pow_lt (9 / 10) (S t) ltac:(lra)). assert (Q2 := pow_lt (999 / 1000) (S t)
    ltac:(lra)).
  assert (I := inverse_between (/ 10) 1 (1 - (9 / 10) ^ S t) ltac:(lra) ltac:(lra)).
  assert (R : / 100 <= sqrt (1 - (999 / 1000) ^ S t)).
  { rewrite <- (sqrt_square (/ 100)) by lra. apply sqrt_le_1_alt. lra. }
  assert (R1 := sqrt_at_most_1 (1 - (999 / 1000) ^ S t) ltac:(lra)).
  assert (J := inverse_between (/ 100) 1 (sqrt (1 - (999 / 1000) ^ S t))
    ltac:(lra) ltac:(lra)).
  unfold adam_given. repeat (case String.eqb; [unfold Rdiv; lra |]). lra.
Qed.

Notation single := (binary_float 24 128).

Definition adam_computed : nat -> string -> single :=
  machine_steps 24 128 eq_refl eq_refl adam_states adam_given.

Lemma adam_input t x :
  t = O \/ term_of adam_states x = None ->
  is_finite (adam_computed t x) = true
  /\ Rabs (B2R (adam_computed t x) - adam_given t x)
     <= kappa * bpow radix2 (- (24)) * adam_given t x.
Proof.
  intro H. destruct (adam_given_in_range t x) as (P & N & L).
  replace (adam_computed t x) with (nearest_number 24 128 eq_refl eq_refl (adam_given t x)).
  - apply nearest_number_within; [easy | destruct N as [N | N]; [now left | right] |].
    + eapply Rle_trans; [| exact N]. simpl. lra.
    + eapply Rle_lt_trans with (2 ^ 11); simpl; lra.
  - destruct H as [-> | H].
    + unfold adam_computed. cbn [machine_steps]. reflexivity.
    + symmetry. now apply machine_steps_given.
Qed.

Lemma rule_exists alpha beta1 beta2 epsilon g start :
  exists m v theta, adam_rule alpha beta1 beta2 epsilon g m v theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (update t := alpha * (m t / (1 - beta1 ^ t)) / (sqrt (v t / (1 - beta2 ^ t)) + epsilon)).
  exists m, v, (fix theta t := match t with O => start | S n => theta n - update (S n) end).
  repeat split.
Qed.

Lemma adam_zero x : adam_given O x = 0 -> B2R (adam_computed O x) = 0.
Proof.
  intro H. destruct (adam_input O x (or_introl eq_refl)) as [_ W]. rewrite H in W.
  rewrite Rminus_0_r, Rmult_0_r in W. revert W. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma adam_runs : adam_machine_run 24 128 eq_refl eq_refl adam_computed.
Proof.
  split; [intros t x H; now apply adam_input |].
  split; [now apply adam_zero |]. split; [now apply adam_zero |].
  intro t. repeat split; now apply machine_steps_kept.
Qed.

Lemma adam_coefficients_are_within :
  adam_coefficients_within (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t x => B2R (adam_computed t x)).
Proof.
  assert (same : forall t x, term_of adam_states x = None -> adam_given t x = adam_given O x ->
    B2R (adam_computed t x) = B2R (adam_computed O x)).
  { intros t x H E. unfold adam_computed. now rewrite !machine_steps_given, E by easy. }
  assert (input : forall t x, term_of adam_states x = None -> Rabs (B2R (adam_computed t x)
      - adam_given t x) <= kappa * bpow radix2 (- (24)) * adam_given t x)
    by (intros; apply adam_input; now right).
  assert (weight : forall x, term_of adam_states x = None -> adam_given O x <= 1 / 2 ->
    0 <= B2R (adam_computed O x) <= 1).
  { intros x H L. destruct (adam_given_in_range O x) as (P & _). specialize (input O x H).
    assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra).
    assert (B : kappa * bpow radix2 (- (24)) * adam_given O x <= 1 * adam_given O x)
      by (apply Rmult_le_compat_r; easy).
    revert input. unfold Rabs. destruct Rcase_abs; lra. }
  split; [intro t; now rewrite !(same t) |].
  split; [apply weight; [easy | unfold adam_given; simpl; lra] |].
  split; [apply weight; [easy | unfold adam_given; simpl; lra] |].
  split; [now apply (input O "w1") |]. split; [now apply (input O "w2") |].
  split; [now apply (input O "epsilon") |].
  intro t. split; [now apply (input t "alpha_t") | now apply (input t "c_t")].
Qed.

Lemma adam_gradients t : Rabs (B2R (adam_computed t "gradient")) <= 2.
Proof.
  destruct (adam_input t "gradient" (or_intror eq_refl)) as [_ W].
  assert (E : adam_given t "gradient" = 1) by reflexivity. rewrite E in W.
  assert (A : Rabs 1 <= 1) by (rewrite Rabs_R1; lra).
  assert (S := Rabs_near _ _ _ _ A W).
  assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra). lra.
Qed.

(* With nothing left to suppose: 100 000 steps. *)
Theorem adam_can_run :
  exists m v theta,
    adam_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
      (fun t => B2R (adam_computed t "gradient")) m v theta
    /\ theta O = B2R (adam_computed O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (adam_computed t x) = true)
         /\ Rabs (B2R (adam_computed t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (101 / 100 * Rabs (theta O)
                          + / 1000 * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  destruct (rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t => B2R (adam_computed t "gradient")) (B2R (adam_computed O "theta")))
    as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  assert (T0 := pos_INR t).
  assert (first : Rabs (theta O) <= 2 ^ 20).
  { rewrite Start. destruct (adam_input O "theta" (or_introl eq_refl)) as [_ W].
    assert (A : Rabs (adam_given O "theta") <= 1)
      by (change (adam_given O "theta") with 1; rewrite Rabs_R1; lra).
    assert (S := Rabs_near _ _ _ _ A W). change (adam_given O "theta") with 1 in S.
    assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra). lra. }
  apply (default_run_in_ieee 24 128 eq_refl eq_refl (/ 1000) 2 t adam_computed m v theta); auto;
    try (simpl; lra).
  - exact adam_runs.
  - exact adam_coefficients_are_within.
  - exact adam_gradients.
Qed.

(* AMSGrad, with the same coefficients and gradients, rounded to binary32. *)

Definition amsgrad_states : list (string * expression) :=
  (("m", adam_m) :: ("v", adam_v) :: ("v_max", adam_amsgrad_v_max)
   :: ("theta", adam_amsgrad_theta) :: nil)%list.

Definition amsgrad_computed : run :=
  shadow 24 128 amsgrad_states (fun t x => B2R (adam_computed t x)).

Lemma amsgrad_rule_exists alpha beta1 beta2 epsilon g start :
  exists m v v_max theta,
    amsgrad_rule alpha beta1 beta2 epsilon g m v v_max theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (v_max := fix v_max t := match t with O => 0 | S n => Rmax (v_max n) (v (S n)) end).
  set (update t :=
    alpha * (m t / (1 - beta1 ^ t)) / (sqrt (v_max t / (1 - beta2 ^ t)) + epsilon)).
  exists m, v, v_max, (fix theta t := match t with O => start | S n => theta n - update (S n) end).
  repeat split.
Qed.

Theorem amsgrad_can_run T :
  INR T <= 100000 ->
  let u := bpow radix2 (- (24)) in
  let eta := bpow radix2 (3 - 128 - 24 - 1) in
  exists m v v_max theta,
    amsgrad_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
      (fun t => amsgrad_computed t "gradient") m v v_max theta
    /\ theta O = amsgrad_computed O "theta"
    /\ forall t, (t <= T)%nat ->
         Rabs (amsgrad_computed t "theta" - theta t)
         <= theta_drift u eta (kappa * u) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 2
              (Rabs (theta O)) t.
Proof.
  intros HT u eta.
  destruct (amsgrad_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t => amsgrad_computed t "gradient") (amsgrad_computed O "theta"))
    as (m & v & v_max & theta & Rule & Start).
  exists m, v, v_max, theta. split; [exact Rule |]. split; [exact Start |].
  assert (given : forall x, term_of amsgrad_states x = None -> forall t,
    amsgrad_computed t x = B2R (adam_computed t x)) by (intros; now apply shadow_given).
  assert (first : forall x, adam_given O x = 0 -> amsgrad_computed O x = 0).
  { intros x H. rewrite <- (adam_zero x H). unfold amsgrad_computed. cbn [shadow].
    now destruct term_of. }
  apply (amsgrad_run_rounded u eta (kappa * u) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 2
    (round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE) T amsgrad_computed m v v_max theta); auto.
  - apply (nearest_is_rounding (3 - 128 - 24) 24 eq_refl).
  - assert (T0 := pos_INR T). apply default_conditions with (theta0 := 0); unfold u, eta; simpl;
    lra.
  - repeat split; try (now apply first); intro t; now apply shadow_kept.
  - destruct adam_coefficients_are_within as (Same & H). unfold adam_coefficients_within.
    split; [intro t; rewrite !given by easy; apply Same |]. rewrite !given by easy.
    destruct H as (W1 & W2 & W1k & W2k & Ek & Steps). repeat (split; [assumption |]).
    intro t. rewrite !given by easy. apply Steps.
  - intro t. rewrite given by easy. apply adam_gradients.
Qed.
