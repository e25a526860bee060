"""Save a trained model with its settings, and load it again without executing code.

The file is NumPy's .npz read with `allow_pickle=False`: plain arrays and a header in JSON. Unlike `torch.load` it
cannot run anything, and what reads only numbers needs no PyTorch.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lrdemo.errors import CheckpointError, SettingsError
from lrdemo.settings import TABLE, Settings
from lrdemo.shapes import parameter_shapes

if TYPE_CHECKING:
    from lrdemo.model import Model
    from lrdemo.trainer import Trainer

Floats = npt.NDArray[np.float32]

FORMAT, VERSION = "lrdemo model", 1
MOST_BYTES = 4 * 2**20
"""The largest model (the multilayer perceptron) takes 0.9 MB."""


@dataclass(frozen=True, eq=False)
class Contents:
    """Hold what a model file says: the parameters by name, the settings of the run, and what it had reached."""

    parameters: dict[str, Floats]
    settings: Settings
    info: dict[str, float]


def save(file: str | Path | IO[bytes], trainer: Trainer) -> None:
    """Write the model, the settings and the result (iteration, learning rate, test loss and accuracy) of a run."""
    info: dict[str, float] = {"iteration": trainer.iteration, "learning_rate": trainer.learning_rate}
    if trainer.history.tests:
        last = trainer.history.tests[-1]
        info |= {"test_iteration": last.iteration, "test_loss": last.loss, "test_accuracy": last.accuracy}
    parameters = {name: value.detach().cpu().numpy() for name, value in trainer.model.state_dict().items()}
    content = packed(parameters, trainer.settings, info)
    try:
        if isinstance(file, str | Path):
            Path(file).write_bytes(content)
        else:
            file.write(content)
    except OSError as error:
        raise CheckpointError(f"The model could not be written to {file}: {error.strerror or error}.") from error


def packed(parameters: Mapping[str, npt.NDArray[Any]], settings: Settings, info: Mapping[str, float]) -> bytes:
    """Return the bytes of a model file; needs no PyTorch."""
    header = {"format": FORMAT, "version": VERSION, "settings": asdict(settings), "info": dict(info)}
    arrays = {name: np.asarray(value, dtype=np.float32) for name, value in parameters.items()}
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)
    return content.getvalue()


def load(file: str | Path | IO[bytes]) -> tuple[Model, Settings, dict[str, float]]:
    """Return the model (on the CPU, in evaluation mode), the settings it was trained with, and what it had reached.

    Raises CheckpointError when the file is damaged, too large, or not a model of this program.
    """
    import torch

    from lrdemo.model import build_model

    contents = read(file)
    model = build_model(contents.settings.model, "zeros", contents.settings.seed)
    model.load_state_dict({name: torch.from_numpy(value) for name, value in contents.parameters.items()})
    model.eval()
    return model, contents.settings, contents.info


def read(file: str | Path | IO[bytes]) -> Contents:
    """Return what a model file says, checked; needs no PyTorch. Raises CheckpointError as `load` does."""
    content = _bytes(file)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # Stored, not compressed: a small file cannot unpack to a large one.
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise CheckpointError("This file is larger than any model of this program when unpacked.")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            parameters = {name: arrays[name] for name in arrays.files if name != "header"}
    except KeyError:
        raise CheckpointError("This file holds arrays, but it is not a model saved by this program.") from None
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise CheckpointError(
            "This is not a model file of this program, or it is damaged. Choose an .npz file saved here."
        ) from error
    return _checked(header, parameters)


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


def _checked(header: Any, parameters: dict[str, npt.NDArray[Any]]) -> Contents:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError("This file holds arrays, but it is not a model saved by this program.")
    if header.get("version") != VERSION:
        raise CheckpointError(
            f"This model file has version {header.get('version')!r}; this program reads version {VERSION}."
        )
    values, info = header.get("settings"), header.get("info")
    if not isinstance(values, dict) or not isinstance(info, dict) or not set(values) <= set(TABLE):
        raise CheckpointError("The header of this model file is incomplete or names settings unknown here.")
    if not all(isinstance(value, int | float) for value in info.values()):
        raise CheckpointError("The header of this model file has results that are no numbers.")
    try:
        settings = Settings(**values)
    except SettingsError as error:
        raise CheckpointError(f"This model file has a setting that cannot be. {error}") from error
    expected = parameter_shapes(settings.model)
    if {name: value.shape for name, value in parameters.items()} != expected:
        raise CheckpointError(f"The parameters in this file do not have the shapes of the model {settings.model!r}.")
    if not all(value.dtype == np.float32 and np.isfinite(value).all() for value in parameters.values()):
        raise CheckpointError("The parameters in this file are not all finite numbers (float32).")
    return Contents(parameters, settings, info)
