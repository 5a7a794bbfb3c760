(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of NAG's theorems can hold: momentum 0.9, learning rate 0.01. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs.
From Truestep Require Import momentum_theory nag_theory momentum_run momentum_decay_run.
From Truestep Require Import Overflow nag_look_ahead_machine.
From Truestep Require Import nag_look_ahead_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps MachineRuns momentum_witnesses.
From TruestepRules Require nag.
Open Scope string_scope.
Open Scope R_scope.

Definition nag_kept := (("v", nag_v) :: ("theta", nag_theta) :: nil).
Definition nag_exact := steps exact nag_kept momentum_start.
Definition nag_computed := steps (rounded binary32_nearest) nag_kept (stored momentum_start).

Theorem nag_can_drift t :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (1 / 100 * 1 / (1 - 9 / 10)) + (3 + 2 * u) * eta) / (1 - 9 / 10 * (1 + K)) in
  Rabs (nag_computed t "v" - nag_exact t "v") <= E
  /\ ((t <= 1)%nat ->
      Rabs (nag_computed t "theta" - nag_exact t "theta")
      <= INR t * (E + (u * first_two nag_computed + eta) / (1 - u))).
Proof.
  split.
  - apply (nag.v_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100))); shown momentum_start.
  - apply (nag.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two nag_computed) 1);
      shown momentum_start.
Qed.

(* One step at these hyperparameters, from v = 1/16, theta = 1 and a gradient of 1. *)

Definition nag_step_computed :=
  stored_singles
    (("momentum", normal_number 15099494 (- (24)) eq_refl)
     :: ("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("v", normal_number 8388608 (- (27)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition nag_step_exact :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("v", 1 / 16)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem nag_step_can_be_taken :
  Rabs (B2R (in_single nag_step_computed nag_theta)
        - exact nag_step_exact nag_theta)
  <= Q2R 4.001 * bpow radix2 (- (24)) * magnitude nag_step_exact nag_theta.
Proof.
  apply (proj1 nag.one_step).
  - represented nag_step_computed nag_step_exact momentum.
    all: represented_numbers.
  - unfold nag_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* Its look-ahead. *)
Theorem nag_look_ahead_step_can_be_taken :
  Rabs (B2R (in_single nag_step_computed nag_look_ahead_look_ahead)
        - exact nag_step_exact nag_look_ahead_look_ahead)
  <= Q2R 3.001 * bpow radix2 (- (24)) * magnitude nag_step_exact nag_look_ahead_look_ahead.
Proof.
  apply (proj1 nag.one_look_ahead).
  - represented nag_step_computed nag_step_exact momentum.
    all: represented_numbers.
  - unfold nag_step_exact, given; simpl; tauto.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* A run whose gradient is its look-ahead, clipped to [-1, 1], from theta = 1. *)

Definition clipped (x : R) : R := Rmax (-1) (Rmin x 1).

Lemma clipped_at_most x : Rabs (clipped x) <= 1.
Proof. unfold clipped, Rmax, Rmin, Rabs. repeat destruct Rle_dec; destruct Rcase_abs; lra. Qed.

Lemma clipped_answers x y : Rabs (clipped x - clipped y) <= Rabs (x - y).
Proof.
  unfold clipped, Rmax, Rmin, Rabs. repeat destruct Rle_dec; repeat destruct Rcase_abs; lra.
Qed.

Definition answering (value : environment -> expression -> R) (e : environment) : environment :=
  fun x => if String.eqb x "gradient" then clipped (value e nag_look_ahead_look_ahead) else e x.

Fixpoint trained (value : environment -> expression -> R) (start : environment) (t : nat)
    : environment :=
  answering value
    match t with
    | O => start
    | S t => fun x => match found nag_kept x with
             | Some e => value (trained value start t) e
             | None => start x
             end
    end.

Definition trained_start : environment :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("theta", 1) :: nil).

