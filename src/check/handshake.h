#ifndef CHECK_HANDSHAKE_H
#define CHECK_HANDSHAKE_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/* What the client did in a handshake. */
struct handshake {
    bool asks_certificate; /* the server asked for a client certificate, */
    bool sent_certificate; /* and got one */
    enum tls_version min_version;
};

/*
 * Finds OpenSSL's reason in a message of libcurl ("... error:0A00010B:SSL routines::wrong version
 * number") and copies it. Returns false, with an empty text, if there is none.
 */
bool handshake_find_reason(const char *message, char *into, size_t size);

/* Whether the reason means that the other side does not speak TLS at all. */
bool handshake_is_not_tls(const char *reason);

/* Whether the server sent this reason as an alert. */
bool handshake_is_alert(const char *reason);

/* Writes what OpenSSL's reason means for people. */
void handshake_explain(const char *reason, const struct handshake *handshake, char *into,
                       size_t size);

#endif
