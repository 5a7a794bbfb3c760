(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of Adam with weight decay in the gradient, from the first number to the last: the
   recorded lanes after the recorded decay of the gradient, in IEEE 754 arithmetic, against the rule
   at the gradients g + lambda theta.

   run/DecayedGradients.v has what such a run is for any rule. The largest gradient g is G, the
   largest that is formed D; Delta bounds the drift that Adam's theorem gives at gradients of D
   (rules/adam_machine.v).

   - [mean_apart], [root_of_squares_apart]: a mean of gradients, and the root of a mean of their
     squares, follow the gradients within a factor of one;
   - [adam_updates_apart]: Adam's update follows its gradients within (alpha + L) / sigma, where L
     is its longest step and sigma at most the divisor of one of the two. Epsilon is such a sigma;
     but the bound is useful only where the second moment keeps the divisor well above it;
   - [decayed_adam_run_in_ieee]: nothing overflows in T steps, and after t of them theta is off by
     at most the drift at gradients of D, and t (1 + C q)^t C rho, C = (alpha + L) / sigma, with q
     about lambda and rho about lambda Delta + u D ([decay_returned], [decay_error]). *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Formats Rounding Runs Gradual MovingParameters.
From Truestep Require Import Overflow DecayedGradients adam_run adam_machine.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* Means, of gradients before step t. *)

Theorem mean_apart beta (x y : nat -> R) D t :
  0 <= beta <= 1 -> (forall i, (i < t)%nat -> Rabs (x i - y i) <= D) ->
  Rabs (mean beta x t - mean beta y t) <= (1 - beta ^ t) * D.
Proof.
  intros B. induction t as [| t IH]; intro H.
  - simpl. rewrite Rminus_diag_eq, Rabs_R0 by easy. lra.
  - simpl. specialize (IH ltac:(intros; apply H; lia)). specialize (H t ltac:(lia)).
    replace (beta * mean beta x t + (1 - beta) * x t - (beta * mean beta y t + (1 - beta) * y t))
      with (beta * (mean beta x t - mean beta y t) + (1 - beta) * (x t - y t)) by ring.
    assert (P : Rabs (beta * (mean beta x t - mean beta y t)) <= beta * ((1 - beta ^ t) * D))
      by (rewrite Rabs_mult, Rabs_pos_eq by lra; apply Rmult_le_compat_l; lra).
    assert (Q : Rabs ((1 - beta) * (x t - y t)) <= (1 - beta) * D)
      by (rewrite Rabs_mult, Rabs_pos_eq by lra; apply Rmult_le_compat_l; lra).
    generalize (Rabs_plus _ _ _ _ P Q). lra.
Qed.

Lemma squares_nonnegative beta x t :
  0 <= beta <= 1 -> 0 <= mean beta (fun i => x i * x i) t.
Proof. intro B. apply mean_nonnegative; [exact B | intro; apply Rle_0_sqr]. Qed.

