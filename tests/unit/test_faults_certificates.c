/*
 * state: the certificates of servers. If a statement fails or memory runs out, the error names
 * state.db, nothing is half done, and the next round reports what this one could not.
 */
#include "state/certificates.h"
#include "state/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "state_query.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum {
    DOMAINS = 2,
    LEFT_DAYS = 5,
    LATER = 20 * 24 * 60 /* minutes, until all else is forgotten */
};

/* The first domain is at a.example, the second one is redirected. */
struct stage {
    struct world *world;
    struct storage *storage;
    struct chain *ending, *fresh, *target;
    bool forgets; /* each round reads state.db first, as the first one of a tick does */
};

static struct chain *make_chain(const char *hash, const char *server, int days)
{
    struct chain_facts facts = {.n = 1};

    snprintf(facts.fingerprint, sizeof facts.fingerprint, "%s", hash);
    facts.links[0] = (struct chain_link){AT_0 - 90LL * MS_PER_DAY,
                                         AT_0 + (int64_t)days * MS_PER_DAY, "a.example", "R11"};
    return chain_new(hash, server, &facts);
}

static void set_up(struct stage *stage)
{
    *stage = (struct stage){.world = make_world(DOMAINS),
                            .ending = make_chain(HASH_A, NULL, LEFT_DAYS),
                            .fresh = make_chain(HASH_B, NULL, 80),
                            .target = make_chain(HASH_A, "t.example:443", LEFT_DAYS)};
    for (size_t i = 0; i < DOMAINS; i++) {
        struct domain *domain = &stage->world->domains[i];

        domain->url = domain->shown_url = i ? "http://b.example/" : "https://a.example/";
        domain->certificate_warn = (struct certificate_limit){CERTIFICATE_PERCENT, 20 * 1000};
        domain->certificate_critical = (struct certificate_limit){CERTIFICATE_NO_LIMIT, 0};
    }
    stage->storage = open_world_state(stage->world);
}

static void tear_down(struct stage *stage)
{
    storage_close(stage->storage);
    chain_release(stage->ending);
    chain_release(stage->fresh);
    chain_release(stage->target);
    free_world(stage->world);
}

/* A round in the nth minute, in which the domains see these chains. */
static int play_round(struct stage *stage, int minute, struct chain *first, struct chain *second,
                      struct error *error)
{
    int64_t at_ms = AT_0 + (int64_t)minute * MS_PER_MINUTE;

    if (stage->forgets)
        certificates_forget(stage->storage);
    certificates_see(stage->storage, 0, at_ms, (struct chain *const[]){first, NULL});
    certificates_see(stage->storage, 1, at_ms, (struct chain *const[]){NULL, second});
    return certificates_settle(stage->storage, at_ms, error);
}

/* Two warnings begin, one certificate is renewed, and the redirect ends. */
static int play_all(struct stage *stage, bool must_work, struct error *error)
{
    int failed = 0;

    for (int minute = 0; minute < 6; minute++) {
        struct chain *first = minute < 2 ? stage->ending : stage->fresh;
        int result = play_round(stage, minute, first, minute == 0 ? stage->target : NULL, error);

        if (must_work)
            assert_done(result, error);
        if (result) {
            assert_int_equal(error->code, EXIT_IO);
            assert_non_null(strstr(error->text, "state.db"));
            failed++;
        }
    }
    return failed;
}

static void check_end(struct stage *stage)
{
    struct error error;

    assert_done(certificates_settle(stage->storage, AT_0 + 40LL * MS_PER_DAY, &error), &error);
    assert_int_equal(count_in_state(stage->storage, "SELECT count(*) FROM condition"), 0);
    assert_int_equal(
        count_in_state(stage->storage, "SELECT count(*) FROM certificate WHERE scope LIKE 't.%'"),
        0);
    assert_int_equal(
        count_in_state(stage->storage, "SELECT count(*) FROM staged_event WHERE change = 0"),
        count_in_state(stage->storage, "SELECT count(*) FROM staged_event WHERE change = 4"));
    assert_int_equal(count_in_state(stage->storage,
                                    "SELECT count(*) FROM staged_event AS a JOIN staged_event AS b "
                                    "USING (scope, began_ms, change) WHERE a.number <> b.number"),
                     0);
}

