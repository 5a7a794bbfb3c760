(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum's recorded lanes, and so of Nesterov's, whose terms are the same: how far
   theta drifts, and that nothing overflows.

   Rounding.v says what u, eta, kappa and a tilde mean, run/MovingParameters.v what [moved_drift]
   is. mu bounds the momentum; mu (1 + K) < 1 has to hold, K = (1 + kappa u) (1 + u)^2 - 1.
   Coefficients may change from step to step. V bounds the buffer if mu_t V + |a_t| G <= V at each
   of them, a_t being the push's coefficient ([buffer_within]); it is then off by at most
   [kept_error]. With a constant push of at most P it is at most [buffer_top] = P / (1 - mu), and
   off by at most [buffer_error].

   Results, underflow included, for theta after each of T steps in IEEE arithmetic, in which nothing
   overflows while a peak is below the largest number:
   - [momentum_run_in_range]: the learning rate in the buffer;
   - [scaled_run_in_range]: the learning rate outside of the buffer;
   - [sum_run_in_range]: theta' = theta + (p v' + q g), of which Nesterov's form has p = mu and the
     buffer's gain for q ([nesterov_is_a_sum]);
   - [momentum_run_in_ieee], [scaled_run_in_ieee], [sum_run_in_ieee]: constant coefficients;
   - [momentum_peak_from], [scaled_peak_from]: from a larger theta_0 both are at least as large. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs MovingParameters Overflow.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition product_growth (u : R) : R := (1 + kappa * u) * (1 + u) ^ 2 - 1.
Definition kept_error (u eta mu V : R) : R :=
  let K := product_growth u in (K * V + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).
Definition buffer_top (mu P : R) : R := P / (1 - mu).
Definition buffer_error (u eta mu P : R) : R := kept_error u eta mu (buffer_top mu P).

(* A constant of either sign. *)
Definition signed_constant_within (u c ct : R) (x : string) (f r : run) : Prop :=
  (forall t, r t x = c /\ f t x = ct) /\ Rabs (ct - c) <= kappa * u * Rabs c.

(* A coefficient of at most c in size, that may change. *)
Definition coefficient_within (u c : R) (x : string) (f r : run) : Prop :=
  forall t, Rabs (r t x) <= c /\ Rabs (f t x - r t x) <= kappa * u * Rabs (r t x).

(* The coefficients of a buffer that keeps within V, a being the push's. *)
Definition buffer_within (u mu V G : R) (a : string) (f r : run) : Prop :=
  coefficient_within u mu "momentum" f r
  /\ forall t, Rabs (r t "momentum") * V + Rabs (r t a) * G <= V
               /\ Rabs (f t a - r t a) <= kappa * u * Rabs (r t a).

Lemma constant_is_signed u c ct x f r :
  constant_within u c ct x f r -> signed_constant_within u c ct x f r.
Proof. intros (H & C & W). split; [exact H |]. now rewrite (Rabs_pos_eq c). Qed.

Lemma constant_coefficient u c ct x f r :
  signed_constant_within u c ct x f r -> coefficient_within u (Rabs c) x f r.
Proof. intros [H W] t. destruct (H t) as [-> ->]. split; [apply Rle_refl | exact W]. Qed.

Lemma constant_buffer_within u mu mut a c ct G f r :
  mu < 1 -> constant_within u mu mut "momentum" f r -> signed_constant_within u c ct a f r ->
  buffer_within u mu (buffer_top mu (Rabs c * G)) G a f r.
Proof.
  intros M1 Hm [Hc Wc]. assert (M := proj1 (proj2 Hm)). split.
  - rewrite <- (Rabs_pos_eq mu) at 1 by exact M. now apply constant_coefficient with mut,
      constant_is_signed.
  - intro t. destruct (Hc t) as [-> ->]. split; [| exact Wc]. destruct Hm as (Hm & _).
    rewrite (proj1 (Hm t)), (Rabs_pos_eq mu) by exact M. right. unfold buffer_top. field. lra.
Qed.

Lemma shadow_coefficient p emax kept given r u c x :
  term_of kept x = None -> coefficient_within u c x given r ->
  coefficient_within u c x (shadow p emax kept given) r.
Proof. intros N H t. rewrite shadow_given by exact N. apply H. Qed.

Lemma shadow_buffer_within p emax kept given r u mu V G a :
  term_of kept "momentum" = None -> term_of kept a = None -> buffer_within u mu V G a given r ->
  buffer_within u mu V G a (shadow p emax kept given) r.
Proof.
  intros N M [Hm Ha]. split; [now apply shadow_coefficient |]. intro t.
  rewrite shadow_given by exact M. apply Ha.
Qed.

Lemma product_growth_at_least_0 u : 0 <= u -> u <= product_growth u.
Proof.
  intro U. unfold product_growth. assert (K := kappa_pos).
  assert (0 <= kappa * u) by (apply Rmult_le_pos; lra). assert (1 + u <= (1 + u) ^ 2) by nra. nra.
Qed.

Lemma signed_product_error u eta rnd wt w v :
  rounding u eta rnd -> Rabs (wt - w) <= kappa * u * Rabs w ->
  Rabs (rnd (wt * v) - w * v) <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs w * Rabs v) + eta.
Proof.
  intros Hr Hw. assert (E : Rabs (wt * v - w * v) <= kappa * u * Rabs w * Rabs v).
  { replace (wt * v - w * v) with ((wt - w) * v) by ring. apply Rabs_times; auto with real. }
  assert (Q := rounded_near _ _ _ _ _ _ Hr E). rewrite Rabs_mult in Q. lra.
Qed.

(* A sum of two rounded products, of either sign, whose factors are off by e and d. *)
Lemma products_near u eta rnd a xs xt x b ys yt y e d X Y :
  rounding u eta rnd ->
  Rabs (xs - a * xt) <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs a * Rabs xt) + eta ->
  Rabs (ys - b * yt) <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs b * Rabs yt) + eta ->
  Rabs (xt - x) <= e -> Rabs (yt - y) <= d -> Rabs x <= X -> Rabs y <= Y ->
  Rabs (rnd (xs + ys) - (a * x + b * y))
  <= product_growth u * (Rabs a * X + Rabs b * Y) + (3 + 2 * u) * eta
     + (1 + product_growth u) * (Rabs a * e + Rabs b * d).
