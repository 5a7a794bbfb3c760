(* SPDX-License-Identifier: Apache-2.0 *)
(* Momentum: its inputs, its closed form, and the two places of the learning rate. Its buffers and
   theta drift as drift/Recurrences.v and drift/Sums.v say.

   The gradient g is any function of the parameter.
   - [momentum_constant]: for a constant gradient v is -alpha g (1 - mu^t) / (1 - mu), for mu <> 1.
   - [learning_rate_in_or_out]: v' = mu v - alpha g, theta' = theta + v' and b' = mu b + g,
     theta' = theta - alpha b' give the same theta, and v = -alpha b, for a constant alpha;
     [learning_rate_in_is_not_out]: not if alpha changes. *)

Require Import Reals String List Psatz.
From Truestep Require Import Expression Apriori ClosedForms.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition momentum :=
  inputs (("momentum", Hyperparameter) :: ("learning_rate", Hyperparameter)
          :: ("gain", Factor) :: ("p", Factor) :: ("q", Factor) :: nil).

Open Scope R_scope.

Theorem momentum_constant mu alpha g t :
  mu <> 1 ->
  recurrence mu (- alpha) 0 (fun _ => g) t = - alpha * g * (1 - mu ^ t) / (1 - mu).
Proof.
  intros Hmu; induction t as [|t IH]; simpl; [|rewrite IH]; field; lra.
Qed.

(** * The learning rate in the buffer, or outside of it *)

Section LearningRate.

Variable gradient : R -> R.

Definition momentum_in (mu alpha : R) '(theta, v) :=
  let v' := mu * v - alpha * gradient theta in (theta + v', v').

Definition momentum_out (mu alpha : R) '(theta, b) :=
  let b' := mu * b + gradient theta in (theta - alpha * b', b').

Theorem learning_rate_in_or_out mu alpha start t :
  scaled alpha (iterate (fun _ => momentum_out mu alpha) start t)
  = iterate (fun _ => momentum_in mu alpha) (scaled alpha start) t.
Proof. apply conjugate; intros [theta b]; simpl; f_equal; ring. Qed.

End LearningRate.

(** With the gradient 1 everywhere, mu = 1/2, and a learning rate of 1, then of 0: the buffer that
    took the first rate in still moves theta, the other does not. *)
Theorem learning_rate_in_is_not_out :
  let gradient := fun _ : R => 1 in
  let alpha := fun t : nat => match t with O => 1 | _ => 0 end in
  fst (iterate (fun t => momentum_in gradient (1 / 2) (alpha t)) (0, 0) 2) = - 3 / 2
  /\ fst (iterate (fun t => momentum_out gradient (1 / 2) (alpha t)) (0, 0) 2) = - 1.
Proof. simpl; lra. Qed.
