#ifndef DASHBOARD_HINT_H
#define DASHBOARD_HINT_H

#include "model/check.h"

struct domain_view;
struct messages;
struct snapshot;

/* Where an operator looks next if a domain is not UP. */

/*
 * Returns the name of the message for a failure with this code (code.h). phases are those of its
 * check, or NULL: for a slow check, they show what took the time. NULL: there is no such code.
 */
const char *hint_of(const char *code, int http_status, const char *failure,
                    const struct phases *phases);

/*
 * The same for a domain as it is now. NULL: it is UP, its failure is not known, or one that it
 * depends on is DOWN, which the page names.
 */
const char *hint_of_domain(const struct snapshot *snapshot, const struct domain_view *view);

/* The text of that message; empty if there is none. It belongs to messages. */
const char *hint_text(const struct snapshot *snapshot, const struct domain_view *view,
                      const struct messages *messages);

#endif
