/*
 * Encoding and decoding, also of damaged files; and archives of finished days, which are compressed
 * and read like plain files.
 */
#include "records/codec.h"

#include "base/clock.h"
#include "records/compress.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/rotate.h"
#include "state/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "records.h"

static enum compression formats[] = {COMPRESSION_GZIP, COMPRESSION_ZSTD};
static const char *const endings[] = {[COMPRESSION_GZIP] = ".gz", [COMPRESSION_ZSTD] = ".zst"};

static enum compression format_in(void **state)
{
    return *(const enum compression *)*state;
}

/* The name of the compressed file that belongs to a plain one. */
static const char *compressed_name_of(enum compression format, const char *plain)
{
    static char name[4][PATH_MAX];
    static int at;

    at = (at + 1) % 4;
    snprintf(name[at], sizeof name[at], "%s%s", plain, endings[format]);
    return name[at];
}

/* Reads a file that must exist. The caller frees. */
static char *load_file(const struct world *world, const char *name, size_t *size)
{
    char *bytes;

    *size = 0;
    bytes = read_whole(world, name, size);
    assert_non_null(bytes);
    return bytes;
}

/* Compresses bytes into a file, in pieces of this size. */
static void encode_bytes(const struct world *world, const char *name, enum compression format,
                         const char *bytes, size_t size, size_t piece)
{
    struct codec *codec = codec_new();
    int fd;

    write_whole(world, name, "wb", "", 0);
    fd = open(path_in(world, name), O_RDWR);
    assert_int_equal(codec_start_encoding(codec, format, fd), 0);
    for (size_t at = 0; at < size; at += piece)
        assert_int_equal(
            codec_encode(codec, bytes + at, size - at < piece ? size - at : piece, false), 0);
    assert_int_equal(codec_encode(codec, NULL, 0, true), 0);
    assert_int_equal(codec_encoded(codec).length, size);
    codec_free(codec);
    close(fd);
}

/* Decompresses a file. The caller frees. */
static char *decode_bytes(const struct world *world, const char *name, enum compression format,
                          size_t *size, const char **damage)
{
    struct codec *codec = codec_new();
    char *bytes = calloc(1, 4 << 20);
    int fd = open(path_in(world, name), O_RDONLY);
    ssize_t n;

    *size = 0;
    assert_true(fd >= 0);
    codec_start_decoding(codec, format, fd);
    while ((n = codec_decode(codec, bytes + *size, 7777)) != 0) {
        assert_true(n > 0);
        *size += (size_t)n;
    }
    *damage = codec_damage(codec);
    assert_int_equal(codec_decoded(codec).length, *size);
    codec_free(codec);
    close(fd);
    return bytes;
}

/* Text that looks like rows. */
static char *make_text(size_t size)
{
    char *text = malloc(size + 1);
    uint64_t seed = 7;

    for (size_t at = 0; at < size;)
        at +=
            (size_t)snprintf(text + at, size + 1 - at, "2026-11-23T09:30:00.%03dZ,s,d,UP,200,%d,\n",
                             (int)dice_below(&seed, 1000), (int)dice_below(&seed, 900));
    return text;
}

static void decoded_bytes_equal_the_encoded_bytes(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 65535, 65536, 65537, 1 << 20};
    static const size_t pieces[] = {1000, 65536, 1 << 20};
    struct world *world = make_world(1);
    char *text = make_text(1 << 20);

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            const char *damage;
            size_t size;
            char *out;

            encode_bytes(world, "f", format_in(state), text, sizes[i], pieces[p]);
            out = decode_bytes(world, "f", format_in(state), &size, &damage);
            assert_null(damage);
            assert_int_equal(size, sizes[i]);
            assert_memory_equal(out, text, size);
            free(out);
        }
    }
    free(text);
    free_world(world);
}

/* zcat and zstdcat read them as one file, too. */
static void concatenated_files_decode_as_one(void **state)
{
    struct world *world = make_world(1);
    char *bytes, *out;
    const char *damage;
    size_t size;

    encode_bytes(world, "f", format_in(state), "one\n", 4, 4);
    bytes = load_file(world, "f", &size);
    write_whole(world, "f", "ab", bytes, size);
    out = decode_bytes(world, "f", format_in(state), &size, &damage);
    assert_null(damage);
    assert_int_equal(size, 8);
    assert_string_equal(out, "one\none\n");
    free(out);
    free(bytes);
    free_world(world);
}

