/* Texts for certificates that are expired, not trusted or for another name. */
#include "check/certificate.h"

#include "base/clock.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Sizes of texts, with the NUL. */
enum { HOST_SIZE = 256, NAME_SIZE = 200, SUBJECT_SIZE = NAME_SIZE + 32, DATE_SIZE = 32 };

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

/* The host as certificates have it: without the brackets of an address, and without a last dot. */
static void write_host(const char *host, char text[HOST_SIZE])
{
    size_t size = strlen(host);

    if (size > 2 && host[0] == '[') {
        host++;
        size -= 2;
    } else if (size > 1 && host[size - 1] == '.') {
        size--;
    }
    snprintf(text, HOST_SIZE, "%.*s", (int)size, host);
}

int certificate_set_host(X509_STORE_CTX *chain, const char *host)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(chain);
    char text[HOST_SIZE];
    bool is_address;

    write_host(host, text);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ERR_set_mark();
    is_address = X509_VERIFY_PARAM_set1_ip_asc(param, text);
    ERR_pop_to_mark();
    return is_address || X509_VERIFY_PARAM_set1_host(param, text, 0) ? 0 : -1;
}

int certificate_count(X509_STORE_CTX *context)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    int n = sk_X509_num(chain);

    if (n > 1 && (X509_get_extension_flags(sk_X509_value(chain, n - 1)) & EXFLAG_SI) != 0)
        n--;
    return n;
}

/* Returns false if the date is unreadable. */
static bool read_ms(const ASN1_TIME *when, int64_t *ms)
{
    struct tm date;

    if (!ASN1_TIME_to_tm(when, &date))
        return false;
    *ms = (int64_t)timegm(&date) * MS_PER_SECOND;
    return true;
}

int64_t certificate_end_ms(X509_STORE_CTX *context)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    int64_t first_ms = INT64_MAX, end_ms;
    int n = certificate_count(context);

    for (int i = 0; i < n; i++) {
        if (read_ms(X509_get0_notAfter(sk_X509_value(chain, i)), &end_ms) && end_ms < first_ms)
            first_ms = end_ms;
    }
    return first_ms;
}

/* Writes a name of subjectAltName. Returns false if it cannot be that of a server. */
static bool write_alternative(const GENERAL_NAME *name, char text[NAME_SIZE])
{
    const ASN1_STRING *value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const unsigned char *bytes;
    int size;

    if (name->type != GEN_DNS && name->type != GEN_IPADD)
        return false;
    bytes = ASN1_STRING_get0_data(value);
    size = ASN1_STRING_length(value);
    if (name->type == GEN_DNS)
        text_one_line(text, NAME_SIZE, (const char *)bytes, (size_t)size);
    else if ((size != 4 && size != 16) ||
             !inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, NAME_SIZE))
        return false;
    return true;
}

/* Writes the first name that the certificate is for, and returns how many there are. */
static size_t write_first_name(const X509 *leaf, char text[NAME_SIZE])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    char other[NAME_SIZE];
    size_t n = 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        n += write_alternative(sk_GENERAL_NAME_value(names, i), n == 0 ? text : other);
    GENERAL_NAMES_free(names);
    return n;
}

/* Whether the subject names the host. Browsers do not look at it. */
static bool is_only_in_subject(const X509 *leaf, const char *host)
{
    char text[HOST_SIZE], name[NAME_SIZE];

    write_host(host, text);
    write_name(X509_get_subject_name(leaf), name);
    return strcasecmp(name, text) == 0;
}

void certificate_explain_name(const X509 *leaf, const char *host, char *into, size_t size)
{
    char name[NAME_SIZE], text[HOST_SIZE];
    size_t n = write_first_name(leaf, name);

    if (n == 0 && is_only_in_subject(leaf, host)) {
        snprintf(into, size,
                 "certificate names %s only in its subject; browsers require subjectAltName", host);
        return;
    }
    write_host(host, text);
    if (n > 0 && strcasecmp(name, text) == 0) {
        snprintf(into, size, "certificate names %s as a host name, not as an IP address", host);
        return;
    }
    if (n == 0)
        write_name(X509_get_subject_name(leaf), name);
    if (n <= 1)
        snprintf(into, size, "certificate is for %s, not %s", name, host);
    else
        snprintf(into, size, "certificate is for %s (and %zu more name%s), not %s", name, n - 1,
                 n == 2 ? "" : "s", host);
}