(* Minkowski's inequality for (a, h) and (r, D), weighed by beta and 1 - beta. *)
Lemma weighted_triangle beta a r h D :
  0 <= beta <= 1 -> 0 <= a -> 0 <= r -> 0 <= h -> 0 <= D ->
  beta * (a + r) ^ 2 + (1 - beta) * (h + D) ^ 2
  <= (sqrt (beta * a ^ 2 + (1 - beta) * h ^ 2) + sqrt (beta * r ^ 2 + (1 - beta) * D ^ 2)) ^ 2.
Proof.
  intros B A P H HD. set (x := beta * a ^ 2 + (1 - beta) * h ^ 2).
  set (y := beta * r ^ 2 + (1 - beta) * D ^ 2).
  assert (X : 0 <= x) by (unfold x; apply Rplus_le_le_0_compat; apply Rmult_le_pos; nra).
  assert (Y : 0 <= y) by (unfold y; apply Rplus_le_le_0_compat; apply Rmult_le_pos; nra).
  assert (Sx := sqrt_sqrt x X). assert (Sy := sqrt_sqrt y Y).
  assert (C : beta * (a * r) + (1 - beta) * (h * D) <= sqrt x * sqrt y).
  { rewrite <- sqrt_mult by assumption. apply Rsqr_incr_0_var; [| apply sqrt_pos].
    rewrite Rsqr_sqrt by now apply Rmult_le_pos. unfold Rsqr, x, y.
    assert (0 <= beta * (1 - beta) * (a * D - h * r) ^ 2)
      by (apply Rmult_le_pos; [apply Rmult_le_pos; lra | apply pow2_ge_0]).
    lra. }
  replace ((sqrt x + sqrt y) ^ 2) with (sqrt x * sqrt x + sqrt y * sqrt y + 2 * (sqrt x * sqrt y))
    by ring.
  rewrite Sx, Sy. unfold x at 1, y at 1. lra.
Qed.

Lemma root_of_squares_at_most beta (x y : nat -> R) D t :
  0 <= beta <= 1 -> 0 <= D -> (forall i, (i < t)%nat -> Rabs (x i - y i) <= D) ->
  sqrt (mean beta (fun i => y i * y i) t)
  <= sqrt (mean beta (fun i => x i * x i) t) + sqrt (1 - beta ^ t) * D.
Proof.
  intros B D0. induction t as [| t IH]; intro H.
  - simpl. rewrite Rminus_diag_eq, sqrt_0 by easy. lra.
  - specialize (IH ltac:(intros; apply H; lia)). specialize (H t ltac:(lia)).
    assert (P : beta ^ t <= 1) by (rewrite <- (pow1 t); apply pow_incr; lra).
    assert (P0 : 0 <= beta ^ t) by (apply pow_le; lra).
    assert (X := squares_nonnegative beta x t B). assert (Y := squares_nonnegative beta y t B).
    assert (Q := sqrt_pos (1 - beta ^ t)).
    set (r := sqrt (1 - beta ^ t) * D) in *. assert (r0 : 0 <= r) by now apply Rmult_le_pos.
    assert (Hy : Rabs (y t) <= Rabs (x t) + D).
    { apply Rabs_near with (x t); [apply Rle_refl |]. now rewrite Rabs_minus_sym. }
    assert (R2 : sqrt (1 - beta ^ S t) * D = sqrt (beta * r ^ 2 + (1 - beta) * D ^ 2)).
    { assert (E : beta * r ^ 2 + (1 - beta) * D ^ 2 = (1 - beta ^ S t) * (D * D)).
      { unfold r. replace ((sqrt (1 - beta ^ t) * D) ^ 2)
          with (sqrt (1 - beta ^ t) * sqrt (1 - beta ^ t) * (D * D)) by ring.
        rewrite sqrt_sqrt by lra. simpl. ring. }
      rewrite E, sqrt_mult, sqrt_square; [easy | easy | simpl; nra | nra]. }
    assert (W := weighted_triangle beta (sqrt (mean beta (fun i => x i * x i) t)) r (Rabs (x t)) D
      B (sqrt_pos _) r0 (Rabs_pos _) D0).
    assert (Ex : beta * sqrt (mean beta (fun i => x i * x i) t) ^ 2 + (1 - beta) * Rabs (x t) ^ 2
                 = mean beta (fun i => x i * x i) (S t)).
    { simpl. rewrite !Rmult_1_r, sqrt_sqrt by exact X. rewrite <- Rabs_mult, Rabs_pos_eq; [easy |].
      apply Rle_0_sqr. }
    rewrite Ex, <- R2 in W. apply Rsqr_incr_0_var.
    + rewrite Rsqr_sqrt by apply (squares_nonnegative beta y (S t) B).
      apply Rle_trans with (2 := Rle_trans _ _ _ W (Req_le _ _ (eq_sym (Rsqr_pow2 _)))).
      simpl mean. apply Rplus_le_compat; apply Rmult_le_compat_l; try lra.
      * rewrite <- (sqrt_sqrt _ Y), <- Rsqr_pow2.
        apply Rsqr_incr_1; [exact IH | apply sqrt_pos |].
        generalize (sqrt_pos (mean beta (fun i => x i * x i) t)). lra.
      * rewrite <- (Rabs_pos_eq (y t * y t)), Rabs_mult by apply Rle_0_sqr. rewrite <- Rsqr_pow2.
        apply Rsqr_incr_1; [exact Hy | apply Rabs_pos | generalize (Rabs_pos (x t)); lra].
    + apply Rplus_le_le_0_compat; [apply sqrt_pos |].
      apply Rmult_le_pos; [apply sqrt_pos | exact D0].
Qed.

Theorem root_of_squares_apart beta (x y : nat -> R) D t :
  0 <= beta <= 1 -> 0 <= D -> (forall i, (i < t)%nat -> Rabs (x i - y i) <= D) ->
  Rabs (sqrt (mean beta (fun i => x i * x i) t) - sqrt (mean beta (fun i => y i * y i) t))
  <= sqrt (1 - beta ^ t) * D.
Proof.
  intros B D0 H. assert (P := root_of_squares_at_most beta x y D t B D0 H).
  assert (Q := root_of_squares_at_most beta y x D t B D0
    ltac:(intros; rewrite Rabs_minus_sym; auto)).
  apply Rabs_le. lra.
Qed.

Definition weight_decay_within (k lambda : R) (f : run) : Prop :=
  0 <= lambda /\ (forall t, f t "weight_decay" = f O "weight_decay")
  /\ Rabs (f O "weight_decay" - lambda) <= k * lambda.

Definition decay_returned (u k lambda : R) : R := (1 + u) * (lambda * (1 + k)).
Definition decay_error (u eta k lambda G Theta Delta : R) : R :=
  (1 + u) * (lambda * ((1 + k) * Delta + k * Theta)) + u * (lambda * Theta + G) + eta.

Definition adam_update (alpha beta1 beta2 epsilon : R) (g : nat -> R) (t : nat) : R :=
  alpha * (mean beta1 g t / (1 - beta1 ^ t))
  / (sqrt (mean beta2 (fun i => g i * g i) t / (1 - beta2 ^ t)) + epsilon).

Lemma rule_updates alpha beta1 beta2 epsilon g m v theta :
  adam_rule alpha beta1 beta2 epsilon g m v theta ->
  (forall t, v t = mean beta2 (fun i => g i * g i) t)
  /\ forall t, theta (S t) = theta t - adam_update alpha beta1 beta2 epsilon g (S t).
Proof.
  intros (m0 & v0 & Rule).
  assert (V := rule_is_mean beta2 v (fun i => g i * g i) v0 ltac:(apply Rule)).
  split; [exact V |]. intro t. rewrite (proj2 (proj2 (Rule t))), V.
  now rewrite (rule_is_mean beta1 m g m0 ltac:(apply Rule)).
Qed.

Lemma adam_update_at_most alpha beta1 beta2 epsilon g t :
  0 < beta1 < 1 -> 0 < beta2 < 1 -> 1 - beta2 <= (1 - beta1) ^ 2 -> 0 <= alpha -> 0 < epsilon ->
  Rabs (adam_update alpha beta1 beta2 epsilon g (S t)) <= longest_step alpha beta1 beta2.
Proof.
  intros B1 B2 B12 A E.
  apply (adam_step beta1 beta2 g alpha epsilon (S t) B1 ltac:(lra) B12 A E ltac:(lia)).
Qed.

Lemma rule_at_most alpha beta1 beta2 epsilon g m v theta T t :
  0 < beta1 < 1 -> 0 < beta2 < 1 -> 1 - beta2 <= (1 - beta1) ^ 2 -> 0 <= alpha -> 0 < epsilon ->
  adam_rule alpha beta1 beta2 epsilon g m v theta -> (t <= T)%nat ->
  Rabs (theta t) <= Rabs (theta O) + INR T * longest_step alpha beta1 beta2.
Proof.
  intros B1 B2 B12 A E Rule H. destruct (rule_updates _ _ _ _ _ _ _ _ Rule) as [_ Up].
  apply (moved_at_most _ T theta (fun t => adam_update alpha beta1 beta2 epsilon g (S t)));
    auto using adam_update_at_most. apply Rmult_le_pos; [easy | apply sqrt_pos].
Qed.

Theorem adam_updates_apart alpha beta1 beta2 epsilon sigma (x y : nat -> R) D t :
  0 < beta1 < 1 -> 0 < beta2 < 1 -> 1 - beta2 <= (1 - beta1) ^ 2 -> 0 <= alpha -> 0 < epsilon ->
  0 < sigma <= sqrt (mean beta2 (fun i => x i * x i) (S t) / (1 - beta2 ^ S t)) + epsilon ->
  0 <= D -> (forall i, (i <= t)%nat -> Rabs (x i - y i) <= D) ->
  Rabs (adam_update alpha beta1 beta2 epsilon x (S t)
        - adam_update alpha beta1 beta2 epsilon y (S t))
  <= (alpha + longest_step alpha beta1 beta2) / sigma * D.
Proof.
  intros B1 B2 B12 A E [S0 S] D0 H.
  assert (P1 := power_below_one beta1 t B1). assert (P2 := power_below_one beta2 t B2).
  assert (before : forall i, (i < Datatypes.S t)%nat -> Rabs (x i - y i) <= D)
    by (intros; apply H; lia).
  assert (M := mean_apart beta1 x y D (Datatypes.S t) ltac:(lra) before).
  assert (V := root_of_squares_apart beta2 x y D (Datatypes.S t) ltac:(lra) D0 before).
  assert (L := adam_update_at_most alpha beta1 beta2 epsilon y t B1 B2 B12 A E).
  unfold adam_update in *.
  set (c1 := 1 - beta1 ^ Datatypes.S t) in *. set (c2 := 1 - beta2 ^ Datatypes.S t) in *.
  set (mx := mean beta1 x (Datatypes.S t)) in *. set (my := mean beta1 y (Datatypes.S t)) in *.
  set (vx := mean beta2 (fun i => x i * x i) (Datatypes.S t)) in *.
  set (vy := mean beta2 (fun i => y i * y i) (Datatypes.S t)) in *.
  rewrite (sqrt_div_alt vx), (sqrt_div_alt vy) in * by exact P2.
  assert (R2 := sqrt_lt_R0 c2 P2). assert (Qy := sqrt_pos vy).
  set (dx := sqrt vx / sqrt c2 + epsilon) in *. set (dy := sqrt vy / sqrt c2 + epsilon) in *.
  assert (Dy : 0 < dy).
  { unfold dy. assert (0 <= sqrt vy / sqrt c2)
      by (apply Rmult_le_pos; [easy | now apply Rlt_le, Rinv_0_lt_compat]). lra. }
  assert (N : Rabs (alpha * (mx / c1) - alpha * (my / c1)) <= alpha * D).
  { replace (alpha * (mx / c1) - alpha * (my / c1)) with (alpha * ((mx - my) / c1)) by (field; lra).
    rewrite Rabs_mult, (Rabs_pos_eq alpha) by easy. apply Rmult_le_compat_l; [easy |].
    unfold Rdiv. rewrite Rabs_mult, Rabs_inv, (Rabs_pos_eq c1) by lra.
    apply Rmult_le_reg_r with c1; [easy |]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra. }
  assert (Dd : Rabs (dy - dx) <= D).
  { unfold dx, dy. replace (sqrt vy / sqrt c2 + epsilon - (sqrt vx / sqrt c2 + epsilon))
      with (- (sqrt vx - sqrt vy) * / sqrt c2) by (field; lra).
    rewrite Rabs_mult, Rabs_Ropp, Rabs_inv, (Rabs_pos_eq (sqrt c2)) by lra.
    apply Rmult_le_reg_r with (sqrt c2); [easy |]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    lra. }
  replace (alpha * (mx / c1) / dx - alpha * (my / c1) / dy)
    with ((alpha * (mx / c1) - alpha * (my / c1)) * / dx
          + alpha * (my / c1) / dy * (dy - dx) * / dx) by (field; lra).
  assert (I : Rabs (/ dx) <= / sigma).
  { rewrite Rabs_inv, Rabs_pos_eq by lra. apply Rinv_le_contravar; lra. }
  eapply Rle_trans; [apply Rabs_plus; apply Rabs_times;
    [exact N | exact I | apply Rabs_times; [exact L | exact Dd] | exact I] |].
  unfold Rdiv. lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation number := (binary_float p emax).
Notation formed := (formed p emax positive below).
Notation until := (until p emax positive below adam_states).

Section Steps.

Variables (k alpha beta1 beta2 epsilon lambda sigma G D Delta : R) (T : nat).
Variables (f : nat -> string -> number) (m v theta : nat -> R).
Let stored t x := B2R (f t x).
Let Theta := Rabs (theta O) + INR T * longest_step alpha beta1 beta2.
Let drift := theta_drift u eta k alpha beta1 beta2 epsilon D (Rabs (theta O)).

Hypothesis Hc : adam_conditions u eta k alpha beta1 beta2 epsilon D T.
Hypothesis Hf : machine_follows p emax positive below (all_decayed adam_states) f.
Hypothesis m0 : stored O "m" = 0.
Hypothesis v0 : stored O "v" = 0.
Hypothesis Hk : adam_coefficients_within k alpha beta1 beta2 epsilon stored.
Hypothesis Hl : weight_decay_within k lambda stored.
Hypothesis HG : forall t, Rabs (stored t "gradient") <= G.
Hypothesis Hrule :
  adam_rule alpha beta1 beta2 epsilon (fun t => stored t "gradient" + lambda * theta t) m v theta.
Hypothesis Hstart : stored O "theta" = theta O.
Hypothesis Hpeak :
  adam_peak u eta k alpha beta1 beta2 epsilon D (Rabs (theta O)) T < bpow radix2 emax.
Hypothesis Hdrift : forall t, (t <= T)%nat -> drift t <= Delta.
Hypothesis Hlarge : D < bpow radix2 emax.
Hypothesis Hsigma : 0 < sigma /\ forall t, (t < T)%nat ->
  sigma <= sqrt (v (S t) / (1 - beta2 ^ S t)) + epsilon.
Hypothesis HD : (1 + u) * ((1 + k) * lambda * (Theta + Delta) + G) + eta <= D.

Lemma put_in x e : term_of adam_states x = Some e ->
  forall g, ieee p emax positive below g (decayed e)
            = ieee p emax positive below
                (with_gradient (ieee p emax positive below g weight_decay_decayed_gradient) g) e.
Proof.
  cbn [term_of adam_states].
  repeat (case String.eqb_spec; [intros _ [= <-]; reflexivity | intros _]). easy.
Qed.

Lemma sizes : 0 <= Theta /\ 0 <= Delta /\ 0 <= G /\ 0 <= D /\ 0 <= k /\ 0 <= lambda.
Proof.
  destruct Hc as (_ & _ & _ & A & _ & K & _), Hl as (L & _).
  assert (Th : 0 <= Theta).
  { apply Rplus_le_le_0_compat; [apply Rabs_pos |]. apply Rmult_le_pos; [apply pos_INR |].
    apply Rmult_le_pos; [easy | apply sqrt_pos]. }
  assert (De : 0 <= Delta).
  { assert (H := Hdrift O ltac:(lia)). unfold drift, theta_drift in H. simpl in H.
    rewrite !Rmult_0_l in H. exact H. }
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (stored O "gradient")) (HG O); lra).
  assert (U : 0 <= u) by apply bpow_ge_0. assert (N : 0 <= eta) by apply bpow_ge_0.
  assert (0 <= (1 + k) * lambda * (Theta + Delta)) by (repeat apply Rmult_le_pos; lra).
  repeat split; try easy; try lra. eapply Rle_trans; [| exact HD].
  assert (0 <= (1 + u) * ((1 + k) * lambda * (Theta + Delta) + G)) by (apply Rmult_le_pos; lra).
  lra.
