(* SPDX-License-Identifier: Apache-2.0 *)
(* The hypotheses can hold of the theorems of Momentum's and Nesterov's runs whose first buffer is
   the gradient, or whose learning rate is outside of the buffer: in binary32 at momentum 0.9 and
   learning rate 0.01, with gradient 1 at every step, from theta = 1. *)

Require Import Reals ZArith String List Psatz Lia.
From Flocq Require Import Core IEEE754.BinarySingleNaN.
From Truestep Require Import Expression Rounding Formats Runs MovingParameters Overflow.
From Truestep Require Import momentum_run momentum_begun_run.
From TruestepGenerated Require Import Lanes.
From TruestepRules Require Import GivenRuns SingleSteps MachineRuns RunNumbers.
Open Scope string_scope.
Open Scope R_scope.

(* What is given: the first step's momentum is 0 or 0.9. *)
Definition begun_given (first : R) (t : nat) : environment := fun x =>
  if String.eqb x "momentum" then match t with O => first | S _ => 9 / 10 end
  else if String.eqb x "gain" then 1
  else if String.eqb x "learning_rate" then 1 / 100
  else if String.eqb x "weight_decay" then 1 / 10000
  else if String.eqb x "p" then - (9 / 1000)
  else if String.eqb x "q" then - (1 / 100)
  else if String.eqb x "gradient" then 1
  else if String.eqb x "theta" then 1
  else 0.

Section Machine.

Variable first : R.
Hypothesis first_is : first = 0 \/ first = 9 / 10.
Variable kept : list (string * expression).

Definition begun_machine : nat -> string -> single :=
  machine_steps 24 128 eq_refl eq_refl kept (begun_given first).

Let f t x := B2R (begun_machine t x).

(* The rule from the same theta, with the same gradients. *)
Fixpoint begun_rule (t : nat) : environment := fun x =>
  match t, term_of kept x with
  | S t, Some e => exact (begun_rule t) e
  | _, _ => if String.eqb x "gradient" then f O x else if String.eqb x "theta" then f O x
            else begun_given first t x
  end.

Lemma begun_range t x : begun_given first t x = 0 \/ / 10000 <= Rabs (begun_given first t x) <= 1.
Proof.
  unfold begun_given. case String.eqb.
  - destruct t; [destruct first_is as [-> | ->]; [now left |] |]; right; rewrite Rabs_pos_eq; lra.
  - repeat (case String.eqb; [right; unfold Rabs; destruct Rcase_abs; lra |]). now left.
Qed.

Lemma begun_input t x :
  t = O \/ term_of kept x = None ->
  is_finite (begun_machine t x) = true
  /\ Rabs (f t x - begun_given first t x) <= kappa * u * Rabs (begun_given first t x).
Proof.
  intro H. unfold f. replace (begun_machine t x)
    with (nearest_number 24 128 eq_refl eq_refl (begun_given first t x)).
  - apply nearest_number_close; destruct (begun_range t x) as [N | N].
    + now left.
    + right. eapply Rle_trans; [| apply N]. simpl. lra.
    + rewrite N, Rabs_R0, Rmult_0_r. apply bpow_gt_0.
    + eapply Rle_lt_trans with 2; simpl; lra.
  - destruct H as [-> | H]; [reflexivity |]. symmetry. now apply machine_steps_given.
Qed.

Lemma begun_follows : machine_follows 24 128 eq_refl eq_refl kept begun_machine.
Proof.
  split; [intros i x H; now apply begun_input |]. intros i x e H. now apply machine_steps_kept.
Qed.

Lemma begun_rule_given t x :
  term_of kept x = None -> x <> "gradient" -> x <> "theta" ->
  begun_rule t x = begun_given first t x.
Proof.
  intros N X1 X2. destruct t; simpl; rewrite ?N;
    now rewrite (proj2 (String.eqb_neq _ _) X1), (proj2 (String.eqb_neq _ _) X2).
Qed.

Lemma begun_begins x c later :
  term_of kept x = None -> x <> "gradient" -> x <> "theta" ->
  (forall t, begun_given first t x = match t with O => c | S _ => later end) ->
  begins_within u c later x f begun_rule.
Proof.
  intros N X1 X2 H t. rewrite begun_rule_given by easy. split; [apply H |].
  apply begun_input. now right.
Qed.

Lemma begun_coefficient x c :
  term_of kept x = None -> x <> "gradient" -> x <> "theta" ->
  (forall t, Rabs (begun_given first t x) <= c) -> coefficient_within u c x f begun_rule.
Proof.
  intros N X1 X2 H t. rewrite begun_rule_given by easy. split; [apply H |].
  apply begun_input. now right.
Qed.

Lemma begun_signed x c :
  term_of kept x = None -> x <> "gradient" -> x <> "theta" ->
  (forall t, begun_given first t x = c) -> signed_constant_within u c (f O x) x f begun_rule.
Proof.
  intros N X1 X2 H. split.
  - intro t. rewrite begun_rule_given by easy. split; [apply H |].
    unfold f, begun_machine. rewrite !machine_steps_given by exact N. now rewrite !H.
  - rewrite <- (H O). apply begun_input. now left.
Qed.

Lemma begun_constant x c :
  term_of kept x = None -> x <> "gradient" -> x <> "theta" -> 0 <= c ->
  (forall t, begun_given first t x = c) -> constant_within u c (f O x) x f begun_rule.
Proof.
  intros N X1 X2 C H. destruct (begun_signed x c N X1 X2 H) as [S W].
  split; [exact S |]. split; [exact C |]. now rewrite (Rabs_pos_eq c) in W.
Qed.

Lemma begun_size x : Rabs (f O x) <= 2.
Proof.
  assert (W := proj2 (begun_input O x (or_introl eq_refl))).
  assert (A : Rabs (begun_given first O x) <= 1)
    by (destruct (begun_range O x) as [-> | N]; [rewrite Rabs_R0 |]; lra).
  assert (S := Rabs_near _ _ _ _ A W). assert (P := Rabs_pos (begun_given first O x)).
  assert (K : 0 <= kappa * u <= 1) by (rewrite u_value; unfold kappa; lra). nra.
Qed.

Lemma begun_gradients :
  term_of kept "gradient" = None -> same_gradients 2 f begun_rule.
Proof.
  intros N t. assert (R : begun_rule t "gradient" = f O "gradient")
    by (destruct t; simpl; now rewrite ?N).
  rewrite R. split; [| apply begun_size]. unfold f, begun_machine.
  now rewrite !machine_steps_given.
Qed.

Lemma begun_zero x : begun_given first O x = 0 -> f O x = 0.
Proof.
  intro Z. assert (W := proj2 (begun_input O x (or_introl eq_refl))).
  rewrite Z, Rabs_R0, Rminus_0_r, Rmult_0_r in W. revert W. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma begun_rule_follows x e : term_of kept x = Some e -> follows exact x e begun_rule.
Proof. intros H t. simpl. now rewrite H. Qed.

Lemma begun_rule_from_zero x e :
  term_of kept x = Some e -> x <> "gradient" -> x <> "theta" -> begun_given first O x = 0 ->
  follows_from_zero exact x e begun_rule.
Proof.
  intros H X1 X2 Z. split; [| now apply begun_rule_follows]. simpl.
  now rewrite (proj2 (String.eqb_neq _ _) X1), (proj2 (String.eqb_neq _ _) X2).
Qed.

Lemma begun_start : f O "theta" = begun_rule O "theta".
Proof. reflexivity. Qed.

End Machine.

(* Shows one hypothesis of a theorem on such a run. *)
Ltac begun_shown first_is :=
  first
    [ now apply (begun_follows _ first_is)
    | now apply (begun_zero _ first_is)
    | apply (begun_begins _ first_is); try easy; now intros []
    | apply (begun_constant _ first_is); try easy; try lra; now intros []
    | apply (begun_signed _ first_is); try easy; now intros []
    | now apply (begun_gradients _ first_is)
    | now apply begun_rule_from_zero
    | now apply begun_rule_follows
    | apply begun_start
    | exact (Rle_refl 0) | lra ].

(* How large the parts of such runs are. *)

Lemma growth_is_small : 0 <= product_growth u <= / 100000.
Proof. unfold product_growth. rewrite u_value. unfold kappa. lra. Qed.

Lemma tiny_numbers : 0 <= u <= / 1000000 /\ 0 <= eta <= / 1000000.
Proof.
  split; [rewrite u_value; lra |]. unfold eta. split; [apply bpow_ge_0 |].
  apply Rle_trans with (bpow radix2 (- (20))); [apply bpow_le; lia | simpl; lra].
Qed.

Lemma kept_error_is_small V : 0 <= V <= 20 -> 0 <= kept_error u eta (9 / 10) V <= 1.
Proof.
  intro HV. destruct tiny_numbers as [U N]. assert (K := growth_is_small). unfold kept_error.
  set (k := product_growth u) in *. clearbody k. revert U N. generalize u eta. intros v e U N.
  set (d := 1 - 9 / 10 * (1 + k)). assert (D : / 20 <= d) by (unfold d; lra).
  assert (kV : 0 <= k * V <= / 100000 * 20)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  assert (ve : 0 <= v * e <= / 1000000) by (split; [apply Rmult_le_pos |]; nra).
  split; [apply Rmult_le_pos; [lra |]; apply Rlt_le, Rinv_0_lt_compat; lra |].
  apply Rmult_le_reg_r with d; [lra |]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma moved_peak_is_small E L theta0 :
  0 <= E <= 2 -> 0 <= L <= 20 -> 0 <= theta0 <= 2 ->
  0 <= moved_peak u eta E L theta0 1000 <= 100000.
Proof.
  intros HE HL Ht. destruct tiny_numbers as [U N].
  assert (P := power_of_1000 (1 + u) ltac:(rewrite u_value; lra)).
  unfold moved_peak, moved_drift. rewrite steps_counted.
  set (q := (1 + u) ^ 1000) in *. clearbody q. revert U N P. generalize u eta. intros v e U N P.
  assert (vt : 0 <= v * (theta0 + 1000 * L) <= / 1000000 * 30000)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  set (s := E + v * (theta0 + 1000 * L) + e). assert (S : 0 <= s <= 3) by (unfold s; lra).
  assert (M : 0 <= 1000 * q * s <= 1000 * 2 * 3)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra).
  lra.
