"""#N/A on purpose: what refreshing, freezing and the checks of a file say of the same cells."""

from pathlib import Path

import pytest
import xlsxwriter

from cpa_xl.commands.refresh import error_notes
from cpa_xl.config.model import Catalogue
from cpa_xl.errors import Refusal
from cpa_xl.formulas.calculator import Calculation
from cpa_xl.formulas.references import GAP, is_gap
from cpa_xl.publish.checks.context import Release
from cpa_xl.publish.checks.file import check_safety
from cpa_xl.publish.freeze.freeze import refuse_unfit
from cpa_xl.publish.freeze.sheets import SheetsToRemove
from cpa_xl.workbook.closed import ClosedWorkbook, cell_error

NOT_MEANT = ["A1*2", 'IF(A1="NA()",A1,B1)', "ISNA(A1)", "MYNA()", "'NA()'!A1", "NA", "CPA_RAG(A1,B1)"]
MEANT = ["NA()", "na()", "IF(A1,NA(),1)", "IF(A1,Na( ),1)", 'IF(A1="x",NA(),1)', "'a sheet'!A1+NA()", "-NA()"]


@pytest.mark.parametrize("formula", [None, *MEANT])
def test_a_gap_on_purpose(formula: str | None) -> None:
    assert is_gap(cell_error("#N/A"), formula)


@pytest.mark.parametrize("formula", NOT_MEANT)
def test_a_formula_that_does_not_ask_for_it(formula: str) -> None:
    assert not is_gap(cell_error("#N/A"), formula)


@pytest.mark.parametrize("value", [cell_error("#DIV/0!"), "#N/A", None, 1.0, False])
@pytest.mark.parametrize("formula", [None, "NA()"])
def test_another_value_is_no_gap(value: str | float | None, formula: str | None) -> None:
    assert not is_gap(value, formula)


def book(folder: Path, formula: str | None, code: str) -> ClosedWorkbook:
    """A workbook whose B2 shows an error, by a formula or typed."""
    path = folder / "book.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("Board")
        made.add_worksheet("NA()")
        if formula is None:
            sheet.write_formula("B2", "=NA()", None, code)
        else:
            sheet.write_formula("B2", f"={formula}", None, code)
    opened = ClosedWorkbook.open(path)
    return opened if formula is not None else ClosedWorkbook(opened.package.with_text(
        opened.part_of("Board"), opened.package.text(opened.part_of("Board")).replace(b"<f>NA()</f>", b"")
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "code", "meant"),
    [
        *((formula, "#N/A", True) for formula in (None, *MEANT)),
        *((formula, "#N/A", False) for formula in NOT_MEANT),
        ("IF(A1,NA(),1/0)", "#DIV/0!", False),
        (None, "#REF!", False),
    ],
)
def test_refreshing_freezing_and_checks_agree(
    tmp_path: Path, force: tuple[Catalogue, Path], formula: str | None, code: str, *, meant: bool
) -> None:
    workbook = book(tmp_path, formula, code)
    place, value = ("Board", 2, 2), cell_error(code)
    assert workbook.cells("Board")[2, 2].formula == formula

    notes = error_notes(Calculation({place: value}, (), {place: "Jan-09 is not there"}), workbook)
    assert notes == ([] if meant else [f"Board!B2 shows {code}: Jan-09 is not there"])

    try:
        refuse_unfit(workbook, SheetsToRemove({}))
        refused = ""
    except Refusal as refusal:
        refused = str(refusal)
    assert (f"shows errors: Board!B2 ({code})" in refused) is not meant

    (spec,) = force[0].workbooks.values()
    findings = list(check_safety(Release(workbook, None, force[0], spec)))
    told = [(one.code, one.place, one.said) for one in findings]
    assert told == (
        [] if meant else [("W14", "Board!B2", f"B2: the error {code}: correct the cells that it depends on")]
    )


def test_what_a_copy_shows_in_a_chart_for_a_secret_is_a_gap() -> None:
    assert is_gap(GAP, None)
