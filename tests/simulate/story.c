/* Writes down what happens in a simulation, and prints it if the seed fails. */
#include "story.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The end of the story that is printed, unless $STORY is set: then all of it. */
enum { SHOWN = 24 * 1024 };

void story_open(struct simulation *simulation)
{
    simulation->story =
        open(path_in(simulation->world, "story"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(simulation->story >= 0);
}

static int write_moment(const struct simulation *simulation, char *line, size_t size)
{
    int64_t passed = simulation->real_ms - simulation->began_ms;
    char wall[CLOCK_TEXT_MAX];

    clock_write_ms(simulation_wall_ms(simulation), wall);
    return snprintf(line, size, "%02d+%02d:%02d:%02d (%.16s) %5d ", (int)(passed / MS_PER_DAY),
                    (int)(passed / MS_PER_HOUR % 24), (int)(passed / MS_PER_MINUTE % 60),
                    (int)(passed / MS_PER_SECOND % 60), wall, simulation->tick);
}

static void add_line(const struct simulation *simulation, const char *format, va_list values)
{
    char line[2048];
    int size = write_moment(simulation, line, sizeof line);
    int more = vsnprintf(line + size, sizeof line - (size_t)size - 1, format, values);

    size = size + more < (int)sizeof line - 1 ? size + more : (int)sizeof line - 2;
    line[size] = '\n';
    assert_int_equal(write(simulation->story, line, (size_t)size + 1), size + 1);
}

void story_add(const struct simulation *simulation, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add_line(simulation, format, values);
    va_end(values);
}

void story_fail(const struct simulation *simulation, const char *format, ...)
{
    off_t size = lseek(simulation->story, 0, SEEK_END);
    off_t from = size > SHOWN && !getenv("STORY") ? size - SHOWN : 0;
    char *text;
    va_list values;

    va_start(values, format);
    add_line(simulation, format, values);
    va_end(values);
    size = lseek(simulation->story, 0, SEEK_END);
    text = calloc(1, (size_t)(size - from) + 1);
    if (pread(simulation->story, text, (size_t)(size - from), from) < 0)
        _exit(2);
    dprintf(simulation->report, "%s\nseed %llu failed: the last line above is why; folder %s\n",
            text, (unsigned long long)simulation->number, simulation->world->dir);
    _exit(1);
}
