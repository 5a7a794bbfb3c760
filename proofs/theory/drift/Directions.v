(* SPDX-License-Identifier: Apache-2.0 *)
(* How far what is made of quotients by the root of a drifting state drifts itself. What follows for
   one rule stands in rules/.

   Rounding.v says what a rounding is, and what u, eta, kappa and a tilde mean. Underflow is
   excluded here: eta = 0.

   Such an input is off by at most e, and the recurrence drifts from the exact one over the inputs
   as they come ([buffer_of_inputs_drift], [mean_of_inputs_drift]).
   - [denominator_within], [quotient_error]: what the root of a state, and a quotient by it, are
     off. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Expression Rounding Recurrences Means Sums.
Open Scope R_scope.

(** * Within a factor *)

(** x is X within a factor, either way; nothing is negative. *)
Definition within a x X := 0 < a <= 1 /\ 0 <= X /\ a * X <= x /\ a * x <= X.

Lemma within_nonneg a x X : within a x X -> 0 <= x.
Proof. intros (Ha & HX & L & _); nra. Qed.

Lemma within_relative r x X : 0 <= X -> 0 <= r < 1 -> Rabs (x - X) <= r * X -> within (1 - r) x X.
Proof.
  intros HX Hr H; assert (L : - (r * X) <= x - X <= r * X)
    by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  repeat split; try lra; try nra.
Qed.

Lemma within_weaken a b x X : 0 < b <= a -> within a x X -> within b x X.
Proof.
  intros Hb W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  repeat split; try lra; nra.
Qed.

Lemma within_sum a b x X y Y :
  within a x X -> within b y Y -> within (a * b) (x + y) (X + Y).
Proof.
  intros Wx Wy.
  assert (Ha := proj1 Wx); assert (Hb := proj1 Wy).
  assert (P : 0 < a * b <= a /\ a * b <= b) by nra.
  apply (within_weaken a (a * b)) in Wx; [|lra].
  apply (within_weaken b (a * b)) in Wy; [|lra].
  destruct Wx as (_ & HX & L & H), Wy as (_ & HY & L' & H').
  repeat split; lra.
Qed.

Lemma within_root a x X : within a x X -> within (sqrt a) (sqrt x) (sqrt X).
Proof.
  intros W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  repeat split.
  - apply sqrt_lt_R0; lra.
  - rewrite <- sqrt_1; apply sqrt_le_1_alt; lra.
  - apply sqrt_pos.
  - rewrite <- sqrt_mult by lra; apply sqrt_le_1_alt; exact L.
  - rewrite <- sqrt_mult by lra; apply sqrt_le_1_alt; exact H.
Qed.

Lemma within_rounded u rnd a x X :
  rounding u 0 rnd -> u < 1 -> within a x X -> within ((1 - u) * a) (rnd x) X.
Proof.
  intros Hr U1 W; assert (x0 := within_nonneg _ _ _ W); destruct W as (Ha & HX & L & H).
  assert (U := u_nonneg _ _ _ Hr).
  assert (E := error_bound _ _ _ Hr x); rewrite (Rabs_pos_eq x) in E by exact x0.
  assert (D : - (u * x) <= rnd x - x <= u * x)
    by (revert E; unfold Rabs; destruct Rcase_abs; lra).
  repeat split; try nra.
  assert ((1 - u) * rnd x <= (1 - u) * ((1 + u) * x)) by (apply Rmult_le_compat_l; lra).
  assert ((1 - u) * ((1 + u) * x) <= x) by nra.
  assert (a * ((1 - u) * rnd x) <= a * x) by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

(** The two places of epsilon, in the lanes' order. *)
Definition inside (rnd : R -> R) s epsilon := rnd (sqrt (rnd (s + epsilon))).
Definition outside (rnd : R -> R) s epsilon := rnd (rnd (sqrt s) + epsilon).

Lemma inside_of_the_lane rnd f s epsilon :
  rounded rnd f (Sqrt (Add s epsilon)) = inside rnd (rounded rnd f s) (rounded rnd f epsilon).
Proof. reflexivity. Qed.

Lemma outside_of_the_lane rnd f s epsilon :
  rounded rnd f (Add (Sqrt s) epsilon) = outside rnd (rounded rnd f s) (rounded rnd f epsilon).
Proof. reflexivity. Qed.

(** With [id] for the rounding they are the exact denominators. *)
Theorem denominator_within u rnd a epsilon epsilont s st place :
  place = inside \/ place = outside ->
  rounding u 0 rnd -> kappa * u < 1 ->
  0 <= epsilon -> Rabs (epsilont - epsilon) <= kappa * u * epsilon ->
  within a st s ->
  within ((1 - u) ^ 2 * (1 - kappa * u) * sqrt a) (place rnd st epsilont) (place id s epsilon).
Proof.
  intros Hplace Hr KU1 He Hepsilon W.
  assert (U := u_nonneg _ _ _ Hr).
  assert (KU : u <= kappa * u) by (unfold kappa; nra).
  assert (We : within (1 - kappa * u) epsilont epsilon) by (apply within_relative; lra).
  assert (Ha := proj1 W).
  destruct (within_root _ _ _ W) as (Hroot & _).
  set (b := (1 - u) * (1 - kappa * u)).
  assert (Hb : 0 < b <= 1) by (unfold b; split; [apply Rmult_lt_0_compat|]; nra).
  replace ((1 - u) ^ 2 * (1 - kappa * u) * sqrt a) with ((1 - u) * (b * sqrt a))
    by (unfold b; ring).
  assert (Hbroot : 0 < b * sqrt a) by (apply Rmult_lt_0_compat; lra).
  assert (positive : 0 < (1 - u) * (b * sqrt a)) by (apply Rmult_lt_0_compat; lra).
  destruct Hplace as [-> | ->].
  - assert (sum := within_sum _ _ _ _ _ _ W We).
    apply (within_rounded u rnd) in sum; [|exact Hr|lra].
    apply within_root, (within_rounded u rnd) in sum; [|exact Hr|lra].
    refine (within_weaken _ _ _ _ _ sum); split; [exact positive|].
    replace ((1 - u) * (a * (1 - kappa * u))) with (b * a) by (unfold b; ring).
    rewrite sqrt_mult by lra.
    assert (b <= sqrt b).
    { rewrite <- (sqrt_square b) at 1 by lra; apply sqrt_le_1_alt; nra. }
    apply Rmult_le_compat_l; [lra|]; apply Rmult_le_compat_r; lra.
  - apply within_root, (within_rounded u rnd) in W; [|exact Hr|lra].
    assert (sum := within_sum _ _ _ _ _ _ W We).
    apply (within_rounded u rnd) in sum; [|exact Hr|lra].
    refine (within_weaken _ _ _ _ _ sum); split; [exact positive|].
    apply Req_le; unfold b; ring.
Qed.

(** A quotient, its divisor within a factor a, its dividend within relative k. *)
Theorem quotient_error u rnd a k n nt d dt :
  rounding u 0 rnd -> 0 < d -> within a dt d -> Rabs (nt - n) <= k * Rabs n ->
  Rabs (rnd (nt / dt) - n / d) <= ((1 + u) * (1 + k) / a - 1) * Rabs (n / d).
Proof.
  intros Hr Hd (Ha & _ & L & H) Hn.
  assert (U := u_nonneg _ _ _ Hr).
  assert (dt0 : 0 < dt) by nra.
  assert (I : 0 < / d) by now apply Rinv_0_lt_compat.
  assert (J : 0 < / dt) by now apply Rinv_0_lt_compat.
  assert (Ia : 0 < / a) by (apply Rinv_0_lt_compat; lra).
  assert (above : / dt <= / a * / d).
  { rewrite <- Rinv_mult; apply Rinv_le_contravar; [nra|exact L]. }
  assert (below : a * / d <= / dt).
  { apply Rmult_le_reg_r with (d * dt); [now apply Rmult_lt_0_compat|].
    replace (a * / d * (d * dt)) with (a * dt) by (field; lra).
    replace (/ dt * (d * dt)) with d by (field; lra); exact H. }
  assert (1 - a <= / a - 1).
  { assert (a * / a = 1) by (apply Rinv_r; lra); nra. }
  assert ((1 - a) * / d <= (/ a - 1) * / d) by (apply Rmult_le_compat_r; lra).
  assert (spread : Rabs (/ dt - / d) <= (/ a - 1) * / d).
  { unfold Rabs; destruct Rcase_abs; lra. }
  assert (dividend : Rabs nt <= (1 + k) * Rabs n).
  { replace ((1 + k) * Rabs n) with (Rabs n + k * Rabs n) by ring.
    apply Rabs_near with n; [apply Rle_refl|exact Hn]. }
  assert (k0 : 0 <= (1 + k) * Rabs n) by (generalize (Rabs_pos nt); lra).
  replace (Rabs (n / d)) with (Rabs n * / d)
    by (unfold Rdiv; rewrite Rabs_mult, (Rabs_pos_eq (/ d)); lra).
  assert (E : Rabs (nt / dt - n / d) <= k * Rabs n * (/ a * / d) + Rabs n * ((/ a - 1) * / d)).
  { replace (nt / dt - n / d) with ((nt - n) * / dt + n * (/ dt - / d)) by (unfold Rdiv; ring).
    apply Rabs_plus; apply Rabs_times; try assumption; try apply Rle_refl.
    rewrite Rabs_pos_eq; lra. }
  assert (Q : Rabs (nt / dt) <= (1 + k) * Rabs n * (/ a * / d)).
  { apply Rabs_times; [exact dividend|rewrite Rabs_pos_eq; lra]. }
  assert (F := error_bound _ _ _ Hr (nt / dt)).
  replace (rnd (nt / dt) - n / d) with ((rnd (nt / dt) - nt / dt) + (nt / dt - n / d)) by ring.
  eapply Rle_trans; [exact (Rabs_plus _ _ _ _ F E)|].
  assert (u * Rabs (nt / dt) <= u * ((1 + k) * Rabs n * (/ a * / d)))
    by (apply Rmult_le_compat_l; assumption).
  unfold Rdiv; nra.
Qed.

Lemma mean_of_the_lane rnd f w v g d :
  rounded rnd f (Fma w (Div g d) (Decay w v))
  = first_moment rnd (rounded rnd f w) (rounded rnd f v) (rnd (rounded rnd f g / rounded rnd f d)).
Proof. reflexivity. Qed.

Lemma factor_nonneg u k a : 0 <= u -> 0 <= k -> 0 < a <= 1 -> 0 <= (1 + u) * (1 + k) / a - 1.
Proof.
  intros Hu Hk Ha.
  assert (1 <= / a) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (1 <= (1 + u) * (1 + k)) by nra.
  unfold Rdiv; nra.
Qed.

Lemma update_of_the_lane rnd f theta n g d :
  rounded rnd f (Sub theta (Div (Mul n g) d))
  = rnd (rounded rnd f theta
         - rnd (rnd (rounded rnd f n * rounded rnd f g) / rounded rnd f d)).
Proof. reflexivity. Qed.
