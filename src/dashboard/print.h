#ifndef DASHBOARD_PRINT_H
#define DASHBOARD_PRINT_H

#include "base/buffer.h"
#include "template/template.h"

/*
 * Appends as JSON what a template sees of this value, for those who write templates: a row is the
 * list of its items, and what is not there is null. Between the items of a list the buffer is
 * relieved. Returns 0 or -1: out of memory.
 */
int print_value(struct buffer *into, const struct value *value);

#endif
