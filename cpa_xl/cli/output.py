"""Prints for the commands: the scorecard, the result of a refresh or an attachment, progress."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cpa_xl.measures.targets import LETTER_WORDS
from cpa_xl.ooxml.insert import KEPT_NAME
from cpa_xl.ooxml.package import PartChange, PartDifference
from cpa_xl.scorecard.rows import Row, read_scorecard, specification
from cpa_xl.wording import counted, first_few

if TYPE_CHECKING:
    from pathlib import Path

    from cpa_xl.commands.attach import Attachment
    from cpa_xl.commands.plan import Progress as Tell
    from cpa_xl.commands.refresh import Outcome
    from cpa_xl.config.model import Catalogue
    from cpa_xl.extracts.describe import Column, Description
    from cpa_xl.extracts.facts import Facts
    from cpa_xl.formulas.calculator import Kept
    from cpa_xl.workbook.closed import ClosedWorkbook

SHOWN = 6  # categories of a column, of those that JSON has
COMMENT_WIDTH = 140  # a narrower terminal has no room for comments
NARROW = {"Target": 11}  # columns that wrap and leave room for the measures
LETTER_STYLES = {
    "G": "bold white on green4",
    "A": "bold black on orange1",
    "R": "bold white on red3",
    "–": "dim",
}


@contextmanager
def progress_bar() -> Iterator[Tell]:
    """Progress on standard error, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _of: None
        return
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415  # nobody else has to wait for it

    with Progress(TextColumn("{task.description}"), BarColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of or None)