Qed.

(* The run at the gradients that were formed in n steps. *)
Lemma until_near n :
  (forall t, (t < n)%nat ->
     is_finite (formed f t) = true /\ Rabs (B2R (formed f t)) <= D) ->
  exists mu vu thetau,
    adam_rule alpha beta1 beta2 epsilon (fun t => B2R (until f n t "gradient")) mu vu thetau
    /\ thetau O = theta O
    /\ forall t, (t <= T)%nat ->
         (forall i, (i < t)%nat -> finite_throughout p emax positive below (until f n i) adam_theta)
         /\ (forall x, is_finite (until f n t x) = true)
         /\ Rabs (B2R (until f n t "theta") - thetau t) <= drift t.
Proof.
  intro F. set (g t := B2R (until f n t "gradient")).
  set (mu := mean beta1 g). set (vu := mean beta2 (fun t => g t * g t)).
  set (thetau := fix thetau t := match t with
    | O => theta O | S i => thetau i - adam_update alpha beta1 beta2 epsilon g (S i) end).
  exists mu, vu, thetau.
  assert (Rule : adam_rule alpha beta1 beta2 epsilon g mu vu thetau) by (repeat split).
  split; [exact Rule |]. split; [reflexivity |].
  assert (given : forall x, term_of adam_states x = None -> x <> "gradient" ->
    forall t, until f n t x = f t x).
  { intros x N1 N2 t. rewrite until_given by easy. unfold with_gradient.
    now rewrite (proj2 (String.eqb_neq _ _) N2). }
  assert (start : forall x, x <> "gradient" -> until f n O x = f O x).
  { intros x N. rewrite (until_same p emax positive below adam_states f eq_refl put_in Hf) by lia.
    unfold with_gradient. now rewrite (proj2 (String.eqb_neq _ _) N). }
  assert (follows := until_follows p emax positive below adam_states f eq_refl Hf n
    ltac:(intros; now apply F)).
  assert (Kk : adam_coefficients_within k alpha beta1 beta2 epsilon
    (fun t x => B2R (until f n t x))).
  { destruct Hk as (Same & H). unfold adam_coefficients_within.
    split; [intro i; rewrite !given by easy; apply Same |]. rewrite !given by easy.
    repeat split; try apply H; now rewrite given by easy; apply H. }
  assert (Gk : forall t, Rabs (B2R (until f n t "gradient")) <= D).
  { intro t. rewrite until_given by easy. unfold with_gradient, formed_until. simpl String.eqb.
    cbv iota. destruct (t <? n)%nat eqn:L.
    - now apply F, Nat.ltb_lt.
    - simpl. rewrite Rabs_R0. apply sizes. }
  assert (run : adam_machine_run p emax positive below (until f n)).
  { destruct follows as [F1 F2]. split; [exact F1 |].
    split; [rewrite start by easy; exact m0 |]. split; [rewrite start by easy; exact v0 |].
    intro i. repeat split; now apply F2. }
  apply (adam_run_in_ieee p emax positive below k alpha beta1 beta2 epsilon D T (until f n) mu vu
    thetau Hc run Kk Gk Rule).
  - cbv beta. rewrite start by easy. exact Hstart.
  - exact Hpeak.
