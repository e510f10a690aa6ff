#ifndef TEMPLATE_SET_H
#define TEMPLATE_SET_H

#include "template/parse.h"

/* What template.c fills and run.c runs. */
struct template_set {
    struct template *templates; /* sorted by name: pages look words up by the ten thousand */
    size_t n;
};

/* The template of this name; NULL: there is none. */
const struct template *template_find(const struct template_set *set, struct slice name);

#endif
