# `make` alone lists the targets. Needed: Python 3.11 or newer with venv, and make;
# with a C++ compiler the native module is built too. All else is installed into .venv.

PYTHON ?= python3
JOBS ?= 2
ARGS ?=
ONLY ?= *

VENV := .venv
BIN := $(VENV)/bin
EXTRAS := cli,plot,app,onnx,dev
FAITHFUL := src/bactrian/data/samples/old_faithful.csv

# Stamps: the tools are there; the modules, by name; the package is installed as its sources
# now stand.
TOOLS := $(VENV)/.tools
MODULES := $(VENV)/.modules
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check

# A venv above .venv: what is there, the package as it stands included, and the peers.
PEERS := .venv-peers
PEERS_READY := $(PEERS)/.ready
BENCH := $(if $(wildcard $(PEERS_READY)),$(PEERS),$(VENV))/bin/python

# 1 where there are a C++ compiler and Python's headers: then a failed compilation is an
# error here, not a reason to go on as pure Python.
CAN_COMPILE = $(shell \
  $(BIN)/python -c 'import os, sysconfig as s; os.stat(os.path.join(s.get_path("include"), "Python.h"))' \
    2>/dev/null || exit; \
  for c in $${CXX:-c++ g++ clang++}; do if $$c --version >/dev/null 2>&1; then echo 1; break; fi; done)

.DEFAULT_GOAL := help
NPM := npm --prefix frontend --no-update-notifier
PAGE := src/bactrian/web/page
PAGE_TOOLS := frontend/node_modules/.ready

.PHONY: help install app demo page test test-page test-slow test-native lint format bench bench-peers build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Set PYTHON=python3.12 for another interpreter, ARGS='-k word' for pytest, JOBS=4 for its workers."

install: $(READY) ## create .venv with pinned versions and install the package into it, editable

demo: $(READY) ## fit two components to the Old Faithful eruptions; writes faithful-model.json
	$(BIN)/bactrian fit $(FAITHFUL) -k 2 --covariance full --tol 1e-6 --n-init 10 --seed 1 -o faithful-model.json

app: $(READY) ## start the calculator and open its page in the browser
	$(BIN)/bactrian serve --open

page: $(PAGE_TOOLS) ## build the calculator's page anew (needs Node 20.19 or newer)
	$(NPM) run types
	$(NPM) run build

test-page: $(PAGE_TOOLS) ## check and test the sources of the page (needs Node)
	$(NPM) run lint
	$(NPM) run check
	$(NPM) test

test: $(READY) ## run the tests, but for the slow ones
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-slow: $(READY) ## run the slow tests
	$(BIN)/python -m pytest -n $(JOBS) -m slow $(ARGS) || test $$? -eq 5  # 5: there are none

test-native: $(TOOLS) ## run the tests of the C++ under the sanitizers
	@$(BIN)/cmake -S native/tests -B build/native-tests -G Ninja -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja >/dev/null
	$(BIN)/cmake --build build/native-tests --parallel $(JOBS)
	$(BIN)/ctest --test-dir build/native-tests --parallel $(JOBS) --output-on-failure

lint: $(READY) ## check style, formatting, types and the directions of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## sort imports and format the Python files
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

bench: $(READY) ## run the benchmarks, beside the peers that are there; ONLY=fits for one
	@for script in benchmarks/bench_$(ONLY).py; do $(BENCH) "$$script" $(ARGS) || exit 1; done

bench-peers: $(PEERS_READY) ## install oneDAL (daal4py), pomegranate and tgmm for the benchmarks

build: $(READY) ## build the sdist and the wheel into dist/
	rm -rf dist
	BACTRIAN_REQUIRE_NATIVE=$(CAN_COMPILE) PIP_CONSTRAINT=constraints.txt $(BIN)/python -m build
	@ls -l dist

clean: ## remove .venv and everything that was built
	rm -rf $(VENV) $(PEERS) build dist faithful-model.json
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(TOOLS): constraints.txt pyproject.toml
	@$(PYTHON) -c '' >/dev/null 2>&1 || { \
	  echo "bactrian needs Python 3.11 or newer, and $(PYTHON) does not run here. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "bactrian needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. On Debian or Ubuntu: apt install python3-venv. Then run make again." >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || { echo "Creating $(VENV) with $$($(PYTHON) -V)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing the tools named in constraints.txt"
	@$(PIP) install --quiet --constraint constraints.txt --upgrade pip
	@$(PIP) install --quiet --constraint constraints.txt scikit-build-core nanobind cmake ninja
	@touch $@

# An editable package knows its modules by their places: one that moved is installed anew.
$(MODULES): $(TOOLS) FORCE
	@find src -name '*.py' | LC_ALL=C sort | cmp -s - $@ || find src -name '*.py' | LC_ALL=C sort >$@

FORCE:

# The tools to build with are pinned in .venv too: with no isolation a C++ edit is
# compiled in place, within seconds.
$(READY): $(TOOLS) $(MODULES) CMakeLists.txt $(wildcard native/*.?pp)
	@echo "Installing bactrian[$(EXTRAS)] into $(VENV)"
	@BACTRIAN_REQUIRE_NATIVE=$(CAN_COMPILE) \
	  $(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[$(EXTRAS)]'
	@$(BIN)/python -c 'from bactrian.config import native_summary; print(native_summary())'
	@touch $@

$(PAGE_TOOLS): frontend/package-lock.json
	@command -v npm >/dev/null || { \
	  echo "The page is built with Node 20.19 or newer, and npm is not here. On Debian: apt install nodejs npm. Users do not need it: the built page is in $(PAGE)." >&2; exit 1; }
	$(NPM) ci
	@touch $@

$(PEERS_READY): benchmarks/peers.txt constraints.txt | $(READY)
	@echo "Installing what benchmarks/peers.txt names into $(PEERS)"
	@$(BIN)/python -m venv --clear $(PEERS)
	@above=$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])'); \
	  site=$$($(PEERS)/bin/python -c 'import site; print(site.getsitepackages()[0])'); \
	  echo "import site; site.addsitedir('$$above')" > "$$site/above.pth"
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet \
	  --constraint constraints.txt --requirement benchmarks/peers.txt
	@touch $@
