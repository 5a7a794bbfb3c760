(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of RMSprop's recorded lane with a centered second moment and epsilon outside of the
   root: how far theta drifts, while the exact variance s - mean^2 is at least sigma^2.

   The variance is a difference that may cancel: rounding errors of G^2, the largest square of a
   gradient, are errors of the variance, and the root divides them by sigma. run/QuotientRuns.v says
   what [quotient_drift] is, Rounding.v what u, eta and kappa mean; k = kappa u.

   - [centered_theta_stays_near]: with underflow, after t of T steps theta is off by at most
     [quotient_drift] with sigma as the smallest divisor and alpha G / sigma as the longest step,
     [variance_error] / sigma^2, about (4 T + 5) u G^2 / sigma^2, being a part of what has to stay
     below 1;
   - [centered_run_in_ieee]: so it is in IEEE arithmetic, in which nothing overflows while
     [quotient_peak] is below the largest number. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Underflow RelativeDrift QuotientRuns.
From Truestep Require Import MovingParameters Overflow.
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
  destruct exact_s as [r0 Hs], stored_s as [f0 Hst].
  assert (start := starts_at_zero u f r r0 f0).
  assert (N := squares_near u eta rho alpha epsilon G wt alphat epsilont 0 0 rnd f r Hr B Q Hruns
    start Hs Hst t).
  assert (P := squares_part_grows u eta rho rnd T Hr B t Ht).
  destruct P as (P & _).
  assert (top := squares_at_most u rho alpha epsilon G wt alphat epsilont 0 0 f r B Hruns start Hs
    t).
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

Lemma centered_steps :
  0 < rest ->
  follows exact "theta" rmsprop_outside_centered_theta r ->
  follows (rounded rnd) "theta" rmsprop_outside_centered_theta f ->
  stays_by_quotients u eta rnd k alpha alphat rest sigma (alpha * G / sigma) T
    (fun t => r t "gradient")
    (fun t => rnd (rnd (sqrt (Rmax (rnd (- f (S t) "mean" * f (S t) "mean" + f (S t) "s")) 0))
                   + epsilont))
    (fun t => r t "theta") (fun t => f t "theta").
Proof.
  intros R0 Hx Hxt. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (K := k_at_least_0 u eta rnd Hr). fold k in K.
  destruct exact_s as [_ Hs], stored_s as [_ Hst], exact_mean as [_ Hmu], stored_mean as [_ Hmt].
  destruct Hsigma as (S0 & HV). assert (runs := Hruns).
  destruct runs as ((Cw & Hw) & (Ca & A & Ha) & (Ce & _ & He) & HG & Hstart).
  fold k in Hw, Ha, He.
  assert (G0 : 0 <= G) by (destruct (HG O) as [_ H]; generalize (Rabs_pos (r O "gradient")); lra).
  destruct (Nat.eq_dec T O) as [-> | T1].
  { split; [| lia]. intros t Ht. replace t with O by lia.
    rewrite Hstart, Rminus_diag_eq, Rabs_R0 by easy. unfold quotient_drift. simpl. lra. }
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

Theorem centered_theta_stays_near :
  0 < rest ->
  follows exact "theta" rmsprop_outside_centered_theta r ->
  follows (rounded rnd) "theta" rmsprop_outside_centered_theta f ->
  forall t, (t <= T)%nat ->
    Rabs (f t "theta" - r t "theta")
    <= quotient_drift u eta k rest sigma (alpha * G / sigma) (Rabs (r O "theta")) T t.
Proof. intros. now apply centered_steps. Qed.

End Centered.

(* In IEEE 754 arithmetic. *)

(* No number under the root is larger, nor the gradient and its square. *)
Definition centered_largest (u eta k rho rho_of_mean epsilon G : R) (T : nat) : R :=
  let c := centre_error u eta k rho_of_mean G T in
  2 * (rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G) (G * G) epsilon G
       + (G + c) * (G + c)) + (G + c) + 2.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Let k := kappa * u.
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Definition rmsprop_centered_states : list (string * expression) :=
  (("s", rmsprop_inside_s) :: ("mean", rmsprop_inside_centered_mean)
   :: ("theta", rmsprop_outside_centered_theta) :: nil)%list.

