/*
 * The names in the section DATA of uptick-templates(5) are those that a template sees, as printed
 * by `uptick render --print-model`. How the manual is read: each .Ss is an object, and the .It of
 * its list are its names. A .Sx before the list refers to an object whose names it has too. The
 * first .Sx below a name refers to the object, or to the objects of a list, that are its value.
 */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
    const char *name, *leads_to; /* NULL: no object */
    bool seen, may_lack;
};

enum { OBJECTS = 60, NAMES = 40, ALSO = 4 };

struct object {
    const char *heading, *also[ALSO];
    struct name names[NAMES];
    size_t n_also, n_names;
    bool listing;     /* its list has started */
    bool may_lack;    /* whether any of its names may be missing */
    size_t from_name; /* index of the first name of the current .It */
};

struct manual {
    struct object objects[OBJECTS];
    size_t n;
    int mistakes;
};

/* The argument of a macro, without the punctuation after it. */
static char *argument(struct e2e *world, const char *line, const char *macro)
{
    char *text = e2e_format(world, "%s", line + strlen(macro));
    size_t size;

    if (strncmp(text, "\\&", 2) == 0)
        text += 2;
    size = strlen(text);
    if (size > 2 && text[size - 2] == ' ')
        text[size - 2] = '\0';
    return text;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static void read_names(struct e2e *world, struct object *object, const char *line)
{
    char *rest, *names = e2e_format(world, "%s", line + strlen(".It Cm "));

    object->from_name = object->n_names;
    for (char *name = strtok_r(names, " ,", &rest); name; name = strtok_r(NULL, " ,", &rest)) {
        e2e_check(object->n_names < NAMES, "%s has too many names", object->heading);
        object->names[object->n_names++] = (struct name){.name = name};
    }
}

static void read_reference(struct object *object, const char *heading)
{
    if (!object->listing) {
        e2e_check(object->n_also < ALSO, "%s has the names of too many objects", object->heading);
        object->also[object->n_also++] = heading;
        return;
    }
    for (size_t i = object->from_name; i < object->n_names; i++) {
        if (!object->names[i].leads_to)
            object->names[i].leads_to = heading;
    }
}

/* A sentence of the manual with "missing" or "alone" means that a name may be missing. */
static void read_text(struct object *object, const char *line)
{
    if (!strstr(line, "issing") && !strstr(line, "alone"))
        return;
    if (!object->listing)
        object->may_lack = true;
    for (size_t i = object->from_name; i < object->n_names; i++)
        object->names[i].may_lack = true;
}

static void read_line(struct e2e *world, struct manual *manual, const char *line)
{
    struct object *object = manual->n ? &manual->objects[manual->n - 1] : NULL;

    if (begins(line, ".Ss ")) {
        e2e_check(manual->n < OBJECTS, "the manual has too many objects");
        manual->objects[manual->n++].heading = argument(world, line, ".Ss ");
    } else if (!object) {
        return;
    } else if (begins(line, ".Bl ")) {
        object->listing = true;
    } else if (begins(line, ".It Cm ")) {
        read_names(world, object, line);
    } else if (begins(line, ".Sx ")) {
        read_reference(object, argument(world, line, ".Sx "));
    } else if (*line != '.') {
        read_text(object, line);
    }
}

static struct manual *read_manual(struct e2e *world)
{
    struct manual *manual = e2e_keep(world, calloc(1, sizeof *manual));
    bool data = false;
    char *rest, *text;

    e2e_shell(world, "cp \"$MANUAL\" manual");
    text = e2e_read(world, "manual");
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (begins(line, ".Sh "))
            data = strcmp(line, ".Sh DATA") == 0;
        else if (data)
            read_line(world, manual, line);
    }
    assert_true(manual->n > 20);
    return manual;
}

static struct object *find_object(struct manual *manual, const char *heading)
{
    for (size_t i = 0; i < manual->n; i++) {
        if (strcmp(manual->objects[i].heading, heading) == 0)
            return &manual->objects[i];
    }
    fail_msg("the manual has no object '%s'", heading);
    return NULL;
}

