#!/bin/sh
# demo.sh BUILD DEMO: builds a dashboard of simulated checks in the folder DEMO, in a few seconds: fourteen
# sites, with three months of records. It is a page of the past, so it is never out of date. Nothing is left
# running. The programs are in BUILD.
set -eu

build=$1
demo=$2
source=$(dirname "$0")
moment=2026-11-24T09:32
seconds=1795512720 # the same, since the epoch
day=86400

fail() {
    echo "demo: $*" >&2
    exit 1
}

# The server ends when descriptor 3 is closed, so it ends with this script. Its ports become a
# program for sed.
start_server() {
    mkfifo "$demo/keep" "$demo/ports"
    "$build/awkward" "$demo" < "$demo/keep" > "$demo/ports" &
    server=$!
    trap 'exec 3>&-; kill $server 2>/dev/null || :' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    exec 3> "$demo/keep"
    places=
    while IFS='=' read -r name port && [ -n "$name" ]; do
        places="$places;s/@$name@/$port/"
    done < "$demo/ports"
    [ -n "$places" ] || fail "the awkward server did not start"
    rm "$demo/keep" "$demo/ports"
}

# uptick_before SECONDS ARGUMENT...: runs uptick with a clock that is so long before the moment of the
# demo, which may be in the future of this machine.
uptick_before() {
    ahead=$((seconds - $(date +%s) - $1))
    shift
    LD_PRELOAD=$build/moved_clock.so MOVED_CLOCK=${ahead}000 "$build/uptick" "$@" 3>&-
}

# Checks the site whose certificate is real, so that state.db has it: it ends in nine days. The row of
# this check goes, because the simulated checks of that minute take its place.
see_certificate() {
    echo "$((seconds - 81 * day)) $((seconds + 9 * day + 7200)) 0 shop.example" > "$demo/tls-listed"
    {
        echo "{data_dir: data, public_dir: unseen, alerts: [],"
        echo "sites: [{id: shop, domains: [$(sed -n 's/^ *- \({.*@tls-listed@.*}\)$/\1/p' "$source/uptick.yaml")]}]}"
    } | sed "${places#;}" > "$demo/certificate.yaml"
    uptick_before 200 -c "$demo/certificate.yaml" tick ||
        fail "the tick failed"
    rm -r "$demo/unseen" "$demo/certificate.yaml" "$demo/tls-listed" "$demo/data/live/shop"
}

rm -rf "$demo"
mkdir -p "$demo/data"
start_server
sed "${places#;}" "$source/uptick.yaml" > "$demo/uptick.yaml"

echo "three months of simulated checks ..."
see_certificate
LC_ALL=C awk -v data="$demo/data" -f "$source/records.awk" "$source/history"
uptick_before -60 -c "$demo/uptick.yaml" rebuild > "$demo/log" 2>&1 || fail "$(cat "$demo/log")"
rm "$demo/log"
page=$(uptick_before -60 -c "$demo/uptick.yaml" render --at "$moment" --output "$demo/public") ||
    fail "the dashboard was not built"

echo
echo "The dashboard is $page"
echo "Open file://$page in a browser; no web server is needed. It shows $moment UTC, and stays as it is."
echo "The records are in $demo/data, the configuration is $demo/uptick.yaml. Another moment of them:"
echo "$build/uptick -c $demo/uptick.yaml render --at '2026-11-21 13:45' --output $demo/saturday"
