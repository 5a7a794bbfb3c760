(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a run of Adagrad with underflow can hold: 1000 steps in
   binary32 at learning rate 0.01 with gradient 1, in each place of epsilon, under rounding alone
   and in IEEE arithmetic. The sum starts at 0, epsilon being 1e-8, and at 0.1, epsilon being 0, as
   in TensorFlow 1; the form that makes no step at a sum of 0 starts as in Optax. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns adagrad_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers MachineRuns.
Open Scope string_scope.
Open Scope R_scope.

Definition adagrad_run_start (initial epsilon : R) :=
  given (("learning_rate", 1 / 100) :: ("epsilon", epsilon) :: ("sum", initial)
         :: ("gradient", 1) :: nil)%list.

Definition from_both (claim : R -> R -> Prop) : Prop := claim 0 (1 / 10 ^ 8) /\ claim (1 / 10) 0.

Definition chosen (initial epsilon : R) : Prop :=
  0 <= initial <= 1 / 10 /\ 0 <= epsilon <= 1 / 10 ^ 7 /\ 1 / 10 ^ 8 <= initial + epsilon.

Lemma from_each (claim : R -> R -> Prop) :
  (forall initial epsilon, chosen initial epsilon -> claim initial epsilon) -> from_both claim.
Proof. intro H. split; apply H; unfold chosen; lra. Qed.

Lemma inside_least initial epsilon :
  chosen initial epsilon -> 1 / 10 ^ 4 <= sqrt (initial + epsilon).
Proof. intros C. rewrite <- root_of_epsilon. apply sqrt_le_1_alt, C. Qed.

Lemma outside_least initial epsilon :
  chosen initial epsilon -> 1 / 10 ^ 8 <= sqrt initial + epsilon.
Proof.
  intros (I & E & least). assert (R : initial <= sqrt initial).
  { rewrite <- (sqrt_square initial) at 1 by lra. apply sqrt_le_1_alt. nra. }
  lra.
Qed.

(* A part of what is at least 1 / b. *)
Lemma part_at_most y s b : 0 <= y -> 0 < b -> 1 / b <= s -> 0 <= y / s <= y * b.
Proof.
  intros Y B S. assert (0 < 1 / b) by (apply Rdiv_lt_0_compat; lra). unfold Rdiv. split.
  - apply Rmult_le_pos; [exact Y |]. apply Rlt_le, Rinv_0_lt_compat. lra.
  - apply Rmult_le_compat_l; [exact Y |]. rewrite <- (Rinv_inv b). apply Rinv_le_contravar; lra.
Qed.

(* The sum's parts in 1000 steps. *)

Lemma power_of_one_and_u : 1 <= (1 + u) ^ 1000 <= 1 + / 2000.
Proof. apply power_of_1000. rewrite u_value. lra. Qed.

Lemma part_of_the_sum : 0 <= adagrad_part u (kappa * u) 1000 <= / 1000.
Proof.
  assert (P := power_of_one_and_u). unfold adagrad_part. set (q := (1 + u) ^ 1000) in *.
  rewrite k_value. split; nra.
Qed.

Lemma absolute_of_the_sum : 0 <= adagrad_absolute u eta 1000 <= / 2 ^ 139.
Proof.
  assert (P := power_of_one_and_u). unfold adagrad_absolute. set (q := (1 + u) ^ 1000) in *.
  rewrite steps_counted, eta_value. split; nra.
Qed.

Lemma root_absolute_at_least_0 d : 0 <= root_absolute u eta d.
Proof.
  unfold root_absolute. rewrite u_value, eta_value. generalize (sqrt_pos d). intro. nra.
Qed.

Lemma adagrad_rest initial epsilon :
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  chosen initial epsilon ->
  part <= 1 /\ / 2 <= 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) <=
    1.
Proof.
  intros k part d C.
  assert (Q : 0 <= part <= / 900).
  { generalize part_of_the_sum. unfold part. fold k.
    set (z := adagrad_part _ _ _). rewrite u_value. nra. }
  assert (P := root_part_at_most _ _ Q ltac:(lra)).
  assert (P0 := root_part_at_least_0 u part ltac:(rewrite u_value; lra) ltac:(lra)).
  assert (D : d <= / 2 ^ 69 * / 2 ^ 69).
  { generalize absolute_of_the_sum. unfold d. set (z := adagrad_absolute _ _ _).
    rewrite eta_value, u_value. lra. }
  assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra) D).
  assert (A0 := root_absolute_at_least_0 d).
  assert (D1 := part_at_most _ _ (10 ^ 4) A0 ltac:(lra) (inside_least _ _ C)).
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  set (z := y / _) in *. rewrite u_value in P. lra.
Qed.

