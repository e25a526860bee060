"""The whole server, started in both ways: what it answers, to whom, and what it writes in its most talkative log."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lrdemo.bench.browsing import Problems
from lrdemo.bench.streamlit_client import Tab

ROOT = Path(__file__).parents[3]
LONG = 60.0
COMMANDS = {
    "streamlit": "streamlit run app.py --server.headless true --server.port",
    "uvicorn": "uvicorn app:app --log-level trace --port",
}
TALKATIVE = '[logger]\nlevel = "debug"\n'
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@dataclass(frozen=True)
class Served:
    """A running server with its log at the most talkative level."""

    port: int
    log: Path

    def get(self, path: str, host: str | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)
        connection.putrequest("GET", path, skip_host=host is not None)
        if host is not None:
            connection.putheader("Host", host.format(port=self.port))
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@pytest.fixture(scope="module", params=COMMANDS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    log = home / "log"
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text(TALKATIVE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *COMMANDS[request.param].split(), str(port)],
            cwd=ROOT, env={**os.environ, "HOME": str(home)}, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    found = Served(port, log)
    deadline = time.monotonic() + LONG
    while True:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        try:
            found.get("/_stcore/health")
            break
        except OSError:
            time.sleep(0.05)
    yield found
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(LONG)


@pytest.mark.parametrize(
    "path", ["/", "/draw", "/favicon.png", "/_stcore/health", "/_stcore/host-config", "/static/missing.js", "/nowhere"]
)
def test_every_answer_says_who_may_show_it_and_that_it_is_what_it_says(served: Served, path: str) -> None:
    for _ in range(2):  # A static file comes from memory the second time.
        headers = served.get(path).headers

        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
        assert headers.get_all("Content-Security-Policy") == ["frame-ancestors 'self'"]
        assert headers.get_all("Referrer-Policy") == ["same-origin"]


@pytest.mark.parametrize("page", ["", *PAGES])
def test_pages_answer_to_the_names_of_this_server_only(served: Served, page: str) -> None:
    for host in ("127.0.0.1:{port}", "localhost:{port}", "LOCALHOST.", "localhost"):
        answer = served.get(f"/{page}", host)
        # Asked for anew each time: an old front end would not go with a new server.
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    for host in ("evil.example", "127.0.0.1.nip.io:{port}", "localhost.evil.example", "localhost@evil.example",
                 "evil.example/localhost", "localhost:x", "", "[", "evil.example#localhost"):  # fmt: skip
        refused = served.get(f"/{page}", host)
        assert refused.status in (400, 403), host
        assert refused.status == 400 or refused.headers["X-Content-Type-Options"] == "nosniff"


def test_the_token_of_a_run_stands_in_no_log(served: Served) -> None:
    async def visit() -> str:
        frames: list[object] = []
        tab = Tab(f"http://127.0.0.1:{served.port}", Problems(), lambda frame, _now: frames.append(frame))
        await tab.open()
        async with asyncio.timeout(LONG):
            while not frames:
                await asyncio.sleep(0.01)
        token = tab.links[0].token
        await tab.leave()
        return token

    token = asyncio.run(visit())

    log = served.log.read_text()
    assert len(token) > 20 and "Runtime state" in log
    assert token not in log and token.encode().hex(" ") not in log
    # Nor a part of it, as where a long line is cut in its middle.
    assert token[:8] not in log and token[-8:] not in log
    assert token[:8].encode().hex(" ") not in log and token[-8:].encode().hex(" ") not in log
