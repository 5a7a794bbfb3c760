(* SPDX-License-Identifier: Apache-2.0 *)
(* What the rules are in exact arithmetic: closed forms, fixed points, and which of the published
   variants are one map.

   Decayed means and sums, from x_0, over the inputs y_0 .. y_(t-1).
   - [closed_form]: x' = b x + w y has x_t = b^t x_0 + w (sum of b^(t-1-i) y_i): a decayed mean with
     w = 1 - b, Momentum's v with b = mu, w = -alpha; [sum_closed_form]: b = w = 1, Adagrad's sum.
   - [weights_sum_to_one]: (sum of (1 - b) b^(t-1-i)) / (1 - b^t) = 1, for 0 <= b < 1 and t >= 1:
     what the bias correction is for.
   - [constant_input]: a decayed mean of a constant y from 0 is (1 - b^t) y.
   - [corrected_first_moment], [corrected_second_moment]: so Adam's m_hat = g and v_hat = g^2 at
     every t >= 1, for a constant gradient g; [adam_constant_step]: its step is then
     alpha g / (|g| + epsilon).
   - [momentum_constant]: Momentum's v is then -alpha g (1 - mu^t) / (1 - mu), for mu <> 1.

   Epsilon.
   - [p_is_h]: P, m_hat / (sqrt(v_hat) + epsilon_P), equals H, which corrects the learning rate,
     sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon_H), if and only if m = 0 or
     epsilon_H = epsilon_P sqrt(1 - beta2^t); for v >= 0 and epsilons > 0.
   - [rmsprop_epsilon]: with epsilon in the state, RMSprop's s is the decayed mean of g^2 plus
     epsilon (1 - beta^t) / (1 - beta); [rmsprop_epsilon_limit]: which tends to
     epsilon / (1 - beta).

   Momentum's buffers; the gradient g is any function of the parameter.
   - [learning_rate_in_or_out]: v' = mu v - alpha g, theta' = theta + v' and b' = mu b + g,
     theta' = theta - alpha b' give the same theta, and v = -alpha b, for a constant alpha;
     [learning_rate_in_is_not_out]: not if alpha changes.

   Nesterov, for constant mu and alpha.
   - [look_ahead_is_nesterov_in]: look-ahead, v' = mu v - alpha g(theta + mu v),
     theta' = theta + v', read at phi = theta + mu v, is N-in, v' = mu v - alpha g(phi),
     phi' = phi + mu v' - alpha g(phi).
   - [nesterov_out_is_nesterov_in]: so is N-out, b' = mu b + g(phi),
     phi' = phi - alpha (g(phi) + mu b'), with v = -alpha b.
   - [bengio_is_nesterov_in]: so is phi' = phi + mu^2 v - (1 + mu) alpha g(phi), also where mu and
     alpha change from step to step. *)

Require Import Reals Psatz Lia.
From Truestep Require Import Rounding Sums.
Open Scope R_scope.

(** * Decayed means *)

