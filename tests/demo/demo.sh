#!/bin/sh
# demo.sh BUILD CONFIG: builds a dashboard from four hours of checks, in half a minute. The program runs
# once for each minute, with a moved clock, against the awkward server. Nothing is left running.
set -eu

build=$1
config=$2
demo=$build/demo
minutes=240

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
        places="$places;s/@$name@/127.0.0.1:$port/"
    done < "$demo/ports"
    [ -n "$places" ] || fail "the awkward server did not start"
    rm "$demo/keep" "$demo/ports"
}

# tick_before SECONDS: runs a tick as of SECONDS ago.
tick_before() {
    LD_PRELOAD=$build/moved_clock.so MOVED_CLOCK=-${1}000 \
        "$build/uptick" -c "$demo/uptick.yaml" tick 3>&- ||
        fail "the tick $1 seconds ago failed"
}

rm -rf "$demo"
mkdir -p "$demo"
start_server
sed "${places#;}" "$config" > "$demo/uptick.yaml"

echo "four hours of checks, one tick a minute, with a moved clock ..."
last=$(($(date +%s) / 60 * 60))
minute=$((minutes - 1))
while [ $minute -ge 0 ]; do
    tick_before $(($(date +%s) - last + minute * 60))
    minute=$((minute - 1))
done

# A new minute may have begun.
"$build/uptick" -c "$demo/uptick.yaml" tick 3>&-
"$build/uptick" -c "$demo/uptick.yaml" status 3>&-
echo
echo "The dashboard is $demo/public/index.html"
echo "Open file://$demo/public/index.html in a browser; no web server is needed."
echo "The records are in $demo/data, the configuration is $demo/uptick.yaml."
