"""The scorecard as one HTML page for circulation, in one file, without scripts and without requests.

The page shows what the workbook's cells show and calculates nothing. Notes, sources and months are from the workbook's
own tables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element

from cpa_xl import __version__
from cpa_xl.config.model import Catalogue, TableRows, WorkbookSpec
from cpa_xl.formulas.kept import refuse_outdated
from cpa_xl.measures.figures import SHORTHAND, marks_in, meanings
from cpa_xl.measures.periods import NAMES
from cpa_xl.measures.targets import LETTER_WORDS, Letter
from cpa_xl.ooxml.package import write_whole
from cpa_xl.publish.annotate.marks import PROVISIONAL, STATUS, without_marks
from cpa_xl.publish.annotate.since_last import REVISED, Topic
from cpa_xl.publish.cover import PublishedChanges, published_changes
from cpa_xl.publish.page_rows import (
    MISSING,
    Child,
    PageRow,
    PageRows,
    cell_text,
    counted_otherwise,
    listed,
    month,
    page_html,
    sparkline,
    tag,
    trend_in_words,
)
from cpa_xl.scorecard.rows import Breaks, known_breaks, specification, stated_month
from cpa_xl.workbook.closed import ClosedWorkbook
from cpa_xl.workbook.text_sheets import CHANGED

STYLE = Path(__file__).resolve().parent / "page.css"
OTHER_CHANGES = "Periods, months and tables"
# What changed: groups in this order, with the kinds of changes in each; all others go into the last.
CHANGES: Mapping[str, tuple[str, ...]] = {
    "Figures and letters of the measures": (Topic.FIGURE, Topic.LETTER),
    "Past months revised": (Topic.REVISION,),
    "Targets and definitions": (Topic.TARGET, Topic.DEFINITION),
    OTHER_CHANGES: (Topic.PERIOD, Topic.MONTH, Topic.TABLE),
}
CHANGE_HEADS = ("Which", "What", "Before", "Now", "Mark")
LISTED = 100  # changes of a group
ARROWS = {"▲": "up, ", "▼": "down, "}  # where they say which way a figure moved
SHAPES = re.compile("([▲▼▶▬])")


def write_page(workbook_path: Path, out_path: Path, catalogue: Catalogue) -> None:
    """Write the page of the workbook at `workbook_path`.

    Raises `Refusal` where it holds no scorecard that is known, and where cells show values from before a refresh.
    """
    workbook = ClosedWorkbook.open(workbook_path)
    refuse_outdated(workbook, "printed")
    spec = specification(catalogue, workbook, workbook_path, reading=True)
    write_whole(out_path, [page(workbook, spec, known_breaks(catalogue)).encode("utf-8")])


def page(workbook: ClosedWorkbook, spec: WorkbookSpec, breaks: Breaks | None = None) -> str:
    """The page of a workbook's scorecard, as HTML. Raises Refusal for a workbook without one, or without a month.

    breaks: those that trends show.
    """
    rows, as_of, changes = (
        PageRows(workbook, spec, breaks or {}),
        stated_month(workbook, spec),
        published_changes(workbook),
    )
    title = f"{rows.title}, {NAMES[as_of.month - 1]} {as_of.year}"
    every = (_scorecard(rows), _key(rows, changes), _changes(changes), _notes(rows), _months(rows), _sources(rows))
    sections = [made for made in every if made]
    body = tag(
        "body",
        tag("a", "Skip to the scorecard", class_="skip", href="#scorecard"),
        tag("header", tag("h1", title), *_remarks(rows), _contents(sections)),
        tag("main", *sections),
        tag("footer", tag("p", f"Made by cpa_xl {__version__} from {workbook.path.name}.{_logged(rows)}")),
    )
    return page_html(tag("html", _head(title), body, lang="en-GB"))


def _head(title: str) -> Element:
    only_here = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # a browser fetches nothing for this page
    )
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=only_here),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", STYLE.read_text(encoding="utf-8")),
    )


def _remarks(rows: PageRows) -> Iterator[Element]:
    for text, warning in rows.remarks:
        yield tag("p", text, class_="warning") if warning else tag("p", text)


def _contents(sections: Sequence[Element]) -> Element:
    titles = ((section.get("id", ""), section.findtext("h2", "")) for section in sections)
    return tag("nav", listed(tag("a", title, href=f"#{name}") for name, title in titles), aria_label="On this page")


def _section(name: str, title: str, *content: Child) -> Element:
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *content, id=name, aria_labelledby=f"{name}-title", tabindex="-1")


# --- tables: the roles are stated because some browsers forget them where a style shows rows as cards


def _table(caption: str, heads: Sequence[str], bodies: Iterable[Iterable[Element]], kind: str) -> Element:
    top = (tag("th", head, scope="col", role="columnheader", class_=f"c{at}") for at, head in enumerate(heads))
    return tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *top, role="row"), role="rowgroup"),
        *(tag("tbody", *body, role="rowgroup") for body in bodies),
        role="table",
        class_=kind,
    )


def _row(heads: Sequence[str], cells: Sequence[Iterable[Child]], header: int, **attributes: str) -> Element:
    """A row: the cell at `header` is what the others are about."""
    made = []
    for at, (head, content) in enumerate(zip(heads, cells, strict=True)):
        inside = tag("div", *content)
        if at == header:
            made.append(tag("th", inside, scope="row", role="rowheader", class_=f"c{at}"))
        else:
            filled = len(inside) > 0 or (inside.text or "").strip() != ""
            made.append(tag("td", inside, role="cell", class_=f"c{at}" + " empty" * (not filled), data_label=head))
    return tag("tr", *made, role="row", **attributes)


# --- the scorecard


def _scorecard(rows: PageRows) -> Element:
    fields = ("measure", "target_text", "latest", "rag", "Direction", "Trend", "period", "comment")
    heads = ["No.", *(rows.heading(field) for field in fields)]
    groups = groupby(enumerate(rows.lines, start=1), key=lambda pair: pair[1].group)
    bodies = (_group(name, [(at, line) for at, line in lines], heads) for name, lines in groups)
    caption = "Each measure with its target, its latest figure and its letter"
    return _section("scorecard", "Scorecard", _table(caption, heads, bodies, "cards numbered scorecard"))


def _group(name: str, lines: Sequence[tuple[int, PageRow]], heads: Sequence[str]) -> Iterator[Element]:
    if name:
        yield _group_row(name, heads)
    for at, line in lines:
        yield _row(heads, _cells(at, line), header=1, id=f"measure-{at}")


def _group_row(name: str, heads: Sequence[str]) -> Element:
    cell = tag("th", name, scope="rowgroup", role="rowheader", colspan=str(len(heads)))
    return tag("tr", cell, role="row", class_="group")


def _cells(at: int, line: PageRow) -> list[Iterable[Child]]:
    symbols = [PROVISIONAL] * line.provisional + [mark for mark in (PROVISIONAL, REVISED) if mark in line.text(STATUS)]
    marks = [child for mark in dict.fromkeys(symbols) for child in (" ", _abbreviation(mark))]
    words = trend_in_words(line.trend, line.figure, line.text("target_text"))
    notes = tag("a", "Notes", tag("span", f" on {_called(line)}", class_="unseen"), href=f"#note-{at}", class_="more")
    return [
        [line.text("No.")],
        [tag("span", line.text("measure")), " ", notes if _about(line) else None],
        [line.text("target_text")],
        [tag("strong", line.text("latest")), *marks] if line.text("latest") else [],
        [_badge(line.text("rag")), " ", *_shapes(without_marks(line.text(STATUS)))],
        list(_shapes(line.text("Direction"))),
        [_picture(line, words)] if line.trend else [],
        [line.text("period")],
        [tag("span", line.text("comment"), class_="said")] if line.text("comment") else [],
    ]


def _picture(line: PageRow, words: str) -> Element | None:
    """The trend as a picture, with a word below it on each month from which on something else is counted."""
    drawn = sparkline(line.trend, line.target, words)
    below = [counted_otherwise(point) for point in line.trend if point.otherwise]
    if drawn is None or not below:
        return drawn
    return tag("div", drawn, *(tag("span", f"{one[0].upper()}{one[1:]}", class_="why") for one in below))


def _abbreviation(mark: str) -> Element:
    return tag("abbr", mark, title=SHORTHAND[mark].means)


def _called(line: PageRow) -> str:
    return line.number if line.text("No.") else line.text("measure")


def _badge(letter: str) -> Element | None:
    return tag("span", letter, class_=f"letter {_css_class(letter)}") if letter else None


def _css_class(letter: str) -> str:
    return LETTER_WORDS[letter].word if letter in LETTER_WORDS and letter != Letter.NONE else "none"


def _shapes(text: str) -> Iterator[Child]:
    """A text whose arrows are drawn: screen readers skip them, or read the words for them."""
    for part in SHAPES.split(text):
        if SHAPES.fullmatch(part):
            yield tag("span", part, aria_hidden="true")
            if text.startswith(part) and part in ARROWS:
                yield tag("span", ARROWS[part], class_="unseen")
        elif part:
            yield part


# --- what is below it


def _key(rows: PageRows, changes: PublishedChanges | None) -> Element:
    letters = (
        _pair(_badge(letter), f"{explained.word}: {explained.means}") for letter, explained in LETTER_WORDS.items()
    )
    used = marks_in(text for line in rows.lines for text in line.texts.values())
    used |= marks_in(mark for _, _, _, _, mark in (changes.rows if changes else ()))
    used |= {PROVISIONAL} if any(point.provisional for line in rows.lines for point in line.trend) else set()
    used |= {MISSING} if any(point.value is None for line in rows.lines for point in line.trend) else set()
    explained = meanings(used).items()
    trend = (
        "Trend: the months to the as-of month, each with the figure as it stood then. The large dot is the last month,"
        " hollow dots are provisional months, dashes the target in the months that it holds for."
    )
    points = (point for line in rows.lines for point in line.trend)
    broken = (
        " An upright line: from there on something else is counted." if any(one.otherwise for one in points) else ""
    )
    return _section(
        "key",
        "Key",
        tag("dl", *(part for pair in letters for part in pair)),
        tag("p", "Direction: how the figure moved since the month (or quarter) before, and whether that is better."),
        tag("p", trend + broken) if any(line.trend for line in rows.lines) else None,
        tag("dl", *(part for pair in explained for part in _pair(*pair))) if explained else None,
    )


def _pair(term: Child, words: str) -> tuple[Element, Element]:
    """A term of a list and its meaning."""
    return tag("dt", term), tag("dd", words)


def _changes(changes: PublishedChanges | None) -> Element | None:
    """What differs from the last copy, in the words of the copy's sheet; long groups are cut, the sheet lists all."""
    if changes is None:
        return None
    groups = [(name, [row for row in changes.rows if _group_of(row[0]) == name]) for name in CHANGES]
    bodies = [_changed(name, listed[:LISTED]) for name, listed in groups if listed]
    table = _table("Each change, with what the last copy and this one say", CHANGE_HEADS, bodies, "cards changes")
    more = (
        tag("p", f"{name}: {len(listed) - LISTED:,} more are on the sheet {CHANGED} of the workbook.")
        for name, listed in groups
        if len(listed) > LISTED
    )
    return _section("changes", changes.title, tag("p", changes.sentence), table if bodies else None, *more)


