#!/bin/sh
# Goal of this test: the pages of a fixed history are, byte for byte, the reviewed ones in expected/.
# usage: golden.sh BUILD [write]    with "write", the current pages become the expected ones
set -u
build=$1 mode=${2:-compare}
cd "$(dirname "$0")" || exit 1
unset UPTICK_CONFIG
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-golden.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT PIPE TERM

# The pages of a site that is down and of one that is up; the files for all sites; badges of each colour.
files='index.html
past/index.html
past/site/shop.html
site/shop.html
site/matjar.html
feed.xml
status.json
badge/shop.svg
badge/shop-uptime-30d.svg
badge/matjar.svg
badge/matjar-uptime-30d.svg
badge/docs.svg
badge/docs-uptime-30d.svg
badge/new.svg
badge/new-uptime-30d.svg'

make_pages()
{
    cp uptick.yaml "$work" && mkdir "$work/data" &&
        LC_ALL=C awk -v data="$work/data" -f history.awk history &&
        { uptick rebuild > "$work/printed" 2>&1 || ! cat "$work/printed"; } &&
        uptick render --output "$work/made" &&
        uptick render --at 2025-03-12T14:05:59.900Z --output "$work/made/past" > "$work/printed"
}

# At the last moment of 14:05 on 12 March 2025, which does not pass.
uptick()
{
    FIXED_CLOCK=1741788359900 LD_PRELOAD=$build/moved_clock.so \
        "$build/uptick" -c "$work/uptick.yaml" "$@"
}

keep()
{
    for file in $files; do
        mkdir -p "$(dirname "expected/$file")"
        cp "$work/made/$file" "expected/$file" || exit 1
    done
    echo "golden: $(echo "$files" | wc -l) files written to tests/golden/expected; review them with git diff"
}

compare()
{
    passed=0
    failed=0
    for file in $files; do
        if diff -u "expected/$file" "$work/made/$file"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    [ "$failed" -eq 0 ] || echo "golden: if the change is intended, run 'make golden'"
    echo "golden: $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

make_pages || exit 1
if [ "$mode" = write ]; then keep; else compare; fi