(** x' = b x + w y from x0. *)
Fixpoint recurrence b w x0 (y : nat -> R) t :=
  match t with O => x0 | S t => b * recurrence b w x0 y t + w * y t end.

Definition decayed_mean b := recurrence b (1 - b) 0.

(** b^(t-1) y 0 + ... + b y (t-2) + y (t-1). *)
Definition discounted b (y : nat -> R) t := total (fun i => b ^ (t - 1 - i) * y i) t.

Lemma total_ext f g t : (forall i, (i < t)%nat -> f i = g i) -> total f t = total g t.
Proof.
  intros H; induction t as [|t IH]; simpl; [reflexivity|].
  rewrite IH by (intros; apply H; lia); now rewrite H by lia.
Qed.

Lemma total_scale a f t : total (fun i => a * f i) t = a * total f t.
Proof. induction t as [|t IH]; simpl; [|rewrite IH]; ring. Qed.

Lemma discounted_step b y t : discounted b y (S t) = b * discounted b y t + y t.
Proof.
  unfold discounted; simpl; rewrite <- total_scale.
  replace (t - 0 - t)%nat with 0%nat by lia.
  rewrite (total_ext _ (fun i => b * (b ^ (t - 1 - i) * y i))); [simpl; ring|].
  intros i Hi; replace (t - 0 - i)%nat with (S (t - 1 - i)) by lia; simpl; ring.
Qed.

Theorem closed_form b w x0 y t :
  recurrence b w x0 y t = b ^ t * x0 + w * discounted b y t.
Proof.
  induction t as [|t IH]; [unfold discounted; simpl; ring|].
  rewrite discounted_step; simpl; rewrite IH; ring.
Qed.

Corollary sum_closed_form x0 y t : recurrence 1 1 x0 y t = x0 + total y t.
Proof.
  rewrite closed_form, pow1; unfold discounted.
  rewrite (total_ext _ y); [ring|]; intros; rewrite pow1; ring.
Qed.

Theorem constant_input b y t : decayed_mean b (fun _ => y) t = (1 - b ^ t) * y.
Proof.
  unfold decayed_mean; induction t as [|t IH]; simpl; [|rewrite IH]; ring.
Qed.

Lemma correction_positive b t : 0 <= b < 1 -> (1 <= t)%nat -> 0 < 1 - b ^ t.
Proof.
  intros Hb Ht; assert (b ^ t < 1); [|lra].
  apply pow_lt_1_compat; [lra|lia].
Qed.

Theorem weights_sum_to_one b t :
  0 <= b < 1 -> (1 <= t)%nat ->
  total (fun i => (1 - b) * b ^ (t - 1 - i)) t / (1 - b ^ t) = 1.
Proof.
  intros Hb Ht; assert (C := correction_positive b t Hb Ht).
  rewrite total_scale.
  assert (E := closed_form b (1 - b) 0 (fun _ => 1) t).
  fold (decayed_mean b) in E; rewrite constant_input in E; unfold discounted in E.
  rewrite (total_ext _ (fun i => b ^ (t - 1 - i) * 1)) by (intros; ring).
  rewrite Rmult_0_r, Rplus_0_l, Rmult_1_r in E; rewrite <- E; field; lra.
Qed.

Theorem corrected_first_moment beta1 g t :
  0 <= beta1 < 1 -> (1 <= t)%nat -> decayed_mean beta1 (fun _ => g) t / (1 - beta1 ^ t) = g.
Proof.
  intros Hb Ht; assert (C := correction_positive beta1 t Hb Ht).
  rewrite constant_input; field; lra.
Qed.

Corollary corrected_second_moment beta2 g t :
  0 <= beta2 < 1 -> (1 <= t)%nat ->
  decayed_mean beta2 (fun _ => g ^ 2) t / (1 - beta2 ^ t) = g ^ 2.
Proof. apply corrected_first_moment. Qed.

Corollary adam_constant_step alpha beta1 beta2 epsilon g t :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
  alpha * (decayed_mean beta1 (fun _ => g) t / (1 - beta1 ^ t))
  / (sqrt (decayed_mean beta2 (fun _ => g ^ 2) t / (1 - beta2 ^ t)) + epsilon)
  = alpha * g / (Rabs g + epsilon).
Proof.
  intros H1 H2 Ht; rewrite corrected_first_moment, corrected_second_moment by assumption.
  replace (g ^ 2) with (Rsqr g) by (unfold Rsqr; ring); now rewrite sqrt_Rsqr_abs.
Qed.

Theorem momentum_constant mu alpha g t :
  mu <> 1 ->
  recurrence mu (- alpha) 0 (fun _ => g) t = - alpha * g * (1 - mu ^ t) / (1 - mu).
Proof.
  intros Hmu; induction t as [|t IH]; simpl; [|rewrite IH]; field; lra.
Qed.

(** * Epsilon *)

Definition adam_p beta1 beta2 epsilon m v t :=
  m / (1 - beta1 ^ t) / (sqrt (v / (1 - beta2 ^ t)) + epsilon).

Definition adam_h beta1 beta2 epsilon m v t :=
  sqrt (1 - beta2 ^ t) / (1 - beta1 ^ t) * m / (sqrt v + epsilon).

Theorem p_is_h beta1 beta2 epsilon_p epsilon_h m v t :
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
  0 <= v -> 0 < epsilon_p -> 0 < epsilon_h ->
  adam_p beta1 beta2 epsilon_p m v t = adam_h beta1 beta2 epsilon_h m v t
  <-> m = 0 \/ epsilon_h = epsilon_p * sqrt (1 - beta2 ^ t).
Proof.
  intros H1 H2 Ht Hv Hp Hh.
  assert (C1 := correction_positive beta1 t H1 Ht).
  assert (C2 := correction_positive beta2 t H2 Ht).
  unfold adam_p, adam_h; rewrite sqrt_div by assumption.
  assert (Q := sqrt_lt_R0 _ C2); assert (P := sqrt_pos v).
  set (q := sqrt (1 - beta2 ^ t)) in *; set (r := sqrt v) in *; set (k := 1 - beta1 ^ t) in *.
  assert (Pq : 0 < r + epsilon_p * q) by nra.
  assert (L : m / k / (r / q + epsilon_p) = q / k * m / (r + epsilon_p * q)).
  { field; repeat split; try lra; apply Rgt_not_eq; nra. }
  rewrite L; split.
  - intros E; destruct (Req_dec m 0) as [->|nonzero]; [now left|right].
    assert (F : (r + epsilon_p * q) * (q / k * m / (r + epsilon_p * q))
                = (r + epsilon_p * q) * (q / k * m / (r + epsilon_h))) by now rewrite E.
    assert (D : q / k * m * (epsilon_h - epsilon_p * q) = 0).
    { replace (q / k * m * (epsilon_h - epsilon_p * q))
        with ((r + epsilon_h) * ((r + epsilon_p * q) * (q / k * m / (r + epsilon_p * q)))
              - (r + epsilon_p * q) * (q / k * m)) by (field; lra).
      rewrite F; field; lra. }
    apply Rmult_integral in D; destruct D as [D|D]; [exfalso|lra].
    apply Rmult_integral in D; destruct D as [D|D]; [|contradiction].
    assert (0 < q / k) by (apply Rdiv_lt_0_compat; lra); lra.
  - intros [->| ->]; [unfold Rdiv; ring|reflexivity].
Qed.

Fixpoint rmsprop_s beta epsilon (g2 : nat -> R) t :=
  match t with
  | O => 0
  | S t => beta * rmsprop_s beta epsilon g2 t + (1 - beta) * g2 t + epsilon
  end.

Theorem rmsprop_epsilon beta epsilon g2 t :
  beta <> 1 ->
  rmsprop_s beta epsilon g2 t
  = decayed_mean beta g2 t + epsilon * (1 - beta ^ t) / (1 - beta).
Proof.
  intros Hb; unfold decayed_mean.
  induction t as [|t IH]; simpl; [|rewrite IH]; field; lra.
Qed.

Theorem rmsprop_epsilon_limit beta epsilon :
  0 <= beta < 1 ->
  Un_cv (fun t => epsilon * (1 - beta ^ t) / (1 - beta)) (epsilon / (1 - beta)).
Proof.
  intros Hb; set (limit := epsilon / (1 - beta)).
  intros bound Hbound.
  destruct (pow_lt_1_zero beta) with (y := bound / (Rabs limit + 1)) as [N HN].
  - rewrite Rabs_pos_eq; lra.
  - apply Rdiv_lt_0_compat; [exact Hbound|generalize (Rabs_pos limit); lra].
  - exists N; intros t Ht; specialize (HN t Ht); unfold R_dist.
    replace (epsilon * (1 - beta ^ t) / (1 - beta) - limit) with (- (limit * beta ^ t))
      by (unfold limit; field; lra).
    rewrite Rabs_Ropp, Rabs_mult.
    assert (P := Rabs_pos limit).
    apply Rmult_lt_compat_r with (r := Rabs limit + 1) in HN; [|lra].
    replace (bound / (Rabs limit + 1) * (Rabs limit + 1)) with bound in HN by (field; lra).
    generalize (Rabs_pos (beta ^ t)); nra.
Qed.

(** * Momentum's buffers and Nesterov's gradient

    Each map takes (parameter, buffer) to the next pair; [iterate] repeats it. *)

Fixpoint iterate {A} (step : nat -> A -> A) start t :=
  match t with O => start | S t => step t (iterate step start t) end.

Section Buffers.

Variable gradient : R -> R.

Definition momentum_in (mu alpha : R) '(theta, v) :=
  let v' := mu * v - alpha * gradient theta in (theta + v', v').

Definition momentum_out (mu alpha : R) '(theta, b) :=
  let b' := mu * b + gradient theta in (theta - alpha * b', b').

Definition look_ahead (mu alpha : R) '(theta, v) :=
  let v' := mu * v - alpha * gradient (theta + mu * v) in (theta + v', v').

Definition nesterov_in (mu alpha : R) '(phi, v) :=
  let v' := mu * v - alpha * gradient phi in (phi + mu * v' - alpha * gradient phi, v').

Definition bengio (mu alpha : R) '(phi, v) :=
  (phi + mu ^ 2 * v - (1 + mu) * alpha * gradient phi, mu * v - alpha * gradient phi).

Definition nesterov_out (mu alpha : R) '(phi, b) :=
  let b' := mu * b + gradient phi in (phi - alpha * (gradient phi + mu * b'), b').

