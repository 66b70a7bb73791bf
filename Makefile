# Every target is one `python -m …` line, for machines without make. All share one environment, .venv/.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts/
else
BIN := .venv/bin/
endif
PY := $(BIN)python
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types contracts bench messages pictures snapshots lock clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/ready  ## the environment that all targets share

.venv/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(PY) -c "import pathlib; pathlib.Path('.venv/ready').touch()"

demo: setup  ## the counter with a ledger, a coalition and a scanner of its own
	$(PY) -m till demo $(ARGS)

test: setup  ## every test; PostgreSQL's where it is installed
	$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: lint types contracts test  ## what CI runs

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup
	$(PY) -m mypy
	$(PY) -m mypy --platform win32 --cache-dir .mypy_cache/win32

contracts: setup
	$(PY) -c "from importlinter.cli import lint_imports_command as c; c()"

bench: setup  ## the ratios of docs/measurements.md
	$(PY) -m bench $(ARGS)

messages: setup  ## collect the strings of the screens, compile the catalogues
	$(PY) -m terminal.locales.build

pictures: setup  ## the README's pictures, from the running app
	$(PY) -m docs.pictures

snapshots: setup  ## every screen as text anew, in both languages and two sizes; read the difference
	UPDATE_SNAPSHOTS=1 $(PY) -m pytest -q -n $(JOBS) tests/terminal/test_snapshots.py

lock: setup  ## requirements.lock and counter.lock anew (needs uv)
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --quiet --no-annotate \
	    --no-header --no-emit-index-url --no-emit-package till-points-counter -o requirements.lock pyproject.toml
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --extra counter --quiet --no-annotate \
	    --no-header --no-emit-index-url --no-emit-package till-points-counter -c requirements.lock -o counter.lock pyproject.toml

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('.venv', '.mypy_cache', '.pytest_cache', '.ruff_cache')]"
