/* config/: reading files without mistakes. */
#include "base/buffer.h"
#include "config/config.h"
#include "config/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ONE_DOMAIN    "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"

static struct config *parse_at(const char *path, const char *yaml)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse(path, yaml, strlen(yaml), &mistakes);

    if (!config)
        print_error("%s", mistakes.data);
    assert_non_null(config);
    assert_int_equal(mistakes.size, 0);
    buffer_free(&mistakes);
    return config;
}

static struct config *parse(const char *yaml)
{
    return parse_at("uptick.yaml", yaml);
}

/* A file whose only domain has these keys, written as in a flow mapping. */
static struct config *parse_domain(const char *keys)
{
    char yaml[4096];

    snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url: 'http://h/', %s}]}]\n",
             keys);
    return parse(yaml);
}

static void assert_bytes(struct bytes bytes, const char *text)
{
    assert_int_equal(bytes.size, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.size + 1);
}

static const char *header_value(const struct domain *domain, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < domain->n_headers; i++) {
        if (strcmp(domain->headers[i].name, name) == 0)
            value = domain->headers[i].value;
    }
    return value;
}

static void a_missing_key_has_its_default(void **state)
{
    struct config *config = parse(ONE_DOMAIN);
    const struct domain *domain = &config->domains[0];

    (void)state;
    assert_string_equal(config->path, "uptick.yaml");
    assert_string_equal(config->title, "Status");
    assert_string_equal(config->data_dir, "data");
    assert_string_equal(config->public_dir, "public");
    assert_null(config->templates_dir);
    assert_string_equal(config->language, "en");
    assert_null(config->public_url);
    assert_null(config->logo);
    assert_null(config->style_sheet);
    assert_null(config->accent_colour);
    assert_null(config->footer);
    assert_int_equal(config->n_links, 0);
    assert_int_equal(config->workers, 10);
    assert_int_equal(config->in_flight, 512);
    assert_int_equal(config->max_per_host, 8);
    assert_int_equal(config->retention_days, 30);
    assert_int_equal(config->archive_compress, COMPRESSION_NONE);
    assert_int_equal(config->history_hours, 4);
    assert_int_equal(config->index_span, INDEX_4H);
    assert_int_equal(config->uptime_target, 99900);
    assert_int_equal(config->render_interval_seconds, 30);
    assert_int_equal(config->n_sites, 1);
    assert_string_equal(config->sites[0].name, "s");
    assert_null(config->sites[0].group);
    assert_int_equal(config->sites[0].n_domains, 1);
    assert_string_equal(domain->name, "d");
    assert_int_equal(domain->role, ROLE_CORE);
    assert_int_equal(domain->interval_seconds, 300);
    assert_int_equal(domain->timeout_ms, 20000);
    assert_int_equal(domain->expect.n_statuses, 1);
    assert_int_equal(domain->expect.statuses[0].first, 200);
    assert_int_equal(domain->expect.statuses[0].last, 200);
    assert_int_equal(domain->expect.contains.n, 0);
    assert_int_equal(domain->bot_strings.n, 0);
    assert_int_equal(domain->method, METHOD_GET);
    assert_int_equal(domain->n_headers, 0);
    assert_null(domain->body.data);
    assert_true(domain->follow_redirects);
    assert_true(domain->verify_tls);
    assert_true(domain->bot_detection);
    assert_null(domain->ca_file);
    assert_int_equal(domain->ip_version, IP_ANY);
    assert_int_equal(domain->max_body_bytes, 1048576);
    assert_int_equal(domain->retries, 0);
    config_free(config);
    config_free(NULL);
}

