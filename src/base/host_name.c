/* Decides which texts may be the host of a request. */
#include "base/host_name.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

enum { NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63, ADDRESS_MAX = 64 };

/* The length of a label. Bytes beyond ASCII are left of a name that libcurl could not convert. */
static size_t label_size(const char *label)
{
    static const char allowed[] = TEXT_LETTERS_AND_DIGITS "-_";
    size_t size = 0;

    while (label[size] && (strchr(allowed, label[size]) || (unsigned char)label[size] >= 0x80))
        size++;
    return size;
}

/* An address in "[]"; the zone is not part of the host. */
static bool is_v6(const char *host)
{
    size_t size = strlen(host);
    char text[ADDRESS_MAX];
    struct in6_addr address;

    if (size < 2 || size >= sizeof text || host[0] != '[' || host[size - 1] != ']')
        return false;
    memcpy(text, host + 1, size - 2);
    text[size - 2] = '\0';
    text[strcspn(text, "%")] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* Whether the label is a number, decimal or "0x" and hexadecimal digits, as in an IPv4 address. */
static bool is_number(const char *label, size_t size)
{
    if (size >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return strspn(label + 2, "0123456789abcdefABCDEF") >= size - 2;
    return strspn(label, "0123456789") >= size;
}

const char *host_name_fault(const char *host)
{
    size_t size = strlen(host), length;
    const char *label = host;
    struct in_addr v4;

    if (is_v6(host) || inet_pton(AF_INET, host, &v4) == 1)
        return NULL;
    if (size > 0 && host[size - 1] == '.')
        size--;
    if (size == 0)
        return "is empty";
    if (size > NAME_MAX_BYTES)
        return "is longer than 253 bytes";
    if (host[0] == '-')
        return "begins with '-'";
    for (;; label += length + 1) {
        length = label_size(label);
        if (label + length < host + size && label[length] != '.')
            return "contains a character that is not a letter, digit, '-', '_' or '.'";
        if (length == 0)
            return "has two dots in a row, or begins with one";
        if (length > LABEL_MAX_BYTES)
            return "has a label of more than 63 bytes";
        if (label + length >= host + size)
            break;
    }
    return is_number(label, length) ? "is not an IPv4 address, although it ends with a number"
                                    : NULL;
}
