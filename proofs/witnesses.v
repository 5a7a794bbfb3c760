(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems can hold: each theorem here is one of the others with nothing left
   to suppose, at default hyperparameters. A hypothesis that cannot hold would have to be shown.

   The runs have the gradient 1 at every step, unless said, and round to nearest: in binary32, or,
   where a theorem excludes underflow, to 24 bits with any exponent. *)

From Coq Require Import SpecFloat.
Require Import Reals QArith Qreals Bool String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Apriori Inputs Formats Rounding Runs.
From Truestep Require DoubleDouble Invariants.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require momentum nag adagrad adadelta rmsprop adam.
Open Scope string_scope.
Open Scope R_scope.

Definition u : R := bpow radix2 (- (24)).
Definition eta : R := bpow radix2 (- (149) - 1).
Definition binary32_nearest : R -> R := round radix2 (FLT_exp (- (149)) 24) ZnearestE.
Definition unbounded_nearest : R -> R := round radix2 (FLX_exp 24) ZnearestE.

Lemma u_value : u = / 16777216.
Proof. reflexivity. Qed.

Lemma binary32_rounds : rounding u eta binary32_nearest.
Proof. apply (nearest_is_rounding (- (149)) 24 eq_refl). Qed.

Lemma unbounded_rounds : rounding u 0 unbounded_nearest.
Proof. apply (nearest_is_rounding_unbounded 24 eq_refl). Qed.

(* A run from given inputs: what a lane keeps follows its term, what else there is stays. *)

Fixpoint found {A} (named : list (string * A)) (x : string) : option A :=
  match named with
  | nil => None
  | (y, a) :: rest => if String.eqb x y then Some a else found rest x
  end%list.

Definition given (named : list (string * R)) : environment := fun x =>
  match found named x with Some a => a | None => 0 end.

(* The same inputs as they are stored; the gradient is the same. *)
Definition stored (start : environment) : environment := fun x =>
  if String.eqb x "gradient" then start x else unbounded_nearest (start x).

Fixpoint steps (value : environment -> expression -> R) (kept : list (string * expression))
    (start : environment) (t : nat) : environment :=
  match t with
  | O => start
  | S t => let before := steps value kept start t in
           fun x => match found kept x with Some e => value before e | None => before x end
  end.

Lemma steps_follow value kept start x e :
  found kept x = Some e -> follows value x e (steps value kept start).
Proof. intros H t; simpl; now rewrite H. Qed.

Lemma steps_keep value kept start x :
  found kept x = None -> forall t, steps value kept start t x = start x.
Proof. intros H t; induction t as [|t IH]; [reflexivity|]; simpl; now rewrite H. Qed.

Lemma stored_within x : 0 <= x -> Rabs (unbounded_nearest x - x) <= kappa * u * x.
Proof.
  intros Hx; assert (E := error_bound _ _ _ unbounded_rounds x).
  rewrite (Rabs_pos_eq x), Rplus_0_r in E by exact Hx.
  assert (0 <= u * x) by (apply Rmult_le_pos; [rewrite u_value|]; lra).
  unfold kappa; lra.
Qed.

Lemma stored_weight x : 0 <= x <= 9 / 10 -> 0 <= unbounded_nearest x <= 1.
Proof.
  intros Hx; split; [apply (keeps_nonneg _ _ _ unbounded_rounds); lra|].
  assert (E := stored_within x ltac:(lra)).
  assert (kappa * u * x <= 1 / 10) by (rewrite u_value; unfold kappa; lra).
  generalize (Rle_abs (unbounded_nearest x - x)); lra.
Qed.

Lemma stored_zero : unbounded_nearest 0 = 0.
Proof. apply round_0; auto with typeclass_instances. Qed.

Lemma start_within start u0 x :
  u0 = u -> 0 <= start x -> x <> "gradient" ->
  0 <= start x /\ Rabs (stored start x - start x) <= kappa * u0 * start x.
Proof.
  intros -> Hx other; split; [exact Hx|]; unfold stored.
  rewrite (proj2 (String.eqb_neq _ _) other); now apply stored_within.
Qed.

(* What the pages ask of a run, from its start. *)

