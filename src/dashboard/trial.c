/* Tries a user's templates on a sample. */
#include "dashboard/trial.h"

#include "alert/message.h"
#include "alert/payload.h"
#include "base/clock.h"
#include "dashboard/outputs.h"
#include "dashboard/snapshot.h"
#include "dashboard/template_files.h"
#include "template/run.h"

/* The bytes of the pages are not needed. */
static int discard(void *context, const char *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return 0;
}

static int run_output(struct outputs_values *values, const struct template_set *templates,
                      const struct output *output, struct error *error)
{
    struct buffer page = {.ceiling = BUFFER_MAX_PAGE, .sink = discard};
    const struct value *root = output->root(values, 0);
    int result = root ? run_template(templates, output->template, root, NULL, &page, error)
                      : error_set(error, EXIT_IO, "%s: out of memory", output->template);

    buffer_free(&page);
    return result;
}

static int run_outputs(const struct outputs *outputs, struct error *error)
{
    struct template_set *templates = template_set_new();
    struct outputs_values *values = outputs_values_new(outputs);
    int result = -1;

    if (!templates || !values)
        error_set(error, EXIT_IO, "templates: out of memory");
    else if (template_files_load(outputs->snapshot->config, TEMPLATE_FILES_TEMPLATE, templates,
                                 error) == 0)
        result = messages_add(outputs->messages, templates, error);
    for (size_t i = 0; i < outputs_table_size && result == 0; i++) {
        if (outputs_table[i].root)
            result = run_output(values, templates, &outputs_table[i], error);
    }
    outputs_values_free(values);
    template_set_free(templates);
    return result;
}

/* Makes the values of the sample, from a state without checks. */
static int run_sample(const struct config *sample, struct storage *storage, struct error *error)
{
    struct snapshot *snapshot = snapshot_take(storage, sample, clock_now(), error);
    struct outputs outputs;
    int result = -1;

    if (!snapshot)
        return -1;
    if (outputs_open(&outputs, snapshot, error) == 0)
        result = run_outputs(&outputs, error);
    outputs_close(&outputs);
    snapshot_free(snapshot);
    return result;
}

/* Makes the payload of a service, and a mail. */
static int run_format(const struct template_set *templates, enum alert_format format,
                      const char *content, struct error *error)
{
    static const enum alert_type types[] = {ALERT_WEBHOOK, ALERT_SENDMAIL};
    int result = 0;

    for (size_t i = 0; i < sizeof types / sizeof types[0] && result == 0; i++) {
        struct alert_target target = {
            .id = "sample", .type = types[i], .format = format, .url = "http://localhost/"};
        struct payload payload;

        result = payload_make(&target, templates, content, clock_now(), &payload, error);
        payload_free(&payload);
    }
    return result;
}

/* A message about an outage that lasts, or is over. */
static int write_message(const struct config *sample, bool is_over, struct buffer *into,
                         struct error *error)
{
    char scope[CONFIG_MONITOR_MAX];
    int64_t now_ms = clock_now(), began_ms = now_ms - MS_PER_MINUTE;
    struct message_head head = {.now_ms = now_ms};
    struct message_item item = {
        .part = {.change = is_over ? ALERT_ENDED : ALERT_BEGAN,
                 .check = EVENT_HTTP,
                 .state = is_over ? EVENT_UP : EVENT_DOWN,
                 .series_ms = began_ms,
                 .n = 1,
                 .outage = {.began_ms = began_ms,
                            .confirmed_ms = began_ms,
                            .ended_ms = is_over ? now_ms : INT64_MIN,
                            .series_ms = began_ms,
                            .ordinal = 1,
                            .state = EVENT_DOWN,
                            .code = "timeout",
                            .detail = "timeout: 20 s passed waiting for the first byte"}},
        .scope = config_monitor_name(sample, 0, scope),
        .monitor = &sample->domains[0],
        .up_since_ms = INT64_MIN,
        .failures = 3,
    };

    return message_write(sample, &head, &item, 1, into, error);
}

/* Tries the templates of alerts. */
static int run_alerts(const struct config *sample, struct error *error)
{
    struct template_set *templates = template_set_new();
    int result = templates ? template_files_load(sample, TEMPLATE_FILES_ALERT, templates, error)
                           : error_set(error, EXIT_IO, "templates: out of memory");

    for (int is_over = 0; is_over < 2 && result == 0; is_over++) {
        struct buffer content = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

        result = write_message(sample, is_over, &content, error);
        for (int format = 0; format < ALERT_FORMATS && result == 0; format++)
            result = run_format(templates, (enum alert_format)format, content.data, error);
        buffer_free(&content);
    }
    template_set_free(templates);
    return result;
}

int trial_run(const struct config *config, struct error *error)
{
    struct config sample = *config;
    struct storage *storage;
    enum storage_health health;
    int result;

    if (!config->templates_dir)
        return 0;
    sample.n_sites = 1;
    sample.n_domains = config->sites[0].n_domains;
    if (storage_open(&storage, "", STORAGE_IN_MEMORY, &sample, &health, error))
        return -1;
    result = run_sample(&sample, storage, error);
    storage_close(storage);
    if (result == 0)
        result = run_alerts(&sample, error);
    return result;
}
