/* config/: alert targets, quiet hours, dependencies, and what of them is secret. */
#include "base/buffer.h"
#include "base/secrets.h"
#include "base/text.h"
#include "config/config.h"
#include "config/quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define SITES                                                                                      \
    "sites:\n"                                                                                     \
    "  - {id: shop, domains: [{id: www, url: 'http://shop.example/'}]}\n"                          \
    "  - {id: api, domains: [{id: v2, url: 'http://api.example/'}, {id: v3, url: 'http://h/'}]}\n"

static struct config *parse(const char *yaml)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse("c", yaml, strlen(yaml), &mistakes);

    if (!config)
        fail_msg("%s", mistakes.data);
    buffer_free(&mistakes);
    return config;
}

/* A file with one target of these keys. */
static struct config *parse_target(const char *keys)
{
    char yaml[4096];

    snprintf(yaml, sizeof yaml, "alerts: [{id: t, %s}]\n" SITES, keys);
    return parse(yaml);
}

static void add_text(struct buffer *into, const char *name, const char *text)
{
    if (text)
        buffer_printf(into, " %s=%s", name, text);
}

static void add_list(struct buffer *into, const char *name, const char *const *list)
{
    for (size_t i = 0; list && list[i]; i++)
        buffer_printf(into, "%s%s", i ? "," : name, list[i]);
}

/* Everything that a target has, in one line. */
static void describe(const struct alert_target *target, struct buffer *into)
{
    buffer_printf(into, "%s type %d format %d on %x", target->id, target->type, target->format,
                  target->on);
    for (size_t i = 0; i < target->n_scopes; i++)
        buffer_printf(into, " %s/%s", target->scopes[i].site,
                      target->scopes[i].domain ? target->scopes[i].domain : "*");
    for (size_t i = 0; i < target->n_reminders; i++)
        buffer_printf(into, " %llds", (long long)target->remind_ms[i] / 1000);
    if (target->quiet.from_minute != target->quiet.to_minute)
        buffer_printf(into, " quiet %d-%d %s %x", target->quiet.from_minute,
                      target->quiet.to_minute, target->quiet.zone ? target->quiet.zone : "UTC",
                      target->quiet.except);
    add_text(into, "url", target->url);
    add_text(into, "token", target->token);
    add_text(into, "chat", target->chat);
    add_text(into, "secret", target->secret);
    for (size_t i = 0; i < target->n_headers; i++)
        add_text(into, target->headers[i].name, target->headers[i].value);
    add_text(into, "ca_file", target->ca_file);
    add_text(into, "proxy", target->proxy ? target->proxy->url : NULL);
    add_text(into, "server", target->server);
    add_text(into, "username", target->username);
    add_text(into, "password", target->password);
    buffer_puts(into, target->tls_is_optional ? " tls optional" : "");
    add_text(into, "from", target->from);
    add_list(into, " to=", target->to);
    add_list(into, " command=", target->command);
}

