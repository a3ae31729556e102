"""What columns of tables are in: the words that data dictionaries use."""

from __future__ import annotations

Meanings = dict[str, tuple[str, str]]
"""Column to what it is in, and its meaning."""

TEXT, YES_NO, NUMBER, WHOLE = "text", "true or false", "number", "whole number"
MONTH, RATIO, SHARE = "month, YYYY-MM", "ratio", "share, 0 to 1"
CHANCE, PERCENT, DAILY = "probability, 0 to 1", "percent", "events a day"
OWN = "as column unit says"
