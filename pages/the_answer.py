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
                f"{answered('softmax')} Each {scores('score')} *z* becomes positive as a power of *e* = 2.718…, *e* "
                f"to the *z*. The results, the {chances('probabilities')} *p*, add up to 1.",
            )
            step(
                "moving",
                "Move a score",
                "Drag the bar of a score, or choose it and use the arrow keys. All ten probabilities change, since "
                "they share one whole. What counts is how far a score is ahead: a score that is 1 larger than another "
                "gets *e*, that is 2.7 times, its probability.",
            )
            step(
                "argmax",
                "The answer",
                "The model answers with the digit whose score is the largest, marked ▸. Finding the place of the "
                "largest is called **argmax**. Softmax keeps the order, so the answer does not need it. It is needed "
                "to say how sure the model is and, in chapter 5, how wrong.",
            )
    answer_sections.by_hand()
    answer_sections.output()
    answer_sections.behind()
    predict("mistake")
