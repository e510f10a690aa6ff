/* suspicion.h: scopes and networks of addresses, and the table that judges failures. */
#include "model/suspicion.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct local_network rules = {.min_hosts = 5, .share_percent = 60};

static void an_address_has_a_scope_and_a_network(void **state)
{
    static const struct {
        const char *address;
        enum network_scope scope;
        uint32_t network;
    } cases[] = {
        {"8.8.4.4", SCOPE_IPV4_PUBLIC, 0x0808},
        {"100.64.0.1", SCOPE_IPV4_PUBLIC, 0x6440},
        {"9.255.255.255", SCOPE_IPV4_PUBLIC, 0x09ff},
        {"10.0.0.0", SCOPE_IPV4_PRIVATE, 0x0a00},
        {"10.255.255.255", SCOPE_IPV4_PRIVATE, 0x0aff},
        {"11.0.0.0", SCOPE_IPV4_PUBLIC, 0x0b00},
        {"126.255.255.255", SCOPE_IPV4_PUBLIC, 0x7eff},
        {"127.0.0.1", SCOPE_IPV4_PRIVATE, 0x7f00},
        {"127.255.255.255", SCOPE_IPV4_PRIVATE, 0x7fff},
        {"128.0.0.1", SCOPE_IPV4_PUBLIC, 0x8000},
        {"169.253.1.1", SCOPE_IPV4_PUBLIC, 0xa9fd},
        {"169.254.1.1", SCOPE_IPV4_PRIVATE, 0xa9fe},
        {"169.254.255.255", SCOPE_IPV4_PRIVATE, 0xa9fe},
        {"169.255.0.0", SCOPE_IPV4_PUBLIC, 0xa9ff},
        {"172.15.255.255", SCOPE_IPV4_PUBLIC, 0xac0f},
        {"172.16.0.0", SCOPE_IPV4_PRIVATE, 0xac10},
        {"172.31.255.255", SCOPE_IPV4_PRIVATE, 0xac1f},
        {"172.32.0.0", SCOPE_IPV4_PUBLIC, 0xac20},
        {"192.167.255.255", SCOPE_IPV4_PUBLIC, 0xc0a7},
        {"192.168.0.0", SCOPE_IPV4_PRIVATE, 0xc0a8},
        {"192.168.255.255", SCOPE_IPV4_PRIVATE, 0xc0a8},
        {"192.169.0.0", SCOPE_IPV4_PUBLIC, 0xc0a9},
        {"2001:db8::1", SCOPE_IPV6_PUBLIC, 0x20010db8},
        {"::", SCOPE_IPV6_PUBLIC, 0},
        {"::1", SCOPE_IPV6_PRIVATE, 0},
        {"::2", SCOPE_IPV6_PUBLIC, 0},
        {"fbff::1", SCOPE_IPV6_PUBLIC, 0xfbff0000},
        {"fc00::1", SCOPE_IPV6_PRIVATE, 0xfc000000},
        {"fdff:1::1", SCOPE_IPV6_PRIVATE, 0xfdff0001},
        {"fe00::1", SCOPE_IPV6_PUBLIC, 0xfe000000},
        {"fe80::1", SCOPE_IPV6_PRIVATE, 0xfe800000},
        {"febf::1", SCOPE_IPV6_PRIVATE, 0xfebf0000},
        {"fec0::1", SCOPE_IPV6_PUBLIC, 0xfec00000},
        {"::ffff:10.1.2.3", SCOPE_IPV4_PRIVATE, 0x0a01},
        {"::ffff:8.9.2.3", SCOPE_IPV4_PUBLIC, 0x0809},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool v6 = strchr(cases[i].address, ':');
        uint8_t bytes[16];
        uint32_t network;

        assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, cases[i].address, bytes), 1);
        assert_int_equal(suspicion_scope_of(bytes, v6 ? 16 : 4, &network), cases[i].scope);
        assert_int_equal(network, cases[i].network);
    }
}

