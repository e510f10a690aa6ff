/* Reads what a response must be. */
#include "config/expect.h"

#include "config/environment.h"
#include "config/given.h"
#include "config/http_value.h"
#include "config/mapping.h"
#include "config/operand.h"
#include "config/pattern_value.h"
#include "config/rules.h"
#include "config/url.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

const char *const expect_versions[] = {[HTTP_1_0 - 1] = "1.0",
                                       [HTTP_1_1 - 1] = "1.1",
                                       [HTTP_2 - 1] = "2",
                                       [HTTP_3 - 1] = "3",
                                       [HTTP_3] = NULL};

static void read_version(struct loader *loader, struct node *node, void *into)
{
    struct domain *domain = into;
    unsigned i = HTTP_ANY;

    if (node_is_null(node)) {
        domain->expect.version = HTTP_ANY;
        return;
    }
    for (; loader->key->words[i]; i++) {
        if (node_is(node, loader->key->words[i])) {
            domain->expect.version = (enum http_version)(i + 1);
            return;
        }
    }
    loader_expected(loader, node);
}

static void read_final_url(struct loader *loader, struct node *node, void *into)
{
    struct expect *expect = &((struct domain *)into)->expect;
    const struct bytes *text;
    const char *host = NULL;
    int port;

    if (node_is_null(node)) {
        expect->final_url = expect->shown_final_url = NULL;
        return;
    }
    text = value_text(loader, node);
    if (!text || !http_value_parse_url(loader, node, text))
        return;
    if (url_logs_in(loader)) {
        loader_report(loader, node, "a user name or password is not part of a response's URL");
        return;
    }
    if (strchr(text->data, '#')) {
        loader_report(loader, node, "servers do not see what follows '#'; remove it");
        return;
    }
    url_server(loader, &host, &port);
    expect->shown_final_url = http_value_show_url(loader, node, host);
    expect->final_url = url_compared(loader, text);
    if (!expect->final_url)
        loader_report(loader, node, "expected %s", loader->key->kind->expected);
}

static void read_redirects(struct loader *loader, struct node *node, void *into)
{
    struct expect *expect = &((struct domain *)into)->expect;
    int64_t number = 0;
    bool is_none = node_is_null(node);

    if (!is_none && !value_number(loader, node, &number))
        return;
    expect->has_max_redirects = !is_none;
    expect->max_redirects = (int)number;
}

/* Reads a decimal number above 0 and at most 10,000. Its digits decide about the maximum: a number
 * just above it could be rounded to it. */
static bool read_decimal(const struct node *node, double *number)
{
    enum { MAX = 10000 };
    const char *text = node->text.data, *end = text + node->text.size;
    const char *dot = node->text.size ? memchr(text, '.', node->text.size) : NULL;
    bool has_fraction = false;
    int64_t whole;

    if (!node->plain || (dot && dot + 1 == end) ||
        !value_whole_number(text, (size_t)((dot ? dot : end) - text), &whole))
        return false;
    for (const char *digit = dot ? dot + 1 : end; digit < end; digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        has_fraction = has_fraction || *digit != '0';
    }
    *number = strtod(text, NULL);
    return *number > 0 && (whole < MAX || (whole == MAX && !has_fraction));
}

static void read_days(struct loader *loader, struct node *node, void *into)
{
    double days = 0;

    if (node_is_null(node) || (node->kind == NODE_TEXT && read_decimal(node, &days)))
        *(double *)into = days;
    else
        loader_expected(loader, node);
}

/* Reads the rule of one name. NULL: it has none, or a mistake was reported. */
static const struct rule *read_rule(struct loader *loader, const struct given *given,
                                    const struct key_table *tests)
{
    char name[NODE_SHOWN_MAX];

    if (given->value->kind == NODE_BROKEN)
        return NULL;
    node_show(given->name, name);
    return rules_read(loader, tests, given->value, *name ? name : "\"\"");
}

static void read_headers(struct loader *loader, struct node *node, void *into)
{
    struct expect *expect = &((struct domain *)into)->expect;
    struct expect_header *headers;
    struct given_list given = {.n = 0};
    size_t n = 0;

    if (mapping_is_given(loader, node))
        given_collect(loader, node, true, &given);
    headers = loader_alloc(loader, given.n * sizeof *headers);
    for (size_t i = 0; headers && i < given.n; i++) {
        const struct given *one = &given.list[i];
        const struct rule *rule;

        if (!given_check_header(loader, one))
            continue;
        rule = read_rule(loader, one, &keys_header_rule);
        if (rule)
            headers[n++] = (struct expect_header){
                loader_copy(loader, one->name->text.data, one->name->text.size), rule};
    }
    expect->headers = headers;
    expect->n_headers = n;
}

/* Copies the patterns that must match, or those that must not. Returns their number. */
static size_t copy_patterns(const struct expect *expect, bool must_match,
                            struct expect_pattern *into)
{
    size_t n = 0;