static void a_truncated_file_gives_its_beginning_and_reports_damage(void **state)
{
    struct world *world = make_world(1);
    char *text = make_text(20000), *bytes;
    size_t whole;

    encode_bytes(world, "f", format_in(state), text, 20000, 20000);
    bytes = load_file(world, "f", &whole);
    for (size_t cut = 0; cut < whole; cut += cut < 50 || cut + 50 > whole ? 1 : 37) {
        const char *damage;
        size_t size;
        char *out;

        write_whole(world, "f", "wb", bytes, cut);
        out = decode_bytes(world, "f", format_in(state), &size, &damage);
        if (!damage)
            fail_msg("cut at %zu of %zu: no damage found", cut, whole);
        assert_true(size <= 20000);
        assert_memory_equal(out, text, size);
        free(out);
    }
    free(bytes);
    free(text);
    free_world(world);
}

/* Except in fields of gzip's header that do not matter here: then all bytes are correct. */
static void a_changed_byte_in_a_compressed_file_is_detected(void **state)
{
    struct world *world = make_world(1);
    char *text = make_text(20000), *bytes;
    size_t whole;

    encode_bytes(world, "f", format_in(state), text, 20000, 20000);
    bytes = load_file(world, "f", &whole);
    for (size_t at = 0; at < whole; at += at < 50 || at + 50 > whole ? 1 : 37) {
        const char *damage;
        size_t size;
        char *out;

        bytes[at] ^= 0x40;
        write_whole(world, "f", "wb", bytes, whole);
        bytes[at] ^= 0x40;
        out = decode_bytes(world, "f", format_in(state), &size, &damage);
        if (!damage && (size != 20000 || memcmp(out, text, size) != 0))
            fail_msg("byte %zu of %zu: the change was not found", at, whole);
        free(out);
    }
    free(bytes);
    free(text);
    free_world(world);
}

static void a_file_of_another_format_gives_nothing(void **state)
{
    static const char *const others[] = {"", "no compressed file\n", "\x1f\x8b", "\x28\xb5\x2f\xfd",
                                         "2026-11-23T09:30:00.000Z,s,d,UP,200,1,\n"};
    struct world *world = make_world(1);

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *damage;
        size_t size;

        write_whole(world, "f", "wb", others[i], strlen(others[i]));
        free(decode_bytes(world, "f", format_in(state), &size, &damage));
        assert_non_null(damage);
        assert_int_equal(size, 0);
    }
    free_world(world);
}

static const char plain_0[] = "archive/2026-11-23/s0/d0.log";

enum { DOMAINS = 3, ROWS = 20 };

static void write_rows(struct world *world, struct journal *journal, int64_t first_ms, size_t n)
{
    struct error error;

    (void)world;
    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < DOMAINS; d++) {
            struct check check =
                check_at(first_ms + (int64_t)i * MS_PER_MINUTE + (int64_t)d, STATUS_UP);

            stage(journal, d, &check);
        }
    }
    assert_done(export_run(journal, &error), &error);
}

static size_t rotate_and_compress(struct journal *journal, int64_t now_ms, int64_t max_ms)
{
    struct error error;
    size_t n;

    assert_done(rotate_run(journal, now_ms, &error), &error);
    assert_done(compress_run(journal, now_ms, max_ms, &n, &error), &error);
    return n;
}

/* A world with the plain archive of a finished day. */
static struct world *make_day(void)
{
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, AT_0 + 23 * MS_PER_HOUR);

    rotate_and_compress(journal, AT_0 + 23 * MS_PER_HOUR, 0);
    write_rows(world, journal, AT_0 + 23 * MS_PER_HOUR, ROWS);
    assert_int_equal(rotate_and_compress(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE), 0);
    journal_close(journal);
    return world;
}

