/* Finds and reads the files that the configuration includes. */
#include "config/include.h"

#include "base/memory.h"
#include "config/mapping.h"
#include "config/tree.h"
#include "config/user_file.h"
#include "config/value.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 10000 };

struct file {
    const char *path;
    struct node *at; /* what names it */
    size_t number;
};

struct files {
    struct file *list; /* from malloc */
    size_t n, capacity;
};

static void add_file(struct loader *loader, struct files *files, const char *path, struct node *at)
{
    struct file *list = memory_grow(files->list, &files->capacity, files->n + 1, sizeof *list);

    if (!list) {
        mistakes_no_memory(loader->mistakes);
        return;
    }
    files->list = list;
    list[files->n] = (struct file){path, at, files->n};
    files->n++;
}

/* The folder of the file that has the pattern may itself contain characters of patterns. */
static char *escape_folder(struct loader *loader, const char *path, size_t folder)
{
    char *pattern =
        mistakes_alloc(loader->mistakes, loader->mistakes->arena, folder * 2 + strlen(path));
    char *to = pattern;

    if (!pattern)
        return NULL;
    for (size_t i = 0; i < folder; i++) {
        if (strchr("*?[\\", path[i]))
            *to++ = '\\';
        *to++ = path[i];
    }
    strcpy(to, path + folder);
    return pattern;
}

/* A folder that is missing has no matches; one that cannot be read might have some. */
static int stop_at_folder(const char *path, int os)
{
    (void)path;
    return os != ENOENT && os != ENOTDIR;
}

static void find_matches(struct loader *loader, struct files *files, const char *pattern,
                         struct node *at)
{
    glob_t found = {0};
    int result;

    errno = 0;
    result = glob(pattern, 0, stop_at_folder, &found);
    if (result == GLOB_NOSPACE || result == GLOB_ABORTED)
        loader_report(loader, at, "a folder of the pattern cannot be read: %s",
                      strerror(result == GLOB_NOSPACE ? ENOMEM
                               : errno                ? errno
                                                      : EIO));
    for (size_t i = 0; result == 0 && i < found.gl_pathc; i++) {
        const char *path = loader_copy(loader, found.gl_pathv[i], strlen(found.gl_pathv[i]));

        if (path)
            add_file(loader, files, path, at);
    }
    globfree(&found);
}

/* Adds the files that one path or pattern names. */
static void find_files(struct loader *loader, struct files *files, struct node *node)
{
    const struct bytes *text = value_text(loader, node);
    const char *path = NULL, *pattern;

    if (text && value_is_secret(node))
        loader_report(loader, node,
                      "the path of an included file is printed, so it cannot come from the "
                      "environment or a file; write it here");
    else if (text && !(path = loader_path(loader, node, text->data, text->size)) &&
             !loader->mistakes->no_memory)
        loader_expected(loader, node);
    if (!path)
        return;
    if (!strpbrk(text->data, "*?[")) {
        add_file(loader, files, path, node);
        return;
    }
    pattern = escape_folder(loader, path, strlen(path) - text->size);
    if (pattern)
        find_matches(loader, files, pattern, node);
}

static int compare_paths(const void *left, const void *right)
{
    const struct file *a = left, *b = right;
    int order = strcmp(a->path, b->path);

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* Whether a file is read for the first time. Two patterns may match it, it may have several names,
 * and a pattern may match the main file. */
static bool is_new(struct loader *loader, struct table *seen, const char *path)
{
    char identity[64];
    struct stat status;
    const char *key;

    if (stat(path, &status))
        return true; /* its mistake is reported when it is read */
    snprintf(identity, sizeof identity, "%llx:%llx", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    if (table_find(seen, identity))
        return false;
    key = mistakes_copy(loader->mistakes, loader->mistakes->arena, identity, strlen(identity));
    if (!key || table_set(seen, key, loader))
        mistakes_no_memory(loader->mistakes);
    return true;
}

static void read_tree(struct loader *loader, const char *yaml, size_t size, uint16_t number)
{
    struct mistakes *mistakes = loader->mistakes;
    uint64_t hash = (uint64_t)loader->config->hash;
    struct node *root;

    loader->config->hash =
        (int64_t)(hash * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)user_file_hash(yaml, size));
    mistakes->file = number;
    root = tree_parse(yaml, size, mistakes);
    mistakes->file = 0;
    if (root && mapping_is_file(loader, root))
        mapping_read(loader, &keys_included, root, loader->config, NULL);
}

static void read_file(struct loader *loader, const struct file *file, uint16_t number)
{
    struct buffer yaml;
    struct stat status;
    struct error error;

    if (user_file_read(file->path, BUFFER_MAX_CONFIG, &yaml, &status, &error) == 0)
        read_tree(loader, yaml.data, yaml.size, number);
    else if (error.os == ENOMEM)
        mistakes_no_memory(loader->mistakes);
    else
        loader_report(loader, file->at, "%.1000s: %s", file->path, error.text);
    buffer_free(&yaml);
}

static void read_files(struct loader *loader, struct files *files)
{
    struct mistakes *mistakes = loader->mistakes;
    const char **paths = mistakes_alloc(mistakes, mistakes->arena, files->n * sizeof *paths);
    struct table seen = {0};
    size_t n = 0;

    if (files->n > 1)
        qsort(files->list, files->n, sizeof *files->list, compare_paths);
    if (paths)
        is_new(loader, &seen, loader->config->path);
    mistakes->included = loader->warnings.included = paths;
    for (size_t i = 0; i < files->n && !mistakes->no_memory; i++) {
        const struct file *file = &files->list[i];

        if (!is_new(loader, &seen, file->path))
            continue;
        if (n == FILES_MAX) {
            loader_report(loader, file->at, "more than %d files", FILES_MAX);
            break;
        }
        paths[n++] = file->path;
        read_file(loader, file, (uint16_t)n);
    }
    table_free(&seen);
}

static void read_include(struct loader *loader, struct node *node, void *into)
{
    struct files files = {0};
    struct item alone;

    (void)into;
    if (node_is_null(node))
        return;
    if (node->kind == NODE_LIST && node->items.n == 0)
        loader_expected(loader, node);
    for (const struct item *item = node_items(node, &alone); item; item = item->next) {
        if (item->value->kind != NODE_BROKEN)
            find_files(loader, &files, item->value);
    }
    if (files.n > 0 && !loader->mistakes->no_memory)
        read_files(loader, &files);
    free(files.list);
}

const struct kind include_files = {
    "the path of a file, a pattern such as sites.d/*.yaml, or a list of these",
    .read = read_include};
