(* SPDX-License-Identifier: Apache-2.0 *)
(* Runs from given inputs, and what the pages of the rules ask of a run, shown of them.

   A witness is a theorem with nothing left to suppose, at default hyperparameters: a hypothesis
   that cannot hold would have to be shown. The runs have the gradient 1 at every step, unless said,
   and round to nearest: in binary32, or, where a theorem excludes underflow, to 24 bits with any
   exponent. *)

Require Import Reals Bool String List Psatz Lia.
From Flocq Require Import Core.
From Truestep Require Import Expression Rounding Runs.
Open Scope string_scope.
Open Scope R_scope.

Definition u : R := bpow radix2 (- (24)).
Definition eta : R := bpow radix2 (- (149) - 1).
Definition binary32_nearest : R -> R := round radix2 (FLT_exp (- (149)) 24) ZnearestE.
Definition unbounded_nearest : R -> R := round radix2 (FLX_exp 24) ZnearestE.

Lemma u_value : u = / 16777216.
Proof. reflexivity. Qed.

Lemma binary32_rounds : rounding u eta binary32_nearest.
Proof. apply (nearest_is_rounding (- (149)) 24 eq_refl). Qed.

Lemma unbounded_rounds : rounding u 0 unbounded_nearest.
Proof. apply (nearest_is_rounding_unbounded 24 eq_refl). Qed.

(* A run from given inputs: what a lane keeps follows its term, what else there is stays. *)

Fixpoint found {A} (named : list (string * A)) (x : string) : option A :=
  match named with
  | nil => None
  | (y, a) :: rest => if String.eqb x y then Some a else found rest x
  end%list.

Definition given (named : list (string * R)) : environment := fun x =>
  match found named x with Some a => a | None => 0 end.

(* The same inputs as they are stored; the gradient is the same. *)
Definition stored (start : environment) : environment := fun x =>
  if String.eqb x "gradient" then start x else unbounded_nearest (start x).

Fixpoint steps (value : environment -> expression -> R) (kept : list (string * expression))
    (start : environment) (t : nat) : environment :=
  match t with
  | O => start
  | S t => let before := steps value kept start t in
           fun x => match found kept x with Some e => value before e | None => before x end
  end.

Lemma steps_follow value kept start x e :
  found kept x = Some e -> follows value x e (steps value kept start).
Proof. intros H t; simpl; now rewrite H. Qed.

Lemma steps_keep value kept start x :
  found kept x = None -> forall t, steps value kept start t x = start x.
Proof. intros H t; induction t as [|t IH]; [reflexivity|]; simpl; now rewrite H. Qed.

Lemma stored_within x : 0 <= x -> Rabs (unbounded_nearest x - x) <= kappa * u * x.
Proof.
  intros Hx; assert (E := error_bound _ _ _ unbounded_rounds x).
  rewrite (Rabs_pos_eq x), Rplus_0_r in E by exact Hx.
  assert (0 <= u * x) by (apply Rmult_le_pos; [rewrite u_value|]; lra).
  unfold kappa; lra.
Qed.

Lemma stored_weight x : 0 <= x <= 9 / 10 -> 0 <= unbounded_nearest x <= 1.
Proof.
  intros Hx; split; [apply (keeps_nonneg _ _ _ unbounded_rounds); lra|].
  assert (E := stored_within x ltac:(lra)).
  assert (kappa * u * x <= 1 / 10) by (rewrite u_value; unfold kappa; lra).
  generalize (Rle_abs (unbounded_nearest x - x)); lra.
Qed.

Lemma stored_zero : unbounded_nearest 0 = 0.
Proof. apply round_0; auto with typeclass_instances. Qed.

Lemma start_within start u0 x :
  u0 = u -> 0 <= start x -> x <> "gradient" ->
  0 <= start x /\ Rabs (stored start x - start x) <= kappa * u0 * start x.
Proof.
  intros -> Hx other; split; [exact Hx|]; unfold stored.
  rewrite (proj2 (String.eqb_neq _ _) other); now apply stored_within.
Qed.

