#ifndef CHECK_KEPT_H
#define CHECK_KEPT_H

#include "base/buffer.h"
#include "check/charset.h"
#include "model/exchange.h"

/*
 * What an exchange keeps of its last response for expectations that need it at once: header lines,
 * body, and the body as UTF-8. Most checks need none of it, and then nothing is copied. All zero:
 * nothing is kept.
 */
struct kept {
    bool wants_headers, wants_body; /* an expectation or an explanation needs them */
    bool wants_text; /* the body as UTF-8, from any charset; if false, only from those
                        in which ASCII differs */
    bool has_texts;  /* there is something to look for in the body */

    struct buffer headers;   /* lines, each with its end */
    struct charset declared; /* by the headers, the byte order mark or a <meta> */
    size_t bom_size;         /* of the byte order mark */
    bool may_have_meta;      /* a <meta> counts */
    size_t sniffed;          /* bytes at the start of the body that decide about its charset; 0: it
                                is decided */
    bool keeps_body;
    struct buffer body, text;
};

/* A check of this domain begins. explains: an expectation that fails is explained. */
void kept_start(struct kept *kept, const struct domain *domain, bool explains);

/* Where the header lines go; NULL: they are not kept. */
struct buffer *kept_lines(struct kept *kept);

/* The response was not the last one. */
void kept_reset(struct kept *kept);

/* The headers are complete. They declare this charset; may_have_meta: if they declare none, a
 * <meta> may. */
void kept_begin_body(struct kept *kept, const struct charset *declared, bool may_have_meta);

/* Takes decoded bytes of the body. Returns 0, or -1 if out of memory. */
int kept_add(struct kept *kept, const char *bytes, size_t size);

/* The body is complete: converts it if its charset is another one. Returns 0, or -1 if out of
 * memory. */
int kept_end(struct kept *kept);

/* Sets headers, body, text and charset of the exchange, which point into kept. */
void kept_fill(const struct kept *kept, struct exchange *exchange);

/* All zero is allowed. */
void kept_free(struct kept *kept);

#endif
