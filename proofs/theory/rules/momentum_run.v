(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Momentum's recorded lanes, and so of Nesterov's, whose terms are the same: how far
   theta drifts, and that nothing overflows.

   Rounding.v says what u, eta, kappa and a tilde mean, run/MovingParameters.v what [moved_drift]
   is. mu (1 + K) < 1 has to hold, K = (1 + kappa u) (1 + u)^2 - 1. With pushes of at most P the
   buffer is at most [buffer_top] = P / (1 - mu), and off by at most [buffer_error].

   Results, underflow included, for theta after each of T steps:
   - [momentum_run_rounded]: the learning rate in the buffer, under any rounding;
     [momentum_run_in_ieee]: in IEEE arithmetic, in which nothing overflows while [momentum_peak] is
     below the largest number;
   - [scaled_run_rounded], [scaled_run_in_ieee]: the learning rate outside of the buffer;
   - [sum_run_rounded], [sum_run_in_ieee]: theta' = theta + (p v' + q g), of which Nesterov's form
     has p = mu and the buffer's gain for q ([nesterov_run_rounded]);
   - [momentum_peak_from], [scaled_peak_from]: from a larger theta_0 both are at least as large. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Recurrences Runs MovingParameters Overflow.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition product_growth (u : R) : R := (1 + kappa * u) * (1 + u) ^ 2 - 1.
Definition buffer_top (mu P : R) : R := P / (1 - mu).
Definition buffer_error (u eta mu P : R) : R :=
  let K := product_growth u in
  (K * (P / (1 - mu)) + (3 + 2 * u) * eta) / (1 - mu * (1 + K)).

(* A constant of either sign. *)
Definition signed_constant_within (u c ct : R) (x : string) (f r : run) : Prop :=
  (forall t, r t x = c /\ f t x = ct) /\ Rabs (ct - c) <= kappa * u * Rabs c.

Lemma shadow_signed_constant p emax kept given r u c ct x :
  term_of kept x = None -> signed_constant_within u c ct x given r ->
  signed_constant_within u c ct x (shadow p emax kept given) r.
Proof. intros N [H W]. split; [| exact W]. intro t. now rewrite shadow_given. Qed.

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

