(* SPDX-License-Identifier: Apache-2.0 *)
(* Decayed means and sums in exact arithmetic: closed forms, fixed points, what a correction does,
   and when two maps are one. What follows for one rule stands in rules/.

   From x_0, over the inputs y_0 .. y_(t-1).
   - [closed_form]: x' = b x + w y has x_t = b^t x_0 + w (sum of b^(t-1-i) y_i): a decayed mean with
     w = 1 - b, a buffer with b = mu, w = -alpha; [sum_closed_form]: b = w = 1, a sum.
   - [weights_sum_to_one]: (sum of (1 - b) b^(t-1-i)) / (1 - b^t) = 1, for 0 <= b < 1 and t >= 1:
     what the bias correction is for.
   - [constant_input]: a decayed mean of a constant y from 0 is (1 - b^t) y.
   - [corrected_first_moment], [corrected_second_moment]: so the corrected moments of a constant
     gradient g are g and g^2 at every t >= 1.

   Steps that are repeated.
   - [iterate] repeats a step, and [conjugate] says that what a change of variables does to one step
     it does to all; [scaled] is such a change. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Rounding Sums.
Open Scope R_scope.

(** * Decayed means *)

(** x' = b x + w y from x0. *)
Fixpoint recurrence b w x0 (y : nat -> R) t :=
  match t with O => x0 | S t => b * recurrence b w x0 y t + w * y t end.

Definition decayed_mean b := recurrence b (1 - b) 0.

(** b^(t-1) y 0 + ... + b y (t-2) + y (t-1). *)
Definition discounted b (y : nat -> R) t := total (fun i => b ^ (t - 1 - i) * y i) t.

Lemma total_ext f g t : (forall i, (i < t)%nat -> f i = g i) -> total f t = total g t.
Proof.
  intros H; induction t as [|t IH]; simpl; [reflexivity|].
  rewrite IH by (intros; apply H; lia); now rewrite H by lia.
Qed.

Lemma total_scale a f t : total (fun i => a * f i) t = a * total f t.
Proof. induction t as [|t IH]; simpl; [|rewrite IH]; ring. Qed.

Lemma discounted_step b y t : discounted b y (S t) = b * discounted b y t + y t.
Proof.
  unfold discounted; simpl; rewrite <- total_scale.
  replace (t - 0 - t)%nat with 0%nat by lia.
  rewrite (total_ext _ (fun i => b * (b ^ (t - 1 - i) * y i))); [simpl; ring|].
  intros i Hi; replace (t - 0 - i)%nat with (S (t - 1 - i)) by lia; simpl; ring.
Qed.

Theorem closed_form b w x0 y t :
  recurrence b w x0 y t = b ^ t * x0 + w * discounted b y t.
Proof.
  induction t as [|t IH]; [unfold discounted; simpl; ring|].
  rewrite discounted_step; simpl; rewrite IH; ring.
Qed.

Corollary sum_closed_form x0 y t : recurrence 1 1 x0 y t = x0 + total y t.
Proof.
  rewrite closed_form, pow1; unfold discounted.
  rewrite (total_ext _ y); [ring|]; intros; rewrite pow1; ring.
Qed.

Theorem constant_input b y t : decayed_mean b (fun _ => y) t = (1 - b ^ t) * y.
Proof.
  unfold decayed_mean; induction t as [|t IH]; simpl; [|rewrite IH]; ring.
Qed.

Lemma correction_positive b t : 0 <= b < 1 -> (1 <= t)%nat -> 0 < 1 - b ^ t.
Proof.
  intros Hb Ht; assert (b ^ t < 1); [|lra].
  apply pow_lt_1_compat; [lra|lia].
Qed.

Theorem weights_sum_to_one b t :
  0 <= b < 1 -> (1 <= t)%nat ->
  total (fun i => (1 - b) * b ^ (t - 1 - i)) t / (1 - b ^ t) = 1.
Proof.
  intros Hb Ht; assert (C := correction_positive b t Hb Ht).
  rewrite total_scale.
  assert (E := closed_form b (1 - b) 0 (fun _ => 1) t).
  fold (decayed_mean b) in E; rewrite constant_input in E; unfold discounted in E.
  rewrite (total_ext _ (fun i => b ^ (t - 1 - i) * 1)) by (intros; ring).
  rewrite Rmult_0_r, Rplus_0_l, Rmult_1_r in E; rewrite <- E; field; lra.
Qed.

Theorem corrected_first_moment beta1 g t :
  0 <= beta1 < 1 -> (1 <= t)%nat -> decayed_mean beta1 (fun _ => g) t / (1 - beta1 ^ t) = g.
Proof.
  intros Hb Ht; assert (C := correction_positive beta1 t Hb Ht).
  rewrite constant_input; field; lra.
Qed.

Corollary corrected_second_moment beta2 g t :
  0 <= beta2 < 1 -> (1 <= t)%nat ->
  decayed_mean beta2 (fun _ => g ^ 2) t / (1 - beta2 ^ t) = g ^ 2.
Proof. apply corrected_first_moment. Qed.

(** * Steps that are repeated

    A map takes (parameter, buffer) to the next pair; [iterate] repeats it. *)

Fixpoint iterate {A} (step : nat -> A -> A) start t :=
  match t with O => start | S t => step t (iterate step start t) end.

(** What a change of variables does to one step, it does to all. *)
Lemma conjugate {A B} (f : A -> A) (g : B -> B) (h : A -> B) :
  (forall a, h (f a) = g (h a)) ->
  forall a t, h (iterate (fun _ => f) a t) = iterate (fun _ => g) (h a) t.
Proof. intros H a t; induction t as [|t IH]; simpl; [|rewrite H, IH]; reflexivity. Qed.

(** A buffer that leaves the learning rate out, times -alpha. *)
Definition scaled alpha : R * R -> R * R := fun '(theta, b) => (theta, - alpha * b).
