#ifndef LOOKUP_HOSTS_H
#define LOOKUP_HOSTS_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* The longest host name, without a NUL. */
enum { HOSTS_NAME_MAX = 255 };

/* The hosts file, read once (hosts(5)). */
struct hosts;

/*
 * Reads a hosts file. Lines without an address are skipped, and a file that cannot be read counts
 * as empty, as in the system's own lookup. Returns NULL if out of memory.
 */
struct hosts *hosts_load(const char *path);

/* The same for the text of a file, which is modified but not kept. */
struct hosts *hosts_parse(char *text);

/* NULL is allowed. */
void hosts_free(struct hosts *hosts);

/*
 * Writes the addresses of a host in the form of addresses_join. Returns 0, or -1 if the file has no
 * address of this family, or 1 if it has only 0.0.0.0 or ::. localhost and the names below it are
 * addresses of this machine (RFC 6761), even if the file does not list them.
 */
int hosts_find(const struct hosts *hosts, const char *name, int family, struct buffer *into);

/* Copies a host name in lower case, so that equal names have equal keys. Returns false if it is
 * empty or longer than HOSTS_NAME_MAX. */
bool hosts_key(const char *host, size_t size, char key[HOSTS_NAME_MAX + 1]);

#endif
