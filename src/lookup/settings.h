#ifndef LOOKUP_SETTINGS_H
#define LOOKUP_SETTINGS_H

#include <stdbool.h>

/*
 * The system's settings that c-ares does not read. A file that cannot be read counts as empty, and
 * unknown lines are ignored. The parse functions take the text of a file and modify it.
 */

/* The services in the line "hosts:" of nsswitch.conf. Without such a line: the DNS alone. */
struct settings_services {
    bool dns;
    bool others; /* any besides the hosts file and the DNS */
};

struct settings_services settings_load_services(const char *path);
struct settings_services settings_parse_services(char *nsswitch);

/* From resolv.conf; a number is 0 if the file does not set it. */
struct settings_resolver {
    int timeout_ms; /* of the first try */
    int tries;
    int servers; /* how many are listed */
};

struct settings_resolver settings_load_resolver(const char *path);
struct settings_resolver settings_parse_resolver(char *resolv_conf);

/* Cuts the next line off a text, without its line end and its comment, which begins with "#".
 * Returns NULL if there is none. */
char *settings_next_line(char **text);

/* Cuts the next word off a line. Returns NULL if there is none. */
char *settings_next_word(char **line);

#endif
