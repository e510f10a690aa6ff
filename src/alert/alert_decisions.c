/* Decides what targets have to be sent about the subjects that have news. */
#include "alert/alert_decisions.h"

#include "alert/alert_drafts.h"
#include "alert/alert_scopes.h"
#include "alert/alert_subjects.h"
#include "alert/payload.h"
#include "base/clock.h"
#include "model/confirm.h"
#include "state/alert_table.h"
#include "state/conditions.h"
#include "state/message_table.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* A subject is looked at again within a day, so it does not wait for weeks if the clock was set
     * back. */
    LOOK_MAX_MS = MS_PER_DAY,
    /* An outage that is held back because of another one is looked at each hour: the configuration
     * may have changed. */
    LOOK_HELD_MS = MS_PER_HOUR
};

/* A target, for which all subjects are decided. */
struct deciding_target {
    struct alert_drafts drafts;
    int64_t first;                  /* number of the last event before the target was there */
    struct alert_reported reported; /* about the subject that is being decided */
};

struct deciding {
    const struct alert_decisions *parts;
    struct alert_scopes scopes;
    struct alert_subjects subjects;
    struct deciding_target *targets; /* those of the configuration */
    struct alert_story story;        /* of the subject that is being decided */
    bool again;                      /* a subject that was passed is open again */
};

static int add_subject(void *context, enum event_check check, const char *scope,
                       struct error *error)
{
    struct deciding *deciding = context;

    return alert_subjects_add(&deciding->subjects, check, scope, error) ? 0 : -1;
}

/* All that checks of a monitor show. */
static int add_monitor(struct deciding *deciding, size_t domain, struct error *error)
{
    char name[CONFIG_MONITOR_MAX];
    int result = 0;

    config_monitor_name(deciding->parts->config, domain, name);
    for (int check = 0; check < CONFIRM_CHECKS && result == 0; check++)
        result = add_subject(deciding, (enum event_check)check, name, error);
    return result;
}

/* The outages of monitors that depend on one with news may be its consequence no longer. */
static int add_dependents(struct deciding *deciding, struct error *error)
{
    const struct config *config = deciding->parts->config;
    bool *marked = calloc(config->n_domains + 1, sizeof *marked);
    int result = 0;

    if (!marked)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    for (size_t i = 0; i < deciding->subjects.n; i++) {
        const struct alert_subject *subject = deciding->subjects.list[i];
        size_t domain = alert_scopes_domain(&deciding->scopes, subject->check, subject->scope);

        if (subject->check == EVENT_HTTP && domain != SIZE_MAX)
            marked[domain] = true;
    }
    for (size_t i = 0; i < config->n_domains && result == 0; i++) {
        if (alert_scopes_depends_on(&deciding->scopes, i, marked))
            result = add_monitor(deciding, i, error);
    }
    free(marked);
    return result;
}

static int list_subjects(struct deciding *deciding, struct error *error)
{
    const struct alert_decisions *parts = deciding->parts;

    if (alert_table_each_subject(parts->storage, parts->now_ms, add_subject, deciding, error))
        return -1;

    /* The targets that are left out now decide later. */
    for (size_t i = 0; parts->at_once && i < deciding->subjects.n; i++) {
        const struct alert_subject *subject = deciding->subjects.list[i];

        if (alert_table_mark_subject(parts->storage, subject->check, subject->scope, error))
            return -1;
    }
    return deciding->scopes.has_dependencies ? add_dependents(deciding, error) : 0;
}

/* Reads the reports of all targets, and the story: it must show all that targets were sent and that
 * is not over for them. */
static int read_story(struct deciding *deciding, const struct alert_subject *subject,
                      struct error *error)
{
    const struct alert_decisions *parts = deciding->parts;
    int64_t from_ms = INT64_MAX;

    for (size_t t = 0; t < parts->config->n_alerts; t++) {
        struct alert_reported *reported = &deciding->targets[t].reported;

        if (alert_table_get_reported(parts->storage, parts->config->alerts[t].id, subject->check,
                                     subject->scope, reported, error))
            return -1;
        if (reported->state != EVENT_UP && reported->series_ms < from_ms)
            from_ms = reported->series_ms;
        if (alert_story_is_moment(reported->outage_ms) && reported->outage_ms < from_ms)
            from_ms = reported->outage_ms;
    }
    return alert_table_read_story(parts->storage, subject->check, subject->scope, from_ms,
                                  &deciding->story, error);
}

/* What a message that waits has about a subject, and about which others. */
struct waiting {
    struct deciding *deciding;
    const struct alert_subject *subject;
    size_t target;
    struct alert_part part;
    struct subject_target withdrawn; /* what the new message takes over */
};

static int find_part(void *context, const char *scope, const struct alert_part *part,
                     struct error *error)
{
    struct waiting *waiting = context;

    (void)error;
    if (part->check == waiting->subject->check && strcmp(scope, waiting->subject->scope) == 0)
        waiting->part = *part;
    return 0;
}

