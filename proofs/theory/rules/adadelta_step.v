(* SPDX-License-Identifier: Apache-2.0 *)
(* One step of Adadelta's recorded lane, with underflow, against the exact step from another state.
   The state that the lane calls u is x here, u being the rounding error.

   A difference in x may never contract (rules/adadelta_theory.v), but relative to x + epsilon it
   does not grow either. So x + epsilon is measured by the factor that it is off by ([within]).

   z bounds each coefficient's and each rounding's relative error, what underflows included, h that
   of s + epsilon; y = 1 / (1 - z) and H = 1 / (1 - h). L is at least as long as the exact step, top
   at least s + epsilon.

   Results, if x + epsilon is off by a factor q of at most 2:
   - [moved_near]: the step is off by at most (q y^8 H - 1) / 2 L + 2 eta;
   - [kept_within]: the next x + epsilon is off by at most a factor
     q (y^11 H + (32 L + 52) eta / epsilon). *)

Require Import Reals Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Rounding Means.
Open Scope R_scope.

(* Either is at most f times the other, and e. *)
Definition within (f e a A : R) : Prop := a <= f * A + e /\ A <= f * a + e.

Lemma within_chain f g a b c :
  0 <= f -> 0 <= g -> within f 0 a b -> within g 0 b c -> within (f * g) 0 a c.
Proof. intros F G0 [H1 H2] [H3 H4]. split; nra. Qed.

Lemma within_quotient f g a b A B :
  0 < b -> 0 < B -> 0 <= f -> 0 <= g -> 0 <= a -> 0 <= A ->
  within f 0 a A -> within g 0 b B -> within (f * g) 0 (a / b) (A / B).
Proof.
  assert (half : forall f g a b A B, 0 < b -> 0 < B -> 0 <= f -> 0 <= g -> 0 <= A ->
    a <= f * A + 0 -> B <= g * b + 0 -> a / b <= f * g * (A / B) + 0).
  { clear. intros f g a b A B b0 B0 F G A0 H1 H2. rewrite Rplus_0_r in *.
    apply Rmult_le_reg_r with (b * B); [now apply Rmult_lt_0_compat |].
    replace (a / b * (b * B)) with (a * B) by (field; lra).
    replace (f * g * (A / B) * (b * B)) with (f * A * (g * b)) by (field; lra).
    assert (0 <= f * A) by now apply Rmult_le_pos.
    apply Rle_trans with (f * A * B); [apply Rmult_le_compat_r; lra |].
    now apply Rmult_le_compat_l. }
  intros b0 B0 F G0 a0 A0 [H1 H2] [H3 H4]. split; now apply half.
Qed.

Lemma within_root f a A : 0 <= f -> within f 0 a A -> within (sqrt f) 0 (sqrt a) (sqrt A).
Proof.
  intros F [H1 H2]. rewrite Rplus_0_r in *.
  split; rewrite Rplus_0_r, <- sqrt_mult_alt by easy; now apply sqrt_le_1_alt.
Qed.

Section Step.

(* What z and h are, and how large the numbers of one step. *)
Variables (u eta k rho epsilon z h L top q : R) (rnd : R -> R).
Variables (w epsilont g x xt s st d : R).
Variables y H floor : R.
Hypothesis Hy : y = / (1 - z).
Hypothesis HH : H = / (1 - h).
Hypothesis Hfloor : floor = epsilon / (32 * (1 + top)).
Hypothesis Hr : rounding u eta rnd.
Hypothesis N1 : eta <= 1.
Hypothesis B : 0 < rho < 1.
Hypothesis E0 : 0 < epsilon <= top.
Hypothesis Z : u + eta / floor <= z <= / 2.
Hypothesis Zk : 0 <= k <= z /\ k * (1 - rho) <= z * rho.
Hypothesis Hh : 0 <= h <= / 2.
Hypothesis Q : 1 <= q <= 2.
Hypothesis factor : y ^ 11 * H <= 2.
Hypothesis L0 : 0 <= L.
Hypothesis Hw : Rabs (w - (1 - rho)) <= k * (1 - rho).
Hypothesis He : Rabs (epsilont - epsilon) <= k * epsilon.
Hypothesis Hx : 0 <= x /\ 0 <= xt /\ within q 0 (xt + epsilon) (x + epsilon).
Hypothesis Hs : 0 <= s /\ s + epsilon <= top
  /\ Rabs (st + epsilont - (s + epsilon)) <= h * (s + epsilon).
