/* A tick of a simulation: the program's own steps, with the checks that the dice want. */
#define _GNU_SOURCE
#include "tick.h"

#include "commands/alerts.h"
#include "death.h"
#include "receipts.h"
#include "records/export.h"
#include "records/rotate.h"
#include "service.h"
#include "state/conditions.h"
#include "state/monitor_conditions.h"
#include "story.h"
#include "truth.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BUSY_MINUTES = 40,
    RESULTS_MAX = 3 * MONITORS,
    CHECKS_MS = 20 * MS_PER_SECOND /* how long the checks of a part of a tick take */
};

#define CERTIFICATE_SCOPE "host0:443"
#define NETWORK_SCOPE     "ipv4-public"

/* A step of a tick must not fail: there is nothing wrong with the disk. */
static void require(const struct simulation *simulation, int result, const struct error *error)
{
    if (result)
        story_fail(simulation, "a step of the tick failed: %s", error->text);
}

static enum event_state monitor_state(const struct storage *storage, size_t monitor)
{
    const struct condition *condition = conditions_of(storage, EVENT_HTTP, monitor);

    return condition ? condition->state : EVENT_UP;
}

static struct staged_result check_of(size_t monitor, int64_t start_ms, enum status mood)
{
    struct check check = mood == STATUS_DEGRADED ? slow_at(start_ms) : check_at(start_ms, mood);

    if (mood == STATUS_DOWN && start_ms / MS_PER_HOUR % 3 == 0)
        strcpy(check.failure, "connect: connection refused");
    return outcome_of(monitor, start_ms, check);
}

/* The checks of a monitor: those that decide, or one; mostly none if nothing changes. Sometimes a
 * good monitor has a blip. */
static size_t add_checks(struct simulation *simulation, const struct storage *storage,
                         size_t monitor, struct staged_result *results)
{
    uint64_t *seed = &simulation->seed;
    enum status mood = simulation->monitors[monitor].mood;
    enum event_state state = monitor_state(storage, monitor);
    bool is_quiet = mood == STATUS_UP && state == EVENT_UP;
    bool is_same = is_quiet || (mood == STATUS_DOWN && state == EVENT_DOWN);
    bool is_blip = is_quiet && dice_below(seed, 300) == 0;
    size_t n = is_blip || dice_below(seed, 6) == 0 ? 1 : 2;
    int64_t start_ms = simulation_wall_ms(simulation) + dice_below(seed, 9000);

    if (is_same && !is_blip && dice_below(seed, 12) > 0)
        return 0;
    for (size_t i = 0; i < n; i++, start_ms += 1 + dice_below(seed, 9000))
        results[i] = check_of(monitor, start_ms, is_blip ? STATUS_DOWN : mood);
    return n;
}

static void stage_checks(struct simulation *simulation, struct storage *storage)
{
    struct staged_result results[RESULTS_MAX];
    struct error error;
    size_t n = 0;

    require(simulation, conditions_load(storage, &error), &error);
    for (size_t i = 0; i < simulation->world->config.n_domains; i++)
        n += add_checks(simulation, storage, i, &results[n]);
    if (n > 0)
        require(simulation, staged_add(storage, results, n, &error), &error);
}

/* Records a condition that no check of a monitor shows, if its state is another one now. */
static void record(struct simulation *simulation, struct storage *storage, enum event_check check,
                   const char *scope, enum event_state state)
{
    const struct condition *open = conditions_find(storage, check, scope);
    int64_t now_ms = simulation_wall_ms(simulation);
    struct event event = {.at_ms = now_ms,
                          .scope = scope,
                          .check = check,
                          .began_ms = open ? open->began_ms : now_ms,
                          .change = open ? EVENT_CONFIRMED : EVENT_OPENED,
                          .state = state,
                          .code = "",
                          .detail = check == EVENT_CERTIFICATE ? "ends soon" : "no route"};
    struct error error;

    if ((open ? open->state : EVENT_UP) == state)
        return;
    if (state == EVENT_UP) {
        event.change = EVENT_CLOSED;
        event.detail = check == EVENT_CERTIFICATE ? EVENT_RENEWED : EVENT_ENDED;
    }
    require(simulation, conditions_record(storage, &event, &error), &error);
}

