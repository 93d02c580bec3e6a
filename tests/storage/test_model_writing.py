"""A file appears whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from mixtures import fitted

from bactrian import MixtureModel
from bactrian.storage import ModelFileError


def test_a_failed_save_leaves_the_old_file_alone(X, tmp_path, monkeypatch):
    path = tmp_path / "m.json"
    gm = fitted(X)
    gm.save(path)
    before = path.read_bytes()

    def broken(*args):
        raise OSError(28, "No space left on device")

    for name in ("replace", "fsync"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, broken)
            with pytest.raises(ModelFileError, match="no space left on device"):
                fitted(X, "diag").save(path)
        assert path.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["m.json"]


def test_a_save_is_complete_before_it_takes_the_name(X, tmp_path, monkeypatch):
    path = tmp_path / "m.json"
    path.write_text("old")
    seen = []
    real_sync, real_replace = os.fsync, os.replace

    def synced(descriptor):
        seen.append(("sync", path.read_text()))
        real_sync(descriptor)

    def replaced(source, target):
        seen.append(("replace", path.read_text()))
        assert MixtureModel.load(source)
        assert os.path.dirname(source) == os.path.dirname(target)
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    fitted(X).save(path)
    assert seen[:2] == [("sync", "old"), ("replace", "old")]
    assert MixtureModel.load(path)


def test_a_save_keeps_permissions_and_links(X, tmp_path):
    path, link = tmp_path / "m.json", tmp_path / "link.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    fitted(X).save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert MixtureModel.load(path)


def test_places_that_cannot_be_written(X, tmp_path):
    model = fitted(X).to_model()
    with pytest.raises(ModelFileError, match="Make the directory first"):
        model.save(tmp_path / "none" / "m.json")
    with pytest.raises(ModelFileError, match="a directory"):
        model.save(tmp_path)
    with pytest.raises(ModelFileError):
        model.save(tmp_path / "a\0b")


def test_a_file_may_be_written_where_there_was_a_half_pair(X, tmp_path):
    gm = fitted(X)
    parameters = gm.to_model().parameters
    model = MixtureModel(parameters, feature_names=("\ud800", "ß"))
    model.save(tmp_path / "m.json")
    assert MixtureModel.load(tmp_path / "m.json").feature_names == ("\ud800", "ß")


def test_scoring_a_loaded_model_imports_no_scikit_learn(X, tmp_path):
    fitted(X).save(tmp_path / "m.json")
    code = (
        "import sys, numpy, bactrian\n"
        "model = bactrian.load_model(sys.argv[1])\n"
        "print(model.log_density(numpy.zeros((3, 2))).shape)\n"
        "model.sample(3, 0)\n"
        "assert 'sklearn' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m.json")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "(3,)", done.stderr