static void each_type_is_read_with_its_keys(void **state)
{
    static const struct {
        const char *keys, *expected;
    } cases[] = {
        {"type: print", "t type 0 format 0 on 1f"},
        {"type: print, sites: [shop, api/v2], on: [up, degraded], remind_after: [1m, 1.5h, 2d]",
         "t type 0 format 0 on 62 shop/* api/v2 60s 5400s 172800s"},
        {"type: print, sites: api/v3, on: down, remind_after: 90m",
         "t type 0 format 0 on 1 api/v3 5400s"},
        {"type: print, sites: ~, remind_after: ~, quiet: ~", "t type 0 format 0 on 1f"},
        {"type: print, on: [down, up, certificate, local_network, undelivered, bot, slow, "
         "flapping, "
         "late_ticks]",
         "t type 0 format 0 on 1ff"},
        {"type: print, quiet: {from: '22:00', to: '07:30'}",
         "t type 0 format 0 on 1f quiet 1320-450 UTC 0"},
        {"type: print, quiet: {from: 00:00, to: 23:59, zone: Europe/Berlin, except: [down, slow]}",
         "t type 0 format 0 on 1f quiet 0-1439 Europe/Berlin 41"},
        {"type: mail, server: smtps://m.example, from: a@b.example, to: c@d.example",
         "t type 1 format 0 on 1f server=smtps://m.example/ from=a@b.example to=c@d.example"},
        {"type: mail, server: 'smtp://[::1]:587', username: u u, password: p p, tls: optional, "
         "from: a+b=c@d, to: [e@f, \"o'g@h.example\"], proxy: 'socks5h://p:1', ca_file: ~",
         "t type 1 format 0 on 1f proxy=socks5h://p:1/ server=smtp://[::1]:587/ username=u u "
         "password=p p tls optional from=a+b=c@d to=e@f,o'g@h.example"},
        {"type: sendmail, from: root, to: [root, a@b]",
         "t type 2 format 0 on 1f from=root to=root,a@b "
         "command=/usr/sbin/sendmail,-i,-f,root,root,a@b"},
        {"type: sendmail, from: root, to: root, command: [/usr/bin/msmtp, -a, work]",
         "t type 2 format 0 on 1f from=root to=root "
         "command=/usr/bin/msmtp,-a,work,-i,-f,root,root"},
        {"type: webhook, url: 'https://h.example/a?b=c'",
         "t type 3 format 0 on 1f url=https://h.example/a?b=c"},
        {"type: webhook, url: 'http://u:p@h/', secret: a b, headers: {A: b, C: ''}",
         "t type 3 format 0 on 1f url=http://u:p@h/ secret=a b A=b C="},
        {"type: webhook, format: alertmanager, url: 'https://h/', token: a",
         "t type 3 format 9 on 1f url=https://h/ token=a"},
        {"type: webhook, format: slack, url: 'https://h/'",
         "t type 3 format 1 on 1f url=https://h/"},
        {"type: webhook, format: ntfy, url: 'https://h/topic', token: a",
         "t type 3 format 4 on 1f url=https://h/topic token=a"},
        {"type: webhook, format: gotify, url: 'https://h/', token: a",
         "t type 3 format 5 on 1f url=https://h/ token=a"},
        {"type: webhook, format: telegram, token: '1:a', chat: -100",
         "t type 3 format 6 on 1f url=https://api.telegram.org token=1:a chat=-100"},
        {"type: webhook, format: pagerduty, token: a",
         "t type 3 format 7 on 1f url=https://events.pagerduty.com/v2/enqueue token=a"},
        {"type: webhook, format: opsgenie, token: a, url: 'https://api.eu.opsgenie.com/v2/alerts'",
         "t type 3 format 8 on 1f url=https://api.eu.opsgenie.com/v2/alerts token=a"},
        {"type: webhook, format: opsgenie, token: a",
         "t type 3 format 8 on 1f url=https://api.opsgenie.com/v2/alerts token=a"},
        {"type: webhook, format: mattermost, url: 'https://h/'",
         "t type 3 format 11 on 1f url=https://h/"},
        {"type: command, command: /bin/true", "t type 4 format 0 on 1f command=/bin/true"},
        {"type: command, command: [/bin/echo, 1, '', \"a\\nb\"]",
         "t type 4 format 0 on 1f command=/bin/echo,1,,a\nb"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer text = BUFFER_WITH_CEILING(1 << 16);
        struct config *config = parse_target(cases[i].keys);

        assert_int_equal(config->n_alerts, 1);
        describe(&config->alerts[0], &text);
        assert_string_equal(text.data, cases[i].expected);
        buffer_free(&text);
        config_free(config);
    }
}

static void without_the_key_there_is_a_target_that_prints(void **state)
{
    struct buffer text = BUFFER_WITH_CEILING(1 << 16);
    struct config *config = parse(SITES);

    (void)state;
    assert_int_equal(config->n_alerts, 1);
    describe(&config->alerts[0], &text);
    assert_string_equal(text.data, "print type 0 format 0 on 1f");
    buffer_free(&text);
    assert_null(config->ping_url);
    config_free(config);
    config = parse("alerts: []\nping_url: 'https://hc.example/a'\n" SITES);
    assert_int_equal(config->n_alerts, 0);
    assert_string_equal(config->ping_url, "https://hc.example/a");
    config_free(config);
}

static void too_many_of_anything_are_a_mistake(void **state)
{
    static const struct {
        const char *before, *item, *after, *mistake;
        int n;
    } cases[] = {
        {"alerts: [", "{id: a%d, type: print},", "]\n" SITES, NULL, 100},
        {"alerts: [", "{id: a%d, type: print},", "]\n" SITES,
         "c:1:9: alerts: expected at most 100 targets, got 101\n", 101},
        {"alerts: [{id: a, type: sendmail, from: a, to: [", "a%d,", "]}]\n" SITES, NULL, 100},
        {"alerts: [{id: a, type: sendmail, from: a, to: [", "a%d,", "]}]\n" SITES,
         "c:1:47: to: expected at most 100 addresses, got 101\n", 101},
        {"alerts: [{id: a, type: command, command: [/bin/a,", "a%d,", "]}]\n" SITES,
         "c:1:42: command: expected at most 100 arguments, got 101\n", 100},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer yaml = BUFFER_WITH_CEILING(1 << 20);
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);

        buffer_puts(&yaml, cases[i].before);
        for (int j = 0; j < cases[i].n; j++) {
            char item[64];

            snprintf(item, sizeof item, cases[i].item, j);
            buffer_puts(&yaml, item);
        }
        buffer_puts(&yaml, cases[i].after);
        config_free(config_parse("c", yaml.data, yaml.size, &mistakes));
        if (cases[i].mistake)
            assert_string_equal(mistakes.data, cases[i].mistake);
        else
            assert_int_equal(mistakes.size, 0);
        buffer_free(&yaml);
        buffer_free(&mistakes);
    }
}

