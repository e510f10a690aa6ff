#include "lookup/outcomes.h"

#include <ares.h>
#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ANY_FAMILY = -1 };

struct row {
    int code;
    int family; /* for whom it is said so; ANY_FAMILY: for the rest */
    struct outcome outcome;
};

const struct outcome outcomes_found = {OUTCOME_FOUND, {LOOKUP_FOUND, NULL, NULL}};

const struct outcome outcomes_no_memory = {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "out of memory"}};

/* In the order of what they tell: what stands first is said where two come together. */
static const struct row of_dns[] = {
    {ARES_ENOMEM, ANY_FAMILY, {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "out of memory"}}},
    {ARES_EFILE, ANY_FAMILY, {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "cannot read resolv.conf"}}},
    {ARES_ECONNREFUSED,
     ANY_FAMILY,
     {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "no name server can be reached"}}},
    {ARES_ETIMEOUT,
     ANY_FAMILY,
     {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "no answer from the name server"}}},
    {ARES_ESERVFAIL,
     ANY_FAMILY,
     {OUTCOME_REFUSED, {LOOKUP_FAILED, NULL, "the name server failed (SERVFAIL)"}}},
    {ARES_EREFUSED,
     ANY_FAMILY,
     {OUTCOME_REFUSED, {LOOKUP_FAILED, NULL, "the name server refused to answer (REFUSED)"}}},
    {ARES_ENOTIMP,
     ANY_FAMILY,
     {OUTCOME_REFUSED, {LOOKUP_FAILED, NULL, "the name server cannot answer (NOTIMP)"}}},
    {ARES_EFORMERR,
     ANY_FAMILY,
     {OUTCOME_BROKEN,
      {LOOKUP_FAILED, NULL, "the name server reported a malformed query (FORMERR)"}}},
    {ARES_EBADRESP,
     ANY_FAMILY,
     {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "the name server's answer is malformed"}}},
    {ARES_EBADNAME,
     ANY_FAMILY,
     {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "the host name is malformed"}}},
    {ARES_ENODATA,
     AF_INET,
     {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, "the host has no IPv4 address"}}},
    {ARES_ENODATA,
     AF_INET6,
     {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, "the host has no IPv6 address"}}},
    {ARES_ENODATA, ANY_FAMILY, {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, "the host has no address"}}},
    {ARES_ENOTFOUND, ANY_FAMILY, {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, "no such host"}}},
};

static const struct row of_system[] = {
    {EAI_MEMORY, ANY_FAMILY, {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "out of memory"}}},
    {EAI_SYSTEM, ANY_FAMILY, {OUTCOME_BROKEN, {LOOKUP_OWN, NULL, "getaddrinfo failed"}}},
    {EAI_AGAIN,
     ANY_FAMILY,
     {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "no answer from the name server"}}},
    {EAI_FAIL, ANY_FAMILY, {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "the name server failed"}}},
    {EAI_NONAME, ANY_FAMILY, {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, "no such host"}}},
};

enum { OF_DNS = sizeof of_dns / sizeof *of_dns, OF_SYSTEM = sizeof of_system / sizeof *of_system };

static const struct outcome other = {
    OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "the lookup failed for an unknown reason"}};

static const struct outcome *find(const struct row *rows, size_t n, int code, int family)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].code == code && (rows[i].family == family || rows[i].family == ANY_FAMILY))
            return &rows[i].outcome;
    }
    return &other;
}

const struct outcome *outcomes_of(int status, int family)
{
    return find(of_dns, OF_DNS, status, family);
}

const struct outcome *outcomes_of_system(int error)
{
    return find(of_system, OF_SYSTEM, error, ANY_FAMILY);
}

static size_t rank(const struct outcome *outcome)
{
    for (size_t i = 0; i < OF_DNS; i++) {
        if (&of_dns[i].outcome == outcome)
            return i;
    }
    return OF_DNS;
}

const struct outcome *outcomes_worse(const struct outcome *a, const struct outcome *b)
{
    return a && rank(a) < rank(b) ? a : b;
}
