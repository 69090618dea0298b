"""VBA projects as oletools and olefile read them; both come without types, and one with warnings of its own."""

import io
import warnings
import zipfile
from importlib import import_module
from typing import Any

from cpa_xl.excel.buttons import BUTTONS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # oletools uses names of pyparsing that are on their way out
    _olevba: Any = import_module("oletools.olevba")
olefile: Any = import_module("olefile")


def decompressed(data: bytes) -> bytes:
    """What a compressed container holds."""
    return bytes(_olevba.decompress_stream(bytearray(data)))


def modules_of(project: bytes) -> dict[str, str]:
    """The text of each module of a vbaProject.bin, or of a workbook, by its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = _olevba.VBA_Parser("project", data=project)
        return {path.rpartition("/")[2]: code for _, path, _, code in parser.extract_macros()}


def opened(data: bytes) -> Any:
    """A compound file; what is not as the format says is an error."""
    return olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_UNSURE)


def as_workbook(add_in: bytes, project: bytes | None = None) -> bytes:
    """An add-in as a workbook with macros, for programs that open no add-ins; with another VBA project where given."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(add_in)) as built, zipfile.ZipFile(out, "w") as changed:
        for name in built.namelist():
            content = built.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(b"ms-excel.addin.macroEnabled", b"ms-excel.sheet.macroEnabled")
            changed.writestr(name, project if project and name == "xl/vbaProject.bin" else content)
    return out.getvalue()


CALLBACKS = {button.callback: (button.action, button.needs_workbook) for button in BUTTONS.values()}
