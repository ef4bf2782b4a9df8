# SPDX-License-Identifier: MIT
"""What the patterns are known for, each judged by a rule that is never adjusted to the figures.

A judge gets the runs of its experiment and returns a Claim; the verdict follows from its checks alone."""
import math
from dataclasses import dataclass, field


@dataclass
class Claim:
    key: str
    sentence: str
    rule: str
    columns: list
    runs: list  # All that the rule looks at.
    rows: list = field(default_factory=list)
    checks: list = field(default_factory=list)  # Pairs of what was found, as text, and whether the rule allows it.
    note: str = ""

    @property
    def verdict(self):
        if any(run["void"] for run in self.runs):
            return "void"
        if self.key != "6" and not all(run["alive"] for run in self.runs):
            return "void"  # Figures of a service that died say nothing of its pattern; the sixth claim is about that.
        return "holds" if all(allowed for _, allowed in self.checks) else "does not hold"


def latency(run, name, which="p99_ms"):
    """Infinite when not one request of the class was answered well."""
    return run["classes"][name]["latency"].get(which, math.inf)


def quantiles(run, name):
    return [milliseconds(latency(run, name, which)) for which in ("p50_ms", "p99_ms", "max_ms")]


def goodput(run, name):
    return run["classes"][name]["goodput"]


def milliseconds(value):
    if value is None or math.isinf(value):
        return "none"
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 10 else f"{value:.2f} ms"


def per_second(value):
    return f"{value:,.0f}/s" if value >= 100 else f"{value:.1f}/s"


def depth_max(run):
    depths = [depth for _, depth in run["queue"] if depth is not None]
    return max(depths) if depths else None


def ratio(a, b):
    return math.inf if b == 0 or math.isinf(a) else a / b


def times(value):
    return f"{value:,.0f} times" if value >= 10 else f"{value:.2f} times"


def head_of_line(runs):
    claim = Claim(
        "1", "single-threaded: a fast request behind a slow one waits for it.",
        "p99 of /trivial beside three or more /slow (500 ms of work each) is at least 10 times what it is alone, and "
        "at least 100 ms.",
        ["run", "/slow answered", "/trivial p50", "/trivial p99", "slowest"], [runs["alone"], runs["mixed"]],
        note="event-driven under the same mix stands beside it and is not part of the rule.")
    for name, run in [("single-threaded, /trivial alone", runs["alone"]),
                      ("single-threaded, with /slow", runs["mixed"]),
                      ("event-driven, with /slow", runs["event-driven"])]:
        slow = run["classes"].get("slow", {}).get("status_2xx", "")
        claim.rows.append([name, slow, *quantiles(run, "trivial")])
    alone, mixed = latency(runs["alone"], "trivial"), latency(runs["mixed"], "trivial")
    slow = runs["mixed"]["classes"]["slow"]["status_2xx"]
    claim.checks = [(f"{slow} of /slow", slow >= 3), (f"p99 grew {times(ratio(mixed, alone))}", mixed >= 10 * alone),
                    (f"to {milliseconds(mixed)}", mixed >= 100)]
    return claim


def growing_queue(runs):
    loads = {"half": "100/s, half load", "near": "180/s, 90 % load", "over": "300/s, overload"}
    own = [runs[load] for load in loads]
    claim = Claim(
        "2", "single-worker: connections are accepted at once, but latency grows with the queue.",
        "A new connection has the answer to a health check within 20 ms at p99 under each load, and p99 of /cpu grows "
        "at least 5 times from half load to overload.",
        ["run", "connect p99", "new connection answered p99", "/cpu p50", "/cpu p99", "deepest queue"], own,
        note="single-threaded under the same overload stands beside it and is not part of the rule.")
    for load, name in [*loads.items(), ("single-threaded", "single-threaded, 300/s")]:
        run = runs[load]
        depth = depth_max(run)
        claim.rows.append([name, milliseconds(run["connect"].get("p99_ms")), milliseconds(latency(run, "probe")),
                           milliseconds(latency(run, "cpu", "p50_ms")), milliseconds(latency(run, "cpu")),
                           "none" if load == "single-threaded" or depth is None else f"{depth:.0f}"])
    worst = max(latency(run, "probe") for run in own)
    growth = ratio(latency(runs["over"], "cpu"), latency(runs["half"], "cpu"))
    claim.checks = [(f"slowest p99 of a new connection {milliseconds(worst)}", worst <= 20),
                    (f"p99 of /cpu grew {times(growth)}", growth >= 5)]
    return claim


