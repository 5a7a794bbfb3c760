(* SPDX-License-Identifier: Apache-2.0 *)
(* The square root off the divider (fast/loop/square_root.inl.hpp) is the rounded root, in binary32
   and binary64, for every seed within the error that the instruction set permits.

   The arithmetic is recorded from the code (generated/NumberOperations.v). What moves bits is not,
   and stands there as a variable, of which this file says what it is ([root_inputs]): the number
   after another, and the seed lowered by so many numbers. So does the choice by the sign of the
   test ([off_divider]), and that halving a number by its exponent is its product with 1/2.

   Rounding is to nearest, ties to even, with gradual underflow; x is in the range of
   fast/loop/off_divider.inl.hpp or a wider one, and nothing overflows there.

   Results:
   - [root_of_14_bits_in_binary32], [root_of_11_bits_in_binary32], [root_of_14_bits_in_binary64],
     [root_of_11_bits_in_binary64]: what was recorded is sqrt x, rounded, from every seed t with
     |t sqrt x - 1| at most 2^-14 (AVX-512), or 1.5 x 2^-12 (AVX2; 1.501 x 2^-12 where x was
     rounded to float);
   - [root_of_14_bits_binary32_reads] and the others: what was recorded, in words;
   - [lowered_within]: how far n numbers are;
   - [iterates]: what an iteration of Newton makes of the errors of g and h, every rounding counted;
   - [test_decides]: [one_test_decides] of SquareRoot.v, for any scale and with the test rounded. *)

Require Import Reals ZArith Psatz Lia String.
From Flocq Require Import Core Relative Mult_error.
From Truestep Require Import Expression RunningError SquareRoot.
From TruestepGenerated Require Import NumberOperations.
Open Scope R_scope.

(* So many numbers of the format below t. *)
Definition lowered (fexp : Z -> Z) (n : Z) (t : R) : R :=
  Nat.iter (Z.to_nat n) (pred radix2 fexp) t.

(* What the recorded variables are: x, its seed t, and the number after the one that is tested. *)
Definition root_inputs (fexp : Z -> Z) (x t after : R) (name : string) : R :=
  match name with
  | "x" => x
  | "seed" => t
  | "seed_lowered_by_1040" => lowered fexp 1040 t
  | "seed_lowered_by_16384" => lowered fexp 16384 t
  | "after" => after
  | "0.5" => / 2
  | "0.4999999999990905" => / 2 - / 2 ^ 40
  | _ => 0
  end%string.

