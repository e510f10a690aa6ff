/* check/kept and check/head: what is kept of a response, and no memory for it. */
#include "check/head.h"
#include "check/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

#define TEXT(text) ((struct bytes){text, sizeof(text) - 1})

static const struct needle ascii[] = {{{"ok", 2}, {"ok", 2}}};
static const struct needle umlaut[] = {{{"\xc3\xbc", 2}, {"\xc3\xbc", 2}}};

/* A domain that looks for one text, or for none. */
static struct domain domain_for(const struct needle *needle)
{
    return (struct domain){.max_body_bytes = 4096, .expect.contains = {needle, needle != NULL}};
}

/* Reads a response with this body, in pieces. Returns 0, or -1 if out of memory. */
static int read_response(struct kept *kept, const struct domain *domain, bool explains,
                         const char *type, struct bytes body)
{
    static const char *const lines[] = {"HTTP/1.1 200 OK\r\n", "X-A: 1\r\n", " 2\r\n"};
    struct head head = {.location = NULL};
    int result = 0;

    kept_start(kept, domain, explains);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] && result == 0; i++)
        result = head_add(&head, lines[i], strlen(lines[i]), kept_lines(kept));
    if (result == 0)
        result = head_add(&head, type, strlen(type), kept_lines(kept));
    if (result == 0)
        result = head_add(&head, "\r\n", 2, kept_lines(kept));
    if (result == 0)
        kept_begin_body(kept, &head.charset, !head.is_no_page);
    for (size_t at = 0; at < body.size && result == 0; at += 7)
        result = kept_add(kept, body.data + at, body.size - at < 7 ? body.size - at : 7);
    if (result == 0)
        result = kept_end(kept);
    head_free(&head);
    return result;
}

static void only_what_is_needed_is_kept(void **state)
{
    static const struct {
        const struct needle *needle;
        bool explains;
        const char *type;
        struct bytes body;
        bool has_body;
        const char *charset;
    } cases[] = {
        {NULL, false, "Content-Type: text/html; charset=utf-16le\r\n", {"o\0k\0", 4}, false, NULL},
        {ascii, false, "Content-Type: text/html; charset=utf-8\r\n", {"ok", 2}, false, NULL},
        {ascii, false, "Content-Type: text/html; charset=latin1\r\n", {"ok", 2}, false, NULL},
        {ascii, false, "Content-Type: text/html\r\n", {"long enough", 11}, false, NULL},
        {ascii, false, "X: y\r\n", {"\xff\xfeo\0k\0", 6}, true, "UTF-16LE"},
        {ascii, false, "Content-Type: a/b; charset=utf-16\r\n", {"o\0k\0", 4}, true, "UTF-16"},
        {umlaut, false, "Content-Type: text/html; charset=utf-8\r\n", {"ok", 2}, false, NULL},
        {umlaut, false, "Content-Type: text/html; charset=latin1\r\n", {"\xfc", 1}, true, "latin1"},
        {umlaut, false, "X: y\r\n", {"<meta charset=big5>", 19}, true, "Big5"},
        {umlaut, false, "X: y\r\n", {"no charset", 10}, false, NULL},
        {NULL, true, "X: y\r\n", {"any", 3}, true, NULL},
        {NULL, true, "Content-Type: a/b; charset=latin1\r\n", {"", 0}, true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = domain_for(cases[i].needle);
        struct kept kept = {.wants_body = false};
        struct exchange exchange = {.http_status = 200};

        assert_int_equal(
            read_response(&kept, &domain, cases[i].explains, cases[i].type, cases[i].body), 0);
        kept_fill(&kept, &exchange);
        assert_int_equal(exchange.body.data != NULL, cases[i].has_body);
        assert_int_equal(exchange.text.data != NULL, cases[i].charset != NULL);
        if (cases[i].charset)
            assert_string_equal(exchange.charset, cases[i].charset);
        if (cases[i].explains)
            assert_memory_equal(exchange.headers.data, "X-A: 1 2\n", 9);
        else
            assert_int_equal(exchange.headers.size, 0);
        kept_free(&kept);
    }
}

/* Without memory there is nothing, and never a part. */
static void running_out_of_memory_is_reported(void **state)
{
    const struct domain domain = domain_for(umlaut);
    bool met = true;

    (void)state;
    for (int nth = 1; met; nth++) {
        struct kept kept = {.wants_body = false};
        struct exchange exchange = {.http_status = 200};
        int held = fault.held, result;

        fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        result = read_response(&kept, &domain, true, "Content-Type: text/html; charset=latin1\r\n",
                               TEXT("a page in Z\xfcrich that is longer than one piece"));
        met = fault_disarm();
        assert_int_equal(result, met ? -1 : 0);
        kept_fill(&kept, &exchange);
        if (!met)
            assert_non_null(strstr(exchange.text.data, "Zürich"));
        kept_free(&kept);
        assert_int_equal(fault.held, held);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_needed_is_kept),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };

    return cmocka_run_group_tests_name("faults of what is kept", tests, NULL, NULL);
}
