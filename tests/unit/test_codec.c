/*
 * Packs: bytes in and out of them, whole or damaged; and the archives of days that are over, which
 * become packs and are read like plain files.
 */
#include "records/encoder.h"

#include "base/clock.h"
#include "records/decoder.h"
#include "records/journal.h"
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

/* The name of a pack. */
static const char *packed_as(enum compression format, const char *plain)
{
    static char name[4][PATH_MAX];
    static int at;

    at = (at + 1) % 4;
    snprintf(name[at], sizeof name[at], "%s%s", plain, endings[format]);
    return name[at];
}

/* The whole of a file that is there. The caller frees. */
static char *load(const struct world *world, const char *name, size_t *size)
{
    char *bytes;

    *size = 0;
    bytes = read_whole(world, name, size);
    assert_non_null(bytes);
    return bytes;
}

/* Packs bytes into a file, in pieces of this size. */
static void pack_bytes(const struct world *world, const char *name, enum compression format,
                       const char *bytes, size_t size, size_t piece)
{
    struct pack *pack = encoder_new();
    int fd;

    write_whole(world, name, "wb", "", 0);
    fd = open(path_in(world, name), O_RDWR);
    assert_int_equal(encoder_start(pack, format, fd), 0);
    for (size_t at = 0; at < size; at += piece)
        assert_int_equal(
            encoder_write(pack, bytes + at, size - at < piece ? size - at : piece, false), 0);
    assert_int_equal(encoder_write(pack, NULL, 0, true), 0);
    assert_int_equal(encoder_length(pack), size);
    encoder_free(pack);
    close(fd);
}

/* Unpacks a file. The caller frees. */
static char *unpack_bytes(const struct world *world, const char *name, enum compression format,
                          size_t *size, const char **damage)
{
    struct decoder *decoder = decoder_new();
    char *bytes = calloc(1, 4 << 20);
    int fd = open(path_in(world, name), O_RDONLY);
    ssize_t n;

    *size = 0;
    assert_true(fd >= 0);
    decoder_start(decoder, format, fd);
    while ((n = decoder_read(decoder, bytes + *size, 7777)) != 0) {
        assert_true(n > 0);
        *size += (size_t)n;
    }
    *damage = decoder_damage(decoder);
    assert_int_equal(decoder_length(decoder), *size);
    decoder_free(decoder);
    close(fd);
    return bytes;
}

/* Rows that look like a record's. */
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

static void what_was_packed_comes_out_the_same(void **state)
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

            pack_bytes(world, "f", format_in(state), text, sizes[i], pieces[p]);
            out = unpack_bytes(world, "f", format_in(state), &size, &damage);
            assert_null(damage);
            assert_int_equal(size, sizes[i]);
            assert_memory_equal(out, text, size);
            free(out);
        }
    }
    free(text);
    free_world(world);
}

/* As two files put together are one to zcat and zstdcat. */
static void packs_put_together_are_one(void **state)
{
    struct world *world = make_world(1);
    char *bytes, *out;
    const char *damage;
    size_t size;

    pack_bytes(world, "f", format_in(state), "one\n", 4, 4);
    bytes = load(world, "f", &size);
    write_whole(world, "f", "ab", bytes, size);
    out = unpack_bytes(world, "f", format_in(state), &size, &damage);
    assert_null(damage);
    assert_int_equal(size, 8);
    assert_string_equal(out, "one\none\n");
    free(out);
    free(bytes);
    free_world(world);
}

