/* Bytes -> a gzip or zstd file. */
#include "records/encoder.h"

#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    OUTPUT_SIZE = 64 << 10,
    GZIP_WINDOW = 15 + 16, /* 32 KiB; + 16: with the header of gzip, not zlib */
    GZIP_MEMORY = 8,       /* zlib's default */
    ZSTD_LEVEL = 3,        /* zstd's default */
};

struct encoder {
    enum compression format;
    int fd;
    off_t next;     /* the size of the file so far */
    int64_t length; /* of the bytes before compression */
    uLong crc;      /* of the same */
    z_stream zlib;
    bool has_zlib;
    ZSTD_CCtx *zstd;
    unsigned char output[OUTPUT_SIZE];
};

struct encoder *encoder_new(void)
{
    return calloc(1, sizeof(struct encoder));
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    if (encoder->has_zlib)
        deflateEnd(&encoder->zlib);
    ZSTD_freeCCtx(encoder->zstd);
    free(encoder);
}

static int start_gzip(struct encoder *encoder)
{
    if (encoder->has_zlib)
        return deflateReset(&encoder->zlib) == Z_OK ? 0 : -1;
    encoder->has_zlib = deflateInit2(&encoder->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                     GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
    return encoder->has_zlib ? 0 : -1;
}

static int start_zstd(struct encoder *encoder)
{
    if (!encoder->zstd)
        encoder->zstd = ZSTD_createCCtx();
    if (!encoder->zstd)
        return -1;
    ZSTD_CCtx_reset(encoder->zstd, ZSTD_reset_session_only);
    ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_checksumFlag, 1);
    return 0;
}

/* Writes the first bytes of the output to the file. */
static int write_output(struct encoder *encoder, size_t size)
{
    if (file_write_at(encoder->fd, encoder->output, size, encoder->next))
        return -1;
    encoder->next += (off_t)size;
    return 0;
}

static int write_gzip(struct encoder *encoder, const void *bytes, size_t size, bool last)
{
    z_stream *zlib = &encoder->zlib;

    /* zlib takes a pointer to non-const, but does not write to its input. */
    zlib->next_in = (unsigned char *)(uintptr_t)bytes;
    zlib->avail_in = (uInt)size;
    do {
        zlib->next_out = encoder->output;
        zlib->avail_out = OUTPUT_SIZE;
        deflate(zlib, last ? Z_FINISH : Z_NO_FLUSH);
        if (write_output(encoder, OUTPUT_SIZE - zlib->avail_out))
            return -1;
    } while (zlib->avail_out == 0);
    return 0;
}

static int write_zstd(struct encoder *encoder, const void *bytes, size_t size, bool last)
{
    ZSTD_inBuffer from = {bytes, size, 0};
    size_t left;

    do {
        ZSTD_outBuffer to = {encoder->output, OUTPUT_SIZE, 0};

        left = ZSTD_compressStream2(encoder->zstd, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            errno = ENOMEM;
            return -1;
        }
        if (write_output(encoder, to.pos))
            return -1;
    } while (last ? left > 0 : from.pos < from.size);
    return 0;
}

static const struct {
    int (*start)(struct encoder *encoder);
    int (*write)(struct encoder *encoder, const void *bytes, size_t size, bool last);
} formats[] = {
    [COMPRESSION_GZIP] = {start_gzip, write_gzip},
    [COMPRESSION_ZSTD] = {start_zstd, write_zstd},
};

int encoder_start(struct encoder *encoder, enum compression format, int fd)
{
    assert(format == COMPRESSION_GZIP || format == COMPRESSION_ZSTD);
    encoder->format = format;
    encoder->fd = fd;
    encoder->next = 0;
    encoder->length = 0;
    encoder->crc = crc32(0, NULL, 0);
    if (formats[format].start(encoder) == 0)
        return 0;
    errno = ENOMEM;
    return -1;
}

int encoder_write(struct encoder *encoder, const void *bytes, size_t size, bool last)
{
    encoder->length += (int64_t)size;
    if (size)
        encoder->crc = crc32(encoder->crc, bytes, (uInt)size);
    return formats[encoder->format].write(encoder, bytes, size, last);
}

int64_t encoder_length(const struct encoder *encoder)
{
    return encoder->length;
}

unsigned long encoder_crc(const struct encoder *encoder)
{
    return encoder->crc;
}
