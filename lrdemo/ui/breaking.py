"""What the page "What breaks it" tells its view: its sliders, the ways to prepare an image, why each change hurts."""

from __future__ import annotations

from typing import Any

from lrdemo.answers.breaking import LIMITS, PRESETS, Change

_SLIDERS = {
    "right": ("Shift right", 0.5, " px", 1),
    "down": ("Shift down", 0.5, " px", 1),
    "turn": ("Turn", 1, "°", 0),
    "scale": ("Scale", 0.05, "", None),
    "blur": ("Blur", 0.1, " px", 1),
    "noise": ("Noise", 0.05, "", 2),
    "thickness": ("Thickness", 0.1, " px", 1),
}
"""Label, step, unit and decimals of each slider; None for per cent."""

REASONS = {
    "": "Move a slider: the picture and all test images change together. Nothing is trained; the weights stay fixed.",
    "right": "Each weight belongs to one pixel: strokes that have moved meet weights learnt for other places.",
    "turn": "Turned strokes cross the strokes of the templates instead of lying on them.",
    "scale": "At another size, strokes fall where the templates expect paper.",
    "blur": "Blur fills the gaps between strokes, and the gaps tell a 3 from an 8.",
    "noise": "Noise adds a random amount to every score, and the model cannot tell it from ink.",
    "thickness": "Thicker strokes spill onto pixels that speak for other digits; thinner ones lose evidence.",
    "invert": "Ink and paper have changed places, so every weight now counts for the opposite.",
    "×255": "The division by 255 was forgotten: the answers mostly stay, but softmax is now certain of every one, and "
    "each wrong one costs hundreds instead of a few.",
    "standardised": "(x − 0.1307) / 0.3081 is right for a model trained so; to this one paper is no longer 0.",
    "box centred": "The box around the ink is in the middle, not its centre of mass: a small shift for most digits.",
    "centre of mass": "This is how MNIST was made, so hardly anything changes.",
    "deskewed": "The slant is taken out. A model trained on such images is better; {this}",
    "normalised": "Slant, size and proportions are evened out. A model trained on such images is better; {this}",
}
REASONS["down"] = REASONS["right"]
_THIS = {
    "pixels": "this one was trained on plain pixels, to which they are foreign.",
    "deskewed": "this one was trained on deskewed images.",
    "normalised": "this one was trained on normalised images.",
    "directions": "this one was trained on the edges of normalised images.",
}
_OF_EDGES = {
    "right": "Each weight belongs to one direction at one place: strokes that have moved meet weights learnt for other "
    "places.",
    "turn": "Turned strokes have edges in other directions, at other places.",
    "noise": "Noise makes edges everywhere, and the model cannot tell them from those of strokes.",
    "thickness": "The edges of thicker or thinner strokes lie at other places.",
    "invert": "Ink and paper have changed places, so every edge now points the other way, and the border is one, too.",
    "×255": "The division by 255 was forgotten: every edge counts √255 = 16 times as much. The answers mostly stay, "
    "but softmax is now certain of every one.",
    "standardised": "(x − 0.1307) / 0.3081 is right for a model trained so; to this one all edges are stronger, and "
    "the border is one, too.",
}
_OF_EDGES["down"] = _OF_EDGES["right"]


def view_data(features: str) -> dict[str, Any]:
    """Return what the view is made of, for a model trained on images prepared as `features`."""
    neutral = Change()
    reasons = REASONS | (_OF_EDGES if features == "directions" else {})
    return {
        "controls": [
            {
                "name": name, "label": label, "low": LIMITS[name][0], "high": LIMITS[name][1], "step": step,
                "start": getattr(neutral, name), "unit": unit, "decimals": decimals,
            }
            for name, (label, step, unit, decimals) in _SLIDERS.items()
        ],
        "presets": [preset.name for preset in PRESETS],
        "reasons": {name: reason.replace("{this}", _THIS[features]) for name, reason in reasons.items()},
    }  # fmt: skip
