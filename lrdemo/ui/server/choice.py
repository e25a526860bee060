"""What a visitor chooses over the live channel: a test image or the drawing; and which of them Train offers."""

from __future__ import annotations

from functools import lru_cache

from lrdemo import pictures
from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.settings import TEST_SIZE
from lrdemo.ui.server.picture import Picture, mnist, picture_of
from lrdemo.ui.server.visitor import Visitor

TEST_IMAGES = {0: "easy", 362: "hard", 406: "hard"}
"""The default run ends by taking the 2 of image 362 for a 7; almost until then it takes the 5 of image 406 for a 0."""
OWN, DRAW = "drawing", "draw"
"""The values of the visitor's drawing, and of the way to Draw where there is none; a test image's is its number."""
OWN_PREFIX = "drawing-"
"""Before the place of a drawing among those that the visitor keeps."""


def offered(visitor: Visitor) -> list[dict[str, str]]:
    """Return each picture's value, title, name in words, and source, its thumbnail's address.

    Without a drawing the last one is the way to the page Draw and its empty pad; it has no title and no source.
    """
    source = _thumbnail(visitor.last_drawn)
    own = {"value": OWN, "title": visitor.last_drawn.title, "name": "yours", "source": source}
    return [*map(_test_image, TEST_IMAGES), own if source else {"value": DRAW, "name": "draw your own"}]


def take(visitor: Visitor, value: str) -> None:
    """Make the picture of this value the picture in question; a value that no picture has changes nothing."""
    if value in (OWN, DRAW):
        visitor.picture = visitor.last_drawn
    elif value.isdecimal() and int(value) < TEST_SIZE:
        visitor.picture = picture_of(int(value))
    elif value.startswith(OWN_PREFIX):
        place = value.removeprefix(OWN_PREFIX)
        if place.isdecimal() and int(place) < len(visitor.drawings):
            visitor.take_up(visitor.drawings[int(place)])


@lru_cache(maxsize=len(TEST_IMAGES))
def _test_image(index: int) -> dict[str, str]:
    picture = picture_of(index)
    name = f"{TEST_IMAGES[index]}{NO_BREAK_SPACE}{mnist().test_labels[index]}"
    return {"value": str(index), "title": picture.title, "name": name, "source": _thumbnail(picture)}


def _thumbnail(picture: Picture) -> str:
    """Return a picture in 28×28 pixels as an address, empty for a blank drawing."""
    image = picture.prepared("pixels")
    return "" if image is None else pictures.data_url(pictures.ink(image, zoom=1))
