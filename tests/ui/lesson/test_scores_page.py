"""The chapter on the scores: what it counts is true of the model, and the code that it shows is the code that runs."""

import inspect

from reading import again, words

from lrdemo import gradient
from lrdemo.model import SoftmaxRegression

PAGE = "pages/scores.py"


def test_it_counts_the_model_s_numbers_and_names_its_shapes(open_app):
    text = words(again(open_app(PAGE)))

    model = SoftmaxRegression()
    assert sum(part.numel() for part in model.parameters()) == 7850
    assert "10 × 784 weights and 10 biases make 7,850 numbers." in text
    assert tuple(model.weight.shape) == (10, 784)
    assert "PyTorch keeps the weights as [10, 784]" in text


def test_it_shows_the_function_that_computes_the_scores(open_app):
    app = again(open_app(PAGE))

    assert inspect.getsource(gradient.logits).rstrip() in "\n".join(part.value for part in app.code)
