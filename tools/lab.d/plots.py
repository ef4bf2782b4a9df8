# SPDX-License-Identifier: MIT
"""Which figures of the runs are drawn, and how."""
import claims
from charts import Axis, Chart, Series, linear_axis, log_axis
from experiments import PATTERNS

CSS = {"single-threaded": "st", "single-worker": "sw", "worker-pool": "wp", "event-driven": "ed"}
P999_ANSWERS = 1000  # Below it the thousandth part is not one answer.


def duration_text(milliseconds):
    return f"{milliseconds / 1000:g} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"


def runs_of(sweep, kind):
    return {pattern: sweep[f"{kind} {pattern}"] for pattern in PATTERNS}


def offered_axis(kind, title="offered, requests/s"):
    if kind == "cpu":
        return linear_axis(500, title)
    return Axis(4, 1000, True, [(value, f"{value:g}") for value in (10, 30, 100, 300, 1000)], title)


def throughput(sweep, kind):
    x = offered_axis(kind)
    y = linear_axis(500) if kind == "cpu" else Axis(4, 1000, True, x.ticks)
    chart = Chart("Throughput: 2xx answers per second", x, y)
    low, high = (0, 500) if kind == "cpu" else (4, 1000)
    chart.add(Series("ideal", [(low, low), (high, high)], "all answered", "dashed plain"))
    for pattern, runs in runs_of(sweep, kind).items():
        points = [(run["classes"][kind]["rate"], run["classes"][kind]["goodput"], run["void"]) for run in runs]
        chart.add(Series(CSS[pattern], points, pattern))
    return chart.svg()


def cpu(sweep, kind, cores):
    most = max((run["cpu_cores"] or 0 for runs in runs_of(sweep, kind).values() for run in runs), default=0)
    y = linear_axis(min(max(most, 0.1), cores), steps=4)
    chart = Chart("CPU used by the service, in cores", offered_axis(kind), y)
    for pattern, runs in runs_of(sweep, kind).items():
        points = [(run["classes"][kind]["rate"], run["cpu_cores"], run["void"]) for run in runs]
        chart.add(Series(CSS[pattern], points, pattern))
    return chart.svg()


def latencies(sweep, kind):
    every = [run["classes"][kind]["latency"] for runs in runs_of(sweep, kind).values() for run in runs]
    y = log_axis(min((one["p50_ms"] for one in every if one["count"]), default=1),
                 max((one["max_ms"] for one in every if one["count"]), default=10), text=duration_text)
    charts = []
    for index, (pattern, runs) in enumerate(runs_of(sweep, kind).items()):
        chart = Chart(pattern, offered_axis(kind), y, width=270, height=270, left=50, right=46)
        for which, name, style in (("p50_ms", "p50", ""), ("p99_ms", "p99", "thin"), ("p999_ms", "p99.9", "dashed")):
            points = []
            for run in runs:
                one = run["classes"][kind]
                enough = which != "p999_ms" or one["latency"]["count"] >= P999_ANSWERS
                points.append((one["rate"], one["latency"].get(which) if enough else None, run["void"]))
            chart.add(Series(CSS[pattern], points, name, style))
        charts.append(chart.svg())
    return charts


def answers_to_jobs(runs):
    """How long the 202 takes against how long the job does."""
    x = Axis(0.8, 600, True, [(ms, duration_text(ms)) for ms in (1, 10, 50, 500)], "what each job waits for")
    chart = Chart("The 202, for jobs of one length", x, log_axis(1, 1000, text=duration_text))
    chart.add(Series("ideal", [(1, 1), (500, 500)], "the job itself", "dashed plain"))
    for which, name, style in (("p50_ms", "202, p50", ""), ("p99_ms", "202, p99", "thin")):
        points = [(int(ms), claims.lowest(group, "jobs", which), any(run["void"] for run in group))
                  for ms, group in runs["wait"].items()]
        chart.add(Series("jobs", sorted(points), name, style))
    return chart.svg()


def workers_of_jobs(runs):
    """What is answered and what is done a second against the number of worker processes."""
    groups = {int(n): group for n, group in runs["workers"].items()}
    x = Axis(0, max(groups), False, [(n, str(n)) for n in groups], "worker processes, of one slot each")
    chart = Chart("A second: requests answered, jobs done", x, linear_axis(250))

    def add(css, label, value):
        chart.add(Series(css, [(n, value(group), group[0]["void"]) for n, group in groups.items()], label))

    add("ed", "/trivial", lambda group: claims.goodput(group[0], "trivial"))
    add("ed", "202s", lambda group: claims.goodput(group[0], "jobs"))
    add("jobs", "jobs done", claims.finished_rate)
    return chart.svg()


def queues(results):
    """The queue over time in the runs that fill one, and in one that does not."""
    panels = [("single-worker", "300/s of /cpu, 1 worker", results["2"]["over"]),
              ("worker-pool", "800/s of /cpu, 2 workers", results["3"]["shed"]),
              ("worker-pool", "400/s of /io, 4 workers", results["4"]["4"]),
              ("event-driven", "400/s of /io", results["4"]["event-driven"])]
    depths = [depth or 0 for *_, run in panels for depth in (run["queue_limit"], claims.depth_max(run))]
    charts = []
    for pattern, condition, run in panels:
        end = run["warmup_s"] + run["duration_s"]
        x = linear_axis(end, "seconds since the load began", steps=4)
        y = linear_axis(max(100, *depths), steps=3)
        chart = Chart(pattern, x, y, width=270, height=240, subtitle=condition, left=34, right=10)
        if run["queue_limit"]:
            chart.add_level(run["queue_limit"], f"bound {run['queue_limit']:.0f}")
        points = [(at + run["warmup_s"], depth, run["void"]) for at, depth in run["queue"]
                  if 0 <= at + run["warmup_s"] <= x.high]
        chart.add(Series(CSS[pattern], points, "", "plain"))
        charts.append(chart.svg())
    return charts
