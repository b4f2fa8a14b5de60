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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: deps ## two sites, three channels, a change and a breakdown, on loopback
	@swift build --product slothunter
	@$(BIN) demo

.PHONY: test
test: deps build ## every test
	@sh .ci/test

HAS_JSONSCHEMA := python3 -c 'import jsonschema, yaml' 2>/dev/null
.PHONY: check
check: deps lint build spec-check docs-check schema-check torture-ci simulate-ci bench-ci test ## all that .ci/run runs: format, build, specs, docs, tests
	@$(HAS_JSONSCHEMA) || { echo "NOT CHECKED here: schema-check, as there is no python3 with jsonschema and yaml"; \
	  grep -a 'Test run with' .build/test-run.log | tail -1; }

# The harness is no part of the product: docs/torture.md.
KILLS ?= 1000
TIMES ?= 10
SEED ?=
TORTURE := SWIFT_BACKTRACE=enable=no .build/debug/torture
.PHONY: torture
torture: deps build ## kill the real process KILLS times (1000) while sites change; SEED=n repeats a run
	$(TORTURE) kills --kills=$(KILLS) --seed=$(SEED)
	$(TORTURE) stop

.PHONY: failpoints
failpoints: deps build ## kill it at every named point, TIMES times each (10)
	$(TORTURE) failpoints --times=$(TIMES) --seed=$(SEED)

# Optimised, or 1,000 seeds take five times as long; in a folder of its own, as only this is.
SEEDS ?= 1000
MUTANT ?=
TRACE ?=
SIMULATE := SWIFT_BACKTRACE=enable=no .build/simulate/release/simulate --jobs $$(nproc)
SIMULATE_BUILD := swift build --quiet -c release --product simulate --scratch-path .build/simulate
.PHONY: simulate
simulate: deps ## SEEDS=1000 lives of 30 virtual days under faults; SEED=n is the first, TRACE=1 tells that one line by line
	@$(SIMULATE_BUILD)
	$(SIMULATE) --seed $(or $(SEED),1) $(if $(TRACE),--trace,--seeds $(SEEDS)) $(if $(MUTANT),--mutant $(MUTANT))

.PHONY: mutants
mutants: deps ## plant each mistake that the simulator knows: all must be caught, by what they break
	@$(SIMULATE_BUILD)
	$(SIMULATE) --mutants --tell

.PHONY: simulate-ci
simulate-ci: deps ## 1,000 seeds, and every mistake in a few
	@$(SIMULATE_BUILD)
	$(SIMULATE) --seed 1 --seeds 1000
	$(SIMULATE) --mutants --seeds 60

# Times are told here and not judged: CI machines are loaded.
.PHONY: torture-ci
torture-ci: build ## 50 kills, one at every failpoint, and a stop amid sends
	$(TORTURE) kills --kills=50 --span=1 --seed=1403 --time=tell
	$(TORTURE) failpoints --times=1 --seed=1403
	$(TORTURE) stop --sends=12 --delay=1 --short

.PHONY: torture-edits
torture-edits: deps build ## edit the specs of a running service EDITS times (1000) in every editor's way; SEED=n repeats
	EDITS=$(or $(EDITS),1000) SEED=$(SEED) SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest --filter EditTortureTests

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
spec-check: build ## are slothunter.yaml, sites/ and notifiers/ valid, and do all samples read as expected?
	$(BIN) check --no-secrets --strict
	$(BIN) test

.PHONY: docs-check
docs-check: build ## is docs/reference what the program would write, and does every link in the Markdown files lead somewhere?
	@$(BIN) docs --check
	@sh .ci/docs-check

.PHONY: docs
docs: build ## rewrite docs/reference: the JSON Schemas and the pages that are made of the code
	@$(BIN) docs --write docs/reference

.PHONY: schema-check
schema-check: ## do the JSON Schemas hold with an independent validator? needs python3 with jsonschema and yaml
	@if $(HAS_JSONSCHEMA); then python3 .ci/schema-check.py; \
	  else echo "skipped: schema-check (no python3 with jsonschema and yaml)"; fi

.PHONY: samples
samples: deps ## rewrite the expected results; fails on purpose: review `git diff`, then run the tests
	UPDATE_SAMPLES=1 swift test --disable-xctest

.PHONY: confusion
confusion: deps build ## break every good sample in eight ways: what is each taken for, and who hears of it?
	SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest --filter ConfusionTests | sed -n '/broken pages/,/^cut off/p;/✘/p'

# Optimised; beside the same cases under a JSON parser alone.
.PHONY: bench-samples
bench-samples: $(if $(SLOTHUNTER),,release) ## 500 samples replayed: seconds, and as a multiple of parsing their answers in python
	@python3 bench/samples.py $(or $(SLOTHUNTER),.build/release/slothunter) $(or $(CASES),500)

# Leaks are measured by tests of their own: LeakSanitizer needs ptrace, which containers often refuse.
.PHONY: asan
asan: deps ## the tests under AddressSanitizer, in a build folder of their own
	ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no swift test --no-parallel --disable-xctest --sanitize=address --scratch-path .build/asan

# Names one count for each: BENCH_MATCH="1000000 10000" is what the promise is about.
.PHONY: bench-match
bench-match: deps ## subscriptions x items: how fast, in how much memory, and is it what brute force says?
	swift build -c release --product bench-match --scratch-path .build/bench
	.build/bench/release/bench-match $(BENCH_MATCH)

# A lab of its own, optimised; MINUTES, PAGES and SEED as wished. The first difference is made small and saved in OUT.
STREAM_LAB := .build/bench/release/stream-lab
.PHONY: stream-lab
stream-lab: deps
	swift build -c release --product stream-lab --scratch-path .build/bench

