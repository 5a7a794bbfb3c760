(* SPDX-License-Identifier: Apache-2.0 *)
(* Underflow in a program's own order of operations: what SaneOrders.v says of its roundings, with
   an absolute error eta of each operation besides, as where a result below the normal range is
   rounded there or flushed to zero. Another order may underflow where the formula does not.

   What an operation flushes meets the other factors of its term. [reach] is the most that some of a
   term's factors make, or 1; [operations] counts the operations of the formula that is multiplied
   out, as numbers/any_order.hpp does.

   Results:
   - [flushed_evaluation]: what errors of both kinds make of an evaluation;
   - [sane_order_with_underflow]: every sane evaluation lies within the radius of the formula, and
     eta Q^n n reach, n = [operations], where Q is a little above 1;
   - [rounded_may_underflow]: rounding with gradual underflow falls under it. *)

Require Import Reals String Psatz Lia.
From Truestep Require Import Expression Rounding AnyOrder SaneOrders.
Open Scope R_scope.

(* The factors of all terms, two for a divisor. *)
Fixpoint factors (e : expression) : nat :=
  match e with
  | Neg a => factors a
  | Add a b | Sub a b => factors a + factors b
  | Mul a b => factors a * terms b + factors b * terms a
  | Fma a b c => factors a * terms b + factors b * terms a + factors c
  | Div a _ => factors a + 2 * terms a
  | _ => 1
  end.

Fixpoint operations (e : expression) : nat :=
  match e with
  | Neg a => operations a
  | Add a b | Sub a b => operations a + operations b + 1
  | Mul a b => operations a * terms b + operations b * terms a + terms a * terms b
  | Fma a b c =>
      operations a * terms b + operations b * terms a + terms a * terms b + operations c + 1
  | Div a _ => operations a + 2 * terms a
  | _ => 0
  end.

Lemma some_factors e : (terms e <= factors e)%nat.
Proof.
  induction e; simpl; try lia.
  - generalize (some_terms e1) (some_terms e2). nia.
  - generalize (some_terms e1) (some_terms e2). nia.
Qed.

Lemma operations_enough e : (factors e <= operations e + 1)%nat.
Proof.
  induction e; simpl; try lia.
  - generalize (some_terms e1) (some_terms e2). nia.
  - generalize (some_terms e1) (some_terms e2). nia.
Qed.

Lemma same_polynomial_factors a b : same_polynomial a b -> factors a = factors b.
Proof.
  induction 1; simpl; try ring; try congruence.
  now rewrite IHsame_polynomial1, IHsame_polynomial2, (same_polynomial_terms a b),
    (same_polynomial_terms c d).
Qed.

Lemma same_formula_factors a b : same_formula a b -> factors a = factors b.
Proof.
  induction 1; simpl; try congruence; try ring.
  - now apply same_polynomial_factors.
  - now rewrite IHsame_formula1, IHsame_formula2, (same_formula_terms a b),
      (same_formula_terms c d).
  - now rewrite IHsame_formula, (same_formula_terms a b).
Qed.

Section Flushed.

Variables (u eta : R) (exactly off : environment).
Hypothesis u_not_negative : 0 <= u.
Hypothesis eta_not_negative : 0 <= eta.
Hypothesis off_not_negative : forall x, 0 <= off x.

Notation inflated := (inflated u exactly off).
Notation size_of := (size_of exactly).
Notation smallest := (smallest exactly off).
Notation divisors_exceed := (divisors_exceed exactly off).

Fixpoint reach (e : expression) : R :=
  match e with
  | Var x => Rmax 1 (Rabs (exactly x) + off x)
  | Neg a => reach a
  | Add a b | Sub a b => Rmax (reach a) (reach b)
  | Mul a b => reach a * reach b
  | Fma a b c => Rmax (reach a * reach b) (reach c)
  | Div a b => reach a * match b with Var c => Rmax 1 (Rabs (/ smallest c)) | _ => 1 end
  | _ => 1
  end.

Lemma reach_at_least_one e : 1 <= reach e.
Proof.
  assert (M : forall x y, 1 <= x -> 1 <= y -> 1 <= x * y) by (intros; nra).
  induction e; simpl; try lra; try apply Rmax_l; auto.
  - eapply Rle_trans; [exact IHe1 | apply Rmax_l].
  - eapply Rle_trans; [exact IHe1 | apply Rmax_l].
  - apply M; [exact IHe1 |]. destruct e2; try apply Rmax_l; lra.
  - eapply Rle_trans; [| apply Rmax_l]. auto.
Qed.

Lemma larger_of_products x y z : 0 <= x -> Rmax (x * y) (x * z) = x * Rmax y z.
Proof. intro X. now apply RmaxRmult. Qed.

Lemma same_polynomial_reach a b : same_polynomial a b -> reach a = reach b.
Proof.
  assert (P : forall e, 0 <= reach e) by (intro e; generalize (reach_at_least_one e); lra).
  induction 1; simpl; try congruence; try ring.
  - apply Rmax_comm.
  - symmetry. apply Rmax_assoc.
  - symmetry. now apply larger_of_products.
Qed.

