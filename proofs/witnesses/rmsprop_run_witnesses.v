(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a run of RMSprop can hold: 1000 steps in binary32 at rho = 0.9,
   learning rate 0.001, epsilon 1e-8, with gradient 1, in each place of epsilon, under rounding
   alone and in IEEE arithmetic. The mean square starts at 0, and under the root at 1 too, as in
   TensorFlow 1. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns rmsprop_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers MachineRuns.
Open Scope string_scope.
Open Scope R_scope.

Definition rmsprop_run_start :=
  given (("w", 1 - 9 / 10) :: ("w_of_mean", 1 - 9 / 10) :: ("learning_rate", 1 / 1000)
         :: ("epsilon", 1 / 10 ^ 8)
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

Lemma absolute_with_epsilon G :
  0 <= G <= 2 -> 0 <= squares_and_epsilon_absolute u eta (kappa * u) (9 / 10) G <= / 2 ^ 140.
Proof. intro H. apply kept_at_most. rewrite eta_value, u_value. split; lra. Qed.

Lemma absolute_of_squares G :
  0 <= G <= 3 -> 0 <= squares_absolute u eta (kappa * u) (9 / 10) G <= / 2 ^ 140.
Proof. intro H. apply kept_at_most. rewrite eta_value. split; lra. Qed.

Lemma root_absolute_at_least_0 d : 0 <= root_absolute u eta d.
Proof.
  unfold root_absolute. rewrite u_value, eta_value. generalize (sqrt_pos d). intro. nra.
Qed.

(* What errors leave of the divisors. *)

Lemma rmsprop_rest G :
  let k := kappa * u in
  let part := squares_and_epsilon_part u k (9 / 10) 1000 in
  let d := squares_and_epsilon_absolute u eta k (9 / 10) G in
  0 <= G <= 2 ->
  part <= 1 /\ / 2 <= 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) <= 1.
Proof.
  intros k part d HG. assert (Q := part_with_epsilon). fold k part in Q.
  assert (P := root_part_at_most _ _ Q ltac:(lra)).
  assert (P0 := root_part_at_least_0 u part ltac:(rewrite u_value; lra) ltac:(lra)).
  assert (A := root_absolute_at_most d (/ 2 ^ 70) ltac:(lra)
    ltac:(generalize (absolute_with_epsilon G HG); fold k d; lra)).
  assert (A0 := root_absolute_at_least_0 d). rewrite root_of_epsilon.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  rewrite u_value in P. lra.
Qed.

Lemma rmsprop_outside_rest G :
  let k := kappa * u in
  let part := squares_part u k (9 / 10) 1000 in
  let d := squares_absolute u eta k (9 / 10) G in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  0 <= G <= 3 ->
  part <= 1
  /\ / 2 <= 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) <= 1.
Proof.
  intros k part d l HG. assert (Q := part_of_squares). fold k part in Q.
  assert (P := root_part_at_most _ _ Q ltac:(lra)).
  assert (R := root_part_at_least_0 u part ltac:(rewrite u_value; lra) ltac:(lra)).
  assert (A := root_absolute_at_most d (/ 2 ^ 70) ltac:(lra)
    ltac:(generalize (absolute_of_squares G HG); fold k d; lra)).
  assert (A0 := root_absolute_at_least_0 d). split; [lra |]. unfold l.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  unfold k. rewrite k_value, eta_value. rewrite u_value in *. split; nra.
Qed.

Lemma rmsprop_inside_rest G :
  let k := kappa * u in
  let part := (1 + squares_part u k (9 / 10) 1000) * (1 + u) - 1 in
  let d := (1 + u) * squares_absolute u eta k (9 / 10) G + eta in
  0 <= G <= 3 ->
  part <= 1 /\ / 2 <= 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) <= 1.
Proof.
  intros k part d HG.
  assert (Q : 0 <= part <= / 900).
  { generalize part_of_squares. unfold part. fold k.
    set (z := squares_part _ _ _ _). rewrite u_value. lra. }
  assert (P := root_part_at_most _ _ Q ltac:(lra)).
  assert (P0 := root_part_at_least_0 u part ltac:(rewrite u_value; lra) ltac:(lra)).
  assert (A := root_absolute_at_most d (/ 2 ^ 69) ltac:(lra)
    ltac:(generalize (absolute_of_squares G HG); unfold d; fold k; rewrite eta_value, u_value;
      lra)).
  assert (A0 := root_absolute_at_least_0 d). rewrite root_of_epsilon.
  set (x := root_part u part) in *. set (y := root_absolute u eta d) in *.
  rewrite u_value in P. lra.
