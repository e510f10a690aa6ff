/* Reads paths, and checks the files that they name. */
#include "config/path.h"

#include "base/file.h"
#include "base/text.h"
#include "config/value.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BODY_FILE_MAX = 16 << 20 };

const char *path_read(struct loader *loader, struct node *node)
{
    const struct bytes *text = value_text(loader, node);
    const char *path = text ? loader_path(loader, node, text->data, text->size) : NULL;

    if (text && !path && !loader->mistakes->no_memory)
        loader_report(loader, node, "expected a path of 1 to %d bytes without NUL",
                      LOADER_PATH_MAX);
    return path;
}

static void read_folder(struct loader *loader, struct node *node, void *into)
{
    const char *path = path_read(loader, node);

    if (path)
        *(const char **)into = path;
}

/* why is an errno's text, or continues the sentence with "which". */
static void report_unusable(struct loader *loader, struct node *node, const char *expected,
                            const char *why)
{
    char got[NODE_SHOWN_MAX];

    node_describe(node, got);
    loader_report(loader, node, "expected %s, got %s%s %s", expected, got,
                  strncmp(why, "which ", 6) == 0 ? "," : ":", why);
}

static void read_templates(struct loader *loader, struct node *node, void *into)
{
    const char *path = node_is_null(node) ? NULL : path_read(loader, node);
    struct stat status;

    if (path && stat(path, &status))
        report_unusable(loader, node, loader->key->kind->expected, strerror(errno));
    else if (path && !S_ISDIR(status.st_mode))
        report_unusable(loader, node, loader->key->kind->expected, "which is not a folder");
    *(const char **)into = path;
}

/* Why a file cannot be a bundle of certificates; NULL: it can, or there is no memory to find out.
 */
static const char *find_bundle_fault(struct loader *loader, const char *path)
{
    struct stat status;
    X509 *certificate;
    FILE *file;
    bool no_memory;

    if (stat(path, &status))
        return strerror(errno);
    if (!S_ISREG(status.st_mode))
        return "which is not a file";
    file = fopen(path, "re");
    if (!file && errno != ENOMEM)
        return strerror(errno);
    errno = file ? 0 : ENOMEM;
    certificate = file ? PEM_read_X509_AUX(file, NULL, NULL, NULL) : NULL;
    no_memory = !certificate && errno == ENOMEM;
    if (file)
        fclose(file);
    ERR_clear_error();
    X509_free(certificate);
    if (no_memory)
        mistakes_no_memory(loader->mistakes);
    return certificate || no_memory ? NULL : "which contains no PEM certificate";
}

/* A missing bundle would make every check DOWN, so it is checked now. */
static void read_ca_file(struct loader *loader, struct node *node, void *into)
{
    const char *path = node_is_null(node) ? NULL : path_read(loader, node);
    const char *fault = NULL;

    if (path && (!loader->ca_checked || strcmp(path, loader->ca_checked) != 0))
        fault = find_bundle_fault(loader, path);
    if (fault)
        report_unusable(loader, node, loader->key->kind->expected, fault);
    else if (path)
        loader->ca_checked = path;
    *(const char **)into = path;
}

/* The files are read once the keys of their domain are known (client_certificate.h). */
static void read_client_file(struct loader *loader, struct node *node, void *into)
{
    *(const char **)into = node_is_null(node) ? NULL : path_read(loader, node);
}

/* The content of a file; data NULL: it cannot be read, and *fault is why, or there is no memory,
 * which is reported. */
static struct bytes read_content(struct loader *loader, const char *path, const char **fault)
{
    struct buffer content = BUFFER_WITH_CEILING(BODY_FILE_MAX + 1);
    struct bytes kept = {NULL, 0};
    struct stat status;
    struct error error;

    *fault = NULL;
    if (stat(path, &status))
        *fault = strerror(errno);
    else if (!S_ISREG(status.st_mode))
        *fault = "which is not a file";
    else if (status.st_size > BODY_FILE_MAX)
        *fault = "which is larger than 16 MiB";
    if (*fault)
        return kept;
    buffer_reserve(&content, (size_t)status.st_size + 1);
    if (file_read(path, &content, &error) == 0)
        kept = (struct bytes){loader_copy(loader, content.size ? content.data : "", content.size),
                              content.size};
    else if (error.os == ENOMEM)
        mistakes_no_memory(loader->mistakes);
    else
        *fault = error.os ? strerror(error.os) : "which is larger than 16 MiB";
    buffer_free(&content);
    return kept;
}

/* A file that several domains send, one after the other, is kept once. */
static void read_body_file(struct loader *loader, struct node *node, void *into)
{
    const char *path = node_is_null(node) ? NULL : path_read(loader, node);
    const char *fault = NULL;

    if (path && (!loader->body_path || strcmp(path, loader->body_path) != 0)) {
        loader->body_content = read_content(loader, path, &fault);
        loader->body_path = loader->body_content.data ? path : NULL;
    }
    if (fault)
        report_unusable(loader, node, loader->key->kind->expected, fault);
    *(struct bytes *)into = path && !fault ? loader->body_content : (struct bytes){NULL, 0};
}

