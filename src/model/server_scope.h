#ifndef MODEL_SERVER_SCOPE_H
#define MODEL_SERVER_SCOPE_H

#include "config/config.h"
#include "model/event.h"

#include <stdbool.h>
#include <stddef.h>

/* The scope of what is true for a server, whatever its URLs: "host:port", as it may be published.
 * The value of a variable is shown by its name: "${HOST}:443". */

/* Writes the scope of the server of a domain's URL. Returns false, and writes an empty text, if the
 * URL is not https. */
bool server_scope_of(const struct domain *domain, char scope[EVENT_SCOPE_MAX]);

/* Writes the scope of any server that a check of the domain met. */
void server_scope_write(const struct domain *domain, const char *host, int port,
                        char scope[EVENT_SCOPE_MAX]);

/* The size of the host in a scope, without the ":" after it. If there is no port, it is the size of
 * the scope. */
size_t server_scope_host_size(const char *scope);

/* The port in a scope: as a text, "" if there is none. The number is 0 if there is none, or a
 * variable is a part of it. */
const char *server_scope_port(const char *scope);
int server_scope_port_number(const char *scope);

#endif
