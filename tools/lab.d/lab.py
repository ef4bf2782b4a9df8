# SPDX-License-Identifier: MIT
"""Runs the same handlers under each execution pattern against an open-loop load, and writes a report with plots and a
verdict on what the patterns are known for."""
import argparse
import datetime
import json
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import claims
import report
from experiments import EXPERIMENTS, Plan
from processes import BUILD, CORES, PROGRAM, ROOT, LabError, Laboratory


def first_line(command):
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.partition("\n")[0]
    except OSError:
        return ""


def machine(program):
    processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    cache = ROOT / "build/release/CMakeCache.txt"
    compiler = re.search(r"CMAKE_CXX_COMPILER:\w+=(.+)", cache.read_text()) if cache.exists() else None
    parts = [f"{len(CORES)} cores" + (f" ({processor[1]})" if processor else ""), f"Linux {platform.release()}",
             first_line([compiler[1] if compiler else "c++", "--version"]),
             "Release build" if program == PROGRAM else f"program {program.name}",
             "commit " + (first_line(["git", "describe", "--always", "--dirty"]) or "unknown"),
             datetime.datetime.now().astimezone().strftime("%d %B %Y, %H:%M %Z")]
    return " · ".join(filter(None, parts))


def measure(arguments):
    results = {}
    with Laboratory(arguments.program) as lab:
        for name, experiment in EXPERIMENTS.items():
            if not arguments.only or name in arguments.only:
                results[name] = experiment(lab, Plan(arguments.quick))
    data = {"machine": machine(arguments.program), "cores": len(CORES), "priority": lab.priority, "runs": lab.runs,
            "results": results}
    # Through JSON in any case, so that a report made now and one made from the file cannot differ.
    (BUILD / "runs.json").write_text(json.dumps(data))


def main():
    parser = argparse.ArgumentParser(prog="tools/lab", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rates and shorter runs: 3 minutes instead of 10")
    parser.add_argument("--only", metavar="NAMES", help=f"experiments, by comma: {','.join(EXPERIMENTS)}",
                        type=lambda text: set(text.split(",")), default=set())
    parser.add_argument("--out", type=Path, default=BUILD / "report.html",
                        help="where to write the report; the Markdown goes beside it (build/lab/report.html)")
    parser.add_argument("--again", action="store_true", help="write the report of the last measurement anew")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="a service like apps/patterns to measure instead")
    arguments = parser.parse_args()
    if arguments.only - EXPERIMENTS.keys():
        parser.error(f"unknown experiment {', '.join(sorted(arguments.only - EXPERIMENTS.keys()))}")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that what was started is ended.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    BUILD.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    if not arguments.again:
        measure(arguments)
    data = json.loads((BUILD / "runs.json").read_text())
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(report.html(data))
    arguments.out.with_suffix(".md").write_text(report.markdown(data))
    for claim in claims.judge(data["results"]):
        print(f"{claim.verdict:13}  {claim.key}. {claim.sentence}")
    if report.disturbance(data):
        print(report.disturbance(data))
    print(f"{os.path.relpath(arguments.out)} ({time.monotonic() - began:.0f} s)")
    return 1 if any(run["void"] or not run["alive"] for run in data["runs"]) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LabError as error:
        sys.exit(f"lab: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
