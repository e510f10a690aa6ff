# Measures other tools on the same pages of the same servers: prometheus-blackbox-exporter, and
# check_http and check_curl of monitoring-plugins, each used as its documentation recommends.

peers()
{
    say "peers"
    peers_folder=$build/peers
    sh "$here/fetch_peers.sh" "$peers_folder" || note "peers: could not be downloaded"
    exporter=$(peer /usr/bin/prometheus-blackbox-exporter)
    [ -z "$exporter" ] || peer_exporter
    check_http=$(peer /usr/lib/nagios/plugins/check_http)
    [ -z "$check_http" ] || peer_check_http
    check_curl=$(peer /usr/lib/nagios/plugins/check_curl)
    [ -z "$check_curl" ] || peer_check_curl
}

# Prints the path of a program: the installed one, or else the downloaded one.
peer()
{
    for program in "$1" "$peers_folder$1"; do
        [ -x "$program" ] && { echo "$program"; return; }
    done
}

# probes FILE SCHEME COUNT
probes()
{
    head -n "$3" "$work/$2.urls" | awk -v port="$exporter_port" '{
        gsub(/:/, "%3A"); gsub(/\//, "%2F")
        print "http://127.0.0.1:" port "/probe?module=http_2xx&target=" $0
    }' >"$1"
}

# cpu_of PID: prints the CPU time that a process has used so far, in ms.
cpu_of()
{
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%d\n", ($12 + $13) * 1000 / hz }' "/proc/$1/stat"
}

# probe SCHEME COUNT: five requests in flight for each thread. The CPU is that of the exporter only.
probe()
{
    probes "$work/probes" "$1" "$2"
    "$build/reference" -n 5 -s "probe_success 1" "$work/probes" >/dev/null || true
    before=$(cpu_of "$exporter_pid")
    in_hand "$build/measure" "$work/probe.samples" "peer.exporter.$1" \
        "$build/reference" -n 5 -s "probe_success 1" "$work/probes" >"$work/answered" ||
        note "blackbox_exporter, $1: only $(cat "$work/answered") succeeded"
    after=$(cpu_of "$exporter_pid")
    awk -F '\t' '$2 == "wall"' "$work/probe.samples" >>"$samples"
    rm "$work/probe.samples"
    printf 'peer.exporter.%s\tcpu\t%d\npeer.exporter.%s\tchecks\t%d\n' \
        "$1" $((after - before)) "$1" "$2" >>"$samples"
}

peer_exporter()
{
    printf 'modules:\n  http_2xx:\n    prober: http\n' >"$work/blackbox.yml"
    SSL_CERT_FILE=$work/bundle.pem serve "$work/exporter.log" "$exporter" \
        --config.file="$work/blackbox.yml" --web.listen-address="127.0.0.1:$exporter_port"
    exporter_pid=$served
    echo "http://127.0.0.1:$exporter_port/-/healthy" >"$work/healthy"
    wait_for blackbox_exporter "$build/reference" "$work/healthy"
    probe http 2000
    probe https 1000
}

# plugin NAME COUNT COMMAND...: runs COUNT processes, two at a time, with one address each.
plugin()
{
    name=peer.$1 count=$2
    shift 2
    addresses_of 0 | awk -v n="$count" '{ all[NR] = $0 } END { for (i = 0; i < n; i++) print all[i % NR + 1] }' \
        >"$work/addresses"
    measured "$name" xargs -a "$work/addresses" -P 2 -n 1 "$@" >"$work/printed" 2>&1 ||
        note "$name: $(grep -v OK "$work/printed" | head -n 1)"
    printf '%s\tchecks\t%d\n' "$name" "$count" >>"$samples"
}

peer_check_http()
{
    plugin check_http.http 300 "$check_http" -p "$http_port" -u /0 -I
    plugin check_http.https 300 "$check_http" -S -p "$https_port" -u /0 -I
}

# Verification is off by default, and needs an option for the bundle.
peer_check_curl()
{
    fetched=$(echo "$peers_folder"/usr/lib/*-linux-*)
    set -- env LD_LIBRARY_PATH="$fetched" "$check_curl" -p
    plugin check_curl.http 300 "$@" "$http_port" -u /0 -I
    plugin check_curl.https 200 "$@" "$https_port" -S -D --ca-cert="$work/bundle.pem" -u /0 -I
}
