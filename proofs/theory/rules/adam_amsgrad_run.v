(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of AMSGrad's recorded lane, against the rule: Adam with the largest v under the root.

   [amsgrad_run_rounded]: under any rounding, with the conditions of Adam's theorem
   (rules/adam_machine.v), theta drifts by no more than Adam's does, [theta_drift]. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import adam_theory Expression Rounding Runs Underflow RelativeDrift.
From Truestep Require Import adam_run adam_machine.
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

Definition follows_amsgrad (value : environment -> expression -> R) (f : run) : Prop :=
  follows_from_zero value "m" adam_m f /\ follows_from_zero value "v" adam_v f
  /\ follows_from_zero value "v_max" adam_amsgrad_v_max f
  /\ follows value "theta" adam_amsgrad_theta f.

Section Rounded.

Variables (u eta k alpha beta1 beta2 epsilon G : R) (rnd : R -> R) (T : nat).
Variables (f : run) (m v v_max theta : nat -> R).
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon G T.
Hypothesis Hf : follows_amsgrad (rounded rnd) f.
Hypothesis Hk : adam_coefficients_within k alpha beta1 beta2 epsilon f.
Hypothesis HG : forall t, Rabs (f t "gradient") <= G.
Hypothesis Hrule :
  amsgrad_rule alpha beta1 beta2 epsilon (fun t => f t "gradient") m v v_max theta.
Hypothesis Hstart : f O "theta" = theta O.

Let g t := f t "gradient".
Let square_mean := mean beta2 (fun t => g t * g t).

Lemma stored_m t : f (S t) "m" = rnd (f O "w1" * g t + rnd ((1 - f O "w1") * f t "m")).
Proof.
  destruct Hf as ((_ & Hm) & _), Hk as (Same & _). destruct (Same t) as (<- & _ & _).
  now rewrite Hm.
Qed.

Lemma stored_v t :
  f (S t) "v" = rnd (rnd (f O "w2" * g t) * g t + rnd ((1 - f O "w2") * f t "v")).
Proof.
  destruct Hf as (_ & (_ & Hv) & _), Hk as (Same & _). destruct (Same t) as (_ & <- & _).
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
  f (S t) "theta" = rnd (f t "theta" - updatet (f O "epsilon") rnd (fun t => f t "alpha_t")
    (fun t => f t "c_t") (fun t => f t "m") (fun t => f t "v_max") t).
Proof.
  destruct Hf as ((_ & Hm) & (_ & Hv) & (_ & Hx) & Ht), Hk as (Same & _).
  destruct (Same t) as (_ & _ & E).
  unfold updatet, denominatort. rewrite Ht, Hm, Hx, <- E. reflexivity.
Qed.

Lemma exact_theta t :
  theta (S t) = theta t - update alpha epsilon beta1 beta2 g v_max (S t).
Proof.
  destruct Hc as (B1 & B2 & _), Hrule as (m0 & _ & _ & Rule).
  assert (P2 := power_below_one beta2 t B2).
  rewrite (proj2 (proj2 (proj2 (Rule t)))).
  rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
  rewrite sqrt_div_alt by easy. unfold update, denominator, Rdiv.
  rewrite (Rmult_comm (/ sqrt _)). f_equal. ring.
Qed.

Theorem amsgrad_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - theta t)
  <= theta_drift u eta k alpha beta1 beta2 epsilon G (Rabs (theta O)) t.
Proof.
  intro H. assert (Hm := stored_m). assert (Ht := stored_theta). assert (Hx := exact_theta).
  assert (near_max := v_max_near). assert (below := v_at_most_v_max).
  destruct Hc as (B1 & B2 & B12 & A0 & E0 & K0 & Q1 & Q2 & D1).
  destruct Hk as (_ & W1 & W2 & W1k & W2k & Ek & Steps).
  destruct Hf as ((m0 & _) & _).
  apply (theta_near u eta k alpha epsilon (f O "epsilon") beta1 beta2 (f O "w1") G rnd g
    (fun t => f t "alpha_t") (fun t => f t "c_t") Hr) with (mt := fun t => f t "m")
    (second := v_max) (secondt := fun t => f t "v_max") (T := t) (theta := theta)
    (thetat := fun t => f t "theta"); try easy; try apply Steps.
  - intro i. change (square_mean i <= v_max i). rewrite <- exact_v. apply below.
  - eapply Rle_lt_trans; [| exact D1].
    now apply (denominator_error_grows u eta k epsilon beta1 beta2 G rnd).
Qed.

End Rounded.
