/* model/alert and model/alert_story: what a target is sent about a subject. The rules are tables of
 * histories; test_alert_random.c makes random ones. */
#include "model/alert.h"

#include "base/clock.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { EVENTS_MAX = 300, TEXT_MAX = 2048 };

/* 2026-11-23T09:30:00Z, and minutes from there. */
static int64_t minute(int64_t number)
{
    return INT64_C(1795426200000) + number * MS_PER_MINUTE;
}

static int number_of(int64_t ms)
{
    return ms == INT64_MIN ? -999 : (int)((ms - minute(0)) / MS_PER_MINUTE);
}

/* A history: its events so far, and a target. */
struct world {
    enum event_check check;
    const char *scope;
    struct event log[EVENTS_MAX];
    size_t n_events;
    int64_t began_ms; /* of the condition of the next event */
    struct alert_target target;
    struct alert_moment moment;
    struct alert_reported reported;
    struct alert_part waiting;
    struct alert_story story;
    char text[TEXT_MAX]; /* the messages */
};

static void start_world(struct world *world, enum event_check check)
{
    *world = (struct world){.check = check,
                            .scope = "shop/www",
                            .target = {.id = "ops", .on = UINT_MAX & ~(unsigned)ALERT_FLAPPING},
                            .reported = ALERT_NO_REPORTS};
}

/* A letter that is an event. */
static const struct kind {
    char letter;
    enum event_change change;
    enum event_state state;
    const char *code, *detail;
} kinds[] = {
    {'O', EVENT_OPENED, EVENT_SUSPECT, "http_status", "got 500"},
    {'C', EVENT_CONFIRMED, EVENT_DOWN, "http_status", "got 501"},
    {'T', EVENT_OPENED, EVENT_DOWN, "", "no answer"},
    {'W', EVENT_OPENED, EVENT_WARN, "", "in 9 days"},
    {'K', EVENT_REASON_CHANGED, EVENT_CRITICAL, "", "in 3 days"},
    {'N', EVENT_REASON_CHANGED, EVENT_DOWN, "connect.refused", "refused"},
    {'R', EVENT_RECOVERING, EVENT_RECOVERING_STATE, "", ""},
    {'G', EVENT_CLOSED, EVENT_UP, "", EVENT_RECOVERED},
    {'B', EVENT_CLOSED, EVENT_UP, "", EVENT_BLIP},
    {'U', EVENT_CLOSED, EVENT_UP, "", EVENT_UNSEEN},
    {'M', EVENT_CLOSED, EVENT_UP, "", EVENT_REMOVED},
    {'Y', EVENT_CLOSED, EVENT_UP, "", ""},
    {'A', EVENT_ACKNOWLEDGED, EVENT_DOWN, "", ""},
    {'S', EVENT_SENT, EVENT_DOWN, "", "ops 1 began"},
    {'F', EVENT_FAILED, EVENT_UP, "", "ops 1 ended"},
    {'E', EVENT_EXPIRED, EVENT_UP, "", "ops 1 ended"},
};

static bool add_event(struct world *world, char letter, int64_t at_ms)
{
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        if (kinds[i].letter != letter)
            continue;
        if (kinds[i].change == EVENT_OPENED)
            world->began_ms = at_ms;
        assert_true(world->n_events < EVENTS_MAX);
        world->log[world->n_events++] = (struct event){.at_ms = at_ms,
                                                       .scope = world->scope,
                                                       .check = world->check,
                                                       .began_ms = world->began_ms,
                                                       .change = kinds[i].change,
                                                       .state = kinds[i].state,
                                                       .code = kinds[i].code,
                                                       .detail = kinds[i].detail};
        return true;
    }
    return false;
}

static void read_story(struct world *world)
{
    alert_story_begin(&world->story, world->scope, world->check);
    for (size_t i = 0; i < world->n_events; i++)
        alert_story_add(&world->story, &world->log[i], (int64_t)i + 1);
    alert_story_end(&world->story);
}

__attribute__((format(printf, 2, 3))) static void add_text(char text[TEXT_MAX], const char *format,
                                                           ...)
{
    size_t size = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + size, TEXT_MAX - size, format, args);
    va_end(args);
}

/* "10b5": at minute 10, the begin of the outage of minute 5. Then, if it is not as usual: "/3" the
 * series, "*2" the outages that were missed, from the first one, "~" flapping, ">70" when to decide
 * again. */
static void write_part(struct world *world, const struct alert_part *part, int64_t look_ms)
{
    static const char letters[] = "-bewrs";
    int usual = part->change == ALERT_BEGAN || part->change == ALERT_WAS;

    if (part->change == ALERT_NONE && look_ms == INT64_MAX)
        return;
    add_text(world->text, "%s%d%c", *world->text ? " " : "", number_of(world->moment.now_ms),
             letters[part->change]);
    if (part->change != ALERT_NONE)
        add_text(world->text, "%d%s", number_of(part->outage.began_ms),
                 (part->state != EVENT_UP) ==
                         (part->change != ALERT_ENDED && part->change != ALERT_WAS)
                     ? ""
                     : "?");
    if (part->change != ALERT_NONE && part->series_ms != part->outage.began_ms)
        add_text(world->text, "/%d", number_of(part->series_ms));
    if (part->change != ALERT_NONE && part->n_missed != usual)
        add_text(world->text, "*%d,%d", part->n_missed, number_of(part->first_missed_ms));
    if (part->change != ALERT_NONE && part->is_flapping)
        add_text(world->text, "~");
    if (look_ms != INT64_MAX)
        add_text(world->text, ">%d", number_of(look_ms));
}

static struct alert_part decide(struct world *world, int64_t now_ms)
{
    struct alert_part part;
    int64_t look_ms;

    read_story(world);
    world->moment.now_ms = now_ms;
    part = alert_decide(&world->target, &world->story, &world->moment, &world->reported, &look_ms);
    assert_true(look_ms > now_ms);
    assert_int_equal(part.check, world->check);
    if (part.change != ALERT_NONE)
        assert_int_equal(part.n, world->reported.n);
    write_part(world, &part, look_ms);
    return part;
}

/* One step: '?' decides and delivers, '!' only decides, '+' delivers that later, 'X' gives it up,
 * '=' chooses a condition, 'q' and 'd' set what holds (0 or 1), 'h' since when, 'Z' adds the
 * target. */
static void make_step(struct world *world, char letter, int64_t at)
{
    int64_t at_ms = minute(at);

    if (add_event(world, letter, at_ms))
        return;
    switch (letter) {
    case '?':
    case '!':
        world->waiting = decide(world, at_ms);
        if (letter == '?' && world->waiting.change != ALERT_NONE)
            alert_deliver(&world->reported, &world->waiting, at_ms);
        break;
    case '+':
        alert_deliver(&world->reported, &world->waiting, at_ms);
        break;
    case 'X':
        alert_give_up(&world->reported, &world->waiting, at_ms);
        break;
    case '=':
        world->began_ms = at_ms;
        break;
    case 'q':
        world->moment.is_quiet = at;
        break;
    case 'd':
        world->moment.dependency_is_down = at;
        break;
    case 'h':
        world->moment.held_from_ms = at_ms;
        break;
    case 'Z':
        world->reported = ALERT_NO_REPORTS;
        world->moment.first = (int64_t)world->n_events;
        break;
    default:
        fail_msg("no step '%c'", letter);
    }
}

/* Makes the steps of a history: letters and minutes, separated by spaces. */
static void make_steps(struct world *world, const char *steps)
{
    char *end;

    while (*steps) {
        char letter = *steps++;
        long at = strtol(steps, &end, 10);

        make_step(world, letter, at);
        steps = end + strspn(end, " ");
    }
}

