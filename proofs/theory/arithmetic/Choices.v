(* SPDX-License-Identifier: Apache-2.0 *)
(* Recorded code that chooses its way by comparisons: each answer of each comparison is recorded.

   A way ends in a value and a radius. The value is computed in the type of the computation, with
   the rounding [rnd]; the radius and what is compared in a wider one, with the rounding [fl]. *)

Require Import Reals String.
From Truestep Require Import Expression.
Open Scope R_scope.

Inductive choices :=
| Gives (value radius : expression)
| IfLess (x y : expression) (yes no : choices)
| IfEqual (x y : expression) (yes no : choices).

Fixpoint chosen (rnd fl : R -> R) (f : environment) (code : choices) : R * R :=
  match code with
  | Gives value radius => (rounded rnd f value, rounded fl f radius)
  | IfLess x y yes no =>
      if Rlt_dec (rounded fl f x) (rounded fl f y) then chosen rnd fl f yes
      else chosen rnd fl f no
  | IfEqual x y yes no =>
      if Req_EM_T (rounded fl f x) (rounded fl f y) then chosen rnd fl f yes
      else chosen rnd fl f no
  end.