(* raised_if_negative (q, test): the code adds the test's sign to the bits of q. *)
Definition off_divider (fexp : Z -> Z) (below test : expression) (x t : R) : R :=
  let rnd := round radix2 fexp ZnearestE in
  let q := rounded rnd (root_inputs fexp x t 0) below in
  let after := succ radix2 fexp q in
  if Rlt_dec (rounded rnd (root_inputs fexp x t after) test) 0 then after else q.

(* An iteration: 1 - a stands for what g is of s, 1 - b for what 2 s h is of 1. *)
Lemma iterated_error a b k m delta u r d :
  Rabs a <= m -> Rabs b <= m -> m <= / 2 ^ 8 -> Rabs (a - b) <= k ->
  0 <= delta <= / 2 ^ 20 -> 0 <= u ->
  Rabs (r - ((a + b - a * b) / 2 - delta)) <= u / 100 -> Rabs d <= u -> u <= / 2 ^ 20 ->
  let a' := 1 - (1 - a) * (1 + r) * (1 + d) in
  1.49 * (a * a) - 0.51 * k + 0.99 * delta - 1.04 * u <= a'
    <= 1.51 * (m * m) + k / 2 + 1.01 * delta + 1.04 * u.
Proof.
  intros A B M K D U R1 D1 U1 a'.
  apply Rabs_le_inv in A, B, K, R1, D1.
  set (rho := (a + b - a * b) / 2 - delta) in *.
  set (e1 := r - rho) in *.
  assert (E : a' = (a - b) / 2 + a * b + a * a / 2 - a * a * b / 2 + (1 - a) * delta
                   - ((1 - a) * e1 + (1 - a) * (1 + r) * d))
    by (unfold a', e1, rho; field).
  assert (ab : - (m * m) <= a * b <= m * m) by (split; nra).
  assert (aa : 0 <= a * a <= m * m) by (split; nra).
  assert (m0 : 0 <= m) by lra. assert (k0 : 0 <= k) by lra.
  assert (mm : 0 <= m * m <= / 2 ^ 8 * m) by (split; nra).
  assert (rr : - (/ 2 ^ 6) <= r <= / 2 ^ 6).
  { replace r with (rho + e1) by (unfold e1; ring). unfold rho. split; lra. }
  assert (t1 : - (1.01 * (u / 100)) <= (1 - a) * e1 <= 1.01 * (u / 100)) by (split; nra).
  assert (t2 : 0 <= (1 - a) * (1 + r) <= 1.02) by (split; nra).
  assert (t3 : - (1.02 * u) <= (1 - a) * (1 + r) * d <= 1.02 * u) by (split; nra).
  assert (t4 : 0.99 * delta <= (1 - a) * delta <= 1.01 * delta) by (split; nra).
  rewrite E. split.
  - assert (L : a * b >= a * a - / 2 ^ 8 * k).
    { replace (a * b) with (a * a - a * (a - b)) by ring.
      assert (a * (a - b) <= / 2 ^ 8 * k) by nra. lra. }
    assert (a * a * b <= / 2 ^ 8 * (a * a)) by nra. lra.
  - assert (- (/ 2 ^ 8 * (a * a)) <= a * a * b) by nra. lra.
Qed.

Lemma iterated_apart a b k m delta u r c d :
  Rabs a <= m -> Rabs b <= m -> m <= / 2 ^ 8 -> Rabs (a - b) <= k -> 0 <= u ->
  0 <= delta <= / 2 ^ 20 ->
  Rabs (r - ((a + b - a * b) / 2 - delta)) <= u / 100 -> Rabs c <= u -> Rabs d <= u ->
  u <= / 2 ^ 20 ->
  Rabs ((1 - (1 - a) * (1 + r) * (1 + c)) - (1 - (1 - b) * (1 + r) * (1 + d)))
    <= 1.02 * k + 2.08 * u.
Proof.
  intros A B M K U D R1 C1 D1 U1.
  apply Rabs_le_inv in A, B, K, R1, C1, D1.
  assert (ab : - (/ 2 ^ 15) <= a * b <= / 2 ^ 15) by (split; nra).
  assert (rr : - (/ 2 ^ 6) <= r <= / 2 ^ 6) by (split; lra).
  assert (t1 : 0 <= (1 - a) * (1 + r) <= 1.03) by (split; nra).
  assert (t2 : 0 <= (1 - b) * (1 + r) <= 1.03) by (split; nra).
  assert (t3 : - (1.03 * u) <= (1 - a) * (1 + r) * c <= 1.03 * u) by (split; nra).
  assert (t4 : - (1.03 * u) <= (1 - b) * (1 + r) * d <= 1.03 * u) by (split; nra).
  replace (1 - (1 - a) * (1 + r) * (1 + c) - (1 - (1 - b) * (1 + r) * (1 + d)))
    with ((a - b) * (1 + r) - (1 - a) * (1 + r) * c + (1 - b) * (1 + r) * d) by ring.
  assert (- (1.02 * k) <= (a - b) * (1 + r) <= 1.02 * k) by (split; nra).
  apply Rabs_le. lra.
Qed.

Section Format.

Variables emin p : Z.
Context (positive : Prec_gt_0 p).
Hypothesis digits : (24 <= p)%Z.
Hypothesis exponents : (emin + 3 * p <= -8)%Z.

Notation fexp := (FLT_exp emin p).
Notation format := (generic_format radix2 fexp).
Notation rnd := (round radix2 fexp ZnearestE).
Notation u := (bpow radix2 (- p)).

Lemma u_small : 0 < u <= / 2 ^ 24.
Proof.
  split; [apply bpow_gt_0 |]. replace (/ 2 ^ 24) with (bpow radix2 (-24)) by (simpl; lra).
  apply bpow_le. lia.
Qed.

Lemma half_u : / 2 * bpow radix2 (- p + 1) = u.
Proof. rewrite bpow_plus. simpl (bpow radix2 1). lra. Qed.

Lemma relative z : bpow radix2 (emin + p - 1) <= Rabs z ->
  exists d, Rabs d <= u /\ rnd z = z * (1 + d).
Proof.
  intro Z. destruct (relative_error_N_FLT_ex radix2 emin p positive
    (fun x => negb (Z.even x)) z Z) as (d & D & E).
  exists d. rewrite half_u in D. now split.
Qed.

(* Where a number may be small. *)
Lemma absolute z : Rabs z <= / 2 ^ 7 -> Rabs (rnd z - z) <= u / 100.
Proof.
  intro Z. destruct (error_N_FLT radix2 emin p positive (fun x => negb (Z.even x)) z)
    as (d & e & D & E & _ & H).
  change (round radix2 fexp (Znearest (fun x => negb (Z.even x))) z) with (rnd z) in H.
  rewrite half_u in D. rewrite H.
  replace (z * (1 + d) + e - z) with (z * d + e) by ring.
  assert (U := u_small).
  assert (T : bpow radix2 emin <= u * / 2 ^ 8).
  { replace (/ 2 ^ 8) with (bpow radix2 (-8)) by (simpl; lra). rewrite <- bpow_plus.
    apply bpow_le. lia. }
  assert (Z1 : Rabs (z * d) <= / 2 ^ 7 * u)
    by (rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos).
  eapply Rle_trans; [apply Rabs_triang |]. lra.
Qed.

(* Scaling. *)

Lemma round_scaled z k : round radix2 (FLX_exp p) ZnearestE (z * bpow radix2 k)
  = round radix2 (FLX_exp p) ZnearestE z * bpow radix2 k.
Proof.
  destruct (Req_dec z 0) as [-> | N]; [now rewrite Rmult_0_l, round_0, Rmult_0_l by
    auto with typeclass_instances |].
  unfold round, F2R, scaled_mantissa, cexp, FLX_exp. cbn [Fnum Fexp].
  rewrite mag_mult_bpow by exact N.
  replace (z * bpow radix2 k * bpow radix2 (- (mag radix2 z + k - p)))
    with (z * bpow radix2 (- (mag radix2 z - p))).
  - rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. lia.
  - rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. lia.
Qed.

Lemma after_scaled z k : z <> 0 -> after p (z * bpow radix2 k) = after p z * bpow radix2 k.
Proof.
  intro N. unfold after. assert (B := bpow_gt_0 radix2 k).
  rewrite !ulp_neq_0 by (try apply Rmult_integral_contrapositive_currified; lra).
  unfold cexp, FLX_exp. rewrite mag_mult_bpow by exact N.
  rewrite Rmult_plus_distr_r, <- bpow_plus. do 2 f_equal. lia.
Qed.

Lemma format_scaled z k : generic_format radix2 (FLX_exp p) z ->
  generic_format radix2 (FLX_exp p) (z * bpow radix2 k).
Proof. apply mult_bpow_exact_FLX. Qed.

Lemma succ_is_after q : bpow radix2 (emin + p - 1) <= q -> succ radix2 fexp q = after p q.
Proof.
  intro Q. assert (B := bpow_gt_0 radix2 (emin + p - 1)).
  rewrite succ_eq_pos by lra. unfold after. rewrite !ulp_neq_0 by lra.
  now rewrite cexp_FLT_FLX by (rewrite Rabs_pos_eq; lra).
Qed.

Lemma multiple z : generic_format radix2 (FLX_exp p) z -> / 2 <= z ->
  exists m, z = IZR m * bpow radix2 (- p).
Proof.
  intros F Z. assert (M : (0 <= mag radix2 z)%Z).
  { apply mag_ge_bpow. rewrite Rabs_pos_eq by lra. simpl. lra. }
  rewrite F. unfold F2R. cbn [Fnum Fexp]. set (n := Ztrunc _).
  assert (C : (- p <= cexp radix2 (FLX_exp p) z)%Z) by (unfold cexp, FLX_exp; lia).
  exists (n * 2 ^ (cexp radix2 (FLX_exp p) z - - p))%Z.
  rewrite mult_IZR. rewrite (IZR_Zpower radix2) by lia. rewrite Rmult_assoc, <- bpow_plus.
  do 2 f_equal. lia.
Qed.

Lemma test_apart Q X : generic_format radix2 (FLX_exp p) Q -> generic_format radix2 (FLX_exp p) X ->
  / 2 <= Q -> / 2 <= X -> Q * after p Q < X -> Q * after p Q - X <= - bpow radix2 (- (2 * p)).
Proof.
  intros FQ FX HQ HX L.
  assert (FA : generic_format radix2 (FLX_exp p) (after p Q)).
  { unfold after. rewrite <- succ_eq_pos by lra. apply generic_format_succ;
      auto with typeclass_instances. }
  assert (HA : / 2 <= after p Q).
  { unfold after. assert (H := ulp_ge_0 radix2 (FLX_exp p) Q). lra. }
  destruct (multiple Q FQ HQ) as (i & I). destruct (multiple _ FA HA) as (j & J).
  destruct (multiple X FX HX) as (n & N).
  assert (E : bpow radix2 (- (2 * p)) = u * u) by (rewrite <- bpow_plus; f_equal; lia).
  assert (one : IZR (2 ^ p) * u = 1).
  { rewrite (IZR_Zpower radix2) by lia. rewrite <- bpow_plus.
    now replace (p + - p)%Z with 0%Z by lia. }
  assert (EX : X = IZR (n * 2 ^ p) * (u * u)).
  { rewrite N, mult_IZR. transitivity (IZR n * u * (IZR (2 ^ p) * u)); [rewrite one |]; ring. }
  assert (EQ : Q * after p Q = IZR (i * j) * (u * u)) 
    by (rewrite I at 1; rewrite J, mult_IZR; ring).
  rewrite EQ, EX, E in *. assert (U := u_small).
  assert (uu : 0 < u * u) by (apply Rmult_lt_0_compat; apply U).
  apply Rmult_lt_reg_r in L; [| exact uu]. apply lt_IZR in L.
  assert (L' : (i * j + 1 <= n * 2 ^ p)%Z) by lia. apply IZR_le in L'. rewrite plus_IZR in L'.
  nra.
Qed.

(* The end: a value from below, and one test. *)
Theorem test_decides x v :
  format x -> bpow radix2 (emin + 2 * p + 1) <= x ->
  sqrt x - 7 / 8 * u * sqrt x < v < sqrt x ->
  let q := rnd v in
  (if Rlt_dec (rnd (q * succ radix2 fexp q + - x)) 0 then succ radix2 fexp q else q) = rnd (sqrt x).
Proof.
  intros F X V q. assert (U := u_small).
  assert (B := bpow_gt_0 radix2 (emin + 2 * p + 1)).
  set (s := sqrt x) in *.
  assert (S : 0 < s) by (apply sqrt_lt_R0; lra).
  assert (ss : s * s = x) by (apply sqrt_sqrt; lra).
  set (k := (mag radix2 s - 1)%Z).
  assert (K : bpow radix2 k <= s < bpow radix2 (k + 1)).
  { destruct (mag radix2 s) as (e & He). unfold k. cbn [mag_val] in *.
    specialize (He ltac:(lra)). rewrite Rabs_pos_eq in He by lra.
    now replace (e - 1 + 1)%Z with e by lia. }
  assert (kk : (emin + 2 * p <= 2 * k)%Z).
  { assert (H : bpow radix2 (emin + 2 * p + 1) < bpow radix2 (2 * k + 2)).
    { replace (2 * k + 2)%Z with (k + 1 + (k + 1))%Z by lia.
      rewrite (bpow_plus _ (k + 1)).
      apply Rle_lt_trans with (s * s); [lra |]. apply Rmult_le_0_lt_compat; lra. }
    apply lt_bpow in H. lia. }
  set (b := bpow radix2 k) in *. assert (b0 : 0 < b) by apply bpow_gt_0.
  assert (bi : bpow radix2 (- k) = / b) by apply bpow_opp.
  assert (twice : bpow radix2 (k + 1) = 2 * b)
    by (rewrite bpow_plus; simpl (bpow radix2 1); fold b; lra).
  set (X' := x * bpow radix2 (- (2 * k))). set (V' := v * bpow radix2 (- k)).
  assert (xX : x = X' * bpow radix2 (2 * k)).
  { unfold X'. rewrite Rmult_assoc, <- bpow_plus. replace (- (2 * k) + 2 * k)%Z with 0%Z by lia.
    simpl. ring. }
  assert (vV : v = V' * b).
  { unfold V', b. rewrite Rmult_assoc, <- bpow_plus. replace (- k + k)%Z with 0%Z by lia.
    simpl. ring. }
  assert (bb : bpow radix2 (2 * k) = b * b) by (unfold b; rewrite <- bpow_plus; f_equal; lia).
  set (S' := s * / b).
  assert (sS : s = S' * b) by (unfold S'; field; lra).
  assert (S1 : 1 <= S' < 2).
  { split; [apply Rmult_le_reg_r with b | apply Rmult_lt_reg_r with b]; lra. }
  assert (X1 : X' = S' * S').
  { apply Rmult_eq_reg_r with (b * b); [| nra]. rewrite <- bb at 1.
    rewrite <- xX, <- ss, sS. ring. }
  assert (X2 : 1 <= X' < 4) by (rewrite X1; nra).
  assert (root : sqrt X' = S') by (rewrite X1; apply sqrt_square; lra).
  assert (FX : generic_format radix2 (FLX_exp p) X').
  { apply format_scaled. now apply generic_format_FLX_FLT with emin. }
  assert (V2 : sqrt X' - 7 / 8 * u * sqrt X' < V' < sqrt X').
  { rewrite root. rewrite vV, sS in V. split; apply Rmult_lt_reg_r with b; lra. }
  assert (decided := one_test_decides p positive ltac:(lia) X' V' FX X2 V2).
  unfold root_by_one_test in decided. cbv zeta in decided. rewrite root in *.
  assert (normal : bpow radix2 (emin + p - 1) <= / 2 * b).
  { replace (/ 2) with (bpow radix2 (-1)) by (simpl; lra). unfold b. rewrite <- bpow_plus.
    apply bpow_le. lia. }
  assert (low : / 2 < V') by (assert (7 / 8 * u * S' <= / 4) by nra; lra).
  assert (Eq : q = round radix2 (FLX_exp p) ZnearestE V' * b).
  { unfold q. rewrite round_FLT_FLX by (rewrite Rabs_pos_eq by nra; nra).
    rewrite vV. apply round_scaled. }
  assert (Es : rnd s = round radix2 (FLX_exp p) ZnearestE S' * b).
  { rewrite round_FLT_FLX by (rewrite Rabs_pos_eq by lra; lra). rewrite sS at 1.
    apply round_scaled. }
  set (Q := round radix2 (FLX_exp p) ZnearestE V') in *.
  assert (Q0 : / 2 <= Q).
  { assert (H : generic_format radix2 (FLX_exp p) (/ 2)).
    { replace (/ 2) with (bpow radix2 (-1)) by (simpl; lra). apply generic_format_bpow.
      unfold FLX_exp. lia. }
    rewrite <- (round_generic radix2 (FLX_exp p) ZnearestE (/ 2) H).
    apply round_le; auto with typeclass_instances; lra. }
  assert (FQ : generic_format radix2 (FLX_exp p) Q)
    by (apply generic_format_round; auto with typeclass_instances).
  assert (Ea : succ radix2 fexp q = after p Q * b).
  { rewrite succ_is_after by (rewrite Eq; nra). rewrite Eq. apply after_scaled. lra. }
  rewrite Ea, Es, <- decided.
  assert (Ez : q * (after p Q * b) + - x = (Q * after p Q - X') * bpow radix2 (2 * k))
    by (rewrite Eq, bb; rewrite xX, bb at 1; ring).
  rewrite Ez. set (z := Q * after p Q - X') in *.
  destruct (Rlt_dec (Q * after p Q) X') as [L | L].
  - assert (A := test_apart Q X' FQ FX Q0 ltac:(lra) L). fold z in A.
    destruct Rlt_dec as [_ | N]; [reflexivity | exfalso; apply N].
    assert (H : z * bpow radix2 (2 * k) <= - bpow radix2 (2 * k - 2 * p)).
    { replace (2 * k - 2 * p)%Z with (- (2 * p) + 2 * k)%Z by lia.
      rewrite bpow_plus.
      assert (P := bpow_gt_0 radix2 (2 * k)). nra. }
    apply Rle_lt_trans with (- bpow radix2 (2 * k - 2 * p));
      [| assert (P := bpow_gt_0 radix2 (2 * k - 2 * p)); lra].
    rewrite <- (round_generic radix2 fexp ZnearestE (- bpow radix2 (2 * k - 2 * p))).
    + apply round_le; auto with typeclass_instances.
    + apply generic_format_opp, generic_format_bpow. unfold FLT_exp. lia.
  - destruct Rlt_dec as [N | _]; [exfalso | now rewrite Eq].
    assert (P := bpow_gt_0 radix2 (2 * k)).
    assert (H : 0 <= z * bpow radix2 (2 * k)) by (unfold z; nra).
    assert (G : 0 <= rnd (z * bpow radix2 (2 * k))).
    { rewrite <- (round_0 radix2 fexp ZnearestE) at 1.
      apply round_le; auto with typeclass_instances. }
    lra.
Qed.

(* From g and h to the root. *)
Lemma ends x s a b g h :
  format x -> bpow radix2 (emin + 2 * p + 1) <= x -> s = sqrt x ->
  g = s * (1 - a) -> h = (1 - b) / (2 * s) ->
  u < a <= / 2 ^ 8 -> u < b <= / 2 ^ 8 -> a * (a / 2 + b + u) < 7 / 8 * u ->
  let q := rnd (rnd (- g * g + x) * h + g) in
  (if Rlt_dec (rnd (q * succ radix2 fexp q + - x)) 0 then succ radix2 fexp q else q) = rnd (sqrt x).
Proof.
  intros F X S G H A B small q. assert (U := u_small).
  assert (P := bpow_gt_0 radix2 (emin + 2 * p + 1)).
  assert (S0 : 0 < s) by (rewrite S; apply sqrt_lt_R0; lra).
  assert (ss : s * s = x) by (rewrite S; apply sqrt_sqrt; lra).
  assert (E : - g * g + x = x * (a * (2 - a))) by (rewrite G, <- ss; ring).
  assert (large : bpow radix2 (emin + p - 1) <= - g * g + x).
  { rewrite E. apply Rle_trans with (bpow radix2 (emin + 2 * p + 1) * u).
    - rewrite <- bpow_plus. apply bpow_le. lia.
    - apply Rmult_le_compat; try lra. nra. }
  assert (P' := bpow_gt_0 radix2 (emin + p - 1)).
  destruct (relative (- g * g + x)) as (c & C & Ec); [rewrite Rabs_pos_eq; lra |].
  unfold q. rewrite Ec. apply test_decides; [exact F | exact X |].
  assert (L := last_step_below s a b c u S0 ltac:(lra) ltac:(lra) ltac:(lra) C). cbv zeta in L.
  rewrite <- G, <- H, ss in L.
  replace ((- g * g + x) * (1 + c) * h + g) with (g + (x - g * g) * (1 + c) * h) by ring.
  rewrite <- S. nra.
Qed.

(* The start: one rounded product, and half of y. *)
Lemma starts x s y e :
  bpow radix2 (emin + p + 1) <= s -> bpow radix2 (emin + p + 1) <= / s -> x = s * s ->
  y = (1 - e) / s -> Rabs e <= / 2 ^ 8 ->
  exists a b, rnd (x * y) = s * (1 - a) /\ rnd (/ 2 * y) = (1 - b) / (2 * s)
    /\ Rabs (a - e) <= 1.01 * u /\ Rabs (b - e) <= 1.01 * u.
Proof.
  intros S S' X Y E. apply Rabs_le_inv in E. assert (U := u_small).
  assert (P := bpow_gt_0 radix2 (emin + p + 1)).
  assert (half : bpow radix2 (emin + p - 1) = / 4 * bpow radix2 (emin + p + 1)).
  { replace (/ 4) with (bpow radix2 (-2)) by (simpl; lra). rewrite <- bpow_plus. f_equal. lia. }
  assert (s0 : 0 < s) by lra. assert (s1 : 0 < / s) by lra.
  assert (Exy : x * y = s * (1 - e)) by (rewrite X, Y; field; lra).
  assert (Ehy : / 2 * y = (1 - e) * / s * / 2) by (rewrite Y; field; lra).
  destruct (relative (x * y)) as (d & D & Ed).
  { rewrite Exy, half, Rabs_pos_eq; nra. }
  destruct (relative (/ 2 * y)) as (f & D' & Ef).
  { rewrite Ehy, half, Rabs_pos_eq; nra. }
  apply Rabs_le_inv in D, D'.
  exists (1 - (1 - e) * (1 + d)), (1 - (1 - e) * (1 + f)). repeat split.
  - rewrite Ed, Exy. ring.
  - rewrite Ef, Ehy. field. lra.
  - apply Rabs_le. split; nra.
  - apply Rabs_le. split; nra.
Qed.

(* An iteration. *)
Theorem iterates s a b k m delta g h :
  bpow radix2 (emin + p + 1) <= s -> bpow radix2 (emin + p + 1) <= / s ->
  g = s * (1 - a) -> h = (1 - b) / (2 * s) ->
  Rabs a <= m -> Rabs b <= m -> m <= / 2 ^ 8 -> Rabs (a - b) <= k -> 0 <= delta <= / 2 ^ 20 ->
  let r := rnd (- g * h + (/ 2 - delta)) in
  exists a' b',
    rnd (g * r + g) = s * (1 - a') /\ rnd (h * r + h) = (1 - b') / (2 * s) /\
    1.49 * (a * a) - 0.51 * k + 0.99 * delta - 1.04 * u <= a'
      <= 1.51 * (m * m) + k / 2 + 1.01 * delta + 1.04 * u /\
    1.49 * (b * b) - 0.51 * k + 0.99 * delta - 1.04 * u <= b'
      <= 1.51 * (m * m) + k / 2 + 1.01 * delta + 1.04 * u /\
    Rabs (a' - b') <= 1.02 * k + 2.08 * u.
Proof.
  intros S S' G H A B M K D r. assert (U := u_small).
  assert (P := bpow_gt_0 radix2 (emin + p + 1)).
  assert (half : bpow radix2 (emin + p - 1) = / 4 * bpow radix2 (emin + p + 1)).
  { replace (/ 4) with (bpow radix2 (-2)) by (simpl; lra). rewrite <- bpow_plus. f_equal. lia. }
  assert (s0 : 0 < s) by lra. assert (s1 : 0 < / s) by lra.
  set (rho := (a + b - a * b) / 2 - delta).
  assert (Er : - g * h + (/ 2 - delta) = rho) by (unfold rho; rewrite G, H; field; lra).
  assert (A' := Rabs_le_inv _ _ A). assert (B' := Rabs_le_inv _ _ B).
  assert (ab : - (/ 2 ^ 15) <= a * b <= / 2 ^ 15) by (split; nra).
  assert (R1 : Rabs (r - rho) <= u / 100).
  { unfold r. rewrite Er. apply absolute. apply Rabs_le. unfold rho. lra. }
  assert (R2 := Rabs_le_inv _ _ R1).
  assert (rr : - (/ 2 ^ 6) <= r <= / 2 ^ 6) by (unfold rho in R2; lra).
  destruct (relative (g * r + g)) as (c & C & Ec).
  { replace (g * r + g) with (s * ((1 - a) * (1 + r))) by (rewrite G; ring).
    assert (/ 2 <= (1 - a) * (1 + r)) by nra. rewrite half, Rabs_pos_eq; nra. }
  destruct (relative (h * r + h)) as (d & D1 & Ed).
  { replace (h * r + h) with (/ s * ((1 - b) * (1 + r)) * / 2) by (rewrite H; field; lra).
    assert (/ 2 <= (1 - b) * (1 + r)) by nra. rewrite half, Rabs_pos_eq; nra. }
  assert (K' : Rabs (b - a) <= k) by (rewrite Rabs_minus_sym; exact K).
  assert (R1' : Rabs (r - ((b + a - b * a) / 2 - delta)) <= u / 100).
  { replace ((b + a - b * a) / 2 - delta) with rho by (unfold rho; field). exact R1. }
  exists (1 - (1 - a) * (1 + r) * (1 + c)), (1 - (1 - b) * (1 + r) * (1 + d)).
  split; [| split; [| split; [| split]]].
  - rewrite Ec, G. ring.
  - rewrite Ed, H. field. lra.
  - apply (iterated_error a b k m delta u r c); auto; lra.
  - apply (iterated_error b a k m delta u r d); auto; lra.
  - apply (iterated_apart a b k m delta u r c d); auto; lra.
Qed.

(* n numbers down. *)
Theorem lowered_within n t :
  format t -> bpow radix2 (emin + p + 1) <= t -> IZR n * (2 * u) <= / 2 -> (0 <= n)%Z ->
  let y := lowered fexp n t in IZR n * u * y <= t - y <= IZR n * (2 * u) * t.
Proof.
  intros F T N n0. assert (U := u_small). assert (P := bpow_gt_0 radix2 (emin + p + 1)).
  assert (half : bpow radix2 (emin + p - 1) = / 4 * bpow radix2 (emin + p + 1)).
  { replace (/ 4) with (bpow radix2 (-2)) by (simpl; lra). rewrite <- bpow_plus. f_equal. lia. }
  assert (En : IZR n = INR (Z.to_nat n)) by (rewrite INR_IZR_INZ, Z2Nat.id; auto).
  cbv zeta. unfold lowered. rewrite En in *.
  assert (claim : forall j, (j <= Z.to_nat n)%nat ->
    let y := Nat.iter j (pred radix2 fexp) t in
    format y /\ 0 < y /\ INR j * u * y <= t - y <= INR j * (2 * u) * t).
  { induction j as [| j IH]; intro J; cbv zeta.
    - simpl. split; [exact F | split; lra].
    - destruct (IH ltac:(lia)) as (Fy & y0 & Y). cbv zeta in *.
      set (y := Nat.iter j (pred radix2 fexp) t) in *.
      change (Nat.iter (Datatypes.S j) (pred radix2 fexp) t) with (pred radix2 fexp y).
      assert (J' : INR j * (2 * u) <= / 2).
      { eapply Rle_trans; [| exact N]. apply Rmult_le_compat_r; [lra |]. apply le_INR. lia. }
      assert (J0 := pos_INR j).
      assert (y1 : bpow radix2 (emin + p - 1) < y) by nra.
      assert (z1 : bpow radix2 (emin + p - 1) <= pred radix2 fexp y).
      { apply pred_ge_gt; auto with typeclass_instances.
        apply generic_format_bpow. unfold FLT_exp. lia. }
      assert (P1 := bpow_gt_0 radix2 (emin + p - 1)).
      assert (step : pred radix2 fexp y + ulp radix2 fexp (pred radix2 fexp y) = y)
        by (apply pred_plus_ulp; auto with typeclass_instances).
      set (z := pred radix2 fexp y) in *.
      assert (Az : Rabs z = z) by (apply Rabs_pos_eq; lra).
      assert (up : ulp radix2 fexp z <= z * (2 * u)).
      { rewrite <- Az at 2. replace (2 * u) with (bpow radix2 (1 - p)).
        - apply ulp_FLT_le; auto with typeclass_instances. now rewrite Az.
        - unfold Zminus. rewrite bpow_plus. reflexivity. }
      assert (down : z * u <= ulp radix2 fexp z).
      { rewrite <- Az at 1. apply Rlt_le, ulp_FLT_gt; auto with typeclass_instances. }
      rewrite S_INR. split; [apply generic_format_pred; auto with typeclass_instances |].
      split; [lra |]. set (c := INR j * u) in *.
      assert (c0 : 0 <= c) by (apply Rmult_le_pos; lra).
      assert (cy : 0 <= c * y) by (apply Rmult_le_pos; lra).
      assert (cz : c * z <= c * y) by (apply Rmult_le_compat_l; lra).
      assert (zt : z * (2 * u) <= t * (2 * u)) by (apply Rmult_le_compat_r; lra).
      split; [replace ((INR j + 1) * u * z) with (c * z + z * u) by (unfold c; ring); lra |].
      replace ((INR j + 1) * (2 * u) * t) with (INR j * (2 * u) * t + t * (2 * u)) by ring. lra. }
  apply (claim (Z.to_nat n)). lia.
Qed.

End Format.

Lemma root_between x i j : bpow radix2 (2 * i) <= x < bpow radix2 (2 * j) ->
  sqrt x * sqrt x = x /\ bpow radix2 i <= sqrt x /\ bpow radix2 (- j) <= / sqrt x.
Proof.
  intros X. assert (I := bpow_gt_0 radix2 i). assert (J := bpow_gt_0 radix2 j).
  replace (2 * i)%Z with (i + i)%Z in X by lia. replace (2 * j)%Z with (j + j)%Z in X by lia.
  rewrite !bpow_plus in X. assert (P := sqrt_pos x).
  assert (E : sqrt x * sqrt x = x) by (apply sqrt_sqrt; nra).
  assert (S : bpow radix2 i <= sqrt x).
  { rewrite <- (sqrt_square (bpow radix2 i)) by lra. apply sqrt_le_1_alt. lra. }
  split; [exact E | split; [exact S |]].
  rewrite bpow_opp. apply Rinv_le; [lra |].
  apply Rsqr_incr_0_var; unfold Rsqr; lra.
Qed.

(* A seed within eps of 1 / s, lowered by n numbers. *)
Lemma lowered_relative emin p (positive : Prec_gt_0 p) n t s eps :
  (24 <= p)%Z -> generic_format radix2 (FLT_exp emin p) t ->
  bpow radix2 (emin + p + 2) <= / s -> 0 < s -> Rabs (t * s - 1) <= eps -> eps <= / 2 ->
  IZR n * (2 * bpow radix2 (- p)) <= / 2 -> (0 <= n)%Z ->
  exists e, lowered (FLT_exp emin p) n t = (1 - e) / s
    /\ IZR n * bpow radix2 (- p) * (1 - e) - eps <= e
    /\ e <= IZR n * (2 * bpow radix2 (- p)) * (1 + eps) + eps.
Proof.
  intros P F S S0 T H N n0. apply Rabs_le_inv in T.
  assert (t0 : bpow radix2 (emin + p + 1) <= t).
  { replace (emin + p + 2)%Z with (emin + p + 1 + 1)%Z in S by lia. rewrite bpow_plus in S.
    simpl (bpow radix2 1) in S. apply Rmult_le_reg_r with s; [exact S0 |].
    apply Rmult_le_compat_r with (r := s) in S; [| lra]. rewrite Rinv_l in S by lra. lra. }
  destruct (lowered_within emin p positive P n t F t0 N n0) as (L & U).
  set (y := lowered (FLT_exp emin p) n t) in *.
  exists (1 - y * s). split; [field; lra |].
  apply Rmult_le_compat_r with (r := s) in L; [| lra].
  apply Rmult_le_compat_r with (r := s) in U; [| lra].
  assert (n1 : 0 <= IZR n) by now apply IZR_le. assert (u0 := bpow_gt_0 radix2 (- p)).
  assert (n2 : 0 <= IZR n * (2 * bpow radix2 (- p))) by (apply Rmult_le_pos; lra).
  replace ((t - y) * s) with (t * s - y * s) in * by ring.
  rewrite Rmult_assoc in L, U. split; nra.
Qed.

(* What was recorded, in words, with any rounding. *)

Definition last_of (fexp : Z -> Z) (x g h : R) : R :=
  let rnd := round radix2 fexp ZnearestE in
  let q := rnd (rnd (- g * g + x) * h + g) in
  if Rlt_dec (rnd (q * succ radix2 fexp q + - x)) 0 then succ radix2 fexp q else q.

Theorem root_of_14_bits_binary32_reads (fexp : Z -> Z) (x t : R) :
  off_divider fexp root_of_14_bits_binary32_below root_of_14_bits_binary32_test x t =
  let rnd := round radix2 fexp ZnearestE in
  let y := lowered fexp 1040 t in last_of fexp x (rnd (x * y)) (rnd (/ 2 * y)).
Proof. reflexivity. Qed.

Theorem root_of_11_bits_binary32_reads (fexp : Z -> Z) (x t : R) :
  off_divider fexp root_of_11_bits_binary32_below root_of_11_bits_binary32_test x t =
  let rnd := round radix2 fexp ZnearestE in
  let y := lowered fexp 16384 t in
  let g := rnd (x * y) in
  let h := rnd (/ 2 * y) in
  let r := rnd (- g * h + / 2) in
  last_of fexp x (rnd (g * r + g)) h.
Proof. reflexivity. Qed.

Theorem root_of_14_bits_binary64_reads (fexp : Z -> Z) (x t : R) :
  off_divider fexp root_of_14_bits_binary64_below root_of_14_bits_binary64_test x t =
  let rnd := round radix2 fexp ZnearestE in
  let g := rnd (x * t) in
  let h := rnd (/ 2 * t) in
  let r := rnd (- g * h + (/ 2 - / 2 ^ 40)) in
  last_of fexp x (rnd (g * r + g)) (rnd (h * r + h)).
Proof. reflexivity. Qed.

Theorem root_of_11_bits_binary64_reads (fexp : Z -> Z) (x t : R) :
  off_divider fexp root_of_11_bits_binary64_below root_of_11_bits_binary64_test x t =
  let rnd := round radix2 fexp ZnearestE in
  let g := rnd (x * t) in
  let h := rnd (/ 2 * t) in
  let r := rnd (- g * h + (/ 2 - / 2 ^ 40)) in
  let g' := rnd (g * r + g) in
  let h' := rnd (h * r + h) in
  let r' := rnd (- g' * h' + (/ 2 - / 2 ^ 40)) in
  last_of fexp x (rnd (g' * r' + g')) h'.
Proof. reflexivity. Qed.

(* A product that grows with its factors. *)
Lemma last_small a b u A B :
  0 <= a <= A -> 0 <= b <= B -> 0 <= u -> a * (a / 2 + b + u) <= A * (A / 2 + B + u).
Proof. intros. apply Rmult_le_compat; lra. Qed.

Theorem root_of_14_bits_in_binary32 (x t : R) :
  generic_format radix2 binary32 x -> bpow radix2 (-100) <= x < bpow radix2 128 ->
  generic_format radix2 binary32 t -> Rabs (t * sqrt x - 1) <= / 2 ^ 14 ->
  off_divider binary32 root_of_14_bits_binary32_below root_of_14_bits_binary32_test x t =
  round radix2 binary32 ZnearestE (sqrt x).
Proof.
  intros F X Ft T. rewrite root_of_14_bits_binary32_reads. cbv zeta. unfold binary32 in *.
  destruct (root_between x (-50) 64 X) as (ss & S1 & S2). set (s := sqrt x) in *.
  assert (B1 : bpow radix2 (-149 + 24 + 1) <= bpow radix2 (-50)) by (apply bpow_le; lia).
  assert (B2 : bpow radix2 (-149 + 24 + 2) <= bpow radix2 (- (64))) by (apply bpow_le; lia).
  assert (B3 : bpow radix2 (-149 + 24 + 1) <= bpow radix2 (- (64))) by (apply bpow_le; lia).
  assert (S0 : 0 < s) by (assert (H := bpow_gt_0 radix2 (-50)); lra).
  assert (eu : bpow radix2 (- (24)) = / 2 ^ 24) by (simpl; lra).
  destruct (lowered_relative (-149) 24 eq_refl 1040 t s (/ 2 ^ 14)) as (e & E & L & U);
    try assumption; try lia; try lra.
  rewrite eu in L, U.
  destruct (starts (-149) 24 eq_refl ltac:(lia) x s (lowered (FLT_exp (-149) 24) 1040 t) e)
    as (a & b & G & H & A & B'); try assumption; try lra; [apply Rabs_le; lra |].
  rewrite eu in A, B'. apply Rabs_le_inv in A, B'.
  refine (ends (-149) 24 eq_refl ltac:(lia) ltac:(lia) x s a b _ _ F _ eq_refl G H _ _ _);
    rewrite ?eu; [apply (proj1 X) | lra | lra |].
  eapply Rle_lt_trans; [apply (last_small a b _ (305 / 100 / 2 ^ 14) (305 / 100 / 2 ^ 14)); lra |].
  lra.
Qed.

Theorem root_of_11_bits_in_binary32 (x t : R) :
  generic_format radix2 binary32 x -> bpow radix2 (-100) <= x < bpow radix2 128 ->
  generic_format radix2 binary32 t -> Rabs (t * sqrt x - 1) <= 1.5 / 2 ^ 12 ->
  off_divider binary32 root_of_11_bits_binary32_below root_of_11_bits_binary32_test x t =
  round radix2 binary32 ZnearestE (sqrt x).
Proof.
  intros F X Ft T. rewrite root_of_11_bits_binary32_reads. cbv zeta. unfold binary32 in *.
  destruct (root_between x (-50) 64 X) as (ss & S1 & S2). set (s := sqrt x) in *.
  assert (B1 : bpow radix2 (-149 + 24 + 1) <= bpow radix2 (-50)) by (apply bpow_le; lia).
  assert (B2 : bpow radix2 (-149 + 24 + 2) <= bpow radix2 (- (64))) by (apply bpow_le; lia).
  assert (B3 : bpow radix2 (-149 + 24 + 1) <= bpow radix2 (- (64))) by (apply bpow_le; lia).
  assert (S0 : 0 < s) by (assert (H := bpow_gt_0 radix2 (-50)); lra).
  assert (eu : bpow radix2 (- (24)) = / 2 ^ 24) by (simpl; lra).
  destruct (lowered_relative (-149) 24 eq_refl 16384 t s (1.5 / 2 ^ 12)) as (e & E & L & U);
    try assumption; try lia; try lra.
  rewrite eu in L, U.
  destruct (starts (-149) 24 eq_refl ltac:(lia) x s (lowered (FLT_exp (-149) 24) 16384 t) e)
    as (a & b & G & H & A & B'); try assumption; try lra; [apply Rabs_le; lra |].
  rewrite eu in A, B'. apply Rabs_le_inv in A, B'.
  destruct (iterates (-149) 24 eq_refl ltac:(lia) ltac:(lia) s a b (2.02 / 2 ^ 24)
    (2.39 / 2 ^ 10) 0 _ _ ltac:(lra) ltac:(lra) G H) as (a' & b' & G' & _ & A' & _ & _);
    try (apply Rabs_le); try lra.
  rewrite Rminus_0_r in G'. rewrite eu in A'.
  assert (aa : 0.61 / 2 ^ 10 * (0.61 / 2 ^ 10) <= a * a) by (apply Rmult_le_compat; lra).
  refine (ends (-149) 24 eq_refl ltac:(lia) ltac:(lia) x s a' b _ _ F _ eq_refl G' H _ _ _);
    rewrite ?eu; [apply (proj1 X) | lra | lra |].
  eapply Rle_lt_trans; [apply (last_small a' b _ (9 / 2 ^ 20) (2.39 / 2 ^ 10)); lra |].
  lra.
Qed.

Theorem root_of_14_bits_in_binary64 (x t : R) :
  generic_format radix2 binary64 x -> bpow radix2 (-900) <= x < bpow radix2 1024 ->
  Rabs (t * sqrt x - 1) <= / 2 ^ 14 ->
  off_divider binary64 root_of_14_bits_binary64_below root_of_14_bits_binary64_test x t =
  round radix2 binary64 ZnearestE (sqrt x).
Proof.
  intros F X T. rewrite root_of_14_bits_binary64_reads. cbv zeta. unfold binary64 in *.
  destruct (root_between x (-450) 512 X) as (ss & S1 & S2). set (s := sqrt x) in *.
  assert (B1 : bpow radix2 (-1074 + 53 + 1) <= bpow radix2 (-450)) by (apply bpow_le; lia).
  assert (B2 : bpow radix2 (-1074 + 53 + 1) <= bpow radix2 (- (512))) by (apply bpow_le; lia).
  assert (S0 : 0 < s) by (assert (H := bpow_gt_0 radix2 (-450)); lra).
  assert (eu : bpow radix2 (- (53)) = / 2 ^ 53) by (simpl; lra).
  assert (E : t = (1 - (1 - t * s)) / s) by (field; lra). apply Rabs_le_inv in T.
  destruct (starts (-1074) 53 eq_refl ltac:(lia) x s t (1 - t * s))
    as (a & b & G & H & A & B'); try assumption; try lra; [apply Rabs_le; lra |].
  rewrite eu in A, B'. apply Rabs_le_inv in A, B'.
  destruct (iterates (-1074) 53 eq_refl ltac:(lia) ltac:(lia) s a b (2.02 / 2 ^ 53)
    (1.0001 / 2 ^ 14) (/ 2 ^ 40) _ _ ltac:(lra) ltac:(lra) G H)
    as (a' & b' & G' & H' & A' & B'' & _); try (apply Rabs_le); try lra.
  rewrite eu in A', B''.
  assert (aa := Rle_0_sqr a). assert (bb := Rle_0_sqr b). unfold Rsqr in aa, bb.
  refine (ends (-1074) 53 eq_refl ltac:(lia) ltac:(lia) x s a' b' _ _ F _ eq_refl G' H' _ _ _);
    rewrite ?eu; [| lra | lra |].
  { apply Rle_trans with (2 := proj1 X). apply bpow_le. lia. }
  eapply Rle_lt_trans; [apply (last_small a' b' _ (1.52 / 2 ^ 28) (1.52 / 2 ^ 28)); lra |].
  lra.
Qed.

Theorem root_of_11_bits_in_binary64 (x t : R) :
  generic_format radix2 binary64 x -> bpow radix2 (-900) <= x < bpow radix2 1024 ->
  Rabs (t * sqrt x - 1) <= 1.501 / 2 ^ 12 ->
  off_divider binary64 root_of_11_bits_binary64_below root_of_11_bits_binary64_test x t =
  round radix2 binary64 ZnearestE (sqrt x).
Proof.
  intros F X T. rewrite root_of_11_bits_binary64_reads. cbv zeta. unfold binary64 in *.
  destruct (root_between x (-450) 512 X) as (ss & S1 & S2). set (s := sqrt x) in *.
  assert (B1 : bpow radix2 (-1074 + 53 + 1) <= bpow radix2 (-450)) by (apply bpow_le; lia).
  assert (B2 : bpow radix2 (-1074 + 53 + 1) <= bpow radix2 (- (512))) by (apply bpow_le; lia).
  assert (S0 : 0 < s) by (assert (H := bpow_gt_0 radix2 (-450)); lra).
  assert (eu : bpow radix2 (- (53)) = / 2 ^ 53) by (simpl; lra).
  assert (E : t = (1 - (1 - t * s)) / s) by (field; lra). apply Rabs_le_inv in T.
  destruct (starts (-1074) 53 eq_refl ltac:(lia) x s t (1 - t * s))
    as (a & b & G & H & A & B'); try assumption; try lra; [apply Rabs_le; lra |].
  rewrite eu in A, B'. apply Rabs_le_inv in A, B'.
  destruct (iterates (-1074) 53 eq_refl ltac:(lia) ltac:(lia) s a b (2.02 / 2 ^ 53) (1.502 / 2 ^ 12)
    (/ 2 ^ 40) _ _ ltac:(lra) ltac:(lra) G H) as (a' & b' & G' & H' & A' & B'' & K);
    try (apply Rabs_le); try lra.
  rewrite eu in A', B'', K. apply Rabs_le_inv in K.
  assert (aa := Rle_0_sqr a). assert (bb := Rle_0_sqr b). unfold Rsqr in aa, bb.
  destruct (iterates (-1074) 53 eq_refl ltac:(lia) ltac:(lia) s a' b' (4.2 / 2 ^ 53) (3.42 / 2 ^ 24)
    (/ 2 ^ 40) _ _ ltac:(lra) ltac:(lra) G' H') as (a'' & b'' & G'' & _ & A'' & _ & _);
    try (apply Rabs_le); try lra.
  rewrite eu in A''. assert (aa' := Rle_0_sqr a'). unfold Rsqr in aa'.
  refine (ends (-1074) 53 eq_refl ltac:(lia) ltac:(lia) x s a'' b' _ _ F _ eq_refl G'' H' _ _ _);
    rewrite ?eu; [| lra | lra |].
  { apply Rle_trans with (2 := proj1 X). apply bpow_le. lia. }
  eapply Rle_lt_trans; [apply (last_small a'' b' _ (1.1 / 2 ^ 40) (3.42 / 2 ^ 24)); lra |].
  lra.
Qed.
