#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes conventions.csv: where each system's update leads, from what the system itself says.

    ./conventions.py > conventions.csv

A third statement of every convention beside reference/ and fast/: one function for each system and
rule, in the shape that the system's own documentation or source has, so that a misreading would
have to be made twice to go unseen. Systems that call another's kernel have one function. A
parameter has the name of the field that stands for it; its default is the system's, or the seed's
where the system has none, and means exactly the double.
"""

import inspect
from decimal import Decimal, getcontext

getcontext().prec = 60

STATEMENTS = []  # (rule, system, function), in the order of this file


def states(rule, *systems, **defaults):
    """The decorated generator states `rule` as `systems` have it, with these defaults of theirs."""

    def register(function):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        own = {p.name: p.default for p in parameters} | defaults

        def thetas(gradients, **settings):
            numbers = {name: Decimal(x) for name, x in (own | settings).items()}
            return list(function([Decimal(g) for g in gradients], **numbers))

        thetas.parameters = list(own)
        STATEMENTS.extend((rule, system, thetas) for system in systems)
        return function

    return register


# Momentum


@states("momentum", "seed", "paper")
def sutskever(gradients, learning_rate=0.01, momentum=0.9):
    theta, v = Decimal(1), 0
    for g in gradients:
        v = momentum * v - learning_rate * g
        theta = theta + v
        yield theta


@states("momentum", "apex", learning_rate=0.01)
@states("momentum", "pytorch")
def torch_sgd(gradients, learning_rate=1e-3, momentum=0.9, dampening=0, weight_decay=0):
    param, buf = Decimal(1), None
    for grad in gradients:
        grad = grad + weight_decay * param
        buf = grad if buf is None else momentum * buf + (1 - dampening) * grad
        param = param - learning_rate * buf
        yield param


@states("momentum", "torch7")
def lua_sgd(gradients, learning_rate=1e-3, momentum=0.9):
    x, state = Decimal(1), None  # dampening = 0, which Lua's optim does not default to
    for dfdx in gradients:
        state = dfdx if state is None else state * momentum + dfdx
        x = x + -learning_rate * state
        yield x


@states("momentum", "tensorflow1")
def apply_momentum(gradients, learning_rate=0.01, momentum=0.9):
    var, accum = Decimal(1), 0
    for grad in gradients:
        accum = accum * momentum + grad
        var -= accum * learning_rate
        yield var


@states("momentum", "keras2")
def apply_keras_momentum(gradients, learning_rate=0.01, momentum=0.9):
    var, accum = Decimal(1), 0
    for grad in gradients:
        accum = accum * momentum - grad * learning_rate
        var += accum
        yield var


@states("momentum", "keras3")
def keras3_sgd(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    variable, m = Decimal(1), 0
    for gradient in gradients:
        variable -= variable * weight_decay * learning_rate
        m = momentum * m - gradient * learning_rate
        variable += m
        yield variable


@states("momentum", "optax")
def optax_sgd(gradients, learning_rate=0.01, momentum=0.9):
    params, trace = Decimal(1), 0
    for update in gradients:
        trace = update + momentum * trace
        params = params + -learning_rate * trace
        yield params


@states("momentum", "jax")
def jax_momentum(gradients, learning_rate=0.01, momentum=0.9):
    x, velocity = Decimal(1), 0
    for g in gradients:
        velocity = momentum * velocity + g
        x = x - learning_rate * velocity
        yield x


@states("momentum", "ensmallen")
def ensmallen_momentum(gradients, learning_rate=0.01, momentum=0.5):
    iterate, velocity = Decimal(1), 0
    for gradient in gradients:
        velocity = momentum * velocity - learning_rate * gradient
        iterate += velocity
        yield iterate


@states("momentum", "chainer")
def chainer_momentum_sgd(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    data, v = Decimal(1), 0
    for grad in gradients:
        grad += weight_decay * data
        v *= momentum
        v -= learning_rate * grad
        data += v
        yield data


@states("momentum", "mxnet")
def mxnet_sgd(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    weight, mom = Decimal(1), 0
    for grad in gradients:
        mom = momentum * mom - learning_rate * (grad + weight_decay * weight)
        weight = weight + mom
        yield weight


@states("momentum", "caffe")
def caffe_sgd(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    data, history = Decimal(1), 0
    for diff in gradients:
        diff = weight_decay * data + diff
        history = learning_rate * diff + momentum * history
        data = data - history
        yield data


@states("momentum", "onnx")
def onnx_momentum(gradients, learning_rate=0.01, momentum=0.9, dampening=0, weight_decay=0):
    alpha, beta = momentum, 1 - dampening
    x, v = Decimal(1), 0
    for t, g in enumerate(gradients):
        regularized = weight_decay * x + g
        v = alpha * v + (beta if t > 0 else 1) * regularized
        x = x - learning_rate * v
        yield x


@states("momentum", "lasagne")
def lasagne_momentum(gradients, learning_rate=0.01, momentum=0.9):
    param, velocity = Decimal(1), 0
    for grad in gradients:
        x = momentum * velocity + (param - learning_rate * grad)
        velocity = x - param
        param = x
        yield param


@states("momentum", "optimisers_jl")
def optimisers_momentum(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    x, velocity = Decimal(1), 0
    for dx in gradients:
        dx = dx + weight_decay * x
        velocity = momentum * velocity + learning_rate * dx
        x = x - velocity
        yield x


@states("momentum", "mlx")
def mlx_sgd(gradients, learning_rate=0.01, momentum=0.9, dampening=0, weight_decay=0):
    parameter, v = Decimal(1), 0
    for gradient in gradients:
        gradient += weight_decay * parameter
        v = momentum * v
        v += (1 - dampening) * gradient
        parameter = parameter - learning_rate * v
        yield parameter


@states("momentum", "burn")
def burn_sgd(gradients, learning_rate=0.01, momentum=0.9, dampening=0.1, weight_decay=0):
    tensor, velocity = Decimal(1), None
    for grad in gradients:
        grad = tensor * weight_decay + grad
        if velocity is not None:
            velocity = grad * (1 - dampening) + velocity * momentum
        else:
            velocity = grad
        tensor = tensor - velocity * learning_rate
        yield tensor


@states("momentum", "scikit_learn")
def sklearn_sgd(gradients, learning_rate=0.1, momentum=0.9):
    param, velocity = Decimal(1), 0
    for grad in gradients:
        update = momentum * velocity - learning_rate * grad
        velocity = update
        param += update
        yield param


# Nesterov's accelerated gradient. The gradients are given, so where they are taken does not show.


@states("nag", "seed", "paper")
def sutskever_nag(gradients, learning_rate=0.01, momentum=0.9):
    theta, v = Decimal(1), 0
    for g_at_look_ahead in gradients:
        v = momentum * v - learning_rate * g_at_look_ahead
        theta = theta + v
        yield theta


@states("nag", "apex", learning_rate=0.01)
@states("nag", "pytorch")
def torch_nesterov(gradients, learning_rate=1e-3, momentum=0.9, weight_decay=0):
    param, buf = Decimal(1), None
    for grad in gradients:
        grad = grad + weight_decay * param
        buf = grad if buf is None else momentum * buf + grad
        grad = grad + momentum * buf
        param = param - learning_rate * grad
        yield param


@states("nag", "torch7")
def lua_nesterov(gradients, learning_rate=1e-3, momentum=0.9):
    x, state = Decimal(1), None
    for dfdx in gradients:
        state = dfdx if state is None else state * momentum + dfdx
        dfdx = dfdx + momentum * state
        x = x + -learning_rate * dfdx
        yield x


@states("nag", "tensorflow1")
def apply_momentum_nesterov(gradients, learning_rate=0.01, momentum=0.9):
    var, accum = Decimal(1), 0
    for grad in gradients:
        accum = accum * momentum + grad
        var -= grad * learning_rate + accum * momentum * learning_rate
        yield var


@states("nag", "keras2")
def apply_keras_nesterov(gradients, learning_rate=0.01, momentum=0.9):
    var, accum = Decimal(1), 0
    for grad in gradients:
        accum = accum * momentum - grad * learning_rate
        var += accum * momentum - grad * learning_rate
        yield var


@states("nag", "keras3")
def keras3_nesterov(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    variable, m = Decimal(1), 0
    for gradient in gradients:
        variable -= variable * weight_decay * learning_rate
        m = momentum * m - gradient * learning_rate
        variable += momentum * m - gradient * learning_rate
        yield variable


@states("nag", "optax")
def optax_nesterov(gradients, learning_rate=0.01, momentum=0.9):
    params, trace = Decimal(1), 0
    for update in gradients:
        trace = update + momentum * trace
        params = params + -learning_rate * (update + momentum * trace)
        yield params


@states("nag", "jax")
def jax_nesterov(gradients, learning_rate=0.01, momentum=0.9):
    x, velocity = Decimal(1), 0
    for g in gradients:
        velocity = momentum * velocity + g
        x = x - learning_rate * (momentum * velocity + g)
        yield x


@states("nag", "ensmallen")
def ensmallen_nesterov(gradients, learning_rate=0.01, momentum=0.5):
    iterate, velocity = Decimal(1), 0
    for gradient in gradients:
        velocity = momentum * velocity - learning_rate * gradient
        iterate += momentum * velocity - learning_rate * gradient
        yield iterate


@states("nag", "chainer")
def chainer_nesterov(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    data, v = Decimal(1), 0
    for grad in gradients:
        grad += weight_decay * data
        v *= momentum
        v -= learning_rate * grad
        data += momentum * momentum * v
        data -= (1 + momentum) * learning_rate * grad
        yield data


@states("nag", "mxnet")
def mxnet_nag(gradients, learning_rate=0.1, momentum=0.9, weight_decay=0):
    weight, mom = Decimal(1), 0
    for grad in gradients:
        grad = grad + weight_decay * weight
        mom = momentum * mom - learning_rate * grad
        weight = weight + (momentum * mom - learning_rate * grad)
        yield weight


@states("nag", "caffe")
def caffe_nesterov(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    data, history = Decimal(1), 0
    for diff in gradients:
        diff = weight_decay * data + diff
        update = history
        history = learning_rate * diff + momentum * history
        update = (1 + momentum) * history - momentum * update
        data = data - update
        yield data


@states("nag", "onnx")
def onnx_nesterov(gradients, learning_rate=0.01, momentum=0.9, dampening=0, weight_decay=0):
    alpha, beta = momentum, 1 - dampening
    x, v = Decimal(1), 0
    for t, g in enumerate(gradients):
        regularized = weight_decay * x + g
        v = alpha * v + (beta if t > 0 else 1) * regularized
        x = x - learning_rate * (regularized + alpha * v)
        yield x


@states("nag", "lasagne")
def lasagne_nesterov(gradients, learning_rate=0.01, momentum=0.9):
    param, velocity = Decimal(1), 0
    for grad in gradients:
        update = param - learning_rate * grad
        velocity = momentum * velocity + update - param
        param = momentum * velocity + update
        yield param


@states("nag", "optimisers_jl")
def optimisers_nesterov(gradients, learning_rate=1e-3, momentum=0.9, weight_decay=0):
    x, velocity = Decimal(1), 0
    for dx in gradients:
        dx = dx + weight_decay * x
        move = -(momentum**2) * velocity + (1 + momentum) * learning_rate * dx
        velocity = momentum * velocity - learning_rate * dx
        x = x - move
        yield x


@states("nag", "mlx")
def mlx_nesterov(gradients, learning_rate=0.01, momentum=0.9, weight_decay=0):
    parameter, v = Decimal(1), 0
    for gradient in gradients:
        gradient += weight_decay * parameter
        v = momentum * v + gradient
        parameter = parameter - learning_rate * (gradient + momentum * v)
        yield parameter


@states("nag", "burn")
def burn_nesterov(gradients, learning_rate=0.01, momentum=0.9, dampening=0.1, weight_decay=0):
    tensor, velocity = Decimal(1), None
    for grad in gradients:
        grad = tensor * weight_decay + grad
        if velocity is not None:
            velocity = grad * (1 - dampening) + velocity * momentum
        else:
            velocity = grad
        tensor = tensor - (velocity * momentum + grad) * learning_rate
        yield tensor


@states("nag", "scikit_learn")
def sklearn_nesterov(gradients, learning_rate=0.1, momentum=0.9):
    param, velocity = Decimal(1), 0
    for grad in gradients:
        velocity = momentum * velocity - learning_rate * grad
        param += momentum * velocity - learning_rate * grad
        yield param


# Adagrad


@states("adagrad", "seed")
def seed_adagrad(gradients, learning_rate=0.01, epsilon=1e-8):
    theta, seen = Decimal(1), []
    for g in gradients:
        seen.append(g)
        theta = theta - learning_rate / (sum(x**2 for x in seen) + epsilon).sqrt() * g
        yield theta


@states("adagrad", "paper")
def duchi(gradients, learning_rate=0.01, epsilon=1e-8):
    x, subgradients = Decimal(1), []
    for g in gradients:
        subgradients.append(g)
        s = sum(each * each for each in subgradients).sqrt()  # the 2-norm of the row
        x = x - learning_rate * g / (epsilon + s)
        yield x


@states("adagrad", "pytorch")
def torch_adagrad(
    gradients,
    learning_rate=0.01,
    epsilon=1e-10,
    initial_accumulator=0,
    learning_rate_decay=0,
    weight_decay=0,
):
    param, state_sum = Decimal(1), initial_accumulator
    for step, grad in enumerate(gradients, 1):
        grad = grad + weight_decay * param
        clr = learning_rate / (1 + (step - 1) * learning_rate_decay)
        state_sum = state_sum + grad * grad
        std = state_sum.sqrt() + epsilon
        param = param - clr * (grad / std)
        yield param


@states("adagrad", "torch7")
def lua_adagrad(gradients, learning_rate=0.01, epsilon=1e-10):
    x, variance = Decimal(1), 0
    for dfdx in gradients:
        variance = variance + dfdx * dfdx
        x = x + -learning_rate * dfdx / (variance.sqrt() + epsilon)
        yield x


@states("adagrad", "tensorflow1")
def apply_adagrad(gradients, learning_rate=0.01, initial_accumulator=0.1):
    var, accum = Decimal(1), initial_accumulator
    for grad in gradients:
        accum += grad * grad
        var -= grad * learning_rate * (1 / accum.sqrt())
        yield var


@states("adagrad", "keras2")
def apply_adagrad_v2(gradients, learning_rate=1e-3, epsilon=1e-7, initial_accumulator=0.1):
    var, accum = Decimal(1), initial_accumulator
    for grad in gradients:
        accum += grad * grad
        var -= grad * learning_rate / (accum.sqrt() + epsilon)
        yield var


@states("adagrad", "keras3")
def keras3_adagrad(
    gradients, learning_rate=1e-3, epsilon=1e-7, initial_accumulator=0.1, weight_decay=0
):
    variable, accumulator = Decimal(1), initial_accumulator
    for gradient in gradients:
        variable -= variable * weight_decay * learning_rate
        accumulator += gradient * gradient
        variable -= learning_rate * gradient / (accumulator + epsilon).sqrt()
        yield variable


@states("adagrad", "optax")
def optax_adagrad(gradients, learning_rate=0.01, epsilon=1e-7, initial_accumulator=0.1):
    params, sum_of_squares = Decimal(1), initial_accumulator
    for g in gradients:
        sum_of_squares = g * g + sum_of_squares
        scale = 1 / (sum_of_squares + epsilon).sqrt() if sum_of_squares > 0 else 0
        params = params + -learning_rate * (scale * g)
        yield params


@states("adagrad", "jax")
def jax_adagrad(gradients, learning_rate=0.01, momentum=0.9):
    x, total, m = Decimal(1), 0, 0
    for g in gradients:
        total += g * g
        scale = 1 / total.sqrt() if total > 0 else 0
        m = (1 - momentum) * (g * scale) + momentum * m
        x = x - learning_rate * m
        yield x


@states("adagrad", "ensmallen")
def ensmallen_adagrad(gradients, learning_rate=0.01, epsilon=1e-8):
    iterate, squared_gradient = Decimal(1), 0
    for gradient in gradients:
        squared_gradient += gradient * gradient
        iterate -= (learning_rate * gradient) / (squared_gradient.sqrt() + epsilon)
        yield iterate


@states("adagrad", "chainer")
def chainer_adagrad(gradients, learning_rate=1e-3, epsilon=1e-8, weight_decay=0):
    data, h = Decimal(1), 0
    for grad in gradients:
        grad += weight_decay * data
        h += grad * grad
        data -= learning_rate * grad / (h.sqrt() + epsilon)
        yield data


@states("adagrad", "mxnet")
def mxnet_adagrad(gradients, learning_rate=0.01, epsilon=1e-6, weight_decay=0):
    weight, history = Decimal(1), 0
    for grad in gradients:
        grad += weight_decay * weight
        history += grad**2
        d = grad / (history.sqrt() + epsilon)
        weight -= learning_rate * d
        yield weight


@states("adagrad", "caffe")
def caffe_adagrad(gradients, learning_rate=0.01, epsilon=1e-8, weight_decay=0):
    data, history = Decimal(1), 0
    for diff in gradients:
        diff = weight_decay * data + diff
        history = diff**2 + history
        update = history.sqrt() + epsilon
        update = diff / update
        data = data - learning_rate * update
        yield data


@states("adagrad", "onnx")
def onnx_adagrad(
    gradients, learning_rate=0.01, epsilon=1e-6, learning_rate_decay=0, weight_decay=0
):
    x, h = Decimal(1), 0
    for t, g in enumerate(gradients):
        r = learning_rate / (1 + t * learning_rate_decay)
        regularized = weight_decay * x + g
        h = h + regularized * regularized
        x = x - r * regularized / (h.sqrt() + epsilon)
        yield x


@states("adagrad", "lasagne")
def lasagne_adagrad(gradients, learning_rate=1, epsilon=1e-6):
    param, accu = Decimal(1), 0
    for grad in gradients:
        accu = accu + grad**2
        param = param - (learning_rate * grad / (accu + epsilon).sqrt())
        yield param


@states("adagrad", "optimisers_jl")
def optimisers_adagrad(gradients, learning_rate=0.1, epsilon=1e-8, weight_decay=0):
    x, acc = Decimal(1), epsilon
    for dx in gradients:
        dx = dx + weight_decay * x
        acc = acc + abs(dx) ** 2
        x = x - dx * learning_rate / (acc.sqrt() + epsilon)
        yield x


@states("adagrad", "deepspeed")
def deepspeed_adagrad(gradients, learning_rate=0.01, epsilon=1e-10, weight_decay=0):
    param, variance = Decimal(1), 0
    for grad in gradients:
        variance += (param * weight_decay + grad) ** 2
        param += -learning_rate * (grad / (variance.sqrt() + epsilon))  # without the decay
        yield param


@states("adagrad", "apex")
def apex_adagrad(gradients, learning_rate=0.01, epsilon=1e-10, weight_decay=0):
    p, h = Decimal(1), 0
    for g in gradients:
        g = g + weight_decay * p
        h = h + g * g
        p = p - learning_rate * (g / (h.sqrt() + epsilon))
        yield p


@states("adagrad", "mlx")
def mlx_adagrad(gradients, learning_rate=0.01, epsilon=1e-8):
    parameter, v = Decimal(1), 0
    for gradient in gradients:
        v = v + gradient * gradient
        parameter = parameter - learning_rate * gradient / (v.sqrt() + epsilon)
        yield parameter


@states("adagrad", "burn")
def burn_adagrad(
    gradients, learning_rate=0.01, epsilon=1e-5, learning_rate_decay=0, weight_decay=0
):
    tensor, time, total = Decimal(1), 0, None
    for grad in gradients:
        grad = tensor * weight_decay + grad
        total = grad**2 if total is None else total + grad**2
        time += 1
        new_lr = learning_rate / (1 + (time - 1) * learning_rate_decay)
        tensor = tensor - grad / (total.sqrt() + epsilon) * new_lr
        yield tensor


# Adadelta


@states("adadelta", "seed", "paper")
def zeiler(gradients, rho=0.95, epsilon=1e-6):
    x, mean_g2, mean_dx2 = Decimal(1), 0, 0
    for g in gradients:
        mean_g2 = rho * mean_g2 + (1 - rho) * g**2
        dx = -((mean_dx2 + epsilon).sqrt() / (mean_g2 + epsilon).sqrt()) * g
        mean_dx2 = rho * mean_dx2 + (1 - rho) * dx**2
        x = x + dx
        yield x


@states("adadelta", "pytorch")
def torch_adadelta(gradients, learning_rate=1, rho=0.9, epsilon=1e-6, weight_decay=0):
    param, square_avg, acc_delta = Decimal(1), 0, 0
    for grad in gradients:
        grad = grad + weight_decay * param
        square_avg = square_avg * rho + grad * grad * (1 - rho)
        std = (square_avg + epsilon).sqrt()
        delta = (acc_delta + epsilon).sqrt() / std * grad
        acc_delta = acc_delta * rho + delta * delta * (1 - rho)
        param = param - learning_rate * delta
        yield param


@states("adadelta", "torch7")
def lua_adadelta(gradients, rho=0.9, epsilon=1e-6):
    x, variance, acc_delta = Decimal(1), 0, 0
    for dfdx in gradients:
        variance = variance * rho + (1 - rho) * dfdx * dfdx
        std = (variance + epsilon).sqrt()
        delta = (acc_delta + epsilon).sqrt() / std * dfdx
        x = x + -1 * delta
        acc_delta = acc_delta * rho + (1 - rho) * delta * delta
        yield x


@states("adadelta", "keras2", epsilon=1e-7)
@states("adadelta", "tensorflow1")
def apply_adadelta(gradients, learning_rate=1e-3, rho=0.95, epsilon=1e-8):
    var, accum, accum_update = Decimal(1), 0, 0
    for grad in gradients:
        accum = accum * rho + grad * grad * (1 - rho)
        update = (accum_update + epsilon).sqrt() * (1 / (accum + epsilon).sqrt()) * grad
        var -= update * learning_rate
        accum_update = accum_update * rho + update * update * (1 - rho)
        yield var


@states("adadelta", "keras3")
def keras3_adadelta(gradients, learning_rate=1e-3, rho=0.95, epsilon=1e-7, weight_decay=0):
    variable, accumulated_grad, accumulated_delta = Decimal(1), 0, 0

    def rms(x):
        return (x + epsilon).sqrt()

    for grad in gradients:
        variable -= variable * weight_decay * learning_rate
        accumulated_grad = rho * accumulated_grad + (1 - rho) * grad * grad
        delta = -rms(accumulated_delta) * grad / rms(accumulated_grad)
        accumulated_delta = accumulated_delta * rho + (1 - rho) * delta * delta
        variable += learning_rate * delta
        yield variable


@states("adadelta", "optax")
def optax_adadelta(gradients, rho=0.9, epsilon=1e-6):
    params, e_g, e_x = Decimal(1), 0, 0
    for g in gradients:
        e_g = (1 - rho) * g**2 + rho * e_g
        update = (e_x + epsilon).sqrt() / (e_g + epsilon).sqrt() * g
        e_x = (1 - rho) * update**2 + rho * e_x
        params = params - update
        yield params


@states("adadelta", "ensmallen")
def ensmallen_adadelta(gradients, learning_rate=1, rho=0.95, epsilon=1e-6):
    iterate, mean_squared_gradient, mean_squared_dx = Decimal(1), 0, 0
    for gradient in gradients:
        mean_squared_gradient *= rho
        mean_squared_gradient += (1 - rho) * (gradient * gradient)
        dx = ((mean_squared_dx + epsilon) / (mean_squared_gradient + epsilon)).sqrt() * gradient
        mean_squared_dx *= rho
        mean_squared_dx += (1 - rho) * (dx * dx)
        iterate -= learning_rate * dx
        yield iterate


@states("adadelta", "chainer")
def chainer_adadelta(gradients, rho=0.95, epsilon=1e-6, weight_decay=0):
    data, msg, msdx = Decimal(1), 0, 0
    for grad in gradients:
        grad += weight_decay * data
        msg *= rho
        msg += (1 - rho) * grad * grad
        dx = ((msdx + epsilon) / (msg + epsilon)).sqrt() * grad
        msdx *= rho
        msdx += (1 - rho) * dx * dx
        data -= dx
        yield data


@states("adadelta", "mxnet")
def mxnet_adadelta(gradients, learning_rate=1, rho=0.9, epsilon=1e-6, weight_decay=0):
    weight, acc_g, acc_delta = Decimal(1), 0, 0
    for grad in gradients:
        grad += weight_decay * weight
        acc_g = acc_g * rho + (1 - rho) * grad * grad
        delta = (acc_delta + epsilon).sqrt() / (acc_g + epsilon).sqrt() * grad
        acc_delta = acc_delta * rho + (1 - rho) * delta * delta
        weight -= learning_rate * delta
        yield weight


@states("adadelta", "caffe")
def caffe_adadelta(gradients, learning_rate=1, rho=0.95, epsilon=1e-8, weight_decay=0):
    data, history, update_history = Decimal(1), 0, 0
    for diff in gradients:
        diff = weight_decay * data + diff
        history = (1 - rho) * diff**2 + rho * history
        update = ((epsilon + update_history) / (epsilon + history)).sqrt()
        diff = diff * update
        update_history = (1 - rho) * diff**2 + rho * update_history
        data = data - learning_rate * diff
        yield data


@states("adadelta", "lasagne")
def lasagne_adadelta(gradients, learning_rate=1, rho=0.95, epsilon=1e-6):
    param, accu, delta_accu = Decimal(1), 0, 0
    for grad in gradients:
        accu = rho * accu + (1 - rho) * grad**2
        update = grad * (delta_accu + epsilon).sqrt() / (accu + epsilon).sqrt()
        param = param - learning_rate * update
        delta_accu = rho * delta_accu + (1 - rho) * update**2
        yield param


@states("adadelta", "optimisers_jl")
def optimisers_adadelta(gradients, rho=0.9, epsilon=1e-8, weight_decay=0):
    x, acc, delta_acc = Decimal(1), 0, 0
    for dx in gradients:
        dx = dx + weight_decay * x
        acc = rho * acc + (1 - rho) * abs(dx) ** 2
        dx = dx * (delta_acc + epsilon).sqrt() / (acc + epsilon).sqrt()
        delta_acc = rho * delta_acc + (1 - rho) * abs(dx) ** 2
        x = x - dx
        yield x


@states("adadelta", "mlx")
def mlx_adadelta(gradients, learning_rate=1, rho=0.9, epsilon=1e-6):
    parameter, v, u = Decimal(1), 0, 0
    for gradient in gradients:
        v = rho * v + (1 - rho) * gradient * gradient
        d = (u + epsilon).sqrt() / (v + epsilon).sqrt() * gradient
        u = rho * u + (1 - rho) * d * d
        parameter = parameter - learning_rate * d
        yield parameter


# RMSprop


@states("rmsprop", "seed")
def seed_rmsprop(gradients, learning_rate=1e-3, rho=0.9, epsilon=1e-8):
    theta, sigma2 = Decimal(1), None
    for g in gradients:
        mean = g**2 if sigma2 is None else rho * sigma2 + (1 - rho) * g**2
        sigma2 = mean + epsilon
        theta = theta - learning_rate * g / sigma2.sqrt()
        yield theta


@states("rmsprop", "paper")
def hinton(gradients, learning_rate=1e-3, rho=0.9):
    w, mean_square = Decimal(1), 0
    for g in gradients:
        mean_square = rho * mean_square + (1 - rho) * g**2
        w = w - learning_rate * g / mean_square.sqrt()
        yield w


@states("rmsprop", "pytorch")
def torch_rmsprop(
    gradients,
    learning_rate=0.01,
    rho=0.99,
    epsilon=1e-8,
    centered=0,
    momentum=0,
    weight_decay=0,
):
    param, square_avg, grad_avg, buf = Decimal(1), 0, 0, 0
    for grad in gradients:
        grad = grad + weight_decay * param
        square_avg = rho * square_avg + (1 - rho) * grad * grad
        if centered:
            grad_avg = grad_avg + (1 - rho) * (grad - grad_avg)
            avg = (square_avg - grad_avg * grad_avg).sqrt() + epsilon
        else:
            avg = square_avg.sqrt() + epsilon
        if momentum > 0:
            buf = momentum * buf + grad / avg
            param = param - learning_rate * buf
        else:
            param = param - learning_rate * (grad / avg)
        yield param


@states("rmsprop", "torch7")
def lua_rmsprop(gradients, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    x, m = Decimal(1), 0
    for dfdx in gradients:
        m = m * rho + (1 - rho) * dfdx * dfdx
        x = x + -learning_rate * dfdx / (m.sqrt() + epsilon)
        yield x


@states("rmsprop", "tensorflow1")
def apply_rmsprop(
    gradients,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-10,
    initial_accumulator=1,
    centered=0,
    momentum=0,
):
    var, ms, mg, mom = Decimal(1), initial_accumulator, 0, 0
    for grad in gradients:
        ms += (grad * grad - ms) * (1 - rho)
        if centered:
            mg += (grad - mg) * (1 - rho)
            denom = (ms - mg * mg) + epsilon
            mom = mom * momentum + grad * learning_rate / denom.sqrt()
        else:
            mom = mom * momentum + grad * learning_rate * (1 / (ms + epsilon).sqrt())
        var -= mom
        yield var


@states("rmsprop", "keras2")
def keras2_rmsprop(
    gradients, learning_rate=1e-3, rho=0.9, epsilon=1e-7, centered=0, momentum=0
):
    if momentum:  # TensorFlow's kernel, on slots of zeros
        yield from apply_rmsprop(
            gradients, learning_rate, rho, epsilon, Decimal(0), centered, momentum
        )
        return
    var, rms, mg = Decimal(1), 0, 0
    for grad in gradients:
        rms = rho * rms + (1 - rho) * grad**2
        denom = rms
        if centered:
            mg = rho * mg + (1 - rho) * grad
            denom = rms - mg**2
        var = var - learning_rate * grad / (denom.sqrt() + epsilon)
        yield var


@states("rmsprop", "keras3")
def keras3_rmsprop(
    gradients,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-7,
    centered=0,
    momentum=0,
    weight_decay=0,
):
    variable, velocity, average, m = Decimal(1), 0, 0, 0
    for gradient in gradients:
        variable -= variable * weight_decay * learning_rate
        velocity = rho * velocity + (1 - rho) * gradient * gradient
        denominator = velocity + epsilon
        if centered:
            average = rho * average + (1 - rho) * gradient
            denominator = denominator - average * average
        increment = learning_rate * gradient / denominator.sqrt()
        if momentum > 0:
            m = momentum * m + increment
            variable -= m
        else:
            variable -= increment
        yield variable


@states("rmsprop", "optax")
def optax_rmsprop(
    gradients,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-8,
    initial_accumulator=0,
    corrected=0,
    centered=0,
    momentum=0,
):
    params, mu, nu, trace = Decimal(1), 0, initial_accumulator, 0
    for count, g in enumerate(gradients, 1):
        nu = (1 - rho) * g**2 + rho * nu
        mu = (1 - rho) * g + rho * mu if centered else Decimal(0)
        bias_correction = 1 - rho**count if corrected else 1
        mu_hat, nu_hat = mu / bias_correction, nu / bias_correction
        update = -learning_rate * (1 / (nu_hat - mu_hat**2 + epsilon).sqrt() * g)
        trace = update + momentum * trace
        params = params + trace
        yield params


@states("rmsprop", "jax")
def jax_rmsprop(gradients, learning_rate=1e-3, rho=0.9, epsilon=1e-8):
    x, mean_square = Decimal(1), 0
    for g in gradients:
        mean_square = mean_square * rho + g * g * (1 - rho)
        x = x - learning_rate * g / (mean_square + epsilon).sqrt()
        yield x


@states("rmsprop", "ensmallen")
def ensmallen_rmsprop(gradients, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    iterate, mean_squared_gradient = Decimal(1), 0
    for gradient in gradients:
        mean_squared_gradient *= rho
        mean_squared_gradient += (1 - rho) * (gradient * gradient)
        iterate -= learning_rate * gradient / (mean_squared_gradient.sqrt() + epsilon)
        yield iterate


@states("rmsprop", "chainer")
def chainer_rmsprop(gradients, learning_rate=0.01, rho=0.99, epsilon=1e-8, weight_decay=0):
    data, ms = Decimal(1), 0
    for grad in gradients:
        grad += weight_decay * data
        ms *= rho
        ms += (1 - rho) * grad * grad
        data -= learning_rate * grad / (ms.sqrt() + epsilon)
        yield data


@states("rmsprop", "mxnet")
def mxnet_rmsprop(
    gradients,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-8,
    centered=0,
    momentum=0,
    weight_decay=0,
):
    weight, n, g, delta = Decimal(1), 0, 0, 0
    for grad in gradients:
        grad = grad + weight_decay * weight
        n = rho * n + (1 - rho) * grad * grad
        if centered:  # rmspropalex_update; the plain operator knows no momentum
            g = rho * g + (1 - rho) * grad
            delta = momentum * delta - learning_rate * grad / (n - g * g + epsilon).sqrt()
            weight = weight + delta
        else:
            weight = weight - learning_rate * (grad / (n.sqrt() + epsilon))
        yield weight


@states("rmsprop", "caffe")
def caffe_rmsprop(gradients, learning_rate=0.01, rho=0.99, epsilon=1e-8, weight_decay=0):
    data, history = Decimal(1), 0
    for diff in gradients:
        diff = weight_decay * data + diff
        history = (1 - rho) * diff**2 + rho * history
        update = diff / (history.sqrt() + epsilon)
        data = data - learning_rate * update
        yield data


@states("rmsprop", "lasagne")
def lasagne_rmsprop(gradients, learning_rate=1, rho=0.9, epsilon=1e-6):
    param, accu = Decimal(1), 0
    for grad in gradients:
        accu = rho * accu + (1 - rho) * grad**2
        param = param - (learning_rate * grad / (accu + epsilon).sqrt())
        yield param


@states("rmsprop", "optimisers_jl")
def optimisers_rmsprop(
    gradients, learning_rate=1e-3, rho=0.9, epsilon=1e-8, centered=0, weight_decay=0
):
    x, quad, lin = Decimal(1), 0, 0
    for dx in gradients:
        dx = dx + weight_decay * x
        quad = rho * quad + (1 - rho) * abs(dx) ** 2
        if centered:
            lin = rho * lin + (1 - rho) * dx
        x = x - dx * learning_rate / ((quad - abs(lin) ** 2).sqrt() + epsilon)
        yield x


@states("rmsprop", "mlx")
def mlx_rmsprop(gradients, learning_rate=1e-3, rho=0.99, epsilon=1e-8):
    parameter, v = Decimal(1), 0
    for gradient in gradients:
        v = rho * v + (1 - rho) * gradient * gradient
        parameter = parameter - learning_rate * gradient / (v.sqrt() + epsilon)
        yield parameter


@states("rmsprop", "burn")
def burn_rmsprop(
    gradients,
    learning_rate=1e-3,
    rho=0.99,
    epsilon=1e-5,
    centered=0,
    momentum=0.9,
    weight_decay=0,
):
    tensor, square_avg, grad_avg, buf = Decimal(1), 0, 0, None
    for grad in gradients:
        grad = tensor * weight_decay + grad
        square_avg = square_avg * rho + grad * grad * (1 - rho)
        avg = square_avg
        if centered:
            grad_avg = grad_avg * rho + grad * (1 - rho)
            avg = square_avg - grad_avg * grad_avg
        direction = grad / (avg.sqrt() + epsilon)
        if momentum > 0:
            buf = direction if buf is None else buf * momentum + direction
            direction = buf
        tensor = tensor - direction * learning_rate
        yield tensor


# Adam


@states("adam", "seed", "paper")
def kingma_ba(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    theta, m, v, t = Decimal(1), 0, 0, 0
    for g in gradients:
        t = t + 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - learning_rate * m_hat / (v_hat.sqrt() + epsilon)
        yield theta


@states("adam", "pytorch")
def torch_adam(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    amsgrad=0,
    weight_decay=0,
):
    param, exp_avg, exp_avg_sq, largest = Decimal(1), 0, 0, 0
    for step, grad in enumerate(gradients, 1):
        grad = grad + weight_decay * param
        exp_avg = exp_avg + (grad - exp_avg) * (1 - beta1)
        exp_avg_sq = exp_avg_sq * beta2 + grad * grad * (1 - beta2)
        correction1 = 1 - beta1**step
        correction2 = 1 - beta2**step
        step_size = learning_rate / correction1
        if amsgrad:
            largest = max(largest, exp_avg_sq)
            denom = largest.sqrt() / correction2.sqrt() + epsilon
        else:
            denom = exp_avg_sq.sqrt() / correction2.sqrt() + epsilon
        param = param + -step_size * exp_avg / denom
        yield param


@states("adam", "torch7")
def lua_adam(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    beta1_decay=1 - 1e-8,
):
    x, m, v = Decimal(1), 0, 0
    for t, dfdx in enumerate(gradients, 1):
        beta1_t = beta1 * beta1_decay ** (t - 1)
        m = m * beta1_t + (1 - beta1_t) * dfdx
        v = v * beta2 + (1 - beta2) * dfdx * dfdx
        denom = v.sqrt() + epsilon
        correction1 = 1 - beta1**t
        correction2 = 1 - beta2**t
        step_size = learning_rate * correction2.sqrt() / correction1
        x = x + -step_size * m / denom
        yield x


@states("adam", "keras2", epsilon=1e-7)
@states("adam", "tensorflow1")
def apply_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, amsgrad=0
):
    var, m, v, vhat, beta1_power, beta2_power = Decimal(1), 0, 0, 0, beta1, beta2
    for grad in gradients:
        alpha = learning_rate * (1 - beta2_power).sqrt() / (1 - beta1_power)
        m += (grad - m) * (1 - beta1)
        v += (grad * grad - v) * (1 - beta2)
        vhat = max(vhat, v) if amsgrad else v
        var -= (m * alpha) / (vhat.sqrt() + epsilon)
        beta1_power, beta2_power = beta1_power * beta1, beta2_power * beta2
        yield var


@states("adam", "keras3")
def keras3_adam(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    amsgrad=0,
    weight_decay=0,
):
    variable, m, v, v_hat = Decimal(1), 0, 0, 0
    for iterations, gradient in enumerate(gradients):
        variable -= variable * weight_decay * learning_rate
        step = iterations + 1
        alpha = learning_rate * (1 - beta2**step).sqrt() / (1 - beta1**step)
        m += (gradient - m) * (1 - beta1)
        v += (gradient * gradient - v) * (1 - beta2)
        if amsgrad:
            v_hat = max(v_hat, v)
        variable -= m * alpha / ((v_hat if amsgrad else v).sqrt() + epsilon)
        yield variable


@states("adam", "optax")
def optax_adamw(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    epsilon_root=0,
    weight_decay=0,
):
    params, mu, nu = Decimal(1), 0, 0
    for count, g in enumerate(gradients, 1):
        mu = (1 - beta1) * g + beta1 * mu
        nu = (1 - beta2) * g**2 + beta2 * nu
        mu_hat = mu / (1 - beta1**count)
        nu_hat = nu / (1 - beta2**count)
        update = mu_hat / ((nu_hat + epsilon_root).sqrt() + epsilon)
        update = update + weight_decay * params
        params = params + -learning_rate * update
        yield params


@states("adam", "jax")
def jax_adam(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    x, m, v = Decimal(1), 0, 0
    for i, g in enumerate(gradients):
        m = (1 - beta1) * g + beta1 * m
        v = (1 - beta2) * g * g + beta2 * v
        mhat = m / (1 - beta1 ** (i + 1))
        vhat = v / (1 - beta2 ** (i + 1))
        x = x - learning_rate * mhat / (vhat.sqrt() + epsilon)
        yield x


@states("adam", "ensmallen")
def ensmallen_adam(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    iterate, m, v, iteration = Decimal(1), 0, 0, 0
    for gradient in gradients:
        iteration += 1
        m *= beta1
        m += (1 - beta1) * gradient
        v *= beta2
        v += (1 - beta2) * (gradient * gradient)
        correction1 = 1 - beta1**iteration
        correction2 = 1 - beta2**iteration
        iterate -= (
            (learning_rate * correction2.sqrt() / correction1)
            * m
            / (v.sqrt() + epsilon)
        )
        yield iterate


@states("adam", "chainer")
def chainer_adam(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    amsgrad=0,
    weight_decay=0,
):
    data, m, v, vhat = Decimal(1), 0, 0, 0
    for t, grad in enumerate(gradients, 1):
        grad += weight_decay * data
        m += (1 - beta1) * (grad - m)
        v += (1 - beta2) * (grad * grad - v)
        vhat = max(vhat, v) if amsgrad else v
        alpha_t = learning_rate * (1 - beta2**t).sqrt() / (1 - beta1**t)
        data -= alpha_t * m / (vhat.sqrt() + epsilon)
        yield data


@states("adam", "mxnet")
def mxnet_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    weight, mean, var = Decimal(1), 0, 0
    for t, grad in enumerate(gradients, 1):
        lr = learning_rate * (1 - beta2**t).sqrt() / (1 - beta1**t)
        grad = grad + weight_decay * weight
        mean = beta1 * mean + (1 - beta1) * grad
        var = beta2 * var + (1 - beta2) * grad**2
        weight = weight - lr * mean / (var.sqrt() + epsilon)
        yield weight


@states("adam", "caffe")
def caffe_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    data, m, v = Decimal(1), 0, 0
    for iteration, diff in enumerate(gradients):
        t = iteration + 1
        diff = weight_decay * data + diff
        correction = (1 - beta2**t).sqrt() / (1 - beta1**t)
        m = (1 - beta1) * diff + beta1 * m
        v = (1 - beta2) * diff**2 + beta2 * v
        update = m / (v.sqrt() + epsilon)
        data = data - learning_rate * correction * update
        yield data


@states("adam", "onnx")
def onnx_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-6, weight_decay=0
):
    x, v, h = Decimal(1), 0, 0
    for t, g in enumerate(gradients):
        regularized = weight_decay * x + g
        v = beta1 * v + (1 - beta1) * regularized
        h = beta2 * h + (1 - beta2) * regularized * regularized
        r_adjusted = learning_rate
        if t > 0:
            r_adjusted = learning_rate * (1 - beta2**t).sqrt() / (1 - beta1**t)
        x = x - r_adjusted * v / (h.sqrt() + epsilon)
        yield x


@states("adam", "lasagne")
def lasagne_adam(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    param, m, v, t = Decimal(1), 0, 0, 0
    for g in gradients:
        t = t + 1
        a_t = learning_rate * (1 - beta2**t).sqrt() / (1 - beta1**t)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        param = param - a_t * m / (v.sqrt() + epsilon)
        yield param


@states("adam", "optimisers_jl")
def optimisers_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    x, mt, vt, power1, power2 = Decimal(1), 0, 0, beta1, beta2
    for dx in gradients:
        dx = dx + weight_decay * x
        mt = beta1 * mt + (1 - beta1) * dx
        vt = beta2 * vt + (1 - beta2) * abs(dx) ** 2
        x = x - mt / (1 - power1) / ((vt / (1 - power2)).sqrt() + epsilon) * learning_rate
        power1, power2 = power1 * beta1, power2 * beta2
        yield x


@states("adam", "deepspeed")
def deepspeed_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    param, momentum, variance, power1, power2 = Decimal(1), 0, 0, 1, 1
    for grad in gradients:
        power1, power2 = power1 * beta1, power2 * beta2
        momentum = momentum * beta1 + grad * (1 - beta1)
        variance = variance * beta2 + grad * grad * (1 - beta2)
        scale = 1 / (1 - power2).sqrt()
        param += -learning_rate * weight_decay * param
        param += -learning_rate / (1 - power1) * (momentum / (variance.sqrt() * scale + epsilon))
        yield param


@states("adam", "apex")
def apex_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    p, m, v = Decimal(1), 0, 0
    for step, g in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**step)
        v_hat = v / (1 - beta2**step)
        denom = v_hat.sqrt() + epsilon
        p = p - learning_rate * (m_hat / denom + weight_decay * p)
        yield p


@states("adam", "mlx")
def mlx_adam(
    gradients,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    corrects_m=0,
    corrects_v=0,
):
    parameter, m, v = Decimal(1), 0, 0
    for step, gradient in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        if corrects_m and corrects_v:  # one option there, bias_correction
            numerator = learning_rate / (1 - beta1**step) * m
            denominator = v.sqrt() / (1 - beta2**step).sqrt() + epsilon
            parameter = parameter - numerator / denominator
        else:
            parameter = parameter - learning_rate * m / (v.sqrt() + epsilon)
        yield parameter


@states("adam", "burn")
def burn_adam(
    gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-5, weight_decay=0
):
    tensor, moment_1, moment_2 = Decimal(1), 0, 0
    for time, grad in enumerate(gradients, 1):
        grad = tensor * weight_decay + grad
        moment_1 = moment_1 * beta1 + grad * (1 - beta1)
        moment_2 = moment_2 * beta2 + grad**2 * (1 - beta2)
        bias_1, bias_2 = 1 - beta1**time, (1 - beta2**time).sqrt()
        update = moment_1 * bias_2 / bias_1 / (moment_2.sqrt() + epsilon * bias_2)
        tensor = tensor - update * learning_rate
        yield tensor


@states("adam", "scikit_learn")
def sklearn_adam(gradients, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    param, m, v, t = Decimal(1), 0, 0, 0
    for grad in gradients:
        t += 1
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * (grad**2)
        rate = learning_rate * (1 - beta2**t).sqrt() / (1 - beta1**t)
        param += -rate * m / (v.sqrt() + epsilon)
        yield param


# What is printed

GRADIENTS = (0.5, -0.25, 0, 1.5, 1.5)
ZERO_FIRST = (0, 0.5, -0.25, 1.5, 1.5)

# One set of numbers for all systems of a rule, so large that what tells the systems apart is
# large too, float's rounding beside it.
COMMON = {
    "momentum": {"learning_rate": 0.25, "momentum": 0.75},
    "nag": {"learning_rate": 0.25, "momentum": 0.75},
    "adagrad": {"learning_rate": 0.25, "epsilon": 0.125},
    "adadelta": {"learning_rate": 0.5, "rho": 0.5, "epsilon": 0.125},
    "rmsprop": {"learning_rate": 0.25, "rho": 0.75, "epsilon": 0.125},
    "adam": {"learning_rate": 0.25, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.125},
}

# Weight decay besides, wherever a system has it.
OPTIONS = [
    *(("momentum", system, {"dampening": 0.1}) for system in ("pytorch", "onnx", "apex", "mlx")),
    ("nag", "onnx", {"dampening": 0.1}),
    *(
        ("adagrad", system, {"learning_rate_decay": 0.1})
        for system in ("pytorch", "onnx", "burn")
    ),
    ("adagrad", "pytorch", {"initial_accumulator": 0.5}),
    ("adadelta", "pytorch", {"learning_rate": 0.3}),
    ("adadelta", "keras3", {"learning_rate": 0.3}),
    *(
        ("rmsprop", system, {"centered": 1})
        for system in ("pytorch", "tensorflow1", "keras2", "keras3", "optax", "optimisers_jl")
    ),
    *(
        ("rmsprop", system, {"momentum": 0.9})
        for system in ("pytorch", "tensorflow1", "keras2", "keras3", "optax")
    ),
    *(
        ("rmsprop", system, {"centered": 1, "momentum": 0.9})
        for system in ("pytorch", "tensorflow1", "keras2", "keras3", "optax", "mxnet")
    ),
    ("rmsprop", "optax", {"corrected": 1}),
    # Both on, the first step's variance is 0, and float needs an epsilon above its rounding.
    ("rmsprop", "optax", {"corrected": 1, "centered": 1, "epsilon": 0.125}),
    ("rmsprop", "optax", {"initial_accumulator": 1}),
    ("rmsprop", "burn", {"centered": 1}),
    ("rmsprop", "burn", {"momentum": 0}),
    *(("adam", system, {"amsgrad": 1}) for system in ("pytorch", "keras2", "keras3", "chainer")),
    ("adam", "optax", {"epsilon_root": 1e-6}),
    ("adam", "mlx", {"corrects_m": 1, "corrects_v": 1}),
]


def rows():
    """(rule, system, settings, gradients, thetas) of each row."""
    for rule, system, thetas in STATEMENTS:
        common = {name: x for name, x in COMMON[rule].items() if name in thetas.parameters}
        choices = [{}, common, *(s for r, who, s in OPTIONS if (r, who) == (rule, system))]
        if "weight_decay" in thetas.parameters:
            choices.append({"weight_decay": 0.01})
        for settings in choices:
            yield rule, system, settings, GRADIENTS, thetas(GRADIENTS, **settings)
        if (rule, system) == ("adagrad", "jax"):
            yield rule, system, {}, ZERO_FIRST, thetas(ZERO_FIRST)
        if (rule, system) == ("adagrad", "optax"):
            bare = {"epsilon": 0, "initial_accumulator": 0}
            yield rule, system, bare, ZERO_FIRST, thetas(ZERO_FIRST, **bare)


def main():
    print("# By conventions.py: theta after each of five gradients, from theta = 1.")
    print("# rule,convention,settings,gradients,theta_1,theta_2,theta_3,theta_4,theta_5")
    for rule, system, settings, gradients, thetas in rows():
        named = " ".join(f"{name}={value}" for name, value in settings.items())
        listed = " ".join(str(g) for g in gradients)
        print(rule, system, named, listed, *(f"{theta:.29e}" for theta in thetas), sep=",")


if __name__ == "__main__":
    main()
