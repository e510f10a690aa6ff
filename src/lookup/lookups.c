/* Answers questions for host names from earlier answers, the hosts file, the DNS and nsswitch's
 * other services, in that order. */
#include "lookup/lookups.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/table.h"
#include "lookup/dns.h"
#include "lookup/hosts.h"
#include "lookup/nss.h"
#include "lookup/settings.h"
#include "lookup/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    REFUSED_RETRIES = 2, /* of a name, if the server refused because of too many queries */
    ADDRESSES_MAX = 8 << 10,
    FAMILIES = 3,
    FAILURE_US = 1000 * 1000,     /* how long a failure is returned to later questions, */
    ADDRESS_US = 60 * 1000 * 1000 /* and how long an address is */
};

/* A name in one family, and the questions that wait for it. */
struct name {
    struct dns_query query; /* has the name and the family */
    struct window_entry window_entry;
    enum { NAME_IDLE, NAME_PENDING, NAME_ANSWERED } state;
    const struct answer *answer; /* if NAME_PENDING: that of the DNS, while nsswitch's other
                                    services are asked */
    int64_t begun_us;            /* on the monotonic clock; 0: waits for other names */
    int64_t answered_us;         /* on the same clock */
    int n_refused;
    struct waiting waiting;
};

struct lookups {
    pthread_mutex_t mutex; /* protects names, window and what is in them */
    struct arena *arena;
    struct table names[FAMILIES]; /* of struct name; one for each family */
    struct window window;
    struct hosts *hosts;
    struct settings settings; /* from nsswitch.conf */
    struct dns *dns;
    struct nss *nss;
    bool system_answered; /* getaddrinfo has found a name, or found that there is none */
};

static const struct answer *new_answer(struct lookups *lookups, const char *addresses,
                                       bool is_local)
{
    struct answer *answer = arena_alloc(lookups->arena, sizeof *answer);

    if (!answer)
        return &outcomes_no_memory.answer;
    answer->addresses = arena_copy(lookups->arena, addresses, strlen(addresses));
    answer->result = LOOKUP_FOUND;
    answer->is_local = is_local;
    return answer->addresses ? answer : &outcomes_no_memory.answer;
}

/* Answers a name and its questions. The answer must live as long as the name. */
static void answer_name(struct name *name, const struct answer *answer)
{
    name->state = NAME_ANSWERED;
    name->answer = answer;
    name->answered_us = clock_monotonic_us();
    inbox_answer_all(&name->waiting, answer, name->answered_us);
}

/* Starts the time of the name and of all questions that wait for it, unless it runs already. */
static void begin_name(struct name *name)
{
    if (name->begun_us)
        return;
    name->begun_us = clock_monotonic_us();
    inbox_begin_all(&name->waiting, name->begun_us);
}

/* Asks the name servers for the next names, until the window is full. Skips names whose questions
 * have all been withdrawn. */
static void ask_dns(struct lookups *lookups)
{
    struct window_entry *entry;

    while ((entry = window_next(&lookups->window, clock_monotonic_us()))) {
        struct name *name = entry->owner;

        if (LIST_EMPTY(&name->waiting)) {
            name->state = NAME_IDLE;
        } else {
            begin_name(name);
            if (dns_ask(lookups->dns, &name->query) == 0)
                continue;
            answer_name(name, &outcomes_no_thread.answer);
        }
        window_leave(&lookups->window, entry);
    }
}

/* Must be called without the mutex. */
static void ask_nss(struct lookups *lookups, struct name *name)
{
    if (nss_ask(lookups->nss, name->query.host, name->query.family, name) == 0)
        return;
    pthread_mutex_lock(&lookups->mutex);
    answer_name(name, &outcomes_no_thread.answer);
    pthread_mutex_unlock(&lookups->mutex);
}

/* Whether to ask again: the server may answer if it is asked for fewer names at once. */
static bool wants_retry(struct lookups *lookups, struct name *name, enum outcome_kind kind)
{
    if (kind != OUTCOME_REFUSED || !window_refused(&lookups->window))
        return false;
    return name->n_refused++ < REFUSED_RETRIES && !LIST_EMPTY(&name->waiting);
}

/* Whether getaddrinfo may find what the name servers did not show. */
static bool wants_others(const struct lookups *lookups, const struct outcome *outcome)
{
    bool is_silent = outcome->kind == OUTCOME_BROKEN && !dns_has_answer(lookups->dns);

    return outcome->kind == OUTCOME_UNUSABLE ||
           (lookups->settings.others && (outcome->kind == OUTCOME_ABSENT || is_silent));
}

