#include "lookup/hosts.h"

#include "base/arena.h"
#include "base/file.h"
#include "lookup/addresses.h"
#include "lookup/names.h"
#include "lookup/split.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct host_address {
    int family;
    unsigned char bytes[sizeof(struct in6_addr)];
    struct host_address *next;
};

struct host {
    struct host_address *first, **end;
};

struct hosts {
    struct arena *arena;
    struct names names;
};

static struct host *host_of(struct hosts *hosts, const char *key)
{
    struct host *host = names_find(&hosts->names, key);
    char *kept;

    if (host)
        return host;
    host = arena_alloc(hosts->arena, sizeof *host);
    kept = arena_copy(hosts->arena, key, strlen(key));
    if (!host || !kept || names_set(&hosts->names, kept, host))
        return NULL;
    host->end = &host->first;
    return host;
}

static int add_address(struct hosts *hosts, struct host *host, const struct host_address *address)
{
    struct host_address *kept = arena_alloc(hosts->arena, sizeof *kept);

    if (!kept)
        return -1;
    *kept = *address;
    *host->end = kept;
    host->end = &kept->next;
    return 0;
}

/* An address and its names. Returns 0, or -1: out of memory. */
static int read_host(struct hosts *hosts, char *line)
{
    char *number = split_word(&line), *name;
    char key[NAMES_KEY_MAX + 1];
    struct host_address address = {0};

    if (!number)
        return 0;
    address.family = strchr(number, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(address.family, number, address.bytes) != 1)
        return 0;
    while ((name = split_word(&line))) {
        struct host *host;

        if (!names_key(name, strlen(name), key))
            continue;
        host = host_of(hosts, key);
        if (!host || add_address(hosts, host, &address))
            return -1;
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
    while (hosts->arena && !failed && (line = split_line(&text)))
        failed = read_host(hosts, line);
    if (hosts->arena && !failed)
        return hosts;
    hosts_free(hosts);
    return NULL;
}

struct hosts *hosts_load(const char *path)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_HOSTS);
    char nothing[] = "";
    struct error error;
    bool read = file_read(path, &text, &error) == 0 && text.size > 0;
    struct hosts *hosts = hosts_parse(read ? text.data : nothing);

    buffer_free(&text);
    return hosts;
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    names_free(&hosts->names);
    arena_free(hosts->arena);
    free(hosts);
}

static bool is_local(const char *key, size_t size)
{
    static const char local[] = "localhost";
    size_t tail = sizeof local - 1;

    return size >= tail && strcmp(key + size - tail, local) == 0 &&
           (size == tail || key[size - tail - 1] == '.');
}

static void add_local(struct addresses *addresses)
{
    const struct in_addr v4 = {htonl(INADDR_LOOPBACK)};

    addresses_add(addresses, AF_INET, &v4);
    addresses_add(addresses, AF_INET6, &in6addr_loopback);
}

int hosts_find(const struct hosts *hosts, const char *name, int family, struct buffer *into)
{
    size_t size = strlen(name) - (name[strlen(name) - 1] == '.');
    struct addresses addresses = {0};
    char key[NAMES_KEY_MAX + 1];
    const struct host *host;
    int result;

    if (!names_key(name, size, key))
        return -1;
    host = names_find(&hosts->names, key);
    for (const struct host_address *at = host ? host->first : NULL; at; at = at->next)
        addresses_add(&addresses, at->family, at->bytes);
    result = addresses_join(&addresses, family, into);
    if (result && is_local(key, size)) {
        add_local(&addresses);
        result = addresses_join(&addresses, family, into);
    }
    addresses_free(&addresses);
    return result;
}
