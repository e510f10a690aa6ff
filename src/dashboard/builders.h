#ifndef DASHBOARD_BUILDERS_H
#define DASHBOARD_BUILDERS_H

#include "base/error.h"

#include <stddef.h>

struct outputs;
struct publication;
struct template_set;

/*
 * Builders make the files of outputs.h and add them to a publication, each on a thread of its own;
 * the calling thread is the first one. There is one for each processor, at most `workers` of the
 * configuration, and fewer for a small dashboard. They need no locks: they only read the
 * outputs and the templates, and each has its own values, page and file.
 */
struct builders;

/* Prepares the builders. All arguments must outlive them. If there is not enough memory for all of
 * them, there are fewer. Returns NULL if there is none for the first. */
struct builders *builders_new(const struct outputs *outputs, const struct template_set *templates,
                              struct publication *publication);

/* NULL is allowed. */
void builders_free(struct builders *builders);

/*
 * Begin to make the files of these sites (indices), which must not change until the end: the other
 * threads start. finish does the rest and waits for them; stop only waits. Between the two calls,
 * the caller may change what these files do not show. builders_make_once makes the files that are
 * made once. If a thread cannot be started, the others do its work. Each returns 0 or -1, when all
 * threads have ended. Of several errors, that of the first site or file is reported; after a
 * signal, the error has the number EINTR. After -1 or a stop, only builders_free may be called.
 */
void builders_begin_sites(struct builders *builders, const size_t *sites, size_t n);
int builders_finish(struct builders *builders, struct error *error);
void builders_stop(struct builders *builders);
int builders_make_once(struct builders *builders, struct error *error);

#endif
