(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of AMSGrad's recorded lane, against the rule: Adam with the largest v under the root.

   [amsgrad_run_rounded]: under any rounding, with the conditions of Adam's theorem
   (rules/adam_machine.v), theta drifts by no more than Adam's does, [theta_drift].
   [amsgrad_run_in_ieee]: so it does in IEEE arithmetic, in which nothing overflows while
   [adam_peak] is below the largest number.
   [amsgrad_before_correction_run_in_ieee]: so it does with epsilon before the correction. The lemmas
   in between are about any epsilons, one for each step, as in rules/adam_machine.v. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Formats Rounding Runs Underflow RelativeDrift.
From Truestep Require Import Overflow adam_run adam_machine.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The largest v is kept as it is, and corrected as v would be. *)
Definition amsgrad_rule (alpha beta1 beta2 epsilon : R) (g m v v_max theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\ v_max O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    v_max (S t) = Rmax (v_max t) (v (S t)) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / (sqrt (v_max (S t) / (1 - beta2 ^ S t)) + epsilon).

(* The same with epsilon before the correction, beside the raw root. *)
Definition amsgrad_before_correction_rule (alpha beta1 beta2 epsilon : R)
    (g m v v_max theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\ v_max O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    v_max (S t) = Rmax (v_max t) (v (S t)) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / ((sqrt (v_max (S t)) + epsilon) / sqrt (1 - beta2 ^ S t)).

(* Both, with an epsilon for each step. *)
Definition stepwise_amsgrad_rule (alpha beta1 beta2 : R) (epsilons g m v v_max theta : nat -> R)
  : Prop :=
  m O = 0 /\ v O = 0 /\ v_max O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    v_max (S t) = Rmax (v_max t) (v (S t)) /\
    theta (S t) = theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                            / (sqrt (v_max (S t) / (1 - beta2 ^ S t)) + epsilons (S t)).

Lemma amsgrad_before_correction_is_stepwise alpha beta1 beta2 epsilon g m v v_max theta :
  0 < beta2 < 1 ->
  amsgrad_before_correction_rule alpha beta1 beta2 epsilon g m v v_max theta ->
  stepwise_amsgrad_rule alpha beta1 beta2 (raw_epsilon beta2 epsilon) g m v v_max theta.
Proof.
  intros B (m0 & v0 & x0 & Rule). repeat (split; [assumption |]). intro t.
  destruct (Rule t) as (Rm & Rv & Rx & Rt). rewrite corrected_divisor in Rt by exact B. auto.
Qed.

Definition follows_amsgrad (value : environment -> expression -> R) (f : run) : Prop :=
  follows_from_zero value "m" adam_m f /\ follows_from_zero value "v" adam_v f
  /\ follows_from_zero value "v_max" adam_amsgrad_v_max f
  /\ follows value "theta" adam_amsgrad_theta f.

Section Rounded.

Variables (u eta k alpha beta1 beta2 epsilon G : R) (rnd : R -> R) (T : nat).
Variables (f : run) (epsilons m v v_max theta : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_amsgrad (rounded rnd) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t).
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule :
  stepwise_amsgrad_rule alpha beta1 beta2 epsilons (fun t => f t "gradient") m v v_max theta.
Hypothesis Hstart : f O "theta" = theta O.

Let g t := f t "gradient".
Let square_mean := mean beta2 (fun t => g t * g t).

Lemma stored_m t : f (S t) "m" = rnd (f O "w1" * g t + rnd ((1 - f O "w1") * f t "m")).
Proof.
  destruct Hf as ((_ & Hm) & _), Hk as (Same & _). destruct (Same t) as (<- & _).
  now rewrite Hm.
Qed.

Lemma stored_v t :
  f (S t) "v" = rnd (rnd (f O "w2" * g t) * g t + rnd ((1 - f O "w2") * f t "v")).
Proof.
  destruct Hf as (_ & (_ & Hv) & _), Hk as (Same & _). destruct (Same t) as (_ & <-).
  now rewrite Hv.
Qed.

Lemma exact_v t : v t = square_mean t.
Proof.
  destruct Hrule as (_ & v0 & _ & Rule).
  apply (rule_is_mean beta2 v (fun t => g t * g t) v0). apply Rule.
Qed.

Lemma v_at_most_v_max t : v t <= v_max t.
Proof.
  destruct Hrule as (_ & v0 & x0 & Rule). destruct t as [| t]; [lra |].
  destruct (Rule t) as (_ & _ & -> & _). apply Rmax_r.
Qed.

Lemma v_max_near t :
  near (v_part u k beta2 t) (v_absolute u eta k beta2 G) (f t "v_max") (v_max t) (v_max t).
Proof.
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & _).
  destruct Hf as (_ & (v0 & Hv) & (x0 & Hx) & _), Hrule as (_ & _ & y0 & Rule).
  assert (vn : forall t, near (v_part u k beta2 t) (v_absolute u eta k beta2 G) (f t "v") (v t) (v
    t)).
  { intro i. rewrite exact_v. apply (v_near u eta k beta2 (f O "w2") G rnd g) with
      (vt := fun t => f t "v"); try easy. exact stored_v. }
  assert (grows : forall t, v_part u k beta2 t <= v_part u k beta2 (S t)).
  { intro i. apply (parts_grow u eta k beta1 beta2 rnd); auto; try lra; lia. }
  assert (P : forall t, 0 <= v_part u k beta2 t)
    by (intro i; apply (v_part_at_least_0 u eta k beta1 beta2 rnd); auto; lra).
  assert (d0 : 0 <= v_absolute u eta k beta2 G).
  { destruct (vn O) as [_ H]. rewrite v0 in H. destruct (Rule O) as (_ & _ & _ & _).
    generalize (Rabs_pos (0 - v O)). rewrite (exact_v O) in *. change (square_mean O) with 0 in *.
      lra. }
  induction t as [| t IH].
  - rewrite x0, y0. split; rewrite ?Rminus_0_r, Rabs_R0; lra.
  - destruct (Rule t) as (_ & _ & -> & _). rewrite Hx.
    change (rounded rnd (f t) adam_amsgrad_v_max) with (Rmax (f t "v_max") (rounded rnd (f t)
      adam_v)).
    rewrite <- Hv. rewrite <- (Rmax_left (v_absolute u eta k beta2 G) (v_absolute u eta k beta2 G))
      by lra.
    apply near_larger; [| apply vn | apply P].
    eapply near_weaken; [apply grows | apply Rle_refl | exact IH].
Qed.

Lemma stored_theta t :
  f (S t) "theta" = rnd (f t "theta" - updatet rnd (fun t => f t "alpha_t") (fun t => f t "c_t")
    (fun t => f t "epsilon") (fun t => f t "m") (fun t => f t "v_max") t).
Proof.
  destruct Hf as ((_ & Hm) & (_ & Hv) & (_ & Hx) & Ht).
  unfold updatet, denominatort. rewrite Ht, Hm, Hx. reflexivity.
Qed.

Lemma exact_theta t :
  theta (S t) = theta t - update alpha beta1 beta2 g epsilons v_max (S t).
Proof.
  destruct Hc as (B1 & B2 & _), Hrule as (m0 & _ & _ & Rule).
  assert (P2 := power_below_one beta2 t B2).
  rewrite (proj2 (proj2 (proj2 (Rule t)))).
  rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
  rewrite sqrt_div_alt by easy. unfold update, denominator, Rdiv.
  rewrite (Rmult_comm (/ sqrt _)). f_equal. ring.
Qed.

Lemma stepwise_amsgrad_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - theta t)
  <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intro H. assert (Hm := stored_m). assert (Ht := stored_theta). assert (Hx := exact_theta).
  assert (near_max := v_max_near). assert (below := v_at_most_v_max).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & Steps).
  destruct Hf as ((m0 & _) & _).
  apply (theta_near u eta k alpha epsilon beta1 beta2 (f O "w1") G rnd g
    (fun t => f t "alpha_t") (fun t => f t "c_t") epsilons (fun t => f t "epsilon") Hr) with (mt := fun t => f t "m")
    (second := v_max) (secondt := fun t => f t "v_max") (T := t) (theta := theta)
    (thetat := fun t => f t "theta"); try easy; try apply Steps.
  - intro i. change (square_mean i <= v_max i). rewrite <- exact_v. apply below.
  - eapply Rle_lt_trans; [| exact D1].
    now apply (denominator_error_grows u eta k epsilon beta1 beta2 G rnd).
