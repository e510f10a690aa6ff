/*
 * No value that came from ${NAME} or ${file:PATH} is published, recorded or printed, whatever key
 * it is in and whatever a server does with it. The keys are those of the manual, which a unit test
 * compares with the program's. A key without a row here fails the test.
 */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Sections of the manual with keys, and what is around such a key in a configuration. `first` is a
 * list of mappings whose first key is the one under test, so its value is read. */
static const struct section {
    const char *heading, *before, *after;
} sections[] = {
    {"Top of the file", "", "\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Included files", "", "\n"},
    {"Links", "links: [{",
     ", text: t, url: u}]\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Sites", "sites: [{", ", id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Domains", "sites: [{id: s, domains: [{", ", id: d, url: 'http://h/'}]}]\n"},
    {"Confirmation", "sites: [{id: s, domains: [{id: d, url: 'http://h/', confirm: {", "}}]}]\n"},
    {"Certificates", "sites: [{id: s, domains: [{id: d, url: 'http://h/', certificate: {",
     "}}]}]\n"},
    {"Local network", "local_network: {",
     "}\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Alerts", "alerts: [{",
     ", id: t, type: print}]\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Quiet hours", "alerts: [{id: t, type: print, quiet: {",
     "}}]\nsites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"},
    {"Expectations", "sites: [{id: s, domains: [{id: d, url: 'http://h/', expect: {", "}}]}]\n"},
    {"Rules", "sites: [{id: s, domains: [{id: d, url: 'http://h/', expect: {json: {/a: {",
     "}}}}]}]\n"},
};

/*
 * One row for each key. `yaml` is a good value, with @V@ in place of the secret; NULL: the key
 * takes no text that may have one (numbers, words, ids), or its file must exist. For keys of
 * domains, @P@ is a place in which the server repeats what is between QQ and ZZ in the request.
 */
