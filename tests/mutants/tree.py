# SPDX-License-Identifier: Apache-2.0
"""A copy of the source tree that is built with mutants in it."""

import collections
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path


class Tree:
    def __init__(self, root, folder):
        self.root, self.folder = Path(root), Path(folder).absolute()
        self.binary = self.folder / 'build'
        self.mutated = self.binary / 'mutated.json'  # and what each source was without its mutants

    def names(self):
        listed = subprocess.run(
            ['git', '-C', self.root, 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
            check=True, stdout=subprocess.PIPE).stdout.decode()
        return [name for name in listed.split('\0') if name and (self.root / name).is_file()]

    def copy(self):
        """Files that are the same keep their time, so that they are not compiled again; so do those
        that have mutants, until other mutants are written."""
        names, mutated = self.names(), self.with_mutants()
        for name in names:
            target, text = self.folder / name, (self.root / name).read_bytes()
            if mutated.get(name) != hashlib.sha256(text).hexdigest():
                self.write(name, text)
            target.chmod((self.root / name).stat().st_mode)
        known = set(names)
        for top in self.folder.iterdir():
            if top.name in ('build', '.git'):
                continue
            for path in [top, *top.rglob('*')]:
                if path.is_file() and str(path.relative_to(self.folder)) not in known:
                    path.unlink()

    def with_mutants(self):
        return json.loads(self.mutated.read_text()) if self.mutated.exists() else {}

    def mutate(self, written):
        """These sources, and no others, have mutants from now on."""
        originals = {name: (self.root / name).read_bytes() for name in written}
        before = self.with_mutants()
        self.mutated.write_text(json.dumps(
            dict(before, **{name: hashlib.sha256(text).hexdigest()
                            for name, text in originals.items()})))
        for name, text in written.items():
            self.write(name, text)
        for name in before.keys() - written.keys():
            if (self.root / name).is_file():
                self.write(name, (self.root / name).read_bytes())
        self.mutated.write_text(json.dumps({name: hashlib.sha256(text).hexdigest()
                                            for name, text in originals.items()}))

    def write(self, name, text):
        path = self.folder / name
        is_new = not path.is_file()
        if not is_new and path.read_bytes() == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        # What was built of the sources may have been copied too.
        if is_new and (self.root / name).read_bytes() == text:
            as_there = (self.root / name).stat()
            os.utime(path, ns=(as_there.st_atime_ns, as_there.st_mtime_ns))

    def digest(self):
        """For all sources."""
        digest = hashlib.sha256()
        for name in self.names():
            digest.update(name.encode() + b'\0' + (self.root / name).read_bytes() + b'\0')
        return digest.hexdigest()

    def configure(self):
        generator = ['-G', 'Ninja'] if not (self.binary / 'CMakeCache.txt').exists() else []
        subprocess.run(['cmake', '--no-warn-unused-cli', '-S', self.folder, '-B', self.binary, *generator,
                        '-DTRUESTEP_BUILD_TESTS=ON', '-DTRUESTEP_TEST_AARCH64=OFF',
                        '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON'],
                       check=True, stdout=subprocess.DEVNULL)
        # Headers that CMake writes are there once the tests of a tree have been configured.
        self.commands = json.loads((self.binary / 'compile_commands.json').read_text())
        self.command_of = {}
        for command in self.commands:
            for file in [command['file'], *self.compiled_beside_others(Path(command['file']))]:
                self.command_of.setdefault(file, command)

    @staticmethod
    def compiled_beside_others(file):
        """The sources that CMake has put together into this one."""
        if file.parent.name != 'Unity':
            return []
        return re.findall(r'^#include "(.*)"$', file.read_text(), re.M)

    def compiled_with(self, name):
        """What libclang has to know to parse a source: the options of its own command, or for a
        header all folders that any command has."""
        own = self.command_of.get(str(self.folder / name))
        result, seen = ['-x', 'c++', '-std=c++20'], set()
        for command in [own] if own else self.commands:
            words = shlex.split(command['command'])
            for at, word in enumerate(words):
                pair = (word, words[at + 1]) if word in ('-I', '-isystem') else (word,)
                is_define = own and word.startswith('-D')
                is_folder = word.startswith('-I') or word == '-isystem'
                if (is_folder or is_define) and pair not in seen:
                    seen.add(pair)
                    result += pair
        return result

    def header_of_most(self):
        """What CMake has the compiler read beforehand for most sources of the programs, None where
        there is no such header."""
        named = collections.Counter(re.findall(r'-include (\S+/bench/\S+/cmake_pch\.hxx)', '\n'.join(
            command['command'] for command in self.commands)))
        return named.most_common(1)[0][0] if named else None

    def asked(self, *words):
        """What Ninja knows, nothing where another program builds the tree."""
        return subprocess.run(['ninja', '-C', self.binary, '-t', *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def compiled_from(self, names):
        """Of each object of an earlier build those of these sources that were compiled in it."""
        paths = {str(self.folder / name) for name in names}
        compiled = {}
        for head, *those in (entry.split('\n    ') for entry in self.asked('deps').split('\n\n')):
            found = head.strip().split(': #deps')[0]
            if found.endswith('.o'):
                compiled[found] = paths.intersection(
                    os.path.normpath(self.binary / each.strip()) for each in those)
        return compiled

    def took(self):
        """How long each object or program took to make before, in milliseconds."""
        log = self.binary / '.ninja_log'
        entries = log.read_text().splitlines()[1:] if log.exists() else []
        return {output: int(end) - int(begin)
                for begin, end, _, output, _ in (entry.split('\t') for entry in entries)}

    def covering(self, names, targets):
        """Objects of these targets that are soon made in which each of the sources is compiled, by
        what Ninja knows of an earlier build; none where it knows nothing."""
        inputs = set(self.asked('inputs', *targets).splitlines())
        compiled = {each: those for each, those in self.compiled_from(names).items()
                    if each in inputs}
        chosen, left, took = [], {str(self.folder / name) for name in names}, self.took()
        while compiled and left.intersection(compiled[best := max(
                compiled, key=lambda each: len(left & compiled[each]) / (1 + took.get(each, 0)))]):
            chosen.append(best)
            left -= compiled[best]
        return chosen

    def programs(self, names):
        """The programs and libraries, by their paths: which of these sources are in each, or in what
        it is built after."""
        linked = re.findall(r'^(\S+): \S+_(?:EXECUTABLE|LIBRARY)_LINKER\S*$',
                            self.asked('targets', 'all'), re.M)
        compiled = {each: those for each, those in self.compiled_from(names).items() if those}
        result = {}
        for each in linked:
            inside = [compiled[output] for output in self.asked('inputs', each).splitlines()
                      if output in compiled]
            if not each.endswith('.cmake'):
                result[str(self.binary / each)] = {os.path.relpath(path, self.folder)
                                                   for path in set().union(*inside)}
        return result

    def named(self, programs):
        """As Ninja names them."""
        return sorted(os.path.relpath(each, self.binary) for each in programs)

    def most_at_once(self, worth):
        """Of sets of programs, each with what it is worth, the one that is worth most by the time
        that it took to build before."""
        took = self.took()

        def gain(programs):
            made = self.would_make(self.named(programs))
            return worth[programs] / (1 + sum(took.get(output, 0) for output in made))

        return max(sorted(worth, key=sorted), key=gain)

    def said_of(self, objects):
        """What the compiler says of what these objects are made of. They are not made, and headers
        that were read beforehand are read anew, as they may have mutants."""
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(
                os.cpu_count()) as pool:
            def said(command):
                words = shlex.split(command['command'])
                at = words.index('-o')
                del words[at:at + 2]
                for beforehand in [Path(word) for word in words if word.endswith('/cmake_pch.hxx')]:
                    copy = Path(folder, '%s.hpp' % hashlib.sha256(bytes(beforehand)).hexdigest())
                    copy.write_bytes(beforehand.read_bytes())
                    words[words.index(str(beforehand))] = str(copy)
                return subprocess.run([*words, '-fsyntax-only'], cwd=command['directory'],
                                      text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

            return '\n'.join(pool.map(said, [command for command in self.commands if any(
                ' -o %s ' % each in command['command'] for each in objects)]))

    def build(self, targets):
        """What the compiler said where it refused something, None where all is well."""
        command = ['cmake', '--build', str(self.binary), '--parallel', str(os.cpu_count()),
                   '--target', *targets, '--', '-k', '0']
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return None if done.returncode == 0 else done.stdout

    def would_make(self, targets):
        """The objects, programs and libraries that are older than what they are made of."""
        # By its own name it would say no more than that CMake may have to write it anew.
        with tempfile.NamedTemporaryFile() as of_another_name:
            of_another_name.write((self.binary / 'build.ninja').read_bytes())
            of_another_name.flush()
            would = subprocess.run(
                ['ninja', '-C', self.binary, '-f', of_another_name.name, '-n', *targets], text=True,
                stdout=subprocess.PIPE).stdout
        return re.findall(r'\] (?:Building|Linking) \S+ .* (\S+)$', would, re.M)

    def outdated(self):
        """What is older than its sources, and so has none of the mutants."""
        return {str(self.binary / each) for each in self.would_make(['all'])}

    def errors(self, output, leading=False):
        """File, line and text of each error, or of the lines that led to one."""
        sign = r'(?:required from|in .constexpr. expansion)' if leading else r'(?:fatal )?error'
        found = []
        for file, line, text in re.findall(r'^(\S+?):(\d+):(?:\d+:)? +(%s.*)$' % sign, output, re.M):
            path = (self.binary / file).resolve()
            if path.is_relative_to(self.folder.resolve()):
                found.append((str(path.relative_to(self.folder.resolve())), int(line), text))
        return found
