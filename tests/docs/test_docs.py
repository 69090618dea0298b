"""README and the pages in docs say what the code does, lead somewhere, and read easily."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cpa_xl.cli.main import main as cli
from cpa_xl.config import model as catalogue
from cpa_xl.errors import CellError
from cpa_xl.functions.index import CPA_RAG, CPA_TARGET, FUNCTIONS
from cpa_xl.functions.registry import Answer
from cpa_xl.measures.figures import plain_number
from cpa_xl.measures.suppression import Count, Counts
from cpa_xl.workbook.closed import ClosedWorkbook
from docs.make import commands, lists, made, signature

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
BANNED = re.compile(r"\b(stands?|comes? to|is told|are told|whoever|others than|nought|has them not)\b", re.IGNORECASE)
LONGEST = 40  # words of a sentence
AVERAGE = 25


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_blocks(page: str) -> Iterator[tuple[str, str]]:
    """The language and the text of each block of code."""
    for found in FENCE.finditer(read(page)):
        yield found[2], found[3]


def without_code(page: str) -> str:
    """A page without its blocks of code, its comments and its headings."""
    text = re.sub(r"<!--.*?-->", "", FENCE.sub("", read(page)), flags=re.DOTALL)
    return re.sub(r"^#.*$", "", text, flags=re.MULTILINE)


def rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the table whose first heading this is."""
    table = read(page).split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table]


# Lists that are made from the code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_lists_are_those_of_the_code(page: str) -> None:
    assert made(read(page)) == read(page), "write them anew: python run.py docs.make"


def test_every_command_has_its_section() -> None:
    assert sorted(lists(read("docs/commands.md"))) == sorted(
        ["commands", *(f"command {name}" for name, _ in commands())]
    )


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("docs/functions.md", ["functions", "each-function"]),
        ("docs/release-checks.md", ["checks"]),
        ("docs/excel.md", ["buttons"]),
    ],
)
def test_every_list_is_on_its_page(page: str, wanted: list[str]) -> None:
    assert lists(read(page)) == wanted


def test_every_function_has_its_section() -> None:
    text = read("docs/functions.md")
    for function in FUNCTIONS.values():
        section = text.split(f"\n### {function.name}\n", 1)[1].split("\n### ", 1)[0]
        assert f"`={signature(function)}`" in section
        assert all(f"\n| `{argument.name}` | {argument.help}" in section for argument in function.arguments)
        assert f"Example: `={function.name}(" in section


def default(model: type[BaseModel], name: str) -> str:
    """What a field is without a value, as the page writes it."""
    value = model.model_fields[name].get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return "see below"
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value) or "empty"


FIELDS = re.findall(
    r"<!-- fields: (\w+) -->\n\n\|.*?\n\|.*?\n(.*?)\n\n", read("docs/configuration.md") + "\n", re.DOTALL
)


@pytest.mark.parametrize(("name", "table"), FIELDS, ids=[name for name, _ in FIELDS])
def test_every_field_of_the_configuration_is_described(name: str, table: str) -> None:
    model: type[BaseModel] = getattr(catalogue, name)
    described = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.MULTILINE))
    assert described == {field.alias or own: default(model, own) for own, field in model.model_fields.items()}


def test_every_entry_of_the_configuration_is_described() -> None:
    entries = {
        name for name, one in vars(catalogue).items() if isinstance(one, type) and issubclass(one, catalogue.Entry)
    }
    assert {name for name, _ in FIELDS} == entries - {"Entry", "PrintStyles"}  # its two fields are in the example


def test_every_code_of_the_checks_of_extracts_is_described() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "cpa_xl/extracts").rglob("*.py"))
    used = {code for text in sources for code in re.findall(r'"([VKRPFDTUS]\d)"', text)}
    assert {row[0].strip("`") for row in rows("docs/extracts.md", "code")} == used


# README --------------------------------------------------------------------------------------------------------------


def test_readme_is_one_page() -> None:
    assert len(read("README.md").splitlines()) <= 150
    assert len(read("README.md").encode()) <= 9_000


