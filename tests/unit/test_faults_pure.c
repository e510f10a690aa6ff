/* The pure rooms without memory: each reports it, leaks nothing, and works again afterwards. */
#include "check/charset.h"
#include "check/queue.h"
#include "check/search.h"
#include "check/wall_search.h"
#include "config/config.h"
#include "model/scheduler.h"
#include "records/csv.h"
#include "records/ticks.h"
#include "template/run.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "faults.h"

/* Something that allocates memory. Returns whether it succeeded; checks the result if it did. */
typedef bool scene(void);

/* If the first, second ... allocation fails, or all from that one on, the scene must fail, unless
 * it can do without some. */
static void sweep(scene *play, int min, bool can_do_without)
{
    for (int lasting = 0; lasting < 2; lasting++) {
        bool met = true;
        int nth;

        for (nth = 1; met; nth++) {
            int held = fault.held;
            bool done;

            fault_arm(FAULT_OF_MEMORY, nth, lasting, 0);
            done = play();
            met = fault_disarm();
            if (done == met && !(met && can_do_without))
                fail_msg("allocation %d is %s, and yet it %s", nth, met ? "missing" : "there",
                         done ? "is done" : "fails");
            assert_true(play());
            assert_int_equal(fault.held, held);
        }
        assert_in_range(nth, min, 10000);
    }
}

static const char *yaml;

/* Only memory is missing: there is one line about it, and no mistake in the file. */
static bool read_configuration(void)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse("uptick.yaml", yaml, strlen(yaml), &mistakes);

    if (!config && mistakes.size)
        assert_string_equal(mistakes.data, "uptick.yaml: out of memory\n");
    assert_true(config || mistakes.failed || mistakes.size);
    if (config)
        assert_int_equal(mistakes.size, 0);
    buffer_free(&mistakes);
    config_free(config);
    return config != NULL;
}

static void a_configuration_is_read_completely_or_not_at_all(void **state)
{
    (void)state;
    yaml = "title: \"The \\x53tatus of ${FAULTS}\"\n"
           "data_dir: d\n"
           "public_dir: p\n"
           "templates_dir: templates\n"
           "language: de\n"
           "public_url: 'https://${FAULTS}/\xc3\xbc'\n"
           "logo: templates/icon-up.svg\n"
           "accent_colour: '#07c'\n"
           "footer: ${FAULTS}\n"
           "links: [{text: one, url: '${FAULTS}'}, {text: two, url: 'https://h/'}]\n"
           "local_network: {min_hosts: 3, witnesses: ['http://a:b@${FAULTS}/', 'http://w/']}\n"
           "defaults: &all\n"
           "  confirm: {failures: 2, recheck_seconds: [1, 2]}\n"
           "  certificate: {warn: 14d, critical: 36h}\n"
           "  headers: {X-One: '1', User-Agent: me, X-Two: '${FAULTS}'}\n"
           "  bot_protection_string: [one, 'two ${FAULTS}']\n"
           "  expect:\n"
           "    http_status: [200-299, 404, 301]\n"
           "    body_contains: \"it\"\n"
           "    final_url: 'https://${FAULTS}:443/'\n"
           "    headers: {A: 1, B: {excludes: '${FAULTS}', length: {above: 1}}}\n"
           "    json: {'/${FAULTS}': ~, /b: {equals: [1, {a: x}], type: array}}\n"
           "sites:\n"
           "  - id: s\n"
           "    name: The ${FAULTS} shop\n"
           "    group: ${FAULTS}\n"
           "    domains:\n"
           "      - {id: a, url: 'http://user@h/${FAULTS}', <<: *all, body: text, method: POST}\n"
           "      - {id: b, url: 'https://h:8443/', <<: [*all, {retries: 2}]}\n"
           "      - {id: c, url: 'http://[::1]/', expect: {bot_protection_string: x}}\n"
           "      - {id: f, url: 'http://h/', body: '${file:templates/icon-up.svg}'}\n"
           "include: [tests/config/included/*.yaml, tests/config/included/site.yaml]\n";
    setenv("FAULTS", "faults", 1);
    sweep(read_configuration, 20, false);
}