def scaling(runs):
    shed = runs["shed"]
    used = [*runs["cpu"].values(), *runs["io"].values(), shed]
    claim = Claim(
        "3", "worker-pool: throughput scales with workers, on CPU work up to the cores and on waits far beyond, and "
             "the bounded queue sheds instead of growing.",
        "At 1.5 times capacity, goodput of /cpu with 2 workers is at least 1.6 times that with 1, and goodput of /io "
        "with 16 at least 12 times that with 1. At twice the capacity of 2 workers some requests are answered 503, "
        "within 50 ms at p99, and no sample of the queue is above its bound.",
        ["run", "offered", "goodput", "p99", "503", "deepest queue"], used)
    rows = [(f"/cpu, {n} worker{'s' if n != '1' else ''}", "cpu", run) for n, run in runs["cpu"].items()]
    rows += [(f"/io, {n} worker{'s' if n != '1' else ''}", "io", run) for n, run in runs["io"].items()]
    for name, kind, run in [*rows, ("/cpu, 2 workers, flooded", "cpu", shed)]:
        one, depth = run["classes"][kind], depth_max(run)
        claim.rows.append([name, per_second(one["rate"]), per_second(one["goodput"]), milliseconds(latency(run, kind)),
                           f"{one['status_503']:,}", "unknown" if depth is None else f"{depth:.0f}"])
    on_cpu = ratio(goodput(runs["cpu"]["2"], "cpu"), goodput(runs["cpu"]["1"], "cpu"))
    on_io = ratio(goodput(runs["io"]["16"], "io"), goodput(runs["io"]["1"], "io"))
    count = shed["classes"]["cpu"]["status_503"]
    refusal = shed["classes"]["cpu"]["shed_latency"].get("p99_ms", math.inf)
    depth, limit = depth_max(shed), shed["queue_limit"]
    known = depth is not None and limit is not None
    claim.checks = [(f"/cpu 1 to 2 workers: {times(on_cpu)}", on_cpu >= 1.6),
                    (f"/io 1 to 16 workers: {times(on_io)}", on_io >= 12),
                    (f"{count:,} shed", count > 0),
                    (f"a 503 takes {milliseconds(refusal)} at p99", refusal <= 50),
                    (f"queue at most {depth:.0f}, of {limit:.0f}" if known else "depth or bound of the queue unknown",
                     known and depth <= limit)]
    return claim


def starving(runs):
    claim = Claim(
        "4", "worker-pool starves on I/O waits where event-driven does not.",
        "Of 400/s of /io, worker-pool with 4 workers answers at most half; event-driven answers at least 95 %, with a "
        "p99 of at most 100 ms (the wait alone is 50 ms).",
        ["run", "goodput", "p50", "p99", "503", "CPU used"], list(runs.values()))
    for key, run in runs.items():
        one = run["classes"]["io"]
        claim.rows.append([f"worker-pool, {key} workers" if key.isdigit() else key,
                           per_second(one["goodput"]), milliseconds(latency(run, "io", "p50_ms")),
                           milliseconds(latency(run, "io")), f"{one['status_503']:,}", cores(run["cpu_cores"])])
    # Of what was offered in this run: a Poisson process does not keep its rate to the request.
    def share(run):
        return goodput(run, "io") * run["duration_s"] / run["classes"]["io"]["planned"]

    pool, driven, p99 = share(runs["4"]), share(runs["event-driven"]), latency(runs["event-driven"], "io")
    claim.checks = [(f"worker-pool answered {pool:.0%}", pool <= 0.5), (f"event-driven {driven:.0%}", driven >= 0.95),
                    (f"with a p99 of {milliseconds(p99)}", p99 <= 100)]
    return claim