static const struct row {
    const char *heading, *key, *yaml;
} rows[] = {
    {"Top of the file", "title", "title: 'T @V@'"},
    {"Top of the file", "data_dir", "data_dir: '@V@/data'"},
    {"Top of the file", "public_dir", "public_dir: '@V@/public'"},
    {"Top of the file", "templates_dir", "templates_dir: '@V@/templates'"},
    {"Top of the file", "language", NULL},
    {"Top of the file", "public_url", "public_url: 'https://@V@.example/@V@'"},
    {"Top of the file", "logo", "logo: '@V@/logo.svg'"},
    {"Top of the file", "style_sheet", "style_sheet: '@V@/style.css'"},
    {"Top of the file", "accent_colour", NULL},
    {"Top of the file", "footer", "footer: '@V@ F'"},
    {"Top of the file", "links", NULL},
    {"Top of the file", "workers", NULL},
    {"Top of the file", "in_flight", NULL},
    {"Top of the file", "max_per_host", NULL},
    {"Top of the file", "retention_days", NULL},
    {"Top of the file", "archive_compress", NULL},
    {"Top of the file", "history_hours", NULL},
    {"Top of the file", "index_span", NULL},
    {"Top of the file", "uptime_target", NULL},
    {"Top of the file", "render_interval_seconds", NULL},
    {"Top of the file", "local_network", NULL},
    {"Top of the file", "alerts", NULL},
    {"Top of the file", "ping_url", "ping_url: 'http://u:@V@@@refused@/@V@'"},
    {"Top of the file", "defaults", NULL},
    {"Top of the file", "sites", NULL},
    {"Top of the file", "include", NULL},
    {"Included files", "sites", NULL},
    {"Links", "text", "{text: 'L@V@', url: x}"},
    {"Links", "url", "{text: x, url: 'https://@V@.example/@V@?@V@#@V@'}"},
    {"Sites", "id", NULL},
    {"Sites", "name", "name: 'S @V@'"},
    {"Sites", "group", "group: 'G @V@'"},
    {"Sites", "domains", NULL},
    {"Domains", "id", NULL},
    {"Domains", "name", "name: 'N @V@', url: 'http://h.invalid/'"},
    {"Domains", "role", NULL},
    {"Domains", "url", "url: 'http://@http@/parrot/@P@/QQ@V@ZZ'"},
    {"Domains", "url", "url: 'http://@http@/parrot/@P@?x=QQ@V@ZZ#@V@'"},
    {"Domains", "url", "url: 'http://QQ@V@ZZ:p@@http@/parrot/@P@'"},
    {"Domains", "url", "url: 'http://u:QQ@V@ZZ@@http@/parrot/@P@'"},
    {"Domains", "url", "url: 'http://@V@.invalid/'"},
    {"Domains", "url", "url: 'http://u:@V@@@refused@/@V@?@V@#@V@'"},
    {"Domains", "url", "url: 'https://@V@:p@@http@/@V@'"},
    {"Domains", "url", "url: 'http://u:@V@@@http@/hang?@V@', timeout_seconds: 0.3"},
    {"Domains", "url", "url: 'http://@http@/garbage?@V@', retries: 1"},
    {"Domains", "depends_on", NULL},
    {"Domains", "interval_seconds", NULL},
    {"Domains", "timeout_seconds", NULL},
    {"Domains", "expect", NULL},
    {"Domains", "bot_detection", NULL},
    {"Domains", "bot_protection_string",
     "url: 'http://@http@/echo', headers: {X: '@V@'}, bot_protection_string: [a, '@V@']"},
    {"Domains", "method", NULL},
    {"Domains", "headers", "url: 'http://@http@/parrot/@P@', headers: {X-Key: 'a QQ@V@ZZ b'}"},
    {"Domains", "headers", "url: 'http://@http@/parrot/@P@', headers: {Cookie: 'a=QQ@V@ZZ'}"},
    {"Domains", "headers", "url: 'http://@http@/parrot/@P@', headers: {Host: 'QQ@V@ZZ'}"},
    {"Domains", "body", "url: 'http://@http@/parrot/@P@', method: POST, body: 'QQ@V@ZZ'"},
    {"Domains", "body_file",
     "url: 'http://@http@/parrot/@P@', method: POST, body_file: '@V@/body'"},
    {"Domains", "username", "url: 'http://@http@/parrot/@P@', username: 'QQ@V@ZZ', password: p"},
    {"Domains", "password", "url: 'http://@http@/parrot/@P@', username: u, password: 'QQ@V@ZZ'"},
    {"Domains", "address", NULL},
    {"Domains", "unix_socket", "url: 'http://h/', unix_socket: '@V@/socket'"},
    {"Domains", "proxy", "url: 'http://h/', proxy: 'http://u:@V@@@refused@'"},
    {"Domains", "proxy", "url: 'https://h/@V@', proxy: 'http://u:QQ@V@ZZ@@http@'"},
    {"Domains", "proxy", "url: 'http://h/', proxy: 'http://@V@.invalid:1'"},
    {"Domains", "http_version", NULL},
    {"Domains", "tls_min_version", NULL},
    {"Domains", "client_certificate", NULL},
    {"Domains", "client_key", NULL},
    {"Domains", "cookies", NULL},
    {"Domains", "follow_redirects", NULL},
    {"Domains", "verify_tls", NULL},
    {"Domains", "ca_file", "url: 'https://@tls@/ok', ca_file: '@V@/ca.pem'"},
    {"Domains", "ip_version", NULL},
    {"Domains", "max_body_bytes", NULL},
    {"Domains", "retries", NULL},
    {"Domains", "confirm", NULL},
    {"Domains", "certificate", NULL},
    {"Confirmation", "failures", NULL},
    {"Confirmation", "successes", NULL},
    {"Confirmation", "recheck_seconds", NULL},
    {"Certificates", "warn", NULL},
    {"Certificates", "critical", NULL},
    {"Local network", "min_hosts", NULL},
    {"Local network", "share_percent", NULL},
    {"Local network", "witnesses",
     "witnesses: ['http://u:@V@@@refused@/@V@?@V@#@V@', 'http://@V@.invalid/']"},
    {"Alerts", "id", NULL},
    {"Alerts", "type", NULL},
    {"Alerts", "sites", NULL},
    {"Alerts", "on", NULL},
    {"Alerts", "remind_after", NULL},
    {"Alerts", "quiet", NULL},
    {"Alerts", "server",
     "id: a1, type: mail, server: 'smtp://@V@.invalid', from: a@b.invalid, to: c@d.invalid"},
    {"Alerts", "tls", NULL},
    {"Alerts", "username",
     "id: a2, type: mail, server: 'smtp://@refused@', username: '@V@', password: 'p @V@', "
     "from: a@b.invalid, to: c@d.invalid"},
    {"Alerts", "password",
     "id: a3, type: mail, server: 'smtp://@refused@', username: u, password: '@V@', tls: optional, "
     "from: a@b.invalid, to: c@d.invalid"},
    {"Alerts", "from",
     "id: a4, type: mail, server: 'smtp://@refused@', from: 'a@@V@.invalid', to: c@d.invalid"},
    {"Alerts", "to",
     "id: a5, type: sendmail, command: /bin/false, from: a@b, to: ['@V@', 'c@@V@']"},
    {"Alerts", "url", "id: a6, type: webhook, url: 'http://u:@V@@@refused@/@V@?a=@V@'"},
    {"Alerts", "url", "id: a7, type: webhook, url: 'http://@V@.invalid/'"},
    {"Alerts", "url", "id: a8, type: webhook, url: 'http://@http@/parrot/body/QQ@V@ZZ'"},
    {"Alerts", "format", NULL},
    {"Alerts", "token",
     "id: a9, type: webhook, url: 'http://@http@/parrot/reason/', format: ntfy, token: '@V@'"},
    {"Alerts", "chat",
     "id: a10, type: webhook, url: 'http://@refused@/', format: telegram, token: a, chat: '@V@'"},
    {"Alerts", "secret", "id: a11, type: webhook, url: 'http://@refused@/', secret: '@V@'"},
    {"Alerts", "headers",
     "id: a12, type: webhook, url: 'http://@http@/parrot/body/', headers: {X: 'QQ@V@ZZ'}"},
    {"Alerts", "ca_file", "id: a13, type: webhook, url: 'https://@tls@/ok', ca_file: '@V@/ca.pem'"},
    {"Alerts", "proxy",
     "id: a14, type: webhook, url: 'http://h.invalid/', proxy: 'http://u:@V@@@refused@'"},
    {"Alerts", "command", "id: a15, type: command, command: [/bin/echo, '@V@']"},
    {"Alerts", "command", "id: a16, type: command, command: ['/@V@/program']"},
    {"Quiet hours", "from", NULL},
    {"Quiet hours", "to", NULL},
    {"Quiet hours", "zone", NULL},
    {"Quiet hours", "except", NULL},
    {"Expectations", "http_status", NULL},
    {"Expectations", "http_version", NULL},
    {"Expectations", "final_url", "final_url: 'http://@V@.example/@V@?@V@'"},
    {"Expectations", "max_redirects", NULL},
    {"Expectations", "https_only", NULL},
    {"Expectations", "certificate_valid_days", NULL},
    {"Expectations", "headers", "headers: {X-Missing: 'H @V@'}"},
    {"Expectations", "headers", "headers: {Content-Type: {matches: '^@V@$'}}"},
    {"Expectations", "body_contains", "body_contains: 'B @V@'"},
    {"Expectations", "body_contains", "body_contains: [a, '@V@', b]"},
    {"Expectations", "body_excludes", "body_excludes: ['@V@', '<html']"},
    {"Expectations", "body_matches", "body_matches: '^@V@+$'"},
    {"Expectations", "body_not_matches", "body_not_matches: ['html|@V@']"},
    {"Expectations", "body_bytes", NULL},
    {"Expectations", "json", "json: {'/@V@': '@V@'}"},
    {"Expectations", "max_latency_ms", NULL},
    {"Expectations", "slow_ms", NULL},
    {"Expectations", "bot_protection_string", "bot_protection_string: ['<html', '@V@']"},
    {"Rules", "equals", "{equals: {a: ['@V@']}}"},
    {"Rules", "not", "{not: '@V@'}"},
    {"Rules", "contains", "{contains: '@V@'}"},
    {"Rules", "excludes", "{excludes: '@V@'}"},
    {"Rules", "matches", "{matches: '@V@'}"},
    {"Rules", "exists", NULL},
    {"Rules", "above", NULL},
    {"Rules", "below", NULL},
    {"Rules", "at_least", NULL},
    {"Rules", "at_most", NULL},
    {"Rules", "length", NULL},
    {"Rules", "type", NULL},
};

