/* Loads uptick.yaml: file → bytes → tree → struct config, or all mistakes. */
#include "config/config.h"

#include "base/file.h"
#include "base/secrets.h"
#include "base/table.h"
#include "base/text.h"
#include "config/client_certificate.h"
#include "config/mapping.h"
#include "config/monitor.h"
#include "config/path.h"
#include "config/tree.h"
#include "config/url.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USER_MAX = 64 };

_Static_assert(CONFIG_MONITOR_MAX == 2 * TEXT_ID_MAX + 2, "two ids, a slash and a NUL");

const char *const config_role_names[] = {
    [ROLE_CORE] = "core", [ROLE_SUPPLEMENTARY] = "supplementary", NULL};
const char *const config_method_names[] = {[METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",
                                           [METHOD_POST] = "POST",       [METHOD_PUT] = "PUT",
                                           [METHOD_PATCH] = "PATCH",     [METHOD_DELETE] = "DELETE",
                                           [METHOD_OPTIONS] = "OPTIONS", NULL};

/* Checks the folders against each other if both are known. */
static void check_folders(struct loader *loader, const struct mapping_values *values,
                          struct node *root)
{
    struct node *data = mapping_value(values, "data_dir");
    struct node *public = mapping_value(values, "public_dir");

    if (!loader->mistakes->no_memory && !(data && data->mistakes) && !(public && public->mistakes))
        path_check_apart(loader,
                         data     ? data
                         : public ? public
                                  : root,
                         public ? public
                         : data ? data
                                : root);
}

static void read_root(struct loader *loader, struct node *root)
{
    struct mapping_values values;
    char got[NODE_SHOWN_MAX];

    if (root->kind != NODE_MAPPING) {
        node_describe(root, got);
        if (root->kind != NODE_BROKEN)
            mistakes_at(loader->mistakes, root, "expected a mapping with the key 'sites', got %s",
                        got);
        return;
    }
    mapping_fill(loader, &keys_top, loader->config);
    monitor_fill_defaults(loader);
    mapping_read(loader, &keys_top, root, loader->config, &values);
    check_folders(loader, &values, root);
    loader->config->domains = loader->domains;
    loader->config->n_domains = loader->n_domains;
}

static struct config *new_config(const char *path)
{
    struct arena *arena = arena_new();
    struct config *config = arena ? arena_alloc(arena, sizeof *config) : NULL;

    if (!config || !(config->path = arena_copy(arena, path, strlen(path))) ||
        !(config->secrets = secrets_new())) {
        arena_free(arena);
        return NULL;
    }
    config->arena = arena;
    return config;
}

/* Shows whether a file was changed. Eight bytes at once, since a large file has megabytes. */
static int64_t hash_file(const char *yaml, size_t size)
{
    uint64_t hash = size, word;
    size_t at = 0;

    for (; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, yaml + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (int64_t)(hash ^ table_hash(yaml + at, size - at));
}

static void read_tree(struct config *config, struct node *root, struct mistakes *mistakes)
{
    struct loader loader = {.mistakes = mistakes,
                            .arena = config->arena,
                            .config = config,
                            .defaults.secrets = config->secrets};

    loader.url = url_new();
    if (loader.url)
        read_root(&loader, root);
    else
        mistakes_no_memory(mistakes);
    url_free(loader.url);
    table_free(&loader.variables);
}

struct config *config_parse(const char *path, const char *yaml, size_t size,
                            struct buffer *mistakes)
{
    struct mistakes found = {.arena = arena_new()};
    struct config *config = new_config(path);
    struct node *root;

    if (!found.arena || !config) {
        mistakes_no_memory(&found);
    } else {
        config->hash = hash_file(yaml, size);
        root = tree_parse(yaml, size, &found);
        if (root)
            read_tree(config, root, &found);
        secrets_sort(config->secrets);
    }
    if (mistakes_any(&found)) {
        mistakes_print(&found, path, mistakes);
        config_free(config);
        config = NULL;
    }
    arena_free(found.arena);
    return config;
}

static void write_user(uid_t uid, char text[USER_MAX])
{
    const struct passwd *user = getpwuid(uid);

    if (user)
        snprintf(text, USER_MAX, "%s", user->pw_name);
    else
        snprintf(text, USER_MAX, "%lu", (unsigned long)uid);
}

/* Reports a file that this user may not read. That mostly happens to people who run a command by
 * hand, but not as the user of cron; so the message names both users. */
static void report_denied(const char *path, const struct stat *status, struct buffer *mistakes)
{
    char you[USER_MAX], owner[USER_MAX];
    struct group *group = getgrgid(status->st_gid);

    write_user(geteuid(), you);
    write_user(status->st_uid, owner);
    buffer_printf(mistakes,
                  "%s: Permission denied (you are %s; the file belongs to %s:%s, mode "
                  "%04o)\n",
                  path, you, owner, group ? group->gr_name : "?",
                  (unsigned)status->st_mode & 07777);
}

/* Checks that there is a file to read. Returns 0 with its status, or -1 after reporting why not. */
static int check_file(const char *path, struct stat *status, struct buffer *mistakes)
{
    int cause = stat(path, status) ? errno : 0;

    if (cause == ENOENT)
        buffer_printf(mistakes,
                      "%s: no such file; name another with -c, or write one with 'uptick init'\n",
                      path);
    else if (cause)
        buffer_printf(mistakes, "%s: %s\n", path, strerror(cause));
    else if (S_ISDIR(status->st_mode))
        buffer_printf(mistakes, "%s: is a folder; expected a file\n", path);
    else if (!S_ISREG(status->st_mode))
        buffer_printf(mistakes, "%s: is not a regular file\n", path);
    else if (status->st_size > BUFFER_MAX_CONFIG)
        buffer_printf(mistakes, "%s: %lld bytes; expected at most %d\n", path,
                      (long long)status->st_size, BUFFER_MAX_CONFIG);
    else
        return 0;
    return -1;
}

struct config *config_load(const char *path, struct buffer *mistakes)
{
    /* One byte more than the maximum, so that a file of just the maximum is read to its end. */
    struct buffer yaml = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG + 1);
    struct config *config = NULL;
    struct stat status;
    struct error error;

    if (check_file(path, &status, mistakes))
        return NULL;
    buffer_reserve(&yaml, (size_t)status.st_size + 1); /* so that no bytes move while it is read */
    if (file_read(path, &yaml, &error) == 0)
        config = config_parse(path, yaml.data, yaml.size, mistakes);
    else if (error.os == EACCES)
        report_denied(path, &status, mistakes);
    else
        buffer_printf(mistakes, "%s\n", error.text);
    buffer_free(&yaml);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    client_certificate_free_all(config->client_certificates);
    secrets_free(config->secrets);
    arena_free(config->arena);
}

const char *config_monitor_name(const struct config *config, size_t domain,
                                char text[CONFIG_MONITOR_MAX])
{
    assert(domain < config->n_domains);

    /* A tick asks for the names of all monitors, and snprintf takes ten times as long. */
    strcpy(stpcpy(stpcpy(text, config->sites[config->domains[domain].site].id), "/"),
           config->domains[domain].id);
    return text;
}

const char *config_monitor_names(const struct config *config, size_t domain, size_t n,
                                 char text[CONFIG_MONITORS_MAX])
{
    char name[CONFIG_MONITOR_MAX], count[TEXT_NUMBER_MAX];

    assert(n > 0);
    config_monitor_name(config, domain, name);
    text_count(n - 1, count);
    if (n > 1)
        snprintf(text, CONFIG_MONITORS_MAX, "%s and %s more", name, count);
    else
        strcpy(text, name);
    return text;
}
