"""What all tests share: the real digits, loaded once, and one PyTorch thread as in the app."""

import pytest
import torch
from threadpoolctl import threadpool_limits

from lrdemo.data import Digits, load_mnist

torch.set_num_threads(1)
# NumPy's linear algebra too: threads that wait for each other on a busy machine take minutes for seconds of work.
threadpool_limits(1)


@pytest.fixture(scope="session")
def digits() -> Digits:
    return load_mnist()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright keeps an event loop running, and other tests bring their own."""
    items.sort(key=lambda item: "browser" in item.path.parts)
