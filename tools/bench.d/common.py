# SPDX-License-Identifier: MIT
"""What the measurements share: servers and their peers, the two load clients, the budget."""
import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tools/bench.d"
BUILD = ROOT / "build/bench"
BODY = HERE / "body.json"
BUDGET = HERE / "budget.json"
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[min(1, len(CORES) - 1)]


def fail(message):
    print(f"bench: {message}", file=sys.stderr)
    sys.exit(1)


def budget():
    return json.loads(BUDGET.read_text())


def on_core(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


class Server:
    """A server process on a core (its own, as a rule) and a free port; `command` makes its command line from the port."""

    def __init__(self, name, command, wrapper=(), flags=(), core=SERVER_CORE):
        self.name, self.port = name, free_port()
        self.log = BUILD / f"{name}.log"
        words = on_core(core, [*wrapper, *command(self.port), *flags])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        atexit.register(self.process.kill)  # Nothing once it has ended.
        self._wait_until_it_answers()

    @property
    def pid(self):
        return self.process.pid

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        fail(f"{self.name} does not answer; its output is in {self.log}")

    def cpu_seconds(self):
        """User and system time so far: in nanosecond steps where the kernel keeps them, else in clock ticks."""
        try:
            return sum(int(Path(task, "schedstat").read_text().split()[0])
                       for task in Path(f"/proc/{self.pid}/task").iterdir()) / 1e9
        except OSError:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1])

    def stop(self, expect_clean=True):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            fail(f"{self.name} did not stop within 30 s of SIGTERM")
        if expect_clean and status != 0:
            fail(f"{self.name} ended with exit code {status}; its output is in {self.log}")


def weir(port):
    return [ROOT / "build/release/apps/benchmark/benchmark", "serve", "--port", port, "--loops", 1]


def epoll(port):
    return [BUILD / "epoll_baseline", port]


NGINX_CONF = """daemon off; master_process off; worker_processes 1; pid nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type application/json;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /plaintext {{ default_type "text/plain; charset=utf-8"; return 200 "Hello, World!"; }}
    location = /json {{ return 200 '{{"message":"Hello, World!"}}'; }}
    location ~ ^/users/([^/]+)$ {{ return 200 '{{"id":"$1"}}'; }}
  }}
}}
"""


def nginx(port):
    folder = BUILD / "nginx"
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(NGINX_CONF.format(port=port))
    return [program("nginx"), "-p", folder, "-c", "nginx.conf", "-e", "stderr"]


def lockstep_command(port, scenario, connections, requests, *options):
    return on_core(CLIENT_CORE, [BUILD / "lockstep", port, scenario, connections, requests, BODY, *options])


def run_client(command):
    if subprocess.run(command).returncode != 0:
        fail(f"the load client failed: {' '.join(command)}")


def wrk_command(port, seconds, connections=64):
    return on_core(CLIENT_CORE, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", HERE / "wrk.lua",
                                 f"http://127.0.0.1:{port}"])


def run_wrk(command, scenario, body=BODY):
    """Runs a command that ends in wrk's, and returns what wrk measured."""
    environment = {**os.environ, "SCENARIO": scenario, "BODY_FILE": str(body)}
    output = subprocess.run(command, env=environment, capture_output=True, text=True).stdout
    requests = re.search(r"(\d+) requests in", output)
    if requests is None:
        fail(f"wrk printed no result:\n{output}")
    unit = {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}

    def percentile(which):
        value = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s|m)$", output, re.MULTILINE)
        return float(value[1]) * unit[value[2]]

    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    return {
        "requests": int(requests[1]),
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50_us": percentile(50),
        "p99_us": percentile(99),
        "errors": (int(bad[1]) if bad else 0) + (sum(map(int, broken.groups())) if broken else 0),
    }