/* The same, compressed. */
static struct world *make_compressed_day(enum compression format)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);

    world->config.archive_compress = format;
    assert_int_equal(rotate_and_compress(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE), DOMAINS);
    journal_close(journal);
    return world;
}

/* Records late rows of the finished day; the next hour moves them to its archive. */
static size_t write_late(struct world *world, int64_t first_ms, size_t n, int hour)
{
    int64_t now_ms = AT_0 + hour * (int64_t)MS_PER_HOUR;
    struct journal *journal = open_world(world, now_ms - MS_PER_MINUTE);
    size_t n_compressed;

    write_rows(world, journal, first_ms, n);
    n_compressed = rotate_and_compress(journal, now_ms, MS_PER_MINUTE);
    journal_close(journal);
    return n_compressed;
}

static void assert_compressed(const struct world *world, const char *plain, enum compression format,
                              const char *expected)
{
    const char *damage;
    size_t size;
    char *out;

    assert_file(world, plain, NULL);
    out = decode_bytes(world, compressed_name_of(format, plain), format, &size, &damage);
    assert_null(damage);
    assert_string_equal(out, expected);
    free(out);
}

/* The number of rows from which the state is rebuilt. */
static int64_t count_rebuilt(struct world *world)
{
    struct journal_counts counts;
    struct error error;

    assert_done(
        journal_rebuild(&world->config, &world->log, AT_0 + 30 * MS_PER_HOUR, &counts, &error),
        &error);
    return counts.rows;
}

static int64_t count_without_state(struct world *world)
{
    unlink(path_in(world, "state.db"));
    return count_rebuilt(world);
}

static void a_day_is_compressed_when_it_is_over(void **state)
{
    struct world *world = make_day();
    char *text = read_whole(world, plain_0, NULL);
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);
    int64_t first;
    struct error error;

    world->config.archive_compress = format_in(state);
    write_rows(world, journal, AT_0 + 24 * MS_PER_HOUR, 1);
    assert_int_equal(rotate_and_compress(journal, AT_0 + 25 * MS_PER_HOUR, MS_PER_MINUTE), DOMAINS);
    assert_compressed(world, plain_0, format_in(state), text);

    /* Today stays plain, and no finished day is searched again. */
    assert_true(access(path_in(world, "archive/2026-11-24/s0/d0.log"), F_OK) == 0);
    assert_done(
        storage_get_setting(journal_storage(journal), SETTING_FIRST_UNCOMPRESSED, &first, &error),
        &error);
    assert_int_equal(first, DAY_0 + 1);
    assert_int_equal(rotate_and_compress(journal, AT_0 + 25 * MS_PER_HOUR, MS_PER_MINUTE), 0);
    journal_close(journal);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 1));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 1));
    free(text);
    free_world(world);
}

static void each_tick_without_time_left_compresses_one_file(void **state)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);

    world->config.archive_compress = format_in(state);
    for (size_t i = 0; i < DOMAINS; i++)
        assert_int_equal(rotate_and_compress(journal, AT_0 + 24 * MS_PER_HOUR, -1), 1);
    assert_int_equal(rotate_and_compress(journal, AT_0 + 24 * MS_PER_HOUR, -1), 0);
    journal_close(journal);
    free_world(world);
}

static void late_rows_are_compressed_with_the_others(void **state)
{
    struct world *world = make_compressed_day(format_in(state));
    char *late;
    const char *damage;
    size_t size;
    char *before = decode_bytes(world, compressed_name_of(format_in(state), plain_0),
                                format_in(state), &size, &damage);
    char both[1 << 14];

    /* Without compression they are in a plain file beside the compressed one, and count. */
    world->config.archive_compress = COMPRESSION_NONE;
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 2, 25), 0);
    late = read_whole(world, plain_0, NULL);
    assert_non_null(late);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 2));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 2));

    /* With compression, all are in one file, which keeps its format whatever the key is now. */
    world->config.archive_compress =
        format_in(state) == COMPRESSION_GZIP ? COMPRESSION_ZSTD : COMPRESSION_GZIP;
    assert_int_equal(write_late(world, AT_0 + 21 * MS_PER_HOUR, 1, 31), DOMAINS);
    snprintf(both, sizeof both, "%s%s2026-11-23T21:00:00.000Z,s0,d0,UP,200,87,\n", before, late);
    assert_compressed(world, plain_0, format_in(state), both);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 3));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 3));
    assert_null(strstr(world->log_text, "quarantine"));
    free(late);
    free(before);
    free_world(world);
}

