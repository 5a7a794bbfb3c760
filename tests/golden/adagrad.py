#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the audit says of a small run of adagrad, beside this program's own: sum' = sum + g^2,
theta' = theta - learning_rate g / sqrt(sum' + epsilon), to 400 bits, and rounded operation by
operation: a root and a quotient are rounded here, which other golden runs have not."""

import json
import sys
import unittest
from fractions import Fraction

import audited
import exact
import support

RATE, EPSILON = Fraction(0.01), Fraction(1e-8)
STEPS, COLUMNS = 25, 7
QUANTITIES = ('theta', 'sum')
REPORTED = (1, 2, 5, 10, 20, 25)
# A test, and what sed makes wrong in what is printed (planted.py).
PLANTS = [
    ('Audit.test_json_has_the_figures',
     r's|"theorem_absolute": \([1-9]\)|"theorem_absolute": 1\1|'),
    ('Audit.test_csv_has_the_figures_of_json', r's/,sum,\([0-9]*\),\([^,]*\),/,sum,\1,1,/')]


def steps(gradients, start, rounded=lambda x: x):
    """(theta, sum) of each coordinate after each step; the sum takes in a square that is not rounded
    by itself."""
    rate, epsilon, result = rounded(RATE), rounded(EPSILON), []
    theta, total = [rounded(x) for x in start], [Fraction(0)] * len(start)
    for row in gradients:
        for i, g in enumerate(map(rounded, row)):
            total[i] = rounded(total[i] + g * g)
            root = rounded(exact.root(rounded(total[i] + epsilon)))
            theta[i] = rounded(theta[i] - rounded(rounded(rate * g) / root))
        result.append({'theta': list(theta), 'sum': list(total)})
    return result


def sum_stays_near(form, gradients, total, *_):
    """As the theorem of that name in proofs/adagrad.v states it: ((1 + u)^t - 1) (sum + eta / u)."""
    u, eta, _ = audited.parts(form, gradients)
    return ((1 + u) ** len(gradients) - 1) * (total + eta / u)


def theta_stays_near(form, gradients, _, start):
    """As adagrad_run_in_ieee in proofs/adagrad.v states it: a step is a quotient by a root that is
    no less than that of epsilon, and moves theta by the learning rate at most."""
    (u, eta, _), t = audited.parts(form, gradients), len(gradients)
    k = audited.KAPPA * u
    share = (1 + k) * (1 + u) ** t * (1 + u) - 1
    lost = (1 + u) * (t * (1 + u) ** t * eta) + eta
    least = exact.root(EPSILON)
    root_share = (2 - exact.root(1 - share)) * (1 + u) - 1
    rest = 1 - (root_share + ((1 + u) * exact.root(lost) + eta) / least)
    error = ((1 + k) * (1 + u) ** 2 / rest - 1) * RATE + (1 + u) * (eta / (rest * least)) + eta
    return audited.moved(form, t, error, RATE, start)


class Audit(audited.Audited):
    @classmethod
    def setUpClass(cls):
        cls.run_of = audited.Run(steps, STEPS, COLUMNS, 24, REPORTED,
                                proved={'sum': sum_stays_near, 'theta': theta_stays_near})

    def audit(self, *more):
        return self.ends_with(0, 'audit', 'adagrad', *self.run_of.write(self.folder),
                              '--format', 'bfloat16', *more).output

    def test_json_has_the_figures(self):
        run, = json.loads(self.audit('--json'))['runs']
        self.assertEqual(run['hyperparameters'], {'learning_rate': 0.01, 'epsilon': 1e-8})
        self.assertEqual([reading['setup']['name'] for reading in run['readings']],
                         list(audited.FORMATS))
        for reading in run['readings']:
            self.assertEqual([each['quantity'] for each in reading['quantities']], list(QUANTITIES))
            for each in reading['quantities']:
                self.series(reading['setup']['name'], each)

    def test_csv_has_the_figures_of_json(self):
        run, = json.loads(self.audit('--json'))['runs']
        rows = iter(support.table(self.audit('--csv')))
        for reading in run['readings']:
            for each in reading['quantities']:
                for drift in each['drift']:
                    row = next(rows)
                    self.assertEqual((row['setup'], row['quantity'], int(row['step'])),
                                     (reading['setup']['name'], each['quantity'], drift['step']))
                    for figure in ('largest', 'median'):
                        self.assertEqual(float(row[figure + '_ulp']), drift['error_ulp'][figure])
        self.assertEqual(list(rows), [])


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
