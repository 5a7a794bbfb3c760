(* SPDX-License-Identifier: Apache-2.0 *)
(* Adagrad: its inputs, how far its sum, its mean of directions and theta drift, when its sum stops,
   its printed form.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean.

   - [adagrad_drift]: the sum h of squares drifts by [sum_drift] with k = u and a = eta / u, the
     smallest normal number: |h~ - h| <= ((1 + u)^t - 1) (h + eta / u).
   - [adagrad_stops]: it keeps its value for as long as no g^2 reaches ulp(sum) / 2.
   - [adagrad_mean_drift]: the mean of directions, epsilon inside the root or outside, without
     underflow:
       |v~ - v| <= c u (1 + e) / (w - c u) + e after t <= T steps,       c = 2 + u + 2 kappa w,
       e = (1 + u) / a - 1, a = (1 - u)^2 (1 - kappa u) sqrt (2 - (1 + u)^T);
     e is (T / 2 + 4) u and a little, the price of the sum's own drift.
   - [adagrad_theta_drift]: theta has e = ((1 + u) (1 + K) / a - 1) alpha,
     K = (1 + kappa u) (1 + u) - 1.
   - Printed, alpha is overwritten by alpha / sqrt(sum), then divided by sqrt(sum) again.
     [printed_adagrad_divides_twice]: the first step is alpha g / sum, which is not
     alpha g / sqrt(sum) unless sum = 1 or alpha g = 0; [printed_adagrad_keeps_dividing]: step t
     is alpha g / sqrt(sum_t) / (sqrt(sum_1) ... sqrt(sum_t)). *)

Require Import Reals String List Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Expression Apriori Rounding Means Sums Directions Stagnation.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition adagrad :=
  inputs (("learning_rate", Hyperparameter) :: ("epsilon", Hyperparameter) :: ("w", Weight)
          :: ("weight_decay", Hyperparameter) :: ("sum", Moment) :: nil).

Open Scope R_scope.

(** * The sum *)

