(* SPDX-License-Identifier: Apache-2.0 *)
(* The end of the square root off the divider (fast/loop/square_root.inl.hpp), in reals: an
   approximation from below, and one test of one neighbour. x is scaled to [1, 4), s is its root,
   u = 2^-p half an ulp of 1; rounding is to nearest with p digits and any exponent.

   Results:
   - [last_step_below]: from g = s (1 - a) and h = (1 - b) / (2 s), a and b above u, the exact value
     of g + (x - g^2) h, the bracket rounded, is below s by at most a (a / 2 + b + u) s;
   - [one_test_decides]: a value below s by less than 7/8 u s is rounded to q, and the root, rounded
     to nearest, is the number after q if q times that is below x, else q.

   RecordedRoots.v has what comes before, and the recorded code. *)

Require Import Reals ZArith Psatz Lia.
From Flocq Require Import Core Relative.
Open Scope R_scope.

Theorem last_step_below s a b c u :
  0 < s -> 0 <= u -> u < a <= 1 -> u < b <= 1 -> Rabs c <= u ->
  let g := s * (1 - a) in
  let h := (1 - b) / (2 * s) in
  let v := g + (s * s - g * g) * (1 + c) * h in
  s - s * (a * (a / 2 + b + u)) <= v < s.
Proof.
  intros S U A B C g h v. apply Rabs_le_inv in C.
  set (k := 1 - (1 - a / 2) * ((1 - b) * (1 + c))).
  assert (E : v = s - s * (a * k)) by (unfold v, g, h, k; field; lra).
  assert (m0 : 0 <= (1 - b) * (1 + c)) by (apply Rmult_le_pos; lra).
  assert (m1 : (1 - b) * (1 + c) < 1) by nra.
  assert (m2 : 1 - b - u <= (1 - b) * (1 + c)) by nra.
  assert (k0 : 0 < k) by (unfold k; nra).
  assert (k1 : k <= a / 2 + b + u) by (unfold k; nra).
  assert (ak : 0 < a * k) by (apply Rmult_lt_0_compat; lra).
  assert (ak1 : a * k <= a * (a / 2 + b + u)) by (apply Rmult_le_compat_l; lra).
  rewrite E. split; nra.
Qed.

Section Digits.

Variable p : Z.
Context (positive : Prec_gt_0 p).
Hypothesis digits : (4 <= p)%Z.

Notation format := (FLX_exp p).
Notation nearest := (round radix2 format ZnearestE).
Let u : R := bpow radix2 (- p).

(* The number after q. *)
Definition after (q : R) : R := q + ulp radix2 format q.

Lemma binade e y : bpow radix2 (e - 1) <= y < bpow radix2 e ->
  nearest y = IZR (ZnearestE (y * bpow radix2 (p - e))) * bpow radix2 (e - p)
  /\ after y = y + bpow radix2 (e - p).
Proof.
  intro Y. assert (P := bpow_gt_0 radix2 (e - 1)).
  assert (M : mag radix2 y = e :> Z)
    by (apply mag_unique; rewrite Rabs_pos_eq; [exact Y | lra]).
  assert (X : cexp radix2 format y = (e - p)%Z) by (unfold cexp, FLX_exp; now rewrite M).
  split.
  - unfold round, F2R, scaled_mantissa. cbn [Fnum Fexp]. rewrite X.
    now replace (- (e - p))%Z with (p - e)%Z by lia.
  - unfold after. rewrite ulp_neq_0 by (apply Rgt_not_eq; lra). now rewrite X.
Qed.

Lemma power_of_two n : (0 <= n)%Z -> IZR (2 ^ n) = bpow radix2 n.
Proof. exact (IZR_Zpower radix2 n). Qed.

Lemma two_u : bpow radix2 (1 - p) = 2 * u.
Proof. unfold Zminus. rewrite bpow_plus. reflexivity. Qed.

Lemma u_inverse : bpow radix2 (p - 1) = / (2 * u) /\ bpow radix2 p = / u.
Proof.
  rewrite <- two_u. unfold u. rewrite <- !bpow_opp. split; f_equal; lia.
Qed.

Lemma u_range : 0 < u <= / 16.
Proof.
  split; [apply bpow_gt_0 |]. apply (bpow_le radix2 (- p) (- (4))). lia.
Qed.

(* In [1, 4) the numbers of the format are multiples of 2 u, and so of (2 u)^2. *)
Lemma multiple_of_square x : generic_format radix2 format x -> 1 <= x < 4 ->
  exists m : Z, x = IZR m * ((2 * u) * (2 * u)) /\ (x <> 1 -> 1 + 2 * u <= x).
