/* Reads the values of an alert target. */
#include "config/alert_values.h"

#include "base/clock.h"
#include "base/text.h"
#include "config/duration.h"
#include "config/http_value.h"
#include "config/monitor_names.h"
#include "config/url.h"
#include "config/value.h"

#include <string.h>

enum { ADDRESS_MAX = 254, LOCAL_PART_MAX = 64, LIST_MAX = 100, SCOPES_MAX = 10000 };

/* Reports that a value is not what its key expects, without the value. */
static void report_hidden(struct loader *loader, struct node *node)
{
    loader_report(loader, node, "expected %s", loader->key->kind->expected);
}

/* Returns the text of a value that is not empty, and has no byte up to `below` and no DEL. NULL
 * after reporting a mistake. */
static const char *read_clean(struct loader *loader, struct node *node, unsigned char below)
{
    const struct bytes *text = value_text(loader, node);
    bool is_clean = text && text->size > 0;

    for (size_t i = 0; is_clean && i < text->size; i++)
        is_clean = (unsigned char)text->data[i] > below && text->data[i] != 0x7f;
    if (text && !is_clean)
        report_hidden(loader, node);
    return is_clean ? text->data : NULL;
}

static void read_text(struct loader *loader, struct node *node, void *into)
{
    *(const char **)into = read_clean(loader, node, 0x1f);
}

static void read_token(struct loader *loader, struct node *node, void *into)
{
    *(const char **)into = read_clean(loader, node, ' ');
}

/* Why a text cannot be the URL of a target; NULL: it can. The text is not quoted. */
static const char *find_url_fault(struct loader *loader, const char *url)
{
    struct bytes text = {url, strlen(url)};
    enum url_kind kind;

    if (!strstr(url, "://"))
        return "no scheme";
    kind = url_parse(loader, &text);
    if (kind == URL_HTTP)
        return strchr(url, '#') ? "a fragment" : NULL;
    return kind == URL_OTHER_SCHEME ? "another scheme" : url_reason(loader);
}

/* Reads a URL without any of these bytes. */
static void read_url_without(struct loader *loader, struct node *node, void *into,
                             const char *refused)
{
    const char *url = read_clean(loader, node, ' ');
    const char *fault;

    if (!url || !http_value_keeps_login(loader, node))
        return;
    fault = find_url_fault(loader, url);
    if (!fault && strpbrk(url, refused))
        fault = "a query";
    if (fault)
        loader_report(loader, node, "expected %s (%s)", loader->key->kind->expected, fault);
    else
        *(const char **)into = url;
}

static void read_url(struct loader *loader, struct node *node, void *into)
{
    read_url_without(loader, node, into, "#");
}

/* "/fail" is added to it. */
static void read_ping(struct loader *loader, struct node *node, void *into)
{
    if (!node_is_null(node))
        read_url_without(loader, node, into, "?#");
}

static void read_server(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = value_text(loader, node);
    const char *fault, *server = NULL;

    if (!text)
        return;
    fault = url_read_mail_server(loader, text, &server);
    if (fault)
        loader_report(loader, node, "expected %s (%s)", loader->key->kind->expected, fault);
    else
        *(const char **)into = server;
}

const char *const alert_values_tls_words[] = {"required", "optional", NULL};

static void read_tls(struct loader *loader, struct node *node, void *into)
{
    *(bool *)into = node_is(node, alert_values_tls_words[1]);
    if (!node_is(node, alert_values_tls_words[0]) && !node_is(node, alert_values_tls_words[1]))
        loader_expected(loader, node);
}

/*
 * An address of RFC 5321 without quotes, comments and names; or one word, as the name of a user of
 * this machine. It is a field of a mail, a part of a command of SMTP and an argument of a program,
 * so it has no byte that could end one or begin another.
 */
static bool is_address(const char *text, size_t size)
{
    static const char in_local[] = TEXT_LETTERS_AND_DIGITS "!#$%&'*+-/=?^_`{|}~.";
    static const char in_domain[] = TEXT_LETTERS_AND_DIGITS ".-";
    size_t local = strspn(text, in_local), domain;

    if (local == 0 || local > LOCAL_PART_MAX || size > ADDRESS_MAX || text[0] == '-' ||
        text[0] == '.' || text[local - 1] == '.' || strstr(text, ".."))
        return false;
    if (local == size)
        return true;
    if (text[local] != '@')
        return false;
    domain = strspn(text + local + 1, in_domain);
    return domain > 0 && local + 1 + domain == size && !strchr(".-", text[local + 1]) &&
           !strchr(".-", text[size - 1]);
}

static const char *read_one_address(struct loader *loader, struct node *node)
{
    const struct bytes *text = node->kind == NODE_BROKEN ? NULL : value_text(loader, node);

    if (!text)
        return NULL;
    if (is_address(text->data, text->size))
        return text->data;
    report_hidden(loader, node);
    return NULL;
}

static void read_address(struct loader *loader, struct node *node, void *into)
{
    *(const char **)into = read_one_address(loader, node);
}

/* Allocates the texts of a list, which end with NULL. NULL after reporting that it has too many, or
 * none. */
static const char **begin_list(struct loader *loader, const char *what, struct node *node)
{
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;

    if (n == 0)
        loader_expected(loader, node);
    else if (n > LIST_MAX)
        loader_report(loader, node, "expected at most %d %s, got %zu", LIST_MAX, what, n);
    else
        return loader_alloc(loader, (n + 1) * sizeof(const char *));
    return NULL;
}

static void read_addresses(struct loader *loader, struct node *node, void *into)
{
    const char **list = begin_list(loader, "addresses", node);
    struct item alone;
    size_t n = 0;

    for (const struct item *item = list ? node_items(node, &alone) : NULL; item;
         item = item->next) {
        list[n] = read_one_address(loader, item->value);
        n += list[n] != NULL;
    }
    *(const char *const **)into = n ? list : NULL;
}

