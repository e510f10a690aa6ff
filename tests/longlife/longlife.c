/* A long life: days of ticks under a moved clock; each day is inspected when it is over.
 * $LONGLIFE_DAYS days with a tick every minute; without it a quick run with three ticks a day. */
#include "cmocka_all.h"
#include "e2e.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    SITES = 5,
    DOMAINS = 10, /* in each site */
    MONITORS = SITES * DOMAINS,
    RETENTION_DAYS = 7,
    COUNT_DAYS = 400, /* days for which counts are kept */
    MINUTES = 1440,
    SETTLED_DAYS = 9, /* after so many days, the state grows only by counts and events */
    QUICK_DAYS = 12,
    DAYS_MAX = 1000,
    SECONDS_A_DAY = 86400,
};

static const time_t first_day = 1772236800; /* 2026-02-28 */

/* The ticks of a day: its first minute, the end of an hour, its last minute; or all minutes. */
static const int few_minutes[] = {0, 600, 1439};

struct plan {
    const int *minutes; /* NULL: all of the day */
    int ticks_a_day, days;
};

/* The measurements of a day. */
struct day {
    double wall_ms, cpu_ms; /* medians of its ticks */
    long peak_kb;           /* the most memory that one of them used */
    long state_kb;
    int files; /* below public/ */
};

struct life {
    struct e2e *world;
    const struct plan *plan;
    double wall_ms[MINUTES], cpu_ms[MINUTES];
    struct day days[DAYS_MAX];
};

/* A monitor fails once in this many checks, different for each monitor. */
static int pace(int monitor)
{
    return 50 + monitor;
}

static void configure(struct e2e *world)
{
    char yaml[MONITORS * 128 + 256];
    int n =
        snprintf(yaml, sizeof yaml,
                 "retention_days: %d\ndefaults: {interval_seconds: 60}\nsites:\n", RETENTION_DAYS);

    for (int i = 0; i < MONITORS; i++) {
        if (i % DOMAINS == 0)
            n += snprintf(yaml + n, sizeof yaml - (size_t)n, "  - id: s%d\n    domains:\n",
                          i / DOMAINS);
        n += snprintf(yaml + n, sizeof yaml - (size_t)n,
                      "      - {id: d%d, url: 'http://@http@/flap/%d?%d'}\n", i % DOMAINS, pace(i),
                      i);
    }
    e2e_config(world, yaml);
}

static void write_date(int day, char date[16])
{
    time_t at = first_day + (time_t)day * SECONDS_A_DAY;
    struct tm utc;

    strftime(date, 16, "%Y-%m-%d", gmtime_r(&at, &utc));
}

static int minute_of(const struct plan *plan, int tick)
{
    return plan->minutes ? plan->minutes[tick] : tick;
}

/* A monitor's file has exactly the rows of these ticks: each in its minute, up or down like the
 * server. */
static void check_rows(struct life *life, const char *folder, int day, int monitor, int n_ticks)
{
    struct e2e *world = life->world;
    char date[16];
    const char *name =
        e2e_format(world, "data/%s/s%d/d%d.log", folder, monitor / DOMAINS, monitor % DOMAINS);
    struct csv csv = e2e_csv(world, name);

    write_date(day, date);
    e2e_check(csv.n == (size_t)n_ticks, "%s: %zu rows, expected %d", name, csv.n, n_ticks);
    for (int tick = 0; tick < n_ticks; tick++) {
        int minute = minute_of(life->plan, tick);
        long count = (long)day * life->plan->ticks_a_day + tick + 1;
        const char *at = e2e_format(world, "%sT%02d:%02d:", date, minute / 60, minute % 60);
        const struct csv_row *row = &csv.rows[tick];

        e2e_check(strncmp(row->field[TIMESTAMP], at, strlen(at)) == 0, "%s:%d: %s, expected %s",
                  name, tick + 1, row->field[TIMESTAMP], at);
        e2e_check(strcmp(row->field[STATUS], count % pace(monitor) ? "UP" : "DOWN") == 0,
                  "%s:%d: %s", name, tick + 1, row->field[STATUS]);
    }
}

static int count_files(struct e2e *world, const char *folder)
{
    FILE *from =
        popen(e2e_format(world, "find '%s' ! -type d | wc -l", e2e_path(world, folder)), "r");
    int n = -1;

    if (!from || fscanf(from, "%d", &n) != 1)
        fail_msg("find: %s", folder);
    pclose(from);
    return n;
}

/* A folder contains exactly these names, sorted. */
static void check_names(struct e2e *world, const char *folder, const char *expected)
{
    char names[4096] = "";
    struct dirent **list;
    int n = scandir(e2e_path(world, folder), &list, NULL, alphasort);

    e2e_check(n >= 0, "%s: is missing", folder);
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.')
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s ", list[i]->d_name);
        free(list[i]);
    }
    free(list);
    e2e_check(strcmp(names, expected) == 0, "%s: contains %s, expected %s", folder, names,
              expected);
}

