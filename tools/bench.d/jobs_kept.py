# SPDX-License-Identifier: MIT
"""apps/benchmark with jobs on data that stays when it stops."""
import json
import time
from datetime import datetime

import common
from jobs_service import STALL_MS, Service
from large_store import LargeStore

IDS = 20_000


class Kept(Service):
    """The service on a folder, and when it was ready: `start_ms` after its start."""

    def __init__(self, data, *flags):
        begin = time.time()
        super().__init__(data.name, "--watchdog.stall", f"{STALL_MS}ms", *flags, data=data, log=("--log.format", "json"))
        self.start_ms = (self._serving_since() - begin) * 1e3
        self.jobs = LargeStore(self.store)

    def _serving_since(self):
        while True:  # It listens already.
            for line in self.server.log.read_text().splitlines():
                if '"event":"serving"' in line:
                    return datetime.strptime(json.loads(line)["ts"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
            time.sleep(0.01)

    def load_status(self, table, seconds):
        """One client that asks for random jobs of a table."""
        paths = self.data / "paths"
        paths.write_text("".join(f"/jobs/{one}\n" for one in self.jobs.ids(table, IDS)))
        result = common.run_wrk(common.wrk_command(self.server.port, seconds, connections=1), "paths", paths)
        if result["errors"]:
            common.fail(f"{result['errors']} requests for jobs failed")
        return result
