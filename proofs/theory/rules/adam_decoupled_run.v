(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adam with decoupled weight decay, the lane's step after the decay of theta: its
   recorded lanes, against the rule theta' = (1 - a) theta - alpha m^ / (sqrt v^ + epsilon).

   a is one exact number, stored as "amount" within relative k (of a convention that decays by
   learning rate times weight decay, it is the product). The other conditions are those of Adam's
   theorem (rules/adam_machine.v); run/MovingParameters.v says what [decayed_drift] is.

   - [decoupled_run_rounded]: under any rounding theta is off by at most [decayed_drift] of Adam's
     update error and longest step;
   - [decoupled_run_in_ieee]: so it is in IEEE arithmetic, in which nothing overflows while
     [decoupled_peak] is below the largest number;
   - [decoupled_before_correction_run_in_ieee]: so it is with epsilon before the correction. The
     lemmas in between are about any epsilons, one for each step, as in rules/adam_machine.v;
   - [decoupled_drift_from], [decoupled_peak_from]: from a larger theta_0 both are at least as
     large. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Formats Rounding Runs Underflow RelativeDrift.
From Truestep Require Import Gradual MovingParameters Overflow adam_run adam_machine.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition decoupled_rule (alpha beta1 beta2 epsilon a : R) (g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = (1 - a) * theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                                      / (sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilon).

(* The same with epsilon before the correction, beside the raw root. *)
Definition decoupled_before_correction_rule (alpha beta1 beta2 epsilon a : R)
    (g m v theta : nat -> R) : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = (1 - a) * theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                                      / ((sqrt (v (S t)) + epsilon) / sqrt (1 - beta2 ^ S t)).

(* Both, with an epsilon for each step. *)
Definition stepwise_decoupled_rule (alpha beta1 beta2 a : R) (epsilons g m v theta : nat -> R)
  : Prop :=
  m O = 0 /\ v O = 0 /\
  forall t,
    m (S t) = beta1 * m t + (1 - beta1) * g t /\
    v (S t) = beta2 * v t + (1 - beta2) * (g t * g t) /\
    theta (S t) = (1 - a) * theta t - alpha * (m (S t) / (1 - beta1 ^ S t))
                                      / (sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilons (S t)).

Lemma decoupled_before_correction_is_stepwise alpha beta1 beta2 epsilon a g m v theta :
  0 < beta2 < 1 ->
  decoupled_before_correction_rule alpha beta1 beta2 epsilon a g m v theta ->
  stepwise_decoupled_rule alpha beta1 beta2 a (raw_epsilon beta2 epsilon) g m v theta.
Proof.
  intros B (m0 & v0 & Rule). repeat (split; [assumption |]). intro t.
  destruct (Rule t) as (Rm & Rv & Rt). rewrite corrected_divisor in Rt by exact B. auto.
Qed.

(* The lane after the decay. *)
Definition decoupled_theta : expression :=
  put "theta" decoupled_weight_decay_decayed_theta adam_theta.

Definition follows_decoupled (value : environment -> expression -> R) (f : run) : Prop :=
  follows_from_zero value "m" adam_m f /\ follows_from_zero value "v" adam_v f
  /\ follows value "theta" decoupled_theta f.

Definition amount_within (k a : R) (f : run) : Prop :=
  0 <= a <= 1 /\ (forall t, f t "amount" = f O "amount") /\ 0 <= f O "amount" <= 1
  /\ Rabs (f O "amount" - a) <= k * a.

Definition decoupled_drift (u eta k alpha beta1 beta2 epsilon a G theta0 : R) (T t : nat) : R :=
  decayed_drift u eta k a (update_error u eta k alpha beta1 beta2 epsilon G T)
    (longest_step alpha beta1 beta2) theta0 T t.

Definition decoupled_peak (u eta k alpha beta1 beta2 epsilon a G theta0 : R) (T : nat) : R :=
  adam_peak u eta k alpha beta1 beta2 epsilon G 0 T
  + 2 * (theta0 + INR T * longest_step alpha beta1 beta2
         + decoupled_drift u eta k alpha beta1 beta2 epsilon a G theta0 T T) + 1.

Theorem decoupled_drift_from u eta k alpha beta1 beta2 epsilon a G x y T t :
  0 <= u -> 0 <= k -> 0 <= a -> x <= y ->
  decoupled_drift u eta k alpha beta1 beta2 epsilon a G x T t
  <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G y T t.
Proof.
  intros U K A H. unfold decoupled_drift, decayed_drift, decayed_step_error.
  assert (ka : 0 <= k * a) by now apply Rmult_le_pos.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [apply pos_INR | apply pow_le, pow2_ge_0] |].
  apply Rplus_le_compat_r, Rplus_le_compat; [| nra].
  apply Rmult_le_compat_l; [lra |]. apply Rplus_le_compat_r, Rplus_le_compat_r, Rmult_le_compat_l;
    [nra | lra].
Qed.

Theorem decoupled_peak_from u eta k alpha beta1 beta2 epsilon a G x y T :
  0 <= u -> 0 <= k -> 0 <= a -> x <= y ->
  decoupled_peak u eta k alpha beta1 beta2 epsilon a G x T
  <= decoupled_peak u eta k alpha beta1 beta2 epsilon a G y T.
Proof.
  intros U K A H. unfold decoupled_peak.
  generalize (decoupled_drift_from u eta k alpha beta1 beta2 epsilon a G x y T T U K A H). lra.
Qed.

Section Rounded.

Variables (u eta k alpha beta1 beta2 epsilon a G : R) (rnd : R -> R) (T : nat).
Variables (f : run) (epsilons m v theta : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_decoupled (rounded rnd) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t).
Hypothesis Ha : amount_within k a f.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule :
  stepwise_decoupled_rule alpha beta1 beta2 a epsilons (fun t => f t "gradient") m v theta.
Hypothesis Hstart : f O "theta" = theta O.

Let g t := f t "gradient".
Let square_mean := mean beta2 (fun t => g t * g t).
Let stored_update := updatet rnd (fun t => f t "alpha_t") (fun t => f t "c_t")
  (fun t => f t "epsilon") (fun t => f t "m") (fun t => f t "v").
Let exact_update t := update alpha beta1 beta2 g epsilons square_mean (S t).

Lemma stored_m t : f (S t) "m" = rnd (f O "w1" * g t + rnd ((1 - f O "w1") * f t "m")).
Proof.
  destruct Hf as ((_ & Hm) & _ & _), Hk as (Same & _). destruct (Same t) as (<- & _).
  now rewrite Hm.
Qed.

Lemma stored_v t :
  f (S t) "v" = rnd (rnd (f O "w2" * g t) * g t + rnd ((1 - f O "w2") * f t "v")).
Proof.
  destruct Hf as (_ & (_ & Hv) & _), Hk as (Same & _). destruct (Same t) as (_ & <-).
  now rewrite Hv.
Qed.

Lemma stored_theta t :
  f (S t) "theta" = rnd (rnd ((1 - f O "amount") * f t "theta") - stored_update t).
Proof.
  destruct Hf as ((_ & Hm) & (_ & Hv) & Ht), Ha as (_ & Sa & _).
  unfold stored_update, updatet, denominatort. rewrite Ht, Hm, Hv, <- (Sa t). reflexivity.
Qed.

Lemma exact_theta t : theta (S t) = (1 - a) * theta t - exact_update t.
Proof.
  destruct Hc as (B1 & B2 & _), Hrule as (m0 & v0 & Rule).
  assert (P2 := power_below_one beta2 t B2).
  rewrite (proj2 (proj2 (Rule t))).
  rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
  rewrite (rule_is_mean beta2 v (fun t => g t * g t) v0 ltac:(apply Rule)). fold square_mean.
  rewrite sqrt_div_alt by easy. unfold exact_update, update, denominator, Rdiv.
  rewrite (Rmult_comm (/ sqrt _)). f_equal. ring.
Qed.

Lemma square_mean_near t :
  near (v_part u k beta2 t) (v_absolute u eta k beta2 G) (f t "v") (square_mean t) (square_mean t).
Proof.
  assert (Hv := stored_v). destruct Hc as (B1 & B2 & _ & _ & _ & K0 & _ & Q2 & _).
  destruct Hk as (_ & _ & _ & _ & W2k & _), Hf as (_ & (v0 & _) & _).
  now apply (v_near u eta k beta2 (f O "w2") G rnd g) with (vt := fun t => f t "v").
Qed.

Lemma moves :
  (forall t, (t < T)%nat ->
     Rabs (stored_update t - exact_update t) <= update_error u eta k alpha beta1 beta2 epsilon G T)
  /\ (forall t, Rabs (exact_update t) <= longest_step alpha beta1 beta2)
  /\ 0 <= update_error u eta k alpha beta1 beta2 epsilon G T
  /\ 0 <= longest_step alpha beta1 beta2.
Proof.
  assert (Hm := stored_m). assert (near_v := square_mean_near).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & Steps), Hf as ((m0 & _) & _).
  split; [| split; [| split]].
  - intros t Ht.
    apply (update_near u eta k alpha epsilon beta1 beta2 (f O "w1") G rnd g
      (fun t => f t "alpha_t") (fun t => f t "c_t")); try easy; try apply Steps;
      intro i; apply Rle_refl.
  - intro t. apply (update_at_most u eta k alpha epsilon beta1 beta2 (f O "w1") rnd g
      (fun t => f t "alpha_t")) with (mt := fun t => f t "m"); try easy; try apply Steps;
      intro i; apply Rle_refl.
  - now apply (update_error_at_least_0 u eta k alpha epsilon beta1 beta2 G rnd).
  - now apply longest_step_at_least_0.
