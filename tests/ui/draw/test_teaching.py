"""Teach it my handwriting: what is taught and what is not, what changes, undoing, and the file."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import FOUR, SEVEN, drawn, section, trained, visitor
from reading import again, click, number, pictures, table, words

from lrdemo.answers.predict import logits
from lrdemo.drawings.own import own_drawing, to_json
from lrdemo.drawings.teach import teach
from lrdemo.pictures import limit_of
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.stroke_pictures import signed_inputs
from lrdemo.trainer import Trainer
from lrdemo.ui.server.picture import mnist, picture_of

PAGE = "pages/draw.py"
TAB = "Teach it my handwriting"
HEADS = ("", "before", "after")
MINE, TEST = "my drawings for teaching, classified correctly", "my drawings for testing, classified correctly"


@pytest.fixture
def page(open_app):
    return section(trained(open_app(PAGE)), TAB)


def add(page, strokes, label, button="Add for teaching"):
    drawn(page, strokes)
    page.button_group(key="own_label").set_value(label)
    again(page)
    return click(page, button)


def sevens(page):
    """Add three sevens for teaching and one, drawn likewise, for testing."""
    for place in range(4):
        moved = [stroke + np.array([3.0 * place, -4.0 * place]) for stroke in SEVEN]
        add(page, moved, 7, "Add for teaching" if place < 3 else "Keep for testing")
    return page


def own(page):
    return visitor(page).drawings


def parameters(page):
    return visitor(page).run.snapshot().lane.parameters


def outcome(page):
    return {row[0]: row[1:] for row in table(page, *HEADS)}


def test_without_a_drawing_nothing_can_be_added(page):
    def disabled():
        return {one.label: one.disabled for one in page.button if one.label in ("Add for teaching", "Keep for testing")}

    assert disabled() == {"Add for teaching": True, "Keep for testing": True}, "it has no label yet"
    page.session_state["own_label"] = 4
    again(page)
    assert disabled() == {"Add for teaching": False, "Keep for testing": False}
    for label in disabled():
        click(page, label)
        assert [one.value for one in page.warning] == ["Draw a digit on the pad first."]
    visitor(page).picture = picture_of(4)
    click(page, "Add for teaching")
    assert [one.value for one in page.warning] == ["Draw a digit on the pad first."]
    assert own(page) == []


def test_a_drawing_is_kept_with_its_label_its_role_and_what_the_model_reads(page):
    add(page, FOUR, 4)
    add(page, SEVEN, 7, "Keep for testing")

    assert [(one.label, one.held_back) for one in own(page)] == [(4, False), (7, True)]
    captions = [caption.value for caption in page.caption]
    for place, (drawing, role) in enumerate(zip(own(page), ("teaching", "testing"), strict=True), 1):
        image = drawing.prepared("pixels")
        answer = int(logits(parameters(page), image.reshape(1, -1)).argmax())
        mark = "✓" if answer == drawing.label else "✗"
        assert f"**{drawing.label}**, for {role}; read as {answer} {mark}" in captions
        (seen,) = [one for one in pictures(page) if one.alt == f"Drawing {place}, labelled {drawing.label}"]
        assert np.array_equal(255 - seen.pixels[::3, ::3], np.rint(255 * image))


def test_only_drawings_for_teaching_are_taught(page, digits):
    # Another digit: one more seven like the others would teach the same.
    add(sevens(page), FOUR, 4, "Keep for testing")
    click(page, "Teach")

    beside = Trainer(Settings(iterations=600, pace=0), digits)
    beside.advance(600)
    chosen = [drawing for drawing in own(page) if not drawing.held_back]
    assert len(chosen) == 3
    variations = [drawing.variations("pixels") for drawing in chosen]
    labels = np.repeat([7], sum(map(len, variations)))
    teach(beside, np.concatenate(variations), labels, 100, 20)
    weight, bias = layers(parameters(page))[0]
    assert np.allclose(weight, beside.model.weight.detach().numpy(), atol=1e-6)
    assert np.allclose(bias, beside.model.bias.detach().numpy(), atol=1e-6)


def test_the_outcome_says_what_has_changed_and_undoing_takes_it_back_exactly(page):
    before = parameters(sevens(page)).copy()
    accuracy = visitor(page).run.snapshot().lane.tests[-1].accuracy
    click(page, "Teach")

    shown = outcome(page)
    assert (shown[MINE], shown[TEST]) == (["0 of 3", "3 of 3"], ["0 of 1", "1 of 1"])
    assert number(shown["MNIST test accuracy"][0]) == pytest.approx(100 * accuracy, abs=0.0051)
    after = visitor(page).run.snapshot().lane
    assert number(shown["MNIST test accuracy"][1]) == pytest.approx(100 * after.tests[-1].accuracy, abs=0.0051)
    assert "**Before and after 100 extra steps at iteration 600**" in words(page)

    old, new = (layers(one)[0][0][7].reshape(28, 28) for one in (before, after.parameters))
    seen = [one for one in pictures(page) if one.caption.startswith(("Template of 7", "What changed"))]
    names = ["Template of 7 before", "Template of 7 after", "What changed"]
    assert [one.caption.split(",")[0] for one in seen] == names
    for one, values in zip(seen, (old, new, new - old), strict=True):
        colours, strong = one.pixels[::6, ::6].astype(int), np.abs(values) > 0.3 * np.abs(values).max()
        assert np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])

    click(page, "Undo the last teaching (1 so far)")
    assert np.array_equal(parameters(page), before)
    assert (outcome(page)[MINE], outcome(page)[TEST]) == (["3 of 3", "0 of 3"], ["1 of 1", "0 of 1"])
    assert "**Before and after undoing at iteration 600**" in words(page)
    assert not [button for button in page.button if button.label.startswith("Undo")]


def test_what_it_misreads_stands_first_and_is_what_it_offers_to_teach(page, digits):
    add(page, FOUR, 4)
    add(page, SEVEN, 7)
    read = [int(logits(parameters(page), one.prepared("pixels").reshape(1, -1)).argmax()) for one in own(page)]
    assert (read[0] == 4, read[1] == 7) == (True, False), "the drawings must be one of each kind"
    assert [one.alt for one in pictures(page) if one.alt.startswith("Drawing")] == [
        "Drawing 2, labelled 7", "Drawing 1, labelled 4"
    ]  # fmt: skip
    click(page, "Teach the 1 it misreads")

    beside = Trainer(Settings(iterations=600, pace=0), digits)
    beside.advance(600)
    variations = own(page)[1].variations("pixels")
    teach(beside, variations, np.repeat([7], len(variations)), 100, 20)
    assert np.allclose(layers(parameters(page))[0][0], beside.model.weight.detach().numpy(), atol=1e-6)


def test_steps_and_copies_are_those_that_were_chosen(page, digits):
    add(page, SEVEN, 7)
    page.slider(key="own_copies").set_value(5)
    page.segmented_control(key="own_steps").set_value(300)
    click(again(page), "Teach")

    beside = Trainer(Settings(iterations=600, pace=0), digits)
    beside.advance(600)
    variations = own(page)[0].variations("pixels")
    teach(beside, variations, np.repeat([7], len(variations)), 300, 5)
    assert np.allclose(layers(parameters(page))[0][0], beside.model.weight.detach().numpy(), atol=1e-6)
    assert "**Before and after 300 extra steps at iteration 600**" in words(page)


def test_drawings_for_testing_alone_cannot_be_taught(page):
    def disabled():
        return next(button for button in page.button if button.label == "Teach").disabled

    add(page, SEVEN, 7, "Keep for testing")
    assert disabled()
    add(page, FOUR, 4)
    assert not disabled()


def test_the_templates_before_and_after_are_those_of_the_last_digit_that_was_taught(page):
    add(page, SEVEN, 7)
    add(page, FOUR, 4)
    add(page, SEVEN, 7, "Keep for testing")
    click(page, "Teach all 2")

    assert [one.caption.split(",")[0] for one in pictures(page) if one.caption.startswith("Template")] == [
        "Template of 4 before", "Template of 4 after"
    ]  # fmt: skip


def test_the_drawing_that_is_deleted_is_the_one_above_the_button(page):
    add(page, FOUR, 4)
    add(page, SEVEN, 7)
    page.button(key="own_delete_0").click()
    again(page)

    assert [one.label for one in own(page)] == [7]


def test_a_taught_untrained_model_is_called_taught_and_does_not_guess(open_app):
    page = section(again(open_app(PAGE)), TAB)
    click(add(page, SEVEN, 7), "Teach")
    section(page, "How sure?")

    assert "at iteration 0, taught once." in words(page)
    assert "guess" not in words(page)


def test_another_start_forgets_the_outcome(page):
    click(add(page, SEVEN, 7), "Teach")
    trained(page, iterations=20)

    assert "Before and after" not in words(page)
    assert len(own(page)) == 1


def test_a_file_of_drawings_comes_back(page):
    content = to_json([own_drawing(7, SEVEN, np.zeros((280, 280), np.uint8), held_back=True)]).encode()
    page.file_uploader(key="own_upload_0").set_value(("mine.json", content, "application/json"))
    again(page)

    assert [(one.label, one.held_back) for one in own(page)] == [(7, True)]
    assert "**My drawings** (1)" in words(page)


def test_a_file_for_which_there_is_no_room_is_refused_whole(page):
    one = own_drawing(7, SEVEN, np.zeros((280, 280), np.uint8))
    visitor(page).drawings = [one] * 59
    content = to_json([one, one]).encode()
    page.file_uploader(key="own_upload_0").set_value(("mine.json", content, "application/json"))
    again(page)

    assert len(own(page)) == 59
    assert "There is room for 60 drawings. Delete some of yours first." in page.warning[0].value


@pytest.mark.parametrize("content", [b"{}", b"", b"[1"])
def test_a_wrong_file_is_a_sentence_and_nothing_is_kept(page, content):
    page.file_uploader(key="own_upload_0").set_value(("mine.json", content, "application/json"))
    again(page)

    assert [warning.value[-1] for warning in page.warning] == ["."]
    assert own(page) == []


def test_there_is_room_for_sixty_drawings(page):
    many = [own_drawing(7, SEVEN, np.zeros((280, 280), np.uint8))] * 59
    visitor(page).drawings = list(many)
    add(page, FOUR, 4)
    assert len(own(page)) == 60 and not page.warning

    click(page, "Add for teaching")
    assert len(own(page)) == 60
    assert "There is room for 60 drawings." in page.warning[0].value


def tap(page, digit):
    page.button(key=f"tap_{digit}").click()
    return again(page)


def test_a_tap_on_the_right_digit_teaches_the_drawing_and_says_what_came_of_it(page, digits):
    drawn(page, SEVEN)
    before = parameters(page).copy()
    tap(page, 7)

    assert [(one.label, one.held_back) for one in own(page)] == [(7, False)]
    beside = Trainer(Settings(iterations=600, pace=0), digits)
    beside.advance(600)
    variations = own(page)[0].variations("pixels")
    teach(beside, variations, np.full(len(variations), 7), 100, 20)
    weight, _ = layers(parameters(page))[0]
    assert np.allclose(weight, beside.model.weight.detach().numpy(), atol=1e-6)
    read = int(logits(parameters(page), own(page)[0].prepared("pixels").reshape(1, -1)).argmax())
    assert read == 7
    images = np.asarray(digits.test_images.reshape(-1, 784) / 255, np.float32)
    old, new = (100 * (logits(one, images).argmax(axis=1) == digits.test_labels).mean()
                for one in (before, parameters(page)))  # fmt: skip
    cost = f"this {'cost' if old > new else 'gained'} {abs(old - new):.2f} percentage points"
    said = f"it now reads the drawing as **a 7**. Test images: {old:.2f} % before, {new:.2f} % after; {cost}."
    assert f"Taught at iteration 600: {said}" in words(page)

    page.button(key="tap_undo").click()
    again(page)
    assert "Undone at iteration 600: the model is as it was before." in words(page)
    assert np.array_equal(parameters(page), before)


def test_a_run_that_trains_stands_while_it_is_taught_and_then_goes_on(page):
    run = visitor(page).run
    run.start(Settings(iterations=30_000, pace=50))
    run.wait(60, lambda snapshot: snapshot.state == "running" and snapshot.iteration > 5)
    drawn(page, SEVEN)
    tap(page, 7)

    at = next(event.iteration for event in run.events if event.verb == "teach")
    assert f"Taught at iteration {at}: " in words(page)
    images = np.asarray(mnist().test_images.reshape(-1, 784) / 255, np.float32)
    before, after = page.session_state["own_outcome"].before, page.session_state["own_outcome"].after
    for look in (before, after):
        # The weights and the accuracy are of the same model.
        assert look.accuracy == (logits(look.parameters, images).argmax(axis=1) == mnist().test_labels).mean()
    assert run.snapshot().state == "running"
    run.wait(60, lambda snapshot: snapshot.iteration > at)


def test_another_start_takes_what_was_said_of_the_last_teaching_away(page):
    drawn(page, SEVEN)
    tap(page, 7)
    page.button(key="tap_undo").click()
    assert "Undone at iteration 600" in words(again(page))
    trained(page)

    assert "Undone" not in words(page)


def test_who_taps_another_digit_for_the_same_drawing_has_thought_better_of_it(page):
    drawn(page, SEVEN)
    tap(tap(page, 2), 7)
    assert [one.label for one in own(page)] == [7]

    drawn(page, FOUR)
    tap(page, 4)
    assert [one.label for one in own(page)] == [7, 4]


def test_a_tap_without_a_drawing_teaches_nothing_and_says_so(page):
    before = parameters(page).copy()
    tap(page, 3)

    assert own(page) == [] and np.array_equal(parameters(page), before)
    assert "Draw a digit on the pad first." in [warning.value for warning in page.warning]


def test_an_untrained_model_that_is_taught_is_said_to_know_little_else(open_app):
    page = again(open_app(PAGE))
    drawn(page, FOUR)
    tap(page, 4)

    assert "It was never trained, so it knows little else." in words(page)


def test_the_label_that_is_chosen_stays_chosen(page):
    drawn(page, FOUR)
    control = page.button_group(key="own_label")

    assert control.proto.required


def test_a_model_that_gets_edges_shows_as_strokes_what_changed(open_app):
    page = section(trained(open_app(PAGE), features="directions"), TAB)
    before = parameters(sevens(page)).copy()
    click(page, "Teach")

    old, new = (layers(one)[0][0][7].reshape(8, 10, 10) for one in (before, parameters(page)))
    seen = [one for one in pictures(page) if one.caption.startswith(("Template of 7", "What changed"))]
    tops = (limit_of(old), limit_of(old), float(np.abs(new - old).max()))
    for one, values, top in zip(seen, (old, new, new - old), tops, strict=True):
        assert np.array_equal(one.pixels, signed_inputs(values, top, 6))
    assert any(caption.value.startswith("The edges of your strokes show") for caption in page.caption)
