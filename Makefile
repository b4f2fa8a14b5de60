# SlotHunter. `make help` lists the targets; `make demo` and `make test` need nothing but a Swift toolchain on Debian 12.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# The order of prerequisites is the order of the work: `check` must end with the tests' own summary.
.NOTPARALLEL:

# Debug builds: cold, release takes about four times as long, and the demo is over in seconds either way.
BIN := .build/debug/slothunter
SWIFT_SOURCES := Sources Tests Package.swift

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: deps ## two sites, three channels, a change and a breakdown, on loopback
	@swift build --product slothunter
	@$(BIN) demo

.PHONY: test
test: deps build ## every test
	@sh .ci/test

.PHONY: check
check: deps lint build spec-check docs-check test ## all that .ci/run runs: format, build, specs, docs, tests

.PHONY: build
build: deps ## build everything, tests too
	swift build --build-tests

.PHONY: release
release: deps ## an optimised binary in .build/release, the Swift library inside it
	swift build -c release --static-swift-stdlib --product slothunter

.PHONY: deps
deps: ## install the -dev packages that are missing, and nothing else
	@sh .ci/deps

.PHONY: lint
lint: ## is every Swift file formatted as .swift-format says?
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

.PHONY: format
format: ## format every Swift file
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

.PHONY: spec-check
spec-check: build ## are slothunter.yaml, sites/ and notifiers/ valid?
	$(BIN) check --no-secrets

.PHONY: docs-check
docs-check: ## does every link in the Markdown files lead somewhere? (the YAML in them is a test)
	@sh .ci/docs-check

.PHONY: samples
samples: deps ## rewrite the expected results; fails on purpose: review `git diff`, then run the tests
	UPDATE_SAMPLES=1 swift test --disable-xctest

# Leaks are measured by tests of their own: LeakSanitizer needs ptrace, which containers often refuse.
.PHONY: asan
asan: deps ## the tests under AddressSanitizer, in a build folder of their own
	ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no swift test --no-parallel --disable-xctest --sanitize=address --scratch-path .build/asan

.PHONY: clean
clean: ## throw the builds away
	rm -rf .build
