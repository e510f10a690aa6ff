/* Decides whether the targets have received what they must. */
#include "oracle.h"

#include "receipts.h"
#include "story.h"
#include "truth.h"

#include <stdlib.h>
#include <string.h>

enum { FLAPPING_FROM = 3, FLAPPING_MS = 30 * MS_PER_MINUTE };

/* What a target was sent about a subject. */
struct belief {
    enum event_state state;  /* after its last message; EVENT_UP: nothing, or the end */
    enum event_state before; /* before the messages that the program may not know */
    int64_t began_ms;        /* of the outage in the last message */
    int64_t down_real, down_wall;
    int64_t last_real, last_wall;
    int n; /* number of the last message; 0: none */
    uint64_t text;
    char key[RECEIPTS_KEY_MAX];
    bool is_settled;      /* it was the last one about flapping */
    bool is_sure;         /* the program knows that the last message was accepted */
    bool is_vague;        /* the program may have learned of the begin before down_wall */
    bool is_begin_unsure; /* the program does not know of the begin, or of the newest one */
    bool is_former;       /* it is from before the target left the configuration */
    int next;             /* the first outage that is not received, counted or dropped yet */
};

struct oracle {
    struct belief beliefs[TARGETS][TRUTH_SUBJECTS_MAX];
    int taken;                    /* receipts that were looked at */
    bool was_configured[TARGETS]; /* in the last tick that ended */
};

/* One subject of one target. */
struct view {
    struct simulation *simulation;
    int target;
    const struct alert_target *rules;
    struct matter *matter;
    struct belief *belief;
};

struct oracle *oracle_new(void)
{
    struct oracle *oracle = calloc(1, sizeof *oracle);

    assert_non_null(oracle);
    return oracle;
}

void oracle_free(struct oracle *oracle)
{
    free(oracle);
}

#define FAIL(view, ...) fail_view(view, __VA_ARGS__)

__attribute__((format(printf, 2, 3))) _Noreturn static void fail_view(const struct view *view,
                                                                      const char *format, ...)
{
    char text[512];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    story_fail(view->simulation, "%s, %s %s: %s", view->rules->id, view->matter->scope,
               event_check_name(view->matter->check), text);
}

static struct view view_of(struct simulation *simulation, int target, struct matter *matter)
{
    return (struct view){
        .simulation = simulation,
        .target = target,
        .rules = &simulation->targets[target],
        .matter = matter,
        .belief = &simulation->oracle->beliefs[target][matter - simulation->truth->matters]};
}

/* The kinds that a target must want to be sent a begin, and an end. */
static unsigned begin_kinds(const struct view *view)
{
    switch (view->matter->check) {
    case EVENT_HTTP:
        return ALERT_DOWN;
    case EVENT_SLOW:
        return ALERT_SLOW;
    case EVENT_BOT:
        return ALERT_BOT;
    case EVENT_CERTIFICATE:
        return ALERT_CERTIFICATE;
    case EVENT_ALERT:
        return strcmp(view->matter->scope, view->rules->id) == 0 ? 0 : ALERT_UNDELIVERED;
    default:
        return 0;
    }
}

static unsigned end_kinds(const struct view *view)
{
    switch (view->matter->check) {
    case EVENT_HTTP:
        return ALERT_UP;
    case EVENT_LOCAL_NETWORK:
        return ALERT_LOCAL_NETWORK;
    default:
        return begin_kinds(view);
    }
}

static bool wants_begin(const struct view *view)
{
    return begin_kinds(view) & view->rules->on;
}

static bool wants_end(const struct view *view)
{
    return end_kinds(view) & view->rules->on;
}

/* Whether the `sites` of the target have this monitor. The certificate is that of s0/d0; other
 * subjects are for all targets. */
static bool is_in_scope(const struct view *view)
{
    const struct alert_target *rules = view->rules;
    const char *scope = view->matter->check == EVENT_CERTIFICATE ? "s0/d0" : view->matter->scope;

    for (size_t i = 0; i < rules->n_scopes; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s/%s", rules->scopes[i].site,
                 rules->scopes[i].domain ? rules->scopes[i].domain : "");
        if (rules->scopes[i].domain ? strcmp(name, scope) == 0
                                    : strncmp(name, scope, strlen(name)) == 0)
            return true;
    }
    return rules->n_scopes == 0 || view->matter->check > EVENT_CERTIFICATE;
}

