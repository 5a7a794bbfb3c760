# SPDX-License-Identifier: Apache-2.0
"""check on torch.optim: no class is accused of anything, and each planted fault is named."""

import functools
import os
import time
import unittest

import truestep
from support import classes, needs_torch, torch
from truestep import pytorch


def first_class():
    return next((rule, name) for rule, name, given in classes() if not given)


def faulty(name, fault):
    """A class of torch.optim with a fault; fault(parameter, before, gradient) follows its step."""
    base = getattr(torch.optim, name)

    def step(self):
        known = [(p, p.detach().clone(), p.grad.clone()) for p in self.param_groups[0]["params"]]
        base.step(self)
        with torch.no_grad():
            for each in known:
                fault(self, *each)

    return type(name, (base,), {"step": step, "__init__": base.__init__})


@needs_torch
class Classes(unittest.TestCase):
    def test_are_what_they_are(self):
        for rule, name, given in classes():
            with self.subTest(rule=rule, name=name):
                make = functools.partial(getattr(torch.optim, name), **given)
                result = truestep.check(make, trials=1)
                self.assertTrue(result, str(result))
                self.assertIn(f" is {rule} as in pytorch.{name}", repr(result))
                steps = next(x for x in result.details["sections"] if x["name"] == "steps")
                self.assertIn("from any state", steps["said"])

    def test_are_what_they_are_with_each_choice(self):
        for rule, its in pytorch.rules().items():
            for choice in its.CHOICES:
                given = dict(its.ONLY_WHERE) | {choice: True}
                if any(its.ONLY_WHERE.values()):
                    given.update(momentum=0.75)
                with self.subTest(rule=rule, choice=choice):
                    make = functools.partial(getattr(torch.optim, its.CLASSES[0]), **given)
                    result = truestep.check(make, trials=1, only="map")
                    self.assertTrue(result, str(result))

    def test_with_momentum_where_the_root_may_be_of_less_than_zero(self):
        for rule, its in pytorch.rules().items():
            if "centered" in its.CHOICES:
                make = getattr(torch.optim, its.CLASSES[0])
                make = functools.partial(make, centered=True, momentum=0.5)
                result = truestep.check(make)
                self.assertTrue(result, str(result))

    def test_in_double(self):
        rule, name = first_class()
        made = getattr(torch.optim, name)
        result = truestep.check(made, format="float64", trials=1, only="steps")
        self.assertTrue(result, str(result))

    def test_in_bfloat16(self):
        only = "steps"
        for rule, name, given in classes():
            with self.subTest(rule=rule, name=name):
                make = functools.partial(getattr(torch.optim, name), **given)
                result = truestep.check(make, format="bfloat16", trials=1, only=only)
                self.assertTrue(result, str(result))
                self.assertIn("in bfloat16,arithmetic=bfloat16", repr(result))
                if only == "steps":
                    self.assertIn("from any state", str(result.details["sections"]))
            only = "map"

    def test_in_bfloat16_round_each_operation(self):
        rule, name = first_class()
        made = getattr(torch.optim, name)
        result = truestep.check(made, format="bfloat16,rounding=nearest", trials=1, only="map")
        self.assertFalse(result)
        self.assertIn("each operation is rounded to bfloat16, not the result alone", repr(result))

    def test_are_not_what_others_are(self):
        for rule, its in pytorch.rules().items():
            if len(its.CLASSES) > 1:
                first, second = its.CLASSES
                made = functools.partial(getattr(torch.optim, second), weight_decay=0.1)
                result = truestep.check(
                    made, rule, f"pytorch.{first},weight_decay=0.1", trials=1, only="map"
                )
                self.assertFalse(result)
                self.assertIn(f"pytorch.{second}", repr(result))


@needs_torch
class Faults(unittest.TestCase):
    def kinds(self, fault, **options):
        rule, name = first_class()
        made = faulty(name, fault)
        result = truestep.check(made, rule, f"pytorch.{name}", trials=1, **options)
        self.assertFalse(result)
        return [x["kind"] for x in result.findings if x["wrong"]], str(result)

    def test_a_tail_that_is_not_stored(self):
        def fault(self, p, before, g):
            rest = len(p) % 16
            if rest:
                p[-rest:] = before[-rest:]

        kinds, text = self.kinds(fault)
        self.assertIn("not_stored", kinds)
        self.assertIn(" coordinates do not move: 192 ", text)  # but for gradients that are 0

    def test_a_theta_in_bfloat16_that_is_not_stored(self):
        kinds, text = self.kinds(
            lambda self, p, before, g: p.copy_(before), format="bfloat16", only="map"
        )
        self.assertEqual(kinds, ["not_stored"])

    def test_a_gradient_that_is_overwritten(self):
        kinds, text = self.kinds(lambda self, p, before, g: p.grad.zero_())
        self.assertIn("gradient_written", kinds)

    def test_a_step_uphill(self):
        kinds, text = self.kinds(lambda self, p, before, g: p.copy_(2 * before - p), only="map")
        self.assertIn("other_map", kinds)
        self.assertIn("step_sign=", text)

    def test_a_nan_that_spreads(self):
        kinds, text = self.kinds(lambda self, p, before, g: p.add_(0 * g.sum()))
        self.assertIn("spread", kinds)

    def test_an_exception(self):
        def fault(self, p, before, g):
            raise RuntimeError("out of paper")

        kinds, text = self.kinds(fault, only="map")
        self.assertEqual(kinds, ["exception"])
        self.assertIn('throws "RuntimeError: out of paper"', text)

    def test_a_crash_a_hang_and_an_exit(self):
        for kind, fault in (
            ("crash", lambda *given: os.abort()),
            ("hang", lambda *given: time.sleep(60)),
            ("exit", lambda *given: os._exit(3)),
        ):
            with self.subTest(kind=kind):
                self.assertEqual(self.kinds(fault, only="map", limit=0.5)[0], [kind])

    def test_a_class_that_nobody_knows_has_to_be_named(self):
        class Mine(torch.optim.Optimizer):
            pass

        with self.assertRaisesRegex(ValueError, "which convention Mine is said to be"):
            truestep.check(Mine)


if __name__ == "__main__":
    unittest.main()
