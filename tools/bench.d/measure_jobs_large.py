# SPDX-License-Identifier: MIT
"""What millions of finished and future jobs cost those that come and go: a large store beside an empty one.

The large store is made by copying rows that the service has written, and removed in the end. Each round starts a
service on an empty store and one on the large store, and measures both in turns: compare within rounds. `start` is from
exec to the line "serving"; `cycle` is jobs from HTTP to their end, `writer` what each took of the time of the store's
only writer; `pick-up` is from the commit of a job to its handler while nothing else happens, so above all its claim;
`status` is GET /jobs/{id} of random finished ones by one client, the file being in memory. Its time is the client's;
`plain` is that of an answer that needs no store.

Then a part of the finished jobs expires. While others run at full speed, it has to go at least as fast as those finish;
while they come one after the other, it may not hold them up.

Fails beyond: a start of 2 s; half or double of what the empty store shows for cycle, writer or pick-up; 1 ms by which
the 99th percentile of the status of finished or of future jobs is above that of plain; removal slower than jobs finish;
50 ms for the commit or the pick-up of one job beside it; or when a turn of the loop took longer than 5 ms beside it."""
import argparse
import shutil
import signal
import statistics
import sys
import time
import urllib.request

import common
import jobs_removal
from jobs_kept import Kept
from jobs_service import BODY, cycle, pick_up
from large_store import FINISHED_TO_FUTURE
from table import Table

FOLDER = common.BUILD / "jobs_large"
START_LIMIT_MS, TIMES_EMPTY, STATUS_LIMIT_MS = 2_000, 2, 1
ROOM_BYTES = 300  # for a job: more than it needs
PICK_UPS, EXPIRED = 200, 200_000
COLUMNS = {
    "start_ms": ("start ms", "8,.0f"), "cycle": ("cycle", "7,.0f"), "writer_us": ("writer us", "9.1f"),
    "pick_up": ("pick-up ms", "10.2f"), "status_p50": ("status p50 ms", "13.2f"), "status_p99": ("p99", "5.2f"),
    "plain_p50": ("plain p50 ms", "12.2f"), "plain_p99": ("p99", "5.2f"),
}


def make_large(data, finished):
    waiting = Kept(data, "--jobs.run=false")
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{waiting.server.port}/jobs/trivial",
                                                  BODY.read_bytes(), {"Content-Type": "application/json"}))
    waiting.stop()
    job = waiting.jobs.only_row("job")
    running = Kept(data)
    while running.finished() == 0:
        time.sleep(0.01)
    running.stop()
    store = running.jobs
    store.fill(finished, job, store.only_row("job_done"), store.only_row("job_body"))
    return store


def print_sizes(store, finished):
    """Where the bytes of the file are, and how many a job of either kind has."""
    future = finished // FINISHED_TO_FUTURE
    jobs = {"job_done": finished, "job": future, "job_body": finished + future}
    a_job = dict.fromkeys(jobs, 0)
    print(f"\n{'':16} {'rows':>11} {'MiB':>7} {'bytes/row':>9} {'unused':>6}")
    for part in store.sizes():
        if part["of_table"] not in jobs or part["rows"] == 0:
            continue
        a_job[part["of_table"]] += part["bytes"] / jobs[part["of_table"]]
        print(f"{part['name']:16} {part['rows']:>11,} {part['bytes'] / 2**20:>7,.1f} "
              f"{part['bytes'] / part['rows']:>9.1f} {part['unused'] / part['bytes']:>6.0%}")
    print(f"a finished job has {a_job['job_done'] + a_job['job_body']:.0f} bytes, a future one "
          f"{a_job['job'] + a_job['job_body']:.0f}, either with a payload of {BODY.stat().st_size}\n")


