/* dashboard/dashboard: the index page is small, plain and compressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include <cmocka.h>

#include "built.h"

/* The largest index page of so many sites, in bytes; every second site is bad, or none. */
struct weight {
    size_t sites;
    bool half_bad;
    size_t plain, compressed;
};

enum { DOMAINS = 3, MINUTES_DOWN = 60 };

static void spoil_days(struct day_minutes *days)
{
    for (int day = 3; day < DAYS_SHOWN; day += 20) {
        days[day].bad = days[day].good / 8;
        days[day].good -= days[day].bad;
    }
}

/* The first domain of each second site is down since an hour, and was so at other times. */
static void make_bad(struct example *example)
{
    const int64_t minute = 60000;

    for (size_t site = 1; site < example->n_sites; site += 2) {
        size_t domain = site * DOMAINS, at = EXAMPLE_BUCKETS - MINUTES_DOWN;
        uint8_t *of_domain = example->cells + (example->n_sites + domain) * EXAMPLE_BUCKETS;
        uint8_t *of_site = example->cells + site * EXAMPLE_BUCKETS;
        int64_t from_ms = example->snapshot.from_ms + (int64_t)at * minute;

        memset(of_domain + at, STATUS_DOWN, MINUTES_DOWN);
        memset(of_site + at, STATUS_DOWN, MINUTES_DOWN);
        memset(of_domain + 20 + site % 40, STATUS_TIMEOUT, 7);
        memset(of_site + 20 + site % 40, STATUS_TIMEOUT, 7);
        example->checks[domain] = (struct recorded){example_at_ms - 2000, STATUS_DOWN, 503, 87,
                                                    "http_status: expected 200, got 503"};
        example->domain_views[domain].status = STATUS_DOWN;
        example->site_views[site].status = STATUS_DOWN;
        example_add_outage(example, domain,
                           (struct example_outage){from_ms, 0, OUTAGE_ONGOING, STATUS_DOWN, 503,
                                                   "http_status: expected 200, got 503"});
        spoil_days(example->days + site * DAYS_SHOWN);
    }
}

static size_t compressed_size(const struct buffer *text)
{
    z_stream stream = {0};
    unsigned char *into;
    size_t size;

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
                     Z_OK);
    size = deflateBound(&stream, text->size);
    into = malloc(size);
    stream.next_in = (unsigned char *)text->data;
    stream.avail_in = (unsigned)text->size;
    stream.next_out = into;
    stream.avail_out = (unsigned)size;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size = stream.total_out;
    deflateEnd(&stream);
    free(into);
    return size;
}

static void assert_weight(const struct weight *weight)
{
    struct fixture *fixture;
    struct error error;
    char path[PATH_MAX];
    size_t compressed;

    assert_int_equal(set_up_sized((void **)&fixture, weight->sites, DOMAINS), 0);
    example_know_days(fixture->example);
    if (weight->half_bad)
        make_bad(fixture->example);
    build(fixture);
    snprintf(path, sizeof path, "%s/index.html", fixture->folder);
    if (file_read(path, &fixture->text, &error))
        fail_msg("%s", error.text);
    compressed = compressed_size(&fixture->text);
    print_message("%zu sites%s: %zu bytes of %zu, compressed %zu of %zu\n", weight->sites,
                  weight->half_bad ? ", half of them bad" : "", fixture->text.size, weight->plain,
                  compressed, weight->compressed);
    assert_true(fixture->text.size <= weight->plain);
    assert_true(compressed <= weight->compressed);
    assert_int_equal(tear_down((void **)&fixture), 0);
}

static void the_index_page_is_small(void **state)
{
    static const struct weight weights[] = {
        {10, false, 60000, 8000},
        {10, true, 70000, 8000},
        {200, false, 1100000, 60000},
        {200, true, 1250000, 60000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++)
        assert_weight(&weights[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_index_page_is_small)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
