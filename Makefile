# Needs Python 3.11 and make; everything else goes into .venv.
#   make demo     install opsatlas and make the atlas of MLOps in ./atlas-mlops
#   make test     install the tools for development and run the tests
#   make lint     style and types
#   make schema   check the REFI-QDA export against the standard's schema, fetched for it
#   make contract check what is asked of GitHub against its published contract, fetched for it
#   make docs     build the manual into site/; site/index.html opens without a server
#   make walk     run every command of README and manual, in order, on the demo's data
#   make notebook run docs/notebook.ipynb from top to bottom, and keep what it shows
#   make wheel    build what is given away, source and wheel, into dist
#   make lowest   run a part of the tests with the lowest versions of what opsatlas stands on
#   make bench DATA=folder    every benchmark, on data of your own
#   make clean    remove .venv and the caches (never a workspace)

PYTHON ?= python3.11
WORKSPACE ?= atlas-mlops
VENV := .venv
BIN := $(VENV)/bin
# The build tool, which pip fetches by itself, is pinned as well: that takes the variable.
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Errors stay visible. What is imported is compiled when first imported: far less than it all; and
# it is kept, whatever the environment says: else every process would compile it again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install -qq --no-compile --constraint constraints.txt
BENCHMARKS := encoding dtypes pipeline ablation names crosswalk kinds placing page scale second_run \
    help_time labelling lineage mining sizes guidance steadiness usage zimmerman stages survival growth \
    concentration together search

.PHONY: help demo test lint schema contract docs walk sample notebook wheel lowest bench data-named clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/installed
	@$(BIN)/opsatlas run mlops -w $(WORKSPACE)

test: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

schema: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks.refi_schema --if-reachable

contract: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks.github_contract --if-reachable

docs: export NO_MKDOCS_2_WARNING := 1
docs: $(VENV)/installed-dev
	@$(BIN)/python -m mkdocs build --strict
	@echo "the manual is at $(CURDIR)/site/index.html"

# FROM=folder: go on from a copy of a workspace that `make demo` made, which saves a minute.
walk: $(VENV)/installed-dev
	@$(BIN)/python -m docs.walk $(if $(FROM),--from $(FROM))

sample: $(VENV)/installed-dev
	@$(BIN)/python -m docs.sample $(FROM)

wheel: $(VENV)/installed-dev
	@$(BIN)/python -m build --outdir dist .

lowest: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks.lowest_versions

notebook: $(VENV)/installed-dev
	@$(BIN)/python -m benchmarks.notebook

bench: data-named $(VENV)/installed-dev
	@for name in $(BENCHMARKS); do \
	    $(BIN)/python -m benchmarks.$$name --data "$(DATA)" --out benchmarks/results/$$name.json \
	        || exit 1; \
	done

data-named:
	@test -n "$(DATA)" || { echo "name the folder of data: make bench DATA=folder" >&2; exit 2; }

clean:
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

# Three marks say what is there: nothing is installed again until one of these files changes.
$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "opsatlas needs Python 3.11 or later, and '$(PYTHON)' is none:" >&2; \
	    echo "install python3.11, or name yours: make demo PYTHON=/path/to/python" >&2; \
	    exit 1; }
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/created
	@echo "installing opsatlas and what it stands on into $(VENV) (once; some minutes)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/created
	@echo "installing opsatlas and the tools for development into $(VENV) (once; some minutes)"
	@$(INSTALL) --editable '.[dev,docs]'
	@touch $(VENV)/installed $@
