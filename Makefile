# Everything that is done with meetwire from its source folder. `make` lists it.
#
# What is needed is installed here: Python packages, with hashes, in .venv (and .parts/demo), the real parts of the
# tests in .parts. A second run finds them and takes seconds.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

BIN := .venv/bin
INSTALL := pyproject.toml requirements/venv.sh
# Tests wait for brokers and clocks more than they work: three side by side on two cores. With 0 one after the other.
WORKERS ?= 3
VERSITYGW := v1.8.0

.PHONY: help demo test cover check bench soak fmt lock parts clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: .parts/demo/ready ## run everything here with simulated meetings, and show their events; Ctrl-C ends it
	@exec .parts/demo/bin/meetwire demo

# What is fetched is fetched side by side, and looked over meanwhile; but Debian's packages first, one after the other.
test: .parts/tools ## run every check and test, with a real Kafka broker
	@$(MAKE) -j3 check parts
	@echo "== tests, with a real broker"
	@PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest -n $(WORKERS) -m "not alone"
	@echo "== those that nothing may run beside"
	@PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest -m alone

# Apart from the tests: tracing makes them half as slow again.
cover: .venv/ready parts ## run the tests, and list the branches that none of them took
	@rm -f .coverage .coverage.*
	@$(BIN)/coverage run -m pytest -n $(WORKERS) -m "not alone"
	@$(BIN)/coverage run -m pytest -m alone
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --show-missing --skip-covered

check: .venv/ready ## look at form, lint and types
	@echo "== form"
	@$(BIN)/ruff format --check .
	@echo "== lint"
	@$(BIN)/ruff check .
	@echo "== types"
	@$(BIN)/mypy

bench: .venv/ready parts ## measure, and print the table of figures
	@$(BIN)/python -m tests.bench

soak: .venv/ready parts ## run the fault tests for 200 rounds and 10,000 cut sockets
	@MEETWIRE_TEST_FAULT_ROUNDS=200 MEETWIRE_TEST_CUTS=10000 $(BIN)/pytest tests/faults

fmt: .venv/ready ## put the source in form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: .parts/pip-tools/ready ## write requirements/ again from pyproject.toml (UPGRADE=1: with the newest versions)
	@requirements/lock.sh .parts/pip-tools/bin/pip-compile $(if $(UPGRADE),--upgrade)

parts: .parts/tools .parts/kafka/classes.jsa .parts/asyncapi/ready .parts/axe/ready .parts/versitygw/$(VERSITYGW) ## fetch the real parts that the tests use

clean: ## remove what was installed and built here; the data of a demo stays
	@rm -rf .venv .parts .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

.venv/ready: requirements/dev.txt $(INSTALL)
	@requirements/venv.sh .venv dev

.parts/demo/ready: requirements/extras.txt requirements/build.txt $(INSTALL)
	@requirements/venv.sh .parts/demo extras build

.PHONY: .parts/tools
.parts/tools:
	@requirements/tools.sh

.parts/kafka/ready: tests/kafka/pom.xml | .parts/tools
	@echo "meetwire: fetching Apache Kafka into $(@D)"
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@mvn -q -B -f $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(@D)/lib \
	  >$(@D)/maven.log 2>&1 || { cat $(@D)/maven.log; exit 1; }
	@touch $@

# A broker that need not load its classes one by one starts in half the time.
.parts/kafka/classes.jsa: .parts/kafka/ready tests/kafka/classes.py | .venv/ready
	@$(BIN)/python -m tests.kafka.classes $@

ASYNCAPI := $(addprefix tests/schemas/asyncapi/,package.json package-lock.json .npmrc)

.parts/asyncapi/ready: $(ASYNCAPI) | .parts/tools
	@echo "meetwire: fetching the AsyncAPI parser into $(@D)"
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp $(ASYNCAPI) $(@D)
	@npm --prefix $(@D) ci --silent
	@touch $@

AXE := $(addprefix tests/browser/axe/,package.json package-lock.json .npmrc)

.parts/axe/ready: $(AXE) | .parts/tools
	@echo "meetwire: fetching axe into $(@D)"
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cp $(AXE) $(@D)
	@npm --prefix $(@D) ci --silent
	@touch $@

# The S3 server of the tests. Everything of Go's stays in here, and what was only needed to build goes again.
.parts/versitygw/$(VERSITYGW): | .parts/tools
	@echo "meetwire: building versitygw $(VERSITYGW) into $(@D), which takes a minute or two"
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@GOPATH=$(CURDIR)/$(@D)/go GOCACHE=$(CURDIR)/$(@D)/cache GOBIN=$(CURDIR)/$(@D) GOTOOLCHAIN=auto \
	  GOFLAGS=-modcacherw GOTELEMETRY=off CGO_ENABLED=0 \
	  go install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW) \
	  >$(@D)/go.log 2>&1 || { cat $(@D)/go.log; exit 1; }
	@rm -rf $(@D)/go $(@D)/cache
	@touch $@

# The oldest Python that meetwire supports: what it needs is enough for newer ones too, as a rule.
.parts/pip-tools/ready: Makefile
	@python3.11 -m venv $(@D)
	@$(@D)/bin/python -m pip --quiet --disable-pip-version-check install pip==26.3 pip-tools==7.6.2
	@touch $@
