# SPDX-License-Identifier: MIT
"""Kills a service again and again at random moments, while a client notes every 202 that it gets.

usage: job_torture_test.py JOB_APP KILLS [SEED]    JOB_KILLS in the environment says how many instead

Afterwards every job of a 202 has succeeded, its effect has happened at least once, no attempt has begun twice, and no
job has ended twice."""
import collections
import http.client
import os
import random
import sqlite3
import sys
import threading
import time

from job_service import Place, Service, fail, free_port, wait_until

CLIENTS = 8


def main():
    binary, kills = sys.argv[1], int(os.environ.get("JOB_KILLS", sys.argv[2]))
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    print(f"seed {seed}, {kills} kills", flush=True)
    chance = random.Random(seed)
    place = Place()
    port = free_port()
    service = Service(binary, place, port=port)
    accepted, is_over, numbers = [], threading.Event(), iter(range(1 << 30))

    def client(own):
        while not is_over.is_set():
            order = {"name": f"job{next(numbers)}", "milliseconds": own.choice((0, 0, 1, 5)),
                     "failures": own.choice((0, 0, 0, 1))}
            try:
                status, _, job = service.ask("POST", "/serve", order)
                if status == 202:
                    accepted.append(job["id"])
                elif status != 503:
                    fail(f"POST /serve answered {status}: {job}")
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)  # it is down

    clients = [threading.Thread(target=client, args=(random.Random(seed + i),), daemon=True) for i in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.02, 0.4))
        service.kill()
        service = Service(binary, place, port=port)
    time.sleep(0.2)
    is_over.set()
    for thread in clients:
        thread.join()

    begun = time.monotonic()
    for id in accepted:
        if service.wait_for_end(id)["status"] != "succeeded":
            fail(f"{id} ended as {service.job(id)}")
    took = time.monotonic() - begun
    attempts = collections.Counter((id, attempt) for id, _, attempt in place.lines())
    effects = collections.Counter(id for id, _ in attempts)
    missing = [id for id in accepted if not effects[id]]
    if missing:
        fail(f"{len(missing)} jobs have succeeded without an effect: {missing[:3]}")
    twice = [key for key, count in attempts.items() if count > 1]
    if twice:
        fail(f"{len(twice)} attempts have begun twice: {twice[:3]}")
    if service.stop() != 0:
        fail("the service did not end in order")
    database = sqlite3.connect(place.path / "data/job-app.db")
    left = database.execute("SELECT count(*) FROM job").fetchone()[0]
    done = database.execute("SELECT count(*), count(DISTINCT id) FROM job_done").fetchone()
    if left or done[0] != done[1] or done[0] < len(accepted):
        fail(f"the store has {left} living and {done} final jobs for {len(accepted)} accepted ones")
    if database.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        fail("the store is damaged")
    again = sum(1 for count in effects.values() if count > 1)
    print(f"{len(accepted)} jobs accepted, {done[0]} ended, {again} run more than once, settled in {took:.1f} s")


main()
