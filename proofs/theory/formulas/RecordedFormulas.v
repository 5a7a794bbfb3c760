(* SPDX-License-Identifier: Apache-2.0 *)
(* What the formulas that were recorded from reference/ are written in (generated/Formulas.v), and
   the tactic that finds a recorded lane, exact and at exact coefficients, to be one of them
   (generated/LaneFormulas.v).

   In exact arithmetic a lane and its formula differ in the order of sums and products, in where a
   divisor stands, and in what is taken out of a root or of a maximum; in nothing else. What is
   taken out is a divisor whose sign is known from the hyperparameters' domains:
   - [root_of_quotient]: sqrt (a / b) = sqrt a / sqrt b for b >= 0, whatever a;
   - [maximum_of_quotients]: max (a / b, 0) = max (a, 0) / b for b >= 0.

   Coq's x / 0 is 0 and its root of a negative number is 0, so that the equations hold there too, of
   which they say nothing of a machine's. *)

Require Import Reals String List Psatz Lia.
From Truestep Require Import Expression.
Open Scope string_scope.
Open Scope R_scope.

(* The numbers that a lane is given, by name. *)
Fixpoint given (inputs : list (string * R)) : environment := fun x =>
  match inputs with
  | nil => 0
  | (name, value) :: others => if String.eqb x name then value else given others x
  end%list.

(* `value` where x > 0, else 0. *)
Definition where_positive (x value : R) : R := if Rlt_dec 0 x then value else 0.

Lemma root_of_quotient a b : 0 <= b -> sqrt (a * / b) = sqrt a * / sqrt b.
Proof.
  intros [B | <-].
  - change (sqrt (a / b) = sqrt a / sqrt b). now apply sqrt_div_alt.
  - now rewrite sqrt_0, Rinv_0, !Rmult_0_r, sqrt_0.
Qed.

Lemma maximum_of_quotients a b : 0 <= b -> Rmax (a * / b) 0 = Rmax a 0 * / b.
Proof.
  intros [B | <-].
  - assert (I : 0 <= / b) by now apply Rlt_le, Rinv_0_lt_compat.
    transitivity (Rmax (/ b * a) (/ b * 0)); [f_equal; ring |]. rewrite RmaxRmult by exact I. ring.
  - rewrite Rinv_0, !Rmult_0_r. now apply Rmax_left, Rle_refl.
Qed.

Lemma correction_not_negative beta n : 0 <= beta < 1 -> 0 <= 1 - beta ^ n.
Proof.
  intros B. assert (beta ^ n <= 1 ^ n) by (apply pow_incr; lra). rewrite pow1 in *. lra.
Qed.

Lemma divisor_not_negative w x s epsilon :
  0 <= w <= 1 -> 0 <= s -> 0 <= epsilon -> 0 <= w * x * x + (1 - w) * s + epsilon.
Proof.
  intros W S E. assert (0 <= w * (x * x)) by (apply Rmult_le_pos; [lra | apply Rle_0_sqr]).
  assert (0 <= (1 - w) * s) by (apply Rmult_le_pos; lra). lra.
Qed.

(* What is known of the divisors that are taken out. *)
Ltac know D B :=
  lazymatch goal with
  | _ : 0 <= D |- _ => fail
  | _ => assert (0 <= D) by (now apply correction_not_negative || (destruct B; lra))
  end.
Ltac know_corrections :=
  repeat match goal with
  | B : 0 <= ?beta < 1 |- context [1 - ?beta ^ ?n] => know (1 - beta ^ n) B
  | B : 0 <= ?beta < 1 |- context [1 - ?beta] => know (1 - beta) B
  end.

(* Whatever chooses, is a root, or divides, is the same on both sides, but for what is taken out. *)
Ltac choose_alike :=
  repeat match goal with
  | |- context [Rlt_dec 0 ?a] =>
      match goal with
      | |- context [Rlt_dec 0 ?b] => tryif constr_eq a b then fail else replace b with a by ring
      end
  end;
  repeat match goal with |- context [Rlt_dec 0 ?a] => destruct (Rlt_dec 0 a) end;
  repeat match goal with
  | |- ?lane = ?formula =>
      match lane with
      | context [Rmax ?a ?c] =>
          match formula with
          | context [Rmax a ?d] =>
              tryif constr_eq c d then fail else
              replace (Rmax a d) with (Rmax a c) by (f_equal; ring)
          | context [Rmax ?b c] =>
              tryif constr_eq a b then fail else
              first
                [ replace (Rmax b c) with (Rmax a c) by (f_equal; ring)
                | match goal with
                  | _ : 0 <= ?q |- _ =>
                      replace (Rmax b c) with (Rmax a c * / q)
                        by (rewrite <- maximum_of_quotients by assumption; f_equal; ring)
                  end ]
          end
      end
  end.

Ltac take_roots_alike :=
  rewrite ?root_of_quotient by (apply divisor_not_negative; lra);
  repeat match goal with
  | |- ?lane = ?formula =>
      match lane with
      | context [sqrt ?a] =>
          match formula with
          | context [sqrt ?b] =>
              tryif constr_eq a b then fail else
              first
                [ replace (sqrt b) with (sqrt a) by (f_equal; ring)
                | match goal with
                  | _ : 0 <= ?q |- _ =>
                      replace (sqrt b) with (sqrt a * / sqrt q)
                        by (rewrite <- root_of_quotient by assumption; f_equal; ring)
                  | _ : 0 <= ?q |- _ =>
                      replace (sqrt a) with (sqrt b * / sqrt q)
                        by (rewrite <- root_of_quotient by assumption; f_equal; ring)
                  end ]
          end
      end
  end.

Ltac divide_alike :=
  repeat match goal with
  | |- ?lane = ?formula =>
      match lane with
      | context [/ ?a] =>
          match formula with
          | context [/ ?b] =>
              tryif constr_eq a b then fail else replace (/ b) with (/ a) by (f_equal; ring)
          end
      end
  end.

Ltac is_the_formula :=
  intros;
  cbv -[Rplus Rminus Rmult Ropp Rinv Rdiv IZR INR pow sqrt Rmax Rlt_dec Rlt Rle Nat.add Nat.mul];
  repeat match goal with Known : ?inputs ?name = _ |- context [?inputs ?name] => rewrite Known end;
  know_corrections; unfold Rdiv; choose_alike; take_roots_alike; divide_alike; ring.

(* A rule that is typed and the one that is recorded say the same of every step, once the states that
   a step makes are put in. *)
Ltac every_part := repeat match goal with H : _ /\ _ |- _ => destruct H | |- _ /\ _ => split end.
Ltac is_the_rule :=
  split; intros; every_part; try assumption;
  let t := fresh "t" in
  intro t;
  match goal with Rule : forall n : nat, _ /\ _ |- _ => specialize (Rule t) end; every_part;
  repeat match goal with Made : ?x (S t) = _ |- context [?x (S t)] => rewrite Made end;
  reflexivity.
