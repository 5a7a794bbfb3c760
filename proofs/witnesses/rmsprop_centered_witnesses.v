(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems on a run of centered RMSprop can hold: the runs of
   rmsprop_run_witnesses.v, centered, for 10 steps, in which the variance, 0.9^t (1 - 0.9^t), is at
   least 0.09. *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns.
From Truestep Require Import rmsprop_run rmsprop_centered_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers MachineRuns rmsprop_run_witnesses.
Open Scope string_scope.
Open Scope R_scope.

Definition rmsprop_centered_kept :=
  (("s", rmsprop_inside_s) :: ("mean", rmsprop_inside_centered_mean)
   :: ("theta", rmsprop_outside_centered_theta) :: nil)%list.

Lemma centered_states t :
  let r := steps exact rmsprop_centered_kept rmsprop_run_start in
  r t "s" = 1 - (9 / 10) ^ t /\ r t "mean" = 1 - (9 / 10) ^ t.
Proof.
  intro r. assert (E := fun x => steps_keep exact rmsprop_centered_kept rmsprop_run_start x).
  assert (G := E "gradient" eq_refl). assert (W := E "w" eq_refl).
  assert (M := E "w_of_mean" eq_refl). cbv [rmsprop_run_start given] in G, W, M. simpl in G, W, M.
  induction t as [| t [IHs IHm]].
  - unfold r. cbv [steps rmsprop_run_start given]. simpl. lra.
  - assert (Hs : follows exact "s" rmsprop_inside_s r) by now apply steps_follow.
    assert (Hm : follows exact "mean" rmsprop_inside_centered_mean r) by now apply steps_follow.
    rewrite Hs, Hm. simpl. rewrite IHs, IHm. unfold r. rewrite G, W, M. split; simpl; lra.
Qed.

(* In 10 steps. *)
Lemma parts_of_ten :
  0 <= squares_part u (kappa * u) (9 / 10) 10 <= / 1000
  /\ 0 <= (1 + kappa * u) * growth u (kappa * u) (9 / 10) ^ 10 - 1 <= / 1000.
Proof.
  assert (Q := power_of_1000 _ growth_at_most). assert (P := growth_at_most).
  assert (L : growth u (kappa * u) (9 / 10) ^ 10 <= growth u (kappa * u) (9 / 10) ^ 1000)
    by (apply Rle_pow; [lra | lia]).
  assert (O : 1 <= growth u (kappa * u) (9 / 10) ^ 10) by (apply pow_R1_Rle; lra).
  unfold squares_part. set (q := growth _ _ _ ^ 10) in *. set (z := growth _ _ _ ^ 1000) in *.
  clearbody q z. rewrite k_value, u_value. split; split; nra.
Qed.

Lemma centered_rest :
  let v := variance_error u eta (kappa * u) (9 / 10) (9 / 10) 1 10 in
  0 < 1 - (centered_part u (kappa * u) + centered_absolute u eta v (3 / 10) / (3 / 10)).
Proof.
  destruct parts_of_ten as (P & M). assert (A := absolute_of_squares 1 ltac:(lra)).
  assert (K := kept_at_most 0 ltac:(lra)).
  assert (S : 0 <= squares_error u eta (kappa * u) (9 / 10) 1 10 <= 11 / 10000)
    by (unfold squares_error; split; lra).
  assert (C : 0 <= centre_error u eta (kappa * u) (9 / 10) 1 10 <= 11 / 10000)
    by (unfold centre_error; split; lra).
  intro v. assert (V : 0 <= v <= / 200).
  { unfold v, variance_error. cbv zeta.
    set (s := squares_error _ _ _ _ _ _) in *. set (c := centre_error _ _ _ _ _ _) in *.
    clearbody s c. rewrite u_value, eta_value. split; nra. }
  unfold centered_part, centered_absolute. clearbody v. rewrite k_value, u_value, eta_value. lra.
Qed.

Lemma powers_of_ten i : (i < 10)%nat -> 1 / 3 <= (9 / 10) ^ S i <= 9 / 10.
Proof.
  intro Hi. split.
  - apply Rle_trans with ((9 / 10) ^ 10); [lra |].
    replace 10%nat with (S i + (10 - S i))%nat by lia. rewrite pow_add.
    assert (0 <= (9 / 10) ^ S i) by (apply pow_le; lra).
    assert ((9 / 10) ^ (10 - S i) <= 1) by (rewrite <- (pow1 (10 - S i)); apply pow_incr; lra).
    nra.
  - simpl. assert ((9 / 10) ^ i <= 1) by (rewrite <- (pow1 i); apply pow_incr; lra). lra.
Qed.

Theorem rmsprop_centered_can_run t :
  let r := steps exact rmsprop_centered_kept rmsprop_run_start in
  let f := steps (rounded binary32_nearest) rmsprop_centered_kept (stored rmsprop_run_start) in
  let v := variance_error u eta (kappa * u) (9 / 10) (9 / 10) 1 10 in
  let rest := 1 - (centered_part u (kappa * u) + centered_absolute u eta v (3 / 10) / (3 / 10)) in
  (t <= 10)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= quotient_drift u eta (kappa * u) rest (3 / 10) (1 / 1000 * 1 / (3 / 10)) (Rabs (r O "theta"))
       10 t.
Proof.
  intros r f v rest.
  apply (centered_theta_stays_near u eta (9 / 10) (9 / 10) (1 / 1000) (1 / 10 ^ 8) 1 (3 / 10)
    (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 - 9 / 10)) (unbounded_nearest (1 / 1000))
    (unbounded_nearest (1 / 10 ^ 8)) binary32_nearest f r 10); try lra.
  - exact binary32_rounds.
  - exact shrinks.
  - exact shrinks.
  - now apply (rmsprop_runs_are _ rmsprop_outside_centered_theta).
  - apply (constants_are_within "w_of_mean"); try easy. reads rmsprop_run_start. lra.
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - now apply starts_from_zero.
  - now apply stored_starts_from_zero.
  - split; [lra |]. intros i Hi. assert (E := centered_states (S i)). fold r in E.
    destruct E as (-> & ->).
    assert (P := powers_of_ten i Hi). set (x := (9 / 10) ^ S i) in *. nra.
  - exact centered_rest.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.

