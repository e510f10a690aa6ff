/* Hashes for the ids of mails, and signatures of requests. */
#include "alert/sign.h"

#include "base/buffer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static void write_hex(const unsigned char *bytes, size_t size, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        *hex++ = digits[bytes[i] >> 4];
        *hex++ = digits[bytes[i] & 0xf];
    }
    *hex = '\0';
}

/* OpenSSL keeps errors for whoever asks the thread next. */
static int forget_error(void)
{
    ERR_clear_error();
    return -1;
}

int sign_hash(const char *bytes, size_t size, char hex[SIGN_HEX_MAX])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n;

    if (!EVP_Digest(bytes, size, hash, &n, EVP_sha256(), NULL))
        return forget_error();
    write_hex(hash, n, hex);
    return 0;
}

int sign_body(const char *secret, long long time, const char *body, size_t size,
              char hex[SIGN_HEX_MAX])
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int result = 0;

    buffer_printf(&text, "%lld.", time);
    buffer_append(&text, body, size);
    if (!text.failed && HMAC(EVP_sha256(), secret, (int)strlen(secret),
                             (const unsigned char *)text.data, text.size, hash, &n))
        write_hex(hash, n, hex);
    else
        result = forget_error();
    buffer_free(&text);
    return result;
}
