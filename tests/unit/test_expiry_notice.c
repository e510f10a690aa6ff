/* model: when a certificate that ends soon is reported; chains and servers as texts. */
#include "base/clock.h"
#include "base/secrets.h"
#include "model/chain.h"
#include "model/expiry_notice.h"
#include "model/server_scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct certificate_limit warn = {CERTIFICATE_PERCENT, 20 * 1000};
static const struct certificate_limit critical = {CERTIFICATE_PERCENT, 7 * 1000};
static const struct certificate_limit none = {CERTIFICATE_NO_LIMIT, 0};

static enum expiry_level level(int64_t lifetime_ms, int64_t left_ms,
                               const struct certificate_limit *first,
                               const struct certificate_limit *second)
{
    int64_t from_ms = 1700000000000;

    return expiry_notice_level(from_ms, from_ms + lifetime_ms, first, second,
                               from_ms + lifetime_ms - left_ms);
}

/* Both limits, one millisecond before each of them and at it. */
static void the_default_limits_follow_the_lifetime(void **state)
{
    static const struct {
        int64_t lifetime_ms, warn_ms, critical_ms;
    } rows[] = {
        {24 * MS_PER_HOUR, 17280000, 6048000},                          /* 4.8 h, 1.68 h */
        {160 * MS_PER_HOUR + 48 * MS_PER_MINUTE, 115776000, 40521600},  /* 6.7 d: 32 h, 11 h */
        {47LL * MS_PER_DAY, 812160000, 284256000},                      /* 9.4 d, 3.29 d */
        {90LL * MS_PER_DAY, 18LL * MS_PER_DAY, 544320000},              /* 6.3 d */
        {150LL * MS_PER_DAY, 30LL * MS_PER_DAY, 7LL * MS_PER_DAY},      /* capped */
        {398LL * MS_PER_DAY, 30LL * MS_PER_DAY, 7LL * MS_PER_DAY},      /* capped */
        {200LL * 366 * MS_PER_DAY, 30LL * MS_PER_DAY, 7LL * MS_PER_DAY} /* capped */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t lifetime = rows[i].lifetime_ms;

        assert_int_equal(level(lifetime, lifetime, &warn, &critical), EXPIRY_NONE);
        assert_int_equal(level(lifetime, rows[i].warn_ms + 1, &warn, &critical), EXPIRY_NONE);
        assert_int_equal(level(lifetime, rows[i].warn_ms, &warn, &critical), EXPIRY_WARN);
        assert_int_equal(level(lifetime, rows[i].critical_ms + 1, &warn, &critical), EXPIRY_WARN);
        assert_int_equal(level(lifetime, rows[i].critical_ms, &warn, &critical), EXPIRY_CRITICAL);
        assert_int_equal(level(lifetime, -MS_PER_DAY, &warn, &critical), EXPIRY_CRITICAL);
    }
}

static void durations_have_no_cap(void **state)
{
    const struct certificate_limit long_one = {CERTIFICATE_DURATION, 60LL * MS_PER_DAY};
    const struct certificate_limit short_one = {CERTIFICATE_DURATION, 36 * MS_PER_HOUR};
    int64_t lifetime = 398LL * MS_PER_DAY;

    (void)state;
    assert_int_equal(level(lifetime, 60LL * MS_PER_DAY + 1, &long_one, &short_one), EXPIRY_NONE);
    assert_int_equal(level(lifetime, 60LL * MS_PER_DAY, &long_one, &short_one), EXPIRY_WARN);
    assert_int_equal(level(lifetime, 36 * MS_PER_HOUR, &long_one, &short_one), EXPIRY_CRITICAL);
    assert_int_equal(level(lifetime, 60LL * MS_PER_DAY, &short_one, &long_one), EXPIRY_CRITICAL);
}

static void no_limit_is_never_reached(void **state)
{
    (void)state;
    assert_int_equal(level(MS_PER_DAY, -1, &none, &none), EXPIRY_NONE);
    assert_int_equal(level(MS_PER_DAY, 0, &warn, &none), EXPIRY_WARN);
    assert_int_equal(level(MS_PER_DAY, 17280000, &none, &critical), EXPIRY_NONE);
    assert_int_equal(level(MS_PER_DAY, 0, &none, &critical), EXPIRY_CRITICAL);
}

