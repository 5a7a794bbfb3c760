(* SPDX-License-Identifier: Apache-2.0 *)
(* What stays true under rounding.

   Results, for any monotone rounding with rnd 0 = 0 that keeps a smallest positive number t <= 1
   (as round-to-nearest in every format does: [nearest_is_proper]):
   - [never_negative_by_computation]: an accumulator, once not negative, stays so, whatever cancels in
     what it gathers;
   - [always_positive_by_computation]: with epsilon >= t, a denominator stays at least t, the exact
     one positive;
   - [divisors_nonzero_by_computation]: so with epsilon > 0 no exact divisor is 0, as the bounds of
     one step ask for. *)

Require Import Reals String List Bool Lia Psatz.
From Flocq Require Import Core.
From Truestep Require Import Expression Apriori.
Open Scope R_scope.

(* Signs under rounding. *)

Definition proper (t : R) (rnd : R -> R) : Prop :=
  (forall x y, x <= y -> rnd x <= rnd y) /\ rnd 0 = 0 /\ 0 < t <= 1 /\ rnd t = t.

Definition signs (ks : kinds) (f : environment) : Prop :=
  forall x, match ks x with
    | State | Factor => True
    | Moment | Hyperparameter | Coefficient => 0 <= f x
    | Weight | Amount => 0 <= f x <= 1
    end.

(* A sign, as [sign_of] finds it, but whatever cancels: every number is a multiple of itself, and at
   least 0 where it was clipped. *)
Definition or_itself (e : expression) (s : sign) : sign :=
  match s with Unknown => Like e | _ => s end.

Fixpoint sign_after (ks : kinds) (e : expression) : sign :=
  let sign := sign_after ks in
  or_itself e match e with
  | Var x => match ks x with State | Factor => Unknown | _ => Nonnegative end
  | Neg _ | Sub _ _ => Unknown
  | Add a b =>
      match sign a, sign b with
      | Nonnegative, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | Mul a b => product (sign a) (sign b)
  | Div a b => match sign b with Nonnegative => sign a | _ => Unknown end
  | Sqrt _ | AtLeast0 _ => Nonnegative
  | Fma a b c =>
      match product (sign a) (sign b), sign c with
      | Nonnegative, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | Decay w v => if is_weight ks w then sign v else Unknown
  | Max a b =>
      match sign a, sign b with
      | Nonnegative, _ | _, Nonnegative => Nonnegative
      | _, _ => Unknown
      end
  | IfPositive _ v => sign v
  end.

Definition kept_nonnegative (ks : kinds) (e : expression) : bool :=
  match sign_after ks e with Nonnegative => true | _ => false end.

(* Sums with the named variable, and roots of such sums. *)
Fixpoint positive (ks : kinds) (name : string) (e : expression) : bool :=
  match e with
  | Var x => String.eqb x name
  | Add a b =>
      positive ks name a && kept_nonnegative ks b || kept_nonnegative ks a && positive ks name b
  | Sqrt a | AtLeast0 a => positive ks name a
  | Fma a b c =>
      match product (sign_after ks a) (sign_after ks b) with
      | Nonnegative => positive ks name c
      | _ => false
      end
  | Max a b => positive ks name a || positive ks name b
  | _ => false
  end.

Fixpoint divisors_positive (ks : kinds) (name : string) (e : expression) : bool :=
  let divisors := divisors_positive ks name in
  match e with
  | Var _ => true
  | Neg a | Sqrt a => divisors a
  | Add a b | Sub a b | Mul a b | Decay a b => divisors a && divisors b
  | Div a b => divisors a && divisors b && positive ks name b
  | Fma a b c => divisors a && divisors b && divisors c
  | Max a b | IfPositive a b => divisors a && divisors b
  | AtLeast0 x => divisors x
  end.

Definition never_negative (ks : kinds) (e : expression) : Prop :=
  forall t rnd f, proper t rnd -> signs ks f -> 0 <= rounded rnd f e.

Definition always_positive (ks : kinds) (name : string) (e : expression) : Prop :=
  forall t rnd f, proper t rnd -> signs ks f -> t <= f name -> t <= rounded rnd f e.

Section Signs.

