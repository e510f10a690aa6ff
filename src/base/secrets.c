/* Finds secret values in texts, in any of their usual shapes, and hides them. */
#include "base/secrets.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/unescape.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A value. Its key is in lower case. */
struct secret {
    char *key;
    size_t size; /* at least SECRETS_MIN */
    char *shown;
    bool is_whole; /* it is not found if it is cut */
};

struct secrets {
    const struct secrets *base; /* NULL: none */
    struct secret *list;        /* sorted by key */
    size_t n, capacity;
    bool sorted;
};

struct secrets *secrets_new(void)
{
    return calloc(1, sizeof(struct secrets));
}

void secrets_free(struct secrets *secrets)
{
    for (size_t i = 0; secrets && i < secrets->n; i++) {
        free(secrets->list[i].key);
        free(secrets->list[i].shown);
    }
    if (secrets)
        free(secrets->list);
    free(secrets);
}

/* Texts are shown in one line, and servers change the case of a host. */
static char fold(char byte)
{
    unsigned char value = (unsigned char)byte;

    return (char)(value < ' ' || value == 0x7f ? ' ' : tolower(value));
}

/*
 * Makes the key of a text, with its escapes or without. from (NULL: not wanted) gets, for each byte
 * of the key, its place in the text, and at its end the size of the text. Returns the size of the
 * key, at most that of the text.
 */
static size_t make_key(const char *text, size_t size, bool unescape, char *key, uint16_t *from)
{
    size_t n = 0, length;

    for (size_t i = 0; i < size; i += length) {
        char bytes[UNESCAPE_MAX] = {text[i]};
        size_t n_bytes = length = 1;

        if (unescape)
            length = unescape_next(text + i, size - i, bytes, &n_bytes);
        for (size_t j = 0; j < n_bytes; j++, n++) {
            key[n] = fold(bytes[j]);
            if (from)
                from[n] = (uint16_t)i;
        }
    }
    if (from)
        from[n] = (uint16_t)size;
    return n;
}

/* Adds a key, which is copied. Returns 0, or -1 if out of memory. */
static int add_key(struct secrets *secrets, const char *key, size_t size, const char *shown,
                   bool is_whole)
{
    struct secret secret = {malloc(size + 1), size, strdup(shown), is_whole}, *list;

    list = memory_grow(secrets->list, &secrets->capacity, secrets->n + 1, sizeof *list);
    if (list)
        secrets->list = list;
    if (!list || !secret.key || !secret.shown) {
        free(secret.key);
        free(secret.shown);
        return -1;
    }
    memcpy(secret.key, key, size);
    secrets->list[secrets->n++] = secret;
    secrets->sorted = false;
    return 0;
}

/* Adds the keys of a value: as it is, and without escapes. */
static int add_value(struct secrets *secrets, const char *value, size_t size, const char *shown)
{
    char *plain = malloc(size + 1), *key = malloc(size + 1);
    int result = plain && key ? 0 : -1;
    size_t n = 0, n_plain = 0;

    if (result == 0) {
        n_plain = make_key(value, size, false, plain, NULL);
        n = make_key(value, size, true, key, NULL);
    }
    if (n_plain >= SECRETS_MIN)
        result |= add_key(secrets, plain, n_plain, shown, false);
    if (n >= SECRETS_MIN && (n != n_plain || memcmp(plain, key, n) != 0))
        result |= add_key(secrets, key, n, shown, false);
    free(plain);
    free(key);
    return result;
}

/* Adds what uptick itself makes of a value: one line of UTF-8 without characters that mislead; and,
 * in the path of a redirect, '/' for '\\', as browsers do. */
static int add_changed(struct secrets *secrets, const char *value, size_t size, const char *shown)
{
    char *line = malloc(size + 1), *path = malloc(size + 1);
    int result = line && path ? 0 : -1;

    if (result == 0) {
        text_one_line(line, size + 1, value, size);
        for (size_t i = 0; i < size; i++)
            path[i] = value[i] == '\\' ? '/' : value[i];
        if (memcmp(path, value, size) != 0)
            result |= add_value(secrets, path, size, shown);
        if (strlen(line) != size || memcmp(line, value, size) != 0)
            result |= add_value(secrets, line, strlen(line), shown);
    }
    free(line);
    free(path);
    return result;
}

/*
 * Adds the base64 of a value that follows `before` other bytes: those characters that only depend
 * on the value. Both alphabets of RFC 4648 are in use.
 */
static int add_base64(struct secrets *secrets, const char *value, size_t size, size_t before,
                      const char *shown)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t first = (before * 8 + 5) / 6, end = (before + size) * 8 / 6, n = 0;
    char *encoded = malloc(end + 1);
    int result;

    if (!encoded)
        return -1;
    for (size_t i = first; i < end; i++) {
        unsigned bits = 0;

        for (size_t bit = i * 6; bit < i * 6 + 6; bit++)
            bits = bits << 1 | ((unsigned char)value[bit / 8 - before] >> (7 - bit % 8) & 1);
        encoded[n++] = digits[bits];
    }
    encoded[n] = '\0';
    result = n < SECRETS_PART_MIN ? 0 : add_value(secrets, encoded, n, shown);
    if (n >= SECRETS_PART_MIN && encoded[strcspn(encoded, "+/")]) {
        for (size_t i = 0; i < n; i++)
            encoded[i] = encoded[i] == '+' ? '-' : encoded[i] == '/' ? '_' : encoded[i];
        result |= add_value(secrets, encoded, n, shown);
    }
    free(encoded);
    return result;
}