static bool is_quiet_at(const struct view *view, unsigned kinds, int64_t wall_ms)
{
    const struct quiet_hours *quiet = &view->rules->quiet;
    int64_t minute = clock_floor_div(wall_ms, MS_PER_MINUTE);
    int64_t now = minute - clock_floor_div(minute, MINUTES_PER_DAY) * MINUTES_PER_DAY;

    if (kinds & view->rules->on & quiet->except)
        return false;
    if (quiet->from_minute <= quiet->to_minute)
        return quiet->from_minute <= now && now < quiet->to_minute;
    return now >= quiet->from_minute || now < quiet->to_minute;
}

static bool is_quiet(const struct view *view, unsigned kinds)
{
    return is_quiet_at(view, kinds, simulation_wall_ms(view->simulation));
}

/* Whether an outage may be the consequence of another one. */
static bool is_dependent(const struct view *view)
{
    const struct config *config = &view->simulation->world->config;
    struct truth *truth = view->simulation->truth;
    char name[CONFIG_MONITOR_MAX];
    size_t i = 0;

    if (view->matter->check > EVENT_BOT)
        return false;
    while (i < config->n_domains &&
           strcmp(config_monitor_name(config, i, name), view->matter->scope) != 0)
        i++;
    if (i == config->n_domains || config->domains[i].dependency == SIZE_MAX)
        return false;
    if (view->matter->is_open && view->matter->state == EVENT_RECOVERING_STATE)
        return true;
    for (i = config->domains[i].dependency; i != SIZE_MAX; i = config->domains[i].dependency) {
        const struct matter *other =
            truth_find(truth, EVENT_HTTP, config_monitor_name(config, i, name));

        if (other && other->is_open)
            return true;
    }
    return false;
}

/* Whether nothing delays a message of the target. */
static bool is_calm(const struct view *view)
{
    return view->simulation->services[view->target].calm_at_ms < view->simulation->real_ms;
}

/* Whether the subject may wait for its last message. */
static bool may_flap(const struct view *view)
{
    const struct matter *matter = view->matter;
    int64_t since = matter->changed_real > view->belief->last_real ? matter->changed_real
                                                                   : view->belief->last_real;

    if (matter->n == 0 || matter->outages[matter->n - 1].number < FLAPPING_FROM)
        return false;
    return view->simulation->real_ms - since <= FLAPPING_MS + MS_PER_MINUTE;
}

/* A key that the target has received already. */
static void check_again(const struct view *view, const struct receipt *receipt)
{
    const struct belief *belief = view->belief;

    if (strcmp(receipt->key, belief->key) != 0)
        FAIL(view, "number %d has two keys: %s and %s", receipt->n, belief->key, receipt->key);
    if (receipt->text != belief->text)
        FAIL(view, "two texts with the key %s", receipt->key);
    if (belief->is_sure)
        FAIL(view, "%s was received twice, though the program knew the answer", receipt->key);
}

/* What the program may have known when it decided: what was sent, and what may have been sent. */
static bool may_have_known(const struct view *view, bool was_up)
{
    const struct belief *belief = view->belief;

    if ((belief->state == EVENT_UP) == was_up)
        return true;
    return !belief->is_sure && (belief->before == EVENT_UP) == was_up;
}

static void check_begin(const struct view *view, const struct receipt *receipt)
{
    const struct belief *belief = view->belief;

    if (receipt->state == EVENT_UP)
        FAIL(view, "a begin with the state UP");
    if (belief->state == receipt->state && belief->began_ms == receipt->began_ms && belief->is_sure)
        FAIL(view, "the begin was received before, with the key %s", belief->key);
}

static void check_flapping(const struct view *view, const struct receipt *receipt)
{
    const struct happening *outage = truth_outage(view->matter, receipt->began_ms);
    int64_t since = receipt->real_ms - view->belief->last_real;
    int64_t wall = receipt->wall_ms - view->belief->last_wall;

    if (outage->number <= FLAPPING_FROM || view->belief->n == 0 || view->belief->is_settled ||
        !view->belief->is_sure)
        return;
    /* The clock may have been set within the series: then it is not known which outages are near.
     */
    if (receipt->real_ms - view->simulation->clock_set_real < MS_PER_DAY)
        return;
    if (truth_outage(view->matter, view->belief->began_ms) &&
        truth_outage(view->matter, view->belief->began_ms)->number >= FLAPPING_FROM &&
        since < FLAPPING_MS && wall < FLAPPING_MS)
        FAIL(view, "two messages in %lld min, although it flaps",
             (long long)(since / MS_PER_MINUTE));
}

