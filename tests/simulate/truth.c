/* Follows the event log: which outages began and ended, and when a tick exported that. */
#include "truth.h"

#include "records/event_csv.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>

enum { SERIES_MS = 15 * MS_PER_MINUTE, FLAPPING_MS = 30 * MS_PER_MINUTE, FLAPPING_FROM = 3 };

struct truth *truth_new(void)
{
    struct truth *truth = calloc(1, sizeof *truth);

    assert_non_null(truth);
    truth->capacity = 1 << 16;
    truth->lines = calloc((size_t)truth->capacity, sizeof *truth->lines);
    assert_non_null(truth->lines);
    return truth;
}

void truth_free(struct truth *truth)
{
    for (int i = 0; i < truth->n; i++)
        free(truth->matters[i].outages);
    free(truth->lines);
    free(truth);
}

struct matter *truth_find(struct truth *truth, enum event_check check, const char *scope)
{
    for (int i = 0; i < truth->n; i++) {
        if (truth->matters[i].check == check && strcmp(truth->matters[i].scope, scope) == 0)
            return &truth->matters[i];
    }
    return NULL;
}

static struct matter *find_or_add(struct truth *truth, enum event_check check, const char *scope)
{
    struct matter *matter = truth_find(truth, check, scope);

    if (matter)
        return matter;
    assert_true(truth->n < TRUTH_SUBJECTS_MAX);
    matter = &truth->matters[truth->n++];
    matter->check = check;
    snprintf(matter->scope, sizeof matter->scope, "%s", scope);
    return matter;
}

struct happening *truth_lasting(const struct matter *matter)
{
    return matter && matter->is_reported ? &matter->outages[matter->n - 1] : NULL;
}

struct happening *truth_outage(const struct matter *matter, int64_t began_ms)
{
    for (int i = matter ? matter->n - 1 : -1; i >= 0; i--) {
        if (matter->outages[i].began_ms == began_ms)
            return &matter->outages[i];
    }
    return NULL;
}

/* Whether the line is new; then it is remembered. */
static bool is_new(struct truth *truth, const char *line, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    uint64_t mask = (uint64_t)truth->capacity - 1;
    uint64_t at;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)line[i]) * UINT64_C(1099511628211);
    hash |= 1;
    for (at = hash & mask; truth->lines[at]; at = (at + 1) & mask) {
        if (truth->lines[at] == hash)
            return false;
    }
    assert_true(++truth->n_lines < truth->capacity / 2);
    truth->lines[at] = hash;
    return true;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static int number_in_series(const struct matter *matter, int64_t began_ms)
{
    const struct happening *last = matter->n > 0 ? &matter->outages[matter->n - 1] : NULL;
    int64_t limit;

    if (!last)
        return 1;
    limit = last->number >= FLAPPING_FROM ? FLAPPING_MS : SERIES_MS;
    return distance(began_ms, last->ended_ms) <= limit ? last->number + 1 : 1;
}

static void confirm(struct simulation *simulation, struct matter *matter)
{
    int number = number_in_series(matter, matter->began_ms);

    if (matter->n == matter->capacity) {
        matter->capacity = matter->capacity ? 2 * matter->capacity : 16;
        matter->outages =
            realloc(matter->outages, (size_t)matter->capacity * sizeof *matter->outages);
        assert_non_null(matter->outages);
    }
    matter->outages[matter->n++] = (struct happening){.began_ms = matter->began_ms,
                                                      .ended_ms = INT64_MIN,
                                                      .confirmed_tick = simulation->tick,
                                                      .number = number,
                                                      .state = matter->state};
    matter->is_reported = true;
    matter->changed_real = simulation->real_ms;
    matter->changed_tick = simulation->tick;
}

/* An outage ended when it began to recover. */
static void end(struct simulation *simulation, struct matter *matter, const struct event *event)
{
    struct happening *outage = truth_lasting(matter);

    if (outage) {
        outage->state = EVENT_UP;
        outage->ended_ms =
            matter->recovering_ms != INT64_MIN ? matter->recovering_ms : event->at_ms;
        outage->closed_tick = simulation->tick;
        matter->changed_real = simulation->real_ms;
        matter->changed_tick = simulation->tick;
    }
    matter->is_open = matter->is_reported = false;
    matter->state = EVENT_UP;
}