static void every_key_is_read(void **state)
{
    struct config *config = parse("title: Example status\n"
                                  "data_dir: records\n"
                                  "public_dir: /srv/www\n"
                                  "templates_dir: .\n"
                                  "language: de\n"
                                  "public_url: https://status.example\n"
                                  "logo: templates/icon-up.svg\n"
                                  "style_sheet: templates/style.css\n"
                                  "accent_colour: \"#07C\"\n"
                                  "footer: Team <Web> \xd7\xa2\n"
                                  "links: [{text: Help, url: help.html}, {text: '<b>', url: /}]\n"
                                  "workers: 64\n"
                                  "in_flight: 1\n"
                                  "max_per_host: 65535\n"
                                  "retention_days: 0\n"
                                  "archive_compress: zstd\n"
                                  "history_hours: 24\n"
                                  "index_span: 90d\n"
                                  "uptime_target: 99.995\n"
                                  "render_interval_seconds: 0\n"
                                  "sites:\n"
                                  "  - id: shop\n"
                                  "    name: The shop\n"
                                  "    group: Shops\n"
                                  "    domains:\n"
                                  "      - id: www\n"
                                  "        name: Front\n"
                                  "        role: supplementary\n"
                                  "        url: https://u:p@shop.example/a?b#c\n"
                                  "        interval_seconds: 10\n"
                                  "        timeout_seconds: 0.1\n"
                                  "        expect:\n"
                                  "          http_status: [200, 300-399]\n"
                                  "          body_contains: Basket\n"
                                  "        bot_protection_string: [one, two]\n"
                                  "        bot_detection: false\n"
                                  "        method: POST\n"
                                  "        headers: {Accept: text/html, X-Empty: \"\"}\n"
                                  "        body: \"a\\0b\"\n"
                                  "        follow_redirects: false\n"
                                  "        verify_tls: false\n"
                                  "        ip_version: 6\n"
                                  "        max_body_bytes: 0\n"
                                  "        retries: 5\n");
    const struct domain *domain = &config->domains[0];

    (void)state;
    assert_string_equal(config->title, "Example status");
    assert_string_equal(config->data_dir, "records");
    assert_string_equal(config->public_dir, "/srv/www");
    assert_string_equal(config->templates_dir, ".");
    assert_string_equal(config->language, "de");
    assert_string_equal(config->public_url, "https://status.example/");
    assert_string_equal(config->logo, "templates/icon-up.svg");
    assert_string_equal(config->style_sheet, "templates/style.css");
    assert_string_equal(config->accent_colour, "#0077cc");
    assert_string_equal(config->footer, "Team <Web> \xd7\xa2");
    assert_int_equal(config->n_links, 2);
    assert_string_equal(config->links[0].text, "Help");
    assert_string_equal(config->links[0].url, "help.html");
    assert_true(config->links[0].relative);
    assert_string_equal(config->links[1].text, "<b>");
    assert_string_equal(config->links[1].url, "/");
    assert_false(config->links[1].relative);
    assert_int_equal(config->workers, 64);
    assert_int_equal(config->in_flight, 1);
    assert_int_equal(config->max_per_host, 65535);
    assert_int_equal(config->retention_days, 0);
    assert_int_equal(config->archive_compress, COMPRESSION_ZSTD);
    assert_int_equal(config->history_hours, 24);
    assert_int_equal(config->index_span, INDEX_90D);
    assert_int_equal(config->uptime_target, 99995);
    assert_int_equal(config->render_interval_seconds, 0);
    assert_string_equal(config->sites[0].id, "shop");
    assert_string_equal(config->sites[0].name, "The shop");
    assert_string_equal(config->sites[0].group, "Shops");
    assert_string_equal(domain->id, "www");
    assert_string_equal(domain->name, "Front");
    assert_int_equal(domain->role, ROLE_SUPPLEMENTARY);
    assert_string_equal(domain->url, "https://u:p@shop.example/a?b#c");
    assert_string_equal(domain->shown_url, "https://shop.example/a");
    assert_int_equal(domain->interval_seconds, 10);
    assert_int_equal(domain->timeout_ms, 100);
    assert_int_equal(domain->expect.n_statuses, 2);
    assert_int_equal(domain->expect.statuses[1].first, 300);
    assert_int_equal(domain->expect.statuses[1].last, 399);
    assert_bytes(domain->expect.contains.list[0].text, "Basket");
    assert_int_equal(domain->bot_strings.n, 2);
    assert_bytes(domain->bot_strings.list[1].text, "two");
    assert_int_equal(domain->method, METHOD_POST);
    assert_int_equal(domain->n_headers, 2);
    assert_string_equal(header_value(domain, "X-Empty"), "");
    assert_int_equal(domain->body.size, 3);
    assert_memory_equal(domain->body.data, "a\0b", 4);
    assert_false(domain->follow_redirects);
    assert_false(domain->verify_tls);
    assert_false(domain->bot_detection);
    assert_int_equal(domain->ip_version, IP_6);
    assert_int_equal(domain->max_body_bytes, 0);
    assert_int_equal(domain->retries, 5);
    config_free(config);
}