struct history {
    const char *steps, *messages;
};

static void check_histories(const struct world *start, const struct history *histories, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct world *world = malloc(sizeof *world);

        assert_non_null(world);
        *world = *start;
        make_steps(world, histories[i].steps);
        if (strcmp(world->text, histories[i].messages) != 0)
            fail_msg("%s: \"%s\", expected \"%s\"", histories[i].steps, world->text,
                     histories[i].messages);
        free(world);
    }
}

/* "0-9/0.1": began, ended, series and ordinal; "0-": it lasts. */
static void write_story(struct world *world)
{
    for (size_t i = 0; i < world->story.n_outages; i++) {
        const struct alert_outage *outage = &world->story.outages[i];

        add_text(world->text, "%s%d-", i ? " " : "", number_of(outage->began_ms));
        if (outage->ended_ms != INT64_MIN)
            add_text(world->text, "%d%.1s", number_of(outage->ended_ms), outage->end);
        add_text(world->text, "/%d.%d", number_of(outage->series_ms), outage->ordinal);
    }
}

/* The letter after the end is the first one of the reason. */
static const struct history stories[] = {
    {"", ""},
    {"O0", ""},
    {"O0 B1", ""},
    {"O0 U9", ""},
    {"O0 M9", ""},
    {"O0 C1", "0-/0.1"},
    {"O0 C1 R5", "0-/0.1"},
    {"O0 C1 R5 G6", "0-5r/0.1"},
    {"O0 C1 G6", "0-6r/0.1"},
    {"O0 C1 R5 N6 G8", "0-8r/0.1"},
    {"O0 C1 R5 N6 R7 G8", "0-7r/0.1"},
    {"O0 C1 R5 R9 G10", "0-9r/0.1"},
    /* It was confirmed, whatever the close says. */
    {"O0 C1 B6", "0-6b/0.1"},
    {"O0 C1 N4 U6", "0-4u/0.1"},
    {"O0 C1 R4 U6", "0-4u/0.1"},
    {"O0 C1 M6", "0-6r/0.1"},
    {"O0 C1 R5 M6", "0-5r/0.1"},
    {"O0 C1 Y6", "0-6r/0.1"},
    /* Without the event that confirms it. */
    {"O0 N3", "0-/0.1"},
    {"O0 R3 G4", "0-3r/0.1"},
    /* Its first events are missing. */
    {"=0 N3 G9", "0-9r/0.1"},
    {"=0 C3", "0-/0.1"},
    {"G9", ""},
    {"=0 G3 B4 U5 M6", ""},
    /* The close of another condition. */
    {"O0 C1 =-5 G2", "0-/0.1"},
    {"O0 =-5 G2", ""},
    /* The end of the first one is missing. */
    {"O0 C1 O5 C6", "0-1u/0.1 5-/0.2"},
    {"O0 O5 C6", "5-/5.1"},
    {"O0 C1 R3 O5 B6", "0-3u/0.1"},
    /* It goes on after its close. */
    {"O0 C1 G2 N3", "0-/0.1"},
    {"O0 C1 G2 N3 G4", "0-4r/0.1"},
    {"O0 C1 G2 G4", "0-2r/0.1"},
    {"O0 B2 C3", "0-/0.1"},
    {"O0 C1 G2 O3 C4 G5 =0 N6", "0-6u/0.1 3-5r/0.2"},
    {"O0 C1 O5 C6 =0 G7", "0-7r/0.1 5-/0.2"},
    {"O0 C1 R2 O5 C6 =0 U7", "0-2u/0.1 5-/0.2"},
    {"O0 C1 O5 C6 R7 =0 G9", "0-9r/0.1 5-/0.2"},
    {"O0 C1 G2 O3 C4 G5 O6 C7 =3 N8", "0-2r/0.1 3-8u/0.2 6-/0.3"},
    /* Events about messages change nothing. */
    {"S0 F1 E2 A3", ""},
    {"O0 C1 S1 R2 F2 G3 E4 S5", "0-2r/0.1"},
    {"O0 S1 A1", ""},
    {"=7 S1 O0 C1", "0-/0.1"},
    /* Series. */
    {"O0 C1 G2 O17 C18", "0-2r/0.1 17-/0.2"},
    {"O0 C1 G2 O18 C19", "0-2r/0.1 18-/18.1"},
    {"O0 C1 G2 O3 B4 O18 C19", "0-2r/0.1 18-/18.1"},
    {"O0 C0 G0 O9 C9 G9 O25 C25", "0-0r/0.1 9-9r/0.2 25-/25.1"},
    {"O0 C0 G0 O9 C9 G9 O24 C24 G24 O54 C55", "0-0r/0.1 9-9r/0.2 24-24r/0.3 54-/0.4"},
    {"O0 C0 G0 O9 C9 G9 O24 C24 G24 O55 C55", "0-0r/0.1 9-9r/0.2 24-24r/0.3 55-/55.1"},
    {"O0 C0 G0 O9 C9 G9 O24 C24 G24 O54 C54 G54 O84 C84",
     "0-0r/0.1 9-9r/0.2 24-24r/0.3 54-54r/0.4 84-/0.5"},
    /* The clock was set back: in the middle, and between two. */
    {"O100 C50 G60", "100-100r/100.1"},
    {"O100 C101 G102 O90 C91", "100-102r/100.1 90-/100.2"},
    {"O100 C101 G102 O-200 C-199", "100-102r/100.1 -200-/-200.1"},
};

static void a_story_has_the_confirmed_outages_and_their_series(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(stories); i++) {
        struct world world;

        start_world(&world, EVENT_HTTP);
        make_steps(&world, stories[i].steps);
        read_story(&world);
        write_story(&world);
        if (strcmp(world.text, stories[i].messages) != 0)
            fail_msg("%s: \"%s\", expected \"%s\"", stories[i].steps, world.text,
                     stories[i].messages);
    }
}

static void an_outage_has_the_newest_reason_and_its_moments(void **state)
{
    struct world world;
    const struct alert_outage *outage;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "O0 C1 N2 R3 S3");
    read_story(&world);
    outage = alert_story_newest(&world.story);
    assert_int_equal(outage->confirmed_ms, minute(1));
    assert_int_equal(outage->number, 4);
    assert_string_equal(outage->code, "connect.refused");
    assert_string_equal(outage->detail, "refused");
    assert_string_equal(outage->end, "");
    assert_int_equal(outage->state, EVENT_DOWN);
    assert_false(outage->is_acknowledged);
    assert_int_equal(world.story.changed_ms, minute(1));
    assert_true(alert_story_is_down(&world.story));
    make_steps(&world, "A4 G5 A6");
    read_story(&world);
    outage = alert_story_newest(&world.story);
    assert_true(outage->is_acknowledged);
    assert_int_equal(outage->number, 7);
    assert_string_equal(outage->end, EVENT_RECOVERED);
    assert_int_equal(world.story.changed_ms, minute(3));
    assert_false(alert_story_is_down(&world.story));
    make_steps(&world, "N7");
    read_story(&world);
    outage = alert_story_newest(&world.story);
    assert_string_equal(outage->end, "");
    assert_int_equal(outage->number, 9);
}

static void a_story_without_an_outage_has_no_newest_one(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "O0 A1");
    read_story(&world);
    assert_null(alert_story_newest(&world.story));
    assert_false(alert_story_is_down(&world.story));
    assert_int_equal(world.story.changed_ms, INT64_MIN);
}

