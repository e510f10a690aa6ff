/* Messages and payloads without memory: each reports it, leaks nothing, and works again. */
#include "alert/payload.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "faults.h"

#include "alert_items.h"
#include "alert_payloads.h"

/* OpenSSL allocates with these. */
static void *allocate_for_openssl(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return malloc(size);
}

static void *resize_for_openssl(void *memory, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (!size)
        free(memory);
    return size ? realloc(memory, size) : NULL;
}

static void release_for_openssl(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    free(memory);
}

struct scene {
    struct config *config;
    struct template_set *templates;
    struct message_item items[3];
    struct alert_target target;
    char *content;
    struct buffer made; /* what was made with all its memory */
};

/* Something that allocates memory. Returns 0 or -1. */
typedef int act(struct scene *scene, struct error *error);

static int write_message(struct scene *scene, struct error *error)
{
    struct message_head head = {.now_ms = at("09:31:30"), .late_ms = 600000};
    struct buffer into = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    int result = message_write(scene->config, &head, scene->items, 3, &into, error);

    buffer_free(&into);
    return result;
}

static int make_payload(struct scene *scene, struct error *error)
{
    struct payload payload;
    int result = payload_make(&scene->target, scene->templates, scene->content, at("09:31:30"),
                              &payload, error);
    struct buffer made = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);

    if (result == 0) {
        fault.kind = FAULT_OFF;
        buffer_puts(&made, payload.body.data);
        for (const char *const *header = payload.headers; header && *header; header++)
            buffer_printf(&made, "\n%s", *header);
        buffer_puts(&made, payload.url ? payload.url : "");
        if (!scene->made.size)
            buffer_puts(&scene->made, made.data);
        assert_string_equal(made.data, scene->made.data);
        buffer_free(&made);
    }
    payload_free(&payload);
    return result;
}

static void sweep(struct scene *scene, act *play, int min)
{
    bool met = true;
    int nth;

    for (nth = 1; met; nth++) {
        int held = fault.held;
        struct error error = {.text = ""};
        int result;

        fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        result = play(scene, &error);
        met = fault_disarm();
        if (!met && result)
            fail_msg("%s", error.text);
        /* OpenSSL can do without some: then the result is the same. */
        if (met && result == 0 && play != make_payload)
            fail_msg("allocation %d is missing, and yet it is done", nth);
        if (met && result && !strstr(error.text, "memory"))
            fail_msg("allocation %d: %s", nth, error.text);
        if (fault.held != held)
            fail_msg("allocation %d: %d objects are held", nth, fault.held - held);
    }
    assert_in_range(nth, min, 100000);
}

static void open_scene(struct scene *scene)
{
    struct message_head head = {.now_ms = at("09:31:30")};
    static const char *const to[] = {"ops@example.org", NULL};
    static const struct header headers[] = {{"X-Team", "ops"}};

    *scene = (struct scene){.made = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE),
                            .config = alert_config("public_url: https://s/\n"),
                            .templates = alert_templates(),
                            .target = {.id = "ops",
                                       .type = ALERT_WEBHOOK,
                                       .url = "https://h/topic",
                                       .token = "t",
                                       .chat = "c",
                                       .secret = "s",
                                       .from = "uptick@example.org",
                                       .to = to,
                                       .headers = headers,
                                       .n_headers = 1}};
    items_of_manual(scene->items);
    snprintf(scene->items[1].part.outage.detail, 64, "größer <>&@\"");
    scene->content = write_items(scene->config, &head, scene->items, 3);
}

static void close_scene(struct scene *scene)
{
    free(scene->content);
    buffer_free(&scene->made);
    config_free(scene->config);
    template_set_free(scene->templates);
}

static void a_message_is_written_completely_or_not_at_all(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    sweep(&scene, write_message, 10);
    close_scene(&scene);
}

static void a_payload_is_made_completely_or_not_at_all(void **state)
{
    struct scene scene;
    struct error error;

    (void)state;
    open_scene(&scene);
    for (int format = 0; format < ALERT_FORMATS; format++) {
        scene.target.format = (enum alert_format)format;
        buffer_free(&scene.made);
        assert_int_equal(make_payload(&scene, &error), 0);
        sweep(&scene, make_payload, 10);
    }
    close_scene(&scene);
}

static void a_mail_is_made_completely_or_not_at_all(void **state)
{
    static const enum alert_type types[] = {ALERT_PRINT, ALERT_MAIL, ALERT_SENDMAIL, ALERT_COMMAND};
    struct scene scene;
    struct error error;

    (void)state;
    open_scene(&scene);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        scene.target.type = types[i];
        buffer_free(&scene.made);
        assert_int_equal(make_payload(&scene, &error), 0);
        sweep(&scene, make_payload, 5);
    }
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_written_completely_or_not_at_all),
        cmocka_unit_test(a_payload_is_made_completely_or_not_at_all),
        cmocka_unit_test(a_mail_is_made_completely_or_not_at_all),
    };

    CRYPTO_set_mem_functions(allocate_for_openssl, resize_for_openssl, release_for_openssl);
    ERR_clear_error(); /* allocates what a thread keeps for errors */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
