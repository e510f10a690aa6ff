/* UTF-8, escapes, ids, and numbers for people. */
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Whether RFC 3629 allows this second byte after this first byte. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
    unsigned char low = 0x80, high = 0xbf;

    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    return second >= low && second <= high;
}

size_t text_utf8_length(const char *text, size_t size)
{
    unsigned char first;
    size_t length;

    if (size == 0)
        return 0;
    first = (unsigned char)text[0];
    if (first < 0x80)
        return 1;
    length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || length > size ||
        !second_byte_fits(first, (unsigned char)text[1]))
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(text[i]))
            return 0;
    }
    return length;
}

uint32_t text_code_point(const char *text, size_t length)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point;

    assert(length >= 1 && length <= 4);
    point = (unsigned char)text[0] & first_bits[length];
    for (size_t i = 1; i < length; i++)
        point = point << 6 | ((unsigned char)text[i] & 0x3f);
    return point;
}

/* Characters that break a line, move the cursor, or change the order in which text is shown. */
static bool misleads(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x061c ||
           (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* Printable ASCII, as most bytes are. */
static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

void text_one_line(char *into, size_t capacity, const char *text, size_t size)
{
    size_t used = 0;

    assert(capacity > 0);
    for (size_t length; size > 0; text += length, size -= length) {
        for (; size > 0 && is_plain(*text) && used + 1 < capacity; text++, size--)
            into[used++] = *text;
        length = text_utf8_length(text, size);
        if (size == 0 || used + (length ? length : 1) >= capacity)
            break;
        if (length == 0) {
            into[used++] = '?';
            length = 1;
        } else if (misleads(text_code_point(text, length))) {
            into[used++] = ' ';
        } else {
            memmove(into + used, text, length);
            used += length;
        }
    }
    into[used] = '\0';
}

void text_clean(char *text)
{
    size_t size = strlen(text);

    text_one_line(text, size + 1, text, size);
}

/* Replacements of the five bytes that have a meaning in HTML and XML (OWASP rules 1 and 2). */
static const char *const html_entities[UCHAR_MAX + 1] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
};

void text_mend_xml(char *text)
{
    while ((text = strstr(text, "\xef\xbf"))) {
        if (text[2] == '\xbe' || text[2] == '\xbf')
            text[2] = '\xbd';
        text += 2;
    }
}

/* Appends text that may contain such bytes. */
static int escape_each(struct buffer *into, const char *text, size_t size)
{
    size_t plain = 0;

    for (size_t i = 0; i < size; i++) {
        const char *entity = html_entities[(unsigned char)text[i]];

        if (!entity)
            continue;
        if (buffer_append(into, text + plain, i - plain) || buffer_puts(into, entity))
            return -1;
        plain = i + 1;
    }
    return buffer_append(into, text + plain, size - plain);
}

/* Bytes that are compared at once, also as two numbers. */
enum { BLOCK = 16 };
typedef unsigned char block __attribute__((vector_size(BLOCK)));
typedef uint64_t block_pair __attribute__((vector_size(BLOCK)));

/* Whether one of the bytes must be replaced. Pairs of them differ in one bit only. */
static bool has_entity(block all)
{
    block_pair found =
        (block_pair)(((all | ('&' ^ '\'')) == '\'') | ((all | ('<' ^ '>')) == '>') | (all == '"'));

    return (found[0] | found[1]) != 0;
}

/* Copies a block. Returns whether one of its bytes must be replaced. */
static inline bool copy_block(char *into, const char *text)
{
    block bytes;

    memcpy(&bytes, text, BLOCK);
    memcpy(into, &bytes, BLOCK);
    return has_entity(bytes);
}

/* The same for BLOCK bytes or more. The last block may overlap the one before it. */
static bool copy_blocks(char *into, const char *text, size_t size)
{
    size_t last = size - BLOCK;
    bool has = copy_block(into + last, text + last);

    for (size_t i = 0; i < last; i += BLOCK)
        has |= copy_block(into + i, text + i);
    return has;
}

/* The same for n to 2 n bytes: the first n and the last n, which may overlap. n is at most 8, and a
 * constant, so no copy is a call. */
static inline bool copy_ends(char *into, const char *text, size_t size, size_t n)
{
    uint64_t first = 0, last = 0;

    memcpy(&first, text, n);
    memcpy(&last, text + size - n, n);
    memcpy(into, &first, n);
    memcpy(into + size - n, &last, n);
    return has_entity((block)(block_pair){first, last});
}

/* The same byte by byte, as short numbers were just written. */
static inline bool copy_ones(char *into, const char *text, size_t size)
{
    bool has = false;

    for (size_t i = 0; i < size; i++) {
        into[i] = text[i];
        has |= html_entities[(unsigned char)text[i]] != NULL;
    }
    return has;
}

/*
 * Nearly all texts are plain, and most are short. So they are copied, and looked at on the way. To
 * look at the copy would take longer: a processor waits before it reads what it has just written in
 * smaller parts.
 */
int text_escape_html(struct buffer *into, const char *text, size_t size)
{
    char *copy;
    bool has;

    if (size >= into->capacity - into->size)
        return escape_each(into, text, size);
    copy = into->data + into->size;
    if (size >= BLOCK)
        has = copy_blocks(copy, text, size);
    else if (size >= 8)
        has = copy_ends(copy, text, size, 8);
    else if (size >= 4)
        has = copy_ends(copy, text, size, 4);
    else
        has = copy_ones(copy, text, size);
    copy[has ? 0 : size] = '\0';
    if (has)
        return escape_each(into, text, size);
    into->size += size;
    return 0;
}

size_t text_plain_json(const char *text, size_t size)
{
    size_t n = 0;

    while (n < size && is_plain(text[n]) && text[n] != '"' && text[n] != '\\')
        n++;
    return n;
}

/* Appends the escape of an ASCII character. */
static void put_json_escape(struct buffer *into, char byte)
{
    static const char names[] = "\"\\bfnrt", bytes[] = "\"\\\b\f\n\r\t";
    const char *found = strchr(bytes, byte);

    if (byte && found)
        buffer_printf(into, "\\%c", names[found - bytes]);
    else
        buffer_printf(into, "\\u%04X", (unsigned)(unsigned char)byte);
}

int text_escape_json(struct buffer *into, const char *text, size_t size)
{
    for (size_t length; size > 0; text += length, size -= length) {
        length = text_plain_json(text, size);
        if (length == 0) {
            length = text_utf8_length(text, size);
            if (length == 1) {
                put_json_escape(into, *text);
                continue;
            }
        }
        if (length == 0) {
            buffer_putc(into, '?');
            length = 1;
        } else {
            buffer_append(into, text, length);
        }
    }
    return into->failed ? -1 : 0;
}

int text_escape_url(struct buffer *into, const char *text, size_t size)
{
    for (size_t length; size > 0; text += length, size -= length) {
        length = text_utf8_length(text, size);
        if (length > 0 && !misleads(text_code_point(text, length))) {
            buffer_append(into, text, length);
            continue;
        }
        length = length ? length : 1;
        for (size_t i = 0; i < length; i++)
            buffer_printf(into, "%%%02X", (unsigned)(unsigned char)text[i]);
    }
    return into->failed ? -1 : 0;
}

/* Divisions cost more than all the rest of writing a short number. */
#define SMALL(n) '0' + (n) / 100, '0' + (n) / 10 % 10, '0' + (n) % 10, ((n) < 100) + ((n) < 10)
#define FIVE(n)  SMALL(n), SMALL(n + 1), SMALL(n + 2), SMALL(n + 3), SMALL(n + 4)
#define FIFTY(n)                                                                                   \
    FIVE(n), FIVE(n + 5), FIVE(n + 10), FIVE(n + 15), FIVE(n + 20), FIVE(n + 25), FIVE(n + 30),    \
        FIVE(n + 35), FIVE(n + 40), FIVE(n + 45)
#define HUNDREDS(n) FIFTY(n), FIFTY(n + 50), FIFTY(n + 100), FIFTY(n + 150)
const char text_small_numbers[] = {
    HUNDREDS(0), HUNDREDS(200), HUNDREDS(400), HUNDREDS(600), HUNDREDS(800),
};

/* Returns how many. No NUL. */
static size_t write_digits(char *into, uint64_t number)
{
    size_t n = 1;

    for (uint64_t rest = number / 10; rest > 0; rest /= 10)
        n++;
    for (size_t i = n; i-- > 0; number /= 10)
        into[i] = (char)('0' + number % 10);
    return n;
}

size_t text_number(char into[TEXT_NUMBER_MAX], long long number)
{
    bool is_negative = number < 0;
    uint64_t size = is_negative ? -(uint64_t)number : (uint64_t)number;
    char *at = into;

    if (is_negative)
        *at++ = '-';
    if (size < TEXT_SMALL_END)
        at = text_put_small(at, (unsigned)size);
    else
        at += write_digits(at, size);
    *at = '\0';
    return (size_t)(at - into);
}

size_t text_decimal(char into[TEXT_NUMBER_MAX], int thousandths, int min, int max)
{
    const char *digits = text_small_numbers + (size_t)(thousandths % 1000) * TEXT_SMALL_SIZE;
    size_t size = text_number(into, thousandths / 1000);

    assert(min <= max && max <= 3);
    while (max > min && digits[max - 1] == '0')
        max--;
    if (max > 0)
        into[size++] = '.';
    memcpy(into + size, digits, 3);
    size += (size_t)max;
    into[size] = '\0';
    return size;
}

/* A rebuild asks this of millions of rows, so the bytes of an id are bits of two words: - . 0-9,
 * and A-Z _ a-z. */
static bool is_allowed_in_id(unsigned char byte)
{
    static const uint64_t allowed[] = {UINT64_C(0x03ff600000000000), UINT64_C(0x07fffffe87fffffe),
                                       0, 0};

    return allowed[byte / 64] >> byte % 64 & 1;
}

size_t text_id_size(const char *bytes)
{
    size_t size = 0;

    if (bytes[0] == '.' || bytes[0] == '-')
        return 0;
    while (size <= TEXT_ID_MAX && is_allowed_in_id((unsigned char)bytes[size]))
        size++;
    return size <= TEXT_ID_MAX ? size : 0;
}

bool text_is_id(const char *bytes, size_t size)
{
    if (size == 0 || size > TEXT_ID_MAX || bytes[0] == '.' || bytes[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_allowed_in_id((unsigned char)bytes[i]))
            return false;
    }
    return true;
}

static size_t min_of(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

size_t text_distance(const char *a, const char *b)
{
    enum { WIDTH_MAX = 64 };
    size_t row[WIDTH_MAX + 1];
    size_t width = strlen(b);

    /* Longer words are not worth comparing: no key or id is that long. */
    if (width > WIDTH_MAX)
        return width;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t above = row[j + 1];

            row[j + 1] = min_of(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[width];
}

void text_count(uint64_t n, char text[TEXT_NUMBER_MAX])
{
    char digits[TEXT_NUMBER_MAX];
    size_t length = write_digits(digits, n), used = 0;

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

const char *text_counted(uint64_t n, const char *noun, char text[TEXT_COUNTED_MAX])
{
    char count[TEXT_NUMBER_MAX];

    text_count(n, count);
    snprintf(text, TEXT_COUNTED_MAX, "%s %s%s", count, noun, n == 1 ? "" : "s");
    return text;
}

void text_duration(int64_t ms, char text[TEXT_NUMBER_MAX])
{
    if (ms < 1000)
        snprintf(text, TEXT_NUMBER_MAX, "%" PRId64 " ms", ms);
    else
        snprintf(text, TEXT_NUMBER_MAX, "%" PRId64 ".%d s", ms / 1000, (int)(ms % 1000 / 100));
}

bool text_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}
