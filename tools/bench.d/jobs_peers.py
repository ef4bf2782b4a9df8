# SPDX-License-Identifier: MIT
"""Other queues for durable jobs: graphile-worker, with and without its local queue, and pg-boss on PostgreSQL (fsync
and synchronous_commit on), and BullMQ on Redis (appendfsync always).

`enqueue` stores one job per transaction or call from 64 producers; `cycle` runs them, too, with a handler that does
nothing, and counts until the last one is finished; `x` is how much faster weir was in the round. Each has its turn on
the same two cores, with all that it needs, while nothing of the others runs. weir gets its jobs over HTTP, from wrk;
the others' producers call their library in one Node process, without HTTP, their workers are in a second one, and they
have a second to warm up. Their settings, and why: tools/bench.d/peers/*.js.

What is not to be had here is left out, and a sentence says so. Fails only when something does not work."""
import json
import os
import shutil
import statistics
import subprocess

import common
from jobs_service import BODY, CORES, Service, bare, cycle, intake
from peer_servers import Postgres, Redis, Unavailable
from table import Table

SOURCE, INSTALLED = common.HERE / "peers", common.BUILD / "peers"
PEERS = {  # module, package, variant, server
    "graphile-worker": ("graphile", "graphile-worker", "", Postgres),
    "  with localQueue": ("graphile", "graphile-worker", "prefetch", Postgres),
    "pg-boss": ("pg_boss", "pg-boss", "", Postgres),
    "BullMQ": ("bullmq", "bullmq", "", Redis),
}
COLUMNS = {"enqueue": ("enqueue/s", "9,.0f"), "enqueue_ratio": ("x", "6.1f"),
           "cycle": ("cycle/s", "9,.0f"), "cycle_ratio": ("x", "6.1f")}


def install():
    """The packages as pinned, outside of the source tree, and returns the Node that came with them."""
    lock = SOURCE / "package-lock.json"
    done = INSTALLED / "installed.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        if not common.program("npm"):
            raise Unavailable("there is no npm (Debian: apt-get install npm)")
        INSTALLED.mkdir(exist_ok=True)
        for name in ("package.json", lock.name):
            shutil.copy(SOURCE / name, INSTALLED)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        if subprocess.run(npm, cwd=INSTALLED).returncode != 0:
            raise Unavailable("npm could not install the packages: the registry cannot be reached")
        shutil.copy(lock, done)
    nodes = sorted(INSTALLED.glob("node_modules/node-linux-*/bin/node"))
    if not nodes:
        raise Unavailable("the npm registry has no Node for this machine")
    return nodes[0]


class Peer:
    def __init__(self, name, node, server):
        self.module, self.package, self.variant, _ = PEERS[name]
        self.name, self.node, self.server = name, node, server

    @property
    def version(self):
        packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
        return f"{self.package} {packages[f'node_modules/{self.package}']['version']}"

    def rate(self, mode, seconds):
        self.server.start()
        command = [self.node, SOURCE / "bench.js", self.module, mode, self.server.address, BODY, seconds, self.variant]
        environment = {**os.environ, "NODE_PATH": str(INSTALLED / "node_modules")}
        log = common.BUILD / f"peer-{self.module}.log"
        with log.open("wb") as errors:
            output = subprocess.run(common.on_core(CORES, command), env=environment, stdout=subprocess.PIPE,
                                    stderr=errors, text=True)
        if output.returncode != 0:
            common.fail(f"{self.name} failed to {mode}; its output is in {log}")
        self.server.stop()
        return json.loads(output.stdout)["rate"]


def find_peers():
    """Those that can be measured here; says which cannot, and why."""
    try:
        node = install()
    except Unavailable as why:
        print(f"no peers: {why}")
        return []
    peers, servers = [], {}
    for name, (_, _, _, kind) in PEERS.items():
        try:
            if kind not in servers:
                servers[kind] = kind()
            peers.append(Peer(name, node, servers[kind]))
        except Unavailable as why:
            print(f"{name.strip()} is left out: {why}")
    print(", ".join(dict.fromkeys([peer.version for peer in peers] + [server.version for server in servers.values()])))
    return peers


def measure_weir(seconds):
    storing = Service("intake", "--jobs.run=false")
    stored, _ = intake(storing, seconds)
    storing.stop()
    running = Service("cycle")
    done, _ = cycle(running, seconds)
    running.stop()
    return stored["per_second"], done["rate"]


def measure(rounds, seconds):
    """Prints the table; there is no verdict."""
    peers = find_peers()
    table = Table("jobs/s", 18, COLUMNS)
    syncs = []
    for _ in range(rounds):
        syncs.append(bare("fdatasync", 1)[0])
        enqueue, whole = measure_weir(seconds)
        table.note("weir", dict(enqueue=enqueue, enqueue_ratio=1, cycle=whole, cycle_ratio=1))
        for peer in peers:
            peer_enqueue, peer_whole = peer.rate("enqueue", seconds), peer.rate("cycle", seconds)
            table.note(peer.name, dict(enqueue=peer_enqueue, enqueue_ratio=enqueue / peer_enqueue, cycle=peer_whole,
                                       cycle_ratio=whole / peer_whole))
    print("medians")
    table.print_medians()
    print(f"fdatasync/s meanwhile: {statistics.median(syncs):,.0f}")
    return {}
