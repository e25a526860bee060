import json

import pytest
import torch

from lrdemo import recipes
from lrdemo.__main__ import main
from lrdemo.checkpoint import load
from lrdemo.settings import TABLE


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
    assert result["iterations"] == 50
    assert result["settings"]["batch_size"] == 64 and result["settings"]["drop_last"] is True
    assert 75 < result["test_accuracy"] < 90
    assert load(path)[1].iterations == 50


def test_train_says_loss_and_accuracy(capsys):
    assert main(["train", "--iterations", "10", "--model", "mlp"]) == 0

    assert "test accuracy" in capsys.readouterr().out


def test_every_setting_of_a_run_is_an_option(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])

    help = capsys.readouterr().out
    assert all("--" + name.replace("_", "-") in help for name in TABLE if name != "pace")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--learning-rate", "99"], "Learning rate"),
        (["--learning-rate", "nan"], "Learning rate"),
        (["--model", "mlp", "--gradient", "by-hand"], "autograd"),
        (["--iterations", "1", "--save", "no/such/folder/model.npz"], "could not be written"),
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


def test_an_unknown_command_is_status_2(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])
