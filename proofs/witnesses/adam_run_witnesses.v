(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem of a run of Adam can hold: a run in binary32 at beta1 = 0.9,
   beta2 = 0.999, epsilon = 1e-8 and learning rate 0.001, with gradient 1 at every step, from theta
   = 1, its coefficients the numbers nearest to the exact ones. So can those of AMSGrad's and of a
   run with decoupled weight decay, of 1e-5 a step; and those of the three with epsilon before the
   correction. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Rounding Formats Runs.
From Truestep Require Import RelativeDrift Overflow adam_run adam_machine adam_defaults.
From Truestep Require Import adam_amsgrad_run adam_decoupled_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import MachineRuns.
Open Scope string_scope.
Open Scope R_scope.

(* What is given, with an epsilon for each step. *)
Definition adam_given (epsilons : nat -> R) (t : nat) : environment := fun x =>
  if String.eqb x "w1" then 1 - 9 / 10
  else if String.eqb x "w2" then 1 - 999 / 1000
  else if String.eqb x "epsilon" then epsilons t
  else if String.eqb x "alpha_t" then / 1000 / (1 - (9 / 10) ^ S t)
  else if String.eqb x "c_t" then / sqrt (1 - (999 / 1000) ^ S t)
  else if String.eqb x "amount" then / 10 ^ 5
  else if String.eqb x "weight_decay" then / 10 ^ 4
  else if String.eqb x "gradient" then 1
  else if String.eqb x "theta" then 1
  else 0.

Lemma inverse_between a b x : 0 < a -> a <= x <= b -> / b <= / x <= / a.
Proof. intros A H. split; apply Rinv_le_contravar; lra. Qed.

Definition one_epsilon (t : nat) : R := / 10 ^ 8.
Definition raw_epsilons (t : nat) : R := raw_epsilon (999 / 1000) (/ 10 ^ 8) (S t).

Lemma one_epsilon_in_range t : / 2 ^ 40 <= one_epsilon t <= 2 ^ 10.
Proof. unfold one_epsilon. lra. Qed.

Lemma raw_epsilons_in_range t : / 2 ^ 40 <= raw_epsilons t <= 2 ^ 10.
Proof.
  assert (S := raw_epsilon_size (999 / 1000) (/ 10 ^ 8) t ltac:(lra) ltac:(lra)).
  assert (D := default_raw_epsilon). unfold raw_epsilons. lra.
Qed.

Lemma adam_given_in_range epsilons t x :
  / 2 ^ 40 <= epsilons t <= 2 ^ 10 ->
  0 <= adam_given epsilons t x
  /\ (adam_given epsilons t x = 0 \/ / 2 ^ 40 <= adam_given epsilons t x)
  /\ adam_given epsilons t x <= 2 ^ 10.
Proof.
  intro E.
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

(* A machine's run of the lanes that are kept, whatever their terms. *)

Section Machine.

Variable epsilons : nat -> R.
Hypothesis in_range : forall t, / 2 ^ 40 <= epsilons t <= 2 ^ 10.
Variable kept : list (string * expression).
Hypothesis others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
  term_of kept x = None.

Definition computed : nat -> string -> single := machine_steps 24 128 eq_refl eq_refl kept
  (adam_given epsilons).

Lemma input_within t x :
  t = O \/ term_of kept x = None ->
  is_finite (computed t x) = true
  /\ Rabs (B2R (computed t x) - adam_given epsilons t x) <= kappa * bpow radix2 (- (24)) * adam_given epsilons t x.
Proof.
  intro H. destruct (adam_given_in_range epsilons t x (in_range t)) as (P & N & L).
  replace (computed t x) with (nearest_number 24 128 eq_refl eq_refl (adam_given epsilons t x)).
  - apply nearest_number_within; [easy | destruct N as [N | N]; [now left | right] |].
    + eapply Rle_trans; [| exact N]. simpl. lra.
    + eapply Rle_lt_trans with (2 ^ 11); simpl; lra.
  - destruct H as [-> | H].
    + unfold computed. cbn [machine_steps]. reflexivity.
    + symmetry. now apply machine_steps_given.
Qed.

Lemma start_at_zero x : adam_given epsilons O x = 0 -> B2R (computed O x) = 0.
Proof.
  intro H. destruct (input_within O x (or_introl eq_refl)) as [_ W]. rewrite H in W.
  rewrite Rminus_0_r, Rmult_0_r in W. revert W. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma computed_follows : machine_follows 24 128 eq_refl eq_refl kept computed.
Proof.
  split; [intros t x H; now apply input_within |].
  intros t x e H. now apply machine_steps_kept.
Qed.

Lemma unchanged t x :
  term_of kept x = None -> adam_given epsilons t x = adam_given epsilons O x ->
  B2R (computed t x) = B2R (computed O x).
Proof. intros H E. unfold computed. now rewrite !machine_steps_given, E by easy. Qed.

Lemma weight_range x :
  term_of kept x = None -> adam_given epsilons O x <= 1 / 2 -> 0 <= B2R (computed O x) <= 1.
Proof.
  intros H L. destruct (adam_given_in_range epsilons O x (in_range O)) as (P & _).
  destruct (input_within O x (or_intror H)) as [_ W].
  assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra).
  assert (B : kappa * bpow radix2 (- (24)) * adam_given epsilons O x <= 1 * adam_given epsilons O x)
    by (apply Rmult_le_compat_r; easy).
  revert W. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma stepwise_are_within e :
  (forall t, epsilons t = e (S t)) ->
  stepwise_coefficients_within (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) e
    (fun t x => B2R (computed t x)).
Proof.
  intro same.
  assert (input : forall t x, term_of kept x = None -> Rabs (B2R (computed t x)
      - adam_given epsilons t x) <= kappa * bpow radix2 (- (24)) * adam_given epsilons t x)
    by (intros; apply input_within; now right).
  assert (w1 : term_of kept "w1" = None) by now apply others.
  assert (w2 : term_of kept "w2" = None) by now apply others.
  assert (ep : term_of kept "epsilon" = None) by now apply others.
  assert (ra : term_of kept "alpha_t" = None) by now apply others.
  assert (co : term_of kept "c_t" = None) by now apply others.
  split; [intro t; now rewrite !(unchanged t) |].
  split; [apply weight_range; [easy | unfold adam_given; simpl; lra] |].
  split; [apply weight_range; [easy | unfold adam_given; simpl; lra] |].
  split; [now apply (input O "w1") |]. split; [now apply (input O "w2") |].
  intro t. split; [now apply (input t "alpha_t") |]. split; [now apply (input t "c_t") |].
  rewrite <- same. now apply (input t "epsilon").
Qed.

Lemma coefficients_are_within :
  (forall t, epsilons t = / 10 ^ 8) ->
  adam_coefficients_within (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t x => B2R (computed t x)).
Proof.
  intro one. destruct (stepwise_are_within (fun _ => / 10 ^ 8) one)
    as (Same & W1 & W2 & W1k & W2k & Steps).
  assert (ep : term_of kept "epsilon" = None) by now apply others.
  assert (E : forall t, B2R (computed t "epsilon") = B2R (computed O "epsilon")).
  { intro t. apply unchanged; [exact ep |].
    change (epsilons t = epsilons O). now rewrite !one. }
  split; [intro t; split; [apply Same | split; [apply Same | apply E]] |].
  repeat (split; [assumption |]). split; [apply (Steps O) |]. intro t. split; apply Steps.
Qed.

Lemma amount_is_within :
  amount_within (kappa * bpow radix2 (- (24))) (/ 10 ^ 5) (fun t x => B2R (computed t x)).
Proof.
  assert (am : term_of kept "amount" = None) by now apply others.
  split; [lra |]. split; [intro t; now rewrite (unchanged t) |].
  split; [apply weight_range; [easy | unfold adam_given; simpl; lra] |].
  now apply (input_within O "amount"); right.
Qed.

Lemma gradients_at_most t : Rabs (B2R (computed t "gradient")) <= 2.
Proof.
  destruct (input_within t "gradient") as [_ W]; [right; now apply others |].
  assert (E : adam_given epsilons t "gradient" = 1) by reflexivity. rewrite E in W.
  assert (A : Rabs 1 <= 1) by (rewrite Rabs_R1; lra).
  assert (S := Rabs_near _ _ _ _ A W).
  assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra). lra.
