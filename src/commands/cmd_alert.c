/* The command alert: tests targets, lists messages, and stops reminders. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "commands/alert_list.h"
#include "commands/alert_test.h"
#include "commands/command.h"
#include "records/export.h"
#include "records/journal.h"
#include "state/alert_table.h"
#include "state/conditions.h"

#include <stdlib.h>
#include <string.h>

/* Marks the targets that the words name, or all. Returns 0 or the exit status. */
static int choose_targets(const struct invocation *invocation, const struct config *config,
                          bool *wanted)
{
    if (config->n_alerts == 0)
        return command_usage(invocation, "%s has no targets: alerts is empty", config->path);
    for (size_t i = 0; i < config->n_alerts && invocation->argc == 2; i++)
        wanted[i] = true;
    for (int i = 2; i < invocation->argc; i++) {
        const struct alert_target *target = config_find_target(config, invocation->argv[i]);

        if (invocation->argv[i][0] == '-')
            return command_unexpected(invocation, invocation->argv[i]);
        if (!target)
            return command_usage(invocation, "'%s' is not the id of a target in %s",
                                 invocation->argv[i], config->path);
        wanted[target - config->alerts] = true;
    }
    return EXIT_DONE;
}

static int test_targets(const struct invocation *invocation, const struct config *config)
{
    bool *wanted = calloc(config->n_alerts + 1, sizeof *wanted), all_accepted = false;
    struct error error;
    int exit_code;

    interrupt_install();
    if (!wanted) {
        error_set(&error, EXIT_IO, "alerts: out of memory");
        return command_fail(invocation, &error);
    }
    exit_code = choose_targets(invocation, config, wanted);
    if (exit_code == EXIT_DONE && alert_test_run(config, wanted, &all_accepted, &error))
        exit_code = command_fail(invocation, &error);
    else if (exit_code == EXIT_DONE && !all_accepted)
        exit_code = EXIT_CHECK_FAILED;
    free(wanted);
    return exit_code;
}

static int list_messages(const struct invocation *invocation, const struct config *config)
{
    struct storage *storage;
    struct error error;
    bool json = false;
    int result;

    for (int i = 2; i < invocation->argc; i++) {
        if (strcmp(invocation->argv[i], "--json") != 0)
            return command_unexpected(invocation, invocation->argv[i]);
        json = true;
    }
    if (command_open_state(config, &storage, &error))
        return command_fail(invocation, &error);
    result = alert_list_print(storage, json, &error);
    storage_close(storage);
    return result ? command_fail(invocation, &error) : EXIT_DONE;
}

/* An outage, or another condition, that a person has named. */
struct named_event {
    char scope[EVENT_SCOPE_MAX];
    enum event_check check;
    int64_t began_ms; /* INT64_MIN: the open one */
};

/* Reads the id of an event, or "site/domain". Returns 0 or -1. */
static int read_name(const struct config *config, const char *name, struct named_event *named)
{
    const char *at = strrchr(name, '@'), *end = at;

    *named = (struct named_event){.check = EVENT_HTTP, .began_ms = INT64_MIN};
    while (end && end > name && *end != '/')
        end--;
    if (end && (size_t)(end - name) < sizeof named->scope) {
        memcpy(named->scope, name, (size_t)(end - name));
        return event_read_id(name, named->scope, &named->check, &named->began_ms);
    }
    for (size_t i = 0; i < config->n_domains; i++) {
        char monitor[CONFIG_MONITOR_MAX];

        if (strcmp(config_monitor_name(config, i, monitor), name) == 0) {
            memcpy(named->scope, monitor, sizeof monitor);
            return 0;
        }
    }
    return -1;
}

/* Explains why there is nothing to acknowledge. Always returns -1. */
static int report_closed(const struct alert_story *story, const struct named_event *named,
                         const char *name, struct error *error)
{
    for (size_t i = 0; i < story->n_outages; i++) {
        if (story->outages[i].began_ms == named->began_ms)
            return error_set(error, EXIT_CHECK_FAILED, "%s: over already; nothing to acknowledge",
                             name);
    }
    if (named->began_ms == INT64_MIN)
        return error_set(error, EXIT_CHECK_FAILED, "%s: no open outage; nothing to acknowledge",
                         name);
    return error_set(error, EXIT_CHECK_FAILED, "%s: the event log has no such event; see %s", name,
                     "'uptick status'");
}

