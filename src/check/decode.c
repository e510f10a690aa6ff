/* Decodes compressed bodies. libcurl refuses what browsers accept. */
#include "check/decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#ifdef UPTICK_BROTLI
#include <brotli/decode.h>
#endif

enum { OUT_SIZE = 16 << 10, SNIFFED = 2 };

/* zlib's window bits select the format. */
enum { FORMAT_ZLIB = 15, FORMAT_GZIP = 15 + 16, FORMAT_RAW = -15 };

#ifdef UPTICK_BROTLI
const char decode_accepted[] = "gzip, deflate, br";
#else
const char decode_accepted[] = "gzip, deflate";
#endif

static const struct {
    const char *name;
    enum coding coding;
} names[] = {
    {"gzip", CODING_GZIP},
    {"x-gzip", CODING_GZIP},
    {"deflate", CODING_DEFLATE},
#ifdef UPTICK_BROTLI
    {"br", CODING_BROTLI},
#endif
};

/* One coding of the body. */
struct decode_stage {
    enum coding coding;
    bool ended;                   /* what follows is ignored */
    bool has_first;               /* a whole gzip member was read */
    unsigned char start[SNIFFED]; /* of the body, until the format of deflate is known */
    size_t n_start;
    z_stream zlib;
    bool has_zlib;
#ifdef UPTICK_BROTLI
    BrotliDecoderState *brotli;
#endif
    unsigned char out[OUT_SIZE];
};

/* What all stages of one call need. */
struct pass {
    struct decode *decode;
    decode_sink *sink;
    void *context;
};

int decode_add_codings(struct codings *codings, const char *value, size_t size)
{
    static const char separators[] = ", \t";

    for (size_t length; size > 0; value += length, size -= length) {
        for (length = 0; length < size && strchr(separators, value[length]); length++)
            ;
        value += length;
        size -= length;
        for (length = 0; length < size && !strchr(separators, value[length]); length++)
            ;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (strlen(names[i].name) != length || strncasecmp(names[i].name, value, length) != 0)
                continue;
            if (codings->n == CODINGS_MAX)
                return -1;
            codings->list[codings->n++] = names[i].coding;
        }
    }
    return 0;
}

/* Passes bytes to the coding that was applied before the nth last one. */
static enum decode_result pass_on(const struct pass *pass, size_t n, const unsigned char *bytes,
                                  size_t size);

static enum decode_result start_zlib(struct decode_stage *stage, int format)
{
    stage->has_zlib = inflateInit2(&stage->zlib, format) == Z_OK;
    if (!stage->has_zlib)
        return DECODE_NO_MEMORY;

        /* Browsers do not compare the checksum at the end. */
#if ZLIB_VERNUM >= 0x12b0
    inflateValidate(&stage->zlib, 0);
#endif
    return DECODE_MORE;
}

/* What a result of zlib means for the body. */
static enum decode_result end_step(struct decode_stage *stage, int code)
{
    if (code == Z_OK || code == Z_BUF_ERROR)
        return DECODE_MORE;
    if (code == Z_MEM_ERROR)
        return DECODE_NO_MEMORY;
    if (code != Z_STREAM_END && !stage->has_first)
        return DECODE_BAD;

    /* Another gzip member may follow, or bytes that belong to nothing. */
    stage->ended =
        code != Z_STREAM_END || stage->coding != CODING_GZIP || inflateReset(&stage->zlib) != Z_OK;
    stage->has_first = true;
    return DECODE_MORE;
}

static enum decode_result inflate_all(const struct pass *pass, size_t n, const unsigned char *bytes,
                                      size_t size)
{
    struct decode_stage *stage = pass->decode->stages[n - 1];
    z_stream *zlib = &stage->zlib;
    enum decode_result result = DECODE_MORE;

    zlib->next_in = (unsigned char *)bytes;
    zlib->avail_in = (uInt)size;
    do {
        int code;

        zlib->next_out = stage->out;
        zlib->avail_out = OUT_SIZE;
        code = inflate(zlib, Z_SYNC_FLUSH);
        if (zlib->avail_out < OUT_SIZE)
            result = pass_on(pass, n - 1, stage->out, OUT_SIZE - zlib->avail_out);
        if (result == DECODE_MORE)
            result = end_step(stage, code);
    } while (result == DECODE_MORE && !stage->ended &&
             (zlib->avail_in > 0 || zlib->avail_out == 0));
    return result;
}

/* Servers call three formats "deflate"; browsers see from its start which one it is. */
static int deflate_format(const unsigned char start[SNIFFED])
{
    if (start[0] == 0x1f && start[1] == 0x8b)
        return FORMAT_GZIP;
    return (start[0] & 15) == Z_DEFLATED && (start[0] << 8 | start[1]) % 31 == 0 ? FORMAT_ZLIB
                                                                                 : FORMAT_RAW;
}