Variables (ks : kinds) (t : R) (rnd : R -> R) (f : environment).
Hypothesis rounding : proper t rnd.
Hypothesis signed : signs ks f.

Lemma round_nonnegative x : 0 <= x -> 0 <= rnd x.
Proof. destruct rounding as (mono & zero & _). intro H. rewrite <- zero. auto. Qed.

Lemma round_positive x : t <= x -> t <= rnd x.
Proof. destruct rounding as (mono & _ & _ & least). intro H. rewrite <- least. auto. Qed.

Definition rounded_sign (s : sign) (x : R) : Prop :=
  match s with
  | Nonnegative => 0 <= x
  | Like g => exists c, 0 <= c /\ x = c * rounded rnd f g
  | Unknown => True
  end.

Lemma rounded_sign_round s x : rounded_sign s x -> rounded_sign s (rnd x).
Proof.
  destruct s as [| g |]; simpl; [apply round_nonnegative | | easy].
  intros (c & Hc & ->). set (y := rounded rnd f g). destruct rounding as (mono & zero & _).
  destruct (Req_dec y 0) as [-> | Hy].
  - exists 0. rewrite Rmult_0_r, zero. split; lra.
  - exists (rnd (c * y) / y). split; [| now field].
    destruct (Rtotal_order y 0) as [N | [E | P]]; [| easy |].
    + assert (rnd (c * y) <= 0) by (rewrite <- zero; apply mono; nra).
      assert (/ y < 0) by now apply Rinv_lt_0_compat. unfold Rdiv. nra.
    + assert (0 <= rnd (c * y)) by (apply round_nonnegative; nra).
      assert (0 < / y) by now apply Rinv_0_lt_compat. unfold Rdiv. nra.
Qed.

Lemma rounded_sign_scale s c x : 0 <= c -> rounded_sign s x -> rounded_sign s (c * x).
Proof.
  intro Hc. destruct s as [| g |]; simpl; [now apply Rmult_le_pos | | easy].
  intros (d & Hd & ->). exists (c * d). split; [now apply Rmult_le_pos | ring].
Qed.

Lemma rounded_sign_product s u x y :
  rounded_sign s x -> rounded_sign u y -> rounded_sign (product s u) (x * y).
Proof.
  intros HS HU. destruct s as [| g |]; [now apply rounded_sign_scale | | now destruct u].
  destruct u as [| h |]; simpl; [| | easy].
  - rewrite Rmult_comm. now apply (rounded_sign_scale (Like g)).
  - destruct (same g h) as [<- |]; [| easy]. destruct HS as (c & Hc & ->), HU as (d & Hd & ->).
    simpl. replace (c * rounded rnd f g * (d * rounded rnd f g))
      with (c * d * (rounded rnd f g * rounded rnd f g)) by ring.
    apply Rmult_le_pos; [nra | apply Rle_0_sqr].
Qed.

Lemma rounded_sign_or_itself s e :
  rounded_sign s (rounded rnd f e) -> rounded_sign (or_itself e s) (rounded rnd f e).
Proof. destruct s; auto. intros _. exists 1. split; lra. Qed.

Lemma rounded_sign_correct e : rounded_sign (sign_after ks e) (rounded rnd f e).
Proof.
  induction e; cbn [sign_after]; apply rounded_sign_or_itself; simpl.
  - generalize (signed name). now destruct (ks name).
  - easy.
  - destruct (sign_after ks e1), (sign_after ks e2); simpl in *; try easy.
    apply round_nonnegative. lra.
  - easy.
  - now apply rounded_sign_round, rounded_sign_product.
  - destruct (sign_after ks e2); try easy. apply rounded_sign_round. unfold Rdiv.
    rewrite Rmult_comm. apply rounded_sign_scale; [| easy].
    destruct IHe2 as [H | <-]; [now apply Rlt_le, Rinv_0_lt_compat | rewrite Rinv_0; lra].
  - apply round_nonnegative, sqrt_pos.
  - assert (H := rounded_sign_product _ _ _ _ IHe1 IHe2).
    destruct (product (sign_after ks e1) (sign_after ks e2)), (sign_after ks e3); simpl in *;
      try easy.
    apply round_nonnegative. lra.
  - destruct (is_weight ks e1) eqn:W; [| easy]. apply rounded_sign_round, rounded_sign_scale; auto.
    destruct e1; try discriminate. simpl in *. generalize (signed name).
    destruct (ks name); try discriminate; lra.
  - assert (L := Rmax_l (rounded rnd f e1) (rounded rnd f e2)).
    assert (M := Rmax_r (rounded rnd f e1) (rounded rnd f e2)).
    destruct (sign_after ks e1), (sign_after ks e2); simpl in *; try easy; lra.
  - apply Rmax_r.
  - destruct Rlt_dec; [easy |]. destruct (sign_after ks e2); simpl; [lra | | easy].
    exists 0. split; lra.
