# SPDX-License-Identifier: MIT
"""What the tests of jobs share: services of job_app on one store, their ledger, and a client that remembers."""
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE = 60.0


def fail(message):
    raise SystemExit(f"FAILED: {message}")


def wait_until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.005)
    fail(f"waited {patience} s in vain: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Place:
    """A folder with the store, the ledger and the logs; goes with the process."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="weir-jobs-")
        self.path = Path(self._folder.name)
        self.ledger = self.path / "ledger"

    def lines(self):
        """(id, name, attempt) of every attempt that has begun."""
        if not self.ledger.exists():
            return []
        return [(words[0], words[1], int(words[2])) for words in map(str.split, self.ledger.read_text().splitlines())]


class Service:
    """A process of job_app on the store of a place: a service, or a worker alone."""

    def __init__(self, binary, place, command="serve", flags=(), port=None, env=()):
        self.port = port or free_port()
        words = [binary, command, "--data", str(place.path / "data"), "--port", str(self.port), "--admin.enabled=false",
                 *flags]
        self.log = place.path / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log,
                                            env={**os.environ, "LEDGER": str(place.ledger), **dict(env)})
        if command == "serve":
            self.wait_until_up()

    def wait_until_up(self):
        def is_up():
            if self.process.poll() is not None:
                fail(f"the service ended with {self.process.returncode}:\n{self.log.read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            except OSError:
                return False
        wait_until(is_up, "the service to come up")

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, JSON); raises OSError or HTTPException when the service goes meanwhile."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            given = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {}
            connection.request(method, path, content, given)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
        finally:
            connection.close()

    def enqueue(self, path, **order):
        status, _, job = self.ask("POST", path, order)
        if status != 202:
            fail(f"{path} answered {status}: {job}")
        return job["id"]

    def job(self, id):
        status, _, job = self.ask("GET", f"/jobs/{id}")
        if status != 200:
            fail(f"/jobs/{id} answered {status}: {job}")
        return job

    def wait_for_end(self, id, patience=PATIENCE):
        return wait_until(lambda: (job := self.job(id))["status"] not in ("queued", "running") and job,
                          f"job {id} to end", patience)
