/* records/reader: the rows of a file are the same wherever its blocks end. */
#include "fuzz.h"

#include "records/csv.h"
#include "records/reader.h"

#include <sys/syscall.h>
#include <unistd.h>

/* As long as a block: one long line, which is invalid. If the file is read from byte n of it, the
 * first block ends n bytes after it. */
enum { FILLER = 256 << 10 };

static int make_file(void)
{
    char *filler = malloc(FILLER);
    int fd = (int)syscall(SYS_memfd_create, "rows", 0);

    if (fd < 0 || !filler)
        abort();
    memset(filler, 'x', FILLER);
    filler[FILLER - 1] = '\n';
    if (pwrite(fd, filler, FILLER, 0) != FILLER)
        abort();
    free(filler);
    return fd;
}

struct found {
    enum csv_result result;
    struct row row;
};

static void read_next(struct reader *reader, struct found *found)
{
    const char *why = NULL;

    memset(found, 0, sizeof *found);
    must(reader_next(reader, &found->row, &found->result, &why) == 0, "the file can be read");
    must(found->result != CSV_BAD || why, "a bad line has a reason");
}

static void must_be_same(const struct reader *a, const struct found *x, const struct reader *b,
                         const struct found *y)
{
    must(x->result == y->result, "the same kind of line");
    must(a->offset == b->offset && a->line == b->line + 1, "at the same position");
    if (x->result == CSV_END)
        return;
    must(a->length == b->length && a->length > 0, "of the same length");
    if (x->result != CSV_ROW)
        return;
    must(strcmp(x->row.site, y->row.site) == 0 && strcmp(x->row.domain, y->row.domain) == 0 &&
             strcmp(x->row.check.failure, y->row.check.failure) == 0 &&
             x->row.check.start_ms == y->row.check.start_ms,
         "the same row");
}

/*
 * The input: a position in the rest, where the first block ends; then the rest, which is the file.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static struct reader moved, plain; /* large, so created only once */
    struct found x, y;
    struct input input = {data, size};
    size_t border = input_number(&input, 2);

    if (fd < 0) {
        fd = make_file();
        if (reader_init(&moved) || reader_init(&plain))
            abort();
    }
    if (ftruncate(fd, FILLER) || pwrite(fd, input.at, input.left, FILLER) != (ssize_t)input.left)
        abort();
    reader_start(&moved, fd, (int64_t)(border % (input.left + 1)), INT64_MAX);
    reader_start(&plain, fd, FILLER, INT64_MAX);
    read_next(&moved, &x);
    must(x.result == CSV_BAD && moved.offset + moved.length == FILLER, "the filler is one line");
    do {
        read_next(&moved, &x);
        read_next(&plain, &y);
        must_be_same(&moved, &x, &plain, &y);
    } while (x.result == CSV_ROW || x.result == CSV_BAD);
    return 0;
}
