"""Files of drawings that are damaged, malicious or of another kind: one short sentence each, or drawings that work."""

from __future__ import annotations

import json
import math
import tracemalloc
from random import Random
from typing import Any

import numpy as np
import pytest

from lrdemo.drawings.own import MOST_BYTES, MOST_DRAWINGS, MOST_POINTS, from_json, own_drawing, to_json
from lrdemo.errors import DrawingsError
from lrdemo.features import FEATURES

HOOK = np.array([[70.0, 60.0], [190.0, 75.0], [140.0, 220.0]])
NOTHING = np.zeros((1, 1), np.uint8)


def changed(**values: object) -> bytes:
    content = json.loads(to_json([own_drawing(7, [HOOK], NOTHING)]))
    entry = content["drawings"][0]
    for name, value in values.items():
        (content if name in content else entry)[name] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a drawings file"),
        (b"\xff\xfe", "not a drawings file"),
        (b"[]", "not a drawings file"),
        (b"[" * 100_000, "not a drawings file"),
        (b"x" * (MOST_BYTES + 1), "too large"),
        (b"9" * 5_000, "not a drawings file"),
        (changed(version="v" * 1_900_000), "version “v{39}…”"),
        (changed(version=10**4_000), "version “10{38}…”"),
        (changed(version=[[["deep"]]]), "version “"),
        (changed(version="\u202e[a](b)\x1b\ud800"), "version “�\\[a\\]\\(b\\)��”"),
        (changed(version=2), "version “2”"),
        (changed(version=True), "version “True”"),
        (changed(version=1.0), "version “1.0”"),
        (changed().replace(b'"label": 7', b'"label": 7, "label": 7'), "not a drawings file"),
        (changed(drawings=[]), "1 to 60"),
        (changed(drawings=[{}] * (MOST_DRAWINGS + 1)), "1 to 60"),
        (changed(drawings=[3]), "Drawing 1"),
        (changed(label=10), "label"),
        (changed(label=True), "label"),
        (changed(label="7"), "label"),
        (changed(held_back=1), "held_back"),
        (changed(more=1), "nothing else"),
        (changed(strokes=[]), "strokes"),
        (changed(strokes=[[]]), "list of points"),
        (changed(strokes=[[[1, 2, 3]]]), "two numbers"),
        (changed(strokes=[[[1, float("nan")]]]), "not a drawings file"),
        (changed(strokes=[[[1, 10**400]]]), "two numbers"),
        (changed(strokes=[[[0, 0]] * (MOST_POINTS + 1)]), "points"),
        (changed(drawings=[{"label": 1, "held_back": False, "ink": ["00" * 70] * 70}]), "not all 0"),
        (changed(drawings=[{"label": 1, "held_back": False, "ink": ["zz" * 70] * 70}]), "hex"),
    ],
)
def test_wrong_files_are_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(DrawingsError, match=words):
        from_json(content)


ODD: list[Any] = [
    None, True, False, -1, 0, 3, 10, 7.0, 1e300, -0.0, math.nan, math.inf, 2**70, 10**4_000, "", "7", "\ud800",
    "\u202e", "x" * 50_000, [], [[]], [[[]]], [[[0, 0]]], [[["0", "0"]]], {}, {"label": 1}, [None], "00" * 70,
    ["00" * 70] * 70,
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (list or dict, index or key) within a value."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


def damaged(random: Random) -> tuple[str, bytes]:
    """Return a name and a damaged file of one random kind."""
    ink = np.zeros((70, 70), np.uint8)
    ink[10:60, 30:40] = 255
    whole = to_json([own_drawing(7, [HOOK, HOOK + 5], NOTHING), own_drawing(1, None, ink, held_back=True)])
    content, found = bytearray(whole.encode()), json.loads(whole)
    at, kind = random.randrange(len(content)), random.randrange(10)
    if kind == 0:
        content[at] ^= 1 << random.randrange(8)
        return "bit", bytes(content)
    if kind == 1:
        return "cut", bytes(content[:at])
    if kind == 2:
        return "twice", bytes(content[:at] + content[: random.randrange(len(content))])
    if kind == 3:
        long = [b"9" * 5_000, b"[" * 50_000, b'{"a":' * 50_000]
        inserted = random.choice([*long, b"NaN", b"-Infinity", b"\0", b"\xff", b"1e999", b"'"])
        return "inserted", bytes(content[:at] + inserted + content[at:])
    if kind == 4:
        return "encoding", whole.encode(random.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7", "cp037"]))
    if kind == 5:
        return "another file", random.choice([b"PK\x03\x04", b"\x89PNG", b"null", b"[]", b'"text"', bytes(99)])
    holder, key = random.choice(places(found))
    if kind == 6 and isinstance(holder, dict):
        del holder[key]
    elif kind == 7 and isinstance(holder, dict):
        holder[random.choice(["x", "", "é", "Label", "__class__"])] = random.choice(ODD)
    else:
        holder[key] = random.choice(ODD)
    return "value", json.dumps(found).encode()


def test_six_hundred_damaged_files_are_refused_in_a_sentence_or_hold_drawings_that_work() -> None:
    random, refused, read = Random(0), set(), 0
    tracemalloc.start()
    for _ in range(600):
        kind, content = damaged(random)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        try:
            drawings = from_json(content)
        except DrawingsError as error:
            assert len(str(error)) < 200 and str(error).isprintable() and str(error).endswith("."), (kind, error)
            refused.add(kind)
        else:
            read += 1
            for drawing in drawings:
                assert 0 <= drawing.label <= 9
                for features in FEATURES:
                    image = drawing.prepared(features)
                    assert np.isfinite(image).all() and image.max() == 1 and image.min() >= 0
        assert tracemalloc.get_traced_memory()[1] - before < 20 * MOST_BYTES, kind
    tracemalloc.stop()
    assert refused == {"bit", "cut", "twice", "inserted", "encoding", "another file", "value"} and read > 20


def test_the_farthest_and_flattest_strokes_can_be_prepared() -> None:
    entries = [[[[-1000, -1000]]], [[[1000, -1000], [1000, 1000]]], [[[0, 0]] * 75] * 20, [[[0, 0], [1e-300, 0]]]]
    drawings = [{"label": 1, "held_back": False, "strokes": strokes} for strokes in entries]
    faint = ["00" * 70] * 69 + ["00" * 69 + "01"]
    drawings.append({"label": 1, "held_back": False, "ink": faint})
    content = json.dumps({"format": "lrdemo drawings", "version": 1, "drawings": drawings})
    for drawing in from_json(content.encode()):
        for features in FEATURES:
            assert np.isfinite(drawing.variations(features)).all() and drawing.variations(features).any(axis=1).all()
