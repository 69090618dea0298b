"""Signatures and accepted findings: in the checks, in the copy and in its statement."""

import datetime as dt
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from cpa_xl.cli.main import main
from cpa_xl.commands.attach import attach
from cpa_xl.commands.refresh import refresh
from cpa_xl.errors import Level, Refusal
from cpa_xl.formulas.calculator import EmbeddedCalculator
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.measures.periods import SERIAL_ZERO, Month
from cpa_xl.publish.checks.findings import Finding, found
from cpa_xl.publish.checks.run import checks
from cpa_xl.publish.checks.signatures import with_acceptances
from cpa_xl.publish.pipeline import release
from cpa_xl.publish.verify import verify
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support.releasing import FindingTuple, checked, configuration, news, place, rebuilt, typed

NAME = "cpa_scorecard.xlsx"
REWRITE = "type the figure that holds now, or put back the formula of the comment"
COMMENT = "Burglary is down 0.8% (453); we have 37 more officers on the street. Robbery is down 16.4%"
FOREIGN = "we have 37 more officers on"
LATE = dt.date(2100, 1, 1)  # after every refresh of the tests


@pytest.fixture(scope="module")
def book(demo: Path) -> ClosedWorkbook:
    return ClosedWorkbook.open(demo)


def signed(book: ClosedWorkbook, who: str, date: dt.date | str | None = LATE, name: str = "sign_off") -> ClosedWorkbook:
    sheet, row, column = book.named_cell(name)
    day = (date - SERIAL_ZERO).days if isinstance(date, dt.date) else date
    done = book.with_cell(sheet, row, column, who)
    return done if day is None else done.with_cell(sheet, row, column + 1, day)


def accepting(book: ClosedWorkbook, *cells: str | float | None) -> ClosedWorkbook:
    """The workbook with this row in its table Accepted."""
    table = book.tables["Accepted"]
    for column, value in enumerate(cells, start=table.first_col):
        if value is not None:
            book = book.with_cell(table.sheet, table.first_body_row, column, value)
    return book


def signs(root: Path, book: ClosedWorkbook) -> list[FindingTuple]:
    return [(one.code, one.level, one.place, one.message) for one in checked(root, book) if one.code == "T10"]


def commented(book: ClosedWorkbook, text: str = COMMENT) -> tuple[ClosedWorkbook, str]:
    cell = place(book, "4a", "Comments")
    return typed(book, cell, text), cell


# Signatures --------------------------------------------------------------------------------------------------------


def test_somebody_has_to_sign(root: Path, book: ClosedWorkbook) -> None:
    message = "the approver has not signed: type the name here, and the date into the cell on its right"
    assert signs(root, book) == [("T10", Level.WARN, "Sign-off!B8", message)]


def test_a_workbook_without_a_cell_to_sign_in(root: Path, book: ClosedWorkbook) -> None:
    bare = rebuilt(book, "xl/workbook.xml", r'<definedName name="sign_off">.*?</definedName>', "")
    message = "no cell has the name sign_off: give that name to a cell, and let the approver sign in it"
    assert signs(root, bare) == [("T10", Level.NOTE, NAME, message)]


def test_who_made_and_checked_the_figures(root: Path, book: ClosedWorkbook) -> None:
    approved = signed(book, "C. Approver")
    assert signs(root, approved) == [
        ("T10", Level.NOTE, "Sign-off!B6", "the analyst who made the figures is not named"),
        ("T10", Level.NOTE, "Sign-off!B7", "the assurer who checked the figures is not named"),
    ]
    both = signed(signed(approved, "A. Analyst", name="signed_analyst"), "a. analyst", name="signed_assurer")
    message = "a. analyst checked figures of their own: let another person check them"
    assert signs(root, both) == [("T10", Level.WARN, "Sign-off!B7", message)]
    assert signs(root, signed(both, "B. Assurer", name="signed_assurer")) == []


