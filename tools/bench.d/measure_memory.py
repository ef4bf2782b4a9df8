# SPDX-License-Identifier: MIT
"""Resident memory per idle keep-alive connection: RSS with 10,000 connections open, each after one request, less RSS
before they came."""
import argparse
import resource
import subprocess
import sys

import common


def raise_open_files(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (OSError, ValueError):
        common.fail(f"needs {wanted} open files and may have {hard}: raise the limit (ulimit -n), or run it as root")


def kib_per_connection(name, command, flags, connections):
    server = common.Server(name, command, flags=flags)
    common.run_client(common.lockstep_command(server.port, "plaintext", 1, 64))
    before = server.resident_kib()
    client = subprocess.Popen(common.lockstep_command(server.port, "plaintext", connections, connections, "--hold"),
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if client.stdout.readline().strip() != b"held":
        common.fail(f"{name} did not serve {connections} connections; its output is in {server.log}")
    grown = server.resident_kib() - before
    client.communicate()
    server.stop()
    return grown / connections


def main():
    parser = argparse.ArgumentParser(prog="tools/bench memory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 connections instead of 10,000")
    arguments = parser.parse_args()
    connections = 2_000 if arguments.quick else 10_000
    limit = common.budget()["memory_kib"]["limit"]
    raise_open_files(connections + 1_000)

    weir = kib_per_connection("weir", common.weir, ["--connections", str(2 * connections)], connections)
    epoll = kib_per_connection("epoll", common.epoll, [], connections)
    print(f"KiB per idle connection, of {connections:,}: weir {weir:.2f} (limit {limit})   epoll {epoll:.2f}   "
          f"{'ok' if weir <= limit else 'FAIL'}")
    return 0 if weir <= limit else 1


if __name__ == "__main__":
    sys.exit(main())
