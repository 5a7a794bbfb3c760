# SPDX-License-Identifier: Apache-2.0
"""An audit of a recorded run, of any rule that states its steps, and what JSON has to say of it."""

from fractions import Fraction

import exact
import support

FORMATS = {'float': exact.FLOAT, 'double': exact.DOUBLE, 'bfloat16': exact.BFLOAT16}


class Run:
    """A recorded run, and what is to be said of it. stepped(gradients, start, rounded) has the
    quantities of each coordinate after each step, rounded operation by operation; proved has by
    quantity the bound of its distance: (format, gradients until then, exact value, largest start)."""

    def __init__(self, stepped, steps, columns, bits, reported, proved):
        self.steps, self.columns, self.reported, self.proved = steps, columns, reported, proved
        self.gradients = support.drawn(steps, columns, bits)
        # A coordinate on which nothing acts for a while, and one that starts where floats are sparse.
        for row in self.gradients[:5]:
            row[3] = Fraction(0)
        self.start = support.drawn(1, columns, bits, seed=7)[0]
        self.start[2] *= 1024
        self.true = stepped(self.gradients, self.start)
        self.of = {name: stepped(self.gradients, self.start, form.round)
                   for name, form in FORMATS.items()}

    def write(self, folder, dtype='<f8', by_column=False):
        support.npy(folder / 'g.npy', self.gradients, dtype, by_column)
        support.npy(folder / 'p.npy', [self.start], dtype, by_column)
        return ['--grads', folder / 'g.npy', '--params', folder / 'p.npy']

    def distances(self, setup, quantity, step):
        return [abs(a - b) for a, b in zip(self.of[setup][step - 1][quantity],
                                           self.true[step - 1][quantity])]

    def spreads(self, setup, quantity, step):
        """The distances: absolute, in ulp and relative."""
        true = self.true[step - 1][quantity]
        distances = self.distances(setup, quantity, step)
        return {'error_absolute': exact.Spread(distances),
                'error_ulp': exact.Spread([d / FORMATS[setup].spacing(x)
                                           for d, x in zip(distances, true)]),
                'error_relative': exact.Spread([d / abs(x) if d else d
                                                for d, x in zip(distances, true)])}

    def updates(self, setup, quantity):
        """Moves of the exact quantity, those that were lost, and the first of these."""
        before_true = self.start if quantity == 'theta' else [0] * self.columns
        before = [FORMATS[setup].round(x) for x in before_true]
        moved, lost, first = 0, 0, None
        for t, (true, now) in enumerate(zip(self.true, self.of[setup])):
            for i in range(self.columns):
                if true[quantity][i] == before_true[i]:
                    continue
                moved += 1
                if now[quantity][i] == before[i]:
                    lost += 1
                    first = first or (t + 1, i)
            before_true, before = true[quantity], now[quantity]
        return moved, lost, first

    def digits(self, setup, quantity):
        """Step after which a coordinate first lacks a digit, and after which half of them do."""
        when = {}
        for i in range(self.columns):
            kept = 15
            for t, true in enumerate(self.true):
                apart, size = self.distances(setup, quantity, t + 1)[i], abs(true[quantity][i])
                while apart and kept and apart >= size * Fraction(10.0 ** -kept):
                    when.setdefault(kept, []).append(t + 1)
                    kept -= 1
        half = (self.columns + 1) // 2
        return [{'digit': digit, 'first': min(at),
                 'half': sorted(at)[half - 1] if len(at) >= half else None}
                for digit, at in sorted(when.items(), reverse=True)]


def parts(form, gradients):
    """Of a theorem: u, half the spacing of subnormal numbers, and the largest gradient."""
    return Fraction(2) ** -form.bits, form.spacing(0) / 2, max(map(abs, sum(gradients, [])))


KAPPA = 1 + Fraction(2) ** -40  # what a stored coefficient is off by, in u


def moved(form, steps, error, longest, start):
    """What theta is off by after so many steps, each of at most `longest` and off by `error`, as
    moved_drift in proofs/theory states it."""
    u, eta = Fraction(2) ** -form.bits, form.spacing(0) / 2
    return steps * (1 + u) ** steps * (error + u * (start + steps * longest) + eta)


