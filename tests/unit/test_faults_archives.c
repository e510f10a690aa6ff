/*
 * Compressed archives when a call on a file, a statement, an allocation or a library fails, or
 * SIGTERM comes: the error names what failed, and after the next hour without a fault each
 * committed row counts once.
 */
#include "base/clock.h"
#include "records/codec.h"
#include "records/compress.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/rotate.h"

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

static const char *compressed_name(enum compression format)
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

static void do_compress(struct journal *journal, int64_t now_ms)
{
    struct error error;
    size_t n;

    assert_done(compress_run(journal, now_ms, MS_PER_MINUTE, &n, &error), &error);
}

/* The state of a scene's world when it begins. */
enum stage {
    PLAIN,      /* a finished day is in its archive */
    COMPRESSED, /* it is compressed */
    LATE_LIVE,  /* late rows are live */
    LATE        /* late rows are in plain files beside the compressed ones */
};

static struct world *make_scene(enum stage stage, enum compression format)
{
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, day_end - MS_PER_HOUR);

    do_rotate(journal, day_end - MS_PER_HOUR);
    write_rows(journal, day_end - MS_PER_HOUR, ROWS);
    do_rotate(journal, day_end);
    world->config.archive_compress = format;
    if (stage >= COMPRESSED)
        do_compress(journal, day_end);
    if (stage >= LATE_LIVE)
        write_rows(journal, day_end - 2 * MS_PER_HOUR, 1);
    if (stage >= LATE)
        do_rotate(journal, now);
    journal_close(journal);
    return world;
}

static int compress_now(struct journal *journal, struct error *error)
{
    size_t n;

    return compress_run(journal, day_end, MS_PER_MINUTE, &n, error);
}

static int compress_later(struct journal *journal, struct error *error)
{
    size_t n;

    return compress_run(journal, now, MS_PER_MINUTE, &n, error);
}

static int rotate_now(struct journal *journal, struct error *error)
{
    return rotate_run(journal, now, error);
}

static int compress_first(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, day_end, begin, error, compress_now);
}

static int compress_late(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, now, begin, error, compress_later);
}

static int rotate(struct world *world, void (*begin)(void), struct error *error)
{
    return on_journal(world, now, begin, error, rotate_now);
}

static int rebuild(struct world *world, void (*begin)(void), struct error *error)
{
    return rebuild_at(world, now, begin, error);
}

static int load_past(struct world *world, void (*begin)(void), struct error *error)
{
    return load_past_at(world, now, begin, error);
}

/* Compressing was killed before the plain file was deleted. */
static void compress_by_hand(struct world *world)
{
    enum compression format = world->config.archive_compress;
    struct codec *codec = codec_new();
    size_t size = 0;
    char *text = read_whole(world, plain_0, &size);
    int fd = open(path_in(world, compressed_name(format)), O_RDWR | O_CREAT, 0640);

    assert_int_equal(codec_start_encoding(codec, format, fd), 0);
    assert_int_equal(codec_encode(codec, text, size, true), 0);
    codec_free(codec);
    free(text);
    close(fd);
}

/* The same, without a state. */
static void compress_and_forget(struct world *world)
{
    compress_by_hand(world);
    unlink(path_in(world, "state.db"));
}

/* A compressed file that was only half written, beside its plain file. */
static void compress_half(struct world *world)
{
    const char *name = compressed_name(world->config.archive_compress);
    struct stat status;

    compress_by_hand(world);
    assert_int_equal(stat(path_in(world, name), &status), 0);
    append_text(world, name, "\x1f\x8b\x28\xb5");
}

static void damage(struct world *world)
{
    append_text(world, compressed_name(world->config.archive_compress), "no compressed file");
}

static void remove_state(struct world *world)
{
    unlink(path_in(world, "state.db"));
}

/* One file has lost its committed rows, another has unknown bytes at its end. */
static void spoil_plain(struct world *world)
{
    write_whole(world, plain_0, "wb", "", 0);
    append_text(world, "archive/2026-11-23/s0/d1.log", "unknown bytes\n");
}

static const struct scene {
    const char *name;
    enum stage stage;
    void (*prepare)(struct world *world);
    play_scene *play;
    int rows; /* of each domain at the end; 0: some are lost */
} scenes[] = {
    {"compressing", PLAIN, NULL, compress_first, ROWS},
    {"compressing spoilt files", PLAIN, spoil_plain, compress_first, 0},
    {"compressing what is compressed", PLAIN, compress_by_hand, compress_first, ROWS},
    {"compressing what is half compressed", PLAIN, compress_half, compress_first, ROWS},
    {"compressing late rows", LATE, NULL, compress_late, ROWS + 1},
    {"compressing late rows of a damaged file", LATE, damage, compress_late, 0},
    {"rotating late rows", LATE_LIVE, NULL, rotate, ROWS + 1},
    {"rebuilding from compressed files", LATE, NULL, rebuild, ROWS + 1},
    {"rebuilding from a damaged file", LATE, damage, rebuild, 0},
    {"rebuilding from compressed and plain files", PLAIN, compress_and_forget, rebuild, ROWS},
    {"rebuilding from half a compressed file", PLAIN, compress_half, rebuild, ROWS},
    {"loading a past moment from compressed files", LATE, NULL, load_past, ROWS + 1},
    {"rebuilding without a state", LATE, remove_state, rebuild, ROWS + 1},
    {"rebuilding from compressed files only", COMPRESSED, remove_state, rebuild, ROWS},
};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

