# report.awk rooms figures.csv: writes COVERAGE.md; exits with 1 if a room reaches less than it must.
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

# Rounded down, so that 100 % means all.
function percent(hit, of) { return of ? sprintf("%.1f %%", int(1000 * hit / of) / 10) : "" }

function line(name, bold, l, lh, b, bh) {
    return "| " bold name bold " | " lh " of " l " | " percent(lh, l) " | " bh " of " b " | " percent(bh, b) " |"
}

function total(name) {
    return line(name, "**", lines[name], lines_hit[name], branches[name], branches_hit[name])
}

function need(name, hit, of, min, what) {
    if (100 * hit >= min * of)
        return
    missed = missed "- " name ": " percent(hit, of) " of the " what "; it must be " min " %\n"
}

END {
    print "# Coverage\n"
    print "Written by `make coverage`, which runs the unit tests, the end-to-end tests and the examples of the documents on a"
    print "program built by gcc without optimisation. A branch is one way out of a condition, as gcc counts them: each operand of"
    print "`&&` and `||` has two. Branches on lines without code of their own are not counted. No line is excluded; src/tools/ is"
    print "not part of the program. The pure rooms, state and records must reach " full_lines " % of their lines and " full_branches " % of their branches,"
    print "the whole program " all_lines " % of its lines.\n"
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
