#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

/*
 * Ends the process with EXIT_IO after this many seconds, whatever it is doing then: also in a loop
 * of a library. It depends on no loop and no lock of the program. First it writes the message, one
 * line with its line end, to standard error; the message must live as long as the process. The
 * seconds are those of a clock that is never set. Only the last call counts.
 */
void deadline_set(unsigned seconds, const char *message);

#endif
