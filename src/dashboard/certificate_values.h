#ifndef DASHBOARD_CERTIFICATE_VALUES_H
#define DASHBOARD_CERTIFICATE_VALUES_H

#include "base/buffer.h"
#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "dashboard/server_list.h"

/* What pages and files for programs show of certificates. */

struct snapshot;

/* A certificate as an object for templates, and the notices of a page. Filled for one after the
 * other. */
struct certificate_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct listed_server *noticed[CEILING_CERTIFICATES]; /* those of the page */
    size_t n_noticed;
    struct chain_facts facts;
    struct object object, link;
};

/*
 * Adds to a page of a site (SIZE_MAX: to the index) those of its servers whose certificates end
 * soon: certificates, a list of objects as certificate_values_fill makes them; n_certificates, and
 * n_certificates_more and one_certificate_more: those that are not in the list.
 */
void certificate_values_add_notices(struct certificate_values *values, size_t site,
                                    struct object *into);

/*
 * A certificate: server, subject, issuer, ends (a moment), day, month, year, other_year, n_days (an
 * empty text if less than a day is left), one_day, over, critical; and chain, a list of {subject,
 * issuer, ends}. Valid until the next call.
 */
const struct object *certificate_values_fill(struct certificate_values *values,
                                             const struct listed_server *server);

/* Appends the member "certificates" of status.json, with a comma before it. */
void certificate_values_put_json(const struct snapshot *snapshot, struct buffer *into);

#endif
