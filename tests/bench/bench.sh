#!/bin/sh
# make bench: measures ticks next to a minimal client that makes the same requests, and next to other
# tools. All of them run as whole processes on loopback, in turn. Prints a table, writes the same figures
# to tests/bench/bench.json, and generates the README's figures from it.
# make bench-quick: measures a few of the rows in less than a minute, and writes BUILD/bench-quick.json.
#
# The file `rows` has the rows and their targets. If one is missed, the last lines name it, and the exit
# status is 1.
# usage: bench.sh BUILD [quick|PART...]    BUILD has uptick and the programs of the bench. With parts, only these
# are measured (the function of that name), and neither file of the tree is written.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
began=$(date +%s)

# In a mount namespace of its own, the bench can mount what it needs, and nothing stays mounted if it is
# killed.
if [ "$(id -u)" -eq 0 ] && [ -z "${UPTICK_BENCH_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
    UPTICK_BENCH_MOUNTS=private exec unshare -m sh "$0" "$@"
fi

. "$here/common.sh"
. "$here/disk.sh"
. "$here/servers.sh"
. "$here/ticks.sh"
. "$here/hours.sh"
. "$here/builds.sh"
. "$here/growth.sh"
. "$here/peers.sh"
. "$here/quick.sh"

if [ "${2:-}" = quick ]; then
    monitors=2000 hanging=500 tls=no
    choose_quick_disk
    start_servers
    quick
    exit
fi

parts="ticks_over_http ticks_over_https ticks_that_expect ticks_with_nothing_due ticks_that_hang ticks_by_name
    ticks_at_full_hours growth_with_monitors growth_with_records peers builds rebuilds"
shift
some=$#
choose_disk
start_servers
# shellcheck disable=SC2086 # the parts are words
[ $# -gt 0 ] || set -- $parts
for part in "$@"; do
    "$part"
done
missed=0
report full "$build/bench.json" "$some" || missed=1
if [ "$some" -eq 0 ]; then
    cp "$build/bench.json" "$here/bench.json"
    sh "$here/figures.sh" write
fi
exit $missed
