/* alert/reply: whatever a webhook or a mail server answers, the result is one of four, and the
 * words are one clean line without a secret. */
#include "fuzz.h"

#include "alert/reply.h"
#include "base/secrets.h"

#define SECRET "hushhushtoken"

static struct secrets *make_secrets(void)
{
    static struct secrets *secrets;

    if (!secrets) {
        secrets = secrets_new();
        must(secrets && secrets_add(secrets, SECRET, strlen(SECRET), "${TOKEN}") == 0, "memory");
        secrets_sort(secrets);
    }
    return secrets;
}

/* Lines of headers or of a mail server, then the body. */
static void feed(struct input *input, struct reply *reply)
{
    bool wants_more = true;
    size_t size;

    while (wants_more && input->left > 0 && !reply->has_head) {
        char *line = input_part(input, '\n', &size);

        line[size] = '\n';
        wants_more = reply_add_line(reply, line, size + 1, 0);
        free(line);
    }
    while (wants_more && input->left > 0) {
        char *part = input_part(input, '\0', &size);

        wants_more = reply_add_body(reply, part, size);
        free(part);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct reply reply = {.is_mail = input_byte(&input) & 1};
    CURLcode code = (CURLcode)(input_byte(&input) % CURL_LAST);
    struct delivery delivery = {.answer = ""};

    reply.n_recipients = input_byte(&input);
    reply.is_connected = reply.n_recipients & 1;
    feed(&input, &reply);
    must(reply.line_size <= sizeof reply.line, "the text fits");
    must(reply.n_refused <= reply.n_recipients, "no more are refused than there are");
    reply_judge(&reply, code, 10 * 1000, make_secrets(), &delivery);

    must(delivery.result > DELIVERY_NOT_TRIED && delivery.result <= DELIVERY_REFUSED, "a result");
    must(delivery.result != DELIVERY_ACCEPTED || (reply.status >= 200 && reply.status < 300),
         "a message is accepted by a status of 2xx");
    must(delivery.retry_after_ms >= 0, "the wait is no past");
    must(delivery.answer[0] && strlen(delivery.answer) < sizeof delivery.answer, "there are words");
    must(!strstr(delivery.answer, SECRET), "the secret is hidden");
    must_be_clean_line(delivery.answer, strlen(delivery.answer));
    return 0;
}
