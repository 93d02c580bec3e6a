"""docs/command-line.md: every command runs, and prints what stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, environment, invoke

from bactrian.cli.application import COMMANDS

PAGE = ROOT / "docs" / "command-line.md"
NUMBER = re.compile(r"-?\b\d+(\.\d+)?(e[-+]?\d+)?\b")


def examples() -> list[tuple[str, str]]:
    """Commands and what they print."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command line, in this process where no shell is needed."""
    words = shlex.split(command)
    if words[0] == "bactrian" and not set(words) & {"|", ">"}:
        result = invoke(*words[1:])
        return result.exit_code, result.output
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**environment(), "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def skeleton(text: str) -> str:
    """The text without its numbers, which differ in the last digits from machine to machine."""
    return re.sub(r"[ \n]+", " ", NUMBER.sub("#", text)).strip()


@pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")
def test_page_shows_what_the_commands_print(folder):
    (folder / "bin").mkdir()
    script = folder / "bin" / "bactrian"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m bactrian.cli "$@"\n')
    script.chmod(0o755)
    for command, printed in examples():
        code, output = run(command, folder)
        if code:
            output += f"[{code}]"
        assert skeleton(output) == skeleton(printed), command


def test_every_command_and_its_options_stand_on_the_page():
    text = PAGE.read_text()
    for name in COMMANDS:
        assert f"$ bactrian {name} --help\n" in text
        assert re.search(rf"\$ bactrian {name} (?!--help)", text), name


def test_every_option_used_on_the_page_is_in_the_help():
    for command, _ in examples():
        for part in re.split(r"[|>]", command):
            words = shlex.split(part)
            if words[:1] != ["bactrian"] or words[1] not in COMMANDS:
                continue
            told = invoke(words[1], "--help").stdout
            for word in words[2:]:
                if word.startswith("--") or re.fullmatch("-[a-z]", word):
                    assert re.search(rf"(?<![\w-]){word}(?![\w-])", told), (command, word)


def test_prose_names_only_options_that_exist():
    told = "".join(invoke(name, "--help").stdout for name in COMMANDS) + "--traceback"
    for option in set(re.findall(r"`[^`]*?(--[a-z][a-z-]+)", PAGE.read_text())):
        assert option in told, option
