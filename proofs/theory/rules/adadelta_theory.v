(* SPDX-License-Identifier: Apache-2.0 *)
(* Adadelta: its inputs, why its u may drift without bound, its printed form. Its s drifts as every
   decayed mean of squares does ([second_moment_drift] in drift/Means.v).

   It has u' = rho u + (1 - rho) (u + epsilon) / (s' + epsilon) g^2, which its own update feeds.
   - [adadelta_u_slope]: two values of u move apart or together by the factor
       rho + (1 - rho) g^2 / (s' + epsilon).
   - [adadelta_u_does_not_contract]: the factor is >= 1 as soon as g^2 >= s' + epsilon.
   - [adadelta_u_relative_factor]: their relative distance shrinks by a factor in
     [1 - epsilon / u, 1], which tends to 1 as u outgrows epsilon.
   - [adadelta_u_drift]: so nothing better is claimed than: if each step, from the same u, is within
     a factor 1 + k of the exact one, either way, then u~ is within a factor (1 + k)^t of u.

   Printed, the first step has a form of its own.
   - [printed_adadelta_first_step]: it is -alpha g / sqrt(epsilon), without bound in g;
     [printed_adadelta_first_step_at_1e_6]: a thousand alpha g for epsilon = 1e-6;
     [adadelta_first_step_bound]: the published first step is at most sqrt(epsilon / (1 - rho)) in
     size, whatever g is. *)

Require Import Reals String List Psatz Lia.
From Truestep Require Import Expression Apriori.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition adadelta :=
  inputs (("w", Weight) :: ("epsilon", Hyperparameter) :: ("learning_rate", Hyperparameter)
          :: ("s", Moment) :: ("u", Moment) :: nil).

Open Scope R_scope.

(** * The mean square of its own updates *)

Definition adadelta_u rho epsilon s g u :=
  rho * u + (1 - rho) * ((u + epsilon) / (s + epsilon) * (g * g)).

Definition slope rho epsilon s g := rho + (1 - rho) * (g * g / (s + epsilon)).

Theorem adadelta_u_slope rho epsilon s g u1 u2 :
  s + epsilon <> 0 ->
  adadelta_u rho epsilon s g u1 - adadelta_u rho epsilon s g u2
  = slope rho epsilon s g * (u1 - u2).
Proof. intros; unfold adadelta_u, slope; field; assumption. Qed.

Theorem adadelta_u_does_not_contract rho epsilon s g u1 u2 :
  0 <= rho <= 1 -> 0 < s + epsilon -> s + epsilon <= g * g ->
  Rabs (u1 - u2) <= Rabs (adadelta_u rho epsilon s g u1 - adadelta_u rho epsilon s g u2).
Proof.
  intros Hrho Hs Hg.
  rewrite adadelta_u_slope, Rabs_mult by lra.
  assert (1 <= g * g / (s + epsilon)).
  { apply Rmult_le_reg_r with (s + epsilon); [exact Hs|].
    unfold Rdiv; rewrite Rmult_assoc, Rinv_l; lra. }
  assert (1 <= slope rho epsilon s g) by (unfold slope; nra).
  rewrite (Rabs_pos_eq (slope _ _ _ _)) by lra.
  generalize (Rabs_pos (u1 - u2)); nra.
Qed.

(** The map is a u + b with a, b >= 0 and b <= a epsilon. *)
Lemma adadelta_u_affine rho epsilon s g :
  0 <= rho <= 1 -> 0 <= epsilon -> 0 < s + epsilon ->
  exists b, 0 <= slope rho epsilon s g /\ 0 <= b <= slope rho epsilon s g * epsilon
            /\ forall u, adadelta_u rho epsilon s g u = slope rho epsilon s g * u + b.
Proof.
  intros Hrho He Hs.
  assert (r : 0 <= g * g / (s + epsilon)).
  { apply Rmult_le_pos; [apply Rle_0_sqr|]; apply Rlt_le, Rinv_0_lt_compat, Hs. }
  exists ((1 - rho) * (g * g / (s + epsilon)) * epsilon).
  unfold slope; set (ratio := g * g / (s + epsilon)) in *.
  assert (0 <= (1 - rho) * ratio) by nra.
  split; [|split]; [lra|nra|].
  intros u; unfold adadelta_u, ratio; field; lra.
Qed.

Theorem adadelta_u_relative_factor rho epsilon s g u1 u2 :
  0 < rho <= 1 -> 0 <= epsilon -> 0 < s + epsilon -> 0 < u1 ->
  let f := adadelta_u rho epsilon s g in
  let factor := slope rho epsilon s g * u1 / f u1 in
  Rabs (f u1 - f u2) / f u1 = factor * (Rabs (u1 - u2) / u1)
  /\ 1 - epsilon / u1 <= factor <= 1.
