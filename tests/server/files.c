/* Responses that a test writes byte for byte. */
#include "awkward.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a file of the folder. The caller frees it. NULL: there is none. */
static char *read_file(const char *name, size_t *size)
{
    char path[PATH_MAX];
    FILE *from;
    char *bytes = NULL;

    snprintf(path, sizeof path, "%.2000s/%.2000s", server_folder(), name);
    from = fopen(path, "r");
    if (!from)
        return NULL;
    fseek(from, 0, SEEK_END);
    *size = (size_t)ftell(from);
    rewind(from);
    bytes = malloc(*size + 1);
    if (bytes && fread(bytes, 1, *size, from) != *size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(from);
    return bytes;
}

static void send_pieces(struct connection *to, const char *name, size_t piece)
{
    size_t size = 0;
    char *bytes = read_file(name, &size);

    if (!bytes) {
        connection_page(to, 404, "", "no such file\n");
        return;
    }
    for (size_t at = 0; at < size; at += piece) {
        if (connection_send(to, bytes + at, size - at < piece ? size - at : piece))
            break;
    }
    free(bytes);
}

/* file/NAME: the whole response. */
static void file(struct connection *to, const struct request *request)
{
    send_pieces(to, request->argument, 1 << 20);
}

/* file-pieces/N/NAME: in packets of N bytes. */
static void file_pieces(struct connection *to, const struct request *request)
{
    const char *name = strchr(request->argument, '/');
    int piece = atoi(request->argument);

    send_pieces(to, name ? name + 1 : "", piece > 0 ? (size_t)piece : 1);
}

/* file-slow/MS/NAME: after MS milliseconds. */
static void file_slow(struct connection *to, const struct request *request)
{
    const char *name = strchr(request->argument, '/');

    connection_pause(to, atoi(request->argument));
    send_pieces(to, name ? name + 1 : "", 1 << 20);
}

const struct behaviour_row behaviours_files[] = {
    {"file", file, "file/NAME: the response in this file of the folder"},
    {"file-pieces", file_pieces, "file-pieces/N/NAME: the same, N bytes in each packet"},
    {"file-slow", file_slow, "file-slow/MS/NAME: the same, after MS milliseconds"},
    {NULL, NULL, NULL},
};
