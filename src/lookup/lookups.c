#include "lookup/lookups.h"

#include "base/arena.h"
#include "lookup/dns.h"
#include "lookup/hosts.h"
#include "lookup/names.h"
#include "lookup/nss.h"
#include "lookup/pending.h"
#include "lookup/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    FAILED_FOR_US = 1000000, /* how long a failure serves those who ask later */
    REFUSED_MOST = 2,        /* how often a name is asked for anew that was refused in a crowd */
    ADDRESSES_MAX = 8 << 10,
};

/* One table for each family that may be asked for. */
enum table { TABLE_V4, TABLE_V6, TABLE_ANY, TABLES };

struct lookups {
    pthread_mutex_t mutex; /* for what is not the same from the start */
    struct arena *arena;
    struct names names[TABLES];
    struct window window;
    struct hosts *hosts;
    struct settings_services services;
    struct dns *dns;
    struct nss *nss;
};

static const struct answer literal = {LOOKUP_FOUND, NULL, NULL};
static const struct answer malformed = {LOOKUP_FAILED, NULL, "the host's name is malformed"};
static const struct answer absent = {LOOKUP_FAILED, NULL, "no such host"};
static const struct answer no_thread = {LOOKUP_OWN, NULL, "no thread for looking up names"};

static const struct answer *found(struct lookups *lookups, const char *addresses)
{
    struct answer *answer = arena_alloc(lookups->arena, sizeof *answer);

    if (!answer)
        return &outcomes_no_memory.answer;
    answer->addresses = arena_copy(lookups->arena, addresses, strlen(addresses));
    answer->result = LOOKUP_FOUND;
    return answer->addresses ? answer : &outcomes_no_memory.answer;
}

/* Asks the name servers for as many names as may be. What nobody waits for any more is left out. */
static void ask_next(struct lookups *lookups)
{
    struct window_entry *window_entry;

    while ((window_entry = window_next(&lookups->window, pending_now_us()))) {
        struct pending *name = window_entry->owner;

        if (name->waiting) {
            pending_begin(name);
            if (dns_ask(lookups->dns, &name->query) == 0)
                continue;
            pending_answer(name, &no_thread);
        } else {
            name->state = PENDING_NOT;
        }
        window_leave(&lookups->window, window_entry);
    }
}

/* Not to be called with the mutex. */
static void ask_nss(struct lookups *lookups, struct pending *name)
{
    if (nss_ask(lookups->nss, name->query.host, name->query.family, name) == 0)
        return;
    pthread_mutex_lock(&lookups->mutex);
    pending_answer(name, &no_thread);
    pthread_mutex_unlock(&lookups->mutex);
}

/* Whether the name gets in line once more: asked for less at once, the server may know it. */
static bool is_asked_anew(struct lookups *lookups, struct pending *name, enum outcome_kind kind)
{
    if (kind != OUTCOME_REFUSED || !window_refused(&lookups->window))
        return false;
    return name->refused++ < REFUSED_MOST && name->waiting;
}

static void on_dns(void *context, struct resolver_query *query, const struct outcome *outcome,
                   const char *addresses)
{
    struct lookups *lookups = context;
    struct pending *name = query->owner;
    bool goes_on = false;

    pthread_mutex_lock(&lookups->mutex);
    if (outcome->kind == OUTCOME_FOUND || outcome->kind == OUTCOME_ABSENT)
        window_answered(&lookups->window);
    if (is_asked_anew(lookups, name, outcome->kind)) {
        window_leave(&lookups->window, &name->window_entry);
        window_wait(&lookups->window, &name->window_entry);
    } else {
        window_leave(&lookups->window, &name->window_entry);
        goes_on = outcome->kind == OUTCOME_ABSENT && lookups->services.others;
        if (goes_on)
            name->answer = &outcome->answer;
        else
            pending_answer(name, addresses ? found(lookups, addresses) : &outcome->answer);
    }
    ask_next(lookups);
    pthread_mutex_unlock(&lookups->mutex);
    if (goes_on)
        ask_nss(lookups, name);
}

static void on_tick(void *context)
{
    struct lookups *lookups = context;

    pthread_mutex_lock(&lookups->mutex);
    window_review(&lookups->window, pending_now_us());
    ask_next(lookups);
    pthread_mutex_unlock(&lookups->mutex);
}

static void on_nss_begun(void *context, void *owner)
{
    struct lookups *lookups = context;

    pthread_mutex_lock(&lookups->mutex);
    pending_begin(owner);
    pthread_mutex_unlock(&lookups->mutex);
}

/* Where the system knows the name no better, what the DNS said of it stands. */
static void on_nss(void *context, void *owner, const struct outcome *outcome, const char *addresses)
{
    struct lookups *lookups = context;
    struct pending *name = owner;
    const struct answer *answer = &outcome->answer;

    pthread_mutex_lock(&lookups->mutex);
    if (name->answer && answer->result == LOOKUP_FAILED)
        answer = name->answer;
    pending_answer(name, addresses ? found(lookups, addresses) : answer);
    pthread_mutex_unlock(&lookups->mutex);
}

struct lookups *lookups_new(const struct lookup_sources *sources, struct error *error)
{
    struct lookups *lookups = calloc(1, sizeof *lookups);
    struct dns_caller dns = {on_dns, on_tick, lookups};
    struct nss_caller nss = {on_nss_begun, on_nss, lookups};