static struct name *find_name(struct manual *manual, struct object *object, const char *word)
{
    struct name *found = NULL;

    for (size_t i = 0; i < object->n_names && !found; i++) {
        if (strcmp(object->names[i].name, word) == 0)
            found = &object->names[i];
    }
    for (size_t i = 0; i < object->n_also && !found; i++)
        found = find_name(manual, find_object(manual, object->also[i]), word);
    return found;
}

static void mistake(struct manual *manual, const char *heading, const char *name, const char *what)
{
    print_error("%s: %s %s\n", heading, name, what);
    manual->mistakes++;
}

/* Whether all names are present that must always be there. */
static void check_names(struct manual *manual, struct object *object, const json_t *value)
{
    for (size_t i = 0; i < object->n_names; i++) {
        const struct name *name = &object->names[i];

        if (!name->may_lack && !object->may_lack && !json_object_get(value, name->name))
            mistake(manual, object->heading, name->name, "is said to be always there");
    }
    for (size_t i = 0; i < object->n_also; i++)
        check_names(manual, find_object(manual, object->also[i]), value);
}

static void check_value(struct manual *manual, const char *heading, const json_t *value);

static void check_field(struct manual *manual, const char *heading, const struct name *name,
                        const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_object(value) && !name->leads_to)
        mistake(manual, heading, name->name, "is an object, and is not said to be one");
    else if (json_is_object(value))
        check_value(manual, name->leads_to, value);
    json_array_foreach(value, i, item) check_field(manual, heading, name, item);
}

static void check_value(struct manual *manual, const char *heading, const json_t *value)
{
    struct object *object = find_object(manual, heading);
    const char *key;
    json_t *field;

    check_names(manual, object, value);
    json_object_foreach((json_t *)value, key, field)
    {
        struct name *name = find_name(manual, object, key);

        if (!name) {
            mistake(manual, heading, key, "is not in the manual");
            continue;
        }
        name->seen = true;
        check_field(manual, heading, name, field);
    }
}

/* A site that is down and one that is up, all that is optional, and every kind of outage. */
static const char full_config[] =
    "title: Status\n"
    "public_url: https://status.example.org/\n"
    "logo: logo.svg\n"
    "style_sheet: own.css\n"
    "accent_colour: '#07c'\n"
    "footer: Ask us\n"
    "links: [{text: Help, url: help.html}]\n"
    "defaults: {interval_seconds: 60, confirm: {failures: 1, "
    "successes: 1, recheck_seconds: []}}\n"
    "sites:\n"
    "  - id: shop\n"
    "    group: Shops\n"
    "    domains:\n"
    "      - {id: www, url: 'http://@http@/ok'}\n"
    "      - {id: down, url: 'http://@http@/status/500'}\n"
    "      - {id: doubtful, url: 'http://@http@/status/500', "
    "depends_on: shop/down, confirm: {failures: 3, recheck_seconds: []}}\n"
    "      - {id: tls, url: 'https://@tls-listed@/ok', ca_file: ca.pem}\n"
    "  - id: blog\n"
    "    domains: [{id: www, url: 'http://@http@/ok', "
    "interval_seconds: 86400}]\n";

static const char rows[] =
    "2026-11-23T07:00:01.000Z,shop,www,TIMEOUT,,,timeout: too long\n"
    "2026-11-23T08:00:01.000Z,shop,www,BOT_DETECTED,200,3,bot: go away\n"
    "2026-11-23T08:01:01.000Z,shop,www,DOWN,503,3,\"http_status: expected 200, got 503\"\n"
    "2026-11-23T08:02:01.000Z,shop,www,UP,200,3,\n";