Lemma gradients_same G value value' kept kept' start :
  found kept "gradient" = None -> found kept' "gradient" = None -> Rabs (start "gradient") <= G ->
  same_gradients G (steps value kept (stored start)) (steps value' kept' start).
Proof. intros H H' HG t; now rewrite !steps_keep by assumption. Qed.

Lemma weights_are_within w value value' kept kept' start w0 :
  found kept w = None -> found kept' w = None -> w <> "gradient" ->
  0 <= w0 -> w0 <= start w <= 9 / 10 ->
  weights_within u w0 w (steps value kept (stored start)) (steps value' kept' start).
Proof.
  intros H H' other Hw0 Hw t; rewrite !steps_keep by assumption.
  unfold stored; rewrite (proj2 (String.eqb_neq _ _) other).
  split; [lra|]; split; [apply stored_weight; lra|apply stored_within; lra].
Qed.

Lemma constants_are_within x value value' kept kept' start :
  found kept x = None -> found kept' x = None -> x <> "gradient" -> 0 <= start x ->
  constant_within u (start x) (unbounded_nearest (start x)) x
    (steps value kept (stored start)) (steps value' kept' start).
Proof.
  intros H H' other Hx; split; [|split; [exact Hx|now apply stored_within]].
  intros t; rewrite !steps_keep by assumption; unfold stored.
  now rewrite (proj2 (String.eqb_neq _ _) other).
Qed.

Lemma starts_from_zero value x e kept start :
  found kept x = Some e -> start x = 0 -> follows_from_zero value x e (steps value kept start).
Proof. intros H H0; split; [exact H0|now apply steps_follow]. Qed.

Lemma stored_starts_from_zero value x e kept start :
  x <> "gradient" -> found kept x = Some e -> start x = 0 ->
  follows_from_zero value x e (steps value kept (stored start)).
Proof.
  intros other H H0; apply starts_from_zero; [exact H|]; unfold stored.
  rewrite (proj2 (String.eqb_neq _ _) other), H0; apply stored_zero.
Qed.

(* A bound of the first steps of theta, which the theorems on theta ask for. *)
Definition first_two (f : run) := Rabs (f 0%nat "theta") + Rabs (f 1%nat "theta").

Lemma bounded_at_first f :
  forall t, (t <= 1)%nat -> Rabs (f t "theta") <= first_two f.
Proof.
  intros [|[|t]] H; [..|lia]; unfold first_two;
    generalize (Rabs_pos (f 0%nat "theta")) (Rabs_pos (f 1%nat "theta")); lra.
Qed.

(* Default hyperparameters: those of Adam, Momentum and NAG, Adagrad, Adadelta, RMSprop. *)

Definition adam_start := given (("w1", 1 / 10) :: ("w2", 1 / 1000) :: ("gradient", 1) :: nil).
Definition momentum_start :=
  given (("momentum", 9 / 10) :: ("learning_rate", 1 / 100) :: ("gradient", 1) :: nil).
Definition adagrad_start :=
  given (("learning_rate", 1 / 100) :: ("epsilon", 1 / 10 ^ 8) :: ("gradient", 1) :: nil).
Definition adadelta_start := given (("w", 5 / 100) :: ("gradient", 1) :: nil).
Definition rmsprop_start g :=
  given (("w", 1 / 10) :: ("learning_rate", 1 / 1000) :: ("epsilon", 1 / 10 ^ 8)
         :: ("gradient", g) :: nil).

Ltac reads :=
  cbv [adam_start momentum_start adagrad_start adadelta_start rmsprop_start given]; simpl.

Ltac shown :=
  intros;
  first
    [ exact binary32_rounds | exact unbounded_rounds
    | apply gradients_same; [reflexivity|reflexivity|reads; rewrite Rabs_pos_eq; lra]
    | apply weights_are_within; [reflexivity|reflexivity|easy|lra|reads; lra]
    | refine (constants_are_within _ _ _ _ _ _ _ _ _ _);
        [reflexivity|reflexivity|easy|reads; lra]
    | apply starts_from_zero; reflexivity
    | apply stored_starts_from_zero; [easy|reflexivity|reflexivity]
    | apply steps_follow; reflexivity
    | apply bounded_at_first; assumption
    | exact stored_zero
    | apply (keeps_nonneg _ _ _ unbounded_rounds); lra
    | rewrite ?u_value; unfold kappa; reads; lra ].