@pytest.mark.parametrize(
    ("who", "date", "why"),
    [
        ("C. Approver", None, "C. Approver signed without a date, so it is unclear for which figures"),
        ("C. Approver", "soon", "C. Approver signed without a date, so it is unclear for which figures"),
        ("C. Approver, 31 February 2009", None,
         "C. Approver, 31 February 2009 signed without a date, so it is unclear for which figures"),
    ],
)  # fmt: skip
def test_a_signature_without_a_date(root: Path, book: ClosedWorkbook, who: str, date: str | None, why: str) -> None:
    message = f"{why}: let the approver look at the figures as they are, and sign again"
    assert signs(root, signed(book, who, date))[0] == ("T10", Level.WARN, "Sign-off!B8", message)


@pytest.mark.parametrize(("who", "date"), [("C. Approver, 2 February 2100", None), ("C. Approver", "2100-02-02")])
def test_a_date_in_words(root: Path, book: ClosedWorkbook, who: str, date: str | None) -> None:
    assert [one[1] for one in signs(root, signed(book, who, date))] == [Level.NOTE, Level.NOTE]  # the other two roles


def logged(book: ClosedWorkbook, when: str) -> ClosedWorkbook:
    """The workbook with its one refresh at this time."""
    table = book.tables["RefreshLog"]
    return book.with_cell(table.sheet, table.first_body_row, 1, when)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (dt.date(2009, 2, 11), "the last refresh was on 12 February 2009"),
        (dt.date(2009, 1, 30), "the last refresh was on 12 February 2009"),
        (dt.date(2009, 2, 12), ""),
    ],
)
def test_a_signature_older_than_the_last_refresh(root: Path, book: ClosedWorkbook, day: dt.date, why: str) -> None:
    found_ = [
        one for one in signs(root, signed(logged(book, "2009-02-12 09:30"), "C. Approver", day)) if one[1] is Level.WARN
    ]
    message = (
        f"C. Approver signed on {day.day} {day:%B} 2009, and {why}: let the approver look at the figures as they are, "
        "and sign again"
    )
    assert found_ == ([("T10", Level.WARN, "Sign-off!B8", message)] if why else [])


def test_a_signature_older_than_the_month(root: Path, book: ClosedWorkbook) -> None:
    """The as-of month was moved on in a workbook whose log holds nothing later."""
    message = (
        "C. Approver signed on 9 January 2009, and Jan-09 ended on 31 January 2009: let the approver look at the "
        "figures as they are, and sign again"
    )
    early = signed(logged(book, "2009-01-09 09:30"), "C. Approver", dt.date(2009, 1, 9))
    assert signs(root, early)[0] == ("T10", Level.WARN, "Sign-off!B8", message)


# Accepted findings -------------------------------------------------------------------------------------------------


def test_what_a_finding_says_can_be_done(root: Path, book: ClosedWorkbook) -> None:
    changed, cell = commented(book)
    lines = [str(one) for one in checked(root, changed) if one.place == cell]
    assert lines == [
        f'{cell}: "up 37" matches no computed figure: say where it comes from, and have it checked; or accept it, with '
        f'a reason: table Accepted, text "{FOREIGN}" (T4)',
        f'{cell}: "down 16.4%" matches no computed figure (nearest: drafted comment: down 16.5%): {REWRITE}; or accept '
        'it, with a reason: table Accepted, text "Robbery is down 16.4%, not down 16.5%" (T4)',
    ]


@pytest.mark.parametrize("text", [FOREIGN, f'"{FOREIGN}"', f" {FOREIGN.upper()} ", f"“{FOREIGN}”"])
@pytest.mark.parametrize("where", ["Scorecard!J13", "'Scorecard'!$J$13", "scorecard!j13"])
def test_an_accepted_finding_is_a_note(book: ClosedWorkbook, text: str, where: str) -> None:
    finding = found("T4", "Scorecard!J13", "is strange", quote=FOREIGN)
    (told,) = with_acceptances([finding], accepting(book, "T4", where, text, "From HR", "A. Analyst", 39846))
    message = "accepted by A. Analyst on 2 February 2009: From HR; what was found: is strange"
    assert told == Finding("T4", Level.NOTE, "Scorecard!J13", message)
    assert told.said == message


