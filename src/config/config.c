/* Loads uptick.yaml: file → bytes → tree → struct config, or all mistakes. */
#include "config/config.h"

#include "base/secrets.h"
#include "base/text.h"
#include "config/alert_targets.h"
#include "config/client_certificate.h"
#include "config/dependencies.h"
#include "config/mapping.h"
#include "config/monitor.h"
#include "config/path.h"
#include "config/tree.h"
#include "config/url.h"
#include "config/user_file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

    if (!mapping_is_file(loader, root))
        return;
    mapping_fill(loader, &keys_top, loader->config);
    mapping_fill(loader, &keys_local_network, loader->config);
    monitor_fill_defaults(loader);
    mapping_read(loader, &keys_top, root, loader->config, &values);
    monitor_read_sites(loader, root, mapping_value(&values, "sites"),
                       mapping_value(&values, "include"));
    check_folders(loader, &values, root);
    loader->config->domains = loader->domains;
    loader->config->n_domains = loader->n_domains;
    dependencies_resolve(loader);
    alert_targets_read(loader);
}

static struct config *new_config(const char *path)
{
    struct arena *arena = arena_new();
    struct config *config = arena ? arena_alloc(arena, sizeof *config) : NULL;

    if (!config || !(config->path = arena_copy(arena, path, strlen(path))) ||
        !(config->secrets = secrets_new()) || !(config->answer_secrets = secrets_new())) {
        secrets_free(config ? config->secrets : NULL);
        arena_free(arena);
        return NULL;
    }
    secrets_set_base(config->answer_secrets, config->secrets);
    config->arena = arena;
    return config;
}

/* Keeps the warnings as they are printed. */
static void keep_warnings(struct loader *loader)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

    int result =
        loader->warnings.n ? mistakes_print(&loader->warnings, loader->config->path, &text) : 0;

    loader->config->warnings = loader_copy(loader, text.data, text.size);
    if (result || text.failed)
        mistakes_no_memory(loader->mistakes);
    buffer_free(&text);
}

static void read_tree(struct config *config, struct node *root, struct mistakes *mistakes)
{
    struct loader loader = {.mistakes = mistakes,
                            .arena = config->arena,
                            .config = config,
                            .place = "",
                            .defaults.secrets = config->secrets,
                            .defaults.dependency = SIZE_MAX,
                            .sites.kind = NODE_LIST,
                            .warnings.arena = mistakes->arena};

    loader.url = url_new();
    if (loader.url)
        read_root(&loader, root);
    else
        mistakes_no_memory(mistakes);
    keep_warnings(&loader);
    url_free(loader.url);
    table_free(&loader.variables);
    table_free(&loader.files);
    table_free(&loader.monitors);
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
        config->hash = user_file_hash(yaml, size);
        root = tree_parse(yaml, size, &found);
        if (root)
            read_tree(config, root, &found);
        secrets_sort(config->secrets);
        secrets_sort(config->answer_secrets);
    }
    if (mistakes_any(&found)) {
        mistakes_print(&found, path, mistakes);
        config_free(config);
        config = NULL;
    }
    arena_free(found.arena);
    return config;
}

struct config *config_load(const char *path, struct buffer *mistakes)
{
    struct config *config = NULL;
    struct buffer yaml;
    struct stat status;
    struct error error;

    if (user_file_read(path, BUFFER_MAX_CONFIG, &yaml, &status, &error) == 0)
        config = config_parse(path, yaml.data, yaml.size, mistakes);
    else if (error.os == ENOENT)
        buffer_printf(mistakes,
                      "%s: no such file; name another with -c, or write one with 'uptick init'\n",
                      path);
    else
        buffer_printf(mistakes, "%s: %s\n", path, error.text);
    buffer_free(&yaml);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    client_certificate_free_all(config->client_certificates);
    secrets_free(config->secrets);
    secrets_free(config->answer_secrets);
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

const struct alert_target *config_find_target(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->n_alerts; i++) {
        if (strcmp(config->alerts[i].id, id) == 0)
            return &config->alerts[i];
    }
    return NULL;
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
