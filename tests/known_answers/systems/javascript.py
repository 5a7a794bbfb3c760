# SPDX-License-Identifier: Apache-2.0
"""TensorFlow.js, brain.js, ConvNetJS and its descendant toygrad."""

from statement import Source, optimizer, root

TFJS = Source("tensorflow/tfjs", "0fc04d958ea592f3b8db79a8b3b497b5c8904097", "2025-06-06")
BRAIN = Source("BrainJS/brain.js", "npm 1.6.1", "1.6.1")
CONVNET = Source(
    "karpathy/convnetjs", "4c3358a315b4d71f31a0d532eb5d1700e9e592ee", "2016-11-24"
)
TOYGRAD = Source("fabiospampinato/toygrad", "npm 2.6.0", "2.6.0")
FILES = "tfjs-core/src/optimizers/"
TRAINERS = "src/convnet_trainers.js"
ABSTRACT = "dist/trainers/abstract.js"
BATCHES = {"batch_size": (1, 2, 4)}


@optimizer(
    "tensorflow_js.Momentum",
    TFJS,
    FILES + "momentum_optimizer.ts",
    "MomentumOptimizer.applyGradients",
    executed="4.22.0",
    momentum={},
    nag={"nesterov": True},
)
def tfjs_momentum(x, g, s, learning_rate=None, momentum=None, *, nesterov=False):
    """The rate stands outside the buffer; neither number has a default."""
    s.v = momentum * s.v + g
    return x + -learning_rate * (g + s.v * momentum if nesterov else s.v)


@optimizer(
    "tensorflow_js.Adagrad",
    TFJS,
    FILES + "adagrad_optimizer.ts",
    "AdagradOptimizer.applyGradients",
    executed="4.22.0",
    adagrad={},
)
def tfjs_adagrad(x, g, s, learning_rate=None, epsilon=1e-7, initial_accumulator=0.1):
    """Epsilon is the backend's, 1e-7 in float, and no option; it stands inside the root."""
    if not s.started:
        s.sum, s.started = initial_accumulator, True
    s.sum = s.sum + g * g
    return x + g / root(s.sum + epsilon) * -learning_rate


@optimizer(
    "tensorflow_js.Adadelta",
    TFJS,
    FILES + "adadelta_optimizer.ts",
    "AdadeltaOptimizer.applyGradients",
    executed="4.22.0",
    adadelta={},
)
def tfjs_adadelta(x, g, s, learning_rate=0.001, rho=0.95, epsilon=1e-7):
    """The gradient is divided by the mean square of the steps before, without its own.

    The first step is the gradient times the rate, whatever its size.
    """
    before = s.s
    s.s = before * rho + g * g * (1 - rho)
    move = root(s.u + epsilon) / root(before + epsilon) * g
    s.u = s.u * rho + move * move * (1 - rho)
    return x + move * -learning_rate


@optimizer(
    "tensorflow_js.RMSProp",
    TFJS,
    FILES + "rmsprop_optimizer.ts",
    "RMSPropOptimizer.applyGradients",
    executed="4.22.0",
    rmsprop={},
)
def tfjs_rmsprop(
    x, g, s, learning_rate=None, rho=0.9, epsilon=1e-7, momentum=0.0, *, centered=False
):
    """In the centered form epsilon is subtracted: a small variance turns the parameter to NaN.

    Elsewhere it is added inside the root. The rate stands inside the buffer.
    """
    s.s = s.s * rho + g * g * (1 - rho)
    if centered:
        s.mean = s.mean * rho + g * (1 - rho)
        spread = s.s - (s.mean * s.mean + epsilon)
    else:
        spread = s.s + epsilon
    s.v = s.v * momentum + g * learning_rate / root(spread)
    return x - s.v


