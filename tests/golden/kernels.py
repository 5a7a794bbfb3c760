#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every form of what `truestep check` says, of a kernel that is right and of two that are not."""

import json
import os
import select
import signal
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

import support

LIBRARY = os.environ['TRUESTEP_FOREIGN_LIBRARY']
RULE = json.loads(support.run('rules', '--json').output)['rules'][0]['rule']
# What the library is asked to be, the exit status, and in a word what it is.
KERNELS = (('', 0, 'right'), ('conduct=writes_past_the_end', 1, 'wrong'),
           ('conduct=takes_one_tensor', 0, 'right'))


def children(parent):
    """The processes that a process has made."""
    found = []
    for stat in Path('/proc').glob('[0-9]*/stat'):
        try:
            pid, rest = stat.parent.name, stat.read_text().rpartition(')')[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(rest[1]) == parent:
            found.append(int(pid))
    return found


class Checks(support.InAFolder):
    def check(self, kernel, *more, **how):
        words = 'convention=lecture_note ' + kernel
        return subprocess.run([support.PROGRAM, 'check', LIBRARY, RULE, '--trials', '1', *more],
                              env=dict(os.environ, TRUESTEP_FOREIGN=words), text=True,
                              stderr=subprocess.PIPE, cwd=self.folder,
                              **dict({'stdout': subprocess.PIPE}, **how))

    def test_every_form_has_the_findings_of_json(self):
        told = support.schema('check')
        for kernel, status, word in KERNELS:
            with self.subTest(kernel):
                ended = self.check(kernel, '--json', '--junit', 'report.xml')
                self.assertEqual((ended.returncode, ended.stderr), (status, ''))
                whole = json.loads(ended.stdout)
                self.assertEqual(told.faults(whole), [])
                self.assertEqual((whole['status'], whole['rule'], whole['map']),
                                 (word, RULE, 'lecture_note'))
                findings = whole['findings']
                self.assertEqual(any(each['wrong'] for each in findings), word == 'wrong')
                self.text(kernel, status, whole)
                self.junit(findings)
                markdown = self.check(kernel, '--markdown').stdout
                for each in findings:
                    self.assertIn(' '.join(each['text'].split()), ' '.join(markdown.split()))

    def text(self, kernel, status, whole):
        ended = self.check(kernel)
        self.assertEqual(ended.returncode, status)
        words = ' '.join(ended.stdout.split())
        self.assertTrue(words.startswith(' '.join(whole['conclusion'].split())), words)
        for section in whole['sections']:
            of = [each['wrong'] for each in whole['findings'] if each['section'] == section['name']]
            word = 'FAULT' if any(of) else 'noted' if of else 'good'
            self.assertIn(' '.join([section['name'], word, *section['said'].split()]), words)
        for each in whole['findings']:
            self.assertIn('%s (%s): %s' % ('Fault' if each['wrong'] else 'Noted', each['kind'],
                                           ' '.join(each['text'].split())), words)

    def junit(self, findings):
        suite = xml.parse(self.folder / 'report.xml').getroot()
        failures = suite.findall('.//failure')
        self.assertEqual(int(suite.get('failures')), len(failures))
        self.assertEqual(int(suite.get('tests')), len(suite.findall('.//testcase')))
        self.assertEqual(bool(failures), any(each['wrong'] for each in findings))

    def test_a_line_to_rerun_is_broken_where_the_terminal_ends(self):
        kernel = KERNELS[1][0]
        said = json.loads(self.check(kernel, '--json').stdout)['findings'][0]['rerun']
        words = ('  rerun: ' + said.replace(' --json', '')).split(' ')
        beginnings = [' '.join(words[:n]) for n in range(1, len(words))]
        for line in [each for each in beginnings if 40 <= len(each) <= 100]:
            ended = subprocess.run([support.PROGRAM, 'check', LIBRARY, RULE, '--trials', '1'],
                                   env=dict(os.environ, COLUMNS=str(len(line)),
                                            TRUESTEP_FOREIGN='convention=lecture_note ' + kernel),
                                   stdout=subprocess.PIPE, text=True)
            self.assertIn('\n' + line + '\n', ended.stdout)

    def test_what_is_noted_is_a_fault_where_that_is_asked_for(self):
        for kernel, status, _ in KERNELS[::2]:
            self.assertEqual(self.check(kernel, '--strict').returncode, int(bool(kernel)))

    def test_an_alias_is_noted_and_nothing_else(self):
        alias = json.loads(support.run('rules', 'sgd', '--json').output).get('note')
        for rule, note in ((RULE, None), ('sgd', alias)):
            ended = subprocess.run([support.PROGRAM, 'check', LIBRARY, rule, '--trials', '1', '--json',
                                    '--only', 'map'], stdout=subprocess.PIPE,
                                   env=dict(os.environ, TRUESTEP_FOREIGN='convention=lecture_note'))
            self.assertEqual(json.loads(ended.stdout).get('note'), note)
        self.assertIn('sgd', alias)

    @unittest.skipUnless(sys.platform == 'linux', 'asks Linux for the processes that there are')
    def test_a_kernel_does_not_outlive_who_checks_it(self):
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        checking = subprocess.Popen(
            [support.PROGRAM, 'check', LIBRARY, RULE, '--limit', '3600'], pass_fds=[write],
            env=dict(os.environ, TRUESTEP_FOREIGN='convention=lecture_note conduct=hangs'))
        os.close(write)
        kernels = []
        while not kernels and checking.poll() is None:
            kernels = children(checking.pid)
        checking.kill()
        checking.wait()
        # Nobody has the pipe open any more.
        ended = bool(select.select([read], [], [], 60)[0])
        for kernel in [] if ended else kernels:
            os.kill(kernel, signal.SIGKILL)
        self.assertTrue(kernels)
        self.assertTrue(ended)

    def test_output_that_fails_is_said(self):
        for form in ([], ['--json'], ['--markdown']):
            with open('/dev/full', 'w') as full:
                ended = self.check('', *form, stdout=full)
            self.assertEqual((ended.returncode, ended.stderr), (
                4, 'check: standard output cannot be written: No space left on device\n'))

    def test_no_file_is_lost(self):
        junit = self.folder / 'report.xml'
        junit.write_text('old\n')
        for path in ('/dev/full', 'none/report.xml'):
            ended = self.check('', '--junit', path)
            self.assertEqual((ended.returncode, ended.stderr),
                             (4, 'check: junit = %s cannot be written\n' % path))
        ended = self.check('', '--junit', LIBRARY)
        self.assertEqual((ended.returncode, ended.stderr), (
            2, 'check: junit = %s and LIBRARY = %s are one file\n' % (LIBRARY, LIBRARY)))
        self.assertEqual(junit.read_text(), 'old\n')
        self.check('', '--junit', 'report.xml')
        xml.parse(junit)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