Proof.
  intros Hrho He Hs Hu1 f factor.
  assert (a : 0 < slope rho epsilon s g).
  { unfold slope; assert (0 <= g * g / (s + epsilon)); [|nra].
    apply Rmult_le_pos; [apply Rle_0_sqr|]; apply Rlt_le, Rinv_0_lt_compat, Hs. }
  destruct (adadelta_u_affine rho epsilon s g) as (b & _ & Hb & Hf); try lra.
  assert (positive : 0 < f u1) by (unfold f; rewrite Hf; nra).
  split.
  - unfold factor, f in *.
    rewrite adadelta_u_slope, Rabs_mult, (Rabs_pos_eq (slope _ _ _ _)) by lra.
    field; lra.
  - assert (E : 1 - factor = b / f u1).
    { unfold factor, f in *; rewrite Hf in *; field; lra. }
    assert (L : 0 <= b / f u1).
    { apply Rmult_le_pos; [lra|]; apply Rlt_le, Rinv_0_lt_compat, positive. }
    assert (H : b / f u1 <= epsilon / u1).
    { apply Rmult_le_reg_r with (f u1 * u1); [apply Rmult_lt_0_compat; assumption|].
      replace (b / f u1 * (f u1 * u1)) with (b * u1) by (field; lra).
      replace (epsilon / u1 * (f u1 * u1)) with (epsilon * f u1) by (field; lra).
      unfold f; rewrite Hf; nra. }
    lra.
Qed.

Theorem adadelta_u_drift rho epsilon k (s g u ut : nat -> R) :
  0 <= rho <= 1 -> 0 <= epsilon -> 0 <= k ->
  (forall t, 0 < s t + epsilon) ->
  0 <= u 0%nat -> ut 0%nat = u 0%nat ->
  (forall t, u (S t) = adadelta_u rho epsilon (s t) (g t) (u t)) ->
  (forall t, 0 <= ut t
             /\ ut (S t) <= (1 + k) * adadelta_u rho epsilon (s t) (g t) (ut t)
             /\ adadelta_u rho epsilon (s t) (g t) (ut t) <= (1 + k) * ut (S t)) ->
  forall t, 0 <= u t /\ ut t <= (1 + k) ^ t * u t /\ u t <= (1 + k) ^ t * ut t.
Proof.
  intros Hrho He Hk Hs Hu0 H0 Hu Hut.
  induction t as [|t (P & IH1 & IH2)]; [simpl; lra|].
  destruct (Hut t) as (Pt & Above & Below).
  destruct (adadelta_u_affine rho epsilon (s t) (g t)) as (b & Ha & Hb & Hf); try easy.
  assert (q : 1 <= (1 + k) ^ t) by (apply pow_R1_Rle; lra).
  rewrite Hf in Above, Below; rewrite Hu, Hf.
  set (a := slope rho epsilon (s t) (g t)) in *.
  assert (scale : forall x y, y <= (1 + k) ^ t * x -> a * y + b <= (1 + k) ^ t * (a * x + b)).
  { intros x y H; assert (a * y <= a * ((1 + k) ^ t * x)) by (apply Rmult_le_compat_l; assumption).
    nra. }
  assert (A := scale _ _ IH1); assert (B := scale _ _ IH2).
  simpl; repeat split; [nra| |].
  - assert ((1 + k) * (a * ut t + b) <= (1 + k) * ((1 + k) ^ t * (a * u t + b)))
      by (apply Rmult_le_compat_l; lra).
    lra.
  - assert ((1 + k) ^ t * (a * ut t + b) <= (1 + k) ^ t * ((1 + k) * ut (S t)))
      by (apply Rmult_le_compat_l; lra).
    lra.
Qed.

(** * The printed form *)

Definition printed_adadelta_first alpha epsilon g := - (alpha / sqrt (0 + epsilon)) * g.

Definition adadelta_first rho epsilon g :=
  - (sqrt (0 + epsilon) / sqrt ((1 - rho) * g ^ 2 + epsilon)) * g.

Theorem printed_adadelta_first_step alpha epsilon g :
  printed_adadelta_first alpha epsilon g = - alpha * g / sqrt epsilon.
Proof. unfold printed_adadelta_first, Rdiv; rewrite Rplus_0_l; ring. Qed.

Corollary printed_adadelta_first_step_at_1e_6 alpha g :
  printed_adadelta_first alpha (1 / 1000 ^ 2) g = - 1000 * alpha * g.
Proof.
  rewrite printed_adadelta_first_step, sqrt_div, sqrt_1, sqrt_pow2 by lra; field.
Qed.

Theorem adadelta_first_step_bound rho epsilon g :
  0 <= rho < 1 -> 0 < epsilon -> Rabs (adadelta_first rho epsilon g) <= sqrt (epsilon / (1 - rho)).
Proof.
  intros Hrho He; unfold adadelta_first; rewrite Rplus_0_l.
  assert (G := pow2_ge_0 g).
  assert (D : 0 < (1 - rho) * g ^ 2 + epsilon) by nra.
  assert (R := sqrt_lt_R0 _ D).
  rewrite <- sqrt_div_alt by exact D.
  rewrite Rabs_mult, Rabs_Ropp, Rabs_pos_eq by apply sqrt_pos.
  rewrite <- sqrt_Rsqr_abs, <- sqrt_mult_alt.
  2: { apply Rlt_le, Rdiv_lt_0_compat; assumption. }
  apply sqrt_le_1_alt.
  apply Rmult_le_reg_r with (((1 - rho) * g ^ 2 + epsilon) * (1 - rho)).
  { apply Rmult_lt_0_compat; lra. }
  replace (epsilon / ((1 - rho) * g ^ 2 + epsilon) * Rsqr g
           * (((1 - rho) * g ^ 2 + epsilon) * (1 - rho)))
    with (epsilon * ((1 - rho) * g ^ 2)) by (unfold Rsqr; field; lra).
  replace (epsilon / (1 - rho) * (((1 - rho) * g ^ 2 + epsilon) * (1 - rho)))
    with (epsilon * ((1 - rho) * g ^ 2 + epsilon)) by (field; lra).
  apply Rmult_le_compat_l; lra.
Qed.
