(* SPDX-License-Identifier: Apache-2.0 *)
(* Nesterov's accelerated gradient: its inputs, and which of its forms are one map. Its buffer and
   theta drift as drift/Recurrences.v and drift/Sums.v say.

   For constant mu and alpha; the gradient g is any function of the parameter.
   - [look_ahead_is_nesterov_in]: look-ahead, v' = mu v - alpha g(theta + mu v),
     theta' = theta + v', read at phi = theta + mu v, is N-in, v' = mu v - alpha g(phi),
     phi' = phi + mu v' - alpha g(phi).
   - [nesterov_out_is_nesterov_in]: so is N-out, b' = mu b + g(phi),
     phi' = phi - alpha (g(phi) + mu b'), with v = -alpha b.
   - [bengio_is_nesterov_in]: so is phi' = phi + mu^2 v - (1 + mu) alpha g(phi), also where mu and
     alpha change from step to step. *)

Require Import Reals String List Psatz.
From Truestep Require Import Expression Apriori ClosedForms momentum_theory.
Open Scope string_scope.
Open Scope list_scope.

(* The inputs of the lanes, whatever the form, by the names of proofs/recorded_lanes.hpp. *)

Definition nag := momentum.
Definition nag_look_ahead := momentum.

Open Scope R_scope.

Section Nesterov.

Variable gradient : R -> R.

Definition look_ahead (mu alpha : R) '(theta, v) :=
  let v' := mu * v - alpha * gradient (theta + mu * v) in (theta + v', v').

Definition nesterov_in (mu alpha : R) '(phi, v) :=
  let v' := mu * v - alpha * gradient phi in (phi + mu * v' - alpha * gradient phi, v').

Definition bengio (mu alpha : R) '(phi, v) :=
  (phi + mu ^ 2 * v - (1 + mu) * alpha * gradient phi, mu * v - alpha * gradient phi).

Definition nesterov_out (mu alpha : R) '(phi, b) :=
  let b' := mu * b + gradient phi in (phi - alpha * (gradient phi + mu * b'), b').

(** What look-ahead stores, read at the point where it takes the gradient. *)
Definition looking_ahead mu : R * R -> R * R := fun '(theta, v) => (theta + mu * v, v).

Theorem look_ahead_is_nesterov_in mu alpha start t :
  looking_ahead mu (iterate (fun _ => look_ahead mu alpha) start t)
  = iterate (fun _ => nesterov_in mu alpha) (looking_ahead mu start) t.
Proof. apply conjugate; intros [theta v]; simpl; f_equal; ring. Qed.

Theorem nesterov_out_is_nesterov_in mu alpha start t :
  scaled alpha (iterate (fun _ => nesterov_out mu alpha) start t)
  = iterate (fun _ => nesterov_in mu alpha) (scaled alpha start) t.
Proof. apply conjugate; intros [phi b]; simpl; f_equal; ring. Qed.

Lemma bengio_step mu alpha p : bengio mu alpha p = nesterov_in mu alpha p.
Proof. destruct p as [phi v]; simpl; f_equal; ring. Qed.

Theorem bengio_is_nesterov_in (mu alpha : nat -> R) start t :
  iterate (fun i => bengio (mu i) (alpha i)) start t
  = iterate (fun i => nesterov_in (mu i) (alpha i)) start t.
Proof. induction t as [|t IH]; simpl; [|rewrite IH, bengio_step]; reflexivity. Qed.

End Nesterov.
