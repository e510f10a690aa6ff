/* messages: any bytes as a messages file give texts that are valid templates, or one line that says
 * what is wrong. */
#include "fuzz.h"

#include "dashboard/messages.h"
#include "template/template.h"

static const char names[] = "up: up\ndown: \"{{#days}}{{days}} d{{/days}}\"\n";

static void must_be_texts(const struct messages *messages)
{
    struct template_set *templates = template_set_new();
    struct error error;

    must(messages->n == 2, "no name is added");
    for (size_t i = 0; i < messages->n; i++) {
        const struct bytes *text = &messages->texts[i];

        must(text->data && strlen(text->data) == text->size, "a text has its length");
        must(template_add(templates, messages->names[i], text->data, text->size, &error) == 0,
             "a text is a valid template");
    }
    template_set_free(templates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct messages messages = {.arena = arena};
    struct error error;

    must(messages_read(&messages, "n", names, sizeof names - 1, &error) == 0,
         "the file of names is read");
    if (messages_read(&messages, "f", (const char *)data, size, &error)) {
        must(error.code == EXIT_CONFIG, "the mistake is in the file");
        must(strncmp(error.text, "f:", 2) == 0, "a mistake begins with the file");
        must_be_clean_line(error.text, strlen(error.text));
    }
    must_be_texts(&messages);
    table_free(&messages.by_name);
    arena_free(arena);
    return 0;
}