/* A compression that failed leaves each row in one file. */
static void check_one_file(const struct world *world, enum compression format, const char *what)
{
    static const char plain[] = "archive/2026-11-23/s0/d0.log";

    if (access(path_in(world, plain), F_OK) == 0 &&
        access(path_in(world, compressed_name(format)), F_OK) == 0)
        fail_msg("%s: %s is both plain and compressed", what, plain);
}

/* An hour without a fault; then all rows are counted. */
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
    if (scene == scenes && !planned.lasting)
        check_one_file(world, format, what);
    recover(world, scene, what);
    free_world(world);
    assert_int_equal(fault.held, held);
    return met;
}

static void sweep(enum fault_kind kind, const int codes[3], bool lasting)
{
    int step = sweep_step(97);

    planned.kind = kind;
    planned.lasting = lasting;
    for (size_t i = 0; i < 2 * SCENES; i++) {
        planned.nth = 1 + (int)i % step;
        for (bool met = true; met; planned.nth += step) {
            planned.code = codes ? codes[planned.nth / step % 3] : 0;
            met = play(&scenes[i / 2], both[i % 2]);
        }
        assert_in_range(planned.nth, 1, 5000);
    }
}

static void a_failed_file_call_loses_no_compressed_row(void **state)
{
    static const int codes[] = {EIO, EACCES, ENOSPC};

    (void)state;
    sweep(FAULT_OF_FILE, codes, false);
}

static void a_failed_statement_loses_no_compressed_row(void **state)
{
    static const int codes[] = {SQLITE_FULL, SQLITE_NOMEM, SQLITE_FULL};

    (void)state;
    sweep(FAULT_OF_SQL, codes, false);
}

static void running_out_of_memory_loses_no_compressed_row(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY, NULL, false);
}

static void interrupted_and_short_calls_are_continued(void **state)
{
    (void)state;
    sweep(FAULT_INTERRUPT, NULL, false);
    sweep(FAULT_SHORT, NULL, true);
}

static void an_interrupted_run_leaves_each_file_plain_or_compressed(void **state)
{
    (void)state;
    sweep(FAULT_TERMINATION, NULL, true);
}

/* A wrong byte, whenever it is read back, is found before the plain file is deleted. */
static void a_file_that_fails_verification_is_not_installed(void **state)
{
    int n_found = 0;

    (void)state;
    planned.kind = FAULT_OF_BYTES;
    planned.lasting = false;
    for (size_t i = 0; i < 4; i++) {
        bool late = i % 2;

        planned.nth = 1;
        for (bool met = true; met; planned.nth++) {
            struct world *world = make_scene(late ? LATE : PLAIN, both[i / 2]);
            struct error error;
            bool found = (late ? compress_late : compress_first)(world, begin_faults, &error) != 0;

            met = fault_disarm();
            n_found += found;
            if (found) {
                assert_non_null(strstr(error.text, "s0/d"));
                assert_non_null(strstr(error.text, "; left uncompressed"));
                assert_true(access(path_in(world, plain_0), F_OK) == 0);
            }
            free_world(world);
        }
    }
    assert_in_range(n_found, 4 * DOMAINS, 16 * DOMAINS);
}

enum { MANY = 300 };

/* Statement number `first` fails, then every 90th after it. */
static void compress_many(int first)
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

    /* Whichever statement fails, the next call continues from there. */
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

static void many_files_are_compressed_in_batches(void **state)
{
    (void)state;
    compress_many(500);
    compress_many(INT32_MAX / 2);
}

static void no_file_is_compressed_while_it_is_being_read(void **state)
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
        cmocka_unit_test(a_failed_file_call_loses_no_compressed_row),
        cmocka_unit_test(a_failed_statement_loses_no_compressed_row),
        cmocka_unit_test(running_out_of_memory_loses_no_compressed_row),
        cmocka_unit_test(interrupted_and_short_calls_are_continued),
        cmocka_unit_test(an_interrupted_run_leaves_each_file_plain_or_compressed),
        cmocka_unit_test(a_file_that_fails_verification_is_not_installed),
        cmocka_unit_test(many_files_are_compressed_in_batches),
        cmocka_unit_test(no_file_is_compressed_while_it_is_being_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
