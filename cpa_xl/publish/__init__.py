"""A copy for readers: frozen, checked, annotated, suppressed, with its statement, page and PDF.

In: a signed workbook. Out: the published files, or the findings that stop them. The steps, in order: `freeze`,
`disclosure`, `annotate`, `cover`, `checks`, `statement`; `pipeline` runs them.
"""
