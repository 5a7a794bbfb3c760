(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a run of RMSprop can hold: 1000 steps in binary32 at rho = 0.9,
   learning rate 0.001, epsilon 1e-8, with gradient 1, in each place of epsilon. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns rmsprop_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers.
Open Scope string_scope.
Open Scope R_scope.

Definition rmsprop_run_start :=
  given (("w", 1 - 9 / 10) :: ("learning_rate", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8)
         :: ("gradient", 1) :: nil)%list.

(* The states' parts in 1000 steps. *)

Lemma shrinks : growth u (kappa * u) (9 / 10) * (9 / 10) < 1.
Proof.
  assert (G := growth_at_most). set (q := growth _ _ _) in *. rewrite u_value in G. lra.
Qed.

Lemma part_with_epsilon : 0 <= squares_and_epsilon_part u (kappa * u) (9 / 10) 1000 <= / 1000.
Proof.
  assert (P := power_of_1000 _ growth_at_most). unfold squares_and_epsilon_part.
  set (q := growth _ _ _ ^ 1000) in *. rewrite k_value, u_value. split; nra.
Qed.

Lemma part_of_squares : 0 <= squares_part u (kappa * u) (9 / 10) 1000 <= / 1000.
Proof.
  assert (P := power_of_1000 _ growth_at_most). unfold squares_part.
  set (q := growth _ _ _ ^ 1000) in *. rewrite k_value, u_value. split; nra.
Qed.

Lemma absolute_with_epsilon :
  0 <= squares_and_epsilon_absolute u eta (kappa * u) (9 / 10) 1 <= / 2 ^ 140.
Proof. apply kept_at_most. rewrite eta_value, u_value. split; lra. Qed.

Lemma absolute_of_squares : 0 <= squares_absolute u eta (kappa * u) (9 / 10) 1 <= / 2 ^ 140.
Proof. apply kept_at_most. rewrite eta_value. split; lra. Qed.

Lemma rmsprop_runs_are kept e value :
  found kept "w" = None -> found kept "learning_rate" = None -> found kept "epsilon" = None ->
  found kept "gradient" = None -> found kept "theta" = Some e ->
  rmsprop_runs u (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1 (unbounded_nearest (1 - 9 / 10))
    (unbounded_nearest (1 / 1000)) (unbounded_nearest (1 / 10 ^ 8))
    (steps (rounded value) kept (stored rmsprop_run_start)) (steps exact kept rmsprop_run_start).
Proof.
  intros W A E G T.
  assert (C : forall x, found kept x = None -> x <> "gradient" -> 0 <= rmsprop_run_start x ->
    constant_within u (rmsprop_run_start x) (unbounded_nearest (rmsprop_run_start x)) x
      (steps (rounded value) kept (stored rmsprop_run_start)) (steps exact kept rmsprop_run_start))
    by (intros; now apply constants_are_within).
  split; [apply (C "w"); [exact W | easy | reads rmsprop_run_start; lra] |].
  split; [apply (C "learning_rate"); [exact A | easy | reads rmsprop_run_start; lra] |].
  split; [apply (C "epsilon"); [exact E | easy | reads rmsprop_run_start; lra] |].
  split; [| exact stored_zero].
  apply gradients_same; [exact G | exact G |]. reads rmsprop_run_start. rewrite Rabs_pos_eq; lra.
Qed.

(* Epsilon in the state. *)

Definition rmsprop_run_kept := (("s", rmsprop_s) :: ("theta", rmsprop_theta) :: nil)%list.

Theorem rmsprop_can_run t :
  let r := steps exact rmsprop_run_kept rmsprop_run_start in
  let f := steps (rounded binary32_nearest) rmsprop_run_kept (stored rmsprop_run_start) in
  let k := kappa * u in
  let part := squares_and_epsilon_part u k (9 / 10) 1000 in
  let d := squares_and_epsilon_absolute u eta k (9 / 10) 1 in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (rmsprop_longest (9 / 10) (1 / 1000))
       (Rabs (r O "theta")) 1000 t.
Proof.
  intros r f k part d rest.
  apply (rmsprop_theta_stays_near u eta (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1
    (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 / 1000)) (unbounded_nearest (1 / 10 ^ 8))
    binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_theta).
  - generalize part_with_epsilon. fold k part. lra.
  - assert (P := root_part_at_most _ _ part_with_epsilon ltac:(lra)).
    assert (A := root_absolute_at_most d (/ 2 ^ 70) ltac:(lra)
      ltac:(generalize absolute_with_epsilon; fold k d; lra)).
    fold k part in P.
    change (0 < 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8))).
    rewrite root_of_epsilon.
    set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
    rewrite u_value in P. lra.
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* Epsilon outside of the root. *)