Qed.

Lemma begun_top_is : begun_top (9 / 10) 1 1 2 = 20.
Proof.
  unfold begun_top, buffer_top. rewrite Rabs_R1. replace (1 * 2 / (1 - 9 / 10)) with 20 by field.
  apply Rmax_right. lra.
Qed.

Lemma far_below_the_largest x : x <= 200000 -> x < bpow radix2 128.
Proof. intro H. eapply Rle_lt_trans; [exact H |]. simpl. lra. Qed.

Lemma rate_error_is_small :
  0 <= rate_error u eta (1 / 100) 20 (kept_error u eta (9 / 10) 20) <= 2.
Proof.
  destruct tiny_numbers as [U N]. assert (B := kept_error_is_small 20 ltac:(lra)).
  unfold rate_error. set (b := kept_error _ _ _ _) in *. clearbody b.
  assert (k0 : 0 <= kappa * u <= / 100000) by (rewrite u_value; unfold kappa; lra).
  set (k := kappa * u) in *. clearbody k. revert U N. generalize u eta. intros v e U N.
  assert (0 <= v * k <= / 100000) by (split; [apply Rmult_le_pos |]; nra).
  assert (0 <= ((1 + v) * (1 + k) - 1) * (1 / 100 * (20 + b)) <= 1 * 1)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). lra.
