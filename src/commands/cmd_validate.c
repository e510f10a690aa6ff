/* The command validate: checks the configuration, the templates and the messages. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "dashboard/trial.h"
#include "model/scheduler.h"

#include <stdio.h>
#include <string.h>

/* One line for all monitors whose retries do not fit into a minute. That is no mistake. */
static void warn_long_checks(const struct invocation *invocation, const struct config *config)
{
    char names[CONFIG_MONITORS_MAX];
    size_t n = 0, first = 0;

    for (size_t i = config->n_domains; i > 0; i--) {
        if (scheduler_longest_check(&config->domains[i - 1]) <= MS_PER_MINUTE)
            continue;
        first = i - 1;
        n++;
    }
    if (n == 0)
        return;
    log_warn(&invocation->log,
             "%s: %s: all attempts of a check take up to %lld seconds, longer than a minute; "
             "lower retries or timeout_seconds",
             config->path, config_monitor_names(config, first, n, names),
             (long long)(scheduler_longest_check(&config->domains[first]) / MS_PER_SECOND));
}

/* One line each, and each begins with its place. */
static void print_warnings(const struct invocation *invocation, const struct config *config)
{
    for (const char *line = config->warnings; *line; line += strcspn(line, "\n") + 1)
        log_warn(&invocation->log, "%.*s", (int)strcspn(line, "\n"), line);
}

int cmd_validate(const struct invocation *invocation)
{
    struct config *config = command_config(invocation);
    char sites[TEXT_COUNTED_MAX], domains[TEXT_COUNTED_MAX];
    struct error error;

    if (!config)
        return EXIT_CONFIG;
    if (trial_run(config, &error)) {
        config_free(config);
        return command_fail(invocation, &error);
    }
    print_warnings(invocation, config);
    warn_long_checks(invocation, config);
    printf("%s: no mistakes (%s, %s)\n", config->path, text_counted(config->n_sites, "site", sites),
           text_counted(config->n_domains, "domain", domains));
    config_free(config);
    return EXIT_DONE;
}
