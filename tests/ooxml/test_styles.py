"""How cells look, where the list of styles is not in order: as spreadsheet programs read it, and never an error."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cpa_xl.config.model import Catalogue
from cpa_xl.ooxml.styles import BLACK, WHITE, BookStyles, Look
from cpa_xl.publish.checks.context import sheet_views
from cpa_xl.publish.pipeline import release
from cpa_xl.publish.statement import appearances
from cpa_xl.workbook.closed import ClosedWorkbook
from tests.support import handmade

NOWHERE = "999"  # more than any list of the demo is long
STYLES = (
    f'<styleSheet xmlns="{handmade.MAIN}"><fonts>'
    '<font><i/><sz val="9"/><color rgb="FF123456"/><name val="Arial"/></font>'
    '<font><sz val="14"/><color theme="1"/></font></fonts>'
    '<fills><fill><patternFill patternType="solid"><fgColor rgb="FFFFEE00"/></patternFill></fill></fills>'
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs>%s</cellXfs>'
    '<cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles></styleSheet>'
)  # fmt: skip
PLAIN = Look("Arial", 9, "123456", "FFEE00", italic=True, underlined=False, raised=False, turned=False,
             format="General", name="Normal")  # fmt: skip


def looks(folder: Path, styles: str) -> tuple[Look, ...]:
    parts = dict(handmade.parts()) | {"xl/styles.xml": styles}
    return BookStyles(handmade.opened_parts(folder, parts).package).looks


@pytest.mark.parametrize("stated", ["fontId='2'", "fillId='1'", "borderId='7'", ""])
def test_what_is_not_listed_is_the_first_that_is(tmp_path: Path, stated: str) -> None:
    assert looks(tmp_path, STYLES % f"<xf xfId='0' {stated}/>") == (PLAIN,)


def test_a_named_style_may_say_its_name_by_a_number_alone(tmp_path: Path) -> None:
    """ECMA-376 part 1, CT_CellStyle: name is optional, as builtinId is."""
    styles = STYLES.replace('name="Normal"', 'builtinId="0"') % "<xf xfId='0'/>"
    assert looks(tmp_path, styles) == (replace(PLAIN, name=""),)


@pytest.mark.parametrize("stated", ['name="Überschrift 1" builtinId="16"', 'builtinId="16"', 'name="Heading 1"'])
def test_a_heading_in_whatever_language(tmp_path: Path, stated: str) -> None:
    """ECMA-376 part 1, 18.8.7: the style is what its builtinId says; Excel writes the name in its own language."""
    styles = STYLES.replace('name="Normal"', stated) % "<xf xfId='0'/>"
    assert looks(tmp_path, styles) == (replace(PLAIN, name="Heading 1"),)


def test_nothing_listed_is_plain_text(tmp_path: Path) -> None:
    (look,) = looks(tmp_path, f'<styleSheet xmlns="{handmade.MAIN}"><cellXfs><xf fontId="0"/></cellXfs></styleSheet>')
    assert (look.font, look.size, look.colour, look.ground, look.name) == ("", 11, BLACK, WHITE, "")


@pytest.mark.parametrize(
    ("font", "size", "colour"),
    [
        ('<color rgb="FF0B4F9E"/>', 11, "0B4F9E"),
        ('<sz val="10.5"/><color rgb="blue"/>', 10.5, BLACK),
        ('<color theme="1" tint="7"/>', 11, WHITE),
        ('<color theme="²"/>', 11, BLACK),
    ],
)
def test_colours_that_are_none(tmp_path: Path, font: str, size: float, colour: str) -> None:
    styles = STYLES.replace('<sz val="14"/><color theme="1"/>', font) % "<xf fontId='1'/>"
    (look,) = looks(tmp_path, styles)
    assert (look.size, look.colour) == (size, colour)


def test_cells_of_a_style_that_is_not_listed(tmp_path: Path) -> None:
    board = handmade.sheet('<row r="1"><c r="A1" s="999"><v>1</v></c><c r="B1" s="77"><v>2</v></c></row>', tables=0)
    book = handmade.opened(tmp_path, board=board)
    (view,) = (one for one in sheet_views(book) if one.name == "Board")
    assert [view.look(1, column) for column in (1, 2)] == [None, None]
    assert dict(appearances(book)["Board"].formats) == {(1, 1): "", (1, 2): ""}


def test_a_workbook_whose_formats_name_what_is_not_there_is_published(
    demo: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The copy has its list of styles as it is; its cells are checked as those of the first font, ground and format."""
    path = Path(shutil.copyfile(demo, tmp_path / demo.name))
    book = ClosedWorkbook.open(path)
    before, listing, after = re.split(r"(<cellXfs.*?</cellXfs>)", handmade.part(book, "xl/styles.xml"), flags=re.DOTALL)
    for name in ("fontId", "fillId", "borderId"):
        listing = re.sub(f'{name}="\\d+"', f'{name}="{NOWHERE}"', listing)
    ClosedWorkbook(book.package.with_text("xl/styles.xml", (before + listing + after).encode())).save(path)
    done = release(path, catalogue, tmp_path)  # no check stops it
    assert f'fontId="{NOWHERE}"' in handmade.part(ClosedWorkbook.open(done.workbook), "xl/styles.xml")
