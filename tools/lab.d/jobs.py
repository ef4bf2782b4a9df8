# SPDX-License-Identifier: MIT
"""The durable jobs of one run: their store, the worker processes on it, and what has become of them in the end."""
import json
import os
import shutil
import subprocess
from collections import Counter
from contextlib import ExitStack

from processes import BUILD, CORES, LabError, Process

ENVIRONMENT = {"PATTERNS_JOBS": "1"}


class Jobs:
    """An empty store when entered, and so many worker processes on it until left; the service itself runs the jobs
    where `workers` is None. A process runs as many jobs at a time as it has slots. The service needs the `options` and
    the `environment`, and has to be started after, and ended before."""

    def __init__(self, program, slots, workers=None):
        self.environment = ENVIRONMENT
        self._program, self._store = program, ["--data", BUILD / "jobs"]
        engine = [*self._store, "--jobs.workers", slots]
        self.options = engine if workers is None else [*self._store, "--jobs.run=false"]
        self._processes = [Process(f"worker-{number}", CORES, [program, "worker", *engine], ENVIRONMENT)
                           for number in range(workers or 0)]
        self._running = ExitStack()

    def __enter__(self):
        self._remove_store()
        with ExitStack() as starting:  # Ends them when one cannot be started.
            for process in self._processes:
                starting.enter_context(process)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()
        self._remove_store()

    def _remove_store(self):
        shutil.rmtree(self._store[-1], ignore_errors=True)

    def are_alive(self):
        return all(process.is_alive() for process in self._processes)

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self._processes)

    def count_after_kill(self, service):
        """How many jobs are in each state once the service is killed and the workers have ended: all that it had
        answered 202 have to be among them."""
        service.kill()
        self._running.close()
        words = [str(word) for word in (self._program, "jobs", "stats", "--json", *self._store)]
        asked = subprocess.run(words, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT})
        if asked.returncode != 0:
            raise LabError(f"the store of the jobs cannot be read: {' '.join(words)}")
        counts = Counter()
        for queue in json.loads(asked.stdout)["queues"]:
            counts.update(queue["jobs"])
        return counts
