"""Save a trained model with its settings, and load it again without executing code.

The file is an .npz that NumPy can open: plain arrays, not compressed, and a header in JSON. Only what this program
writes is read back, number by number: nobody else's headers are interpreted, and no PyTorch is needed.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Float32s
from lrdemo.cache import replace_file
from lrdemo.errors import CheckpointError, SettingsError
from lrdemo.formats import quoted
from lrdemo.settings import DEFAULTS, Settings
from lrdemo.shapes import MODELS, form_of, parameter_shapes
from lrdemo.strict_json import parsed

if TYPE_CHECKING:
    from lrdemo.model import Model
    from lrdemo.trainer import Trainer

FORMAT, VERSION = "lrdemo model", 1
MOST_BYTES = 2 * 2**20
"""The largest model (the multilayer perceptron) takes 0.9 MB."""

_HEADER = "header"
_RESULTS = {"iteration", "learning_rate", "test_iteration", "test_loss", "test_accuracy"}
_LARGEST_RESULT = 1e12
_ANOTHER = "This is not a model file of this program, or it is damaged. Choose an .npz file saved here."
_ARRAY = b"\x93NUMPY\x01\x00"
"""How an array begins (numpy.lib.format, version 1.0)."""


@dataclass(frozen=True, eq=False)
class Contents:
    """What a model file says: the parameters by name, the settings of the run, and what it had reached."""

    parameters: dict[str, Float32s]
    settings: Settings
    info: dict[str, float]


def save(file: str | Path | IO[bytes], trainer: Trainer) -> None:
    """Write the model, the settings and the result (iteration, learning rate, test loss and accuracy) of a run.

    Raises CheckpointError when that fails; what lay in the file's place is then still there.
    """
    info: dict[str, float] = {"iteration": trainer.iteration, "learning_rate": trainer.learning_rate}
    if trainer.history.tests:
        last = trainer.history.tests[-1]
        info |= {"test_iteration": last.iteration, "test_loss": last.loss, "test_accuracy": last.accuracy}
    parameters = {name: value.detach().cpu().numpy() for name, value in trainer.model.state_dict().items()}
    content = packed(parameters, trainer.settings, info)
    try:
        if isinstance(file, str | Path):
            replace_file(Path(file).resolve(), [content])
        else:
            file.write(content)
    except OSError as error:
        raise CheckpointError(f"The model could not be written to {file}: {error.strerror or error}.") from error


def packed(parameters: Mapping[str, npt.NDArray[Any]], settings: Settings, info: Mapping[str, float]) -> bytes:
    """Return the bytes of a model file; needs no PyTorch."""
    header = {"format": FORMAT, "version": VERSION, "settings": asdict(settings), "info": dict(info)}
    arrays: dict[str, npt.NDArray[Any]] = {_HEADER: np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= {name: np.asarray(value, "<f4", order="C") for name, value in parameters.items()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return content.getvalue()


def load(file: str | Path | IO[bytes]) -> tuple[Model, Settings, dict[str, float]]:
    """Return the model (on the CPU, in evaluation mode), the settings it was trained with, and what it had reached.

    Raises CheckpointError when the file is damaged, too large, or not a model of this program.
    """
    import torch

    from lrdemo.model import build_model

    contents = read(file)
    model = build_model(
        contents.settings.model,
        "zeros",
        contents.settings.seed,
        inputs=form_of(contents.settings.features).size,
    )
    model.load_state_dict({name: torch.from_numpy(value) for name, value in contents.parameters.items()})
    model.eval()
    return model, contents.settings, contents.info


def read(file: str | Path | IO[bytes]) -> Contents:
    """Return what a model file says, checked; needs no PyTorch. Raises CheckpointError as `load` does."""
    arrays = _members(_bytes(file))
    header = _numbers(arrays.pop(_HEADER), "|u1", None)
    settings, info = _read_header(header.tobytes())
    shapes = parameter_shapes(settings.model, form_of(settings.features).size)
    if arrays.keys() != shapes.keys():
        raise CheckpointError("The arrays in this file do not have the shapes and types (float32) of its model.")
    parameters = {name: _numbers(arrays[name], "<f4", shape).astype(np.float32) for name, shape in shapes.items()}
    if not all(np.isfinite(value).all() for value in parameters.values()):
        raise CheckpointError("The parameters in this file are not all finite numbers.")
    return Contents(parameters, settings, info)


def _bytes(file: str | Path | IO[bytes]) -> bytes:
    try:
        if isinstance(file, str | Path):
            with open(file, "rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        else:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CheckpointError(f"{file} could not be read: {error.strerror or error}.") from error
    if len(content) > MOST_BYTES:
        raise CheckpointError("This file is larger than any model of this program.")
    return content


def _members(content: bytes) -> dict[str, bytes]:
    """Return the arrays in an archive as bytes, by name: only arrays of this program, each once, not compressed."""
    known = {_HEADER, *(name for model in MODELS for name in parameter_shapes(model))}
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                name = entry.filename.removesuffix(".npy")
                stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
                if f"{name}.npy" != entry.filename or name not in known or name in found or not stored:
                    raise CheckpointError("This file holds arrays, but it is not a model saved by this program.")
                found[name] = archive.read(entry)
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        raise CheckpointError(_ANOTHER) from None
    if _HEADER not in found:
        raise CheckpointError("This file holds arrays, but it is not a model saved by this program.")
    return found


def _numbers(member: bytes, dtype: str, shape: tuple[int, ...] | None) -> npt.NDArray[Any]:
    """Return the numbers of an array of this type and shape (None: one-dimensional, of any length)."""
    start = len(_ARRAY) + 2 + int.from_bytes(member[len(_ARRAY) : len(_ARRAY) + 2], "little")
    shape = (len(member) - start,) if shape is None else shape
    said = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    if (
        member[: len(_ARRAY)] != _ARRAY
        or member[len(_ARRAY) + 2 : start].rstrip(b" \n") != said
        or len(member) - start != math.prod(shape) * np.dtype(dtype).itemsize
    ):
        raise CheckpointError("The arrays in this file do not have the shapes and types (float32) of its model.")
    return np.frombuffer(member, dtype, offset=start).reshape(shape)


def _read_header(text: bytes) -> tuple[Settings, dict[str, float]]:
    try:
        header = parsed(text)
    except ValueError:
        raise CheckpointError(_ANOTHER) from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError("This file holds arrays, but it is not a model saved by this program.")
    version = header.get("version")
    if type(version) is not int or version != VERSION:
        raise CheckpointError(f"This model file has version {quoted(version)}; this program reads version {VERSION}.")
    values, info = header.get("settings"), header.get("info")
    if not isinstance(values, dict) or not isinstance(info, dict) or not values.keys() <= DEFAULTS.keys():
        raise CheckpointError("The header of this model file is incomplete or names settings unknown here.")
    if not info.keys() <= _RESULTS or not all(_is_result(value) for value in info.values()):
        raise CheckpointError("The header of this model file has results that are no numbers.")
    for name, value in values.items():
        if type(value) is not type(DEFAULTS[name]) and not (type(value) is int and type(DEFAULTS[name]) is float):
            raise CheckpointError("This model file contains an invalid setting: a value of another type.")
    try:
        return Settings(**values), info
    except SettingsError as error:
        raise CheckpointError(f"This model file contains an invalid setting. {error}") from error


def _is_result(value: object) -> bool:
    # Written so that nan, which compares false with everything, is refused; bool is an int in Python.
    return type(value) in (int, float) and -_LARGEST_RESULT <= value <= _LARGEST_RESULT  # type: ignore[operator]
