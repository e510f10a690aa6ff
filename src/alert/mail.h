#ifndef ALERT_MAIL_H
#define ALERT_MAIL_H

#include "base/buffer.h"
#include "base/json_text.h"
#include "config/config.h"

#include <stdint.h>

struct arena;

/* A mail (RFC 5322): a text and a short HTML page, in quoted-printable. */
struct mail {
    const struct alert_target *target;
    const struct json_text *message; /* its events make the ids of the mail and of its thread */
    struct arena *arena;
    const char *title;       /* one line */
    const char *text, *html; /* lines end with "\n" */
    int64_t now_ms;
};

/*
 * Appends the mail. Lines end with CRLF, for a mail server; or with LF, for a local sendmail. Its
 * id follows from the message, so that a mail that is sent twice can be recognised. It refers to
 * earlier mails of its outages. Returns 0, or -1 if out of memory.
 */
int mail_write(const struct mail *mail, struct buffer *into);

#endif
