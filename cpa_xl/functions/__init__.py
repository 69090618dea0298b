"""The cell functions: `=CPA_RAG(...)`, `=CPA_RATE(...)` and their family, defined once for every host.

In: cells as a host hands them over. Out: a value, a table, or an error with its reason. Standard library only, because
cells wait for it. Next: `excel`, `libreoffice` and `formulas` call them.
"""