static void a_pack_cut_short_anywhere_gives_its_front_and_says_so(void **state)
{
    struct world *world = make_world(1);
    char *text = make_text(20000), *bytes;
    size_t whole;

    pack_bytes(world, "f", format_in(state), text, 20000, 20000);
    bytes = load(world, "f", &whole);
    for (size_t cut = 0; cut < whole; cut += cut < 50 || cut + 50 > whole ? 1 : 37) {
        const char *damage;
        size_t size;
        char *out;

        write_whole(world, "f", "wb", bytes, cut);
        out = unpack_bytes(world, "f", format_in(state), &size, &damage);
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

/* But for the fields of gzip's header that mean nothing here: then all bytes are right. */
static void a_changed_byte_anywhere_is_found(void **state)
{
    struct world *world = make_world(1);
    char *text = make_text(20000), *bytes;
    size_t whole;

    pack_bytes(world, "f", format_in(state), text, 20000, 20000);
    bytes = load(world, "f", &whole);
    for (size_t at = 0; at < whole; at += at < 50 || at + 50 > whole ? 1 : 37) {
        const char *damage;
        size_t size;
        char *out;

        bytes[at] ^= 0x40;
        write_whole(world, "f", "wb", bytes, whole);
        bytes[at] ^= 0x40;
        out = unpack_bytes(world, "f", format_in(state), &size, &damage);
        if (!damage && (size != 20000 || memcmp(out, text, size) != 0))
            fail_msg("byte %zu of %zu: the change was not found", at, whole);
        free(out);
    }
    free(bytes);
    free(text);
    free_world(world);
}

static void what_is_no_pack_gives_nothing(void **state)
{
    static const char *const others[] = {"", "no pack at all\n", "\x1f\x8b", "\x28\xb5\x2f\xfd",
                                         "2026-11-23T09:30:00.000Z,s,d,UP,200,1,\n"};
    struct world *world = make_world(1);

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *damage;
        size_t size;

        write_whole(world, "f", "wb", others[i], strlen(others[i]));
        free(unpack_bytes(world, "f", format_in(state), &size, &damage));
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

static size_t pack_at(struct journal *journal, int64_t now_ms, int64_t room_ms)
{
    struct error error;
    size_t n;

    assert_done(rotate_run(journal, now_ms, &error), &error);
    assert_done(compress_run(journal, now_ms, room_ms, &n, &error), &error);
    return n;
}

/* A world in which a day is over and lies in its archive, plain. */
static struct world *make_day(void)
{
    struct world *world = make_world(DOMAINS);
    struct journal *journal = open_world(world, AT_0 + 23 * MS_PER_HOUR);

    pack_at(journal, AT_0 + 23 * MS_PER_HOUR, 0);
    write_rows(world, journal, AT_0 + 23 * MS_PER_HOUR, ROWS);
    assert_int_equal(pack_at(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE), 0);
    journal_close(journal);
    return world;
}

/* The same, packed. */
static struct world *make_packed_day(enum compression format)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);

    world->config.archive_compress = format;
    assert_int_equal(pack_at(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE), DOMAINS);
    journal_close(journal);
    return world;
}

/* Rows for the day that is over come late, and the next hour moves them to its archive. */
static size_t write_late(struct world *world, int64_t first_ms, size_t n, int hour)
{
    int64_t now_ms = AT_0 + hour * (int64_t)MS_PER_HOUR;
    struct journal *journal = open_world(world, now_ms - MS_PER_MINUTE);
    size_t n_packed;

    write_rows(world, journal, first_ms, n);
    n_packed = pack_at(journal, now_ms, MS_PER_MINUTE);
    journal_close(journal);
    return n_packed;
}

static void assert_packed(const struct world *world, const char *plain, enum compression format,
                          const char *expected)
{
    const char *damage;
    size_t size;
    char *out;

    assert_file(world, plain, NULL);
    out = unpack_bytes(world, packed_as(format, plain), format, &size, &damage);
    assert_null(damage);
    assert_string_equal(out, expected);
    free(out);
}

/* How many rows a state made anew is made from. */
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

static void a_day_is_packed_once_it_is_over(void **state)
{
    struct world *world = make_day();
    char *text = read_whole(world, plain_0, NULL);
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);
    int64_t first;
    struct error error;

    world->config.archive_compress = format_in(state);
    write_rows(world, journal, AT_0 + 24 * MS_PER_HOUR, 1);
    assert_int_equal(pack_at(journal, AT_0 + 25 * MS_PER_HOUR, MS_PER_MINUTE), DOMAINS);
    assert_packed(world, plain_0, format_in(state), text);

    /* Today stays plain, and no day is looked through again. */
    assert_true(access(path_in(world, "archive/2026-11-24/s0/d0.log"), F_OK) == 0);
    assert_done(storage_get_setting(journal_storage(journal), SETTING_FIRST_UNCOMPRESSED, &first, &error), &error);
    assert_int_equal(first, DAY_0 + 1);
    assert_int_equal(pack_at(journal, AT_0 + 25 * MS_PER_HOUR, MS_PER_MINUTE), 0);
    journal_close(journal);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 1));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 1));
    free(text);
    free_world(world);
}

static void with_no_time_left_one_file_a_tick_is_packed(void **state)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);

    world->config.archive_compress = format_in(state);
    for (size_t i = 0; i < DOMAINS; i++)
        assert_int_equal(pack_at(journal, AT_0 + 24 * MS_PER_HOUR, -1), 1);
    assert_int_equal(pack_at(journal, AT_0 + 24 * MS_PER_HOUR, -1), 0);
    journal_close(journal);
    free_world(world);
}