static void the_network_of_a_name_is_its_last_two_labels(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"www.shop.example", "img.shop.example", true},
        {"shop.example", "a.b.c.shop.example", true},
        {"shop.example.", "shop.example", true},
        {"shop.example", "sop.example", false},
        {"intranet", "mail", false},
        {"intranet", "intranet", true},
        {"", "a", false},
        {"", ".", true},
        {"..", ".", true},
        {"a..", "a", true},
        {"x.y", "ax.y", false},
        {".x.y", "a.x.y", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *exact = strdup(cases[i].a);

        assert_int_equal(suspicion_network_of_name(exact) == suspicion_network_of_name(cases[i].b),
                         cases[i].same);
        free(exact);
    }
}

static void a_scope_is_found_by_its_name(void **state)
{
    (void)state;
    for (int i = 0; i < NETWORK_SCOPES; i++) {
        assert_int_equal(suspicion_find_scope(suspicion_scope_name((enum network_scope)i)), i);
        assert_true(*suspicion_scope_title((enum network_scope)i));
    }
    assert_int_equal(suspicion_find_scope("ipv5"), SCOPE_NONE);
}

/* Hosts of a scope: failed ones in this many networks, and others. */
static struct suspicion scope_of(size_t failed, size_t networks, size_t fails_on, size_t answered)
{
    struct suspicion suspicion = {.hosts = 0};

    for (size_t i = 0; i < failed; i++)
        suspicion_add(&suspicion, HOST_FAILED, (uint32_t)(i % networks));
    for (size_t i = 0; i < fails_on; i++)
        suspicion_add(&suspicion, HOST_FAILS_ON, 99 + (uint32_t)i);
    for (size_t i = 0; i < answered; i++)
        suspicion_add(&suspicion, HOST_ANSWERED, 999);
    return suspicion;
}

