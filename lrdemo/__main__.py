"""The commands: prepare the data, train without a browser, test a saved model, run the published recipes, measure.

With `--json` exactly one JSON document goes to standard output; progress goes to standard error. Expected errors print
one sentence and exit with status 2.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from lrdemo.errors import LrdemoError
from lrdemo.formats import count, fixed, percent, quoted
from lrdemo.settings import DEFAULTS, TABLE, TEST_SIZE, Settings, changed, check

BLOCKS = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, 1 when a recipe is out of its range, 2 after an expected error."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["classroom"]:
        from lrdemo.bench.classroom import main as classroom

        return int(classroom(words[1:]) or 0)
    options = _parser().parse_args(words)
    try:
        return int(options.command(options))
    except LrdemoError as error:
        print(f"lrdemo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("lrdemo: stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lrdemo", description="Softmax regression on MNIST, trained live.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, help: str, function: Any) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.add_argument("--json", action="store_true", help="write one JSON document to standard output")
        made.set_defaults(command=function)
        return made

    command("prepare", "Unpack and check MNIST, and prepare the other features.", _prepare)
    train = command("train", "Train one run at full speed and test it.", _train)
    for setting in fields(Settings):
        # Pace is for watching.
        if setting.name != "pace":
            _add_option(train, setting.name)
    train.add_argument("--save", metavar="FILE", help="write the trained model to this .npz file")
    test = command("test", "Test a saved model on the 10,000 test images.", _test)
    test.add_argument("file", metavar="FILE", help="an .npz file written by `train --save` or by the app")
    recipes = command("recipes", "Run the recipes and compare their figures with what was published.", _recipes)
    bench = command("bench", "Measure the speed of training.", _bench)
    for made in (recipes, bench):
        _add_option(made, "device")
    _add_option(recipes, "seed")
    commands.add_parser("classroom", help="Load the server with many browsers.", add_help=False)
    return parser


def _add_option(parser: argparse.ArgumentParser, name: str) -> None:
    setting, default = TABLE[name], DEFAULTS[name]
    option = "--" + name.replace("_", "-")
    help = f"{setting.label}. {setting.help} Default: {default}.".replace("%", "%%")
    if isinstance(default, bool):
        parser.add_argument(option, action="store_true", default=None, help=help)
    else:
        parser.add_argument(option, metavar=setting.limits, help=help)


def _chosen(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Return the settings given on the command line, checked."""
    given = {name: getattr(options, name, None) for name in names}
    return {name: check(name, TABLE[name], value) for name, value in given.items() if value is not None}


def _prepare(options: argparse.Namespace) -> int:
    from lrdemo.data import cache_folder, load_mnist
    from lrdemo.features import FEATURES, prepared
    from lrdemo.styles import styled_digits

    digits = load_mnist(_say)
    for features in FEATURES:
        prepared(digits, features, partial(_progress, f"preparing {features}"))
    styled_digits()
    found = {
        "folder": str(cache_folder()),
        "train_images": len(digits.train_images),
        "test_images": len(digits.test_images),
        "features": list(FEATURES),
    }
    return _tell(options, found, f"Ready in {found['folder']}: {', '.join(FEATURES)}.")


