#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bounds of drift as C++ functions, read out of what the theorems state.

    proofs/drift_bounds.py <proofs/Statements.v >proofs/generated/drift_bounds.hpp
    proofs/drift_bounds.py runs <proofs/Statements.v >proofs/generated/run_bounds.hpp

A page of a rule states `STATE_stays_near`: an exact run and a stored one, hypotheses, and a bound of
their distance. Each becomes RULE_STATE(...), whose parameters are the theorem's numbers in its own
order, less those that are stored, and whose value is the bound; none where a hypothesis on these
numbers does not hold. Hypotheses on the runs are the caller's to see to. A bound that is not written
out, but by the name of a definition, is left out.

`runs` reads the theorems about a run in IEEE arithmetic, `NAME_run_in_ieee`, and each definition
that they use. Each becomes NAME_run(...): how far theta is after T steps, none where a condition on
the numbers does not hold. Left out is a theorem with a condition on numbers that is neither a
comparison nor a definition made of such, or with one on the sizes of the exact run; and one whose
bound is written out, as it is about given hyperparameters.
"""
import re
import sys

TOKEN = re.compile(r'\s*([0-9]+|[A-Za-z_][\w.\']*|"[^"]*"%string|<=|[-+*/^()<])')
EXACT = re.compile(r'\br t "[^"]*"%string')


def at_depth_0(text, pattern):
    """Where the pattern first matches outside of parentheses, or None."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            match = re.compile(pattern).match(text, at)
            if match:
                return match
    return None


def split_at(text, pattern):
    match = at_depth_0(text, pattern)
    return (text[: match.start()], text[match.end():]) if match else (text, None)


def bound(binders):
    """(names, kind) for each group of `(a b : R) (t : nat)`, or of `a b : R`."""
    binders = " ".join(binders.split())
    return re.findall(r"\(([^:()]*) : ([^()]*)\)", binders) or [binders.split(" : ", 1)]


class Statement:
    """The numbers, definitions and hypotheses of a theorem, in its order, and what it concludes."""

    def __init__(self, text):
        self.numbers, self.natural, self.lines, self.stored = [], set(), [], set()
        rest = " ".join(text.split())
        while True:
            if rest.startswith("forall "):
                binders, rest = split_at(rest[len("forall "):], ", ")
                self.bind(binders)
            elif rest.startswith("let "):
                name, rest = split_at(rest[len("let "):], " := ")
                value, rest = split_at(rest, " in ")
                self.lines.append(("let", name, value))
            else:
                hypothesis, after = split_at(rest, " -> ")
                if after is None:
                    self.conclusion = rest
                    return
                self.suppose(hypothesis)
                rest = after

    def bind(self, binders):
        for names, kind in bound(binders):
            if kind in ("R", "nat"):
                self.numbers += names.split()
            if kind == "nat":
                self.natural |= set(names.split())

    def suppose(self, hypothesis):
        constant = re.match(r"Runs\.constant_within u (\w+) (\w+) ", hypothesis)
        if constant:
            self.stored.add(constant[2])
        elif re.search(r" <=? ", hypothesis) and not re.search(r"forall|Rabs|%|=[^ ]", hypothesis):
            self.lines.append(("suppose", hypothesis))


