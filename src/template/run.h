#ifndef TEMPLATE_RUN_H
#define TEMPLATE_RUN_H

#include "base/buffer.h"
#include "template/item_cache.h"
#include "template/template.h"

/*
 * Runs the template of this name over root, and appends the result to into. {{name}} is escaped for
 * HTML or JSON (template.h), {{{name}}} is not. Between the items of a list the buffer is flushed.
 * cache NULL: none, the result is the same. The set is not changed, so threads may share it.
 * Returns 0; or -1 if there is no such template, memory or the buffer's ceiling is exceeded,
 * partials are nested without end, or it takes more steps than any page needs.
 */
int run_template(const struct template_set *set, const char *name, const struct value *root,
                 struct item_cache *cache, struct buffer *into, struct error *error);

#endif
