"""What is compared on one page: the same model on images prepared in different ways, and a deeper model beside it.

Without PyTorch, so that the web server can use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lrdemo.settings import Settings, changed
from lrdemo.shapes import form_of, parameter_count

OTHER_WAYS = "other ways to write"
NAMES = {"softmax": "linear", "mlp": "MLP"}


@dataclass(frozen=True)
class Candidate:
    """A model, how its images are prepared, and whether other ways to write are mixed into them."""

    model: str
    features: str
    styles: bool = False

    @property
    def label(self) -> str:
        """Return what a row is called: "directions + other ways to write"; of the perceptron that is said, too."""
        name = self.features if self.model == "softmax" else f"{NAMES[self.model]} on {self.features}"
        return f"{name} + {OTHER_WAYS}" if self.styles else name

    @property
    def short(self) -> str:
        """Return the name at the end of a line in a chart."""
        name = self.features if self.model == "softmax" else f"{NAMES[self.model]} {self.features}"
        return f"{name} +" if self.styles else name

    @property
    def parameters(self) -> int:
        """Return how many numbers it learns."""
        return parameter_count(self.model, form_of(self.features).size)

    def settings(self, common: Settings) -> Settings:
        """Return the settings of its run; all others are `common`, in which a linear model is trained by hand."""
        return changed(common, model=self.model, features=self.features, styles=self.styles)


LINEAR = (
    Candidate("softmax", "pixels"),
    Candidate("softmax", "deskewed"),
    Candidate("softmax", "normalised"),
    Candidate("softmax", "normalised", styles=True),
    Candidate("softmax", "directions"),
    Candidate("softmax", "directions", styles=True),
)
"""The same ten rows of weights, from the plainest images to the best ones."""
DEEP = (Candidate("mlp", "pixels"), Candidate("mlp", "directions", styles=True))
"""The deeper model on the plainest images and on the best ones."""
