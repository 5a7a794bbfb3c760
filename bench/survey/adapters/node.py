# SPDX-License-Identifier: Apache-2.0
"""Libraries of JavaScript: serve.cjs steps them, and each run is a connection to it."""

import base64
import json
import socket
import subprocess
import tempfile
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent


class Server:
    """Node.js with the packages of a folder, until it is closed."""

    def __init__(self, system, packages):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = str(Path(self.folder.name, "socket"))
        command = ["node", HERE / "serve.cjs", HERE / f"{system}.cjs", packages, self.socket]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise ImportError(f"{system}: node with its packages is not there")
        self.said = json.loads(line)

    def make(self, class_name):
        return lambda setup: Optimizer(self.socket, class_name, setup)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Optimizer:
    def __init__(self, path, class_name, setup):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        self.lines = connection.makefile("rw")
        self.type = setup.type
        self.ask(make=class_name, numbers=setup.numbers, length=setup.length, format=setup.format)

    def ask(self, **question):
        self.lines.write(json.dumps(question) + "\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def step(self, theta, gradient, t):
        given = {"theta": theta, "gradient": gradient}
        coded = {name: base64.b64encode(x.tobytes()).decode() for name, x in given.items()}
        answer = self.ask(t=t, **coded)
        theta[...] = numpy.frombuffer(base64.b64decode(answer["theta"]), self.type)