static void the_rows_of_the_table_are_applied_in_their_order(void **state)
{
    static const struct {
        size_t failed, networks, fails_on, answered;
        enum suspicion_witness witness;
        bool founded, fault;
    } cases[] = {
        /* H */
        {4, 4, 0, 0, WITNESS_SILENT, false, false},
        {5, 4, 0, 0, WITNESS_SILENT, true, true},
        {5, 4, 0, 0, WITNESS_NONE, true, true},
        {5, 4, 0, 0, WITNESS_ANSWERED, true, false},
        /* the share */
        {59, 4, 0, 41, WITNESS_SILENT, false, false},
        {60, 4, 0, 40, WITNESS_SILENT, true, true},
        {60, 4, 0, 40, WITNESS_NONE, true, false},
        {60, 4, 0, 40, WITNESS_ANSWERED, true, false},
        {599, 4, 0, 401, WITNESS_SILENT, false, false},
        {899, 4, 0, 101, WITNESS_NONE, true, false},
        {3, 3, 0, 2, WITNESS_SILENT, true, true},
        {3, 3, 0, 3, WITNESS_SILENT, false, false},
        {89, 4, 0, 11, WITNESS_NONE, true, false},
        {90, 4, 0, 10, WITNESS_NONE, true, true},
        /* the spread */
        {100, 2, 0, 0, WITNESS_SILENT, false, false},
        {100, 3, 0, 0, WITNESS_SILENT, true, true},
        {100, 3, 0, 0, WITNESS_NONE, true, true},
        /* hosts that were not well count in H only */
        {6, 4, 4, 0, WITNESS_SILENT, true, true},
        {5, 4, 5, 0, WITNESS_SILENT, false, false},
        {9, 4, 1, 0, WITNESS_NONE, true, true},
        {8, 4, 1, 0, WITNESS_NONE, true, false},
        {0, 1, 10, 0, WITNESS_SILENT, false, false},
        {0, 1, 0, 10, WITNESS_SILENT, false, false},
        {0, 1, 0, 0, WITNESS_SILENT, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct suspicion suspicion =
            scope_of(cases[i].failed, cases[i].networks, cases[i].fails_on, cases[i].answered);

        assert_int_equal(suspicion_is_founded(&suspicion, &rules), cases[i].founded);
        assert_int_equal(suspicion_judge(&suspicion, cases[i].witness, false, &rules),
                         cases[i].fault);
    }
}

static void a_fault_lasts_until_something_answers_and_the_failures_stand(void **state)
{
    static const struct {
        size_t failed, answered;
        enum suspicion_witness witness;
        bool fault;
    } cases[] = {
        {0, 0, WITNESS_NONE, true},      {1, 0, WITNESS_NONE, true},
        {1, 1, WITNESS_NONE, false},     {200, 1, WITNESS_NONE, true},
        {200, 50, WITNESS_NONE, false},  {200, 0, WITNESS_ANSWERED, false},
        {200, 50, WITNESS_SILENT, true}, {1, 0, WITNESS_SILENT, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct suspicion suspicion = scope_of(cases[i].failed, 4, 0, cases[i].answered);

        assert_int_equal(suspicion_judge(&suspicion, cases[i].witness, true, &rules),
                         cases[i].fault);
    }
}

static void a_known_fault_counts_as_a_failure_and_alone_is_a_fault(void **state)
{
    struct suspicion suspicion = {.hosts = 0};

    (void)state;
    assert_false(suspicion_is_known(&suspicion));
    suspicion_add(&suspicion, HOST_UNSEEN, 0);
    assert_int_equal(suspicion.hosts, 0);
    for (uint32_t i = 0; i < 5; i++) {
        suspicion_add(&suspicion, HOST_KNOWN_FAULT, i);
        assert_true(suspicion_is_known(&suspicion));
    }
    assert_true(suspicion_judge(&suspicion, WITNESS_NONE, false, &rules));
    suspicion_add(&suspicion, HOST_FAILS_ON, 9);
    assert_false(suspicion_is_known(&suspicion));
    suspicion_add(&suspicion, HOST_ANSWERED, 9);
    assert_false(suspicion_is_known(&suspicion));
    assert_int_equal(suspicion.hosts, 7);
    assert_int_equal(suspicion.explained, 5);
    assert_int_equal(suspicion.failed, 5);
    assert_int_equal(suspicion.failing, 1);
    assert_int_equal(suspicion.answered, 1);
    suspicion_add(&suspicion, HOST_FAILED, 9);
    assert_int_equal(suspicion.failed, 6);
    assert_int_equal(suspicion.failing, 2);
}

/* The table once more, as the header has it. */
static bool expect_fault(size_t hosts, size_t failed, size_t networks,
                         enum suspicion_witness witness, const struct local_network *limits)
{
    double percent = hosts ? 100.0 * (double)failed / (double)hosts : 0;

    if (percent < limits->share_percent || hosts < (size_t)limits->min_hosts || networks < 3)
        return false;
    if (witness == WITNESS_NONE)
        return percent >= 90;
    return witness == WITNESS_SILENT;
}

static void every_small_scope_is_judged_by_the_table(void **state)
{
    enum { HOSTS = 24, SHARE_STEP = 10 };
    struct local_network limits;

    (void)state;
    for (limits.min_hosts = 1; limits.min_hosts < 8; limits.min_hosts += 3) {
        for (limits.share_percent = 1; limits.share_percent <= 101;
             limits.share_percent += SHARE_STEP) {
            for (size_t i = 0; i < HOSTS * HOSTS * 4 * 2 * 3; i++) {
                size_t hosts = i % HOSTS, failed = i / HOSTS % HOSTS, most = i / HOSTS / HOSTS % 4;
                bool answer = i / HOSTS / HOSTS / 4 % 2;
                enum suspicion_witness witness =
                    (enum suspicion_witness)(i / HOSTS / HOSTS / 4 / 2);
                size_t others = hosts - failed, networks = failed < most + 1 ? failed : most + 1;
                struct suspicion suspicion;
                bool fault;

                if (failed > hosts)
                    continue;
                suspicion = scope_of(failed, most + 1, answer ? 0 : others, answer ? others : 0);
                fault = expect_fault(hosts, failed, networks, witness, &limits);
                assert_int_equal(suspicion_judge(&suspicion, witness, false, &limits), fault);
                assert_int_equal(suspicion_judge(&suspicion, witness, true, &limits),
                                 fault || (witness != WITNESS_ANSWERED && (!answer || !others)));
            }
        }
    }
}

struct random_host {
    enum suspicion_outcome outcome;
    uint32_t network;
};

static struct suspicion add_all(const struct random_host *hosts, size_t n)
{
    struct suspicion suspicion = {.hosts = 0};

    for (size_t i = 0; i < n; i++)
        suspicion_add(&suspicion, hosts[i].outcome, hosts[i].network);
    return suspicion;
}

/* What is known besides the hosts. */
struct setting {
    enum suspicion_witness witness;
    bool lasts;
    struct local_network rules;
};

static struct setting make_setting(void)
{
    return (struct setting){(enum suspicion_witness)(rand() % 3),
                            rand() % 2,
                            {.min_hosts = 1 + rand() % 8, .share_percent = 1 + rand() % 100}};
}

static bool judge(const struct suspicion *suspicion, const struct setting *setting)
{
    return suspicion_judge(suspicion, setting->witness, setting->lasts, &setting->rules);
}

/* Few networks and many failures, so that both verdicts are common. */
static size_t make_hosts(struct random_host hosts[64])
{
    size_t n = (size_t)rand() % 40;

    for (size_t i = 0; i < n; i++)
        hosts[i] = (struct random_host){
            rand() % 12 ? HOST_FAILED : (enum suspicion_outcome)(rand() % (HOST_ANSWERED + 1)),
            (uint32_t)rand() % 4};
    return n;
}

static void random_hosts_are_judged_alike_in_any_order(void **state)
{
    struct random_host hosts[64];
    int faults = 0;

    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        size_t n = make_hosts(hosts);
        struct suspicion before = add_all(hosts, n), after;
        struct setting setting = make_setting();
        bool fault = judge(&before, &setting);

        faults += fault;
        for (size_t i = 0; i < n; i++) {
            size_t other = (size_t)rand() % n;
            struct random_host host = hosts[i];

            hosts[i] = hosts[other];
            hosts[other] = host;
        }
        after = add_all(hosts, n);
        assert_int_equal(judge(&after, &setting), fault);

        /* A host that answers is never a reason for a fault, if there are enough without it. */
        if (!fault && before.hosts >= (size_t)setting.rules.min_hosts) {
            suspicion_add(&after, HOST_ANSWERED, 7);
            assert_false(judge(&after, &setting));
        }
    }
    assert_in_range(faults, 2000, 18000);
}

/* Where failures are a fault, more of them are one too: one more host fails, or one that did
 * better now fails. */
static void a_fault_stays_one_if_more_fails(void **state)
{
    struct random_host hosts[64];
    int faults = 0;

    (void)state;
    srand(9);
    for (int round = 0; round < 20000; round++) {
        struct setting setting = make_setting();
        size_t n = make_hosts(hosts), one = n ? (size_t)rand() % n : 0;
        struct suspicion before = add_all(hosts, n), more = before, worse;

        if (n == 0 || !judge(&before, &setting))
            continue;
        faults++;
        suspicion_add(&more, HOST_FAILED, (uint32_t)rand() % 4);
        assert_true(judge(&more, &setting));
        hosts[one].outcome = HOST_FAILED;
        worse = add_all(hosts, n);
        assert_true(judge(&worse, &setting));
    }
    assert_in_range(faults, 2000, 18000);
}

static void what_is_released_early_would_not_have_been_a_fault(void **state)
{
    struct random_host hosts[64];

    (void)state;
    srand(8);
    for (int round = 0; round < 20000; round++) {
        size_t n = make_hosts(hosts), seen = n ? (size_t)rand() % n : 0;
        struct suspicion part = add_all(hosts, seen), all = add_all(hosts, n);

        if (!suspicion_is_possible(&part, n - seen, &rules))
            assert_false(suspicion_is_founded(&all, &rules));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_scope_and_a_network),
        cmocka_unit_test(the_network_of_a_name_is_its_last_two_labels),
        cmocka_unit_test(a_scope_is_found_by_its_name),
        cmocka_unit_test(the_rows_of_the_table_are_applied_in_their_order),
        cmocka_unit_test(a_fault_lasts_until_something_answers_and_the_failures_stand),
        cmocka_unit_test(a_known_fault_counts_as_a_failure_and_alone_is_a_fault),
        cmocka_unit_test(every_small_scope_is_judged_by_the_table),
        cmocka_unit_test(random_hosts_are_judged_alike_in_any_order),
        cmocka_unit_test(a_fault_stays_one_if_more_fails),
        cmocka_unit_test(what_is_released_early_would_not_have_been_a_fault),
    };

    return cmocka_run_group_tests_name("suspicion", tests, NULL, NULL);
}