Let variance : expression :=
  AtLeast0 (Fma (Neg rmsprop_inside_centered_mean) rmsprop_inside_centered_mean rmsprop_inside_s).

(* What a step computes of s and mean. *)
Lemma centre_in_range (g : environment) (M : R) :
  8 * M + 8 < bpow radix2 emax -> Rabs (g "mean") <= M -> 0 <= g "w_of_mean" <= 1 ->
  Rabs (rounded nearest g rmsprop_inside_centered_mean) <= M ->
  in_range p emax g rmsprop_inside_centered_mean.
Proof.
  intros room Hm W H. destruct (format_is_fine p emax positive below) as (U & N & _).
  assert (M0 := Rle_trans _ _ _ (Rabs_pos _) Hm).
  assert (P := rounded_at_most u eta nearest ((1 - g "w_of_mean") * g "mean") (1 * M)
    (nearest_rounds p emax positive) U N
    ltac:(apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact Hm])).
  split; [change (Rabs (rounded nearest g rmsprop_inside_centered_mean) < bpow radix2 emax); lra |].
  cbn [in_range rounded]. fold emin. repeat split; lra.
Qed.

Lemma variance_in_range (g : environment) (M S epsilont : R) :
  8 * (2 * (S + M * M) + 1) + 8 < bpow radix2 emax -> M <= S ->
  in_range p emax g rmsprop_inside_s -> in_range p emax g rmsprop_inside_centered_mean ->
  0 <= epsilont -> 0 <= rounded nearest g rmsprop_inside_s ->
  rounded nearest g rmsprop_inside_s + epsilont <= S ->
  Rabs (rounded nearest g rmsprop_inside_centered_mean) <= M ->
  in_range p emax g variance
  /\ 0 <= rounded nearest g variance /\ rounded nearest g variance + epsilont <= 2 * (S + M * M) + 1.
Proof.
  intros room MS Rs Rm E s0 Hs Hm. destruct (format_is_fine p emax positive below) as (U & N & _).
  assert (M0 := Rle_trans _ _ _ (Rabs_pos _) Hm). assert (MM := Rle_0_sqr M). unfold Rsqr in MM.
  set (m := rounded nearest g rmsprop_inside_centered_mean) in *.
  set (s := rounded nearest g rmsprop_inside_s) in *.
  assert (mm : Rabs (- m * m) <= M * M) by (apply Rabs_times; [now rewrite Rabs_Ropp | exact Hm]).
  assert (ss : Rabs s <= S - epsilont) by (rewrite Rabs_pos_eq; lra).
  assert (V := rounded_at_most u eta nearest _ _ (nearest_rounds p emax positive) U N
    (Rabs_plus _ _ _ _ mm ss)).
  assert (value : rounded nearest g variance = Rmax (nearest (- m * m + s)) 0) by reflexivity.
  assert (V1 := Rabs_le_inv _ _ V).
  assert (bounds : 0 <= rounded nearest g variance <= 2 * (M * M + (S - epsilont)) + 1).
  { rewrite value. split; [apply Rmax_r | apply Rmax_lub; lra]. }
  split; [| split; lra].
  split; [rewrite <- (Rabs_pos_eq (rounded nearest g variance)) in bounds by lra;
    change (Rabs (rounded nearest g variance) < bpow radix2 emax); lra |].
  split; [change (Rabs (nearest (- m * m + s)) < bpow radix2 emax); lra |].
  split; [split; [change (Rabs (- m) < bpow radix2 emax); rewrite Rabs_Ropp; lra | exact Rm] |].
  now split.
Qed.

