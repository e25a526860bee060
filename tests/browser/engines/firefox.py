"""A Firefox without a window, driven by WebDriver BiDi over a WebSocket; Debian has no geckodriver."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from programs import program
from visits import wait_until
from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 60


class Firefox:
    """Drive one tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0
        self._said: list[dict[str, Any]] = []
        self._complaints: list[str] = []
        self._call("session.new", capabilities={})
        self._call("session.subscribe", events=["log.entryAdded"])
        self._tab = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def resize(self, width: int, height: int) -> None:
        self._call("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})

    def open(self, address: str) -> None:
        self._complaints = self.complaints()
        self._call("browsingContext.navigate", context=self._tab, url=address, wait="interactive")

    def ask(self, expression: str) -> Any:
        return json.loads(self._evaluate(f"JSON.stringify({expression})")["result"]["value"])

    def act(self, actions: list[dict[str, Any]]) -> None:
        self._call("input.performActions", context=self._tab, actions=actions)

    def picture(self) -> bytes:
        return base64.b64decode(self._call("browsingContext.captureScreenshot", context=self._tab)["data"])

    def complaints(self) -> list[str]:
        # A page that is left complains of what it can no longer load: only the page that is open counts.
        page = self._evaluate("null")["realm"]
        said = [entry for entry in self._said if entry["source"]["realm"] == page]
        found = self._complaints + [entry["text"] for entry in said if entry["level"] in ("error", "warn")]
        self._said, self._complaints = [], []
        return found

    def _evaluate(self, expression: str) -> Any:
        said = self._call("script.evaluate", expression=expression, target={"context": self._tab}, awaitPromise=False)
        assert said["type"] == "success", said
        return said

    def _call(self, method: str, **parameters: Any) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(PATIENCE_S))
            if message.get("id") == self._sent:
                assert message["type"] == "success", message
                return message["result"]
            if message.get("method") == "log.entryAdded":
                self._said.append(message["params"])


@contextmanager
def firefox(folder: Path, dark: bool) -> Iterator[Firefox]:
    """Start Firefox with a profile of its own in the folder, and end it and all its processes."""
    path = program("firefox-esr", "firefox", package="firefox-esr")
    (folder / "user.js").write_text(f'user_pref("ui.systemUsesDarkTheme", {int(dark)});\n')
    log = folder / "firefox.log"
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [path, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"],
            stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: "ws://" in log.read_text(), PATIENCE_S)
        address = re.findall(r"ws://\S+", log.read_text())[0]
        with connect(f"{address}/session", max_size=None) as socket:
            yield Firefox(socket)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
