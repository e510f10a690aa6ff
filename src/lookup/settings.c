/* Reads nsswitch.conf and resolv.conf: lines of words, as in the hosts file. */
#include "lookup/settings.h"

#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\f\v"

/* The limits of the C library. */
enum { TIMEOUT_MAX = 30, TRIES_MAX = 5 };

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

char *settings_load_text(const char *path, struct buffer *buffer)
{
    static char nothing[] = "";
    struct error error;

    return file_read(path, buffer, &error) == 0 && buffer->size > 0 ? buffer->data : nothing;
}

static void read_services(char *line, struct settings *settings)
{
    char *word;

    settings->dns = settings->others = false;

    /* "[NOTFOUND=return]" is an action, not a service. */
    for (char *open; (open = strchr(line, '['));) {
        size_t size = strcspn(open, "]");

        memset(open, ' ', size + (open[size] == ']'));
    }
    while ((word = settings_next_word(&line))) {
        if (strcmp(word, "dns") == 0)
            settings->dns = true;
        else if (strcmp(word, "files") != 0)
            settings->others = true;
    }
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

static void read_options(char *line, struct settings *settings)
{
    int seconds = 0;
    char *word;

    while ((word = settings_next_word(&line))) {
        seconds = read_number(word, "timeout:", TIMEOUT_MAX, seconds);
        settings->tries = read_number(word, "attempts:", TRIES_MAX, settings->tries);
    }
    if (seconds)
        settings->timeout_ms = seconds * MS_PER_SECOND;
}

/* An interface by its name or number; 0: there is none. */
static uint32_t read_scope(const char *text)
{
    uint32_t index = if_nametoindex(text);

    return index ? index : (uint32_t)strtoul(text, NULL, 10);
}

/* Ignores a server that cannot be asked: a link-local address needs an interface. */
static void read_server(char *line, struct settings *settings)
{
    struct settings_server server = {.family = AF_INET};
    char *word = settings_next_word(&line), *zone;

    if (!word || settings->n_servers == SETTINGS_SERVERS_MAX)
        return;
    zone = strchr(word, '%');
    if (zone)
        *zone++ = '\0';
    if (strchr(word, ':'))
        server.family = AF_INET6;
    if (inet_pton(server.family, word, &server.address) != 1)
        return;
    if (server.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&server.address.v6)) {
        server.scope = zone ? read_scope(zone) : 0;
        if (!server.scope)
            return;
    }
    settings->servers[settings->n_servers++] = server;
}

struct settings settings_parse(char *text)
{
    /* The first word of a line, and the function that reads the rest of it. */
    static const struct {
        const char *word;
        void (*read)(char *line, struct settings *settings);
    } kinds[] = {{"hosts:", read_services}, {"options", read_options}, {"nameserver", read_server}};
    struct settings settings = {.dns = true};
    char *line, *first;

    while ((line = settings_next_line(&text))) {
        first = settings_next_word(&line);
        for (size_t i = 0; first && i < sizeof kinds / sizeof kinds[0]; i++) {
            if (strcasecmp(first, kinds[i].word) == 0)
                kinds[i].read(line, &settings);
        }
    }
    return settings;
}

struct settings settings_load(const char *path)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    struct settings settings = settings_parse(settings_load_text(path, &text));

    buffer_free(&text);
    return settings;
}
