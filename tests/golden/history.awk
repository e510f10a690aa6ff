# Writes the records that the file "history" describes, below the folder in -v data=. Rows of the last
# hour go to live/, the others to the archives of their days. The bytes are the same on each run.
function minutes(clock) { return substr(clock, 1, 2) * 60 + substr(clock, 4, 2) }

function quoted(text)
{
    if (text !~ /[",]/)
        return text
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}

# The outage at this minute of this day: the last one in the file that covers it; 0: none.
function outage_at(day, minute,    i)
{
    for (i = n; i > 0; i--)
        if (day == on[i] && minute >= from[i] && minute < to[i])
            return i
    return 0
}

function write_row(day, minute,    i, folder, timestamp, row)
{
    i = outage_at(day, minute)
    if (i && status[i] == "-")
        return
    timestamp = sprintf("2025-03-%02dT%02d:%02d:%sZ", day, minute / 60, minute % 60, seconds)
    folder = day == 12 && minute >= 840 ? "live" : "archive/" substr(timestamp, 1, 10)
    folder = data "/" folder "/" site
    if (!made[folder]++)
        system("mkdir -p " folder)
    row = timestamp "," site "," domain
    if (!i)
        row = row ",UP,200," latency + (minute * 7 + day * 3) % 40 + (minute % 385 ? 0 : 600) ","
    else
        row = row "," status[i] "," (http[i] ? http[i] "," latency : ",") "," quoted(failure[i])
    print row > (folder "/" domain ".log")
}

function write_monitor(    day, minute)
{
    for (day = first; site && day <= 12; day++)
        for (minute = 0; minute < (day == 12 ? 846 : 1440); minute += 5)
            write_row(day, minute)
}

$1 == "monitor" {
    write_monitor()
    site = $2; domain = $3; first = $4; seconds = $5; latency = $6
    n = 0
}
$1 == "outage" {
    n++
    on[n] = $2; from[n] = minutes($3); to[n] = minutes($4); status[n] = $5
    http[n] = $6 == "-" ? "" : $6
    failure[n] = $0
    sub(/^outage [0-9]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", failure[n])
    gsub(/<RLO>/, "\342\200\256", failure[n])
}
END { write_monitor() }
