#ifndef BASE_HOST_NAME_H
#define BASE_HOST_NAME_H

/*
 * Why this text of a URL or a redirect cannot be the host of a request; NULL: it can. A host is an
 * address of IPv4, an address of IPv6 in "[]", or a name as a name server has it. A name has at
 * most 253 bytes, and labels of 1 to 63 letters, digits, "-" and "_". It does not begin with "-",
 * and its last label is not a number. One "." may follow it. Bytes beyond ASCII are accepted,
 * because a libcurl without IDN leaves international names as they are.
 *
 * The text goes on to libcurl, where "-", "+", "*" and "," at some places are commands, and to name
 * servers. The reason completes "the host ...".
 */
const char *host_name_fault(const char *host);

#endif
