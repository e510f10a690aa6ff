/* Tries a user's templates on a sample. */
#include "dashboard/trial.h"

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
    return result;
}