def cores(value):
    return "unknown" if value is None else f"{value:.2f} cores"


def offloading(runs):
    claim = Claim(
        "5", "event-driven keeps trivial requests fast while CPU work is offloaded.",
        "Beside 300/s of /cpu, which is 1.5 times what one thread can do, p99 of /trivial is at most 20 ms and at most "
        "a fifth of what single-threaded shows under the same mix; /cpu itself is answered at 180/s or more.",
        ["run", "/trivial p50", "/trivial p99", "slowest", "/cpu goodput", "/cpu 503"],
        [runs["single-threaded"], runs["one"]],
        note="The last row offers 600/s to a pool as large as the machine, which leaves the loop no core of its own; "
             "it is not part of the rule.")
    for key, name in [("single-threaded", "single-threaded, 300/s of /cpu"), ("one", "event-driven, 1 worker, 300/s"),
                      ("two", "event-driven, 2 workers, 600/s")]:
        run = runs[key]
        claim.rows.append([name, *quantiles(run, "trivial"), per_second(goodput(run, "cpu")),
                           f"{run['classes']['cpu']['status_503']:,}"])
    driven, single = latency(runs["one"], "trivial"), latency(runs["single-threaded"], "trivial")
    done = goodput(runs["one"], "cpu")
    claim.checks = [(f"p99 of /trivial {milliseconds(driven)}", driven <= 20),
                    (f"single-threaded {milliseconds(single)}", driven <= single / 5),
                    (f"{per_second(done)} of /cpu", done >= 180)]
    return claim


def is_unharmed(value, before):
    """A latency: at most 5 ms above, or at most twice, what it was."""
    return value <= max(2 * before, before + 5)


def errors(runs):
    claim = Claim(
        "6", "A handler that throws costs its own request a 500, and nothing else.",
        "Under each pattern, beside 100/s of /flaky: some requests of /flaky are answered 500, each of /trivial is "
        "answered 2xx, its p99 is at most 5 ms above, or at most twice, what it is alone, and the process is alive.",
        ["run", "/flaky 2xx", "/flaky 500", "/trivial not 2xx", "/trivial p99 alone", "/trivial p99 beside /flaky"],
        [run for pair in runs.values() for run in pair.values()])
    for pattern, pair in runs.items():
        flaky, trivial = pair["mixed"]["classes"]["flaky"], pair["mixed"]["classes"]["trivial"]
        alone, mixed = latency(pair["alone"], "trivial"), latency(pair["mixed"], "trivial")
        harmed = trivial["planned"] - trivial["status_2xx"]
        claim.rows.append([pattern, f"{flaky['status_2xx']:,}", f"{flaky['status_other']:,}", f"{harmed:,}",
                           milliseconds(alone), milliseconds(mixed)])
        unharmed = harmed == 0 and is_unharmed(mixed, alone)
        claim.checks.append((f"{pattern}: {'unharmed' if unharmed else 'harmed'}, "
                             f"{'alive' if pair['mixed']['alive'] else 'dead'}",
                             unharmed and pair["mixed"]["alive"] and flaky["status_other"] > 0))
    return claim


def lowest(runs, name, which="p99_ms"):
    """Of some rounds of the same: what others do on the machine, or its disk, is in some of them, what the service does
    in each."""
    return min(latency(run, name, which) for run in runs)


def without_success(runs, names=("trivial", "jobs")):
    """Requests that were not answered 2xx."""
    classes = [one for run in runs for name, one in run["classes"].items() if name in names]
    return sum(one["planned"] - one["status_2xx"] for one in classes)


def accepted_jobs(runs):
    return sum(run["classes"]["jobs"]["good_ever"] for run in runs if "jobs" in run["classes"])


def stored_jobs(runs, *states):
    """How many the stores had in these states in the end; in any, when none is named."""
    return sum(count for run in runs for state, count in run["jobs"]["states"].items() if not states or state in states)