Qed.

Lemma first_theta : Rabs (B2R (computed O "theta")) <= 2 ^ 20.
Proof.
  destruct (input_within O "theta" (or_introl eq_refl)) as [_ W].
  assert (A : Rabs (adam_given epsilons O "theta") <= 1)
    by (change (adam_given epsilons O "theta") with 1; rewrite Rabs_R1; lra).
  assert (S := Rabs_near _ _ _ _ A W). change (adam_given epsilons O "theta") with 1 in S.
  assert (K : kappa * bpow radix2 (- (24)) <= 1) by (unfold kappa; simpl; lra). lra.
Qed.

End Machine.

Lemma not_kept_by x kept :
  (forall y e, List.In (y, e) kept -> x <> y) -> term_of kept x = None.
Proof.
  induction kept as [| (y, e) rest IH]; intro H; simpl; [easy |].
  rewrite (proj2 (String.eqb_neq _ _)) by (apply (H y e); now left).
  apply IH. intros z d I. apply (H z d). now right.
Qed.

Ltac others_are_given :=
  intros x X1 X2 X3 X4; apply not_kept_by; intros y e; simpl; intuition congruence.

Lemma rule_exists alpha beta1 beta2 epsilon g start :
  exists m v theta, adam_rule alpha beta1 beta2 epsilon g m v theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (update t := alpha * (m t / (1 - beta1 ^ t)) / (sqrt (v t / (1 - beta2 ^ t)) + epsilon)).
  exists m, v, (fix theta t := match t with O => start | S n => theta n - update (S n) end).
  repeat split.
