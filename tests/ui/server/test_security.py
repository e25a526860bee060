"""Which hosts a server answers to, for every way in which the setting may name them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit import config

from lrdemo.ui.server.security import host_is_allowed


@pytest.fixture
def allowed(request: pytest.FixtureRequest) -> Iterator[None]:
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", request.param)
    yield
    config.set_option("server.allowedHosts", before)


@pytest.mark.parametrize(
    ("allowed", "host", "answered"),
    [
        (["lab.example"], "lab.example", True),
        (["lab.example"], "LAB.example.:8501", True),
        (["Lab.Example."], "lab.example", True),
        (["lab.example"], "x.lab.example", False),
        (["lab.example"], "lab.example/path", False),
        (["lab.example"], "me@lab.example", False),
        (["lab.example"], "lab.example:port", False),
        (["lab.example"], "", False),
        (["lab.example"], None, False),
        (["*.school.example"], "room.school.example", True),
        (["*.school.example"], "a.room.school.example", True),
        (["*.school.example"], "school.example", False),
        (["*.school.example"], "oldschool.example", False),
        (["::1"], "[::1]:8501", True),
        (["other.example", "*"], "anything.example", True),
        ([], "anything.example", True),
    ],
    indirect=["allowed"],
)
def test_a_host_is_answered_where_the_setting_names_it(allowed: None, host: str | None, answered: bool) -> None:
    assert host_is_allowed(host) is answered
