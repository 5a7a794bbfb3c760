(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of Adagrad's theorems can hold: learning rate 0.01, epsilon 1e-8. *)

Require Import Reals QArith Qreals String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs adagrad_theory.
From Truestep Require Import Gradual.
From Truestep Require RunningError.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps.
From TruestepRules Require adagrad.
Open Scope string_scope.
Open Scope R_scope.

Definition adagrad_start :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: nil).

Definition adagrad_kept := (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil).

Theorem adagrad_sum_can_drift t :
  let r := steps exact adagrad_kept adagrad_start in
  let f := steps (rounded binary32_nearest) adagrad_kept (stored adagrad_start) in
  Rabs (f t "sum" - r t "sum") <= ((1 + u) ^ t - 1) * (r t "sum" + eta / u).
Proof. apply (adagrad.sum_stays_near u eta binary32_nearest 1); shown adagrad_start. Qed.

Theorem adagrad_theta_can_drift t :
  let r := steps exact adagrad_kept adagrad_start in
  let f := steps (rounded unbounded_nearest) adagrad_kept (stored adagrad_start) in
  let K := (1 + u) * (1 + kappa * u) - 1 in
  let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ 1) in
  let e := (1 + u) * (1 + K) / a - 1 in
  (t <= 1)%nat ->
  Rabs (f t "theta" - r t "theta") <= INR t * (e * (1 / 100) + u * first_two f / (1 - u)).
Proof.
  intros r f K a e.
  apply (adagrad.theta_stays_near u unbounded_nearest (1 / 100) (unbounded_nearest (1 / 100))
           (1 / 10 ^ 8) (unbounded_nearest (1 / 10 ^ 8)) 1 (first_two f) 1); shown adagrad_start.
Qed.

(* The averaged form, by w = 0.1. *)

Definition adagrad_averaged_start :=
  given (("w", 1 / 10) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: nil).
Definition adagrad_averaged_kept := (("sum", adagrad_sum) :: ("v", adagrad_averaged_v) :: nil).

Theorem adagrad_v_can_drift t :
  let r := steps exact adagrad_averaged_kept adagrad_averaged_start in
  let f := steps (rounded unbounded_nearest) adagrad_averaged_kept
             (stored adagrad_averaged_start) in
  let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ 2) in
  let e := (1 + u) / a - 1 in
  let c := 2 + u + 2 * kappa * (1 / 10) in
  (t <= 2)%nat -> Rabs (f t "v" - r t "v") <= c * u * (1 + e) / (1 / 10 - c * u) + e.
Proof.
  intros r f a e c.
  apply (adagrad.v_stays_near u unbounded_nearest (1 / 10) (unbounded_nearest (1 / 10))
           (1 / 10 ^ 8) (unbounded_nearest (1 / 10 ^ 8)) 1 2); shown adagrad_averaged_start.
Qed.

(* The sum stops: at 1 in binary32, under gradients of 2^-13. *)

Fixpoint stopped_sum (t : nat) : R :=
  match t with
  | O => 1
  | S t => square_sum binary32_nearest (stopped_sum t) (bpow radix2 (- (13)))
  end.

Theorem adagrad_can_stop t : stopped_sum t = 1.
Proof.
  assert (valid : Valid_exp (FLT_exp (- (149)) 24)) by now apply FLT_exp_valid.
  apply (adagrad_stops (FLT_exp (- (149)) 24) (fun z => negb (Z.even z)) stopped_sum
           (fun _ => bpow radix2 (- (13)))); simpl stopped_sum; try easy; try lra.
  - now apply (generic_format_bpow radix2 (FLT_exp (- (149)) 24) 0).
  - intros _; change 1 with (bpow radix2 0); rewrite ulp_bpow; simpl; lra.
Qed.

(* One step at these hyperparameters, from sum = 1, theta = 1 and a gradient of 1. *)

