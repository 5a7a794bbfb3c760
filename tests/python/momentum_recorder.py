# SPDX-License-Identifier: Apache-2.0
"""Recorder: a run of momentum descent by numpy, whose steps store bfloat16."""

import unittest

import numpy
import truestep
from truestep.recording import BFLOAT16


def stored(x):
    """To the nearest bfloat16, as float32."""
    bits = x.view(numpy.uint32)
    bits = bits + numpy.uint32(0x7FFF) + (bits >> 16 & 1).astype(numpy.uint32)
    return (bits & numpy.uint32(0xFFFF0000)).view(numpy.float32)


def bits_of(x):
    return (x.view(numpy.uint32) >> 16).astype(numpy.uint16).view(BFLOAT16)


class Recorder(unittest.TestCase):
    def test_steps_that_store_bfloat16_are_named(self):
        generator = numpy.random.default_rng(1)
        theta = stored(generator.normal(size=40).astype(numpy.float32))
        recorder = truestep.Recorder(bits_of(theta))
        for _ in range(40):
            g = stored(generator.normal(size=40).astype(numpy.float32))
            theta = stored(theta - numpy.float32(0.1) * g)
            recorder.step(bits_of(g), bits_of(theta), learning_rate=0.1)
        found = recorder.identify("momentum", "--momentum", "0", "pytorch")
        self.assertEqual(found.consistent, ["pytorch"], str(found))
        self.assertIn("stored_in_bfloat16", str(found))


if __name__ == "__main__":
    unittest.main()
