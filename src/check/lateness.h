#ifndef CHECK_LATENESS_H
#define CHECK_LATENESS_H

#include "check/transfer.h"

/* If the worker of an exchange was late, the exchange seems to have taken longer than it did. */

/* The longest duration, in milliseconds, with which the exchange exceeds neither its timeout nor
 * the limit of an expectation. */
int64_t lateness_limit_ms(const struct transfer *transfer);

/* The duration to judge, in milliseconds. If the exchange exceeded a limit only because its worker
 * was late, this is the limit; otherwise it is the measured duration. */
int64_t lateness_excuse(const struct transfer *transfer);

#endif
