# SPDX-License-Identifier: Apache-2.0
"""MXNet 1.9.1, the released line, and the master branch, which calls itself 2.0."""

from statement import Source, optimizer, root

ONE = Source("apache/mxnet", "3f8f3be9987e259491ddc5a78aa9c6903e0b21e3", "1.9.1")
TWO = Source(
    "apache/mxnet", "b84609d3fc73d20929c114eab95faaa56e6c5ede", "2.0.0 development"
)
KERNELS = "src/operator/optimizer_op-inl.h"
PYTHON = "python/mxnet/optimizer/"


@optimizer(
    "mxnet.SGD@1", ONE, KERNELS, "SGDMomKernel; optimizer.py, SGD", momentum={}
)
def sgd(x, g, s, learning_rate=0.01, momentum=0.0, weight_decay=0.0):
    """The rate stands inside the buffer; 0.01 is the rate of the base class."""
    s.v = momentum * s.v - learning_rate * weight_decay * x - learning_rate * g
    return x + s.v


@optimizer(
    "mxnet.NAG@1", ONE, KERNELS, "NAGMomKernel; optimizer.py, NAG", nag={}
)
def nag(x, g, s, learning_rate=0.01, momentum=0.0, weight_decay=0.0):
    """The buffer gathers the decay of the parameter just moved, since the kernel steps in place.

    The class passes out=weight, and the kernel reads the weight once more for the buffer after it
    has written it. There is no momentum by default.
    """
    ahead = momentum * s.v
    after = x - ahead + (momentum + 1) * (ahead - learning_rate * (g + weight_decay * x))
    s.v = ahead - learning_rate * (g + weight_decay * after)
    return after


@optimizer(
    "mxnet.AdaGrad@1", ONE, PYTHON + "optimizer.py", "AdaGrad.update", adagrad={}
)
def adagrad(x, g, s, learning_rate=0.01, epsilon=1e-7, weight_decay=0.0):
    """Epsilon stands inside the root; the decay joins the scaled gradient, times the rate."""
    s.sum = s.sum + g * g
    return x + (g / root(s.sum + epsilon) + x * weight_decay) * -learning_rate


@optimizer(
    "mxnet.AdaDelta@1",
    ONE,
    PYTHON + "optimizer.py",
    "AdaDelta.update",
    
    adadelta={},
)
def adadelta(x, g, s, rho=0.9, epsilon=1e-5, weight_decay=0.0):
    """There is no rate, and the decay is not multiplied by one."""
    s.s = rho * s.s + (1 - rho) * g * g
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x - (move + weight_decay * x)


@optimizer(
    "mxnet.RMSProp@1",
    ONE,
    KERNELS,
    "RMSPropUpdateKernel and RMSPropAlexUpdateKernel; optimizer.py, RMSProp",
    versions="1.9.1; the place of epsilon also in 1.6.0",
    rmsprop={},
)
def rmsprop(
    x,
    g,
    s,
    learning_rate=0.001,
    rho=0.9,
    epsilon=1e-8,
    momentum=0.9,
    weight_decay=0.0,
    *,
    centered=False,
):
    """Epsilon stands inside the root; only the centered form has the momentum, of 0.9.

    rho is gamma1, momentum gamma2.
    """
    g = g + weight_decay * x
    s.s = (1 - rho) * (g * g) + rho * s.s
    if not centered:
        return x - learning_rate * (g / root(s.s + epsilon))
    s.mean = (1 - rho) * g + rho * s.mean
    s.v = momentum * s.v - learning_rate * g / root(s.s - s.mean * s.mean + epsilon)
    return x + s.v


@optimizer(
    "mxnet.Adam@1", ONE, KERNELS, "AdamUpdateKernel; optimizer.py, Adam", adam={}
)
def adam(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0
):
    """Epsilon is the paper's epsilon-hat."""
    g = g + x * weight_decay
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon)


def adam_step(x, g, s, learning_rate, beta1, beta2, epsilon):
    s.t += 1
    rate = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * g * g
    return x - rate * s.m / (root(s.v) + epsilon)


