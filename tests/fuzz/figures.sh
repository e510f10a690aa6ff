#!/bin/sh
# figures.sh BUILD TARGET...: prints the figures of the last runs, as in the table of tests/README.md.
set -u

build=$1
shift
echo '| target | executions | a second | seconds | edges | corpus |'
echo '| --- | ---: | ---: | ---: | ---: | ---: |'
for target in "$@"; do
    awk -v target="$target" -v corpus="$(find "tests/corpus/$target" -type f | wc -l)" '
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        /^Done / { seconds = $(NF - 1) }
        /^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { rate = $2 }
        END { printf "| `%s` | %d | %d | %d | %d | %d |\n", target, runs, rate, seconds, edges, corpus }
    ' "$build/$target.log"
done