(* In IEEE arithmetic, with gradients of at most 2. *)

Lemma centered_rest_in_ieee :
  let v := variance_error u eta (kappa * u) (9 / 10) (9 / 10) 2 10 in
  / 2 <= 1 - (centered_part u (kappa * u) + centered_absolute u eta v (1 / 4) / (1 / 4)) <= 1.
Proof.
  destruct parts_of_ten as (P & M). assert (A := absolute_of_squares 2 ltac:(lra)).
  assert (K := kept_at_most 0 ltac:(lra)).
  assert (S : 0 <= squares_error u eta (kappa * u) (9 / 10) 2 10 <= 41 / 10000)
    by (unfold squares_error; split; lra).
  assert (C : 0 <= centre_error u eta (kappa * u) (9 / 10) 2 10 <= 21 / 10000)
    by (unfold centre_error; split; lra).
  intro v. assert (V : 0 <= v <= / 60).
  { unfold v, variance_error. cbv zeta.
    set (s := squares_error _ _ _ _ _ _) in *. set (c := centre_error _ _ _ _ _ _) in *.
    clearbody s c. rewrite u_value, eta_value. split; nra. }
  unfold centered_part, centered_absolute. clearbody v. rewrite k_value, u_value, eta_value. lra.
Qed.

Lemma centered_largest_at_most :
  0 <= 2 * centered_largest u eta (kappa * u) (9 / 10) (9 / 10) (1 / 10 ^ 8) 2 10 <= 10 ^ 4.
Proof.
  destruct parts_of_ten as (P & M). assert (A := absolute_of_squares 2 ltac:(lra)).
  assert (K := kept_at_most 0 ltac:(lra)).
  assert (C : 0 <= centre_error u eta (kappa * u) (9 / 10) 2 10 <= 1)
    by (unfold centre_error; split; lra).
  unfold centered_largest, rmsprop_largest. cbv zeta. set (c := centre_error _ _ _ _ _ _) in *.
  clearbody c. split; nra.
Qed.

(* A peak is no larger in 10 steps than in 1000. *)
Lemma peak_of_ten rest least alpha G L S theta0 :
  / 2 <= rest <= 1 -> 0 < least -> 0 <= L -> 0 <= theta0 ->
  quotient_peak u eta (kappa * u) rest least alpha G L S theta0 10
  <= quotient_peak u eta (kappa * u) rest least alpha G L S theta0 1000.
Proof.
  intros R F HL Ht. unfold quotient_peak, quotient_drift.
  assert (U : 0 <= u) by (rewrite u_value; lra). assert (N : 0 <= eta) by (rewrite eta_value; lra).
  assert (K : 0 <= kappa * u) by (rewrite k_value; lra).
  assert (E : 0 <= quotient_error_bound u eta (kappa * u) rest least L).
  { unfold quotient_error_bound. apply Rplus_le_le_0_compat.
    - apply Rmult_le_pos; [| exact HL]. unfold Rdiv.
      assert (1 <= / rest) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
      assert (1 <= (1 + kappa * u) * (1 + u) ^ 2) by nra. nra.
    - apply Rplus_le_le_0_compat; [| exact N]. apply Rmult_le_pos; [lra |].
      apply Rmult_le_pos; [exact N |]. apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; lra. }
  set (e := quotient_error_bound _ _ _ _ _ _) in *. clearbody e.
  assert (P : INR 10 <= INR 1000) by (apply le_INR; lia). assert (T0 := pos_INR 10).
  assert (Q : (1 + u) ^ 10 <= (1 + u) ^ 1000) by (apply Rle_pow; [lra | lia]).
  assert (Q0 : 0 <= (1 + u) ^ 10) by (apply pow_le; lra).
  set (b := (1 + u) ^ 1000) in *. clearbody b. set (a := (1 + u) ^ 10) in *. clearbody a.
  set (n := INR 1000) in *. clearbody n. set (m := INR 10) in *. clearbody m.
  assert (ML : m * L <= n * L) by now apply Rmult_le_compat_r.
  assert (ML0 : 0 <= m * L) by now apply Rmult_le_pos.
  assert (D : m * a * (e + u * (theta0 + m * L) + eta) <= n * b * (e + u * (theta0 + n * L) + eta)).
  { apply Rmult_le_compat; [now apply Rmult_le_pos | | now apply Rmult_le_compat |].
    - assert (0 <= u * (theta0 + m * L)) by (apply Rmult_le_pos; lra). lra.
    - assert (u * (theta0 + m * L) <= u * (theta0 + n * L)) by (apply Rmult_le_compat_l; lra). lra. }
  lra.
