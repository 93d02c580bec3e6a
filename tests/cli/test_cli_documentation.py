"""docs/command-line.md: every command runs, and prints what stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from running import ROOT, invoke

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
    """Run a command line: of each pipe what is ours in this process, the rest in a shell."""
    shown = passed = ""
    *stages, last = command.replace(" > ", " | cat > ").split(" | ")
    for stage in stages:
        _, stdout, stderr, _ = ran(stage, folder, passed)
        shown, passed = shown + stderr, stdout
    code, _, _, output = ran(last, folder, passed)
    return code, shown + output


def ran(stage: str, folder: Path, stdin: str) -> tuple[int, str, str, str]:
    """Exit code, standard output, standard error, and both as a terminal shows them."""
    if stage.startswith("bactrian "):
        result = invoke(*shlex.split(stage)[1:], stdin=stdin)
        return result.exit_code, result.stdout, result.stderr, result.output
    done = subprocess.run(
        stage, shell=True, cwd=folder, input=stdin, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr, done.stdout + done.stderr


def skeleton(text: str) -> str:
    """The text without its numbers, which differ in the last digits from machine to machine."""
    return re.sub(r"[ \n]+", " ", NUMBER.sub("#", text)).strip()


@pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")
def test_page_shows_what_the_commands_print(folder):
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
