"""The Compare page alone: what its charts, its table and its file say of runs, and what its buttons do."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from lrdemo.history import smoothed
from lrdemo.serving.kept import Kept
from lrdemo.serving.messages import Event
from lrdemo.settings import Settings, changed
from lrdemo.ui import kept_charts, kept_table
from lrdemo.ui.kept_charts import Line

ROOT = Path(__file__).parents[2]
LONG = 60.0


def of(sign, losses, tests, events=(), diverged=False, **values):
    """Return a run whose every number is known, under the name of its sign."""
    settings = changed(Settings(), **values)
    table = np.asarray(tests, np.float32).reshape(-1, 3)
    loss = np.asarray(losses, np.float32)
    numbers = np.zeros(7_850, np.float32)
    run = Kept(settings, tuple(events), len(loss), diverged, numbers, loss, loss / 10, table, 1.0, 0.002)
    return Line(sign, f"run {sign}", run)


ONE = of("1", [2.0, 1.0, 0.5], [(0, 2.3, 0.1), (3, 0.4, 0.9)])
TWO = of("2", [2.0, 1.5], [(0, 2.3, 0.12), (2, 0.6, 0.85)], learning_rate=0.5, batch_size=60, iterations=2)


def data(chart, place):
    return chart.option["series"][place]["data"]


def test_curves_are_the_smoothed_losses_and_the_tests_against_iterations_epochs_or_seconds():
    losses = kept_charts.loss([ONE, TWO], "iterations")
    assert data(losses, 0) == [[at + 1, pytest.approx(value)] for at, value in enumerate(smoothed(ONE.run.loss))]
    assert [series["name"] for series in losses.option["series"]] == ["1: run 1", "2: run 2"]
    assert losses.option["xAxis"]["name"] == "iteration" and losses.option["yAxis"]["name"] == "loss"

    # 600 iterations of 100 images are an epoch, or 1,000 of 60; an iteration takes 2 ms.
    epochs = kept_charts.accuracy([ONE, TWO], "epochs")
    assert data(epochs, 0) == [[0, pytest.approx(10)], [3 / 600, pytest.approx(90)]]
    assert data(epochs, 1) == [[0, pytest.approx(12)], [2 / 1_000, pytest.approx(85)]]
    seconds = kept_charts.accuracy([ONE], "seconds")
    assert data(seconds, 0)[-1] == [pytest.approx(0.006), pytest.approx(90)]
    assert "90.00\u00a0%" in epochs.alt and "run 2" in epochs.alt


def test_every_line_of_thirteen_has_another_look_and_its_sign_at_its_end():
    lines = [of(str(number), [1.0], [(0, 1, 0.5)]) for number in range(1, 14)]
    series = kept_charts.accuracy(lines, "iterations").option["series"]

    looks = {(one["lineStyle"]["color"], one["lineStyle"]["type"]) for one in series}
    assert len(looks) == 13
    assert [one["endLabel"]["formatter"] for one in series] == [str(number) for number in range(1, 14)]


def test_a_run_that_has_diverged_is_drawn_as_far_as_it_has_numbers():
    lost = of("1", [2.0, np.inf, np.nan], [(0, 2.3, 0.1)], diverged=True)

    assert data(kept_charts.loss([lost], "iterations"), 0) == [[1, 2.0]]
    assert kept_table.rows([lost, ONE])[1][0][-3] == "diverged"


def test_a_loss_beyond_the_axis_runs_along_its_edge_and_the_title_says_so():
    high = of("1", [2.0, 9.0, 300.0], [(0, 2.3, 0.1)])
    chart = kept_charts.loss([high], "iterations")

    assert [y for _, y in data(chart, 0)] == [2.0, 2.6, 2.6] and chart.title.endswith("(cut at 2.6)")
    assert not kept_charts.loss([ONE], "iterations").title.endswith("(cut at 2.6)")
    assert "300" in chart.alt or "103" in chart.alt


def test_the_table_lists_what_differs_and_marks_what_most_do_not_have():
    three = of("3", [1.0], [(0, 2.3, 0.1), (1, 0.5, 0.8)], learning_rate=0.5)
    heads, rows = kept_table.rows([ONE, TWO, three])

    assert heads == ["run", "Learning rate", "Iterations", "Batch size", "iteration", "accuracy", "loss", "seconds"]
    assert rows[0] == ["1: run 1", "**0.1**", "600", "100", "3", "90.00\u00a0%", "0.400", "0.0"]
    assert rows[1][1:4] == ["0.5", "**2**", "**60**"]
    assert kept_table.differing([ONE, of("2", [1.0], [], pace=3)]) == []


def test_what_was_done_by_hand_and_a_test_of_an_earlier_iteration_are_said():
    rate, teach = Event(1, "set_learning_rate", (0.2,)), Event(2, "teach", ())
    busy = of("1", [1.0] * 5, [(0, 2.3, 0.1), (3, 0.5, 0.8)], (rate, rate, teach))
    heads, rows = kept_table.rows([busy, ONE])

    assert heads[1] == "by hand"
    assert [row[1] for row in rows] == ["rate changed 2 times, taught", "–"]
    assert rows[0][3] == "80.00\u00a0% at 3"


def test_the_file_has_a_row_for_each_iteration_of_each_run():
    rows = list(csv.DictReader(io.StringIO(kept_table.as_csv([ONE, TWO]).decode())))

    assert [(row["run"], int(row["iteration"])) for row in rows] == [
        *(("run 1", at) for at in range(4)), *(("run 2", at) for at in range(3)),
    ]  # fmt: skip
    assert rows[0]["loss"] == "" and float(rows[0]["test_accuracy"]) == pytest.approx(0.1)
    assert float(rows[3]["loss"]) == 0.5 and float(rows[3]["accuracy"]) == pytest.approx(0.05)
    assert float(rows[3]["epoch"]) == pytest.approx(0.005) and float(rows[3]["seconds"]) == pytest.approx(0.006)
    assert rows[2]["test_loss"] == "" and float(rows[3]["test_loss"]) == pytest.approx(0.4)
    assert float(rows[-1]["learning_rate_at_start"]) == 0.5


@pytest.fixture
def page(open_app, tmp_path):
    """The page under its transport, as the frame draws them, with a run that has finished."""
    frame = tmp_path / "frame.py"
    frame.write_text(
        "import runpy\nfrom lrdemo.ui import controls\n"
        f"controls.transport()\nrunpy.run_path({str(ROOT / 'pages' / 'compare.py')!r})\n"
    )
    app = open_app(str(frame), iterations="40", pace="0")
    assert any("Nothing to compare yet" in one.value for one in app.markdown)
    return click(app, "transport_Start")


def visitor_of(app):
    return app.session_state["visitor"]


def finished(app):
    visitor_of(app).run.wait(LONG, lambda now: now.state == "finished")
    app.run()
    assert not app.exception, app.exception
    return app


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception, app.exception
    return finished(app)


def table_of(app):
    return next(one.value for one in app.markdown if one.value.startswith("| run"))


def test_a_run_is_kept_started_once_more_and_both_stand_beside_each_other(page):
    click(page, "transport_Keep")
    assert page.button(key="transport_Kept").disabled
    page.text_input(key="kept_value_learning_rate_1").set_value("0.5").run()
    click(page, "kept_once_more")

    assert visitor_of(page).run.settings == Settings(iterations=40, pace=0, learning_rate=0.5)
    rows = table_of(page).splitlines()
    assert rows[0] == "| run | Learning rate | iteration | accuracy | loss | seconds |"
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| 1: iterations 40", "| now: your run"]
    assert visitor_of(page).draft.learning_rate == 0.5
    kept = list(visitor_of(page).kept)[0].run
    assert f"{100 * kept.tests[-1].accuracy:.2f}" in rows[2]


def test_a_value_that_is_none_or_the_same_is_said_to_be_so_and_nothing_starts(page):
    click(page, "transport_Keep")
    before = visitor_of(page).run.snapshot().revision
    for value, sentence in (("1000", "is not a number from"), ("0.1", "this is what the run has")):
        page.text_input(key="kept_value_learning_rate_1").set_value(value).run()
        page.button(key="kept_once_more").click().run()
        assert any(sentence in one.value for one in page.warning), value

    assert visitor_of(page).run.snapshot().revision == before and len(visitor_of(page).kept) == 1


def test_a_kept_run_becomes_the_present_one_and_the_present_one_is_kept(page):
    click(page, "transport_Keep")
    first = list(visitor_of(page).kept)[0]
    page.text_input(key="kept_value_learning_rate_1").set_value("0.5").run()
    click(page, "kept_once_more")

    click(page, "kept_look")

    assert [one.name for one in visitor_of(page).kept] == ["iterations 40", "rate 0.5, iterations 40"]
    now = visitor_of(page).run.snapshot()
    assert np.array_equal(now.lane.parameters, first.run.parameters)
    # The present run is a kept one: it has no line of its own.
    assert "now: your run" not in table_of(page)


def test_a_run_is_renamed_and_deleted(page):
    click(page, "transport_Keep")
    page.text_input(key="kept_name_1_iterations 40").set_value("*the* [best](x)").run()
    assert [one.name for one in visitor_of(page).kept] == ["*the* [best](x)"]
    assert r"\*the\* \[best\](x)" in table_of(page)

    click(page, "kept_delete")

    assert not len(visitor_of(page).kept)
    assert not [one for one in page.button if one.key == "kept_delete"]
    assert "now: your run" in table_of(page)
