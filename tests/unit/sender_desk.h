#ifndef SENDER_DESK_H
#define SENDER_DESK_H

/* A configuration with targets, deliveries to them, and a helper process that is none. */

#include "alert/helper.h"
#include "alert/sender.h"
#include "base/clock.h"
#include "base/secrets.h"

#include "awkward_server.h"

#include <poll.h>

enum { TARGETS_MAX = 8, DELIVERIES_MAX = 1024, LIMIT_MS = 10 * 1000 };

#define TOKEN "s3cr3t-token-of-the-hook"

static struct awkward_server server;

/* A configuration with targets, and deliveries to them. */
static struct desk {
    struct config config;
    struct alert_target targets[TARGETS_MAX];
    struct delivery deliveries[DELIVERIES_MAX];
    char urls[TARGETS_MAX][256];
    char ca_file[PATH_MAX + 16];
    size_t n;
    double seconds; /* that the sender took */
} desk;

static const char *const to_ops[] = {"ops@example.org", NULL};

/* Replaced, because templates are tested elsewhere. */
bool payload_is_summary(const struct alert_target *target)
{
    return target->type == ALERT_MAIL || target->format == ALERT_SLACK;
}

/* A helper whose commands are /bin/true and so on, made of the input. */
struct helper {
    int pipe[2];
    uint32_t requests[16];
    char inputs[16][64];
    size_t n, n_answered;
    bool is_silent;
};

int helper_run(struct helper *helper, size_t target, uint32_t request, const char *input,
               size_t size, struct error *error)
{
    if (target == 1)
        return error_set(error, EXIT_IO, "no");
    snprintf(helper->inputs[helper->n], sizeof helper->inputs[0], "%.*s", (int)size, input);
    helper->requests[helper->n++] = request;
    return helper->is_silent || write(helper->pipe[1], "", 1) == 1 ? 0 : -1;
}

int helper_descriptor(const struct helper *helper)
{
    return helper->pipe[0];
}

int helper_take(struct helper *helper, struct helper_answer *answer, struct error *error)
{
    struct pollfd fd = {.fd = helper->pipe[0], .events = POLLIN};
    char byte;

    if (poll(&fd, 1, 0) <= 0 || read(helper->pipe[0], &byte, 1) != 1)
        return 0;
    *answer = (struct helper_answer){.request = helper->requests[helper->n_answered]};
    if (strcmp(helper->inputs[helper->n_answered], "gone") == 0)
        return error_set(error, EXIT_IO, "gone");
    if (strcmp(helper->inputs[helper->n_answered], "fail") == 0) {
        answer->status = 1;
        snprintf(answer->output, sizeof answer->output, "no route for " TOKEN "\n");
    }
    if (strcmp(helper->inputs[helper->n_answered], "missing") == 0) {
        answer->status = -1;
        snprintf(answer->output, sizeof answer->output, "No such file or directory");
    }
    answer->is_late = strcmp(helper->inputs[helper->n_answered], "late") == 0;
    helper->n_answered++;
    return 1;
}

static inline void begin_desk(void)
{
    memset(&desk.targets, 0, sizeof desk.targets);
    desk.n = 0;
    desk.config.alerts = desk.targets;
    desk.config.n_alerts = TARGETS_MAX;
    snprintf(desk.ca_file, sizeof desk.ca_file, "%s/ca.pem", server.folder);
}

static inline const char *expand(size_t target, const char *scheme, const char *port,
                                 const char *path)
{
    snprintf(desk.urls[target], sizeof desk.urls[0], "%s://127.0.0.1:%d%s", scheme,
             awkward_port(&server, port), path);
    return desk.urls[target];
}

static inline struct alert_target *add_mail(size_t index, const char *scheme, const char *port)
{
    struct alert_target *target = &desk.targets[index];

    *target = (struct alert_target){.id = "mail",
                                    .type = ALERT_MAIL,
                                    .server = expand(index, scheme, port, ""),
                                    .ca_file = desk.ca_file,
                                    .from = "uptick@example.org",
                                    .to = to_ops};
    return target;
}

static inline void add_hook(size_t index, const char *port, const char *path)
{
    desk.targets[index] =
        (struct alert_target){.id = "hook", .type = ALERT_WEBHOOK, .ca_file = desk.ca_file};
    expand(index, strncmp(port, "tls", 3) == 0 ? "https" : "http", port, path);
}

static inline struct delivery *add_delivery(size_t target, const char *body)
{
    static const char *const headers[] = {"Content-Type: application/json", "X-Key: " TOKEN,
                                          "X-Empty:", NULL};
    struct delivery *delivery = &desk.deliveries[desk.n++];

    *delivery = (struct delivery){.target = &desk.targets[target],
                                  .payload = {.headers = headers, .url = desk.urls[target]}};
    delivery->payload.body = (struct buffer){.data = (char *)(uintptr_t)body, .size = strlen(body)};
    return delivery;
}

static inline void send_all_within(int64_t limit_ms, struct helper *helper, const char *ping_url)
{
    int64_t begun_ms = clock_monotonic();
    struct error error = {.text = ""};
    struct sender *sender =
        sender_start(&desk.config, desk.deliveries, desk.n, limit_ms, helper, ping_url, &error);

    if (!sender)
        fail_msg("%s", error.text);
    sender_finish(sender);
    desk.seconds = (double)(clock_monotonic() - begun_ms) / 1000;
}

static inline void send_all(void)
{
    send_all_within(LIMIT_MS, NULL, NULL);
}

static inline void expect(size_t index, enum delivery_result result, const char *answer)
{
    const struct delivery *delivery = &desk.deliveries[index];

    if (delivery->result != result || strcmp(delivery->answer, answer) != 0)
        fail_msg("%s: delivery %zu: %d \"%s\", expected %d \"%s\"", desk.urls[0], index,
                 (int)delivery->result, delivery->answer, (int)result, answer);
}

static inline int open_server(void **state)
{
    (void)state;
    awkward_open(&server);
    desk.config.answer_secrets = secrets_new();
    assert_non_null(desk.config.answer_secrets);
    assert_int_equal(secrets_add(desk.config.answer_secrets, TOKEN, strlen(TOKEN), "${TOKEN}"), 0);
    secrets_sort(desk.config.answer_secrets);
    return 0;
}

static inline int close_server(void **state)
{
    (void)state;
    secrets_free(desk.config.answer_secrets);
    awkward_close(&server);
    return 0;
}

#endif