(* Two products and their sum, where the first factor is off by e. *)
Lemma two_products_near u eta rnd at' a bt b xt x y e X Y :
  rounding u eta rnd -> Rabs (at' - a) <= kappa * u * Rabs a ->
  Rabs (bt - b) <= kappa * u * Rabs b -> Rabs (xt - x) <= e -> Rabs x <= X -> Rabs y <= Y ->
  Rabs (rnd (rnd (at' * xt) + rnd (bt * y)) - (a * x + b * y))
  <= product_growth u * (Rabs a * (X + e) + Rabs b * Y) + (3 + 2 * u) * eta + Rabs a * e.
Proof.
  intros Hr Ha Hb He HX HY. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (A := signed_product_error u eta rnd at' a xt Hr Ha).
  assert (B := signed_product_error u eta rnd bt b y Hr Hb).
  assert (S := Rabs_plus _ _ _ _ A B).
  replace (rnd (at' * xt) - a * xt + (rnd (bt * y) - b * y))
    with (rnd (at' * xt) + rnd (bt * y) - (a * xt + b * y)) in S by ring.
  apply (rounded_near u eta rnd) in S; [| exact Hr].
  assert (xs := Rabs_near _ _ _ _ HX He).
  assert (P : Rabs a * Rabs xt <= Rabs a * (X + e)) by (apply Rmult_le_compat_l; auto using Rabs_pos).
  assert (Q : Rabs b * Rabs y <= Rabs b * Y) by (apply Rmult_le_compat_l; auto using Rabs_pos).
  assert (size : Rabs (a * xt + b * y) <= Rabs a * Rabs xt + Rabs b * Rabs y)
    by (rewrite <- !Rabs_mult; apply Rabs_triang).
  assert (D : Rabs (a * (xt - x)) <= Rabs a * e)
    by (rewrite Rabs_mult; apply Rmult_le_compat_l; auto using Rabs_pos).
  replace (rnd (rnd (at' * xt) + rnd (bt * y)) - (a * x + b * y))
    with ((rnd (rnd (at' * xt) + rnd (bt * y)) - (a * xt + b * y)) + a * (xt - x)) by ring.
  apply Rabs_plus; [| exact D]. eapply Rle_trans; [exact S |].
  set (z := Rabs a * Rabs xt + Rabs b * Rabs y) in *.
  assert (u * Rabs (a * xt + b * y) <= u * z) by (apply Rmult_le_compat_l; easy).
  assert (K0 : 0 <= product_growth u) by (generalize (product_growth_at_least_0 u U); lra).
  assert (product_growth u * z <= product_growth u * (Rabs a * (X + e) + Rabs b * Y))
    by (apply Rmult_le_compat_l; [easy | unfold z; lra]).
  unfold product_growth in *. unfold z in *. lra.
Qed.

(* How large anything becomes, with the conditions of a format. *)

Lemma coefficient_at_most u c ct top :
  0 <= u -> kappa * u <= 1 -> Rabs c <= top -> Rabs (ct - c) <= kappa * u * Rabs c ->
  Rabs ct <= 2 * top.
Proof. intros U K H E. generalize (Rabs_near _ _ _ _ H E) (Rabs_pos c). nra. Qed.

Section Buffer.

Variables (u eta mu mut G : R) (rnd : R -> R) (f r : run) (T : nat).
Hypothesis Hr : rounding u eta rnd.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis Hmu : constant_within u mu mut "momentum" f r.
Hypothesis HG : same_gradients G f r.
Hypothesis Hstart : f O "theta" = r O "theta".

Lemma mu_range : 0 <= mu < 1.
Proof.
  destruct Hmu as (_ & M & _). assert (U := u_nonneg _ _ _ Hr).
  assert (K := product_growth_at_least_0 u U). split; [exact M | nra].
Qed.

Lemma G_at_least_0 : 0 <= G.
Proof. destruct (HG O) as [_ H]. generalize (Rabs_pos (r O "gradient")). lra. Qed.

Lemma top_at_least_0 P : 0 <= P -> 0 <= buffer_top mu P.
Proof.
  intro H. apply Rmult_le_pos; [exact H |]. apply Rlt_le, Rinv_0_lt_compat.
  generalize mu_range. lra.
Qed.

Lemma error_at_least_0 P : 0 <= P -> 0 <= buffer_error u eta mu P.
Proof.
  intro H. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (K := product_growth_at_least_0 u U). assert (V := top_at_least_0 P H).
  unfold buffer_top in V. unfold buffer_error.
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra.
Qed.

Lemma exact_buffer_at_most P (p : nat -> R) :
  0 <= P -> (forall t, Rabs (p t) <= P) -> r O "v" = 0 ->
  (forall t, r (S t) "v" = mu * r t "v" + p t) -> forall t, Rabs (r t "v") <= buffer_top mu P.
Proof.
  intros P0 HP v0 Hv. assert (M := mu_range).
  apply (contractive_range mu (buffer_top mu P) P (fun t => r t "v") p); try easy.
  rewrite v0, Rabs_R0. now apply top_at_least_0.
Qed.

(* The learning rate in the buffer. *)

Section In.

Variables alpha alphat : R.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" f r.
Hypothesis exact_v : follows_from_zero exact "v" momentum_v r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" momentum_v f.
Hypothesis exact_theta : follows exact "theta" momentum_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" momentum_theta f.

Let P := alpha * G.

Lemma push_at_least_0 : 0 <= P.
Proof. destruct Ha as (_ & A & _). apply Rmult_le_pos; [exact A | exact G_at_least_0]. Qed.

Lemma v_near t : Rabs (f t "v" - r t "v") <= buffer_error u eta mu P.
Proof.
  destruct Hmu as (Vm & M & Hm), Ha as (Va & A & Hat), exact_v as [r0 Hv], stored_v as [f0 Hvt].
  apply (velocity_drift u eta rnd mu mut alpha alphat G (fun t => r t "v") (fun t => f t "v")
    (fun t => r t "gradient")); auto; intro i.
  - apply HG.
  - rewrite Hv. simpl. now rewrite (proj1 (Vm i)), (proj1 (Va i)).
  - rewrite Hvt. simpl. now rewrite (proj2 (Vm i)), (proj2 (Va i)), (proj1 (HG i)).
Qed.

Lemma v_at_most t : Rabs (r t "v") <= buffer_top mu P.
Proof.
  destruct Hmu as (Vm & M & Hm), Ha as (Va & A & Hat), exact_v as [r0 Hv].
  apply (exact_buffer_at_most P (fun t => - (alpha * r t "gradient"))); auto.
  - exact push_at_least_0.
  - intro i. rewrite Rabs_Ropp. apply Rabs_times; [rewrite Rabs_pos_eq; lra | apply HG].
  - intro i. rewrite Hv. simpl. rewrite (proj1 (Vm i)), (proj1 (Va i)). ring.
Qed.

Lemma moves t : r (S t) "theta" = r t "theta" - - r (S t) "v"
  /\ f (S t) "theta" = rnd (f t "theta" - - f (S t) "v").
Proof.
  destruct exact_v as [_ Hv], stored_v as [_ Hvt].
  rewrite exact_theta, stored_theta, Hv, Hvt. unfold Rminus. rewrite !Ropp_involutive. easy.
Qed.

Theorem momentum_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= moved_drift u eta (buffer_error u eta mu P) (buffer_top mu P) (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - r (S t) "v") (fun t => - f (S t) "v")); auto.
  - apply error_at_least_0, push_at_least_0.
  - apply top_at_least_0, push_at_least_0.
  - intro i. apply moves.
  - intro i. apply moves.
  - intros i _. replace (- f (S i) "v" - - r (S i) "v") with (- (f (S i) "v" - r (S i) "v"))
      by ring. rewrite Rabs_Ropp. apply v_near.
  - intros i _. rewrite Rabs_Ropp. apply v_at_most.
Qed.

Lemma theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * buffer_top mu P
     + moved_drift u eta (buffer_error u eta mu P) (buffer_top mu P) (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => - r (S t) "v") (fun t => - f (S t) "v")); auto.
  - apply error_at_least_0, push_at_least_0.
  - apply top_at_least_0, push_at_least_0.
  - intro i. apply moves.
  - intro i. apply moves.
  - intros i _. replace (- f (S i) "v" - - r (S i) "v") with (- (f (S i) "v" - r (S i) "v"))
      by ring. rewrite Rabs_Ropp. apply v_near.
  - intros i _. rewrite Rabs_Ropp. apply v_at_most.
Qed.

End In.

(* A buffer of gradients. *)

Section Gathered.

Variables gain gaint : R.
Hypothesis Hgain : signed_constant_within u gain gaint "gain" f r.
Hypothesis exact_v : follows_from_zero exact "v" momentum_scaled_v r.
Hypothesis stored_v : follows_from_zero (rounded rnd) "v" momentum_scaled_v f.

Let P := Rabs gain * G.
Let E := buffer_error u eta mu P.
Let V := buffer_top mu P.

Lemma gathered_push_at_least_0 : 0 <= P.
Proof. apply Rmult_le_pos; [apply Rabs_pos | exact G_at_least_0]. Qed.

Lemma gathered_near t : Rabs (f t "v" - r t "v") <= E.
Proof.
  destruct Hmu as (Vm & M & Hm), Hgain as (Va & Hat), exact_v as [r0 Hv], stored_v as [f0 Hvt].
  apply (gathered_drift u eta rnd mu mut gain gaint G (fun t => r t "v") (fun t => f t "v")
    (fun t => r t "gradient")); auto; intro i.
  - apply HG.
  - rewrite Hv. simpl. now rewrite (proj1 (Vm i)), (proj1 (Va i)).
  - rewrite Hvt. simpl. now rewrite (proj2 (Vm i)), (proj2 (Va i)), (proj1 (HG i)).
Qed.

Lemma gathered_at_most t : Rabs (r t "v") <= V.
Proof.
  destruct Hmu as (Vm & M & Hm), Hgain as (Va & Hat), exact_v as [r0 Hv].
  apply (exact_buffer_at_most P (fun t => gain * r t "gradient")); auto.
  - exact gathered_push_at_least_0.
  - intro i. apply Rabs_times; [lra | apply HG].
  - intro i. rewrite Hv. simpl. now rewrite (proj1 (Vm i)), (proj1 (Va i)).
Qed.

(* The learning rate outside. *)

Definition scaled_error (alpha : R) : R :=
  ((1 + u) * (1 + kappa * u) - 1) * (alpha * (V + E)) + eta + alpha * E.

Section Scaled.

Variables alpha alphat : R.
Hypothesis Ha : constant_within u alpha alphat "learning_rate" f r.
Hypothesis exact_theta : follows exact "theta" momentum_scaled_theta r.
Hypothesis stored_theta : follows (rounded rnd) "theta" momentum_scaled_theta f.

Lemma scaled_error_at_least_0 : 0 <= scaled_error alpha.
Proof.
  destruct Ha as (_ & A & _). assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  assert (E0 := error_at_least_0 P gathered_push_at_least_0).
  assert (V0 := top_at_least_0 P gathered_push_at_least_0). fold E in E0. fold V in V0.
  assert (0 <= (1 + u) * (1 + kappa * u) - 1) by (generalize kappa_pos; nra).
  unfold scaled_error. assert (0 <= alpha * (V + E)) by (apply Rmult_le_pos; lra).
  assert (0 <= alpha * E) by now apply Rmult_le_pos.
  assert (0 <= ((1 + u) * (1 + kappa * u) - 1) * (alpha * (V + E))) by now apply Rmult_le_pos. lra.
Qed.

Lemma scaled_moves t : r (S t) "theta" = r t "theta" - alpha * r (S t) "v"
  /\ f (S t) "theta" = rnd (f t "theta" - rnd (alphat * f (S t) "v")).
Proof.
  destruct exact_v as [_ Hv], stored_v as [_ Hvt], Ha as (Va & _).
  rewrite exact_theta, stored_theta, Hv, Hvt. simpl. now rewrite (proj1 (Va t)), (proj2 (Va t)).
Qed.

Lemma scaled_update_near t :
  Rabs (rnd (alphat * f (S t) "v") - alpha * r (S t) "v") <= scaled_error alpha.
Proof.
  destruct Ha as (_ & A & Hat). assert (U := u_nonneg _ _ _ Hr).
  assert (D := gathered_near (S t)). assert (B := gathered_at_most (S t)).
  assert (size := Rabs_near _ _ _ _ B D).
  assert (Q := product_error u eta rnd alphat alpha (f (S t) "v") Hr A Hat).
  replace (rnd (alphat * f (S t) "v") - alpha * r (S t) "v")
    with ((rnd (alphat * f (S t) "v") - alpha * f (S t) "v")
          + alpha * (f (S t) "v" - r (S t) "v")) by ring.
  apply Rabs_plus.
  - eapply Rle_trans; [exact Q |]. apply Rplus_le_compat_r, Rmult_le_compat_l;
      [generalize kappa_pos; nra |]. apply Rmult_le_compat_l; lra.
  - rewrite Rabs_mult, (Rabs_pos_eq alpha) by easy. now apply Rmult_le_compat_l.
Qed.

Lemma scaled_update_at_most t : Rabs (alpha * r (S t) "v") <= alpha * V.
Proof.
  destruct Ha as (_ & A & _). apply Rabs_times; [rewrite Rabs_pos_eq; lra |].
  apply gathered_at_most.
Qed.

Theorem scaled_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= moved_drift u eta (scaled_error alpha) (alpha * V) (Rabs (r O "theta")) T t.
Proof.
  destruct Ha as (_ & A & _). assert (V0 := top_at_least_0 P gathered_push_at_least_0).
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => alpha * r (S t) "v") (fun t => rnd (alphat * f (S t) "v"))); auto;
    try (intro i; apply scaled_moves).
  - exact scaled_error_at_least_0.
  - now apply Rmult_le_pos.
  - intros i _. apply scaled_update_near.
  - intros i _. apply scaled_update_at_most.
Qed.

Lemma scaled_theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * (alpha * V)
     + moved_drift u eta (scaled_error alpha) (alpha * V) (Rabs (r O "theta")) T T.
Proof.
  destruct Ha as (_ & A & _). assert (V0 := top_at_least_0 P gathered_push_at_least_0).
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta")
    (fun t => alpha * r (S t) "v") (fun t => rnd (alphat * f (S t) "v"))); auto;
    try (intro i; apply scaled_moves).
  - exact scaled_error_at_least_0.
  - now apply Rmult_le_pos.
  - intros i _. apply scaled_update_near.
  - intros i _. apply scaled_update_at_most.
Qed.

End Scaled.

(* Nesterov's sum, with a buffer and a gradient. *)

Definition sum_error (p q : R) : R :=
  product_growth u * (Rabs p * (V + E) + Rabs q * G) + (3 + 2 * u) * eta + Rabs p * E.
Definition sum_step (p q : R) : R := Rabs p * V + Rabs q * G.

Section Sum.

Variables p pt q qt : R.
Hypothesis Hp : Rabs (pt - p) <= kappa * u * Rabs p.
Hypothesis Hq : Rabs (qt - q) <= kappa * u * Rabs q.
Hypothesis exact_theta : forall t,
  r (S t) "theta" = r t "theta" + (p * r (S t) "v" + q * r t "gradient").
Hypothesis stored_theta : forall t,
  f (S t) "theta" = rnd (f t "theta" + rnd (rnd (pt * f (S t) "v") + rnd (qt * f t "gradient"))).

Lemma sum_error_at_least_0 : 0 <= sum_error p q.
Proof.
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr). assert (G0 := G_at_least_0).
  assert (E0 := error_at_least_0 P gathered_push_at_least_0).
  assert (V0 := top_at_least_0 P gathered_push_at_least_0). fold E in E0. fold V in V0.
  assert (K := product_growth_at_least_0 u U). assert (p0 := Rabs_pos p). assert (q0 := Rabs_pos q).
  unfold sum_error. assert (0 <= Rabs p * (V + E)) by (apply Rmult_le_pos; lra).
  assert (0 <= Rabs q * G) by now apply Rmult_le_pos.
  assert (0 <= Rabs p * E) by now apply Rmult_le_pos.
  assert (0 <= product_growth u * (Rabs p * (V + E) + Rabs q * G)) by (apply Rmult_le_pos; lra).
  assert (0 <= (3 + 2 * u) * eta) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma sum_step_at_least_0 : 0 <= sum_step p q.
Proof.
  assert (G0 := G_at_least_0). assert (V0 := top_at_least_0 P gathered_push_at_least_0).
  fold V in V0. unfold sum_step. apply Rplus_le_le_0_compat; apply Rmult_le_pos; auto using Rabs_pos.
Qed.

Let update t := - (p * r (S t) "v" + q * r t "gradient").
Let updatet t := - rnd (rnd (pt * f (S t) "v") + rnd (qt * f t "gradient")).

Lemma sum_update_near t : Rabs (updatet t - update t) <= sum_error p q.
Proof.
  unfold updatet, update. rewrite (proj1 (HG t)).
  replace (- rnd (rnd (pt * f (S t) "v") + rnd (qt * r t "gradient"))
           - - (p * r (S t) "v" + q * r t "gradient"))
    with (- (rnd (rnd (pt * f (S t) "v") + rnd (qt * r t "gradient"))
             - (p * r (S t) "v" + q * r t "gradient"))) by ring.
  rewrite Rabs_Ropp. apply two_products_near; auto; [apply gathered_near | apply gathered_at_most |].
  apply HG.
Qed.

Lemma sum_update_at_most t : Rabs (update t) <= sum_step p q.
Proof.
  unfold update. rewrite Rabs_Ropp. apply Rabs_plus; apply Rabs_times; try lra;
    [apply gathered_at_most | apply HG].
Qed.

Theorem sum_run_rounded t : (t <= T)%nat ->
  Rabs (f t "theta" - r t "theta")
  <= moved_drift u eta (sum_error p q) (sum_step p q) (Rabs (r O "theta")) T t.
Proof.
  apply (moving_run u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using sum_error_at_least_0, sum_step_at_least_0, sum_update_near, sum_update_at_most.
  - intro i. rewrite exact_theta. unfold update. ring.
  - intro i. rewrite stored_theta. unfold updatet. f_equal. ring.
Qed.

Lemma sum_theta_size t : (t <= T)%nat ->
  Rabs (f t "theta")
  <= Rabs (r O "theta") + INR T * sum_step p q
     + moved_drift u eta (sum_error p q) (sum_step p q) (Rabs (r O "theta")) T T.
Proof.
  apply (moved_size u eta rnd _ _ T (fun t => r t "theta") (fun t => f t "theta") update updatet);
    auto using sum_error_at_least_0, sum_step_at_least_0, sum_update_near, sum_update_at_most.
  - intro i. rewrite exact_theta. unfold update. ring.
  - intro i. rewrite stored_theta. unfold updatet. f_equal. ring.
Qed.

End Sum.
End Gathered.
End Buffer.

(* In IEEE 754 arithmetic. *)

(* No number of a run is larger: products and their sums, and theta. *)
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

Definition momentum_states : list (string * expression) :=
  (("v", momentum_v) :: ("theta", momentum_theta) :: nil)%list.

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
  intros stored HK Hf v0 Hmu Ha HG Hv Hx Hstart Hpeak t Ht. assert (Hr := rounds).
  set (sh := shadow p emax momentum_states stored).
  assert (Sv : follows_from_zero (rounded nearest) "v" momentum_v sh)
    by now apply shadow_follows_from_zero.
  assert (St : follows (rounded nearest) "theta" momentum_theta sh) by now apply shadow_follows.
  assert (Sm : constant_within u mu mut "momentum" sh r) by now apply shadow_constant.
  assert (Sa : constant_within u alpha alphat "learning_rate" sh r) by now apply shadow_constant.
  assert (Sg : same_gradients G sh r) by now apply shadow_gradients.
  assert (S0 : sh O "theta" = r O "theta") by (unfold sh; now rewrite shadow_start).
  assert (size := theta_size u eta mu mut G nearest sh r T Hr HK Sm Sg S0 alpha alphat Sa Hv Sv Hx
    St).
  assert (E0 := error_at_least_0 u eta mu mut nearest sh r Hr HK Sm _
    (push_at_least_0 u G sh r Sg alpha alphat Sa)).
  assert (V0 := top_at_least_0 u eta mu mut nearest sh r Hr HK Sm _
    (push_at_least_0 u G sh r Sg alpha alphat Sa)).
  set (B := buffer_top mu (alpha * G) + buffer_error u eta mu (alpha * G)).
  assert (vs : forall i, Rabs (sh i "v") <= B).
  { intro i. apply Rabs_near with (r i "v").
    - now apply (v_at_most u eta mu mut G nearest sh r Hr HK Sm Sg alpha alphat).
    - now apply (v_near u eta mu mut G nearest sh r Hr HK Sm Sg alpha alphat). }
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 V0 (Rabs_pos _) (Nat.le_refl T)).
  assert (L0 : 0 <= INR T * buffer_top mu (alpha * G)) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")).
  assert (P0 := push_at_least_0 u G sh r Sg alpha alphat Sa).
  unfold momentum_peak, buffer_peak in Hpeak.
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) momentum_theta).
  { intros i Hi. assert (Vi := vs i). assert (Vs := vs (S i)). assert (Ts := size (S i) Hi).
    rewrite (proj2 Sv i) in Vs. rewrite (St i) in Ts.
    destruct Sm as (Vm & M & Hm), Sa as (Va & A & Hat), (Sg i) as [Eg Gi]. rewrite <- Eg in Gi.
    assert (m1 : Rabs mu <= 1)
      by (rewrite Rabs_pos_eq by easy; generalize (product_growth_at_least_0 u
        (bpow_ge_0 radix2 (- p))) (bpow_ge_0 radix2 (- p)); fold u; nra).
    assert (a1 : Rabs alpha <= alpha) by (rewrite Rabs_pos_eq; lra).
    rewrite <- (Rabs_pos_eq mu) in Hm at 2 by easy.
    rewrite <- (Rabs_pos_eq alpha) in Hat at 2 by easy.
    assert (S1 := product_size _ _ _ _ _ m1 Hm Vi). assert (S2 := product_size _ _ _ _ _ a1 Hat Gi).
    rewrite <- (proj2 (Vm i)) in S1. rewrite <- (proj2 (Va i)) in S2.
    unfold momentum_theta, momentum_v in *. cbn [in_range rounded] in *. fold emin.
    set (b := buffer_top mu (alpha * G)) in *. set (e := buffer_error u eta mu (alpha * G)) in *.
    repeat split; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | unfold B in *; lra]
            | eapply Rle_trans; [exact Vs | unfold B in *; lra]
            | eapply Rle_trans; [exact S1 | unfold B in *; lra]
            | eapply Rle_trans; [exact S2 | unfold B in *; lra]]. }
  assert (ranges : forall i x e, (i < T)%nat -> term_of momentum_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below momentum_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  change (B2R (f t "theta")) with (stored t "theta"). unfold stored. rewrite F3.
  now apply (momentum_run_rounded u eta mu mut G nearest sh r T Hr HK Sm Sg S0 alpha alphat).
Qed.

(* The buffer of gradients: what is known of every run with one. *)

Section Gathered.

Variables (mu mut gain gaint G : R) (kept : list (string * expression)).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let P := Rabs gain * G.
Let B := buffer_top mu P + buffer_error u eta mu P.
Hypothesis HK : mu * (1 + product_growth u) < 1.
Hypothesis v0 : stored O "v" = 0.
Hypothesis Hmu : constant_within u mu mut "momentum" stored r.
Hypothesis Hgain : signed_constant_within u gain gaint "gain" stored r.
Hypothesis HG : same_gradients G stored r.
Hypothesis Hv : follows_from_zero exact "v" momentum_scaled_v r.
Hypothesis kept_v : term_of kept "v" = Some momentum_scaled_v.
Hypothesis inputs_given : forall x, List.In x ("momentum" :: "gain" :: "gradient" :: nil)%list ->
  term_of kept x = None.

Let sh := shadow p emax kept stored.

Lemma shadow_buffer :
  follows_from_zero (rounded nearest) "v" momentum_scaled_v sh
  /\ constant_within u mu mut "momentum" sh r /\ signed_constant_within u gain gaint "gain" sh r
  /\ same_gradients G sh r.
Proof.
  split; [now apply shadow_follows_from_zero |].
  split; [apply shadow_constant; [apply inputs_given; simpl; tauto | exact Hmu] |].
  split; [apply shadow_signed_constant; [apply inputs_given; simpl; tauto | exact Hgain] |].
  apply shadow_gradients; [apply inputs_given; simpl; tauto | exact HG].
Qed.

Lemma buffer_in_range i :
  in_range p emax (sh i) momentum_scaled_v \/ bpow radix2 emax <= buffer_peak u eta mu P.
Proof.
  destruct (Rlt_or_le (buffer_peak u eta mu P) (bpow radix2 emax)) as [Hpeak | H]; [left | now right].
  destruct shadow_buffer as (Sv & Sm & Sa & Sg). assert (Hr := rounds).
  assert (vs : forall i, Rabs (sh i "v") <= B).
  { intro j. apply Rabs_near with (r j "v").
    - now apply (gathered_at_most u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint).
    - now apply (gathered_near u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint). }
  assert (P0 := gathered_push_at_least_0 G sh r Sg gain). fold P in P0.
  assert (E0 := error_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (V0 := top_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (Vi := vs i). assert (Vs := vs (S i)). rewrite (proj2 Sv i) in Vs.
  destruct Sm as (Vm & M & Hm), Sa as (Va & Hat), (Sg i) as [Eg Gi]. rewrite <- Eg in Gi.
  assert (m1 : Rabs mu <= 1)
    by (rewrite Rabs_pos_eq by easy; generalize (product_growth_at_least_0 u
      (bpow_ge_0 radix2 (- p))) (bpow_ge_0 radix2 (- p)); fold u; nra).
  rewrite <- (Rabs_pos_eq mu) in Hm at 2 by easy.
  assert (S1 := product_size _ _ _ _ _ m1 Hm Vi).
  assert (S2 := product_size _ _ _ _ _ (Rle_refl (Rabs gain)) Hat Gi).
  rewrite <- (proj2 (Vm i)) in S1. rewrite <- (proj2 (Va i)) in S2. fold P in S2.
  unfold buffer_peak in Hpeak. unfold momentum_scaled_v in *. cbn [in_range rounded] in *. fold emin.
  set (b := buffer_top mu P) in *. set (e := buffer_error u eta mu P) in *.
  repeat split; eapply Rle_lt_trans; try exact Hpeak;
    first [eapply Rle_trans; [exact Vs | unfold B in *; lra]
          | eapply Rle_trans; [exact S1 | unfold B in *; lra]
          | eapply Rle_trans; [exact S2 | unfold B in *; lra]].
Qed.

End Gathered.

Definition scaled_states : list (string * expression) :=
  (("v", momentum_scaled_v) :: ("theta", momentum_scaled_theta) :: nil)%list.

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
  intros stored HK Hf v0 Hmu Hgain Ha HG Hv Hx Hstart Hpeak t Ht. assert (Hr := rounds).
  set (sh := shadow p emax scaled_states stored).
  destruct (shadow_buffer mu mut gain gaint G scaled_states f r v0 Hmu Hgain HG eq_refl)
    as (Sv & Sm & Sn & Sg); [simpl; intuition now subst |]. fold stored sh in Sv, Sm, Sn, Sg.
  assert (St : follows (rounded nearest) "theta" momentum_scaled_theta sh)
    by now apply shadow_follows.
  assert (Sa : constant_within u alpha alphat "learning_rate" sh r) by now apply shadow_constant.
  assert (S0 : sh O "theta" = r O "theta") by (unfold sh; now rewrite shadow_start).
  assert (size := scaled_theta_size u eta mu mut G nearest sh r T Hr HK Sm Sg S0 gain gaint Sn Hv Sv
    alpha alphat Sa Hx St).
  assert (near := scaled_update_near u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint Sn Hv Sv
    alpha alphat Sa).
  assert (step := scaled_update_at_most u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint Sn Hv
    alpha alphat Sa).
  assert (E0 := scaled_error_at_least_0 u eta mu mut G nearest sh r Hr HK Sm Sg gain alpha
    alphat Sa).
  assert (P0 := gathered_push_at_least_0 G sh r Sg gain).
  assert (E1 := error_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (V0 := top_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (A := proj1 (proj2 Sa)).
  set (L := alpha * buffer_top mu (Rabs gain * G)) in *.
  assert (L0 : 0 <= L) by now apply Rmult_le_pos.
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  assert (TL : 0 <= INR T * L) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")).
  unfold scaled_peak in Hpeak. fold L in Hpeak.
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) momentum_scaled_theta).
  { intros i Hi. assert (Ts := size (S i) Hi).
    assert (Us := Rabs_near _ _ _ _ (step i) (near i)).
    destruct (buffer_in_range mu mut gain gaint G scaled_states f r HK v0 Hmu Hgain HG Hv eq_refl
      ltac:(simpl; intuition now subst) i) as [Rv | H];
      [| exfalso; unfold buffer_peak in *; lra].
    rewrite (St i) in Ts. rewrite (proj2 Sv i), <- (proj2 (proj1 Sa i)) in Us.
    change momentum_scaled_theta with (Sub (Var "theta") (Mul (Var "learning_rate")
      momentum_scaled_v)) in *.
    cbn [in_range rounded] in *. fold emin.
    assert (BP : 0 <= buffer_peak u eta mu (Rabs gain * G)) by (unfold buffer_peak; lra).
    repeat first [exact Rv | split]; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | unfold L in *; lra]
            | eapply Rle_trans; [exact Us | unfold L in *; lra]]. }
  assert (ranges : forall i x e, (i < T)%nat -> term_of scaled_states x = Some e ->
    in_range p emax (sh i) e).
  { intros i x e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below scaled_states f T Hf ranges t Ht)
    as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  now apply (scaled_run_rounded u eta mu mut G nearest sh r T Hr HK Sm Sg S0 gain gaint Sn Hv Sv
    alpha alphat).
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
  intros stored (x1 & x2 & y1 & y2) HK Hf v0 Hmu Hgain Hp Hq HG Hv Hx Hstart Hpeak t Ht.
  assert (Hr := rounds). set (kept := sum_states x y) in *. set (sh := shadow p emax kept stored).
  assert (given : forall z, z <> "v" -> z <> "theta" -> term_of kept z = None).
  { intros z Z1 Z2. simpl. now rewrite !(proj2 (String.eqb_neq _ _)) by auto. }
  assert (inputs : forall z, List.In z ("momentum" :: "gain" :: "gradient" :: nil)%list ->
    term_of kept z = None) by (intros z I; apply given; simpl in I; intuition congruence).
  destruct (shadow_buffer mu mut gain gaint G kept f r v0 Hmu Hgain HG eq_refl inputs)
    as (Sv & Sm & Sn & Sg). fold stored sh in Sv, Sm, Sn, Sg.
  assert (St : follows (rounded nearest) "theta" (sum_of x y) sh) by now apply shadow_follows.
  assert (Sp : signed_constant_within u a at' x sh r) by (apply shadow_signed_constant; auto).
  assert (Sq : signed_constant_within u b bt y sh r) by (apply shadow_signed_constant; auto).
  assert (S0 : sh O "theta" = r O "theta") by (unfold sh; now rewrite shadow_start).
  destruct Sp as (Vp & Ep), Sq as (Vq & Eq).
  assert (xs : forall i, r (S i) "theta" = r i "theta" + (a * r (S i) "v" + b * r i "gradient")).
  { intro i. rewrite Hx, (proj2 Hv). unfold sum_of. cbn [exact].
    now rewrite (proj1 (Vp i)), (proj1 (Vq i)). }
  assert (ts : forall i, sh (S i) "theta"
    = nearest (sh i "theta" + nearest (nearest (at' * sh (S i) "v")
                                       + nearest (bt * sh i "gradient")))).
  { intro i. rewrite (St i), (proj2 Sv i). unfold sum_of. cbn [rounded].
    now rewrite (proj2 (Vp i)), (proj2 (Vq i)). }
  assert (size := sum_theta_size u eta mu mut G nearest sh r T Hr HK Sm Sg S0 gain gaint Sn Hv Sv a
    at' b bt Ep Eq xs ts).
  assert (near := sum_update_near u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint Sn Hv Sv a at'
    b bt Ep Eq).
  assert (step := sum_update_at_most u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint Sn Hv a b).
  assert (E0 := sum_error_at_least_0 u eta mu mut G nearest sh r Hr HK Sm Sg gain a b).
  assert (L0 := sum_step_at_least_0 u eta mu mut G nearest sh r Hr HK Sm Sg gain a b).
  assert (P0 := gathered_push_at_least_0 G sh r Sg gain).
  assert (E1 := error_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (V0 := top_at_least_0 u eta mu mut nearest sh r Hr HK Sm _ P0).
  assert (D0 := moved_drift_grows u eta _ _ (Rabs (r O "theta")) T T (bpow_ge_0 radix2 (- p))
    (bpow_ge_0 radix2 (emin - 1)) E0 L0 (Rabs_pos _) (Nat.le_refl T)).
  set (L := sum_step mu G gain a b) in *. set (E := sum_error u eta mu G gain a b) in *.
  assert (TL : 0 <= INR T * L) by (apply Rmult_le_pos; [apply pos_INR | easy]).
  assert (R0 := Rabs_pos (r O "theta")). assert (G0 := G_at_least_0 G sh r Sg).
  assert (BP : 0 <= buffer_peak u eta mu (Rabs gain * G)) by (unfold buffer_peak; lra).
  set (top := buffer_top mu (Rabs gain * G) + buffer_error u eta mu (Rabs gain * G)).
  assert (ap : 0 <= Rabs a * top) by (apply Rmult_le_pos; [apply Rabs_pos | unfold top; lra]).
  assert (bp : 0 <= Rabs b * G) by (apply Rmult_le_pos; [apply Rabs_pos | easy]).
  unfold sum_peak in Hpeak. fold L E top in Hpeak.
  assert (range : forall i, (i < T)%nat -> in_range p emax (sh i) (sum_of x y)).
  { intros i Hi. assert (Ts := size (S i) Hi).
    assert (Us := Rabs_near _ _ _ _ (step i) (near i)). rewrite Rabs_Ropp in Us.
    destruct (buffer_in_range mu mut gain gaint G kept f r HK v0 Hmu Hgain HG Hv eq_refl inputs i)
      as [Rv | H]; [| exfalso; lra].
    assert (vs : Rabs (sh (S i) "v") <= top).
    { apply Rabs_near with (r (S i) "v").
      - now apply (gathered_at_most u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint).
      - now apply (gathered_near u eta mu mut G nearest sh r Hr HK Sm Sg gain gaint). }
    assert (Gi := proj2 (Sg i)). rewrite <- (proj1 (Sg i)) in Gi.
    assert (S1 := product_size _ _ _ _ _ (Rle_refl (Rabs a)) Ep vs).
    assert (S2 := product_size _ _ _ _ _ (Rle_refl (Rabs b)) Eq Gi).
    rewrite (St i) in Ts.
    rewrite (proj2 Sv i), <- (proj2 (Vp i)) in Us, S1.
    rewrite <- (proj2 (Vq i)) in Us, S2. unfold sum_of in *.
    cbn [in_range rounded] in *. fold emin.
    repeat first [exact Rv | split]; eapply Rle_lt_trans; try exact Hpeak;
      first [eapply Rle_trans; [exact Ts | lra] | eapply Rle_trans; [exact Us | lra]
            | eapply Rle_trans; [exact S1 | lra] | eapply Rle_trans; [exact S2 | lra]]. }
  assert (ranges : forall i z e, (i < T)%nat -> term_of kept z = Some e ->
    in_range p emax (sh i) e).
  { intros i z e Hi. simpl. assert (R := range i Hi).
    repeat (case String.eqb_spec; [intros _ [= <-] | intros _]); [apply R | exact R | easy]. }
  destruct (machine_run_in_range p emax positive below kept f T Hf ranges t Ht) as (F1 & F2 & F3).
  split; [intros i Hi; now apply (F1 i "theta") |]. split; [exact F2 |].
  unfold stored. rewrite F3.
  now apply (sum_run_rounded u eta mu mut G nearest sh r T Hr HK Sm Sg S0 gain gaint Sn Hv Sv a at'
    b bt).
Qed.

End Format.