Qed.

(* With nothing left to suppose: 100 000 steps. *)
Theorem adam_can_run :
  let f := computed one_epsilon adam_states in
  exists m v theta,
    adam_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => B2R (f t "gradient")) m v theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (101 / 100 * Rabs (theta O)
                          + / 1000 * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of adam_states x = None) by others_are_given.
  destruct (rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => B2R (f t "gradient"))
    (B2R (f O "theta"))) as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  assert (T0 := pos_INR t).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, one_epsilon_in_range).
  assert (runs : adam_machine_run 24 128 eq_refl eq_refl f).
  { destruct (computed_follows one_epsilon one_epsilon_in_range adam_states) as [F1 F2]. split; [exact F1 |].
    split; [now apply (start_at_zero _ one_epsilon_in_range) |].
    split; [now apply (start_at_zero _ one_epsilon_in_range) |].
    intro i. repeat split; now apply F2. }
  apply (default_run_in_ieee 24 128 eq_refl eq_refl (/ 1000) 2 t f m v theta); auto;
    try (simpl; lra).
  - now apply (coefficients_are_within _ one_epsilon_in_range).
  - intro i. now apply (gradients_at_most _ one_epsilon_in_range).
Qed.

(* AMSGrad, with the same coefficients and gradients. *)

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

(* The numbers of binary32. *)
Lemma binary32_numbers T : INR T <= 100000 ->
  let u := bpow radix2 (- (24)) in
  let eta := bpow radix2 (3 - 128 - 24 - 1) in
  0 < u <= / 2 ^ 24 /\ 0 <= eta <= u * u / 2 ^ 101 /\ INR T * u <= 6 / 1000 /\ INR T <= 2 ^ 60.
Proof. intros H u eta. assert (T0 := pos_INR T). unfold u, eta. simpl. lra. Qed.

Theorem amsgrad_can_run :
  let f := computed one_epsilon amsgrad_states in
  exists m v v_max theta,
    amsgrad_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => B2R (f t "gradient")) m v
      v_max theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (101 / 100 * Rabs (theta O)
                          + / 1000 * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of amsgrad_states x = None) by others_are_given.
  destruct (amsgrad_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t => B2R (f t "gradient")) (B2R (f O "theta"))) as (m & v & v_max & theta & Rule & Start).
  exists m, v, v_max, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  destruct (binary32_numbers t T) as (U & N & Tu & T60).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, one_epsilon_in_range).
  assert (first0 := Rabs_pos (theta O)).
  destruct (amsgrad_run_in_ieee 24 128 eq_refl eq_refl (kappa * bpow radix2 (- (24))) (/ 1000)
    (9 / 10) (999 / 1000) (/ 10 ^ 8) 2 t f m v v_max theta) with (t := t) as (_ & F & D); auto.
  - apply default_conditions with (theta0 := 0); auto; lra.
  - apply computed_follows, one_epsilon_in_range.
  - repeat split; now apply (start_at_zero _ one_epsilon_in_range).
  - now apply (coefficients_are_within _ one_epsilon_in_range).
  - intro i. now apply (gradients_at_most _ one_epsilon_in_range).
  - eapply Rlt_trans; [apply default_peak; auto; lra | simpl; lra].
  - split; [exact F |]. eapply Rle_trans; [exact D |]. apply default_drift; auto; lra.
Qed.

(* Decoupled weight decay. *)

