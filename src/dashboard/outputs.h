#ifndef DASHBOARD_OUTPUTS_H
#define DASHBOARD_OUTPUTS_H

#include "dashboard/badge.h"
#include "dashboard/feed.h"
#include "dashboard/messages.h"
#include "dashboard/page_values.h"
#include "dashboard/public_dir.h"

#include <limits.h>
#include <stdbool.h>

struct snapshot;

/* The table of all files that are made from a snapshot. */

/* The sources of the files of one build. Threads that make files share it, and only read it. */
struct outputs {
    const struct snapshot *snapshot;
    const char **ids; /* of the sites, sorted without regard to case */
    struct messages *messages;
};

/* Returns 0 or -1. In both cases the caller calls outputs_close. snapshot must outlive outputs. */
int outputs_open(struct outputs *outputs, const struct snapshot *snapshot, struct error *error);
void outputs_close(struct outputs *outputs);

/* The values of the file that a thread is making. */
struct outputs_values {
    const struct outputs *outputs;
    struct page_values *pages;
    struct object badge;
    struct feed feed;
};

/* Returns NULL if out of memory. outputs must outlive the values. */
struct outputs_values *outputs_values_new(const struct outputs *outputs);

/* NULL is allowed. */
void outputs_values_free(struct outputs_values *values);

/*
 * A kind of file. It is made once or for each site: from a template and a root value or, if a
 * template would be too slow, by a function.
 */
struct output {
    enum public_dir_folder folder;
    const char *name; /* if each_site, the part after the site's id: ".html" */
    bool each_site;
    bool dated; /* it shows when it was built, so it changes each time; the dated ones come first */
    const char *template;
    const struct value *(*root)(struct outputs_values *values, size_t site); /* NULL: no memory */
    int (*write)(const struct snapshot *snapshot, size_t site, struct buffer *into,
                 struct error *error);
    const char *signature; /* near the start of each file: uptick knows its own files by it */
};

extern const struct output outputs_table[];
extern const size_t outputs_table_size;

/* The number of an output's file (site: any number if it is made once), in the order of the table.
 */
size_t outputs_number(const struct outputs *outputs, const struct output *output, size_t site);

/* The number of all files, and of those of dated outputs. */
size_t outputs_count(const struct outputs *outputs);
size_t outputs_count_dated(const struct outputs *outputs);

/*
 * Writes the name of the file of this output and site (any number if it is made once). Returns
 * false if the file must not be made, because an earlier output has a file of this name.
 */
bool outputs_name(const struct outputs *outputs, const struct output *output, size_t site,
                  char name[NAME_MAX + 1]);

/* The signature by which a file of this name may be removed, for public_dir_prune. context is the
 * struct outputs. */
const char *outputs_signature_to_remove(const void *context, enum public_dir_folder folder,
                                        const char *name);

/* The published name of config->style_sheet. */
#define OUTPUTS_STYLE_SHEET "custom.css"

#endif
