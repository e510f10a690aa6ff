#ifndef CHECK_DECODE_H
#define CHECK_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the body of a response as browsers do: gzip (also several members, one after another),
 * deflate (with or without the header of zlib) and brotli, also one in another. Bytes after the end
 * are ignored. If the body ends too early, its text up to there counts.
 */

enum coding { CODING_GZIP, CODING_DEFLATE, CODING_BROTLI };

enum { CODINGS_MAX = 5 };

/* The codings of a body, in the order in which they were applied. All zero: none. */
struct codings {
    enum coding list[CODINGS_MAX];
    size_t n;
};

/* The value of the header Accept-Encoding. */
extern const char decode_accepted[];

/* Adds those named by the value of a Content-Encoding header. Names that are not known change
 * nothing: servers send "utf-8", "none" or "aws-chunked" with bodies that are not encoded. Returns
 * 0, or -1 if there are more than CODINGS_MAX. */
int decode_add_codings(struct codings *codings, const char *value, size_t size);

enum decode_result {
    DECODE_MORE,  /* all bytes were read */
    DECODE_ENDED, /* the sink wants no more bytes, or the ceiling is reached */
    DECODE_BAD,   /* the body is not encoded in this way */
    DECODE_NO_MEMORY
};

/* Receives decoded bytes. Returns false if it wants no more. */
typedef bool decode_sink(void *context, const char *bytes, size_t size);

struct decode_stage;

/* A body while it is decoded. All zero, it passes the bytes on as they are. */
struct decode {
    struct codings codings;
    struct decode_stage *stages[CODINGS_MAX]; /* as codings.list; NULL before the first byte */
    int64_t left; /* ceiling of the bytes between two codings: a short body could cost much time */
};

/* Decodes the next bytes of a body, and passes the result to the sink in pieces. */
enum decode_result decode_feed(struct decode *decode, const char *bytes, size_t size,
                               decode_sink *sink, void *context);

/* All zero is allowed. */
void decode_free(struct decode *decode);

#endif
