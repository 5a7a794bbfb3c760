(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adadelta's recorded lane, with underflow: how far its u and theta drift, and that
   nothing overflows. The state that the lane calls u is x here, u being the rounding error.

   Rounding.v says what u, eta, kappa and a tilde mean, adadelta_step.v what z and h bound,
   run/MovingParameters.v what [moved_drift] is. The conditions ([adadelta_conditions]) are on the
   format, the hyperparameters, the number of steps T and the largest gradient G alone. They ask
   that the factors of all T steps are at most 2 together.

   Results, underflow included, after each of T steps:
   - [u_stays_within]: the stored x + epsilon is within a factor [adadelta_step_factor]^t of the
     exact one;
   - [adadelta_run_rounded]: theta is off by at most [moved_drift] of [adadelta_error];
   - [adadelta_run_in_ieee]: so it is in IEEE arithmetic, in which nothing overflows while
     [adadelta_peak] is below the largest number;
   - [adadelta_peak_from]: from a larger theta_0 that is at least as large;
   - [adadelta_scaled_run_rounded], [adadelta_scaled_run_in_ieee], [adadelta_scaled_peak_from]: the
     same of the form whose learning rate scales what theta moves by, and not what u gathers. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Means Runs Underflow RelativeDrift.
From Truestep Require Import QuotientRuns MovingParameters Overflow adadelta_steps adadelta_step.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition adadelta_floor (rho epsilon G : R) (T : nat) : R :=
  epsilon / (32 * (1 + adadelta_largest rho epsilon G T)).

(* h: what s + epsilon is off by. *)
Definition adadelta_state_part (u eta rho epsilon G : R) (T : nat) : R :=
  squares_part u (kappa * u) rho T + kappa * u
  + squares_absolute u eta (kappa * u) rho G / epsilon.

Definition adadelta_step_factor (u eta z rho epsilon G : R) (T : nat) : R :=
  (/ (1 - z)) ^ 11 * / (1 - adadelta_state_part u eta rho epsilon G T)
  + (32 * adadelta_longest rho epsilon G T + 52) * eta / epsilon.

Definition adadelta_conditions (u eta z rho epsilon G : R) (T : nat) : Prop :=
  0 < rho < 1 /\ 0 < epsilon /\ eta <= 1 /\ growth u (kappa * u) rho * rho < 1
  /\ u + eta / adadelta_floor rho epsilon G T <= z <= / 2
  /\ kappa * u <= z /\ kappa * u * (1 - rho) <= z * rho
  /\ adadelta_state_part u eta rho epsilon G T <= / 2
  /\ adadelta_step_factor u eta z rho epsilon G T ^ T <= 2.

(* What an update is off by. *)
Definition adadelta_error (u eta z rho epsilon G : R) (T : nat) : R :=
  (adadelta_step_factor u eta z rho epsilon G T ^ T * (/ (1 - z)) ^ 8
   * / (1 - adadelta_state_part u eta rho epsilon G T) - 1) / 2
  * adadelta_longest rho epsilon G T + 2 * eta.

(* The same where a learning rate scales it. *)
Definition adadelta_scaled_error (u eta z rho epsilon alpha G : R) (T : nat) : R :=
  let L := adadelta_longest rho epsilon G T in
  let E := adadelta_error u eta z rho epsilon G T in
  ((1 + u) * (1 + kappa * u) - 1) * (alpha * (L + E)) + eta + alpha * E.

Section Run.

Variables (u eta z rho epsilon G wt epsilont : R) (rnd : R -> R) (f r : run) (T : nat).
Let k := kappa * u.
Let top := adadelta_largest rho epsilon G T.
Let L := adadelta_longest rho epsilon G T.
Let h := adadelta_state_part u eta rho epsilon G T.
Let y := / (1 - z).
Let H := / (1 - h).
Let F := adadelta_step_factor u eta z rho epsilon G T.
Let delta t := exact (r t) adadelta_delta.
Let movedt t := moved rnd epsilont (r t "gradient") (f t "u") (f (S t) "s").
Hypothesis Hr : rounding u eta rnd.
Hypothesis Hc : adadelta_conditions u eta z rho epsilon G T.
Hypothesis Cw : constant_within u (1 - rho) wt "w" f r.
Hypothesis weight : 0 <= wt <= 1.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis exact_s : follows_from_zero exact "s" adadelta_s r.
Hypothesis stored_s : follows_from_zero (rounded rnd) "s" adadelta_s f.
Hypothesis exact_u : follows_from_zero exact "u" adadelta_u r.
Hypothesis stored_u : follows_from_zero (rounded rnd) "u" adadelta_u f.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis exact_theta : follows exact "theta" adadelta_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" adadelta_theta f.

(* The rule. *)

Lemma gradient_at_most t : Rabs (r t "gradient") <= G.
Proof. apply HG. Qed.

Lemma rule_s t :
  r (S t) "s" = rho * r t "s" + (1 - rho) * (r t "gradient" * r t "gradient").
Proof. rewrite (proj2 exact_s). simpl. rewrite (proj1 (proj1 Cw t)). ring. Qed.

Lemma rule_u t : r (S t) "u" = rho * r t "u" + (1 - rho) * (delta t * delta t).
Proof.
  rewrite (proj2 exact_u). change (exact (r t) adadelta_u)
    with (r t "w" * delta t * delta t + (1 - r t "w") * r t "u").
  rewrite (proj1 (proj1 Cw t)). ring.
Qed.

Lemma rule_delta t :
  delta t = - (sqrt ((r t "u" + epsilon) / (r (S t) "s" + epsilon)) * r t "gradient").
Proof. rewrite (proj2 exact_s), <- (proj1 (proj1 Ce t)). reflexivity. Qed.

Lemma rule_theta t : r (S t) "theta" = r t "theta" - - delta t.
Proof. rewrite exact_theta. change (exact (r t) adadelta_theta) with (r t "theta" + delta t).
  ring. Qed.

(* What is stored. *)

Lemma kept_u t :
  f (S t) "u" = kept rnd wt epsilont (r t "gradient") (f t "u") (f (S t) "s").
Proof.
  rewrite (proj2 stored_u), (proj2 stored_s), <- (proj2 (proj1 Cw t)), <- (proj2 (proj1 Ce t)),
    <- (proj1 (HG t)). reflexivity.
Qed.

Lemma moved_theta t : f (S t) "theta" = rnd (f t "theta" - - movedt t).
Proof.
  rewrite stored_theta. unfold movedt.
  rewrite (proj2 stored_s), <- (proj2 (proj1 Ce t)), <- (proj1 (HG t)).
  unfold Rminus. rewrite Ropp_involutive. reflexivity.
Qed.

(* How large what the conditions speak of is. *)

Lemma k_at_least_0 : 0 <= k.
Proof. assert (U := u_nonneg _ _ _ Hr). assert (P := kappa_pos). unfold k. nra. Qed.

Lemma G_at_least_0 : 0 <= G.
Proof. generalize (Rabs_pos (r O "gradient")) (gradient_at_most O). lra. Qed.

Lemma top_at_least : epsilon <= G * G + epsilon <= top.
Proof.
  destruct Hc as (B & E0 & _). assert (n := pos_INR T).
  assert (P : 0 <= G * G) by apply Rle_0_sqr. assert (0 <= INR T * (1 - rho)) by nra.
  split; [lra |]. unfold top, adadelta_largest. nra.
Qed.

Lemma L_at_least_0 : 0 <= L.
Proof. apply sqrt_pos. Qed.

Lemma absolute_at_least_0 : 0 <= squares_absolute u eta k rho G.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (G0 := G_at_least_0).
  destruct Hc as (_ & _ & _ & Q & _). fold k in Q.
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  assert (0 <= eta * G) by now apply Rmult_le_pos.
  apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra.
Qed.

Lemma part_at_most t : (t <= T)%nat -> 0 <= squares_part u k rho t <= squares_part u k rho T.
Proof.
  intro Ht. assert (U := u_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  destruct Hc as (B & _). apply part_grows; [nra | | exact Ht].
  apply growth_at_least_one; auto; lra.
Qed.

Lemma h_range : 0 <= h <= / 2.
Proof.
  destruct Hc as (B & E0 & _ & _ & _ & _ & _ & Hh & _). split; [| exact Hh].
  assert (P := part_at_most T (le_n T)). assert (K := k_at_least_0).
  assert (0 <= squares_absolute u eta k rho G / epsilon).
  { apply Rmult_le_pos; [exact absolute_at_least_0 |]. apply Rlt_le, Rinv_0_lt_compat. lra. }
  unfold h, adadelta_state_part. fold k. lra.
Qed.

Lemma factor_range : 1 <= y ^ 11 * H <= F /\ 1 <= F.
Proof.
  destruct Hc as (B & E0 & _ & _ & Z & Zk & _). assert (Hh := h_range).
  assert (K := k_at_least_0). assert (N := eta_nonneg _ _ _ Hr). assert (L0 := L_at_least_0).
  fold k in Zk.
  assert (y1 : 1 <= y) by (unfold y; rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (H1 : 1 <= H) by (unfold H; rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (y11 : 1 <= y ^ 11) by now apply pow_R1_Rle.
  assert (rest : 0 <= (32 * L + 52) * eta / epsilon).
  { apply Rmult_le_pos; [apply Rmult_le_pos; lra |]. apply Rlt_le, Rinv_0_lt_compat. lra. }
  assert (P : 1 <= y ^ 11 * H) by nra.
  assert (FE : F = y ^ 11 * H + (32 * L + 52) * eta / epsilon) by reflexivity. lra.
Qed.

Lemma powers_of_factor t : (t <= T)%nat -> 1 <= F ^ t <= F ^ T /\ F ^ T <= 2.
Proof.
  intro Ht. destruct factor_range as (_ & F1). destruct Hc as (_ & _ & _ & _ & _ & _ & _ & _ & FT).
  split; [split; [now apply pow_R1_Rle | now apply Rle_pow] | exact FT].
Qed.

Lemma first_factor : (0 < T)%nat -> y ^ 11 * H <= 2.
Proof.
  intro Ht. destruct factor_range as (P & F1). destruct (powers_of_factor 1 Ht) as (Q & R).
  rewrite pow_1 in Q. lra.
Qed.

Lemma s_near t : (t <= T)%nat ->
  0 <= r t "s" /\ r t "s" + epsilon <= top
  /\ Rabs (f t "s" + epsilont - (r t "s" + epsilon)) <= h * (r t "s" + epsilon).
Proof.
  intro Ht. destruct Hc as (B & E0 & _ & Q & _). destruct Cw as (Vw & _ & Hw).
  destruct Ce as (_ & _ & He). destruct exact_s as [r0 _], stored_s as [f0 Hst].
  assert (start : mean_starts k (fun _ => 1 - rho) (fun t => r t "s") (fun t => f t "s"))
    by (split; [apply near_zero; [apply Rle_refl | exact f0 | exact r0 | exact r0] | now left]).
  destruct (s_range rho G (fun t => r t "gradient") (fun t => r t "s") B gradient_at_most r0
    rule_s t)
    as [S0 S1].
  split; [exact S0 |]. split; [generalize top_at_least; lra |].
  destruct (squares_stay_near u eta rnd k rho wt (fun _ => 1 - rho) (fun _ => wt) G
    (fun t => r t "gradient") (fun t => r t "s") (fun t => f t "s")) with (t := t) as [_ N];
    auto using k_at_least_0, gradient_at_most, same_weights; try lra.
  - intro i. rewrite (rule_s i). ring.
  - intro i. rewrite Hst. simpl. now rewrite (proj2 (Vw i)), (proj1 (HG i)).
  - assert (P := part_at_most t Ht). assert (A := absolute_at_least_0). fold k in He.
    assert (K := k_at_least_0).
    assert (M := Rabs_plus _ _ _ _ N He).
    replace (f t "s" - r t "s" + (epsilont - epsilon))
      with (f t "s" + epsilont - (r t "s" + epsilon)) in M by ring.
    eapply Rle_trans; [exact M |]. unfold h, adadelta_state_part. fold k.
    set (a := squares_absolute u eta k rho G) in *.
    set (part := squares_part u k rho T) in *. set (s := r t "s") in *.
    assert (p1 : squares_part u k rho t * s <= part * s) by (apply Rmult_le_compat_r; lra).
    assert (a1 : 0 <= a / epsilon * s).
    { apply Rmult_le_pos; [| lra]. apply Rmult_le_pos; [lra |]. apply Rlt_le, Rinv_0_lt_compat.
      lra. }
    assert (a2 : a / epsilon * epsilon = a) by (field; lra).
    assert (k1 : 0 <= k * s) by now apply Rmult_le_pos.
    assert (e1 : 0 <= part * epsilon) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma delta_at_most t : (t < T)%nat -> Rabs (delta t) <= L.
Proof.
  intro Ht. apply (step_at_most rho epsilon G (fun t => r t "gradient") (fun t => r t "s")
    (fun t => r t "u") delta); auto using gradient_at_most, rule_s, rule_u, rule_delta;
    first [apply Hc | apply exact_s | apply exact_u].
Qed.

(* What the lemmas of one step ask, of step t of the run. *)
Ltac of_step t :=
  pose proof (s_near (S t) ltac:(lia)); pose proof (delta_at_most t ltac:(lia));
  pose proof (rule_delta t); pose proof (first_factor ltac:(lia));
  pose proof (powers_of_factor t ltac:(lia));
  generalize k_at_least_0 top_at_least h_range L_at_least_0; intros;
  destruct Hc as (? & ? & ? & _ & ? & Zk & Zr & _); fold k in Zk, Zr;
  destruct Ce as (_ & _ & He), Cw as (_ & _ & Hw);
  try reflexivity; try exact Hr; try assumption; try lra; try tauto.

Theorem u_stays_within t : (t <= T)%nat ->
  0 <= r t "u" /\ 0 <= f t "u"
  /\ within (F ^ t) 0 (f t "u" + epsilon) (r t "u" + epsilon).
Proof.
  induction t as [| t IH]; intro Ht.
  - rewrite (proj1 exact_u), (proj1 stored_u). simpl. split; [lra |]. split; [lra |]. split; lra.
  - specialize (IH ltac:(lia)). destruct (powers_of_factor t ltac:(lia)) as (P & Q).
    split; [apply (x_at_least_0 rho (fun t => r t "u") delta); auto using rule_u;
      [apply Hc | apply exact_u] |].
    rewrite kept_u, rule_u. replace (F ^ S t) with (F ^ t * F) by (simpl; ring).
    apply (kept_within u eta k rho epsilon z h L top (F ^ t) rnd wt epsilont (r t "gradient")
      (r t "u") (f t "u") (r (S t) "s") (f (S t) "s") (delta t) y H
      (adadelta_floor rho epsilon G T)); of_step t.
Qed.

(* Theta. *)

Let E := adadelta_error u eta z rho epsilon G T.

Lemma error_at_least_0 : 0 <= E.
Proof.
  destruct Hc as (B & E0 & _ & _ & Z & Zk & _). assert (Hh := h_range).
  assert (K := k_at_least_0). assert (N := eta_nonneg _ _ _ Hr). assert (L0 := L_at_least_0).
  fold k in Zk. destruct (powers_of_factor T (le_n T)) as (P & _).
  assert (y1 : 1 <= y) by (unfold y; rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (H1 : 1 <= H) by (unfold H; rewrite <- Rinv_1 at 1; apply Rinv_le_contravar; lra).
  assert (y8 : 1 <= y ^ 8) by now apply pow_R1_Rle.
  assert (Fy : 1 <= F ^ T * y ^ 8) by nra. assert (FyH : 1 <= F ^ T * y ^ 8 * H) by nra.
  change E with ((F ^ T * y ^ 8 * H - 1) / 2 * L + 2 * eta).
  assert (0 <= (F ^ T * y ^ 8 * H - 1) / 2 * L) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma move_near t : (t < T)%nat -> Rabs (movedt t - delta t) <= E.
Proof.
  intro Ht. destruct (powers_of_factor t ltac:(lia)) as (P & Q).
  assert (IH := u_stays_within t ltac:(lia)).
  apply Rle_trans with ((F ^ t * y ^ 8 * H - 1) / 2 * L + 2 * eta).
  - apply (moved_near u eta k rho epsilon z h L top (F ^ t) rnd epsilont (r t "gradient") (r t "u")
      (f t "u") (r (S t) "s") (f (S t) "s") (delta t) y H (adadelta_floor rho epsilon G T));
        of_step t.
  - change E with ((F ^ T * y ^ 8 * H - 1) / 2 * L + 2 * eta). assert (L0 := L_at_least_0).
    destruct Hc as (B & E0 & _ & _ & Z & Zk & _). assert (Hh := h_range).
    assert (K := k_at_least_0). fold k in Zk.
    assert (y0 : 0 <= y) by (apply Rlt_le, Rinv_0_lt_compat; lra).
    assert (H0 : 0 <= H) by (apply Rlt_le, Rinv_0_lt_compat; lra).
    assert (y8 : 0 <= y ^ 8 * H) by (apply Rmult_le_pos; [now apply pow_le | easy]).
    assert (M : F ^ t * (y ^ 8 * H) <= F ^ T * (y ^ 8 * H)) by (apply Rmult_le_compat_r; lra).
    rewrite !Rmult_assoc. rewrite <- !Rmult_assoc in M |- *.
    apply Rplus_le_compat_r, Rmult_le_compat_r; [exact L0 | lra].
Qed.

Lemma opposite_moves t : (t < T)%nat ->
  Rabs (- movedt t - - delta t) <= E /\ Rabs (- delta t) <= L.
Proof.
  intro Ht. replace (- movedt t - - delta t) with (- (movedt t - delta t)) by ring.
  rewrite !Rabs_Ropp. split; [now apply move_near | now apply delta_at_most].
Qed.

Theorem adadelta_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd E L T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - delta t) (fun t => - movedt t)); auto using error_at_least_0, L_at_least_0,
    rule_theta, moved_theta; intros i Hi; now apply opposite_moves.
Qed.

Lemma theta_size t : (t <= T)%nat ->
  Rabs (f t "theta") <= Rabs (r O "theta") + INR T * L
                        + moved_drift u eta E L (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd E L T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - delta t) (fun t => - movedt t)); auto using error_at_least_0, L_at_least_0,
    rule_theta, moved_theta; intros i Hi; now apply opposite_moves.
Qed.

(* A learning rate scales what theta moves by. *)
Section Scaled.

Variables alpha alphat : R.
Let M := adadelta_scaled_error u eta z rho epsilon alpha G T.
Hypothesis Ca : constant_within u alpha alphat "learning_rate" f r.
Hypothesis exact_scaled : follows exact "theta" adadelta_scaled_theta r.
Hypothesis stored_scaled : follows (rounded rnd) "theta" adadelta_scaled_theta f.

Lemma scaled_error_at_least_0 : 0 <= M.
Proof.
  assert (E0 := error_at_least_0). assert (L0 := L_at_least_0). assert (A := proj1 (proj2 Ca)).
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  change M with (((1 + u) * (1 + k) - 1) * (alpha * (L + E)) + eta + alpha * E).
  assert (0 <= (1 + u) * (1 + k) - 1) by nra.
  assert (0 <= alpha * E) by now apply Rmult_le_pos.
  assert (0 <= alpha * (L + E)) by (apply Rmult_le_pos; lra).
  assert (0 <= ((1 + u) * (1 + k) - 1) * (alpha * (L + E))) by now apply Rmult_le_pos. lra.
Qed.

Lemma scaled_longest_at_least_0 : 0 <= alpha * L.
Proof. apply Rmult_le_pos; [apply Ca | apply L_at_least_0]. Qed.

Lemma rule_scaled_theta t : r (S t) "theta" = r t "theta" - - (alpha * delta t).
Proof.
  rewrite exact_scaled. change (exact (r t) adadelta_scaled_theta)
    with (r t "theta" + r t "learning_rate" * delta t). rewrite (proj1 (proj1 Ca t)). ring.
Qed.

Lemma moved_scaled_theta t : f (S t) "theta" = rnd (f t "theta" - - rnd (alphat * movedt t)).
Proof.
  rewrite stored_scaled. unfold movedt.
  rewrite (proj2 stored_s), <- (proj2 (proj1 Ce t)), <- (proj1 (HG t)), <- (proj2 (proj1 Ca t)).
  unfold Rminus. rewrite Ropp_involutive. reflexivity.
Qed.

Lemma scaled_moves t : (t < T)%nat ->
  Rabs (- rnd (alphat * movedt t) - - (alpha * delta t)) <= M
  /\ Rabs (- (alpha * delta t)) <= alpha * L
  /\ Rabs (rnd (alphat * movedt t)) <= alpha * L + M.
Proof.
  intro Ht. assert (D := delta_at_most t Ht). assert (N := move_near t Ht).
  destruct Ca as (_ & A & Ha). assert (U := u_nonneg _ _ _ Hr). assert (K := k_at_least_0).
  assert (P := product_error u eta rnd alphat alpha (movedt t) Hr A Ha). fold k in P.
  assert (size := Rabs_near _ _ _ _ D N).
  assert (near : Rabs (alpha * movedt t - alpha * delta t) <= alpha * E).
  { rewrite <- Rmult_minus_distr_l. apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact N]. }
  assert (longest : Rabs (alpha * delta t) <= alpha * L)
    by (apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact D]).
  assert (scaled : ((1 + u) * (1 + k) - 1) * (alpha * Rabs (movedt t))
    <= ((1 + u) * (1 + k) - 1) * (alpha * (L + E))).
  { apply Rmult_le_compat_l; [nra |]. now apply Rmult_le_compat_l. }
  assert (off : Rabs (rnd (alphat * movedt t) - alpha * delta t) <= M).
  { replace (rnd (alphat * movedt t) - alpha * delta t)
      with (rnd (alphat * movedt t) - alpha * movedt t + (alpha * movedt t - alpha * delta t))
      by ring.
    eapply Rle_trans; [exact (Rabs_plus _ _ _ _ P near) |].
    change M with (((1 + u) * (1 + k) - 1) * (alpha * (L + E)) + eta + alpha * E). lra. }
  replace (- rnd (alphat * movedt t) - - (alpha * delta t))
    with (- (rnd (alphat * movedt t) - alpha * delta t)) by ring.
  rewrite !Rabs_Ropp. split; [exact off |]. split; [exact longest |].
  exact (Rabs_near _ _ _ _ longest off).