Qed.

Lemma two_product_error_is_small p q :
  0 <= p <= 1 -> 0 <= q <= 1 ->
  0 <= two_product_error u eta 2 p q 20 (kept_error u eta (9 / 10) 20) <= 2.
Proof.
  intros P Q. destruct tiny_numbers as [U N]. assert (B := kept_error_is_small 20 ltac:(lra)).
  assert (K := growth_is_small). unfold two_product_error.
  set (b := kept_error _ _ _ _) in *. clearbody b. set (k := product_growth u) in *. clearbody k.
  revert U N. generalize u eta. intros v e U N.
  assert (ve : 0 <= v * e <= / 1000000) by (split; [apply Rmult_le_pos |]; nra).
  assert (pb : 0 <= p * b <= 1) by (split; [apply Rmult_le_pos |]; nra).
  assert (s : 0 <= p * (20 + b) + q * 2 <= 23) by lra.
  assert (0 <= k * (p * (20 + b) + q * 2) <= / 100000 * 23)
    by (split; [apply Rmult_le_pos | apply Rmult_le_compat]; lra). lra.
Qed.

Lemma top_of_gain : buffer_top (9 / 10) (Rabs 1 * 2) = 20.
Proof. unfold buffer_top. rewrite Rabs_R1. field. Qed.

Definition zero_first : 0 = 0 \/ 0 = 9 / 10 := or_introl eq_refl.
Definition same_first : 9 / 10 = 0 \/ 9 / 10 = 9 / 10 := or_intror eq_refl.

