#ifndef RENDERER_DAYS_H
#define RENDERER_DAYS_H

#include "snapshot.h"

/*
 * The uptime of a domain on one of its DAYS_SHOWN days, which must be known: today's of its minutes
 * so far; minutes before the first check ever do not belong to it.
 */
struct uptime days_uptime(const struct snapshot *snapshot, const struct domain_view *view, int day);

#endif
