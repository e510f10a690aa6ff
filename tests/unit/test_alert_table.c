/*
 * state: the targets, what was reported to them, the messages that wait, and what a rebuild finds
 * of them in the event log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"
#include "records/export.h"
#include "state/alert_log.h"
#include "state/alert_table.h"
#include "state/conditions.h"
#include "state/event_table.h"
#include "state/message_table.h"
#include "state_query.h"

#define NOW (AT_0 + 10 * MS_PER_DAY)

static const struct alert_target two_targets[] = {{.id = "ops"}, {.id = "pager"}};

struct desk {
    struct world *world;
    struct storage *storage;
    struct error error;
};

/* A state with n targets, in an open transaction. */
static void set_up(struct desk *desk, size_t n)
{
    *desk = (struct desk){.world = make_world(2)};
    desk->world->config.alerts = two_targets;
    desk->world->config.n_alerts = n;
    desk->storage = open_world_state(desk->world);
    assert_done(storage_begin(desk->storage, &desk->error), &desk->error);
}

static void tear_down(struct desk *desk)
{
    assert_done(storage_end(desk->storage, 0, &desk->error), &desk->error);
    storage_close(desk->storage);
    free_world(desk->world);
}

static void log_event(struct desk *desk, struct event event)
{
    struct event_table_adding adding;
    bool is_new;

    assert_done(event_table_begin(&adding, desk->storage, &desk->error), &desk->error);
    assert_done(event_table_add(&adding, &event, &is_new, &desk->error), &desk->error);
    assert_done(event_table_end(&adding, &desk->error), &desk->error);
}

/* An outage that lasts for some minutes; 0: it is open. */
static void log_outage(struct desk *desk, const char *scope, int64_t began_ms, int minutes)
{
    struct event event = {began_ms,     scope,         EVENT_HTTP,   began_ms,
                          EVENT_OPENED, EVENT_SUSPECT, "status.5xx", ""};

    log_event(desk, event);
    event.change = EVENT_CONFIRMED;
    event.state = EVENT_DOWN;
    log_event(desk, event);
    if (minutes == 0)
        return;
    event.at_ms += minutes * (int64_t)MS_PER_MINUTE;
    event.change = EVENT_CLOSED;
    event.state = EVENT_UP;
    event.detail = EVENT_RECOVERED;
    log_event(desk, event);
}

static void log_message(struct desk *desk, enum event_change change, enum event_state state,
                        int64_t at_ms, int64_t began_ms, const char *detail)
{
    log_event(desk,
              (struct event){at_ms, "s0/d0", EVENT_HTTP, began_ms, change, state, "", detail});
}

static int add_subject(void *context, enum event_check check, const char *scope,
                       struct error *error)
{
    char *at = strchr(context, '\0');

    (void)error;
    snprintf(at, 60, "%s%s/%s", at == context ? "" : " ", scope, event_check_name(check));
    return 0;
}

/* The subjects that have to be decided. */
static const char *subjects_at(struct desk *desk, int64_t now_ms)
{
    static char list[1024];

    *list = '\0';
    assert_done(alert_table_each_subject(desk->storage, now_ms, add_subject, list, &desk->error),
                &desk->error);
    return list;
}

static int64_t next_of(struct desk *desk)
{
    int64_t due_ms;

    assert_done(alert_table_next(desk->storage, &due_ms, &desk->error), &desk->error);
    return due_ms;
}

static void set_targets(struct desk *desk, size_t n)
{
    desk->world->config.n_alerts = n;
    assert_done(alert_table_set_targets(desk->storage, NOW, &desk->error), &desk->error);
}

static int64_t first_of(struct desk *desk, const char *target)
{
    int64_t first;

    assert_done(alert_table_get_first(desk->storage, target, &first, &desk->error), &desk->error);
    return first;
}

static int64_t setting_of(struct desk *desk, enum storage_setting setting)
{
    int64_t value;

    assert_done(storage_get_setting(desk->storage, setting, &value, &desk->error), &desk->error);
    return value;
}

static struct alert_reported reported_of(struct desk *desk, const char *target)
{
    struct alert_reported reported;

    assert_done(alert_table_get_reported(desk->storage, target, EVENT_HTTP, "s0/d0", &reported,
                                         &desk->error),
                &desk->error);
    return reported;
}

static void put_reported(struct desk *desk, const char *target,
                         const struct alert_reported *reported, int64_t look_ms)
{
    assert_done(alert_table_put_reported(desk->storage, target, EVENT_HTTP, "s0/d0", reported,
                                         look_ms, &desk->error),
                &desk->error);
}

static void assert_reported(const struct alert_reported *a, const struct alert_reported *b)
{
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->series_ms, b->series_ms);
    assert_int_equal(a->outage_ms, b->outage_ms);
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->down_ms, b->down_ms);
    assert_int_equal(a->last_ms, b->last_ms);
    assert_int_equal(a->is_flapping, b->is_flapping);
    assert_int_equal(a->tried_ms, b->tried_ms);
    assert_int_equal(a->given_up_ms, b->given_up_ms);
    assert_int_equal(a->given_up, b->given_up);
}