Proof.
  intros F X. assert (U := u_range).
  assert (E : exists k : Z, x = IZR k * (2 * u)).
  { assert (M : (1 <= mag radix2 x)%Z)
      by (apply mag_ge_bpow; rewrite Rabs_pos_eq by lra; simpl; lra).
    rewrite F. unfold F2R. cbn [Fnum Fexp]. set (n := Ztrunc _).
    assert (C : (1 - p <= cexp radix2 format x)%Z) by (unfold cexp, FLX_exp; lia).
    exists (n * 2 ^ (cexp radix2 format x - (1 - p)))%Z.
    rewrite mult_IZR, power_of_two by lia. rewrite <- two_u, Rmult_assoc, <- bpow_plus.
    do 2 f_equal. lia. }
  destruct E as [k E].
  assert (one : IZR (2 ^ (p - 1)) * (2 * u) = 1).
  { rewrite power_of_two by lia. rewrite <- two_u, <- bpow_plus.
    replace (p - 1 + (1 - p))%Z with 0%Z by lia. reflexivity. }
  exists (k * 2 ^ (p - 1))%Z. split.
  - rewrite mult_IZR. rewrite E at 1. transitivity (IZR k * (2 * u) * (IZR (2 ^ (p - 1)) * (2 * u)));
      [rewrite one; ring | ring].
  - intro N. assert (K : (2 ^ (p - 1) < k)%Z).
    { apply lt_IZR. apply Rmult_lt_reg_r with (2 * u); [lra |]. rewrite one, <- E. lra. }
    apply Zlt_le_succ, IZR_le in K. unfold Z.succ in K. rewrite plus_IZR in K.
    assert ((IZR (2 ^ (p - 1)) + 1) * (2 * u) <= IZR k * (2 * u))
      by (apply Rmult_le_compat_r; lra). rewrite <- E in *. lra.
Qed.

Lemma at_most_before_4 x : generic_format radix2 format x -> x < 4 -> x <= 4 - 4 * u.
Proof.
  intros F X. assert (four : bpow radix2 (2 - p) = 4 * u)
    by (unfold Zminus; rewrite bpow_plus; reflexivity).
  assert (B : x <= pred radix2 format (bpow radix2 2)).
  { apply pred_ge_gt; auto with typeclass_instances. apply generic_format_bpow. unfold FLX_exp. lia. }
  rewrite pred_bpow in B. change (format 2) with (2 - p)%Z in B. rewrite four in B. exact B.
Qed.

Definition root_by_one_test (x v : R) : R :=
  let q := nearest v in if Rlt_dec (q * after q) x then after q else q.

Theorem one_test_decides x v :
  generic_format radix2 format x -> 1 <= x < 4 ->
  sqrt x - 7 / 8 * u * sqrt x < v < sqrt x ->
  root_by_one_test x v = nearest (sqrt x).
