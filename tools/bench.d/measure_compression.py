# SPDX-License-Identifier: MIT
"""CPU time and size of answers that are compressed as they leave: gzip for Weir and nginx at the same level, br and zstd
for Weir.

One server at a time has the load, each in its turn within a round: compare the ratios within rounds. Both run on one
core, threads of all kinds counted, and compress the same text anew for each request: Weir makes it in a handler, nginx
reads it from a file in the page cache. "code us" is what the coding costs: the CPU time without it is taken off."""
import argparse
import os
import statistics
import urllib.request

import common

KIB = [1, 8, 64, 512]
LEVEL = 6  # of gzip, which is Weir's default
AIM = 1.2
FOLDER = common.BUILD / "compression"

NGINX_CONF = """daemon off; master_process off; worker_processes 1; pid nginx.pid; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on;
  gzip on; gzip_comp_level {level}; gzip_min_length 1; gzip_types application/json; gzip_vary on;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{ listen 127.0.0.1:{port}; default_type application/json; location / {{ root {folder}; }} }}
}}
"""


def nginx(port):
    home = common.BUILD / "nginx-compression"
    home.mkdir(exist_ok=True)
    user = "user root;" if os.getuid() == 0 else ""
    (home / "nginx.conf").write_text(NGINX_CONF.format(port=port, folder=FOLDER, user=user, level=LEVEL))
    return [common.program("nginx"), "-p", home, "-c", "nginx.conf", "-e", "stderr"]


def path_of(server, kib):
    return f"/compressed?kb={kib}" if server.name == "weir" else f"/{kib}"


def fetch(server, kib, coding):
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path_of(server, kib)}",
                                     headers={"Accept-Encoding": coding})
    with urllib.request.urlopen(request) as answer:
        if answer.headers.get("Content-Encoding", "identity") != coding:
            common.fail(f"{server.name} does not answer in {coding}")
        return answer.read()


def measure(server, kib, coding, seconds):
    command = common.wrk_command(server.port, seconds, 8)
    command[-1:] = ["-H", f"Accept-Encoding: {coding}", command[-1] + path_of(server, kib)]
    before = server.cpu_seconds()
    result = common.run_wrk(command, "url")
    result["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / max(result["requests"], 1)
    result["bytes"] = len(fetch(server, kib, coding))
    return result


def add_coding_costs(rounds_of):
    for (server, _), rounds in rounds_of.items():
        for one, plain in zip(rounds, rounds_of[server, "identity"]):
            one["code_us"] = one["cpu_us"] - plain["cpu_us"]


def print_table(kib, rounds_of):
    print(f"\n{kib} KiB of JSON")
    print(f"  {'':14} {'bytes':>8} {'CPU us':>9} {'code us':>9}  {'code x nginx gzip':>20} {'req/s':>9} {'p99 us':>8}")
    limit = rounds_of.get(("nginx", "gzip"))
    for (server, coding), rounds in rounds_of.items():
        median = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        spread, notes = "", ""
        if limit and coding != "identity":
            ratios = [one["code_us"] / max(other["code_us"], 0.1) for one, other in zip(rounds, limit)]
            spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
            if server == "weir" and coding == "gzip":
                notes = f"  aim {AIM:.2f}: {'reached' if statistics.median(ratios) <= AIM else 'missed'}"
        errors = sum(one["errors"] for one in rounds)
        notes += f"  {errors} errors" if errors else ""
        print(f"  {server + ' ' + coding:14} {median['bytes']:8.0f} {median['cpu_us']:9.1f} {median['code_us']:9.1f}  "
              f"{spread:>20} {median['per_second']:9,.0f} {median['p99_us']:8,.0f}{notes}")


def main():
    parser = argparse.ArgumentParser(prog="tools/bench compression", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 9")
    parser.add_argument("--seconds", type=int, default=1, help="length of one measurement (1)")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    weir = common.Server("weir", common.weir)
    for kib in KIB:
        (FOLDER / str(kib)).write_bytes(fetch(weir, kib, "identity"))
    measured = [(weir, coding) for coding in ("identity", "gzip", "br", "zstd")]
    if common.program("nginx"):
        limit = common.Server("nginx", nginx)
        measured += [(limit, "identity"), (limit, "gzip")]
    else:
        print("skipped: nginx (it is not installed)")
    results = {kib: {} for kib in KIB}
    for _ in range(3 if arguments.quick else 9):
        for kib in KIB:
            for server, coding in measured:
                rounds = results[kib].setdefault((server.name, coding), [])
                rounds.append(measure(server, kib, coding, arguments.seconds))
    for kib in KIB:
        add_coding_costs(results[kib])
        print_table(kib, results[kib])
    for server in {server.name: server for server, _ in measured}.values():
        server.stop(expect_clean=server.name == "weir")


if __name__ == "__main__":
    main()
