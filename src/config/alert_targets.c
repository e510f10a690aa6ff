/* Reads the targets of alerts. */
#include "config/alert_targets.h"

#include "config/alert_check.h"
#include "config/alert_secrets.h"
#include "config/alert_values.h"
#include "config/mapping.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TARGETS_MAX = 100 };

#define BIT(type) (1U << (type))

const char *const alert_targets_types[] = {
    [ALERT_PRINT] = "print",     [ALERT_MAIL] = "mail",       [ALERT_SENDMAIL] = "sendmail",
    [ALERT_WEBHOOK] = "webhook", [ALERT_COMMAND] = "command", NULL};

const char *const alert_targets_formats[] = {[ALERT_JSON] = "json",
                                             [ALERT_SLACK] = "slack",
                                             [ALERT_DISCORD] = "discord",
                                             [ALERT_TEAMS] = "teams",
                                             [ALERT_NTFY] = "ntfy",
                                             [ALERT_GOTIFY] = "gotify",
                                             [ALERT_TELEGRAM] = "telegram",
                                             [ALERT_PAGERDUTY] = "pagerduty",
                                             [ALERT_OPSGENIE] = "opsgenie",
                                             [ALERT_ALERTMANAGER] = "alertmanager",
                                             [ALERT_GOOGLECHAT] = "googlechat",
                                             [ALERT_MATTERMOST] = "mattermost",
                                             NULL};

/* The keys that belong to some types only. */
static const struct type_key {
    const char *name;
    unsigned types, required; /* bits of enum alert_type */
} type_keys[] = {
    {"server", BIT(ALERT_MAIL), BIT(ALERT_MAIL)},
    {"tls", BIT(ALERT_MAIL), 0},
    {"username", BIT(ALERT_MAIL), 0},
    {"password", BIT(ALERT_MAIL), 0},
    {"from", BIT(ALERT_MAIL) | BIT(ALERT_SENDMAIL), BIT(ALERT_MAIL) | BIT(ALERT_SENDMAIL)},
    {"to", BIT(ALERT_MAIL) | BIT(ALERT_SENDMAIL), BIT(ALERT_MAIL) | BIT(ALERT_SENDMAIL)},
    {"url", BIT(ALERT_WEBHOOK), 0},
    {"format", BIT(ALERT_WEBHOOK), 0},
    {"token", BIT(ALERT_WEBHOOK), 0},
    {"chat", BIT(ALERT_WEBHOOK), 0},
    {"secret", BIT(ALERT_WEBHOOK), 0},
    {"headers", BIT(ALERT_WEBHOOK), 0},
    {"ca_file", BIT(ALERT_WEBHOOK) | BIT(ALERT_MAIL), 0},
    {"proxy", BIT(ALERT_WEBHOOK) | BIT(ALERT_MAIL), 0},
    {"command", BIT(ALERT_COMMAND) | BIT(ALERT_SENDMAIL), BIT(ALERT_COMMAND)},
};

/* What a format needs. */
static const struct format_rule {
    const char *url;  /* of the service; NULL: it is different for each user */
    bool takes_token; /* it may have one */
    bool needs_token;
    bool needs_chat; /* others have none */
} format_rules[ALERT_FORMATS] = {
    [ALERT_JSON] = {.takes_token = true},
    [ALERT_NTFY] = {.takes_token = true},
    [ALERT_ALERTMANAGER] = {.takes_token = true},
    [ALERT_GOTIFY] = {.takes_token = true, .needs_token = true},
    [ALERT_TELEGRAM] = {"https://api.telegram.org", true, true, true},
    [ALERT_PAGERDUTY] = {"https://events.pagerduty.com/v2/enqueue", true, true, false},
    [ALERT_OPSGENIE] = {"https://api.opsgenie.com/v2/alerts", true, true, false},
};

/* Writes "mail or webhook". */
static const char *write_types(unsigned types, char text[64])
{
    size_t used = 0;

    for (size_t i = 0; alert_targets_types[i]; i++) {
        if (types & BIT(i))
            used += (size_t)snprintf(text + used, 64 - used, "%s%s", used ? " or " : "",
                                     alert_targets_types[i]);
    }
    return text;
}

static void report_missing(struct loader *loader, struct node *mapping, const char *name,
                           const char *what, const char *word)
{
    mistakes_at(loader->mistakes, mapping, "missing key '%s' in an alert target of %s %s: %s", name,
                what, word, keys_alert.keys[keys_find(&keys_alert, name, strlen(name))].help);
}

/* Reports keys that the type does not have, or lacks. */
static void check_type(struct loader *loader, const struct mapping_values *values,
                       struct node *mapping, enum alert_type type)
{
    char types[64];

