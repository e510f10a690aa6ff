#!/bin/sh
# Goal of this test: every example in the README and in the manual works as described there.
# - each YAML block is a configuration that validate accepts;
# - each command of the shell blocks runs, against a server on loopback;
# - uptick-templates(5) names each template;
# - nginx accepts the nginx block, and rebuild reads every row of the CSV block;
# - README, manual, cron/ and init have the same crontab line.
# usage: run.sh UPTICK AWKWARD
set -u
uptick=$1 awkward=$2
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
unset UPTICK_CONFIG
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-docs.XXXXXX") || exit 1
trap 'exec 9>&-; wait; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT PIPE TERM
mkfifo "$work/hold" && mkdir "$work/bin" && ln -s "$uptick" "$work/bin/uptick"
PATH=$work/bin:$PATH
passed=0
failed=0

# The server ends when its standard input is closed.
"$awkward" "$work/certificates" <"$work/hold" >"$work/ports" 2>/dev/null &
exec 9>"$work/hold"
tries=0
until grep -q '^http=' "$work/ports"; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "docs: the awkward server did not start"; exit 1; }
    sleep 0.05
done
port=$(sed -n 's/^http=//p' "$work/ports")

# expect WHAT COMMAND...: runs one example and counts it. If it fails, prints its output, which stays in
# "$work/output" until the next example.
expect()
{
    what=$1
    shift
    "$@" >"$work/printed" 2>&1
    status=$?
    mv "$work/printed" "$work/output"
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "docs: $what: status $status"
        sed 's/^/    /' "$work/output"
    fi
}

# blocks LANGUAGE FILE NAME: writes each block of that language in a Markdown file to NAME.1, NAME.2 ...
blocks()
{
    awk -v fence="^[\`][\`][\`]" -v language="$1" -v name="$3" '
        $0 ~ fence { open = !open && $0 == "```" language; if (open) out = name "." ++n; next }
        open { print > out }' "$2"
}

# displays FILE NAME: does the same for a manual page, which does not name languages.
displays()
{
    awk -v name="$2" '
        /^\.Bd -literal/ { open = 1; out = name "." ++n; next }
        /^\.Ed/ { open = 0 }
        open { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print > out }' "$1"
}

# Replaces the hosts of the examples with the server on loopback.
on_loopback()
{
    sed -e "s|https://shop.example/|http://127.0.0.1:$port/ok|" \
        -e "s|https://img.shop.example/health|http://127.0.0.1:$port/ok|" "$1"
}

# with_variables FILE COMMAND...: runs it with a value for each variable in the configuration: a URL
# if its name ends with that.
with_variables()
{
    example=$1
    shift
    # shellcheck disable=SC2046 # each is a word
    env $(sed -n -e 's|.*${\([A-Z_]*URL\)}.*|\1=https://127.0.0.1/x|p; t' \
        -e 's/.*${\([A-Z_]*\)}.*/\1=x/p' "$example") "$@"
}

# Makes the files that an example names as ${file:PATH}, in a folder of the test.
make_secrets()
{
    sed -n 's|.*${file:/[^}]*/\([a-z_]*\)}.*|\1|p' "$1" | while read -r name; do
        (umask 077 && echo x >"$work/secrets/$name")
    done
    sed "s|\${file:/[^}]*/|\${file:$work/secrets/|" "$1" >"$work/local" && mv "$work/local" "$1"
}

yaml_examples()
{
    mkdir "$work/yaml" "$work/secrets"
    blocks yaml README.md "$work/yaml/readme"
    displays docs/uptick.yaml.5 "$work/yaml/manual"
    for example in "$work"/yaml/*; do
        make_secrets "$example"
        expect "${example##*/} is a configuration" \
            with_variables "$example" uptick -c "$example" validate
    done
}

# Does what make demo does after it has built the programs. Its page is never out of date.
demo_example()
{
    expect "$1" sh "$root/tests/demo/demo.sh" "$(dirname "$uptick")" "$work/demo"
    expect "the demo prints the path of its page" grep -qxF "The dashboard is $work/demo/public/index.html" "$work/output"
    expect "the page of the demo is one of the past" \
        sh -c "grep -q 'As it was on' '$work/demo/public/index.html' && ! grep -q valid-until '$work/demo/public/index.html'"
    expect "the demo has sites that are up, down, degraded and unknown, and a certificate that ends soon" \
        sh -c "for word in UP DOWN DEGRADED UNKNOWN WARN; do grep -q \"\\\"\$word\\\"\" '$work/demo/public/status.json' || exit 1; done"
}

shell_examples()
{
    blocks sh README.md "$work/block"
    displays docs/uptick.1 "$work/display"
    cat "$work"/block.* | sed 's/ *#.*//' >"$work/lines"
    grep -h '^uptick ' "$work"/display.* >>"$work/lines"
    mkdir "$work/shell" && cd "$work/shell" || exit 1
    while read -r line; do
        case $line in
        'make demo') demo_example "$line" ;;
        '' | 'make '*) ;; # this test is a part of make check
        'uptick init')
            expect "$line" uptick init
            expect "init prints the crontab line" \
                grep -qxF "* * * * * $uptick -c $PWD/uptick.yaml tick" "$work/output"
            expect "the starter configuration" uptick validate
            on_loopback "$work/yaml/readme.1" >uptick.yaml
            ;;
        'uptick render --at '*)
            expect "$line" sh -c "$(echo "$line" | sed "s/--at [^ ]*/--at now/")"
            ;;
        *) expect "$line" sh -c "$line" ;;
        esac
    done <"$work/lines"
    expect "the dashboard of the README's own example is all up" \
        sh -c "uptick status --json | grep -q '\"status\": \"UP\"'"
    expect "the JUnit report is there" test -s report.xml
    expect "the past moment is there" test -s then/index.html
    cd "$root" || exit 1
}

