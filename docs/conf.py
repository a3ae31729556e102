"""Settings of the documentation site."""

from importlib.metadata import version as installed

project = "geoprofiles"
author = "the geoprofiles authors"
copyright = "2026, the geoprofiles authors"
version = release = installed("geoprofiles")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "From incident files and boundaries to area profiles, hot spots and a map",
    "fixed_sidebar": True,
}
html_static_path: list[str] = []
html_show_sourcelink = False
autodoc_typehints = "none"  # the docstrings say the types in an analyst's words
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]
