/* Finds the charset of a body as browsers do, and converts the body to UTF-8. */
#include "check/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    GROWTH_MAX = 3, /* how much longer a text can be in UTF-8 */

    /* At most this many bytes of a body are no characters: each costs a call of iconv. */
    INVALID_MAX = 64 << 10,
};

#define UTF_8       "UTF-8"
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* White space in HTML and in headers. */
static const char blanks[] = " \t\r\n\f";

/* iconv's names, and the labels of WHATWG Encoding. If iconv does not know the name, as in musl,
 * the label is tried. Browsers have no UTF-32, but some servers do. */
static const struct {
    const char *converter;
    size_t unit;
    const char *labels; /* with a blank between two */
} rows[] = {
    {UTF_8, 1, "UTF-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8"},
    {"CP1252", 1,
     "ISO-8859-1 windows-1252 US-ASCII ascii latin1 l1 iso8859-1 iso88591 iso_8859-1 "
     "iso_8859-1:1987 iso-ir-100 csisolatin1 cp1252 x-cp1252 cp819 ibm819 ansi_x3.4-1968"},
    {"ISO-8859-2", 1,
     "ISO-8859-2 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 iso-ir-101 csisolatin2 l2 latin2"},
    {"ISO-8859-3", 1,
     "ISO-8859-3 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 iso-ir-109 csisolatin3 l3 latin3"},
    {"ISO-8859-4", 1,
     "ISO-8859-4 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 iso-ir-110 csisolatin4 l4 latin4"},
    {"ISO-8859-5", 1,
     "ISO-8859-5 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 iso-ir-144 csisolatincyrillic "
     "cyrillic"},
    {"ISO-8859-6", 1,
     "ISO-8859-6 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 iso-8859-6-e iso-8859-6-i "
     "iso-ir-127 csiso88596e csiso88596i csisolatinarabic arabic asmo-708 ecma-114"},
    {"ISO-8859-7", 1,
     "ISO-8859-7 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 iso-ir-126 csisolatingreek ecma-118 "
     "elot_928 greek greek8 sun_eu_greek"},
    {"ISO-8859-8", 1,
     "ISO-8859-8 ISO-8859-8-I iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 iso-8859-8-e "
     "iso-ir-138 csiso88598e csiso88598i csisolatinhebrew hebrew visual logical"},
    {"ISO-8859-10", 1, "ISO-8859-10 iso8859-10 iso885910 iso-ir-157 csisolatin6 l6 latin6"},
    {"ISO-8859-13", 1, "ISO-8859-13 iso8859-13 iso885913"},
    {"ISO-8859-14", 1, "ISO-8859-14 iso8859-14 iso885914"},
    {"ISO-8859-15", 1, "ISO-8859-15 iso8859-15 iso885915 iso_8859-15 csisolatin9 l9"},
    {"ISO-8859-16", 1, "ISO-8859-16"},
    {"CP866", 1, "IBM866 866 cp866 csibm866"},
    {"KOI8-R", 1, "KOI8-R koi8_r cskoi8r koi koi8"},
    {"KOI8-U", 1, "KOI8-U koi8-ru"},
    {"MACINTOSH", 1, "macintosh mac csmacintosh x-mac-roman"},
    {"MAC-CYRILLIC", 1, "x-mac-cyrillic x-mac-ukrainian"},
    {"CP874", 1, "windows-874 dos-874 ISO-8859-11 iso8859-11 iso885911 TIS-620"},
    {"CP1250", 1, "windows-1250 cp1250 x-cp1250"},
    {"CP1251", 1, "windows-1251 cp1251 x-cp1251"},
    {"CP1253", 1, "windows-1253 cp1253 x-cp1253"},
    {"CP1254", 1,
     "windows-1254 cp1254 x-cp1254 ISO-8859-9 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 "
     "iso-ir-148 csisolatin5 l5 latin5"},
    {"CP1255", 1, "windows-1255 cp1255 x-cp1255"},
    {"CP1256", 1, "windows-1256 cp1256 x-cp1256"},
    {"CP1257", 1, "windows-1257 cp1257 x-cp1257"},
    {"CP1258", 1, "windows-1258 cp1258 x-cp1258"},
    {"GB18030", 1,
     "GB18030 GBK x-gbk GB2312 gb_2312 gb_2312-80 chinese csgb2312 csiso58gb231280 iso-ir-58"},
    {"BIG5-HKSCS", 1, "Big5 Big5-HKSCS cn-big5 csbig5 x-x-big5"},
    {"EUC-JP-MS", 1, "EUC-JP x-euc-jp cseucpkdfmtjapanese"},
    {"ISO-2022-JP", 1, "ISO-2022-JP csiso2022jp"},
    {"CP932", 1, "Shift_JIS shift-jis sjis x-sjis ms932 ms_kanji windows-31j csshiftjis"},
    {"CP949", 1,
     "EUC-KR korean ks_c_5601-1987 ks_c_5601-1989 ks_c_5601 ksc5601 ksc_5601 windows-949 "
     "iso-ir-149 cseuckr csksc56011987"},
    {"UTF-16LE", 2, "UTF-16LE UTF-16 unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff"},
    {"UTF-16BE", 2, "UTF-16BE unicodefffe"},
    {"UTF-32LE", 4, "UTF-32LE UTF-32"},
    {"UTF-32BE", 4, "UTF-32BE"},
};

