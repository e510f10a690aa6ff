#ifndef DASHBOARD_MESSAGES_H
#define DASHBOARD_MESSAGES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/table.h"
#include "config/config.h"
#include "model/status.h"
#include "template/values.h"

struct template_set;

enum {
    MESSAGES_WORD_MAX = 32, /* bytes of the name of a month or weekday, with the NUL */
    MESSAGES_MONTHS = 12,
    MESSAGES_WEEKDAYS = 7
};

/*
 * The texts of the pages in the configured language: templates/messages.LANGUAGE.yaml, a mapping of
 * names to texts. A text is a template itself, so that each language can put numbers and names
 * where its grammar wants them: {{>messages.NAME}} runs it with the values of that place. It never
 * ends the line, even if the tag is alone on one.
 */
struct messages {
    struct arena *arena; /* owns everything, also the trees of the files */
    const char **names;  /* those of the first file; ends with NULL */
    struct bytes *texts; /* one for each name */
    size_t n;
    struct table by_name;                 /* the texts */
    struct field status[STATUS_COUNT][2]; /* the fields of each status */
    char months[MESSAGES_MONTHS][MESSAGES_WORD_MAX], weekdays[MESSAGES_WEEKDAYS][MESSAGES_WORD_MAX];
};

/*
 * Loads the messages of the configured language. Each text comes from the first of these files that
 * has its name: the user's file in templates_dir, the built-in file of the language, the English
 * one. Returns 0, or -1 with "FILE:LINE:COLUMN: mistake": a name that English does not have, a text
 * that is not a valid template, a language without a file, or a file that cannot be read. The
 * caller frees *messages with messages_free, which accepts NULL.
 */
int messages_load(struct messages **messages, const struct config *config, struct error *error);
void messages_free(struct messages *messages);

/*
 * Reads a file from its bytes. The first file defines all names; a later one replaces some of the
 * texts. Returns 0, or -1 with the first mistake: "PATH:LINE:COLUMN: mistake".
 */
int messages_read(struct messages *messages, const char *path, const char *yaml, size_t size,
                  struct error *error);

/* Adds each text to the templates, as "messages.NAME". Returns 0 or -1. */
int messages_add(const struct messages *messages, struct template_set *templates,
                 struct error *error);

/*
 * The text of a name that English has, as it is in the file: its tags are not replaced. For the few
 * texts that are values themselves. It belongs to messages.
 */
const char *messages_get(const struct messages *messages, const char *name);

/* The name of a month, or of a weekday: 1 is January, or Monday. It belongs to messages; "" if its
 * language has no such name, or there is no such month. */
const char *messages_month(const struct messages *messages, int month);
const char *messages_weekday(const struct messages *messages, int weekday);

/* A status as an object for templates: word, in the language of the pages, and class. It belongs to
 * messages. */
struct value messages_status(const struct messages *messages, enum status status);

#endif
