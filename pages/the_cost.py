"""Chapter 5: what an answer costs, one number for how wrong it is."""

from lrdemo.ui.lesson import cost_sections
from lrdemo.ui.lesson.machine import machine
from lrdemo.ui.lesson.page import chapter, scene, step
from lrdemo.ui.lesson.predictions import predict
from lrdemo.ui.lesson.words import chances, cost

LIT = {"target": "p", "minus_log": "pL"}

with chapter("Two models are wrong about the same digit. Is one of them **more wrong** than the other?", "pL"):
    with scene("cost") as (picture, words):
        with picture:
            machine("cost", "xWzp", LIT)
        with words:
            step(
                "target",
                "What it should have said",
                "Each image has a label. Written as ten numbers it is the **target** *t*: 1 for the right digit and 0 "
                f"for the nine others. That is what the ten {chances('probabilities')} *p* should be. In the picture "
                "the right digit has a frame.",
            )
            step(
                "minus_log",
                "One number for how wrong it is",
                f"Of the ten, only the {chances('probability')} of the **right** digit counts. The {cost('cost')} of "
                "the answer is −log *p*. Here log *p* is the power to which *e* = 2.718… must be raised to give *p*: 0 "
                "for *p* = 1, negative for smaller *p*. So the cost is 0 at best, and has no upper end.",
            )
    cost_sections.curve()
    cost_sections.mean()
    cost_sections.behind()
    predict("step")
