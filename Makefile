# make demo   the main job on the bundled sample, into outputs/demo
# make test   everything that must pass: style, types, floors, tests, docs
# make check  style, types and layers alone, without installing anything
# make coverage  the tests once more, a third slower, with the lines and branches they miss
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-for-tests

.PHONY: demo test check docs coverage bench clean

demo: $(RUN_STAMP)
	$(BIN)/geoprofiles run geoprofiles.toml --output outputs/demo

test: $(TEST_STAMP)
	sh tests/install_chromium.sh
	$(MAKE) check docs VENV=$(VENV)
	$(BIN)/python -m pytest -n auto --dist worksteal

coverage: $(TEST_STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term:skip-covered

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs:
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

bench: $(TEST_STAMP)
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || sh tests/venv_help.sh "$(PYTHON)" "$(VENV)"

$(RUN_STAMP): setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(TEST_STAMP): setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,docs]'
	touch $@ $(RUN_STAMP)

clean:
	rm -rf $(VENV) build *.egg-info docs/_build tests/artefacts .pytest_cache .mypy_cache .ruff_cache
