#!/bin/sh
# coverage.sh: builds the program with counters in $MEASURED, runs all tests on it, and writes the
# figures of each file to $REPORT. Exits with 1 if a room reaches less than it must.
set -u

# counting WRAPPER TARGETS: makes the targets with counters. WRAPPER, if not empty, runs make.
counting() {
    $1 make --no-print-directory CC=gcc BUILD="$MEASURED" LDFLAGS=--coverage \
        CFLAGS='-O0 -g --coverage -fprofile-update=atomic -Wno-maybe-uninitialized' \
        --output-sync=target --keep-going $2
}

# The sweeps let each call fail, not only some.
export UPTICK_FAULTS_ALL=1

counting '' 'all tests' || exit 1
find "$MEASURED" -name '*.gcda' -delete

# A failed test is no error here, because the counters need memory: make check decides.
counting "$UNCONFINED" 'e2e unit docs' || echo 'coverage: a test failed; the code that it reached is counted' >&2

gcovr --root . --filter src/ --exclude src/tools/ --exclude-unreachable-branches \
    --csv "$MEASURED/figures.csv" "$MEASURED" || exit 1
awk -f tests/coverage/report.awk tests/coverage/rooms "$MEASURED/figures.csv" > "$REPORT"
enough=$?
sed -n '/^| \*\*/p; /^- /p' "$REPORT"
exit $enough
