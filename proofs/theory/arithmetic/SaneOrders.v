(* SPDX-License-Identifier: Apache-2.0 *)
(* The radius of numbers/any_order.hpp, which counts the terms of a formula.

   A formula is made of sums, differences, products, and quotients by a number that has a name. A
   sane program evaluates the formula, or one that the rules of [same_formula] turn it into: sums
   and products in any order, fused or not, factors and divisors distributed over a sum or not. Each
   of its operations errs by at most u of its result, and a quotient is one division, or a product
   by a reciprocal ([evaluates]). A name stands for what a file holds, a coefficient, a state, a
   divisor, a root; each time it is used the program may have another number there, within the
   name's radius.

   [terms] counts the terms that a program may take the formula apart into. A sum charges as many
   roundings as the larger of its operands has terms, and two at least; a product of n and m terms
   1 + (n - 1) (m - 1), and two at least; a quotient two ([radius_of]).

   Results, where nothing underflows or overflows:
   - [sane_order_within]: every sane evaluation lies within the radius of the formula;
     [sane_order_in_ieee]: so does IEEE arithmetic in any of these orders;
   - [charge_in_units]: c u (1 + 2^-10) is enough for c roundings while c u is at most 2^-11;
   - [rounded_is_sane], [merged_coefficients]: what falls under it;
   - [mean_by_difference_within]: x + w (g - x) lies within the radius of beta x + w g;
   - [root_within], [sane_run_within]: from named numbers to the next, root or formula. *)

Require Import Reals ZArith String Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding AnyOrder Formats.
Open Scope R_scope.

Inductive same_formula : expression -> expression -> Prop :=
  | same_by_polynomials a b : same_polynomial a b -> same_formula a b
  | back a b : same_formula a b -> same_formula b a
  | chained a b c : same_formula a b -> same_formula b c -> same_formula a c
  | sum_divided a b c : same_formula (Div (Add a b) c) (Add (Div a c) (Div b c))
  | product_divided a b c : same_formula (Div (Mul a b) c) (Mul a (Div b c))
  | sign_divided a c : same_formula (Div (Neg a) c) (Neg (Div a c))
  | in_sign a b : same_formula a b -> same_formula (Neg a) (Neg b)
  | in_sum a b c d : same_formula a b -> same_formula c d -> same_formula (Add a c) (Add b d)
  | in_product a b c d : same_formula a b -> same_formula c d -> same_formula (Mul a c) (Mul b d)
  | in_dividend a b c : same_formula a b -> same_formula (Div a c) (Div b c).

Theorem same_formula_value r a b : same_formula a b -> exact r a = exact r b.
Proof.
  induction 1; simpl; try congruence; [now apply same_value | unfold Rdiv; ring ..].
Qed.

Fixpoint terms (e : expression) : nat :=
  match e with
  | Neg a | Div a _ => terms a
  | Add a b | Sub a b => terms a + terms b
  | Mul a b => terms a * terms b
  | Fma a b c => terms a * terms b + terms c
  | _ => 1
  end.

Lemma same_polynomial_terms a b : same_polynomial a b -> terms a = terms b.
Proof. induction 1; simpl; try ring; congruence. Qed.

Lemma same_formula_terms a b : same_formula a b -> terms a = terms b.
Proof. induction 1; simpl; try congruence; try ring. now apply same_polynomial_terms. Qed.

Lemma some_terms e : (1 <= terms e)%nat.
Proof. induction e; simpl; nia. Qed.

