#ifndef RENDERER_MODEL_H
#define RENDERER_MODEL_H

#include "snapshot.h"
#include "template/template.h"

/*
 * What the pages show of a snapshot, as values for the templates. The names that a template may
 * use:
 *
 * everywhere    title, root (leads to the folder of index.html: "" or "../"), hours (of a
 * timeline), built, valid_until, from, to (its oldest and newest bucket): each {iso, text, clock},
 * valid_until.same_day, status {word, class} index.html    sites, a list; problems, n_problems …:
 * of the sites site.html     site; domains, a list a site        id, name; problems, n_problems …:
 * of its domains a domain      id, name, role, url, last and last_failure: each {time {iso, text},
 * latency_ms, failure} both          status; timeline, a list of class names; tally, a list of
 * {minutes, word, more}; uptimes, a list of {span, known, percent, partial, measured} problems a
 * list of {site_id, id, name, status, failure, more}, the first few of those that are worse than
 * UNKNOWN; n_problems, n_more (not in the list), n_unknown, n_all: empty where there are none; one,
 * one_problem: whether there is exactly one
 *
 * everywhere, where a tick is known: tick, as view_ticks makes it
 */

struct model;

/* NULL: out of memory. The snapshot must outlive the model. model_free takes NULL. */
struct model *model_new(const struct snapshot *snapshot);
void model_free(struct model *model);

/* The root of index.html or of a site's page; good until the next call of either. */
const struct value *model_index(struct model *model);
const struct value *model_site(struct model *model, size_t site);

#endif
