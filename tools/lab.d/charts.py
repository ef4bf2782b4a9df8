# SPDX-License-Identifier: MIT
"""Line charts as inline SVG. Colours and fonts come from the style sheet of the page, by class names."""
import itertools
import math
from dataclasses import dataclass, field
from html import escape

CHARACTER_WIDTH = 6.3  # Of the 11 px font, generously.
LABEL_HEIGHT = 13


@dataclass
class Series:
    css: str
    points: list  # Pairs of x and y; y None breaks the line. A third item that is true marks a void run.
    label: str = ""
    style: str = ""  # "thin" or "dashed"; nothing for the plain line.


@dataclass
class Axis:
    low: float
    high: float
    log: bool = False
    ticks: list = field(default_factory=list)  # Pairs of value and text.
    title: str = ""

    def place(self, value):
        """Between 0 and 1."""
        if self.log:
            value = max(value, self.low)
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def linear_axis(high, title="", low=0, text="{:g}".format, steps=5):
    raw = (high - low) / steps
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw * 0.999)
    count = math.ceil((high - low) / step - 1e-9)
    values = [low + i * step for i in range(count + 1)]
    return Axis(low, values[-1], False, [(value, text(value)) for value in values], title)


def log_axis(low, high, title="", text="{:g}".format, factors=(1,)):
    """Ends at a power of ten, or at one of its `factors`."""
    candidates = [factor * 10.0 ** power for power in range(-3, 7) for factor in factors]
    low = max([c for c in candidates if c <= low * 1.001], default=candidates[0])
    high = min([c for c in candidates if c >= high * 0.999], default=candidates[-1])
    return Axis(low, high, True, [(c, text(c)) for c in candidates if low <= c <= high], title)


def spread(labels, top, bottom):
    """Moves labels (x, y, text, css) up and down until those that share a stretch of x do not overlap; the later of two
    at the same place goes above."""
    labels = [list(label) for label in sorted(reversed(labels), key=lambda label: round(label[1]))]

    def collide(one, other):
        return one[0] < other[0] + len(other[2]) * CHARACTER_WIDTH and other[0] < one[0] + len(one[2]) * CHARACTER_WIDTH

    for _ in range(200):
        for upper, lower in itertools.combinations(labels, 2):
            overlap = LABEL_HEIGHT - (lower[1] - upper[1])
            if overlap > 0.1 and collide(upper, lower):
                upper[1] -= overlap / 2
                lower[1] += overlap / 2
        for label in labels:
            label[1] = min(max(label[1], top), bottom)
    return labels


class Chart:
    def __init__(self, title, x, y, width=540, height=270, subtitle="", left=58, right=92):
        self.title, self.subtitle, self.x, self.y = title, subtitle, x, y
        self.width, self.height = width, height
        self.left, self.right, self.top, self.bottom = left, right, 44 if subtitle else 30, 40
        self.series, self._extras = [], []

    def add(self, series):
        self.series.append(series)
        return self

    def add_level(self, value, text):
        """A dashed line across the chart, such as a bound."""
        y = self._y(value)
        label = f'<text class="halo muted" x="{self.left + 5}" y="{y - 5:.1f}">{escape(text)}</text>'
        self._extras.append(self._across("level", y) + label)
        return self

    def _across(self, css, y):
        return f'<line class="{css}" x1="{self.left}" x2="{self.width - self.right}" y1="{y:.1f}" y2="{y:.1f}"/>'

    def _x(self, value):
        return self.left + self.x.place(value) * (self.width - self.left - self.right)

    def _y(self, value):
        return self.height - self.bottom - self.y.place(value) * (self.height - self.top - self.bottom)

    def _frame(self):
        low, high = self.height - self.bottom, self.top
        parts = []
        for value, text in self.y.ticks:
            y = self._y(value)
            label = f'<text class="tick end" x="{self.left - 7}" y="{y + 3.8:.1f}">{escape(text)}</text>'
            parts.append(self._across("grid", y) + label)
        for value, text in self.x.ticks:
            x = self._x(value)
            parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{low}" y2="{low + 4}"/>'
                         f'<text class="tick middle" x="{x:.1f}" y="{low + 16}">{escape(text)}</text>')
        parts.append(self._across("axis", low))
        middle = (self.left + self.width - self.right) / 2
        parts.append(f'<text class="tick middle" x="{middle:.1f}" y="{self.height - 6}">{escape(self.x.title)}</text>')
        return parts

    def _line(self, series):
        parts, stretch = [], []
        stretches = [stretch]
        for x, y, *void in series.points:
            if y is None or (void and void[0]):
                stretch = []
                stretches.append(stretch)
                if y is not None:
                    px, py = self._x(x), self._y(y)
                    parts.append(f'<path class="void" d="M{px - 4:.1f} {py - 4:.1f}l8 8m0-8l-8 8"/>')
            else:
                stretch.append((self._x(x), self._y(y)))
        for points in filter(None, stretches):
            path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            parts.append(f'<path class="line {series.css} {series.style}" d="{path}"/>')
        if "plain" not in series.style:
            parts += [f'<circle class="dot {series.css}" cx="{x:.1f}" cy="{y:.1f}" r="{2.2 if series.style else 3}"/>'
                      for points in stretches for x, y in points]
        return parts

    def _labels(self):
        labels = []
        for series in self.series:
            points = [(x, y) for x, y, *_ in series.points if y is not None]
            if series.label and points:
                x, y = points[-1]
                labels.append((self._x(x) + 8, self._y(y) + 4, series.label, series.css))
        return [f'<text class="halo label {css}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
                for x, y, text, css in spread(labels, self.top + 4, self.height - self.bottom - 3)]

    def svg(self):
        parts = [f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(self.title)}">',
                 f'<text class="title" x="0" y="14">{escape(self.title)}</text>']
        if self.subtitle:
            parts.append(f'<text class="tick" x="0" y="30">{escape(self.subtitle)}</text>')
        parts += self._frame() + self._extras
        for series in self.series:
            parts += self._line(series)
        return "".join(parts + self._labels() + ["</svg>"])