Lemma same_formula_reach a b : same_formula a b -> reach a = reach b.
Proof.
  induction 1; simpl; try congruence; try ring; [now apply same_polynomial_reach |].
  set (m := match c with Var x => Rmax 1 (Rabs (/ smallest x)) | _ => 1 end).
  assert (P : 0 <= m) by (unfold m; destruct c; try lra;
    generalize (Rmax_l 1 (Rabs (/ smallest name))); lra).
  rewrite !(Rmult_comm _ m). symmetry. now apply larger_of_products.
Qed.

Inductive evaluates_flushed : expression -> R -> Prop :=
  | name_held x v : Rabs (v - exactly x) <= off x -> evaluates_flushed (Var x) v
  | sign_held a v : evaluates_flushed a v -> evaluates_flushed (Neg a) (- v)
  | sum_held a b v w r : evaluates_flushed a v -> evaluates_flushed b w ->
      Rabs (r - (v + w)) <= u * Rabs (v + w) + eta -> evaluates_flushed (Add a b) r
  | difference_held a b v w r : evaluates_flushed a v -> evaluates_flushed b w ->
      Rabs (r - (v - w)) <= u * Rabs (v - w) + eta -> evaluates_flushed (Sub a b) r
  | product_held a b v w r : evaluates_flushed a v -> evaluates_flushed b w ->
      Rabs (r - v * w) <= u * Rabs (v * w) + eta -> evaluates_flushed (Mul a b) r
  | fused_held a b c v w x r :
      evaluates_flushed a v -> evaluates_flushed b w -> evaluates_flushed c x ->
      Rabs (r - (v * w + x)) <= u * Rabs (v * w + x) + eta -> evaluates_flushed (Fma a b c) r
  (* A reciprocal may be flushed, and the product by it. *)
  | quotient_held a c v d r : evaluates_flushed a v -> off c < Rabs (exactly c) ->
      Rabs (d - exactly c) <= off c ->
      Rabs (r - v / d) <= ((1 + u) ^ 2 - 1) * Rabs (v / d) + eta * (1 + (1 + u) * Rabs v) ->
      evaluates_flushed (Div a (Var c)) r.

Definition crossed (T F T' F' : R) : R := F * T' + T * F' + F * F'.

(* What was flushed may have become. *)
Fixpoint flushed_part (e : expression) : R :=
  match e with
  | Neg a => flushed_part a
  | Add a b | Sub a b => (1 + u) * (flushed_part a + flushed_part b) + eta
  | Mul a b =>
      (1 + u) * crossed (inflated a) (flushed_part a) (inflated b) (flushed_part b) + eta
  | Fma a b c =>
      (1 + u) * (crossed (inflated a) (flushed_part a) (inflated b) (flushed_part b)
                 + flushed_part c) + eta
  | Div a (Var c) =>
      (1 + u) ^ 2 * (flushed_part a * Rabs (/ smallest c))
      + eta * (1 + (1 + u) * (inflated a + flushed_part a))
  | _ => 0
  end.

Lemma operation_flushed k h r y Y T S :
  0 <= k -> Rabs (r - y) <= k * Rabs y + h -> Rabs (y - Y) <= T - S -> Rabs Y <= S ->
  Rabs (r - Y) <= (1 + k) * T - S + h.
Proof.
  intros K H1 H2 H3. replace (r - Y) with ((r - y) + (y - Y)) by ring.
  assert (Rabs y <= T) by (replace y with (Y + (y - Y)) by ring; eapply Rle_trans;
    [apply Rabs_plus; [exact H3 | exact H2] | lra]).
  eapply Rle_trans; [apply Rabs_plus; [exact H1 | exact H2] |]. nra.
Qed.

Lemma flushed_form e v : evaluates_flushed e v -> is_formula e /\ divisors_exceed e.
Proof. induction 1; simpl; tauto. Qed.

Theorem flushed_evaluation e v :
  evaluates_flushed e v -> Rabs (v - exact exactly e) <= inflated e + flushed_part e - size_of e.
