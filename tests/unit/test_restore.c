/*
 * Backups of data_dir that were made while ticks ran, by a tool that reads one file after another,
 * and put back: the next tick leaves each row that the copy has in exactly one file, and the state
 * shows it.
 */
#define _GNU_SOURCE
#include "records/compress.h"
#include "records/csv.h"
#include "records/export.h"
#include "records/journal.h"
#include "records/rotate.h"

#include "base/clock.h"
#include "records/codec.h"
#include "state/minute_index.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "records.h"

enum { DOMAINS = 3, FILES_MAX = 64, FILE_MAX = 1 << 20 };

/* The content of a file at some moment. Equal contents are stored once. */
struct content {
    char *bytes;
    size_t size;
    struct content *next;
};

struct copied {
    char name[128];
    struct content *content;
};

/* All files at one moment; their names ascend. */
struct moment {
    struct copied *files;
    size_t n;
};

static struct {
    struct world *world; /* NULL: nothing is recorded */
    struct moment *moments;
    size_t n, capacity;
    struct content *contents[256];
} history;

static struct content *intern(char *bytes, size_t size)
{
    size_t sum = size;
    struct content *content;

    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + (unsigned char)bytes[i];
    for (content = history.contents[sum % 256]; content; content = content->next) {
        if (content->size == size && memcmp(content->bytes, bytes, size) == 0) {
            free(bytes);
            return content;
        }
    }
    content = malloc(sizeof *content);
    assert_non_null(content);
    *content = (struct content){bytes, size, history.contents[sum % 256]};
    history.contents[sum % 256] = content;
    return content;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct copied *)a)->name, ((const struct copied *)b)->name);
}

static void copy_files(const struct world *world, const char *below, struct moment *moment)
{
    DIR *listing = opendir(path_in(world, below));
    struct dirent *entry;

    while (listing && (entry = readdir(listing)) != NULL) {
        struct copied *copied = &moment->files[moment->n];
        struct stat status;
        size_t size;
        char *bytes;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(copied->name, sizeof copied->name, "%.60s%s%.60s", below, *below ? "/" : "",
                 entry->d_name);
        if (lstat(path_in(world, copied->name), &status) == 0 && S_ISDIR(status.st_mode)) {
            char name[sizeof copied->name];

            strcpy(name, copied->name);
            copy_files(world, name, moment);
        } else if ((bytes = read_whole(world, copied->name, &size)) != NULL) {
            copied->content = intern(bytes, size);
            assert_true(++moment->n < FILES_MAX);
        }
    }
    if (listing)
        closedir(listing);
}

/* Records the files as they are now. */
static void record_moment(void)
{
    struct world *world = history.world;
    struct copied files[FILES_MAX];
    struct moment moment = {.files = files};

    if (!world)
        return;
    history.world = NULL;
    copy_files(world, "", &moment);
    qsort(files, moment.n, sizeof *files, compare_names);
    moment.files = malloc(moment.n * sizeof *files + 1);
    assert_non_null(moment.files);
    memcpy(moment.files, files, moment.n * sizeof *files);
    if (history.n == history.capacity) {
        history.capacity = 2 * history.capacity + 64;
        history.moments = realloc(history.moments, history.capacity * sizeof *history.moments);
        assert_non_null(history.moments);
    }
    history.moments[history.n++] = moment;
    history.world = world;
}

static void forget_history(void)
{
    for (size_t i = 0; i < history.n; i++)
        free(history.moments[i].files);
    free(history.moments);
    for (size_t i = 0; i < 256; i++) {
        for (struct content *next, *content = history.contents[i]; content; content = next) {
            next = content->next;
            free(content->bytes);
            free(content);
        }
    }
    memset(&history, 0, sizeof history);
}

/* The calls that change a file, in place of those of the C library. */
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    record_moment();
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    record_moment();
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int ftruncate(int fd, off_t size)
{
    record_moment();
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    record_moment();
    return (int)syscall(SYS_ftruncate, fd, size);
}

int unlink(const char *path)
{
    record_moment();
    return (int)syscall(SYS_unlink, path);
}

