// SPDX-License-Identifier: Apache-2.0
// node serve.cjs ADAPTER PACKAGES SOCKET: an optimizer for each connection.
// A line asks for {make, numbers, length, format}, then each for a step {t, theta, gradient}.
const fs = require('fs');
const net = require('net');
const {createRequire} = require('module');
const path = require('path');
const readline = require('readline');

const [adapter, packages, socket] = process.argv.slice(2);
const wanted = createRequire(path.join(path.resolve(packages), 'package.json'));
const folder = name => path.join(path.resolve(packages), 'node_modules', name);
const manifest = name => fs.readFileSync(path.join(folder(name), 'package.json'));
const versionOf = name => JSON.parse(manifest(name)).version;

const decoded = (text, Kind) => {
  const bytes = Buffer.from(text, 'base64');
  return new Kind(new Uint8Array(bytes).buffer);
};

require(adapter)({require: wanted, folder, versionOf}).then(({version, subjects}) => {
  net.createServer(connection => {
    let optimizer, Kind;
    const answer = question => {
      if (question.make) {
        Kind = question.format === 'float32' ? Float32Array : Float64Array;
        optimizer = subjects[question.make].make(question.numbers, question.length);
        return {};
      }
      const [theta, gradient] = [question.theta, question.gradient].map(x => decoded(x, Kind));
      const after = Kind.from(optimizer(theta, gradient, question.t));
      return {theta: Buffer.from(after.buffer).toString('base64')};
    };
    readline.createInterface({input: connection}).on('line', line => {
      let said;
      try {
        said = answer(JSON.parse(line));
      } catch (error) {
        said = {error: String(error)};
      }
      connection.write(JSON.stringify(said) + '\n');
    });
    connection.on('error', () => connection.destroy());
  }).listen(socket, () => {
    const named = Object.entries(subjects).map(([name, {is}]) => [name, ...is]);
    console.log(JSON.stringify({version, subjects: named}));
  });
});
