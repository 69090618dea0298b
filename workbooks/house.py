"""The house style as data: colours and their backgrounds, fonts, number formats, column widths, paper.

This module draws nothing; `style` makes cell formats of it. tests/project/test_house.py checks a contrast of 4.5 to 1
for text, and that readers who see no red or no green can distinguish the colours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cpa_xl.config.model import FigureKind

FONT = "Arial"
HEIGHT_OF_ROW, HEIGHT_OF_TITLE = 17, 24  # in pixels, of a row that states no height; in points
SIZE, SIZE_OF_TITLE, SIZE_OF_LETTER = 10, 16, 12  # points; no text is smaller than the first


@dataclass(frozen=True)
class Ink:
    """A colour of text and its background, as #RRGGBB."""

    text: str
    ground: str


BLACK, WHITE, NAVY = "#000000", "#FFFFFF", "#1F3864"
INKS: Mapping[str, Ink] = {
    "plain": Ink(BLACK, WHITE),
    "title": Ink(NAVY, WHITE),
    "note": Ink("#595959", WHITE),
    "instruction": Ink("#7A4B00", WHITE),
    "warning": Ink("#B3261E", WHITE),
    "head": Ink(WHITE, NAVY),
    "group": Ink(BLACK, "#DCE6F1"),
    "typed": Ink(NAVY, "#FFF8DC"),
    "link": Ink("#0B4F9E", WHITE),
    "G": Ink(WHITE, "#00796B"),  # a green with blue in it: beside the red it stays another colour without red or green
    "A": Ink(BLACK, "#FFBF00"),
    "R": Ink(WHITE, "#C0281C"),
    "–": Ink(BLACK, "#E7E6E6"),
}
LETTERS = ("G", "A", "R", "–")
WORDS: Mapping[str, str] = {
    "G": "Green ▲ on target or better",
    "A": "Amber ▶ marginally off target",
    "R": "Red ▼ well off target",
    "–": "No letter: the status says why",
}
EDGE, EDGE_OF_TYPED = "#BFBFBF", "#7F7F7F"


@dataclass(frozen=True)
class ChartInks:
    """The colours of a chart; `months` are points or columns, `provisional` ones are hatched as well."""

    months: str = "#6F8FBF"
    figure: str = NAVY
    target: str = "#C55A11"
    ground: str = WHITE
    grid: str = "#E7E6E6"


CHART = ChartInks()

STYLE_OF_KIND: Mapping[FigureKind, tuple[str, str, str]] = {  # unit, style of CPA_TEXT, number format
    FigureKind.RATE: ("percent", "percent", "0.0%"),
    FigureKind.REQUIRED_RATE: ("percent", "percent0", "0.0%"),
    FigureKind.GAP: ("points", "points", "0.0%"),
    FigureKind.RATE_MOVEMENT: ("points", "movement_points", "0.0%"),
    FigureKind.CHANGE: ("change", "movement", "0.0%"),
    FigureKind.CHANGE_VOLUME: ("count", "number", "#,##0"),
    FigureKind.MONTHLY_AVERAGE: ("count", "average", "#,##0.0"),
    FigureKind.TOTAL: ("total", "number", "#,##0"),
    FigureKind.RATIO: ("ratio", "average", "#,##0.0"),
    FigureKind.MEAN: ("mean", "average", "#,##0.0"),
    FigureKind.MEDIAN: ("median", "average", "#,##0.0"),
    FigureKind.RATE_PER: ("rate_per", "average", "#,##0.0"),
    FigureKind.EXPECTED_LEFT: ("count", "number", "#,##0"),
    FigureKind.FEASIBLE: ("text", "", "@"),
}
MOVE_FORMAT = "+0.0%;-0.0%;0.0%"
MONTH_FORMAT, DAY_FORMAT = "mmm-yy", "d mmm yyyy"
COUNT_FORMAT, RATE_FORMAT, AVERAGE_FORMAT = "#,##0", "0.0%", "#,##0.0"
MONEY_FORMAT, PENCE_FORMAT = "£#,##0", "£#,##0.00"

# Widths in characters: by heading, whatever the sheet; by sheet where it needs another.
WIDTHS: Mapping[str, float] = {
    "Id": 11, "Measure": 36, "Title": 40, "Objective": 28, "CPA": 28, "Source": 20, "Borough": 26, "Month": 10,
    "SPI": 8, "Unit": 9, "Better": 9, "Basis": 8, "Lag": 6, "Actual style": 10, "Target style": 10, "Target text": 16,
    "Proxy for": 18, "Exclusions": 14, "Provisional from": 12, "Caveats": 40,
    "Proposed": 18, "Agreed": 18, "Performance then": 30, "What became of it": 22,
    "Year": 11, "Status": 11, "Rule": 22, "Amount": 13, "Baseline": 13, "Baseline period": 12, "Definition": 26,
    "Performance": 34, "Rationale": 50, "Strand": 14,
    "File": 34, "SHA256": 36, "Rows": 10, "First month": 10, "Last month": 10, "Note": 48,
    "When": 18, "Who": 14, "As of": 10, "Extracts": 54, "Records": 10, "Cells calculated": 11, "Cells kept": 10,
    "Noticed": 10, "Quarter ending": 10, "Per": 8, "Components": 26, "Provisional note": 18,
    "Fact": 44, "Period": 18, "Value": 26, "As printed": 44,
    "Pick": 52, "Kind": 10, "Numerator": 26, "Denominator": 26, "Judged": 9,
    "Target": 13, "Amber": 12, "Amber basis": 14,
}  # fmt: skip
SCORECARD_WIDTHS: Mapping[str, float] = {
    "No.": 8, "Measure": 50, "Printed target": 20, "RAG": 6, "Status": 28, "Latest data": 12, "Direction": 14,
    "Trend": 20, "Period": 17, "Comments": 80,
}  # fmt: skip
WORKINGS_WIDTHS: Mapping[str, float] = {
    "Id": 11, "Measure row": 9, "Target row": 9, "Unit": 10, "Better": 9, "Basis": 8, "As of": 9, "Year": 9,
    "Age in months": 9, "Rule": 19, "Target": 10, "Target year": 9, "Actual": 10, "Better than target by": 12,
    "Judged": 24, "Reason": 60, "Chart title": 60,
}  # fmt: skip
BOROUGH_WIDTHS: Mapping[str, float] = {
    "Borough": 36, "Figure": 15, "Year before": 15, "Change": 18, "Letter": 8, "Status": 28, "Rank": 8,
}  # fmt: skip
BOROUGH_CHART = 70  # of the column that the chart covers
BOROUGH_WORKINGS: Mapping[str, float] = {
    "Pick row": 9, "Scorecard row": 10, "Headline": 9, "Kind": 9, "Better": 9, "Basis": 8, "As of": 9, "Months": 8,
    "Numerator": 11, "Denominator": 12, "Judged": 24, "Target": 9, "Amber": 9, "Amber basis": 12, "Title": 60,
    "Place": 8, "In order": 26, "Figure in order": 12,
}  # fmt: skip
NARROWEST, WIDEST_OF_FIGURES = 9.5, 13  # of the columns with figures, whose headings wrap

A4, A3 = 9, 8  # the numbers that workbooks have for paper
WIDEST_ON_A4, WIDEST_ON_A3 = 190, 320  # characters on a landscape page before print is smaller than about 7 points


def width_of(head: str) -> float:
    """The width of a column by its heading: stated, or as its longest word needs."""
    longest = max(len(word) for word in head.split())
    return WIDTHS.get(head, min(max(NARROWEST, longest + 2), WIDEST_OF_FIGURES))