/* Only while it is open, and only the outage that the event is about. */
static void only_the_acknowledged_outage_is_acknowledged(void **state)
{
    static const struct {
        const char *steps;
        bool expected;
    } cases[] = {{"O0 C1 A2", true},  {"O0 A1 C2", true},           {"O0 C1 =9 A2", false},
                 {"A0 O0 C1", false}, {"O0 C1 A2 G3 O4 C5", false}, {"=0 A1 C2", false}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct world world;

        start_world(&world, EVENT_HTTP);
        make_steps(&world, cases[i].steps);
        read_story(&world);
        if (alert_story_newest(&world.story)->is_acknowledged != cases[i].expected)
            fail_msg("%s", cases[i].steps);
    }
}

static void conditions_of_other_kinds_need_no_confirmation(void **state)
{
    static const struct {
        enum event_check check;
        const char *steps, *story;
        enum event_state state;
    } cases[] = {
        {EVENT_CERTIFICATE, "W0", "0-/0.1", EVENT_WARN},
        {EVENT_CERTIFICATE, "W0 K5", "0-/0.1", EVENT_CRITICAL},
        {EVENT_CERTIFICATE, "W0 Y9", "0-9r/0.1", EVENT_WARN},
        {EVENT_LOCAL_NETWORK, "T0", "0-/0.1", EVENT_DOWN},
        {EVENT_LOCAL_NETWORK, "O0", "0-/0.1", EVENT_DOWN},
        {EVENT_ALERT, "O0", "0-/0.1", EVENT_DOWN},
        {EVENT_CERTIFICATE, "O0", "0-/0.1", EVENT_DOWN},
        {EVENT_SLOW, "O0", "", EVENT_UP},
        {EVENT_BOT, "O0", "", EVENT_UP},
        {EVENT_SLOW, "O0 C1", "0-/0.1", EVENT_DOWN},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct world world;

        start_world(&world, cases[i].check);
        make_steps(&world, cases[i].steps);
        read_story(&world);
        write_story(&world);
        assert_string_equal(world.text, cases[i].story);
        if (cases[i].state != EVENT_UP)
            assert_int_equal(alert_story_newest(&world.story)->state, cases[i].state);
    }
}

static void the_newest_outages_are_kept(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    for (int i = 0; i <= ALERT_OUTAGES_KEPT + 1; i++) {
        add_event(&world, 'O', minute(i));
        add_event(&world, 'C', minute(i));
        add_event(&world, 'G', minute(i));
        read_story(&world);
        assert_int_equal(world.story.n_outages,
                         i < ALERT_OUTAGES_KEPT ? i + 1 : ALERT_OUTAGES_KEPT);
        assert_int_equal(number_of(world.story.outages[0].began_ms),
                         i < ALERT_OUTAGES_KEPT ? 0 : i + 1 - ALERT_OUTAGES_KEPT);
        assert_int_equal(alert_story_newest(&world.story)->began_ms, minute(i));
        assert_int_equal(alert_story_newest(&world.story)->ordinal, i + 1);
        assert_int_equal(alert_story_newest(&world.story)->series_ms, minute(0));
    }
}

static const struct history histories[] = {
    {"?0", ""},
    {"O0 ?0", ""},
    {"O0 B1 ?1", ""},
    {"O0 C1 ?1 ?2", "1b0"},
    {"O0 C1 ?1 N2 ?2 R3 ?3", "1b0"},
    {"O0 C1 ?1 R5 G6 ?6 ?7", "1b0 6e0"},
    {"O0 C1 G6 ?6 ?7", "6w0"},
    {"O0 C1 ?1 M6 ?6", "1b0 6e0"},
    /* A message that waits does not count as sent. */
    {"O0 C1 !1 G6 ?6 ?7", "1b0 6w0"},
    {"O0 C1 !1 +2 ?3 G6 ?6", "1b0 6e0"},
    {"O0 C1 ?1 G6 !6 O30 C31 ?31", "1b0 6e0 31b30/0"},
    /* All that happened since the last decision. */
    {"O0 C1 G2 O30 C31 ?31", "31b30*2,0"},
    {"O0 C1 G2 O30 C31 G32 ?32 ?33", "32w30*2,0"},
    {"O0 C1 ?1 G2 O30 C31 ?31 ?32", "1b0 31b30/0"},
    {"O0 C1 ?1 G2 O30 C31 G32 O60 C61 ?61 ?62", "1b0 61b60/0*2,30"},
    {"O0 C1 ?1 G2 O30 C31 G32 ?32 ?33", "1b0 32e30/0*1,30"},
    {"O0 C1 ?1 G2 O30 C31 ?31 G40 ?40 O60 C61 ?61", "1b0 31b30/0 40e30/0 61b60"},
    {"O0 C1 ?1 G2 ?2 O12 C13 ?13 G14 ?14", "1b0 2e0 13b12/0 14e12/0"},
    /* The log has a close too early, or lacks it. */
    {"O0 C1 ?1 G2 ?2 N3 ?3 ?4 G5 ?5", "1b0 2e0 3b0 5e0"},
    {"O0 C1 ?1 O50 C51 ?51", "1b0 51b50/0"},
    /* A new target is sent what lasts, not what is over. */
    {"O0 C1 G2 Z0 ?2 ?3", ""},
    {"O0 C1 Z0 ?2 ?3 G4 ?4", "2b0 4e0"},
    {"O0 C1 G2 O30 C31 Z0 ?31 G32 ?32", "31b30 32e30"},
    {"O0 C1 Z0 G2 ?2", "2w0"},
    {"O0 C1 G2 Z0 O30 C31 G32 ?32", "32w30"},
    {"O0 C1 G2 Z0 O9 C9 G10 ?10", "10w9/0"},
    /* Given up: not tried again, but reported with the next change. */
    {"O0 C1 !1 X2 ?3 ?999", "1b0"},
    {"O0 C1 !1 X2 ?3 G4 ?4 ?5", "1b0 4w0"},
    {"O0 C1 ?1 G2 !2 X3 ?4", "1b0 2e0"},
    {"O0 C1 ?1 G2 !2 X3 ?4 O50 C51 ?51 ?52 G53 ?53", "1b0 2e0 51b50/0 53e50/0"},
    {"O0 C1 G2 !2 X3 ?4 O50 C51 ?51", "2w0 51b50*2,0"},
    {"O0 C1 !1 X2 G4 !4 X5 ?6 O50 C51 G52 ?52", "1b0 4w0 52w50*2,0"},
    {"O0 C1 !1 X2 ?3 Y4 N5 ?5", "1b0"},
    {"O0 C1 !1 X2 G4 ?4 N5 ?5", "1b0 4w0 5b0"},
    /* The clock was set back, so newer outages began earlier. */
    {"O100 C101 ?101 G102 ?102 O50 C51 ?51 G52 ?52", "101b100 102e100 51b50 52e50"},
    {"O100 C101 ?101 G102 ?102 O50 C51 G52 O70 C71 ?71", "101b100 102e100 71b70*2,50"},
};

static void a_target_is_sent_what_differs_from_its_reports(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    check_histories(&world, histories, LENGTH(histories));
}

/* Three short outages, reported one by one. */
#define THREE          "O0 C0 ?0 G1 ?1 O2 C2 ?2 G3 ?3 O4 C4 ?4"
#define THREE_MESSAGES "0b0 1e0 2b2/0 3e2/0 4b4/0~"

