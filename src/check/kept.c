/* Keeps header lines and body for the expectations that need them at once. */
#include "check/kept.h"

#include "model/expectation.h"

#include <stdint.h>

enum { LINES_MAX = 1 << 20 /* an exchange has fewer bytes of headers */ };

static bool any_beyond_ascii(const struct needles *needles)
{
    for (size_t i = 0; i < needles->n; i++) {
        const struct bytes *text = &needles->list[i].text;

        for (size_t at = 0; at < text->size; at++) {
            if ((unsigned char)text->data[at] > 127)
                return true;
        }
    }
    return false;
}

void kept_start(struct kept *kept, const struct domain *domain, bool explains)
{
    const struct expect *expect = &domain->expect;

    kept->wants_headers = explains || expect->n_headers > 0;
    kept->wants_body = explains || expectation_needs_body(expect);
    kept->has_texts = kept->wants_body || domain->bot_strings.n > 0 || expect->contains.n > 0 ||
                      expect->excludes.n > 0;
    kept->wants_text = kept->wants_body || any_beyond_ascii(&domain->bot_strings) ||
                       any_beyond_ascii(&expect->contains) || any_beyond_ascii(&expect->excludes);
    kept->headers.ceiling = LINES_MAX;
    kept->body.ceiling = (size_t)domain->max_body_bytes;
}

struct buffer *kept_lines(struct kept *kept)
{
    return kept->wants_headers ? &kept->headers : NULL;
}

void kept_reset(struct kept *kept)
{
    buffer_free(&kept->headers);
}

void kept_begin_body(struct kept *kept, const struct charset *declared, bool may_have_meta)
{
    if (!kept->has_texts)
        return;
    kept->declared = *declared;
    kept->may_have_meta = kept->wants_text && !declared->converter && may_have_meta;
    kept->keeps_body = kept->wants_body;
    kept->sniffed = kept->wants_body      ? SIZE_MAX
                    : kept->may_have_meta ? (size_t)CHARSET_META_MAX
                                          : (size_t)CHARSET_BOM_MAX;
}

/* Whether the body must be converted. */
static bool must_convert(const struct kept *kept)
{
    const struct charset *declared = &kept->declared;

    return declared->converter && !charset_is_utf8(declared) &&
           (kept->wants_text || declared->unit > 1);
}

/* Decides about the charset from the start of the body. */
static void decide(struct kept *kept, const char *bytes, size_t size)
{
    kept->sniffed = 0;
    kept->bom_size = charset_read_bom(&kept->declared, bytes, size);
    if (kept->bom_size == 0 && kept->may_have_meta)
        charset_read_meta(&kept->declared, bytes, size);
    kept->keeps_body = kept->wants_body || must_convert(kept);
}

/* Keeps bytes of the start until there are enough of them. Returns 0, or -1 if out of memory. */
static int add_start(struct kept *kept, const char *bytes, size_t size)
{
    if (buffer_append(&kept->body, bytes, size))
        return -1;
    if (kept->body.size < kept->sniffed)
        return 0;
    decide(kept, kept->body.data, kept->body.size);
    if (!kept->keeps_body)
        buffer_free(&kept->body);
    return 0;
}

int kept_add(struct kept *kept, const char *bytes, size_t size)
{
    if (kept->sniffed > 0) {
        if (kept->body.size > 0 || size < kept->sniffed)
            return add_start(kept, bytes, size);
        decide(kept, bytes, size);
    }
    return kept->keeps_body ? buffer_append(&kept->body, bytes, size) : 0;
}

int kept_end(struct kept *kept)
{
    const char *bytes = kept->body.data ? kept->body.data : "";

    if (kept->sniffed > 0)
        decide(kept, bytes, kept->body.size);
    if (!kept->keeps_body || !must_convert(kept))
        return 0;
    if (charset_convert(&kept->declared, bytes + kept->bom_size, kept->body.size - kept->bom_size,
                        &kept->text) == CHARSET_NO_MEMORY)
        return -1;
    return 0;
}

static struct bytes bytes_of(const struct buffer *buffer)
{
    return (struct bytes){buffer->data ? buffer->data : "", buffer->size};
}

void kept_fill(const struct kept *kept, struct exchange *exchange)
{
    exchange->headers = bytes_of(&kept->headers);
    if (kept->keeps_body)
        exchange->body = bytes_of(&kept->body);
    if (kept->text.size > 0) {
        exchange->text = bytes_of(&kept->text);
        exchange->charset = kept->declared.name;
    }
}

void kept_free(struct kept *kept)
{
    buffer_free(&kept->headers);
    buffer_free(&kept->body);
    buffer_free(&kept->text);
}
