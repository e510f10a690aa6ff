#!/bin/sh
# run.sh BUILD TARGET OPTION...: fuzzes one target. If it fails, prints the command that repeats it.
set -u

build=$1
target=$2
shift 2
program=$build/target/fuzz_$target
found=$build/found/$target
log=$build/$target.log
dictionary=tests/fuzz/$target.dict
[ -e "$dictionary" ] && set -- "$@" "-dict=$dictionary"
mkdir -p "$found"

# The shortest length that still reaches everything: shorter inputs give more executions a second.
case $target in
config) length=2048 ;;
csv_read | event_csv | reader) length=1400 ;;
certificate) length=1024 ;;
csv_write | template) length=768 ;;
state) length=200 ;;
bot_wall) length=1024 ;;
*) length=512 ;;
esac

# A small quarantine is enough to find a use after free within one input; the default would halve the
# executions a second.
export ASAN_OPTIONS=quarantine_size_mb=4:max_malloc_fill_size=0:malloc_context_size=8
export UBSAN_OPTIONS=print_stacktrace=1
if "$program" "$found" "tests/corpus/$target" -timeout=5 -detect_leaks=1 -print_final_stats=1 "-max_len=$length" \
    "-artifact_prefix=$build/$target." "$@" >"$log" 2>&1; then
    sed -n "s/^Done/fuzz_$target: passed/p" "$log"
    exit 0
fi
tail -n 60 "$log"
echo "fuzz_$target: failed; repeat it with"
sed -n "s|.*Test unit written to |  $program |p" "$log"
exit 1
