/* model/bot_wall, check/wall_search and model/retry_after: any table is read or has a mistake, any
 * response is a wall or none, and no wait is longer than an hour. */
#include "fuzz.h"

#include "check/head.h"
#include "check/wall_search.h"
#include "model/retry_after.h"

static void must_be_within_limits(const struct bot_walls *walls)
{
    must(walls->n_rows <= BOT_WALL_BITS && walls->n_headers <= BOT_WALL_BITS &&
             walls->n_markers <= BOT_WALL_BITS,
         "there is a bit for each row, header and marker");
    for (size_t i = 0; i < walls->n_rows; i++)
        must(walls->rows[i].n_headers > 0 || (bot_wall_possible(walls, 200, 0) >> i & 1) == 0,
             "an ordinary page is not searched");
}

/* Reads the header lines, which end with '\n'. */
static void read_head(struct head *head, const struct bot_walls *walls, const char *lines,
                      size_t size)
{
    for (size_t at = 0, length; at < size; at += length) {
        const char *end = memchr(lines + at, '\n', size - at);

        length = end ? (size_t)(end - lines) - at + 1 : size - at;
        head->walls = walls;
        must(head_add(head, lines + at, length, NULL) == 0, "there is memory");
    }
    must(head_add(head, "\r\n", 2, NULL) == 0, "there is memory");
    must(!head->has_retry_after || (head->retry_after_s >= 0 && head->retry_after_s <= 999999999),
         "the seconds are within limits");
}

/* The wall of a body that comes in pieces of this size. */
static const struct bot_wall *judge(const struct bot_walls *walls, int status, uint64_t headers,
                                    const struct input *body, size_t piece)
{
    struct wall_search search = {.walls = walls};
    const struct bot_wall *wall;

    must(wall_search_begin(&search, status, headers) == 0, "there is memory");
    for (size_t at = 0; at < body->left; at += piece)
        wall_search_feed(&search, (const char *)body->at + at,
                         body->left - at < piece ? body->left - at : piece);
    wall = wall_search_end(&search, (int64_t)body->left);
    must(!wall || (wall >= walls->rows && wall < walls->rows + walls->n_rows), "it is a row");
    wall_search_free(&search);
    return wall;
}

/* The input: a table (nothing: that of the program) and header lines, each up to a NUL, a status of
 * two bytes, and the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t table_size, lines_size;
    char *table = input_part(&input, '\0', &table_size);
    char *lines = input_part(&input, '\0', &lines_size);
    int status = (int)(input_number(&input, 2) % 600), wait = retry_after_wait(lines);
    struct head head = {.walls = NULL};
    struct bot_walls *walls;
    struct error error;

    must(wait >= 0 && wait <= RETRY_AFTER_MAX_S, "no wait is longer than an hour");
    walls = table_size ? bot_wall_parse(table, table_size, &error) : bot_wall_load(&error);
    if (walls) {
        must_be_within_limits(walls);
        read_head(&head, walls, lines, lines_size);
        must(judge(walls, status, head.wall_headers, &input, 1) ==
                 judge(walls, status, head.wall_headers, &input, 4096),
             "pieces give the same wall as the whole body");
        head_free(&head);
    } else {
        must(table_size > 0, "the table of the program has no mistake");
        must_be_clean_line(error.text, strlen(error.text));
    }
    free(walls);
    free(table);
    free(lines);
    return 0;
}