/* Such a certificate is never valid, but it must not confuse anything. */
static void a_certificate_that_ends_before_it_begins_has_no_lifetime(void **state)
{
    (void)state;
    assert_int_equal(level(-MS_PER_DAY, 1, &warn, &critical), EXPIRY_NONE);
    assert_int_equal(level(-MS_PER_DAY, 0, &warn, &critical), EXPIRY_CRITICAL);
}

static void the_shortest_lifetime_has_a_limit(void **state)
{
    const struct certificate_limit all = {CERTIFICATE_PERCENT, 100 * 1000};

    (void)state;
    assert_int_equal(level(1, 2, &all, &none), EXPIRY_NONE);
    assert_int_equal(level(1, 1, &all, &none), EXPIRY_WARN);
}

static void the_longest_time_does_not_overflow(void **state)
{
    const struct certificate_limit all = {CERTIFICATE_PERCENT, 100 * 1000};
    int64_t first_ms = -62167219200000, last_ms = 253402300799999;

    (void)state;
    assert_int_equal(expiry_notice_level(first_ms, last_ms, &all, &none, first_ms), EXPIRY_NONE);
    assert_int_equal(expiry_notice_level(first_ms, last_ms, &all, &none, last_ms), EXPIRY_WARN);
}

static void each_level_is_reported_once(void **state)
{
    static const struct {
        enum event_state before;
        enum expiry_level level;
        bool is_replaced, is_event;
        enum event_change change;
        enum event_state after;
    } rows[] = {
        {EVENT_UP, EXPIRY_NONE, true, false, 0, EVENT_UP},
        {EVENT_UP, EXPIRY_WARN, false, true, EVENT_OPENED, EVENT_WARN},
        {EVENT_UP, EXPIRY_CRITICAL, false, true, EVENT_OPENED, EVENT_CRITICAL},
        {EVENT_WARN, EXPIRY_WARN, false, false, 0, EVENT_WARN},
        {EVENT_WARN, EXPIRY_WARN, true, true, EVENT_CLOSED, EVENT_UP}, /* the next one ends too */
        {EVENT_WARN, EXPIRY_CRITICAL, false, true, EVENT_REASON_CHANGED, EVENT_CRITICAL},
        {EVENT_WARN, EXPIRY_CRITICAL, true, true, EVENT_CLOSED, EVENT_UP},
        {EVENT_WARN, EXPIRY_NONE, false, false, 0, EVENT_UP}, /* the clock was set back */
        {EVENT_WARN, EXPIRY_NONE, true, true, EVENT_CLOSED, EVENT_UP},
        {EVENT_CRITICAL, EXPIRY_WARN, false, false, 0, EVENT_UP},
        {EVENT_CRITICAL, EXPIRY_WARN, true, true, EVENT_CLOSED, EVENT_UP},
        {EVENT_CRITICAL, EXPIRY_NONE, true, true, EVENT_CLOSED, EVENT_UP},
        {EVENT_CRITICAL, EXPIRY_CRITICAL, false, false, 0, EVENT_CRITICAL},
        {EVENT_CRITICAL, EXPIRY_CRITICAL, true, true, EVENT_CLOSED, EVENT_UP},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum event_change change = EVENT_CHANGES;
        enum event_state after;
        bool is_event =
            expiry_notice_step(rows[i].before, rows[i].level, rows[i].is_replaced, &change, &after);

        assert_int_equal(is_event, rows[i].is_event);
        if (is_event) {
            assert_int_equal(change, rows[i].change);
            assert_int_equal(after, rows[i].after);
        }
    }
}

static uint64_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* A limit of any kind; those of a configuration are never negative. */
static struct certificate_limit draw_limit(uint64_t *seed)
{
    switch (draw(seed) % 4) {
    case 0:
        return none;
    case 1:
        return (struct certificate_limit){CERTIFICATE_DURATION,
                                          (int64_t)(draw(seed) % 100) * MS_PER_DAY};
    default:
        return (struct certificate_limit){CERTIFICATE_PERCENT, (int64_t)(draw(seed) % 100001)};
    }
}

/* The level only rises as time goes by. A percentage has the same limit as the duration that it
 * is, up to its cap. */
