"""The code that the lesson shows: the very functions, and they run where only PyTorch and NumPy are installed."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lrdemo import gradient, probability
from lrdemo.lesson import data_facts, line, step
from lrdemo.lesson.source import source
from lrdemo.model import SoftmaxRegression

ROOT = Path(__file__).parents[2]

TORCH = """
import torch
torch.manual_seed(0)
images, labels = torch.rand(100, 784), torch.randint(10, (100,))
weight, bias = torch.randn(10, 784) / 28, torch.randn(10) / 28
same = torch.testing.assert_close
"""
NUMPY = """
import numpy as np
same = np.testing.assert_allclose
z = np.array([1.3, 1.2, 4.5, 4.8])
"""
CHECKS = {
    "lrdemo.lesson.line:least_squares": NUMPY
    + """
x, t = np.array([1, 5, 10, 10, 25, 50, 70, 75, 100.0]), np.array([0, 0, 0, 0, 0, 1, 1, 1, 1.0])
same(least_squares(x, t), np.polyfit(x, t, 1))
""",
    "lrdemo.lesson.line:logistic_fit": NUMPY
    + """
x, t = np.array([1, 5, 10, 10, 25, 50, 70, 75, 100.0]), np.array([0, 0, 0, 0, 0, 1, 1, 1, 1.0])
w, b = logistic_fit(x, t)
wrong_by = 1 / (1 + np.exp(-(w * x + b))) - t
same([(wrong_by * x).mean() + w, wrong_by.mean()], [0, 0], atol=1e-8)
""",
    "lrdemo.probability:sigmoid": NUMPY
    + """
same(sigmoid(z), 1 / (1 + np.exp(-z)))
""",
    "lrdemo.probability:softmax": NUMPY
    + """
same(softmax(z), np.exp(z) / np.exp(z).sum())
same(softmax(z), [0.017, 0.015, 0.412, 0.556], atol=5e-4)
""",
    "lrdemo.probability:below_largest": NUMPY
    + """
same(below_largest(z, 2.0), (z - 4.8) / 2)
""",
    "lrdemo.probability:log_softmax": NUMPY
    + """
same(log_softmax(z), np.log(np.exp(z) / np.exp(z).sum()))
""",
    "lrdemo.probability:two_class_cross_entropy": NUMPY
    + """
same(two_class_cross_entropy([1e-5, 1e-5], [1, 0]), [11.5129, 1e-5], rtol=1e-4)
""",
    "lrdemo.probability:cross_entropy": NUMPY
    + """
p = np.exp(z) / np.exp(z).sum()
same(cross_entropy([z, z], np.array([3, 0])), -np.log(p[[3, 0]]).mean())
""",
    "lrdemo.lesson.data_facts:minibatch": NUMPY
    + """
images = np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8)
x, label = minibatch(images, np.array([5, 0, 4], np.uint8), np.array([2, 0]))
assert x.shape == (2, 1, 28, 28) and label.tolist() == [4, 5]
same(x[1, 0], images[0] / 255, rtol=1e-6)
""",
    "lrdemo.lesson.data_facts:flattened": NUMPY
    + """
same(flattened(np.arange(1568.0).reshape(2, 1, 28, 28)), np.arange(1568.0).reshape(2, 784))
""",
    "lrdemo.gradient:logits": TORCH
    + """
same(logits(images, weight, bias), torch.nn.functional.linear(images, weight, bias))
""",
    "lrdemo.gradient:softmax": TORCH
    + """
same(softmax(images), torch.softmax(images, 1))
""",
    "lrdemo.gradient:cross_entropy": TORCH
    + """
same(cross_entropy(torch.softmax(images, 1), labels), torch.nn.functional.cross_entropy(images, labels))
""",
    "lrdemo.gradient:gradient_by_hand": TORCH
    + """
own = [weight.clone().requires_grad_(), bias.clone().requires_grad_()]
z = torch.nn.functional.linear(images, *own)
torch.nn.functional.cross_entropy(z, labels).backward()
same(gradient_by_hand(images, torch.softmax(z, 1).detach(), labels), (own[0].grad, own[1].grad))
""",
    "lrdemo.gradient:gradient_by_autograd": TORCH
    + """
d = torch.softmax(torch.nn.functional.linear(images, weight, bias), 1)
d[torch.arange(100), labels] -= 1
same(gradient_by_autograd(images, labels, weight, bias), (d.T @ images / 100, d.mean(0)))
""",
    "lrdemo.gradient:updated": TORCH
    + """
moved = torch.nn.Parameter(weight.clone())
moved.grad = torch.ones_like(weight)
torch.optim.SGD([moved], lr=0.1).step()
same(updated(weight, moved.grad, 0.1), moved.detach())
""",
    "lrdemo.lesson.step:backward_again": TORCH
    + """
model = torch.nn.Linear(784, 10)
found = []
for times in (1, 2):
    backward_again(model, images, labels, times)
    found.append(model.bias.grad.clone())
same(2 * found[0], found[1])
""",
    "lrdemo.lesson.three_ways:with_tensors": TORCH
    + """
same(with_tensors(images, weight.T, bias), torch.nn.functional.linear(images, weight, bias))
""",
    "lrdemo.lesson.three_ways:OwnModel": TORCH
    + """
