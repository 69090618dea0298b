"""Letters, colours and type of a published workbook (W11, W12)."""

import unicodedata
from collections.abc import Iterable, Iterator

from cpa_xl.a1 import bounds
from cpa_xl.bookstyles import BookStyles, Look, contrast
from cpa_xl.checkcontext import Release, ScorecardRow
from cpa_xl.errors import Level
from cpa_xl.findings import Finding, at, check, finds, found
from cpa_xl.sheetviews import SheetView
from cpa_xl.targets import Letter

LEAST_CONTRAST = 4.5  # WCAG 2.1, success criterion 1.4.3
SMALLEST = 10.0  # points
UNDERLINED = "is underlined, which readers take for a link: use bold"
SANS_SERIF = ("arial", "calibri", "verdana", "tahoma", "helvetica", "segoe ui", "aptos", "aptos narrow", "open sans",
              "liberation sans", "dejavu sans", "noto sans", "trebuchet ms", "gill sans mt", "carlito")  # fmt: skip


@check(
    "W11",
    "letters are G, A, R or – with a reason, and colours have contrast",
    on=Release,
    level=Level.STOP,
    for_readers="a letter or a colour is hard to read",
)
def check_letters(release: Release) -> Iterator[Finding]:
    """W11 of the letters of the scorecard that readers get."""
    if release.scorecard is not None and release.scorecard.sheet not in release.copy.sheet_names:
        message = f"the copy has no sheet {release.scorecard.sheet}: publish it with its scorecard"
        yield found("W11", release.copy.path.name, message)
    for _, printed in release.printed_rows:
        yield from _letter(printed)


@check(
    "W12",
    "text is sans serif, 10 points or more, level, not in italics or underlined",
    on=Release,
    level=Level.WARN,
    acceptable=True,
    for_readers="some text is hard to read: small, slanted, underlined or not in plain letters",
)
@finds("W11", on=Release)
def check_styles(release: Release) -> Iterator[Finding]:
    """W11 of colours, W12 of type."""
    for view in release.views:
        yield from _styles(view)


def _letter(row: ScorecardRow) -> Iterator[Finding]:
    """W11 of a row of the scorecard: a letter that is none, and no letter without a reason."""
    letter, status = row.text("rag"), row.text("status").strip()
    if letter not in [*Letter]:
        names = ", ".join(unicodedata.name(character, "a control character") for character in letter) or "nothing"
        message = (
            f"holds {letter!r} ({names}), and a letter is G, A, R or –: type one of these, or put back its formula"
        )
        yield found("W11", row.place("rag"), message)
    elif not status and row.measure.figure is not None:
        message = f"nothing beside the letter {letter} says in words what it means: put back the formula of the status"
        yield found("W11", row.place("status"), message)


def _is_in(place: tuple[int, int], boxes: Iterable[tuple[int, int, int, int]]) -> bool:
    return any(top <= place[0] <= bottom and left <= place[1] <= right for top, left, bottom, right in boxes)


def _styles(view: SheetView) -> Iterator[Finding]:
    """W11 of colours, W12 of type: one finding for each fault of a sheet, with the first cell that has it."""
    faults: dict[str, tuple[str, tuple[int, int]]] = {}
    boxes = [bounds(ref) for ref in view.linked]  # a link may stand on several cells
    for look in view.used:
        for code, message in _faults(look):
            places = view.places_of(look)
            place = min((one for one in places if message != UNDERLINED or not _is_in(one, boxes)), default=None)
            if place is not None and (message not in faults or place < faults[message][1]):
                faults[message] = (code, place)
    for message, (code, place) in sorted(faults.items(), key=lambda item: item[1][1]):
        yield found(code, at(view.name, *place), message, Level.WARN)


def _faults(look: Look) -> Iterator[tuple[str, str]]:
    if look.contrast < LEAST_CONTRAST:
        yield "W11", _contrast(look.colour, look.ground)
    if look.font.casefold() not in SANS_SERIF:
        yield "W12", f"is written in {look.font}: use a sans serif, such as Arial"
    if look.size < SMALLEST:
        yield "W12", f"is written in {look.size:g} points: use {SMALLEST:g} or more"
    if look.italic:
        yield "W12", "is in italics: use bold where a word has to stand out"
    if look.underlined:
        yield "W12", UNDERLINED
    if look.turned:
        yield "W12", "is turned: write it level"


def _contrast(colour: str, ground: str) -> str:
    ratio = contrast(colour, ground)
    return f"#{colour} on #{ground} has a contrast of {ratio:.1f} to 1: choose colours with {LEAST_CONTRAST} or more"


@finds("W11", on=Release)
def check_conditional(release: Release) -> Iterator[Finding]:
    """W11 of colours that depend on a condition."""
    styles, name = BookStyles(release.copy.package), release.copy.path.name
    for colour, ground in styles.conditional():
        if contrast(colour, ground) < LEAST_CONTRAST:
            yield found("W11", f"{name}, conditional formats", _contrast(colour, ground), Level.WARN)
