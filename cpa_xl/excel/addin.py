"""The Excel add-in `cpa_xl.xlam`, its help file, and the workbook that checks an installation.

Everything is built without Excel, and the same version always gives the same bytes.
"""

import datetime as dt
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from cpa_xl import __version__
from cpa_xl.excel.buttons import ADD_IN, BUTTONS, customui
from cpa_xl.excel.vba import described, modules
from cpa_xl.excel.vba_project import vba_project
from cpa_xl.functions.examples import BLOCKS, EXAMPLES, Example
from cpa_xl.functions.index import FUNCTIONS
from cpa_xl.functions.registry import CellFunction
from cpa_xl.ooxml.zip import EPOCH

if TYPE_CHECKING:
    import xlsxwriter

CHECKBOOK = "cpa_xl check.xlsx"
ALL = "check_all"
FIRST_CHECK = 5  # the row of the first example, from 1
_BOOK_BUILT = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # workbooks of one version are the same whenever they are built

PROJECT = "CpaXl"
INTELLISENSE = f"{ADD_IN}.IntelliSense.xml"
_BUILT = "2000-01-01T00:00:00Z"  # files of one version are the same whenever they are built
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TEXT = (
    f"cpa_xl {__version__}",
    "This is an Excel add-in: it is opened by Excel, not by you. cpa_xl addin status says whether it is in its place.",
)


def checkbook() -> bytes:
    """The bytes of the workbook: sheet Checks with the examples, sheet Data with their input.

    Nothing in it is calculated. Excel calculates it on opening; without the add-in no check becomes TRUE.
    """
    import xlsxwriter  # noqa: PLC0415  # takes long, and only building an add-in needs it

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": f"cpa_xl {__version__}: check of an installation", "created": _BOOK_BUILT})
        bold = book.add_format({"bold": True})
        checks = book.add_worksheet("Checks")
        data = book.add_worksheet("Data")
        for block in BLOCKS:
            data.write_row(0, block.column - 1, block.headings, bold)
            for row, cells in enumerate(block.rows, start=1):
                data.write_row(row, block.column - 1, [None if cell == "" else cell for cell in cells])
        checks.write("A1", f"cpa_xl {__version__}: every function once", bold)
        last = FIRST_CHECK + len(EXAMPLES) - 1
        checks.write("A2", "All as expected:")
        checks.write_formula("B2", f"=AND(F{FIRST_CHECK}:F{last})", bold, False)
        book.define_name(ALL, "=Checks!$B$2")
        headings = ("function", "call", "answer", "expected", "may be off by", "as expected", "expected answer is")
        checks.write_row(FIRST_CHECK - 2, 0, headings, bold)
        for row, example in enumerate(EXAMPLES, start=FIRST_CHECK):
            _write_check(checks, row, example)
            book.define_name(f"check_{example.function}", f"=Checks!$F${row}")
        for columns, width in (("A:A", 26), ("B:B", 60), ("C:D", 34), ("E:F", 14), ("G:G", 60)):
            checks.set_column(columns, width)
        checks.freeze_panes(FIRST_CHECK - 1, 1)
    return out.getvalue()


