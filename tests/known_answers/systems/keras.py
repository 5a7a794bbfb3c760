# SPDX-License-Identifier: Apache-2.0
"""Keras in its four shapes: 3, tf_keras since 2.11, what that retired to legacy, and 2.0 alone.

The shapes of tf_keras are read in one release, 2.21; the files of the new classes are the same in
2.15, but that Adam had no adaptive_epsilon before 2.16. That its legacy classes are the
tf.keras.optimizers of TensorFlow 2.0 to 2.10 is said by their export names and by the history of
the repository: the new classes moved to optimizers/ on 2022-11-16. That the release after it is
2.11 is from memory.
"""

from statement import Source, largest, optimizer, root

KERAS3 = Source(
    "keras-team/keras", "3422977a5e38fb2f7709aaa9a08e47f0c43d0f60", "3.16.0 development"
)
TF_KERAS = Source(
    "keras-team/tf-keras", "dd0a7237b9b24132dba3f491f3c84b0094ab796e", "2.21.0 and after"
)
SINCE = ">=2.11"
LEGACY = "tf.keras 2.0 to 2.10; keras.optimizers.legacy since"
ALONE = "Keras 2.0 to 2.3, and TensorFlow 1's tf.keras"


def sgd_step(x, g, s, learning_rate, momentum, nesterov):
    if not momentum:
        return x - learning_rate * g
    s.v = momentum * s.v - learning_rate * g
    return x + (momentum * s.v - learning_rate * g if nesterov else s.v)


def adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad):
    s.t += 1
    alpha = learning_rate * root(1 - beta2**s.t) / (1 - beta1**s.t)
    s.m = s.m + (g - s.m) * (1 - beta1)
    s.v = s.v + (g * g - s.v) * (1 - beta2)
    v = s.v
    if amsgrad:
        v = s.v_max = largest(s.v_max, s.v)
    return x - s.m * alpha / (root(v) + epsilon)


def rmsprop_step(x, g, s, learning_rate, rho, epsilon, momentum, centered):
    s.s = rho * s.s + (1 - rho) * g * g
    denominator = s.s
    if centered:
        s.mean = rho * s.mean + (1 - rho) * g
        denominator = s.s - s.mean * s.mean
    increment = learning_rate * g / root(denominator + epsilon)
    if momentum:
        s.v = momentum * s.v + increment
        increment = s.v
    return x - increment


def adagrad_step(x, g, s, learning_rate, epsilon, initial_accumulator):
    if not s.started:
        s.sum, s.started = initial_accumulator, True
    s.sum = s.sum + g * g
    return x - learning_rate * g / root(s.sum + epsilon)


def adadelta_step(x, g, s, learning_rate, rho, epsilon):
    s.s = rho * s.s + (1 - rho) * g * g
    move = -root(s.u + epsilon) * g / root(s.s + epsilon)
    s.u = rho * s.u + (1 - rho) * move * move
    return x + learning_rate * move


def decayed(x, weight_decay, learning_rate):
    return x - x * weight_decay * learning_rate


# Keras 3


@optimizer(
    "keras3.SGD",
    KERAS3,
    "keras/src/optimizers/sgd.py",
    "SGD.update_step",
    versions=">=3.0",
    momentum={},
    nag={"nesterov": True},
)
def sgd(x, g, s, learning_rate=0.01, momentum=0.0, weight_decay=0, *, nesterov=False):
    """The rate stands inside the buffer; every class decays the parameter before its step."""
    x = decayed(x, weight_decay, learning_rate)
    return sgd_step(x, g, s, learning_rate, momentum, nesterov)


