#!/bin/sh
# Goal of this test: the source tree keeps the rules of DESIGN.md and CONTRIBUTING.md.
# - a room includes only itself and the rooms below it; no circles, also between files of one room;
# - each exported name begins with the name of its file, and no name is used twice;
# - functions, include chains and the whole tree stay short; SQL and HTML are not in .c files;
# - the words are those of the glossary, in plain English (words.sh).
# usage: structure.sh [TREE]
set -u
tests=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$tests/..}" || exit 1

# The floors, from the ground up. A file may include its own room and every room on an earlier line,
# but no other room on its own line. A room is a folder of src/, or one file with its header.
floors='base
model/status model/reach model/retry_after records/ticks
model/check
model/code model/field
model/rule
config
model/bot_wall
model/exchange model/quote
model/expect_case model/expect_rule model/expect_url
model/nearest
model/expect_body model/expect_explain
model/expectation
model/event records/fields
model/confirm model/chain model/expiry_notice model/server_scope model/alert_story
model/follow model/alert
model/scheduler model/suspicion model/aggregator model/day_runs model/outage model/latency model/verdict template records/csv
lookup state
check
alert
dashboard/history
records
dashboard
commands
main'

# Only state/ includes <sqlite3.h>. Only check/ includes <curl/...> and <openssl/...>, and these files:
# for the syntax of URLs, for the files of certificates, for the versions of HTTP, for the hash in the URNs of a feed,
# for signatures, and for sending messages.
library_files='config/url.c config/path.c config/connection.c config/client_certificate.c dashboard/feed.c alert/sign.c alert/reply.h alert/sender.c alert/transport.c'

LIMIT_INCLUDES=6     # edges of the longest chain of includes that starts at a .c file
LIMIT_FUNCTION=42    # lines between the braces
LEAST_ASSERTS=60

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
find src -name '*.[ch]' | LC_ALL=C sort >"$work/all"
grep -v '^src/tools/' "$work/all" >"$work/program"
grep '\.c$' "$work/program" >"$work/sources"
: >"$work/details"
failed=0

# row WHAT COUNT LIMIT: prints a row of the table; a limit is "N" (at most), "N+" (at least) or "-".
row()
{
    verdict=
    case $3 in
    -) ;;
    *+) [ "$2" -ge "${3%+}" ] || verdict=missed ;;
    *) [ "$2" -le "$3" ] || verdict=missed ;;
    esac
    [ -z "$verdict" ] || failed=$((failed + 1))
    printf '%-58s %7s %7s  %s\n' "$1" "$2" "$3" "$verdict"
}

# found WHAT FILE: a row that must be 0, with the lines of FILE as its details.
found()
{
    row "$1" "$(wc -l <"$2" | tr -d ' ')" 0
    sed "s|^|$1: |" "$2" >>"$work/details"
}

# Reads the sources once. Writes a line KIND, tab, TEXT for each thing found.
# shellcheck disable=SC2046 # no file name has a space
awk -v floors="$floors" -v library_files="$library_files" -v limit_function=$LIMIT_FUNCTION '
BEGIN {
    n = split(library_files, word, " ")
    for (i = 1; i <= n; i++) library_file[word[i]]
    n = split(floors, line, "\n")
    for (i = 1; i <= n; i++) {
        m = split(line[i], word, " ")
        for (j = 1; j <= m; j++) floor_of[word[j]] = i
    }
}
# The room of a file: itself if it has a floor of its own, else its folder.
function room_of(path,    stem)
{
    stem = path
    sub(/\.[ch]$/, "", stem)
    if (stem in floor_of) return stem
    sub(/\/.*/, "", stem)
    return stem
}
function emit(kind, text) { print kind "\t" text }

