# Two commands: `make run` and `make test`. Both set up what is missing first (docs/setup.md).
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-all lint setup docs site bench fuzz third-party clean

BIN := .venv/bin
# Tests that need no bench run side by side.
FAST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal
# Those in real time come one after the other: `make test BENCHES=2` saves a third of the time on a quiet machine.
BENCHES := 0
BENCH := $(BIN)/python -m pytest --numprocesses $(BENCHES) --dist worksteal
# Of each maker of an assistant one is set up and played (docs/devices/); `make test MAKERS=` leaves that out.
MAKERS := wyoming_satellite/satellite wyoming_satellite/wake ovos_listener
# Beside the fast tests, for most of it waits for the network; without it the tests would skip what they cannot play.
BESIDE = mkdir -p .cache; $(if $(MAKERS),rigs/third_party/setup.sh $(MAKERS) >.cache/makers.log 2>&1,true) & makers=$$!
JOINED = wait $$makers || { cat .cache/makers.log; echo "The rest goes without: make test MAKERS="; exit 2; }
# The suite that `make run` plays: scenes, rigs, and what each of them is known to get wrong.
RUN := $(BIN)/sayso run --suite rigs/portland.suite.yaml

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: setup ## play the scenarios on the virtual bench and rule on each
	@$(BIN)/sayso corpus verify
	@$(RUN)

test: setup lint ## set up, lint, and run every test, those on the virtual bench too
	@setup/sshd.sh || true
	$(BESIDE); $(FAST) -m "not bench and not exhaustive" || { code=$$?; wait; exit $$code; }; $(JOINED)
	$(BENCH) -m "bench and not exhaustive"

test-all: setup lint ## the same with every test there is, also those that are many of one kind
	@setup/sshd.sh || true
	$(BESIDE); $(FAST) -m "not bench" --hypothesis-profile other-examples || { code=$$?; wait; exit $$code; }; $(JOINED)
	$(BENCH) -m bench

lint: setup ## style, types, and the one direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

setup: ## install what is missing: system packages, .venv, Allure
	@setup/setup.sh

docs: setup ## write what is generated: JSON Schemas, the table of events, the rule, the reference
	$(BIN)/python -m harness.scene.schema --write
	$(BIN)/python -m harness.evidence.schemas --write
	$(BIN)/python -m harness.report.published_rule --write
	$(BIN)/python -m harness.commands.reference --write

site: setup ## build the docs as a site, .cache/site, without network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo .cache/site/index.html

bench: setup ## measure every figure the project promises
	$(BIN)/python -m benchmarks

fuzz: setup ## feed the readers of captures a fixed number of spoilt inputs (docs/fuzzing.md)
	@$(BIN)/python -c 'import atheris' 2>/dev/null \
		|| $(BIN)/pip install --quiet --no-deps --require-hashes -r setup/fuzz.lock \
		|| echo 'fuzz: atheris cannot be installed here; going on without its guidance'
	$(BIN)/python -m tests.fuzz

third-party: setup ## set up assistants of other makers and play scenes on them (docs/devices)
	@rigs/third_party/setup.sh
	$(BIN)/sayso run --suite rigs/third_party/suite.yaml

clean: ## remove what set-up made here; evidence and system packages stay
	rm -rf .venv setup/allure/node_modules .cache .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis sayso.egg-info
