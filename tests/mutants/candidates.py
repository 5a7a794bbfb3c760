# SPDX-License-Identifier: Apache-2.0
"""What can be mutated in a C++ source, by libclang."""

import glob
import os
import re
import sys
from dataclasses import dataclass

# Where Debian's package has them, whichever Python runs this: they are Python alone.
sys.path.append('/usr/lib/python3/dist-packages')
from clang.cindex import Config, CursorKind, Index  # noqa: E402

OPERATORS = {'+': '-', '-': '+', '*': '/', '/': '*', '%': '/', '<': '<=', '<=': '<', '>': '>=',
             '>=': '>', '==': '!=', '!=': '==', '&&': '||', '||': '&&', '<<': '>>', '>>': '<<',
             '&': '|', '|': '&', '^': '|', '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=',
             '|=': '&=', '&=': '|='}
CALLS = {'std::min': 'std::max', 'std::max': 'std::min', 'std::floor': 'std::ceil',
         'std::ceil': 'std::floor'}
FUNCTIONS = (CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR,
             CursorKind.FUNCTION_TEMPLATE, CursorKind.LAMBDA_EXPR, CursorKind.DESTRUCTOR,
             CursorKind.CONVERSION_FUNCTION)
# The compiler evaluates these, or they are no code.
UNREACHABLE = (CursorKind.STATIC_ASSERT, CursorKind.TEMPLATE_TYPE_PARAMETER,
               CursorKind.TEMPLATE_NON_TYPE_PARAMETER, CursorKind.TYPE_REF,
               CursorKind.ENUM_CONSTANT_DECL, CursorKind.FIELD_DECL)
STATEMENTS = (CursorKind.COMPOUND_STMT, CursorKind.IF_STMT, CursorKind.FOR_STMT)


def find_library(folders=('/usr/lib/llvm-*/lib', '/usr/lib/*-linux-gnu')):
    """Debian's package of the bindings asks for a name that only the newest libclang has."""
    for folder in folders:
        found = sorted(glob.glob(folder + '/libclang-[0-9]*.so*'))
        if found:
            Config.set_library_file(found[-1])
            return


# An error that libclang invents where headers were read beforehand.
INVENTED = "multiple overloads of '__va_list_tag'"


class Beforehand:
    """Headers that are read once for all sources, as most of the time goes into them."""

    def __init__(self, header, arguments, path):
        unit = Index.create().parse(header, args=[*arguments[:1], 'c++-header', *arguments[2:]],
                                    options=2)  # incomplete
        unit.save(str(path))
        self.arguments = ['-include-pch', str(path)]
        self.names = {os.path.realpath(each.include.name) for each in unit.get_includes()}

    def source(self, path, arguments, text):
        """A source that is parsed with them, None where it is one of them or does not fit."""
        if os.path.realpath(path) in self.names:
            return None
        source = Source(path, arguments + self.arguments, text)
        return source if all(said.startswith(INVENTED) for _, said in source.errors()) else None


@dataclass(frozen=True)
class Mutant:
    begin: int  # bytes of the source
    end: int
    new: str  # instead
    kind: str


