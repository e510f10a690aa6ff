#ifndef FAKE_DNS_H
#define FAKE_DNS_H

/*
 * A name server on loopback, over UDP and TCP: a thread whose answer depends on how a name begins.
 *
 *   silent     never            missing    no such host (NXDOMAIN)
 *   fail       SERVFAIL         nodata     the host exists, without addresses
 *   notauth    NOTAUTH, a code that few know
 *   refused    REFUSED          later      NXDOMAIN while early is set, then like others
 *   alias      by a CNAME       many       three addresses
 *   both       IPv4 and IPv6    v6         IPv6 only
 *   half       IPv4; never for IPv6        big     40 addresses, over TCP only
 *   large      59 addresses, also in a packet without EDNS
 *   edns       59 addresses, but only with EDNS or over TCP
 *   garbage    a packet that is cut off    wrong   an answer to another question
 *   circle     CNAMEs in a circle          chain   20 CNAMEs, one after the other
 *   dangling   a CNAME to a missing name
 *   zero       0.0.0.0 and ::              mapped  ::ffff:0.0.0.0
 *   restart    never; the server is away for a moment, once, so packets to it are refused
 *
 * Any other name has the configured address, or one of 127.0.0.0/8 that depends on the name.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    FAKE_DNS_PACKET = 2048,
    FAKE_DNS_HEADER = 12,
    FAKE_DNS_WAITING = 1 << 16, /* maximum number of questions that wait for their answers */
    FAKE_DNS_TYPE_A = 1,
    FAKE_DNS_TYPE_CNAME = 5,
    FAKE_DNS_TYPE_AAAA = 28,
    FAKE_DNS_SERVFAIL = 2,
    FAKE_DNS_NXDOMAIN = 3,
    FAKE_DNS_REFUSED = 5,
    FAKE_DNS_NOTAUTH = 9,
    FAKE_DNS_FORMERR = 1,
    FAKE_DNS_BIG = 40,
    FAKE_DNS_LARGE = 59,
    FAKE_DNS_AWAY_MS = 100
};

struct fake_dns_reply {
    struct fake_dns_reply *next;
    int64_t due_ms;
    struct sockaddr_storage to;
    socklen_t to_size;
    size_t size;
    unsigned char bytes[FAKE_DNS_PACKET];
};

struct fake_dns {
    int udp, tcp, port;
    int wake[2]; /* closed to end the thread */
    pthread_t thread;
    int delay_ms;
    const char *address; /* of all other names; NULL: it depends on the name */
    atomic_int limit;    /* if this many answers wait, more questions are refused; 0: no limit */
    atomic_int lose;     /* number of packets to lose */
    atomic_bool early;
    bool no_tcp;             /* set before the start: nobody listens */
    bool no_edns;            /* a query with EDNS is malformed */
    atomic_bool refuses_all; /* REFUSED, whatever the question */
    bool fails_all,
        silent;      /* SERVFAIL, or no answer, whatever the question; set before the start */
    int64_t back_ms; /* away until then; 0: not away */
    bool has_left;
    const char *bound; /* the address that it listens at */
    atomic_int questions, over_tcp;
    struct fake_dns_reply *replies, **replies_end; /* in the order in which they are due */
    int waiting;
};

static inline int64_t fake_dns_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A parsed question. */
struct fake_dns_question {
    char name[256];
    int type;
    size_t size; /* of its bytes after the header */
};

/* Returns 0, or -1 if the packet is not a question. */
static inline int fake_dns_read(const unsigned char *bytes, size_t size,
                                struct fake_dns_question *question)
{
    size_t at = FAKE_DNS_HEADER, length = 0;

    if (size < FAKE_DNS_HEADER || bytes[4] != 0 || bytes[5] != 1)
        return -1;
    while (at < size && bytes[at] > 0) {
        size_t label = bytes[at];

        if (label > 63 || at + 1 + label >= size || length + label + 2 > sizeof question->name)
            return -1;
        memcpy(question->name + length, bytes + at + 1, label);
        length += label;
        question->name[length++] = '.';
        at += 1 + label;
    }
    if (at + 5 > size)
        return -1;
    question->name[length ? length - 1 : 0] = '\0';
    question->type = bytes[at + 1] << 8 | bytes[at + 2];
    question->size = at + 5 - FAKE_DNS_HEADER;
    return 0;
}

static inline bool fake_dns_begins(const struct fake_dns_question *question, const char *with)
{
    return strncasecmp(question->name, with, strlen(with)) == 0;
}

static inline void fake_dns_put16(struct fake_dns_reply *reply, unsigned value)
{
    reply->bytes[reply->size++] = (unsigned char)(value >> 8);
    reply->bytes[reply->size++] = (unsigned char)value;
}