(** In the lane's order. *)
Definition square_sum (rnd : R -> R) h g := rnd (g * g + h).

Lemma square_sum_of_the_lane rnd f h g :
  rounded rnd f (Fma g g h) = square_sum rnd (rounded rnd f h) (rounded rnd f g).
Proof. reflexivity. Qed.

Corollary adagrad_drift u eta rnd (h ht g : nat -> R) :
  rounding u eta rnd -> 0 < u ->
  h 0%nat = 0 -> (forall t, h (S t) = h t + g t * g t) ->
  ht 0%nat = 0 -> (forall t, ht (S t) = square_sum rnd (ht t) (g t)) ->
  forall t, Rabs (ht t - h t) <= ((1 + u) ^ t - 1) * (h t + eta / u).
Proof.
  intros Hr U H0 Hh Ht0 Hht t.
  apply (sum_drift u (eta / u) h ht (fun t => g t * g t)); try assumption; try lra.
  - apply Rmult_le_pos; [apply (eta_nonneg _ _ _ Hr)|]; apply Rlt_le, Rinv_0_lt_compat, U.
  - intros i; apply Rle_0_sqr.
  - intros i; rewrite Hht; unfold square_sum.
    replace (u * (Rabs (ht i + g i * g i) + eta / u)) with (u * Rabs (ht i + g i * g i) + eta)
      by (field; lra).
    rewrite (Rplus_comm (g i * g i)); apply (error_bound _ _ _ Hr).
Qed.

(** In any format with base 2, rounding to nearest. *)
Theorem adagrad_stops (fexp : Z -> Z) {valid : Valid_exp fexp} (choice : Z -> bool)
    (sum g : nat -> R) :
  generic_format radix2 fexp (sum 0%nat) -> 0 <= sum 0%nat ->
  (forall t, g t * g t < / 2 * ulp radix2 fexp (sum 0%nat)) ->
  (forall t, sum (S t) = square_sum (round radix2 fexp (Znearest choice)) (sum t) (g t)) ->
  forall t, sum t = sum 0%nat.
Proof.
  intros F H0 Hg Hsum; induction t as [|t IH]; [reflexivity|].
  rewrite Hsum, IH; now apply square_is_lost.
Qed.

(** * Directions *)

(** Adagrad's directions: none exceeds 1, since its square is in the sum. *)
Section AdagradDirections.

Variables (u epsilon epsilont : R) (rnd : R -> R) (place : (R -> R) -> R -> R -> R) (T : nat).
Variables h ht g : nat -> R.
Hypothesis Hplace : place = inside \/ place = outside.
Hypothesis Hr : rounding u 0 rnd.
Hypothesis U : 0 < u.
Hypothesis KU : kappa * u < 1.
Hypothesis HT : (1 + u) ^ T < 2.
Hypothesis He : 0 <= epsilon.
Hypothesis Hepsilon : Rabs (epsilont - epsilon) <= kappa * u * epsilon.
Hypothesis H0 : h 0%nat = 0.
Hypothesis Hh : forall t, h (S t) = h t + g t * g t.
Hypothesis Ht0 : ht 0%nat = 0.
Hypothesis Hht : forall t, ht (S t) = square_sum rnd (ht t) (g t).
Hypothesis Hpositive : forall t, 0 < place id (h (S t)) epsilon.

Let d t := place id (h (S t)) epsilon.
Let dt t := place rnd (ht (S t)) epsilont.
Let a := (1 - u) ^ 2 * (1 - kappa * u) * sqrt (2 - (1 + u) ^ T).

Lemma sum_nonneg t : 0 <= h t.
Proof. induction t as [|t IH]; [lra|]; rewrite Hh; nra. Qed.

Lemma direction_at_most_one t : Rabs (g t / d t) <= 1.
Proof.
  assert (h0 := sum_nonneg t); specialize (Hpositive t); fold (d t) in Hpositive.
  assert (large : Rabs (g t) <= d t).
  { rewrite <- sqrt_Rsqr_abs; unfold d, Rsqr; rewrite Hh.
    destruct Hplace as [-> | ->]; unfold inside, outside, id.
    - apply sqrt_le_1_alt; lra.
    - assert (sqrt (g t * g t) <= sqrt (h t + g t * g t)) by (apply sqrt_le_1_alt; lra); lra. }
  unfold Rdiv; rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq (d t)) by lra.
  apply Rmult_le_reg_r with (d t); [exact Hpositive|].
  rewrite Rmult_assoc, Rinv_l by lra; lra.
Qed.

Lemma divisor_within t : (t < T)%nat -> within a (dt t) (d t).
Proof.
  intros Ht; apply (denominator_within u rnd); try assumption.
  assert (D := adagrad_drift u 0 rnd h ht g Hr U H0 Hh Ht0 Hht (S t)).
  assert (p : (1 + u) ^ S t <= (1 + u) ^ T) by (apply Rle_pow; [lra|lia]).
  assert (q : 1 <= (1 + u) ^ S t) by (apply pow_R1_Rle; lra).
  assert (h0 := sum_nonneg (S t)).
  replace (2 - (1 + u) ^ T) with (1 - ((1 + u) ^ T - 1)) by ring.
  apply within_relative; [exact h0|lra|].
  replace (h (S t) + 0 / u) with (h (S t)) in D by (field; lra); nra.
Qed.

Lemma factor_in_range : 0 < a <= 1.
Proof.
  assert (q : 1 <= (1 + u) ^ T) by (apply pow_R1_Rle; lra).
  assert (W : within (2 - (1 + u) ^ T) 0 0) by (repeat split; lra).
  now destruct (denominator_within u rnd _ epsilon epsilont 0 0 place Hplace Hr KU He Hepsilon W).
Qed.

(** Its dividend n g is off by relative k. *)
Lemma direction_error k n nt t :
  (t < T)%nat -> 0 <= k -> Rabs (nt - n * g t) <= k * Rabs (n * g t) ->
  Rabs (rnd (nt / dt t) - n * g t / d t) <= ((1 + u) * (1 + k) / a - 1) * Rabs n.
Proof.
  intros Ht Hk Hn; assert (W := divisor_within t Ht).
  assert (Q := quotient_error u rnd a k _ _ _ _ Hr (Hpositive t) W Hn); fold (d t) in Q.
  eapply Rle_trans; [exact Q|]; destruct W as (Ha & _).
  apply Rmult_le_compat_l; [apply factor_nonneg; lra|].
  replace (n * g t / d t) with (n * (g t / d t)) by (unfold Rdiv; ring).
  rewrite <- (Rmult_1_r (Rabs n)); apply Rabs_times; [apply Rle_refl|apply direction_at_most_one].
Qed.

Theorem adagrad_mean_drift w wt (v vt : nat -> R) :
  let e := (1 + u) / a - 1 in
  let c := 2 + u + 2 * kappa * w in
  0 < w <= 1 -> c * u < w -> 0 <= wt <= 1 -> Rabs (wt - w) <= kappa * u * w ->
  v 0%nat = 0 -> (forall t, v (S t) = (1 - w) * v t + w * (g t / d t)) ->
  vt 0%nat = 0 -> (forall t, vt (S t) = first_moment rnd wt (vt t) (rnd (g t / dt t))) ->
  forall t, (t <= T)%nat -> Rabs (vt t - v t) <= c * u * (1 + e) / (w - c * u) + e.
Proof.
  intros e c Hw Hc Hwt Hd Hv0 Hv Hvt0 Hvt t Ht.
  replace (c * u * (1 + e)) with (c * u * (1 + e) + (2 + u) * 0) by ring.
  apply (mean_of_inputs_drift u 0 rnd w wt 1 e T v vt (fun t => g t / d t)
           (fun t => rnd (g t / dt t))); try assumption; try apply direction_at_most_one.
  - unfold e; replace ((1 + u) / a) with ((1 + u) * (1 + 0) / a) by (f_equal; ring).
    apply factor_nonneg; try lra; apply factor_in_range.
  - intros i Hi.
    assert (Q := direction_error 0 1 (g i) i Hi ltac:(lra)).
    rewrite !Rmult_1_l, Rabs_R1, Rplus_0_r, !Rmult_1_r in Q; apply Q.
    rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra.
Qed.

Theorem adagrad_theta_drift alpha alphat Theta (theta thetat : nat -> R) :
  let K := (1 + u) * (1 + kappa * u) - 1 in
  let e := (1 + u) * (1 + K) / a - 1 in
  0 <= alpha -> Rabs (alphat - alpha) <= kappa * u * alpha ->
  thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t - alpha * g t / d t) ->
  (forall t, thetat (S t) = rnd (thetat t - rnd (rnd (alphat * g t) / dt t))) ->
  (forall t, (t <= T)%nat -> Rabs (thetat t) <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= INR t * (e * alpha + u * Theta / (1 - u)).
Proof.
  intros K e Halpha Halphat Hstart Htheta Hthetat HTheta t Ht.
  replace (u * Theta) with (u * Theta + 0) by ring.
  assert (U1 : u < 1) by (unfold kappa in KU; lra).
  apply (parameter_drift u 0 rnd (e * alpha) Theta T theta thetat (fun t => alpha * g t / d t)
           (fun t => rnd (rnd (alphat * g t) / dt t))); try assumption.
  intros i Hi; rewrite <- (Rabs_pos_eq alpha) at 2 by exact Halpha.
  apply direction_error; [exact Hi|unfold K, kappa; nra|].
  assert (P := product_error _ _ _ _ _ (g i) Hr Halpha Halphat).
  rewrite Rabs_mult, (Rabs_pos_eq alpha) by exact Halpha; fold K in P; lra.
Qed.

End AdagradDirections.

(** * The printed form *)

(** Both lines in turn, at a sum that is known: the next alpha, and the step. *)
Definition printed_adagrad alpha sum g :=
  let alpha' := alpha / sqrt sum in (alpha', alpha' / sqrt sum * g).

Theorem printed_adagrad_divides_twice alpha sum g :
  0 < sum ->
  snd (printed_adagrad alpha sum g) = alpha * g / sum
  /\ (alpha * g <> 0 -> sum <> 1 -> snd (printed_adagrad alpha sum g) <> alpha * g / sqrt sum).
Proof.
  intros Hs; assert (R := sqrt_lt_R0 sum Hs); assert (Q := sqrt_sqrt sum ltac:(lra)).
  assert (E : snd (printed_adagrad alpha sum g) = alpha * g / sum).
  { simpl; rewrite <- Q at 3; field; lra. }
  split; [exact E|].
  rewrite E; intros nonzero not_one D; apply not_one.
  set (r := sqrt sum) in *; rewrite <- Q in D.
  assert (Z : alpha * g * (1 - r) = 0).
  { replace (alpha * g * (1 - r)) with ((alpha * g / (r * r) - alpha * g / r) * (r * r))
      by (field; lra).
    rewrite D; ring. }
  apply Rmult_integral in Z; destruct Z as [Z|Z]; [contradiction|].
  replace r with 1 in Q by lra; lra.
Qed.

(** The learning rate before step t, and the product of the roots up to step t. *)
Fixpoint printed_rate alpha (sum : nat -> R) t :=
  match t with O => alpha | S t => fst (printed_adagrad (printed_rate alpha sum t) (sum t) 0) end.

Fixpoint roots (sum : nat -> R) t := match t with O => 1 | S t => roots sum t * sqrt (sum t) end.

Theorem printed_adagrad_keeps_dividing alpha (sum : nat -> R) g t :
  (forall i, 0 < sum i) ->
  snd (printed_adagrad (printed_rate alpha sum t) (sum t) g)
  = alpha * g / sqrt (sum t) / roots sum (S t).
Proof.
  intros Hs; assert (R : forall i, 0 < sqrt (sum i)) by (intros; now apply sqrt_lt_R0).
  assert (P : forall i, 0 < roots sum i).
  { induction i as [|i IH]; simpl; [lra|now apply Rmult_lt_0_compat]. }
  assert (rate : printed_rate alpha sum t = alpha / roots sum t).
  { induction t as [|t IH]; simpl; [field|rewrite IH; field].
    split; apply Rgt_not_eq; [apply R|apply P]. }
  unfold printed_adagrad; simpl; rewrite rate; field.
  split; apply Rgt_not_eq; [apply R|apply P].
Qed.
