#ifndef DASHBOARD_SWEEP_H
#define DASHBOARD_SWEEP_H

#include "base/error.h"

/* What uptick wrote and nobody wants any more. shown is how messages name the folder. */

/* Removes the files that a killed build left aside. Returns 0 or -1. */
int sweep_leftovers(int folder, const char *shown, struct error *error);

/*
 * Removes the files of a folder for which mark_of, given the name, gives a mark that they bear near
 * their front; NULL: the file is to stay. No link is followed. Returns 0 or -1.
 */
int sweep_pages(int folder, const char *shown,
                const char *(*mark_of)(void *context, const char *name), void *context,
                struct error *error);

#endif
