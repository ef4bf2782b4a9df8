# SPDX-License-Identifier: MIT
"""A service whose disk is full refuses new jobs, ends those that it has, and recovers by itself.

The disk is a small file system in memory, in a mount namespace of its own; skipped where that may not be made.

usage: job_disk_test.py JOB_APP"""
import os
import subprocess
import sys

from job_service import Place, Service, fail, wait_until

SKIPPED = 77
DISK_MB, FILLER_MB = 80, 40  # the service keeps 64 MiB free for what it has already


def mount(place):
    (place.path / "data").mkdir(mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "tmpfs", place.path / "data"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"skipped: no file system can be mounted here: {done.stderr.strip()}")
        sys.exit(SKIPPED)


def a_full_disk_refuses_new_jobs_and_ends_others(binary, place):
    service = Service(binary, place)
    running = service.enqueue("/serve", name="running", milliseconds=1_500)
    wait_until(lambda: service.job(running)["status"] == "running", "the job to run")

    filler = place.path / "data/filler"
    filler.write_bytes(bytes(FILLER_MB << 20))
    status, headers, problem = service.ask("POST", "/serve", {"name": "refused"})
    if status != 503 or "Retry-After" not in headers or not problem["type"].endswith("storage-full"):
        fail(f"with a full disk it answered {status}, {problem}")
    if service.wait_for_end(running)["status"] != "succeeded":
        fail("the job that ran did not end well")
    if service.ask("GET", f"/jobs/{running}")[0] != 200:
        fail("the status is not there")

    filler.unlink()
    after = service.enqueue("/serve", name="after")
    if service.wait_for_end(after)["status"] != "succeeded":
        fail("it has not recovered")
    if [name for _, name, _ in place.lines()] != ["running", "after"]:
        fail(f"these ran: {place.lines()}")
    if service.stop() != 0:
        fail("it did not stop in order")


def main():
    if "APART" not in os.environ:
        flags = ["--mount"] if os.getuid() == 0 else ["--mount", "--user", "--map-root-user"]
        if subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False).returncode != 0:
            print("skipped: no mount namespace can be made here")
            return SKIPPED
        return subprocess.run(["unshare", *flags, sys.executable, *sys.argv], env={**os.environ, "APART": "1"},
                              check=False).returncode
    place = Place()
    mount(place)
    try:
        a_full_disk_refuses_new_jobs_and_ends_others(sys.argv[1], place)
    finally:
        subprocess.run(["umount", "--lazy", place.path / "data"], check=False)
    print("a full disk: refused, ended, recovered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