static void doubtful_targets_are_warnings(void **state)
{
    static const struct {
        const char *alerts, *warnings;
    } cases[] = {
        {"{id: a, type: print}", ""},
        {"{id: a, type: print, on: [down, undelivered]}",
         "c:1:35: alerts: 'undelivered' has no effect, because there is no other target\n"},
        {"{id: a, type: print, on: [down, undelivered]}, {id: b, type: print}", ""},
        {"{id: a, type: print, on: [local_network], sites: [shop]}",
         "c:1:59: alerts: 'sites' has no effect, because nothing in 'on' is about a site\n"},
        {"{id: a, type: print, on: [slow], sites: [shop]}",
         "c:1:50: alerts: no word of 'on' applies to a site of this target; slow needs slow_ms, "
         "bot "
         "needs bot_detection, and certificate needs an https URL\n"},
        {"{id: a, type: print, on: [slow, local_network]}",
         "c:1:35: alerts: no word of 'on' applies to a site of this target; slow needs slow_ms, "
         "bot "
         "needs bot_detection, and certificate needs an https URL\n"},
        {"{id: a, type: print, on: [degraded], sites: [api/v2]}", ""},
        {"{id: a, type: print, on: [certificate], sites: [api]}", ""},
        {"{id: a, type: print, on: [flapping], sites: [api]}", ""},
        {"{id: a, type: print, on: [up], remind_after: 1h}",
         "c:1:55: alerts: 'remind_after' has no effect without 'down' in 'on'\n"},
        {"{id: a, type: print, quiet: {from: 01:00, to: 02:00, except: [slow]}}",
         "c:1:38: alerts: 'except' of 'quiet' has a word that is not in 'on', so it has no "
         "effect\n"},
        {"{id: a, type: command, command: [/bin/sh]}", ""},
        {"{id: a, type: command, command: [/no/such/canary, x]}",
         "c:1:42: alerts: the program of 'command' does not exist, or this user may not run it\n"},
        {"{id: a, type: command, command: [/etc]}",
         "c:1:42: alerts: the program of 'command' does not exist, or this user may not run it\n"},
        {"{id: a, type: mail, server: 'smtp://h', tls: optional, username: u, password: p, from: "
         "a@b, to: a@b}",
         "c:1:55: alerts: the password is sent without encryption if the server has no TLS; remove "
         "'tls: optional'\n"},
        {"{id: a, type: mail, server: 'smtp://h', tls: optional, from: a@b, to: a@b}", ""},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char yaml[1024];
        struct config *config;

        snprintf(yaml, sizeof yaml, "alerts: [%s]\n" SITES, cases[i].alerts);
        config = parse(yaml);
        assert_string_equal(config->warnings, cases[i].warnings);
        config_free(config);
    }
}

static void a_dependency_is_the_index_of_a_monitor_of_any_file(void **state)
{
    struct config *config =
        parse("include: tests/config/included/site.yaml\n"
              "sites:\n"
              "  - {id: s, domains: [{id: a, url: 'http://h/', depends_on: s/c},\n"
              "                      {id: b, url: 'http://h/', depends_on: s/c},\n"
              "                      {id: c, url: 'http://h/', depends_on: t/a},\n"
              "                      {id: d, url: 'http://h/', depends_on: ~}]}\n"
              "  - {id: t, domains: [{id: a, url: 'http://h/'}]}\n");
    static const size_t expected[] = {2, 2, 4, SIZE_MAX, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < LENGTH(expected); i++)
        assert_int_equal(config->domains[i].dependency, expected[i]);
    assert_string_equal(config->domains[2].depends_on, "t/a");
    assert_null(config->domains[3].depends_on);
    config_free(config);
}