(* Adam: beta1 = 0.9 and beta2 = 0.999. *)

Definition adam_kept := (("m", adam_m) :: ("v", adam_v) :: ("v_max", adam_amsgrad_v_max) :: nil).
Definition adam_exact := steps exact adam_kept adam_start.
Definition adam_computed := steps (rounded binary32_nearest) adam_kept (stored adam_start).

Theorem adam_m_can_drift t :
  let c := 2 + u + 2 * kappa * (1 / 10) in
  Rabs (adam_computed t "m" - adam_exact t "m")
  <= (c * u * 1 + (2 + u) * eta) / (1 / 10 - c * u).
Proof. apply (adam.m_stays_near u eta binary32_nearest); shown. Qed.

Theorem adam_v_can_drift t :
  let c := 2 + u + kappa * (1 / 1000) in
  0 <= adam_computed t "v"
  /\ Rabs (adam_computed t "v" - adam_exact t "v")
     <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (1 / 1000 - c * u).
Proof. apply (adam.v_stays_near u eta binary32_nearest); shown. Qed.

Theorem adam_v_max_can_drift t :
  let c := 2 + u + kappa * (1 / 1000) in
  Rabs (adam_computed t "v_max" - adam_exact t "v_max")
  <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (1 / 1000 - c * u).
Proof. apply (adam.v_max_stays_near u eta binary32_nearest); shown. Qed.

(* Momentum and NAG: momentum = 0.9, learning rate 0.01. *)

Definition momentum_kept := (("v", momentum_v) :: ("theta", momentum_theta) :: nil).
Definition momentum_exact := steps exact momentum_kept momentum_start.
Definition momentum_computed :=
  steps (rounded binary32_nearest) momentum_kept (stored momentum_start).

Theorem momentum_can_drift t :
  let K := (1 + kappa * u) * (1 + u) ^ 2 - 1 in
  let E := (K * (1 / 100 * 1 / (1 - 9 / 10)) + (3 + 2 * u) * eta) / (1 - 9 / 10 * (1 + K)) in
  Rabs (momentum_computed t "v" - momentum_exact t "v") <= E
  /\ ((t <= 1)%nat ->
      Rabs (momentum_computed t "theta" - momentum_exact t "theta")
      <= INR t * (E + (u * first_two momentum_computed + eta) / (1 - u))).
Proof.
  split.
  - apply (momentum.v_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100))); shown.
  - apply (momentum.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two momentum_computed) 1); shown.
Qed.

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
             (1 / 100) (unbounded_nearest (1 / 100))); shown.
  - apply (nag.theta_stays_near u eta binary32_nearest (9 / 10) (unbounded_nearest (9 / 10))
             (1 / 100) (unbounded_nearest (1 / 100)) 1 (first_two nag_computed) 1); shown.
Qed.

(* Adagrad: learning rate 0.01, epsilon 1e-8. *)

Definition adagrad_kept := (("sum", adagrad_sum) :: ("theta", adagrad_theta) :: nil).

Theorem adagrad_sum_can_drift t :
  let r := steps exact adagrad_kept adagrad_start in
  let f := steps (rounded binary32_nearest) adagrad_kept (stored adagrad_start) in
  Rabs (f t "sum" - r t "sum") <= ((1 + u) ^ t - 1) * (r t "sum" + eta / u).
Proof. apply (adagrad.sum_stays_near u eta binary32_nearest 1); shown. Qed.

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
           (1 / 10 ^ 8) (unbounded_nearest (1 / 10 ^ 8)) 1 (first_two f) 1); shown.
Qed.

(* Adadelta: rho = 0.95. *)

Definition adadelta_kept := (("s", adadelta_s) :: nil).

Theorem adadelta_s_can_drift t :
  let r := steps exact adadelta_kept adadelta_start in
  let f := steps (rounded binary32_nearest) adadelta_kept (stored adadelta_start) in
  let c := 2 + u + kappa * (5 / 100) in
  0 <= f t "s"
  /\ Rabs (f t "s" - r t "s")
     <= (c * u * (1 * 1) + (2 + u + (1 + u) * 1) * eta) / (5 / 100 - c * u).
