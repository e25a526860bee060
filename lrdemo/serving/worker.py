"""One training process: it talks to the server over its standard streams, and computes what lrdemo.serving.jobs says.

`python -m lrdemo.serving.worker FOLDER …` is started by lrdemo.serving.training_process; the folders are where the
boards lie. It ends when its input ends, so it cannot outlive the server.
"""

from __future__ import annotations

import gc
import os
import queue
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from lrdemo.errors import LrdemoError
from lrdemo.serving.messages import Message, Report, packed, read_message, write

if TYPE_CHECKING:
    from lrdemo.serving.jobs import Jobs

BEAT_SECONDS = 0.5
END_SECONDS = 2.0
SWITCH_SECONDS = 0.001
"""So long may what is loaded aside keep the interpreter from the runs at a time."""


class Worker:
    """Hear what the server says, and report to it, a sign of life twice a second included."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._source, self._target = os.fdopen(os.dup(0), "rb"), os.dup(1)
        os.dup2(2, 1)  # Whatever prints must not get between the messages.
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._jobs: Jobs | None = None

    def serve(self) -> NoReturn:
        """Compute until the server has nothing more to say."""
        for act in (self._beat, self._listen):
            threading.Thread(target=act, daemon=True).start()
        try:
            self._compute()
        except BrokenPipeError:
            self._end()
        except LrdemoError as error:
            self._report(("failed", str(error)))
            os._exit(1)
        except Exception:
            traceback.print_exc()
            os._exit(1)
        self._end()

    def _compute(self) -> None:
        # PyTorch takes seconds to load, and the signs of life must not wait for it.
        import torch

        from lrdemo.data import load_mnist
        from lrdemo.model import available_devices
        from lrdemo.serving.jobs import Jobs

        torch.set_num_threads(1)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._jobs = Jobs(load_mnist(), self._report, self._inbox)
        gc.collect()
        gc.freeze()
        if hasattr(os, "nice"):
            os.nice(5)
        self._report(("ready", available_devices()))
        self._jobs.serve()

    def _report(self, report: Report) -> None:
        content = packed(report)
        with self._lock:
            write(self._target, content)

    def _beat(self) -> None:
        while True:
            began = self._jobs.began if self._jobs else None
            try:
                self._report(("beat", 0.0 if began is None else time.monotonic() - began))
            except OSError:
                return  # The server is gone; its silence ends this process.
            time.sleep(BEAT_SECONDS)

    def _listen(self) -> None:
        while (message := read_message(self._source)) is not None:
            self._inbox.put(message)
        self._inbox.put(None)
        time.sleep(END_SECONDS)
        self._end()  # Whatever it was doing, nobody wants it any more.

    def _end(self) -> NoReturn:
        """End at once: nothing that is still prepared aside is worth waiting for."""
        # The server may have been killed; its folders must not stay behind.
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def main() -> None:
    """Serve the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, and the server ends this.
    Worker([Path(argument) for argument in sys.argv[1:]]).serve()


if __name__ == "__main__":
    main()
