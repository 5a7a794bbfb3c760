(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses of the theorems about programs in any order can hold. Two roundings a sum would be
   too few, and no number of roundings pays for underflow in another order. *)

Require Import Reals ZArith String List Psatz Lia.
From Coq Require Import SpecFloat.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding AnyOrder SaneOrders FlushedOrders.
From TruestepRules Require Import GivenRuns SingleSteps.
Open Scope R_scope.

(* 1 and three numbers just below half a unit in its last place: added one by one each is lost. So a
   term may meet three roundings where the formula adds the sum of the three to it. Two roundings of
   a sum's size are too few; as many as it has terms to add are enough. *)

Open Scope string_scope.

Definition at_once : expression := Add (Var "x") (Add (Var "a") (Add (Var "b") (Var "c"))).
Definition one_by_one : expression := Add (Add (Add (Var "x") (Var "a")) (Var "b")) (Var "c").

Lemma orders_of_one_sum : same_polynomial at_once one_by_one.
Proof. apply same_back. eapply same_chain; apply sum_grouped. Qed.

Definition lost_number : single := normal_number 16252928 (- (48)) eq_refl.
Definition numbers_of_a_sum : string -> single :=
  stored_singles (("x", normal_number 8388608 (- (23)) eq_refl) :: ("a", lost_number)
                  :: ("b", lost_number) :: ("c", lost_number) :: nil).

Theorem order_of_a_sum_can_be_bounded f :
  Rabs (rounded unbounded_nearest f one_by_one - exact f at_once)
  <= ((1 + u) ^ 3 - 1) * terms_size f at_once.
Proof.
  apply (any_order_within u unbounded_nearest f at_once one_by_one 3 unbounded_rounds
    orders_of_one_sum); [simpl; tauto | simpl; lia].
Qed.

Theorem two_roundings_are_too_few :
  let f x := B2R (numbers_of_a_sum x) in
  29 / 10 * u * terms_size f at_once
  < Rabs (rounded binary32_nearest f one_by_one - exact f at_once).
Proof.
  intro f.
  assert (V : rounded binary32_nearest f one_by_one = 1).
  { assert (E := ieee_value 24 128 eq_refl eq_refl numbers_of_a_sum one_by_one).
    change (rounded binary32_nearest f one_by_one)
      with (rounded (round radix2 (FLT_exp (3 - 128 - 24) 24) ZnearestE)
              (fun x => B2R (numbers_of_a_sum x)) one_by_one).
    rewrite <- E.
    - rewrite <- SF2R_B2SF.
      replace (B2SF (in_single numbers_of_a_sum one_by_one))
        with (S754_finite false 8388608 (- (23)))
        by (vm_compute; reflexivity).
      unfold SF2R, F2R. simpl. lra.
    - apply finite_by_computation. vm_compute. reflexivity. }
  rewrite V.
  assert (A : forall x, x = "a" \/ x = "b" \/ x = "c" -> f x = 31 / 2 ^ 29).
  { intros x H. replace (f x) with (B2R lost_number).
    - unfold lost_number, normal_number. rewrite B2R_SF2B. unfold SF2R, F2R. simpl. lra.
    - destruct H as [-> | [-> | ->]]; reflexivity. }
  assert (X : f "x" = 1).
  { change (f "x") with (B2R (normal_number 8388608 (- (23)) eq_refl)). unfold normal_number.
    rewrite B2R_SF2B. unfold SF2R, F2R. simpl. lra. }
  simpl. rewrite X, !A by tauto. rewrite u_value.
  rewrite (Rabs_pos_eq 1), (Rabs_pos_eq (31 / _)) by lra.
  rewrite Rabs_left; lra.
Qed.

(* This is what numbers/any_order.hpp charges for n roundings. *)
Definition charge (n : nat) : R := INR n * u * (1 + / 2 ^ 10).

Lemma charge_is_enough n : (n <= 100)%nat -> (1 + u) ^ n <= 1 + charge n.
Proof.
  intro H. apply le_INR in H. rewrite (INR_IZR_INZ 100) in H. simpl in H.
  apply charge_in_units; rewrite u_value; lra.
Qed.

Lemma u_is_not_negative : 0 <= u.
Proof. rewrite u_value. lra. Qed.

Lemma nothing_is_off : forall x : string, 0 <= (fun _ : string => 0) x.
Proof. intro. lra. Qed.

Lemma held_exactly (f : string -> R) x : Rabs (f x - f x) <= 0.
Proof. rewrite Rminus_diag_eq, Rabs_R0 by easy. lra. Qed.

Lemma two_of_them : (2 <= 100)%nat.
Proof. lia. Qed.

Theorem counted_terms_are_enough f :
  Rabs (rounded unbounded_nearest f one_by_one - exact f at_once)
  <= radius_of f (fun _ => 0) (fun x => Rabs (f x)) charge at_once.
Proof.
  apply (sane_order_within u f (fun _ => 0) u_is_not_negative nothing_is_off _ charge
           (fun x => Rle_refl _) 100 two_of_them charge_is_enough at_once one_by_one);
    [simpl; tauto | simpl; tauto | simpl; lia | |].
  - apply same_by_polynomials, orders_of_one_sum.
  - apply (rounded_is_sane u f (fun _ => 0) u_is_not_negative);
      [exact unbounded_rounds | | simpl; tauto ..].
    intro. apply held_exactly.
Qed.

(* A step by the root of a sum of squares, whose program fuses the sum, and multiplies by the
   learning rate last. *)
Definition inputs_of_a_step : environment :=
  given (("sum", 1) :: ("gradient", 1) :: ("learning_rate", 1 / 8) :: ("theta", 1) :: nil).

Definition kept_sum : expression := Add (Var "sum") (Mul (Var "gradient") (Var "gradient")).
Definition fused_sum : expression := Fma (Var "gradient") (Var "gradient") (Var "sum").
Definition divided_last : expression :=
  Sub (Var "theta") (Div (Mul (Var "learning_rate") (Var "gradient")) (Var "root")).
Definition multiplied_last : expression :=
  Sub (Var "theta") (Mul (Var "learning_rate") (Div (Var "gradient") (Var "root"))).

Lemma fused_is_kept : same_formula kept_sum fused_sum.
Proof.
  apply same_by_polynomials. eapply same_chain; [apply sum_turned | apply same_back, fused].
Qed.

Lemma multiplied_is_divided : same_formula divided_last multiplied_last.
Proof.
  apply chained with
    (Add (Var "theta") (Neg (Div (Mul (Var "learning_rate") (Var "gradient")) (Var "root")))).
  - apply same_by_polynomials, difference.
  - apply back. eapply chained; [apply same_by_polynomials, difference |].
    apply in_sum; [apply same_by_polynomials, same_itself |].
    apply in_sign, back, product_divided.
Qed.

Definition exact_sum := named "sum" (exact inputs_of_a_step kept_sum) inputs_of_a_step.
Definition held_sum :=
  named "sum" (rounded unbounded_nearest inputs_of_a_step fused_sum) inputs_of_a_step.
Definition exact_root := named "root" (sqrt (exact_sum "sum")) exact_sum.
Definition held_root := named "root" (unbounded_nearest (sqrt (held_sum "sum"))) held_sum.

Theorem a_step_can_be_sane :
  exists off size,
    sane_run u charge 100 (named "theta" (exact exact_root divided_last) exact_root)
      (named "theta" (radius_of exact_root off size charge divided_last) off)
      (named "theta" (Rabs (exact exact_root divided_last)) size)
      (named "theta" (rounded unbounded_nearest held_root multiplied_last) held_root).
Proof.
  set (size0 := fun x => Rabs (inputs_of_a_step x)). set (off0 := fun _ : string => 0).
  set (r := radius_of inputs_of_a_step off0 size0 charge kept_sum).
  assert (C : 0 <= charge 2 <= / 2 ^ 22) by (unfold charge; simpl; rewrite u_value; lra).
  assert (R : 0 <= r <= / 2 ^ 20).
  { unfold r, size0, off0. simpl.
    unfold sum_charge, product_charge, and_roundings, error_of_product.
    simpl. cbv [inputs_of_a_step given found]. simpl. rewrite Rabs_R1.
    set (c := charge 2) in *. simpl in C. split; nra. }
  assert (G : 0 <= rounded unbounded_nearest inputs_of_a_step fused_sum).
  { simpl. apply (keeps_nonneg _ _ _ unbounded_rounds).
    cbv [inputs_of_a_step given found]. simpl. lra. }
  assert (start : sane_run u charge 100 inputs_of_a_step off0 size0 inputs_of_a_step)
    by (apply from_inputs; intro; [apply Rle_refl | apply held_exactly]).
  apply (then_formula u charge 100) with (x := "sum") (a := kept_sum) (b := fused_sum)
    (v := rounded unbounded_nearest inputs_of_a_step fused_sum) (m := 2) in start;
    [| simpl; tauto | simpl; tauto | simpl; lia | exact fused_is_kept | |].
  2:{ apply (rounded_is_sane u _ _ u_is_not_negative); [exact unbounded_rounds | | simpl; tauto ..].
      intro. apply held_exactly. }
  2:{ simpl. cbv [inputs_of_a_step given found]. simpl. rewrite Rabs_pos_eq; lra. }
  fold r exact_sum held_sum in start.
  assert (E : exact_sum "sum" = 2)
    by (unfold exact_sum, named; simpl; cbv [inputs_of_a_step given found]; simpl; lra).
  apply (then_root u charge 100) with (x := "root") (y := "sum")
    (r := unbounded_nearest (sqrt (held_sum "sum"))) (m := 2) in start.
  2:{ rewrite E. lra. }
  2:{ exact G. }
  2:{ assert (B := error_bound _ _ _ unbounded_rounds (sqrt (held_sum "sum"))).
      rewrite (Rabs_pos_eq (sqrt _)) in B by apply sqrt_pos.
      generalize u_is_not_negative, (sqrt_pos (held_sum "sum")). simpl. nra. }
  2:{ rewrite E. apply Rsqr_incr_0_var; [rewrite Rsqr_sqrt by lra; unfold Rsqr; lra | lra]. }
  fold exact_root held_root in start.
  match type of start with sane_run _ _ _ _ ?o ?s _ =>
    set (off := o) in *; set (size := s) in * end.
  assert (K := sane_run_within u charge 100 u_is_not_negative two_of_them charge_is_enough
                 _ _ _ _ start).
  assert (H : forall x, Rabs (held_root x - exact_root x) <= off x) by (intro x; apply K).
  assert (D : off "root" < Rabs (exact_root "root")).
  { unfold off, exact_root, named. simpl. rewrite E. fold r.
    assert (S : 1 <= sqrt 2) by (rewrite <- sqrt_1; apply sqrt_le_1_alt; lra).
    assert (S2 : sqrt 2 <= 2)
      by (apply Rsqr_incr_0_var; [rewrite Rsqr_sqrt by lra; unfold Rsqr; lra | lra]).
    rewrite (Rabs_pos_eq (sqrt 2)) by lra.
    assert (Q : error_of_root 2 r <= / 2 ^ 10).
    { unfold error_of_root. destruct (Rlt_dec 0 2) as [_ | n]; [| lra].
      eapply Rle_trans; [apply Rmin_l |]. apply Rsqr_incr_0_var; [| simpl; lra].
      rewrite Rsqr_sqrt by lra. unfold Rsqr. simpl in *. lra. }
    unfold and_roundings. set (e := error_of_root 2 r) in *. set (s := sqrt 2) in *.
    set (c := charge 2) in *. simpl in *. nra. }
  exists off, size.
  apply (then_formula u charge 100) with (b := multiplied_last)
    (m := Rabs (exact exact_root divided_last));
    [exact start | simpl; tauto | simpl; tauto | simpl; lia | exact multiplied_is_divided | |
     apply Rle_refl].
  apply (rounded_is_sane u _ _ u_is_not_negative);
    [exact unbounded_rounds | exact H | simpl; tauto ..].
Qed.

(* Underflow: what another order may lose is beyond any count of roundings. *)
Definition product_kept : expression := Mul (Var "a") (Mul (Var "b") (Var "c")).
Definition product_lost : expression := Mul (Mul (Var "a") (Var "b")) (Var "c").
Definition small_and_large : environment :=
  given (("a", bpow radix2 (-100)) :: ("b", bpow radix2 (-60)) :: ("c", bpow radix2 60) :: nil).

Theorem another_order_may_underflow :
  same_polynomial product_kept product_lost
  /\ rounded binary32_nearest small_and_large product_kept = exact small_and_large product_kept
  /\ exact small_and_large product_kept = bpow radix2 (-100)
  /\ rounded binary32_nearest small_and_large product_lost = 0.
Proof.
  assert (P : bpow radix2 (-60) * bpow radix2 60 = 1) by (rewrite <- bpow_plus; reflexivity).
  assert (F : forall e, (-149 <= e)%Z -> binary32_nearest (bpow radix2 e) = bpow radix2 e).
  { intros e H. apply round_generic; auto with typeclass_instances.
    apply generic_format_bpow. unfold FLT_exp. lia. }
  assert (A : small_and_large "a" = bpow radix2 (-100)) by reflexivity.
  assert (B : small_and_large "b" = bpow radix2 (-60)) by reflexivity.
  assert (C : small_and_large "c" = bpow radix2 60) by reflexivity.
  split; [apply same_back, product_grouped |].
  unfold product_kept, product_lost. cbn [exact rounded]. rewrite A, B, C, P, <- bpow_plus.
  repeat split; rewrite ?Rmult_1_r; try easy.
  - change 1 with (bpow radix2 0). rewrite (F 0%Z) by lia. change (bpow radix2 0) with 1.
    rewrite Rmult_1_r. apply F. lia.
  - assert (Z : binary32_nearest (bpow radix2 (-100 + -60)) = 0).
    { apply round_N_small_pos with (ex := (-159)%Z); [| easy].
      split; [apply Rle_refl | apply bpow_lt; lia]. }
    rewrite Z, Rmult_0_l. apply round_0; auto with typeclass_instances.
Qed.

(* What pays for it: a term's factors may make 2^60 of what was flushed. *)
Theorem lost_product_is_within :
  Rabs (rounded binary32_nearest small_and_large product_lost - exact small_and_large product_kept)
  <= radius_of small_and_large (fun _ => 0) (fun x => Rabs (small_and_large x)) charge product_kept
     + eta * ((102 / 100) ^ 2 * INR 2) * reach small_and_large (fun _ => 0) product_kept.
Proof.
  assert (E : 0 <= eta <= / 2 ^ 140) by (unfold eta; simpl; lra).
  apply (sane_order_with_underflow u eta small_and_large (fun _ => 0) u_is_not_negative (proj1 E)
           nothing_is_off 4 (101 / 100) (102 / 100) ltac:(lra))
             with (most := 100%nat) (b := product_lost).
  - rewrite u_value. simpl. lra.
  - rewrite u_value. simpl. lra.
  - intro. apply Rle_refl.
  - exact two_of_them.
  - exact charge_is_enough.
  - simpl. tauto.
  - simpl. tauto.
  - simpl. lia.
  - simpl. lia.
  - apply same_by_polynomials, same_back, product_grouped.
  - apply (rounded_may_underflow u eta small_and_large (fun _ => 0) u_is_not_negative (proj1 E));
      [exact binary32_rounds | intro; apply held_exactly | simpl; tauto ..].
Qed.
