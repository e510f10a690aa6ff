#include "records/encoder.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    OUTPUT_SIZE = 64 << 10,
    GZIP_WINDOW = 15 + 16,
    GZIP_MEMORY = 8,
    ZSTD_LEVEL = 3,
};

struct pack {
    enum compression format;
    int fd;
    off_t next; /* where the file goes on */
    int64_t length;
    uLong crc;
    z_stream zlib;
    bool has_zlib;
    ZSTD_CCtx *zstd;
    unsigned char output[OUTPUT_SIZE];
};

struct pack *encoder_new(void)
{
    return calloc(1, sizeof(struct pack));
}

void encoder_free(struct pack *pack)
{
    if (!pack)
        return;
    if (pack->has_zlib)
        deflateEnd(&pack->zlib);
    ZSTD_freeCCtx(pack->zstd);
    free(pack);
}

static int start_gzip(struct pack *pack)
{
    if (pack->has_zlib)
        return deflateReset(&pack->zlib) == Z_OK ? 0 : -1;
    pack->has_zlib = deflateInit2(&pack->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                  GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
    return pack->has_zlib ? 0 : -1;
}

static int start_zstd(struct pack *pack)
{
    if (!pack->zstd)
        pack->zstd = ZSTD_createCCtx();
    if (!pack->zstd)
        return -1;
    ZSTD_CCtx_reset(pack->zstd, ZSTD_reset_session_only);
    ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(pack->zstd, ZSTD_c_checksumFlag, 1);
    return 0;
}

/* Writes out what stands in the output. */
static int put(struct pack *pack, size_t size)
{
    if (file_write_at(pack->fd, pack->output, size, pack->next))
        return -1;
    pack->next += (off_t)size;
    return 0;
}

static int write_gzip(struct pack *pack, const void *bytes, size_t size, bool last)
{
    z_stream *zlib = &pack->zlib;

    /* zlib does not write to its input. */
    zlib->next_in = (unsigned char *)(uintptr_t)bytes;
    zlib->avail_in = (uInt)size;
    do {
        zlib->next_out = pack->output;
        zlib->avail_out = OUTPUT_SIZE;
        deflate(zlib, last ? Z_FINISH : Z_NO_FLUSH);
        if (put(pack, OUTPUT_SIZE - zlib->avail_out))
            return -1;
    } while (zlib->avail_out == 0);
    return 0;
}

static int write_zstd(struct pack *pack, const void *bytes, size_t size, bool last)
{
    ZSTD_inBuffer from = {bytes, size, 0};
    size_t left;

    do {
        ZSTD_outBuffer to = {pack->output, OUTPUT_SIZE, 0};

        left = ZSTD_compressStream2(pack->zstd, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            errno = ENOMEM;
            return -1;
        }
        if (put(pack, to.pos))
            return -1;
    } while (last ? left > 0 : from.pos < from.size);
    return 0;
}

static const struct {
    int (*start)(struct pack *pack);
    int (*write)(struct pack *pack, const void *bytes, size_t size, bool last);
} formats[] = {
    [COMPRESSION_GZIP] = {start_gzip, write_gzip},
    [COMPRESSION_ZSTD] = {start_zstd, write_zstd},
};

int encoder_start(struct pack *pack, enum compression format, int fd)
{
    pack->format = format;
    pack->fd = fd;
    pack->next = 0;
    pack->length = 0;
    pack->crc = crc32(0, NULL, 0);
    if (formats[format].start(pack) == 0)
        return 0;
    errno = ENOMEM;
    return -1;
}

int encoder_write(struct pack *pack, const void *bytes, size_t size, bool last)
{
    pack->length += (int64_t)size;
    if (size)
        pack->crc = crc32(pack->crc, bytes, (uInt)size);
    return formats[pack->format].write(pack, bytes, size, last);
}

int64_t encoder_length(const struct pack *pack)
{
    return pack->length;
}

unsigned long encoder_crc(const struct pack *pack)
{
    return pack->crc;
}