Qed.

Lemma formed_all t : (t <= T)%nat ->
  (forall x, is_finite (f t x) = true) /\ is_finite (formed f t) = true
  /\ B2R (formed f t) = round radix2 (FLT_exp emin p) ZnearestE
       (stored t "weight_decay" * stored t "theta" + stored t "gradient")
  /\ Rabs (B2R (formed f t)) <= D.
Proof.
  destruct Hc as (B1 & B2 & B12 & A & E & K & _).
  destruct sizes as (S1 & S2 & S3 & S4 & S5 & S6).
  apply (formed_in_range p emax positive below adam_states f eq_refl put_in Hf (Theta + Delta) D G
    ((1 + k) * lambda) T).
  - intros n Hn F. destruct (until_near n F) as (mu & vu & thetau & Rule & Start & Near).
    destruct (Near n Hn) as (_ & Fin & D1). split; [exact Fin |].
    apply Rabs_near with (thetau n).
    + unfold Theta. rewrite <- Start.
      now apply (rule_at_most alpha beta1 beta2 epsilon
        (fun t => B2R (until f n t "gradient")) mu vu thetau T n).
    + eapply Rle_trans; [exact D1 | now apply Hdrift].
  - intro i. destruct Hl as (L & Same & W).
    change (B2R (f i "weight_decay")) with (stored i "weight_decay").
    rewrite Same. replace ((1 + k) * lambda) with (lambda + k * lambda) by ring.
    apply (Rabs_near _ lambda); [rewrite Rabs_pos_eq; lra | exact W].
  - exact HG.
  - exact HD.
  - exact Hlarge.