def test_the_first_screen_has_the_picture_and_the_two_commands() -> None:
    first_screen = "\n".join(read("README.md").splitlines()[:22])
    assert "python run.py cpa_xl demo\npython run.py pytest\n" in first_screen
    assert "![The scorecard" in first_screen


def test_readme_says_that_excel_was_never_tried() -> None:
    assert "Nothing here was ever opened in a real Excel" in " ".join(read("README.md").split())


def test_readme_leads_to_every_page() -> None:
    listed = [re.findall(r"\((docs/[\w-]+\.md)\)", row[0]) for row in rows("README.md", "page")]
    assert sorted(page for found in listed for page in found) == PAGES[1:]


def test_readme_counts_the_functions() -> None:
    assert re.findall(r"All (\d+) functions", read("README.md")) == [str(len(FUNCTIONS))]


def argument(book: ClosedWorkbook, text: str) -> object:
    """An argument of a formula on the page, as a cell gives it: a column of a table, the as-of month, or a constant."""
    column = re.fullmatch(r"(\w+)\[(.+)\]", text)
    if column:
        table, held = book.tables[column[1]], book.cells(book.tables[column[1]].sheet)
        place = table.first_col + [one.name for one in table.columns].index(column[2])
        return [[held[row, place].value] for row in range(table.first_body_row, table.last_body_row + 1)]
    return "2009-01" if text == "as_of" else ast.literal_eval(text)


def called(book: ClosedWorkbook, formula: str) -> Answer:
    name, given = re.fullmatch(r"`=(\w+)\((.*)\)`", formula).groups()  # type: ignore[union-attr]  # a test fails here
    return FUNCTIONS[name](*(argument(book, one) for one in given.split(", ")))


def test_the_six_functions_give_their_answers(demo: Path) -> None:
    """As printed in January 2009: 6,405 robberies fewer, 10.8 % detected, 7.5 % fewer, 24.5 a month to the target."""
    book = ClosedWorkbook.open(demo)
    described = rows("README.md", "formula")
    assert len(described) == 6
    for formula, answer in described:
        found = called(book, formula)
        assert (plain_number(round(found, 3)) if isinstance(found, float) else found) == answer, formula


# Rules ---------------------------------------------------------------------------------------------------------------


def number(text: str) -> float | str:
    found = re.search(r"-?\d[\d.]*", text)
    return float(found[0]) if found else ""


def test_the_examples_of_targets_are_what_the_rules_ask_for() -> None:
    for rule, amount, baseline, asked in rows("docs/rules.md", "rule"):
        wanted = re.search(r"-?\d[\d.]*", asked)
        answer = CPA_TARGET(rule, number(amount), number(baseline))
        if wanted is None:
            assert answer == "–", rule
        else:
            share = 100 if f"{wanted[0]} %" in asked and rule == "change" else 1
            points = 100 if "percentage points" in asked else 1
            assert answer * share * points == pytest.approx(float(wanted[0]), abs=0.005), rule


def test_the_examples_of_letters_have_these_letters() -> None:
    described = rows("docs/rules.md", "letter")
    assert [row[0].split()[0] for row in described] == ["G", "A", "R", "–"]
    for letter, _, example in described[:3]:
        assert CPA_RAG(float(example.split(" %")[0]) / 100, 0.789) == letter.split()[0]


def test_the_example_of_small_counts_is_what_is_hidden() -> None:
    text = " ".join(read("docs/suppression.md").split())
    found = re.search(r"boroughs have (\d+), (\d+) and (\d+) offences, and readers see the force total of (\d+)", text)
    assert found is not None
    first, second, third, total = map(int, found.groups())
    assert first + second + third == total
    counts = {number: Count.of(number) for number in (first, second, third)}
    assert Counts(counts, [dict.fromkeys(counts, 1)]).protected().hidden == {first, third}
    assert f"So the {third} becomes [c] too" in text


# Links and commands --------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page, as its headings make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    found = re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", read(page)))
    for target in (one for one in found if not one.startswith("https://")):
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