static void the_level_of_any_certificate_only_rises(void **state)
{
    enum { ROUNDS = 5000, STEPS = 50 };
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct certificate_limit first = draw_limit(&seed), second = draw_limit(&seed);
        int64_t lifetime = 1 + (int64_t)(draw(&seed) % 800) * (MS_PER_DAY / 2 + 1), left = lifetime;
        enum expiry_level last = EXPIRY_NONE, now;

        for (int i = 0; i < STEPS; i++) {
            now = level(lifetime, left, &first, &second);
            assert_true(now >= last);
            last = now;
            left -= (int64_t)(draw(&seed) % (uint64_t)(lifetime / (STEPS / 2) + 1));
        }
    }
}

static void a_percentage_is_a_part_of_the_lifetime_up_to_its_cap(void **state)
{
    uint64_t seed = 4;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t share = (int64_t)(draw(&seed) % 100001), cap = round % 2 ? 30 : 7;
        int64_t lifetime = (int64_t)(draw(&seed) % 800) * (MS_PER_DAY / 2 + 1);
        int64_t limit_ms = lifetime * share / (100 * 1000);
        struct certificate_limit limit = {CERTIFICATE_PERCENT, share};
        const struct certificate_limit *as_warn = round % 2 ? &limit : &none;
        const struct certificate_limit *as_critical = round % 2 ? &none : &limit;

        if (limit_ms > cap * MS_PER_DAY)
            limit_ms = cap * MS_PER_DAY;
        assert_int_equal(level(lifetime, limit_ms + 1, as_warn, as_critical), EXPIRY_NONE);
        assert_true(level(lifetime, limit_ms, as_warn, as_critical) != EXPIRY_NONE);
    }
}

/* Whatever the clock and the limits do: while a certificate is in use, no level is reported twice,
 * and none after a higher one. When it is replaced, its condition closes. */
static void any_series_of_levels_reports_each_once(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        enum event_state known = EVENT_UP;
        enum expiry_level highest = EXPIRY_NONE;

        for (int i = 0; i < 20; i++) {
            enum expiry_level now = (enum expiry_level)(draw(&seed) % 3);
            bool is_replaced = draw(&seed) % 8 == 0, was_open = known != EVENT_UP;
            enum event_change change = EVENT_CHANGES;
            enum event_state after = EVENT_STATES;
            bool is_event = expiry_notice_step(known, now, is_replaced, &change, &after);
            bool is_closed = was_open && is_replaced;

            assert_int_equal(is_event, is_closed || now > highest);
            if (!is_event)
                continue;
            assert_int_equal(change, is_closed   ? EVENT_CLOSED
                                     : !was_open ? EVENT_OPENED
                                                 : EVENT_REASON_CHANGED);
            highest = is_closed ? EXPIRY_NONE : now;
            known = after;
        }
    }
}

static void the_higher_level_comes_first_then_the_earlier_end(void **state)
{
    static const struct expiry_rank order[] = {{EXPIRY_CRITICAL, 5}, {EXPIRY_CRITICAL, 6},
                                               {EXPIRY_WARN, 1},     {EXPIRY_WARN, INT64_MAX},
                                               {EXPIRY_NONE, -1},    {EXPIRY_NONE, 0}};
    enum { N = sizeof order / sizeof order[0] };

    (void)state;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            int found = expiry_notice_compare(order[i], order[k]);

            assert_int_equal((found > 0) - (found < 0), (i > k) - (i < k));
        }
    }
}

static void a_certificate_is_gone_after_three_rounds_without_it(void **state)
{
    (void)state;
    assert_true(expiry_notice_is_in_use(0, 0));
    assert_true(expiry_notice_is_in_use(2, 0));
    assert_false(expiry_notice_is_in_use(3, 0));
    assert_false(expiry_notice_is_in_use(3, 1));
    assert_true(expiry_notice_is_in_use(5, 2)); /* it was away for two, and came back */
    assert_false(expiry_notice_is_in_use(6, 2));
}