(* PyTorch's Momentum. *)
Theorem begun_scaled_can_run t :
  let f := begun_machine 0 scaled_states in
  let r := begun_rule 0 scaled_states in
  let E := rate_error u eta (1 / 100) 20 (kept_error u eta (9 / 10) 20) in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= moved_drift u eta E (1 / 100 * 20) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r E Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, zero_first.
  assert (R0 := Rabs_pos (r O "theta")). destruct tiny_numbers as [U N].
  assert (B := kept_error_is_small 20 ltac:(lra)).
  assert (HE := rate_error_is_small). fold E in HE.
  assert (M := moved_peak_is_small E (1 / 100 * 20) _ HE ltac:(lra) (conj R0 start)).
  assert (K := growth_is_small).
  assert (run := begun_scaled_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) 1 (1 / 100)
    (B2R (f O "learning_rate")) 2 1000 f r). cbv zeta in run. rewrite begun_top_is in run.
  destruct run with (t := t) as (_ & F & D); try exact Ht; try begun_shown zero_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta. fold E. unfold kept_peak. lra.
  - exact (conj F D).
Qed.

(* The learning rate outside, with the recurrence from the first step on. *)
Theorem scaled_can_run t :
  let f := begun_machine (9 / 10) scaled_states in
  let r := begun_rule (9 / 10) scaled_states in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= moved_drift u eta (scaled_error u eta (9 / 10) 2 1 (1 / 100))
          (1 / 100 * buffer_top (9 / 10) (Rabs 1 * 2)) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, same_first.
  assert (R0 := Rabs_pos (r O "theta")). destruct tiny_numbers as [U N].
  assert (B := kept_error_is_small 20 ltac:(lra)). assert (HE := rate_error_is_small).
  assert (M := moved_peak_is_small _ (1 / 100 * 20) _ HE ltac:(lra) (conj R0 start)).
  assert (K := growth_is_small).
  destruct (scaled_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (B2R (f O "momentum")) 1
    (B2R (f O "gain")) (1 / 100) (B2R (f O "learning_rate")) 2 1000 f r)
    with (t := t) as (_ & F & D); try exact Ht; try begun_shown same_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta.
    unfold scaled_peak, scaled_error, buffer_peak, buffer_error, moved_peak in *.
    rewrite top_of_gain. rewrite Rabs_R1. lra.
  - exact (conj F D).
Qed.

(* The learning rate in the buffer, which begins with the gradient. *)
Theorem begun_can_run t :
  let f := begun_machine 0 momentum_states in
  let r := begun_rule 0 momentum_states in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= moved_drift u eta (kept_error u eta (9 / 10) (1 / 5)) (1 / 5) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, zero_first.
  assert (R0 := Rabs_pos (r O "theta")).
  assert (B := kept_error_is_small (1 / 5) ltac:(lra)).
  assert (M := moved_peak_is_small (kept_error u eta (9 / 10) (1 / 5)) (1 / 5) _ ltac:(lra)
    ltac:(lra) (conj R0 start)).
  assert (K := growth_is_small).
  assert (run := begun_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (1 / 100) (1 / 100) 2 1000 f r).
  cbv zeta in run.
  assert (top : begun_top (9 / 10) (1 / 100) (1 / 100) 2 = 1 / 5).
  { unfold begun_top, buffer_top. rewrite Rabs_pos_eq by lra.
    replace (1 / 100 * 2 / (1 - 9 / 10)) with (1 / 5) by field. apply Rmax_right. lra. }
  rewrite top in run.
  destruct run with (t := t) as (_ & F & D); try exact Ht; try begun_shown zero_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta. unfold kept_peak. lra.
  - exact (conj F D).
Qed.

(* PyTorch's form of Nesterov's accelerated gradient. *)
Theorem begun_sum_can_run t :
  let f := begun_machine 0 (sum_states "p" "q") in
  let r := begun_rule 0 (sum_states "p" "q") in
  let E := two_product_error u eta 2 (9 / 1000) (1 / 100) 20 (kept_error u eta (9 / 10) 20) in
  let L := two_product_step 2 (9 / 1000) (1 / 100) 20 in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta") <= moved_drift u eta E L (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r E L Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, zero_first.
  assert (R0 := Rabs_pos (r O "theta")).
  assert (B := kept_error_is_small 20 ltac:(lra)).
  assert (HE := two_product_error_is_small (9 / 1000) (1 / 100) ltac:(lra) ltac:(lra)).
  fold E in HE. assert (HL : 0 <= L <= 1) by (unfold L, two_product_step; lra).
  assert (M := moved_peak_is_small E L _ HE ltac:(lra) (conj R0 start)).
  assert (K := growth_is_small).
  assert (run := begun_sum_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) 1 1 (- (9 / 1000))
    (B2R (f O "p")) (- (1 / 100)) (B2R (f O "q")) 2 1000 f r).
  cbv zeta in run. rewrite begun_top_is, !Rabs_Ropp, !(Rabs_pos_eq (_ / _)) in run by lra.
  destruct run with (t := t) as (_ & F & D); try exact Ht; try begun_shown zero_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta. fold E L.
    unfold kept_peak, two_product_peak. lra.
  - exact (conj F D).