Lemma adagrad_outside_rest initial epsilon :
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  chosen initial epsilon ->
  part <= 1
  /\ / 2 <= 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) <= 1.
Proof.
  intros k part d l C.
  assert (P := root_part_at_most _ _ part_of_the_sum ltac:(lra)).
  assert (R := root_part_at_least_0 u part ltac:(rewrite u_value; lra)
    ltac:(generalize part_of_the_sum; fold k part; lra)).
  assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra)
    ltac:(generalize absolute_of_the_sum; fold d; lra)).
  assert (A0 := root_absolute_at_least_0 d).
  split; [generalize part_of_the_sum; fold k part; lra |].
  fold k part in P. unfold l.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  assert (D1 : 0 <= y * (1 + u) + eta <= / 2 ^ 67) by (rewrite eta_value, u_value; split; lra).
  assert (D2 := part_at_most _ _ (10 ^ 8) (proj1 D1) ltac:(lra) (outside_least _ _ C)).
  set (z := (y * (1 + u) + eta) / _) in *.
  unfold k. rewrite k_value. rewrite u_value in *. split; nra.
Qed.

Definition adagrad_run_kept := (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil)%list.

Theorem adagrad_can_run t : from_both (fun initial epsilon =>
  let start := adagrad_run_start initial epsilon in
  let r := steps exact adagrad_run_kept start in
  let f := steps (rounded binary32_nearest) adagrad_run_kept (stored start) in
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (sqrt (initial + epsilon)) (1 / 100) (Rabs (r O "theta")) 1000 t).
Proof.
  apply from_each. intros initial epsilon C start r f k part d rest.
  assert (ranges := C). destruct ranges as (I & E & least).
  apply (adagrad_theta_with_underflow u eta (1 / 100) epsilon initial 1
    (unbounded_nearest (1 / 100)) (unbounded_nearest epsilon) (unbounded_nearest initial)
    binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - apply (constants_are_within "learning_rate" _ _ _ _ start); try easy.
    unfold start. reads adagrad_run_start. lra.
  - now apply (constants_are_within "epsilon" _ _ _ _ start).
  - apply gradients_same; [easy | easy |]. unfold start. reads adagrad_run_start.
    rewrite Rabs_pos_eq; lra.
  - exact stored_zero.
  - apply (state_starts_within "sum" _ _ _ _ start); [easy |].
    unfold start. reads adagrad_run_start. lra.
  - now apply steps_follow.
  - now apply steps_follow.
  - now apply (adagrad_rest initial epsilon).
  - assert (R := proj2 (adagrad_rest initial epsilon C)). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

Definition adagrad_outside_kept :=
  (("sum", adagrad_sum) :: ("theta", adagrad_outside_theta) :: nil)%list.

Theorem adagrad_outside_can_run t : from_both (fun initial epsilon =>
  let start := adagrad_run_start initial epsilon in
  let r := steps exact adagrad_outside_kept start in
  let f := steps (rounded binary32_nearest) adagrad_outside_kept (stored start) in
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (sqrt initial + epsilon) (1 / 100) (Rabs (r O "theta")) 1000 t).
Proof.
  apply from_each. intros initial epsilon C start r f k part d l rest.
  assert (ranges := C). destruct ranges as (I & E & least).
  apply (adagrad_outside_theta_with_underflow u eta (1 / 100) epsilon initial 1
    (unbounded_nearest (1 / 100)) (unbounded_nearest epsilon) (unbounded_nearest initial)
    binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - apply (constants_are_within "learning_rate" _ _ _ _ start); try easy.
    unfold start. reads adagrad_run_start. lra.
  - now apply (constants_are_within "epsilon" _ _ _ _ start).
  - apply gradients_same; [easy | easy |]. unfold start. reads adagrad_run_start.
    rewrite Rabs_pos_eq; lra.
  - exact stored_zero.
  - apply (state_starts_within "sum" _ _ _ _ start); [easy |].
    unfold start. reads adagrad_run_start. lra.
  - now apply steps_follow.
  - now apply steps_follow.
  - now apply (adagrad_outside_rest initial epsilon).
  - assert (R := proj2 (adagrad_outside_rest initial epsilon C)). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* In IEEE arithmetic, from theta = 1. *)

Definition adagrad_given (initial epsilon : R) : environment :=
  given (("learning_rate", 1 / 100) :: ("epsilon", epsilon) :: ("sum", initial) :: ("gradient", 1)
         :: ("theta", 1) :: nil)%list.

(* What is stored is 0 or normal. *)
Definition stored_well (initial epsilon : R) : Prop :=
  chosen initial epsilon /\ (initial = 0 \/ 1 / 10 <= initial)
  /\ (epsilon = 0 \/ 1 / 10 ^ 8 <= epsilon).

Lemma from_each_stored (claim : R -> R -> Prop) :
  (forall initial epsilon, stored_well initial epsilon -> claim initial epsilon) ->
  from_both claim.
Proof. intro H. split; apply H; unfold stored_well, chosen; repeat split; lra. Qed.

Lemma adagrad_inputs initial epsilon : stored_well initial epsilon ->
  forall x, 0 <= adagrad_given initial epsilon x <= 1
    /\ (adagrad_given initial epsilon x = 0 \/ / 10 ^ 9 <= adagrad_given initial epsilon x).
Proof.
  intros ((I & E & least) & I0 & E0) x. unfold adagrad_given, given. simpl found.
  repeat (case String.eqb; [lra |]). lra.
Qed.

Lemma largest_at_most initial epsilon : chosen initial epsilon ->
  0 <= adagrad_largest u eta (kappa * u) epsilon initial 2 1000 <= 10 ^ 4.
Proof.
  intros (I & E & _). unfold adagrad_largest. rewrite steps_counted.
  generalize part_of_the_sum absolute_of_the_sum.
  set (x := adagrad_part _ _ _). set (y := adagrad_absolute _ _ _). intros X Y. split; nra.
Qed.

Theorem adagrad_can_run_in_ieee t : from_both (fun initial epsilon =>
  let f := given_machine adagrad_states (adagrad_given initial epsilon) in
  let r := given_rule adagrad_states (adagrad_given initial epsilon) in
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (initial + epsilon)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (sqrt (initial + epsilon)) (1 / 100) (Rabs (r O "theta")) 1000
          t).
Proof.
  apply from_each_stored. intros initial epsilon W f r k part d rest Ht.
  assert (inputs := adagrad_inputs initial epsilon W). destruct W as (C & _).
  assert (R := proj2 (adagrad_rest initial epsilon C)). change (/ 2 <= rest <= 1) in R.
  assert (ranges := C). destruct ranges as (I & E & least).
  destruct (adagrad_run_in_ieee 24 128 eq_refl eq_refl (1 / 100) epsilon initial 2
    (B2R (f O "learning_rate")) (B2R (f O "epsilon")) (B2R (f O "sum")) 1000 f r) with (t := t)
    as (_ & F & D); try given_shown inputs; try exact Ht; try lra.
  - now apply (adagrad_rest initial epsilon).
  - change (0 < rest). lra.
  - assert (S := inside_least initial epsilon C).
    apply (small_peak _ (sqrt (initial + epsilon)) (1 / 100) 2 (1 / 100) _ (Rabs (r O "theta")));
      try lra; try exact R; try (now apply largest_at_most).
    split; [apply Rabs_pos | apply given_size, inputs].
  - exact (conj F D).
Qed.

Theorem adagrad_outside_can_run_in_ieee t : from_both (fun initial epsilon =>
  let f := given_machine adagrad_outside_states (adagrad_given initial epsilon) in
  let r := given_rule adagrad_outside_states (adagrad_given initial epsilon) in
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (sqrt initial + epsilon)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (sqrt initial + epsilon) (1 / 100) (Rabs (r O "theta")) 1000 t).
Proof.
  apply from_each_stored. intros initial epsilon W f r k part d l rest Ht.
  assert (inputs := adagrad_inputs initial epsilon W). destruct W as (C & _).
  assert (R := proj2 (adagrad_outside_rest initial epsilon C)). change (/ 2 <= rest <= 1) in R.
  assert (ranges := C). destruct ranges as (I & E & least).
  destruct (adagrad_outside_run_in_ieee 24 128 eq_refl eq_refl (1 / 100) epsilon initial 2
    (B2R (f O "learning_rate")) (B2R (f O "epsilon")) (B2R (f O "sum")) 1000 f r) with (t := t)
    as (_ & F & D); try given_shown inputs; try exact Ht; try lra.
  - now apply (adagrad_outside_rest initial epsilon).
  - change (0 < rest). lra.
  - assert (S := outside_least initial epsilon C).
    apply (small_peak _ (sqrt initial + epsilon) (1 / 100) 2 (1 / 100) _ (Rabs (r O "theta")));
      try lra; try exact R; try (now apply largest_at_most).
    split; [apply Rabs_pos | apply given_size, inputs].
  - exact (conj F D).
Qed.

Theorem adagrad_no_step_at_zero_can_run_in_ieee t :
  let f := given_machine adagrad_no_step_at_zero_states (adagrad_given (1 / 10) (1 / 10 ^ 7)) in
  let r := given_rule adagrad_no_step_at_zero_states (adagrad_given (1 / 10) (1 / 10 ^ 7)) in
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 + 1 / 10 ^ 7)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (sqrt (1 / 10 + 1 / 10 ^ 7)) (1 / 100) (Rabs (r O "theta"))
          1000 t.
