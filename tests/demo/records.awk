# Writes the checks that the file "history" describes, below the folder in -v data=, to the archives of
# their days. The bytes are the same on each run. The moment of the demo is Tuesday, 24 November 2026,
# 09:32. Before the last two days there is one check in two intervals: so the domains have no gaps either,
# and the records of three months take a few seconds.
BEGIN { LAST = 9 * 60 + 32; split("31 28 31 30 31 30 31 31 30 31 30 31", lengths, " ") }

function minutes(clock) { return substr(clock, 1, 2) * 60 + substr(clock, 4, 2) }

# The date of so many days before 24 November 2026.
function date(days,    month, day)
{
    month = 11
    day = 24 - days
    while (day < 1)
        day += lengths[--month]
    return sprintf("2026-%02d-%02d", month, day)
}

function quoted(text)
{
    if (text !~ /[",]/)
        return text
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}

# The outage at this minute of this day: the last one in the file that covers it; 0: none.
function outage_at(days, minute,    i)
{
    for (i = n; i > 0; i--)
        if (days == on[i] && minute >= from[i] && minute < to[i])
            return i
    return 0
}

# A latency that is higher by day than at night, with some noise and a few high ones.
function latency_at(days, minute,    noise)
{
    noise = (minute * 7919 + days * 104729 + latency * 31) % 997
    return int(latency * (1 + 0.18 * sin((minute - 540) / 229) + noise / 4000 + (noise > 985 ? 2.2 : 0)))
}

function row_at(days, minute,    i)
{
    i = outage_at(days, minute)
    if (i && status[i] == "-")
        return ""
    if (!i)
        return "UP,200," latency_at(days, minute) ","
    if (status[i] == "UP") # slow
        return "UP,200," 1600 + minute * 37 % 700 "," quoted(failure[i])
    return status[i] "," (http[i] ? http[i] "," latency_at(days, minute) : ",") "," quoted(failure[i])
}

function write_day(days,    file, minute, row, day)
{
    day = date(days)
    file = data "/archive/" day "/" site "/" domain ".log"
    for (minute = 0; minute < (days ? 1440 : LAST); minute += days < 2 ? interval : 2 * interval)
        if ((row = row_at(days, minute)) != "")
            printf "%sT%02d:%02d:%sZ,%s,%s,%s\n", day, minute / 60, minute % 60, seconds, site, domain, row \
                > file
    close(file)
}

# Makes the folders of a site at once: a process for each takes longer than all the rows.
function make_folders(    days, folders)
{
    for (days = first; days >= 0; days--)
        folders = folders " " data "/archive/" date(days) "/" site
    system("mkdir -p" folders)
}

function write_monitor(    days)
{
    if (site)
        make_folders()
    for (days = first; site && days >= 0; days--)
        write_day(days)
}

$1 == "monitor" {
    write_monitor()
    site = $2; domain = $3; first = $4; interval = $5; seconds = $6; latency = $7
    n = 0
}
$1 == "outage" {
    n++
    on[n] = $2; from[n] = minutes($3); to[n] = minutes($4); status[n] = $5
    http[n] = $6 == "-" ? "" : $6
    failure[n] = $0
    sub(/^outage [0-9]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", failure[n])
}
END { write_monitor() }