static void a_subject_with_new_events_has_to_be_decided_once(void **state)
{
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    set_targets(&desk, 1);
    assert_string_equal(subjects_at(&desk, NOW), "");
    assert_done(storage_set_setting(desk.storage, SETTING_ALERT_DUE_MS, NOW, &desk.error),
                &desk.error);
    assert_int_equal(next_of(&desk), INT64_MAX);

    /* Also if its events are older than others, because the clock was set back. */
    log_outage(&desk, "s0/d1", NOW, 1);
    log_outage(&desk, "s0/d0", AT_0, 0);
    assert_int_equal(setting_of(&desk, SETTING_ALERT_DUE_MS), 0);
    assert_int_equal(next_of(&desk), 0);
    assert_string_equal(subjects_at(&desk, AT_0), "s0/d0/http s0/d1/http");
    assert_string_equal(subjects_at(&desk, NOW), "");
    assert_done(alert_table_mark_subject(desk.storage, EVENT_HTTP, "s0/d1", &desk.error),
                &desk.error);
    assert_string_equal(subjects_at(&desk, AT_0), "s0/d1/http");
    tear_down(&desk);
}

static void an_event_of_a_message_makes_no_subject_due(void **state)
{
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    set_targets(&desk, 1);
    assert_done(storage_set_setting(desk.storage, SETTING_ALERT_DUE_MS, NOW, &desk.error),
                &desk.error);
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "ops 1 began");
    assert_int_equal(setting_of(&desk, SETTING_ALERT_DUE_MS), NOW);
    assert_string_equal(subjects_at(&desk, NOW), "");

    /* Another target was sent something at the same moment. The same line again is the same event.
     */
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "pager 1 began");
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "pager 1 began");
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_event"), 2);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM event"), 0);
    assert_int_equal(setting_of(&desk, SETTING_LAST_EVENT), 2);
    tear_down(&desk);
}

static void a_subject_has_to_be_decided_when_its_moment_comes(void **state)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    set_targets(&desk, 2);
    put_reported(&desk, "ops", &reported, NOW + 5);
    put_reported(&desk, "pager", &reported, NOW + 3);
    assert_int_equal(next_of(&desk), NOW + 3);
    assert_string_equal(subjects_at(&desk, NOW + 2), "");
    assert_string_equal(subjects_at(&desk, NOW + 3), "s0/d0/http");
    put_reported(&desk, "pager", &reported, INT64_MAX);
    assert_int_equal(next_of(&desk), NOW + 5);

    /* The clock was set back by more than 25 hours. */
    assert_string_equal(subjects_at(&desk, NOW + 5 - 25 * MS_PER_HOUR), "");
    assert_string_equal(subjects_at(&desk, NOW + 4 - 25 * MS_PER_HOUR), "s0/d0/http");
    put_reported(&desk, "ops", &reported, INT64_MAX - 1);
    assert_int_equal(next_of(&desk), INT64_MAX);
    put_reported(&desk, "ops", &reported, INT64_MIN);
    assert_int_equal(next_of(&desk), 0);
    tear_down(&desk);
}

static void what_waits_moves_back_with_the_clock(void **state)
{
    const char *scope = "s0/d0";
    struct alert_message message = {
        .target = "ops", .content = "{}", .created_ms = NOW - 5, .next_ms = NOW + 5, .answer = ""};
    struct alert_part part = {.change = ALERT_BEGAN, .check = EVENT_HTTP, .state = EVENT_DOWN};
    struct alert_reported reported = {.state = EVENT_DOWN,
                                      .series_ms = NOW - 1,
                                      .outage_ms = NOW - 2,
                                      .n = 7,
                                      .down_ms = NOW - 3,
                                      .last_ms = NOW - 4,
                                      .is_flapping = true,
                                      .tried_ms = NOW - 1,
                                      .given_up_ms = NOW,
                                      .given_up = EVENT_DOWN},
                          none = ALERT_NO_REPORTS, read;
    struct desk desk;
    int64_t number;

    (void)state;
    set_up(&desk, 2);
    set_targets(&desk, 2);
    put_reported(&desk, "ops", &reported, NOW + 6);
    put_reported(&desk, "pager", &none, INT64_MAX);
    assert_done(message_table_add(desk.storage, &message, &scope, &part, 1, &number, &desk.error),
                &desk.error);
    assert_done(storage_set_setting(desk.storage, SETTING_ALERT_DUE_MS, NOW + 5, &desk.error),
                &desk.error);
    assert_done(alert_table_set_back(desk.storage, 1000, &desk.error), &desk.error);
    assert_int_equal(setting_of(&desk, SETTING_ALERT_DUE_MS), 0);
    assert_int_equal(next_of(&desk), NOW + 5 - 1000);

    /* The identities of outages are no moments from which anything waits. */
    reported.down_ms -= 1000;
    reported.last_ms -= 1000;
    read = reported_of(&desk, "ops");
    assert_reported(&read, &reported);
    read = reported_of(&desk, "pager");
    assert_reported(&read, &none);
    assert_int_equal(count_in_state(desk.storage, "SELECT next_ms - created_ms FROM message"), 10);
    assert_int_equal(count_in_state(desk.storage, "SELECT look_ms - last_ms FROM reported "
                                                  "WHERE target = 'ops'"),
                     10);

    /* A moment before 1970 is none. */
    assert_done(alert_table_set_back(desk.storage, INT64_MAX, &desk.error), &desk.error);
    assert_int_equal(next_of(&desk), 0);
    assert_int_equal(reported_of(&desk, "ops").down_ms, 0);
    tear_down(&desk);
}

