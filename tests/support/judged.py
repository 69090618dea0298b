"""Values of tables of formulas: errors are texts there."""

from cpa_xl.errors import CellError
from cpa_xl.workbook.closed import cell_error
from tests.support.books import Value


def shown(value: object) -> object:
    """A cell's value, errors as their code."""
    return value.code if isinstance(value, CellError) else value


def cell(value: object) -> Value:
    """What a cell holds for a value of a table."""
    assert value is None or isinstance(value, bool | float | str)
    return cell_error(value) if isinstance(value, str) and value.startswith("#") else value
