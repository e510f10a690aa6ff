/* config/environment: ${NAME} and ${file:PATH} in any text, compared with a simple second
 * implementation of the same rules. */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"
#include "input_file.h"

#include "base/secrets.h"
#include "config/environment.h"

#include <ctype.h>
#include <limits.h>
#include <sys/stat.h>

enum { VALUE_MAX = 256, NAME_MAX_LENGTH = 255 };

/* Memory for putenv: setenv would use more with each input. */
static char variable[sizeof "V=" + VALUE_MAX] = "V=";

/* The size of the name between "${" and "}"; 0: not a name. */
static size_t name_size(const char *text, size_t size)
{
    const char *end = memchr(text, '}', size);
    size_t length = end ? (size_t)(end - text) : 0;

    if (length > NAME_MAX_LENGTH || (length > 0 && isdigit((unsigned char)*text)))
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return 0;
    }
    return length;
}

/* The size of "${file:PATH}" if it names INPUT_FILE; else 0: no other file is expected. */
static size_t file_size(const char *text, size_t size)
{
    static const char name[] = "${file:" INPUT_FILE "}";

    return size >= strlen(name) && memcmp(text, name, strlen(name)) == 0 ? strlen(name) : 0;
}

/* Whether a text names a file of this machine by another path: it is not known what is in it. */
static bool names_other_file(const char *text, size_t size)
{
    static const char start[] = "${file:";
    const char *at = text, *end = text + size;

    while ((at = memmem(at, (size_t)(end - at), start, strlen(start)))) {
        const char *stop = memchr(at, '}', (size_t)(end - at));
        char path[PATH_MAX];
        struct stat status;

        at += strlen(start);
        snprintf(path, sizeof path, "%.*s", stop ? (int)(stop - at) : 0, at);
        if (strcmp(path, INPUT_FILE) != 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode))
            return true;
    }
    return false;
}

/* What INPUT_FILE, which has the value of $V, is replaced by. */
static void append_content(struct buffer *into)
{
    const char *value = variable + 2;
    size_t size = strlen(value);

    if (size > 0 && value[size - 1] == '\n')
        size--;
    if (size < strlen(value) && size > 0 && value[size - 1] == '\r')
        size--;
    buffer_append(into, value, size);
}

/* Returns whether all variables in the text can be replaced. */
static bool replace_variables(const char *text, size_t size, struct buffer *into)
{
    bool good = true;

    for (size_t i = 0; i < size; i++) {
        size_t length = 0;

        if (size - i >= 3 && memcmp(text + i, "$${", 3) == 0) {
            buffer_puts(into, "${");
            i += 2;
        } else if (file_size(text + i, size - i) > 0) {
            append_content(into);
            i += file_size(text + i, size - i) - 1;
        } else if (size - i >= 2 && memcmp(text + i, "${", 2) == 0) {
            char name[NAME_MAX_LENGTH + 1];

            length = name_size(text + i + 2, size - i - 2);
            memcpy(name, text + i + 2, length);
            name[length] = '\0';
            if (length == 0 || !getenv(name))
                good = false;
            else
                buffer_puts(into, getenv(name));
            i += length ? length + 2 : 0;
        } else {
            buffer_putc(into, text[i]);
        }
    }
    return good;
}

/* The parts are in order, and each value has its name in what is shown. */
static void must_be_whole(const struct filled *filled)
{
    size_t at = 0, values = 0, names = 0;

    for (size_t i = 0; i < filled->n_parts; i++) {
        must(filled->parts[i].at >= at, "the parts ascend");
        at = filled->parts[i].at + filled->parts[i].size;
        must(at <= filled->text.size, "the parts are within the text");
        values += filled->parts[i].size;
        names += strlen(filled->parts[i].shown);
    }
    must(filled->shown.size + values == filled->text.size + names, "each value has its name");
}

static void must_replace(struct loader *loader, struct bytes text)
{
    struct buffer expected = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct buffer printed = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    struct node node = {.kind = NODE_TEXT, .line = 1, .column = 1, .text = text};
    bool good = replace_variables(text.data, text.size, &expected);
    const struct filled *kept = environment_fill(loader, &node);
    const struct bytes *filled = kept ? &kept->text : NULL;

    must((filled != NULL) == good, "it is filled in if it can be");
    must(mistakes_any(loader->mistakes) == !good, "there is a mistake");
    if (filled) {
        must(filled->size == expected.size, "as long as expected");
        must(filled->size == 0 || memcmp(filled->data, expected.data, filled->size) == 0,
             "as expected");
        must(filled->data[filled->size] == '\0', "a NUL follows");
        must(environment_fill(loader, &node) == kept, "variables are replaced once");
        must_be_whole(kept);
    } else {
        mistakes_print(loader->mistakes, "f", &printed);
        must(printed.size > 0, "there is a mistake");
    }
    buffer_free(&printed);
    buffer_free(&expected);
}

/* The input: the value of $V, and the content of INPUT_FILE, up to a NUL; then the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct config config = {.path = "f", .secrets = secrets_new()};
    struct mistakes mistakes = {.arena = arena_new()};
    struct loader loader = {.mistakes = &mistakes,
                            .arena = mistakes.arena,
                            .config = &config,
                            .place = "",
                            .warnings.arena = mistakes.arena};
    struct bytes text;
    char *value = input_part(&input, '\0', &size);

    snprintf(variable + 2, VALUE_MAX, "%s", value);
    if (!mistakes.arena || !config.secrets || putenv(variable))
        abort();
    input_file(variable + 2, strlen(variable + 2));
    text = (struct bytes){(const char *)input.at, input.left};
    if (!names_other_file(text.data, text.size))
        must_replace(&loader, text);
    table_free(&loader.variables);
    table_free(&loader.files);
    secrets_free(config.secrets);
    arena_free(mistakes.arena);
    free(value);
    return 0;
}
