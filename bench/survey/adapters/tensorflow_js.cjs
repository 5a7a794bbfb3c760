// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js on its CPU backend.
module.exports = async ({require, versionOf}) => {
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  let made = 0;
  const of = create => (numbers, length) => {
    const optimizer = create(numbers);
    const variable = tf.variable(tf.zeros([length]), true, `theta${++made}`);
    return (theta, gradient) => tf.tidy(() => {
      variable.assign(tf.tensor1d(theta));
      optimizer.applyGradients({[variable.name]: tf.tensor1d(gradient)});
      return variable.dataSync().slice();
    });
  };
  const {train} = tf;
  const rmsprop = centered => of(
      n => train.rmsprop(n.learning_rate, n.rho, n.momentum, n.epsilon, centered));
  const momentum = nesterov => of(n => train.momentum(n.learning_rate, n.momentum, nesterov));
  return {
    version: versionOf('@tensorflow/tfjs-core'),
    subjects: {
      'momentum': {is: ['momentum', 'tensorflow_js.Momentum'], make: momentum(false)},
      'momentum, nesterov': {is: ['nag', 'tensorflow_js.Momentum'], make: momentum(true)},
      'adagrad': {
        is: ['adagrad', 'tensorflow_js.Adagrad,epsilon=1e-7'],
        make: of(n => train.adagrad(n.learning_rate, n.initial_accumulator)),
      },
      'adadelta': {
        is: ['adadelta', 'tensorflow_js.Adadelta,state_used=current'],
        make: of(n => train.adadelta(n.learning_rate, n.rho, n.epsilon)),
      },
      'rmsprop': {is: ['rmsprop', 'tensorflow_js.RMSProp'], make: rmsprop(false)},
      'rmsprop, centered': {
        is: ['rmsprop', 'tensorflow_js.RMSProp,centered=true,epsilon_sign=added'],
        make: rmsprop(true),
      },
      'adam': {
        is: ['adam', 'tensorflow_js.Adam'],
        make: of(n => train.adam(n.learning_rate, n.beta1, n.beta2, n.epsilon)),
      },
    },
  };
};
