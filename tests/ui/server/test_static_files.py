"""Static files come from memory the second time, byte for byte the same; everything else passes through."""

from __future__ import annotations

import asyncio
from typing import Any

from lrdemo.ui.server.static_files import MOST_BYTES, StaticFiles


class App:
    """Answer with the path and count how often it is asked."""

    def __init__(self, status: int = 200, body: bytes = b"body of ") -> None:
        self.asked = 0
        self._status, self._body = status, body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await send({"type": "http.response.start", "status": self._status, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": self._body + scope["path"].encode(), "more_body": False})


def get(app: Any, path: str, **headers: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(app({"type": "http", "method": "GET", "path": path, "headers": raw}, None, send))
    return sent


def test_a_file_is_read_once_and_answered_the_same() -> None:
    inner = App()
    app = StaticFiles(inner)
    first, second = get(app, "/static/js/a.js"), get(app, "/static/js/a.js")
    assert first == second and second[1]["body"] == b"body of /static/js/a.js"
    assert inner.asked == 1
    get(app, "/static/js/b.js")
    assert inner.asked == 2


def test_other_requests_pass_through() -> None:
    inner = App()
    app = StaticFiles(inner)
    for path, headers in (("/", {}), ("/media/x", {}), ("/static/a", {"range": "bytes=0-1"}),
                          ("/static/a", {"if_none_match": "x"})):  # fmt: skip
        before = inner.asked
        get(app, path, **headers)
        get(app, path, **headers)
        assert inner.asked == before + 2


def test_each_encoding_has_an_answer_of_its_own() -> None:
    inner = App()
    app = StaticFiles(inner)
    for headers in ({"accept_encoding": "gzip"}, {}, {"accept_encoding": "br"}):
        before = inner.asked
        get(app, "/static/a", **headers)
        get(app, "/static/a", **headers)
        assert inner.asked == before + 1


def test_what_is_missing_or_too_large_is_not_kept() -> None:
    for inner in (App(status=404), App(body=b"x" * (MOST_BYTES + 1))):
        app = StaticFiles(inner)
        get(app, "/static/a")
        get(app, "/static/a")
        assert inner.asked == 2


def test_an_answer_that_was_cut_off_is_not_kept() -> None:
    started = {"type": "http.response.start", "status": 200, "headers": []}
    for cut_off in ([], [started], [started, {"type": "http.response.body", "body": b"bo", "more_body": True}]):
        whole = [started, {"type": "http.response.body", "body": b"body"}]
        answers = iter([cut_off, whole])

        async def inner(scope: Any, receive: Any, send: Any, answers: Any = answers) -> None:
            for message in next(answers):
                await send(message)

        app = StaticFiles(inner)
        get(app, "/static/a")
        assert get(app, "/static/a") == get(app, "/static/a") == whole
