#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of any name, and files that nothing is lost of."""

import json
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as xml
import zipfile

import support

RULE = json.loads(support.run('rules', '--json').output)['rules'][0]
NAMES = [each['convention'] for each in RULE['conventions']][:2]
RULE = RULE['rule']

# What a shell, a terminal, a table or an encoding would stumble over.
ODD = [b'plain.npy', b'two words.npy', b'a"b,<x>&\'|`.npy', b'$(touch pwned);!.npy', b'x\x1b[31m.npy',
       b'two\nlines.npy', b'tab\t\\.npy', b'\xff\xc0\x80.npy', '\u00e9\u4e2d.npy'.encode(), b'-x.npy']


class Foreign(support.InAFolder):
    """What other programs write, and this one does not read, is told by its name and with a way out."""

    def test_is_told_by_its_name(self):
        kinds = {'is HDF5': (b'\x89HDF\r\n\x1a\n' + bytes(8), 'h5py.File(FILE)'),
                 'is a pickle': (b'\x80\x04K\x01.', 'pickle.load(open(FILE, "rb"))'),
                 'is not a .npy, .npz or .safetensors file': (b'rows,columns\n1,2\n', ''),
                 'is not a .npy, .npz or .safetensors': (b'\x80\x01K\x01.', '')}
        for said, (content, way_out) in kinds.items():
            with self.subTest(said):
                path = self.folder / 'run'
                path.write_bytes(content)
                ended = self.ends_with(2, 'identify', RULE, '--run', path)
                self.assertTrue(ended.errors.startswith('identify: %s: %s' % (path, said)),
                                ended.errors)
                self.assertIn(way_out, ended.errors)
                self.assertEqual(ended.output, '')


class AlteredCases(support.InAFolder):
    """A file of cases in which a count is none is refused, and what stands there is told."""

    def altered(self, about=(), step=None, byte=None):
        """A file of cases in which entries of its JSON, the numbers of steps or its text are others."""
        whole = subprocess.run([support.PROGRAM, 'cases', RULE, NAMES[0], '--trials', '1'],
                               stdout=subprocess.PIPE, check=True).stdout
        path = self.folder / 'cases.npz'
        path.write_bytes(whole)
        with zipfile.ZipFile(path) as written:
            arrays = {name: written.read(name) for name in written.namelist()}
        text = self.data_of(arrays['about.npy'])
        for old, new in about:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        arrays['about.npy'] = self.array('|u1', len(text), text)
        if byte is not None:
            arrays['about.npy'] = self.array('<f8', 1, struct.pack('<d', byte))
        if step is not None:
            count = len(self.data_of(arrays['again.t.npy'])) // 8
            arrays['again.t.npy'] = self.array('<f8', count, struct.pack('<d', step) * count)
        with zipfile.ZipFile(path, 'w') as made:
            for name, content in arrays.items():
                made.writestr(name, content)
        return path

    def array(self, dtype, count, data):
        header = "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }\n" % (dtype, count)
        return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + data

    def data_of(self, array):
        return array[10 + struct.unpack('<H', array[8:10])[0]:]

    def refused(self, said, *changes):
        path = self.altered(*changes)
        errors = self.ends_with(2, 'judge', path, path).errors
        self.assertEqual(errors, 'judge: %s: %s\n' % (path, said))

    def test_counts_are_whole_numbers(self):
        belongs = 'where a whole number from 0 to 2^64 - 1 belongs'
        for old, new, said in [(b'"seed":1', b'"seed":-1', '-1'), (b'"trials":1', b'"trials":1e40', '1e+40'),
                               (b'"steps":', b'"steps":0.5,"_":', '0.5'),
                               (b'"length":', b'"length":"a","_":', 'string'),
                               (b'"lengths":[', b'"lengths":[1e40,', '1e+40')]:
            with self.subTest(new):
                self.refused('has %s %s' % (said, belongs), [(old, new)])

    def test_trials_are_no_more_than_there_are_runs(self):
        self.refused('has %d trials, but no run drawn-2' % 2**50,
                     [(b'"trials":1', b'"trials":%d' % 2**50)])

    def test_steps_have_numbers(self):
        for value in (-1.0, 0.0, 1.5, 1e300, float('nan')):
            with self.subTest(value):
                said = 'array again.t has %g, which is no whole number in [1, 2^64)' % value
                self.refused(said, [], value)

    def test_text_is_of_bytes(self):
        for value in (-1.0, 1.5, 256.0, float('nan')):
            with self.subTest(value):
                said = 'array about has %g, which is no whole number in [0, 255]' % value
                self.refused(said, [], None, value)


