/* dashboard/messages: each allocation fails once. */
#include "config/config.h"
#include "dashboard/messages.h"
#include "template/template.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "faults.h"

static char folder[] = "/tmp/uptick-messages-XXXXXX";

/* Loads the messages and adds them to templates. The only possible error is out of memory. */
static bool load(void)
{
    const struct config config = {.path = "uptick.yaml", .language = "de", .templates_dir = folder};
    struct template_set *templates = template_set_new();
    struct messages *messages = NULL;
    struct error error;
    bool loaded = templates && messages_load(&messages, &config, &error) == 0 &&
                  messages_add(messages, templates, &error) == 0;

    if (templates && !loaded && !strstr(error.text, "memory"))
        fail_msg("%s", error.text);
    if (templates && !loaded)
        assert_int_equal(error.code, EXIT_IO);
    if (loaded)
        assert_string_equal(messages_get(messages, "up"), "l\xc3\xa4uft");
    messages_free(messages);
    template_set_free(templates);
    return loaded;
}

static void messages_are_loaded_completely_or_not_at_all(void **state)
{
    char path[64];
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/messages.de.yaml", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("up: |\n  l\xc3\xa4uft\n", file);
    assert_int_equal(fclose(file), 0);
    for (int lasting = 0; lasting < 2; lasting++) {
        bool met = true;
        int nth;

        for (nth = 1; met; nth++) {
            int held = fault.held;
            bool loaded;

            fault_arm(FAULT_OF_MEMORY, nth, lasting, 0);
            loaded = load();
            met = fault_disarm();
            if (loaded == met)
                fail_msg("allocation %d is %s", nth, met ? "missing, and yet it loads" : "there");
            assert_int_equal(fault.held, held);
        }
        assert_in_range(nth, 50, 100000);
    }
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_loaded_completely_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