Proof.
  intros Hr A B He Hd HX HY. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (S := Rabs_plus _ _ _ _ A B).
  replace (xs - a * xt + (ys - b * yt)) with (xs + ys - (a * xt + b * yt)) in S by ring.
  apply (rounded_near u eta rnd) in S; [| exact Hr].
  assert (xts := Rabs_near _ _ _ _ HX He). assert (yts := Rabs_near _ _ _ _ HY Hd).
  assert (P : Rabs a * Rabs xt <= Rabs a * (X + e))
    by (apply Rmult_le_compat_l; auto using Rabs_pos).
  assert (Q : Rabs b * Rabs yt <= Rabs b * (Y + d))
    by (apply Rmult_le_compat_l; auto using Rabs_pos).
  assert (size : Rabs (a * xt + b * yt) <= Rabs a * Rabs xt + Rabs b * Rabs yt)
    by (rewrite <- !Rabs_mult; apply Rabs_triang).
  assert (D : Rabs (a * (xt - x) + b * (yt - y)) <= Rabs a * e + Rabs b * d)
    by (apply Rabs_plus; rewrite Rabs_mult; apply Rmult_le_compat_l; auto using Rabs_pos).
  replace (rnd (xs + ys) - (a * x + b * y))
    with ((rnd (xs + ys) - (a * xt + b * yt)) + (a * (xt - x) + b * (yt - y))) by ring.
  eapply Rle_trans; [apply Rabs_plus; [exact S | exact D] |].
  set (z := Rabs a * Rabs xt + Rabs b * Rabs yt) in *.
  assert (u * Rabs (a * xt + b * yt) <= u * z) by (apply Rmult_le_compat_l; easy).
  assert (K0 : 0 <= product_growth u) by (generalize (product_growth_at_least_0 u U); lra).
  assert (product_growth u * z <= product_growth u * (Rabs a * (X + e) + Rabs b * (Y + d)))
    by (apply Rmult_le_compat_l; [easy | unfold z; lra]).
  unfold product_growth in *. unfold z in *. lra.
Qed.

(* How large anything becomes, with the conditions of a format. *)

Lemma coefficient_at_most u c ct top :
  0 <= u -> kappa * u <= 1 -> Rabs c <= top -> Rabs (ct - c) <= kappa * u * Rabs c ->
  Rabs ct <= 2 * top.
Proof. intros U K H E. generalize (Rabs_near _ _ _ _ H E) (Rabs_pos c). nra. Qed.

Section Buffer.

Variables (u eta mu V G : R) (rnd : R -> R) (f r : run) (T : nat) (a : string).
Hypothesis Hr : rounding u eta rnd.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hb : buffer_within u mu V G a f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".

Let E := kept_error u eta mu V.

Lemma mu_range : 0 <= mu < 1.
Proof.
  assert (M := proj1 (proj1 Hb O)). assert (U := u_nonneg _ _ _ Hr).
  assert (P := Rabs_pos (r O "momentum")).
  assert (K := product_growth_at_least_0 u U). split; nra.
Qed.

Lemma G_at_least_0 : 0 <= G.
Proof. destruct (HG O) as [_ H]. generalize (Rabs_pos (r O "gradient")). lra. Qed.

Lemma push_at_most t : Rabs (r t a) * G <= V.
Proof.
  assert (M := mu_range). assert (Mt := proj1 (proj1 Hb t)). assert (H := proj1 (proj2 Hb t)).
  assert (P := Rabs_pos (r t "momentum")).
  assert (A : 0 <= Rabs (r t a) * G)
    by (apply Rmult_le_pos; [apply Rabs_pos | exact G_at_least_0]). nra.
Qed.

Lemma V_at_least_0 : 0 <= V.
Proof.
  generalize (push_at_most O). assert (0 <= Rabs (r O a) * G)
    by (apply Rmult_le_pos; [apply Rabs_pos | exact G_at_least_0]). lra.
Qed.

Lemma E_at_least_0 : 0 <= E.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (K := product_growth_at_least_0 u U). assert (P := V_at_least_0).
  unfold E, kept_error. apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra.
Qed.

(* A buffer whose pushes are products of a coefficient [c], of which |c| is that of a, and the
   gradient. *)
Lemma buffer_kept (c pushed : nat -> R) :
  (forall t, Rabs (c t) = Rabs (r t a)) ->
  (forall t, Rabs (pushed t - c t * f t "gradient")
     <= ((1 + u) * (1 + kappa * u) - 1) * (Rabs (c t) * Rabs (f t "gradient")) + eta) ->
  r O "v" = 0 -> f O "v" = 0 ->
  (forall t, r (S t) "v" = r t "momentum" * r t "v" + c t * r t "gradient") ->
  (forall t, f (S t) "v" = rnd (rnd (f t "momentum" * f t "v") + pushed t)) ->
  forall t, Rabs (r t "v") <= V /\ Rabs (f t "v" - r t "v") <= E.
Proof.
  intros Hc Hp r0 f0 Hv Hvt. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (V0 := V_at_least_0). assert (E0 := E_at_least_0).
  assert (K := product_growth_at_least_0 u U).
  induction t as [| t [IHv IHe]].
  - rewrite r0, f0, Rminus_0_r, Rabs_R0. split; easy.
  - destruct (proj1 Hb t) as [M Hm]. destruct (proj2 Hb t) as [HV _].
    destruct (HG t) as [same Hg]. rewrite Hv, Hvt. split.
    + eapply Rle_trans; [| exact HV]. rewrite <- (Hc t).
      apply Rabs_plus; apply Rabs_times; try apply Rle_refl; easy.
    + assert (X := signed_product_error u eta rnd _ _ (f t "v") Hr Hm).
      assert (D : Rabs (f t "gradient" - r t "gradient") <= 0)
        by (rewrite same, Rminus_diag_eq, Rabs_R0; lra).
      assert (Q := products_near _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ Hr X (Hp t) IHe D IHv Hg).
      eapply Rle_trans; [exact Q |]. rewrite (Hc t), Rmult_0_r, Rplus_0_r.
      apply Rle_trans with (product_growth u * V + (3 + 2 * u) * eta
                            + (1 + product_growth u) * (mu * E)).
      * apply Rplus_le_compat; [apply Rplus_le_compat_r |]; apply Rmult_le_compat_l; try lra.
        now apply Rmult_le_compat_r.
      * right. unfold E, kept_error. field. lra.
Qed.

(* The learning rate in the buffer. *)

Section In.

