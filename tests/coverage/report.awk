# report.awk rooms figures.csv: the page of the figures, and 1 where a room reaches less than it must.
BEGIN {
    full_lines = 100
    full_branches = 95
    all_lines = 95
}

FILENAME ~ /rooms$/ {
    if ($1 != "" && $1 !~ /^#/) {
        room[++n_rules] = $1
        part[n_rules] = $2
    }
    next
}
FNR == 1 { FS = ","; next }
{
    split($0, field, ",")
    name = "others"
    for (r = n_rules; r > 0; r--)
        if (index(field[1], part[r]) == 1)
            name = room[r]
    if (!(name in lines))
        rooms[++n_rooms] = name
    row[name, ++n_files[name]] = line(field[1], "", field[2], field[3], field[5], field[6])
    lines[name] += field[2]; lines_hit[name] += field[3]
    branches[name] += field[5]; branches_hit[name] += field[6]
    lines["all"] += field[2]; lines_hit["all"] += field[3]
    branches["all"] += field[5]; branches_hit["all"] += field[6]
}

# Rounded down, so that 100 % means all of them.
function percent(hit, of) { return of ? sprintf("%.1f %%", int(1000 * hit / of) / 10) : "" }

function line(name, bold, l, lh, b, bh) {
    return "| " bold name bold " | " lh " of " l " | " percent(lh, l) " | " bh " of " b " | " percent(bh, b) " |"
}

function total(name) {
    return line(name, "**", lines[name], lines_hit[name], branches[name], branches_hit[name])
}

function need(name, hit, of, least, what) {
    if (100 * hit >= least * of)
        return
    missed = missed "- " name ": " percent(hit, of) " of the " what ", where " least " % must be\n"
}

END {
    print "# Coverage\n"
    print "Written by `make coverage`: the unit tests, the end-to-end tests and those of the documents, run on a"
    print "program built without optimization by gcc. A branch is a way out of a condition as gcc sees it: each"
    print "operand of `&&` and `||` has two; those on lines without code of their own are not counted. Nothing is marked to be left out,"
    print "but src/tools/ is no part of the program. The pure rooms, state and records must reach " full_lines " % of"
    print "their lines and " full_branches " % of their branches, all of the program " all_lines " % of its lines.\n"
    print "| file | lines | | branches | |"
    print "| --- | ---: | ---: | ---: | ---: |"
    for (r = 1; r <= n_rooms; r++) {
        name = rooms[r]
        for (i = 1; i <= n_files[name]; i++)
            print row[name, i]
        print total(name)
        if (name == "others")
            continue
        need(name, lines_hit[name], lines[name], full_lines, "lines")
        need(name, branches_hit[name], branches[name], full_branches, "branches")
    }
    print total("all")
    need("all", lines_hit["all"], lines["all"], all_lines, "lines")
    if (missed)
        printf "\nMissed:\n\n%s", missed
    exit missed != ""
}
