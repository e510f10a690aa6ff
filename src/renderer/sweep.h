#ifndef RENDERER_SWEEP_H
#define RENDERER_SWEEP_H

#include "base/error.h"

#include <stdbool.h>

/* What uptick wrote and nobody wants any more. shown is how messages name the folder. */

/* Removes the files that a killed build left aside. Returns 0 or -1. */
int sweep_leftovers(int folder, const char *shown, struct error *error);

/*
 * Removes the pages in a folder that bear the mark of uptick and that wanted (given the name
 * without ".html") says no to. No link is followed. Returns 0 or -1.
 */
int sweep_pages(int folder, const char *shown, bool (*wanted)(void *context, const char *id),
                void *context, struct error *error);

#endif