/* All mistakes of a file are reported, or none. */
static bool find_mistakes(void)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse("uptick.yaml", yaml, strlen(yaml), &mistakes);
    size_t lines = 0;

    assert_null(config);
    for (const char *at = mistakes.data; at && (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    if (lines == 1 || mistakes.failed) {
        assert_true(mistakes.failed || strcmp(mistakes.data, "uptick.yaml: out of memory\n") == 0);
        lines = 0;
    } else {
        assert_int_equal(lines, 18);
    }
    buffer_free(&mistakes);
    return lines > 0;
}

static void mistakes_are_reported_completely_or_not_at_all(void **state)
{
    (void)state;
    yaml = "a key: that is unknown \xff\n"
           "title: [1]\n"
           "title: twice\n"
           "workers: many\n"
           "data_dir: &loop [*loop]\n"
           "public_dir: *nothing\n"
           "templates_dir: !!binary x\n"
           "sites:\n"
           "  - id: s\n"
           "    name: \"\\t\"\n"
           "    domains:\n"
           "      - {id: a, url: 'ftp://h/', role: croe}\n"
           "      - {id: A, url: 'h', headers: {a b: c}}\n"
           "      - {url: 'http://h', expect: {http_status: []}, body: '${UNSET_${'}\n";
    sweep(find_mistakes, 100, true);
}

static const struct value *item(void *context, size_t i)
{
    (void)i;
    return context;
}

/* Parses and runs templates. Any mistake other than missing memory is a failure. */
static bool run_templates(void)
{
    static const char main_text[] = "{{<parent}}{{$block}}{{#list}}  {{>partial}}\n{{/list}}"
                                    "{{/block}}{{/parent}}{{=<% %>=}}<%name%><%={{ }}=%>";
    static const char parent[] = "<{{$block}}default{{/block}}>{{^none}}{{{name}}}{{/none}}";
    static const char partial[] = "{{name}}{{#row}}{{name}}{{/row}}\n";
    struct field in_row[] = {{"name", {.kind = VALUE_TEXT, .text = {"&", 1}}}};
    struct value row_items[] = {{.kind = VALUE_OBJECT, .object = {.fields = in_row, .n = 1}}};
    struct value text = {.kind = VALUE_TEXT, .text = {"a name <of> some length", 23}};
    struct field fields[] = {
        {"name", text},
        {"list", {.kind = VALUE_LIST, .list = {.n = 400, .item = item, .context = &text}}},
        {"row", {.kind = VALUE_ROW, .row = {(const unsigned char[40]){0}, 40, row_items}}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 3}};
    struct template_set *set = template_set_new();
    struct buffer into = BUFFER_WITH_CEILING(1 << 20);
    struct error error = {.text = ""};
    bool done = set && template_add(set, "main", main_text, sizeof main_text - 1, &error) == 0 &&
                template_add(set, "parent", parent, sizeof parent - 1, &error) == 0 &&
                template_add(set, "partial", partial, sizeof partial - 1, &error) == 0 &&
                run_template(set, "main", &root, NULL, &into, &error) == 0;

    if (!done && set)
        assert_non_null(strstr(error.text, "memory"));
    template_set_free(set);
    buffer_free(&into);
    return done;
}

static void a_template_runs_completely_or_fails(void **state)
{
    (void)state;
    sweep(run_templates, 20, false);
}

/* More jobs than the first allocation of a tick holds, of one domain and of many. */
static bool find_due(void)
{
    static struct domain domains[100];
    static struct site site = {.id = "s", .n_domains = 100};
    static const int64_t served[100];
    struct config config = {.sites = &site, .n_sites = 1, .domains = domains, .n_domains = 100};
    struct job *jobs = NULL;
    size_t n = 0;
    int result;

    for (int i = 0; i < 100; i++)
        domains[i] = (struct domain){.id = "d", .interval_seconds = i % 2 ? 10 : 60};
    result = scheduler_due(&config, served, NULL, NULL, 1795426200000, &jobs, &n);
    if (result == 0)
        assert_true(n > 300);
    else
        assert_null(jobs);
    free(jobs);
    return result == 0;
}

/* The same, if memory runs out between the slots of one domain. */
static bool find_slots(void)
{
    static struct domain domains[20];
    static struct site site = {.id = "s", .n_domains = 20};
    static const int64_t served[20];
    struct config config = {.sites = &site, .n_sites = 1, .domains = domains, .n_domains = 20};
    struct job *jobs = NULL;
    size_t n = 0;
    int result;

    for (int i = 0; i < 20; i++)
        domains[i] = (struct domain){.id = "d", .interval_seconds = 10};
    result = scheduler_due(&config, served, NULL, NULL, 1795426200000, &jobs, &n);
    free(jobs);
    return result == 0;
}

static void all_due_checks_are_found_or_the_schedule_fails(void **state)
{
    (void)state;
    sweep(find_due, 3, false);
    sweep(find_slots, 3, false);
}

/* Without memory for the records of ticks, none is known or written, and that is reported. */
static bool write_and_read_tick(void)
{
    char folder[] = "/tmp/uptick-faults-XXXXXX", path[64];
    struct ticks_record record = {1795426200000, 100, 5, 0};
    struct ticks ticks;
    struct error error;
    int result;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ticks", folder);
    result = ticks_write(folder, &record, &error);
    ticks_read(folder, record.start_ms, NULL, &ticks);
    if (result)
        assert_non_null(strstr(error.text, path));
    unlink(path);
    rmdir(folder);
    return result == 0 && ticks.recorded;
}

static void tick_records_work_again_after_a_failed_call(void **state)
{
    (void)state;
    sweep(write_and_read_tick, 3, false);
    for (int nth = 1;; nth++) {
        bool met, done;

        fault_arm(FAULT_OF_FILE, nth, false, EIO);
        done = write_and_read_tick();
        met = fault_disarm();
        if (!met)
            break;
        (void)done;
        assert_true(write_and_read_tick());
    }
}

/* A row is complete or missing, at any limit. */
static void a_row_is_written_completely_or_not_at_all(void **state)
{
    struct check check = {.start_ms = 1795426200000,
                          .status = STATUS_DOWN,
                          .latency_ms = -1,
                          .failure = "a \"quoted\" text, with a comma"};
    size_t whole = 0;

    (void)state;
    for (size_t ceiling = 200; ceiling > 0; ceiling--) {
        struct buffer into = BUFFER_WITH_CEILING(ceiling);
        int result = csv_write(&into, "s", "d", &check);

        if (ceiling == 200)
            whole = into.size;
        assert_int_equal(result, ceiling >= whole ? 0 : -1);
        assert_int_equal(into.size, ceiling >= whole ? whole : 0);
        buffer_free(&into);
    }
}

static bool make_queue(void)
{
    static struct domain domains[20];
    static struct job jobs[20];
    struct config config = {.domains = domains, .n_domains = 20, .max_per_host = 2};
    struct queue queue;
    int result;

    for (size_t i = 0; i < 20; i++) {
        domains[i] = (struct domain){.host = "h", .port = (int)i};
        jobs[i] = (struct job){.domain = i};
    }
    if (queue_init(&queue, &config))
        return false;

    /* A failure adds none of the jobs. */
    result = queue_add(&queue, jobs, 20);
    assert_int_equal(queue_open(&queue), result ? 0 : 20);
    queue_free(&queue);
    return result == 0;
}

static bool make_search(void)
{
    struct search search;
    int result = search_init(&search, (struct bytes){"needle", 6});

    if (result == 0)
        search_feed(&search, "a needle", 8);
    if (result == 0)
        assert_true(search.found);
    search_free(&search);
    return result == 0;
}

static bool find_wall(void)
{
    static const char table[] = "A\t403\t-\tone&&two\t-\tin A\t-";
    struct error error = {.text = ""};
    struct wall_search search = {.walls = bot_wall_parse(table, sizeof table - 1, &error)};
    int result;

    if (!search.walls) {
        assert_string_equal(error.text, "cannot start the checks: out of memory");
        return false;
    }
    result = wall_search_begin(&search, 403, 0);
    if (result == 0) {
        wall_search_feed(&search, "two one", 7);
        assert_non_null(wall_search_end(&search, 7));
    }
    wall_search_free(&search);
    free((void *)search.walls);
    return result == 0;
}

static bool convert(void)
{
    struct charset charset = {.unit = 0};
    struct buffer into = {.ceiling = 0};
    enum charset_result result;

    assert_true(charset_find(&charset, "latin1", 6));
    result = charset_convert(&charset, "\xe9", 1, &into);
    assert_true(result == CHARSET_CONVERTED || result == CHARSET_NO_MEMORY);
    buffer_free(&into);
    return result == CHARSET_CONVERTED;
}

static void a_queue_and_a_search_are_created_or_fail(void **state)
{
    (void)state;
    sweep(make_queue, 4, false);
    sweep(make_search, 2, false);
    sweep(find_wall, 5, false);
    sweep(convert, 2, false);
}

/* A file that exists, but cannot be examined, opened or read. */
static void an_unreadable_configuration_is_reported_with_its_name(void **state)
{
    (void)state;
    for (int nth = 1, read = 0; !read; nth++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;

        fault_arm(FAULT_OF_FILE, nth, true, EIO);
        config = config_load("templates/uptick.yaml", &mistakes);
        fault_disarm();
        read = config != NULL;
        if (read)
            assert_in_range(nth, 5, 8);
        else
            assert_string_equal(mistakes.data, "templates/uptick.yaml: Input/output error\n");
        config_free(config);
        buffer_free(&mistakes);
    }
}

static const struct value *no_item(void *context, size_t i)
{
    (void)context;
    (void)i;
    return NULL;
}

static void a_template_fails_if_a_list_item_is_out_of_memory(void **state)
{
    struct field fields[] = {
        {"list", {.kind = VALUE_LIST, .list = {.n = 1, .item = no_item, .context = NULL}}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 1}};
    struct template_set *set = template_set_new();
    struct buffer into = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    (void)state;
    assert_int_equal(template_add(set, "main", "\n{{#list}}x{{/list}}", 20, &error), 0);
    assert_int_equal(run_template(set, "main", &root, NULL, &into, &error), -1);
    assert_string_equal(error.text, "main:2: out of memory");
    assert_int_equal(run_template(set, "other", &root, NULL, &into, &error), -1);
    assert_int_equal(error.code, EXIT_BUG);
    template_set_free(set);
    buffer_free(&into);
}

/* A page at its limit ends the run, wherever that happens. */
static void a_page_is_complete_or_an_error_at_every_size_limit(void **state)
{
    static const char text[] =
        "<{{#list}}\n  {{>part}}\n{{{name}}}{{name}}{{/list}}{{#row}}{{name}}"
        "{{/row}}>";
    static const char part[] = "a\n{{name}}\n";
    struct value name = {.kind = VALUE_TEXT, .text = {"&", 1}};
    struct field in_row[] = {{"name", name}};
    struct value object = {.kind = VALUE_OBJECT, .object = {.fields = in_row, .n = 1}};
    struct field fields[] = {
        {"name", name},
        {"list", {.kind = VALUE_LIST, .list = {.n = 2, .item = item, .context = &name}}},
        {"row", {.kind = VALUE_ROW, .row = {(const unsigned char[3]){0}, 3, &object}}}};
    struct value root = {.kind = VALUE_OBJECT, .object = {.fields = fields, .n = 3}};
    struct template_set *set = template_set_new();
    struct error error;
    size_t whole = 0;

    (void)state;
    assert_int_equal(template_add(set, "main", text, sizeof text - 1, &error), 0);
    assert_int_equal(template_add(set, "part", part, sizeof part - 1, &error), 0);
    for (size_t ceiling = 200; ceiling > 0; ceiling--) {
        struct buffer into = BUFFER_WITH_CEILING(ceiling);
        int result = run_template(set, "main", &root, NULL, &into, &error);

        if (ceiling == 200)
            whole = into.size;
        assert_int_equal(result, ceiling >= whole ? 0 : -1);
        buffer_free(&into);
    }
    assert_in_range(whole, 20, 199);
    template_set_free(set);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_is_read_completely_or_not_at_all),
        cmocka_unit_test(mistakes_are_reported_completely_or_not_at_all),
        cmocka_unit_test(an_unreadable_configuration_is_reported_with_its_name),
        cmocka_unit_test(a_template_runs_completely_or_fails),
        cmocka_unit_test(a_template_fails_if_a_list_item_is_out_of_memory),
        cmocka_unit_test(a_page_is_complete_or_an_error_at_every_size_limit),
        cmocka_unit_test(all_due_checks_are_found_or_the_schedule_fails),
        cmocka_unit_test(tick_records_work_again_after_a_failed_call),
        cmocka_unit_test(a_row_is_written_completely_or_not_at_all),
        cmocka_unit_test(a_queue_and_a_search_are_created_or_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
