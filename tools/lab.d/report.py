# SPDX-License-Identifier: MIT
"""The report: one HTML file that needs nothing else, and the same figures as Markdown tables."""
import statistics
from html import escape
from pathlib import Path

import claims
import plots
from processes import failures

HERE = Path(__file__).resolve().parent
VERDICT_CSS = {"holds": "holds", "does not hold": "not", "void": "void"}
RUN_COLUMNS = ["run", "pattern", "workers", "request", "offered", "goodput", "503", "other", "failed", "p50", "p99",
               "p99.9", "slowest", "CPU", "others", "lateness p99", ""]
QUIET_CORES = 0.1  # What others may take before the report warns.
TEXT_COLUMNS = {"run", "pattern", "request"}

LEGEND = ("In the latency plots p50 is the thick line, p99 the thin and p99.9 the dashed one. Below 100 answers p99 is "
          "the slowest; p99.9 is left out below 1,000. A cross marks a void run.")
SWEEPS = [  # Kind of work, heading, text.
    ("cpu", "CPU work: <code>GET /cpu</code>",
     "Each request costs 5 ms of one core, so one thread answers 200/s. worker-pool and event-driven have 2 workers."),
    ("io", "Waiting: <code>GET /io</code>",
     "Each request waits 50 ms for a second process, so a thread that waits can answer 20/s. worker-pool has 16 "
     "workers; event-driven suspends the request and needs none. Offered rates are on a log scale."),
]
QUEUES = ("Sampled ten times a second from the metrics of the service; the first three are offered more than they can "
          "do. One route alone may fill half of a queue that several share.")
JOBS = ("Each <code>POST</code> stores a job that waits, and is answered 202 once it is on the disk. Left, the service "
        "runs 200 jobs a second itself; right, it takes in 100 a second of 50 ms each, and only the workers run them.")
CLAIMS = ("What the patterns are known for. Each verdict follows from the figures by the rule beside it, which is "
          "fixed: a claim that does not hold is reported as such.")


def run_rows(runs):
    for run in runs:
        for name, one in run["classes"].items():
            latency = one["latency"]
            enough = latency["count"] >= plots.P999_ANSWERS
            yield [run["label"], run["pattern"], run["workers"] or "", name, claims.per_second(one["rate"]),
                   claims.per_second(one["goodput"]), f"{one['status_503']:,}", f"{one['status_other']:,}",
                   f"{failures(one):,}",
                   claims.milliseconds(latency.get("p50_ms")), claims.milliseconds(latency.get("p99_ms")),
                   claims.milliseconds(latency.get("p999_ms")) if enough else "",
                   claims.milliseconds(latency.get("max_ms")), claims.cores(run["cpu_cores"]),
                   claims.cores(run["other_cores"]),
                   claims.milliseconds(run["lateness"].get("p99_ms")),
                   "died" if not run["alive"] else "void" if run["void"] else "repeated" if run["attempt"] > 1 else ""]


def disturbance(data):
    """A sentence when the figures are of little use, as the service died or others took the machine; else nothing."""
    dead = sum(not run["alive"] for run in data["runs"])
    if dead:
        return f"The service died in {dead} of {len(data['runs'])} runs, whose figures mean nothing."
    taken = statistics.median(run["other_cores"] for run in data["runs"])
    if taken <= QUIET_CORES:
        return ""
    return (f"The machine was not quiet: other processes took {claims.cores(taken)} in the median run, so what "
            "is said here of CPU work was measured on the rest.")


def method(data):
    runs = data["runs"]
    lateness = [run["lateness"]["p99_ms"] for run in runs if run["lateness"]["count"]]
    void = sum(run["void"] for run in runs)
    repeated = sum(run["attempt"] > 1 for run in runs)
    return ("The load is open loop: arrivals are a Poisson process drawn in advance, and do not slow down because the "
            "service does. Latency counts from the intended start of a request to the last byte of its answer, so a "
            "stall is charged to everything that it held up; throughput counts the 2xx answers that arrived within the "
            "measured time. Each run has a fresh service with one listener loop, which may use every core; generator "
            "and backend share the last core with it, the generator at "
            f"{data['priority']} priority. A run is void when the generator was itself more than 5 ms late at the 99th "
            "percentile; it is then repeated once. Of "
            f"{len(runs)} runs {void or 'none'} {'are' if void != 1 else 'is'} void "
            f"and {repeated or 'none'} had to be repeated; the largest p99 lateness is "
            f"{claims.milliseconds(max(lateness, default=None))}. Other processes took "
            f"{claims.cores(statistics.median(run['other_cores'] for run in runs))} in the median run.")


