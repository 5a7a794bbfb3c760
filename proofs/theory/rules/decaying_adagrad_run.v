(* SPDX-License-Identifier: Apache-2.0 *)
(* A whole run of theta' = theta - alpha g / d with weight decay in the gradient, d being what is
   kept of the gradients' squares: Adagrad and RMSprop with epsilon outside of the root, as PyTorch
   has them, in IEEE 754 arithmetic, against the rule at the gradients g + lambda theta.

   run/DecayedGradients.v has what such a run is for any rule. The largest gradient g is G, the
   largest that is formed D; Delta bounds the drift that the theorem without decay gives at
   gradients of D. L is the longest step; sigma is at most the divisor of the rule. Epsilon is such
   a sigma; but the bound is useful only where the squares keep the divisor well above it.

   - [quotient_updates_apart]: an update follows its gradients within (alpha + L K) / sigma, if the
     divisor follows them within K;
   - [root_of_sum_apart]: the root of a sum of t squares does so within the root of t; the root of a
     mean of squares within 1 (rules/adam_decay_run.v);
   - [decayed_quotient_run]: nothing overflows in T steps, and after t of them theta is off by at
     most the drift at gradients of D, and t (1 + C q)^t C rho, C = (alpha + L K) / sigma, with q
     about lambda and rho about lambda Delta + u D ([decay_returned], [decay_error]);
   - [decayed_adagrad_outside_run_in_ieee], [decayed_rmsprop_outside_run_in_ieee]: so it is of these
     two, K being the root of T and 1. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import adam_theory Expression Formats Rounding Runs Gradual MovingParameters.
From Truestep Require Import Underflow RelativeDrift QuotientRuns.
From Truestep Require Import Overflow DecayedGradients adam_decay_run adagrad_run rmsprop_run.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

(* The rule, from what its divisor makes of the gradients. *)

Definition quotient_update (alpha : R) (divisor : (nat -> R) -> nat -> R) (g : nat -> R) (t : nat)
    : R := alpha * g t / divisor g t.

Fixpoint quotient_theta (alpha : R) (divisor : (nat -> R) -> nat -> R) (g : nat -> R) (start : R)
    (t : nat) : R :=
  match t with
  | O => start
  | S t => quotient_theta alpha divisor g start t - quotient_update alpha divisor g t
  end.

(* What is asked of a divisor: it is positive, no step is longer than L, and gradients that are D
   apart give divisors that are K D apart. *)
Definition divides_well (alpha L K : R) (T : nat) (divisor : (nat -> R) -> nat -> R) : Prop :=
  (forall g t, 0 < divisor g t) /\ (forall g t, alpha * Rabs (g t) / divisor g t <= L)
  /\ forall x y D t, (t < T)%nat -> 0 <= D -> (forall i, (i <= t)%nat -> Rabs (x i - y i) <= D) ->
       Rabs (divisor x t - divisor y t) <= K * D.

Lemma quotient_update_at_most alpha L K T divisor g t :
  0 <= alpha -> divides_well alpha L K T divisor ->
  Rabs (quotient_update alpha divisor g t) <= L.
Proof.
  intros A (P & S & _). unfold quotient_update, Rdiv. specialize (P g t).
  rewrite !Rabs_mult, Rabs_inv, (Rabs_pos_eq alpha), (Rabs_pos_eq (divisor g t)) by lra. apply S.
Qed.

Theorem quotient_updates_apart alpha L K T divisor sigma (x y : nat -> R) D t :
  0 <= alpha -> divides_well alpha L K T divisor -> (t < T)%nat ->
  0 < sigma <= divisor x t -> 0 <= D -> (forall i, (i <= t)%nat -> Rabs (x i - y i) <= D) ->
  Rabs (quotient_update alpha divisor x t - quotient_update alpha divisor y t)
  <= (alpha + L * K) / sigma * D.
Proof.
  intros A W Ht [S0 S] D0 H. assert (short := quotient_update_at_most alpha L K T divisor y t A W).
  destruct W as (P & _ & F). assert (Px := P x t). assert (Py := P y t).
  assert (apart := F x y D t Ht D0 H). assert (N := H t ltac:(lia)). unfold quotient_update in *.
  set (dx := divisor x t) in *. set (dy := divisor y t) in *.
  replace (alpha * x t / dx - alpha * y t / dy)
    with (alpha * (x t - y t) * / dx + alpha * y t / dy * (dy - dx) * / dx) by (field; lra).
  assert (I : Rabs (/ dx) <= / sigma)
    by (rewrite Rabs_inv, Rabs_pos_eq by lra; apply Rinv_le_contravar; lra).
  assert (M : Rabs (alpha * (x t - y t)) <= alpha * D)
    by (apply Rabs_times; [rewrite Rabs_pos_eq; lra | exact N]).
  rewrite Rabs_minus_sym in apart.
  eapply Rle_trans; [apply Rabs_plus; apply Rabs_times;
    [exact M | exact I | apply Rabs_times; [exact short | exact apart] | exact I] |].
  unfold Rdiv. lra.
Qed.

Lemma quotient_theta_at_most alpha L K T divisor g start t :
  0 <= alpha -> 0 <= L -> divides_well alpha L K T divisor -> (t <= T)%nat ->
  Rabs (quotient_theta alpha divisor g start t) <= Rabs start + INR T * L.
Proof.
  intros A L0 W Ht.
  apply (moved_at_most L T (quotient_theta alpha divisor g start) (quotient_update alpha divisor
    g));
    auto. intros. now apply (quotient_update_at_most alpha L K T).
Qed.

(* Adagrad's divisor. *)

Fixpoint adagrad_sums (initial : R) (g : nat -> R) (t : nat) : R :=
  match t with O => initial | S t => adagrad_sums initial g t + g t * g t end.

Definition adagrad_outside_divisor (initial epsilon : R) (g : nat -> R) (t : nat) : R :=
  sqrt (adagrad_sums initial g (S t)) + epsilon.

Lemma sums_from initial g t : adagrad_sums initial g t = initial + adagrad_sums 0 g t.
Proof. induction t as [| t IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sums_at_least g t : 0 <= adagrad_sums 0 g t.
Proof.
  induction t as [| t IH]; simpl; [lra |]. generalize (Rle_0_sqr (g t)). unfold Rsqr. lra.
Qed.

(* Minkowski's inequality for (a, h) and (r, D). *)
Lemma triangle a r h D :
  0 <= a -> 0 <= r -> 0 <= h -> 0 <= D ->
  sqrt ((a + r) ^ 2 + (h + D) ^ 2) <= sqrt (a ^ 2 + h ^ 2) + sqrt (r ^ 2 + D ^ 2).
Proof.
  intros A P H HD. assert (X : 0 <= a ^ 2 + h ^ 2) by nra. assert (Y : 0 <= r ^ 2 + D ^ 2) by nra.
  assert (Sx := sqrt_sqrt _ X). assert (Sy := sqrt_sqrt _ Y).
  assert (Px := sqrt_pos (a ^ 2 + h ^ 2)). assert (Py := sqrt_pos (r ^ 2 + D ^ 2)).
  assert (C : a * r + h * D <= sqrt (a ^ 2 + h ^ 2) * sqrt (r ^ 2 + D ^ 2)).
  { rewrite <- sqrt_mult by assumption. apply Rsqr_incr_0_var; [| apply sqrt_pos].
    rewrite Rsqr_sqrt by now apply Rmult_le_pos. unfold Rsqr.
    assert (0 <= (a * D - h * r) ^ 2) by apply pow2_ge_0. lra. }
  apply Rsqr_incr_0_var; [| lra]. rewrite Rsqr_sqrt by nra. unfold Rsqr.
  set (x := sqrt _) in *. set (y := sqrt (r ^ 2 + D ^ 2)) in *. lra.
Qed.

Lemma root_of_sum_at_most (x y : nat -> R) D t :
  0 <= D -> (forall i, (i < t)%nat -> Rabs (x i - y i) <= D) ->
  sqrt (adagrad_sums 0 y t) <= sqrt (adagrad_sums 0 x t) + sqrt (INR t) * D.
Proof.
  intros D0. induction t as [| t IH]; intro H.
  - simpl. rewrite sqrt_0. lra.
  - specialize (IH ltac:(intros; apply H; lia)). specialize (H t ltac:(lia)).
    assert (X := sums_at_least x t). assert (Y := sums_at_least y t).
    assert (n := pos_INR t). assert (Q := sqrt_pos (INR t)).
    assert (Qx := sqrt_pos (adagrad_sums 0 x t)). assert (Qy := sqrt_pos (adagrad_sums 0 y t)).
    assert (Hy : Rabs (y t) <= Rabs (x t) + D).
    { apply Rabs_near with (x t); [apply Rle_refl |]. now rewrite Rabs_minus_sym. }
    assert (square : forall a, Rabs a ^ 2 = a * a)
      by (intro a; rewrite pow2_abs; ring).
    assert (r0 : 0 <= sqrt (INR t) * D) by now apply Rmult_le_pos.
    assert (W := triangle (sqrt (adagrad_sums 0 x t)) (sqrt (INR t) * D) (Rabs (x t)) D Qx r0
      (Rabs_pos _) D0).
    assert (E1 : sqrt (adagrad_sums 0 x t) ^ 2 + Rabs (x t) ^ 2 = adagrad_sums 0 x (S t)).
    { rewrite square. simpl adagrad_sums at 2. rewrite <- (sqrt_sqrt _ X) at 2. ring. }
    assert (E2 : sqrt ((sqrt (INR t) * D) ^ 2 + D ^ 2) = sqrt (INR (S t)) * D).
    { replace ((sqrt (INR t) * D) ^ 2 + D ^ 2) with (INR (S t) * (D * D)).
      - rewrite sqrt_mult, sqrt_square; [easy | exact D0 | apply pos_INR | nra].
      - rewrite S_INR. replace ((sqrt (INR t) * D) ^ 2)
          with (sqrt (INR t) * sqrt (INR t) * (D * D)) by ring. rewrite sqrt_sqrt by lra. ring. }
    rewrite E1, E2 in W. eapply Rle_trans; [| exact W]. apply sqrt_le_1_alt.
    simpl adagrad_sums. rewrite <- (sqrt_sqrt _ Y), <- (square (y t)).
    assert (y0 := Rabs_pos (y t)).
    apply Rplus_le_compat; [| apply pow_incr; lra].
    replace (sqrt (adagrad_sums 0 y t) * sqrt (adagrad_sums 0 y t))
      with (sqrt (adagrad_sums 0 y t) ^ 2) by ring. apply pow_incr. lra.
Qed.

Theorem root_of_sum_apart (x y : nat -> R) D t :
  0 <= D -> (forall i, (i < t)%nat -> Rabs (x i - y i) <= D) ->
  Rabs (sqrt (adagrad_sums 0 x t) - sqrt (adagrad_sums 0 y t)) <= sqrt (INR t) * D.
Proof.
  intros D0 H. assert (P := root_of_sum_at_most x y D t D0 H).
  assert (Q := root_of_sum_at_most y x D t D0 ltac:(intros; rewrite Rabs_minus_sym; auto)).
  apply Rabs_le. lra.
Qed.

(* Roots are no farther apart where the same is added to both. *)
Lemma roots_of_shifted c X Y :
  0 <= c -> 0 <= X -> 0 <= Y ->
  Rabs (sqrt (c + X) - sqrt (c + Y)) <= Rabs (sqrt X - sqrt Y).
Proof.
  intros HC HX HY.
  assert (P : sqrt X <= sqrt (c + X)) by (apply sqrt_le_1_alt; lra).
  assert (Q : sqrt Y <= sqrt (c + Y)) by (apply sqrt_le_1_alt; lra).
  assert (X0 := sqrt_pos X). assert (Y0 := sqrt_pos Y).
  destruct (Req_dec (sqrt (c + X) + sqrt (c + Y)) 0) as [Z | Z].
  - replace (sqrt (c + X)) with 0 by lra. replace (sqrt (c + Y)) with 0 by lra.
    rewrite Rminus_diag_eq, Rabs_R0 by easy. apply Rabs_pos.
  - apply Rmult_le_reg_r with (sqrt (c + X) + sqrt (c + Y)); [lra |].
    rewrite <- (Rabs_pos_eq (sqrt (c + X) + sqrt (c + Y))) at 1 by lra. rewrite <- Rabs_mult.
    replace ((sqrt (c + X) - sqrt (c + Y)) * (sqrt (c + X) + sqrt (c + Y)))
      with (sqrt (c + X) * sqrt (c + X) - sqrt (c + Y) * sqrt (c + Y)) by ring.
    rewrite !sqrt_sqrt by lra.
    replace (c + X - (c + Y)) with ((sqrt X - sqrt Y) * (sqrt X + sqrt Y))
      by (replace ((sqrt X - sqrt Y) * (sqrt X + sqrt Y))
            with (sqrt X * sqrt X - sqrt Y * sqrt Y) by ring; rewrite !sqrt_sqrt by lra; ring).
    rewrite Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos |]. rewrite Rabs_pos_eq; lra.
Qed.

Lemma adagrad_outside_divides alpha initial epsilon T :
  0 <= alpha -> 0 <= initial -> 0 <= epsilon -> 0 < initial + epsilon ->
  divides_well alpha alpha (sqrt (INR T)) T (adagrad_outside_divisor initial epsilon).
Proof.
  intros A I E IE.
  assert (least : 0 < sqrt initial + epsilon).
  { destruct (Req_dec initial 0) as [-> | N]; [rewrite sqrt_0; lra |].
    assert (0 < sqrt initial) by (apply sqrt_lt_R0; lra). lra. }
  assert (pos : forall g t, 0 < adagrad_outside_divisor initial epsilon g t).
  { intros g t. unfold adagrad_outside_divisor. rewrite sums_from.
    assert (more := sums_at_least g (S t)).
    assert (sqrt initial <= sqrt (initial + adagrad_sums 0 g (S t))) by (apply sqrt_le_1_alt; lra).
    lra. }
  split; [exact pos |]. split.
  - intros g t. apply (adagrad_step_at_most alpha (g t) (adagrad_sums initial g (S t))); auto.
    + rewrite sums_from. simpl. assert (before := sums_at_least g t). lra.
    + unfold adagrad_outside_divisor. lra.
  - intros x y D t Ht D0 H. unfold adagrad_outside_divisor.
    replace (sqrt (adagrad_sums initial x (S t)) + epsilon
             - (sqrt (adagrad_sums initial y (S t)) + epsilon))
      with (sqrt (adagrad_sums initial x (S t)) - sqrt (adagrad_sums initial y (S t))) by ring.
    rewrite !(sums_from initial).
    eapply Rle_trans; [apply roots_of_shifted; auto using sums_at_least |].
    eapply Rle_trans; [apply (root_of_sum_apart x y D (S t) D0); intros; apply H; lia |].
    apply Rmult_le_compat_r; [exact D0 |]. apply sqrt_le_1_alt, le_INR. lia.
Qed.

(* RMSprop's divisor. *)

Fixpoint rmsprop_squares (rho initial : R) (g : nat -> R) (t : nat) : R :=
  match t with
  | O => initial
  | S t => rho * rmsprop_squares rho initial g t + (1 - rho) * (g t * g t)
  end.

Definition rmsprop_outside_divisor (rho initial epsilon : R) (g : nat -> R) (t : nat) : R :=
  sqrt (rmsprop_squares rho initial g (S t)) + epsilon.

Lemma squares_from rho initial g t :
  rmsprop_squares rho initial g t = rho ^ t * initial + mean rho (fun i => g i * g i) t.
Proof. induction t as [| t IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma rmsprop_outside_divides alpha rho initial epsilon T :
  0 < rho < 1 -> 0 <= alpha -> 0 <= initial -> 0 < epsilon ->
  divides_well alpha (rmsprop_longest rho alpha) 1 T (rmsprop_outside_divisor rho initial epsilon).
Proof.
  intros B A I E.
  assert (squares : forall g t, 0 <= rmsprop_squares rho initial g t).
  { intros g t. rewrite squares_from. apply Rplus_le_le_0_compat;
      [apply Rmult_le_pos; [apply pow_le; lra | exact I] | apply squares_nonnegative; lra]. }
  assert (pos : forall g t, 0 < rmsprop_outside_divisor rho initial epsilon g t).
  { intros g t. unfold rmsprop_outside_divisor.
    generalize (sqrt_pos (rmsprop_squares rho initial g (S t))). lra. }
  split; [exact pos |]. split.
  - intros g t.
    apply (rmsprop_step_at_most rho alpha (g t) (rmsprop_squares rho initial g (S t))); auto.
    + simpl. assert (before := squares g t). assert (0 <= rho * rmsprop_squares rho initial g t)
        by (apply Rmult_le_pos; lra). lra.
    + unfold rmsprop_outside_divisor. lra.
  - intros x y D t Ht D0 H. unfold rmsprop_outside_divisor. rewrite Rmult_1_l.
    replace (sqrt (rmsprop_squares rho initial x (S t)) + epsilon
             - (sqrt (rmsprop_squares rho initial y (S t)) + epsilon))
      with (sqrt (rmsprop_squares rho initial x (S t)) - sqrt (rmsprop_squares rho initial y (S t)))
      by ring.
    rewrite !(squares_from rho initial).
    assert (c : 0 <= rho ^ S t * initial) by (apply Rmult_le_pos; [apply pow_le; lra | exact I]).
    eapply Rle_trans; [apply roots_of_shifted; [exact c | apply squares_nonnegative; lra ..] |].
    eapply Rle_trans; [apply (root_of_squares_apart rho x y D (S t)); [lra | exact D0 |];
      intros; apply H; lia |].
    rewrite <- (Rmult_1_l D) at 2. apply Rmult_le_compat_r; [exact D0 |].
    rewrite <- sqrt_1 at 2. apply sqrt_le_1_alt.
    assert (0 <= rho ^ S t) by (apply pow_le; lra). lra.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).
Notation formed := (formed p emax positive below).

Section Steps.

Variables (kept : list (string * expression)) (e : expression).
Variables (k alpha lambda sigma L K G D Delta : R) (divisor : (nat -> R) -> nat -> R).
Variables (drift theta : nat -> R) (T : nat) (f : nat -> string -> number).
Notation until := (until p emax positive below kept).
Let stored t x := B2R (f t x).
Let Theta := Rabs (theta O) + INR T * L.
Let h i := stored i "gradient" + lambda * theta i.

Hypothesis k0 : 0 <= k.
Hypothesis A : 0 <= alpha.
Hypothesis L0 : 0 <= L.
Hypothesis K0 : 0 <= K.
Hypothesis divides : divides_well alpha L K T divisor.
Hypothesis gradient_given : term_of kept "gradient" = None.
Hypothesis put_in : forall x a, term_of kept x = Some a ->
  forall g, ieee p emax positive below g (decayed a)
            = ieee p emax positive below
                (with_gradient (ieee p emax positive below g weight_decay_decayed_gradient) g) a.
Hypothesis Hf : machine_follows p emax positive below (all_decayed kept) f.
Hypothesis Hl : weight_decay_within k lambda stored.
Hypothesis HG : forall t, Rabs (stored t "gradient") <= G.
Hypothesis Htheta : forall t, theta (S t) = theta t - quotient_update alpha divisor h t.
Hypothesis Hdrift : forall t, (t <= T)%nat -> drift t <= Delta.
Hypothesis Delta0 : 0 <= Delta.
Hypothesis Hlarge : D < bpow radix2 emax.
Hypothesis Hsigma : 0 < sigma /\ forall t, (t < T)%nat -> sigma <= divisor h t.
Hypothesis HD : (1 + u) * ((1 + k) * lambda * (Theta + Delta) + G) + eta <= D.

(* The theorem of a run without decay, at the gradients that were formed in n steps. *)
Hypothesis base : forall n,
  (forall t, (t < n)%nat -> is_finite (formed f t) = true /\ Rabs (B2R (formed f t)) <= D) ->
  forall t, (t <= T)%nat ->
    (forall i, (i < t)%nat -> finite_throughout p emax positive below (until f n i) e)
    /\ (forall x, is_finite (until f n t x) = true)
    /\ Rabs (B2R (until f n t "theta")
             - quotient_theta alpha divisor (fun i => B2R (until f n i "gradient")) (theta O) t)
       <= drift t.

Lemma decay_sizes : 0 <= Theta /\ 0 <= G /\ 0 <= lambda /\ 0 <= u /\ 0 <= eta.
Proof.
  split; [apply Rplus_le_le_0_compat; [apply Rabs_pos |];
    apply Rmult_le_pos; [apply pos_INR | exact L0] |].
  split; [generalize (Rabs_pos (stored O "gradient")) (HG O); lra |].
  split; [apply Hl |]. split; apply bpow_ge_0.
Qed.

Lemma formed_all t : (t <= T)%nat ->
  (forall x, is_finite (f t x) = true) /\ is_finite (formed f t) = true
  /\ B2R (formed f t) = nearest (stored t "weight_decay" * stored t "theta" + stored t "gradient")
  /\ Rabs (B2R (formed f t)) <= D.
Proof.
  destruct decay_sizes as (S1 & S2 & S3 & S4 & S5).
  apply (formed_in_range p emax positive below kept f gradient_given put_in Hf (Theta + Delta) D G
    ((1 + k) * lambda) T).
  - intros n Hn F. destruct (base n F n Hn) as (_ & Fin & D1). split; [exact Fin |].
    apply Rabs_near with
      (quotient_theta alpha divisor (fun i => B2R (until f n i "gradient")) (theta O) n);
      [now apply (quotient_theta_at_most alpha L K T divisor) |].
    eapply Rle_trans; [exact D1 | now apply Hdrift].
  - intro i. destruct Hl as (L1 & Same & W).
    change (B2R (f i "weight_decay")) with (stored i "weight_decay").
    rewrite Same. replace ((1 + k) * lambda) with (lambda + k * lambda) by ring.
    apply (Rabs_near _ lambda); [rewrite Rabs_pos_eq; lra | exact W].
  - exact HG.
  - exact HD.
  - exact Hlarge.
Qed.

Let C := (alpha + L * K) / sigma.
Let q := decay_returned u k lambda.
Let rho := decay_error u eta k lambda G Theta Delta.

Theorem decayed_quotient_run t : (t <= T)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ (forall i, (i < t)%nat ->
       is_finite (formed f i) = true
       /\ finite_throughout p emax positive below (with_gradient (formed f i) (f i)) e)
  /\ Rabs (stored t "theta" - theta t) <= drift t + gradient_feedback C q rho t.
Proof.
  assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  destruct decay_sizes as (S1 & S2 & S3 & S4 & S5).
  assert (F : forall i, (i < T)%nat ->
    is_finite (formed f i) = true /\ Rabs (B2R (formed f i)) <= D).
  { intros i Hi. destruct (formed_all i ltac:(lia)) as (_ & F & _ & S). now split. }
  assert (Near := base T F).
  set (g i := B2R (until f T i "gradient")) in *.
  set (thetau := quotient_theta alpha divisor g (theta O)) in *.
  assert (same : forall i x, (i <= T)%nat -> x <> "gradient" -> until f T i x = f i x).
  { intros i x Hi X.
    rewrite (until_same p emax positive below kept f gradient_given put_in Hf) by exact Hi.
    unfold with_gradient. now rewrite (proj2 (String.eqb_neq _ _) X). }
  assert (near : forall i, (i <= T)%nat -> Rabs (stored i "theta" - thetau i) <= drift i).
  { intros i Hi. destruct (Near i Hi) as (_ & _ & D1). now rewrite same in D1 by easy. }
  assert (Hg : forall i, (i < T)%nat -> g i = B2R (formed f i)).
  { intros i Hi. unfold g. rewrite until_given by exact gradient_given.
    unfold with_gradient, formed_until. simpl String.eqb. cbv iota.
    now rewrite (proj2 (Nat.ltb_lt i T)) by exact Hi. }
  assert (C0 : 0 <= C).
  { assert (0 <= L * K) by now apply Rmult_le_pos.
    apply Rmult_le_pos; [lra | apply Rlt_le, Rinv_0_lt_compat, Hsigma]. }
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
    - unfold thetau. simpl. now rewrite Rminus_diag_eq, Rabs_R0 by easy.
    - intros i M Hi HM. rewrite Htheta. change (thetau (S i))
        with (thetau i - quotient_update alpha divisor g i).
      replace (thetau i - quotient_update alpha divisor g i
               - (theta i - quotient_update alpha divisor h i))
        with ((thetau i - theta i) + (quotient_update alpha divisor h i
               - quotient_update alpha divisor g i)) by ring.
      apply Rabs_plus; [apply Rle_refl |].
      apply (quotient_updates_apart alpha L K T); auto.
      + split; [apply Hsigma | now apply Hsigma].
      + eapply Rle_trans; [apply Rabs_pos | apply (HM i); lia].
    - intros i Hi. destruct (formed_all i ltac:(lia)) as (_ & _ & V & _).
      rewrite Rabs_minus_sym, Hg, V by exact Hi. unfold h.
      destruct Hl as (_ & Same & W).
      assert (Wi : Rabs (stored i "weight_decay" - lambda) <= k * lambda) by now rewrite Same.
      assert (Th : Rabs (theta i) <= Theta).
      { apply (moved_at_most L T theta (quotient_update alpha divisor h)); auto; [| lia].
        intros. now apply (quotient_update_at_most alpha L K T). }
      assert (off : Rabs (stored i "theta" - theta i) <= Delta + Rabs (thetau i - theta i)).
      { replace (stored i "theta" - theta i)
          with ((stored i "theta" - thetau i) + (thetau i - theta i)) by ring.
        apply Rabs_plus; [| apply Rle_refl].
        eapply Rle_trans; [apply near; lia | apply Hdrift; lia]. }
      eapply Rle_trans; [apply (formed_near u eta _ k lambda _ _ _ _ _ Theta G Hr k0 S3 Wi (HG i)
        Th off) |].
      unfold q, rho, decay_returned, decay_error. right. ring. }
  intro Ht. split; [now apply formed_all |]. split.
  - intros i Hi. split; [apply formed_all; lia |].
    destruct (Near t Ht) as (Fin & _).
    apply finite_throughout_same with (until f T i); [| now apply Fin].
    intro x. rewrite (until_same p emax positive below kept f gradient_given put_in Hf) by lia.
    unfold with_gradient, formed_until. now rewrite (proj2 (Nat.ltb_lt i T)) by lia.
  - replace (stored t "theta" - theta t)
      with ((stored t "theta" - thetau t) + (thetau t - theta t)) by ring.
    apply Rabs_plus; [now apply near | now apply fed].
Qed.

End Steps.

Let k := kappa * u.

Lemma k_at_least_0 : 0 <= k.
Proof. assert (0 <= u) by apply bpow_ge_0. assert (P := kappa_pos). unfold k. nra. Qed.

(* What runs of the two have in common: the exact and the stored one. *)
Section Instances.

Variables (alpha epsilon initial lambda sigma G D Delta : R).
Variables (alphat epsilont initialt decayt : R) (T : nat).
Variables (f : nat -> string -> number) (r : run).
Let stored t x := B2R (f t x).
Let h i := stored i "gradient" + lambda * r i "theta".
Hypothesis Ca : constant_within u alpha alphat "learning_rate" stored r.
Hypothesis Ce : constant_within u epsilon epsilont "epsilon" stored r.
Hypothesis Cl : constant_within u lambda decayt "weight_decay" stored r.
Hypothesis HG : same_gradients G stored r.
Hypothesis Hstart : stored O "theta" = r O "theta".
Hypothesis Hlarge : D < bpow radix2 emax.

Lemma decay_is_within : weight_decay_within k lambda stored.
Proof.
  destruct Cl as (V & L & W). split; [exact L |].
  split; [intro t; now rewrite (proj2 (V t)), (proj2 (V O)) | now rewrite (proj2 (V O))].
Qed.

Lemma formed_exactly i : exact (r i) weight_decay_decayed_gradient = h i.
Proof.
  simpl. unfold h. rewrite (proj1 (proj1 Cl i)), (proj1 (HG i)). ring.
Qed.

Lemma formed_at_least_0 L :
  0 <= L -> 0 <= Delta ->
  (1 + u) * ((1 + k) * lambda * (Rabs (r O "theta") + INR T * L + Delta) + G) + eta <= D -> 0 <= D.
Proof.
  intros L0 Delta0 HD. destruct Cl as (_ & l0 & _). assert (K := k_at_least_0).
  assert (u0 : 0 <= u) by apply bpow_ge_0. assert (N0 : 0 <= eta) by apply bpow_ge_0.
  assert (G0 : 0 <= G) by (generalize (Rabs_pos (r O "gradient")) (proj2 (HG O)); lra).
  eapply Rle_trans; [| exact HD]. apply Rplus_le_le_0_compat; [| exact N0].
  apply Rmult_le_pos; [lra |]. apply Rplus_le_le_0_compat; [| exact G0].
  apply Rmult_le_pos; [apply Rmult_le_pos; lra |].
  assert (0 <= INR T * L) by (apply Rmult_le_pos; [apply pos_INR | exact L0]).
  generalize (Rabs_pos (r O "theta")). lra.
Qed.

(* This section is about a run at the gradients that were formed. *)
Section Until.

Variables (kept : list (string * expression)) (n : nat) (g : nat -> R).
Notation until := (until p emax positive below kept f n).
Hypothesis gradient_given : term_of kept "gradient" = None.
Hypothesis put_in : forall x a, term_of kept x = Some a ->
  forall g, ieee p emax positive below g (decayed a)
            = ieee p emax positive below
                (with_gradient (ieee p emax positive below g weight_decay_decayed_gradient) g) a.
Hypothesis Hf : machine_follows p emax positive below (all_decayed kept) f.
Hypothesis D0 : 0 <= D.
Hypothesis F : forall t, (t < n)%nat ->
  is_finite (formed f t) = true /\ Rabs (B2R (formed f t)) <= D.

Lemma until_is_given x t : term_of kept x = None -> x <> "gradient" -> until t x = f t x.
Proof.
  intros N1 N2. rewrite until_given by exact N1. unfold with_gradient.
  now rewrite (proj2 (String.eqb_neq _ _) N2).
Qed.

Lemma until_starts x : x <> "gradient" -> until O x = f O x.
Proof.
  intro N. rewrite (until_same p emax positive below kept f gradient_given put_in Hf) by lia.
  unfold with_gradient. now rewrite (proj2 (String.eqb_neq _ _) N).
Qed.

Lemma until_constant (c ct : R) x (r' : run) :
  term_of kept x = None -> x <> "gradient" -> (forall t, r' t x = r t x) ->
  constant_within u c ct x stored r ->
  constant_within u c ct x (fun t x => B2R (until t x)) r'.
Proof.
  intros N1 N2 same (V & W). split; [| exact W]. intro t.
  rewrite same, until_is_given by assumption. apply V.
Qed.

Lemma until_gradients (r' : run) :
  (forall t, r' t "gradient" = B2R (until t "gradient")) ->
  same_gradients D (fun t x => B2R (until t x)) r'.
Proof.
  intros same t. split; [symmetry; apply same |]. rewrite same, until_given by exact gradient_given.
  unfold with_gradient, formed_until. simpl String.eqb. cbv iota.
  destruct (t <? n)%nat eqn:L; [now apply F, Nat.ltb_lt |]. simpl. now rewrite Rabs_R0.
Qed.

End Until.

(* Adagrad. *)

Lemma adagrad_put_in x a : term_of adagrad_outside_states x = Some a ->
  forall g, ieee p emax positive below g (decayed a)
            = ieee p emax positive below
                (with_gradient (ieee p emax positive below g weight_decay_decayed_gradient) g) a.
Proof.
  cbn [term_of adagrad_outside_states].
  repeat (case String.eqb_spec; [intros _ [= <-]; reflexivity | intros _]). easy.
Qed.

Lemma decayed_adagrad_rule :
  r O "sum" = initial ->
  follows exact "sum" (decayed adagrad_sum) r ->
  follows exact "theta" (decayed adagrad_outside_theta) r ->
  (forall t, r t "sum" = adagrad_sums initial h t)
  /\ forall t, r (S t) "theta"
       = r t "theta" - quotient_update alpha (adagrad_outside_divisor initial epsilon) h t.
Proof.
  intros r0 Hs Hx. destruct Ca as (Va & _), Ce as (Ve & _).
  assert (sums : forall t, r t "sum" = adagrad_sums initial h t).
  { induction t as [| t IH]; [exact r0 |]. rewrite Hs.
    change (exact (r t) (decayed adagrad_sum))
      with (exact (r t) weight_decay_decayed_gradient * exact (r t) weight_decay_decayed_gradient
            + r t "sum"). rewrite formed_exactly, IH. simpl. ring. }
  split; [exact sums |]. intro t. rewrite Hx.
  change (exact (r t) (decayed adagrad_outside_theta))
    with (r t "theta" - r t "learning_rate" * exact (r t) weight_decay_decayed_gradient
          / (sqrt (exact (r t) (decayed adagrad_sum)) + r t "epsilon")).
  now rewrite <- Hs, sums, formed_exactly, (proj1 (Va t)), (proj1 (Ve t)).
Qed.

Theorem decayed_adagrad_outside_run_in_ieee :
  let least := sqrt initial + epsilon in
  let l := (1 + k) * (1 + root_part u (adagrad_part u k T)) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta (adagrad_absolute u eta T) * (1 + u) + eta) / least) in
  let drift := quotient_drift u eta k rest least alpha (Rabs (r O "theta")) T in
  0 < initial + epsilon -> starts_within u initial initialt "sum" stored r ->
  machine_follows p emax positive below (all_decayed adagrad_outside_states) f ->
  follows exact "sum" (decayed adagrad_sum) r ->
  follows exact "theta" (decayed adagrad_outside_theta) r ->
  adagrad_part u k T <= 1 -> 0 < rest ->
  quotient_peak u eta k rest least alpha D alpha (adagrad_largest u eta k epsilon initial D T)
    (Rabs (r O "theta")) T < bpow radix2 emax ->
  (forall t, (t <= T)%nat -> drift t <= Delta) ->
  (0 < sigma /\ forall t, (t < T)%nat -> sigma <= sqrt (r (S t) "sum") + epsilon) ->
  (1 + u) * ((1 + k) * lambda * (Rabs (r O "theta") + INR T * alpha + Delta) + G) + eta <= D ->
  forall t, (t <= T)%nat ->
    (forall x, is_finite (f t x) = true)
    /\ (forall i, (i < t)%nat ->
         is_finite (formed f i) = true
         /\ finite_throughout p emax positive below (with_gradient (formed f i) (f i))
              adagrad_outside_theta)
    /\ Rabs (stored t "theta" - r t "theta")
       <= drift t
          + gradient_feedback ((alpha + alpha * sqrt (INR T)) / sigma) (decay_returned u k lambda)
              (decay_error u eta k lambda G (Rabs (r O "theta") + INR T * alpha) Delta) t.
Proof.
  intros least l rest drift E0 begins Hf Hs Hx P1 R0 Hpeak Hdrift Hsigma HD.
  destruct begins as ((r0 & f0) & I & Wi).
  destruct (decayed_adagrad_rule r0 Hs Hx) as (sums & moves).
  destruct Ca as (Va & A & _), Ce as (Ve & E & _), Cl as (_ & L & _).
  set (divisor := adagrad_outside_divisor initial epsilon).
  assert (divides : divides_well alpha alpha (sqrt (INR T)) T divisor)
    by now apply adagrad_outside_divides.
  assert (Delta0 : 0 <= Delta).
  { eapply Rle_trans; [| apply (Hdrift O); lia]. unfold drift, quotient_drift. simpl. lra. }
  assert (K := k_at_least_0). assert (D0 := formed_at_least_0 alpha A Delta0 HD).
  apply (decayed_quotient_run adagrad_outside_states adagrad_outside_theta k alpha lambda sigma
    alpha
    (sqrt (INR T)) G D Delta divisor drift (fun t => r t "theta") T f); auto using decay_is_within,
      sqrt_pos; try exact adagrad_put_in.
  - intro t. fold (stored t "gradient"). rewrite (proj1 (HG t)). apply HG.
  - split; [apply Hsigma |]. intros t Ht. generalize (proj2 Hsigma t Ht). now rewrite sums.
  - intros n F t Ht.
    set (g i := B2R (until p emax positive below adagrad_outside_states f n i "gradient")).
    set (r' := fun t x => if String.eqb x "gradient" then g t
      else if String.eqb x "sum" then adagrad_sums initial g t
      else if String.eqb x "theta" then quotient_theta alpha divisor g (r O "theta") t
      else r t x).
    apply (adagrad_outside_run_in_ieee p emax positive below alpha epsilon initial D alphat epsilont
      initialt T (until p emax positive below adagrad_outside_states f n) r'); auto.
    + now apply until_constant.
    + now apply until_constant.
    + now apply until_gradients.
    + split; [| now split]. split; [reflexivity |].
      rewrite (until_starts adagrad_outside_states n eq_refl adagrad_put_in Hf) by easy. exact f0.
    + intro i. change (adagrad_sums initial g i + g i * g i = g i * g i + adagrad_sums initial g i).
      ring.
    + apply until_follows; auto. intros; now apply F.
    + intro i. unfold r'. simpl. unfold quotient_update, divisor, adagrad_outside_divisor. simpl.
      rewrite (proj1 (Va i)), (proj1 (Ve i)). now rewrite (Rplus_comm (g i * g i)).
Qed.

(* RMSprop. *)

Lemma rmsprop_put_in x a : term_of rmsprop_outside_states x = Some a ->
  forall g, ieee p emax positive below g (decayed a)
            = ieee p emax positive below
                (with_gradient (ieee p emax positive below g weight_decay_decayed_gradient) g) a.
Proof.
  cbn [term_of rmsprop_outside_states].
  repeat (case String.eqb_spec; [intros _ [= <-]; reflexivity | intros _]). easy.
Qed.

Lemma decayed_rmsprop_rule rho wt :
  constant_within u (1 - rho) wt "w" stored r -> r O "s" = initial ->
  follows exact "s" (decayed rmsprop_inside_s) r ->
  follows exact "theta" (decayed rmsprop_outside_theta) r ->
  (forall t, r t "s" = rmsprop_squares rho initial h t)
  /\ forall t, r (S t) "theta"
       = r t "theta" - quotient_update alpha (rmsprop_outside_divisor rho initial epsilon) h t.
Proof.
  intros (Vw & _) r0 Hs Hx. destruct Ca as (Va & _), Ce as (Ve & _).
  assert (squares : forall t, r t "s" = rmsprop_squares rho initial h t).
  { induction t as [| t IH]; [exact r0 |]. rewrite Hs.
    change (exact (r t) (decayed rmsprop_inside_s))
      with (r t "w" * exact (r t) weight_decay_decayed_gradient
            * exact (r t) weight_decay_decayed_gradient + (1 - r t "w") * r t "s").
    rewrite formed_exactly, IH, (proj1 (Vw t)). simpl. ring. }
  split; [exact squares |]. intro t. rewrite Hx.
  change (exact (r t) (decayed rmsprop_outside_theta))
    with (r t "theta" - r t "learning_rate" * exact (r t) weight_decay_decayed_gradient
          / (sqrt (exact (r t) (decayed rmsprop_inside_s)) + r t "epsilon")).
  now rewrite <- Hs, squares, formed_exactly, (proj1 (Va t)), (proj1 (Ve t)).
Qed.

Theorem decayed_rmsprop_outside_run_in_ieee rho wt :
  let L := rmsprop_longest rho alpha in
  let part := squares_part u k rho T in
  let d := squares_absolute u eta k rho D in
  let l := (1 + k) * (1 + root_part u part) * (1 + u) - 1 in
  let rest := 1 - (l + (root_absolute u eta d * (1 + u) + eta) / epsilon) in
  let drift := quotient_drift u eta k rest epsilon L (Rabs (r O "theta")) T in
  0 < rho < 1 -> growth u k rho * rho < 1 -> 0 < epsilon ->
  constant_within u (1 - rho) wt "w" stored r -> 0 <= wt <= 1 ->
  starts_within u initial initialt "s" stored r ->
  machine_follows p emax positive below (all_decayed rmsprop_outside_states) f ->
  follows exact "s" (decayed rmsprop_inside_s) r ->
  follows exact "theta" (decayed rmsprop_outside_theta) r ->
  part <= 1 -> 0 < rest ->
  quotient_peak u eta k rest epsilon alpha D L
    (rmsprop_largest part d (initial + D * D) epsilon D) (Rabs (r O "theta")) T
  < bpow radix2 emax ->
  (forall t, (t <= T)%nat -> drift t <= Delta) ->
  (0 < sigma /\ forall t, (t < T)%nat -> sigma <= sqrt (r (S t) "s") + epsilon) ->
  (1 + u) * ((1 + k) * lambda * (Rabs (r O "theta") + INR T * L + Delta) + G) + eta <= D ->
  forall t, (t <= T)%nat ->
    (forall x, is_finite (f t x) = true)
    /\ (forall i, (i < t)%nat ->
         is_finite (formed f i) = true
         /\ finite_throughout p emax positive below (with_gradient (formed f i) (f i))
              rmsprop_outside_theta)
    /\ Rabs (stored t "theta" - r t "theta")
       <= drift t
          + gradient_feedback ((alpha + L * 1) / sigma) (decay_returned u k lambda)
              (decay_error u eta k lambda G (Rabs (r O "theta") + INR T * L) Delta) t.
Proof.
  intros L part d l rest drift B Q E0 Cw weight begins Hf Hs Hx P1 R0 Hpeak Hdrift Hsigma HD.
  destruct begins as ((r0 & f0) & I & Wi).
  destruct (decayed_rmsprop_rule rho wt Cw r0 Hs Hx) as (squares & moves).
  destruct Ca as (Va & A & _), Ce as (Ve & E & _), Cl as (_ & l0 & _), Cw as (Vw & Ww).
  set (divisor := rmsprop_outside_divisor rho initial epsilon).
  assert (divides : divides_well alpha L 1 T divisor) by now apply rmsprop_outside_divides.
  assert (L0 : 0 <= L) by now apply rmsprop_longest_at_least_0.
  assert (Delta0 : 0 <= Delta).
  { eapply Rle_trans; [| apply (Hdrift O); lia]. unfold drift, quotient_drift. simpl. lra. }
  assert (K := k_at_least_0). assert (D0 := formed_at_least_0 L L0 Delta0 HD).
  apply (decayed_quotient_run rmsprop_outside_states rmsprop_outside_theta k alpha lambda sigma L
    1 G D Delta divisor drift (fun t => r t "theta") T f); auto using decay_is_within, Rle_0_1;
    try exact rmsprop_put_in.
  - intro t. fold (stored t "gradient"). rewrite (proj1 (HG t)). apply HG.
  - split; [apply Hsigma |]. intros t Ht. generalize (proj2 Hsigma t Ht). now rewrite squares.
  - intros n F t Ht.
    set (g i := B2R (until p emax positive below rmsprop_outside_states f n i "gradient")).
    set (r' := fun t x => if String.eqb x "gradient" then g t
      else if String.eqb x "s" then rmsprop_squares rho initial g t
      else if String.eqb x "theta" then quotient_theta alpha divisor g (r O "theta") t
      else r t x).
    apply (rmsprop_outside_run_in_ieee p emax positive below rho alpha epsilon D wt alphat epsilont
      initial initialt T (until p emax positive below rmsprop_outside_states f n) r'); auto.
    + split; [apply constant_weighs, until_constant; try easy; now split |].
      split; [now apply until_constant |]. split; [now apply until_constant |].
      split; [now apply until_gradients | exact Hstart].
    + split; [split; [split; [reflexivity |] | now split] |].
      * rewrite (until_starts rmsprop_outside_states n eq_refl rmsprop_put_in Hf) by easy. exact f0.
      * right. change (r O "w" < 1). rewrite (proj1 (Vw O)). lra.
    + apply until_follows; auto. intros; now apply F.
    + intro i. unfold r'. simpl. rewrite (proj1 (Vw i)). ring.
    + intro i. unfold r'. simpl. unfold quotient_update, divisor, rmsprop_outside_divisor. simpl.
      rewrite (proj1 (Va i)), (proj1 (Ve i)), (proj1 (Vw i)).
      do 3 f_equal. f_equal. ring.
Qed.

End Instances.
End Format.
