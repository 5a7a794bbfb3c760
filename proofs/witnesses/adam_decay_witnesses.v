(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem of a run of Adam with weight decay in the gradient can hold: the
   run of adam_run_witnesses.v, with a decay of 1e-4, for 1000 steps. Its gradients keep the divisor
   above 1/2, and what comes back in them adds at most 1e-8 a step. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Rounding Formats Runs.
From Truestep Require Import RelativeDrift Overflow DecayedGradients adam_run adam_machine.
From Truestep Require Import adam_defaults adam_decay_run.
From TruestepRules Require Import MachineRuns adam_run_witnesses.
Open Scope string_scope.
Open Scope R_scope.

Lemma squares_at_least beta c (x : nat -> R) t :
  0 <= beta <= 1 -> (forall i, (i < t)%nat -> c <= x i * x i) ->
  (1 - beta ^ t) * c <= mean beta (fun i => x i * x i) t.
Proof.
  intro B. induction t as [| t IH]; intro H; [simpl; lra |].
  specialize (IH ltac:(intros; apply H; lia)). specialize (H t ltac:(lia)). simpl.
  assert (beta * ((1 - beta ^ t) * c) <= beta * mean beta (fun i => x i * x i) t)
    by (apply Rmult_le_compat_l; lra).
  assert ((1 - beta) * c <= (1 - beta) * (x t * x t)) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Lemma decayed_rule_exists alpha beta1 beta2 epsilon lambda g start :
  exists m v theta,
    adam_rule alpha beta1 beta2 epsilon (fun t => g t + lambda * theta t) m v theta
    /\ theta O = start.
Proof.
  set (step := fun t s =>
    let '(m, v, theta) := s : R * R * R in
    let h := g t + lambda * theta in
    let m' := beta1 * m + (1 - beta1) * h in
    let v' := beta2 * v + (1 - beta2) * (h * h) in
    (m', v', theta - alpha * (m' / (1 - beta1 ^ S t)) / (sqrt (v' / (1 - beta2 ^ S t)) + epsilon))).
  set (run := fix run t := match t with O => (0, 0, start) | S i => step i (run i) end).
  exists (fun t => fst (fst (run t))), (fun t => snd (fst (run t))), (fun t => snd (run t)).
  split; [| reflexivity]. split; [reflexivity |]. split; [reflexivity |].
  intro t. simpl. unfold step. destruct (run t) as ((m, v), theta). simpl. repeat split.
Qed.