static void a_day_without_a_certificate_is_enough_unless_it_came_back_before(void **state)
{
    (void)state;
    assert_int_equal(expiry_notice_miss(0, 0, MS_PER_DAY - 1), 1);
    assert_int_equal(expiry_notice_miss(0, 0, MS_PER_DAY), 3);
    assert_int_equal(expiry_notice_miss(1, 0, -MS_PER_DAY), 2);
    assert_int_equal(expiry_notice_miss(0, 1, MS_PER_DAY), 1);
    assert_int_equal(expiry_notice_miss(1, 1, MS_PER_DAY), 3);
    assert_int_equal(expiry_notice_miss(2, 2, 2 * MS_PER_DAY), 6);
}

static void the_time_left_is_for_people(void **state)
{
    static const struct {
        int64_t left_ms;
        const char *text;
    } rows[] = {{13LL * MS_PER_DAY + 5, "in 13 days"},
                {2LL * MS_PER_DAY, "in 2 days"},
                {2LL * MS_PER_DAY - 1, "in 47 hours"},
                {2 * MS_PER_HOUR, "in 2 hours"},
                {2 * MS_PER_HOUR - 1, "in 119 minutes"},
                {MS_PER_MINUTE, "in 1 minute"},
                {MS_PER_MINUTE - 1, "now"},
                {-1, "now"}};
    char text[EXPIRY_LEFT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(expiry_notice_left(1000 + rows[i].left_ms, 1000, text), rows[i].text);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct chain_facts example(void)
{
    struct chain_facts facts = {.fingerprint = HASH, .n = 2, .earliest = 1};

    facts.links[0] = (struct chain_link){-1, 300, "shop.example", "R11"};
    facts.links[1] = (struct chain_link){0, 200, "R11", "Root"};
    return facts;
}

static void a_chain_is_read_as_it_was_written(void **state)
{
    struct chain_facts facts = example(), read;
    char text[CHAIN_TEXT_MAX];
    size_t size = chain_write(&facts, text);
    struct chain *chain;

    (void)state;
    memset(&read, 'x', sizeof read);
    assert_string_equal(text, HASH "\n-1\t300\tshop.example\tR11\n0\t200\tR11\tRoot\n");
    assert_int_equal(chain_read(text, size, &read), 0);
    assert_int_equal(read.n, 2);
    assert_int_equal(read.earliest, 1);
    assert_string_equal(read.fingerprint, HASH);
    assert_string_equal(read.links[1].issuer, "Root");
    for (size_t i = 0; i < size; i++)
        assert_true(chain_read(text, i, &read) == -1 || text[i - 1] == '\n');

    chain = chain_new(HASH, "shop.example:443", &facts);
    assert_non_null(chain);
    assert_int_equal(chain->from_ms, 0);
    assert_int_equal(chain->until_ms, 200);
    assert_string_equal(chain->id, HASH);
    assert_string_equal(chain->text, text);
    assert_string_equal(chain->server, "shop.example:443");
    chain_release(chain_hold(chain));
    chain_release(chain);
    chain_release(chain_hold(NULL));
}

static void the_first_of_those_that_end_first_counts(void **state)
{
    static const char text[] = HASH "\n1\t9\ta\tb\n1\t5\tb\tc\n1\t5\tc\td\n1\t6\td\te\n";
    struct chain_facts facts;

    (void)state;
    assert_int_equal(chain_read(text, strlen(text), &facts), 0);
    assert_int_equal(facts.n, 4);
    assert_int_equal(facts.earliest, 1);
}

static void a_hash_has_64_digits_in_lower_case(void **state)
{
    static const char bad[] = {'g', 'A', '/', ':', '`', ' ', '\0'};
    char hash[] = HASH;

    (void)state;
    assert_true(chain_is_hash(hash, 64));
    assert_false(chain_is_hash(hash, 65)); /* with its NUL */
    assert_false(chain_is_hash(hash, 63));
    assert_false(chain_is_hash(hash, 0));
    for (size_t i = 0; i < 64; i++) {
        for (size_t k = 0; k < sizeof bad; k++) {
            char good = hash[i];

            hash[i] = bad[k];
            assert_false(chain_is_hash(hash, 64));
            hash[i] = good;
        }
    }
}

static void the_longest_chain_fits(void **state)
{
    static const char one_more[] = "1\t2\ta\tb\n";
    struct chain_facts facts = {.fingerprint = HASH, .n = CHAIN_LINKS_MAX}, read;
    char text[CHAIN_TEXT_MAX + sizeof one_more];
    size_t size;

    (void)state;
    for (size_t i = 0; i < facts.n; i++) {
        facts.links[i].from_ms = -62167219200000;
        facts.links[i].until_ms = 253402300799999;
        memset(facts.links[i].subject, 'x', CHAIN_NAME_MAX - 1);
        memset(facts.links[i].issuer, 'y', CHAIN_NAME_MAX - 1);
    }
    size = chain_write(&facts, text);
    assert_int_equal(chain_read(text, size, &read), 0);
    assert_memory_equal(read.links, facts.links, sizeof facts.links);
    memcpy(text + size, one_more, sizeof one_more);
    assert_int_equal(chain_read(text, strlen(text), &read), -1);
    for (; facts.n > 0; facts.n--) {
        assert_int_equal(chain_read(text, chain_write(&facts, text), &read), 0);
        assert_int_equal(read.n, facts.n);
        assert_memory_equal(read.links, facts.links, facts.n * sizeof facts.links[0]);
    }
}

static void a_hostile_chain_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        HASH,
        HASH "\n",
        "0123\n1\t2\ta\tb\n",
        HASH "\n1\t2\ta\n",
        HASH "\n1\t2\ta\tb",
        HASH "\n1\t2\ta\tb\tc\n",
        HASH "\n\t2\ta\tb\n",
        HASH "\n1x\t2\ta\tb\n",
        HASH "\n 1\t2\ta\tb\n",
        HASH "\n-\t2\ta\tb\n",
        HASH "\n1\t253402300800000\ta\tb\n",
        HASH "\n-62167219200001\t1\ta\tb\n",
        HASH "\n1\t99999999999999999999999999\ta\tb\n",
        HASH "\n1\t999999999999999999999999999999999999\ta\tb\n",
        HASH "\n00000000000000000000000000000001\t2\ta\tb\n",
        HASH "\n1\t2\ta\x1b\tb\n",
        HASH "\n1\t2\ta\xff\tb\n",
    };
    struct chain_facts facts;
    char text[400];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(chain_read(texts[i], strlen(texts[i]), &facts), -1);
    memcpy(text, HASH "\n1\t2\t", 69);
    memset(text + 69, 'x', CHAIN_NAME_MAX);
    memcpy(text + 69 + CHAIN_NAME_MAX, "\ty\n", 4);
    assert_int_equal(chain_read(text, strlen(text), &facts), -1);
    assert_int_equal(chain_read(HASH "\n1\t2\ta\0b\tc\n", 65 + 10, &facts), -1);
}