static void on_dns(void *context, struct dns_query *query, const struct outcome *outcome,
                   const char *addresses)
{
    struct lookups *lookups = context;
    struct name *name = query->owner;
    bool retry, others;

    pthread_mutex_lock(&lookups->mutex);
    if (outcome->kind == OUTCOME_FOUND || outcome->kind == OUTCOME_ABSENT)
        window_answered(&lookups->window);
    retry = wants_retry(lookups, name, outcome->kind);
    window_leave(&lookups->window, &name->window_entry);
    others = !retry && wants_others(lookups, outcome);
    if (retry)
        window_wait(&lookups->window, &name->window_entry);
    else if (others)
        name->answer = &outcome->answer;
    else
        answer_name(name, addresses ? new_answer(lookups, addresses, false) : &outcome->answer);
    ask_dns(lookups);
    pthread_mutex_unlock(&lookups->mutex);
    if (others)
        ask_nss(lookups, name);
}

static void on_dns_periodic(void *context)
{
    struct lookups *lookups = context;

    pthread_mutex_lock(&lookups->mutex);
    window_review(&lookups->window, clock_monotonic_us());
    ask_dns(lookups);
    pthread_mutex_unlock(&lookups->mutex);
}

static void on_nss_begun(void *context, void *owner)
{
    struct lookups *lookups = context;

    pthread_mutex_lock(&lookups->mutex);
    begin_name(owner);
    pthread_mutex_unlock(&lookups->mutex);
}

/* If the system does not know the name either, the answer of the DNS counts. If nothing has
 * answered anything yet, this machine is at fault. */
static const struct answer *system_answer(struct lookups *lookups, struct name *name,
                                          const struct outcome *outcome)
{
    bool answered = outcome->kind == OUTCOME_FOUND || outcome->kind == OUTCOME_ABSENT;

    lookups->system_answered |= answered;
    if (name->answer && outcome->answer.result != LOOKUP_FOUND)
        return name->answer;
    if (outcome->kind == OUTCOME_BROKEN && !lookups->system_answered &&
        !dns_has_answer(lookups->dns))
        return &outcomes_of_dns(OUTCOMES_SILENT, name->query.family)->answer;
    return &outcome->answer;
}

static void on_nss(void *context, void *owner, const struct outcome *outcome, const char *addresses)
{
    struct lookups *lookups = context;
    struct name *name = owner;
    const struct answer *answer;

    pthread_mutex_lock(&lookups->mutex);
    answer = system_answer(lookups, name, outcome);
    answer_name(name, addresses ? new_answer(lookups, addresses, false) : answer);
    pthread_mutex_unlock(&lookups->mutex);
}

struct lookups *lookups_new(const struct lookup_sources *sources, struct error *error)
{
    struct lookups *lookups = calloc(1, sizeof *lookups);
    struct dns_caller dns = {on_dns, on_dns_periodic, lookups};
    struct nss_caller nss = {on_nss_begun, on_nss, lookups};

    if (lookups) {
        pthread_mutex_init(&lookups->mutex, NULL);
        window_init(&lookups->window);
        lookups->arena = arena_new();
        lookups->hosts = hosts_load(sources->hosts ? sources->hosts : "/etc/hosts");
        lookups->settings =
            settings_load(sources->nsswitch ? sources->nsswitch : "/etc/nsswitch.conf");
        lookups->dns = dns_new(&dns, sources->resolv_conf, sources->servers);
        lookups->nss = nss_new(&nss);
        if (lookups->arena && lookups->hosts && lookups->dns && lookups->nss)
            return lookups;
    }
    lookups_free(lookups);
    error_set(error, EXIT_IO,
              "cannot start name lookups: out of memory or too many open files (ulimit -n)");
    return NULL;
}

void lookups_free(struct lookups *lookups)
{
    if (!lookups)
        return;

    /* These threads use everything else. */
    dns_free(lookups->dns);
    nss_free(lookups->nss);
    hosts_free(lookups->hosts);
    for (int i = 0; i < FAMILIES; i++)
        table_free(&lookups->names[i]);
    arena_free(lookups->arena);
    pthread_mutex_destroy(&lookups->mutex);
    free(lookups);
}

/*
 * Whether the name is still pending although all questions were withdrawn a second ago or more. The
 * next question is a retry then and needs a fresh lookup: the old one may be between two of its
 * tries, and report what it saw long ago.
 */