static void a_new_target_is_decided_about_all_that_lasts(void **state)
{
    const struct condition open = {.state = EVENT_DOWN,
                                   .began_ms = AT_0,
                                   .last_ms = AT_0,
                                   .changed_ms = INT64_MIN,
                                   .code = ""};
    struct desk desk;
    int64_t hash;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", NOW - MS_PER_DAY - 1, 0);
    log_outage(&desk, "old/old", NOW - MS_PER_DAY - 5 * MS_PER_MINUTE, 4);
    log_outage(&desk, "s0/d1", NOW - MS_PER_DAY, 1);
    assert_done(conditions_load(desk.storage, &desk.error), &desk.error);
    assert_done(conditions_put(desk.storage, EVENT_HTTP, "s0/d0", &open, &desk.error), &desk.error);
    assert_string_equal(subjects_at(&desk, NOW), "old/old/http s0/d0/http s0/d1/http");
    set_targets(&desk, 1);
    hash = setting_of(&desk, SETTING_ALERT_TARGETS);
    assert_int_equal(hash, alert_table_hash(&desk.world->config));
    assert_int_equal(first_of(&desk, "ops"), 8);
    assert_string_equal(subjects_at(&desk, NOW), "s0/d0/http s0/d1/http");

    /* A target that stays keeps its number. */
    log_outage(&desk, "s0/d1", NOW, 0);
    subjects_at(&desk, NOW);
    set_targets(&desk, 1);
    assert_string_equal(subjects_at(&desk, NOW), "");
    set_targets(&desk, 2);
    assert_int_not_equal(setting_of(&desk, SETTING_ALERT_TARGETS), hash);
    assert_int_equal(first_of(&desk, "ops"), 8);
    assert_int_equal(first_of(&desk, "pager"), 10);
    assert_string_equal(subjects_at(&desk, NOW), "s0/d0/http s0/d1/http");
    tear_down(&desk);
}

static int64_t add_message(struct desk *desk, const char *target, int64_t next_ms, int attempts,
                           const char *scope)
{
    const struct alert_message message = {.target = target,
                                          .content = "{\"text\": \"ü\"}",
                                          .created_ms = NOW,
                                          .next_ms = next_ms,
                                          .attempts = attempts,
                                          .answer = attempts ? "HTTP 503" : ""};
    const struct alert_part parts[] = {{.change = ALERT_WAS,
                                        .check = EVENT_HTTP,
                                        .state = EVENT_UP,
                                        .series_ms = NOW - 2,
                                        .n = 3,
                                        .outage.began_ms = NOW - 1,
                                        .is_flapping = true},
                                       {.change = ALERT_BEGAN,
                                        .check = EVENT_CERTIFICATE,
                                        .state = EVENT_WARN,
                                        .series_ms = NOW,
                                        .n = 1,
                                        .outage.began_ms = NOW}};
    int64_t number;

    assert_done(message_table_add(desk->storage, &message, (const char *const[]){scope, "b:443"},
                                  parts, 2, &number, &desk->error),
                &desk->error);
    return number;
}

static void what_belongs_to_a_removed_target_is_deleted(void **state)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    set_targets(&desk, 2);
    put_reported(&desk, "ops", &reported, NOW);
    put_reported(&desk, "pager", &reported, NOW);
    add_message(&desk, "ops", NOW, 1, "s0/d0");
    add_message(&desk, "pager", NOW, 1, "s0/d0");
    set_targets(&desk, 1);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM target"), 1);
    assert_int_equal(
        count_in_state(desk.storage, "SELECT count(*) FROM reported WHERE target = 'ops'"), 1);
    assert_int_equal(
        count_in_state(desk.storage, "SELECT count(*) FROM message WHERE target = 'ops'"), 1);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM reported"), 1);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message"), 1);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_part"), 2);
    set_targets(&desk, 0);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_part"), 0);
    assert_int_not_equal(setting_of(&desk, SETTING_ALERT_TARGETS), 0);
    tear_down(&desk);
}

static void reports_are_read_as_they_were_stored(void **state)
{
    const struct alert_reported all = {.state = EVENT_DOWN,
                                       .series_ms = NOW,
                                       .outage_ms = NOW + 1,
                                       .n = 7,
                                       .down_ms = NOW + 2,
                                       .last_ms = NOW + 3,
                                       .is_flapping = true,
                                       .tried_ms = NOW + 4,
                                       .given_up_ms = NOW + 5,
                                       .given_up = EVENT_CRITICAL},
                                none = ALERT_NO_REPORTS;
    struct alert_reported read;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    set_targets(&desk, 2);
    read = reported_of(&desk, "ops");
    assert_reported(&read, &none);
    put_reported(&desk, "ops", &all, NOW);
    put_reported(&desk, "pager", &none, NOW);
    read = reported_of(&desk, "ops");
    assert_reported(&read, &all);
    read = reported_of(&desk, "pager");
    assert_reported(&read, &none);
    put_reported(&desk, "ops", &none, INT64_MAX);
    read = reported_of(&desk, "ops");
    assert_reported(&read, &none);
    tear_down(&desk);
}