Proof.
  induction 1 as [x v H | a v E IH | a b v w r E1 IH1 E2 IH2 H | a b v w r E1 IH1 E2 IH2 H
                 | a b v w r E1 IH1 E2 IH2 H | a b c v w x r E1 IH1 E2 IH2 E3 IH3 H
                 | a c v d r E IH Hc Hd H];
    repeat match goal with
    | E : evaluates_flushed ?a _ |- _ => apply flushed_form, proj1, (value_at_most exactly) in E
    end.
  - rewrite inflated_name by easy. unfold size_of. simpl. lra.
  - simpl exact. replace (- v - - exact exactly a) with (- (v - exact exactly a)) by ring.
    rewrite Rabs_Ropp. exact IH.
  - assert (I := inflated_sum u exactly off u_not_negative off_not_negative a b).
    simpl flushed_part.
    assert (O := operation_flushed u eta r (v + w) (exact exactly a + exact exactly b)
      (inflated a + flushed_part a + (inflated b + flushed_part b)) (size_of (Add a b))
      u_not_negative H).
    unfold size_of in *. simpl in *. eapply Rle_trans; [apply O | lra].
    + replace (v + w - (exact exactly a + exact exactly b))
        with ((v - exact exactly a) + (w - exact exactly b)) by ring.
      eapply Rle_trans; [apply Rabs_plus; eassumption |]. lra.
    + now apply Rabs_plus.
  - assert (I := inflated_sum u exactly off u_not_negative off_not_negative a b).
    simpl flushed_part.
    change (inflated (Sub a b)) with (inflated (Add a b)).
    assert (O := operation_flushed u eta r (v - w) (exact exactly a - exact exactly b)
      (inflated a + flushed_part a + (inflated b + flushed_part b)) (size_of (Add a b))
      u_not_negative H).
    unfold size_of in *. simpl in *. eapply Rle_trans; [apply O | lra].
    + replace (v - w - (exact exactly a - exact exactly b))
        with ((v - exact exactly a) + - (w - exact exactly b)) by ring.
      eapply Rle_trans; [apply Rabs_plus; rewrite ?Rabs_Ropp; eassumption |]. lra.
    + unfold Rminus. apply Rabs_plus; rewrite ?Rabs_Ropp; assumption.
  - assert (I := inflated_product u exactly off u_not_negative off_not_negative a b).
    simpl flushed_part.
    assert (Q := product_apart v (exact exactly a) (inflated a + flushed_part a) _ w
      (exact exactly b) (inflated b + flushed_part b) _ IH1 IH2 E1 E2).
    assert (O := operation_flushed u eta r (v * w) (exact exactly a * exact exactly b) _ _
      u_not_negative H Q (Rabs_times _ _ _ _ E1 E2)).
    unfold crossed, size_of in *. simpl in *. eapply Rle_trans; [exact O | lra].
  - assert (I := inflated_fused u exactly off u_not_negative off_not_negative a b c).
    simpl flushed_part.
    assert (Q := product_apart v (exact exactly a) (inflated a + flushed_part a) _ w
      (exact exactly b) (inflated b + flushed_part b) _ IH1 IH2 E1 E2).
    assert (Q' := Rabs_plus _ _ _ _ Q IH3).
    replace (v * w - exact exactly a * exact exactly b + (x - exact exactly c))
      with (v * w + x - (exact exactly a * exact exactly b + exact exactly c)) in Q' by ring.
    assert (O := operation_flushed u eta r (v * w + x)
      (exact exactly a * exact exactly b + exact exactly c)
      ((inflated a + flushed_part a) * (inflated b + flushed_part b) + (inflated c + flushed_part
        c))
      (size_of a * size_of b + size_of c) u_not_negative H).
    unfold crossed, size_of in *. simpl in *. eapply Rle_trans; [apply O | lra].
    + lra.
    + apply Rabs_plus; [now apply Rabs_times | exact E3].
  - destruct (inverse_apart exactly off off_not_negative c d Hc Hd) as [I1 I2].
    rewrite inflated_quotient by easy. simpl flushed_part.
    assert (Q := product_apart v (exact exactly a) (inflated a + flushed_part a) (size_of a) (/ d)
      (/ exactly c) (Rabs (/ smallest c)) (Rabs (/ exactly c)) IH ltac:(lra) E ltac:(lra)).
    assert (V : Rabs v <= inflated a + flushed_part a).
    { replace v with (exact exactly a + (v - exact exactly a)) by ring.
      eapply Rle_trans; [apply Rabs_plus; [exact E | exact IH] | lra]. }
    assert (O := operation_flushed ((1 + u) ^ 2 - 1) _ r (v / d) (exact exactly a / exactly c) _ _
      ltac:(simpl; nra) H Q (Rabs_times _ _ _ _ E (Rle_refl _))).
    assert (L : eta * (1 + (1 + u) * Rabs v)
                <= eta * (1 + (1 + u) * (inflated a + flushed_part a))).
    { apply Rmult_le_compat_l; [easy |]. apply Rplus_le_compat_l, Rmult_le_compat_l; lra. }
    unfold size_of in *. simpl exact. simpl weighed.
    eapply Rle_trans; [exact O |]. simpl in *. lra.
Qed.

(* How large that is. P pays for the roundings of a term, Q for these and what is flushed. *)

Lemma weighed_reach e :
  is_formula e ->
  weighed (fun x => (1 + u) * (Rabs (exactly x) + off x))
    (fun c => (1 + u) ^ 2 * Rabs (/ smallest c)) e
  <= (1 + u) ^ factors e * (INR (terms e) * reach e).
Proof.
  set (n := fun x => (1 + u) * (Rabs (exactly x) + off x)).
  set (d := fun c => (1 + u) ^ 2 * Rabs (/ smallest c)).
  assert (n0 : forall x, 0 <= n x).
  { intro x. unfold n. apply Rmult_le_pos; [lra |].
    generalize (Rabs_pos (exactly x)) (off_not_negative x). lra. }
  assert (d0 : forall x, 0 <= d x).
  { intro x. unfold d. apply Rmult_le_pos; [apply pow_le; lra | apply Rabs_pos]. }
  assert (W := fun e => weighed_nonnegative n d e n0 d0).
  assert (G : forall i j x, (i <= j)%nat -> 0 <= x -> (1 + u) ^ i * x <= (1 + u) ^ j * x)
    by (intros i j x H X; apply Rmult_le_compat_r; [exact X | apply Rle_pow; [lra | exact H]]).
  assert (R1 := reach_at_least_one). assert (T := fun e => pos_INR (terms e)).
  assert (Z : forall e, 0 <= INR (terms e) * reach e)
    by (intro e'; apply Rmult_le_pos; [apply T | generalize (R1 e'); lra]).
  assert (S : forall a b x y, x <= (1 + u) ^ factors a * (INR (terms a) * reach a) ->
    y <= (1 + u) ^ factors b * (INR (terms b) * reach b) ->
    x + y <= (1 + u) ^ (factors a + factors b)
             * (INR (terms a + terms b) * Rmax (reach a) (reach b))).
  { intros a b x y Hx Hy. rewrite plus_INR, Rmult_plus_distr_r, Rmult_plus_distr_l.
    apply Rplus_le_compat.
    - eapply Rle_trans; [exact Hx |].
      eapply Rle_trans; [apply (G _ (factors a + factors b)%nat); [lia | apply Z] |].
      apply Rmult_le_compat_l; [apply pow_le; lra |].
      apply Rmult_le_compat_l; [apply T | apply Rmax_l].
    - eapply Rle_trans; [exact Hy |].
      eapply Rle_trans; [apply (G _ (factors a + factors b)%nat); [lia | apply Z] |].
      apply Rmult_le_compat_l; [apply pow_le; lra |].
      apply Rmult_le_compat_l; [apply T | apply Rmax_r]. }
  assert (M : forall a b x y, 0 <= x -> 0 <= y ->
    x <= (1 + u) ^ factors a * (INR (terms a) * reach a) ->
    y <= (1 + u) ^ factors b * (INR (terms b) * reach b) ->
    x * y <= (1 + u) ^ factors (Mul a b) * (INR (terms a * terms b) * (reach a * reach b))).
  { intros a b x y X Y Hx Hy. rewrite mult_INR.
    apply Rle_trans with (((1 + u) ^ factors a * (INR (terms a) * reach a))
      * ((1 + u) ^ factors b * (INR (terms b) * reach b))); [now apply Rmult_le_compat |].
    replace (((1 + u) ^ factors a * (INR (terms a) * reach a))
             * ((1 + u) ^ factors b * (INR (terms b) * reach b)))
      with ((1 + u) ^ (factors a + factors b)
            * (INR (terms a) * INR (terms b) * (reach a * reach b))) by (rewrite pow_add; ring).
    apply G.
    - simpl. generalize (some_terms a) (some_terms b). nia.
    - generalize (R1 a) (R1 b) (T a) (T b). intros.
      apply Rmult_le_pos; apply Rmult_le_pos; lra. }
  induction e; intro F; try easy; simpl in F.
  - simpl. unfold n. rewrite Rmult_1_r, Rmult_1_l. apply Rmult_le_compat_l; [lra | apply Rmax_r].
  - now apply IHe.
  - now apply S; [apply IHe1 | apply IHe2].
  - now apply S; [apply IHe1 | apply IHe2].
  - apply M; [apply W | apply W | now apply IHe1 | now apply IHe2].
  - destruct e2; try easy. simpl weighed. simpl reach. simpl terms. unfold d at 2.
    replace (weighed n d e1 * ((1 + u) ^ 2 * Rabs (/ smallest name)))
      with ((1 + u) ^ 2 * weighed n d e1 * Rabs (/ smallest name)) by ring.
    rewrite <- (Rmult_assoc (INR _)), <- Rmult_assoc.
    apply Rmult_le_compat; [| apply Rabs_pos | | apply Rmax_r].
    + apply Rmult_le_pos; [apply pow_le; lra | apply W].
    + eapply Rle_trans; [apply Rmult_le_compat_l; [apply pow_le; lra | now apply IHe1] |].
      rewrite <- Rmult_assoc, <- pow_add. apply G; [| apply Z].
      simpl. generalize (some_terms e1). lia.
  - destruct F as (F1 & F2 & F3). simpl weighed. simpl reach. simpl terms. simpl factors.
    apply (S (Mul e1 e2) e3); [| now apply IHe3].
    apply M; [apply W | apply W | now apply IHe1 | now apply IHe2].