    for (size_t i = 0; i < expect->n_patterns; i++) {
        if (expect->patterns[i].must_match == must_match)
            into[n++] = expect->patterns[i];
    }
    return n;
}

/* Reads a text or a list of texts: new patterns that must match, or that must not. The others stay;
 * those that must match are tested first. */
static void read_patterns(struct loader *loader, struct node *node, struct expect *expect,
                          bool must_match)
{
    size_t n = node->kind == NODE_LIST ? node->items.n : 1, used = 0;
    struct expect_pattern *patterns =
        loader_alloc(loader, (expect->n_patterns + n) * sizeof *patterns);
    struct item alone;

    if (!patterns)
        return;
    if (n == 0)
        loader_expected(loader, node);
    if (!must_match)
        used = copy_patterns(expect, true, patterns);
    for (const struct item *item = node_items(node, &alone); item && !node_is_null(node);
         item = item->next) {
        const struct pattern_value *value =
            item->value->kind == NODE_BROKEN ? NULL : pattern_value_read(loader, item->value);

        if (value)
            patterns[used++] = (struct expect_pattern){value->pattern, value->shown, must_match};
    }
    if (must_match)
        used += copy_patterns(expect, false, patterns + used);
    expect->patterns = patterns;
    expect->n_patterns = used;
}

static void read_matches(struct loader *loader, struct node *node, void *into)
{
    read_patterns(loader, node, &((struct domain *)into)->expect, true);
}

static void read_not_matches(struct loader *loader, struct node *node, void *into)
{
    read_patterns(loader, node, &((struct domain *)into)->expect, false);
}

static void read_bytes(struct loader *loader, struct node *node, void *into)
{
    struct expect *expect = &((struct domain *)into)->expect;

    if (node_is_null(node)) {
        expect->min_bytes = 0;
        expect->has_max_bytes = false;
    } else if (node->kind == NODE_TEXT &&
               value_range(loader->key, node, true, &expect->min_bytes, &expect->max_bytes)) {
        expect->has_max_bytes = node->text.data[node->text.size - 1] != '-';
    } else {
        loader_expected(loader, node);
    }
}

/* Whether a text is a JSON Pointer (RFC 6901, 3). */
static bool is_pointer(const struct bytes *text)
{
    if ((text->size > 0 && *text->data != '/') || memchr(text->data, '\0', text->size))
        return false;
    for (const char *tilde = text->data; (tilde = strchr(tilde, '~')) != NULL; tilde++) {
        if (tilde[1] != '0' && tilde[1] != '1')
            return false;
    }
    return true;
}

/* Reads a name as a pointer. Returns false after reporting a mistake. */
static bool read_pointer(struct loader *loader, struct node *name, struct expect_json *json)
{
    const struct filled *filled = environment_fill(loader, name);
    char shown[NODE_SHOWN_MAX];

    if (!filled)
        return false;
    if (is_pointer(&filled->text)) {
        json->pointer = filled->text.data;
        json->shown = operand_show(loader, &filled->shown, '\0');
        return json->shown != NULL;
    }
    node_show(name, shown);
    loader_report(loader, name,
                  "'%s' is not a JSON Pointer; write \"\" for the whole body, or '/' before each "
                  "name or index, and in names ~0 for '~' and ~1 for '/'",
                  shown);
    return false;
}

static void read_json(struct loader *loader, struct node *node, void *into)
{
    struct expect *expect = &((struct domain *)into)->expect;
    struct given_list given = {.n = 0};
    struct expect_json *list;
    size_t n = 0;

    if (mapping_is_given(loader, node))
        given_collect(loader, node, false, &given);
    list = loader_alloc(loader, given.n * sizeof *list);
    for (size_t i = 0; list && i < given.n; i++) {
        if (!read_pointer(loader, given.list[i].name, &list[n]))
            continue;
        list[n].rule = read_rule(loader, &given.list[i], &keys_json_rule);
        n += list[n].rule != NULL;
    }
    expect->json = list;
    expect->n_json = n;
}

const struct kind expect_version = {"~ or one of", .read = read_version};
const struct kind expect_final_url = {"an absolute http or https URL", .read = read_final_url};
const struct kind expect_redirects = {"~ for none, or a whole number", .read = read_redirects};
const struct kind expect_days = {"~ for none, or a number of days above 0, at most 10000",
                                 .read = read_days};
const struct kind expect_headers = {"a mapping of names to rules", .read = read_headers};
const struct kind expect_matches = {"a regular expression, a list of these, or ~ for none",
                                    .read = read_matches};
const struct kind expect_not_matches = {"a regular expression, a list of these, or ~ for none",
                                        .read = read_not_matches};
const struct kind expect_bytes = {"a number, a range such as 100-, -5000 or 10-20, or ~ for none,",
                                  .read = read_bytes};
const struct kind expect_json = {"a mapping of JSON Pointers to rules", .read = read_json};