static void a_story_has_the_newest_conditions_the_open_one_and_all_since_a_moment(void **state)
{
    const struct condition open = {.state = EVENT_DOWN,
                                   .began_ms = AT_0,
                                   .last_ms = AT_0,
                                   .changed_ms = INT64_MIN,
                                   .code = ""};
    struct alert_story story;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);

    /* Outages of a minute, each one begins two minutes after the one before it. */
    for (int i = 0; i < 70; i++)
        log_outage(&desk, "s0/d0", AT_0 + (int64_t)i * 2 * MS_PER_MINUTE, 1);
    log_outage(&desk, "s0/d1", AT_0, 0);
    assert_done(
        alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(story.n_outages, ALERT_OUTAGES_KEPT);
    assert_int_equal(alert_story_newest(&story)->ordinal, ALERT_OUTAGES_KEPT);
    assert_int_equal(alert_story_newest(&story)->number, 210);
    assert_int_equal(alert_story_newest(&story)->ended_ms, AT_0 + 139 * MS_PER_MINUTE);
    assert_done(alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", AT_0 + 8 * MS_PER_MINUTE,
                                       &story, &desk.error),
                &desk.error);
    assert_int_equal(alert_story_newest(&story)->ordinal, 66);
    assert_int_equal(alert_story_newest(&story)->series_ms, AT_0 + 8 * MS_PER_MINUTE);

    /* The clock was set back: the open one is the first in the table. */
    assert_done(conditions_load(desk.storage, &desk.error), &desk.error);
    assert_done(conditions_put(desk.storage, EVENT_HTTP, "s0/d0", &open, &desk.error), &desk.error);
    assert_done(
        alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(alert_story_newest(&story)->ordinal, 70);

    assert_done(
        alert_table_read_story(desk.storage, EVENT_SLOW, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(story.n_outages, 0);
    tear_down(&desk);
}

/* Conditions that were never confirmed, one a minute. */
static void log_blips(struct desk *desk, const char *scope, int64_t first_ms, int n)
{
    for (int i = 0; i < n; i++) {
        int64_t began_ms = first_ms + (int64_t)i * MS_PER_MINUTE;

        log_event(desk, (struct event){began_ms, scope, EVENT_HTTP, began_ms, EVENT_OPENED,
                                       EVENT_SUSPECT, "status.5xx", ""});
        log_event(desk, (struct event){began_ms + 1, scope, EVENT_HTTP, began_ms, EVENT_CLOSED,
                                       EVENT_UP, "", EVENT_BLIP});
    }
}

static void read_story(struct desk *desk, int64_t from_ms, struct alert_story *story)
{
    assert_done(
        alert_table_read_story(desk->storage, EVENT_HTTP, "s0/d0", from_ms, story, &desk->error),
        &desk->error);
}

static void conditions_that_were_not_confirmed_do_not_move_outages_out_of_a_story(void **state)
{
    struct alert_story story;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0, 3);
    log_blips(&desk, "s0/d0", AT_0 + MS_PER_HOUR, 1000);
    read_story(&desk, INT64_MAX, &story);
    assert_int_equal(story.n_outages, 1);
    assert_int_equal(story.outages[0].ended_ms, AT_0 + 3 * MS_PER_MINUTE);

    /* Nor does one that is not decided yet. */
    log_event(&desk, (struct event){NOW, "s0/d0", EVENT_HTTP, NOW, EVENT_OPENED, EVENT_SUSPECT,
                                    "status.5xx", ""});
    read_story(&desk, INT64_MAX, &story);
    assert_int_equal(story.n_outages, 1);
    tear_down(&desk);
}

static void an_outage_whose_end_was_lost_is_over_if_anything_began_later(void **state)
{
    struct alert_story story;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0, 0);
    log_blips(&desk, "s0/d0", AT_0 + MS_PER_HOUR, 10);
    read_story(&desk, INT64_MAX, &story);
    assert_int_equal(story.n_outages, 1);
    assert_string_equal(story.outages[0].end, EVENT_UNSEEN);
    tear_down(&desk);
}

static void a_story_reaches_back_to_the_messages_that_wait(void **state)
{
    const char *scope = "s0/d0";
    struct alert_message message = {
        .target = "ops", .content = "{}", .created_ms = NOW, .next_ms = NOW, .answer = ""};
    struct alert_part part = {.change = ALERT_BEGAN,
                              .check = EVENT_HTTP,
                              .state = EVENT_DOWN,
                              .series_ms = AT_0,
                              .n = 1,
                              .outage = {.began_ms = AT_0 + 2 * MS_PER_MINUTE}};
    struct alert_story story;
    struct desk desk;
    int64_t number;

    (void)state;
    set_up(&desk, 1);
    set_targets(&desk, 1);
    for (int i = 0; i < 70; i++)
        log_outage(&desk, "s0/d0", AT_0 + (int64_t)i * 2 * MS_PER_MINUTE, 1);
    read_story(&desk, INT64_MAX, &story);
    assert_int_equal(alert_story_newest(&story)->ordinal, ALERT_OUTAGES_KEPT);
    assert_done(message_table_add(desk.storage, &message, &scope, &part, 1, &number, &desk.error),
                &desk.error);
    read_story(&desk, INT64_MAX, &story);
    assert_int_equal(alert_story_newest(&story)->ordinal, 70);
    assert_int_equal(alert_story_newest(&story)->series_ms, AT_0);
    tear_down(&desk);
}

