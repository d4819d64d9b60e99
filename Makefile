# Commands of Yanapay. Everything that is missing is set up first (bot/setup); only a Python and make are needed.
.DEFAULT_GOAL := help
.PHONY: help run test setup rasa lock evaluate evaluate-external benchmark clean

export ARGS ?=

STARTERS := python3.11 python3 python3.13 python3.12 python3.10 python3.9 python
PYTHON = $(shell for p in $(STARTERS); do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null && { echo "$$p"; break; }; done)
SETS := tests/evaluation/messages
SETUP = $(or $(PYTHON),$(error No Python 3.9 or newer was found. Install one (Debian, Ubuntu: apt-get install python3.11; macOS: brew install python@3.11) and run make again)) -m bot.setup

help: ## show this list
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ] && [ "$$TERM" != dumb ]; then on=$$(printf '\033[36m'); off=$$(printf '\033[0m'); fi; \
	awk -F ':.*## ' -v on="$$on" -v off="$$off" '/^[a-z-]+:.*## /{printf "%s%-18s%s %s\n", on, $$1, off, $$2}' $(MAKEFILE_LIST)

run: ## set up what is missing and start Yanapay (YANAPAY_PORT, default 8000)
	@$(SETUP) run

test: ## set up what is missing; style, types and tests (ARGS="-k hotline" for pytest)
	@$(SETUP) test

setup: ## set up what is missing, no more
	@$(SETUP) all

rasa: ## a command of Rasa in its own environment (ARGS="shell nlu")
	@$(SETUP) rasa

lock: ## make the lock files from pyproject.toml (ARGS=--upgrade for newest versions)
	@$(SETUP) lock

evaluate: setup ## how well messages are understood, on the sets in tests/evaluation
	@.venv/bin/yanapay evaluate messages $(SETS)/test/*.jsonl --report docs/evaluation.md $(patsubst %,--border %,$(wildcard $(SETS)/border/*.jsonl)) $(patsubst %,--words %,$(wildcard $(SETS)/dev/*.jsonl)) $(ARGS)

evaluate-external: setup ## how well public sets are declined or told apart (ARGS="FILE...": tests/evaluation/external.md)
	@.venv/bin/yanapay evaluate external --report docs/evaluation-external.md $(ARGS)

benchmark: setup ## the measurements in benchmarks/
	@.venv/bin/python -m benchmarks $(ARGS)

clean: ## remove var, models and both environments, after asking (ARGS=--yes: without)
	@$(SETUP) clean