int unlinkat(int fd, const char *path, int flags)
{
    record_moment();
    return (int)syscall(SYS_unlinkat, fd, path, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    record_moment();
    return (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

static void tick(struct world *world, int64_t now_ms, const struct staged_result *staged_results,
                 size_t n)
{
    struct journal *journal = open_world(world, now_ms);
    struct error error;
    size_t n_compressed;

    assert_done(export_run(journal, &error), &error);
    assert_done(rotate_run(journal, now_ms, &error), &error);
    assert_done(staged_add(journal_storage(journal), staged_results, n, &error), &error);
    assert_done(export_run(journal, &error), &error);
    assert_done(compress_run(journal, now_ms, MS_PER_MINUTE, &n_compressed, &error), &error);
    journal_close(journal);
    record_moment();
}

static const int64_t last_hour = 27;

/*
 * Two ticks in each of a few hours around midnight. In one of them there are late rows of the day
 * before, which is compressed by then. Recorded from the end of the first tick on, when there is a
 * stamp: without one, a state that was copied during a transaction may look intact.
 */
static void live_through(struct world *world)
{
    for (int64_t hour = 22; hour < last_hour; hour++) {
        for (int m = 0; m < 2; m++) {
            int64_t now = AT_0 + hour * MS_PER_HOUR + (m ? 40 : 0) * MS_PER_MINUTE;
            struct staged_result results[DOMAINS];

            for (size_t i = 0; i < DOMAINS; i++) {
                int64_t start_ms =
                    hour == 25 && m ? AT_0 + 24 * MS_PER_HOUR - 9 + (int64_t)i : now + (int64_t)i;

                results[i] = outcome_of(i, start_ms,
                                        check_at(start_ms, i == 1 && m ? STATUS_DOWN : STATUS_UP));
            }
            tick(world, now, results, DOMAINS);
            history.world = world;
        }
    }
}

/* The records as text: "site/domain: row" lines, from a folder or from copied files. */
static void gather_bytes(const char *name, const char *bytes, size_t size, FILE *into)
{
    const char *site, *domain = strrchr(name, '/') + 1;
    char *copy = malloc(size + 1);

    for (site = domain - 1; site > name && site[-1] != '/'; site--)
        continue;
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    for (char *line = copy, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        struct row row;
        const char *why;
        size_t used;

        if (csv_read(line, (size_t)(end + 1 - line), &row, &used, &why) == CSV_ROW)
            fprintf(into, "%.*s: %.*s\n", (int)(strchr(domain, '.') - site), site,
                    (int)(end - line), line);
    }
    free(copy);
}

static bool is_record(const char *name, enum compression *format)
{
    const char *end = strstr(name, ".log");

    *format = end && strcmp(end, ".log.gz") == 0 ? COMPRESSION_GZIP : COMPRESSION_NONE;
    return (strncmp(name, "live/", 5) == 0 || strncmp(name, "archive/", 8) == 0) && end &&
           (end[4] == '\0' || *format == COMPRESSION_GZIP);
}

/* The content of a compressed record, of which *size becomes the length. The caller frees it. */
static char *decode(const struct world *world, const char *name, enum compression format,
                    size_t *size)
{
    char *bytes = malloc(FILE_MAX), path[128];
    struct codec *codec = codec_new();
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "%.120s", name);
    fd = open(path_in(world, path), O_RDONLY);
    *size = 0;
    codec_start_decoding(codec, format, fd);
    while ((n = codec_decode(codec, bytes + *size, FILE_MAX - *size)) > 0)
        *size += (size_t)n;
    codec_free(codec);
    close(fd);
    return bytes;
}

/* All rows below data_dir; or those in quarantines. */
static char *all_rows(const struct world *world, bool quarantined)
{
    static struct copied files[FILES_MAX];
    struct moment now = {.files = files};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    copy_files(world, "", &now);
    for (size_t i = 0; i < now.n; i++) {
        const struct content *content = files[i].content;
        const char *name = files[i].name;
        enum compression format;

        if (quarantined ? !strstr(name, ".quarantine") : !is_record(name, &format))
            continue;
        if (quarantined || format == COMPRESSION_NONE) {
            gather_bytes(name, content->bytes, content->size, file);
            if (!quarantined && content->size && content->bytes[content->size - 1] != '\n')
                fprintf(file, "%s is torn\n", name);
        } else {
            size_t length;
            char *bytes = decode(world, name, format, &length);

            gather_bytes(name, bytes, length, file);
            free(bytes);
        }
    }
    fclose(file);
    return text;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the lines of a text and drops doubled ones, if asked for. The caller frees both. */
static size_t split(char *text, char **lines, size_t max, bool unique)
{
    size_t n = 0, kept = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_true(n < max);
        lines[n++] = line;
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++) {
        if (!unique || kept == 0 || strcmp(lines[kept - 1], lines[i]) != 0)
            lines[kept++] = lines[i];
    }
    return kept;
}

static int draw_hour(void *context, size_t domain, int64_t hour, const struct sample *samples,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(context, "%zu %lld %lld %d %d\n", domain, (long long)hour,
                (long long)samples[i].start_ms, (int)samples[i].status, samples[i].latency_ms);
    return 0;
}

static char *draw(struct world *world, int64_t now_ms)
{
    struct journal *journal = open_world(world, now_ms);
    char *text = NULL;
    size_t size;
    struct error error;
    FILE *file = open_memstream(&text, &size);
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR);

    assert_done(
        minute_index_each(journal_storage(journal), hour - 30, hour, draw_hour, file, &error),
        &error);
    fclose(file);
    journal_close(journal);
    return text;
}

/* Staged results may be in the copied state only: then they are recorded by the tick. */
static void check_rows(const char *what, char *before, char *after)
{
    enum { MAX = 1024 };
    char *had[MAX], *has[MAX];
    size_t n_had = split(before, had, MAX, true), n_has = split(after, has, MAX, false);

    for (size_t i = 1; i < n_has; i++) {
        if (strcmp(has[i - 1], has[i]) == 0)
            fail_msg("%s: doubled: %s", what, has[i]);
    }
    for (size_t i = 0, at = 0; i < n_had; i++) {
        if (strstr(had[i], "is torn"))
            continue;
        while (at < n_has && strcmp(has[at], had[i]) < 0)
            at++;
        if (at == n_has || strcmp(has[at], had[i]) != 0)
            fail_msg("%s: lost: %s", what, had[i]);
    }
    for (size_t i = 0; i < n_has; i++) {
        if (strstr(has[i], "is torn"))
            fail_msg("%s: %s", what, has[i]);
    }
}

static void check_restored(struct world *world, const char *what, int64_t now_ms)
{
    char *before = all_rows(world, false), *after, *quarantined, *shown, *rebuilt;

    tick(world, now_ms, NULL, 0);
    after = all_rows(world, false);
    check_rows(what, before, after);
    free(after);
    quarantined = all_rows(world, true);
    if (*quarantined)
        fail_msg("%s: rows in quarantine: %s", what, quarantined);
    free(quarantined);
    free(before);

    shown = draw(world, now_ms);
    assert_int_equal(unlink(path_in(world, "state.db")), 0);
    rebuilt = draw(world, now_ms);
    if (strcmp(shown, rebuilt) != 0)
        fail_msg("%s: the state shows\n%s\nand the records have\n%s\n%s", what, shown, rebuilt,
                 world->log_text);
    free(shown);
    free(rebuilt);
}

/* Puts one file back as it was at a moment. A torn one has the front of the file of another. */
static void put_back(struct world *world, const char *name, size_t at)
{
    const struct moment *moment = &history.moments[at];
    struct copied key;
    const struct copied *found;

    snprintf(key.name, sizeof key.name, "%s", name);
    found = bsearch(&key, moment->files, moment->n, sizeof key, compare_names);
    if (found)
        write_whole(world, name, "wb", found->content->bytes, found->content->size);
}

/* All names that ever were, each once. */
static size_t all_names(const char **names)
{
    size_t n = 0;

    for (size_t i = 0; i < history.n; i++) {
        for (size_t f = 0; f < history.moments[i].n; f++) {
            size_t known = 0;

            while (known < n && strcmp(names[known], history.moments[i].files[f].name) != 0)
                known++;
            if (known == n)
                names[n++] = history.moments[i].files[f].name;
        }
    }
    return n;
}

static void record_history(enum compression format)
{
    struct world *world = make_world(DOMAINS);

    world->config.archive_compress = format;
    live_through(world);
    history.world = NULL;
    free_world(world);
}

static struct world *make_restored(enum compression format)
{
    struct world *world = make_world(DOMAINS);

    world->config.archive_compress = format;
    return world;
}

static int rounds(void)
{
    return getenv("UPTICK_SWEEP") ? 5000 : 500;
}

/*
 * Each file is copied at a later moment than the one before it, in some order. Most copies take
 * little time, and some hours.
 */
static void a_copy_made_while_ticks_run_shows_each_row_once(void **state)
{
    static const enum compression formats[] = {COMPRESSION_NONE, COMPRESSION_GZIP};
    uint64_t seed = 5;

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        const char *names[FILES_MAX];
        size_t n;

        record_history(formats[f]);
        n = all_names(names);
        for (int round = 0; round < rounds(); round++) {
            struct world *world = make_restored(formats[f]);
            size_t at = (size_t)dice_below(&seed, (int64_t)history.n);
            size_t step = round % 4 ? 1 + (size_t)dice_below(&seed, 12) : history.n / n;
            char what[64];

            snprintf(what, sizeof what, "format %zu, round %d", f, round);
            for (size_t i = n; i > 1; i--) {
                size_t other = (size_t)dice_below(&seed, (int64_t)i);
                const char *name = names[i - 1];

                names[i - 1] = names[other];
                names[other] = name;
            }
            for (size_t i = 0; i < n; i++) {
                put_back(world, names[i], at);
                at += (size_t)dice_below(&seed, (int64_t)step + 1);
                at = at < history.n ? at : history.n - 1;
            }
            check_restored(world, what,
                           AT_0 + last_hour * MS_PER_HOUR + (round % 2) * MS_PER_MINUTE);
            free_world(world);
        }
        forget_history();
    }
}

