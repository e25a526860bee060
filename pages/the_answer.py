"""Chapter 4: from ten scores to ten probabilities, to an answer, and to the test accuracy."""

from lrdemo.ui.lesson import answer_sections
from lrdemo.ui.lesson.machine import machine
from lrdemo.ui.lesson.page import chapter, scene, step
from lrdemo.ui.lesson.predictions import answered, predict
from lrdemo.ui.lesson.words import chances, scores

LIT = {"softmax": "zp", "moving": "zp", "argmax": "zp"}

with chapter("Ten scores: **which digit** is it, how **sure** is the model, and how often is it **right**?", "zp"):
    with scene("answer") as (picture, words):
        with picture:
            machine("answer", "xWz", LIT)
        with words:
            step(
                "softmax",
                "Scores become probabilities",
                f"{answered('softmax')} A {scores('score')} *z* becomes positive as *e* to the power *z* (*e* "
                f"= 2.718…). After the division, the ten {chances('probabilities')} *p* add up to 1.",
            )
            step(
                "moving",
                "Move a score",
                "Drag the bar of a score, or choose it and use the arrow keys. All ten probabilities change: they "
                "share one whole. What counts is how far ahead a score is: one that is 1 larger than another gets *e* "
                "times, that is 2.718 times, its probability. (A little less for your own drawing: see *In formulas*.)",
            )
            step(
                "argmax",
                "The answer",
                "The model answers with the digit whose score is the largest, marked ▸. Finding the place of the "
                "largest is called **argmax**. Softmax keeps the order, so the answer itself does not need it. We need "
                "it to say how sure the model is and, in chapter 5, how wrong.",
            )
    answer_sections.by_hand()
    answer_sections.output()
    answer_sections.behind()
    predict("mistake")