def finished_rate(runs):
    return sum(run["jobs"]["finished_rate"] or 0 for run in runs) / len(runs)


def job_row(name, runs):
    row = [name, f"{without_success(runs, ['trivial']):,}", milliseconds(lowest(runs, "trivial"))]
    if "jobs" not in runs[0]["classes"]:
        return row + [""] * 6
    return row + [milliseconds(lowest(runs, "jobs", "p50_ms")), milliseconds(lowest(runs, "jobs")),
                  per_second(finished_rate(runs)), f"{stored_jobs(runs, 'discarded'):,}",
                  f"{accepted_jobs(runs):,}", f"{stored_jobs(runs):,}"]


def durable_jobs(runs):
    alone, waits, failing, workers = (runs[group] for group in ("alone", "wait", "failing", "workers"))
    used = [run for group in (alone, *waits.values(), failing, *workers.values()) for run in group]
    claim = Claim(
        "7", "durable jobs: the 202 does not wait for the job, jobs that fail harm no request, and workers scale apart "
             "from requests.",
        "Every request is answered 2xx. p50 and p99 of the 202 of jobs of 500 ms are at most 5 ms above, or at most "
        "twice, those of jobs of 1 ms; so is p99 of /trivial beside jobs that all fail, compared with what it is alone "
        "and beside jobs of 1 ms. Of the rounds of these, the lowest counts. 2 worker processes finish at least 1.7 "
        "times as many jobs as 1, and 4 at least 3.4 times. After the service was killed, each job that it had "
        "answered 202 is in the store.",
        ["run", "/trivial not 2xx", "/trivial p99", "202 p50", "202 p99", "jobs done", "given up",
         "answered 202", "in store after kill"], used,
        note="Jobs of 500 ms of CPU, more than all cores can do, are not part of the rule. Workers have one slot each, "
             "which keeps the store that they share far from its limit; nothing is claimed for closer to it, and "
             "tools/bench jobs measures what it can take.")
    named = [("no jobs", alone), *((f"jobs of {ms} ms", waits[ms]) for ms in sorted(waits, key=int)),
             *([("jobs of 500 ms of CPU", runs["cpu"])] if "cpu" in runs else []), ("jobs that all fail", failing),
             *((f"jobs of 50 ms, {n} worker{'s' if n != '1' else ''}", group) for n, group in workers.items())]
    claim.rows = [job_row(name, group) for name, group in named]

    harmed = without_success(used)
    claim.checks = [(f"{harmed:,} requests without a 2xx", harmed == 0)]
    for which in ("p50_ms", "p99_ms"):
        short, long = (lowest(waits[ms], "jobs", which) for ms in ("1", "500"))
        claim.checks.append((f"{which[:3]} of the 202 from {milliseconds(short)} to {milliseconds(long)}",
                             is_unharmed(long, short)))
    given_up, beside = stored_jobs(failing, "discarded"), lowest(failing, "trivial")
    claim.checks += [(f"{given_up:,} jobs given up", given_up > 0 and stored_jobs(failing, "completed") == 0),
                     (f"p99 of /trivial {milliseconds(beside)} beside them",
                      all(is_unharmed(beside, lowest(other, "trivial")) for other in (alone, waits["1"])))]
    for n, least in (("2", 1.7), ("4", 3.4)):
        growth = ratio(finished_rate(workers[n]), finished_rate(workers["1"]))
        claim.checks.append((f"jobs done by 1 to {n} workers: {times(growth)}", least <= growth < math.inf))
    lost = sum(max(accepted_jobs([run]) - stored_jobs([run]), 0) for run in used)
    claim.checks.append((f"{lost:,} jobs lost", lost == 0))
    return claim


JUDGES = {"1": head_of_line, "2": growing_queue, "3": scaling, "4": starving, "5": offloading, "6": errors,
          "7": durable_jobs}


def judge(results):
    return [JUDGES[key](runs) for key, runs in results.items() if key in JUDGES]