Variables (rho rho_of_mean alpha epsilon G sigma wt wmt alphat epsilont : R) (T : nat).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Hypothesis B : 0 < rho < 1.
Hypothesis Bm : 0 < rho_of_mean < 1.
Hypothesis Q : growth u k rho * rho < 1.
Hypothesis Qm : growth u k rho_of_mean * rho_of_mean < 1.
Hypothesis E0 : 0 < epsilon.
Hypothesis weight : 0 <= wt <= 1.
Hypothesis weight_of_mean : 0 <= wmt <= 1.
Hypothesis start : stored O "s" = 0 /\ stored O "mean" = 0.
Hypothesis Hruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont stored r.
Hypothesis Hm : constant_within u (1 - rho_of_mean) wmt "w_of_mean" stored r.

Theorem centered_run_in_ieee :
  let v := variance_error u eta k rho rho_of_mean G T in
  let rest := 1 - (centered_part u k + centered_absolute u eta v sigma / sigma) in
  let S := 2 * centered_largest u eta k rho rho_of_mean epsilon G T in
  0 < rest ->
  machine_follows p emax positive below rmsprop_centered_states f ->
  follows_from_zero exact "s" rmsprop_inside_s r ->
  follows_from_zero exact "mean" rmsprop_inside_centered_mean r ->
  follows exact "theta" rmsprop_outside_centered_theta r ->
  (0 < sigma /\ forall t, (t < T)%nat ->
     sigma * sigma <= r (Datatypes.S t) "s" - r (Datatypes.S t) "mean" * r (Datatypes.S t) "mean") ->
  quotient_peak u eta k rest sigma alpha G (alpha * G / sigma) S (Rabs (r O "theta")) T
    < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat ->
       finite_throughout p emax positive below (f i) rmsprop_outside_centered_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= quotient_drift u eta k rest sigma (alpha * G / sigma) (Rabs (r O "theta")) T t.
