/* Quotes texts of the configuration and of responses in failures. */
#include "model/quote.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { BYTES_MAX = 100 };

const char *quote_text(const struct bytes *shown, char text[QUOTE_MAX])
{
    char line[BYTES_MAX];

    text_one_line(line, sizeof line, shown->data, shown->size);
    snprintf(text, QUOTE_MAX, "\"%s%s\"", line, shown->size >= sizeof line ? "..." : "");
    return text;
}

/* Writes a part of a response as one line without secrets. It is cut later: a part of a secret
 * might not be recognised. */
static struct bytes hide(const struct secrets *secrets, const char *bytes, size_t size,
                         char line[SECRETS_TEXT_MAX])
{
    text_one_line(line, SECRETS_TEXT_MAX, bytes, size);
    secrets_hide(secrets, line, SECRETS_TEXT_MAX);
    return (struct bytes){line, strlen(line)};
}

const char *quote_response(const struct secrets *secrets, const char *bytes, size_t size,
                           char text[QUOTE_MAX])
{
    char line[SECRETS_TEXT_MAX];
    struct bytes shown = hide(secrets, bytes, size, line);

    return quote_text(&shown, text);
}

const char *quote_plain(const struct secrets *secrets, const char *bytes, size_t size,
                        char text[QUOTE_MAX])
{
    char line[SECRETS_TEXT_MAX];
    struct bytes shown = hide(secrets, bytes, size, line);
    char cut[BYTES_MAX];

    text_one_line(cut, sizeof cut, shown.data, shown.size);
    snprintf(text, QUOTE_MAX, "%s%s", cut, shown.size >= sizeof cut ? "..." : "");
    return text;
}
