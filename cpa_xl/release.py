"""Release: everything that happens before a copy of a workbook leaves the house, in one act.

The copy is frozen, looked at, given its cover and statement; the page for browsers and the PDF go beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from cpa_xl.calculator import Calculator, EmbeddedCalculator
from cpa_xl.catalogue import Catalogue, WorkbookSpec
from cpa_xl.changesheet import with_changes
from cpa_xl.confidential import suppression
from cpa_xl.findings import Finding
from cpa_xl.freeze import Frozen
from cpa_xl.marks import with_marks
from cpa_xl.office import find_office
from cpa_xl.page import page
from cpa_xl.pdf import circulated, pdf
from cpa_xl.plan import specification
from cpa_xl.publish import Check, Page, Published, Step, Working, last_copy, publish
from cpa_xl.releasechecks import check_release
from cpa_xl.sincelast import lines, since_last
from cpa_xl.udfs import FUNCTIONS
from cpa_xl.workbook import ClosedWorkbook


def release(
    path: Path,
    catalogue: Catalogue,
    out: Path | None = None,
    *,
    since: Path | None = None,
    compare: bool = True,
    with_page: bool = False,
    with_pdf: bool = False,
    force: bool = False,
) -> Published:
    """Publish the closed workbook at `path` into the folder `out`, by default its own.

    `since` is the copy published last, by default the one of the latest month before in that folder: it is compared,
    and a sheet says what changed, unless `compare` is false. Raises `Refusal`, and has written nothing, where the
    workbook is not fit to go out, or where a PDF is asked for and there is no LibreOffice.
    """
    since = since or last_copy(path, catalogue, out or path.parent) if compare else None
    last = None if since is None else ClosedWorkbook.open(since)
    calculator = EmbeddedCalculator(FUNCTIONS)
    done = publish(
        path,
        catalogue,
        calculator,
        out,
        force=force,
        check=checks(last),
        page=_pages(with_page=with_page, with_pdf=with_pdf),
        steps=tuple(steps(last, calculator)),
    )
    if last is None:
        return done
    copy = ClosedWorkbook.open(done.workbook)
    _, spec = specification(catalogue, copy, path, reading=True)
    return replace(done, since=since, changes=tuple(lines(since_last(copy, last, spec))))


def _pages(*, with_page: bool, with_pdf: bool) -> Page:
    """What goes beside a copy: the page for browsers, the PDF."""
    office = find_office() if with_pdf else None

    def made(copy: ClosedWorkbook, _catalogue: Catalogue, spec: WorkbookSpec) -> Mapping[str, bytes]:
        found = {".html": page(copy, spec).encode()} if with_page else {}
        return found | ({".pdf": pdf(copy, office, circulated(copy, spec))} if office else {})

    return made


def steps(last: ClosedWorkbook | None, calculator: Calculator) -> Iterator[Step]:
    """What is done to a frozen copy, in this order."""

    def marked(frozen: Frozen, source: Working) -> Frozen:
        return replace(frozen, workbook=with_marks(frozen.workbook, source.catalogue, source.spec, last, calculator))

    yield suppression(calculator)
    yield marked
    if last is not None:
        yield lambda frozen, source: replace(frozen, workbook=with_changes(frozen.workbook, last, source.spec))


def checks(last: ClosedWorkbook | None) -> Check:
    """What is looked at before a copy leaves."""

    def checked(
        working: ClosedWorkbook, frozen: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec
    ) -> tuple[Finding, ...]:
        return check_release(working, frozen, catalogue, spec, last)

    return checked
