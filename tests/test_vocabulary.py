"""What is said once is what the estimators, the command line, the API and the page take."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import click
import pytest

from bactrian import GaussianMixture, vocabulary
from bactrian.cli import bootstrap, export, fit, options, plot, select
from bactrian.core.covariance import STRUCTURES
from bactrian.core.em.stopping import stopping_rule
from bactrian.estimators.exports import EXPORTS
from bactrian.init.starts import STARTS
from bactrian.mixture.criteria import CRITERIA
from bactrian.selection.bootstrap.intervals import INTERVALS
from bactrian.tables import marks
from bactrian.tables.files import FORMAT_NAMES
from bactrian.vocabulary import SETTINGS
from bactrian.web.openapi import description
from bactrian.web.schema import Settings
from bactrian.web.schema.requests import OWN_DEFAULTS

COMMAND_ONLY = {"components", "covariance", "start", "start_means", "start_weights", "fixed"}
PYTHON_ONLY = {
    "backend", "callback", "half_life", "labels", "precisions_init", "resp_init", "verbose",
    "verbose_interval", "warm_start",
}  # fmt: skip
WORDS = [setting for setting in SETTINGS.values() if setting.choices]
ON_PAGE = [setting for setting in SETTINGS.values() if setting.on_page]


def options_of(command: click.Command) -> dict[str, click.Parameter]:
    return {name: option for option in command.params for name in option.opts}


def choices_of(command: click.Command, option: str) -> tuple[str, ...]:
    return tuple(options_of(command)[option].type.choices)


# ---- the library


def test_nothing_is_imported_for_it():
    program = "import sys, bactrian.vocabulary; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout.strip() == b"False"


def test_the_estimator_has_these_parameters_and_defaults():
    parameters = inspect.signature(GaussianMixture).parameters
    assert {name: one.default for name, one in parameters.items()} == {
        name: setting.default for name, setting in SETTINGS.items()
    }


@pytest.mark.parametrize("name", SETTINGS)
def test_the_docstring_of_the_estimator_says_defaults_and_choices(name):
    text = inspect.getdoc(GaussianMixture)
    told = re.search(rf"^{name} : (.*)$|^{name}, .* : (.*)$", text, re.MULTILINE)[1]
    setting = SETTINGS[name]
    said = f'"{setting.default}"' if isinstance(setting.default, str) else f"{setting.default}"
    default = float if isinstance(setting.default, float) else str
    assert default(told.rpartition("default=")[2]) == default(said)
    words = re.search(r"\{(.*?)\}", told)
    if name not in ("covariance_type", "prior", "backend") and (setting.number is None and words):
        assert tuple(re.findall('"(.*?)"', words[1])) == tuple(setting.choices)


@pytest.mark.parametrize("setting", WORDS, ids=lambda setting: setting.name)
def test_defaults_are_among_the_choices(setting):
    assert setting.spoken in setting.choices or setting.default is None
    assert all(setting.value(word) == word for word in setting.choices if word != setting.spoken)
    assert setting.value(setting.spoken) == setting.default


def test_structures_are_registered_under_these_names():
    assert {name: own.letters for name, own in STRUCTURES.items()} == {
        one.name: one.letters for one in vocabulary.STRUCTURES
    }
    assert tuple(STRUCTURES) == vocabulary.STRUCTURE_NAMES


def test_what_is_registered_has_these_names():
    assert set(vocabulary.INIT_PARAMS.choices) == {"auto", *STARTS}
    assert (*CRITERIA, "cv") == vocabulary.MEASURES
    assert set(vocabulary.EXPORT_FORMATS) == set(EXPORTS)
    assert set(vocabulary.TABLE_FORMATS) == set(FORMAT_NAMES)
    assert tuple(INTERVALS) == vocabulary.BOOTSTRAP_INTERVALS
    assert set(vocabulary.THOUSANDS) == {*marks.SPELLINGS, ",", "."}
    for name in vocabulary.STOPPING.choices:
        assert stopping_rule(name, 1e-3, None).name in vocabulary.STOPPING.choices


# ---- the command line


@pytest.mark.parametrize("command", [fit.command, select.command])
@pytest.mark.parametrize("setting", options.PLAIN, ids=lambda setting: setting.name)
def test_options_have_the_choices_and_defaults(command, setting):
    option = options_of(command)[setting.option]
    assert option.default == setting.spoken
    if isinstance(option.type, click.Choice):
        assert tuple(option.type.choices) == tuple(setting.choices)
    for word in setting.choices:
        assert option.type.convert(word, option, None) == word


def test_other_options_have_the_choices():
    assert choices_of(fit.command, "--covariance") == vocabulary.COVARIANCE_TYPES
    assert choices_of(fit.command, "--family") == tuple(vocabulary.FAMILY.choices)
    assert choices_of(fit.command, "--format") == ("auto", *vocabulary.TABLE_FORMATS)
    assert choices_of(fit.command, "--thousands") == ("auto", *vocabulary.THOUSANDS)
    assert choices_of(select.command, "--criterion") == vocabulary.MEASURES
    assert choices_of(select.command, "--sign") == tuple(vocabulary.SIGNS)
    assert choices_of(plot.command, "--assignment") == vocabulary.ASSIGNMENTS
    assert choices_of(bootstrap.command, "--method") == vocabulary.BOOTSTRAP_METHODS
    assert choices_of(bootstrap.command, "--interval") == vocabulary.BOOTSTRAP_INTERVALS
    assert choices_of(export.command, "--format") == (*vocabulary.EXPORT_FORMATS, "json")


def test_options_left_open_are_as_the_estimator_has_them():
    told = {}

    @click.command
    @options.fit_options
    def command(fitting):
        told.update(fitting.for_estimator())

    command.main([], standalone_mode=False)
    assert told.pop("random_state") == vocabulary.SEED
    assert told == {name: SETTINGS[name].default for name in told}
    own = {"n_components", "covariance_type", "weights_init", "means_init", "fixed"}
    assert set(told) | own | {"random_state"} | PYTHON_ONLY == set(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_every_parameter_of_the_estimator_can_be_reached(setting):
    assert (setting.option == "") == (setting.name in PYTHON_ONLY)
    assert not setting.option or setting.option in options_of(fit.command)


# ---- the API and the page


@pytest.mark.parametrize("setting", ON_PAGE, ids=lambda setting: setting.name)
def test_the_description_of_the_api_has_choices_and_defaults(setting):
    told = description()["components"]["schemas"]["Settings"]["properties"][setting.name]
    assert told["default"] == OWN_DEFAULTS.get(setting.name, setting.spoken)
    parts = [told, *told.get("anyOf", ())]
    assert [word for part in parts for word in part.get("enum", ())] == list(setting.choices)


def test_the_calculator_leaves_the_rest_to_the_library():
    given = Settings().parameters
    assert given.pop("random_state") == vocabulary.SEED
    assert given == {name: OWN_DEFAULTS.get(name, SETTINGS[name].default) for name in given}
    assert set(OWN_DEFAULTS) <= {setting.name for setting in ON_PAGE}
