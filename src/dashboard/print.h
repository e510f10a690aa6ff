#ifndef DASHBOARD_PRINT_H
#define DASHBOARD_PRINT_H

#include "base/buffer.h"
#include "base/error.h"
#include "template/template.h"

struct snapshot;

/*
 * Appends a value as JSON, as a template sees it: a row as the list of its items, an absent value
 * as null. The buffer is flushed between the items of a list. Returns 0, or -1 if out of memory.
 */
int print_value(struct buffer *into, const struct value *value);

/*
 * Appends an object with the values of every file that is made from a template: "index.html",
 * "site/shop.html", … If several files have the same values, only the first is included. The buffer
 * is flushed now and then. Writes no file. Returns 0, or -1 and sets the error.
 */
int print_model(const struct snapshot *snapshot, struct buffer *into, struct error *error);

#endif
