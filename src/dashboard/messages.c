#include "dashboard/messages.h"

#include "base/asset.h"
#include "dashboard/messages_file.h"
#include "dashboard/template_files.h"

#include <stdio.h>
#include <string.h>

/* The language that has every name. */
static const char english[] = "en";

/* Both return 0, -1, or 1: there is none for this language. */
static int read_built_in(struct messages *words, const char *language, struct error *error)
{
    const struct asset *asset;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "templates/messages.%s.yaml", language);
    asset = asset_find(path);
    return asset ? messages_file_read(words, path, asset->data, asset->size, error) : 1;
}

static int read_own(struct messages *words, const struct config *config, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char name[NAME_MAX], path[PATH_MAX];
    int result;

    snprintf(name, sizeof name, "messages.%s.yaml", config->language);
    result = template_files_read_user(config, name, path, &text, error);
    if (result == 0)
        result = messages_file_read(words, path, text.data, text.size, error);
    buffer_free(&text);
    return result;
}

static int read_language(struct messages *words, const struct config *config, struct error *error)
{
    int built_in =
        strcmp(config->language, english) == 0 ? 0 : read_built_in(words, config->language, error);
    int own = built_in < 0 ? -1 : read_own(words, config, error);

    if (own == 1 && built_in == 1)
        return error_set(error, EXIT_CONFIG, "%s: there is no messages.%s.yaml in templates_dir",
                         config->path, config->language);
    return own < 0 ? -1 : 0;
}

int messages_load(struct messages **into, const struct config *config, struct error *error)
{
    struct arena *arena = arena_new();
    struct messages *words = arena ? arena_alloc(arena, sizeof *words) : NULL;

    *into = NULL;
    if (!words) {
        arena_free(arena);
        return error_set(error, EXIT_IO, "messages.%s.yaml: out of memory", config->language);
    }
    words->arena = arena;
    if (read_built_in(words, english, error) || read_language(words, config, error)) {
        messages_free(words);
        return -1;
    }
    *into = words;
    return 0;
}

void messages_free(struct messages *words)
{
    if (words)
        arena_free(words->arena);
}

int messages_add(const struct messages *words, struct template_set *templates, struct error *error)
{
    for (size_t i = 0; i < words->n; i++) {
        const struct bytes *text = &words->texts[i];
        char name[NAME_MAX];

        snprintf(name, sizeof name, "messages.%s", words->names[i]);
        if (template_add(templates, name, text->data, text->size, error))
            return -1;
    }
    return 0;
}

const char *messages_get(const struct messages *words, const char *name)
{
    size_t i = messages_file_find(words, name);

    return i < words->n ? words->texts[i].data : "";
}