Lemma decoupled_rule_exists alpha beta1 beta2 epsilon a g start :
  exists m v theta, decoupled_rule alpha beta1 beta2 epsilon a g m v theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (update t := alpha * (m t / (1 - beta1 ^ t)) / (sqrt (v t / (1 - beta2 ^ t)) + epsilon)).
  exists m, v,
    (fix theta t := match t with O => start | S n => (1 - a) * theta n - update (S n) end).
  repeat split.
Qed.

Theorem decoupled_can_run :
  let f := computed one_epsilon decoupled_states in
  exists m v theta,
    decoupled_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 5)
      (fun t => B2R (f t "gradient")) m v theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (31 / 10 * Rabs (theta O)
                          + / 1000 * (47 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of decoupled_states x = None) by others_are_given.
  destruct (decoupled_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 5)
    (fun t => B2R (f t "gradient")) (B2R (f O "theta"))) as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  destruct (binary32_numbers t T) as (U & N & Tu & T60).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, one_epsilon_in_range).
  assert (first0 := Rabs_pos (theta O)).
  destruct (decoupled_run_in_ieee 24 128 eq_refl eq_refl (kappa * bpow radix2 (- (24))) (/ 1000)
    (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 5) 2 t f m v theta) with (t := t) as (_ & F & D); auto.
  - apply default_conditions with (theta0 := 0); auto; lra.
  - apply computed_follows, one_epsilon_in_range.
  - split; now apply (start_at_zero _ one_epsilon_in_range).
  - now apply (coefficients_are_within _ one_epsilon_in_range).
  - now apply (amount_is_within _ one_epsilon_in_range).
  - intro i. now apply (gradients_at_most _ one_epsilon_in_range).
  - eapply Rlt_trans; [apply default_decoupled_peak; auto; lra | simpl; lra].
  - split; [exact F |]. eapply Rle_trans; [exact D |]. apply default_decoupled_drift; auto; lra.
Qed.

(* Epsilon before the correction, in each of the three. *)

Lemma before_correction_rule_exists alpha beta1 beta2 epsilon g start :
  exists m v theta, before_correction_rule alpha beta1 beta2 epsilon g m v theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (update t := alpha * (m t / (1 - beta1 ^ t)) / ((sqrt (v t) + epsilon) / sqrt (1 - beta2 ^ t))).
  exists m, v, (fix theta t := match t with O => start | S n => theta n - update (S n) end).
  repeat split.
Qed.

