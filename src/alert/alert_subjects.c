/* Keeps the subjects that are decided together. */
#include "alert/alert_subjects.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int report_no_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "alerts: out of memory");
}

int alert_subjects_open(struct alert_subjects *subjects, size_t n_targets, struct error *error)
{
    *subjects = (struct alert_subjects){.arena = arena_new(), .n_targets = n_targets};
    return subjects->arena ? 0 : report_no_memory(error);
}

void alert_subjects_close(struct alert_subjects *subjects)
{
    table_free(&subjects->by_name);
    free(subjects->list);
    arena_free(subjects->arena);
    *subjects = (struct alert_subjects){0};
}

static struct alert_subject *make_subject(struct alert_subjects *subjects, enum event_check check,
                                          const char *scope)
{
    struct alert_subject *subject = arena_alloc(subjects->arena, sizeof *subject);

    if (!subject)
        return NULL;
    subject->check = check;
    subject->scope = arena_copy(subjects->arena, scope, strlen(scope));
    subject->targets =
        arena_alloc(subjects->arena, (subjects->n_targets + 1) * sizeof *subject->targets);
    return subject->scope && subject->targets ? subject : NULL;
}

static struct alert_subject *append_subject(struct alert_subjects *subjects, const char *name,
                                            enum event_check check, const char *scope)
{
    struct alert_subject *subject = make_subject(subjects, check, scope);
    struct alert_subject **grown =
        memory_grow(subjects->list, &subjects->capacity, subjects->n + 1, sizeof *subjects->list);
    const char *key = arena_copy(subjects->arena, name, strlen(name));

    if (grown)
        subjects->list = grown;
    if (!subject || !grown || !key || table_set(&subjects->by_name, key, subject))
        return NULL;
    subjects->list[subjects->n++] = subject;
    return subject;
}

struct alert_subject *alert_subjects_add(struct alert_subjects *subjects, enum event_check check,
                                         const char *scope, struct error *error)
{
    char name[EVENT_SCOPE_MAX + 16];
    struct alert_subject *subject;

    snprintf(name, sizeof name, "%d %s", (int)check, scope);
    subject = table_find(&subjects->by_name, name);
    if (!subject)
        subject = append_subject(subjects, name, check, scope);
    if (!subject)
        report_no_memory(error);
    return subject;
}
