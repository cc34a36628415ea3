"""The one command: `python benchmarks/run.py --help`; it runs the package this file sits in."""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
runpy.run_module("benchmarks", run_name="__main__")
