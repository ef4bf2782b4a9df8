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
import shutil
import signal
import statistics
import sys

import common
import jobs_delay
import jobs_peers
from jobs_service import (CORES, FOLDER, PRODUCERS, SLOW_DISK, STALL_MS, Service, bare, beside, cycle, intake,
                          pick_up)
from table import Table

PICK_UP_LIMIT_MS = 2
AIM = 10_000
COLUMNS = {
    "fdatasync": ("fdatasync", "9,.0f"), "single": ("single", "7,.0f"),
    "bare": ("bare", "7,.0f"), "bare_batch": ("batch", "5.1f"),
    "intake": ("intake", "7,.0f"), "intake_batch": ("batch", "5.1f"), "intake_ratio": ("ratio", "5.2f"),
    "fused": ("fused", "7,.0f"),
    "cycle": ("cycle", "7,.0f"), "cycle_batch": ("batch", "5.1f"), "cycle_ratio": ("ratio", "5.2f"),
    "pick_up": ("pick-up ms", "10.2f"), "plain_p99": ("plain p99 ms", "12.2f"), "stalls": ("stalls", "6.0f"),
}


def measure_round(seconds):
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
    storing.stop()
    running.stop()
    return dict(
        fdatasync=fdatasync, single=single, bare=bare_rate, bare_batch=bare_batch, intake=stored["per_second"],
        intake_batch=stored_batch, intake_ratio=stored["per_second"] / bare_rate,
        single_ratio=stored["per_second"] / single, fused=fused, cycle=done["rate"], cycle_batch=done_batch,
        cycle_ratio=done["rate"] / fused, pick_up=statistics.median(begun), enqueue_ms=statistics.median(committed),
        plain_p99=plain["p99_us"] / 1e3, stalls=stalls, intake_p50=stored["p50_us"] / 1e3,
        intake_p99=stored["p99_us"] / 1e3, cycle_p50=done["p50_us"] / 1e3, cycle_p99=done["p99_us"] / 1e3,
        drain=done["drain_ms"])


def measure(rounds, seconds):
    """Prints the table, and returns the verdicts: whether it holds, by the sentence."""
    table = Table("jobs/s", 8, COLUMNS)
    stalls = 0
    for number in range(1, rounds + 1):
        values = measure_round(seconds)
        stalls += values["stalls"]
        table.note("median", values, title=number)
    table.print_medians()
    median = table.median("median")
    print(f"latency of an enqueueing, p50 and p99 ms: intake {median['intake_p50']:.1f} and "
          f"{median['intake_p99']:.1f}, cycle {median['cycle_p50']:.1f} and {median['cycle_p99']:.1f}, idle "
          f"{median['enqueue_ms']:.2f}")
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
    return verdicts


def main():
    description = "\n\n".join([__doc__, f"--delay: {jobs_delay.__doc__}", f"--peers: {jobs_peers.__doc__}"])
    parser = argparse.ArgumentParser(prog="tools/bench jobs", description=description, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 8")
    parser.add_argument("--rounds", type=int, help="number of rounds")
    parser.add_argument("--seconds", type=int, default=2, help="length of one measurement (2)")
    subject = parser.add_mutually_exclusive_group()
    subject.add_argument("--delay", dest="measure", action="store_const", const=jobs_delay.measure, default=measure,
                         help="intake on slower and slower disks")
    subject.add_argument("--peers", dest="measure", action="store_const", const=jobs_peers.measure,
                         help="intake and cycle beside other job queues")
    arguments = parser.parse_args()
    rounds = arguments.rounds or (2 if arguments.quick else 8)

    for number in (signal.SIGINT, signal.SIGTERM):  # So that what runs meanwhile is ended at exit.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print(f"{rounds} interleaved rounds of {arguments.seconds} s, {PRODUCERS} connections or producers; servers on "
          f"cores {CORES}, wrk on core {common.CLIENT_CORE}", flush=True)
    verdicts = arguments.measure(rounds, arguments.seconds)
    shutil.rmtree(FOLDER)
    for what, holds in verdicts.items():
        print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