static void the_port_of_a_server_is_a_number_or_unknown(void **state)
{
    static const struct {
        const char *scope, *port;
        int number;
    } rows[] = {{"shop.example:443", "443", 443},
                {"[::1]:8443", "8443", 8443},
                {"[::1]", "", 0},
                {"shop.example", "", 0},
                {"a.example:${PORT}", "${PORT}", 0},
                {"a.example:8${PORT}", "8${PORT}", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(server_scope_port(rows[i].scope), rows[i].port);
        assert_int_equal(server_scope_port_number(rows[i].scope), rows[i].number);
    }
}

static void a_server_is_named_as_it_may_be_published(void **state)
{
    static const struct {
        const char *url, *shown, *scope;
        size_t host_size;
    } rows[] = {
        {"https://shop.example/", "https://shop.example/", "shop.example:443", 12},
        {"https://shop.example:8443/a:b", "https://shop.example:8443/a:b", "shop.example:8443", 12},
        {"https://shop.example", "https://shop.example", "shop.example:443", 12},
        {"https://[::1]/", "https://[::1]/", "[::1]:443", 5},
        {"https://[::1]:8443/", "https://[::1]:8443/", "[::1]:8443", 5},
        {"https://SHOP.example/", "https://SHOP.example/", "shop.example:443", 12},
        {"https://A.b.example/", "https://A.${Host}.Example/", "a.${Host}.example:443", 17},
        {"https://a.example/", "https://${HOST}/", "${HOST}:443", 7},
        {"https://a.example/", "https://${file:/run/a:b}/x", "${file:/run/a:b}:443", 16},
        {"https://a.example:1/", "https://a.example:${file:/p:q}/", "a.example:${file:/p:q}", 9},
        {"https://a.example:1/", "https://x-${A}.example:1/", "x-${A}.example:1", 14},
        {"https://a.example/", "${URL}", "${URL}:443", 6},
        {"https://a.example/", "https://${file:/run/a/}:8/x", "${file:/run/a/}:8", 15},
        {"https://a.example/", "https://a$b.example:8/}", "a$b.example:8", 11},
        {"https://a.example/", "https://a$b:8}", "a$b:8}", 3},
        {"https://a.example/", "https://a.example/}", "a.example:443", 9},
        {"https://a.example/", "https://a.example?b:c", "a.example:443", 9},
        {"https://a.example/", "https://a.example#b:c", "a.example:443", 9},
        {"https://a.example/", "https://${A", "${a:443", 3},
        {"HTTPS://a.example/", "HTTPS://a.example/", "a.example:443", 9},
    };
    char scope[EVENT_SCOPE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct domain domain = {.url = rows[i].url, .shown_url = rows[i].shown};

        assert_true(server_scope_of(&domain, scope));
        assert_string_equal(scope, rows[i].scope);
        assert_int_equal(server_scope_host_size(scope), rows[i].host_size);
    }
    assert_false(
        server_scope_of(&(struct domain){.url = "http://a/", .shown_url = "http://a/"}, scope));
    assert_string_equal(scope, "");
    assert_int_equal(server_scope_host_size("shop.example"), 12);
    assert_int_equal(server_scope_host_size(""), 0);
    server_scope_write(&(struct domain){.secrets = NULL}, "b.example", 443, scope);
    assert_string_equal(scope, "b.example:443");
    server_scope_write(&(struct domain){.secrets = NULL}, "B.Example", 8443, scope);
    assert_string_equal(scope, "b.example:8443");
}

static void a_server_whose_host_is_secret_is_named_by_its_variable(void **state)
{
    struct secrets *secrets = secrets_new();
    struct domain domain = {.secrets = secrets};
    char scope[EVENT_SCOPE_MAX];

    (void)state;
    assert_int_equal(secrets_add(secrets, "hidden.example", 14, "${HOST}"), 0);
    secrets_sort(secrets);
    server_scope_write(&domain, "Hidden.example", 443, scope);
    assert_string_equal(scope, "${HOST}:443");
    assert_int_equal(server_scope_host_size(scope), 7);
    secrets_free(secrets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_limits_follow_the_lifetime),
        cmocka_unit_test(durations_have_no_cap),
        cmocka_unit_test(no_limit_is_never_reached),
        cmocka_unit_test(a_certificate_that_ends_before_it_begins_has_no_lifetime),
        cmocka_unit_test(the_shortest_lifetime_has_a_limit),
        cmocka_unit_test(the_longest_time_does_not_overflow),
        cmocka_unit_test(the_level_of_any_certificate_only_rises),
        cmocka_unit_test(a_percentage_is_a_part_of_the_lifetime_up_to_its_cap),
        cmocka_unit_test(each_level_is_reported_once),
        cmocka_unit_test(any_series_of_levels_reports_each_once),
        cmocka_unit_test(the_higher_level_comes_first_then_the_earlier_end),
        cmocka_unit_test(a_certificate_is_gone_after_three_rounds_without_it),
        cmocka_unit_test(a_day_without_a_certificate_is_enough_unless_it_came_back_before),
        cmocka_unit_test(the_time_left_is_for_people),
        cmocka_unit_test(a_chain_is_read_as_it_was_written),
        cmocka_unit_test(the_first_of_those_that_end_first_counts),
        cmocka_unit_test(a_hash_has_64_digits_in_lower_case),
        cmocka_unit_test(the_longest_chain_fits),
        cmocka_unit_test(a_hostile_chain_is_refused),
        cmocka_unit_test(the_port_of_a_server_is_a_number_or_unknown),
        cmocka_unit_test(a_server_is_named_as_it_may_be_published),
        cmocka_unit_test(a_server_whose_host_is_secret_is_named_by_its_variable),
    };

    return cmocka_run_group_tests_name("expiry_notice", tests, NULL, NULL);
}
