#!/bin/sh
# make bench: what a tick costs beside the least that its checks can cost, and beside other tools.
# All of it runs on this machine's loopback, as whole processes, in turn with what it is held against.
#
# Prints a table and writes the same to JSON; a target that is missed is told and fails nothing.
# usage: bench.sh BUILD (the folder of uptick and the bench's own programs)
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
