"""The list of breaks keeps up with the scripts. `python -m tests.browser.changes` finds out whether each is noticed."""

from changes import ROOT, listed


def test_each_line_to_break_stands_in_its_script_exactly_once() -> None:
    changes = listed()
    assert len(changes) >= 40
    for change in changes:
        change.made((ROOT / change.file).read_text(encoding="utf-8"))
        file, _, name = change.where.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name.partition('[')[0]}(" in text, change.where
