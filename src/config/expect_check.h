#ifndef CONFIG_EXPECT_CHECK_H
#define CONFIG_EXPECT_CHECK_H

#include "config/mapping.h"

/*
 * Finds expectations of a domain, or of `defaults`, that contradict its other keys. values are
 * those of its own mapping: if it has one of the two keys, the contradiction is a mistake. If the
 * URL is http or the certificate is not verified, expectations of https that come from `defaults`
 * are removed.
 */
void expect_check_keys(struct loader *loader, const struct mapping_values *values,
                       struct domain *domain);

#endif
