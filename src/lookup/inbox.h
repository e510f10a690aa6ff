#ifndef LOOKUP_INBOX_H
#define LOOKUP_INBOX_H

#include <pthread.h>
#include <stdint.h>

/* What came of looking up a name. */
enum lookup_result {
    LOOKUP_FOUND,
    LOOKUP_FAILED, /* a fault of the endpoint's name */
    LOOKUP_OWN     /* a fault of this machine: nothing is known about the endpoint */
};

/* Lives until lookups_free, never changes, and may be read by any thread. */
struct answer {
    enum lookup_result result;
    const char *addresses; /* "[2001:db8::1],192.0.2.1", as CURLOPT_RESOLVE takes them, the first to
                              be tried first; NULL: none, or the host is an address itself */
    const char *words;     /* why there are none, for people; NULL where found */
};

/* Where a worker hears of what it asked. */
struct inbox {
    pthread_mutex_t mutex;
    void (*wake)(void *context);
    void *context;
    struct question *first, **end;
};

/*
 * One asker's wish to know the addresses of a host. Stays at one place from lookups_ask until it
 * was answered or withdrawn. Only the asker's own calls write to what it reads here.
 */
struct question {
    /* Set by the asker. */
    const char *host; /* copied; as libcurl gives it, an IPv6 address with or without brackets */
    int family;       /* AF_UNSPEC, AF_INET or AF_INET6 */
    struct inbox *inbox;
    void *owner; /* the asker's own */

    /* Set by lookups_ask and inbox_take. */
    const struct answer *answer; /* NULL: not yet */
    int64_t begun_us; /* when its lookup began, on CLOCK_MONOTONIC; 0: waits for others */

    /* Of lookups and inbox. */
    struct {
        struct question *next, **link;           /* among those who wait; link NULL: not there */
        struct question *next_news, **news_link; /* in the inbox; news_link NULL: not there */
        const struct answer *answer;
        int64_t begun_us;
    } own;
};

/*
 * wake is called from another thread, with locks held, when something comes to an empty inbox: it
 * must be short and ask nothing (curl_multi_wakeup). Nothing is called once all questions are
 * answered or withdrawn.
 */
void inbox_init(struct inbox *inbox, void (*wake)(void *context), void *context);
void inbox_free(struct inbox *inbox);

/*
 * Takes out the next question of which there is news: it is answered; or, where answer is still
 * NULL, its lookup began after it had waited for others (begun_us is set), and its time runs from
 * then on. NULL: no more.
 */
struct question *inbox_take(struct inbox *inbox);

/* For lookups: news of a question, and the end of one. */
void inbox_put(struct question *question, const struct answer *answer, int64_t begun_us);
void inbox_drop(struct question *question);

#endif