static void domains_keep_the_order_of_the_file(void **state)
{
    struct config *config =
        parse("sites:\n"
              "  - id: b\n"
              "    domains: [{id: z, url: 'http://h'}, {id: y, url: 'http://h'}]\n"
              "  - id: a\n"
              "    domains: [{id: z, url: 'http://h'}]\n");

    (void)state;
    assert_int_equal(config->n_sites, 2);
    assert_int_equal(config->n_domains, 3);
    assert_int_equal(config->sites[0].n_domains, 2);
    assert_int_equal(config->sites[1].first_domain, 2);
    assert_int_equal(config->domains[1].site, 0);
    assert_int_equal(config->domains[2].site, 1);
    assert_string_equal(config->domains[1].id, "y");
    config_free(config);
}

static void a_text_may_look_like_a_number(void **state)
{
    struct config *config = parse_domain("expect: {body_contains: 404}, body: true, name: 1.0, "
                                         "headers: {X-Count: 5}, bot_protection_string: [1]");
    const struct domain *domain = &config->domains[0];

    (void)state;
    assert_bytes(domain->expect.contains.list[0].text, "404");
    assert_bytes(domain->body, "true");
    assert_string_equal(domain->name, "1.0");
    assert_string_equal(header_value(domain, "X-Count"), "5");
    assert_bytes(domain->bot_strings.list[0].text, "1");
    config_free(config);
}

static void seconds_are_read_to_the_millisecond(void **state)
{
    static const struct {
        const char *keys;
        int ms;
    } cases[] = {
        {"timeout_seconds: 0.1", 100},       {"timeout_seconds: 0.1009", 100},
        {"timeout_seconds: 0.29", 290},      {"timeout_seconds: 1", 1000},
        {"timeout_seconds: 2.5", 2500},      {"timeout_seconds: 50", 50000},
        {"timeout_seconds: 50.0000", 50000}, {"timeout_seconds: 49.9999", 49999},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = parse_domain(cases[i].keys);

        assert_int_equal(config->domains[0].timeout_ms, cases[i].ms);
        config_free(config);
    }
}

