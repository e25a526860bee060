"""Words in the colour of what they name: the same in the text, in the one picture (view/machine.css) and in charts.

The colour is an aid only: each of these words is bold, and the picture's parts carry their names.
"""

from __future__ import annotations


def pixels(words: str) -> str:
    """Return words for the pixels x."""
    return f":gray[**{words}**]"


def weights(words: str) -> str:
    """Return words for the templates: weights W and biases b."""
    return f":violet[**{words}**]"


def scores(words: str) -> str:
    """Return words for the scores z, called logits."""
    return f":green[**{words}**]"


def chances(words: str) -> str:
    """Return words for the probabilities p."""
    return f":blue[**{words}**]"


def cost(words: str) -> str:
    """Return words for a cost and for the loss L."""
    return f":red[**{words}**]"


def rate(words: str) -> str:
    """Return words for the learning rate η."""
    return f":orange[**{words}**]"