def table(columns, rows, text_columns=()):
    def cell(tag, column, value):
        css = ' class="text"' if column in text_columns else ""
        return f"<{tag}{css}>{escape(str(value))}</{tag}>"

    head = "".join(cell("th", column, column) for column in columns)
    lines = ["".join(cell("td", column, value) for column, value in zip(columns, row)) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def verdict_mark(claim):
    return f'<span class="verdict {VERDICT_CSS[claim.verdict]}">{claim.verdict}</span>'


def list_of(css, items):
    return f'<ul class="{css}">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def card(claim):
    findings = "".join(f'<li class="{"yes" if allowed else "no"}">{escape(text)}</li>'
                       for text, allowed in claim.checks)
    note = f'<p class="hint">{escape(claim.note)}</p>' if claim.note else ""
    return (f'<section class="card" id="claim-{claim.key}"><header><h3>{claim.key}. {escape(claim.sentence)}</h3>'
            f'{verdict_mark(claim)}</header>{table(claim.columns, claim.rows)}'
            f'<ul class="findings">{findings}</ul><p><b>Rule.</b> {escape(claim.rule)}</p>{note}</section>')


def sweep_section(data, kind, title, text):
    sweep = data["results"]["sweep"]
    return (f'<h2>{title}</h2><p>{text}</p><div class="pair">{plots.throughput(sweep, kind)}'
            f'{plots.cpu(sweep, kind, data["cores"])}</div>'
            f'<div class="four">{"".join(plots.latencies(sweep, kind))}</div>')


def html(data):
    judged = claims.judge(data["results"])
    parts = ["<h1>Execution patterns, measured on the same handlers</h1>",
             f'<p class="machine">{escape(data["machine"])}</p>']
    if disturbance(data):
        parts.append(f'<p class="warning">{escape(disturbance(data))}</p>')
    links = [f'<a href="#claim-{claim.key}">{claim.key}. {escape(claim.sentence)}</a>' for claim in judged]
    parts.append(list_of("verdicts", [verdict_mark(claim) + link for claim, link in zip(judged, links)]))
    parts.append(f"<h2>Method</h2><p>{escape(method(data))}</p>")
    keys = [f'<span class="{css}"><i></i>{pattern}</span>' for pattern, css in plots.CSS.items()]
    parts.append(list_of("legend", keys))
    parts.append(f'<p class="hint">{LEGEND}</p>')
    if "sweep" in data["results"]:
        parts += [sweep_section(data, *section) for section in SWEEPS]
    if {"2", "3", "4"} <= data["results"].keys():
        parts.append(f"<h2>Queue depth over time</h2><p>{QUEUES}</p>"
                     f'<div class="four">{"".join(plots.queues(data["results"]))}</div>')
    if "7" in data["results"]:
        runs = data["results"]["7"]
        parts.append(f'<h2>Durable jobs: <code>POST /work</code></h2><p>{JOBS}</p><div class="pair">'
                     f'{plots.answers_to_jobs(runs)}{plots.workers_of_jobs(runs)}</div>')
    parts.append(f"<h2>Claims</h2><p>{CLAIMS}</p>{''.join(map(card, judged))}")
    parts.append(f"<details><summary>All {len(data['runs'])} runs</summary>"
                 f"{table(RUN_COLUMNS, run_rows(data['runs']), TEXT_COLUMNS)}</details>")
    style = (HERE / "style.css").read_text()
    return ('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Execution patterns, measured</title><style>{style}</style></head><body>\n"
            + "\n".join(parts) + "\n</body></html>\n")


def markdown_table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def markdown(data):
    judged = claims.judge(data["results"])
    verdicts = [[f"{claim.key}. {claim.sentence}", claim.verdict] for claim in judged]
    parts = ["# Execution patterns, measured on the same handlers\n", data["machine"] + "\n"]
    parts += [disturbance(data) + "\n"] if disturbance(data) else []
    parts += [method(data) + "\n", "## Claims\n", markdown_table(["claim", "verdict"], verdicts)]
    for claim in judged:
        parts += [f"### {claim.key}. {claim.sentence}\n", f"**{claim.verdict}**: "
                  + "; ".join(f"{text} ({'yes' if allowed else 'no'})" for text, allowed in claim.checks) + ".\n",
                  f"Rule: {claim.rule} {claim.note}".strip() + "\n", markdown_table(claim.columns, claim.rows)]
    parts += ["## All runs\n", markdown_table(RUN_COLUMNS, run_rows(data["runs"]))]
    return "\n".join(parts)
