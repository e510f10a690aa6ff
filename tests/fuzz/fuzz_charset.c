/* check/charset, check/head and check/kept: any headers and any body are taken, and what is kept of
 * them does not depend on the pieces in which they come. */
#include "fuzz.h"

#include "check/head.h"
#include "check/kept.h"

enum { BODY_MAX = 1 << 16 };

/* What is kept of a response. */
struct response {
    struct head head;
    struct kept kept;
};

/* Gives the body to kept in pieces of this size. */
static void add_body(struct kept *kept, const uint8_t *body, size_t size, size_t piece)
{
    for (size_t at = 0; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        char *bytes = malloc(length);

        if (!bytes)
            abort();
        memcpy(bytes, body + at, length);
        must(kept_add(kept, bytes, length) == 0, "there is memory");
        free(bytes);
    }
    must(kept_end(kept) == 0, "there is memory for the text");
}

static void check_lines(const struct buffer *lines)
{
    must(lines->size == 0 || lines->data[lines->size - 1] == '\n', "each line has its end");
}

static void check_text(const struct exchange *exchange)
{
    uint32_t point;

    must(exchange->body.size <= BODY_MAX, "the body is within its ceiling");
    must(!exchange->text.data == !exchange->charset, "a text has the name of its charset");
    must(exchange->text.size <= 3 * exchange->body.size + 3, "the text is within its ceiling");
    for (size_t at = 0, length; at < exchange->text.size; at += length) {
        length = utf8_at(exchange->text.data + at, exchange->text.size - at, &point);
        must(length > 0, "the text is UTF-8");
    }
}

static void read_response(struct response *response, struct input input, bool explains,
                          size_t piece, struct exchange *exchange)
{
    static const struct needle needles[] = {{{"z\xc3\xbcrich", 7}, {"z\xc3\xbcrich", 7}}};
    struct domain domain = {.max_body_bytes = BODY_MAX,
                            .expect.contains = {needles, sizeof needles / sizeof needles[0]}};
    size_t length;

    kept_start(&response->kept, &domain, explains);
    do {
        char *line = input_part(&input, '\n', &length);

        must(head_add(&response->head, line, length, kept_lines(&response->kept)) == 0,
             "there is memory");
        free(line);
    } while (length > 0);
    kept_begin_body(&response->kept, &response->head.charset, !response->head.is_no_page);
    add_body(&response->kept, input.at, input.left, piece);
    *exchange = (struct exchange){.http_status = 200};
    kept_fill(&response->kept, exchange);
    check_lines(&response->kept.headers);
    check_text(exchange);
}

static void close_response(struct response *response)
{
    head_free(&response->head);
    kept_free(&response->kept);
}

static bool same_bytes(const struct bytes *a, const struct bytes *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* The input: whether all is kept and the size of the pieces, lines of headers up to an empty one,
 * and the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size < BODY_MAX ? size : BODY_MAX};
    bool explains = input_byte(&input) & 1;
    size_t piece = (size_t)input_byte(&input) + 1;
    struct response whole = {.head = {.location = NULL}}, pieces = whole;
    struct exchange first, second;

    read_response(&whole, input, explains, BODY_MAX, &first);
    read_response(&pieces, input, explains, piece, &second);
    must(same_bytes(&first.headers, &second.headers), "the headers are the same");
    must(same_bytes(&first.body, &second.body), "pieces give the same body");
    must(same_bytes(&first.text, &second.text), "pieces give the same text");
    close_response(&whole);
    close_response(&pieces);
    return 0;
}
