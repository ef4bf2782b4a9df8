# SPDX-License-Identifier: MIT
"""User-space instructions per request, counted by callgrind as the difference of two runs of different length.

Repeatable within 1 %, whatever else the machine does. Fails above the limit in tools/bench.d/budget.json, and when a
count is more than 5 % above the one recorded there."""
import argparse
import json
import re
import sys

import common

CONNECTIONS = 32
SHORT, LONG = 4_096, 36_864  # Multiples of 32 connections x 16 pipelined requests.
TOLERANCE = 1.05
WITHOUT_LIMIT = ("hooks", "logged")  # What the epoll program has nothing like.


def instructions(name, command, scenario, requests):
    counts = common.BUILD / f"callgrind-{name}.out"
    counts.unlink(missing_ok=True)
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}"]
    server = common.Server(f"{name}-callgrind", command, wrapper=valgrind)
    common.run_client(common.lockstep_command(server.port, scenario, CONNECTIONS, requests))
    server.stop()
    totals = re.search(r"^(?:totals|summary): (\d+)", counts.read_text(), re.MULTILINE)
    if totals is None:
        common.fail(f"no count in {counts}")
    return int(totals[1])


def per_request(name, command, scenario, longest):
    short = instructions(name, command, scenario, SHORT)
    return (instructions(name, command, scenario, longest) - short) / (longest - SHORT)


def verdict(count, limit, recorded):
    if limit is not None and count > limit:
        return "FAIL: above the limit"
    if recorded is not None and count > recorded * TOLERANCE:
        return "FAIL: more than 5 % above the record"
    return "ok"


def main():
    parser = argparse.ArgumentParser(prog="tools/bench instructions", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs, without the epoll program")
    parser.add_argument("--record", action="store_true", help="keep the counts as the ones to compare with")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO")
    arguments = parser.parse_args()
    budget = common.budget()
    entries = budget["instructions"]
    unknown = set(arguments.scenario) - set(entries)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}; there are {', '.join(entries)}")
    longest = SHORT + 8_192 if arguments.quick else LONG

    print(f"{'user instructions':18} {'weir':>8} {'limit':>8} {'recorded':>9} {'epoll':>8}")
    failed = False
    for scenario in arguments.scenario or entries:
        entry = entries[scenario]
        count = per_request("weir", common.weir, scenario, longest)
        is_alone = arguments.quick or scenario in WITHOUT_LIMIT
        limit_of_all = "" if is_alone else f"{per_request('epoll', common.epoll, scenario, longest):8,.0f}"
        result = verdict(count, entry["limit"], None if arguments.record else entry["recorded"])
        failed = failed or result != "ok"
        columns = [f"{value:,}" if value else "-" for value in (entry["limit"], entry["recorded"])]
        print(f"{scenario:18} {count:8,.0f} {columns[0]:>8} {columns[1]:>9} {limit_of_all:>8}  {result}", flush=True)
        entry["recorded"] = round(count)
    if arguments.record:
        text = json.dumps(budget, indent=2)
        common.BUDGET.write_text(re.sub(r"\{\s+([^{}]+?)\s+\}", lambda m: "{ " + re.sub(r"\s*\n\s*", " ", m[1]) + " }",
                                        text) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
