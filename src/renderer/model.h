#ifndef RENDERER_MODEL_H
#define RENDERER_MODEL_H

#include "snapshot.h"
#include "template/template.h"

/*
 * What the pages show of a snapshot, as values for the templates. Which names a template may use is
 * written in DESIGN.md.
 */

struct model;

/* NULL: out of memory. The snapshot must outlive the model. model_free takes NULL. */
struct model *model_new(const struct snapshot *snapshot);
void model_free(struct model *model);

/* The root of index.html or of a site's page; good until the next call of either. */
const struct value *model_index(struct model *model);
const struct value *model_site(struct model *model, size_t site);

#endif
