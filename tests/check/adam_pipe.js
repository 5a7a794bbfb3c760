// SPDX-License-Identifier: Apache-2.0
// bench/check/PROTOCOLS.md shows it.
const lines = require('readline').createInterface({input: process.stdin});
const numbers = text => Float32Array.from(text.split(' ').filter(Boolean), Number);
let h, m, v;

function adam(t, theta, gradient) {
  gradient.forEach((g, i) => {
    m[i] = h.beta1 * m[i] + (1 - h.beta1) * g;
    v[i] = h.beta2 * v[i] + (1 - h.beta2) * g * g;
    const mHat = m[i] / (1 - h.beta1 ** t), vHat = v[i] / (1 - h.beta2 ** t);
    theta[i] -= h.learning_rate * mHat / (Math.sqrt(vHat) + h.epsilon);
  });
}

function answer(line) {
  const [words, ...arrays] = line.split('|');
  const [what, ...rest] = words.trim().split(' ');
  if (what === 'new') {
    const [rule, format, lengths, ...given] = rest;
    if (format !== 'float32' || lengths.includes(',')) return 'none';
    h = Object.fromEntries(given.map(each => each.split('=')).map(([name, x]) => [name, Number(x)]));
    [m, v] = [new Float32Array(Number(lengths)), new Float32Array(Number(lengths))];
    return 'ok';
  }
  if (what !== 'step') return 'none';
  const [theta, gradient] = arrays.map(numbers);
  adam(Number(rest[0]), theta, gradient);
  return theta.join(' ');
}

lines.on('line', line => console.log(answer(line)));
