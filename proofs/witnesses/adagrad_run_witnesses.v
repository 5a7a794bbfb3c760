(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a run of Adagrad with underflow can hold: 1000 steps in
   binary32 at learning rate 0.01, epsilon 1e-8, with gradient 1, in each place of epsilon, under
   rounding alone and in IEEE arithmetic. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns adagrad_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers MachineRuns.
Open Scope string_scope.
Open Scope R_scope.

Definition adagrad_run_start :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: nil)%list.

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

Lemma adagrad_rest :
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  part <= 1 /\ / 2 <= 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) <= 1.
Proof.
  intros k part d.
  assert (Q : 0 <= part <= / 900).
  { generalize part_of_the_sum. unfold part. fold k.
    set (z := adagrad_part _ _ _). rewrite u_value. nra. }
  assert (P := root_part_at_most _ _ Q ltac:(lra)).
  assert (P0 := root_part_at_least_0 u part ltac:(rewrite u_value; lra) ltac:(lra)).
  assert (D : d <= / 2 ^ 69 * / 2 ^ 69).
  { generalize absolute_of_the_sum. unfold d. set (z := adagrad_absolute _ _ _).
    rewrite eta_value, u_value. lra. }
  assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra) D).
  assert (A0 := root_absolute_at_least_0 d). rewrite root_of_epsilon.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  rewrite u_value in P. lra.
Qed.

Lemma adagrad_outside_rest :
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  part <= 1
  /\ / 2 <= 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) <= 1.
Proof.
  intros k part d l.
  assert (P := root_part_at_most _ _ part_of_the_sum ltac:(lra)).
  assert (R := root_part_at_least_0 u part ltac:(rewrite u_value; lra)
    ltac:(generalize part_of_the_sum; fold k part; lra)).
  assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra)
    ltac:(generalize absolute_of_the_sum; fold d; lra)).
  assert (A0 := root_absolute_at_least_0 d).
  split; [generalize part_of_the_sum; fold k part; lra |].
  fold k part in P. unfold l.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  unfold k. rewrite k_value, eta_value. rewrite u_value in *. split; nra.
Qed.

Definition adagrad_run_kept := (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil)%list.

Theorem adagrad_can_run t :
  let r := steps exact adagrad_run_kept adagrad_run_start in
  let f := steps (rounded binary32_nearest) adagrad_run_kept (stored adagrad_run_start) in
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (1 / 100) (Rabs (r O "theta")) 1000 t.
Proof.
  intros r f k part d rest.
  apply (adagrad_theta_with_underflow u eta (1 / 100) (1 / 10 ^ 8) 1 (unbounded_nearest (1 / 100))
    (unbounded_nearest (1 / 10 ^ 8)) binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - apply (constants_are_within "learning_rate" _ _ _ _ adagrad_run_start); try easy.
    reads adagrad_run_start. lra.
  - apply (constants_are_within "epsilon" _ _ _ _ adagrad_run_start); try easy.
    reads adagrad_run_start. lra.
  - apply gradients_same; [easy | easy |]. reads adagrad_run_start. rewrite Rabs_pos_eq; lra.
  - exact stored_zero.
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - apply adagrad_rest.
  - assert (R := proj2 adagrad_rest). change (/ 2 <= rest <= 1) in R. change (0 < rest). lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

Definition adagrad_outside_kept :=
  (("sum", adagrad_sum) :: ("theta", adagrad_outside_theta) :: nil)%list.

Theorem adagrad_outside_can_run t :
  let r := steps exact adagrad_outside_kept adagrad_run_start in
  let f := steps (rounded binary32_nearest) adagrad_outside_kept (stored adagrad_run_start) in
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (1 / 10 ^ 8) (1 / 100) (Rabs (r O "theta")) 1000 t.
Proof.
  intros r f k part d l rest.
  apply (adagrad_outside_theta_with_underflow u eta (1 / 100) (1 / 10 ^ 8) 1
    (unbounded_nearest (1 / 100)) (unbounded_nearest (1 / 10 ^ 8)) binary32_nearest f r 1000);
    try lra.
  - exact binary32_rounds.
  - apply (constants_are_within "learning_rate" _ _ _ _ adagrad_run_start); try easy.
    reads adagrad_run_start. lra.
  - apply (constants_are_within "epsilon" _ _ _ _ adagrad_run_start); try easy.
    reads adagrad_run_start. lra.
  - apply gradients_same; [easy | easy |]. reads adagrad_run_start. rewrite Rabs_pos_eq; lra.
  - exact stored_zero.
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - apply adagrad_outside_rest.
  - assert (R := proj2 adagrad_outside_rest). change (/ 2 <= rest <= 1) in R. change (0 < rest).
    lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* In IEEE arithmetic, from theta = 1. *)