Qed.

(* Nesterov's sum with the recurrence from the first step on, by either names of its factors. *)
Theorem weighted_sum_can_run t :
  let f := begun_machine (9 / 10) (sum_states "p" "q") in
  let r := begun_rule (9 / 10) (sum_states "p" "q") in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= moved_drift u eta (sum_error u eta (9 / 10) 2 1 (- (9 / 1000)) (- (1 / 100)))
          (sum_step (9 / 10) 2 1 (- (9 / 1000)) (- (1 / 100))) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, same_first.
  assert (R0 := Rabs_pos (r O "theta")).
  assert (B := kept_error_is_small 20 ltac:(lra)).
  assert (HE := two_product_error_is_small (9 / 1000) (1 / 100) ltac:(lra) ltac:(lra)).
  assert (HL : 0 <= two_product_step 2 (9 / 1000) (1 / 100) 20 <= 1)
    by (unfold two_product_step; lra).
  assert (M := moved_peak_is_small _ (two_product_step 2 (9 / 1000) (1 / 100) 20) _ HE
    ltac:(lra) (conj R0 start)).
  assert (K := growth_is_small).
  destruct (weighted_sum_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (B2R (f O "momentum")) 1
    (B2R (f O "gain")) (- (9 / 1000)) (B2R (f O "p")) (- (1 / 100)) (B2R (f O "q")) 2 1000 f r)
    with (t := t) as (_ & F & D); try exact Ht; try begun_shown same_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta.
    unfold sum_peak, sum_error, sum_step, buffer_peak, buffer_error, moved_peak in *.
    rewrite top_of_gain, Rabs_R1, !Rabs_Ropp, !(Rabs_pos_eq (_ / _)) by lra. lra.
  - exact (conj F D).
Qed.

Theorem nesterov_can_run t :
  let f := begun_machine (9 / 10) (sum_states "momentum" "gain") in
  let r := begun_rule (9 / 10) (sum_states "momentum" "gain") in
  (t <= 1000)%nat ->
  (forall x, is_finite (f t x) = true)
  /\ Rabs (B2R (f t "theta") - r t "theta")
     <= moved_drift u eta (sum_error u eta (9 / 10) 2 1 (9 / 10) 1)
          (sum_step (9 / 10) 2 1 (9 / 10) 1) (Rabs (r O "theta")) 1000 t.
Proof.
  intros f r Ht. assert (start : Rabs (r O "theta") <= 2) by apply begun_size, same_first.
  assert (R0 := Rabs_pos (r O "theta")).
  assert (B := kept_error_is_small 20 ltac:(lra)).
  assert (HE := two_product_error_is_small (9 / 10) 1 ltac:(lra) ltac:(lra)).
  assert (HL : 0 <= two_product_step 2 (9 / 10) 1 20 <= 20) by (unfold two_product_step; lra).
  assert (M := moved_peak_is_small _ (two_product_step 2 (9 / 10) 1 20) _ HE ltac:(lra)
     (conj R0 start)).
  assert (K := growth_is_small).
  destruct (nesterov_run_in_ieee 24 128 eq_refl eq_refl (9 / 10) (B2R (f O "momentum")) 1
    (B2R (f O "gain")) 2 1000 f r)
    with (t := t) as (_ & F & D); try exact Ht; try begun_shown same_first.
  - change (9 / 10 * (1 + product_growth u) < 1). lra.
  - apply far_below_the_largest. change (bpow radix2 (- (24))) with u.
    change (bpow radix2 (3 - 128 - 24 - 1)) with eta.
    unfold sum_peak, sum_error, sum_step, buffer_peak, buffer_error, moved_peak in *.
    rewrite top_of_gain, Rabs_R1, !(Rabs_pos_eq (_ / _)) by lra. lra.
  - exact (conj F D).
Qed.
