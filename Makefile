# Ballast. Each target is the only command needed: it first installs and compiles what it lacks, into
# .venv/, node_modules/, .cache/ and .build/, which later runs find ready. `make` lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test devnet gas lint format lock clean tools

PY  := .venv/bin/python
APE := $(PY) .venv/bin/ape

# .venv/bin also has anvil. All that Ape, its compiler and matplotlib keep stays in this folder.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export APE_DATA_FOLDER := $(CURDIR)/.cache/ape
export VVM_BINARY_PATH := $(CURDIR)/.cache/vvm
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
unexport PYTHONDONTWRITEBYTECODE # Ape would take three times as long to start

demo: .cache/protocols ## five market days of ETHBULL, ETHBEAR and ETHHEDGE, and a crash
	@$(APE) run demo $(ARGS)

test: .cache/protocols ## every test; ARGS="tests/unit -k mint" for some
	@$(PY) -m pytest $(ARGS)

devnet: .cache/protocols ## a chain with Ballast on it for a wallet or a dapp, until Ctrl-C
	@$(APE) run devnet $(ARGS)

gas: .cache/protocols ## gas of each operation, against the committed snapshot
	@$(APE) run gas $(ARGS)

lint: .venv/.ready ## ruff, mypy, mamushi
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --check --quiet
	@$(PY) -m mypy
	@$(PY) -m mamushi --quiet --check --line-length 100 contracts

format: .venv/.ready ## rewrite Python and Vyper as the linters want them
	@$(PY) -m ruff check --fix --quiet
	@$(PY) -m ruff format
	@$(PY) -m mamushi --quiet --line-length 100 contracts

lock: .venv/.ready ## requirements.in to requirements.txt; ARGS=--upgrade for the newest
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command 'make lock' $(ARGS) --output-file requirements.txt requirements.in

clean: ## remove what was built, but not the installed packages
	rm -rf .build .cache out .hypothesis .mypy_cache .pytest_cache .ruff_cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

# What must be on the machine. The first Python that is new enough, and if possible none so new that
# packages must be built from source; once .venv is there, it is the one.
PYTHON = $(or $(wildcard $(PY)),$(shell \
	for below in 14 99; do for python in python3 python3.13 python3.12 python3.11; do \
		$$python -c "import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, $$below))" \
			2>/dev/null && echo $$python && exit; \
	done; done))
NODE = $(shell case "$$(command -v npm >/dev/null && node --version 2>/dev/null)" in \
	(v2[0-9].* | v[3-9][0-9].*) echo node ;; esac)

tools:
	$(if $(PYTHON),,$(error Ballast needs Python 3.11 or newer, with its venv module: https://www.python.org/downloads ))
	$(if $(NODE),,$(error Ballast needs Node 20 or newer, with npm: https://nodejs.org ))
	@:

$(PY): | tools
	@$(PYTHON) -m venv --clear .venv

# In two steps, so that what must be built is built by a locked setuptools and not by the newest.
.venv/.ready: requirements.txt $(PY)
	@echo '- Python packages (about a minute)'
	@awk '/^setuptools==/, !/\\$$/' requirements.txt > .venv/setuptools.txt
	@for lock in .venv/setuptools.txt requirements.txt; do \
		$(PY) -m pip install -qq --disable-pip-version-check --no-compile --no-deps \
			--no-build-isolation --require-hashes --requirement $$lock || exit; \
	done
	@touch $@

node_modules/.ready: package-lock.json | tools
	@echo '- npm packages (a few seconds)'
	@[ -w "$$HOME" ] || export npm_config_cache="$$PWD/.cache/npm"; \
		npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error > /dev/null
	@touch $@

# npm links anvil to a wrapper or, up to version 10, not at all: link the program itself.
.cache/protocols: .venv/.ready node_modules/.ready scripts/_thirdparty.py
	@cd .venv/bin && ln -sf ../../node_modules/@foundry-rs/anvil-*/bin/anvil anvil
	@mkdir -p .cache
	@$(PY) -m scripts._thirdparty
	@touch $@