Theorem nag_can_answer t :
  let f := trained (rounded binary32_nearest) (stored trained_start) in
  let r := trained exact trained_start in
  (t <= 100)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= fed_back_drift u (answering_decay u (9 / 10) (1 / 100) 1) (answering_feedback u (1 / 100) 1)
       (answering_local u eta (9 / 10) (1 / 100) 1 1 0 r 100)
       (u * (Rabs (r O "theta") + INR 100 * buffer_top (9 / 10) (1 / 100 * 1)) + eta) t.
Proof.
  intros f r.
  assert (one : unbounded_nearest 1 = 1).
  { apply round_generic; auto with typeclass_instances.
    apply (generic_format_bpow radix2 _ 0). easy. }
  apply (answering_momentum_run u eta (9 / 10) (unbounded_nearest (9 / 10)) (1 / 100)
    (unbounded_nearest (1 / 100)) 1 1 0 binary32_nearest f r 100).
  - exact binary32_rounds.
  - split; [intro i; now destruct i | split; [lra | now apply stored_within; lra]].
  - split; [intro i; now destruct i | split; [lra | now apply stored_within; lra]].
  - intro i. destruct i; apply clipped_at_most.
  - lra.
  - lra.
  - intros i _. rewrite Rmult_1_l, Rplus_0_r. destruct i; apply clipped_answers.
  - unfold f, r. simpl. exact one.
  - split; [reflexivity | now intro i].
  - split; [exact stored_zero | now intro i].
  - now intro i.
  - now intro i.
  - unfold answering_decay, product_growth, kappa. rewrite u_value. lra.
Qed.

(* So it is in IEEE arithmetic: the machine's gradient is the number nearest to its own look-ahead,
   clipped, which is off by a millionth at most. *)

Definition number_for (x : R) : single := nearest_number 24 128 eq_refl eq_refl x.

Definition answering_number (state : string -> single) : string -> single := fun x =>
  if String.eqb x "gradient"
  then number_for (clipped (rounded binary32_nearest (fun y => B2R (state y))
                              nag_look_ahead_look_ahead))
  else state x.

Fixpoint trained_machine (t : nat) : string -> single :=
  answering_number
    match t with
    | O => fun x => number_for (trained_start x)
    | S t => fun x => match term_of nag_states x with
             | Some e => ieee 24 128 eq_refl eq_refl (trained_machine t) e
             | None => number_for (trained_start x)
             end
    end.

Lemma trained_inputs x : trained_start x = 0 \/ / 1000 <= Rabs (trained_start x) <= 1.
Proof.
  unfold trained_start, given. simpl found.
  repeat (case String.eqb; [right; rewrite Rabs_pos_eq; lra |]). now left.
Qed.

Lemma trained_number x :
  is_finite (number_for (trained_start x)) = true
  /\ Rabs (B2R (number_for (trained_start x)) - trained_start x)
     <= kappa * u * Rabs (trained_start x).
Proof.
  apply nearest_number_close; destruct (trained_inputs x) as [N | N].
  - now left.
  - right. eapply Rle_trans; [| apply N]. simpl. lra.
  - rewrite N, Rabs_R0, Rmult_0_r. apply bpow_gt_0.
  - eapply Rle_lt_trans with 2; simpl; lra.
Qed.

Lemma clipped_number x :
  is_finite (number_for (clipped x)) = true
  /\ Rabs (B2R (number_for (clipped x)) - clipped x) <= / 1000000.
Proof.
  assert (C := clipped_at_most x). assert (E := error_bound _ _ _ binary32_rounds (clipped x)).
  assert (D : u * Rabs (clipped x) + eta <= / 1000000).
  { assert (u * Rabs (clipped x) <= u * 1)
      by (apply Rmult_le_compat_l; [rewrite u_value; lra | exact C]).
    assert (eta <= / 1000000000) by (unfold eta; eapply Rle_trans;
      [apply (bpow_le radix2 _ (- (30))); lia | simpl; lra]).
    rewrite u_value in *. lra. }
  destruct (nearest_number_value 24 128 eq_refl eq_refl (clipped x)) as [F N].
  - apply Rle_lt_trans with 2; [| simpl; lra].
    eapply Rle_trans; [exact (Rabs_near _ _ _ _ C (Rle_trans _ _ _ E D)) | lra].
  - split; [exact F |]. unfold number_for. rewrite N. exact (Rle_trans _ _ _ E D).
