#ifndef CONFIG_INCLUDE_H
#define CONFIG_INCLUDE_H

#include "config/keys.h"

/* The kind of `include`: the paths and patterns of files whose sites are added to the loader's. */
extern const struct kind include_files;

#endif
