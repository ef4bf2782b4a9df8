# SPDX-License-Identifier: MIT
"""Whether finished jobs whose time is over go as fast as others finish, and hold up none of those that come."""
import concurrent.futures
import statistics
import time

from jobs_kept import Kept
from jobs_service import STALL_MS, beside, pick_up

SECONDS = 12  # longer than two beats of a worker: on each it removes what is over
PICK_UPS = 200
HELD_UP_LIMIT_MS = 50


def beside_load(data):
    """While jobs come at full speed: removed and finished ones a second, and long turns of the loop."""
    service = Kept(data)
    begin, finished, expired = time.monotonic(), service.finished(), service.jobs.expired()
    left = expired
    with concurrent.futures.ThreadPoolExecutor() as pool:
        load = pool.submit(beside, service, SECONDS)
        while left > 0 and not load.done():
            time.sleep(0.1)
            left = service.jobs.expired()
        removed = (expired - left) / (time.monotonic() - begin)
        plain, stalls = load.result()
    finished = (service.finished() - finished) / (time.monotonic() - begin)
    service.stop()
    print(f"removal beside jobs at full speed: {removed:,.0f} rows/s ({left:,} of {expired:,} left), {finished:,.0f} "
          f"jobs/s finished; plain p99 {plain['p99_us'] / 1e3:.2f} ms, {stalls:.0f} loop turns above {STALL_MS} ms")
    return removed, finished, stalls


def beside_one(data):
    """While jobs come one after the other: the longest that one waited for its commit, and for its handler."""
    service = Kept(data)
    begin, expired = time.monotonic(), service.jobs.expired()
    times = {"commit": [], "pick-up": []}
    while time.monotonic() < begin + SECONDS:
        for kept, new in zip(times.values(), pick_up(service, PICK_UPS)):
            kept += new
    removed = (expired - service.jobs.expired()) / (time.monotonic() - begin)
    service.stop()
    for what, all_ms in times.items():
        print(f"{what} beside removal of {removed:,.0f} rows/s: median {statistics.median(all_ms):.2f} ms, p99 "
              f"{statistics.quantiles(all_ms, n=100)[-1]:.2f} ms, longest of {len(all_ms):,} {max(all_ms):.2f} ms")
    return map(max, times.values())


def measure(store, data, expired):
    """Has the oldest jobs expire, and returns the verdicts: whether it holds, by the sentence."""
    store.expire(expired)
    removed, finished, stalls = beside_load(data)
    store.expire(expired)
    commit, begun = beside_one(data)
    return {
        f"removal is as fast as jobs finish: {removed:,.0f} and {finished:,.0f} a second": removed >= finished,
        f"no loop turn above {STALL_MS} ms beside removal: {stalls:.0f}": stalls == 0,
        f"no commit above {HELD_UP_LIMIT_MS} ms beside removal: {commit:.1f}": commit <= HELD_UP_LIMIT_MS,
        f"no pick-up above {HELD_UP_LIMIT_MS} ms beside removal: {begun:.1f}": begun <= HELD_UP_LIMIT_MS,
    }
