(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of RMSprop's recorded lane with a centered second moment and epsilon outside of the
   root: how far theta drifts, while the exact variance s - mean^2 is at least sigma^2.

   The variance is a difference that may cancel: rounding errors of G^2, the largest square of a
   gradient, are errors of the variance, and the root divides them by sigma. run/QuotientRuns.v says
   what [quotient_drift] is, Rounding.v what u, eta and kappa mean; k = kappa u.

   - [centered_theta_stays_near]: with underflow, after t of T steps theta is off by at most
     [quotient_drift] with sigma as the smallest divisor and alpha G / sigma as the longest step,
     [variance_error] / sigma^2, about (4 T + 5) u G^2 / sigma^2, being a part of what has to stay
     below 1. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding Runs Underflow RelativeDrift QuotientRuns.
From Truestep Require Import adam_theory rmsprop_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* What mean, s and their variance are off by, after at most T steps. *)
Definition centre_error (u eta k rho_of_mean G : R) (T : nat) : R :=
  ((1 + k) * growth u k rho_of_mean ^ T - 1) * G + kept_of_underflow u eta k 0 rho_of_mean.
Definition squares_error (u eta k rho G : R) (T : nat) : R :=
  squares_part u k rho T * (G * G) + squares_absolute u eta k rho G.
Definition variance_error (u eta k rho rho_of_mean G : R) (T : nat) : R :=
  let e := centre_error u eta k rho_of_mean G T in
  (1 + u) * (squares_error u eta k rho G T + e * (2 * G + e)) + u * (G * G) + eta.

