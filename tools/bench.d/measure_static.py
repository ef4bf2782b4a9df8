# SPDX-License-Identifier: MIT
"""CPU time per request for static files of 1 KiB, 64 KiB and 10 MiB, for Weir and nginx with sendfile.

One server at a time has the load, each in its turn within a round: compare the ratios within rounds. Both run on one
core, threads of all kinds counted. --cold drops the page cache before each file is asked for, and shows whether a turn
of Weir's loop was held meanwhile."""
import argparse
import os
import re
import statistics
import subprocess
import urllib.request
from pathlib import Path

import common

FILES = {"1k.bin": 1 << 10, "64k.bin": 64 << 10, "10m.bin": 10 << 20}
CONNECTIONS = {"1k.bin": 64, "64k.bin": 64, "10m.bin": 8}
AIM = 1.2
STALL_MS = 5
FOLDER = common.BUILD / "static"

NGINX_CONF = """daemon off; master_process off; worker_processes 1; pid nginx.pid; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{ listen 127.0.0.1:{port}; location /static/ {{ alias {folder}/; }} }}
}}
"""


def make_files(sizes):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, size in sizes.items():
        (FOLDER / name).write_bytes(os.urandom(size))


def nginx(port):
    home = common.BUILD / "nginx-static"
    home.mkdir(exist_ok=True)
    user = "user root;" if os.getuid() == 0 else ""
    (home / "nginx.conf").write_text(NGINX_CONF.format(port=port, folder=FOLDER, user=user))
    return [common.program("nginx"), "-p", home, "-c", "nginx.conf", "-e", "stderr"]


def weir(port):
    return [*common.weir(port), "--static", FOLDER]


def measure(server, name, seconds):
    command = common.wrk_command(server.port, seconds, CONNECTIONS[name])
    command[-1] += f"/static/{name}"
    before = server.cpu_seconds()
    result = common.run_wrk(command, "url")
    result["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / max(result["requests"], 1)
    return result


def print_table(name, results):
    print(f"\nGET /static/{name}, {CONNECTIONS[name]} connections")
    print(f"  {'':8} {'CPU us':>9}  {'x nginx (min..max)':>20} {'req/s':>9} {'p50 us':>8} {'p99 us':>8}")
    for server, rounds in results.items():
        median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        spread, notes = "", ""
        if "nginx" in results:
            ratios = [one["cpu_us"] / limit["cpu_us"] for one, limit in zip(rounds, results["nginx"])]
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
            if server == "weir":
                notes = f"  aim {AIM:.2f}: {'reached' if statistics.median(ratios) <= AIM else 'missed'}"
        errors = sum(one["errors"] for one in rounds)
        notes += f"  {errors} errors" if errors else ""
        print(f"  {server:8} {median['cpu_us']:9.2f}  {spread:>20} {median['per_second']:9,.0f} "
              f"{median['p50_us']:8,.0f} {median['p99_us']:8,.0f}{notes}")


def measure_cold(files):
    """Asks once for each of many files that are on the disk alone; the longest turn of the loop."""
    make_files({f"cold{i}.bin": 4 << 20 for i in range(files)})
    server = common.Server("weir", weir, flags=["--watchdog.stall", f"{STALL_MS}ms"])
    for i in range(files):
        with (FOLDER / f"cold{i}.bin").open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    for i in range(files):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/static/cold{i}.bin") as answer:
            if len(answer.read()) != 4 << 20:
                common.fail("a file was cut")
    server.stop()
    stalls = len(re.findall(r"loop\.stall", server.log.read_text()))
    for i in range(files):
        (FOLDER / f"cold{i}.bin").unlink()
    print(f"{files} files of 4 MiB that are not in the page cache: {stalls} turns of the loop above {STALL_MS} ms")
    return stalls


def main():
    parser = argparse.ArgumentParser(prog="tools/bench static", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 9")
    parser.add_argument("--seconds", type=int, default=1, help="length of one measurement (1)")
    parser.add_argument("--cold", action="store_true", help="files that are not in the page cache instead")
    arguments = parser.parse_args()
    if arguments.cold:
        raise SystemExit(1 if measure_cold(10 if arguments.quick else 100) else 0)
    make_files(FILES)
    servers = [common.Server("weir", weir)]
    if common.program("nginx"):
        servers.append(common.Server("nginx", nginx))
    else:
        print("skipped: nginx (it is not installed)")
    results = {name: {} for name in FILES}
    for _ in range(3 if arguments.quick else 9):
        for name in FILES:
            for server in servers:
                results[name].setdefault(server.name, []).append(measure(server, name, arguments.seconds))
    for name in FILES:
        print_table(name, results[name])
    for server in servers:
        server.stop(expect_clean=server.name == "weir")


if __name__ == "__main__":
    main()
