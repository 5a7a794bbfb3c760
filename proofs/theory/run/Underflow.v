(* SPDX-License-Identifier: Apache-2.0 *)
(* The rules of error bounds with a relative and an absolute part.

   [close] of step/Apriori.v bounds an error by k M, which supposes that nothing underflows. Here a
   rounding errs by u |x| + eta, as with gradual underflow (drift/Rounding.v), and an error is at
   most k M + d: k is a number, d is 0 for eta = 0 unless something cancels.

   Results, where a approximates A, and M >= |A| is A's size without cancellation ([near]):
   - [near_round], [near_add], [near_mul], [near_root], [near_inverse], [near_quotient]: what the
     operations make of the two parts;
   - [near_cancelled]: where a sum cancels, what it lacks from its size becomes absolute, so that a
     root or a divisor of it has a bound too;
   - [near_larger], [near_at_least_zero]: selections.

   A divisor has to exceed its absolute part; the root of a number that is off by d is off by
   sqrt d. *)

Require Import Reals Psatz.
From Truestep Require Import Apriori Rounding.
Open Scope R_scope.

Definition near (k d a A M : R) : Prop := Rabs A <= M /\ Rabs (a - A) <= k * M + d.

Theorem close_is_near k a A M : close k a A M <-> near k 0 a A M.
Proof. unfold close, near. rewrite Rplus_0_r. tauto. Qed.

Lemma near_exact a : near 0 0 a a (Rabs a).
Proof. split; [lra |]. rewrite Rminus_diag_eq, Rabs_R0 by easy. lra. Qed.

Lemma near_coefficient k a A : 0 <= A -> Rabs (a - A) <= k * A -> near k 0 a A A.
Proof. intros P H. split; [rewrite Rabs_pos_eq |]; lra. Qed.

(* The weight w = 1 - beta is stored within relative k; what it keeps is 1 - w. *)
Lemma near_kept k w beta :
  0 < beta -> Rabs (w - (1 - beta)) <= k * (1 - beta) ->
  near (k * ((1 - beta) / beta)) 0 (1 - w) beta beta.
Proof.
  intros P H. split; [rewrite Rabs_pos_eq; lra |].
  replace (1 - w - beta) with (- (w - (1 - beta))) by ring. rewrite Rabs_Ropp.
  replace (k * ((1 - beta) / beta) * beta + 0) with (k * (1 - beta)) by (field; lra). exact H.
Qed.

Lemma near_nonnegative k d a A M : near k d a A M -> 0 <= M.
Proof. intros [H _]. generalize (Rabs_pos A). lra. Qed.

Lemma near_size k d a A M : near k d a A M -> Rabs a <= (1 + k) * M + d.
Proof. intros [H1 H2]. generalize (Rabs_triang_inv a A). lra. Qed.

Lemma near_weaken k k' d d' a A M : k <= k' -> d <= d' -> near k d a A M -> near k' d' a A M.
Proof.
  intros K D N. assert (M0 := near_nonnegative _ _ _ _ _ N). destruct N. split; [easy | nra].
Qed.

Theorem near_round u eta rnd k d a A M :
  rounding u eta rnd -> near k d a A M ->
  near ((1 + k) * (1 + u) - 1) ((1 + u) * d + eta) (rnd a) A M.
Proof.
  intros Hr N. assert (U := u_nonneg _ _ _ Hr). assert (S := near_size _ _ _ _ _ N).
  destruct N as [H1 H2]. split; [easy |].
  replace (rnd a - A) with ((rnd a - a) + (a - A)) by ring.
  generalize (Rabs_triang (rnd a - a) (a - A)) (error_bound _ _ _ Hr a). nra.
Qed.

Lemma near_neg k d a A M : near k d a A M -> near k d (- a) (- A) M.
Proof.
  intros [H1 H2]. split; rewrite ?Rabs_Ropp; [easy |].
  replace (- a - - A) with (- (a - A)) by ring. now rewrite Rabs_Ropp.
Qed.

Theorem near_add k d a A M e b B N :
  near k d a A M -> near k e b B N -> near k (d + e) (a + b) (A + B) (M + N).
Proof.
  intros [H1 H2] [H3 H4]. generalize (Rabs_triang A B). split; [lra |].
  replace (a + b - (A + B)) with ((a - A) + (b - B)) by ring.
  generalize (Rabs_triang (a - A) (b - B)). lra.
Qed.

Theorem near_mul k d a A M l e b B N :
  near k d a A M -> near l e b B N ->
  near ((1 + k) * (1 + l) - 1) (d * ((1 + l) * N + e) + (1 + k) * M * e) (a * b) (A * B) (M * N).
