# Measures builds of large dashboards, and a rebuild.

# A day of 1,000 monitors, in the words of records.c.
day="100 10 60 1440 $((base_s / 86400 * 86400))"

# yardstick NAME: formats the CSV of one day of 1,000 monitors. Its CPU is the yardstick for CPU that no client
# has to spend. It writes to /dev/null, because files cost more on some file systems than on others.
yardstick()
{
    # shellcheck disable=SC2086 # the numbers are words
    measured "yardstick.$1" "$build/records" /dev/null $day
}

# build MONITORS BUILDS: one build in each minute. The first one is not measured: it creates the files.
build()
{
    large=$disk/$1
    mkdir "$large"
    configure "$large/uptick.yaml" "$1" "interval_seconds: 60"
    "$build/records" "$large/data" $(($1 / 10)) 10 60 60 "$base_s"
    at 0 "$uptick" -c "$large/uptick.yaml" rebuild >"$work/rebuilt" 2>&1
    at 0 "$uptick" -c "$large/uptick.yaml" render >/dev/null
    for round in $(seq "$2"); do
        yardstick "$1"
        sync -f "$large"
        use_memory 2
        measured_at $((round * 60)) "build.$1" \
            "$uptick" -c "$large/uptick.yaml" render >/dev/null || wrong "build.$1: render failed"
    done
    rm -rf "$large"
}

builds()
{
    say "large dashboards"
    fresh_disk
    build 30000 3
    build 100000 2
}

rebuilds()
{
    say "rebuilds"
    fresh_disk
    configure "$disk/uptick.yaml" 1000 "interval_seconds: 60"
    for try in 1 2 3 4 5; do
        # shellcheck disable=SC2086 # the numbers are words
        "$build/records" "$disk/data" $day
        yardstick rebuild
        sync -f "$disk"
        measured_at 0 rebuild "$uptick" -c "$disk/uptick.yaml" rebuild \
            >"$work/rebuilt" 2>&1
        grep -q ' 1,440,000 rows' "$work/rebuilt" || wrong "rebuild: $(head -n 1 "$work/rebuilt")"
        rm -rf "$disk/data" "$disk/public"
    done
}