(** What a change of variables does to one step, it does to all. *)
Lemma conjugate {A B} (f : A -> A) (g : B -> B) (h : A -> B) :
  (forall a, h (f a) = g (h a)) ->
  forall a t, h (iterate (fun _ => f) a t) = iterate (fun _ => g) (h a) t.
Proof. intros H a t; induction t as [|t IH]; simpl; [|rewrite H, IH]; reflexivity. Qed.

(** A buffer that leaves the learning rate out, times -alpha. *)
Definition scaled alpha : R * R -> R * R := fun '(theta, b) => (theta, - alpha * b).

Theorem learning_rate_in_or_out mu alpha start t :
  scaled alpha (iterate (fun _ => momentum_out mu alpha) start t)
  = iterate (fun _ => momentum_in mu alpha) (scaled alpha start) t.
Proof. apply conjugate; intros [theta b]; simpl; f_equal; ring. Qed.

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

End Buffers.

(** With the gradient 1 everywhere, mu = 1/2, and a learning rate of 1, then of 0: the buffer that
    took the first rate in still moves theta, the other does not. *)
Theorem learning_rate_in_is_not_out :
  let gradient := fun _ : R => 1 in
  let alpha := fun t : nat => match t with O => 1 | _ => 0 end in
  fst (iterate (fun t => momentum_in gradient (1 / 2) (alpha t)) (0, 0) 2) = - 3 / 2
  /\ fst (iterate (fun t => momentum_out gradient (1 / 2) (alpha t)) (0, 0) 2) = - 1.
Proof. simpl; lra. Qed.
