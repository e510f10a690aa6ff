#!/bin/sh
# coverage.sh: builds the program in $MEASURED so that it counts, runs every test on it, and writes
# the figures a file to $REPORT. Ends with 1 where a room reaches less than it must.
set -u

# What runs by $1, if anything, makes these targets of the program that counts.
counting() {
    $1 make --no-print-directory CC=gcc BUILD="$MEASURED" LDFLAGS=--coverage \
        CFLAGS='-O0 -g --coverage -fprofile-update=atomic -Wno-maybe-uninitialized' \
        --output-sync=target --keep-going $2
}

# The long form of the sweeps that fail one call after another.
export UPTICK_FAULTS_ALL=1

counting '' 'all tests' || exit 1
find "$MEASURED" -name '*.gcda' -delete

# Whether a test fails is for make check to say: here the counting takes memory of the program's.
counting "$UNCONFINED" 'e2e unit docs' || echo 'coverage: a test failed; what it reached counts all the same' >&2

gcovr --root . --filter src/ --exclude src/tools/ --exclude-unreachable-branches \
    --csv "$MEASURED/figures.csv" "$MEASURED" || exit 1
awk -f tests/coverage/report.awk tests/coverage/rooms "$MEASURED/figures.csv" > "$REPORT"
enough=$?
sed -n '/^| \*\*/p; /^- /p' "$REPORT"
exit $enough
