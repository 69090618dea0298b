"""Checks the import contract of `.importlinter`: `python run.py tests.contract`.

import-linter brings a command, `lint-imports`, but no module that `run.py` could run.
"""

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    lint_imports_command()
