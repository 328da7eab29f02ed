# Every target does what it needs first; `make` alone lists them.
SHELL := /bin/sh
CARGO ?= cargo
# rustup's directory is on nobody's PATH until the next login.
export PATH := $(HOME)/.cargo/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help setup setup-lint run test lint bench

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Check the tools that the build needs, and say how to get what is missing
	@sh tests/setup/check.sh

setup-lint:
	@sh tests/setup/check.sh lint

run: setup ## Start three simulated inboxes, sync them, and show the result
	@keep=; if [ -t 0 ] && [ -t 1 ]; then keep=--keep; fi; \
	$(CARGO) run --quiet -p crm-sync-cli -- demo $$keep

# Binaries and tests are built by one call, so that both see the same features and the tests find the binary. Most
# tests wait for simulated pages and not for the processor: more of them at once than there are cores.
test: lint ## Everything that has to hold: lint, then all tests, the command line's own included
	$(CARGO) build --workspace --bins --tests
	RUST_TEST_THREADS=8 $(CARGO) test --workspace

# Clippy reports the compiler's warnings too. They are denied here and not through RUSTFLAGS, which would make
# every switch between `make test` and a plain `cargo build` compile the whole tree again.
lint: setup-lint ## Formatting, clippy and rustdoc, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --quiet

bench: setup ## The three worlds, measured in one run (several minutes, release build)
	$(CARGO) bench -p crm-sync-tests