/* Sentences about one certificate of the chain, which write_subject names. */
static const struct {
    int code;
    const char *text;
} sentences[] = {
    {X509_V_ERR_EE_KEY_TOO_SMALL, "has a key that is too short"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, "has a key that is too short"},
    {X509_V_ERR_CA_MD_TOO_WEAK, "is signed with a weak algorithm, such as SHA-1"},
    {X509_V_ERR_INVALID_PURPOSE, "is not for TLS servers"},
    {X509_V_ERR_CERT_REVOKED, "was revoked"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, "has a signature that is not its issuer's"},
    {X509_V_ERR_INVALID_CA, "may not issue certificates"},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, "may not issue certificates"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, "may not issue certificates of other issuers"},
    {X509_V_ERR_PERMITTED_VIOLATION, "is for a name that its issuer may not certify"},
    {X509_V_ERR_EXCLUDED_VIOLATION, "is for a name that its issuer may not certify"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, "has a critical part that is not known"},
    {X509_V_ERR_CERT_REJECTED, "is not accepted for TLS servers by the bundle"},
};

static void explain_code(X509_STORE_CTX *chain, const X509 *certificate, char *into, size_t size)
{
    char name[NAME_SIZE], subject[SUBJECT_SIZE];
    int code = X509_STORE_CTX_get_error(chain);

    switch (code) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(into, size, "self-signed certificate");
        return;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        write_name(X509_get_issuer_name(certificate), name);
        snprintf(into, size, "certificate issuer \"%s\" is not trusted", name);
        return;
    default:
        break;
    }
    write_subject(certificate, X509_STORE_CTX_get_error_depth(chain), subject);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (sentences[i].code == code) {
            snprintf(into, size, "%s %s", subject, sentences[i].text);
            return;
        }
    }
    snprintf(into, size, "certificate is not accepted: %s", X509_verify_cert_error_string(code));
}

static bool is_name_mismatch(int code)
{
    return code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

void certificate_explain(X509_STORE_CTX *chain, const char *host, char *into, size_t size)
{
    int code = X509_STORE_CTX_get_error(chain);
    const X509 *at = X509_STORE_CTX_get_current_cert(chain);
    const X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int n = 0;

    if (at && (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID)) {
        explain_dates(at, X509_STORE_CTX_get_error_depth(chain), into, size);
        return;
    }

    /* OpenSSL looks for issuer and names before it looks at the dates; the owner wants to know
     * both. */
    if (leaf)
        n = explain_dates(leaf, 0, into, size);
    if (n > 0 && (size_t)n + 2 < size)
        n += snprintf(into + n, size - (size_t)n, "; ");
    if (n < 0 || (size_t)n >= size)
        return;
    if (leaf && is_name_mismatch(code))
        certificate_explain_name(leaf, host, into + n, size - (size_t)n);
    else
        explain_code(chain, at ? at : leaf, into + n, size - (size_t)n);
}

/* Copies a name as one clean line. */
static void copy_name(char into[CHAIN_NAME_MAX], const char *name)
{
    text_one_line(into, CHAIN_NAME_MAX, name, strlen(name));
}

/* The subject of many certificates is empty: their names are in subjectAltName. */
static void copy_subject(const X509 *certificate, char into[CHAIN_NAME_MAX])
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    char name[NAME_SIZE];

    if (X509_NAME_entry_count(subject) > 0 || write_first_name(certificate, name) == 0)
        write_name(subject, name);
    copy_name(into, name);
}

static int describe_link(const X509 *certificate, struct chain_link *link)
{
    char name[NAME_SIZE];

    if (!read_ms(X509_get0_notBefore(certificate), &link->from_ms) ||
        !read_ms(X509_get0_notAfter(certificate), &link->until_ms))
        return -1;
    copy_subject(certificate, link->subject);
    write_name(X509_get_issuer_name(certificate), name);
    copy_name(link->issuer, name);
    return 0;
}

int certificate_describe(X509_STORE_CTX *context, struct chain_facts *facts)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    unsigned char hash[EVP_MAX_MD_SIZE];
    int n = certificate_count(context);
    unsigned size = 0;

    if (n < 1 || !X509_digest(sk_X509_value(chain, 0), EVP_sha256(), hash, &size))
        return -1;
    for (unsigned i = 0; i < size; i++)
        snprintf(facts->fingerprint + 2 * (size_t)i, 3, "%02x", hash[i]);
    facts->n = facts->earliest = 0;
    for (int i = 0; i < n; i++) {
        struct chain_link link;

        if (describe_link(sk_X509_value(chain, i), &link))
            return -1;

        /* The last place is for the certificate that ends first, if there are too many. */
        if (facts->n == CHAIN_LINKS_MAX) {
            if (link.until_ms >= facts->links[facts->earliest].until_ms)
                continue;
            facts->n--;
        }
        facts->links[facts->n] = link;
        if (link.until_ms < facts->links[facts->earliest].until_ms)
            facts->earliest = facts->n;
        facts->n++;
    }
    return 0;
}