def test_only_what_was_accepted_is(root: Path, book: ClosedWorkbook) -> None:
    """The other figure of the same cell, with the same code, stops it as before."""
    changed, cell = commented(book)
    done = news(root, book, accepting(changed, "T4", cell, FOREIGN, "From HR", "A. Analyst"))
    assert [one[:3] for one in done if one[0] == "T4"] == [("T4", Level.NOTE, cell), ("T4", Level.STOP, cell)]


@pytest.mark.parametrize(
    "text",
    [
        "Burglary is down 0.8% (453); we have 38 more officers on the street",
        "37 of them were youths: burglary is down 0.8% (453)",
        "We have 37 fewer offices, and burglary is down 0.8% (453)",
    ],
)
def test_another_text_is_not_accepted(root: Path, book: ClosedWorkbook, text: str) -> None:
    changed, cell = commented(book, text)
    done = news(root, book, accepting(changed, "T4", cell, FOREIGN, "From HR", "A. Analyst"))
    assert ("T4", Level.WARN) in [one[:2] for one in done]
    (idle,) = [one for one in done if one[0] == "T10"]
    assert idle[:3] == ("T10", Level.NOTE, "Sign-off!A15")
    assert idle[3].startswith(
        f"accepts T4 {cell} {FOREIGN!r}, and no such thing was found: the cell has changed since; if "
    )
    assert idle[3].endswith(" is to be accepted too, accept it again")


def test_a_computed_figure_that_moves_on_is_not_accepted(root: Path, book: ClosedWorkbook) -> None:
    """An acceptance covers 16.4 where 16.5 is computed; it does not cover 16.4 where another figure is computed."""
    changed, cell = commented(book)
    row = ("T4", cell, "Robbery is down 16.4%, not down 16.5%", "As published before", "A. Analyst")
    accepted = accepting(changed, *row)
    assert [one[:2] for one in news(root, book, accepted) if one[2] == cell] == [("T4", Level.WARN), ("T4", Level.NOTE)]
    table = book.tables["Monthly"]
    column = table.first_col + [one.name for one in table.columns].index("Robbery")
    was = book.cells("Monthly")[table.last_row, column].value
    assert isinstance(was, float)
    later = checked(root, accepted.with_cell("Monthly", table.last_row, column, was + 300))
    stops = [one.quote for one in later if one.place == cell and one.level is Level.STOP]
    assert "Robbery is down 16.4%, not down 15.7%" in stops


def test_a_row_that_accepts_nothing_any_more(root: Path, book: ClosedWorkbook) -> None:
    done = news(root, book, accepting(book, "T9", "Scorecard!J7", "amber in RY to Nov-08", "It is late", "A. Analyst"))
    message = "accepts T9 Scorecard!J7 'amber in RY to Nov-08', and no such thing was found: delete the row"
    assert done == [("T10", Level.NOTE, "Sign-off!A15", message)]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("T4", "Scorecard!J13", FOREIGN, None, "A. Analyst"), "it has no reason"),
        (("T4", "Scorecard!J13", FOREIGN, "From HR", None), "it has no name in Who"),
        (("T4", None, None, "From HR", "A. Analyst"), "it has no cell and no text"),
        (("T2", "Scorecard!D13", "shows A", "I say so", "A. Analyst"),
         "T2 (every letter follows from its figure, target and band) cannot be accepted, only put right"),
        (("X9", "Scorecard!J13", FOREIGN, "From HR", "A. Analyst"), "X9 is no code of a check"),
        ((None, "Scorecard!J13", FOREIGN, "From HR", "A. Analyst"), "an empty cell is no code of a check"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_accept(root: Path, book: ClosedWorkbook, cells: Sequence[str | None], why: str) -> None:
    changed, cell = commented(book)
    done = news(root, book, accepting(changed, *cells))
    assert ("T10", Level.WARN, "Sign-off!A15", f"accepts nothing: {why}") in done
    assert ("T4", Level.WARN, cell) in [one[:3] for one in done]


@pytest.mark.parametrize("text", ["R1-1a2b3c4d", "V5-00000000", "D3-ffffffff", "S1-12345678", "R2-abcdef01"])
def test_a_row_for_extracts_is_none_of_the_release_checks(root: Path, book: ClosedWorkbook, text: str) -> None:
    """A refresh reads it, and it stays as a record of who accepted what."""
    row = accepting(
        book, text.partition("-")[0], None, text, "the division sent it again", "A. Analyst", "2 March 2009"
    )
    assert [one for one in signs(root, row) if "accept" in one[3]] == []


def test_what_is_wrong_whoever_says_otherwise() -> None:
    never = {code for code, check in checks().items() if not check.acceptable}
    assert never >= {"W7", "W11", "W14", "W16", "T1", "T2", "T3", "T10"}
    assert never.isdisjoint({*(f"W{one}" for one in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 15)), "T4", "T5", "T6", "T7"})
    assert never.isdisjoint({"T8", "T9"})