def _group_of(kind: str) -> str:
    return next((name for name, kinds in CHANGES.items() if kind in kinds), OTHER_CHANGES)


def _changed(name: str, listed: Iterable[Sequence[str]]) -> Iterator[Element]:
    yield _group_row(name, CHANGE_HEADS)
    for what, which, before, now, mark in listed:
        contents: list[Iterable[Child]] = [[text] if text else [] for text in (which, what, before, now)]
        yield _row(CHANGE_HEADS, [*contents, [_abbreviation(mark)] if mark in SHORTHAND else []], header=0)


def _about(line: PageRow) -> list[tuple[str, str]]:
    """What there is to know about a row: from its workings, and from the workbook's table of measures."""
    sentences = [
        ("Letter", line.text("reason")),
        ("Better", line.text("better")),
        ("Proxy for", cell_text(line.about.get("Proxy for"))),
        ("Excluded", cell_text(line.about.get("Exclusions"))),
        ("Provisional", _since(line)),
        ("Caveats", cell_text(line.about.get("Caveats"))),
        ("Source", cell_text(line.about.get("Source"))),
    ]
    return [(name, text.strip()) for name, text in sentences if text.strip()]


def _since(line: PageRow) -> str:
    first, note = line.about.get("Provisional from"), cell_text(line.about.get("Provisional note"))
    return ": ".join(text for text in (f"from {month(first)}" if first else "", note) if text)


