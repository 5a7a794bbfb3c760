(* SPDX-License-Identifier: Apache-2.0 *)
(* What a run of a recorded lane is: the inputs of one step after those of another.

   The pages of the rules, in proofs/, say with these words what the drift theorems say of the terms
   that were recorded. An exact run r and a computed run f stand side by side: r holds the exact
   hyperparameters and states, f those that are stored.

   Results:
   - [follows]: from step to step a state is what a term gives, exactly or rounded;
   - [same_gradients]: both runs see the same gradients, at most G in size;
   - [weights_within]: each step's weight is within [w0, 1], and within relative kappa u of the one
     that is stored;
   - [constant_within]: a hyperparameter is the same at every step, and within relative kappa u of
     the one that is stored;
   - [starts_within]: a state starts at a number that is not negative, and is stored within relative
     kappa u of it. *)

Require Import Reals String.
From Truestep Require Import Expression Rounding.
Open Scope R_scope.
Open Scope string_scope.

Definition run := nat -> environment.

Definition follows (value : environment -> expression -> R) (x : string) (e : expression)
    (steps : run) : Prop :=
  forall t, steps (S t) x = value (steps t) e.

Definition follows_from_zero value x e (steps : run) : Prop :=
  steps 0%nat x = 0 /\ follows value x e steps.

Definition same_gradients (G : R) (f r : run) : Prop :=
  forall t, f t "gradient" = r t "gradient" /\ Rabs (r t "gradient") <= G.

Definition weights_within (u w0 : R) (w : string) (f r : run) : Prop :=
  forall t, w0 <= r t w <= 1 /\ 0 <= f t w <= 1
            /\ Rabs (f t w - r t w) <= kappa * u * r t w.

Definition constant_within (u c ct : R) (x : string) (f r : run) : Prop :=
  (forall t, r t x = c /\ f t x = ct) /\ 0 <= c /\ Rabs (ct - c) <= kappa * u * c.

Definition starts_within (u c ct : R) (x : string) (f r : run) : Prop :=
  (r 0%nat x = c /\ f 0%nat x = ct) /\ 0 <= c /\ Rabs (ct - c) <= kappa * u * c.

Lemma from_zero_starts u x f r : r 0%nat x = 0 -> f 0%nat x = 0 -> starts_within u 0 0 x f r.
Proof.
  intros R F. split; [easy |]. rewrite Rminus_0_r, Rabs_R0, Rmult_0_r. split; apply Rle_refl.
Qed.