def test_a_finding_without_words_of_its_own_is_accepted_by_its_message(book: ClosedWorkbook) -> None:
    finding = found("W3", "Board", "merged cells B2:C2: unmerge them")
    row = ("W3", "Board", "Merged cells B2:C2: unmerge them", "The board is printed", "A. Analyst")
    (told,) = with_acceptances([finding], accepting(book, *row))
    assert (told.level, told.accepted is not None) == (Level.NOTE, True)


def test_what_the_approver_did_not_see(root: Path, book: ClosedWorkbook) -> None:
    changed, cell = commented(book)
    row = ("T4", cell, FOREIGN, "From HR", "A. Analyst")
    approved = signed(logged(changed, "2009-02-02 09:30"), "C. Approver", dt.date(2009, 2, 3))
    later = accepting(approved, *row, (dt.date(2009, 2, 4) - SERIAL_ZERO).days)
    message = "was accepted on 4 February 2009, after C. Approver signed: let the approver see it, and sign again"
    assert ("T10", Level.WARN, "Sign-off!A15", message) in signs(root, later)
    seen = accepting(approved, *row, (dt.date(2009, 2, 3) - SERIAL_ZERO).days)
    assert [one for one in signs(root, seen) if one[1] is Level.WARN] == []


@pytest.mark.parametrize(
    ("measure", "text", "finding"),
    [
        ("2", "", ("T9", "red in RY to Dec-08")),
        ("4a", "Robbery is up 16.5% on the year", ("T5", "Robbery is up 16.5% on the year, not down 16.5%")),
        ("7", "Target is being missed over the rolling year", ("T5",
         "Target is being missed over the rolling year (Jan-09)")),
        ("4a", "Burglary has increased on last year.", ("T5", "Burglary has increased on last year (Jan-09)")),
        ("7", "Now red.", ("T5", "Now red (Jan-09)")),
        ("5", "Deaths are down 11.5% (26) over the RY to Mar-05; data are provisional", ("T6",
         "RY to Mar-05 (data to Jan-09)")),
        ("5", "Deaths are down 11.5% (26)", ("T7", "provisional from Jan-08")),
    ],
)  # fmt: skip
def test_what_is_accepted_with_each_code(
    root: Path, book: ClosedWorkbook, measure: str, text: str, finding: tuple[str, str]
) -> None:
    code, quote = finding
    cell = place(book, measure, "Comments")
    changed = typed(book, cell, text)
    assert quote in [one.quote for one in checked(root, changed) if one.place == cell and one.code == code]
    done = news(root, book, accepting(changed, code, cell, quote, "Agreed", "A. Analyst"))
    assert [one[:3] for one in done] == [(code, Level.NOTE, cell)]


