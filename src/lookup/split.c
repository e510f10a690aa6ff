#include "lookup/split.h"

#include <stddef.h>
#include <string.h>

#define BLANKS " \t\r\f\v"

char *split_line(char **text)
{
    char *line = *text;
    size_t size = strcspn(line, "\n");

    if (!*line)
        return NULL;
    *text = line + size + (line[size] == '\n');
    line[size] = '\0';
    line[strcspn(line, "#")] = '\0';
    return line;
}

char *split_word(char **line)
{
    char *word = *line + strspn(*line, BLANKS);
    size_t size = strcspn(word, BLANKS);

    *line = word + size;
    if (**line)
        *(*line)++ = '\0';
    return size ? word : NULL;
}
