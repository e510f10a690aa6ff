/* The command validate: checks the configuration, the templates and the messages. */
#include "base/clock.h"
#include "base/text.h"
#include "commands/command.h"
#include "dashboard/trial.h"
#include "model/scheduler.h"

#include <stdio.h>
#include <string.h>

/* A condition that is no mistake, but perhaps not meant. */
typedef bool is_doubtful(const struct domain *domain);

/* Finds the first domain in this condition, and names all of them. Returns how many there are. */
static size_t find_doubtful(const struct config *config, is_doubtful *condition, size_t *first,
                            char names[CONFIG_MONITORS_MAX])
{
    size_t n = 0;

    for (size_t i = config->n_domains; i > 0; i--) {
        if (!condition(&config->domains[i - 1]))
            continue;
        *first = i - 1;
        n++;
    }
    if (n > 0)
        config_monitor_names(config, *first, n, names);
    return n;
}

static bool takes_longer_than_a_minute(const struct domain *domain)
{
    return scheduler_longest_check(domain) > MS_PER_MINUTE;
}

/* One line for all monitors whose retries do not fit into a minute. */
static void warn_long_checks(const struct invocation *invocation, const struct config *config)
{
    char names[CONFIG_MONITORS_MAX];
    size_t first;

    if (find_doubtful(config, takes_longer_than_a_minute, &first, names))
        log_warn(&invocation->log,
                 "%s: %s: all attempts of a check take up to %lld seconds, longer than a minute; "
                 "lower retries or timeout_seconds",
                 config->path, names,
                 (long long)(scheduler_longest_check(&config->domains[first]) / MS_PER_SECOND));
}

/* What must not be in the body may be in the part that is not read. */
static bool reads_little(const struct domain *domain)
{
    enum { LITTLE = 64 << 10 };
    bool excludes = domain->expect.excludes.n > 0;

    for (size_t i = 0; i < domain->expect.n_patterns; i++)
        excludes = excludes || !domain->expect.patterns[i].must_match;
    return excludes && domain->max_body_bytes < LITTLE;
}

static void warn_short_bodies(const struct invocation *invocation, const struct config *config)
{
    char names[CONFIG_MONITORS_MAX], bytes[TEXT_COUNTED_MAX];
    size_t first;

    if (find_doubtful(config, reads_little, &first, names))
        log_warn(&invocation->log,
                 "%s: %s: body_excludes and body_not_matches hold only for the first %s of a "
                 "body; raise max_body_bytes to 65536 or more",
                 config->path, names,
                 text_counted((uint64_t)config->domains[first].max_body_bytes, "byte", bytes));
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
    warn_short_bodies(invocation, config);
    printf("%s: no mistakes (%s, %s)\n", config->path, text_counted(config->n_sites, "site", sites),
           text_counted(config->n_domains, "domain", domains));
    config_free(config);
    return EXIT_DONE;
}
