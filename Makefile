# Works with GNU make 3.81 (macOS) and newer. `make help` says what there is.

# A Python 3.11 or newer; when left empty, the first that is found makes the virtual environment.
PYTHON ?=
VENV ?= .venv
WORLD ?= Pendulum-v1
SECONDS = 60
SEED ?= 1
OUT ?= life
# A folder with the source of GeNN, for `make peers`.
GENN ?=
# The PyTorch that tests and type checks are run with; `make test TORCH=` leaves it out, and its tests skip.
TORCH ?= torch==2.13.0
PIP_FLAGS ?= --quiet --disable-pip-version-check
PYTEST_FLAGS ?=

BIN = $(VENV)/bin
INSTALL = "$(BIN)/python" -m pip install $(PIP_FLAGS)

.DEFAULT_GOAL := help
.PHONY: help run test lint types wheel benchmarks peers clean

help:
	@echo "make run     live a short life and show the page   WORLD=$(WORLD) SECONDS=$(SECONDS) SEED=$(SEED) OUT=$(OUT)"
	@echo "make test    run all tests                         PYTEST_FLAGS=\"-k units\" for some of them"
	@echo "make lint    ruff, and who may import whom"
	@echo "make types   pyright"
	@echo "make wheel   build dist/*.whl"
	@echo "make benchmarks   say which scripts print the figures of the README"
	@echo "make peers   install the simulators to compare with   GENN=/path/to/genn for its source"
	@echo "make clean   remove $(VENV) and what was built"
	@echo
	@echo "Everything is installed into VENV=$(VENV), made by PYTHON=$(if $(PYTHON),$(PYTHON),<the first 3.11 or newer found>)."

run: $(VENV)/.installed
	"$(BIN)/reafference" live "$(WORLD)" --seconds $(SECONDS) --seed $(SEED) --out "$(OUT)"
	@echo "The page: file://$$(cd "$(OUT)" && pwd)/life.html"

test: $(VENV)/.installed-test
	"$(BIN)/python" -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.installed-dev
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/lint-imports"

types: $(VENV)/.installed-dev
	"$(BIN)/pyright" --pythonpath "$(BIN)/python"

wheel: $(VENV)/.installed-dev
	"$(BIN)/python" -m build --outdir dist .

benchmarks:
	@echo "Each script prints the table that the README quotes; run it with $(BIN)/python:"
	@ls benchmarks/*.py benchmarks/engine/*.py

peers: $(VENV)/.made
	"$(BIN)/python" benchmarks/engine/peers.py --folder .venv-peers $(if $(GENN),--genn "$(GENN)")

clean:
	rm -rf "$(VENV)" dist build .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# A stamp is newer than pyproject.toml as long as nothing has to be installed.
$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Installing reafference into $(VENV) (once; this takes a moment) ..."
	@$(INSTALL) -e .
	@touch "$@"

$(VENV)/.installed-test: pyproject.toml | $(VENV)/.made
	@echo "Installing reafference and what its tests need into $(VENV) (once; this takes a moment) ..."
	@$(INSTALL) -e ".[test,parquet,worlds,mpi-test,chips,sanafe,nir]" $(TORCH)
	@touch "$@" "$(VENV)/.installed"

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.made
	@echo "Installing reafference and its developers' tools into $(VENV) (once; this takes a moment) ..."
	@$(INSTALL) -e ".[dev]" $(TORCH)
	@touch "$@" "$(VENV)/.installed-test" "$(VENV)/.installed"

$(VENV)/.made:
	@python=; for candidate in $(if $(PYTHON),"$(PYTHON)",python3.12 python3.13 python3.11 python3.14 python3 python); do \
	  if "$$candidate" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; \
	  then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "No $(if $(PYTHON),usable Python at PYTHON=$(PYTHON),usable Python found): it must be 3.11 or newer and have the venv module." >&2; \
	  echo "Install one (macOS: brew install python; Debian, Ubuntu: apt install python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv "$(VENV)" && touch "$@"
