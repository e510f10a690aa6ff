/* Prints the chains that a check has verified. */
#include "commands/check_certificates.h"

#include "base/clock.h"
#include "model/expiry_notice.h"
#include "model/server_scope.h"

#include <stdio.h>
#include <string.h>

/* One of the chains: whose it is, and what it has. */
struct checked_chain {
    char scope[EVENT_SCOPE_MAX];
    struct chain_facts facts;
    int64_t until_ms, now_ms;
};

/* Returns false if there is no such chain. */
static bool read_chain(const struct domain *domain, const struct result *result, int i,
                       struct checked_chain *read)
{
    const struct chain *chain = result->chains[i];

    if (!chain || chain_read(chain->text, strlen(chain->text), &read->facts))
        return false;
    if (chain->server)
        snprintf(read->scope, sizeof read->scope, "%s", chain->server);
    else
        server_scope_of(domain, read->scope);
    read->until_ms = chain->until_ms;
    read->now_ms = result->check.start_ms;
    return true;
}

static void print_link(const struct checked_chain *read, size_t i)
{
    const struct chain_link *link = &read->facts.links[i];
    char date[CLOCK_TEXT_MAX], left[EXPIRY_LEFT_MAX];

    clock_write_seconds(link->until_ms, date);
    printf("subject %s, issuer %s, ends %s, %s\n", link->subject, link->issuer, date,
           expiry_notice_left(link->until_ms, read->now_ms, left));
}

void check_certificates_print(const struct domain *domain, const struct result *result)
{
    struct checked_chain read;

    for (int i = 0; i < CHAIN_SEEN_MAX; i++) {
        if (!read_chain(domain, result, i, &read))
            continue;
        printf("    certificate of %s: ", read.scope);
        print_link(&read, 0);
        for (size_t j = 1; j < read.facts.n; j++) {
            printf("      of its issuer: ");
            print_link(&read, j);
        }
    }
}

static json_t *json_link(const struct chain_link *link)
{
    char date[CLOCK_TEXT_MAX];

    clock_write_seconds(link->until_ms, date);
    return json_pack("{s:s, s:s, s:s}", "subject", link->subject, "issuer", link->issuer,
                     "not_after", date);
}

static json_t *json_chain(const struct chain_facts *facts)
{
    json_t *chain = json_array();

    for (size_t i = 0; i < facts->n; i++)
        json_array_append_new(chain, json_link(&facts->links[i]));
    return chain;
}

/* The port is null if it is the value of a variable. */
static json_t *json_port(const char *scope)
{
    int port = server_scope_port_number(scope);

    return port ? json_integer(port) : json_null();
}

static json_t *json_certificate(const struct checked_chain *read)
{
    int64_t left_ms = read->until_ms - read->now_ms;
    char date[CLOCK_TEXT_MAX];

    clock_write_seconds(read->until_ms, date);
    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:I, s:o}", "host",
                     json_stringn(read->scope, server_scope_host_size(read->scope)), "port",
                     json_port(read->scope), "subject", read->facts.links[0].subject, "issuer",
                     read->facts.links[0].issuer, "fingerprint", read->facts.fingerprint,
                     "not_after", date, "days_left",
                     (json_int_t)clock_floor_div(left_ms, MS_PER_DAY), "chain",
                     json_chain(&read->facts));
}

json_t *check_certificates_json(const struct domain *domain, const struct result *result)
{
    json_t *certificates = json_array();
    struct checked_chain read;

    for (int i = 0; i < CHAIN_SEEN_MAX; i++) {
        if (read_chain(domain, result, i, &read))
            json_array_append_new(certificates, json_certificate(&read));
    }
    return certificates;
}
