# SPDX-License-Identifier: MIT
"""What is run: the sweeps, the mixes that the claims are judged by, the one with errors, and those with durable jobs.

A pattern is started with one listener loop; /cpu costs 5 ms of one core, so one thread can serve 200/s; /io waits
50 ms, so a thread that waits can serve 20/s."""
import json

from jobs import Jobs
from processes import CORES

PATTERNS = ["single-threaded", "single-worker", "worker-pool", "event-driven"]
WORKERS = {"cpu": {"worker-pool": 2, "event-driven": 2}, "io": {"worker-pool": 16, "event-driven": 2}}
CPU_PER_THREAD, IO_PER_THREAD = 200, 20

SWEEP_RATES = {
    ("cpu", "single-threaded"): [50, 100, 150, 190, 260],
    ("cpu", "single-worker"): [50, 100, 150, 190, 300],
    ("cpu", "worker-pool"): [100, 200, 300, 360, 500],
    ("cpu", "event-driven"): [100, 200, 300, 360, 500],
    ("io", "single-threaded"): [5, 10, 15, 19, 30],
    ("io", "single-worker"): [5, 10, 15, 19, 30],
    ("io", "worker-pool"): [80, 160, 240, 300, 450],
    ("io", "event-driven"): [80, 160, 300, 450, 900],
}
# 128 slots keep up with 200/s of 500 ms; 100/s of 50 ms are more than four processes of one slot can do.
JOB_RATE, JOB_SLOTS, BACKLOG_RATE = 200, 128, 100
TRIVIAL, PROBE = ("/trivial", 200), ("/healthz", 25, "fresh")


class Plan:
    """How long each kind of run takes; `--quick` trades precision for time."""

    def __init__(self, quick):
        self.quick = quick
        self.warmup = 0.3 if quick else 1
        self.sweep, self.sparse_sweep = (1.5, 2) if quick else (4, 6)  # Sparse: a few requests a second.
        self.claim, self.errors = (2.5, 1) if quick else (6, 3)
        self.slow_mix, self.slow_rate = (5, 1) if quick else (12, 0.5)
        self.jobs_warmup = 0.6  # Longer than any job waits.
        self.jobs_rounds, self.jobs_round, self.jobs_workers = (2, 1, 1.5) if quick else (3, 2, 3)

    def rates(self, kind, pattern):
        rates = SWEEP_RATES[kind, pattern]
        return [rates[1], rates[3], rates[4]] if self.quick else rates


def sweep(lab, plan):
    """Runs by (kind of work, pattern), by rising rate."""
    results = {}
    for kind in ("cpu", "io"):
        for pattern in PATTERNS:
            for rate in plan.rates(kind, pattern):
                duration = plan.sweep if rate >= 50 else plan.sparse_sweep
                run = lab.run(f"sweep /{kind}", pattern, {kind: (f"/{kind}", rate)}, plan.warmup, duration,
                              WORKERS[kind].get(pattern))
                results.setdefault(f"{kind} {pattern}", []).append(run)
    return results


def head_of_line(lab, plan):
    def run(pattern, **extra):
        # A seed that draws five /slow, with and without --quick: few enough that each has its effect.
        return lab.run("1 head of line", pattern, {"trivial": TRIVIAL, **extra}, plan.warmup, plan.slow_mix, seed=7)

    slow = ("/slow", plan.slow_rate)
    return {"alone": run("single-threaded"), "mixed": run("single-threaded", slow=slow),
            "event-driven": run("event-driven", slow=slow)}


def growing_queue(lab, plan):
    def run(pattern, rate):
        return lab.run("2 growing queue", pattern, {"cpu": ("/cpu", rate), "probe": PROBE}, plan.warmup, plan.claim)

    return {"half": run("single-worker", 100), "near": run("single-worker", 180), "over": run("single-worker", 300),
            "single-threaded": run("single-threaded", 300)}


def scaling(lab, plan):
    def run(label, kind, workers, rate):
        return lab.run(f"3 {label}", "worker-pool", {kind: (f"/{kind}", rate)}, plan.warmup, plan.claim, workers)

    waiters = (1, 16) if plan.quick else (1, 4, 16)
    return {"cpu": {str(n): run("scaling", "cpu", n, 1.5 * CPU_PER_THREAD * n) for n in (1, 2)},
            "io": {str(n): run("scaling", "io", n, 1.5 * IO_PER_THREAD * n) for n in waiters},
            "shed": run("shedding", "cpu", 2, 4 * CPU_PER_THREAD)}


def starving(lab, plan):
    def run(pattern, workers):
        return lab.run("4 starving", pattern, {"io": ("/io", 400)}, plan.warmup, plan.claim, workers)

    pools = (4,) if plan.quick else (2, 4)  # 2 workers take seven seconds to work off what their queue holds.
    return {**{str(n): run("worker-pool", n) for n in pools}, "event-driven": run("event-driven", 2)}


def offloading(lab, plan):
    def run(pattern, workers, rate):
        return lab.run("5 offloading", pattern, {"trivial": TRIVIAL, "cpu": ("/cpu", rate)}, plan.warmup, plan.claim,
                       workers)

    return {"single-threaded": run("single-threaded", None, 300), "one": run("event-driven", 1, 300),
            "two": run("event-driven", 2, 600)}


def errors(lab, plan):
    def run(pattern, **extra):
        return lab.run("6 errors", pattern, {"trivial": TRIVIAL, **extra}, plan.warmup, plan.errors)

    return {pattern: {"alone": run(pattern), "mixed": run(pattern, flaky=("/flaky", 100))} for pattern in PATTERNS}


def durable_jobs(lab, plan):
    """Lists of runs. The service runs the jobs itself, but for those in "workers": there it only takes them in, and so
    many processes of one slot run them. What is compared has its turn in each round."""
    def run(label, jobs, seconds, path=None, rate=JOB_RATE, **content):
        posts = {"jobs": (path, rate, json.dumps(content))} if path else {}
        return lab.run(f"7 {label}", "event-driven", {"trivial": TRIVIAL, **posts}, plan.jobs_warmup, seconds,
                       jobs=jobs)

    def inside(label, path=None, slots=JOB_SLOTS, **content):
        return run(label, Jobs(lab.program, slots), plan.jobs_round, path, **content)

    rounds = [(inside("no jobs"), inside("jobs of 1 ms", "/work", wait_ms=1),
               inside("jobs of 500 ms", "/work", wait_ms=500), inside("failing jobs", "/failing-work"))
              for _ in range(plan.jobs_rounds)]
    alone, short, long, failing = map(list, zip(*rounds))
    results = {"alone": alone, "wait": {"1": short, "500": long}, "failing": failing}
    if not plan.quick:
        results["wait"]["50"] = [inside("jobs of 50 ms", "/work", wait_ms=50)]
        results["cpu"] = [inside("500 ms of CPU", "/work", slots=len(CORES), cpu_ms=500)]
    results["workers"] = {str(n): [run(f"{n} workers", Jobs(lab.program, 1, n), plan.jobs_workers, "/work",
                                       BACKLOG_RATE, wait_ms=50)] for n in (0, 1, 2, 4)}
    return results


EXPERIMENTS = {"sweep": sweep, "1": head_of_line, "2": growing_queue, "3": scaling, "4": starving, "5": offloading,
               "6": errors, "7": durable_jobs}
