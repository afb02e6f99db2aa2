# Needed: Python 3.11 or newer, make, a C library. Everything else comes into .venv from the hashed locks.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PYTEST_OPTIONS ?= --numprocesses=auto --dist=loadfile --no-loadscope-reorder
PEER := benchmarks/peers/postgraphile
CLIENT := client
GRAPHIQL := server/pages/graphiql
SOURCES := schema resolvers models migrations server benchmarks tests .ci

.DEFAULT_GOAL := help
.PHONY: help demo cluster test check fix schema client pages bench lock audit clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

demo: .venv/checkout  ## serve the demo network on 127.0.0.1:8000; Ctrl-C stops it
	@$(BIN)/zhanwang serve --demo

cluster: .venv/checkout  ## serve the demo network from a primary and two replicas, all on this machine; Ctrl-C stops it
	@$(BIN)/zhanwang cluster

test: check  ## check, then every test
	$(BIN)/pytest $(PYTEST_OPTIONS)

check: .venv/dev  ## format, lint and its security rules, types, imports, SDL, migrations, lock and licences; changes nothing
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zhanwang schema --check
	$(BIN)/zhanwang migrate --check --offline
	$(BIN)/python .ci/lock.py check
	$(BIN)/python .ci/licences.py check

fix: .venv/dev  ## format, and mend what the linter can mend
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

schema: .venv/dev  ## write schema/schema.graphql from the types
	$(BIN)/zhanwang schema

client: $(CLIENT)/node_modules/.package-lock.json  ## write a typed TypeScript client to client/dist from schema/schema.graphql (needs npm)
	@cd $(CLIENT) && npm run --silent build

pages: $(GRAPHIQL)/node_modules/.package-lock.json  ## bundle GraphiQL anew into server/pages/assets (needs npm)
	@cd $(GRAPHIQL) && npm run --silent build

bench: .venv/dev $(PEER)/node_modules  ## requests per second and CPU against hand-written statements and PostGraphile
	$(BIN)/python -m benchmarks.run

lock: .venv/dev  ## make the locks anew from pyproject.toml (needs the network); UV_OPTIONS=--upgrade for newer versions
	$(PIP) install uv
	$(BIN)/python .ci/lock.py write $(UV_OPTIONS)
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	$(BIN)/python .ci/licences.py write

audit: .venv/dev  ## look the dependencies up among known vulnerabilities (needs the network)
	$(PIP) install uv
	$(BIN)/uv tool run pip-audit --strict --disable-pip --require-hashes --requirement requirements-dev.lock

clean:  ## remove what make and the tools have made; data stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info $(CLIENT)/dist $(CLIENT)/source/generated
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Each file in .venv is made last, so that an interrupted installation is begun again.
.venv/runtime: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '$(PYTHON) is older than Python 3.11: make PYTHON=python3.11 (or newer) …' >&2; exit 1; }
	@echo 'Making .venv' >&2
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes --requirement requirements.lock
	@touch $@

.venv/checkout: pyproject.toml .venv/runtime
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/checkout
	@echo 'Adding the tools of development to .venv' >&2
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

# Without npm, the benchmark measures without the peer, and says so.
$(PEER)/node_modules: $(PEER)/package-lock.json
	@! command -v npm >/dev/null || { cd $(PEER) && npm ci --no-audit --no-fund && touch node_modules; }

$(CLIENT)/node_modules/.package-lock.json $(GRAPHIQL)/node_modules/.package-lock.json: %/node_modules/.package-lock.json: %/package-lock.json
	@command -v npm >/dev/null || { echo 'This is made by npm, with Node 20 or newer: install that first.' >&2; exit 1; }
	@cd $* && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json