/* The head of a record; of: position of its name in the packet. */
static inline void fake_dns_record(struct fake_dns_reply *reply, unsigned of, int type,
                                   const void *data, unsigned size)
{
    fake_dns_put16(reply, 0xc000 | of);
    fake_dns_put16(reply, (unsigned)type);
    fake_dns_put16(reply, 1);
    fake_dns_put16(reply, 0);
    fake_dns_put16(reply, 60);
    fake_dns_put16(reply, size);
    memcpy(reply->bytes + reply->size, data, size);
    reply->size += size;
    reply->bytes[7]++;
}

static inline void fake_dns_v4(const struct fake_dns *dns, const struct fake_dns_question *question,
                               unsigned char address[4])
{
    uint32_t hash = 2166136261U;

    for (const char *at = question->name; *at; at++)
        hash = (hash ^ (unsigned char)(*at | 0x20)) * 16777619U;
    address[0] = 127;
    address[1] = (unsigned char)(hash >> 16);
    address[2] = (unsigned char)(hash >> 8);
    address[3] = (unsigned char)((hash & 127) + 1);
    if (dns->address)
        inet_pton(AF_INET, dns->address, address);
}

static inline void fake_dns_addresses(const struct fake_dns *dns,
                                      const struct fake_dns_question *question, unsigned of, int n,
                                      struct fake_dns_reply *reply)
{
    bool zero = fake_dns_begins(question, "zero"), mapped = fake_dns_begins(question, "mapped");
    bool v6_only = fake_dns_begins(question, "v6") || mapped;
    unsigned char v4[4], v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};

    fake_dns_v4(dns, question, v4);
    if (zero)
        memset(v4, 0, sizeof v4);
    if (zero || mapped)
        memset(v6, 0, sizeof v6);
    if (mapped)
        v6[10] = v6[11] = 0xff;
    for (int i = 0; i < n && question->type == FAKE_DNS_TYPE_A && !v6_only; i++, v4[3]++)
        fake_dns_record(reply, of, FAKE_DNS_TYPE_A, v4, sizeof v4);
    if (question->type == FAKE_DNS_TYPE_AAAA &&
        (v6_only || zero || fake_dns_begins(question, "both")))
        fake_dns_record(reply, of, FAKE_DNS_TYPE_AAAA, v6, sizeof v6);
}

/* n CNAMEs, each from the name before it. Returns where the last name is. */
static inline unsigned fake_dns_chain(struct fake_dns_reply *reply, int n, bool circle)
{
    unsigned of = FAKE_DNS_HEADER, first = 0;

    for (int i = 0; i < n; i++) {
        unsigned char name[] = {2, (unsigned char)('a' + i / 26), (unsigned char)('a' + i % 26),
                                0xc0, FAKE_DNS_HEADER};

        if (circle && i == n - 1)
            fake_dns_record(reply, of, FAKE_DNS_TYPE_CNAME,
                            (unsigned char[]){0xc0, (unsigned char)first}, 2);
        else
            fake_dns_record(reply, of, FAKE_DNS_TYPE_CNAME, name, sizeof name);
        of = (unsigned)(reply->size - sizeof name);
        first = first ? first : of;
    }
    return of;
}

static inline unsigned fake_dns_code(struct fake_dns *dns, const struct fake_dns_question *question)
{
    if (atomic_load(&dns->refuses_all))
        return FAKE_DNS_REFUSED;
    if (dns->fails_all)
        return FAKE_DNS_SERVFAIL;
    if (fake_dns_begins(question, "missing") || fake_dns_begins(question, "dangling") ||
        (fake_dns_begins(question, "later") && atomic_load(&dns->early)))
        return FAKE_DNS_NXDOMAIN;
    if (fake_dns_begins(question, "fail"))
        return FAKE_DNS_SERVFAIL;
    if (fake_dns_begins(question, "notauth"))
        return FAKE_DNS_NOTAUTH;
    if (fake_dns_begins(question, "refused") ||
        (atomic_load(&dns->limit) > 0 && dns->waiting >= atomic_load(&dns->limit)))
        return FAKE_DNS_REFUSED;
    return 0;
}

static inline bool fake_dns_is_silent(const struct fake_dns_question *question)
{
    return fake_dns_begins(question, "silent") || fake_dns_begins(question, "restart") ||
           (fake_dns_begins(question, "half") && question->type == FAKE_DNS_TYPE_AAAA);
}

static inline int fake_dns_count(const struct fake_dns_question *question)
{
    static const struct {
        const char *begin;
        int n;
    } counts[] = {
        {"many", 3}, {"big", FAKE_DNS_BIG}, {"large", FAKE_DNS_LARGE}, {"edns", FAKE_DNS_LARGE}};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (fake_dns_begins(question, counts[i].begin))
            return counts[i].n;
    }
    return 1;
}

