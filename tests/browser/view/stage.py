"""A stage for the scripts: a small server gives the very modules that the app mounts, and sends them real frames.

A scene is one page with components mounted as Streamlit mounts them, in a shadow root under the theme's variables. Its
clock stands still unless a test moves it.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import uvicorn
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Locator, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import Shown, encode
from lrdemo.serving.why import Question
from lrdemo.settings import Settings
from lrdemo.ui import frame, live
from lrdemo.ui.lesson import drag_chart, machine, pca_map, pixel_grid
from lrdemo.ui.scripts import VIEW, joined, read
from lrdemo.verdict import judge

HERE = Path(__file__).parent
STATUS = {
    "rebuilt": 0, "device": "cpu", "problem": None, "busy": False, "exploded": False, "taught": False, "pending": False,
    "prompt": False,
}  # fmt: skip
LIGHT = {
    "text-color": "#31333f", "background-color": "#ffffff", "secondary-background-color": "#f0f2f6",
    "border-color": "#d0d0d8", "primary-color": "#1c83e1", "blue-color": "#1c83e1", "orange-color": "#d95a00",
    "red-text-color": "#bd4043", "blue-text-color": "#0054a3", "orange-text-color": "#e2660c",
    "green-text-color": "#158237", "violet-color": "#803df5", "green-color": "#21c354", "red-color": "#ff4b4b",
    "font": "sans-serif",
}  # fmt: skip
DARK = LIGHT | {"text-color": "#fafafa", "background-color": "#0e1117", "border-color": "#40444f"}
PATIENCE = 10.0


def components() -> dict[str, dict[str, str]]:
    """Return the components as the app mounts them, read anew."""
    folder = pca_map.FOLDER
    tools = Path(live.__file__).parent / "draw" / "canvas_tools.js"
    return {
        "live": {"html": "", "css": live.style(), "js": live.script()},
        "map": {"html": read(folder / "pca_map.html"), "css": read(folder / "pca_map.css"), "js": pca_map.script()},
        "pixels": {
            "html": read(folder / "pixel_grid.html"),
            "css": read(folder / "pixel_grid.css"),
            "js": pixel_grid.script(),
        },
        "picked": {"html": "", "css": "", "js": joined(folder / "picked_image.js")},
        "still": {"html": "", "css": live.style(), "js": machine.script()},
        "drag": {
            "html": read(drag_chart.FOLDER / "drag_chart.html"), "css": drag_chart.style(), "js": drag_chart.script(),
        },
        "frame": {"html": "", "css": frame.style(), "js": frame.script()},
        "tools": {"html": "", "css": read(tools.with_suffix(".css")), "js": joined(VIEW / "closing.js", tools)},
    }  # fmt: skip


class Connection:
    """The server's end of one WebSocket; methods may be called from the tests' thread."""

    def __init__(self, websocket: WebSocket, changed: threading.Condition) -> None:
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._changed = changed
        self.messages: list[dict[str, Any]] = []
        self.sent = 0
        self.closed = False

    @property
    def parts(self) -> frozenset[str]:
        """Return the parts asked for last."""
        return frozenset(next(message["parts"] for message in reversed(self.messages) if "parts" in message))

    @property
    def question(self) -> Question | None:
        """Return what is asked about the answer at present."""
        return Question.read(next(message for message in reversed(self.messages) if "parts" in message).get("why"))

    @property
    def acknowledged(self) -> int:
        """Return how many frames have been acknowledged."""
        return self.messages.count({})

    async def serve(self) -> None:
        await self._websocket.accept()
        try:
            while True:
                message = json.loads(await self._websocket.receive_text())
                with self._changed:
                    self.messages.append(message)
                    self._changed.notify_all()
        except WebSocketDisconnect:
            with self._changed:
                self.closed = True
                self._changed.notify_all()

    def send(self, frame: bytes) -> None:
        self.sent += 1
        asyncio.run_coroutine_threadsafe(self._websocket.send_bytes(frame), self._loop).result(PATIENCE)

    def close(self, code: int = 1012) -> None:
        asyncio.run_coroutine_threadsafe(self._websocket.close(code), self._loop).result(PATIENCE)


class Stage:
    """Serve the page, the modules and the WebSocket on one port, from a thread of its own."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.components = components()
        self.refuse = False
        """Whether a page that asks for its run finds nobody there."""
        self._changed = threading.Condition()
        routes = [
            Route("/", lambda _: HTMLResponse((HERE / "stage.html").read_text(encoding="utf-8"))),
            Route("/{name}.js", self._module),
            WebSocketRoute("/live", self._live),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + PATIENCE
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"

    async def _module(self, request: Request) -> Response:
        script = self.components[request.path_params["name"]]["js"]
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-store"})

    async def _live(self, websocket: WebSocket) -> None:
        if self.refuse:
            await websocket.close()
            return
        connection = Connection(websocket, self._changed)
        with self._changed:
            self.connections.append(connection)
            self._changed.notify_all()
        await connection.serve()

    def wait(self, true: Callable[[], Any], what: str) -> None:
        """Wait until something holds of the connections."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), f"{what} within {PATIENCE:g} s"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)


class Scene:
    """One page with components on it, and what a visitor can see of them."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page = page
        self.stage = stage
        self.complaints: list[str] = []
        """What the browser's console says is wrong."""
        page.on("console", self._listen)
        page.on("pageerror", self._fail)
        stage.connections.clear()
        stage.refuse = False
        stage.components = components()
        page.goto(stage.url)
        self.theme(LIGHT)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _fail(self, error: Error) -> None:
        self.complaints.append(str(error))

    def leave(self) -> None:
        """Take what is mounted off the page, and stop listening."""
        self.page.evaluate("window.stage.leave()")
        self.page.remove_listener("console", self._listen)
        self.page.remove_listener("pageerror", self._fail)

    def mount(self, view: str, key: str = "view", token: str = "run", **data: Any) -> Connection:
        """Mount a live view, or give it new data, and return its connection once it has asked for its parts."""
        self.component("live", key, {"view": view, "token": token, **data})
        wanted = set(self.page.evaluate("view => window.stage.parts(view)", view))

        def asked() -> bool:
            return any(wanted <= one.parts for one in self.stage.connections if one.messages and not one.closed)

        self.stage.wait(asked, f"{view} asks for {sorted(wanted)}")
        return self.connection

    def component(self, name: str, key: str, data: Any) -> None:
        """Mount a component, or give it new data, as a rerun of the script does."""
        part = self.stage.components[name]
        self.page.evaluate(
            "([name, key, html, css, data]) => window.stage.mount(name, key, html, css, data)",
            [name, key, part["html"], part["css"], list(data) if isinstance(data, bytes) else data],
        )

    def unmount(self, key: str = "view") -> None:
        """Take a component off the page."""
        self.page.evaluate("key => window.stage.unmount(key)", key)

    @property
    def connection(self) -> Connection:
        """Return the newest connection."""
        return self.stage.connections[-1]

    def show(self, snapshot: Snapshot | None, shown: Shown | None = None, **status: Any) -> None:
        """Send one frame with the parts that were asked for, and wait until the page has taken it."""
        self.stage.wait(lambda: bool(self.connection.messages), "the page asks for its parts")
        parts, question = self.connection.parts, self.connection.question
        verdicts = judge(Settings(), snapshot.state, snapshot.lanes) if snapshot and "race" in parts else ()
        self.send(encode(snapshot, STATUS | status, parts, shown, question, verdicts))

    def send(self, frame: bytes) -> None:
        """Send one frame and wait until the page has taken it."""
        connection, before = self.connection, self.connection.acknowledged
        connection.send(frame)
        self.stage.wait(lambda: connection.acknowledged > before, "the frame is acknowledged")

    def tick(self, milliseconds: int) -> None:
        """Let so much time pass on the page's clock."""
        self.page.clock.run_for(milliseconds)

    def theme(self, colours: dict[str, str]) -> None:
        """Set the theme's variables, as Streamlit does."""
        self.page.evaluate("colours => window.stage.theme(colours)", colours)

    def locate(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements that match, spaces as spaces."""
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]

    def figures(self) -> list[str]:
        """Return the figures that the strip keeps under "Details", which this opens."""
        self.page.locator(".strip details").evaluate("details => (details.open = true)")
        return self.texts(".strip .value")

    def text(self, selector: str) -> str:
        """Return the text of the one element that matches, as it is on the screen."""
        (found,) = self.texts(selector)
        return found

    def seen(self, found: Locator) -> npt.NDArray[np.uint8]:
        """Return what is on the screen where an element stands, [height, width, 3]."""
        return np.asarray(Image.open(io.BytesIO(found.screenshot())).convert("RGB"))

    def cells(self, canvas: Locator, border: int = 0) -> npt.NDArray[np.uint8]:
        """Return the colours of a picture of 28×28 cells as they are on the screen, [28, 28, 3]."""
        seen = self.seen(canvas)
        rows, columns = (
            (border + (np.arange(28) + 0.5) * (size - 2 * border) / 28).astype(int) for size in seen.shape[:2]
        )
        return seen[rows[:, None], columns[None]]

    def painted(self, canvas: Locator) -> npt.NDArray[np.uint8]:
        """Return a picture's own colours, [side, side, 3], however large it is on the screen."""
        png = canvas.evaluate("canvas => canvas.toDataURL()").partition(",")[2]
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"))[..., :3]

    def reports(self) -> list[list[Any]]:
        """Return what the components have reported to the script."""
        return list(self.page.evaluate("window.stage.reports"))

    def opened(self) -> list[str]:
        """Return the addresses of all WebSockets that the page has opened."""
        return list(self.page.evaluate("window.stage.opened"))

    def drawn(self, selector: str) -> Drawn:
        """Return what has been drawn on a canvas since it was last cleared."""
        return Drawn(self.page.locator(selector))


class Drawn:
    """What is on a canvas: its texts, lines and dots as they were drawn, and its pixels; all in CSS pixels."""

    def __init__(self, canvas: Locator) -> None:
        found = canvas.evaluate("canvas => window.stage.drawn(canvas)")
        self.texts: list[dict[str, Any]] = found["texts"]
        self.lines: list[dict[str, Any]] = found["lines"]
        self.dots: list[dict[str, Any]] = found["dots"]
        self.width, self.height = found["size"]
        self._canvas = canvas

    def place(self, text: str) -> tuple[float, float]:
        """Return where the one text with these words stands."""
        (found,) = [one for one in self.texts if one["text"] == text]
        return found["x"], found["y"]

    def line(self, **wanted: Any) -> dict[str, Any]:
        """Return the one line of which this is true."""
        (found,) = self.all_lines(**wanted)
        return found

    def all_lines(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the lines of which this is true."""
        return [one for one in self.lines if all(one[name] == value for name, value in wanted.items())]

    def pixel(self, x: float, y: float, reach: int = 0) -> list[tuple[int, int, int, int]]:
        """Return the red, green, blue and alpha of the pixels at most `reach` from a place."""
        values = self._canvas.evaluate(
            "(canvas, at) => window.stage.pixels(canvas, ...at)", [round(x) - reach, round(y) - reach, 2 * reach + 1]
        )
        return [tuple(values[i : i + 4]) for i in range(0, len(values), 4)]  # type: ignore[misc]


def styles(found: Locator, *names: str) -> list[list[str]]:
    """Return the computed styles of each element."""
    return found.evaluate_all(  # type: ignore[no-any-return]
        "(all, names) => all.map((one) => names.map((name) => getComputedStyle(one)[name]))", list(names)
    )