class Expression:
    """A term of real numbers, as C++."""

    LEVELS = [("+", "-"), ("*", "/")]

    def __init__(self, text, functions=()):
        self.names, self.functions, self.applied_functions = set(), functions, set()
        self.tokens = TOKEN.findall(EXACT.sub("exact", text))
        if "".join(self.tokens) != re.sub(r"\s", "", EXACT.sub("exact", text)):
            raise ValueError(f"not understood: {text}")
        self.code = self.level(0)
        if self.tokens:
            raise ValueError(f"not understood: {text}")

    def next(self, *expected):
        return self.tokens.pop(0) if self.tokens and (
            not expected or self.tokens[0] in expected) else None

    def level(self, n):
        if n == len(self.LEVELS):
            return self.power()
        code = self.level(n + 1)
        while operator := self.next(*self.LEVELS[n]):
            if operator == "/" and code.isdigit():
                code = f"Real({code})"
            code += f" {operator} {self.level(n + 1)}"
        return code

    def power(self):
        if self.next("/"):
            return f"1 / Real({self.power()})"
        base = self.applied()
        if self.next("^"):
            return f"pow(Real({base}), {self.applied()})"
        return base

    def applied(self):
        token = self.next()
        if token == "(":
            code = f"({self.level(0)})"
            if not self.next(")"):
                raise ValueError(f"not understood: {' '.join(self.tokens)}")
            return code
        if token in ("sqrt", "INR", "Rabs"):
            function = {"sqrt": "sqrt", "INR": "Real", "Rabs": "abs"}[token]
            argument = self.applied().removeprefix("(").removesuffix(")")
            return f"{function}(Real({argument}))" if function != "Real" else f"Real({argument})"
        if token == "Rmax":
            return f"std::max(Real({self.atom()}), Real({self.atom()}))"
        if token in self.functions:
            self.applied_functions.add(token)
            arguments = [self.atom() for _ in self.functions[token].parameters]
            return f"{self.functions[token].name}<Real>({', '.join(arguments)})"
        return self.name(token)

    def atom(self):
        if not self.next("("):
            return self.name(self.next())
        code = self.level(0)
        if not self.next(")"):
            raise ValueError(f"not understood: {' '.join(self.tokens)}")
        return code

    def name(self, token):
        if token == "Rounding.kappa":
            self.names.add("kappa")
            return "kappa"
        if not token or not re.fullmatch(r"[0-9]+|\w+", token):
            raise ValueError(f"not understood: {token}")
        if not token.isdigit():
            self.names.add(token)
        return token


def bound_of(conclusion):
    """(state, bound): how far the stored state is from the exact one; None if it does not say so."""
    for part in conclusion.split(" /\\ "):
        match = re.match(r'Rabs \(f t "(\w+)"%string - r t "\1"%string\) <= (.*)$', part)
        if match:
            return match[1], match[2]
    return None


def function_of(rule, name, text, kappa):
    statement = Statement(text)
    if not bound_of(statement.conclusion):
        return None
    state, bound = bound_of(statement.conclusion)
    known = [n for n in statement.numbers if n not in statement.stored] + ["exact", "kappa"]
    body, used, guards = [], set(), []
    for line in statement.lines:
        if line[0] == "let":
            value = Expression(line[2])
            body.append(f"  const Real {line[1]} = {value.code};")
            known.append(line[1])
            used |= value.names
            continue
        parts = [Expression(part) for part in re.split(" <=? ", line[1])]
        if any(not part.names <= set(known) for part in parts):
            continue
        relations = re.findall(" (<=?) ", line[1])
        for left, relation, right in zip(parts, relations, parts[1:]):
            body.append(f"  if (!({left.code} {relation} {right.code})) return std::nullopt;")
            used |= left.names | right.names
    value = Expression(bound)
    used |= value.names
    if used - set(known):
        raise ValueError(f"{rule}.{name} speaks of {sorted(used - set(known))}")
    if "kappa" in used:
        body.insert(0, f"  const Real kappa = {kappa};")
    parameters = [n for n in known if n in used and n != "kappa"
                  and (n in statement.numbers or n == "exact")]
    arguments = ", ".join(
        f"std::uint64_t {n}" if n in statement.natural else f"const Real& {n}" for n in parameters)
    return "\n".join([
        f"/// {rule}.{name}: {state} after t steps.",
        "template <class Real>",
        f"std::optional<Real> {rule}_{state}({arguments}) {{", *body,
        f"  return Real({value.code});", "}"])


KAPPA = "  const Real kappa = rounding_kappa<Real>();"


def lets(text):
    """(definitions, rest) of `let NAME := VALUE in ... REST`."""
    found = []
    while text.startswith("let "):
        name, text = split_at(text[len("let "):], " := ")
        value, text = split_at(text, " in ")
        found.append((name, value))
    return found, text