/* Stages the event, within the caller's transaction. *already: it was acknowledged before. */
static int stage_acknowledged(struct storage *storage, const struct named_event *named,
                              const char *name, bool *already, struct error *error)
{
    const struct condition *open = conditions_find(storage, named->check, named->scope);
    struct alert_story *story = calloc(1, sizeof *story);
    int result =
        story ? alert_table_read_story(storage, named->check, named->scope,
                                       named->began_ms == INT64_MIN ? INT64_MAX : named->began_ms,
                                       story, error)
              : error_set(error, EXIT_IO, "alerts: out of memory");
    const struct alert_outage *newest = result == 0 ? alert_story_newest(story) : NULL;

    if (result == 0 &&
        (!open || (named->began_ms != INT64_MIN && open->began_ms != named->began_ms)))
        result = report_closed(story, named, name, error);
    *already =
        result == 0 && newest && newest->began_ms == open->began_ms && newest->is_acknowledged;
    if (result == 0 && !*already)
        result = conditions_stage_event(storage,
                                        &(struct event){.at_ms = clock_now(),
                                                        .scope = named->scope,
                                                        .check = named->check,
                                                        .began_ms = open->began_ms,
                                                        .change = EVENT_ACKNOWLEDGED,
                                                        .state = open->state,
                                                        .code = "",
                                                        .detail = ""},
                                        error);
    free(story);
    return result;
}

static int acknowledge(struct journal *journal, const struct named_event *named, const char *name,
                       bool *already, struct error *error)
{
    struct storage *storage = journal_storage(journal);
    int result;

    if (export_run(journal, error) || conditions_load(storage, error) ||
        storage_begin(storage, error))
        return -1;
    result = stage_acknowledged(storage, named, name, already, error);
    if (storage_end(storage, result, error))
        return -1;
    return export_run(journal, error);
}

static int acknowledge_locked(const struct invocation *invocation, const struct config *config,
                              const struct named_event *named, const char *name)
{
    struct journal *journal = NULL;
    struct error error;
    bool already = false;
    int lock = command_wait_lock(invocation, config, &error), result = -1;

    if (lock < 0)
        return command_fail(invocation, &error);
    if (journal_open(&journal, config, &invocation->log, clock_now(), &error) == 0)
        result = acknowledge(journal, named, name, &already, &error);
    journal_close(journal);
    lock_release(lock);
    if (result)
        return command_fail(invocation, &error);
    printf("%s: %s\n", name,
           already ? "acknowledged already" : "acknowledged; no more reminders are sent");
    return EXIT_DONE;
}

static int acknowledge_event(const struct invocation *invocation, const struct config *config)
{
    const char *name = invocation->argc > 2 ? invocation->argv[2] : NULL;
    struct named_event named;

    if (!name)
        return command_usage(invocation, "ack needs an event; see 'uptick alert --help'");
    if (invocation->argc > 3 || name[0] == '-')
        return command_unexpected(invocation, invocation->argv[invocation->argc - 1]);
    if (read_name(config, name, &named))
        return command_usage(invocation, "'%s' is neither the id of an event nor a domain in %s",
                             name, config->path);
    interrupt_install();
    return acknowledge_locked(invocation, config, &named, name);
}

int cmd_alert(const struct invocation *invocation)
{
    static const struct {
        const char *name;
        int (*run)(const struct invocation *invocation, const struct config *config);
    } actions[] = {{"test", test_targets}, {"list", list_messages}, {"ack", acknowledge_event}};
    const char *word = invocation->argc > 1 ? invocation->argv[1] : NULL;
    struct config *config;
    int exit_code;

    for (size_t i = 0; word && i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(word, actions[i].name) != 0)
            continue;
        config = command_config(invocation);
        if (!config)
            return EXIT_CONFIG;
        exit_code = actions[i].run(invocation, config);
        config_free(config);
        return exit_code;
    }
    if (word && word[0] == '-')
        return command_unexpected(invocation, word);
    return command_usage(invocation, "expected test, list or ack%s%s%s; see 'uptick alert --help'",
                         word ? ", got '" : "", word ? word : "", word ? "'" : "");
}
