#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the commands say of small runs of momentum, beside this program's own: v' = momentum v -
learning_rate g, theta' = theta + v', over fractions, and rounded operation by operation."""

import json
import math
import re
import struct
import sys
import unittest
import xml.etree.ElementTree as xml
from fractions import Fraction
from pathlib import Path

import audited
import exact
import support

RATE, MOMENTUM = Fraction(0.01), Fraction(0.9)
STEPS, COLUMNS = 25, 7
QUANTITIES = ('theta', 'v')
REPORTED = (1, 2, 5, 10, 20, 25)
PAGES = Path(__file__).resolve().parents[2] / 'bench'
FORMATS = audited.FORMATS
ALIAS = 'sgd is momentum here: gradient descent with momentum; --momentum 0 for none.'
BYTES = {'float': 8, 'double': 16, 'bfloat16': 4}


def steps(gradients, start, rounded=lambda x: x, dampened=0):
    """(theta, v) of each coordinate after each step. With dampening, v' = momentum v + share g from
    v = g on, and theta' = theta - learning_rate v'."""
    rate, momentum, result = rounded(RATE), rounded(MOMENTUM), []
    theta, v = [rounded(x) for x in start], [Fraction(0)] * len(start)
    for t, row in enumerate(gradients):
        for i, g in enumerate(map(rounded, row)):
            if dampened:
                v[i] = momentum * v[i] + (1 - dampened) * g if t else g
                theta[i] = theta[i] - rate * v[i]
            else:
                v[i] = rounded(rounded(momentum * v[i]) - rounded(rate * g))
                theta[i] = rounded(theta[i] + v[i])
        result.append({'theta': list(theta), 'v': list(v)})
    return result


def v_stays_near(form, gradients, *_):
    """As the theorem of that name in proofs/momentum.v states it, for whatever v is."""
    u, eta, largest = audited.parts(form, gradients)
    k = (1 + audited.KAPPA * u) * (1 + u) ** 2 - 1
    return (k * RATE * largest / (1 - MOMENTUM) + (3 + 2 * u) * eta) / (1 - MOMENTUM * (1 + k))


def theta_stays_near(form, gradients, _, start):
    """As momentum_run_in_ieee in proofs/momentum.v states it: a step is v, which is off by as much as
    that and at most the largest gradient's sum of them all."""
    longest = RATE * audited.parts(form, gradients)[2] / (1 - MOMENTUM)
    return audited.moved(form, len(gradients), v_stays_near(form, gradients), longest, start)


class Run(audited.Run):
    def __init__(self, bits=24, steps_taken=STEPS):
        super().__init__(steps, steps_taken, COLUMNS, bits, REPORTED,
                         proved={'v': v_stays_near, 'theta': theta_stays_near})