model = OwnModel(weight.T, bias)
same(model(images), torch.nn.functional.linear(images, weight, bias))
assert sum(value.numel() for value in model.parameters()) == 7850
""",
    "lrdemo.lesson.three_ways:LinearModel": TORCH
    + """
model = LinearModel()
same(model(images), torch.nn.functional.linear(images, model.linear.weight, model.linear.bias))
assert [tuple(value.shape) for value in model.parameters()] == [(10, 784), (10,)]
""",
}
"""For each function or class that is shown: lines that use it after its text, with an oracle."""


def shown() -> Iterator[tuple[str, list[Any]]]:
    """Yield where `source(…)` is called in the lesson's answers and pages, and what is shown there."""
    for path in sorted([*(ROOT / "lrdemo").rglob("*.py"), *(ROOT / "pages").glob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and ast.unparse(one.func) == "source"]
        if not calls:
            continue
        if path.parent.name == "pages":
            # A page runs only within Streamlit; what it imports is all that is needed of it.
            imports = [one for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)]
            names: dict[str, Any] = {}
            exec(compile(ast.Module(imports, []), str(path), "exec"), names)
        else:
            names = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
        for call in calls:
            parts = eval(f"[{', '.join(map(ast.unparse, call.args))}]", dict(names))
            yield f"{path.name}:{'+'.join(part.__name__ for part in parts)}", parts


SHOWN = dict(shown())


@pytest.mark.parametrize("parts", SHOWN.values(), ids=SHOWN)
def test_what_is_shown_runs_as_it_stands_and_agrees_with_pytorch_or_numpy(parts: list[Any], tmp_path: Path) -> None:
    names = [f"{part.__module__}:{part.__name__}" for part in parts]
    missing = [name for name in names if name not in CHECKS]
    assert not missing, f"CHECKS has no lines that use {missing}"

    program = "\n\n".join([source(*parts), *(CHECKS[name] for name in names)])

    assert "lrdemo" not in program
    assert run(program, tmp_path) == ""


def test_there_is_no_lrdemo_where_it_runs(tmp_path: Path) -> None:
    assert "No module named 'lrdemo'" in run("import lrdemo", tmp_path)


def run(program: str, folder: Path) -> str:
    """Run a program in an empty folder, where only installed packages can be imported; return what it complains of."""
    done = subprocess.run([sys.executable, "-I", "-c", program], cwd=folder, capture_output=True, text=True)
    return done.stderr


@pytest.mark.parametrize("parts", SHOWN.values(), ids=SHOWN)
def test_it_is_the_very_functions_without_remarks_for_tools(parts: list[Any]) -> None:
    text = source(*parts)

    for part in parts:
        for written in inspect.getsource(part).rstrip().splitlines():
            assert written.partition("  # type:")[0] in text
    assert "type: ignore" not in text and "__future__" not in text
    head = [one for one in text.partition("\n\n\n")[0].splitlines() if one.startswith(("import", "from"))]
    assert len({*head}) == len(head) and all(text.count(f"{one}\n") == 1 for one in head)


def test_imports_stand_first_then_constants_then_helpers_then_what_is_shown() -> None:
    text = source(line.logistic_fit)

    assert text.startswith(
        "import numpy as np\nimport numpy.typing as npt\n\n"
        "Float64s = npt.NDArray[np.float64]\nPENALTY = 1.0\n_SCALE = 50.0\n\n\ndef sigmoid("
    )
    assert text.endswith("\n\n\n" + inspect.getsource(line.logistic_fit).rstrip())
    assert source(step.backward_again).startswith(
        "from torch import Tensor, nn\nfrom torch.nn import functional as F\n\n\ndef "
    )
    assert source(data_facts.count_facts).startswith("from dataclasses import dataclass\nimport numpy as np\n")
    assert "\n\nCLASSES = 10\nSIDE = 28\nPIXELS = SIDE * SIDE\n\n\nclass " in source(SoftmaxRegression)


def test_a_parameter_is_not_taken_for_the_function_of_its_name() -> None:
    assert "def logits(" not in source(gradient.softmax)


def test_parts_keep_their_order_and_a_part_that_another_needs_is_shown_once() -> None:
    text = source(probability.softmax, probability.below_largest)

    assert text.count("def below_largest(") == 1
    assert text.index("def softmax(") < text.index("def below_largest(")


def test_what_needs_nothing_is_shown_alone() -> None:
    assert source(line.crossing) == inspect.getsource(line.crossing).rstrip()


def crossing_at_half(slope: float, intercept: float) -> float:
    """Use a function through its module, as nothing that is shown may."""
    return line.crossing(slope, intercept, 0.5)


@pytest.mark.parametrize(
    "parts, words",
    [
        ((probability.softmax, gradient.softmax), "softmax is one thing in lrdemo.gradient and another in lrdemo.prob"),
        ((crossing_at_half,), "from lrdemo.lesson import data_facts, line, step cannot be replaced by what it imports"),
        ((lambda: None,), "<lambda> is not bound at the top of test_source"),
    ],
)
def test_a_text_that_could_not_run_is_refused(parts: tuple[Callable[..., Any], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        source(*parts)
