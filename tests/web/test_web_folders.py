"""Folders of servers: removed when their server is dead, and never before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving import SIX, client_of, command, started, wait_until

from bactrian.web.folders import OWNER, PREFIX, Folder, sweep

fcntl = pytest.importorskip("fcntl")

DIES = """
import os, signal
from bactrian.web.folders import Folder
print(Folder().path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The folder of temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def left_behind(here):
    """A folder of a server that was killed, with something in it."""
    environment = {**os.environ, "TMPDIR": str(here)}
    done = subprocess.run(
        [sys.executable, "-c", DIES], env=environment, capture_output=True, text=True
    )
    assert done.returncode < 0
    folder = here / os.path.basename(done.stdout.strip())
    (folder / "datasets" / "abc").mkdir(parents=True)
    (folder / "datasets" / "abc" / "values.npy").write_bytes(b"1")
    return folder


def test_what_a_dead_server_left_is_removed(here):
    folder, alive = left_behind(here), Folder()
    sweep()
    assert not folder.exists()
    assert (alive.path / OWNER).exists()
    alive.remove()
    assert not list(here.iterdir())


def test_links_are_not_followed(here, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "mine").write_text("kept")
    folder = left_behind(here)
    (folder / "link").symlink_to(other)
    (folder / "datasets" / "link").symlink_to(other)
    (here / f"{PREFIX}linked").symlink_to(other)
    sweep()
    assert not folder.exists()
    assert (here / f"{PREFIX}linked").is_symlink()
    assert (other / "mine").read_text() == "kept"


def test_a_link_to_a_folder_that_was_left_is_not_followed_either(here, tmp_path_factory):
    moved = left_behind(here).rename(tmp_path_factory.mktemp("moved") / "folder")
    (here / f"{PREFIX}linked").symlink_to(moved)
    sweep()
    assert (moved / OWNER).exists()


def test_what_may_not_be_a_server_s_is_left_alone(here, monkeypatch):
    for name in ("other", f"{PREFIX}empty"):  # of another name; with nothing that was locked
        (here / name).mkdir(mode=0o700)
    (here / f"{PREFIX}file").write_text("no folder")
    left_behind(here).rename(here / "renamed")
    left_behind(here).chmod(0o755)
    linked = left_behind(here)
    (linked / OWNER).rename(linked / "elsewhere")
    (linked / OWNER).symlink_to(linked / "elsewhere")
    before = sorted(here.rglob("*"))
    sweep()
    assert sorted(here.rglob("*")) == before
    folder, own = left_behind(here), os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    sweep()
    assert folder.exists()


def test_a_removal_that_broke_off_is_taken_up(here, monkeypatch):
    folder = left_behind(here)

    def broken(path, **_):
        for file in filter(Path.is_file, Path(path).iterdir()):
            file.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", broken)
        with pytest.raises(KeyboardInterrupt):
            sweep()
    assert (folder / OWNER).exists()
    sweep()
    assert not folder.exists()


def test_the_next_server_removes_what_one_that_was_killed_left(here):
    with started(command("--port", 0), here) as (process, url), client_of(url) as client:
        client.data(SIX)
        (killed,) = here.glob(f"{PREFIX}*")
        process.kill()
        process.wait()
    assert (killed / "datasets").exists()
    with started(command("--port", 0), here):
        wait_until(lambda: not killed.exists())
        (own,) = here.glob(f"{PREFIX}*")
    assert own != killed
    assert not list(here.glob(f"{PREFIX}*"))
