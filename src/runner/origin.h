#ifndef RUNNER_ORIGIN_H
#define RUNNER_ORIGIN_H

#include <stdbool.h>

/* What a URL leads to, without anything secret in it. */
struct origin {
    char *scheme, *host, *port; /* libcurl's, as text; port is never empty for http and https */
};

/* Returns 0, or -1 where this is no URL or memory runs out; the origin is then all NULL. */
int origin_read(struct origin *origin, const char *url);
void origin_free(struct origin *origin);

/* Whether two URLs have scheme, host and port in common. Not so where either cannot be read. */
bool origin_same(const char *url, const char *other);

#endif
