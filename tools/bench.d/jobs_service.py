# SPDX-License-Identifier: MIT
"""What the measurements of durable jobs share: the service, and the same statements by SQLite's C API."""
import http.client
import json
import re
import shutil
import subprocess
import threading
import time
import urllib.request

import common

PRODUCERS = 64
STALL_MS = 5
SLOW_DISK = 8_000  # fdatasync/s; above, one commit per job waits for the processor as well
FOLDER = common.BUILD / "jobs"
BODY = common.HERE / "job.json"
CORES = f"{common.SERVER_CORE},{common.CLIENT_CORE}"


def bare(mode, seconds, *more, wrapper=()):
    """How many a second, and how many in a transaction."""
    command = [*wrapper, common.BUILD / "bare_jobs", mode, FOLDER / "bare.db", seconds, *more]
    output = subprocess.run(common.on_core(CORES, command), capture_output=True, text=True)
    if output.returncode != 0:
        common.fail(output.stderr.strip())
    rate, batch = map(float, output.stdout.split())
    return rate, batch


class Service:
    """apps/benchmark with jobs, on both cores; its store is empty, and goes with it, unless it is given as `data`."""

    def __init__(self, name, *flags, wrapper=(), data=None, log=("--log.level", "error")):
        self.data, self.is_kept = data or FOLDER / name, data is not None
        if not self.is_kept:
            shutil.rmtree(self.data, ignore_errors=True)
        admin = common.free_port()
        flags = ["--admin.port", admin, "--data", self.data, *log, *flags]
        self.server = common.Server(f"jobs-{name}", common.weir, wrapper=["env", "BENCHMARK_JOBS=1", *wrapper],
                                    flags=flags, core=CORES)
        self.metrics_url = f"http://127.0.0.1:{admin}/metrics"

    @property
    def store(self):
        return next(self.data.glob("*.db"))

    def metric(self, name, labels=""):
        """The sum over all that have these labels."""
        text = urllib.request.urlopen(self.metrics_url).read().decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{\S*{labels}\S*}})? (\S+)", text, re.MULTILINE))

    def finished(self):
        return self.metric("weir_jobs_attempts_total", 'outcome="succeeded"')

    def load(self, scenario, seconds, connections=PRODUCERS):
        result = common.run_wrk(common.wrk_command(self.server.port, seconds, connections), scenario, BODY)
        if result["errors"]:
            common.fail(f"{result['errors']} requests failed")
        return result

    def stop(self):
        self.server.stop()
        if not self.is_kept:
            shutil.rmtree(self.data)


def intake(service, seconds):
    """What wrk measured, and how many jobs shared a transaction."""
    result = service.load("jobs", seconds)
    batch = service.metric("weir_db_commit_writes_sum") / service.metric("weir_db_commit_writes_count")
    return result, batch


def cycle(service, seconds):
    """The same with finished jobs a second as `rate`."""
    finished, commits = service.finished(), service.metric("weir_db_commit_writes_count")
    result = service.load("jobs", seconds)
    begin = time.monotonic()
    while service.finished() < finished + result["requests"]:
        if time.monotonic() > begin + 60:
            common.fail(f"{service.finished() - finished:.0f} of {result['requests']} jobs are finished a minute after "
                        f"the last was stored")
        time.sleep(0.002)
    drain = time.monotonic() - begin
    done, commits = service.finished() - finished, service.metric("weir_db_commit_writes_count") - commits
    return {**result, "rate": result["requests"] / (result["requests"] / result["per_second"] + drain),
            "drain_ms": drain * 1e3}, done / commits


def pick_up(service, times):
    """For some jobs, one after the other: milliseconds of the enqueueing, and from the commit to the handler."""
    connection = http.client.HTTPConnection("127.0.0.1", service.server.port)
    timings = []
    for _ in range(times):
        time.sleep(0.002)
        connection.request("POST", "/jobs/timed")
        timings.append(json.loads(connection.getresponse().read()))
    connection.close()
    return [t["commit_us"] / 1e3 for t in timings], [t["pick_up_us"] / 1e3 for t in timings]


def beside(service, seconds):
    """An inline route while jobs run at full speed: its latencies, and how many loop turns were long."""
    before = service.metric("weir_loop_stalls_total")
    load = threading.Thread(target=service.load, args=("jobs", seconds))
    load.start()
    result = service.load("plaintext", seconds, connections=1)
    load.join()
    return result, service.metric("weir_loop_stalls_total") - before
