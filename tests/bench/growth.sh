# Measures how each part of a tick grows with the number of monitors and with the records.

# grow NAME CONFIG INTERVAL_S CHECKS: measures three ticks, an interval apart.
grow()
{
    warm_up 0 "$2"
    for round in 1 2 3; do
        tick "$1" $((round * $3)) "$2" "$4"
    done
}

growth_with_monitors()
{
    say "growth with monitors"
    for n in 100 1000; do
        mkdir "$work/grow$n"
        configure "$work/grow$n/uptick.yaml" $n "interval_seconds: 60"
        "$build/records" "$work/grow$n/data" $((n / 10)) 10 60 240 "$base_s"
        grow monitors.$n "$work/grow$n/uptick.yaml" 60 $n
    done
}

# 100 monitors with an interval of five minutes, with records of these hours.
growth_with_records()
{
    say "growth with records"
    for hours in 1 24 2160; do
        mkdir "$work/hours"
        configure "$work/hours/uptick.yaml" 100 "interval_seconds: 300" "top=retention_days: 0"
        "$build/records" "$work/hours/data" 10 10 300 $((hours * 12)) "$base_s"
        at 0 "$build/measure" "$samples" records.$hours.rebuild \
            "$uptick" -c "$work/hours/uptick.yaml" rebuild >/dev/null 2>&1
        grow records.$hours "$work/hours/uptick.yaml" 300 100
        rm -rf "$work/hours"
    done
}