Qed.

Theorem adadelta_scaled_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta") <= moved_drift u eta M (alpha * L) (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd M (alpha * L) T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - (alpha * delta t)) (fun t => - rnd (alphat * movedt t)));
    auto using scaled_error_at_least_0, scaled_longest_at_least_0, rule_scaled_theta,
      moved_scaled_theta; intros i Hi; now apply scaled_moves.
Qed.

Lemma scaled_theta_size t : (t <= T)%nat ->
  Rabs (f t "theta") <= Rabs (r O "theta") + INR T * (alpha * L)
                        + moved_drift u eta M (alpha * L) (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd M (alpha * L) T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - (alpha * delta t)) (fun t => - rnd (alphat * movedt t)));
    auto using scaled_error_at_least_0, scaled_longest_at_least_0, rule_scaled_theta,
      moved_scaled_theta; intros i Hi; now apply scaled_moves.
Qed.

End Scaled.

(* How large the numbers of a step are. *)

Lemma s_size t : (t <= T)%nat -> 0 <= f t "s" <= 2 * top.
Proof.
  intro Ht. destruct (s_near t Ht) as (S0 & S1 & S2). assert (Hh := h_range).
  assert (P := top_at_least). destruct Hc as (B & E0 & _). destruct Ce as (_ & _ & He).
  destruct exact_s as [_ Hs], stored_s as [f0 Hst], Cw as (Vw & _).
  assert (nonneg : 0 <= f t "s").
  { clear S0 S1 S2. destruct t as [| t]; [lra |]. rewrite Hst. simpl.
    apply (keeps_nonneg _ _ _ Hr). rewrite (proj2 (Vw t)). apply Rplus_le_le_0_compat.
    - apply (weighted_square_nonneg u eta); [exact Hr | lra].
    - apply (keeps_nonneg _ _ _ Hr). apply Rmult_le_pos; [lra |].
      induction t as [| t IH]; [lra |]. rewrite Hst. simpl. apply (keeps_nonneg _ _ _ Hr).
      rewrite (proj2 (Vw t)). apply Rplus_le_le_0_compat;
        [apply (weighted_square_nonneg u eta); [exact Hr | lra] |].
      apply (keeps_nonneg _ _ _ Hr). apply Rmult_le_pos; [lra |]. apply IH. lia. }
  split; [exact nonneg |]. apply Rabs_le_inv in S2, He.
  destruct Hc as (_ & _ & _ & _ & Z & Zk & _). fold k in Zk, He.
  assert (K := k_at_least_0). assert (ke : k * epsilon <= / 2 * epsilon)
    by (apply Rmult_le_compat_r; lra).
  assert (hs : h * (r t "s" + epsilon) <= / 2 * (r t "s" + epsilon))
    by (apply Rmult_le_compat_r; lra). lra.
