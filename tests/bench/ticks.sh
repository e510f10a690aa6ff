# Measures ticks in turn with the minimal client: 10,000 monitors with an interval of one minute in
# 1,000 sites, all due, with four full hours of records. Then endpoints that hang, then ticks with
# nothing due.

monitors=10000
folder=$work/ticks
minute=0 # the minute of the next tick in this folder

# in_turn SERIES SECONDS CONFIG URLS [OPTION...]: runs the minimal client and the tick in turn, for five
# pairs, or for SECONDS and at least one pair.
in_turn()
{
    series=$1 until=$(($(date +%s) + $2)) series_config=$3 series_urls=$4
    shift 4
    for pair in 1 2 3 4 5; do
        [ $pair -eq 1 ] || [ "$(date +%s)" -lt $until ] || break
        reference "$series.reference" "$series_urls" "$@"
        tick "$series.uptick" $((minute * 60)) "$series_config" $monitors
        minute=$((minute + 1))
    done
}

# Each tick must have recorded one row for each monitor, all of them UP.
look_at_rows()
{
    find "$folder/data/live" -name '*.log' -exec cat {} + | awk -F, -v all=$((minute * monitors)) '
        $4 != "UP" { bad++; row = $0 }
        END {
            if (NR != all) print "ticks: " NR " rows recorded instead of " all
            if (bad) print "ticks: " bad " rows of " NR " are not UP, such as " row
        }' >>"$notes"
}

ticks_over_http()
{
    say "ticks over HTTP"
    mkdir "$folder"
    configure "$folder/http.yaml" $monitors "interval_seconds: 60"
    "$build/records" "$folder/data" 1000 10 60 240 "$base_s"
    warm_up 0 "$folder/http.yaml"
    minute=1
    in_turn http 30 "$folder/http.yaml" "$work/http.urls"
}

ticks_over_https()
{
    say "ticks over HTTPS"
    configure "$folder/https.yaml" $monitors "interval_seconds: 60, ca_file: $work/bundle.pem" \
        scheme=https port="$https_port"
    in_turn https 40 "$folder/https.yaml" "$work/https.urls" -b "$work/bundle.pem"
    look_at_rows
}

# At most seven endpoints of one address hang, so that max_per_host delays no other.
ticks_that_hang()
{
    say "endpoints that hang"
    mkdir "$work/hanging"
    configure "$work/hanging/uptick.yaml" 5000 "interval_seconds: 60, timeout_seconds: 5" \
        domains=5 hanging=5
    tick hang.5000 0 "$work/hanging/uptick.yaml" 5000

    configure "$folder/hang.yaml" $monitors "interval_seconds: 60, timeout_seconds: 20" hanging=1
    tick hang.1000 $((minute * 60)) "$folder/hang.yaml" $monitors
    minute=$((minute + 1))
}

# Starts a name server that answers after 50 ms, with the address of the first site for all names.
start_name_server()
{
    mkfifo "$work/named/hold"
    setpriv --pdeathsig TERM "$build/dns" 127.77.0.1:53 50 127.1.0.1 \
        <"$work/named/hold" >"$work/named/dns" 2>&1 &
    server_pids="$server_pids $!"
    exec 9>"$work/named/hold" # it ends when its standard input is closed
    tries=0
    until grep -q port= "$work/named/dns"; do
        tries=$((tries + 1))
        [ $tries -lt 40 ] || return 1
        sleep 0.05
    done
}

# Measures ticks in which each monitor has its own host name, with a resolv.conf only for the tick.
ticks_by_name()
{
    say "ten thousand names"
    mkdir "$work/named"
    echo "nameserver 127.77.0.1" >"$work/named/resolv.conf"
    if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null || ! start_name_server; then
        note "names: not measured; this needs root, mount namespaces and port 53 of 127.77.0.1"
        return 0
    fi
    cat >"$work/named/uptick" <<WRAPPER
#!/bin/sh
exec unshare -m sh -c 'mount --bind "\$0" /etc/resolv.conf && exec "\$@"' \
    "$work/named/resolv.conf" "$uptick" "\$@"
WRAPPER
    chmod +x "$work/named/uptick"
    configure "$work/named/uptick.yaml" $monitors "interval_seconds: 60" named=1
    real_uptick=$uptick uptick=$work/named/uptick
    tick names.10000 0 "$work/named/uptick.yaml" $monitors
    uptick=$real_uptick
    find "$work/named/data/live" -name '*.log' -exec cat {} + |
        awk -F, '$4 != "UP" { bad++ } END { if (bad) print "names: " bad " of " NR " rows are not UP" }' \
            >>"$notes"
}

# idle MONITORS CONFIG SECONDS: measures ticks in a minute whose checks are already done.
idle()
{
    warm_up "$3" "$2"
    for round in 1 2 3 4 5 6 7; do
        measured true /bin/true
        measured version "$uptick" --version >/dev/null
        measured "validate.$1" "$uptick" -c "$2" validate >/dev/null
        tick "idle.$1" $(($3 + 25)) "$2" 0
    done
}

ticks_with_nothing_due()
{
    say "ticks with nothing due"
    idle 10000 "$folder/http.yaml" $((minute * 60))
    mkdir "$work/thirty"
    configure "$work/thirty/uptick.yaml" 30 "interval_seconds: 60"
    idle 30 "$work/thirty/uptick.yaml" 0
}