def shown_commands(page: str) -> Iterator[str]:
    """The commands of the blocks of code: the lines after $, or all lines where there is no $."""
    for language, text in code_blocks(page):
        lines = [line.strip() for line in text.splitlines()] if not language else []
        for line in [line[2:] for line in lines if line.startswith("$ ")] or lines:
            found = re.match(r"(?:python run\.py )?(cpa_xl .*|(?<=run\.py ).*)", line)
            if found and not found[1].endswith("[OPTIONS]"):  # those describe a command
                yield found[1]


def parse(words: list[str]) -> None:
    """Parse a command without running it; click's errors say what is wrong."""
    command: click.Command | None = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words:
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name}"
    assert command is not None
    command.make_context(command.name, words)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_block_of_code_can_be_given(page: str) -> None:
    for line in shown_commands(page):
        program, *words = shlex.split(line)
        if program == "cpa_xl":
            parse(words)
        elif program != "pytest":
            assert (ROOT / f"{program.replace('.', '/')}.py").exists(), line


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_sentence_is_there(page: str) -> None:
    """Their names and options; arguments may be left out in a sentence."""
    known = {name: {option for one in command.params for option in one.opts} for name, command in commands()}
    for line in re.findall(r"`(?:python run\.py |uv run )?cpa_xl ([^`]+)`", without_code(page)):
        words = shlex.split(line)
        if not re.search(r"NAME|\.", words[0]):  # any command; a file
            name = " ".join(words[:2]) if words[0] == "addin" else words[0]
            assert {word for word in words if word.startswith("-")} <= known[name], line


def test_a_wrong_command_would_be_found() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(["refresh", "scorecard.xlsx", "--as-off", "2009-02"])
    with pytest.raises(AssertionError):
        parse(["refreshh", "scorecard.xlsx"])
    with pytest.raises(click.BadParameter):
        parse(["refresh", "scorecard.xlsx", "--as-of", "2009-13"])


def test_errors_are_those_of_the_page() -> None:
    """A month that is missing, text for a number, 60 points on 60 %, a rate of nothing."""
    calls: list[tuple[str, list[object]]] = [
        ("CPA_SUM", [[[1], [2]], [["2009-01"], ["2008-12"]], "Jan-09", "QUARTER"]),
        ("CPA_RAG", ["x", 1]),
        ("CPA_TARGET", ["points_on_baseline", 0.6, 0.6]),
        ("CPA_RATE", [1, 0, "Jan-09", "Jan-09", "MONTH"]),
    ]
    codes = []
    for name, given in calls:
        with pytest.raises(CellError) as raised:
            FUNCTIONS[name](*given)
        codes.append(raised.value.code)
    assert codes == [row[0] for row in rows("docs/functions.md", "error")]


# Sentences -----------------------------------------------------------------------------------------------------------


def sentences(page: str) -> list[str]:
    """The sentences of paragraphs and lists; tables are read apart."""
    text = re.sub(r"^\s*\|.*$", "", without_code(page), flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    paragraphs = re.split(r"\n\s*\n|\n(?=\s*(?:[*-]|\d\.) )", text)
    found = (re.split(r"(?<=[.!?:])\s+(?=[A-Z0-9`*\[=])", " ".join(one.split())) for one in paragraphs)
    return [one for several in found for one in several if len(one.split()) > 1]


def cells(page: str) -> list[str]:
    """The sentences in the cells of tables."""
    lines = re.findall(r"^\s*\|(.*)\|$", without_code(page), re.MULTILINE)
    return [one for line in lines for cell in re.split(r"(?<!\\)\|", line) for one in re.split(r"(?<=[.;]) ", cell)]


@pytest.mark.parametrize("page", PAGES)
def test_sentences_are_short(page: str) -> None:
    lengths = [len(sentence.split()) for sentence in sentences(page)]
    assert sum(lengths) < AVERAGE * len(lengths)
    assert [one for one in (*sentences(page), *cells(page)) if len(one.split()) > LONGEST] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_words_of_our_own(page: str) -> None:
    assert BANNED.findall(without_code(page)) == []
