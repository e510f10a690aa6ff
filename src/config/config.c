#include "config/config.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "config/mapping.h"
#include "config/monitor.h"
#include "config/path.h"
#include "config/reader.h"
#include "config/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where both folders are known, tells whether they are apart. */
static void check_folders(struct reader *reader, const struct mapping_values *values,
                          struct node *root)
{
    struct node *data = mapping_value(values, &keys_top, "data_dir");
    struct node *public = mapping_value(values, &keys_top, "public_dir");

    if (!reader->problems->no_memory && !(data && data->problems) && !(public && public->problems))
        path_check_apart(reader, data ? data : public ? public : root);
}

/* Moves the domains to the configuration's own memory, at their exact size. */
static void keep_domains(struct reader *reader)
{
    size_t size = reader->n_domains * sizeof *reader->domains;
    struct domain *kept = reader_alloc(reader, size);

    if (kept && size)
        memcpy(kept, reader->domains, size);
    reader->config->domains = kept;
    reader->config->n_domains = reader->n_domains;
}

static void read_root(struct reader *reader, struct node *root)
{
    struct mapping_values values;
    char got[NODE_SHOWN_MAX];

    if (root->kind != NODE_MAPPING) {
        node_describe(root, got);
        if (root->kind != NODE_BROKEN)
            problems_at(reader->problems, root, "expected a mapping with the key 'sites', got %s",
                        got);
        return;
    }
    mapping_fill(reader, &keys_top, reader->config);
    monitor_fill_defaults(reader);
    mapping_read(reader, &keys_top, root, reader->config, &values);
    check_folders(reader, &values, root);
    keep_domains(reader);
}

static struct config *new_config(const char *path)
{
    struct arena *arena = arena_new();
    struct config *config = arena ? arena_alloc(arena, sizeof *config) : NULL;

    if (!config || !(config->path = arena_copy(arena, path, strlen(path)))) {
        arena_free(arena);
        return NULL;
    }
    config->arena = arena;
    return config;
}

static void read_tree(struct config *config, struct node *root, struct problems *problems)
{
    struct reader reader = {.problems = problems, .arena = config->arena, .config = config};

    reader.url = curl_url();
    if (reader.url)
        read_root(&reader, root);
    else
        problems_no_memory(problems);
    curl_url_cleanup(reader.url);
}

struct config *config_parse(const char *path, const char *yaml, size_t size,
                            struct buffer *problems)
{
    struct problems found = {.arena = arena_new()};
    struct config *config = new_config(path);
    struct source source = {yaml, size};
    struct node *root;

    if (!found.arena || !config) {
        problems_no_memory(&found);
    } else {
        config->hash = (int64_t)hash_bytes(yaml, size);
        source_check(&source, &found);
        root = found.no_memory ? NULL : tree_parse(&source, &found);
        if (root)
            read_tree(config, root, &found);
    }
    if (problems_any(&found)) {
        problems_print(&found, path, problems);
        config_free(config);
        config = NULL;
    }
    arena_free(found.arena);
    return config;
}

/* Whether there is a file to read. Says what there is where there is none. */
static int check_file(const char *path, struct buffer *problems)
{
    struct stat status;

    if (stat(path, &status) && errno == ENOENT)
        buffer_printf(problems,
                      "%s: there is no such file; name another by -c, or write one by 'uptick "
                      "init'\n",
                      path);
    else if (stat(path, &status))
        buffer_printf(problems, "%s: %s\n", path, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        buffer_printf(problems, "%s: a folder; expected a file\n", path);
    else if (!S_ISREG(status.st_mode))
        buffer_printf(problems, "%s: no regular file; expected one\n", path);
    else if (status.st_size > BUFFER_MAX_CONFIG)
        buffer_printf(problems, "%s: %lld bytes long; expected at most %d\n", path,
                      (long long)status.st_size, BUFFER_MAX_CONFIG);
    else
        return 0;
    return -1;
}

struct config *config_load(const char *path, struct buffer *problems)
{
    /* A byte more than the most, so that a file of just the most is read to its end. */
    struct buffer yaml = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG + 1);
    struct config *config = NULL;
    struct error error;

    if (check_file(path, problems))
        return NULL;
    if (file_read(path, &yaml, &error))
        buffer_printf(problems, "%s\n", error.text);
    else
        config = config_parse(path, yaml.data, yaml.size, problems);
    buffer_free(&yaml);
    return config;
}

void config_free(struct config *config)
{
    if (config)
        arena_free(config->arena);
}

const char *config_role_name(enum role role)
{
    return keys_roles[role];
}

const char *config_method_name(enum method method)
{
    return keys_methods[method];
}
