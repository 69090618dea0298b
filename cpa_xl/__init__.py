"""A Critical Performance Areas scorecard that computes itself inside its Excel workbook."""

__version__ = "0.1.0"
