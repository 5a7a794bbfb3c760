(* SPDX-License-Identifier: Apache-2.0 *)
(* What stays in range does not overflow: from a run of rounded reals to a run of a machine's
   numbers.

   Results, for a format of p bits and exponents below emax:
   - [finite_in_range]: if every value that an expression computes, rounded with gradual underflow
     but with no largest exponent, is below 2^emax, no divisor is 0 and no radicand negative, then
     IEEE 754 arithmetic computes finite numbers throughout, and these values;
   - [machine_run]: so step after step. [shadow] is the run of rounded reals with a machine's
     coefficients and gradients; as long as it stays in range, the machine's states are its states;
   - [machine_run_in_range]: the same of what follows its terms ([machine_follows]), with what its
     steps compute: all of it is finite. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Runs.
Open Scope string_scope.
Open Scope R_scope.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).
Notation ieee := (ieee p emax positive below).

Fixpoint in_range (f : environment) (e : expression) : Prop :=
  let value := rounded nearest f in
  match e with
  | Var _ => True
  | _ => Rabs (value e) < bpow radix2 emax
  end /\
  match e with
  | Var _ => True
  | Neg a | AtLeast0 a => in_range f a
  | Add a b | Sub a b | Mul a b | Decay a b | Max a b => in_range f a /\ in_range f b
  | Div a b => in_range f a /\ in_range f b /\ value b <> 0
  | Sqrt a => in_range f a /\ 0 <= value a
  | Fma a b c => in_range f a /\ in_range f b /\ in_range f c
  | IfPositive x v => in_range f x /\ (0 < value x -> in_range f v)
  end.

Lemma finite_result (z : number) (x : R) (Q overflow : Prop) :
  Rabs (nearest x) < bpow radix2 emax ->
  (if Rlt_bool (Rabs (round radix2 (SpecFloat.fexp p emax) (round_mode mode_NE) x))
        (bpow radix2 emax)
   then B2R z = round radix2 (SpecFloat.fexp p emax) (round_mode mode_NE) x
        /\ is_finite z = true /\ Q
   else overflow) ->
  is_finite z = true.
Proof.
  intros H C. change (Rabs (round radix2 (SpecFloat.fexp p emax) (round_mode mode_NE) x)
    < bpow radix2 emax) in H. rewrite Rlt_bool_true in C by exact H. tauto.
Qed.

Lemma rounded_same (f g : environment) e :
  (forall x, f x = g x) -> rounded nearest f e = rounded nearest g e.
Proof. intro H. induction e; simpl; rewrite ?H, ?IHe, ?IHe1, ?IHe2, ?IHe3; congruence. Qed.

Lemma in_range_same (f g : environment) e :
  (forall x, f x = g x) -> in_range g e -> in_range f e.
Proof.
  intro H. assert (V := fun a => rounded_same f g a H).
  induction e; simpl; rewrite ?H, ?V; tauto.
Qed.

Lemma is_positive (x : number) :
  is_finite x = true -> Bltb (zero p emax) x = true -> 0 < B2R x.
Proof. intros F. rewrite Bltb_correct by easy. now case Rlt_bool_spec. Qed.

Lemma finite_root (x : number) : is_finite x = true -> 0 <= B2R x -> is_finite (Bsqrt mode_NE x) =
  true.
Proof.
  intros F P. destruct (Bsqrt_correct p emax positive below mode_NE x) as (_ & H & _). rewrite H.
  destruct x as [s | s | | [|] m e B]; try easy.
  exfalso. revert P. apply Rlt_not_le. now apply F2R_lt_0.
Qed.

Theorem finite_in_range (f : string -> number) e :
  (forall x, is_finite (f x) = true) -> in_range (fun x => B2R (f x)) e ->
  finite_throughout p emax positive below f e.
Proof.
  intros F. assert (V := ieee_value p emax positive below f).
  assert (Fin : forall a, finite_throughout p emax positive below f a -> is_finite (ieee f a) =
    true)
    by (intros []; simpl; tauto).
  induction e; simpl in_range; simpl finite_throughout; intros [L D];
    repeat match goal with H : _ /\ _ |- _ => destruct H end;
    repeat match goal with H : in_range _ _ -> _ |- _ => specialize (H ltac:(assumption)) end;
    simpl in L; rewrite <- ?V in * by auto; repeat split; auto.
  - now rewrite is_finite_Bopp; apply Fin.
  - eapply finite_result; [exact L | now apply Bplus_correct; apply Fin].
  - eapply finite_result; [exact L | now apply Bminus_correct; apply Fin].
  - assert (B := Bmult_correct p emax positive below mode_NE (ieee f e1) (ieee f e2)).
    rewrite (Fin e1), (Fin e2) in B by auto. eapply finite_result; [exact L | exact B].
  - assert (B := Bdiv_correct p emax positive below mode_NE (ieee f e1) (ieee f e2) ltac:(easy)).
    rewrite (Fin e1) in B by auto. eapply finite_result; [exact L | exact B].
  - apply finite_root; auto.
  - eapply finite_result; [exact L | now apply Bfma_correct; apply Fin].
  - replace ((1 - B2R (ieee f e1)) * B2R (ieee f e2))
      with (B2R (Bopp (ieee f e1)) * B2R (ieee f e2) + B2R (ieee f e2)) in L
      by (rewrite B2R_Bopp; ring).
    eapply finite_result; [exact L | apply Bfma_correct; rewrite ?is_finite_Bopp; auto].
  - destruct Bltb; auto.
  - destruct Bltb; auto.
  - destruct Bltb eqn:B; [| easy]. apply Fin, IHe2, H0. apply is_positive; auto.
  - intro B. apply IHe2, H0. apply is_positive; auto.