Proof.
  intros f r k part d rest Ht.
  assert (C : chosen (1 / 10) (1 / 10 ^ 7)) by (unfold chosen; lra).
  assert (inputs := adagrad_inputs (1 / 10) (1 / 10 ^ 7)
    ltac:(unfold stored_well; split; [exact C | lra])).
  assert (R := proj2 (adagrad_rest _ _ C)). change (/ 2 <= rest <= 1) in R.
  destruct (adagrad_no_step_at_zero_run_in_ieee 24 128 eq_refl eq_refl (1 / 100) (1 / 10 ^ 7)
    (1 / 10) 2 (B2R (f O "learning_rate")) (B2R (f O "epsilon")) (B2R (f O "sum")) 1000 f r)
    with (t := t) as (_ & F & D); try given_shown inputs; try exact Ht; try lra.
  - now apply (adagrad_rest (1 / 10) (1 / 10 ^ 7)).
  - change (0 < rest). lra.
  - assert (S := inside_least _ _ C).
    apply (small_peak _ (sqrt (1 / 10 + 1 / 10 ^ 7)) (1 / 100) 2 (1 / 100) _
      (Rabs (r O "theta"))); try lra; try exact R; try (now apply largest_at_most).
    split; [apply Rabs_pos | apply given_size, inputs].
  - exact (conj F D).
Qed.
