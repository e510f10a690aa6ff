#ifndef MODEL_STATUS_H
#define MODEL_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The statuses of domains, sites and checks. A cell of a timeline is one byte that holds one. The
 * numbers are stored in state.db: do not change them without a new version of its schema.
 */
enum status {
    STATUS_UNKNOWN,
    STATUS_UP,
    STATUS_DEGRADED,     /* never a verdict: a check that was UP but slow (check.h), or a site */
    STATUS_BOT_DETECTED, /* domains only */
    STATUS_DOWN,
    STATUS_TIMEOUT, /* domains only */
    STATUS_COUNT
};

/* "UP", "BOT_DETECTED": in the CSV, in status.json, on the terminal. */
const char *status_name(enum status status);
/* 'U', 'B', '-': a cell in status.json. */
char status_letter(enum status status);
/* "up", "bot", "down": the CSS class of a cell. */
const char *status_class(enum status status);

/*
 * Reads the verdict of a check from its name, of this many bytes. Returns 0, or -1 if it is not the
 * name of a verdict.
 */
int status_read(const char *name, size_t size, enum status *status);

/* Whether a minute of this status counts for the uptime: UP and DEGRADED. */
static inline bool status_is_good(enum status status)
{
    return status == STATUS_UP || status == STATUS_DEGRADED;
}

/* Whether this status of a minute, a site or a domain is bad: worse than UNKNOWN. */
static inline bool status_is_bad(enum status status)
{
    return status != STATUS_UP && status != STATUS_UNKNOWN;
}

/* The order in which problems are listed, the worst first: DOWN, DEGRADED, UNKNOWN, UP. */
int status_severity(enum status status);

/* The set of the statuses of n cells: the bit 1 << status of each. */
unsigned status_set(const unsigned char *cells, size_t n);

/* The worst of a set of statuses; UNKNOWN if it is empty.
 * The status with the higher number is the worse one of two with the same severity. */
enum status status_worst(unsigned set);

#endif
