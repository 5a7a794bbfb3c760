(* SPDX-License-Identifier: Apache-2.0 *)
(* The lecture note's printed form of Adam, and what is wrong with it.

   Printed, the moments are divided by 1 - beta^t and the divided values enter the next
   recurrence, x' = (beta x + (1 - beta) y) / (1 - beta^t), with the exponents of the explicit rows.
   - [printed_adam_starts_like_adam]: the first moments are Adam's corrected ones;
     [printed_adam_is_not_adam]: the second are not: for a constant gradient g <> 0 the printed
     first moment is g / (1 - beta1^2), Adam's is g. [printed_second_step]: with epsilon = 0 and
     g > 0, step 2 is alpha sqrt(1 - beta2^2) / (1 - beta1^2) where Adam's is alpha.
   - [printed_moment_grows]: for a constant y >= 0, x_(t+1) >= (beta / (1 - beta))^t / (t + 1)! y;
     [printed_v_leaves_binary32], [printed_v_leaves_binary64]: for beta2 = 0.999 and |g| = 1,
     v_20 > 2^128 and v_329 > 2^1024.
   - [printed_travel]: for beta1 = 0.9, beta2 = 0.999, any constant gradient and any epsilon >= 0,
     the sizes of the first 990 steps add up to at most 1.334 alpha; v has overflowed long before.
   - [printed_moment_comes_back], [printed_step_comes_back]: where nothing overflows, the printed
     moments of a constant gradient g tend to g and g^2 in the end, for any beta in [0, 1), and the
     step to Adam's, alpha g / (|g| + epsilon). [printed_travel_is_unbounded]: so that the total
     travel is bounded only because v overflows. *)

Require Import Reals ZArith List Psatz Lia.
From Truestep Require Import Rounding Sums ClosedForms.
Open Scope R_scope.

Fixpoint printed_moment beta (y : nat -> R) t :=
  match t with
  | O => 0
  | S t => (beta * printed_moment beta y t + (1 - beta) * y t) / (1 - beta ^ S t)
  end.

Theorem printed_adam_starts_like_adam beta y :
  0 <= beta < 1 -> printed_moment beta y 1 = decayed_mean beta y 1 / (1 - beta ^ 1).
Proof. reflexivity. Qed.

Theorem printed_adam_is_not_adam beta g :
  0 < beta < 1 -> g <> 0 ->
  printed_moment beta (fun _ => g) 2 = g / (1 - beta ^ 2)
  /\ printed_moment beta (fun _ => g) 2 <> decayed_mean beta (fun _ => g) 2 / (1 - beta ^ 2).
Proof.
  intros Hb Hg; assert (C := correction_positive beta 2 ltac:(lra) ltac:(lia)).
  assert (E : printed_moment beta (fun _ => g) 2 = g / (1 - beta ^ 2)).
  { simpl in *; field; repeat split; lra. }
  split; [exact E|].
  rewrite E, corrected_first_moment by (lra || lia); intros D.
  assert (Z : g * beta ^ 2 = 0).
  { apply (f_equal (fun x => x * (1 - beta ^ 2))) in D.
    unfold Rdiv in D; rewrite Rmult_assoc, Rinv_l in D; lra. }
  apply Rmult_integral in Z; destruct Z as [Z|Z]; [contradiction|].
  generalize (pow_lt beta 2); lra.
Qed.

Definition printed_step alpha beta1 beta2 epsilon g t :=
  alpha * printed_moment beta1 (fun _ => g) t
  / (sqrt (printed_moment beta2 (fun _ => g ^ 2) t) + epsilon).

Theorem printed_second_step alpha beta1 beta2 g :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < g ->
  printed_step alpha beta1 beta2 0 g 2 = alpha * (sqrt (1 - beta2 ^ 2) / (1 - beta1 ^ 2)).
Proof.
  intros H1 H2 Hg; unfold printed_step.
  assert (C1 := correction_positive beta1 2 H1 ltac:(lia)).
  assert (C2 := correction_positive beta2 2 H2 ltac:(lia)).
  assert (Q := sqrt_lt_R0 _ C2).
  replace (printed_moment beta1 (fun _ => g) 2) with (g / (1 - beta1 ^ 2))
    by (simpl in *; field; repeat split; lra).
  replace (printed_moment beta2 (fun _ => g ^ 2) 2) with (g ^ 2 / (1 - beta2 ^ 2))
    by (simpl in *; field; repeat split; lra).
  rewrite sqrt_div, sqrt_pow2 by (apply pow2_ge_0 || lra).
  field; lra.
