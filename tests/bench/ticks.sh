# Measures ticks in turn with the minimal client: all monitors in sites of ten, with an interval of one
# minute, all due, with four hours of records. Then endpoints that hang, names that are slow, and ticks with
# nothing due.

folder=$disk/ticks
down_folder=$disk/down
minute=0 # of the next tick in these folders
firsts=0 # folders used for first ticks

prepare_ticks()
{
    ten_a_site "$folder" 240 "$base_s"
    ten_a_site "$down_folder" 240 "$base_s" path=/down/

    # The third failed check confirms an outage, and a summary is printed. The next tick looks at each outage
    # once more. From then on, a failed check is no event, and there is nothing to print.
    for minute in 0 1 2 3; do
        warm_up $((minute * 60)) "$folder/uptick.yaml"
        warm_up $((minute * 60)) "$down_folder/uptick.yaml"
    done
    minute=4
}

# in_turn PAIRS FIRST_TICKS: runs the minimal client, the tick with all UP and the one with all DOWN in turn;
# and a first tick in an empty folder after the first ones of them.
in_turn()
{
    for pair in $(seq "$1"); do
        use_memory 1
        reference http.reference "$work/http.urls"
        tick http.uptick $((minute * 60)) "$folder/uptick.yaml" "$monitors"
        tick down.uptick $((minute * 60)) "$down_folder/uptick.yaml" "$monitors"
        [ "$pair" -gt "$2" ] || first_tick
        count_others
        minute=$((minute + 1))
    done
}

first_tick()
{
    firsts=$((firsts + 1))
    mkdir "$disk/first$firsts"
    configure "$disk/first$firsts/uptick.yaml" "$monitors" "interval_seconds: 60"
    use_memory 1
    tick first.uptick $((minute * 60)) "$disk/first$firsts/uptick.yaml" "$monitors"
}

# look_at_rows FOLDER VERDICT COUNT: since the first minute, ticks must have recorded COUNT rows with this verdict,
# and no others.
look_at_rows()
{
    find "$1/data/live" -mindepth 2 -name '*.log' -exec cat {} + | awk -F, -v verdict="$2" -v all="$3" -v name="${1##*/}" \
        -v first="$(date -u -d "@$base_s" +%Y-%m-%dT%H:%M)" '
        $1 < first { next }
        { n++ }
        $4 != verdict { bad++; row = $0 }
        END {
            if (n != all) print name ": " n + 0 " rows recorded instead of " all
            if (bad) print name ": " bad " rows of " n " are not " verdict ", such as " row
        }' >>"$wrong"
}

ticks_over_http()
{
    say "ticks over HTTP"
    prepare_ticks
    in_turn 5 3
    look_at_rows "$down_folder" DOWN $((minute * monitors))
}

# Pairs for 40 seconds, but at least two and at most five.
ticks_over_https()
{
    say "ticks over HTTPS"
    configure "$folder/https.yaml" "$monitors" "interval_seconds: 60, ca_file: $work/bundle.pem" \
        scheme=https port="$https_port"
    until=$(($(date +%s) + 40))
    for pair in 1 2 3 4 5; do
        [ $pair -le 2 ] || [ "$(date +%s)" -lt $until ] || break
        reference https.reference "$work/https.urls" -b "$work/bundle.pem"
        tick https.uptick $((minute * 60)) "$folder/https.yaml" "$monitors"
        minute=$((minute + 1))
    done
    look_at_rows "$folder" UP $((minute * monitors))
}

# expecting NAME KEYS [OPTION=VALUE...]: measures ticks whose checks have these keys. The first one builds the
# dashboard for a new configuration, so it is not measured.
expecting()
{
    name=$1 keys=$2
    shift 2
    configure "$folder/$name.yaml" "$monitors" "interval_seconds: 60$keys" "$@"
    warm_up $((minute * 60)) "$folder/$name.yaml"
    minute=$((minute + 1))
    for try in 1 2 3; do
        tick "$name.uptick" $((minute * 60)) "$folder/$name.yaml" "$monitors"
        minute=$((minute + 1))
    done
}