Qed.

End Rounded.

Theorem amsgrad_run_rounded u eta k alpha beta1 beta2 epsilon G rnd T f m v v_max theta :
  rounding u eta rnd ->
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  follows_amsgrad (rounded rnd) f ->
  adam_coefficients_within k alpha beta1 beta2 epsilon f ->
  (forall t, Rabs (f t "gradient") <= G) ->
  amsgrad_rule alpha beta1 beta2 epsilon (fun t => f t "gradient") m v v_max theta ->
  f O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - theta t)
    <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros Hr Hc Hf Hk HG Hrule Hstart.
  apply (stepwise_amsgrad_rounded u eta k alpha beta1 beta2 epsilon G rnd T f (fun _ => epsilon) m v
    v_max); auto using stepwise_of_one, Rle_refl.
Qed.

(* In IEEE 754 arithmetic. *)

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Definition amsgrad_states : list (string * expression) :=
  (("m", adam_m) :: ("v", adam_v) :: ("v_max", adam_amsgrad_v_max)
   :: ("theta", adam_amsgrad_theta) :: nil)%list.

Section Steps.

Variables (k alpha beta1 beta2 epsilon rise G : R) (T : nat) (f : run).
Variables (epsilons m v v_max theta : nat -> R).
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_amsgrad (rounded nearest) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t) <= epsilon + rise.
Hypothesis Hrise : 0 <= rise.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule :
  stepwise_amsgrad_rule alpha beta1 beta2 epsilons (fun t => f t "gradient") m v v_max theta.