static void a_story_has_acknowledgements_and_no_other_events_of_messages(void **state)
{
    struct alert_story story;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0, 0);
    log_message(&desk, EVENT_SENT, EVENT_UP, AT_0 + 1, AT_0, "ops 1 ended");
    assert_done(
        alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(story.n_outages, 1);
    assert_false(story.outages[0].is_acknowledged);
    log_message(&desk, EVENT_ACKNOWLEDGED, EVENT_DOWN, AT_0 + 2, AT_0, "");
    assert_done(
        alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(story.n_outages, 1);
    assert_true(story.outages[0].is_acknowledged);
    assert_true(alert_story_is_down(&story));
    tear_down(&desk);
}

/* Writes a message, and what it is about. */
struct message_list {
    struct desk *desk;
    char text[2048];
    bool deletes; /* each one that is listed */
    int64_t postpone_ms;
};

static int add_part(void *context, const char *scope, const struct alert_part *part,
                    struct error *error)
{
    char *at = strchr(context, '\0');

    (void)error;
    sprintf(at, " [%s %d %d %d %+d %d %+d%s]", scope, part->check, part->change, part->state,
            (int)(part->series_ms - NOW), part->n, (int)(part->outage.began_ms - NOW),
            part->is_flapping ? " flapping" : "");
    return 0;
}

static int add_listed(void *context, const struct alert_message *message, struct error *error)
{
    struct message_list *list = context;
    struct storage *storage = list->desk->storage;
    struct alert_message later = *message;

    sprintf(strchr(list->text, '\0'), "%d %s %+d %+d %d '%s' %s", (int)message->number,
            message->target, (int)(message->created_ms - NOW), (int)(message->next_ms - NOW),
            message->attempts, message->answer, message->content);
    assert_done(message_table_each_part(storage, message->number, add_part, list->text, error),
                error);
    strcat(list->text, "\n");
    later.attempts++;
    later.next_ms += list->postpone_ms;
    later.answer = "no\nanswer";
    if (list->postpone_ms)
        assert_done(message_table_update(storage, &later, error), error);
    if (list->deletes)
        assert_done(message_table_delete(storage, message->number, error), error);
    return 0;
}

static const char *list_messages(struct desk *desk, int64_t until_ms, bool deletes,
                                 int64_t postpone_ms)
{
    static struct message_list list;

    list = (struct message_list){.desk = desk, .deletes = deletes, .postpone_ms = postpone_ms};
    assert_done(message_table_each(desk->storage, until_ms, add_listed, &list, &desk->error),
                &desk->error);
    return list.text;
}

#define CONTENT "{\"text\": \"ü\"} [s0/d0 0 3 0 -2 3 -1 flapping] [b:443 3 1 4 +0 1 +0]\n"

static void messages_are_listed_when_they_are_due(void **state)
{
    struct desk desk;
    int64_t n;

    (void)state;
    set_up(&desk, 2);
    assert_string_equal(list_messages(&desk, INT64_MAX, false, 0), "");
    assert_int_equal(add_message(&desk, "ops", NOW + 9, 1, "s0/d0"), 1);
    assert_int_equal(add_message(&desk, "pager", NOW + 5, 0, "s0/d0"), 2);
    assert_int_equal(next_of(&desk), NOW + 5);
    assert_done(message_table_count_undelivered(desk.storage, &n, &desk.error), &desk.error);
    assert_int_equal(n, 1);
    assert_string_equal(list_messages(&desk, NOW + 4, false, 0), "");
    assert_string_equal(list_messages(&desk, NOW + 5, false, 0), "2 pager +0 +5 0 '' " CONTENT);
    assert_string_equal(list_messages(&desk, INT64_MAX, false, 0),
                        "1 ops +0 +9 1 'HTTP 503' " CONTENT "2 pager +0 +5 0 '' " CONTENT);

    /* The clock was set back. */
    assert_string_equal(list_messages(&desk, NOW + 5 - 25 * MS_PER_HOUR, false, 0),
                        "1 ops +0 +9 1 'HTTP 503' " CONTENT);

    /* A function that is called may change and delete them. */
    assert_string_equal(list_messages(&desk, NOW + 5, false, 1), "2 pager +0 +5 0 '' " CONTENT);
    assert_string_equal(list_messages(&desk, NOW + 6, true, 0),
                        "2 pager +0 +6 1 'no answer' " CONTENT);
    assert_string_equal(list_messages(&desk, NOW + 9, true, 0),
                        "1 ops +0 +9 1 'HTTP 503' " CONTENT);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_part"), 0);
    assert_int_equal(next_of(&desk), INT64_MAX);
    tear_down(&desk);
}

static int64_t find_message(struct desk *desk, const char *target, enum event_check check,
                            const char *scope)
{
    int64_t number;

    assert_done(message_table_find(desk->storage, target, check, scope, &number, &desk->error),
                &desk->error);
    return number;
}

static void a_message_is_found_by_each_of_its_subjects(void **state)
{
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    add_message(&desk, "ops", NOW, 0, "s0/d0");
    add_message(&desk, "pager", NOW, 0, "s0/d1");
    assert_int_equal(find_message(&desk, "ops", EVENT_HTTP, "s0/d0"), 1);
    assert_int_equal(find_message(&desk, "ops", EVENT_CERTIFICATE, "b:443"), 1);
    assert_int_equal(find_message(&desk, "pager", EVENT_CERTIFICATE, "b:443"), 2);
    assert_int_equal(find_message(&desk, "pager", EVENT_HTTP, "s0/d0"), 0);
    assert_int_equal(find_message(&desk, "ops", EVENT_SLOW, "s0/d0"), 0);
    tear_down(&desk);
}

static int count_message(void *context, const struct alert_message *message, struct error *error)
{
    (void)error;
    *(int64_t *)context += (int64_t)strlen(message->content);
    return 0;
}

static void a_message_that_is_too_long_is_an_error(void **state)
{
    const struct alert_part part = {.change = ALERT_BEGAN, .series_ms = NOW, .n = 1};
    struct alert_message message = {.target = "ops", .answer = ""};
    char *content = malloc(MESSAGE_CONTENT_MAX + 1);
    struct desk desk;
    int64_t number;

    (void)state;
    set_up(&desk, 2);
    memset(content, 'x', MESSAGE_CONTENT_MAX);
    content[MESSAGE_CONTENT_MAX] = '\0';
    message.content = content;
    assert_int_equal(message_table_add(desk.storage, &message, (const char *const[]){"s0/d0"},
                                       &part, 1, &number, &desk.error),
                     -1);
    assert_non_null(strstr(desk.error.text, "too long"));
    content[MESSAGE_CONTENT_MAX - 1] = '\0';
    assert_done(message_table_add(desk.storage, &message, (const char *const[]){"s0/d0"}, &part, 1,
                                  &number, &desk.error),
                &desk.error);
    assert_int_equal(count_in_state(desk.storage, "SELECT length(content) FROM message"),
                     MESSAGE_CONTENT_MAX - 1);
    assert_done(message_table_each(desk.storage, 0, count_message, &number, &desk.error),
                &desk.error);
    assert_int_equal(number, MESSAGE_CONTENT_MAX);
    free(content);
    tear_down(&desk);
}

static void reports_are_deleted_with_the_last_event_of_their_subject(void **state)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    set_targets(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0, 1);
    log_message(&desk, EVENT_SENT, EVENT_UP, AT_0 + 2, AT_0, "ops 1 was");
    log_outage(&desk, "s0/d0", NOW, 1);
    put_reported(&desk, "ops", &reported, INT64_MAX);
    add_message(&desk, "ops", NOW, 0, "s0/d0");
    assert_done(event_table_delete_before(desk.storage, NOW, &desk.error), &desk.error);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_event"), 0);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM reported"), 1);
    assert_done(event_table_delete_before(desk.storage, NOW + MS_PER_HOUR, &desk.error),
                &desk.error);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM reported"), 1);
    list_messages(&desk, NOW, true, 0);
    log_outage(&desk, "s0/d1", NOW, 1);
    assert_done(event_table_delete_before(desk.storage, NOW + MS_PER_HOUR, &desk.error),
                &desk.error);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM reported"), 0);
    tear_down(&desk);
}

