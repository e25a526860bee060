"""What a browser fetches before it shows a page, and a place to note what no visitor should ever meet."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

DOWNLOADS_AT_ONCE = 6
_ASSET = re.compile(r"""(?:src|href)="\./(static/[^"]+)\"""")


@dataclass
class Problems:
    """Collect what no visitor should ever meet, in sentences."""

    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        """Note one problem."""
        self.sentences.append(sentence)


async def load_page(base: str, cached: bool) -> str:
    """Fetch the page, its scripts unless they are cached, health and host settings; return the cookie."""
    page, _ = await fetch(base, ["/"])
    paths = [] if cached else ["/" + path for path in _ASSET.findall(page[0].decode())]
    lots = [paths[start::DOWNLOADS_AT_ONCE] for start in range(DOWNLOADS_AT_ONCE)]
    await asyncio.gather(*(fetch(base, lot) for lot in lots))
    _, cookies = await fetch(base, ["/_stcore/health", "/_stcore/host-config"])
    return cookies[0]


async def fetch(base: str, paths: Sequence[str]) -> tuple[list[bytes], list[str]]:
    """Fetch paths one after the other over one connection; return the bodies and the cookies that were set.

    Raises OSError when a path is not there.
    """
    bodies: list[bytes] = []
    cookies: list[str] = []
    if not paths:
        return bodies, cookies
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for path in paths:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            if head[0].split()[1] != "200":
                raise OSError(f"{path} was answered with {head[0]}")
            fields = [line.partition(": ")[::2] for line in head[1:] if line]
            length = next(int(value) for name, value in fields if name.lower() == "content-length")
            cookies += [value.partition(";")[0] for name, value in fields if name.lower() == "set-cookie"]
            bodies.append(await reader.readexactly(length))
    finally:
        writer.close()
    return bodies, cookies
