#ifndef LOOKUP_SETTINGS_H
#define LOOKUP_SETTINGS_H

#include <stdbool.h>

/*
 * What c-ares does not read of the system's settings. A file that cannot be read, and what is no
 * setting, are as if they were not there. Those that parse take a file's text, and cut it up.
 */

/* Which services the line "hosts:" of nsswitch.conf names; the hosts file is not counted. */
struct settings_services {
    bool dns;
    bool others;
};

/* Where there is no such file or line, names come from the DNS alone. */
struct settings_services settings_services(const char *path);
struct settings_services settings_parse_services(char *nsswitch);

/* Of resolv.conf. 0: it says nothing. */
struct settings_patience {
    int timeout_ms; /* of the first try */
    int tries;
    int servers;
};

struct settings_patience settings_patience(const char *path);
struct settings_patience settings_parse_patience(char *resolv_conf);

#endif
