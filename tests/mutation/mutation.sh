#!/bin/sh
# mutation.sh [FILE...]: makes every mutant of the pure files (tests/mutation/rooms), or of these,
# and sees whether their unit tests notice. Ends with 1 where too few do. $REPORT: where the report
# goes; else as in mutant.sh.
set -u
rm -rf "$BUILD/mutation"
mkdir -p "$BUILD/mutation"

files=$*
[ $# -gt 0 ] || files=$(awk '/^src/ { print $1 }' tests/mutation/rooms)

# What the mutants are compared and linked with. The line of the file's name is as for a mutant.
for file in $files; do
    mkdir -p "$(dirname "$BUILD/mutation/$file")"
    { printf '# 1 "%s"\n' "$file" && cat "$file"; } |
        $COMPILE -c -x c -o "$BUILD/mutation/$file.o" - || exit 1
done
for test in $(awk '/^src/ { for (i = 2; i <= NF; i++) print $i }' tests/mutation/rooms | sort -u); do
    $COMPILE -Itests/unit -c -o "$BUILD/mutation/$test.o" "tests/unit/$test.c" || exit 1
done

for file in $files; do
    "$BUILD/mutate" "$file" | awk -v file="$file" 'BEGIN { FS = "\t" } {
        printf "%s%c%s%c%s%c%s%c%s%c", file, 0, $1, 0, $2, 0, $3, 0, $4, 0 }'
done | nice -n 10 xargs -0 -n 5 -P "$(nproc)" sh tests/mutation/mutant.sh

sort -t "$(printf '\t')" -k1,1 -k2,2n -o "$BUILD/mutation/results" "$BUILD/mutation/results"
awk -f tests/mutation/report.awk tests/mutation/equivalent "$BUILD/mutation/results" > "$BUILD/mutation/report"
enough=$?
[ -z "${REPORT:-}" ] || cp "$BUILD/mutation/report" "$REPORT"
grep '^| \*\*' "$BUILD/mutation/report"
exit $enough
