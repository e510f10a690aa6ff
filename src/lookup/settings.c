#include "lookup/settings.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "lookup/words.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* As in the C library. */
enum { TIMEOUT_MAX = 30, TRIES_MAX = 5 };

/* Calls read for each line that begins with this word, with the rest of it. */
static void read_lines(const char *path, const char *word, void (*read)(char *line, void *into),
                       void *into)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    char *rest, *line, *first;
    struct error error;

    if (file_read(path, &text, &error) == 0 && text.size > 0) {
        rest = text.data;
        while ((line = words_line(&rest))) {
            first = words_next(&line);
            if (first && strcasecmp(first, word) == 0)
                read(line, into);
        }
    }
    buffer_free(&text);
}

/* What stands in brackets says what to do, and names no service. */
static void read_services(char *line, void *into)
{
    struct settings_services *services = into;
    char *word;

    *services = (struct settings_services){false, false};
    for (char *open; (open = strchr(line, '['));) {
        size_t size = strcspn(open, "]");

        memset(open, ' ', size + (open[size] == ']'));
    }
    while ((word = words_next(&line))) {
        if (strcmp(word, "dns") == 0)
            services->dns = true;
        else if (strcmp(word, "files") != 0)
            services->others = true;
    }
}

struct settings_services settings_services(const char *nsswitch)
{
    struct settings_services services = {.dns = true};

    read_lines(nsswitch, "hosts:", read_services, &services);
    return services;
}

/* The number behind an option's name, from 1 to most; else what it was. */
static int read_number(const char *word, const char *name, int most, int before)
{
    size_t size = strlen(name);
    long number;

    if (strncmp(word, name, size) != 0)
        return before;
    number = strtol(word + size, NULL, 10);
    return number < 1 ? before : number > most ? most : (int)number;
}

static void read_options(char *line, void *into)
{
    struct settings_patience *patience = into;
    int seconds = 0;
    char *word;

    while ((word = words_next(&line))) {
        seconds = read_number(word, "timeout:", TIMEOUT_MAX, seconds);
        patience->tries = read_number(word, "attempts:", TRIES_MAX, patience->tries);
    }
    if (seconds)
        patience->timeout_ms = seconds * MS_PER_SECOND;
}

static void count_server(char *line, void *into)
{
    (void)line;
    ++*(int *)into;
}

struct settings_patience settings_patience(const char *resolv_conf)
{
    struct settings_patience patience = {0};

    read_lines(resolv_conf, "options", read_options, &patience);
    read_lines(resolv_conf, "nameserver", count_server, &patience.servers);
    return patience;
}