# Ticks whose checks read the whole page for an expectation, and the same without one.
ticks_that_expect()
{
    say "ticks that expect something of a page"
    [ -d "$folder" ] || prepare_ticks
    expecting plain ""
    expecting matches ", expect: {body_matches: '^x+\$'}"
    expecting json ", expect: {json: {/status: UP, /items/9/ok: true}}" path=/json/
    look_at_rows "$folder" UP $((minute * monitors))
}

# hang TRIES: measures first ticks of endpoints that all hang. At most seven endpoints of one address
# hang, so that max_per_host delays no other.
hang()
{
    for try in $(seq "$1"); do
        hanging_folder=$(mktemp -d "$disk/hang.XXXXXX")
        configure "$hanging_folder/uptick.yaml" "$hanging" "interval_seconds: 60, timeout_seconds: 5" \
            domains=5 hanging=5
        tick hang.first 0 "$hanging_folder/uptick.yaml" "$hanging"
    done
}

ticks_that_hang()
{
    say "endpoints that hang"
    configure "$folder/hang.yaml" "$monitors" "interval_seconds: 60, timeout_seconds: 20" hanging=1
    tick hang.tenth $((minute * 60)) "$folder/hang.yaml" "$monitors"
    minute=$((minute + 1))
    fresh_disk
    hang 3
}

# The addresses of name servers have no ports in resolv.conf. So that two benches can run, each has an address.
name_server=127.77.$(($$ / 250 % 250)).$(($$ % 250 + 1))

# Starts a name server that answers after 50 ms, with the address of the first site for all names.
start_name_server()
{
    mkfifo "$work/name_server/hold"
    setpriv --pdeathsig TERM "$build/dns" $name_server:53 50 127.1.0.1 \
        <"$work/name_server/hold" >"$work/name_server/dns" 2>&1 &
    server_pids="$server_pids $!"
    exec 9>"$work/name_server/hold" # it ends when its standard input is closed
    tries=0
    until grep -q port= "$work/name_server/dns"; do
        tries=$((tries + 1))
        [ $tries -lt 40 ] || return 1
        sleep 0.05
    done
}

# use_name_server: puts a resolv.conf in the place of the system's, for this shell and its children only.
use_name_server()
{
    mkdir "$work/name_server"
    echo "nameserver $name_server" >"$work/name_server/resolv.conf"
    may_mount && start_name_server && mount --bind "$work/name_server/resolv.conf" /etc/resolv.conf &&
        mounted="$mounted /etc/resolv.conf"
}

# Measures ticks in which each monitor has its own host name, and in turn with them the lookups by
# themselves: as many names, with the program's own code.
ticks_by_name()
{
    say "ten thousand names"
    fresh_disk
    if ! use_name_server; then
        skip names.first "this needs root, the right to mount, and port 53 of $name_server"
        return 0
    fi
    for try in 1 2 3; do
        named=$disk/names$try
        mkdir "$named"
        configure "$named/uptick.yaml" "$monitors" "interval_seconds: 60" named=1
        measured names.lookups "$build/lookups" dns "$monitors" >"$work/found"
        grep -q " $monitors found" "$work/found" || wrong "lookups: $(cat "$work/found")"
        tick names.first 0 "$named/uptick.yaml" "$monitors"
        tick names.steady 60 "$named/uptick.yaml" "$monitors"
        look_at_rows "$named" UP $((2 * monitors))
    done
    umount /etc/resolv.conf
    mounted=${mounted% /etc/resolv.conf}
}

# idle NAME CONFIG SECONDS: measures ticks in a minute whose checks are already done, each next to a start of the
# program, which comes after a sync as ticks do.
idle()
{
    warm_up "$3" "$2"
    use_memory 1
    for round in $(seq 21); do
        measured true /bin/true
        measured_at 0 "validate.$1" "$uptick" -c "$2" validate >/dev/null
        sync -f "$2"
        measured_at 0 "version.$1" "$uptick" --version >/dev/null
        tick "idle.$1" $(($3 + 25)) "$2" 0
    done
}

ticks_with_nothing_due()
{
    say "ticks with nothing due"
    idle_ticks
}

idle_ticks()
{
    idle all "$folder/uptick.yaml" $((minute * 60))
    minute=$((minute + 1))
    [ -d "$disk/thirty" ] || mkdir "$disk/thirty"
    configure "$disk/thirty/uptick.yaml" 30 "interval_seconds: 60"
    idle 30 "$disk/thirty/uptick.yaml" $((minute * 60))
}