static const struct history flapping[] = {
    {THREE, THREE_MESSAGES},
    {THREE " ?5", THREE_MESSAGES " 5->34"},
    {THREE " ?33 ?34 ?35 ?9999", THREE_MESSAGES " 33->34 34s4/0~"},
    {THREE " G5 ?5 ?33 ?34 ?35", THREE_MESSAGES " 5->34 33->34 34e4/0~ 35->64"},
    {THREE " G5 ?5 ?34 ?63 ?64 ?65", THREE_MESSAGES " 5->34 34e4/0~ 63->64 64s4?/0~"},
    {THREE " G5 ?5 ?35 ?36 ?65", THREE_MESSAGES " 5->34 35s4?/0~"},
    {THREE " G5 ?5 ?40", THREE_MESSAGES " 5->34 40s4?/0~"},
    {THREE " G5 ?5 O10 C10 ?10 G11 ?34 ?64",
     THREE_MESSAGES " 5->34 10->34 34e10/0*1,10~ 64s10?/0~"},
    {THREE " G5 ?5 O10 C10 ?10 ?34 ?63 ?64 ?65 G66 ?66 ?67",
     THREE_MESSAGES " 5->34 10->34 34b10/0~ 63->64 64s10/0~ 66e10/0"},
    /* It goes on after the last message. */
    {THREE " ?34 G50 ?50 O70 C70 ?70 G71 ?71", THREE_MESSAGES " 34s4/0~ 50e4/0 70b70/0~ 71->100"},
    {THREE " ?34 G50 ?50 O81 C81 ?81 G82 ?82", THREE_MESSAGES " 34s4/0~ 50e4/0 81b81 82e81"},
    {THREE " ?34 G35 ?35 O60 C60 ?60 G61 ?61 ?90 ?120",
     THREE_MESSAGES " 34s4/0~ 35e4/0 60b60/0~ 61->90 90e60/0~ 120s60?/0~"},
    /* The second half of it waited. */
    {"O0 C0 G1 O2 C2 G3 O4 C4 G5 ?5 ?35", "5w4/0*3,0~ 35s4?/0~"},
    {"O0 C0 G1 O2 C2 G3 O4 C4 G5 !5 O6 C6 ?6 ?7", "5w4/0*3,0~ 6b6/0*4,0~ 7->36"},
    {"O0 C0 G1 O2 C2 G3 O4 C4 !4 +20 ?21", "4b4/0*3,0~ 21->50"},
    {THREE " G5 !40 X41 ?42", THREE_MESSAGES " 40s4?/0~"},
    {THREE " G5 !40 X41 O60 C60 ?60 ?61", THREE_MESSAGES " 40s4?/0~ 60b60/0"},
    {THREE " !40 X41 ?42 G43 ?43", THREE_MESSAGES " 40s4/0~ 43e4/0"},
    /* A new series begins while the last message is held. */
    {THREE " G5 q1 ?5 ?40 q0 O50 C50 ?50 ?51", THREE_MESSAGES " 5->35 50b50/0"},
    {THREE " G5 ?34 O36 C36 ?36", THREE_MESSAGES " 34e4/0~ 36b36"},
    {THREE " G5 ?34 O35 C35 ?35", THREE_MESSAGES " 34e4/0~ 35->64"},
    /* Quiet hours hold it, and send the present state at their end. */
    {THREE " q1 G5 ?5 ?40 q0 ?41 ?42", THREE_MESSAGES " 5->35 41s4?/0~"},
    {THREE " q1 ?40 q0 ?41 ?42", THREE_MESSAGES " 41s4/0~"},
    {THREE " d1 ?40 G41 ?41 d0 ?42", THREE_MESSAGES " 41e4/0~ 42->71"},
    {THREE " d1 G5 ?35", THREE_MESSAGES " 35s4?/0~"},
    /* A change ahead of now is not waited for. */
    {THREE " O6 C500 ?6 ?34", THREE_MESSAGES " 6->34 34s6/0*1,6~"},
    {THREE " O6 C500 ?6 ?33", THREE_MESSAGES " 6->34 33->34"},
};

static void a_flapping_subject_is_reported_rarely(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    check_histories(&world, flapping, LENGTH(flapping));
}

static const struct history reminders[] = {
    {"O0 C0 ?10 ?11 ?69 ?70 ?71", "10b0 11->70 69->70 70r0 71->250"},
    {"O0 C0 ?10 ?70 ?250 ?251", "10b0 70r0 250r0 251->1450"},
    {"O0 C0 ?10 ?1450 ?1451 ?2890 ?2891", "10b0 1450r0 1451->2890 2890r0 2891->4330"},
    /* One for all that were due; the next one is not later for it. */
    {"O0 C0 ?10 ?260 ?261", "10b0 260r0 261->1450"},
    {"O0 C0 ?10 ?90 ?91", "10b0 90r0 91->250"},
    {"O0 C0 ?10 ?3000 ?3001", "10b0 3000r0 3001->4330"},
    {"O0 C0 !10 +20 ?21", "10b0 21->80"},
    {"O0 C0 ?10 !70 X80 ?81", "10b0 70r0 81->250"},
    {"O0 C0 ?10 A11 ?70 ?250 G300 ?300", "10b0 300e0"},
    {"O0 C0 ?10 ?70 A71 ?250", "10b0 70r0"},
    {"O0 C0 ?10 q1 ?70 ?75 q0 ?80 ?81", "10b0 80r0 81->250"},
    {"O0 C0 ?10 d1 ?70 d0 ?80", "10b0 80r0"},
    {"O0 C0 ?10 G20 O50 C50 ?60 ?61", "10b0 60b50/0 61->120"},
    {"O0 C0 ?10 G20 ?20 ?70", "10b0 20e0"},
    {THREE " ?34 ?35 ?64", THREE_MESSAGES " 34s4/0~ 35->64 64r4/0"},
    /* The clock was set ahead, and back. */
    {"O0 C0 ?99999 ?20 ?21 ?80", "99999b0 20->80 21->80 80r0"},
    {"O0 C0 ?10 ?99999 ?20 ?21 ?70", "10b0 99999r0 20->70 21->70 70r0"},
};

static void reminders_count_from_the_delivered_begin(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    world.target.n_reminders = 3;
    world.target.remind_ms[0] = MS_PER_HOUR;
    world.target.remind_ms[1] = 4 * MS_PER_HOUR;
    world.target.remind_ms[2] = 24 * MS_PER_HOUR;
    world.target.remind_ms[3] = 999 * (int64_t)MS_PER_DAY; /* is none */
    check_histories(&world, reminders, LENGTH(reminders));
    /* Only for targets that want to be sent a begin. */
    make_steps(&world, "O0 C0 ?1");
    world.target.on = ALERT_UP;
    make_steps(&world, "?2 ?61 G62 ?62");
    assert_string_equal(world.text, "1b0 2->61 62e0");
}

static const struct history quiet[] = {
    {"q1 O0 C1 ?1 q0 ?9 ?10", "9b0"},
    {"q1 O0 C1 ?1 G2 ?2 q0 ?9", ""},
    {"q1 O0 C1 G2 ?2 O30 C31 ?31 q0 ?90", "90b30"},
    {"q1 O0 C1 G2 O30 C31 ?31 q0 ?90", "90b30"},
    {"O0 C1 ?1 q1 G2 ?2 q0 ?9", "1b0 9e0"},
    {"O0 C1 ?1 q1 G2 ?2 O30 C31 ?31 q0 ?90", "1b0 90b30/0"},
    {"O0 C1 ?1 q1 G2 ?2 O30 C31 G32 ?32 q0 ?90", "1b0 90e30/0*1,30"},
    {"q1 O0 C1 G2 ?2 q0 O30 C31 ?31", "31b30"},
    {"!0 q1 O0 C1 G2 ?2 N3 q0 ?3", "3b0"},
    /* Not what began before that. */
    {"O5 C6 q1 h5 ?6 G7 ?8 q0 ?90", ""},
    {"O5 C6 q1 h6 ?6 G7 ?8 q0 ?90", "90w5"},
    {"O5 C6 !6 q1 h9 G10 ?10 O11 ?11 B12 O30 C31 ?31 G32 ?32 q0 ?90", "6b5 90w30*2,5"},
    {"O5 C6 !6 q1 h9 G10 ?10 O30 C31 ?31 q0 ?90", "6b5 90b30*2,5"},
};

