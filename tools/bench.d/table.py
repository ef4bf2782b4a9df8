# SPDX-License-Identifier: MIT
"""What the measurements of several rounds print: a row for each, and the medians."""
import re
import statistics


class Table:
    """Prints measurements as they come, and then the median of each kind's; values that have no column are kept for
    the medians alone. `columns` are, by the name of the value, its heading and how it is formatted, width first."""

    def __init__(self, title, width, columns):
        self.width, self.columns, self.kinds = width, columns, {}
        headings = [f"{heading:>{re.match('[0-9]+', form)[0]}}" for heading, form in columns.values()]
        print(" ".join([f"{title:{width}}", *headings]))

    def note(self, kind, values, title=None):
        samples = self.kinds.setdefault(kind, {})
        for name, value in values.items():
            samples.setdefault(name, []).append(value)
        self._print(kind if title is None else title, values)

    def median(self, kind):
        return {name: statistics.median(values) for name, values in self.kinds[kind].items()}

    def print_medians(self):
        for kind in self.kinds:
            self._print(kind, self.median(kind))

    def _print(self, title, values):
        cells = [f"{values[name]:{form}}" for name, (_, form) in self.columns.items()]
        print(" ".join([f"{title:{self.width}}", *cells]), flush=True)
