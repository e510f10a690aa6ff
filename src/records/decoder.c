#include "records/decoder.h"

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

struct decoder {
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

/* Unpacks some of the input. Returns 0 with what it made (perhaps nothing), or -1 with errno. */
static int step_gzip(struct decoder *decoder, void *into, size_t room, size_t *made)
{
    z_stream *zlib = &decoder->zlib;
    int code;

    if (!decoder->within)
        inflateReset(zlib);
    zlib->next_in = decoder->input + decoder->start;
    zlib->avail_in = (uInt)decoder->size;
    zlib->next_out = into;
    zlib->avail_out = (uInt)room;
    code = inflate(zlib, Z_NO_FLUSH);
    decoder->start += decoder->size - zlib->avail_in;
    decoder->size = zlib->avail_in;
    *made = room - zlib->avail_out;
    decoder->within = code != Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return out_of_memory();
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        decoder->damage = zlib->msg ? zlib->msg : "not gzip";
    return 0;
}

static int step_zstd(struct decoder *decoder, void *into, size_t room, size_t *made)
{
    ZSTD_inBuffer from = {decoder->input + decoder->start, decoder->size, 0};
    ZSTD_outBuffer to = {into, room, 0};
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
    int (*step)(struct decoder *decoder, void *into, size_t room, size_t *made);
} formats[] = {
    [COMPRESSION_GZIP] = {start_gzip, step_gzip},
    [COMPRESSION_ZSTD] = {start_zstd, step_zstd},
};

void decoder_start(struct decoder *decoder, enum compression format, int fd)
{
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

static int fill(struct decoder *decoder)
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

ssize_t decoder_read(struct decoder *decoder, void *into, size_t room)
{
    size_t made;

    if (!decoder->is_ready)
        return out_of_memory();
    while (!decoder->damage) {
        if (decoder->size == 0 && !decoder->at_end && fill(decoder))
            return -1;
        if (decoder->size == 0 && !decoder->within) {
            if (decoder->next == 0)
                decoder->damage = "it is empty";
            return 0;
        }

        /* Without input, what is left within the decoder comes out. */
        if (formats[decoder->format].step(decoder, into, room, &made))
            return -1;
        if (made == 0 && decoder->at_end && decoder->within && !decoder->damage)
            decoder->damage = "it is cut short";
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
