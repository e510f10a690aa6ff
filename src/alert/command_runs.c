/* Sends messages to commands, which the helper process runs. */
#include "alert/command_runs.h"

#include "alert/reply.h"
#include "base/clock.h"
#include "base/interrupt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAIR_MS = 1000 /* a command that had less time did not fail */ };

/* The command of a target that runs now. */
struct running {
    struct delivery *delivery; /* NULL: none */
    int64_t begun_ms;
};

static bool has_command(const struct alert_target *target)
{
    return target->type == ALERT_COMMAND || target->type == ALERT_SENDMAIL;
}

/*
 * The number of a run. An earlier sender of this tick may have given up a run that the helper
 * answers later, so numbers begin with the time: they repeat after 17 minutes, when that run and
 * its tick are over.
 */
static uint32_t number_run(const struct command_runs *runs, const struct delivery *delivery)
{
    enum { BITS = 12 };

    return (uint32_t)((uint64_t)runs->begun_ms << BITS) + (uint32_t)(delivery - runs->deliveries);
}

int command_runs_open(struct command_runs *runs)
{
    runs->n_running = 0;
    runs->begun_ms = clock_monotonic();
    runs->runs = calloc(runs->n_outboxes ? runs->n_outboxes : 1, sizeof *runs->runs);
    return runs->runs ? 0 : -1;
}

void command_runs_close(struct command_runs *runs)
{
    free(runs->runs);
    runs->runs = NULL;
}

/* A failure that the next commands of the target would have too. */
static void fail_all(const struct command_runs *runs, struct outbox *outbox,
                     struct delivery *delivery, const char *words, const char *output)
{
    delivery->result = DELIVERY_FAILED;
    reply_write(runs->config->answer_secrets, words, output, HELPER_OUTPUT_MAX, delivery->answer);
    outbox_stop(outbox, delivery, true);
}

static void begin_run(struct command_runs *runs, size_t index)
{
    struct outbox *outbox = &runs->outboxes[index];
    struct delivery *delivery = outbox_take(outbox);
    const struct buffer *body;
    struct error error;

    if (!delivery)
        return;
    body = &delivery->payload.body;
    if (helper_run(runs->helper, (size_t)(outbox->target - runs->config->alerts),
                   number_run(runs, delivery), body->data ? body->data : "", body->size, &error)) {
        fail_all(runs, outbox, delivery, "the command could not be started", "");
        return;
    }
    runs->runs[index] = (struct running){.delivery = delivery, .begun_ms = clock_monotonic()};
    runs->n_running++;
}

static void judge_run(const struct command_runs *runs, const struct helper_answer *answer,
                      struct outbox *outbox, struct delivery *delivery)
{
    char words[DELIVERY_ANSWER_MAX];

    if (answer->status == -1) {
        fail_all(runs, outbox, delivery, "the command could not be started", answer->output);
        return;
    }
    delivery->result =
        answer->status == 0 && !answer->is_late ? DELIVERY_ACCEPTED : DELIVERY_FAILED;
    if (answer->is_late)
        snprintf(words, sizeof words, "the command did not end within %d s", HELPER_SECONDS);
    else
        snprintf(words, sizeof words, "exit status %d", answer->status);
    reply_write(runs->config->answer_secrets, words, answer->output,
                strnlen(answer->output, sizeof answer->output), delivery->answer);
}

/* An answer to a run that was given up, or to no run at all, counts for nothing. */
static void end_run(struct command_runs *runs, const struct helper_answer *answer)
{
    for (size_t i = 0; i < runs->n_outboxes; i++) {
        struct delivery *delivery = runs->runs[i].delivery;

        if (!delivery || number_run(runs, delivery) != answer->request)
            continue;
        runs->runs[i].delivery = NULL;
        runs->n_running--;
        judge_run(runs, answer, &runs->outboxes[i], delivery);
        return;
    }
}

/* The helper process is gone: nothing that runs gets an answer. */
static void lose_helper(struct command_runs *runs)
{
    for (size_t i = 0; i < runs->n_outboxes; i++) {
        if (!runs->runs[i].delivery)
            continue;
        fail_all(runs, &runs->outboxes[i], runs->runs[i].delivery,
                 "the process that runs commands has ended", "");
        runs->runs[i].delivery = NULL;
    }
    runs->n_running = 0;
    runs->helper = NULL;
}

void command_runs_step(struct command_runs *runs)
{
    struct helper_answer answer;
    struct error error;
    int taken = 0;

    while (runs->n_running > 0 && (taken = helper_take(runs->helper, &answer, &error)) > 0)
        end_run(runs, &answer);
    if (taken < 0)
        lose_helper(runs);
    for (size_t i = 0; runs->helper && i < runs->n_outboxes; i++) {
        if (!runs->runs[i].delivery && has_command(runs->outboxes[i].target))
            begin_run(runs, i);
    }
}

void command_runs_end(struct command_runs *runs)
{
    for (size_t i = 0; i < runs->n_outboxes; i++) {
        struct running *run = &runs->runs[i];
        int64_t waited_ms = clock_monotonic() - run->begun_ms;

        if (!run->delivery)
            continue;
        if (waited_ms >= FAIR_MS && !interrupt_came()) {
            run->delivery->result = DELIVERY_FAILED;
            snprintf(run->delivery->answer, sizeof run->delivery->answer,
                     "the command did not end within %lld s",
                     (long long)((waited_ms + MS_PER_SECOND / 2) / MS_PER_SECOND));
        }
        run->delivery = NULL;
    }
    runs->n_running = 0;
}