/* Adds the long parts between the separators of a URL, and long lines. */
static int add_parts(struct secrets *secrets, const char *value, size_t size, const char *shown)
{
    for (size_t from = 0, to; from < size; from = to + 1) {
        for (to = from; to < size && !strchr("/?#&=:@\r\n", value[to]); to++)
            ;
        if (to - from >= SECRETS_PART_MIN && to - from < size &&
            add_value(secrets, value + from, to - from, shown))
            return -1;
    }
    return 0;
}

int secrets_add(struct secrets *secrets, const char *value, size_t size, const char *shown)
{
    if (add_value(secrets, value, size, shown) || add_changed(secrets, value, size, shown) ||
        add_parts(secrets, value, size, shown))
        return -1;
    for (size_t before = 0; before < 3; before++) {
        if (add_base64(secrets, value, size, before, shown))
            return -1;
    }
    return 0;
}

int secrets_add_whole(struct secrets *secrets, const char *value, size_t size, const char *shown)
{
    char *key;
    size_t n;
    int result;

    if (size < SECRETS_MIN)
        return 0;
    key = malloc(size + 1);
    if (!key)
        return -1;
    n = make_key(value, size, false, key, NULL);
    result = add_key(secrets, key, n, shown, true);
    free(key);
    return result;
}

int secrets_copy(struct secrets *secrets, const struct secrets *from)
{
    for (size_t i = 0; from && i < from->n; i++) {
        const struct secret *one = &from->list[i];

        if (add_key(secrets, one->key, one->size, one->shown, one->is_whole))
            return -1;
    }
    secrets_sort(secrets);
    return 0;
}

void secrets_set_base(struct secrets *secrets, const struct secrets *base)
{
    secrets->base = base;
}

static int compare_keys(const void *left, const void *right)
{
    const struct secret *a = left, *b = right;
    size_t size = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->key, b->key, size);

    if (order == 0)
        order = (a->size > b->size) - (a->size < b->size);

    /* Of equal values the first one counts: "${NAME}" before "***". */
    return order ? order : strcmp(a->shown, b->shown);
}

void secrets_sort(struct secrets *secrets)
{
    if (secrets->n > 1)
        qsort(secrets->list, secrets->n, sizeof *secrets->list, compare_keys);
    secrets->sorted = true;
}

/* The first value whose first bytes are not less than these. */
static size_t find_first(const struct secrets *secrets, const char *bytes)
{
    size_t low = 0, high = secrets->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(secrets->list[middle].key, bytes, SECRETS_MIN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How much of a value, or of its beginning, is at the start of a key. 0: not enough. */
static size_t match_one(const struct secret *secret, const char *key, size_t size)
{
    size_t n = 0;

    while (n < size && n < secret->size && key[n] == secret->key[n])
        n++;
    if (n == secret->size)
        return n;
    if (secret->is_whole)
        return 0;
    if (n == size && n >= SECRETS_MIN)
        return n;

    /* Many texts begin like a URL. Its parts are in the table too. */
    return n >= SECRETS_PART_MIN && !memchr(secret->key, ':', n) ? n : 0;
}

/* The longest match at the start of a key; *found becomes its value. 0: there is none. */
static size_t match_any(const struct secrets *secrets, const char *key, size_t size,
                        const struct secret **found)
{
    size_t longest = 0;

    if (size < SECRETS_MIN)
        return 0;
    for (size_t i = find_first(secrets, key); i < secrets->n; i++) {
        size_t n;

        if (memcmp(secrets->list[i].key, key, SECRETS_MIN) != 0)
            break;
        n = match_one(&secrets->list[i], key, size);
        if (n > longest) {
            longest = n;
            *found = &secrets->list[i];
        }
    }
    return longest;
}

static size_t append(char *into, size_t used, size_t capacity, const char *bytes, size_t size)
{
    if (size > capacity - 1 - used)
        size = capacity - 1 - used;
    memcpy(into + used, bytes, size);
    return used + size;
}

/* Hides the values in a text, compared with its escapes or without. */
static void hide(const struct secrets *secrets, char *text, size_t capacity, bool unescape)
{
    char key[SECRETS_TEXT_MAX], hidden[SECRETS_TEXT_MAX];
    uint16_t from[SECRETS_TEXT_MAX];
    size_t used = 0, n = make_key(text, strlen(text), unescape, key, from);

    if (n == 0)
        return;
    for (size_t i = 0, length; i < n; i += length) {
        const struct secret *secret = NULL;

        length = match_any(secrets, key + i, n - i, &secret);
        if (secret) {
            used = append(hidden, used, capacity, secret->shown, strlen(secret->shown));
        } else {
            length = 1;
            used = append(hidden, used, capacity, text + from[i], (size_t)(from[i + 1] - from[i]));
        }
    }
    memcpy(text, hidden, used);
    text[used] = '\0';
}

/* The second time finds a value that makes an escape with what is before it, as in "%41". */
void secrets_hide(const struct secrets *secrets, char *text, size_t capacity)
{
    assert(strlen(text) < SECRETS_TEXT_MAX && capacity <= SECRETS_TEXT_MAX);
    for (; secrets; secrets = secrets->base) {
        if (secrets->n == 0)
            continue;
        assert(secrets->sorted);
        hide(secrets, text, capacity, true);
        hide(secrets, text, capacity, false);
    }
}
