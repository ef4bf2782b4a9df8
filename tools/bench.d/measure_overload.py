# SPDX-License-Identifier: MIT
"""What a full pool costs the others: /plaintext beside /fib at twice the capacity of its pool, and beside the same
work on the loop.

The loop and the load are on one core, the pool's only worker is on another. Fails when the median over the rounds of
the 99th percentile is above 3 x the unloaded one and above 5 ms, or less than 5 x better than inline; when a loop
turn took longer than 5 ms; or when the process grew by more than a tenth in a minute of overload."""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import common

PLAINTEXT_RATE, N = 500, 32
STALL_MS, P99_LIMIT_MS = 5, 5


class Service:
    def __init__(self, name, *flags):
        admin = common.free_port()
        self.server = common.Server(name, common.weir, flags=["--admin.port", admin, "--log.level", "error", *flags])
        self.metrics_url = f"http://127.0.0.1:{admin}/metrics"
        for task in Path(f"/proc/{self.server.pid}/task").iterdir():
            if (task / "comm").read_text().startswith("cpu"):
                os.sched_setaffinity(int(task.name), {common.CLIENT_CORE})

    def load(self, seed, seconds, **rates):
        paths = {"plaintext": "/plaintext", "fib": f"/fib?n={N}", "fib_inline": f"/fib-inline?n={N}"}
        classes = [word for name, rate in rates.items() for word in ("--class", f"{name},{paths[name]},{rate}")]
        command = [common.ROOT / "build/lab/load_generator", "--port", self.server.port, "--seed", seed, "--warmup", 0.5,
                   "--duration", seconds, *classes]
        output = subprocess.run(common.on_core(common.SERVER_CORE, command), capture_output=True, text=True, check=True)
        run = json.loads(output.stdout)
        return run, {kind["name"]: kind for kind in run["classes"]}

    def stalls(self):
        text = urllib.request.urlopen(self.metrics_url).read().decode()
        return sum(float(value) for value in re.findall(r"^weir_loop_stalls_total\S* (\S+)", text, re.MULTILINE))


def p99(kinds):
    return kinds["plaintext"]["latency"]["p99_ms"]


def main():
    parser = argparse.ArgumentParser(prog="tools/bench overload", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three rounds and 10 s instead of twelve and 60 s")
    arguments = parser.parse_args()
    rounds, minute = (3, 10) if arguments.quick else (12, 60)

    pooled = Service("overload", "--watchdog.stall", f"{STALL_MS}ms")
    inline = Service("overload-inline")
    capacity = pooled.load(0, 3, fib=1000)[1]["fib"]["goodput"]
    rate = round(2 * capacity)
    print(f"/fib?n={N}: its worker can do {capacity:.0f}/s, {rate}/s are offered; /plaintext {PLAINTEXT_RATE}/s")
    print(f"{'p99 in ms':>12} {'unloaded':>9} {'pool full':>9} {'inline':>9} {'fib/s':>7} {'shed/s':>7}")
    columns = {"unloaded": [], "full": [], "inline": []}
    voided = 0
    before = pooled.stalls()
    seed = 0
    while len(columns["full"]) < rounds and voided < rounds:
        seed += 1
        alone, alone_kinds = pooled.load(seed, 2, plaintext=PLAINTEXT_RATE)
        full, full_kinds = pooled.load(seed, 3, plaintext=PLAINTEXT_RATE, fib=rate)
        beside, beside_kinds = inline.load(seed, 3, plaintext=PLAINTEXT_RATE, fib_inline=rate)
        if alone["void"] or full["void"]:  # Inline the generator shares its core with the work that it asks for.
            voided += 1
            continue
        columns["unloaded"].append(p99(alone_kinds))
        columns["full"].append(p99(full_kinds))
        columns["inline"].append(p99(beside_kinds))
        fib = full_kinds["fib"]
        print(f"{len(columns['full']):>12} {p99(alone_kinds):>9.2f} {p99(full_kinds):>9.2f} {p99(beside_kinds):>9.2f} "
              f"{fib['goodput']:>7.0f} {fib['status_503'] / full['duration_s']:>7.0f}", flush=True)
    median = {name: statistics.median(values) for name, values in columns.items()}
    print(f"{'median':>12} {median['unloaded']:>9.2f} {median['full']:>9.2f} {median['inline']:>9.2f}   "
          f"({voided} rounds void)")

    resident = [pooled.server.resident_kib()]
    load = threading.Thread(target=pooled.load, args=(99, minute), kwargs={"plaintext": PLAINTEXT_RATE, "fib": rate})
    load.start()
    while load.is_alive():
        load.join(timeout=1)
        resident.append(pooled.server.resident_kib())
    stalls = pooled.stalls() - before
    print(f"resident over {minute} s of overload: {resident[0]} KiB at first, {max(resident)} at most, {resident[-1]} at last")
    print(f"loop turns above {STALL_MS} ms: {stalls:.0f}")

    verdicts = {
        "p99 beside the full pool": median["full"] <= max(3 * median["unloaded"], P99_LIMIT_MS),
        "5 x better than inline": median["inline"] >= 5 * median["full"],
        "no long loop turn": stalls == 0,
        "memory flat": max(resident) <= 1.1 * resident[0],
    }
    for what, holds in verdicts.items():
        print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return 0 if all(verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