/* The other subjects of a message that is withdrawn are decided again. */
static int reopen_part(void *context, const char *scope, const struct alert_part *part,
                       struct error *error)
{
    struct waiting *waiting = context;
    struct alert_subject *subject =
        alert_subjects_add(&waiting->deciding->subjects, part->check, scope, error);
    struct subject_target *target;

    if (!subject)
        return -1;
    target = &subject->targets[waiting->target];
    target->created_ms = waiting->withdrawn.created_ms;
    target->attempts = waiting->withdrawn.attempts;
    if (subject == waiting->subject)
        return 0;
    target->progress = SUBJECT_OPEN;
    waiting->deciding->again = true;
    return 0;
}

static int withdraw(struct waiting *waiting, int64_t number, struct error *error)
{
    struct storage *storage = waiting->deciding->parts->storage;

    if (message_table_get_age(storage, number, &waiting->withdrawn.created_ms,
                              &waiting->withdrawn.attempts, error) ||
        message_table_each_part(storage, number, reopen_part, waiting, error))
        return -1;
    return message_table_delete(storage, number, error);
}

static bool is_same_news(const struct alert_part *one, const struct alert_part *other)
{
    return one->change == other->change && one->state == other->state &&
           one->series_ms == other->series_ms && one->outage.began_ms == other->outage.began_ms;
}

/* Looks for a message that waits. *stays: it has the news already. If not, it is withdrawn. The new
 * one has its series: the target may have accepted it, though it was not recorded, and an incident
 * that was opened must be closed. */
static int check_waiting(struct deciding *deciding, const struct alert_subject *subject,
                         size_t target, struct alert_part *part, bool *stays, struct error *error)
{
    struct waiting waiting = {.deciding = deciding, .subject = subject, .target = target};
    struct storage *storage = deciding->parts->storage;
    int64_t number;

    *stays = false;
    if (message_table_find(storage, deciding->parts->config->alerts[target].id, subject->check,
                           subject->scope, &number, error))
        return -1;
    if (number == 0)
        return 0;
    if (message_table_each_part(storage, number, find_part, &waiting, error))
        return -1;
    if (part->change != ALERT_NONE)
        part->series_ms = waiting.part.series_ms;
    *stays = is_same_news(&waiting.part, part);
    return *stays ? 0 : withdraw(&waiting, number, error);
}

/* What holds for a target now; and until when, if it is quiet. */
static struct alert_moment find_moment(const struct deciding *deciding, size_t target,
                                       size_t domain, int64_t *quiet_until)
{
    const struct alert_decisions *parts = deciding->parts;
    struct alert_moment moment = {.now_ms = parts->now_ms};

    moment.is_quiet =
        quiet_is_now(&parts->quiet[target], parts->now_ms, &moment.held_from_ms, quiet_until);
    moment.dependency_is_down = alert_scopes_is_held(&deciding->scopes, domain);
    if (moment.dependency_is_down)
        moment.held_from_ms = 0;
    /* While checks run, the one of the dependency may fail yet: only wait for it. */
    if (parts->at_once && domain != SIZE_MAX && parts->config->domains[domain].depends_on) {
        moment.dependency_is_down = true;
        moment.held_from_ms = INT64_MAX;
    }
    return moment;
}

static int64_t limit_look(int64_t look_ms, int64_t quiet_until, const struct alert_moment *moment)
{
    int64_t latest_ms = moment->now_ms + LOOK_MAX_MS;

    if (moment->dependency_is_down && moment->now_ms + LOOK_HELD_MS < look_ms)
        look_ms = moment->now_ms + LOOK_HELD_MS;
    if (quiet_until < look_ms)
        look_ms = quiet_until;
    return look_ms == INT64_MAX || look_ms < latest_ms ? look_ms : latest_ms;
}

/* The end of the outage before that of a message; INT64_MIN: the story does not have it. */
static int64_t find_up_since(const struct alert_story *story, const struct alert_part *part)
{
    int64_t since_ms = INT64_MIN;

    for (size_t i = 0; i < story->n_outages; i++) {
        if (story->outages[i].began_ms < part->outage.began_ms)
            since_ms = story->outages[i].ended_ms;
    }
    return since_ms;
}

/* What the target would be sent if it were not quiet. A message that waits and has just that stays:
 * the target may have received it already. */
static struct alert_part decide_without_quiet(const struct deciding *deciding, size_t t,
                                              const struct alert_moment *moment,
                                              struct alert_reported reported)
{
    struct alert_moment open = *moment;
    int64_t look_ms;

    open.is_quiet = false;
    return alert_decide(&deciding->parts->config->alerts[t], &deciding->story, &open, &reported,
                        &look_ms);
}

/* Decides about a subject for a target. Stores what it was reported, without the message, which is
 * only a draft yet. */
static int decide(struct deciding *deciding, struct alert_subject *subject, size_t t, size_t domain,
                  struct error *error)
{
    const struct alert_decisions *parts = deciding->parts;
    const struct alert_target *target = &parts->config->alerts[t];
    struct subject_target *progress = &subject->targets[t];
    struct alert_reported *reported = &deciding->targets[t].reported, before = *reported;
    struct alert_part part, held;
    int64_t look_ms, quiet_until;
    struct alert_moment moment = find_moment(deciding, t, domain, &quiet_until);
    bool is_held, stays;

