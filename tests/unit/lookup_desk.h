#ifndef LOOKUP_DESK_H
#define LOOKUP_DESK_H

/* A name server, the lookups that ask it, and a caller that asks for names. */
#include "lookup/lookups.h"

#include "fake_dns.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

struct desk {
    struct fake_dns dns;
    struct lookups *lookups;
    struct inbox inbox;
    sem_t woken;
    char folder[64], hosts[96], nsswitch[96], resolv_conf[96];
};

static inline void wake(void *context)
{
    sem_post(context);
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void desk_set_up(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    assert_int_equal(sem_init(&desk->woken, 0, 0), 0);
    inbox_init(&desk->inbox, wake, &desk->woken);
    snprintf(desk->folder, sizeof desk->folder, "/tmp/lookups-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    snprintf(desk->hosts, sizeof desk->hosts, "%s/hosts", desk->folder);
    snprintf(desk->nsswitch, sizeof desk->nsswitch, "%s/nsswitch.conf", desk->folder);
    snprintf(desk->resolv_conf, sizeof desk->resolv_conf, "%s/resolv.conf", desk->folder);
    write_file(desk->hosts, "");
    write_file(desk->nsswitch, "hosts: files dns\n");
    write_file(desk->resolv_conf, "");
}

/* Opens the lookups with the desk's files as they are now. */
static inline void desk_open(struct desk *desk)
{
    char servers[64];
    struct lookup_sources sources = {desk->hosts, desk->nsswitch, desk->resolv_conf, servers};
    struct error error;

    assert_int_equal(fake_dns_start(&desk->dns, "127.0.0.1", 0), 0);
    snprintf(servers, sizeof servers, "127.0.0.1:%d", desk->dns.port);
    desk->lookups = lookups_new(&sources, &error);
    assert_non_null(desk->lookups);
}

static inline void desk_close(struct desk *desk)
{
    lookups_free(desk->lookups);
    fake_dns_stop(&desk->dns);
    inbox_free(&desk->inbox);
    sem_destroy(&desk->woken);
    unlink(desk->hosts);
    unlink(desk->nsswitch);
    unlink(desk->resolv_conf);
    assert_int_equal(rmdir(desk->folder), 0);
}

static inline void desk_start(struct desk *desk)
{
    desk_set_up(desk);
    desk_open(desk);
}

static inline bool ask(struct desk *desk, struct question *question, const char *host, int family)
{
    *question = (struct question){.host = host, .family = family, .inbox = &desk->inbox};
    return lookups_ask(desk->lookups, question);
}

/* The next question with news; NULL: none within ms milliseconds. */
static inline struct question *next_within(struct desk *desk, int ms)
{
    int64_t end = fake_dns_now() + ms;
    struct question *question;

    while (!(question = inbox_take(&desk->inbox))) {
        struct timespec until;

        if (fake_dns_now() >= end)
            return NULL;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 20 * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        sem_timedwait(&desk->woken, &until);
    }
    return question;
}

static inline const struct answer *wait_for(struct desk *desk, struct question *question)
{
    while (!question->answer)
        assert_non_null(next_within(desk, PATIENCE_MS));
    assert_true(question->begun_us > 0);
    return question->answer;
}

static inline const struct answer *look_up(struct desk *desk, const char *host, int family)
{
    struct question question;

    ask(desk, &question, host, family);
    return wait_for(desk, &question);
}

static inline void assert_found(struct desk *desk, const char *host, int family,
                                const char *addresses)
{
    const struct answer *answer = look_up(desk, host, family);

    assert_int_equal(answer->result, LOOKUP_FOUND);
    assert_null(answer->reason);
    assert_string_equal(answer->addresses, addresses);
}

static inline void assert_failed(struct desk *desk, const char *host, int family,
                                 const char *reason)
{
    const struct answer *answer = look_up(desk, host, family);

    assert_int_equal(answer->result, LOOKUP_FAILED);
    assert_null(answer->addresses);
    assert_string_equal(answer->reason, reason);
}

static inline int questions(struct desk *desk)
{
    return atomic_load(&desk->dns.questions);
}

#endif
