#!/bin/sh
# Goal of this test: each test that the threat model of DESIGN.md names exists and is run.
# - every row of its table names one, as `FILE:FUNCTION`;
# - the function is defined in that file below tests/, and stands in its list of tests.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0
failed=0
fail()
{
    echo "threats: $*"
    failed=$((failed + 1))
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
awk '/^## / { open = $0 == "## Threat model" } open && /^\|/ && rows++ > 1' DESIGN.md >"$work/rows"
[ "$(wc -l <"$work/rows")" -ge 20 ] || fail "DESIGN.md has no table under 'Threat model'"
grep -vE '`(unit|e2e)/test_[a-z_]+\.c:[a-z_0-9]+`' "$work/rows" >"$work/without" &&
    fail "a row names no test: $(head -1 "$work/without")"

for name in $(grep -oE '`(unit|e2e)/test_[a-z_]+\.c:[a-z_0-9]+`' "$work/rows" | tr -d '`' | sort -u); do
    function=${name#*:}
    file=tests/${name%%:*}
    if [ ! -e "$file" ]; then
        fail "$name: there is no such file below tests/"
    elif ! grep -q "^static void $function(" "$file"; then
        fail "$name: $file has no such test"
    elif ! sed -n '/^int main(/,$p' "$file" | grep -qE "[({ ]$function[),]"; then
        fail "$name: $file does not run it"
    else
        passed=$((passed + 1))
    fi
done
echo "threats: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
