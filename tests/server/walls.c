/* Responses in the likeness of bot walls, and requests to wait. */
#include "awkward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a file of tests/walls. The caller frees it; NULL: there is none. */
static char *read_wall(const char *name, size_t *size)
{
    const char *folder = getenv("WALLS");
    char path[4096 + 256], *text = NULL;
    FILE *file;

    snprintf(path, sizeof path, "%.200s/%.4000s.http", folder ? folder : ".", name);
    file = fopen(path, "rb");
    if (!file)
        return NULL;
    text = calloc(1, 1 << 16);
    *size = text ? fread(text, 1, (1 << 16) - 1, file) : 0;
    fclose(file);
    return text;
}

/* wall/NAME: the response of $WALLS/NAME.http, which tests/README.md describes. */
static void wall(struct connection *to, const struct request *request)
{
    size_t size;
    char *text = read_wall(request->argument, &size), *line, *body;

    if (!text || !(body = strstr(text, "\n\n"))) {
        connection_page(to, 404, "", "no such wall\n");
        free(text);
        return;
    }
    *body = '\0';
    body += 2;
    connection_printf(to, "HTTP/1.1 %d Wall\r\n", atoi(text));
    for (line = strchr(text, '\n'); line; line = strchr(line + 1, '\n'))
        connection_printf(to, "%.*s\r\n", (int)strcspn(line + 1, "\n"), line + 1);
    size -= (size_t)(body - text);
    connection_printf(to, "Content-Length: %zu\r\n\r\n", size);
    if (strcmp(request->method, "HEAD") != 0)
        connection_send(to, body, size);
    free(text);
}

/* wait/STATUS/VALUE: Retry-After with this value, in which '_' is a space. */
static void wait_header(struct connection *to, const struct request *request)
{
    char value[256], header[300];
    const char *at = strchr(request->argument, '/');

    snprintf(value, sizeof value, "%s", at ? at + 1 : "");
    for (char *space = value; (space = strchr(space, '_')); space++)
        *space = ' ';
    snprintf(header, sizeof header, "Retry-After: %s\r\n", value);
    connection_page(to, atoi(request->argument), header, "later\n");
}

/* wall-to/PATH: a redirect to /PATH with the header of a wall. */
static void wall_to(struct connection *to, const struct request *request)
{
    char headers[4300];

    snprintf(headers, sizeof headers, "cf-mitigated: challenge\r\nLocation: /%s\r\n",
             request->argument);
    connection_page(to, 302, headers, "");
}

const struct behaviour_row behaviours_walls[] = {
    {"wall", wall, "wall/NAME: the response in $WALLS/NAME.http"},
    {"wall-to", wall_to, "wall-to/PATH: a redirect with the header of a wall"},
    {"wait", wait_header, "wait/STATUS/VALUE: Retry-After: VALUE"},
    {NULL, NULL, NULL},
};