@optimizer("mxnet.SGD@2", TWO, KERNELS, "SGDMomKernel; sgd.py, SGD", momentum={})
def sgd_2(x, g, s, learning_rate=0.1, momentum=0.0, weight_decay=0.0):
    """The rate is 0.1, ten times that of 1.x."""
    s.v = momentum * s.v - learning_rate * (g + weight_decay * x)
    return x + s.v


@optimizer("mxnet.NAG@2", TWO, KERNELS, "NAGMomKernel; nag.py, NAG", nag={})
def nag_2(x, g, s, learning_rate=0.1, momentum=0.9, weight_decay=0.0):
    """The momentum is 0.9, where that of 1.x is 0."""
    g = g + weight_decay * x
    s.v = momentum * s.v - learning_rate * g
    return x + (momentum * s.v) - (learning_rate * g)


@optimizer("mxnet.AdaGrad@2", TWO, PYTHON + "adagrad.py", "AdaGrad.step", adagrad={})
def adagrad_2(x, g, s, learning_rate=0.01, epsilon=1e-6, weight_decay=0.0):
    """Epsilon stands outside the root; the decay is added to the gradient."""
    g = g + weight_decay * x
    s.sum = s.sum + g * g
    return x - learning_rate * (g / (root(s.sum) + epsilon))


@optimizer("mxnet.AdaDelta@2", TWO, PYTHON + "adadelta.py", "AdaDelta.step", adadelta={})
def adadelta_2(x, g, s, learning_rate=1.0, rho=0.9, epsilon=1e-6, weight_decay=0.0):
    """There is a rate; the decay is added to the gradient."""
    g = g + weight_decay * x
    s.s = rho * s.s + (1 - rho) * (g * g)
    move = root(s.u + epsilon) / root(s.s + epsilon) * g
    s.u = rho * s.u + (1 - rho) * (move * move)
    return x - learning_rate * move


@optimizer(
    "mxnet.RMSProp@2",
    TWO,
    KERNELS,
    "RMSPropUpdateKernel and RMSPropAlexUpdateKernel; rmsprop.py, RMSProp",
    rmsprop={},
)
def rmsprop_2(
    x,
    g,
    s,
    learning_rate=0.001,
    rho=0.9,
    epsilon=1e-8,
    momentum=0.9,
    weight_decay=0.0,
    *,
    centered=False,
):
    """Epsilon stands outside the root, and inside it in the centered form.

    Only the centered form has the momentum, of 0.9.
    """
    g = g + weight_decay * x
    s.s = (1 - rho) * (g * g) + rho * s.s
    if not centered:
        return x - learning_rate * g / (root(s.s) + epsilon)
    s.mean = (1 - rho) * g + rho * s.mean
    s.v = momentum * s.v - learning_rate * g / root(s.s - s.mean * s.mean + epsilon)
    return x + s.v


@optimizer("mxnet.Adam@2", TWO, KERNELS, "AdamUpdateKernel; adam.py, Adam", adam={})
def adam_2(
    x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0
):
    """The map of 1.x."""
    g = g + x * weight_decay
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon)


@optimizer(
    "mxnet.AdamW@2",
    TWO,
    "src/operator/contrib/adamw-inl.h",
    "MPAdamWKernel; adamW.py, AdamW.step",
    adam={},
)
def adamw_2(
    x,
    g,
    s,
    learning_rate=0.001,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-6,
    weight_decay=0.0,
    *,
    correct_bias=True,
    use_fused_step=True,
):
    """The corrected rate multiplies the decay, which the fused step puts before, the other after.

    Without the fused step the parameter just moved is what decays.
    """
    s.t += 1
    s.m = beta1 * s.m + (1 - beta1) * g
    s.v = beta2 * s.v + (1 - beta2) * (g * g)
    rate = learning_rate
    if correct_bias:
        rate = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    update = s.m / (root(s.v) + epsilon)
    if use_fused_step:
        return x - rate * (update + weight_decay * x)
    x = x - rate * update
    return x - rate * weight_decay * x
