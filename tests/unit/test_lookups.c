/* lookup/lookups: names are looked up once, in the hosts file, the DNS and other services. */
#include "lookup/settings.h"
#include "lookup/window.h"

#include "lookup_desk.h"

#include <dirent.h>
#include <sys/resource.h>

/* If TCP fails too. */
#define OUT_OF_ROOM "the answer is too long for the name server, which does not answer over TCP"

enum { HOST_ROOM = 32 };

static size_t count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    size_t n = 0;

    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

/* Without a route for IPv6, IPv4 comes first. */
static bool has_v6_route(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    bool has;

    inet_pton(AF_INET6, "2001:db8::1", &at.sin6_addr);
    has = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return has;
}

static void a_lookup_returns_the_answer_of_the_name_server(void **state)
{
    const char *both = has_v6_route() ? "[2001:db8::1],192.0.2.7" : "192.0.2.7,[2001:db8::1]";
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    desk.dns.address = "192.0.2.7";
    desk_open(&desk);
    assert_found(&desk, "www.test", AF_UNSPEC, "192.0.2.7");
    assert_found(&desk, "alias.test", AF_UNSPEC, "192.0.2.7");
    assert_found(&desk, "many.test", AF_UNSPEC, "192.0.2.7,192.0.2.8,192.0.2.9");
    assert_found(&desk, "both.test", AF_UNSPEC, both);
    assert_found(&desk, "both.test", AF_INET, "192.0.2.7");
    assert_found(&desk, "both.test", AF_INET6, "[2001:db8::1]");
    assert_found(&desk, "v6.test", AF_UNSPEC, "[2001:db8::1]");
    assert_failed(&desk, "missing.test", AF_UNSPEC, "no such host");
    assert_failed(&desk, "nodata.test", AF_UNSPEC, "the host has no address");
    assert_failed(&desk, "v6.test", AF_INET, "the host has no IPv4 address");
    assert_failed(&desk, "www.test", AF_INET6, "the host has no IPv6 address");
    assert_failed(&desk, "fail.test", AF_UNSPEC, "the name server failed (SERVFAIL)");
    assert_failed(&desk, "refused.test", AF_UNSPEC, "the name server refused to answer (REFUSED)");
    assert_failed(&desk, "a..b", AF_UNSPEC, "the host name is malformed");
    assert_failed(&desk, "", AF_UNSPEC, "the host name is malformed");
    desk_close(&desk);
}

static void an_address_needs_no_lookup(void **state)
{
    static const char *const hosts[] = {"192.0.2.1",      "2001:db8::1", "[2001:db8::1]", "[::1]",
                                        "[fe80::1%eth0]", "fe80::1%1",   "127.1"};
    struct desk desk;
    size_t threads = count_threads();

    (void)state;
    desk_start(&desk);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct question question;

        assert_true(ask(&desk, &question, hosts[i], AF_UNSPEC));
        assert_int_equal(question.answer->result, LOOKUP_FOUND);
        assert_null(question.answer->addresses);
    }
    assert_int_equal(count_threads(), threads + 1); /* the thread of the name server */
    desk_close(&desk);
}

static void a_name_in_capital_letters_is_not_looked_up_again(void **state)
{
    struct desk desk;
    struct question question;
    int before;

    (void)state;
    desk_start(&desk);
    look_up(&desk, "www.test", AF_INET);
    before = questions(&desk);
    assert_true(ask(&desk, &question, "WWW.Test", AF_INET));
    assert_int_equal(questions(&desk), before);
    desk_close(&desk);
}

static void a_thousand_requests_for_one_name_make_one_lookup(void **state)
{
    enum { ASKERS = 1000 };
    static struct question question[ASKERS];
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    desk.dns.delay_ms = 50;
    desk_open(&desk);
    for (int i = 0; i < ASKERS; i++)
        ask(&desk, &question[i], "www.test", AF_UNSPEC);
    for (int i = 0; i < ASKERS; i++)
        wait_for(&desk, &question[i]);
    for (int i = 0; i < ASKERS; i++)
        assert_ptr_equal(question[i].answer, question[0].answer);
    assert_int_equal(questions(&desk), 2);
    desk_close(&desk);
}