static const struct history dependency[] = {
    {"d1 O0 C1 ?1 d0 ?9 ?10", "9b0"},
    {"d1 O0 C1 ?1 G2 ?2 d0 ?9", ""},
    /* The first message may have been accepted, although its answer was lost. */
    {"O0 C1 !1 d1 G2 ?2 d0 ?9", "1b0 2w0"},
    {"O0 C1 !1 d1 G2 ?2 O30 C31 G32 ?32 d0 ?40", "1b0 2w0"},
    {"O0 C1 ?1 d1 G2 ?2", "1b0 2e0"},
    {"O0 C1 ?1 d1 G2 O30 C31 ?31 d0 ?32", "1b0 32b30/0"},
    {"O0 C1 ?1 d1 G2 O30 C31 ?31 G33 ?33", "1b0 33e30/0*1,30"},
    {"d1 q1 O0 C1 ?1 d0 ?2 q0 ?3", "3b0"},
    {"d1 q1 O0 C1 ?1 q0 ?2 d0 ?3", "3b0"},
};

static void quiet_hours_and_other_monitors_hold_messages(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    check_histories(&world, quiet, LENGTH(quiet));
    check_histories(&world, dependency, LENGTH(dependency));
    /* An exception for what is not wanted is none. */
    world.target.quiet.except = ALERT_UP;
    world.target.on = ALERT_DOWN;
    check_histories(&world, (const struct history[]){{"q1 O0 C1 ?1 q0 ?2", "2b0"}}, 1);
}

static void each_kind_is_sent_only_if_it_is_wanted(void **state)
{
    static const struct {
        enum event_check check;
        const char *scope;
        unsigned on, except;
        struct history history;
    } cases[] = {
        {EVENT_HTTP, "shop/www", ALERT_DOWN, 0, {"O0 C1 ?1 G2 ?2 O30 C31 ?31", "1b0 31b30"}},
        {EVENT_HTTP, "shop/www", ALERT_DOWN, 0, {"O0 C1 ?1 G2 O30 C31 G32 ?32 ?33", "1b0 32w30"}},
        {EVENT_HTTP, "shop/www", ALERT_UP, 0, {"O0 C1 ?1 G2 ?2", "2w0"}},
        {EVENT_HTTP, "shop/www", ALERT_UP, 0, {"O0 C1 G2 O30 C31 ?31 G32 ?32", "32w30*2,0"}},
        {EVENT_HTTP,
         "shop/www",
         ~(unsigned)(ALERT_DOWN | ALERT_UP | ALERT_FLAPPING),
         0,
         {"O0 C1 ?1 G2 ?2 O30 C31 G32 ?32" THREE, ""}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_FLAPPING,
         0,
         {THREE " G5 ?5 ?34 ?35 ?36 ?999", "4b4/0~ 5->35 34->35 35s4?/0~"}},
        {EVENT_HTTP, "shop/www", ALERT_FLAPPING, 0, {THREE " ?34 G35 ?35", "4b4/0~ 34s4/0~"}},
        {EVENT_HTTP, "shop/www", ALERT_DOWN | ALERT_FLAPPING, 0, {THREE, "0b0 2b2/0 4b4/0~"}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_DOWN | ALERT_UP,
         ALERT_DOWN,
         {"q1 O0 C1 ?1 G2 ?2 q0 ?9", "1b0 9e0"}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_DOWN | ALERT_UP,
         ALERT_UP,
         {"q1 O0 C1 ?1 G2 ?2 q0 ?9", "2w0"}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_FLAPPING,
         0,
         {"O0 C0 G1 O2 C2 G3 O4 C4 G5 ?6", "6w4/0*3,0~"}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_DOWN,
         0,
         {THREE " G5 ?5 ?35", "0b0 2b2/0 4b4/0~ 5->35 35s4?/0~"}},
        {EVENT_HTTP,
         "shop/www",
         ALERT_UP,
         0,
         {"O0 C0 G1 O2 C2 G3 O4 C4 G5 ?5 ?35", "5w4/0*3,0~ 35s4?/0~"}},
        {EVENT_HTTP, "shop/www", ALERT_DOWN | ALERT_UP, ALERT_SLOW, {"q1 O0 C1 ?1 q0 ?9", "9b0"}},
        {EVENT_SLOW, "shop/www", ALERT_SLOW, 0, {"O0 C1 ?1 G2 ?2", "1b0 2e0"}},
        {EVENT_SLOW, "shop/www", ~(unsigned)ALERT_SLOW, 0, {"O0 C1 ?1 G2 ?2" THREE, ""}},
        {EVENT_BOT, "shop/www", ALERT_BOT, 0, {"O0 C1 ?1 G2 ?2", "1b0 2e0"}},
        {EVENT_BOT, "shop/www", ~(unsigned)ALERT_BOT, 0, {"O0 C1 ?1 G2 ?2" THREE, ""}},
        {EVENT_CERTIFICATE,
         "a:443",
         ALERT_CERTIFICATE,
         0,
         {"W0 ?0 ?1 K2 ?2 ?3 G4 ?4", "0b0 2b0*0,-999 4e0"}},
        {EVENT_CERTIFICATE, "a:443", ALERT_CERTIFICATE, 0, {"W0 !0 X1 ?1 K2 ?2 ?3", "0b0 2b0"}},
        {EVENT_CERTIFICATE, "a:443", ALERT_CERTIFICATE, 0, {"W0 K1 ?2 G4 ?4", "2b0 4e0"}},
        {EVENT_CERTIFICATE, "a:443", ~(unsigned)ALERT_CERTIFICATE, 0, {"W0 ?0 K2 ?2 G4 ?4", ""}},
        {EVENT_LOCAL_NETWORK, "names", ALERT_LOCAL_NETWORK, 0, {"T0 ?1 G2 ?2 ?3", "2w0"}},
        {EVENT_LOCAL_NETWORK, "names", UINT_MAX, 0, {"T0 ?1 G2 ?2 T9 ?9 G10 ?11", "2w0 11w9/0"}},
        {EVENT_LOCAL_NETWORK,
         "names",
         UINT_MAX,
         0,
         {"T0 G1 ?1 T2 G3 ?3 T4 G5 ?5 T6 ?6 ?40 G41 ?41 ?71 ?72",
          "1w0 3w2/0 5w4/0~ 6->36 41w6/0~ 71s6?/0~"}},
        {EVENT_LOCAL_NETWORK, "names", ~(unsigned)ALERT_LOCAL_NETWORK, 0, {"T0 ?1 G2 ?2", ""}},
        {EVENT_ALERT, "other", ALERT_UNDELIVERED, 0, {"T0 ?1 Y2 ?2", "1b0 2e0"}},
        {EVENT_ALERT, "other", ~(unsigned)ALERT_UNDELIVERED, 0, {"T0 ?1 Y2 ?2", ""}},
        {EVENT_ALERT, "ops", UINT_MAX, 0, {"T0 ?1 Y2 ?2 T9 Y9 ?10", ""}},
        {EVENT_ALERT, EVENT_TICKS, ALERT_LATE_TICKS, 0, {"T0 ?1 Y2 ?2", "1b0 2e0"}},
        {EVENT_ALERT, EVENT_TICKS, ~(unsigned)ALERT_LATE_TICKS, 0, {"T0 ?1 Y2 ?2", ""}},
        {EVENT_CERTIFICATE,
         "a:443",
         ~(unsigned)ALERT_CERTIFICATE,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_LOCAL_NETWORK,
         "names",
         ~(unsigned)ALERT_LOCAL_NETWORK,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_ALERT,
         "other",
         ~(unsigned)ALERT_UNDELIVERED,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_ALERT,
         "ops",
         UINT_MAX,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_SLOW,
         "shop/www",
         ~(unsigned)ALERT_SLOW,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_BOT,
         "shop/www",
         ~(unsigned)ALERT_BOT,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
        {EVENT_ALERT,
         EVENT_TICKS,
         ~(unsigned)ALERT_LATE_TICKS,
         0,
         {"T0 Y1 T2 Y3 T4 ?5 Y6 ?7 T8 Y9 T10 Y11 T12 Y13 ?14", ""}},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct world world;

        start_world(&world, cases[i].check);
        world.scope = cases[i].scope;
        world.target.on = cases[i].on;
        world.target.quiet.except = cases[i].except;
        check_histories(&world, &cases[i].history, 1);
    }
}

static void a_part_has_the_state_and_the_newest_outage(void **state)
{
    struct world world;
    struct alert_part part;

    (void)state;
    start_world(&world, EVENT_CERTIFICATE);
    make_steps(&world, "W0");
    part = decide(&world, minute(1));
    assert_int_equal(part.state, EVENT_WARN);
    assert_int_equal(part.n, 1);
    assert_string_equal(part.outage.detail, "in 9 days");
    make_steps(&world, "K1");
    part = decide(&world, minute(2));
    assert_int_equal(part.state, EVENT_CRITICAL);
    assert_int_equal(part.n, 2);
    assert_string_equal(part.outage.detail, "in 3 days");
    alert_deliver(&world.reported, &part, minute(3));
    assert_int_equal(world.reported.state, EVENT_CRITICAL);
    make_steps(&world, "M9");
    part = decide(&world, minute(9));
    assert_int_equal(part.state, EVENT_UP);
    assert_string_equal(part.outage.end, EVENT_REMOVED);
}

/* A begin was sent, but then its events were lost. */
static void an_outage_that_the_log_lacks_is_over(void **state)
{
    struct world world;
    struct alert_part part;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "O0 C1 ?1");
    world.n_events = 0;
    part = decide(&world, minute(9));
    assert_int_equal(part.change, ALERT_ENDED);
    assert_int_equal(part.outage.began_ms, minute(0));
    assert_int_equal(part.outage.ended_ms, minute(9));
    assert_int_equal(part.outage.state, EVENT_DOWN);
    assert_int_equal(part.series_ms, minute(0));
    assert_int_equal(part.outage.series_ms, minute(0));
    assert_int_equal(part.outage.confirmed_ms, minute(0));
    assert_int_equal(part.outage.ordinal, 1);
    assert_string_equal(part.outage.end, EVENT_UNSEEN);
    alert_deliver(&world.reported, &part, minute(9));
    assert_int_equal(decide(&world, minute(10)).change, ALERT_NONE);
    make_steps(&world, "O20 C21");
    assert_int_equal(decide(&world, minute(21)).change, ALERT_BEGAN);
}

