"""Numbers in the browser, by the examples that Python's formatter is tested with as well."""

import json
from pathlib import Path

from stage import Scene

from lrdemo.ui.scripts import VIEW, read

EXAMPLES = json.loads((Path(__file__).parents[2] / "formats.json").read_text(encoding="utf-8"))


def formats() -> str:
    """Return an expression for the five functions."""
    return f"(() => {{ {read(VIEW / 'numbers.js')}; return {{ fixed, count, percent, signed, short }}; }})()"


def test_the_examples_that_python_and_the_browser_share(scene: Scene) -> None:
    written = scene.page.evaluate(
        f"examples => {{ const formats = {formats()};"
        " return examples.map(({ format, value, arguments: more }) => formats[format](value, ...more)); }",
        EXAMPLES,
    )

    assert written == [example["text"] for example in EXAMPLES]


def test_what_is_no_number_is_a_dash(scene: Scene) -> None:
    written = scene.page.evaluate(
        f"Object.values({formats()}).flatMap((write) => [NaN, Infinity, -Infinity, undefined].map((one) => write(one)))"
    )

    assert written == ["–"] * 20