static void a_failed_lookup_is_retried_after_one_second(void **state)
{
    struct desk desk;
    struct question question;
    int64_t end;
    int before;

    (void)state;
    desk_set_up(&desk);
    atomic_store(&desk.dns.early, true);
    desk_open(&desk);
    assert_failed(&desk, "later.test", AF_INET, "no such host");
    end = fake_dns_now() + 1000;
    before = questions(&desk);
    if (ask(&desk, &question, "later.test", AF_INET))
        assert_int_equal(question.answer->result, LOOKUP_FAILED);
    else
        assert_true(fake_dns_now() >= end); /* a slow machine */
    wait_for(&desk, &question);
    atomic_store(&desk.dns.early, false);
    while (fake_dns_now() <= end)
        poll(NULL, 0, 10);
    assert_int_equal(look_up(&desk, "later.test", AF_INET)->result, LOOKUP_FOUND);
    assert_true(questions(&desk) > before);
    desk_close(&desk);
}

static void a_lookup_can_be_withdrawn_before_and_after_its_answer(void **state)
{
    struct desk desk;
    struct question gone, second, answered;

    (void)state;
    desk_start(&desk);
    assert_false(ask(&desk, &gone, "silent.test", AF_UNSPEC));
    assert_false(ask(&desk, &second, "silent.test", AF_UNSPEC));
    assert_true(gone.begun_us > 0);
    assert_null(next_within(&desk, 100));
    lookups_withdraw(desk.lookups, &gone);
    lookups_withdraw(desk.lookups, &second);

    /* An answer that is already in the inbox is withdrawn too. */
    assert_false(ask(&desk, &answered, "www.test", AF_UNSPEC));
    while (questions(&desk) < 4 || sem_trywait(&desk.woken))
        poll(NULL, 0, 1);
    lookups_withdraw(desk.lookups, &answered);
    lookups_withdraw(desk.lookups, &answered);
    assert_null(inbox_take(&desk.inbox));
    desk_close(&desk);
}

static void a_new_lookup_does_not_wait_for_a_withdrawn_one(void **state)
{
    struct desk desk;
    struct question question;
    int64_t begun = fake_dns_now();

    (void)state;
    desk_set_up(&desk);
    atomic_store(&desk.dns.lose, 1000);
    desk_open(&desk);
    assert_false(ask(&desk, &question, "www.test", AF_INET));
    assert_null(next_within(&desk, 1300)); /* two tries; the next would come after three seconds */
    lookups_withdraw(desk.lookups, &question);
    atomic_store(&desk.dns.lose, 0);
    assert_int_equal(look_up(&desk, "www.test", AF_INET)->result, LOOKUP_FOUND);
    assert_in_range(fake_dns_now() - begun, 1000, 2700);
    desk_close(&desk);
}

static void a_lookup_survives_a_lost_packet(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    atomic_store(&desk.dns.lose, 1);
    desk_open(&desk);
    assert_int_equal(look_up(&desk, "www.test", AF_INET)->result, LOOKUP_FOUND);
    desk_close(&desk);
}

static void ask_many(struct desk *desk, struct question *question, char (*host)[HOST_ROOM], int n,
                     const char *prefix, int family)
{
    for (int i = 0; i < n; i++) {
        snprintf(host[i], HOST_ROOM, "%s-%d.test", prefix, i);
        ask(desk, &question[i], host[i], family);
    }
}

static void assert_local_fault(struct desk *desk, const char *host, int family, const char *reason)
{
    const struct answer *answer = look_up(desk, host, family);

    assert_int_equal(answer->result, LOOKUP_LOCAL_FAULT);
    assert_null(answer->addresses);
    assert_string_equal(answer->reason, reason);
}