/* The longer ones first: that of UTF-32LE begins with that of UTF-16LE. */
static const struct {
    const char *bytes;
    size_t size;
    const char *name;
} boms[] = {
    {"\xff\xfe\0\0", 4, "UTF-32LE"}, {"\0\0\xfe\xff", 4, "UTF-32BE"}, {"\xef\xbb\xbf", 3, UTF_8},
    {"\xff\xfe", 2, "UTF-16LE"},     {"\xfe\xff", 2, "UTF-16BE"},
};

static bool is_blank(char byte)
{
    return byte && strchr(blanks, byte);
}

static bool same_text(const char *bytes, size_t size, const char *text)
{
    return strlen(text) == size && strncasecmp(bytes, text, size) == 0;
}

bool charset_find(struct charset *charset, const char *label, size_t size)
{
    while (size > 0 && is_blank(*label))
        label++, size--;
    while (size > 0 && is_blank(label[size - 1]))
        size--;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *next = rows[i].labels;

        for (size_t length; *next; next += length + (next[length] == ' ')) {
            length = strcspn(next, " ");
            if (length != size || strncasecmp(next, label, size) != 0)
                continue;
            *charset = (struct charset){.converter = rows[i].converter, .unit = rows[i].unit};
            snprintf(charset->name, sizeof charset->name, "%.*s", (int)length, next);
            return true;
        }
    }
    return false;
}

bool charset_is_utf8(const struct charset *charset)
{
    return charset->converter && strcmp(charset->converter, UTF_8) == 0;
}

/* A part of the bytes that is still to be read. */
struct rest {
    const char *at, *end;
};

static void skip_blanks(struct rest *rest)
{
    while (rest->at < rest->end && is_blank(*rest->at))
        rest->at++;
}

/* Takes the bytes up to one of these, or all of them. */
static struct bytes take_until(struct rest *rest, const char *stops)
{
    const char *from = rest->at;

    while (rest->at < rest->end && !(*rest->at && strchr(stops, *rest->at)))
        rest->at++;
    return (struct bytes){from, (size_t)(rest->at - from)};
}

/* Takes a value that may be in quotes. It ends at its second quote, or without quotes at one of
 * these bytes. */
static struct bytes take_value(struct rest *rest, const char *quotes, const char *stops)
{
    struct bytes value;

    skip_blanks(rest);
    if (rest->at == rest->end || !*rest->at || !strchr(quotes, *rest->at))
        return take_until(rest, stops);
    rest->at++;
    value = take_until(rest, (const char[]){rest->at[-1], '\0'});
    rest->at += rest->at < rest->end;
    return value;
}

/* The type without its parameters: "text/html". */
static struct bytes essence_of(struct bytes type)
{
    struct rest rest = {type.data, type.data + type.size};

    skip_blanks(&rest);
    return take_until(&rest, " \t;");
}

