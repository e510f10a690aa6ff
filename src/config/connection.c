/* Reads how a check connects. */
#include "config/connection.h"

#include "base/secrets.h"
#include "config/path.h"
#include "config/value.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

enum { SOCKET_PATH_MAX = sizeof((struct sockaddr_un *)NULL)->sun_path - 1 };

/* "192.0.2.1", "[2001:db8::1]": as libcurl needs it. */
enum { SHOWN_SIZE = INET6_ADDRSTRLEN + 2 };

/* Writes an address of IPv4, or one of IPv6 with or without brackets. Returns false if the text is
 * neither. */
static bool write_address(const char *text, size_t size, bool brackets, char into[SHOWN_SIZE])
{
    char copy[INET6_ADDRSTRLEN], shown[INET6_ADDRSTRLEN];
    struct in6_addr bytes;

    if (size >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%.*s", (int)size, text);
    if (!brackets && inet_pton(AF_INET, copy, &bytes) == 1) {
        snprintf(into, SHOWN_SIZE, "%s", copy);
        return true;
    }
    if (inet_pton(AF_INET6, copy, &bytes) != 1)
        return false;
    inet_ntop(AF_INET6, &bytes, shown, sizeof shown);
    snprintf(into, SHOWN_SIZE, "[%s]", shown);
    return true;
}

/* Reads ":8080" at the end of an address; nothing is no port. */
static bool read_port(const char *text, const char *end, int *port)
{
    int64_t number = 0;

    *port = 0;
    if (text == end)
        return true;
    if (*text != ':' || !value_whole_number(text + 1, (size_t)(end - text - 1), &number) ||
        number < 1 || number > 65535)
        return false;
    *port = (int)number;
    return true;
}

static bool parse_address(const struct bytes *text, char into[SHOWN_SIZE], int *port)
{
    const char *from = text->data, *end = from + text->size, *stop;

    if (*from == '[') {
        stop = strchr(from, ']');
        return stop && write_address(from + 1, (size_t)(stop - from - 1), true, into) &&
               read_port(stop + 1, end, port);
    }
    *port = 0;
    if (write_address(from, text->size, false, into))
        return strlen(from) == text->size;
    stop = strchr(from, ':');
    return stop && write_address(from, (size_t)(stop - from), false, into) &&
           read_port(stop, end, port);
}

static void read_address(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = node_is_null(node) ? NULL : value_text(loader, node);
    struct domain *domain = into;
    char address[SHOWN_SIZE];
    int port = 0;

    if (text && !parse_address(text, address, &port)) {
        loader_expected(loader, node);
    } else if (text) {
        domain->address = loader_copy(loader, address, strlen(address));
        domain->address_port = port;

        /* A failure shows the address in its usual form. */
        if (value_is_secret(node) &&
            secrets_add(loader->config->secrets, address + (*address == '['),
                        strcspn(address + (*address == '['), "]"), value_shown(node)->data))
            mistakes_no_memory(loader->mistakes);
    } else if (node_is_null(node)) {
        domain->address = NULL;
    }
}

static void read_unix_socket(struct loader *loader, struct node *node, void *into)
{
    const struct bytes *text = node_is_null(node) ? NULL : value_text(loader, node);
    bool is_abstract = text && *text->data == '@';
    const char *path = is_abstract ? text->data : text ? path_read(loader, node) : NULL;

    if (is_abstract && (text->size == 1 || strlen(text->data) != text->size))
        loader_report(loader, node, "expected a name without NUL after '@'");
    else if (path && strlen(path) - is_abstract > SOCKET_PATH_MAX)
        loader_report(loader, node,
                      "expected a path of at most %d bytes with the folder of this file, got %zu",
                      SOCKET_PATH_MAX, strlen(path) - is_abstract);
    else if (path || node_is_null(node))
        *(const char **)into = path;
}

static void read_http_version(struct loader *loader, struct node *node, void *into)
{
    static const int features[] = {[REQUEST_HTTP_2] = CURL_VERSION_HTTP2,
                                   [REQUEST_HTTP_2_PRIOR_KNOWLEDGE] = CURL_VERSION_HTTP2,
                                   [REQUEST_HTTP_3] = CURL_VERSION_HTTP3};
    const curl_version_info_data *libcurl;
    enum request_version *version = into;

    value_word.read(loader, node, version);
    if (*version < REQUEST_HTTP_2)
        return;
    libcurl = curl_version_info(CURLVERSION_NOW);
    if (!(libcurl->features & features[*version]))
        loader_report(loader, node, "this libcurl (%s) has no HTTP/%d; use another version",
                      libcurl->version, *version == REQUEST_HTTP_3 ? 3 : 2);
}

/* Only one of these keys can decide where a check connects. */
static void check_ways(struct loader *loader, const struct mapping_values *values,
                       const struct domain *domain)
{
    const struct {
        const char *key;
        bool is_set;
    } ways[] = {{"address", domain->address},
                {"unix_socket", domain->unix_socket},
                {"proxy", domain->proxy}};

    for (size_t i = 1; i < sizeof ways / sizeof ways[0]; i++) {
        for (size_t j = 0; j < i && ways[i].is_set; j++) {
            struct node *here = mapping_value(values, ways[i].key);
            struct node *at = here ? here : mapping_value(values, ways[j].key);

            if (at && ways[j].is_set)
                mistakes_at(loader->mistakes, at,
                            "%s: '%s' is set too, and a check connects in one way; remove one of "
                            "them, or set it to ~",
                            ways[here ? i : j].key, ways[here ? j : i].key);
        }
    }
}

void connection_check(struct loader *loader, const struct mapping_values *values,
                      const struct domain *domain)
{
    struct node *address, *at;
    int version;

    check_ways(loader, values, domain);
    if (!domain->address)
        return;
    address = mapping_value(values, "address");
    at = address ? address : mapping_value(values, "ip_version");
    version = *domain->address == '[' ? 6 : 4;
    if (at && ((version == 4 && domain->ip_version == IP_6) ||
               (version == 6 && domain->ip_version == IP_4)))
        mistakes_at(loader->mistakes, at,
                    "%s: the address is of IPv%d, and ip_version is %d; change one of them",
                    address ? "address" : "ip_version", version, version == 4 ? 6 : 4);
}

const struct kind connection_address = {
    "an IP address, with or without a port (\"192.0.2.1:8080\", \"[2001:db8::1]:8080\"), or ~ for "
    "none",
    .read = read_address};
const struct kind connection_unix_socket = {"the path of a Unix socket, or ~ for none",
                                            .read = read_unix_socket};
const struct kind connection_http_version = {"one of", .read = read_http_version};
