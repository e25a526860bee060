"""The page "One step" under its transport line, as the frame puts them together."""

import runpy
from pathlib import Path

from lrdemo.ui.lesson.step_control import step_transport

step_transport()
runpy.run_path(str(Path(__file__).parents[3] / "pages" / "one_step.py"))