class Definition:
    """A definition of a number, or of conditions on numbers, as a C++ function."""

    PATTERN = re.compile(
        r"Check \(eq_refl : @Truestep[\w.]*?\.(\w+\.\w+) =\n\(fun (.*?) =>(.*?)\)\)\.\n\n", re.DOTALL)

    def __init__(self, qualified, binders, body):
        self.name = qualified.replace(".", "_")
        self.lets, self.body = lets(" ".join(body.split()))
        self.parameters = []
        self.bind(binders)
        while self.body.startswith("fun "):
            binders, self.body = split_at(self.body[len("fun "):], " => ")
            self.bind(binders)
        self.is_condition = re.search(" <=? ", self.body) is not None

    def bind(self, binders):
        self.parameters += [(name, kind) for names, kind in bound(binders)
                            for name in names.split()]

    def speaks_of_numbers(self):
        return all(kind in ("R", "nat") for _, kind in self.parameters)

    def used(self, functions):
        text = " ".join([self.body, *(value for _, value in self.lets)])
        return [word for word in TOKEN.findall(text) if word in functions]

    def code(self, functions):
        terms = [(name, Expression(value, functions)) for name, value in self.lets]
        body = [f"  const Real {name} = {value.code};" for name, value in terms]
        names = set().union(*(value.names for _, value in terms))
        if self.is_condition:
            code, more = comparisons(self.body, functions)
            value = " &&\n         ".join(code)
        else:
            last = Expression(self.body, functions)
            value, more = f"Real({last.code})", last.names
        if "kappa" in names | more:
            body.insert(0, KAPPA)
        return "\n".join([
            "template <class Real>",
            f"{'bool' if self.is_condition else 'Real'} {self.name}({declared(self.parameters)}) {{",
            *body, f"  return {value};", "}"])


def declared(parameters):
    return ", ".join(f"std::uint64_t {name}" if kind == "nat" else f"const Real& {name}"
                     for name, kind in parameters)


def comparisons(text, functions):
    """(comparisons, names) of a conjunction of chains a < b <= c."""
    code, names = [], set()
    for chain in text.split(" /\\ "):
        parts = [Expression(part, functions) for part in re.split(" <=? ", chain)]
        relations = re.findall(" (<=?) ", chain)
        code += [f"{left.code} {relation} {right.code}"
                 for left, relation, right in zip(parts, relations, parts[1:])]
        names = names.union(*(part.names for part in parts))
    return code, names


class NotOfNumbers(Exception):
    """A condition that is no comparison of numbers."""


class RunStatement(Statement):
    """A theorem about a run of a format: u, eta and limit for what its bits and exponents give."""

    FORMAT = [("bpow radix2 (- p)", "u"), ("bpow radix2 (3 - emax - p - 1)", "eta"),
              ("bpow radix2 emax", "limit"), ("Rabs (theta 0%nat)", "theta0"),
              ('Rabs (r 0%nat "theta"%string)', "theta0")]

    def __init__(self, text, functions):
        self.functions, self.runs = functions, {"stored"}
        text = " ".join(text.split())
        for coq, name in self.FORMAT:
            text = text.replace(coq, name)
        super().__init__(text)

    def bind(self, binders):
        super().bind(binders)
        for names, kind in bound(binders):
            if "->" in kind or kind == "Runs.run":
                self.runs |= set(names.split())

    def stored_numbers(self):
        """What is stored for a hyperparameter ends in t: alphat for alpha, wt for a weight."""
        return {name for name in self.numbers if len(name) > 1 and name.endswith("t")}

    def suppose(self, hypothesis):
        words = TOKEN.findall(hypothesis)
        if hypothesis == "(t <= T)%nat":
            return
        if self.runs & set(words):
            # What is compared but gradients is a condition on the exact run itself.
            if re.search(" <=? (?!t\\b|T\\b)", hypothesis) and '"gradient"' not in hypothesis:
                raise NotOfNumbers(hypothesis)
            return
        if words[0] in self.functions and self.functions[words[0]].is_condition:
            self.lines.append(("require", hypothesis))
        elif re.search(" <=? ", hypothesis) and "forall" not in words:
            self.lines.append(("suppose", hypothesis))
        else:
            raise NotOfNumbers(hypothesis)


