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
from cpa_xl.draft import Draft, Page, Step, Working
from cpa_xl.findings import Finding
from cpa_xl.marks import with_marks
from cpa_xl.office import find_office
from cpa_xl.page import page
from cpa_xl.pdf import circulated, pdf
from cpa_xl.publish import Published, last_copy, publish
from cpa_xl.releasechecks import check_release
from cpa_xl.sincelast import comparison
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
        check=checked,
        page=_pages(with_page=with_page, with_pdf=with_pdf),
        steps=tuple(steps(last, calculator)),
    )
    return replace(done, since=since)


def _pages(*, with_page: bool, with_pdf: bool) -> Page:
    """What goes beside a copy: the page for browsers, the PDF."""
    office = find_office() if with_pdf else None

    def made(copy: ClosedWorkbook, _catalogue: Catalogue, spec: WorkbookSpec) -> Mapping[str, bytes]:
        found = {".html": page(copy, spec).encode()} if with_page else {}
        return found | ({".pdf": pdf(copy, office, circulated(copy, spec))} if office else {})

    return made


def steps(last: ClosedWorkbook | None, calculator: Calculator) -> Iterator[Step]:
    """What is done to a frozen copy, in this order.

    It is compared once, as soon as it shows no small count: what is added after that is no figure of the workbook.
    """

    def compared(draft: Draft, source: Working) -> Draft:
        return draft if last is None else replace(draft, comparison=comparison(draft.workbook, last, source.spec))

    def marked(draft: Draft, source: Working) -> Draft:
        changes = () if draft.comparison is None else draft.comparison.changes
        return replace(draft, workbook=with_marks(draft.workbook, source.catalogue, source.spec, changes, calculator))

    def told(draft: Draft, _source: Working) -> Draft:
        known = draft.comparison
        return draft if known is None else replace(draft, workbook=with_changes(draft.workbook, known))

    yield from (suppression(calculator), compared, marked, told)


def checked(working: Working, draft: Draft) -> tuple[Finding, ...]:
    """What is looked at before a copy leaves."""
    return check_release(working.workbook, draft.workbook, working.catalogue, working.spec, draft.comparison)