Qed.

Variables (limit : nat) (P Q : R).
Hypothesis Q_at_least_one : 1 <= Q.
Hypothesis roundings_paid : (1 + u) ^ limit <= P.
Hypothesis flushed_paid : (1 + u) * (P + eta * (Q ^ limit * INR limit)) <= Q.

Definition grown (n : nat) : R := Q ^ n * INR n.

Lemma grown_nonnegative n : 0 <= grown n.
Proof. apply Rmult_le_pos; [apply pow_le; lra | apply pos_INR]. Qed.

Lemma grown_more n m : (n <= m)%nat -> grown n <= grown m.
Proof.
  intro H. apply Rmult_le_compat; [apply pow_le; lra | apply pos_INR | | now apply le_INR].
  apply Rle_pow; [exact Q_at_least_one | exact H].
Qed.

Lemma grown_combined x i y j z m :
  (i + 1 <= m)%nat -> (j + 1 <= m)%nat -> (x * i + y * j + z <= m)%nat ->
  INR x * (Q * grown i) + INR y * (Q * grown j) + Q ^ m * INR z <= grown m.
Proof.
  intros I J H. unfold grown. apply le_INR in H. rewrite !plus_INR, !mult_INR in H.
  assert (A : forall k, (k + 1 <= m)%nat -> Q * Q ^ k <= Q ^ m)
    by (intros k K; rewrite tech_pow_Rmult; apply Rle_pow; [easy | lia]).
  assert (B : forall w k, (k + 1 <= m)%nat ->
    INR w * (Q * (Q ^ k * INR k)) <= Q ^ m * (INR w * INR k)).
  { intros w k K. replace (INR w * (Q * (Q ^ k * INR k)))
      with (Q * Q ^ k * (INR w * INR k)) by ring.
    apply Rmult_le_compat_r; [apply Rmult_le_pos; apply pos_INR | now apply A]. }
  assert (B1 := B x i I). assert (B2 := B y j J).
  apply Rle_trans with (Q ^ m * (INR x * INR i + INR y * INR j + INR z)); [lra |].
  apply Rmult_le_compat_l; [apply pow_le; lra | exact H].