Hypothesis is_rate : a = "learning_rate".
Hypothesis exact_v : follows_from_zero exact "v" momentum_v r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" momentum_v f.
Hypothesis exact_theta : follows exact "theta" momentum_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" momentum_theta f.

Lemma v_kept t : Rabs (r t "v") <= V /\ Rabs (f t "v" - r t "v") <= E.
Proof.
  destruct exact_v as [r0 Hv], stored_v as [f0 Hvt].
  apply (buffer_kept (fun t => - r t "learning_rate")
    (fun t => - rnd (f t "learning_rate" * f t "gradient"))); auto; intro i.
  - rewrite is_rate. apply Rabs_Ropp.
  - assert (W := proj2 (proj2 Hb i)). rewrite is_rate in W. rewrite Rabs_Ropp.
    replace (- rnd (f i "learning_rate" * f i "gradient") - - r i "learning_rate" * f i "gradient")
      with (- (rnd (f i "learning_rate" * f i "gradient") - r i "learning_rate" * f i "gradient"))
      by ring.
    rewrite Rabs_Ropp. now apply signed_product_error.
  - rewrite Hv. simpl. ring.
Qed.

Lemma moves t : r (S t) "theta" = r t "theta" - - r (S t) "v"
  /\ f (S t) "theta" = rnd (f t "theta" - - f (S t) "v").
Proof.
  destruct exact_v as [_ Hv], stored_v as [_ Hvt].
  rewrite exact_theta, stored_theta, Hv, Hvt. unfold Rminus. rewrite !Ropp_involutive. easy.
Qed.

Lemma momentum_update t : Rabs (- f (S t) "v" - - r (S t) "v") <= E /\ Rabs (- r (S t) "v") <= V.
Proof.
  replace (- f (S t) "v" - - r (S t) "v") with (- (f (S t) "v" - r (S t) "v")) by ring.
  rewrite !Rabs_Ropp. split; apply v_kept.
Qed.

Theorem momentum_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta") <= moved_drift u eta E V (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - r (S t) "v") (fun t => - f (S t) "v")); auto using E_at_least_0, V_at_least_0;
    intros i; apply moves || intros _; apply momentum_update.
Qed.

Lemma theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * V + moved_drift u eta E V (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - r (S t) "v") (fun t => - f (S t) "v")); auto using E_at_least_0, V_at_least_0;
    intros i; apply moves || intros _; apply momentum_update.
Qed.

End In.

(* A buffer of gradients. *)

Section Gathered.

Hypothesis is_gain : a = "gain".
Hypothesis exact_v : follows_from_zero exact "v" momentum_scaled_v r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" momentum_scaled_v f.

Lemma gathered_kept t : Rabs (r t "v") <= V /\ Rabs (f t "v" - r t "v") <= E.
Proof.
  destruct exact_v as [r0 Hv], stored_v as [f0 Hvt].
  apply (buffer_kept (fun t => r t "gain") (fun t => rnd (f t "gain" * f t "gradient"))); auto;
    intro i.
  - now rewrite is_gain.
  - assert (W := proj2 (proj2 Hb i)). rewrite is_gain in W. now apply signed_product_error.
Qed.

End Gathered.
End Buffer.

(* The learning rate outside: theta' = theta - alpha v'. *)

Definition rate_error (u eta alpha V E : R) : R :=
  ((1 + u) * (1 + kappa * u) - 1) * (alpha * (V + E)) + eta + alpha * E.
Definition scaled_error (u eta mu G gain alpha : R) : R :=
  let P := Rabs gain * G in rate_error u eta alpha (buffer_top mu P) (buffer_error u eta mu P).

