/* Reads numbers, booleans, words and texts. */
#include "config/value.h"

#include "base/text.h"
#include "config/environment.h"

#include <assert.h>
#include <string.h>

const struct bytes *value_text(struct loader *loader, struct node *node)
{
    const struct filled *filled;

    if (node->kind != NODE_TEXT || node_is_empty(node) || node_is_null(node)) {
        loader_expected(loader, node);
        return NULL;
    }
    filled = environment_fill(loader, node);
    return filled ? &filled->text : NULL;
}

const struct bytes *value_shown(const struct node *node)
{
    assert(node->filled);
    return &node->filled->shown;
}

bool value_is_secret(const struct node *node)
{
    return node->filled && node->filled->n_parts > 0;
}

/* No hexadecimal or octal numbers: YAML 1.1 and 1.2 read 010 as different numbers. */
bool value_whole_number(const char *digits, size_t size, int64_t *number)
{
    int64_t n = 0;

    if (size == 0 || (size > 1 && digits[0] == '0'))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        n = n > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : n * 10 + (digits[i] - '0');
    }
    *number = n;
    return true;
}

/* Reads a node as a whole number, with or without a sign. */
static bool read_number(const struct node *node, int64_t *number)
{
    const char *digits = node->text.data;
    size_t size = node->text.size;
    bool signed_too = node->plain && size > 0 && (*digits == '-' || *digits == '+');

    if (!node->plain || !value_whole_number(digits + signed_too, size - signed_too, number))
        return false;
    if (*digits == '-')
        *number = -*number;
    return true;
}

bool value_number(struct loader *loader, struct node *node, int64_t *number)
{
    if (node->kind == NODE_TEXT && read_number(node, number) && *number >= loader->key->min &&
        *number <= loader->key->max)
        return true;
    loader_expected(loader, node);
    return false;
}

static void read_integer(struct loader *loader, struct node *node, void *into)
{
    int64_t number;

    if (value_number(loader, node, &number))
        *(int *)into = (int)number;
}

/* 0 means that there is no limit. */
static void read_limit(struct loader *loader, struct node *node, void *into)
{
    if (node_is_null(node))
        *(int *)into = 0;
    else
        read_integer(loader, node, into);
}

bool value_range(const struct key *key, const struct node *node, bool open, int64_t *first,
                 int64_t *last)
{
    const char *text = node->text.data;
    const char *dash = node->text.size ? memchr(text, '-', node->text.size) : NULL;
    size_t first_size = dash ? (size_t)(dash - text) : node->text.size;
    size_t last_size = dash ? node->text.size - first_size - 1 : 0;

    /* "200" in quotes is a text, not a number; 200-299 is a text in any case. */
    if ((!dash && !node->plain) || first_size + last_size == 0)
        return false;
    *first = key->min;
    *last = key->max;
    if ((first_size > 0 || !open) && !value_whole_number(text, first_size, first))
        return false;
    if (!dash)
        *last = *first;
    else if ((last_size > 0 || !open) && !value_whole_number(dash + 1, last_size, last))
        return false;
    return *first >= key->min && *last <= key->max && *first <= *last;
}

/* 0.1 is not a binary fraction. */
bool value_thousandths(const char *text, size_t size, int64_t *thousandths, bool *is_exact)
{
    static const int64_t MAX = 10000000000;
    const char *end = text + size, *dot = size ? memchr(text, '.', size) : NULL;
    int64_t weight = 100, whole;

    *is_exact = true;
    if (!value_whole_number(text, (size_t)((dot ? dot : end) - text), &whole) ||
        (dot && dot + 1 == end))
        return false;
    *thousandths = 1000 * (whole < MAX ? whole : MAX);
    for (const char *digit = dot ? dot + 1 : end; digit < end; digit++, weight /= 10) {
        if (*digit < '0' || *digit > '9')
            return false;
        *thousandths += weight * (*digit - '0');
        *is_exact = *is_exact && (weight > 0 || *digit == '0');
    }
    return true;
}

/* Reads seconds as milliseconds. Digits after the third are ignored, unless they exceed the
 * maximum. */
static bool read_milliseconds(const struct node *node, int64_t max, int64_t *ms)
{
    bool is_exact;

    if (!node->plain || !value_thousandths(node->text.data, node->text.size, ms, &is_exact))
        return false;
    *ms += !is_exact && *ms == max;
    return true;
}

static void read_seconds(struct loader *loader, struct node *node, void *into)
{
    int64_t ms;

    if (node->kind == NODE_TEXT && read_milliseconds(node, loader->key->max, &ms) &&
        ms >= loader->key->min && ms <= loader->key->max)
        *(int *)into = (int)ms;
    else
        loader_expected(loader, node);
}

