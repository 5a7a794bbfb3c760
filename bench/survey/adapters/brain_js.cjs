// SPDX-License-Identifier: Apache-2.0
// brain.js: one input of 1 makes the gradient of every weight that of its node.
module.exports = async ({require, versionOf}) => {
  const {NeuralNetwork} = require('brain.js');
  const of = (ofBiases, options) => (numbers, length) => {
    const net = new NeuralNetwork();
    Object.assign(net.trainOpts, options(numbers));
    net.sizes = [1, length];
    net.initialize();
    net.outputs[0] = [1];
    return (theta, gradient) => {
      theta.forEach((x, i) => ofBiases ? net.biases[1][i] = x : net.weights[1][i][0] = x);
      net.deltas[1] = gradient.map(g => -g);
      net.adjustWeights();
      return ofBiases ? net.biases[1] : Array.from(net.weights[1], row => row[0]);
    };
  };
  const adam = ofBiases => of(ofBiases, n => ({
    praxis: 'adam', learningRate: n.learning_rate, beta1: n.beta1, beta2: n.beta2,
    epsilon: n.epsilon,
  }));
  const plain = of(false, n => ({learningRate: n.learning_rate, momentum: n.momentum}));
  return {
    version: versionOf('brain.js'),
    subjects: {
      'weights': {is: ['momentum', 'brain_js.weights'], make: plain},
      'adam, weights': {is: ['adam', 'brain_js.adam.weights'], make: adam(false)},
      'adam, biases': {is: ['adam', 'brain_js.adam.weights'], make: adam(true)},
    },
  };
};