Qed.

(** Proportional to its input. *)
Lemma printed_moment_scale beta c t :
  printed_moment beta (fun _ => c) t = c * printed_moment beta (fun _ => 1) t.
Proof. induction t as [|t IH]; simpl; [|rewrite IH; unfold Rdiv]; ring. Qed.

Lemma printed_moment_one_step beta t :
  0 <= beta < 1 ->
  printed_moment beta (fun _ => 1) (S t) * (1 - beta ^ S t)
  = beta * printed_moment beta (fun _ => 1) t + (1 - beta).
Proof.
  intros Hb; assert (C := correction_positive beta (S t) Hb ltac:(lia)).
  simpl in *; field; lra.
Qed.

Lemma printed_moment_first beta : 0 <= beta < 1 -> printed_moment beta (fun _ => 1) 1 = 1.
Proof. intros Hb; simpl; field; lra. Qed.

(** From the first step on, never below the input. *)
Lemma printed_moment_at_least_one beta t :
  0 <= beta < 1 -> 1 <= printed_moment beta (fun _ => 1) (S t).
Proof.
  intros Hb; induction t as [|t IH].
  - rewrite printed_moment_first by exact Hb; lra.
  - assert (E := printed_moment_one_step beta (S t) Hb).
    assert (C := correction_positive beta (S (S t)) Hb ltac:(lia)).
    assert (0 <= beta ^ S (S t)) by (apply pow_le; lra).
    set (x := printed_moment beta (fun _ => 1) (S t)) in *.
    set (x' := printed_moment beta (fun _ => 1) (S (S t))) in *.
    assert (1 * (1 - beta ^ S (S t)) <= x' * (1 - beta ^ S (S t))) by nra.
    apply Rmult_le_reg_r with (1 - beta ^ S (S t)); assumption.
Qed.

(** 1 - beta^t <= t (1 - beta). *)
Lemma correction_at_most beta t : 0 <= beta <= 1 -> 1 - beta ^ t <= INR t * (1 - beta).
Proof.
  intros Hb; induction t as [|t IH]; [simpl; lra|].
  rewrite S_INR; simpl.
  assert (beta ^ t <= 1) by (rewrite <- (pow1 t); apply pow_incr; exact Hb).
  nra.
Qed.

Theorem printed_moment_grows beta y t :
  0 <= beta < 1 -> 0 <= y ->
  (beta / (1 - beta)) ^ t / INR (fact (S t)) * y <= printed_moment beta (fun _ => y) (S t).
Proof.
  intros Hb Hy; rewrite printed_moment_scale, Rmult_comm.
  apply Rmult_le_compat_l; [exact Hy|].
  induction t as [|t IH].
  { simpl; right; field; lra. }
  assert (E := printed_moment_one_step beta (S t) Hb).
  assert (C := correction_positive beta (S (S t)) Hb ltac:(lia)).
  assert (A := correction_at_most beta (S (S t)) ltac:(lra)).
  assert (N : 0 < INR (S (S t))) by (apply lt_0_INR; lia).
  assert (F : 0 < INR (fact (S t))) by apply INR_fact_lt_0.
  change (fact (S (S t))) with (S (S t) * fact (S t))%nat; rewrite mult_INR.
  set (x := printed_moment beta (fun _ => 1) (S t)) in *.
  set (x' := printed_moment beta (fun _ => 1) (S (S t))) in *.
  assert (P : 0 <= x') by (assert (1 <= x') by (apply printed_moment_at_least_one; exact Hb); lra).
  set (lower := (beta / (1 - beta)) ^ t / INR (fact (S t))) in *.
  assert (G : beta * lower <= x' * (INR (S (S t)) * (1 - beta))).
  { assert (x' * (1 - beta ^ S (S t)) <= x' * (INR (S (S t)) * (1 - beta)))
      by (apply Rmult_le_compat_l; assumption).
    assert (beta * lower <= beta * x) by (apply Rmult_le_compat_l; lra).
    lra. }
  apply Rmult_le_reg_r with (INR (S (S t)) * (1 - beta)); [apply Rmult_lt_0_compat; lra|].
  eapply Rle_trans; [|exact G]; right; unfold lower; simpl pow; field; lra.
Qed.

(** Integers below scale * 0.999^t and below scale * v_t for |g| = 1. *)
Definition scale := (10 ^ 30)%Z.

Fixpoint below t : Z * Z :=
  match t with
  | O => (scale, 0%Z)
  | S t =>
      let '(power, v) := below t in
      let power' := (999 * power / 1000)%Z in
      (power', ((999 * v + scale) * scale / (1000 * (scale - power')))%Z)
  end.