/* Each message is possible after the one before it. */
static void check_order(const struct view *view, const struct receipt *receipt)
{
    switch (receipt->change) {
    case ALERT_BEGAN:
        check_begin(view, receipt);
        break;
    case ALERT_ENDED:
        if (!may_have_known(view, false))
            FAIL(view, "an end without its begin");
        break;
    case ALERT_WAS:
        if (!may_have_known(view, true) && wants_end(view))
            FAIL(view, "'was down', though the begin was received");
        break;
    case ALERT_REMINDER:
        if (!may_have_known(view, false) || receipt->state == EVENT_UP)
            FAIL(view, "a reminder without a begin");
        break;
    default:
        break;
    }
}

/* The kinds of a part, apart from flapping. */
static unsigned receipt_kinds(const struct view *of_target, const struct receipt *receipt)
{
    struct view view = *of_target;

    view.matter = truth_find(view.simulation->truth, receipt->check, receipt->scope);
    if (!view.matter)
        return 0;
    if (receipt->change == ALERT_WAS || receipt->change == ALERT_SETTLED)
        return begin_kinds(&view) | end_kinds(&view);
    return receipt->state == EVENT_UP ? end_kinds(&view) : begin_kinds(&view);
}

/* Whether any part of the same message is an exception from quiet hours. */
static bool is_with_exception(const struct view *view, const struct receipt *receipt)
{
    const struct receipts *receipts = view->simulation->receipts;
    unsigned kinds = 0;

    for (int i = 0; i < receipts->n; i++) {
        const struct receipt *other = &receipts->list[i];

        if (other->target == receipt->target && other->delivery == receipt->delivery)
            kinds |= receipt_kinds(view, other);
    }
    return kinds & view->rules->on & view->rules->quiet.except;
}

/* The message is true in this tick, in which more may have happened since. What becomes of messages
 * is known only at its end. */
static void check_truth(const struct view *view, const struct receipt *receipt)
{
    const struct happening *outage = truth_outage(view->matter, receipt->began_ms);
    const struct happening *lasting = truth_lasting(view->matter);
    unsigned kinds = receipt_kinds(view, receipt);

    if (!outage)
        FAIL(view, "%s: there was no such outage", receipt->key);
    if (outage->number >= FLAPPING_FROM && view->matter->check == EVENT_HTTP)
        kinds |= ALERT_FLAPPING;
    if (!(kinds & view->rules->on) || !is_in_scope(view))
        FAIL(view, "%s: the target does not want this", receipt->key);
    if (view->matter->check == EVENT_ALERT)
        return;
    if (receipt->state != EVENT_UP && lasting != outage && outage->closed_tick != receipt->tick)
        FAIL(view, "%s: it is not DOWN", receipt->key);
    if (receipt->state == EVENT_UP &&
        (outage->ended_ms == INT64_MIN || (lasting && lasting->confirmed_tick != receipt->tick)))
        FAIL(view, "%s: it is not UP", receipt->key);
    if (lasting == outage && lasting->state != receipt->state &&
        view->matter->changed_tick != receipt->tick)
        FAIL(view, "%s: the state is not %s", receipt->key, event_state_name(receipt->state));
    if (view->simulation->was_completed_before && is_quiet_at(view, kinds, receipt->wall_ms) &&
        !is_with_exception(view, receipt))
        FAIL(view, "%s: in quiet hours", receipt->key);
}

/* The outages that the message has, or counts. */
static void cover(const struct view *view, const struct receipt *receipt)
{
    bool covers = false;

    for (int i = 0; i < view->matter->n; i++) {
        struct happening *outage = &view->matter->outages[i];

        covers |= outage->began_ms == receipt->first_missed_ms;
        if (outage->began_ms == receipt->began_ms || (covers && receipt->n_missed > 0))
            outage->is_covered[view->target] = true;
        if (outage->began_ms == receipt->began_ms)
            break;
    }
}

/* Waits are in minutes: a tick may begin a little later after its minute than the next one. */
static int64_t minute_of(int64_t ms)
{
    return clock_floor_div(ms, MS_PER_MINUTE) * MS_PER_MINUTE;
}

