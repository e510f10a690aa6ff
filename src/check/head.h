#ifndef CHECK_HEAD_H
#define CHECK_HEAD_H

#include "base/buffer.h"
#include "check/charset.h"
#include "check/decode.h"
#include "config/config.h"
#include "model/bot_wall.h"

/* More response headers than this in one exchange are a failure, in bytes. */
enum { HEADERS_MAX = 256 << 10 };

/* Those headers of one response that its exchange depends on. All zero: none so far. */
struct head {
    struct buffer field;    /* the last one, which a folded line may continue */
    char *location;         /* NULL: none; may be empty */
    char *length;           /* of the body, as sent; NULL: none */
    bool is_chunked;        /* then the length does not count */
    bool has_wrong_length;  /* more than one, or not a number */
    bool has_two_locations; /* different ones */
    bool has_many_codings;
    bool has_false_version; /* not that of the connection; set by the caller */
    struct codings codings; /* of the body */
    struct charset charset; /* that Content-Type declares */
    bool is_no_page;        /* Content-Type is one whose bodies have no <meta> */
    bool has_retry_after;
    int retry_after_s;             /* then: the seconds that Retry-After asks to wait */
    const struct bot_walls *walls; /* set by the caller; NULL: no wall is recognised */
    uint64_t wall_headers;         /* the conditions of these walls that are met */
};

/*
 * Reads the next line of the headers, with its end. After the empty line, all fields are read.
 * Appends each field to lines, with folded lines joined by a space and "\n" at its end, but not the
 * status line; NULL: they are not wanted. Returns 0, or -1 if out of memory.
 */
int head_add(struct head *head, const char *line, size_t size, struct buffer *lines);

/* The failure of a response whose length is not clear. */
#define HEAD_WRONG_LENGTH                                                                          \
    "the response has different Content-Length headers, or one that is not a number"

/* The failure of a response that is no HTTP. */
#define HEAD_NOT_HTTP "the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"

/* Why a browser would not accept these headers, for people; NULL: it would. */
const char *head_fault(const struct head *head);

/*
 * Whether a line of response headers is the field with this name, in upper or lower case (RFC 9110,
 * 5.1). The value is then a part of the line, without the blanks around it; it may be empty.
 */
bool head_value(const char *line, size_t size, const char *name, struct bytes *value);

/* Frees what it owns; all zero is left. All zero is allowed. */
void head_free(struct head *head);

#endif
