// SPDX-License-Identifier: Apache-2.0
// Records toygrad's trainers: node toygrad_runs.mjs FOLDER.
// A stand-in for a network shows them the gradients.
import fs from 'fs';
import {Trainers} from 'toygrad';
import {record} from './runs.cjs';

const manifest = new URL('../package.json', import.meta.resolve('toygrad'));
const {version} = JSON.parse(fs.readFileSync(manifest));

const ADAM = {learningRate: 0.01, beta1: 0.85, beta2: 0.95, eps: 0.01};
const NAMES = {learningRate: 'learning_rate', eps: 'epsilon', ro: 'rho', l2decay: 'weight_decay'};
const CASES = [
  ['SGD', {}], ['SGD', {l2decay: 0.1}], ['Nesterov', {}], ['Adagrad', {}], ['Adagrad', {eps: 0.01}],
  ['Adadelta', {}], ['Adadelta', {ro: 0.9, eps: 0.01}], ['Adam', {}], ['Adam', ADAM],
  ['Adam', {...ADAM, l2decay: 0.1}], ['Adam', {...ADAM, batchSize: 4}],
];

CASES.forEach(([name, given], place) => {
  const layer = {params: null, grads: null};
  const network = {forward() {}, backward: () => 0, getParamsAndGrads: () => [layer]};
  const trainer = new Trainers[name](network, given);
  const step = (theta, gradient, t) => {
    if (t === 1) layer.params = theta;
    layer.grads = gradient;
    for (let example = 0; example < (given.batchSize || 1); ++example) trainer.train();
    return layer.params;
  };
  const numbers = {};
  for (const key in given) if (key !== 'batchSize') numbers[NAMES[key] || key] = given[key];
  const options = given.batchSize ? {batch_size: given.batchSize} : {};
  const facts = {class: `toygrad.${name}`, numbers, options, coefficients: 'double', version};
  record(process.argv[2], `toygrad-${String(place).padStart(2, '0')}-${name}`, step, facts);
});
