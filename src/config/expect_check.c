/* Finds expectations that contradict the other keys of a domain. */
#include "config/expect_check.h"

#include <string.h>
#include <strings.h>

/* False if the URL is not known: `defaults` have none, and that of a domain may be a mistake. */
static bool is_http(const struct domain *domain)
{
    return domain->url && strncasecmp(domain->url, "https:", strlen("https:")) != 0;
}

static bool needs_https(const struct domain *domain)
{
    return is_http(domain) && domain->expect.https_only;
}

static bool needs_certificate(const struct domain *domain)
{
    return is_http(domain) && domain->expect.certificate_days > 0;
}

static bool needs_verification(const struct domain *domain)
{
    return !domain->verify_tls && domain->expect.certificate_days > 0;
}

static bool ends_outside_https(const struct domain *domain)
{
    const char *url = domain->expect.final_url;

    return domain->expect.https_only && url && strncasecmp(url, "https:", strlen("https:")) != 0;
}

/* A domain may have a longer timeout than `defaults`. */
static bool outlasts(const struct domain *domain, int ms)
{
    return domain->url && ms > domain->timeout_ms;
}

static bool latency_outlasts(const struct domain *domain)
{
    return outlasts(domain, domain->expect.max_latency_ms);
}

static bool slow_outlasts(const struct domain *domain)
{
    return outlasts(domain, domain->expect.slow_ms);
}

static bool slow_is_failure(const struct domain *domain)
{
    const struct expect *expect = &domain->expect;

    return expect->slow_ms > 0 && expect->max_latency_ms > 0 &&
           expect->slow_ms >= expect->max_latency_ms;
}

static bool has_excludes(const struct domain *domain)
{
    return domain->expect.excludes.n > 0;
}

static bool has_pattern(const struct domain *domain, bool must_match)
{
    for (size_t i = 0; i < domain->expect.n_patterns; i++) {
        if (domain->expect.patterns[i].must_match == must_match)
            return true;
    }
    return false;
}

static bool has_matches(const struct domain *domain)
{
    return has_pattern(domain, true);
}

static bool has_not_matches(const struct domain *domain)
{
    return has_pattern(domain, false);
}

static bool has_bytes(const struct domain *domain)
{
    return domain->expect.min_bytes > 0 || domain->expect.has_max_bytes;
}

static bool has_json(const struct domain *domain)
{
    return domain->expect.n_json > 0;
}

static bool needs_more_bytes(const struct domain *domain)
{
    return domain->max_body_bytes > 0 && domain->expect.min_bytes > domain->max_body_bytes;
}

typedef bool is_true(const struct domain *domain);

/* A key under `expect` that is a mistake if `is_wrong`, and if the same mapping has `beside`,
 * another key under `expect`, NULL: any. If it comes from `defaults`, the mistake is at `cause`, a
 * key of the domain; NULL: then it is none. */
struct contradiction {
    const char *key, *beside, *cause;
    is_true *is_wrong;
    const char *reason;
};

static const struct contradiction contradictions[] = {
    {"https_only", NULL, NULL, needs_https, "the url is http; use https, or remove this key"},
    {"certificate_valid_days", NULL, NULL, needs_certificate,
     "the url is http and has no certificate; use https, or remove this key"},
    {"certificate_valid_days", NULL, NULL, needs_verification,
     "needs a verified certificate; remove 'verify_tls: false', or this key"},
    {"final_url", "https_only", NULL, ends_outside_https,
     "is http, but https_only allows no http; change one of them"},
    {"body_bytes", NULL, "max_body_bytes", needs_more_bytes,
     "is more than max_body_bytes, and no more is read; raise max_body_bytes"},
    {"max_latency_ms", NULL, NULL, latency_outlasts,
     "is more than timeout_seconds, which ends the check; lower it or raise timeout_seconds"},
    {"slow_ms", NULL, NULL, slow_outlasts,
     "is more than timeout_seconds, which ends the check; lower it or raise timeout_seconds"},
    {"slow_ms", "max_latency_ms", NULL, slow_is_failure,
     "must be below max_latency_ms; a slower response is a failure"},
};

/* What needs a body. So does body_contains, but old files may have it with HEAD. */
static const struct {
    const char *key;
    is_true *is_set;
} body_keys[] = {
    {"body_excludes", has_excludes},
    {"body_matches", has_matches},
    {"body_not_matches", has_not_matches},
    {"body_bytes", has_bytes},
    {"json", has_json},
};

/* The mapping of a domain or `defaults`, and what its `expect` has, found only if needed. */
struct checked {
    struct loader *loader;
    const struct mapping_values *values;
    struct mapping_values expect;
};

static void find_expect(struct checked *checked)
{
    struct node *node = mapping_value(checked->values, "expect");

    checked->expect = (struct mapping_values){.table = &keys_expect};
    if (node && node->kind == NODE_MAPPING)
        mapping_find(checked->loader, &keys_expect, node, &checked->expect);
}

static void report(struct checked *checked, const struct contradiction *contradiction)
{
    struct node *node;

    find_expect(checked);
    node = mapping_value(&checked->expect, contradiction->key);
    if (node && node->mistakes)
        return;
    if (contradiction->beside && !mapping_value(&checked->expect, contradiction->beside))
        return;
    if (node)
        mistakes_at(checked->loader->mistakes, node, "%s: %s", contradiction->key,
                    contradiction->reason);
    else if (contradiction->cause && mapping_value(checked->values, contradiction->cause))
        mistakes_at(checked->loader->mistakes, mapping_value(checked->values, contradiction->cause),
                    "%s: contradicts %s in 'defaults', which %s, or write '%s: ~'",
                    contradiction->cause, contradiction->key, contradiction->reason,
                    contradiction->key);
}

/* Reports all expectations of a body, if there is none. */
static void check_body(struct checked *checked, const struct domain *domain)
{
    bool is_head = domain->method == METHOD_HEAD;

    if (!is_head && domain->max_body_bytes > 0)
        return;
    for (size_t i = 0; i < sizeof body_keys / sizeof body_keys[0]; i++) {
        struct contradiction contradiction = {
            .key = body_keys[i].key,
            .cause = is_head ? "method" : "max_body_bytes",
            .reason = is_head ? "needs a body, and the response to a HEAD request has none; use "
                                "another method"
                              : "needs a body, and max_body_bytes 0 reads none; raise it"};

        if (body_keys[i].is_set(domain))
            report(checked, &contradiction);
    }
}

void expect_check_keys(struct loader *loader, const struct mapping_values *values,
                       struct domain *domain)
{
    struct checked checked = {.loader = loader, .values = values};

    for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
        if (contradictions[i].is_wrong(domain))
            report(&checked, &contradictions[i]);
    }
    check_body(&checked, domain);
    if (is_http(domain))
        domain->expect.https_only = false;
    if (is_http(domain) || (domain->url && !domain->verify_tls))
        domain->expect.certificate_days = 0;
}