static bool ends_in_one_of(const char *path, const char *const *endings)
{
    for (; *endings; endings++) {
        if (text_ends_with(path, *endings))
            return true;
    }
    return false;
}

/* Why a file cannot be published with the pages; NULL: it can. */
static const char *find_asset_fault(const char *path)
{
    struct stat status;

    if (stat(path, &status) || access(path, R_OK))
        return strerror(errno);
    if (!S_ISREG(status.st_mode))
        return "which is not a file";
    return status.st_size > BUFFER_MAX_ASSET ? "which is larger than 1 MiB" : NULL;
}

/* The pages would have a gap for a missing file, so it is checked now. */
static void read_asset(struct loader *loader, struct node *node, void *into)
{
    const char *path = node_is_null(node) ? NULL : path_read(loader, node);
    const char *fault = NULL;

    if (path && !ends_in_one_of(path, loader->key->words))
        loader_expected(loader, node);
    else if (path)
        fault = find_asset_fault(path);
    if (fault)
        report_unusable(loader, node, "a readable file of at most 1 MiB", fault);
    *(const char **)into = path;
}

/* Appends a component to an absolute path, by its letters alone. */
static void append_part(char absolute[PATH_MAX], const char *part, size_t size)
{
    size_t used = strlen(absolute);

    if (size == 0 || (size == 1 && part[0] == '.'))
        return;
    if (size == 2 && memcmp(part, "..", 2) == 0) {
        char *slash = strrchr(absolute, '/');

        slash[slash == absolute] = '\0';
        return;
    }
    snprintf(absolute + used, PATH_MAX - used, "%s%.*s", used > 1 ? "/" : "", (int)size, part);
}

/* Finds the absolute path, without links, of a folder whose last components may not exist yet. */
static void make_absolute(const char *path, char absolute[PATH_MAX])
{
    char whole[PATH_MAX], head[PATH_MAX];
    size_t cut;

    snprintf(whole, sizeof whole, "%s%s", *path == '/' ? "" : "./", path);
    for (cut = strlen(whole); cut > 0; cut--) {
        if (whole[cut] != '/' && whole[cut] != '\0')
            continue;
        snprintf(head, sizeof head, "%.*s", (int)cut, whole);
        if (realpath(head, absolute))
            break;
    }
    if (cut == 0)
        strcpy(absolute, "/");
    for (const char *part = whole + cut; *part;) {
        size_t size = strcspn(part, "/");

        append_part(absolute, part, size);
        part += size + (part[size] == '/');
    }
}

/* Whether a path is the folder or is below it, by its name or, after a bind mount, by its inode. */
static bool is_within(const char *path, const char *folder)
{
    char above[PATH_MAX];
    struct stat here, there;
    size_t size = strlen(folder);
    bool exists = stat(folder, &there) == 0;

    if (strcmp(folder, "/") == 0 ||
        (strncmp(path, folder, size) == 0 && (path[size] == '/' || path[size] == '\0')))
        return true;
    snprintf(above, sizeof above, "%s", path);
    for (char *slash = above + strlen(above); exists && slash > above;
         slash = strrchr(above, '/')) {
        *slash = '\0';
        if (stat(above, &here) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
            return true;
    }
    return false;
}

bool path_is_below(const char *folder, const char *above, const char *const *parts, size_t n)
{
    char absolute[PATH_MAX], outer[PATH_MAX], whole[PATH_MAX];

    make_absolute(folder, absolute);
    make_absolute(above, outer);
    for (size_t i = 0; i < n; i++) {
        strcpy(whole, outer);
        append_part(whole, parts[i], strlen(parts[i]));
        if (is_within(absolute, whole))
            return true;
    }
    return false;
}

bool path_is_in_data(const char *folder, const char *data_dir)
{
    static const char *const parts[] = {"", "live", "archive", "page-pool"}; /* may be links */

    return path_is_below(folder, data_dir, parts, sizeof parts / sizeof parts[0]);
}

void path_check_apart(struct loader *loader, struct node *data_at, struct node *public_at)
{
    const struct config *config = loader->config;
    char data[PATH_MAX], public[PATH_MAX];

    make_absolute(config->data_dir, data);
    make_absolute(config->public_dir, public);
    if (is_within(data, public))
        mistakes_at(loader->mistakes, data_at,
                    "data_dir: must be outside public_dir, or the records would be published");
    else if (path_is_in_data(config->public_dir, config->data_dir))
        mistakes_at(loader->mistakes, public_at,
                    "public_dir: must be outside data_dir, or pages and records would be mixed");
}

const struct kind path_folder = {"the path of a folder", .read = read_folder};
const struct kind path_templates = {"the path of a folder, or ~ for none", .read = read_templates};
const struct kind path_ca_file = {
    "the path of a bundle of certificates in PEM, or ~ for the system's", .read = read_ca_file};
const struct kind path_asset = {"~ for none, or the path of a file that ends in",
                                .read = read_asset};
const struct kind path_client_file = {"the path of a file in PEM, or ~ for none",
                                      .read = read_client_file};
const struct kind path_body_file = {"the path of a file of at most 16 MiB, or ~ for none",
                                    .read = read_body_file};