Theorem adam_before_correction_can_run :
  let f := computed raw_epsilons adam_states in
  exists m v theta,
    before_correction_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (fun t => B2R (f t "gradient"))
      m v theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (101 / 100 * Rabs (theta O)
                          + / 1000 * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of adam_states x = None) by others_are_given.
  destruct (before_correction_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t => B2R (f t "gradient")) (B2R (f O "theta"))) as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  destruct (binary32_numbers t T) as (U & N & Tu & T60).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, raw_epsilons_in_range).
  assert (first0 := Rabs_pos (theta O)). assert (rise := default_raw_epsilon).
  assert (runs : adam_machine_run 24 128 eq_refl eq_refl f).
  { destruct (computed_follows raw_epsilons raw_epsilons_in_range adam_states) as [F1 F2].
    split; [exact F1 |]. split; [now apply (start_at_zero _ raw_epsilons_in_range) |].
    split; [now apply (start_at_zero _ raw_epsilons_in_range) |].
    intro i. repeat split; now apply F2. }
  destruct (adam_before_correction_run_in_ieee 24 128 eq_refl eq_refl
    (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 2 t f m v theta)
    with (t := t) as (_ & F & D); auto.
  - apply default_conditions with (theta0 := 0); auto; lra.
  - now apply (stepwise_are_within _ raw_epsilons_in_range).
  - intro i. now apply (gradients_at_most _ raw_epsilons_in_range).
  - eapply Rlt_trans; [apply Rplus_lt_le_compat; [apply default_peak; auto; lra | exact rise] |].
    simpl. lra.
  - split; [exact F |]. eapply Rle_trans; [exact D |]. apply default_drift; auto; lra.
Qed.

Lemma amsgrad_before_correction_rule_exists alpha beta1 beta2 epsilon g start :
  exists m v v_max theta,
    amsgrad_before_correction_rule alpha beta1 beta2 epsilon g m v v_max theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (v_max := fix v_max t := match t with O => 0 | S n => Rmax (v_max n) (v (S n)) end).
  set (update t :=
    alpha * (m t / (1 - beta1 ^ t)) / ((sqrt (v_max t) + epsilon) / sqrt (1 - beta2 ^ t))).
  exists m, v, v_max, (fix theta t := match t with O => start | S n => theta n - update (S n) end).
  repeat split.
Qed.

Theorem amsgrad_before_correction_can_run :
  let f := computed raw_epsilons amsgrad_states in
  exists m v v_max theta,
    amsgrad_before_correction_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
      (fun t => B2R (f t "gradient")) m v v_max theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (101 / 100 * Rabs (theta O)
                          + / 1000 * (31 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of amsgrad_states x = None) by others_are_given.
  destruct (amsgrad_before_correction_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (fun t => B2R (f t "gradient")) (B2R (f O "theta"))) as (m & v & v_max & theta & Rule & Start).
  exists m, v, v_max, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  destruct (binary32_numbers t T) as (U & N & Tu & T60).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, raw_epsilons_in_range).
  assert (first0 := Rabs_pos (theta O)). assert (rise := default_raw_epsilon).
  destruct (amsgrad_before_correction_run_in_ieee 24 128 eq_refl eq_refl
    (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 2 t f m v v_max theta)
    with (t := t) as (_ & F & D); auto.
  - apply default_conditions with (theta0 := 0); auto; lra.
  - apply computed_follows, raw_epsilons_in_range.
  - repeat split; now apply (start_at_zero _ raw_epsilons_in_range).
  - now apply (stepwise_are_within _ raw_epsilons_in_range).
  - intro i. now apply (gradients_at_most _ raw_epsilons_in_range).
  - eapply Rlt_trans; [apply Rplus_lt_le_compat; [apply default_peak; auto; lra | exact rise] |].
    simpl. lra.
  - split; [exact F |]. eapply Rle_trans; [exact D |]. apply default_drift; auto; lra.
Qed.

Lemma decoupled_before_correction_rule_exists alpha beta1 beta2 epsilon a g start :
  exists m v theta,
    decoupled_before_correction_rule alpha beta1 beta2 epsilon a g m v theta /\ theta O = start.
Proof.
  set (m := mean beta1 g). set (v := mean beta2 (fun t => g t * g t)).
  set (update t := alpha * (m t / (1 - beta1 ^ t)) / ((sqrt (v t) + epsilon) / sqrt (1 - beta2 ^ t))).
  exists m, v,
    (fix theta t := match t with O => start | S n => (1 - a) * theta n - update (S n) end).
  repeat split.
Qed.

Theorem decoupled_before_correction_can_run :
  let f := computed raw_epsilons decoupled_states in
  exists m v theta,
    decoupled_before_correction_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 5)
      (fun t => B2R (f t "gradient")) m v theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, INR t <= 100000 ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (bpow radix2 (- (24)) * (31 / 10 * Rabs (theta O)
                          + / 1000 * (47 * INR t + 67)) + / 2 ^ 100).
Proof.
  intro f. assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of decoupled_states x = None) by others_are_given.
  destruct (decoupled_before_correction_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
    (/ 10 ^ 5) (fun t => B2R (f t "gradient")) (B2R (f O "theta")))
    as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t T.
  destruct (binary32_numbers t T) as (U & N & Tu & T60).
  assert (first : Rabs (theta O) <= 2 ^ 20)
    by (rewrite Start; apply first_theta, raw_epsilons_in_range).
  assert (first0 := Rabs_pos (theta O)). assert (rise := default_raw_epsilon).
  destruct (decoupled_before_correction_run_in_ieee 24 128 eq_refl eq_refl
    (kappa * bpow radix2 (- (24))) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 5) 2 t f m v
    theta) with (t := t) as (_ & F & D); auto.
  - apply default_conditions with (theta0 := 0); auto; lra.
  - apply computed_follows, raw_epsilons_in_range.
  - split; now apply (start_at_zero _ raw_epsilons_in_range).
  - now apply (stepwise_are_within _ raw_epsilons_in_range).
  - now apply (amount_is_within _ raw_epsilons_in_range).
  - intro i. now apply (gradients_at_most _ raw_epsilons_in_range).
  - eapply Rlt_trans;
      [apply Rplus_lt_le_compat; [apply default_decoupled_peak; auto; lra | exact rise] |].
    simpl. lra.
  - split; [exact F |]. eapply Rle_trans; [exact D |]. apply default_decoupled_drift; auto; lra.
Qed.