/* The places of tests/server/parrots.c. */
static const char *const places[] = {
    "reason",   "line",       "protocol",     "headers",     "length",  "chunks", "chunk",
    "encoding", "body",       "json",         "path",        "login",   "scheme", "invalid",
    "host",     "host-upper", "host-percent", "host-base64", "host-cut"};

static const struct section *find_section(const char *heading)
{
    for (size_t i = 0; i < LENGTH(sections); i++) {
        if (strcmp(sections[i].heading, heading) == 0)
            return &sections[i];
    }
    return NULL;
}

static bool has_row(const char *heading, const char *key)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (strcmp(rows[i].heading, heading) == 0 && strcmp(rows[i].key, key) == 0)
            return true;
    }
    return false;
}

static void each_key_of_the_manual_has_a_row(struct e2e *world)
{
    FILE *page = fopen("docs/uptick.yaml.5", "re");
    char line[256], heading[256] = "", key[256];
    size_t n = 0;

    (void)world;
    assert_non_null(page);
    while (fgets(line, sizeof line, page) && strcmp(line, ".Sh FILES\n") != 0) {
        if (sscanf(line, ".Ss %255[^\n]", heading) == 1 ||
            sscanf(line, ".It Cm %255[^ \n]", key) != 1)
            continue;
        n++;
        if (!find_section(heading) || !has_row(heading, key))
            fail_msg("add a row to test_canary.c for '%s' below '%s'", key, heading);
    }
    fclose(page);
    assert_true(n > 40);
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_non_null(find_section(rows[i].heading));
}

