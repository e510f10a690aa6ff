#ifndef ALERT_PAYLOAD_H
#define ALERT_PAYLOAD_H

#include "base/buffer.h"
#include "config/config.h"
#include "template/template.h"

#include <stdint.h>

/* What a target is sent, made from the JSON of a message (message.h). */
struct payload {
    struct buffer body;         /* of the request, of the mail with its header, or the input */
    const char *const *headers; /* of a webhook: "Name: value"; end with NULL; secret */
    const char *url;            /* of a webhook: with the token, if its format wants that; secret */
    struct arena *arena;        /* of the texts */
};

/*
 * Makes the payload for a target. The formats are templates (alert.slack.mustache, …) of the set.
 * now_ms is in the signature and in the date of a mail. Returns 0, or -1 with an error that names
 * the template. payload_free frees it in any case.
 */
int payload_make(const struct alert_target *target, const struct template_set *templates,
                 const char *content, int64_t now_ms, struct payload *payload, struct error *error);
void payload_free(struct payload *payload);

/* Whether a target is sent one message for all subjects of a tick, and not one for each. */
bool payload_is_summary(const struct alert_target *target);

#endif
