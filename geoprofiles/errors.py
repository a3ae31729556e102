"""Every exception and warning of the package.

A message says what was expected, what came and what to do. Where a fault lies in
a file, the error carries the file, row and column and prints them first.
"""

from __future__ import annotations

import os


class GeoprofilesError(Exception):
    """Base of every error that geoprofiles raises on purpose."""


class InputError(GeoprofilesError, ValueError):
    """Input that cannot be used as it is.

    Parameters
    ----------
    problem : str
        What was expected and what came, one sentence. Never the value of a personal field.
    file : path, optional
        The file at fault; only its name and the folder given are printed.
    row : int, optional
        Row as a spreadsheet shows it: the heading is row 1.
    column : str, optional
        Name of the column.
    remedy : str, optional
        What to do about it, one sentence.

    Examples
    --------
    >>> print(InputError("the month '2021-13' is not a month", file="a.csv", row=7,
    ...                  column="Month", remedy="Write months as YYYY-MM."))
    a.csv, row 7, column 'Month': the month '2021-13' is not a month. Write months as YYYY-MM.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | os.PathLike[str] | None = None,
        row: int | None = None,
        column: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else os.fspath(file)
        self.row = row
        self.column = column
        self.remedy = remedy
        super().__init__(problem)

    def __str__(self) -> str:
        """One line: where, what, and what to do."""
        where = [] if self.file is None else [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column!r}")
        text = f"{', '.join(where)}: {self.problem}" if where else self.problem
        if not text.endswith((".", "?", "!")):
            text += "."
        return f"{text} {self.remedy}" if self.remedy else text


class CRSError(InputError):
    """A coordinate system is missing, is not in metres, or differs from its partner's."""


class OutputError(GeoprofilesError, OSError):
    """A product could not be written; nothing half-written was left behind."""


class MissingDependencyError(GeoprofilesError, ImportError):
    """An optional package is needed for this and is not installed; the message names the extra."""


class NetworkWarning(UserWarning):
    """A page is no longer self-contained: it asks hosts of the network when it is opened."""


class InputWarning(UserWarning):
    """Input that was used after all, with a fault the analyst should know of."""
