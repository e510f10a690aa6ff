/* alert/payload, alert/mail: what targets are sent. */
#include "alert/payload.h"

#include "base/asset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "alert_items.h"
#include "alert_payloads.h"

static const struct alert_target targets[ALERT_FORMATS] = {
    [ALERT_JSON] = {.url = "https://h/hook?a=1"},
    [ALERT_SLACK] = {.url = "https://hooks.slack.com/services/x"},
    [ALERT_DISCORD] = {.url = "https://discord.com/api/webhooks/1/x"},
    [ALERT_TEAMS] = {.url = "https://h/workflows"},
    [ALERT_NTFY] = {.url = "https://ntfy.sh/mytopic", .token = "tk_1"},
    [ALERT_GOTIFY] = {.url = "https://gotify.example", .token = "g1"},
    [ALERT_TELEGRAM] = {.url = "https://api.telegram.org", .token = "1:AA-b_c", .chat = "-100"},
    [ALERT_PAGERDUTY] = {.url = "https://events.pagerduty.com/v2/enqueue", .token = "pd"},
    [ALERT_OPSGENIE] = {.url = "https://api.opsgenie.com/v2/alerts", .token = "og"},
    [ALERT_ALERTMANAGER] = {.url = "http://am:9093"},
    [ALERT_GOOGLECHAT] = {.url = "https://chat.googleapis.com/v1/spaces/A/messages?key=k"},
    [ALERT_MATTERMOST] = {.url = "https://mm/hooks/x"},
};

static struct alert_target target_of(enum alert_format format)
{
    struct alert_target target = targets[format];

    target.id = "ops";
    target.type = ALERT_WEBHOOK;
    target.format = format;
    return target;
}

static json_t *at_path(json_t *json, const char *path)
{
    char part[64];

    while (json && *path) {
        size_t n = strcspn(path, "/");

        snprintf(part, sizeof part, "%.*s", (int)n, path);
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(part))
                                   : json_object_get(json, part);
        path += n + (path[n] == '/');
    }
    return json;
}

static void assert_string_at(json_t *json, const char *path, const char *expected)
{
    const char *found = json_string_value(at_path(json, path));

    if (!found)
        fail_msg("%s is no string", path);
    assert_string_equal(found, expected);
}