Definition rmsprop_outside_kept :=
  (("s", rmsprop_inside_s) :: ("theta", rmsprop_outside_theta) :: nil)%list.

Theorem rmsprop_outside_can_run t :
  let r := steps exact rmsprop_outside_kept rmsprop_run_start in
  let f := steps (rounded binary32_nearest) rmsprop_outside_kept (stored rmsprop_run_start) in
  let k := kappa * u in
  let part := squares_part u k (9 / 10) 1000 in
  let d := squares_absolute u eta k (9 / 10) 1 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (1 / 10 ^ 8) (rmsprop_longest (9 / 10) (1 / 1000))
       (Rabs (r O "theta")) 1000 t.
Proof.
  intros r f k part d l rest.
  apply (rmsprop_outside_theta_stays_near u eta (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1
    (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 / 1000)) (unbounded_nearest (1 / 10 ^ 8))
    binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_outside_theta).
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - generalize part_of_squares. fold k part. lra.
  - assert (P := root_part_at_most _ _ part_of_squares ltac:(lra)).
    assert (R := root_part_at_least_0 u part ltac:(rewrite u_value; lra)
      ltac:(generalize part_of_squares; fold k part; lra)).
    assert (A := root_absolute_at_most d (/ 2 ^ 70) ltac:(lra)
      ltac:(generalize absolute_of_squares; fold k d; lra)).
    fold k part in P.
    change (0 < 1 - ((1 + k) * (1 + root_part u part) * (1 + u) - 1
      + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8))).
    set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
    unfold k. rewrite k_value, eta_value. rewrite u_value in *. nra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* Epsilon under the root. *)

Definition rmsprop_inside_kept :=
  (("s", rmsprop_inside_s) :: ("theta", rmsprop_inside_theta) :: nil)%list.

Theorem rmsprop_inside_can_run t :
  let r := steps exact rmsprop_inside_kept rmsprop_run_start in
  let f := steps (rounded binary32_nearest) rmsprop_inside_kept (stored rmsprop_run_start) in
  let k := kappa * u in
  let part := (1 + squares_part u k (9 / 10) 1000) * (1 + u) - 1 in
  let d := (1 + u) * squares_absolute u eta k (9 / 10) 1 + eta in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (rmsprop_longest (9 / 10) (1 / 1000))
       (Rabs (r O "theta")) 1000 t.
Proof.
  intros r f k part d rest.
  apply (rmsprop_inside_theta_stays_near u eta (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1
    (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 / 1000)) (unbounded_nearest (1 / 10 ^ 8))
    binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_inside_theta).
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - generalize part_of_squares. unfold part. fold k. rewrite u_value. lra.
  - assert (Q : 0 <= part <= / 900).
    { generalize part_of_squares. unfold part. fold k.
      set (z := squares_part _ _ _ _). rewrite u_value. lra. }
    assert (P := root_part_at_most _ _ Q ltac:(lra)).
    assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra)
      ltac:(generalize absolute_of_squares; unfold d; fold k; rewrite eta_value, u_value; lra)).
    change (0 < 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8))).
    rewrite root_of_epsilon.
    set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
    rewrite u_value in P. lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.