/* A text with each `from` replaced. */
static char *replace(struct e2e *world, const char *text, const char *from, const char *to)
{
    char *result = e2e_format(world, "%s", "");

    for (const char *found; (found = strstr(text, from)); text = found + strlen(from))
        result = e2e_format(world, "%s%.*s%s", result, (int)(found - text), text, to);
    return e2e_format(world, "%s%s", result, text);
}

/* The good values of all rows of a section, each between these texts. */
static char *collect(struct e2e *world, const char *heading, const char *before, const char *after)
{
    char *all = e2e_format(world, "%s", "");

    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (rows[i].yaml && strcmp(rows[i].heading, heading) == 0)
            all = e2e_format(world, "%s%s%s%s", all, before, rows[i].yaml, after);
    }
    return all;
}

/* The domains of all rows, in each place that a row can have. */
static char *collect_domains(struct e2e *world)
{
    char *all = e2e_format(world, "%s", "");

    for (size_t i = 0; i < LENGTH(rows) * LENGTH(places); i++) {
        const struct row *row = &rows[i / LENGTH(places)];
        const char *place = places[i % LENGTH(places)];
        bool is_expectation = strcmp(row->heading, "Expectations") == 0;

        if (!row->yaml || (!is_expectation && strcmp(row->heading, "Domains") != 0) ||
            (i % LENGTH(places) > 0 && !strstr(row->yaml, "@P@")))
            continue;
        all = e2e_format(world, "%s      - {id: d%zu, %s%s%s}\n", all, i,
                         is_expectation ? "url: 'http://@http@/plain/200', expect: {" : "",
                         replace(world, row->yaml, "@P@", place), is_expectation ? "}" : "");
    }
    return all;
}

/* Every good value at once; `name` is "${...}". */
static void write_config(struct e2e *world, const char *name)
{
    char *yaml = e2e_format(
        world,
        "%slinks:\n%salerts:\n%smax_per_host: 64\nlocal_network: {%s}\n"
        "defaults: {headers: {X-All: 'QQ%sZZ'}}\n"
        "sites:\n  - id: s\n%s    domains:\n%s",
        collect(world, "Top of the file", "", "\n"), collect(world, "Links", "  - ", "\n"),
        collect(world, "Alerts", "  - {", "}\n"), collect(world, "Local network", "", ", "), name,
        collect(world, "Sites", "    ", "\n"), collect_domains(world));

    e2e_config(world, replace(world, yaml, "@V@", name));
}

/* The file names that the rows use, in a folder with the name of the secret. */
static void write_files(struct e2e *world, const char *value)
{
    static const char *const names[] = {"logo.svg", "style.css", "templates/x", "body"};

    for (size_t i = 0; i < LENGTH(names); i++)
        e2e_write(world, e2e_format(world, "%s/%s", value, names[i]), "");
    e2e_shell(world, "cp ca.pem '%s/ca.pem'", value);
}

/* The shapes of a value in which it must not be found: plain, percent-encoded, as base64 that
 * follows 0, 1 or 2 other bytes, and cut after eight bytes. One a line; case does not count. */
