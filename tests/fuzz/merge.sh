#!/bin/sh
# merge.sh BUILD TARGET: adds the inputs of the last runs that reach more code to the target's corpus.
set -eu

program=$1/target/fuzz_$2
found=$1/found/$2
corpus=tests/corpus/$2
least=$(mktemp -d)
trap 'rm -rf "$least"' EXIT

# Keeps the shortest inputs that together reach every edge. An input with a descriptive name always stays.
"$program" -merge=1 -use_counters=0 "$least" "$corpus" "$found" 2>/dev/null
find "$corpus" -type f | grep -E '/[0-9a-f]{16,40}$' | xargs -r rm -f
cp "$least"/* "$corpus"
echo "fuzz_$2: $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f1) bytes"