(* The divisor's relative and absolute parts. *)
Definition centered_part (u k : R) : R := (1 + (u + k)) * (1 + u) - 1.
Definition centered_absolute (u eta v sigma : R) : R :=
  (1 + u) * ((1 + u) * (v / sigma) + eta) + eta.

(* The root of what is at least sigma^2. *)
Lemma root_far_from_zero v V e sigma :
  0 < sigma -> sigma * sigma <= V -> Rabs (v - V) <= e ->
  Rabs (sqrt (Rmax v 0) - sqrt V) <= e / sigma.
Proof.
  intros S HV He. assert (V0 : 0 <= V) by nra.
  assert (R1 : sigma <= sqrt V)
    by (rewrite <- (sqrt_square sigma) by lra; now apply sqrt_le_1_alt).
  assert (M0 : 0 <= Rmax v 0) by apply Rmax_r. assert (P := sqrt_pos (Rmax v 0)).
  assert (Hm : Rabs (Rmax v 0 - V) <= e).
  { eapply Rle_trans; [| exact He]. unfold Rmax, Rabs. destruct Rle_dec; repeat destruct Rcase_abs;
      lra. }
  apply Rmult_le_reg_r with sigma; [exact S |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
  rewrite Rmult_1_r. eapply Rle_trans; [| exact Hm].
  replace (Rmax v 0 - V) with ((sqrt (Rmax v 0) - sqrt V) * (sqrt (Rmax v 0) + sqrt V))
    by (replace (Rmax v 0 - V) with (sqrt (Rmax v 0) * sqrt (Rmax v 0) - sqrt V * sqrt V)
          by (now rewrite !sqrt_sqrt by assumption); ring).
  rewrite Rabs_mult, (Rabs_pos_eq (sqrt (Rmax v 0) + sqrt V)) by lra.
  apply Rmult_le_compat_l; [apply Rabs_pos | lra].
Qed.

Section Centered.

Variables (u eta rho rho_of_mean alpha epsilon G sigma : R).
Variables (wt wmt alphat epsilont : R) (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Hypothesis Hr : rounding u eta rnd.
Hypothesis B : 0 < rho < 1.
Hypothesis Bm : 0 < rho_of_mean < 1.
Hypothesis Q : growth u k rho * rho < 1.
Hypothesis Qm : growth u k rho_of_mean * rho_of_mean < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis Hruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont f r.
Hypothesis Hm : constant_within u (1 - rho_of_mean) wmt "w_of_mean" f r.
Hypothesis exact_s : follows_from_zero exact "s" rmsprop_inside_s r.
Hypothesis stored_s : follows_from_zero (rounded rnd) "s" rmsprop_inside_s f.
Hypothesis exact_mean : follows_from_zero exact "mean" rmsprop_inside_centered_mean r.
Hypothesis stored_mean : follows_from_zero (rounded rnd) "mean" rmsprop_inside_centered_mean f.
Hypothesis Hsigma : 0 < sigma /\ forall t, (t < T)%nat ->
  sigma * sigma <= r (S t) "s" - r (S t) "mean" * r (S t) "mean".

Lemma centre_near t : (t <= T)%nat ->
  Rabs (r t "mean") <= G /\ Rabs (f t "mean" - r t "mean") <= centre_error u eta k rho_of_mean G T.
Proof.
  intro Ht. assert (U := u_nonneg _ _ _ Hr). assert (K := k_at_least_0 u eta rnd Hr). fold k in K.
  assert (HG := gradient_at_most u rho alpha epsilon G wt alphat epsilont f r Hruns).
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (r O "gradient")) (HG O); lra).
  destruct exact_mean as [r0 Hx], stored_mean as [f0 Hxt], Hm as (Cm & _ & Wm).
  destruct Hruns as (_ & _ & _ & Same & _).
  set (M := mean rho_of_mean (fun t => Rabs (r t "gradient"))).
  assert (N : near ((1 + k) * growth u k rho_of_mean ^ t - 1)
    (kept_of_underflow u eta k 0 rho_of_mean) (f t "mean") (r t "mean") (M t)).
  { apply (mean_stays_near u eta rnd k k 0 rho_of_mean wmt (fun t => r t "mean") M
      (fun t => r t "gradient") (fun t => Rabs (r t "gradient")) (fun t => wmt * r t "gradient")
      (fun t => f t "mean")); try easy; try lra.
    - intro i. assert (C := near_coefficient k wmt (1 - rho_of_mean) ltac:(lra) Wm).
      assert (P := near_mul _ _ _ _ _ _ _ _ _ _ C (near_exact (r i "gradient"))).
      eapply near_weaken; [| | exact P]; right; ring.
    - intro i. rewrite Hx. simpl. rewrite (proj1 (Cm i)). ring.
    - intro i. rewrite Hxt. simpl. now rewrite (proj2 (Cm i)), (proj1 (Same i)). }
  assert (top : M t <= G)
    by (apply (mean_at_most rho_of_mean G M (fun t => Rabs (r t "gradient"))); try easy; lra).
  assert (M0 := near_nonnegative _ _ _ _ _ N). destruct N as [N1 N2]. split; [lra |].
  eapply Rle_trans; [exact N2 |]. unfold centre_error. apply Rplus_le_compat_r.
  assert (g1 : 1 <= growth u k rho_of_mean) by (apply growth_at_least_one; lra).
  assert (P := part_grows (1 + k) _ t T ltac:(lra) g1 Ht). apply Rmult_le_compat; lra.
Qed.

Lemma squares_apart t : (t <= T)%nat ->
  0 <= r t "s" <= G * G /\ Rabs (f t "s" - r t "s") <= squares_error u eta k rho G T.
Proof.
  intro Ht.
  assert (N := squares_near u eta rho alpha epsilon G wt alphat epsilont rnd f r Hr B Q Hruns
    exact_s stored_s t).
  assert (P := squares_part_grows u eta rho rnd T Hr B t Ht).
  destruct P as (P & _).
  assert (top := squares_at_most u rho alpha epsilon G wt alphat epsilont f r B Hruns exact_s t).
  assert (s0 := near_nonnegative _ _ _ _ _ N). destruct N as [_ N]. split; [lra |].
  eapply Rle_trans; [exact N |]. unfold squares_error. fold k. apply Rplus_le_compat_r.
  fold k in P. apply Rmult_le_compat; lra.
Qed.

Let v := variance_error u eta k rho rho_of_mean G T.
Let l := centered_part u k.
Let e := centered_absolute u eta v sigma.
Let rest := 1 - (l + e / sigma).

Lemma variance_near t : (t < T)%nat ->
  Rabs (rnd (- f (S t) "mean" * f (S t) "mean" + f (S t) "s")
        - (r (S t) "s" - r (S t) "mean" * r (S t) "mean")) <= v.
Proof.
  intro Ht. destruct (centre_near (S t) Ht) as (M & Me).
  destruct (squares_apart (S t) Ht) as (Sq & Se).
  destruct Hsigma as (S0 & HV). specialize (HV t Ht).
  assert (U := u_nonneg _ _ _ Hr).
  set (m := r (S t) "mean") in *. set (mt := f (S t) "mean") in *.
  set (c := centre_error u eta k rho_of_mean G T) in *.
  assert (P : Rabs (mt * mt - m * m) <= c * (2 * G + c)).
  { replace (mt * mt - m * m) with ((mt - m) * (m + m + (mt - m))) by ring.
    apply Rabs_times; [exact Me |]. replace (2 * G) with (G + G) by ring.
    apply Rabs_plus; [apply Rabs_plus; exact M | exact Me]. }
  rewrite <- Rabs_Ropp in P. assert (A := Rabs_plus _ _ _ _ Se P).
  replace (f (S t) "s" - r (S t) "s" + - (mt * mt - m * m))
    with (- mt * mt + f (S t) "s" - (r (S t) "s" - m * m)) in A by ring.
  apply (rounded_near u eta rnd) in A; [| exact Hr]. eapply Rle_trans; [exact A |].
  assert (V : Rabs (r (S t) "s" - m * m) <= G * G).
  { assert (0 <= m * m) by apply Rle_0_sqr. rewrite Rabs_pos_eq; nra. }
  assert (u * Rabs (r (S t) "s" - m * m) <= u * (G * G)) by now apply Rmult_le_compat_l.
  unfold v, variance_error. fold c. lra.
Qed.

Theorem centered_theta_stays_near :
  0 < rest ->
  follows exact "theta" rmsprop_outside_centered_theta r ->
  follows (rounded rnd) "theta" rmsprop_outside_centered_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest sigma (alpha * G / sigma) (Rabs (r O "theta")) T t.
Proof.
  intros R0 Hx Hxt t Ht. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (K := k_at_least_0 u eta rnd Hr). fold k in K.
  destruct exact_s as [_ Hs], stored_s as [_ Hst], exact_mean as [_ Hmu], stored_mean as [_ Hmt].
  destruct Hsigma as (S0 & HV). assert (runs := Hruns).
  destruct runs as ((Cw & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  fold k in Hw, Ha, He.
  assert (G0 : 0 <= G) by (destruct (HG O) as [_ H]; generalize (Rabs_pos (r O "gradient")); lra).
  destruct (Nat.eq_dec T O) as [-> | T1].
  { replace t with O by lia. rewrite Hstart, Rminus_diag_eq, Rabs_R0 by easy.
    unfold quotient_drift. simpl. lra. }
  assert (v0 : 0 <= v) by (eapply Rle_trans; [apply Rabs_pos | apply (variance_near O); lia]).
  assert (vs : 0 <= v / sigma)
    by (apply Rmult_le_pos; [exact v0 | now apply Rlt_le, Rinv_0_lt_compat]).
  assert (e0 : 0 <= e).
  { unfold e, centered_absolute. assert (0 <= (1 + u) * (v / sigma)) by (apply Rmult_le_pos; lra).
    assert (0 <= (1 + u) * ((1 + u) * (v / sigma) + eta)) by (apply Rmult_le_pos; lra). lra. }
  assert (aG : 0 <= alpha * G) by now apply Rmult_le_pos.
  apply (quotient_steps u eta rnd k alpha alphat l e (e / sigma) sigma (alpha * G / sigma) T
    (fun t => r t "gradient")
    (fun t => sqrt (Rmax (r (S t) "s" - r (S t) "mean" * r (S t) "mean") 0) + epsilon)
    (fun t => rnd (rnd (sqrt (Rmax (rnd (- f (S t) "mean" * f (S t) "mean" + f (S t) "s")) 0))
                   + epsilont))
    (fun t => r t "theta") (fun t => f t "theta")); auto.
  - unfold l, centered_part. nra.
  - apply Rmult_le_pos; [exact e0 | now apply Rlt_le, Rinv_0_lt_compat].
  - unfold rest in R0. lra.
  - right. field. lra.
  - apply Rmult_le_pos; [exact aG | now apply Rlt_le, Rinv_0_lt_compat].
  - intros i Hi. specialize (HV i Hi).
    set (V := r (S i) "s" - r (S i) "mean" * r (S i) "mean") in *.
    rewrite (Rmax_left V 0) by nra.
    assert (least : sigma <= sqrt V)
      by (rewrite <- (sqrt_square sigma) by lra; now apply sqrt_le_1_alt).
    split; [lra |]. split.
    + assert (D := root_far_from_zero _ V v sigma S0 HV (variance_near i Hi)).
      set (x := sqrt (Rmax _ 0)) in *.
      assert (Nr : near 0 (v / sigma) x (sqrt V) (sqrt V))
        by (split; [rewrite Rabs_pos_eq by apply sqrt_pos; lra | lra]).
      apply (near_round u eta rnd) in Nr; [| exact Hr].
      apply near_weaken with (k' := u + k) (d' := (1 + u) * (v / sigma) + eta) in Nr; [| lra | lra].
      assert (Ne := near_coefficient _ _ _ (Rlt_le _ _ E0) He).
      apply near_weaken with (k' := u + k) (d' := 0) in Ne; [| lra | lra].
      assert (Nd := near_round _ _ _ _ _ _ _ _ Hr (near_add _ _ _ _ _ _ _ _ _ Nr Ne)).
      eapply near_weaken; [| | exact Nd].
      * right. unfold l, centered_part. ring.
      * right. unfold e, centered_absolute. ring.
    + destruct (HG i) as (_ & g1). unfold Rdiv. apply Rmult_le_compat.
      * apply Rmult_le_pos; [exact A | apply Rabs_pos].
      * apply Rlt_le, Rinv_0_lt_compat. lra.
      * now apply Rmult_le_compat_l.
      * apply Rinv_le_contravar; lra.
  - intro i. rewrite Hx, Hs, Hmu. simpl. rewrite (proj1 (Ca i)), (proj1 (Ce i)).
    do 4 f_equal. f_equal. ring.
  - intro i. rewrite Hxt, Hst, Hmt. simpl.
    now rewrite (proj2 (Ca i)), (proj2 (Ce i)), (proj1 (HG i)).
Qed.

End Centered.