/* A fourth decimal is a mistake: uptimes have three. */
static void read_percentage(struct loader *loader, struct node *node, void *into)
{
    int64_t thousandths;
    bool is_exact;

    if (node->kind == NODE_TEXT && node->plain &&
        value_thousandths(node->text.data, node->text.size, &thousandths, &is_exact) && is_exact &&
        thousandths >= loader->key->min && thousandths <= loader->key->max)
        *(int *)into = (int)thousandths;
    else
        loader_expected(loader, node);
}

bool value_truth(const struct node *node, bool *truth)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};

    for (size_t i = 0; node->plain && i < sizeof words / sizeof words[0]; i++) {
        if (node_is(node, words[i])) {
            *truth = i >= 3;
            return true;
        }
    }
    return false;
}

static void read_boolean(struct loader *loader, struct node *node, void *into)
{
    if (!value_truth(node, into))
        loader_expected(loader, node);
}

static void read_word(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);

    assert(loader->key->words);
    if (!text)
        return;
    for (unsigned i = 0; loader->key->words[i]; i++) {
        if (text->size == strlen(loader->key->words[i]) &&
            strcmp(text->data, loader->key->words[i]) == 0) {
            /* All enums of the configuration start at 0, so the compiler makes them unsigned. */
            *(unsigned *)into = i;
            return;
        }
    }
    loader_expected(loader, node);
}

static const struct bytes none = {NULL, 0};

/* Whether a text is one line, and appears as it is written. */
static bool is_clean(struct loader *loader, const struct bytes *text)
{
    char *clean = mistakes_alloc(loader->mistakes, loader->mistakes->arena, text->size + 1);

    if (!clean)
        return true;
    text_one_line(clean, text->size + 1, text->data, text->size);
    return memcmp(clean, text->data, text->size + 1) == 0;
}

static void read_line(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);

    if (!text)
        return;
    if (text->size == 0)
        loader_report(loader, node, "expected one line of text, got nothing");
    else if (!is_clean(loader, text))
        loader_report(loader, node,
                      "expected one line of text, got line breaks, control characters or bytes "
                      "that are not UTF-8");
    else
        *(const char **)into = value_shown(node)->data;
}

/* An id is part of the names of published files. */
static void read_id(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);

    if (!text)
        return;
    if (!text_is_id(text->data, text->size))
        loader_expected(loader, node);
    else if (value_is_secret(node))
        loader_report(loader, node,
                      "an id is published, so it cannot come from the environment or a file; write "
                      "it here");
    else
        *(const char **)into = text->data;
}

static void read_bytes(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = node_is_null(node) ? &none : value_text(loader, node);

    if (text)
        *(struct bytes *)into = *text;
}

/* An empty text is in every body; as a bot string it would make every check BOT_DETECTED. */
const struct bytes *value_some_text(struct loader *loader, struct node *node)
{
    const struct bytes *text = value_text(loader, node);

    if (!text || text->size > 0)
        return text;
    loader_report(loader, node, "expected %s, got empty text", loader->key->kind->expected);
    return NULL;
}

/* Reads a text or a list of texts. */
static void read_needles(struct loader *loader, struct node *node, void *into)
{
    struct needles *needles = into;
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    struct needle *list = loader_alloc(loader, n * sizeof *list);
    struct item alone;

    if (!list)
        return;
    *needles = (struct needles){list, 0};
    if (node_is_null(node))
        return;
    if (n == 0)
        loader_expected(loader, node);
    for (const struct item *item = node_items(node, &alone); item; item = item->next) {
        const struct bytes *text =
            item->value->kind == NODE_BROKEN ? NULL : value_some_text(loader, item->value);

        if (text)
            list[needles->n++] = (struct needle){*text, *value_shown(item->value)};
    }
}

const struct kind value_integer = {"a whole number", .read = read_integer};
const struct kind value_limit = {"~ for none, or a whole number", .read = read_limit};
const struct kind value_seconds = {"a number of seconds", .scale = 1000, .read = read_seconds};
const struct kind value_percentage = {"a percentage with at most three decimals,", .scale = 1000,
                                      .read = read_percentage};
const struct kind value_boolean = {"true or false", .read = read_boolean};
const struct kind value_word = {"one of", .read = read_word};
const struct kind value_line = {"one line of text", .read = read_line};
const struct kind value_id = {"1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -",
                              .read = read_id};
const struct kind value_bytes = {"text, or ~ for none", .read = read_bytes};
const struct kind value_needles = {"text to look for, a list of such texts, or ~ for none",
                                   .read = read_needles};
