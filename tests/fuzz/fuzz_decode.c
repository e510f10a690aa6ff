/* check/decode, check/head and model/code: a body is decoded to the same text however it is cut
 * into pieces, and any headers, locations and failures are taken. */
#include "fuzz.h"

#include "base/buffer.h"
#include "base/host_name.h"
#include "check/decode.h"
#include "check/head.h"
#include "model/code.h"

enum { TEXT_MAX = 1 << 20 };

static bool take(void *context, const char *bytes, size_t size)
{
    return buffer_append(context, bytes, size) == 0;
}

/* Decodes a body in pieces of this size. */
static enum decode_result decode(const struct codings *codings, const char *body, size_t size,
                                 size_t piece, struct buffer *text)
{
    struct decode decode = {.codings = *codings, .left = TEXT_MAX};
    enum decode_result result = DECODE_MORE;

    for (size_t at = 0; at < size && result == DECODE_MORE; at += piece) {
        /* A copy of its exact size, so that reading too far is detected. */
        size_t length = size - at < piece ? size - at : piece;
        char *bytes = malloc(length);

        if (!bytes)
            abort();
        memcpy(bytes, body + at, length);
        result = decode_feed(&decode, bytes, length, take, text);
        free(bytes);
    }
    decode_free(&decode);
    return result;
}

static void compare_pieces(const struct codings *codings, const char *body, size_t size,
                           size_t piece)
{
    struct buffer whole = BUFFER_WITH_CEILING(TEXT_MAX), pieces = BUFFER_WITH_CEILING(TEXT_MAX);
    enum decode_result result = decode(codings, body, size, size ? size : 1, &whole);

    must(result != DECODE_NO_MEMORY, "there is memory");
    must(decode(codings, body, size, piece, &pieces) == result, "pieces give the same result");
    if (result == DECODE_MORE) {
        must(whole.size == pieces.size, "pieces give as much text");
        must(whole.size == 0 || memcmp(whole.data, pieces.data, whole.size) == 0,
             "pieces give the same text");
        must(codings->n > 0 || whole.size == size, "without codings, the text is the body");
    }
    buffer_free(&whole);
    buffer_free(&pieces);
}

/* The input: lines of headers up to an empty one, the size of the pieces, and the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct head head = {.location = NULL};
    size_t length, piece;
    char *line;

    do {
        line = input_part(&input, '\n', &length);
        must(head_add(&head, line, length, NULL) == 0, "there is memory");
        if (length == 0)
            must(head.field.size == 0, "all fields are read");
        (void)host_name_fault(line);
        (void)code_of(STATUS_DOWN, 0, line);
        free(line);
    } while (length > 0);
    must(head.codings.n <= CODINGS_MAX, "there are not too many codings");
    must(!head_fault(&head) || head.location || head.length || head.has_many_codings,
         "a fault has a reason");
    piece = input_byte(&input) % 17 + 1u;
    compare_pieces(&head.codings, (const char *)input.at, input.left, piece);
    head_free(&head);
    return 0;
}
