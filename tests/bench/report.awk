# Reads `machine` (name, value), `notes`, `rows` and the samples, in this order. Prints the tables and
# writes them to the file `json`.

BEGIN { FS = "\t"; n_json = 0 }

FILENAME == machine { about[++n_about] = $1; value_of[$1] = $2; next }
FILENAME == notes { note[++n_notes] = $0; next }
FILENAME == rows {
    if ($0 !~ /^#/) row[++n_rows] = $0
    next
}
{
    sample[$1, $2, ++runs[$1, $2]] = $3 + 0
    if ($1 ~ /^(monitors\.|http\.uptick$)/ && !($2 in is_part) && $2 !~ /^(wall|cpu|peak)$/) {
        is_part[$2] = 1
        part[++n_parts] = $2
    }
}

# Returns the median of list[1..n], and sets min and max.
function summarise(list, n,    i, j, held)
{
    for (i = 2; i <= n; i++) {
        held = list[i]
        for (j = i - 1; j > 0 && list[j] > held; j--) list[j + 1] = list[j]
        list[j + 1] = held
    }
    min = list[1]; max = list[n]
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function median(run, figure,    list, i)
{
    for (i = 1; i <= runs[run, figure]; i++) list[i] = sample[run, figure, i]
    return summarise(list, runs[run, figure])
}
# Compares each run with the run of the same number, because a slow machine slows down both.
function median_pair(how, run, figure, other, other_figure,    list, i, n, a, b)
{
    n = runs[run, figure] < runs[other, other_figure] ? runs[run, figure] : runs[other, other_figure]
    for (i = 1; i <= n; i++) {
        a = sample[run, figure, i]
        b = sample[other, other_figure, i]
        list[i] = how == "ratio" ? a / b : a - b
    }
    return summarise(list, n)
}

function number(x)
{
    return sprintf(x >= 1000 ? "%.0f" : x >= 100 ? "%.1f" : "%.2f", x)
}
function spread(x)
{
    return number(x) " (" number(min) "-" number(max) ")"
}
function trim(text)
{
    gsub(/^ +| +$/, "", text)
    return text
}

# JSON, in pieces: members of an object, objects of a list.
function quote(text)
{
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/[\001-\037]/, " ", text)
    return "\"" text "\""
}
function figures(x)
{
    return sprintf("{\"median\": %.3f, \"min\": %.3f, \"max\": %.3f}", x, min, max)
}
function emit(text)
{
    printf "%s", text > json
}

function print_machine(    i)
{
    emit("{\n\"machine\": {")
    for (i = 1; i <= n_about; i++) {
        printf "%s%s: %s", (i > 1 ? " | " : ""), about[i], value_of[about[i]]
        emit((i > 1 ? ", " : "") quote(about[i]) ": " quote(value_of[about[i]]))
    }
    print ""
    emit("},\n\"rows\": [")
}

# Prints a row of the table, and adds an object to the list.
function print_row(line,    f, what, run, figure, how, other, other_figure, target, unit, x, shown, against, verdict, object)
{
    split(line, f, /\|/)
    what = trim(f[1]); run = trim(f[2]); figure = trim(f[3]); how = trim(f[4])
    other = trim(f[5]); other_figure = trim(f[6]); target = trim(f[7]); unit = trim(f[8])
    if (!((run, figure) in runs) || (other != "-" && !((other, other_figure) in runs))) return

    x = median(run, figure)
    shown = spread(x)
    object = "{\"what\": " quote(what) ", \"unit\": " quote(unit) ", \"runs\": " runs[run, figure] ", \"uptick\": " figures(x)
    against = ratio = "-"
    if (other != "-") {
        against = median(other, other_figure)
        object = object ", \"against\": " figures(against)
        against = spread(against)
    }
    if (how != "alone") {
        x = median_pair(how, run, figure, other, other_figure)
        ratio = spread(x)
        object = object ", " quote(how == "ratio" ? "ratio" : "difference") ": " figures(x)
    }
    verdict = target == "-" ? "" : x <= target + 0 ? "met" : "missed"
    if (target != "-") object = object ", \"target\": " target ", \"verdict\": " quote(verdict)
    printf "%-40s %-4s %-26s %-26s %-20s %-7s %s\n", what, unit, shown, against, ratio, target, verdict
    emit((n_json++ ? ",\n  " : "\n  ") object "}")
}

function print_rows(    i)
{
    printf "\n%-40s %-4s %-26s %-26s %-20s %-7s %s\n", "median (min-max)", "", "uptick", "reference", "ratio or difference", "target", "verdict"
    for (i = 1; i <= n_rows; i++) print_row(row[i])
    emit("\n],\n\"growth\": [")
}

# The exponent of growth from one column to the next. Times too short to measure have none.
function exponent(cost_a, cost_b, size_a, size_b)
{
    if (cost_a < 0.5 || cost_b < 0.5) return "-"
    return sprintf("%.2f", log(cost_b / cost_a) / log(size_b / size_a))
}
function highlight(e)
{
    return e != "-" && e > 1.1 ? e "!" : e
}
# A row of the table of growth: the cost of a part at each of three sizes, and the exponents between them.
function print_part(group, what, n, run, figure, size,    i, x, line, object, e)
{
    for (i = 1; i <= n; i++) if (!((run[i], figure[i]) in runs)) return
    object = "{\"with\": " quote(group) ", \"part\": " quote(what) ", \"sizes\": ["
    for (i = 1; i <= n; i++) {
        x[i] = median(run[i], figure[i])
        line = line sprintf(" %12s", number(x[i]))
        object = object (i > 1 ? ", " : "") "[" size[i] ", " sprintf("%.3f", x[i]) "]"
    }
    object = object "], \"exponents\": ["
    for (i = 2; i <= n; i++) {
        e = exponent(x[i - 1], x[i], size[i - 1], size[i])
        line = line sprintf(" %8s", highlight(e))
        object = object (i > 2 ? ", " : "") (e == "-" ? "null" : e)
    }
    printf "  %-38s%s\n", what, line
    emit((n_json++ ? ",\n  " : "\n  ") object "]}")
}
function print_growth(group, title, n, size, base,    i, p, run, figure)
{
    printf "\n%-40s", title
    for (i = 1; i <= n; i++) printf " %12s", size[i]
    for (i = 2; i <= n; i++) printf " %8s", "exponent"
    print ""
    for (p = 1; p <= n_parts; p++) {
        for (i = 1; i <= n; i++) { run[i] = base[i]; figure[i] = part[p] }
        print_part(group, part[p], n, run, figure, size)
    }
    for (i = 1; i <= n; i++) figure[i] = "wall"
    print_part(group, "whole tick", n, run, figure, size)
    for (i = 1; i <= n; i++) figure[i] = "cpu"
    print_part(group, "whole tick, CPU", n, run, figure, size)
    for (i = 1; i <= n; i++) run[i] = base[i] ".rebuild"
    print_part(group, "rebuild", n, run, figure, size)
}

function print_all_growth(    size, base)
{
    n_json = 0
    split("100\t1000\t10000", size); split("monitors.100\tmonitors.1000\thttp.uptick", base)
    print_growth("monitors", "ms by monitors (one minute, all due)", 3, size, base)
    split("1\t24\t2160", size); split("records.1\trecords.24\trecords.2160", base)
    print_growth("hours of records", "ms by hours of records (100 monitors)", 3, size, base)
    emit("\n],\n\"peers\": [")
}

# CPU and wall time for each check. For uptick, those of the whole tick.
function print_peer(what, run, checks,    wall, cpu)
{
    if (!((run, "cpu") in runs)) return
    if (!checks) checks = sample[run, "checks", 1]
    wall = median(run, "wall") * 1000 / checks
    cpu = median(run, "cpu") * 1000 / checks
    printf "  %-38s %12s %12s\n", what, number(cpu), number(wall)
    emit((n_json++ ? ",\n  " : "\n  ") sprintf("{\"what\": %s, \"checks\": %d, \"cpu_us\": %.1f, \"wall_us\": %.1f}", quote(what), checks, cpu, wall))
}
function print_peers()
{
    n_json = 0
    printf "\n%-40s %12s %12s\n", "us a check", "CPU", "wall"
    print_peer("HTTP: uptick, the whole tick", "http.uptick", 10000)
    print_peer("HTTP: reference", "http.reference", 10000)
    print_peer("HTTP: blackbox_exporter", "peer.exporter.http")
    print_peer("HTTP: check_http", "peer.check_http.http")
    print_peer("HTTP: check_curl", "peer.check_curl.http")
    print_peer("HTTPS: uptick, the whole tick", "https.uptick", 10000)
    print_peer("HTTPS: reference", "https.reference", 10000)
    print_peer("HTTPS: blackbox_exporter", "peer.exporter.https")
    print_peer("HTTPS: check_http (verifies nothing)", "peer.check_http.https")
    print_peer("HTTPS: check_curl -D", "peer.check_curl.https")
    emit("\n],\n\"notes\": [")
}

function print_notes(    i)
{
    for (i = 1; i <= n_notes; i++) {
        printf "%snote: %s\n", (i == 1 ? "\n" : ""), note[i]
        emit((i > 1 ? ", " : "") quote(note[i]))
    }
    emit("],\n\"seconds\": " seconds "\n}\n")
}

END {
    print_machine()
    print_rows()
    print_all_growth()
    print_peers()
    print_notes()
    printf "\n%d seconds in total; the same figures as JSON: %s\n", seconds, json
}
