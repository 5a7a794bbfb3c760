// SPDX-License-Identifier: Apache-2.0
// What the JavaScript recorders share: a run is a folder with params.npy, grads.npy and run.json.
const fs = require('fs');
const path = require('path');

function load(file) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const columns = Number(/(\d+),? *\),/.exec(bytes.toString('latin1', 10, 10 + length))[1]);
  const all = new Float32Array(new Uint8Array(bytes.subarray(10 + length)).buffer);
  const row = (_, i) => all.slice(i * columns, (i + 1) * columns);
  return Array.from({length: all.length / columns}, row);
}

function save(file, rows) {
  const shape = `(${rows.length}, ${rows[0].length})`;
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  header = header.padEnd(117) + '\n';
  const magic = Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1');
  const values = rows.map(row => Buffer.from(Float32Array.from(row).buffer));
  fs.writeFileSync(file, Buffer.concat([magic, Buffer.from(header, 'latin1'), ...values]));
}

// Calls step(theta, gradient, t) -> theta along the inputs in `folder`; row t is after step t.
exports.record = (folder, name, step, facts) => {
  const gradients = load(path.join(folder, 'inputs', 'grads-f4.npy'));
  const rows = [load(path.join(folder, 'inputs', 'start-f4.npy'))[0]];
  gradients.forEach((gradient, i) => {
    rows.push(step(rows[i].slice(), gradient.slice(), i + 1).slice());
  });
  const run = path.join(folder, `${name}-f4`);
  fs.mkdirSync(run, {recursive: true});
  save(path.join(run, 'params.npy'), rows);
  save(path.join(run, 'grads.npy'), gradients);
  fs.writeFileSync(path.join(run, 'run.json'), JSON.stringify(facts, null, 1) + '\n');
};
