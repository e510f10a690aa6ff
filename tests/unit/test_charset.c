/* check/charset: the charset of a body is found as browsers find it, and the body converted. */
#include "check/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) ((struct bytes){text, sizeof(text) - 1})

static const char *type_of(const char *type)
{
    static struct charset charset;
    size_t size = strlen(type);
    char *block = malloc(size + 1); /* nothing after the type is read */

    assert_non_null(block);
    memcpy(block + 1, type, size);
    charset = (struct charset){.unit = 0};
    charset_read_type(&charset, (struct bytes){block + 1, size});
    free(block);
    return charset.name;
}

static void content_type_declares_a_charset(void **state)
{
    static const struct {
        const char *type, *name;
    } cases[] = {
        {"text/html; charset=ISO-8859-1", "ISO-8859-1"},
        {"text/html;charset=iso-8859-1", "ISO-8859-1"},
        {"text/html; Charset=\"Shift_JIS\"", "Shift_JIS"},
        {"text/html; charset='utf-8'", "UTF-8"},
        {"text/html; charset=\"utf-8", "UTF-8"},
        {"text/html; charset= latin1 ; x=y", "latin1"},
        {"text/html; boundary=\"a;charset=koi8-r\"; charset=big5", "Big5"},
        {"text/html; a; ; b=; charset=gbk", "GBK"},
        {"text/html; charset=gb2312; charset=utf-8", "GB2312"},
        {"application/json;charset=UTF-16", "UTF-16"},
        {"text/html", ""},
        {"text/html; charset", ""},
        {"text/html; charset=", ""},
        {"text/html; charset=\"\"", ""},
        {"text/html; charset=klingon", ""},
        {"text/html; xcharset=utf-8", ""},
        {"text/html; charset=utf-8x", ""},
        {"charset=utf-8", ""},
        {"", ""},
        {";", ""},
        {"text/html;charset=gbk;", "GBK"},
        {"text/html; charset =gbk", ""},
        {"text/html; x=\"a\\\"; charset=gbk", "GBK"},
        {"text/html; x=\"; charset=gbk", ""},
        {"text/html; x='; charset=gbk", "GBK"},
        {"text/html;charset=\"gbk\"x", "GBK"},
        {"text/html; charset= ", ""},
        {"text/html; charset=\"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(type_of(cases[i].type), cases[i].name);
}

/* One label of each charset, in the order of the standard. */
static void each_charset_has_a_shortest_character(void **state)
{
    static const struct {
        const char *labels; /* with a blank after each */
        size_t unit;
    } cases[] = {
        {"utf-8 iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 "
         "iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 ibm866 koi8-r "
         "koi8-u macintosh x-mac-cyrillic windows-874 windows-1250 windows-1251 windows-1253 "
         "windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 gb18030 big5 euc-jp "
         "iso-2022-jp shift_jis euc-kr ",
         1},
        {"utf-16le utf-16be utf-16 ", 2},
        {"utf-32le utf-32be utf-32 ", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (const char *label = cases[i].labels; *label; label += strcspn(label, " ") + 1) {
            struct charset charset = {.unit = 0};

            assert_true(charset_find(&charset, label, strcspn(label, " ")));
            assert_int_equal(charset.unit, cases[i].unit);
            assert_int_equal(charset_is_utf8(&charset), strcmp(charset.name, "UTF-8") == 0);
        }
    }
}

static void a_label_is_found_whole_and_without_blanks(void **state)
{
    static const struct {
        const char *label;
        bool found;
    } cases[] = {
        {"utf-8", true},
        {" \tutf-8\f\r\n", true},
        {"utf-", false},
        {"utf-8 x", false},
        {"utf8 unicode", false},
        {"l1", true},
        {"l", false},
        {"", false},
        {" ", false},
        {"8", false},
        {"latin1\v", false},
        {"x-x-big5", true},
        {"utf-8,", false},
        {"UTF-32BE", true},
        {"ISO-8859-16", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size = strlen(cases[i].label);
        struct charset charset = {.unit = 0};
        char *block = malloc(size + 1); /* nothing after the label is read */

        assert_non_null(block);
        memcpy(block + 1, cases[i].label, size);
        if (charset_find(&charset, block + 1, size) != cases[i].found)
            fail_msg("\"%s\"", cases[i].label);
        assert_int_equal(charset.unit != 0, cases[i].found);
        free(block);
    }
    assert_false(charset_find(&(struct charset){.unit = 0}, "utf-8\0", 6));
}

static const char *meta_of(const char *page, size_t size)
{
    static struct charset charset;

    charset = (struct charset){.unit = 0};
    charset_read_meta(&charset, page, size);
    return charset.name;
}

static void a_meta_declares_a_charset(void **state)
{
    static const struct {
        const char *page, *name;
    } cases[] = {
        {"<meta charset=iso-8859-2>", "ISO-8859-2"},
        {"<META\tCHARSET=iso-8859-2>", "ISO-8859-2"},
        {"<meta  charset  =  gbk  >", "GBK"},
        {"<meta charset=gbk", "GBK"},
        {"<meta charset='gbk", "GBK"},
        {"<meta =x charset=gbk>", "GBK"},
        {"<meta ==gbk charset=big5>", "Big5"},
        {"<meta a/charset=gbk>", "GBK"},
        {"<meta x charset=gbk>", "GBK"},
        {"<meta x= charset=gbk>", ""},
        {"<meta x='' charset=gbk>", "GBK"},
        {"<meta charset=gbk charset=klingon>", ""},
        {"<meta charset=klingon charset=gbk>", "GBK"},
        {"<meta charset=gbk http-equiv=content-type content='charset=big5'>", "GBK"},
        {"<meta http-equiv=content-type content='charset=big5' charset=gbk>", "GBK"},
        {"<meta http-equiv=content-type content='charset=big5' content='charset=gbk'>", "Big5"},
        {"<meta http-equiv=content-type http-equiv=x content='charset=big5'>", "Big5"},
        {"<meta http-equiv=content-type content='charset'>", ""},
        {"<meta http-equiv=content-type content='charset='>", ""},
        {"<meta http-equiv=content-type content='charset=gbk'", "GBK"},
        {"<meta http-equiv=content-type content='charse=gbk'>", ""},
        {"<meta http-equiv=content-type content='charsetcharset=gbk'>", "GBK"},
        {"<meta http-equiv=content-type content='CHARSET=\"gbk\"'>", "GBK"},
        {"<meta http-equiv=content-type content='charset=gbk x'>", "GBK"},
        {"<meta http-equiv=content-type content='charset=klingon; charset=gbk'>", ""},
        {"<meta http-equiv=content-type content=charset=gbk>", "GBK"},
        {"<a><meta charset=gbk>", "GBK"},
        {"<A title='>'><meta charset=gbk>", "GBK"},
        {"<A title='<meta charset=gbk>'>", ""},
        {"</a title='><meta charset=gbk>'>", ""},
        {"</A title='><meta charset=gbk>'>", ""},
        {"</1 title='><meta charset=gbk>'>", "GBK"},
        {"<z title='<meta charset=gbk>'>", ""},
        {"<Z title='<meta charset=gbk>'>", ""},
        {"</a title='<meta charset=gbk>'>", ""},
        {"<@ title='<meta charset=gbk>'>", "GBK"},
        {"<[ title='<meta charset=gbk>'>", "GBK"},
        {"<` title='<meta charset=gbk>'>", "GBK"},
        {"<{ title='<meta charset=gbk>'>", "GBK"},
        {"<! <meta charset=gbk>", ""},
        {"<? <meta charset=gbk>", ""},
        {"</ <meta charset=gbk>", ""},
        {"<!-<meta charset=gbk>", ""},
        {"<!---><meta charset=gbk>", "GBK"},
        {"<!-- -><meta charset=gbk>", ""},
        {"<!-- --><meta charset=gbk>", "GBK"},
        {"<!----><meta charset=gbk>", "GBK"},
        {"<<meta charset=gbk>", "GBK"},
        {"<meta><meta charset=gbk>", "GBK"},
        {"<meta", ""},
        {"<html><head><META CharSet = \"windows-1251\" />", "windows-1251"},
        {"<meta charset='koi8-u'", "KOI8-U"},
        {"<meta/charset=big5>", "Big5"},
        {"<meta http-equiv=Content-Type content='text/html; charset=euc-jp'>", "EUC-JP"},
        {"<meta content=\"text/html;charset = 'sjis'\" http-equiv=\"content-type\">", "sjis"},
        {"<meta content='charset charset=gbk' http-equiv=content-type>", "GBK"},
        {"<meta name=x><meta charset=gbk>", "GBK"},
        {"<meta charset=klingon><meta charset=gbk>", "GBK"},
        {"<!-- <meta charset=gbk> --><meta charset=big5>", "Big5"},
        {"<!--><meta charset=big5>", "Big5"},
        {"<!doctype html><?x y?></p><meta charset=big5>", "Big5"},
        {"<a title='<meta charset=gbk>'><meta charset=big5>", "Big5"},
        /* The <meta> itself is read as ASCII. */
        {"<meta charset=utf-16le>", "UTF-8"},
        {"<meta content='text/html; charset=gbk'>", ""},
        {"<meta http-equiv=refresh content='text/html; charset=gbk'>", ""},
        {"<metacharset=gbk>", ""},
        {"<p>charset=gbk", ""},
        {"<!-- <meta charset=gbk>", ""},
        {"<meta", ""},
        {"<meta ", ""},
        {"<meta charset", ""},
        {"<meta charset=", ""},
        {"<", ""},
        {"<!", ""},
        {"</", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t size = strlen(cases[i].page);
        char *block = malloc(size + 1); /* nothing after the page is read */

        assert_non_null(block);
        memcpy(block + 1, cases[i].page, size);
        if (strcmp(meta_of(block + 1, size), cases[i].name) != 0)
            fail_msg("%s", cases[i].page);
        free(block);
    }
}

static void a_meta_counts_in_the_first_1024_bytes(void **state)
{
    static const char meta[] = "<meta charset=gbk>";
    char page[2048];

    (void)state;
    memset(page, ' ', sizeof page);
    memcpy(page + 1024 - strlen(meta), meta, strlen(meta));
    assert_string_equal(meta_of(page, sizeof page), "GBK");
    memset(page, ' ', sizeof page);
    memcpy(page + 1024, meta, strlen(meta));
    assert_string_equal(meta_of(page, sizeof page), "");
}

static void only_pages_have_a_meta(void **state)
{
    static const struct {
        const char *type;
        bool may_have;
    } cases[] = {
        {"", true},
        {"text/html", true},
        {"TEXT/HTML; charset=x", true},
        {"application/xhtml+xml", true},
        {"nonsense", true},
        {"text/plain", false},
        {"application/json", false},
        {"text/htmlx", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(
            charset_may_have_meta((struct bytes){cases[i].type, strlen(cases[i].type)}),
            cases[i].may_have);
}

static void a_byte_order_mark_shows_the_charset(void **state)
{
    static const struct {
        struct bytes body;
        size_t size;
        const char *name;
    } cases[] = {
        {{"\xef\xbb\xbf{}", 5}, 3, "UTF-8"},
        {{"\xff\xfe{\0", 4}, 2, "UTF-16LE"},
        {{"\xfe\xff\0{", 4}, 2, "UTF-16BE"},
        {{"\xff\xfe", 2}, 2, "UTF-16LE"},
        {{"\xff\xfe\0\0", 4}, 4, "UTF-32LE"},
        {{"\0\0\xfe\xff", 4}, 4, "UTF-32BE"},
        {{"\xef\xbb", 2}, 0, ""},
        {{"\xff", 1}, 0, ""},
        {{"", 0}, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct charset charset = {.unit = 0};

        assert_int_equal(charset_read_bom(&charset, cases[i].body.data, cases[i].body.size),
                         cases[i].size);
        assert_string_equal(charset.name, cases[i].name);
    }
}

static void assert_converts(const char *name, struct bytes body, const char *text)
{
    struct charset charset = {.unit = 0};
    struct buffer into = {.ceiling = 0};

    assert_true(charset_find(&charset, name, strlen(name)));
    assert_int_equal(charset_convert(&charset, body.data, body.size, &into), CHARSET_CONVERTED);
    assert_string_equal(into.data, text);
    assert_int_equal(into.size, strlen(text));
    buffer_free(&into);
}

static void bodies_are_converted_to_utf8(void **state)
{
    (void)state;
    assert_converts("ISO-8859-1", BYTES("Z\xfcrich \x80 5"), "Zürich € 5");
    assert_converts("us-ascii", BYTES("Z\xfcrich"), "Zürich");
    assert_converts("ISO-8859-15", BYTES("\xa4 5"), "€ 5");
    assert_converts("ISO-8859-2", BYTES("\xb1"), "ą");
    assert_converts("windows-1251", BYTES("\xcc\xe8\xf0"), "Мир");
    assert_converts("KOI8-R", BYTES("\xed\xc9\xd2"), "Мир");
    assert_converts("UTF-16LE", BYTES("\xfc\0\x3d\xd8\x00\xde"), "ü😀");
    assert_converts("UTF-16BE", BYTES("\0\xfc\xd8\x3d\xde\0"), "ü😀");
    assert_converts("UTF-32LE", BYTES("\xfc\0\0\0"), "ü");
    assert_converts("Shift_JIS", BYTES("\x83\x4a\x83\x53 \x87\x40"), "カゴ ①");
    assert_converts("EUC-JP", BYTES("\xa5\xab\xa5\xb4 \xa1\xc1"), "カゴ ～");
    assert_converts("ISO-2022-JP", BYTES("\x1b$B%+%4\x1b(B!"), "カゴ!");
    assert_converts("GB2312", BYTES("\xb9\xba\xce\xef\xb3\xb5 \x81\x30\x81\x30"),
                    "购物车 \xc2\x80");
    assert_converts("Big5", BYTES("\xc1\xca\xaa\xab"), "購物");
    assert_converts("EUC-KR", BYTES("\xc0\xe5\xb9\xd9"), "장바");
    assert_converts("ks_c_5601-1987", BYTES("\x81\x41"), "갂");
    assert_converts("windows-1258", BYTES("a"), "a");
    assert_converts("ISO-8859-1", BYTES(""), "");
}

static void bytes_that_are_no_character_are_replaced(void **state)
{
    (void)state;
    assert_converts("UTF-16LE", BYTES("\0\xd8x\0y"), "\xef\xbf\xbdx\xef\xbf\xbd");
    assert_converts("Shift_JIS", BYTES("a\x83"), "a\xef\xbf\xbd");
    assert_converts("Shift_JIS", BYTES("\xff\xff\x83\x4a"), "\xef\xbf\xbd\xef\xbf\xbdカ");
}

/* All names of the table can be converted here, by bytes of any kind. */
static void any_bytes_are_converted_in_bounded_time(void **state)
{
    static const char *const names[] = {"ISO-8859-1", "UTF-16", "UTF-32",      "Shift_JIS",
                                        "GB18030",    "Big5",   "ISO-2022-JP", "EUC-KR",
                                        "EUC-JP",     "hebrew", "macintosh",   "x-mac-cyrillic",
                                        "tis-620",    "ibm866", "windows-1255"};
    enum { SIZE = 256 << 10 };
    char *body = malloc(SIZE);
    uint32_t random = 1;

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1103515245 + 12345;
        body[i] = (char)(random >> 16);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct charset charset = {.unit = 0};
        struct buffer into = {.ceiling = 0};

        assert_true(charset_find(&charset, names[i], strlen(names[i])));
        assert_int_equal(charset_convert(&charset, body, SIZE, &into), CHARSET_CONVERTED);
        assert_in_range(into.size, 1, 3 * SIZE + 3);
        buffer_free(&into);
    }
    free(body);
}

/* A text may be three times as long as the body, and not longer. */
static void a_text_that_grows_threefold_is_whole(void **state)
{
    enum { SIZE = 1000 };
    struct charset charset = {.unit = 0};
    struct buffer into = {.ceiling = 0};
    char body[SIZE];

    (void)state;
    memset(body, '\x80', SIZE); /* the sign of the euro: three bytes of UTF-8 */
    assert_true(charset_find(&charset, "latin1", 6));
    assert_int_equal(charset_convert(&charset, body, SIZE, &into), CHARSET_CONVERTED);
    assert_int_equal(into.size, 3 * SIZE);
    assert_int_equal(into.ceiling, 3 * SIZE + 3);
    assert_memory_equal(into.data + 3 * SIZE - 3, "\xe2\x82\xac", 4);
    buffer_free(&into);
}

/* After 64 KiB of bytes that are no characters the rest is left out. */
static void too_many_bytes_that_are_no_character_end_the_text(void **state)
{
    enum { MAX = 64 << 10 };
    static const struct {
        const char *label;
        size_t n, size; /* of the body, and of its text, with 'a' at the end of each */
    } cases[] = {
        {"shift_jis", MAX - 1, 3 * (MAX - 1) + 1},
        {"shift_jis", MAX, 3 * MAX + 1},
        {"shift_jis", MAX + 1, 3 * MAX},
        {"shift_jis", MAX + 1000, 3 * MAX},
    };
    char *body = malloc(2 * MAX);

    (void)state;
    assert_non_null(body);
    memset(body, '\xff', 2 * MAX);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct charset charset = {.unit = 0};
        struct buffer into = {.ceiling = 0};

        body[cases[i].n] = 'a';
        assert_true(charset_find(&charset, cases[i].label, strlen(cases[i].label)));
        assert_int_equal(charset_convert(&charset, body, cases[i].n + 1, &into), CHARSET_CONVERTED);
        assert_int_equal(into.size, cases[i].size);
        body[cases[i].n] = '\xff';
        buffer_free(&into);
    }
    free(body);
}

static void an_unknown_converter_is_reported(void **state)
{
    struct charset charset = {.converter = "KLINGON", .unit = 1, .name = "klingon"};
    struct buffer into = {.ceiling = 0};

    (void)state;
    assert_int_equal(charset_convert(&charset, "x", 1, &into), CHARSET_UNKNOWN);
    buffer_free(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_type_declares_a_charset),
        cmocka_unit_test(each_charset_has_a_shortest_character),
        cmocka_unit_test(a_label_is_found_whole_and_without_blanks),
        cmocka_unit_test(a_meta_declares_a_charset),
        cmocka_unit_test(a_meta_counts_in_the_first_1024_bytes),
        cmocka_unit_test(only_pages_have_a_meta),
        cmocka_unit_test(a_byte_order_mark_shows_the_charset),
        cmocka_unit_test(bodies_are_converted_to_utf8),
        cmocka_unit_test(bytes_that_are_no_character_are_replaced),
        cmocka_unit_test(any_bytes_are_converted_in_bounded_time),
        cmocka_unit_test(a_text_that_grows_threefold_is_whole),
        cmocka_unit_test(too_many_bytes_that_are_no_character_end_the_text),
        cmocka_unit_test(an_unknown_converter_is_reported),
    };

    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
