// SPDX-License-Identifier: Apache-2.0
// toygrad's trainers, which take a stand-in for a network.
const path = require('path');

module.exports = async ({folder, versionOf}) => {
  const {main} = require(path.join(folder('toygrad'), 'package.json'));
  const {Trainers} = await import(path.join(folder('toygrad'), main));
  const of = name => numbers => {
    const layer = {params: null, grads: null};
    const network = {forward() {}, backward: () => 0, getParamsAndGrads: () => [layer]};
    const trainer = new Trainers[name](network, {
      learningRate: numbers.learning_rate, momentum: numbers.momentum, ro: numbers.rho,
      eps: numbers.epsilon, beta1: numbers.beta1, beta2: numbers.beta2,
      l2decay: numbers.weight_decay,
    });
    return (theta, gradient) => {
      layer.params = theta;
      layer.grads = gradient;
      trainer.train();
      return layer.params;
    };
  };
  return {
    version: versionOf('toygrad'),
    subjects: {
      'SGD': {is: ['momentum', 'toygrad.SGD'], make: of('SGD')},
      'Nesterov': {is: ['nag', 'toygrad.Nesterov'], make: of('Nesterov')},
      'Adagrad': {is: ['adagrad', 'toygrad.Adagrad'], make: of('Adagrad')},
      'Adadelta': {is: ['adadelta', 'toygrad.Adadelta'], make: of('Adadelta')},
      'Adam': {is: ['adam', 'toygrad.Adam,bias_correction=divides'], make: of('Adam')},
    },
  };
};
