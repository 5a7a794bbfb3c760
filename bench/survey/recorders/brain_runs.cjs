// SPDX-License-Identifier: Apache-2.0
// Records brain.js: node brain_runs.cjs FOLDER.
// One input of 1 makes the gradient of every weight that of its node.
const {NeuralNetwork} = require('brain.js');
const {version} = require('brain.js/package.json');
const {record} = require('./runs.cjs');

const ADAM = {learningRate: 0.01, beta1: 0.85, beta2: 0.95, epsilon: 0.01};
const NAMES = {learningRate: 'learning_rate'};
const CASES = [
  ['weights', {}], ['weights', {learningRate: 0.25, momentum: 0.75}],
  ['adam.weights', {praxis: 'adam'}], ['adam.weights', {praxis: 'adam', ...ADAM}],
  ['adam.biases', {praxis: 'adam'}], ['adam.biases', {praxis: 'adam', ...ADAM}],
];

CASES.forEach(([name, given], place) => {
  const net = new NeuralNetwork();
  const ofBiases = name.endsWith('biases');
  const step = (theta, gradient, t) => {
    if (t === 1) {
      Object.assign(net.trainOpts, given);
      net.sizes = [1, theta.length];
      net.initialize();
      net.outputs[0] = [1];
      theta.forEach((x, i) => ofBiases ? net.biases[1][i] = x : net.weights[1][i][0] = x);
    }
    net.deltas[1] = gradient.map(g => -g);
    net.adjustWeights();
    return ofBiases ? net.biases[1] : Float32Array.from(net.weights[1], row => row[0]);
  };
  const numbers = {};
  for (const key in given) if (key !== 'praxis') numbers[NAMES[key] || key] = given[key];
  const facts = {class: `brain_js.${name}`, numbers, options: {}, coefficients: 'double', version};
  record(process.argv[2], `brain_js-${place}-${name}`, step, facts);
});