(* Nesterov's sum: theta' = theta + (p v' + q g). *)

Definition two_product_error (u eta G p q V E : R) : R :=
  product_growth u * (p * (V + E) + q * G) + (3 + 2 * u) * eta + p * E.
Definition two_product_step (G p q V : R) : R := p * V + q * G.
Definition sum_error (u eta mu G gain p q : R) : R :=
  let P := Rabs gain * G in
  two_product_error u eta G (Rabs p) (Rabs q) (buffer_top mu P) (buffer_error u eta mu P).
Definition sum_step (mu G gain p q : R) : R :=
  two_product_step G (Rabs p) (Rabs q) (buffer_top mu (Rabs gain * G)).

Section Moved.

Variables (u eta G V E : R) (rnd : R -> R) (f r : run) (T : nat).
Hypothesis Hr : rounding u eta rnd.
Hypothesis V0 : 0 <= V.
Hypothesis E0 : 0 <= E.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".
Hypothesis kept : forall t, Rabs (r t "v") <= V /\ Rabs (f t "v" - r t "v") <= E.

Section Scaled.

Variable alpha : R.
Hypothesis Ha : coefficient_within u alpha "learning_rate" f r.
Hypothesis exact_v : follows exact "v" momentum_scaled_v r.
Hypothesis stored_v : follows (rounded rnd) "v" momentum_scaled_v f.
Hypothesis exact_theta : follows exact "theta" momentum_scaled_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" momentum_scaled_theta f.

Let update t := r t "learning_rate" * r (S t) "v".
Let updatet t := rnd (f t "learning_rate" * f (S t) "v").

Lemma alpha_at_least_0 : 0 <= alpha.
Proof. destruct (Ha O) as [A _]. generalize (Rabs_pos (r O "learning_rate")). lra. Qed.

Lemma rate_error_at_least_0 : 0 <= rate_error u eta alpha V E.
Proof.
  assert (A := alpha_at_least_0). assert (U := u_nonneg _ _ _ Hr).
  assert (N := eta_nonneg _ _ _ Hr).
  assert (0 <= (1 + u) * (1 + kappa * u) - 1) by (generalize kappa_pos; nra).
  unfold rate_error. assert (0 <= alpha * (V + E)) by (apply Rmult_le_pos; lra).
  assert (0 <= alpha * E) by now apply Rmult_le_pos.
  assert (0 <= ((1 + u) * (1 + kappa * u) - 1) * (alpha * (V + E))) by now apply Rmult_le_pos. lra.
Qed.

Lemma scaled_moves t : r (S t) "theta" = r t "theta" - update t
  /\ f (S t) "theta" = rnd (f t "theta" - updatet t).
Proof.
  unfold update, updatet. rewrite exact_theta, stored_theta, exact_v, stored_v. easy.
Qed.

Lemma scaled_update t :
  Rabs (updatet t - update t) <= rate_error u eta alpha V E /\ Rabs (update t) <= alpha * V.
Proof.
  destruct (Ha t) as [A W], (kept (S t)) as [Vs Es].
  assert (U := u_nonneg _ _ _ Hr). assert (C := kappa_pos).
  split; [| now apply Rabs_times]. unfold update, updatet.
  assert (P := signed_product_error u eta rnd _ _ (f (S t) "v") Hr W).
  assert (S := Rabs_near _ _ _ _ Vs Es). assert (D := Rabs_times _ _ _ _ A Es).
  replace (rnd (f t "learning_rate" * f (Datatypes.S t) "v")
           - r t "learning_rate" * r (Datatypes.S t) "v")
    with (rnd (f t "learning_rate" * f (Datatypes.S t) "v")
          - r t "learning_rate" * f (Datatypes.S t) "v"
          + r t "learning_rate" * (f (Datatypes.S t) "v" - r (Datatypes.S t) "v")) by ring.
  unfold rate_error. apply Rabs_plus; [| exact D]. eapply Rle_trans; [exact P |].
  apply Rplus_le_compat_r. apply Rmult_le_compat_l; [nra |].
  apply Rmult_le_compat; auto using Rabs_pos.
Qed.

Theorem scaled_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= moved_drift u eta (rate_error u eta alpha V E) (alpha * V) (Rabs (r O "theta")) T t.
Proof.
  assert (A := alpha_at_least_0).
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using rate_error_at_least_0, Rmult_le_pos;
    intros i; apply scaled_moves || intros _; apply scaled_update.
Qed.

Lemma scaled_theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * (alpha * V)
     + moved_drift u eta (rate_error u eta alpha V E) (alpha * V) (Rabs (r O "theta")) T T.
Proof.
  assert (A := alpha_at_least_0).
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using rate_error_at_least_0, Rmult_le_pos;
    intros i; apply scaled_moves || intros _; apply scaled_update.
Qed.

End Scaled.

Section Sum.

Variables (p q : R) (x y : string).
Hypothesis Hp : coefficient_within u p x f r.
Hypothesis Hq : coefficient_within u q y f r.
Hypothesis exact_theta : forall t,
  r (S t) "theta" = r t "theta" + (r t x * r (S t) "v" + r t y * r t "gradient").
Hypothesis stored_theta : forall t, f (S t) "theta"
  = rnd (f t "theta" + rnd (rnd (f t x * f (S t) "v") + rnd (f t y * f t "gradient"))).

Let update t := - (r t x * r (S t) "v" + r t y * r t "gradient").
Let updatet t := - rnd (rnd (f t x * f (S t) "v") + rnd (f t y * f t "gradient")).

Lemma factors_at_least_0 : 0 <= p /\ 0 <= q /\ 0 <= G.
Proof.
  destruct (Hp O) as [P _], (Hq O) as [Q _], (HG O) as [_ H].
  generalize (Rabs_pos (r O x)) (Rabs_pos (r O y)) (Rabs_pos (r O "gradient")). lra.
Qed.

Lemma two_product_error_at_least_0 : 0 <= two_product_error u eta G p q V E.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  destruct factors_at_least_0 as (P0 & Q0 & G0). assert (K := product_growth_at_least_0 u U).
  unfold two_product_error. assert (0 <= p * (V + E)) by (apply Rmult_le_pos; lra).
  assert (0 <= q * G) by now apply Rmult_le_pos.
  assert (0 <= p * E) by now apply Rmult_le_pos.
  assert (0 <= product_growth u * (p * (V + E) + q * G)) by (apply Rmult_le_pos; lra).
  assert (0 <= (3 + 2 * u) * eta) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma two_product_step_at_least_0 : 0 <= two_product_step G p q V.
Proof.
  destruct factors_at_least_0 as (P0 & Q0 & G0).
  apply Rplus_le_le_0_compat; now apply Rmult_le_pos.
Qed.

Lemma sum_update t :
  Rabs (updatet t - update t) <= two_product_error u eta G p q V E
  /\ Rabs (update t) <= two_product_step G p q V.
Proof.
  destruct (Hp t) as [P Wp], (Hq t) as [Q Wq], (kept (S t)) as [Vs Es], (HG t) as [same Hg].
  assert (U := u_nonneg _ _ _ Hr). assert (K := product_growth_at_least_0 u U).
  destruct factors_at_least_0 as (P0 & Q0 & G0). unfold updatet, update. split.
  - replace (- rnd (rnd (f t x * f (S t) "v") + rnd (f t y * f t "gradient"))
             - - (r t x * r (S t) "v" + r t y * r t "gradient"))
      with (- (rnd (rnd (f t x * f (S t) "v") + rnd (f t y * f t "gradient"))
               - (r t x * r (S t) "v" + r t y * r t "gradient"))) by ring.
    rewrite Rabs_Ropp.
    assert (A := signed_product_error u eta rnd _ _ (f (S t) "v") Hr Wp).
    assert (B := signed_product_error u eta rnd _ _ (f t "gradient") Hr Wq).
    assert (D : Rabs (f t "gradient" - r t "gradient") <= 0)
      by (rewrite same, Rminus_diag_eq, Rabs_R0; lra).
    eapply Rle_trans; [exact (products_near _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ Hr A B Es D Vs Hg) |].
    unfold two_product_error.
    assert (pV : Rabs (r t x) * V <= p * V) by now apply Rmult_le_compat_r.
    assert (pE : Rabs (r t x) * E <= p * E) by now apply Rmult_le_compat_r.
    assert (qG : Rabs (r t y) * G <= q * G) by now apply Rmult_le_compat_r.
    assert (product_growth u * (Rabs (r t x) * V + Rabs (r t y) * G)
            <= product_growth u * (p * V + q * G)) by (apply Rmult_le_compat_l; lra).
    assert ((1 + product_growth u) * (Rabs (r t x) * E) <= (1 + product_growth u) * (p * E))
      by (apply Rmult_le_compat_l; lra). lra.
  - rewrite Rabs_Ropp. apply Rabs_plus; now apply Rabs_times.
Qed.

Lemma sum_moves t : r (S t) "theta" = r t "theta" - update t
  /\ f (S t) "theta" = rnd (f t "theta" - updatet t).
Proof.
  rewrite exact_theta, stored_theta. unfold update, updatet, Rminus. now rewrite !Ropp_involutive.
Qed.

Theorem sum_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= moved_drift u eta (two_product_error u eta G p q V E) (two_product_step G p q V)
       (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using two_product_error_at_least_0, two_product_step_at_least_0;
    intros i; apply sum_moves || intros _; apply sum_update.
Qed.

Lemma sum_theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * two_product_step G p q V
     + moved_drift u eta (two_product_error u eta G p q V E) (two_product_step G p q V)
         (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using two_product_error_at_least_0, two_product_step_at_least_0;
    intros i; apply sum_moves || intros _; apply sum_update.
Qed.

End Sum.
End Moved.

(* In IEEE 754 arithmetic. *)

(* No number of a run is larger: products and their sums, and theta. *)
Definition kept_peak (u eta mu V : R) : R := 4 * (V + kept_error u eta mu V) + 2.
Definition moved_peak (u eta E L theta0 : R) (T : nat) : R :=
  theta0 + INR T * L + moved_drift u eta E L theta0 T T.
Definition buffer_peak (u eta mu P : R) : R :=
  4 * (buffer_top mu P + buffer_error u eta mu P) + 4 * P + 2.
Definition momentum_peak (u eta mu alpha G theta0 : R) (T : nat) : R :=
  let P := alpha * G in
  buffer_peak u eta mu P + theta0 + INR T * buffer_top mu P
  + moved_drift u eta (buffer_error u eta mu P) (buffer_top mu P) theta0 T T.
Definition scaled_peak (u eta mu gain alpha G theta0 : R) (T : nat) : R :=
  let P := Rabs gain * G in
  let L := alpha * buffer_top mu P in
  let E := scaled_error u eta mu G gain alpha in
  buffer_peak u eta mu P + L + E + theta0 + INR T * L + moved_drift u eta E L theta0 T T.
Definition two_product_peak (u eta mu G p q V : R) : R :=
  4 * p * (V + kept_error u eta mu V) + 4 * q * G + 2.
Definition sum_peak (u eta mu gain p q G theta0 : R) (T : nat) : R :=
  let P := Rabs gain * G in
  let L := sum_step mu G gain p q in
  let E := sum_error u eta mu G gain p q in
  buffer_peak u eta mu P + 4 * Rabs p * (buffer_top mu P + buffer_error u eta mu P)
  + 4 * Rabs q * G + 2 + L + E + theta0 + INR T * L + moved_drift u eta E L theta0 T T.

Theorem momentum_peak_from u eta mu alpha G x y T :
  0 <= u -> x <= y ->
  momentum_peak u eta mu alpha G x T <= momentum_peak u eta mu alpha G y T.
Proof.
  intros U H. unfold momentum_peak. set (E := buffer_error _ _ _ _). set (L := buffer_top _ _).
  generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Theorem scaled_peak_from u eta mu gain alpha G x y T :
  0 <= u -> x <= y ->
  scaled_peak u eta mu gain alpha G x T <= scaled_peak u eta mu gain alpha G y T.
Proof.
  intros U H. unfold scaled_peak. set (E := scaled_error _ _ _ _ _ _). set (L := alpha * _).
  generalize (moved_drift_from u eta E L x y T T U H). lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).

Lemma rounds : rounding u eta nearest.
Proof. apply (nearest_is_rounding emin p positive). Qed.

Lemma format_is_fine : u <= / 2 /\ eta <= 1 /\ kappa * u <= 1.
Proof.
  assert (small : u <= / 2).
  { apply (bpow_le radix2 (- p) (- (1))). unfold Prec_gt_0 in positive. lia. }
  assert (tiny : eta <= 1).
  { apply (bpow_le radix2 (emin - 1) 0). unfold emin, Prec_gt_0, Prec_lt_emax in *. lia. }
  assert (P : 0 <= u) by apply bpow_ge_0. unfold kappa. repeat split; lra.
Qed.

Lemma doubled x b : Rabs x <= b -> Rabs (nearest x) <= 2 * b + 1.
Proof.
  destruct format_is_fine as (U & N & _). apply (rounded_at_most u eta nearest); [apply rounds | |];
    lra.
Qed.

Lemma product_size c ct x top X :
  Rabs c <= top -> Rabs (ct - c) <= kappa * u * Rabs c -> Rabs x <= X ->
  Rabs (nearest (ct * x)) <= 4 * (top * X) + 1.
Proof.
  intros C E H. destruct format_is_fine as (U & N & K). assert (P : 0 <= u) by apply bpow_ge_0.
  assert (B := coefficient_at_most u c ct top P K C E).
  assert (D := doubled _ _ (Rabs_times _ _ _ _ B H)). lra.
Qed.


(* Coefficients that change, and a buffer within V. *)

Section Changing.

Variables (mu V G : R) (a : string) (T : nat) (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let E := kept_error u eta mu V.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis v0 : stored O "v" = 0.
Hypothesis Hb : buffer_within u mu V G a stored r.
Hypothesis HG : same_gradients G stored r.
Hypothesis Hstart : stored O "theta" = r O "theta".

Definition given_beside_states (kept : list (string * expression)) : Prop :=
  term_of kept "momentum" = None /\ term_of kept a = None /\ term_of kept "gradient" = None.

Lemma shadow_is_fine kept :
  given_beside_states kept -> let sh := shadow p emax kept stored in
  buffer_within u mu V G a sh r /\ same_gradients G sh r /\ sh O "theta" = r O "theta".
Proof.
  intros (M & A & N) sh. split; [now apply shadow_buffer_within |].
  split; [now apply shadow_gradients |]. unfold sh. now rewrite shadow_start.
Qed.

Lemma buffer_products kept :
  given_beside_states kept -> let sh := shadow p emax kept stored in
  (forall t, Rabs (r t "v") <= V /\ Rabs (sh t "v" - r t "v") <= E) ->
  forall t, Rabs (sh t "v") <= V + E
            /\ Rabs (nearest (sh t "momentum" * sh t "v")) <= kept_peak u eta mu V
            /\ Rabs (nearest (sh t a * sh t "gradient")) <= kept_peak u eta mu V.
Proof.
  intros N sh near t. destruct (shadow_is_fine kept N) as (Sb & Sg & _). fold sh in Sb, Sg.
  assert (Hr := rounds). destruct (near t) as [Vt Et]. assert (S := Rabs_near _ _ _ _ Vt Et).
  assert (E0 := E_at_least_0 u eta mu V G nearest sh r a Hr HK Sb Sg). fold E in E0.
  assert (V0 := V_at_least_0 u eta mu V G nearest sh r a Hr HK Sb Sg).
  assert (M := mu_range u eta mu V G nearest sh r a Hr HK Sb).
  assert (P := push_at_most u eta mu V G nearest sh r a Hr HK Sb Sg t).
  destruct (proj1 Sb t) as [m1 Hm]. destruct (proj2 Sb t) as [_ Ha].
  destruct (Sg t) as [same Hg]. rewrite <- same in Hg.
  assert (S1 := product_size _ _ _ _ _ m1 Hm S).
  assert (S2 := product_size _ _ _ _ _ (Rle_refl _) Ha Hg).
  assert (mu * (V + E) <= 1 * (V + E)) by (apply Rmult_le_compat_r; lra).
  unfold kept_peak. fold E. repeat split; lra.
Qed.

End Changing.

Definition momentum_states : list (string * expression) :=
  (("v", momentum_v) :: ("theta", momentum_theta) :: nil)%list.

Theorem momentum_run_in_range mu V G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let E := kept_error u eta mu V in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below momentum_states f -> stored O "v" = 0 ->
  buffer_within u mu V G "learning_rate" stored r -> same_gradients G stored r ->
  follows_from_zero exact "v" momentum_v r -> follows exact "theta" momentum_theta r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + moved_peak u eta E V (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E V (Rabs (r O "theta")) T t.
Proof.
  intros stored E HK Hf v0 Hb HG Hv Hx Hstart Hpeak t Ht. assert (Hr := rounds).
  set (sh := shadow p emax momentum_states stored).
  assert (N : given_beside_states "learning_rate" momentum_states) by now repeat split.
  destruct (shadow_is_fine mu V G "learning_rate" f r Hb HG Hstart _ N) as (Sb & Sg & S0).
  fold stored sh in Sb, Sg, S0.
  assert (Sv : follows_from_zero (rounded nearest) "v" momentum_v sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" momentum_theta sh) by now apply shadow_follows.
  assert (size := theta_size u eta mu V G nearest sh r T _ Hr HK Sb Sg S0 eq_refl Hv Sv Hx St).
  assert (near := v_kept u eta mu V G nearest sh r _ Hr HK Sb Sg eq_refl Hv Sv).
  assert (E0 := E_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg). fold E in E0, size, near.
  assert (V0 := V_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg).
  assert (products := buffer_products mu V G _ f r HK Hb HG Hstart _ N near).
  fold stored sh E in products.
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 V0 (Rabs_pos _) (Nat.le_refl T)).
  assert (L0 : 0 <= INR T * V) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")). unfold moved_peak in Hpeak.
  assert (K0 : V + E <= kept_peak u eta mu V) by (unfold kept_peak; fold E; lra).
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) momentum_theta).
  { intros i Hi. destruct (products i) as (_ & S1 & S2).
    assert (Vs := proj1 (products (S i))). assert (Ts := size (S i) Hi).
    rewrite (proj2 Sv i) in Vs. rewrite (St i) in Ts.
    unfold momentum_theta, momentum_v in *. cbn [in_range rounded] in *. fold emin.
    repeat split; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | lra] | eapply Rle_trans; [exact Vs | lra]
            | eapply Rle_trans; [exact S1 | lra] | eapply Rle_trans; [exact S2 | lra]]. }
  assert (ranges : forall i x e, (i < T)%nat -> term_of momentum_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below momentum_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  now apply (momentum_run_rounded u eta mu V G nearest sh r T _ Hr HK Sb Sg S0 eq_refl Hv Sv Hx St).
Qed.

Definition scaled_states : list (string * expression) :=
  (("v", momentum_scaled_v) :: ("theta", momentum_scaled_theta) :: nil)%list.

Theorem scaled_run_in_range mu V G alpha T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let E := rate_error u eta alpha V (kept_error u eta mu V) in
  let L := alpha * V in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below scaled_states f -> stored O "v" = 0 ->
  buffer_within u mu V G "gain" stored r ->
  coefficient_within u alpha "learning_rate" stored r -> same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r ->
  follows exact "theta" momentum_scaled_theta r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + L + E + moved_peak u eta E L (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_scaled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) T t.
Proof.
  intros stored E L HK Hf v0 Hb Ha HG Hv Hx Hstart Hpeak t Ht. assert (Hr := rounds).
  set (sh := shadow p emax scaled_states stored).
  assert (N : given_beside_states "gain" scaled_states) by now repeat split.
  destruct (shadow_is_fine mu V G "gain" f r Hb HG Hstart _ N) as (Sb & Sg & S0).
  fold stored sh in Sb, Sg, S0.
  assert (Sa : coefficient_within u alpha "learning_rate" sh r) by now apply shadow_coefficient.
  assert (Sv : follows_from_zero (rounded nearest) "v" momentum_scaled_v sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" momentum_scaled_theta sh)
    by now apply shadow_follows.
  assert (near := gathered_kept u eta mu V G nearest sh r _ Hr HK Sb Sg eq_refl Hv Sv).
  assert (B0 := E_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg).
  assert (V0 := V_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg).
  assert (size := scaled_theta_size u eta V _ nearest sh r T Hr V0 B0 S0 near alpha Sa
    (proj2 Hv) (proj2 Sv) Hx St).
  assert (step := scaled_update u eta V _ nearest sh r Hr near alpha Sa).
  assert (E0 := rate_error_at_least_0 u eta V _ nearest sh r Hr V0 B0 alpha Sa).
  fold E in E0, size, step.
  assert (A := alpha_at_least_0 u sh r alpha Sa).
  assert (L0 : 0 <= L) by now apply Rmult_le_pos. fold L in size, step.
  assert (products := buffer_products mu V G _ f r HK Hb HG Hstart _ N near).
  fold stored sh in products.
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  assert (TL : 0 <= INR T * L) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")). unfold moved_peak in Hpeak.
  assert (K0 : V + kept_error u eta mu V <= kept_peak u eta mu V) by (unfold kept_peak; lra).
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) momentum_scaled_theta).
  { intros i Hi. destruct (products i) as (_ & S1 & S2).
    assert (Vs := proj1 (products (S i))). assert (Ts := size (S i) Hi).
    assert (Us := Rabs_near _ _ _ _ (proj2 (step i)) (proj1 (step i))).
    rewrite (St i) in Ts. rewrite (proj2 Sv i) in Us, Vs.
    unfold momentum_scaled_theta, momentum_scaled_v in *.
    cbn [in_range rounded] in *. fold emin.
    repeat split; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | lra] | eapply Rle_trans; [exact Us | lra]
            | eapply Rle_trans; [exact Vs | lra]
            | eapply Rle_trans; [exact S1 | lra] | eapply Rle_trans; [exact S2 | lra]]. }
  assert (ranges : forall i x e, (i < T)%nat -> term_of scaled_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below scaled_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  now apply (scaled_run_rounded u eta V _ nearest sh r T Hr V0 B0 S0 near alpha Sa (proj2 Hv)
    (proj2 Sv) Hx St).
Qed.

(* theta' = theta + (p v' + q g): "p" and "q" in one form, "momentum" and "gain" in Nesterov's. *)
Definition sum_of (x y : string) : expression :=
  Add (Var "theta") (Add (Mul (Var x) momentum_scaled_v) (Mul (Var y) (Var "gradient"))).

Definition sum_states (x y : string) : list (string * expression) :=
  (("v", momentum_scaled_v) :: ("theta", sum_of x y) :: nil)%list.

Theorem nesterov_is_a_sum : momentum_nesterov_theta = sum_of "momentum" "gain".
Proof. reflexivity. Qed.

Theorem sum_is_a_sum : momentum_sum_theta = sum_of "p" "q".
Proof. reflexivity. Qed.

Theorem sum_run_in_range (x y : string) mu V G a b T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  let E := two_product_error u eta G a b V (kept_error u eta mu V) in
  let L := two_product_step G a b V in
  x <> "v" /\ x <> "theta" /\ y <> "v" /\ y <> "theta" ->
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (sum_states x y) f -> stored O "v" = 0 ->
  buffer_within u mu V G "gain" stored r ->
  coefficient_within u a x stored r -> coefficient_within u b y stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r -> follows exact "theta" (sum_of x y) r ->
  stored O "theta" = r O "theta" ->
  kept_peak u eta mu V + two_product_peak u eta mu G a b V + L + E
    + moved_peak u eta E L (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (sum_of x y))
    /\ (forall z, is_finite (f t z) = true)
    /\ Rabs (stored t "theta" - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) T t.
Proof.
  intros stored E L (x1 & x2 & y1 & y2) HK Hf v0 Hb Hp Hq HG Hv Hx Hstart Hpeak t Ht.
  assert (Hr := rounds). set (kept := sum_states x y) in *. set (sh := shadow p emax kept stored).
  assert (given : forall z, z <> "v" -> z <> "theta" -> term_of kept z = None).
  { intros z Z1 Z2. simpl. now rewrite !(proj2 (String.eqb_neq _ _)) by auto. }
  assert (N : given_beside_states "gain" kept) by now repeat split; apply given.
  destruct (shadow_is_fine mu V G "gain" f r Hb HG Hstart _ N) as (Sb & Sg & S0).
  fold stored sh in Sb, Sg, S0.
  assert (Sv : follows_from_zero (rounded nearest) "v" momentum_scaled_v sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" (sum_of x y) sh) by now apply shadow_follows.
  assert (Sp : coefficient_within u a x sh r) by (apply shadow_coefficient; auto).
  assert (Sq : coefficient_within u b y sh r) by (apply shadow_coefficient; auto).
  assert (xs : forall i,
    r (S i) "theta" = r i "theta" + (r i x * r (S i) "v" + r i y * r i "gradient"))
    by (intro i; now rewrite Hx, (proj2 Hv)).
  assert (ts : forall i, sh (S i) "theta"
    = nearest (sh i "theta" + nearest (nearest (sh i x * sh (S i) "v")
                                       + nearest (sh i y * sh i "gradient"))))
    by (intro i; now rewrite (St i), (proj2 Sv i)).
  assert (near := gathered_kept u eta mu V G nearest sh r _ Hr HK Sb Sg eq_refl Hv Sv).
  assert (B0 := E_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg).
  assert (V0 := V_at_least_0 u eta mu V G nearest sh r _ Hr HK Sb Sg).
  assert (size := sum_theta_size u eta G V _ nearest sh r T Hr V0 B0 Sg S0 near a b x y Sp Sq xs
    ts).
  assert (step := sum_update u eta G V _ nearest sh r Hr V0 B0 Sg near a b x y Sp Sq).
  assert (E0 := two_product_error_at_least_0 u eta G V _ nearest sh r Hr V0 B0 Sg a b x y Sp Sq).
  assert (L0 := two_product_step_at_least_0 u G V sh r V0 Sg a b x y Sp Sq).
  fold E in E0, size, step. fold L in L0, size, step.
  assert (products := buffer_products mu V G _ f r HK Hb HG Hstart _ N near).
  fold stored sh in products.
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  assert (TL : 0 <= INR T * L) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")).
  destruct (factors_at_least_0 u G sh r Sg a b x y Sp Sq) as (a0 & b0 & G0).
  set (top := V + kept_error u eta mu V) in *.
  assert (K0 : top <= kept_peak u eta mu V) by (unfold kept_peak, top; lra).
  assert (ap : 0 <= a * top) by (apply Rmult_le_pos; unfold top; lra).
  assert (bp : 0 <= b * G) by now apply Rmult_le_pos.
  assert (P0 : 0 <= top) by (unfold top; lra).
  unfold moved_peak, two_product_peak in Hpeak. fold top in Hpeak.
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) (sum_of x y)).
  { intros i Hi. destruct (products i) as (_ & S1 & S2).
    assert (Vs := proj1 (products (S i))). assert (Ts := size (S i) Hi).
    assert (Us := Rabs_near _ _ _ _ (proj2 (step i)) (proj1 (step i))). rewrite Rabs_Ropp in Us.
    assert (Gi := proj2 (Sg i)). rewrite <- (proj1 (Sg i)) in Gi.
    assert (S3 := product_size _ _ _ _ _ (proj1 (Sp i)) (proj2 (Sp i)) Vs).
    assert (S4 := product_size _ _ _ _ _ (proj1 (Sq i)) (proj2 (Sq i)) Gi).
    rewrite (St i) in Ts. rewrite (proj2 Sv i) in Us, Vs, S3.
    unfold sum_of, momentum_scaled_v in *. cbn [in_range rounded] in *. fold emin.
    repeat split; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | lra] | eapply Rle_trans; [exact Us | lra]
            | eapply Rle_trans; [exact Vs | lra]
            | eapply Rle_trans; [exact S1 | lra] | eapply Rle_trans; [exact S2 | lra]
            | eapply Rle_trans; [exact S3 | lra] | eapply Rle_trans; [exact S4 | lra]]. }
  assert (ranges : forall i z e, (i < T)%nat -> term_of kept z = Some e ->
    in_range p emax (sh i) e).
  { intros i z e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below kept f T Hf ranges t Ht) as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  now apply (sum_run_rounded u eta G V _ nearest sh r T Hr V0 B0 Sg S0 near a b x y Sp Sq xs ts).
