# SPDX-License-Identifier: MIT
"""System calls per keep-alive request of a server with more to do than it can: 64 connections in lock step, whose
requests it finds all at once, because it shares a core with the client and runs only while that waits. The difference
of two runs of different length.

Counted by perf where its tracepoint may be used, else by strace."""
import argparse
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import common

CONNECTIONS = 64
SHORT, LONG = 6_400, 32_000
PERF = ["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter"]


def perf_works():
    return bool(common.program("perf")) and subprocess.run([*PERF, "true"], capture_output=True).returncode == 0


def count_with_perf(pid, client):
    counts = common.BUILD / "syscalls.txt"
    common.run_client([*PERF, "-o", str(counts), "-p", str(pid), "--", *client])
    return int(re.search(r"^(\d+),", counts.read_text(), re.MULTILINE)[1])


def count_with_strace(pid, client):
    counts = common.BUILD / "syscalls.txt"
    counts.unlink(missing_ok=True)
    tracer = subprocess.Popen(["strace", "-f", "-c", "-o", str(counts), "-p", str(pid)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while f"TracerPid:\t{tracer.pid}\n" not in Path(f"/proc/{pid}/status").read_text():
        if tracer.poll() is not None or time.monotonic() > deadline:
            common.fail("strace cannot attach to the server (it needs the right to ptrace)")
        time.sleep(0.01)
    common.run_client(client)
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    total = re.search(r"^\s*100\.00\s+\S+\s+\S*\s+(\d+).*total$", counts.read_text(), re.MULTILINE)
    return int(total[1])


def per_request(name, command, scenario, count):
    server = common.Server(name, command, core=common.CLIENT_CORE, wrapper=["chrt", "--idle", "0"])
    calls = []
    for requests in (SHORT, LONG):
        client = common.lockstep_command(server.port, scenario, CONNECTIONS, requests)
        calls.append(count(server.pid, client))
    server.stop()
    return (calls[1] - calls[0]) / (LONG - SHORT)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench syscalls", description=__doc__)
    parser.add_argument("--strace", action="store_true", help="count with strace even where perf could")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help="plaintext, param, json ...; all when none")
    arguments = parser.parse_args()
    count = count_with_perf if perf_works() and not arguments.strace else count_with_strace
    limit = common.budget()["syscalls"]["limit"]
    failed = False

    print(f"system calls per request (limit {limit}), counted by {'perf' if count is count_with_perf else 'strace'}")
    for scenario in arguments.scenario or ["plaintext", "param", "json", "echo"]:
        row = [per_request(name, command, scenario, count)
               for name, command in (("weir", common.weir), ("epoll", common.epoll))]
        failed = failed or row[0] > limit
        verdict = "ok" if row[0] <= limit else "FAIL"
        print(f"{scenario:12} weir {row[0]:5.2f}   epoll {row[1]:5.2f}   {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
