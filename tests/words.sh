#!/bin/sh
# Goal of this test: code and texts use the words of the glossary, in plain English.
# - names, comments and messages use no word that the glossary replaces;
# - comments, messages and documents use no phrase that words.awk lists.
# tests/words.allow names the exceptions, with a reason for each.
# usage: words.sh [TREE [DETAILS]]    prints rows of the table of structure.sh; adds to the file DETAILS
# each word with its number of uses and its first one, or, with ALL=1, each use
set -u
tests=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$tests/..}" || exit 1
details=${2:-/dev/stdout}
allow=$tests/words.allow
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# shellcheck disable=SC2046 # no file name has a space
awk -f "$tests/words.awk" "$allow" $(find src sql templates docs tests cron -name '*.[ch]' -o -name '*.sql' \
    -o -name '*.html' -o -name '*.xml' -o -name '*.svg' -o -path 'templates/*.yaml' -o -name '*.[1-9]' -o -name '*.sh' \
    -o -name '*.mk' -o -name '*.awk' -o -name '*.mjs' 2>/dev/null | grep -v -e '/corpus/' -e '^tests/words' -e '/golden/expected' |
    LC_ALL=C sort) $(ls ./*.md tests/*.md Makefile .ci/run 2>/dev/null | sed 's|^\./||') >"$work/found"

# row WHAT LIMIT KIND AREA: a row of the table; see structure.sh.
row()
{
    awk -F '\t' -v kind="$3" -v area="$4" '$1 == kind && $2 == area' "$work/found" >"$work/these"
    count=$(wc -l <"$work/these" | tr -d ' ')
    verdict=
    if [ "$2" != - ] && [ "$count" -gt "$2" ]; then
        verdict=missed
        failed=1
        list "$1" >>"$details"
    fi
    printf '%-58s %7s %7s  %s\n' "$1" "$count" "$2" "$verdict"
}

list()
{
    if [ "${ALL:-}" ]; then
        awk -F '\t' -v what="$1" '{ print what ": " $3 ": " $4 }' "$work/these"
    else
        awk -F '\t' -v what="$1" '
            !n[$3]++ { word[++words] = $3; first[$3] = $4 }
            END { for (i = 1; i <= words; i++) print what ": " word[i] ": " n[word[i]] ", first in " first[word[i]] }' \
            "$work/these" | sort
    fi
}

row "words that the glossary replaces, in src/" 0 word src
row "words ... in sql/ and in the names of templates/" 0 word embedded
row "words ... in the manual and in *.md" 0 word documents
row "words ... in tests/" - word tests
row "phrases that are not plain English, in src/" 0 phrase src
row "phrases ... in sql/ and templates/" 0 phrase embedded
row "phrases ... in the manual and in *.md" 0 phrase documents
row "phrases ... in tests/ and the Makefile" - phrase tests
row "\"where\", which may stand for a condition, in src/" - where src
row "... in the manual and in *.md" - where documents
exit $failed