static int add_detail(void *context, const struct event *event, struct error *error)
{
    (void)error;
    sprintf(strchr(context, '\0'), "%s;", event->detail);
    return 0;
}

static void the_newest_events_of_messages_are_listed_first(void **state)
{
    char list[256] = "";
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0, 0);
    log_message(&desk, EVENT_FAILED, EVENT_DOWN, AT_0, AT_0, "ops 1 began");
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, AT_0, "ops 1 began");
    log_message(&desk, EVENT_SENT, EVENT_UP, NOW, AT_0, "ops 2 ended");
    assert_done(event_table_each_of_messages(desk.storage, 2, add_detail, list, &desk.error),
                &desk.error);
    assert_string_equal(list, "ops 2 ended;ops 1 began;");
    tear_down(&desk);
}

static void a_rebuild_restores_what_was_reported(void **state)
{
    struct alert_reported expected = ALERT_NO_REPORTS, read;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    log_outage(&desk, "s0/d0", NOW - 3 * MS_PER_DAY, 1);
    log_outage(&desk, "old/old", NOW - 3 * MS_PER_DAY, 1);
    log_outage(&desk, "s0/d1", NOW - MS_PER_HOUR, 1);
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW - 3, NOW - 5, "ops 1 began");
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW - 3, NOW - 5, "pager 1 began");
    log_message(&desk, EVENT_FAILED, EVENT_UP, NOW - 2, NOW - 5, "pager 2 ended HTTP 503");
    log_message(&desk, EVENT_SENT, EVENT_UP, NOW - 1, NOW - 5, "ops 2 ended");
    log_message(&desk, EVENT_SENT, EVENT_UP, NOW, NOW - 5, "ops 9 in words of another version");
    log_message(&desk, EVENT_ACKNOWLEDGED, EVENT_DOWN, NOW, NOW - 5, "");
    assert_done(alert_log_restore(desk.storage, NOW, &desk.error), &desk.error);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM target"), 2);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM reported"), 4);
    assert_int_equal(first_of(&desk, "pager"), 12);
    assert_int_equal(first_of(&desk, "ops"), 13);

    expected.series_ms = expected.outage_ms = NOW - 5;
    expected.state = EVENT_DOWN;
    expected.n = 2 + ALERT_TABLE_NUMBERS_SKIPPED;
    expected.down_ms = expected.last_ms = NOW - MS_PER_MINUTE;
    read = reported_of(&desk, "pager");
    assert_reported(&read, &expected);
    expected.state = EVENT_UP;
    read = reported_of(&desk, "ops");
    assert_reported(&read, &expected);

    /* What is not UP for a target is decided, and what changed in the last day. */
    assert_string_equal(subjects_at(&desk, NOW), "s0/d0/http s0/d1/http");

    /* A target without an event is new; one that is not configured is forgotten. */
    desk.world->config.alerts++;
    set_targets(&desk, 1);
    assert_int_equal(first_of(&desk, "ops"), 0);
    assert_int_equal(first_of(&desk, "pager"), 12);
    tear_down(&desk);
}

