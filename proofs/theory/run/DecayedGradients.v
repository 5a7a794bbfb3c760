(* SPDX-License-Identifier: Apache-2.0 *)
(* Weight decay in the gradient, for a rule of which a run without it is known.

   A machine's run with weight decay is a run without it, at the gradients lambda theta + g that the
   machine has formed. The exact rule forms its own from its own theta; so theta's error comes back
   in the gradient, and a rule whose update follows its gradients within a factor C lets it grow by
   1 + C lambda a step.

   Results, for any rule:
   - [until_same], [until_follows]: the run at the gradients that were formed in the first n steps,
     and zero after, is a machine's run of the lanes without decay;
   - [formed_in_range]: if theta stays below Theta as long as no such gradient exceeds D, none does;
   - [formed_near]: how far such a gradient is from the exact rule's;
   - [gradients_fed_back]: what the error becomes that comes back in the gradient. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Formats Rounding Runs Gradual Overflow.
From TruestepGenerated Require Import Lanes.
Open Scope string_scope.
Open Scope R_scope.

Definition with_gradient {A} (h : A) (f : string -> A) : string -> A :=
  fun x => if String.eqb x "gradient" then h else f x.

(* Lanes whose gradient is decayed first. *)
Definition decayed (e : expression) : expression := put "gradient" weight_decay_decayed_gradient e.
Definition all_decayed : list (string * expression) -> list (string * expression) :=
  map (fun named => (fst named, decayed (snd named))).

Lemma term_of_decayed kept x : term_of (all_decayed kept) x = option_map decayed (term_of kept x).
Proof.
  induction kept as [| (y, e) rest IH]; simpl; [easy |]. now destruct String.eqb.
Qed.

Section Format.

Variables p emax : Z.
Context (positive : Prec_gt_0 p) (below : Prec_lt_emax p emax).

Let emin : Z := (3 - emax - p)%Z.
Let u : R := bpow radix2 (- p).
Let eta : R := bpow radix2 (emin - 1).
Notation nearest := (round radix2 (FLT_exp emin p) ZnearestE).
Notation number := (binary_float p emax).
Notation ieee := (ieee p emax positive below).

Lemma ieee_same (f g : string -> number) e : (forall x, f x = g x) -> ieee f e = ieee g e.
Proof. intro H. induction e; simpl; rewrite ?H, ?IHe, ?IHe1, ?IHe2, ?IHe3; congruence. Qed.

Lemma finite_throughout_same (f g : string -> number) e :
  (forall x, f x = g x) ->
  finite_throughout p emax positive below g e -> finite_throughout p emax positive below f e.
Proof.
  intro H. assert (V := fun a => ieee_same f g a H).
  induction e; simpl; rewrite ?H, ?V; tauto.
Qed.

Variables (kept : list (string * expression)) (f : nat -> string -> number).
Hypothesis gradient_given : term_of kept "gradient" = None.
(* No weight of a mean is the gradient. *)
Hypothesis put_in : forall x e, term_of kept x = Some e ->
  forall g, ieee g (decayed e) = ieee (with_gradient (ieee g weight_decay_decayed_gradient) g) e.
Hypothesis Hf : machine_follows p emax positive below (all_decayed kept) f.

Definition formed (t : nat) : number := ieee (f t) weight_decay_decayed_gradient.
Definition formed_until (n t : nat) : number := if (t <? n)%nat then formed t else B754_zero false.

Fixpoint until (n t : nat) : string -> number := fun x =>
  match t, term_of kept x with
  | S t, Some e => ieee (until n t) e
  | _, _ => with_gradient (formed_until n t) (f t) x
  end.

Lemma until_given n t x :
  term_of kept x = None -> until n t x = with_gradient (formed_until n t) (f t) x.
Proof. intro H. destruct t; simpl; now rewrite ?H. Qed.

Lemma until_kept n t x e : term_of kept x = Some e -> until n (S t) x = ieee (until n t) e.
Proof. intro H. simpl. now rewrite H. Qed.

Lemma until_same n t :
  (t <= n)%nat -> forall x, until n t x = with_gradient (formed_until n t) (f t) x.
Proof.
  induction t as [| t IH]; intros H x; [simpl; now destruct term_of |].
  destruct (term_of kept x) as [e |] eqn:E; [| now apply until_given].
  rewrite (until_kept n t x e E).
  assert (G : x <> "gradient") by congruence.
  unfold with_gradient. rewrite (proj2 (String.eqb_neq _ _) G).
  rewrite (proj2 Hf t x (decayed e)) by now rewrite term_of_decayed, E.
  rewrite (put_in x e E). apply ieee_same. intro y. rewrite IH by lia.
  unfold with_gradient, formed_until. now rewrite (proj2 (Nat.ltb_lt t n)) by lia.
Qed.

Lemma given_is_finite t x :
  t = O \/ term_of kept x = None -> is_finite (f t x) = true.
Proof.
  intro H. apply (proj1 Hf). destruct H as [H | H]; [now left | right].
  now rewrite term_of_decayed, H.
Qed.

Theorem until_follows n :
  (forall t, (t < n)%nat -> is_finite (formed t) = true) ->
  machine_follows p emax positive below kept (until n).
Proof.
  intro F. split; [| intros t x e; apply until_kept].
  intros t x H. replace (until n t x) with (with_gradient (formed_until n t) (f t) x).
  - unfold with_gradient. destruct String.eqb; [| now apply given_is_finite].
    unfold formed_until. destruct (t <? n)%nat eqn:L; [| easy]. now apply F, Nat.ltb_lt.
  - destruct H as [-> | H]; [simpl; now destruct term_of | symmetry; now apply until_given].
Qed.

Let stored t x := B2R (f t x).
Let exact_formed t := stored t "weight_decay" * stored t "theta" + stored t "gradient".

Lemma formed_value B D t :
  (forall x, is_finite (f t x) = true) -> Rabs (exact_formed t) <= B ->
  (1 + u) * B + eta <= D -> D < bpow radix2 emax ->
  is_finite (formed t) = true /\ B2R (formed t) = nearest (exact_formed t)
  /\ Rabs (B2R (formed t)) <= D.
Proof.
  intros F HB HD L.
  assert (Hr : rounding u eta nearest) by apply (nearest_is_rounding emin p positive).
  assert (S : Rabs (nearest (exact_formed t)) <= D).
  { assert (E := error_bound _ _ _ Hr (exact_formed t)).
    assert (u * Rabs (exact_formed t) <= u * B)
      by (apply Rmult_le_compat_l; [apply (u_nonneg _ _ _ Hr) | exact HB]).
    generalize (Rabs_near _ _ _ _ HB E). lra. }
  assert (Fin : finite_throughout p emax positive below (f t) weight_decay_decayed_gradient).
  { apply finite_in_range; [exact F |]. simpl. repeat split.
    eapply Rle_lt_trans; [exact S | exact L]. }
  assert (V := ieee_value p emax positive below (f t) _ Fin).
  split; [apply Fin |]. unfold formed. rewrite V. split; [reflexivity | exact S].
Qed.

Theorem formed_in_range Theta D G w T :
  (forall n, (n <= T)%nat ->
     (forall t, (t < n)%nat -> is_finite (formed t) = true /\ Rabs (B2R (formed t)) <= D) ->
     (forall x, is_finite (until n n x) = true) /\ Rabs (B2R (until n n "theta")) <= Theta) ->
  (forall t, Rabs (stored t "weight_decay") <= w) -> (forall t, Rabs (stored t "gradient") <= G) ->
  (1 + u) * (w * Theta + G) + eta <= D -> D < bpow radix2 emax ->
  forall t, (t <= T)%nat ->
    (forall x, is_finite (f t x) = true)
    /\ is_finite (formed t) = true /\ B2R (formed t) = nearest (exact_formed t)
    /\ Rabs (B2R (formed t)) <= D.
Proof.
  intros base Hw HG HD L.
  assert (step : forall n, (n <= T)%nat ->
    (forall t, (t < n)%nat -> is_finite (formed t) = true /\ Rabs (B2R (formed t)) <= D) ->
    (forall x, is_finite (f n x) = true)
    /\ is_finite (formed n) = true /\ B2R (formed n) = nearest (exact_formed n)
    /\ Rabs (B2R (formed n)) <= D).
  { intros n Hn H. destruct (base n Hn H) as [F S].
    assert (Fn : forall x, is_finite (f n x) = true).
    { intro x. destruct (String.eqb_spec x "gradient") as [-> | N].
      - apply given_is_finite. now right.
      - specialize (F x). rewrite until_same in F by lia. unfold with_gradient in F.
        now rewrite (proj2 (String.eqb_neq _ _) N) in F. }
    split; [exact Fn |]. rewrite until_same in S by lia.
    apply formed_value with (B := w * Theta + G); auto.
    apply Rabs_plus; [apply Rabs_times | ]; auto. }
  intros t Ht. apply step; [exact Ht |]. revert Ht.
  induction t as [| n IH]; intros Ht i Hi; [lia |].
  destruct (Nat.eq_dec i n) as [-> | N]; [| apply IH; lia].
  destruct (step n ltac:(lia) (IH ltac:(lia))) as (_ & F & _ & S). now split.
Qed.

End Format.

(* A gradient that was formed, beside that of the exact rule. *)
Theorem formed_near u eta rnd k lambda wd g theta thetat e Theta G :
  rounding u eta rnd -> 0 <= k -> 0 <= lambda -> Rabs (wd - lambda) <= k * lambda ->
  Rabs g <= G -> Rabs theta <= Theta -> Rabs (thetat - theta) <= e ->
  Rabs (rnd (wd * thetat + g) - (g + lambda * theta))
  <= (1 + u) * (lambda * ((1 + k) * e + k * Theta)) + u * (lambda * Theta + G) + eta.
Proof.
  intros Hr K L Hw HG HT He. assert (U := u_nonneg _ _ _ Hr).
  assert (W : Rabs wd <= (1 + k) * lambda).
  { replace ((1 + k) * lambda) with (lambda + k * lambda) by ring.
    apply (Rabs_near wd lambda); [rewrite Rabs_pos_eq |]; lra. }
  assert (D : Rabs (wd * thetat + g - (g + lambda * theta))
              <= lambda * ((1 + k) * e + k * Theta)).
  { replace (wd * thetat + g - (g + lambda * theta))
      with (wd * (thetat - theta) + (wd - lambda) * theta) by ring.
    generalize (Rabs_plus _ _ _ _ (Rabs_times _ _ _ _ W He) (Rabs_times _ _ _ _ Hw HT)). lra. }
  assert (S : Rabs (g + lambda * theta) <= lambda * Theta + G).
  { rewrite Rplus_comm. apply Rabs_plus; [apply Rabs_times; [rewrite Rabs_pos_eq |] |]; lra. }
  eapply Rle_trans; [apply (rounded_near u eta rnd _ _ _ Hr D) |].
  assert (u * Rabs (g + lambda * theta) <= u * (lambda * Theta + G))
    by now apply Rmult_le_compat_l. lra.
Qed.

Definition gradient_feedback (C q rho : R) (t : nat) : R := INR t * (1 + C * q) ^ t * (C * rho).

Lemma gradient_feedback_step C q rho t :
  0 <= C -> 0 <= q -> 0 <= rho ->
  0 <= gradient_feedback C q rho t
  /\ (1 + C * q) * gradient_feedback C q rho t + C * rho <= gradient_feedback C q rho (S t).
Proof.
  intros HC Q P. assert (CQ : 0 <= C * q) by now apply Rmult_le_pos.
  assert (CR : 0 <= C * rho) by now apply Rmult_le_pos. assert (N := pos_INR t).
  assert (W : 1 <= (1 + C * q) ^ t) by (apply pow_R1_Rle; lra).
  unfold gradient_feedback. split; [repeat apply Rmult_le_pos; lra |].
  rewrite S_INR. change ((1 + C * q) ^ S t) with ((1 + C * q) * (1 + C * q) ^ t).
  set (z := 1 + C * q) in *. set (y := z ^ t) in *.
  assert (Z : 1 * 1 <= z * y) by (apply Rmult_le_compat; unfold z; lra).
  assert (1 * (C * rho) <= z * y * (C * rho)) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Theorem gradients_fed_back C q rho T (E d : nat -> R) :
  0 <= C -> 0 <= q -> 0 <= rho -> E O = 0 ->
  (forall t D, (t < T)%nat -> (forall i, (i <= t)%nat -> d i <= D) -> E (S t) <= E t + C * D) ->
  (forall t, (t < T)%nat -> d t <= q * E t + rho) ->
  forall t, (t <= T)%nat -> E t <= gradient_feedback C q rho t.
Proof.
  intros HC Q P E0 HE Hd.
  assert (grows : forall i t, (i <= t)%nat ->
    gradient_feedback C q rho i <= gradient_feedback C q rho t).
  { intros i t H. induction H as [| t H IH]; [lra |].
    destruct (gradient_feedback_step C q rho t HC Q P) as [F S].
    assert (0 <= C * q * gradient_feedback C q rho t)
      by (apply Rmult_le_pos; [now apply Rmult_le_pos | exact F]).
    assert (0 <= C * rho) by now apply Rmult_le_pos. lra. }
  assert (all : forall t, (t <= T)%nat ->
    forall i, (i <= t)%nat -> E i <= gradient_feedback C q rho i).
  { induction t as [| t IH]; intros Ht i Hi.
    - replace i with O by lia. rewrite E0. apply (gradient_feedback_step C q rho O HC Q P).
    - destruct (Nat.eq_dec i (S t)) as [-> | N]; [| apply IH; lia].
      destruct (gradient_feedback_step C q rho t HC Q P) as [F S].
      assert (HDt := HE t (q * gradient_feedback C q rho t + rho) ltac:(lia)).
      eapply Rle_trans; [apply HDt | generalize (IH ltac:(lia) t ltac:(lia)); lra].
      intros j Hj. eapply Rle_trans; [apply Hd; lia |]. apply Rplus_le_compat_r.
      apply Rmult_le_compat_l; [exact Q |].
      eapply Rle_trans; [apply IH; lia | now apply grows]. }
  intros t Ht. now apply (all t Ht t).
Qed.
