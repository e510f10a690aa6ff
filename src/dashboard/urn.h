#ifndef DASHBOARD_URN_H
#define DASHBOARD_URN_H

enum { URN_MAX = 48 };

/*
 * "urn:uuid:…" of these texts, ended by NULL: always the same of the same ones, and of others
 * another. A UUID of version 8 (RFC 9562), made of their SHA-256. Of very long texts only the front
 * counts. Returns 0 or -1: out of memory.
 */
int urn_write(const char *const *parts, char urn[URN_MAX]);

#endif