Qed.

Lemma stepwise_decoupled_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - theta t)
  <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T t.
Proof.
  destruct moves as (M1 & M2 & M3 & M4). destruct Ha as (A & _ & At & Hat).
  assert (K0 : 0 <= k) by apply Hc.
  apply (decaying_run u eta rnd k a (f O "amount") _ _ T theta (fun t => f t "theta") exact_update
    stored_update); auto using exact_theta, stored_theta.
Qed.

Lemma decoupled_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (theta O) + INR T * longest_step alpha beta1 beta2
     + decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T T.
Proof.
  destruct moves as (M1 & M2 & M3 & M4). destruct Ha as (A & _ & At & Hat).
  assert (K0 : 0 <= k) by apply Hc.
  apply (decayed_size u eta rnd k a (f O "amount") _ _ T theta (fun t => f t "theta") exact_update
    stored_update); auto using exact_theta, stored_theta.
Qed.

End Rounded.

Theorem decoupled_run_rounded u eta k alpha beta1 beta2 epsilon a G rnd T f m v theta :
  rounding u eta rnd ->
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  follows_decoupled (rounded rnd) f ->
  adam_coefficients_within k alpha beta1 beta2 epsilon f ->
  amount_within k a f ->
  (forall t, Rabs (f t "gradient") <= G) ->
  decoupled_rule alpha beta1 beta2 epsilon a (fun t => f t "gradient") m v theta ->
  f O "theta" = theta O ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - theta t)
    <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T t.
