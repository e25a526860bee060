"""WebKit, the engine of Safari: WebKitGTK's small browser on an invisible screen, driven by WebKit's own WebDriver."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

from app_server import free_port
from programs import program
from visits import wait_until

PATIENCE_S = 60
BAR_PX = 38
"""Height of the browser's own bar above the page."""
RECORD = """
window.complaints ??= (() => {
  const complaints = [];
  addEventListener("error", (event) => complaints.push(event.message));
  addEventListener("unhandledrejection", (event) => complaints.push(String(event.reason)));
  for (const level of ["error", "warn"]) {
    const write = console[level];
    console[level] = (...said) => {
      complaints.push(said.join(" "));
      write.apply(console, said);
    };
  }
  return complaints;
})();
"""


class WebKit:
    """Drive one window. The driver keeps no console, so the page itself records what goes wrong."""

    def __init__(self, driver: str, browser: str, arguments: list[str]) -> None:
        self._address = f"{driver}/session"
        options = {"binary": browser, "args": arguments}
        wanted = {"webkitgtk:browserOptions": options}
        session = self._call("POST", "", capabilities={"alwaysMatch": wanted})["sessionId"]
        self._address += f"/{session}"
        self._complaints: list[str] = []

    def resize(self, width: int, height: int) -> None:
        """Give the page this size; a window of GTK is never narrower than 447 px."""
        self._call("POST", "/window/rect", x=0, y=0, width=width, height=height + BAR_PX)

    def open(self, address: str) -> None:
        self._complaints = self.complaints()
        self._call("POST", "/url", url=address)
        # Streamlit is loaded, but has yet to get the page from its server.
        self._script(RECORD)

    def ask(self, expression: str) -> Any:
        return self._script(f"return {expression};")

    def act(self, actions: list[dict[str, Any]]) -> None:
        self._call("POST", "/actions", actions=actions)

    def picture(self) -> bytes:
        return base64.b64decode(self._call("GET", "/screenshot"))

    def complaints(self) -> list[str]:
        found = self._complaints + self.ask("(window.complaints ?? []).splice(0)")
        self._complaints = []
        return found

    def end(self) -> None:
        self._call("DELETE", "")

    def _script(self, script: str) -> Any:
        return self._call("POST", "/execute/sync", script=script, args=[])

    def _call(self, method: str, path: str, **parameters: Any) -> Any:
        body = json.dumps(parameters).encode() if method == "POST" else None
        request = urllib.request.Request(self._address + path, body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None


@contextmanager
def webkit(folder: Path, dark: bool) -> Iterator[WebKit]:
    """Start WebKitGTK's browser on a screen of its own, and end both and the driver; its log goes to the folder."""
    driver = program("WebKitWebDriver", package="webkit2gtk-driver")
    found = sorted(glob("/usr/lib/*/webkit*gtk-*/MiniBrowser"))
    browser = program(*found, "MiniBrowser", package="webkit2gtk-driver")
    port = free_port()
    with screen() as display, open(folder / "webkit.log", "wb") as log:
        process = subprocess.Popen([driver, "-p", str(port)], stdout=log, stderr=log,
                                   env=os.environ | {"DISPLAY": display, "NO_AT_BRIDGE": "1"})  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: answers(f"{address}/status"))
            window = WebKit(address, browser, ["--automation", *(["--dark-mode"] if dark else [])])
            try:
                yield window
            finally:
                window.end()
        finally:
            process.terminate()
            process.wait()


@contextmanager
def screen() -> Iterator[str]:
    """Start an invisible screen and return its name; it finds a free number by itself."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [program("Xvfb", package="xvfb"), "-displayfd", str(writing), "-screen", "0", "1920x1200x24"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with open(reading) as number:
            yield f":{number.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