def test_a_workbook_without_the_table(root: Path, book: ClosedWorkbook) -> None:
    changed, _ = commented(book)
    part = next(name for name in book.package.names if b'displayName="Accepted"' in book.package.part(name))
    without = rebuilt(
        rebuilt(changed, part, 'displayName="Accepted"', 'displayName="Other"'), part, 'name="Accepted"', 'name="Other"'
    )
    message = "has no table Accepted: to accept a finding, add one with the columns Code, Cell, Text, Reason, Who, Date"
    assert ("T10", Level.NOTE, NAME, message) in news(root, book, without)
    assert news(root, book, rebuilt(book, part, 'displayName="Accepted"', 'displayName="Other"')) == []


# Published -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ready(demo: Path, book: ClosedWorkbook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, signed, with a comment that passes only because a person accepts its finding."""
    path = tmp_path_factory.mktemp("ready") / NAME
    text = "Robbery is down 16.4% (6,405 offences), burglary 0.8% and MV crime 7.9%"
    changed, cell = commented(book, text)
    row = ("T4", cell, "Robbery is down 16.4%, not down 16.5%", "As the authority printed it", "A. Analyst", 39846)
    signed(accepting(changed, *row), "C. Approver").save(path)
    return path


def test_it_goes_out_on_record(root: Path, ready: Path, tmp_path: Path) -> None:
    catalogue = configuration(root)
    done = release(ready, catalogue, tmp_path)
    said = json.loads(done.workbook.with_suffix(".json").read_text(encoding="utf-8"))
    assert said["signed"] == [{"role": "approver", "who": "C. Approver", "date": "2100-01-01", "does not count": None}]
    (entry,) = [one for one in said["checks"] if "accepted" in one]
    assert entry["accepted"] == {
        "text": "Robbery is down 16.4%, not down 16.5%",
        "reason": "As the authority printed it",
        "who": "A. Analyst",
        "date": "2 February 2009",
    }
    copy = ClosedWorkbook.open(done.workbook)
    assert "Sign-off" not in copy.sheet_names
    assert "Accepted" not in copy.tables
    assert not {"sign_off", "signed_analyst", "signed_assurer"} & set(copy.names)
    about = {
        cell.value: copy.cells("About this copy")[row, 2].value
        for (row, column), cell in copy.cells("About this copy").items()
        if column == 1 and (row, 2) in copy.cells("About this copy")
    }
    assert about["Approver"] == "C. Approver, 2100-01-01"
    assert about["Accepted"] == (
        f'a figure in a comment is not a computed one: "Robbery is down 16.4%, not down 16.5%" (Scorecard, cell '
        f"{entry['place'].partition('!')[2]}); accepted by A. Analyst on 2 February 2009: As the authority printed it"
    )
    assert verify(done.workbook, catalogue, FUNCTIONS["CPA_SCORECARD"]).agrees


def test_what_does_not_count_is_said(root: Path, ready: Path, tmp_path: Path) -> None:
    path = tmp_path / NAME
    signed(ClosedWorkbook.open(ready), "C. Approver", dt.date(2009, 1, 9)).save(path)
    done = release(path, configuration(root), tmp_path)
    cells = ClosedWorkbook.open(done.workbook).cells("About this copy")
    row = next(at[0] for at, cell in cells.items() if cell.value == "Approver")
    assert re.fullmatch(
        r"C\. Approver, 2009-01-09; does not count: C\. Approver signed on 9 January 2009, and the last refresh .+",
        str(cells[row, 2].value),
    )


def test_a_copy_says_that_nobody_signed(released: Path) -> None:
    cells = ClosedWorkbook.open(released).cells("About this copy")
    row = next(at[0] for at, cell in cells.items() if cell.value == "Approver")
    assert cells[row, 2].value == "nobody has signed"


def test_without_a_row_it_is_refused_and_says_what_would_do(root: Path, book: ClosedWorkbook, tmp_path: Path) -> None:
    changed, cell = commented(book)
    changed.save(tmp_path / NAME)
    with pytest.raises(Refusal) as caught:
        release(tmp_path / NAME, configuration(root), tmp_path / "out")
    assert f"  T4 {cell}: " in str(caught.value)
    assert 'or accept it, with a reason: table Accepted, text "Robbery is down 16.4%, not down 16.5%"' in str(
        caught.value
    )