void charset_read_type(struct charset *charset, struct bytes type)
{
    struct rest rest = {type.data, type.data + type.size};

    while (take_until(&rest, ";"), rest.at < rest.end) {
        struct bytes name;

        rest.at++;
        skip_blanks(&rest);
        name = take_until(&rest, ";=");
        if (rest.at == rest.end || *rest.at == ';')
            continue;
        rest.at++;
        if (same_text(name.data, name.size, "charset")) {
            struct bytes label = take_value(&rest, "\"'", ";");

            charset_find(charset, label.data, label.size);
            return;
        }
        take_value(&rest, "\"", ";");
    }
}

bool charset_may_have_meta(struct bytes type)
{
    static const char *const html[] = {"text/html", "application/xhtml+xml", "unknown/unknown",
                                       "application/unknown", "*/*"};
    struct bytes essence = essence_of(type);

    for (size_t i = 0; i < sizeof html / sizeof html[0]; i++) {
        if (same_text(essence.data, essence.size, html[i]))
            return true;
    }
    return essence.size == 0 || !memchr(essence.data, '/', essence.size);
}

size_t charset_read_bom(struct charset *charset, const char *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof boms / sizeof boms[0]; i++) {
        if (size < boms[i].size || memcmp(bytes, boms[i].bytes, boms[i].size) != 0)
            continue;
        charset_find(charset, boms[i].name, strlen(boms[i].name));
        return boms[i].size;
    }
    return 0;
}

struct attribute {
    struct bytes name, value;
};

/* Takes the next attribute of a tag. Returns false at the end of the tag. */
static bool take_attribute(struct rest *rest, struct attribute *attribute)
{
    while (rest->at < rest->end && (is_blank(*rest->at) || *rest->at == '/'))
        rest->at++;
    if (rest->at == rest->end || *rest->at == '>')
        return false;
    attribute->name = take_until(rest, *rest->at == '=' ? " \t\r\n\f/>" : " \t\r\n\f/>=");
    attribute->value = (struct bytes){rest->at, 0};
    skip_blanks(rest);
    if (rest->at < rest->end && *rest->at == '=') {
        rest->at++;
        attribute->value = take_value(rest, "\"'", " \t\r\n\f>");
    }
    return true;
}

/* Sets the charset that the content of <meta http-equiv> names: "text/html; charset=utf-8". */
static bool read_content(struct charset *charset, struct bytes content)
{
    static const char word[] = "charset";
    struct rest rest = {content.data, content.data + content.size};

    for (; rest.end - rest.at >= (ptrdiff_t)strlen(word); rest.at++) {
        struct bytes label;

        if (strncasecmp(rest.at, word, strlen(word)) != 0)
            continue;
        rest.at += strlen(word);
        skip_blanks(&rest);
        if (rest.at == rest.end)
            return false;
        if (*rest.at != '=') {
            rest.at--;
            continue;
        }
        rest.at++;
        label = take_value(&rest, "\"'", " \t\r\n\f;");
        return charset_find(charset, label.data, label.size);
    }
    return false;
}

/* Reads the attributes of a <meta>. Returns whether it declares a charset. */
static bool read_meta(struct charset *charset, struct rest *rest)
{
    struct attribute attribute;
    bool is_type = false, needs_type = false, found = false;
    struct charset declared = {.converter = NULL};

    while (take_attribute(rest, &attribute)) {
        struct bytes name = attribute.name, value = attribute.value;

        if (same_text(name.data, name.size, "http-equiv")) {
            is_type = is_type || same_text(value.data, value.size, "content-type");
        } else if (same_text(name.data, name.size, "content") && !declared.converter) {
            found = needs_type = read_content(&declared, value);
        } else if (same_text(name.data, name.size, "charset")) {
            found = charset_find(&declared, value.data, value.size);
            needs_type = false;
        }
    }
    if (!found || (needs_type && !is_type))
        return false;

    /* The <meta> could be read as ASCII. */
    if (declared.unit > 1)
        charset_find(&declared, UTF_8, strlen(UTF_8));
    *charset = declared;
    return true;
}