/* Writes the records of an answer, or damages it. */
static inline void fake_dns_records(struct fake_dns *dns, const struct fake_dns_question *question,
                                    struct fake_dns_reply *reply)
{
    static const unsigned char real[] = {4, 'r', 'e', 'a', 'l', 0xc0, FAKE_DNS_HEADER};
    unsigned of = FAKE_DNS_HEADER;

    if (fake_dns_begins(question, "alias") || fake_dns_begins(question, "dangling")) {
        fake_dns_record(reply, of, FAKE_DNS_TYPE_CNAME, real, sizeof real);
        of = (unsigned)(reply->size - sizeof real);
    } else if (fake_dns_begins(question, "chain")) {
        of = fake_dns_chain(reply, 20, false);
    } else if (fake_dns_begins(question, "circle")) {
        fake_dns_chain(reply, 2, true);
        return;
    }
    if (!fake_dns_begins(question, "dangling"))
        fake_dns_addresses(dns, question, of, fake_dns_count(question), reply);
    if (fake_dns_begins(question, "garbage") && reply->bytes[7] > 0)
        reply->size -= 3;
    if (fake_dns_begins(question, "wrong"))
        reply->bytes[FAKE_DNS_HEADER + 1] ^= 1;
}

/* Writes the reply to a packet. Returns 0, or -1 if there is none. */
static inline int fake_dns_answer(struct fake_dns *dns, const unsigned char *bytes, size_t size,
                                  bool by_tcp, struct fake_dns_reply *reply)
{
    struct fake_dns_question question = {0};
    bool has_edns = size > 11 && bytes[11] > 0;
    unsigned code;

    if (fake_dns_read(bytes, size, &question) || dns->silent || fake_dns_is_silent(&question))
        return -1;
    code = has_edns && dns->no_edns ? FAKE_DNS_FORMERR : fake_dns_code(dns, &question);
    reply->size = FAKE_DNS_HEADER + question.size;
    memcpy(reply->bytes, bytes, reply->size);
    memset(reply->bytes + 6, 0, 6);
    reply->bytes[2] = 0x80 | (bytes[2] & 1);
    reply->bytes[3] = (unsigned char)(0x80 | code);
    if ((code && !fake_dns_begins(&question, "dangling")) || fake_dns_begins(&question, "nodata"))
        return 0;
    if (!by_tcp &&
        (fake_dns_begins(&question, "big") || (fake_dns_begins(&question, "edns") && !has_edns)))
        reply->bytes[2] |= 2;
    else
        fake_dns_records(dns, &question, reply);
    return 0;
}

/* Writes a socket address of IPv4, or of IPv6 with a zone ("fe80::1%eth0"). Returns its size; 0: it
 * is neither. */
static inline socklen_t fake_dns_address(const char *text, int port, struct sockaddr_storage *into)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
    const char *zone = strchr(text, '%');
    char number[INET6_ADDRSTRLEN] = "";

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(into, &v4, sizeof v4);
        return sizeof v4;
    }
    snprintf(number, sizeof number, "%.*s", (int)strcspn(text, "%"), text);
    v6.sin6_scope_id = zone ? if_nametoindex(zone + 1) : 0;
    if (inet_pton(AF_INET6, number, &v6.sin6_addr) != 1)
        return 0;
    memcpy(into, &v6, sizeof v6);
    return sizeof v6;
}

/* Closes the socket for a moment, so that the kernel refuses packets to it. */
static inline void fake_dns_leave(struct fake_dns *dns)
{
    close(dns->udp);
    dns->udp = -1;
    dns->has_left = true;
    dns->back_ms = fake_dns_now() + FAKE_DNS_AWAY_MS;
}

static inline void fake_dns_return(struct fake_dns *dns)
{
    struct sockaddr_storage at;
    socklen_t size;

    if (!dns->back_ms || fake_dns_now() < dns->back_ms)
        return;
    dns->back_ms = 0;
    size = fake_dns_address(dns->bound, dns->port, &at);
    dns->udp = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(dns->udp, (struct sockaddr *)&at, size))
        perror("fake_dns");
}

static inline void fake_dns_receive(struct fake_dns *dns)
{
    struct fake_dns_reply *reply = calloc(1, sizeof *reply);
    unsigned char bytes[FAKE_DNS_PACKET / 2];
    ssize_t n;

    if (!reply)
        return;
    reply->to_size = sizeof reply->to;
    n = recvfrom(dns->udp, bytes, sizeof bytes, 0, (struct sockaddr *)&reply->to, &reply->to_size);
    if (n > 0)
        atomic_fetch_add(&dns->questions, 1);
    if (n > FAKE_DNS_HEADER + 7 && !dns->has_left &&
        memcmp(bytes + FAKE_DNS_HEADER + 1, "restart", 7) == 0)
        fake_dns_leave(dns);
    if (n <= 0 || atomic_fetch_sub(&dns->lose, 1) > 0 || dns->waiting == FAKE_DNS_WAITING ||
        fake_dns_answer(dns, bytes, (size_t)n, false, reply)) {
        free(reply);
        return;
    }
    reply->due_ms = fake_dns_now() + dns->delay_ms;
    *dns->replies_end = reply;
    dns->replies_end = &reply->next;
    dns->waiting++;
}

