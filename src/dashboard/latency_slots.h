#ifndef DASHBOARD_LATENCY_SLOTS_H
#define DASHBOARD_LATENCY_SLOTS_H

#include "base/error.h"

struct config;
struct history;
struct storage;

/*
 * Sets history->slots: the latencies of 7 and 30 days of its domains, up to the last of its
 * minutes. The days before today are those that the state has counted; today, and what is not
 * counted yet, is made of the minutes of the history. Returns 0 or -1.
 */
int latency_slots_load(struct history *history, struct storage *storage,
                       const struct config *config, struct error *error);

#endif
