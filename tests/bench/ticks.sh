# Ten thousand monitors of one minute in 1,000 sites, all due, four full hours of records: the tick in
# turn with the reference. Then endpoints that hang, then ticks with nothing to do.

monitors=10000
folder=$work/ticks
minute=0 # of the next tick in this folder

# in_turn SERIES SECONDS CONFIG URLS [OPTION...]: the reference, the tick, the reference, ...; five
# pairs, or at least one and as many as begin in that time.
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

# The ticks so far must have recorded a row a monitor each, all of them UP.
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

# At most seven of one address hang, so that max_per_host holds nobody up.
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

# A row for 10,000 host names, by a name server that takes 50 ms an answer, belongs here.

# idle MONITORS CONFIG SECONDS: ticks in a minute whose checks are made.
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
