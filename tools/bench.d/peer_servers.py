# SPDX-License-Identifier: MIT
"""The servers that other job queues keep their jobs in, for tools/bench jobs --peers: PostgreSQL and Redis as Debian
has them, with settings as they come but for each commit being on the disk, on a Unix socket and data of their own."""
import atexit
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import common
from jobs_service import CORES, FOLDER


class Unavailable(Exception):
    """Says why something cannot be measured here."""


def version_of(program):
    output = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return re.search(r"[\d.]+\b", output)[0]


class PeerServer:
    """A server that answers `address` while it is started; it has no port, so that no other one is in its way."""

    def __init__(self, name, user=None):
        self.data = FOLDER / name
        self.log = common.BUILD / f"{name}.log"
        self.log.unlink(missing_ok=True)
        self.as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))  # The path of a socket may have 107 bytes.
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        if user:
            shutil.chown(self.folder, user)

    def run(self, command):
        with self.log.open("ab") as log:
            return subprocess.run([*self.as_user, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log).returncode == 0

    def launch(self, command, ping):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(common.on_core(CORES, [*self.as_user, *command]), stdout=log, stderr=log)
        atexit.register(self.stop)
        deadline = time.monotonic() + 60
        while not self.run(ping):
            if time.monotonic() > deadline or self.process.poll() is not None:
                common.fail(f"{command[0]} does not answer; its output is in {self.log}")
            time.sleep(0.05)

    def stop(self):
        atexit.unregister(self.stop)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Postgres(PeerServer):
    """Its cluster is made once, as its log then is used again as in a service of some age; its database each time."""

    def __init__(self):
        self.programs = max(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: int(path.parent.name),
                            default=Path("/nowhere"))
        if not (self.programs / "initdb").exists():
            raise Unavailable("there is no PostgreSQL (Debian: apt-get install postgresql)")
        user = "postgres" if os.geteuid() == 0 else None  # It refuses to be run by root.
        super().__init__("postgres", user)
        self.address = self.folder
        self.version = f"PostgreSQL {version_of(self.programs / 'postgres')}"
        self.data.mkdir()
        if user:
            shutil.chown(self.data, "postgres")
        if not self.run([self.programs / "initdb", "-D", self.data, "-U", "postgres", "--auth", "trust"]):
            raise Unavailable(f"initdb made no cluster (root runs it as the user postgres, who has to be let into "
                              f"{self.data.parent}); its output is in {self.log}")

    def start(self):
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "on",
                    "synchronous_commit": "on"}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        client = ["-h", self.folder, "-U", "postgres"]
        self.launch([self.programs / "postgres", "-D", self.data, *words], [self.programs / "pg_isready", *client])
        self.run([self.programs / "dropdb", "--if-exists", *client, "bench"])
        if not self.run([self.programs / "createdb", *client, "bench"]):
            common.fail(f"createdb failed; its output is in {self.log}")


class Redis(PeerServer):
    def __init__(self):
        if not common.program("redis-server"):
            raise Unavailable("there is no redis-server (Debian: apt-get install redis-server)")
        super().__init__("redis")
        self.address = self.folder / "socket"
        self.version = f"Redis {version_of('redis-server')}"

    def start(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        self.launch(["redis-server", "--port", 0, "--unixsocket", self.address, "--dir", self.data, "--appendonly",
                     "yes", "--appendfsync", "always"], ["redis-cli", "-s", self.address, "ping"])
