#!/bin/sh
# Goal of this test: the figures in the README are those of tests/bench/bench.json.
# usage: figures.sh [write]    with "write", puts them into the README, between the two marks
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -f tests/bench/figures.awk tests/bench/bench.json README.md >"$work/README.md"
if cmp -s "$work/README.md" README.md; then
    echo "figures: those of the README are those of tests/bench/bench.json"
elif [ "${1:-}" = write ]; then
    cat "$work/README.md" >README.md
else
    diff -u README.md "$work/README.md" || true
    echo "figures: README.md differs from tests/bench/bench.json; run: sh tests/bench/figures.sh write"
    exit 1
fi
