/* Prints the messages to alert targets: those that wait, and what became of the others. */
#include "commands/alert_list.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/json_put.h"
#include "base/memory.h"
#include "base/text.h"
#include "state/event_table.h"
#include "state/message_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVENTS_MAX = 5000, /* newest events of messages that are read */
    LISTED_MAX = 100,  /* messages that are listed, besides those that wait */
    COLUMNS = 80,
    TARGET_MAX = 16 /* columns for the id of a target */
};

/* A message that waits, or an event of one. */
struct listed_message {
    int64_t at_ms; /* when it was created, or of the event */
    const char *target, *state, *subject, *answer;
    enum event_state reported; /* of the first subject */
    size_t n_subjects;
    int attempts;    /* that have failed; only if it waits */
    int64_t next_ms; /* of the next one; 0: it does not wait */
};

struct message_listing {
    struct storage *storage;
    struct arena *arena;
    struct listed_message *entries;
    size_t n, capacity;
    size_t n_waiting; /* the first ones of them */
};

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

static const char *copy_text(struct message_listing *listing, const char *text, size_t size)
{
    char *copy = arena_copy(listing->arena, text, size);

    if (copy)
        text_clean(copy);
    return copy;
}

static int add_entry(struct message_listing *listing, const struct listed_message *entry,
                     struct error *error)
{
    struct listed_message *grown =
        memory_grow(listing->entries, &listing->capacity, listing->n + 1, sizeof *listing->entries);

    if (grown)
        listing->entries = grown;
    if (!grown || !entry->target || !entry->subject || !entry->answer)
        return report_no_memory(error);
    listing->entries[listing->n++] = *entry;
    return 0;
}

/* The subjects of a message, while they are counted. */
struct counting {
    struct message_listing *listing;
    struct listed_message *entry;
};

static int count_subject(void *context, const char *scope, const struct alert_part *part,
                         struct error *error)
{
    const struct counting *counting = context;

    if (counting->entry->n_subjects++ == 0) {
        counting->entry->subject = copy_text(counting->listing, scope, strlen(scope));
        counting->entry->reported = part->state;
    }
    return counting->entry->subject ? 0 : report_no_memory(error);
}

static int add_message(void *context, const struct alert_message *message, struct error *error)
{
    struct message_listing *listing = context;
    struct listed_message entry = {
        .at_ms = message->created_ms,
        .target = copy_text(listing, message->target, strlen(message->target)),
        .state = "waiting",
        .subject = "",
        .answer = copy_text(listing, message->answer, strlen(message->answer)),
        .attempts = message->attempts,
        .next_ms = message->next_ms};
    struct counting counting = {listing, &entry};

    if (message_table_each_part(listing->storage, message->number, count_subject, &counting, error))
        return -1;
    return add_entry(listing, &entry, error);
}

/* What the target answered is in brackets at the end of the detail: "ops 2 began (HTTP 503)". */
static const char *copy_answer(struct message_listing *listing, const char *detail)
{
    const char *open = strchr(detail, '(');
    size_t size = open ? strlen(open + 1) : 0;

    if (size > 0 && open[size] == ')')
        size--;
    return copy_text(listing, open ? open + 1 : "", size);
}

/* The events of one message are neighbours in the log. */
static bool is_same_moment(const struct listed_message *one, const struct listed_message *other)
{
    return one->next_ms == 0 && one->at_ms == other->at_ms &&
           strcmp(one->target, other->target) == 0 && strcmp(one->state, other->state) == 0 &&
           strcmp(one->answer, other->answer) == 0;
}

static int add_event(void *context, const struct event *event, struct error *error)
{
    struct message_listing *listing = context;
    struct listed_message *last = listing->n ? &listing->entries[listing->n - 1] : NULL;
    struct listed_message entry = {
        .at_ms = event->at_ms,
        .target = copy_text(listing, event->detail, strcspn(event->detail, " ")),
        .state = event_change_name(event->change),
        .subject = copy_text(listing, event->scope, strlen(event->scope)),
        .answer = copy_answer(listing, event->detail),
        .reported = event->state,
        .n_subjects = 1,
    };

    if (event->change == EVENT_ACKNOWLEDGED)
        return 0;
    if (!entry.target || !entry.answer)
        return report_no_memory(error);
    if (last && is_same_moment(last, &entry)) {
        last->n_subjects++;
        return 0;
    }
    if (listing->n - listing->n_waiting == LISTED_MAX)
        return 0;
    return add_entry(listing, &entry, error);
}

static int collect(struct message_listing *listing, struct error *error)
{
    if (message_table_each(listing->storage, INT64_MAX, add_message, listing, error))
        return -1;
    listing->n_waiting = listing->n;
    return event_table_each_of_messages(listing->storage, EVENTS_MAX, add_event, listing, error);
}

/* The newest first; what waits before what happened in the same moment. */
static int compare_entries(const void *a, const void *b)
{
    const struct listed_message *one = a, *other = b;

    if (one->at_ms != other->at_ms)
        return one->at_ms > other->at_ms ? -1 : 1;
    if ((one->next_ms == 0) != (other->next_ms == 0))
        return one->next_ms ? -1 : 1;
    return strcmp(one->target, other->target);
}

