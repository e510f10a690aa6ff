#ifndef CHECK_HANDSHAKE_H
#define CHECK_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds OpenSSL's reason in a message of libcurl ("... error:0A00010B:SSL routines::wrong version
 * number") and copies it. Returns false, with an empty text, if there is none.
 */
bool handshake_find_reason(const char *message, char *into, size_t size);

/* Whether the reason means that the other side does not speak TLS at all. */
bool handshake_is_not_tls(const char *reason);

/* Whether the server sent this reason as an alert. */
bool handshake_is_alert(const char *reason);

/* Writes what OpenSSL's reason means for people. asks_certificate: the server asked for a client
 * certificate before. */
void handshake_explain(const char *reason, bool asks_certificate, char *into, size_t size);

#endif