static void the_last_message_is_sent_even_if_the_log_lacks_all(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, THREE " G5 ?34");
    world.n_events = 0;
    world.text[0] = '\0';
    make_steps(&world, "?63 ?64 ?65");
    assert_string_equal(world.text, "63->64 64s4?/0~");
}

/* As of a damaged state.db. The result may be anything, but not for ever. */
static void any_reports_are_repaired(void **state)
{
    static const int64_t moments[] = {INT64_MIN, INT64_MIN + 1, INT64_MIN / 2, -1,
                                      0,         INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
    static const int numbers[] = {INT_MIN, -1, 0, 7, INT_MAX};
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    world.target.n_reminders = 1;
    world.target.remind_ms[0] = MS_PER_HOUR;
    for (unsigned i = 0; i < 20000; i++) {
        struct alert_part part;
        unsigned random = i * 2654435761U;

        world.reported = (struct alert_reported){
            .state = (enum event_state)(random >> 29) % EVENT_STATES,
            .series_ms = moments[(random >> 26) % 8],
            .outage_ms = moments[(random >> 23) % 8],
            .n = numbers[(random >> 20) % 5],
            .down_ms = moments[(random >> 17) % 8],
            .last_ms = moments[(random >> 14) % 8],
            .is_flapping = random >> 13 & 1,
            .tried_ms = moments[(random >> 11) % 8],
            .given_up_ms = moments[(random >> 10) % 8],
        };
        world.n_events = 0;
        world.text[0] = '\0';
        make_steps(&world, random >> 9 & 1 ? "O0 C1" : "O0 C1 G2");
        part = decide(&world, minute(3));
        assert_true(world.reported.n >= 0);
        assert_true(world.reported.last_ms <= minute(3));
        if (part.change == ALERT_NONE)
            continue;
        assert_true(part.n > 0);
        alert_deliver(&world.reported, &part, minute(4));
        part = decide(&world, minute(200));
        if (part.change != ALERT_NONE)
            alert_deliver(&world.reported, &part, minute(200));
        part = decide(&world, minute(201));
        assert_int_equal(part.change, ALERT_NONE);
    }
}

static void the_reports_of_a_damaged_state_keep_only_the_number(void **state)
{
    static const struct {
        struct alert_reported reported;
        const char *messages;
        int n;
    } cases[] = {
        {{EVENT_DOWN, 5, INT64_MIN, 7, 1, 1, false, 1, 1, EVENT_UP}, "9b0", 8},
        {{EVENT_DOWN, INT64_MIN, 5, 7, 1, 1, false, 1, 1, EVENT_UP}, "9b0", 8},
        {{EVENT_DOWN, INT64_MAX, 5, INT_MAX, 1, 1, false, 1, 1, EVENT_UP}, "9b0", 1},
        {{EVENT_UP, 5, INT64_MAX, -1, 1, 1, true, 1, 1, EVENT_UP}, "9b0", 1},
        {{EVENT_UP, INT64_MIN, INT64_MIN, INT_MAX - 1, -1, -1, false, 1, 1, EVENT_UP},
         "9b0",
         INT_MAX},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct world world;

        start_world(&world, EVENT_HTTP);
        world.reported = cases[i].reported;
        make_steps(&world, "O0 C1 ?9");
        assert_string_equal(world.text, cases[i].messages);
        assert_int_equal(world.reported.n, cases[i].n);
    }
}

/* As a rebuild has it from the moment of the event. */
static void a_delivery_counts_from_its_minute(void **state)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct alert_part part = {.change = ALERT_BEGAN, .state = EVENT_DOWN, .n = 1};

    (void)state;
    alert_deliver(&reported, &part, minute(3) + MS_PER_MINUTE - 1);
    assert_int_equal(reported.down_ms, minute(3));
    assert_int_equal(reported.last_ms, minute(3));
    part.change = ALERT_REMINDER;
    alert_give_up(&reported, &part, minute(64) + 1);
    assert_int_equal(reported.last_ms, minute(64));
}

/* A begin without the moment of its delivery: reminders count from now. */
static void a_missing_moment_of_delivery_is_now(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    world.target.n_reminders = 1;
    world.target.remind_ms[0] = MS_PER_HOUR;
    make_steps(&world, "O0 C1 ?1");
    world.reported.down_ms = world.reported.last_ms = -1;
    make_steps(&world, "?9 ?10 ?69");
    assert_string_equal(world.text, "1b0 9->69 10->69 69r0");
    world.reported.down_ms = world.reported.last_ms = 0;
    make_steps(&world, "!70");
    assert_int_equal(world.reported.down_ms, 0);
    assert_true(alert_story_is_moment(minute(0)));
    assert_true(alert_story_is_moment(-1));
    assert_false(alert_story_is_moment(INT64_MIN));
    assert_false(alert_story_is_moment(INT64_MIN / 2));
    assert_true(alert_story_is_moment(INT64_MIN / 2 + 1));
    assert_false(alert_story_is_moment(INT64_MAX));
    assert_false(alert_story_is_moment(INT64_MAX / 2));
    assert_true(alert_story_is_moment(INT64_MAX / 2 - 1));
}

