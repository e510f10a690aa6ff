#ifndef DASHBOARD_URN_H
#define DASHBOARD_URN_H

enum { URN_MAX = 48 };

/*
 * Writes "urn:uuid:…" for these texts, ended by NULL. Deterministic: equal texts give equal URNs,
 * different texts different ones. It is a UUID of version 8 (RFC 9562), made from their SHA-256.
 * Only the first 2 KiB of the texts count. Returns 0, or -1 if out of memory.
 */
int urn_write(const char *const *parts, char urn[URN_MAX]);

#endif
