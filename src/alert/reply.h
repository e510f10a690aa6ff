#ifndef ALERT_REPLY_H
#define ALERT_REPLY_H

#include "alert/sender.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a server answers to one attempt, and what that means. */

enum {
    REPLY_RECIPIENTS_MAX = 128, /* more are not counted */
    REPLY_LINE_MAX = 512,       /* bytes that are kept of a body, or of a line of a mail server */
    REPLY_BYTES_MAX = 64 << 10  /* bytes that are read of an answer */
};

struct reply {
    bool is_mail;
    bool was_reached; /* the server is connected, TLS and login are done */
    bool has_head;    /* of HTTP: all headers have come */
    int status;       /* the last one; 0: none */
    size_t bytes;     /* that came so far */
    char line[REPLY_LINE_MAX];
    size_t line_size;
    int64_t retry_after_ms;              /* 0: none */
    char certificate[256];               /* why OpenSSL does not accept the chain; "": it does */
    long proxy_status;                   /* by which a proxy refused a tunnel; 0: it did not */
    bool has_address;                    /* the name was found, or is an address */
    bool is_connected;                   /* there was a connection */
    unsigned n_recipients;               /* of a mail */
    unsigned n_lines;                    /* of a mail server */
    bool refusals[REPLY_RECIPIENTS_MAX]; /* whether each of its last lines was one: line n at n %
                                            REPLY_RECIPIENTS_MAX */
    unsigned n_refused; /* recipients that were refused, while others were accepted */
    int refused_status; /* of the last refusal */
    char refusal[REPLY_LINE_MAX];
};

/* Add a line of the headers of HTTP, or of a mail server; or bytes of the body. Return whether the
 * rest is wanted. */
bool reply_add_line(struct reply *reply, const char *bytes, size_t size, int64_t now_ms);
bool reply_add_body(struct reply *reply, const char *bytes, size_t size);

/* Whether the server has answered an attempt that ended with this code. */
bool reply_is_answer(const struct reply *reply, CURLcode code);

/* Fills in result, retry_after_ms and answer of a delivery whose attempt took waited_ms and ended
 * with this code. secrets NULL: none. */
void reply_judge(const struct reply *reply, CURLcode code, int64_t waited_ms,
                 const struct secrets *secrets, struct delivery *delivery);

/* Sets the answer: in our own words, then, if it is not empty, what the server wrote, as one line
 * without secrets. */
void reply_write(const struct secrets *secrets, const char *words, const char *text, size_t size,
                 char answer[DELIVERY_ANSWER_MAX]);

#endif
