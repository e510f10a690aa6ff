/* Describes what an exchange saw of the network. */
#include "check/sight.h"

#include <netinet/in.h>

/* The address that is connected or, after a failure, the one that explains it. */
static const struct peer *find_peer(const struct attempts *attempts)
{
    /* While libcurl tries several addresses, it closes the others as soon as one is connected. */
    for (size_t i = 0; i < attempts->n && attempts->connected; i++) {
        if (attempts->all[i].fd >= 0)
            return &attempts->all[i].peer;
    }
    return attempts->blamed.size > 0 ? &attempts->blamed : &attempts->last;
}

static void fill_address(const struct peer *peer, struct sighting *sighting)
{
    const void *address = &peer->address;
    const struct sockaddr_in *v4 = address;
    const struct sockaddr_in6 *v6 = address;

    if (peer->size > 0 && peer->address.ss_family == AF_INET)
        sighting->scope = (uint8_t)suspicion_scope_of((const uint8_t *)&v4->sin_addr,
                                                      sizeof v4->sin_addr, &sighting->network);
    else if (peer->size > 0 && peer->address.ss_family == AF_INET6)
        sighting->scope = (uint8_t)suspicion_scope_of((const uint8_t *)&v6->sin6_addr,
                                                      sizeof v6->sin6_addr, &sighting->network);
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
    *sighting = (struct sighting){
        .scope = SCOPE_NONE,
        .looked_up = transfer->looked_up,
        .found = transfer->requests > 0,
        .got_byte = transfer->header_bytes > 0 || code == CURLE_UNSUPPORTED_PROTOCOL ||
                    code == CURLE_WEIRD_SERVER_REPLY || has_proxy_answered(transfer)};
    fill_address(find_peer(&transfer->attempts), sighting);
}
