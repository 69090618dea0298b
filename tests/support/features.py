"""Workbooks made by XlsxWriter, one for each thing that a team's workbook may hold, around a sheet of figures."""

import datetime as dt
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Feature = Callable[[Workbook, Worksheet, Path], object]
FEATURES: dict[str, Feature] = {}
MACROS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 stands in for a VBA project"


def feature(make: Feature) -> Feature:
    """Adds a maker under its own name."""
    FEATURES[make.__name__] = make
    return make


def write(name: str, path: Path) -> Path:
    """The workbook with that feature; twelve months of figures in Figures!A1:C13."""
    path = path.with_suffix(".xlsm" if name.startswith("macro") else ".xlsx")
    options = {"strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as file:
        sheet = file.add_worksheet("Figures")
        sheet.write_row(0, 0, ["Month", "Count", "Rate"])
        for row in range(1, 13):
            sheet.write_row(row, 0, [row, 100 + 7 * row % 30, row / 40])
        FEATURES[name](file, sheet, path.parent)
    return path


def _chart(file: Workbook, sheet: Worksheet, folder: Path, kind: str) -> None:
    chart = file.add_chart({"type": kind})
    chart.add_series({"name": "=Figures!$B$1", "categories": "=Figures!$A$2:$A$13", "values": "=Figures!$B$2:$B$13"})
    chart.set_title({"name": f"A chart: {kind}"})
    sheet.insert_chart("E2", chart)


@feature
def plain(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    """Nothing but figures."""


for _kind in ("area", "bar", "column", "doughnut", "line", "pie", "radar", "scatter", "stock"):
    FEATURES[f"chart_{_kind}"] = partial(_chart, kind=_kind)


@feature
def chart_with_trend(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    chart = file.add_chart({"type": "line"})
    chart.add_series({"values": "=Figures!$B$2:$B$13", "trendline": {"type": "linear"}, "data_labels": {"value": True},
                      "y_error_bars": {"type": "standard_error"}})  # fmt: skip
    line = file.add_chart({"type": "column"})
    line.add_series({"values": "=Figures!$C$2:$C$13", "y2_axis": True})
    chart.combine(line)
    sheet.insert_chart("E2", chart, {"description": "counts by month", "object_position": 2})


@feature
def chart_sheet(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    chart = file.add_chart({"type": "column"})
    chart.add_series({"values": "=Figures!$B$2:$B$13"})
    file.add_chartsheet("Trend").set_chart(chart)


@feature
def chart_sheet_in_front(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    chart = file.add_chart({"type": "column"})
    chart.add_series({"values": "=Figures!$B$2:$B$13"})
    page = file.add_chartsheet("Trend")
    page.set_chart(chart)
    page.activate()
    file.define_name("Figures!local", "=Figures!$A$1")


@feature
def sparklines(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    for place, kind in (("E1", "line"), ("E2", "column"), ("E3", "win_loss")):
        sheet.add_sparkline(place, {"range": "Figures!B2:B13", "type": kind, "markers": True})


@feature
def formats_by_condition(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    red = file.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
    sheet.conditional_format("B2:B13", {"type": "cell", "criteria": ">=", "value": 110, "format": red})
    sheet.conditional_format("C2:C13", {"type": "formula", "criteria": "=$C2>0.2", "format": red})
    sheet.conditional_format("B2:B13", {"type": "3_color_scale"})


@feature
def data_bars_and_icons(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.conditional_format("B2:B13", {"type": "data_bar", "data_bar_2010": True, "bar_negative_color_same": True})
    sheet.conditional_format("C2:C13", {"type": "icon_set", "icon_style": "3_traffic_lights"})


@feature
def validation(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.data_validation("E2:E9", {"validate": "list", "source": ["G", "A", "R"]})
    sheet.data_validation("F2:F9", {"validate": "list", "source": "=Figures!$A$2:$A$13", "input_message": "a month"})
    sheet.data_validation("G2", {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1})


@feature
def comments(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.write_comment("B2", "revised in March", {"author": "Analyst", "visible": True})
    sheet.write_comment("B3", "Größe & <Zeichen>")


@feature
def image(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.insert_image("E2", str(picture(folder / "dot.png")), {"description": "a dot", "x_scale": 9})


@feature
def image_behind(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.set_background(str(picture(folder / "dot.png")))


@feature
def image_in_cell(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.embed_image("E2", str(picture(folder / "dot.png")))


@feature
def image_in_header(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.set_header("&L&G&CScorecard", {"image_left": str(picture(folder / "dot.png"))})


@feature
def text_box(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.insert_textbox("E2", "a note", {"fill": {"color": "#FFF8DC"}, "textlink": "=Figures!$B$1"})


@feature
def buttons(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.insert_button("E2", {"macro": "Refresh", "caption": "Refresh"})
    sheet.insert_checkbox("E5", boolean=True)


@feature
def macros(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    project = folder / "vbaProject.bin"
    project.write_bytes(MACROS)
    file.add_vba_project(str(project))
    file.set_vba_name("ThisWorkbook")
    sheet.set_vba_name("Sheet1")


@feature
def macros_with_button(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    macros(file, sheet, folder)
    sheet.insert_button("E2", {"macro": "Refresh"})


@feature
def table(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    columns = [{"header": "Month"}, {"header": "Count", "total_function": "sum"}, {"header": "Rate"}]
    sheet.add_table("A1:C14", {"name": "Counts", "total_row": True, "columns": columns})


@feature
def tables_on_two_sheets(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.add_table("A1:C13", {"name": "Counts", "style": "Table Style Light 11"})
    other = file.add_worksheet("Other")
    other.add_table("B2:D5", {"name": "More", "columns": [{"header": "a & b"}, {"header": "x"}, {"header": "#"}]})
    other.add_table("F2:G5", {"columns": [{"header": "x"}, {"header": "y", "formula": "=[@x]*2"}]})


@feature
def names(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    file.define_name("counts", "=Figures!$B$2:$B$13")
    file.define_name("Figures!rates", "=Figures!$C$2:$C$13")
    file.define_name("half", "=0.5")
    sheet.write_formula("E1", "=SUM(counts)*half", None, 600.5)


@feature
def formulas(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    total = sum(100 + 7 * row % 30 for row in range(1, 13))
    sheet.write_formula("E1", "=SUM(B2:B13)", None, total)
    sheet.write_formula("E2", '=IF(E1>0,"yes","no")', None, "yes")
    sheet.write_array_formula("F1:F3", "{=B2:B4*2}", None, 2 * (100 + 7 % 30))


@feature
def formulas_never_calculated(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.write_formula("E1", "=SUM(B2:B13)")
    sheet.write_formula("E2", "=E1*2")


@feature
def dynamic_arrays(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.write_dynamic_array_formula("E1:E12", "=SORT(B2:B13)", None, 100)
    sheet.write_formula("G1", '=XLOOKUP(3,A2:A13,B2:B13,"none")', None, 121)
    sheet.write_formula("H1", "=LAMBDA(_xlpm.x,_xlpm.x+1)(1)", None, 2)


@feature
def outline(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    for row in range(1, 12):
        sheet.set_row(row, None, None, {"level": 1, "hidden": row > 6})
    sheet.set_column("C:D", 12, None, {"level": 2, "collapsed": True})


@feature
def filtered(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.autofilter("A1:C13")
    sheet.filter_column("B", "x > 110")
    sheet.set_row(2, None, None, {"hidden": True})


@feature
def protected_sheet(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.protect("secret", {"format_cells": True})
    sheet.unprotect_range("B2:B13", "counts")


@feature
def hidden_sheets(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    file.add_worksheet("Hidden").hide()
    file.add_worksheet("Very hidden").very_hidden()
    file.add_worksheet("Front").activate()


@feature
def tab_colours(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.set_tab_color("#1F3864")
    file.add_worksheet("Grün & 'rot' 1").set_tab_color("green")


@feature
def rich_strings(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    bold, red = file.add_format({"bold": True}), file.add_format({"font_color": "red"})
    sheet.write_rich_string("E1", "This is ", bold, "bold", " and ", red, "red", " _x0041_ text\nnext line")


@feature
def formats(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    for row, pattern in enumerate(('0.0%;[Red]-0.0%;"–"', "#,##0", "mmm-yy", "yyyy-mm-dd", '"RY to "mmm-yy')):
        style = file.add_format({"num_format": pattern, "rotation": 10 * row, "border": 1 + row, "font_name": "Arial"})
        sheet.write(row, 5, 0.5 + row, style)
    sheet.set_column("H:J", 9, file.add_format({"italic": True, "locked": False}))


@feature
def dates(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.write_datetime("E1", dt.datetime(2009, 1, 31), file.add_format({"num_format": "dd/mm/yy"}))


@feature
def print_settings(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.print_area("A1:C13")
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_header("&CScorecard")
    sheet.set_footer("&LPage &P of &N&R&D")
    sheet.set_h_pagebreaks([6])
    sheet.set_margins(left=0.3, right=0.3)


@feature
def links(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.write_url("E1", "https://www.example.org/a?b=c&d=e#f", string="outside")
    sheet.write_url("E2", "internal:Figures!A1", tip="here")
    sheet.write_url("E3", r"external:other.xlsx#Sheet1!A1")


@feature
def panes_and_views(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_zoom(75)
    sheet.set_selection("B3:C4")
    sheet.hide_gridlines(2)
    file.add_worksheet("Split").split_panes(15, 8.43)


@feature
def merged_cells(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    sheet.merge_range("E1:H3", "a heading", file.add_format({"align": "center"}))


@feature
def properties(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    file.set_properties({"title": "Scorecard", "comments": "kept"})
    file.set_custom_property("Reference", "MPA 7/09")
    file.set_custom_property("Checked", dt.datetime(2009, 2, 1))
    file.set_calc_mode("manual")
    file.read_only_recommended()


@feature
def several_windows(file: Workbook, sheet: Worksheet, folder: Path) -> None:
    for number in range(30):
        file.add_worksheet(f"Area {number}")
    file.worksheets()[20].activate()
    file.worksheets()[15].set_first_sheet()
    file.set_tab_ratio(75)


def picture(path: Path) -> Path:
    """A PNG of one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), zlib.compress(b"\0\xff\0\0")
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path
