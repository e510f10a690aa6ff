#ifndef ALERT_MESSAGE_H
#define ALERT_MESSAGE_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"
#include "model/alert.h"

/*
 * A message as JSON: all that the payloads of the targets are made from, and at the same time the
 * payload of the format `json` (public/alert.schema.json). It is made once, when the message is
 * decided, so a later attempt has the same text. It has no secret.
 */

/* A part of a message, and what else its words need. */
struct message_item {
    struct alert_part part;
    const char *scope;
    const struct domain *monitor; /* NULL: it is not about one, or not one of the configuration */
    int64_t up_since_ms; /* the end of the outage before this one, or the first check; INT64_MIN:
                            unknown */
    int failures;        /* checks that confirmed it; 0: not known */
};

struct message_head {
    int64_t now_ms;
    int64_t late_ms; /* how late it is, because it could not be delivered; 0: it is not */
    bool is_test;    /* of 'uptick alert test' */
};

/* Appends the JSON of a message about n subjects, at least one. Returns 0 or -1. */
int message_write(const struct config *config, const struct message_head *head,
                  const struct message_item *items, size_t n, struct buffer *into,
                  struct error *error);

/* Appends the text of a message, lines for people: the member "text" of its JSON. Returns 0; or -1
 * if it is damaged, or out of memory. */
int message_text(const char *content, struct buffer *into, struct error *error);

/* Prints that text to standard output. Returns 0 or -1. */
int message_print(const char *content, struct error *error);

#endif
