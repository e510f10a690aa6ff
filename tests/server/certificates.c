/* A private authority and its certificates, good and bad. */
#include "awkward.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Midnight, UTC, as seconds since the epoch. */
#define YEAR_2000 ((time_t)946684800)
#define YEAR_2020 ((time_t)1577836800)
#define SOON      ((time_t)1580860800) /* 2020-02-05 */
#define ROOT_END  ((time_t)2241475200) /* 2041-01-11 */
#define CHAIN_END ((time_t)2243203200) /* 2041-01-31 */
#define YEAR_2090 ((time_t)3786912000)
#define YEAR_2099 ((time_t)4070908800)

static const char good_names[] = "DNS:localhost,DNS:shop.example,IP:127.0.0.1,IP:::1";

static int add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);
    int added = extension && X509_add_ext(certificate, extension, -1);

    X509_EXTENSION_free(extension);
    return added ? 0 : -1;
}

/* A version 3 certificate with a name, dates and a key; not signed yet. */
static X509 *begin(const char *name, time_t from, time_t until, EVP_PKEY *key)
{
    static long serial;
    X509 *certificate = X509_new();
    ASN1_TIME *first = ASN1_TIME_set(NULL, from);
    ASN1_TIME *last = ASN1_TIME_set(NULL, until);

    if (certificate && first && last) {
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
        X509_set1_notBefore(certificate, first);
        X509_set1_notAfter(certificate, last);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   (const unsigned char *)name, -1, -1, 0);
        X509_set_pubkey(certificate, key);
    }
    ASN1_TIME_free(first);
    ASN1_TIME_free(last);
    return certificate;
}

static int sign(X509 *certificate, const X509 *issuer, EVP_PKEY *key, const EVP_MD *digest)
{
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    return X509_sign(certificate, key, digest) ? 0 : -1;
}

static int write_pem(const char *folder, const char *name, X509 *certificate)
{
    char path[PATH_MAX];
    FILE *file;
    int written;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    if (!file)
        return -1;
    written = PEM_write_X509(file, certificate);
    return fclose(file) == 0 && written ? 0 : -1;
}

/* An authority that the issuer has signed; NULL: it has signed itself. */
static X509 *make_authority(const char *name, time_t until, EVP_PKEY *key, const X509 *issuer,
                            EVP_PKEY *issuer_key)
{
    X509 *authority = begin(name, YEAR_2000, until, key);

    if (!authority || add_extension(authority, NID_basic_constraints, "critical,CA:TRUE") ||
        add_extension(authority, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        sign(authority, issuer ? issuer : authority, issuer ? issuer_key : key, EVP_sha256())) {
        X509_free(authority);
        return NULL;
    }
    return authority;
}

static void speak_old_tls(SSL_CTX *context)
{
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
}

static void offer_no_encryption(SSL_CTX *context)
{
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "eNULL");
}

static int refuse_name(SSL *tls, int *alert, void *context)
{
    (void)tls;
    (void)context;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void know_no_name(SSL_CTX *context)
{
    SSL_CTX_set_tlsext_servername_callback(context, refuse_name);
}

/* One row for the certificate of each port. */
static const struct recipe {
    const char *names, *name; /* of subjectAltName; of the subject, NULL: "awkward" */
    time_t from, until;
    bool self_signed;
    const EVP_MD *(*digest)(void); /* NULL: SHA-256 */
    unsigned rsa_bits;             /* 0: an elliptic key */
    void (*prepare)(SSL_CTX *context);
} recipes[CERTIFICATES] = {
    [CERTIFICATE_GOOD] = {.names = good_names, .from = YEAR_2000, .until = YEAR_2099},
    [CERTIFICATE_EXPIRED] = {.names = good_names, .from = YEAR_2000, .until = YEAR_2020},
    [CERTIFICATE_FUTURE] = {.names = good_names, .from = YEAR_2090, .until = YEAR_2099},
    [CERTIFICATE_WRONG_NAME] = {.names = "DNS:elsewhere.example",
                                .from = YEAR_2000,
                                .until = YEAR_2099},
    [CERTIFICATE_SELF_SIGNED] = {.names = good_names,
                                 .from = YEAR_2000,
                                 .until = YEAR_2099,
                                 .self_signed = true},
    [CERTIFICATE_CHAIN] = {.names = good_names, .from = YEAR_2000, .until = YEAR_2099},
    [CERTIFICATE_SOON] = {.names = good_names, .from = YEAR_2000, .until = SOON},
    [CERTIFICATE_SHA1] = {.names = good_names,
                          .from = YEAR_2000,
                          .until = YEAR_2099,
                          .digest = EVP_sha1},
    [CERTIFICATE_SHORT_KEY] = {.names = good_names,
                               .from = YEAR_2000,
                               .until = YEAR_2099,
                               .rsa_bits = 1024},
    [CERTIFICATE_OLD_TLS] = {.names = good_names,
                             .from = YEAR_2000,
                             .until = YEAR_2099,
                             .prepare = speak_old_tls},
    [CERTIFICATE_NO_CIPHER] = {.names = good_names,
                               .from = YEAR_2000,
                               .until = YEAR_2099,
                               .prepare = offer_no_encryption},
    [CERTIFICATE_NO_NAME] = {.names = good_names,
                             .from = YEAR_2000,
                             .until = YEAR_2099,
                             .prepare = know_no_name},
};

static SSL_CTX *make_context(const struct recipe *recipe, X509 *authority, EVP_PKEY *authority_key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = recipe->rsa_bits ? EVP_RSA_gen(recipe->rsa_bits) : EVP_EC_gen("P-256");
    const EVP_MD *digest = recipe->digest ? recipe->digest() : EVP_sha256();
    const char *name = recipe->name ? recipe->name : "awkward";
    X509 *certificate = key ? begin(name, recipe->from, recipe->until, key) : NULL;
    int made = -1;

    if (!context || !certificate || add_extension(certificate, NID_subject_alt_name, recipe->names))
        goto out;
    if (recipe->self_signed ? sign(certificate, certificate, key, digest)
                            : sign(certificate, authority, authority_key, digest))
        goto out;
    SSL_CTX_set_security_level(context, 0);
    if (recipe->prepare)
        recipe->prepare(context);
    SSL_CTX_set_alpn_select_cb(context, http2_choose, NULL);
    if (SSL_CTX_use_certificate(context, certificate) && SSL_CTX_use_PrivateKey(context, key))
        made = 0;
out:
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (made) {
        SSL_CTX_free(context);
        context = NULL;
    }
    return context;
}

/* A certificate whose issuer is an intermediate one of another root. NULL: failed. */
static SSL_CTX *make_chain(const char *folder)
{
    EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *root = root_key ? make_authority("Awkward root", ROOT_END, root_key, NULL, NULL) : NULL;
    X509 *middle =
        root && key ? make_authority("Awkward middle", CHAIN_END, key, root, root_key) : NULL;
    SSL_CTX *context = middle ? make_context(&recipes[CERTIFICATE_CHAIN], middle, key) : NULL;

    if (context &&
        (!SSL_CTX_add1_chain_cert(context, middle) || write_pem(folder, "root.pem", root) ||
         write_pem(folder, "middle.pem", middle))) {
        SSL_CTX_free(context);
        context = NULL;
    }
    X509_free(middle);
    X509_free(root);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    return context;
}

/* The same certificate, without the chain. NULL: failed. */
static SSL_CTX *copy_leaf(const SSL_CTX *chain)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context && SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(chain)) &&
        SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(chain)))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static struct {
    pthread_mutex_t lock;
    X509 *authority;
    EVP_PKEY *key;
    SSL_CTX *contexts[CERTIFICATES];
} made = {.lock = PTHREAD_MUTEX_INITIALIZER};