def test_a_refresh_leaves_signatures_and_acceptances(
    root: Path, ready: Path, sample_folder: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copyfile(ready, tmp_path / NAME))
    before = ClosedWorkbook.open(path).cells("Sign-off")
    refresh(path, configuration(root), sample_folder, EmbeddedCalculator(FUNCTIONS), as_of=Month(2008, 12))
    after = ClosedWorkbook.open(path).cells("Sign-off")
    assert {at: cell.value for at, cell in after.items()} == {at: cell.value for at, cell in before.items()}


@pytest.fixture(scope="module")
def own(root: Path, sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own workbook with attached tables, a merged title and a table Accepted."""
    folder = tmp_path_factory.mktemp("own")
    with xlsxwriter.Workbook(folder / "own.xlsx") as file:
        board, desk = file.add_worksheet("Board"), file.add_worksheet("Desk")
        board.merge_range("A1:C1", "Our board")
        desk.write("A1", "Signed off by")
        desk.write("B1", "C. Approver")
        desk.write("C1", "2 February 2100")
        file.define_name("sign_off", "=Desk!$B$1")
        heads = [{"header": head} for head in ("Who", "Code", "Cell", "Text", "Reason", "Date")]
        message = "merged cells A1:C1: a screen reader loses its place in them; unmerge them"
        rows = [["A. Analyst", "W3", "Board", message, "It is printed", "2 February 2009"]]
        desk.add_table("A3:F4", {"name": "Accepted", "columns": heads, "data": rows})
    attached = folder / "attached.xlsx"
    catalogue = configuration(root)
    attach(folder / "own.xlsx", catalogue, out=attached, as_of=Month(2009, 1))
    refresh(attached, catalogue, sample_folder, EmbeddedCalculator(FUNCTIONS))
    return attached


def test_a_workbook_of_ones_own(root: Path, own: Path, tmp_path: Path) -> None:
    """The log that was attached is a sheet RefreshLog, which stays behind as the template's Refresh log does."""
    done = release(own, configuration(root), tmp_path)
    copy = ClosedWorkbook.open(done.workbook)
    assert "RefreshLog" not in copy.sheet_names
    notes = [one for one in done.findings if one.code == "W3"]
    assert [(one.level, one.place) for one in notes] == [(Level.NOTE, "Board")]
    assert notes[0].message.startswith(
        "accepted by A. Analyst on 2 February 2009: It is printed; what was found: merged"
    )
    assert [one for one in done.findings if one.code == "T10"] == []


def test_the_command_lists_what_is_accepted(ready: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(ready), "--release"], catch_exceptions=False)
    assert result.exit_code == 0
    assert (
        "note: Scorecard!J13: accepted by A. Analyst on 2 February 2009: As the authority printed it" in result.stdout
    )


# Every month of the year ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", ["2008-03", "2008-04", "2008-05", "2008-12"])
def test_every_month_can_be_published(root: Path, sample_folder: Path, tmp_path: Path, month: str) -> None:
    """March has nothing left of its year, April nothing behind, in May the surveys lag into the year before."""
    catalogue, path = configuration(root), tmp_path / NAME
    shutil.copyfile(root / "workbooks" / NAME, path)
    refresh(path, catalogue, sample_folder, EmbeddedCalculator(FUNCTIONS), as_of=Month.read(month))
    done = release(path, catalogue, tmp_path)
    assert {(one.code, one.place) for one in done.findings if one.code[0] == "T" and one.code != "T10"} == (
        {("T6", "Scorecard!C5")} if month == "2008-03" else set()  # the heading speaks of the targets' year
    )
    values = ClosedWorkbook.open(done.workbook).cells("Comment facts").values()
    assert not any(str(cell.value).startswith("#") for cell in values)
    assert any(cell.value == "–" for cell in values) is (month == "2008-03")