Qed.

Lemma trained_other t x :
  x <> "gradient" ->
  trained_machine t x = match t, term_of nag_states x with
    | S t, Some e => ieee 24 128 eq_refl eq_refl (trained_machine t) e
    | _, _ => number_for (trained_start x)
    end.
Proof.
  intro X. destruct t; simpl; unfold answering_number; rewrite (proj2 (String.eqb_neq _ _) X); easy.
Qed.

Lemma trained_gradient t :
  B2R (trained_machine t "gradient")
  = B2R (number_for (clipped (rounded binary32_nearest (fun y => B2R (trained_machine t y))
                                nag_look_ahead_look_ahead))).
Proof. destruct t; reflexivity. Qed.

Lemma trained_follows : machine_follows 24 128 eq_refl eq_refl nag_states trained_machine.
Proof.
  split.
  - intros t x H. destruct (String.eqb_spec x "gradient") as [-> | X].
    + destruct t; apply clipped_number.
    + rewrite trained_other by easy. destruct t; [apply trained_number |].
      destruct H as [H | H]; [easy |]. rewrite H. apply trained_number.
  - intros t x e H. rewrite trained_other by (intros ->; discriminate). now rewrite H.
Qed.

Lemma trained_constant x c :
  term_of nag_states x = None -> found nag_kept x = None -> x <> "gradient" -> 0 <= c ->
  trained_start x = c ->
  constant_within u c (B2R (number_for c)) x (fun t y => B2R (trained_machine t y))
    (trained exact trained_start).
Proof.
  intros N M X C H. split; [| split; [exact C |]].
  - intro t. rewrite trained_other by easy. split.
    + destruct t; unfold trained; fold trained; unfold answering;
        rewrite (proj2 (String.eqb_neq _ _) X), ?M; exact H.
    + destruct t; rewrite ?N, H; reflexivity.
  - assert (W := proj2 (trained_number x)). rewrite H in W. now rewrite (Rabs_pos_eq c) in W.
Qed.

Lemma answering_peak_is_small (r : run) :
  r O "theta" = 1 ->
  answering_peak u eta (9 / 10) (1 / 100) 1 1 (/ 1000000) r 100 < bpow radix2 128.
