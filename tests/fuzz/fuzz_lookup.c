/* lookup: the texts of hosts, nsswitch.conf and resolv.conf, as the owner of the machine may write
 * them. */
#include "fuzz.h"

#include "lookup/addresses.h"
#include "lookup/hosts.h"
#include "lookup/settings.h"

#include <arpa/inet.h>

/* "192.0.2.1,[2001:db8::1]" */
static void must_be_addresses(char *list, int family)
{
    unsigned char bytes[16];

    for (char *next; list; list = next) {
        bool v6 = *list == '[';

        next = strchr(list, ',');
        if (next)
            *next++ = '\0';
        if (v6) {
            must(list[strlen(list) - 1] == ']', "IPv6 is in brackets");
            list[strlen(list) - 1] = '\0';
        }
        must(inet_pton(v6 ? AF_INET6 : AF_INET, list + v6, bytes) == 1, "it is an address");
        must(family == AF_UNSPEC || (family == AF_INET6) == v6, "it belongs to this family");
    }
}

/* The input: a family, a name up to a newline, then the file. */
static void look_up(struct input *input)
{
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
    int family = families[input_byte(input) % 3];
    struct buffer found = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    size_t size;
    char *name = input_part(input, '\n', &size), *text = input_part(input, '\0', &size);
    struct hosts *hosts = hosts_parse(text);

    must(hosts != NULL, "memory is available");
    if (*name && hosts_find(hosts, name, family, &found) == 0)
        must_be_addresses(found.data, family);
    addresses_is_literal(name);
    buffer_free(&found);
    hosts_free(hosts);
    free(text);
    free(name);
}

static void read_resolver(struct input *input)
{
    size_t size;
    char *text = input_part(input, '\0', &size);
    struct settings settings = settings_parse(text);

    must(settings.timeout_ms >= 0 && settings.timeout_ms <= 30000, "30 seconds at most");
    must(settings.tries >= 0 && settings.tries <= 5, "five tries at most");
    must(settings.n_servers <= SETTINGS_SERVERS_MAX, "the number of servers has a limit");
    free(text);
}

static void read_services(struct input *input)
{
    size_t size;
    char *text = input_part(input, '\0', &size);

    settings_parse(text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct input * input) = {look_up, read_services, read_resolver};
    struct input input = {data, size};

    readers[input_byte(&input) % 3](&input);
    return 0;
}
