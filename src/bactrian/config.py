"""What is installed, what is compiled, and how to get the rest."""

from __future__ import annotations

import platform
import re
import sys
from importlib import import_module, metadata
from typing import Any, TextIO

_REQUIRED = ("numpy", "scipy", "scikit-learn")
# Not a feature to install, but a bundle of them and the tools of this project.
_NOT_FEATURES = ("all", "dev")
_EXTRA_REQUIREMENT = re.compile(r"""^([\w.-]+).*;.*\bextra\s*==\s*['"]([\w-]+)['"]""")


def config() -> dict[str, Any]:
    """Return versions, the native module, back ends and extras, as data.

    Returns
    -------
    dict
        With the keys ``versions`` (name to version), ``python`` (implementation and
        platform), ``native`` (``built``, ``build_info``, ``paths``: the instruction sets that
        run here, ``path`` and ``n_threads`` in use, ``reason``, ``remedy``),
        ``backends`` (``available``, ``default``) and ``extras`` (for each extra its
        ``installed`` packages with versions, the ``missing`` ones and the ``remedy``).
    """
    return {
        "versions": _versions(),
        "python": {
            "implementation": platform.python_implementation(),
            "platform": f"{platform.system()} {platform.machine()}",
        },
        "native": _native(),
        "backends": _backends(),
        "extras": _extras(),
    }


def show_config(file: TextIO | None = None) -> None:
    """Print versions, the native module, back ends and extras, and how to get what is missing.

    Parameters
    ----------
    file : text stream, optional
        By default the standard output.
    """
    facts = config()
    lines = [f"{name + ':':<14}{version}" for name, version in facts["versions"].items()]
    lines += [f"{'platform:':<14}{' '.join(facts['python'].values())}"]
    lines += ["", native_summary(facts)]
    if facts["native"]["remedy"]:
        lines += [f"  to get it: {facts['native']['remedy']}"]
    lines += [f"back ends: {', '.join(facts['backends']['available'])}", "", "extras:"]
    lines += [_extra_line(name, extra) for name, extra in facts["extras"].items()]
    print("\n".join(lines), file=file or sys.stdout)


def native_summary(facts: dict[str, Any] | None = None) -> str:
    """Describe the state of the native module in one line.

    Parameters
    ----------
    facts : dict, optional
        What `config` returned; asked anew if not given.
    """
    native, default = (
        (facts["native"], facts["backends"]["default"])
        if facts
        else (
            _native(),
            _backends()["default"],
        )
    )
    if not native["built"]:
        return f"native: not built; {native['reason']}, back end {default}"
    info = native["build_info"]
    return (
        f"native: built by {info['compiler']} {info['compiler_version']}, "
        f"C++{info['cxx_standard']}, {info['build_type']}, {info['architecture']}, "
        f"{'optimised' if info['optimised'] else 'not optimised'}; back end {default}; "
        f"{native['reason'] or _in_use(native)}"
    )


def _in_use(native: dict[str, Any]) -> str:
    """What the native back end uses by default."""
    threads = f"{native['n_threads']} thread{'s' if native['n_threads'] > 1 else ''}"
    return f"instruction set {native['path']} (of {', '.join(native['paths'])}), {threads}"


def _versions() -> dict[str, str]:
    from bactrian import __version__

    versions = {"bactrian": __version__, "python": platform.python_version()}
    for name in _REQUIRED:
        versions[name] = _version_of(name) or "missing"
    return versions


def _version_of(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _native() -> dict[str, Any]:
    try:
        module = import_module("bactrian._native")
    except ModuleNotFoundError:
        reason = "installed as pure Python"
        remedy = (
            "install a C++17 compiler, then "
            "pip install --force-reinstall --no-deps --no-cache-dir bactrian "
            "(in a checkout: make clean install)"
        )
    except ImportError as error:
        reason = f"its file does not load ({error})"
        remedy = "pip install --force-reinstall --no-deps --no-cache-dir bactrian"
    else:
        return {"built": True, "build_info": module.build_info(), **_native_settings(module)}
    nothing: dict[str, Any] = {"build_info": None, "paths": [], "path": None, "n_threads": None}
    return {"built": False, **nothing, "reason": reason, "remedy": remedy}


def _native_settings(module: Any) -> dict[str, Any]:
    """Instruction set and threads; only a reason if the environment names a wrong one."""
    from bactrian.backends.native.backend import NativeBackend
    from bactrian.errors import BadInputError

    settings = {"paths": module.paths(), "path": None, "n_threads": None}
    try:
        backend = NativeBackend()
    except BadInputError as error:
        return {**settings, "reason": str(error), "remedy": None}
    in_use = {"path": backend.path, "n_threads": backend.n_threads}
    return {**settings, **in_use, "reason": None, "remedy": None}


def _backends() -> dict[str, Any]:
    from bactrian.backends import BACKENDS

    return {"available": list(BACKENDS), "default": next(iter(BACKENDS))}


def _extras() -> dict[str, dict[str, Any]]:
    """Extras that the installed metadata declare; empty for sources that are not installed."""
    try:
        declared = metadata.requires("bactrian") or []
    except metadata.PackageNotFoundError:
        return {}
    extras: dict[str, dict[str, Any]] = {}
    for requirement in declared:
        match = _EXTRA_REQUIREMENT.match(requirement)
        if match is None or match[2] in _NOT_FEATURES:
            continue
        package, name = match[1], match[2]
        extra = extras.setdefault(name, {"installed": {}, "missing": [], "remedy": None})
        version = _version_of(package)
        if version is None:
            extra["missing"].append(package)
            extra["remedy"] = f"pip install 'bactrian[{name}]'"
        else:
            extra["installed"][package] = version
    return extras


def _extra_line(name: str, extra: dict[str, Any]) -> str:
    if extra["missing"]:
        return f"  {name:<7}missing {', '.join(extra['missing'])}: {extra['remedy']}"
    installed = ", ".join(
        f"{package} {version}" for package, version in extra["installed"].items()
    )
    return f"  {name:<7}installed ({installed})"