class Audited(support.InAFolder):
    """A test of self.run_of."""

    def series(self, setup, told):
        of, quantity = self.run_of, told['quantity']
        self.assertEqual([drift['step'] for drift in told['drift']], list(of.reported))
        for drift in told['drift']:
            for name, spread in of.spreads(setup, quantity, drift['step']).items():
                for figure, value in spread.figures.items():
                    self.assertTrue(exact.is_told(drift[name][figure], value),
                                    (setup, quantity, drift['step'], name, figure))
            self.assertEqual(drift['mean_absolute'], drift['error_absolute']['mean'])
            self.radius(setup, drift)
            self.theorem(setup, quantity, drift)
        moved, lost, first = of.updates(setup, quantity)
        updates = told['updates']
        self.assertEqual((updates['exact'], updates['lost'], updates['values']),
                         (moved, lost, of.steps * of.columns))
        told_first = updates['first_lost']
        self.assertEqual(first, told_first and (told_first['step'], told_first['coordinate']))
        self.assertEqual(told['digits_lost'], of.digits(setup, quantity))
        self.growth(told)
        self.attribution(setup, told)
        if setup == 'bfloat16':
            self.assertIsNone(told['checks'])
        else:
            self.assertEqual(told['checks'], {'compared': of.steps * of.columns, 'unbounded': 0,
                                              'exceeded': 0, 'other_bits': 0, 'beyond_theorem': 0,
                                              'first': None})

    def theorem(self, setup, quantity, drift):
        """The largest share of the bound that a theorem states, where there is one, in float and
        double."""
        of, step = self.run_of, drift['step']
        if quantity not in of.proved or setup == 'bfloat16':
            self.assertIsNone(drift['error_over_theorem'])
            return
        largest = max(map(abs, of.start))
        bounds = [of.proved[quantity](FORMATS[setup], of.gradients[:step], x, largest)
                  for x in of.true[step - 1][quantity]]
        self.assertTrue(exact.is_told(drift['theorem_absolute'], max(bounds)))
        share = max(d and d / bound for d, bound in zip(of.distances(setup, quantity, step), bounds))
        self.assertTrue(exact.is_told(drift['error_over_theorem'], share))
        self.assertLessEqual(share, 1)

    def radius(self, setup, drift):
        """Float and double alone have one, and no error is beyond it."""
        if setup == 'bfloat16':
            self.assertIsNone(drift['radius_absolute'])
            self.assertIsNone(drift['error_over_radius'])
        else:
            self.assertGreaterEqual(drift['radius_absolute'], drift['error_absolute']['largest'])
            self.assertLessEqual(drift['error_over_radius'], 1)

    def growth(self, told):
        expected = exact.growth([(each['step'], each['mean_absolute']) for each in told['drift']])
        if expected is None:
            self.assertIsNone(told['growth'])
            return
        slope, error, points = expected
        self.assertTrue(slope.holds(told['growth']['exponent']))
        self.assertTrue(error.holds(told['growth']['standard_error']))
        self.assertEqual(told['growth']['points'], points)

    def attribution(self, setup, told):
        distances = self.run_of.distances(setup, told['quantity'], self.run_of.steps)
        whole, farthest = told['attribution'], told['farthest']
        self.assertTrue(exact.is_told(whole['drift'], sum(distances)))
        self.assertEqual(farthest['coordinate'], distances.index(max(distances)))
        self.assertTrue(exact.is_told(abs(farthest['drift']), max(distances)))
        for each in (whole, farthest):
            # Each subtraction rounds once.
            parts = [Fraction(part['contribution']) for part in each['contributions']]
            room = (len(parts) + 1) * Fraction(2) ** -53 * (
                abs(Fraction(each['drift'])) + 2 * sum(map(abs, parts)))
            rest = Fraction(each['drift']) - sum(parts)
            self.assertLessEqual(abs(rest - Fraction(each['residual'])), room)
            # A product, quotient or root moves by exactly what its weights make of its operands'
            # moves, so that nothing is left but what their sums are rounded by: each of a step's
            # operations, of which no rule has as many as 16, a few times.
            self.assertLessEqual(abs(Fraction(each['residual'])), 64 * self.run_of.steps *
                                 Fraction(2) ** -53 * (abs(Fraction(each['drift'])) +
                                                       sum(map(abs, parts))))
            sizes = [abs(part) for part in parts]
            self.assertNotIn(0, sizes)
            self.assertEqual(sizes, sorted(sizes, reverse=True))