/* As 'uptick alert ack' does for each outage that lasts. */
static int acknowledge_one(void *context, enum event_check check, const char *scope,
                           const struct condition *condition, struct error *error)
{
    struct simulation *simulation = context;
    struct event event = {.at_ms = simulation_wall_ms(simulation),
                          .scope = scope,
                          .check = check,
                          .began_ms = condition->began_ms,
                          .change = EVENT_ACKNOWLEDGED,
                          .state = condition->state,
                          .code = "",
                          .detail = ""};

    if (check != EVENT_HTTP || condition->state != EVENT_DOWN)
        return 0;
    return conditions_stage_event(simulation->storage, &event, error);
}

static void acknowledge(struct simulation *simulation, struct storage *storage)
{
    struct error error;

    if (!simulation->acknowledges)
        return;
    simulation->storage = storage;
    require(simulation, storage_begin(storage, &error), &error);
    require(
        simulation,
        storage_end(storage, conditions_each(storage, acknowledge_one, simulation, &error), &error),
        &error);
}

/* The first part of a tick that lasts: targets of programs are sent what has happened so far. */
static void begin_early(struct simulation *simulation, struct journal *journal,
                        struct alerts *alerts)
{
    struct error error;

    if (dice_below(&simulation->seed, 3) > 0)
        return;
    stage_checks(simulation, journal_storage(journal));
    simulation->real_ms += CHECKS_MS;
    require(simulation, export_run(journal, &error), &error);
    require(simulation, alerts_begin(alerts, ALERTS_AT_ONCE, &error), &error);
    if (dice_below(&simulation->seed, 2) == 0)
        require(simulation, alerts_finish(alerts, false, &error), &error);
}

/* What no check of a monitor shows. */
static void record_others(struct simulation *simulation, struct storage *storage)
{
    record(simulation, storage, EVENT_CERTIFICATE, CERTIFICATE_SCOPE, simulation->certificate);
    record(simulation, storage, EVENT_LOCAL_NETWORK, NETWORK_SCOPE, simulation->fault);
    acknowledge(simulation, storage);
}

/* The steps from the checks to the alerts, in the order of cmd_tick.c. */
static void run_minute(struct simulation *simulation, struct journal *journal,
                       struct alerts *alerts)
{
    struct storage *storage = journal_storage(journal);
    int64_t began_ms = simulation->real_ms, now_ms = simulation_wall_ms(simulation);
    struct error error;

    require(simulation, export_run(journal, &error), &error);
    require(simulation, monitor_conditions_close_removed(storage, now_ms, &error), &error);
    begin_early(simulation, journal, alerts);
    stage_checks(simulation, storage);
    record_others(simulation, storage);
    simulation->real_ms = began_ms + 2 * CHECKS_MS;
    require(simulation, export_run(journal, &error), &error);
    require(simulation, alerts_begin(alerts, ALERTS_TICK_ENDS, &error), &error);
    require(simulation, alerts_finish(alerts, true, &error), &error);
    require(simulation,
            storage_get_setting(storage, SETTING_ALERT_DUE_MS, &simulation->due_ms, &error),
            &error);
}

static void run_steps(struct simulation *simulation)
{
    const struct config *config = &simulation->world->config;
    int64_t now_ms = simulation_wall_ms(simulation);
    struct step_log steps = {.log = &simulation->world->log};
    struct error error;
    struct quiet_spans *quiet = alerts_make_quiet(config, now_ms, &error);
    struct alerts_parts parts = {.config = config, .steps = &steps, .quiet = quiet};
    struct alerts *alerts;

    require(simulation, quiet ? 0 : -1, &error);
    if (!simulation->journal)
        simulation->journal = open_world(simulation->world, now_ms);
    parts.journal = simulation->journal;
    alerts = alerts_new(&parts, &error);
    require(simulation, alerts ? 0 : -1, &error);
    run_minute(simulation, parts.journal, alerts);
    alerts_free(alerts);
    free(quiet);
}