Qed.

Let C := (alpha + longest_step alpha beta1 beta2) / sigma.
Let q := decay_returned u k lambda.
Let rho := decay_error u eta k lambda G Theta Delta.

Theorem decayed_adam_run_in_ieee t : (t <= T)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ (forall i, (i < t)%nat ->
       is_finite (formed f i) = true
       /\ finite_throughout p emax positive below (with_gradient (formed f i) (f i)) adam_theta)
  /\ Rabs (stored t "theta" - theta t) <= drift t + gradient_feedback C q rho t.
Proof.
  assert (Hr : rounding u eta (round radix2 (FLT_exp emin p) ZnearestE))
    by apply (nearest_is_rounding emin p positive).
  assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  destruct Hc as (B1 & B2 & B12 & A & E & K & _).
  destruct sizes as (S1 & S2 & S3 & S4 & S5 & S6).
  assert (L0 : 0 <= longest_step alpha beta1 beta2)
    by (apply Rmult_le_pos; [easy | apply sqrt_pos]).
  destruct (until_near T) as (mu & vu & thetau & Rule & Start & Near).
  { intros i Hi. destruct (formed_all i ltac:(lia)) as (_ & F & _ & S). now split. }
  assert (same : forall i x, (i <= T)%nat -> x <> "gradient" -> until f T i x = f i x).
  { intros i x Hi X. rewrite (until_same p emax positive below adam_states f eq_refl put_in Hf)
      by exact Hi.
    unfold with_gradient. now rewrite (proj2 (String.eqb_neq _ _) X). }
  assert (near : forall i, (i <= T)%nat -> Rabs (stored i "theta" - thetau i) <= drift i).
  { intros i Hi. destruct (Near i Hi) as (_ & _ & D1). now rewrite same in D1 by easy. }
  set (h i := stored i "gradient" + lambda * theta i).
  set (g i := B2R (until f T i "gradient")).
  assert (Hg : forall i, (i < T)%nat -> g i = B2R (formed f i)).
  { intros i Hi. unfold g. rewrite until_given by easy. unfold with_gradient, formed_until.
    simpl String.eqb. cbv iota. now rewrite (proj2 (Nat.ltb_lt i T)) by exact Hi. }
  destruct (rule_updates _ _ _ _ _ _ _ _ Rule) as [_ Up].
  destruct (rule_updates _ _ _ _ _ _ _ _ Hrule) as [Ve Ue].
  assert (C0 : 0 <= C)
    by (apply Rmult_le_pos; [lra | apply Rlt_le, Rinv_0_lt_compat, Hsigma]).
  assert (q0 : 0 <= q) by (unfold q, decay_returned; repeat apply Rmult_le_pos; lra).
  assert (rho0 : 0 <= rho).
  { unfold rho, decay_error.
    assert (0 <= (1 + u) * (lambda * ((1 + k) * Delta + k * Theta))).
    { apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [easy |].
      apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra. }
    assert (0 <= u * (lambda * Theta + G)).
    { apply Rmult_le_pos; [easy |]. assert (0 <= lambda * Theta) by now apply Rmult_le_pos. lra. }
    lra. }
  assert (fed : forall i, (i <= T)%nat -> Rabs (thetau i - theta i) <= gradient_feedback C q rho i).
  { apply (gradients_fed_back C q rho T (fun i => Rabs (thetau i - theta i))
      (fun i => Rabs (h i - g i))); auto.
    - rewrite Start, Rminus_diag_eq, Rabs_R0 by easy. reflexivity.
    - intros i M Hi HM. rewrite Up, Ue.
      replace (thetau i - adam_update alpha beta1 beta2 epsilon _ (S i)
               - (theta i - adam_update alpha beta1 beta2 epsilon _ (S i)))
        with ((thetau i - theta i) + (adam_update alpha beta1 beta2 epsilon h (S i)
               - adam_update alpha beta1 beta2 epsilon g (S i))) by (unfold h, g; ring).
      apply Rabs_plus; [apply Rle_refl |].
      apply adam_updates_apart; auto.
      + split; [apply Hsigma |]. assert (Hs := proj2 Hsigma i Hi). rewrite Ve in Hs. exact Hs.
      + eapply Rle_trans; [apply Rabs_pos | apply (HM i); lia].
    - intros i Hi. destruct (formed_all i ltac:(lia)) as (_ & _ & V & _).
      rewrite Rabs_minus_sym, Hg, V by exact Hi. unfold h.
      destruct Hl as (_ & Same & W).
      assert (Wi : Rabs (stored i "weight_decay" - lambda) <= k * lambda) by now rewrite Same.
      assert (Th : Rabs (theta i) <= Theta)
        by (apply (rule_at_most alpha beta1 beta2 epsilon h m v theta T i); auto; lia).
      assert (e : Rabs (stored i "theta" - theta i) <= Delta + Rabs (thetau i - theta i)).
      { replace (stored i "theta" - theta i)
          with ((stored i "theta" - thetau i) + (thetau i - theta i)) by ring.
        apply Rabs_plus; [| apply Rle_refl].
        eapply Rle_trans; [apply near; lia | apply Hdrift; lia]. }
      eapply Rle_trans; [apply (formed_near u eta _ k lambda _ _ _ _ _ Theta G Hr S5 S6 Wi (HG i)
        Th e) |].
      unfold q, rho, decay_returned, decay_error. right. ring. }
  intro Ht. split; [now apply formed_all |]. split.
  - intros i Hi. split; [apply formed_all; lia |].
    destruct (Near t Ht) as (F & _).
    apply finite_throughout_same with (until f T i); [| now apply F].
    intro x. rewrite (until_same p emax positive below adam_states f eq_refl put_in Hf) by lia.
    unfold with_gradient, formed_until. now rewrite (proj2 (Nat.ltb_lt i T)) by lia.
  - replace (stored t "theta" - theta t)
      with ((stored t "theta" - thetau t) + (thetau t - theta t)) by ring.
    apply Rabs_plus; [now apply near | now apply fed].
Qed.

End Steps.
End Format.