static void redirects_are_not_followed_if_only_redirects_are_expected(void **state)
{
    static const struct {
        const char *keys;
        bool follows;
    } cases[] = {
        {"expect: {http_status: 301}", false},
        {"expect: {http_status: [300-308, 399]}", false},
        {"expect: {http_status: [301, 200]}", true},
        {"expect: {http_status: 299-301}", true},
        {"expect: {http_status: 399-400}", true},
        {"expect: {http_status: 301}, follow_redirects: true", true},
        {"follow_redirects: false", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = parse_domain(cases[i].keys);

        assert_int_equal(config->domains[0].follow_redirects, cases[i].follows);
        config_free(config);
    }
}

static void follow_redirects_in_defaults_applies_to_every_domain(void **state)
{
    struct config *config = parse("defaults: {follow_redirects: true}\n"
                                  "sites: [{id: s, domains: [{id: d, url: 'http://h/', "
                                  "expect: {http_status: 301}}]}]\n");

    (void)state;
    assert_true(config->domains[0].follow_redirects);
    config_free(config);
}

static void a_domain_overrides_the_defaults_key_by_key(void **state)
{
    struct config *config = parse("sites:\n"
                                  "  - id: s\n"
                                  "    domains:\n"
                                  "      - {id: a, url: 'http://h'}\n"
                                  "      - {id: b, url: 'http://h', retries: 2,\n"
                                  "         expect: {http_status: 404},\n"
                                  "         headers: {ACCEPT: own, X-Gone: ~, X-Own: own}}\n"
                                  "      - {id: c, url: 'http://h', bot_protection_string: own}\n"
                                  "      - {id: e, url: 'http://h', ca_file: ~, body: ~,\n"
                                  "         expect: {body_contains: ~, bot_protection_string: ~}}\n"
                                  "defaults:\n"
                                  "  retries: 1\n"
                                  "  body: given\n"
                                  "  expect: {http_status: 201, body_contains: given,\n"
                                  "           bot_protection_string: given}\n"
                                  "  headers: {Accept: given, X-Gone: given, X-Given: given}\n");
    const struct domain *a = &config->domains[0], *b = a + 1, *c = a + 2, *e = a + 3;

    (void)state;
    assert_int_equal(a->retries, 1);
    assert_int_equal(a->expect.statuses[0].first, 201);
    assert_int_equal(a->n_headers, 3);
    assert_int_equal(b->retries, 2);
    assert_int_equal(b->expect.statuses[0].first, 404);
    assert_bytes(b->expect.contains.list[0].text, "given");
    assert_int_equal(b->n_headers, 3);
    assert_string_equal(header_value(b, "ACCEPT"), "own");
    assert_string_equal(header_value(b, "X-Given"), "given");
    assert_null(header_value(b, "X-Gone"));
    assert_int_equal(c->bot_strings.n, 1);
    assert_bytes(c->bot_strings.list[0].text, "own");
    assert_int_equal(e->bot_strings.n, 0);
    assert_int_equal(e->expect.contains.n, 0);
    assert_null(e->body.data);
    config_free(config);
}

static void own_keys_override_merged_ones_and_earlier_merges_later_ones(void **state)
{
    struct config *config = parse("x-one: &one {retries: 1, interval_seconds: 11, name: one}\n"
                                  "x-two: &two {<<: *one, retries: 2, timeout_seconds: 2}\n"
                                  "x-expect: &expect {http_status: 204, body_contains: merged}\n"
                                  "x-headers: &headers {A: merged, B: merged}\n"
                                  "sites:\n"
                                  "  - id: s\n"
                                  "    domains:\n"
                                  "      - &first\n"
                                  "        {<<: [*one, *two], id: a, url: 'http://h', retries: 3}\n"
                                  "      - {<<: *two, id: b, url: 'http://h',\n"
                                  "         expect: {<<: *expect, http_status: 200},\n"
                                  "         headers: {a: own, <<: *headers}}\n"
                                  "      - {<<: *first, id: c}\n");
    const struct domain *a = &config->domains[0], *b = a + 1, *c = a + 2;

    (void)state;
    assert_int_equal(a->retries, 3);
    assert_int_equal(a->interval_seconds, 11);
    assert_int_equal(a->timeout_ms, 2000);
    assert_int_equal(b->retries, 2);
    assert_string_equal(b->name, "one");
    assert_int_equal(b->expect.statuses[0].first, 200);
    assert_bytes(b->expect.contains.list[0].text, "merged");
    assert_int_equal(b->n_headers, 2);
    assert_string_equal(header_value(b, "a"), "own");
    assert_string_equal(c->id, "c");
    assert_int_equal(c->retries, 3);
    assert_int_equal(c->timeout_ms, 2000);
    config_free(config);
}

/* A URL with variables, and what is shown of it. */
static void what_is_shown_has_the_name_in_place_of_the_value(void **state)
{
    static const struct {
        const char *url, *value, *shown;
    } cases[] = {
        {"${V}", "http://u:p@h.test/a?b#c", "${V}"},
        {"http://${V}/", "h.test", "http://${V}/"},
        {"http://${V}.test:81/x", "h", "http://${V}.test:81/x"},
        {"http://a.test:${V}/x", "8080", "http://a.test:${V}/x"},
        {"${V}://a.test/x", "https", "${V}://a.test/x"},
        {"http://h.test/a/${V}/b?c=d#e", "tok", "http://h.test/a/${V}/b"},
        {"http://h.test/${V}/${V}", "tok", "http://h.test/${V}/${V}"},
        {"http://h.test/${V}${V}/", "tok", "http://h.test/${V}${V}/"},
        {"http://h.test/?a=${V}", "tok", "http://h.test/"},
        {"http://h.test/#${V}", "tok", "http://h.test/"},
        {"http://h.test/${V}private", "a?k=", "http://h.test/${V}"},
        {"http://h.test/${V}private", "a#", "http://h.test/${V}"},
        {"http://${V}:p@h.test/a", "u", "http://h.test/a"},
        {"http://u:${V}@h.test/a", "p", "http://h.test/a"},
        {"http://u:p${V}/a", "x@h.test", "http://${V}/a"},
        {"http:/u:${V}@h.test/a", "p", "http://h.test/a"},
        {"http:///u:${V}@h.test/a", "p", "http://h.test/a"},
        {"http://${V}private@h.test/a", "u:p@", NULL},
        {"http://h.test/${V}", "", "http://h.test/"},
        {"http://$${V}@h.test/a$b", "x", "http://h.test/a$b"},
        {"http://h.test/$${V}/${V}", "x", "http://h.test/${V}/${V}"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        setenv("V", cases[i].value, 1);
        snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url: \"%s\"}]}]\n",
                 cases[i].url);
        config = config_parse("c", yaml, strlen(yaml), &mistakes);
        if (!config && cases[i].shown)
            fail_msg("%s: %s", cases[i].url, mistakes.data);
        if (config && cases[i].shown)
            assert_string_equal(config->domains[0].shown_url, cases[i].shown);
        if (config && !cases[i].shown && strstr(config->domains[0].shown_url, "private"))
            fail_msg("%s", config->domains[0].shown_url);
        config_free(config);
        buffer_free(&mistakes);
    }
}

static void every_published_text_is_shown_with_its_names(void **state)
{
    struct config *config;

    (void)state;
    setenv("V", "https://secret.example/x", 1);
    config = parse(
        "title: a ${V}\npublic_url: ${V}\nfooter: ${V}${V}\n"
        "links: [{text: \"t${V}\", url: \"${V}\"}]\n"
        "sites: [{id: s, name: \"${V}\", group: \"g ${V}\",\n"
        "  domains: [{id: d, name: \"n${V}\", url: 'http://h.test/',\n"
        "  expect: {body_contains: \"b ${V}\", bot_protection_string: [x, \"${V} c\"]}}]}]\n");
    assert_string_equal(config->title, "a ${V}");
    assert_string_equal(config->public_url, "$%7BV%7D/");
    assert_string_equal(config->footer, "${V}${V}");
    assert_string_equal(config->links[0].text, "t${V}");
    assert_string_equal(config->links[0].url, "$%7BV%7D");
    assert_false(config->links[0].relative);
    assert_string_equal(config->sites[0].name, "${V}");
    assert_string_equal(config->sites[0].group, "g ${V}");
    assert_string_equal(config->domains[0].name, "n${V}");
    assert_bytes(config->domains[0].expect.contains.list[0].text, "b https://secret.example/x");
    assert_bytes(config->domains[0].expect.contains.list[0].shown, "b ${V}");
    assert_bytes(config->domains[0].bot_strings.list[1].text, "https://secret.example/x c");
    assert_bytes(config->domains[0].bot_strings.list[0].shown, "x");
    assert_bytes(config->domains[0].bot_strings.list[1].shown, "${V} c");
    config_free(config);
}

static void a_repeated_anchor_means_its_newest_node(void **state)
{
    struct config *config = parse("x-a: &n one\nx-b: *n\nx-c: &n two\ntitle: *n\n" ONE_DOMAIN);

    (void)state;
    assert_string_equal(config->title, "two");
    config_free(config);
}

static void variables_are_replaced_once_and_their_values_not_parsed(void **state)
{
    struct config *config;

    (void)state;
    setenv("UPTICK_TEST_HOST", "host.example", 1);
    setenv("UPTICK_TEST_TRICKY", "${UPTICK_TEST_HOST}: [1, $${", 1);
    config =
        parse("sites: [{id: s, domains: [{id: d, url: 'http://${UPTICK_TEST_HOST}/',\n"
              "  headers: {A: \"$${UPTICK_TEST_HOST} $5 $$ $\", B: \"${UPTICK_TEST_TRICKY}\"},\n"
              "  body: \"${UPTICK_TEST_HOST}${UPTICK_TEST_HOST}\"}]}]\n");
    assert_string_equal(config->domains[0].url, "http://host.example/");
    assert_string_equal(header_value(&config->domains[0], "A"), "${UPTICK_TEST_HOST} $5 $$ $");
    assert_string_equal(header_value(&config->domains[0], "B"), "${UPTICK_TEST_HOST}: [1, $${");
    assert_bytes(config->domains[0].body, "host.examplehost.example");
    config_free(config);
}

static void relative_paths_start_in_the_folder_of_the_file(void **state)
{
    static const struct {
        const char *config, *data_dir;
    } cases[] = {
        {"uptick.yaml", "records"},
        {"./uptick.yaml", "./records"},
        {"/etc/uptick/uptick.yaml", "/etc/uptick/records"},
        {"/uptick.yaml", "/records"},
        {"../a/uptick.yaml", "../a/records"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = parse_at(cases[i].config, "data_dir: records\n" ONE_DOMAIN);

        assert_string_equal(config->data_dir, cases[i].data_dir);
        config_free(config);
    }
}

static void data_dir_beside_public_dir_is_accepted(void **state)
{
    static const char *const cases[] = {
        "data_dir: public-data\n",
        "data_dir: public/../data\n",
        "public_dir: data-public\n",
        "data_dir: pub\n",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char yaml[256];

        snprintf(yaml, sizeof yaml, "%s%s", cases[i], ONE_DOMAIN);
        config_free(parse(yaml));
    }
}

static void a_shown_url_has_no_login_query_or_fragment(void **state)
{
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"https://shop.example", "https://shop.example/"},
        {"HTTPS://u:p%40ss@shop.example:8443/a/b?token=1#f", "https://shop.example:8443/a/b"},
        {"http://u@[::1]:80/", "http://[::1]:80/"},
        {"http://m\xc3\xbcnchen.example/", "http://m\xc3\xbcnchen.example/"},
        {"http://shop.example?q=a", "http://shop.example/"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char yaml[512];
        struct config *config;

        snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url: \"%s\"}]}]\n",
                 cases[i].url);
        config = parse(yaml);
        assert_string_equal(config->domains[0].url, cases[i].url);
        assert_string_equal(config->domains[0].shown_url, cases[i].shown);
        config_free(config);
    }
}