class Audit(audited.Audited):
    @classmethod
    def setUpClass(cls):
        cls.run_of = Run()

    def audit(self, *more, status=0):
        return self.ends_with(status, 'audit', 'momentum', *self.run_of.write(self.folder),
                              '--format', 'bfloat16', *more)

    def json(self, *more, status=0):
        return json.loads(self.audit('--json', *more, status=status).output)

    def test_json_is_as_its_page_says(self):
        text = support.run('audit', '--explain').output
        named = {name: support.Schema(re.search(name + r' is ((?:null \| )?\{[^}]*\})', text)[1]).root
                 for name in ('FIRST', 'SPREAD')}
        told = support.schema('audit', named)
        whole = self.json()
        self.assertEqual(told.faults(whole), [])
        # What lacks, what is not said and what has another type is seen.
        for change in ({'passed': 1}, {'more': 1}, {'runs': [{}]}, {'verdicts': {}}):
            self.assertNotEqual(told.faults(dict(whole, **change)), [], change)
        del whole['findings']
        self.assertEqual(told.faults(whole), ['.findings is missing'])

    def test_json_has_the_figures(self):
        whole = self.json()
        self.assertTrue(whole['passed'])
        self.assertFalse(whole['interrupted'])
        run, = whole['runs']
        self.assertEqual((run['rule'], run['convention'], run['steps'], run['parameters']),
                         ('momentum', 'lecture_note', STEPS, COLUMNS))
        self.assertEqual(run['hyperparameters'], {'learning_rate': 0.01, 'momentum': 0.9})
        self.assertEqual([reading['setup']['name'] for reading in run['readings']], list(FORMATS))
        for reading in run['readings']:
            setup = reading['setup']['name']
            self.assertEqual(reading['bytes_per_parameter'], BYTES[setup])
            self.assertEqual([each['quantity'] for each in reading['quantities']], list(QUANTITIES))
            for each in reading['quantities']:
                self.series(setup, each)

    def test_float_is_as_far_as_said_and_others_are(self):
        run, = self.json()['runs']
        self.assertTrue(exact.is_told(run['float_drift'],
                                      max(self.run_of.distances('float', 'theta', STEPS))))
        damped = steps(self.run_of.gradients, self.run_of.start, dampened=MOMENTUM)
        apart = max(abs(a - b) for a, b in zip(damped[-1]['theta'], self.run_of.true[-1]['theta']))
        told = {name: other['distance'] for other in run['other_conventions']
                for name in other['conventions']}
        self.assertTrue(exact.is_told(told['torch7'], apart))
        self.assertLess(told['pytorch'], 1e-20)

    def test_csv_has_the_figures_of_json(self):
        run, = self.json()['runs']
        rows = support.table(self.audit('--csv').output)
        self.assertEqual(len(rows), len(FORMATS) * len(QUANTITIES) * len(REPORTED))
        at = iter(rows)
        for reading in run['readings']:
            for quantity in reading['quantities']:
                for drift in quantity['drift']:
                    row = next(at)
                    self.assertEqual(
                        (row['rule'], row['workload'], row['loop'], row['setup'], row['quantity'],
                         int(row['step'])),
                        ('momentum', run['workload'], 'open', reading['setup']['name'],
                         quantity['quantity'], drift['step']))
                    self.line(row, drift)
        self.audit('--csv', self.folder / 'kept.csv')
        self.assertEqual(support.table((self.folder / 'kept.csv').read_text()), rows)

    def line(self, row, drift):
        def told(text):
            return float(text) if text else None
        for measure in ('ulp', 'relative'):
            for figure in ('largest', 'mean', 'median', 'quantile_90', 'quantile_99'):
                self.assertEqual(told(row['%s_%s' % (figure, measure)]),
                                 drift['error_' + measure][figure])
        for name in ('mean_absolute', 'rounding_ulp', 'coefficients_ulp', 'radius_ulp',
                     'error_over_radius', 'theorem_absolute', 'error_over_theorem'):
            self.assertEqual(told(row[name]), drift[name], name)

    def test_text_has_the_figures_of_json(self):
        whole = self.json()
        ended = self.audit()
        lines = ended.output.splitlines()
        verdict = next(each for each in whole['verdicts'] if each['setup'] == 'bfloat16')
        words = ' '.join(ended.output.split())
        self.assertTrue(words.startswith(verdict['sentence']), words)
        self.assertIn('After %d steps on the gradients of %s:' % (STEPS, self.folder / 'g.npy'), words)
        for reading in whole['runs'][0]['readings']:
            name, theta = reading['setup']['name'], reading['quantities'][0]
            row, = [line for line in lines if re.match(r'(momentum)? +%s  ' % name, line)]
            last, updates, drift = theta['drift'][-1], theta['updates'], theta['attribution']
            top = drift['contributions'][0]
            cells = [exact.number(last['error_ulp']['largest']),
                     exact.number(last['error_ulp']['median']),
                     exact.number(last['error_relative']['largest']),
                     exact.number(last['error_relative']['median']),
                     *exact.percent(updates['lost'], updates['exact']).split(),
                     exact.shortest(100 * top['contribution'] / drift['drift']), '%',
                     *top['source'].split()]
            self.assertEqual(row.split(name, 1)[1].split(), cells)
        self.assertEqual(lines[-2].split(), ['Rerun:', *whole['rerun'].replace(' --json', '').split()])
        checks = 2 * len(QUANTITIES) * STEPS * COLUMNS
        closest = max(each['drift'][-1]['error_over_radius'] for reading in whole['runs'][0]['readings']
                      for each in reading['quantities'] if each['checks'])
        self.assertIn('all %d errors of the kernels stayed within their rigorous radius, the closest '
                      'at %.3f of it.' % (checks, int(closest * 1000) / 1000), words)

    def details(self, reading, each):
        """The lines of a quantity in the table, and what is said of it below."""
        setup, lines = reading['setup']['name'], []
        for drift in each['drift']:
            if drift['step'] not in (1, 10, STEPS):
                continue
            first, over = drift['step'] == 1, drift['error_over_radius']
            figures = [exact.number(x) for x in (
                drift['error_ulp']['largest'], drift['error_ulp']['median'],
                drift['error_relative']['largest'], drift['error_relative']['median'],
                drift['rounding_ulp'], drift['coefficients_ulp'], drift['radius_ulp'])]
            figures.append('-' if over is None else '%.3f' % (int(over * 1000) / 1000))
            lines.append('%-9s%-7s%6s %9s%9s %9s%9s %9s%9s %9s %9s' % (
                setup if first and each['quantity'] == 'theta' else '',
                each['quantity'] if first else '', drift['step'], *figures))
        of = each['attribution']

        def share(x):
            return exact.shortest(100 * x / of['drift']) + ' %'
        parts = [share(part['contribution']) + ' ' + part['source'] for part in of['contributions']
                 if abs(part['contribution']) >= of['drift'] / 100][:5]
        return lines, 'drift: %s; residual %s' % (', '.join(parts), share(of['residual']))

    def test_details_are_a_table(self):
        run, = self.json()['runs']
        output = self.audit('--details').output
        words = ' '.join(output.split())
        lines = output.splitlines()
        at = lines.index('                 after    error,      ulp    error, relative    share,'
                         '      ulp   radius,    error,')
        self.assertEqual(lines[at + 1], '                 steps   largest   median   largest   median'
                         '  rounding   coeffs       ulp of radius')
        for reading in run['readings']:
            for each in reading['quantities']:
                rows, drift = self.details(reading, each)
                for row in rows:
                    self.assertIn(row, lines)
                self.assertIn(drift + ' ', words)

    def test_findings_are_said_in_full(self):
        whole = self.json()
        run, = whole['runs']
        kernels, setup = whole['findings']['momentum'].splitlines()
        parts = []
        for reading in run['readings'][:2]:
            last = reading['quantities'][0]['drift'][-1]
            parts.append('%s\'s theta is at most %s ulp (median %s) from exact, its coefficients alone '
                         'move it by %s' % (reading['setup']['name'], *map(exact.number, (
                             last['error_ulp']['largest'], last['error_ulp']['median'],
                             last['coefficients_ulp']))))
        self.assertTrue(kernels.startswith('momentum: after 25 steps, %s; all 700 errors stayed within '
                                           'their radius, ' % '; '.join(parts)), kernels)
        narrow = run['readings'][2]
        lost = ', '.join('%s of %s\'s' % (exact.percent(each['updates']['lost'],
                                                        each['updates']['exact']), each['quantity'])
                         for each in narrow['quantities'])
        theta = narrow['quantities'][0]
        last, drift = theta['drift'][-1]['error_relative'], theta['attribution']
        top = drift['contributions'][0]
        self.assertTrue(setup.startswith(
            'momentum in bfloat16: of the updates in 25 steps on 1 workload, %s were lost; in the end '
            'theta\'s relative error is at most %s (median %s); on %s %s %% of theta\'s drift comes from '
            '%s; %d results underflowed, %d overflowed, %d were subnormal. The first update of theta to '
            'be lost: coordinate %d at step %d, which stayed at ' % (
                lost, exact.number(last['largest']), exact.number(last['median']), run['workload'],
                exact.shortest(100 * top['contribution'] / drift['drift']), top['source'],
                narrow['underflows'], narrow['overflows'], narrow['subnormals'],
                theta['updates']['first_lost']['coordinate'], theta['updates']['first_lost']['step'])),
            setup)

    def test_details_have_the_figures_of_json(self):
        run, = self.json()['runs']
        output = self.audit('--details').output
        words = ' '.join(output.split())
        for reading in run['readings']:
            for each in reading['quantities']:
                for drift in each['drift']:
                    if drift['step'] not in (1, 10, STEPS):
                        continue
                    cells = [str(drift['step'])] + [
                        exact.number(x) for x in (
                            drift['error_ulp']['largest'], drift['error_ulp']['median'],
                            drift['error_relative']['largest'], drift['error_relative']['median'],
                            drift['rounding_ulp'], drift['coefficients_ulp'], drift['radius_ulp'])]
                    over = drift['error_over_radius']
                    cells.append('-' if over is None else '%.3f' % (int(over * 1000) / 1000))
                    self.assertIn(' '.join(cells), words)
                lost = [loss for loss in each['digits_lost'] if loss['half']][-3:]
                if lost:
                    self.assertIn('digits %s lost in half of the coordinates by step %s' % tuple(
                        ', '.join(str(loss[what]) for loss in lost) for what in ('digit', 'half')),
                        words)
                self.assertIn('mean error grows as t^(%.2f +- %.2f): %s' % (
                    each['growth']['exponent'], each['growth']['standard_error'],
                    each['growth']['kind']), words)
        self.assertIn('%d results underflowed, %d overflowed, %d were subnormal.' % tuple(
            run['readings'][-1][name] for name in ('underflows', 'overflows', 'subnormals')), words)

    def test_findings_are_those_of_the_text(self):
        findings = self.json()['findings']
        self.assertEqual(list(findings), ['momentum'])
        words = ' '.join(self.audit('--details').output.split())
        for line in findings['momentum'].splitlines():
            self.assertIn(' '.join(line.split()), words)

    def test_page_has_the_figures_of_json(self):
        whole = self.json('--html', self.folder / 'page.html')
        page = support.Page((self.folder / 'page.html').read_text())
        self.assertEqual((page.faults, page.open), ([], []))
        self.assertEqual(len(set(page.ids)), len(page.ids))
        for target in page.targets:
            self.assertTrue(target.startswith('#') and target[1:] in page.ids, target)
        self.assertEqual(page.tags.count('svg'), page.tags.count('figure'))
        self.assertGreaterEqual(page.tags.count('svg'), len(QUANTITIES) + len(FORMATS))
        verdict = next(each for each in whole['verdicts'] if each['setup'] == 'bfloat16')
        self.assertIn(verdict['sentence'], page.text)
        expected = [drift[name][figure] if figure else drift[name]
                    for reading in whole['runs'][0]['readings'] for each in reading['quantities']
                    for drift in each['drift']
                    for name, figure in (('error_ulp', 'largest'), ('error_ulp', 'median'),
                                         ('error_relative', 'largest'), ('error_relative', 'median'),
                                         ('rounding_ulp', None), ('coefficients_ulp', None),
                                         ('radius_ulp', None), ('error_over_radius', None))]
        self.assertEqual([float(x) if x else None for x in page.figures], expected)

    def test_page_has_the_findings_and_shares(self):
        whole = self.json('--html', self.folder / 'page.html')
        page = support.Page((self.folder / 'page.html').read_text())
        # A page is for others, to whom the folder says nothing.
        findings = whole['findings']['momentum'].replace(str(self.folder) + '/', '')
        for line in findings.splitlines():
            self.assertIn(' '.join(line.split()), page.text)
        for reading in whole['runs'][0]['readings']:
            of = reading['quantities'][0]['attribution']
            shown = [part for part in of['contributions']
                     if abs(part['contribution']) >= of['drift'] / 100][:8]
            for part in shown:
                self.assertIn('%s %s %%' % (part['source'], exact.shortest(
                    100 * part['contribution'] / of['drift'])), page.text)
        self.assertEqual(page.text.count('grey dots: the nearest other conventions'), 1)

    def test_pictures_are_where_the_figures_are(self):
        """Points lie as the logarithms of step and value do; coordinates are printed to a tenth."""
        whole = self.json('--html', self.folder / 'page.html')
        text = (self.folder / 'page.html').read_text()
        pictures = re.findall(r'<svg.*?</svg>', text, re.S)[-2 - len(FORMATS):]
        drawn = [(picture, re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*><title>([^:]*): (\S+) '
                                      r'after (\d+) steps', picture)) for picture in pictures]
        for picture, points in drawn:
            width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', picture).groups())
            for point in points:
                self.assertTrue(0 <= float(point[0]) <= width and 0 <= float(point[1]) <= height)
        drawn = [points for _, points in drawn if points]
        self.assertEqual(len(drawn), len(QUANTITIES))
        for quantity, points in enumerate(drawn):
            for reading in whole['runs'][0]['readings']:
                drifts = reading['quantities'][quantity]['drift']
                for what, value_of in (
                        ('largest', lambda drift: drift['error_absolute']['largest']),
                        ('median', lambda drift: drift['error_absolute']['median']),
                        ('rigorous radius', lambda drift: drift['radius_absolute'])):
                    name = '%s, %s' % (reading['setup']['name'], what)
                    mine = [point for point in points if point[2] == name]
                    told = [drift for drift in drifts if value_of(drift)]
                    self.assertEqual([(float(each[3]), int(each[4])) for each in mine],
                                     [(float(exact.number(value_of(drift))), drift['step'])
                                      for drift in told])
                    self.on_a_line([float(each[0]) for each in mine],
                                   [math.log10(drift['step']) for drift in told])
                    self.on_a_line([float(each[1]) for each in mine],
                                   [math.log10(value_of(drift)) for drift in told])

    def test_bars_are_as_long_as_their_shares(self):
        """From the line at 0, to the side of their sign, inside the picture and apart from each other."""
        run, = self.json('--html', self.folder / 'page.html')['runs']
        pictures = re.findall(r'<svg[^>]*="Shares in theta[^>]* viewBox="0 0 (\S+) (\S+)"(.*?)</svg>',
                              (self.folder / 'page.html').read_text(), re.S)
        drawn = [(float(width), float(height), text) for width, height, text in pictures]
        self.assertEqual(len(drawn), len(FORMATS))
        for reading, (width, height, text) in zip(run['readings'], drawn):
            of = reading['quantities'][0]['attribution']
            shares = [100 * part['contribution'] / of['drift'] for part in of['contributions']
                      if abs(part['contribution']) >= of['drift'] / 100][:8]
            zero = float(re.search(r'<path d="M([\d.]+) ', text)[1])
            bars = [tuple(map(float, bar)) for bar in re.findall(
                r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"', text)]
            names = [float(x) for x in re.findall(
                r'<text x="([\d.-]+)" y="[\d.-]+" text-anchor="end"', text)]
            values = [(float(x), value) for x, value in re.findall(
                r'<text x="([\d.-]+)" y="[\d.-]+">([^<]*) %</text>', text)]
            self.assertEqual([len(bars), len(names), len(values)], [len(shares)] * 3)
            self.assertEqual([value for _, value in values], ['%.3g' % share for share in shares])
            longest = max(range(len(shares)), key=lambda i: abs(shares[i]))
            scale = bars[longest][2] / abs(shares[longest])
            self.assertGreater(bars[longest][2], width / 4)
            for share, (x, y, length, thickness), name, (value, _) in zip(shares, bars, names, values):
                # Ends and lengths are printed to a tenth.
                self.assertLessEqual(abs(length - scale * abs(share)), 0.05 * (1 + abs(
                    share / shares[longest])) + 1e-9)
                self.assertLessEqual(abs((x if share > 0 else x + length) - zero), 0.1 + 1e-9)
                self.assertTrue(0 < name < min(bar[0] for bar in bars))
                self.assertTrue(x + length < value < width - 40)
                self.assertTrue(0 <= y and y + thickness < height)
            tops = [y for _, y, _, _ in bars]
            for above, below, bar in zip(tops, tops[1:], bars):
                self.assertGreater(below, above + bar[3])

    def on_a_line(self, places, values):
        """Two points, the farthest apart, say where all others lie, as far as their roundings let."""
        if len(values) < 3:
            return
        low, high = values.index(min(values)), values.index(max(values))
        for place, value in zip(places, values):
            part = (value - values[low]) / (values[high] - values[low])
            expected = places[low] + part * (places[high] - places[low])
            # Half a tenth, and as much of the ends; what is left is the rounding of these lines.
            self.assertLessEqual(abs(place - expected), 0.05 * (2 + 1e-6))
        self.assertNotEqual(places[low], places[high])

    def test_a_network_is_scored_before_and_after(self):
        line = ['audit', 'momentum', '--workload', 'softmax', '--steps', '2', '--json', '--html',
                self.folder / 'page.html']
        run, = json.loads(self.ends_with(0, *line).output)['runs']
        page = support.Page((self.folder / 'page.html').read_text())
        scores = [run['before']] + [reading['after'] for reading in run['readings']]
        self.assertLess(scores[1]['loss'], scores[0]['loss'])
        for score in scores:
            self.assertIn('loss %s, accuracy %.1f %%' % ('%.4g' % score['loss'],
                                                        100 * score['accuracy']), page.text)

    def test_help_names_the_verdicts_that_fail(self):
        words = ' '.join(support.run('audit', '--help').output.split())
        self.assertIn('judged this or worse, one of drifts, loses_updates, strays, breaks, or never; '
                      'breaks unless given', words)

    def test_help_has_numbers_then_switches_then_words(self):
        text = support.run('audit', '--help').output
        section = re.search(r'^Hyperparameters:\n(.*?)^\S', text, re.M | re.S)[1]
        kinds = [{'NUMBER': 0, 'N': 0, '': 1, 'WORD': 2}[kind] for kind in
                 re.findall(r'^  --[a-z0-9-]+(?: (NUMBER|N|WORD))?(?=\s)', section, re.M)]
        self.assertEqual(set(kinds), {0, 1, 2})
        self.assertEqual(kinds, sorted(kinds))

    def test_the_budget_that_is_explained_is_one(self):
        text = support.run('audit', '--explain').output
        example = re.search(r'^A budget .*\n((?:.+\n)+)', text, re.M)[1]
        self.assertIn('\n' + example, (PAGES / 'drift/README.md').read_text())
        budget = self.folder / 'budget'
        budget.write_text(re.sub('(?m)^[a-z]+ ', 'momentum ', example))
        # Each line but the heading is a limit: float keeps its own, and bfloat16 is over another.
        errors = self.audit('--budget', budget, status=3).errors
        self.assertEqual(re.findall(r'budget:(\d+): momentum in (\w+)', errors), [('3', 'bfloat16')])

    def test_roles_make_a_set_up_of_their_own(self):
        for options, name in ((['--parameter-format', 'bfloat16'], 'float/parameters=bfloat16'),
                              (['--kahan'], 'float/kahan'), (['--rounding', 'zero'],
                                                             'float/rounding=zero')):
            arguments = self.run_of.write(self.folder)
            whole = json.loads(self.ends_with(0, 'audit', 'momentum', *arguments, *options,
                                              '--fail-on', 'never', '--json').output)
            self.assertEqual([each['setup'] for each in whole['verdicts']],
                             ['float', 'double', name])

    def test_markdown_has_the_figures_of_json(self):
        whole = self.json()
        lines = self.audit('--markdown').output.splitlines()
        rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines
                if line.startswith('| ')][1:]
        words = {'safe': 'is safe', 'drifts': 'drifts', 'loses_updates': 'loses updates',
                 'breaks': 'breaks'}
        expected = []
        for reading in whole['runs'][0]['readings']:
            theta = reading['quantities'][0]
            last, updates = theta['drift'][-1]['error_relative'], theta['updates']
            expected.append(['momentum', whole['runs'][0]['workload'], reading['setup']['name'],
                             words[reading['verdict']], exact.number(last['median']),
                             exact.number(last['largest']),
                             exact.percent(updates['lost'], updates['exact']),
                             '%g' % reading['bytes_per_parameter']])
        self.assertEqual(rows, expected)

    def test_junit_has_a_case_for_each_kernel_and_set_up(self):
        path = self.folder / 'junit.xml'
        for fails_on, failures in (('never', 0), ('loses_updates', 1)):
            whole = self.json('--junit', path, '--fail-on', fails_on, '--criteria', 'off=0',
                              status=min(failures, 1))
            suite = xml.parse(path).getroot()
            cases = suite.findall('testcase')
            self.assertEqual((suite.tag, int(suite.get('tests')), int(suite.get('failures'))),
                             ('testsuite', 4, failures))
            self.assertEqual([case.get('classname') for case in cases], ['audit.momentum'] * 4)
            workload = whole['runs'][0]['workload']
            self.assertEqual([case.get('name') for case in cases],
                             ['%s on %s' % (name, workload) for name in ('kernels', *FORMATS)])
            failed = [case for case in cases if case.find('failure') is not None]
            self.assertEqual(len(failed), failures)
            if failed:
                sentence = whole['verdicts'][2]['sentence']
                self.assertEqual('bfloat16 ' + failed[0].find('failure').get('message'), sentence)

    def sentence(self, reading, verdict):
        """A set-up left no step out, and its counter counts."""
        theta = reading['quantities'][0]
        lost = exact.percent(theta['updates']['lost'], theta['updates']['exact'])
        off = exact.number(theta['drift'][-1]['error_relative']['median'])
        far = 'the farthest by %s of what it is or moved' % exact.number(
            reading['farthest_by_reach']['of_reach'])
        return '%s %s.' % (reading['setup']['name'], {
            'safe': 'is safe: half of theta is off by at most %s of itself, %s, %s of its updates lost' %
                    (off, far, lost),
            'drifts': 'drifts: half of theta is off by %s of itself or more, %s' % (off, far),
            'loses_updates': 'loses updates: %s of theta\'s did not move it, and half of it is off by '
                             '%s of itself or more, %s' % (lost, off, far)}[verdict])

    def test_the_farthest_is_judged_by_its_reach(self):
        """By the largest of where it began, where it is and all that it moved, exactly."""
        of = self.run_of
        for reading in self.json()['runs'][0]['readings']:
            distances = of.distances(reading['setup']['name'], 'theta', STEPS)
            shares = []
            for i, (distance, start) in enumerate(zip(distances, of.start)):
                path = [start] + [true['theta'][i] for true in of.true]
                moved = sum(abs(b - a) for a, b in zip(path, path[1:]))
                shares.append(distance / max(abs(start), abs(path[-1]), moved) if distance else 0)
            told = reading['farthest_by_reach']
            self.assertTrue(exact.is_told(told['of_reach'], max(shares)), told)
            self.assertEqual(told['coordinate'], shares.index(max(shares)))
            self.assertTrue(exact.is_told(told['distance'], distances[told['coordinate']]), told)

    def test_nothing_is_noted_where_nothing_is_to_be(self):
        whole = self.json()
        self.assertNotIn('note', whole)
        self.assertEqual(whole['runs'][0]['notes'], [])
        self.assertEqual(whole['recommendation'], '')
        for each, reading, verdict in zip(whole['verdicts'], whole['runs'][0]['readings'],
                                          ('safe', 'safe', 'loses_updates')):
            self.assertEqual(each, {'setup': reading['setup']['name'], 'verdict': verdict,
                                    'sentence': self.sentence(reading, verdict)})

    def test_an_alias_and_fewer_steps_are_noted(self):
        arguments = [*self.run_of.write(self.folder), '--steps', '20']
        noted = [ALIAS, 'Of 25 recorded rows of %s the first 20 are used.' %
                 (self.folder / 'g.npy')]
        whole = json.loads(self.ends_with(0, 'audit', 'sgd', *arguments, '--json').output)
        self.assertEqual((whole['note'], whole['runs'][0]['notes']), (noted[0], noted[1:]))
        words = ' '.join(self.ends_with(0, 'audit', 'sgd', *arguments).output.split())
        self.assertIn(' '.join(noted) + ' After 20 steps', words)
        lines = self.ends_with(0, 'audit', 'sgd', *arguments, '--markdown').output.splitlines()
        self.assertEqual([line for line in lines if line.startswith('- ')][-2:],
                         ['- ' + note for note in noted])

    def test_what_breaks_is_told_from_its_cause_on(self):
        of = self.run_of = Run()
        of.gradients[2][4] = Fraction(10) ** 6
        ended = self.ends_with(1, 'audit', 'momentum', *of.write(self.folder), '--format', 'fp16',
                               '--json')
        whole = json.loads(ended.output)
        reading = whole['runs'][0]['readings'][2]
        values = STEPS * COLUMNS
        for each in reading['quantities']:
            self.assertEqual(each['updates']['not_finite'], STEPS - 2)
        first = reading['first_not_finite']
        self.assertEqual((first['step'], first['coordinate'], first['gradient']), (3, 4, 1e6))
        sentence = whole['verdicts'][2]['sentence']
        self.assertTrue(sentence.startswith(
            'fp16 breaks: %s of theta\'s values are infinite or NaN. The first is %s of coordinate 4 at '
            'step 3, where the gradient is 1e+06: ' % (exact.percent(STEPS - 2, values),
                                                       first['quantity'])), sentence)
        self.assertIn(first['why'], sentence)
        self.assertEqual(reading['verdict'], 'breaks')

    def test_the_cheapest_that_is_safe_is_recommended(self):
        more = ['--format', 'fp16', '--format', 'tf32']
        safe = '--criteria', 'lost=1,off=1,drift='
        whole = self.json(*more, safe[0], safe[1] + '1')
        readings = {reading['setup']['name']: reading for reading in whole['runs'][0]['readings'][2:]}
        off = {name: reading['quantities'][0]['drift'][-1]['error_relative']['median']
               for name, reading in readings.items()}
        cost = {name: reading['bytes_per_parameter'] for name, reading in readings.items()}
        self.assertEqual(list(readings), ['bfloat16', 'fp16', 'tf32'])
        best, *others = sorted(readings, key=lambda name: (cost[name], off[name]))
        self.assertEqual(best, 'fp16')
        expected = 'Recommended: %s, safe in the fewest bytes of these, %d a parameter without ' \
            'gradients, half of theta off by at most %s of itself;' % (
                best, cost[best], exact.number(off[best]))
        expected += ','.join(' %s is safe (%s, %d bytes)' % (name, exact.number(off[name]), cost[name])
                             for name in others) + '.'
        self.assertEqual(whole['recommendation'], expected)
        self.assertIn(expected, ' '.join(self.audit(*more, safe[0], safe[1] + '1').output.split()))
        # What is not safe comes last, however cheap; and where nothing is, float is named.
        between = (off['fp16'] + off['bfloat16']) / 2
        whole = self.json(*more, safe[0], safe[1] + '%.17g' % between)
        self.assertIn(' bfloat16 drifts (%s, 4 bytes).' % exact.number(off['bfloat16']),
                      whole['recommendation'])
        whole = self.json(*more, safe[0], safe[1] + '%.17g' % (min(off.values()) / 2))
        self.assertEqual(whole['recommendation'],
                         'None of these is safe. float is safe and takes 8 bytes a parameter.')

    def test_one_update_that_is_lost_is_all(self):
        support.npy(self.folder / 'g.npy', [[Fraction(1, 1024)]])
        support.npy(self.folder / 'p.npy', [[Fraction(1)]])
        line = ['audit', 'momentum', '--grads', self.folder / 'g.npy', '--params',
                self.folder / 'p.npy', '--format', 'bfloat16', '--criteria', 'lost=1,off=0', '--json']
        whole = json.loads(self.ends_with(0, *line).output)
        self.assertEqual(whole['verdicts'][2]['verdict'], 'loses_updates')
        first = whole['runs'][0]['readings'][2]['quantities'][0]['updates']['first_lost']
        self.assertEqual((first['step'], first['coordinate'], first['stored']), (1, 0, 1))
        self.assertTrue(exact.is_told(first['exact'], 1 - RATE / 1024))

    def test_verdicts_follow_from_the_figures(self):
        reading = self.json()['runs'][0]['readings'][2]
        theta = reading['quantities'][0]
        lost = Fraction(theta['updates']['lost'], theta['updates']['exact'])
        off = theta['drift'][-1]['error_relative']['median']
        for criteria, verdict in (
                ('lost=%.17g,off=%.17g' % (lost, off * 0.999), 'loses_updates'),
                ('lost=%.17g,off=%.17g,drift=%.17g' % (lost, off, off), 'safe'),
                ('lost=1,drift=%.17g' % (off * 0.999), 'drifts')):
            with self.subTest(criteria):
                whole = self.json('--criteria', criteria)
                self.assertEqual(whole['verdicts'][2]['verdict'], verdict)
                self.assertEqual(whole['runs'][0]['readings'][2]['verdict'], verdict)
                self.assertEqual(whole['verdicts'][2]['sentence'], self.sentence(reading, verdict))
                self.json('--criteria', criteria, '--fail-on', 'drifts',
                          status=0 if verdict == 'safe' else 1)

    def test_budgets_fail_by_the_worst_step(self):
        figures = [drift['error_ulp']['largest'] for drift in
                   self.json()['runs'][0]['readings'][0]['quantities'][0]['drift']]
        worst = max(figures)
        # A budget that looked at another step than the worst would pass between these.
        self.assertLess(sorted(figures)[-2], worst)
        budget = self.folder / 'budget'
        for limit, status in ((worst, 0), (max(x for x in figures if x < worst), 3)):
            budget.write_text('momentum float theta largest_ulp %.17g\n' % limit)
            ended = self.audit('--budget', budget, status=status)
            said = 'audit: %s:1: momentum in float on the gradients of %s: largest_ulp of theta is ' \
                '%.4g after %d steps, more than %s\n' % (
                    budget, self.folder / 'g.npy', worst, REPORTED[figures.index(worst)],
                    repr(limit))
            self.assertEqual(ended.errors, said if status else '')
            self.assertEqual('Over budget: 1 of the figures.' in ended.output, bool(status))

    def test_every_layout_is_the_same_run(self):
        of = self.run_of = Run(bits=11)
        whole = self.json()
        self.assertEqual(Run(bits=11).start, of.start)
        for dtype in ('<f2', '>f2', '<f4', '>f4', '>f8'):
            for by_column in (False, True):
                with self.subTest(dtype, by_column=by_column):
                    arguments = of.write(self.folder, dtype, by_column)
                    again = json.loads(self.ends_with(
                        0, 'audit', 'momentum', *arguments, '--format', 'bfloat16', '--json').output)
                    self.assertEqual(again['runs'], whole['runs'])


class Compare(support.InAFolder):
    @classmethod
    def setUpClass(cls):
        cls.of = Run()
        cls.second = steps(cls.of.gradients, cls.of.start, dampened=MOMENTUM)

    def compare(self, *more):
        return self.ends_with(0, 'compare', 'momentum', 'lecture_note', 'torch7',
                              '--learning-rate', '0.01', *self.of.write(self.folder), *more).output

    def distances(self, step):
        true = self.of.true[step - 1]['theta']
        of = {'apart': [abs(a - b) for a, b in zip(self.second[step - 1]['theta'], true)],
              'rounding': self.of.distances('float', 'theta', step)}
        return {what: {'absolute': exact.Spread(each),
                       'relative': exact.Spread([d / abs(x) for d, x in zip(each, true)]),
                       'ulp': exact.Spread([d / exact.FLOAT.spacing(x)
                                            for d, x in zip(each, true)])}
                for what, each in of.items()}

    def test_json_is_as_its_page_says(self):
        text = support.run('compare', '--explain').output
        spread = support.Schema(re.search(r'SPREAD (\{"l[^}]*\})', text)[1]).root
        distance = support.Schema(re.search(r'DISTANCE is (\{[^}]*\})', text)[1]).root
        told = support.schema('compare', {'SPREAD': spread, 'DISTANCE': distance})
        whole = json.loads(self.compare('--json'))
        self.assertEqual(told.faults(whole), [])
        whole['quantities'][0]['distances'][0]['apart']['ulp'] = 1
        self.assertNotEqual(told.faults(whole), [])

    def test_json_has_the_figures(self):
        whole = json.loads(self.compare('--json'))
        self.assertEqual((whole['rule'], whole['first'], whole['second'], whole['parameters']),
                         ('momentum', 'lecture_note', 'torch7', COLUMNS))
        self.assertEqual(whole['differences'],
                         ['dampening = 0 or 0.9', 'learning_rate_site = buffer or step',
                          'first_buffer = recurrence or gradient'])
        self.assertEqual(whole['not_comparable'], ['v'])
        theta, = whole['quantities']
        self.assertEqual(theta['quantity'], 'theta')
        self.assertEqual([row['step'] for row in theta['distances']], list(REPORTED))
        for row in theta['distances']:
            for what, measures in self.distances(row['step']).items():
                for measure, spread in measures.items():
                    for figure in ('largest', 'median'):
                        self.assertTrue(exact.is_told(row[what][measure][figure],
                                                      spread.figures[figure]),
                                        (row['step'], what, measure, figure))
        beyond = [t for t in range(1, STEPS + 1)
                  if self.distances(t)['apart']['absolute'].figures['largest'] >
                  self.distances(t)['rounding']['absolute'].figures['largest']]
        self.assertEqual(theta['first_beyond_rounding'], beyond[0])

    def test_csv_has_the_figures_of_json(self):
        theta, = json.loads(self.compare('--json'))['quantities']
        rows = support.table(self.compare('--csv'))
        self.assertEqual(len(rows), len(REPORTED))
        self.assertEqual(list(rows[0]), ['quantity', 'step'] + [
            '_'.join((what, measure, figure)) for what in ('apart', 'rounding')
            for measure in ('absolute', 'relative', 'ulp') for figure in ('largest', 'median')])
        for row, told in zip(rows, theta['distances']):
            self.assertEqual((row['quantity'], int(row['step'])), ('theta', told['step']))
            for what in ('apart', 'rounding'):
                for measure in ('absolute', 'relative', 'ulp'):
                    for figure in ('largest', 'median'):
                        self.assertEqual(float(row['_'.join((what, measure, figure))]),
                                         told[what][measure][figure])

    def test_text_has_the_figures_of_json(self):
        whole = json.loads(self.compare('--json'))
        output = self.compare()
        words = ' '.join(output.split())
        self.assertTrue(words.startswith('%s momentum on %s, 7 parameters: lecture_note and torch7, both '
                                         'with learning_rate=0.01 after' % (
                                             whole['finding'], whole['workload'])), words)
        last = whole['quantities'][0]['distances'][-1]
        apart, rounding = last['apart']['absolute'], last['rounding']['absolute']
        self.assertTrue(whole['finding'].startswith(
            'momentum: dampening = 0 or 0.9, learning_rate_site = buffer or step, first_buffer = '
            'recurrence or gradient moves theta by up to %s (median %s) in %d steps, %s times float\'s '
            'rounding (median %s times). First further apart than float from exact: theta after step '
            '%d. Not compared, the learning rate being in only one of them: v.' % (
                exact.number(apart['largest']), exact.number(apart['median']), STEPS,
                exact.number(apart['largest'] / rounding['largest']),
                exact.number(apart['median'] / rounding['median']),
                whole['quantities'][0]['first_beyond_rounding'])), whole['finding'])
        self.assertTrue(output.endswith('\n\nRerun: %s\n--explain says what the columns mean.\n' %
                                        whole['rerun'].replace(' --json', '')))
        table = output[output.index('          after'):output.index('\n\nRerun')].splitlines()
        self.assertEqual(table, self.table(whole['quantities'][0]))
        for row in whole['quantities'][0]['distances']:
            lines = [' '.join([what] + [exact.number(row[what][measure][figure])
                                        for measure in ('absolute', 'relative', 'ulp')
                                        for figure in ('largest', 'median')])
                     for what in ('apart', 'rounding')]
            shown = '%s %s %s times %s %s ' % (
                row['step'], *lines,
                exact.number(row['apart']['absolute']['largest'] /
                             row['rounding']['absolute']['largest']),
                exact.number(row['apart']['absolute']['median'] /
                             row['rounding']['absolute']['median']))
            self.assertEqual(shown in words, row['step'] in (1, 10, STEPS), shown)

    def table(self, quantity):
        lines = ['%15s %9s %20s %20s %20s' % ('after', '', 'absolute', 'relative', 'ulp'),
                 '%15s %9s' % ('steps', '') + ' %10s%10s' % ('largest', 'median') * 3]
        for row in quantity['distances']:
            if row['step'] not in (1, 10, STEPS):
                continue
            head = '%-7s%8d' % (quantity['quantity'] if row['step'] == 1 else '', row['step'])
            for what, begin in (('apart', head), ('rounding', '')):
                lines.append('%-15s %-9s' % (begin, what) + ''.join(
                    ' %10s%10s' % (exact.number(row[what][measure]['largest']),
                                   exact.number(row[what][measure]['median']))
                    for measure in ('absolute', 'relative', 'ulp')))
            apart, rounding = row['apart']['absolute'], row['rounding']['absolute']
            lines.append('%-15s %-9s %10s%10s' % ('', 'times', *(
                exact.number(apart[figure] / rounding[figure]) for figure in ('largest', 'median'))))
        return lines

    def test_an_alias_is_noted_and_nothing_else(self):
        line = ['torch7', '--learning-rate', '0.01', *self.of.write(self.folder)]
        for name in ('sgd', 'momentum'):
            begin = ['compare', name, 'lecture_note', *line]
            whole = json.loads(self.ends_with(0, *begin, '--json').output)
            self.assertEqual(whole.get('note'), ALIAS if name == 'sgd' else None)
            words = ' '.join(self.ends_with(0, *begin).output.split())
            self.assertTrue(words.startswith('%s %smomentum on the gradients of' % (
                whole['finding'], ALIAS + ' ' if name == 'sgd' else '')), words)

    def test_what_float_does_not_round_is_infinitely_many_times_as_far(self):
        of = Run(bits=4, steps_taken=2)
        line = ['compare', 'momentum', 'lecture_note', 'torch7', *of.write(self.folder),
                '--learning-rate', '0.25', '--momentum', '0.5']
        # The first step of both is the same.
        for steps_taken, words in ((1, '1 step, 0'), (2, '2 steps, inf')):
            output = self.ends_with(0, *line, '--steps', steps_taken).output
            self.assertIn('in %s times float\'s rounding' % words, ' '.join(output.split()))
        times = [line for line in output.splitlines() if line.split()[:1] == ['times']]
        self.assertEqual([line.split()[1] for line in times], ['0', 'inf'])

    def test_more_than_two_are_compared_with_the_first(self):
        more = ['--learning-rate', '0.01', *self.of.write(self.folder)]
        pair = json.loads(self.ends_with(0, 'compare', 'momentum', 'lecture_note', 'torch7', *more,
                                         '--json').output)
        line = ['compare', 'momentum', 'lecture_note', 'paper', 'torch7', *more]
        whole = json.loads(self.ends_with(0, *line, '--json').output)
        same, other = whole['comparisons']
        self.assertEqual(same['finding'], 'momentum: lecture_note and paper are one map.')
        self.assertEqual(same['differences'], [])
        self.assertIsNone(same['quantities'][0]['first_beyond_rounding'])
        self.assertEqual([other[name] for name in ('finding', 'quantities')],
                         [pair[name] for name in ('finding', 'quantities')])
        rows = support.table(self.ends_with(0, *line, '--csv').output)
        self.assertEqual([row['second'] for row in rows],
                         ['paper'] * 2 * len(REPORTED) + ['torch7'] * len(REPORTED))
        text = ' '.join(self.ends_with(0, *line).output.split())
        self.assertTrue(text.startswith('lecture_note and paper: ' + same['finding']), text)
        self.assertIn('lecture_note and torch7: ' + other['finding'], text)

    def test_what_excludes_another_is_refused(self):
        self.of.write(self.folder)
        begin = ['compare', 'momentum', 'lecture_note', 'torch7']
        for more, said in (
                (['--json', '--csv'], '--json excludes --csv'),
                (['--grads', self.folder / 'g.npy', '--workload', 'constant'],
                 '--workload excludes --grads'),
                (['--params', self.folder / 'p.npy'], '--params requires --grads')):
            with self.subTest(said):
                ended = self.ends_with(2, *begin, *more)
                self.assertEqual(ended.errors, 'compare: %s\n' % said)
                self.assertEqual(ended.output, '')


class Rules(support.InAFolder):
    def test_the_equations_are_the_rule(self):
        of = Run(bits=11, steps_taken=5)
        told = json.loads(self.ends_with(0, 'rules', 'momentum', 'lecture_note', '--json').output)
        self.assertEqual((told['hyperparameters']['learning_rate'],
                          told['hyperparameters']['momentum']), (0.01, 0.9))
        for i in range(COLUMNS):
            now = {'v': Fraction(0), 'theta': of.start[i]}
            for t, row in enumerate(of.gradients):
                before = {name + '_before': value for name, value in now.items()}
                for equation in told['equations']:
                    name = equation['quantity'][:-2]
                    right = equation.get('at_first_step', equation['right']) if t == 0 else \
                        equation['right']
                    right = right.replace('_(t-1)', '_before').replace('_t', '')
                    right = re.sub(r'\b\d[\d.e-]*', r'Fraction(\g<0>)', right)
                    now[name] = eval(right, {'Fraction': Fraction, 'g': row[i], **before, **now})
                self.assertEqual(now, {name: of.true[t][name][i] for name in QUANTITIES})

    def test_every_form_has_the_same_conventions(self):
        text = ' '.join(self.ends_with(0, 'rules', 'momentum').output.split())
        whole = json.loads(self.ends_with(0, 'rules', 'momentum', '--json').output)
        rows = support.table(self.ends_with(0, 'rules', 'momentum', '--csv').output)
        markdown = self.ends_with(0, 'rules', 'momentum', '--markdown').output
        entry, = whole['rules']
        names = [each['convention'] for each in entry['conventions']]
        self.assertIn('momentum under %d conventions' % len(names), text)
        self.assertEqual(list(dict.fromkeys(row['convention'] for row in rows)), names)
        for each in entry['conventions']:
            in_csv = {row['hyperparameter']: row['value'] for row in rows
                      if row['convention'] == each['convention']}
            self.assertEqual(set(in_csv), set(each['hyperparameters']))
            for name, value in each['hyperparameters'].items():
                if isinstance(value, bool):
                    value = str(value).lower()
                self.assertEqual(in_csv[name] if isinstance(value, str) else float(in_csv[name]),
                                 value, (each['convention'], name))
            self.assertIn(' %s ' % each['convention'], text)
            self.assertIn('\n| %s |' % each['convention'], markdown)


class Identify(support.InAFolder):
    """The records are of runs that this program makes, in float."""

    def setUp(self):
        super().setUp()
        of = Run()
        start = [exact.FLOAT.round(x) for x in of.start]
        support.npy(self.folder / 'g.npy', of.gradients, '<f4')
        self.rows = [start] + [step['theta'] for step in of.of['float']]
        support.npy(self.folder / 'p.npy', self.rows, '<f4')

    def identify(self, status, *more):
        return self.ends_with(status, 'identify', 'momentum', '--params', self.folder / 'p.npy',
                              '--grads', self.folder / 'g.npy', *more)

    def test_what_made_it_fits_in_every_form(self):
        given = ['--learning-rate', '0.01', '--momentum', '0.9']
        whole = json.loads(self.identify(0, *given, '--json').output)
        self.assertEqual((whole['verdict'], whole['steps'], whole['coordinates']),
                         ('fits', STEPS, COLUMNS))
        self.assertIn('lecture_note', whole['consistent'])
        self.assertNotIn('torch7', whole['consistent'])
        self.assertEqual(support.schema('identify').faults(whole), [])
        rows = support.table(self.identify(0, *given, '--csv').output)
        names = [row['convention'] for row in rows]
        self.assertEqual(len(set(names)), len(names))
        text = ' '.join(self.identify(0, *given).output.split())
        self.assertTrue(text.startswith(whole['sentence']), text)

    def test_what_is_one_map_is_told_without_a_doubt(self):
        given = ['lecture_note', 'paper', '--learning-rate', '0.01', '--momentum', '0.9']
        whole = json.loads(self.identify(0, *given, '--json').output)
        self.assertEqual(whole['sentence'], 'momentum as in lecture_note, paper')
        rows = support.table(self.identify(0, *given, '--csv').output)
        self.assertEqual([(row['convention'], row['status']) for row in rows],
                         [('lecture_note', 'consistent'), ('paper', 'consistent')])
        # A step has teeth where it moves at all: the least move here is many times its bound.
        moves = sum(now[i] != before[i] for before, now in zip(self.rows, self.rows[1:])
                    for i in range(COLUMNS))
        for row in rows:
            self.assertEqual(int(row['teeth']), moves)
            self.assertLess(float(row['excess']), 1)
        text = self.identify(0, *given).output
        self.assertNotIn('cannot tell', text)
        for row in rows:
            line, = [line.split() for line in text.splitlines()
                     if line.startswith(row['convention'] + ' ')]
            self.assertEqual(line, [row['convention'], 'consistent', '%.3g' % float(row['excess']),
                                    row['step'], row['coordinate'], '%.3g' % float(row['bound']),
                                    '%.4g' % float(row['roundings']),
                                    '%.3g' % (1 / float(row['excess'])), row['teeth']])

    def test_another_is_excluded_where_it_leaves_the_run(self):
        numbers = ['--learning-rate', '0.01', '--momentum', '0.9', '--dampening', '0.9']
        whole = json.loads(self.identify(3, 'torch7', *numbers, '--json').output)
        excluded, = whole['excluded']
        # Its first step is the same: the buffer is then the gradient itself, which is not dampened.
        self.assertEqual((excluded['convention'], excluded['step']), ('torch7', 2))
        self.assertGreater(excluded['excess'], 1)
        # Torch7 without dampening is the lecture note's map.
        found, = whole['findings']
        self.assertEqual(found['kind'], 'told_otherwise')
        self.assertIn('dampening = 0, not the 0.9 told', found['detail'])

    def test_a_bit_that_is_wrong_is_located(self):
        value = struct.unpack('<I', struct.pack('<f', float(self.rows[12][4])))[0] + 64
        self.rows[12][4] = Fraction(struct.unpack('<f', struct.pack('<I', value))[0])
        support.npy(self.folder / 'p.npy', self.rows, '<f4')
        whole = json.loads(self.identify(
            1, 'lecture_note', '--learning-rate', '0.01', '--momentum', '0.9', '--json').output)
        self.assertEqual([(each['convention'], each['step'], each['coordinate'])
                          for each in whole['excluded']], [('lecture_note', 12, 4)])


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