def _notes(rows: PageRows) -> Element | None:
    made: list[Element] = []
    for at, line in enumerate(rows.lines, start=1):
        if about := _about(line):
            back = tag(
                "a", "Back", tag("span", f" to {_called(line)}", class_="unseen"), href=f"#measure-{at}", class_="more"
            )
            title = tag("h3", " ".join(filter(None, (line.text("No."), line.text("measure")))), id=f"note-{at}")
            listing = tag("dl", *(part for name, text in about for part in _pair(name, text)))
            made.append(tag("div", title, listing, tag("p", back), class_="note"))
    return _section("notes", "Notes on the measures", tag("div", *made, class_="notes")) if made else None


def _months(rows: PageRows) -> Element | None:
    lines = [line for line in rows.lines if line.trend]
    months = sorted({point.month for line in lines for point in line.trend})
    if not months:
        return None
    heads = ["No.", rows.heading("measure"), *(month.label for month in months)]
    body = []
    for line in lines:
        points = {point.month: point for point in line.trend}
        cells: list[Iterable[Child]] = [[line.text("No.")], [line.text("measure")]]
        for at in months:
            point = points.get(at)
            marked = PROVISIONAL if point and point.provisional else None
            cells.append([line.figure(point.value if point else None), " ", marked])
        body.append(_row(heads, cells, header=1))
    caption = "The figure of each measure, as it stood at each month: what the column Trend draws"
    return _section("months", "Month by month", _table(caption, heads, [body], "cards numbered figures"))


def _sources(rows: PageRows) -> Element | None:
    extracts = rows.table(TableRows.EXTRACTS)
    if not extracts:
        return None
    heads = ["Source", "File", "SHA-256 of the file", "Records", "Months", "Note"]
    body = []
    for row in extracts:
        months = f"{month(row.get('First month'))} to {month(row.get('Last month'))}"
        texts = [cell_text(row.get(head)) for head in ("Title", "File", "SHA256", "Rows")]
        cells: list[Iterable[Child]] = [[text] if text else [] for text in (*texts, months, cell_text(row.get("Note")))]
        cells[2] = [tag("code", texts[2])] if texts[2] else []
        body.append(_row(heads, cells, header=0))
    caption = "The files that the figures were read from"
    return _section("sources", "Sources", _table(caption, heads, [body], "cards sources"))


def _logged(rows: PageRows) -> str:
    log = rows.table(TableRows.LOG)
    return f" Last refreshed {cell_text(log[-1].get('When'))}." if log else ""
