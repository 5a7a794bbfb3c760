// SPDX-License-Identifier: Apache-2.0
// ConvNetJS: a stand-in for a network shows its trainer the gradients.
module.exports = async ({require, versionOf}) => {
  const {Trainer} = require('convnetjs');
  const of = method => numbers => {
    const layer = {params: null, grads: null};
    const network = {forward() {}, backward: () => 0, getParamsAndGrads: () => [layer]};
    const trainer = new Trainer(network, {
      method, learning_rate: numbers.learning_rate, momentum: numbers.momentum, ro: numbers.rho,
      eps: numbers.epsilon, l2_decay: numbers.weight_decay,
    });
    return (theta, gradient) => {
      layer.params = theta;
      layer.grads = gradient;
      trainer.train();
      return layer.params;
    };
  };
  return {
    version: versionOf('convnetjs'),
    subjects: {
      'sgd': {is: ['momentum', 'convnetjs.sgd'], make: of('sgd')},
      'adagrad': {is: ['adagrad', 'convnetjs.adagrad'], make: of('adagrad')},
      'adadelta': {is: ['adadelta', 'convnetjs.adadelta'], make: of('adadelta')},
      'windowgrad': {is: ['rmsprop', 'convnetjs.windowgrad'], make: of('windowgrad')},
    },
  };
};
