// SPDX-License-Identifier: Apache-2.0
// Records the optimizers of TensorFlow.js on its CPU backend: node tfjs_runs.cjs FOLDER.
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const {record} = require('./runs.cjs');

const MOMENTUM = {learning_rate: 0.01, momentum: 0.9};
const RMSPROP = {learning_rate: 0.01, rho: 0.8, epsilon: 0.01};
const ADADELTA = {learning_rate: 0.5, rho: 0.9, epsilon: 0.01};
const ADAM = {learning_rate: 0.01, beta1: 0.85, beta2: 0.95, epsilon: 0.01};

// [class, function of tf.train, its arguments, the numbers that they are, options]
const CASES = [
  ['Momentum', 'momentum', [0.01, 0.9], MOMENTUM, {}],
  ['Momentum', 'momentum', [0.01, 0.9, true], MOMENTUM, {nesterov: true}],
  ['Adagrad', 'adagrad', [0.01], {learning_rate: 0.01}, {}],
  ['Adagrad', 'adagrad', [0.25, 0], {learning_rate: 0.25, initial_accumulator: 0}, {}],
  ['Adadelta', 'adadelta', [], {}, {}],
  ['Adadelta', 'adadelta', [0.5, 0.9, 0.01], ADADELTA, {}],
  ['RMSProp', 'rmsprop', [0.01], {learning_rate: 0.01}, {}],
  ['RMSProp', 'rmsprop', [0.01, 0.8, 0.5, 0.01], {...RMSPROP, momentum: 0.5}, {}],
  ['RMSProp', 'rmsprop', [0.01, 0.9, 0, null, true], {learning_rate: 0.01}, {centered: true}],
  ['RMSProp', 'rmsprop', [0.01, 0.8, 0, 0.01, true], RMSPROP, {centered: true}],
  ['Adam', 'adam', [], {}, {}],
  ['Adam', 'adam', [0.01, 0.85, 0.95, 0.01], ADAM, {}],
];

tf.setBackend('cpu').then(() => CASES.forEach(([name, make, given, numbers, options], place) => {
  const optimizer = tf.train[make](...given);
  let theta;
  const step = (start, gradient, t) => {
    if (t === 1) theta = tf.variable(tf.tensor1d(start), true, `run${place}`);
    optimizer.applyGradients({[theta.name]: tf.tensor1d(gradient)});
    return theta.dataSync();
  };
  const facts = {class: `tensorflow_js.${name}`, numbers, options};
  Object.assign(facts, {coefficients: 'float', version: tf.version_core});
  const run = `tensorflow_js-${String(place).padStart(2, '0')}-${name}`;
  record(process.argv[2], run, step, facts);
}));
