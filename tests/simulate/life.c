/* Draws what happens in a month: outages, blips, flapping, services that fail, a clock that is set,
 * targets that come and go, a lost state. */
#include "life.h"

#include "service.h"
#include "story.h"
#include "tick.h"
#include "truth.h"

#include <string.h>
#include <unistd.h>

/* Between two ticks. */
enum { TICK_MIN_MS = 20 * MS_PER_SECOND };

static int64_t minutes(struct simulation *simulation, int64_t from, int64_t to)
{
    return (from + dice_below(&simulation->seed, to - from + 1)) * MS_PER_MINUTE +
           dice_below(&simulation->seed, MS_PER_MINUTE);
}

/* One time in n. */
static bool happens(struct simulation *simulation, int64_t n)
{
    return dice_below(&simulation->seed, n) == 0;
}

static const char *mood_name(enum status status)
{
    return status == STATUS_UP         ? "up"
           : status == STATUS_DEGRADED ? "slow"
           : status == STATUS_DOWN     ? "down"
           : status == STATUS_TIMEOUT  ? "timeout"
                                       : "bot wall";
}

/* Every second monitor may be slow or meet a bot wall, too. */
static enum status draw_fault(struct simulation *simulation, size_t monitor)
{
    static const enum status all[] = {STATUS_DOWN,    STATUS_DOWN,     STATUS_DOWN,
                                      STATUS_TIMEOUT, STATUS_DEGRADED, STATUS_BOT_DETECTED};

    return all[dice_below(&simulation->seed, monitor % 2 ? 6 : 4)];
}

/* How long a mood lasts, in minutes. */
static int64_t draw_minutes(struct simulation *simulation, const struct monitor *monitor)
{
    static const struct {
        int64_t from, to;
    } up = {15, INT64_C(8) * MINUTES_PER_DAY}, longer = {60, INT64_C(2) * MINUTES_PER_DAY},
      shorter = {1, 90}, burst = {1, 14};

    if (monitor->left > 0)
        return minutes(simulation, burst.from, burst.to);
    if (monitor->mood == STATUS_UP)
        return minutes(simulation, up.from, up.to);
    return happens(simulation, 3) ? minutes(simulation, longer.from, longer.to)
                                  : minutes(simulation, shorter.from, shorter.to);
}

/* The mood of a monitor changes. Now and then a burst of short outages begins. */
static void change_mood(struct simulation *simulation, size_t i)
{
    struct monitor *monitor = &simulation->monitors[i];

    if (monitor->left > 0)
        monitor->left--;
    else if (monitor->mood == STATUS_UP && happens(simulation, 5))
        monitor->left = 2 * (2 + (int)dice_below(&simulation->seed, 9));
    monitor->mood = monitor->mood == STATUS_UP ? draw_fault(simulation, i) : STATUS_UP;
    if (monitor->mood != STATUS_UP && monitor->left > 0)
        monitor->mood = STATUS_DOWN;
    monitor->until_ms = simulation->real_ms + draw_minutes(simulation, monitor);
    story_add(simulation, "monitor d%zu: %s", i, mood_name(monitor->mood));
}

static void step_monitors(struct simulation *simulation)
{
    for (size_t i = 0; i < MONITORS; i++) {
        if (simulation->monitors[i].until_ms <= simulation->real_ms)
            change_mood(simulation, i);
    }
}

static void step_services(struct simulation *simulation)
{
    for (int i = 0; i < TARGETS; i++) {
        if (simulation->services[i].until_ms <= simulation->real_ms)
            service_draw(simulation, i);
    }
}

/* Whether the next tick may rebuild the state: it does if the clock shows more than a day before
 * the last loss. */
static bool may_lead_to_rebuild(const struct simulation *simulation, int64_t by)
{
    return simulation_wall_ms(simulation) + by < simulation->lost_ms - 12 * (int64_t)MS_PER_HOUR;
}

