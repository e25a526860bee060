"""What all tests share: the real digits, loaded once, and one PyTorch thread as in the app."""

from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_limits

from lrdemo.data import Digits, load_mnist

HERE = Path(__file__).parent

torch.set_num_threads(1)
# NumPy's linear algebra too: threads that wait for each other on a busy machine take minutes for seconds of work.
threadpool_limits(1)


@pytest.fixture(scope="session")
def digits() -> Digits:
    return load_mnist()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process take whole files, and one of them all that needs the machine for itself, last.

    This hook comes first: pytest-xdist reads the marks in its own. The browser tests come at the very end: Playwright
    keeps an event loop running, and other tests bring their own.
    """
    items.sort(key=needs_the_machine)
    for item in items:
        file = str(item.path.relative_to(HERE))
        item.add_marker(pytest.mark.xdist_group("last" if needs_the_machine(item) else file))


def needs_the_machine(item: pytest.Item) -> int:
    """Return how late a test comes: 0 for most, 1 for a class of browsers, 2 for a real browser."""
    if "browser" in item.path.parts:
        return 2
    return int(item.path.name == "test_classroom.py")
