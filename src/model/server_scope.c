/* The names of servers in events and on pages. */
#include "model/server_scope.h"

#include "base/secrets.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HTTPS_PORT = 443 };

/* The last byte of the variable that begins here, if one does. Its name may contain separators. */
static const char *skip_variable(const char *at)
{
    const char *brace = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;

    return brace ? brace : at;
}

/* Where the authority of a URL ends. */
static const char *find_end(const char *authority)
{
    const char *at = authority;

    while (*at && *at != '/' && *at != '?' && *at != '#')
        at = skip_variable(at) + 1;
    return at;
}

/* A host has no case, but the name of a variable does. */
static void fold_case(char *text)
{
    for (const char *at = text, *next; *at; at = next) {
        next = skip_variable(at) + 1;
        if (next == at + 1)
            text[at - text] = (char)tolower((unsigned char)*at);
    }
}

/* The ":" before the port; NULL: there is no port. */
static const char *find_port(const char *authority, const char *end)
{
    const char *found = NULL;

    for (const char *at = authority; at < end; at = skip_variable(at) + 1) {
        if (*at == ':')
            found = at;
        else if (*at == ']')
            found = NULL;
    }
    return found;
}

bool server_scope_of(const struct domain *domain, char scope[EVENT_SCOPE_MAX])
{
    const char *authority = strstr(domain->shown_url, "://"), *end;
    char text[2 * EVENT_SCOPE_MAX];
    int size;

    *scope = '\0';
    if (strncasecmp(domain->url, "https:", 6) != 0)
        return false;
    authority = authority ? authority + strlen("://") : domain->shown_url;
    end = find_end(authority);
    size = (int)(end - authority);
    if (find_port(authority, end))
        snprintf(text, sizeof text, "%.*s", size, authority);
    else
        snprintf(text, sizeof text, "%.*s:%d", size, authority, HTTPS_PORT);
    fold_case(text);
    text_one_line(scope, EVENT_SCOPE_MAX, text, strlen(text));
    return true;
}

void server_scope_write(const struct domain *domain, const char *host, int port,
                        char scope[EVENT_SCOPE_MAX])
{
    char text[2 * EVENT_SCOPE_MAX];

    snprintf(text, sizeof text, "%s:%d", host, port);
    fold_case(text);
    secrets_hide(domain->secrets, text, sizeof text);
    text_one_line(scope, EVENT_SCOPE_MAX, text, strlen(text));
}

size_t server_scope_host_size(const char *scope)
{
    const char *end = scope + strlen(scope), *port = find_port(scope, end);

    return (size_t)((port ? port : end) - scope);
}

const char *server_scope_port(const char *scope)
{
    const char *end = scope + server_scope_host_size(scope);

    return *end ? end + 1 : end;
}

int server_scope_port_number(const char *scope)
{
    const char *port = server_scope_port(scope);

    return port[strspn(port, "0123456789")] ? 0 : atoi(port);
}
