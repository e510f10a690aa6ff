#ifndef CONFIG_GIVEN_H
#define CONFIG_GIVEN_H

#include "config/loader.h"

/* Mappings whose names are not keys of a table, but names of header fields or JSON Pointers. */

/* A name and its value, and the mapping that has them in the file. */
struct given {
    const struct node *mapping;
    struct node *name, *value;
};

enum { GIVEN_MAX = 256 };

struct given_list {
    struct loader *loader;
    bool any_case; /* names that differ only in case are the same */
    size_t n;
    struct given list[GIVEN_MAX];
};

/* Collects the names of a mapping: first its own, then merged ones that it does not have itself.
 * Reports a name that one mapping has twice, and a list of more than GIVEN_MAX names. */
void given_collect(struct loader *loader, struct node *mapping, bool any_case,
                   struct given_list *given);

/* Whether this name is in the list. */
bool given_has(const struct given_list *given, const char *name);

/* Whether a name may be that of a header field. If not, reports it. */
bool given_check_header(struct loader *loader, const struct given *given);

#endif
