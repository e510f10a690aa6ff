#ifndef CONFIG_EXPECT_CHECK_H
#define CONFIG_EXPECT_CHECK_H

#include "config/mapping.h"

/*
 * Finds expectations of a domain, or of `defaults`, that contradict its other keys. They are
 * mistakes if the mapping itself, which has these values, has one of the keys. Expectations of
 * https that come from `defaults` are removed if its URL is http, or if it does not verify the
 * certificate.
 */
void expect_check_keys(struct loader *loader, const struct mapping_values *values,
                       struct domain *domain);

#endif
