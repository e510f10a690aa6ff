#include "renderer/words.h"

#include "asset.h"
#include "renderer/materials.h"
#include "renderer/words_file.h"

#include <stdio.h>
#include <string.h>

/* The language that has every name. */
static const char english[] = "en";

/* Both return 0, -1, or 1: there is none for this language. */
static int read_built_in(struct words *words, const char *language, struct error *error)
{
    const struct asset *asset;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "templates/words.%s.yaml", language);
    asset = asset_find(path);
    return asset ? words_read(words, path, asset->data, asset->size, error) : 1;
}

static int read_own(struct words *words, const struct config *config, struct error *error)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_TEMPLATE);
    char name[NAME_MAX], path[PATH_MAX];
    int result;

    snprintf(name, sizeof name, "words.%s.yaml", config->language);
    result = material_read_own(config, name, path, &text, error);
    if (result == 0)
        result = words_read(words, path, text.data, text.size, error);
    buffer_free(&text);
    return result;
}

static int read_language(struct words *words, const struct config *config, struct error *error)
{
    int built_in =
        strcmp(config->language, english) == 0 ? 0 : read_built_in(words, config->language, error);
    int own = built_in < 0 ? -1 : read_own(words, config, error);

    if (own == 1 && built_in == 1)
        return error_set(error, EXIT_CONFIG, "%s: there is no words.%s.yaml in templates_dir",
                         config->path, config->language);
    return own < 0 ? -1 : 0;
}

int words_load(struct words **into, const struct config *config, struct error *error)
{
    struct arena *arena = arena_new();
    struct words *words = arena ? arena_alloc(arena, sizeof *words) : NULL;

    *into = NULL;
    if (!words) {
        arena_free(arena);
        return error_set(error, EXIT_IO, "words.%s.yaml: out of memory", config->language);
    }
    words->arena = arena;
    if (read_built_in(words, english, error) || read_language(words, config, error)) {
        words_free(words);
        return -1;
    }
    *into = words;
    return 0;
}

void words_free(struct words *words)
{
    if (words)
        arena_free(words->arena);
}

int words_add(const struct words *words, struct template_set *templates, struct error *error)
{
    for (size_t i = 0; i < words->n; i++) {
        const struct bytes *text = &words->texts[i];
        char name[NAME_MAX];

        snprintf(name, sizeof name, "words.%s", words->names[i]);
        if (template_add(templates, name, text->data, text->size, error))
            return -1;
    }
    return 0;
}

const char *words_get(const struct words *words, const char *name)
{
    size_t i = words_find(words, name);

    return i < words->n ? words->texts[i].data : "";
}
