/*
 * Packing, and what reads packs, where a call on a file, a statement, an allocation or a
 * decompressor fails, or SIGTERM comes: what is said names what failed, and after the next healthy
 * hour each row that was committed counts once.
 */
#include "base/clock.h"
#include "records/encoder.h"
#include "records/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "sweep.h"

enum { DOMAINS = 2, ROWS = 3 };

static const char plain_0[] = "archive/2026-11-23/s0/d0.log";
static const int64_t day_end = AT_0 + 24 * MS_PER_HOUR;
static const int64_t now = AT_0 + 26 * MS_PER_HOUR;

static const enum compression both[] = {COMPRESSION_GZIP, COMPRESSION_ZSTD};

static const char *pack_of(enum compression format)
{
    return format == COMPRESSION_GZIP ? "archive/2026-11-23/s0/d0.log.gz"
                                      : "archive/2026-11-23/s0/d0.log.zst";
}

static void write_rows(struct journal *journal, int64_t first_ms, size_t n)
{
    struct error error;

    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < DOMAINS; d++) {
            struct check check =
                check_at(first_ms + (int64_t)i * MS_PER_MINUTE + (int64_t)d, STATUS_UP);

            stage(journal, d, &check);
        }
    }
    assert_done(export_run(journal, &error), &error);
}

static void do_rotate(struct journal *journal, int64_t now_ms)
{
    struct error error;

    assert_done(rotate_run(journal, now_ms, &error), &error);
}

static void do_pack(struct journal *journal, int64_t now_ms)
{
    struct error error;
    size_t n;

    assert_done(compress_run(journal, now_ms, MS_PER_MINUTE, &n, &error), &error);
}

/* How far a scene's world has come before it begins. */
enum stage {
    PLAIN,     /* a day that is over lies in its archive */
    PACKED,    /* it is packed */
    LATE_LIVE, /* rows came late, and are live */
    LATE       /* they lie beside the packs */
};

static struct world *make_scene(enum stage stage, enum compression format)
{
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, day_end - MS_PER_HOUR);

    do_rotate(journal, day_end - MS_PER_HOUR);
    write_rows(journal, day_end - MS_PER_HOUR, ROWS);
    do_rotate(journal, day_end);
    world->config.archive_compress = format;
    if (stage >= PACKED)
        do_pack(journal, day_end);
    if (stage >= LATE_LIVE)
        write_rows(journal, day_end - 2 * MS_PER_HOUR, 1);
    if (stage >= LATE)
        do_rotate(journal, now);
    journal_close(journal);
    return world;
}

static int pack_now(struct journal *journal, struct error *error)
{
    size_t n;

    return compress_run(journal, day_end, MS_PER_MINUTE, &n, error);
}

static int pack_later(struct journal *journal, struct error *error)
{
    size_t n;

    return compress_run(journal, now, MS_PER_MINUTE, &n, error);
}

static int rotate_now(struct journal *journal, struct error *error)
{
    return rotate_run(journal, now, error);
}

static int pack(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, day_end, begin, error, pack_now);
}

static int pack_late(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, now, begin, error, pack_later);
}

static int rotate(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, now, begin, error, rotate_now);
}

static int rebuild(struct world *world, void (*begin)(void), struct error *error)
{
    return rebuild_at(world, now, begin, error);
}

static int recall(struct world *world, void (*begin)(void), struct error *error)
{
    return recall_at(world, now, begin, error);
}

/* A packing that was killed before the plain file went. */
static void pack_by_hand(struct world *world)
{
    enum compression format = world->config.archive_compress;
    struct pack *pack = encoder_new();
    size_t size = 0;
    char *text = read_whole(world, plain_0, &size);
    int fd = open(path_in(world, pack_of(format)), O_RDWR | O_CREAT, 0640);

    assert_int_equal(encoder_start(pack, format, fd), 0);
    assert_int_equal(encoder_write(pack, text, size, true), 0);
    encoder_free(pack);
    free(text);
    close(fd);
}

/* The same without a state. */
static void pack_and_forget(struct world *world)
{
    pack_by_hand(world);
    unlink(path_in(world, "state.db"));
}

/* One that was killed while it wrote, with a program that wrote packs in their place. */
static void pack_half(struct world *world)
{
    const char *name = pack_of(world->config.archive_compress);
    struct stat status;

    pack_by_hand(world);
    assert_int_equal(stat(path_in(world, name), &status), 0);
    append_text(world, name, "\x1f\x8b\x28\xb5");
}

static void damage(struct world *world)
{
    append_text(world, pack_of(world->config.archive_compress), "no pack at all");
}

