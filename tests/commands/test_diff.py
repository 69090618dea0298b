"""What differs between two workbooks: the demo's before and after a user or a program changed it."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cpa_xl.cli.main import main
from cpa_xl.ooxml.a1 import cell_name, cell_position
from cpa_xl.ooxml.sheet import Value
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import small
from tests.support.recorded_crime import without_robberies

Rows = list[list[Value]]


def run(*arguments: object) -> Result:
    """A command, whatever comes of it."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def printed(before: Path, after: Path, *options: str) -> list[str]:
    """The lines that `diff` prints."""
    result = run("diff", before, after, *options)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def found(before: Path, after: Path) -> dict[str, Any]:
    """What `diff --json` prints."""
    answer: dict[str, Any] = json.loads("\n".join(printed(before, after, "--json")))
    return answer


def rows(section: dict[str, Any], what: str = "changed") -> dict[tuple[str, ...], dict[str, Any]]:
    """The rows of a section by key: their changes, or their cells where they came or went."""
    return {
        tuple(row["key"].values()): row["changes" if what == "changed" else "cells"]
        for row in section["rows"]
        if row["what"] == what
    }


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo's workbook and extracts, to change."""
    shutil.copytree(demo.parent / "extracts", tmp_path / "extracts")
    return Path(shutil.copyfile(demo, tmp_path / "after.xlsx"))


def with_cell(path: Path, part: str, cell: str, content: str) -> None:
    """A new value in a cell of a file, in place of any old one: as when a user types over a formula."""
    package = ClosedWorkbook.open(path).package
    old = package.text(part).decode()
    new, count = re.subn(rf'(<c r="{cell}"(?: s="\d+")?)[^>]*>.*?</c>', rf"\1{content}</c>", old, count=1)
    assert count == 1
    package.with_text(part, new.encode()).save(path)


SCORECARD = "xl/worksheets/sheet1.xml"


def place(path: Path, measure: str, heading: str, sheet: str = "Scorecard") -> str:
    """The cell of a sheet under a heading, in the row of a measure."""
    cells = ClosedWorkbook.open(path).cells(sheet)
    columns = {str(cell.value): at[1] for at, cell in sorted(cells.items(), reverse=True)}
    row = next(at[0] for at, cell in cells.items() if cell.value == measure and at[1] == columns["Id"])
    return cell_name(row, columns[heading])


def test_a_file_and_itself(demo: Path, copy: Path) -> None:
    assert printed(demo, copy) == [
        f"No difference between {demo} and {copy}: figures, letters, targets, typed cells, formulas and tables"
    ]
    assert run("diff", demo, copy, "--exit-code").exit_code == 0
    assert found(demo, copy)["same"] is True


def test_another_month(demo: Path, december: Path) -> None:
    answer = found(demo, december)
    before, after = (json.loads(run("show", path, "--json").stdout) for path in (demo, december))
    changed = rows(answer["scorecard"])
    for old, new in zip(before, after, strict=True):
        told = changed.get((old["id"],), {})
        for field, value in old.items():
            if field in told:
                assert (told[field]["before"], told[field]["after"]) == (value, new[field])
            else:
                assert (
                    value == pytest.approx(new[field], rel=1e-12) if isinstance(value, float) else value == new[field]
                )
    assert changed["4a",]["period"] == {"before": "RY to Jan-09", "after": "RY to Dec-08"}
    assert [(cell["sheet"], cell["cell"], cell["before"], cell["after"]) for cell in answer["typed"]] == [
        ("Scorecard", "B2", "2009-01", "2008-12")
    ]
    assert answer["formulas"] == answer["pieces"] == answer["notes"] == []
    tables = {table["name"]: table for table in answer["tables"]}
    assert set(tables) == {"Monthly", "Areas", "Trend", "Milestones", "Extracts"}
    assert list(rows(tables["Monthly"], "removed")) == [("2009-01",)]
    assert len(rows(tables["Areas"], "removed")) == len(tables["Areas"]["rows"]) == 32
    text = printed(demo, december)
    assert "  9b          actual 239 -> 238   letter G -> G   period Apr-Jan 2008/09 -> Apr-Dec 2008/09" in text
    assert "  6a          actual -2.7% -> -2.6%   period RY to Jan-09 -> RY to Dec-08" in text  # no letter, then as now
    assert "Table Monthly: 36 rows before, 35 now; 1 removed" in text
    assert "  removed: CT, 2009-01" in text
    areas = next(line for line in text if line.startswith("  removed: 2009-01, Barking"))
    assert areas.endswith("2009-01, Greenwich and 22 more; --json has them all")