static void a_long_chain_of_dependencies_is_no_circle(void **state)
{
    enum { N = 20000 };
    struct buffer yaml = BUFFER_WITH_CEILING(1 << 24);
    struct config *config;

    (void)state;
    buffer_puts(&yaml, "sites: [{id: s, domains: [{id: d0, url: 'http://h/'}\n");
    for (int i = 1; i < N; i++)
        buffer_printf(&yaml, ",{id: d%d, url: 'http://h/', depends_on: s/d%d}\n", i, i - 1);
    buffer_puts(&yaml, "]}]\n");
    config = parse(yaml.data);
    assert_int_equal(config->domains[N - 1].dependency, N - 2);
    config_free(config);
    buffer_free(&yaml);
}

/* Texts that a server could repeat, and what is shown of them. */
static void what_is_secret_of_a_target_is_hidden(void **state)
{
    static const char yaml[] =
        "ping_url: https://hc.example/0b1c3e55\n"
        "alerts:\n"
        "  - {id: own, type: webhook, url: 'https://u:hunter22@hooks.example/T0123456/services?k="
        "abc12345', secret: topsecret, headers: {Authorization: Bearer 1f3870be, Content-Type: "
        "text/plain8}}\n"
        "  - {id: pd, type: webhook, format: telegram, token: 'tok', chat: '-1001234567'}\n"
        "  - {id: ops, type: mail, server: 'smtps://mail.corp.example', username: uptick-9000, "
        "password: abc9, from: uptick@corp.example, to: [ops@corp.example]}\n"
        "  - {id: sms, type: command, command: [/usr/local/bin/sms9999, send, +4930123456]}\n"
        "  - {id: near, type: webhook, url: 'https://shop.example/hook'}\n"
        "  - {id: caps, type: webhook, url: 'https://h.example/sendMessage/kWqLzRtYpQbN'}\n" SITES;
    static const struct {
        const char *text, *hidden;
    } cases[] = {
        {"no such host: hooks.example", "no such host: (target own)"},
        {"HOOKS.example:443", "(target own):443"},
        {"hooks.example.org hooks.exam", "(target own).org hooks.exam"},
        {"at u:hunter22@h", "at u:(target own)@h"},
        {"/T0123456/services", "/(target own)/services"},
        {"k=abc12345", "k=(target own)"},
        {"topsecret topsecre", "(target own) (target own)"},
        {"Bearer 1f3870be text/plain8", "Bearer (target own) text/plain8"},
        {"chat -1001234567", "chat (target pd)"},
        {"https://api.telegram.org", "https://api.telegram.org"},
        {"mail.corp.example and corp.example", "(target ops) and corp.example"},
        {"uptick uptick-9000 uptick-9", "uptick (target ops) uptick-9"},
        {"abc9", "(target ops)"},
        {"uptick@corp.example, ops@corp.example", "(target ops), (target ops)"},
        {"sms9999 send +4930123456", "sms9999 send (target sms)"},
        {"https://hc.example/0b1c3e55", "https://(ping_url)"},
        {"shop.example shop.example/hook", "shop.example (target near)"},
        {"/sendMessage/kWqLzRtYpQbN", "/sendMessage/(target caps)"},
    };
    struct config *config = parse(yaml);

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[SECRETS_TEXT_MAX];

        strcpy(text, cases[i].text);
        secrets_hide(config->secrets, text, sizeof text);
        assert_string_equal(text, cases[i].hidden);
    }
    config_free(config);
}