/* Sends the replies that are due. Returns the ms until the next one; -1: none waits. */
static inline int fake_dns_send(struct fake_dns *dns)
{
    struct fake_dns_reply *reply;

    while ((reply = dns->replies)) {
        int64_t wait = reply->due_ms - fake_dns_now();

        if (wait > 0)
            return (int)wait;
        sendto(dns->udp, reply->bytes, reply->size, 0, (struct sockaddr *)&reply->to,
               reply->to_size);
        dns->replies = reply->next;
        if (!dns->replies)
            dns->replies_end = &dns->replies;
        dns->waiting--;
        free(reply);
    }
    return -1;
}

/* Serves one connection with one question. */
static inline void fake_dns_connection(struct fake_dns *dns)
{
    struct timeval limit = {.tv_sec = 1};
    struct fake_dns_reply reply = {0};
    unsigned char bytes[FAKE_DNS_PACKET / 2], length[2];
    int fd = accept(dns->tcp, NULL, NULL);
    size_t size;

    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (recv(fd, length, sizeof length, MSG_WAITALL) == sizeof length) {
        size = (size_t)(length[0] << 8 | length[1]);
        atomic_fetch_add(&dns->over_tcp, 1);
        if (size <= sizeof bytes && recv(fd, bytes, size, MSG_WAITALL) == (ssize_t)size &&
            fake_dns_answer(dns, bytes, size, true, &reply) == 0) {
            length[0] = (unsigned char)(reply.size >> 8);
            length[1] = (unsigned char)reply.size;
            send(fd, length, sizeof length, MSG_NOSIGNAL);
            send(fd, reply.bytes, reply.size, MSG_NOSIGNAL);
            recv(fd, bytes, 1, 0); /* until the client closes it */
        }
    }
    close(fd);
}

static inline void *fake_dns_run(void *context)
{
    struct fake_dns *dns = context;
    struct pollfd fds[3] = {{.fd = dns->udp, .events = POLLIN},
                            {.fd = dns->no_tcp ? -1 : dns->tcp, .events = POLLIN},
                            {.fd = dns->wake[0], .events = POLLIN}};

    while (poll(fds, 3, dns->udp < 0 ? 10 : fake_dns_send(dns)) >= 0 && !fds[2].revents) {
        fake_dns_return(dns);
        if (fds[0].fd >= 0 && fds[0].revents)
            fake_dns_receive(dns);
        if (fds[1].revents)
            fake_dns_connection(dns);
        fds[0].fd = dns->udp;
    }
    return NULL;
}

/* Binds one port for UDP and TCP; 0: the kernel chooses it. */
static inline int fake_dns_bind(struct fake_dns *dns, const char *address, int port)
{
    struct sockaddr_storage at;
    struct sockaddr_in *v4 = (void *)&at; /* the port is at the same place in IPv6 */
    socklen_t size = fake_dns_address(address, port, &at);
    int room = 4 << 20, one = 1;

    dns->udp = socket(at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    dns->tcp = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(dns->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(dns->tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (size > 0 && bind(dns->udp, (struct sockaddr *)&at, size) == 0 &&
        getsockname(dns->udp, (struct sockaddr *)&at, &size) == 0 &&
        bind(dns->tcp, (struct sockaddr *)&at, size) == 0 &&
        (dns->no_tcp || listen(dns->tcp, 64) == 0)) {
        dns->bound = address;
        dns->port = ntohs(v4->sin_port);
        return 0;
    }
    close(dns->udp);
    close(dns->tcp);
    return -1;
}

/* Returns 0 or -1. The caller sets other fields of *dns before. */
static inline int fake_dns_start(struct fake_dns *dns, const char *address, int port)
{
    int failed = -1;

    for (int i = 0; failed && i < (port ? 1 : 20); i++)
        failed = fake_dns_bind(dns, address, port);
    dns->replies_end = &dns->replies;
    if (failed || pipe(dns->wake))
        return -1;
    return pthread_create(&dns->thread, NULL, fake_dns_run, dns) ? -1 : 0;
}

static inline void fake_dns_stop(struct fake_dns *dns)
{
    struct fake_dns_reply *reply;

    close(dns->wake[1]);
    pthread_join(dns->thread, NULL);
    close(dns->wake[0]);
    if (dns->udp >= 0)
        close(dns->udp);
    close(dns->tcp);
    while ((reply = dns->replies)) {
        dns->replies = reply->next;
        free(reply);
    }
}

#endif
