/* Reads the hosts file into a table of names. */
#include "lookup/hosts.h"

#include "base/arena.h"
#include "base/table.h"
#include "base/text.h"
#include "lookup/addresses.h"
#include "lookup/settings.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct host_address {
    int family;
    unsigned char bytes[sizeof(struct in6_addr)];
    STAILQ_ENTRY(host_address) next;
};

STAILQ_HEAD(host, host_address); /* the addresses of one name, in the order of the file */

struct hosts {
    struct arena *arena;
    struct table names; /* of struct host */
};

bool hosts_key(const char *host, size_t size, char key[HOSTS_NAME_MAX + 1])
{
    if (size == 0 || size > HOSTS_NAME_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        key[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a') : host[i];
    key[size] = '\0';
    return true;
}

/* Returns the host with this key, a new one if there was none; or NULL if out of memory. */
static struct host *find_or_add_host(struct hosts *hosts, const char *key)
{
    struct host *host = table_find(&hosts->names, key);
    char *kept;

    if (host)
        return host;
    host = arena_alloc(hosts->arena, sizeof *host);
    kept = arena_copy(hosts->arena, key, strlen(key));
    if (!host || !kept || table_set(&hosts->names, kept, host))
        return NULL;
    STAILQ_INIT(host);
    return host;
}

/* Reads one line: an address and its names. Returns 0, or -1 if out of memory. */
static int read_host(struct hosts *hosts, char *line)
{
    char *number = settings_next_word(&line), *name;
    char key[HOSTS_NAME_MAX + 1];
    struct host_address address = {0};

    if (!number)
        return 0;
    address.family = strchr(number, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(address.family, number, address.bytes) != 1)
        return 0;
    while ((name = settings_next_word(&line))) {
        struct host_address *kept;
        struct host *host;

        if (!hosts_key(name, strlen(name), key))
            continue;
        host = find_or_add_host(hosts, key);
        kept = arena_alloc(hosts->arena, sizeof *kept);
        if (!host || !kept)
            return -1;
        *kept = address;
        STAILQ_INSERT_TAIL(host, kept, next);
    }
    return 0;
}

struct hosts *hosts_parse(char *text)
{
    struct hosts *hosts = calloc(1, sizeof *hosts);
    char *line;
    int failed = 0;

    if (!hosts)
        return NULL;
    hosts->arena = arena_new();
    while (hosts->arena && !failed && (line = settings_next_line(&text)))
        failed = read_host(hosts, line);
    if (hosts->arena && !failed)
        return hosts;
    hosts_free(hosts);
    return NULL;
}

struct hosts *hosts_load(const char *path)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_HOSTS);
    struct hosts *hosts = hosts_parse(settings_load_text(path, &text));

    buffer_free(&text);
    return hosts;
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    table_free(&hosts->names);
    arena_free(hosts->arena);
    free(hosts);
}

static bool is_local(const char *key)
{
    return strcmp(key, "localhost") == 0 || text_ends_with(key, ".localhost");
}

static void add_local(struct addresses *addresses)
{
    const struct in_addr v4 = {htonl(INADDR_LOOPBACK)};

    addresses_add(addresses, AF_INET, &v4);
    addresses_add(addresses, AF_INET6, &in6addr_loopback);
}

int hosts_find(const struct hosts *hosts, const char *name, int family, struct buffer *into)
{
    size_t size = strlen(name);
    struct addresses addresses = {0};
    char key[HOSTS_NAME_MAX + 1];
    const struct host_address *address;
    struct host *host;
    int result;

    size -= size > 0 && name[size - 1] == '.';
    if (!hosts_key(name, size, key))
        return -1;
    host = table_find(&hosts->names, key);
    address = host ? STAILQ_FIRST(host) : NULL;
    for (; address; address = STAILQ_NEXT(address, next)) {
        if (family == AF_UNSPEC || address->family == family)
            addresses_add(&addresses, address->family, address->bytes);
    }
    result = addresses_join(&addresses, family, into);
    if (result && addresses.has_unspecified && !into->failed)
        result = 1;
    if (result < 0 && is_local(key)) {
        add_local(&addresses);
        result = addresses_join(&addresses, family, into);
    }
    addresses_free(&addresses);
    return result;
}