/* In what a target answers, all its texts are hidden, also those that could be words. */
static void a_target_can_repeat_no_text_of_it(void **state)
{
    static const char yaml[] =
        "ping_url: https://hc.example/pingword\n"
        "alerts:\n"
        "  - {id: own, type: webhook, url: 'https://loginword:passphrase@hook.example/pathword?k="
        "queryword', headers: {X: Token headword, Cookie: 'a=cookieword; b=otherword'},"
        " proxy: 'http://proxyuser:proxyword@proxy.example:1'}\n"
        "  - {id: tg, type: webhook, format: telegram, token: tokenword, chat: '@chatword'}\n"
        "  - {id: ops, type: mail, server: 'smtps://mail.example', username: username, "
        "password: password, from: sender@a.example, to: [receiver@a.example, root]}\n"
        "  - {id: sh, type: command, command: [/bin/prog, '--key=argument', 'say \"quoted "
        "one\"']}\n"
        "sites: [{id: s, domains: [{id: d, url: 'http://hook.example/'}]}]\n";
    static const struct {
        const char *text, *hidden;
    } cases[] = {
        {"no such host: hook.example", "no such host: (target own)"},
        {"loginword, passphrase /pathword", "(target own), (target own) /(target own)"},
        {"k=queryword", "k=(target own)"},
        {"got headword", "got (target own)"},
        {"cookieword and otherword", "(target own) and (target own)"},
        {"proxyuser:proxyword", "(target own):(target own)"},
        {"proxy.example", "(target own)"},
        {"tokenword @chatword", "(target tg) (target tg)"},
        {"mail.example username password", "(target ops) (target ops) (target ops)"},
        {"<sender@a.example>: no <root>", "<(target ops)>: no <(target ops)>"},
        {"receiver unknown", "(target ops) unknown"},
        {"/bin/prog: bad --key=argument", "(target sh): bad (target sh)"},
        {"prog: bad argument", "prog: bad (target sh)"},
        {"/pingword", "/(ping_url)"},
        {"dG9rZW53b3Jk", "(target tg)"},
        {"cGF0aHdvcmQ=", "(target own)Q="},
        {"tokenwor", "(target tg)"},
    };
    struct config *config = parse(yaml);

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[SECRETS_TEXT_MAX];

        strcpy(text, cases[i].text);
        secrets_hide(config->answer_secrets, text, sizeof text);
        assert_string_equal(text, cases[i].hidden);
    }
    config_free(config);
}

/* A name that the environment gives is shown as that. */
static void a_value_from_the_environment_is_shown_by_its_name(void **state)
{
    char text[SECRETS_TEXT_MAX] = "no such host: hooks7.example (1f3870be)";
    struct config *config;

    (void)state;
    setenv("UPTICK_TEST_HOOK", "https://hooks7.example/", 1);
    setenv("UPTICK_TEST_KEY", "1f3870be", 1);
    config =
        parse_target("type: webhook, url: '${UPTICK_TEST_HOOK}', secret: '${UPTICK_TEST_KEY}'");
    secrets_hide(config->secrets, text, sizeof text);
    assert_string_equal(text, "no such host: ${UPTICK_TEST_HOOK} (${UPTICK_TEST_KEY})");
    config_free(config);
    unsetenv("UPTICK_TEST_HOOK");
    unsetenv("UPTICK_TEST_KEY");
}

/* "2026-03-29 01:00" in UTC. */
static int64_t read_moment(const char *text)
{
    struct tm utc = {0};

    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
                            &utc.tm_hour, &utc.tm_min),
                     5);
    utc.tm_year -= 1900;
    utc.tm_mon--;
    return (int64_t)timegm(&utc) * 1000;
}

/* The span that has this moment, or the next one: "03-28 21:00 to 03-29 05:00". */
static void find_span(const struct quiet_spans *spans, int64_t now_ms, char text[64])
{
    for (int i = 0; i < spans->n; i++) {
        time_t from = (time_t)(spans->list[i].from_ms / 1000);
        time_t to = (time_t)(spans->list[i].to_ms / 1000);
        struct tm at;
        size_t used;

        if (spans->list[i].to_ms <= now_ms)
            continue;
        gmtime_r(&from, &at);
        used = strftime(text, 64, "%m-%d %H:%M to ", &at);
        gmtime_r(&to, &at);
        strftime(text + used, 64 - used, "%m-%d %H:%M", &at);
        return;
    }
    strcpy(text, "none");
}

