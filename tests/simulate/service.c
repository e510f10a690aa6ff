/* The services of the targets: accept, fail, refuse, wait or hang, as the dice want. */
#include "service.h"

#include "alert/message.h"
#include "alert/sender.h"
#include "death.h"
#include "receipts.h"
#include "story.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_SEPARATOR = 0x1e };

static struct {
    struct simulation *simulation;
    off_t read;
    int printed;
} services;

void service_begin(struct simulation *simulation)
{
    services.simulation = simulation;
    services.read = 0;
    services.printed =
        open(path_in(simulation->world, "printed"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(services.printed >= 0 && dup2(services.printed, STDOUT_FILENO) >= 0);
}

int service_find(const struct simulation *simulation, const char *id)
{
    for (int i = 0; i < TARGETS; i++) {
        if (strcmp(simulation->targets[i].id, id) == 0)
            return i;
    }
    story_fail(simulation, "there is no target %s", id);
}

void service_delay(struct simulation *simulation, int target, int64_t ms)
{
    struct service *service = &simulation->services[target];

    if (service->calm_at_ms < simulation->real_ms + ms)
        service->calm_at_ms = simulation->real_ms + ms;
}

void service_draw(struct simulation *simulation, int target)
{
    struct service *service = &simulation->services[target];
    uint64_t *seed = &simulation->seed;
    bool was_good = service->mood == SERVICE_ACCEPTS;
    int64_t hours = dice_below(seed, 12) == 0 ? 40 : 3;

    service->mood =
        was_good ? 1 + (enum service_mood)dice_below(seed, SERVICE_MOODS - 1) : SERVICE_ACCEPTS;
    service->until_ms = simulation->real_ms + MS_PER_MINUTE +
                        (was_good ? dice_below(seed, hours * MS_PER_HOUR)
                                  : dice_below(seed, INT64_C(6) * MS_PER_DAY));
    story_add(simulation, "service of %s: mood %d", simulation->targets[target].id,
              (int)service->mood);
}

bool service_can_print(struct simulation *simulation)
{
    enum service_mood mood = simulation->services[service_find(simulation, "print")].mood;

    if (mood == SERVICE_ACCEPTS || (mood == SERVICE_MIXED && dice_below(&simulation->seed, 2)))
        return true;
    service_delay(simulation, service_find(simulation, "print"), 61 * (int64_t)MS_PER_MINUTE);
    return false;
}

/* One answer of a service. If it asks to wait, it is sent nothing more in this tick. */
static void answer(struct simulation *simulation, struct delivery *delivery,
                   int64_t waits_ms[TARGETS])
{
    static const struct {
        enum delivery_result result;
        bool accepts;
        const char *words;
    } answers[] = {
        [SERVICE_ACCEPTS] = {DELIVERY_ACCEPTED, true, "HTTP 200"},
        [SERVICE_FAILS] = {DELIVERY_FAILED, false, "HTTP 503"},
        [SERVICE_REFUSES] = {DELIVERY_REFUSED, false, "HTTP 401"},
        [SERVICE_WAITS] = {DELIVERY_FAILED, false, "HTTP 429"},
        [SERVICE_HANGS] = {DELIVERY_FAILED, true, "no answer within 10 s"},
        [SERVICE_MIXED] = {DELIVERY_NOT_TRIED, false, ""},
    };
    int target = service_find(simulation, delivery->target->id);
    enum service_mood mood = simulation->services[target].mood;
    uint64_t *seed = &simulation->seed;

    if (mood == SERVICE_MIXED)
        mood = (enum service_mood)dice_below(seed, SERVICE_MOODS);
    if (waits_ms[target])
        mood = SERVICE_MIXED;
    delivery->result = answers[mood].result;
    snprintf(delivery->answer, sizeof delivery->answer, "%s", answers[mood].words);
    if (mood == SERVICE_WAITS)
        waits_ms[target] = (1 + dice_below(seed, 90)) * MS_PER_MINUTE;
    delivery->retry_after_ms = waits_ms[target];
    if (mood != SERVICE_ACCEPTS)
        service_delay(
            simulation, target,
            mood == SERVICE_MIXED ? 0 : 61 * (int64_t)MS_PER_MINUTE + delivery->retry_after_ms);
    story_add(simulation, "attempt: message %lld to %s: %s", (long long)delivery->message,
              delivery->target->id, *delivery->answer ? delivery->answer : "not tried");
    death_point();
    if (answers[mood].accepts)
        receipts_add(simulation, target, delivery->payload.body.data, delivery->payload.body.size,
                     delivery->result == DELIVERY_ACCEPTED);
    death_point();
}

/* The linker's names for the functions that are replaced. */
__typeof__(sender_start) __wrap_sender_start;
__typeof__(sender_is_done) __wrap_sender_is_done;
__typeof__(sender_finish) __wrap_sender_finish;
__typeof__(payload_make) __wrap_payload_make;
__typeof__(payload_free) __wrap_payload_free;
__typeof__(message_write) __wrap_message_write, __real_message_write;
__typeof__(message_print) __wrap_message_print, __real_message_print;
__typeof__(clock_now) __wrap_clock_now;

struct sender {
    size_t n;
    int polls;
};

/* The real one sends while the tick goes on; here all is sent at once. */
struct sender *__wrap_sender_start(const struct config *config, struct delivery *deliveries,
                                   size_t n, int64_t limit_ms, struct helper *helper,
                                   const char *ping_url, struct error *error)
{
    struct sender *sender = calloc(1, sizeof *sender);
    int64_t waits_ms[TARGETS] = {0};

    (void)config;
    (void)limit_ms;
    (void)helper;
    (void)ping_url;
    (void)error;
    assert_non_null(sender);
    for (size_t i = 0; i < n; i++)
        answer(services.simulation, &deliveries[i], waits_ms);
    return sender;
}

bool __wrap_sender_is_done(const struct sender *sender)
{
    (void)sender;
    return true;
}

void __wrap_sender_finish(struct sender *sender)
{
    free(sender);
}

/* A service reads the JSON of the message, not what a template makes of it. */
int __wrap_payload_make(const struct alert_target *target, const struct template_set *templates,
                        const char *content, int64_t now_ms, struct payload *payload,
                        struct error *error)
{
    (void)target;
    (void)templates;
    (void)now_ms;
    (void)error;
    *payload = (struct payload){.body = BUFFER_WITH_CEILING(BUFFER_MAX_LINE)};
    buffer_puts(&payload->body, content);
    assert_false(payload->body.failed);
    return 0;
}

void __wrap_payload_free(struct payload *payload)
{
    buffer_free(&payload->body);
}

/* Adds to the JSON what only its words have: which outages the target missed. */
int __wrap_message_write(const struct config *config, const struct message_head *head,
                         const struct message_item *items, size_t n, struct buffer *into,
                         struct error *error)
{
    int failed = __real_message_write(config, head, items, n, into, error);

    into->size -= strlen("}\n");
    buffer_puts(into, ", \"missed\": {");
    for (size_t i = 0; i < n; i++)
        buffer_printf(into, "%s\"%s/%s\": [%d, %lld]", i ? ", " : "", items[i].scope,
                      event_check_name(items[i].part.check), items[i].part.n_missed,
                      (long long)items[i].part.first_missed_ms);
    buffer_puts(into, "}}\n");
    return failed || into->failed;
}

/* Prints the JSON too, between two separators, for service_read_printed. */
int __wrap_message_print(const char *content, struct error *error)
{
    int failed = __real_message_print(content, error);

    if (failed == 0) {
        printf("%c%s%c", RECORD_SEPARATOR, content, RECORD_SEPARATOR);
        fflush(stdout);
    }
    death_point();
    return failed;
}

int64_t __wrap_clock_now(void)
{
    return simulation_wall_ms(services.simulation);
}

void service_read_printed(struct simulation *simulation)
{
    off_t size = lseek(services.printed, 0, SEEK_END);
    size_t n = (size_t)(size - services.read);
    char *text = calloc(1, n + 1), *at = text, *end;

    assert_int_equal(pread(services.printed, text, n, services.read), (ssize_t)n);
    services.read = size;
    while ((at = strchr(at, RECORD_SEPARATOR)) != NULL) {
        end = strchr(++at, RECORD_SEPARATOR);
        if (!end)
            story_fail(simulation, "a part of a message was printed: %s", at);
        receipts_add(simulation, service_find(simulation, "print"), at, (size_t)(end - at), true);
        at = end + 1;
    }
    free(text);
}
