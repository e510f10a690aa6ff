#ifndef LOOKUP_INBOX_H
#define LOOKUP_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* The result of a lookup. */
enum lookup_result {
    LOOKUP_FOUND,
    LOOKUP_FAILED,     /* the host name has no address, or its name servers do not answer */
    LOOKUP_LOCAL_FAULT /* this machine is at fault: nothing is known about the host */
};

/* Valid until lookups_free. It never changes, so any thread may read it. */
struct answer {
    enum lookup_result result;
    const char *addresses; /* "[2001:db8::1],192.0.2.1" in the order in which to try them, as
                              CURLOPT_RESOLVE takes them; NULL: none, or the host is an address */
    const char *reason;    /* why there is no address, for people; NULL if LOOKUP_FOUND */
    bool is_local; /* no name server was asked: the host is an address or in the hosts file */
};

/* The place where a worker finds the answers to its questions. */
struct inbox {
    pthread_mutex_t mutex;
    void (*wake)(void *context);
    void *context;
    TAILQ_HEAD(news, question) news;
};

/*
 * A request for the addresses of a host. It must not be moved from lookups_ask until it is answered
 * or withdrawn. Other threads write only to `shared`.
 */
struct question {
    /* Set by the owner before lookups_ask. */
    const char *host; /* is copied; an IPv6 address may be in brackets */
    int family;       /* AF_UNSPEC, AF_INET or AF_INET6 */
    struct inbox *inbox;
    void *owner; /* for the owner's use */

    /* Set by lookups_ask and inbox_take. */
    const struct answer *answer; /* NULL: not yet */
    int64_t begun_us; /* start of the lookup on the monotonic clock; 0: waits for other names */

    /* For lookups and inbox only. */
    struct {
        LIST_ENTRY(question) waiting; /* among the questions for the same name */
        TAILQ_ENTRY(question) news;   /* in the inbox */
        bool is_waiting, is_news;
        const struct answer *answer;
        int64_t begun_us;
    } shared;
};

/* The questions that wait for the same name. */
LIST_HEAD(waiting, question);

/*
 * wake is called in another thread, with locks held, when the first question comes into an empty
 * inbox. It must be short and must not ask anything. It is not called any more once all questions
 * are answered or withdrawn.
 */
void inbox_init(struct inbox *inbox, void (*wake)(void *context), void *context);

/* No question may be waiting any more. */
void inbox_free(struct inbox *inbox);

/*
 * Takes the next question that has news; returns NULL if there is none. If its answer is still
 * NULL, its lookup waited for others and has begun: begun_us is set, and its time runs from there.
 */
struct question *inbox_take(struct inbox *inbox);

/* For lookups only, with its lock held: adds a question to those that wait for a name; or removes
 * it, if it waits. */
void inbox_wait(struct waiting *waiting, struct question *question);
void inbox_leave(struct question *question);

/*
 * For lookups only, with its lock held. The first one puts news that the lookup began into the
 * inbox of each question whose time does not run yet. The second one puts the answer there, and the
 * questions wait no more; their begun_us is answered_us if their lookup never began.
 */
void inbox_begin_all(struct waiting *waiting, int64_t begun_us);
void inbox_answer_all(struct waiting *waiting, const struct answer *answer, int64_t answered_us);

/* For lookups only: removes a question from its inbox, if it is there. */
void inbox_drop(struct question *question);

#endif