Qed.

(* Constant coefficients: the buffer keeps within its top. *)

Lemma constant_momentum_below_1 mu mut (f r : run) :
  mu * (1 + product_growth u) < 1 -> constant_within u mu mut "momentum" f r -> mu < 1.
Proof.
  intros HK (_ & M & _). assert (U : 0 <= u) by apply bpow_ge_0.
  assert (K := product_growth_at_least_0 u U). nra.
Qed.

Theorem momentum_run_in_ieee mu mut alpha alphat G T (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below momentum_states f -> stored O "v" = 0 ->
  constant_within u mu mut "momentum" stored r ->
  constant_within u alpha alphat "learning_rate" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_v r -> follows exact "theta" momentum_theta r ->
  stored O "theta" = r O "theta" ->
  momentum_peak u eta mu alpha G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (buffer_error u eta mu (alpha * G)) (buffer_top mu (alpha * G))
            (Rabs (r O "theta")) T t.
Proof.
  intros stored HK Hf v0 Hmu Ha HG Hv Hx Hstart Hpeak.
  assert (B := constant_buffer_within u mu mut "learning_rate" alpha alphat G stored r
    (constant_momentum_below_1 mu mut stored r HK Hmu) Hmu (constant_is_signed _ _ _ _ _ _ Ha)).
  rewrite (Rabs_pos_eq alpha) in B by apply Ha.
  apply (momentum_run_in_range mu _ G T f r); auto.
  assert (P := push_at_most u eta mu _ G nearest stored r _ rounds HK B HG O).
  rewrite (proj1 (proj1 Ha O)), (Rabs_pos_eq alpha) in P by apply Ha.
  eapply Rle_lt_trans; [| exact Hpeak].
  unfold momentum_peak, buffer_peak, kept_peak, moved_peak, buffer_error.
  assert (A : 0 <= alpha * G).
  { apply Rmult_le_pos; [apply Ha | now apply (G_at_least_0 G stored r)]. } lra.
Qed.

Theorem scaled_run_in_ieee mu mut gain gaint alpha alphat G T (f : nat -> string -> number)
    (r : run) :
  let stored t x := B2R (f t x) in
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below scaled_states f -> stored O "v" = 0 ->
  constant_within u mu mut "momentum" stored r ->
  signed_constant_within u gain gaint "gain" stored r ->
  constant_within u alpha alphat "learning_rate" stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r ->
  follows exact "theta" momentum_scaled_theta r ->
  stored O "theta" = r O "theta" ->
  scaled_peak u eta mu gain alpha G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) momentum_scaled_theta)
    /\ (forall x, is_finite (f t x) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (scaled_error u eta mu G gain alpha)
            (alpha * buffer_top mu (Rabs gain * G)) (Rabs (r O "theta")) T t.
Proof.
  intros stored HK Hf v0 Hmu Hgain Ha HG Hv Hx Hstart Hpeak.
  assert (B := constant_buffer_within u mu mut "gain" gain gaint G stored r
    (constant_momentum_below_1 mu mut stored r HK Hmu) Hmu Hgain).
  assert (A := constant_coefficient _ _ _ _ _ _ (constant_is_signed _ _ _ _ _ _ Ha)).
  rewrite (Rabs_pos_eq alpha) in A by apply Ha.
  apply (scaled_run_in_range mu _ G alpha T f r); auto. eapply Rle_lt_trans; [| exact Hpeak].
  unfold scaled_peak, scaled_error, buffer_peak, kept_peak, moved_peak, buffer_error.
  assert (P : 0 <= Rabs gain * G)
    by (apply Rmult_le_pos; [apply Rabs_pos | now apply (G_at_least_0 G stored r)]). lra.
Qed.

Theorem sum_run_in_ieee (x y : string) mu mut gain gaint a at' b bt G T
    (f : nat -> string -> number) (r : run) :
  let stored t x := B2R (f t x) in
  x <> "v" /\ x <> "theta" /\ y <> "v" /\ y <> "theta" ->
  mu * (1 + product_growth u) < 1 ->
  machine_follows p emax positive below (sum_states x y) f -> stored O "v" = 0 ->
  constant_within u mu mut "momentum" stored r ->
  signed_constant_within u gain gaint "gain" stored r ->
  signed_constant_within u a at' x stored r -> signed_constant_within u b bt y stored r ->
  same_gradients G stored r ->
  follows_from_zero exact "v" momentum_scaled_v r -> follows exact "theta" (sum_of x y) r ->
  stored O "theta" = r O "theta" ->
  sum_peak u eta mu gain a b G (Rabs (r O "theta")) T < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (f i) (sum_of x y))
    /\ (forall z, is_finite (f t z) = true)
    /\ Rabs (stored t "theta" - r t "theta")
       <= moved_drift u eta (sum_error u eta mu G gain a b) (sum_step mu G gain a b)
            (Rabs (r O "theta")) T t.
Proof.
  intros stored Hxy HK Hf v0 Hmu Hgain Hp Hq HG Hv Hx Hstart Hpeak.
  assert (B := constant_buffer_within u mu mut "gain" gain gaint G stored r
    (constant_momentum_below_1 mu mut stored r HK Hmu) Hmu Hgain).
  apply (sum_run_in_range x y mu _ G (Rabs a) (Rabs b) T f r); auto.
  - now apply constant_coefficient with at'.
  - now apply constant_coefficient with bt.
  - eapply Rle_lt_trans; [| exact Hpeak].
    unfold sum_peak, sum_error, sum_step, two_product_peak, buffer_peak, kept_peak, moved_peak,
      buffer_error.
    assert (P : 0 <= Rabs gain * G)
      by (apply Rmult_le_pos; [apply Rabs_pos | now apply (G_at_least_0 G stored r)]). lra.
Qed.

End Format.