def robberies(path: Path) -> dict[str, int]:
    """Robberies of January 2009 by borough, from the extract."""
    with path.open(encoding="utf-8") as file:
        counts: dict[str, int] = {}
        for line in csv.reader(file):
            if line[1:2] == ["Robbery"]:
                counts[line[0]] = counts.get(line[0], 0) + int(line[-1])
    return counts


def test_500_robberies_fewer(demo: Path, copy: Path) -> None:
    path = copy.parent / "extracts/recorded_crime_2009-01.csv"
    before = robberies(path)
    path.write_text("".join(without_robberies(path, 500)), encoding="utf-8", newline="\n")
    after = robberies(path)
    assert sum(before.values()) - sum(after.values()) == 500
    assert run("refresh", copy).exit_code == 0
    answer = found(demo, copy)
    assert set(rows(answer["scorecard"])) == {("4a",), ("4b",)}
    assert {measure for measure, _ in rows(answer["facts"])} == {"4a", "4b"}
    assert [answer[part] for part in ("typed", "formulas", "pieces", "notes")] == [[]] * 4
    assert {cell["sheet"] for cell in answer["results"]} == {"Boroughs"}  # it shows serious acquisitive crime
    tables = {table["name"]: table for table in answer["tables"]}
    assert set(tables) == {"Monthly", "Areas", "Trend", "Extracts"}
    assert {head for cells in rows(tables["Trend"]).values() for head in cells} == {
        "4a average", "4a figure", "4a month", "4b figure", "4b month"
    }  # fmt: skip
    changed = rows(tables["Areas"])
    assert {name for _, name in changed} == {name for name in before if before[name] != after[name]}
    for (month, name), cells in changed.items():
        assert month == "2009-01"
        assert set(cells) == {"Robbery", "SAC offences"}
        assert cells["Robbery"] == {"before": before[name], "after": after[name]}
    assert set(rows(tables["Extracts"])) == {("recorded_crime",)}
    assert set(rows(tables["Extracts"])["recorded_crime",]) == {"SHA256"}
    # 58,956 + 32,413 + 111,359 = 202,728 offences on 219,138 a year earlier (the printed volumes of January 2009).
    actual = rows(answer["scorecard"])["4a",]["actual"]
    assert actual["before"] == pytest.approx(202_728 / 219_138 - 1, abs=1e-12)
    assert actual["after"] == pytest.approx(202_228 / 219_138 - 1, abs=1e-12)

    text = printed(demo, copy)
    assert text[:8] == [
        f"{demo} -> {copy}",
        "Scorecard: 2 of 18 rows differ",
        "  4a  actual -7.5% -> -7.7%   letter G -> G   comment changed",
        "      - …robbery is down 16.5% (6,405 offences) and…",
        "      + …robbery is down 17.8% (6,905 offences) and…",
        "  4b  actual 10.8% -> 10.8% (0.107923 -> 0.10819)   letter R -> R   comment changed",
        "      - …crime) are 14.4%; 17.6% and 6.9% respectively.…",
        "      + …crime) are 14.4%; 17.9% and 6.9% respectively.…",
    ]
    assert re.fullmatch(r"Comment facts: 6 of \d+ rows differ", text[8])
    assert [re.sub(" {3,}", "  ", line) for line in text[9:12]] == [
        "  4a, Robbery change  down 16.5% -> down 17.8%",
        "  4a, Robbery change in number  6,405 -> 6,905",
        "  4b, Financial year to date  10.4% -> 10.4% (0.103599 -> 0.10391)",
    ]
    assert "Table Areas: 1,152 rows before, 1,152 now; 12 changed" in text
    assert "  and 2 more; --json has them all" in text
    assert re.fullmatch(r'  recorded_crime: SHA256 "[0-9a-f]{12}…" -> "[0-9a-f]{12}…"', text[-1])


