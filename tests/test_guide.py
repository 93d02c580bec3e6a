"""The Python on the pages of the guide runs, and prints what stands beside it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python(page, tmp_path, monkeypatch, capsys):
    shutil.copy(ROOT / "src/bactrian/data/samples/old_faithful.csv", tmp_path / "faithful.csv")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        exec(compile(block, page.name, "exec"), namespace)
        printed = capsys.readouterr().out
        for said in re.findall(r"^\s*print\(.*\)  # (.*)$", block, re.MULTILINE):
            assert said in printed.splitlines(), (said, printed)
