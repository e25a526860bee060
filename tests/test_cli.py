import json
import re
from dataclasses import replace

import pytest
import torch

from lrdemo import recipes
from lrdemo.__main__ import main
from lrdemo.checkpoint import load
from lrdemo.settings import TABLE, Settings


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_train_writes_one_json_document_and_saves_the_model(tmp_path, capsys):
    path = tmp_path / "model.npz"

    status = main(["train", "--iterations", "50", "--batch-size=64", "--drop-last", "--json", "--save", str(path)])

    result = json.loads(capsys.readouterr().out)
    assert status == 0
    assert result["iterations"] == 50 and result["exploded"] is False
    assert result["settings"]["batch_size"] == 64 and result["settings"]["drop_last"] is True
    assert 75 < result["test_accuracy"] < 90
    # After fifty iterations both losses lie far below the start, and close together.
    assert result["loss"] == pytest.approx(result["test_loss"], abs=0.4) and result["test_loss"] < 1.2
    assert load(path)[1].iterations == 50


def test_train_says_that_it_was_judged_on_held_out_images(capsys):
    assert main(["train", "--iterations=5", "--held-out=5000"]) == 0
    assert "of 5,000 held-out training images." in capsys.readouterr().out

    assert main(["train", "--iterations=5"]) == 0
    assert "of 10,000 images." in capsys.readouterr().out


def test_a_folder_that_is_missing_is_noticed_before_the_digits_are_loaded(monkeypatch, tmp_path):
    monkeypatch.setattr("lrdemo.data.load_mnist", None)

    assert main(["train", "--save", str(tmp_path / "none" / "model.npz")]) == 2


def test_a_saved_model_is_tested_again(tmp_path, capsys):
    path = tmp_path / "model.npz"
    trained_so = ["--iterations=20", "--model=mlp", "--init=linear", "--features=normalised"]
    assert main(["train", *trained_so, "--json", "--save", str(path)]) == 0
    trained = json.loads(capsys.readouterr().out)

    assert main(["test", str(path), "--json"]) == 0
    tested = json.loads(capsys.readouterr().out)
    assert {name: tested[name] for name in ("settings", "iterations", "test_accuracy")} == {
        name: trained[name] for name in ("settings", "iterations", "test_accuracy")
    }
    assert tested["test_loss"] == pytest.approx(trained["test_loss"], abs=1e-6)

    assert main(["test", str(path)]) == 0
    assert "Iteration 20: test loss" in capsys.readouterr().out


def test_a_file_that_is_no_model_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "model.npz"
    path.write_bytes(b"no model")

    for missing_or_bad in (path, tmp_path / "none.npz"):
        assert main(["test", str(missing_or_bad)]) == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith("lrdemo: ")


def test_training_that_explodes_is_said(capsys):
    assert main(["train", "--iterations=120", "--learning-rate=10", "--momentum=0.99", "--json"]) == 0

    captured = capsys.readouterr()
    assert json.loads(captured.out)["exploded"] is True
    assert "exploded" in captured.err


def test_training_that_diverges_ends_with_a_sentence(capsys, monkeypatch):
    monkeypatch.setattr("lrdemo.run.summed", lambda log_p, labels: torch.full((2, 1, len(log_p)), torch.nan))

    assert main(["train", "--iterations=10"]) == 2
    assert "diverged after iteration 0: the loss is no longer finite" in capsys.readouterr().err


def test_train_says_loss_and_accuracy(capsys):
    assert main(["train", "--iterations", "10", "--model", "mlp"]) == 0

    assert "test accuracy" in capsys.readouterr().out


def test_every_setting_of_a_run_is_an_option(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])

    help = capsys.readouterr().out
    assert all("--" + name.replace("_", "-") in help for name in TABLE if name != "pace")
    assert "0…2147483647" in help and "sgd|nesterov|adam" in help


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--learning-rate", "99"], "Learning rate"),
        (["--learning-rate", "nan"], "Learning rate"),
        (["--model", "mlp", "--gradient", "by-hand"], "autograd"),
        (["--iterations", "30000", "--save", "no/such/folder/model.npz"], "“no/such/folder” does not exist"),
        (["--iterations", "30000", "--save", "."], "“.” cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(arguments, words, capsys):
    assert main(["train", *arguments]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("lrdemo: ") and words in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.skipif(torch.cuda.is_available(), reason="has CUDA")
@pytest.mark.parametrize("command", ["train", "recipes", "bench"])
def test_a_device_that_is_not_there_is_said(command, capsys):
    assert main([command, "--device", "cuda"]) == 2

    assert "'cuda' is not available" in capsys.readouterr().err


def test_recipes_are_one_json_list_and_the_status_tells_whether_all_are_within(capsys, monkeypatch):
    monkeypatch.setattr(recipes, "RECIPES", recipes.RECIPES[:1])

    assert main(["recipes", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["recipe"] == "A step by step" and result["within"] is True

    assert main(["recipes", "--seed", "2"]) == 0
    assert "90.0 to 90.6" in capsys.readouterr().out


def test_recipe_b_is_compared_at_every_published_iteration(capsys, monkeypatch):
    monkeypatch.setattr(recipes, "RECIPES", [one for one in recipes.RECIPES if one.name == "B"])

    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[2::2]] == [["at", f"{at:,}"] for at in range(500, 3_001, 500)]
    assert re.fullmatch(r" +at 500 +70, 64.44, 68.99 +64 to 71 +6\d\.\d\d", lines[2])
    assert re.fullmatch(r" +loss +1.85, 1.88, 1.86 +1\.8\d", lines[3])


def test_one_recipe_outside_its_range_is_status_1(capsys, monkeypatch):
    good = replace(recipes.RECIPES[0], settings=Settings(iterations=20), range=(0.0, 100.0))
    monkeypatch.setattr(recipes, "RECIPES", (good, replace(good, name="too good", range=(99.0, 100.0))))

    assert main(["recipes"]) == 1
    first, second = capsys.readouterr().out.splitlines()[1:]
    assert first.startswith("A step by step") and not first.endswith("outside")
    assert second.startswith("too good") and second.endswith("  outside")


def test_an_unknown_command_is_status_2(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])
