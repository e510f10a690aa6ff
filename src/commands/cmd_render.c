/* The command render: builds the dashboard from the records, as of now or of a past moment. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "commands/command.h"
#include "dashboard/dashboard.h"
#include "records/export.h"
#include "records/journal.h"

#include <getopt.h>

enum { AT = 256, OUTPUT, PRINT_MODEL };

struct render_options {
    const char *output; /* NULL: public_dir */
    bool print_model;   /* to standard output; build nothing */
    bool past;          /* --at was given */
    int64_t at_ms;
};

static int read_options(const struct invocation *invocation, struct render_options *wanted)
{
    static const struct option options[] = {{"at", required_argument, NULL, AT},
                                            {"output", required_argument, NULL, OUTPUT},
                                            {"print-model", no_argument, NULL, PRINT_MODEL},
                                            {NULL, 0, NULL, 0}};
    int option;

    *wanted = (struct render_options){.at_ms = clock_now()};
    opterr = 0;
    while ((option = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) != -1) {
        if (option == OUTPUT) {
            wanted->output = optarg;
        } else if (option == PRINT_MODEL) {
            wanted->print_model = true;
        } else if (option == AT && clock_read_person(optarg, &wanted->at_ms) == 0) {
            wanted->past = true;
        } else if (option == AT) {
            return command_usage(
                invocation, "--at: expected a UTC time such as 2026-11-23T09:30, got '%s'", optarg);
        } else {
            return command_rejected(invocation, option);
        }
    }
    if (optind < invocation->argc)
        return command_unexpected(invocation, invocation->argv[optind]);
    if (wanted->print_model && wanted->output)
        return command_usage(invocation, "--print-model and --output cannot be combined");
    if (wanted->at_ms > clock_now())
        return command_usage(invocation, "--at: the time is in the future");
    if (wanted->past && !wanted->output && !wanted->print_model)
        return command_usage(invocation, "--at needs --output: the folder for a page of the past");
    return EXIT_DONE;
}

/* Errors on standard output are reported when the program ends. */
static int print_piece(void *context, const char *bytes, size_t size)
{
    (void)context;
    fwrite(bytes, 1, size, stdout);
    return 0;
}

static int print_model(struct storage *storage, const struct config *config,
                       const struct dashboard_moment *moment, struct error *error)
{
    struct buffer model = {.ceiling = BUFFER_MAX_PAGE, .sink = print_piece};
    int result = dashboard_print_model(storage, config, moment, &model, error);

    if (result == 0)
        print_piece(NULL, model.data, model.size);
    buffer_free(&model);
    return result;
}

/* Builds in a folder, NULL: in public_dir for the next ticks too, while no other run does. */
static int build_alone(const struct invocation *invocation, struct storage *storage,
                       const struct config *config, const struct dashboard_moment *moment,
                       const char *folder, struct error *error)
{
    int lock = command_wait_output(invocation, folder ? folder : config->public_dir, error), result;

    if (lock < 0)
        return -1;
    result = dashboard_build(storage, config, moment, folder, error);
    lock_release(lock);
    return result;
}

/* Builds outside public_dir or prints what is wanted, from these records. */
static int build_or_print(const struct invocation *invocation, struct storage *storage,
                          const struct config *config, const struct render_options *wanted,
                          const struct dashboard_moment *moment, struct error *error)
{
    if (wanted->print_model)
        return print_model(storage, config, moment, error);
    return build_alone(invocation, storage, config, moment, wanted->output, error);
}

/* As of now. */
static int build_copy(const struct invocation *invocation, const struct config *config,
                      const struct render_options *wanted, struct error *error)
{
    struct storage *storage = NULL;
    struct ticks ticks;
    const struct dashboard_moment moment = {.at_ms = wanted->at_ms, .ticks = &ticks};
    int result;

    if (command_open_state(config, &storage, error))
        return -1;
    ticks_read(config->data_dir, wanted->at_ms, NULL, &ticks);
    result = build_or_print(invocation, storage, config, wanted, &moment, error);
    storage_close(storage);
    return result;
}

static int build_past(const struct invocation *invocation, const struct config *config,
                      const struct render_options *wanted, struct error *error)
{
    const struct dashboard_moment moment = {.at_ms = wanted->at_ms, .past = true};
    struct storage *storage = NULL;
    int result;

    if (journal_load_at(&storage, config, &invocation->log, wanted->at_ms, error))
        return -1;
    result = build_or_print(invocation, storage, config, wanted, &moment, error);
    storage_close(storage);
    if (result == 0 && wanted->output)
        printf("%s/index.html\n", wanted->output);
    return result;
}

/* Builds in public_dir, as of now. Only the holder of the lock may do that. */
static int build_public(const struct invocation *invocation, const struct config *config,
                        const struct render_options *wanted, struct error *error)
{
    struct journal *journal = NULL;
    struct ticks ticks;
    const struct dashboard_moment moment = {.at_ms = wanted->at_ms, .ticks = &ticks};
    int result;

    if (journal_open(&journal, config, &invocation->log, clock_now(), error))
        return -1;
    result = export_run(journal, error);
    ticks_read(config->data_dir, wanted->at_ms, NULL, &ticks);
    if (build_alone(invocation, journal_storage(journal), config, &moment, NULL, error))
        result = -1;
    journal_close(journal);
    return result;
}

static int build_public_alone(const struct invocation *invocation, const struct config *config,
                              const struct render_options *wanted, struct error *error)
{
    int lock = command_wait_lock(invocation, config, error), result;

    if (lock < 0)
        return -1;
    interrupt_install();
    result = build_public(invocation, config, wanted, error);
    lock_release(lock);
    return result;
}

int cmd_render(const struct invocation *invocation)
{
    struct render_options wanted;
    struct config *config;
    struct error error;
    int exit_code = read_options(invocation, &wanted), result;

    if (exit_code)
        return exit_code;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    if (!wanted.output && !wanted.print_model)
        result = build_public_alone(invocation, config, &wanted, &error);
    else if (wanted.past)
        result = build_past(invocation, config, &wanted, &error);
    else
        result = build_copy(invocation, config, &wanted, &error);
    config_free(config);
    return result ? command_fail(invocation, &error) : EXIT_DONE;
}
