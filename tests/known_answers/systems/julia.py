# SPDX-License-Identifier: Apache-2.0
"""Optimisers.jl. WeightDecay is a rule of its own, put before another by OptimiserChain."""

from statement import Source, largest, optimizer, root

SOURCE = Source(
    "FluxML/Optimisers.jl", "b3595f5c9639d8e014929dcd2af5effb3966d6c0", "0.4.8"
)
FILE = "src/rules.jl"


@optimizer("optimisers_jl.Momentum", SOURCE, FILE, "Momentum", momentum={})
def momentum(x, g, s, learning_rate=0.01, momentum=0.9):
    """The rate stands inside the buffer."""
    s.v = momentum * s.v + learning_rate * g
    return x - s.v


@optimizer("optimisers_jl.Nesterov", SOURCE, FILE, "Nesterov", nag={})
def nesterov(x, g, s, learning_rate=0.001, momentum=0.9):
    """The move is made of the buffer before the step."""
    move = -(momentum**2) * s.v + (1 + momentum) * learning_rate * g
    s.v = momentum * s.v - learning_rate * g
    return x - move


@optimizer("optimisers_jl.RMSProp", SOURCE, FILE, "RMSProp", rmsprop={})
def rmsprop(x, g, s, learning_rate=0.001, rho=0.9, epsilon=1e-8, *, centered=False):
    """Epsilon stands outside the root; the option is spelled centred or centered."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    if centered:
        s.mean = rho * s.mean + (1 - rho) * g
    return x - g * learning_rate / (root(s.s - s.mean * s.mean) + epsilon)


@optimizer("optimisers_jl.AdaGrad", SOURCE, FILE, "AdaGrad", adagrad={})
def adagrad(x, g, s, learning_rate=0.1, epsilon=1e-8):
    """The sum starts at epsilon, which stands outside the root as well."""
    if not s.started:
        s.sum, s.started = epsilon, True
    s.sum = s.sum + g * g
    return x - g * learning_rate / (root(s.sum) + epsilon)


@optimizer("optimisers_jl.AdaDelta", SOURCE, FILE, "AdaDelta", adadelta={})
def adadelta(x, g, s, rho=0.9, epsilon=1e-8):
    """Zeiler's update, without a rate."""
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = g * root(s.u + epsilon) / root(s.s + epsilon)
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x - move


def direction(g, s, beta1, beta2, epsilon):
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    return s.m / (1 - beta1**s.t) / (root(s.v / (1 - beta2**s.t)) + epsilon)


@optimizer("optimisers_jl.Adam", SOURCE, FILE, "Adam", adam={})
def adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """The powers of the betas are running products in the element's type."""
    return x - direction(g, s, beta1, beta2, epsilon) * learning_rate


@optimizer("optimisers_jl.AMSGrad", SOURCE, FILE, "AMSGrad", adam={})
def amsgrad(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Nothing is corrected, and all three states start at epsilon, the first moment too."""
    if not s.started:
        s.m, s.v, s.v_max, s.started = epsilon, epsilon, epsilon, True
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    s.v_max = largest(s.v_max, s.v)
    return x - learning_rate * s.m / (root(s.v_max) + epsilon)


@optimizer(
    "optimisers_jl.AdamW",
    SOURCE,
    FILE,
    "AdamW",
    versions=">=0.4.0; before, couple was false and no option",
    adam={},
)
def adamw(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    *,
    couple=True,
):
    """With couple=false the decay is not multiplied by the rate."""
    update = direction(g, s, beta1, beta2, epsilon)
    if couple:
        return x - learning_rate * (update + weight_decay * x)
    return x - (learning_rate * update + weight_decay * x)
