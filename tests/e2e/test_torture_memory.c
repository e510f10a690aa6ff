/*
 * Each allocation of a run is refused: once, or from then on, whether by the program, OpenSSL,
 * libcurl, c-ares, SQLite or the C library. The run does not crash or leak, its exit status and one
 * line report what happened, nothing is recorded that a server did not send, and the next tick
 * repairs everything. By default only a part of the allocations; more if $UPTICK_SWEEP is set
 * (`make torture`).
 */
#include "cmocka_all.h"
#include "torture.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct refusals {
    const struct scene *scene;
    const char *how; /* "" once; "+" from then on */
};

/* Runs with a refused allocation. Returns the number of allocations; *left is the number of blocks
 * that were never freed. */
static long run_refused(struct e2e *world, const struct scene *scene, long at, const char *how,
                        long *left)
{
    const char *const *arguments = scene->arguments;
    char *counted;
    long n = 0;

    world->clock = torture_clock;
    world->preload = getenv("FAILING_MEMORY_LIBRARY");
    world->environment = e2e_format(world, "FAILING_MEMORY=%ld%s %s %s/.memory", at, how,
                                    strtok(e2e_read(world, "libraries"), "\n"), world->folder);
    e2e_uptick(world, arguments[0], arguments[1], arguments[2], NULL);
    world->preload = world->environment = NULL;
    counted = e2e_read_any(world, ".memory");
    if (!counted || sscanf(counted, "%ld %ld", &n, left) != 2)
        fail_msg("%s ended with %d and left no report: %s", scene->name, world->last.status,
                 world->last.err);
    return n;
}

/* Each row of the CSV is an expected one, apart from its times. */
static void check_verdicts(struct e2e *world)
{
    static const char *const expected[TORTURE_MONITORS] = {"UP", "DOWN", "DOWN", "BOT_DETECTED"};

    for (int i = 0; i < TORTURE_MONITORS; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s%d/d%d", i / 2, i));

        for (size_t row = 0; row < csv.n; row++) {
            char *const *field = csv.rows[row].field;

            e2e_check(!strcmp(field[STATUS], expected[i]), "d%d is %s: %s", i, field[STATUS],
                      field[FAILURE]);
            e2e_check(!strcmp(field[FAILURE], csv.rows[0].field[FAILURE]), "d%d: %s", i,
                      field[FAILURE]);
        }
    }
}

static void one_refusal(struct e2e *world, void *context, long i, struct report *report)
{
    const struct refusals *refusals = context;
    struct torture torture = torture_begin(world, refusals->scene);
    long left = 0;

    snprintf(report->what, sizeof report->what, "refused%s", *refusals->how ? " from one on" : "");
    run_refused(world, refusals->scene, i + 1, refusals->how, &left);
    e2e_check(left == 0, "%ld blocks were not freed: %s", left, e2e_read(world, ".memory"));
    torture_end(world, &torture, report);
    check_verdicts(world);
}

static void need_library(struct e2e *world)
{
    const char *library = getenv("FAILING_MEMORY_LIBRARY");

    if (library && access(library, R_OK) == 0)
        return;
    print_message("a program with sanitizers has its own allocator\n");
    world->passed = true;
    skip();
}

/* The part of the program that allocates memory for its libraries, which may keep it. */
static void find_part_of_libraries(struct e2e *world)
{
    e2e_shell(
        world,
        "nm \"$UPTICK\" | sort | "
        "awk '/ (counting|openssl)_[a-z]*(alloc|strdup)$/ {if (!n++) from = $1; last = NR; next} "
        "last == NR - 1 {to = $1} END {print from, to}' > libraries; cp libraries start");
}

static void sweep_scene(struct e2e *world, const struct scene *scene, long quick, long full)
{
    long left, n;

    torture_set(world, scene);
    find_part_of_libraries(world);
    n = run_refused(world, scene, 0, "", &left);
    e2e_check(left == 0, "%s leaks %ld blocks without a fault", scene->name, left);
    for (size_t i = 0; i < 2; i++) {
        struct refusals refusals = {.scene = scene, .how = i == 0 ? "" : "+"};

        cases_run(world, e2e_format(world, "%s, of %ld allocations", scene->name, n), one_refusal,
                  &refusals, n, torture_step(n, quick, full));
    }
}

static void a_tick_survives_refused_allocations(struct e2e *world)
{
    static const struct scene midnight = {.name = "a tick at midnight", .arguments = {"tick"}};

    need_library(world);
    torture_live_until_midnight(world, NULL);
    sweep_scene(world, &midnight, 6, LONG_MAX);
}

static void a_tick_over_tls_survives_refused_allocations(struct e2e *world)
{
    static const struct scene midnight = {.name = "a tick over TLS", .arguments = {"tick"}};

    need_library(world);
    torture_live_until_midnight(world, "https://@tls@/ok");
    sweep_scene(world, &midnight, 2, 2000);
}

static void a_tick_over_http2_survives_refused_allocations(struct e2e *world)
{
    static const struct scene midnight = {.name = "a tick over HTTP/2", .arguments = {"tick"}};

    need_library(world);
    torture_live_until_midnight(world, "https://@http2@/");
    sweep_scene(world, &midnight, 2, 2000);
}

static void other_commands_survive_refused_allocations(struct e2e *world)
{
    static const struct scene scenes[] = {
        {"a tick without a state", "rm data/state.db", {"tick"}, true},
        {"a rebuild", NULL, {"rebuild"}, false},
        {"a status", NULL, {"status"}, false},
        {"a render", NULL, {"render"}, false},
        {"a page of the past", NULL, {"render", "--at=-1h", "--output=past"}, false},
    };

    need_library(world);
    torture_live_until_midnight(world, NULL);
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
        sweep_scene(world, &scenes[i], 1, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_tick_survives_refused_allocations),
        E2E_TEST(a_tick_over_tls_survives_refused_allocations),
        E2E_TEST(a_tick_over_http2_survives_refused_allocations),
        E2E_TEST(other_commands_survive_refused_allocations),
    };

    return cmocka_run_group_tests_name("torture of memory", tests, NULL, NULL);
}
