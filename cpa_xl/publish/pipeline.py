"""Publishes a workbook: freezes, checks and annotates a copy, and writes it with its statement, page and PDF.

The copy is named by its period, and the workbook itself stays the same. Everything is made and checked in memory; files
are written last, and none if anything is refused. `preview` does the same and writes nothing.
"""

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec

from cpa_xl.config.model import Catalogue, Publish, TableRows, WorkbookSpec
from cpa_xl.errors import CellError, CpaXlError, Level, Refusal
from cpa_xl.formulas.calculator import Calculator, EmbeddedCalculator
from cpa_xl.formulas.kept import NotCalculatedError
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.libreoffice.soffice import find_office
from cpa_xl.measures.periods import Month
from cpa_xl.ooxml.package import write_whole
from cpa_xl.publish.annotate.marks import with_marks
from cpa_xl.publish.annotate.since_last import change_lines, comparison
from cpa_xl.publish.checks.findings import Finding
from cpa_xl.publish.checks.run import check_release
from cpa_xl.publish.cover import for_readers, lacks_cover, refuse_published, used_shorthand, with_changes, with_cover
from cpa_xl.publish.disclosure import suppression
from cpa_xl.publish.draft import Draft, DraftCheck, Page, PublishStep, Working
from cpa_xl.publish.freeze.freeze import Checker, freeze
from cpa_xl.publish.freeze.work import Removed
from cpa_xl.publish.page import page
from cpa_xl.publish.pdf import circulated, pdf
from cpa_xl.publish.statement import CopyOrigin, Found, provenance, statement_bytes, statement_of, with_file
from cpa_xl.scorecard.rows import known_breaks, read_trends, specification, stated_month
from cpa_xl.scorecard.tables import Stamp
from cpa_xl.workbook.closed import ClosedWorkbook, refuse_if_open

OVERWRITE = "give --force to write over it, or --out DIR for another folder"
_ENDING = " published.xlsx"

P = ParamSpec("P")


@dataclass(frozen=True)
class Prepared:
    """A copy that is made and checked, in memory: `covered` is the draft with its cover, as the checks saw it."""

    source: Working
    draft: Draft
    covered: Draft
    origin: CopyOrigin
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> list[str]:
        """The changes since the copy that it was compared with, as lines."""
        return [] if self.draft.comparison is None else list(change_lines(self.draft.comparison.changes))

    def files(self, target: Path, page: Page | None = None) -> dict[Path, bytes]:
        """The copy, its statement, and what goes beside them, which names the file that readers have.

        Raises `Refusal` for a file that Excel would find damaged.
        """
        stated = provenance(self.source.workbook, self.source.catalogue, self.source.spec, self.origin)
        package = with_cover(self.draft.workbook, stated).package
        content = b"".join(package.checked())
        copy = ClosedWorkbook(replace(package, path=target))
        further = page(copy, self.source.catalogue, self.source.spec) if page else {}
        files = {target: content} | {target.with_suffix(ending): beside for ending, beside in further.items()}
        hashed = {path.name: one for path, one in files.items()}
        statement = with_file(stated, copy, self.source.spec, hashed, target.name)
        return {target: content, statement_of(target): statement_bytes(statement)} | files


