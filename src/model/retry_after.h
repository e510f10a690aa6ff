#ifndef MODEL_RETRY_AFTER_H
#define MODEL_RETRY_AFTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The header Retry-After of a response with status 429 or 503: the next check waits for as long as
 * the server asks. The number is only in the failure text of the check. So the wait is the same
 * after a rebuild, and records need no column for it.
 */

/* No check waits longer than this, in seconds. */
enum { RETRY_AFTER_MAX_S = 3600 };

/* How the failure text ends: printf with the seconds, an int. */
#define RETRY_AFTER_END " (Retry-After %d s)"

/*
 * Reads the value of the header: seconds, or a date of RFC 9110 (5.6.7), from now_ms on. *seconds
 * is rounded up; 0 if the moment has passed; at most 999,999,999. Returns false if the value is
 * neither.
 */
bool retry_after_read(const char *value, size_t size, int64_t now_ms, int *seconds);

/* The seconds that a check with this failure text asks to wait; at most RETRY_AFTER_MAX_S. 0: none.
 */
int retry_after_wait(const char *failure);

/* When the wait ends that a check with this failure asked for, which ended at end_ms. 0: none. */
int64_t retry_after_until(int64_t end_ms, const char *failure);

#endif
