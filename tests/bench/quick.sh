# make bench-quick: a few of the rows at a fifth of the size. The files are in memory, because a slow disk,
# which other programs use too, would decide. Each figure is the best of several tries. If a row misses,
# its ticks are repeated once, and the best of all tries counts.

quick_http() { in_turn 7 0; }
quick_hang() { hang 1; }
quick_idle() { idle_ticks; }
quick_hour()
{
    for try in 1 2 3; do
        end_of hour.quick "$hour_s" "$disk/hour" true
        rm -rf "$disk/hour"
    done
}

# repeat: measures the rows that miss again.
repeat()
{
    sed 's/\..*//; s/down/http/' "$work/missed" | sort -u >"$work/again"
    while read -r series; do
        say "again: $series"
        "quick_$series"
    done <"$work/again"
}

quick()
{
    prepare_ticks
    say "http"
    quick_http
    look_at_rows "$folder" UP $((minute * monitors))
    look_at_rows "$down_folder" DOWN $((minute * monitors))
    for series in hour hang idle; do
        say "$series"
        "quick_$series"
    done
    report quick "$build/bench-quick.json" 0 >/dev/null || repeat
    report quick "$build/bench-quick.json" 0
}