Qed.

Lemma u_size t : (t <= T)%nat -> 0 <= f t "u" <= 2 * top.
Proof.
  intro Ht. destruct (u_stays_within t Ht) as (U0 & U1 & W & _).
  destruct (powers_of_factor t Ht) as (P & Q). destruct Hc as (B & E0 & _).
  assert (S := u_largest rho epsilon G (fun t => r t "gradient") (fun t => r t "s")
    (fun t => r t "u") delta B E0 gradient_at_most (proj1 exact_s) rule_s (proj1 exact_u) rule_u
    rule_delta T t Ht). fold top in S. split; [exact U1 |].
  assert (F ^ t * (r t "u" + epsilon) <= 2 * top) by (apply Rmult_le_compat; lra). lra.
Qed.

Lemma step_sizes t : (t < T)%nat -> u <= 1 ->
  let m := rnd (f (S t) "s" + epsilont) in
  let n := rnd (f t "u" + epsilont) in
  0 <= epsilont <= 2 * top /\ 0 < m /\ 0 <= rnd (n / m) <= 64 * (top / epsilon) + 1
  /\ Rabs (movedt t) <= 2 * L + 2.
Proof.
  intros Ht U1 m n. destruct (powers_of_factor t ltac:(lia)) as (P & Q).
  assert (IH := u_stays_within t ltac:(lia)).
  assert (size : Rabs (movedt t) <= 2 * L + 2) 
    by (apply (moved_square u eta k rho epsilon z h L top (F ^ t) rnd epsilont (r t "gradient") (r
      t "u")
      (f t "u") (r (S t) "s") (f (S t) "s") (delta t) y H (adadelta_floor rho epsilon G T));
        of_step t).
  assert (div : within (y * H) 0 m (r (S t) "s" + epsilon) /\ 0 < m <= 3 * top)
    by (apply (divisor_within u eta k rho epsilon z h top (F ^ t) rnd epsilont (r (S t) "s")
      (f (S t) "s") y H (adadelta_floor rho epsilon G T)); of_step t).
  assert (num : within (F ^ t * y ^ 2) 0 n (r t "u" + epsilon) /\ epsilon / 4 <= n)
    by (apply (numerator_within u eta k rho epsilon z top (F ^ t) rnd epsilont (r t "u") (f t "u") y
      (adadelta_floor rho epsilon G T)); of_step t).
  assert (S := u_largest rho epsilon G (fun t => r t "gradient") (fun t => r t "s")
    (fun t => r t "u") delta (proj1 Hc) (proj1 (proj2 Hc)) gradient_at_most (proj1 exact_s) rule_s
    (proj1 exact_u) rule_u rule_delta T t ltac:(lia)). fold top in S.
  destruct (s_near (Datatypes.S t) ltac:(lia)) as (s0 & _). assert (Hh := h_range).
  assert (tops := top_at_least). assert (K := k_at_least_0).
  destruct Hc as (B & E0 & N1 & _ & Z & Zk & _), Ce as (_ & _ & He). fold k in Zk, He.
  destruct div as ((_ & D) & M0 & _), num as ((V & _) & N0).
  rewrite Rplus_0_r in D, V. apply Rabs_le_inv in He.
  assert (ke : k * epsilon <= / 2 * epsilon) by (apply Rmult_le_compat_r; lra).
  assert (y2 : 0 <= y <= 2).
  { unfold y. split; [apply Rlt_le, Rinv_0_lt_compat; lra |].
    rewrite <- (Rinv_inv 2). apply Rinv_le_contravar; lra. }
  assert (H2 : 0 <= H <= 2).
  { unfold H. split; [apply Rlt_le, Rinv_0_lt_compat; lra |].
    rewrite <- (Rinv_inv 2). apply Rinv_le_contravar; lra. }
  assert (yH : 0 <= y * H <= 4) by (split; [apply Rmult_le_pos | ]; nra).
  assert (m4 : epsilon / 4 <= m).
  { assert (y * H * m <= 4 * m) by (apply Rmult_le_compat_r; lra). lra. }
  assert (y4 : 0 <= y ^ 2 <= 4) by nra.
  assert (c8 : F ^ t * y ^ 2 <= 8) by nra.
  assert (n8 : n <= 8 * top).
  { destruct IH as (x0 & _). eapply Rle_trans; [exact V |]. apply Rmult_le_compat; try lra.
    apply Rmult_le_pos; lra. }
  assert (ratio : 0 <= n / m <= 32 * (top / epsilon)).
  { split; [apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra |].
    apply Rmult_le_reg_r with m; [exact M0 |]. unfold Rdiv at 1.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    assert (back : top / epsilon * (epsilon / 4) = top / 4) by (field; lra).
    assert (ge : top / epsilon * (epsilon / 4) <= top / epsilon * m).
    { apply Rmult_le_compat_l; [| exact m4]. apply Rmult_le_pos; [lra |].
      apply Rlt_le, Rinv_0_lt_compat; lra. }
    lra. }
  split; [lra |]. split; [exact M0 |]. split; [| exact size].
  split; [now apply (keeps_nonneg _ _ _ Hr) |]. eapply Rle_trans; [apply Rle_abs |].
  assert (R := rounded_at_most u eta rnd (n / m) (32 * (top / epsilon)) Hr U1 N1
    ltac:(rewrite Rabs_pos_eq; lra)). lra.
