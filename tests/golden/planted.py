#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A golden test that cannot fail shows nothing: each here refuses a program that stands in for truestep
and has one thing wrong, and none refuses one that has not."""

import ast
import os
import re
import runpy
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = os.environ['TRUESTEP_PROGRAM']

# A test, and what sed makes wrong in what is printed.
PLANTS = [
    # The last figure of a distance, beyond what is certain of it, and not.
    ('momentum.py Audit.test_json_has_the_figures',
     r's/"mean_absolute": \([0-9]\)\.\([0-9]\)/"mean_absolute": \1.\20/'),
    ('momentum.py Audit.test_json_has_the_figures', r's/"lost": 0,/"lost": 1,/'),
    ('momentum.py Audit.test_json_has_the_figures', r's/"digit": 7/"digit": 8/'),
    ('momentum.py Audit.test_json_has_the_figures', r's/"exponent": \([0-9]\)/"exponent": -\1/'),
    ('momentum.py Audit.test_json_has_the_figures', r's/"residual": [^,]*/"residual": 1e-3/'),
    ('momentum.py Audit.test_json_is_as_its_page_says', r's/"stored":/"kept":/'),
    ('momentum.py Audit.test_csv_has_the_figures_of_json', r's/,theta,\([0-9]*\),\([^,]*\),/,theta,\1,1,/'),
    ('momentum.py Audit.test_text_has_the_figures_of_json', r's/closest at 0/closest at 1/'),
    ('momentum.py Audit.test_text_has_the_figures_of_json', r's/  double  /  float   /'),
    ('momentum.py Audit.test_details_have_the_figures_of_json', r's/lost in half/lost in a third/'),
    ('momentum.py Audit.test_markdown_has_the_figures_of_json', r's/| 16 |/| 61 |/'),
    ('momentum.py Audit.test_verdicts_follow_from_the_figures', r's/"verdict": "drifts"/"verdict": "safe"/'),
    ('momentum.py Audit.test_the_budget_that_is_explained_is_one', r's/median_ulp  *10/median_ulp        9/'),
    ('momentum.py Audit.test_help_has_numbers_then_switches_then_words', r's/--dampening NUMBER/--dampening WORD/'),
    ('momentum.py Compare.test_json_has_the_figures', r's/"median": \([1-9]\)/"median": 1\1/'),
    ('momentum.py Compare.test_text_has_the_figures_of_json', r's/^ *times .*//'),
    ('momentum.py Rules.test_the_equations_are_the_rule', r's/v_(t-1) - /v_(t-1) + /'),
    ('momentum.py Identify.test_a_bit_that_is_wrong_is_located', r's/"coordinate": 4/"coordinate": 5/'),
    # JSON, which is indented, stays as it is: the file reads it before its tests.
    ('files.py OddNames.test_csv_has_as_many_fields_in_each_line', r'/^ /!s/""/"/g'),
    ('files.py OddNames.test_errors_send_nothing_to_a_terminal', r's/\\x1b/\x1b/g')]

# And what those state that are of one rule.
for path in sorted(HERE.glob('*.py')):
    found = re.search(r'^PLANTS = (\[.*?\])$', path.read_text(), re.M | re.S)
    if found and path != Path(__file__).resolve():
        PLANTS += [('%s %s' % (path.name, test), script) for test, script in
                   ast.literal_eval(found[1])]


STAND_IN = """#!/bin/sh
out=$("%s" "$@" 2>"$0.err"; echo "=$?")
printf %%s "${out%%=*}" | sed '%s'
sed '%s' <"$0.err" >&2
exit "${out##*=}"
"""


def status(test, script):
    """How a test ends upon a program that is this filter of truestep."""
    with tempfile.TemporaryDirectory() as folder:
        stand_in = Path(folder) / 'truestep'
        stand_in.write_text(STAND_IN % (PROGRAM, script, script))
        stand_in.chmod(0o700)
        child = os.fork()  # an interpreter of its own would have to import unittest again
        if child == 0:
            os._exit(ending(stand_in, *test.split()))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def ending(program, file, name):
    """How this process would exit after a test of a file; 2 if the file ends by an error instead."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    os.environ['TRUESTEP_PROGRAM'] = str(program)
    sys.argv = [file, name]
    try:
        runpy.run_path(str(HERE / file), run_name='__main__')
    except SystemExit as ended:
        return int(ended.code)
    except BaseException:
        pass
    return 2


class Plants(unittest.TestCase):
    def test_are_refused(self):
        for test, script in PLANTS:
            with self.subTest(test, script=script):
                self.assertEqual(status(test, script), 1)

    def test_are_not_seen_where_there_is_none(self):
        for test in dict.fromkeys(test for test, _ in PLANTS):
            with self.subTest(test):
                self.assertEqual(status(test, 's/a/a/'), 0)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
