#ifndef CONFIG_PATH_H
#define CONFIG_PATH_H

#include "config/loader.h"

/* Kinds of paths, each into a const char *. A relative one begins in the configuration's folder. */
extern const struct kind path_folder;    /* need not exist yet */
extern const struct kind path_templates; /* an existing folder; "~" is none */
extern const struct kind path_ca_file;   /* a file that holds a certificate in PEM; "~" is none */
extern const struct kind path_asset;     /* one with an ending of the row's words; "~" is none */

/*
 * Reports, at this node, a data_dir that is or lies in public_dir: the web server would publish the
 * records.
 */
void path_check_apart(struct loader *loader, struct node *at);

#endif
