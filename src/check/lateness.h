#ifndef CHECK_LATENESS_H
#define CHECK_LATENESS_H

#include "check/transfer.h"

/* If the worker of an exchange was late, the exchange seems to take longer than it did. */

/* The longest duration, in milliseconds, with which the exchange neither times out nor is late for
 * an expectation. */
int64_t lateness_limit_ms(const struct transfer *transfer);

/* The duration without the time by which its worker was late, if it was in time without it. */
int64_t lateness_excuse(const struct transfer *transfer);

#endif