Proof.
  intros Hr Hc Hf Hk Ha HG Hrule Hstart.
  apply (stepwise_decoupled_rounded u eta k alpha beta1 beta2 epsilon a G rnd T f (fun _ => epsilon)
    m v); auto using stepwise_of_one, Rle_refl.
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

Definition decoupled_states : list (string * expression) :=
  (("m", adam_m) :: ("v", adam_v) :: ("theta", decoupled_theta) :: nil)%list.

Section Steps.

Variables (k alpha beta1 beta2 epsilon rise a G : R) (T : nat) (f : run).
Variables (epsilons m v theta : nat -> R).
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_decoupled (rounded nearest) f.
Hypothesis Hk : stepwise_coefficients_within k alpha beta1 beta2 epsilons f.
Hypothesis Hleast : forall t, epsilon <= epsilons (S t) <= epsilon + rise.
Hypothesis Hrise : 0 <= rise.
Hypothesis Ha : amount_within k a f.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule :
  stepwise_decoupled_rule alpha beta1 beta2 a epsilons (fun t => f t "gradient") m v theta.
Hypothesis Hstart : f O "theta" = theta O.
Hypothesis Hpeak :
  decoupled_peak u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T + 4 * rise
  < bpow radix2 emax.

Lemma decoupled_steps_in_range t : (t < T)%nat ->
  in_range p emax (f t) adam_m /\ in_range p emax (f t) adam_v
  /\ in_range p emax (f t) decoupled_theta.
