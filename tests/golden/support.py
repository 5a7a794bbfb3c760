# SPDX-License-Identifier: Apache-2.0
"""The program as its user runs it, files as it reads them, and what its pages say of its JSON."""

import csv
import html.parser
import io
import os
import re
import struct
import subprocess
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path

# The tests are told which program.
PROGRAM = os.environ['TRUESTEP_PROGRAM']
CODES = {'f2': 'e', 'f4': 'f', 'f8': 'd'}


class Ended:
    def __init__(self, done):
        self.status, self.output, self.errors = done.returncode, done.stdout, done.stderr


def run(*arguments, **more):
    """Runs a command."""
    return Ended(subprocess.run([PROGRAM, *map(os.fspath, map(as_argument, arguments))],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more))


def as_argument(given):
    return given if isinstance(given, (str, bytes, os.PathLike)) else str(given)


def npy(path, rows, dtype='<f8', by_column=False):
    """Writes a matrix as numpy does."""
    order = [list(column) for column in zip(*rows)] if by_column else rows
    code = dtype[0] + CODES[dtype[1:]]
    values = b''.join(struct.pack(code, float(x)) for row in order for x in row)
    header = "{'descr': '%s', 'fortran_order': %s, 'shape': (%d, %d), }" % (
        dtype, by_column, len(rows), len(rows[0]))
    header += ' ' * (-(len(header) + 11) % 64) + '\n'
    Path(os.fsdecode(path)).write_bytes(
        b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + values)


def drawn(rows, columns, bits=24, seed=1):
    """Numbers in [-1, 1] of so many bits, the same on every machine."""
    state, result = seed, []
    for _ in range(rows):
        row = []
        for _ in range(columns):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
            row.append(Fraction((state >> (64 - bits)) - 2 ** (bits - 1), 2 ** (bits - 1)))
        result.append(row)
    return result


class InAFolder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = Path(kept.name)

    def ends_with(self, status, *arguments, **more):
        ended = run(*arguments, **more)
        self.assertEqual(ended.status, status, '%s\n%s' % (arguments, ended.errors))
        return ended


def table(text):
    """The rows of CSV, by their column."""
    return list(csv.DictReader(io.StringIO(text), strict=True))


class Page(html.parser.HTMLParser):
    """A page, parsed: its text, its tags and the figures of its tables."""

    EMPTY = {'meta', 'br', 'link', 'img', 'input', 'hr'}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.words, self.tags, self.figures, self.targets, self.ids = [], [], [], [], []
        self.open, self.faults, self.has_figures = [], [], False
        self.feed(text)
        self.close()
        self.text = ' '.join(' '.join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        attributes = dict(attributes)
        if 'id' in attributes:
            self.ids.append(attributes['id'])
        if tag == 'table':
            self.has_figures = attributes.get('class') == 'figures'
        if tag == 'data' and self.has_figures:
            self.figures.append(attributes['value'])
        self.targets += [attributes[name] for name in ('href', 'src') if name in attributes]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ('style', 'script'):
            self.words.append(data)


class Schema:
    """What a page says of a JSON object, in the notation of --explain:
    {"name", "other": TYPE, ...}, [TYPE], null | TYPE, and NAME for what is said elsewhere."""

    def __init__(self, text, named=()):
        self.named = dict(named)
        self.tokens = re.findall(r'"[^"]*"|[{}\[\],:|]|\.\.\.|\+\+|[A-Za-z_]+', text)
        self.at = 0
        self.root = self.type()

    def take(self, *wanted):
        if self.at < len(self.tokens) and (not wanted or self.tokens[self.at] in wanted):
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def type(self):
        """A list of alternatives."""
        either = [self.one()]
        while self.take('|'):
            either.append(self.one())
        # Words after a type say when it is there.
        while self.at < len(self.tokens) and self.tokens[self.at] not in (',', '}', ']'):
            if self.tokens[self.at] == 'where':
                either.append('absent')
            self.at += 1
        return either

    def one(self):
        if self.take('{'):
            return self.members()
        if self.take('['):
            inner = self.type()
            self.take(']')
            return [inner]
        return self.take()

    def members(self):
        members = {}
        while not self.take('}'):
            name = self.take()
            if name in (',', None):
                if name is None:
                    raise ValueError('an object that does not end')
                continue
            members[name.strip('"') if name.startswith('"') else '*'] = \
                self.type() if self.take(':') else self.bare()
        return members

    def bare(self):
        """A member that only has a name, or a word that says when it is there."""
        either = ['any']
        while self.at < len(self.tokens) and self.tokens[self.at] not in (',', '}', ']'):
            if self.tokens[self.at] == 'where':
                either.append('absent')
            self.at += 1
        return either

    def faults(self, value, where='', either=None):
        """Where a value is not as it is said to be; nothing where it is."""
        either = self.root if either is None else either
        tried = [self.against(value, where, one) for one in either if one != 'absent']
        return min(tried, key=len) if tried else []

    def against(self, value, where, one):
        if isinstance(one, dict):
            return self.object(value, where, one)
        if isinstance(one, list):
            if not isinstance(value, list):
                return [where + ' is no list']
            return [fault for at, each in enumerate(value)
                    for fault in self.faults(each, '%s[%d]' % (where, at), one[0])]
        if one in self.named:
            return self.faults(value, where, self.named[one])
        kinds = {'null': type(None), 'bool': bool, 'TEXT': str, 'COMMAND': str, 'NUMBER': (int, float),
                 'STEP': int, 'N': int, 'FORMAT': str, 'NAME': str}
        if one in kinds:
            return [] if isinstance(value, kinds[one]) else ['%s is no %s' % (where, one)]
        if one.startswith('"'):
            return [] if value == one.strip('"') else ['%s is not %s' % (where, one)]
        return []

    def object(self, value, where, members):
        if not isinstance(value, dict):
            return [where + ' is no object']
        found = ['%s.%s is missing' % (where, name) for name, either in members.items()
                 if name not in value and name != '*' and 'absent' not in either]
        for name, each in value.items():
            if name in members:
                found += self.faults(each, where + '.' + name, members[name])
            elif '*' in members:
                found += self.faults(each, where + '.' + name, members['*'])
            else:
                found.append('%s.%s is not said' % (where, name))
        return found


def schema(command, named=()):
    """What a command's --explain says of its object."""
    said = run(command, '--explain').output
    text = said[said.index('The object of --json'):]
    return Schema(text[text.index('{'):], named)
