# SPDX-License-Identifier: MIT
"""Durable jobs beside what the machine can do: SQLite's C API with the same rows and statements, and the bare disk.

Every measurement has its turn in each round, with a store made anew: compare the ratios within rounds. The server has
all cores, as jobs need several threads (the loop, the store's writer, the engine, workers); the load shares the second
one with them. `intake` only stores jobs (--jobs.run=false); `cycle` runs them, too, and counts until the last one is
finished; `fused` does so without HTTP, threads or a handler, with as many jobs in a transaction as `cycle` had.

Fails when the median over the rounds is: intake below half of the bare loop, or, where the disk is slow, below four
times one commit per job; cycle below half of fused; the median pick-up of an idle service above 2 ms; or when a turn of
the loop took longer than 5 ms while jobs ran at full speed beside an inline route."""
import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

import common

PRODUCERS = 64
SLOW_DISK = 8_000  # fdatasync/s; above, one commit per job waits for the processor as well
PICK_UP_LIMIT_MS, STALL_MS = 2, 5
AIM = 10_000
FOLDER = common.BUILD / "jobs"
BODY = common.HERE / "job.json"


def bare(mode, seconds, *more):
    command = [common.BUILD / "bare_jobs", mode, FOLDER / "bare.db", seconds, *more]
    output = subprocess.run(common.on_core(f"{common.SERVER_CORE},{common.CLIENT_CORE}", command), capture_output=True,
                            text=True)
    if output.returncode != 0:
        common.fail(output.stderr.strip())
    rate, batch = map(float, output.stdout.split())
    return rate, batch


class Service:
    """apps/benchmark with jobs, on both cores, its store empty."""

    def __init__(self, name, *flags):
        self.data = FOLDER / name
        shutil.rmtree(self.data, ignore_errors=True)
        admin = common.free_port()
        flags = ["--admin.port", admin, "--log.level", "error", "--data", self.data, *flags]
        self.server = common.Server(f"jobs-{name}", common.weir, flags=flags,
                                    core=f"{common.SERVER_CORE},{common.CLIENT_CORE}")
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
        return common.run_wrk(common.wrk_command(self.server.port, seconds, connections), scenario, BODY)

    def stop(self):
        self.server.stop()
        shutil.rmtree(self.data)


def intake(service, seconds):
    result = service.load("jobs", seconds)
    batch = service.metric("weir_db_commit_writes_sum") / service.metric("weir_db_commit_writes_count")
    return result, batch


def cycle(service, seconds):
    """Finished jobs a second, and how many shared a transaction."""
    finished, commits = service.finished(), service.metric("weir_db_commit_writes_count")
    result = service.load("jobs", seconds)
    begin = time.monotonic()
    while service.finished() < finished + result["requests"]:
        if time.monotonic() > begin + 60:
            common.fail("jobs are not finished a minute after the last was stored")
        time.sleep(0.002)
    drain = time.monotonic() - begin
    done, commits = service.finished() - finished, service.metric("weir_db_commit_writes_count") - commits
    return {**result, "rate": result["requests"] / (result["requests"] / result["per_second"] + drain),
            "drain_ms": drain * 1e3}, done / commits


def pick_up(service, times):
    """For each of some jobs, one after the other: milliseconds of the enqueueing, and from the commit to the handler."""
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


