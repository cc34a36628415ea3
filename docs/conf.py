"""How the documentation is built: `python3 dev.py docs`."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "pynetdicom"
author = "the pynetdicom contributors"
copyright = f"2026, {author}"  # noqa: A001  # the name Sphinx asks for
version = release = metadata.version("pynetdicom")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "dicom_standard",
    "dicom_tables",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"pynetdicom {release}"
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# A word in single backquotes is code, as in Markdown and in the docstrings.
default_role = "code"
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

# Public names of this package must resolve. Those of others have their own documentation, and the
# build works without a network; private ones and type variables show up in signatures only.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!pynetdicom\.).*"),
    ("py:.*", r".*\._\w.*"),
    ("py:.*", r".*\.([A-Z]|Item|Built)"),
]
