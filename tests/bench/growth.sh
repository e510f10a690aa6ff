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
    fresh_disk
    for n in 100 1000; do
        mkdir "$disk/grow$n"
        configure "$disk/grow$n/uptick.yaml" $n "interval_seconds: 60"
        "$build/records" "$disk/grow$n/data" $((n / 10)) 10 60 240 "$base_s"
        grow monitors.$n "$disk/grow$n/uptick.yaml" 60 $n
    done
}

# 100 monitors with an interval of five minutes, with records of these hours.
growth_with_records()
{
    say "growth with records"
    for hours in 1 24 2160; do
        mkdir "$disk/hours"
        configure "$disk/hours/uptick.yaml" 100 "interval_seconds: 300" "top=retention_days: 0"
        "$build/records" "$disk/hours/data" 10 10 300 $((hours * 12)) "$base_s"
        measured_at 0 records.$hours.rebuild \
            "$uptick" -c "$disk/hours/uptick.yaml" rebuild >/dev/null 2>&1
        grow records.$hours "$disk/hours/uptick.yaml" 300 100
        rm -rf "$disk/hours"
    done
}
