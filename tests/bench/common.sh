# Shared by the parts of the bench: temporary folders, a moved clock, and the samples.

PATH=$PATH:/usr/sbin:/sbin # for nginx and mkfs.ext4, if this is not root
uptick=$build/uptick
monitors=10000
hanging=5000
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-bench.XXXXXX")
samples=$work/samples # lines of run, figure, value
notes=$work/notes     # warnings to print below the table
wrong=$work/wrong     # what makes the figures wrong, and so is a missed target too
skipped=$work/skipped # runs that this machine cannot make, so their targets are not missed
touch "$samples" "$notes" "$wrong" "$skipped"

# What ends with this shell: the servers, the program being measured, and what is mounted.
server_pids=
in_hand_pid=
mounted=
cleanup()
{
    trap - EXIT
    for pid in $in_hand_pid $server_pids; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    for point in $mounted; do
        umount "$point" 2>/dev/null || umount -l "$point"
    done
    rm -rf "$work"
    [ -z "$memory" ] || rm -rf "$memory"
}
memory=
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

wrong()
{
    echo "$*" >>"$wrong"
}

# skip RUN WHY: a run that this machine cannot make.
skip()
{
    echo "$1" >>"$skipped"
    note "$1: not measured: $2"
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
# nothing must be reset in between. The first minute is 12:10 UTC of tomorrow.
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

# measured_at SECONDS NAME COMMAND...: the same with the moved clock. What is compared with ticks needs it too: it costs
# each of them about 1 %, and 0.1 ms when it starts.
measured_at()
{
    seconds=$1
    shift
    at "$seconds" "$build/measure" "$samples" "$@"
}

# use_memory GB: uses free memory for a moment, right before a measurement that needs much of it. A virtual machine
# may have given free memory back to its host; then each page costs 10 us when it is used again, which can double
# the time of a program that creates many files. Just used memory is not given back for some seconds.
use_memory()
{
    awk -v gb="$1" '/^MemAvailable:/ { exit $2 < 2 * gb * 1024 * 1024 }' /proc/meminfo || return 0
    head -c "$1G" /dev/zero | tail -c "$1G" >/dev/null
}

# reference NAME URLS [OPTION...]: measures the minimal client, which must get every page.
reference()
{
    run=$1 urls=$2
    shift 2
    measured_at 0 "$run" "$build/reference" "$@" "$urls" >"$work/answered" ||
        wrong "$run: only $(cat "$work/answered") answered"
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

# tick NAME SECONDS CONFIG CHECKS: measures a tick at that time, which must make CHECKS checks. What
# earlier ticks wrote is on the disk before it begins, as it is after a minute without the bench.
tick()
{
    sync -f "$3"
    rm -f "$work/figures"
    at "$2" "$build/measure" "$work/figures" "$1" "$uptick" -c "$3" -v tick 2>"$work/laps" || {
        wrong "$1: $(grep -v ' ms  ' "$work/laps" | head -n 1)"
        return 0
    }
    made=$(awk '/ results? staged$/ { gsub(/,/, ""); n = $3 } END { print n + 0 }' "$work/laps")
    if [ "$made" -ne "$4" ]; then
        wrong "$1: $made checks instead of $4"
        return 0
    fi
    cat "$work/figures" >>"$samples"
    laps "$1" "$work/laps" >>"$samples"
}

# warm_up SECONDS CONFIG: runs a tick without measuring it, or showing the alerts that it prints.
warm_up()
{
    at "$1" "$uptick" -c "$2" tick >/dev/null 2>"$work/warnings" || wrong "$2: $(head -n 1 "$work/warnings")"
}

# configure FILE MONITORS KEYS [OPTION=VALUE...]: writes a configuration of sites with `domains` domains
# each (10). Each site has its own address. The first `hanging` domains of each site never answer.
configure()
{
    file=$1 n=$2 keys=$3
    shift 3
    awk -v n="$n" -v keys="$keys" -v scheme=http -v port="$http_port" -v path=/ \
        -v hang_port="$hang_port" -v domains=10 -v hanging=0 -v top="" \
        -f "$here/configure.awk" "$@" /dev/null >"$file"
}

# ten_a_site FOLDER ROWS END_S [OPTION=VALUE...]: makes the folder, with a configuration of all
# monitors, each due every minute, and the records of the ROWS minutes before END_S.
ten_a_site()
{
    made_in=$1 rows=$2 end_s=$3
    shift 3
    mkdir "$made_in"
    configure "$made_in/uptick.yaml" $monitors "interval_seconds: 60" "$@"
    "$build/records" "$made_in/data" $((monitors / 10)) 10 60 "$rows" "$end_s"
}

# Describes the machine, as lines of name and value.
machine()
{
    printf 'processor\t%s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    printf 'cores\t%s\n' "$(nproc)"
    printf 'kernel\t%s\n' "$(uname -sr)"
    printf 'system\t%s\n' "$(. /etc/os-release && echo "$PRETTY_NAME")"
    printf 'files on\t%s\n' "$files_on"
    printf 'libcurl\t%s\n' "$(pkg-config --modversion libcurl)"
    printf 'openssl\t%s\n' "$(openssl version | cut -d ' ' -f 2)"
    printf 'nginx\t%s\n' "$(nginx -v 2>&1 | sed 's|.*/||')"
    printf 'load before\t%s\n' "$load_before"
    printf 'date\t%s\n' "$(date -u +%Y-%m-%d)"
    printf 'commit\t%s\n' "$measured_commit"
}
load_before=$(cut -d ' ' -f 1 /proc/loadavg)

# Prints the commit of the tree. The bench writes two of its files itself, so their changes do not count.
# Another user may own the tree, for example in a container.
commit()
{
    set -- git -c safe.directory="$root" -C "$root"
    head=$("$@" rev-parse --short HEAD 2>/dev/null) || { echo unknown; return; }
    "$@" diff --quiet HEAD -- . ':!README.md' ':!tests/bench/bench.json' || head="$head with changes"
    echo "$head"
}
measured_commit=$(commit)

# report MODE JSON PARTS: prints the tables and writes the file JSON. Returns 1 if a target is missed; the runs
# of missed rows are in $work/missed then. If only some PARTS (a number) were to be measured, no row is missing.
report()
{
    machine >"$work/machine"
    : >"$work/missed"
    awk -v mode="$1" -v monitors="$(with_separator $monitors)" -v hanging="$(with_separator $hanging)" \
        -v machine="$work/machine" -v notes="$notes" -v wrong="$wrong" -v skipped="$skipped" \
        -v rows="$here/rows" -v missed_runs="$work/missed" -v json="$2" -v parts="$3" -v busy="$(is_busy && echo yes)" \
        -v seconds=$(($(date +%s) - began)) -f "$here/report.awk" \
        "$work/machine" "$notes" "$wrong" "$skipped" "$here/rows" "$samples"
}

# count_others: samples how many threads of other programs run. Those of the bench wait at this moment.
count_others()
{
    for i in 1 2 3 4 5; do
        sleep 0.02
        cut -d ' ' -f 4 /proc/loadavg
    done >>"$work/running"
}

# Succeeds if other programs used more than a quarter of the processors. `cut` was running too.
is_busy()
{
    [ -e "$work/running" ] &&
        awk -F / -v cores="$(nproc)" '{ sum += $1 - 1 } END { exit sum / NR <= cores / 4 }' "$work/running"
}

with_separator() { echo "$1" | sed 's/\(.\)\([0-9]\{3\}\)$/\1,\2/'; }
