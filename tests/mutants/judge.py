# SPDX-License-Identifier: Apache-2.0
"""Runs tests, with a mutant or without."""

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
RECORD_SIZE = 4096


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
        self.needs_another = 'FIXTURES_REQUIRED' in properties or 'FIXTURES_SETUP' in properties

    def can_run(self):
        return self.command and not self.needs_another and not self.name.endswith('_NOT_BUILT') and \
            os.access(self.command[0], os.X_OK)

    def fails(self, mutant=0, record='', limit=None):
        """Why it fails, None where it passes."""
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
                return 'it takes more than %.0f s' % limit
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


def tests(binary, pattern):
    """The tests that ctest would run and that stand alone."""
    listed = subprocess.run(['ctest', '--test-dir', binary, '--show-only=json-v1'], check=True,
                            stdout=subprocess.PIPE).stdout
    all_tests = [Test(each) for each in json.loads(listed)['tests']]
    return [test for test in all_tests if test.can_run() and re.search(pattern, test.name)]


def cover(all_tests, mutants, record, options):
    """Runs each test once without a mutant: which it reaches, how long it takes."""
    found, lock = record.found, threading.Lock()

    def run(test):
        with tempfile.NamedTemporaryFile(dir=options.build) as bytes_of_mutants:
            bytes_of_mutants.write(bytes(RECORD_SIZE))
            bytes_of_mutants.flush()
            start = time.monotonic()
            failure = test.fails(record=bytes_of_mutants.name)
            seconds = time.monotonic() - start
            bytes_of_mutants.seek(0)
            reached = bytes_of_mutants.read()
        with lock:
            found['seconds'][test.name] = seconds
            found['reached'][test.name] = [number for number in mutants if reached[number]]
            if failure:
                found['failing'].append(test.name)
            record.keep()

    todo = [test for test in all_tests if test.name not in found['seconds']]
    if todo:
        print('%d tests run once to see which mutants each reaches' % len(todo), flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(run, todo))


def try_all(all_tests, plan, record, options):
    """Lets each mutant meet the tests that reach it."""
    found, lock, begun = record.found, threading.Lock(), time.monotonic()

    def outcome(number):
        reaching = [test for test in all_tests if test.name not in found['failing'] and
                    number in found['reached'].get(test.name, [])]
        reaching.sort(key=lambda test: found['seconds'][test.name])
        for test in reaching:
            limit = AT_LEAST + SLOWER * found['seconds'][test.name]
            failure = test.fails(number, limit=limit)
            if failure:
                return 'killed by %s: %s' % (test.name, failure)
        return 'survived' if reaching else 'unreached'

    def run(number):
        if options.minutes is not None and time.monotonic() - begun > 60 * options.minutes:
            return
        result = outcome(number)
        with lock:
            found['outcome'][str(number)] = result
            record.keep()
            print('%d %s %s' % (number, plan.place(number), result), flush=True)

    todo = [number for number in plan.live() if str(number) not in found['outcome']]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(run, todo))