Theorem decayed_adam_can_run :
  let f := computed one_epsilon (all_decayed adam_states) in
  let u := bpow radix2 (- (24)) in
  exists m v theta,
    adam_rule (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
      (fun t => B2R (f t "gradient") + / 10 ^ 4 * theta t) m v theta
    /\ theta O = B2R (f O "theta")
    /\ forall t, (t <= 1000)%nat ->
         (forall x, is_finite (f t x) = true)
         /\ Rabs (B2R (f t "theta") - theta t)
            <= INR t * (u * (101 / 100 * Rabs (theta O) + / 1000 * (31 * INR t + 67))
                        + / 2 ^ 100 + / 10 ^ 8).
Proof.
  intros f u. set (eta := bpow radix2 (3 - 128 - 24 - 1)).
  set (longest := longest_step (/ 1000) (9 / 10) (999 / 1000)).
  assert (others : forall x, x <> "m" -> x <> "v" -> x <> "v_max" -> x <> "theta" ->
    term_of (all_decayed adam_states) x = None) by others_are_given.
  destruct (decayed_rule_exists (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 4)
    (fun t => B2R (f t "gradient")) (B2R (f O "theta"))) as (m & v & theta & Rule & Start).
  exists m, v, theta. split; [exact Rule |]. split; [exact Start |]. intros t Ht.
  assert (T1000 : INR 1000 = 1000) by (rewrite INR_IZR_INZ; reflexivity).
  destruct (binary32_numbers 1000%nat) as (U & N & Tu & T60); [rewrite T1000; lra |].
  fold u eta in U, N, Tu.
  assert (first : Rabs (theta O) <= 2).
  { rewrite Start. destruct (input_within one_epsilon one_epsilon_in_range
      (all_decayed adam_states) O "theta" (or_introl eq_refl))
      as [_ W]. change (adam_given one_epsilon O "theta") with 1 in W.
    assert (A : Rabs 1 <= 1) by (rewrite Rabs_R1; lra).
    generalize (Rabs_near _ _ _ _ A W). fold u f. unfold kappa. lra. }
  assert (first0 := Rabs_pos (theta O)).
  assert (L : 0 <= longest <= 728 / 100 * / 1000) by (apply (longest_size (/ 1000)); lra).
  assert (drift : forall i, (i <= 1000)%nat ->
    theta_drift u eta (kappa * u) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 3 (Rabs (theta O)) i
    <= INR i * (u * (101 / 100 * Rabs (theta O) + / 1000 * (31 * INR i + 67)) + / 2 ^ 100)).
  { intros i Hi. apply le_INR in Hi. rewrite T1000 in Hi. apply default_drift; auto; try lra.
    apply Rle_trans with (1000 * u); [apply Rmult_le_compat_r; lra | lra]. }
  assert (drift1 : forall i, (i <= 1000)%nat ->
    theta_drift u eta (kappa * u) (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8) 3 (Rabs (theta O)) i
    <= / 400).
  { intros i Hi. eapply Rle_trans; [now apply drift |]. apply le_INR in Hi. rewrite T1000 in Hi.
    assert (I := pos_INR i).
    apply Rle_trans with (1000 * (/ 2 ^ 24 * 40 + / 2 ^ 100)); [| lra].
    apply Rmult_le_compat; try lra.
    - apply Rplus_le_le_0_compat; [apply Rmult_le_pos |]; lra.
    - apply Rplus_le_compat_r. apply Rmult_le_compat; lra. }
  assert (Gk : forall i, Rabs (B2R (f i "gradient")) <= 2)
    by (intro i; now apply (gradients_at_most _ one_epsilon_in_range)).
  destruct (decayed_adam_run_in_ieee 24 128 eq_refl eq_refl (kappa * u) (/ 1000) (9 / 10)
    (999 / 1000) (/ 10 ^ 8) (/ 10 ^ 4) (/ 2) 2 3 (/ 400) 1000 f m v theta)
    with (t := t) as (F & _ & D); auto.
  - apply default_conditions with (theta0 := 0); auto; rewrite ?T1000; lra.
  - apply computed_follows, one_epsilon_in_range.
  - now apply (start_at_zero _ one_epsilon_in_range).
  - now apply (start_at_zero _ one_epsilon_in_range).
  - now apply (coefficients_are_within _ one_epsilon_in_range).
  - split; [lra |]. split.
    + intro i. now apply (unchanged one_epsilon (all_decayed adam_states)); [apply others |].
    + now apply (input_within one_epsilon one_epsilon_in_range (all_decayed adam_states) O
        "weight_decay" (or_introl eq_refl)).
  - eapply Rlt_trans; [apply default_peak; auto; rewrite ?T1000; lra | simpl; lra].
  - simpl. lra.
  - split; [lra |]. intros i Hi.
    destruct (rule_updates _ _ _ _ _ _ _ _ Rule) as [Ve _]. rewrite Ve.
    assert (P := power_below_one (999 / 1000) i ltac:(lra)).
    assert (S := squares_at_least (999 / 1000) (/ 4)
      (fun j => B2R (f j "gradient") + / 10 ^ 4 * theta j) (Datatypes.S i) ltac:(lra)).
    assert (B : / 2 <= sqrt (mean (999 / 1000)
      (fun j => (B2R (f j "gradient") + / 10 ^ 4 * theta j)
                * (B2R (f j "gradient") + / 10 ^ 4 * theta j)) (Datatypes.S i)
      / (1 - (999 / 1000) ^ Datatypes.S i))).
    { rewrite <- (sqrt_square (/ 2)) by lra. apply sqrt_le_1_alt.
      apply Rmult_le_reg_r with (1 - (999 / 1000) ^ Datatypes.S i); [easy |].
      match goal with |- _ <= ?a / ?b * ?b => replace (a / b * b) with a by (field; lra) end.
      rewrite (Rmult_comm (/ 2 * / 2)). replace (/ 2 * / 2) with (/ 4) by lra.
      apply S. intros j Hj.
      assert (Th : Rabs (theta j) <= Rabs (theta O) + INR 1000 * longest).
      { apply (rule_at_most (/ 1000) (9 / 10) (999 / 1000) (/ 10 ^ 8)
          (fun j => B2R (f j "gradient") + / 10 ^ 4 * theta j) m v theta 1000 j);
          [lra .. | exact Rule | lia]. }
      rewrite T1000 in Th.
      destruct (input_within one_epsilon one_epsilon_in_range (all_decayed adam_states) j
        "gradient") as [_ W];
        [right; now apply others |].
      change (adam_given one_epsilon j "gradient") with 1 in W. fold u f in W. apply Rabs_le_inv in W.
      assert (K : 0 <= kappa * u * 1 <= / 10) by (unfold kappa; lra).
      apply Rabs_le_inv in Th. nra. }
    assert (0 < / 10 ^ 8) by lra. lra.
  - rewrite T1000. fold longest u eta.
    assert (k0 : 0 <= kappa * u <= / 10) by (unfold kappa; lra).
    set (Th := Rabs (theta O) + 1000 * longest + / 400).
    assert (Th0 : 0 <= Th <= 11) by (unfold Th; lra).
    assert (X : (1 + kappa * u) * / 10 ^ 4 * Th <= 2 * / 10 ^ 4 * 11)
      by (apply Rmult_le_compat; try lra; apply Rmult_le_pos; lra).
    assert (uu : u * u <= 1) by nra.
    assert (Y : (1 + u) * ((1 + kappa * u) * / 10 ^ 4 * Th + 2)
                <= (1 + / 2 ^ 24) * (2 * / 10 ^ 4 * 11 + 2)).
    { apply Rmult_le_compat; try lra. assert (0 <= (1 + kappa * u) * / 10 ^ 4 * Th)
        by (apply Rmult_le_pos; [apply Rmult_le_pos |]; lra). lra. }
    lra.
  - split; [exact F |]. eapply Rle_trans; [exact D |].
    rewrite (Rmult_plus_distr_l (INR t) (_ + _) (/ 10 ^ 8)).
    apply Rplus_le_compat; [now apply drift |]. unfold gradient_feedback. fold longest u eta.
    rewrite Rmult_assoc, T1000. apply Rmult_le_compat_l; [apply pos_INR |].
    assert (k0 : 0 <= kappa * u <= 6 / 10 ^ 8) by (unfold kappa; lra).
    assert (uu : u * u <= / 2 ^ 48) by (apply Rle_trans with (/ 2 ^ 24 * / 2 ^ 24);
      [apply Rmult_le_compat; lra | lra]).
    set (C := (/ 1000 + longest) / / 2). assert (HC : 0 <= C <= 17 / 1000) by (unfold C; lra).
    set (q := decay_returned u (kappa * u) (/ 10 ^ 4)).
    assert (Q : 0 <= q <= 2 / 10 ^ 4) by (unfold q, decay_returned; split; nra).
    set (Th := Rabs (theta O) + 1000 * longest). assert (Th0 : 0 <= Th <= 10) by (unfold Th; lra).
    set (rho := decay_error _ _ _ _ _ _ _).
    assert (kT : 0 <= kappa * u * Th <= 6 / 10 ^ 8 * 10)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (P : 0 <= rho <= 4 / 10 ^ 7).
    { unfold rho, decay_error.
      set (x := / 10 ^ 4 * ((1 + kappa * u) * / 400 + kappa * u * Th)).
      assert (X : 0 <= x <= 26 / 10 ^ 8) by (unfold x; lra).
      set (y := / 10 ^ 4 * Th + 2). assert (Y : 0 <= y <= 201 / 100) by (unfold y; lra).
      assert (X1 : 0 <= u * x <= / 2 ^ 24 * (26 / 10 ^ 8))
        by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
      assert (Y1 : 0 <= u * y <= / 2 ^ 24 * (201 / 100))
        by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
      lra. }
    assert (CQ : 0 <= C * q <= 17 / 1000 * (2 / 10 ^ 4))
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (CP : 0 <= C * rho <= 17 / 1000 * (4 / 10 ^ 7))
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (It : 0 <= INR t <= 1000)
      by (split; [apply pos_INR | rewrite <- T1000; now apply le_INR]).
    assert (W : INR t * (C * q) <= 1000 * (17 / 1000 * (2 / 10 ^ 4)))
      by (apply Rmult_le_compat; lra).
    assert (V := power_at_most (C * q) t ltac:(lra) ltac:(lra)).
    assert (I : / (1 - INR t * (C * q)) <= 11 / 10).
    { apply Rmult_le_reg_r with (1 - INR t * (C * q)); [lra |]. rewrite Rinv_l by lra. lra. }
    assert (V0 : 0 <= (1 + C * q) ^ t) by (apply pow_le; lra).
    apply Rle_trans with (11 / 10 * (17 / 1000 * (4 / 10 ^ 7))); [apply Rmult_le_compat |]; lra.
Qed.
