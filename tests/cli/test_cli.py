"""What the commands print, for people."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cpa_xl.cli.main import main


def printed(*arguments: object, columns: int = 100) -> str:
    """What a command prints in a terminal so wide."""
    runner = CliRunner(env={"COLUMNS": str(columns)})
    result = runner.invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_show_says_letters_in_words(demo: Path) -> None:
    text = printed("show", demo)
    line = next(line for line in text.splitlines() if line.lstrip().startswith("4b"))
    assert all(word in line for word in ("4b", "Serious", "11.8%", "R red", "10.8%", "RY to Jan-09"))
    assert text.count("G green") == 10
    assert text.count("A amber") == 2
    assert text.count("R red") == 2
    assert text.count("– no letter") == 4
    assert "Each quarter" not in text


def test_a_wide_terminal_shows_comments_too(demo: Path) -> None:
    assert "Res. burglary is down" in printed("show", demo, columns=200)


def test_show_lists_the_facts_of_the_comments(demo: Path) -> None:
    text = printed("show", demo, "--facts")
    assert "Rate needed in the months left" in text
    assert "19%" in text


@pytest.mark.slow
def test_sample_says_what_it_wrote(tmp_path: Path) -> None:
    lines = printed("sample", tmp_path / "new").splitlines()
    assert len(lines) == 9
    assert lines[0].startswith(str(tmp_path / "new/recorded_crime_2009-01.csv"))


def test_check_reads_extracts_alone(sample_folder: Path) -> None:
    text = printed("check", "--extracts", sample_folder, "--as-of", "2009-01")
    assert "9 sources, 35 series, 18 measures, in order." in text
    assert "offences_2009-01.csv: 157,560 rows, 2006-02 to 2009-01" in text
    assert "note: public_confidence_2008-09.csv: " in text


@pytest.mark.slow
def test_demo_tells_what_it_did(tmp_path: Path) -> None:
    text = printed("demo", "--out", tmp_path / "out")
    assert "Monthly: 0 rows before, 36 now" in text
    assert f"Refreshed {tmp_path / 'out/cpa_scorecard.xlsx'}\n" in text
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "cpa_scorecard.history.parquet", "cpa_scorecard.xlsx", "extracts",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["demo", "refresh", "show", "check", "sample"])
def test_every_command_has_its_help(command: str) -> None:
    assert printed(command, "--help").startswith("Usage: ")
