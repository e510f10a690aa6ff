#ifndef LOOKUP_SPLIT_H
#define LOOKUP_SPLIT_H

/* The system's settings are lines of words. Both cut what they return out of the text. */

/* The next line, without its line end and what stands behind a "#". NULL: none is left. */
char *split_line(char **text);

/* The next word of a line. NULL: none is left. */
char *split_word(char **line);

#endif