Definition adagrad_given : environment :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: ("theta", 1)
         :: nil)%list.

Lemma adagrad_inputs x :
  0 <= adagrad_given x <= 1 /\ (adagrad_given x = 0 \/ / 10 ^ 9 <= adagrad_given x).
Proof. revert x. inputs_in_range adagrad_given. Qed.

Lemma largest_at_most :
  0 <= adagrad_largest u eta (kappa * u) (1 / 10 ^ 8) 2 1000 <= 10 ^ 4.
Proof.
  unfold adagrad_largest. rewrite steps_counted.
  generalize part_of_the_sum absolute_of_the_sum.
  set (x := adagrad_part _ _ _). set (y := adagrad_absolute _ _ _). lra.
Qed.

Theorem adagrad_can_run_in_ieee t :
  let f := given_machine adagrad_states adagrad_given in
  let r := given_rule adagrad_states adagrad_given in
  let k := kappa * u in
  let part := (1 + adagrad_part u k 1000) * (1 + u) - 1 in
  let d := (1 + u) * adagrad_absolute u eta 1000 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (1 / 100) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r k part d rest Ht.
  destruct (adagrad_run_in_ieee 24 128 eq_refl eq_refl (1 / 100) (1 / 10 ^ 8) 2
    (B2R (f O "learning_rate")) (B2R (f O "epsilon")) 1000 f r) with (t := t) as (_ & F & D);
    try given_shown adagrad_inputs; try exact Ht; try lra.
  - apply adagrad_rest.
  - assert (R := proj2 adagrad_rest). change (/ 2 <= rest <= 1) in R. change (0 < rest). lra.
  - destruct adagrad_rest as (_ & R).
    apply (small_peak _ (sqrt (1 / 10 ^ 8)) (1 / 100) 2 (1 / 100) _ (Rabs (r O "theta"))); try lra;
      try exact R; try exact largest_at_most; [rewrite root_of_epsilon; lra |].
    split; [apply Rabs_pos | apply given_size, adagrad_inputs].
  - exact (conj F D).
Qed.

Theorem adagrad_outside_can_run_in_ieee t :
  let f := given_machine adagrad_outside_states adagrad_given in
  let r := given_rule adagrad_outside_states adagrad_given in
  let k := kappa * u in
  let part := adagrad_part u k 1000 in
  let d := adagrad_absolute u eta 1000 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (1 / 10 ^ 8) (1 / 100) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r k part d l rest Ht.
  destruct (adagrad_outside_run_in_ieee 24 128 eq_refl eq_refl (1 / 100) (1 / 10 ^ 8) 2
    (B2R (f O "learning_rate")) (B2R (f O "epsilon")) 1000 f r) with (t := t) as (_ & F & D);
    try given_shown adagrad_inputs; try exact Ht; try lra.
  - apply adagrad_outside_rest.
  - assert (R := proj2 adagrad_outside_rest). change (/ 2 <= rest <= 1) in R. change (0 < rest).
    lra.
  - destruct adagrad_outside_rest as (_ & R).
    apply (small_peak _ (1 / 10 ^ 8) (1 / 100) 2 (1 / 100) _ (Rabs (r O "theta"))); try lra;
      try exact R; try exact largest_at_most.
    split; [apply Rabs_pos | apply given_size, adagrad_inputs].
  - exact (conj F D).
Qed.