Proof. apply (adadelta.s_stays_near u eta binary32_nearest); shown. Qed.

(* RMSprop: rho = 0.9, learning rate 0.001, epsilon 1e-8. The theorem on theta needs s to drift by
   less than epsilon, which holds for gradients of at most 1/16, and not for gradients of 1. *)

Definition rmsprop_kept := (("s", rmsprop_s) :: ("theta", rmsprop_theta) :: nil).

Theorem rmsprop_s_can_drift t :
  let r := steps exact rmsprop_kept (rmsprop_start 1) in
  let f := steps (rounded binary32_nearest) rmsprop_kept (stored (rmsprop_start 1)) in
  let B := 1 * 1 + 1 / 10 ^ 8 / (1 / 10) in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * (1 / 10) in
  Rabs (f t "s" - r t "s")
  <= (c * u * B + ((1 + u) ^ 2 * 1 + 3 + 2 * u) * eta) / (1 / 10 - c * u).
Proof.
  apply (rmsprop.s_stays_near u eta binary32_nearest (1 / 10) (1 / 10 ^ 8)
           (unbounded_nearest (1 / 10 ^ 8)) 1); shown.
Qed.

Theorem rmsprop_theta_can_drift t :
  let r := steps exact rmsprop_kept (rmsprop_start (1 / 16)) in
  let f := steps (rounded unbounded_nearest) rmsprop_kept (stored (rmsprop_start (1 / 16))) in
  let c := 2 + u + (((1 + u) ^ 2 + 1) * (1 + kappa * u) + 2 * kappa) * (1 / 10) in
  let D := c * u * (1 / 16 * (1 / 16) + 1 / 10 ^ 8 / (1 / 10)) / (1 / 10 - c * u) in
  let K := (1 + kappa * u) * (1 + u) - 1 in
  let a := (1 - u) * sqrt (1 - D / (1 / 10 ^ 8)) in
  let e := ((1 + u) * (1 + K) / a - 1) * (1 / 1000 / sqrt (1 / 10)) in
  (t <= 1)%nat ->
  Rabs (f t "theta" - r t "theta") <= INR t * (e + u * first_two f / (1 - u)).
Proof.
  intros r f c D K a e.
  apply (rmsprop.theta_stays_near u unbounded_nearest (1 / 10) (1 / 10 ^ 8)
           (unbounded_nearest (1 / 10 ^ 8)) (1 / 1000) (unbounded_nearest (1 / 1000)) (1 / 16)
           (first_two f) 1); shown.
Qed.

(* One step in IEEE arithmetic: what a theorem on one step supposes of it can be computed. *)

Notation single := (binary_float 24 128).
Notation in_single := (ieee 24 128 eq_refl eq_refl).

(* 2^-126, the smallest normal number. *)
Definition normal_number (m : positive) (e : Z)
    (valid : valid_binary 24 128 (S754_finite false m e) = true) : single :=
  SF2B (S754_finite false m e) valid.

Definition smallest_normal : single := normal_number 8388608 (- (149)) eq_refl.

Definition is_large (x : single) : bool := is_finite x && Bltb smallest_normal (Babs x).

Fixpoint is_normal_throughout (f : string -> single) (e : expression) : bool :=
  match e with
  | Var x => is_finite (f x)
  | Neg a => is_normal_throughout f a
  | Add a b | Sub a b =>
      is_normal_throughout f a && is_normal_throughout f b && is_finite (in_single f e)
  | Mul a b | Div a b | Decay a b =>
      is_normal_throughout f a && is_normal_throughout f b && is_large (in_single f e)
  | Sqrt a => is_normal_throughout f a && is_large (in_single f e)
  | Fma a b c =>
      is_normal_throughout f a && is_normal_throughout f b && is_normal_throughout f c
      && is_large (in_single f e)
  | _ => false
  end.

Lemma finite_by_computation f e :
  is_normal_throughout f e = true -> finite_throughout 24 128 eq_refl eq_refl f e.