Proof.
  intro H. assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  assert (Hv := stored_v k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Hm := stored_m k alpha beta1 beta2 nearest f epsilons Hf Hk).
  assert (Ht := stored_theta k a nearest f Hf Ha).
  assert (near_v := square_mean_near u eta k alpha beta1 beta2 epsilon G nearest T f epsilons Hr Hc Hf Hk
    HG).
  assert (size := decoupled_size u eta k alpha beta1 beta2 epsilon a G nearest T f epsilons m v theta
    Hr Hc Hf Hk (fun t => proj1 (Hleast t)) Ha HG Hrule Hstart).
  assert (small : u <= 1) by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (tiny : eta <= 1).
  { apply (bpow_le radix2 (emin - 1) 0). unfold emin, Prec_gt_0, Prec_lt_emax in *. lia. }
  destruct Ha as (A & Sa & At & Hat).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (Same & W1 & W2 & W1k & W2k & Steps).
  destruct Hf as ((m0 & Hm') & (v0 & Hv') & Ht'). destruct (Same t) as (S1 & S2).
  assert (L1 : forall i, epsilon <= epsilons (S i)) by apply Hleast.
  assert (L2 : forall i, epsilons (S i) <= epsilon + rise) by apply Hleast.
  set (mean_v := mean beta2 (fun t => f t "gradient" * f t "gradient")) in *.
  (* The sizes of a step do not depend on theta: those of a run from zero without decay. *)
  set (move := update alpha beta1 beta2 (fun t => f t "gradient") epsilons mean_v).
  set (movet := updatet nearest (fun t => f t "alpha_t") (fun t => f t "c_t")
    (fun t => f t "epsilon") (fun t => f t "m") (fun t => f t "v")).
  set (free := fix free t := match t with O => 0 | S i => free i - move (S i) end).
  set (freet := fix freet t := match t with O => 0 | S i => nearest (freet i - movet i) end).
  destruct (step_sizes u eta k alpha epsilon beta1 beta2 (f O "w1") (f O "w2") G
    nearest (fun t => f t "gradient") (fun t => f t "alpha_t") (fun t => f t "c_t") epsilons
    (fun t => f t "epsilon")) with (rise := rise) (mt := fun t => f t "m") (vt := fun t => f t "v") (second := mean_v)
    (secondt := fun t => f t "v") (T := T) (theta := free) (thetat := freet) (t := t)
    as (b1 & b2 & b3 & b4 & b5 & b6 & b7 & b8 & b9 & b10 & b11);
    try easy; try apply Steps; try (intro i; apply Rle_refl).
  { now apply v_at_most. }
  change (free O) with 0 in *. rewrite Rabs_R0 in *.
  assert (T1 := size t ltac:(lia)). assert (T2 := size (S t) H).
  unfold decoupled_peak in Hpeak.
  set (Theta := Rabs (theta O) + INR T * longest_step alpha beta1 beta2
    + decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T T) in *.
  set (peak := adam_peak u eta k alpha beta1 beta2 epsilon G 0 T + 4 * rise) in *.
  assert (room : peak + 2 * Theta + 1 < bpow radix2 emax) by (unfold peak; lra).
  clearbody peak.
  assert (peak0 : 0 <= peak) by (eapply Rle_trans; [apply Rabs_pos | exact b2]).
  assert (Theta0 : 0 <= Theta) by (eapply Rle_trans; [apply Rabs_pos | exact T1]).
  assert (L : forall x, Rabs x <= peak -> Rabs x < bpow radix2 emax) by (intros x b; lra).
  assert (kept : Rabs (nearest ((1 - f O "amount") * f t "theta")) <= 2 * Theta + 1).
  { apply (rounded_at_most u eta nearest); auto. rewrite <- (Rmult_1_l Theta).
    apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact T1]. }
  cbv beta in *.
  assert (pos : 0 < denominatort nearest (fun t => f t "c_t") (fun t => f t "epsilon")
    (fun t => f t "v") t).
  { apply (denominatort_positive u eta k epsilon beta1 beta2 G nearest
      (fun t => f t "gradient") (fun t => f t "c_t") epsilons) with (second := mean_v) (T := T); try easy;
      try apply Steps; try (intro i; apply Rle_refl). }
  assert (nonneg : 0 <= f (S t) "v").
  { apply (vt_at_least_0 u eta beta1 beta2 (f O "w1") (f O "w2") nearest
      (fun t => f t "gradient")) with (vt := fun t => f t "v"); try easy. }
  assert (Em : rounded nearest (f t) adam_m = f (S t) "m") by now rewrite Hm'.
  assert (Ev : rounded nearest (f t) adam_v = f (S t) "v") by now rewrite Hv'.
  assert (Rm : in_range p emax (f t) adam_m).
  { split; [change (Rabs (rounded nearest (f t) adam_m) < bpow radix2 emax); rewrite Em; auto |].
    cbn [in_range rounded]. rewrite S1. auto 10. }
  assert (Rv : in_range p emax (f t) adam_v).
  { split; [change (Rabs (rounded nearest (f t) adam_v) < bpow radix2 emax); rewrite Ev; auto |].
    cbn [in_range rounded]. rewrite S2. auto 10. }
  split; [exact Rm |]. split; [exact Rv |].
  change decoupled_theta with (Sub (Decay (Var "amount") (Var "theta"))
    (Div (Mul (Var "alpha_t") adam_m) (Fma (Var "c_t") (Sqrt adam_v) (Var "epsilon")))).
  cbn [in_range rounded]. fold emin. rewrite Em, Ev, (Sa t).
  set (d := nearest (f t "c_t" * nearest (sqrt (f (S t) "v")) + f t "epsilon")).
  set (n := nearest (nearest (f t "alpha_t" * f (S t) "m") / d)).
  assert (Rt := Ht t). unfold updatet, denominatort in b9, b10, pos, Rt. fold d in b9, b10, pos, Rt.
  fold n in b10, Rt. rewrite <- Rt.
  repeat first [exact Rm | exact Rv | split]; auto using Rgt_not_eq; lra.