@dataclass(frozen=True)
class Published:
    """A published copy: its files, its month, what it lacks, and what the checks found.

    `since` is the copy that it was compared with, and `changes` lists the changes since then as lines.
    """

    workbook: Path
    files: tuple[Path, ...]
    as_of: Month
    removed: tuple[Removed, ...]
    findings: tuple[Finding, ...]
    since: Path | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What publishing would do.

    `workbook` is the copy that the checks looked at, or the working workbook where no copy can be made. `refused` is
    the reason for which `release` would refuse, and `notes` is what else to know. `since` is the copy that it is
    compared with, and `changes` lists the changes since then as lines.
    """

    workbook: ClosedWorkbook
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]
    notes: tuple[str, ...] = ()
    since: Path | None = None
    changes: tuple[str, ...] = ()

    @property
    def further(self) -> tuple[tuple[Level, str], ...]:
        """What is said beside the findings, with its level."""
        return *((Level.STOP, one) for one in self.refused), *((Level.NOTE, one) for one in self.notes)

    @property
    def stopped(self) -> bool:
        """Whether it would not be published."""
        return bool(self.refused or stops(self.findings))


def publish(
    path: Path,
    catalogue: Catalogue,
    calculator: Checker,
    out: Path | None = None,
    *,
    force: bool = False,
    stamp: Stamp | None = None,
    check: DraftCheck | None = None,
    page: Page | None = None,
    steps: Sequence[PublishStep] = (),
) -> Published:
    """Publish the workbook at `path` into the folder `out`, by default its own.

    `force` writes over what was published for that month before. Raises `Refusal`, and has written nothing, for a
    workbook that is open, shows errors or does not fit the configuration, and where a check says stop.
    """
    refuse_if_open(path)
    source = opened(path, catalogue)
    target = target_of(source, out or path.parent)
    refuse_present(target, force=force)
    prepared = prepare(source, calculator, stamp=stamp, check=check, steps=steps)
    _refuse_stopped(path, prepared.findings)
    files = prepared.files(target, page)
    write(files, force=force)
    return Published(
        target,
        tuple(files),
        source.as_of,
        prepared.draft.removed,
        prepared.findings,
        changes=tuple(prepared.changes),
    )


def prepare(
    source: Working,
    calculator: Checker,
    *,
    stamp: Stamp | None = None,
    check: DraftCheck | None = None,
    steps: Sequence[PublishStep] = (),
) -> Prepared:
    """Make the copy that is to be published, and check it; nothing is written.

    Raises `Refusal` for a workbook of which no copy can be published, whatever the checks say.
    """
    working, catalogue, spec = source.workbook, source.catalogue, source.spec
    stamp = stamp or Stamp.now()
    frozen = freeze(working, _without_log(working, spec), calculator, stamp.when.date())
    draft = Draft(frozen.workbook, frozen.removed)
    sha256 = hashlib.sha256(working.path.read_bytes()).hexdigest()
    for step in steps:
        draft = step(draft, source)
    origin = CopyOrigin(
        file=working.path.name,
        sha256=sha256,
        as_of=source.as_of,
        stamp=stamp,
        removed=draft.removed,
        shorthand=used_shorthand(draft.workbook),
        cover=lacks_cover(draft.workbook),
    )
    covered = replace(draft, workbook=with_cover(draft.workbook, provenance(working, catalogue, spec, origin)))
    if check is None:
        return Prepared(source, draft, covered, origin, ())
    findings = check(source, covered)
    found = [_kept(one, covered.workbook.sheet_names) for one in findings]
    return Prepared(source, draft, covered, replace(origin, findings=found), findings)


def last_copy(path: Path, catalogue: Catalogue, folder: Path) -> Path | None:
    """The copy of the workbook at `path` that is in `folder` for the latest month before the workbook's own."""
    month, found = opened(path, catalogue).as_of, dict[Month, Path]()
    for there in folder.glob(f"*{_ENDING}"):
        stem, _, month_text = there.name.removesuffix(_ENDING).rpartition(" ")
        with contextlib.suppress(CellError):
            if stem == path.stem and (published := Month.read(month_text)) < month:
                found[published] = there
    return found[max(found)] if found else None


def opened(path: Path, catalogue: Catalogue) -> Working:
    """The workbook at `path`.

    Raises `Refusal` for a published copy, one that the configuration does not know, and one whose name is no text.
    """
    if path.name.encode(errors="ignore").decode() != path.name:  # bytes of another encoding
        raise Refusal(f"{path.name!a} is no text, and the statement has to name the file: rename it")
    working = ClosedWorkbook.open(path)
    refuse_published(working)
    spec = specification(catalogue, working, path)
    return Working(working, catalogue, spec, stated_month(working, spec))


def target_of(source: Working, folder: Path) -> Path:
    """Where the copy of a workbook goes: named by the month."""
    return folder / f"{source.workbook.path.stem} {source.as_of}{_ENDING}"


def write(files: Mapping[Path, bytes], *, force: bool) -> None:
    """Write all of them, or leave all as they were."""
    for path in files:
        refuse_present(path, force=force)
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    done: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, (content,))
            done.append(path)
    except BaseException:
        for path in done:
            old = before[path]
            if old is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, (old,))
        raise


def refuse_present(target: Path, *, force: bool) -> None:
    """Raise `Refusal` for a file that is there already, but with `force`, and for one that is open."""
    if target.exists() and not force:
        raise Refusal(f"{target} is there already; {OVERWRITE}")
    refuse_if_open(target)


def stops(findings: Sequence[Finding]) -> list[Finding]:
    """Those that stop a workbook from being published."""
    return [one for one in findings if one.level is Level.STOP]


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

    `since` is the copy published last; by default, the copy in that folder for the latest month before. The two are
    compared, and a sheet lists the changes, unless `compare` is false. Raises `Refusal`, and writes nothing, where the
    workbook is not ready for readers, or where a PDF is asked for and LibreOffice is missing.
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


def steps(last: ClosedWorkbook | None, calculator: Calculator) -> Iterator[PublishStep]:
    """What is done to a frozen copy, in this order.

    It is compared once, as soon as it shows no small count: what is added after that is no figure of the workbook.
    """

    def compared(draft: Draft, source: Working) -> Draft:
        return draft if last is None else replace(draft, comparison=comparison(draft.workbook, last, source.spec))

    def marked(draft: Draft, source: Working) -> Draft:
        changes = () if draft.comparison is None else draft.comparison.changes
        return replace(draft, workbook=with_marks(draft.workbook, source.catalogue, source.spec, changes, calculator))

    def with_what_changed(draft: Draft, _source: Working) -> Draft:
        known = draft.comparison
        return draft if known is None else replace(draft, workbook=with_changes(draft.workbook, known))

    yield from (suppression(calculator), compared, marked, with_what_changed)