Proof.
  assert (head : forall a, finite_throughout 24 128 eq_refl eq_refl f a ->
                 is_finite (in_single f a) = true) by (intros []; simpl; tauto).
  assert (large : forall x, is_large x = true -> is_finite x = true)
    by (intros x; unfold is_large; rewrite andb_true_iff; tauto).
  induction e; simpl; rewrite ?andb_true_iff; intros H;
    repeat match goal with H : _ /\ _ |- _ => destruct H end; try discriminate; auto.
  rewrite is_finite_Bopp; auto.
Qed.

Lemma large_is_normal (z : single) x :
  is_large z = true ->
  B2R z = round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE x -> normal_or_zero 24 128 x.
Proof.
  unfold is_large; rewrite andb_true_iff; intros [F L] E; right.
  rewrite Bltb_correct in L by (try rewrite is_finite_Babs; easy).
  rewrite B2R_Babs in L; revert L; case Rlt_bool_spec; [intros L _|easy].
  assert (S : B2R smallest_normal = bpow radix2 (3 - 128 - 24 + 24 - 1))
    by (unfold smallest_normal, normal_number; rewrite B2R_SF2B; unfold SF2R, F2R; simpl; lra).
  rewrite S, E in L; apply Rnot_lt_le; intros small.
  apply (Rlt_irrefl (bpow radix2 (3 - 128 - 24 + 24 - 1))), (Rlt_le_trans _ _ _ L).
  assert (Valid_exp (FLT_exp (3 - 128 - 24) 24)) by now apply FLT_exp_valid.
  apply abs_round_le_generic; auto with typeclass_instances; try (now apply Rlt_le).
  apply generic_format_bpow; unfold FLT_exp; simpl; lia.
Qed.

Lemma no_underflow_by_computation f e :
  is_normal_throughout f e = true -> no_underflow 24 128 (fun x => B2R (f x)) e.
Proof.
  intros N; assert (V := fun a (H : is_normal_throughout f a = true) =>
    ieee_value 24 128 eq_refl eq_refl f a (finite_by_computation f a H)).
  revert N; induction e; intros N; assert (E := V _ N); simpl in N, E |- *;
    rewrite ?andb_true_iff in N; repeat match goal with H : _ /\ _ |- _ => destruct H end;
    try discriminate; repeat split; auto; eapply large_is_normal; eassumption.
Qed.

(* The second step of Adam at its default hyperparameters, from m = 1/16, v = 1/256, theta = 1 and
   a gradient of 1. *)

Definition second_step_computed : string -> single := fun x =>
  match found
    (("w1", normal_number 13421773 (- (27)) eq_refl)
     :: ("w2", normal_number 8589935 (- (33)) eq_refl)
     :: ("alpha_t", normal_number 11302546 (- (31)) eq_refl)
     :: ("c_t", normal_number 11726368 (- (19)) eq_refl)
     :: ("epsilon", normal_number 11258999 (- (50)) eq_refl)
     :: ("m", normal_number 8388608 (- (27)) eq_refl)
     :: ("v", normal_number 8388608 (- (31)) eq_refl)
     :: ("theta", normal_number 8388608 (- (23)) eq_refl)
     :: ("gradient", normal_number 8388608 (- (23)) eq_refl) :: nil) x with
  | Some z => z
  | None => B754_zero false
  end.

Definition second_step_exact : environment :=
  given (("w1", 1 / 10) :: ("w2", 1 / 1000)
         :: ("alpha_t", 1 / 1000 / (1 - (9 / 10) ^ 2))
         :: ("c_t", / sqrt (1 - (999 / 1000) ^ 2)) :: ("epsilon", 1 / 10 ^ 8)
         :: ("m", 1 / 16) :: ("v", 1 / 256) :: ("theta", 1) :: ("gradient", 1) :: nil).

(* 1 / sqrt (1 - beta2^2), to eight digits. *)
Lemma first_correction :
  22.366272 <= / sqrt (1 - 999 / 1000 * (999 / 1000 * 1)) <= 22.3662721.
