"""Charts as values: drawn from finished frames, in one style, for reports and pages.

Nothing here computes a statistic or saves a file. A ``chart_*`` function returns a `Chart`;
`render_svg` and `render_png` turn it into bytes, the same for the same chart.
"""

from geoprofiles.publish.charts.control import chart_control
from geoprofiles.publish.charts.frame import Chart
from geoprofiles.publish.charts.funnel import chart_funnel
from geoprofiles.publish.charts.lists import chart_comparators, chart_ranked
from geoprofiles.publish.charts.matrix import chart_matrix
from geoprofiles.publish.charts.people import chart_pyramid, chart_quintiles
from geoprofiles.publish.charts.places import Paint, chart_places
from geoprofiles.publish.charts.render import render_png, render_svg
from geoprofiles.publish.charts.rows import (
    comparator_rows,
    funnel_rows,
    pyramid_rows,
    ranked_rows,
    spine_rows,
    trend_rows,
)
from geoprofiles.publish.charts.spine import chart_spine, spine_key
from geoprofiles.publish.charts.trend import chart_trend
from geoprofiles.publish.charts.week import chart_week

__all__ = [
    "Chart",
    "Paint",
    "chart_comparators",
    "chart_control",
    "chart_funnel",
    "chart_matrix",
    "chart_places",
    "chart_pyramid",
    "chart_quintiles",
    "chart_ranked",
    "chart_spine",
    "chart_trend",
    "chart_week",
    "comparator_rows",
    "funnel_rows",
    "pyramid_rows",
    "ranked_rows",
    "render_png",
    "render_svg",
    "spine_key",
    "spine_rows",
    "trend_rows",
]
