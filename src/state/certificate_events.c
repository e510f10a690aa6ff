/* Finds and stages the events about certificates that end soon. */
#include "state/certificate_events.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/check.h"
#include "state/column.h"
#include "state/condition_set.h"
#include "state/conditions.h"

#include <stdio.h>
#include <string.h>

static const char code[] = "certificate.days";

/* The start of a detail: which certificate an event is about. */
enum { HEAD_MAX = CHAIN_HASH_MAX + CLOCK_TEXT_MAX + 16 };

static size_t write_head(const struct certificate_leaf *leaf, char head[HEAD_MAX])
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(clock_floor_div(leaf->until_ms, MS_PER_DAY), date);
    return (size_t)snprintf(head, HEAD_MAX, "%s ends %s", leaf->fingerprint, date);
}

static bool is_in_use(const struct certificate_leaf *leaf)
{
    return expiry_notice_is_in_use(leaf->unseen, leaf->longest);
}

/* Of all domains of the server, the earliest warning counts. */
static enum expiry_level find_level(const struct certificate_server *server,
                                    const struct certificate_leaf *leaf)
{
    enum expiry_level worst = EXPIRY_NONE, level;

    for (const struct certificate_user *user = server->users; user; user = user->next) {
        level = expiry_notice_level(leaf->from_ms, leaf->until_ms, &user->domain->certificate_warn,
                                    &user->domain->certificate_critical, server->checked_ms);
        worst = level > worst ? level : worst;
    }
    if (server->users || !server->via)
        return worst;
    return expiry_notice_level(leaf->from_ms, leaf->until_ms, &server->via->certificate_warn,
                               &server->via->certificate_critical, server->checked_ms);
}

/* The certificate that decides, and its level; NULL: none ends soon. */
static const struct certificate_leaf *find_worst(const struct certificate_server *server,
                                                 enum expiry_level *level)
{
    const struct certificate_leaf *found = NULL;
    struct expiry_rank worst = {EXPIRY_NONE, INT64_MIN};

    for (const struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        struct expiry_rank rank = {is_in_use(leaf) ? find_level(server, leaf) : EXPIRY_NONE,
                                   leaf->until_ms};

        if (expiry_notice_compare(rank, worst) < 0) {
            worst = rank;
            found = leaf;
        }
    }
    *level = worst.level;
    return found;
}

/* Whether the certificate that the last event was about is not in use any more. */
static int find_replaced(struct storage *storage, const struct certificate_server *server,
                         int64_t began_ms, bool *is_replaced, struct error *error)
{
    char detail[FAILURE_MAX], head[HEAD_MAX];
    sqlite3_stmt *get = database_bind(storage, SQL_GET_CERTIFICATE_DETAIL, EVENT_CERTIFICATE,
                                      began_ms, 0, EVENT_CLOSED);
    int result;

    sqlite3_bind_text(get, 3, server->scope, -1, SQLITE_STATIC);
    *is_replaced = true;
    result = database_step(storage, get, error);
    if (result <= 0)
        return result;
    result = column_read_text(storage, get, 0, detail, sizeof detail, error);
    sqlite3_reset(get);
    for (const struct certificate_leaf *leaf = server->leaves; leaf && result == 0;
         leaf = leaf->next) {
        if (is_in_use(leaf) && strncmp(detail, head, write_head(leaf, head)) == 0)
            *is_replaced = false;
    }
    return result;
}

bool certificate_events_are_open(const struct storage *storage)
{
    return storage->conditions && condition_set_has(storage->conditions, EVENT_CERTIFICATE);
}

/* Of most rounds it is known, without a look at the log, that there is no event. */
static bool may_have_event(const struct certificate_server *server, enum event_state before,
                           enum expiry_level level)
{
    enum event_change change;
    enum event_state after;

    return expiry_notice_step(before, level, false, &change, &after) ||
           (before != EVENT_UP && (server->has_changed || after != before));
}

int certificate_events_find(struct storage *storage, const struct certificate_server *server,
                            struct certificate_event *found, bool *has_event, struct error *error)
{
    const struct condition *open = conditions_find(storage, EVENT_CERTIFICATE, server->scope);
    enum event_state before = open ? open->state : EVENT_UP;
    bool is_replaced = false;
    enum expiry_level level;

