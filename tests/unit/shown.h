#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

/* What templates print for values of the dashboard. Include after cmocka.h. */
#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "spaces.h"
#include "template/run.h"

#include <string.h>

/* Runs a template for HTML over an object. Spaces that do not break are plain ones in the result,
 * which is valid until the page changes. */
static inline const char *shown_object(const struct messages *messages, struct buffer *page,
                                       const struct object *object, const char *text)
{
    struct template_set *set = template_set_new();
    struct error error;

    buffer_reset(page);
    if (messages_add(messages, set, &error) ||
        template_add(set, "t.html", text, strlen(text), &error) ||
        run_template(set, "t.html", &object->value, NULL, page, &error))
        fail_msg("%s", error.text);
    template_set_free(set);
    return page->data ? spaces_make_plain(page->data) : "";
}

/* Sets one cell for each letter of status.json. */
static inline void shown_read_letters(const char *letters, uint8_t *cells)
{
    for (size_t i = 0; letters[i]; i++) {
        cells[i] = STATUS_COUNT;
        for (int status = 0; status < STATUS_COUNT; status++) {
            if (status_letter((enum status)status) == letters[i])
                cells[i] = (uint8_t)status;
        }
        assert_true(cells[i] < STATUS_COUNT);
    }
}

#endif