static void misleading_characters_of_a_shown_url_are_encoded(void **state)
{
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"http://shop.example/a\\u202e/b", "http://shop.example/a%E2%80%AE/b"},
        {"http://shop.example/\\u0085", "http://shop.example/%C2%85"},
        {"http://shop.example/\\u009f\\u00fc", "http://shop.example/%C2%9F\xc3\xbc"},
        {"http://shop.example/\\u202e/${ADDRESS}", "http://shop.example/%E2%80%AE/${ADDRESS}"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config;
        char yaml[128];

        snprintf(yaml, sizeof yaml, "sites: [{id: s, domains: [{id: d, url: \"%s\"}]}]\n",
                 cases[i].url);
        setenv("ADDRESS", "\xff", 1);
        config = parse(yaml);
        assert_string_equal(config->domains[0].shown_url, cases[i].shown);
        config_free(config);
    }
    unsetenv("ADDRESS");
}

static void role_and_method_names_are_those_of_the_file(void **state)
{
    (void)state;
    assert_string_equal(config_role_names[ROLE_SUPPLEMENTARY], "supplementary");
    assert_string_equal(config_method_names[METHOD_OPTIONS], "OPTIONS");
}

/* Appends one of the pieces, by a random number. */
static void append_piece(char *url, const char *const *pieces, size_t n, uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    strcat(url, pieces[(*seed >> 33) % n]);
}

