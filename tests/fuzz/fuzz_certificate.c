/* check/certificate: the texts of any certificate become one clean line of a record. */
#include "fuzz.h"

#include "check/certificate.h"
#include "model/verdict.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

enum { TEXT_MAX = 400 }; /* as in struct transfer */

/* Names of any bytes, in all types that names may have. */
static void add_names(X509_NAME *name, struct input *input)
{
    static const int parts[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName,
                                NID_countryName};
    static const int types[] = {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING, V_ASN1_T61STRING,
                                V_ASN1_BMPSTRING,  V_ASN1_UNIVERSALSTRING, V_ASN1_IA5STRING};

    for (int n = input_byte(input) % 4; n > 0; n--) {
        uint8_t kind = input_byte(input);
        size_t size;
        char *text = input_part(input, '\n', &size);

        X509_NAME_add_entry_by_NID(name, parts[kind % 4], types[kind / 4 % 6],
                                   (const unsigned char *)text, (int)size, -1, 0);
        free(text);
    }
}

static void add_alternatives(X509 *certificate, struct input *input)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();

    for (int n = input_byte(input) % 4; n > 0; n--) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        size_t size;
        char *bytes = input_part(input, '\n', &size);

        ASN1_STRING_set(text, bytes, (int)size);
        GENERAL_NAME_set0_value(name, size % 3 ? size % 4 ? GEN_DNS : GEN_IPADD : GEN_EMAIL, text);
        sk_GENERAL_NAME_push(names, name);
        free(bytes);
    }
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
    GENERAL_NAMES_free(names);
}

static void set_date(ASN1_TIME *when, struct input *input)
{
    size_t size;
    char *text = input_part(input, '\n', &size);

    if (size == 0)
        ASN1_TIME_set(when, (time_t)input_number(input, 5));
    else if (!ASN1_TIME_set_string(when, text))
        ASN1_STRING_set(when, text, (int)size);
    free(text);
}

static X509 *compose(struct input *input)
{
    X509 *certificate = X509_new();

    set_date(X509_getm_notBefore(certificate), input);
    set_date(X509_getm_notAfter(certificate), input);
    add_names(X509_get_subject_name(certificate), input);
    add_names(X509_get_issuer_name(certificate), input);
    add_alternatives(certificate, input);
    return certificate;
}

/* The text as it is in a record. */
static void judge(const char *text)
{
    static const struct domain domain = {.id = "d", .timeout_ms = 1000};
    struct exchange exchange = {.fault = FAULT_TLS, .detail = text, .bot_string = -1};
    struct check check;

    verdict_judge(&domain, &exchange, &check);
    must(check.status == STATUS_DOWN && strncmp(check.failure, "tls: ", 5) == 0, "it is down");
    must(strlen(check.failure) < FAILURE_MAX, "the failure fits");
    must_be_clean_line(check.failure, strlen(check.failure));
}

static void explain(X509 *certificate, int code, int depth)
{
    char text[TEXT_MAX] = "";
    X509_STORE_CTX *chain = X509_STORE_CTX_new();

    if (!chain || !X509_STORE_CTX_init(chain, NULL, certificate, NULL))
        abort();
    X509_STORE_CTX_set_error(chain, code);
    X509_STORE_CTX_set_error_depth(chain, depth);
    if (depth >= 0)
        X509_STORE_CTX_set_current_cert(chain, certificate);
    certificate_explain(chain, "h.example", text, sizeof text);
    must(strlen(text) < sizeof text, "the text fits");
    judge(text);
    X509_STORE_CTX_free(chain);
    certificate_explain_name(certificate, "h.example", text, sizeof text);
    judge(text);
}

/* The input: the code and depth of an error, whether to compose the certificate, then the
 * certificate. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    int code = input_byte(&input) % 100, depth = input_byte(&input) % 4 - 1;
    X509 *certificate;

    if (input_byte(&input) % 2) {
        certificate = compose(&input);
    } else {
        const unsigned char *der = input.at;

        certificate = d2i_X509(NULL, &der, (long)input.left);
    }
    if (certificate)
        explain(certificate, code, depth);
    X509_free(certificate);
    ERR_clear_error();
    return 0;
}