static void believe(const struct view *view, const struct receipt *receipt)
{
    struct belief *belief = view->belief;
    bool was_unknown = belief->is_begin_unsure;
    bool is_new = receipt->state != EVENT_UP &&
                  (receipt->change == ALERT_BEGAN || belief->state == EVENT_UP || was_unknown ||
                   belief->began_ms != receipt->began_ms);

    bool is_other = belief->began_ms != receipt->began_ms;

    if (belief->is_sure)
        belief->before = belief->state;
    if (receipt->is_recorded)
        belief->before = receipt->state;
    if (is_new) {
        belief->is_begin_unsure = !receipt->is_recorded;
        belief->is_vague = was_unknown;
        belief->down_real = minute_of(receipt->real_ms);
        belief->down_wall = minute_of(receipt->wall_ms);
    }
    belief->state = receipt->state;
    belief->began_ms = receipt->began_ms;
    belief->last_real = minute_of(receipt->real_ms);
    belief->last_wall = minute_of(receipt->wall_ms);
    belief->n = receipt->n;
    belief->text = receipt->text;
    belief->is_sure = receipt->is_recorded;
    belief->is_former = false;

    /* There is no reminder while it flaps: the last message about that had expired. */
    belief->is_settled = receipt->change == ALERT_SETTLED || receipt->change == ALERT_REMINDER ||
                         (belief->is_settled && !is_other);
    snprintf(belief->key, sizeof belief->key, "%s", receipt->key);
    if (receipt->is_answered)
        view->matter->is_given_up[view->target] = false;
}

/* How long after its begin the next reminder is due that is later than this. */
static int64_t next_reminder(const struct alert_target *rules, int64_t after)
{
    int64_t last = rules->remind_ms[rules->n_reminders - 1];

    for (size_t i = 0; i < rules->n_reminders; i++) {
        if (rules->remind_ms[i] > after)
            return rules->remind_ms[i];
    }
    return (after / last + 1) * last;
}

static void check_reminder(const struct view *view, const struct receipt *receipt)
{
    const struct belief *belief = view->belief;
    int64_t now = receipt->wall_ms - belief->down_wall;

    if (receipt->change != ALERT_REMINDER)
        return;
    if (view->rules->n_reminders == 0)
        FAIL(view, "a reminder that the target does not want");
    if (view->simulation->clock_set_real >= belief->down_real || !belief->is_sure ||
        belief->is_vague)
        return;
    if (now < next_reminder(view->rules, belief->last_wall - belief->down_wall))
        FAIL(view, "a reminder too early: %lld min after the begin",
             (long long)(now / MS_PER_MINUTE));
}

/* A killed tick may have recorded what became of its messages, or staged it: the log decides. */
static void make_sure(const struct view *view)
{
    struct belief *belief = view->belief;

    if (belief->is_sure || belief->is_former || belief->n == 0 ||
        !truth_is_sent(view->matter, view->target, belief->n))
        return;
    belief->is_sure = true;
    belief->before = belief->state;
    belief->is_begin_unsure = belief->is_begin_unsure && belief->state == EVENT_UP;
}

static void take(struct simulation *simulation, const struct receipt *receipt)
{
    struct matter *matter = truth_find(simulation->truth, receipt->check, receipt->scope);
    struct view view;

    if (!matter)
        story_fail(simulation, "%s is about nothing that happened", receipt->key);
    view = view_of(simulation, receipt->target, matter);
    if (receipt->n == view.belief->n) {
        check_again(&view, receipt);
        believe(&view, receipt);
        return;
    }
    if (receipt->n < view.belief->n)
        FAIL(&view, "number %d after number %d", receipt->n, view.belief->n);
    make_sure(&view);
    check_truth(&view, receipt);
    check_order(&view, receipt);
    check_flapping(&view, receipt);
    check_reminder(&view, receipt);
    cover(&view, receipt);
    believe(&view, receipt);
}

/* An outage that is over must have been received, or counted as missed. */
static void check_ended(const struct view *view)
{
    struct belief *belief = view->belief;
    unsigned kinds = begin_kinds(view) | end_kinds(view);
    bool wants = wants_begin(view) || wants_end(view);

    for (; belief->next < view->matter->n; belief->next++) {
        struct happening *outage = &view->matter->outages[belief->next];
        char began[CLOCK_TEXT_MAX];

        if (outage->ended_ms == INT64_MIN)
            return;
        /* A tick that began in quiet hours may have decided in them, although they are over now. */
        if (!wants || outage->is_covered[view->target] || outage->is_excused[view->target] ||
            is_quiet(view, kinds) || is_quiet_at(view, kinds, outage->ended_ms) ||
            is_dependent(view))
            continue;
        if (belief->state != EVENT_UP && is_quiet(view, end_kinds(view)))
            return;
        if (!wants_begin(view) && truth_lasting(view->matter))
            return; /* with the end of that one */
        if (!is_calm(view) || may_flap(view) ||
            view->matter->changed_tick == view->simulation->tick)
            return;
        clock_write_ms(outage->began_ms, began);
        FAIL(view, "the outage of %s was not received", began);
    }
}