/* A plain URL is read without libcurl, so libcurl has to read it in the same way. */
static void a_plain_url_is_read_as_libcurl_reads_it(void **state)
{
    static const char *const schemes[] = {"http://", "https://", "HTTP://", "http:/"};
    static const char *const hosts[] = {"shop.example", "10.0.0.1", "127.1",   "a",
                                        "0x7f.1",       "1.2.3.4.", "EXAMPLE", "010.1",
                                        "a..b",         "-a",       "a.0x1",   "xn--mnchen-3ya.de",
                                        "256.1.1.1"};
    static const char *const ports[] = {"", "", ":80", ":8080", ":0", ":65536", ":", ":080", ":9x"};
    static const char *const parts[] = {"/", "a", ".",  "..", "-_~", "=&+,", "%2e",
                                        "?", "#", "//", "Z9", "@",   " ",    ";"};
    struct loader loader = {.mistakes = &(struct mistakes){.arena = arena_new()},
                            .arena = arena_new(),
                            .place = "",
                            .url = url_new()};
    uint64_t seed = 3;
    int n_plain = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char url[256] = "";
        struct url_plain plain;
        const char *host = NULL;
        int port = 0;

        append_piece(url, schemes, LENGTH(schemes), &seed);
        append_piece(url, hosts, LENGTH(hosts), &seed);
        append_piece(url, ports, LENGTH(ports), &seed);
        if (round % 7 > 0)
            strcat(url, "/");
        for (int i = round % 6; i > 0; i--)
            append_piece(url, parts, LENGTH(parts), &seed);
        if (!url_read_plain(&loader, &(struct bytes){url, strlen(url)}, &plain))
            continue;
        n_plain++;
        assert_int_equal(url_parse(&loader, &(struct bytes){url, strlen(url)}), URL_HTTP);
        assert_false(url_logs_in(&loader));
        url_server(&loader, &host, &port);
        assert_string_equal(plain.host, host);
        assert_int_equal(plain.port, port);
        assert_string_equal(plain.shown, url_shown(&loader));
    }
    assert_true(n_plain > 4000);
    assert_false(mistakes_any(loader.mistakes));
    url_free(loader.url);
    arena_free(loader.arena);
    arena_free(loader.mistakes->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_url_is_read_as_libcurl_reads_it),
        cmocka_unit_test(a_missing_key_has_its_default),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(domains_keep_the_order_of_the_file),
        cmocka_unit_test(a_text_may_look_like_a_number),
        cmocka_unit_test(seconds_are_read_to_the_millisecond),
        cmocka_unit_test(redirects_are_not_followed_if_only_redirects_are_expected),
        cmocka_unit_test(follow_redirects_in_defaults_applies_to_every_domain),
        cmocka_unit_test(a_domain_overrides_the_defaults_key_by_key),
        cmocka_unit_test(own_keys_override_merged_ones_and_earlier_merges_later_ones),
        cmocka_unit_test(a_repeated_anchor_means_its_newest_node),
        cmocka_unit_test(variables_are_replaced_once_and_their_values_not_parsed),
        cmocka_unit_test(what_is_shown_has_the_name_in_place_of_the_value),
        cmocka_unit_test(every_published_text_is_shown_with_its_names),
        cmocka_unit_test(relative_paths_start_in_the_folder_of_the_file),
        cmocka_unit_test(data_dir_beside_public_dir_is_accepted),
        cmocka_unit_test(a_shown_url_has_no_login_query_or_fragment),
        cmocka_unit_test(misleading_characters_of_a_shown_url_are_encoded),
        cmocka_unit_test(role_and_method_names_are_those_of_the_file),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