/* No shell looks for the program, so its whole path is needed. */
static void read_command(struct loader *loader, struct node *node, void *into)
{
    const char **list = begin_list(loader, "arguments", node);
    struct item alone;
    size_t n = 0;

    for (const struct item *item = list ? node_items(node, &alone) : NULL; item;
         item = item->next) {
        const struct bytes *text =
            item->value->kind == NODE_BROKEN ? NULL : value_text(loader, item->value);

        if (text && (strlen(text->data) != text->size || (n == 0 && text->data[0] != '/')))
            report_hidden(loader, item->value);
        if (text)
            list[n++] = text->data;
    }
    *(const char *const **)into = n ? list : NULL;
}

static void read_headers(struct loader *loader, struct node *node, void *into)
{
    struct alert_target *target = into;

    http_value_read_headers(loader, node, &target->headers, &target->n_headers);
}

const char *const alert_values_kind_words[] = {
    "down", "up",   "certificate", "local_network", "undelivered", "degraded",
    "bot",  "slow", "flapping",    "late_ticks",    NULL};

static const unsigned kinds[] = {ALERT_DOWN,          ALERT_UP,          ALERT_CERTIFICATE,
                                 ALERT_LOCAL_NETWORK, ALERT_UNDELIVERED, ALERT_BOT | ALERT_SLOW,
                                 ALERT_BOT,           ALERT_SLOW,        ALERT_FLAPPING,
                                 ALERT_LATE_TICKS};

_Static_assert(sizeof alert_values_kind_words / sizeof alert_values_kind_words[0] ==
                   sizeof kinds / sizeof kinds[0] + 1,
               "each word has its kinds");

static void read_kinds(struct loader *loader, struct node *node, void *into)
{
    unsigned read = 0;
    struct item alone;

    for (const struct item *item = node_items(node, &alone); item; item = item->next) {
        unsigned word = 0;

        if (item->value->kind == NODE_BROKEN)
            continue;
        value_word.read(loader, item->value, &word);
        read |= kinds[word];
    }
    *(unsigned *)into = read;
}

/* Reads one duration of a list in ascending order. Returns false after reporting a mistake. */
static bool read_reminder(struct loader *loader, struct node *node, struct alert_target *target)
{
    int64_t ms, before = target->n_reminders ? target->remind_ms[target->n_reminders - 1] : 0;

    if (node->kind == NODE_BROKEN)
        return false;
    if (node->kind != NODE_TEXT || !duration_read(node->text.data, node->text.size, &ms) ||
        ms < MS_PER_MINUTE) {
        loader_expected(loader, node);
        return false;
    }
    if (ms <= before) {
        loader_report(
            loader, node,
            "expected durations in ascending order; each counts from the message of DOWN");
        return false;
    }
    target->remind_ms[target->n_reminders++] = ms;
    return true;
}

static void read_reminders(struct loader *loader, struct node *node, void *into)
{
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    struct alert_target *target = into;
    struct item alone;

    target->n_reminders = 0;
    if (node_is_null(node))
        return;
    if (n > ALERT_REMINDERS_MAX) {
        loader_report(loader, node, "expected at most %d durations, got %zu", ALERT_REMINDERS_MAX,
                      n);
        return;
    }
    for (const struct item *item = node_items(node, &alone); item; item = item->next)
        read_reminder(loader, item->value, target);
}

static void read_scopes(struct loader *loader, struct node *node, void *into)
{
    size_t n = node->kind == NODE_LIST ? node->items.n : 1;
    struct alert_target *target = into;
    struct alert_scope *scopes;
    struct item alone;

    if (node_is_null(node))
        return;
    if (n == 0)
        loader_expected(loader, node);
    scopes = n ? loader_alloc(loader, n * sizeof *scopes) : NULL;
    for (const struct item *item = scopes ? node_items(node, &alone) : NULL; item;
         item = item->next) {
        const struct monitor_name *name =
            item->value->kind == NODE_BROKEN ? NULL : monitor_names_find(loader, item->value);

        if (name)
            scopes[target->n_scopes++] =
                (struct alert_scope){name->site->id, name->domain ? name->domain->id : NULL};
    }
    target->scopes = scopes;
}

const struct kind alert_values_text = {"text without control characters and line breaks",
                                       .read = read_text};
const struct kind alert_values_token = {"text without spaces, control characters and line breaks",
                                        .read = read_token};
const struct kind alert_values_url = {"an absolute http or https URL without fragment",
                                      .read = read_url};
const struct kind alert_values_ping = {
    "an absolute http or https URL without query and fragment, or ~ for none", .read = read_ping};
const struct kind alert_values_server = {
    "smtps://HOST or smtp://HOST, with or without a port, without login and path",
    .read = read_server};
const struct kind alert_values_tls = {"one of", .read = read_tls};
const struct kind alert_values_address = {
    "a mail address such as ops@example.org, without a name and without brackets",
    .read = read_address};
const struct kind alert_values_addresses = {
    "a mail address such as ops@example.org, without a name and without brackets, or a list of at "
    "most 100 of these",
    .read = read_addresses};
const struct kind alert_values_command = {
    "a list of the absolute path of a program and its arguments", .read = read_command};
const struct kind alert_values_headers = {"a mapping of names to texts", .read = read_headers};
const struct kind alert_values_kinds = {"any of", .read = read_kinds};
const struct kind alert_values_reminders = {
    "a list of durations such as 30m, 4h or 1d, at least 1m, in ascending order, or ~ for none",
    .read = read_reminders};
const struct kind alert_values_scopes = {"a list of sites and domains, such as shop or api/v2",
                                         .read = read_scopes};
