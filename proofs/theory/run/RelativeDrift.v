(* SPDX-License-Identifier: Apache-2.0 *)
(* How far a whole run drifts, relative to sizes that the run itself has, with gradual underflow.

   drift/ bounds the drift of a state by the largest gradient. Here a state is measured against the
   mean of its inputs' sizes, which a step is measured against too: so a bound on theta depends
   neither on how large the gradients are nor on epsilon, but for what underflow adds.

   Results, with the words of run/Underflow.v and drift/Rounding.v:
   - [mean_stays_near]: a decayed mean x' = beta x + (1 - beta) y is near itself, relative to the
     mean of |y|, by (1 + k) q^t - 1, q = (1 + u)^2 (1 + k' (1 - beta) / beta), and an absolute part
     that does not grow; k and k' are what the input and the weight are off.
     [started_mean_stays_near]: so it is from any start that is off by no more than k;
   - [mean_at_most], [mean_nonnegative_of_inputs]: such a mean is at most its largest input;
   - [sum_stays_near]: a sum of squares is near itself by (1 + k) (1 + u)^t - 1, k being what its
     start is off;
   - [parameter_stays_near]: if no update is off by more than E, theta is off by at most
     t (1 + u)^t (E + u Theta + eta) after t steps, Theta bounding the exact theta. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Rounding Underflow.
Open Scope R_scope.

(* What a decayed mean costs per step, and what it keeps of what underflows. *)
Definition growth (u k beta : R) : R := (1 + u) ^ 2 * (1 + k * ((1 - beta) / beta)).
Definition kept_of_underflow (u eta k d beta : R) : R :=
  ((2 + u) * eta + (1 + u) * d) / (1 - growth u k beta * beta).

Lemma growth_at_least u k beta : 0 <= u -> 0 <= k -> 0 < beta <= 1 -> (1 + u) ^ 2 <= growth u k
  beta.
Proof.
  intros U K B. unfold growth.
  assert (0 <= k * ((1 - beta) / beta)).
  { apply Rmult_le_pos; [easy |]. apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat]; lra. }
  assert (0 <= (1 + u) ^ 2) by apply pow2_ge_0. nra.
Qed.

Lemma growth_at_least_one u k beta : 0 <= u -> 0 <= k -> 0 < beta <= 1 -> 1 <= growth u k beta.
Proof. intros U K B. generalize (growth_at_least u k beta U K B). nra. Qed.

(* Bernoulli, from above. *)
Lemma power_at_most x n : 0 <= x -> INR n * x < 1 -> (1 + x) ^ n <= / (1 - INR n * x).
Proof.
  intros X. induction n as [| n IH]; [simpl; rewrite Rmult_0_l, Rminus_0_r, Rinv_1; lra |].
  rewrite S_INR. intro H.
  assert (N := pos_INR n). specialize (IH ltac:(nra)). simpl.
  apply Rle_trans with ((1 + x) * / (1 - INR n * x)); [apply Rmult_le_compat_l; lra |].
  assert (P : 0 < 1 - (INR n + 1) * x) by lra. assert (Q : 0 < 1 - INR n * x) by nra.
  apply Rmult_le_reg_r with ((1 - INR n * x) * (1 - (INR n + 1) * x)).
  - now apply Rmult_lt_0_compat.
  - replace ((1 + x) * / (1 - INR n * x) * ((1 - INR n * x) * (1 - (INR n + 1) * x)))
      with ((1 + x) * (1 - (INR n + 1) * x)) by (field; lra).
    replace (/ (1 - (INR n + 1) * x) * ((1 - INR n * x) * (1 - (INR n + 1) * x)))
      with (1 - INR n * x) by (field; lra).
    nra.
Qed.

(* With x at most c u, c n u small. *)
Lemma power_linear c d x n u :
  0 <= x <= c * u -> 0 <= c -> c * (INR n * u) <= d -> 0 <= d <= 1 / 2 ->
  (1 + x) ^ n <= 1 + / (1 - d) * c * (INR n * u).
Proof.
  intros X C H D. assert (N := pos_INR n).
  assert (Y : INR n * x <= c * (INR n * u)) by nra. set (y := INR n * x) in *.
  assert (y0 : 0 <= y) by (unfold y; nra).
  eapply Rle_trans; [apply power_at_most; fold y; lra |]. fold y.
  assert (I : / (1 - y) <= / (1 - d)) by (apply Rinv_le_contravar; lra).
  replace (/ (1 - y)) with (1 + / (1 - y) * y) by (field; lra).
  assert (P : 0 < / (1 - y)) by (apply Rinv_0_lt_compat; lra). nra.
Qed.

(* What starts at 0 is near within anything. *)
Lemma near_zero k d x y z : 0 <= d -> x = 0 -> y = 0 -> z = 0 -> near k d x y z.
Proof. intros D -> -> ->. split; rewrite ?Rminus_0_r, Rabs_R0; lra. Qed.

Theorem started_mean_stays_near u eta rnd k k' d beta w (x X y Y z xt : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= k' -> 0 <= d -> 0 < beta <= 1 ->
  growth u k' beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k' * (1 - beta) ->
  (forall t, near k d (z t) ((1 - beta) * y t) ((1 - beta) * Y t)) ->
  near k 0 (xt 0%nat) (x 0%nat) (X 0%nat) ->
  (forall t, x (S t) = beta * x t + (1 - beta) * y t) ->
  (forall t, X (S t) = beta * X t + (1 - beta) * Y t) ->
  (forall t, xt (S t) = rnd (z t + rnd ((1 - w) * xt t))) ->
  forall t, near ((1 + k) * growth u k' beta ^ t - 1) (kept_of_underflow u eta k' d beta)
              (xt t) (x t) (X t).
Proof.
  intros Hr K K' Hd B Q Hw Hz start Hx HX Hxt.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  set (q := growth u k' beta) in *. set (D := kept_of_underflow u eta k' d beta).
  assert (q1 : (1 + u) ^ 2 <= q) by now apply growth_at_least.
  assert (DE : D = q * beta * D + (2 + u) * eta + (1 + u) * d)
    by (unfold D, kept_of_underflow; fold q; field; lra).
  assert (D0 : 0 <= D).
  { apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; fold q; lra].
    apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra. }
  induction t as [| t IH].
  - apply near_weaken with k 0; [simpl; lra | exact D0 | exact start].
  - assert (Qt : 1 <= q ^ t) by (apply pow_R1_Rle; nra).
    rewrite Hxt, Hx, HX, (Rplus_comm (beta * x t)), (Rplus_comm (beta * X t)).
    set (kept := k' * ((1 - beta) / beta)).
    assert (E : q = (1 + u) ^ 2 * (1 + kept)) by reflexivity.
    assert (K0 : 0 <= kept) by nra.
    set (kt := (1 + k) * q ^ t * (1 + kept) * (1 + u) - 1).
    apply near_weaken with ((1 + kt) * (1 + u) - 1)
      ((1 + u) * (d + ((1 + u) * ((1 + kept) * beta * D) + eta)) + eta).
    + right. unfold kt. simpl. rewrite E. ring.
    + right. rewrite DE at 2. rewrite E. ring.
    + apply (near_round u eta rnd); [easy |]. apply near_add.
      * apply near_weaken with k d; [| lra | apply Hz]. unfold kt.
        assert (1 <= (1 + kept) * (1 + u)) by nra.
        assert (1 + k <= (1 + k) * q ^ t) by nra.
        rewrite (Rmult_assoc _ (1 + kept)). nra.
      * assert (P := near_mul _ _ _ _ _ _ _ _ _ _ (near_kept k' w beta ltac:(lra) Hw) IH).
        apply (near_round u eta rnd) in P; [| easy]. fold kept in P.
        eapply near_weaken; [| | exact P]; right; unfold kt; ring.
Qed.

Corollary mean_stays_near u eta rnd k k' d beta w (x X y Y z xt : nat -> R) :
  rounding u eta rnd -> 0 <= k -> 0 <= k' -> 0 <= d -> 0 < beta <= 1 ->
  growth u k' beta * beta < 1 ->
  Rabs (w - (1 - beta)) <= k' * (1 - beta) ->
  (forall t, near k d (z t) ((1 - beta) * y t) ((1 - beta) * Y t)) ->
  x 0%nat = 0 -> (forall t, x (S t) = beta * x t + (1 - beta) * y t) ->
  X 0%nat = 0 -> (forall t, X (S t) = beta * X t + (1 - beta) * Y t) ->
  xt 0%nat = 0 -> (forall t, xt (S t) = rnd (z t + rnd ((1 - w) * xt t))) ->
  forall t, near ((1 + k) * growth u k' beta ^ t - 1) (kept_of_underflow u eta k' d beta)
              (xt t) (x t) (X t).
Proof.
  intros. apply (started_mean_stays_near u eta rnd k k' d beta w x X y Y z xt); auto.
  apply near_zero; auto. apply Rle_refl.
Qed.

Lemma mean_nonnegative_of_inputs beta (x y : nat -> R) :
  0 <= beta <= 1 -> (forall t, 0 <= y t) ->
  x 0%nat = 0 -> (forall t, x (S t) = beta * x t + (1 - beta) * y t) -> forall t, 0 <= x t.
Proof.
  intros B Y x0 Hx. induction t as [| t IH]; [lra |]. rewrite Hx. specialize (Y t). nra.
Qed.

Lemma mean_at_most beta top (x y : nat -> R) :
  0 <= beta <= 1 -> 0 <= top -> (forall t, y t <= top) ->
  x 0%nat = 0 -> (forall t, x (S t) = beta * x t + (1 - beta) * y t) -> forall t, x t <= top.
Proof.
  intros B T Y x0 Hx. induction t as [| t IH]; [lra |]. rewrite Hx. specialize (Y t). nra.
Qed.

(* A sum of squares, each added with one rounding. *)
Theorem sum_stays_near u eta rnd k (h ht g : nat -> R) :
  rounding u eta rnd -> 0 <= k -> near k 0 (ht 0%nat) (h 0%nat) (h 0%nat) ->
  (forall t, h (S t) = h t + g t * g t) -> (forall t, ht (S t) = rnd (g t * g t + ht t)) ->
  forall t, near ((1 + k) * (1 + u) ^ t - 1) (INR t * (1 + u) ^ t * eta) (ht t) (h t) (h t).
Proof.
  intros Hr K start Hh Ht.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  induction t as [| t IH].
  - simpl. apply near_weaken with k 0; [lra | lra | exact start].
  - assert (square : 0 <= g t * g t) by apply Rle_0_sqr.
    assert (Q : 1 <= (1 + u) ^ t) by (apply pow_R1_Rle; lra).
    assert (Qk : 1 * 1 <= (1 + k) * (1 + u) ^ t) by (apply Rmult_le_compat; lra).
    assert (E := near_exact (g t * g t)). rewrite Rabs_pos_eq in E by easy.
    apply near_weaken with (k' := (1 + k) * (1 + u) ^ t - 1) (d' := 0) in E; [| lra | lra].
    rewrite Hh, Ht, (Rplus_comm (h t)).
    eapply near_weaken; [| | apply (near_round u eta rnd), near_add; [easy | exact E | exact IH]].
    + simpl. lra.
    + rewrite S_INR. simpl. assert (1 <= (1 + u) * (1 + u) ^ t) by nra. nra.
Qed.

Theorem parameter_stays_near u eta rnd E Theta T (theta thetat update updatet : nat -> R) :
  rounding u eta rnd ->
  0 <= E -> thetat 0%nat = theta 0%nat ->
  (forall t, theta (S t) = theta t - update t) ->
  (forall t, thetat (S t) = rnd (thetat t - updatet t)) ->
  (forall t, (t < T)%nat -> Rabs (updatet t - update t) <= E) ->
  (forall t, (t <= T)%nat -> Rabs (theta t) <= Theta) ->
  forall t, (t <= T)%nat ->
    Rabs (thetat t - theta t) <= INR t * (1 + u) ^ t * (E + u * Theta + eta).
Proof.
  intros Hr E0 H0 Htheta Hthetat HE HTheta.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (T0 : 0 <= Theta) by (generalize (Rabs_pos (theta 0%nat)) (HTheta 0%nat ltac:(lia)); lra).
  induction t as [| t IH]; intros Ht.
  - rewrite H0, Rminus_diag_eq, Rabs_R0 by easy. simpl. lra.
  - specialize (IH ltac:(lia)). specialize (HE t ltac:(lia)). specialize (HTheta (S t) Ht).
    rewrite <- Rabs_Ropp in HE. assert (D := Rabs_plus _ _ _ _ IH HE).
    assert (S := rounded_near u eta rnd (thetat t - updatet t) (theta (S t)) _ Hr
      ltac:(rewrite Htheta; replace (thetat t - updatet t - (theta t - update t))
        with (thetat t - theta t + - (updatet t - update t)) by ring; exact D)).
    rewrite Hthetat. eapply Rle_trans; [exact S |]. rewrite S_INR. simpl.
    set (c := E + u * Theta + eta) in *. set (p := (1 + u) ^ t) in *.
    assert (P : 1 <= p) by (apply pow_R1_Rle; lra).
    assert (UT : u * Rabs (theta (Datatypes.S t)) <= u * Theta) by (apply Rmult_le_compat_l; lra).
    assert (c0 : 0 <= u * Theta + eta) by nra.
    assert ((1 + u) * E + u * Theta + eta <= (1 + u) * p * c).
    { apply Rle_trans with ((1 + u) * c); [unfold c; nra |]. apply Rmult_le_compat_r; [| nra].
      unfold c. lra. }
    lra.
Qed.