Lemma IZR_quotient a b : (0 < b)%Z -> IZR (a / b) * IZR b <= IZR a.
Proof.
  intros Hb; rewrite <- mult_IZR; apply IZR_le; rewrite Z.mul_comm; now apply Z.mul_div_le.
Qed.

Lemma below_is_below t :
  let '(power, v) := below t in
  (0 <= power)%Z /\ (0 <= v)%Z
  /\ IZR power <= IZR scale * 0.999 ^ t
  /\ IZR v <= IZR scale * printed_moment 0.999 (fun _ => 1) t.
Proof.
  assert (S0 : 0 < IZR scale) by (apply IZR_lt; reflexivity).
  induction t as [|t IH]; [simpl; repeat split; try lra; easy|].
  cbn [below]; destruct (below t) as [power v]; destruct IH as (P0 & V0 & P & V).
  set (power' := (999 * power / 1000)%Z).
  assert (P0' : (0 <= power')%Z) by (apply Z.div_pos; lia).
  assert (P' : IZR power' <= IZR scale * 0.999 ^ S t).
  { assert (Q := IZR_quotient (999 * power) 1000 eq_refl); fold power' in Q.
    rewrite mult_IZR in Q; simpl pow; lra. }
  assert (C := correction_positive 0.999 (S t) ltac:(lra) ltac:(lia)).
  assert (D : (0 < scale - power')%Z).
  { apply lt_IZR; rewrite minus_IZR; nra. }
  set (v' := ((999 * v + scale) * scale / (1000 * (scale - power')))%Z).
  assert (V0' : (0 <= v')%Z) by (apply Z.div_pos; unfold scale in *; lia).
  repeat split; [exact P0'|exact V0'|exact P'|].
  assert (Q := IZR_quotient ((999 * v + scale) * scale) (1000 * (scale - power')) ltac:(lia)).
  fold v' in Q; rewrite !mult_IZR, plus_IZR, mult_IZR, minus_IZR in Q.
  assert (E := printed_moment_one_step 0.999 t ltac:(lra)).
  set (x' := printed_moment 0.999 (fun _ => 1) (S t)) in *.
  assert (L : IZR v' * (IZR scale * (1 - 0.999 ^ S t)) <= IZR v' * (IZR scale - IZR power')).
  { apply Rmult_le_compat_l; [now apply IZR_le|lra]. }
  apply Rmult_le_reg_r with (IZR scale * (1 - 0.999 ^ S t)); [apply Rmult_lt_0_compat; lra|].
  nra.
Qed.

Lemma past_below t z :
  (z * scale < snd (below t))%Z -> IZR z < printed_moment 0.999 (fun _ => 1) t.
Proof.
  intros Hz; assert (B := below_is_below t); destruct (below t) as [power v].
  destruct B as (_ & _ & _ & B); simpl in Hz; apply IZR_lt in Hz; rewrite mult_IZR in Hz.
  apply Rmult_lt_reg_l with (IZR scale); [apply IZR_lt; reflexivity|lra].
Qed.

Theorem printed_v_leaves_binary32 : 2 ^ 128 < printed_moment 0.999 (fun _ => 1) 20.
Proof. rewrite pow_IZR; apply past_below; vm_compute; reflexivity. Qed.

Theorem printed_v_leaves_binary64 : 2 ^ 1024 < printed_moment 0.999 (fun _ => 1) 329.
Proof. rewrite pow_IZR; apply past_below; vm_compute; reflexivity. Qed.

(** From step n - 1 to n the square of the step shrinks by n / (999 (1 - 0.9^n)^2) or more: up to
    step 62 by 16, up to step 990 at all. *)
Definition shrinks n :=
  let n' := Z.of_nat n in (16 * n' * 100 ^ n' <=? 999 * (10 ^ n' - 9 ^ n') ^ 2)%Z.

Lemma shrinks_by_16 n : (2 <= n <= 62)%nat -> 16 * INR n <= 999 * (1 - 0.9 ^ n) ^ 2.
Proof.
  intros Hn.
  assert (check : shrinks n = true).
  { assert (all : forallb shrinks (seq 2 61) = true) by (vm_compute; reflexivity).
    rewrite forallb_forall in all; apply all, in_seq; lia. }
  apply Z.leb_le, IZR_le in check.
  replace ((10 ^ Z.of_nat n - 9 ^ Z.of_nat n) ^ 2)%Z
    with ((10 ^ Z.of_nat n - 9 ^ Z.of_nat n) * (10 ^ Z.of_nat n - 9 ^ Z.of_nat n))%Z in check
    by ring.
  rewrite !mult_IZR, minus_IZR, <- !pow_IZR, <- INR_IZR_INZ in check.
  replace 100 with (10 * 10) in check by ring.
  replace 9 with (0.9 * 10) in check by lra.
  rewrite !Rpow_mult_distr in check.
  assert (T : 0 < 10 ^ n) by (apply pow_lt; lra).
  apply Rmult_le_reg_r with (10 ^ n * 10 ^ n); [now apply Rmult_lt_0_compat|].
  lra.
Qed.

Lemma shrinks_at_all n : (62 <= n <= 990)%nat -> INR n <= 999 * (1 - 0.9 ^ n) ^ 2.
Proof.
  intros Hn.
  assert (P : 0.9 ^ n <= 0.9 ^ 62).
  { replace n with (62 + (n - 62))%nat by lia; rewrite pow_add.
    assert (0 < 0.9 ^ 62) by (apply pow_lt; lra).
    assert (0.9 ^ (n - 62) <= 1) by (rewrite <- (pow1 (n - 62)); apply pow_incr; lra).
    nra. }
  assert (Q : 0.9 ^ 62 <= 0.002) by lra.
  assert (N : INR n <= 990) by (change 990 with (IZR 990); rewrite INR_IZR_INZ; apply IZR_le; lia).
  assert (0 <= 0.9 ^ n) by (apply pow_le; lra).
  nra.
Qed.

Lemma step_square_shrinks c a t :
  0 <= c -> 0 <= a ->
  c * INR (S (S t)) <= 999 * (1 - 0.9 ^ S (S t)) ^ 2 ->
  printed_moment 0.9 (fun _ => 1) (S t) ^ 2 <= a * printed_moment 0.999 (fun _ => 1) (S t) ->
  c * printed_moment 0.9 (fun _ => 1) (S (S t)) ^ 2
  <= a * printed_moment 0.999 (fun _ => 1) (S (S t)).
Proof.
  intros Hc Ha Hn Ht.
  assert (E1 := printed_moment_one_step 0.9 (S t) ltac:(lra)).
  assert (E2 := printed_moment_one_step 0.999 (S t) ltac:(lra)).
  assert (C1 := correction_positive 0.9 (S (S t)) ltac:(lra) ltac:(lia)).
  assert (A2 := correction_at_most 0.999 (S (S t)) ltac:(lra)).
  assert (X1 := printed_moment_at_least_one 0.9 t ltac:(lra)).
  assert (V1 := printed_moment_at_least_one 0.999 (S t) ltac:(lra)).
  set (x := printed_moment 0.9 (fun _ => 1) (S t)) in *.
  set (x' := printed_moment 0.9 (fun _ => 1) (S (S t))) in *.
  set (v := printed_moment 0.999 (fun _ => 1) (S t)) in *.
  set (v' := printed_moment 0.999 (fun _ => 1) (S (S t))) in *.
  set (n := INR (S (S t))) in *; set (k := 1 - 0.9 ^ S (S t)) in *.
  assert (N : 0 < n) by (apply lt_0_INR; lia).
  (* x' k <= x and 999 v <= n v' *)
  assert (X : (x' * k) ^ 2 <= x ^ 2) by (apply pow_incr; split; nra).
  assert (V : 999 * v <= n * v').
  { assert (v' * (1 - 0.999 ^ S (S t)) <= v' * (n * (1 - 0.999))) by (apply Rmult_le_compat_l; lra).
    lra. }
  assert (F : c * n * x' ^ 2 <= 999 * x ^ 2).
  { assert (c * n * x' ^ 2 <= 999 * k ^ 2 * x' ^ 2); [|rewrite Rpow_mult_distr in X; lra].
    apply Rmult_le_compat_r; [apply pow2_ge_0|exact Hn]. }
  assert (G : 999 * (a * v) <= a * (n * v')).
  { replace (999 * (a * v)) with (a * (999 * v)) by ring; now apply Rmult_le_compat_l. }
  apply Rmult_le_reg_l with n; [exact N|lra].
Qed.

(** How large step t + 1 can be, in alpha. *)
Definition quarter t := (1 / 4) ^ t.

Lemma step_square t :
  (t < 990)%nat ->
  printed_moment 0.9 (fun _ => 1) (S t) ^ 2
  <= quarter (Nat.min t 61) ^ 2 * printed_moment 0.999 (fun _ => 1) (S t).
Proof.
  induction t as [|t IH]; intros Ht.
  - rewrite !printed_moment_first by lra; unfold quarter; simpl; lra.
  - specialize (IH ltac:(lia)).
    assert (P := pow2_ge_0 (quarter (Nat.min t 61))).
    destruct (Nat.lt_ge_cases t 61) as [early|late].
    + assert (H := step_square_shrinks 16 _ t ltac:(lra) P
                     (shrinks_by_16 (S (S t)) ltac:(lia)) IH).
      rewrite Nat.min_l in * by lia; unfold quarter in *; simpl pow at 2; lra.
    + assert (H := step_square_shrinks 1 _ t ltac:(lra) P
                     (eq_ind_r (fun l => l <= _) (shrinks_at_all (S (S t)) ltac:(lia))
                        (Rmult_1_l _)) IH).
      rewrite Nat.min_r in * by lia; lra.
Qed.

Lemma step_size alpha epsilon g t :
  0 <= alpha -> 0 <= epsilon -> (t < 990)%nat ->
  Rabs (printed_step alpha 0.9 0.999 epsilon g (S t)) <= alpha * quarter (Nat.min t 61).
Proof.
  intros Ha He Ht; unfold printed_step.
  assert (H := step_square t Ht).
  assert (X := printed_moment_at_least_one 0.9 t ltac:(lra)).
  assert (V := printed_moment_at_least_one 0.999 t ltac:(lra)).
  rewrite (printed_moment_scale 0.9), (printed_moment_scale 0.999 (g ^ 2)).
  set (x := printed_moment 0.9 (fun _ => 1) (S t)) in *.
  set (v := printed_moment 0.999 (fun _ => 1) (S t)) in *.
  set (q := quarter _) in *.
  assert (Q : 0 <= q) by (apply pow_le; lra).
  assert (root : x <= q * sqrt v).
  { rewrite <- (sqrt_pow2 x), <- (sqrt_pow2 q) at 1 by lra.
    rewrite <- sqrt_mult by (apply pow2_ge_0 || lra); now apply sqrt_le_1_alt. }
  rewrite sqrt_mult by (apply pow2_ge_0 || lra).
  replace (g ^ 2) with (Rsqr g) by (unfold Rsqr; ring); rewrite sqrt_Rsqr_abs.
  assert (R := sqrt_lt_R0 v ltac:(lra)); assert (A := Rabs_pos g).
  destruct (Req_dec g 0) as [->|nonzero].
  { replace (alpha * (0 * x) / (Rabs 0 * sqrt v + epsilon)) with 0 by (unfold Rdiv; ring).
    rewrite Rabs_R0; now apply Rmult_le_pos. }
  assert (G := Rabs_pos_lt g nonzero).
  assert (D : 0 < Rabs g * sqrt v) by now apply Rmult_lt_0_compat.
  unfold Rdiv; rewrite Rabs_mult, Rabs_inv, !Rabs_mult.
  rewrite (Rabs_pos_eq alpha), (Rabs_pos_eq x), (Rabs_pos_eq (_ + _)) by lra.
  apply Rmult_le_reg_r with (Rabs g * sqrt v + epsilon); [lra|].
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  rewrite Rmult_assoc; apply Rmult_le_compat_l; [exact Ha|].
  assert (Rabs g * x <= Rabs g * (q * sqrt v)) by (apply Rmult_le_compat_l; lra).
  nra.
Qed.

Lemma total_quarters n :
  (n <= 62)%nat -> total (fun t => quarter (Nat.min t 61)) n = 4 / 3 * (1 - quarter n).
Proof.
  induction n as [|n IH]; intros Hn; simpl total; [unfold quarter; simpl; lra|].
  rewrite IH, Nat.min_l by lia; unfold quarter; simpl; lra.
Qed.

Lemma total_le f g n : (forall t, (t < n)%nat -> f t <= g t) -> total f n <= total g n.
Proof.
  intros H; induction n as [|n IH]; simpl; [lra|].
  apply Rplus_le_compat; [apply IH; intros|]; apply H; lia.
Qed.

Theorem printed_travel alpha epsilon g :
  0 <= alpha -> 0 <= epsilon ->
  total (fun t => Rabs (printed_step alpha 0.9 0.999 epsilon g (S t))) 990 <= 1.334 * alpha.
Proof.
  intros Ha He.
  assert (sums : forall n, total (fun t => quarter (Nat.min t 61)) (62 + n)
                           = 4 / 3 * (1 - quarter 62) + INR n * quarter 61).
  { induction n as [|n IH].
    - rewrite Nat.add_0_r, total_quarters by lia; simpl INR; ring.
    - rewrite Nat.add_succ_r, S_INR.
      transitivity (total (fun t => quarter (Nat.min t 61)) (62 + n)
                    + quarter (Nat.min (62 + n) 61)); [reflexivity|].
      rewrite IH, Nat.min_r by lia; ring. }
  eapply Rle_trans.
  - apply total_le with (g := fun t => alpha * quarter (Nat.min t 61)).
    intros t Ht; now apply step_size.
  - rewrite total_scale, Rmult_comm; apply Rmult_le_compat_r; [exact Ha|].
    specialize (sums 928%nat); change (62 + 928)%nat with 990%nat in sums.
    rewrite sums, INR_IZR_INZ; unfold quarter; simpl IZR; lra.
Qed.

(** A sequence that forgets by q and is fed with F q^t tends to zero. *)
Lemma forgotten e q F N :
  0 <= q < 1 -> 0 <= F -> (forall t, 0 <= e t) ->
  (forall t, (N <= t)%nat -> e (S t) <= q * e t + F * q ^ t) ->
  Un_cv e 0.
Proof.
  intros Hq HF Hpos He; set (r := (1 + q) / 2).
  set (C := e N + F / (r - q)).
  assert (F0 : 0 <= F / (r - q)).
  { apply Rmult_le_pos; [exact HF|]; apply Rlt_le, Rinv_0_lt_compat; unfold r; lra. }
  assert (FC : F <= (r - q) * C).
  { unfold C; rewrite Rmult_plus_distr_l.
    replace ((r - q) * (F / (r - q))) with F by (field; unfold r; lra).
    assert (0 <= (r - q) * e N); [|lra].
    apply Rmult_le_pos; [unfold r; lra|apply Hpos]. }
  assert (geometric : forall k, e (N + k)%nat <= C * r ^ k).
  { induction k as [|k IH].
    - rewrite Nat.add_0_r; unfold C; simpl; lra.
    - rewrite Nat.add_succ_r; eapply Rle_trans; [apply He; lia|].
      assert (q ^ (N + k) <= r ^ k).
      { rewrite pow_add.
        assert (q ^ N <= 1) by (rewrite <- (pow1 N); apply pow_incr; lra).
        assert (q ^ k <= r ^ k) by (apply pow_incr; unfold r; lra).
        assert (0 <= q ^ k) by (apply pow_le; lra); nra. }
      assert (F * q ^ (N + k) <= (r - q) * C * r ^ k).
      { apply Rmult_le_compat; try assumption; apply pow_le; lra. }
      assert (q * e (N + k)%nat <= q * (C * r ^ k)) by (apply Rmult_le_compat_l; lra).
      simpl; lra. }
  intros bound Hbound.
  assert (C0 : 0 <= C) by (generalize (Hpos N); unfold C; lra).
  destruct (pow_lt_1_zero r) with (y := bound / (C + 1)) as [K HK].
  { rewrite Rabs_pos_eq; unfold r; lra. }
  { apply Rdiv_lt_0_compat; lra. }
  exists (N + K)%nat; intros t Ht; unfold R_dist; rewrite Rminus_0_r, Rabs_pos_eq by apply Hpos.
  replace t with (N + (t - N))%nat by lia.
  eapply Rle_lt_trans; [apply geometric|].
  specialize (HK (t - N)%nat ltac:(lia)).
  rewrite Rabs_pos_eq in HK by (apply pow_le; unfold r; lra).
  assert (0 <= r ^ (t - N)) by (apply pow_le; unfold r; lra).
  apply Rmult_lt_compat_r with (r := C + 1) in HK; [|lra].
  replace (bound / (C + 1) * (C + 1)) with bound in HK by (field; lra); lra.
Qed.

Lemma constant_limit c : Un_cv (fun _ => c) c.
Proof.
  intros bound Hbound; exists 0%nat; intros; unfold R_dist.
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; exact Hbound.
Qed.

Theorem printed_moment_comes_back beta y :
  0 <= beta < 1 -> Un_cv (fun t => printed_moment beta (fun _ => y) (S t)) y.
Proof.
  intros Hb; set (x := fun t => printed_moment beta (fun _ => 1) (S t)).
  assert (excess : Un_cv (fun t => x t - 1) 0).
  { set (q := (1 + beta) / 2).
    destruct (pow_lt_1_zero beta) with (y := (1 - beta) / (1 + beta)) as [N HN].
    { rewrite Rabs_pos_eq; lra. }
    { apply Rdiv_lt_0_compat; lra. }
    apply (forgotten _ q (1 / (1 - beta)) N).
    - unfold q; lra.
    - apply Rmult_le_pos; [lra|]; apply Rlt_le, Rinv_0_lt_compat; lra.
    - intros t; assert (H := printed_moment_at_least_one beta t Hb); unfold x; lra.
    - intros t Ht.
      assert (X := printed_moment_at_least_one beta t Hb).
      assert (E := printed_moment_one_step beta (S t) Hb).
      assert (C := correction_positive beta (S (S t)) Hb ltac:(lia)).
      specialize (HN (S (S t)) ltac:(lia)).
      rewrite Rabs_pos_eq in HN by (apply pow_le; lra).
      change (printed_moment beta (fun _ => 1) (S t)) with (x t) in *.
      change (printed_moment beta (fun _ => 1) (S (S t))) with (x (S t)) in *.
      set (p := beta ^ S (S t)) in *.
      assert (P : p <= q ^ t * 1).
      { unfold p; replace (S (S t)) with (t + 2)%nat by lia; rewrite pow_add.
        apply Rmult_le_compat; [apply pow_le; lra|apply pow_le; lra|..].
        - apply pow_incr; unfold q; lra.
        - rewrite <- (pow1 2); apply pow_incr; lra. }
      assert (small : p <= 1 * beta).
      { unfold p; simpl; assert (beta ^ t <= 1) by (rewrite <- (pow1 t); apply pow_incr; lra).
        assert (0 <= beta ^ t) by (apply pow_le; lra); nra. }
      assert (forget : beta <= q * (1 - p)).
      { apply Rmult_lt_compat_r with (r := 1 + beta) in HN; [|lra].
        replace ((1 - beta) / (1 + beta) * (1 + beta)) with (1 - beta) in HN by (field; lra).
        unfold q; lra. }
      assert (Q : 0 <= q ^ t) by (apply pow_le; unfold q; lra).
      assert (feed : q ^ t <= 1 / (1 - beta) * q ^ t * (1 - p)).
      { replace (q ^ t) with (1 / (1 - beta) * q ^ t * (1 - beta)) at 1 by (field; lra).
        apply Rmult_le_compat_l; [|lra].
        apply Rmult_le_pos; [|exact Q].
        apply Rmult_le_pos; [lra|]; apply Rlt_le, Rinv_0_lt_compat; lra. }
      apply Rmult_le_reg_r with (1 - p); [exact C|].
      assert (beta * (x t - 1) <= q * (1 - p) * (x t - 1)) by (apply Rmult_le_compat_r; lra).
      lra. }
  assert (sum : Un_cv (fun t => y + y * (x t - 1)) (y + y * 0)).
  { apply (CV_plus (fun _ => y)); [apply constant_limit|].
    apply (CV_mult (fun _ => y)); [apply constant_limit|exact excess]. }
  rewrite Rmult_0_r, Rplus_0_r in sum.
  apply Un_cv_ext with (2 := sum).
  intros t; rewrite (printed_moment_scale beta y); unfold x; ring.
Qed.

Theorem printed_step_comes_back alpha beta1 beta2 epsilon g :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 <= epsilon -> g <> 0 ->
  Un_cv (fun t => printed_step alpha beta1 beta2 epsilon g (S t)) (alpha * g / (Rabs g + epsilon)).
Proof.
  intros H1 H2 He Hg; assert (G := Rabs_pos_lt g Hg).
  unfold printed_step, Rdiv.
  apply CV_mult with (An := fun t => alpha * printed_moment beta1 (fun _ => g) (S t)).
  { apply (CV_mult (fun _ => alpha)); [apply constant_limit|now apply printed_moment_comes_back]. }
  replace (Rabs g) with (sqrt (g ^ 2))
    by (rewrite <- sqrt_Rsqr_abs; f_equal; unfold Rsqr; ring).
  apply (continuity_seq (fun v => / (sqrt v + epsilon))); [|now apply printed_moment_comes_back].
  apply (continuity_pt_inv (fun v => sqrt v + epsilon)).
  - apply (continuity_pt_plus sqrt (fun _ => epsilon)).
    + apply continuity_pt_sqrt, pow2_ge_0.
    + now apply continuity_pt_const.
  - replace (g ^ 2) with (Rsqr g) by (unfold Rsqr; ring); rewrite sqrt_Rsqr_abs; lra.
Qed.

Lemma exceeds x : exists k, x < INR k.
Proof.
  exists (Z.to_nat (up x)); rewrite INR_IZR_INZ.
  apply Rlt_le_trans with (IZR (up x)); [apply archimed|apply IZR_le; lia].
Qed.

Corollary printed_travel_is_unbounded alpha beta1 beta2 epsilon g bound :
  0 < alpha -> 0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 <= epsilon -> 0 < g ->
  exists n, bound < total (fun t => printed_step alpha beta1 beta2 epsilon g (S t)) n.
Proof.
  intros Ha H1 H2 He Hg; set (step := fun t => printed_step alpha beta1 beta2 epsilon g (S t)).
  set (limit := alpha * g / (Rabs g + epsilon)).
  assert (L : 0 < limit).
  { apply Rdiv_lt_0_compat; [now apply Rmult_lt_0_compat|rewrite Rabs_pos_eq; lra]. }
  destruct (printed_step_comes_back alpha beta1 beta2 epsilon g H1 H2 He ltac:(lra)
              (limit / 2) ltac:(lra)) as [N HN].
  assert (grows : forall k, total step N + INR k * (limit / 2) <= total step (N + k)).
  { induction k as [|k IH].
    - rewrite Nat.add_0_r; simpl; lra.
    - rewrite Nat.add_succ_r, S_INR; simpl total.
      specialize (HN (N + k)%nat ltac:(lia)).
      change (printed_step _ _ _ _ _ _) with (step (N + k)%nat) in HN; apply Rabs_def2 in HN.
      fold limit in HN; lra. }
  destruct (exceeds ((bound - total step N) / (limit / 2))) as [k Hk].
  exists (N + k)%nat; specialize (grows k).
  apply Rmult_lt_compat_r with (r := limit / 2) in Hk; [|lra].
  replace ((bound - total step N) / (limit / 2) * (limit / 2)) with (bound - total step N) in Hk
    by (field; lra).
  lra.
Qed.