Qed.

Lemma nonnegative_rounded e : kept_nonnegative ks e = true -> 0 <= rounded rnd f e.
Proof.
  unfold kept_nonnegative. generalize (rounded_sign_correct e). now destruct (sign_after ks e).
Qed.

Lemma positive_rounded name e : t <= f name -> positive ks name e = true -> t <= rounded rnd f e.
Proof.
  intro E. destruct rounding as (_ & _ & Ht & _).
  induction e; simpl; try discriminate; rewrite ?orb_true_iff, ?andb_true_iff; intro P.
  - apply String.eqb_eq in P. now subst.
  - apply round_positive. destruct P as [[P1 P2] | [P1 P2]].
    + apply nonnegative_rounded in P2. specialize (IHe1 P1). lra.
    + apply nonnegative_rounded in P1. specialize (IHe2 P2). lra.
  - apply round_positive. specialize (IHe P). assert (S := sqrt_sqrt (rounded rnd f e) ltac:(lra)).
    assert (0 <= sqrt (rounded rnd f e)) by apply sqrt_pos. nra.
  - apply round_positive.
    assert (H := rounded_sign_product _ _ _ _ (rounded_sign_correct e1) (rounded_sign_correct e2)).
    destruct (product (sign_after ks e1) (sign_after ks e2)); try discriminate. simpl in H.
    specialize (IHe3 P). lra.
  - destruct P as [P1 | P2].
    + eapply Rle_trans; [now apply IHe1 | apply Rmax_l].
    + eapply Rle_trans; [now apply IHe2 | apply Rmax_r].
  - eapply Rle_trans; [now apply IHe | apply Rmax_l].
Qed.

End Signs.

Theorem never_negative_by_computation ks e : kept_nonnegative ks e = true -> never_negative ks e.
Proof. intros H t rnd f R S. now apply (nonnegative_rounded ks t). Qed.

Theorem always_positive_by_computation ks name e :
  positive ks name e = true -> always_positive ks name e.
Proof. intros H t rnd f R S E. now apply (positive_rounded ks t rnd f R S name). Qed.

Theorem divisors_nonzero_by_computation ks name e r :
  divisors_positive ks name e = true -> signs ks r -> 0 < r name -> divisors_nonzero r e.
Proof.
  intros D S E. set (t := Rmin (r name) 1).
  assert (T : proper t (fun x => x))
    by (unfold proper, t, Rmin; destruct Rle_dec; repeat split; auto; lra).
  assert (T' : t <= r name) by apply Rmin_l.
  assert (P : forall b, positive ks name b = true -> exact r b <> 0).
  { intros b H. apply (positive_rounded ks t _ r T S) in H; [| easy].
    rewrite rounded_is_exact_without_rounding in H by easy. destruct T as (_ & _ & T & _). lra. }
  induction e; simpl in *; rewrite ?andb_true_iff in D; repeat split; intuition auto.
  now apply (P e2).
Qed.

Theorem nearest_is_proper (emin p : Z) (choice : Z -> bool) :
  (0 < p)%Z -> (emin <= 0)%Z ->
  proper (bpow radix2 emin) (round radix2 (FLT_exp emin p) (Znearest choice)).
Proof.
  intros Hp He. assert (P : Prec_gt_0 p) by easy. repeat split.
  - intros x y. apply round_le; auto with typeclass_instances.
  - apply round_0. auto with typeclass_instances.
  - apply bpow_gt_0.
  - apply (bpow_le radix2 emin 0 He).
  - apply round_generic; auto with typeclass_instances.
    apply generic_format_bpow. unfold FLT_exp. lia.
Qed.
