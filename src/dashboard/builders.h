#ifndef DASHBOARD_BUILDERS_H
#define DASHBOARD_BUILDERS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct outputs;
struct publication;
struct template_set;

/*
 * Builders make the files of outputs.h and add them to a publication, each on a thread of its own;
 * the calling thread is the first one. There is one for each processor, at most `workers` of the
 * configuration, and fewer for a small dashboard. They only read the outputs and the templates, and
 * each has its own values, page and file.
 */
struct builders;

/* Prepares the builders. All arguments must outlive them. If there is not enough memory for all of
 * them, there are fewer. Returns NULL if there is none for the first. */
struct builders *builders_new(const struct outputs *outputs, const struct template_set *templates,
                              struct publication *publication);

/* NULL is allowed. */
void builders_free(struct builders *builders);

/*
 * Adds the files of these sites (indices). With the last ones, also adds the files that are made
 * once, which show all sites; they are made first, because some of them take long. Other threads
 * make the files. If a thread cannot be started, the others do its work. The function returns when
 * all files that were added before are made; the calling thread helps. Until then, the sites and
 * what their files show must not change.
 *
 * Returns 0 or -1. Of several errors, that of the first file is reported; after a signal, the error
 * has the number EINTR. After -1, all threads have ended, and only builders_free may be called.
 */
int builders_add(struct builders *builders, const size_t *sites, size_t n, bool last,
                 struct error *error);

/* Makes the other files, and waits until all threads have ended. Then only builders_free may be
 * called. Returns 0 or -1. */
int builders_finish(struct builders *builders, struct error *error);

/* The same if the caller has failed: only files that were begun are made. */
void builders_stop(struct builders *builders);

#endif
