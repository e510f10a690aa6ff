#!/bin/sh
# make bench: measures ticks next to a minimal client that makes the same requests, and next to other
# tools. All of them run as whole processes on loopback, in turn.
#
# Prints a table and writes the same figures to BUILD/bench.json. A missed target is shown; it is no
# error.
# usage: bench.sh BUILD    the folder of uptick and of the programs of the bench
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
began=$(date +%s)

. "$here/common.sh"
. "$here/servers.sh"
. "$here/ticks.sh"
. "$here/growth.sh"
. "$here/peers.sh"

say "servers"
start_servers
ticks_over_http
ticks_over_https
ticks_that_hang
ticks_by_name
ticks_with_nothing_due
growth_with_monitors
growth_with_records
peers

report