static void quiet_hours_follow_the_clocks_of_their_zone(void **state)
{
    static const struct {
        const char *zone;
        int from, to; /* 2200: 22:00 */
        const char *now, *span;
    } cases[] = {
        {NULL, 2200, 700, "2026-01-01 12:00", "01-01 22:00 to 01-02 07:00"},
        {NULL, 2200, 700, "2026-01-01 06:59", "12-31 22:00 to 01-01 07:00"},
        {NULL, 2200, 700, "2026-01-01 07:00", "01-01 22:00 to 01-02 07:00"},
        {NULL, 900, 1700, "2026-01-01 17:00", "01-02 09:00 to 01-02 17:00"},
        {NULL, 0, 2359, "2026-01-01 23:59", "01-02 00:00 to 01-02 23:59"},
        {NULL, 1200, 1159, "2026-01-01 11:59", "01-01 12:00 to 01-02 11:59"},
        {"Europe/Berlin", 2200, 700, "2026-01-01 12:00", "01-01 21:00 to 01-02 06:00"},
        {"Europe/Berlin", 2200, 700, "2026-07-01 12:00", "07-01 20:00 to 07-02 05:00"},
        /* The clocks go from 02:00 to 03:00 at 01:00 UTC. */
        {"Europe/Berlin", 2200, 700, "2026-03-28 22:00", "03-28 21:00 to 03-29 05:00"},
        {"Europe/Berlin", 230, 700, "2026-03-29 00:00", "03-29 01:00 to 03-29 05:00"},
        {"Europe/Berlin", 200, 300, "2026-03-29 00:00", "03-29 01:00 to 03-29 01:00"},
        {"Europe/Berlin", 2200, 230, "2026-03-29 00:00", "03-28 21:00 to 03-29 01:00"},
        {"Europe/Berlin", 2200, 300, "2026-03-29 00:00", "03-28 21:00 to 03-29 01:00"},
        {"Europe/Berlin", 159, 301, "2026-03-29 00:00", "03-29 00:59 to 03-29 01:01"},
        /* From 03:00 to 02:00 at 01:00 UTC. */
        {"Europe/Berlin", 2200, 700, "2026-10-24 22:00", "10-24 20:00 to 10-25 06:00"},
        {"Europe/Berlin", 230, 700, "2026-10-25 00:00", "10-25 00:30 to 10-25 06:00"},
        {"Europe/Berlin", 2200, 230, "2026-10-25 00:00", "10-24 20:00 to 10-25 01:30"},
        {"Europe/Berlin", 200, 300, "2026-10-25 00:00", "10-25 00:00 to 10-25 02:00"},
        {"Europe/Berlin", 215, 245, "2026-10-25 00:00", "10-25 00:15 to 10-25 01:45"},
        {"Europe/Berlin", 159, 301, "2026-10-24 22:00", "10-24 23:59 to 10-25 02:01"},
        /* By half an hour: from 02:00 (UTC+11) to 01:30 at 15:00 UTC, and back. */
        {"Australia/Lord_Howe", 2200, 700, "2026-04-04 12:00", "04-04 11:00 to 04-04 20:30"},
        {"Australia/Lord_Howe", 145, 700, "2026-04-04 12:00", "04-04 14:45 to 04-04 20:30"},
        {"Australia/Lord_Howe", 2200, 145, "2026-04-04 12:00", "04-04 11:00 to 04-04 15:15"},
        {"Australia/Lord_Howe", 215, 700, "2026-10-03 12:00", "10-03 15:30 to 10-03 20:00"},
        {"Australia/Lord_Howe", 2200, 215, "2026-10-03 12:00", "10-03 11:30 to 10-03 15:30"},
        /* UTC+13; 2011-12-30 was left out at its beginning, 10:00 UTC. */
        {"Pacific/Apia", 2200, 700, "2026-06-01 12:00", "06-01 09:00 to 06-01 18:00"},
        {"Pacific/Apia", 2200, 700, "2011-12-29 20:00", "12-30 08:00 to 12-30 10:00"},
        {"Pacific/Apia", 900, 1700, "2011-12-30 04:00", "12-30 10:00 to 12-30 10:00"},
        {"Pacific/Kiritimati", 2200, 700, "2026-06-01 12:00", "06-01 08:00 to 06-01 17:00"},
        {"Etc/GMT+12", 2200, 700, "2026-06-01 12:00", "06-01 10:00 to 06-01 19:00"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct quiet_hours hours = {.from_minute = cases[i].from / 100 * 60 + cases[i].from % 100,
                                    .to_minute = cases[i].to / 100 * 60 + cases[i].to % 100,
                                    .zone = cases[i].zone};
        int64_t now_ms = read_moment(cases[i].now);
        struct quiet_spans spans;
        char span[64];

        assert_int_equal(quiet_spans_make(&hours, now_ms, &spans), 0);
        find_span(&spans, now_ms, span);
        if (strcmp(span, cases[i].span) != 0)
            fail_msg("case %zu: %s, expected %s", i, span, cases[i].span);
    }
}

/* For each minute of three days: what a clock shows decides, except for times that it shows twice.
 */
static void quiet_hours_are_those_that_a_clock_shows(void **state)
{
    static const char *const zones[] = {
        "Europe/Berlin",  "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca",
        "Asia/Kathmandu", "Pacific/Apia",        "America/Santiago", "Antarctica/Troll"};
    static const char *const days[] = {"2026-03-28 00:00", "2026-04-04 00:00", "2026-10-03 00:00",
                                       "2026-10-24 00:00", "2026-02-14 00:00", "2026-09-05 00:00"};
    static const struct quiet_hours hours[] = {{1320, 420, NULL, 0}, {540, 1020, NULL, 0}};

    (void)state;
    for (size_t i = 0; i < LENGTH(zones) * LENGTH(days) * LENGTH(hours); i++) {
        struct quiet_hours one = hours[i % LENGTH(hours)];
        int64_t first_ms = read_moment(days[i / LENGTH(hours) % LENGTH(days)]);
        struct quiet_spans spans;
        char zone[64];

        one.zone = zones[i / LENGTH(hours) / LENGTH(days)];
        assert_int_equal(quiet_spans_make(&one, first_ms + 86400000, &spans), 0);
        snprintf(zone, sizeof zone, ":%s", one.zone);
        setenv("TZ", zone, 1);
        tzset();
        for (int minute = 0; minute < 3 * 1440; minute++) {
            time_t at = (time_t)(first_ms / 1000 + minute * 60);
            struct tm local;
            int64_t from_ms, until_ms;
            int shown;

            localtime_r(&at, &local);
            shown = local.tm_hour * 60 + local.tm_min;
            if (quiet_is_now(&spans, (int64_t)at * 1000, &from_ms, &until_ms) !=
                (one.from_minute < one.to_minute
                     ? shown >= one.from_minute && shown < one.to_minute
                     : shown >= one.from_minute || shown < one.to_minute))
                fail_msg("%s: %02d:%02d of %lld", one.zone, local.tm_hour, local.tm_min,
                         (long long)at);
        }
        unsetenv("TZ");
        tzset();
    }
}

static void the_zone_of_the_process_stays_as_it_was(void **state)
{
    static const char *const before[] = {NULL, "", "America/New_York", "garbage"};
    struct quiet_hours hours = {.from_minute = 60, .to_minute = 120, .zone = "Asia/Tokyo"};
    struct quiet_spans spans;
    int64_t from_ms, until_ms;

    (void)state;
    for (size_t i = 0; i < LENGTH(before); i++) {
        time_t at = 1780000000;
        struct tm expected, got;

        unsetenv("TZ");
        if (before[i])
            setenv("TZ", before[i], 1);
        tzset();
        localtime_r(&at, &expected);
        assert_int_equal(quiet_spans_make(&hours, (int64_t)at * 1000, &spans), 0);
        localtime_r(&at, &got);
        assert_int_equal(got.tm_hour, expected.tm_hour);
        if (before[i])
            assert_string_equal(getenv("TZ"), before[i]);
        else
            assert_null(getenv("TZ"));
    }
    unsetenv("TZ");
    tzset();
    hours.to_minute = hours.from_minute;
    assert_int_equal(quiet_spans_make(&hours, 0, &spans), 0);
    assert_false(quiet_is_now(&spans, 0, &from_ms, &until_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_is_read_with_its_keys),
        cmocka_unit_test(without_the_key_there_is_a_target_that_prints),
        cmocka_unit_test(too_many_of_anything_are_a_mistake),
        cmocka_unit_test(doubtful_targets_are_warnings),
        cmocka_unit_test(a_dependency_is_the_index_of_a_monitor_of_any_file),
        cmocka_unit_test(a_long_chain_of_dependencies_is_no_circle),
        cmocka_unit_test(what_is_secret_of_a_target_is_hidden),
        cmocka_unit_test(a_target_can_repeat_no_text_of_it),
        cmocka_unit_test(a_value_from_the_environment_is_shown_by_its_name),
        cmocka_unit_test(quiet_hours_follow_the_clocks_of_their_zone),
        cmocka_unit_test(quiet_hours_are_those_that_a_clock_shows),
        cmocka_unit_test(the_zone_of_the_process_stays_as_it_was),
    };

    return cmocka_run_group_tests_name("config alerts", tests, NULL, NULL);
}