(* The sum of the terms' sizes, where a number counts as [number] and a divisor as [divisor]. *)
Fixpoint weighed (number divisor : environment) (e : expression) : R :=
  let size := weighed number divisor in
  match e with
  | Var x => number x
  | Neg a => size a
  | Add a b | Sub a b => size a + size b
  | Mul a b => size a * size b
  | Fma a b c => size a * size b + size c
  | Div a (Var c) => size a * divisor c
  | _ => 0
  end.

Lemma same_polynomial_weighed n d a b : same_polynomial a b -> weighed n d a = weighed n d b.
Proof. induction 1; simpl; try ring; congruence. Qed.

Lemma same_formula_weighed n d a b : same_formula a b -> weighed n d a = weighed n d b.
Proof.
  induction 1; simpl; try congruence; try (destruct c; ring); [now apply same_polynomial_weighed |].
  destruct c; congruence.
Qed.

Fixpoint is_formula (e : expression) : Prop :=
  match e with
  | Var _ => True
  | Neg a => is_formula a
  | Add a b | Sub a b | Mul a b => is_formula a /\ is_formula b
  | Fma a b c => is_formula a /\ is_formula b /\ is_formula c
  | Div a (Var _) => is_formula a
  | _ => False
  end.

Lemma same_polynomial_form a b : same_polynomial a b -> (is_formula a <-> is_formula b).
Proof. induction 1; simpl; tauto. Qed.

Lemma same_formula_form a b : same_formula a b -> (is_formula a <-> is_formula b).
Proof.
  induction 1; simpl; try tauto; try (destruct c; tauto). now apply same_polynomial_form.
Qed.

(* [exactly] is what the formula speaks of, [off] how far what a program holds may be from it. *)
Section Orders.

Variables (u : R) (exactly off : environment).
Hypothesis u_not_negative : 0 <= u.
Hypothesis off_not_negative : forall x, 0 <= off x.

Fixpoint divisors_exceed (e : expression) : Prop :=
  match e with
  | Neg a => divisors_exceed a
  | Add a b | Sub a b | Mul a b => divisors_exceed a /\ divisors_exceed b
  | Fma a b c => divisors_exceed a /\ divisors_exceed b /\ divisors_exceed c
  | Div a b => divisors_exceed a /\ match b with Var c => off c < Rabs (exactly c) | _ => True end
  | _ => True
  end.

Definition smallest (c : string) : R := Rabs (exactly c) - off c.

Lemma same_formula_divisors a b :
  same_formula a b -> (divisors_exceed a <-> divisors_exceed b).
Proof.
  assert (P : forall a b, same_polynomial a b -> (divisors_exceed a <-> divisors_exceed b))
    by (induction 1; simpl; tauto).
  induction 1; simpl; try tauto; try (destruct c; tauto). now apply P.
Qed.

(* The terms' sizes, and what they become if each meets every addition of an order, and a rounding
   for each of its factors, two for a divisor. *)
Definition size_of (e : expression) : R :=
  weighed (fun x => Rabs (exactly x)) (fun c => Rabs (/ exactly c)) e.
Definition weight (e : expression) : R :=
  weighed (fun x => (1 + u) * (Rabs (exactly x) + off x))
    (fun c => (1 + u) ^ 2 * Rabs (/ smallest c)) e / (1 + u).
Definition inflated (e : expression) : R := (1 + u) ^ (terms e - 1) * weight e.

Inductive evaluates : expression -> R -> Prop :=
  | of_name x v : Rabs (v - exactly x) <= off x -> evaluates (Var x) v
  | of_sign a v : evaluates a v -> evaluates (Neg a) (- v)
  | of_sum a b v w r : evaluates a v -> evaluates b w ->
      Rabs (r - (v + w)) <= u * Rabs (v + w) -> evaluates (Add a b) r
  | of_difference a b v w r : evaluates a v -> evaluates b w ->
      Rabs (r - (v - w)) <= u * Rabs (v - w) -> evaluates (Sub a b) r
  | of_product a b v w r : evaluates a v -> evaluates b w ->
      Rabs (r - v * w) <= u * Rabs (v * w) -> evaluates (Mul a b) r
  | of_fused a b c v w x r : evaluates a v -> evaluates b w -> evaluates c x ->
      Rabs (r - (v * w + x)) <= u * Rabs (v * w + x) -> evaluates (Fma a b c) r
  | of_quotient a c v d r : evaluates a v -> off c < Rabs (exactly c) ->
      Rabs (d - exactly c) <= off c -> Rabs (r - v / d) <= ((1 + u) ^ 2 - 1) * Rabs (v / d) ->
      evaluates (Div a (Var c)) r.

Lemma weighed_nonnegative n d e :
  (forall x, 0 <= n x) -> (forall x, 0 <= d x) -> 0 <= weighed n d e.
Proof.
  intros Hn Hd. induction e; simpl; try lra; try apply Hn.
  - now apply Rmult_le_pos.
  - destruct e2; try lra. now apply Rmult_le_pos.
  - generalize (Rmult_le_pos _ _ IHe1 IHe2). lra.
Qed.

Lemma power_grows n m : (n <= m)%nat -> (1 + u) ^ n <= (1 + u) ^ m.
Proof. intro H. apply Rle_pow; [lra | exact H]. Qed.

Lemma size_nonnegative e : 0 <= size_of e.
Proof. apply weighed_nonnegative; intro; apply Rabs_pos. Qed.

Lemma weight_nonnegative e : 0 <= weight e.
Proof.
  apply Rmult_le_pos; [| apply Rlt_le, Rinv_0_lt_compat; lra].
  apply weighed_nonnegative; intro x.
  - apply Rmult_le_pos; [lra |]. generalize (Rabs_pos (exactly x)) (off_not_negative x). lra.
  - apply Rmult_le_pos; [apply pow_le; lra | apply Rabs_pos].
Qed.

Lemma weight_of_sum a b : weight (Add a b) = weight a + weight b.
Proof. unfold weight. simpl. field. lra. Qed.

Lemma weight_of_product a b : weight (Mul a b) = (1 + u) * (weight a * weight b).
Proof. unfold weight. simpl. field. lra. Qed.

Lemma inflated_nonnegative e : 0 <= inflated e.
Proof. apply Rmult_le_pos; [apply pow_le; lra | apply weight_nonnegative]. Qed.

Lemma inflated_name x : inflated (Var x) = Rabs (exactly x) + off x.
Proof. unfold inflated, weight. simpl. field. lra. Qed.

Lemma inflated_sum a b : (1 + u) * (inflated a + inflated b) <= inflated (Add a b).
Proof.
  unfold inflated. rewrite weight_of_sum, !Rmult_plus_distr_l, <- !Rmult_assoc, !tech_pow_Rmult.
  simpl terms. assert (A := some_terms a). assert (B := some_terms b).
  apply Rplus_le_compat; apply Rmult_le_compat_r; try apply weight_nonnegative;
    apply power_grows; lia.
Qed.

Lemma inflated_product a b : (1 + u) * (inflated a * inflated b) <= inflated (Mul a b).
Proof.
  unfold inflated. rewrite weight_of_product. simpl terms.
  assert (A := some_terms a). assert (B := some_terms b).
  replace ((1 + u) * ((1 + u) ^ (terms a - 1) * weight a * ((1 + u) ^ (terms b - 1) * weight b)))
    with ((1 + u) ^ (terms a - 1 + (terms b - 1)) * ((1 + u) * (weight a * weight b)))
    by (rewrite pow_add; ring).
  apply Rmult_le_compat_r; [| apply power_grows; nia].
  apply Rmult_le_pos; [lra | apply Rmult_le_pos; apply weight_nonnegative].
Qed.

Lemma inflated_fused a b c :
  (1 + u) * (inflated a * inflated b + inflated c) <= inflated (Fma a b c).
Proof.
  change (inflated (Fma a b c)) with (inflated (Add (Mul a b) c)).
  eapply Rle_trans; [| apply inflated_sum]. apply Rmult_le_compat_l; [lra |].
  apply Rplus_le_compat_r. eapply Rle_trans; [| apply inflated_product].
  assert (0 <= inflated a * inflated b) by (apply Rmult_le_pos; apply inflated_nonnegative). nra.
Qed.

Lemma inflated_quotient a c :
  inflated (Div a (Var c)) = (1 + u) ^ 2 * (inflated a * Rabs (/ smallest c)).
Proof. unfold inflated, weight. simpl. field. lra. Qed.

Lemma inverse_apart c d :
  off c < Rabs (exactly c) -> Rabs (d - exactly c) <= off c ->
  Rabs (/ d) <= Rabs (/ smallest c)
  /\ Rabs (/ d - / exactly c) <= Rabs (/ smallest c) - Rabs (/ exactly c).
Proof.
  intros D H. assert (S := off_not_negative c).
  assert (L : smallest c <= Rabs d).
  { unfold smallest. generalize (Rabs_triang_inv (exactly c) d).
    rewrite (Rabs_minus_sym (exactly c)). lra. }
  assert (P : 0 < smallest c) by (unfold smallest; lra).
  rewrite !Rabs_inv, (Rabs_pos_eq (smallest c)) by lra.
  assert (I : / Rabs d <= / smallest c) by (apply Rinv_le_contravar; lra).
  split; [exact I |].
  assert (d <> 0) by (intro Z; rewrite Z, Rabs_R0 in L; lra).
  assert (exactly c <> 0) by (intro Z; rewrite Z, Rabs_R0 in D; lra).
  replace (/ d - / exactly c) with (- (d - exactly c) * (/ exactly c * / d)) by (field; auto).
  rewrite !Rabs_mult, Rabs_Ropp, !Rabs_inv.
  replace (/ smallest c - / Rabs (exactly c))
    with (off c * (/ Rabs (exactly c) * / smallest c))
    by (unfold smallest; field; unfold smallest in P; lra).
  apply Rmult_le_compat; auto using Rabs_pos.
  - apply Rmult_le_pos; apply Rlt_le, Rinv_0_lt_compat; lra.
  - apply Rmult_le_compat_l; [apply Rlt_le, Rinv_0_lt_compat; lra | exact I].
Qed.

Lemma inverse_exact c : off c < Rabs (exactly c) -> Rabs (/ exactly c) <= Rabs (/ smallest c).
Proof.
  intro D. apply (inverse_apart c (exactly c) D). rewrite Rminus_diag_eq, Rabs_R0 by easy.
  apply off_not_negative.
Qed.

Lemma value_at_most e : is_formula e -> Rabs (exact exactly e) <= size_of e.
Proof.
  unfold size_of. induction e; simpl; intro F; try easy; try lra.
  - rewrite Rabs_Ropp. auto.
  - apply Rabs_plus; tauto.
  - unfold Rminus. apply Rabs_plus; rewrite ?Rabs_Ropp; tauto.
  - apply Rabs_times; tauto.
  - destruct e2; try easy. simpl. unfold Rdiv. apply Rabs_times; [auto | lra].
  - apply Rabs_plus; [apply Rabs_times |]; tauto.
Qed.

Lemma evaluates_a_formula e v : evaluates e v -> is_formula e /\ divisors_exceed e.
Proof. induction 1; simpl; tauto. Qed.

Lemma size_at_most e : is_formula e -> divisors_exceed e -> size_of e <= inflated e.
Proof.
  assert (P := inflated_nonnegative).
  assert (K : forall x, 0 <= x -> x <= (1 + u) * x) by (intros; nra).
  unfold size_of. induction e; simpl; intros F D; try easy.
  - rewrite inflated_name. generalize (off_not_negative name). lra.
  - now apply IHe.
  - eapply Rle_trans; [| apply inflated_sum]. eapply Rle_trans; [| apply K].
    + apply Rplus_le_compat; tauto.
    + apply Rplus_le_le_0_compat; auto.
  - change (inflated (Sub e1 e2)) with (inflated (Add e1 e2)).
    eapply Rle_trans; [| apply inflated_sum]. eapply Rle_trans; [| apply K].
    + apply Rplus_le_compat; tauto.
    + apply Rplus_le_le_0_compat; auto.
  - eapply Rle_trans; [| apply inflated_product]. eapply Rle_trans; [| apply K].
    + apply Rmult_le_compat; try tauto; apply size_nonnegative.
    + apply Rmult_le_pos; auto.
  - destruct e2; try easy. rewrite inflated_quotient. destruct D as [D1 D2].
    assert (I := inverse_exact name D2).
    assert (0 <= inflated e1 * Rabs (/ smallest name)) by (apply Rmult_le_pos; auto using Rabs_pos).
    apply Rle_trans with (inflated e1 * Rabs (/ smallest name)); [| simpl; nra].
    apply Rmult_le_compat; auto using Rabs_pos. apply size_nonnegative.
  - eapply Rle_trans; [| apply inflated_fused]. eapply Rle_trans; [| apply K].
    + apply Rplus_le_compat; [apply Rmult_le_compat; try tauto; apply size_nonnegative | tauto].
    + apply Rplus_le_le_0_compat; [apply Rmult_le_pos |]; auto.
Qed.

(* What one operation adds to the errors of its operands. *)
Lemma operation_within k r y Y T S :
  0 <= k -> Rabs (r - y) <= k * Rabs y -> Rabs (y - Y) <= T - S -> Rabs Y <= S ->
  Rabs (r - Y) <= (1 + k) * T - S.
Proof.
  intros K H1 H2 H3. replace (r - Y) with ((r - y) + (y - Y)) by ring.
  assert (Rabs y <= T) by (replace y with (Y + (y - Y)) by ring; eapply Rle_trans;
    [apply Rabs_plus; [exact H3 | exact H2] | lra]).
  eapply Rle_trans; [apply Rabs_plus; [exact H1 | exact H2] |]. nra.
Qed.

Lemma product_apart v A T S w B T' S' :
  Rabs (v - A) <= T - S -> Rabs (w - B) <= T' - S' -> Rabs A <= S -> Rabs B <= S' ->
  Rabs (v * w - A * B) <= T * T' - S * S'.
Proof.
  intros H1 H2 H3 H4. replace (v * w - A * B) with ((v - A) * w + A * (w - B)) by ring.
  assert (Rabs w <= T') by (replace w with (B + (w - B)) by ring; eapply Rle_trans;
    [apply Rabs_plus; [exact H4 | exact H2] | lra]).
  eapply Rle_trans; [apply Rabs_plus; apply Rabs_times; eassumption |]. lra.
Qed.

Theorem evaluation_within e v :
  evaluates e v -> Rabs (v - exact exactly e) <= inflated e - size_of e.
Proof.
  induction 1 as [x v H | a v E IH | a b v w r E1 IH1 E2 IH2 H | a b v w r E1 IH1 E2 IH2 H
                 | a b v w r E1 IH1 E2 IH2 H | a b c v w x r E1 IH1 E2 IH2 E3 IH3 H
                 | a c v d r E IH Hc Hd H];
    repeat match goal with
    | E : evaluates ?a _ |- _ => apply evaluates_a_formula, proj1, value_at_most in E
    end.
  - rewrite inflated_name. unfold size_of. simpl. lra.
  - simpl exact. replace (- v - - exact exactly a) with (- (v - exact exactly a)) by ring.
    rewrite Rabs_Ropp. exact IH.
  - eapply Rle_trans; [| apply Rplus_le_compat_r, inflated_sum].
    apply (operation_within u r (v + w)); [easy | exact H | | apply Rabs_plus; assumption]. simpl.
    replace (v + w - (exact exactly a + exact exactly b))
      with ((v - exact exactly a) + (w - exact exactly b)) by ring.
    eapply Rle_trans; [apply Rabs_plus; eassumption |]. unfold size_of. simpl. lra.
  - change (inflated (Sub a b)) with (inflated (Add a b)).
    eapply Rle_trans; [| apply Rplus_le_compat_r, inflated_sum].
    apply (operation_within u r (v - w)); [easy | exact H | |].
    + simpl. replace (v - w - (exact exactly a - exact exactly b))
        with ((v - exact exactly a) + - (w - exact exactly b)) by ring.
      eapply Rle_trans; [apply Rabs_plus; rewrite ?Rabs_Ropp; eassumption |].
      unfold size_of. simpl. lra.
    + simpl. unfold Rminus. apply Rabs_plus; rewrite ?Rabs_Ropp; assumption.
  - eapply Rle_trans; [| apply Rplus_le_compat_r, inflated_product].
    apply (operation_within u r (v * w)); [easy | exact H | | apply Rabs_times; assumption].
    apply product_apart; auto.
  - eapply Rle_trans; [| apply Rplus_le_compat_r, inflated_fused].
    apply (operation_within u r (v * w + x)); [easy | exact H | | simpl; apply Rabs_plus;
      [apply Rabs_times |]; assumption].
    assert (Q := product_apart _ _ _ _ _ _ _ _ IH1 IH2 E1 E2). simpl.
    replace (v * w + x - (exact exactly a * exact exactly b + exact exactly c))
      with ((v * w - exact exactly a * exact exactly b) + (x - exact exactly c)) by ring.
    eapply Rle_trans; [apply Rabs_plus; eassumption |]. unfold size_of. simpl. lra.
  - rewrite inflated_quotient. destruct (inverse_apart c d Hc Hd) as [I1 I2].
    replace ((1 + u) ^ 2) with (1 + ((1 + u) ^ 2 - 1)) by ring.
    apply (operation_within _ r (v / d)); [simpl; nra | exact H | | apply Rabs_times; [exact E |]].
    + simpl exact. apply (product_apart v (exact exactly a) _ _ (/ d) (/ exactly c)); auto; lra.
    + simpl. lra.
Qed.

(* [charge n] is what n roundings are charged, relative to what is rounded; [size] is at least the
   size of a named number, such as what a root would be had no sum below it cancelled. *)
Variables (size : environment) (charge : nat -> R).

Definition sum_charge (a b : expression) : R := charge (Nat.max 2 (Nat.max (terms a) (terms b))).
Definition product_charge (a b : expression) : R :=
  charge (Nat.max 2 (1 + (terms a - 1) * (terms b - 1))).

(* The size that the value would have if no sum had cancelled. *)
Fixpoint magnitude (e : expression) : R :=
  match e with
  | Var x => size x
  | Neg a => magnitude a
  | Add a b | Sub a b => magnitude a + magnitude b
  | Mul a b => magnitude a * magnitude b
  | Fma a b c => magnitude a * magnitude b + magnitude c
  | Div a (Var c) => magnitude a / smallest c
  | _ => 0
  end.

(* What an error of the other factor may meet: all terms, for they may meet it one by one. *)
Definition spread (e : expression) : R :=
  if (terms e =? 1)%nat then Rabs (exact exactly e) else magnitude e.

Definition and_roundings (k magnitude error : R) : R := error + k * (magnitude + error).

Definition error_of_product (M r N s : R) : R := M * s + N * r + r * s.

Fixpoint radius_of (e : expression) : R :=
  let product a b :=
    and_roundings (product_charge a b) (magnitude a * magnitude b)
      (error_of_product (spread a) (radius_of a) (spread b) (radius_of b)) in
  match e with
  | Var x => off x
  | Neg a => radius_of a
  | Add a b | Sub a b =>
      and_roundings (sum_charge a b) (magnitude a + magnitude b) (radius_of a + radius_of b)
  | Mul a b => product a b
  | Fma a b c =>
      and_roundings (sum_charge (Mul a b) c) (magnitude a * magnitude b + magnitude c)
        (product a b + radius_of c)
  | Div a (Var c) =>
      and_roundings (charge 2) (magnitude a / smallest c)
        ((spread a * off c + Rabs (exactly c) * radius_of a) / (Rabs (exactly c) * smallest c))
  | _ => 0
  end.

Hypothesis sizes : forall x, Rabs (exactly x) <= size x.

Variable most : nat.
Hypothesis two_at_least : (2 <= most)%nat.
Hypothesis enough : forall n, (n <= most)%nat -> (1 + u) ^ n <= 1 + charge n.

Lemma charge_nonnegative n : (n <= most)%nat -> 0 <= charge n.
Proof. intro H. generalize (enough n H) (pow_R1_Rle (1 + u) n ltac:(lra)). lra. Qed.

Lemma inflated_sum_charged a b :
  (terms a + terms b <= most)%nat ->
  inflated (Add a b) <= (1 + sum_charge a b) * (inflated a + inflated b).
Proof.
  intro H. unfold sum_charge. assert (A := some_terms a). assert (B := some_terms b).
  set (n := Nat.max 2 _). assert (E : (1 + u) ^ n <= 1 + charge n) by (apply enough; lia).
  apply Rle_trans with ((1 + u) ^ n * (inflated a + inflated b)).
  - unfold inflated. rewrite weight_of_sum, !Rmult_plus_distr_l, <- !Rmult_assoc, <- !pow_add.
    simpl terms.
    apply Rplus_le_compat; apply Rmult_le_compat_r; try apply weight_nonnegative;
      apply power_grows; lia.
  - apply Rmult_le_compat_r; [| exact E]. apply Rplus_le_le_0_compat; apply inflated_nonnegative.
Qed.

Lemma inflated_product_charged a b :
  (terms a * terms b <= most)%nat ->
  inflated (Mul a b) <= (1 + product_charge a b) * (inflated a * inflated b).
Proof.
  intro H. unfold product_charge. assert (A := some_terms a). assert (B := some_terms b).
  set (n := Nat.max 2 _). assert (E : (1 + u) ^ n <= 1 + charge n) by (apply enough; nia).
  apply Rle_trans with ((1 + u) ^ n * (inflated a * inflated b)).
  - unfold inflated. rewrite weight_of_product. simpl terms.
    rewrite <- Rmult_assoc, (Rmult_comm _ (1 + u)), tech_pow_Rmult.
    replace ((1 + u) ^ n
             * ((1 + u) ^ (terms a - 1) * weight a * ((1 + u) ^ (terms b - 1) * weight b)))
      with ((1 + u) ^ (n + (terms a - 1 + (terms b - 1))) * (weight a * weight b))
      by (rewrite !pow_add; ring).
    apply Rmult_le_compat_r; [apply Rmult_le_pos; apply weight_nonnegative |].
    apply power_grows. unfold n. nia.
  - apply Rmult_le_compat_r; [| exact E]. apply Rmult_le_pos; apply inflated_nonnegative.
Qed.

Lemma magnitude_nonnegative e : is_formula e -> divisors_exceed e -> 0 <= magnitude e.
Proof.
  induction e; simpl; intros F D; try easy; try lra.
  - generalize (sizes name) (Rabs_pos (exactly name)). lra.
  - auto.
  - apply Rplus_le_le_0_compat; tauto.
  - apply Rplus_le_le_0_compat; tauto.
  - apply Rmult_le_pos; tauto.
  - destruct e2; try easy. apply Rmult_le_pos; [tauto |]. apply Rlt_le, Rinv_0_lt_compat.
    unfold smallest. lra.
  - apply Rplus_le_le_0_compat; [apply Rmult_le_pos |]; tauto.
Qed.

Lemma size_at_most_magnitude e : is_formula e -> divisors_exceed e -> size_of e <= magnitude e.
Proof.
  unfold size_of. induction e; simpl; intros F D; try easy; auto.
  - apply Rplus_le_compat; tauto.
  - apply Rplus_le_compat; tauto.
  - apply Rmult_le_compat; try tauto; apply size_nonnegative.
  - destruct e2; try easy. destruct D as [D1 D2]. assert (I := inverse_exact name D2).
    assert (0 < smallest name) by (unfold smallest; lra).
    rewrite (Rabs_pos_eq (/ smallest name)) in I by now apply Rlt_le, Rinv_0_lt_compat.
    apply Rmult_le_compat; auto using Rabs_pos. apply size_nonnegative.
  - apply Rplus_le_compat; [apply Rmult_le_compat; try tauto; apply size_nonnegative | tauto].
Qed.

(* A single term is its own size. *)
Lemma size_of_one e : is_formula e -> terms e = 1%nat -> size_of e = Rabs (exact exactly e).
Proof.
  unfold size_of. induction e; simpl; intros F N; try easy;
    try (generalize (some_terms e1) (some_terms e2); lia).
  - rewrite Rabs_Ropp. auto.
  - apply Nat.eq_mul_1 in N. rewrite IHe1, IHe2 by tauto. symmetry. apply Rabs_mult.
  - destruct e2; try easy. rewrite IHe1 by easy. simpl. unfold Rdiv. symmetry. apply Rabs_mult.
  - generalize (some_terms e1) (some_terms e2) (some_terms e3). nia.
Qed.

Lemma spread_between e :
  is_formula e -> divisors_exceed e -> size_of e <= spread e <= magnitude e.
Proof.
  intros F D. assert (S := size_at_most_magnitude e F D). unfold spread.
  destruct (terms e =? 1)%nat eqn:N; [| lra].
  apply Nat.eqb_eq in N. rewrite <- (size_of_one e F N). lra.
Qed.

(* A formula's error stays within its radius, and its inflated terms within spread and radius. *)
Definition kept_within (T S M r : R) : Prop := T - S <= r /\ T <= M + r.

Lemma sum_kept_within k T S M r N T' S' M' r' N' TT :
  0 <= k -> M <= N -> M' <= N' -> kept_within T S M r -> kept_within T' S' M' r' ->
  TT <= (1 + k) * (T + T') ->
  kept_within TT (S + S') (N + N') (and_roundings k (N + N') (r + r')).
Proof. unfold kept_within, and_roundings. intros K L L' [H1 H2] [H3 H4] H. split; nra. Qed.

Lemma product_kept_within k T S M r N T' S' M' r' N' TT :
  0 <= k -> 0 <= S <= T -> 0 <= S' <= T' -> S <= M <= N -> S' <= M' <= N' ->
  kept_within T S M r -> kept_within T' S' M' r' -> TT <= (1 + k) * (T * T') ->
  kept_within TT (S * S') (M * M') (and_roundings k (N * N') (error_of_product M r M' r')).
Proof.
  unfold kept_within, and_roundings, error_of_product.
  intros K HS HS' HM HM' [H1 H2] [H3 H4] H.
  assert (P : T * T' <= (M + r) * (M' + r')) by (apply Rmult_le_compat; lra).
  assert (Q : T * T' - S * S' <= M * r' + M' * r + r * r').
  { replace (T * T' - S * S') with ((T - S) * T' + S * (T' - S')) by ring.
    assert ((T - S) * T' <= r * (M' + r')) by (apply Rmult_le_compat; lra).
    assert (S * (T' - S') <= M * r') by (apply Rmult_le_compat; lra). lra. }
  assert (M * M' <= N * N') by (apply Rmult_le_compat; lra).
  split; nra.
Qed.

Theorem formula_kept_within e :
  is_formula e -> divisors_exceed e -> (terms e <= most)%nat ->
  kept_within (inflated e) (size_of e) (spread e) (radius_of e).
Proof.
  assert (HS : forall e, is_formula e -> divisors_exceed e -> 0 <= size_of e <= inflated e)
    by (intros; split; [apply size_nonnegative | now apply size_at_most]).
  assert (HP : forall a b, is_formula a -> is_formula b -> divisors_exceed a -> divisors_exceed b ->
    (terms a * terms b <= most)%nat ->
    kept_within (inflated a) (size_of a) (spread a) (radius_of a) ->
    kept_within (inflated b) (size_of b) (spread b) (radius_of b) ->
    kept_within (inflated (Mul a b)) (size_of (Mul a b)) (spread a * spread b)
      (radius_of (Mul a b))).
  { intros a b Fa Fb Da Db N Ka Kb. simpl radius_of.
    change (size_of (Mul a b)) with (size_of a * size_of b).
    eapply product_kept_within; eauto using spread_between, inflated_product_charged.
    apply charge_nonnegative. generalize (some_terms a) (some_terms b). nia. }
  assert (more : forall a b, (terms a + terms b =? 1)%nat = false)
    by (intros; apply Nat.eqb_neq; generalize (some_terms a) (some_terms b); lia).
  induction e; intros F D N; try easy.
  - unfold kept_within, size_of, spread. rewrite inflated_name. simpl. lra.
  - assert (K := IHe F D N). unfold spread in *. simpl. now rewrite Rabs_Ropp.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in N. unfold spread. simpl terms. rewrite more.
    apply sum_kept_within with (T := inflated e1) (T' := inflated e2)
      (M := spread e1) (M' := spread e2); try (now apply spread_between);
      [| apply IHe1 | apply IHe2 | now apply inflated_sum_charged]; try easy; try lia.
    apply charge_nonnegative. generalize (some_terms e1) (some_terms e2). lia.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in N. unfold spread. simpl terms. rewrite more.
    change (inflated (Sub e1 e2)) with (inflated (Add e1 e2)).
    apply sum_kept_within with (T := inflated e1) (T' := inflated e2)
      (M := spread e1) (M' := spread e2); try (now apply spread_between);
      [| apply IHe1 | apply IHe2 | now apply inflated_sum_charged]; try easy; try lia.
    apply charge_nonnegative. generalize (some_terms e1) (some_terms e2). lia.
  - destruct F as [F1 F2], D as [D1 D2]. simpl in N.
    generalize (some_terms e1) (some_terms e2). intros N1 N2.
    assert (K : kept_within (inflated (Mul e1 e2)) (size_of (Mul e1 e2)) (spread e1 * spread e2)
                  (radius_of (Mul e1 e2)))
      by (apply HP; try easy; [apply IHe1 | apply IHe2]; try easy; nia).
    destruct K as [K1 K2]. split; [exact K1 |]. eapply Rle_trans; [exact K2 |].
    apply Rplus_le_compat_r. unfold spread at 3. simpl terms.
    destruct (terms e1 * terms e2 =? 1)%nat eqn:E.
    + apply Nat.eqb_eq, Nat.eq_mul_1 in E. destruct E as [E1 E2]. unfold spread.
      rewrite E1, E2. simpl. rewrite Rabs_mult. lra.
    + simpl. generalize (spread_between e1 F1 D1), (spread_between e2 F2 D2),
        (size_nonnegative e1), (size_nonnegative e2). intros.
      apply Rmult_le_compat; lra.
  - destruct e2; try easy. destruct D as [D1 D2]. simpl in F, N.
    destruct (IHe1 F D1 N) as [K1 K2]. assert (I := inverse_exact name D2).
    assert (B := spread_between e1 F D1). destruct (HS e1 F D1) as [S0 S1].
    assert (Z := off_not_negative name). assert (E := enough 2 two_at_least).
    assert (K := charge_nonnegative 2 two_at_least).
    assert (Pz : 0 < smallest name) by (unfold smallest; lra).
    assert (PC : 0 < Rabs (exactly name)) by lra.
    rewrite (Rabs_pos_eq (/ smallest name)) in I by now apply Rlt_le, Rinv_0_lt_compat.
    rewrite Rabs_inv in I.
    assert (L : (spread e1 * off name + Rabs (exactly name) * radius_of e1)
                / (Rabs (exactly name) * smallest name)
                = (spread e1 + radius_of e1) * / smallest name - spread e1 * / Rabs (exactly name))
      by (unfold smallest; field; unfold smallest in Pz; lra).
    unfold kept_within. simpl radius_of. unfold and_roundings. rewrite L, inflated_quotient.
    change (size_of (Div e1 (Var name))) with (size_of e1 * Rabs (/ exactly name)).
    rewrite (Rabs_inv (exactly name)), (Rabs_pos_eq (/ smallest name))
      by now apply Rlt_le, Rinv_0_lt_compat.
    assert (SP : spread (Div e1 (Var name)) >= spread e1 * / Rabs (exactly name)).
    { unfold spread. simpl. unfold Rdiv. apply Rle_ge. destruct (terms e1 =? 1)%nat.
      - rewrite Rabs_mult, Rabs_inv. lra.
      - apply Rmult_le_compat_l; lra. }
    unfold Rdiv.
    set (i := / Rabs (exactly name)) in *. set (z := / smallest name) in *.
    assert (Pi : 0 < i) by now apply Rinv_0_lt_compat.
    assert (T0 := inflated_nonnegative e1).
    assert (Tz : inflated e1 * z <= (spread e1 + radius_of e1) * z)
      by (apply Rmult_le_compat_r; lra).
    assert (Si : (spread e1 - size_of e1) * i <= (spread e1 - size_of e1) * z)
      by (apply Rmult_le_compat_l; lra).
    assert (Ti : (inflated e1 - size_of e1) * z <= radius_of e1 * z)
      by (apply Rmult_le_compat_r; lra).
    assert (Mz : spread e1 * i <= magnitude e1 * z) by (apply Rmult_le_compat; lra).
    assert (G : ((1 + u) ^ 2 - 1) * (inflated e1 * z)
                <= charge 2
                   * (magnitude e1 * z + ((spread e1 + radius_of e1) * z - spread e1 * i))).
    { apply Rmult_le_compat; [simpl; nra | apply Rmult_le_pos; lra | lra | lra]. }
    split; nra.
  - destruct F as (F1 & F2 & F3), D as (D1 & D2 & D3). simpl in N.
    generalize (some_terms e1) (some_terms e2) (some_terms e3). intros N1 N2 N3.
    unfold spread. simpl terms.
    rewrite (more (Mul e1 e2) e3 : (terms e1 * terms e2 + terms e3 =? 1)%nat = false).
    change (inflated (Fma e1 e2 e3)) with (inflated (Add (Mul e1 e2) e3)).
    apply sum_kept_within with (T := inflated (Mul e1 e2)) (T' := inflated e3)
      (S := size_of (Mul e1 e2)) (M := spread e1 * spread e2) (M' := spread e3)
      (N := magnitude e1 * magnitude e2); [| | now apply spread_between | | apply IHe3 |];
      try easy; try lia.
    + apply charge_nonnegative. simpl terms. lia.
    + generalize (spread_between e1 F1 D1), (spread_between e2 F2 D2),
        (size_nonnegative e1), (size_nonnegative e2). intros.
      apply Rmult_le_compat; lra.
    + apply HP; try easy; [nia | apply IHe1 | apply IHe2]; try easy; nia.
    + apply inflated_sum_charged; simpl terms; lia.
Qed.

Theorem sane_order_within a b v :
  is_formula a -> divisors_exceed a -> (terms a <= most)%nat ->
  same_formula a b -> evaluates b v -> Rabs (v - exact exactly a) <= radius_of a.
Proof.
  intros F D N S E. apply evaluation_within in E.
  rewrite <- (same_formula_value exactly a b S) in E.
  assert (T : inflated a = inflated b /\ size_of a = size_of b).
  { unfold inflated, weight, size_of.
    now rewrite (same_formula_terms a b S), !(same_formula_weighed _ _ a b S). }
  destruct T as [T1 T2]. rewrite <- T1, <- T2 in E.
  destruct (formula_kept_within a F D N) as [K _]. lra.
Qed.

(* Whatever rounds to nearest, a coefficient that is made of two and rounded once, a root. *)
Theorem rounded_is_sane rnd held b :
  rounding u 0 rnd -> (forall x, Rabs (held x - exactly x) <= off x) ->
  is_formula b -> divisors_exceed b -> evaluates b (rounded rnd held b).
Proof.
  intros Hr H. assert (E : forall x, Rabs (rnd x - x) <= u * Rabs x).
  { intro x. generalize (error_bound _ _ _ Hr x). lra. }
  induction b; simpl; intros F D; try easy.
  - now apply of_name.
  - apply of_sign. auto.
  - apply (of_sum _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - apply (of_difference _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - apply (of_product _ _ (rounded rnd held b1) (rounded rnd held b2)); auto; tauto.
  - destruct b2; try easy. destruct D as [D1 D2].
    apply (of_quotient _ _ (rounded rnd held b1) (held name)); auto.
    eapply Rle_trans; [apply E |]. apply Rmult_le_compat_r; [apply Rabs_pos | simpl; nra].
  - apply (of_fused _ _ _ (rounded rnd held b1) (rounded rnd held b2) (rounded rnd held b3));
      auto; tauto.
Qed.

Lemma merged_coefficients c d r :
  Rabs (r - exactly c * exactly d) <= u * Rabs (exactly c * exactly d) ->
  evaluates (Mul (Var c) (Var d)) r.
Proof.
  intro H. apply (of_product _ _ (exactly c) (exactly d)); [apply of_name .. | exact H];
    rewrite Rminus_diag_eq, Rabs_R0 by easy; apply off_not_negative.
Qed.

Definition error_of_root (X o : R) : R :=
  if Rlt_dec 0 X then Rmin (sqrt o) (o / (sqrt X + sqrt (Rmax (X - o) 0))) else sqrt o.

Theorem root_within x v r :
  0 <= exactly x -> 0 <= v -> Rabs (v - exactly x) <= off x ->
  Rabs (r - sqrt v) <= ((1 + u) ^ 2 - 1) * sqrt v ->
  Rabs (r - sqrt (exactly x))
  <= and_roundings (charge 2) (sqrt (size x)) (error_of_root (exactly x) (off x)).
Proof.
  intros HX Hv Hx Hr. set (X := exactly x) in *. set (o := off x) in *.
  assert (O : 0 <= o) by apply off_not_negative.
  assert (RV := sqrt_pos v). assert (RX := sqrt_pos X).
  assert (E : Rabs (sqrt v - sqrt X) <= error_of_root X o).
  { assert (Far : Rabs (sqrt v - sqrt X) <= sqrt o).
    { apply Rsqr_incr_0_var; [| apply sqrt_pos]. rewrite Rsqr_sqrt by exact O.
      apply Rle_trans with (Rabs (v - X)); [| exact Hx].
      generalize (sqrt_sqrt v Hv) (sqrt_sqrt X HX). intros Sv SX. unfold Rsqr.
      unfold Rabs; repeat destruct Rcase_abs; nra. }
    unfold error_of_root. destruct (Rlt_dec 0 X) as [P | _]; [| exact Far].
    apply Rmin_glb; [exact Far |].
    assert (0 < sqrt X) by now apply sqrt_lt_R0.
    assert (L : sqrt (Rmax (X - o) 0) <= sqrt v).
    { apply sqrt_le_1_alt. apply Rmax_lub; [| exact Hv].
      revert Hx. unfold Rabs. destruct Rcase_abs; lra. }
    assert (L0 := sqrt_pos (Rmax (X - o) 0)).
    apply Rmult_le_reg_r with (sqrt X + sqrt (Rmax (X - o) 0)); [lra |].
    unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rle_trans with (Rabs (sqrt v - sqrt X) * (sqrt X + sqrt v)).
    - apply Rmult_le_compat_l; [apply Rabs_pos | lra].
    - rewrite <- (Rabs_pos_eq (sqrt X + sqrt v)), <- Rabs_mult by lra.
      replace ((sqrt v - sqrt X) * (sqrt X + sqrt v))
        with (sqrt v * sqrt v - sqrt X * sqrt X) by ring.
      now rewrite !sqrt_sqrt by assumption. }
  assert (C := enough 2 two_at_least).
  assert (M : sqrt X <= sqrt (size x)).
  { apply sqrt_le_1_alt. generalize (sizes x) (Rle_abs X). unfold X. lra. }
  assert (V : sqrt v <= sqrt (size x) + error_of_root X o).
  { generalize (Rle_abs (sqrt v - sqrt X)). lra. }
  assert (((1 + u) ^ 2 - 1) * sqrt v <= charge 2 * (sqrt (size x) + error_of_root X o)).
  { apply Rmult_le_compat; [simpl; nra | easy | lra | exact V]. }
  replace (r - sqrt X) with ((r - sqrt v) + (sqrt v - sqrt X)) by ring.
  eapply Rle_trans; [apply Rabs_plus; [exact Hr | exact E] |]. unfold and_roundings. lra.
Qed.

(* A mean as x + w (g - x), where w is at most beta = 1 - w: one more rounding than the formula's
   first product, and one less than two for each of its operations. *)
Theorem mean_by_difference_within beta x w g k x' g' w' d q r :
  0 < exactly w <= exactly beta -> exactly beta = 1 - exactly w -> 0 <= k ->
  off beta = k * exactly beta -> off w = k * exactly w ->
  Rabs (x' - exactly x) <= off x -> Rabs (g' - exactly g) <= off g ->
  Rabs (w' - exactly w) <= off w ->
  Rabs (d - (g' - x')) <= u * Rabs (g' - x') -> Rabs (q - w' * d) <= u * Rabs (w' * d) ->
  Rabs (r - (x' + q)) <= u * Rabs (x' + q) ->
  let mean := Add (Mul (Var beta) (Var x)) (Mul (Var w) (Var g)) in
  Rabs (r - exact exactly mean) <= radius_of mean.
Proof.
  intros [W0 W] B K Ob Ow Hx Hg Hw Hd Hq Hr mean.
  set (b := exactly beta) in *. set (v := exactly w) in *. set (D := g' - x') in *.
  set (X := Rabs (exactly x)). set (G := Rabs (exactly g)).
  assert (X0 : 0 <= X) by apply Rabs_pos. assert (G0 : 0 <= G) by apply Rabs_pos.
  set (N := b * Rabs x' + v * Rabs g').
  set (S := b * (X + off x) + v * (G + off g)).
  assert (N0 : 0 <= N).
  { apply Rplus_le_le_0_compat; apply Rmult_le_pos; auto using Rabs_pos; lra. }
  assert (NS : N <= S).
  { apply Rplus_le_compat; apply Rmult_le_compat_l; try lra.
    - now apply (Rabs_near x' (exactly x)); [apply Rle_refl |].
    - now apply (Rabs_near g' (exactly g)); [apply Rle_refl |]. }
  assert (VD : v * Rabs D <= N).
  { assert (Rabs D <= Rabs g' + Rabs x').
    { unfold D, Rminus. apply Rabs_plus; rewrite ?Rabs_Ropp; apply Rle_refl. }
    assert (v * Rabs D <= v * (Rabs g' + Rabs x')) by (apply Rmult_le_compat_l; lra).
    assert (v * Rabs x' <= b * Rabs x') by (apply Rmult_le_compat_r; auto using Rabs_pos).
    unfold N. lra. }
  assert (Q : Rabs (q - v * D) <= ((1 + k) * (1 + u) ^ 2 - 1) * (v * Rabs D)).
  { assert (D0 := Rabs_pos D).
    assert (W1 : Rabs w' <= (1 + k) * v).
    { rewrite Ow in Hw. replace ((1 + k) * v) with (v + k * v) by ring.
      apply (Rabs_near w' v); [rewrite Rabs_pos_eq; lra | exact Hw]. }
    assert (E : Rabs (w' * d - v * D) <= (1 + k) * v * (u * Rabs D) + k * v * Rabs D).
    { replace (w' * d - v * D) with (w' * (d - D) + (w' - v) * D) by ring.
      rewrite Ow in Hw.
      apply Rabs_plus; apply Rabs_times; auto using Rle_refl. }
    assert (F : Rabs (w' * d) <= (1 + k) * v * ((1 + u) * Rabs D)).
    { apply Rabs_times; [exact W1 |]. replace ((1 + u) * Rabs D) with (Rabs D + u * Rabs D) by ring.
      now apply (Rabs_near d D); [apply Rle_refl |]. }
    replace (q - v * D) with ((q - w' * d) + (w' * d - v * D)) by ring.
    eapply Rle_trans; [apply Rabs_plus; [exact Hq | exact E] |].
    assert (u * Rabs (w' * d) <= u * ((1 + k) * v * ((1 + u) * Rabs D)))
      by now apply Rmult_le_compat_l.
    simpl. lra. }
  assert (C : 0 <= (1 + k) * (1 + u) ^ 2 - 1) by (simpl; nra).
  assert (Y : Rabs (b * x' + v * g') <= N).
  { unfold N. apply Rabs_plus; rewrite Rabs_mult, Rabs_pos_eq by lra; lra. }
  assert (Z : Rabs (x' + q - (b * x' + v * g')) <= ((1 + k) * (1 + u) ^ 2 - 1) * N).
  { replace (x' + q - (b * x' + v * g')) with (q - v * D) by (unfold D; rewrite B; ring).
    eapply Rle_trans; [exact Q |]. now apply Rmult_le_compat_l. }
  assert (A : Rabs (b * x' + v * g' - (b * exactly x + v * exactly g)) <= b * off x + v * off g).
  { replace (b * x' + v * g' - (b * exactly x + v * exactly g))
      with (b * (x' - exactly x) + v * (g' - exactly g)) by ring.
    apply Rabs_plus; apply Rabs_times; auto; rewrite Rabs_pos_eq; lra. }
  assert (P : Rabs (x' + q) <= (1 + k) * (1 + u) ^ 2 * N).
  { replace (x' + q) with ((b * x' + v * g') + (x' + q - (b * x' + v * g'))) by ring.
    eapply Rle_trans; [apply Rabs_plus; [exact Y | exact Z] |]. lra. }
  assert (T : Rabs (r - (b * exactly x + v * exactly g))
              <= (1 + u) ^ 3 * (1 + k) * S - (b * X + v * G)).
  { replace (r - (b * exactly x + v * exactly g))
      with ((r - (x' + q)) + ((x' + q - (b * x' + v * g'))
            + (b * x' + v * g' - (b * exactly x + v * exactly g)))) by ring.
    eapply Rle_trans; [apply Rabs_plus; [exact Hr | apply Rabs_plus; [exact Z | exact A]] |].
    assert (u * Rabs (x' + q) <= u * ((1 + k) * (1 + u) ^ 2 * N)) by now apply Rmult_le_compat_l.
    assert (((1 + u) ^ 3 * (1 + k) - 1) * N <= ((1 + u) ^ 3 * (1 + k) - 1) * S).
    { apply Rmult_le_compat_l; [simpl in *; nra | exact NS]. }
    assert (S = b * X + v * G + (b * off x + v * off g)) by (unfold S; ring).
    clearbody N S. simpl in *. lra. }
  simpl exact. fold b v. eapply Rle_trans; [exact T |].
  unfold mean. simpl radius_of. unfold sum_charge, product_charge, spread, error_of_product. simpl.
  rewrite Ob, Ow. fold b v X G. rewrite (Rabs_pos_eq b), (Rabs_pos_eq v) by lra.
  assert (E := enough 2 two_at_least). assert (C2 := charge_nonnegative 2 two_at_least).
  set (c := charge 2) in *.
  assert (HX := sizes x). assert (HG := sizes g). assert (Hb := sizes beta). assert (Hv := sizes w).
  fold b v X G in HX, HG, Hb, Hv. rewrite (Rabs_pos_eq b) in Hb by lra.
  rewrite (Rabs_pos_eq v) in Hv by lra.
  assert (BX : b * X <= size beta * size x) by (apply Rmult_le_compat; lra).
  assert (VG : v * G <= size w * size g) by (apply Rmult_le_compat; lra).
  assert (S0 : 0 <= S) by lra.
  assert (Low : (1 + u) ^ 3 * (1 + k) * S <= (1 + c) * (1 + c) * ((1 + k) * S)).
  { assert ((1 + u) ^ 3 <= (1 + c) * (1 + c)).
    { apply Rle_trans with ((1 + u) ^ 2 * (1 + u) ^ 2); [simpl; nra |].
      apply Rmult_le_compat; simpl in *; nra. }
    rewrite Rmult_assoc. apply Rmult_le_compat_r; [| easy]. apply Rmult_le_pos; lra. }
  apply Rle_trans with ((1 + c) * (1 + c) * ((1 + k) * S) - (b * X + v * G)); [lra |].
  unfold and_roundings, S.
  set (m := size beta * size x) in *. set (n := size w * size g) in *.
  assert (0 <= c * (m - b * X)) by (apply Rmult_le_pos; lra).
  assert (0 <= c * (n - v * G)) by (apply Rmult_le_pos; lra).
  assert (0 <= c * (c * (m - b * X))) by (apply Rmult_le_pos; lra).
  assert (0 <= c * (c * (n - v * G))) by (apply Rmult_le_pos; lra).
  lra.
Qed.

End Orders.

(* From named numbers to the next: a formula in any order, or a root, gets a name of its own, and
   its radius with it. What is known of a name is its exact value, radius and size. *)
Definition named {A} (x : string) (a : A) (f : string -> A) : string -> A :=
  fun y => if String.eqb y x then a else f y.

Section Runs.

Variables (u : R) (charge : nat -> R) (most : nat).
Hypothesis u_not_negative : 0 <= u.
Hypothesis two_at_least : (2 <= most)%nat.
Hypothesis enough : forall n, (n <= most)%nat -> (1 + u) ^ n <= 1 + charge n.

Inductive sane_run : environment -> environment -> environment -> environment -> Prop :=
  | from_inputs exactly off size held :
      (forall x, Rabs (exactly x) <= size x) -> (forall x, Rabs (held x - exactly x) <= off x) ->
      sane_run exactly off size held
  | then_formula exactly off size held x a b v m :
      sane_run exactly off size held -> is_formula a -> divisors_exceed exactly off a ->
      (terms a <= most)%nat -> same_formula a b -> evaluates u exactly off b v ->
      Rabs (exact exactly a) <= m ->
      sane_run (named x (exact exactly a) exactly)
        (named x (radius_of exactly off size charge a) off) (named x m size) (named x v held)
  | then_root exactly off size held x y r m :
      sane_run exactly off size held -> 0 <= exactly y -> 0 <= held y ->
      Rabs (r - sqrt (held y)) <= ((1 + u) ^ 2 - 1) * sqrt (held y) -> sqrt (exactly y) <= m ->
      sane_run (named x (sqrt (exactly y)) exactly)
        (named x (and_roundings (charge 2) (sqrt (size y)) (error_of_root (exactly y) (off y))) off)
        (named x m size) (named x r held).

Theorem sane_run_within exactly off size held :
  sane_run exactly off size held ->
  forall x, Rabs (exactly x) <= size x /\ Rabs (held x - exactly x) <= off x.
Proof.
  induction 1 as [exactly off size held S H | exactly off size held y a b v m _ IH F D N E V M
                 | exactly off size held z y r m _ IH P Q E M]; intro x; [now split | |];
    assert (O : forall z, 0 <= off z)
      by (intro t; generalize (Rabs_pos (held t - exactly t)) (proj2 (IH t)); lra);
    assert (S : forall z, Rabs (exactly z) <= size z) by (intro t; apply IH);
    unfold named; destruct (String.eqb x _); try apply IH; split; try exact M.
  - eapply sane_order_within; eassumption.
  - rewrite Rabs_pos_eq; [exact M | apply sqrt_pos].
  - eapply root_within with (u := u) (v := held y); try eassumption. apply IH.
Qed.

End Runs.

(* The charge of numbers/any_order.hpp. *)
Theorem charge_in_units u n :
  0 <= u -> INR n * u <= / 2 ^ 11 -> (1 + u) ^ n <= 1 + INR n * u * (1 + / 2 ^ 10).
Proof.
  intros U H. assert (N := pos_INR n). assert (x0 : 0 <= INR n * u) by now apply Rmult_le_pos.
  assert (B : forall k, (1 + u) ^ k * (1 - INR k * u) <= 1).
  { induction k as [| k IH]; [simpl; lra |].
    rewrite S_INR. simpl pow. assert (0 < (1 + u) ^ k) by (apply pow_lt; lra).
    assert ((1 + u) * (1 - (INR k + 1) * u) <= 1 - INR k * u).
    { generalize (pos_INR k). intro.
      assert (0 <= INR k * (u * u)) by (apply Rmult_le_pos; nra). nra. }
    nra. }
  assert (E := B n). set (x := INR n * u) in *.
  assert (L : 1 <= (1 + x * (1 + / 2 ^ 10)) * (1 - x)) by (simpl in *; nra).
  apply Rmult_le_reg_r with (1 - x); [simpl in H; lra |]. lra.
Qed.

Theorem sane_order_in_ieee p emax (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax)
    f exactly off size charge most a b :
  let u := bpow radix2 (- p) in
  (forall x, Rabs (exactly x) <= size x) -> (forall x, Rabs (B2R (f x) - exactly x) <= off x) ->
  (2 <= most)%nat -> (forall n, (n <= most)%nat -> (1 + u) ^ n <= 1 + charge n) ->
  is_formula a -> divisors_exceed exactly off a -> (terms a <= most)%nat -> same_formula a b ->
  finite_throughout p emax positive below f b -> no_underflow p emax (fun x => B2R (f x)) b ->
  Rabs (B2R (ieee p emax positive below f b) - exact exactly a)
  <= radius_of exactly off size charge a.
Proof.
  intros u S H H2 E F D N O Fin Un.
  assert (U := bpow_ge_0 radix2 (- p)). fold u in U.
  assert (Off : forall x, 0 <= off x)
    by (intro x; generalize (Rabs_pos (B2R (f x) - exactly x)) (H x); lra).
  apply (sane_order_within u exactly off U Off size charge S most H2 E a b); try assumption.
  rewrite ieee_value, rounded_without_underflow; try assumption;
    [| intro x; apply generic_format_B2R].
  apply rounded_is_sane; try assumption.
  - exact (nearest_is_rounding_unbounded p positive _).
  - now apply (same_formula_form a b O).
  - now apply (same_formula_divisors exactly off a b O).
Qed.
