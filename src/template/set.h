#ifndef TEMPLATE_SET_H
#define TEMPLATE_SET_H

#include "template/parse.h"

/* What template.c fills and run.c runs. */
struct template_set {
    struct template *templates;
    size_t n;
};

#endif