(* What the pages ask of a run, from its start. *)

Lemma gradients_same G value value' kept kept' start :
  found kept "gradient" = None -> found kept' "gradient" = None -> Rabs (start "gradient") <= G ->
  same_gradients G (steps value kept (stored start)) (steps value' kept' start).
Proof. intros H H' HG t; now rewrite !steps_keep by assumption. Qed.

Lemma weights_are_within w value value' kept kept' start w0 :
  found kept w = None -> found kept' w = None -> w <> "gradient" ->
  0 <= w0 -> w0 <= start w <= 9 / 10 ->
  weights_within u w0 w (steps value kept (stored start)) (steps value' kept' start).
Proof.
  intros H H' other Hw0 Hw t; rewrite !steps_keep by assumption.
  unfold stored; rewrite (proj2 (String.eqb_neq _ _) other).
  split; [lra|]; split; [apply stored_weight; lra|apply stored_within; lra].
Qed.

Lemma constants_are_within x value value' kept kept' start :
  found kept x = None -> found kept' x = None -> x <> "gradient" -> 0 <= start x ->
  constant_within u (start x) (unbounded_nearest (start x)) x
    (steps value kept (stored start)) (steps value' kept' start).
Proof.
  intros H H' other Hx; split; [|split; [exact Hx|now apply stored_within]].
  intros t; rewrite !steps_keep by assumption; unfold stored.
  now rewrite (proj2 (String.eqb_neq _ _) other).
Qed.

Lemma state_starts_within x value value' kept kept' start :
  x <> "gradient" -> 0 <= start x ->
  starts_within u (start x) (unbounded_nearest (start x)) x
    (steps value kept (stored start)) (steps value' kept' start).
Proof.
  intros other Hx. split; [| split; [exact Hx | now apply stored_within]].
  split; [reflexivity |]. simpl. unfold stored. now rewrite (proj2 (String.eqb_neq _ _) other).
Qed.

Lemma starts_from_zero value x e kept start :
  found kept x = Some e -> start x = 0 -> follows_from_zero value x e (steps value kept start).
Proof. intros H H0; split; [exact H0|now apply steps_follow]. Qed.

Lemma stored_starts_from_zero value x e kept start :
  x <> "gradient" -> found kept x = Some e -> start x = 0 ->
  follows_from_zero value x e (steps value kept (stored start)).
Proof.
  intros other H H0; apply starts_from_zero; [exact H|]; unfold stored.
  rewrite (proj2 (String.eqb_neq _ _) other), H0; apply stored_zero.
Qed.

(* A bound of the first steps of theta, which the theorems on theta ask for. *)
Definition first_two (f : run) := Rabs (f 0%nat "theta") + Rabs (f 1%nat "theta").

Lemma bounded_at_first f :
  forall t, (t <= 1)%nat -> Rabs (f t "theta") <= first_two f.
Proof.
  intros [|[|t]] H; [..|lia]; unfold first_two;
    generalize (Rabs_pos (f 0%nat "theta")) (Rabs_pos (f 1%nat "theta")); lra.
Qed.

(* Shows one hypothesis of a theorem on runs from that start. *)

Ltac reads start := cbv [start given]; simpl.

Ltac shown start :=
  intros;
  first
    [ exact binary32_rounds | exact unbounded_rounds
    | apply gradients_same; [reflexivity|reflexivity|reads start; rewrite Rabs_pos_eq; lra]
    | apply weights_are_within; [reflexivity|reflexivity|easy|lra|reads start; lra]
    | refine (constants_are_within _ _ _ _ _ _ _ _ _ _);
        [reflexivity|reflexivity|easy|reads start; lra]
    | apply starts_from_zero; reflexivity
    | apply stored_starts_from_zero; [easy|reflexivity|reflexivity]
    | apply steps_follow; reflexivity
    | apply bounded_at_first; assumption
    | exact stored_zero
    | apply stored_weight; lra
    | apply (keeps_nonneg _ _ _ unbounded_rounds); lra
    | rewrite ?u_value; unfold kappa; reads start; lra ].