.PHONY: stream-diff
stream-diff: stream-lab ## the matcher against libxml2: PAGES (20000) generated and broken pages x 96 selectors
	$(STREAM_LAB) diff $(or $(PAGES),20000) $(or $(SEED),1)

.PHONY: fuzz-stream
fuzz-stream: stream-lab ## the same for MINUTES (60) on mutated pages, real ones too; stops at the first difference
	$(STREAM_LAB) fuzz $(or $(MINUTES),60) $(or $(OUT),.build/difference.html) samples ../shared/captures ../shared/suites

.PHONY: bench-stream
bench-stream: stream-lab ## CPU a page, tree and matcher side by side: PAGES_OF=folder of the fixture site's pages
	$(STREAM_LAB) bench $(wildcard $(or $(PAGES_OF),samples/paziresh24/with-slots/exchanges)/*.html)

# N pages, ROUNDS rounds; BENCH="--parts starts,thousand" for less. SLOTHUNTER=path measures that program, and builds none.
MEASURED = $(or $(SLOTHUNTER),.build/release/slothunter)
MEASURED_BUILD = $(if $(SLOTHUNTER),,release)
BENCH_RUN = python3 bench/run.py --program $(MEASURED) --pages $(or $(N),2000) --rounds $(or $(ROUNDS),5) $(BENCH)

.PHONY: bench
bench: $(MEASURED_BUILD) ## beside a C floor, curl and the watchers that are installed: CPU, speed, memory, every slot checked
	@$(BENCH_RUN)

# Small and not for its figures: does every run still report exactly the truth?
.PHONY: bench-ci
bench-ci: build ## the benchmark of 40 pages, once, for its checks; needs python3
	@if command -v python3 >/dev/null; then python3 bench/run.py --program $(BIN) --pages 40 --rounds 1 --parts end >/dev/null; \
	  else echo "skipped: bench-ci (no python3)"; fi

.PHONY: bench-results
bench-results: $(MEASURED_BUILD) stream-lab bench-parts ## the same and bench-micro and bench-instructions, written to docs/benchmarks.md
	@$(BENCH_RUN) --results docs/benchmarks.md

.PHONY: bench-parts
bench-parts: deps
	swift build -c release --product bench-parts --scratch-path .build/bench

.PHONY: bench-micro
bench-micro: stream-lab bench-parts ## CPU of the parts: pages read and selected from, JSON, diff, wording, formats, schedule
	@python3 bench/micro.py

.PHONY: bench-instructions
bench-instructions: $(MEASURED_BUILD) ## instructions a page, by callgrind: 200 unchanged and changed pages; needs valgrind
	@python3 bench/instructions.py --program $(MEASURED)

# Worth it when much has moved: a function that is not listed takes 64 KB of memory by itself when it is first called.
.PHONY: hot-functions
hot-functions: release ## count anew which functions quiet and changed watches execute, and lay the program out by it; needs valgrind
	python3 bench/order.py
	rm .build/release/slothunter
	swift build -c release --static-swift-stdlib --product slothunter

.PHONY: io-faults
io-faults: deps build ## every I/O error at every call (strace): 28 x 50 runs of the real process; needs strace
	IO_FAULTS=50 SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest --filter IOFaultTests

.PHONY: bench-scale
bench-scale: deps ## 100,000 watches: loading, memory, idling, start lag; SCALE="--watches 20000 --rate 200"
	swift build -c release --static-swift-stdlib --product slothunter --scratch-path .build/bench
	python3 bench/scale/scale.py $(SCALE)

.PHONY: bench-outbox
bench-outbox: release build ## an outbox of 100,000 rows: claims, start, memory, sends a second; needs python3
	BENCH_OUTBOX=1 swift test --skip-build --disable-xctest --filter OutboxBench
	python3 bench/outbox.py .build/release/slothunter

# Debug builds; FAULT=stall PAIRS=5 SECS=15 by default.
.PHONY: bench-faults
bench-faults: deps ## how long alerts take on two channels while a third one fails, and how long each fault lasts
	swift build --product slothunter
	swift build --product bench-faults
	.build/debug/bench-faults $(or $(FAULT),stall) $(or $(PAIRS),5) $(or $(SECS),15)

# The real service, optimised; both need python3 and nothing else.
.PHONY: bench-meters
bench-meters: ## what counting for metrics costs, beside an uncontended lock
	mkdir -p .build/bench
	swiftc -O -wmo -module-name BenchMeters -o .build/bench/meters Sources/Metrics/*.swift bench/meters/main.swift
	.build/bench/meters

.PHONY: soak
soak: release ## does a service that runs for MINUTES (20) grow in memory, descriptors or threads?
	python3 bench/soak.py .build/release/slothunter $(or $(MINUTES),20)

.PHONY: bench-latency
bench-latency: release ## from a site's answer to the request to the channel: p50, p95, p99, idle and loaded
	python3 bench/latency.py .build/release/slothunter $(or $(ALERTS),400)

# Needs ../shared and python3; SECS of each document.
.PHONY: bench-hostile
bench-hostile: deps ## how late other watches start while each hostile document is handled: 44 phases of SECS=4
	swift build -c release --product bench-hostile --scratch-path .build/bench
	python3 ../shared/suites/hostile/gen_hostile.py .build/hostile
	.build/bench/release/bench-hostile .build/hostile $(or $(SECS),4)

.PHONY: clean
clean: ## throw the builds away
	rm -rf .build