Qed.

Lemma given_centered_states t :
  let r := given_rule rmsprop_centered_states rmsprop_given in
  let g := r O "gradient" in
  r t "s" = g * g * (1 - (9 / 10) ^ t) /\ r t "mean" = g * (1 - (9 / 10) ^ t).
Proof.
  intros r g.
  assert (G : forall i, r i "gradient" = g)
    by (intro i; unfold g, r, given_rule; now rewrite !steps_keep by reflexivity).
  assert (W : forall i, r i "w" = 1 - 9 / 10 /\ r i "w_of_mean" = 1 - 9 / 10)
    by (intro i; unfold r, given_rule; now rewrite !steps_keep by reflexivity).
  assert (Hs : follows exact "s" rmsprop_inside_s r) by now apply given_rule_follows.
  assert (Hm : follows exact "mean" rmsprop_inside_centered_mean r) by now apply given_rule_follows.
  induction t as [| t [IHs IHm]].
  - assert (Z : r O "s" = 0 /\ r O "mean" = 0) by now split. destruct Z as (-> & ->). simpl. lra.
  - rewrite Hs, Hm. simpl. rewrite IHs, IHm, G. destruct (W t) as (-> & ->). split; ring.
Qed.

Theorem rmsprop_centered_can_run_in_ieee t :
  let f := given_machine rmsprop_centered_states rmsprop_given in
  let r := given_rule rmsprop_centered_states rmsprop_given in
  let v := variance_error u eta (kappa * u) (9 / 10) (9 / 10) 2 10 in
  let rest := 1 - (centered_part u (kappa * u) + centered_absolute u eta v (1 / 4) / (1 / 4)) in
  (t <= 10)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= quotient_drift u eta (kappa * u) rest (1 / 4) (1 / 1000 * 2 / (1 / 4))
          (Rabs (r O "theta")) 10 t.
Proof.
  intros f r v rest Ht. assert (R := centered_rest_in_ieee). change (/ 2 <= rest <= 1) in R.
  assert (inputs := rmsprop_inputs).
  assert (weights_are : forall x, rmsprop_given x = 1 - 9 / 10 -> 0 <= B2R (f O x) <= 1)
    by (intros x E; apply (given_weight _ _ inputs); rewrite E; lra).
  destruct (centered_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (9 / 10) (1 / 1000) (1 / 10 ^ 8) 2
    (1 / 4) (B2R (f O "w")) (B2R (f O "w_of_mean")) (B2R (f O "learning_rate"))
    (B2R (f O "epsilon")) 10 f r) with (t := t) as (_ & F & D);
    try exact Ht; try exact shrinks; try (apply weights_are; reflexivity);
    try given_shown rmsprop_inputs; try lra.
  - split; given_shown rmsprop_inputs.
  - split; [apply constant_weighs; given_shown rmsprop_inputs |].
    repeat (split; [given_shown rmsprop_inputs |]). given_shown rmsprop_inputs.
  - change (0 < rest). lra.
  - split; [lra |]. intros i Hi. assert (E := given_centered_states (S i)). cbv zeta in E.
    fold r in E. destruct E as (-> & ->). assert (P := powers_of_ten i Hi).
    assert (W : Rabs (r O "gradient" - 1) <= kappa * u * 1)
      by exact (proj2 (given_input rmsprop_centered_states _ inputs O "gradient"
                  (or_introl eq_refl))).
    apply Rabs_le_inv in W. rewrite k_value in W. set (g := r O "gradient") in *.
    set (x := (9 / 10) ^ S i) in *. clearbody g x.
    assert (g1 : 99 / 100 <= g) by lra. assert (g2 : 9 / 10 <= g * g) by nra.
    assert (x2 : 9 / 100 <= (1 - x) * x) by nra.
    replace (g * g * (1 - x) - g * (1 - x) * (g * (1 - x))) with (g * g * ((1 - x) * x)) by ring.
    nra.
  - eapply Rle_lt_trans; [apply (peak_of_ten rest (1 / 4)); try lra; apply Rabs_pos |].
    apply (small_peak rest (1 / 4) (1 / 1000) 2); try lra; try exact R.
    + exact centered_largest_at_most.
    + split; [apply Rabs_pos | apply (given_size _ _ inputs)].
  - exact (conj F D).
Qed.
