# SPDX-License-Identifier: MIT
"""A store of jobs that has been in use for a day: made within a minute, of copies of rows that the service wrote."""
import contextlib
import random
import sqlite3
import time

FINISHED_TO_FUTURE = 10  # so many finished ones for each that is to run later
FAILED = 100             # one of so many finished ones; they are kept for two weeks
HOUR_MS = 3_600_000
PLACE_BITS = 21          # of an id, behind its milliseconds
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID_DIGITS = 26

# Every number from 0: one of eleven is a future job, the others have ended. In the order of their ids, as the pages of
# the file are fuller or emptier by the order in which they were filled.
NUMBERS = "WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < :total)"
IS_FUTURE = f"n % {FINISHED_TO_FUTURE + 1} = 0"
IS_FAILED = f"n % {FAILED} = 1"
CREATED = "(:first + n * :span / :total)"


class LargeStore:
    """The file of a service, which may run while this only reads; it does not while this writes."""

    def __init__(self, path):
        self.path = path

    @contextlib.contextmanager
    def _open(self, mode="ro"):
        address = f"file:{self.path}?mode={mode}"
        with contextlib.closing(sqlite3.connect(address, uri=True, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            yield database

    def only_row(self, table):
        with self._open() as database:
            row, = database.execute(f"SELECT * FROM {table}")
            return dict(row)

    def fill(self, finished, job, job_done, job_body):
        """Jobs created within the last 23 hours, so that none expires within the next; future ones begin thereafter."""
        now = now_ms()
        numbers = {"total": finished + finished // FINISHED_TO_FUTURE, "span": 23 * HOUR_MS - 60_000,
                   "first": now - 23 * HOUR_MS, "now": now}
        id_of = f"(({CREATED} << {PLACE_BITS}) + :id % (1 << {PLACE_BITS}) + n % 1024)"
        every = {"id": id_of, "secret": "random()", "created_at": CREATED}
        keep = f"iif({IS_FAILED}, :keep_failed, :keep_completed)"
        with self._open("rw") as database:
            database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; BEGIN;"
                                   "DELETE FROM job_body; DELETE FROM job_done")  # the originals: younger than copies
            copy(database, "job_body", job_body, numbers, "TRUE", {"id": id_of})
            copy(database, "job_done", job_done, numbers, f"NOT {IS_FUTURE}",
                 {**every, "run_at": CREATED, "finished_at": f"{CREATED} + 1", "purge_at": f"{CREATED} + 1 + {keep}",
                  "state": f"iif({IS_FAILED}, 7, 5)", "error": f"iif({IS_FAILED}, 'the printer is on fire', '')"})
            copy(database, "job", job, numbers, IS_FUTURE,
                 {**every, "state": "1", "run_at": f":now + {HOUR_MS} + abs(random()) % {30 * 24 * HOUR_MS}"})
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode=WAL")

    def expire(self, jobs):
        """Makes the oldest that are kept be over by now."""
        with self._open("rw") as database:
            database.execute("UPDATE job_done SET purge_at = :now WHERE id IN (SELECT id FROM job_done ORDER BY id "
                             "LIMIT :jobs)", {"now": now_ms(), "jobs": jobs})
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def expired(self):
        with self._open() as database:
            return database.execute("SELECT count(*) FROM job_done WHERE purge_at <= ?", (now_ms(),)).fetchone()[0]

    def has(self, table):
        with self._open() as database:
            return database.execute(f"SELECT 1 FROM {table}").fetchone() is not None

    def ids(self, table, count):
        """Of random jobs, as clients know them."""
        with self._open() as database:
            low, high = database.execute(f"SELECT min(id), max(id) FROM {table}").fetchone()
            sought = (random.randint(low, high) for _ in range(count))
            rows = [database.execute(f"SELECT id, secret FROM {table} WHERE id >= ? LIMIT 1", (one,)).fetchone()
                    for one in sought]
        return [text_of(row["id"], row["secret"]) for row in rows]

    def sizes(self):
        """For each table and index: its rows, bytes, and which part of them is of no use."""
        with self._open() as database:
            return database.execute(
                "SELECT dbstat.name, tbl_name AS of_table, sum(pgsize) AS bytes, sum(dbstat.unused) AS unused, "
                "sum(iif(pagetype = 'leaf' OR type = 'index', ncell, 0)) AS rows "
                "FROM dbstat JOIN sqlite_schema AS made ON made.name = dbstat.name GROUP BY dbstat.name "
                "ORDER BY bytes DESC").fetchall()


def now_ms():
    return int(time.time() * 1000)


def copy(database, table, row, numbers, which, changed):
    """A copy of `row` for every number that is one of `which`; `changed` are expressions."""
    values = ", ".join(changed.get(column, f":{column}") for column in row)
    database.execute(f"INSERT INTO {table}({', '.join(row)}) {NUMBERS} SELECT {values} FROM counted WHERE {which}",
                     {**row, **numbers})


def text_of(number, secret):
    """The id of a job in base 32, as framework/weir/jobs/job_id.cpp writes it."""
    value = number << 64 | secret % (1 << 64)
    return "".join(DIGITS[value >> 5 * place & 31] for place in reversed(range(ID_DIGITS)))