/* Moves the records of past hours to the archives. A tick does it while checks run; here it has a
 * moment of its own, so that the events of each tick are in the live log until they are read. */
static void rotate(struct simulation *simulation)
{
    int64_t now_ms = simulation_wall_ms(simulation);
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR);
    struct error error;

    if (hour == simulation->last_hour || !simulation->journal)
        return;
    simulation->last_hour = hour;
    require(simulation, rotate_run(simulation->journal, now_ms, &error), &error);
}

/* In the child. */
static _Noreturn void run_and_exit(struct simulation *simulation, bool is_deadly, bool prints)
{
    uint64_t *seed = &simulation->seed;

    if (!prints && dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO) < 0)
        _exit(1);
    if (is_deadly)
        death_set(1 + (long)dice_below(seed, 150), dice_below(seed, 2) == 0);
    run_steps(simulation);
    journal_close(simulation->journal);
    _exit(0);
}

/* Runs the tick in a child process, which may die at one of its calls, or cannot print. Returns
 * whether it ended. */
static bool run_apart(struct simulation *simulation, bool is_deadly, bool prints)
{
    pid_t child;
    int status;

    tick_close(simulation);
    child = fork();
    if (child == 0)
        run_and_exit(simulation, is_deadly, prints);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status))
        _exit(1); /* it has printed why */
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        story_fail(simulation, "signal %d", WTERMSIG(status));
    return WIFEXITED(status);
}

/* The receipts of a tick that ended are recorded. */
static void confirm_receipts(struct simulation *simulation)
{
    struct receipts *receipts = simulation->receipts;

    for (int i = receipts->n - 1; i >= 0 && receipts->list[i].tick == simulation->tick; i--)
        receipts->list[i].is_recorded = receipts->list[i].is_answered;
}

/* Reads what the tick recorded, sent and printed. */
static void read_results(struct simulation *simulation)
{
    int before = simulation->receipts->n, changes = simulation->truth->changes;

    if (*simulation->world->log_text)
        story_add(simulation, "warning: %s", simulation->world->log_text);
    service_read_printed(simulation);
    if (simulation->was_completed)
        confirm_receipts(simulation);
    truth_read(simulation);
    simulation->is_eventful =
        simulation->receipts->n > before || simulation->truth->changes > changes;
    if (simulation->is_eventful)
        simulation->busy_until_ms = simulation->real_ms + BUSY_MINUTES * MS_PER_MINUTE;
}

void tick_close(struct simulation *simulation)
{
    journal_close(simulation->journal);
    simulation->journal = NULL;
}

void tick_run(struct simulation *simulation)
{
    bool is_deadly = simulation->deadly && dice_below(&simulation->seed, simulation->deadly) == 0;
    bool prints = service_can_print(simulation);
    int64_t began_ms = simulation->real_ms;

    simulation->tick++;
    simulation->was_completed_before = simulation->was_completed;
    simulation->was_completed = true;
    reset_log(simulation->world);
    if (is_deadly || !prints)
        simulation->was_completed = run_apart(simulation, is_deadly, prints);
    else
        run_steps(simulation);
    simulation->real_ms = began_ms + 2 * CHECKS_MS;
    if (simulation->was_completed)
        simulation->acknowledges = false;
    else
        story_add(simulation, "the tick was killed");
    read_results(simulation);
    if (simulation->was_completed)
        rotate(simulation);
    if (dice_below(&simulation->seed, 6) == 0)
        tick_close(simulation);
}
