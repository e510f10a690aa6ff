#ifndef CHECK_CHARSET_H
#define CHECK_CHARSET_H

#include "base/buffer.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The charset that a response declares, found as browsers find it (WHATWG Encoding, HTML "prescan a
 * byte stream"), and its conversion to UTF-8. Names mean what they mean in browsers: ISO-8859-1 is
 * windows-1252. Pure: bytes only.
 */

enum { CHARSET_NAME_MAX = 24 };

/* All zero: none is declared. */
struct charset {
    const char *converter;       /* its name for iconv; NULL: none */
    size_t unit;                 /* bytes of its shortest character; 1: ASCII is the same in it */
    char name[CHARSET_NAME_MAX]; /* as responses call it: "ISO-8859-1" */
};

/* What is looked at: the byte order mark, and the part of a page that a <meta> must be in. */
enum { CHARSET_BOM_MAX = 4, CHARSET_META_MAX = 1024 };

/* Sets the charset that has this label, in upper or lower case. Returns false, and changes nothing,
 * if no browser knows it. */
bool charset_find(struct charset *charset, const char *label, size_t size);

/* Sets the charset that the value of a Content-Type field declares. If there is none, or if it is
 * not known, nothing changes. */
void charset_read_type(struct charset *charset, struct bytes type);

/* Whether a <meta> of a body with this Content-Type counts: it is HTML, or has no type. */
bool charset_may_have_meta(struct bytes type);

/* Sets the charset that the byte order mark at the start of a body shows. Returns the size of the
 * mark; 0: there is none, and nothing changes. */
size_t charset_read_bom(struct charset *charset, const char *bytes, size_t size);

/* Sets the charset that a <meta> in the first CHARSET_META_MAX bytes of a page declares. If there
 * is none, nothing changes. */
void charset_read_meta(struct charset *charset, const char *bytes, size_t size);

bool charset_is_utf8(const struct charset *charset);

enum charset_result {
    CHARSET_CONVERTED,
    CHARSET_UNKNOWN, /* this system's iconv does not know it, or cannot load it */
    CHARSET_NO_MEMORY
};

/*
 * Writes the bytes as UTF-8 into an empty buffer, whose ceiling is set. Bytes that are no character
 * become U+FFFD; if there are very many, the rest is left out.
 */
enum charset_result charset_convert(const struct charset *charset, const char *bytes, size_t size,
                                    struct buffer *into);

#endif