static void impossible_moments_are_ignored(void **state)
{
    static const int64_t moments[] = {INT64_MIN, INT64_MAX};
    struct world world;

    (void)state;
    for (size_t i = 0; i < LENGTH(moments); i++) {
        start_world(&world, EVENT_HTTP);
        make_steps(&world, "O0");
        add_event(&world, 'C', moments[i]);
        world.began_ms = moments[i];
        add_event(&world, 'C', minute(1));
        read_story(&world);
        write_story(&world);
        assert_string_equal(world.text, "");
    }
}

/* The same numbers in each run. */
static int draw(size_t n)
{
    static uint64_t random = 1;

    random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int)((random >> 33) % n);
}

/* state.db has them in the order of their begins, which is another one if the clock was set back.
 */
static void conditions_may_come_in_any_order(void **state)
{
    enum { N_MAX = 30, EVENTS = 3 };
    struct world *world = malloc(sizeof *world), *other = malloc(sizeof *other);
    int order[N_MAX];

    (void)state;
    assert_non_null(world);
    assert_non_null(other);
    for (int run = 0; run < 10 * N_MAX; run++) {
        int n = 1 + run / 10;

        start_world(world, EVENT_HTTP);
        start_world(other, EVENT_HTTP);
        for (int i = 0, at = 0; i < n; i++, at += 1 + draw(20)) {
            add_event(world, 'O', minute(at));
            add_event(world, draw(4) ? 'C' : 'A', minute(at + 1));
            add_event(world, draw(20) && (i < n - 1 || n % 2) ? 'G' : 'N', minute(at + 1));
        }
        read_story(world);
        write_story(world);
        alert_story_begin(&other->story, "shop/www", EVENT_HTTP);
        for (int i = 0; i < n; i++)
            order[i] = i;
        for (int i = n; i > 0; i--) {
            int chosen = draw((size_t)i), condition = order[chosen];

            order[chosen] = order[i - 1];
            for (int j = condition * EVENTS; j < (condition + 1) * EVENTS; j++)
                alert_story_add(&other->story, &world->log[j], j + 1);
        }
        alert_story_end(&other->story);
        write_story(other);
        assert_int_equal(other->story.n_outages, world->story.n_outages);
        for (size_t i = 0; i < world->story.n_outages; i++)
            assert_int_equal(other->story.outages[i].began_ms, world->story.outages[i].began_ms);
        if (n <= ALERT_OUTAGES_KEPT)
            assert_string_equal(other->text, world->text);
    }
    free(world);
    free(other);
}

/* A rebuild derives lost events, so the first one may have the greatest number. */
static void the_smallest_number_of_a_condition_counts(void **state)
{
    static const int numbers[] = {10, 1, 5, 6, 7};
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "O0 C1 O50 C51 G52");
    alert_story_begin(&world.story, "shop/www", EVENT_HTTP);
    for (size_t i = 0; i < world.n_events; i++)
        alert_story_add(&world.story, &world.log[i], numbers[i]);
    alert_story_end(&world.story);
    write_story(&world);
    assert_string_equal(world.text, "0-1u/0.1 50-52r/50.1");
    assert_int_equal(world.story.outages[0].number, 10);
}

/* The clock was set back to an earlier day while the second outage lasted. A rebuild numbers the
 * events in the order of their days; the table has those of a condition in the order of times. */
static void an_event_before_the_begin_of_its_condition_makes_it_no_older(void **state)
{
    static const int numbers[] = {2, 3, 4, 5, 1, 6};
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "O2000 C2001 G2002 O2050 N500 C2051");
    alert_story_begin(&world.story, "shop/www", EVENT_HTTP);
    for (size_t i = 0; i < world.n_events; i++)
        alert_story_add(&world.story, &world.log[i], numbers[i]);
    alert_story_end(&world.story);
    assert_true(alert_story_is_down(&world.story));
    assert_int_equal(alert_story_newest(&world.story)->began_ms, minute(2050));
    assert_int_equal(alert_story_newest(&world.story)->number, 6);
    assert_int_equal(alert_story_newest(&world.story)->confirmed_ms, minute(2051));
}

/* What a story has to be, whatever the events are. */
static void check_story(const struct alert_story *story)
{
    assert_true(story->n_outages <= ALERT_OUTAGES_KEPT);
    for (size_t i = 0; i < story->n_outages; i++) {
        const struct alert_outage *outage = &story->outages[i];

        assert_true(outage->ended_ms != INT64_MIN ? outage->ended_ms >= outage->began_ms
                                                  : i == story->n_outages - 1);
        assert_int_equal(*outage->end == '\0', outage->ended_ms == INT64_MIN);
        assert_true(outage->ordinal >= 1);
        assert_true(outage->number >= 1 && outage->number <= EVENTS_MAX);
        assert_true(outage->ordinal > 1 || outage->series_ms == outage->began_ms);
    }
}

/* Random events, without any order. The target soon has nothing more to be sent. */
static void any_events_are_read(void **state)
{
    static const int64_t moments[] = {INT64_MIN, INT64_MIN / 2 + 1, INT64_MAX, INT64_MAX / 2 - 1, 0,
                                      -1};
    struct world world;

    (void)state;
    for (int run = 0; run < 3000; run++) {
        start_world(&world, (enum event_check)(run % EVENT_CHECKS));
        for (int i = 0; i < run % 60; i++) {
            add_event(&world, kinds[draw(LENGTH(kinds))].letter,
                      draw(8) ? minute(draw(128) - 20) : moments[draw(LENGTH(moments))]);
            world.log[world.n_events - 1].began_ms =
                draw(8) ? minute(draw(8) * 7) : moments[draw(LENGTH(moments))];
        }
        read_story(&world);
        check_story(&world.story);
        make_steps(&world, "?50 ?51 ?100 ?101 ?140");
        world.text[0] = '\0';
        make_steps(&world, "?200 ?210");
        assert_string_equal(world.text, "");
    }
}

static void what_needs_no_report_stays_so_if_there_is_nothing_new(void **state)
{
    struct world world;

    (void)state;
    start_world(&world, EVENT_HTTP);
    make_steps(&world, "q1 O0 C1 G2 O30 C31 ?31");
    assert_int_equal(world.reported.outage_ms, minute(0));
    make_steps(&world, "?32 ?33");
    assert_int_equal(world.reported.outage_ms, minute(0));
    assert_int_equal(world.reported.n, 0);
    make_steps(&world, "G34 ?34 ?35");
    assert_int_equal(world.reported.outage_ms, minute(30));
    assert_string_equal(world.text, "");
}