class Source:
    """A source file as libclang has it."""

    def __init__(self, path, arguments, text=None):
        self.path = path
        self.bytes = open(path, 'rb').read() if text is None else text
        unsaved = [] if text is None else [(path, text.decode())]
        self.unit = Index.create().parse(path, args=arguments, unsaved_files=unsaved)
        self.found = set()

    def errors(self):
        """Line and text of each error."""
        return [(d.location.line if d.location.file and d.location.file.name == self.path else 0,
                 d.spelling) for d in self.unit.diagnostics if d.severity >= 3]

    def candidates(self):
        """All mutants, in an order that is the source's."""
        for cursor in self.unit.cursor.get_children():
            if self.is_here(cursor):
                self.visit(cursor, [], False)
        return sorted(self.found, key=lambda m: (m.begin, m.end, m.new))

    def is_here(self, cursor):
        return cursor.location.file is not None and cursor.location.file.name == self.path

    def extent(self, cursor):
        start, end = cursor.extent.start, cursor.extent.end
        if start.file is None or start.file.name != self.path or end.file is None or \
                end.file.name != self.path:
            return None
        return start.offset, end.offset

    def text(self, begin, end):
        return self.bytes[begin:end].decode()

    def add(self, kind, begin, end, new):
        if self.text(begin, end) != new:
            self.found.add(Mutant(begin, end, new, kind))

    def visit(self, cursor, above, in_function):
        kind, extent = cursor.kind, self.extent(cursor)
        if kind in UNREACHABLE:
            return
        if kind == CursorKind.VAR_DECL and extent:
            # A statement says it once for all that it declares.
            whole = self.extent(above[-1]) if above and above[-1].kind == CursorKind.DECL_STMT else None
            head = self.text((whole or extent)[0], cursor.location.offset)
            if 'constexpr' in head or 'constinit' in head:
                return
        in_function = in_function or kind in FUNCTIONS
        if in_function and extent and self.is_here(cursor):
            self.mutate(cursor, extent, above[-1] if above else None)
        for child in cursor.get_children():
            # What stands before a variable's name is its type.
            if kind == CursorKind.VAR_DECL and child.extent.end.offset <= cursor.location.offset:
                continue
            self.visit(child, above + [cursor], in_function)

    def mutate(self, cursor, extent, parent):
        kind = cursor.kind
        is_statement = parent is not None and parent.kind in STATEMENTS
        if kind in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR):
            self.operator(cursor, extent, is_statement)
        elif kind == CursorKind.CALL_EXPR:
            self.call(cursor, extent, is_statement)
        elif kind == CursorKind.INTEGER_LITERAL:
            self.integer(extent)
        elif kind == CursorKind.FLOATING_LITERAL:
            if float.fromhex(self.number(extent)) if 'x' in self.number(extent) else float(
                    self.number(extent)):
                self.add('constant doubled', *extent, '(2*' + self.text(*extent) + ')')
        elif kind in (CursorKind.IF_STMT, CursorKind.WHILE_STMT):
            self.condition(cursor, extent)
        elif kind == CursorKind.CONDITIONAL_OPERATOR:
            first = self.extent(next(cursor.get_children()))
            if first:
                self.add('condition inverted', *first, '!(' + self.text(*first) + ')')
        elif kind == CursorKind.UNARY_OPERATOR:
            text = self.text(*extent)
            if text.startswith('!'):
                self.add('negation dropped', *extent, 'bool(' + text[1:] + ')')
            elif text.startswith('-') and not text.startswith('--'):
                self.add('sign dropped', *extent, '(+' + text[1:] + ')')
        elif kind == CursorKind.DECL_REF_EXPR:
            self.parameter(cursor, extent)

    def number(self, extent):
        text = self.text(*extent).replace("'", '').lower()
        return text.rstrip('l') if 'x' in text else text.rstrip('fl')

    def operator(self, cursor, extent, is_statement):
        operands = [self.extent(child) for child in cursor.get_children()]
        if len(operands) == 2 and all(operands) and operands[0][1] <= operands[1][0]:
            sign = self.text(operands[0][1], operands[1][0]).strip()
            self.swap(sign, operands[0], operands[1], extent)
            if is_statement and sign.endswith('=') and sign not in ('==', '!=', '<=', '>='):
                self.add('statement dropped', *extent, '')

    def swap(self, sign, left, right, extent):
        if sign not in OPERATORS:
            return
        left, right = self.text(*left), self.text(*right)
        if OPERATORS[sign][-1:] != '=' or sign in ('<', '>', '==', '!=', '!'):
            left, right = '(%s)' % left, '(%s)' % right
        self.add('%s for %s' % (OPERATORS[sign], sign), *extent,
                 '(%s %s %s)' % (left, OPERATORS[sign], right))

    def call(self, cursor, extent, is_statement):
        children = [self.extent(child) for child in cursor.get_children()]
        if len(children) == 3 and all(children) and \
                children[0][1] <= children[1][0] and children[1][1] <= children[2][0]:
            self.swap(self.text(*children[1]), children[0], children[2], extent)
        text = self.text(*extent)
        if is_statement:
            self.add('statement dropped', *extent, '')
        for old, new in CALLS.items():
            if re.match(re.escape(old) + r'\s*[(<]', text):
                self.add('%s for %s' % (new, old), *extent, new + text[len(old):])
        magnitude = re.match(r'(std::)?f?abs(\(.*\))$', text, re.S)
        if magnitude:
            self.add('magnitude dropped', *extent, magnitude[2])

    def integer(self, extent):
        found = re.fullmatch(r'([0-9]+)([uU]?)', self.text(*extent))
        if found:
            value = int(found[1])
            for new in (value + 1, value - 1 if value else 1):
                self.add('constant', *extent, '%d%s' % (new, found[2]))

    def condition(self, cursor, extent):
        children = list(cursor.get_children())
        condition = self.extent(children[0]) if children else None
        if not condition or 'constexpr' in self.text(extent[0], condition[0]) or \
                children[0].kind in (CursorKind.DECL_STMT, CursorKind.VAR_DECL) or \
                ';' in self.text(extent[0], condition[0]) or len(children) < 2:
            return
        text = self.text(*condition)
        self.add('condition inverted', *condition, '!(' + text + ')')
        body = self.extent(children[1])
        if cursor.kind == CursorKind.IF_STMT and body and \
                re.match(r'\{?\s*(throw|return|continue|break|refuse)', self.text(*body)):
            self.add('check removed', *condition, '(false && (' + text + '))')

    def parameter(self, cursor, extent):
        declared = cursor.referenced
        if declared is None or declared.kind != CursorKind.PARM_DECL or \
                declared.semantic_parent is None:
            return
        for other in declared.semantic_parent.get_children():
            if other.kind == CursorKind.PARM_DECL and other.spelling and \
                    other.spelling != declared.spelling and \
                    other.type.spelling == declared.type.spelling:
                self.add('%s for %s' % (other.spelling, declared.spelling), *extent, other.spelling)


def chosen_among(old, mutant, number):
    """The text of a place where a mutant is one of two branches."""
    asked = 'truestep_mutants::chosen(%d)' % number
    if mutant.kind == 'statement dropped':
        return '(void)(%s || ((void)(%s), true))' % (asked, old)
    if mutant.kind in ('condition inverted', 'check removed', 'negation dropped'):
        return '(%s ? bool(%s) : bool(%s))' % (asked, mutant.new, old)
    return '(%s ? (%s) : (%s))' % (asked, mutant.new, old)


def with_mutants(text, mutants, header):
    """A source with all of its mutants, {number: Mutant}, no two of which overlap; and of each the
    first and the last line there."""
    result, at, lines = ('#include "%s"\n' % header).encode(), 0, {}
    for number, mutant in sorted(mutants.items(), key=lambda m: m[1].begin):
        old = text[mutant.begin:mutant.end].decode()
        result += text[at:mutant.begin]
        first = 1 + result.count(b'\n')
        result += chosen_among(old, mutant, number).encode()
        lines[number] = first, 1 + result.count(b'\n')
        at = mutant.end
    return result + text[at:], lines
