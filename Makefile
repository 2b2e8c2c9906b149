# `make` alone lists what there is to do. Everything sets itself up first; tools/setup.sh says how.

.DEFAULT_GOAL := help
.PHONY: help run test test-slow test-opensearch fuzz check eval pin bundle clean setup setup-dev

# Nothing here talks to a model hub or sends telemetry.
export HAYSTACK_TELEMETRY_ENABLED := False
export HF_HUB_OFFLINE := 1

# From the command line only: some shells export a HOST of their own.
ifeq ($(origin HOST),command line)
export PASSERELLE_HOST := $(HOST)
endif
ifeq ($(origin PORT),command line)
export PASSERELLE_PORT := $(PORT)
endif

help:
	@echo "make run [DOCUMENTS=/folder] [PORT=8000] [HOST=127.0.0.1]   index documents and serve the search page"
	@echo "make test         the tests (a few minutes)"
	@echo "make test-slow    kills, threads, fuzz, training text, full evaluation"
	@echo "make test-opensearch [ONLY=secured]  the engine on the server that PASSERELLE_OPENSEARCH_HOSTS names"
	@echo "make fuzz [MUTANTS=20000] convert mutated documents of every format"
	@echo "make check        format, lint, types, licences"
	@echo "make eval [SET=folder]    measure retrieval on a judged set (default: corpus)"
	@echo "make pin          write the installed versions to constraints.txt"
	@echo "make bundle       write dist/passerelle-*.tar, which installs without a network"
	@echo "make clean        remove .venv and caches; indexes (.passerelle) stay"
	@echo
	@echo "PYTHON=/path/to/python chooses the Python (3.11 or newer) that .venv is made with."

setup:
	@sh tools/setup.sh run

setup-dev:
	@sh tools/setup.sh dev

run: setup
	@sh tools/run.sh

test: setup-dev
	.venv/bin/python -m pytest -n auto --dist loadfile

test-slow: setup-dev
	.venv/bin/python -m pytest -m "slow and not opensearch" -n 2 --dist loadfile

ONLY ?= opensearch
test-opensearch: setup-dev
	.venv/bin/python -m pytest -m "$(ONLY)" -n 2 --dist loadfile

MUTANTS ?= 20000
fuzz: setup-dev
	.venv/bin/python -m tools.fuzz_documents --mutants "$(MUTANTS)"

check: setup-dev
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m ruff check .
	.venv/bin/python -m mypy
	.venv/bin/python tools/check_licences.py

SET ?= corpus
eval: setup
	.venv/bin/passerelle eval "$(SET)"

pin: setup-dev
	.venv/bin/python tools/pin.py

bundle: setup-dev
	.venv/bin/python tools/bundle.py

clean:
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
