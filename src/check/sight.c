/* Describes what an exchange saw of the network. */
#include "check/sight.h"

#include <netinet/in.h>

/* The scope of an address; SCOPE_NONE: it has none. */
static uint8_t find_scope(const struct peer *peer, uint32_t *network)
{
    const void *address = &peer->address;
    const struct sockaddr_in *v4 = address;
    const struct sockaddr_in6 *v6 = address;

    *network = 0;
    if (peer->size > 0 && peer->address.ss_family == AF_INET)
        return (uint8_t)suspicion_scope_of((const uint8_t *)&v4->sin_addr, sizeof v4->sin_addr,
                                           network);
    if (peer->size > 0 && peer->address.ss_family == AF_INET6)
        return (uint8_t)suspicion_scope_of((const uint8_t *)&v6->sin6_addr, sizeof v6->sin6_addr,
                                           network);
    return SCOPE_NONE;
}

/* Whether a proxy answered to CONNECT, or in the language of SOCKS. */
static bool has_proxy_answered(const struct transfer *transfer)
{
    long status = 0, reported = CURLPX_OK;

    if (!transfer->domain->proxy || !transfer->easy)
        return false;
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_ERROR, &reported);
    return status > 0 || reported != CURLPX_OK || transfer->hop == HOP_SERVER;
}

void sight_fill(const struct transfer *transfer, CURLcode code, struct sighting *sighting)
{
    const struct attempts *attempts = &transfer->attempts;
    const struct peer *peer = attempts->blamed.size > 0 ? &attempts->blamed : &attempts->last;

    *sighting = (struct sighting){
        .looked_up = transfer->looked_up,
        .found = transfer->requests > 0,
        .got_byte = transfer->header_bytes > 0 || code == CURLE_UNSUPPORTED_PROTOCOL ||
                    code == CURLE_WEIRD_SERVER_REPLY || has_proxy_answered(transfer)};
    sighting->scope = find_scope(peer, &sighting->network);
    sighting->other = find_scope(&attempts->other, &sighting->other_network);
}
