#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include "config/config.h"
#include "model/check.h"
#include "model/exchange.h"

#include <stdbool.h>

/*
 * Decides the verdict of an exchange. The first rule that applies decides:
 * TIMEOUT if it took longer than timeout_seconds; DOWN if it failed; BOT_DETECTED if the body
 * contains a bot_protection_string, or a bot wall was recognised; DOWN if an expectation fails (expectation.h); else UP, perhaps
 * with a failure text that begins with "slow:". Pure: it knows neither libcurl nor the network.
 */

/*
 * Sets status, http_status, latency_ms and failure of the check; start_ms stays as it is. The
 * failure is one line of UTF-8. Returns 0, or -1 if out of memory: there is no verdict.
 */
int verdict_judge(const struct domain *domain, const struct exchange *exchange,
                  struct check *check);

#endif