static void remove_state(struct world *world)
{
    unlink(path_in(world, "state.db"));
}

/* A vouched row that is gone, and bytes behind the others. */
static void spoil_plain(struct world *world)
{
    write_whole(world, plain_0, "wb", "", 0);
    append_text(world, "archive/2026-11-23/s0/d1.log", "what nobody can account for\n");
}

static const struct scene {
    const char *name;
    enum stage stage;
    void (*prepare)(struct world *world);
    play_scene *play;
    int rows; /* of each domain in the end; 0: some are gone */
} scenes[] = {
    {"packing", PLAIN, NULL, pack, ROWS},
    {"packing spoilt files", PLAIN, spoil_plain, pack, 0},
    {"packing what is packed", PLAIN, pack_by_hand, pack, ROWS},
    {"packing what is half packed", PLAIN, pack_half, pack, ROWS},
    {"packing late rows", LATE, NULL, pack_late, ROWS + 1},
    {"packing late rows of a damaged pack", LATE, damage, pack_late, 0},
    {"rotating late rows", LATE_LIVE, NULL, rotate, ROWS + 1},
    {"rebuilding from packs", LATE, NULL, rebuild, ROWS + 1},
    {"rebuilding from a damaged pack", LATE, damage, rebuild, 0},
    {"rebuilding from what is packed and plain", PLAIN, pack_and_forget, rebuild, ROWS},
    {"rebuilding from what is half packed", PLAIN, pack_half, rebuild, ROWS},
    {"recalling packs", LATE, NULL, recall, ROWS + 1},
    {"rebuilding without a state", LATE, remove_state, rebuild, ROWS + 1},
    {"rebuilding from nothing but packs", PACKED, remove_state, rebuild, ROWS},
};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

/* An hour in which nothing fails; then all rows are counted. */
static void recover(struct world *world, const struct scene *scene, const char *what)
{
    int64_t later = now + MS_PER_HOUR;
    struct journal_counts counts;
    struct journal *journal;
    struct error error;
    size_t n;

    if (journal_open(&journal, &world->config, &world->log, later, &error) ||
        export_run(journal, &error) || rotate_run(journal, later, &error) ||
        compress_run(journal, later, MS_PER_MINUTE, &n, &error))
        fail_msg("%s: the next hour: %s", what, error.text);
    journal_close(journal);
    if (journal_rebuild(&world->config, &world->log, later, &counts, &error))
        fail_msg("%s: rebuilding: %s", what, error.text);
    if (!scene->rows)
        return;
    if (counts.rows != DOMAINS * scene->rows)
        fail_msg("%s: %d rows became %d; %s", what, DOMAINS * scene->rows, (int)counts.rows,
                 world->log_text);
    if (strstr(world->log_text, "quarantine"))
        fail_msg("%s: %s", what, world->log_text);
}

static bool play(const struct scene *scene, enum compression format)
{
    int held = fault.held;
    struct world *world = make_scene(scene->stage, format);
    struct error error = {.text = ""};
    char what[256];
    int result;
    bool met;

    if (scene->prepare)
        scene->prepare(world);
    result = scene->play(world, begin_faults, &error);
    met = fault_disarm();
    check_report(world, scene->name, met, result, &error, what);
    recover(world, scene, what);
    free_world(world);
    assert_int_equal(fault.held, held);
    return met;
}

static void sweep(enum fault_kind kind, const int codes[3], bool lasting)
{
    int step = sweep_step(97);

    asked.kind = kind;
    asked.lasting = lasting;
    for (size_t i = 0; i < 2 * SCENES; i++) {
        asked.nth = 1 + (int)i % step;
        for (bool met = true; met; asked.nth += step) {
            asked.code = codes ? codes[asked.nth / step % 3] : 0;
            met = play(&scenes[i / 2], both[i % 2]);
        }
        assert_in_range(asked.nth, 1, 5000);
    }
}

static void a_call_on_a_file_that_fails_costs_no_packed_row(void **state)
{
    static const int codes[] = {EIO, EACCES, ENOSPC};

    (void)state;
    sweep(FAULT_OF_FILE, codes, false);
}

static void a_statement_that_fails_costs_no_packed_row(void **state)
{
    static const int codes[] = {SQLITE_FULL, SQLITE_NOMEM, SQLITE_FULL};

    (void)state;
    sweep(FAULT_OF_SQL, codes, false);
}

static void memory_that_runs_out_costs_no_packed_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY, NULL, false);
}