Qed.

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
  split; [apply constant_weighs, (C "w"); [exact W | easy | reads rmsprop_run_start; lra] |].
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
    0 0 binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_theta).
  - apply starts_at_zero; [reflexivity | exact stored_zero].
  - apply (rmsprop_rest 1). lra.
  - assert (R := proj2 (rmsprop_rest 1 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
  - now apply steps_follow.
  - now apply steps_follow.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* The first square weighs 1, as in the lecture note. *)

Definition first_square (given : environment) (t : nat) : environment := fun x =>
  match t with O => if String.eqb x "w" then 1 else given x | _ => given x end.

Fixpoint steps_from (value : environment -> expression -> R) (kept : list (string * expression))
    (given : run) (t : nat) : environment := fun x =>
  match t, found kept x with
  | S t, Some e => value (steps_from value kept given t) e
  | _, _ => given t x
  end.

Lemma steps_from_follow value kept given x e :
  found kept x = Some e -> follows value x e (steps_from value kept given).
Proof. intros H t. simpl. now rewrite H. Qed.

Lemma steps_from_keep value kept given x t :
  found kept x = None -> steps_from value kept given t x = given t x.
Proof. intro H. destruct t; [reflexivity |]. simpl. now rewrite H. Qed.

Theorem rmsprop_can_run_from_the_first_square t :
  let r := steps_from exact rmsprop_run_kept (first_square rmsprop_run_start) in
  let f := steps_from (rounded binary32_nearest) rmsprop_run_kept
    (first_square (stored rmsprop_run_start)) in
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
  assert (C : forall x, found rmsprop_run_kept x = None -> x <> "gradient" -> x <> "w" ->
    0 <= rmsprop_run_start x ->
    constant_within u (rmsprop_run_start x) (unbounded_nearest (rmsprop_run_start x)) x f r).
  { intros x N G W P. split; [| split; [exact P | now apply stored_within]].
    intro i. unfold r, f. rewrite !steps_from_keep by exact N. unfold first_square, stored.
    rewrite (proj2 (String.eqb_neq _ _) W), (proj2 (String.eqb_neq _ _) G). now destruct i. }
  apply (rmsprop_theta_stays_near u eta (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1
    (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 / 1000)) (unbounded_nearest (1 / 10 ^ 8))
    0 0 binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - split; [split | split; [| split; [| split]]].
    + intros [| i]; [now right | now left].
    + apply stored_within. lra.
    + apply (C "learning_rate"); try easy. reads rmsprop_run_start. lra.
    + apply (C "epsilon"); try easy. reads rmsprop_run_start. lra.
    + intro i. assert (E : r i "gradient" = 1) by now destruct i.
      split; [now destruct i | rewrite E, Rabs_pos_eq; lra].
    + exact stored_zero.
  - apply starts_at_zero; [reflexivity | exact stored_zero].
  - apply (rmsprop_rest 1). lra.
  - assert (R := proj2 (rmsprop_rest 1 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
  - now apply steps_from_follow.
  - now apply steps_from_follow.
  - now apply steps_from_follow.
  - now apply steps_from_follow.
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
    0 0 binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_outside_theta).
  - apply starts_at_zero; [reflexivity | exact stored_zero].
  - now apply steps_follow.
  - now apply steps_follow.
  - apply (rmsprop_outside_rest 1). lra.
  - assert (R := proj2 (rmsprop_outside_rest 1 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
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
    0 0 binary32_nearest f r 1000); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_inside_theta).
  - apply starts_at_zero; [reflexivity | exact stored_zero].
  - now apply steps_follow.
  - now apply steps_follow.
  - apply (rmsprop_inside_rest 1). lra.
  - assert (R := proj2 (rmsprop_inside_rest 1 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
    change (0 < rest). lra.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* In IEEE arithmetic, from theta = 1. *)

Definition rmsprop_given_from (initial : R) : environment :=
  given (("w", 1 - 9 / 10) :: ("w_of_mean", 1 - 9 / 10) :: ("learning_rate", 1 / 1000)
         :: ("epsilon", 1 / 10 ^ 8) :: ("s", initial)
         :: ("gradient", 1) :: ("theta", 1) :: nil)%list.
Definition rmsprop_given := rmsprop_given_from 0.

Lemma inputs_from initial : initial = 0 \/ initial = 1 ->
  forall x, 0 <= rmsprop_given_from initial x <= 1
    /\ (rmsprop_given_from initial x = 0 \/ / 10 ^ 9 <= rmsprop_given_from initial x).
Proof. intros [-> | ->]; inputs_in_range rmsprop_given_from. Qed.

Lemma rmsprop_inputs x :
  0 <= rmsprop_given x <= 1 /\ (rmsprop_given x = 0 \/ / 10 ^ 9 <= rmsprop_given x).
Proof. apply inputs_from. now left. Qed.

Lemma longest_at_most : 0 <= rmsprop_longest (9 / 10) (1 / 1000) <= 1.
Proof.
  split; [apply rmsprop_longest_at_least_0; lra |].
  change (1 / 1000 * / sqrt (1 - 9 / 10) <= 1).
  assert (R : / 10 <= sqrt (1 - 9 / 10)).
  { rewrite <- (sqrt_square (/ 10)) by lra. apply sqrt_le_1_alt. lra. }
  assert (I : 0 <= / sqrt (1 - 9 / 10) <= 10).
  { split; [apply Rlt_le, Rinv_0_lt_compat; lra |].
    apply Rle_trans with (/ / 10); [apply Rinv_le_contravar; lra | rewrite Rinv_inv; lra]. }
  lra.
Qed.

Lemma at_most_one x b : 0 <= x <= b -> b <= 1 -> 0 <= x <= 1.
Proof. lra. Qed.

Lemma states_at_most part absolute :
  0 <= part <= 1 -> 0 <= absolute <= 1 ->
  (forall initial, 0 <= initial <= 1 ->
     0 <= rmsprop_largest part absolute (initial + 2 * 2) (1 / 10 ^ 8) 2 <= 10 ^ 4)
  /\ 0 <= rmsprop_largest part absolute (0 + (2 * 2 + 1 / 10 ^ 8 / (1 - 9 / 10))) (1 / 10 ^ 8) 2
     <= 10 ^ 4.
Proof.
  intros P A. unfold rmsprop_largest. split; [intros initial I; split; nra |].
  replace (1 / 10 ^ 8 / (1 - 9 / 10)) with (1 / 10 ^ 7) by field. split; lra.
Qed.

Lemma given_runs_are initial a e :
  let kept := (("s", a) :: ("theta", e) :: nil)%list in
  let f := given_machine kept (rmsprop_given_from initial) in
  initial = 0 \/ initial = 1 ->
  rmsprop_runs u (9 / 10) (1 / 1000) (1 / 10 ^ 8) 2 (B2R (f O "w")) (B2R (f O "learning_rate"))
    (B2R (f O "epsilon")) (fun t x => B2R (f t x)) (given_rule kept (rmsprop_given_from initial)).
Proof.
  intros kept f I. assert (inputs := inputs_from initial I).
  split; [apply constant_weighs; given_shown inputs |].
  repeat (split; [given_shown inputs |]). given_shown inputs.
Qed.

Lemma given_starts_are initial a e :
  let kept := (("s", a) :: ("theta", e) :: nil)%list in
  let f := given_machine kept (rmsprop_given_from initial) in
  initial = 0 \/ initial = 1 ->
  rmsprop_starts u initial (B2R (f O "s")) (fun t x => B2R (f t x))
    (given_rule kept (rmsprop_given_from initial)).
Proof.
  intros kept f I. assert (inputs := inputs_from initial I).
  split; [given_shown inputs |]. right. change (1 - 9 / 10 < 1). lra.
Qed.

Lemma weight_is_one initial a e : initial = 0 \/ initial = 1 ->
  0 <= B2R (given_machine (("s", a) :: ("theta", e) :: nil)%list (rmsprop_given_from initial) O "w")
    <= 1.
Proof.
  intro I. apply (given_weight _ _ (inputs_from initial I)).
  unfold rmsprop_given_from, given. simpl. lra.
Qed.

Theorem rmsprop_can_run_in_ieee t :
  let f := given_machine rmsprop_states rmsprop_given in
  let r := given_rule rmsprop_states rmsprop_given in
  let k := kappa * u in
  let part := squares_and_epsilon_part u k (9 / 10) 1000 in
  let d := squares_and_epsilon_absolute u eta k (9 / 10) 2 in
  let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (rmsprop_longest (9 / 10) (1 / 1000))
          (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r k part d rest Ht. assert (R := proj2 (rmsprop_rest 2 ltac:(lra))). change (/ 2 <=
    rest <= 1) in R.
  destruct (rmsprop_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (1 / 1000) (1 / 10 ^ 8) 2
    (B2R (f O "w")) (B2R (f O "learning_rate")) (B2R (f O "epsilon")) 0 (B2R (f O "s")) 1000 f r)
    with (t := t)
    as (_ & F & D); try (apply given_runs_are; now left);
    try (apply given_starts_are; now left); try (apply weight_is_one; now left);
    try given_shown rmsprop_inputs; try exact Ht; try exact shrinks; try lra.
  - apply (rmsprop_rest 2). lra.
  - change (0 < rest). lra.
  - apply (small_peak rest (sqrt (1 / 10 ^ 8)) (1 / 1000) 2 (rmsprop_longest (9 / 10) (1 / 1000)) _
      (Rabs (r O "theta"))); try lra; try exact R; try exact longest_at_most.
    + rewrite ?root_of_epsilon. lra.
    + apply states_at_most.
      * exact (at_most_one _ _ part_with_epsilon ltac:(lra)).
      * exact (at_most_one _ _ (absolute_with_epsilon 2 ltac:(lra)) ltac:(lra)).
    + split; [apply Rabs_pos | apply given_size, rmsprop_inputs].
  - exact (conj F D).
Qed.

Theorem rmsprop_outside_can_run_in_ieee t :
  let f := given_machine rmsprop_outside_states rmsprop_given in
  let r := given_rule rmsprop_outside_states rmsprop_given in
  let k := kappa * u in
  let part := squares_part u k (9 / 10) 1000 in
  let d := squares_absolute u eta k (9 / 10) 2 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (1 / 10 ^ 8) (rmsprop_longest (9 / 10) (1 / 1000))
          (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r k part d l rest Ht. assert (R := proj2 (rmsprop_outside_rest 2 ltac:(lra))). change
    (/ 2 <= rest <= 1) in R.
  destruct (rmsprop_outside_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (1 / 1000) (1 / 10 ^ 8) 2
    (B2R (f O "w")) (B2R (f O "learning_rate")) (B2R (f O "epsilon")) 0 (B2R (f O "s")) 1000 f r)
    with (t := t)
    as (_ & F & D); try (apply given_runs_are; now left);
    try (apply given_starts_are; now left); try (apply weight_is_one; now left);
    try given_shown rmsprop_inputs; try exact Ht; try exact shrinks; try lra.
  - apply (rmsprop_outside_rest 2). lra.
  - change (0 < rest). lra.
  - apply (small_peak rest (1 / 10 ^ 8) (1 / 1000) 2 (rmsprop_longest (9 / 10) (1 / 1000)) _
      (Rabs (r O "theta"))); try lra; try exact R; try exact longest_at_most.
    + apply states_at_most; [| | lra].
      * exact (at_most_one _ _ part_of_squares ltac:(lra)).
      * exact (at_most_one _ _ (absolute_of_squares 2 ltac:(lra)) ltac:(lra)).
    + split; [apply Rabs_pos | apply given_size, rmsprop_inputs].
  - exact (conj F D).
Qed.

Theorem rmsprop_inside_can_run_in_ieee t :
  let claim initial :=
    let f := given_machine rmsprop_inside_states (rmsprop_given_from initial) in
    let r := given_rule rmsprop_inside_states (rmsprop_given_from initial) in
    let k := kappa * u in
    let part := (1 + squares_part u k (9 / 10) 1000) * (1 + u) - 1 in
    let d := (1 + u) * squares_absolute u eta k (9 / 10) 2 + eta in
    let rest := 1 - (root_part u part + root_absolute u eta d / sqrt (1 / 10 ^ 8)) in
    (t <= 1000)%nat ->
    (forall x, is_finite (f t x) = true)
    /\ Rabs (B2R (f t "theta") - r t "theta")
       <= quotient_drift u eta k rest (sqrt (1 / 10 ^ 8)) (rmsprop_longest (9 / 10) (1 / 1000))
            (Rabs (r O "theta")) 1000 t in
  claim 0 /\ claim 1.
Proof.
  intro claim.
  assert (from : forall initial, initial = 0 \/ initial = 1 -> claim initial).
  { intros initial I. cbv beta delta [claim]. intros f r k part d rest Ht.
    assert (inputs := inputs_from initial I).
    assert (R := proj2 (rmsprop_inside_rest 2 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
    destruct (rmsprop_inside_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (1 / 1000) (1 / 10 ^ 8) 2
      (B2R (f O "w")) (B2R (f O "learning_rate")) (B2R (f O "epsilon")) initial (B2R (f O "s")) 1000
      f r) with (t := t) as (_ & F & D); try exact (given_runs_are initial _ _ I);
      try exact (given_starts_are initial _ _ I); try exact (weight_is_one initial _ _ I);
      try given_shown inputs; try exact Ht; try exact shrinks; try lra.
    - apply (rmsprop_inside_rest 2). lra.
    - change (0 < rest). lra.
    - apply (small_peak rest (sqrt (1 / 10 ^ 8)) (1 / 1000) 2 (rmsprop_longest (9 / 10) (1 / 1000))
        _ (Rabs (r O "theta"))); try lra; try exact R; try exact longest_at_most.
      + rewrite ?root_of_epsilon. lra.
      + apply states_at_most; [| | destruct I; lra].
        * exact (at_most_one _ _ part_of_squares ltac:(lra)).
        * exact (at_most_one _ _ (absolute_of_squares 2 ltac:(lra)) ltac:(lra)).
      + split; [apply Rabs_pos | apply given_size, inputs].
    - exact (conj F D). }
  split; apply from; [now left | now right].
Qed.
