(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems of a run of Adagrad and of RMSprop with weight decay in the
   gradient can hold: 1000 steps in binary32 from theta = 1 with gradient 1 and a decay of 1e-6,
   epsilon 1e-8 being outside of the root. The gradients keep Adagrad's divisor above 1/2 and
   RMSprop's above 1/10. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns MovingParameters.
From Truestep Require Import Overflow DecayedGradients adagrad_run rmsprop_run adam_decay_run.
From Truestep Require Import decaying_adagrad_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers MachineRuns.
From TruestepRules Require Import adagrad_run_witnesses rmsprop_run_witnesses.
Open Scope string_scope.
Open Scope R_scope.

Definition decayed_given : environment :=
  given (("w", 1 - 9 / 10) :: ("learning_rate", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8)
         :: ("weight_decay", 1 / 10 ^ 6) :: ("gradient", 1) :: ("theta", 1) :: nil)%list.

Lemma decayed_inputs x :
  0 <= decayed_given x <= 1 /\ (decayed_given x = 0 \/ / 10 ^ 9 <= decayed_given x).
Proof. revert x. inputs_in_range decayed_given. Qed.

(* What is formed of a gradient near 1 and of a theta of at most 1002. *)
Lemma formed_far_from_zero kept t theta :
  term_of kept "gradient" = None -> Rabs theta <= 1002 ->
  let h := B2R (given_machine kept decayed_given t "gradient") + 1 / 10 ^ 6 * theta in
  / 4 <= h * h.
Proof.
  intros N T h. destruct (given_input kept decayed_given decayed_inputs t "gradient"
    (or_intror N)) as [_ W]. change (decayed_given "gradient") with 1 in W.
  apply Rabs_le_inv in W, T. rewrite k_value in W. assert (/ 2 <= h) by (unfold h; lra). nra.
Qed.

(* What is formed stays below 3. *)
Lemma formed_is_small theta0 L :
  0 <= theta0 <= 2 -> 0 <= L <= 1 ->
  (1 + u) * ((1 + kappa * u) * (1 / 10 ^ 6) * (theta0 + INR 1000 * L + 16000) + 2) + eta <= 3.
Proof.
  intros Ht HL. rewrite steps_counted, eta_value, k_value, u_value.
  assert (X : 0 <= theta0 + 1000 * L + 16000 <= 17002) by lra.
  set (x := theta0 + 1000 * L + 16000) in *. clearbody x. lra.
Qed.

Theorem decayed_adagrad_can_run t :
  let kept := all_decayed adagrad_outside_states in
  let f := given_machine kept decayed_given in
  let r := given_rule kept decayed_given in
  let k := kappa * u in
  let least := sqrt 0 + 1 / 10 ^ 8 in
  let l := (1 + k) * (1 + root_part u (adagrad_part u k 1000)) * (1 + u) - 1 in
  let rest :=
    1 - (l + (root_absolute u eta (adagrad_absolute u eta 1000) * (1 + u) + eta) / least) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest least (1 / 1000) (Rabs (r O "theta")) 1000 t
        + gradient_feedback ((1 / 1000 + 1 / 1000 * sqrt (INR 1000)) / / 2)
            (decay_returned u k (1 / 10 ^ 6))
            (decay_error u eta k (1 / 10 ^ 6) 2
               (Rabs (r O "theta") + INR 1000 * (1 / 1000)) 16000) t.
Proof.
  intros kept f r k least l rest Ht.
  assert (C : chosen 0 (1 / 10 ^ 8)) by (unfold chosen; lra).
  assert (R := proj2 (adagrad_outside_rest _ _ C)). change (/ 2 <= rest <= 1) in R.
  assert (S := outside_least _ _ C). fold least in S.
  assert (start : 0 <= Rabs (r O "theta") <= 2)
    by (split; [apply Rabs_pos | apply (given_size _ _ decayed_inputs)]).
  assert (Ca : constant_within u (1 / 1000) (B2R (f O "learning_rate")) "learning_rate"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Ce : constant_within u (1 / 10 ^ 8) (B2R (f O "epsilon")) "epsilon"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Cl : constant_within u (1 / 10 ^ 6) (B2R (f O "weight_decay")) "weight_decay"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (HG : same_gradients 2 (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Hs : follows exact "sum" (decayed adagrad_sum) r) by now apply given_rule_follows.
  assert (Hx : follows exact "theta" (decayed adagrad_outside_theta) r)
    by now apply given_rule_follows.
  destruct (decayed_adagrad_rule 24 128 (1 / 1000) (1 / 10 ^ 8) 0 (1 / 10 ^ 6) 2 _ _ _ f r Ca Ce Cl
    HG eq_refl Hs Hx) as (sums & moves).
  set (h i := B2R (f i "gradient") + 1 / 10 ^ 6 * r i "theta") in *.
  assert (W := adagrad_outside_divides (1 / 1000) 0 (1 / 10 ^ 8) 1000 ltac:(lra) ltac:(lra)
    ltac:(lra) ltac:(lra)).
  assert (size : forall i, (i <= 1000)%nat -> Rabs (r i "theta") <= 1002).
  { intros i Hi. eapply Rle_trans; [apply (moved_at_most (1 / 1000) 1000 (fun i => r i "theta")
      (quotient_update (1 / 1000) (adagrad_outside_divisor 0 (1 / 10 ^ 8)) h)); auto; [lra |] |].
    - intros. apply (quotient_update_at_most (1 / 1000) (1 / 1000) (sqrt (INR 1000)) 1000);
        [lra | exact W].
    - rewrite steps_counted. lra. }
  destruct (decayed_adagrad_outside_run_in_ieee 24 128 eq_refl eq_refl (1 / 1000) (1 / 10 ^ 8) 0
    (1 / 10 ^ 6) (/ 2) 2 3 16000 _ _ (B2R (f O "sum")) _ 1000 f r Ca Ce Cl HG) with (t := t)
    as (F & _ & D); try given_shown decayed_inputs; try exact Ht; try assumption; try lra.
  - simpl. lra.
  - now apply (adagrad_outside_rest 0 (1 / 10 ^ 8)).
  - change (0 < rest). lra.
  - apply (small_peak rest least (1 / 1000) 3 (1 / 1000)); try lra.
    unfold adagrad_largest. rewrite steps_counted. generalize part_of_the_sum absolute_of_the_sum.
    set (x := adagrad_part _ _ _). set (y := adagrad_absolute _ _ _). intros X Y. split; nra.
  - intros i Hi. apply (small_drift rest least (1 / 1000)); try lra. exact Hi.
  - split; [lra |]. intros i Hi. rewrite sums. rewrite sums_from. simpl adagrad_sums.
    assert (B := formed_far_from_zero kept i (r i "theta") eq_refl (size i ltac:(lia))).
    change (/ 4 <= h i * h i) in B. assert (P := sums_at_least h i).
    assert (Q : / 2 <= sqrt (0 + (adagrad_sums 0 h i + h i * h i))).
    { rewrite <- (sqrt_square (/ 2)) by lra. apply sqrt_le_1_alt. lra. }
    lra.
  - apply formed_is_small; lra.
  - exact (conj F D).
Qed.

Theorem decayed_rmsprop_can_run t :
  let kept := all_decayed rmsprop_outside_states in
  let f := given_machine kept decayed_given in
  let r := given_rule kept decayed_given in
  let k := kappa * u in
  let L := rmsprop_longest (9 / 10) (1 / 1000) in
  let part := squares_part u k (9 / 10) 1000 in
  let d := squares_absolute u eta k (9 / 10) 3 in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / (1 / 10 ^ 8)) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta k rest (1 / 10 ^ 8) L (Rabs (r O "theta")) 1000 t
        + gradient_feedback ((1 / 1000 + L * 1) / / 10)
            (decay_returned u k (1 / 10 ^ 6))
            (decay_error u eta k (1 / 10 ^ 6) 2 (Rabs (r O "theta") + INR 1000 * L) 16000) t.
Proof.
  intros kept f r k L part d l rest Ht.
  assert (R := proj2 (rmsprop_outside_rest 3 ltac:(lra))). change (/ 2 <= rest <= 1) in R.
  assert (HL : 0 <= L <= 1) by exact longest_at_most.
  assert (start : 0 <= Rabs (r O "theta") <= 2)
    by (split; [apply Rabs_pos | apply (given_size _ _ decayed_inputs)]).
  assert (Ca : constant_within u (1 / 1000) (B2R (f O "learning_rate")) "learning_rate"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Ce : constant_within u (1 / 10 ^ 8) (B2R (f O "epsilon")) "epsilon"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Cl : constant_within u (1 / 10 ^ 6) (B2R (f O "weight_decay")) "weight_decay"
    (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Cw : constant_within u (1 - 9 / 10) (B2R (f O "w")) "w" (fun t x => B2R (f t x)) r)
    by given_shown decayed_inputs.
  assert (HG : same_gradients 2 (fun t x => B2R (f t x)) r) by given_shown decayed_inputs.
  assert (Hs : follows exact "s" (decayed rmsprop_inside_s) r) by now apply given_rule_follows.
  assert (Hx : follows exact "theta" (decayed rmsprop_outside_theta) r)
    by now apply given_rule_follows.
  destruct (decayed_rmsprop_rule 24 128 (1 / 1000) (1 / 10 ^ 8) 0 (1 / 10 ^ 6) 2 _ _ _ f r Ca Ce Cl
    HG (9 / 10) _ Cw eq_refl Hs Hx) as (squares & moves).
  set (h i := B2R (f i "gradient") + 1 / 10 ^ 6 * r i "theta") in *.
  assert (W := rmsprop_outside_divides (1 / 1000) (9 / 10) 0 (1 / 10 ^ 8) 1000 ltac:(lra)
    ltac:(lra) ltac:(lra) ltac:(lra)).
  assert (size : forall i, (i <= 1000)%nat -> Rabs (r i "theta") <= 1002).
  { intros i Hi. eapply Rle_trans; [apply (moved_at_most L 1000 (fun i => r i "theta")
      (quotient_update (1 / 1000) (rmsprop_outside_divisor (9 / 10) 0 (1 / 10 ^ 8)) h)); auto;
      [lra |] |].
    - intros. apply (quotient_update_at_most (1 / 1000) L 1 1000); [lra | exact W].
    - rewrite steps_counted. lra. }
  assert (P := part_of_squares). assert (A := absolute_of_squares 3 ltac:(lra)).
  fold k in P, A. fold part in P. fold d in A.
  destruct (decayed_rmsprop_outside_run_in_ieee 24 128 eq_refl eq_refl (1 / 1000) (1 / 10 ^ 8) 0
    (1 / 10 ^ 6) (/ 10) 2 3 16000 _ _ (B2R (f O "s")) _ 1000 f r Ca Ce Cl HG) with (t := t)
    (rho := 9 / 10) (wt := B2R (f O "w"))
    as (F & _ & D); try given_shown decayed_inputs; try exact Ht; try assumption; try lra.
  - simpl. lra.
  - exact shrinks.
  - apply (given_weight _ _ decayed_inputs). unfold decayed_given, given. simpl. lra.
  - apply (rmsprop_outside_rest 3). lra.
  - change (0 < rest). lra.
  - apply (small_peak rest (1 / 10 ^ 8) (1 / 1000) 3 L); try lra.
    change (0 <= rmsprop_largest part d (0 + 3 * 3) (1 / 10 ^ 8) 3 <= 10 ^ 4).
    unfold rmsprop_largest. clearbody part d. split; nra.
  - intros i Hi. apply (small_drift rest (1 / 10 ^ 8) L); try lra. exact Hi.
  - split; [lra |]. intros i Hi. rewrite squares. simpl rmsprop_squares.
    assert (B := formed_far_from_zero kept i (r i "theta") eq_refl (size i ltac:(lia))).
    change (/ 4 <= h i * h i) in B.
    assert (before : 0 <= rmsprop_squares (9 / 10) 0 h i).
    { rewrite squares_from, Rmult_0_r, Rplus_0_l. apply squares_nonnegative. lra. }
    assert (Q : / 10 <= sqrt (9 / 10 * rmsprop_squares (9 / 10) 0 h i + (1 - 9 / 10) * (h i * h i))).
    { rewrite <- (sqrt_square (/ 10)) by lra. apply sqrt_le_1_alt. lra. }
    lra.
  - exact (formed_is_small _ L start HL).
  - exact (conj F D).
Qed.
