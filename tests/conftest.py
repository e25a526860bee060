"""What all tests share: the real digits, loaded once, and one PyTorch thread as in the app."""

from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_limits

from lrdemo.data import Digits, load_mnist

HERE = Path(__file__).parent
VISITS, LOOKS = "visits", "looks"
"""What visitors do, a whole class of them as well, and how pages look: the two can be tested side by side."""

torch.set_num_threads(1)
# NumPy's linear algebra too: threads that wait for each other on a busy machine take minutes for seconds of work.
threadpool_limits(1)


@pytest.fixture(scope="session")
def digits() -> Digits:
    return load_mnist()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process take whole files; those that need a browser, or most of the machine, come last.

    This hook comes first: pytest-xdist reads the marks in its own. Playwright keeps an event loop running, and other
    tests bring their own: after a browser there are only browsers.
    """
    items.sort(key=lambda item: group(item) in (VISITS, LOOKS))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))


def group(item: pytest.Item) -> str:
    """Return the group of a test; each is run in one process."""
    path = item.path.relative_to(HERE)
    if path.parts[0] == "browser":
        return LOOKS if path.parts[1] in ("layout", "view") else VISITS
    return VISITS if path.name == "test_classroom.py" else str(path)