static void write_shapes(struct e2e *world, const char *value)
{
    char *shapes = e2e_format(world, "%s\n%.8s\n", value, value);

    for (size_t i = 0; value[i]; i++)
        shapes = e2e_format(world, "%s%%%02x", shapes, (unsigned char)value[i]);
    e2e_write(world, "shapes", e2e_format(world, "%s\n", shapes));
    e2e_shell(world,
              "for before in '' x xx; do printf '%%s%%s' \"$before\" '%s' | base64 -w 0 |"
              "sed 's/=*$//; s/^....//; s/..$//'; echo; done >> shapes; "
              "test $(grep -c . shapes) = 6",
              value);
}

static void assert_hidden(struct e2e *world, const char *value)
{
    e2e_write(world, "printed", e2e_format(world, "%s%s", world->last.out, world->last.err));
    e2e_shell(
        world,
        "find printed junit.xml '%s/data' '%s/public' data public -type f "
        "-exec grep -a -i -n -F -f shapes {} + > found 2> find.err; cat found; test ! -s found",
        value, value);
}

static void run_all(struct e2e *world, const char *value)
{
    static const char *const runs[][6] = {
        {"validate", NULL},
        {"-v", "tick", NULL},
        {"-v", "check", "--junit", "junit.xml", NULL},
        {"check", "--json", "--record", NULL},
        {"tick", NULL},
        {"-v", "alert", "test", NULL},
        {"-v", "tick", NULL},
        {"alert", "list", NULL},
        {"alert", "list", "--json", NULL},
        {"status", NULL},
        {"status", "--json", NULL},
        {"-v", "render", NULL},
        {"render", "--print-model", NULL},
        {"-v", "rebuild", NULL},
    };

    for (size_t i = 0; i < LENGTH(runs); i++) {
        e2e_uptick(world, runs[i][0], runs[i][1], runs[i][2], runs[i][3], runs[i][4], NULL);
        if (world->last.status != 0 && world->last.status != 1)
            fail_msg("%s %s: %d: %s", runs[i][0], runs[i][1] ? runs[i][1] : "", world->last.status,
                     world->last.err);
        assert_hidden(world, value);
    }
}

/* The test would pass if nothing were repeated, so this looks for the names. */
static void assert_repeated(struct e2e *world, const char *value, const char *name)
{
    e2e_uptick(world, "status", "--json", NULL);
    assert_non_null(strstr(world->last.out, e2e_format(world, "no such host: %s.invalid", name)));
    assert_non_null(
        strstr(world->last.out, e2e_format(world, "redirect to %s: not followed", name)));
    assert_non_null(strstr(world->last.out, e2e_format(world, "\"B %s\\\" not found", name)));
    e2e_shell(world, "! grep -r ',404,' '%s/data/live'", value);
    e2e_shell(world, "grep -q -F 'T %s' '%s/public/index.html'", name, value);
}

static void a_secret_is_shown_nowhere_whatever_a_server_repeats(struct e2e *world)
{
    static const struct {
        const char *value, *name;
    } cases[] = {
        {"Canary7f3aQuokkaZebra", "${CANARY}"},
        {"canary.7F3A-quokka-zebra", "${file:secrets/canary}"},
    };

    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *value = cases[i].value;

        e2e_write(world, "secrets/canary", e2e_format(world, "%s\n", value));
        world->environment = e2e_format(world, "CANARY=%s", value);
        write_shapes(world, value);
        write_files(world, value);
        write_config(world, cases[i].name);
        run_all(world, value);
        assert_repeated(world, value, cases[i].name);
    }
}

/* The certificate of tls-wrong-name is for elsewhere.example. */
static void a_secret_in_the_name_of_a_certificate_is_hidden(struct e2e *world)
{
    e2e_config(world, "sites: [{id: s, domains: [{id: d, url: 'https://@tls-wrong-name@/', "
                      "ca_file: ca.pem, body: '${CANARY}'}]}]\n");
    world->environment = "CANARY=elsewhere.example";
    write_shapes(world, "elsewhere.example");
    e2e_uptick(world, "check", NULL);
    assert_non_null(strstr(world->last.out, "${CANARY}"));
    assert_hidden(world, "elsewhere.example");
}

