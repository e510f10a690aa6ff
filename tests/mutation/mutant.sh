#!/bin/sh
# mutant.sh FILE N LINE CHANGE TEXT: tries one mutant. Writes a line of the same fields and the result:
# invalid (it does not compile), same (it compiles to the same code), killed, late (its tests do not
# end) or survived. The Makefile sets $BUILD, $COMPILE, $LINK, $WRAPPED and $LIBRARIES, mutation.sh
# sets $SANITIZE.
set -u
file=$1 number=$2 line=$3 change=$4 text=$5
folder=$BUILD/mutation
work=$(mktemp -d "$folder/XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Folders that its tests leave there are deleted with it.
export TMPDIR="$work" CMOCKA_TEST_ABORT=1

compile() {
    { printf '# 1 "%s"\n' "$file" && "$BUILD/mutate" "$file" "$number"; } |
        $COMPILE "$@" -c -x c -o "$work/mutant.o" - 2>/dev/null
}

# attempt TEST KIBIBYTES FACTOR FLAG...: runs the test with the mutant, linked with the flags; returns its
# exit status.
attempt() {
    test=$1 kibibytes=$2 seconds=$(($(cat "$folder/$1.seconds") * $3))
    shift 3
    $LINK "$@" -o "$work/test" "$work/mutant.o" "$folder/$test.o" "$BUILD/rooms.a" $LIBRARIES \
        2>/dev/null || return 126
    (ulimit -v "$kibibytes" && ulimit -t "$seconds" && exec timeout -k 1 120 "$work/test") >/dev/null 2>&1
}

judge() {
    compile || { echo invalid; return; }
    cmp -s "$work/mutant.o" "$folder/$file.o" && { echo same; return; }
    tests=$(awk -v file="$file" '$1 == file { for (i = 2; i <= NF; i++) print $i }' tests/mutation/rooms)
    for test in $tests; do
        case $test in test_faults_*) wrapped=$WRAPPED ;; *) wrapped= ;; esac
        attempt "$test" 4000000 1 $wrapped
        case $? in
        0) ;;
        126) echo invalid; return ;;
        124 | 137 | 152) echo late; return ;;
        *) echo killed; return ;;
        esac
    done

    # A mutant that passes its tests may still read beyond its memory, or leak.
    [ -n "$SANITIZE" ] && compile $SANITIZE || { echo survived; return; }
    set -- $tests
    attempt "$1" unlimited 4 $SANITIZE
    case $? in
    0 | 124 | 126 | 137 | 152) echo survived ;;
    *) echo killed ;;
    esac
}

outcome=$(judge 2>/dev/null)
[ -n "$outcome" ] || exit 255 # this ends xargs: an error of this script
printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$number" "$line" "$change" "$text" "$outcome" \
    >> "$folder/results"
