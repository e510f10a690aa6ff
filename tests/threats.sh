#!/bin/sh
# Goal of this test: each test that the threat model in SECURITY.md names exists and runs.
# - every row of its table names a test, as `FILE:FUNCTION`;
# - the function is defined in that file below tests/, and is in its list of tests.
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
file=SECURITY.md
grep -q '^## Threat model' $file || file=DESIGN.md
awk '/^## / { open = $0 == "## Threat model" } open && /^\|/ && rows++ > 1' $file >"$work/rows"
[ "$(wc -l <"$work/rows")" -ge 20 ] || fail "$file has no table of at least 20 rows under 'Threat model'"
grep -vE '`(unit|e2e)/test_[a-z_]+\.c:[a-z_0-9]+`' "$work/rows" >"$work/without" &&
    fail "a row names no test: $(head -1 "$work/without")"

for name in $(grep -oE '`(unit|e2e)/test_[a-z_]+\.c:[a-z_0-9]+`' "$work/rows" | tr -d '`' | sort -u); do
    function=${name#*:}
    file=tests/${name%%:*}
    if [ ! -e "$file" ]; then
        fail "$name: no such file below tests/"
    elif ! grep -q "^static void $function(" "$file"; then
        fail "$name: $file does not define it"
    elif ! sed -n '/^int main(/,$p' "$file" | grep -qE "[({ ]$function[),]"; then
        fail "$name: $file does not run it"
    else
        passed=$((passed + 1))
    fi
done
echo "threats: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
