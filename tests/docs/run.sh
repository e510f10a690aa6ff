#!/bin/sh
# Goal of this test: every example in the README and in the manual does what the text around it says.
# - each YAML block is a configuration that validate accepts;
# - each uptick command of the shell blocks runs, against a server on loopback;
# - the nginx block is one that nginx accepts, the CSV block one that rebuild reads whole;
# - the crontab lines of README, manual, cron/ and init are the same line.
# usage: run.sh UPTICK AWKWARD
set -u
uptick=$1 awkward=$2
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/uptick-docs.XXXXXX") || exit 1
mkfifo "$work/hold" && mkdir "$work/bin" && ln -s "$uptick" "$work/bin/uptick"
PATH=$work/bin:$PATH
passed=0
failed=0

# The server lives as long as its standard input.
"$awkward" "$work/certificates" <"$work/hold" >"$work/ports" 2>/dev/null &
exec 9>"$work/hold"
trap 'exec 9>&-; rm -rf "$work"' EXIT
tries=0
until grep -q '^http=' "$work/ports"; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { echo "docs: the awkward server did not start"; exit 1; }
    sleep 0.05
done
port=$(sed -n 's/^http=//p' "$work/ports")

# expect WHAT COMMAND...: counts one example, and shows what went wrong with it.
expect()
{
    what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "docs: $what: status $?"
        sed 's/^/    /' "$work/output"
    fi
}

# The blocks of one language in a Markdown file, each into a file of its own: blocks LANGUAGE FILE NAME.
blocks()
{
    awk -v language="$1" -v name="$3" '
        /^```/ { if (open) { open = 0; close(out) } else if ($0 == "```" language) { open = 1; out = name "." ++n } next_line = 1 }
        open && !/^```/ { print > out }' "$2"
}

# Sample hosts of the texts, on loopback.
on_loopback()
{
    sed -e "s|https://shop.example/|http://127.0.0.1:$port/body?Add+to+basket|" \
        -e "s|https://img.shop.example/health|http://127.0.0.1:$port/ok|" "$1"
}

yaml_examples()
{
    mkdir -p "$work/yaml"
    blocks yaml "$root/README.md" "$work/yaml/readme"
    for man in src/man/uptick.yaml.5; do
        awk -v name="$work/yaml/man" '
            /^\.Bd -literal/ { open = 1; out = name "." ++n; next }
            /^\.Ed/ { open = 0; close(out) }
            open { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print > out }' "$man"
    done
    for example in "$work"/yaml/*; do
        grep -q '^sites:' "$example" || continue
        SHOP_TOKEN=x TOKEN=x expect "${example##*/} is a configuration" uptick -c "$example" validate
    done
}

shell_examples()
{
    mkdir -p "$work/shell" && cd "$work/shell" || exit 1
    printf '#!/bin/sh\n[ "$1 $2 $3" = "s3 sync public/" ] && [ -e public/index.html ]\n' >"$work/bin/aws"
    chmod +x "$work/bin/aws"
    blocks sh "$root/README.md" "$work/block"
    cat "$work"/block.* | sed 's/ *#.*//' >"$work/lines"
    while read -r line; do
        case $line in
        'make demo' | 'make check') passed=$((passed + 1)) ;; # .ci/run runs both
        'uptick init')
            expect "$line" uptick init
            expect "the starter configuration" uptick validate
            on_loopback "$work/yaml/readme.1" >uptick.yaml
            ;;
        'uptick render --at '*)
            expect "$line" sh -c "$(echo "$line" | sed "s/--at [^ ]*/--at @$(date +%s)/")"
            ;;
        '') ;;
        *) expect "$line" sh -c "$line" ;;
        esac
    done <"$work/lines"
    expect "the dashboard of the README's own example is all up" \
        sh -c "uptick status --json | grep -q '\"status\": \"UP\"'"
    expect "the JUnit report is there" test -s report.xml
    expect "the past moment is there" test -s then/index.html
    cd "$root" || exit 1
}

csv_example()
{
    mkdir -p "$work/csv/data/live/shop"
    on_loopback "$work/yaml/readme.1" >"$work/csv/uptick.yaml"
    blocks csv "$root/README.md" "$work/rows"
    cp "$work/rows.1" "$work/csv/data/live/shop/www.log"
    expect "the rows are read" sh -c "uptick -c '$work/csv/uptick.yaml' rebuild | grep -q ' 2 rows'"
}

nginx_example()
{
    blocks nginx "$root/README.md" "$work/server"
    {
        echo "pid $work/nginx.pid; error_log stderr; events {} http { access_log off;"
        sed "s|listen 8080|listen 127.0.0.1:8080|" "$work/server.1"
        echo "}"
    } >"$work/nginx.conf"
    nginx=$(command -v nginx || echo /usr/sbin/nginx)
    expect "the nginx block" "$nginx" -t -q -p "$work" -c "$work/nginx.conf"
}

crontab_example()
{
    blocks crontab "$root/README.md" "$work/crontab"
    line=$(cat "$work/crontab.1")
    expect "cron/crontab.example has the README's line" grep -qxF "$line" cron/crontab.example
    expect "the manual has the README's line" grep -qxF "$line" src/man/uptick.1
    expect "cron/uptick.cron.d has it with a user" \
        grep -qxF "$(echo "$line" | sed 's|\* /|* uptick /|')" cron/uptick.cron.d
}

yaml_examples
shell_examples
csv_example
nginx_example
crontab_example
echo "docs: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