@optimizer(
    "keras3.Adam",
    KERAS3,
    "keras/src/optimizers/adam.py",
    "Adam.update_step",
    versions=">=3.0",
    adam={},
)
def adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    weight_decay=0,
    *,
    amsgrad=False,
):
    """Epsilon is the paper's epsilon-hat; counter and powers have the variable's type."""
    x = decayed(x, weight_decay, learning_rate)
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "keras3.AdamW",
    KERAS3,
    "keras/src/optimizers/adamw.py",
    "AdamW",
    versions=">=3.0",
    adam={},
)
def adamw(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    weight_decay=0.004,
    *,
    amsgrad=False,
):
    """Adam with another default of weight_decay."""
    x = decayed(x, weight_decay, learning_rate)
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "keras3.RMSprop",
    KERAS3,
    "keras/src/optimizers/rmsprop.py",
    "RMSprop.update_step",
    versions=">=3.0",
    rmsprop={},
)
def rmsprop(
    x,
    g,
    s,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-7,
    momentum=0.0,
    weight_decay=0,
    *,
    centered=False,
):
    """Epsilon stands inside the root, the rate inside the buffer."""
    x = decayed(x, weight_decay, learning_rate)
    return rmsprop_step(x, g, s, learning_rate, rho, epsilon, momentum, centered)


@optimizer(
    "keras3.Adagrad",
    KERAS3,
    "keras/src/optimizers/adagrad.py",
    "Adagrad.update_step",
    versions=">=3.0",
    adagrad={},
)
def adagrad(
    x, g, s, learning_rate=1e-3, epsilon=1e-7, initial_accumulator=0.1, weight_decay=0
):
    """Epsilon stands inside the root."""
    x = decayed(x, weight_decay, learning_rate)
    return adagrad_step(x, g, s, learning_rate, epsilon, initial_accumulator)


@optimizer(
    "keras3.Adadelta",
    KERAS3,
    "keras/src/optimizers/adadelta.py",
    "Adadelta.update_step",
    versions=">=3.0",
    adadelta={},
)
def adadelta(x, g, s, learning_rate=1e-3, rho=0.95, epsilon=1e-7, weight_decay=0):
    """The rate of 0.001 scales Zeiler's update down by a thousand."""
    x = decayed(x, weight_decay, learning_rate)
    return adadelta_step(x, g, s, learning_rate, rho, epsilon)


# tf_keras since 2.11


@optimizer(
    "tf_keras.SGD@2.11",
    TF_KERAS,
    "tf_keras/optimizers/sgd.py",
    "SGD.update_step",
    versions=SINCE,
    momentum={},
    nag={"nesterov": True},
)
def tf_sgd(x, g, s, learning_rate=0.01, momentum=0.0, weight_decay=0, *, nesterov=False):
    """The map of keras3.SGD."""
    x = decayed(x, weight_decay, learning_rate)
    s.v = -learning_rate * g + s.v * momentum
    return x + (-learning_rate * g + s.v * momentum if nesterov else s.v)


@optimizer(
    "tf_keras.Adam@2.11",
    TF_KERAS,
    "tf_keras/optimizers/adam.py",
    "Adam.update_step",
    versions=SINCE,
    adam={},
)
def tf_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    weight_decay=0,
    *,
    amsgrad=False,
    adaptive_epsilon=False,
):
    """adaptive_epsilon multiplies epsilon by the root of 1 - beta2^t: Algorithm 1's epsilon.

    get_config() leaves adaptive_epsilon out, so a saved optimizer comes back without it. The
    option came with 2.16.
    """
    x = decayed(x, weight_decay, learning_rate)
    if adaptive_epsilon:
        epsilon = epsilon * root(1 - beta2 ** (s.t + 1))
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "tf_keras.AdamW@2.11",
    TF_KERAS,
    "tf_keras/optimizers/adamw.py",
    "AdamW.update_step",
    versions=SINCE,
    adam={},
)
def tf_adamw(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    weight_decay=0.004,
    *,
    amsgrad=False,
):
    """Adam with another default of weight_decay, and without adaptive_epsilon."""
    x = decayed(x, weight_decay, learning_rate)
    return adam_step(x, g, s, learning_rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "tf_keras.RMSprop@2.11",
    TF_KERAS,
    "tf_keras/optimizers/rmsprop.py",
    "RMSprop.update_step",
    versions=SINCE,
    rmsprop={},
)
def tf_rmsprop(
    x,
    g,
    s,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-7,
    momentum=0.0,
    weight_decay=0,
    *,
    centered=False,
):
    """Epsilon stands inside the root always; the class that this replaced has it outside."""
    x = decayed(x, weight_decay, learning_rate)
    return rmsprop_step(x, g, s, learning_rate, rho, epsilon, momentum, centered)


