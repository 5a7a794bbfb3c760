(* SPDX-License-Identifier: Apache-2.0 *)
(* The four formats, for the constants of one step (generated/Bounds.v).

   Results:
   - [binary32], [fp16], [bfloat16]: every coefficient within (1 + 2^-40) u of its exact expression,
     relatively ([coefficient_within]); a weight of at most 1/2 costs its decay half of that
     ([weight_within]);
   - [binary64]: hyperparameters are doubles and cost nothing, nor does 1 - beta for beta in
     [1/2, 1], which is exact ([one_minus_exact]); what is left are quotients and roots;
   - [at_rounded_coefficients]: the same formats against the rule at the lane's own coefficients,
     so that only the lane's rounding counts; then w may be anything in [0, 1]. *)

Require Import Reals QArith String List Psatz.
From Flocq Require Import Core Sterbenz.
From Truestep Require Import Expression Apriori.

Open Scope string_scope.
Open Scope list_scope.

(* u, for p bits of significand. *)
Definition half_ulp (p : positive) : Q := 1 # 2 ^ p.
Definition coefficient_rounding (p : positive) : Q := (1 + (1 # 2 ^ 40)) * half_ulp p.

Definition narrow (p : positive) : precision.
  refine {|
    unit_roundoff := half_ulp p;
    hyperparameter_error := coefficient_rounding p;
    weight_error := coefficient_rounding p;
    decay_error := coefficient_rounding p / 2;
    coefficient_error := coefficient_rounding p
  |}.
  reflexivity.
Defined.

Definition binary32 : precision := narrow 24.
Definition fp16 : precision := narrow 11.
Definition bfloat16 : precision := narrow 8.

Definition binary64 : precision.
  refine {|
    unit_roundoff := half_ulp 53;
    hyperparameter_error := 0;
    weight_error := 0;
    decay_error := 0;
    coefficient_error := coefficient_rounding 53
  |}.
  reflexivity.
Defined.

Definition at_rounded_coefficients (p : precision) : precision.
  refine {|
    unit_roundoff := unit_roundoff p;
    hyperparameter_error := 0;
    weight_error := 0;
    decay_error := 0;
    coefficient_error := 0
  |}.
  assert (H := none_negative p). simpl in *. now destruct (Qle_bool 0 (unit_roundoff p)).
Defined.

(* The inputs of the two lanes with weight decay alone; those of a rule's lanes are in rules/. *)

Definition weight_decay :=
  inputs (("weight_decay", Hyperparameter) :: ("amount", Amount) :: nil).

(* Why these errors. Flocq's FLX_exp has unbounded exponents (see Formats.v). *)

Lemma Q2R_half_ulp bits : Q2R (half_ulp bits) = bpow radix2 (- Zpos bits).
Proof.
  unfold half_ulp, Q2R. cbn [Qnum Qden]. rewrite Rmult_1_l, Pos2Z.inj_pow, bpow_opp. reflexivity.
Qed.

Lemma Q2R_coefficient_rounding bits :
  Q2R (coefficient_rounding bits) = (1 + bpow radix2 (- 40)) * bpow radix2 (- Zpos bits).
Proof.
  unfold coefficient_rounding. change (1 # 2 ^ 40)%Q with (half_ulp 40).
  now rewrite Qreals.Q2R_mult, Qreals.Q2R_plus, !Q2R_half_ulp, RMicromega.Q2R_1.
Qed.

Lemma Q2R_decay_rounding bits :
  Q2R (coefficient_rounding bits / 2) = (1 + bpow radix2 (- 40)) * bpow radix2 (- Zpos bits) / 2.
Proof.
  unfold Qdiv. rewrite Qreals.Q2R_mult, Q2R_coefficient_rounding.
  unfold Q2R. simpl (IZR _ * / IZR _). lra.
Qed.

Section Rounding.

Variables (bits : positive) (choice : Z -> bool).
Let p : Z := Zpos bits.
Notation ulp := (ulp radix2 (FLX_exp p)).

Instance positive_precision : Prec_gt_0 p.
Proof. easy. Qed.

(* A coefficient's error as fast/coefficients/coefficients.hpp promises it. *)
Definition nearly_nearest (x X : R) : Prop := Rabs (x - X) <= (1 / 2 + bpow radix2 (- 41)) * ulp X.

Lemma nearly_nearest_half x X :
  nearly_nearest x X -> Rabs (x - X) <= (1 + bpow radix2 (- 40)) * (ulp X / 2).
Proof.
  unfold nearly_nearest. change (- 40)%Z with (1 + - 41)%Z. rewrite (bpow_plus radix2 1).
  simpl (bpow radix2 1). lra.
Qed.

Theorem coefficient_within x X :
  nearly_nearest x X -> Rabs (x - X) <= Q2R (coefficient_rounding bits) * Rabs X.
Proof.
  intro H. apply nearly_nearest_half in H. rewrite Q2R_coefficient_rounding, Rmult_assoc.
  eapply Rle_trans; [apply H |].
  apply Rmult_le_compat_l; [generalize (bpow_gt_0 radix2 (- 40)); lra |].
  assert (U := ulp_FLX_le radix2 p X). unfold Zminus in U. rewrite bpow_plus in U.
  simpl (bpow radix2 1) in U. fold p. lra.
Qed.

(* A weight below 1/2; 1/2 and 1 are themselves in the format. *)
Theorem weight_within w W :
  0 <= W < 1 / 2 -> nearly_nearest w W ->
  Rabs (w - W) <= Q2R (coefficient_rounding bits / 2) * (1 - W).
Proof.
  intros HW H. apply nearly_nearest_half in H. rewrite Q2R_decay_rounding.
  assert (U : ulp W <= bpow radix2 (- p) / 2).
  { replace (bpow radix2 (- p) / 2) with (bpow radix2 (- 1 - p))
      by (unfold Zminus; rewrite bpow_plus; simpl; lra).
    destruct (Req_dec W 0) as [-> |].
    - rewrite ulp_FLX_0; [apply bpow_ge_0 | easy].
    - rewrite ulp_neq_0 by easy. apply bpow_le. unfold cexp, FLX_exp.
      assert (mag radix2 W <= - 1)%Z; [| lia].
      apply mag_le_bpow; [easy |]. rewrite Rabs_pos_eq; simpl; lra. }
  assert (0 < bpow radix2 (- 40)) by apply bpow_gt_0.
  apply weight_at_most_half; [| lra |].
  - generalize (bpow_gt_0 radix2 (- p)). unfold p. nra.
  - eapply Rle_trans; [apply H |]. fold p. nra.
Qed.

(* Sterbenz: a double beta in [1/2, 1] leaves a double 1 - beta. *)
Theorem one_minus_exact beta :
  generic_format radix2 (FLX_exp p) beta -> 1 / 2 <= beta <= 1 ->
  round radix2 (FLX_exp p) (Znearest choice) (1 - beta) = 1 - beta.
Proof.
  intros F B. apply round_generic; [apply valid_rnd_N |].
  apply sterbenz; auto with typeclass_instances; [| lra].
  apply (generic_format_bpow radix2 (FLX_exp p) 0). unfold FLX_exp, p. lia.
Qed.

End Rounding.