/* At the beginning of a day, before the day itself counts as recorded. */
static int first_kept(int today)
{
    return today > RETENTION_DAYS + 1 ? today - RETENTION_DAYS - 1 : 0;
}

/* The archives of the kept days are complete, and there is nothing else. */
static void check_files(struct life *life, int today)
{
    struct e2e *world = life->world;
    char expected[16 * (RETENTION_DAYS + 3)] = "";
    int kept = today - first_kept(today);

    for (int day = first_kept(today); day <= today; day++) {
        write_date(day, expected + strlen(expected));
        strcat(expected, " ");
    }
    check_names(world, "data/archive", expected);
    check_names(world, "data", "archive days live lock state.db state.db.stamp ticks ");
    e2e_check(count_files(world, "data/archive") == kept * MONITORS, "archive: %d files",
              count_files(world, "data/archive"));
    e2e_check(count_files(world, "data/live") == MONITORS, "live: %d files",
              count_files(world, "data/live"));
    life->days[today - 1].files = count_files(world, "public");
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    return values[n / 2];
}

/* Called after the first tick of the next day. */
static void inspect_day(struct life *life, int day)
{
    struct e2e *world = life->world;
    struct day *is = &life->days[day];
    struct stat state;
    char date[16], folder[32];

    write_date(day, date);
    snprintf(folder, sizeof folder, "archive/%s", date);
    check_files(life, day + 1);
    for (int monitor = 0; monitor < MONITORS; monitor++) {
        check_rows(life, folder, day, monitor, life->plan->ticks_a_day);
        check_rows(life, "live", day + 1, monitor, 1);
    }
    if (stat(e2e_path(world, "data/state.db"), &state))
        fail_msg("state.db is missing");
    is->state_kb = (long)state.st_size / 1024;
    printf("%s  %d rows  %2d days kept  state %ld KiB  tick %.1f ms, CPU %.1f ms  peak %ld KiB\n",
           date, MONITORS * life->plan->ticks_a_day, day + 1 - first_kept(day + 1), is->state_kb,
           is->wall_ms, is->cpu_ms, is->peak_kb);
    fflush(stdout);
    e2e_shell(world, "find . -maxdepth 1 -name '.err-*' -delete");
}