Proof.
  intros F X V. set (s := sqrt x) in *. assert (U := u_range).
  destruct (multiple_of_square x F X) as (m & Em & next).
  assert (ss : s * s = x) by (apply sqrt_sqrt; lra).
  assert (s1 : 1 <= s) by (unfold s; rewrite <- sqrt_1; apply sqrt_le_1_alt; lra).
  assert (s2 : s < 2) by nra.
  destruct u_inverse as (I1 & I2).
  destruct (Req_dec x 1) as [-> | N].
  - (* The numbers below 1 are u apart. *)
    assert (E1 : s = 1) by apply sqrt_1. rewrite E1 in *.
    assert (one : generic_format radix2 format 1)
      by (apply (generic_format_bpow radix2 format 0); unfold FLX_exp; lia).
    rewrite (round_generic radix2 format ZnearestE 1 one).
    destruct (binade 0 v ltac:(simpl; lra)) as (Q & _). rewrite Z.sub_0_r, Z.sub_0_l, I2 in Q.
    fold u in Q. set (n := ZnearestE (v * / u)) in *.
    assert (H := Znearest_half (fun x => negb (Z.even x)) (v * / u)). fold n in H.
    apply Rabs_le_inv in H.
    assert (low : / u - 7 / 8 < v * / u).
    { apply Rmult_lt_reg_r with u; [lra |]. rewrite Rmult_minus_distr_r, Rmult_assoc, Rinv_l; lra. }
    assert (high : v * / u < / u).
    { apply Rmult_lt_reg_r with u; [lra |]. rewrite Rmult_assoc, Rinv_l; lra. }
    assert (I : IZR (2 ^ p) = / u) by (rewrite power_of_two by lia; exact I2).
    assert (cases : n = (2 ^ p)%Z \/ n = (2 ^ p - 1)%Z).
    { assert (A : (2 ^ p - 2 < n)%Z)
        by (apply lt_IZR; rewrite minus_IZR, I; lra).
      assert (B : (n < 2 ^ p + 1)%Z) by (apply lt_IZR; rewrite plus_IZR, I; lra). lia. }
    unfold root_by_one_test. rewrite Q. destruct cases as [-> | ->].
    + rewrite I, Rinv_l by lra. destruct (binade 1 1 ltac:(simpl; lra)) as (_ & ->).
      rewrite two_u. destruct Rlt_dec; lra.
    + rewrite minus_IZR, I, Rmult_minus_distr_r, Rinv_l, Rmult_1_l by lra.
      destruct (binade 0 (1 - u) ltac:(simpl; lra)) as (_ & ->). rewrite Z.sub_0_l. fold u.
      destruct Rlt_dec; lra.
  - specialize (next N).
    assert (above : 1 + u - u * u / 2 <= s).
    { destruct (Rle_or_lt (1 + u - u * u / 2) s) as [H | H]; [exact H | exfalso]. nra. }
    assert (v1 : 1 <= v) by nra.
    destruct (binade 1 v ltac:(simpl; lra)) as (Q & _).
    destruct (binade 1 s ltac:(simpl; lra)) as (-> & _). rewrite two_u, I1 in *.
    set (w := 2 * u) in *. assert (W : 0 < w) by (unfold w; lra).
    set (n := ZnearestE (v * / w)) in *.
    assert (H := Znearest_half (fun x => negb (Z.even x)) (v * / w)). fold n in H.
    apply Rabs_le_inv in H. set (S := s * / w) in *.
    assert (E : s = S * w) by (unfold S; field; lra).
    assert (Ev : v = v * / w * w) by (field; lra). set (y := v * / w) in *. clearbody y.
    assert (close : S - 1 < y < S).
    { split; apply Rmult_lt_reg_r with w; try exact W; [| lra].
      rewrite Rmult_minus_distr_r. unfold w in *. nra. }
    assert (SS : S * S = IZR m).
    { apply Rmult_eq_reg_r with (w * w); [| nra]. rewrite <- Em, <- ss, E. ring. }
    assert (n0 : 1 <= IZR n).
    { assert (L : / w <= S) by (unfold S; rewrite <- (Rmult_1_l (/ w)) at 1;
        apply Rmult_le_compat_r; [apply Rlt_le, Rinv_0_lt_compat |]; lra).
      assert (8 <= / w) by (rewrite <- (Rinv_inv 8); apply Rinv_le_contravar; unfold w; lra).
      lra. }
    assert (q_range : 1 <= IZR n * w < 2).
    { rewrite <- Q. split.
      - assert (one : generic_format radix2 format 1)
          by (apply (generic_format_bpow radix2 format 0); unfold FLX_exp; lia).
        rewrite <- (round_generic radix2 format ZnearestE 1 one).
        apply round_le; auto with typeclass_instances.
      - rewrite Q. assert (x4 := at_most_before_4 x F (proj2 X)).
        assert (top : s < 2 - u) by nra.
        assert (IZR n * w <= y * w + w / 2) by nra. unfold w in *. lra. }
    unfold root_by_one_test. rewrite Q.
    destruct (binade 1 (IZR n * w) ltac:(simpl; lra)) as (_ & ->). rewrite two_u. fold w.
    assert (test : IZR n * w * (IZR n * w + w) < x <-> (n * (n + 1) < m)%Z).
    { rewrite Em. fold w. replace (IZR n * w * (IZR n * w + w)) with (IZR (n * (n + 1)) * (w * w))
        by (rewrite mult_IZR, plus_IZR; ring). split; intro L.
      - apply lt_IZR. apply Rmult_lt_reg_r with (w * w); [nra | exact L].
      - apply Rmult_lt_compat_r; [nra | now apply IZR_lt]. }
    destruct Rlt_dec as [L | L].
    + apply test in L. assert (B : IZR n * (IZR n + 1) + 1 <= S * S).
      { rewrite SS. replace (IZR n * (IZR n + 1) + 1) with (IZR (n * (n + 1) + 1))
          by (rewrite plus_IZR, mult_IZR, plus_IZR; ring). apply IZR_le. lia. }
      rewrite (Znearest_imp (fun x => negb (Z.even x)) S (n + 1)); [rewrite plus_IZR; ring |].
      rewrite plus_IZR. apply Rabs_def1; [lra |]. nra.
    + assert (B : S * S <= IZR n * (IZR n + 1)).
      { rewrite SS. replace (IZR n * (IZR n + 1)) with (IZR (n * (n + 1)))
          by (rewrite mult_IZR, plus_IZR; ring). apply IZR_le.
        destruct (Z.lt_ge_cases (n * (n + 1)) m) as [C | C]; [now apply test in C | exact C]. }
      rewrite (Znearest_imp (fun x => negb (Z.even x)) S n); [reflexivity |].
      apply Rabs_def1; [nra | lra].
Qed.

End Digits.
