/* Reads rules and their tests. */
#include "config/rules.h"

#include "config/mapping.h"
#include "config/operand.h"
#include "config/pattern_value.h"
#include "config/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A rule that was made of a mapping, by the tests of a table. */
struct rules_made {
    const struct key_table *table;
    const struct rule *rule;
    const struct rules_made *next;
};

typedef bool read_operand(struct loader *loader, struct node *node, struct operand *operand);

static void set_operand(struct loader *loader, struct node *node, read_operand *read,
                        struct rule_part *part)
{
    struct operand operand;

    if (!read(loader, node, &operand))
        return;
    part->operand = operand.json;
    part->shown = operand.shown;
}

static void read_text(struct loader *loader, struct node *node, void *into)
{
    set_operand(loader, node, operand_read_text, into);
}

static void read_some_text(struct loader *loader, struct node *node, void *into)
{
    if (value_some_text(loader, node))
        read_text(loader, node, into);
}

static void read_json(struct loader *loader, struct node *node, void *into)
{
    set_operand(loader, node, operand_read, into);
}

static void read_number(struct loader *loader, struct node *node, void *into)
{
    set_operand(loader, node, operand_read_number, into);
}

static void set_word(struct loader *loader, const char *word, const char *quote,
                     struct rule_part *part)
{
    char text[64];

    snprintf(text, sizeof text, "%s%s%s", quote, word, quote);
    part->operand = loader_copy(loader, text, strlen(text));
    part->shown = loader_copy(loader, word, strlen(word));
}

static void read_count(struct loader *loader, struct node *node, void *into)
{
    char digits[32];
    int64_t number;

    if (!value_number(loader, node, &number))
        return;
    snprintf(digits, sizeof digits, "%" PRId64, number);
    set_word(loader, digits, "", into);
}

static void read_exists(struct loader *loader, struct node *node, void *into)
{
    bool truth;

    if (node->kind == NODE_TEXT && value_truth(node, &truth))
        set_word(loader, truth ? "true" : "false", "", into);
    else
        loader_expected(loader, node);
}

/* By the words themselves, since a plain `null` is no text. */
static void read_type(struct loader *loader, struct node *node, void *into)
{
    for (const char *const *word = loader->key->words; *word; word++) {
        if (node_is(node, *word)) {
            set_word(loader, *word, "\"", into);
            return;
        }
    }
    loader_expected(loader, node);
}

static void read_pattern(struct loader *loader, struct node *node, void *into)
{
    const struct pattern_value *value = pattern_value_read(loader, node);
    struct rule_part *part = into;

    if (!value)
        return;
    part->pattern = value->pattern;
    part->shown = value->shown;
}

static void read_length(struct loader *loader, struct node *node, void *into)
{
    struct rule_part *part = into;

    part->length = rules_read(loader, &keys_length, node, NULL);
    part->shown = "";
}

static bool is_given(const struct rule_part *part)
{
    return part->operand || part->pattern || part->length;
}

/* Makes a rule of its tests, in their order. */
static const struct rule *make_rule(struct loader *loader, const struct rules_tests *tests)
{
    struct rule *rule = loader_alloc(loader, sizeof *rule);
    struct rule_part *parts;
    size_t n = 0;

    for (size_t i = 0; i < RULE_TESTS; i++)
        n += is_given(&tests->of[i]);
    parts = n ? loader_alloc(loader, n * sizeof *parts) : NULL;
    if (!rule || !parts)
        return NULL;
    *rule = (struct rule){parts, n};
    for (size_t i = 0; i < RULE_TESTS; i++) {
        if (is_given(&tests->of[i]))
            *parts++ = tests->of[i];
    }
    return rule;
}

/* What does not exist fails all other tests, or meets them in any case. */
static void check_exists(struct loader *loader, const struct mapping_values *values,
                         const struct rules_tests *tests, const struct rule *rule)
{
    const char *exists = tests->of[RULE_EXISTS].operand;

    if (rule && rule->n_parts > 1 && exists && strcmp(exists, "false") == 0)
        mistakes_at(loader->mistakes, mapping_value(values, "exists"),
                    "%sexists: false allows no other test beside it", loader->place);
}

static bool is_empty(const struct mapping_values *values)
{
    for (size_t i = 0; i < values->table->n; i++) {
        if (values->of[i])
            return false;
    }
    return true;
}

static const struct rule *read_mapping(struct loader *loader, const struct key_table *table,
                                       struct node *node, struct rules_tests *tests)
{
    size_t n_mistakes = loader->mistakes->n;
    struct mapping_values values;
    const struct rule *rule;
    struct rules_made *made;

    for (const struct rules_made *one = node->made; one; one = one->next) {
        if (one->table == table)
            return one->rule;
    }
    mapping_read(loader, table, node, tests, &values);
    rule = make_rule(loader, tests);
    check_exists(loader, &values, tests, rule);
    if (is_empty(&values) && loader->mistakes->n == n_mistakes)
        mistakes_at(loader->mistakes, node, "%sexpected a test such as '%s', got an empty mapping",
                    loader->place, table->keys[0].name);
    made = rule && loader->mistakes->n == n_mistakes
               ? mistakes_alloc(loader->mistakes, loader->mistakes->arena, sizeof *made)
               : NULL;
    if (!made)
        return NULL;
    *made = (struct rules_made){table, rule, node->made};
    node->made = made;
    return rule;
}

static const struct rule *read_value(struct loader *loader, const struct key_table *table,
                                     struct node *node, struct rules_tests *tests)
{
    const struct key *outer = loader->key;

    loader->key = &table->keys[0];
    loader->key->kind->read(loader, node, (char *)tests + loader->key->field);
    loader->key = outer;
    return make_rule(loader, tests);
}

const struct rule *rules_read(struct loader *loader, const struct key_table *table,
                              struct node *node, const char *name)
{
    struct rules_tests tests = {.of = {{.operand = NULL}}};
    const char *outer = loader->place;
    const struct rule *rule = NULL;
    char place[3 * NODE_SHOWN_MAX], got[NODE_SHOWN_MAX];

    for (size_t i = 0; i < RULE_TESTS; i++)
        tests.of[i].test = (enum rule_test)i;
    snprintf(place, sizeof place, "%s%s: %s%s", outer, loader->key->name, name ? name : "",
             name ? ": " : "");
    loader->place = place;
    if (node->kind == NODE_MAPPING) {
        rule = read_mapping(loader, table, node, &tests);
    } else if (node->kind == NODE_TEXT) {
        rule = read_value(loader, table, node, &tests);
    } else if (node->kind == NODE_LIST) {
        node_describe(node, got);
        mistakes_at(loader->mistakes, node,
                    "%sexpected a value or a mapping of tests such as '%s', got %s", place,
                    table->keys[0].name, got);
    }
    loader->place = outer;
    return rule;
}

const struct kind rules_text = {"a text", .read = read_text};
const struct kind rules_some_text = {"a text that is not empty", .read = read_some_text};
const struct kind rules_json = {
    "a value of JSON (a decimal number without leading zeros, or a text in quotes)",
    .read = read_json};
const struct kind rules_number = {"a number", .read = read_number};
const struct kind rules_count = {"a whole number", .read = read_count};
const struct kind rules_pattern = {"a regular expression", .read = read_pattern};
const struct kind rules_exists = {"true or false", .read = read_exists};
const struct kind rules_type = {"one of", .read = read_type};
const struct kind rules_length = {"a number or a rule", .read = read_length};