Proof.
  intros CA CB. assert (S := near_size _ _ _ _ _ CB). destruct CA as [H1 H2], CB as [H3 H4].
  split; [rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos |].
  replace (a * b - A * B) with ((a - A) * b + A * (b - B)) by ring.
  eapply Rle_trans; [apply Rabs_triang |]. rewrite !Rabs_mult.
  assert (Rabs (a - A) * Rabs b <= (k * M + d) * ((1 + l) * N + e))
    by (apply Rmult_le_compat; auto using Rabs_pos).
  assert (Rabs A * Rabs (b - B) <= M * (l * N + e)) by (apply Rmult_le_compat; auto using Rabs_pos).
  lra.
Qed.

Lemma sqrt_of_sum x y : 0 <= x -> 0 <= y -> sqrt (x + y) <= sqrt x + sqrt y.
Proof.
  intros X Y. assert (P := sqrt_pos x). assert (Q := sqrt_pos y).
  apply Rsqr_incr_0_var; [| lra]. unfold Rsqr. rewrite sqrt_sqrt by lra.
  generalize (sqrt_sqrt x X) (sqrt_sqrt y Y). nra.
Qed.

Theorem near_root k d a A :
  0 <= A -> 0 <= k <= 1 -> 0 <= d ->
  near k d a A A -> near (1 - sqrt (1 - k)) (sqrt d) (sqrt a) (sqrt A) (sqrt A).
Proof.
  intros HA Hk Hd [_ H]. assert (P := sqrt_pos A). split; [rewrite Rabs_pos_eq; lra |].
  assert (I : (1 - k) * A <= a + d /\ a <= (1 + k) * A + d)
    by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  assert (R1 := sqrt_pos (1 - k)). assert (R2 := sqrt_sqrt (1 - k) ltac:(lra)).
  assert (Up : sqrt a <= sqrt (1 + k) * sqrt A + sqrt d).
  { rewrite <- sqrt_mult by lra. eapply Rle_trans; [apply sqrt_le_1_alt, (proj2 I) |].
    apply sqrt_of_sum; nra. }
  assert (Low : sqrt (1 - k) * sqrt A <= sqrt a + sqrt d).
  { rewrite <- sqrt_mult by lra. destruct (Rle_or_lt 0 a) as [Ha | Ha].
    - eapply Rle_trans; [| now apply sqrt_of_sum]. now apply sqrt_le_1_alt.
    - eapply Rle_trans; [apply (sqrt_le_1_alt _ d); lra |]. generalize (sqrt_pos a). lra. }
  assert (K : sqrt (1 + k) <= 2 - sqrt (1 - k)).
  { assert (L : sqrt (1 - k) <= 1 - k / 2)
      by (apply Rsqr_incr_0_var; [unfold Rsqr; rewrite R2; nra | lra]).
    apply Rsqr_incr_0_var; [unfold Rsqr; rewrite sqrt_sqrt by lra; nra | lra]. }
  apply Rabs_le. split; nra.
Qed.

(* A divisor whose absolute part is below what its relative part leaves of it. *)
Theorem near_inverse k d b B :
  0 < B -> 0 <= k < 1 -> 0 <= d < (1 - k) * B -> near k d b B B ->
  near (/ (1 - k) - 1) (d / ((1 - k) * B * ((1 - k) * B - d))) (/ b) (/ B) (/ B).
Proof.
  intros HB Hk Hd [_ H]. assert (I : 0 < / B) by now apply Rinv_0_lt_compat.
  assert (P : 0 < (1 - k) * B) by (apply Rmult_lt_0_compat; lra).
  assert (L : (1 - k) * B - d <= b) by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  split; [rewrite Rabs_pos_eq; lra |].
  replace (/ b - / B) with (- (b - B) / (b * B)) by (field; lra).
  unfold Rdiv. rewrite Rabs_mult, Rabs_Ropp, Rabs_inv, (Rabs_pos_eq (b * B)) by nra.
  replace ((/ (1 - k) - 1) * / B + d * / ((1 - k) * B * ((1 - k) * B - d)))
    with ((k * B + d) * / (((1 - k) * B - d) * B)) by (field; lra).
  apply Rmult_le_compat; auto using Rabs_pos.
  - apply Rlt_le, Rinv_0_lt_compat. nra.
  - apply Rinv_le_contravar; [apply Rmult_lt_0_compat | apply Rmult_le_compat_r]; lra.
Qed.