/* What was decided before the state was lost is decided again, also about what is over. */
static void a_rebuild_leaves_out_no_outage_whose_message_failed(void **state)
{
    static const struct {
        const char *name;
        enum event_change change; /* of the last event about s0/d0 */
        enum event_state state;   /* in it */
        const char *detail;
        int64_t pager_first, first; /* events about other outages come later */
    } cases[] = {
        {"a begin", EVENT_FAILED, EVENT_DOWN, "ops 1 began", 8, 2},
        {"what was over", EVENT_FAILED, EVENT_UP, "ops 1 was", 8, 2},
        {"a begin that was accepted later", EVENT_SENT, EVENT_DOWN, "ops 1 began", 8, 7},
        {"a begin that was given up", EVENT_EXPIRED, EVENT_DOWN, "ops 1 began", 8, 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t began_ms = NOW - 3 * MS_PER_DAY;
        struct event other = {NOW,        "s0/d1",    EVENT_HTTP, NOW,
                              EVENT_SENT, EVENT_DOWN, "",         "ops 1 began"};
        struct desk desk;

        set_up(&desk, 2);
        log_outage(&desk, "s0/d0", began_ms, 1);                                    /* 1…3 */
        log_message(&desk, EVENT_FAILED, EVENT_DOWN, NOW, began_ms, "ops 1 began"); /* 4 */
        log_message(&desk, EVENT_FAILED, EVENT_DOWN, NOW, NOW - 1, "pager 1 began");
        log_message(&desk, cases[i].change, cases[i].state, NOW + 1, began_ms, cases[i].detail);
        log_event(&desk, other); /* 7 */
        other.detail = "pager 1 began";
        log_event(&desk, other);
        assert_done(alert_log_restore(desk.storage, NOW, &desk.error), &desk.error);
        if (first_of(&desk, "ops") != cases[i].first ||
            first_of(&desk, "pager") != cases[i].pager_first)
            fail_msg("%s: %d %d", cases[i].name, (int)first_of(&desk, "ops"),
                     (int)first_of(&desk, "pager"));
        assert_string_equal(subjects_at(&desk, NOW), "s0/d0/http s0/d1/http");
        tear_down(&desk);
    }
}

/* While the end of a reported outage waits, newer outages change that message and are no event. */
static void a_rebuild_leaves_out_no_outage_after_an_end_that_failed(void **state)
{
    int64_t began_ms = NOW - 3 * MS_PER_DAY;
    struct event other = {NOW, "s0/d1", EVENT_HTTP, NOW, EVENT_SENT, EVENT_DOWN, "", "ops 1 began"};
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", began_ms, 1);                                           /* 1…3 */
    log_message(&desk, EVENT_SENT, EVENT_DOWN, began_ms + 1, began_ms, "ops 1 began"); /* 4 */
    log_message(&desk, EVENT_FAILED, EVENT_UP, began_ms + 2, began_ms, "ops 2 ended"); /* 5 */
    log_outage(&desk, "s0/d0", began_ms + MS_PER_HOUR, 1);                             /* 6…8 */
    log_outage(&desk, "s0/d0", began_ms + 2 * MS_PER_HOUR, 1);                         /* 9…11 */
    log_event(&desk, other);
    assert_done(alert_log_restore(desk.storage, NOW, &desk.error), &desk.error);
    assert_int_equal(first_of(&desk, "ops"), 7);
    tear_down(&desk);
}

/* The clock was set back over midnight, so the log of the earlier day has the later message. */
static void a_rebuild_follows_the_numbers_of_messages(void **state)
{
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_message(&desk, EVENT_SENT, EVENT_UP, NOW - MS_PER_DAY, NOW, "ops 10 ended");
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "ops 9 began");
    assert_done(alert_log_restore(desk.storage, NOW, &desk.error), &desk.error);
    assert_int_equal(reported_of(&desk, "ops").state, EVENT_UP);
    assert_int_equal(reported_of(&desk, "ops").n, 10 + ALERT_TABLE_NUMBERS_SKIPPED);
    tear_down(&desk);
}

