# Two commands matter: `make demo` shows the product, `make test` proves it. Both set up what they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON := .venv/bin/python
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,--headless)
export DEBIAN_FRONTEND := noninteractive
# Python is to keep what it has compiled, or every process of the tests compiles the whole of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup system demo test check bench screenshots lock clean
help:
	@echo "make demo | test | check | setup | system | bench | screenshots | lock | clean"

.venv/.runtime: packaging/lock/runtime.txt packaging/setup.sh pyproject.toml
	@packaging/setup.sh packaging/lock/runtime.txt
	@touch $@

.venv/.dev: packaging/lock/dev.txt .venv/.runtime
	@packaging/setup.sh packaging/lock/dev.txt
	@touch $@

.venv/.bench: packaging/lock/bench.txt .venv/.runtime
	@packaging/setup.sh packaging/lock/bench.txt
	@touch $@

.venv/.system: packaging/linux/system-packages.sh | .venv/.runtime
	@packaging/linux/system-packages.sh
	@touch $@

setup: .venv/.dev

system: .venv/.system

demo: .venv/.runtime
ifeq ($(HEADLESS),)
	@packaging/linux/system-packages.sh qt || echo "Going on: where the window cannot be opened without them, the findings are printed."
endif
	.venv/bin/soroe demo $(HEADLESS)

test: .venv/.dev
	@$(MAKE) --no-print-directory .venv/.system || echo "Going on: tests that need what is missing are skipped and say so."
	$(PYTHON) -m pytest -m "not desktop" -n auto --dist worksteal
	$(PYTHON) -m pytest -m desktop -n auto --maxprocesses 4 --dist worksteal

check: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	packaging/lock.sh --check
	$(PYTHON) packaging/audit.py packaging/lock/runtime.txt

bench: .venv/.dev .venv/.bench
	$(PYTHON) -m tests.bench

screenshots: .venv/.dev .venv/.system
	$(PYTHON) -m tests.desktop.screenshots build/screenshots

lock: .venv/.dev
	packaging/lock.sh

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