class OddNames(support.InAFolder):
    """Each is read, named in every form of the output, and told so that a shell finds it again."""

    def setUp(self):
        super().setUp()
        self.rows = support.drawn(3, 2)

    def cases(self):
        for name in ODD:
            path = os.path.join(os.fsencode(self.folder), name)
            support.npy(path, self.rows, '<f4')
            with self.subTest(name):
                yield os.fsdecode(path), name

    def ends_in(self, form, path, command='audit'):
        line = [command, RULE] + (NAMES if command == 'compare' else [])
        ended = subprocess.run([support.PROGRAM, *line, '--grads', path, *form],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((ended.returncode, ended.stderr), (0, b''))
        self.assertEqual(re.findall(rb'[\x00-\x09\x0b-\x1f\x7f]', ended.stdout), [])
        return ended.stdout.decode()

    def test_json_is_read_and_its_rerun_is_the_same(self):
        for command in ('audit', 'compare'):
            for path, _ in self.cases():
                whole = json.loads(self.ends_in(['--json'], path, command))
                again = subprocess.run(['bash', '-c', whole['rerun']], stdout=subprocess.PIPE,
                                       cwd=self.folder)
                self.assertEqual(again.returncode, 0)
                again = json.loads(again.stdout)
                for changing in ('element_steps_per_second', 'rerun'):
                    whole.pop(changing, None), again.pop(changing, None)
                self.assertEqual(again, whole)
                self.assertFalse((self.folder / 'pwned').exists())

    def test_csv_has_as_many_fields_in_each_line(self):
        for path, _ in self.cases():
            rows = support.table(self.ends_in(['--csv'], path))
            told, = json.loads(self.ends_in(['--json'], path))['runs']
            self.assertTrue(rows and all(None not in row and None not in row.values()
                                         for row in rows))
            self.assertEqual({row['workload'] for row in rows}, {told['workload']})

    def test_text_tables_and_pages_stay_in_their_form(self):
        for path, _ in self.cases():
            self.assertIn('Rerun: ', self.ends_in([], path))
            rows = [line for line in self.ends_in(['--markdown'], path).splitlines()
                    if line.startswith('| ' + RULE)]
            self.assertEqual([len(re.findall(r'(?<!\\)\|', row)) for row in rows], [9, 9])
            self.ends_in(['--html', self.folder / 'page.html', '--junit', self.folder / 'x.xml'], path)
            page = support.Page((self.folder / 'page.html').read_text())
            self.assertEqual((page.faults, page.open), ([], []))
            told, = json.loads(self.ends_in(['--json'], path))['runs']
            # A page is for others, to whom the folder says nothing.
            workload = told['workload'].replace(str(self.folder) + '/', '')
            self.assertIn(' '.join(workload.split()), page.text)
            case = xml.parse(self.folder / 'x.xml').getroot().find('testcase')
            self.assertEqual(case.get('name'), 'kernels on ' + told['workload'])

    def test_errors_send_nothing_to_a_terminal(self):
        for path, name in self.cases():
            ended = subprocess.run([support.PROGRAM, 'audit', RULE, '--grads', path + '.none'],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(ended.returncode, 2)
            self.assertEqual(re.findall(rb'[\x00-\x09\x0b-\x1f\x7f]', ended.stderr), [], name)


class OneFileTwice(support.InAFolder):
    """Is refused before anything is run, and is what it was."""

    def test_of_all_that_is_written_or_read(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        support.npy(self.folder / 'p.npy', support.drawn(1, 2))
        (self.folder / 'budget').write_text('* * * largest_ulp 1e9\n')
        os.symlink('g.npy', self.folder / 'link')
        before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        grads, params = ['--grads', 'g.npy'], ['--params', 'p.npy']
        audit, compare = ['audit', RULE, *grads], ['compare', RULE, *NAMES, *grads]
        cases = [(audit + ['--csv', 'new', '--html', './new'], 'csv = new and html = ./new'),
                 (audit + ['--html', 'new', '--junit', 'new'], 'html = new and junit = new'),
                 (audit + ['--junit', 'new', '--part', 'new'], 'junit = new and part = new'),
                 (audit + ['--csv', 'g.npy'], 'csv = g.npy and grads = g.npy'),
                 (audit + ['--html', 'link'], 'html = link and grads = g.npy'),
                 (audit + params + ['--junit', 'p.npy'], 'junit = p.npy and params = p.npy'),
                 (audit + ['--budget', 'budget', '--csv', 'budget'],
                  'csv = budget and budget = budget'),
                 (compare + ['--csv', 'g.npy'], 'csv = g.npy and grads = g.npy'),
                 (['identify', RULE, *grads, '--params', 'q.npy', '--csv', 'q.npy'],
                  'csv = q.npy and params = q.npy')]
        support.npy(self.folder / 'q.npy', support.drawn(4, 2))
        before['q.npy'] = (self.folder / 'q.npy').read_bytes()
        for line, said in cases:
            with self.subTest(said):
                ended = self.ends_with(2, *line, cwd=self.folder)
                self.assertEqual(ended.errors, '%s: %s are one file\n' % (line[0], said))
                self.assertEqual(ended.output, '')
                self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()},
                                 before)

    def test_a_device_is_no_file(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        self.ends_with(0, 'audit', RULE, '--grads', 'g.npy', '--csv', '/dev/null', '--html',
                       '/dev/null', cwd=self.folder)


class Whole(support.InAFolder):
    """What stood in a file stays until all of the new text does, whatever ends the run."""

    OPTIONS = ('csv', 'html', 'junit', 'part')

    def line(self):
        return ['audit', RULE, '--grads', 'g.npy'] + [
            word for option in self.OPTIONS for word in ('--' + option, option)]

    def old(self):
        for option in self.OPTIONS:
            (self.folder / option).write_text('old\n')

    def files(self):
        return {path.name: path.read_text(errors='replace') for path in self.folder.iterdir()
                if path.suffix != '.npy'}

    def test_signals_leave_the_old_or_the_new(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        whole = self.new()
        support.npy(self.folder / 'g.npy', support.drawn(40000, 6), '<f4')
        kept = {option: 'old\n' for option in self.OPTIONS}
        for which in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
            for seconds in (0.02, 0.3):
                with self.subTest(which, seconds=seconds):
                    self.old()
                    running = subprocess.Popen([support.PROGRAM, *self.line()], cwd=self.folder,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(seconds)
                    running.send_signal(which)
                    status = running.wait()
                    if which == signal.SIGINT and status == 130 and self.files() != kept:
                        self.complete(self.files())
                        continue
                    self.assertIn(status, (130, -which))
                    left = self.files()
                    self.assertEqual({name: left[name] for name in kept}, kept)
                    # A kill leaves what nobody could take away, and that is all.
                    if which != signal.SIGKILL:
                        self.assertEqual(left, kept)
                    for name in set(left) - set(kept):
                        self.assertRegex(name, r'^(%s)\.\w{6}$' % '|'.join(self.OPTIONS))
                        (self.folder / name).unlink()
        self.assertEqual(set(whole), set(kept))

    def new(self):
        self.old()
        self.ends_with(0, *self.line(), cwd=self.folder)
        files = self.files()
        self.complete(files)
        return files

    def complete(self, files):
        """An interrupted run leaves no part; the file is what it was."""
        self.assertTrue(support.table(files['csv']))
        page = support.Page(files['html'])
        self.assertEqual((page.faults, page.open), ([], []))
        xml.fromstring(files['junit'].encode())
        self.assertTrue(files['part'] == 'old\n' or files['part'].startswith('truestep audit part 3\n'))

    def test_a_full_disk_leaves_the_old(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        for option in self.OPTIONS:
            with self.subTest(option):
                self.old()
                ended = subprocess.run(
                    ['sh', '-c', "trap '' XFSZ; ulimit -f 0; exec \"$@\"", 'sh', support.PROGRAM,
                     'audit', RULE, '--grads', 'g.npy', '--' + option, option],
                    cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.assertEqual(ended.returncode, 4)
                self.assertEqual(ended.stderr,
                                 'audit: %s = %s cannot be written\n' % (option, option))
                self.assertEqual(self.files(), {name: 'old\n' for name in self.OPTIONS})

    def test_a_new_file_has_the_mode_of_any(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        for mask in (0o022, 0o077):
            before = os.umask(mask)
            self.ends_with(0, 'audit', RULE, '--grads', 'g.npy', '--csv', 'new', cwd=self.folder)
            os.umask(before)
            self.assertEqual(stat.S_IMODE((self.folder / 'new').stat().st_mode), 0o666 & ~mask)
            (self.folder / 'new').unlink()

    def test_a_folder_that_is_closed_is_refused_at_once(self):
        support.npy(self.folder / 'g.npy', support.drawn(3, 2))
        closed = self.folder / 'closed'
        closed.mkdir()
        closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
        if os.geteuid() == 0:
            closed.rmdir()  # nobody is refused
        for option in self.OPTIONS:
            ended = self.ends_with(4, 'audit', RULE, '--grads', 'g.npy', '--' + option, 'closed/x',
                                   cwd=self.folder)
            self.assertEqual(ended.errors, 'audit: %s = closed/x cannot be written\n' % option)
            self.assertEqual(ended.output, '')


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
