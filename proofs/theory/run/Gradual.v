(* SPDX-License-Identifier: Apache-2.0 *)
(* One step of any lane with gradual underflow, and with sums that cancel below a root or a divisor.

   step/Apriori.v gives a constant where nothing underflows and no radicand or divisor cancels. Here
   neither is supposed. For a rounding of relative error u and absolute error eta
   (drift/Rounding.v):
   - [gradual_near]: |rounded - exact| <= kappa size + absolute, where kappa is the number that
     Apriori.v computes, [size] the exact value with every cancellation removed that no root and no
     divisor has made absolute, and [absolute] an expression of the exact values;
   - [gradual_error_by_computation]: the same with c u for kappa, for any c that computes;
   - [gradual_error_in_ieee]: so does IEEE 754 arithmetic, if every value is finite.

   [absolute] is what underflow adds, a multiple of eta or of its root, and behind a sum that
   cancels what the sum lacks from its size, times kappa, or the root of that. The conditions on a
   run ([gradual_conditions]): radicands are not negative, each divisor is positive and larger than
   its own error's bound, and a number that chooses by its sign has the sign of its exact value. *)

Require Import Reals QArith Qreals Qminmax ZArith String List Bool Psatz.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Rounding Underflow Expression Apriori Formats.
Open Scope R_scope.

Section Gradual.

Variables (p : precision) (ks : kinds).

Notation k e := (Q2R (kappa p ks e)).
Let u := Q2R (unit_roundoff p).

(* What Coq computes: no part of a divisor or radicand exceeds 1/2, and a decay's weight is an
   input. *)
Fixpoint gradual_checked (e : expression) : bool :=
  match e with
  | Var _ => true
  | Neg a | AtLeast0 a => gradual_checked a
  | Add a b | Sub a b | Mul a b | Max a b | IfPositive a b => gradual_checked a && gradual_checked b
  | Div a b => gradual_checked a && gradual_checked b && Qle_bool (kappa p ks b) (1 # 2)
  | Sqrt a => gradual_checked a && Qle_bool (kappa p ks a) (1 # 2)
  | Fma a b c => gradual_checked a && gradual_checked b && gradual_checked c
  | Decay w v => is_weight ks w && gradual_checked v
  end.

Ltac at_most_half :=
  match goal with H : Qle_bool _ (1 # 2) = true |- _ =>
    apply Q2R_le_bool in H; rewrite Q2R_half in H
  end.

Section Environment.

Variables (eta : R) (r : environment).

Fixpoint size (e : expression) : R :=
  match e with
  | Var x => Rabs (r x)
  | Neg a => size a
  | Add a b | Sub a b => size a + size b
  | Mul a b => size a * size b
  | Div a b => size a / exact r b
  | Sqrt a => sqrt (exact r a)
  | Fma a b c => size a * size b + size c
  | Decay w v => (1 - exact r w) * size v
  | Max a b => Rmax (size a) (size b)
  | AtLeast0 x => Rmax (exact r x) 0
  | IfPositive x v => if Rlt_dec 0 (exact r x) then size v else 0
  end.

(* What a value lacks from its size becomes absolute. *)
Definition made_absolute (d : R) (e : expression) : R := d + k e * (size e - Rabs (exact r e)).
Definition of_product (ka da sa kb db sb : R) : R := da * ((1 + kb) * sb + db) + (1 + ka) * sa * db.
Definition of_inverse (kb db b : R) : R := db / ((1 - kb) * b * ((1 - kb) * b - db)).
Definition rounded_once_more (d : R) : R := (1 + u) * d + eta.

Fixpoint absolute (e : expression) : R :=
  match e with
  | Var _ => 0
  | Neg a => absolute a
  | Add a b | Sub a b => rounded_once_more (absolute a + absolute b)
  | Mul a b =>
      rounded_once_more (of_product (k a) (absolute a) (size a) (k b) (absolute b) (size b))
  | Div a b =>
      let d := of_inverse (k b) (made_absolute (absolute b) b) (exact r b) in
      rounded_once_more
        (of_product (k a) (absolute a) (size a) (/ (1 - k b) - 1) d (/ exact r b))
  | Sqrt a => rounded_once_more (sqrt (made_absolute (absolute a) a))
  | Fma a b c =>
      rounded_once_more
        (of_product (k a) (absolute a) (size a) (k b) (absolute b) (size b) + absolute c)
  | Decay w v =>
      rounded_once_more ((1 + Q2R (cost_of_decay p ks w)) * (1 - exact r w) * absolute v)
  | Max a b => Rmax (absolute a) (absolute b)
  | AtLeast0 x => absolute x + k x * (size x - Rmax (exact r x) 0)
  | IfPositive x v => if Rlt_dec 0 (exact r x) then absolute v else 0
  end.

Fixpoint gradual_conditions (rnd : R -> R) (f : environment) (e : expression) : Prop :=
  let conditions := gradual_conditions rnd f in
  match e with
  | Var _ => True
  | Neg a | AtLeast0 a => conditions a
  | Add a b | Sub a b | Mul a b | Decay a b | Max a b => conditions a /\ conditions b
  | Div a b =>
      conditions a /\ conditions b /\ 0 < exact r b
      /\ made_absolute (absolute b) b < (1 - k b) * exact r b
  | Sqrt a => conditions a /\ 0 <= exact r a
  | Fma a b c => conditions a /\ conditions b /\ conditions c
  | IfPositive x v =>
      conditions x /\ (0 < rounded rnd f x <-> 0 < exact r x) /\ (0 < exact r x -> conditions v)
  end.

End Environment.

Section Bounds.

Variables (eta : R) (rnd : R -> R) (f r : environment).
Hypothesis Hr : rounding u eta rnd.
Hypothesis represented : represents p ks f r.

Notation size := (size r).
Notation absolute := (absolute eta r).
Notation near_e e := (near (k e) (absolute e) (rounded rnd f e) (exact r e) (size e)).

Lemma kappa_at_least_0 e : gradual_checked e = true -> 0 <= k e.
Proof.
  assert (T : forall a b, 0 <= Q2R a -> 0 <= Q2R b -> 0 <= Q2R (times a b))
    by (intros; rewrite Q2R_times; nra).
  assert (O : forall a, 0 <= Q2R a -> 0 <= Q2R (once_rounded p a))
    by (intros; eapply Rle_trans; [| apply up_above]; apply T;
        [easy | apply (precision_nonnegative p ks)]).
  assert (X := Q2R_max_l). assert (Y := Q2R_max_r).
  induction e; simpl; rewrite ?andb_true_iff; intros C;
    repeat match goal with H : _ /\ _ |- _ => destruct H end; auto.
  - apply (precision_nonnegative p ks).
  - apply O. eapply Rle_trans; [| apply X]. auto.
  - apply O. eapply Rle_trans; [| apply X]. auto.
  - apply O. at_most_half. rewrite Q2R_over by easy.
    specialize (IHe1 ltac:(auto)). specialize (IHe2 ltac:(auto)).
    assert (1 <= / (1 - k e2)) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra). nra.
  - apply O. rewrite Q2R_root. specialize (IHe ltac:(auto)).
    assert (0 <= k e * k e) by nra. nra.
  - apply O. eapply Rle_trans; [| apply Y]. auto.
  - apply O, T; auto. apply (precision_nonnegative p ks).
  - eapply Rle_trans; [| apply X]. auto.
Qed.

Lemma near_once_more q d a A M :
  near (Q2R q) d a A M -> near (Q2R (once_rounded p q)) (rounded_once_more eta d) (rnd a) A M.
Proof.
  intro N. apply (near_round u eta rnd) in N; [| exact Hr].
  eapply near_weaken; [| apply Rle_refl | exact N]. eapply Rle_trans; [| apply up_above].
  rewrite Q2R_times. apply Rle_refl.
Qed.

(* What the theorem carries along. *)
Definition bounded (e : expression) : Prop := near_e e /\ 0 <= absolute e.

Lemma made_absolute_near e : gradual_checked e = true -> bounded e ->
  near (k e) (made_absolute r (absolute e) e) (rounded rnd f e) (exact r e) (Rabs (exact r e))
  /\ 0 <= made_absolute r (absolute e) e.
Proof.
  intros C [N A]. split; [now apply near_cancelled |]. destruct N as [S _].
  assert (K := kappa_at_least_0 e C). unfold made_absolute. nra.
Qed.

Lemma product_at_least_0 ka da sa kb db sb :
  0 <= ka -> 0 <= da -> 0 <= sa -> 0 <= kb -> 0 <= db -> 0 <= sb ->
  0 <= of_product ka da sa kb db sb.
Proof.
  intros. unfold of_product. assert (0 <= (1 + kb) * sb) by nra. assert (0 <= (1 + ka) * sa) by nra.
  assert (0 <= da * ((1 + kb) * sb + db)) by (apply Rmult_le_pos; lra).
  assert (0 <= (1 + ka) * sa * db) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma once_more_at_least_0 d : 0 <= d -> 0 <= rounded_once_more eta d.
Proof.
  intro H. assert (U := u_nonneg _ _ _ Hr). assert (N := eta_nonneg _ _ _ Hr).
  unfold rounded_once_more. nra.
Qed.

Lemma root_of_part q : 0 <= q <= 1 / 2 -> 1 - sqrt (1 - q) <= q / 2 + q * q / 8 + q * q * q / 8.
Proof.
  intro H. set (j := q / 2 + q * q / 8 + q * q * q / 8). assert (J : 0 <= j <= 1) by (unfold j;
    nra).
  assert (L : 1 - j <= sqrt (1 - q)); [| lra]. rewrite <- (sqrt_pow2 (1 - j)) by lra.
  apply sqrt_le_1_alt. assert (0 <= q * q * q <= 1 / 8) by nra.
  assert (E : (1 - j) ^ 2 - (1 - q)
    = q * q * q * (- (1 / 8) + 9 / 64 * q + q * q / 32 + q * q * q / 64)) by (unfold j; field).
  nra.
Qed.

Lemma size_at_least_0 e : bounded e -> 0 <= size e.
Proof. intros [N _]. exact (near_nonnegative _ _ _ _ _ N). Qed.

Lemma bounded_product a b :
  gradual_checked a = true -> gradual_checked b = true -> bounded a -> bounded b ->
  near (Q2R (times (kappa p ks a) (kappa p ks b)))
    (of_product (k a) (absolute a) (size a) (k b) (absolute b) (size b))
    (rounded rnd f a * rounded rnd f b) (exact r a * exact r b) (size a * size b)
  /\ 0 <= of_product (k a) (absolute a) (size a) (k b) (absolute b) (size b).
Proof.
  intros Ca Cb Ba Bb. split.
  - rewrite Q2R_times. apply near_mul; [apply Ba | apply Bb].
  - apply product_at_least_0; auto using kappa_at_least_0, size_at_least_0; [apply Ba | apply Bb].
Qed.

Lemma bounded_quotient a b :
  gradual_checked a = true -> gradual_checked b = true -> k b <= 1 / 2 ->
  0 < exact r b -> made_absolute r (absolute b) b < (1 - k b) * exact r b ->
  bounded a -> bounded b -> bounded (Div a b).
Proof.
  intros Ca Cb Kb B D Ba Bb. assert (K := kappa_at_least_0 b Cb).
  destruct (made_absolute_near b Cb Bb) as [N A]. rewrite (Rabs_pos_eq (exact r b)) in N by lra.
  assert (K1 : k b < 1) by lra.
  assert (I := near_inverse _ _ _ _ B (conj K K1) (conj A D) N).
  set (d := of_inverse (k b) (made_absolute r (absolute b) b) (exact r b)).
  assert (d0 : 0 <= d).
  { apply Rmult_le_pos; [exact A |]. apply Rlt_le, Rinv_0_lt_compat, Rmult_lt_0_compat; [| lra].
    apply Rmult_lt_0_compat; lra. }
  assert (I0 : 0 < / exact r b) by now apply Rinv_0_lt_compat.
  assert (one : 1 <= / (1 - k b)) by (rewrite <- Rinv_1; apply Rinv_le_contravar; lra).
  split; simpl.
  - apply near_once_more. rewrite Q2R_over by easy. apply near_mul; [apply Ba | exact I].
  - apply once_more_at_least_0, product_at_least_0; auto using kappa_at_least_0, size_at_least_0;
      try lra. apply Ba.
Qed.

Lemma bounded_root a :
  gradual_checked a = true -> k a <= 1 / 2 -> 0 <= exact r a -> bounded a -> bounded (Sqrt a).
Proof.
  intros Ca Ka A Ba. assert (K := kappa_at_least_0 a Ca).
  destruct (made_absolute_near a Ca Ba) as [N D]. rewrite (Rabs_pos_eq (exact r a)) in N by easy.
  split; simpl.
  - apply near_once_more. rewrite Q2R_root.
    eapply near_weaken; [apply root_of_part; lra | apply Rle_refl | apply near_root; auto; lra].
  - apply once_more_at_least_0, sqrt_pos.
Qed.

Theorem gradual_near e :
  gradual_checked e = true -> gradual_conditions eta r rnd f e -> bounded e.
Proof.
  assert (W : forall q q' d a A M, Q2R q <= Q2R q' -> near (Q2R q) d a A M -> near (Q2R q') d a A M)
    by (intros; eapply near_weaken; eauto; lra).
  assert (L := Q2R_max_l). assert (R := Q2R_max_r).
  induction e; simpl gradual_checked; simpl gradual_conditions; rewrite ?andb_true_iff; intros C D;
    repeat match goal with H : _ /\ _ |- _ => destruct H end;
    repeat match goal with
      | H : ?P -> ?Q -> bounded ?a, C : ?P, D : ?Q |- _ => specialize (H C D)
      end.
  - split; [split; [apply Rle_refl |] | simpl; lra]. simpl. rewrite Rplus_0_r. apply represented.
  - destruct IHe. split; [now apply near_neg | easy].
  - destruct IHe1, IHe2. split; simpl; [| apply once_more_at_least_0; lra].
    apply near_once_more, near_add; [apply (W _ _ _ _ _ _ (L _ _)) | apply (W _ _ _ _ _ _ (R _ _))];
      easy.
  - destruct IHe1, IHe2. split; simpl; [| apply once_more_at_least_0; lra].
    apply near_once_more, (near_add _ _ _ _ _ _ (- _) (- _)); [| apply near_neg];
      [apply (W _ _ _ _ _ _ (L _ _)) | apply (W _ _ _ _ _ _ (R _ _))]; easy.
  - destruct (bounded_product e1 e2) as [N A]; auto. split; simpl;
      [now apply near_once_more | now apply once_more_at_least_0].
  - at_most_half. now apply bounded_quotient.
  - at_most_half. now apply bounded_root.
  - destruct (bounded_product e1 e2) as [N A]; auto. destruct IHe3.
    split; simpl; [| apply once_more_at_least_0; lra].
    apply near_once_more, near_add; [apply (W _ _ _ _ _ _ (L _ _)) | apply (W _ _ _ _ _ _ (R _ _))];
      easy.
  - destruct IHe2 as [N A]. assert (Hw : is_weight ks e1 = true) by assumption.
    assert (X := close_kept p ks rnd f r represented e1 Hw).
    apply close_is_near in X. assert (M := near_mul _ _ _ _ _ _ _ _ _ _ X N).
    assert (W1 := weight_range p ks f r represented e1 Hw).
    destruct (precision_nonnegative p ks) as (_ & K & _). specialize (K e1).
    split; simpl.
    + apply near_once_more. rewrite Q2R_times.
      eapply near_weaken; [apply Rle_refl | | exact M]. right. ring.
    + apply once_more_at_least_0, Rmult_le_pos; [apply Rmult_le_pos |]; lra.
  - destruct IHe1, IHe2. split; simpl.
    + apply near_larger; [now apply (W _ _ _ _ _ _ (L _ _)) | now apply (W _ _ _ _ _ _ (R _ _)) |].
      eapply Rle_trans; [apply (kappa_at_least_0 e1); auto | apply L].
    + eapply Rle_trans; [| apply Rmax_l]. easy.
  - destruct IHe as [N A]. assert (K := kappa_at_least_0 e C). split; simpl.
    + now apply near_at_least_zero.
    + destruct N as [S _]. assert (Rmax (exact r e) 0 <= size e).
      { apply Rmax_lub; [generalize (Rle_abs (exact r e)) | generalize (Rabs_pos (exact r e))]; lra.
        }
      nra.
  - unfold bounded. simpl. destruct (Rlt_dec 0 (rounded rnd f e1)), (Rlt_dec 0 (exact r e1)); try
    tauto.
    split; [| lra]. split; rewrite ?Rminus_0_r, Rabs_R0; lra.
Qed.

End Bounds.

Definition gradual_error (e : expression) (c : Q) : Prop :=
  forall eta rnd f r,
    rounding u eta rnd -> represents p ks f r -> gradual_conditions eta r rnd f e ->
    Rabs (rounded rnd f e - exact r e) <= Q2R c * u * size r e + absolute eta r e.

Theorem gradual_error_by_computation e c :
  gradual_checked e && Qle_bool (kappa p ks e) (c * unit_roundoff p) = true -> gradual_error e c.
Proof.
  rewrite andb_true_iff. intros [C K] eta rnd f r Hr Hf D.
  destruct (gradual_near eta rnd f r Hr Hf e C D) as [N _].
  apply Q2R_le_bool in K. rewrite Q2R_mult in K. fold u in K.
  now apply (near_weaken _ _ _ _ _ _ _ K (Rle_refl _)).
Qed.

End Gradual.

(* The constant in thousandths of u, rounded up; 0 where the calculus does not apply. *)
Definition gradual_thousandths (p : precision) (ks : kinds) (e : expression) : Z :=
  if gradual_checked p ks e
  then Qround.Qceiling (kappa p ks e / unit_roundoff p * 1000) else 0%Z.

(* A lane whose input is what another lane gives, as with weight decay. *)
Fixpoint put (y : string) (input : expression) (e : expression) : expression :=
  let put := put y input in
  match e with
  | Var x => if String.eqb x y then input else e
  | Neg a => Neg (put a)
  | Add a b => Add (put a) (put b)
  | Sub a b => Sub (put a) (put b)
  | Mul a b => Mul (put a) (put b)
  | Div a b => Div (put a) (put b)
  | Sqrt a => Sqrt (put a)
  | Fma a b c => Fma (put a) (put b) (put c)
  | Decay w v => Decay w (put v)
  | Max a b => Max (put a) (put b)
  | AtLeast0 a => AtLeast0 (put a)
  | IfPositive a b => IfPositive (put a) (put b)
  end.

Definition with_kinds (more ks : kinds) : kinds := fun x =>
  match more x with State => ks x | kind => kind end.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).

Definition gradual_machine_error (a : precision) (ks : kinds) (e : expression) (c : Q) : Prop :=
  forall f r,
    let stored x := B2R (f x) in
    represents a ks stored r ->
    gradual_conditions a ks eta r nearest stored e ->
    finite_throughout p emax positive below f e ->
    Rabs (B2R (ieee p emax positive below f e) - exact r e)
    <= Q2R c * bpow radix2 (- p) * size r e + absolute a ks eta r e.

Theorem gradual_error_in_ieee a ks e c :
  Q2R (unit_roundoff a) = bpow radix2 (- p) ->
  gradual_error a ks e c -> gradual_machine_error a ks e c.
Proof.
  intros U C f r stored I D F. rewrite ieee_value by easy. rewrite <- U.
  apply C; auto. rewrite U. apply (nearest_is_rounding emin p positive).
Qed.

End Format.

Definition gradual_in_binary32 := gradual_machine_error 24 128 eq_refl eq_refl.
Definition gradual_in_binary64 := gradual_machine_error 53 1024 eq_refl eq_refl.

Ltac gradually p :=
  apply gradual_error_in_ieee;
    [apply (Inputs.Q2R_half_ulp p) | apply gradual_error_by_computation; vm_compute; reflexivity].

Ltac each_gradually :=
  cbv zeta;
  repeat (apply List.Forall_cons; [split; [gradually 24%positive | gradually 53%positive] |]);
  apply List.Forall_nil.