def _train(options: argparse.Namespace) -> int:
    given = _chosen(options, *TABLE)
    settings = Settings(**given) if "gradient" in given else changed(Settings(), **given)
    if options.save:
        _require_writable(Path(options.save))
    _one_thread()
    from lrdemo.checkpoint import save
    from lrdemo.data import load_mnist
    from lrdemo.run import require_device
    from lrdemo.trainer import Trainer

    require_device(settings.device)
    trainer = Trainer(settings, load_mnist(_say))
    while not trainer.finished:
        trainer.advance(max(1, settings.iterations // 100))
        _progress("training", trainer.iteration / settings.iterations)
    if trainer.diverged:
        raise LrdemoError(
            f"Training diverged after iteration {trainer.iteration}: the loss is no longer finite. "
            "Choose a lower learning rate."
        )
    if trainer.exploded:
        _say("Training exploded: the loss stays above its start. Choose a lower learning rate.")
    last = trainer.history.tests[-1]
    if options.save:
        save(options.save, trainer)
        _say(f"The model is in {options.save}.")
    result = {
        "settings": {name: getattr(settings, name) for name in TABLE if name != "pace"},
        "iterations": trainer.iteration,
        "loss": float(trainer.history.loss[-1]),
        "test_loss": last.loss,
        "test_accuracy": round(100 * last.accuracy, 2),
        "exploded": trainer.exploded,
    }
    return _tell(
        options,
        result,
        f"Iteration {trainer.iteration}: minibatch loss {fixed(float(trainer.history.loss[-1]), 4)}, "
        + _tested(last.loss, last.accuracy, settings.held_out),
    )


def _test(options: argparse.Namespace) -> int:
    _one_thread()
    from lrdemo.checkpoint import load
    from lrdemo.data import load_mnist
    from lrdemo.evaluate import evaluate
    from lrdemo.minibatches import resident

    model, settings, info = load(options.file)
    tensors = resident(load_mnist(_say), "cpu", settings.features)
    loss, accuracy = evaluate(model, tensors.test_images, tensors.test_labels)
    result = {
        "settings": {name: getattr(settings, name) for name in TABLE if name != "pace"},
        "iterations": int(info.get("iteration", 0)),
        "test_loss": loss,
        "test_accuracy": round(100 * accuracy, 2),
    }
    return _tell(options, result, f"Iteration {result['iterations']}: " + _tested(loss, accuracy))


def _tested(loss: float, accuracy: float, held_out: int = 0) -> str:
    images = f"{count(held_out)} held-out training images" if held_out else f"{count(TEST_SIZE)} images"
    return f"test loss {fixed(loss, 4)}, test accuracy {percent(accuracy, 2)} of {images}."


def _require_writable(file: Path) -> None:
    """Raise LrdemoError when no file can be written there, before hours have gone into what it should hold."""
    if not file.parent.is_dir():
        raise LrdemoError(f"The folder {quoted(str(file.parent))} does not exist. Make it first, or save elsewhere.")
    ordinary = file.is_file() or not file.exists()
    if not ordinary or not all(os.access(place, os.W_OK) for place in (file.parent, file) if place.exists()):
        raise LrdemoError(f"{quoted(str(file))} cannot be written. Save elsewhere.")


def _recipes(options: argparse.Namespace) -> int:
    given = _chosen(options, "seed", "device")
    _one_thread()
    from lrdemo.data import load_mnist
    from lrdemo.recipes import run_all
    from lrdemo.run import require_device

    require_device(given.get("device", "cpu"))
    results = list(run_all(load_mnist(_say), **given, say=_say))
    lines = [_row("recipe", "published", "range", "here")]
    for result in results:
        lines.append(_compared(result["recipe"], result["published"] or "–", result, result["final_test_accuracy"]))
        for point in result["points"]:
            if "within" in point:
                published = ", ".join(f"{figure:g}" for figure in point["published_accuracy"])
                lines.append(_compared(f"  at {count(point['iteration'])}", published, point, point["test_accuracy"]))
                losses = ", ".join(fixed(loss, 2) for loss in point["published_loss"])
                lines.append(_row("    loss", losses, "", fixed(point["loss"], 2)))
    _tell(options, results, "\n".join(lines))
    return 0 if all(result["within"] for result in results) else 1


def _compared(name: str, published: str, result: dict[str, Any], accuracy: float) -> str:
    low, high = result["range"]
    return _row(name, published, f"{low} to {high}", fixed(accuracy, 2)) + ("" if result["within"] else "  outside")


def _row(name: str, published: str, limits: str, here: str) -> str:
    return f"{name:22} {published:>22} {limits:>13} {here:>6}"


def _bench(options: argparse.Namespace) -> int:
    given = _chosen(options, "device")
    from lrdemo.bench.speed import run
    from lrdemo.data import load_mnist
    from lrdemo.run import require_device

    require_device(given.get("device", "cpu"))
    result = run(load_mnist(_say), **given, say=_say)
    lines = [f"{name:28} {value}" for name, value in result.items() if not isinstance(value, dict)]
    lines += [f"{name:28} {value:.4f} s" for name, value in result["seconds"].items()]
    return _tell(options, result, "\n".join(lines))


def _one_thread() -> None:
    """Compute with one thread: for products of this size more only wait for each other (`bench` measures it)."""
    import torch

    torch.set_num_threads(1)


def _tell(options: argparse.Namespace, result: Any, text: str) -> int:
    print(json.dumps(result, indent=2) if options.json else text)
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _progress(what: str, part: float) -> None:
    """Draw a bar on a terminal; say nothing elsewhere."""
    if sys.stderr.isatty():
        done = round(BLOCKS * part)
        bar = "#" * done + "." * (BLOCKS - done)
        print(f"\r{what} [{bar}] {part:4.0%}", end="\n" if part >= 1 else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
