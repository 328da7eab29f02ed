#!/bin/sh
# Checks what the build needs and says, to the command, how to get what is missing or too old.
# `check.sh lint` checks the formatter and clippy as well. Prints nothing but one line when all is well.
set -u
cd "$(dirname "$0")/../.." || exit 1

need_rust=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1)
need_node=20
system=$(uname -s)

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE NEED: compares the first two numbers of a version.
at_least() {
    awk -v have="$1" -v need="$2" 'BEGIN {
        split(have, h, "."); split(need, n, ".")
        exit !(h[1] + 0 > n[1] + 0 || (h[1] + 0 == n[1] + 0 && h[2] + 0 >= n[2] + 0))
    }'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo && [ -t 0 ]; then
        sudo "$@"
    elif have sudo; then
        sudo -n "$@"
    else
        return 1
    fi
}

how_to_get_rust() {
    if have rustup; then
        say "  rustup update stable && rustup default stable"
        return
    fi
    if [ "$system" = Darwin ]; then
        say "  xcode-select --install     # once; skip it if the command line tools are there"
    else
        say "  # Debian 12's own rustc (1.63) is too old; on Debian and Ubuntu:"
        say "  sudo apt-get update && sudo apt-get install -y curl ca-certificates build-essential"
    fi
    say "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
    say "  . \"\$HOME/.cargo/env\""
}

if ! have cargo || ! have rustc; then
    say "Rust is missing; this workspace needs rustc $need_rust or newer. Get it with:"
    how_to_get_rust
    exit 1
fi
rust=$(rustc --version 2>/dev/null | awk '{ print $2 }')
if [ -z "$rust" ]; then
    say "rustc is there but does not run; with rustup, choose a toolchain first:"
    say "  rustup default stable"
    exit 1
fi
if ! at_least "$rust" "$need_rust"; then
    say "rustc $rust ($(command -v rustc)) is too old; this workspace needs $need_rust or newer. Get it with:"
    how_to_get_rust
    exit 1
fi

if [ "${1-}" = lint ]; then
    for tool in fmt clippy; do
        cargo "$tool" --version >/dev/null 2>&1 && continue
        say "cargo $tool is missing. Get it with:"
        say "  rustup component add rustfmt clippy"
        exit 1
    done
fi

# SQLite is compiled from its C source.
if ! have cc; then
    if [ "$system" = Darwin ]; then
        say "A C compiler is missing (SQLite is built from source). Get it with:"
        say "  xcode-select --install"
        exit 1
    fi
    if have apt-get; then
        say "A C compiler is missing (SQLite is built from source): installing build-essential."
        { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq build-essential; } >&2
    fi
    if ! have cc; then
        say "A C compiler is missing (SQLite is built from source). Install one; on Debian and Ubuntu:"
        say "  sudo apt-get update && sudo apt-get install -y build-essential"
        exit 1
    fi
fi

# Nothing here runs on Node yet: the desktop app's interface will. So this is a word of warning, not a stop.
node=none
if have node; then
    node=$(node --version 2>/dev/null | sed 's/^v//')
fi
if [ "$node" = none ] || ! at_least "$node" "$need_node"; then
    say "Note: node $need_node or newer will be needed for the desktop app (found: $node); the command line does without. Get it with:"
    if [ "$system" = Darwin ]; then
        say "  brew install node"
    else
        say "  # Debian 12's own node (18) is too old; on Debian and Ubuntu:"
        say "  curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash - && sudo apt-get install -y nodejs"
    fi
fi

say "Setup: rustc $rust, $(cc --version 2>/dev/null | head -n 1), node $node."
