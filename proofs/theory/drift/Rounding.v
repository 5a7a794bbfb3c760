(* SPDX-License-Identifier: Apache-2.0 *)
(* What the drift theorems take rounding to be, and what it does to one product.

   A rounding here has relative error u and absolute error eta, and keeps signs. Overflow is not
   modelled. In these files a tilde marks what is stored, and a coefficient w~ is within relative
   kappa u of its exact w, kappa = 1 + 2^-40 ([kappa]). The states of the rules start at zero.

   Results:
   - [nearest_is_rounding]: rounding to nearest in a format of p bits with gradual underflow has
     u = 2^-p, and eta = 2^(emin-1), half of the smallest subnormal number; p = 24 and emin = -149
     in binary32, 53 and -1074 in binary64;
   - [nearest_is_rounding_unbounded]: without a smallest exponent eta = 0;
   - [product_error]: a product with a coefficient is within (1 + u) (1 + kappa u) - 1 of itself,
     and eta. *)

Require Import Reals Psatz Lia.
From Flocq Require Import Core Relative.
Open Scope R_scope.

Record rounding (u eta : R) (rnd : R -> R) : Prop := {
  u_nonneg : 0 <= u;
  eta_nonneg : 0 <= eta;
  error_bound : forall x, Rabs (rnd x - x) <= u * Rabs x + eta;
  keeps_nonneg : forall x, 0 <= x -> 0 <= rnd x;
  keeps_nonpos : forall x, x <= 0 -> rnd x <= 0
}.

Lemma half_bpow e : / 2 * bpow radix2 (e + 1) = bpow radix2 e.
Proof. rewrite bpow_plus; simpl; lra. Qed.

Theorem nearest_is_rounding emin prec (positive : Prec_gt_0 prec) choice :
  rounding (bpow radix2 (- prec)) (bpow radix2 (emin - 1))
           (round radix2 (FLT_exp emin prec) (Znearest choice)).
Proof.
  split.
  - apply bpow_ge_0.
  - apply bpow_ge_0.
  - intros x.
    destruct (error_N_FLT radix2 emin prec positive choice x) as (e & h & He & Hh & _ & ->).
    rewrite half_bpow in He.
    replace emin with (emin - 1 + 1)%Z in Hh by lia; rewrite half_bpow in Hh.
    replace (x * (1 + e) + h - x) with (e * x + h) by ring.
    eapply Rle_trans; [apply Rabs_triang|].
    rewrite Rabs_mult; generalize (Rabs_pos x); nra.
  - intros x Hx; apply round_ge_generic; auto with typeclass_instances; apply generic_format_0.
  - intros x Hx; apply round_le_generic; auto with typeclass_instances; apply generic_format_0.
Qed.

Theorem nearest_is_rounding_unbounded prec (positive : Prec_gt_0 prec) choice :
  rounding (bpow radix2 (- prec)) 0 (round radix2 (FLX_exp prec) (Znearest choice)).
Proof.
  split.
  - apply bpow_ge_0.
  - apply Rle_refl.
  - intros x; rewrite Rplus_0_r, <- half_bpow; apply relative_error_N_FLX; exact positive.
  - intros x Hx; apply round_ge_generic; auto with typeclass_instances; apply generic_format_0.
  - intros x Hx; apply round_le_generic; auto with typeclass_instances; apply generic_format_0.
Qed.

(** The bound of a coefficient's relative error, in u. *)
Definition kappa := 1 + / 2 ^ 40.

Lemma kappa_pos : 0 < kappa.
Proof. unfold kappa; lra. Qed.

(** |a + b| <= A + B, as a step of a proof. *)
Lemma Rabs_plus a b A B : Rabs a <= A -> Rabs b <= B -> Rabs (a + b) <= A + B.
Proof. intros; eapply Rle_trans; [apply Rabs_triang|lra]. Qed.

Lemma Rabs_times a b A B : Rabs a <= A -> Rabs b <= B -> Rabs (a * b) <= A * B.
Proof.
  intros; rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos.
Qed.

Lemma Rabs_near a b A D : Rabs b <= A -> Rabs (a - b) <= D -> Rabs a <= A + D.
Proof. intros; replace a with (b + (a - b)) by ring; now apply Rabs_plus. Qed.

Lemma square_bound g G : Rabs g <= G -> 0 <= g * g <= G * G.
Proof.
  intros H; generalize (Rabs_times g g G G H H); unfold Rabs at 1; destruct Rcase_abs; nra.
Qed.

(** What a rounding does to an argument that is itself known up to e. *)
Lemma rounded_near u eta rnd a b e :
  rounding u eta rnd -> Rabs (a - b) <= e ->
  Rabs (rnd a - b) <= (1 + u) * e + u * Rabs b + eta.
Proof.
  intros Hr He.
  assert (U := u_nonneg _ _ _ Hr).
  assert (A : Rabs a <= Rabs b + e) by (apply Rabs_near with b; auto with real).
  replace (rnd a - b) with ((rnd a - a) + (a - b)) by ring.
  eapply Rle_trans; [apply Rabs_plus; [apply (error_bound _ _ _ Hr)|exact He]|].
  nra.
Qed.

(** A product with a coefficient that is itself within relative kappa u. *)
Lemma product_error u eta rnd wt w v :
  rounding u eta rnd -> 0 <= w -> Rabs (wt - w) <= kappa * u * w ->
  Rabs (rnd (wt * v) - w * v) <= ((1 + u) * (1 + kappa * u) - 1) * (w * Rabs v) + eta.
Proof.
  intros Hr Hw Hwt.
  assert (E : Rabs (wt * v - w * v) <= kappa * u * w * Rabs v).
  { replace (wt * v - w * v) with ((wt - w) * v) by ring.
    apply Rabs_times; auto with real. }
  assert (S := rounded_near _ _ _ _ _ _ Hr E).
  rewrite Rabs_mult, (Rabs_pos_eq w) in S by exact Hw.
  lra.
Qed.