(* The same where the absolute part is at most a part j of the divisor. *)
Lemma near_inverse_of_part k d j b B :
  0 < B -> 0 <= k -> 0 <= j -> k + j < 1 -> d <= j * B -> near k d b B B ->
  near (/ (1 - (k + j)) - 1) 0 (/ b) (/ B) (/ B).
Proof.
  intros HB Hk Hj Hkj Hd [S H]. apply close_is_near.
  apply close_inverse; [easy | lra |]. split; [easy | lra].
Qed.

(* A quotient n / d with |n / d| <= N / d <= L, and d >= epsilon. *)
Theorem near_quotient u eta rnd k d j e l epsilon L n N a b B :
  rounding u eta rnd -> 0 <= k -> 0 <= d -> 0 < epsilon <= B -> 0 <= l -> 0 <= j -> l + j < 1 ->
  e <= j * epsilon -> N / B <= L ->
  near k d a n N -> near l e b B B ->
  Rabs (rnd (a / b) - n / B)
  <= ((1 + k) * (1 + u) / (1 - (l + j)) - 1) * L
     + ((1 + u) * (d / ((1 - (l + j)) * epsilon)) + eta).
Proof.
  intros Hr Hk Hd HB Hl Hj Hlj He HL Na Nb. assert (U := u_nonneg _ _ _ Hr).
  assert (I : near (/ (1 - (l + j)) - 1) 0 (/ b) (/ B) (/ B)).
  { apply (near_inverse_of_part l e j); try lra; [nra | easy]. }
  destruct (near_round _ _ _ _ _ _ _ _ Hr (near_mul _ _ _ _ _ _ _ _ _ _ Na I)) as [_ Q].
  fold (a / b) (n / B) (N / B) in Q. eapply Rle_trans; [exact Q |].
  set (z := 1 - (l + j)). assert (Z : 0 < z) by (unfold z; lra).
  assert (Z1 : 1 <= / z) by (rewrite <- Rinv_1; apply Rinv_le_contravar; unfold z; lra).
  replace ((1 + ((1 + k) * (1 + (/ z - 1)) - 1)) * (1 + u) - 1) with ((1 + k) * (1 + u) / z - 1)
    by (field; lra).
  replace (d * ((1 + (/ z - 1)) * / B + 0) + (1 + k) * N * 0) with (d * (/ z * / B)) by ring.
  apply Rplus_le_compat; [| apply Rplus_le_compat_r].
  - apply Rmult_le_compat_l; [| exact HL]. assert (1 <= (1 + k) * (1 + u)) by nra.
    unfold Rdiv. nra.
  - apply Rmult_le_compat_l; [lra |]. apply Rmult_le_compat_l; [easy |].
    rewrite Rinv_mult. apply Rmult_le_compat_l; [lra |]. apply Rinv_le_contravar; lra.
Qed.

(* What a sum lacks from its size becomes absolute. *)
Theorem near_cancelled k d a A M : near k d a A M -> near k (d + k * (M - Rabs A)) a A (Rabs A).
Proof. intros [H1 H2]. split; lra. Qed.

Lemma near_larger k d a A M e b B N :
  near k d a A M -> near k e b B N -> 0 <= k ->
  near k (Rmax d e) (Rmax a b) (Rmax A B) (Rmax M N).
Proof.
  intros [H1 H2] [H3 H4] K. assert (D := Rmax_l d e). assert (E := Rmax_r d e).
  assert (k * M <= k * Rmax M N) by (apply Rmult_le_compat_l; auto using Rmax_l).
  assert (k * N <= k * Rmax M N) by (apply Rmult_le_compat_l; auto using Rmax_r).
  split.
  - revert H1 H3. generalize (Rmax_l M N) (Rmax_r M N).
    unfold Rmax at 3. destruct Rle_dec; lra.
  - assert (X : Rabs (a - A) <= k * Rmax M N + Rmax d e) by lra.
    assert (Y : Rabs (b - B) <= k * Rmax M N + Rmax d e) by lra. revert X Y.
    generalize (k * Rmax M N + Rmax d e). intro z.
    unfold Rmax, Rabs; repeat destruct Rle_dec; repeat destruct Rcase_abs; lra.
Qed.

(* A number that was clipped is its own size. *)
Lemma near_at_least_zero k d a A M :
  0 <= k -> near k d a A M ->
  near k (d + k * (M - Rmax A 0)) (Rmax a 0) (Rmax A 0) (Rmax A 0).
Proof.
  intros K [H1 H2]. split.
  - rewrite Rabs_pos_eq; [lra | apply Rmax_r].
  - eapply Rle_trans with (Rabs (a - A)); [| lra].
    unfold Rmax, Rabs; repeat destruct Rle_dec; repeat destruct Rcase_abs; lra.
Qed.
