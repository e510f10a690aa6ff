#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "e2e.h"

/*
 * What goes wrong with websites: a table of monitors, each with a server that fails in one way, and
 * what uptick must report. Each monitor is checked a second time against a server that is well, and
 * must be UP, so that no row passes because everything fails.
 *
 * An answer is one of:
 *   http://…, https://…    a URL; @http@ and the other ports are filled in
 *   /TARGET                what the awkward server does for it
 *   HTTP/…                 a whole response; each LF becomes CR LF
 *   anything else          the body of a page with 200
 */
struct scenario {
    const char *id;
    const char *keys;   /* of the domain, as in uptick.yaml */
    const char *answer; /* that goes wrong */
    const char *well;   /* NULL: an ordinary page of a shop */
    const char *status;
    int http_status;     /* 0: none */
    const char *code;    /* NULL: none */
    const char *failure; /* how it begins, with the ports filled in; NULL: empty */
};

/* Runs `uptick check` and `uptick tick` with all of them, and compares the verdict of each. */
void scenarios_check(struct e2e *world, const struct scenario *scenarios, size_t n);

#define SCENARIOS_CHECK(world, table)                                                              \
    scenarios_check(world, table, sizeof(table) / sizeof(table)[0])

#endif