def build(folder: Path) -> list[Path]:
    """Write the add-in and what belongs beside it into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files()]


def files() -> dict[str, bytes]:
    """The add-in, what belongs beside it, and the workbook that checks it, by file name."""
    return {ADD_IN: add_in(), INTELLISENSE: intellisense(FUNCTIONS.values()).encode(), CHECKBOOK: checkbook()}


def add_in() -> bytes:
    """The bytes of the add-in."""
    callbacks = {button.callback: (button.action, button.needs_workbook) for button in BUTTONS.values()}
    code = modules(FUNCTIONS, callbacks, __version__)
    major, minor, patch = (int(part) for part in __version__.split(".")[:3])
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            {
                "xl/workbook.xml": f"{_OFFICE}/relationships/officeDocument",
                "docProps/core.xml": f"{_PACKAGE}/relationships/metadata/core-properties",
                "docProps/app.xml": f"{_OFFICE}/relationships/extended-properties",
                "docProps/custom.xml": f"{_OFFICE}/relationships/custom-properties",
                "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
                "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
            }
        ),
        "xl/workbook.xml": _workbook(),
        "xl/_rels/workbook.xml.rels": _relationships(
            {
                "worksheets/sheet1.xml": f"{_OFFICE}/relationships/worksheet",
                "styles.xml": f"{_OFFICE}/relationships/styles",
                "vbaProject.bin": "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
            }
        ),
        "xl/worksheets/sheet1.xml": _sheet(),
        "xl/styles.xml": _styles(),
        "xl/vbaProject.bin": vba_project(PROJECT, (major, minor * 100 + patch), code),
        "customUI/customUI14.xml": _HEAD + customui("customUI14.xml"),
        "customUI/customUI.xml": _HEAD + customui("customUI.xml"),
        "docProps/core.xml": _core_properties(),
        "docProps/app.xml": _HEAD + f'<Properties xmlns="{_OFFICE}/extended-properties">'
        "<Application>Microsoft Excel</Application><AppVersion>16.0300</AppVersion></Properties>",
        "docProps/custom.xml": _custom_properties({"cpa_xl version": __version__}),
    }
    return _zipped(parts)


def intellisense(functions: Iterable[CellFunction]) -> str:
    """Help while typing, for those who have Excel-DNA's IntelliSense: it finds the file by the add-in's name."""
    lines = ['<IntelliSense xmlns="http://schemas.excel-dna.net/intellisense/1.0">', "<FunctionInfo>"]
    for function in functions:
        lines.append(f"<Function Name={quoteattr(function.name)} Description={quoteattr(described(function))}>")
        lines += [
            f"<Argument Name={quoteattr(f'[{one.name}]' if one.optional else one.name)}"
            f" Description={quoteattr(one.help)}/>"
            for one in function.arguments
        ]
        lines.append("</Function>")
    return _HEAD + "\n".join([*lines, "</FunctionInfo>", "</IntelliSense>", ""])


def _write_check(sheet: "xlsxwriter.worksheet.Worksheet", row: int, example: Example) -> None:
    text = isinstance(example.answer, str)
    sheet.write_string(f"A{row}", example.function)
    sheet.write_string(f"B{row}", f"={example.formula}")
    sheet.write_formula(f"C{row}", f"={example.formula}", None, "")
    sheet.write(f"D{row}", example.answer)
    sheet.write(f"E{row}", example.tolerance)
    check = f"EXACT(C{row},D{row})" if text else f"ABS(C{row}-D{row})<=E{row}"
    sheet.write_formula(f"F{row}", f"=IFERROR({check},FALSE)", None, False)
    sheet.write_string(f"G{row}", example.source)


def _zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """A zip without times and without compression, which differs between versions of zlib."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system = 0
            archive.writestr(member, content)
    return out.getvalue()


def _content_types() -> str:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = {
        "/xl/workbook.xml": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
        "/xl/worksheets/sheet1.xml": f"{sheet}.worksheet+xml",
        "/xl/styles.xml": f"{sheet}.styles+xml",
        "/xl/vbaProject.bin": "application/vnd.ms-office.vbaProject",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "/docProps/custom.xml": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    }
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides.items())
        + "</Types>"
    )


def _relationships(targets: Mapping[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _workbook() -> str:
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="5"/><workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="15000" windowHeight="9000"/></bookViews>'
        '<sheets><sheet name="cpa_xl" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _sheet() -> str:
    rows = (
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c></row>'
        for row, text in enumerate(_SHEET_TEXT, start=1)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/><dimension ref="A1:A{len(_SHEET_TEXT)}"/>'
        f"<sheetData>{''.join(rows)}</sheetData></worksheet>"
    )


def _styles() -> str:
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _core_properties() -> str:
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<dc:title>cpa_xl</dc:title>"  # what Excel's list of add-ins shows
        f"<dc:description>Critical Performance Areas scorecard: functions and buttons, {__version__}</dc:description>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{_BUILT}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{_BUILT}</dcterms:modified><cp:version>{__version__}</cp:version>'
        "</cp:coreProperties>"
    )


def _custom_properties(values: Mapping[str, str]) -> str:
    types = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
    lines = (
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name={quoteattr(name)}>'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(values.items(), start=2)
    )
    return f'{_HEAD}<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{types}">{"".join(lines)}</Properties>'
