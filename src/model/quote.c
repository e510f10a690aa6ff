/* Quotes texts of the configuration and of responses in failures. */
#include "model/quote.h"

#include "base/text.h"

#include <stdio.h>

enum { BYTES_MAX = 100 };

const char *quote_text(const struct bytes *shown, char text[QUOTE_MAX])
{
    char line[BYTES_MAX];

    text_one_line(line, sizeof line, shown->data, shown->size);
    snprintf(text, QUOTE_MAX, "\"%s%s\"", line, shown->size >= sizeof line ? "..." : "");
    return text;
}

const char *quote_response(const struct secrets *secrets, const char *bytes, size_t size,
                           char text[QUOTE_MAX])
{
    char line[SECRETS_TEXT_MAX];
    struct bytes shown = {line, 0};

    /* Hidden before it is cut: a part of a secret might not be recognised. */
    text_one_line(line, sizeof line, bytes, size);
    secrets_hide(secrets, line, sizeof line);
    for (shown.size = 0; line[shown.size]; shown.size++)
        ;
    return quote_text(&shown, text);
}
