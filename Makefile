# Everything a fresh machine needs is Python 3.11+ and make. `make` alone lists the targets.
# Paths are relative throughout, so that the folder may have any name.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --no-warn-script-location

PYTEST_ARGS ?= -n 2 --dist loadgroup
RUN_ARGS ?=
DEMO_ARGS ?=
BENCH_ARGS ?=

CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.14 python3.13 python3.12 python3.11 python3 python)

EMULATORS := $(VENV)/peers
MADE := $(VENV)/.made-for
RUNTIME := $(VENV)/.runtime-installed
PROJECT := $(VENV)/.project-installed
SCAN := $(VENV)/.scan-installed
DEV := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup setup-dev run demo test lint bench lock scan clean anew peers

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(PROJECT) $(SCAN) ## .venv with everything pinned; does nothing when it is up to date
	@cat $(SCAN)

setup-dev: setup $(DEV) ## the same, with what tests and checks need

run: setup ## the service on this machine, all roles, without any account (RUN_ARGS=…)
	@exec $(VENV)/bin/huiyin run $(RUN_ARGS)

demo: setup ## sample complaints through the real channels into a running service (DEMO_ARGS=…)
	@exec $(VENV)/bin/huiyin demo $(DEMO_ARGS)

test: setup-dev peers ## the whole test suite (PYTEST_ARGS=… replaces "-n 2 --dist loadgroup")
	@exec $(PY) -m pytest $(PYTEST_ARGS)

# Programs of others that the tests let work with us; installed when this account may, else told in one line.
# A machine that has a mail server keeps it: Postfix would take its place.
PEERS := swaks vacation clamd $(if $(shell command -v sendmail),,postfix) chromium
# The command is clamd, its package clamav-daemon.
MISSING_PEERS = $(strip $(foreach peer,$(PEERS),$(if $(shell command -v $(peer)),,$(patsubst clamd,clamav-daemon,$(peer)))))

# Emulated providers: a Bot API, and Prism, which answers as Twilio's own description of its API says and
# refuses what does not fit it. Of the package with the description only that file is taken.
TWILIO_DESCRIPTION := @twilio/cli-core@8.3.2

peers:
	@test -z "$(MISSING_PEERS)" \
		|| { test "$$(id -u)" = 0 && command -v apt-get > /dev/null \
			&& { echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections || true; \
				export DEBIAN_FRONTEND=noninteractive; install="apt-get install -y -qq --no-install-recommends $(MISSING_PEERS)"; \
				$$install || { apt-get update -qq && $$install; }; } > /dev/null 2>&1; } \
		|| echo "not installed (Debian: apt install $(MISSING_PEERS)): the tests that need them are skipped"
	@cmp -s tests/peers/package-lock.json $(EMULATORS)/.made \
		|| { command -v npm > /dev/null && rm -rf $(EMULATORS) && mkdir -p $(EMULATORS) \
			&& cp tests/peers/package.json tests/peers/package-lock.json $(EMULATORS)/ && cd $(EMULATORS) \
			&& npm ci --ignore-scripts --no-audit --no-fund && npm pack $(TWILIO_DESCRIPTION) \
			&& tar -xzf twilio-cli-core-*.tgz --strip-components=4 package/src/services/twilio-api/twilio_api_v2010.json \
			&& cp package-lock.json .made; } > /dev/null 2>&1 \
		|| echo "no emulated providers (they need npm; Debian: apt install npm): the tests that speak to them are skipped"

lint: setup-dev ## style, format, types, import arrows
	@failed=; \
	$(PY) -m ruff check . || failed=yes; \
	$(PY) -m ruff format --check . || failed=yes; \
	$(PY) -m mypy || failed=yes; \
	$(VENV)/bin/lint-imports --no-logo || failed=yes; \
	test -z "$$failed"

bench: setup-dev ## our rows beside the limit's rows (BENCH_ARGS=…)
	@exec $(PY) -m benchmarks $(BENCH_ARGS)

# The versions that pass the tests together, with the hashes of their files and no word of where they came from.
# LOCK_ARGS=--upgrade moves all of them, LOCK_ARGS="--upgrade-package flask" one.
COMPILE = $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate $(LOCK_ARGS)

lock: setup-dev ## write the locks anew from pyproject.toml (LOCK_ARGS=--upgrade)
	@$(INSTALL) uv
	@$(COMPILE) --extra postgres --group build --output-file requirements.lock > /dev/null
	@$(COMPILE) --extra postgres --extra scan --constraints requirements.lock \
		--output-file requirements-scan.lock > /dev/null
	@$(COMPILE) --extra postgres --extra s3 --group build --group dev --constraints requirements-scan.lock \
		--output-file requirements-dev.lock > /dev/null

scan: ## try again to install what reads scanned letters, where a part of it was missing
	@rm -f $(SCAN)
	@$(MAKE) --no-print-directory setup

clean: ## remove .venv and caches; the service's data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find channels intake routing web config tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- how .venv is made

# A virtual environment knows its own place and its Python: one that was moved, or whose Python is gone, is made anew.
ifneq "$(shell test -x $(PY) && $(PY) -c '' 2>/dev/null && cat $(MADE) 2>/dev/null)" "$(CURDIR)"
$(MADE): anew
endif

$(MADE):
	@for candidate in $(CANDIDATES); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=yes; \
			if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
		fi; \
	done; \
	if test -z "$$python" && test -n "$$found"; then \
		echo "make: Python cannot make a virtual environment here; install its venv package (Debian: apt install python3-venv)." >&2; exit 1; \
	elif test -z "$$python"; then \
		echo "make: no Python 3.11 or newer found; install one, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" -V) …"; \
	"$$python" -m venv --clear $(VENV) && pwd > $(MADE)

$(RUNTIME): requirements.lock $(MADE)
	@echo "Installing what the service needs …"
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@touch $@

# What reads scanned letters and shows files: large, and not built for every machine and Python. Where a part is
# missing, one line says so, the service runs, and people type letters in. The line is kept and said at each start.
$(SCAN): requirements-scan.lock $(RUNTIME)
	@echo "Installing what reads scanned letters …"
	@if said=$$($(INSTALL) --only-binary :all: --require-hashes --requirement requirements-scan.lock 2>&1); then : > $@; \
	else why=$$(printf '%s\n' "$$said" | sed -n 's/^ERROR: //p' | tail -n 1); \
		echo "Scanned letters cannot be read on this machine, so they are typed in ($${why:-pip failed}). Try again: make scan" > $@; fi

$(PROJECT): pyproject.toml $(RUNTIME)
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing what the tests need …"
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@touch $@