static enum decode_result inflate_deflate(const struct pass *pass, size_t n,
                                          const unsigned char *bytes, size_t size)
{
    struct decode_stage *stage = pass->decode->stages[n - 1];
    enum decode_result result = DECODE_MORE;

    for (; size > 0 && stage->n_start < SNIFFED; bytes++, size--)
        stage->start[stage->n_start++] = *bytes;
    if (stage->n_start < SNIFFED)
        return DECODE_MORE;
    if (!stage->has_zlib) {
        result = start_zlib(stage, deflate_format(stage->start));
        if (result == DECODE_MORE)
            result = inflate_all(pass, n, stage->start, SNIFFED);
    }
    if (result == DECODE_MORE && !stage->ended && size > 0)
        result = inflate_all(pass, n, bytes, size);
    return result;
}

static enum decode_result inflate_gzip(const struct pass *pass, size_t n,
                                       const unsigned char *bytes, size_t size)
{
    struct decode_stage *stage = pass->decode->stages[n - 1];
    enum decode_result result = DECODE_MORE;

    if (!stage->has_zlib)
        result = start_zlib(stage, FORMAT_GZIP);
    return result == DECODE_MORE ? inflate_all(pass, n, bytes, size) : result;
}

#ifdef UPTICK_BROTLI
static enum decode_result decode_brotli(const struct pass *pass, size_t n,
                                        const unsigned char *bytes, size_t size)
{
    struct decode_stage *stage = pass->decode->stages[n - 1];
    enum decode_result result = DECODE_MORE;
    BrotliDecoderErrorCode error;
    BrotliDecoderResult code;

    if (!stage->brotli && !(stage->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL)))
        return DECODE_NO_MEMORY;
    do {
        unsigned char *out = stage->out;
        size_t unused = OUT_SIZE;

        code = BrotliDecoderDecompressStream(stage->brotli, &size, &bytes, &unused, &out, NULL);
        if (unused < OUT_SIZE)
            result = pass_on(pass, n - 1, stage->out, OUT_SIZE - unused);
    } while (result == DECODE_MORE && code == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
    stage->ended = code == BROTLI_DECODER_RESULT_SUCCESS;
    if (result != DECODE_MORE || code != BROTLI_DECODER_RESULT_ERROR)
        return result;
    error = BrotliDecoderGetErrorCode(stage->brotli);
    return error <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                   error >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? DECODE_NO_MEMORY
               : DECODE_BAD;
}
#endif

typedef enum decode_result decoder(const struct pass *pass, size_t n, const unsigned char *bytes,
                                   size_t size);

static decoder *const decoders[] = {
    [CODING_GZIP] = inflate_gzip,
    [CODING_DEFLATE] = inflate_deflate,
#ifdef UPTICK_BROTLI
    [CODING_BROTLI] = decode_brotli,
#endif
};

static enum decode_result pass_on(const struct pass *pass, size_t n, const unsigned char *bytes,
                                  size_t size)
{
    struct decode *decode = pass->decode;

    if (n == 0)
        return pass->sink(pass->context, (const char *)bytes, size) ? DECODE_MORE : DECODE_ENDED;
    if (n < decode->codings.n && (decode->left -= (int64_t)size) < 0)
        return DECODE_ENDED;
    if (!decode->stages[n - 1]) {
        decode->stages[n - 1] = calloc(1, sizeof *decode->stages[0]);
        if (!decode->stages[n - 1])
            return DECODE_NO_MEMORY;
        decode->stages[n - 1]->coding = decode->codings.list[n - 1];
    }
    if (decode->stages[n - 1]->ended)
        return DECODE_MORE;
    return decoders[decode->codings.list[n - 1]](pass, n, bytes, size);
}

enum decode_result decode_feed(struct decode *decode, const char *bytes, size_t size,
                               decode_sink *sink, void *context)
{
    struct pass pass = {decode, sink, context};

    return pass_on(&pass, decode->codings.n, (const unsigned char *)bytes, size);
}

void decode_free(struct decode *decode)
{
    for (size_t i = 0; i < decode->codings.n; i++) {
        struct decode_stage *stage = decode->stages[i];

        if (stage && stage->has_zlib)
            inflateEnd(&stage->zlib);
#ifdef UPTICK_BROTLI
        if (stage && stage->brotli)
            BrotliDecoderDestroyInstance(stage->brotli);
#endif
        free(stage);
    }
    *decode = (struct decode){.left = 0};
}