/* Writes "2026-11-23 09:30:15". */
static void write_moment(int64_t ms, char text[CLOCK_TEXT_MAX])
{
    clock_write_seconds(ms, text);
    text[sizeof "2026-11-23" - 1] = ' ';
    text[sizeof "2026-11-23 09:30:15" - 1] = '\0';
}

/* Prints a text in a limited number of columns; a longer one ends with "…". */
static void print_cut(const char *text, size_t columns)
{
    size_t width = 0, size = 0;

    for (size_t step; text[size] && width < columns; size += step, width++) {
        step = text_utf8_length(text + size, strlen(text + size));
        step = step ? step : 1;
    }
    if (!text[size]) {
        printf("%s", text);
        return;
    }
    do
        size--;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80);
    printf("%.*s…", (int)size, text);
}

/* What is known of a message besides its subject, in a line of its own. */
static void print_details(const struct listed_message *entry)
{
    char details[COLUMNS * 8], attempts[TEXT_COUNTED_MAX], next[CLOCK_TEXT_MAX];

    if (entry->next_ms) {
        write_moment(entry->next_ms, next);
        snprintf(details, sizeof details, "%s%snext attempt %s UTC%s%.400s",
                 entry->attempts ? text_counted((uint64_t)entry->attempts, "attempt", attempts)
                                 : "",
                 entry->attempts ? ", " : "", next, *entry->answer ? ": " : "", entry->answer);
    } else {
        snprintf(details, sizeof details, "%.400s", entry->answer);
    }
    if (!*details)
        return;
    printf("    ");
    print_cut(details, COLUMNS - 4);
    putchar('\n');
}

static void print_entry(const struct listed_message *entry, size_t target_width)
{
    const char *reported = event_state_name(entry->reported);
    size_t used = sizeof "2026-11-23 09:30:15" + 1 + target_width + 2 + sizeof "waiting" + 1 +
                  strlen(reported) + 1;
    char moment[CLOCK_TEXT_MAX], more[TEXT_NUMBER_MAX + 16] = "", target[TARGET_MAX + 1];

    write_moment(entry->at_ms, moment);
    if (entry->n_subjects > 1)
        snprintf(more, sizeof more, " and %zu more", entry->n_subjects - 1);
    snprintf(target, sizeof target, "%s", entry->target);
    printf("%s  %-*s  %-7s  %s ", moment, (int)target_width, target, entry->state, reported);
    print_cut(entry->subject, COLUMNS - used - strlen(more));
    printf("%s\n", more);
    print_details(entry);
}

static void print_table(const struct message_listing *listing)
{
    size_t width = sizeof "TARGET" - 1;

    for (size_t i = 0; i < listing->n; i++) {
        size_t length = strlen(listing->entries[i].target);

        width = length > width ? length : width;
    }
    width = width < TARGET_MAX ? width : TARGET_MAX;
    if (listing->n == 0)
        puts("No message waits, and none was sent yet");
    else
        printf("%-19s  %-*s  %-7s  %s\n", "TIME (UTC)", (int)width, "TARGET", "STATE", "ABOUT");
    for (size_t i = 0; i < listing->n; i++)
        print_entry(&listing->entries[i], width);
}

static void put_entry(const struct listed_message *entry, const char *before, struct buffer *into)
{
    buffer_puts(into, before);
    json_put_ms(into, "{\"time\": ", entry->at_ms);
    json_put_text(into, ", \"target\": ", entry->target);
    json_put_word(into, ", \"state\": ", entry->state);
    json_put_text(into, ", \"about\": ", entry->subject);
    json_put_word(into, ", \"reports\": ", event_state_name(entry->reported));
    json_put_number(into, ", \"subjects\": ", (long long)entry->n_subjects);
    json_put_number_or_null(into, ", \"attempts\": ", entry->next_ms, entry->attempts);
    json_put_ms_or_null(into, ", \"next\": ", entry->next_ms, entry->next_ms);
    json_put_text_or_null(into, ", \"answer\": ", entry->answer);
    buffer_puts(into, "}");
}

static int print_json(const struct message_listing *listing, struct error *error)
{
    struct buffer json = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    bool failed;

    buffer_puts(&json, "{\"version\": 1, \"messages\": [");
    for (size_t i = 0; i < listing->n; i++)
        put_entry(&listing->entries[i], i ? ",\n" : "\n", &json);
    buffer_puts(&json, "]}\n");
    failed = json.failed;
    if (!failed)
        fwrite(json.data, 1, json.size, stdout);
    buffer_free(&json);
    return failed ? report_no_memory(error) : 0;
}

int alert_list_print(struct storage *storage, bool json, struct error *error)
{
    struct message_listing listing = {.storage = storage, .arena = arena_new()};
    int result = listing.arena ? collect(&listing, error) : report_no_memory(error);

    if (result == 0 && listing.n > 0)
        qsort(listing.entries, listing.n, sizeof *listing.entries, compare_entries);
    if (result == 0 && json)
        result = print_json(&listing, error);
    else if (result == 0)
        print_table(&listing);
    free(listing.entries);
    arena_free(listing.arena);
    return result;
}
