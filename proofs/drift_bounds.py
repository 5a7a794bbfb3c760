#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bounds of drift as C++ functions, read out of what the theorems state.

    proofs/drift_bounds.py <proofs/Statements.v >proofs/generated/drift_bounds.hpp

A page of a rule states `STATE_stays_near`: an exact run and a stored one, hypotheses, and a bound of
their distance. Each becomes RULE_STATE(...), whose parameters are the theorem's numbers in its own
order, less those that are stored, and whose value is the bound; none where a hypothesis on these
numbers does not hold. Hypotheses on the runs are the caller's to see to. A bound that is not written
out, but by the name of a definition, is left out.
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
        groups = re.findall(r"\(([^:()]*) : ([^()]*)\)", binders) or [binders.split(" : ", 1)]
        for names, kind in groups:
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

    def __init__(self, text):
        self.names = set()
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


def main():
    statements = sys.stdin.read()
    kappa = re.search(r"@Truestep\.drift\.Rounding\.kappa =\n\((.*)\)\)\.", statements)
    functions = [
        function_of(match[1], match[2], match[3], Expression(kappa[1]).code)
        for match in re.finditer(
            r"Check \(@TruestepRules\.(\w+)\.(\w+_stays_near) :\n(.*?)\)\.\s*\n\n", statements,
            re.DOTALL)]
    print("""// SPDX-License-Identifier: Apache-2.0
// Generated by proofs/drift_bounds.py from proofs/Statements.v: how far a stored state is from the
// exact one. The parameters are what the theorem calls them; rounding is to nearest.
// clang-format off
#pragma once

#include <cstdint>
#include <optional>

namespace truestep::proofs {
""")
    print("\n\n".join(filter(None, functions)))
    print("\n}  // namespace truestep::proofs")


if __name__ == "__main__":
    main()
