# SPDX-License-Identifier: Apache-2.0
"""record: loops of PyTorch as people write them, brought in and named."""

import contextlib
import functools
import io
import math
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy
import truestep
from support import classes, made, model_and_loss, needs_torch, torch, train
from truestep import pytorch
from truestep.recording import BFLOAT16, load

STEPS, COORDINATES = 40, 200


def first_made(parameters, **given):
    rule, name, _ = next(x for x in classes() if not x[2])
    return made(name, parameters, given)


@needs_torch
class Training(unittest.TestCase):
    def setUp(self):
        self.model, self.loss = model_and_loss()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def recorded(self, optimizer, steps=STEPS, after=lambda t: None, **options):
        with truestep.record(optimizer, coordinates=COORDINATES, **options) as run:
            train(optimizer, self.loss, steps, after)
        self.assertIsNone(run.stopped)
        return run

    def assert_is(self, run, *rows):
        found = run.identify(*rows)
        self.assertTrue(found, str(found))
        for row in rows:
            self.assertIn(row, found.consistent, str(found))

    def test_each_class_is_found_to_be_itself(self):
        for rule, name, given in classes():
            for choice in (None, *pytorch.rules()[rule].CHOICES):
                with self.subTest(rule=rule, name=name, choice=choice):
                    self.model, self.loss = model_and_loss()
                    more = given | ({choice: True} if choice else {})
                    if choice == "maximize":
                        more["lr"] = 1e-4
                    run = self.recorded(made(name, self.model.parameters(), more))
                    found = run.identify()
                    self.assertTrue(found, str(found))
                    systems = [x.split(",")[0] for x in found.consistent]
                    self.assertTrue({"pytorch", f"pytorch.{name}"} & set(systems), str(found))

    def test_a_fault_is_not_named_as_its_class(self):
        rule, name, given = next(x for x in classes() if not x[2])
        optimizer = made(name, self.model.parameters(), given)
        plain = optimizer.step

        def uphill():
            before = [p.detach().clone() for p in self.model.parameters()]
            plain()
            with torch.no_grad():
                for p, x in zip(self.model.parameters(), before):
                    p.copy_(2 * x - p)

        optimizer.step = uphill
        found = self.recorded(optimizer, 10).identify("pytorch")
        self.assertFalse(found, str(found))
        self.assertEqual(found.status, "excluded")

    def test_a_schedule_is_recorded_step_by_step(self):
        for made_inside in (False, True):
            optimizer = first_made(self.model.parameters(), lr=0.05)
            cosine = functools.partial(torch.optim.lr_scheduler.CosineAnnealingLR, T_max=STEPS)
            if not made_inside:
                schedule = cosine(optimizer)
            recording = truestep.record(optimizer, coordinates=COORDINATES)
            with warnings.catch_warnings(), recording as run:
                warnings.simplefilter("error")  # a scheduler warns where its mark is lost
                if made_inside:
                    schedule = cosine(optimizer)
                train(optimizer, self.loss, STEPS, lambda t: schedule.step())
            (file,) = self.saved(run, "run.npz")
            rates = load(file)["learning_rate"]
            self.assertAlmostEqual(rates[STEPS // 2], 0.025, places=3)
            self.assert_is(run, "pytorch")
            train(optimizer, self.loss, 2)
            self.assertEqual(run.steps, STEPS)
            self.model, self.loss = model_and_loss()

    def saved(self, run, name="run.safetensors"):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            files = run.save(self.folder / name)
        self.said = said.getvalue()
        return files

    def test_two_groups_are_two_files(self):
        first, second = self.model[0].parameters(), self.model[2].parameters()
        other = {"params": second, "lr": 1.0, "weight_decay": 0.1}
        optimizer = first_made([{"params": first}, other])
        run = self.recorded(optimizer)
        files = self.saved(run)
        self.assertEqual([Path(x).name for x in files], ["run-1.safetensors", "run-2.safetensors"])
        self.assertIn("2 parts differ in numbers, type or steps: a file for each", self.said)
        columns = [load(x)["params"].shape[1] for x in files]
        self.assertEqual(sum(columns), COORDINATES)
        self.assert_is(run, "pytorch")

    def test_equal_groups_are_one_file(self):
        groups = [{"params": self.model[k].parameters()} for k in (0, 2)]
        self.assertEqual(len(self.saved(self.recorded(first_made(groups)))), 1)

    def test_types_are_files_of_their_own(self):
        self.model[2].double()
        with torch.no_grad():
            x, y = torch.randn(64, 20), torch.randn(64, 5).double()
        inner, outer = self.model[:2], self.model[2]
        self.loss = lambda: ((outer(inner(x).double()) - y) ** 2).mean()
        run = self.recorded(first_made(self.model.parameters()))
        self.assertEqual(
            sorted(str(load(x)["params"].dtype) for x in self.saved(run)), ["float32", "float64"]
        )
        self.assert_is(run, "pytorch")

    def test_a_loop_that_unscales_and_skips(self):
        """As torch.cuda.amp.GradScaler does, which Debian's PyTorch has not: it needs CUDA."""
        optimizer = first_made(self.model.parameters())
        scale, skipped = 2.0**16, 0
        with truestep.record(optimizer, coordinates=COORDINATES) as run:
            for t in range(STEPS):
                optimizer.zero_grad()
                (self.loss() * scale).backward()
                if t % 7 == 3:
                    next(self.model.parameters()).grad[0, 0] = math.inf
                finite = True
                for p in self.model.parameters():
                    p.grad /= scale
                    finite &= bool(torch.isfinite(p.grad).all())
                if finite:
                    optimizer.step()
                else:
                    skipped, scale = skipped + 1, scale / 2
        self.assertEqual((skipped, run.steps), (6, STEPS - 6))
        self.assert_is(run, "pytorch")

    def test_a_closure_is_called_once_and_its_gradients_are_recorded(self):
        optimizer, calls = first_made(self.model.parameters()), []

        def closure():
            calls.append(1)
            optimizer.zero_grad()
            loss = self.loss()
            loss.backward()
            return loss

        with truestep.record(optimizer) as run:
            for _ in range(10):
                self.assertIsNotNone(optimizer.step(closure))
        self.assertEqual(len(calls), 10)
        self.assert_is(run, "pytorch")

    def test_a_run_is_taken_up_from_a_checkpoint(self):
        for grouped in (False, True):
            self.model, self.loss = model_and_loss()

            def parameters(model):
                if not grouped:
                    return model.parameters()
                other = {"params": model[2].parameters(), "lr": 0.5}
                return [{"params": model[0].parameters()}, other]

            optimizer = first_made(parameters(self.model))
            self.saved(self.recorded(optimizer, 15))
            weights, states = self.model.state_dict(), optimizer.state_dict()
            self.model, self.loss = model_and_loss()
            self.model.load_state_dict(weights)
            optimizer = first_made(parameters(self.model))
            optimizer.load_state_dict(states)
            with self.assertRaisesRegex(truestep.Refused, "has made steps before"):
                truestep.record(optimizer)
            run = self.recorded(optimizer, 15, continues=self.folder / "run.safetensors")
            self.assertEqual(load(self.saved(run, "both.npz")[0])["grads"].shape[0], 30)
            self.assert_is(run, "pytorch")
            with torch.no_grad():
                next(self.model.parameters()).add_(1)
            run = self.recorded(optimizer, 2, continues=self.folder / "run.safetensors")
            with self.assertRaisesRegex(truestep.Refused, "are not those with which"):
                run.save(self.folder / "no.npz")

    def test_tensors_without_gradients_are_said(self):
        extra = torch.nn.Parameter(torch.ones(3))
        run = self.recorded(first_made([*self.model.parameters(), extra]), 5)
        self.saved(run)
        self.assertIn("1 of 5 tensors never had a gradient and are left out\n", self.said)
        self.assertIn("200 of 788 coordinates are a sample\n", self.said)

    def test_a_tensor_that_misses_steps_is_a_part(self):
        optimizer = first_made(self.model.parameters())
        with truestep.record(optimizer, coordinates=COORDINATES) as run:
            for t in range(20):
                optimizer.zero_grad(set_to_none=True)
                self.loss().backward()
                if t % 2:
                    self.model[0].bias.grad = None
                optimizer.step()
        self.assertEqual([len(part.steps) for part in run.parts], [20, 10])
        self.assert_is(run, "pytorch")

    def test_a_change_from_outside_ends_the_record_and_not_the_loop(self):
        def clipped(t):
            if t == 6:
                with torch.no_grad():
                    self.model[0].weight.clamp_(-0.01, 0.01)

        optimizer = first_made(self.model.parameters())
        said = "recorded to step 7 alone: the parameters were changed"
        with self.assertWarnsRegex(UserWarning, said):
            with truestep.record(optimizer) as run:
                train(optimizer, self.loss, 10, clipped)
        self.assertEqual(run.steps, 7)
        self.saved(run)
        self.assertIn("recorded to step 7 alone", self.said)
        self.assert_is(run, "pytorch")

    def test_other_parameters_and_sparse_gradients_end_it(self):
        optimizer = first_made(self.model.parameters())
        with self.assertWarnsRegex(UserWarning, "was given other parameters"):
            with truestep.record(optimizer) as run:
                train(optimizer, self.loss, 2)
                optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(2))]})
                train(optimizer, self.loss, 1)
        table = torch.nn.Embedding(5, 3, sparse=True)
        optimizer = torch.optim.SGD(table.parameters(), lr=0.1)
        with self.assertWarnsRegex(UserWarning, "a gradient is sparse"):
            with truestep.record(optimizer) as run:
                train(optimizer, lambda: table(torch.tensor([1, 2])).sum(), 1)
        with self.assertRaisesRegex(truestep.Refused, "no step was recorded"):
            run.save(self.folder / "run.npz")

    def test_parameters_in_bfloat16_are_recorded_bit_by_bit(self):
        self.model = self.model.bfloat16()
        whole = torch.nn.Parameter(torch.ones(3))

        def loss():
            x = torch.randn(16, 20, generator=torch.Generator().manual_seed(1))
            return self.model(x.bfloat16()).float().square().mean() + whole.square().sum()

        optimizer = first_made([*self.model.parameters(), whole])
        with truestep.record(optimizer, coordinates=10**6) as run:
            train(optimizer, loss, 12)
        files = self.saved(run)
        self.assertEqual(len(files), 2)
        kept, exact = load(files[0])["params"], load(files[1])["params"]
        self.assertEqual((kept.dtype, exact.dtype), (BFLOAT16, numpy.float32))
        last = torch.cat([p.detach().reshape(-1) for p in self.model.parameters()])
        self.assertEqual(kept[-1].tobytes(), last.view(torch.int16).numpy().tobytes())
        again = self.saved(run, "run.npz")[0]
        self.assertEqual(load(again)["params"].tobytes(), kept.tobytes())
        # Its states are in bfloat16 too, which is not judged.
        self.assertIn(run.identify().status, ("consistent", "not determined"))

    def test_what_the_record_has_no_place_for_is_refused(self):
        half = torch.nn.Parameter(torch.ones(3, dtype=torch.float16))
        whole = torch.nn.Parameter(torch.ones(3))
        with self.assertRaisesRegex(truestep.Refused, "are float16; .*master weights"):
            truestep.record(first_made([half, whole]))
        truestep.record(first_made([half, whole]), only=lambda p: p.dtype == torch.float32)
        with self.assertRaisesRegex(truestep.Refused, "no parameter to record"):
            truestep.record(first_made([half]), only=lambda p: False)
        for rule, its in pytorch.rules().items():
            pairs = {x[0] for x in its.NUMBERS.values() if isinstance(x, tuple)}
            for key in pairs:
                optimizer = made(its.CLASSES[0], self.model.parameters(), {})

                def changed(t):
                    optimizer.param_groups[0][key] = (0.5 + t / 10, 0.9)

                with self.assertRaisesRegex(truestep.Refused, f"{key} changes from step to step"):
                    self.recorded(optimizer, 3, changed).save(self.folder / "run.npz")

    def test_the_optimizer_is_left_as_it_was(self):
        optimizer = first_made(self.model.parameters())
        with truestep.record(optimizer):
            self.assertIn("step", vars(optimizer))
        self.assertNotIn("step", vars(optimizer))
        mine = optimizer.step
        optimizer.step = mine
        with truestep.record(optimizer):
            pass
        self.assertIs(vars(optimizer)["step"], mine)

    def test_the_loop_goes_as_without(self):
        last = []
        for recording in (False, True):
            model, loss = model_and_loss()
            optimizer = first_made(model.parameters())
            with truestep.record(optimizer) if recording else contextlib.nullcontext():
                train(optimizer, loss, 10)
            last.append(torch.cat([p.detach().reshape(-1) for p in model.parameters()]).numpy())
        self.assertTrue(numpy.array_equal(*last))


if __name__ == "__main__":
    unittest.main()