/* Sets the clock, mostly by little. */
static void set_clock(struct simulation *simulation)
{
    int64_t by = minutes(simulation, 1, happens(simulation, 4) ? INT64_C(3) * MINUTES_PER_DAY : 90);

    if (happens(simulation, 2) &&
        !(simulation->was_set_back && may_lead_to_rebuild(simulation, -by))) /* see lose_state */
        by = -by;
    if (may_lead_to_rebuild(simulation, by))
        tick_close(simulation); /* a tick opens the state, so it rebuilds before it records */
    simulation->offset_ms += by;
    simulation->clock_set_real = simulation->real_ms;
    story_add(simulation, "the clock was set by %lld min", (long long)(by / MS_PER_MINUTE));
    if (by < 0) {
        simulation->was_set_back |=
            !clock_is_same_day(simulation_wall_ms(simulation), simulation_wall_ms(simulation) - by);
        for (int i = 0; i < TARGETS; i++)
            service_delay(simulation, i, 61 * (int64_t)MS_PER_MINUTE - by);
    }
}

/* A rebuild reads the records by their days. If the clock was set back over midnight, it may derive
 * an event that is none. So these two are not combined. */
static void lose_state(struct simulation *simulation)
{
    if (simulation->was_set_back)
        return;
    tick_close(simulation);
    unlink(path_in(simulation->world, "state.db"));
    if (happens(simulation, 2))
        unlink(path_in(simulation->world, "state.db.stamp"));
    unlink(path_in(simulation->world, "state.db-journal"));
    simulation->has_lost_state = true;
    simulation->lost_ms = simulation_wall_ms(simulation);
    story_add(simulation, "state.db is lost");
}

static void configure(struct simulation *simulation)
{
    struct config *config = &simulation->world->config;

    config->alerts = simulation->configured;
    config->n_alerts = 0;
    for (size_t i = 0; i < TARGETS; i++) {
        if (simulation->is_configured[i])
            simulation->configured[config->n_alerts++] = simulation->targets[i];
    }
}

static void change_targets(struct simulation *simulation)
{
    size_t i = (size_t)dice_below(&simulation->seed, TARGETS);

    /* The program must have seen the change before. */
    if (!simulation->was_completed)
        return;
    tick_close(simulation);
    simulation->is_configured[i] = !simulation->is_configured[i];
    configure(simulation);
    story_add(simulation, "target %s %s the configuration", simulation->targets[i].id,
              simulation->is_configured[i] ? "comes into" : "leaves");
}

/* The last monitor leaves the configuration or comes back. */
static void change_monitors(struct simulation *simulation)
{
    struct config *config = &simulation->world->config;
    bool was_there = config->n_domains == MONITORS;

    tick_close(simulation);
    config->n_domains = was_there ? MONITORS - 1 : MONITORS;
    config->n_sites = (config->n_domains + PER_SITE - 1) / PER_SITE;
    simulation->world->sites[1].n_domains = config->n_domains - PER_SITE;
    story_add(simulation, "monitor d%d %s the configuration", MONITORS - 1,
              was_there ? "leaves" : "comes back into");
}

static void change_certificate(struct simulation *simulation)
{
    static const enum event_state next[] = {
        [EVENT_UP] = EVENT_WARN, [EVENT_WARN] = EVENT_CRITICAL, [EVENT_CRITICAL] = EVENT_UP};

    simulation->certificate = next[simulation->certificate];
    if (simulation->certificate == EVENT_CRITICAL && happens(simulation, 3))
        simulation->certificate = EVENT_UP;
    story_add(simulation, "certificate: %s", event_state_name(simulation->certificate));
}

static void change_network(struct simulation *simulation)
{
    simulation->fault = simulation->fault == EVENT_UP ? EVENT_DOWN : EVENT_UP;
    story_add(simulation, "local network: %s", event_state_name(simulation->fault));
}

static void acknowledge(struct simulation *simulation)
{
    simulation->acknowledges = true;
}

static void change_deadliness(struct simulation *simulation)
{
    simulation->deadly = simulation->deadly ? 0 : 2 + (int)dice_below(&simulation->seed, 20);
    story_add(simulation, "ticks killed: one in %d", simulation->deadly);
}