Hypothesis Hd : d = - (sqrt ((x + epsilon) / (s + epsilon)) * g).
Hypothesis HL : Rabs d <= L.

Definition rated : R := rnd (sqrt (rnd (rnd (xt + epsilont) / rnd (st + epsilont)))).
Definition moved : R := - rnd (rated * g).

Lemma floor_positive : 0 < floor <= / 32 /\ floor <= epsilon / 32 /\ floor * top <= epsilon / 32.
Proof.
  assert (P : 0 < 1 + top) by lra. assert (I := Rinv_0_lt_compat _ P).
  assert (one : (1 + top) * / (1 + top) = 1) by (apply Rinv_r; lra).
  replace floor with (epsilon * / (1 + top) / 32) by (rewrite Hfloor; field; lra).
  assert (0 < epsilon * / (1 + top)) by (apply Rmult_lt_0_compat; lra).
  assert (epsilon * / (1 + top) <= top * / (1 + top)) by (apply Rmult_le_compat_r; lra).
  assert (T0 : 0 <= top * / (1 + top)) by (apply Rmult_le_pos; lra).
  assert (I1 : / (1 + top) <= 1) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  assert (epsilon * / (1 + top) <= epsilon * 1) by (apply Rmult_le_compat_l; lra).
  replace (epsilon * / (1 + top) / 32 * top) with (epsilon * (top * / (1 + top)) / 32) by (field;
    lra).
  assert (epsilon * (top * / (1 + top)) <= epsilon * 1) by (apply Rmult_le_compat_l; lra).
  repeat split; lra.
Qed.

Lemma z_positive : 0 <= u <= z /\ 0 <= eta /\ eta <= z * floor.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  destruct floor_positive as ((F & _) & _).
  assert (P : 0 <= eta / floor) by (apply Rmult_le_pos; [easy | apply Rlt_le, Rinv_0_lt_compat, F]).
  assert (eta = eta / floor * floor) by (field; lra).
  assert (eta / floor * floor <= z * floor) by (apply Rmult_le_compat_r; lra). repeat split; lra.
Qed.