def test_typed_by_hand(demo: Path, copy: Path) -> None:
    """A comment, a letter and a target: what was typed over a formula is said to be."""
    comment, letter = place(copy, "4a", "Comments"), place(copy, "4b", "RAG")
    with_cell(copy, SCORECARD, comment, ' t="inlineStr"><is><t>Robbery is down.</t></is>')
    with_cell(copy, SCORECARD, letter, ' t="inlineStr"><is><t>G</t></is>')
    book = ClosedWorkbook.open(copy)
    amount = place(copy, "5", "Amount", "Targets")
    book.with_cell("Targets", *cell_position(amount), -0.05).save(copy)
    text = printed(demo, copy)
    assert text[1:4] == [
        "Scorecard: 2 of 18 rows differ",
        "  4a  comment changed, typed over its formula",
        "      - Res. burglary is down 0.8% (453), robbery is down 16.5% (6,405 offences)"
        " and MV crime is down 7.9% (9,552) ov…",
    ]
    assert text[4:8] == [
        "      + Robbery is down.",
        "  4b  letter R -> G, typed over its formula",
        "Typed cells: 1 differs",
        f"  Targets!{amount} (5, Amount): -0.03 -> -0.05",
    ]
    assert text[8] == "Formulas: 2 differ"
    assert text[9].startswith(
        f'  Scorecard!{comment} (4a, Comments): formula lost: "Robbery is down." is typed over ="Res.'
    )
    assert text[10].startswith(f'  Scorecard!{letter} (4b, RAG): formula lost: "G" is typed over =IF(')
    assert len(text) == 11
    answer = found(demo, copy)
    assert [(cell["cell"], cell["what"], cell["formula_after"]) for cell in answer["formulas"]] == [
        (comment, "formula lost", None),
        (letter, "formula lost", None),
    ]


def test_a_target_as_the_scorecard_prints_it(demo: Path, copy: Path) -> None:
    """A target typed in a spreadsheet that has the functions: the cells that follow are calculated."""
    book = ClosedWorkbook.open(copy)
    amount, target = (place(copy, "5", heading, "Targets") for heading in ("Amount", "Target"))
    book = book.with_cell("Targets", *cell_position(amount), -0.05)
    follow: dict[str, Value] = {"Target": -0.05, "2008/09 target": "-5%", "Better than target by": 0.1}
    values = {("Scorecard", *cell_position(place(copy, "5", name))): value for name, value in follow.items()}
    book.with_values({**values, ("Targets", *cell_position(target)): -0.05}).save(copy)
    assert printed(demo, copy)[1:] == [
        "Scorecard: 1 of 18 rows differ",
        "  5  target -3% -> -5%   letter G -> G",
        "Typed cells: 1 differs",
        f"  Targets!{amount} (5, Amount): -0.03 -> -0.05",
        "Other calculated cells: 1 differs",
        f"  Targets!{target} (5, Target): -0.03 -> -0.05",
    ]


def test_exit_codes(demo: Path, copy: Path, tmp_path: Path) -> None:
    with_cell(copy, SCORECARD, place(copy, "4b", "RAG"), ' t="inlineStr"><is><t>G</t></is>')
    assert run("diff", demo, copy).exit_code == 0
    assert run("diff", demo, copy, "--exit-code").exit_code == 1
    assert run("diff", demo, copy, "--json", "--exit-code").exit_code == 1
    missing = run("diff", demo, tmp_path / "none.xlsx")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert str(tmp_path / "none.xlsx") in missing.stderr


def test_a_workbook_without_an_entry_is_compared_cell_by_cell(tmp_path: Path) -> None:
    """The small workbook has none of the tables of the configuration that comes with cpa_xl."""
    old, new = small.workbook(tmp_path / "old.xlsx"), small.workbook(tmp_path / "new.xlsx")
    ClosedWorkbook.open(new).with_cell("Scorecard", 4, 2, -0.05).with_cell("Scorecard", 4, 5, "other words").save(new)
    text = printed(old, new)
    assert text[1].startswith(f"note: compared cell by cell: {old} has no tables to refresh that workbooks.yaml knows:")
    assert text[2].startswith(f"note: compared cell by cell: {new} has no tables to refresh that workbooks.yaml knows:")
    assert text[3:] == [
        "Typed cells: 2 differ",
        "  Scorecard!B4: -0.04 -> -0.05",
        '  Scorecard!E4: "typed by hand" -> "other words"',
    ]