@optimizer(
    "tf_keras.Adagrad@2.11",
    TF_KERAS,
    "tf_keras/optimizers/adagrad.py",
    "Adagrad.update_step",
    versions=SINCE,
    adagrad={},
)
def tf_adagrad(
    x, g, s, learning_rate=1e-3, epsilon=1e-7, initial_accumulator=0.1, weight_decay=0
):
    """Epsilon stands inside the root; the class that this replaced has it outside."""
    x = decayed(x, weight_decay, learning_rate)
    return adagrad_step(x, g, s, learning_rate, epsilon, initial_accumulator)


@optimizer(
    "tf_keras.Adadelta@2.11",
    TF_KERAS,
    "tf_keras/optimizers/adadelta.py",
    "Adadelta.update_step",
    versions=SINCE,
    adadelta={},
)
def tf_adadelta(x, g, s, learning_rate=1e-3, rho=0.95, epsilon=1e-7, weight_decay=0):
    """The map of keras3.Adadelta."""
    x = decayed(x, weight_decay, learning_rate)
    return adadelta_step(x, g, s, learning_rate, rho, epsilon)


# The legacy classes: rate / (1 + decay * iterations) in all of them, no weight decay


def falling(s, learning_rate, decay):
    rate = learning_rate / (1 + decay * s.steps)
    s.steps += 1
    return rate


@optimizer(
    "keras_legacy.SGD",
    TF_KERAS,
    "tf_keras/optimizers/legacy/gradient_descent.py",
    "SGD; TensorFlow's ApplyKerasMomentum",
    versions=LEGACY,
    momentum={},
    nag={"nesterov": True},
)
def legacy_sgd(
    x, g, s, learning_rate=0.01, momentum=0.0, learning_rate_decay=0, *, nesterov=False
):
    """The rate stands inside the buffer."""
    rate = falling(s, learning_rate, learning_rate_decay)
    return sgd_step(x, g, s, rate, momentum, nesterov)


@optimizer(
    "keras_legacy.Adam",
    TF_KERAS,
    "tf_keras/optimizers/legacy/adam.py",
    "Adam; TensorFlow's ApplyAdam and ApplyAdamWithAmsgrad",
    versions=LEGACY,
    adam={},
)
def legacy_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    learning_rate_decay=0,
    *,
    amsgrad=False,
):
    """An epsilon of 0 is replaced by the global one, 1e-7."""
    rate = falling(s, learning_rate, learning_rate_decay)
    return adam_step(x, g, s, rate, beta1, beta2, epsilon, amsgrad)


@optimizer(
    "keras_legacy.RMSprop",
    TF_KERAS,
    "tf_keras/optimizers/legacy/rmsprop.py",
    "RMSprop; TensorFlow's ApplyRMSProp and ApplyCenteredRMSProp",
    versions=LEGACY,
    rmsprop={},
)
def legacy_rmsprop(
    x,
    g,
    s,
    learning_rate=1e-3,
    rho=0.9,
    epsilon=1e-7,
    momentum=0.0,
    learning_rate_decay=0,
    *,
    centered=False,
):
    """Epsilon stands outside the root without a momentum, inside it with one.

    The documentation gives one formula for both.
    """
    rate = falling(s, learning_rate, learning_rate_decay)
    if momentum:
        return rmsprop_step(x, g, s, rate, rho, epsilon, momentum, centered)
    s.s = rho * s.s + (1 - rho) * g * g
    denominator = s.s
    if centered:
        s.mean = rho * s.mean + (1 - rho) * g
        denominator = s.s - s.mean * s.mean
    return x - rate * g / (root(denominator) + epsilon)


@optimizer(
    "keras_legacy.Adagrad",
    TF_KERAS,
    "tf_keras/optimizers/legacy/adagrad.py",
    "Adagrad; TensorFlow's ApplyAdagradV2",
    versions=LEGACY,
    adagrad={},
)
def legacy_adagrad(
    x, g, s, learning_rate=1e-3, epsilon=1e-7, initial_accumulator=0.1, learning_rate_decay=0
):
    """Epsilon stands outside the root."""
    rate = falling(s, learning_rate, learning_rate_decay)
    if s.steps == 1:
        s.sum = initial_accumulator
    s.sum = s.sum + g * g
    return x - g * rate / (root(s.sum) + epsilon)


