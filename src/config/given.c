/* Collects the names and values of a mapping whose names are free. */
#include "config/given.h"

#include "base/text.h"
#include "config/mapping.h"

#include <string.h>
#include <strings.h>

static bool is_same(const struct given_list *given, const struct bytes *a, const struct bytes *b)
{
    if (given->any_case)
        return strcasecmp(a->data, b->data) == 0;
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void collect_name(void *context, const struct node *mapping, struct node *name,
                         struct node *value)
{
    struct given_list *given = context;

    for (size_t i = 0; i < given->n; i++) {
        const struct given *one = &given->list[i];
        char shown[NODE_SHOWN_MAX];

        if (!is_same(given, &one->name->text, &name->text))
            continue;

        /* A name that one mapping has twice is a mistake; one that is merged is overridden. */
        node_show(name, shown);
        if (one->mapping == mapping && one->name != name)
            mistakes_at(given->loader->mistakes, name, "duplicate key '%s'; first used in line %u",
                        shown, one->name->line);
        return;
    }
    if (given->n < GIVEN_MAX)
        given->list[given->n++] = (struct given){mapping, name, value};
    else
        loader_report(given->loader, name, "expected at most %d", GIVEN_MAX);
}

void given_collect(struct loader *loader, struct node *mapping, bool any_case,
                   struct given_list *given)
{
    given->loader = loader;
    given->any_case = any_case;
    given->n = 0;
    mapping_walk(loader, mapping, collect_name, given);
}

bool given_has(const struct given_list *given, const char *name)
{
    struct bytes wanted = {name, strlen(name)};

    for (size_t i = 0; i < given->n; i++) {
        if (is_same(given, &given->list[i].name->text, &wanted))
            return true;
    }
    return false;
}

/* A token of RFC 9110, 5.6.2. */
bool given_check_header(struct loader *loader, const struct given *given)
{
    static const char allowed[] = TEXT_LETTERS_AND_DIGITS "!#$%&'*+-.^_`|~";
    const struct bytes *name = &given->name->text;
    char shown[NODE_SHOWN_MAX];

    if (name->size > 0 && strspn(name->data, allowed) == name->size)
        return true;
    node_show(given->name, shown);
    loader_report(loader, given->name,
                  "'%s' is not a header name (letters, digits and any of !#$%%&'*+-.^_`|~)", shown);
    return false;
}
