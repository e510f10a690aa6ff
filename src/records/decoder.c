/* A gzip or zstd file -> its bytes. */
#include "records/decoder.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    INPUT_SIZE = 64 << 10,
    WINDOW_LOG_MAX = 23,   /* 8 MiB of memory: enough for all levels but the "ultra" ones */
    GZIP_WINDOW = 15 + 16, /* 32 KiB; + 16: expect the header of gzip, not zlib */
};

struct decoder {
    enum compression format;
    int fd;
    off_t next;    /* the file was read up to here */
    bool is_ready; /* false: out of memory when it was started */
    bool at_end;   /* of the file */
    bool within;   /* a member (gzip) or frame (zstd) has begun and not ended */
    const char *damage;
    int64_t length;
    uLong crc;
    z_stream zlib;
    bool has_zlib;
    ZSTD_DCtx *zstd;
    size_t start, size; /* the part of the input that is not yet decompressed */
    unsigned char input[INPUT_SIZE];
};

struct decoder *decoder_new(void)
{
    return calloc(1, sizeof(struct decoder));
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    if (decoder->has_zlib)
        inflateEnd(&decoder->zlib);
    ZSTD_freeDCtx(decoder->zstd);
    free(decoder);
}

static int start_gzip(struct decoder *decoder)
{
    decoder->has_zlib = decoder->has_zlib || inflateInit2(&decoder->zlib, GZIP_WINDOW) == Z_OK;
    return decoder->has_zlib ? 0 : -1;
}

static int start_zstd(struct decoder *decoder)
{
    if (!decoder->zstd)
        decoder->zstd = ZSTD_createDCtx();
    if (!decoder->zstd)
        return -1;
    ZSTD_DCtx_reset(decoder->zstd, ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(decoder->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return 0;
}

static int out_of_memory(void)
{
    errno = ENOMEM;
    return -1;
}

/*
 * Decompresses some of the input. Returns 0 and sets *made to the number of bytes given, which may
 * be 0; or -1 with errno.
 */
static int step_gzip(struct decoder *decoder, void *into, size_t size, size_t *made)
{
    z_stream *zlib = &decoder->zlib;
    int code;

    if (!decoder->within)
        inflateReset(zlib);
    zlib->next_in = decoder->input + decoder->start;
    zlib->avail_in = (uInt)decoder->size;
    zlib->next_out = into;
    zlib->avail_out = (uInt)size;
    code = inflate(zlib, Z_NO_FLUSH);
    decoder->start += decoder->size - zlib->avail_in;
    decoder->size = zlib->avail_in;
    *made = size - zlib->avail_out;
    decoder->within = code != Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return out_of_memory();
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        decoder->damage = zlib->msg ? zlib->msg : "not gzip";
    return 0;
}

static int step_zstd(struct decoder *decoder, void *into, size_t size, size_t *made)
{
    ZSTD_inBuffer from = {decoder->input + decoder->start, decoder->size, 0};
    ZSTD_outBuffer to = {into, size, 0};
    size_t code = ZSTD_decompressStream(decoder->zstd, &to, &from);

    decoder->start += from.pos;
    decoder->size -= from.pos;
    *made = to.pos;
    decoder->within = code != 0;
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return out_of_memory();
    if (ZSTD_isError(code))
        decoder->damage = ZSTD_getErrorName(code);
    return 0;
}

static const struct {
    int (*start)(struct decoder *decoder);
    int (*step)(struct decoder *decoder, void *into, size_t size, size_t *made);
} formats[] = {
    [COMPRESSION_GZIP] = {start_gzip, step_gzip},
    [COMPRESSION_ZSTD] = {start_zstd, step_zstd},
};

void decoder_start(struct decoder *decoder, enum compression format, int fd)
{
    assert(format == COMPRESSION_GZIP || format == COMPRESSION_ZSTD);
    decoder->format = format;
    decoder->fd = fd;
    decoder->next = 0;
    decoder->at_end = decoder->within = false;
    decoder->damage = NULL;
    decoder->length = 0;
    decoder->crc = crc32(0, NULL, 0);
    decoder->start = decoder->size = 0;
    decoder->is_ready = formats[format].start(decoder) == 0;
}

static int read_input(struct decoder *decoder)
{
    ssize_t n;

    do
        n = pread(decoder->fd, decoder->input, INPUT_SIZE, decoder->next);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    decoder->at_end = n == 0;
    decoder->start = 0;
    decoder->size = (size_t)n;
    decoder->next += n;
    return 0;
}

ssize_t decoder_read(struct decoder *decoder, void *into, size_t size)
{
    size_t made;

    assert(size > 0 && size <= UINT32_MAX);
    if (!decoder->is_ready)
        return out_of_memory();
    while (!decoder->damage) {
        if (decoder->size == 0 && !decoder->at_end && read_input(decoder))
            return -1;
        if (decoder->size == 0 && !decoder->within) {
            if (decoder->next == 0)
                decoder->damage = "empty";
            return 0;
        }

        /* At the end of the file there is no input, but the library may still hold bytes. */
        if (formats[decoder->format].step(decoder, into, size, &made))
            return -1;
        if (made == 0 && decoder->at_end && decoder->within && !decoder->damage)
            decoder->damage = "cut short";
        decoder->length += (int64_t)made;
        decoder->crc = crc32(decoder->crc, into, (uInt)made);
        if (made > 0)
            return (ssize_t)made;
    }
    return 0;
}

const char *decoder_damage(const struct decoder *decoder)
{
    return decoder->damage;
}

int64_t decoder_length(const struct decoder *decoder)
{
    return decoder->length;
}

unsigned long decoder_crc(const struct decoder *decoder)
{
    return decoder->crc;
}
