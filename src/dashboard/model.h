#ifndef DASHBOARD_MODEL_H
#define DASHBOARD_MODEL_H

#include "dashboard/messages.h"
#include "dashboard/snapshot.h"
#include "template/template.h"

/*
 * What the pages show of a snapshot, as values for the templates. uptick-templates(5) tells their
 * names, and `uptick render --print-model` prints them.
 */

struct model;

/* NULL: out of memory. The snapshot and the words must outlive the model. model_free takes NULL. */
struct model *model_new(const struct snapshot *snapshot, const struct messages *words);
void model_free(struct model *model);

/* The root of index.html or of a site's page; good until the next call of either. */
const struct value *model_index(struct model *model);
const struct value *model_site(struct model *model, size_t site);

/* The name under which pages find the configured logo: "logo", and the ending of its path where
 * that is of letters and digits. */
enum { MODEL_LOGO_MAX = 16 };
void model_logo_name(const char *path, char name[MODEL_LOGO_MAX]);

#endif
