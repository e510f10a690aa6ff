#include "commands/check_select.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The room for "site/domain". */
enum { NAME_ROOM = 2 * 64 + 2 };

static void write_name(const struct config *config, size_t domain, char name[NAME_ROOM])
{
    snprintf(name, NAME_ROOM, "%s/%s", config->sites[config->domains[domain].site].id,
             config->domains[domain].id);
}

bool check_select(const struct config *config, const char *name, bool *marked)
{
    bool found = false;

    for (size_t i = 0; i < config->n_domains; i++) {
        char full[NAME_ROOM];

        write_name(config, i, full);
        if (strcasecmp(name, full) && strcasecmp(name, config->sites[config->domains[i].site].id))
            continue;
        marked[i] = true;
        found = true;
    }
    return found;
}

void check_select_nearest(const struct config *config, const char *name, char *into, size_t room)
{
    /* More than a third of it wrong is another name. */
    size_t nearest = strlen(name) / 3 + 1;
    char full[NAME_ROOM];

    into[0] = '\0';
    for (size_t i = 0; i < config->n_domains; i++) {
        const char *site = config->sites[config->domains[i].site].id;
        const char *candidates[] = {site, full};

        write_name(config, i, full);
        for (size_t j = 0; j < 2; j++) {
            size_t distance = text_distance(name, candidates[j]);

            if (distance >= nearest + (*into == '\0'))
                continue;
            nearest = distance;
            snprintf(into, room, "%s", candidates[j]);
        }
    }
}
