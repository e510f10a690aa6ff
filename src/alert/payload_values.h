#ifndef ALERT_PAYLOAD_VALUES_H
#define ALERT_PAYLOAD_VALUES_H

#include "base/json_text.h"
#include "template/values.h"

#include <stddef.h>

struct alert_target;
struct arena;

/*
 * The values that the templates of alerts see: all members of the message, and
 *
 * lines        the lines of the text: a list of {text, is_last}
 * token, chat  of the target
 * topic        the topic of ntfy
 * event        the first event
 *
 * and in each event: is_last; is_open: its condition lasts; is_CHECK and is_CHANGE, such as is_http
 * and is_began; alias: its id, shorter if it is long. In texts for people (title, text, lines; and
 * names, reason and line of events) all that a service would take for markup is replaced.
 * Title and text are cut.
 */

/* What a service takes for markup. */
enum payload_markup {
    PAYLOAD_PLAIN,    /* nothing */
    PAYLOAD_ENTITIES, /* "<!channel>"; the service decodes "&lt;" */
    PAYLOAD_MENTIONS  /* "@here", "<users/all>", and the backquotes around the text */
};

struct payload_limits {
    enum payload_markup markup;
    size_t title_max, text_max; /* bytes; 0: none */
};

/* The longest alias. */
enum { PAYLOAD_ALIAS_MAX = 250 };

/* Makes the values of a message. They belong to the arena and refer to the message, which must
 * outlive them. NULL: out of memory. */
const struct value *payload_values_make(const struct json_text *message,
                                        const struct alert_target *target, const char *topic,
                                        const struct payload_limits *limits, struct arena *arena);

/* Writes what replaces an id where it may have at most PAYLOAD_ALIAS_MAX bytes. Returns 0, or -1
 * if out of memory. */
int payload_values_alias(const char *id, char alias[PAYLOAD_ALIAS_MAX + 1]);

#endif
