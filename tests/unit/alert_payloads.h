#ifndef TESTS_ALERT_PAYLOADS_H
#define TESTS_ALERT_PAYLOADS_H

/* Payloads made with the built-in templates. Include after alert_items.h. */
#include "alert/payload.h"
#include "base/asset.h"
#include "base/text.h"

/* The templates of alerts. Freed with template_set_free. */
static inline struct template_set *alert_templates(void)
{
    struct template_set *set = template_set_new();
    struct error error;

    assert_non_null(set);
    for (size_t i = 0; i < n_assets; i++) {
        const char *name = assets[i].name + strlen("templates/");

        if (strncmp(assets[i].name, "templates/alert.", strlen("templates/alert.")) == 0 &&
            text_ends_with(name, ".mustache") &&
            template_add(set, name, assets[i].data, assets[i].size, &error))
            fail_msg("%s", error.text);
    }
    return set;
}

static inline int make_of_content(const struct alert_target *target, const char *content,
                                  struct payload *payload, struct error *error)
{
    struct template_set *templates = alert_templates();
    struct config *config = alert_config("");
    int result = payload_make(target, templates, content, at("09:31:30"), payload, error);

    config_free(config);
    template_set_free(templates);
    return result;
}

/* The payload of a message about these items; payload_free frees it. */
static inline void make_of_items(const struct alert_target *target,
                                 const struct message_item *items, size_t n,
                                 struct payload *payload)
{
    struct config *config = alert_config("public_url: https://s/\n");
    struct message_head head = {.now_ms = at("09:31:30")};
    char *content = write_items(config, &head, items, n);
    struct error error;

    if (make_of_content(target, content, payload, &error))
        fail_msg("%s", error.text);
    free(content);
    config_free(config);
}

/* The body as JSON. */
static inline json_t *payload_json(const struct alert_target *target,
                                   const struct message_item *items, size_t n)
{
    struct payload payload;
    json_error_t error;
    json_t *json;

    make_of_items(target, items, n, &payload);
    json = json_loads(payload.body.data, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s in %s", error.text, payload.body.data);
    payload_free(&payload);
    return json;
}

#endif
