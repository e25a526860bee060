import pytest

from lrdemo.model import build_model
from lrdemo.shapes import MODELS, parameter_count, parameter_shapes


@pytest.mark.parametrize("kind", MODELS)
def test_shapes_are_those_of_the_models(kind):
    state = build_model(kind, "zeros", 0).state_dict()

    assert list(parameter_shapes(kind).items()) == [(name, tuple(value.shape)) for name, value in state.items()]
    assert parameter_count(kind) == sum(value.numel() for value in state.values())


def test_the_numbers_of_parameters_are_the_known_ones():
    assert (parameter_count("softmax"), parameter_count("mlp")) == (7_850, 227_670)
