# report.awk rooms equivalent results: writes MUTATION.md; exits with 1 if too few mutants were killed
# or a file was not tried.
BEGIN { FS = "\t"; min = 90 }

FILENAME ~ /rooms$/ {
    if (split($0, word, " ") > 1 && word[1] ~ /^src/)
        files[++n_files] = word[1]
    next
}

# file, change, source line, reason why no test can notice it
FILENAME ~ /equivalent$/ {
    if ($0 !~ /^#/ && NF == 4)
        why[$1 FS $2 FS $3] = $4
    next
}
$6 == "invalid" || $6 == "same" { next }
{
    all[$1]++
    total++
    if ($6 != "survived") {
        killed[$1]++
        total_killed++
        if ($6 == "late")
            late++
        next
    }
    left[++n_left] = $0
    alike += ($1 FS $4 FS $5) in why
}

function cell(text) {
    gsub(/\|/, "\\|", text)
    return "`" text "`"
}

END {
    percent = total ? 100 * total_killed / total : 0
    print "# Mutation of the pure rooms\n"
    print "Written by `make mutation`; at least " min " % must be killed. A mutant is one small mistake in one file:"
    print "another operator, an inverted condition, a number one higher or lower, another return value, a"
    print "removed statement. It is killed if a unit test of the file fails or does not end (" late + 0 " of them)."
    print "A mutant that does not compile, or compiles to the same code, is not counted."
    if (sample)
        print "If a file has more than " sample " mutants, " sample " of them were tried, spread evenly; `ALL=1` tries all."
    print ""
    print "| file | mutants | killed | |"
    print "| --- | ---: | ---: | ---: |"
    for (i = 1; i <= n_files; i++) {
        if (files[i] in all)
            printf "| %s | %d | %d | %.1f %% |\n", files[i], all[files[i]], killed[files[i]],
                100 * killed[files[i]] / all[files[i]]
        else
            printf "| %s | not tried | | |\n", files[i]
        missing += !(files[i] in all)
    }
    printf "| **all** | **%d** | **%d** | **%.1f %%** |\n", total, total_killed, percent
    if (total > alike)
        printf "\nWithout the %d that no test can notice (below): %.1f %%.\n", alike,
            100 * total_killed / (total - alike)
    print "\n## Survivors\n"
    print "If no test can notice a mutant, because the program behaves the same, the last column has the reason.\n"
    print "| place | change | in the line | no test can notice it, because |"
    print "| --- | --- | --- | --- |"
    for (i = 1; i <= n_left; i++) {
        split(left[i], field, FS)
        printf "| %s:%d | %s | %s | %s |\n", field[1], field[3], cell(field[4]), cell(field[5]),
            why[field[1] FS field[4] FS field[5]]
    }
    exit percent < min || missing > 0
}