    found->leaf = find_worst(server, &level);
    found->began_ms = open ? open->began_ms : server->checked_ms;
    *has_event = may_have_event(server, before, level);
    if (!*has_event)
        return 0;
    if (open && find_replaced(storage, server, open->began_ms, &is_replaced, error))
        return -1;
    *has_event = expiry_notice_step(before, level, is_replaced, &found->change, &found->state);
    if (found->change == EVENT_CLOSED)
        found->leaf = NULL;
    return 0;
}

/* Reads the chain of a certificate, from state.db if it is stored already. */
static int read_chain(struct storage *storage, const struct certificate_server *server,
                      const struct certificate_leaf *leaf, struct chain_facts *facts,
                      struct error *error)
{
    char text[CHAIN_TEXT_MAX];
    sqlite3_stmt *get;
    int result;

    if (leaf->chain)
        return chain_read(leaf->chain->text, strlen(leaf->chain->text), facts)
                   ? database_damaged(storage, error)
                   : 0;
    get = database_statement(storage, SQL_GET_CHAIN);
    sqlite3_bind_text(get, 1, server->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(get, 2, leaf->id, -1, SQLITE_STATIC);
    result = database_step(storage, get, error);
    if (result < 0)
        return -1;
    if (result == 0)
        return database_damaged(storage, error);
    result = column_read_text(storage, get, 0, text, sizeof text, error);
    sqlite3_reset(get);
    if (result == 0 && chain_read(text, strlen(text), facts))
        result = database_damaged(storage, error);
    return result;
}

/* Writes "FINGERPRINT ends 2026-12-11, in 13 days; subject shop.example, issuer R11". */
static void write_detail(const struct certificate_leaf *leaf, const struct chain_facts *facts,
                         int64_t now_ms, char detail[FAILURE_MAX])
{
    const struct chain_link *first = &facts->links[0], *earliest = &facts->links[facts->earliest];
    char head[HEAD_MAX], left[EXPIRY_LEFT_MAX], text[2 * FAILURE_MAX];
    int size;

    write_head(leaf, head);
    size =
        snprintf(text, sizeof text, "%s, %s; subject %s, issuer %s", head,
                 expiry_notice_left(leaf->until_ms, now_ms, left), first->subject, first->issuer);
    if (earliest != first)
        snprintf(text + size, sizeof text - (size_t)size, "; the certificate of %s ends first",
                 earliest->subject);
    text_one_line(detail, FAILURE_MAX, text, strlen(text));
}

int certificate_events_record(struct storage *storage, const struct certificate_server *server,
                              const struct certificate_event *found, struct error *error)
{
    char detail[FAILURE_MAX] = EVENT_RENEWED;
    struct event event = {.at_ms = server->checked_ms,
                          .scope = server->scope,
                          .check = EVENT_CERTIFICATE,
                          .began_ms = found->began_ms,
                          .change = found->change,
                          .state = found->state,
                          .code = found->leaf ? code : "",
                          .detail = detail};
    struct chain_facts facts;

    if (found->leaf) {
        if (read_chain(storage, server, found->leaf, &facts, error))
            return -1;
        write_detail(found->leaf, &facts, server->checked_ms, detail);
    }
    return conditions_record(storage, &event, error);
}

/* An open condition that is looked for. */
struct condition_search {
    const struct table *servers;
    char *scope;
};

static int check_condition(void *context, enum event_check check, const char *scope,
                           const struct condition *condition, struct error *error)
{
    struct condition_search *search = context;
    const struct certificate_server *server;

    (void)condition;
    (void)error;
    if (check != EVENT_CERTIFICATE)
        return 0;
    server = table_find(search->servers, scope);
    if (server && (server->users || server->leaves))
        return 0;
    snprintf(search->scope, EVENT_SCOPE_MAX, "%s", scope);
    return 1;
}

int certificate_events_next(const struct storage *storage, const struct table *servers,
                            char scope[EVENT_SCOPE_MAX], struct error *error)
{
    struct condition_search search = {servers, scope};

    return conditions_each(storage, check_condition, &search, error);
}

int certificate_events_remove(struct storage *storage, const char *scope, int64_t now_ms,
                              struct error *error)
{
    const struct condition *open = conditions_find(storage, EVENT_CERTIFICATE, scope);
    struct event event = {.at_ms = now_ms,
                          .scope = scope,
                          .check = EVENT_CERTIFICATE,
                          .began_ms = open ? open->began_ms : now_ms,
                          .change = EVENT_CLOSED,
                          .state = EVENT_UP,
                          .code = "",
                          .detail = EVENT_REMOVED};

    return conditions_record(storage, &event, error);
}