Qed.

End Run.

(* In IEEE 754 arithmetic. *)

(* No number of a run is larger but theta. *)
Definition adadelta_states_peak (rho epsilon G : R) (T : nat) : R :=
  let top := adadelta_largest rho epsilon G T in
  9 * top + 128 * (top / epsilon) + 4 * adadelta_longest rho epsilon G T + 2 * G + 8.

(* No number of a run is larger. *)
Definition adadelta_peak (u eta z rho epsilon G theta0 : R) (T : nat) : R :=
  let L := adadelta_longest rho epsilon G T in
  adadelta_states_peak rho epsilon G T + theta0 + INR T * L
  + moved_drift u eta (adadelta_error u eta z rho epsilon G T) L theta0 T T.

Definition adadelta_scaled_peak (u eta z rho epsilon alpha G theta0 : R) (T : nat) : R :=
  let L := alpha * adadelta_longest rho epsilon G T in
  let E := adadelta_scaled_error u eta z rho epsilon alpha G T in
  adadelta_states_peak rho epsilon G T + (L + E) + theta0 + INR T * L
  + moved_drift u eta E L theta0 T T.

Theorem adadelta_peak_from u eta z rho epsilon G x y T :
  0 <= u -> x <= y ->
  adadelta_peak u eta z rho epsilon G x T <= adadelta_peak u eta z rho epsilon G y T.