static void an_interrupted_call_and_a_short_one_go_on(void **state)
{
    (void)state;
    sweep(FAULT_INTERRUPT, NULL, false);
    sweep(FAULT_SHORT, NULL, true);
}

static void a_packing_that_is_told_to_end_leaves_each_file_plain_or_packed(void **state)
{
    (void)state;
    sweep(FAULT_TERMINATION, NULL, true);
}

/* Of the bytes that are read back, each that is another is found before the plain file goes. */
static void a_pack_that_reads_back_otherwise_is_not_put_in_place(void **state)
{
    int n_found = 0;

    (void)state;
    asked.kind = FAULT_OF_BYTES;
    asked.lasting = false;
    for (size_t i = 0; i < 4; i++) {
        bool late = i % 2;

        asked.nth = 1;
        for (bool met = true; met; asked.nth++) {
            struct world *world = make_scene(late ? LATE : PLAIN, both[i / 2]);
            struct error error;
            bool found = (late ? pack_late : pack)(world, begin_faults, &error) != 0;

            met = fault_disarm();
            n_found += found;
            if (found) {
                assert_non_null(strstr(error.text, "s0/d"));
                assert_non_null(strstr(error.text, "what could not be packed stays as it is"));
                assert_true(access(path_in(world, plain_0), F_OK) == 0);
            }
            free_world(world);
        }
    }
    assert_in_range(n_found, 4 * DOMAINS, 16 * DOMAINS);
}

enum { MANY = 300 };

/* Statement `first` fails, then later ones. */
static void pack_many(int first)
{
    struct world *world = make_scene(PLAIN, COMPRESSION_GZIP);
    struct journal_counts counts;
    struct journal *journal;
    struct error error;
    size_t n;
    bool met = true;
    int result;

    for (int i = 0; i < MANY; i++) {
        char name[64], row[96];

        snprintf(name, sizeof name, "archive/2026-11-23/s0/m%d.log", i);
        snprintf(row, sizeof row, "2026-11-23T12:00:00.000Z,s0,m%d,UP,200,87,\n", i);
        append_text(world, name, row);
    }
    assert_done(journal_rebuild(&world->config, &world->log, day_end, &counts, &error), &error);
    assert_int_equal(counts.rows, MANY + DOMAINS * ROWS);
    journal = open_world(world, day_end);

    /* Whichever statement fails, the next packing goes on from what stands in its place. */
    for (int nth = first; met; nth += 90) {
        fault_arm(FAULT_OF_SQL, nth, false, SQLITE_FULL);
        result = compress_run(journal, day_end, MS_PER_MINUTE, &n, &error);
        met = fault_disarm();
        assert_int_equal(result, met ? -1 : 0);
    }
    journal_close(journal);
    for (int i = 0; i < MANY; i++) {
        char name[64];

        snprintf(name, sizeof name, "archive/2026-11-23/s0/m%d.log", i);
        assert_file(world, name, NULL);
    }
    assert_done(journal_rebuild(&world->config, &world->log, day_end, &counts, &error), &error);
    assert_int_equal(counts.rows, MANY + DOMAINS * ROWS);
    free_world(world);
}

static void many_files_are_packed_in_batches(void **state)
{
    (void)state;
    pack_many(500);
    pack_many(INT32_MAX / 2);
}

static void nothing_is_packed_from_under_a_reader(void **state)
{
    struct world *world = make_scene(PLAIN, COMPRESSION_ZSTD);
    struct journal *journal = open_world(world, day_end);
    int reader = open(world->dir, O_RDONLY | O_DIRECTORY);
    struct error error;
    size_t n;

    (void)state;
    assert_int_equal(flock(reader, LOCK_SH), 0);
    assert_done(compress_run(journal, day_end, MS_PER_MINUTE, &n, &error), &error);
    assert_int_equal(n, 0);
    close(reader);
    assert_done(compress_run(journal, day_end, MS_PER_MINUTE, &n, &error), &error);
    assert_int_equal(n, DOMAINS);
    journal_close(journal);
    free_world(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_on_a_file_that_fails_costs_no_packed_row),
        cmocka_unit_test(a_statement_that_fails_costs_no_packed_row),
        cmocka_unit_test(memory_that_runs_out_costs_no_packed_row),
        cmocka_unit_test(an_interrupted_call_and_a_short_one_go_on),
        cmocka_unit_test(a_packing_that_is_told_to_end_leaves_each_file_plain_or_packed),
        cmocka_unit_test(a_pack_that_reads_back_otherwise_is_not_put_in_place),
        cmocka_unit_test(many_files_are_packed_in_batches),
        cmocka_unit_test(nothing_is_packed_from_under_a_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
