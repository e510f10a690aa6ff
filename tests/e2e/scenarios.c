/* Checks a table of servers that fail, and of the same monitors with servers that are well. */
#include "scenarios.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"

/* What is well if a row does not say it. */
static const char shop[] =
    "<!doctype html>\n<html lang=en><head><title>The Lamp Shop</title>\n"
    "<meta charset=utf-8><link rel=stylesheet href=/shop.css>\n"
    "<script src=/shop.js></script></head>\n"
    "<body><h1>Lamps for every room</h1>\n"
    "<p>Desk lamps, floor lamps and bulbs, sent within two days.</p>\n"
    "<ul><li><a href=/desk>Desk lamps</a><li><a href=/floor>Floor lamps</a>\n"
    "<li><a href=/bulbs>Bulbs</a><li><a href=/sale>Sale</a></ul>\n"
    "<button>Add to basket</button>\n"
    "<p>Questions? Write to us, or see <a href=/help>the answers</a>.</p>\n"
    "</body></html>\n";

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The lines of a response, as they are sent. */
static char *with_line_ends(struct e2e *world, const char *text)
{
    char *sent = e2e_keep(world, malloc(2 * strlen(text) + 1)), *to = sent;

    for (; *text; *to++ = *text++) {
        if (*text == '\n')
            *to++ = '\r';
    }
    *to = '\0';
    return sent;
}

/* The URL of an answer, which is written to a file if it is a response or a page. */
static const char *url_of(struct e2e *world, const char *name, const char *answer)
{
    if (begins(answer, "http://") || begins(answer, "https://"))
        return answer;
    if (*answer == '/')
        return e2e_format(world, "http://@http@%s", answer);
    if (begins(answer, "HTTP/"))
        e2e_write(world, name, e2e_expand(world, with_line_ends(world, answer)));
    else
        e2e_write(world, name, e2e_format(world, HEAD "%s", answer));
    return e2e_format(world, "http://@http@/file/%s", name);
}

/* The configuration of one monitor. */
static char *domain_of(struct e2e *world, const struct scenario *row, bool is_well)
{
    const char *name = e2e_format(world, "%s%s", row->id, is_well ? "-well" : "");
    const char *answer = !is_well ? row->answer : row->well ? row->well : shop;

    return e2e_format(world, "      - id: %s\n        url: \"%s\"\n%s%s\n", name,
                      url_of(world, name, answer), *row->keys ? "        " : "", row->keys);
}

static void write_config(struct e2e *world, const struct scenario *rows, size_t n)
{
    char *yaml = NULL;
    size_t size;
    FILE *into = open_memstream(&yaml, &size);

    assert_non_null(into);
    fprintf(into, "max_per_host: 1000\ndefaults: {interval_seconds: 60}\n"
                  "sites:\n  - id: s\n    domains:\n");
    for (size_t i = 0; i < n; i++)
        fprintf(into, "%s%s", domain_of(world, &rows[i], false), domain_of(world, &rows[i], true));
    assert_int_equal(fclose(into), 0);
    e2e_config(world, e2e_keep(world, yaml));
}

/* What a command reported about a monitor. */
struct seen {
    const char *status, *http_status, *failure, *code;
};

/* Prints what differs. Returns whether anything did. */
static bool differs(struct e2e *world, const char *command, const char *name,
                    const struct seen *seen, const struct scenario *row)
{
    const char *failure = row->failure ? e2e_expand(world, row->failure) : "";
    const char *http_status = row->http_status > 0 ? e2e_format(world, "%d", row->http_status) : "";

    if (strcmp(seen->status, row->status) == 0 &&
        (row->http_status < 0 || strcmp(seen->http_status, http_status) == 0) &&
        begins(seen->failure, failure) && !*seen->failure == !row->failure &&
        strcmp(seen->code, row->code ? row->code : "") == 0)
        return false;
    print_error("%s %s: %s %s %s \"%s\", and not %s %s %s \"%s\"\n", command, name, seen->status,
                seen->http_status, seen->code, seen->failure, row->status, http_status,
                row->code ? row->code : "", failure);
    return true;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static struct seen seen_by_check(struct e2e *world, const json_t *domain)
{
    const json_t *check = json_object_get(domain, "check");
    long http_status = (long)json_integer_value(json_object_get(check, "http_status"));

    return (struct seen){text_of(check, "domain_status"),
                         http_status ? e2e_format(world, "%ld", http_status) : "",
                         text_of(check, "failure_type"), text_of(check, "code")};
}

/* The code of a row is in public/status.json. */
static struct seen seen_by_tick(struct e2e *world, const json_t *status, const char *name)
{
    const char *monitor = e2e_format(world, "s/%s", name);
    struct csv csv = e2e_rows(world, monitor);

    if (csv.n != 1)
        return (struct seen){e2e_format(world, "%zu rows", csv.n), "", "", ""};
    return (struct seen){
        csv.rows[0].field[STATUS], csv.rows[0].field[HTTP_STATUS], csv.rows[0].field[FAILURE],
        text_of(json_object_get(e2e_entry(status, monitor), "last_check"), "code")};
}

void scenarios_check(struct e2e *world, const struct scenario *rows, size_t n)
{
    static const struct scenario well = {.status = "UP", .http_status = -1};
    const json_t *domains, *status;
    json_t *report;
    size_t wrong = 0;

    /* A tick that goes on in the next minute makes each check again. */
    if (!world->clock)
        world->clock = "2026-11-23 09:30:00";
    write_config(world, rows, n);
    e2e_uptick(world, "check", "--json", "--fail-on", "none", NULL);
    e2e_silent(world, 0);
    report = json_loads(world->last.out, 0, NULL);
    assert_non_null(report);
    domains = json_object_get(json_array_get(json_object_get(report, "sites"), 0), "domains");
    assert_int_equal(json_array_size(domains), 2 * n);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    status = e2e_status(world);
    for (size_t i = 0; i < 2 * n; i++) {
        const struct scenario *expected = i % 2 ? &well : &rows[i / 2];
        const json_t *domain = json_array_get(domains, i);
        const char *name = text_of(domain, "id");
        struct seen seen = seen_by_check(world, domain);

        wrong += differs(world, "check", name, &seen, expected);
        seen = seen_by_tick(world, status, name);
        wrong += differs(world, "tick", name, &seen, expected);
    }
    json_decref(report);
    e2e_check(wrong == 0, "%zu of %zu verdicts are wrong", wrong, 4 * n);
}