static bool is_abandoned(const struct name *name)
{
    return name->state == NAME_PENDING && LIST_EMPTY(&name->waiting) && name->begun_us > 0 &&
           name->window_entry.state != WINDOW_WAITS &&
           clock_monotonic_us() - name->begun_us >= FAILURE_US;
}

/* Returns the name with this key and family, a new one if there is none; NULL if out of memory. */
static struct name *find_or_add_name(struct lookups *lookups, const char *key, int family)
{
    struct table *names = &lookups->names[family == AF_INET ? 0 : family == AF_INET6 ? 1 : 2];
    struct name *name = table_find(names, key);

    if (name && !is_abandoned(name))
        return name;
    name = arena_alloc(lookups->arena, sizeof *name);
    if (!name)
        return NULL;
    name->query.host = arena_copy(lookups->arena, key, strlen(key));
    name->query.family = family;
    name->query.owner = name->window_entry.owner = name;
    if (!name->query.host || table_set(names, name->query.host, name))
        return NULL;
    return name;
}

/* Whether the name has an answer that still counts. Answers from the hosts file if it can. */
static bool has_answer(struct lookups *lookups, struct name *name)
{
    struct buffer text = BUFFER_WITH_CEILING(ADDRESSES_MAX);
    int listed;

    if (name->state == NAME_PENDING)
        return false;
    if (name->state == NAME_ANSWERED &&
        clock_monotonic_us() - name->answered_us <
            (name->answer->result == LOOKUP_FOUND ? ADDRESS_US : FAILURE_US))
        return true;
    name->state = NAME_IDLE;
    listed = hosts_find(lookups->hosts, name->query.host, name->query.family, &text);
    if (listed == 0)
        answer_name(name, new_answer(lookups, text.data, true));
    else if (listed > 0)
        answer_name(name, &outcomes_of_dns(OUTCOMES_UNSPECIFIED, name->query.family)->answer);
    else if (!lookups->settings.dns && !lookups->settings.others)
        answer_name(name, &outcomes_no_host.answer);
    buffer_free(&text);
    return name->state == NAME_ANSWERED;
}

/* Starts the lookup of a name, unless it runs. Returns true if the caller must call ask_nss. */
static bool start_name(struct lookups *lookups, struct name *name)
{
    if (name->state == NAME_PENDING)
        return false;
    name->state = NAME_PENDING;
    name->answer = NULL;
    name->begun_us = 0;
    name->n_refused = 0;
    if (!lookups->settings.dns)
        return true;
    window_wait(&lookups->window, &name->window_entry);
    ask_dns(lookups);
    return false;
}

/* Returns the answer for a key if there is one now; NULL: the question waits. */
static const struct answer *ask_key(struct lookups *lookups, const char *key,
                                    struct question *question)
{
    const struct answer *answer = &outcomes_no_memory.answer;
    struct name *name;
    bool needs_nss = false;

    pthread_mutex_lock(&lookups->mutex);
    name = find_or_add_name(lookups, key, question->family);
    if (name && has_answer(lookups, name)) {
        answer = name->answer;
    } else if (name) {
        answer = NULL;
        question->shared.begun_us = question->begun_us;
        inbox_wait(&name->waiting, question);
        needs_nss = start_name(lookups, name);
        if (!name->begun_us)
            question->begun_us = question->shared.begun_us = 0;
    }
    pthread_mutex_unlock(&lookups->mutex);
    if (needs_nss)
        ask_nss(lookups, name);
    return answer;
}

bool lookups_ask(struct lookups *lookups, struct question *question)
{
    char key[HOSTS_NAME_MAX + 1];

    assert(question->inbox);
    assert(question->family == AF_UNSPEC || question->family == AF_INET ||
           question->family == AF_INET6);
    memset(&question->shared, 0, sizeof question->shared);
    question->begun_us = clock_monotonic_us();
    if (addresses_is_literal(question->host))
        question->answer = &outcomes_found.answer;
    else if (!hosts_key(question->host, strlen(question->host), key))
        question->answer = &outcomes_bad_name.answer;
    else
        question->answer = ask_key(lookups, key, question);
    return question->answer;
}

bool lookups_has_answer(struct lookups *lookups)
{
    bool answered;

    pthread_mutex_lock(&lookups->mutex);
    answered = lookups->system_answered || dns_has_answer(lookups->dns);
    pthread_mutex_unlock(&lookups->mutex);
    return answered;
}

void lookups_withdraw(struct lookups *lookups, struct question *question)
{
    pthread_mutex_lock(&lookups->mutex);
    inbox_leave(question);
    pthread_mutex_unlock(&lookups->mutex);
    inbox_drop(question);
}
