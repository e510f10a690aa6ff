# figures.awk bench.json README.md: prints the README with the table of figures between the two marks.
# It reads what report.awk writes: one line for the machine, and one for each row.

# Returns the text or the number that follows a name in this line, or "".
function value(line, name,    at)
{
    at = index(line, "\"" name "\": ")
    if (!at) return ""
    line = substr(line, at + length(name) + 4)
    if (sub(/^"/, "", line)) sub(/".*/, "", line)
    else sub(/[,}].*/, "", line)
    return line
}
function median(line, name,    at)
{
    at = index(line, "\"" name "\": {")
    return at ? value(substr(line, at), "median") : ""
}
function with_unit(x, unit)
{
    x += 0
    if (unit == "ms" && x >= 100) return sprintf("%.2f s", x / 1000)
    return sprintf(unit == "GB" ? "%.2f %s" : "%.0f %s", x, unit)
}

FNR == 1 { n_files++ }
n_files == 1 && /^"machine"/ {
    processor = value($0, "processor")
    gsub(/\([A-Z]+\)| [0-9]+-Core Processor.*/, "", processor)
    head = value($0, "cores") " cores, " processor "; measured " value($0, "date") " with `make bench` on commit " value($0, "commit")
}
n_files == 1 && /"readme": / {
    unit = value($0, "unit")
    alone = value($0, "compared with") ~ /reference|lookups/ ? with_unit(median($0, "against"), unit) : ""
    row[++n_rows] = value($0, "readme") " | " with_unit(median($0, "uptick"), unit) " |" (alone ? " " alone : "") " |"
}

n_files != 2 { next }
/^<!-- end of the figures -->$/ { generated = 0 }
!generated { print }
/^<!-- figures: / {
    generated = marked = 1
    print "\n| " head " | uptick | the requests or lookups alone |\n| --- | --- | --- |"
    for (i = 1; i <= n_rows; i++) print "| " row[i]
    print ""
}

END {
    if (!marked) print "figures: README.md does not have the marks" > "/dev/stderr"
    if (n_rows > 10) print "figures: " n_rows " rows for the README; it has ten at most" > "/dev/stderr"
    if (!marked || n_rows > 10) exit 1
}
