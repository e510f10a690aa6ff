#ifndef DASHBOARD_STATUS_JSON_H
#define DASHBOARD_STATUS_JSON_H

#include "base/buffer.h"
#include "dashboard/snapshot.h"

/* What of a site or of its domains stands in both status.json and site/{site}.json. */

/* By this number programs know the format; it changes where a member is changed or removed. */
enum { STATUS_JSON_VERSION = 1 };

/* Appends what a site's domain has more where it stands, each member with a comma before it. */
typedef void put_more(struct buffer *into, const struct snapshot *snapshot,
                      const struct domain_view *view);

/* The members generated_at, valid_until and title, without braces, like all that follow. */
void status_json_head(struct buffer *into, const struct snapshot *snapshot);

/* The member history. */
void status_json_history(struct buffer *into, const struct snapshot *snapshot);

/* The members of an uptime, and the brace at its end. */
void status_json_uptime(struct buffer *into, struct uptime uptime);

/* The members of a site; more may be NULL. */
void status_json_site(struct buffer *into, const struct snapshot *snapshot,
                      const struct site_view *view, put_more *more);

#endif
