/* Loads the messages of the configured language. */
#include "dashboard/messages.h"

#include "base/asset.h"
#include "dashboard/messages_file.h"
#include "dashboard/template_files.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* This language has every name. */
static const char english[] = "en";

/* These two return 0, -1, or 1 if there is no file for the language. */
static int read_built_in(struct messages *messages, const char *language, struct error *error)
{
    const struct asset *asset;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "templates/messages.%s.yaml", language);
    asset = asset_find(path);
    return asset ? messages_file_read(messages, path, asset->data, asset->size, error) : 1;
}

static int read_user_file(struct messages *messages, const struct config *config,
                          struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char name[NAME_MAX], path[PATH_MAX];
    int result;

    snprintf(name, sizeof name, "messages.%s.yaml", config->language);
    result = template_files_read_user(config, name, path, &text, error);
    if (result == 0)
        result = messages_file_read(messages, path, text.data, text.size, error);
    buffer_free(&text);
    return result;
}

static int read_language(struct messages *messages, const struct config *config,
                         struct error *error)
{
    int built_in = strcmp(config->language, english) == 0
                       ? 0
                       : read_built_in(messages, config->language, error);
    int user = built_in < 0 ? -1 : read_user_file(messages, config, error);

    if (user == 1 && built_in == 1)
        return error_set(error, EXIT_CONFIG, "%s: messages.%s.yaml not found in templates_dir",
                         config->path, config->language);
    return user < 0 ? -1 : 0;
}

int messages_load(struct messages **into, const struct config *config, struct error *error)
{
    struct arena *arena = arena_new();
    struct messages *messages = arena ? arena_alloc(arena, sizeof *messages) : NULL;

    *into = NULL;
    if (!messages) {
        arena_free(arena);
        return error_set(error, EXIT_IO, "messages.%s.yaml: out of memory", config->language);
    }
    messages->arena = arena;
    if (read_built_in(messages, english, error) || read_language(messages, config, error)) {
        messages_free(messages);
        return -1;
    }
    *into = messages;
    return 0;
}

void messages_free(struct messages *messages)
{
    if (messages)
        arena_free(messages->arena);
}

int messages_add(const struct messages *messages, struct template_set *templates,
                 struct error *error)
{
    for (size_t i = 0; i < messages->n; i++) {
        const struct bytes *text = &messages->texts[i];
        char name[NAME_MAX];

        snprintf(name, sizeof name, "messages.%s", messages->names[i]);
        if (template_add(templates, name, text->data, text->size, error))
            return -1;
    }
    return 0;
}

const char *messages_get(const struct messages *messages, const char *name)
{
    size_t i = messages_file_find(messages, name);

    assert(i < messages->n);
    return messages->texts[i].data;
}