Qed.

End Steps.

Lemma stepwise_decoupled_in_ieee k alpha beta1 beta2 epsilon rise a G T
    (f : nat -> string -> number) (epsilons m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below decoupled_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 ->
  stepwise_coefficients_within k alpha beta1 beta2 epsilons stored -> amount_within k a stored ->
  (forall t, epsilon <= epsilons (S t) <= epsilon + rise) -> 0 <= rise ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  stepwise_decoupled_rule alpha beta1 beta2 a epsilons (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  decoupled_peak u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T + 4 * rise
  < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) decoupled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T t.
Proof.
  intros stored Hc Hf (m0 & v0) Hk Ha Hleast Hrise HG Hrule Hstart Hpeak t Ht.
  assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  set (sh := shadow p emax decoupled_states stored).
  assert (given : forall x, term_of decoupled_states x = None -> forall i, sh i x = stored i x)
    by (intros; now apply shadow_given).
  assert (run : follows_decoupled (rounded nearest) sh).
  { repeat (split; [now apply shadow_follows_from_zero |]). now apply shadow_follows. }
  assert (Kk : stepwise_coefficients_within k alpha beta1 beta2 epsilons sh).
  { apply stepwise_same with stored; [| exact Hk]. simpl.
    intuition (subst; now apply given). }
  assert (Ka : amount_within k a sh).
  { destruct Ha as (A & Sa & At & Hat). split; [exact A |]. rewrite given by easy.
    split; [intro i; now rewrite given by easy | now split]. }
  assert (Gk : forall i, Rabs (sh i "gradient") <= G) by (intro i; now rewrite given).
  assert (Rk : stepwise_decoupled_rule alpha beta1 beta2 a epsilons (fun i => sh i "gradient") m v
    theta).
  { destruct Hrule as (M0 & V0 & Rule). repeat (split; [easy |]). intro i.
    rewrite given by easy. apply Rule. }
  assert (Sk : sh O "theta" = theta O) by (unfold sh; now rewrite shadow_start).
  assert (range := decoupled_steps_in_range k alpha beta1 beta2 epsilon rise a G T sh epsilons m v
    theta Hc run Kk Hleast Hrise Ka Gk Rk Sk Hpeak).
  assert (ranges : forall i x e, (i < T)%nat -> term_of decoupled_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. destruct (range i Hi) as (Rm & Rv & Rt). cbn [term_of decoupled_states].
    repeat (case String.eqb_spec; [intros _ [= <-]; assumption | intros _]). easy. }
  destruct (machine_run_in_range p emax positive below decoupled_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  apply (stepwise_decoupled_rounded u eta k alpha beta1 beta2 epsilon a G nearest T sh epsilons m v
    theta); auto. intro i. apply Hleast.
Qed.

Theorem decoupled_run_in_ieee k alpha beta1 beta2 epsilon a G T (f : nat -> string -> number)
    (m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below decoupled_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 ->
  adam_coefficients_within k alpha beta1 beta2 epsilon stored -> amount_within k a stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  decoupled_rule alpha beta1 beta2 epsilon a (fun t => stored t "gradient") m v theta ->
  stored O "theta" = theta O ->
  decoupled_peak u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) decoupled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T t.
Proof.
  intros stored Hc Hf Hz Hk Ha HG Hrule Hstart Hpeak.
  apply (stepwise_decoupled_in_ieee k alpha beta1 beta2 epsilon 0 a G T f (fun _ => epsilon) m v);
    auto using stepwise_of_one; intros; lra.
Qed.

Theorem decoupled_before_correction_run_in_ieee k alpha beta1 beta2 epsilon a G T
    (f : nat -> string -> number) (m v theta : nat -> R) :
  let stored t x := B2R (f t x) in
  adam_conditions u eta k alpha beta1 beta2 epsilon G T ->
  machine_follows p emax positive below decoupled_states f ->
  stored O "m" = 0 /\ stored O "v" = 0 ->
  stepwise_coefficients_within k alpha beta1 beta2 (raw_epsilon beta2 epsilon) stored ->
  amount_within k a stored ->
  (forall t, Rabs (stored t "gradient") <= G) ->
  decoupled_before_correction_rule alpha beta1 beta2 epsilon a (fun t => stored t "gradient") m v
    theta ->
  stored O "theta" = theta O ->
  decoupled_peak u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T
    + 4 * (epsilon / sqrt (1 - beta2)) < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) decoupled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - theta t)
       <= decoupled_drift u eta k alpha beta1 beta2 epsilon a G (Rabs (theta O)) T t.
Proof.
  intros stored Hc Hf Hz Hk Ha HG Hrule Hstart Hpeak.
  assert (B2 : 0 < beta2 < 1) by apply Hc. assert (E : 0 < epsilon) by apply Hc.
  assert (size := fun t => raw_epsilon_size beta2 epsilon t B2 E).
  apply (stepwise_decoupled_in_ieee k alpha beta1 beta2 epsilon (epsilon / sqrt (1 - beta2)) a G T f
    (raw_epsilon beta2 epsilon) m v); auto using decoupled_before_correction_is_stepwise.
  - intro t. specialize (size t). lra.
  - specialize (size O). lra.
Qed.

End Format.
