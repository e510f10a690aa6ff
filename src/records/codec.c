/* Bytes -> a gzip or zstd file, and back. */
#include "records/codec.h"

#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    BLOCK_SIZE = 64 << 10,
    GZIP_WINDOW = 15 + 16, /* 32 KiB; + 16: with the header of gzip, not zlib */
    GZIP_MEMORY = 8,       /* zlib's default */
    ZSTD_LEVEL = 3,        /* zstd's default */
    WINDOW_LOG_MAX = 23,   /* 8 MiB of memory: enough for all levels but the "ultra" ones */
};

/* One direction of a codec. */
struct stream {
    enum compression format;
    int fd;
    off_t next; /* the file was read or written up to here */
    struct codec_content content;
};

struct encoder {
    struct stream stream;
    z_stream zlib;
    bool has_zlib;
    ZSTD_CCtx *zstd;
    unsigned char output[BLOCK_SIZE];
};

struct decoder {
    struct stream stream;
    bool is_ready; /* false: out of memory when it was started */
    bool at_end;   /* of the file */
    bool within;   /* a member (gzip) or frame (zstd) has begun and not ended */
    const char *damage;
    z_stream zlib;
    bool has_zlib;
    ZSTD_DCtx *zstd;
    size_t start, size; /* the part of the input that is not yet decompressed */
    unsigned char input[BLOCK_SIZE];
};

struct codec {
    struct encoder encoder;
    struct decoder decoder;
};

/* The blocks are not zeroed: most ticks compress nothing, and so never touch that memory. */
struct codec *codec_new(void)
{
    struct codec *codec = malloc(sizeof *codec);

    if (!codec)
        return NULL;
    memset(&codec->encoder, 0, offsetof(struct encoder, output));
    memset(&codec->decoder, 0, offsetof(struct decoder, input));
    return codec;
}

void codec_free(struct codec *codec)
{
    if (!codec)
        return;
    if (codec->encoder.has_zlib)
        deflateEnd(&codec->encoder.zlib);
    if (codec->decoder.has_zlib)
        inflateEnd(&codec->decoder.zlib);
    ZSTD_freeCCtx(codec->encoder.zstd);
    ZSTD_freeDCtx(codec->decoder.zstd);
    free(codec);
}

static int out_of_memory(void)
{
    errno = ENOMEM;
    return -1;
}

static void start_stream(struct stream *stream, enum compression format, int fd)
{
    assert(format == COMPRESSION_GZIP || format == COMPRESSION_ZSTD);
    *stream = (struct stream){.format = format, .fd = fd, .content.crc = crc32(0, NULL, 0)};
}

static void add_content(struct codec_content *content, const void *bytes, size_t size)
{
    content->length += (int64_t)size;
    if (size)
        content->crc = crc32(content->crc, bytes, (uInt)size);
}