Proof.
  intro R. assert (U : 0 <= u <= / 1000000) by (rewrite u_value; lra).
  assert (N : 0 <= eta <= / 1000000) by (unfold eta; split; [apply bpow_ge_0 |];
    apply Rle_trans with (bpow radix2 (- (20))); [apply bpow_le; lia | simpl; lra]).
  assert (HK : 0 <= product_growth u <= / 100000)
    by (unfold product_growth; rewrite u_value; unfold kappa; lra).
  assert (k0 : 0 <= kappa * u <= / 100000) by (rewrite u_value; unfold kappa; lra).
  assert (T100 : INR 100 = 100) by (rewrite INR_IZR_INZ; reflexivity).
  assert (V : buffer_top (9 / 10) (1 / 100 * 1) = 1 / 10) by (unfold buffer_top; field).
  unfold answering_peak, answering_buffer_error, answering_point_error. rewrite V, R, T100, Rabs_R1.
  set (decay := answering_decay u (9 / 10) (1 / 100) 1).
  assert (HD : 0 <= decay <= 92 / 100).
  { unfold decay, answering_decay. set (k := kappa * u) in *. set (K := product_growth u) in *.
    clearbody k K. revert U. generalize u. intros v U. assert (v2 : 0 <= v * v <= / 1000) by nra.
    set (s := (1 + v) ^ 2). assert (S : 1 <= s <= 1 + / 100) by (unfold s; simpl; lra).
    clearbody s. assert (ks : 1 <= (1 + k) * s <= 11 / 10) by (split; nra).
    set (g := (1 + k) * s) in *. clearbody g. nra. }
  set (feedback := answering_feedback u (1 / 100) 1).
  assert (HF : 0 <= feedback <= 2 / 100).
  { unfold feedback, answering_feedback. set (k := kappa * u) in *. clearbody k. revert U.
    generalize u. intros v U. assert (v2 : 0 <= v * v <= / 1000) by nra.
    assert (v3 : 0 <= v * (v * v) <= / 1000) by nra.
    set (s := (1 + v) ^ 3). assert (S : 1 <= s <= 1 + / 100) by (unfold s; simpl; lra).
    clearbody s. nra. }
  set (local := answering_local u eta (9 / 10) (1 / 100) 1 1 (/ 1000000) r 100).
  assert (re : forall e m E M, 0 <= e <= E -> 0 <= m <= M -> E <= 10 ^ 40 -> M <= 10 ^ 40 ->
    0 <= rounded_error u eta e m <= 2 * E + M + 1).
  { intros e m E M HE HM LE LM. unfold rounded_error.
    assert (0 <= u * e <= 1 * E) by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (0 <= u * m <= 1 * M) by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    lra. }
  assert (HL : 0 <= local <= 1000).
  { unfold local, answering_local, look_ahead_local. rewrite V, R, T100, Rabs_R1.
    assert (kp : 0 <= rounded_error u eta (9 / 10 * (kappa * u * (1 / 10))) (9 / 10 * (1 / 10))
      <= 2 * 1 + 1 + 1) by (apply re; lra).
    set (kept := rounded_error _ _ (9 / 10 * _) _) in *.
    assert (la : 0 <= rounded_error u eta kept (1 + 100 * (1 / 10) + 9 / 10 * (1 / 10))
      <= 2 * 4 + 12 + 1) by (apply re; lra).
    set (point := rounded_error _ _ kept _) in *.
    assert (gr : 0 <= (1 + kappa * u) * (1 * point + / 1000000) <= 2 * 22)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (pu : 0 <= rounded_error u eta (1 / 100 * ((1 + kappa * u) * (1 * point + / 1000000)
      + kappa * u * 1)) (1 / 100 * 1) <= 2 * 1 + 1 + 1) by (apply re; lra).
    set (push := rounded_error _ _ (1 / 100 * _) _) in *.
    assert (X := re (kept + push) (1 / 10) 8 1 ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)). lra. }
  set (drift := answering_drift u eta (9 / 10) (1 / 100) 1 1 (/ 1000000) r 100 100).
  assert (I : 0 < / (1 - decay) <= 13).
  { split; [apply Rinv_0_lt_compat; lra |]. rewrite <- (Rinv_inv 13).
    apply Rinv_le_contravar; lra. }
  assert (HDr : 0 <= drift <= 10 ^ 37).
  { unfold drift, answering_drift, fed_back_drift. rewrite V, R, T100, Rabs_R1.
    fold decay feedback local. unfold Rdiv. assert (Q : 1 <= fed_back_growth u decay feedback <= 2).
    { unfold fed_back_growth, Rdiv.
      assert (fi : 0 <= feedback * / (1 - decay) <= 2 / 100 * 13)
        by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
      set (x := feedback * / (1 - decay)) in *. clearbody x.
      assert (0 <= u * x <= / 1000000 * 1)
        by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
      lra. }
    assert (P : 1 <= fed_back_growth u decay feedback ^ 100 <= 2 ^ 100)
      by (split; [now apply pow_R1_Rle | apply pow_incr; lra]).
    assert (li : 0 <= local * / (1 - decay) <= 1000 * 13)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    set (y := local * / (1 - decay)) in *. clearbody y.
    assert (uy : 0 <= u * y <= / 1000000 * 13000)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    set (z := (1 + u) * y + (u * (1 + 100 * (1 * / 10)) + eta)).
    assert (Z : 0 <= z <= 14000) by (unfold z; lra).
    set (q := fed_back_growth _ _ _ ^ 100) in *. clearbody q z.
    assert (W : 0 <= 100 * q * z <= 100 * 2 ^ 100 * 14000)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). lra. }
  fold drift. set (e := (feedback * drift + local) / (1 - decay)).
  assert (He : 0 <= e <= 10 ^ 37).
  { unfold e, Rdiv. assert (fd : 0 <= feedback * drift <= 2 / 100 * 10 ^ 37)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
    assert (X : 0 <= (feedback * drift + local) * / (1 - decay) <= (2 / 100 * 10 ^ 37 + 1000) * 13)
      by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). lra. }
  assert (ke : 0 <= kappa * u * e <= 1 * 10 ^ 37)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (kp := re (9 / 10 * ((1 + kappa * u) * e + kappa * u * (1 / 10))) (9 / 10 * (1 / 10))
    (2 * 10 ^ 37) 1 ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  set (kept := rounded_error _ _ (9 / 10 * _) _) in *.
  assert (pt := re (drift + kept) (1 + 100 * (1 / 10) + 9 / 10 * (1 / 10)) (6 * 10 ^ 37) 12
    ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  set (point := rounded_error _ _ (drift + kept) _) in *.
  apply Rle_lt_trans with (3 * 10 ^ 38); [lra | simpl; lra].
Qed.

Theorem nag_can_answer_in_ieee t :
  let r := trained exact trained_start in
  (t <= 100)%nat ->
  (forall x, is_finite (trained_machine t x) = true)
  /\ Rabs (B2R (trained_machine t "theta") - r t "theta")
     <= answering_drift u eta (9 / 10) (1 / 100) 1 1 (/ 1000000) r 100 t.
Proof.
  intros r Ht.
  destruct (answering_run_in_range 24 128 eq_refl eq_refl (9 / 10) (B2R (number_for (9 / 10)))
    (1 / 100) (B2R (number_for (1 / 100))) 1 1 (/ 1000000) 100 trained_machine r)
    with (t := t) as (_ & F & D); try exact Ht.
  - exact trained_follows.
  - assert (W := proj2 (trained_number "v")). change (trained_start "v") with 0 in W.
    rewrite Rabs_R0, Rminus_0_r, Rmult_0_r in W. change (B2R (number_for 0) = 0). revert W.
    unfold Rabs. destruct Rcase_abs; lra.
  - apply trained_constant; try easy. lra.
  - apply trained_constant; try easy. lra.
  - intro i. destruct i; apply clipped_at_most.
  - lra.
  - lra.
  - intros i _. rewrite trained_gradient, Rmult_1_l.
    assert (G : r i "gradient" = clipped (exact (r i) nag_look_ahead_look_ahead))
      by (destruct i; reflexivity).
    rewrite G. set (x := rounded binary32_nearest _ _).
    destruct (clipped_number x) as [_ W]. assert (C := clipped_answers x
      (exact (r i) nag_look_ahead_look_ahead)). assert (S := Rabs_plus _ _ _ _ C W).
    replace (clipped x - clipped (exact (r i) nag_look_ahead_look_ahead)
             + (B2R (number_for (clipped x)) - clipped x))
      with (B2R (number_for (clipped x)) - clipped (exact (r i) nag_look_ahead_look_ahead)) in S
      by ring. exact S.
  - change (B2R (number_for 1) = 1).
    destruct (nearest_number_value 24 128 eq_refl eq_refl 1) as [_ N].
    + rewrite round_generic; auto with typeclass_instances.
      * rewrite Rabs_R1. apply (bpow_lt radix2 0 128). lia.
      * now apply (generic_format_bpow radix2 _ 0).
    + unfold number_for. rewrite N. apply round_generic; auto with typeclass_instances.
      now apply (generic_format_bpow radix2 _ 0).
  - split; [reflexivity | now intro i].
  - now intro i.
  - change (answering_decay u (9 / 10) (1 / 100) 1 < 1).
    unfold answering_decay, product_growth, kappa. rewrite u_value. lra.
  - apply answering_peak_is_small. reflexivity.
  - exact (conj F D).
Qed.
