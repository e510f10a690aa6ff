#include "journal/unpack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    INPUT_SIZE = 64 << 10,
    WINDOW_LOG_MAX = 23, /* 8 MiB of memory, which all levels but the "ultra" ones keep to */
    GZIP_WINDOW = 15 + 16,
};

struct unpack {
    enum compression format;
    int fd;
    off_t next;    /* where the file is read on */
    bool is_ready; /* there is a decoder */
    bool at_end;
    bool within; /* a member (gzip) or frame (zstd) has begun, and has not ended */
    const char *damage;
    int64_t length;
    uLong crc;
    z_stream zlib;
    bool has_zlib;
    ZSTD_DCtx *zstd;
    size_t start, size; /* what of the input is still to be unpacked */
    unsigned char input[INPUT_SIZE];
};

struct unpack *unpack_new(void)
{
    return calloc(1, sizeof(struct unpack));
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->has_zlib)
        inflateEnd(&unpack->zlib);
    ZSTD_freeDCtx(unpack->zstd);
    free(unpack);
}

static int start_gzip(struct unpack *unpack)
{
    unpack->has_zlib = unpack->has_zlib || inflateInit2(&unpack->zlib, GZIP_WINDOW) == Z_OK;
    return unpack->has_zlib ? 0 : -1;
}

static int start_zstd(struct unpack *unpack)
{
    if (!unpack->zstd)
        unpack->zstd = ZSTD_createDCtx();
    if (!unpack->zstd)
        return -1;
    ZSTD_DCtx_reset(unpack->zstd, ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return 0;
}

static int out_of_memory(void)
{
    errno = ENOMEM;
    return -1;
}

/* Unpacks some of the input. Returns 0 with what it made (perhaps nothing), or -1 with errno. */
static int step_gzip(struct unpack *unpack, void *into, size_t room, size_t *made)
{
    z_stream *zlib = &unpack->zlib;
    int code;

    if (!unpack->within)
        inflateReset(zlib);
    zlib->next_in = unpack->input + unpack->start;
    zlib->avail_in = (uInt)unpack->size;
    zlib->next_out = into;
    zlib->avail_out = (uInt)room;
    code = inflate(zlib, Z_NO_FLUSH);
    unpack->start += unpack->size - zlib->avail_in;
    unpack->size = zlib->avail_in;
    *made = room - zlib->avail_out;
    unpack->within = code != Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return out_of_memory();
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        unpack->damage = zlib->msg ? zlib->msg : "not gzip";
    return 0;
}

static int step_zstd(struct unpack *unpack, void *into, size_t room, size_t *made)
{
    ZSTD_inBuffer from = {unpack->input + unpack->start, unpack->size, 0};
    ZSTD_outBuffer to = {into, room, 0};
    size_t code = ZSTD_decompressStream(unpack->zstd, &to, &from);

    unpack->start += from.pos;
    unpack->size -= from.pos;
    *made = to.pos;
    unpack->within = code != 0;
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return out_of_memory();
    if (ZSTD_isError(code))
        unpack->damage = ZSTD_getErrorName(code);
    return 0;
}

static const struct {
    int (*start)(struct unpack *unpack);
    int (*step)(struct unpack *unpack, void *into, size_t room, size_t *made);
} formats[] = {
    [COMPRESSION_GZIP] = {start_gzip, step_gzip},
    [COMPRESSION_ZSTD] = {start_zstd, step_zstd},
};

void unpack_start(struct unpack *unpack, enum compression format, int fd)
{
    unpack->format = format;
    unpack->fd = fd;
    unpack->next = 0;
    unpack->at_end = unpack->within = false;
    unpack->damage = NULL;
    unpack->length = 0;
    unpack->crc = crc32(0, NULL, 0);
    unpack->start = unpack->size = 0;
    unpack->is_ready = formats[format].start(unpack) == 0;
}

static int fill(struct unpack *unpack)
{
    ssize_t n;

    do
        n = pread(unpack->fd, unpack->input, INPUT_SIZE, unpack->next);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    unpack->at_end = n == 0;
    unpack->start = 0;
    unpack->size = (size_t)n;
    unpack->next += n;
    return 0;
}

ssize_t unpack_read(struct unpack *unpack, void *into, size_t room)
{
    size_t made;

    if (!unpack->is_ready)
        return out_of_memory();
    while (!unpack->damage) {
        if (unpack->size == 0 && !unpack->at_end && fill(unpack))
            return -1;
        if (unpack->size == 0 && !unpack->within) {
            if (unpack->next == 0)
                unpack->damage = "it is empty";
            return 0;
        }

        /* Without input, what is left within the decoder comes out. */
        if (formats[unpack->format].step(unpack, into, room, &made))
            return -1;
        if (made == 0 && unpack->at_end && unpack->within && !unpack->damage)
            unpack->damage = "it is cut short";
        unpack->length += (int64_t)made;
        unpack->crc = crc32(unpack->crc, into, (uInt)made);
        if (made > 0)
            return (ssize_t)made;
    }
    return 0;
}

const char *unpack_damage(const struct unpack *unpack)
{
    return unpack->damage;
}

int64_t unpack_length(const struct unpack *unpack)
{
    return unpack->length;
}

unsigned long unpack_crc(const struct unpack *unpack)
{
    return unpack->crc;
}