def measure_one(service, seconds):
    finished, wrote = service.finished(), service.metric("weir_db_commit_seconds_sum")
    done, _ = cycle(service, seconds)
    wrote = service.metric("weir_db_commit_seconds_sum") - wrote
    values = {"start_ms": service.start_ms, "cycle": done["rate"],
              "writer_us": wrote * 1e6 / (service.finished() - finished),
              "pick_up": statistics.median(pick_up(service, PICK_UPS)[1])}
    loads = {"status": service.load_status("job_done", seconds),
             "plain": service.load("plaintext", seconds, connections=1)}
    if service.jobs.has("job"):
        loads["future"] = service.load_status("job", seconds)
    for name, load in loads.items():
        values |= {f"{name}_p50": load["p50_us"] / 1e3, f"{name}_p99": load["p99_us"] / 1e3,
                   f"{name}_more": (load["p99_us"] - loads["plain"]["p99_us"]) / 1e3}
    return values


def compare(data, rounds, seconds):
    """Prints the table, and returns the verdicts: whether it holds, by the sentence."""
    table = Table("", 14, COLUMNS)
    empty_data = FOLDER / "empty"
    for number in range(1, rounds + 1):
        shutil.rmtree(empty_data, ignore_errors=True)
        empty = Kept(empty_data)
        base = measure_one(empty, seconds)
        empty.stop()
        table.note("median, empty", base, title=f"{number}, empty")
        large = Kept(data)
        values = measure_one(large, seconds)
        large.stop()
        ratios = {f"{name}_ratio": values[name] / base[name] for name in COLUMNS}
        table.note("median, large", values | ratios, title=f"{number}, large")
    table.print_medians()
    large = table.median("median, large")
    print(f"status of a future job: p50 {large['future_p50']:.2f} ms, p99 {large['future_p99']:.2f}")
    return {
        f"start within {START_LIMIT_MS} ms: {large['start_ms']:.0f}": large["start_ms"] <= START_LIMIT_MS,
        f"cycle is half of an empty store's or more: {large['cycle_ratio']:.2f}":
            large["cycle_ratio"] >= 1 / TIMES_EMPTY,
        f"the writer takes at most twice as long as with an empty store: {large['writer_us_ratio']:.2f}":
            large["writer_us_ratio"] <= TIMES_EMPTY,
        f"a pick-up takes at most twice as long as with an empty store: {large['pick_up_ratio']:.2f}":
            large["pick_up_ratio"] <= TIMES_EMPTY,
        f"p99 of the status of a finished job within {STATUS_LIMIT_MS} ms of plain's: {large['status_more']:.2f}":
            large["status_more"] <= STATUS_LIMIT_MS,
        f"p99 of the status of a future job within {STATUS_LIMIT_MS} ms of plain's: {large['future_more']:.2f}":
            large["future_more"] <= STATUS_LIMIT_MS,
    }


def measure(jobs, rounds, seconds):
    begin, data = time.monotonic(), FOLDER / "large"
    store = make_large(data, jobs)
    print(f"{jobs:,} finished and {jobs // FINISHED_TO_FUTURE:,} future jobs, {store.path.stat().st_size / 2**30:.1f} "
          f"GiB, made in {time.monotonic() - begin:.0f} s")
    print_sizes(store, jobs)  # Reads all of the file: from here on it is in memory.
    verdicts = compare(data, rounds, seconds)
    return verdicts | jobs_removal.measure(store, data, min(EXPIRED, jobs // 4))


def main():
    parser = argparse.ArgumentParser(prog="tools/bench jobs --large", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="500,000 jobs and 1 round")
    parser.add_argument("--jobs", type=int, help="finished jobs in the store (10 million); a tenth as many are future")
    parser.add_argument("--rounds", type=int, help="number of rounds (3)")
    parser.add_argument("--seconds", type=int, default=2, help="length of one measurement (2)")
    arguments = parser.parse_args()
    jobs = arguments.jobs or (500_000 if arguments.quick else 10_000_000)
    rounds = arguments.rounds or (1 if arguments.quick else 3)

    # As on Ctrl-C: the store is removed, and what runs on it is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    if shutil.disk_usage(FOLDER).free < jobs * ROOM_BYTES:
        common.fail(f"{jobs:,} jobs need {jobs * ROOM_BYTES / 1e9:.0f} GB on the disk; --jobs N says how many")
    try:
        verdicts = measure(jobs, rounds, arguments.seconds)
    finally:
        shutil.rmtree(FOLDER)
    for what, holds in verdicts.items():
        print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
