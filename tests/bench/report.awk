# Reads `machine` (name, value), `notes`, `wrong`, `skipped`, `rows` and the samples, in this order. Prints
# the tables and writes them to the file `json`. The last lines name each missed target, and the exit
# status is 1 if there is one. The runs of missed rows are in the file `missed_runs`.
#
# mode: "full" compares medians. "quick" compares minima, which depend less on what else a machine does,
# with a margin of 1.3. If busy is set, a ratio of wall times that misses is the fault of other programs.

BEGIN { FS = "\t"; n_json = n_missed = 0; margin = mode == "quick" ? 1.3 : 1 }

FILENAME == machine { about[++n_about] = $1; value_of[$1] = $2; next }
FILENAME == notes { note[++n_notes] = $0; next }
FILENAME == wrong { note[++n_notes] = $0; if (mode == "full") missed[++n_missed] = $0; next }
FILENAME == skipped { skipped_runs[$1]; next }
FILENAME == rows {
    if ($0 !~ /^#/) row[++n_rows] = $0
    next
}
{
    sample[$1, $2, ++runs[$1, $2]] = $3 + 0
    if ($1 ~ /^(monitors\.|http\.uptick$)/ && !($2 in is_part) && $2 !~ /^(wall|cpu|peak|written)$/) {
        is_part[$2] = 1
        part[++n_parts] = $2
    }
}

# Returns the median of list[1..n], or the minimum in quick mode. Sets min and max.
function summarise(list, n,    i, j, held)
{
    for (i = 2; i <= n; i++) {
        held = list[i]
        for (j = i - 1; j > 0 && list[j] > held; j--) list[j + 1] = list[j]
        list[j + 1] = held
    }
    min = list[1]; max = list[n]
    if (mode == "quick") return min
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
    if (mode == "quick") {
        a = median(run, figure)
        b = median(other, other_figure)
        return min = max = how == "ratio" ? a / b : a - b
    }
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

# Figures are in ms and MiB; a row may have another unit.
function in_unit(x, unit)
{
    return unit == "MB" ? x * 1.048576 : unit == "GB" ? x * 1.048576 / 1000 : x
}
function with_sizes(text)
{
    gsub(/\{monitors\}/, monitors, text)
    gsub(/\{hanging\}/, hanging, text)
    return text
}
# The fields of a row, as field["run"] and so on. Returns whether the row belongs to this mode.
function read_row(line,    f, n, i, name)
{
    n = split("title in run figure how other other_figure unit target readme", name, " ")
    split(line, f, /\|/)
    for (i = 1; i <= n; i++) field[name[i]] = trim(with_sizes(f[i]))
    return field["in"] == "both" || field["in"] == mode
}
function is_measured()
{
    return (field["run"], field["figure"]) in runs &&
        (field["other"] == "-" || (field["other"], field["other_figure"]) in runs)
}
function miss(text)
{
    missed[++n_missed] = text
    print field["run"] > missed_runs
}
function miss_unmeasured()
{
    if (parts > 0 || field["target"] == "-" || field["run"] in skipped_runs) return
    miss(field["title"] ": not measured")
}

# Returns what is compared with the target, and sets min and max.
function compared(    x)
{
    if (field["how"] == "alone") {
        x = median(field["run"], field["figure"])
        min = in_unit(min, field["unit"]); max = in_unit(max, field["unit"])
        return in_unit(x, field["unit"])
    }
    return median_pair(field["how"], field["run"], field["figure"], field["other"], field["other_figure"])
}
function judge(x,    allowed)
{
    if (field["target"] == "-") return ""
    allowed = field["target"] * margin
    if (x <= allowed) return "met"
    if (busy && mode == "quick" && field["how"] == "ratio" && field["figure"] == "wall") return "busy"
    miss(field["title"] ": " number(x) (field["how"] == "ratio" ? " x" : " " field["unit"]) ", target " field["target"] (margin > 1 ? " with a margin of " margin : ""))
    return "missed"
}
function member(name, value)
{
    return ", " quote(name) ": " value
}

# Prints a row of the table, and adds an object to the list.
function print_row(    x, shown, against, ratio, verdict, object, unit)
{
    unit = field["unit"]
    x = in_unit(median(field["run"], field["figure"]), unit)
    min = in_unit(min, unit); max = in_unit(max, unit)
    shown = spread(x)
    object = "{\"what\": " quote(field["title"]) member("unit", quote(unit)) member("runs", runs[field["run"], field["figure"]]) member("uptick", figures(x))
    against = ratio = "-"
    if (field["other"] != "-") {
        x = in_unit(median(field["other"], field["other_figure"]), unit)
        min = in_unit(min, unit); max = in_unit(max, unit)
        object = object member("compared with", quote(field["other"])) member("against", figures(x))
        against = spread(x)
    }
    x = compared()
    if (field["how"] != "alone") {
        ratio = spread(x)
        object = object member(field["how"] == "ratio" ? "ratio" : "difference", figures(x))
    }
    verdict = judge(x)
    if (verdict) object = object member("target", field["target"]) member("verdict", quote(verdict))
    if (field["readme"] != "-") object = object member("readme", quote(field["readme"]))
    printf "%-46s %-4s %-24s %-24s %-20s %-7s %s\n", field["title"], unit, shown, against, ratio, field["target"], verdict
    emit((n_json++ ? ",\n  " : "\n  ") object "}")
}

function print_rows(    i)
{
    printf "\n%-46s %-4s %-24s %-24s %-20s %-7s %s\n", "median (min-max)", "", "uptick", "reference", "ratio or difference", "target", "verdict"
    for (i = 1; i <= n_rows; i++) {
        if (!read_row(row[i])) continue
        if (is_measured()) print_row()
        else miss_unmeasured()
    }
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

function print_missed(    i)
{
    for (i = 1; i <= n_missed; i++) print "missed: " missed[i]
}

END {
    print_machine()
    print_rows()
    if (mode == "full") print_all_growth()
    else emit("\n],\n\"peers\": [")
    if (mode == "full") print_peers()
    else emit("\n],\n\"notes\": [")
    print_notes()
    printf "\n%d seconds in total; the same figures as JSON: %s\n", seconds, json
    print_missed()
    exit n_missed > 0
}
