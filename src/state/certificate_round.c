/* Settles a round of certificates: stores what has changed, and stages the events. */
#include "state/certificate_round.h"

#include "base/clock.h"
#include "state/certificate_table.h"

#include <assert.h>

enum {
    KEPT_DAYS = 8,  /* what is not used is forgotten after this; an interval is a week at most */
    UNUSED_MAX = 8, /* certificates of a server that are kept although none is in use */
    STORE_AGAIN_MINUTES = 60 /* seen_ms is stored again after this, or up to twice of it */
};

/* A round while it is settled. */
struct certificate_round {
    struct storage *storage;
    const struct table *by_scope;
    int64_t now_ms;
    bool has_begun; /* the transaction */
};

static int begin_writing(struct certificate_round *round, struct error *error)
{
    if (round->has_begun)
        return 0;
    if (storage_begin(round->storage, error))
        return -1;
    round->has_begun = true;
    return 0;
}

static int store_leaf(struct certificate_round *round, const struct certificate_server *server,
                      const struct certificate_leaf *leaf, struct error *error)
{
    if (begin_writing(round, error))
        return -1;
    return leaf->chain ? certificate_table_put(round->storage, server, leaf, error)
                       : certificate_table_update(round->storage, server, leaf, error);
}

static int delete_leaf(struct certificate_round *round, const struct certificate_server *server,
                       const struct certificate_leaf *leaf, struct error *error)
{
    if (leaf->chain)
        return 0; /* not stored yet */
    if (begin_writing(round, error))
        return -1;
    return certificate_table_delete(round->storage, server, leaf, error);
}

/* Whether the stored moment is too far from the last check. The exact age depends on the
 * certificate, so that those of many servers are not stored in the same tick. */
static bool is_moment_old(const struct certificate_leaf *leaf, int64_t checked_ms)
{
    int64_t age_ms = checked_ms - leaf->seen_ms;
    int64_t minutes = STORE_AGAIN_MINUTES +
                      (int64_t)(table_hash(leaf->id, sizeof leaf->id) % STORE_AGAIN_MINUTES);

    return age_ms < 0 || age_ms >= minutes * MS_PER_MINUTE;
}

/* Counts the round for a certificate that was seen in it. */
static int count_seen(struct certificate_round *round, const struct certificate_server *server,
                      struct certificate_leaf *leaf, struct error *error)
{
    leaf->is_seen = false;
    if (!leaf->chain && leaf->unseen == 0 && !server->is_via_new &&
        !is_moment_old(leaf, server->checked_ms))
        return 0;
    if (leaf->unseen > leaf->longest)
        leaf->longest = leaf->unseen;
    leaf->unseen = 0;
    leaf->seen_ms = server->checked_ms;
    return store_leaf(round, server, leaf, error);
}

/* Whether a certificate that is not in use is to be forgotten. It is kept for some days, because it
 * may come back, unless there are too many. */
static bool is_forgotten(const struct certificate_server *server,
                         const struct certificate_leaf *leaf)
{
    int64_t kept_ms = KEPT_DAYS * (int64_t)MS_PER_DAY;

    return server->n_leaves > UNUSED_MAX || server->checked_ms - leaf->seen_ms >= kept_ms ||
           leaf->seen_ms - server->checked_ms >= kept_ms;
}

/* Counts the round for all certificates of a server, and drops those that are not used any more. */
static int count_round(struct certificate_round *round, struct certificate_server *server,
                       struct error *error)
{
    struct certificate_leaf **at = &server->leaves, *leaf;

    while ((leaf = *at)) {
        int result = 0;

        if (leaf->is_seen) {
            result = count_seen(round, server, leaf, error);
        } else if (expiry_notice_is_in_use(leaf->unseen, leaf->longest)) {
            leaf->unseen =
                expiry_notice_miss(leaf->unseen, leaf->longest, server->checked_ms - leaf->seen_ms);
            server->has_changed |= !expiry_notice_is_in_use(leaf->unseen, leaf->longest);
            result = store_leaf(round, server, leaf, error);
        } else if (is_forgotten(server, leaf)) {
            if (delete_leaf(round, server, leaf, error))
                return -1;
            *at = leaf->next;
            server->n_leaves--;
            chain_release(leaf->chain);
            continue;
        }
        if (result)
            return -1;
        at = &leaf->next;
    }
    return 0;
}

/* The chains are stored: their texts need no memory any more. */
static void release_chains(struct certificate_server *server)
{
    for (struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        chain_release(leaf->chain);
        leaf->chain = NULL;
    }
}

static int record_events(struct certificate_round *round, const struct certificate_server *server,
                         struct error *error)
{
    struct certificate_event found;
    bool has_event;

    do {
        if (certificate_events_find(round->storage, server, &found, &has_event, error))
            return -1;
        if (has_event && (begin_writing(round, error) ||
                          certificate_events_record(round->storage, server, &found, error)))
            return -1;
    } while (has_event && found.change == EVENT_CLOSED);
    return 0;
}

static int settle_server(struct certificate_round *round, struct certificate_server *server,
                         struct error *error)
{
    if (count_round(round, server, error) || record_events(round, server, error))
        return -1;
    release_chains(server);
    server->is_checked = server->is_via_new = server->has_changed = false;
    return 0;
}

/* Whether any domain still leads to this server. */
static bool is_used(const struct certificate_server *server, int64_t now_ms)
{
    int64_t seen_ms = INT64_MIN;

    if (server->users)
        return true;
    for (const struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        if (leaf->seen_ms > seen_ms)
            seen_ms = leaf->seen_ms;
    }
    return server->via && server->leaves && now_ms - seen_ms <= KEPT_DAYS * (int64_t)MS_PER_DAY;
}

static int drop_leaves(struct certificate_round *round, struct certificate_server *server,
                       struct error *error)
{
    for (struct certificate_leaf *leaf = server->leaves; leaf; leaf = leaf->next) {
        if (delete_leaf(round, server, leaf, error))
            return -1;
    }
    release_chains(server);
    server->leaves = NULL;
    server->n_leaves = 0;
    server->via = NULL;
    *server->via_name = '\0';
    return 0;
}

/* Closes the open conditions of servers that are not used. */
static int close_removed(struct certificate_round *round, struct error *error)
{
    struct certificate_server *server;
    char scope[EVENT_SCOPE_MAX];
    int found;

    for (;;) {
        found = certificate_events_next(round->storage, round->by_scope, scope, error);
        if (found <= 0)
            return found;
        server = table_find(round->by_scope, scope);
        if (begin_writing(round, error) ||
            certificate_events_remove(round->storage, scope, round->now_ms, error))
            return -1;
        assert(!server || !server->leaves);
    }
}

static int settle_servers(struct certificate_round *round, struct certificate_server *first,
                          struct error *error)
{
    for (struct certificate_server *server = first; server; server = server->next) {
        if (server->is_checked && settle_server(round, server, error))
            return -1;
        if (server->leaves && !is_used(server, round->now_ms) && drop_leaves(round, server, error))
            return -1;
    }
    return close_removed(round, error);
}

int certificate_round_settle(struct storage *storage, struct certificate_server *first,
                             const struct table *by_scope, int64_t now_ms, struct error *error)
{
    struct certificate_round round = {.storage = storage, .by_scope = by_scope, .now_ms = now_ms};
    int result = settle_servers(&round, first, error);

    return round.has_begun ? storage_end(storage, result, error) : result;
}
