#ifndef DASHBOARD_BADGE_H
#define DASHBOARD_BADGE_H

#include "dashboard/object.h"

struct site_view;

/*
 * The values of a badge. Widths and positions are pixels.
 *
 * name          of the site
 * label, value  the two parts: the name, cut if it is long; the state or the uptime
 * up, degraded, down, unknown: exactly one is true. An uptime is up from 99.9 %, degraded from 99 %
 * label_text, value_text: the widths of the two texts
 * label_width   the width of the first part
 * value_edge    the width of the second part without its round corners
 * value_x       where the text of the second part begins
 * width         of the whole badge
 */
struct badge {
    struct object object;
};

/* The badge of a site's state, or of its uptime over 30 days. The value belongs to badge and is
 * valid until the next call of either. */
const struct value *badge_state(struct badge *badge, const struct messages *messages,
                                const struct site_view *site);
const struct value *badge_uptime(struct badge *badge, const struct messages *messages,
                                 const struct site_view *site);

#endif