static void apply(struct simulation *simulation, const struct event *event)
{
    struct matter *matter = find_or_add(simulation->truth, event->check, event->scope);
    bool at_once = event->check > EVENT_BOT;

    simulation->truth->changes +=
        event->change != EVENT_REASON_CHANGED && event->change != EVENT_RECOVERING;
    if (event->change == EVENT_CLOSED) {
        end(simulation, matter, event);
        return;
    }
    if (!matter->is_open || matter->began_ms != event->began_ms) {
        if (matter->is_open)
            story_fail(simulation, "%s: another condition is open", event->scope);
        matter->is_open = true;
        matter->began_ms = event->began_ms;
        matter->recovering_ms = INT64_MIN;
    }
    if (event->change == EVENT_RECOVERING)
        matter->recovering_ms = event->at_ms;
    if (event->state == EVENT_DOWN)
        matter->recovering_ms = INT64_MIN;
    if (matter->state != event->state && matter->is_reported && at_once)
        matter->changed_tick = simulation->tick;
    matter->state = event->state;
    if (!matter->is_reported && (at_once || event->change == EVENT_CONFIRMED))
        confirm(simulation, matter);
    if (matter->is_reported && at_once)
        matter->outages[matter->n - 1].state = event->state;
}

/* The detail of events of messages begins with the id of the target. */
static int find_target(const struct simulation *simulation, const char *detail)
{
    for (int i = 0; i < TARGETS; i++) {
        const char *id = simulation->targets[i].id;

        if (strncmp(detail, id, strlen(id)) == 0 && detail[strlen(id)] == ' ')
            return i;
    }
    return -1;
}

static void add_sent(struct matter *matter, int target, int n)
{
    int *sent = matter->sent[target];

    memmove(sent + 1, sent, (TRUTH_SENT_MAX - 1) * sizeof *sent);
    sent[0] = n;
}

bool truth_is_sent(const struct matter *matter, int target, int n)
{
    for (int i = 0; i < TRUTH_SENT_MAX; i++) {
        if (matter->sent[target][i] == n)
            return true;
    }
    return false;
}

/* An event about a message, or a person's acknowledgement. */
static void apply_message(struct simulation *simulation, const struct event *event)
{
    struct matter *matter = find_or_add(simulation->truth, event->check, event->scope);
    struct happening *outage = truth_outage(matter, event->began_ms);
    int target = find_target(simulation, event->detail);

    if (event->change == EVENT_ACKNOWLEDGED && outage)
        outage->is_acknowledged = true;
    if (target < 0)
        return;
    if (event->change == EVENT_SENT) {
        simulation->truth->sent_tick[target] = simulation->tick;
        add_sent(matter, target, atoi(event->detail + strlen(simulation->targets[target].id)));
    }
    if (event->change != EVENT_EXPIRED)
        return;
    matter->is_given_up[target] = true;
    for (int i = 0; i < matter->n; i++)
        matter->outages[i].is_excused[target] = true;
}

static void read_line(struct simulation *simulation, const char *line, size_t size)
{
    struct event_row row;
    const char *why = "";
    size_t used;

    if (event_csv_read(line, size, &row, &used, &why) != CSV_ROW)
        story_fail(simulation, "the log has a line that is no event (%s): %.*s", why, (int)size,
                   line);
    story_add(simulation, "  event %s %s %s %s %s", row.scope, event_check_name(row.event.check),
              event_change_name(row.event.change), event_state_name(row.event.state), row.detail);
    if (row.event.change <= EVENT_CLOSED)
        apply(simulation, &row.event);
    else
        apply_message(simulation, &row.event);
}

void truth_read(struct simulation *simulation)
{
    size_t size = 0;
    char *text = read_whole(simulation->world, "live/events.log", &size);

    for (char *line = text, *next; text && *line; line = next) {
        next = strchr(line, '\n');
        if (!next)
            break; /* a killed tick wrote a part of a line; the next tick writes it again */
        next++;
        if (is_new(simulation->truth, line, (size_t)(next - line)))
            read_line(simulation, line, (size_t)(next - line));
    }
    free(text);
}
