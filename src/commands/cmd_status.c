/* The command status: prints the current state, for people or, as status.json, for programs. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "dashboard/snapshot.h"
#include "dashboard/status_json.h"
#include "state/monitors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* At most this many sites with problems are named. */
enum { NAMED_MAX = 10 };

struct status_table {
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
    const char *no_color = getenv("NO_COLOR"); /* no-color.org: any text except an empty one */
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

/* The width of the longest name; names of domains are indented by two. */
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

static void print_status(const struct status_table *table, enum status status)
{
    if (table->colours)
        printf("%s%-12s\033[0m", colour(status), status_name(status));
    else
        printf("%-12s", status_name(status));
}

/* A line has no room for the longest one. */
enum { SPANS_PRINTED = SPAN_90D + 1 };

static void print_site(const struct status_table *table, const struct site_view *view)
{
    printf("%-*s  ", table->name_width, view->site->id);
    print_status(table, view->status);
    for (int span = 0; span < SPANS_PRINTED; span++) {
        const struct uptime *uptime = &view->uptime[span];
        char text[32] = "-";

        if (uptime->is_shown)
            snprintf(text, sizeof text, "%d.%03d %%", uptime->uptime / 1000, uptime->uptime % 1000);
        printf("  %s %*s", snapshot_span_name((enum span)span), span < SPANS_PRINTED - 1 ? -9 : 0,
               text);
    }
    putchar('\n');
}

/* Writes "12 s ago", in the largest unit that fits at least twice. */
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

/* Prints what is not decided, and what was not confirmed. */
static void print_undecided(const struct domain_view *view)
{
    static const char *const names[] = {
        [UNDECIDED_SUSPECT] = "  (checking)", [UNDECIDED_RECOVERING] = "  (recovering)"};
    enum undecided undecided = snapshot_undecided(view);
    bool failed_once = undecided == UNDECIDED_NOTHING && snapshot_failed_once(view);
    size_t n_unconfirmed = view->outages[LIST_UNCONFIRMED].n_week;
    char failures[TEXT_COUNTED_MAX];

    if (undecided != UNDECIDED_NOTHING)
        fputs(names[undecided], stdout);
    else if (failed_once)
        fputs("  (failed once, not confirmed)", stdout);
    if (n_unconfirmed > failed_once)
        printf("  (%s not confirmed in %d days)", text_counted(n_unconfirmed, "failure", failures),
               WEEK_DAYS);
}

static void print_domain(const struct status_table *table, const struct domain_view *view)
{
    const struct recorded *last = view->last;
    char age[32], latency[32] = "-", failure[FAILURE_MAX];

    printf("  %-*s  ", table->name_width - 2, view->domain->id);
    print_status(table, view->status);
    if (!last) {
        puts("  not checked yet");
        return;
    }
    write_age(age, table->snapshot->at_ms - last->start_ms);
    if (last->latency_ms >= 0)
        snprintf(latency, sizeof latency, "%d ms", last->latency_ms);
    text_one_line(failure, sizeof failure, last->failure, strlen(last->failure));
    printf("  %10s  %9s%s%s", age, latency, *failure ? "  " : "", failure);
    print_undecided(view);
    putchar('\n');
}

static bool is_failing(const struct site_view *view)
{
    return status_is_bad(view->status);
}

static void print_count(size_t n, const char *after)
{
    char text[TEXT_NUMBER_MAX];

    text_count(n, text);
    printf("%s%s", text, after);
}

static void print_failing(const struct snapshot *snapshot, size_t n_failing)
{
    char sites[TEXT_COUNTED_MAX];
    size_t named = 0;

    print_count(n_failing, " of ");
    printf("%s %s problems", text_counted(snapshot->n_sites, "site", sites),
           n_failing == 1 ? "has" : "have");
    for (size_t i = 0; i < snapshot->n_sites && named < NAMED_MAX; i++) {
        if (is_failing(&snapshot->sites[i]))
            printf("%s%s", named++ ? ", " : ": ", snapshot->sites[i].site->id);
    }
    if (n_failing > named) {
        printf(" and ");
        print_count(n_failing - named, " more");
    }
}

static void print_overall(const struct status_table *table)
{
    const struct snapshot *snapshot = table->snapshot;
    size_t n_failing = 0, n_unknown = 0, n = snapshot->n_sites;
    char sites[TEXT_COUNTED_MAX];

    for (size_t i = 0; i < n; i++) {
        n_failing += is_failing(&snapshot->sites[i]);
        n_unknown += snapshot->sites[i].status == STATUS_UNKNOWN;
    }
    if (table->colours)
        fputs(colour(snapshot->status), stdout);
    text_counted(n, "site", sites);
    if (n_failing) {
        print_failing(snapshot, n_failing);
    } else if (n_unknown) {
        printf("No recent data for ");
        print_count(n_unknown, " of ");
        printf("%s", sites);
    } else if (n == 1) {
        printf("The site is up");
    } else {
        printf("All %s are up", sites);
    }
    puts(table->colours ? "\033[0m" : "");
}

static void print_last_tick(const struct snapshot *snapshot)
{
    const struct ticks_record *last = &snapshot->ticks.last;
    char start[CLOCK_TEXT_MAX], duration[TEXT_NUMBER_MAX], checks[TEXT_COUNTED_MAX];

    clock_write_seconds(last->start_ms, start);
    text_duration(last->duration_ms, duration);
    printf("Last tick ");
    if (!clock_is_same_day(last->start_ms, snapshot->at_ms))
        printf("%.10s ", start);
    printf("%.5s UTC: ", start + 11);
    printf("%s in %s", text_counted((uint64_t)last->checks_done, "check", checks), duration);
    if (last->left_over) {
        printf(", ");
        print_count((size_t)last->left_over, " left over for the next tick");
    }
}

/* The same figures as in the foot of the dashboard. */
static void print_ticks(const struct status_table *table)
{
    const struct ticks *ticks = &table->snapshot->ticks;
    bool coloured = table->colours && (ticks->last.left_over > 0 || ticks_missing(ticks));

    if (!ticks->recorded)
        return;
    printf("\n%s", coloured ? colour(STATUS_DEGRADED) : "");
    print_last_tick(table->snapshot);
    printf("; ");
    print_count((size_t)ticks->counted, " of ");
    print_count((size_t)ticks->expected, " ticks ran in the last 24 hours");
    puts(coloured ? "\033[0m" : "");
}

/* The local faults of the network that last. */
static void print_network(const struct status_table *table)
{
    const struct network_views *network = &table->snapshot->network;

    for (size_t i = 0; i < network->n; i++) {
        const struct network_view *view = &network->views[i];
        char began[CLOCK_TEXT_MAX], hosts[TEXT_COUNTED_MAX];

        if (view->ended_ms)
            continue;
        clock_write_seconds(view->began_ms, began);
        printf("%sThis monitor has had no %s since %.10s %.5s UTC",
               table->colours ? colour(STATUS_DEGRADED) : "", suspicion_scope_title(view->scope),
               began, began + sizeof "2026-11-23");
        if (view->hosts > 0)
            printf(": %" PRId64 " of %s did not answer", view->failed,
                   text_counted((uint64_t)view->hosts, "host", hosts));
        puts(table->colours ? "\033[0m" : "");
    }
}

static void print_undelivered(const struct status_table *table)
{
    char alerts[TEXT_COUNTED_MAX];
    int64_t n = table->snapshot->undelivered;

    if (n == 0)
        return;
    printf("%s%s could not be delivered yet; see 'uptick alert list'",
           table->colours ? colour(STATUS_DEGRADED) : "",
           text_counted((uint64_t)n, "alert", alerts));
    puts(table->colours ? "\033[0m" : "");
}

static void print_table(const struct snapshot *snapshot)
{
    struct status_table table = {snapshot, name_width(snapshot->config), wants_colours()};

    print_overall(&table);
    print_network(&table);
    print_undelivered(&table);
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

/* Portion by portion: only what all sites keep is printed. */
static int load_sites(struct snapshot *snapshot, struct storage *storage, struct error *error)
{
    const size_t *sites;
    size_t n;

    do {
        if (snapshot_next(snapshot, storage, &sites, &n, error))
            return -1;
    } while (n > 0);
    return 0;
}

static int take_snapshot(const struct config *config, struct snapshot **snapshot,
                         struct error *error)
{
    struct storage *storage;
    int64_t now_ms = clock_now();

    if (command_open_state(config, &storage, error))
        return -1;
    *snapshot = snapshot_open(storage, config, now_ms, HISTORY_PORTION, error);
    if (*snapshot && load_sites(*snapshot, storage, error)) {
        snapshot_free(*snapshot);
        *snapshot = NULL;
    }
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
            return command_unexpected(invocation, invocation->argv[i]);
        json = true;
    }
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    result = print_state(config, json, &error) ? command_fail(invocation, &error) : EXIT_DONE;
    config_free(config);
    return result;
}
