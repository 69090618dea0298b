"""The files of a folder of extracts: which belong to which source, opened, with their headings found.

Text, sheets, Parquet and JSON lines look the same from here on: first rows, and a table of texts.
"""