/* Values of targets are secret even if they are written in the file, and if they could be words. */
static void a_secret_written_in_a_target_is_shown_nowhere(struct e2e *world)
{
    static const char *const values[] = {"canary.7F3A-quokka-zebra", "quokkazebra"};
    char *yaml = e2e_format(world,
                            "alerts:\n%sping_url: 'http://u:@V@@@refused@/@V@'\n"
                            "sites: [{id: s, domains: [{id: d, url: 'http://@refused@/'},"
                            " {id: e, url: 'http://@http@/ok'}]}]\n",
                            collect(world, "Alerts", "  - {", "}\n"));

    for (size_t i = 0; i < LENGTH(values); i++) {
        write_shapes(world, values[i]);
        write_files(world, values[i]);
        e2e_config(world, replace(world, yaml, "@V@", values[i]));
        run_all(world, values[i]);
    }
}

/* No mistake quotes it. A ca_file is not secret. */
static void a_mistake_in_a_target_does_not_quote_its_value(struct e2e *world)
{
    static const char value[] = "canary-7f3a-quokka-zebra";
    static const char *const forms[] = {
        "'%s'",           "['%s']",         "{a: '%s'}",       "[[['%s']]]", "'ftp://%s'",
        "'//%s/'",        "'smtp://%s/%s'", "'http://%s: %s'", "'%s\n'",     "['/a', {a: '%s'}]",
        "\"%s\\r\\n%s\"", "\"a\\0%s\""};

    write_shapes(world, value);
    for (size_t i = 0; i < LENGTH(rows) * LENGTH(forms); i++) {
        const struct row *row = &rows[i / LENGTH(forms)];
        const struct section *section = find_section(row->heading);
        char *form = replace(world, forms[i % LENGTH(forms)], "%s", value);

        if (!row->yaml || strcmp(row->key, "ca_file") == 0 ||
            (strcmp(row->heading, "Alerts") != 0 && strcmp(row->key, "ping_url") != 0))
            continue;
        e2e_config(world, e2e_format(world, "%s%s: %s%s", section->before, row->key, form,
                                     section->after));
        e2e_uptick(world, "validate", NULL);
        if (world->last.status != 0 && world->last.status != 78)
            fail_msg("%s: %d: %s", row->key, world->last.status, world->last.err);
        assert_hidden(world, "none");
    }
}

/* Whatever is wrong with a value, the mistake shows it as it is written. */
static void a_mistake_in_any_key_shows_no_secret(struct e2e *world)
{
    static const char *const values[] = {"canary-7f3a-quokka-zebra",
                                         "canary-7f3a-quokka-zebra/\n canary-7f3a-quokka-zebra"};
    static const char *const forms[] = {"'%s'", "['%s']", "{a: '%s'}", "'%s: %s'", "[{a: '%s'}]"};

    write_shapes(world, values[0]);
    for (size_t i = 0; i < LENGTH(rows) * LENGTH(forms); i++) {
        const struct row *row = &rows[i / LENGTH(forms)];
        const struct section *section = find_section(row->heading);
        const char *value = values[i % LENGTH(values)];
        bool in_file = i % 3 == 0;
        char *form = replace(world, forms[i % LENGTH(forms)], "%s",
                             in_file ? "${file:canary}" : "${CANARY}");

        e2e_write(world, "canary", value);
        world->environment = e2e_format(world, "CANARY=%s", value);
        e2e_config(world, e2e_format(world, "%s%s: %s%s", section->before, row->key, form,
                                     section->after));
        e2e_uptick(world, "validate", NULL);
        if (world->last.status != 0 && world->last.status != 78)
            fail_msg("%s: %d: %s", row->key, world->last.status, world->last.err);
        assert_hidden(world, "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(each_key_of_the_manual_has_a_row),
        E2E_TEST_WITHIN_MINUTE(a_secret_is_shown_nowhere_whatever_a_server_repeats),
        E2E_TEST_WITHIN_MINUTE(a_secret_in_the_name_of_a_certificate_is_hidden),
        E2E_TEST_WITHIN_MINUTE(a_secret_written_in_a_target_is_shown_nowhere),
        E2E_TEST_WITHIN_MINUTE(a_mistake_in_a_target_does_not_quote_its_value),
        E2E_TEST_WITHIN_MINUTE(a_mistake_in_any_key_shows_no_secret),
    };

    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
