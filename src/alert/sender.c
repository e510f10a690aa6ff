/* Sends all messages of a tick at the same time. */
#include "alert/sender.h"

#include "alert/command_runs.h"
#include "alert/lane.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/thread.h"
#include "check/alloc_hooks.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LATE_MS = 100, /* a lane that has not ended this long after its end is cut */
    CUT_MS = 50,   /* between two cuts */
    PING_MS = 3000 /* the request of ping_url ends within this time: no message waits for it */
};

struct sender {
    struct delivery *deliveries;
    size_t n;
    struct outbox *outboxes;
    size_t n_outboxes;
    struct lane *lanes;
    size_t n_lanes; /* those that were started */
    struct command_runs runs;
    const struct secrets *secrets;
    const char *ping_url;
    int64_t end_ms;
    int wake[2];
    pthread_t thread;
    atomic_bool is_done;
};

static bool needs_lane(const struct alert_target *target)
{
    return target->type == ALERT_WEBHOOK || target->type == ALERT_MAIL;
}

static size_t count_lanes(const struct outbox *outbox)
{
    if (!needs_lane(outbox->target))
        return 0;
    if (payload_is_summary(outbox->target))
        return 1;
    return outbox->n_all < SENDER_LANES ? outbox->n_all : SENDER_LANES;
}

/* Without a lane, deliveries are not tried. */
static void start_lane(struct sender *sender, struct outbox *outbox)
{
    struct lane *lane = &sender->lanes[sender->n_lanes];

    lane->outbox = outbox;
    lane->url = sender->ping_url;
    lane->secrets = sender->secrets;
    lane->end_ms = sender->end_ms;
    if (!outbox && clock_monotonic() + PING_MS < lane->end_ms)
        lane->end_ms = clock_monotonic() + PING_MS;
    lane->wake = sender->wake[1];
    if (lane_start(lane) == 0)
        sender->n_lanes++;
}

static bool is_lane_running(const struct sender *sender)
{
    for (size_t i = 0; i < sender->n_lanes; i++) {
        if (!atomic_load(&sender->lanes[i].is_done))
            return true;
    }
    return false;
}

/* The first moment at which something has to end. */
static int64_t find_end(const struct sender *sender)
{
    int64_t end_ms = sender->end_ms;

    for (size_t i = 0; i < sender->n_lanes; i++) {
        if (!atomic_load(&sender->lanes[i].is_done) && sender->lanes[i].end_ms < end_ms)
            end_ms = sender->lanes[i].end_ms;
    }
    return end_ms;
}

/* Waits until a lane ends, a command answers, a signal comes, or something is late. */
static void wait_for_news(struct sender *sender)
{
    const struct command_runs *runs = &sender->runs;
    bool has_signal = interrupt_came();
    int64_t wait_ms = find_end(sender) - clock_monotonic();
    struct pollfd fds[3] = {
        {.fd = sender->wake[0], .events = POLLIN},
        {.fd = has_signal ? -1 : interrupt_fd(), .events = POLLIN},
        {.fd = runs->n_running > 0 ? helper_descriptor(runs->helper) : -1, .events = POLLIN},
    };
    char bytes[64];

    if (has_signal || wait_ms < CUT_MS)
        wait_ms = CUT_MS;
    if (poll(fds, 3, (int)wait_ms) > 0 && fds[0].revents)
        while (read(sender->wake[0], bytes, sizeof bytes) > 0)
            continue;
}

/* libcurl may wait longer than it was asked to. */
static void cut_lanes(struct sender *sender)
{
    int64_t late_ms = clock_monotonic() - LATE_MS;

    for (size_t i = 0; i < sender->n_lanes; i++) {
        if (interrupt_is_urgent() || sender->lanes[i].end_ms <= late_ms)
            lane_cut(&sender->lanes[i]);
    }
}

static bool commands_may_run(const struct sender *sender)
{
    return sender->runs.n_running > 0 && !interrupt_is_urgent() &&
           clock_monotonic() < sender->end_ms;
}

static void *run_sender(void *context)
{
    struct sender *sender = context;

    for (size_t i = 0; i < sender->n_outboxes; i++) {
        for (size_t n = count_lanes(&sender->outboxes[i]); n > 0; n--)
            start_lane(sender, &sender->outboxes[i]);
    }
    if (sender->ping_url)
        start_lane(sender, NULL);
    command_runs_step(&sender->runs);
    while (is_lane_running(sender) || commands_may_run(sender)) {
        wait_for_news(sender);
        command_runs_step(&sender->runs);
        cut_lanes(sender);
    }
    command_runs_end(&sender->runs);
    for (size_t i = 0; i < sender->n_lanes; i++)
        lane_join(&sender->lanes[i]);
    for (size_t i = 0; i < sender->n_outboxes; i++)
        outbox_finish(&sender->outboxes[i]);
    atomic_store(&sender->is_done, true);
    return NULL;
}

static void free_sender(struct sender *sender)
{
    command_runs_close(&sender->runs);
    outbox_close(sender->outboxes, sender->n_outboxes);
    free(sender->lanes);
    for (int i = 0; i < 2; i++) {
        if (sender->wake[i] >= 0)
            close(sender->wake[i]);
    }
    free(sender);
}

/* Returns 0, or -1 with errno. */
static int open_sender(struct sender *sender)
{
    long n_outboxes = outbox_open(sender->deliveries, sender->n, sender->end_ms, &sender->outboxes);
    size_t n_lanes = 1;

    if (n_outboxes < 0)
        return -1;
    sender->n_outboxes = (size_t)n_outboxes;
    for (size_t i = 0; i < sender->n_outboxes; i++)
        n_lanes += count_lanes(&sender->outboxes[i]);
    sender->lanes = calloc(n_lanes, sizeof *sender->lanes);
    sender->runs.outboxes = sender->outboxes;
    sender->runs.n_outboxes = sender->n_outboxes;
    if (!sender->lanes || command_runs_open(&sender->runs))
        return -1;
    return file_open_pipe(sender->wake);
}

struct sender *sender_start(const struct config *config, struct delivery *deliveries, size_t n,
                            int64_t limit_ms, struct helper *helper, const char *ping_url,
                            struct error *error)
{
    struct sender *sender = calloc(1, sizeof *sender);

    if (sender) {
        *sender = (struct sender){.deliveries = deliveries,
                                  .n = n,
                                  .secrets = config->answer_secrets,
                                  .ping_url = ping_url,
                                  .end_ms = clock_monotonic() + limit_ms,
                                  .wake = {-1, -1}};
        sender->runs =
            (struct command_runs){.config = config, .helper = helper, .deliveries = deliveries};
        atomic_init(&sender->is_done, false);
    }
    if (!sender || open_sender(sender)) {
        error_errno(error, "alerts");
    } else if (alloc_hooks_init_libraries()) {
        error_set(error, EXIT_IO, "alerts: libcurl could not be initialised: out of memory");
    } else {
        errno = thread_start(&sender->thread, run_sender, sender);
        if (errno == 0)
            return sender;
        error_errno(error, "alerts: no thread could be started");
        curl_global_cleanup();
    }
    if (sender)
        free_sender(sender);
    return NULL;
}

bool sender_is_done(const struct sender *sender)
{
    return atomic_load(&sender->is_done);
}

void sender_finish(struct sender *sender)
{
    if (!sender)
        return;
    pthread_join(sender->thread, NULL);
    curl_global_cleanup();
    free_sender(sender);
}