static void each_service_gets_the_members_that_it_needs(void **state)
{
    static const struct {
        enum alert_format format;
        const char *path, *down, *up; /* NULL: not there */
    } cases[] = {
        {ALERT_JSON, "version", NULL, NULL},
        {ALERT_JSON, "key", "shop/www/http@2026-11-23T09:30:00.000Z.1",
         "shop/www/http@2026-11-23T09:30:00.000Z.2"},
        {ALERT_SLACK, "text", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_SLACK, "blocks/0/type", "section", "section"},
        {ALERT_SLACK, "blocks/0/text/type", "plain_text", "plain_text"},
        {ALERT_SLACK, "blocks/1/elements/0/text", "<https://s/site/shop.html>",
         "<https://s/site/shop.html>"},
        {ALERT_TEAMS, "type", "message", "message"},
        {ALERT_TEAMS, "attachments/0/contentType", "application/vnd.microsoft.card.adaptive",
         "application/vnd.microsoft.card.adaptive"},
        {ALERT_TEAMS, "attachments/0/content/type", "AdaptiveCard", "AdaptiveCard"},
        {ALERT_TEAMS, "attachments/0/content/body/0/inlines/0/text",
         "DOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused",
         "UP    shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_NTFY, "topic", "mytopic", "mytopic"},
        {ALERT_NTFY, "title", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_NTFY, "click", "https://s/site/shop.html", "https://s/site/shop.html"},
        {ALERT_NTFY, "tags/0", "warning", "white_check_mark"},
        {ALERT_GOTIFY, "title", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_TELEGRAM, "chat_id", "-100", "-100"},
        {ALERT_PAGERDUTY, "routing_key", "pd", "pd"},
        {ALERT_PAGERDUTY, "event_action", "trigger", "resolve"},
        {ALERT_PAGERDUTY, "dedup_key", "shop/www/http@2026-11-23T09:30:00.000Z",
         "shop/www/http@2026-11-23T09:30:00.000Z"},
        {ALERT_PAGERDUTY, "payload/summary", "DOWN shop/www: refused",
         "UP shop/www after 1 min (09:30:00 to 09:31:00 UTC)"},
        {ALERT_PAGERDUTY, "payload/source", "shop/www", "shop/www"},
        {ALERT_PAGERDUTY, "payload/severity", "critical", "info"},
        {ALERT_PAGERDUTY, "payload/timestamp", "2026-11-23T09:30:00.000Z",
         "2026-11-23T09:30:00.000Z"},
        {ALERT_OPSGENIE, "message", "DOWN shop/www: refused", NULL},
        {ALERT_OPSGENIE, "alias", "shop/www/http@2026-11-23T09:30:00.000Z", NULL},
        {ALERT_OPSGENIE, "priority", "P1", NULL},
        {ALERT_OPSGENIE, "source", "uptick", "uptick"},
        {ALERT_ALERTMANAGER, "0/labels/alertname", "uptick_http", "uptick_http"},
        {ALERT_ALERTMANAGER, "0/labels/site", "shop", "shop"},
        {ALERT_ALERTMANAGER, "0/labels/severity", "critical", "critical"},
        {ALERT_ALERTMANAGER, "0/startsAt", "2026-11-23T09:30:00.000Z", "2026-11-23T09:30:00.000Z"},
        {ALERT_ALERTMANAGER, "0/endsAt", "9999-01-01T00:00:00.000Z", "2026-11-23T09:31:00.000Z"},
        {ALERT_GOOGLECHAT, "text",
         "```\nDOWN  shop/www since 09:30:00 UTC (confirmed 09:30:15, 3 checks): refused\n"
         "https://s/site/shop.html\n```\nhttps://s/site/shop.html",
         "```\nUP    shop/www after 1 min (09:30:00 to 09:31:00 UTC)\n"
         "https://s/site/shop.html\n```\nhttps://s/site/shop.html"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item down = item_down("shop/www", "09:30:00", "09:30:15", "refused");
        struct message_item up = item_over(down, ALERT_ENDED, "09:31:00", EVENT_RECOVERED);
        struct alert_target target = target_of(cases[i].format);

        for (int is_up = 0; is_up < 2; is_up++) {
            const char *expected = is_up ? cases[i].up : cases[i].down;
            json_t *json = payload_json(&target, is_up ? &up : &down, 1);

            if (expected)
                assert_string_at(json, cases[i].path, expected);
            else
                assert_false(json_is_string(at_path(json, cases[i].path)));
            json_decref(json);
        }
    }
}

static void requests_go_to_the_address_of_the_service(void **state)
{
    static const struct {
        enum alert_format format;
        const char *url; /* configured; NULL: as above */
        const char *down, *up;
    } cases[] = {
        {ALERT_JSON, NULL, "https://h/hook?a=1", "https://h/hook?a=1"},
        {ALERT_NTFY, NULL, "https://ntfy.sh/", "https://ntfy.sh/"},
        {ALERT_NTFY, "https://h/ntfy/t/?auth=x", "https://h/ntfy/?auth=x",
         "https://h/ntfy/?auth=x"},
        {ALERT_GOTIFY, NULL, "https://gotify.example/message", "https://gotify.example/message"},
        {ALERT_GOTIFY, "https://h/g/message", "https://h/g/message", "https://h/g/message"},
        {ALERT_TELEGRAM, NULL, "https://api.telegram.org/bot1:AA-b_c/sendMessage",
         "https://api.telegram.org/bot1:AA-b_c/sendMessage"},
        {ALERT_TELEGRAM, "https://h/tg/", "https://h/tg/bot1:AA-b_c/sendMessage",
         "https://h/tg/bot1:AA-b_c/sendMessage"},
        {ALERT_PAGERDUTY, "https://events.pagerduty.com/",
         "https://events.pagerduty.com/v2/enqueue", "https://events.pagerduty.com/v2/enqueue"},
        {ALERT_OPSGENIE, NULL, "https://api.opsgenie.com/v2/alerts",
         "https://api.opsgenie.com/v2/alerts/shop%2Fwww%2Fhttp@2026-11-23T09:30:00.000Z/"
         "close?identifierType=alias"},
        {ALERT_ALERTMANAGER, NULL, "http://am:9093/api/v2/alerts", "http://am:9093/api/v2/alerts"},
        {ALERT_GOOGLECHAT, NULL, "https://chat.googleapis.com/v1/spaces/A/messages?key=k",
         "https://chat.googleapis.com/v1/spaces/A/messages?key=k"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct message_item down = item_down("shop/www", "09:30:00", "09:30:15", "refused");
        struct message_item up = item_over(down, ALERT_ENDED, "09:31:00", EVENT_RECOVERED);
        struct alert_target target = target_of(cases[i].format);
        struct payload payload;

        target.url = cases[i].url ? cases[i].url : target.url;
        make_of_items(&target, &down, 1, &payload);
        assert_string_equal(payload.url, cases[i].down);
        payload_free(&payload);
        make_of_items(&target, &up, 1, &payload);
        assert_string_equal(payload.url, cases[i].up);
        payload_free(&payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_service_gets_the_members_that_it_needs),
        cmocka_unit_test(requests_go_to_the_address_of_the_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