    if (lookups) {
        pthread_mutex_init(&lookups->mutex, NULL);
        window_init(&lookups->window);
        lookups->arena = arena_new();
        lookups->hosts = hosts_load(sources->hosts ? sources->hosts : "/etc/hosts");
        lookups->services =
            settings_services(sources->nsswitch ? sources->nsswitch : "/etc/nsswitch.conf");
        lookups->dns = dns_new(&dns, sources->resolv_conf, sources->servers);
        lookups->nss = nss_new(&nss);
        if (lookups->arena && lookups->hosts && lookups->dns && lookups->nss)
            return lookups;
    }
    lookups_free(lookups);
    error_set(error, EXIT_IO,
              "looking up names: out of memory, or too many open files (see ulimit -n)");
    return NULL;
}

/* First those who call: they use all the rest. */
void lookups_free(struct lookups *lookups)
{
    if (!lookups)
        return;
    dns_free(lookups->dns);
    nss_free(lookups->nss);
    hosts_free(lookups->hosts);
    for (int i = 0; i < TABLES; i++)
        names_free(&lookups->names[i]);
    arena_free(lookups->arena);
    pthread_mutex_destroy(&lookups->mutex);
    free(lookups);
}

/*
 * Whoever asks after all others gave up is a retry, and must see how things stand now: the old
 * question may be between two of its tries, and fail with what it saw before.
 */
static bool is_given_up(const struct pending *name)
{
    return name->state == PENDING_NOW && !name->waiting && name->begun_us > 0 &&
           name->window_entry.state != WINDOW_WAITS &&
           pending_now_us() - name->begun_us >= FAILED_FOR_US;
}

static struct pending *name_of(struct lookups *lookups, const char *key, int family)
{
    enum table table = family == AF_INET ? TABLE_V4 : family == AF_INET6 ? TABLE_V6 : TABLE_ANY;
    struct names *names = &lookups->names[table];
    struct pending *name = names_find(names, key);

    if (name && !is_given_up(name))
        return name;
    name = arena_alloc(lookups->arena, sizeof *name);
    if (!name)
        return NULL;
    name->query.host = arena_copy(lookups->arena, key, strlen(key));
    name->query.family = family;
    name->query.owner = name->window_entry.owner = name;
    if (!name->query.host || names_set(names, name->query.host, name))
        return NULL;
    return name;
}

/* Whether the name is answered for good or for a while, by what this machine says of hosts too. */
static bool is_known(struct lookups *lookups, struct pending *name)
{
    struct buffer text = BUFFER_WITH_CEILING(ADDRESSES_MAX);

    if (name->state == PENDING_ANSWERED)
        return name->answer->result == LOOKUP_FOUND ||
               pending_now_us() - name->answered_us < FAILED_FOR_US;
    if (name->state == PENDING_NOW)
        return false;
    if (hosts_find(lookups->hosts, name->query.host, name->query.family, &text) == 0)
        pending_answer(name, found(lookups, text.data));
    else if (!lookups->services.dns && !lookups->services.others)
        pending_answer(name, &absent);
    buffer_free(&text);
    return name->state == PENDING_ANSWERED;
}

/* Sees to it that the name is asked for. Returns whether that is to be done by ask_nss. */
static bool set_going(struct lookups *lookups, struct pending *name)
{
    if (name->state == PENDING_NOW)
        return false;
    name->state = PENDING_NOW;
    name->answer = NULL;
    name->begun_us = 0;
    name->refused = 0;
    if (!lookups->services.dns)
        return true;
    window_wait(&lookups->window, &name->window_entry);
    ask_next(lookups);
    return false;
}

/* Returns what there is to say of a key at once; NULL: the question waits. */
static const struct answer *ask_key(struct lookups *lookups, const char *key,
                                    struct question *question)
{
    const struct answer *answer = &outcomes_no_memory.answer;
    struct pending *name;
    bool by_nss = false;

    pthread_mutex_lock(&lookups->mutex);
    name = name_of(lookups, key, question->family);
    if (name && is_known(lookups, name)) {
        answer = name->answer;
    } else if (name) {
        answer = NULL;
        question->own.begun_us = question->begun_us;
        pending_join(name, question);
        by_nss = set_going(lookups, name);
        if (!name->begun_us)
            question->begun_us = question->own.begun_us = 0;
    }
    pthread_mutex_unlock(&lookups->mutex);
    if (by_nss)
        ask_nss(lookups, name);
    return answer;
}

bool lookups_ask(struct lookups *lookups, struct question *question)
{
    char key[NAMES_KEY_MAX + 1];

    memset(&question->own, 0, sizeof question->own);
    question->begun_us = pending_now_us();
    if (addresses_is_one(question->host))
        question->answer = &literal;
    else if (!names_key(question->host, strlen(question->host), key))
        question->answer = &malformed;
    else
        question->answer = ask_key(lookups, key, question);
    return question->answer;
}

void lookups_withdraw(struct lookups *lookups, struct question *question)
{
    pthread_mutex_lock(&lookups->mutex);
    pending_leave(question);
    pthread_mutex_unlock(&lookups->mutex);
    inbox_drop(question);
}