/* A killed tick may have sent a message, and recorded nothing. */
static void a_rebuild_leaves_numbers_for_messages_that_were_not_recorded(void **state)
{
    struct alert_reported expected = ALERT_NO_REPORTS, read;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    log_outage(&desk, "s0/d0", NOW - 1, 1);
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW - 1, "pager 7 began");
    assert_done(alert_log_restore(desk.storage, NOW, &desk.error), &desk.error);
    expected.n = ALERT_TABLE_NUMBERS_SKIPPED;
    read = reported_of(&desk, "ops");
    assert_reported(&read, &expected);
    assert_int_equal(reported_of(&desk, "pager").n, 7 + ALERT_TABLE_NUMBERS_SKIPPED);
    tear_down(&desk);
}

/* So that no key comes again. */
static void a_target_that_comes_back_goes_on_with_its_numbers(void **state)
{
    struct alert_reported expected = ALERT_NO_REPORTS, read;
    struct desk desk;

    (void)state;
    set_up(&desk, 2);
    set_targets(&desk, 2);
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "pager 10 began");
    log_message(&desk, EVENT_SENT, EVENT_UP, NOW, NOW, "pager 9 ended");
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "ops 77 began");
    set_targets(&desk, 1);
    set_targets(&desk, 2);
    expected.n = 10 + ALERT_TABLE_NUMBERS_SKIPPED;
    read = reported_of(&desk, "pager");
    assert_reported(&read, &expected);
    assert_int_equal(reported_of(&desk, "ops").n, 0);
    assert_int_equal(next_of(&desk), INT64_MAX);

    /* A number that uptick has not written. */
    log_message(&desk, EVENT_SENT, EVENT_DOWN, NOW, NOW, "pager 99999999999999999999 began");
    set_targets(&desk, 1);
    set_targets(&desk, 2);
    assert_true(reported_of(&desk, "pager").n > 10);
    tear_down(&desk);
}

/* A later outage began earlier, because the clock was set back. */
static void a_story_is_in_the_order_of_the_log(void **state)
{
    struct alert_story story;
    struct desk desk;

    (void)state;
    set_up(&desk, 1);
    log_outage(&desk, "s0/d0", AT_0 + MS_PER_HOUR, 1);
    log_outage(&desk, "s0/d0", AT_0, 1);
    log_outage(&desk, "s0/d0", AT_0 + 3 * MS_PER_MINUTE, 1);
    assert_done(
        alert_table_read_story(desk.storage, EVENT_HTTP, "s0/d0", INT64_MAX, &story, &desk.error),
        &desk.error);
    assert_int_equal(story.n_outages, 3);
    assert_int_equal(story.outages[0].began_ms, AT_0 + MS_PER_HOUR);
    assert_int_equal(story.outages[1].began_ms, AT_0);
    assert_int_equal(alert_story_newest(&story)->ordinal, 2);
    tear_down(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subject_with_new_events_has_to_be_decided_once),
        cmocka_unit_test(an_event_of_a_message_makes_no_subject_due),
        cmocka_unit_test(a_subject_has_to_be_decided_when_its_moment_comes),
        cmocka_unit_test(what_waits_moves_back_with_the_clock),
        cmocka_unit_test(a_new_target_is_decided_about_all_that_lasts),
        cmocka_unit_test(what_belongs_to_a_removed_target_is_deleted),
        cmocka_unit_test(reports_are_read_as_they_were_stored),
        cmocka_unit_test(a_story_has_the_newest_conditions_the_open_one_and_all_since_a_moment),
        cmocka_unit_test(conditions_that_were_not_confirmed_do_not_move_outages_out_of_a_story),
        cmocka_unit_test(an_outage_whose_end_was_lost_is_over_if_anything_began_later),
        cmocka_unit_test(a_story_reaches_back_to_the_messages_that_wait),
        cmocka_unit_test(a_story_has_acknowledgements_and_no_other_events_of_messages),
        cmocka_unit_test(messages_are_listed_when_they_are_due),
        cmocka_unit_test(a_message_is_found_by_each_of_its_subjects),
        cmocka_unit_test(a_message_that_is_too_long_is_an_error),
        cmocka_unit_test(reports_are_deleted_with_the_last_event_of_their_subject),
        cmocka_unit_test(the_newest_events_of_messages_are_listed_first),
        cmocka_unit_test(a_rebuild_restores_what_was_reported),
        cmocka_unit_test(a_rebuild_leaves_out_no_outage_whose_message_failed),
        cmocka_unit_test(a_rebuild_leaves_out_no_outage_after_an_end_that_failed),
        cmocka_unit_test(a_rebuild_follows_the_numbers_of_messages),
        cmocka_unit_test(a_rebuild_leaves_numbers_for_messages_that_were_not_recorded),
        cmocka_unit_test(a_target_that_comes_back_goes_on_with_its_numbers),
        cmocka_unit_test(a_story_is_in_the_order_of_the_log),
    };

    return cmocka_run_group_tests_name("alert_table", tests, NULL, NULL);
}