Definition adagrad_step_computed :=
  stored_singles
    (("learning_rate", normal_number 10737418 (- (30)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("sum", normal_number 8388608 (- (23)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil).

Definition adagrad_step_exact :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("sum", 1)
         :: ("theta", 1) :: ("gradient", 1) :: nil).

Theorem adagrad_step_can_be_taken :
  Rabs (B2R (in_single adagrad_step_computed adagrad_theta)
        - exact adagrad_step_exact adagrad_theta)
  <= Q2R 6.001 * bpow radix2 (- (24)) * magnitude adagrad_step_exact adagrad_theta.
Proof.
  apply (proj1 adagrad.one_step).
  - represented adagrad_step_computed adagrad_step_exact adagrad; represented_numbers.
  - unfold adagrad_step_exact, given; simpl; repeat split.
    apply Rgt_not_eq, sqrt_lt_R0; lra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* The same step by the theorem that allows underflow: the root that it divides by is larger than its
   error, the absolute part included. *)
Theorem adagrad_step_with_underflow_can_be_taken :
  Rabs (B2R (in_single adagrad_step_computed adagrad_theta)
        - exact adagrad_step_exact adagrad_theta)
  <= Q2R 6.001 * bpow radix2 (- (24)) * size adagrad_step_exact adagrad_theta
     + absolute binary32 adagrad eta adagrad_step_exact adagrad_theta.
Proof.
  apply (proj1 adagrad.one_step_with_underflow).
  - represented adagrad_step_computed adagrad_step_exact adagrad; represented_numbers.
  - set (sum := Add (Fma (Var "gradient") (Var "gradient") (Var "sum")) (Var "epsilon")).
    change adagrad_theta with (Sub (Var "theta") (Div (Mul (Var "learning_rate") (Var "gradient"))
      (Sqrt sum))).
    assert (S : exact adagrad_step_exact sum = 1 * 1 + 1 + 1 / 10 ^ 8) by reflexivity.
    assert (Z : size adagrad_step_exact sum = exact adagrad_step_exact sum).
    { rewrite S. change (size adagrad_step_exact sum)
        with (Rabs 1 * Rabs 1 + Rabs 1 + Rabs (1 / 10 ^ 8)).
      rewrite Rabs_R1, Rabs_pos_eq; lra. }
    assert (K : Q2R (Apriori.kappa binary32 adagrad (Sqrt sum)) <= 1 / 2).
    { rewrite <- Q2R_half. apply Q2R_le_bool. vm_compute. reflexivity. }
    assert (A : absolute binary32 adagrad eta adagrad_step_exact sum <= / 16).
    { cbn [absolute sum]. unfold of_product, rounded_once_more.
      change (Q2R (unit_roundoff binary32)) with (Q2R (half_ulp 24)). rewrite Q2R_half_ulp.
      assert (e : eta = / 2 ^ 150) by (unfold eta; simpl; lra). rewrite e. simpl bpow. lra. }
    assert (root : 1 <= sqrt (exact adagrad_step_exact sum)).
    { rewrite <- sqrt_1 at 1. apply sqrt_le_1_alt. rewrite S. lra. }
    assert (divisor : made_absolute binary32 adagrad adagrad_step_exact
      (absolute binary32 adagrad eta adagrad_step_exact (Sqrt sum)) (Sqrt sum) < 1 / 2).
    { unfold made_absolute. change (size adagrad_step_exact (Sqrt sum))
        with (sqrt (exact adagrad_step_exact sum)).
      change (exact adagrad_step_exact (Sqrt sum)) with (sqrt (exact adagrad_step_exact sum)).
      rewrite Rabs_pos_eq, Rminus_diag_eq, Rmult_0_r, Rplus_0_r by (easy || apply sqrt_pos).
      cbn [absolute]. unfold rounded_once_more, made_absolute.
      rewrite Z, Rabs_pos_eq, Rminus_diag_eq, Rmult_0_r, Rplus_0_r by (easy || (rewrite S; lra)).
      set (a := absolute _ _ _ _ sum) in *.
      assert (R : sqrt a <= 1 / 4).
      { rewrite <- (sqrt_square (1 / 4)) by lra. apply sqrt_le_1_alt. lra. }
      assert (P := sqrt_pos a).
      change (Q2R (unit_roundoff binary32)) with (Q2R (half_ulp 24)). rewrite Q2R_half_ulp.
      assert (e : eta = / 2 ^ 150) by (unfold eta; simpl; lra). rewrite e. simpl bpow. lra. }
    cbn [gradual_conditions]. change (exact adagrad_step_exact (Sqrt sum))
      with (sqrt (exact adagrad_step_exact sum)).
    repeat split; try (rewrite S; lra); try lra. eapply Rlt_le_trans; [exact divisor |]. nra.
  - apply finite_by_computation; vm_compute; reflexivity.
Qed.

(* The running-error radius of that step: the root that it divides by is larger than its radius. *)

Lemma half_ulp_at_most b z e :
  (- (149) <= e - 23)%Z -> Rabs z <= bpow radix2 e ->
  RunningError.half_ulp_unless RunningError.binary32 b z <= bpow radix2 (e - 24).
Proof.
  intros He Hz.
  assert (valid : Valid_exp RunningError.binary32) by now apply FLT_exp_valid.
  assert (monotone : Monotone_exp RunningError.binary32) by apply FLT_exp_monotone.
  assert (U : ulp radix2 RunningError.binary32 z <= bpow radix2 (e - 24 + 1)).
  { rewrite <- ulp_abs.
    eapply Rle_trans; [apply ulp_le_pos; [exact valid|exact monotone|apply Rabs_pos|exact Hz]|].
    rewrite ulp_bpow; apply bpow_le; unfold RunningError.binary32, FLT_exp; lia. }
  assert (E := half_bpow (e - 24)); assert (P := bpow_ge_0 radix2 (e - 24)).
  unfold RunningError.half_ulp_unless; destruct b; lra.
Qed.

Theorem adagrad_step_has_a_radius :
  let f x := B2R (adagrad_step_computed x) in
  let d x := Rabs (f x - adagrad_step_exact x) in
  Rabs (rounded binary32_nearest f adagrad_theta - exact adagrad_step_exact adagrad_theta)
  <= RunningError.radius RunningError.binary32 RunningError.ties_to_even f d adagrad_theta.
Proof.
  intros f d; apply RunningError.radius_sound_binary32.
  - intros x; apply (generic_format_B2R 24 128).
  - intros x; apply Rle_refl.
  - assert (valid : Valid_exp RunningError.binary32) by now apply FLT_exp_valid.
    assert (g : f "gradient" = 1) by (unfold f; simpl; unfold F2R; simpl; lra).
    assert (h : f "sum" = 1) by (unfold f; simpl; unfold F2R; simpl; lra).
    assert (small : 0 <= f "epsilon" <= 1 / 10 ^ 7) by (unfold f; simpl; unfold F2R; simpl; lra).
    assert (dg : d "gradient" = 0).
    { unfold d; rewrite g; unfold adagrad_step_exact, given; simpl.
      rewrite Rminus_diag_eq by reflexivity; apply Rabs_R0. }
    assert (dh : d "sum" = 0).
    { unfold d; rewrite h; unfold adagrad_step_exact, given; simpl.
      rewrite Rminus_diag_eq by reflexivity; apply Rabs_R0. }
    assert (de : d "epsilon" <= 1 / 10 ^ 6).
    { unfold d, adagrad_step_exact, given; simpl (match found _ _ with _ => _ end).
      apply Rabs_le; lra. }
    set (n := round radix2 RunningError.binary32 (Znearest RunningError.ties_to_even)).
    assert (above : forall e x,
              (- (149) <= e - 23)%Z -> bpow radix2 e <= x -> bpow radix2 e <= n x).
    { intros e x He Hx; apply round_ge_generic; auto with typeclass_instances.
      apply generic_format_bpow; unfold RunningError.binary32, FLT_exp; lia. }
    assert (upto : forall e x,
              (- (149) <= e - 23)%Z -> x <= bpow radix2 e -> n x <= bpow radix2 e).
    { intros e x He Hx; apply round_le_generic; auto with typeclass_instances.
      apply generic_format_bpow; unfold RunningError.binary32, FLT_exp; lia. }
    assert (A0 := above 1%Z 2 ltac:(lia) ltac:(simpl; lra)).
    assert (B0 := upto 1%Z 2 ltac:(lia) ltac:(simpl; lra)).
    simpl bpow in A0, B0; change (Z.pow_pos 2 1) with 2%Z in A0, B0.
    assert (square : n (f "gradient" * f "gradient" + f "sum") = 2).
    { rewrite g, h; replace (1 * 1 + 1) with 2 by ring; lra. }
    set (s := n (n (f "gradient" * f "gradient" + f "sum") + f "epsilon")).
    assert (S1 : 2 <= s <= 4).
    { unfold s; rewrite square; split.
      - apply (above 1%Z); [lia|simpl; lra].
      - apply (upto 2%Z); [lia|simpl; lra]. }
    assert (root : 1 <= sqrt s <= 2).
    { split; [rewrite <- sqrt_1|rewrite <- (sqrt_square 2) by lra]; apply sqrt_le_1_alt; lra. }
    assert (Z1 : 1 <= n (sqrt s) <= 2).
    { split; [apply (above 0%Z)|apply (upto 1%Z)]; try lia; simpl; lra. }
    unfold adagrad_theta; cbn [RunningError.side_conditions].
    repeat split; try easy.
    + cbn [rounded]; change (round _ _ _) with n; fold s; lra.
    + cbn [exact]; unfold adagrad_step_exact, given; simpl; lra.
    + cbn [RunningError.radius rounded].
      change (round radix2 RunningError.binary32 (Znearest RunningError.ties_to_even)) with n.
      fold s; rewrite (Rabs_pos_eq (n (sqrt s))) by lra.
      eapply Rlt_le_trans; [|apply (proj1 Z1)].
      assert (half := fun b => half_ulp_at_most b s 2 ltac:(lia)
                                 ltac:(rewrite Rabs_pos_eq; simpl; lra)).
      assert (half' := fun b => half_ulp_at_most b (n (sqrt s)) 1 ltac:(lia)
                                  ltac:(rewrite Rabs_pos_eq; simpl; lra)).
      assert (half_2 := fun b => half_ulp_at_most b 2 1 ltac:(lia)
                                   ltac:(rewrite Rabs_pos_eq; simpl; lra)).
      rewrite square.
      assert (bpow radix2 (2 - 24) <= 1 / 100 /\ bpow radix2 (1 - 24) <= 1 / 100)
        by (simpl; lra).
      set (ra := _ + d "epsilon" + _).
      assert (small_radius : ra <= 1 / 16).
      { unfold ra, RunningError.error_of_product; rewrite dg, dh.
        match goal with |- context [RunningError.half_ulp_unless _ ?b s] => specialize (half b) end.
        match goal with |- context [RunningError.half_ulp_unless _ ?b 2] =>
          specialize (half_2 b) end.
        lra. }
      specialize (half' (RunningError.exactly_zero s ra)).
      assert (root_radius : sqrt ra <= 1 / 4).
      { rewrite <- (sqrt_square (1 / 4)) by lra; apply sqrt_le_1_alt; lra. }
      unfold RunningError.error_of_root; destruct Rlt_bool; [|lra].
      match goal with |- Rmin ?x ?y + _ < _ => generalize (Rmin_l x y); lra end.
Qed.
