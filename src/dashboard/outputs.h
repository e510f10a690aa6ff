#ifndef DASHBOARD_OUTPUTS_H
#define DASHBOARD_OUTPUTS_H

#include "dashboard/badge.h"
#include "dashboard/feed.h"
#include "dashboard/ids.h"
#include "dashboard/messages.h"
#include "dashboard/model.h"
#include "dashboard/publish.h"

#include <limits.h>

/* What the files of one build are made from. */
struct contents {
    const struct snapshot *snapshot;
    struct ids ids;
    struct messages *words;
    struct model *model;
    struct badge badge;
    struct feed feed;
};

/* Returns 0 or -1; contents_close is to follow in either case. The snapshot must outlive them. */
int contents_open(struct contents *contents, const struct snapshot *snapshot, struct error *error);
void contents_close(struct contents *contents);

/*
 * A kind of file that is published: once, or once for each site; by a template from a root value,
 * or, where that would be too dear, by a function that appends it.
 */
struct output {
    enum public_dir_folder folder;
    const char *name; /* of one for each site what follows the id: ".html" */
    bool each_site;
    const char *template;
    const struct value *(*root)(struct contents *contents, size_t site); /* NULL: out of memory */
    int (*write)(struct contents *contents, size_t site, struct buffer *into, struct error *error);
    const char *mark; /* stands near the front of each: by it uptick knows a file as its own */
};

extern const struct output outputs[];
extern const size_t n_outputs;

/*
 * The name of the output for this site (any number where it is made once). Returns whether it is
 * to be made: another file that goes before it may have that name.
 */
bool output_name(const struct output *output, const struct contents *contents, size_t site,
                 char name[NAME_MAX + 1]);

/* The mark that a file with this name must bear to be removed; NULL: it is to stay. */
const char *output_mark_to_remove(const struct ids *ids, enum public_dir_folder folder,
                                  const char *name);

/* What config->style_sheet is published as. */
#define OUTPUT_STYLE_SHEET "custom.css"

#endif