static void check_state(const struct view *view)
{
    const struct happening *lasting = truth_lasting(view->matter);
    const struct belief *belief = view->belief;
    enum event_state state = lasting ? lasting->state : EVENT_UP;

    if (belief->state == state || view->matter->is_given_up[view->target])
        return;
    if (state == EVENT_UP &&
        (!wants_end(view) || belief->is_former || is_quiet(view, end_kinds(view))))
        return;
    if (state != EVENT_UP &&
        (!wants_begin(view) || is_dependent(view) || is_quiet(view, begin_kinds(view))))
        return;
    FAIL(view, "the target believes %s, but it is %s", event_state_name(belief->state),
         event_state_name(state));
}

static void check_due_reminder(const struct view *view)
{
    const struct happening *lasting = truth_lasting(view->matter);
    const struct belief *belief = view->belief;
    int64_t now = simulation_wall_ms(view->simulation) - belief->down_wall - MS_PER_MINUTE;

    if (!lasting || belief->state == EVENT_UP || view->matter->is_given_up[view->target] ||
        view->rules->n_reminders == 0 || lasting->is_acknowledged || !wants_begin(view) ||
        is_dependent(view) || is_quiet(view, begin_kinds(view)) || belief->is_former ||
        belief->is_vague || view->simulation->clock_set_real >= belief->down_real)
        return;
    if (now >= next_reminder(view->rules, belief->last_wall - belief->down_wall))
        FAIL(view, "there was no reminder %lld min after the begin",
             (long long)(now / MS_PER_MINUTE));
}

static void check_view(const struct view *view)
{
    bool is_late_news =
        view->matter->check == EVENT_ALERT && view->matter->changed_tick == view->simulation->tick;

    if (!is_in_scope(view))
        return;
    check_ended(view);
    if (!is_calm(view) || may_flap(view) || is_late_news)
        return;
    check_state(view);
    check_due_reminder(view);
}

/* All outages that are over by now need not be sent. */
static void excuse_all(const struct view *view)
{
    for (int i = view->belief->next; i < view->matter->n; i++) {
        if (view->matter->outages[i].ended_ms != INT64_MIN)
            view->matter->outages[i].is_excused[view->target] = true;
    }
}

/* The state was lost: what ended before the last message to the target that is in the log, or more
 * than a day ago, need not be sent any more. */
static void excuse_lost(const struct view *view)
{
    int64_t day_ago_ms = simulation_wall_ms(view->simulation) - 23 * (int64_t)MS_PER_HOUR;
    int sent_tick = view->simulation->truth->sent_tick[view->target];

    for (int i = view->belief->next; i < view->matter->n; i++) {
        struct happening *outage = &view->matter->outages[i];

        if (outage->ended_ms != INT64_MIN &&
            (sent_tick == 0 || outage->closed_tick <= sent_tick || outage->ended_ms < day_ago_ms))
            outage->is_excused[view->target] = true;
    }
}

/* A target that has left: the program knows nothing of what it was sent. */
static void leave(const struct view *view)
{
    struct belief *belief = view->belief;

    excuse_all(view);
    if (belief->n == 0)
        return;
    belief->is_sure = false;
    belief->is_former = true;
    belief->before = EVENT_UP;
}

static void check_target(struct simulation *simulation, int target)
{
    struct oracle *oracle = simulation->oracle;
    bool is_new = simulation->is_configured[target] && !oracle->was_configured[target];

    for (int i = 0; i < simulation->truth->n; i++) {
        struct view view = view_of(simulation, target, &simulation->truth->matters[i]);

        make_sure(&view);
        if (!simulation->is_configured[target])
            leave(&view);
        else if (is_new)
            excuse_all(&view);
        else if (simulation->has_lost_state)
            excuse_lost(&view);
        if (simulation->is_configured[target])
            check_view(&view);
    }
    oracle->was_configured[target] = simulation->is_configured[target];
}

void oracle_check(struct simulation *simulation)
{
    struct oracle *oracle = simulation->oracle;

    while (oracle->taken < simulation->receipts->n)
        take(simulation, &simulation->receipts->list[oracle->taken++]);
    if (!simulation->was_completed)
        return;
    for (int i = 0; i < TARGETS; i++)
        check_target(simulation, i);
    simulation->has_lost_state = false;
}

void oracle_finish(struct simulation *simulation)
{
    for (int i = 0; i < TARGETS; i++) {
        if (simulation->is_configured[i] &&
            simulation->services[i].calm_at_ms >= simulation->real_ms)
            story_fail(simulation, "%s is not calm at the end", simulation->targets[i].id);
    }
}