/* What a timer does, and the time until the next one, in minutes. */
static const struct {
    void (*change)(struct simulation *simulation);
    int64_t min, max;
} changes[TIMERS] = {
    [TIMER_CLOCK] = {set_clock, 60, 10 * MINUTES_PER_DAY},
    [TIMER_STATE] = {lose_state, 60, 14 * MINUTES_PER_DAY},
    [TIMER_TARGETS] = {change_targets, 60, 6 * MINUTES_PER_DAY},
    [TIMER_MONITORS] = {change_monitors, 600, 8 * MINUTES_PER_DAY},
    [TIMER_CERTIFICATE] = {change_certificate, 60, 5 * MINUTES_PER_DAY},
    [TIMER_NETWORK] = {change_network, 5, 3 * MINUTES_PER_DAY},
    [TIMER_ACKNOWLEDGE] = {acknowledge, 60, 2 * MINUTES_PER_DAY},
    [TIMER_KILLS] = {change_deadliness, 10, 2 * MINUTES_PER_DAY},
};

static void set_timer(struct simulation *simulation, enum timer timer)
{
    simulation->timers[timer] =
        simulation->real_ms + minutes(simulation, changes[timer].min, changes[timer].max);
}

void life_step(struct simulation *simulation)
{
    if (simulation->is_settling)
        return;
    step_monitors(simulation);
    step_services(simulation);
    for (enum timer timer = 0; timer < TIMERS; timer++) {
        if (simulation->timers[timer] > simulation->real_ms)
            continue;
        changes[timer].change(simulation);
        set_timer(simulation, timer);
    }
}

/* Some seeds have no kills, no lost state, no steps of the clock. */
static void begin_timers(struct simulation *simulation)
{
    for (enum timer timer = 0; timer < TIMERS; timer++) {
        set_timer(simulation, timer);
        if (happens(simulation, 3))
            simulation->timers[timer] = INT64_MAX;
    }
}

/* The targets that a seed may have. The first one is the default, as without configuration. */
static const struct alert_target kinds[TARGETS] = {
    {.id = "print", .type = ALERT_PRINT},
    {.id = "chat", .type = ALERT_WEBHOOK, .format = ALERT_SLACK},
    {.id = "mail", .type = ALERT_MAIL},
    {.id = "pager", .type = ALERT_WEBHOOK, .format = ALERT_PAGERDUTY},
    {.id = "program", .type = ALERT_COMMAND, .format = ALERT_JSON},
    {.id = "json", .type = ALERT_WEBHOOK, .format = ALERT_JSON},
};

static void begin_target(struct simulation *simulation, size_t i)
{
    static const struct alert_scope scopes[] = {{"s0", "d0"}, {"s1", NULL}};
    static const int64_t steps[] = {4 * MS_PER_HOUR, 10 * MS_PER_HOUR, MS_PER_DAY};
    const unsigned usual =
        ALERT_DOWN | ALERT_UP | ALERT_CERTIFICATE | ALERT_LOCAL_NETWORK | ALERT_UNDELIVERED;
    struct alert_target *target = &simulation->targets[i];

    *target = kinds[i];
    target->on = usual;
    simulation->is_configured[i] = i == 0 || !happens(simulation, 3);
    simulation->services[i].until_ms = simulation->real_ms + minutes(simulation, 0, 3000);
    if (i == 0 && happens(simulation, 2))
        return;
    if (happens(simulation, 3))
        target->on |= ALERT_BOT | ALERT_SLOW;
    if (happens(simulation, 5))
        target->on = ALERT_DOWN;
    if (happens(simulation, 4)) {
        target->scopes = scopes;
        target->n_scopes = 1 + (size_t)dice_below(&simulation->seed, 2);
    }
    if (happens(simulation, 3)) {
        target->n_reminders = 1 + (size_t)dice_below(&simulation->seed, 3);
        memcpy(target->remind_ms, steps, sizeof steps);
    }
    if (happens(simulation, 3)) {
        target->quiet.from_minute = (int)dice_below(&simulation->seed, MINUTES_PER_DAY);
        target->quiet.to_minute =
            (target->quiet.from_minute + 60 + (int)dice_below(&simulation->seed, 600)) %
            MINUTES_PER_DAY;
        target->quiet.except = happens(simulation, 2) ? ALERT_DOWN : 0;
    }
}

