/* Chooses what a request connects to: the host of its URL, a configured address or socket, or a
 * proxy. */
#include "check/route.h"

#include <stdio.h>
#include <strings.h>

struct next_hop route_next_hop(const struct domain *domain, const struct target *target)
{
    if (domain->proxy)
        return (struct next_hop){domain->proxy->host, domain->proxy->port};
    if ((domain->address && target->same_server) || (domain->unix_socket && target->same_origin))
        return (struct next_hop){NULL, 0};
    return (struct next_hop){target->host, target->port};
}

bool route_is_forwarded(const struct domain *domain, const struct target *target)
{
    return domain->proxy && domain->proxy->kind != PROXY_SOCKS5 && !target_is_tls(target) &&
           domain->http_version != REQUEST_HTTP_2_PRIOR_KNOWLEDGE;
}

bool route_knows_http2(const struct domain *domain, const struct target *target)
{
    return domain->http_version == REQUEST_HTTP_2_PRIOR_KNOWLEDGE && target->same_origin;
}

/* In libcurl's notation, for any host and port of the URL: "::ADDRESS:PORT". */
static int set_address(CURL *easy, const struct domain *domain, struct curl_slist **connect_to)
{
    char line[80];

    if (domain->address_port)
        snprintf(line, sizeof line, "::%s:%d", domain->address, domain->address_port);
    else
        snprintf(line, sizeof line, "::%s:", domain->address);
    *connect_to = curl_slist_append(NULL, line);
    return !*connect_to || curl_easy_setopt(easy, CURLOPT_CONNECT_TO, *connect_to) ? -1 : 0;
}

static int set_socket(CURL *easy, const char *path)
{
    CURLcode code = path && *path == '@'
                        ? curl_easy_setopt(easy, CURLOPT_ABSTRACT_UNIX_SOCKET, path + 1)
                        : curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, path);

    return code ? -1 : 0;
}

static int set_proxy(CURL *easy, const struct domain *domain)
{
    unsigned failed = 0;

    failed |= curl_easy_setopt(easy, CURLOPT_PROXY, domain->proxy->url);

    /* Otherwise the environment can name hosts that are reached without a proxy. */
    failed |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    failed |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

    /* A proxy forwards HTTP/2 only within a tunnel. */
    if (domain->http_version == REQUEST_HTTP_2_PRIOR_KNOWLEDGE)
        failed |= curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    return failed ? -1 : 0;
}

static bool asks_upgrade(const struct domain *domain)
{
    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcasecmp(domain->headers[i].name, "Upgrade") == 0)
            return true;
    }
    return false;
}

/* Another protocol can be asked for in HTTP/1.1 only. */
static int set_version(CURL *easy, const struct domain *domain, const struct target *target)
{
    static const long versions[] = {
        [REQUEST_HTTP_1_1] = CURL_HTTP_VERSION_1_1,
        [REQUEST_HTTP_2] = CURL_HTTP_VERSION_2TLS,
        [REQUEST_HTTP_2_PRIOR_KNOWLEDGE] = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
        [REQUEST_HTTP_3] = CURL_HTTP_VERSION_3,
    };
    long version = versions[domain->http_version];

    if (version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && !route_knows_http2(domain, target))
        version = CURL_HTTP_VERSION_2TLS;
    else if (version != CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && asks_upgrade(domain))
        version = CURL_HTTP_VERSION_1_1;
    return curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version) ? -1 : 0;
}

int route_set(CURL *easy, const struct domain *domain, const struct target *target, bool no_http2,
              struct curl_slist **connect_to)
{
    if (domain->http_version != REQUEST_AUTO && !no_http2 && set_version(easy, domain, target))
        return -1;
    if (domain->proxy)
        return set_proxy(easy, domain);
    if (domain->unix_socket && set_socket(easy, target->same_origin ? domain->unix_socket : NULL))
        return -1;
    if (!domain->address)
        return 0;
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, NULL);
    curl_slist_free_all(*connect_to);
    *connect_to = NULL;
    return target->same_server ? set_address(easy, domain, connect_to) : 0;
}
