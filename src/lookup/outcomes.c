/* Tables from the codes of c-ares and getaddrinfo to outcomes and their texts. */
#include "lookup/outcomes.h"

#include <ares.h>
#include <limits.h>
#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ANY_FAMILY = -1, OTHER_CODE = INT_MAX };

struct outcome_row {
    int code;   /* the last row of a table is for all others */
    int family; /* ANY_FAMILY: for all families without a row of their own */
    struct outcome outcome;
};

/* clang-format off */
#define LOCAL_FAULT(text) {OUTCOME_BROKEN, {LOOKUP_LOCAL_FAULT, NULL, text, false}}
#define BROKEN(text)      {OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, text, false}}
#define REFUSED(text)     {OUTCOME_REFUSED, {LOOKUP_FAILED, NULL, text, false}}
#define UNUSABLE(text)    {OUTCOME_UNUSABLE, {LOOKUP_FAILED, NULL, text, false}}
#define ABSENT(text)      {OUTCOME_ABSENT, {LOOKUP_FAILED, NULL, text, false}}
#define UNKNOWN           BROKEN("the lookup failed for an unknown reason")
/* clang-format on */

const struct outcome outcomes_found = {OUTCOME_FOUND, {LOOKUP_FOUND, NULL, NULL, true}};
const struct outcome outcomes_no_memory = LOCAL_FAULT("out of memory");
const struct outcome outcomes_no_thread = LOCAL_FAULT("cannot start a thread for name lookups");
const struct outcome outcomes_no_host = {OUTCOME_ABSENT,
                                         {LOOKUP_FAILED, NULL, "no such host", true}};
const struct outcome outcomes_bad_name = {
    OUTCOME_BROKEN, {LOOKUP_FAILED, NULL, "the host name is malformed", true}};

/* The most specific first: if the IP versions have two outcomes, the earlier row is reported. */
static const struct outcome_row dns_rows[] = {
    {ARES_ENOMEM, ANY_FAMILY, LOCAL_FAULT("out of memory")},
    {ARES_EFILE, ANY_FAMILY, LOCAL_FAULT("cannot read resolv.conf")},
    {OUTCOMES_SILENT, ANY_FAMILY, LOCAL_FAULT("no name server can be reached")},
    {OUTCOMES_ALL_REFUSED,
     ANY_FAMILY,
     {OUTCOME_REFUSED,
      {LOOKUP_LOCAL_FAULT, NULL, "the name servers refuse every question (SERVFAIL or REFUSED)",
       false}}},
    {OUTCOMES_TRUNCATED, ANY_FAMILY,
     UNUSABLE("the answer is too long for the name server, which does not answer over TCP")},
    {ARES_ECONNREFUSED, ANY_FAMILY, BROKEN("no answer from the name server")},
    {ARES_ETIMEOUT, ANY_FAMILY, BROKEN("no answer from the name server")},
    {ARES_ESERVFAIL, ANY_FAMILY, REFUSED("the name server failed (SERVFAIL)")},
    {ARES_EREFUSED, ANY_FAMILY, REFUSED("the name server refused to answer (REFUSED)")},
    {ARES_ENOTIMP, ANY_FAMILY, REFUSED("the name server cannot answer (NOTIMP)")},
    {ARES_EFORMERR, ANY_FAMILY, BROKEN("the name server reported a malformed query (FORMERR)")},
    {ARES_EBADRESP, ANY_FAMILY, BROKEN("the name server's answer is malformed")},
    {ARES_EBADNAME, ANY_FAMILY, BROKEN("the host name is malformed")},
    {OUTCOMES_UNSPECIFIED, ANY_FAMILY,
     ABSENT("the host has no address but 0.0.0.0 or :: (blocked by a filter?)")},
    {ARES_ENODATA, AF_INET, ABSENT("the host has no IPv4 address")},
    {ARES_ENODATA, AF_INET6, ABSENT("the host has no IPv6 address")},
    {ARES_ENODATA, ANY_FAMILY, ABSENT("the host has no address")},
    {ARES_ENOTFOUND, ANY_FAMILY, ABSENT("no such host")},
    {OTHER_CODE, ANY_FAMILY, UNKNOWN},
};

static const struct outcome_row system_rows[] = {
    {EAI_MEMORY, ANY_FAMILY, LOCAL_FAULT("out of memory")},
    {EAI_SYSTEM, ANY_FAMILY, LOCAL_FAULT("getaddrinfo failed")},
    {EAI_AGAIN, ANY_FAMILY, BROKEN("no answer from the name server")},
    {EAI_FAIL, ANY_FAMILY, BROKEN("the name server failed")},
    {EAI_NONAME, ANY_FAMILY, ABSENT("no such host")},
    {OTHER_CODE, ANY_FAMILY, UNKNOWN},
};

static const struct outcome *find_row(const struct outcome_row *row, int code, int family)
{
    while (row->code != OTHER_CODE &&
           (row->code != code || (row->family != family && row->family != ANY_FAMILY)))
        row++;
    return &row->outcome;
}

const struct outcome *outcomes_of_dns(int status, int family)
{
    return find_row(dns_rows, status, family);
}

const struct outcome *outcomes_of_system(int error)
{
    return find_row(system_rows, error, ANY_FAMILY);
}

const struct outcome *outcomes_worse(const struct outcome *a, const struct outcome *b)
{
    return a && a < b ? a : b;
}
