/* Judges the failures of a pass: are they those of the hosts or of our own network? */
#include "model/suspicion.h"

#include "base/table.h"

#include <assert.h>
#include <string.h>

enum {
    SURE_PERCENT = 90, /* without a witness */
    IPV4_SIZE = 4,
    IPV6_SIZE = 16
};

static const struct {
    const char *name, *title;
} scopes[NETWORK_SCOPES] = {
    [SCOPE_IPV4_PUBLIC] = {"ipv4-public", "IPv4"},
    [SCOPE_IPV4_PRIVATE] = {"ipv4-private", "private IPv4"},
    [SCOPE_IPV6_PUBLIC] = {"ipv6-public", "IPv6"},
    [SCOPE_IPV6_PRIVATE] = {"ipv6-private", "private IPv6"},
    [SCOPE_NAMES] = {"names", "name lookup"},
};

/* Addresses that begin with these bits are private. */
static const struct {
    size_t size;
    uint8_t bytes[IPV6_SIZE];
    unsigned bits;
} private_prefixes[] = {
    {IPV4_SIZE, {10}, 8},       {IPV4_SIZE, {127}, 8},         {IPV4_SIZE, {169, 254}, 16},
    {IPV4_SIZE, {172, 16}, 12}, {IPV4_SIZE, {192, 168}, 16},   {IPV6_SIZE, {[15] = 1}, 128},
    {IPV6_SIZE, {0xfc}, 7},     {IPV6_SIZE, {0xfe, 0x80}, 10},
};

static const uint8_t mapped_prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

const char *suspicion_scope_name(enum network_scope scope)
{
    assert(scope < NETWORK_SCOPES);
    return scopes[scope].name;
}

const char *suspicion_scope_title(enum network_scope scope)
{
    assert(scope < NETWORK_SCOPES);
    return scopes[scope].title;
}

enum network_scope suspicion_find_scope(const char *name)
{
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        if (strcmp(scopes[i].name, name) == 0)
            return (enum network_scope)i;
    }
    return SCOPE_NONE;
}

static bool begins_with(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    return memcmp(address, prefix, whole) == 0 &&
           (rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

enum network_scope suspicion_scope_of(const uint8_t *address, size_t size, uint32_t *network)
{
    bool is_private = false, v4;

    if (size == IPV6_SIZE && memcmp(address, mapped_prefix, sizeof mapped_prefix) == 0) {
        address += sizeof mapped_prefix;
        size = IPV4_SIZE;
    }
    v4 = size == IPV4_SIZE;
    for (size_t i = 0; i < sizeof private_prefixes / sizeof private_prefixes[0]; i++)
        is_private |= private_prefixes[i].size == size &&
                      begins_with(address, private_prefixes[i].bytes, private_prefixes[i].bits);
    *network = (uint32_t)address[0] << 8 | address[1];
    if (v4)
        return is_private ? SCOPE_IPV4_PRIVATE : SCOPE_IPV4_PUBLIC;
    *network = *network << 16 | (uint32_t)address[2] << 8 | address[3];
    return is_private ? SCOPE_IPV6_PRIVATE : SCOPE_IPV6_PUBLIC;
}

uint32_t suspicion_network_of_name(const char *host)
{
    size_t size = strlen(host), from, dots = 0;

    while (size > 0 && host[size - 1] == '.')
        size--;
    for (from = size; from > 0; from--) {
        dots += host[from - 1] == '.';
        if (dots == 2)
            break;
    }
    return (uint32_t)table_hash(host + from, size - from);
}

static void add_network(struct suspicion *suspicion, uint32_t network)
{
    for (size_t i = 0; i < suspicion->n_networks; i++) {
        if (suspicion->networks[i] == network)
            return;
    }
    if (suspicion->n_networks < SUSPICION_NETWORKS)
        suspicion->networks[suspicion->n_networks++] = network;
}

void suspicion_add(struct suspicion *suspicion, enum suspicion_outcome outcome, uint32_t network)
{
    if (outcome == HOST_UNSEEN)
        return;
    suspicion->hosts++;
    suspicion->answered += outcome == HOST_ANSWERED;
    suspicion->explained += outcome == HOST_KNOWN_FAULT;
    suspicion->failing += outcome == HOST_FAILED || outcome == HOST_FAILS_ON;
    if (outcome != HOST_FAILED && outcome != HOST_KNOWN_FAULT)
        return;
    suspicion->failed++;
    add_network(suspicion, network);
}

static bool is_share(size_t failed, size_t hosts, int percent)
{
    return (uint64_t)failed * 100 >= (uint64_t)hosts * (uint64_t)percent;
}

bool suspicion_is_founded(const struct suspicion *suspicion, const struct local_network *rules)
{
    return suspicion->hosts >= (size_t)rules->min_hosts &&
           is_share(suspicion->failed, suspicion->hosts, rules->share_percent) &&
           suspicion->n_networks >= SUSPICION_NETWORKS;
}

bool suspicion_is_possible(const struct suspicion *suspicion, size_t n,
                           const struct local_network *rules)
{
    struct suspicion upper = *suspicion;

    upper.hosts += n;
    upper.failed += n;
    upper.n_networks += n;
    return suspicion_is_founded(&upper, rules);
}

bool suspicion_judge(const struct suspicion *suspicion, enum suspicion_witness witness, bool lasts,
                     const struct local_network *rules)
{
    bool is_fault =
        suspicion_is_founded(suspicion, rules) && witness != WITNESS_ANSWERED &&
        (witness == WITNESS_SILENT || is_share(suspicion->failed, suspicion->hosts, SURE_PERCENT));

    return is_fault || (lasts && suspicion->answered == 0 && witness != WITNESS_ANSWERED);
}

bool suspicion_is_known(const struct suspicion *suspicion)
{
    return suspicion->explained > 0 && suspicion->answered == 0 && suspicion->failing == 0;
}
