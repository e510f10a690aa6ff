/* Texts for certificates that are expired, not trusted or for another name. */
#include "check/certificate.h"

#include "base/text.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Sizes of texts, with the NUL. */
enum { NAME_SIZE = 200, SUBJECT_SIZE = NAME_SIZE + 32, DATE_SIZE = 32 };

static void write_date(const ASN1_TIME *when, char text[DATE_SIZE])
{
    struct tm date;

    if (!ASN1_TIME_to_tm(when, &date) || !strftime(text, DATE_SIZE, "%Y-%m-%d", &date))
        snprintf(text, DATE_SIZE, "at an unreadable date");
}

/* Writes a name, which may be in wide characters and may contain a NUL. Returns false if it has no
 * text. */
static bool write_text(const ASN1_STRING *string, char text[NAME_SIZE])
{
    unsigned char *utf8 = NULL;
    int length;

    /* An invalid string adds an error to OpenSSL's queue, which libcurl would take for an error of
     * the handshake. */
    ERR_set_mark();
    length = ASN1_STRING_to_UTF8(&utf8, string);
    ERR_pop_to_mark();
    text_one_line(text, NAME_SIZE, (const char *)utf8, length > 0 ? (size_t)length : 0);
    OPENSSL_free(utf8);
    return *text != '\0';
}

/* Writes the name by which people know the owner or issuer of a certificate. */
static void write_name(const X509_NAME *name, char text[NAME_SIZE])
{
    static const int parts[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int at = X509_NAME_get_index_by_NID(name, parts[i], -1);

        if (at >= 0 && write_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)), text))
            return;
    }
    snprintf(text, NAME_SIZE, "no name");
}

/* "certificate" for the server's own one (depth 0); for others of the chain, with its name. */
static void write_subject(const X509 *certificate, int depth, char text[SUBJECT_SIZE])
{
    char name[NAME_SIZE];

    if (depth == 0 || !certificate) {
        snprintf(text, SUBJECT_SIZE, "certificate");
        return;
    }
    write_name(X509_get_subject_name(certificate), name);
    snprintf(text, SUBJECT_SIZE, "certificate of issuer \"%s\"", name);
}

/* Writes that the certificate has expired or is not valid yet. Returns the length of the text, or
 * 0 if its dates are good. */
static int explain_dates(const X509 *certificate, int depth, char *into, size_t size)
{
    const ASN1_TIME *begin = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    char subject[SUBJECT_SIZE], date[DATE_SIZE];

    write_subject(certificate, depth, subject);
    if (X509_cmp_current_time(end) < 0) {
        write_date(end, date);
        return snprintf(into, size, "%s expired on %s", subject, date);
    }
    if (X509_cmp_current_time(begin) > 0) {
        write_date(begin, date);
        return snprintf(into, size, "%s is not valid before %s", subject, date);
    }
    return 0;
}

static void explain_code(int code, const X509 *certificate, char *into, size_t size)
{
    char name[NAME_SIZE];

    switch (code) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(into, size, "self-signed certificate");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        write_name(X509_get_issuer_name(certificate), name);
        snprintf(into, size, "certificate issuer \"%s\" is not trusted", name);
        break;
    default:
        snprintf(into, size, "%s", X509_verify_cert_error_string(code));
    }
}

void certificate_explain(X509_STORE_CTX *chain, char *into, size_t size)
{
    int code = X509_STORE_CTX_get_error(chain);
    const X509 *at = X509_STORE_CTX_get_current_cert(chain);
    const X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int n = 0;

    if (at && (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID)) {
        explain_dates(at, X509_STORE_CTX_get_error_depth(chain), into, size);
        return;
    }

    /* OpenSSL looks for the issuer before it looks at the dates; the owner wants to know both. */
    if (leaf)
        n = explain_dates(leaf, 0, into, size);
    if (n > 0 && (size_t)n + 2 < size)
        n += snprintf(into + n, size - (size_t)n, "; ");
    if (n >= 0 && (size_t)n < size)
        explain_code(code, at ? at : leaf, into + n, size - (size_t)n);
}

/* Writes the first name that the certificate is for, and returns how many more there are. */
static size_t write_first_name(const X509 *leaf, char text[NAME_SIZE])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    size_t n = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_DNS)
            continue;
        if (n++ == 0)
            text_one_line(text, NAME_SIZE, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                          (size_t)ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    if (n == 0)
        write_name(X509_get_subject_name(leaf), text);
    return n > 1 ? n - 1 : 0;
}

void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t size)
{
    char name[NAME_SIZE];
    size_t more = write_first_name(leaf, name);

    if (more == 0)
        snprintf(into, size, "certificate is for %s, not %s", name, host);
    else
        snprintf(into, size, "certificate is for %s (and %zu more name%s), not %s", name, more,
                 more == 1 ? "" : "s", host);
}
