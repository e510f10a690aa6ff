/* Keeps what the targets have received. */
#include "receipts.h"

#include "service.h"
#include "story.h"

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>

static const char *const change_names[] = {
    [ALERT_NONE] = "none", [ALERT_BEGAN] = "began",       [ALERT_ENDED] = "ended",
    [ALERT_WAS] = "was",   [ALERT_REMINDER] = "reminder", [ALERT_SETTLED] = "settled",
};

struct receipts *receipts_new(void)
{
    struct receipts *receipts =
        mmap(NULL, sizeof *receipts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(receipts != MAP_FAILED);
    return receipts;
}

const char *receipts_change_name(enum alert_change change)
{
    return change_names[change];
}

static const char *text_of(const struct simulation *simulation, const json_t *event,
                           const char *member)
{
    const char *text = json_string_value(json_object_get(event, member));

    if (!text)
        story_fail(simulation, "a message has no %s", member);
    return text;
}

static int64_t moment_of(const struct simulation *simulation, const char *text)
{
    int64_t ms;

    if (clock_read_ms(text, strlen(text), &ms))
        story_fail(simulation, "a message has no moment: %s", text);
    return ms;
}

static enum alert_change read_change(const struct simulation *simulation, const char *name)
{
    for (enum alert_change change = ALERT_BEGAN; change <= ALERT_SETTLED; change++) {
        if (strcmp(change_names[change], name) == 0)
            return change;
    }
    story_fail(simulation, "a message has the change %s", name);
}

/* Reads the key: the id of a series, and the number of the message. */
static void read_key(const struct simulation *simulation, const json_t *event,
                     struct receipt *receipt)
{
    const char *id = text_of(simulation, event, "id");
    size_t size = strlen(id);
    enum event_check check;

    snprintf(receipt->key, sizeof receipt->key, "%s", text_of(simulation, event, "key"));
    if (strncmp(receipt->key, id, size) != 0 || receipt->key[size] != '.')
        story_fail(simulation, "%s is no key of %s", receipt->key, id);
    receipt->n = (int)strtol(receipt->key + size + 1, NULL, 10);
    if (event_read_id(id, receipt->scope, &check, &receipt->series_ms) || check != receipt->check)
        story_fail(simulation, "%s is no id of %s", id, receipt->scope);
}

static void read_event(const struct simulation *simulation, const json_t *event,
                       const json_t *missed, struct receipt *receipt)
{
    const char *check = text_of(simulation, event, "check");
    const char *state = text_of(simulation, event, "state");
    char name[EVENT_ID_MAX];

    snprintf(receipt->scope, sizeof receipt->scope, "%s", text_of(simulation, event, "scope"));
    if (event_read_check(check, strlen(check), &receipt->check) ||
        event_read_state(state, strlen(state), &receipt->state))
        story_fail(simulation, "a message has %s %s", check, state);
    receipt->change = read_change(simulation, text_of(simulation, event, "change"));
    receipt->began_ms = moment_of(simulation, text_of(simulation, event, "since"));
    read_key(simulation, event, receipt);
    snprintf(name, sizeof name, "%s/%s", receipt->scope, check);
    missed = json_object_get(missed, name);
    receipt->n_missed = (int)json_integer_value(json_array_get(missed, 0));
    receipt->first_missed_ms = json_integer_value(json_array_get(missed, 1));
}

static uint64_t hash_text(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

static void write_story(const struct simulation *simulation, const struct receipt *receipt)
{
    char began[CLOCK_TEXT_MAX], first[CLOCK_TEXT_MAX] = "then";

    clock_write_ms(receipt->began_ms, began);
    if (receipt->first_missed_ms != INT64_MIN)
        clock_write_ms(receipt->first_missed_ms, first);
    story_add(simulation, "  %s received (%d): %s %s of %s, missed %d since %s; key %s%s",
              simulation->targets[receipt->target].id, receipt->delivery,
              change_names[receipt->change], event_state_name(receipt->state), began,
              receipt->n_missed, first, receipt->key,
              receipt->is_answered ? "" : "; the answer is lost");
}

void receipts_add(struct simulation *simulation, int target, const char *content, size_t size,
                  bool is_answered)
{
    struct receipts *receipts = simulation->receipts;
    struct receipt receipt = {.delivery = receipts->deliveries++,
                              .target = target,
                              .real_ms = simulation->real_ms,
                              .wall_ms = simulation_wall_ms(simulation),
                              .tick = simulation->tick,
                              .is_answered = is_answered,
                              .text = hash_text(content, size)};
    json_error_t mistake;
    json_t *message = json_loadb(content, size, 0, &mistake);
    const json_t *events = json_object_get(message, "events");
    const json_t *missed = json_object_get(message, "missed");

    if (json_array_size(events) == 0)
        story_fail(simulation, "%s received no message: %.*s", simulation->targets[target].id,
                   (int)size, content);
    for (size_t i = 0; i < json_array_size(events); i++) {
        assert_true(receipts->n < RECEIPTS_MAX);
        read_event(simulation, json_array_get(events, i), missed, &receipt);
        receipts->list[receipts->n++] = receipt;
        write_story(simulation, &receipt);
    }
    json_decref(message);
}
