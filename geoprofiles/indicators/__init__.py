"""Indicators: standardised, compared, followed over time, and judged."""