static void a_silent_name_server_is_reported(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    write_file(desk.resolv_conf, "options timeout:1 attempts:1\n");
    desk_open(&desk);
    assert_false(lookups_has_answer(desk.lookups));
    assert_local_fault(&desk, "silent1.test", AF_UNSPEC, "no name server can be reached");
    assert_false(lookups_has_answer(desk.lookups));
    assert_failed(&desk, "missing.test", AF_UNSPEC, "no such host");
    assert_true(lookups_has_answer(desk.lookups));
    assert_failed(&desk, "silent2.test", AF_UNSPEC, "no answer from the name server");
    desk_close(&desk);
}

static void one_unanswered_ip_version_does_not_block_the_other(void **state)
{
    struct desk desk;
    int64_t begun = fake_dns_now();

    (void)state;
    desk_set_up(&desk);
    desk.dns.address = "192.0.2.7";
    desk_open(&desk);
    assert_found(&desk, "half.test", AF_UNSPEC, "192.0.2.7");
    assert_in_range(fake_dns_now() - begun, 1900, 4000);
    desk_close(&desk);
}

static void an_unreachable_name_server_is_a_local_fault(void **state)
{
    struct desk desk;
    char servers[64];
    struct lookup_sources sources = {.servers = servers};
    const struct answer *answer;
    struct error error;

    (void)state;
    desk_start(&desk);
    lookups_free(desk.lookups);
    snprintf(servers, sizeof servers, "127.0.0.1:%d", desk.dns.port);
    fake_dns_stop(&desk.dns);
    sources.hosts = desk.hosts;
    sources.nsswitch = desk.nsswitch;
    desk.lookups = lookups_new(&sources, &error);
    assert_non_null(desk.lookups);
    answer = look_up(&desk, "www.test", AF_UNSPEC);
    assert_int_equal(answer->result, LOOKUP_LOCAL_FAULT);
    assert_string_equal(answer->reason, "no name server can be reached");
    assert_int_equal(fake_dns_start(&desk.dns, "127.0.0.1", 0), 0);
    desk_close(&desk);
}

static void a_truncated_answer_is_requested_again_over_tcp(void **state)
{
    struct desk desk;
    const struct answer *answer;
    int n = 1;

    (void)state;
    desk_start(&desk);
    answer = look_up(&desk, "big.test", AF_INET);
    assert_int_equal(answer->result, LOOKUP_FOUND);
    for (const char *at = answer->addresses; *at; at++)
        n += *at == ',';
    assert_int_equal(n, FAKE_DNS_BIG);
    assert_int_equal(atomic_load(&desk.dns.over_tcp), 1);
    desk_close(&desk);
}

static void an_answer_that_does_not_fit_is_requested_with_edns(void **state)
{
    static const struct {
        bool no_tcp, no_edns;
        const char *host, *reason; /* NULL: it is found */
    } cases[] = {
        {true, false, "large.test", NULL},      {true, false, "edns.test", NULL},
        {false, true, "edns.test", NULL},       {false, true, "big.test", NULL},
        {true, true, "edns.test", OUT_OF_ROOM}, {true, false, "big.test", OUT_OF_ROOM},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct desk desk;

        desk_set_up(&desk);

        /* With search domains, the rest of an answer must not be taken for the whole. */
        write_file(desk.resolv_conf, "search a.test b.test\n");
        desk.dns.no_tcp = cases[i].no_tcp;
        desk.dns.no_edns = cases[i].no_edns;
        desk_open(&desk);
        if (cases[i].reason)
            assert_failed(&desk, cases[i].host, AF_INET, cases[i].reason);
        else
            assert_int_equal(look_up(&desk, cases[i].host, AF_INET)->result, LOOKUP_FOUND);

        /* The usual names need no EDNS. */
        assert_int_equal(look_up(&desk, "www.test", AF_INET)->result, LOOKUP_FOUND);
        desk_close(&desk);
    }
}