Proof.
  intros v rest S R0 Hf Hs Hmean Hx Hsigma Hpeak.
  assert (Hr := nearest_rounds p emax positive). fold emin u eta in Hr.
  destruct (format_is_fine p emax positive below) as (_ & _ & K).
  destruct Hruns as (Cw & Ca & Ce & HG & Hstart), start as (s0 & m0).
  set (sh := shadow p emax rmsprop_centered_states stored).
  assert (Ss : follows_from_zero (rounded nearest) "s" rmsprop_inside_s sh)
    by now apply shadow_follows_from_zero.
  assert (Sm : follows_from_zero (rounded nearest) "mean" rmsprop_inside_centered_mean sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" rmsprop_outside_centered_theta sh)
    by now apply shadow_follows.
  assert (Cm : constant_within u (1 - rho_of_mean) wmt "w_of_mean" sh r) by now apply
    shadow_constant.
  assert (Sruns : rmsprop_runs u rho alpha epsilon G wt alphat epsilont sh r).
  { split; [split; [intro t; unfold sh; rewrite shadow_given by easy; apply Cw | apply Cw] |].
    split; [now apply shadow_constant |]. split; [now apply shadow_constant |].
    split; [now apply shadow_gradients |]. unfold sh. now rewrite shadow_start. }
  set (c := centre_error u eta k rho_of_mean G T).
  set (Top := rmsprop_largest (squares_part u k rho T) (squares_absolute u eta k rho G) (G * G)
    epsilon G).
  assert (squares : forall t, (t <= T)%nat -> 0 <= sh t "s" /\ 0 <= epsilont
    /\ sh t "s" + epsilont <= Top /\ 0 <= G /\ G + G * G <= Top).
  { intros t H. assert (size := squares_size u eta rho alpha epsilon G wt alphat epsilont 0 0
    nearest
      _ r T Hr B Q E0 Sruns (starts_at_zero u _ r (proj1 Hs) (proj1 Ss)) (proj2 Hs) (proj2 Ss) t H
      weight K). now rewrite Rplus_0_l in size. }
  assert (centre : forall t, (t <= T)%nat -> Rabs (sh t "mean") <= G + c).
  { intros t H. destruct (centre_near u eta rho rho_of_mean alpha epsilon G wt wmt alphat epsilont
      nearest sh r T Hr Bm Qm Sruns Cm Hmean Sm t H) as (M & Me). exact (Rabs_near _ _ _ _ M Me). }
  destruct (squares O ltac:(lia)) as (_ & e0 & _ & G0 & GS).
  assert (sq : 0 <= G * G) by apply Rle_0_sqr.
  assert (c0 : 0 <= G + c) by (eapply Rle_trans; [apply Rabs_pos | exact (centre O ltac:(lia))]).
  assert (cc := Rle_0_sqr (G + c)). unfold Rsqr in cc.
  assert (large : S = 2 * (2 * (Top + (G + c) * (G + c)) + (G + c) + 2)) by reflexivity.
  apply (quotients_machine_run p emax positive below rmsprop_centered_states
    rmsprop_outside_centered_theta (Add (Sqrt variance) (Var "epsilon")) k alpha alphat rest sigma
      (alpha * G / sigma) G S T f r);
    try easy.
  - apply (k_at_least_0 u eta nearest Hr).
  - lra.
  - eapply stays_by_quotients_same; [| exact (centered_steps u eta rho rho_of_mean alpha epsilon G
      sigma wt wmt alphat epsilont nearest sh r T Hr B Bm Q Qm E0 Sruns Cm Hs Ss Hmean Sm Hsigma R0 Hx
      St)].
    intro i. destruct Sruns as (_ & _ & Se & _). unfold variance. cbn [rounded].
    now rewrite (proj2 Ss), (proj2 Sm), <- (proj2 (proj1 Se i)).
  - intros i Hi room. destruct (squares i ltac:(lia)) as (A1 & A2 & A3 & _).
    destruct (squares (Datatypes.S i) Hi) as (C1 & C2 & C3 & _).
    assert (M1 := centre i ltac:(lia)). assert (M2 := centre (Datatypes.S i) Hi).
    rewrite (proj2 Ss i) in C1, C3. rewrite (proj2 Sm i) in M2.
    destruct Sruns as (Sw & _ & Se & Sg & _). destruct (Sg i) as (Eg & g1). rewrite <- Eg in g1.
    assert (Ew := stored_weights_range _ _ _ _ i weight (proj1 Sw)).
    assert (Em : 0 <= sh i "w_of_mean" <= 1) by (rewrite (proj2 (proj1 Cm i)); exact weight_of_mean).
    assert (room_s : 8 * Top + 8 < bpow radix2 emax) by lra.
    assert (room_m : 8 * (G + c) + 8 < bpow radix2 emax) by lra.
    assert (room_v : 8 * (2 * (Top + (G + c) + (G + c) * (G + c)) + 1) + 8 < bpow radix2 emax)
      by lra.
    assert (size_s : 0 <= sh i "s" <= Top) by lra.
    assert (size_t : 0 <= rounded nearest (sh i) rmsprop_inside_s <= Top) by lra.
    assert (Rs := squares_in_range p emax positive below rho G B (sh i) Top room_s GS size_s g1 Ew
      size_t).
    assert (Rm := centre_in_range (sh i) (G + c) room_m M1 Em M2).
    destruct (variance_in_range (sh i) (G + c) (Top + (G + c)) epsilont room_v ltac:(lra) Rs Rm
      e0 C1 ltac:(lra) M2) as (Rv & v0 & v1).
    split.
    + apply (root_outside_in_range p emax positive below (sh i) variance epsilont S Rv); [| | exact
        room].
      * split; [exact v0 |]. split; [exact e0 |]. eapply Rle_trans; [exact v1 | lra].
      * apply Se.
    + intros y d other. simpl.
      repeat (case String.eqb_spec; [intros -> [= <-]; easy | intros _]). easy.
Qed.

End Format.