static void rounds_open_and_close_the_warnings(void **state)
{
    struct stage stage;
    struct error error;

    (void)state;
    set_up(&stage);
    play_all(&stage, true, &error);
    assert_int_equal(
        count_in_state(stage.storage, "SELECT count(*) FROM staged_event WHERE change = 0"), 2);
    assert_int_equal(count_in_state(stage.storage,
                                    "SELECT count(*) FROM staged_event WHERE change = 4 AND "
                                    "detail = 'renewed'"),
                     1);
    assert_int_equal(
        count_in_state(stage.storage, "SELECT count(*) FROM certificate WHERE via = 's0/d1'"), 1);
    check_end(&stage);
    assert_int_equal(
        count_in_state(stage.storage, "SELECT count(*) FROM staged_event WHERE detail = 'removed'"),
        1);
    tear_down(&stage);
}

/* From now on, each round reads state.db. The third one finds that a certificate which it did not
 * see, but which is still in use, has become critical. */
static void begin_to_forget(struct stage *stage)
{
    stage->forgets = true;
    for (size_t i = 0; i < DOMAINS; i++)
        stage->world->domains[i].certificate_critical = (struct certificate_limit){
            CERTIFICATE_DURATION, (int64_t)LEFT_DAYS * MS_PER_DAY - 90 * MS_PER_SECOND};
}

static void a_stored_certificate_that_becomes_critical_is_reported(void **state)
{
    struct stage stage;
    struct error error;

    (void)state;
    set_up(&stage);
    begin_to_forget(&stage);
    play_all(&stage, true, &error);
    assert_int_equal(count_in_state(stage.storage,
                                    "SELECT count(*) FROM staged_event WHERE change = 2 AND "
                                    "scope = 'a.example:443' AND detail LIKE 'aaaaaaaa%R11'"),
                     1);
    check_end(&stage);
    tear_down(&stage);
}

/* Plays all rounds; the nth call of this kind fails. Returns whether there was an nth call. */
static bool sweep_one(enum fault_kind kind, int nth, bool lasting, int code, bool forgets)
{
    int minute = forgets ? LATER : 6;
    struct stage stage;
    struct error error;
    bool met;

    set_up(&stage);
    if (forgets)
        begin_to_forget(&stage);
    fault_arm(kind, nth, lasting, code);
    play_all(&stage, false, &error);
    play_round(&stage, minute, stage.fresh, NULL, &error);
    met = fault_disarm();
    storage_close(stage.storage);
    stage.storage = open_world_state(stage.world);
    for (int i = 1; i < 7; i++)
        assert_done(play_round(&stage, minute + i, stage.fresh, NULL, &error), &error);
    if (forgets)
        assert_int_equal(count_in_state(stage.storage, "SELECT count(*) FROM certificate"), 1);
    check_end(&stage);
    tear_down(&stage);
    return met;
}

static void a_failed_statement_loses_only_its_round(void **state)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_NOMEM};

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof codes / sizeof codes[0]); i++) {
        for (int nth = 1; sweep_one(FAULT_OF_SQL, nth, i % 2, codes[i / 2], i / 2 == 1); nth++)
            continue;
    }
}

static void a_failed_allocation_loses_only_its_round(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        for (int nth = 1; sweep_one(FAULT_OF_MEMORY, nth, i % 2, 0, i / 2); nth++)
            continue;
    }
}

/* What another program has written is damage, and nothing else. */
static void impossible_values_are_damage(void **state)
{
    static const char *const changes[] = {
        "UPDATE certificate SET scope = printf('%.400c', 'x')",
        "UPDATE certificate SET id = 'x'",
        "UPDATE certificate SET from_ms = 1 << 62",
        "UPDATE certificate SET until_ms = -(1 << 62)",
        "UPDATE certificate SET seen_ms = 1 << 62",
        "UPDATE certificate SET unseen = -1",
        "UPDATE certificate SET longest = 1 << 62",
        "UPDATE certificate SET via = printf('%.200c', 'x')",
        "UPDATE certificate SET chain = 'x'",
    };
    struct stage stage;
    struct error error;

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        set_up(&stage);
        assert_done(play_round(&stage, 0, stage.ending, NULL, &error), &error);
        certificates_forget(stage.storage);
        assert_int_equal(sqlite3_exec(stage.storage->db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(play_round(&stage, 1, stage.ending, NULL, &error), -1);
        assert_true(storage_is_damaged(stage.storage));
        tear_down(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_open_and_close_the_warnings),
        cmocka_unit_test(a_stored_certificate_that_becomes_critical_is_reported),
        cmocka_unit_test(a_failed_statement_loses_only_its_round),
        cmocka_unit_test(a_failed_allocation_loses_only_its_round),
        cmocka_unit_test(impossible_values_are_damage),
    };

    return cmocka_run_group_tests_name("faults_certificates", tests, NULL, NULL);
}