def checked(working: Working, draft: Draft) -> tuple[Finding, ...]:
    """The checks that look at a copy before it is published."""
    return check_release(working.workbook, draft.workbook, working.catalogue, working.spec, draft.comparison)


def preview(
    path: Path, catalogue: Catalogue, out: Path | None = None, *, since: Path | None = None, compare: bool = True
) -> Preview:
    """What `release` would do with the same arguments; nothing is written.

    A reason to refuse is listed beside the findings: those of the copy, or of the working workbook where no copy can be
    made. Raises `Refusal` for a file that is no workbook, or that the configuration does not know.
    """
    book = ClosedWorkbook.open(path)
    spec = specification(catalogue, book, path, reading=True)
    refused = _refusals(refuse_if_open, path)  # the last saved state is checked all the same
    folder = out or path.parent
    if since is None and compare:
        with suppress(Refusal):  # `prepare` reports it
            since = last_copy(path, catalogue, folder)
    last: ClosedWorkbook | None = None
    try:
        last = None if since is None else ClosedWorkbook.open(since)
        calculator, source = EmbeddedCalculator(FUNCTIONS), opened(path, catalogue)
        prepared = prepare(source, calculator, check=checked, steps=tuple(steps(last, calculator)))
    except CpaXlError as error:
        known = isinstance(error, NotCalculatedError)  # a finding names each of these cells
        return _without_copy(Preview(book, (), refused if known else (*refused, str(error))), catalogue, spec, last)
    target = target_of(source, folder)
    if not stops(prepared.findings):
        refused += _refusals(prepared.files, target)
    present = (_refusals(refuse_present, file, force=False) for file in (target, statement_of(target)))
    notes = next(filter(None, present), ())
    return Preview(prepared.covered.workbook, prepared.findings, refused, notes, since, tuple(prepared.changes))


def _kept(one: Finding, sheets: Collection[str]) -> Found:
    """A finding for the statement: in its own words, and in those for readers of these sheets."""
    return Found(one.code, str(one.level), one.message, one.place, one.accepted, for_readers(one, sheets))


def _without_log(working: ClosedWorkbook, spec: WorkbookSpec) -> Publish:
    """How to publish, with the sheet of the log left out, whatever its name: the log names who refreshed.

    Raises `Refusal` where the log shares its sheet with other tables.
    """
    logs = {name.casefold() for name, table in spec.tables.items() if table.rows is TableRows.LOG}
    log_sheets = {name: table.sheet for name, table in working.tables.items() if name.casefold() in logs}
    for name, sheet in log_sheets.items():
        if any(table.sheet == sheet for other, table in working.tables.items() if other not in log_sheets):
            raise Refusal(
                f"{working.path}: the log {name} shares sheet {sheet} with other tables, and names who refreshed;"
                " move it to a separate sheet"
            )
    left = tuple(dict.fromkeys((*spec.publish.leave_out, *log_sheets.values())))
    return spec.publish.model_copy(update={"leave_out": left})


def _refuse_stopped(path: Path, findings: Sequence[Finding]) -> None:
    if found := stops(findings):
        listed = (f"  {one.code} {one.place}: {one.said}" for one in found)
        raise Refusal("\n".join([f"{path} is not published:", *listed]))


def _pages(*, with_page: bool, with_pdf: bool) -> Page:
    """What goes beside a copy: the page for browsers, the PDF."""
    office = find_office() if with_pdf else None

    def made(copy: ClosedWorkbook, catalogue: Catalogue, spec: WorkbookSpec) -> Mapping[str, bytes]:
        breaks = known_breaks(catalogue)
        found = {".html": page(copy, spec, breaks).encode()} if with_page else {}
        return found | (
            {".pdf": pdf(copy, office, circulated(copy, spec), read_trends(copy, spec, breaks))} if office else {}
        )

    return made


def _refusals(act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> tuple[str, ...]:
    """Why something cannot be done, if it cannot."""
    try:
        act(*args, **kwargs)
    except CpaXlError as error:
        return (str(error),)
    return ()


def _without_copy(planned: Preview, catalogue: Catalogue, spec: WorkbookSpec, last: ClosedWorkbook | None) -> Preview:
    """The preview with the findings of the working workbook, compared with the last copy where possible."""
    if last is not None:
        with suppress(CpaXlError):  # `prepare` has reported it
            known = comparison(planned.workbook, last, spec)
            findings = check_release(planned.workbook, None, catalogue, spec, known)
            return replace(planned, findings=findings, since=last.path, changes=tuple(change_lines(known.changes)))
    with suppress(CpaXlError):  # as above
        return replace(planned, findings=check_release(planned.workbook, None, catalogue, spec))
    return planned
