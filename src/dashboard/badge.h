#ifndef DASHBOARD_BADGE_H
#define DASHBOARD_BADGE_H

#include "dashboard/object.h"

struct site_view;

/*
 * A badge is an object, filled again for each site. Widths and positions are pixels.
 *
 * name          of the site
 * label, value  the two parts: the name, cut if it is long; the state or the uptime
 * up, degraded, down, unknown: exactly one is true. An uptime is up from 99.9 %, degraded from 99 %
 * label_text, value_text: the widths of the two texts
 * label_width   the width of the first part
 * value_edge    the width of the second part without its round corners
 * value_x       the left end of the text of the second part
 * width         of the whole badge
 *
 * It is the badge of a site's state, or of its uptime over 30 days: "new" if too little was
 * measured (aggregator_uptime). The value belongs to badge and is valid until the next call of
 * either.
 */
const struct value *badge_state(struct object *badge, const struct messages *messages,
                                const struct site_view *site);
const struct value *badge_uptime(struct object *badge, const struct messages *messages,
                                 const struct site_view *site);

/* The width in pixels, rounded up, of a UTF-8 text in Verdana at 11 pixels. That is the badges'
 * first choice; their layout must be fixed before the fonts of their reader are known. */
int badge_text_width(const char *text);

/*
 * Cuts a text that is wider than max pixels between two characters and ends it with "…". capacity
 * is the size of its array, in bytes.
 */
void badge_cut_text(char *text, size_t capacity, int max);

#endif