@optimizer(
    "tensorflow_js.Adam",
    TFJS,
    FILES + "adam_optimizer.ts",
    "AdamOptimizer.applyGradients",
    executed="4.22.0",
    adam={},
)
def tfjs_adam(x, g, s, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """Algorithm 1 of the paper; epsilon's default is the backend's, 1e-7 in float.

    The powers of the betas are running products in float.
    """
    s.t += 1
    s.m = s.m * beta1 + g * (1 - beta1)
    s.v = s.v * beta2 + g * g * (1 - beta2)
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return m_hat / (root(v_hat) + epsilon) * -learning_rate + x


@optimizer(
    "brain_js.weights",
    BRAIN,
    "dist/neural-network.js",
    "adjustWeights",
    executed="1.6.1",
    momentum={},
)
def brain_weights(x, g, s, learning_rate=0.3, momentum=0.1):
    """The rate stands inside the buffer. Biases have no momentum."""
    s.v = learning_rate * -g + momentum * s.v
    return x + s.v


@optimizer(
    "brain_js.adam.weights",
    BRAIN,
    "dist/neural-network.js",
    "_adjustWeightsAdam",
    executed="1.6.1",
    adam={},
)
def brain_adam_weights(
    x, g, s, learning_rate=0.3, beta1=0.9, beta2=0.999, epsilon=1e-8
):
    """Algorithm 1 of the paper, with praxis: 'adam'; the rate is that of plain descent, 0.3."""
    s.t += 1
    s.m = s.m * beta1 + (1 - beta1) * -g
    s.v = s.v * beta2 + (1 - beta2) * g * g
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    return x + learning_rate * m_hat / (root(v_hat) + epsilon)


@optimizer(
    "brain_js.adam.biases",
    BRAIN,
    "dist/neural-network.js",
    "_adjustWeightsAdam",
    executed="1.6.1",
    adam={},
)
def brain_adam_biases(
    x, g, s, learning_rate=0.3, beta1=0.9, beta2=0.999, epsilon=1e-8
):
    """The moments before the step are used, corrected as if they were those after it.

    The first step of every bias is 0.
    """
    s.t += 1
    m_hat = s.m / (1 - beta1**s.t)
    v_hat = s.v / (1 - beta2**s.t)
    s.m = s.m * beta1 + (1 - beta1) * -g
    s.v = s.v * beta2 + (1 - beta2) * g * g
    return x + learning_rate * m_hat / (root(v_hat) + epsilon)


def convnet_sgd(x, g, s, learning_rate, momentum):
    s.v = momentum * s.v - learning_rate * g
    return x + s.v


def convnet_nesterov(x, g, s, learning_rate, momentum):
    before = s.v
    s.v = before * momentum + learning_rate * g
    return x + (momentum * before - (1 + momentum) * s.v)


def convnet_adagrad(x, g, s, learning_rate, epsilon):
    s.sum = s.sum + g * g
    return x + -learning_rate / root(s.sum + epsilon) * g


def convnet_adadelta(x, g, s, rho, epsilon):
    s.s = rho * s.s + (1 - rho) * g * g
    move = -root((s.u + epsilon) / (s.s + epsilon)) * g
    s.u = rho * s.u + (1 - rho) * move * move
    return x + move


def convnet_adam(x, g, s, learning_rate, beta1, beta2, epsilon, batch_size):
    s.t += batch_size
    s.m = s.m * beta1 + (1 - beta1) * g
    s.v = s.v * beta2 + (1 - beta2) * g * g
    m_hat = s.m * (1 - beta1**s.t)
    v_hat = s.v * (1 - beta2**s.t)
    return x + -learning_rate * m_hat / (root(v_hat) + epsilon)


def decayed(x, g, weight_decay, batch_size):
    return (weight_decay * x + g) / batch_size


@optimizer("convnetjs.sgd", CONVNET, TRAINERS, "Trainer.train", momentum={}, choices=BATCHES)
def convnetjs_sgd(
    x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0, *, batch_size=1
):
    """The gradient of the batch and the decay are divided by the batch size together."""
    return convnet_sgd(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, momentum
    )


@optimizer("convnetjs.nesterov", CONVNET, TRAINERS, "Trainer.train", nag={}, choices=BATCHES)
def convnetjs_nesterov(
    x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0, *, batch_size=1
):
    """A step back and a longer one forward. The comments spell the method netsterov."""
    return convnet_nesterov(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, momentum
    )


@optimizer("convnetjs.adagrad", CONVNET, TRAINERS, "Trainer.train", adagrad={}, choices=BATCHES)
def convnetjs_adagrad(
    x, g, s, learning_rate=0.01, epsilon=1e-8, weight_decay=0.0, *, batch_size=1
):
    """Epsilon stands inside the root."""
    return convnet_adagrad(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, epsilon
    )


@optimizer(
    "convnetjs.windowgrad", CONVNET, TRAINERS, "Trainer.train", rmsprop={}, choices=BATCHES
)
def convnetjs_windowgrad(
    x, g, s, learning_rate=0.01, rho=0.95, epsilon=1e-8, weight_decay=0.0, *, batch_size=1
):
    """RMSprop under another name, with epsilon inside the root."""
    g = decayed(x, g, weight_decay, batch_size)
    s.s = rho * s.s + (1 - rho) * g * g
    return x + -learning_rate / root(s.s + epsilon) * g


@optimizer(
    "convnetjs.adadelta", CONVNET, TRAINERS, "Trainer.train", adadelta={}, choices=BATCHES
)
def convnetjs_adadelta(x, g, s, rho=0.95, epsilon=1e-8, weight_decay=0.0, *, batch_size=1):
    """Zeiler's update as one root of a ratio; the trainer's rate is not used."""
    return convnet_adadelta(x, decayed(x, g, weight_decay, batch_size), s, rho, epsilon)


@optimizer("convnetjs.adam", CONVNET, TRAINERS, "Trainer.train", adam={}, choices=BATCHES)
def convnetjs_adam(
    x,
    g,
    s,
    learning_rate=0.01,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    *,
    batch_size=1,
):
    """The moments are multiplied by 1 - beta^k instead of divided by it.

    k counts examples, not steps: with a batch of b the first step has k = b.
    """
    g = decayed(x, g, weight_decay, batch_size)
    return convnet_adam(x, g, s, learning_rate, beta1, beta2, epsilon, batch_size)


@optimizer(
    "toygrad.SGD",
    TOYGRAD,
    ABSTRACT,
    "Abstract.train",
    executed="2.6.0",
    momentum={},
    choices=BATCHES,
)
def toygrad_sgd(
    x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0, *, batch_size=1
):
    """The map of convnetjs.sgd."""
    return convnet_sgd(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, momentum
    )


@optimizer(
    "toygrad.Nesterov",
    TOYGRAD,
    ABSTRACT,
    "Abstract.train",
    executed="2.6.0",
    nag={},
    choices=BATCHES,
)
def toygrad_nesterov(
    x, g, s, learning_rate=0.01, momentum=0.9, weight_decay=0.0, *, batch_size=1
):
    """The map of convnetjs.nesterov."""
    return convnet_nesterov(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, momentum
    )


@optimizer(
    "toygrad.Adagrad",
    TOYGRAD,
    ABSTRACT,
    "Abstract.train",
    executed="2.6.0",
    adagrad={},
    choices=BATCHES,
)
def toygrad_adagrad(
    x, g, s, learning_rate=0.01, epsilon=1e-8, weight_decay=0.0, *, batch_size=1
):
    """The map of convnetjs.adagrad."""
    return convnet_adagrad(
        x, decayed(x, g, weight_decay, batch_size), s, learning_rate, epsilon
    )


@optimizer(
    "toygrad.Adadelta",
    TOYGRAD,
    ABSTRACT,
    "Abstract.train",
    executed="2.6.0",
    adadelta={},
    choices=BATCHES,
)
def toygrad_adadelta(x, g, s, rho=0.95, epsilon=1e-8, weight_decay=0.0, *, batch_size=1):
    """The map of convnetjs.adadelta; the trainer's rate is not used."""
    return convnet_adadelta(x, decayed(x, g, weight_decay, batch_size), s, rho, epsilon)


@optimizer(
    "toygrad.Adam",
    TOYGRAD,
    ABSTRACT,
    "Abstract.train",
    executed="2.6.0",
    adam={},
    choices=BATCHES,
)
def toygrad_adam(
    x,
    g,
    s,
    learning_rate=0.01,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-8,
    weight_decay=0.0,
    *,
    batch_size=1,
):
    """The map of convnetjs.adam, the multiplied correction and the counted examples included."""
    g = decayed(x, g, weight_decay, batch_size)
    return convnet_adam(x, g, s, learning_rate, beta1, beta2, epsilon, batch_size)