/* A blip, an outage that got another reason, and a local fault of the network. */
static const char events[] =
    "2026-11-23T07:00:01.000Z,shop/www/http@2026-11-23T07:00:01.000Z,,shop/www,opened,SUSPECT,"
    "timeout.body,timeout: too long\n"
    "2026-11-23T07:00:11.000Z,shop/www/http@2026-11-23T07:00:01.000Z,,shop/www,closed,UP,,blip\n"
    "2026-11-23T08:01:01.000Z,shop/www/http@2026-11-23T08:01:01.000Z,,shop/www,opened,SUSPECT,"
    "status.5xx,\"http_status: expected 200, got 503\"\n"
    "2026-11-23T08:01:21.000Z,shop/www/http@2026-11-23T08:01:01.000Z,,shop/www,confirmed,DOWN,"
    "connect.refused,connect: connection refused by 192.0.2.1 port 80\n"
    "2026-11-23T08:02:01.000Z,shop/www/http@2026-11-23T08:01:01.000Z,,shop/www,closed,UP,,"
    "recovered\n"
    "2026-11-23T08:05:01.000Z,names/local_network@2026-11-23T08:05:01.000Z,,names,opened,DOWN,,"
    "7 of 8 hosts did not answer\n"
    "2026-11-23T08:06:01.000Z,names/local_network@2026-11-23T08:05:01.000Z,,names,closed,UP,,"
    "ended\n";

/*
 * The values that templates see after a tick. Its record is edited so that it has left-over checks.
 */
static json_t *model_of(struct e2e *world)
{
    json_t *model;

    e2e_config(world, full_config);
    e2e_write(world, "logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    e2e_write(world, "own.css", "");
    e2e_write(world, "tls-listed", "1793491200 1795564800\n"); /* until 2026-11-25 */
    e2e_write(world, "data/archive/2026-11-23/shop/www.log", rows);
    e2e_write(world, "data/archive/2026-11-22/blog/www.log",
              "2026-11-22T00:00:01.000Z,blog,www,UP,200,3,\n");
    e2e_write(world, "data/archive/2026-11-23/events.log", events);
    world->clock = "2026-11-23 09:30:00";
    e2e_uptick(world, "rebuild", NULL);
    assert_int_equal(world->last.status, 0);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "sed -i 's/,0 /,7 /' data/ticks");
    world->clock = "2026-11-23 09:30:40";
    e2e_uptick(world, "render", "--print-model", NULL);
    e2e_silent(world, 0);
    model = json_loads(world->last.out, 0, NULL);
    assert_non_null(model);
    return model;
}

/* The root of each file, by the end of its name; the first one if there are several. */
static const struct {
    const char *end, *heading;
} roots[] = {{"index.html", "index.html"},
             {".html", "A page of a site"},
             {".xml", "A feed"},
             {".svg", "A badge"}};

static void check_file(struct manual *manual, const char *file, const json_t *root)
{
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        size_t size = strlen(file), end = strlen(roots[i].end);

        if (size >= end && strcmp(file + size - end, roots[i].end) == 0) {
            check_value(manual, roots[i].heading, root);
            return;
        }
    }
    fail_msg("%s: the manual has no root for it", file);
}

static void check_unseen(struct manual *manual)
{
    for (size_t i = 0; i < manual->n; i++) {
        const struct object *object = &manual->objects[i];

        for (size_t j = 0; j < object->n_names; j++) {
            if (!object->names[j].seen)
                mistake(manual, object->heading, object->names[j].name, "is seen nowhere");
        }
    }
}

static void the_manual_lists_exactly_the_names_that_templates_see(struct e2e *world)
{
    struct manual *manual = read_manual(world);
    json_t *model = model_of(world), *root;
    const char *file;

    assert_true(json_object_size(model) >= 9);
    json_object_foreach(model, file, root) check_file(manual, file, root);
    json_decref(model);
    check_unseen(manual);
    e2e_check(manual->mistakes == 0, "the manual has %d mistakes", manual->mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(the_manual_lists_exactly_the_names_that_templates_see),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
