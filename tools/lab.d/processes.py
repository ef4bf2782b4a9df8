# SPDX-License-Identifier: MIT
"""The processes of one run: the service under a pattern, the backend that it waits for, the load generator; and the
samples taken while they run."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build/lab"
PROGRAM = ROOT / "build/release/apps/patterns/patterns"
CORES = sorted(os.sched_getaffinity(0))
SAMPLE_SECONDS = 0.1
QUEUE_DEPTH, QUEUE_LIMIT = (re.compile(rf"^weir_pool_queue_{what}(?:\{{[^}}]*\}})? (\S+)", re.MULTILINE)
                            for what in ("depth", "limit"))


class LabError(Exception):
    """Something that ends the lab, with a sentence for the person who started it."""


def on_cores(cores, command):
    return ["taskset", "-c", ",".join(map(str, cores)), *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def generator_priority():
    """A prefix that lets the generator run when it is due although the service takes every core, where that is
    allowed, and its name."""
    for name, prefix in [("real-time", ["chrt", "--fifo", "1"]), ("nice -10", ["nice", "-n", "-10"])]:
        words = [*prefix, "true"]
        if shutil.which(words[0]) and not subprocess.run(words, capture_output=True).stderr:
            return name, prefix
    return "normal", []


class Process:
    """Started when entered, ended when left."""

    def __init__(self, name, cores, words, environment=None):
        self.name = name
        self.log = BUILD / f"{name}.log"
        self.words = on_cores(cores, words)
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def __enter__(self):
        with self.log.open("wb") as log:
            # A group of its own: Ctrl-C reaches the lab alone, which then ends what it started.
            self.process = subprocess.Popen(self.words, stdout=log, stderr=log, env=self.environment,
                                            start_new_session=True)
        return self

    def __exit__(self, *_):
        """Idle by now, so it ends soon; one that is still busy with abandoned work has nothing left to tell."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_alive(self):
        return self.process.poll() is None

    def cpu_seconds(self):
        """User and system time of all threads: in nanosecond steps where the kernel keeps them, else in clock ticks."""
        try:
            tasks = list(Path(f"/proc/{self.process.pid}/task").iterdir())
            return sum(int(Path(task, "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, IndexError):
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Service(Process):
    """Answers its health check once entered."""

    def __init__(self, name, program, cores, options, environment=None):
        self.port, self.admin_port = free_port(), free_port()
        words = [program, "serve", "--port", self.port, "--admin.port", self.admin_port, *options]
        super().__init__(name, cores, words, environment)

    def __enter__(self):
        super().__enter__()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.process.kill()
            raise
        return self

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise LabError(f"{self.name} does not answer; its output is in {self.log}")

    def _ask_admin(self, path):
        """The answer's text; empty when it is not there, or did not come in time."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=0.3) as answer:
                return answer.read().decode()
        except (OSError, ValueError):
            return ""

    def queues(self):
        """Entries in all pool queues, and their bound; None for what is not known."""
        text = self._ask_admin("/metrics")
        return tuple(sum(map(float, values)) if values else None
                     for values in (QUEUE_DEPTH.findall(text), QUEUE_LIMIT.findall(text)))

    def finished_jobs(self):
        """Durable jobs that have succeeded, wherever they ran; None when that is not known."""
        text = self._ask_admin("/queues")
        return sum(queue["jobs"].get("completed", 0) for queue in json.loads(text)) if text else None


def busy_seconds():
    """CPU time of the whole machine that was not idle, time stolen by its host included."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


class Sampler:
    """Reads CPU time and queue depth of a process ten times a second while entered, and how many jobs have succeeded
    where it has some."""

    def __init__(self, service, has_jobs=False):
        self._service, self._has_jobs, self._stop, self._thread = service, has_jobs, threading.Event(), None
        self.cpu, self.queue, self.finished_jobs = [], [], []  # Pairs of time.monotonic() and value.
        self.queue_limit = None

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        due = time.monotonic()
        while not self._stop.is_set():
            try:
                self.cpu.append((time.monotonic(), self._service.cpu_seconds()))
            except OSError:
                return  # It has ended, which the run reports.
            depth, limit = self._service.queues()
            self.queue.append((time.monotonic(), depth))
            self.queue_limit = limit or self.queue_limit
            if self._has_jobs:
                self.finished_jobs.append((time.monotonic(), self._service.finished_jobs()))
            due = max(due + SAMPLE_SECONDS, time.monotonic())
            self._stop.wait(due - time.monotonic())


def run_load(port, classes, warmup, duration, seed, prefix):
    """`classes`: name to (path, rate), (path, rate, "fresh") or (path, rate, JSON to POST). Returns what the generator
    printed."""
    words = on_cores(CORES[-1:], [*prefix, BUILD / "load_generator", "--port", port, "--warmup", warmup,
                                  "--duration", duration, "--seed", seed])
    for name, (path, *rest) in classes.items():
        words += ["--class", ",".join([name, path, *map(str, rest)])]
    finished = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        raise LabError(f"the load generator failed: {' '.join(words)}")
    run = json.loads(finished.stdout)
    for one in run["classes"]:
        if one["planned"] != one["completed"] + failures(one):
            raise LabError(f"the load generator lost requests of {one['path']}")
    return run


def failures(request_class):
    return sum(request_class[reason] for reason in ("refused", "reset", "timed_out", "malformed"))


def growth(samples, start, end):
    """How much a count grew a second between two times; of seconds of CPU, that is cores' worth."""
    inside = [(at, count) for at, count in samples if start <= at <= end and count is not None]
    if len(inside) < 2:
        return None
    (first, before), (last, after) = inside[0], inside[-1]
    return (after - before) / (last - first)


class Laboratory:
    """Runs one load after the other, each against a fresh service, beside one backend."""

    def __init__(self, program, quiet=False):
        self.program, self.quiet = program, quiet
        self.priority, self._prefix = generator_priority()
        self.backend = Service("backend", program, CORES[-1:], ["--pattern", "event-driven", "--loops", 1])
        self.runs = []

    def __enter__(self):
        self.backend.__enter__()
        return self

    def __exit__(self, *details):
        self.backend.__exit__(*details)

    def run(self, label, pattern, classes, warmup, duration, workers=None, seed=1, jobs=None):
        """One run; one that is void, because the machine was disturbed, is repeated once and counted. With `jobs`, a
        jobs.Jobs, the service takes in durable ones."""
        for attempt in (1, 2):
            run = self._run_once(label, pattern, classes, warmup, duration, workers, seed, jobs)
            run["attempt"] = attempt
            if not run["void"]:
                break
        self.runs.append(run)
        self._say(run)
        return run

    def _own_seconds(self, service, jobs):
        of_workers = jobs.cpu_seconds() if jobs else 0
        return service.cpu_seconds() + of_workers + self.backend.cpu_seconds() + time.process_time()

    def _run_once(self, label, pattern, classes, warmup, duration, workers, seed, jobs):
        options = ["--pattern", pattern, "--loops", 1]
        environment = {"PATTERNS_BACKEND": f"127.0.0.1:{self.backend.port}"}
        if workers and pattern == "event-driven":
            environment["PATTERNS_CPU_WORKERS"] = str(workers)  # Its pool "cpu"; --workers is for worker-pool.
        elif workers:
            options += ["--workers", workers]
        if jobs:
            options += jobs.options
            environment |= jobs.environment
        with ExitStack() as running:
            if jobs:
                running.enter_context(jobs)
            service = running.enter_context(Service(f"service-{pattern}", self.program, CORES, options, environment))
            clock = [time.monotonic(), busy_seconds(), self._own_seconds(service, jobs)]
            with Sampler(service, has_jobs=jobs is not None) as sampler:
                run = run_load(service.port, classes, warmup, duration, seed, self._prefix)
            took, busy, own = (after - before for after, before in
                               zip([time.monotonic(), busy_seconds(), self._own_seconds(service, jobs)], clock))
            start = run["started_s"] + warmup
            run["other_cores"] = max((busy - own - run["generator_cpu_s"]) / took, 0)
            run.update(label=label, pattern=pattern, workers=workers,
                       alive=service.is_alive() and (not jobs or jobs.are_alive()),
                       cpu_cores=growth(sampler.cpu, start, start + duration),
                       queue_limit=sampler.queue_limit,
                       queue=[(round(at - start, 3), depth) for at, depth in sampler.queue])
            if jobs:
                run["jobs"] = {"finished_rate": growth(sampler.finished_jobs, start, start + duration),
                               "states": jobs.count_after_kill(service)}
        run["classes"] = {one["name"]: one for one in run["classes"]}
        return run

    def _say(self, run):
        if self.quiet:
            return
        figures = "; ".join(
            f"{name} {one['rate']:g}/s: {one['goodput']:.0f}/s good, p99 {one['latency'].get('p99_ms', 0):.1f} ms"
            + (f", {one['status_503']} shed" if one["status_503"] else "")
            for name, one in run["classes"].items())
        figures += f"; {run['jobs']['finished_rate'] or 0:.1f}/s done" if "jobs" in run else ""
        workers = f" ({run['workers']})" if run["workers"] else ""
        fate = "" if run["alive"] and not run["void"] else "  VOID" if run["alive"] else "  DIED"
        print(f"  {run['label']:16} {run['pattern']}{workers}: {figures}{fate}",
              file=sys.stderr, flush=True)