Proof.
  intros U H. unfold adadelta_peak. set (E := adadelta_error _ _ _ _ _ _ _).
  set (L := adadelta_longest _ _ _ _). generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Theorem adadelta_scaled_peak_from u eta z rho epsilon alpha G x y T :
  0 <= u -> x <= y ->
  adadelta_scaled_peak u eta z rho epsilon alpha G x T
  <= adadelta_scaled_peak u eta z rho epsilon alpha G y T.
Proof.
  intros U H. unfold adadelta_scaled_peak. set (E := adadelta_scaled_error _ _ _ _ _ _ _ _).
  set (L := alpha * _). generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Definition adadelta_states : list (string * expression) :=
  (("s", adadelta_s) :: ("u", adadelta_u) :: ("theta", adadelta_theta) :: nil)%list.
Definition adadelta_scaled_states : list (string * expression) :=
  (("s", adadelta_s) :: ("u", adadelta_u) :: ("theta", adadelta_scaled_theta) :: nil)%list.

(* What a step computes but for theta. *)
Section States.

Variables (z rho epsilon G wt epsilont : R) (T : nat) (sh r : run).
Hypothesis Hc : adadelta_conditions u eta z rho epsilon G T.
Hypothesis Sw : constant_within u (1 - rho) wt "w" sh r.
Hypothesis weight : 0 <= wt <= 1.
Hypothesis Se : constant_within u epsilon epsilont "epsilon" sh r.
Hypothesis Sg : same_gradients G sh r.
Hypothesis Hs : follows_from_zero exact "s" adadelta_s r.
Hypothesis Ss : follows_from_zero (rounded nearest) "s" adadelta_s sh.
Hypothesis Hu : follows_from_zero exact "u" adadelta_u r.
Hypothesis Su : follows_from_zero (rounded nearest) "u" adadelta_u sh.
Hypothesis room : adadelta_states_peak rho epsilon G T < bpow radix2 emax.

