"""Statistics as plain charts: bars of groups by one dimension or two, lines if one of two is time.

pygal draws. What it adds for browsers is taken out again: scripts, what they would show, its address, the day. So the
file stands alone, and the same figures make the same file.
"""

import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import ceil, sqrt
from typing import Any, Final
from xml.etree.ElementTree import Comment, Element, SubElement

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from resolvers.core.errors import BadInput
from resolvers.core.messages import Message
from resolvers.core.permissions import Permission
from server.transfer.columns import Cell, ExportColumn
from server.transfer.groups import Dimension, Statistics
from server.transfer.matrix import Matrix

# Of a kind that Python no longer knows: every later import would warn of it. It finds maps, which no chart here is.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

SVG_TYPE = "image/svg+xml; charset=utf-8"
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Of a browser that shows the file from here."""

MOST_POSITIONS, MOST_SERIES, MOST_PRINTED = 60, 12, 30
"""Along the axis; beside one another at each; up to how many bars have their figures above them."""

HEIGHT, LEAST_WIDTH, MARGINS, BAR = 480, 800, 160, 8
TITLE, LEGEND, LABEL = 18, 14, 12
"""Sizes of text, in pixels like those above."""

LAYOUT = 0.6
"""pygal takes characters to be so wide; Chinese ones are as wide as high, so it is told larger sizes than are shown."""

FONTS = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Micro Hei', sans-serif"
COLORS = (
    *("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"),
    *("#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#003f5c", "#ffa600"),
)
GUIDE = "#cccccc"
PARTS: Final = {"year": 1, "quarter": 4, "month": 12}
"""The fields of keys that are time, and how many there are in a year."""

DROPPED: Final[tuple[Any, ...]] = ("script", "desc", Comment)
NOTHING, NO_DATA = ("无", "none"), ("没有数据", "no data")
LEFT_OUT = ("过小的分组未列出", "groups too small to be told are left out")


class Axis:
    """The keys of one dimension in the order in which they come; `labels` has their labels."""

    def __init__(self, dimension: Dimension, held: frozenset[Permission], chinese: bool) -> None:
        self._identity, self._label = dimension.identity, dimension.usual(held)[-1]
        self._chinese = chinese
        self.parts = PARTS.get(dimension.name, 0)
        self.columns = [self._identity, self._label]
        self.title = dimension.term if chinese else dimension.name
        self.labels: dict[Cell, str] = {}

    def key(self, group: Mapping[str, Any], most: int) -> Cell:
        """The key of a group. Refuses more than so many."""
        key = self._identity.cell(group, chinese=False)
        label = self._label.cell(group, chinese=self._chinese)
        self.labels.setdefault(key, NOTHING[not self._chinese] if label is None else _plain(str(label)))
        return self._few(key, most)

    def fill(self) -> None:
        """Puts time in its order, with what is between the first and the last."""
        keys = [str(key) for key in self.labels if key is not None]
        if self.parts and keys:
            numbers = [_number_of(key, self.parts) for key in keys]
            between = [_period(number, self.parts) for number in range(min(numbers), max(numbers) + 1)]
            without = self.labels.get(None)
            self.labels = {key: str(key) for key in between} | ({} if without is None else {None: without})
            self._few(None, MOST_POSITIONS)

    def _few(self, key: Cell, most: int) -> Cell:
        if len(self.labels) > most:
            raise BadInput(
                Message(
                    "A chart has {most} of `{dimension}` at the most: group by another dimension, or leave groups out"
                    " by where or having.",
                    most=most,
                    dimension=self.title,
                )
            )
        return key


class Chart:
    """One figure of groups. `columns` are what must be asked of them."""

    def __init__(
        self, asked: Statistics | Matrix, figure: ExportColumn, held: frozenset[Permission], *, chinese: bool
    ) -> None:
        dimensions = sorted(asked.by, key=lambda dimension: dimension.name not in PARTS)
        if len(dimensions) not in (1, 2):
            raise BadInput(Message("A chart is of one dimension or of two: name them in groupBy."))
        self._axis, *rest = [Axis(dimension, held, chinese) for dimension in dimensions]
        self._series = rest[0] if rest else None
        self._figure, self._chinese = figure, chinese
        self._said = figure.header if chinese else figure.name
        by = "、".join(axis.title for axis in [self._axis, *rest])
        self._title = f"{asked.title if chinese else asked.name}：{self._said}（{by}）"
        self._figures: dict[tuple[Cell, Cell], Any] = {}
        self._left_out = False
        self.columns = [figure, *[column for axis in [self._axis, *rest] for column in axis.columns]]

    def add(self, groups: Iterable[Mapping[str, Any]], *, more: bool = False) -> None:
        """Takes groups in; more: whether there are some that are left out. Refuses what no chart can show."""
        self._left_out = self._left_out or more
        for group in groups:
            series = self._series.key(group, MOST_SERIES) if self._series else None
            place = self._axis.key(group, MOST_POSITIONS)
            self._figures[series, place] = self._figure.cell(group, chinese=False)

    def draw(self) -> bytes:
        """The SVG file."""
        self._axis.fill()
        axis = self._axis.labels
        series = self._series.labels if self._series else {None: self._said}
        lines = bool(self._series and self._axis.parts)
        columns = ceil(sqrt(len(series))) or 1
        width = max(LEAST_WIDTH, MARGINS + BAR * (len(series) + 1) * len(axis))
        letters = max(map(len, axis.values()), default=0)
        uuid = sha256(repr((self._title, axis, series, self._figures)).encode()).hexdigest()[:12]
        chart = (pygal.Line if lines else pygal.Bar)(
            title=self._title,
            x_title=self._axis.title + (f"（{LEFT_OUT[not self._chinese]}）" if self._left_out else ""),
            y_title=self._said,
            x_labels=list(axis.values()),
            x_label_rotation=45 if letters * LABEL * len(axis) > width - MARGINS else 0,
            show_legend=self._series is not None,
            legend_at_bottom=True,
            truncate_legend=(width - MARGINS) // columns // LEGEND - 2,
            print_values=self._series is None and len(axis) <= MOST_PRINTED,
            print_values_position="top",
            allow_interruptions=True,
            value_formatter=lambda value: f"{value:,.3f}".rstrip("0").rstrip("."),
            no_data_text=NO_DATA[not self._chinese],
            width=width,
            height=HEIGHT + 2 * LEGEND * columns,
            include_x_axis=True,
            stroke_style={"width": 2},
            explicit_size=True,
            js=(),
            css=("file://style.css", "file://graph.css", f"inline:{_shown(f'#chart-{uuid}')}"),
            style=_style(),
        )
        for key, label in series.items():
            chart.add(label, [self._figures.get((key, place)) for place in axis])
        chart.uuid = uuid
        chart.add_xml_filter(_bare)
        drawn: bytes = chart.render()
        return drawn


def _plain(text: str) -> str:
    """Text without what XML cannot hold, or what turns the direction of writing."""
    return "".join(character if character.isprintable() else " " for character in text)


def _number_of(period: str, parts: int) -> int:
    """``"2021-03"`` → 2021 × 12 + 2, and so for ``"2021-Q1"`` and ``"2021"``."""
    year, _, part = period.partition("-")
    return int(year) * parts + (int(part.lstrip("Q")) - 1 if part else 0)


def _period(number: int, parts: int) -> Cell:
    year, part = divmod(number, parts)
    return year if parts == 1 else f"{year}-Q{part + 1}" if parts == 4 else f"{year}-{part + 1:02}"


def _style() -> Any:
    return Style(
        background="white",
        plot_background="white",
        guide_stroke_color=GUIDE,
        major_guide_stroke_color=GUIDE,
        font_family=FONTS,
        colors=COLORS,
        title_font_size=TITLE / LAYOUT,
        legend_font_size=LEGEND / LAYOUT,
        label_font_size=LABEL / LAYOUT,
        major_label_font_size=LABEL / LAYOUT,
        value_font_size=LABEL,
        no_data_font_size=TITLE,
    )


def _shown(id_: str) -> str:
    """The style of a chart with this id in which its texts are shown."""
    shown = {".title": TITLE, ".legends .legend text": LEGEND, ".axis text": LABEL, ".axis text.major": LABEL}
    sizes = [f"{id_} {what} {{ font-size: {size}px; }}" for what, size in shown.items()]
    # pygal says it in a way that word processors do not know.
    return " ".join([*sizes, f"{id_} .axis.x text[transform] {{ text-anchor: start; }}"])


def _bare(root: Element) -> Element:
    """Without scripts and comments; what a script would show of a figure is its title."""
    for parent in list(root.iter()):
        told = {child.get("class"): child.text or "" for child in parent if child.tag == "desc"}
        for child in list(parent):
            if child.tag in DROPPED or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
        if told:
            SubElement(parent, "title").text = f"{told.get('x_label', '')} {told.get('value', '')}".strip()
    return root
