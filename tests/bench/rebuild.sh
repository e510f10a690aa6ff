#!/bin/sh
# make bench-rebuild: measures the time and memory of a rebuild of the state from the CSV. There are a
# thousand monitors with one row a minute each, for one day and for DAYS days.
# usage: rebuild.sh BUILD DAYS
set -eu
build=$1
days=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
today=$(($(date +%s) / 86400 * 86400))

write_config()
{
    echo "retention_days: 0"
    echo "defaults: {interval_seconds: 60}"
    echo "sites:"
    for site in $(seq 0 99); do
        echo "  - id: site$site"
        echo "    domains:"
        for domain in $(seq 0 9); do
            echo "      - {id: d$domain, url: 'http://127.0.0.1:9/$site/$domain'}"
        done
    done
}

# rebuild DAYS
rebuild()
{
    "$build/records" "$work/data" 100 10 60 $(($1 * 1440)) "$today"
    kib=$(du -sk "$work/data" | cut -f 1)
    "$build/measure" "$work/samples" rebuild "$build/uptick" -c "$work/uptick.yaml" rebuild \
        >/dev/null 2>&1
    awk -F '\t' -v days="$1" -v kib="$kib" '
        { figure[$2] = $3 }
        END {
            rows = days * 1440000
            printf "%3d days: %9d rows, %5.1f GiB: %6.1f s, %4.2f million rows/s; CPU %6.1f s, %4.2f million rows/s; peak %d MiB\n",
                days, rows, kib / 1048576, figure["wall"] / 1e3, rows / figure["wall"] / 1e3,
                figure["cpu"] / 1e3, rows / figure["cpu"] / 1e3, figure["peak"]
        }' "$work/samples"
    rm -rf "$work/data" "$work/samples"
}

write_config >"$work/uptick.yaml"
rebuild 1
[ "$days" -le 1 ] || rebuild "$days"
