"""The core knows neither Streamlit nor torchvision, and what only reads numbers needs no PyTorch."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "lrdemo").rglob("*.py")
    if not {"ui", "bench"} & set(path.parts) and path.name not in ("__init__.py", "__main__.py")
)
LIGHT = ("settings", "data", "history", "errors", "checkpoint", "__main__")


def loaded_by(*modules):
    code = f"import sys, json, {', '.join(modules)}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_core_loads_neither_streamlit_nor_torchvision():
    assert not {"streamlit", "torchvision", "matplotlib.pyplot"} & loaded_by(*CORE)


def test_what_the_web_process_needs_loads_no_torch():
    assert "torch" not in loaded_by(*(f"lrdemo.{name}" for name in LIGHT))


@pytest.mark.parametrize("module", CORE)
def test_the_core_does_not_print(module):
    source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")

    assert not re.search(r"\bprint\(", source)
