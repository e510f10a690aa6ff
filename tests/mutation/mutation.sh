#!/bin/sh
# mutation.sh [FILE...]: makes mutants of the pure files (tests/mutation/rooms), or of FILE..., and runs
# their unit tests on each. Exits with 1 if too few are killed. The last results of other files are
# kept. $REPORT: the file of the report. $AGAIN, if not empty: mutants killed last time are not tried
# again. $SAMPLE: at most this number of mutants of a file, spread evenly; 0: all. The rest of the
# environment is that of mutant.sh.
set -u
folder=$BUILD/mutation
tab=$(printf '\t')
mkdir -p "$folder"
rm -rf "$folder"/??????/

files=$*
[ $# -gt 0 ] || files=$(awk '/^src/ { print $1 }' tests/mutation/rooms)
tests=$(printf '%s\n' $files |
    awk 'NR == FNR { asked[$1]; next } $1 in asked { for (i = 2; i <= NF; i++) print $i, i }' - tests/mutation/rooms)
first=$(echo "$tests" | awk '$2 == 2 { print $1 }' | sort -u)
tests=$(echo "$tests" | awk '{ print $1 }' | sort -u)

# Each mutant is linked, so use the fastest linker.
echo 'int main(void) { return 0; }' > "$folder/main.c"
$LINK -fuse-ld=gold -o "$folder/main" "$folder/main.c" 2>/dev/null && LINK="$LINK -fuse-ld=gold"
SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all"
$LINK $SANITIZE -o "$folder/main" "$folder/main.c" 2>/dev/null && "$folder/main" || SANITIZE=
export LINK SANITIZE

# The objects that the mutants are compared and linked with. The #line is the same as for a mutant.
for file in $files; do
    mkdir -p "$(dirname "$folder/$file")"
    { printf '# 1 "%s"\n' "$file" && cat "$file"; } |
        $COMPILE -c -x c -o "$folder/$file.o" - || exit 1
done

# The tests must pass without a mutant. With one, they may take about three times as long.
for test in $tests; do
    case $test in test_faults_*) wrapped=$WRAPPED ;; *) wrapped= ;; esac
    [ -n "$(find "$folder/$test.o" -newer "tests/unit/$test.c" 2>/dev/null)" ] &&
        [ -z "$(find src tests/unit -name '*.h' -newer "$folder/$test.o")" ] ||
        $COMPILE -Itests/unit -c -o "$folder/$test.o" "tests/unit/$test.c" || exit 1
    $LINK $wrapped -o "$folder/test" "$folder/$test.o" "$BUILD/rooms.a" $LIBRARIES || exit 1
    cpu=$( { "$folder/test" > "$folder/output" 2>&1 && times || echo failed; } | awk '
        NR == 2 { split($1, user, "[ms]"); print int(3 * (60 * user[1] + user[2])) + 1 }')
    [ -n "$cpu" ] || { cat "$folder/output"; exit 1; }
    echo "$cpu" > "$folder/$test.seconds"
done
for test in ${SANITIZE:+$first}; do
    $LINK $SANITIZE -o "$folder/test" "$folder/$test.o" "$BUILD/rooms.a" $LIBRARIES &&
        "$folder/test" > "$folder/output" 2>&1 || { cat "$folder/output"; exit 1; }
done

# All mutants, as the first five fields of a result; then the results that are kept, and the rest. A
# survivor that no test can notice is not tried again.
for file in $files; do
    "$BUILD/mutate" "$file" | sed "s#^#$file$tab#" > "$folder/of_file"
    awk -v sample="$SAMPLE" -v n="$(wc -l < "$folder/of_file")" '
        sample == 0 || n <= sample || int(NR * sample / n) > int((NR - 1) * sample / n)' "$folder/of_file"
done > "$folder/mutants"
touch "$folder/results"
awk -F "$tab" -v again="${AGAIN:-}" '
    FILENAME ~ /mutants$/ { mutant[$0]; asked[$1]; next }
    FILENAME ~ /equivalent$/ { equivalent[$1 FS $2 FS $3]; next }
    !($1 in asked) ||
        (again != "" && ($6 != "survived" || $1 FS $4 FS $5 in equivalent) &&
         $1 FS $2 FS $3 FS $4 FS $5 in mutant)' \
    "$folder/mutants" tests/mutation/equivalent "$folder/results" > "$folder/standing"
cp "$folder/standing" "$folder/results"
awk -F "$tab" '
    FILENAME ~ /standing$/ { standing[$1 FS $2]; next }
    !($1 FS $2 in standing) { for (i = 1; i <= 5; i++) printf "%s%c", $i, 0 }' \
    "$folder/standing" "$folder/mutants" |
    xargs -0 -r -n 5 -P "${JOBS:-$(nproc)}" sh tests/mutation/mutant.sh

sort -t "$tab" -k1,1 -k2,2n -o "$folder/results" "$folder/results"
awk -v sample="$SAMPLE" -f tests/mutation/report.awk tests/mutation/rooms tests/mutation/equivalent \
    "$folder/results" > "$REPORT"
enough=$?
grep '^| \*\*' "$REPORT"
exit $enough
