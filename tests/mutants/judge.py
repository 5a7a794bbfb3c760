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

# A mutant that makes a test this many times as slow, and so many seconds, has been noticed.
SLOWER, AT_LEAST = 10, 30
# A test that takes more seconds is put off until the others have met every mutant.
QUICK = 10
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

    def mentions(self, paths):
        return any(re.search(re.escape(path) + r'(?![\w.-])', word)
                   for path in paths for word in self.command)

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


def tests(binary, pattern, outdated):
    """The tests that ctest would run, without those that set up what others require and those of
    programs that are outdated."""
    listed = subprocess.run(['ctest', '--test-dir', binary, '--show-only=json-v1'], check=True,
                            stdout=subprocess.PIPE).stdout
    can_run = [test for test in map(Test, json.loads(listed)['tests'])
               if test.can_run() and not test.mentions(outdated)]
    chosen = [test for test in can_run if not test.sets_up and re.search(pattern, test.name)]
    required = {fixture for test in chosen for fixture in test.requires}
    fixtures = set()
    for test in can_run:
        if required.intersection(test.sets_up) and test.fails() is None:
            fixtures.update(test.sets_up)
    return [test for test in chosen if fixtures.issuperset(test.requires)]


class Trial:
    """The tests meet the mutants, the quick ones first; what is found is in the record."""

    def __init__(self, all_tests, plan, record, options):
        self.tests, self.plan, self.record, self.options = all_tests, plan, record, options
        self.found, self.lock, self.begun = record.found, threading.Lock(), time.monotonic()
        self.killers = collections.Counter()  # of a test, in a source

    def run(self):
        """A test that turns out not to be quick is cut, and has its turn in the second round."""
        # A machine that is busy takes longer.
        busy = max(1, os.getloadavg()[0] / os.cpu_count())
        slow = self.cover(self.tests, QUICK * busy)
        self.try_all(False)
        if any(str(number) not in self.found['outcome'] for number in self.plan.live()):
            self.cover(slow, None)
            self.try_all(all(test.name in self.found['seconds'] for test in self.tests))

    def is_over(self):
        minutes = self.options.minutes
        return minutes is not None and time.monotonic() - self.begun > 60 * minutes

    def each(self, work, of):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(lambda one: None if self.is_over() else work(one), of))

    def cover(self, some, limit):
        """Runs each test once without a mutant: which it reaches, how long it takes. Those that
        exceed the limit."""
        exceeding = []

        def run(test):
            with tempfile.NamedTemporaryFile(dir=self.options.build) as bytes_of_mutants:
                bytes_of_mutants.write(bytes(RECORD_SIZE))
                bytes_of_mutants.flush()
                start = time.monotonic()
                failure = test.fails(record=bytes_of_mutants.name, limit=limit)
                seconds = time.monotonic() - start
                bytes_of_mutants.seek(0)
                reached = bytes_of_mutants.read()
            if limit and failure == TOO_LONG % limit:
                exceeding.append(test)
            else:
                self.covered(test, seconds, failure, reached)

        todo = [test for test in some if test.name not in self.found['seconds']]
        if todo:
            print('%d tests run once to see which mutants each reaches' % len(todo), flush=True)
        self.each(run, todo)
        return exceeding

    def covered(self, test, seconds, failure, reached):
        with self.lock:
            self.found['seconds'][test.name] = seconds
            self.found['reached'][test.name] = [n for n in self.plan.live() if reached[n]]
            if failure:
                self.found['failing'].append(test.name)
            self.record.keep()

    def try_all(self, is_last):
        """Lets each mutant meet the tests that reach it; one that survives is done in the last round."""
        def run(number):
            result = self.outcome(number)
            if result is None and is_last:
                reached = any(number in names for names in self.found['reached'].values())
                result = 'survived' if reached else 'unreached'
            if result is None:
                return
            with self.lock:
                self.found['outcome'][str(number)] = result
                self.record.keep()
            # In one piece with its end, as another thread may be saying the same of another.
            print('%d %s %s\n' % (number, self.plan.place(number), result), end='', flush=True)

        self.each(run, [n for n in self.plan.live() if str(n) not in self.found['outcome']])

    def outcome(self, number):
        """How it was killed, None where no test that it has met did so."""
        source = self.plan.mutants[number][0]
        with self.lock:
            met = self.found['met'].setdefault(str(number), [])
        reaching = [test for test in self.tests if number in self.found['reached'].get(test.name, [])
                    and test.name not in met]
        # What has killed others of this source comes early.
        reaching.sort(key=lambda test: self.found['seconds'][test.name] /
                      (1 + self.killers[test.name, source]))
        for test in reaching:
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
