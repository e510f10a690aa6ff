/* Finds the monitors that are named on the command line. */
#include "commands/check_select.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

/* Selects the domains of one name. Returns whether there are any. */
static bool select_name(const struct config *config, const char *name, bool *selected)
{
    bool found = false;

    for (size_t i = 0; i < config->n_domains; i++) {
        char full[CONFIG_MONITOR_MAX];

        config_monitor_name(config, i, full);
        if (strcasecmp(name, full) && strcasecmp(name, config->sites[config->domains[i].site].id))
            continue;
        selected[i] = true;
        found = true;
    }
    return found;
}

/* Finds the "site" or "site/domain" most like a name that is not in the configuration; empty: none
 * is similar. */
static void find_nearest(const struct config *config, const char *name,
                         char nearest[CONFIG_MONITOR_MAX])
{
    /* If more than a third of the letters differ, another name was meant. */
    size_t min = strlen(name) / 3 + 1;
    char full[CONFIG_MONITOR_MAX];

    nearest[0] = '\0';
    for (size_t i = 0; i < config->n_domains; i++) {
        const char *site = config->sites[config->domains[i].site].id;
        const char *candidates[] = {site, full};

        config_monitor_name(config, i, full);
        for (size_t j = 0; j < 2; j++) {
            size_t distance = text_distance(name, candidates[j]);

            if (distance >= min + (*nearest == '\0'))
                continue;
            min = distance;
            snprintf(nearest, CONFIG_MONITOR_MAX, "%s", candidates[j]);
        }
    }
}

int check_select(const struct invocation *invocation, char *const *words, int n,
                 const struct config *config, bool *selected)
{
    char nearest[CONFIG_MONITOR_MAX];

    for (size_t i = 0; i < config->n_domains; i++)
        selected[i] = n == 0;
    for (int i = 0; i < n; i++) {
        if (select_name(config, words[i], selected))
            continue;
        find_nearest(config, words[i], nearest);
        if (*nearest)
            return command_usage(invocation, "'%s' is not in the configuration; did you mean '%s'?",
                                 words[i], nearest);
        return command_usage(invocation, "'%s' is not in the configuration", words[i]);
    }
    return EXIT_DONE;
}