@optimizer(
    "keras_legacy.Adadelta",
    TF_KERAS,
    "tf_keras/optimizers/legacy/adadelta.py",
    "Adadelta; TensorFlow's ApplyAdadelta",
    versions=LEGACY,
    adadelta={},
)
def legacy_adadelta(
    x, g, s, learning_rate=1e-3, rho=0.95, epsilon=1e-7, learning_rate_decay=0
):
    """The map of keras3.Adadelta, with a rate that can fall."""
    rate = falling(s, learning_rate, learning_rate_decay)
    return adadelta_step(x, g, s, rate, rho, epsilon)


# Keras alone: whether the falling rate sees the counter before or after its increment is left to
# the order of the graph; before it is stated here, as in the legacy classes.


@optimizer(
    "keras1.SGD",
    TF_KERAS,
    "tf_keras/optimizers/optimizer_v1.py",
    "SGD.get_updates",
    versions=ALONE,
    momentum={},
    nag={"nesterov": True},
)
def alone_sgd(
    x, g, s, learning_rate=0.01, momentum=0.0, learning_rate_decay=0, *, nesterov=False
):
    """The rate stands inside the buffer, which exists without a momentum too."""
    rate = falling(s, learning_rate, learning_rate_decay)
    s.v = momentum * s.v - rate * g
    return x + momentum * s.v - rate * g if nesterov else x + s.v


@optimizer(
    "keras1.RMSprop",
    TF_KERAS,
    "tf_keras/optimizers/optimizer_v1.py",
    "RMSprop.get_updates",
    versions=ALONE,
    rmsprop={},
)
def alone_rmsprop(
    x, g, s, learning_rate=1e-3, rho=0.9, epsilon=1e-7, learning_rate_decay=0
):
    """There is neither momentum nor a centered form; epsilon stands outside the root."""
    rate = falling(s, learning_rate, learning_rate_decay)
    s.s = rho * s.s + (1 - rho) * (g * g)
    return x - rate * g / (root(s.s) + epsilon)


@optimizer(
    "keras1.Adagrad",
    TF_KERAS,
    "tf_keras/optimizers/optimizer_v1.py",
    "Adagrad.get_updates",
    versions=ALONE,
    adagrad={},
)
def alone_adagrad(x, g, s, learning_rate=0.01, epsilon=1e-7, learning_rate_decay=0):
    """The sum starts at 0; epsilon stands outside the root."""
    rate = falling(s, learning_rate, learning_rate_decay)
    s.sum = s.sum + g * g
    return x - rate * g / (root(s.sum) + epsilon)


@optimizer(
    "keras1.Adadelta",
    TF_KERAS,
    "tf_keras/optimizers/optimizer_v1.py",
    "Adadelta.get_updates",
    versions=ALONE,
    adadelta={},
)
def alone_adadelta(
    x, g, s, learning_rate=1.0, rho=0.95, epsilon=1e-7, learning_rate_decay=0
):
    """The rate is 1, a thousand times that of the classes that came after."""
    rate = falling(s, learning_rate, learning_rate_decay)
    return adadelta_step(x, g, s, rate, rho, epsilon)


@optimizer(
    "keras1.Adam",
    TF_KERAS,
    "tf_keras/optimizers/optimizer_v1.py",
    "Adam.get_updates",
    versions=ALONE,
    adam={},
)
def alone_adam(
    x,
    g,
    s,
    learning_rate=1e-3,
    beta1=0.9,
    beta2=0.999,
    epsilon=1e-7,
    learning_rate_decay=0,
    *,
    amsgrad=False,
):
    """Epsilon is the paper's epsilon-hat."""
    rate = falling(s, learning_rate, learning_rate_decay)
    return adam_step(x, g, s, rate, beta1, beta2, epsilon, amsgrad)
