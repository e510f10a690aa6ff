#ifndef ALERT_WORDING_H
#define ALERT_WORDING_H

#include "alert/message.h"

/* The words of a message for people. All moments are in UTC. Each function appends to a buffer,
 * which keeps a failure. */

/* What happened to a subject, in the order in which a summary lists it. */
enum wording_group {
    WORDING_DOWN,
    WORDING_STILL_DOWN,
    WORDING_UP,
    WORDING_WAS_DOWN,
    WORDING_REMOVED,
    WORDING_BOT,
    WORDING_SLOW,
    WORDING_WELL, /* no more bot wall, no longer slow */
    WORDING_CERTIFICATE,
    WORDING_RENEWED,
    WORDING_NETWORK,
    WORDING_UNDELIVERED,
    WORDING_DELIVERED,
    WORDING_LATE_TICKS,
    WORDING_GROUPS
};
enum wording_group wording_group_of(const struct message_item *item);

/* A reason, ready to be shown: one line without secrets. */
enum { WORDING_REASON_MAX = 1024 };
void wording_write_reason(const struct secrets *secrets, const struct alert_outage *outage,
                          char reason[WORDING_REASON_MAX]);

/* "2 down, 1 up again": how many subjects each group has. at_once: of the outages that began, how
 * many hosts failed at once, "60 down (60 hosts failed at once)"; 0: this is not shown. */
void wording_heading(const size_t counts[WORDING_GROUPS], size_t at_once, struct buffer *into);

/* The title of a message about one subject: "DOWN shop/www: http_status: expected 200, got 503".
 * The line of a subject in the text: "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3
 * checks): http_status: expected 200, got 503. Was up 12 d 4 h." */
void wording_title(const struct message_item *item, const char *reason, int64_t now_ms,
                   struct buffer *into);
void wording_line(const struct message_item *item, const char *reason, int64_t now_ms,
                  struct buffer *into);

/* "This message is 9 min late: it could not be delivered earlier." */
void wording_late(int64_t late_ms, struct buffer *into);

#endif