/* Each has a connection of its own, which the name server closes after one answer. */
static void many_answers_that_do_not_fit_are_found(void **state)
{
    enum { NAMES = 60 };
    struct question question[NAMES];
    char hosts[NAMES][HOST_ROOM];
    struct desk desk;

    (void)state;
    desk_start(&desk);
    ask_many(&desk, question, hosts, NAMES, "big", AF_INET);
    for (int i = 0; i < NAMES; i++)
        assert_int_equal(wait_for(&desk, &question[i])->result, LOOKUP_FOUND);
    assert_int_equal(atomic_load(&desk.dns.over_tcp), NAMES);
    desk_close(&desk);
}

/* What happens to one name must not change the outcome of the names that are looked up with it. */
static void the_trouble_of_one_name_does_not_touch_the_others(void **state)
{
    enum { HEALTHY = 24, DELAY_MS = 300, SOON_MS = 4500 };
    static const struct {
        const char *host;
        const char *reason; /* NULL: no answer before the others */
    } cases[] = {
        {"big.test", OUT_OF_ROOM},
        {"edns.test", OUT_OF_ROOM},
        {"garbage.test", "the name server's answer is malformed"},
        {"nodata.test", "the host has no address"},
        {"circle.test", "the host has no address"},
        {"fail.test", "the name server failed (SERVFAIL)"},
        {"refused.test", "the name server refused to answer (REFUSED)"},
        {"wrong.test", NULL},
        {"silent.test", NULL},
        {"restart.test", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct question one, others[HEALTHY];
        char hosts[HEALTHY][HOST_ROOM];
        int64_t begun = fake_dns_now();
        struct desk desk;

        desk_set_up(&desk);
        desk.dns.delay_ms = DELAY_MS;
        desk.dns.no_tcp = desk.dns.no_edns = true;
        desk_open(&desk);
        assert_int_equal(look_up(&desk, "first.test", AF_UNSPEC)->result, LOOKUP_FOUND);
        ask_many(&desk, others, hosts, HEALTHY / 2, "www", AF_UNSPEC);
        ask(&desk, &one, cases[i].host, AF_UNSPEC);
        ask_many(&desk, others + HEALTHY / 2, hosts + HEALTHY / 2, HEALTHY / 2, "shop", AF_UNSPEC);
        for (int n = 0; n < HEALTHY; n++)
            if (wait_for(&desk, &others[n])->result != LOOKUP_FOUND)
                fail_msg("%s: %s: %s", cases[i].host, others[n].host, others[n].answer->reason);
        assert_in_range(fake_dns_now() - begun, 0, SOON_MS);
        if (cases[i].reason) {
            assert_int_equal(wait_for(&desk, &one)->result, LOOKUP_FAILED);
            assert_string_equal(one.answer->reason, cases[i].reason);
        }
        lookups_withdraw(desk.lookups, &one);
        desk_close(&desk);
    }
}

/* A long chain of aliases is followed. */
static void aliases_of_aliases_are_followed(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    desk.dns.address = "192.0.2.7";
    desk_open(&desk);
    assert_found(&desk, "chain.test", AF_INET, "192.0.2.7");
    desk_close(&desk);
}

static void name_servers_that_refuse_everything_are_a_local_fault(void **state)
{
    static const char *const hosts[] = {"www.test", "missing.test", "fail.test"};
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    desk.dns.refuses_all = true;
    desk_open(&desk);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        assert_local_fault(&desk, hosts[i], AF_UNSPEC,
                           "the name servers refuse every question (SERVFAIL or REFUSED)");
    desk_close(&desk);
}

/* One name alone, without another name that is known to work. */
static void one_refused_name_is_a_failure_of_that_name(void **state)
{
    static const struct {
        const char *host, *reason;
    } cases[] = {{"fail.test", "the name server failed (SERVFAIL)"},
                 {"notauth.test", "the name server refused to answer (REFUSED)"},
                 {"refused.test", "the name server refused to answer (REFUSED)"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct desk desk;

        desk_start(&desk);
        assert_failed(&desk, cases[i].host, AF_UNSPEC, cases[i].reason);
        desk_close(&desk);
    }
}

static void an_unspecified_address_is_no_address(void **state)
{
    static const char none[] = "the host has no address but 0.0.0.0 or :: (blocked by a filter?)";
    static const char *const blocked[] = {"zero.test", "mapped.test", "ad.test", "ad6.test"};
    static const int families[] = {AF_UNSPEC, AF_INET6};
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    write_file(desk.hosts, "0.0.0.0 ad.test\n"
                           ":: ad.test ad6.test\n"
                           "::ffff:0.0.0.0 ad6.test\n"
                           "0.0.0.0 mixed.test\n"
                           "192.0.2.7 mixed.test\n");
    desk_open(&desk);
    for (size_t i = 0; i < sizeof blocked / sizeof blocked[0]; i++) {
        for (size_t n = 0; n < sizeof families / sizeof families[0]; n++)
            assert_failed(&desk, blocked[i], families[n], none);
    }
    assert_failed(&desk, "zero.test", AF_INET, none);
    assert_failed(&desk, "ad.test", AF_INET, none);
    assert_found(&desk, "mixed.test", AF_UNSPEC, "192.0.2.7");
    desk_close(&desk);
}

static void search_domains_and_ndots_are_those_of_resolv_conf(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    write_file(desk.resolv_conf, "search missing.test corp.test\noptions ndots:2\n");
    write_file(desk.hosts, "192.0.2.1 intranet.corp.test\n");
    desk.dns.address = "192.0.2.7";
    desk_open(&desk);
    assert_found(&desk, "www", AF_INET, "192.0.2.7");
    assert_int_equal(questions(&desk), 1); /* www.missing.test begins with www */
    assert_failed(&desk, "missing.", AF_INET, "no such host");
    assert_int_equal(questions(&desk), 2); /* absolute: no search */
    assert_failed(&desk, "missing.x", AF_INET, "no such host");
    assert_int_equal(questions(&desk), 5); /* two domains, then the bare name */
    desk_close(&desk);
}

static void the_hosts_file_comes_first(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    write_file(desk.hosts, "# who is who\r\n"
                           "192.0.2.1\tone one.test  # the first\r\n"
                           "192.0.2.2 one.test\r\n192.0.2.2 one.test\r\n"
                           "::1 loop.test LOOP2.test\n"
                           "127.0.0.1 loop.test\n"
                           "fe80::1%eth0 zone.test\n"
                           "nonsense bad.test\n"
                           "2001:db8::5 v6.test\n"
                           "192.0.2.9");
    desk.dns.address = "192.0.2.7";
    desk_open(&desk);
    assert_found(&desk, "one", AF_UNSPEC, "192.0.2.1");
    assert_found(&desk, "One.Test.", AF_UNSPEC, "192.0.2.1,192.0.2.2");
    assert_found(&desk, "loop2.test", AF_UNSPEC, "[::1]");
    assert_found(&desk, "loop.test", AF_INET, "127.0.0.1");
    assert_found(&desk, "v6.test", AF_INET6, "[2001:db8::5]");
    assert_int_equal(questions(&desk), 0);
    assert_found(&desk, "zone.test", AF_INET, "192.0.2.7");
    assert_found(&desk, "bad.test", AF_INET, "192.0.2.7");
    assert_found(&desk, "loop2.test", AF_INET, "192.0.2.7"); /* the file has only IPv6 for it */
    desk_close(&desk);
}

static void localhost_is_this_machine_and_is_never_looked_up(void **state)
{
    struct desk desk;

    (void)state;
    desk_start(&desk);
    assert_found(&desk, "localhost", AF_INET, "127.0.0.1");
    assert_found(&desk, "www.localhost", AF_INET6, "[::1]");
    assert_non_null(strstr(look_up(&desk, "localhost.", AF_UNSPEC)->addresses, "127.0.0.1"));
    assert_int_equal(questions(&desk), 0);
    assert_int_equal(look_up(&desk, "notlocalhost", AF_INET)->result, LOOKUP_FOUND);
    assert_int_equal(questions(&desk), 1);
    desk_close(&desk);
}

static int64_t cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static void a_hosts_file_of_10000_names_is_read_once(void **state)
{
    enum { HOSTS = 10000 };
    struct desk desk;
    char host[32], address[32];
    FILE *file;
    int64_t cpu;

    (void)state;
    desk_set_up(&desk);
    file = fopen(desk.hosts, "w");
    assert_non_null(file);
    for (int i = 0; i < HOSTS; i++)
        fprintf(file, "127.1.%d.%d host-%d.test alias-%d\n", i / 250, i % 250 + 1, i, i);
    fclose(file);
    cpu = cpu_us();
    desk_open(&desk);
    for (int i = 0; i < HOSTS; i++) {
        snprintf(host, sizeof host, "alias-%d", i);
        snprintf(address, sizeof address, "127.1.%d.%d", i / 250, i % 250 + 1);
        assert_found(&desk, host, AF_UNSPEC, address);
    }
    /* It would take seconds to read the file for each name, or to search it from the start. */
    assert_in_range(cpu_us() - cpu, 0, 1000000);
    desk_close(&desk);
}

static void nsswitch_conf_selects_the_lookup_services(void **state)
{
    static const struct {
        const char *text;
        bool dns, others;
    } cases[] = {
        {"hosts: files dns\n", true, false},
        {"# hosts: files\n", true, false},
        {"passwd: files\n", true, false},
        {"hosts: files\n", false, false},
        {"  hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns # here\n", true, true},
        {"hosts: files myhostname resolve [!UNAVAIL=return] dns", true, true},
        {"hosts: files [ SUCCESS=return  dns=continue ] ldap\n", false, true},
        {"hosts: files [dns\n", false, false},
    };
    struct desk desk;
    struct settings settings;

    (void)state;
    desk_start(&desk);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(desk.nsswitch, cases[i].text);
        settings = settings_load(desk.nsswitch);
        assert_int_equal(settings.dns, cases[i].dns);
        assert_int_equal(settings.others, cases[i].others);
    }
    settings = settings_load("/nowhere/nsswitch.conf");
    assert_true(settings.dns && !settings.others);
    desk_close(&desk);
}

static void no_name_server_is_asked_if_nsswitch_conf_has_no_dns(void **state)
{
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    write_file(desk.nsswitch, "hosts: files\n");
    write_file(desk.hosts, "192.0.2.1 one.test\n");
    desk_open(&desk);
    assert_found(&desk, "one.test", AF_UNSPEC, "192.0.2.1");
    assert_failed(&desk, "www.test", AF_UNSPEC, "no such host");
    assert_int_equal(questions(&desk), 0);
    desk_close(&desk);
}

/* Asks for n names: "PREFIX-0.test", "PREFIX-1.test" ... host keeps their texts. */
static void ten_thousand_lookups_need_few_threads(void **state)
{
    enum { NAMES = 10000, FEW = 4 };
    static struct question question[NAMES];
    static char host[NAMES][HOST_ROOM];
    struct desk desk;
    int64_t begun = fake_dns_now();

    (void)state;
    desk_set_up(&desk);
    desk.dns.delay_ms = 50;
    desk_open(&desk);
    ask_many(&desk, question, host, NAMES, "www", AF_UNSPEC);
    assert_in_range(count_threads(), 2, FEW);
    for (int i = 0; i < NAMES; i++)
        assert_int_equal(wait_for(&desk, &question[i])->result, LOOKUP_FOUND);
    assert_in_range(count_threads(), 2, FEW);

    /* One for each IP version; more only if a busy machine was a second late. */
    assert_in_range(questions(&desk), 2 * NAMES, 2 * NAMES + NAMES / 5);
    assert_in_range(fake_dns_now() - begun, 0, 15000);
    desk_close(&desk);
}

static void unanswered_names_do_not_delay_other_names(void **state)
{
    enum { SILENT = 5000, HEALTHY = 100 };
    static struct question silent[SILENT], healthy[HEALTHY];
    static char silent_host[SILENT][HOST_ROOM], healthy_host[HEALTHY][HOST_ROOM];
    struct desk desk;
    int64_t begun = fake_dns_now();
    int answered = 0;

    (void)state;
    desk_start(&desk);
    ask_many(&desk, silent, silent_host, SILENT, "silent", AF_UNSPEC);
    ask_many(&desk, healthy, healthy_host, HEALTHY, "www", AF_UNSPEC);
    while (answered < HEALTHY) {
        struct question *question = next_within(&desk, PATIENCE_MS);

        assert_non_null(question);
        if (!question->answer)
            continue;
        assert_int_equal(question->answer->result, LOOKUP_FOUND);
        answered++;
    }
    assert_in_range(fake_dns_now() - begun, 0, 12000);

    /* Nor do they delay the end. */
    for (int i = 0; i < SILENT; i++)
        lookups_withdraw(desk.lookups, &silent[i]);
    begun = fake_dns_now();
    desk_close(&desk);
    assert_in_range(fake_dns_now() - begun, 0, 500);
}

static void the_clock_of_a_waiting_name_starts_with_its_lookup(void **state)
{
    enum { NAMES = WINDOW_MIN + 1 };
    static struct question question[NAMES];
    static char host[NAMES][HOST_ROOM];
    struct question *last = &question[NAMES - 1], *news;
    struct desk desk;

    (void)state;
    desk_start(&desk);
    ask_many(&desk, question, host, NAMES, "silent", AF_INET);
    assert_true(question[0].begun_us > 0);
    assert_true(last->begun_us == 0);
    news = next_within(&desk, PATIENCE_MS);
    assert_ptr_equal(news, last);
    assert_null(news->answer);
    assert_true(news->begun_us >= question[0].begun_us + WINDOW_PATIENCE_US);
    for (int i = 0; i < NAMES; i++)
        lookups_withdraw(desk.lookups, &question[i]);
    desk_close(&desk);
}

/* As dnsmasq does if there are too many queries. */
static void all_names_are_found_if_the_name_server_limits_questions(void **state)
{
    enum { NAMES = 2000 };
    static struct question question[NAMES];
    static char host[NAMES][HOST_ROOM];
    struct desk desk;

    (void)state;
    desk_set_up(&desk);
    desk.dns.delay_ms = 20;
    atomic_store(&desk.dns.limit, 150);
    desk_open(&desk);
    ask_many(&desk, question, host, NAMES, "www", AF_UNSPEC);
    for (int i = 0; i < NAMES; i++)
        assert_int_equal(wait_for(&desk, &question[i])->result, LOOKUP_FOUND);
    desk_close(&desk);
}

static void the_next_name_server_is_asked_if_one_refuses(void **state)
{
    struct desk desk;
    struct fake_dns second = {.address = "192.0.2.9"};
    struct lookup_sources sources = {0};
    struct error error;
    char servers[64];

    (void)state;
    desk_set_up(&desk);
    desk.dns.limit = 1;
    desk.dns.waiting = 1; /* refuses all queries */
    desk_open(&desk);
    lookups_free(desk.lookups);
    assert_int_equal(fake_dns_start(&second, "127.0.0.1", 0), 0);
    snprintf(servers, sizeof servers, "127.0.0.1:%d,127.0.0.1:%d", desk.dns.port, second.port);
    sources = (struct lookup_sources){desk.hosts, desk.nsswitch, desk.resolv_conf, servers};
    desk.lookups = lookups_new(&sources, &error);
    assert_non_null(desk.lookups);
    assert_found(&desk, "www.test", AF_UNSPEC, "192.0.2.9");
    assert_found(&desk, "www.test", AF_INET, "192.0.2.9");
    assert_failed(&desk, "missing.test", AF_INET, "no such host");
    assert_failed(&desk, "fail.test", AF_UNSPEC, "the name server failed (SERVFAIL)");
    desk_close(&desk);
    fake_dns_stop(&second);
}

static void the_lookup_window_grows_with_each_answer(void **state)
{
    static struct window_entry entries[3 * WINDOW_MAX];
    struct window window;
    size_t n = 0;

    (void)state;
    window_init(&window);
    for (size_t i = 0; i < 3 * WINDOW_MAX; i++)
        window_wait(&window, &entries[i]);
    while (window_next(&window, 1))
        n++;
    assert_int_equal(n, WINDOW_MIN);
    for (size_t i = 0; i < WINDOW_MAX; i++) {
        window_answered(&window);
        window_leave(&window, &entries[i]);
        while (window_next(&window, 2))
            n++;
    }
    assert_int_equal(n, 2 * WINDOW_MAX);
    assert_true(window_refused(&window));
    assert_null(window_next(&window, 3));
    window_review(&window, 2 + WINDOW_PATIENCE_US);
    assert_int_equal(window.n_active, 0);
    assert_non_null(window_next(&window, 3));
    for (size_t i = 0; i < 3 * WINDOW_MAX; i++)
        window_leave(&window, &entries[i]);
    assert_int_equal(window.n_all, 0);
    assert_false(window_refused(&window));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lookup_returns_the_answer_of_the_name_server),
        cmocka_unit_test(an_address_needs_no_lookup),
        cmocka_unit_test(a_name_in_capital_letters_is_not_looked_up_again),
        cmocka_unit_test(a_thousand_requests_for_one_name_make_one_lookup),
        cmocka_unit_test(a_failed_lookup_is_retried_after_one_second),
        cmocka_unit_test(a_lookup_can_be_withdrawn_before_and_after_its_answer),
        cmocka_unit_test(a_new_lookup_does_not_wait_for_a_withdrawn_one),
        cmocka_unit_test(a_lookup_survives_a_lost_packet),
        cmocka_unit_test(a_silent_name_server_is_reported),
        cmocka_unit_test(one_unanswered_ip_version_does_not_block_the_other),
        cmocka_unit_test(an_unreachable_name_server_is_a_local_fault),
        cmocka_unit_test(a_truncated_answer_is_requested_again_over_tcp),
        cmocka_unit_test(an_answer_that_does_not_fit_is_requested_with_edns),
        cmocka_unit_test(many_answers_that_do_not_fit_are_found),
        cmocka_unit_test(the_trouble_of_one_name_does_not_touch_the_others),
        cmocka_unit_test(aliases_of_aliases_are_followed),
        cmocka_unit_test(name_servers_that_refuse_everything_are_a_local_fault),
        cmocka_unit_test(one_refused_name_is_a_failure_of_that_name),
        cmocka_unit_test(an_unspecified_address_is_no_address),
        cmocka_unit_test(search_domains_and_ndots_are_those_of_resolv_conf),
        cmocka_unit_test(the_hosts_file_comes_first),
        cmocka_unit_test(localhost_is_this_machine_and_is_never_looked_up),
        cmocka_unit_test(a_hosts_file_of_10000_names_is_read_once),
        cmocka_unit_test(nsswitch_conf_selects_the_lookup_services),
        cmocka_unit_test(no_name_server_is_asked_if_nsswitch_conf_has_no_dns),
        cmocka_unit_test(ten_thousand_lookups_need_few_threads),
        cmocka_unit_test(unanswered_names_do_not_delay_other_names),
        cmocka_unit_test(the_clock_of_a_waiting_name_starts_with_its_lookup),
        cmocka_unit_test(all_names_are_found_if_the_name_server_limits_questions),
        cmocka_unit_test(the_next_name_server_is_asked_if_one_refuses),
        cmocka_unit_test(the_lookup_window_grows_with_each_answer),
    };

    return cmocka_run_group_tests_name("lookups", tests, NULL, NULL);
}
