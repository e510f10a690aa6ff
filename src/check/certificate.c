#include "check/certificate.h"

#include "base/text.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The room for a name and for a date. */
enum { NAME_ROOM = 200, DATE_ROOM = 32 };

static void write_date(const ASN1_TIME *when, char text[DATE_ROOM])
{
    struct tm date;

    if (!ASN1_TIME_to_tm(when, &date) || !strftime(text, DATE_ROOM, "%Y-%m-%d", &date))
        snprintf(text, DATE_ROOM, "at an unreadable date");
}

/* A name may be in wide characters, and may hold a NUL. Returns whether there is any text. */
static bool write_text(const ASN1_STRING *string, char text[NAME_ROOM])
{
    unsigned char *utf8 = NULL;
    int size;

    /* What is not of its own type is an error to OpenSSL, but none of the handshake's. */
    ERR_set_mark();
    size = ASN1_STRING_to_UTF8(&utf8, string);
    ERR_pop_to_mark();
    text_one_line(text, NAME_ROOM, (const char *)utf8, size > 0 ? (size_t)size : 0);
    OPENSSL_free(utf8);
    return *text != '\0';
}

/* What a person knows a certificate's owner or issuer by. */
static void write_name(const X509_NAME *name, char text[NAME_ROOM])
{
    static const int parts[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int at = X509_NAME_get_index_by_NID(name, parts[i], -1);

        if (at >= 0 && write_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)), text))
            return;
    }
    snprintf(text, NAME_ROOM, "no name");
}

/* "certificate", or which of the chain's it is where it is not the server's own. */
static void write_subject(const X509 *certificate, int depth, char text[NAME_ROOM + 32])
{
    char name[NAME_ROOM];

    if (depth == 0 || !certificate) {
        snprintf(text, NAME_ROOM + 32, "certificate");
        return;
    }
    write_name(X509_get_subject_name(certificate), name);
    snprintf(text, NAME_ROOM + 32, "certificate of issuer \"%s\"", name);
}

/* Says so where the certificate is past its end, or before its begin. */
static int explain_dates(const X509 *certificate, int depth, char *into, size_t room)
{
    const ASN1_TIME *begin = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    char subject[NAME_ROOM + 32], date[DATE_ROOM];

    write_subject(certificate, depth, subject);
    if (X509_cmp_current_time(end) < 0) {
        write_date(end, date);
        return snprintf(into, room, "%s expired %s", subject, date);
    }
    if (X509_cmp_current_time(begin) > 0) {
        write_date(begin, date);
        return snprintf(into, room, "%s not valid before %s", subject, date);
    }
    return 0;
}

static int is_of_dates(int code)
{
    return code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID;
}

static void explain_code(int code, const X509 *certificate, char *into, size_t room)
{
    char name[NAME_ROOM];

    switch (code) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(into, room, "self-signed certificate");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        write_name(X509_get_issuer_name(certificate), name);
        snprintf(into, room, "unknown issuer \"%s\"", name);
        break;
    default:
        snprintf(into, room, "%s", X509_verify_cert_error_string(code));
    }
}

void certificate_explain(X509_STORE_CTX *chain, char *into, size_t room)
{
    int code = X509_STORE_CTX_get_error(chain);
    const X509 *at = X509_STORE_CTX_get_current_cert(chain);
    const X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int n = 0;

    if (is_of_dates(code) && at) {
        explain_dates(at, X509_STORE_CTX_get_error_depth(chain), into, room);
        return;
    }

    /* The search for an issuer ends before the dates are looked at; the owner wants both. */
    if (leaf)
        n = explain_dates(leaf, 0, into, room);
    if (n > 0 && (size_t)n + 2 < room)
        n += snprintf(into + n, room - (size_t)n, "; ");
    if (n >= 0 && (size_t)n < room)
        explain_code(code, at ? at : leaf, into + n, room - (size_t)n);
}

/* The first name that it is made out to, and how many more there are. */
static size_t first_name(const X509 *leaf, char text[NAME_ROOM])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    size_t n = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_DNS)
            continue;
        if (n++ == 0)
            text_one_line(text, NAME_ROOM, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                          (size_t)ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
    if (n == 0)
        write_name(X509_get_subject_name(leaf), text);
    return n > 1 ? n - 1 : 0;
}

void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t room)
{
    char name[NAME_ROOM];
    size_t more = first_name(leaf, name);

    if (more == 0)
        snprintf(into, room, "certificate is for %s, not %s", name, host);
    else
        snprintf(into, room, "certificate is for %s and %zu more, not %s", name, more, host);
}