def main():
    parser = argparse.ArgumentParser(prog="tools/bench jobs", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 8")
    parser.add_argument("--rounds", type=int, help="number of rounds")
    parser.add_argument("--seconds", type=int, default=2, help="length of one measurement (2)")
    arguments = parser.parse_args()
    rounds, seconds = arguments.rounds or (2 if arguments.quick else 8), arguments.seconds

    os.environ["BENCHMARK_JOBS"] = "1"
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print(f"{rounds} interleaved rounds of {seconds} s, {PRODUCERS} connections or producers; server on cores "
          f"{common.SERVER_CORE} and {common.CLIENT_CORE}, wrk on core {common.CLIENT_CORE}")
    print(f"{'jobs/s':>8} {'fdatasync':>9} {'single':>7} {'bare':>7} {'batch':>5} {'intake':>7} {'batch':>5} {'ratio':>5} "
          f"{'fused':>7} {'cycle':>7} {'batch':>5} {'ratio':>5} {'pick-up ms':>10} {'plain p99 ms':>12} {'stalls':>6}")
    columns = {}

    def note(**values):
        for name, value in values.items():
            columns.setdefault(name, []).append(value)

    def row(title, pick):
        v = {name: pick(values) for name, values in columns.items()}
        print(f"{title:>8} {v['fdatasync']:>9,.0f} {v['single']:>7,.0f} {v['bare']:>7,.0f} {v['bare_batch']:>5.1f} "
              f"{v['intake']:>7,.0f} {v['intake_batch']:>5.1f} {v['intake_ratio']:>5.2f} {v['fused']:>7,.0f} "
              f"{v['cycle']:>7,.0f} {v['cycle_batch']:>5.1f} {v['cycle_ratio']:>5.2f} {v['pick_up']:>10.2f} "
              f"{v['plain_p99']:>12.2f} {v['stalls']:>6.0f}", flush=True)

    for number in range(1, rounds + 1):
        storing = Service("intake", "--jobs.run=false")
        running = Service("cycle", "--watchdog.stall", f"{STALL_MS}ms")
        fdatasync, _ = bare("fdatasync", 1)
        single, _ = bare("single", 1, storing.store)
        bare_rate, bare_batch = bare("enqueue", seconds, storing.store, PRODUCERS)
        stored, stored_batch = intake(storing, seconds)
        done, done_batch = cycle(running, seconds)
        fused, _ = bare("fused", seconds, storing.store, done_batch)
        committed, begun = pick_up(running, 100)
        plain, stalls = beside(running, seconds)
        errors = stored["errors"] + done["errors"] + plain["errors"]
        if errors:
            common.fail(f"{errors} requests failed")
        storing.stop()
        running.stop()
        note(fdatasync=fdatasync, single=single, bare=bare_rate, bare_batch=bare_batch, intake=stored["per_second"],
             intake_batch=stored_batch, intake_ratio=stored["per_second"] / bare_rate,
             single_ratio=stored["per_second"] / single, fused=fused, cycle=done["rate"], cycle_batch=done_batch,
             cycle_ratio=done["rate"] / fused, pick_up=statistics.median(begun),
             enqueue_ms=statistics.median(committed), plain_p99=plain["p99_us"] / 1e3, stalls=stalls,
             intake_p50=stored["p50_us"] / 1e3, intake_p99=stored["p99_us"] / 1e3, cycle_p50=done["p50_us"] / 1e3,
             cycle_p99=done["p99_us"] / 1e3, drain=done["drain_ms"])
        row(number, lambda values: values[-1])
    row("median", statistics.median)
    shutil.rmtree(FOLDER)

    median = {name: statistics.median(values) for name, values in columns.items()}
    stalls = sum(columns["stalls"])
    print(f"latency of an enqueueing, p50 and p99 ms: intake {median['intake_p50']:.1f} and {median['intake_p99']:.1f}, "
          f"cycle {median['cycle_p50']:.1f} and {median['cycle_p99']:.1f}, idle {median['enqueue_ms']:.2f}")
    print(f"cycle: {median['drain']:.0f} ms until the last jobs were done; aim {AIM:,}/s: "
          f"{'reached' if median['cycle'] >= AIM else 'missed'}")
    verdicts = {
        f"intake is half of the bare loop or more: {median['intake_ratio']:.2f}": median["intake_ratio"] >= 0.5,
        f"cycle is half of the fused loop or more: {median['cycle_ratio']:.2f}": median["cycle_ratio"] >= 0.5,
        f"median pick-up within {PICK_UP_LIMIT_MS} ms: {median['pick_up']:.2f}": median["pick_up"] <= PICK_UP_LIMIT_MS,
        f"no loop turn above {STALL_MS} ms beside jobs: {stalls:.0f}": stalls == 0,
    }
    if median["fdatasync"] <= SLOW_DISK:
        what = f"intake is 4 x one commit per job or more: {median['single_ratio']:.1f}"
        verdicts[what] = median["single_ratio"] >= 4
    for what, holds in verdicts.items():
        print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
