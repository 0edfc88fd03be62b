# Ballast. Each target is the only command needed: it first installs and compiles what is missing,
# into .venv, node_modules and .cache, where later runs find it. `make` lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: demo test replay backtest prove crash rehearse devnet gas lint format lock clean help tools

PY  := .venv/bin/python
APE := $(PY) .venv/bin/ape
# Tests in one process with their chain; `ape test` runs them on anvil.
PYTEST := $(PY) -m pytest -p no:ape_test -p tests.evm.plugin
ape_run = $(APE) run $@ --verbosity WARNING $(ARGS)

# .venv/bin also has anvil. What Ape, its compiler and matplotlib keep stays in this folder.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export APE_DATA_FOLDER := $(CURDIR)/.cache/ape
export VVM_BINARY_PATH := $(CURDIR)/.cache/vvm
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
# Without bytecode Ape takes three times as long to start.
unexport PYTHONDONTWRITEBYTECODE

# VENUE=aave: the lending market that tokens live on, where it is not Morpho Blue.
venue = $(if $(VENUE),--venue $(VENUE))

demo: .cache/protocols ## five market days of ETHBULL, ETHBEAR and ETHHEDGE, and a crash; VENUE=aave
	@$(ape_run) $(venue)

# Attackers run on every venue, or on VENUE alone. Where the EVM in this process has no wheel for
# the machine, all tests run on a node. 5 is pytest's code for no tests: of those that were asked
# for, there may be none.
test: .cache/protocols ## every test; ARGS="tests/unit -k mint" for some of them
	@here="$(PYTEST)"; there="$(APE) test -m anvil"; \
		$(PY) -c 'import pyrevm' 2> /dev/null || { here="$(APE) test"; there=; }; \
		found=5; for run in $(if $(VENUE),"$$here $(venue)", \
				"$$here" "$$here --venue aave" "$$here --venue aave-3.6" "$$there"); do \
			[ "$$run" ] || continue; \
			$$run $(ARGS); code=$$?; \
			case $$code in 0) found=0 ;; 5) ;; *) exit $$code ;; esac; \
		done; exit $$found

# PRICES=file: bars of ETH. Where there are none, replay and backtest make some up; the crash must be
# that of 2020-03-12.
prices = $(if $(PRICES),--prices $(PRICES))
crash = $(or $(PRICES),$(wildcard ../shared/data/ethusdt_spot_5m_2020-02_2020-03.csv.gz))
crash_prices = $(if $(crash),--prices $(crash))

replay: .cache/protocols ## a month of prices lived through on a chain, and in the model; PRICES=file
	@$(ape_run) $(prices)

backtest: .cache/protocols ## what tokens of any issuer would have done, as a report; PRICES=file
	@$(ape_run) $(prices)

prove: .cache/protocols ## the long campaign, an hour: machines, mutants, coverage, builds, the crash
	@$(ape_run) $(crash_prices)

crash: .cache/protocols ## BULL and BEAR in the crash of March 2020, with a keeper that is late; PRICES=file
	@$(ape_run) $(crash_prices)

rehearse: .cache/protocols ## a week on a testnet of your own: deploy, two crashes, two keepers, every fault
	@$(ape_run) $(venue)

devnet: .cache/protocols ## a chain with Ballast on it, for a wallet or a dapp, until Ctrl-C
	@$(ape_run) $(venue)

gas: .cache/protocols ## gas of each operation, against the committed snapshot
	@$(ape_run)

lint: .venv/.ready ## ruff, mypy and mamushi
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(PY) -m mamushi --check --line-length 100 contracts

format: .venv/.ready ## rewrite Python and Vyper as the linters want them
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format
	@$(PY) -m mamushi --line-length 100 contracts

lock: .venv/.ready ## requirements.txt from requirements.in; ARGS=--upgrade for the newest
	@$(PY) -m pip install -qq --disable-pip-version-check uv==0.13.9
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command 'make lock' $(ARGS) --output-file requirements.txt requirements.in

clean: ## remove what was built; installed packages stay
	rm -rf .build .cache out .hypothesis .mypy_cache .pytest_cache .ruff_cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

# What the machine must have. Of Python the first that is new enough, if possible none so new that
# packages for it must be built from source; once there is a .venv, the one in it.
PYTHON = $(shell [ -x $(PY) ] && echo $(PY) || \
	for below in 13 14 99; do for python in python3 python3.13 python3.12 python3.11; do \
		$$python -c "import sys, ensurepip, venv; \
			sys.exit(not (3, 11) <= sys.version_info < (3, $$below))" \
			2> /dev/null && echo $$python && exit; \
	done; done)
NODE = $(shell case "$$(command -v npm > /dev/null && node --version 2> /dev/null)" in \
	(v2[0-9].* | v[3-9][0-9].*) echo node ;; esac)

tools:
	$(if $(PYTHON),,$(error Ballast needs Python 3.11 or newer, with venv: https://www.python.org/downloads ))
	$(if $(NODE),,$(error Ballast needs Node 20 or newer, with npm: https://nodejs.org ))
	@:

$(PY): | tools
	@$(PYTHON) -m venv --clear .venv

# First setuptools: what comes only as source is then built by it, and not by whatever is newest.
.venv/.ready: requirements.txt $(PY)
	@echo '- Python packages (about a minute)'
	@awk '/^setuptools==/, !/\\$$/' requirements.txt > .venv/setuptools.txt
	@for lock in .venv/setuptools.txt requirements.txt; do \
		$(PY) -m pip install -qq --disable-pip-version-check --no-compile --no-deps \
			--no-build-isolation --require-hashes --requirement $$lock || exit; \
	done
	@touch $@

node_modules/.ready: package-lock.json | tools
	@echo '- npm packages (some seconds)'
	@[ -w "$$HOME" ] || export npm_config_cache="$$PWD/.cache/npm"; \
		npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error > /dev/null
	@touch $@

# npm links anvil to a wrapper or, up to its version 10, not at all: this one starts the program
# itself. Of more blocks than these it would leave the states on the disk, a gigabyte for all tests.
# Tests go back by more than 64 blocks, and then reorg what is before: fewer would be too few.
.cache/protocols: .venv/.ready node_modules/.ready scripts/_thirdparty.py
	@program=$$(echo node_modules/@foundry-rs/anvil-*/bin/anvil); if [ -x "$$program" ]; then \
		printf '%s\n' '#!/bin/sh' 'here=$$(dirname -- "$$0")' \
			'exec "$$here/../../'"$$program"'" --prune-history=256 "$$@"' > .venv/bin/anvil.new && \
		chmod +x .venv/bin/anvil.new && mv -f .venv/bin/anvil.new .venv/bin/anvil; \
	fi
	@mkdir -p .cache
	@$(PY) -m scripts._thirdparty
	@touch $@
