/* Requests: reading them, and reporting them to the tests. */
#include "awkward.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { HEAD_MAX = 256 << 10, BODY_MAX = 1 << 20, TLS_HANDSHAKE = 0x16 };

bool request_header(const struct request *request, const char *name, char *value, size_t max_size)
{
    size_t length = strlen(name);

    for (const char *line = request->head; line && *line; line++) {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *from = line + length + 1;

            from += strspn(from, " ");
            snprintf(value, max_size, "%.*s", (int)strcspn(from, "\r\n"), from);
            return true;
        }
        line = strchr(line, '\n');
        if (!line)
            break;
    }
    return false;
}

/* Reads until the empty line. Bytes of the body that came along stay after it. */
static char *read_head(struct connection *from, size_t *size)
{
    char *head = malloc(HEAD_MAX + BODY_MAX + 1);

    *size = 0;
    while (head && *size < HEAD_MAX) {
        ssize_t n = connection_read(from, head + *size, HEAD_MAX - *size);

        if (n <= 0)
            break;
        *size += (size_t)n;
        head[*size] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return head;

        /* A client that starts a TLS handshake here gets an answer in plain text, as from any web
         * server. */
        if (head[0] == TLS_HANDSHAKE) {
            connection_page(from, 400, "", "this port speaks HTTP\n");
            break;
        }
    }
    free(head);
    return NULL;
}

void request_split(struct request *request, const char *target)
{
    const char *word = target + (target[0] == '/');
    size_t length = strcspn(word, "/?");
    const char *argument = word + length + (word[length] == '/');

    snprintf(request->word, sizeof request->word, "%.*s", (int)length, word);
    snprintf(request->argument, sizeof request->argument, "%.*s", (int)strcspn(argument, "?"),
             argument);
}

static int read_body(struct connection *from, struct request *request, size_t have)
{
    char length[32];
    size_t size = 0;

    if (request_header(request, "Content-Length", length, sizeof length))
        size = strtoul(length, NULL, 10);
    if (size > BODY_MAX)
        return -1;
    while (have < size) {
        ssize_t n = connection_read(from, request->body + have, size - have);

        if (n <= 0)
            return -1;
        have += (size_t)n;
    }
    request->body_size = size;
    request->body[size] = '\0';
    return 0;
}

int request_read(struct connection *from, struct request *request)
{
    size_t size, line;

    *request = (struct request){.head = read_head(from, &size)};
    if (!request->head ||
        sscanf(request->head, "%15s %4095s", request->method, request->target) != 2)
        return -1;
    request_split(request, request->target);

    /* The body follows the head in the same allocation, after a NUL. */
    request->body = strstr(request->head, "\r\n\r\n") + 4;
    request->body[-1] = '\0';
    line = (size_t)(request->body - request->head);
    return read_body(from, request, size - line);
}

void request_free(struct request *request)
{
    free(request->head);
}

/* All requests for one target. Never freed, since the server only runs for one test. */
struct record {
    struct record *next;
    char target[4096];
    long count;
    long long times[4096];
    char *last;
};

static struct record *records;
static pthread_mutex_t records_lock = PTHREAD_MUTEX_INITIALIZER;

static struct record *find(const char *target)
{
    struct record *record = records;

    while (record && strcmp(record->target, target) != 0)
        record = record->next;
    return record;
}

static struct record *find_or_make(const char *target)
{
    struct record *record = find(target);

    if (record)
        return record;
    record = calloc(1, sizeof *record);
    if (!record)
        abort();
    snprintf(record->target, sizeof record->target, "%s", target);
    record->next = records;
    records = record;
    return record;
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void record_add(struct request *request)
{
    struct record *record;
    size_t size = strlen(request->head) + request->body_size + 2;

    pthread_mutex_lock(&records_lock);
    record = find_or_make(request->target);
    if (record->count < (long)(sizeof record->times / sizeof record->times[0]))
        record->times[record->count] = now_ms();
    request->count = ++record->count;
    free(record->last);
    record->last = malloc(size);
    if (record->last)
        snprintf(record->last, size, "%s\n%s", request->head, request->body);
    pthread_mutex_unlock(&records_lock);
}

static void send_times(struct connection *to, const struct record *record)
{
    connection_puts(to, "HTTP/1.0 200 OK\r\n\r\n");
    for (long i = 0; record && i < record->count; i++)
        connection_printf(to, "%lld\n", record->times[i]);
}

void record_answer(struct connection *to, const struct request *request)
{
    const char *target = request->target + strlen(request->word) + 1;
    struct record *record;

    pthread_mutex_lock(&records_lock);
    record = find(target);
    if (strcmp(request->word, "_times") == 0)
        send_times(to, record);
    else if (strcmp(request->word, "_last") == 0)
        connection_printf(to, "HTTP/1.0 200 OK\r\n\r\n%s", record ? record->last : "");
    else
        connection_printf(to, "HTTP/1.0 200 OK\r\n\r\n%ld\n", record ? record->count : 0);
    pthread_mutex_unlock(&records_lock);
}