Lemma states_peak_at_least_0 : 0 <= adadelta_states_peak rho epsilon G T.
Proof.
  unfold adadelta_states_peak. set (top := adadelta_largest rho epsilon G T).
  assert (tops := top_at_least u eta z rho epsilon G T Hc). fold top in tops.
  assert (L0 := L_at_least_0 rho epsilon G T). assert (G0 := G_at_least_0 G sh r Sg).
  assert (eps : 0 < epsilon) by apply Hc.
  assert (ratio : 0 <= top / epsilon)
    by (apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra). lra.
Qed.

Lemma states_in_range i : (i < T)%nat ->
  in_range p emax (sh i) adadelta_s /\ in_range p emax (sh i) adadelta_u
  /\ in_range p emax (sh i) adadelta_delta
  /\ rounded nearest (sh i) adadelta_delta
     = moved nearest epsilont (r i "gradient") (sh i "u") (sh (S i) "s").
Proof.
  intro Hi. assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  unfold adadelta_states_peak in room.
  set (top := adadelta_largest rho epsilon G T) in *.
  set (L := adadelta_longest rho epsilon G T) in *.
  assert (tops := top_at_least u eta z rho epsilon G T Hc). fold top in tops.
  assert (L0 := L_at_least_0 rho epsilon G T). fold L in L0.
  assert (G0 := G_at_least_0 G sh r Sg).
  assert (small : u <= 1) by (apply (bpow_le radix2 (- p) 0); unfold Prec_gt_0 in positive; lia).
  assert (eps : 0 < epsilon) by apply Hc. assert (tiny : eta <= 1) by apply Hc.
  assert (ratio : 0 <= top / epsilon)
    by (apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra).
  assert (twice : forall x b, Rabs x <= b -> Rabs (nearest x) <= 2 * b + 1)
    by (intros x b; now apply (rounded_at_most u eta nearest)).
  assert (s1 := s_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
    Hs Ss i ltac:(lia)). fold top in s1.
  assert (s2 := s_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
    Hs Ss (S i) Hi). fold top in s2.
  assert (u1 := u_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
    Hs Ss Hu Su i ltac:(lia)). fold top in u1.
  assert (u2 := u_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
    Hs Ss Hu Su (S i) Hi). fold top in u2.
  destruct (step_sizes u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
    Hs Ss Hu Su i Hi small) as (e1 & m0 & q1 & d1). fold top in e1, q1. fold L in d1.
  destruct (Sg i) as (Eg & g1).
  assert (Ew := proj2 (proj1 Sw i)). assert (Ee := proj2 (proj1 Se i)).
  assert (w1 : Rabs wt <= 1) by (rewrite Rabs_pos_eq; lra).
  assert (w2 : Rabs (1 - wt) <= 1) by (rewrite Rabs_pos_eq; lra).
  assert (wg := twice _ _ (Rabs_times _ _ _ _ w1 g1)).
  assert (ws : Rabs (nearest ((1 - wt) * sh i "s")) <= 2 * (1 * (2 * top)) + 1)
    by (apply twice, Rabs_times; [| rewrite Rabs_pos_eq]; lra).
  assert (wu : Rabs (nearest ((1 - wt) * sh i "u")) <= 2 * (1 * (2 * top)) + 1)
    by (apply twice, Rabs_times; [| rewrite Rabs_pos_eq]; lra).
  assert (ue : Rabs (nearest (sh i "u" + epsilont)) <= 2 * (4 * top) + 1)
    by (apply twice; rewrite Rabs_pos_eq; lra).
  assert (se : Rabs (nearest (sh (S i) "s" + epsilont)) <= 2 * (4 * top) + 1)
    by (apply twice; rewrite Rabs_pos_eq; lra).
  assert (wd := twice _ _ (Rabs_times _ _ _ _ w1 d1)).
  set (m := nearest (sh (S i) "s" + epsilont)) in *.
  set (n := nearest (sh i "u" + epsilont)) in *.
  assert (root : 0 <= sqrt (nearest (n / m)) <= 64 * (top / epsilon) + 1).
  { split; [apply sqrt_pos |]. destruct (Rle_or_lt 1 (nearest (n / m))) as [A | A].
    - apply Rle_trans with (nearest (n / m)); [| lra].
      rewrite <- (sqrt_square (nearest (n / m))) at 2 by lra. apply sqrt_le_1_alt. nra.
    - apply Rle_trans with 1; [rewrite <- sqrt_1; apply sqrt_le_1_alt; lra | lra]. }
  assert (rooted := twice (sqrt (nearest (n / m))) _ ltac:(rewrite Rabs_pos_eq; [apply root |
    lra])).
  set (d := moved nearest epsilont (r i "gradient") (sh i "u") (sh (S i) "s")) in *.
  assert (below_top : forall x b, Rabs x <= b ->
    b <= 9 * top + 128 * (top / epsilon) + 4 * L + 2 * G + 8 -> Rabs x < bpow radix2 emax).
  { intros x b H1 H2. eapply Rle_lt_trans; [exact H1 |]. eapply Rle_lt_trans; [exact H2 |].
    exact room. }
  assert (Es : rounded nearest (sh i) adadelta_s = sh (S i) "s") by now rewrite (proj2 Ss).
  assert (Ed : rounded nearest (sh i) adadelta_delta = d).
  { change adadelta_delta with (Neg (Mul (Sqrt (Div (Add (Var "u") (Var "epsilon"))
      (Add adadelta_s (Var "epsilon")))) (Var "gradient"))). cbn [rounded].
    now rewrite Es, Ee, Eg. }
  assert (Eu : rounded nearest (sh i) adadelta_u = sh (S i) "u") by now rewrite (proj2 Su).
  assert (Rs : in_range p emax (sh i) adadelta_s).
  { split.
    - change (Rabs (rounded nearest (sh i) adadelta_s) < bpow radix2 emax). rewrite Es.
      apply below_top with (2 * top); [rewrite Rabs_pos_eq |]; lra.
    - cbn [in_range rounded]. fold emin. rewrite Ew, Eg.
      repeat split; [exact (below_top _ _ wg ltac:(lra)) | exact (below_top _ _ ws ltac:(lra))]. }
  assert (Rd : in_range p emax (sh i) adadelta_delta).
  { change adadelta_delta with (Neg (Mul (Sqrt (Div (Add (Var "u") (Var "epsilon"))
      (Add adadelta_s (Var "epsilon")))) (Var "gradient"))).
    cbn [in_range rounded]. fold emin. rewrite Es, Ee, Eg. fold m n.
    assert (moved_up : Rabs (nearest (nearest (sqrt (nearest (n / m))) * r i "gradient"))
      <= 2 * L + 2) by (rewrite <- Rabs_Ropp; exact d1).
    repeat first [exact Rs | split]; try lra;
      first [exact (below_top _ _ d1 ltac:(lra)) | exact (below_top _ _ moved_up ltac:(lra))
            | exact (below_top _ _ rooted ltac:(lra)) | exact (below_top _ _ ue ltac:(lra))
            | exact (below_top _ _ se ltac:(lra))
            | apply below_top with (64 * (top / epsilon) + 1); [rewrite Rabs_pos_eq |]; lra]. }
  split; [exact Rs |]. split; [| split; [exact Rd | exact Ed]].
  change adadelta_u with (Fma (Mul (Var "w") adadelta_delta) adadelta_delta
    (Decay (Var "w") (Var "u"))). split.
  - change (Rabs (rounded nearest (sh i) adadelta_u) < bpow radix2 emax). rewrite Eu.
    apply below_top with (2 * top); [rewrite Rabs_pos_eq |]; lra.
  - cbn [in_range rounded]. fold emin. rewrite Ed, Ew.
    repeat first [exact Rd | split]; try easy;
      [exact (below_top _ _ wd ltac:(lra)) | exact (below_top _ _ wu ltac:(lra))].