/* d1 depends on d0, and d2 on d1. */
static void begin_monitors(struct simulation *simulation)
{
    static const char *const names[] = {NULL, "s0/d0", "s0/d1"};

    for (size_t i = 0; i < MONITORS; i++) {
        struct domain *domain = &simulation->world->domains[i];

        domain->url = domain->shown_url = i == 0 ? "https://host0/" : "http://other/";
        domain->host = i == 0 ? "host0" : "other";
        domain->port = i == 0 ? 443 : 80;
        domain->interval_seconds = SECONDS_PER_MINUTE;
        domain->confirm.failures = i == 3 ? 1 : 2;
        domain->confirm.successes = i == 4 ? 2 : 1;
        domain->dependency = i == 1 || i == 2 ? i - 1 : SIZE_MAX;
        domain->depends_on = i < 3 ? names[i] : NULL;
        simulation->monitors[i] = (struct monitor){
            .mood = STATUS_UP, .until_ms = simulation->real_ms + minutes(simulation, 0, 2000)};
    }
}

static void write_target(const struct simulation *simulation, const struct alert_target *target)
{
    story_add(simulation, "target %s: on %x, scopes %zu, reminders %zu, quiet %d-%d but %x",
              target->id, target->on, target->n_scopes, target->n_reminders,
              target->quiet.from_minute, target->quiet.to_minute, target->quiet.except);
}

void life_begin(struct simulation *simulation)
{
    begin_monitors(simulation);
    begin_timers(simulation);
    for (size_t i = 0; i < TARGETS; i++) {
        begin_target(simulation, i);
        write_target(simulation, &simulation->targets[i]);
    }
    configure(simulation);
}

void life_settle(struct simulation *simulation)
{
    story_add(simulation, "everything settles");
    simulation->is_settling = true;
    simulation->deadly = 0;
    simulation->fault = EVENT_UP;
    for (size_t i = 0; i < TARGETS; i++)
        simulation->services[i].mood = SERVICE_ACCEPTS;
    for (size_t i = 0; i < MONITORS; i++) {
        simulation->monitors[i].until_ms = INT64_MAX;
        if (happens(simulation, 2))
            simulation->monitors[i].mood = STATUS_UP;
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When something may change. */
static int64_t find_change(const struct simulation *simulation)
{
    int64_t next = INT64_MAX;

    if (simulation->is_settling)
        return next;
    for (size_t i = 0; i < MONITORS; i++)
        next = earlier(next, simulation->monitors[i].until_ms);
    for (size_t i = 0; i < TARGETS; i++)
        next = earlier(next, simulation->services[i].until_ms);
    for (size_t i = 0; i < TIMERS; i++)
        next = earlier(next, simulation->timers[i]);
    return next;
}

/* Ticks of minutes in which nothing changes are left out, but for some of them. So are ticks in
 * which the program only looks whether there is something to do. */
int64_t life_next(struct simulation *simulation)
{
    int64_t due_ms = simulation->due_ms, next = find_change(simulation), now_ms;
    bool is_busy = simulation->busy_until_ms > simulation->real_ms;

    now_ms = simulation->real_ms;
    if (due_ms > 0 && due_ms < INT64_MAX)
        next = earlier(next, due_ms - simulation->offset_ms);
    if (next < now_ms + 2 * MS_PER_MINUTE && !simulation->is_eventful)
        next = now_ms + minutes(simulation, 1, is_busy ? 8 : 40);
    next = earlier(next, now_ms + minutes(simulation, 1, is_busy ? 15 : 400));
    return next > now_ms + TICK_MIN_MS ? next : now_ms + TICK_MIN_MS;
}