def run_function_of(module, name, text, functions):
    """C++ of a theorem about a run; None if it is left out."""
    try:
        statement = RunStatement(text, functions)
    except NotOfNumbers:
        return None
    limit = None
    for part in statement.conclusion.split(" /\\ "):
        match = re.match(r'Rabs \((?:stored|B2R \(f) t "theta"%string\)? - '
                         r'(?:r t "theta"%string|theta t)\) <= (.*)$', part)
        limit = match[1] if match else limit
    if limit is None:
        return None
    # After all T steps.
    value = Expression(re.sub(r"\bt\b", "T", limit), functions)
    body, used = [], set(value.names)
    if not value.applied_functions:
        return None
    for kind, *line in statement.lines:
        if kind == "let" and line[1].startswith("fun "):
            continue
        if kind == "let":
            definition = Expression(line[1], functions)
            body.append(f"  const Real {line[0]} = {definition.code};")
            names = definition.names
        elif kind == "require":
            condition = Expression(line[0], functions)
            body.append(f"  if (!{condition.code}) return std::nullopt;")
            names = condition.names
        else:
            code, names = comparisons(line[0], functions)
            if not names & statement.stored_numbers():
                body += [f"  if (!({each})) return std::nullopt;" for each in code]
                used |= names
            continue
        used |= names
    if "kappa" in used:
        body.insert(0, KAPPA)
    parameters = [(n, "nat" if n in statement.natural else "R")
                  for n in ["u", "eta", "limit", *statement.numbers, "theta0"] if n in used]
    return "\n".join([
        f"/// {module}.{name}: theta after T steps, in which nothing overflows.",
        "template <class Real>",
        f"std::optional<Real> {name.removesuffix('_in_ieee')}({declared(parameters)}) {{", *body,
        f"  return Real({value.code});", "}"])


def run_functions(statements, kappa):
    functions = {match[1]: Definition(*match.groups()) for match in
                 Definition.PATTERN.finditer(statements)}
    functions = {name: each for name, each in functions.items() if each.speaks_of_numbers()}
    runs = [code for match in re.finditer(
        r"Check \(@Truestep\.rules\.(\w+)\.(\w+_run_in_ieee) :\n(.*?)\)\.\s*\n\n", statements,
        re.DOTALL) if (code := run_function_of(*match.groups(), functions))]
    names = {each.name: each for each in functions.values()}
    needed = []

    def need(definition):
        if definition in needed:
            return
        for word in definition.used(functions):
            need(functions[word])
        needed.append(definition)

    for code in runs:
        for name in re.findall(r"(\w+)<Real>", code):
            if name in names:
                need(names[name])
    return ["/// A stored coefficient is off by at most this times u, relative to itself.\n"
            f"template <class Real>\nReal rounding_kappa() {{\n  return {kappa};\n}}",
            *(definition.code(functions) for definition in needed), *runs]


HEADER = """// SPDX-License-Identifier: Apache-2.0
// Generated by proofs/drift_bounds.py{} from proofs/Statements.v: {}
// clang-format off
#pragma once

{}#include <cstdint>
#include <optional>

namespace truestep::proofs {{
"""
OF_STATES = """how far a stored state is from the
// exact one. The parameters are what the theorem calls them; rounding is to nearest."""
OF_RUNS = """how far theta is from the
// exact one after T steps in IEEE arithmetic, from zero states and theta0 in size, gradients being at
// most G. The format has half an ulp of u, least numbers of 2 eta and numbers below limit; none where
// a condition of the theorem does not hold. What is stored for a hyperparameter, and that both runs
// see the same gradients, is the caller's to see to."""


def main():
    statements = sys.stdin.read()
    match = re.search(r"@Truestep\.drift\.Rounding\.kappa =\n\((.*)\)\)\.", statements)
    kappa = Expression(match[1]).code
    if sys.argv[1:] == ["runs"]:
        print(HEADER.format(" runs", OF_RUNS, "#include <algorithm>\n"))
        functions = run_functions(statements, kappa)
    else:
        print(HEADER.format("", OF_STATES, ""))
        functions = [
            function_of(match[1], match[2], match[3], kappa)
            for match in re.finditer(
                r"Check \(@TruestepRules\.(\w+)\.(\w+_stays_near) :\n(.*?)\)\.\s*\n\n",
                statements, re.DOTALL)]
    print("\n\n".join(filter(None, functions)))
    print("\n}  // namespace truestep::proofs")


if __name__ == "__main__":
    main()