Qed.

Lemma inflated_reach e :
  is_formula e -> (factors e + terms e <= limit)%nat ->
  0 <= inflated e <= P * (INR (terms e) * reach e).
Proof.
  intros F H. split; [now apply inflated_nonnegative |].
  assert (W := weighed_reach e F). assert (Z : 0 <= INR (terms e) * reach e)
    by (apply Rmult_le_pos; [apply pos_INR | generalize (reach_at_least_one e); lra]).
  assert (E : (1 + u) ^ limit * (INR (terms e) * reach e) <= P * (INR (terms e) * reach e))
    by now apply Rmult_le_compat_r.
  eapply Rle_trans; [| exact E]. unfold SaneOrders.inflated, weight.
  set (w := weighed _ _ e) in *.
  assert (w0 : 0 <= w).
  { apply weighed_nonnegative; intro x.
    - apply Rmult_le_pos; [lra |]. generalize (Rabs_pos (exactly x)) (off_not_negative x). lra.
    - apply Rmult_le_pos; [apply pow_le; lra | apply Rabs_pos]. }
  assert (D : w / (1 + u) <= w).
  { apply Rmult_le_reg_r with (1 + u); [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    nra. }
  apply Rle_trans with ((1 + u) ^ (terms e - 1) * ((1 + u) ^ factors e * (INR (terms e) * reach
    e))).
  - apply Rmult_le_compat_l; [apply pow_le; lra | lra].
  - rewrite <- Rmult_assoc, <- pow_add. apply Rmult_le_compat_r; [exact Z |].
    apply Rle_pow; [lra | lia].
Qed.

Definition spare : R := eta * grown limit.

Lemma crossed_at_most a b i j :
  is_formula a -> is_formula b ->
  (factors a + terms a <= limit)%nat -> (factors b + terms b <= limit)%nat ->
  (i <= limit)%nat -> (j <= limit)%nat ->
  0 <= flushed_part a <= eta * grown i * reach a -> 0 <= flushed_part b
    <= eta * grown j * reach b ->
  0 <= crossed (inflated a) (flushed_part a) (inflated b) (flushed_part b)
  /\ (1 + u) * crossed (inflated a) (flushed_part a) (inflated b) (flushed_part b)
     <= eta * (reach a * reach b)
        * (INR (terms b) * (Q * grown i) + INR (terms a) * (Q * grown j)).
Proof.
  intros Fa Fb La Lb I J HA HB. assert (Ta := inflated_reach a Fa La).
  assert (Tb := inflated_reach b Fb Lb).
  assert (Ra := reach_at_least_one a). assert (Rb := reach_at_least_one b).
  assert (na := le_INR _ _ (some_terms a)). assert (nb := le_INR _ _ (some_terms b)).
  simpl in na, nb.
  assert (gi := grown_nonnegative i). assert (gj := grown_nonnegative j).
  assert (gI := grown_more i limit I).
  assert (P0 : 1 <= P) by (eapply Rle_trans; [apply (pow_R1_Rle (1 + u) limit); lra | easy]).
  assert (eg : 0 <= eta * grown i <= spare)
    by (split; [now apply Rmult_le_pos | now apply Rmult_le_compat_l]).
  assert (ej : 0 <= eta * grown j) by now apply Rmult_le_pos.
  unfold crossed.
  set (A := flushed_part a) in *. set (B := flushed_part b) in *.
  set (ra := reach a) in *. set (rb := reach b) in *. set (x := INR (terms a)) in *.
  set (y := INR (terms b)) in *. set (ga := eta * grown i) in *. set (gb := eta * grown j) in *.
  set (Va := inflated a) in *. set (Vb := inflated b) in *.
  assert (X1 : 0 <= A * Vb <= ga * ra * (P * (y * rb)))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (X2 : 0 <= Va * B <= P * (x * ra) * (gb * rb))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (X3 : 0 <= A * B <= ga * ra * (gb * rb))
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  split; [lra |].
  assert (rr : 0 <= ra * rb) by (apply Rmult_le_pos; lra).
  assert (S0 : 0 <= spare) by lra.
  assert (X4 : ga * ra * (gb * rb) <= spare * (x * gb) * (ra * rb)).
  { replace (ga * ra * (gb * rb)) with (ga * gb * (ra * rb)) by ring.
    apply Rmult_le_compat_r; [exact rr |]. apply Rmult_le_compat; try lra.
    assert (1 * gb <= x * gb) by (apply Rmult_le_compat_r; lra). lra. }
  assert (yg : 0 <= y * ga) by (apply Rmult_le_pos; lra).
  assert (xg : 0 <= x * gb) by (apply Rmult_le_pos; lra).
  assert (Sum : A * Vb + Va * B + A * B <= (P + spare) * ((y * ga + x * gb) * (ra * rb))).
  { assert (0 <= spare * (y * ga) * (ra * rb)) by (apply Rmult_le_pos; [apply Rmult_le_pos |]; lra).
    lra. }
  replace (eta * (ra * rb) * (y * (Q * grown i) + x * (Q * grown j)))
    with (Q * ((y * ga + x * gb) * (ra * rb))) by (unfold ga, gb; ring).
  apply Rle_trans with ((1 + u) * ((P + spare) * ((y * ga + x * gb) * (ra * rb)))).
  - apply Rmult_le_compat_l; lra.
  - rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [apply Rmult_le_pos; lra |].
    exact flushed_paid.
Qed.
Lemma one_more_rounding : 1 + u <= Q.
Proof.
  assert (P0 : 1 <= P) by (eapply Rle_trans; [apply (pow_R1_Rle (1 + u) limit); lra | easy]).
  assert (S : 0 <= eta * (Q ^ limit * INR limit))
    by (apply Rmult_le_pos; [easy | apply grown_nonnegative]).
  nra.
Qed.

(* One flush more. *)
Lemma once_more x m r : x <= grown m - Q ^ m -> 1 <= r -> eta * r * x + eta <= eta * grown m * r.
Proof.
  intros H R. assert (1 <= Q ^ m) by now apply pow_R1_Rle.
  assert (eta * r * x <= eta * r * (grown m - Q ^ m)).
  { apply Rmult_le_compat_l; [apply Rmult_le_pos; lra | exact H]. }
  assert (1 * 1 <= r * Q ^ m) by (apply Rmult_le_compat; lra).
  assert (eta * 1 <= eta * (r * Q ^ m)) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Theorem flushed_at_most e :
  is_formula e -> divisors_exceed e -> (factors e + terms e <= limit)%nat ->
  0 <= flushed_part e <= eta * grown (factors e - 1) * reach e.
Proof.
  assert (L := one_more_rounding). assert (R1 := reach_at_least_one).
  assert (G0 := grown_nonnegative).
  assert (S : forall A B i j ra rb m, 0 <= A <= eta * grown i * ra -> 0 <= B
    <= eta * grown j * rb ->
    1 <= ra -> 1 <= rb -> (i + 1 <= m)%nat -> (j + 1 <= m)%nat -> (i + j + 1 <= m)%nat ->
    0 <= (1 + u) * (A + B) + eta <= eta * grown m * Rmax ra rb).
  { intros A B i j ra rb m HA HB Ha Hb I J M. split.
    - assert (0 <= (1 + u) * (A + B)) by (apply Rmult_le_pos; lra). lra.
    - set (r := Rmax ra rb). assert (Ma : ra <= r) by apply Rmax_l.
      assert (Mb : rb <= r) by apply Rmax_r.
      assert (C := grown_combined 1 i 1 j 1 m I J ltac:(lia)). simpl INR in C.
      eapply Rle_trans; [| apply (once_more (Q * grown i + Q * grown j) m r); lra].
      apply Rplus_le_compat_r.
      assert (A1 : A <= eta * grown i * r).
      { eapply Rle_trans; [apply HA |]. apply Rmult_le_compat_l; [now apply Rmult_le_pos | lra]. }
      assert (B1 : B <= eta * grown j * r).
      { eapply Rle_trans; [apply HB |]. apply Rmult_le_compat_l; [now apply Rmult_le_pos | lra]. }
      replace (eta * r * (Q * grown i + Q * grown j))
        with (Q * (eta * grown i * r + eta * grown j * r)) by ring.
      apply Rmult_le_compat; lra. }
  induction e; intros F D H; try easy.
  - simpl. unfold grown. simpl. lra.
  - now apply IHe.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in H. simpl flushed_part. simpl reach. simpl factors.
    generalize (some_factors e1) (some_factors e2) (some_terms e1) (some_terms e2). intros.
    eapply S; [apply IHe1 | apply IHe2 | ..]; auto; lia.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in H. simpl flushed_part. simpl reach. simpl factors.
    generalize (some_factors e1) (some_factors e2) (some_terms e1) (some_terms e2). intros.
    eapply S; [apply IHe1 | apply IHe2 | ..]; auto; lia.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in H. simpl flushed_part. simpl reach. simpl factors.
    generalize (some_factors e1) (some_factors e2) (some_terms e1) (some_terms e2).
    intros N1 N2 N3 N4.
    assert (H1 : (factors e1 + terms e1 <= limit)%nat) by nia.
    assert (H2 : (factors e2 + terms e2 <= limit)%nat) by nia.
    destruct (crossed_at_most e1 e2 (factors e1 - 1) (factors e2 - 1) F1 F2 H1 H2 ltac:(lia)
      ltac:(lia)
      (IHe1 F1 D1 H1) (IHe2 F2 D2 H2)) as [C0 C].
    set (m := (factors e1 * terms e2 + factors e2 * terms e1 - 1)%nat).
    assert (K := grown_combined (terms e2) (factors e1 - 1) (terms e1) (factors e2 - 1) 1 m
      ltac:(unfold m; nia) ltac:(unfold m; nia) ltac:(unfold m; nia)). simpl INR in K.
    split; [assert (0 <= (1 + u) * crossed (inflated e1) (flushed_part e1) (inflated e2)
      (flushed_part e2)) by (apply Rmult_le_pos; lra); lra |].
    eapply Rle_trans; [apply Rplus_le_compat_r, C |]. apply once_more; [lra |].
    generalize (R1 e1) (R1 e2). nra.
  - destruct e2; try easy. destruct D as [D1 D2]. simpl in F, H.
    generalize (some_factors e1) (some_terms e1). intros T1 T2.
    assert (H1 : (factors e1 + terms e1 <= limit)%nat) by lia.
    assert (IH := IHe1 F D1 H1). destruct (inflated_reach e1 F H1) as [V0 V].
    simpl flushed_part. simpl reach. simpl factors.
    set (i := Rabs (/ smallest name)). assert (i0 : 0 <= i) by apply Rabs_pos.
    set (m := (factors e1 + (terms e1 + (terms e1 + 0)) - 1)%nat).
    set (A := flushed_part e1) in *. set (r := reach e1) in *.
    set (c := grown (factors e1 - 1)) in *.
    assert (c0 : 0 <= c) by apply G0. assert (r1 : 1 <= r) by apply R1.
    assert (M1 := Rmax_l 1 i). assert (M2 := Rmax_r 1 i). set (I := Rmax 1 i) in *.
    assert (ec : 0 <= eta * c <= eta * grown limit).
    { split; [now apply Rmult_le_pos |]. apply Rmult_le_compat_l; [easy |]. apply grown_more. lia. }
    set (n := INR (terms e1)) in *.
    assert (n1 : 1 <= n) by (apply (le_INR 1); exact T2).
    assert (P0 : 1 <= P) by (eapply Rle_trans; [apply (pow_R1_Rle (1 + u) limit); lra | easy]).
    assert (uP : 1 + u <= P).
    { eapply Rle_trans; [| exact roundings_paid]. rewrite <- (pow_1 (1 + u)) at 1.
      apply Rle_pow; [lra | lia]. }
    assert (u2 : (1 + u) ^ 2 <= Q).
    { eapply Rle_trans; [| exact flushed_paid]. simpl. rewrite Rmult_1_r.
      assert (0 <= eta * grown limit) by (apply Rmult_le_pos; auto).
      apply Rmult_le_compat_l; [lra |]. unfold grown in *. lra. }
    assert (first : (1 + u) ^ 2 * (A * i) <= Q * (eta * c * r * I)).
    { apply Rmult_le_compat; [apply pow_le; lra | apply Rmult_le_pos; lra | exact u2 |].
      apply Rmult_le_compat; lra. }
    assert (sum : inflated e1 + A <= (P + eta * grown limit) * (n * r)).
    { assert (eta * c * r <= eta * grown limit * (n * r)).
      { rewrite (Rmult_assoc eta c).
        replace (eta * grown limit * (n * r)) with (eta * grown limit * n * r) by ring.
        replace (eta * (c * r)) with (eta * c * r) by ring. apply Rmult_le_compat_r; [lra |].
        assert (eta * grown limit * 1 <= eta * grown limit * n) by (apply Rmult_le_compat_l; lra).
        lra. }
      lra. }
    assert (second : (1 + u) * (inflated e1 + A) <= Q * (n * r)).
    { apply Rle_trans with ((1 + u) * ((P + eta * grown limit) * (n * r))).
      - apply Rmult_le_compat_l; [lra | exact sum].
      - rewrite <- Rmult_assoc.
        apply Rmult_le_compat_r; [apply Rmult_le_pos; lra | exact flushed_paid]. }
    split.
    { assert (0 <= (1 + u) ^ 2 * (A * i))
        by (apply Rmult_le_pos; [apply pow_le; lra | apply Rmult_le_pos; lra]).
      assert (0 <= eta * (1 + (1 + u) * (inflated e1 + A))).
      { apply Rmult_le_pos; [easy |].
        assert (0 <= (1 + u) * (inflated e1 + A)) by (apply Rmult_le_pos; lra). lra. }
      lra. }
    assert (rI : r <= r * I) by nra.
    assert (all : Q * c + Q * n + 1 <= grown m).
    { assert (K := grown_combined 1 (factors e1 - 1) 0 0 (terms e1 + 1) m ltac:(unfold m; lia)
        ltac:(unfold m; lia) ltac:(unfold m; lia)).
      rewrite plus_INR in K. fold n in K. simpl INR in K. fold c in K.
      assert (Qm : Q <= Q ^ m)
        by (rewrite <- (pow_1 Q) at 1; apply Rle_pow; [easy | unfold m; lia]).
      assert (Q * n <= Q ^ m * n) by (apply Rmult_le_compat_r; lra). lra. }
    assert (third : eta * (Q * (n * r)) <= eta * (Q * n * (r * I))).
    { apply Rmult_le_compat_l; [easy |]. rewrite <- Rmult_assoc.
      apply Rmult_le_compat_l; [|exact rI].
      apply Rmult_le_pos; lra. }
    assert (fourth : eta * (1 + (1 + u) * (inflated e1 + A))
      <= eta * (1 * (r * I)) + eta * (Q * n * (r * I))).
    { rewrite Rmult_plus_distr_l. apply Rplus_le_compat.
      - apply Rmult_le_compat_l; lra.
      - eapply Rle_trans; [apply Rmult_le_compat_l; [easy | exact second] | exact third]. }
    assert (last : eta * (r * I) * (Q * c + Q * n + 1) <= eta * (r * I) * grown m)
      by (apply Rmult_le_compat_l; [apply Rmult_le_pos; lra | exact all]).
    lra.
  - destruct F as (F1 & F2 & F3), D as (D1 & D2 & D3). simpl in H. simpl flushed_part. simpl reach.
    simpl factors.
    generalize (some_factors e1) (some_factors e2) (some_factors e3) (some_terms e1) (some_terms e2)
      (some_terms e3).
    intros N1 N2 N3 N4 N5 N6.
    assert (H1 : (factors e1 + terms e1 <= limit)%nat) by nia.
    assert (H2 : (factors e2 + terms e2 <= limit)%nat) by nia.
    assert (H3 : (factors e3 + terms e3 <= limit)%nat) by nia.
    destruct (crossed_at_most e1 e2 (factors e1 - 1) (factors e2 - 1) F1 F2 H1 H2 ltac:(lia)
      ltac:(lia)
      (IHe1 F1 D1 H1) (IHe2 F2 D2 H2)) as [C0 C].
    set (m := (factors e1 * terms e2 + factors e2 * terms e1 - 1)%nat).
    assert (K := grown_combined (terms e2) (factors e1 - 1) (terms e1) (factors e2 - 1) 0 m
      ltac:(unfold m; nia) ltac:(unfold m; nia) ltac:(unfold m; nia)). simpl INR in K.
    set (X := crossed (inflated e1) (flushed_part e1) (inflated e2) (flushed_part e2)) in *.
    assert (rr : 1 <= reach e1 * reach e2) by (generalize (R1 e1) (R1 e2); nra).
    assert (Xm : 0 <= X <= eta * grown m * (reach e1 * reach e2)).
    { split; [exact C0 |]. apply Rle_trans with ((1 + u) * X); [nra |].
      eapply Rle_trans; [exact C |].
      replace (eta * grown m * (reach e1 * reach e2))
        with (eta * (reach e1 * reach e2) * grown m) by ring.
      apply Rmult_le_compat_l; [apply Rmult_le_pos; lra | lra]. }
    eapply S; [exact Xm | apply IHe3; auto | exact rr | apply R1 | ..]; unfold m; nia.
Qed.

Variables (size : environment) (charge : nat -> R) (most : nat).
Hypothesis sizes : forall x, Rabs (exactly x) <= size x.
Hypothesis two_at_least : (2 <= most)%nat.
Hypothesis enough : forall n, (n <= most)%nat -> (1 + u) ^ n <= 1 + charge n.

Theorem sane_order_with_underflow a b v :
  is_formula a -> divisors_exceed a -> (terms a <= most)%nat ->
  (factors a + terms a <= limit)%nat -> same_formula a b -> evaluates_flushed b v ->
  Rabs (v - exact exactly a)
  <= radius_of exactly off size charge a
     + eta * (Q ^ operations a * INR (operations a)) * reach a.
Proof.
  intros F D N L O E. destruct (flushed_form b v E) as [Fb Db].
  apply flushed_evaluation in E. rewrite <- (same_formula_value exactly a b O) in E.
  assert (T : inflated a = inflated b /\ size_of a = size_of b).
  { unfold SaneOrders.inflated, weight, SaneOrders.size_of.
    now rewrite (same_formula_terms a b O), !(same_formula_weighed _ _ a b O). }
  destruct T as [T1 T2]. rewrite <- T1, <- T2 in E.
  assert (Lb : (factors b + terms b <= limit)%nat)
    by (rewrite <- (same_formula_factors a b O), <- (same_formula_terms a b O); exact L).
  destruct (flushed_at_most b Fb Db Lb) as [_ B].
  rewrite <- (same_formula_factors a b O), <- (same_formula_reach a b O) in B.
  destruct (formula_kept_within u exactly off u_not_negative off_not_negative size charge sizes most
    two_at_least enough a F D N) as [K _].
  assert (G : eta * grown (factors a - 1) * reach a <= eta * grown (operations a) * reach a).
  { apply Rmult_le_compat_r; [generalize (reach_at_least_one a); lra |].
    apply Rmult_le_compat_l; [easy |]. apply grown_more. generalize (operations_enough a). lia. }
  fold (grown (operations a)). lra.
Qed.

(* Rounding to nearest with gradual underflow. *)
Theorem rounded_may_underflow rnd held b :
  rounding u eta rnd -> (forall x, Rabs (held x - exactly x) <= off x) ->
  is_formula b -> divisors_exceed b -> evaluates_flushed b (rounded rnd held b).
Proof.
  intros Hr H. assert (E := error_bound _ _ _ Hr).
  induction b; simpl; intros F D; try easy.
  - now apply name_held.
  - apply sign_held. auto.
  - apply (sum_held _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - apply (difference_held _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - apply (product_held _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - destruct b2; try easy. destruct D as [D1 D2].
    apply (quotient_held _ _ (rounded rnd held b1) (held name)); auto.
    eapply Rle_trans; [apply E |]. simpl rounded.
    assert (u * Rabs (rounded rnd held b1 / held name)
            <= ((1 + u) ^ 2 - 1) * Rabs (rounded rnd held b1 / held name))
      by (apply Rmult_le_compat_r; [apply Rabs_pos | simpl; nra]).
    assert (0 <= eta * ((1 + u) * Rabs (rounded rnd held b1)))
      by (apply Rmult_le_pos; [easy | apply Rmult_le_pos; [lra | apply Rabs_pos]]). lra.
  - apply (fused_held _ _ _ (rounded rnd held b1) (rounded rnd held b2) (rounded rnd held b3));
      auto; tauto.
Qed.

End Flushed.
