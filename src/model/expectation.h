#ifndef MODEL_EXPECTATION_H
#define MODEL_EXPECTATION_H

#include "model/check.h"
#include "model/exchange.h"

#include <stdbool.h>

/*
 * What a domain expects of a response, tested in a fixed order: status, HTTP version, redirects,
 * certificates, headers, texts, patterns, size, JSON, latency. The first that fails gives the
 * failure text. Pure: bytes and numbers only.
 */

/*
 * Whether an expectation fails in an exchange without a fault; its failure text is then written,
 * with ${NAME} in place of secrets, also of those that the response repeats. Also if the exchange
 * is slow only, which is no failure of the check: *slow is then true.
 */
bool expectation_fails(const struct domain *domain, const struct exchange *exchange,
                       char failure[FAILURE_MAX], bool *slow);

#endif