static void rows_that_come_late_are_packed_with_the_others(void **state)
{
    struct world *world = make_packed_day(format_in(state));
    char *late;
    const char *damage;
    size_t size;
    char *before =
        unpack_bytes(world, packed_as(format_in(state), plain_0), format_in(state), &size, &damage);
    char both[1 << 14];

    /* With packing off they lie beside the pack, and count. */
    world->config.archive_compress = COMPRESSION_NONE;
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 2, 25), 0);
    late = read_whole(world, plain_0, NULL);
    assert_non_null(late);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 2));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 2));

    /* More come, and all are packed in the format that the pack has, whatever the key says now. */
    world->config.archive_compress =
        format_in(state) == COMPRESSION_GZIP ? COMPRESSION_ZSTD : COMPRESSION_GZIP;
    assert_int_equal(write_late(world, AT_0 + 21 * MS_PER_HOUR, 1, 31), DOMAINS);
    snprintf(both, sizeof both, "%s%s2026-11-23T21:00:00.000Z,s0,d0,UP,200,87,\n", before, late);
    assert_packed(world, plain_0, format_in(state), both);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 3));
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 3));
    assert_null(strstr(world->log_text, "quarantine"));
    free(late);
    free(before);
    free_world(world);
}

/* The ledger knows what the bytes do not tell. */
static void a_late_row_equal_to_the_last_one_is_a_row_of_its_own(void **state)
{
    struct world *world = make_packed_day(format_in(state));

    write_late(world, AT_0 + 23 * MS_PER_HOUR + (ROWS - 1) * MS_PER_MINUTE, 1, 25);
    assert_file(world, plain_0, NULL);
    assert_int_equal(count_rebuilt(world), DOMAINS * (ROWS + 1));
    free_world(world);
}

/* As a packing leaves it that is killed before the plain file is removed, with the state lost. */
static void a_plain_file_that_is_in_its_pack_counts_once(void **state)
{
    struct world *world = make_day();
    size_t size;
    char *text = load(world, plain_0, &size);
    struct journal *journal;

    world->config.archive_compress = format_in(state);
    pack_bytes(world, packed_as(format_in(state), plain_0), format_in(state), text, size, size);
    assert_int_equal(count_rebuilt(world), DOMAINS * ROWS);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);

    /* A late row is told from it, and the file goes. */
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
 * A packing killed before the ledger knew of it, and then, with the plain file gone, a rotation
 * that was killed while it wrote a late row: the ledger knows by the lengths that nothing is lost.
 */
static void two_kills_in_one_place_lose_and_double_nothing(void **state)
{
    struct world *world = make_day();
    size_t size;
    char *text = load(world, plain_0, &size);
    static const char half[] = "2026-11-23T22:00:00.000Z,s0,d0,UP,";

    world->config.archive_compress = format_in(state);
    pack_bytes(world, packed_as(format_in(state), plain_0), format_in(state), text, size, size);
    write_whole(world, plain_0, "wb", half, sizeof half - 1);
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 1, 25), DOMAINS);
    assert_file(world, plain_0, NULL);
    assert_string_equal(world->log_text, "");
    assert_int_equal(count_without_state(world), DOMAINS * (ROWS + 1));
    free(text);
    free_world(world);
}

static void a_half_pack_of_a_plain_file_is_made_anew(void **state)
{
    struct world *world = make_day();
    size_t size, packed_size;
    char *text = load(world, plain_0, &size), *packed;
    const char *name = packed_as(format_in(state), plain_0);
    struct journal *journal;

    /* Of two members or frames, the first is whole. */
    pack_bytes(world, name, format_in(state), text, size / 2, size);
    packed = load(world, name, &packed_size);
    write_whole(world, name, "ab", packed, packed_size / 2);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    world->config.archive_compress = format_in(state);
    journal = open_world(world, AT_0 + 30 * MS_PER_HOUR);
    pack_at(journal, AT_0 + 30 * MS_PER_HOUR, MS_PER_MINUTE);
    journal_close(journal);
    assert_packed(world, plain_0, format_in(state), text);
    free(packed);
    free(text);
    free_world(world);
}

