/* A webhook: it stores what it gets, and answers as its URL wants. */
#include "awkward.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Copies the value of NAME=VALUE in the query, in which '_' is a blank. */
static bool find_value(const struct request *request, const char *name, char value[256])
{
    const char *at = strchr(request->target, '?');
    size_t length = strlen(name);

    for (; at; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, name, length) != 0 || at[1 + length] != '=')
            continue;
        at += length + 2;
        snprintf(value, 256, "%.*s", (int)strcspn(at, "&"), at);
        for (char *blank = value; (blank = strchr(blank, '_')); blank++)
            *blank = ' ';
        return true;
    }
    return false;
}

/* Writes posts/NAME/N: the request line and headers, an empty line, and the body. */
static void store(const struct request *request)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    char path[PATH_MAX], tmp[PATH_MAX];
    FILE *file;

    snprintf(path, sizeof path, "%s/posts", server_folder());
    pthread_mutex_lock(&lock);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/posts/%.200s", server_folder(), request->argument);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/posts/%.200s/%ld", server_folder(), request->argument,
             request->count);
    snprintf(tmp, sizeof tmp, "%.4000s.tmp", path);
    file = fopen(tmp, "w");
    if (file) {
        fprintf(file, "%s\r\n", request->head);
        fwrite(request->body, 1, request->body_size, file);
        fclose(file);
        rename(tmp, path);
    }
    pthread_mutex_unlock(&lock);
}

/* hook/NAME?status=429&retry=30&body=too_many&ms=100&from=N&until=N: stores the request as
 * posts/NAME/N, and answers. Before request number `from`, and after `until`, the answer is 200. */
static void hook(struct connection *to, const struct request *request)
{
    char value[256], headers[300] = "", body[256] = "ok";
    int status = 200;
    bool is_usual = (find_value(request, "from", value) && request->count < atol(value)) ||
                    (find_value(request, "until", value) && request->count > atol(value));

    store(request);
    if (find_value(request, "ms", value))
        connection_pause(to, atoi(value));
    if (!is_usual && find_value(request, "status", value))
        status = atoi(value);
    if (!is_usual && find_value(request, "retry", value))
        snprintf(headers, sizeof headers, "Retry-After: %s\r\n", value);
    if (!is_usual)
        find_value(request, "body", body);
    to->is_kept = true;
    connection_printf(to, "HTTP/1.1 %d Hook\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                      strlen(body), headers, body);
}

/* continue: a server that first wants the client to go on. */
static void go_on(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 100 Continue\r\n\r\n");
    connection_page(to, 200, "", "ok");
}

const struct behaviour_row behaviours_posts[] = {
    {"hook", hook, "hook/NAME?status=429&retry=30&body=too_many&ms=100: stores posts/NAME/N"},
    {"continue", go_on, "100 Continue, then 200"},
    {NULL, NULL, NULL},
};
