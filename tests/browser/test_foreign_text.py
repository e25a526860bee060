"""Text from the address is shown as it is: nothing is fetched, nothing can be clicked, nothing is rendered."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from app_server import Server
from playwright.sync_api import Page, expect

from lrdemo.formats import quoted
from lrdemo.ui.notice import JOINER

FOREIGN = [
    "![x](https://evil.example/x.png)",
    "[press here](https://evil.example)",
    "<img src=//evil.example/x.png>",
    "https://evil.example/",
    "www.evil.example",
    "me@evil.example",
    "<https://evil.example>",
    "**bold** _it_ ~~no~~ `code` $x^2$",
    ":red[alarm] :material/warning: :smile:",
    "<b onclick=alert(1)>b</b>",
    "&lt;b&gt; \\[x](//evil.example)",
    "a\u202egnp.exe\x00\x1b[31m\r\n# Title",
    "9" * 5_000,
]


@pytest.mark.parametrize("text", FOREIGN, ids=range(len(FOREIGN)))
def test_a_foreign_value_is_shown_and_not_rendered(page: Page, server: Server, text: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{server.url}/?seed={quote(text)}")

    notice = page.locator("[data-testid=stAlert]").filter(has_text="Seed")
    expect(notice).to_be_visible(timeout=30_000)
    shown = (notice.locator("p").text_content() or "").replace(JOINER, "")
    assert shown == f"Seed: {quoted(text)} is not a whole number from 0 to 2147483647. The default is used instead."
    assert notice.locator("a, img, code, em, strong, del, b, .katex, [class*=colored]").count() == 0
    assert not [url for url in asked if "evil" in url.replace(quote(text), "")]