Hypothesis Hstart : f O "theta" = theta O.
Hypothesis Hpeak :
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T + 4 * rise < bpow radix2 emax.

Lemma v_max_at_most t : v_max t <= G * G.
Proof.
  assert (Same := exact_v alpha beta1 beta2 f epsilons m v v_max theta Hrule).
  destruct Hc as (B1 & B2 & _), Hrule as (_ & _ & x0 & Rule).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (f O "gradient")) (HG O); lra).
  induction t as [| t IH]; [rewrite x0; nra |].
  destruct (Rule t) as (_ & _ & -> & _). apply Rmax_lub; [exact IH |]. rewrite Same.
  now apply v_at_most.
Qed.

Lemma stored_v_max_at_least_0 t : 0 <= f t "v_max".
Proof.
  destruct Hf as (_ & _ & (x0 & Hx) & _). induction t as [| t IH]; [lra |].
  rewrite Hx. eapply Rle_trans; [exact IH | apply Rmax_l].
Qed.

Lemma amsgrad_steps_in_range t : (t < T)%nat ->
  in_range p emax (f t) adam_m /\ in_range p emax (f t) adam_v
  /\ in_range p emax (f t) adam_amsgrad_v_max /\ in_range p emax (f t) adam_amsgrad_theta.
Proof.
  intro H. assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  assert (Hv := stored_v k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Hm := stored_m k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Ht := stored_theta nearest f Hf).
  assert (Hx := exact_theta u eta k alpha beta1 beta2 epsilon G T f epsilons m v v_max theta Hc
    Hrule).
  assert (near_max := v_max_near u eta k alpha beta1 beta2 epsilon G nearest T f epsilons m v v_max
    theta Hr Hc Hf Hk HG Hrule).
  assert (over := v_at_most_v_max alpha beta1 beta2 f epsilons m v v_max theta Hrule).
  assert (same := exact_v alpha beta1 beta2 f epsilons m v v_max theta Hrule).
  assert (top := v_max_at_most). assert (sign := stored_v_max_at_least_0).
  assert (small : u <= 1) by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (tiny : eta <= 1).
  { apply (bpow_le radix2 (emin - 1) 0). unfold emin, Prec_gt_0, Prec_lt_emax in *. lia. }
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (Same & W1 & W2 & W1k & W2k & Steps).
  destruct Hf as ((m0 & Hm') & (v0 & Hv') & (x0 & Hx') & Ht'). destruct (Same t) as (S1 & S2).
  assert (L1 : forall i, epsilon <= epsilons (S i)) by apply Hleast.
  assert (L2 : forall i, epsilons (S i) <= epsilon + rise) by apply Hleast.
  destruct (step_sizes u eta k alpha epsilon beta1 beta2 (f O "w1") (f O "w2") G
    nearest (fun t => f t "gradient") (fun t => f t "alpha_t") (fun t => f t "c_t") epsilons
    (fun t => f t "epsilon")) with (rise := rise) (mt := fun t => f t "m") (vt := fun t => f t "v") (second := v_max)
    (secondt := fun t => f t "v_max") (T := T)
    (theta := theta) (thetat := fun t => f t "theta") (t := t)
    as (b1 & b2 & b3 & b4 & b5 & b6 & b7 & b8 & b9 & b10 & b11);
    try easy; try apply Steps.
  { intro i. change (mean beta2 (fun t => f t "gradient" * f t "gradient") i <= v_max i).
    rewrite <- same. apply over. }
  assert (L := fun x (b : Rabs x <= _) => Rle_lt_trans _ _ _ b Hpeak).
  cbv beta in *.
  assert (pos : 0 < denominatort nearest (fun t => f t "c_t") (fun t => f t "epsilon")
    (fun t => f t "v_max") t).
  { apply (denominatort_positive u eta k epsilon beta1 beta2 G nearest
      (fun t => f t "gradient") (fun t => f t "c_t") epsilons) with (second := v_max) (T := T); try easy;
      try apply Steps.
    intro i. change (mean beta2 (fun t => f t "gradient" * f t "gradient") i <= v_max i).
    rewrite <- same. apply over. }
  assert (nonneg := sign (S t)).
  assert (Em : rounded nearest (f t) adam_m = f (S t) "m") by now rewrite Hm'.
  assert (Ev : rounded nearest (f t) adam_v = f (S t) "v") by now rewrite Hv'.
  assert (Ex : rounded nearest (f t) adam_amsgrad_v_max = f (S t) "v_max") by now rewrite Hx'.
  assert (Rm : in_range p emax (f t) adam_m).
  { split; [change (Rabs (rounded nearest (f t) adam_m) < bpow radix2 emax); rewrite Em; auto |].
    cbn [in_range rounded]. rewrite S1. auto 10. }
  assert (Rv : in_range p emax (f t) adam_v).
  { split; [change (Rabs (rounded nearest (f t) adam_v) < bpow radix2 emax); rewrite Ev; auto |].
    cbn [in_range rounded]. rewrite S2. auto 10. }
  assert (Rx : in_range p emax (f t) adam_amsgrad_v_max).
  { split; [change (Rabs (rounded nearest (f t) adam_amsgrad_v_max) < bpow radix2 emax);
      rewrite Ex; auto |].
    split; [now split | exact Rv]. }
  repeat (split; [assumption |]).
  change adam_amsgrad_theta with (Sub (Var "theta") (Div (Mul (Var "alpha_t") adam_m)
    (Fma (Var "c_t") (Sqrt adam_amsgrad_v_max) (Var "epsilon")))).
  cbn [in_range rounded]. fold emin. rewrite Em, Ex.
  set (d := nearest (f t "c_t" * nearest (sqrt (f (S t) "v_max")) + f t "epsilon")).
  set (n := nearest (nearest (f t "alpha_t" * f (S t) "m") / d)).
  assert (Rt := Ht t). unfold updatet, denominatort in b9, b10, pos, Rt. fold d in b9, b10, pos, Rt.
  fold n in b10, Rt. rewrite <- Rt.
  repeat first [exact Rm | exact Rx | split]; auto using Rgt_not_eq.
Qed.

End Steps.

Lemma stepwise_amsgrad_in_ieee k alpha beta1 beta2 epsilon rise G T (f : nat -> string -> number)
    (epsilons m v v_max theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below amsgrad_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 /\ stored O "v_max" = 0 ->
  stepwise_coefficients_within k alpha beta1 beta2 epsilons stored ->
  (forall t, epsilon <= epsilons (S t) <= epsilon + rise) -> 0 <= rise ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  stepwise_amsgrad_rule alpha beta1 beta2 epsilons (fun t => stored t "gradient") m v v_max theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T + 4 * rise < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_amsgrad_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc Hf (m0 & v0 & x0) Hk Hleast Hrise HG Hrule Hstart Hpeak t Ht.
  assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  set (sh := shadow p emax amsgrad_states stored).
  assert (given : forall x, term_of amsgrad_states x = None -> forall i, sh i x = stored i x)
    by (intros; now apply shadow_given).
  assert (run : follows_amsgrad (rounded nearest) sh).
  { repeat (split; [now apply shadow_follows_from_zero |]). now apply shadow_follows. }
  assert (Kk : stepwise_coefficients_within k alpha beta1 beta2 epsilons sh).
  { apply stepwise_same with stored; [| exact Hk]. simpl.
    intuition (subst; now apply given). }
  assert (Gk : forall i, Rabs (sh i "gradient") <= G) by (intro i; now rewrite given).
  assert (Rk : stepwise_amsgrad_rule alpha beta1 beta2 epsilons (fun i => sh i "gradient") m v v_max
    theta).
  { destruct Hrule as (M0 & V0 & X0 & Rule). repeat (split; [easy |]). intro i.
    rewrite given by easy. apply Rule. }
  assert (Sk : sh O "theta" = theta O) by (unfold sh; now rewrite shadow_start).
  assert (range := amsgrad_steps_in_range k alpha beta1 beta2 epsilon rise G T sh epsilons m v v_max
    theta Hc run Kk Hleast Hrise Gk Rk Sk Hpeak).
  assert (ranges : forall i x e, (i < T)%nat -> term_of amsgrad_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. destruct (range i Hi) as (Rm & Rv & Rx & Rt). simpl.
    repeat (case String.eqb_spec; [intros _ [= <-]; assumption | intros _]). easy. }
  destruct (machine_run_in_range p emax positive below amsgrad_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  apply (stepwise_amsgrad_rounded u eta k alpha beta1 beta2 epsilon G nearest T sh epsilons m v v_max
    theta); auto. intro i. apply Hleast.
Qed.

Theorem amsgrad_run_in_ieee k alpha beta1 beta2 epsilon G T (f : nat -> string -> number)
    (m v v_max theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below amsgrad_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 /\ stored O "v_max" = 0 ->
  adam_coefficients_within k alpha beta1 beta2 epsilon stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  amsgrad_rule alpha beta1 beta2 epsilon (fun t => stored t "gradient") m v v_max theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_amsgrad_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc Hf Hz Hk HG Hrule Hstart Hpeak.
  apply (stepwise_amsgrad_in_ieee k alpha beta1 beta2 epsilon 0 G T f (fun _ => epsilon) m v v_max);
    auto using stepwise_of_one; intros; lra.
Qed.

Theorem amsgrad_before_correction_run_in_ieee k alpha beta1 beta2 epsilon G T
    (f : nat -> string -> number) (m v v_max theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below amsgrad_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 /\ stored O "v_max" = 0 ->
  stepwise_coefficients_within k alpha beta1 beta2 (raw_epsilon beta2 epsilon) stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  amsgrad_before_correction_rule alpha beta1 beta2 epsilon (fun t => stored t "gradient") m v v_max
    theta ->
  stored O "theta" = theta O ->
  adam_peak u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) T
    + 4 * (epsilon / sqrt (1 - beta2)) < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adam_amsgrad_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intros stored Hc Hf Hz Hk HG Hrule Hstart Hpeak.
  assert (B2 : 0 < beta2 < 1) by apply Hc. assert (E : 0 < epsilon) by apply Hc.
  assert (size := fun t => raw_epsilon_size beta2 epsilon t B2 E).
  apply (stepwise_amsgrad_in_ieee k alpha beta1 beta2 epsilon (epsilon / sqrt (1 - beta2)) G T f
    (raw_epsilon beta2 epsilon) m v v_max); auto using amsgrad_before_correction_is_stepwise.
  - intro t. specialize (size t). lra.
  - specialize (size O). lra.
Qed.

End Format.