static int start_deflating(struct encoder *encoder)
{
    if (encoder->has_zlib)
        return deflateReset(&encoder->zlib) == Z_OK ? 0 : -1;
    encoder->has_zlib = deflateInit2(&encoder->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                     GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
    return encoder->has_zlib ? 0 : -1;
}

static int start_zstd_frame(struct encoder *encoder)
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

int codec_start_encoding(struct codec *codec, enum compression format, int fd)
{
    struct encoder *encoder = &codec->encoder;

    start_stream(&encoder->stream, format, fd);
    if (format == COMPRESSION_GZIP ? start_deflating(encoder) : start_zstd_frame(encoder))
        return out_of_memory();
    return 0;
}

/* Writes the first bytes of the output to the file. */
static int write_output(struct encoder *encoder, size_t size)
{
    if (file_write_at(encoder->stream.fd, encoder->output, size, encoder->stream.next))
        return -1;
    encoder->stream.next += (off_t)size;
    return 0;
}

static int encode_gzip(struct encoder *encoder, const void *bytes, size_t size, bool last)
{
    z_stream *zlib = &encoder->zlib;

    /* zlib takes a pointer to non-const, but does not write to its input. */
    zlib->next_in = (unsigned char *)(uintptr_t)bytes;
    zlib->avail_in = (uInt)size;
    do {
        zlib->next_out = encoder->output;
        zlib->avail_out = BLOCK_SIZE;
        deflate(zlib, last ? Z_FINISH : Z_NO_FLUSH);
        if (write_output(encoder, BLOCK_SIZE - zlib->avail_out))
            return -1;
    } while (zlib->avail_out == 0);
    return 0;
}

static int encode_zstd(struct encoder *encoder, const void *bytes, size_t size, bool last)
{
    ZSTD_inBuffer from = {bytes, size, 0};
    size_t left;

    do {
        ZSTD_outBuffer to = {encoder->output, BLOCK_SIZE, 0};

        left = ZSTD_compressStream2(encoder->zstd, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return out_of_memory();
        if (write_output(encoder, to.pos))
            return -1;
    } while (last ? left > 0 : from.pos < from.size);
    return 0;
}

int codec_encode(struct codec *codec, const void *bytes, size_t size, bool last)
{
    struct encoder *encoder = &codec->encoder;

    add_content(&encoder->stream.content, bytes, size);
    return encoder->stream.format == COMPRESSION_GZIP ? encode_gzip(encoder, bytes, size, last)
                                                      : encode_zstd(encoder, bytes, size, last);
}

struct codec_content codec_encoded(const struct codec *codec)
{
    return codec->encoder.stream.content;
}

static bool start_inflating(struct decoder *decoder)
{
    decoder->has_zlib = decoder->has_zlib || inflateInit2(&decoder->zlib, GZIP_WINDOW) == Z_OK;
    return decoder->has_zlib;
}

static bool start_reading_zstd(struct decoder *decoder)
{
    if (!decoder->zstd)
        decoder->zstd = ZSTD_createDCtx();
    if (!decoder->zstd)
        return false;
    ZSTD_DCtx_reset(decoder->zstd, ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(decoder->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return true;
}

void codec_start_decoding(struct codec *codec, enum compression format, int fd)
{
    struct decoder *decoder = &codec->decoder;

    start_stream(&decoder->stream, format, fd);
    decoder->at_end = decoder->within = false;
    decoder->damage = NULL;
    decoder->start = decoder->size = 0;
    decoder->is_ready =
        format == COMPRESSION_GZIP ? start_inflating(decoder) : start_reading_zstd(decoder);
}

/*
 * Decompresses some of the input. Returns 0 and sets *made to the number of bytes given, which may
 * be 0; or -1 with errno.
 */
static int decode_gzip(struct decoder *decoder, void *into, size_t size, size_t *made)
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

/* The same for zstd. */
static int decode_zstd(struct decoder *decoder, void *into, size_t size, size_t *made)
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

static int read_input(struct decoder *decoder)
{
    ssize_t n;

    do
        n = pread(decoder->stream.fd, decoder->input, BLOCK_SIZE, decoder->stream.next);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    decoder->at_end = n == 0;
    decoder->start = 0;
    decoder->size = (size_t)n;
    decoder->stream.next += n;
    return 0;
}

ssize_t codec_decode(struct codec *codec, void *into, size_t size)
{
    struct decoder *decoder = &codec->decoder;
    size_t made;

    assert(size > 0 && size <= UINT32_MAX);
    if (!decoder->is_ready)
        return out_of_memory();
    while (!decoder->damage) {
        if (decoder->size == 0 && !decoder->at_end && read_input(decoder))
            return -1;
        if (decoder->size == 0 && !decoder->within) {
            if (decoder->stream.next == 0)
                decoder->damage = "empty";
            return 0;
        }

        /* At the end of the file there is no input, but the library may still hold bytes. */
        if (decoder->stream.format == COMPRESSION_GZIP ? decode_gzip(decoder, into, size, &made)
                                                       : decode_zstd(decoder, into, size, &made))
            return -1;
        if (made == 0 && decoder->at_end && decoder->within && !decoder->damage)
            decoder->damage = "cut short";
        add_content(&decoder->stream.content, into, made);
        if (made > 0)
            return (ssize_t)made;
    }
    return 0;
}

struct codec_content codec_decoded(const struct codec *codec)
{
    return codec->decoder.stream.content;
}

const char *codec_damage(const struct codec *codec)
{
    return codec->decoder.damage;
}
