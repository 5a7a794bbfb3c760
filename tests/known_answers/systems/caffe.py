# SPDX-License-Identifier: Apache-2.0
"""Caffe. Rate, momentum and decay have no default in SolverParameter; all of it is float.

The decay, of regularization_type L2, is added to the gradient by SGDSolver::Regularize.
"""

from statement import Source, optimizer, root

SOURCE = Source("BVLC/caffe", "9b891540183ddc834a02b2bd81b31afae71b2153", "2020-02-13")
FILES = "src/caffe/solvers/"
SYMBOL = "ComputeUpdateValue"


@optimizer("caffe.SGD", SOURCE, FILES + "sgd_solver.cpp", SYMBOL, momentum={})
def sgd(x, g, s, learning_rate=None, momentum=0, weight_decay=0):
    """The buffer is the move itself."""
    g = weight_decay * x + g
    s.v = learning_rate * g + momentum * s.v
    return x - s.v


@optimizer("caffe.Nesterov", SOURCE, FILES + "nesterov_solver.cpp", SYMBOL, nag={})
def nesterov(x, g, s, learning_rate=None, momentum=0, weight_decay=0):
    """A step back and a longer one forward."""
    g = weight_decay * x + g
    before = s.v
    s.v = learning_rate * g + momentum * s.v
    return x - ((1 + momentum) * s.v - momentum * before)


@optimizer("caffe.AdaGrad", SOURCE, FILES + "adagrad_solver.cpp", SYMBOL, adagrad={})
def adagrad(x, g, s, learning_rate=None, epsilon=1e-8, weight_decay=0):
    """Epsilon, called delta, stands outside the root."""
    g = weight_decay * x + g
    s.sum = g * g + s.sum
    return x - learning_rate * (g / (root(s.sum) + epsilon))


@optimizer("caffe.AdaDelta", SOURCE, FILES + "adadelta_solver.cpp", SYMBOL, adadelta={})
def adadelta(x, g, s, learning_rate=None, rho=0, epsilon=1e-8, weight_decay=0):
    """rho is the solver's momentum, which is 0 unless it is set."""
    g = weight_decay * x + g
    s.s = (1 - rho) * (g * g) + rho * s.s
    move = g * root((epsilon + s.u) / (epsilon + s.s))
    s.u = (1 - rho) * (move * move) + rho * s.u
    return x - learning_rate * move


@optimizer("caffe.RMSProp", SOURCE, FILES + "rmsprop_solver.cpp", SYMBOL, rmsprop={})
def rmsprop(x, g, s, learning_rate=None, rho=0.99, epsilon=1e-8, weight_decay=0):
    """Epsilon stands outside the root; rho is rms_decay."""
    g = weight_decay * x + g
    s.s = (1 - rho) * (g * g) + rho * s.s
    return x - learning_rate * (g / (root(s.s) + epsilon))


@optimizer("caffe.Adam", SOURCE, FILES + "adam_solver.cpp", SYMBOL, adam={})
def adam(
    x, g, s, learning_rate=None, beta1=0, beta2=0.999, epsilon=1e-8, weight_decay=0
):
    """beta1 is the solver's momentum, which is 0 unless it is set, and beta2 momentum2."""
    g = weight_decay * x + g
    s.t += 1
    correction = root(1 - beta2**s.t) / (1 - beta1**s.t)
    s.m = (1 - beta1) * g + beta1 * s.m
    s.v = (1 - beta2) * (g * g) + beta2 * s.v
    return x - learning_rate * correction * (s.m / (root(s.v) + epsilon))