Qed.

(* The states follow their terms, all else is as it is given. *)

Fixpoint term_of (kept : list (string * expression)) (x : string) : option expression :=
  match kept with
  | nil => None
  | (y, e) :: rest => if String.eqb x y then Some e else term_of rest x
  end%list.

Fixpoint shadow (kept : list (string * expression)) (given : run) (t : nat) : environment := fun x
  =>
  match term_of kept x with
  | None => given t x
  | Some e => match t with O => given O x | S t => rounded nearest (shadow kept given t) e end
  end.

Lemma shadow_given kept given t x : term_of kept x = None -> shadow kept given t x = given t x.
Proof. intro H. destruct t; simpl; now rewrite H. Qed.

Lemma shadow_kept kept given t x e :
  term_of kept x = Some e -> shadow kept given (S t) x = rounded nearest (shadow kept given t) e.
Proof. intro H. simpl. now rewrite H. Qed.

Theorem machine_run kept (f : nat -> string -> number) T :
  let given t x := B2R (f t x) in
  (forall x, is_finite (f O x) = true) ->
  (forall t x, term_of kept x = None -> is_finite (f t x) = true) ->
  (forall t x e, term_of kept x = Some e -> f (S t) x = ieee (f t) e) ->
  (forall t x e, (t < T)%nat -> term_of kept x = Some e -> in_range (shadow kept given t) e) ->
  forall t, (t <= T)%nat ->
    forall x, is_finite (f t x) = true /\ B2R (f t x) = shadow kept given t x.
Proof.
  intros given Hstart Hgiven Hf Hrange. induction t as [| t IH]; intros Ht x.
  - split; [easy |]. simpl. now destruct term_of.
  - simpl. destruct (term_of kept x) as [e |] eqn:E; [| auto].
    specialize (IH ltac:(lia)). specialize (Hrange t x e ltac:(lia) E).
    assert (same : forall y, B2R (f t y) = shadow kept given t y) by apply IH.
    assert (F := finite_in_range (f t) e ltac:(apply IH)
      ltac:(now apply (in_range_same _ (shadow kept given t)))).
    rewrite (Hf t x e E). split.
    + destruct e; simpl in F; tauto.
    + rewrite ieee_value by easy. now apply rounded_same.
Qed.

(* A run of the machine: finite inputs, and the recorded lanes at every step. *)
Definition machine_follows (kept : list (string * expression)) (f : nat -> string -> number) :=
  (forall t x, t = O \/ term_of kept x = None -> is_finite (f t x) = true)
  /\ forall t x e, term_of kept x = Some e -> f (S t) x = ieee (f t) e.

Theorem machine_run_in_range kept (f : nat -> string -> number) T :
  let stored t x := B2R (f t x) in
  machine_follows kept f ->
  (forall t x e, (t < T)%nat -> term_of kept x = Some e -> in_range (shadow kept stored t) e) ->
  forall t, (t <= T)%nat ->
    (forall i x e, (i < t)%nat -> term_of kept x = Some e ->
       finite_throughout p emax positive below (f i) e)
    /\ (forall x, is_finite (f t x) = true)
    /\ (forall x, stored t x = shadow kept stored t x).
Proof.
  intros stored [Hin Hf] range t Ht.
  assert (S : forall i, (i <= T)%nat ->
    forall x, is_finite (f i x) = true /\ B2R (f i x) = shadow kept stored i x).
  { apply (machine_run kept f T).
    - intro x. apply Hin. now left.
    - intros i x N. apply Hin. now right.
    - exact Hf.
    - intros i x e Hi. now apply range. }
  split; [| split; intro x; apply S, Ht].
  intros i x e Hi K. apply finite_in_range; [apply S; lia |].
  apply in_range_same with (shadow kept stored i); [intro y; apply S; lia |].
  apply (range i x e); [lia | exact K].
Qed.

Lemma shadow_start kept given x : shadow kept given O x = given O x.
Proof. simpl. now destruct term_of. Qed.

(* What is asked of the inputs of a machine's run holds of its shadow. *)

Lemma shadow_follows kept given x e :
  term_of kept x = Some e -> follows (rounded nearest) x e (shadow kept given).
Proof. intros H t. now apply shadow_kept. Qed.

Lemma shadow_follows_from_zero kept given x e :
  term_of kept x = Some e -> given O x = 0 ->
  follows_from_zero (rounded nearest) x e (shadow kept given).
Proof. intros H Z. split; [now rewrite shadow_start | now apply shadow_follows]. Qed.

Lemma shadow_constant kept given r u c ct x :
  term_of kept x = None -> constant_within u c ct x given r ->
  constant_within u c ct x (shadow kept given) r.
Proof. intros N [H W]. split; [| exact W]. intro t. now rewrite shadow_given. Qed.

Lemma shadow_starts kept given r u c ct x :
  starts_within u c ct x given r -> starts_within u c ct x (shadow kept given) r.
Proof. intros [[R F] W]. split; [| exact W]. split; [exact R | now rewrite shadow_start]. Qed.

Lemma shadow_gradients kept given r G :
  term_of kept "gradient" = None -> same_gradients G given r ->
  same_gradients G (shadow kept given) r.
Proof. intros N H t. now rewrite shadow_given. Qed.

End Format.