Proof.
  set (x := 1 - 999 / 1000 * (999 / 1000 * 1)); assert (X : x = 1999 / 1000000) by (unfold x; lra).
  assert (root : 0 < sqrt x) by (apply sqrt_lt_R0; lra).
  assert (square := sqrt_sqrt x ltac:(lra)).
  assert (inverse : / sqrt x * sqrt x = 1) by (apply Rinv_l; lra).
  assert (0 < / sqrt x) by now apply Rinv_0_lt_compat.
  assert (whole : / sqrt x * / sqrt x * x = 1) by (rewrite <- square at 3; nra).
  rewrite X in whole; split; apply Rnot_lt_le; intros; nra.
Qed.

Lemma second_step_represents :
  represents binary32 adam (fun x => B2R (second_step_computed x)) second_step_exact.
Proof.
  intros x; unfold second_step_computed, second_step_exact, given, adam, inputs; simpl found.
  repeat match goal with |- context [String.eqb x ?y] =>
    destruct (String.eqb_spec x y) as [->|?]; simpl String.eqb end; simpl;
    unfold normal_number; rewrite ?B2R_SF2B; unfold SF2R, F2R; simpl;
    fold (coefficient_rounding 24); rewrite ?Q2R_coefficient_rounding;
    try rewrite (Q2R_decay_rounding 24); simpl bpow;
    repeat match goal with |- context [Z.pow_pos ?a ?b] =>
      let v := eval vm_compute in (Z.pow_pos a b) in change (Z.pow_pos a b) with v end.
  all: try replace (1 / 1000 / (1 - 9 / 10 * (9 / 10 * 1))) with (1 / 190) by field.
  all: try (generalize first_correction; set (c := / sqrt _); intros).
  all: rewrite ?(Rabs_pos_eq (1 / _)), ?(Rabs_pos_eq c), ?RMicromega.Q2R_0, ?Rabs_R0 by lra.
  all: repeat split; try lra; try (apply Rabs_le; lra).
Qed.

Theorem adam_step_can_be_taken :
  Rabs (B2R (in_single second_step_computed adam_theta) - exact second_step_exact adam_theta)
  <= Q2R 11.001 * bpow radix2 (- (24)) * magnitude second_step_exact adam_theta.
Proof.
  apply (proj1 adam.one_step).
  - exact second_step_represents.
  - unfold second_step_exact, given; simpl; repeat split; try lra.
    generalize first_correction; intros.
    assert (0 <= sqrt (1 / 1000 * 1 * 1 + (1 - 1 / 1000) * (1 / 256))) by apply sqrt_pos.
    apply Rgt_not_eq; nra.
  - apply finite_by_computation; vm_compute; reflexivity.
  - apply no_underflow_by_computation; vm_compute; reflexivity.
Qed.

(* Coefficients and exact arithmetic: 1 - beta2^1000 as it is computed, for the double nearest to
   0.999, and the longest step of Adam. *)

Definition double_beta2 : R := IZR 8998192055486251 / IZR (2 ^ 53).

Theorem correction_can_be_computed :
  let x := Coefficients.one_minus_power DoubleDouble.doubled DoubleDouble.added
             (DoubleDouble.complement double_beta2) 1000 in
  DoubleDouble.normal x
  /\ Coefficients.close (/ 2 ^ 95) (DoubleDouble.value x) (1 - double_beta2 ^ Pos.to_nat 1000).
Proof.
  apply (DoubleDouble.one_minus_power_within double_beta2 1000); [|unfold double_beta2; lra|easy].
  apply generic_format_FLT; exists (Float radix2 8998192055486251 (- (53))); [|easy|easy].
  unfold double_beta2, F2R; simpl; lra.
Qed.

Theorem adam_steps_are_short (g : nat -> R) t :
  (0 < t)%nat ->
  let m_hat := Invariants.m (9 / 10) g t / (1 - (9 / 10) ^ t) in
  let v_hat := Invariants.v (999 / 1000) g t / (1 - (999 / 1000) ^ t) in
  Rabs (1 / 1000 * m_hat / (sqrt v_hat + 1 / 10 ^ 8))
  <= 1 / 1000 * sqrt (Invariants.longest_squared (9 / 10) (999 / 1000)).
Proof. intros Ht; apply Invariants.adam_step; try assumption; simpl; lra. Qed.