    moment.first = deciding->targets[t].first;
    part = alert_decide(target, &deciding->story, &moment, reported, &look_ms);
    is_held = moment.is_quiet && part.change == ALERT_NONE;
    if (is_held)
        held = decide_without_quiet(deciding, t, &moment, before);
    if (check_waiting(deciding, subject, t, is_held ? &held : &part, &stays, error))
        return -1;
    progress->progress = stays ? SUBJECT_WAITING : SUBJECT_DECIDED;
    if (stays && is_held)
        *reported = before;
    else if (stays)
        reported->n = before.n;
    else if (part.change != ALERT_NONE &&
             alert_drafts_add(&deciding->targets[t].drafts, subject, progress, &part,
                              find_up_since(&deciding->story, &part), error))
        return -1;
    return alert_table_put_reported(parts->storage, target->id, subject->check, subject->scope,
                                    reported, limit_look(look_ms, quiet_until, &moment), error);
}

static int decide_for_target(struct deciding *deciding, struct alert_subject *subject, size_t t,
                             size_t domain, struct error *error)
{
    const struct alert_decisions *parts = deciding->parts;
    const struct alert_target *target = &parts->config->alerts[t];
    bool let_through;

    if (parts->at_once && payload_is_summary(target)) {
        subject->targets[t].progress = SUBJECT_DECIDED;
        return 0;
    }
    if (alert_scopes_let_through(&deciding->scopes, target, subject->check, subject->scope,
                                 &let_through, error))
        return -1;
    subject->targets[t].progress = SUBJECT_DECIDED;
    return let_through ? decide(deciding, subject, t, domain, error) : 0;
}

static bool is_open(const struct alert_subject *subject, size_t n_targets)
{
    for (size_t t = 0; t < n_targets; t++) {
        if (subject->targets[t].progress == SUBJECT_OPEN)
            return true;
    }
    return false;
}

static int decide_subject(struct deciding *deciding, struct alert_subject *subject,
                          struct error *error)
{
    size_t domain = alert_scopes_domain(&deciding->scopes, subject->check, subject->scope);
    size_t n_targets = deciding->subjects.n_targets;

    if (!is_open(subject, n_targets))
        return 0;
    if (read_story(deciding, subject, error))
        return -1;
    for (size_t t = 0; t < n_targets; t++) {
        if (subject->targets[t].progress == SUBJECT_OPEN &&
            decide_for_target(deciding, subject, t, domain, error))
            return -1;
    }
    return 0;
}

/* Each message can be withdrawn once only, so this ends. */
static int decide_all(struct deciding *deciding, struct error *error)
{
    do {
        deciding->again = false;
        for (size_t i = 0; i < deciding->subjects.n; i++) {
            if (decide_subject(deciding, deciding->subjects.list[i], error))
                return -1;
        }
    } while (deciding->again);
    return 0;
}

static int store_drafts(struct deciding *deciding, struct error *error)
{
    const struct alert_decisions *parts = deciding->parts;

    for (size_t t = 0; t < parts->config->n_alerts; t++) {
        if (alert_drafts_store(&deciding->targets[t].drafts, parts->now_ms, error))
            return -1;
    }
    return 0;
}

static int make_targets(struct deciding *deciding, struct error *error)
{
    const struct config *config = deciding->parts->config;

    deciding->targets = calloc(config->n_alerts + 1, sizeof *deciding->targets);
    if (!deciding->targets)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    for (size_t t = 0; t < config->n_alerts; t++) {
        struct deciding_target *target = &deciding->targets[t];

        target->drafts = (struct alert_drafts){.target = &config->alerts[t],
                                               .scopes = &deciding->scopes,
                                               .arena = deciding->subjects.arena};
        if (alert_table_get_first(deciding->parts->storage, config->alerts[t].id, &target->first,
                                  error))
            return -1;
    }
    return 0;
}

static void free_deciding(struct deciding *deciding)
{
    for (size_t t = 0; deciding->targets && t < deciding->parts->config->n_alerts; t++)
        alert_drafts_free(&deciding->targets[t].drafts);
    free(deciding->targets);
    alert_subjects_close(&deciding->subjects);
    alert_scopes_close(&deciding->scopes);
    free(deciding);
}

int alert_decisions_make(const struct alert_decisions *decisions, struct error *error)
{
    struct deciding *deciding = calloc(1, sizeof *deciding);
    const struct config *config = decisions->config;
    int result = -1;

    if (!deciding)
        return error_set(error, EXIT_IO, "alerts: out of memory");
    deciding->parts = decisions;
    if (conditions_load(decisions->storage, error) == 0 &&
        alert_scopes_open(&deciding->scopes, config, decisions->storage, error) == 0 &&
        alert_subjects_open(&deciding->subjects, config->n_alerts, error) == 0 &&
        make_targets(deciding, error) == 0 && list_subjects(deciding, error) == 0 &&
        decide_all(deciding, error) == 0)
        result = store_drafts(deciding, error);
    free_deciding(deciding);
    return result;
}