/* Messages of reports, and what became of them. */
static void the_log_of_messages_restores_the_reports(void **state)
{
    static const struct {
        enum event_change event;
        struct alert_part part;
        const char *detail;
    } cases[] = {
        {EVENT_SENT, {.change = ALERT_BEGAN, .state = EVENT_DOWN, .n = 1}, "ops 1 began"},
        {EVENT_FAILED, {.change = ALERT_ENDED, .state = EVENT_UP, .n = 4}, "ops 4 ended"},
        {EVENT_EXPIRED, {.change = ALERT_ENDED, .state = EVENT_UP, .n = 4}, "ops 4 ended"},
        {EVENT_EXPIRED, {.change = ALERT_REMINDER, .state = EVENT_DOWN, .n = 5}, "ops 5 reminder"},
        {EVENT_SENT,
         {.change = ALERT_BEGAN, .state = EVENT_DOWN, .n = 6, .series_ms = 1, .is_flapping = true},
         "ops 6 began flapping 2026-11-23T09:30:00.000Z"},
        {EVENT_SENT,
         {.change = ALERT_SETTLED, .state = EVENT_UP, .n = 7, .is_flapping = true},
         "ops 7 settled flapping"},
        {EVENT_SENT,
         {.change = ALERT_WAS, .state = EVENT_UP, .n = 999999999, .series_ms = 1},
         "ops 999999999 was 2026-11-23T09:30:00.000Z"},
    };
    struct alert_reported live = ALERT_NO_REPORTS, restored = ALERT_NO_REPORTS;

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct alert_part part = cases[i].part, read;
        struct event event = {.at_ms = minute((int)i + 50), .change = cases[i].event};
        char detail[ALERT_DETAIL_MAX];
        size_t target_size;

        part.outage.began_ms = minute((int)i + 20);
        part.series_ms = part.series_ms ? minute(0) : part.outage.began_ms;
        assert_string_equal(alert_write_detail("ops", &part, detail), cases[i].detail);
        event.began_ms = part.outage.began_ms;
        event.state = part.state;
        event.check = EVENT_SLOW;
        event.detail = detail;
        assert_int_equal(alert_read_detail(&event, &target_size, &read), 0);
        assert_int_equal(target_size, 3);
        assert_int_equal(read.check, EVENT_SLOW);
        if (event.change == EVENT_SENT)
            alert_deliver(&live, &part, event.at_ms);
        else if (event.change == EVENT_EXPIRED)
            alert_give_up(&live, &part, event.at_ms);
        else
            live.n = part.n;
        alert_restore(&restored, &event, &read);
        assert_memory_equal(&restored.state, &live.state, sizeof live.state);
        assert_int_equal(restored.series_ms, live.series_ms);
        assert_int_equal(restored.outage_ms, live.outage_ms);
        assert_int_equal(restored.n, part.n);
        assert_int_equal(restored.down_ms, live.down_ms);
        assert_int_equal(restored.last_ms, live.last_ms);
        assert_int_equal(restored.is_flapping, live.is_flapping);
        assert_int_equal(restored.given_up_ms, live.given_up_ms);
        assert_int_equal(restored.given_up, live.given_up);
    }
}

static void a_detail_that_is_none_is_refused(void **state)
{
    static const struct {
        const char *detail;
        enum event_state state;
        int result, n;
        enum alert_change change;
        int series;
        bool is_flapping;
    } cases[] = {
        {"", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {" ops 1 began", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops began", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops -1 began", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1x began", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1234567890 began", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 none", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 bega", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 beganx", EVENT_DOWN, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 began", EVENT_SUSPECT, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 began", EVENT_RECOVERING_STATE, -1, 0, ALERT_NONE, 0, false},
        {"ops 1 began", EVENT_CRITICAL, 0, 1, ALERT_BEGAN, 9, false},
        {"ops 1 ended HTTP 503", EVENT_UP, 0, 1, ALERT_ENDED, 9, false},
        {"ops 2  was   flapping  more", EVENT_UP, 0, 2, ALERT_WAS, 9, true},
        {"ops 2 was 2026-11-23T09:30:00.000Z HTTP 503", EVENT_UP, 0, 2, ALERT_WAS, 0, false},
        {"ops 2 settled flapping 2026-11-23T09:30:00.000Z", EVENT_UP, 0, 2, ALERT_SETTLED, 0, true},
        {"ops 2 settled flapping 2026-11-23T09:30:00.000", EVENT_UP, 0, 2, ALERT_SETTLED, 9, true},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct event event = {
            .began_ms = minute(9), .state = cases[i].state, .detail = cases[i].detail};
        struct alert_part part;
        size_t target_size;

        if (alert_read_detail(&event, &target_size, &part) != cases[i].result)
            fail_msg("%s", cases[i].detail);
        if (cases[i].result)
            continue;
        assert_int_equal(target_size, 3);
        assert_int_equal(part.state, cases[i].state);
        assert_int_equal(part.n, cases[i].n);
        assert_int_equal(part.change, cases[i].change);
        assert_int_equal(number_of(part.series_ms), cases[i].series);
        assert_int_equal(part.is_flapping, cases[i].is_flapping);
        assert_int_equal(part.outage.began_ms, minute(9));
    }
}

static void each_change_has_a_name(void **state)
{
    static const char *const names[] = {"none", "began", "ended", "was", "reminder", "settled"};

    (void)state;
    assert_int_equal(LENGTH(names), ALERT_CHANGES);
    for (int i = 0; i < ALERT_CHANGES; i++)
        assert_string_equal(alert_change_name((enum alert_change)i), names[i]);
}

static void the_id_of_a_target_may_have_one_letter(void **state)
{
    struct event event = {.state = EVENT_DOWN, .detail = "a 1 began"};
    struct alert_part part;
    size_t target_size;

    (void)state;
    assert_int_equal(alert_read_detail(&event, &target_size, &part), 0);
    assert_int_equal(target_size, 1);
}

/* A message of an earlier number cannot make the number smaller. */
static void the_number_of_a_message_never_becomes_smaller(void **state)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct alert_part part = {.change = ALERT_BEGAN, .state = EVENT_DOWN, .n = 5};

    (void)state;
    reported.n = 7;
    alert_deliver(&reported, &part, minute(1));
    assert_int_equal(reported.n, 7);
    alert_give_up(&reported, &part, minute(1));
    assert_int_equal(reported.n, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_story_has_the_confirmed_outages_and_their_series),
        cmocka_unit_test(an_outage_has_the_newest_reason_and_its_moments),
        cmocka_unit_test(a_story_without_an_outage_has_no_newest_one),
        cmocka_unit_test(only_the_acknowledged_outage_is_acknowledged),
        cmocka_unit_test(conditions_of_other_kinds_need_no_confirmation),
        cmocka_unit_test(the_newest_outages_are_kept),
        cmocka_unit_test(a_target_is_sent_what_differs_from_its_reports),
        cmocka_unit_test(a_flapping_subject_is_reported_rarely),
        cmocka_unit_test(reminders_count_from_the_delivered_begin),
        cmocka_unit_test(quiet_hours_and_other_monitors_hold_messages),
        cmocka_unit_test(each_kind_is_sent_only_if_it_is_wanted),
        cmocka_unit_test(a_part_has_the_state_and_the_newest_outage),
        cmocka_unit_test(an_outage_that_the_log_lacks_is_over),
        cmocka_unit_test(the_last_message_is_sent_even_if_the_log_lacks_all),
        cmocka_unit_test(any_reports_are_repaired),
        cmocka_unit_test(the_reports_of_a_damaged_state_keep_only_the_number),
        cmocka_unit_test(a_delivery_counts_from_its_minute),
        cmocka_unit_test(a_missing_moment_of_delivery_is_now),
        cmocka_unit_test(impossible_moments_are_ignored),
        cmocka_unit_test(conditions_may_come_in_any_order),
        cmocka_unit_test(the_smallest_number_of_a_condition_counts),
        cmocka_unit_test(an_event_before_the_begin_of_its_condition_makes_it_no_older),
        cmocka_unit_test(any_events_are_read),
        cmocka_unit_test(what_needs_no_report_stays_so_if_there_is_nothing_new),
        cmocka_unit_test(the_log_of_messages_restores_the_reports),
        cmocka_unit_test(a_detail_that_is_none_is_refused),
        cmocka_unit_test(each_change_has_a_name),
        cmocka_unit_test(the_id_of_a_target_may_have_one_letter),
        cmocka_unit_test(the_number_of_a_message_never_becomes_smaller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
