/* The command render: builds the dashboard from the records, as of now or of a past moment. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/moment.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/past.h"
#include "config/path.h"
#include "dashboard/dashboard.h"
#include "dashboard/public_dir.h"
#include "records/export.h"
#include "records/journal.h"

#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

enum { AT = 256, OUTPUT, PRINT_MODEL };

struct render_options {
    const char *output; /* NULL: public_dir */
    bool print_model;   /* to standard output; build nothing */
    const char *at;     /* a past moment; NULL: now */
    struct moment moment;
};

/* Checks which options go together. */
static int check_options(const struct invocation *invocation, const struct render_options *wanted,
                         int64_t now_ms)
{
    if (optind < invocation->argc)
        return command_unexpected(invocation, invocation->argv[optind]);
    if (wanted->moment.at_ms > now_ms)
        return command_usage(invocation, "--at: %s is in the future", wanted->at);
    if (wanted->at && !wanted->output && !wanted->print_model)
        return command_usage(invocation, "--at needs --output: the folder for a page of the past");
    if (wanted->print_model && wanted->output)
        return command_usage(invocation, "--print-model and --output cannot be combined");
    return EXIT_DONE;
}

/* Reports a text that is no moment, as one line. */
static int reject_moment(const struct invocation *invocation, const char *text)
{
    char shown[80];

    text_one_line(shown, sizeof shown, text, strlen(text));
    return command_usage(invocation, "--at: %s, got '%s'", MOMENT_FORMATS, shown);
}

static int read_options(const struct invocation *invocation, struct render_options *wanted)
{
    static const struct option options[] = {{"at", required_argument, NULL, AT},
                                            {"output", required_argument, NULL, OUTPUT},
                                            {"print-model", no_argument, NULL, PRINT_MODEL},
                                            {NULL, 0, NULL, 0}};
    int64_t now_ms = clock_now();
    int option;

    *wanted = (struct render_options){.moment = {.at_ms = now_ms}};
    opterr = 0;
    while ((option = getopt_long(invocation->argc, invocation->argv, ":", options, NULL)) != -1) {
        if (option == OUTPUT)
            wanted->output = optarg;
        else if (option == PRINT_MODEL)
            wanted->print_model = true;
        else if (option != AT)
            return command_rejected(invocation, option);
        else if (moment_read(wanted->at = optarg, now_ms, &wanted->moment))
            return reject_moment(invocation, optarg);
    }
    return check_options(invocation, wanted, now_ms);
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

/* Builds in a folder while no other run builds there. NULL: in public_dir, as ticks do. */
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

/* Builds outside public_dir, or prints the values of the templates. */
static int build_or_print(const struct invocation *invocation, struct storage *storage,
                          const struct config *config, const struct render_options *wanted,
                          const struct dashboard_moment *moment, struct error *error)
{
    if (wanted->print_model)
        return print_model(storage, config, moment, error);
    return build_alone(invocation, storage, config, moment, wanted->output, error);
}

/* The dashboard of now, outside public_dir. */
static int build_copy(const struct invocation *invocation, const struct config *config,
                      const struct render_options *wanted, struct error *error)
{
    struct storage *storage = NULL;
    struct ticks ticks;
    const struct dashboard_moment moment = {.at_ms = wanted->moment.at_ms, .ticks = &ticks};
    int result;

    if (command_open_state(config, &storage, error))
        return -1;
    ticks_read(config->data_dir, wanted->moment.at_ms, NULL, &ticks);
    result = build_or_print(invocation, storage, config, wanted, &moment, error);
    storage_close(storage);
    return result;
}

/* Whether a folder is public_dir, which shows the present. */
static bool is_public(const struct config *config, const char *folder)
{
    struct stat public, other;

    return strcmp(folder, config->public_dir) == 0 ||
           (stat(folder, &other) == 0 && stat(config->public_dir, &public) == 0 &&
            other.st_dev == public.st_dev && other.st_ino == public.st_ino);
}

/* Whether a folder is one that uptick keeps in public_dir: a build deletes pages there. */
static bool is_kept(const struct config *config, const char *folder)
{
    enum { FIRST = PUBLIC_DIR_ROOT + 1 };

    return path_is_below(folder, config->public_dir, public_dir_names + FIRST,
                         PUBLIC_DIR_FOLDERS - FIRST);
}

/* Checks the folder of --output, if there is one. */
static int check_output(const struct config *config, const struct render_options *wanted,
                        struct error *error)
{
    const char *why = NULL;

    if (!wanted->output)
        return 0;
    if (path_is_in_data(wanted->output, config->data_dir))
        why = "in data_dir, where pages and records would be mixed";
    else if (wanted->at && is_public(config, wanted->output))
        why = "public_dir, which shows the present";
    else if (is_kept(config, wanted->output))
        why = "in public_dir, among the pages of sites or badges";
    return why ? error_set(error, EXIT_WRONG_USAGE, "--output: %s is %s; choose another folder",
                           wanted->output, why)
               : 0;
}

static void print_path(const char *folder)
{
    size_t size = strlen(folder);

    printf("%s%sindex.html\n", folder, size > 0 && folder[size - 1] == '/' ? "" : "/");
}

/* The dashboard of a past moment. */
static int build_past(const struct invocation *invocation, struct config *config,
                      const struct render_options *wanted, struct error *error)
{
    const struct dashboard_moment moment = {.at_ms = wanted->moment.at_ms, .past = true};
    struct storage *storage;
    int result;

    if (past_load(&storage, config, &invocation->log, &wanted->moment, error))
        return -1;
    if (wanted->moment.whole_day) { /* the timelines show the whole day, and nothing else */
        config->history_hours = HOURS_PER_DAY;
        config->index_span = INDEX_4H;
    }
    result = build_or_print(invocation, storage, config, wanted, &moment, error);
    storage_close(storage);
    if (result == 0 && wanted->output)
        print_path(wanted->output);
    return result;
}

/* Builds in public_dir, as of now. Only the holder of the lock may do that. */
static int build_public(const struct invocation *invocation, const struct config *config,
                        const struct render_options *wanted, struct error *error)
{
    struct journal *journal = NULL;
    struct ticks ticks;
    const struct dashboard_moment moment = {.at_ms = wanted->moment.at_ms, .ticks = &ticks};
    int result;

    if (journal_open(&journal, config, &invocation->log, clock_now(), error))
        return -1;
    result = export_run(journal, error);
    ticks_read(config->data_dir, wanted->moment.at_ms, NULL, &ticks);
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
    if (check_output(config, &wanted, &error))
        result = -1;
    else if (!wanted.output && !wanted.print_model)
        result = build_public_alone(invocation, config, &wanted, &error);
    else if (wanted.at)
        result = build_past(invocation, config, &wanted, &error);
    else
        result = build_copy(invocation, config, &wanted, &error);
    config_free(config);
    if (result && error.code == EXIT_WRONG_USAGE)
        return command_usage(invocation, "%s", error.text);
    return result ? command_fail(invocation, &error) : EXIT_DONE;
}
