/* uptick status: the present state, for a person at a terminal or, as status.json, for a program.
 */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "dashboard/status_json.h"
#include "dashboard/snapshot.h"
#include "state/monitors.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the sites that have problems so many are named. */
enum { NAMED = 10 };

struct table {
    const struct snapshot *snapshot;
    int name_width;
    bool colours;
};

static const char *colour(enum status status)
{
    static const char *const codes[STATUS_COUNT] = {
        [STATUS_UNKNOWN] = "\033[2m",   [STATUS_UP] = "\033[32m",
        [STATUS_DEGRADED] = "\033[33m", [STATUS_BOT_DETECTED] = "\033[33m",
        [STATUS_DOWN] = "\033[1;31m",   [STATUS_TIMEOUT] = "\033[1;31m",
    };

    return codes[status];
}

static bool wants_colours(void)
{
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: any text but none */
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

/* Room for the longest name, a domain's being indented by two. */
static int name_width(const struct config *config)
{
    size_t width = 0;

    for (size_t i = 0; i < config->n_sites; i++) {
        size_t length = strlen(config->sites[i].id);

        width = length > width ? length : width;
    }
    for (size_t i = 0; i < config->n_domains; i++) {
        size_t length = strlen(config->domains[i].id) + 2;

        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_status(const struct table *table, enum status status)
{
    if (table->colours)
        printf("%s%-12s\033[0m", colour(status), status_name(status));
    else
        printf("%-12s", status_name(status));
}

static void print_site(const struct table *table, const struct site_view *view)
{
    printf("%-*s  ", table->name_width, view->site->id);
    print_status(table, view->status);
    for (int span = 0; span < SPANS; span++) {
        const struct uptime *uptime = &view->uptime[span];
        char text[32] = "no data";

        if (uptime->known)
            snprintf(text, sizeof text, "%d.%03d %%", uptime->uptime / 1000, uptime->uptime % 1000);
        printf("  %s %*s", snapshot_span_name((enum span)span), span < SPANS - 1 ? -9 : 0, text);
    }
    putchar('\n');
}

/* "12 s ago", in the largest unit of which there are two or more. */
static void write_age(char text[32], int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{MS_PER_DAY, "d"}, {MS_PER_HOUR, "h"}, {MS_PER_MINUTE, "min"}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (ms >= 2 * units[i].ms) {
            snprintf(text, 32, "%lld %s ago", (long long)(ms / units[i].ms), units[i].name);
            return;
        }
    }
    snprintf(text, 32, "%lld s ago", ms > 0 ? (long long)(ms / MS_PER_SECOND) : 0);
}

static void print_domain(const struct table *table, const struct domain_view *view)
{
    const struct recorded *last = view->last;
    char age[32], latency[32] = "-", failure[FAILURE_MAX];

    printf("  %-*s  ", table->name_width - 2, view->domain->id);
    print_status(table, view->status);
    if (!last) {
        puts("  never checked");
        return;
    }
    write_age(age, table->snapshot->at_ms - last->start_ms);
    if (last->latency_ms >= 0)
        snprintf(latency, sizeof latency, "%d ms", last->latency_ms);
    text_one_line(failure, sizeof failure, last->failure, strlen(last->failure));
    printf("  %10s  %9s%s%s\n", age, latency, *failure ? "  " : "", failure);
}

static bool has_problems(const struct site_view *view)
{
    return status_severity(view->status) >= status_severity(STATUS_DEGRADED);
}

static void print_problems(const struct snapshot *snapshot, size_t n_mistakes)
{
    size_t named = 0;

    printf("%zu of %zu site%s %s problems", n_mistakes, snapshot->n_sites,
           snapshot->n_sites == 1 ? "" : "s", n_mistakes == 1 ? "has" : "have");
    for (size_t i = 0; i < snapshot->n_sites && named < NAMED; i++) {
        if (has_problems(&snapshot->sites[i]))
            printf("%s%s", named++ ? ", " : ": ", snapshot->sites[i].site->id);
    }
    if (n_mistakes > named)
        printf(" and %zu more", n_mistakes - named);
}

static void print_overall(const struct table *table)
{
    const struct snapshot *snapshot = table->snapshot;
    size_t n_mistakes = 0, n_unknown = 0, n = snapshot->n_sites;

    for (size_t i = 0; i < n; i++) {
        n_mistakes += has_problems(&snapshot->sites[i]);
        n_unknown += snapshot->sites[i].status == STATUS_UNKNOWN;
    }
    if (table->colours)
        fputs(colour(snapshot->status), stdout);
    if (n_mistakes)
        print_problems(snapshot, n_mistakes);
    else if (n_unknown)
        printf("No recent news of %zu of %zu site%s", n_unknown, n, n == 1 ? "" : "s");
    else if (n == 1)
        fputs("The one site is up", stdout);
    else
        printf("All %zu sites are up", n);
    puts(table->colours ? "\033[0m" : "");
}

static void print_count(int64_t n, const char *behind)
{
    char text[TEXT_NUMBER_MAX];

    text_count((uint64_t)n, text);
    printf("%s%s", text, behind);
}

static void print_last_tick(const struct snapshot *snapshot)
{
    const struct ticks_record *last = &snapshot->ticks.last;
    char start[CLOCK_TEXT_MAX], duration[TEXT_NUMBER_MAX];

    clock_write_seconds(last->start_ms, start);
    text_duration(last->duration_ms, duration);
    printf("Last tick ");
    if (clock_floor_div(last->start_ms, MS_PER_DAY) != clock_floor_div(snapshot->at_ms, MS_PER_DAY))
        printf("%.10s ", start);
    printf("%.5s UTC: ", start + 11);
    print_count(last->checks_done, last->checks_done == 1 ? " check in " : " checks in ");
    printf("%s", duration);
    if (last->left_over) {
        printf(", ");
        print_count(last->left_over, " left for the next tick");
    }
}

/* The same as the dashboard's foot says. */
static void print_ticks(const struct table *table)
{
    const struct ticks *ticks = &table->snapshot->ticks;
    bool coloured = table->colours && (ticks->last.left_over > 0 || ticks_missing(ticks));

    if (!ticks->known)
        return;
    printf("\n%s", coloured ? colour(STATUS_DEGRADED) : "");
    print_last_tick(table->snapshot);
    printf("; ");
    print_count(ticks->counted, " of ");
    print_count(ticks->expected, " ticks in the last 24 hours");
    puts(coloured ? "\033[0m" : "");
}

static void print_table(const struct snapshot *snapshot)
{
    struct table table = {snapshot, name_width(snapshot->config), wants_colours()};

    print_overall(&table);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *site = &snapshot->sites[i];

        putchar('\n');
        print_site(&table, site);
        for (size_t d = 0; d < site->n_domains; d++)
            print_domain(&table, &site->domains[d]);
    }
    print_ticks(&table);
}

static int print_json(const struct snapshot *snapshot, struct error *error)
{
    struct buffer json = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result = status_json_write(snapshot, &json, error);

    if (result == 0)
        fwrite(json.data, 1, json.size, stdout);
    buffer_free(&json);
    return result;
}

static int take_snapshot(const struct config *config, struct snapshot **snapshot,
                         struct error *error)
{
    char path[PATH_MAX];
    struct storage *storage;
    enum storage_health health;
    int64_t now_ms = clock_now();

    snprintf(path, sizeof path, "%s/state.db", config->data_dir);
    if (storage_open(&storage, path, STORAGE_READ_ONLY, config, &health, error))
        return -1;
    *snapshot = snapshot_take(storage, config, now_ms, error);
    storage_close(storage);
    if (!*snapshot)
        return -1;
    ticks_read(config->data_dir, now_ms, NULL, &(*snapshot)->ticks);
    return 0;
}

static int print_state(const struct config *config, bool json, struct error *error)
{
    struct snapshot *snapshot = NULL;
    int result = 0;

    if (take_snapshot(config, &snapshot, error))
        return -1;
    if (json)
        result = print_json(snapshot, error);
    else
        print_table(snapshot);
    snapshot_free(snapshot);
    return result;
}

int cmd_status(const struct invocation *invocation)
{
    struct config *config;
    struct error error;
    bool json = false;
    int result;

    for (int i = 1; i < invocation->argc; i++) {
        if (strcmp(invocation->argv[i], "--json") != 0)
            return command_usage(invocation, "knows no '%s'", invocation->argv[i]);
        json = true;
    }
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    result = print_state(config, json, &error) ? command_fail(invocation, &error) : EXIT_DONE;
    config_free(config);
    return result;
}
