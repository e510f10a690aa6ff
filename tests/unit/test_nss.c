/* lookup/nss: names that neither the hosts file nor the DNS knows are looked up by getaddrinfo. */
#include "lookup_desk.h"

#include <netdb.h>

static sem_t released;
static atomic_int calls;

/* Replaces the function of the C library: knows "missing-known", hangs for "missing-hang". */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    struct sockaddr_in *address;

    (void)service;
    atomic_fetch_add(&calls, 1);
    if (strncmp(host, "missing-hang", strlen("missing-hang")) == 0) {
        sem_wait(&released);
        sem_post(&released);
    }
    if (strncmp(host, "missing-known", strlen("missing-known")) != 0)
        return EAI_NONAME;
    *found = calloc(1, sizeof **found);
    address = calloc(1, sizeof *address);
    address->sin_family = AF_INET;
    inet_pton(AF_INET, "192.0.2.44", &address->sin_addr);
    **found = (struct addrinfo){.ai_family = AF_INET,
                                .ai_socktype = hints->ai_socktype,
                                .ai_addrlen = sizeof *address,
                                .ai_addr = (struct sockaddr *)address};
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    free(found->ai_addr);
    free(found);
}

static void open_with(struct desk *desk, const char *nsswitch)
{
    desk_set_up(desk);
    write_file(desk->nsswitch, nsswitch);
    desk_open(desk);
    atomic_store(&calls, 0);
}

static void names_missing_in_dns_are_looked_up_by_other_services(void **state)
{
    struct desk desk;

    (void)state;
    open_with(&desk, "hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname\n");
    assert_found(&desk, "missing-known.local", AF_UNSPEC, "192.0.2.44");
    assert_int_equal(atomic_load(&calls), 1);
    assert_failed(&desk, "missing.test", AF_UNSPEC, "no such host");
    assert_failed(&desk, "nodata.test", AF_INET6, "the host has no IPv6 address");
    assert_int_equal(atomic_load(&calls), 3);
    assert_int_equal(look_up(&desk, "www.test", AF_UNSPEC)->result, LOOKUP_FOUND);
    assert_failed(&desk, "fail.test", AF_UNSPEC, "the name server failed (SERVFAIL)");
    assert_int_equal(atomic_load(&calls), 3);
    desk_close(&desk);
}

static void dns_is_final_if_nsswitch_conf_names_no_other_service(void **state)
{
    struct desk desk;

    (void)state;
    open_with(&desk, "hosts: files dns\n");
    assert_failed(&desk, "missing-known.local", AF_UNSPEC, "no such host");
    assert_int_equal(atomic_load(&calls), 0);
    desk_close(&desk);
}

static void only_other_services_are_asked_if_nsswitch_conf_has_no_dns(void **state)
{
    struct desk desk;

    (void)state;
    open_with(&desk, "hosts: files ldap\n");
    assert_found(&desk, "missing-known.test", AF_UNSPEC, "192.0.2.44");
    assert_failed(&desk, "www.test", AF_UNSPEC, "no such host");
    assert_int_equal(questions(&desk), 0);
    desk_close(&desk);
}

static void a_hanging_system_lookup_does_not_delay_the_end(void **state)
{
    enum { HANG = 6, THREADS = 4 };
    static const char *const host[HANG] = {"missing-hang1", "missing-hang2", "missing-hang3",
                                           "missing-hang4", "missing-hang5", "missing-hang6"};
    struct question question[HANG];
    struct desk desk;
    int64_t begun;

    (void)state;
    open_with(&desk, "hosts: files ldap\n");
    for (int i = 0; i < HANG; i++)
        assert_false(ask(&desk, &question[i], host[i], AF_UNSPEC));

    /* A question that waits for a thread gets news when there is one. */
    for (int i = 0; i < THREADS; i++) {
        struct question *news = next_within(&desk, PATIENCE_MS);

        assert_non_null(news);
        assert_null(news->answer);
        assert_true(news->begun_us > 0);
    }
    assert_null(next_within(&desk, 50));
    assert_int_equal(atomic_load(&calls), THREADS);
    for (int i = 0; i < HANG; i++)
        lookups_withdraw(desk.lookups, &question[i]);
    begun = fake_dns_now();
    desk_close(&desk);
    assert_in_range(fake_dns_now() - begun, 0, 500);

    /* The threads end later, and call nobody. */
    sem_post(&released);
    poll(NULL, 0, 50);
    assert_int_equal(atomic_load(&calls), THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_missing_in_dns_are_looked_up_by_other_services),
        cmocka_unit_test(dns_is_final_if_nsswitch_conf_names_no_other_service),
        cmocka_unit_test(only_other_services_are_asked_if_nsswitch_conf_has_no_dns),
        cmocka_unit_test(a_hanging_system_lookup_does_not_delay_the_end),
    };

    sem_init(&released, 0, 0);
    return cmocka_run_group_tests_name("nss", tests, NULL, NULL);
}
