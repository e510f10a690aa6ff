#ifndef MODEL_QUOTE_H
#define MODEL_QUOTE_H

#include "base/secrets.h"
#include "config/config.h"

/* Texts in failures: in quotes, on one line, and cut if they are long: enough to recognise them. */

/* The size of a quoted text, with its NUL. */
enum { QUOTE_MAX = 108 };

/* Quotes a text of the configuration in the form that may be shown. Returns the text. */
const char *quote_text(const struct bytes *shown, char text[QUOTE_MAX]);

/* Quotes a part of a response, which may repeat secrets. Returns the text. */
const char *quote_response(const struct secrets *secrets, const char *bytes, size_t size,
                           char text[QUOTE_MAX]);

/* The same without quotes, for numbers, names and URLs. secrets NULL: the text has none. */
const char *quote_plain(const struct secrets *secrets, const char *bytes, size_t size,
                        char text[QUOTE_MAX]);

#endif