# The rows are moved to the previous hour, because rows of the future are not counted.
csv_example()
{
    mkdir -p "$work/csv/data/live/shop"
    on_loopback "$work/yaml/readme.1" >"$work/csv/uptick.yaml"
    blocks csv README.md "$work/rows"
    hour=$(date -u -d "@$(($(date +%s) - 3600))" +%Y-%m-%dT%H)
    sed "s/^[^:]*/$hour/" "$work/rows.1" >"$work/csv/data/live/shop/www.log"
    expect "rebuild" uptick -c "$work/csv/uptick.yaml" rebuild
    expect "rebuild reads the rows" grep -q ' 2 rows' "$work/output"
}

# It listens on a socket in the folder, because a port may be in use.
nginx_example()
{
    blocks nginx README.md "$work/server"
    {
        echo "pid nginx.pid; error_log stderr; events {} http { access_log off;"
        for kind in client_body proxy fastcgi uwsgi scgi; do
            echo "${kind}_temp_path $kind;"
        done
        sed "s|listen [^;]*|listen unix:$work/nginx.sock|" "$work/server.1"
        echo "}"
    } >"$work/nginx.conf"
    nginx=$(command -v nginx || echo /usr/sbin/nginx)
    expect "the nginx block" "$nginx" -t -q -p "$work" -c "$work/nginx.conf"
}

crontab_example()
{
    blocks crontab README.md "$work/crontab"
    line=$(cat "$work/crontab.1")
    expect "cron/crontab.example has the README's line" grep -qxF "$line" cron/crontab.example
    expect "the manual has the README's line" grep -qxF "$line" docs/uptick.1
    expect "cron/uptick.cron.d has it with a user" \
        grep -qxF "$(echo "$line" | sed 's|\* /|* uptick /|')" cron/uptick.cron.d
}

# User templates: the text that the manual writes is on the pages.
template_examples()
{
    displays docs/uptick-templates.5 "$work/template"
    mkdir "$work/own" && cd "$work/own" || exit 1
    { echo "templates_dir: mine" && on_loopback "$work/yaml/readme.1"; } >uptick.yaml
    for example in "$work"/template.*; do
        sed "s|/usr/local/share/doc/uptick|$root|" "$example" >command
        expect "${example##*/} of uptick-templates" sh -e command
        [ -e data ] || expect "a tick with words of one's own" uptick tick
    done
    expect "the head line is the manual's" grep -q '<h1>Our shop is open</h1>' preview/index.html
    expect "each domain has the manual's line" \
        [ "$(grep -c '</h2><p>Outages in 90 days: 0</p>$' preview/site/shop.html)" = 2 ]
    cd "$root" || exit 1
}

# The command that lists the data. It needs jq, which may be missing.
model_example()
{
    line=$(sed -n 's/^\.Dl \(uptick render --print-model.*\)/\1/p' docs/uptick-templates.5 | sed 's/\\(dq/"/g')
    expect "the manual has a command that prints the model" [ -n "$line" ]
    command -v jq >/dev/null || line=${line% | *}
    cd "$work/own" && expect "$line" sh -c "$line"
    cd "$root" || exit 1
}

# The templates that a user can replace.
template_names()
{
    sed -n '/^\.Ss Files/,/^\.Ss/s/^\.It Pa //p' docs/uptick-templates.5 | sed 's/ , /\n/g' |
        grep -e '\.html$' -e '\.css$' -e '\.xml$' | LC_ALL=C sort >"$work/named"
    (cd templates && LC_ALL=C ls ./*.html ./*.css ./*.xml) | sed 's|^\./||' | LC_ALL=C sort >"$work/built_in"
    expect "uptick-templates names each template, and no other" diff "$work/named" "$work/built_in"
}

# The section about backups: its commands in their order. Its rows are those of the README's example.
backup_examples()
{
    sed -n '/^\.Sh BACKUP AND RESTORE/,/^\.Sh EXIT STATUS/p' docs/uptick.1 >"$work/section"
    displays "$work/section" "$work/backup"
    cd "$work/csv" || exit 1
    mkdir -p data/archive/2026-11-23/shop
    echo "2026-11-23T09:00:00.000Z,shop,www,UP,200,87," >data/live/shop/www.log.quarantine
    uptick tick >"$work/output" 2>&1 # makes the state
    rows=$(find data -name "*.log" ! -name events.log -exec cat {} + | wc -l)
    for example in "$work"/backup.*; do
        expect "${example##*/} of BACKUP AND RESTORE: $(cat "$example")" sh -e "$example"
    done
    expect "the restored data has all rows, and the one from quarantine" \
        grep -q " $((rows + 1)) rows" "$work/output"
    expect "the next tick finds nothing wrong" sh -c "test -z \"\$(uptick tick 2>&1)\""
    cd "$root" || exit 1
}

yaml_examples
shell_examples
template_examples
model_example
template_names
csv_example
nginx_example
crontab_example
backup_examples
echo "docs: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
