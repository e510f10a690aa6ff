# Shared by the parts of the bench: a temporary folder, a moved clock, and the samples.

PATH=$PATH:/usr/sbin # for nginx, if this is not root
uptick=$build/uptick
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-bench.XXXXXX")
samples=$work/samples # lines of run, figure, value
notes=$work/notes     # warnings to print below the table
touch "$samples" "$notes"

# Processes to end with this shell: the servers, and the program being measured.
server_pids=
in_hand_pid=
cleanup()
{
    trap - EXIT
    for pid in $in_hand_pid $server_pids; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say()
{
    echo "bench: $(($(date +%s) - began)) s: $*..." >&2
}

note()
{
    echo "$*" >>"$notes"
}

# in_hand COMMAND...: runs it in the background and waits, so that this shell handles a signal at once.
in_hand()
{
    "$@" &
    in_hand_pid=$!
    status=0
    wait $in_hand_pid || status=$?
    in_hand_pid=
    return $status
}

# serve LOG COMMAND...: starts a server that ends with this shell, even if the shell is killed.
serve()
{
    log=$1
    shift
    setpriv --pdeathsig TERM "$@" >"$log" 2>&1 </dev/null &
    server_pids="$server_pids $!"
    served=$!
}

# wait_for WHAT COMMAND...: waits until the command succeeds, at most ten seconds.
wait_for()
{
    what=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "bench: $what did not start: $(cat "$log")" >&2; exit 1; }
        sleep 0.05
    done
}

# Ticks run with a moved clock: each is in the minute that the bench needs, with all checks due, and
# nothing must be reset in between. The first minute is 12:10 UTC of tomorrow, so that no hour and no
# day ends during the bench.
base_s=$((($(date +%s) / 86400 + 1) * 86400 + 12 * 3600 + 600))

# at SECONDS COMMAND...: runs it SECONDS after the beginning of the first minute.
at()
{
    moved_ms=$(((base_s + $1) * 1000 - $(date +%s%3N)))
    shift
    in_hand env LD_PRELOAD="$build/moved_clock.so" MOVED_CLOCK=$moved_ms "$@"
}

# measured NAME COMMAND...: runs it and adds its cost to the samples.
measured()
{
    in_hand "$build/measure" "$samples" "$@"
}

# reference NAME URLS [OPTION...]: measures the minimal client, which must get every page.
reference()
{
    run=$1 urls=$2
    shift 2
    measured "$run" "$build/reference" "$@" "$urls" >"$work/answered" ||
        note "$run: only $(cat "$work/answered") answered"
}

# laps NAME FILE: prints the laps of `uptick -v tick` ("12.345 ms  what, with counts") as figures of
# the run. A figure is named by "what" without its counts. Laps of the same name are added up, also
# those with "so far".
laps()
{
    awk -v name="$1" '/^ *[0-9.]+ ms  / {
        ms = $1
        sub(/^ *[0-9.]+ ms  /, "")
        gsub(/[0-9][0-9,]* */, "")
        if (!($0 in sum)) what[++n] = $0
        sum[$0] += ms
    }
    END { for (i = 1; i <= n; i++) printf "%s\t%s\t%s\n", name, what[i], sum[what[i]] }' "$2"
}

# tick NAME SECONDS CONFIG CHECKS: measures a tick at that time, which should make CHECKS checks.
tick()
{
    at "$2" "$build/measure" "$samples" "$1" "$uptick" -c "$3" -v tick 2>"$work/laps" ||
        note "$1: $(grep -v ' ms  ' "$work/laps" | head -n 1)"
    laps "$1" "$work/laps" >>"$samples"
    made=$(awk '/ results? staged$/ { gsub(/,/, ""); n = $3 } END { print n + 0 }' "$work/laps")
    [ "$made" -eq "$4" ] || note "$1: $made checks instead of $4"
}

# warm_up SECONDS CONFIG: runs a tick without measuring it.
warm_up()
{
    at "$1" "$uptick" -c "$2" tick 2>"$work/warnings" || note "$2: $(head -n 1 "$work/warnings")"
}

# configure FILE MONITORS KEYS [OPTION=VALUE...]: writes a configuration of sites with `domains` domains
# each (10). Each site has its own address. The first `hanging` domains of each site never answer.
configure()
{
    file=$1 monitors=$2 keys=$3
    shift 3
    awk -v n="$monitors" -v keys="$keys" -v scheme=http -v port="$http_port" \
        -v hang_port="$hang_port" -v domains=10 -v hanging=0 -v top="" \
        -f "$here/configure.awk" "$@" /dev/null >"$file"
}

# Describes the machine, as lines of name and value.
machine()
{
    printf 'processor\t%s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    printf 'cores\t%s\n' "$(nproc)"
    printf 'kernel\t%s\n' "$(uname -sr)"
    printf 'system\t%s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")"
    printf 'libcurl\t%s\n' "$(pkg-config --modversion libcurl)"
    printf 'openssl\t%s\n' "$(openssl version | cut -d ' ' -f 2)"
    printf 'nginx\t%s\n' "$(nginx -v 2>&1 | sed 's|.*/||')"
    printf 'load before\t%s\n' "$load_before"
}
load_before=$(cut -d ' ' -f 1 /proc/loadavg)

report()
{
    machine >"$work/machine"
    awk -v machine="$work/machine" -v notes="$notes" -v rows="$here/rows" \
        -v json="$build/bench.json" -v seconds=$(($(date +%s) - began)) \
        -f "$here/report.awk" "$work/machine" "$notes" "$here/rows" "$samples"
}
