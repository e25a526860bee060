"""Sentences are shown as they are: the Markdown that is made of them, written out."""

import pytest

from lrdemo.ui.notice import plain


@pytest.mark.parametrize(
    "sentence, markdown",
    [
        ("The digits are ready.", "The digits are ready."),
        ("a_b *c* [d](e)", r"a\_b \*c\* \[d\](e)"),
        ("`x` $y$ ~z~ <b> &lt;", r"\`x\` \$y\$ \~z\~ \<b\> \&lt;"),
        (r"\*", r"\\\*"),
        ("Rate: 1, :smile:", "Rate: 1, :\u2060smile:"),
        ("https://x.example www.y.example me@z.example",
         "https:\u2060//x.example www\u2060.y.example me@\u2060z.example"),
    ],
)  # fmt: skip
def test_nothing_in_a_sentence_is_markdown(sentence, markdown):
    assert plain(sentence) == markdown
