"""What all tests share: the real digits, loaded once, and one PyTorch thread as in the app."""

import pytest
import torch

from lrdemo.data import Digits, load_mnist

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def digits() -> Digits:
    return load_mnist()