FNR == 1 {
    if (FILENAME ~ /\.c$/ && !/^\/\*/) emit("opening", FILENAME)
    path = substr(FILENAME, 5)
    room = room_of(path)
    if (!(room in floor_of)) emit("floor", FILENAME ": its room \"" room "\" is on no floor")
    body = 0
}
/^#include "/ {
    header = $2
    gsub(/"/, "", header)
    emit("include", path " " header)
    below = room_of(header)
    if (below != room && (!(below in floor_of) || floor_of[below] >= floor_of[room]))
        emit("floor", FILENAME ": includes " header ", which is not on a lower floor")
}
/^#include <sqlite3/ && path !~ /^state\// { emit("library", FILENAME ": " $2) }
/^#include <(curl|openssl)\// && path !~ /^check\// && !(path in library_file) { emit("library", FILENAME ": " $2) }
/^# *if.*(TEST|CHECK)/ && FILENAME ~ /\.c$/ { emit("test code", FILENAME ":" FNR) }
/"[^"]*(<(div|span|html|head|body|table|a |p>|h[1-6])|SELECT |INSERT INTO|UPDATE .* SET|DELETE FROM|CREATE TABLE)/ {
    if (FILENAME ~ /\.c$/) emit("embedded", FILENAME ":" FNR ":" $0)
}
/(^|[^_a-zA-Z])assert\(/ { emit("assert", FILENAME) }
/\(spec/ { emit("spec", FILENAME ":" FNR) }
/(struct|enum|union) [a-z_0-9]+ \{$/ {
    match($0, /(struct|enum|union) [a-z_0-9]+ \{$/)
    emit("tag", substr($0, RSTART, RLENGTH - 2) " " FILENAME)
}
/^static .*[ *](settle|fill|take|give|keep|load|find|fail)\(/ { emit("bare verb", FILENAME ":" FNR ": " $0) }
/^\{$/ { body = FNR; next }
/^\}$/ && body {
    if (FNR - body - 1 > limit_function) emit("long function", FILENAME ":" body ": " FNR - body - 1 " lines")
    body = 0
}
/\/\*|^ *\*|^ +[A-Za-z].*\*\/$|\/\// { comments++ }
# A function or variable that is not static: its line begins in the first column.
/^[a-z].*\(/ && !/^(static|typedef|extern|_Static_assert|else|struct [a-z_0-9]+ \{|enum)/ && !/;$/ && FILENAME ~ /\.c$/ {
    head = $0
    sub(/\(.*/, "", head)
    sub(/^.*[ *]/, "", head)
    if (head != "") emit("definition", FILENAME " " head)
}
/^(const )?(struct |enum )?[a-z_0-9]+ \**[a-z_0-9]+(\[.*\])? = / && FILENAME ~ /\.c$/ {
    head = $0
    sub(/(\[.*)? = .*/, "", head)
    sub(/^.*[ *]/, "", head)
    emit("definition", FILENAME " " head)
}
END { emit("comments", int(1000 * comments / NR)) }
' $(cat "$work/program") >"$work/found"

kind() { awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' "$work/found"; }

# The edges that are part of a circle. Input: lines FROM TO.
circles()
{
    awk '
    { from[++n] = $1; to[n] = $2 }
    function reaches(a, b,    i)
    {
        if (a == b) return 1
        if (seen[a]++) return 0
        for (i = 1; i <= n; i++) if (from[i] == a && reaches(to[i], b)) return 1
        return 0
    }
    END {
        # What nothing uses, or what uses nothing, is in no circle.
        do {
            split("", out); split("", into); kept = 0
            for (i = 1; i <= n; i++) { out[from[i]]; into[to[i]] }
            for (i = 1; i <= n; i++)
                if ((to[i] in out) && (from[i] in into)) { from[++kept] = from[i]; to[kept] = to[i] }
            removed = n - kept; n = kept
        } while (removed)
        for (e = 1; e <= n; e++) { split("", seen); if (reaches(to[e], from[e])) print from[e] " uses " to[e] }
    }'
}

# Lines FROM TO: a file, and another one whose function or variable a function of it uses. A table of
# functions is no use of them: the code that calls them through the table does not know them.
uses()
{
    # shellcheck disable=SC2046 # no file name has a space
    awk '
    NR == FNR { defined_in[$2] = $1; next }
    FNR == 1 { split("", seen) }
    /^\{$/ { body = 1 }
    /^\}/ { body = 0 }
    body {
        gsub(/"([^"\\]|\\.)*"/, "")
        sub(/\/\*.*|^ \*.*/, "")
        n = split($0, word, /[^A-Za-z0-9_]+/)
        for (i = 1; i <= n; i++)
            if ((word[i] in defined_in) && !seen[word[i]]++ && defined_in[word[i]] != FILENAME)
                print FILENAME, defined_in[word[i]]
    }' "$work/exported" $(cat "$work/sources") | sort -u
}

kind floor >"$work/floors"
kind include >"$work/includes"
kind definition | LC_ALL=C sort -u >"$work/exported"
{ grep '\.h .*\.h$' "$work/includes"; uses; } | circles >"$work/circles"
sed 's/\.[ch]//g' "$work/includes" | awk -v floors="$floors" '
    BEGIN { split(floors, word, "[ \n]+"); for (i in word) own[word[i]] }
    function room(path) { if (!(path in own)) sub(/\/.*/, "", path); return path }
    { a = room($1); b = room($2); if (a != b) print a, b }' | sort -u | circles >"$work/room_circles"

# The longest chain, as "EDGES FILE HEADER...". A circle of headers would have no end, so 20 is one.
awk '
{ next_of[$1, ++n[$1]] = $2; if ($1 ~ /\.c$/) start[$1] }
function depth(path, level,    i, d, most)
{
    if (path in known) return known[path]
    if (level > 20) return 20
    via[path] = ""
    for (i = 1; i <= n[path]; i++)
        if ((d = 1 + depth(next_of[path, i], level + 1)) > most) { most = d; via[path] = next_of[path, i] }
    return known[path] = most + 0
}
END {
    for (path in start) if (depth(path, 0) > longest) { longest = depth(path, 0); first = path }
    for (text = first; via[first]; first = via[first]) text = text " " via[first]
    print longest + 0, text
}' "$work/includes" >"$work/chain"

awk '{
    stem = $1; sub(/^.*\//, "", stem); sub(/\.c$/, "", stem)
    if ($2 != stem && index($2, stem "_") != 1) print $1 ": " $2
}' "$work/exported" >"$work/prefixes"
kind tag | sort | awk '{ tag = $1 " " $2; if (tag == last) print tag ": " $3; last = tag }' >"$work/tags"
sed 's|^src/||; s|\.[ch]$||' "$work/all" | sort -u |
    awk '{ stem = $0; sub(/.*\//, "", stem); if (stem in seen) print stem ": " seen[stem] " and " $0; seen[stem] = $0 }' >"$work/names"
: >"$work/no_header"
while read -r file; do
    case $file in src/main.c | src/commands/cmd_*) continue ;; esac
    [ -e "${file%.c}.h" ] || echo "$file"
done <"$work/sources" >"$work/no_header"

for what in opening 'test code' embedded spec library 'long function' 'bare verb'; do
    kind "$what" >"$work/kind $what"
done

printf '%-58s %7s %7s\n' "structure of $(pwd | sed 's|.*/||')" count limit
found "files that include a room on no lower floor" "$work/floors"
found "uses in a circle of rooms" "$work/room_circles"
found "uses in a circle of files" "$work/circles"
row "longest chain of includes" "$(cut -d ' ' -f 1 "$work/chain")" $LIMIT_INCLUDES
[ "$(cut -d ' ' -f 1 "$work/chain")" -le $LIMIT_INCLUDES ] || sed 's/^/longest chain of includes: /' "$work/chain" >>"$work/details"
found "library headers outside their room" "$work/kind library"
found "exported names without the name of their file" "$work/prefixes"
found "struct, enum and union tags that are used twice" "$work/tags"
found "file names that are used twice" "$work/names"
found ".c files without a header of their own" "$work/no_header"
found ".c files that do not open with a comment" "$work/kind opening"
found ".c files with SQL, HTML or CSS" "$work/kind embedded"
found "test code in src/" "$work/kind test code"
found "functions of more than $LIMIT_FUNCTION lines" "$work/kind long function"
found "static functions named by a bare verb" "$work/kind bare verb"
found "references to a specification, \"(spec\"" "$work/kind spec"
row "asserts" "$(kind assert | wc -l | tr -d ' ')" $LEAST_ASSERTS+
# shellcheck disable=SC2046 # no file name has a space
row "lines of C" "$(cat $(cat "$work/all") | wc -l | tr -d ' ')" -
row ".c files" "$(wc -l <"$work/sources" | tr -d ' ')" -
row "comment lines in a thousand" "$(kind comments)" -
sh "$tests/words.sh" . "$work/details" || failed=$((failed + $?))

[ ! -s "$work/details" ] || { echo; cat "$work/details"; }
echo "structure: $failed limits missed"
[ "$failed" -eq 0 ]
