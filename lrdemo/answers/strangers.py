"""How many of 100 strangers' drawings each model reads: measured beforehand, told where the model is shown."""

from __future__ import annotations

READ_OF_100: dict[tuple[str, str, bool], float] = {
    ("softmax", "pixels", False): 79,
    ("softmax", "deskewed", False): 83,
    ("softmax", "normalised", False): 87,
    ("softmax", "normalised", True): 90,
    ("softmax", "directions", False): 92,
    ("softmax", "directions", True): 95,
    ("mlp", "pixels", False): 89,
    ("mlp", "normalised", False): 91,
    ("mlp", "directions", True): 95,
}
"""By model, features, and whether other ways to write were mixed in; after 6,000 iterations, from the pen's strokes."""
MEASURED = "6,000 drawings of people who are not in MNIST and on whom nothing was chosen, after 6,000 iterations"