static void a_damaged_pack_gives_what_is_whole_and_stays_as_it_is(void **state)
{
    struct world *world = make_packed_day(format_in(state));
    const char *name = packed_as(format_in(state), plain_0);
    char *bytes, *after;
    size_t size, after_size;
    int64_t rows;

    bytes = load(world, name, &size);
    write_whole(world, name, "ab", bytes, size / 2);
    free(bytes);
    bytes = load(world, name, &size);
    reset_log(world);
    rows = count_without_state(world);
    assert_in_range(rows, DOMAINS * ROWS, DOMAINS * ROWS + ROWS);
    assert_non_null(strstr(world->log_text, name));
    assert_non_null(strstr(world->log_text, "what is whole was read"));

    /* A late row lies beside it, which is said once. */
    reset_log(world);
    assert_int_equal(write_late(world, AT_0 + 22 * MS_PER_HOUR, 1, 31), DOMAINS - 1);
    assert_non_null(strstr(world->log_text, "is damaged, and stays as it is"));
    assert_file(world, plain_0, "2026-11-23T22:00:00.000Z,s0,d0,UP,200,87,\n");
    after = load(world, name, &after_size);
    assert_int_equal(after_size, size);
    assert_memory_equal(after, bytes, size);
    assert_int_equal(count_without_state(world), rows + DOMAINS);
    free(after);
    free(bytes);
    free_world(world);
}

static void a_folder_in_a_packs_place_leaves_the_file_plain(void **state)
{
    struct world *world = make_day();
    struct journal *journal = open_world(world, AT_0 + 24 * MS_PER_HOUR);
    const char *name = packed_as(format_in(state), plain_0);
    char *text = read_whole(world, plain_0, NULL);
    struct error error;
    size_t n;

    world->config.archive_compress = format_in(state);
    mkdir(path_in(world, name), 0700);
    assert_int_equal(compress_run(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE, &n, &error), -1);
    assert_non_null(strstr(error.text, name));
    assert_int_equal(n, DOMAINS - 1);
    assert_file(world, plain_0, text);

    /* It is said once, and the rows count. */
    assert_done(compress_run(journal, AT_0 + 24 * MS_PER_HOUR, MS_PER_MINUTE, &n, &error), &error);
    journal_close(journal);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    free(text);
    free_world(world);
}

static void of_two_packs_the_gzip_one_counts(void **state)
{
    struct world *world = make_packed_day(COMPRESSION_GZIP);

    (void)state;
    pack_bytes(world, packed_as(COMPRESSION_ZSTD, plain_0), COMPRESSION_ZSTD, "other\n", 6, 6);
    reset_log(world);
    assert_int_equal(count_without_state(world), DOMAINS * ROWS);
    assert_non_null(strstr(world->log_text, "is left out"));
    free_world(world);
}

static long peak_kib(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Half a gigabyte without a line end, in some hundred kilobytes. */
static void a_pack_made_to_swell_takes_no_memory(void **state)
{
    enum { PIECE = 1 << 20, PIECES = 256 };
    struct world *world = make_packed_day(format_in(state));
    const char *name = packed_as(format_in(state), "archive/2026-11-23/s0/bomb.log");
    struct pack *pack = encoder_new();
    char *zeros = calloc(1, PIECE);
    long before;
    int fd;

    write_whole(world, name, "wb", "", 0);
    fd = open(path_in(world, name), O_RDWR);
    assert_int_equal(encoder_start(pack, format_in(state), fd), 0);
    for (int i = 0; i < PIECES; i++)
        assert_int_equal(encoder_write(pack, zeros, PIECE, i + 1 == PIECES), 0);
    encoder_free(pack);
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
        WITH_EACH(what_was_packed_comes_out_the_same),
        WITH_EACH(packs_put_together_are_one),
        WITH_EACH(a_pack_cut_short_anywhere_gives_its_front_and_says_so),
        WITH_EACH(a_changed_byte_anywhere_is_found),
        WITH_EACH(what_is_no_pack_gives_nothing),
        WITH_EACH(a_day_is_packed_once_it_is_over),
        WITH_EACH(with_no_time_left_one_file_a_tick_is_packed),
        WITH_EACH(rows_that_come_late_are_packed_with_the_others),
        WITH_EACH(a_late_row_equal_to_the_last_one_is_a_row_of_its_own),
        WITH_EACH(a_plain_file_that_is_in_its_pack_counts_once),
        WITH_EACH(two_kills_in_one_place_lose_and_double_nothing),
        WITH_EACH(a_half_pack_of_a_plain_file_is_made_anew),
        WITH_EACH(a_damaged_pack_gives_what_is_whole_and_stays_as_it_is),
        WITH_EACH(a_folder_in_a_packs_place_leaves_the_file_plain),
        WITH(of_two_packs_the_gzip_one_counts, 0),
        WITH_EACH(a_pack_made_to_swell_takes_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
