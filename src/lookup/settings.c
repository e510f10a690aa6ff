/* Reads nsswitch.conf and resolv.conf: lines of words, as in the hosts file. */
#include "lookup/settings.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\f\v"

/* The limits of the C library. */
enum { TIMEOUT_MAX = 30, TRIES_MAX = 5 };

/* A kind of line: its first word, and the function that reads the rest of it. */
struct line_kind {
    const char *word;
    void (*read)(char *line, void *into);
};

char *settings_next_line(char **text)
{
    char *line = *text;
    size_t size = strcspn(line, "\n");

    if (!*line)
        return NULL;
    *text = line + size + (line[size] == '\n');
    line[size] = '\0';
    line[strcspn(line, "#")] = '\0';
    return line;
}

char *settings_next_word(char **line)
{
    char *word = *line + strspn(*line, BLANKS);
    size_t size = strcspn(word, BLANKS);

    *line = word + size;
    if (**line)
        *(*line)++ = '\0';
    return size ? word : NULL;
}

static void read_lines(char *text, const struct line_kind *kinds, size_t n, void *into)
{
    char *line, *first;

    while ((line = settings_next_line(&text))) {
        first = settings_next_word(&line);
        for (size_t i = 0; first && i < n; i++) {
            if (strcasecmp(first, kinds[i].word) == 0)
                kinds[i].read(line, into);
        }
    }
}

/* Reads a file into a buffer; the text is "" if that fails. The caller frees the buffer. */
static char *load_text(const char *path, struct buffer *buffer)
{
    static char nothing[] = "";
    struct error error;

    *buffer = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    return file_read(path, buffer, &error) == 0 && buffer->size > 0 ? buffer->data : nothing;
}

static void read_services(char *line, void *into)
{
    struct settings_services *services = into;
    char *word;

    *services = (struct settings_services){false, false};

    /* "[NOTFOUND=return]" is an action, not a service. */
    for (char *open; (open = strchr(line, '['));) {
        size_t size = strcspn(open, "]");

        memset(open, ' ', size + (open[size] == ']'));
    }
    while ((word = settings_next_word(&line))) {
        if (strcmp(word, "dns") == 0)
            services->dns = true;
        else if (strcmp(word, "files") != 0)
            services->others = true;
    }
}

struct settings_services settings_parse_services(char *nsswitch)
{
    static const struct line_kind kinds[] = {{"hosts:", read_services}};
    struct settings_services services = {.dns = true};

    read_lines(nsswitch, kinds, sizeof kinds / sizeof kinds[0], &services);
    return services;
}

struct settings_services settings_load_services(const char *path)
{
    struct buffer text;
    struct settings_services services = settings_parse_services(load_text(path, &text));

    buffer_free(&text);
    return services;
}

/* Returns the number after an option's name, at most max; `before` if this is another option, or
 * if its number is not positive. */
static int read_number(const char *word, const char *name, int max, int before)
{
    size_t size = strlen(name);
    long number;

    if (strncmp(word, name, size) != 0)
        return before;
    number = strtol(word + size, NULL, 10);
    return number < 1 ? before : number > max ? max : (int)number;
}

static void read_options(char *line, void *into)
{
    struct settings_resolver *resolver = into;
    int seconds = 0;
    char *word;

    while ((word = settings_next_word(&line))) {
        seconds = read_number(word, "timeout:", TIMEOUT_MAX, seconds);
        resolver->tries = read_number(word, "attempts:", TRIES_MAX, resolver->tries);
    }
    if (seconds)
        resolver->timeout_ms = seconds * MS_PER_SECOND;
}

static void count_server(char *line, void *into)
{
    (void)line;
    ((struct settings_resolver *)into)->servers++;
}

struct settings_resolver settings_parse_resolver(char *resolv_conf)
{
    static const struct line_kind kinds[] = {{"options", read_options},
                                             {"nameserver", count_server}};
    struct settings_resolver resolver = {0};

    read_lines(resolv_conf, kinds, sizeof kinds / sizeof kinds[0], &resolver);
    return resolver;
}

struct settings_resolver settings_load_resolver(const char *path)
{
    struct buffer text;
    struct settings_resolver resolver = settings_parse_resolver(load_text(path, &text));

    buffer_free(&text);
    return resolver;
}
