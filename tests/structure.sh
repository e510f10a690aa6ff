#!/bin/sh
# Goal of this test: the data flows one way.
# - a room includes only itself and rooms below it;
# - no SQL, HTML or CSS stands in a .c file, and no test code in src/.
set -u
cd "$(dirname "$0")/.." || exit 1

# The floors of the house, from the ground up: a file may include what stands on its own line only
# where that is its own room, and anything on the lines before.
floors='base
model/status model/reach records/ticks
model/check
config
model/scheduler model/aggregator model/outage model/latency model/verdict template records/csv
lookup state
check
dashboard/history
records
dashboard
commands
main'

failed=0
passed=0
fail()
{
    echo "structure: $*"
    failed=$((failed + 1))
}

# The room of a file below src/, and the floor of a room.
room_of()
{
    case $1 in
    model/* | records/csv.* | records/ticks.* | dashboard/history.*) echo "${1%.*}" ;;
    */*) echo "${1%%/*}" ;;
    *) basename "${1%.*}" ;;
    esac
}
floor_of()
{
    echo "$floors" | awk -v room="$1" '{ for (i = 1; i <= NF; i++) if ($i == room) print NR }'
}

for file in $(cd src && find . -name '*.[ch]' ! -path './tools/*' | sed 's|^\./||' | sort); do
    room=$(room_of "$file")
    floor=$(floor_of "$room")
    if [ -z "$floor" ]; then
        fail "src/$file: its room '$room' stands on no floor of tests/structure.sh"
        continue
    fi
    for header in $(sed -n 's/^#include "\(.*\)"$/\1/p' "src/$file"); do
        below=$(room_of "$header")
        [ "$below" = "$room" ] && continue
        under=$(floor_of "$below")
        if [ -z "$under" ] || [ "$under" -ge "$floor" ]; then
            fail "src/$file: includes $header, which stands no lower"
        fi
    done
    passed=$((passed + 1))
done

for file in $(find src -name '*.c' ! -path 'src/tools/*'); do
    if grep -nE '"[^"]*(<(div|span|html|head|body|table|a |p>|h[1-6])|SELECT |INSERT INTO|UPDATE .* SET|DELETE FROM|CREATE TABLE)' "$file"; then
        fail "$file: SQL and HTML belong in sql/ and templates/"
    fi
    if grep -nE '^# *if.*(TEST|CHECK)' "$file"; then
        fail "$file: test code in src/"
    fi
done

echo "structure: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