def print_scorecard(book: ClosedWorkbook, catalogue: Catalogue, path: Path) -> None:
    """Print the scorecard as a table, with letters in colour and in words."""
    spec = specification(catalogue, book, path, reading=True)
    console = Console()
    comments = console.width >= COMMENT_WIDTH
    table = Table(title=str(path), box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("No.", "Measure", "Target", "", "Latest", "Period", *(["Comments"] if comments else [])):
        whole = heading in {"No.", "", "Latest", "Period"}
        table.add_column(heading, no_wrap=whole, overflow="fold", max_width=NARROW.get(heading))
    for row in read_scorecard(book, spec):
        measure = catalogue.measures.get(row.text("id"))
        cells = (row.text(field) for field in ("target_text", "latest", "period", "comment"))
        target, latest, period, comment = cells
        title = row.text("measure") if measure is None else measure.title
        table.add_row(row.text("id"), title, target, _letter(row), latest, period, *([comment] if comments else []))
    console.print(table)


def _letter(row: Row) -> Text:
    letter = row.text("rag")
    word = LETTER_WORDS[letter].word if letter in LETTER_WORDS else ""
    return Text(f"{letter} {word}".strip(), style=LETTER_STYLES.get(letter, ""))


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> None:
    """Rows under headings: figures on the right, their thousands apart, and "unknown" where there is none."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    figures = [head == headings[-1] or any(isinstance(row[at], int | float) for row in rows)
               for at, head in enumerate(headings)]  # fmt: skip
    for heading, figure in zip(headings, figures, strict=True):
        table.add_column(heading, justify="right" if figure else "left", overflow="fold")
    for row in rows:
        table.add_row(*(
            f"{cell:,.10g}" if isinstance(cell, int | float) else cell or ("unknown" if figure else "")
            for cell, figure in zip(row, figures, strict=True)
        ))  # fmt: skip
    Console().print(table)


def print_extracts(facts: Facts) -> None:
    """Print which extracts were read, what stands around their rows or was done to them, and the findings in them."""
    for extract in facts.extracts:
        note = f" ({extract.note})" if extract.note else ""
        click.echo(f"{extract.file}: {extract.rows:,} rows, {extract.first} to {extract.last}{note}")
    for fault in facts.faults:
        click.echo(f"{fault.level}: {fault}")


def print_description(one: Description) -> None:
    """Print what a file is, for people."""
    click.echo(f"{one.file}: {one.kind}")
    if one.fault:
        click.echo(f"  cannot be read: {one.fault}")
        return
    if one.title:
        click.echo(f"  above the headings: {one.title}")
    click.echo(f"  headings in row {one.heading_row}, {one.rows:,} rows below")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("Column", "Type", "Filled", "Blank", "Different", "Holds"):
        side: Literal["left", "right"] = "right" if heading in ("Filled", "Blank", "Different") else "left"
        table.add_column(heading, justify=side, overflow="fold")
    for column in one.columns:
        kind = f"{column.type} {column.format}" if column.format else str(column.type)
        numbers = (f"{number:,}" for number in (column.filled, column.blank, column.different))
        table.add_row(column.heading, kind, *numbers, _holds(column))
    Console().print(table)
    for line in (*_periods_and_places(one), *one.notes, *_sources_of(one)):
        click.echo(f"  {line}")


def _periods_and_places(one: Description) -> Iterator[str]:
    if one.month_headings:
        headed = counted(len(one.month_headings), "column")
        yield f"{headed} headed with a month: {first_few(list(one.month_headings))}"
    if one.months:
        lacking = [month.label for month in one.missing_months]
        gaps = f"; without {first_few(lacking)}" if lacking else ""
        yield f"months: {one.months[0].label} to {one.months[-1].label}{gaps}"
    if one.areas:
        also = f"; beside them {first_few(list(one.areas.beside))}" if one.areas.beside else ""
        yield f"areas: {one.areas.named} of the {one.areas.members} of {one.areas.areas}{also}"
    for row, heading, text in one.totals:
        yield f"row {row} seems to be a total: '{text}' in {heading}"


def _sources_of(one: Description) -> Iterator[str]:
    for taken in one.taken_for:
        where = "a layout of the library" if taken.library else "sources.yaml"
        name = "" if taken.by_name else "; its file name is another"
        yield f"has the headings of {taken.source} ({where}{name})"
        yield from (f"  would stop: {stop}" for stop in taken.stops)
    if not one.taken_for:
        yield "has the headings of no source and of no layout"


def _holds(column: Column) -> str:
    """The range or the categories of a column, what does not fit, and marks for missing."""
    parts = [f"{column.least} to {column.most}"] if column.least else []
    if not parts and column.values:
        parts = [first_few([f"{text} ({number:,})" for text, number in column.values.items()], SHOWN)]
    if column.odd:
        parts.append("does not fit: " + ", ".join(f"'{text}' ({number:,})" for text, number in column.odd.items()))
    if column.marks:
        parts.append(
            "may mean missing: " + ", ".join(f"'{text}' ({number:,})" for text, number in column.marks.items())
        )
    return "; ".join(parts)


def print_kept(kept: Sequence[Kept], *, announced: bool = True) -> None:
    """Print the cells that were not calculated, grouped by reason.

    `announced`: the workbook asks the program that opens it to calculate.
    """
    if not kept:
        return
    from cpa_xl.formulas.kept import remedy  # noqa: PLC0415  # the calculator takes long to load, and few need it

    cells = "1 cell could not be calculated and keeps its value"
    if len(kept) > 1:
        cells = f"{len(kept):,} cells could not be calculated and keep their values"
    they = "it" if len(kept) == 1 else "them"
    what_next = f"; publish refuses {they} until something calculates {they}: {remedy(kept)}" if announced else ""
    click.echo(f"{cells}{what_next}:")
    _print_reasons(kept)


def print_outdated(workbook: ClosedWorkbook, *, err: bool = False) -> None:
    """Print the cells that an earlier refresh could not calculate, grouped by reason."""
    if not any(name.casefold().startswith(KEPT_NAME) for name in workbook.names):
        return
    from cpa_xl.formulas.kept import not_calculated, remedy  # noqa: PLC0415  # the calculator takes long to load

    kept = not_calculated(workbook)
    if kept:
        cells = "1 cell shows its value" if len(kept) == 1 else f"{len(kept):,} cells show their values"
        click.echo(f"{cells} from before the last refresh; {remedy(kept)}:", err=err)
        _print_reasons(kept, err=err)


def _print_reasons(kept: Sequence[Kept], *, err: bool = False) -> None:
    reasons: dict[str, list[str]] = {}
    for cell in kept:
        reasons.setdefault(cell.reason, []).append(f"{cell.sheet}!{cell.cell}")
    for reason, places in reasons.items():
        click.echo(f"  {', '.join(places)}: {reason}", err=err)


def parts_in_words(parts: Sequence[PartDifference]) -> str:
    """The parts of a workbook by kind: "2 charts, 11 worksheets, xl/workbook.xml"."""
    kinds: dict[str, list[str]] = {}
    for part in parts:
        folder, _, name = part.name.rpartition("/")
        kinds.setdefault(folder.rpartition("/")[2] if re.search(r"\d\.xml$", name) else part.name, []).append(part.name)
    return ", ".join(f"{len(names)} {kind}" if len(names) > 1 else names[0] for kind, names in sorted(kinds.items()))


def print_outcome(outcome: Outcome, *, dry_run: bool = False) -> None:
    """Print what a refresh did, in a few lines."""
    for change in outcome.tables:
        click.echo(f"{change.table}: {change.before:,} rows before, {change.after:,} now")
    click.echo(f"As of {outcome.as_of.label}: {outcome.calculated:,} cells calculated")
    print_kept(outcome.kept)
    for note in outcome.notes:
        click.echo(f"{'warn' if note in outcome.warnings else 'note'}: {note}")
    if outcome.written:
        click.echo(f"Parts changed: {parts_in_words(outcome.parts)}")
        kept = f"; the workbook as it was is kept in {outcome.backup}" if outcome.backup else ""
        click.echo(f"Refreshed {outcome.workbook}{kept}")
    elif dry_run and outcome.parts:
        click.echo(f"Dry run: would change {parts_in_words(outcome.parts)}; nothing was changed")
    else:
        click.echo(f"{outcome.workbook} is up to date; nothing was changed")
    if outcome.history:
        click.echo(f"New and changed figures are kept in {outcome.history}")


def print_attachment(done: Attachment, verb: str) -> None:
    """Print what attach or detach did, in a few lines."""
    click.echo(f"{verb}: the sheets {', '.join(done.sheets)} with the tables {', '.join(done.tables)}")
    for kind in PartChange:
        names = [part.name for part in done.parts if part.kind is kind]
        if names:
            click.echo(f"Parts {kind.value}: {', '.join(names)}")
    kept = f"; the file that was there is kept in {done.backup}" if done.backup else ""
    click.echo(f"Written: {done.workbook}{kept}")
