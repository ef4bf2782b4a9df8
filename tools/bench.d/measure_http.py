# SPDX-License-Identifier: MIT
"""CPU time per request, requests per second and latency, for Weir and its peers.

One server at a time has the load, each in its turn within a round, so that what disturbs the machine disturbs all:
compare the ratios within rounds. Requests per second say little above some 85,000, where wrk is the bottleneck."""
import argparse
import statistics

import common

SCENARIOS = ["plaintext", "pipelined", "json", "param", "echo", "jsonecho", "churn"]
TITLES = {
    "plaintext": "GET /plaintext",
    "pipelined": "GET /plaintext, pipelined 16 deep",
    "json": "GET /json",
    "param": "GET /users/42",
    "echo": "POST /echo, 1 KiB",
    "jsonecho": "POST /json, 1 KiB (epoll and cpp-httplib do not parse)",
    "churn": "GET /plaintext, a connection each",
}
AIMS = {"plaintext": 1.10, "param": 1.10, "pipelined": 1.20, "churn": 1.20}
CANNOT = {  # nginx echoes no body; cpp-httplib loses pipelined requests.
    "nginx": {"echo", "jsonecho"},
    "httplib": {"pipelined"},
}


def start_servers(only):
    """Every server that is there; says which are not, and why."""
    node = common.program("node")
    httplib = common.BUILD / "httplib_peer"
    candidates = [  # Name, command line from the port, why it cannot run.
        ("weir", common.weir, None),
        ("epoll", common.epoll, None),
        ("nginx", common.nginx, None if common.program("nginx") else "nginx is not installed"),
        ("node", lambda port: [node, common.HERE / "node_peer.js", port], None if node else "node is not installed"),
        ("httplib", lambda port: [httplib, port], None if httplib.exists() else "libcpp-httplib-dev is not installed"),
    ]
    servers = []
    for name, command, obstacle in candidates:
        if only and name not in only:
            continue
        if obstacle:
            print(f"skipped: {name} ({obstacle})")
        else:
            servers.append(common.Server(name, command))
    return servers


def measure(server, scenario, seconds):
    before = server.cpu_seconds()
    result = common.run_wrk(common.wrk_command(server.port, seconds), scenario)
    result["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / max(result["requests"], 1)
    return result


def print_table(scenario, results):
    """`results`: for each server, one measurement a round."""
    print(f"\n{TITLES[scenario]}")
    print(f"  {'':8} {'CPU us':>7}  {'x epoll (min..max)':>20} {'req/s':>9} {'p50 us':>8} {'p99 us':>8}")
    for name, rounds in results.items():
        median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        spread = ""
        if "epoll" in results:
            ratios = [one["cpu_us"] / limit["cpu_us"] for one, limit in zip(rounds, results["epoll"])]
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
        notes = ""
        if name == "weir" and "epoll" in results and scenario in AIMS:
            reached = "reached" if statistics.median(ratios) <= AIMS[scenario] else "missed"
            notes = f"  aim {AIMS[scenario]:.2f}: {reached}"
        errors = sum(one["errors"] for one in rounds)
        notes += f"  {errors} errors" if errors else ""
        print(f"  {name:8} {median['cpu_us']:7.2f}  {spread:>20} {median['per_second']:9,.0f} "
              f"{median['p50_us']:8,.0f} {median['p99_us']:8,.0f}{notes}")


def main():
    parser = argparse.ArgumentParser(prog="tools/bench http", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 12")
    parser.add_argument("--rounds", type=int, help="number of rounds")
    parser.add_argument("--seconds", type=int, default=1, help="length of one measurement (1)")
    parser.add_argument("--only", default="", help="servers, by comma: weir,epoll,nginx,node,httplib")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; all when none")
    arguments = parser.parse_args()
    unknown = set(arguments.scenario) - set(SCENARIOS)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}")
    rounds = arguments.rounds or (3 if arguments.quick else 12)
    scenarios = arguments.scenario or SCENARIOS
    servers = start_servers(set(filter(None, arguments.only.split(","))))

    print(f"{rounds} interleaved rounds of {arguments.seconds} s, 64 connections, "
          f"server on core {common.SERVER_CORE}, wrk on core {common.CLIENT_CORE}; medians")
    results = {scenario: {} for scenario in scenarios}
    for _ in range(rounds):
        for scenario in scenarios:
            for server in servers:
                if scenario not in CANNOT.get(server.name, ()):
                    results[scenario].setdefault(server.name, []).append(
                        measure(server, scenario, arguments.seconds))
    for scenario in scenarios:
        print_table(scenario, results[scenario])
    for server in servers:
        server.stop(expect_clean=server.name == "weir")


if __name__ == "__main__":
    main()