static double cpu_ms(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

static void tick(struct life *life, int day, int n)
{
    struct e2e *world = life->world;
    struct kept *before = world->kept;
    int minute = minute_of(life->plan, n);
    char date[16];

    write_date(day, date);
    e2e_tick(world, e2e_format(world, "%s %02d:%02d:00", date, minute / 60, minute % 60));
    life->wall_ms[n] = world->last.seconds * 1e3;
    life->cpu_ms[n] = cpu_ms(&world->last.usage);
    if (world->last.usage.ru_maxrss > life->days[day].peak_kb)
        life->days[day].peak_kb = world->last.usage.ru_maxrss;
    world->last = (struct run){0};
    e2e_release(world, before);
}

static void live(struct life *life)
{
    struct e2e *world = life->world;

    configure(world);
    world->stdio = "/dev/null";
    for (int day = 0; day <= life->plan->days; day++) {
        struct kept *before = world->kept;

        for (int n = 0; n < life->plan->ticks_a_day && day < life->plan->days; n++) {
            tick(life, day, n);
            if (n == 0 && day > 0)
                inspect_day(life, day - 1);
        }
        if (day == life->plan->days) {
            tick(life, day, 0);
            inspect_day(life, day - 1);
            break;
        }
        life->days[day].wall_ms = median(life->wall_ms, life->plan->ticks_a_day);
        life->days[day].cpu_ms = median(life->cpu_ms, life->plan->ticks_a_day);
        e2e_release(world, before);
    }

    /* Every kept row, once more. */
    for (int day = first_kept(life->plan->days); day < life->plan->days; day++) {
        char folder[32] = "archive/";

        write_date(day, folder + strlen(folder));
        for (int monitor = 0; monitor < MONITORS; monitor++)
            check_rows(life, folder, day, monitor, life->plan->ticks_a_day);
    }
}

/* Compares the last days with the first days that have as many archives. */
static void compare_days(const struct life *life)
{
    int n = life->plan->days;
    const struct day *early = &life->days[SETTLED_DAYS], *late = &life->days[n - 1];

    /* Of an old day only its counts are kept, for as many days as the longest span; and its events.
     * */
    long max_kb = early->state_kb + early->state_kb / 8 + 2L * (n - SETTLED_DAYS) + 16;

    e2e_check(late->state_kb <= max_kb, "state.db grew from %ld to %ld KiB", early->state_kb,
              late->state_kb);
    e2e_check(late->peak_kb <= early->peak_kb + 1024,
              "the memory of a tick grew from %ld to %ld KiB", early->peak_kb, late->peak_kb);
    e2e_check(late->files == life->days[0].files, "public: %d files, expected %d", late->files,
              life->days[0].files);
    printf("state.db %ld to %ld KiB; tick %.2f times as long, CPU %.2f times; memory %+ld KiB\n",
           early->state_kb, late->state_kb, late->wall_ms / early->wall_ms,
           late->cpu_ms / early->cpu_ms, late->peak_kb - early->peak_kb);
}

static void live_by(struct e2e *world, const struct plan *plan)
{
    struct life *life = calloc(1, sizeof *life);

    e2e_keep(world, life);
    life->world = world;
    life->plan = plan;
    live(life);
    compare_days(life);
    if (!plan->minutes)
        e2e_check(life->days[plan->days - 1].cpu_ms < 1.5 * life->days[RETENTION_DAYS].cpu_ms,
                  "a tick takes %.1f ms of CPU; it was %.1f", life->days[plan->days - 1].cpu_ms,
                  life->days[RETENTION_DAYS].cpu_ms);
}

static int requested_days(void)
{
    const char *days = getenv("LONGLIFE_DAYS");

    return days ? atoi(days) : 0;
}

/* The long tests run only if they are requested. */
static void need_days(struct e2e *world)
{
    if (requested_days())
        return;
    world->passed = true;
    skip();
}

static void days_of_ticks_leave_every_row_in_its_place(struct e2e *world)
{
    static const struct plan quick = {few_minutes, sizeof few_minutes / sizeof few_minutes[0],
                                      QUICK_DAYS};

    live_by(world, &quick);
}

static void a_month_of_ticks_leaves_every_row_in_its_place(struct e2e *world)
{
    const struct plan plan = {NULL, MINUTES, requested_days()};

    need_days(world);
    e2e_check(plan.days > SETTLED_DAYS && plan.days <= DAYS_MAX, "LONGLIFE_DAYS: expected %d to %d",
              SETTLED_DAYS + 1, DAYS_MAX);
    live_by(world, &plan);
}

static void the_state_stops_growing_when_the_longest_span_is_full(struct e2e *world)
{
    static const int minutes[] = {0, 720};
    static const struct plan plan = {minutes, 2, COUNT_DAYS + 20};
    struct life *life;

    need_days(world);
    life = e2e_keep(world, calloc(1, sizeof *life));
    life->world = world;
    life->plan = &plan;
    live(life);
    e2e_check(life->days[plan.days - 1].state_kb <= life->days[COUNT_DAYS].state_kb,
              "state.db grew from %ld to %ld KiB", life->days[COUNT_DAYS].state_kb,
              life->days[plan.days - 1].state_kb);
}

/* The open descriptors of a running process, and its memory. */
static int descriptors_of(struct e2e *world, pid_t pid)
{
    return count_files(world, e2e_format(world, "/proc/%d/fd", (int)pid));
}

static long memory_of(struct e2e *world, pid_t pid)
{
    FILE *from = fopen(e2e_format(world, "/proc/%d/statm", (int)pid), "r");
    long pages = -1, resident = -1;

    if (!from || fscanf(from, "%ld %ld", &pages, &resident) != 2)
        fail_msg("/proc/%d/statm cannot be read", (int)pid);
    fclose(from);
    return resident * 4;
}

/* Fifty monitors, each every ten seconds of a minute. While a tick waits for its last slot, it uses
 * no more than while it waited for its second. */
static void a_long_tick_leaks_no_descriptors_and_no_memory(struct e2e *world)
{
    int early_fds, late_fds;
    long early_kb, late_kb;
    pid_t pid;

    need_days(world);
    configure(world);
    e2e_shell(world, "sed -i 's/interval_seconds: 60/interval_seconds: 10/' uptick.yaml");
    world->clock = "2026-03-01 00:00:00";
    pid = e2e_start(world, "tick", NULL);
    e2e_await(world, "/flap/50?0", 2);
    early_fds = descriptors_of(world, pid);
    early_kb = memory_of(world, pid);
    e2e_await(world, "/flap/50?0", 3);
    e2e_await(world, "/flap/50?0", 4);
    e2e_await(world, "/flap/50?0", 5);
    e2e_await(world, "/flap/50?0", 6);
    late_fds = descriptors_of(world, pid);
    late_kb = memory_of(world, pid);
    e2e_wait(world, pid);
    e2e_silent(world, 0);
    printf("within a tick: %d and %d descriptors, %ld and %ld KiB\n", early_fds, late_fds, early_kb,
           late_kb);
    e2e_check(late_fds <= early_fds + 4, "descriptors: first %d, then %d", early_fds, late_fds);
    e2e_check(late_kb <= early_kb + 1024, "memory: first %ld KiB, then %ld", early_kb, late_kb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(days_of_ticks_leave_every_row_in_its_place),
        E2E_TEST(a_long_tick_leaks_no_descriptors_and_no_memory),
        E2E_TEST(the_state_stops_growing_when_the_longest_span_is_full),
        E2E_TEST(a_month_of_ticks_leaves_every_row_in_its_place),
    };

    return cmocka_run_group_tests_name("longlife", tests, NULL, NULL);
}