Qed.

End States.

(* A machine's run and its shadow. *)
Section Shadow.

Variables (z rho epsilon G wt epsilont : R) (T : nat) (e : expression).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let kept : list (string * expression) :=
  (("s", adadelta_s) :: ("u", adadelta_u) :: ("theta", e) :: nil)%list.
Let sh := shadow p emax kept stored.

Lemma shadow_inputs :
  stored O "s" = 0 -> stored O "u" = 0 ->
  constant_within u (1 - rho) wt "w" stored r ->
  constant_within u epsilon epsilont "epsilon" stored r ->
  same_gradients G stored r -> stored O "theta" = r O "theta" ->
  rounding u eta nearest
  /\ follows_from_zero (rounded nearest) "s" adadelta_s sh
  /\ follows_from_zero (rounded nearest) "u" adadelta_u sh
  /\ follows (rounded nearest) "theta" e sh
  /\ constant_within u (1 - rho) wt "w" sh r /\ constant_within u epsilon epsilont "epsilon" sh r
  /\ same_gradients G sh r /\ sh O "theta" = r O "theta".
Proof.
  intros. split; [apply (nearest_is_rounding emin p positive) |].
  split; [now apply shadow_follows_from_zero |]. split; [now apply shadow_follows_from_zero |].
  split; [now apply shadow_follows |]. split; [now apply shadow_constant |].
  split; [now apply shadow_constant |]. split; [now apply shadow_gradients |].
  unfold sh. now rewrite shadow_start.
Qed.

End Shadow.

Theorem adadelta_run_in_ieee z rho epsilon G wt epsilont T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  adadelta_conditions u eta z rho epsilon G T ->
  machine_follows p emax positive below adadelta_states f ->
  stored O "s" = 0 -> stored O "u" = 0 ->
  constant_within u (1 - rho) wt "w" stored r -> 0 <= wt <= 1 ->
  constant_within u epsilon epsilont "epsilon" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "s" adadelta_s r -> follows_from_zero exact "u" adadelta_u r ->
  follows exact "theta" adadelta_theta r -> stored O "theta" = r O "theta" ->
  adadelta_peak u eta z rho epsilon G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adadelta_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ within (adadelta_step_factor u eta z rho epsilon G T ^ t) 0 (stored t "u" + epsilon)
         (r t "u" + epsilon)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (adadelta_error u eta z rho epsilon G T)
            (adadelta_longest rho epsilon G T) (Rabs (r O "theta")) T t.
Proof.
  intros stored Hc Hf s0 u0 Cw weight Ce HG Hs Hu Hx Hstart Hpeak t Ht.
  destruct (shadow_inputs rho epsilon G wt epsilont adadelta_theta f r s0 u0 Cw Ce HG Hstart)
    as (Hr & Ss & Su & St & Sw & Se & Sg & S0).
  fold adadelta_states in Ss, Su, St, Sw, Se, Sg, S0. fold stored in Ss, Su, St, Sw, Se, Sg, S0.
  set (sh := shadow p emax adadelta_states stored) in *.
  assert (L0 := L_at_least_0 rho epsilon G T).
  assert (E0 := error_at_least_0 u eta z rho epsilon G nearest sh r T Hr Hc Sg).
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  assert (TL : 0 <= INR T * adadelta_longest rho epsilon G T)
    by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (P0 := states_peak_at_least_0 z rho epsilon G T sh r Hc Sg).
  assert (R0 := Rabs_pos (r O "theta")). unfold adadelta_peak in Hpeak.
  assert (ranges : forall i x e, (i < T)%nat -> term_of adadelta_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. destruct (states_in_range z rho epsilon G wt epsilont T sh r Hc Sw weight Se Sg
      Hs Ss Hu Su ltac:(lra) i Hi) as (R1 & R2 & R3 & _).
    assert (T1 := theta_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
      Hs Ss Hu Su S0 Hx St (S i) Hi).
    assert (R4 : in_range p emax (sh i) adadelta_theta).
    { change adadelta_theta with (Add (Var "theta") adadelta_delta).
      split; [| split; [easy | exact R3]].
      change (Rabs (rounded nearest (sh i) adadelta_theta) < bpow radix2 emax). rewrite <- (St i).
      lra. }
    simpl. repeat (case String.eqb_spec; [intros _ [= <-]; assumption | intros _]). easy. }
  destruct (machine_run_in_range p emax positive below adadelta_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite !F3. split.
  - now apply (u_stays_within u eta z rho epsilon G wt epsilont nearest sh r T).
  - now apply (adadelta_run_rounded u eta z rho epsilon G wt epsilont nearest sh r T).
Qed.

Theorem adadelta_scaled_run_in_ieee z rho epsilon alpha G wt epsilont alphat T
    (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  adadelta_conditions u eta z rho epsilon G T ->
  machine_follows p emax positive below adadelta_scaled_states f ->
  stored O "s" = 0 -> stored O "u" = 0 ->
  constant_within u (1 - rho) wt "w" stored r -> 0 <= wt <= 1 ->
  constant_within u epsilon epsilont "epsilon" stored r ->
  constant_within u alpha alphat "learning_rate" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "s" adadelta_s r -> follows_from_zero exact "u" adadelta_u r ->
  follows exact "theta" adadelta_scaled_theta r -> stored O "theta" = r O "theta" ->
  adadelta_scaled_peak u eta z rho epsilon alpha G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) adadelta_scaled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ within (adadelta_step_factor u eta z rho epsilon G T ^ t) 0 (stored t "u" + epsilon)
         (r t "u" + epsilon)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (adadelta_scaled_error u eta z rho epsilon alpha G T)
            (alpha * adadelta_longest rho epsilon G T) (Rabs (r O "theta")) T t.
Proof.
  intros stored Hc Hf s0 u0 Cw weight Ce Ca HG Hs Hu Hx Hstart Hpeak t Ht.
  destruct (shadow_inputs rho epsilon G wt epsilont adadelta_scaled_theta f r s0 u0 Cw Ce HG Hstart)
    as (Hr & Ss & Su & St & Sw & Se & Sg & S0).
  fold adadelta_scaled_states in Ss, Su, St, Sw, Se, Sg, S0.
  fold stored in Ss, Su, St, Sw, Se, Sg, S0.
  assert (Sa : constant_within u alpha alphat "learning_rate"
    (shadow p emax adadelta_scaled_states stored) r) by now apply shadow_constant.
  set (sh := shadow p emax adadelta_scaled_states stored) in *.
  assert (L0 := scaled_longest_at_least_0 u rho epsilon G sh r T alpha alphat Sa).
  assert (E0 := scaled_error_at_least_0 u eta z rho epsilon G nearest sh r T Hr Hc Sg alpha alphat
    Sa).
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  assert (TL : 0 <= INR T * (alpha * adadelta_longest rho epsilon G T))
    by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (P0 := states_peak_at_least_0 z rho epsilon G T sh r Hc Sg).
  assert (R0 := Rabs_pos (r O "theta")). unfold adadelta_scaled_peak in Hpeak.
  assert (ranges : forall i x e, (i < T)%nat -> term_of adadelta_scaled_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. destruct (states_in_range z rho epsilon G wt epsilont T sh r Hc Sw weight Se Sg
      Hs Ss Hu Su ltac:(lra) i Hi) as (R1 & R2 & R3 & Ed).
    assert (T1 := scaled_theta_size u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight
      Se Sg Hs Ss Hu Su S0 alpha alphat Sa Hx St (S i) Hi).
    destruct (scaled_moves u eta z rho epsilon G wt epsilont nearest sh r T Hr Hc Sw weight Se Sg
      Hs Ss Hu Su alpha alphat Sa i Hi) as (_ & _ & M1).
    assert (R4 : in_range p emax (sh i) adadelta_scaled_theta).
    { change adadelta_scaled_theta
        with (Add (Var "theta") (Mul (Var "learning_rate") adadelta_delta)).
      split; [| split; [easy | split; [| split; [easy | exact R3]]]].
      - change (Rabs (rounded nearest (sh i) adadelta_scaled_theta) < bpow radix2 emax).
        rewrite <- (St i). lra.
      - change (Rabs (nearest (sh i "learning_rate" * rounded nearest (sh i) adadelta_delta))
          < bpow radix2 emax). rewrite Ed, (proj2 (proj1 Sa i)). lra. }
    simpl. repeat (case String.eqb_spec; [intros _ [= <-]; assumption | intros _]). easy. }
  destruct (machine_run_in_range p emax positive below adadelta_scaled_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite !F3. split.
  - now apply (u_stays_within u eta z rho epsilon G wt epsilont nearest sh r T).
  - now apply (adadelta_scaled_run_rounded u eta z rho epsilon G wt epsilont nearest sh r T)
      with (alphat := alphat).
Qed.

End Format.
