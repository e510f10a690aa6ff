#!/bin/sh
# What a tick costs, as whole-process figures: medians of several runs, the spread behind each.
# - 10, 1,000 and 10,000 monitors against nginx on loopback, four hours of records behind them, all due;
# - the same with nothing due;
# - 500 endpoints that hang, with timeout_seconds: 5.
# usage: bench.sh UPTICK MEASURE AWKWARD MOVED_CLOCK   (make bench calls it)
set -eu
uptick=$1 measure=$2 awkward=$3 moved_clock=$4
runs=${RUNS:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-bench.XXXXXX")
nginx_pid=
awkward_pid=
cleanup()
{
    [ -z "$nginx_pid" ] || kill "$nginx_pid" 2>/dev/null || true
    [ -z "$awkward_pid" ] || kill "$awkward_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT INT TERM

port=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 10000) }')

start_nginx()
{
    mkdir -p "$work/nginx/www"
    head -c 2000 /dev/zero | tr '\0' x > "$work/nginx/www/index.html"
    cat > "$work/nginx/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path $work/nginx;
    proxy_temp_path $work/nginx;
    fastcgi_temp_path $work/nginx;
    uwsgi_temp_path $work/nginx;
    scgi_temp_path $work/nginx;
    server { listen 127.0.0.1:$port backlog=8192; root $work/nginx/www; location / { try_files /index.html =404; } }
}
CONF
    nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" 2>/dev/null &
    nginx_pid=$!
    tries=0
    until [ -s "$work/nginx/pid" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "bench: nginx did not start" >&2; exit 1; }
        sleep 0.05
    done
}

# configure MONITORS FOLDER URL KEYS: ten domains a site.
configure()
{
    mkdir -p "$2"
    awk -v n="$1" -v url="$3" -v keys="$4" 'BEGIN {
        print "defaults: {interval_seconds: 60" keys "}\nsites:"
        for (i = 0; i < n; i++) {
            if (i % 10 == 0) printf "  - id: site%d\n    domains:\n", i / 10
            printf "      - id: d%d\n        role: %s\n        url: %s%d\n", i % 10, (i % 10 < 5 ? "core" : "supplementary"), url, i
        }
    }' > "$2/uptick.yaml"
}

# Four hours of records, a row a minute, as a rebuild reads them; then one tick two minutes ago.
history()
{
    now=$(date -u +%s)
    awk -v n="$1" -v now="$now" -v dir="$2/data" 'BEGIN {
        base = int(now / 60) * 60
        for (m = 240; m >= 3; m--) { t = base - 60 * m; stamp[m] = strftime("%Y-%m-%dT%H:%M:00.100Z", t, 1); day[m] = strftime("%Y-%m-%d", t, 1) }
        for (i = 0; i < n; i++) {
            site = "site" int(i / 10); domain = "d" i % 10
            if (i % 10 == 0) for (m = 240; m >= 3; m -= 237) system("mkdir -p " dir "/archive/" day[m] "/" site)
            for (m = 240; m >= 3; m--) {
                file = dir "/archive/" day[m] "/" site "/" domain ".log"
                if (m < 240 && day[m] != day[m + 1]) close(dir "/archive/" day[m + 1] "/" site "/" domain ".log")
                printf "%s,%s,%s,UP,200,%d,\n", stamp[m], site, domain, 20 + (i + m) % 50 > file
            }
            close(file)
        }
    }'
    LD_PRELOAD=$moved_clock MOVED_CLOCK=-120000 \
        "$uptick" -c "$2/uptick.yaml" tick 2>/dev/null || true
    mv "$2/data" "$2/data.before"
}

# As it was before the measured tick: two minutes behind, everything due.
restore()
{
    printf "rm -rf '%s/data'; cp -a '%s/data.before' '%s/data'; sync" "$1" "$1" "$1"
}

echo "uptick tick: medians of $runs runs (least-most), $(nproc) processors, $(uname -sr)"
start_nginx
for n in 10 1000 10000; do
    folder=$work/$n
    configure $n "$folder" "http://127.0.0.1:$port/" ""
    history $n "$folder"
    printf '%6d monitors, all due:     ' $n
    "$measure" "$runs" "$(restore "$folder")" -- "$uptick" -c "$folder/uptick.yaml" tick
    printf '%6d monitors, none due:    ' $n
    "$measure" "$runs" "'$uptick' -c '$folder/uptick.yaml' tick" -- "$uptick" -c "$folder/uptick.yaml" tick
    printf '%6d monitors, validate:    ' $n
    "$measure" "$runs" true -- "$uptick" -c "$folder/uptick.yaml" validate >"$work/validate"
    tail -n 1 "$work/validate"
    "$uptick" -c "$folder/uptick.yaml" -v tick 2>/dev/null >/dev/null || true
    eval "$(restore "$folder")"
    "$uptick" -c "$folder/uptick.yaml" -v tick 2>&1 | sed 's/^/               /'
done

# The server lives as long as its standard input.
mkdir "$work/certificates"
mkfifo "$work/hold"
"$awkward" "$work/certificates" <"$work/hold" >"$work/ports" &
awkward_pid=$!
exec 9>"$work/hold"
tries=0
until grep -q '^http=' "$work/ports" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "bench: the awkward server did not start" >&2; exit 1; }
    sleep 0.05
done
hanging=$(sed -n 's/^http=//p' "$work/ports")
configure 500 "$work/hang" "http://127.0.0.1:$hanging/hang?" ", timeout_seconds: 5"
printf '%6d that hang, timeout 5 s:' 500
"$measure" 3 "rm -rf '$work/hang/data'" -- "$uptick" -c "$work/hang/uptick.yaml" tick
