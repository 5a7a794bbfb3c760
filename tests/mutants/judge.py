# SPDX-License-Identifier: Apache-2.0
"""Runs tests, with a mutant or without."""

import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

# A mutant that makes a test this many times as slow, and so many seconds, has been noticed.
SLOWER, AT_LEAST = 10, 10
# Tests that take no more seconds than this meet every mutant first, then those of the next.
QUICK = 1, 10
TOO_LONG = 'it takes more than %.0f s'
RECORD_SIZE = 65536  # as in mutant.hpp


class Test:
    """A test as ctest has it."""

    def __init__(self, described):
        properties = {each['name']: each['value'] for each in described.get('properties', [])}
        self.name = described['name']
        self.command = described.get('command')
        self.folder = properties.get('WORKING_DIRECTORY')
        self.environment = dict(each.split('=', 1) for each in properties.get('ENVIRONMENT', []))
        self.will_fail = bool(properties.get('WILL_FAIL', False))
        self.passes = [each for each in properties.get('PASS_REGULAR_EXPRESSION', [])]
        self.skips = properties.get('SKIP_RETURN_CODE')
        self.sets_up = properties.get('FIXTURES_SETUP', [])
        self.requires = properties.get('FIXTURES_REQUIRED', [])
        self.disabled = properties.get('DISABLED', False)
        # Two runs of it at once would share its files.
        self.alone = threading.Lock()

    def mentioned(self, pattern):
        return frozenset(path for word in self.command for path in pattern.findall(word))

    def can_run(self):
        return self.command and not self.disabled and not self.name.endswith('_NOT_BUILT') and \
            os.access(self.command[0], os.X_OK)

    def fails(self, mutant=0, record='', limit=None):
        """Why it fails, None where it passes."""
        with self.alone:
            return self.failure(mutant, record, limit)

    def failure(self, mutant, record, limit):
        environment = dict(os.environ, **self.environment, TRUESTEP_MUTANT=str(mutant))
        environment.pop('TRUESTEP_MUTANTS_REACHED', None)
        if record:
            environment['TRUESTEP_MUTANTS_REACHED'] = record
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(self.command, cwd=self.folder, env=environment, stdout=output,
                                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return TOO_LONG % limit
            output.seek(0)
            return self.judged(status, output.read().decode(errors='replace'))

    def judged(self, status, output):
        if self.skips is not None and status == self.skips:
            return None
        if self.passes:
            passed = any(re.search(each, output) for each in self.passes)
        else:
            passed = status == 0
        return None if passed != self.will_fail else 'exit status %d' % status


def tests(binary, regex, programs):
    """The tests that ctest would run, without those that set up what others require; and what these
    others run beforehand. Each knows which of the programs it mentions."""
    listed = subprocess.run(['ctest', '--test-dir', binary, '--show-only=json-v1'], check=True,
                            stdout=subprocess.PIPE).stdout
    can_run = [test for test in map(Test, json.loads(listed)['tests']) if test.can_run()]
    # The longest first, as one may begin with another.
    paths = '|'.join(map(re.escape, sorted(programs, key=len, reverse=True)))
    mentions = re.compile(r'(?:%s)(?![\w.-])' % paths if paths else r'(?!)')
    for test in can_run:
        test.programs = test.mentioned(mentions)
    return [test for test in can_run if not test.sets_up and re.search(regex, test.name)], \
        [test for test in can_run if test.sets_up]


def seconds_before(binary):
    """What ctest knows of the time that tests take."""
    known = Path(binary, 'Testing/Temporary/CTestCostData.txt')
    text = known.read_text().split('\n---')[0] if known.exists() else ''
    return {name: float(seconds) for name, _, seconds in
            (line.rsplit(' ', 2) for line in text.splitlines() if line.count(' ') > 1)}


class Trial:
    """Tests meet the mutants, the quick ones first; what is found is in the record."""

    def __init__(self, plan, record, options, clock, seconds):
        self.plan, self.record, self.options, self.clock = plan, record, options, clock
        self.found, self.lock = record.found, threading.Lock()
        self.tests, self.sets_up, self.fixtures = {}, [], {}
        self.expected = seconds  # of a test, at least
        self.killers = collections.Counter()  # of a test, in a source

    def left(self):
        return [number for number in self.plan.live() if str(number) not in self.found['outcome']]

    def is_done(self):
        return not self.left()

    def is_known(self, test):
        """Whether it has met the mutants, or takes so long that it has its turn later."""
        return test.name in self.found['seconds'] or self.expected.get(test.name, 0) > QUICK[-1]

    def meet_quick(self, some):
        """A test that turns out not to be quick is cut, and has its turn later."""
        # A machine that is busy takes longer.
        busy = max(1, os.getloadavg()[0] / os.cpu_count())
        for limit in QUICK:
            self.cover([test for test in some if self.expected.get(test.name, 0) <= limit],
                       limit, busy)
            self.try_all()

    def meet_all(self, some):
        """These too, whatever they take; what survives is known then."""
        self.cover(sorted(some, key=lambda test: self.expected.get(test.name, 0)), None, 1)
        self.try_all(all(test.name in self.found['seconds'] for test in some
                         if self.is_set_up(test)))

    def is_over(self):
        return self.options.ends is not None and time.monotonic() > self.options.ends

    def each(self, work, of):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(lambda one: None if self.is_over() else work(one), of))

    def cover(self, some, limit, busy):
        """Runs each test once without a mutant: which it reaches, how long it takes."""
        def run(test):
            with tempfile.NamedTemporaryFile(dir=self.options.build) as bytes_of_mutants:
                bytes_of_mutants.write(bytes(RECORD_SIZE))
                bytes_of_mutants.flush()
                start = time.monotonic()
                failure = test.fails(record=bytes_of_mutants.name, limit=limit and limit * busy)
                seconds = time.monotonic() - start
                bytes_of_mutants.seek(0)
                reached = bytes_of_mutants.read()
            if limit and failure == TOO_LONG % (limit * busy):
                self.expected[test.name] = 2 * limit
            else:
                self.covered(test, seconds, failure, reached)

        todo = [] if self.is_done() else [test for test in some if test.name not in
                                          self.found['seconds'] and self.is_set_up(test)]
        self.tests.update({test.name: test for test in some})
        if todo:
            print('%d tests run once to see which mutants each reaches' % len(todo), flush=True)
        with self.clock.of('seen what is reached'):
            self.each(run, todo)

    def is_set_up(self, test):
        """Whether what it requires has been set up, which is done where it first is."""
        for fixture in test.requires:
            if fixture not in self.fixtures:
                self.fixtures[fixture] = any(
                    fixture in each.sets_up and each.fails() is None for each in self.sets_up)
        return all(self.fixtures[fixture] for fixture in test.requires)

    def covered(self, test, seconds, failure, reached):
        with self.lock:
            self.found['seconds'][test.name] = seconds
            self.found['reached'][test.name] = [n for n in self.plan.live() if reached[n]]
            if failure:
                self.found['failing'].append(test.name)
            self.record.keep()

    def try_all(self, is_last=False):
        """Lets each mutant meet the tests that reach it; one that survives is done in the last round."""
        def run(number):
            result = self.outcome(number)
            if result is None and is_last and not self.is_over():
                reached = any(number in names for names in self.found['reached'].values())
                result = 'survived' if reached else 'unreached'
            if result is None:
                return
            with self.lock:
                self.found['outcome'][str(number)] = result
                self.record.keep()
            # In one piece with its end, as another thread may be saying the same of another.
            print('%d %s %s\n' % (number, self.plan.place(number), result), end='', flush=True)

        with self.clock.of('tried'):
            self.each(run, self.left())

    def outcome(self, number):
        """How it was killed, None where no test that it has met did so."""
        source = self.plan.mutants[number][0]
        with self.lock:
            met = self.found['met'].setdefault(str(number), [])
        reaching = [test for name, test in self.tests.items() if
                    number in self.found['reached'].get(name, []) and name not in met]
        # What has killed others of this source comes early.
        reaching.sort(key=lambda test: self.found['seconds'][test.name] /
                      (1 + self.killers[test.name, source]))
        for test in reaching:
            if self.is_over():
                break
            if test.name in self.found['failing']:
                continue
            failure = self.killed(test, number)
            if failure:
                self.killers[test.name, source] += 1
                return 'killed by %s: %s' % (test.name, failure)
            met.append(test.name)
        return None

    def killed(self, test, number):
        """Why the test fails, if without the mutant it does not fail just afterwards."""
        limit = AT_LEAST + SLOWER * self.found['seconds'][test.name]
        failure = test.fails(number, limit=limit)
        if failure and test.fails(limit=limit):
            with self.lock:
                self.found['failing'].append(test.name)
            return None
        return failure
