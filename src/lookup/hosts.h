#ifndef LOOKUP_HOSTS_H
#define LOOKUP_HOSTS_H

#include "base/buffer.h"

/* What the machine itself says of hosts. */
struct hosts;

/*
 * Reads a hosts file once, as hosts(5) has it. What is no address, and a file that cannot be read,
 * are as if they were not there: so the system's own lookup takes them. NULL: out of memory.
 */
struct hosts *hosts_load(const char *path);

/* The same of a file's text, which it cuts up and does not keep. */
struct hosts *hosts_parse(char *text);

void hosts_free(struct hosts *hosts);

/*
 * Writes the addresses of a host as addresses_join does. Returns 0, or -1:
 * the file has none of this family. localhost and all below it are this machine (RFC 6761), whether
 * or not the file says so.
 */
int hosts_find(const struct hosts *hosts, const char *name, int family, struct buffer *into);

#endif
