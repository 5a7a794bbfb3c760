(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorem on a run of centered RMSprop can hold: the run of
   rmsprop_run_witnesses.v, centered, for 10 steps, in which the variance, 0.9^t (1 - 0.9^t), is at
   least 0.09. *)

Require Import Reals String List Psatz Lia.
From Truestep Require Import Expression Rounding Runs RelativeDrift QuotientRuns.
From Truestep Require Import rmsprop_run rmsprop_centered_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns RunNumbers rmsprop_run_witnesses.
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
    assert (P : (9 / 10) ^ 10 <= (9 / 10) ^ S i <= 9 / 10).
    { split.
      - replace 10%nat with (S i + (10 - S i))%nat by lia. rewrite pow_add.
        assert (0 <= (9 / 10) ^ S i) by (apply pow_le; lra).
        assert ((9 / 10) ^ (10 - S i) <= 1) by (rewrite <- (pow1 (10 - S i)); apply pow_incr; lra).
        nra.
      - simpl. assert ((9 / 10) ^ i <= 1) by (rewrite <- (pow1 i); apply pow_incr; lra). lra. }
    set (x := (9 / 10) ^ S i) in *. simpl in P. nra.
  - exact centered_rest.
  - now apply steps_follow.
  - now apply steps_follow.
Qed.