/* The state of one moment beside the records of another, older or newer, each of them intact. */
static void a_state_of_another_moment_follows_the_records(void **state)
{
    static const enum compression formats[] = {COMPRESSION_NONE, COMPRESSION_GZIP};
    uint64_t seed = 6;

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        const char *names[FILES_MAX];
        size_t n;

        record_history(formats[f]);
        n = all_names(names);
        for (int round = 0; round < rounds() / 2; round++) {
            struct world *world = make_restored(formats[f]);
            size_t at[3];
            char what[64];

            for (size_t i = 0; i < 3; i++)
                at[i] = (size_t)dice_below(&seed, (int64_t)history.n);
            if (round % 2)
                at[2] = at[1]; /* else archives of another moment than the live files */
            snprintf(what, sizeof what, "format %zu, round %d", f, round);
            for (size_t i = 0; i < n; i++)
                put_back(world, names[i], at[names[i][0] == 's' ? 0 : names[i][0] == 'l' ? 1 : 2]);
            check_restored(world, what, AT_0 + last_hour * MS_PER_HOUR);
            free_world(world);
        }
        forget_history();
    }
}

/* The pages of the state are of two moments, and the last file is torn. */
static void a_torn_copy_shows_each_whole_row(void **state)
{
    const char *names[FILES_MAX];
    uint64_t seed = 7;
    size_t n;

    (void)state;
    record_history(COMPRESSION_NONE);
    n = all_names(names);
    for (int round = 0; round < rounds(); round++) {
        struct world *world = make_restored(COMPRESSION_NONE);
        size_t at = (size_t)dice_below(&seed, (int64_t)history.n - 20);
        size_t later = at + (size_t)dice_below(&seed, 20), size = 0, later_size = 0;
        const char *torn = names[dice_below(&seed, (int64_t)n)];
        char what[64], *front, *back;
        enum compression ignored;

        snprintf(what, sizeof what, "round %d", round);
        for (size_t i = 0; i < n; i++)
            put_back(world, names[i], later);
        back = read_whole(world, "state.db", &later_size);
        put_back(world, "state.db", at);
        front = read_whole(world, "state.db", &size);
        if (front && back && later_size == size) {
            size_t cut = (size_t)dice_below(&seed, (int64_t)size / 4096 + 1) * 4096;

            memcpy(front + cut, back + cut, size - cut);
            write_whole(world, "state.db", "wb", front, size);
        }
        if (is_record(torn, &ignored) && stat(path_in(world, torn), &(struct stat){0}) == 0) {
            free(back);
            back = read_whole(world, torn, &later_size);
            write_whole(world, torn, "wb", back,
                        (size_t)dice_below(&seed, (int64_t)later_size + 1));
        }
        check_restored(world, what, AT_0 + last_hour * MS_PER_HOUR);
        free(front);
        free(back);
        free_world(world);
    }
    forget_history();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_made_while_ticks_run_shows_each_row_once),
        cmocka_unit_test(a_state_of_another_moment_follows_the_records),
        cmocka_unit_test(a_torn_copy_shows_each_whole_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
