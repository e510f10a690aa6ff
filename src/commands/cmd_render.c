/* Builds the dashboard from the records: now, or as it stood at any moment that they cover. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "commands/command.h"
#include "dashboard/dashboard.h"
#include "records/journal.h"
#include "state/storage.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

struct request {
    const char *output; /* NULL: public_dir */
    bool print_model;   /* to standard output, and build nothing */
    bool past;
    int64_t at_ms;
};

static int parse(const struct invocation *invocation, struct request *request)
{
    static const struct option options[] = {{"at", required_argument, NULL, 'a'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"print-model", no_argument, NULL, 'm'},
                                            {NULL, 0, NULL, 0}};
    int option;

    *request = (struct request){.at_ms = clock_now()};
    opterr = 0;
    while ((option = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) != -1) {
        if (option == 'o') {
            request->output = optarg;
        } else if (option == 'm') {
            request->print_model = true;
        } else if (option == 'a' && clock_read_person(optarg, &request->at_ms) == 0) {
            request->past = true;
        } else if (option == 'a') {
            return command_usage(invocation,
                                 "--at takes a UTC time such as 2026-11-23T09:30:00Z, and got '%s'",
                                 optarg);
        } else {
            return command_usage(invocation, "'%s' is no option, or lacks its value",
                                 invocation->argv[optind - 1]);
        }
    }
    if (optind < invocation->argc)
        return command_usage(invocation, "takes no argument, and got '%s'",
                             invocation->argv[optind]);
    if (request->print_model && request->output)
        return command_usage(invocation, "--print-model builds nothing, and takes no --output");
    if (request->at_ms > clock_now())
        return command_usage(invocation, "--at lies in the future");
    return EXIT_DONE;
}

/* What cannot be printed is told at the program's end. */
static int print_piece(void *context, const char *bytes, size_t size)
{
    (void)context;
    fwrite(bytes, 1, size, stdout);
    return 0;
}

static int print_model(struct storage *storage, const struct config *config,
                       const struct ticks *ticks, int64_t at_ms, struct error *error)
{
    struct buffer model = {.ceiling = BUFFER_MAX_PAGE, .drain = print_piece};
    int result = dashboard_print_model(storage, config, ticks, at_ms, &model, error);

    if (result == 0)
        print_piece(NULL, model.data, model.size);
    buffer_free(&model);
    return result;
}

/* What is asked for, of these records. */
static int deliver(struct storage *storage, const struct config *config,
                   const struct request *request, const struct ticks *ticks, struct error *error)
{
    const char *folder = request->output ? request->output : config->public_dir;

    if (request->print_model)
        return print_model(storage, config, ticks, request->at_ms, error);
    return dashboard_build_in(storage, config, ticks, request->at_ms, folder, error);
}

/* Elsewhere than into public_dir, now: reads beside a tick that may be running. */
static int build_copy(const struct config *config, const struct request *request,
                      struct error *error)
{
    struct storage *storage = NULL;
    enum storage_health health;
    struct ticks ticks;
    char path[PATH_MAX];
    int result;

    snprintf(path, sizeof path, "%s/state.db", config->data_dir);
    if (storage_open(&storage, path, STORAGE_READ_ONLY, config, &health, error))
        return -1;
    ticks_read(config->data_dir, request->at_ms, NULL, &ticks);
    result = deliver(storage, config, request, &ticks, error);
    storage_close(storage);
    return result;
}

static int build_past(const struct invocation *invocation, const struct config *config,
                      const struct request *request, struct error *error)
{
    struct storage *storage = NULL;
    int result;

    if (journal_load_at(&storage, config, &invocation->log, request->at_ms, error))
        return -1;
    result = deliver(storage, config, request, NULL, error);
    storage_close(storage);
    return result;
}

/* Into public_dir: what only the holder of the lock may do. */
static int build_public(const struct invocation *invocation, const struct config *config,
                        const struct request *request, struct error *error)
{
    struct journal *journal = NULL;
    struct ticks ticks;
    int result;

    if (journal_open(&journal, config, &invocation->log, clock_now(), error))
        return -1;
    if (request->past) {
        result = build_past(invocation, config, request, error);

        /* What public_dir shows is not the present: the next tick is to build it again. */
        if (result == 0)
            result = storage_set_setting(journal_storage(journal), SETTING_PENDING, 1, error);
    } else {
        result = export_run(journal, error);
        ticks_read(config->data_dir, request->at_ms, NULL, &ticks);
        if (dashboard_build(journal_storage(journal), config, &ticks, request->at_ms, error))
            result = -1;
    }
    journal_close(journal);
    return result;
}

static int build_public_alone(const struct invocation *invocation, const struct config *config,
                              const struct request *request, struct error *error)
{
    bool busy;
    int lock, result;

    if (command_lock(config, true, &lock, &busy, error))
        return -1;
    interrupt_install();
    result = build_public(invocation, config, request, error);
    lock_release(lock);
    return result;
}

int cmd_render(const struct invocation *invocation)
{
    struct request request;
    struct config *config;
    struct error error;
    int exit_code = parse(invocation, &request), result;

    if (exit_code)
        return exit_code;
    config = command_config(invocation);
    if (!config)
        return EXIT_CONFIG;
    if (!request.output && !request.print_model)
        result = build_public_alone(invocation, config, &request, &error);
    else if (request.past)
        result = build_past(invocation, config, &request, &error);
    else
        result = build_copy(config, &request, &error);
    config_free(config);
    return result ? command_fail(invocation, &error) : EXIT_DONE;
}
