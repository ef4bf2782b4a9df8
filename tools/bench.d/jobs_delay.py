# SPDX-License-Identifier: MIT
"""Whether storing jobs keeps ahead of the disk as that gets slower.

Each fdatasync of the server and of the bare loops takes so much longer. `single` is one commit per job, `bare` the bare
loop that commits what came meanwhile, `intake` jobs stored over HTTP, `batch` how many of them shared a commit in the
mean. Fails when, at any delay where the disk is slow by then, intake is below four times one commit per job."""
import common
from jobs_service import PRODUCERS, SLOW_DISK, Service, bare, intake
from table import Table

DELAYS_MS = (0, 0.2, 1, 5)
COLUMNS = {
    "fdatasync": ("fdatasync", "9,.0f"), "single": ("single", "7,.0f"),
    "bare": ("bare", "7,.0f"), "bare_batch": ("batch", "5.1f"),
    "intake": ("intake", "7,.0f"), "intake_batch": ("batch", "5.1f"),
    "intake_p99": ("p99 ms", "6.1f"),
    "single_ratio": ("intake/single", "13.1f"), "bare_ratio": ("intake/bare", "11.2f"),
}


def measure_at(delay_ms, seconds):
    slow = ["env", f"LD_PRELOAD={common.BUILD / 'slow_sync'}", f"SLOW_SYNC_US={delay_ms * 1e3:.0f}"]
    service = Service("intake", "--jobs.run=false", wrapper=slow)
    fdatasync, _ = bare("fdatasync", 1, wrapper=slow)
    single, _ = bare("single", 1, service.store, wrapper=slow)
    bare_rate, bare_batch = bare("enqueue", seconds, service.store, PRODUCERS, wrapper=slow)
    stored, batch = intake(service, seconds)
    service.stop()
    return dict(fdatasync=fdatasync, single=single, bare=bare_rate, bare_batch=bare_batch, intake=stored["per_second"],
                intake_batch=batch, intake_p99=stored["p99_us"] / 1e3, single_ratio=stored["per_second"] / single,
                bare_ratio=stored["per_second"] / bare_rate)


def measure(rounds, seconds):
    """Prints the table, and returns the verdicts: whether it holds, by the sentence."""
    table = Table("jobs/s at delay of", 18, COLUMNS)
    for _ in range(rounds):
        for delay_ms in DELAYS_MS:
            table.note(f"{delay_ms} ms", measure_at(delay_ms, seconds))
    print("medians")
    table.print_medians()
    verdicts = {}
    for kind in table.kinds:
        median = table.median(kind)
        if median["fdatasync"] <= SLOW_DISK:
            what = f"fdatasync {kind} longer: intake is 4 x one commit per job or more: {median['single_ratio']:.1f}"
            verdicts[what] = median["single_ratio"] >= 4
    return verdicts
