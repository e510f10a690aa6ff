/* Slow, hanging and changing responses. */
#include "awkward.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hang(struct connection *to, const struct request *request)
{
    (void)request;
    connection_hang(to);
}

static void hang_in_headers(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Le");
    connection_hang(to);
}

/* Everything that a check looks for comes, but the end of the body does not. */
static void hang_in_body(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" CONTENT);
    connection_hang(to);
}

static void hang_after_bot(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n" BOT);
    connection_hang(to);
}

/* One byte now and then, for ever: each one comes in time, the whole does not. */
static void trickle(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\n\r\n" CONTENT);
    while (connection_puts(to, ".") == 0 && connection_pause(to, 50) == 0)
        continue;
}

/* slow/MS: the content after MS milliseconds. */
static void slow(struct connection *to, const struct request *request)
{
    connection_pause(to, atoi(request->argument));
    connection_page(to, 200, "", CONTENT);
}

/* pause-in-body/MS: half of the content, the other half after MS milliseconds. */
static void pause_in_body(struct connection *to, const struct request *request)
{
    static const char content[] = CONTENT;
    size_t half = strlen(content) / 2;

    connection_printf(to, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(content));
    connection_send(to, content, half);
    connection_pause(to, atoi(request->argument));
    connection_puts(to, content + half);
}

/* Requests that wait for their responses at the same time. */
static struct crowd {
    char name[32];
    int now, max;
} crowds[16];

static pthread_mutex_t crowds_lock = PTHREAD_MUTEX_INITIALIZER;

/* Finds the crowd of this name, which ends at a slash. The caller holds the lock. */
static struct crowd *find_crowd(const char *name)
{
    size_t size = strcspn(name, "/");

    for (size_t i = 0; i < sizeof crowds / sizeof crowds[0] && size < sizeof crowds[i].name; i++) {
        if (!*crowds[i].name)
            memcpy(crowds[i].name, name, size);
        if (strlen(crowds[i].name) == size && strncmp(crowds[i].name, name, size) == 0)
            return &crowds[i];
    }
    abort();
}

static void count_crowd(const char *name, int more)
{
    struct crowd *crowd;

    pthread_mutex_lock(&crowds_lock);
    crowd = find_crowd(name);
    crowd->now += more;
    if (crowd->now > crowd->max)
        crowd->max = crowd->now;
    pthread_mutex_unlock(&crowds_lock);
}

/*
 * crowd/NAME/MS: the content after MS milliseconds. A request leaves the count before the first
 * byte of its response is sent, so a client that sends its next request after the last byte is
 * never counted twice.
 */
static void crowd(struct connection *to, const struct request *request)
{
    const char *ms = strchr(request->argument, '/');

    count_crowd(request->argument, 1);
    connection_pause(to, ms ? atoi(ms + 1) : 0);
    count_crowd(request->argument, -1);
    connection_page(to, 200, "", CONTENT);
}

static void send_crowd(struct connection *to, const struct request *request)
{
    int max;

    pthread_mutex_lock(&crowds_lock);
    max = find_crowd(request->argument)->max;
    pthread_mutex_unlock(&crowds_lock);
    connection_printf(to, "HTTP/1.0 200 OK\r\n\r\n%d\n", max);
}

/* drip/MS: the whole response, byte by byte, MS milliseconds apart. */
static void drip(struct connection *to, const struct request *request)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" CONTENT;

    for (const char *at = reply; *at && connection_send(to, at, 1) == 0; at++)
        connection_pause(to, atoi(request->argument));
}

/* flap/N: every N-th request fails. */
static void flap(struct connection *to, const struct request *request)
{
    int n = atoi(request->argument);

    connection_page(to, n > 0 && request->count % n == 0 ? 503 : 200, "", CONTENT);
}

/* recover/N: the first N requests fail. */
static void recover(struct connection *to, const struct request *request)
{
    connection_page(to, request->count <= atoi(request->argument) ? 503 : 200, "", CONTENT);
}

/* Does one letter of a script. */
static void act(struct connection *to, char letter, long count)
{
    switch (letter) {
    case 'd':
        connection_page(to, 503, "", "out of order\n");
        break;
    case 'b':
        connection_page(to, 403, "", BOT);
        break;
    case 'c':
        connection_page(to, 200, "", "sold out\n");
        break;
    case 'h':
        connection_hang(to);
        break;
    case 'r':
        connection_reset(to);
        break;
    case 's':
        connection_pause(to, 60 + (int)(count * 37 % 60));
        connection_page(to, 200, "", CONTENT);
        break;
    default:
        /* Different latencies make a livelier chart. */
        connection_pause(to, 2 + (int)(count * 7919 % 11));
        connection_page(to, 200, "", CONTENT);
    }
}

/* script/60u5d30u: sixty responses that are up, five that are down, thirty up, and again from the
 * start. u up, s up but slow, d 503, c without the content, b bot page, h hang, r reset. */
static void script(struct connection *to, const struct request *request)
{
    const char *at = request->argument;
    long left = request->count;
    bool any = false;

    for (;;) {
        char *letter;
        long times = strtol(at, &letter, 10);

        if (letter == at || !isalpha((unsigned char)*letter)) {
            /* The end of the script, or no script at all. */
            if (!any)
                break;
            at = request->argument;
            continue;
        }
        any = any || times > 0;
        if (left <= times) {
            act(to, *letter, request->count);
            return;
        }
        left -= times;
        at = letter + 1;
    }
    connection_page(to, 500, "", "no such script\n");
}

const struct behaviour_row behaviours_times[] = {
    {"hang", hang, "no byte of a response"},
    {"hang-in-headers", hang_in_headers, "stops in the headers"},
    {"hang-in-body", hang_in_body, "the content, but no end"},
    {"hang-after-bot", hang_after_bot, "a bot page, but no end"},
    {"trickle", trickle, "a byte every 50 ms for ever"},
    {"pause-in-body", pause_in_body, "pause-in-body/MS: half of the body after MS milliseconds"},
    {"slow", slow, "slow/MS: the content after MS milliseconds"},
    {"crowd", crowd, "crowd/NAME/MS: like slow, and counted"},
    {"_crowd", send_crowd, "_crowd/NAME: the largest number at once"},
    {"drip", drip, "drip/MS: MS milliseconds between two bytes"},
    {"flap", flap, "flap/N: every N-th request fails"},
    {"recover", recover, "recover/N: the first N requests fail"},
    {"script", script, "script/60u5d30u: changes with the number of requests"},
    {NULL, NULL, NULL},
};
