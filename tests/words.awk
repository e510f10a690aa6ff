# words.awk words.allow FILE...: prints a line KIND, AREA, WORD, PLACE (separated by tabs) for each use
# of a word that the glossary replaces (KIND word), of a phrase that is not plain English (phrase), and
# of "where" (where). AREA is src, embedded, documents or tests.

function words_to(list, text,    i, n, word)
{
    n = split(text, word, " ")
    for (i = 1; i <= n; i++) list[word[i]]
}

BEGIN {
    # Replaced in names, comments and texts alike.
    words_to(anywhere, "turn turns course courses glyph glyphs digest digests intake heal heals healed healing " \
        "inherit inherits inherited recall recalls recalled seal seals sealed spare spares interruption interruptions " \
        "trouble troubles harmless doubted materials confine confines confined drain drains drained relieve flying")
    # Replaced in names only: in a sentence they are ordinary English.
    words_to(in_names, "own marks asked room rooms form forms note notes noted aside recent home " \
        "hands looking fly holds least most watch watches trust period periods timing tell tells told say says said " \
        "fades served vouched led frank")
    # Names that are replaced as a whole.
    words_to(names, "mark known turn_is memory_watch gave_up_one held_to look channels_persistent exit_as_bad_as_asked ticks_lack")
    words_to(phrases, "told tells said says stands lies behind anew lest")
    n_pairs = split("save that,of which,be had,otherwise than,least of,so many,as many,as far", pair, ",")
    # Names of the libraries and of the system.
    library = "^(X509|SSL|TLS|EVP|OPENSSL|CURL|curl_|sqlite3|SQLITE|yaml_|YAML|ZSTD|ares_|ARES|json_|JSON|BIO|ASN1|GENERAL|ERR_|PEM|sk_|pthread_|PTHREAD|AF_|SO_|IPPROTO|O_|S_IS|LOCK_|LC_|LANDLOCK|__|PR_|NI_|EAI_|AI_|HTTP_)"
}

FILENAME ~ /words\.allow$/ {
    if (NF > 2 && !/^#/) allowed[$1] = allowed[$1] " " $2
    next
}

FNR == 1 {
    in_comment = fenced = 0
    last = ""
    if (FILENAME ~ /\.(md|[1-9])$/) { area = "documents"; kind = "text" }
    else if (FILENAME ~ /^src\/.*\.[ch]$/) { area = "src"; kind = "c" }
    else if (FILENAME ~ /\.sql$/) { area = "embedded"; kind = "sql" }
    else if (FILENAME ~ /^templates\//) { area = "embedded"; kind = "template" }
    else { area = "tests"; kind = FILENAME ~ /\.([ch]|mjs)$/ ? "c" : "script" }
    if (FILENAME ~ /^tests\/.*\.md$/) area = "documents"
    file = FILENAME
    sub(/.*\//, "", file)
    if (area != "documents") name(file, ": the file name")
}

function emit(what, word,    i, n, path)
{
    n = split(allowed[word], path, " ")
    for (i = 1; i <= n; i++) if (index(FILENAME, path[i]) == 1) return
    print what "\t" area "\t" word "\t" FILENAME ":" FNR
}

# An identifier, part by part.
function name(text,    i, n, part)
{
    if (text ~ library) return
    text = tolower(text)
    if (text in names) emit("word", text)
    n = split(text, part, /[_.]/)
    for (i = 1; i <= n; i++) {
        if (part[i] == "aside" && i > 1 && part[i - 1] == "set") continue
        if (part[i] in anywhere || part[i] in in_names) emit("word", part[i])
        # Each of these is private in one room only, or outside one.
        if (part[i] ~ /^problems?$/ && FILENAME ~ /^src\// && FILENAME !~ /^src\/dashboard\//) emit("word", part[i])
        if (part[i] ~ /^places?$/ && FILENAME ~ /^src\/lookup\//) emit("word", part[i])
        if (part[i] ~ /^(un)?pack(s|ed|ing)?$/ && FILENAME ~ /^src\/records\//) emit("word", part[i])
        if (part[i] == "words" && (n > 1 && i == 1 || FILENAME ~ /^src\/dashboard\//)) emit("word", part[i])
    }
}

function code(text,    i, n, token)
{
    n = split(text, token, /[^A-Za-z0-9_]+/)
    for (i = 1; i <= n; i++) if (token[i] ~ /^[A-Za-z]/) name(token[i])
}

# A sentence, or the part of one that is on this line. A phrase of two words may begin on the line before.
function prose(text,    i, n, token, j, both)
{
    gsub(/\\f[BIRP]/, "", text)
    gsub(/\\[a-z]/, " ", text)
    n = split(tolower(text), token, /[^a-z0-9_]+/)
    for (i = 1; i <= n; i++) {
        if (token[i] == "") continue
        if ((token[i] in anywhere) && !ordinary(token[i], last)) emit("word", token[i])
        if (token[i] in phrases) emit("phrase", token[i])
        if (token[i] == "where") emit("where", token[i])
        both = last " " token[i]
        for (j = 1; j <= n_pairs; j++) if (both == pair[j]) emit("phrase", both)
        last = token[i]
    }
}

# "in turn", "of course", and the verb: "the page turns grey".
function ordinary(word, before)
{
    if (word ~ /^turns?$/) return before !~ /^(a|the|each|every|of|its|these|those|last|first|next|no|one|two)$/
    return word == "course" && before == "of"
}

function c(line,    at, token)
{
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            prose(at ? substr(line, 1, at - 1) : line)
            if (!at) return
            line = substr(line, at + 2)
            in_comment = 0
        } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) {
            code(substr(line, 1, RSTART - 1))
            token = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (token == "/*") { in_comment = 1; last = "" }
            else if (token == "//") { prose(line); return }
            else if (token ~ /^"/) prose(token)
        } else {
            code(line)
            return
        }
    }
}

function comment_after(sign, line,    at)
{
    at = index(line, sign)
    if (at) prose(substr(line, at + length(sign)))
    return at ? substr(line, 1, at - 1) : line
}

kind == "c" && !/^#include/ { c($0) }
kind == "sql" { code(comment_after("--", $0)) }
kind == "script" && (/^ *#/ || / # /) { comment_after("#", $0) }
kind == "script" && /(echo|print|printf|fail|check|expect|skip|note|say) .*["']/ && !/^ *#/ {
    match($0, /["'].*["']/)
    prose(substr($0, RSTART, RLENGTH))
}
kind == "template" && FILENAME !~ /yaml$/ {
    line = $0
    while (match(line, /\{\{[^}]*\}\}/)) {
        code(substr(line, RSTART, RLENGTH))
        line = substr(line, RSTART + RLENGTH)
    }
}
kind == "template" && FILENAME ~ /yaml$/ && /^[a-z_]+:/ { code(substr($0, 1, index($0, ":"))) }
kind == "template" && FILENAME !~ /\.de\.yaml$/ { prose($0) }
kind == "text" && !/^\.\\"/ { prose($0) }
