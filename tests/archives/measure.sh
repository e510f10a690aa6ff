#!/bin/sh
# measure.sh BUILD [MONITORS]: measures the compression of a day of MONITORS (1,000) monitors, checked
# each minute: the number of ticks, the longest of them, the peak memory, and the size before and
# after. Also measures a rebuild from the compressed archives.
set -eu

build=$1
monitors=${2:-1000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
day=$(date -u -d yesterday +%F)

# The only check is due in the first tick and not later.
configure()
{
    cat > uptick.yaml <<EOT
archive_compress: $1
sites:
  - id: s
    domains:
      - {id: d1, url: 'http://127.0.0.1:1/', interval_seconds: 604800, confirm: {failures: 1, recheck_seconds: []}}
EOT
}

write_day()
{
    mkdir -p "data/archive/$day/s"
    awk -v day="$day" 'BEGIN {
        srand(7)
        for (m = 0; m < 1440; m++)
            printf "%sT%02d:%02d:00.%03dZ,s,dN,UP,200,%d,\n", day, m / 60, m % 60,
                rand() * 1000, 40 + rand() * 90
    }' > day.csv
    n=1
    while [ $n -le "$monitors" ]; do
        sed "s/,dN,/,d$n,/" day.csv > "data/archive/$day/s/d$n.log"
        n=$((n + 1))
    done
}

size() { du -s --apparent-size -B 1000000 data/archive | cut -f 1; }
max() { awk -F '\t' -v what="$1" '$2 == what && $3 > max { max = $3 } END { print max + 0 }' samples; }

write_day
mv data/archive plain
for format in gzip zstd; do
    rm -rf data samples && mkdir data && cp -r plain data/archive
    configure none
    "$build/uptick" tick 2> /dev/null
    before=$(size)
    configure $format
    ticks=0
    while [ -n "$(find data/archive -name '*.log' -print -quit)" ]; do
        "$build/measure" samples tick "$build/uptick" tick
        ticks=$((ticks + 1))
    done
    echo "$format: $monitors monitors, $before MB to $(size) MB in $ticks ticks," \
        "the longest $(max wall) ms, peak $(max peak) MiB"
    rm samples
    "$build/measure" samples rebuild "$build/uptick" rebuild
    echo "$format: rebuild in $(max wall) ms, peak $(max peak) MiB"
    rm samples
    "$build/measure" samples idle "$build/uptick" tick
    echo "$format: a tick with nothing to compress $(max wall) ms"
done
