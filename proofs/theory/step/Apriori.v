(* SPDX-License-Identifier: Apache-2.0 *)
(* A-priori error of one step: how far a lane lies from its exact value, for every input.

   Results, for an expression e, a rounding with |rnd x - x| <= u |x| and inputs [f] that represent
   the exact inputs [r]:
   - [apriori]: |rounded rnd f e - exact r e| <= kappa e * magnitude r e,
     where [magnitude] is the value of e with every cancellation removed (differences become sums of
     sizes) and [kappa] is a rational number that Coq computes;
   - [one_step_error_by_computation]: the same as c * u * magnitude, for any c that computes to
     at least kappa / u.

   Hypotheses:
   - [represents]: states, gradient and theta are exact; a coefficient carries the relative error of
     its kind; second moments, hyperparameters and coefficients are not negative; a weight w lies in
     [0, 1] and |f w - r w| <= kept_error (1 - r w), which [weight_at_most_half] derives for
     r w <= 1/2, and which holds for w = 1 held exactly;
   - [divisors_nonzero]: no exact divisor is 0;
   - [checked], which Coq computes: divisors and radicands are not negative by their signs, nothing in
     them cancels, and their own kappa is at most 1/2, and so it is with a number whose sign chooses;
     a decay's weight is an input. Where it fails, no constant is claimed. *)

Require Import Reals QArith Qreals Qround Qminmax String List Bool Psatz.
From Truestep Require Import Expression.
Open Scope R_scope.

(* What the inputs are. *)

Inductive kind :=
| State           (* exact, any sign *)
| Moment          (* exact, not negative *)
| Hyperparameter  (* a double, rounded to the lane's type; not negative *)
| Weight          (* 1 - beta, rounded once; a decay's first argument *)
| Amount          (* a product in [0, 1], rounded once; a decay's first argument *)
| Coefficient     (* a quotient or root, rounded once; not negative *)
| Factor.         (* a product, rounded once; any sign *)

Record precision := {
  unit_roundoff : Q;
  hyperparameter_error : Q;
  weight_error : Q;
  decay_error : Q;
  coefficient_error : Q;
  none_negative : forallb (Qle_bool 0)
    (unit_roundoff :: hyperparameter_error :: weight_error :: decay_error
     :: coefficient_error :: nil)%list = true
}.

Definition error (p : precision) (k : kind) : Q :=
  match k with
  | State | Moment => 0
  | Hyperparameter => hyperparameter_error p
  | Weight => weight_error p
  | Amount | Coefficient | Factor => coefficient_error p
  end.

(* A weight w errs by this, relative to 1 - w. *)
Definition kept_error (p : precision) (k : kind) : Q :=
  match k with
  | Amount => coefficient_error p / 2
  | _ => decay_error p
  end.

Definition kinds := string -> kind.

(* Kinds by name; what is not listed is a state. *)
Fixpoint inputs (named : list (string * kind)) : kinds := fun x =>
  match named with
  | nil => State
  | (y, k) :: rest => if String.eqb x y then k else inputs rest x
  end%list.

Definition represents (p : precision) (ks : kinds) (f r : environment) : Prop :=
  forall x, Rabs (f x - r x) <= Q2R (error p (ks x)) * Rabs (r x) /\
    match ks x with
    | State | Factor => True
    | Moment | Hyperparameter | Coefficient => 0 <= r x
    | Weight | Amount =>
        0 <= r x <= 1 /\ Rabs (f x - r x) <= Q2R (kept_error p (ks x)) * (1 - r x)
    end.

Fixpoint divisors_nonzero (r : environment) (e : expression) : Prop :=
  match e with
  | Var _ => True
  | Neg a | Sqrt a => divisors_nonzero r a
  | Add a b | Sub a b | Mul a b | Decay a b => divisors_nonzero r a /\ divisors_nonzero r b
  | Div a b => divisors_nonzero r a /\ divisors_nonzero r b /\ exact r b <> 0
  | Fma a b c => divisors_nonzero r a /\ divisors_nonzero r b /\ divisors_nonzero r c
  | Max a b => divisors_nonzero r a /\ divisors_nonzero r b
  | AtLeast0 x => divisors_nonzero r x
  | IfPositive x v => divisors_nonzero r x /\ (0 < exact r x -> divisors_nonzero r v)
  end.

(* What the error is measured against. *)

Fixpoint magnitude (r : environment) (e : expression) : R :=
  match e with
  | Var x => Rabs (r x)
  | Neg a => magnitude r a
  | Add a b | Sub a b => magnitude r a + magnitude r b
  | Mul a b => magnitude r a * magnitude r b
  | Div a b => magnitude r a / magnitude r b
  | Sqrt a => sqrt (magnitude r a)
  | Fma a b c => magnitude r a * magnitude r b + magnitude r c
  | Decay w v => (1 - exact r w) * magnitude r v
  | Max a b => Rmax (magnitude r a) (magnitude r b)
  | AtLeast0 x => magnitude r x
  | IfPositive x v => if Rlt_dec 0 (exact r x) then magnitude r v else 0
  end.

(* Signs, as far as they follow from the inputs' kinds. [Like g]: a non-negative multiple of g.
   Where the sign is not unknown, nothing cancels. *)

Inductive sign := Nonnegative | Like (g : expression) | Unknown.

Definition same (a b : expression) : {a = b} + {a <> b}.
Proof. decide equality; apply string_dec. Defined.

Definition product (a b : sign) : sign :=
  match a, b with
  | Nonnegative, s | s, Nonnegative => s
  | Like g, Like h => if same g h then Nonnegative else Unknown
  | _, _ => Unknown
  end.

Section Calculus.

Variables (p : precision) (ks : kinds).

Definition is_weight (w : expression) : bool :=
  match w with
  | Var x => match ks x with Weight | Amount => true | _ => false end
  | _ => false
  end.

Definition cost_of_decay (w : expression) : Q :=
  match w with
  | Var x => kept_error p (ks x)
  | _ => 0
  end.

Fixpoint sign_of (e : expression) : sign :=
  match e with
  | Var x => match ks x with State | Factor => Like (Var x) | _ => Nonnegative end
  | Neg a => match sign_of a with Unknown => Unknown | _ => Like (Neg a) end
  | Add a b =>
      match sign_of a, sign_of b with
      | Nonnegative, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | Sub _ _ => Unknown
  | Mul a b => product (sign_of a) (sign_of b)
  | Div a b => match sign_of b with Nonnegative => sign_of a | _ => Unknown end
  | Sqrt a => match sign_of a with Nonnegative => Nonnegative | _ => Unknown end
  | Fma a b c =>
      match product (sign_of a) (sign_of b), sign_of c with
      | Nonnegative, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | Decay w v => if is_weight w then sign_of v else Unknown
  | Max a b =>
      match sign_of a, sign_of b with
      | Nonnegative, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | AtLeast0 x => match sign_of x with Nonnegative => Nonnegative | _ => Unknown end
  | IfPositive _ v => sign_of v
  end.

Definition nonnegative (e : expression) : bool :=
  match sign_of e with Nonnegative => true | _ => false end.

(* The constant: relative to its magnitude, kappa bounds the error of a value. It is computed on a
   grid of 2^-120, always upwards. *)

Definition grid : positive := (2 ^ 120)%positive.
Definition up (q : Q) : Q := Qceiling (q * (Zpos grid # 1)) # grid.

Local Open Scope Q_scope.

Definition times (a b : Q) : Q := (1 + a) * (1 + b) - 1.
Definition over (a b : Q) : Q := (1 + a) / (1 - b) - 1.
Definition root (a : Q) : Q := a / 2 + a * a / 8 + a * a * a / 8.
Definition once_rounded (a : Q) : Q := up (times a (unit_roundoff p)).

Fixpoint kappa (e : expression) : Q :=
  match e with
  | Var x => error p (ks x)
  | Neg a => kappa a
  | Add a b | Sub a b => once_rounded (Qmax (kappa a) (kappa b))
  | Mul a b => once_rounded (times (kappa a) (kappa b))
  | Div a b => once_rounded (over (kappa a) (kappa b))
  | Sqrt a => once_rounded (root (kappa a))
  | Fma a b c => once_rounded (Qmax (times (kappa a) (kappa b)) (kappa c))
  | Decay w v => once_rounded (times (cost_of_decay w) (kappa v))
  | Max a b => Qmax (kappa a) (kappa b)
  | AtLeast0 x => kappa x
  | IfPositive _ v => kappa v
  end.

Fixpoint checked (e : expression) : bool :=
  match e with
  | Var _ => true
  | Neg a => checked a
  | Add a b | Sub a b | Mul a b => checked a && checked b
  | Div a b => checked a && checked b && nonnegative b && Qle_bool (kappa b) (1 # 2)
  | Sqrt a => checked a && nonnegative a && Qle_bool (kappa a) (1 # 2)
  | Fma a b c => checked a && checked b && checked c
  | Decay w v => is_weight w && checked v
  | Max a b => checked a && checked b
  | AtLeast0 x => checked x
  | IfPositive x v => checked x && nonnegative x && Qle_bool (kappa x) (1 # 2) && checked v
  end.

Local Close Scope Q_scope.

(* The rules of the calculus, on real numbers: a and b approximate A and B. *)

Definition close (k : R) (a A M : R) : Prop := Rabs A <= M /\ Rabs (a - A) <= k * M.

Lemma close_size k a A M : close k a A M -> Rabs a <= (1 + k) * M.
Proof. intros [H1 H2]. generalize (Rabs_triang_inv a A). lra. Qed.

Lemma close_nonnegative k a A M : close k a A M -> 0 <= M.
Proof. intros [H _]. generalize (Rabs_pos A). lra. Qed.

Lemma close_weaken k k' a A M : k <= k' -> close k a A M -> close k' a A M.
Proof.
  intros H C. assert (M0 := close_nonnegative _ _ _ _ C). destruct C. split; [easy | nra].
Qed.

Lemma close_round u rnd k a A M :
  0 <= u -> (forall x, Rabs (rnd x - x) <= u * Rabs x) ->
  close k a A M -> close ((1 + k) * (1 + u) - 1) (rnd a) A M.
Proof.
  intros Hu Hr C. assert (S := close_size _ _ _ _ C). destruct C as [H1 H2]. split; [easy |].
  replace (rnd a - A) with ((rnd a - a) + (a - A)) by ring.
  generalize (Rabs_triang (rnd a - a) (a - A)) (Hr a). nra.
Qed.

Lemma close_neg k a A M : close k a A M -> close k (- a) (- A) M.
Proof.
  intros [H1 H2]. split; rewrite ?Rabs_Ropp; [easy |].
  replace (- a - - A) with (- (a - A)) by ring. now rewrite Rabs_Ropp.
Qed.

Lemma close_add k a A M b B N :
  close k a A M -> close k b B N -> close k (a + b) (A + B) (M + N).
Proof.
  intros [H1 H2] [H3 H4]. generalize (Rabs_triang A B). split; [lra |].
  replace (a + b - (A + B)) with ((a - A) + (b - B)) by ring.
  generalize (Rabs_triang (a - A) (b - B)). lra.
Qed.

Lemma close_mul k l a A M b B N :
  close k a A M -> close l b B N -> close ((1 + k) * (1 + l) - 1) (a * b) (A * B) (M * N).
Proof.
  intros CA CB. assert (S := close_size _ _ _ _ CB). destruct CA as [H1 H2], CB as [H3 H4].
  split; [rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos |].
  replace (a * b - A * B) with ((a - A) * b + A * (b - B)) by ring.
  eapply Rle_trans; [apply Rabs_triang |]. rewrite !Rabs_mult.
  assert (Rabs (a - A) * Rabs b <= k * M * ((1 + l) * N))
    by (apply Rmult_le_compat; auto using Rabs_pos).
  assert (Rabs A * Rabs (b - B) <= M * (l * N)) by (apply Rmult_le_compat; auto using Rabs_pos).
  lra.
Qed.

(* 1/b against 1/B. *)
Lemma close_inverse k b B :
  0 < B -> 0 <= k < 1 -> close k b B B -> close (/ (1 - k) - 1) (/ b) (/ B) (/ B).
Proof.
  intros HB Hk [_ H]. assert (I : 0 < / B) by now apply Rinv_0_lt_compat.
  assert (L : (1 - k) * B <= b) by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  assert (P : 0 < (1 - k) * B) by (apply Rmult_lt_0_compat; lra).
  split; [rewrite Rabs_pos_eq; lra |].
  replace (/ b - / B) with (- (b - B) / (b * B)) by (field; lra).
  unfold Rdiv. rewrite Rabs_mult, Rabs_Ropp, Rabs_inv, (Rabs_pos_eq (b * B)) by nra.
  replace ((/ (1 - k) - 1) * / B) with (k * B * / ((1 - k) * B * B)) by (field; lra).
  apply Rmult_le_compat; auto using Rabs_pos.
  - apply Rlt_le, Rinv_0_lt_compat. nra.
  - apply Rinv_le_contravar; nra.
Qed.

Lemma close_sqrt k a A :
  0 <= A -> 0 <= k <= 1 / 2 -> close k a A A ->
  close (k / 2 + k * k / 8 + k * k * k / 8) (sqrt a) (sqrt A) (sqrt A).
Proof.
  intros HA Hk [_ H]. set (j := k / 2 + k * k / 8 + k * k * k / 8).
  assert (Hj : 0 <= j <= 1) by (unfold j; split; nra).
  assert (S := sqrt_pos A).
  split; [rewrite Rabs_pos_eq; lra |].
  assert (D : (1 - k) * A <= a <= (1 + k) * A) by (revert H; unfold Rabs; destruct Rcase_abs; lra).
  assert (L : (1 - j) * sqrt A <= sqrt a).
  { rewrite <- (sqrt_pow2 (1 - j)), <- sqrt_mult by nra. apply sqrt_le_1_alt.
    assert ((1 - j) ^ 2 <= 1 - k); [| nra].
    assert (0 <= k * k * k <= 1 / 8) by nra.
    assert (E : (1 - j) ^ 2 - (1 - k)
      = k * k * k * (- (1 / 8) + 9 / 64 * k + k * k / 32 + k * k * k / 64)) by (unfold j; field).
    nra. }
  assert (U : sqrt a <= (1 + j) * sqrt A).
  { rewrite <- (sqrt_pow2 (1 + j)), <- sqrt_mult by nra. apply sqrt_le_1_alt.
    assert (1 + k <= (1 + j) ^ 2); [unfold j; nra | nra]. }
  apply Rabs_le. nra.
Qed.

Lemma close_larger k a A M b B N :
  close k a A M -> close k b B N -> close k (Rmax a b) (Rmax A B) (Rmax M N).
Proof.
  intros CA CB. assert (M0 := close_nonnegative _ _ _ _ CA).
  assert (N0 := close_nonnegative _ _ _ _ CB).
  destruct CA as [H1 H2], CB as [H3 H4]. set (L := Rmax M N).
  assert (LM : M <= L) by apply Rmax_l. assert (LN : N <= L) by apply Rmax_r.
  assert (HM : k * M <= k * L /\ k * N <= k * L).
  { assert (0 <= k * M) by (eapply Rle_trans; [apply Rabs_pos | apply H2]).
    assert (0 <= k * N) by (eapply Rle_trans; [apply Rabs_pos | apply H4]).
    destruct (Rle_or_lt 0 k) as [Hk | Hk]; [split; nra |].
    assert (M = 0) by nra. assert (N = 0) by nra. subst L. subst. rewrite Rmax_left; lra. }
  assert (D : forall x y, Rabs x <= y -> - y <= x <= y)
    by (intros x y; unfold Rabs; destruct Rcase_abs; lra).
  apply D in H1, H2, H3, H4.
  assert (C : forall x y, Rmax x y = x /\ y <= x \/ Rmax x y = y /\ x <= y)
    by (intros x y; unfold Rmax; destruct Rle_dec; lra).
  destruct (C a b) as [[E ?] | [E ?]], (C A B) as [[F ?] | [F ?]]; rewrite E, F;
    split; apply Rabs_le; lra.
Qed.

Lemma close_at_least_zero k a A M : close k a A M -> close k (Rmax a 0) (Rmax A 0) M.
Proof.
  intros C. assert (M0 := close_nonnegative _ _ _ _ C). rewrite <- (Rmax_left M 0) by easy.
  apply close_larger; [easy |]. split; rewrite ?Rminus_0_r, Rabs_R0; lra.
Qed.

(* Where nothing cancels in x, it is zero or positive with its exact value. *)
Lemma close_sign k x X : 0 <= X -> k <= 1 / 2 -> close k x X X -> (0 < x <-> 0 < X).
Proof.
  intros HX Hk [_ H]. revert H. unfold Rabs. destruct Rcase_abs; split; nra.
Qed.

(* Rational numbers bound real ones. *)

Lemma up_above q : Q2R q <= Q2R (up q).
Proof.
  apply Qle_Rle. unfold up.
  setoid_replace (Qceiling (q * (Zpos grid # 1)) # grid)%Q
    with (inject_Z (Qceiling (q * (Zpos grid # 1))) * (1 # grid))%Q
    by (unfold Qeq; simpl; lia).
  setoid_replace q with (q * (Zpos grid # 1) * (1 # grid))%Q at 1
    by (unfold Qeq; simpl; lia).
  apply Qmult_le_compat_r; [apply Qle_ceiling | easy].
Qed.

Lemma Q2R_times a b : Q2R (times a b) = (1 + Q2R a) * (1 + Q2R b) - 1.
Proof. unfold times. now rewrite Q2R_minus, Q2R_mult, !Q2R_plus, RMicromega.Q2R_1. Qed.

Lemma Q2R_le_bool a b : Qle_bool a b = true -> Q2R a <= Q2R b.
Proof. intro H. now apply Qle_Rle, Qle_bool_iff. Qed.

Lemma Q2R_half : Q2R (1 # 2) = 1 / 2.
Proof. unfold Q2R. simpl. lra. Qed.

Ltac at_most_half :=
  match goal with H : Qle_bool _ (1 # 2) = true |- _ =>
    apply Q2R_le_bool in H; rewrite Q2R_half in H
  end.

Lemma Q2R_max_l a b : Q2R a <= Q2R (Qmax a b).
Proof. apply Qle_Rle, Q.le_max_l. Qed.

Lemma Q2R_max_r a b : Q2R b <= Q2R (Qmax a b).
Proof. apply Qle_Rle, Q.le_max_r. Qed.

Lemma Q2R_over a b : Q2R b <= 1 / 2 -> Q2R (over a b) = (1 + Q2R a) * (1 + (/ (1 - Q2R b) - 1)) - 1.
Proof.
  intro H. unfold over. rewrite Q2R_minus, Q2R_div, Q2R_plus, Q2R_minus, RMicromega.Q2R_1.
  - field. lra.
  - intro Z. apply Qeq_eqR in Z. rewrite Q2R_minus, RMicromega.Q2R_1, RMicromega.Q2R_0 in Z. lra.
Qed.

Lemma Q2R_root a : Q2R (root a) = Q2R a / 2 + Q2R a * Q2R a / 8 + Q2R a * Q2R a * Q2R a / 8.
Proof.
  unfold root. rewrite !Q2R_plus, !Q2R_div, !Q2R_mult by easy.
  now replace (Q2R 2) with 2 by (unfold Q2R; simpl; lra);
    replace (Q2R 8) with 8 by (unfold Q2R; simpl; lra).
Qed.

Lemma precision_nonnegative :
  0 <= Q2R (unit_roundoff p) /\ (forall w, 0 <= Q2R (cost_of_decay w)) /\
  forall k, 0 <= Q2R (error p k).
Proof.
  assert (H := none_negative p). simpl in H. rewrite !andb_true_iff in H.
  destruct H as (H1 & H2 & H3 & H4 & H5 & _).
  apply Q2R_le_bool in H1, H2, H3, H4, H5. rewrite RMicromega.Q2R_0 in *.
  repeat split; auto; intros []; simpl; rewrite ?RMicromega.Q2R_0; try lra.
  destruct (ks name); simpl; auto. unfold Qdiv. rewrite Q2R_mult.
  change (Q2R (/ 2)) with (1 * / 2). lra.
Qed.

Section Environments.

Variables (rnd : R -> R) (f r : environment).
Hypothesis rounds : forall x, Rabs (rnd x - x) <= Q2R (unit_roundoff p) * Rabs x.
Hypothesis represented : represents p ks f r.

Lemma weight_range w : is_weight w = true -> 0 <= exact r w <= 1.
Proof.
  destruct w; simpl; try discriminate. intro H. destruct (represented name) as [_ K].
  now destruct (ks name).
Qed.

(* What a sign means. *)
Definition has_sign (s : sign) (x m : R) : Prop :=
  match s with
  | Nonnegative => 0 <= x /\ x = m
  | Like g => Rabs x = m /\ exists c, 0 <= c /\ x = c * exact r g
  | Unknown => True
  end.

Lemma has_sign_scale s c x m : 0 <= c -> has_sign s x m -> has_sign s (c * x) (c * m).
Proof.
  intros Hc. destruct s as [| g |]; simpl; [| | easy].
  - intros [H ->]. split; [now apply Rmult_le_pos | easy].
  - intros [<- (d & Hd & E)]. split; [now rewrite Rabs_mult, Rabs_pos_eq |].
    exists (c * d). split; [now apply Rmult_le_pos | rewrite E; ring].
Qed.

Lemma has_sign_product s t x m y n :
  has_sign s x m -> has_sign t y n -> has_sign (product s t) (x * y) (m * n).
Proof.
  intros HS HT.
  destruct s as [| g |].
  - destruct HS as [H <-]. simpl. now apply has_sign_scale.
  - destruct t as [| h |]; simpl.
    + destruct HT as [H <-]. rewrite (Rmult_comm x), (Rmult_comm m).
      now apply (has_sign_scale (Like g)).
    + destruct (same g h) as [<- |]; [| easy].
      destruct HS as [<- (c & Hc & E)], HT as [<- (d & Hd & F)].
      assert (0 <= x * y) by (rewrite E, F; replace (c * exact r g * (d * exact r g))
        with (c * d * (exact r g * exact r g)) by ring;
        apply Rmult_le_pos; [nra | apply Rle_0_sqr]).
      simpl. split; [easy | now rewrite <- Rabs_mult, Rabs_pos_eq].
    + easy.
  - now destruct t.
Qed.

Lemma sign_of_correct e : has_sign (sign_of e) (exact r e) (magnitude r e).
Proof.
  induction e; simpl.
  - destruct (represented name) as [_ K].
    destruct (ks name); simpl; try (now rewrite Rabs_pos_eq);
      (split; [easy |]; exists 1; split; lra).
  - destruct (sign_of e); simpl in *; [destruct IHe as [H <-] | destruct IHe as [<- _] | easy];
      rewrite Rabs_Ropp, ?(Rabs_pos_eq (exact r e)) by easy;
      (split; [easy | exists 1; split; lra]).
  - destruct (sign_of e1), (sign_of e2); simpl in *; try easy. lra.
  - easy.
  - now apply has_sign_product.
  - destruct (sign_of e2); try easy. destruct IHe2 as [H <-]. unfold Rdiv.
    rewrite (Rmult_comm (exact r e1)), (Rmult_comm (magnitude r e1)).
    apply has_sign_scale; [| easy].
    destruct H as [H | <-]; [now apply Rlt_le, Rinv_0_lt_compat | rewrite Rinv_0; lra].
  - destruct (sign_of e); try easy. destruct IHe as [H <-]. split; [apply sqrt_pos | easy].
  - assert (H := has_sign_product _ _ _ _ _ _ IHe1 IHe2).
    destruct (product (sign_of e1) (sign_of e2)), (sign_of e3); simpl in *; try easy. lra.
  - destruct (is_weight e1) eqn:W; [| easy]. apply weight_range in W.
    apply has_sign_scale; [lra | easy].
  - destruct (sign_of e1), (sign_of e2); simpl in *; try easy.
    destruct IHe1 as [H <-], IHe2 as [_ <-]. split; [| easy].
    eapply Rle_trans; [apply H | apply Rmax_l].
  - destruct (sign_of e); simpl in *; try easy. destruct IHe as [H <-].
    now rewrite Rmax_left.
  - destruct Rlt_dec; [easy |]. destruct (sign_of e2); simpl; [lra | | easy].
    rewrite Rabs_R0. split; [easy |]. exists 0. split; lra.
Qed.

Lemma nonnegative_correct e : nonnegative e = true -> 0 <= exact r e /\ magnitude r e = exact r e.
Proof.
  unfold nonnegative. generalize (sign_of_correct e).
  destruct (sign_of e); try discriminate. simpl. intros [H <-]. easy.
Qed.

Lemma close_once_rounded k a A M :
  close (Q2R k) a A M -> close (Q2R (once_rounded k)) (rnd a) A M.
Proof.
  intro C. eapply close_weaken; [apply up_above |]. rewrite Q2R_times.
  apply close_round; auto. apply precision_nonnegative.
Qed.

(* 1 - w against 1 - W. *)
Lemma close_kept w : is_weight w = true ->
  close (Q2R (cost_of_decay w)) (1 - rounded rnd f w) (1 - exact r w) (1 - exact r w).
Proof.
  intro H. assert (W := weight_range w H). destruct w; try discriminate. simpl in *.
  destruct (represented name) as [_ K].
  assert (C : Rabs (f name - r name) <= Q2R (kept_error p (ks name)) * (1 - r name))
    by now destruct (ks name).
  split.
  - rewrite Rabs_pos_eq; lra.
  - replace (1 - f name - (1 - r name)) with (- (f name - r name)) by ring. now rewrite Rabs_Ropp.
Qed.

Lemma kappa_nonnegative e : checked e = true -> 0 <= Q2R (kappa e).
Proof.
  assert (T : forall a b, 0 <= Q2R a -> 0 <= Q2R b -> 0 <= Q2R (times a b))
    by (intros; rewrite Q2R_times; nra).
  assert (O : forall a, 0 <= Q2R a -> 0 <= Q2R (once_rounded a))
    by (intros; eapply Rle_trans; [| apply up_above]; apply T;
        [easy | apply precision_nonnegative]).
  assert (X := Q2R_max_l). assert (Y := Q2R_max_r).
  induction e; simpl; rewrite ?andb_true_iff; intros C;
    repeat match goal with H : _ /\ _ |- _ => destruct H end.
  - apply precision_nonnegative.
  - auto.
  - apply O. eapply Rle_trans; [| apply X]. auto.
  - apply O. eapply Rle_trans; [| apply X]. auto.
  - auto.
  - apply O. at_most_half. rewrite Q2R_over by easy.
    specialize (IHe1 ltac:(auto)). specialize (IHe2 ltac:(auto)).
    assert (1 <= / (1 - Q2R (kappa e2))) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
    nra.
  - apply O. rewrite Q2R_root. specialize (IHe ltac:(auto)).
    assert (0 <= Q2R (kappa e) * Q2R (kappa e)) by nra. nra.
  - apply O. eapply Rle_trans; [| apply Y]. auto.
  - apply O, T; auto. apply precision_nonnegative.
  - eapply Rle_trans; [| apply X]. auto.
  - auto.
  - auto.
Qed.

Theorem apriori_close e : checked e = true -> divisors_nonzero r e ->
  close (Q2R (kappa e)) (rounded rnd f e) (exact r e) (magnitude r e).
Proof.
  assert (Down : forall k k' a A M, close (Q2R k) a A M -> Q2R k <= Q2R k' -> close (Q2R k') a A M)
    by (intros; eapply close_weaken; eauto).
  induction e; simpl; rewrite ?andb_true_iff; intros C D;
    repeat match goal with H : _ /\ _ |- _ => destruct H end;
    lazymatch goal with |- close _ (rnd _) _ _ => apply close_once_rounded | _ => idtac end.
  - split; [apply Rle_refl | apply represented].
  - apply close_neg; auto.
  - apply close_add; eapply Down; eauto using Q2R_max_l, Q2R_max_r.
  - apply (close_add _ _ _ _ (- _) (- _)); [| apply close_neg];
      eapply Down; eauto using Q2R_max_l, Q2R_max_r.
  - rewrite Q2R_times. apply close_mul; auto.
  - assert (K := kappa_nonnegative e2 ltac:(auto)).
    at_most_half. rewrite Q2R_over by easy.
    destruct (nonnegative_correct e2 ltac:(auto)) as [P E]. rewrite E in *.
    apply close_mul; auto. apply close_inverse; auto; lra.
  - assert (K := kappa_nonnegative e ltac:(auto)).
    at_most_half. rewrite Q2R_root.
    destruct (nonnegative_correct e ltac:(auto)) as [P E]. rewrite E in *.
    apply close_sqrt; auto.
  - apply close_add.
    + eapply Down; [rewrite Q2R_times; apply close_mul; auto | apply Q2R_max_l].
    + eapply Down; auto using Q2R_max_r.
  - rewrite Q2R_times. apply close_mul; auto using close_kept.
  - apply close_larger; eapply Down; auto using Q2R_max_l, Q2R_max_r.
  - apply close_at_least_zero. auto.
  - at_most_half. destruct (nonnegative_correct e1 ltac:(auto)) as [P E].
    assert (S : 0 < rounded rnd f e1 <-> 0 < exact r e1).
    { apply (close_sign (Q2R (kappa e1))); auto. rewrite <- E at 2. auto. }
    destruct Rlt_dec, Rlt_dec; try tauto.
    split; rewrite ?Rminus_0_r, Rabs_R0; lra.
Qed.

Theorem apriori e : checked e = true -> divisors_nonzero r e ->
  Rabs (rounded rnd f e - exact r e) <= Q2R (kappa e) * magnitude r e.
Proof. intros C D. apply apriori_close; auto. Qed.

End Environments.

(* The same in units of u. *)

Definition one_step_error (e : expression) (c : Q) : Prop :=
  forall rnd f r,
    (forall x, Rabs (rnd x - x) <= Q2R (unit_roundoff p) * Rabs x) ->
    represents p ks f r ->
    divisors_nonzero r e ->
    Rabs (rounded rnd f e - exact r e) <= Q2R c * Q2R (unit_roundoff p) * magnitude r e.

Theorem one_step_error_by_computation e c :
  checked e && Qle_bool (kappa e) (c * unit_roundoff p) = true -> one_step_error e c.
Proof.
  rewrite andb_true_iff. intros [C K] rnd f r Hr Hf D.
  assert (A := apriori_close rnd f r Hr Hf e C D).
  apply Q2R_le_bool in K. rewrite Q2R_mult in K.
  apply (close_weaken _ _ _ _ _ K A).
Qed.

(* The constant in thousandths of u, rounded up; 0 where the calculus does not apply. *)
Definition thousandths (e : expression) : Z :=
  if checked e then Qceiling (kappa e / unit_roundoff p * 1000) else 0%Z.

End Calculus.

Ltac by_computation := apply one_step_error_by_computation; vm_compute; reflexivity.

(* A weight of at most 1/2 costs a decay u/2, though its own relative error may be u: numbers below
   1/2 lie at most u/2 apart. *)
Theorem weight_at_most_half (d w W : R) :
  0 <= d -> W <= 1 / 2 -> Rabs (w - W) <= d / 2 -> Rabs (w - W) <= d * (1 - W).
Proof. nra. Qed.
