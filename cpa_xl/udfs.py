"""The cell functions for scripts: `from cpa_xl.udfs import CPA_RAG; CPA_RAG(0.778, 0.789)` is "A".

The same functions that cells call; each takes numbers, texts, dates and lists, and raises `CellError` where a cell
would show an error. For xlwings' own Import functions name `cpa_xl.excel.udfs` instead.
"""

from cpa_xl.functions import index
from cpa_xl.functions.index import *  # noqa: F403  # the names are listed once, in functions/index

__all__ = index.__all__
