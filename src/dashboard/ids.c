#include "dashboard/ids.h"

#include <stdlib.h>
#include <strings.h>

static int compare(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

int ids_collect(struct ids *ids, const struct snapshot *snapshot)
{
    ids->n = snapshot->n_sites;
    ids->sorted = calloc(ids->n + 1, sizeof *ids->sorted);
    if (!ids->sorted)
        return -1;
    for (size_t i = 0; i < ids->n; i++)
        ids->sorted[i] = snapshot->sites[i].site->id;
    qsort(ids->sorted, ids->n, sizeof *ids->sorted, compare);
    return 0;
}

void ids_free(struct ids *ids)
{
    free(ids->sorted);
}

const char *ids_find(const struct ids *ids, const char *text)
{
    const char **found = bsearch(&text, ids->sorted, ids->n, sizeof *ids->sorted, compare);

    return found ? *found : NULL;
}