    for (size_t i = 0; i < sizeof type_keys / sizeof type_keys[0]; i++) {
        const struct type_key *key = &type_keys[i];
        struct node *value = mapping_value(values, key->name);

        if (value && !(key->types & BIT(type)))
            loader_report(loader, value, "'%s' is only for targets of type %s; remove it",
                          key->name, write_types(key->types, types));
        else if (!value && (key->required & BIT(type)))
            report_missing(loader, mapping, key->name, "type", alert_targets_types[type]);
    }
}

/* Reports keys that the format does not have, or lacks; fills in the URL of the service. */
static void check_format(struct loader *loader, const struct mapping_values *values,
                         struct node *mapping, struct alert_target *target)
{
    const struct format_rule *rule = &format_rules[target->format];
    const char *word = alert_targets_formats[target->format];
    struct node *token = mapping_value(values, "token"), *chat = mapping_value(values, "chat");

    if (!mapping_value(values, "url")) {
        target->url = rule->url;
        if (!rule->url)
            report_missing(loader, mapping, "url", "format", word);
    }
    if (token && !rule->takes_token)
        loader_report(loader, token,
                      "the format %s has no token; remove it, or write it in url or headers", word);
    if (!token && rule->needs_token)
        report_missing(loader, mapping, "token", "format", word);
    if (chat && !rule->needs_chat)
        loader_report(loader, chat, "'chat' is only for the format telegram; remove it");
    if (!chat && rule->needs_chat)
        report_missing(loader, mapping, "chat", "format", word);
}

static bool is_good(const struct node *value)
{
    return value && value->kind != NODE_BROKEN && !value->mistakes;
}

/* Reads a target. Returns its id, for positions; NULL: it has none. */
static struct node *read_target(struct loader *loader, struct node *mapping,
                                struct alert_target *target)
{
    struct mapping_values values;
    const struct node *format;

    target->on = ALERT_VALUES_ON;
    mapping_fill(loader, &keys_alert, target);
    mapping_read(loader, &keys_alert, mapping, target, &values);
    format = mapping_value(&values, "format");
    if (target->id)
        alert_secrets_add(loader, target);
    if (is_good(mapping_value(&values, "type"))) {
        check_type(loader, &values, mapping, target->type);
        if (target->type == ALERT_WEBHOOK && (!format || is_good(format)))
            check_format(loader, &values, mapping, target);
        alert_check_keys(loader, &values, target);
    }
    return target->id ? mapping_value(&values, "id") : NULL;
}

/* Reports an id that an earlier target has. */
static void check_id(struct loader *loader, const struct alert_target *target, struct node *node,
                     struct node *const *ids)
{
    const struct alert_target *first = loader->config->alerts;

    for (; first < target; first++, ids++) {
        if (!*ids || strcasecmp(first->id, target->id) != 0)
            continue;
        loader_report(
            loader, node,
            "the id '%s' is already used in line %u (upper and lower case count as equal)",
            target->id, (*ids)->line);
        return;
    }
}

static void read_list(struct loader *loader, struct node *list)
{
    struct config *config = loader->config;
    struct alert_target *targets = loader_alloc(loader, (list->items.n + 1) * sizeof *targets);
    struct node *ids[TARGETS_MAX];
    char got[NODE_SHOWN_MAX];

    config->alerts = targets;
    for (struct item *item = targets ? list->items.first : NULL; item; item = item->next) {
        size_t i = config->n_alerts++;

        ids[i] = NULL;
        if (item->value->kind == NODE_MAPPING)
            ids[i] = read_target(loader, item->value, &targets[i]);
        if (ids[i])
            check_id(loader, &targets[i], ids[i], ids);
        if (item->value->kind == NODE_MAPPING || item->value->kind == NODE_BROKEN)
            continue;
        node_describe(item->value, got);
        loader_report(loader, item->value,
                      "expected a mapping with the keys 'id' and 'type', got %s",
                      item->value->kind == NODE_TEXT ? "text" : got);
    }
}

/* Cron mails what a tick prints. */
static void add_default(struct loader *loader)
{
    struct alert_target *target = loader_alloc(loader, sizeof *target);

    if (!target)
        return;
    *target = (struct alert_target){.id = "print", .type = ALERT_PRINT, .on = ALERT_VALUES_ON};
    loader->config->alerts = target;
    loader->config->n_alerts = 1;
}

void alert_targets_read(struct loader *loader)
{
    struct node *node = loader->alerts;

    loader->key = &keys_top.keys[keys_find(&keys_top, "alerts", strlen("alerts"))];
    if (!node)
        add_default(loader);
    else if (node->kind != NODE_LIST)
        loader_report(loader, node, "expected %s", loader->key->kind->expected);
    else if (node->items.n > TARGETS_MAX)
        loader_report(loader, node, "expected at most %d targets, got %zu", TARGETS_MAX,
                      node->items.n);
    else
        read_list(loader, node);
    alert_secrets_add_ping(loader);
}

static void keep_node(struct loader *loader, struct node *node, void *into)
{
    (void)into;
    loader->alerts = node;
}

const struct kind alert_targets_list = {"a list of targets, or [] for none", .read = keep_node};