static bool begins_with(const struct rest *rest, const char *text)
{
    return rest->end - rest->at >= (ptrdiff_t)strlen(text) &&
           strncasecmp(rest->at, text, strlen(text)) == 0;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Takes a comment, from its "<!--", which may be a part of its end: "<!-->". */
static void take_comment(struct rest *rest)
{
    for (rest->at += strlen("<!"); rest->at < rest->end; rest->at++) {
        if (begins_with(rest, "-->"))
            return;
    }
}

/* Takes what begins with '<'. Returns whether it is a <meta> that declares a charset. */
static bool take_tag(struct charset *charset, struct rest *rest)
{
    enum { META = sizeof "<meta" - 1 };
    struct attribute attribute;
    const char *name = rest->at + 1;

    if (begins_with(rest, "<!--")) {
        take_comment(rest);
        return false;
    }
    if (begins_with(rest, "<meta") && rest->end - rest->at > META &&
        (is_blank(rest->at[META]) || rest->at[META] == '/')) {
        rest->at += META;
        return read_meta(charset, rest);
    }
    name += name < rest->end && *name == '/';
    if (name < rest->end && is_letter(*name)) {
        take_until(rest, " \t\r\n\f>");
        while (take_attribute(rest, &attribute))
            ;
    } else if (begins_with(rest, "<!") || begins_with(rest, "</") || begins_with(rest, "<?")) {
        take_until(rest, ">");
    }
    return false;
}

void charset_read_meta(struct charset *charset, const char *bytes, size_t size)
{
    struct rest rest = {bytes, bytes + (size < CHARSET_META_MAX ? size : CHARSET_META_MAX)};

    while (rest.at < rest.end) {
        if (*rest.at == '<' && take_tag(charset, &rest))
            return;
        rest.at += rest.at < rest.end;
    }
}

/* A conversion while it runs. */
struct conversion {
    iconv_t converter;
    char *in;
    size_t in_left, unit;
    size_t invalid; /* bytes that were no character */
    struct buffer *into;
};

/* Appends bytes if there is room. */
static bool put(struct buffer *into, const char *bytes, size_t size)
{
    return into->capacity - into->size > size && buffer_append(into, bytes, size) == 0;
}

/* Takes bytes that are no character. Returns false if there were too many. */
static bool skip_invalid(struct conversion *conversion)
{
    size_t size = conversion->unit < conversion->in_left ? conversion->unit : conversion->in_left;

    conversion->in += size;
    conversion->in_left -= size;
    conversion->invalid += size;
    return conversion->invalid <= INVALID_MAX &&
           put(conversion->into, REPLACEMENT, strlen(REPLACEMENT));
}

/* Converts the next bytes. Returns false at the end. */
static bool convert_some(struct conversion *conversion)
{
    struct buffer *into = conversion->into;
    bool is_end = conversion->in_left == 0;
    char *to = into->data + into->size;
    size_t left = into->capacity - into->size - 1, n;
    int failed;

    /* At the end, iconv writes what it has kept: a letter that could have got an accent. */
    n = iconv(conversion->converter, is_end ? NULL : &conversion->in, &conversion->in_left, &to,
              &left);
    failed = n == (size_t)-1 ? errno : 0;
    into->size = (size_t)(to - into->data);
    *to = '\0';
    return !is_end && failed != E2BIG && (failed == 0 || skip_invalid(conversion));
}

enum charset_result charset_convert(const struct charset *charset, const char *bytes, size_t size,
                                    struct buffer *into)
{
    struct conversion conversion = {.in = (char *)bytes, /* which iconv does not change */
                                    .in_left = size,
                                    .unit = charset->unit,
                                    .into = into};

    into->ceiling = GROWTH_MAX * size + strlen(REPLACEMENT);
    if (buffer_reserve(into, into->ceiling))
        return CHARSET_NO_MEMORY;
    conversion.converter = iconv_open(UTF_8, charset->converter);
    if (conversion.converter == (iconv_t)-1 && errno == EINVAL)
        conversion.converter = iconv_open(UTF_8, charset->name);
    if (conversion.converter == (iconv_t)-1)
        return errno == ENOMEM ? CHARSET_NO_MEMORY : CHARSET_UNKNOWN;
    while (convert_some(&conversion))
        ;
    iconv_close(conversion.converter);
    return CHARSET_CONVERTED;
}