Lemma y_range : 1 <= y <= 2 /\ (1 + z) <= y /\ y * (1 - z) = 1.
Proof.
  destruct z_positive as (U & N & _).
  assert (P : y * (1 - z) = 1) by (rewrite Hy; apply Rinv_l; lra).
  assert (y1 : 1 <= y) by (rewrite Hy, <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  repeat split; try easy; nra.
Qed.

Lemma H_range : 1 <= H <= 2 /\ (1 + h) <= H /\ H * (1 - h) = 1.
Proof.
  assert (P : H * (1 - h) = 1) by (rewrite HH; apply Rinv_l; lra).
  assert (y1 : 1 <= H) by (rewrite HH, <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  repeat split; try easy; nra.
Qed.

Lemma rounded_within v : floor <= v -> within y 0 (rnd v) v.
Proof.
  intro V. destruct floor_positive as ((F & _) & _). destruct z_positive as (U & N & ez).
  destruct y_range as (Y & Y1 & Y2).
  assert (E := error_bound _ _ _ Hr v). rewrite (Rabs_pos_eq v) in E by lra.
  assert (uv : u * v + eta <= z * v).
  { assert (F0 : floor <> 0) by lra. assert (A : eta / floor * floor <= eta / floor * v).
    { apply Rmult_le_compat_l; [| exact V]. apply Rmult_le_pos; [easy |].
      apply Rlt_le, Rinv_0_lt_compat, F. }
    replace (eta / floor * floor) with eta in A by (field; exact F0).
    assert ((u + eta / floor) * v <= z * v) by (apply Rmult_le_compat_r; lra). lra. }
  apply Rabs_le_inv in E. split; nra.
Qed.

(* The quotient under the root. *)

Lemma numerator_within : within (q * y ^ 2) 0 (rnd (xt + epsilont)) (x + epsilon)
  /\ epsilon / 4 <= rnd (xt + epsilont).
Proof.
  destruct Hx as (X & Xt & W). destruct floor_positive as ((F & _) & F1 & _).
  destruct y_range as (Y & Y1 & Y2). apply Rabs_le_inv in He.
  assert (ke : k * epsilon <= z * epsilon) by (apply Rmult_le_compat_r; lra).
  assert (V : within y 0 (xt + epsilont) (xt + epsilon)) by (split; nra).
  assert (big : epsilon / 2 <= xt + epsilont) by nra.
  assert (R := rounded_within (xt + epsilont) ltac:(lra)).
  split.
  - replace (q * y ^ 2) with (y * (y * q)) by ring.
    apply within_chain with (xt + epsilont); try nra; [exact R |].
    apply within_chain with (xt + epsilon); try lra; easy.
  - destruct R as [_ R]. nra.
Qed.

Lemma divisor_within : within (y * H) 0 (rnd (st + epsilont)) (s + epsilon)
  /\ 0 < rnd (st + epsilont) <= 3 * top.
Proof.
  destruct Hs as (S0 & S1 & S2). destruct floor_positive as ((F & _) & F1 & _).
  destruct y_range as (Y & Y1 & Y2). destruct H_range as (G0 & G1 & G2).
  apply Rabs_le_inv in S2.
  assert (V : within H 0 (st + epsilont) (s + epsilon)) by (split; nra).
  assert (big : epsilon / 2 <= st + epsilont) by nra.
  assert (R := rounded_within (st + epsilont) ltac:(lra)).
  split; [apply within_chain with (st + epsilont); lra || easy |].
  destruct R as [R1 R2]. split; nra.
Qed.

Let rate := sqrt ((x + epsilon) / (s + epsilon)).
Let A2 := q * y ^ 8 * H.

Lemma powers : 1 <= y ^ 8 * H <= 2 /\ 1 <= A2 <= 4 /\ 1 <= y ^ 2 <= 2 /\ 1 <= y ^ 3 <= 2.
Proof.
  destruct y_range as (Y & _). destruct H_range as (G0 & _).
  assert (P2 : 1 <= y ^ 2) by (apply pow_R1_Rle; lra).
  assert (P3 : 1 <= y ^ 3) by (apply pow_R1_Rle; lra).
  assert (P8 : 1 <= y ^ 8) by (apply pow_R1_Rle; lra).
  assert (split8 : y ^ 11 * H = y ^ 8 * H * y ^ 3) by ring.
  assert (split3 : y ^ 3 = y ^ 2 * y) by ring.
  assert (P8H : 1 <= y ^ 8 * H) by nra.
  assert (le : y ^ 8 * H <= 2) by (rewrite split8 in factor; nra).
  assert (le3 : y ^ 3 <= 2) by (rewrite split8 in factor; nra).
  unfold A2. rewrite Rmult_assoc. repeat split; try lra; nra.
Qed.

Lemma rate_within : within (sqrt (q * y ^ 4 * H) * y) 0 rated rate /\ 0 <= rated.
Proof.
  destruct numerator_within as (N & N4). destruct divisor_within as (D & D0 & D3).
  destruct floor_positive as ((F & F32) & F1 & F2). destruct y_range as (Y & Y1 & Y2).
  destruct H_range as (G0 & _). destruct Hx as (X & Xt & _). destruct Hs as (S0 & S1 & _).
  set (n := rnd (xt + epsilont)) in *. set (m := rnd (st + epsilont)) in *.
  assert (y2 : 1 <= y ^ 2) by (apply pow_R1_Rle; lra).
  assert (qy : 0 <= q * y ^ 2) by (apply Rmult_le_pos; lra).
  assert (yH : 0 <= y * H) by (apply Rmult_le_pos; lra).
  assert (Qw := within_quotient (q * y ^ 2) (y * H) n m (x + epsilon) (s + epsilon) D0
    ltac:(lra) qy yH ltac:(lra) ltac:(lra) N D).
  assert (large : 2 * floor <= n / m).
  { apply Rmult_le_reg_r with m; [exact D0 |]. replace (n / m * m) with n by (field; lra).
    assert (2 * floor * m <= 2 * floor * (3 * top)) by (apply Rmult_le_compat_l; lra). lra. }
  assert (R := rounded_within (n / m) ltac:(lra)).
  assert (C := within_chain y (q * y ^ 2 * (y * H)) _ _ _ ltac:(lra) (Rmult_le_pos _ _ qy yH) R
    Qw).
  replace (y * (q * y ^ 2 * (y * H))) with (q * y ^ 4 * H) in C by ring.
  assert (f0 : 0 <= q * y ^ 4 * H)
    by (apply Rmult_le_pos; [apply Rmult_le_pos; [| apply pow_le] |]; lra).
  apply within_root in C; [| exact f0]. fold rate in C.
  assert (root : floor <= sqrt (rnd (n / m))).
  { destruct R as [_ R]. assert (floor <= rnd (n / m)) by nra.
    rewrite <- (sqrt_square floor) by lra. apply sqrt_le_1_alt. nra. }
  assert (R' := rounded_within _ root).
  split; [| unfold rated; fold n m; destruct R' as [_ R']; nra].
  rewrite Rmult_comm. unfold rated. fold n m.
  apply within_chain with (sqrt (rnd (n / m))); try lra; auto using sqrt_pos.
Qed.

(* The update. *)

Lemma moved_within : within (sqrt A2) (2 * eta) (Rabs moved) (Rabs d).
Proof.
  destruct rate_within as (W & R0). destruct z_positive as (U & N & _).
  destruct y_range as (Y & Y1 & Y2). destruct powers as (_ & P2 & _). destruct H_range as (G0 & _).
  set (f := sqrt (q * y ^ 4 * H) * y) in *.
  assert (f0 : 0 <= f) by (apply Rmult_le_pos; [apply sqrt_pos | lra]).
  assert (root : f * y = sqrt A2).
  { unfold f, A2. replace (q * y ^ 8 * H) with (q * y ^ 4 * H * (y ^ 2 * y ^ 2)) by ring.
    rewrite (sqrt_mult_alt (q * y ^ 4 * H)), sqrt_square; [ring | apply pow_le; lra |].
    apply Rmult_le_pos; [apply Rmult_le_pos; [| apply pow_le] |]; lra. }
  assert (top2 : sqrt A2 <= 2).
  { rewrite <- (sqrt_square 2) by lra. apply sqrt_le_1_alt. lra. }
  assert (E := error_bound _ _ _ Hr (rated * g)).
  assert (Dm : Rabs moved = Rabs (rnd (rated * g))) by (unfold moved; apply Rabs_Ropp).
  assert (Dd : Rabs d = rate * Rabs g).
  { rewrite Hd, Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (sqrt _)) by apply sqrt_pos. reflexivity. }
  rewrite Dm, Dd. rewrite Rabs_mult, (Rabs_pos_eq rated) in E by easy.
  assert (tri1 := Rabs_triang_inv (rnd (rated * g)) (rated * g)).
  assert (tri2 := Rabs_triang_inv (rated * g) (rnd (rated * g))).
  rewrite (Rabs_minus_sym (rated * g)) in tri2.
  rewrite Rabs_mult, (Rabs_pos_eq rated) in tri1, tri2 by easy.
  assert (g0 := Rabs_pos g). set (v := rated * Rabs g) in *. set (m := Rabs (rnd _)) in *.
  assert (v0 : 0 <= v) by (apply Rmult_le_pos; easy).
  assert (V1 : v <= f * (rate * Rabs g)).
  { unfold v. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [easy |]. destruct W. lra. }
  assert (V2 : rate * Rabs g <= f * v).
  { unfold v. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [easy |]. destruct W. lra. }
  assert (uv : u * v <= z * v) by (apply Rmult_le_compat_r; lra).
  rewrite <- root. split; [nra |].
  assert (back : v <= y * m + y * eta) by nra.
  apply Rle_trans with (f * (y * m + y * eta)); [| nra].
  eapply Rle_trans; [exact V2 |]. now apply Rmult_le_compat_l.
Qed.

(* Its square, both ways, and its size. *)
Lemma moved_square :
  Rabs moved <= 2 * L + 2
  /\ moved * moved <= A2 * (d * d) + (8 * L + 4) * eta
  /\ d * d <= A2 * (moved * moved) + (16 * L + 20) * eta.
Proof.
  destruct moved_within as (W1 & W2). destruct powers as (_ & P2 & _).
  destruct z_positive as (_ & N & _).
  assert (top2 : 1 <= sqrt A2 <= 2).
  { split; [rewrite <- sqrt_1 | rewrite <- (sqrt_square 2) by lra]; apply sqrt_le_1_alt; lra. }
  assert (sq := sqrt_sqrt A2 ltac:(lra)).
  assert (M0 := Rabs_pos moved). assert (D0 := Rabs_pos d).
  assert (Mm : moved * moved = Rabs moved * Rabs moved)
    by (rewrite <- Rabs_mult, Rabs_pos_eq; [easy | apply Rle_0_sqr]).
  assert (Dd : d * d = Rabs d * Rabs d)
    by (rewrite <- Rabs_mult, Rabs_pos_eq; [easy | apply Rle_0_sqr]).
  rewrite Mm, Dd. set (a := sqrt A2) in *. set (m := Rabs moved) in *. set (n := Rabs d) in *.
  assert (size : m <= 2 * L + 2) by nra. split; [exact size |]. rewrite <- sq.
  assert (ea : 0 <= a * eta <= 2 * eta) by (split; nra).
  split.
  - apply Rle_trans with ((a * n + 2 * eta) * (a * n + 2 * eta)); [apply Rmult_le_compat; lra |].
    assert (n * (a * eta) <= L * (2 * eta)) by (apply Rmult_le_compat; lra).
    assert (eta * eta <= 1 * eta) by (apply Rmult_le_compat_r; lra). lra.
  - apply Rle_trans with ((a * m + 2 * eta) * (a * m + 2 * eta)); [apply Rmult_le_compat; lra |].
    assert (m * (a * eta) <= (2 * L + 2) * (2 * eta)) by (apply Rmult_le_compat; lra).
    assert (eta * eta <= 1 * eta) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Lemma moved_near : Rabs (moved - d) <= (A2 - 1) / 2 * L + 2 * eta.
Proof.
  destruct moved_within as (W1 & W2). destruct powers as (_ & P2 & _).
  destruct rate_within as (_ & R0). assert (r0 := sqrt_pos ((x + epsilon) / (s + epsilon))).
  fold rate in r0. destruct z_positive as (_ & N & _).
  assert (top2 : 1 <= sqrt A2) by (rewrite <- sqrt_1; apply sqrt_le_1_alt; lra).
  assert (sq := sqrt_sqrt A2 ltac:(lra)).
  assert (M0 := Rabs_pos moved). assert (D0 := Rabs_pos d).
  assert (apart : Rabs (moved - d) = Rabs (Rabs moved - Rabs d)).
  { unfold moved. rewrite Hd. fold rate. rewrite !Rabs_Ropp. destruct (Rle_or_lt 0 g) as [P | P].
    - assert (0 <= rated * g) by now apply Rmult_le_pos.
      assert (0 <= rnd (rated * g)) by now apply (keeps_nonneg _ _ _ Hr).
      assert (0 <= rate * g) by now apply Rmult_le_pos.
      rewrite !(Rabs_pos_eq (rnd _)), !(Rabs_pos_eq (rate * g)) by easy.
      rewrite <- Rabs_Ropp. f_equal. ring.
    - assert (rated * g <= 0) by nra.
      assert (rnd (rated * g) <= 0) by now apply (keeps_nonpos _ _ _ Hr).
      assert (rate * g <= 0) by nra.
      now rewrite !(Rabs_left1 (rnd _)), !(Rabs_left1 (rate * g)) by easy. }
  rewrite apart. set (a := sqrt A2) in *. set (m := Rabs moved) in *. set (n := Rabs d) in *.
  assert (half : a - 1 <= (A2 - 1) / 2) by nra.
  assert (bound : (a - 1) * L <= (A2 - 1) / 2 * L) by (apply Rmult_le_compat_r; lra).
  assert (aL : (a - 1) * n <= (a - 1) * L) by (apply Rmult_le_compat_l; lra).
  unfold Rabs. destruct Rcase_abs; [| lra].
  assert ((a - 1) * m <= (a - 1) * n) by (apply Rmult_le_compat_l; lra). lra.
Qed.

(* The state. *)

Definition kept : R := rnd (rnd (w * moved) * moved + rnd ((1 - w) * xt)).
Let x' := rho * x + (1 - rho) * (d * d).
Let e := (32 * L + 52) * eta.

Hypothesis weight : 0 <= w <= 1.

Lemma kept_within :
  0 <= kept /\ within (q * (y ^ 11 * H + e / epsilon)) 0 (kept + epsilon) (x' + epsilon).
Proof.
  destruct moved_square as (Sm & M1 & M2). destruct z_positive as (U & N & _).
  destruct y_range as (Y & Y1 & Y2). destruct powers as (P8 & P2 & Y22 & Y23).
  destruct Hx as (X & Xt & W1 & W2). rewrite Rplus_0_r in W1, W2.
  apply Rabs_le_inv in Hw.
  assert (whole : x' = rho * x + (1 - rho) * (d * d)) by reflexivity.
  set (mm := moved * moved) in *. set (dd := d * d) in *. clearbody x'.
  assert (mm0 : 0 <= mm) by apply Rle_0_sqr. assert (dd0 : 0 <= dd) by apply Rle_0_sqr.
  assert (weights : w <= y * (1 - rho) /\ 1 - rho <= y * w /\ 1 - w <= y * rho
    /\ rho <= y * (1 - w)).
  { destruct Zk as (K0 & K1).
    assert (k * (1 - rho) <= z * (1 - rho)) by (apply Rmult_le_compat_r; lra).
    repeat split.
    - nra.
    - nra.
    - nra.
    - nra. }
  destruct weights as (V1 & V2 & V3 & V4).
  (* The square's rounding. *)
  set (y1 := rnd (w * moved) * moved). set (b := rnd ((1 - w) * xt)).
  assert (y10 : 0 <= y1) by (apply (weighted_square_nonneg u eta rnd w moved Hr); lra).
  assert (b0 : 0 <= b) by (apply (keeps_nonneg _ _ _ Hr), Rmult_le_pos; lra).
  assert (square : Rabs (y1 - w * mm) <= u * (w * mm) + eta * (2 * L + 2)).
  { unfold y1, mm. replace (rnd (w * moved) * moved - w * (moved * moved))
      with ((rnd (w * moved) - w * moved) * moved) by ring.
    rewrite Rabs_mult. assert (E := error_bound _ _ _ Hr (w * moved)).
    rewrite Rabs_mult, (Rabs_pos_eq w) in E by lra.
    apply Rle_trans with ((u * (w * Rabs moved) + eta) * Rabs moved).
    - apply Rmult_le_compat_r; [apply Rabs_pos | exact E].
    - assert (S : Rabs moved * Rabs moved = moved * moved)
        by (rewrite <- Rabs_mult, Rabs_pos_eq; [easy | apply Rle_0_sqr]).
      assert (eta * Rabs moved <= eta * (2 * L + 2)) by (apply Rmult_le_compat_l; easy).
      replace ((u * (w * Rabs moved) + eta) * Rabs moved)
        with (u * (w * (Rabs moved * Rabs moved)) + eta * Rabs moved) by ring.
      rewrite S. lra. }
  apply Rabs_le_inv in square.
  set (r := (1 - w) * xt) in *. assert (r0 : 0 <= r) by (apply Rmult_le_pos; lra).
  assert (Eb := error_bound _ _ _ Hr r). fold b in Eb. rewrite (Rabs_pos_eq r) in Eb by easy.
  apply Rabs_le_inv in Eb.
  assert (Ek : Rabs (kept - (y1 + b)) <= u * Rabs (y1 + b) + eta)
    by exact (error_bound _ _ _ Hr (y1 + b)).
  rewrite (Rabs_pos_eq (y1 + b)) in Ek by lra. apply Rabs_le_inv in Ek.
  assert (K0 : 0 <= kept).
  { change (0 <= rnd (y1 + b)). apply (keeps_nonneg _ _ _ Hr). lra. }
  assert (c3 : r <= y * rho * xt) by (apply Rmult_le_compat_r; lra).
  assert (c4 : rho * xt <= y * r).
  { unfold r. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; lra. }
  clearbody y1 b r mm dd.
  split; [exact K0 |].
  assert (wm0 : 0 <= w * mm) by (apply Rmult_le_pos; lra).
  assert (u1 : u * (w * mm) <= z * (w * mm)) by (apply Rmult_le_compat_r; lra).
  assert (u2 : u * r <= z * r) by (apply Rmult_le_compat_r; lra).
  assert (u3 : u * (y1 + b) <= z * (y1 + b)) by (apply Rmult_le_compat_r; lra).
  assert (c1 : w * mm <= y * (1 - rho) * mm) by (apply Rmult_le_compat_r; lra).
  assert (c2 : (1 - rho) * mm <= y * w * mm) by (apply Rmult_le_compat_r; lra).
  set (E1 := eta * (2 * L + 3)). assert (E10 : 0 <= E1) by (apply Rmult_le_pos; lra).
  set (exact_sum := (1 - rho) * mm + rho * xt).
  assert (es0 : 0 <= exact_sum)
    by (apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra).
  assert (above : kept <= y ^ 3 * exact_sum + 2 * E1 + eta).
  { assert (t1 : y1 + b <= y * (w * mm + r) + E1).
    { assert (zy : (1 + z) * (w * mm + r) <= y * (w * mm + r)) by (apply Rmult_le_compat_r; lra).
      unfold E1. clear - zy square Eb u1 u2. lra. }
    assert (t2 : w * mm + r <= y * exact_sum) by (unfold exact_sum; lra).
    assert (t3 : y * (w * mm + r) <= y * (y * exact_sum)) by (apply Rmult_le_compat_l; lra).
    assert (t4 : kept <= y * (y1 + b) + eta).
    { assert (zy : (1 + z) * (y1 + b) <= y * (y1 + b)) by (apply Rmult_le_compat_r; lra).
      clear - zy Ek u3. lra. }
    assert (t6 : y * E1 <= 2 * E1) by (apply Rmult_le_compat_r; lra).
    replace (y ^ 3 * exact_sum) with (y * (y * (y * exact_sum))) by ring.
    clear - t4 t1 t3 t6 Y. assert (y * (y1 + b) <= y * (y * (w * mm + r) + E1))
      by (apply Rmult_le_compat_l; lra).
    assert (y * (y * (w * mm + r)) <= y * (y * (y * exact_sum))) by (apply Rmult_le_compat_l; lra).
    lra. }
  assert (under : exact_sum <= y ^ 3 * kept + 2 * E1 + 2 * eta).
  { assert (t1 : w * mm + r <= y * (y1 + b + E1)).
    { assert ((1 - z) * (w * mm + r) <= y1 + b + E1)
        by (unfold E1; clear - square Eb u1 u2; lra).
      assert (y * ((1 - z) * (w * mm + r)) <= y * (y1 + b + E1))
        by (apply Rmult_le_compat_l; lra).
      rewrite <- Rmult_assoc, Y2 in *. lra. }
    assert (t2 : exact_sum <= y * (w * mm + r)) by (unfold exact_sum; lra).
    assert (t3 : y * (w * mm + r) <= y * (y * (y1 + b + E1))) by (apply Rmult_le_compat_l; lra).
    assert (t4 : y1 + b <= y * (kept + eta)).
    { assert (y * ((1 - z) * (y1 + b)) <= y * (kept + eta)) by (apply Rmult_le_compat_l; lra).
      rewrite <- Rmult_assoc, Y2 in *. lra. }
    assert (t5 : y ^ 2 * (y1 + b) <= y ^ 2 * (y * (kept + eta)))
      by (apply Rmult_le_compat_l; lra).
    assert (t6 : y ^ 2 * E1 <= 2 * E1) by (apply Rmult_le_compat_r; lra).
    assert (t7 : y ^ 3 * eta <= 2 * eta) by (apply Rmult_le_compat_r; lra).
    replace (y * (y * (y1 + b + E1))) with (y ^ 2 * (y1 + b) + y ^ 2 * E1) in t3 by ring.
    replace (y ^ 2 * (y * (kept + eta))) with (y ^ 3 * kept + y ^ 3 * eta) in t5 by ring.
    clear - t2 t3 t5 t6 t7. lra. }
  (* Against the exact state. *)
  assert (A2y3 : A2 * y ^ 3 = q * (y ^ 11 * H)) by (unfold A2; ring).
  assert (U0 : 0 <= x + epsilon) by lra. assert (Ut0 : 0 <= xt + epsilon) by lra.
  assert (exact_whole : x' + epsilon = (1 - rho) * dd + (rho * (x + epsilon) + (1 - rho) * epsilon))
    by (rewrite whole; ring).
  assert (whole0 : epsilon <= x' + epsilon).
  { assert (0 <= x'); [rewrite whole | lra]. apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra. }
  assert (rest : (1 - rho) * epsilon <= A2 * ((1 - rho) * epsilon)).
  { rewrite <- (Rmult_1_l ((1 - rho) * epsilon)) at 1.
    apply Rmult_le_compat_r; [apply Rmult_le_pos; lra | lra]. }
  assert (qA : q <= A2).
  { unfold A2. rewrite Rmult_assoc. rewrite <- (Rmult_1_r q) at 1.
    apply Rmult_le_compat_l; [lra | exact (proj1 P8)]. }
  assert (e0 : 0 <= e) by (apply Rmult_le_pos; lra).
  assert (as_part : forall v, epsilon <= v -> e <= q * (e / epsilon) * v).
  { intros v V. assert (P : 0 <= e / epsilon)
      by (apply Rmult_le_pos; [easy | apply Rlt_le, Rinv_0_lt_compat; lra]).
    assert (e / epsilon * epsilon <= e / epsilon * v) by (apply Rmult_le_compat_l; lra).
    assert (e / epsilon * epsilon = e) by (field; lra).
    assert (1 * (e / epsilon * v) <= q * (e / epsilon * v)) by (apply Rmult_le_compat_r; lra).
    lra. }
  assert (Le : 0 <= L * eta) by (apply Rmult_le_pos; lra).
  split; rewrite Rplus_0_r.
  - assert (s1 : (1 - rho) * mm <= (1 - rho) * (A2 * dd + (8 * L + 4) * eta))
      by (apply Rmult_le_compat_l; lra).
    assert (s2 : (1 - rho) * ((8 * L + 4) * eta) <= 1 * ((8 * L + 4) * eta))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos |]; lra).
    assert (s3 : rho * (xt + epsilon) <= rho * (A2 * (x + epsilon))).
    { apply Rmult_le_compat_l; [lra |]. eapply Rle_trans; [exact W1 |].
      apply Rmult_le_compat_r; lra. }
    assert (s4 : exact_sum + epsilon <= A2 * (x' + epsilon) + (8 * L + 4) * eta).
    { rewrite exact_whole. unfold exact_sum. clear - s1 s2 s3 rest. lra. }
    assert (s5 : y ^ 3 * (exact_sum + epsilon) <= y ^ 3 * (A2 * (x' + epsilon) + (8 * L + 4) * eta))
      by (apply Rmult_le_compat_l; lra).
    assert (s6 : y ^ 3 * ((8 * L + 4) * eta) <= 2 * ((8 * L + 4) * eta))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos |]; lra).
    assert (s7 : 1 * epsilon <= y ^ 3 * epsilon) by (apply Rmult_le_compat_r; lra).
    assert (P := as_part (x' + epsilon) whole0).
    apply Rle_trans with (q * (y ^ 11 * H) * (x' + epsilon) + e); [| clear - P; lra].
    rewrite <- A2y3. unfold E1, e in *. clear - above s5 s6 s7 Le N. lra.
  - assert (s1 : (1 - rho) * dd <= (1 - rho) * (A2 * mm + (16 * L + 20) * eta))
      by (apply Rmult_le_compat_l; lra).
    assert (s2 : (1 - rho) * ((16 * L + 20) * eta) <= 1 * ((16 * L + 20) * eta))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos |]; lra).
    assert (s3 : rho * (x + epsilon) <= rho * (A2 * (xt + epsilon))).
    { apply Rmult_le_compat_l; [lra |]. eapply Rle_trans; [exact W2 |].
      apply Rmult_le_compat_r; lra. }
    assert (s4 : x' + epsilon <= A2 * (exact_sum + epsilon) + (16 * L + 20) * eta).
    { rewrite exact_whole. unfold exact_sum. clear - s1 s2 s3 rest. lra. }
    assert (s5 : A2 * (exact_sum + epsilon)
      <= A2 * (y ^ 3 * kept + 2 * E1 + 2 * eta + epsilon)) by (apply Rmult_le_compat_l; lra).
    assert (s6 : A2 * (2 * E1 + 2 * eta) <= 4 * (2 * E1 + 2 * eta))
      by (apply Rmult_le_compat_r; lra).
    assert (s8 : 1 * epsilon <= y ^ 3 * epsilon) by (apply Rmult_le_compat_r; lra).
    assert (s7 : A2 * epsilon <= A2 * (y ^ 3 * epsilon)) by (apply Rmult_le_compat_l; lra).
    assert (P := as_part (kept + epsilon) ltac:(lra)).
    apply Rle_trans with (q * (y ^ 11 * H) * (kept + epsilon) + e); [| clear - P; lra].
    rewrite <- A2y3. unfold E1, e in *. clear - s4 s5 s6 s7 Le N. lra.
Qed.

End Step.
