#!/bin/sh
# mutant.sh FILE N LINE CHANGE TEXT: what becomes of one mutant, as a line behind the same fields:
# invalid (it does not compile), same (nor does its code differ), killed, late (its tests never
# end) or survived. $BUILD, $COMPILE, $LINK, $WRAPPED and $LIBRARIES are the Makefile's.
set -u
file=$1 number=$2 line=$3 change=$4 text=$5
work=$(mktemp -d "$BUILD/mutation/XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Where its tests leave a folder behind, it goes with the rest.
export TMPDIR="$work" CMOCKA_TEST_ABORT=1

compile() {
    { printf '# 1 "%s"\n' "$file" && "$BUILD/mutate" "$file" "$number"; } |
        $COMPILE -c -x c -o "$work/mutant.o" - 2>/dev/null
}

judge() {
    compile || { echo invalid; return; }
    cmp -s "$work/mutant.o" "$BUILD/mutation/$file.o" && { echo same; return; }
    for test in $(awk -v file="$file" '$1 == file { for (i = 2; i <= NF; i++) print $i }' tests/mutation/rooms); do
        case $test in test_faults_*) wrapped=$WRAPPED ;; *) wrapped= ;; esac
        $LINK $wrapped -o "$work/test" "$work/mutant.o" "$BUILD/mutation/$test.o" "$BUILD/rooms.a" $LIBRARIES \
            2>/dev/null || { echo invalid; return; }
        (ulimit -v 4000000 && exec timeout -k 1 20 "$work/test") >/dev/null 2>&1
        case $? in
        0) ;;
        124 | 137) echo late; return ;;
        *) echo killed; return ;;
        esac
    done
    echo survived
}

outcome=$(judge 2>/dev/null)
printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$number" "$line" "$change" "$text" "$outcome" \
    >> "$BUILD/mutation/results"
