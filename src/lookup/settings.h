#ifndef LOOKUP_SETTINGS_H
#define LOOKUP_SETTINGS_H

#include "base/buffer.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SETTINGS_SERVERS_MAX = 8 };

/* A name server. */
struct settings_server {
    int family;
    union {
        struct in_addr v4;
        struct in6_addr v6;
    } address;
    uint32_t scope; /* interface of a link-local address; 0: none */
};

/*
 * The system's settings that c-ares does not read. A file that cannot be read counts as empty, and
 * unknown lines are ignored.
 */
struct settings {
    /* From the line "hosts:" of nsswitch.conf. Without such a line: the DNS alone. */
    bool dns;
    bool others; /* any service besides the hosts file and the DNS */

    /* From resolv.conf; a number is 0 if the file does not set it. */
    int timeout_ms; /* of the first try */
    int tries;
    size_t n_servers; /* those that can be asked; more than the maximum are ignored */
    struct settings_server servers[SETTINGS_SERVERS_MAX];
};

/* Reads one of these files. */
struct settings settings_load(const char *path);

/* The same for the text of a file, which is modified. */
struct settings settings_parse(char *text);

/* Reads a whole file into the buffer, which the caller frees. Returns its text, or "" if that
 * fails. */
char *settings_load_text(const char *path, struct buffer *buffer);

/* Cuts the next line off a text, without its line end and its comment, which begins with "#".
 * Returns NULL if there is none. */
char *settings_next_line(char **text);

/* Cuts the next word off a line. Returns NULL if there is none. */
char *settings_next_word(char **line);

#endif