int certificates_make(const char *folder)
{
    made.key = EVP_EC_gen("P-256");
    made.authority =
        made.key ? make_authority("Awkward authority", YEAR_2099, made.key, NULL, NULL) : NULL;
    made.contexts[CERTIFICATE_CHAIN] = make_chain(folder);
    if (made.authority && write_pem(folder, "ca.pem", made.authority) == 0 &&
        made.contexts[CERTIFICATE_CHAIN])
        return 0;
    ERR_print_errors_fp(stderr);
    return -1;
}

SSL_CTX *certificates_context(enum certificate which)
{
    SSL_CTX **context = &made.contexts[which];

    pthread_mutex_lock(&made.lock);
    if (!*context)
        *context = which == CERTIFICATE_INCOMPLETE
                       ? copy_leaf(made.contexts[CERTIFICATE_CHAIN])
                       : make_context(&recipes[which], made.authority, made.key);
    pthread_mutex_unlock(&made.lock);
    if (!*context)
        ERR_print_errors_fp(stderr);
    return *context;
}

/* A line of the file "tls-listed", and what was made of it. */
static struct listed {
    char line[128];
    SSL_CTX *context;
    struct listed *next;
} * listed;

/* "FROM UNTIL MIDDLE NAME": dates in seconds since the epoch, the end of an intermediate
 * certificate (0 or missing: there is none), and the name of the subject. NULL: failed. */
static SSL_CTX *make_listed(const char *line)
{
    long long from = 0, until = 0, end = 0;
    char name[64] = "awkward";
    bool has_middle =
        sscanf(line, "%lld %lld %lld %63[^\n]", &from, &until, &end, name) >= 3 && end > 0;
    EVP_PKEY *key = has_middle ? EVP_EC_gen("P-256") : NULL;
    X509 *middle =
        key ? make_authority("Awkward middle", (time_t)end, key, made.authority, made.key) : NULL;
    struct recipe recipe = {
        .names = good_names, .name = name, .from = (time_t)from, .until = (time_t)until};
    SSL_CTX *context =
        !has_middle || middle
            ? make_context(&recipe, middle ? middle : made.authority, middle ? key : made.key)
            : NULL;

    if (context && middle && !SSL_CTX_add1_chain_cert(context, middle)) {
        SSL_CTX_free(context);
        context = NULL;
    }
    X509_free(middle);
    EVP_PKEY_free(key);
    return context;
}

/* The certificate of a line; equal lines have the same one. */
static SSL_CTX *find_listed(const char *line)
{
    struct listed *found = listed;

    while (found && strcmp(found->line, line) != 0)
        found = found->next;
    if (found)
        return found->context;
    found = calloc(1, sizeof *found);
    if (!found)
        return NULL;
    snprintf(found->line, sizeof found->line, "%s", line);
    found->context = make_listed(line);
    found->next = listed;
    listed = found;
    return found->context;
}

SSL_CTX *certificates_listed(void)
{
    static unsigned turn;
    char path[PATH_MAX], lines[8][128];
    unsigned n = 0;
    SSL_CTX *context;
    FILE *file;

    snprintf(path, sizeof path, "%s/tls-listed", server_folder());
    pthread_mutex_lock(&made.lock);
    file = fopen(path, "r");
    while (file && n < 8 && fgets(lines[n], sizeof lines[n], file))
        n++;
    if (file)
        fclose(file);
    context = n ? find_listed(lines[turn++ % n]) : NULL;
    pthread_mutex_unlock(&made.lock);
    return context;
}