/* The bytes alone cannot show this; the ledger can. */
static void a_late_row_equal_to_the_last_one_counts_too(void **state)
{
    struct world *world = make_compressed_day(format_in(state));

    write_late(world, AT_0 + 23 * MS_PER_HOUR + (ROWS - 1) * MS_PER_MINUTE, 1, 25);
    assert_file(world, plain_0, NULL);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 1));
    free_world(world);
}

/* Compressing was killed before the plain file was deleted, and the state is lost. */
static void a_plain_file_contained_in_a_compressed_one_counts_once(void **state)
{
    struct world *world = make_day();
    size_t size;
    char *text = load_file(world, plain_0, &size);
    struct journal *journal;

    world->config.archive_compress = format_in(state);
    encode_bytes(world, compressed_name_of(format_in(state), plain_0), format_in(state), text, size,
                 size);
    assert_int_equal(count_rebuilt(world), DOMAINS * ROWS);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);

    /* A late row is recognised, and the plain file is deleted. */
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 1, 31), DOMAINS);
    assert_file(world, plain_0, NULL);
    journal = open_world(world, AT_0 + 31 * MS_PER_HOUR);
    journal_close(journal);
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 1));
    assert_null(strstr(world->log_text, "quarantine"));
    free(text);
    free_world(world);
}

/*
 * First compressing is killed before the ledger has the length, after the plain file was deleted;
 * then a rotation is killed while it writes a late row. The lengths in the ledger show that nothing
 * is lost.
 */
static void two_kills_at_one_file_lose_and_double_no_row(void **state)
{
    struct world *world = make_day();
    size_t size;
    char *text = load_file(world, plain_0, &size);
    static const char half[] = "2026-11-23T22:00:00.000Z,s0,d0,UP,";

    world->config.archive_compress = format_in(state);
    encode_bytes(world, compressed_name_of(format_in(state), plain_0), format_in(state), text, size,
                 size);
    write_whole(world, plain_0, "wb", half, sizeof half - 1);
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 1, 25), DOMAINS);
    assert_file(world, plain_0, NULL);
    assert_string_equal(world->log_text, "");
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 1));
    free(text);
    free_world(world);
}

static void a_half_written_compressed_file_is_written_again(void **state)
{
    struct world *world = make_day();
    size_t size, half_size;
    char *text = load_file(world, plain_0, &size), *half;
    const char *name = compressed_name_of(format_in(state), plain_0);
    struct journal *journal;

    /* The first of two members or frames is intact. */
    encode_bytes(world, name, format_in(state), text, size / 2, size);
    half = load_file(world, name, &half_size);
    write_whole(world, name, "ab", half, half_size / 2);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    world->config.archive_compress = format_in(state);
    journal = open_world(world, AT_0 + 30 * MS_PER_HOUR);
    rotate_and_compress(journal, AT_0 + 30 * MS_PER_HOUR, MS_PER_MINUTE);
    journal_close(journal);
    assert_compressed(world, plain_0, format_in(state), text);
    free(half);
    free(text);
    free_world(world);
}

static void a_damaged_file_gives_its_intact_rows_and_stays(void **state)
{
    struct world *world = make_compressed_day(format_in(state));
    const char *name = compressed_name_of(format_in(state), plain_0);
    char *bytes, *after;
    size_t size, after_size;
    int64_t rows;

    bytes = load_file(world, name, &size);
    write_whole(world, name, "ab", bytes, size / 2);
    free(bytes);
    bytes = load_file(world, name, &size);
    reset_log(world);
    rows = count_without_state(world);
    assert_in_range(rows, DOMAINS * ROWS, DOMAINS * ROWS + ROWS);
    assert_non_null(strstr(world->log_text, name));
    assert_non_null(strstr(world->log_text, "read up to this line"));

    /* A late row is in a plain file beside it, which is reported once. */
    reset_log(world);
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 1, 31), DOMAINS - 1);
    assert_non_null(strstr(world->log_text, "damaged archive, not changed"));
    assert_file(world, plain_0, "2026-11-23T22:00:00.000Z,s0,d0,UP,200,87,\n");
    after = load_file(world, name, &after_size);
    assert_int_equal(after_size, size);
    assert_memory_equal(after, bytes, size);
    assert_int_equal(count_without_state(world), rows + DOMAINS);
    free(after);
    free(bytes);
    free_world(world);
}

