#ifndef CONFIG_PATH_H
#define CONFIG_PATH_H

#include "config/loader.h"

/* Kinds of paths, each read into a const char *. Relative ones start in the file's folder. */
extern const struct kind path_folder;    /* need not exist yet */
extern const struct kind path_templates; /* an existing folder; "~" is none */
extern const struct kind path_ca_file;   /* a file with a certificate in PEM; "~" is none */
extern const struct kind path_asset; /* a file that ends in one of the row's words; "~" is none */
extern const struct kind path_client_file; /* a file; "~" is none */

/* The same, but the content of the file is read, into a struct bytes; "~" is none. */
extern const struct kind path_body_file;

/* The path that a value names. NULL after reporting a mistake. */
const char *path_read(struct loader *loader, struct node *node);

/*
 * Reports, at the first node, a data_dir that is public_dir or below it: the web server would
 * publish the records. Reports, at the second node, a public_dir below data_dir: pruning could
 * delete pages, and a build records.
 */
void path_check_apart(struct loader *loader, struct node *data_at, struct node *public_at);

/* Whether a folder, which need not exist yet, is one of n parts of another one or below it. The
 * part
 * "" is all of it. */
bool path_is_below(const char *folder, const char *above, const char *const *parts, size_t n);

/* Whether a folder, which need not exist yet, is data_dir or below it: there, pruning could delete
 * pages, and a build records. */
bool path_is_in_data(const char *folder, const char *data_dir);

#endif
