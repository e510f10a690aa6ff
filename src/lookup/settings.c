#include "lookup/settings.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "lookup/split.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* As in the C library. */
enum { TIMEOUT_MAX = 30, TRIES_MAX = 5 };

/* A kind of line: its first word, and who reads the rest of it. */
struct line_kind {
    const char *word;
    void (*read)(char *line, void *into);
};

static void read_lines(char *text, const struct line_kind *kinds, size_t n, void *into)
{
    char *line, *first;

    while ((line = split_line(&text))) {
        first = split_word(&line);
        for (size_t i = 0; first && i < n; i++) {
            if (strcasecmp(first, kinds[i].word) == 0)
                kinds[i].read(line, into);
        }
    }
}

/* Calls parse with the text of a file; one that cannot be read is empty. */
static void load(const char *path, void (*parse)(char *text, void *into), void *into)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    char nothing[] = "";
    struct error error;

    parse(file_read(path, &text, &error) == 0 && text.size > 0 ? text.data : nothing, into);
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
    while ((word = split_word(&line))) {
        if (strcmp(word, "dns") == 0)
            services->dns = true;
        else if (strcmp(word, "files") != 0)
            services->others = true;
    }
}

static void parse_services(char *text, void *into)
{
    static const struct line_kind kinds[] = {{"hosts:", read_services}};

    *(struct settings_services *)into = (struct settings_services){.dns = true};
    read_lines(text, kinds, sizeof kinds / sizeof kinds[0], into);
}

struct settings_services settings_parse_services(char *nsswitch)
{
    struct settings_services services;

    parse_services(nsswitch, &services);
    return services;
}

struct settings_services settings_services(const char *path)
{
    struct settings_services services;

    load(path, parse_services, &services);
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

    while ((word = split_word(&line))) {
        seconds = read_number(word, "timeout:", TIMEOUT_MAX, seconds);
        patience->tries = read_number(word, "attempts:", TRIES_MAX, patience->tries);
    }
    if (seconds)
        patience->timeout_ms = seconds * MS_PER_SECOND;
}

static void count_server(char *line, void *into)
{
    (void)line;
    ((struct settings_patience *)into)->servers++;
}

static void parse_patience(char *text, void *into)
{
    static const struct line_kind kinds[] = {{"options", read_options},
                                             {"nameserver", count_server}};

    *(struct settings_patience *)into = (struct settings_patience){0};
    read_lines(text, kinds, sizeof kinds / sizeof kinds[0], into);
}

struct settings_patience settings_parse_patience(char *resolv_conf)
{
    struct settings_patience patience;

    parse_patience(resolv_conf, &patience);
    return patience;
}

struct settings_patience settings_patience(const char *path)
{
    struct settings_patience patience;

    load(path, parse_patience, &patience);
    return patience;
}
