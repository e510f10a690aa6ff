/* check/search: a string is found in a body in pieces if and only if it is in the whole body. */
#include "fuzz.h"

#include "check/search.h"

/* memmem by hand, since POSIX does not have it. */
static bool holds(struct bytes body, struct bytes pattern)
{
    for (size_t at = 0; at + pattern.size <= body.size; at++) {
        if (memcmp(body.data + at, pattern.data, pattern.size) == 0)
            return true;
    }
    return false;
}

/* The input: the length of the pattern, the pattern, then the body. The first byte of each piece is
 * its length, so that pieces differ. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct bytes pattern = {NULL, input_byte(&input)}, body;
    struct search search;

    if (pattern.size > input.left)
        return 0;
    pattern.data = (const char *)input.at;
    body = (struct bytes){pattern.data + pattern.size, input.left - pattern.size};
    if (search_init(&search, pattern))
        abort();
    for (size_t at = 0, piece; at < body.size; at += piece) {
        piece = (unsigned char)body.data[at] % 13;
        if (piece > body.size - at)
            piece = body.size - at;
        search_feed(&search, body.data + at, piece);
        if (piece == 0)
            search_feed(&search, body.data + at, piece = 1);
    }
    must(search.found == holds(body, pattern), "pieces give the same result as the whole body");
    search_free(&search);
    return 0;
}