static void a_file_stays_plain_if_a_folder_has_the_compressed_name(void **state)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);
    const char *name = compressed_name_of(format_in(state), plain_0);
    char *text = read_whole(world, plain_0, NULL);
    struct error error;
    size_t n;

    world->config.archive_compress = format_in(state);
    mkdir(path_in(world, name), 0700);
    assert_int_equal(compress_run(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE, &n, &error), -1);
    assert_non_null(strstr(error.text, name));
    assert_int_equal(n, DOMAINS - 1);
    assert_file(world, plain_0, text);

    /* It is reported once, and the rows count. */
    assert_done(compress_run(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE, &n, &error), &error);
    journal_close(journal);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    free(text);
    free_world(world);
}

static void the_gzip_file_counts_if_there_are_both_formats(void **state)
{
    struct world *world = make_compressed_day(COMPRESSION_GZIP);

    (void)state;
    encode_bytes(world, compressed_name_of(COMPRESSION_ZSTD, plain_0), COMPRESSION_ZSTD, "other\n",
                 6, 6);
    reset_log(world);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    assert_non_null(strstr(world->log_text, " exists too; only the .gz is read"));
    free_world(world);
}

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* A quarter of a gigabyte without a line end, compressed to some hundred kilobytes. */
static void a_file_that_expands_enormously_takes_no_memory(void **state)
{
    enum { PIECE = 1 << 20, PIECES = 256 };
    struct world *world = make_compressed_day(format_in(state));
    const char *name = compressed_name_of(format_in(state), "archive/2026-11-23/s0/bomb.log");
    struct codec *codec = codec_new();
    char *zeros = calloc(1, PIECE);
    long before;
    int fd;

    write_whole(world, name, "wb", "", 0);
    fd = open(path_in(world, name), O_RDWR);
    assert_int_equal(codec_start_encoding(codec, format_in(state), fd), 0);
    for (int i = 0; i < PIECES; i++)
        assert_int_equal(codec_encode(codec, zeros, PIECE, i + 1 == PIECES), 0);
    codec_free(codec);
    close(fd);
    free(zeros);
    before = peak_kib();
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    assert_in_range(peak_kib() - before, 0, 16 << 10);
    free_world(world);
}

/* clang-format off */
#define WITH(function, i) {#function, function, NULL, NULL, &formats[i]}
#define WITH_EACH(function) WITH(function, 0), WITH(function, 1)
/* clang-format on */

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_EACH(decoded_bytes_equal_the_encoded_bytes),
        WITH_EACH(concatenated_files_decode_as_one),
        WITH_EACH(a_truncated_file_gives_its_beginning_and_reports_damage),
        WITH_EACH(a_changed_byte_in_a_compressed_file_is_detected),
        WITH_EACH(a_file_of_another_format_gives_nothing),
        WITH_EACH(a_day_is_compressed_when_it_is_over),
        WITH_EACH(each_tick_without_time_left_compresses_one_file),
        WITH_EACH(late_rows_are_compressed_with_the_others),
        WITH_EACH(a_late_row_equal_to_the_last_one_counts_too),
        WITH_EACH(a_plain_file_contained_in_a_compressed_one_counts_once),
        WITH_EACH(two_kills_at_one_file_lose_and_double_no_row),
        WITH_EACH(a_half_written_compressed_file_is_written_again),
        WITH_EACH(a_damaged_file_gives_its_intact_rows_and_stays),
        WITH_EACH(a_file_stays_plain_if_a_folder_has_the_compressed_name),
        WITH(the_gzip_file_counts_if_there_are_both_formats, 0),
        WITH_EACH(a_file_that_expands_enormously_takes_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
